//! Names of definitions, for messages and display.

use base::Db;
use hir_def::signatures as s;
use hir_def::{AdtId, FieldId, GenericDef, Name, VariantDef, VariantId};

pub fn adt_name(db: &dyn Db, adt: AdtId) -> Name {
    match adt {
        AdtId::Struct(id) => s::struct_data(db, id).name.clone(),
        AdtId::Enum(id) => s::enum_data(db, id).name.clone(),
        AdtId::Union(id) => s::union_data(db, id).name.clone(),
        AdtId::Class(id) => s::class_data(db, id).name.clone(),
    }
}

pub fn variant_name(db: &dyn Db, variant: VariantId) -> Name {
    let data = s::enum_data(db, variant.parent);
    data.variants
        .get(variant.index as usize)
        .map(|v| v.name.clone())
        .unwrap_or_default()
}

/// The name of a struct, union or variant.
pub fn variant_def_name(db: &dyn Db, variant: VariantDef) -> Name {
    match variant {
        VariantDef::Variant(id) => variant_name(db, id),
        other => adt_name(db, other.adt()),
    }
}

pub fn field_name(db: &dyn Db, field: FieldId) -> Name {
    let fields = crate::signature::fields_of(db, field.parent);
    fields
        .fields
        .get(field.index as usize)
        .map(|f| f.name.clone())
        .unwrap_or_default()
}

/// The name of an item; empty for an `impl`.
pub fn item_name(db: &dyn Db, def: GenericDef) -> Name {
    match def {
        GenericDef::Func(id) => s::func_signature(db, id).name.clone(),
        GenericDef::Struct(id) => adt_name(db, AdtId::Struct(id)),
        GenericDef::Enum(id) => adt_name(db, AdtId::Enum(id)),
        GenericDef::Union(id) => adt_name(db, AdtId::Union(id)),
        GenericDef::TypeAlias(id) => s::alias_data(db, id).name.clone(),
        GenericDef::Behavior(id) => s::behavior_data(db, id).name.clone(),
        GenericDef::Class(id) => adt_name(db, AdtId::Class(id)),
        GenericDef::Impl(_) => Name::default(),
    }
}

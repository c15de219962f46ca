//! Findings of declarations: types as written, bounds, heads of implementations.

use base::Db;
use hir_def::GenericDef;
use hir_def::attrs::Attrs;
use hir_def::resolver::Scope;
use hir_def::signatures::{self as s, SignatureSourceMap};
use hir_ty::signature::{adt_fields, fn_type_lowered, impl_header, type_of_alias_lowered};
use hir_ty::{LowerError, predicates_of};

use crate::codes::{
    e031_result_lifetime, t002_types, t082_declarations, w010_deprecated, w041_unknown_decorator,
};
use crate::place::{Draft, Place};

/// Keyed by definition. Re-runs when the declaration, or a name in it, changes; positions are
/// read only where there is a finding.
#[salsa::tracked]
pub(super) fn signature_drafts(db: &dyn Db, def: GenericDef) -> Box<[Draft]> {
    let own: &[LowerError] = match def {
        GenericDef::Func(id) => &fn_type_lowered(db, id).errors,
        GenericDef::Struct(id) => &adt_fields(db, hir_def::AdtId::Struct(id)).errors,
        GenericDef::Union(id) => &adt_fields(db, hir_def::AdtId::Union(id)).errors,
        GenericDef::Enum(id) => &adt_fields(db, hir_def::AdtId::Enum(id)).errors,
        GenericDef::TypeAlias(id) => &type_of_alias_lowered(db, id).errors,
        GenericDef::Impl(id) => &impl_header(db, id).errors,
        GenericDef::Class(id) => &adt_fields(db, hir_def::AdtId::Class(id)).errors,
        GenericDef::Behavior(_) => &[],
    };
    let head: &[LowerError] = match def {
        GenericDef::Class(id) => &hir_ty::classes::class_head(db, id).errors,
        _ => &[],
    };
    let bounds = &predicates_of(db, def).errors;
    let mut decorators = Vec::new();
    if let Some(attrs) = attrs(db, def) {
        if !attrs.unknown.is_empty() {
            decorators = w041_unknown_decorator::render(db, def.item(db), &attrs.unknown);
        }
        decorators.extend(t082_declarations::render(db, def, attrs));
    }
    if let Some(types) = types_of(db, def) {
        let old = w010_deprecated::old_spellings(db, Scope::of_def(db, def), types);
        if !old.is_empty()
            && let Some(map) = source_map(db, def)
        {
            let item = def.item(db);
            decorators.extend(old.into_iter().map(|(ty, name, new)| {
                let place = Place::new(item, map.types.range(ty));
                w010_deprecated::spelling(place, &name, new)
            }));
        }
    }
    decorators.extend(crate::lints::names::declared(db, def));
    if let GenericDef::TypeAlias(id) = def
        && own.is_empty()
        && mir::ambiguous_assoc(db, id)
    {
        decorators.push(e031_result_lifetime::ambiguous_type(db, id));
    }
    if own.is_empty() && bounds.is_empty() && head.is_empty() {
        return decorators.into();
    }
    let Some(map) = source_map(db, def) else {
        return Box::default();
    };
    let item = def.item(db);
    let drafts = own.iter().chain(bounds).chain(head).filter_map(|error| {
        let at = |segment: Option<usize>| match (error.ty, segment) {
            (Some(ty), Some(segment)) => Place::new(item, map.types.segment_range(ty, segment)),
            (Some(ty), None) => Place::new(item, map.types.range(ty)),
            (None, _) => Place::new(item, map.name),
        };
        t002_types::lower_error(db, def.module(db), error, &at)
    });
    drafts.chain(decorators).collect()
}

fn attrs(db: &dyn Db, def: GenericDef) -> Option<&Attrs> {
    Some(match def {
        GenericDef::Func(id) => &s::func_signature(db, id).attrs,
        GenericDef::Struct(id) => &s::struct_data(db, id).attrs,
        GenericDef::Union(id) => &s::union_data(db, id).attrs,
        GenericDef::Enum(id) => &s::enum_data(db, id).attrs,
        GenericDef::Behavior(id) => &s::behavior_data(db, id).attrs,
        GenericDef::Impl(id) => &s::impl_data(db, id).attrs,
        GenericDef::Class(id) => &s::class_data(db, id).attrs,
        GenericDef::TypeAlias(_) => return None,
    })
}

fn types_of(db: &dyn Db, def: GenericDef) -> Option<&hir_def::TypeStore> {
    Some(match def {
        GenericDef::Func(id) => &s::func_signature(db, id).types,
        GenericDef::Struct(id) => &s::struct_data(db, id).types,
        GenericDef::Union(id) => &s::union_data(db, id).types,
        GenericDef::Enum(id) => &s::enum_data(db, id).types,
        GenericDef::Behavior(id) => &s::behavior_data(db, id).types,
        GenericDef::Impl(id) => &s::impl_data(db, id).types,
        GenericDef::TypeAlias(id) => &s::alias_data(db, id).types,
        GenericDef::Class(_) => return None,
    })
}

fn source_map(db: &dyn Db, def: GenericDef) -> Option<&SignatureSourceMap> {
    Some(match def {
        GenericDef::Func(id) => &s::func_signature_with_source_map(db, id).1,
        GenericDef::Struct(id) => &s::struct_data_with_source_map(db, id).1,
        GenericDef::Union(id) => &s::union_data_with_source_map(db, id).1,
        GenericDef::Enum(id) => &s::enum_data_with_source_map(db, id).1,
        GenericDef::TypeAlias(id) => &s::alias_data_with_source_map(db, id).1,
        GenericDef::Behavior(id) => &s::behavior_data_with_source_map(db, id).1,
        GenericDef::Impl(id) => &s::impl_data_with_source_map(db, id).1,
        GenericDef::Class(id) => &s::class_data_with_source_map(db, id).1,
    })
}

//! Words for definitions, counts and lists in messages.

use base::Db;
use hir_def::signatures as s;
use hir_def::{
    AdtId, BehaviorId, BodyOwner, FieldId, FuncId, GenericDef, ModuleDef, ModuleId, VariantDef,
};
use hir_ty::{GenericArgs, names};

use crate::codes::m001_imports;
use crate::place::{Place, item_name_place};

/// `function `area``
pub(crate) fn describe(db: &dyn Db, def: ModuleDef) -> String {
    format!("{} `{}`", kind(def), name(db, def))
}

pub(crate) fn kind(def: ModuleDef) -> &'static str {
    match def {
        ModuleDef::Module(_) => "module",
        ModuleDef::Func(_) => "function",
        ModuleDef::Struct(_) => "struct",
        ModuleDef::Enum(_) => "enum",
        ModuleDef::Union(_) => "union",
        ModuleDef::Variant(_) => "variant",
        ModuleDef::Const(_) => "constant",
        ModuleDef::Static(_) => "static",
        ModuleDef::TypeAlias(_) => "type alias",
        ModuleDef::Behavior(_) => "behavior",
        ModuleDef::Class(_) => "class",
        ModuleDef::Builtin(_) => "built-in type",
    }
}

pub(crate) fn name(db: &dyn Db, def: ModuleDef) -> String {
    match def {
        ModuleDef::Module(id) => match id.path(db).as_str() {
            "" => id.package(db).name(db).to_string(),
            path => path.to_string(),
        },
        ModuleDef::Const(id) => s::const_data(db, id).name.to_string(),
        ModuleDef::Static(id) => s::static_data(db, id).name.to_string(),
        ModuleDef::Variant(id) => names::variant_name(db, id).to_string(),
        ModuleDef::Builtin(ty) => ty.name().to_string(),
        other => match other.generic_def() {
            Some(def) => names::item_name(db, def).to_string(),
            None => String::new(),
        },
    }
}

/// Where the name of a definition is written.
pub(crate) fn def_place(db: &dyn Db, def: ModuleDef) -> Option<Place> {
    match def {
        ModuleDef::Variant(id) => variant_place(db, VariantDef::Variant(id)),
        other => Some(item_name_place(db, other.item(db)?)),
    }
}

pub(crate) fn generic_def_place(db: &dyn Db, def: GenericDef) -> Place {
    item_name_place(db, def.item(db))
}

pub(crate) fn func_place(db: &dyn Db, func: FuncId) -> Place {
    item_name_place(db, func.item(db))
}

/// The n-th parameter after the receiver: its pattern.
pub(crate) fn param_place(db: &dyn Db, func: FuncId, index: usize) -> Option<Place> {
    let range = s::func_signature_with_source_map(db, func)
        .1
        .params
        .get(index)
        .copied()?;
    Some(Place::new(func.item(db), range))
}

/// The result type as written.
pub(crate) fn ret_place(db: &dyn Db, func: FuncId) -> Option<Place> {
    let (signature, map) = s::func_signature_with_source_map(db, func);
    Some(Place::new(func.item(db), map.types.range(signature.ret?)))
}

/// The name of a struct, union or variant in its declaration.
pub(crate) fn variant_place(db: &dyn Db, variant: VariantDef) -> Option<Place> {
    let VariantDef::Variant(id) = variant else {
        return Some(item_name_place(db, variant.item(db)));
    };
    let map = &s::enum_data_with_source_map(db, id.parent).1;
    let range = map.members.get(id.index as usize).copied()?;
    Some(Place::new(id.parent.item(db), range))
}

/// The name of a field in its declaration.
pub(crate) fn field_place(db: &dyn Db, field: FieldId) -> Option<Place> {
    let index = field.index as usize;
    let range = match field.parent {
        VariantDef::Struct(id) => s::struct_data_with_source_map(db, id).1.members.get(index),
        VariantDef::Union(id) => s::union_data_with_source_map(db, id).1.members.get(index),
        VariantDef::Class(id) => {
            let map = &s::class_data_with_source_map(db, id).1;
            map.variant_fields.first().and_then(|it| it.get(index))
        }
        VariantDef::Variant(id) => {
            let map = &s::enum_data_with_source_map(db, id.parent).1;
            map.variant_fields
                .get(id.index as usize)
                .and_then(|fields| fields.get(index))
        }
    };
    Some(Place::new(field.parent.item(db), *range?))
}

pub(crate) fn adt_place(db: &dyn Db, adt: AdtId) -> Place {
    item_name_place(db, adt.item(db))
}

/// `struct `P``, `variant `Circle``
pub(crate) fn describe_variant(db: &dyn Db, variant: VariantDef) -> String {
    let kind = match variant {
        VariantDef::Struct(_) => "struct",
        VariantDef::Union(_) => "union",
        VariantDef::Variant(_) => "variant",
        VariantDef::Class(_) => "class",
    };
    format!("{kind} `{}`", names::variant_def_name(db, variant))
}

/// Whether a failed import of a module would have bound a name.
pub(crate) fn is_unbound(db: &dyn Db, module: ModuleId, name: &str) -> bool {
    // Also where another module would have handed it on.
    let names = crate::collect::unbound_names(db, module.package(db));
    names.iter().any(|(_, unbound)| unbound == name)
}

/// The same, or an import in a block of a body.
pub(crate) fn is_unbound_in(db: &dyn Db, owner: BodyOwner, name: &str) -> bool {
    let local = hir_def::block_names::failed_local_imports(db, owner).iter();
    let mut local = local.flat_map(m001_imports::failed_import);
    local.any(|import| m001_imports::binding(db, import).as_deref() == Some(name))
        || is_unbound(db, owner.module(db), name)
}

/// `1 argument`, `2 arguments`
pub(crate) fn count(number: u32, word: &str) -> String {
    match number {
        1 => format!("1 {word}"),
        _ => format!("{number} {word}s"),
    }
}

/// `` `a`, `b` and `c` ``
pub(crate) fn list(names: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let quoted: Vec<String> = names
        .into_iter()
        .map(|name| format!("`{}`", name.as_ref()))
        .collect();
    match quoted.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
    }
}

/// The names of fields by position.
pub(crate) fn field_names(db: &dyn Db, variant: VariantDef, indexes: &[u32]) -> Vec<String> {
    let name = |index: &u32| {
        names::field_name(
            db,
            FieldId {
                parent: variant,
                index: *index,
            },
        )
        .to_string()
    };
    indexes.iter().map(name).collect()
}

/// A behavior with its arguments, but for the type that implements it.
pub(crate) fn behavior_text(db: &dyn Db, behavior: BehaviorId, args: GenericArgs) -> String {
    let name = names::item_name(db, GenericDef::Behavior(behavior));
    let others = args.types(db).skip(1);
    let others: Vec<String> = others.map(|ty| ty.display(db).to_string()).collect();
    match others.is_empty() {
        true => name.to_string(),
        false => format!("{name}[{}]", others.join(", ")),
    }
}

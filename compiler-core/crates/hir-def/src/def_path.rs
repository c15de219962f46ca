//! Names of definitions for people and symbols: `pkg::mod::Type::name`.

use base::Db;

use crate::signatures::{
    alias_data, behavior_data, class_data, const_data, enum_data, func_signature, impl_data,
    static_data, struct_data, union_data,
};
use crate::{
    BodyOwner, ConstRef, ContainerId, GenericArg, ModuleDef, ModuleId, Name, Path, TypeBound,
    TypeRef, TypeRefId, TypeStore,
};

/// The definition's own name; a module's last segment, or the package for a root.
pub fn def_name(db: &dyn Db, def: ModuleDef) -> Name {
    match def {
        ModuleDef::Module(module) => match module.path(db).rsplit("::").next() {
            Some(name) if !name.is_empty() => Name::new(name),
            _ => module.package(db).name(db).clone(),
        },
        ModuleDef::Func(id) => func_signature(db, id).name.clone(),
        ModuleDef::Struct(id) => struct_data(db, id).name.clone(),
        ModuleDef::Enum(id) => enum_data(db, id).name.clone(),
        ModuleDef::Union(id) => union_data(db, id).name.clone(),
        ModuleDef::Variant(id) => {
            let variant = enum_data(db, id.parent).variants.get(id.index as usize);
            variant
                .map(|variant| variant.name.clone())
                .unwrap_or_default()
        }
        ModuleDef::Const(id) => const_data(db, id).name.clone(),
        ModuleDef::Static(id) => static_data(db, id).name.clone(),
        ModuleDef::TypeAlias(id) => alias_data(db, id).name.clone(),
        ModuleDef::Behavior(id) => behavior_data(db, id).name.clone(),
        ModuleDef::Class(id) => class_data(db, id).name.clone(),
        ModuleDef::Builtin(ty) => Name::new_static(ty.name()),
    }
}

/// `pkg::mod::Type::name`. Equal for equal sources, whatever was asked before; parts of
/// implementations carry their head: `pkg::{Show for List[T]}::show`.
pub fn def_path(db: &dyn Db, def: ModuleDef) -> String {
    match def {
        ModuleDef::Module(module) => module_path(db, module),
        ModuleDef::Builtin(ty) => ty.name().to_owned(),
        ModuleDef::Variant(id) => {
            format!(
                "{}::{}",
                def_path(db, ModuleDef::Enum(id.parent)),
                def_name(db, def)
            )
        }
        _ => {
            let around = def
                .container(db)
                .map(|it| container_path(db, it))
                .unwrap_or_default();
            format!("{around}::{}", def_name(db, def))
        }
    }
}

/// `pkg::a::b`
pub fn module_path(db: &dyn Db, module: ModuleId) -> String {
    let package = module.package(db).name(db);
    let path = module.path(db);
    if path.is_empty() {
        package.to_string()
    } else {
        format!("{package}::{path}")
    }
}

fn container_path(db: &dyn Db, container: ContainerId) -> String {
    match container {
        ContainerId::Module(module) => module_path(db, module),
        ContainerId::Behavior(id) => def_path(db, ModuleDef::Behavior(id)),
        ContainerId::Class(id) => def_path(db, ModuleDef::Class(id)),
        ContainerId::Block(block) => {
            format!(
                "{}::{{{}}}",
                owner_path(db, block.owner(db)),
                block.index(db)
            )
        }
        ContainerId::Impl(id) => {
            let data = impl_data(db, id);
            let around = container_path(db, id.container(db));
            let ty = data
                .self_ty
                .map(|ty| type_text(&data.types, ty))
                .unwrap_or_default();
            match data.behaviors.first() {
                Some(behavior) => {
                    format!(
                        "{around}::{{{} for {ty}}}",
                        type_text(&data.types, *behavior)
                    )
                }
                None => format!("{around}::{ty}"),
            }
        }
    }
}

/// The path of what has a body.
pub fn owner_path(db: &dyn Db, owner: BodyOwner) -> String {
    match owner {
        BodyOwner::Func(id) => def_path(db, ModuleDef::Func(id)),
        BodyOwner::Const(id) => def_path(db, ModuleDef::Const(id)),
        BodyOwner::Static(id) => def_path(db, ModuleDef::Static(id)),
        BodyOwner::AnonConst(id) => match id.kind(db) {
            crate::AnonConstKind::FieldDefault(field) => {
                let def = match field.parent {
                    crate::VariantDef::Struct(id) => ModuleDef::Struct(id),
                    crate::VariantDef::Union(id) => ModuleDef::Union(id),
                    crate::VariantDef::Variant(id) => ModuleDef::Variant(id),
                    crate::VariantDef::Class(id) => ModuleDef::Class(id),
                };
                format!("{}::{{default {}}}", def_path(db, def), field.index)
            }
            crate::AnonConstKind::Discriminant(variant) => {
                format!("{}::{{value}}", def_path(db, ModuleDef::Variant(variant)))
            }
            crate::AnonConstKind::ParamDefault(func, index) => {
                format!(
                    "{}::{{default {index}}}",
                    def_path(db, ModuleDef::Func(func))
                )
            }
        },
    }
}

/// A type as written, in canonical spelling.
pub fn type_text(types: &TypeStore, ty: TypeRefId) -> String {
    let text = |id: &TypeRefId| type_text(types, *id);
    let list = |ids: &[TypeRefId]| ids.iter().map(text).collect::<Vec<_>>().join(", ");
    match &types[ty] {
        TypeRef::Path(path) => path_text(types, path),
        TypeRef::Tuple(items) if items.len() == 1 => format!("({},)", list(items)),
        TypeRef::Tuple(items) => format!("({})", list(items)),
        TypeRef::Array(item, len) => format!("[{}; {}]", text(item), const_text(types, len)),
        TypeRef::Slice(item) => format!("[{}]", text(item)),
        TypeRef::Ref {
            mutable,
            lifetime,
            inner,
        } => {
            let mutable = if *mutable { "mut " } else { "" };
            let lifetime = lifetime
                .as_ref()
                .map(|name| format!("[{name}]"))
                .unwrap_or_default();
            format!("{mutable}ref{lifetime} {}", text(inner))
        }
        TypeRef::RawPtr(inner) => format!("*{}", text(inner)),
        TypeRef::Func { params, ret, .. } => {
            let ret = ret
                .as_ref()
                .map(|ret| format!(" -> {}", text(ret)))
                .unwrap_or_default();
            format!("func({}){ret}", list(params))
        }
        TypeRef::Never => "!".to_owned(),
        TypeRef::Infer => "_".to_owned(),
        TypeRef::Maybe(inner) => format!("{}?", text(inner)),
        TypeRef::Dyn(bounds) => format!("dyn {}", bounds_text(types, bounds)),
        TypeRef::Anonymous(index) => format!("impl #{index}"),
        TypeRef::Impl(bounds) => format!("impl {}", bounds_text(types, bounds)),
        TypeRef::Projection {
            base,
            behavior,
            name,
        } => {
            format!("({} as {})::{name}", text(base), text(behavior))
        }
        TypeRef::Error => "?".to_owned(),
    }
}

fn bounds_text(types: &TypeStore, bounds: &[TypeBound]) -> String {
    let bounds = bounds.iter().map(|bound| match bound {
        TypeBound::Behavior(ty) => type_text(types, *ty),
        TypeBound::Relaxed(ty) => format!("?{}", type_text(types, *ty)),
        TypeBound::Lifetime(name) => format!("life {name}"),
    });
    bounds.collect::<Vec<_>>().join(" + ")
}

/// A path with its type arguments.
pub fn path_text(types: &TypeStore, path: &Path) -> String {
    let bare = Path {
        anchor: path.anchor,
        segments: Box::default(),
    };
    let mut out = bare.to_string();
    for segment in &path.segments {
        if !out.is_empty() {
            out.push_str("::");
        }
        out.push_str(&segment.name);
        let Some(args) = &segment.args else { continue };
        let plain = args.args.iter().map(|arg| match arg {
            GenericArg::Type(ty) => type_text(types, *ty),
            GenericArg::Const(value) => const_text(types, value),
            GenericArg::Lifetime(name) => format!("life {name}"),
        });
        let bindings = args
            .bindings
            .iter()
            .map(|(name, ty)| format!("{name} = {}", type_text(types, *ty)));
        let all: Vec<String> = plain.chain(bindings).collect();
        out.push_str(&format!("[{}]", all.join(", ")));
    }
    out
}

fn const_text(types: &TypeStore, value: &ConstRef) -> String {
    match value {
        ConstRef::Literal(value) | ConstRef::TypedLiteral(value, _) => value.to_string(),
        ConstRef::Bool(value) => value.to_string(),
        ConstRef::Char(value) => format!("{value:?}"),
        ConstRef::Path(path) => path_text(types, path),
        ConstRef::Unary(op, operand) => {
            let op = match op {
                crate::body::UnaryOp::Neg => "-",
                crate::body::UnaryOp::Not => "not ",
                crate::body::UnaryOp::BitNot => "~",
                crate::body::UnaryOp::Deref => "*",
            };
            format!("{op}{}", const_text(types, operand))
        }
        ConstRef::Binary(op, left, right) => {
            format!(
                "({} {} {})",
                const_text(types, left),
                op.text(),
                const_text(types, right)
            )
        }
        ConstRef::Cast(operand, ty) => {
            format!(
                "({} as {})",
                const_text(types, operand),
                type_text(types, *ty)
            )
        }
        ConstRef::Call(path, args) => {
            let args: Vec<String> = args.iter().map(|arg| const_text(types, arg)).collect();
            format!("{}({})", path_text(types, path), args.join(", "))
        }
        ConstRef::Infer => "_".to_owned(),
        ConstRef::OtherLiteral | ConstRef::Unsupported(_) | ConstRef::Error => "?".to_owned(),
    }
}

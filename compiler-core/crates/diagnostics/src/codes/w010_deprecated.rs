//! W010, W011: uses of deprecated and unstable items. W024: old spellings of types.

use base::Db;
use hir_def::attrs::Attrs;
use hir_def::body::ExprId;
use hir_def::module_map::Namespace;
use hir_def::resolver::{PathResult, Resolution, Scope, resolve_path};
use hir_def::signatures as s;
use hir_def::{
    AdtId, BodyOwner, BuiltinType, ConstId, FuncId, ModuleDef, Name, PathAnchor, TypeRef,
    TypeRefId, TypeStore,
};
use hir_ty::{CallRes, PathRes};

use crate::body_ctx::BodyCtx;
use crate::place::{Draft, Place};

/// What a body uses.
#[derive(Clone, Copy)]
enum Used {
    Func(FuncId),
    Const(ConstId),
    Adt(AdtId),
}

/// A use that is worth a word.
pub(crate) enum Found {
    Item(ExprId, Name, &'static str, Name),
    Spelling(TypeRefId, Name, &'static str),
}

/// What a body uses of this kind. Reads no positions.
pub(crate) fn find(db: &dyn Db, owner: BodyOwner) -> Vec<Found> {
    let mut out = Vec::new();
    let body = hir_def::body::body(db, owner);
    let infer = hir_ty::infer(db, owner);
    for (id, name, new) in old_spellings(db, Scope::of_body(db, owner), &body.types) {
        out.push(Found::Spelling(id, name, new));
    }
    if owner_attrs(db, owner).is_some_and(|attrs| attrs.deprecated.is_some()) {
        return out;
    }
    let mut uses: Vec<(ExprId, Used)> = Vec::new();
    for (expr, call) in &infer.calls {
        match call {
            CallRes::Func { callee, .. } => uses.push((*expr, Used::Func(callee.func))),
            CallRes::Ctor { variant, .. } => uses.push((*expr, Used::Adt(variant.adt()))),
            _ => {}
        }
    }
    for (expr, path) in &infer.paths {
        match path {
            PathRes::Const(id, _) => uses.push((*expr, Used::Const(*id))),
            PathRes::UnitVariant(id, _) => uses.push((*expr, Used::Adt(AdtId::Enum(id.parent)))),
            PathRes::UnitStruct(id, _) => uses.push((*expr, Used::Adt(AdtId::Struct(*id)))),
            _ => {}
        }
    }
    for (expr, literal) in &infer.struct_lits {
        uses.push((*expr, Used::Adt(literal.variant.adt())));
    }
    uses.sort_by_key(|(expr, _)| *expr);
    for (expr, used) in uses {
        let (name, attrs) = named(db, used);
        if let Some(why) = &attrs.deprecated {
            out.push(Found::Item(expr, name, "W010", why.clone()));
        } else if attrs.unstable {
            out.push(Found::Item(expr, name, "W011", Name::default()));
        }
    }
    out
}

pub(crate) fn render(ctx: &BodyCtx<'_>, found: &Found) -> Draft {
    match found {
        Found::Item(expr, name, "W010", why) => {
            let message = format!("Use of deprecated `{name}`");
            let draft = Draft::warning("W010", ctx.expr(*expr), message).labelled("deprecated");
            match why.is_empty() {
                true => draft,
                false => draft.note(why.as_str()),
            }
        }
        Found::Item(expr, name, ..) => {
            let message = format!("Use of unstable `{name}`");
            Draft::warning("W011", ctx.expr(*expr), message).labelled("may change without notice")
        }
        Found::Spelling(ty, name, new) => spelling(ctx.ty_ref(*ty), name, new),
    }
}

pub(crate) fn spelling(place: Place, name: &str, new: &str) -> Draft {
    Draft::warning("W024", place, format!("Old spelling of a type: `{name}`"))
        .labelled(format!("is `{new}`"))
        .replace(format!("write `{new}`"), place, new)
}

fn named(db: &dyn Db, used: Used) -> (Name, &Attrs) {
    match used {
        Used::Func(id) => {
            let sig = s::func_signature(db, id);
            (sig.name.clone(), &sig.attrs)
        }
        Used::Const(id) => {
            let data = s::const_data(db, id);
            (data.name.clone(), &data.attrs)
        }
        Used::Adt(AdtId::Struct(id)) => {
            let data = s::struct_data(db, id);
            (data.name.clone(), &data.attrs)
        }
        Used::Adt(AdtId::Class(id)) => {
            let data = s::class_data(db, id);
            (data.name.clone(), &data.attrs)
        }
        Used::Adt(AdtId::Union(id)) => {
            let data = s::union_data(db, id);
            (data.name.clone(), &data.attrs)
        }
        Used::Adt(AdtId::Enum(id)) => {
            let data = s::enum_data(db, id);
            (data.name.clone(), &data.attrs)
        }
    }
}

fn owner_attrs(db: &dyn Db, owner: BodyOwner) -> Option<&Attrs> {
    Some(match owner {
        BodyOwner::Func(id) => &s::func_signature(db, id).attrs,
        BodyOwner::Const(id) => &s::const_data(db, id).attrs,
        BodyOwner::Static(id) => &s::static_data(db, id).attrs,
        BodyOwner::AnonConst(_) => return None,
    })
}

/// W024: types that a declaration or body spells the old way.
pub(crate) fn old_spellings(
    db: &dyn Db,
    scope: Scope,
    types: &TypeStore,
) -> Vec<(TypeRefId, Name, &'static str)> {
    let mut out = Vec::new();
    for (id, ty) in types.types.iter() {
        let TypeRef::Path(path) = ty else { continue };
        let [segment] = &*path.segments else { continue };
        let new = match segment.name.as_str() {
            "String" => "Str",
            "Bytes" => "ref [U8]",
            _ => continue,
        };
        if path.anchor != PathAnchor::Plain || segment.args.is_some() {
            continue;
        }
        let is_alias = matches!(
            resolve_path(db, scope, path, Namespace::Types),
            PathResult::Resolved(found)
                if matches!(
                    found.to,
                    Resolution::Def(ModuleDef::Builtin(BuiltinType::Str | BuiltinType::Bytes))
                )
        );
        if is_alias {
            out.push((id, segment.name.clone(), new));
        }
    }
    out
}

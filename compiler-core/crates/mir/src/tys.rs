//! Questions to `hir_ty` in the form that this crate asks them.

use base::Db;
use hir_def::{AdtId, BodyOwner, ContainerId, FuncId, VariantDef};
use hir_ty::{GenericArgs, IntTy, ParamEnv, Ty, TyKind};

use crate::data::*;

/// The type of what a place holds; `Error` if the path does not fit (the verifier says so).
pub fn place_ty(db: &dyn Db, body: &Body, place: &Place) -> Ty {
    let Some(decl) = body.locals.get(place.local) else {
        return Ty::error(db);
    };
    place
        .projection
        .iter()
        .fold(decl.ty, |ty, step| step_ty(db, ty, step))
}

/// The type after one more step.
pub fn step_ty(db: &dyn Db, ty: Ty, step: &Projection) -> Ty {
    match (step, ty.kind(db)) {
        (Projection::Deref, TyKind::Ref { target, .. } | TyKind::RawPtr(target)) => *target,
        (Projection::Field(_, field) | Projection::Object(_, field), _) => *field,
        (
            Projection::Index(_) | Projection::ConstIndex { .. },
            TyKind::Array(element, _) | TyKind::Slice(element),
        ) => *element,
        (Projection::Subslice { from, to }, TyKind::Array(element, len)) => match len.as_u64() {
            Some(len) => {
                let rest = len.saturating_sub(from + to);
                Ty::array(db, *element, hir_ty::Const::len(db, rest))
            }
            None => Ty::slice(db, *element),
        },
        (Projection::Subslice { .. }, TyKind::Slice(_)) => ty,
        (Projection::Downcast(_), TyKind::Adt(..)) => ty,
        _ => Ty::error(db),
    }
}

/// The type of an operand.
pub fn operand_ty(db: &dyn Db, body: &Body, operand: &Operand) -> Ty {
    match operand {
        Operand::Copy(place) | Operand::Move(place) => place_ty(db, body, place),
        Operand::Const(constant) => constant.ty,
    }
}

/// What a call passes and gets, concrete as far as the caller knows.
pub(crate) struct Sig {
    pub(crate) params: Vec<Ty>,
    pub(crate) ret: Ty,
}

/// The signature of a function in terms of its own parameters.
pub(crate) fn fn_sig(db: &dyn Db, func: FuncId) -> Sig {
    let env = env(db, BodyOwner::Func(func));
    let sig = hir_ty::fn_type(db, func);
    let normal = |ty: Ty| hir_ty::normalize(db, ty, env);
    Sig {
        params: sig.all_params(db).map(normal).collect(),
        ret: normal(sig.ret),
    }
}

/// The signature of a function with the arguments of a call in the owner's body.
pub(crate) fn callee_sig(db: &dyn Db, owner: BodyOwner, callee: hir_ty::Callee) -> Sig {
    let env = env(db, owner);
    let sig = hir_ty::fn_type(db, callee.func);
    let normal = |ty: Ty| hir_ty::normalize(db, ty.subst(db, callee.args), env);
    Sig {
        params: sig.all_params(db).map(normal).collect(),
        ret: normal(sig.ret),
    }
}

pub(crate) fn is_track_caller(db: &dyn Db, owner: BodyOwner) -> bool {
    match owner {
        BodyOwner::Func(func) => hir_ty::fn_type(db, func).track_caller,
        _ => false,
    }
}

/// The types of the fields of a struct or variant.
pub(crate) fn field_tys(db: &dyn Db, variant: VariantDef, args: GenericArgs) -> Vec<Ty> {
    let index = match variant {
        VariantDef::Struct(_) | VariantDef::Union(_) | VariantDef::Class(_) => 0,
        VariantDef::Variant(id) => id.index as usize,
    };
    adt_field_tys(db, variant.adt(), args)
        .into_iter()
        .nth(index)
        .unwrap_or_default()
}

/// The types of the fields of all variants of a data type; a struct has one variant.
pub(crate) fn adt_field_tys(db: &dyn Db, adt: AdtId, args: GenericArgs) -> Vec<Vec<Ty>> {
    hir_ty::adt_field_types(db, adt, args)
}

/// What the owner's declaration promises about its type parameters.
pub(crate) fn env(db: &dyn Db, owner: BodyOwner) -> ParamEnv {
    match owner.generic_def(db) {
        Some(def) => hir_ty::param_env(db, def),
        None => ParamEnv::empty(db, owner.module(db).package(db)),
    }
}

pub(crate) fn is_copy(db: &dyn Db, owner: BodyOwner, ty: Ty) -> bool {
    hir_ty::is_copy(db, ty, env(db, owner))
}

/// Whether what a body does may imply bounds on its type parameters: in a free function, an
/// inherent method or a non-virtual method of a class (reference §3.4).
pub(crate) fn may_imply(db: &dyn Db, owner: BodyOwner) -> bool {
    match owner.container(db) {
        ContainerId::Module(_) | ContainerId::Block(_) => true,
        ContainerId::Impl(id) => hir_ty::signature::impl_behaviors(db, id).is_empty(),
        ContainerId::Class(_) => match owner {
            BodyOwner::Func(func) => hir_ty::classes::slot_of(db, func).is_none(),
            _ => true,
        },
        ContainerId::Behavior(_) => false,
    }
}

/// Whether the type is a parameter without any bound, where uses may imply some.
pub(crate) fn is_unbounded_param(db: &dyn Db, owner: BodyOwner, ty: Ty) -> bool {
    may_imply(db, owner)
        && matches!(ty.kind(db), TyKind::Param(_))
        && !env(db, owner)
            .data(db)
            .bounds
            .iter()
            .any(|bound| bound.self_ty(db) == ty)
}

/// Whether dropping a value may do something; parameters may.
pub(crate) fn may_need_drop(db: &dyn Db, ty: Ty) -> bool {
    hir_ty::needs_drop(db, ty)
}

/// Whether the type itself implements `Drop`.
pub(crate) fn has_own_drop(db: &dyn Db, ty: Ty) -> bool {
    match ty.kind(db) {
        TyKind::Adt(adt, _) => hir_ty::drop_impl(db, *adt).is_some(),
        _ => false,
    }
}

/// Whether ending a value's life may run a destructor that panics. Those of the library do not,
/// but they end their contents: what their arguments say, or anything if there are none. A closure
/// as an argument may be called at the end.
///
/// Keyed by type; re-runs when a declaration of a type inside, or its `Drop`, changes.
#[salsa::tracked(returns(copy), cycle_result = drop_cycle)]
pub fn drop_may_panic(db: &dyn Db, ty: Ty) -> bool {
    if !may_need_drop(db, ty) {
        return false;
    }
    let any = |parts: &[Ty]| parts.iter().any(|part| drop_may_panic(db, *part));
    match ty.kind(db) {
        TyKind::Str => false,
        TyKind::Tuple(parts) => any(parts),
        TyKind::Array(element, _) => drop_may_panic(db, *element),
        TyKind::Closure(_, args) => {
            let args = hir_ty::ClosureArgs(*args);
            args.kind(db) == Some(hir_ty::ClosureKind::Async) || any(&args.captures(db))
        }
        TyKind::Adt(AdtId::Class(_), _) => true,
        TyKind::Adt(adt, args) => match hir_ty::drop_impl(db, *adt) {
            Some(_) if is_of_library(db, *adt) => {
                let mut args = args.types(db).peekable();
                args.peek().is_none()
                    || args.any(|arg| arg.as_closure(db).is_some() || drop_may_panic(db, arg))
            }
            Some(_) => true,
            None => adt_field_tys(db, *adt, *args).iter().any(|it| any(it)),
        },
        _ => true,
    }
}

fn drop_cycle(_: &dyn Db, _: salsa::Id, _: Ty) -> bool {
    true
}

fn is_of_library(db: &dyn Db, adt: AdtId) -> bool {
    let package = adt.module(db).package(db);
    matches!(&**package.name(db), "core" | "std")
}

/// The element of an array or slice, also behind references.
pub(crate) fn element_ty(db: &dyn Db, ty: Ty) -> Ty {
    match ty.strip_refs(db).kind(db) {
        TyKind::Array(element, _) | TyKind::Slice(element) => *element,
        _ => Ty::error(db),
    }
}

pub(crate) fn u32(db: &dyn Db) -> Ty {
    Ty::int(db, IntTy::U32)
}

pub(crate) fn i128(db: &dyn Db) -> Ty {
    Ty::int(db, IntTy::I128)
}

/// Whether a type is that of the guard of an open access to a field of an object.
pub(crate) fn is_access(db: &dyn Db, body: &Body, ty: Ty) -> bool {
    let lang = hir_ty::lang_items(db, body.owner.module(db).package(db));
    match ty.kind(db) {
        TyKind::Adt(adt, _) => lang.reading == Some(*adt) || lang.writing == Some(*adt),
        _ => false,
    }
}

//! Structural properties of types.

use base::Db;
use hir_def::AdtId;

use crate::generics::ParamEnv;
use crate::impls::drop_impl;
use crate::lang::lang_items;
use crate::signature::adt_field_types;
use crate::ty::{Ty, TyKind};

/// Whether values are copied on use (reference §8.1).
///
/// Keyed by type and assumptions; read by inference and MIR. Re-runs when a declaration of a
/// type inside, or its `Drop`, changes.
#[salsa::tracked(returns(copy), cycle_result = copy_cycle)]
pub fn is_copy(db: &dyn Db, ty: Ty, env: ParamEnv) -> bool {
    match ty.kind(db) {
        TyKind::Bool
        | TyKind::Int(_)
        | TyKind::Float(_)
        | TyKind::Char
        | TyKind::Str
        | TyKind::Never
        | TyKind::RawPtr(_)
        | TyKind::Interface(..)
        | TyKind::Adt(AdtId::Class(_), _)
        | TyKind::Func { .. }
        | TyKind::FnItem(..)
        | TyKind::Ctor(..)
        | TyKind::Infer(_)
        | TyKind::Error => true,
        TyKind::Ref { mutable, .. } => !mutable,
        TyKind::Slice(_) | TyKind::Future(..) => false,
        TyKind::Closure(_, args) => {
            let args = crate::ty::ClosureArgs(*args);
            args.kind(db) == Some(crate::ty::ClosureKind::Fn)
                && args.captures(db).iter().all(|part| is_copy(db, *part, env))
        }
        TyKind::Dyn(_) | TyKind::Object(_) => false,
        TyKind::Opaque(func, index, args) => {
            // One of the facts that a body gives away (reference §4.5).
            match crate::infer::hidden::hidden_type(db, *func, *index) {
                Some(hidden) => is_copy(db, hidden.subst(db, *args), env),
                None => false,
            }
        }
        TyKind::Tuple(parts) => parts.iter().all(|part| is_copy(db, *part, env)),
        TyKind::Array(element, _) => is_copy(db, *element, env),
        TyKind::Param(_) | TyKind::Projection(_) => {
            let lang = lang_items(db, env.package(db));
            let mut bounds = env.data(db).bounds.to_vec();
            if let TyKind::Projection(projection) = ty.kind(db) {
                bounds.extend(crate::signature::projection_bounds(db, projection));
            }
            let is_func = env.data(db).funcs.iter().any(|(param, _)| *param == ty);
            is_func
                || bounds.iter().any(|bound| {
                    let gives_copy = Some(bound.behavior) == lang.copy
                        || crate::classes::is_interface(db, bound.behavior);
                    gives_copy && bound.self_ty(db) == ty
                })
        }
        TyKind::Adt(adt, args) => {
            let lang = lang_items(db, adt.module(db).package(db));
            drop_impl(db, *adt).is_none()
                && lang.unsafe_cell != Some(*adt)
                && adt_field_types(db, *adt, *args)
                    .iter()
                    .flatten()
                    .all(|field| is_copy(db, *field, env))
        }
    }
}

// A type inside itself: the other parts decide.
fn copy_cycle(_: &dyn Db, _: salsa::Id, _: Ty, _: ParamEnv) -> bool {
    true
}

/// Whether the end of life of a value does something: it counts (`Str`, `func`), or a type
/// inside has a `Drop`. For parameters the answer is yes.
///
/// Keyed by type; read by MIR and `mono`. Re-runs when a declaration of a type inside, or its
/// `Drop`, changes.
#[salsa::tracked(returns(copy), cycle_result = drop_cycle)]
pub fn needs_drop(db: &dyn Db, ty: Ty) -> bool {
    match ty.kind(db) {
        TyKind::Str
        | TyKind::Func { .. }
        | TyKind::Interface(..)
        | TyKind::Adt(AdtId::Class(_), _)
        | TyKind::Dyn(_)
        | TyKind::Object(_)
        | TyKind::Param(_)
        | TyKind::Projection(_) => true,
        TyKind::Opaque(func, index, args) => {
            match crate::infer::hidden::hidden_type(db, *func, *index) {
                Some(hidden) => needs_drop(db, hidden.subst(db, *args)),
                None => true,
            }
        }
        TyKind::Bool
        | TyKind::Int(_)
        | TyKind::Float(_)
        | TyKind::Char
        | TyKind::Never
        | TyKind::RawPtr(_)
        | TyKind::Ref { .. }
        | TyKind::FnItem(..)
        | TyKind::Ctor(..)
        | TyKind::Infer(_)
        | TyKind::Error => false,
        TyKind::Future(..) => true,
        TyKind::Closure(_, args) => {
            let args = crate::ty::ClosureArgs(*args);
            args.kind(db) == Some(crate::ty::ClosureKind::Async)
                || args.captures(db).iter().any(|part| needs_drop(db, *part))
        }
        TyKind::Tuple(parts) => parts.iter().any(|part| needs_drop(db, *part)),
        TyKind::Array(element, _) | TyKind::Slice(element) => needs_drop(db, *element),
        TyKind::Adt(AdtId::Union(_), _) => false,
        TyKind::Adt(adt, _)
            if lang_items(db, adt.module(db).package(db)).manually_drop == Some(*adt) =>
        {
            false
        }
        TyKind::Adt(adt, args) => {
            drop_impl(db, *adt).is_some()
                || adt_field_types(db, *adt, *args)
                    .iter()
                    .flatten()
                    .any(|field| needs_drop(db, *field))
        }
    }
}

fn drop_cycle(_: &dyn Db, _: salsa::Id, _: Ty) -> bool {
    false
}

/// Whether `==` works: an implementation of `PartialEq`, or all components comparable
/// (reference §5.6).
///
/// Keyed by type and assumptions; re-runs like [`is_copy`].
#[salsa::tracked(returns(copy), cycle_result = comparable_cycle)]
pub fn is_comparable(db: &dyn Db, ty: Ty, env: ParamEnv) -> bool {
    let lang = lang_items(db, env.package(db));
    match ty.kind(db) {
        TyKind::Bool
        | TyKind::Int(_)
        | TyKind::Float(_)
        | TyKind::Char
        | TyKind::Str
        | TyKind::Never
        | TyKind::RawPtr(_)
        | TyKind::Interface(..)
        | TyKind::Adt(AdtId::Class(_), _)
        | TyKind::Infer(_)
        | TyKind::Error => true,
        TyKind::Ref { target, .. } => component_comparable(db, *target, env),
        TyKind::Slice(part) | TyKind::Array(part, _) => component_comparable(db, *part, env),
        TyKind::Tuple(parts) => parts
            .iter()
            .all(|part| component_comparable(db, *part, env)),
        TyKind::Func { .. }
        | TyKind::FnItem(..)
        | TyKind::Ctor(..)
        | TyKind::Closure(..)
        | TyKind::Future(..)
        | TyKind::Dyn(_)
        | TyKind::Object(_)
        | TyKind::Opaque(..) => false,
        TyKind::Adt(AdtId::Union(_), _) => false,
        TyKind::Param(_) | TyKind::Projection(_) => {
            let mut bounds = env.data(db).bounds.to_vec();
            if let TyKind::Projection(projection) = ty.kind(db) {
                bounds.extend(crate::signature::projection_bounds(db, projection));
            }
            let holds = |bound: &crate::generics::BehaviorRef| {
                Some(bound.behavior) == lang.partial_eq && bound.self_ty(db) == ty
            };
            bounds.iter().any(holds)
        }
        TyKind::Adt(adt, args) => adt_field_types(db, *adt, *args)
            .iter()
            .flatten()
            .all(|field| component_comparable(db, *field, env)),
    }
}

fn comparable_cycle(_: &dyn Db, _: salsa::Id, _: Ty, _: ParamEnv) -> bool {
    true
}

fn component_comparable(db: &dyn Db, ty: Ty, env: ParamEnv) -> bool {
    if let (TyKind::Adt(..), Some(eq)) = (ty.kind(db), lang_items(db, env.package(db)).partial_eq) {
        let args = partial_eq_args(db, eq, ty);
        return crate::solve::behavior_solve(db, env, eq, args).is_some();
    }
    is_comparable(db, ty, env)
}

/// `This` and, should the behavior have a parameter, the type again.
pub(crate) fn partial_eq_args(
    db: &dyn Db,
    eq: hir_def::BehaviorId,
    ty: Ty,
) -> crate::ty::GenericArgs {
    let count = crate::generics::generics_of(db, hir_def::GenericDef::Behavior(eq))
        .params
        .len();
    crate::ty::GenericArgs::from_iter(db, (0..count).map(|_| ty.into()))
}

//! Lifetimes of declarations, beside their types (reference §3.5).
//!
//! [`hir_ty::Ty`] has no lifetimes. What a type would have is a list of *slots*, in the order in
//! which one meets them walking through the type: one for a reference, one for each lifetime
//! parameter of a struct or enum (declared, hidden, capture), one for what a `func`, a future, an
//! object of a behavior or an `impl B` holds; then those of its parts. Two equal types thus have
//! slots that agree one by one.
//!
//! [`annotate`] reads slots off types as written, [`adt`] and [`sig`] are the queries about data
//! types and functions, and `borrowck` gives the slots of a body's variables their extent.
//!
//! A type parameter has one slot, too: it stands for whatever lifetimes the type has that takes
//! its place. What an object of a class holds lives for ever, so the arguments of a class, and of
//! data types that put theirs into one, are never shorter ([`forever`]).

pub(crate) mod adt;
pub(crate) mod annotate;
mod declared;
pub(crate) mod forever;
pub(crate) mod sig;

use base::Db;
use hir_ty::{GenericArgs, Ty, TyKind};

pub(crate) use adt::adt_lives;
pub(crate) use declared::lives_in_object;
pub use sig::ambiguous_assoc;
pub(crate) use sig::{FnLives, assoc_type_lives, fn_lives, impl_lives};

/// A lifetime in a declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Life {
    Static,
    /// The n-th lifetime of the declaration, declared or not.
    Bound(u32),
    /// Of whatever the n-th generic parameter of the declaration stands for.
    Param(u32),
    /// Not known, or not tracked: it may be any.
    Erased,
}

/// The slots of a type.
pub(crate) type Lives = Box<[Life]>;

/// How a change of a part changes the whole (reference §3.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Variance {
    /// Not used yet; while variances are computed.
    Bivariant,
    Covariant,
    Contravariant,
    Invariant,
}

impl Variance {
    /// The variance of a part within a part.
    pub(crate) fn of(self, inner: Variance) -> Variance {
        use Variance::*;
        match (self, inner) {
            (Bivariant, _) | (_, Bivariant) => Bivariant,
            (Invariant, _) | (_, Invariant) => Invariant,
            (Covariant, inner) => inner,
            (Contravariant, Covariant) => Contravariant,
            (Contravariant, Contravariant) => Covariant,
        }
    }

    /// What two uses come to.
    pub(crate) fn and(self, other: Variance) -> Variance {
        match (self, other) {
            (Variance::Bivariant, v) | (v, Variance::Bivariant) => v,
            (a, b) if a == b => a,
            _ => Variance::Invariant,
        }
    }
}

/// Types nest at most so deep here; deeper ones have no slots.
const DEPTH_MAX: u32 = 64;

/// Number of slots of a type.
pub(crate) fn slot_count(db: &dyn Db, ty: Ty) -> usize {
    count(db, ty, 0, &own_slots)
}

/// Number of slots without those of type parameters and of results of calls: of references that
/// are there to see.
pub(crate) fn life_count(db: &dyn Db, ty: Ty) -> usize {
    count(db, ty, 0, &|db, ty| match param_of(db, ty) {
        Some(_) => 0,
        None if matches!(ty.kind(db), TyKind::Func { .. }) => 1,
        None => own_slots(db, ty),
    })
}

fn count(db: &dyn Db, ty: Ty, depth: u32, own: &dyn Fn(&dyn Db, Ty) -> usize) -> usize {
    if depth > DEPTH_MAX {
        return 0;
    }
    let mut all = own(db, ty);
    for_each_part(db, ty, &mut |part, _| {
        all += count(db, part, depth + 1, own)
    });
    all
}

/// The parameter that a type is, or that it is an associated type of.
pub(crate) fn param_of(db: &dyn Db, ty: Ty) -> Option<u32> {
    match ty.kind(db) {
        TyKind::Param(param) => Some(param.index),
        // It lives as long as what it is of; the first parameter stands for all of them.
        TyKind::Projection(projection) => {
            let mut found = None;
            for arg in projection.args.types(db) {
                hir_ty::ty::walk_ty(db, arg, &mut |part| {
                    if let TyKind::Param(param) = part.kind(db) {
                        found = found.or(Some(param.index));
                    }
                });
            }
            Some(found.unwrap_or(u32::MAX))
        }
        _ => None,
    }
}

/// Which slots of a type are those of a `dyn` that owns what it holds: nothing says otherwise
/// inside a `func`, so they are `static` in what a call gives (reference §3.5(5)).
pub(crate) fn owned_dyns(db: &dyn Db, ty: Ty) -> Vec<bool> {
    fn walk(db: &dyn Db, ty: Ty, behind: bool, depth: u32, out: &mut Vec<bool>) {
        if depth > DEPTH_MAX {
            return;
        }
        let is_dyn = matches!(ty.kind(db), TyKind::Dyn(_)) && !behind;
        out.extend((0..own_slots(db, ty)).map(|_| is_dyn));
        let is_ref = ty.as_ref(db).is_some();
        for_each_part(db, ty, &mut |part, _| {
            walk(db, part, is_ref, depth + 1, out)
        });
    }
    let mut out = Vec::new();
    walk(db, ty, false, 0, &mut out);
    out
}

/// The slots that come before those of the parts.
pub(crate) fn own_slots(db: &dyn Db, ty: Ty) -> usize {
    match ty.kind(db) {
        TyKind::Ref { .. } => 1,
        // What it captured, and what its calls give.
        TyKind::Func { .. } => 2,
        // A future holds the arguments of its call.
        TyKind::Future(..) => 1,
        // So may what `impl B` stands for; an object holds what its value does.
        TyKind::Opaque(..) | TyKind::Dyn(_) | TyKind::Object(_) => 1,
        TyKind::Adt(adt, _) => adt_lives(db, *adt).count as usize,
        TyKind::Param(_) | TyKind::Projection(_) => 1,
        _ => 0,
    }
}

/// The parts of a type that have slots of their own, in order, with their index.
///
/// The types inside a `func` have none: what a call gives comes from what it got or captured.
pub(crate) fn for_each_part(db: &dyn Db, ty: Ty, f: &mut dyn FnMut(Ty, usize)) {
    match ty.kind(db) {
        TyKind::Ref { target: part, .. }
        | TyKind::RawPtr(part)
        | TyKind::Array(part, _)
        | TyKind::Slice(part) => f(*part, 0),
        TyKind::Tuple(parts) => {
            for (index, part) in parts.iter().enumerate() {
                f(*part, index);
            }
        }
        TyKind::Adt(_, args) => each_type_arg(db, *args, f),
        TyKind::Dyn(object) | TyKind::Object(object) => each_type_arg(db, object.args, f),
        TyKind::Closure(_, args) => {
            let captures = hir_ty::ClosureArgs(*args).captures(db);
            for (index, part) in captures.into_iter().enumerate() {
                f(part, index);
            }
        }
        _ => {}
    }
}

fn each_type_arg(db: &dyn Db, args: GenericArgs, f: &mut dyn FnMut(Ty, usize)) {
    for (index, arg) in args.list(db).iter().enumerate() {
        if let Some(ty) = arg.ty() {
            f(ty, index);
        }
    }
}

/// The variance of a type's parts and own slots: `(slot or part index) → variance`.
pub(crate) fn part_variance(db: &dyn Db, ty: Ty, index: usize) -> Variance {
    match ty.kind(db) {
        // Nothing is put in the place of what a view leads to.
        TyKind::Ref { target, .. } if matches!(target.kind(db), TyKind::Object(_)) => {
            Variance::Covariant
        }
        TyKind::Ref { mutable: true, .. } | TyKind::RawPtr(_) => Variance::Invariant,
        TyKind::Dyn(_) | TyKind::Object(_) => Variance::Invariant,
        TyKind::Adt(adt, _) => {
            let types = &adt_lives(db, *adt).type_variance;
            types.get(index).copied().unwrap_or(Variance::Invariant)
        }
        _ => Variance::Covariant,
    }
}

/// The variance of one of a type's own slots.
pub(crate) fn slot_variance(db: &dyn Db, ty: Ty, slot: usize) -> Variance {
    match ty.kind(db) {
        TyKind::Adt(adt, _) => {
            let own = &adt_lives(db, *adt).variance;
            own.get(slot).copied().unwrap_or(Variance::Invariant)
        }
        _ => Variance::Covariant,
    }
}

//! Behavior objects: `dyn B`, what its table holds, and what can be called through it
//! (reference §3.3).

use base::Db;
use hir_def::{AssocItemId, BehaviorId, ContainerId, FuncId, GenericDef};

use crate::generics::{BehaviorRef, elaborate, generics_of, identity_args, super_behaviors};
use crate::signature::{ReceiverForm, fn_type};
use crate::ty::{DynTy, GenericArg, GenericArgs, Ty, TyFolder, TyKind};

/// The behaviors that an object implements by being one: its own and what that extends.
pub fn object_bounds(db: &dyn Db, object: &DynTy, this: Ty) -> Vec<BehaviorRef> {
    let mut bounds = vec![object_head(db, object, this)];
    bounds.extend(object.markers.iter().map(|behavior| BehaviorRef {
        behavior: *behavior,
        args: GenericArgs::from_iter(db, [this.into()]),
    }));
    elaborate(db, &mut bounds);
    bounds
}

/// The behavior of an object, for a type.
pub fn object_head(db: &dyn Db, object: &DynTy, this: Ty) -> BehaviorRef {
    let args = std::iter::once(GenericArg::Ty(this)).chain(object.args.list(db).iter().copied());
    BehaviorRef {
        behavior: object.behavior,
        args: GenericArgs::from_iter(db, args.collect::<Vec<_>>()),
    }
}

/// The methods in an object's table, super-behaviors' first, in order of declaration.
pub fn object_slots(db: &dyn Db, object: &DynTy, this: Ty) -> Vec<(BehaviorRef, FuncId)> {
    let mut out = Vec::new();
    let mut seen = Vec::new();
    add_slots(db, object_head(db, object, this), &mut seen, &mut out);
    out
}

fn add_slots(
    db: &dyn Db,
    bound: BehaviorRef,
    seen: &mut Vec<BehaviorRef>,
    out: &mut Vec<(BehaviorRef, FuncId)>,
) {
    // Each behavior once: this also ends cycles.
    if seen.contains(&bound) {
        return;
    }
    seen.push(bound);
    for parent in super_behaviors(db, bound.behavior) {
        add_slots(db, parent.subst(db, bound.args), seen, out);
    }
    for (_, item) in &hir_def::signatures::behavior_data(db, bound.behavior).items {
        if let AssocItemId::Func(func) = item
            && is_object_method(db, *func)
        {
            out.push((bound, *func));
        }
    }
}

/// Whether a behavior's method can be called through `dyn`: it has a receiver, no type
/// parameters, and `This` occurs nowhere else.
#[salsa::tracked(returns(copy))]
pub fn is_object_method(db: &dyn Db, func: FuncId) -> bool {
    let ContainerId::Behavior(behavior) = func.container(db) else {
        return false;
    };
    let sig = fn_type(db, func);
    let Some(receiver) = sig.receiver else {
        return false;
    };
    let this = this_of(db, behavior);
    let receiver_ok = match receiver.form {
        ReceiverForm::Owned => receiver.passed == this,
        _ => true,
    };
    let own = generics_of(db, GenericDef::Func(func)).own().len();
    receiver_ok
        && own == 0
        && !sig.flags.is_async
        && sig.opaques.is_empty()
        && !sig.params.iter().any(|param| mentions(db, param.ty, this))
        && !mentions(db, sig.ret, this)
}

fn this_of(db: &dyn Db, behavior: BehaviorId) -> Ty {
    identity_args(db, GenericDef::Behavior(behavior)).ty(db, 0)
}

/// Whether `this` occurs in a type other than as the owner of an associated type.
fn mentions(db: &dyn Db, ty: Ty, this: Ty) -> bool {
    let mut finder = Mentions {
        db,
        this,
        found: false,
    };
    finder.fold_ty(ty);
    finder.found
}

struct Mentions<'db> {
    db: &'db dyn Db,
    this: Ty,
    found: bool,
}

impl TyFolder for Mentions<'_> {
    fn db(&self) -> &dyn Db {
        self.db
    }
    fn fold_ty(&mut self, ty: Ty) -> Ty {
        if ty == self.this {
            self.found = true;
            return ty;
        }
        match ty.kind(self.db) {
            TyKind::Projection(projection) if projection.args.ty(self.db, 0) == self.this => {
                for ty in projection.args.types(self.db).skip(1) {
                    self.fold_ty(ty);
                }
                ty
            }
            _ => self.super_fold(ty),
        }
    }
}

//! The hidden types of `-> impl B`: one of the facts that a body gives away (reference §4.5).

use base::Db;
use hir_def::{BodyOwner, ContainerId, FuncId, GenericDef};

use super::diagnostics::Site;
use super::{Goal, InferCtx, Obligation, infer};
use crate::ty::{Ty, TyFolder, TyKind};

/// The type behind the n-th `impl B` of a function's result, in terms of its parameters; `None`
/// if the body has not decided it.
///
/// Keyed by function and place; read where such a value meets an expected type, by questions
/// about copying and dropping, and by code generation. Re-runs with the body's inference; an
/// equal answer stops the change.
#[salsa::tracked(returns(copy), cycle_result = hidden_cycle)]
pub fn hidden_type(db: &dyn Db, func: FuncId, index: u32) -> Option<Ty> {
    // The body in a behavior decides for those only that have no other.
    match func.container(db) {
        ContainerId::Behavior(_) => None,
        _ => decided_type(db, func, index),
    }
}

/// The same of a body in a behavior: for types whose implementation has none of its own.
#[salsa::tracked(returns(copy), cycle_result = hidden_cycle)]
fn decided_type(db: &dyn Db, func: FuncId, index: u32) -> Option<Ty> {
    let hidden = infer(db, BodyOwner::Func(func)).opaques.get(index as usize);
    hidden.copied().filter(|ty| !ty.has_error(db))
}

fn hidden_cycle(_: &dyn Db, _: salsa::Id, _: FuncId, _: u32) -> Option<Ty> {
    None
}

/// Replaces opaque types by what they hide: how code generation sees a type. Those of behaviors'
/// methods have been replaced by what implementations say; what is left has the behavior's body.
pub fn reveal(db: &dyn Db, ty: Ty) -> Ty {
    let mut has = false;
    crate::ty::walk_ty(db, ty, &mut |ty| {
        has |= matches!(ty.kind(db), TyKind::Opaque(..))
    });
    match has {
        true => Reveal { db, depth: 0 }.fold_ty(ty),
        false => ty,
    }
}

struct Reveal<'db> {
    db: &'db dyn Db,
    depth: u32,
}

/// Opaque types that hide opaque ones are followed so far; guessed, real ones nest twice.
const REVEAL_DEPTH_MAX: u32 = 64;

impl TyFolder for Reveal<'_> {
    fn db(&self) -> &dyn Db {
        self.db
    }
    fn fold_ty(&mut self, ty: Ty) -> Ty {
        let TyKind::Opaque(func, index, args) = *ty.kind(self.db) else {
            return self.super_fold(ty);
        };
        if self.depth > REVEAL_DEPTH_MAX {
            return Ty::error(self.db);
        }
        if self.depth > 0 && ty.is_chosen_by_impl(self.db) {
            return ty;
        }
        let Some(hidden) = decided_type(self.db, func, index) else {
            return Ty::error(self.db);
        };
        self.depth += 1;
        let ty = self.fold_ty(hidden.subst(self.db, args));
        self.depth -= 1;
        ty
    }
}

/// Puts variables in place of a function's own opaque types.
struct Open<'a, 'db> {
    db: &'db dyn Db,
    func: FuncId,
    vars: &'a [Ty],
}

impl TyFolder for Open<'_, '_> {
    fn db(&self) -> &dyn Db {
        self.db
    }
    fn fold_ty(&mut self, ty: Ty) -> Ty {
        match ty.kind(self.db) {
            TyKind::Opaque(func, index, _) if *func == self.func => {
                let var = self.vars.get(*index as usize).copied();
                var.unwrap_or_else(|| Ty::error(self.db))
            }
            _ => self.super_fold(ty),
        }
    }
}

/// A type of a function's own signature as its body sees it: with what the body decided in place
/// of its opaque types.
pub fn inside(db: &dyn Db, func: FuncId, ty: Ty) -> Ty {
    let vars = &infer(db, BodyOwner::Func(func)).opaques;
    if vars.is_empty() {
        return ty;
    }
    Open { db, func, vars }.fold_ty(ty)
}

impl InferCtx<'_> {
    /// The result type of the function being inferred, with variables for what its body decides,
    /// each with the bounds that the declaration states.
    pub(super) fn open_result(&mut self, func: FuncId) -> Ty {
        let db = self.db;
        let sig = crate::signature::fn_type(db, func);
        if sig.opaques.is_empty() || !sig.flags.has_body {
            return sig.ret;
        }
        let vars: Vec<Ty> = sig.opaques.iter().map(|_| self.new_var()).collect();
        let mut open = Open {
            db,
            func,
            vars: &vars,
        };
        let ret = open.fold_ty(sig.ret);
        for predicate in sig.opaques.iter().flat_map(|decl| &decl.predicates) {
            let predicate = match predicate {
                crate::generics::Predicate::Implements(bound) => {
                    crate::generics::Predicate::Implements(crate::generics::BehaviorRef {
                        behavior: bound.behavior,
                        args: open.fold_args(bound.args),
                    })
                }
                crate::generics::Predicate::Equal(a, b) => {
                    crate::generics::Predicate::Equal(open.fold_ty(*a), open.fold_ty(*b))
                }
            };
            self.pending.push(Obligation {
                goal: Goal::Predicate(predicate),
                site: Site::Expr(self.body.root),
                required_by: Some(GenericDef::Func(func)),
                fuel: super::OBLIGATION_FUEL,
            });
        }
        self.result.opaques = vars.into();
        ret
    }
}

//! C3 for results that are not known yet: whether a value or a reference is meant.

use crate::generics::{BehaviorRef, Predicate};
use crate::infer::{Goal, InferCtx};
use crate::ty::{Ty, TyKind};

impl InferCtx<'_> {
    /// Whether the bounds of a type variable fit a value of type `target` and not the reference
    /// to one that is wanted: `join(words.collect(), ", ")` collects a list.
    pub(super) fn bounds_want_value(&mut self, var: Ty, reference: Ty, target: Ty) -> bool {
        let db = self.db;
        let mut bounds = Vec::new();
        for obligation in &self.pending {
            if let Goal::Predicate(Predicate::Implements(bound)) = &obligation.goal {
                bounds.push(*bound);
            }
        }
        bounds.retain(|bound| {
            let subject = self.table.shallow(bound.self_ty(db));
            matches!(subject.kind(db), TyKind::Infer(_)) && subject == var
        });
        !bounds.is_empty()
            && !self.bounds_may_hold(&bounds, var, reference)
            && self.bounds_may_hold(&bounds, var, target)
    }

    fn bounds_may_hold(&mut self, bounds: &[BehaviorRef], var: Ty, ty: Ty) -> bool {
        let snapshot = self.table.snapshot();
        let holds = self.table.unify(var, ty).is_ok()
            && bounds.iter().all(|bound| {
                let args = self.table.resolve_args(bound.args);
                self.may_hold(BehaviorRef { args, ..*bound })
            });
        self.table.rollback(snapshot);
        holds
    }
}

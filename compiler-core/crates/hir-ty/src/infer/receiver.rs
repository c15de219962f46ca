//! Receivers of other types than `This`, and of objects.

use hir_def::{AssocItemId, FuncId, GenericDef};

use super::InferCtx;
use super::method::Pick;
use crate::generics::BehaviorRef;
use crate::members::behaviors_with;
use crate::signature::{behavior_item, fn_type};
use crate::ty::{GenericArgs, Ty, TyKind};

impl InferCtx<'_> {
    /// Methods with `this: Arc[This]` and the like, for a type `Arc[T]`: members of `T`.
    pub(super) fn typed_receivers(&mut self, ty: Ty, name: &str) -> Vec<(FuncId, GenericArgs)> {
        let db = self.db;
        let Some((_, args)) = ty.as_adt(db) else {
            return Vec::new();
        };
        let Some(inner) = args.types(db).next() else {
            return Vec::new();
        };
        let inner = self.known(inner);
        let inner = self.known(inner.strip_refs(db));
        if matches!(inner.kind(db), TyKind::Infer(_)) {
            return Vec::new();
        }
        let mut found: Vec<(FuncId, GenericArgs)> = Vec::new();
        for (item, args) in self.inherent_items(inner, name) {
            if let AssocItemId::Func(func) = item {
                found.push((func, args));
            }
        }
        for behavior in behaviors_with(db, self.package, name) {
            if let Some(AssocItemId::Func(func)) = behavior_item(db, behavior, name)
                && has_typed_receiver(db, func)
            {
                let args = self.behavior_args(behavior, inner);
                if self.may_hold(BehaviorRef { behavior, args }) {
                    found.push((func, args));
                }
            }
        }
        found.retain(|(func, args)| {
            has_typed_receiver(db, *func)
                && fn_type(db, *func).receiver.is_some_and(|receiver| {
                    let passed = self.instantiate(receiver.passed, *args);
                    self.same_head(passed, ty)
                })
        });
        found.truncate(1);
        found
    }

    /// T033: whether a member of an object's behavior is not in its table.
    pub(super) fn is_beyond_object(&mut self, pick: &Pick) -> bool {
        let db = self.db;
        let hir_def::ContainerId::Behavior(behavior) = pick.func.container(db) else {
            return false;
        };
        let at = self.table.shallow(pick.at);
        let Some(object) = at.as_dyn(db) else {
            return false;
        };
        let bounds = crate::object::object_bounds(db, object, at);
        if !bounds.iter().any(|bound| bound.behavior == behavior) {
            return false;
        }
        let by_value = fn_type(db, pick.func)
            .receiver
            .is_some_and(|receiver| receiver.form == crate::signature::ReceiverForm::Owned);
        !crate::object::is_object_method(db, pick.func)
            || (by_value && matches!(at.kind(db), TyKind::Object(_)))
    }
}

/// Whether a method takes its receiver as a value of another type than `This` or a reference to
/// it.
pub(super) fn has_typed_receiver(db: &dyn base::Db, func: FuncId) -> bool {
    let Some(receiver) = fn_type(db, func).receiver else {
        return false;
    };
    let this = crate::generics::this_type(db, GenericDef::Func(func));
    receiver.form == crate::signature::ReceiverForm::Owned && Some(receiver.passed) != this
}

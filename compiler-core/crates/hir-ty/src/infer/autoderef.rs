//! Looking through references and smart pointers, and using what is found there exclusively.
//!
//! A place is first resolved for reading: `Deref.deref`, `Index.index`. When its context turns
//! out to change it, [`InferCtx::use_exclusively`] goes over the place again and puts
//! `DerefMut.deref_mut` and `IndexMut.index_mut` in their stead.

use hir_def::body::{Expr, ExprId, UnaryOp};
use hir_def::{BehaviorId, FuncId, Name};

use super::InferCtx;
use super::result::{Adjust, Adjustment, CallRes, Callee, IndexRes};
use crate::generics::BehaviorRef;
use crate::ty::{GenericArgs, Projection, Ty, TyKind};

impl InferCtx<'_> {
    /// One step from a type to what it leads to: through a reference, or by `Deref`.
    pub(super) fn deref_step(&mut self, ty: Ty) -> Option<Adjustment> {
        let db = self.db;
        let ty = self.known(ty);
        if let Some((_, target)) = ty.as_ref(db) {
            let target = self.known(target);
            let kind = Adjust::Deref;
            return Some(Adjustment { kind, target });
        }
        self.deref_overloaded(ty)
    }

    /// The same by `Deref` only.
    pub(super) fn deref_overloaded(&mut self, ty: Ty) -> Option<Adjustment> {
        let db = self.db;
        if !matches!(
            ty.kind(db),
            TyKind::Adt(..) | TyKind::Param(_) | TyKind::Projection(_)
        ) {
            return None;
        }
        let (behavior, func) = crate::lang::method_of(db, self.lang.deref, "deref")?;
        let args = GenericArgs::from_iter(db, [ty.into()]);
        if !self.goal_holds(BehaviorRef { behavior, args }) {
            return None;
        }
        let target = self.assoc_output(behavior, "Target", args);
        let callee = Callee { func, args };
        let kind = Adjust::OverloadedDeref {
            callee,
            mutable: false,
        };
        Some(Adjustment { kind, target })
    }

    /// `<args[0] as behavior[…]>::name`, as far as it is known.
    pub(super) fn assoc_output(
        &mut self,
        behavior: BehaviorId,
        name: &'static str,
        args: GenericArgs,
    ) -> Ty {
        let db = self.db;
        let projection = Projection {
            behavior,
            name: Name::new_static(name),
            args: self.table.resolve_args(args),
        };
        let ty = self.normalize(Ty::new(db, TyKind::Projection(projection)));
        self.known(ty)
    }

    /// The exclusive counterpart of a place-giving method, if the type has it.
    fn exclusive_method(
        &mut self,
        behavior: Option<BehaviorId>,
        method: &str,
        args: GenericArgs,
    ) -> Option<FuncId> {
        let (behavior, func) = crate::lang::method_of(self.db, behavior, method)?;
        self.goal_holds(BehaviorRef { behavior, args })
            .then_some(func)
    }

    /// Notes that a place is changed or borrowed exclusively: methods on the way to it become
    /// their exclusive counterparts. Where there is none, the shared one stays, and the borrow
    /// checker says that the place is reached through shared access.
    pub(super) fn use_exclusively(&mut self, place: ExprId) {
        let mut next = Some(place);
        while let Some(expr) = next {
            next = None;
            if !self.exclusive_steps(expr) {
                return;
            }
            match &self.body[expr] {
                Expr::Field { base, .. } => next = Some(*base),
                Expr::Index { base, .. } | Expr::PathOrIndex { base, .. } => {
                    if let Some(IndexRes::Method(callee)) = self.result.indexes.get(&expr).cloned()
                        && let Some(func) =
                            self.exclusive_method(self.lang.index_mut, "index_mut", callee.args)
                    {
                        let callee = Callee { func, ..callee };
                        self.result.indexes.insert(expr, IndexRes::Method(callee));
                    }
                    if self.result.indexes.contains_key(&expr) {
                        next = Some(*base);
                    }
                }
                Expr::Unary {
                    op: UnaryOp::Deref,
                    operand,
                } => match self.result.calls.get(&expr).cloned() {
                    Some(CallRes::Func { callee, order }) => {
                        if let Some(func) =
                            self.exclusive_method(self.lang.deref_mut, "deref_mut", callee.args)
                        {
                            let callee = Callee { func, ..callee };
                            self.result
                                .calls
                                .insert(expr, CallRes::Func { callee, order });
                        }
                        next = Some(*operand);
                    }
                    _ => {
                        let ty = self.result.adjusted_ty(*operand);
                        let ty = ty.map(|ty| self.table.shallow(ty));
                        if let Some((true, _)) = ty.and_then(|ty| ty.as_ref(self.db)) {
                            next = Some(*operand);
                        }
                    }
                },
                _ => {}
            }
        }
    }

    /// The adjustments of one expression. `false` if a shared reference or a pointer is on the
    /// way: what comes before it is only read.
    fn exclusive_steps(&mut self, expr: ExprId) -> bool {
        let db = self.db;
        let Some(mut steps) = self.result.adjustments.remove(&expr).map(Vec::from) else {
            return true;
        };
        let start = self.result.expr_ty(expr).unwrap_or_else(|| self.error_ty());
        let mut go_on = true;
        for index in (0..steps.len()).rev() {
            let before = match index.checked_sub(1).and_then(|i| steps.get(i)) {
                Some(step) => step.target,
                None => start,
            };
            match steps[index].kind.clone() {
                Adjust::Deref => {
                    let before = self.table.shallow(before);
                    if !matches!(before.as_ref(db), Some((true, _))) {
                        go_on = false;
                        break;
                    }
                }
                Adjust::OverloadedDeref { callee, .. } => {
                    if let Some(func) =
                        self.exclusive_method(self.lang.deref_mut, "deref_mut", callee.args)
                    {
                        let callee = Callee { func, ..callee };
                        steps[index].kind = Adjust::OverloadedDeref {
                            callee,
                            mutable: true,
                        };
                    }
                }
                _ => {}
            }
        }
        self.result.adjustments.insert(expr, steps.into());
        go_on
    }
}

//! Comparisons of anything but primitives (reference §5.6).

use hir_def::FuncId;
use hir_def::body::{BinaryOp, ExprId};

use super::InferCtx;
use super::diagnostics::InferDiagnostic;
use super::result::{Callee, OpRes};
use crate::generics::BehaviorRef;
use crate::lang::method_of;
use crate::solve::{Answer, Solver};
use crate::ty::{GenericArgs, Ty, TyKind};

impl InferCtx<'_> {
    /// `== != < <= > >=` on anything but primitives.
    pub(super) fn comparison(
        &mut self,
        expr: ExprId,
        op: BinaryOp,
        (left, left_ty): (ExprId, Ty),
        (right, right_ty): (ExprId, Ty),
    ) -> bool {
        let db = self.db;
        let is_eq = matches!(op, BinaryOp::Eq | BinaryOp::Ne);
        let (l, r) = (left_ty.strip_refs(db), right_ty.strip_refs(db));
        if is_eq
            && self.object_comparison(expr, op == BinaryOp::Ne, (left, left_ty), (right, right_ty))
        {
            return true;
        }
        if self.unify_quietly(l, r).is_none() {
            return false;
        }
        self.select(false);
        let ty = self.table.resolve(l);
        if ty.has_error(db) {
            return true;
        }
        let method = if is_eq {
            let name = if op == BinaryOp::Eq { "eq" } else { "ne" };
            method_of(db, self.lang.partial_eq, name)
                .map(|found| (found, false))
                .or_else(|| {
                    let found = method_of(db, self.lang.partial_eq, "eq")?;
                    Some((found, op == BinaryOp::Ne))
                })
        } else {
            let name = match op {
                BinaryOp::Lt => "lt",
                BinaryOp::Le => "le",
                BinaryOp::Gt => "gt",
                _ => "ge",
            };
            method_of(db, self.lang.partial_ord, name).map(|found| (found, false))
        };
        let is_param = matches!(ty.kind(db), TyKind::Param(_));
        let implied = is_param && self.may_imply(ty);
        if let Some(((behavior, func), negate)) = method {
            let args = crate::props::partial_eq_args(db, behavior, ty);
            let ordered = !is_eq && self.is_ordered_aggregate(ty);
            let structural = {
                let mut solver = Solver {
                    table: &mut self.table,
                    env: self.env,
                    depth: 0,
                };
                match solver.solve_deep(BehaviorRef { behavior, args }) {
                    Answer::Yes(crate::solve::Selection::Builtin) => Some(true),
                    Answer::Yes(_) => Some(false),
                    Answer::No => None,
                    // Still open parts: components decide at the end.
                    Answer::Unknown if is_eq => Some(true),
                    Answer::Unknown => ordered.then_some(false),
                }
            };
            match structural {
                Some(false) => {
                    return self.comparison_method(
                        expr,
                        (left, left_ty),
                        (right, right_ty),
                        func,
                        args,
                        negate,
                    );
                }
                None if implied => {
                    self.result.implied.push((ty, behavior, expr));
                    return self.comparison_method(
                        expr,
                        (left, left_ty),
                        (right, right_ty),
                        func,
                        args,
                        negate,
                    );
                }
                Some(true) => {
                    self.read_value(left, left_ty);
                    self.read_value(right, right_ty);
                    self.result.ops.insert(expr, OpRes::Structural);
                    return true;
                }
                None => {}
            }
        } else if is_eq && crate::props::is_comparable(db, ty, self.env) {
            self.read_value(left, left_ty);
            self.read_value(right, right_ty);
            self.result.ops.insert(expr, OpRes::Structural);
            return true;
        }
        if is_param {
            let behavior = if is_eq {
                self.lang.partial_eq
            } else {
                self.lang.partial_ord
            };
            self.error(InferDiagnostic::NeedsBound {
                expr,
                param: ty,
                behavior,
                op: Some(op),
            });
            return true;
        }
        false
    }

    fn comparison_method(
        &mut self,
        expr: ExprId,
        (left, left_ty): (ExprId, Ty),
        (right, right_ty): (ExprId, Ty),
        func: FuncId,
        args: GenericArgs,
        negate: bool,
    ) -> bool {
        let callee = Callee { func, args };
        let l = self.read_value(left, left_ty);
        self.borrow_operand(left, l, callee, 0);
        let r = self.read_value(right, right_ty);
        self.borrow_operand(right, r, callee, 1);
        self.result
            .ops
            .insert(expr, OpRes::Method { callee, negate });
        true
    }

    /// Whether a parameter without any bound may be compared and copied (§3.4).
    pub(super) fn may_imply(&self, ty: Ty) -> bool {
        let db = self.db;
        let hir_def::BodyOwner::Func(func) = self.owner else {
            return false;
        };
        let in_behavior = match func.container(db) {
            hir_def::ContainerId::Behavior(_) => true,
            hir_def::ContainerId::Impl(id) => {
                !hir_def::signatures::impl_data(db, id).behaviors.is_empty()
            }
            hir_def::ContainerId::Class(_) => crate::classes::slot_of(db, func).is_some(),
            _ => false,
        };
        !in_behavior
            && !self
                .env
                .data(db)
                .bounds
                .iter()
                .any(|bound| bound.self_ty(db) == ty)
    }

    /// Tuples, arrays and generic types of numbers whose type is still open: their
    /// implementations order them.
    fn is_ordered_aggregate(&mut self, ty: Ty) -> bool {
        let db = self.db;
        let ordered = |ctx: &mut Self, ty: Ty| {
            let ty = ctx.table.resolve(ty);
            matches!(
                ty.kind(db),
                TyKind::Bool | TyKind::Int(_) | TyKind::Float(_) | TyKind::Char | TyKind::Str
            ) || ctx.table.var_kind(ty).is_some_and(super::coerce::is_number)
                || ctx.is_ordered_aggregate(ty)
        };
        match ty.kind(db) {
            TyKind::Tuple(parts) => parts.iter().all(|part| ordered(self, *part)),
            TyKind::Array(element, _) => ordered(self, *element),
            TyKind::Adt(_, args) => {
                let parts: Vec<Ty> = args.types(db).collect();
                !parts.is_empty() && parts.into_iter().all(|part| ordered(self, part))
            }
            _ => false,
        }
    }
}

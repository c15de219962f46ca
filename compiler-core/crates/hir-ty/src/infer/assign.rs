//! Assignments, plain and compound, also to properties.

use hir_def::body::{BinaryOp, Expr, ExprId};

use super::diagnostics::{Expected, InferDiagnostic, Site};
use super::result::{Adjust, Adjustment};
use super::{Expectation, InferCtx};

impl InferCtx<'_> {
    pub(super) fn infer_assign(
        &mut self,
        expr: ExprId,
        op: Option<BinaryOp>,
        target: ExprId,
        value: ExprId,
    ) {
        let db = self.db;
        // `_ = e` and the like do not exist; the target is a place.
        let indexed = match &self.body[target] {
            Expr::Index { base, index } => Some((*base, *index)),
            Expr::PathOrIndex { path, base, index } if !self.path_takes_args(target, path) => {
                Some((*base, *index))
            }
            _ => None,
        };
        let outer = self.assigned.replace(target);
        let target_ty = match indexed {
            Some(parts) if op.is_none() => self.infer_index_target(expr, target, parts, value),
            _ => Some(self.infer_expr(target, Expectation::None)),
        };
        self.assigned = outer;
        let Some(target_ty) = target_ty else { return };
        let target_ty = self.known(target_ty);
        if let (Some(_), Some((base, index))) = (op, indexed) {
            self.set_after_reading(target, (base, index), target_ty);
        }
        if self.result.setters.contains_key(&target) {
            if op.is_some()
                && !self.result.calls.contains_key(&target)
                && let Expr::Field { name, .. } = &self.body[target]
            {
                let name = name.clone();
                self.error(InferDiagnostic::NoAccessor {
                    expr: target,
                    name,
                    is_setter: false,
                });
            }
        } else if !target_ty.is_error(db) {
            self.check_assignable(expr, target);
            self.use_exclusively(target);
        }
        if target_ty.is_unsized(db) {
            self.infer_expr(value, Expectation::None);
            let (site, ty) = (Site::Expr(target), self.table.resolve(target_ty));
            self.error(InferDiagnostic::Unsized { site, ty });
            return;
        }
        match op {
            None => {
                // `p = v` through a `mut ref T`.
                if let Some((true, inner)) = target_ty.as_ref(db) {
                    let found = self.infer_expr(value, Expectation::Has(inner));
                    let found = self.known(found);
                    if found.as_ref(db).is_none() {
                        let step = Adjustment {
                            kind: Adjust::Deref,
                            target: inner,
                        };
                        self.adjust(target, vec![step]);
                        self.coerce_expr(value, found, inner, Expected::Assignment(target), false);
                    } else {
                        let why = Expected::Assignment(target);
                        self.coerce_expr(value, found, target_ty, why, false);
                    }
                    return;
                }
                self.check(value, target_ty, Expected::Assignment(target));
            }
            Some(op) => {
                let hint = match op {
                    BinaryOp::Shl | BinaryOp::Shr | BinaryOp::Pow => Expectation::None,
                    _ => Expectation::Has(target_ty.strip_refs(db)),
                };
                let found = self.infer_expr(value, hint);
                let found = self.known(found);
                let result = self.binary_types(expr, op, (target, target_ty), (value, found), true);
                let target_value = target_ty.strip_refs(db);
                if !result.is_unit(db) && self.unify_quietly(result, target_value).is_none() {
                    let left = self.table.resolve(target_ty);
                    let right = self.table.resolve(found);
                    let assign = true;
                    self.error(InferDiagnostic::BinaryOp {
                        expr,
                        op,
                        left,
                        right,
                        assign,
                    });
                }
            }
        }
    }
}

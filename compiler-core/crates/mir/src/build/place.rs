//! Expressions as places.

use hir_def::body::{Expr, ExprId, UnaryOp};
use hir_ty::{Adjust, Adjustment, FieldRes, IndexRes, PathRes, Ty};

use super::Builder;
use crate::data::*;
use crate::tys;

impl<'a> Builder<'a> {
    /// Where the value of an expression is; what is no place is put into a temporary.
    pub(super) fn place(&mut self, expr: ExprId) -> Place {
        let steps = self.infer.adjustments(expr);
        self.adjusted_place(expr, steps)
    }

    pub(super) fn adjusted_place(&mut self, expr: ExprId, steps: &'a [Adjustment]) -> Place {
        let outer = std::mem::replace(&mut self.source, expr.into());
        let place = match steps.split_last() {
            Some((
                Adjustment {
                    kind: Adjust::Deref,
                    ..
                },
                rest,
            )) => self.adjusted_place(expr, rest).deref(),
            Some((
                Adjustment {
                    kind: Adjust::OverloadedDeref { callee, .. },
                    target,
                },
                rest,
            )) => {
                let base = self.adjusted_place(expr, rest);
                self.overloaded_place(*callee, base, Vec::new(), *target)
            }
            None if self.is_place(expr) => self.raw_place(expr),
            _ => {
                let ty = steps.last().map(|step| step.target);
                let ty = ty.unwrap_or_else(|| self.expr_ty(expr));
                // Literal texts are never freed.
                let temp = match &self.hir[expr] {
                    Expr::Literal(_) if steps.is_empty() => self.temp(ty),
                    _ => self.place_temp(expr, ty),
                };
                self.adjusted_to(Some(&temp.into()), expr, steps);
                temp.into()
            }
        };
        self.source = outer;
        place
    }

    /// Whether an expression, before adjustments, names a place.
    pub(super) fn is_place(&self, expr: ExprId) -> bool {
        match &self.hir[expr] {
            Expr::Local(_) => !self.infer.narrowed.contains(&expr),
            Expr::Path(_) | Expr::Field { .. } if let Some(path) = self.infer.paths.get(&expr) => {
                matches!(path, PathRes::Static(_) | PathRes::Local(_))
            }
            Expr::Field { .. } => self.infer.fields.contains_key(&expr),
            Expr::Index { .. } | Expr::PathOrIndex { .. } => matches!(
                self.infer.indexes.get(&expr),
                Some(IndexRes::Array | IndexRes::Slice | IndexRes::Method(_))
            ),
            Expr::Unary {
                op: UnaryOp::Deref, ..
            } => true,
            _ => false,
        }
    }

    pub(super) fn raw_place(&mut self, expr: ExprId) -> Place {
        let hir = self.hir;
        let infer = self.infer;
        match &hir[expr] {
            Expr::Local(local) => {
                self.use_of_this(*local);
                self.local_place(*local)
            }
            Expr::Path(_) | Expr::Field { .. } if let Some(path) = infer.paths.get(&expr) => {
                match path {
                    PathRes::Static(item) => {
                        let pointer = Ty::raw_ptr(self.db, self.expr_ty(expr));
                        let address = self.constant(pointer, ConstKind::StaticAddr(*item));
                        let temp = self.temp(pointer);
                        self.assign_operand(&temp.into(), address);
                        Place::local(temp).deref()
                    }
                    PathRes::Local(local) => self.local_place(*local),
                    _ => self.no_place(expr),
                }
            }
            Expr::Field { base, .. }
                if let Some(FieldRes::Field(field)) = infer.fields.get(&expr)
                    && matches!(field.parent, hir_def::VariantDef::Class(_)) =>
            {
                self.class_field_place(expr, *base, *field)
            }
            Expr::Field { base, .. } => {
                let place = self.place(*base);
                let place = self.strip_refs(place);
                match infer.fields.get(&expr) {
                    Some(FieldRes::Field(field)) => place.field(field.index, self.expr_ty(expr)),
                    Some(FieldRes::Tuple(index)) => place.field(*index, self.expr_ty(expr)),
                    None => self.no_place(expr),
                }
            }
            Expr::Index { base, index } | Expr::PathOrIndex { base, index, .. } => {
                self.index_place(expr, *base, *index)
            }
            Expr::Unary {
                op: UnaryOp::Deref,
                operand,
            } => {
                let place = self.place(*operand);
                match infer.calls.get(&expr) {
                    Some(hir_ty::CallRes::Func { callee, .. }) => {
                        let target = self.expr_ty(expr);
                        self.overloaded_place(*callee, place, Vec::new(), target)
                    }
                    _ => place.deref(),
                }
            }
            _ => self.no_place(expr),
        }
    }

    pub(super) fn local_place(&mut self, local: hir_def::body::LocalId) -> Place {
        match self.vars.get(&local) {
            Some(place) => place.clone(),
            None => {
                // A name whose binding was not lowered, after an error.
                self.unsupported("this name");
                Place::local(self.temp(self.local_ty(local)))
            }
        }
    }

    /// A stand-in after an error.
    fn no_place(&mut self, expr: ExprId) -> Place {
        self.unsupported("this place");
        Place::local(self.temp(self.expr_ty(expr)))
    }

    /// The place behind all references.
    pub(super) fn strip_refs(&self, place: Place) -> Place {
        let mut place = place;
        let mut ty = self.place_ty(&place);
        while let Some((_, target)) = ty.as_ref(self.db) {
            place = place.deref();
            ty = target;
        }
        place
    }

    fn index_place(&mut self, expr: ExprId, base: ExprId, index: ExprId) -> Place {
        let infer = self.infer;
        let place = self.place(base);
        if let Some(IndexRes::Method(callee)) = infer.indexes.get(&expr) {
            let index = self.operand(index);
            let target = self.expr_ty(expr);
            return self.overloaded_place(*callee, place, vec![index], target);
        }
        let place = self.strip_refs(place);
        let index_ty = self.adjusted_ty(index);
        let index_operand = self.operand(index);
        let temp = self.temp(index_ty);
        self.assign_operand(&temp.into(), Self::reread(&index_operand));
        let len = self.temp(Ty::i64(self.db));
        self.assign(&len.into(), Rvalue::Len(place.clone()));
        self.check_bounds(
            Operand::Copy(temp.into()),
            index_ty,
            Operand::Copy(len.into()),
        );
        place.project(Projection::Index(temp))
    }

    /// The place that a method returns a reference to: `Index.index`, `Deref.deref`.
    pub(super) fn overloaded_place(
        &mut self,
        callee: hir_ty::Callee,
        base: Place,
        args: Vec<Operand>,
        target: Ty,
    ) -> Place {
        let temp = self.place_reference(callee, base, args, target);
        Place::local(temp).deref()
    }

    /// The reference itself.
    pub(super) fn place_reference(
        &mut self,
        callee: hir_ty::Callee,
        base: Place,
        mut args: Vec<Operand>,
        target: Ty,
    ) -> Local {
        let sig = tys::callee_sig(self.db, self.body.owner, callee);
        let receiver = sig
            .params
            .first()
            .copied()
            .unwrap_or_else(|| Ty::error(self.db));
        let place = self.strip_refs(base);
        let mutable = receiver.as_ref(self.db).is_some_and(|(mutable, _)| mutable);
        let kind = if mutable {
            BorrowKind::Implicit
        } else {
            BorrowKind::Shared
        };
        let borrow = self.borrow(receiver, kind, place);
        args.insert(0, borrow);
        let args = self.with_location(callee.func, args);
        let result = Ty::reference(self.db, mutable, target);
        let temp = self.temp(result);
        self.call(Callee::Func(callee.func, callee.args), args, &temp.into());
        temp
    }
}

//! Expressions as operands, and simple expressions as right sides.

use hir_def::body::{
    BinaryOp as HirBinaryOp, Expr, ExprId, Literal, PseudoConst, UnaryOp as HirUnaryOp,
};
use hir_ty::{Adjust, Adjustment, OpRes, PathRes, Ty, TyKind};

use super::Builder;
use crate::data::*;
use crate::tys;

impl<'a> Builder<'a> {
    /// The value of an expression, to be consumed by the very next statement.
    pub(super) fn operand(&mut self, expr: ExprId) -> Operand {
        let steps = self.infer.adjustments(expr);
        self.adjusted_operand(expr, steps)
    }

    pub(super) fn adjusted_operand(&mut self, expr: ExprId, steps: &'a [Adjustment]) -> Operand {
        let outer = std::mem::replace(&mut self.source, expr.into());
        let mark = self.access_mark();
        let operand = match steps.split_last() {
            Some((
                Adjustment {
                    kind: Adjust::Deref,
                    ..
                },
                rest,
            )) => {
                let place = self.adjusted_place(expr, rest).deref();
                self.read_out(place, mark)
            }
            Some((
                Adjustment {
                    kind: Adjust::OverloadedDeref { .. },
                    ..
                },
                _,
            )) => {
                let place = self.adjusted_place(expr, steps);
                self.read_out(place, mark)
            }
            None if self.is_place(expr) => {
                let place = self.raw_place(expr);
                self.read_out(place, mark)
            }
            None if self.is_constant(expr) => self.constant_operand(expr),
            _ => {
                let ty = steps.last().map(|step| step.target);
                let temp = self.owned_temp(ty.unwrap_or_else(|| self.expr_ty(expr)));
                self.adjusted_to(Some(&temp.into()), expr, steps);
                Operand::Move(temp.into())
            }
        };
        self.source = outer;
        operand
    }

    /// Values of several expressions, each taken when its turn comes.
    pub(super) fn operands(&mut self, exprs: &[ExprId]) -> Vec<Operand> {
        let mut operands = Vec::with_capacity(exprs.len());
        for (i, expr) in exprs.iter().enumerate() {
            let operand = self.operand(*expr);
            // Code of later expressions must not see or change what was read before.
            let rest = exprs.get(i + 1..).unwrap_or(&[]);
            operands.push(self.hold(operand, rest));
        }
        operands
    }

    /// Keeps an operand's value apart while other expressions are evaluated.
    pub(super) fn hold(&mut self, operand: Operand, meanwhile: &[ExprId]) -> Operand {
        let is_temp = |place: &Place| {
            place.as_local().is_some_and(|local| {
                self.body
                    .locals
                    .get(local)
                    .is_some_and(|decl| decl.kind == LocalKind::Temp)
            })
        };
        match operand.place() {
            Some(place) if !is_temp(place) && !meanwhile.iter().all(|e| self.is_direct(*e)) => {
                let ty = self.place_ty(place);
                self.value(ty, Rvalue::Use(operand))
            }
            _ => operand,
        }
    }

    /// Whether evaluating the expression as an operand appends no code at all.
    fn is_direct(&self, expr: ExprId) -> bool {
        let derefs = |step: &Adjustment| matches!(step.kind, Adjust::Deref);
        if !self.infer.adjustments(expr).iter().all(derefs) {
            return false;
        }
        match &self.hir[expr] {
            Expr::Local(_) => !self.infer.narrowed.contains(&expr) && self.ctor.is_none(),
            Expr::Field { base, .. } => self.is_place(expr) && self.is_direct(*base),
            _ => self.is_constant(expr),
        }
    }

    /// Copies or moves a value out of a place, as its type says.
    pub(super) fn read(&mut self, place: Place) -> Operand {
        self.check_access(&place, false);
        self.read_unchecked(place)
    }

    /// The same where nothing can be changing the place: in an object, its state has been looked
    /// at.
    pub(super) fn read_unchecked(&self, place: Place) -> Operand {
        let ty = self.place_ty(&place);
        if self.is_copy(ty) || self.is_implied_copy(&place, ty) {
            Operand::Copy(place)
        } else {
            Operand::Move(place)
        }
    }

    /// Copying out of a borrowed place implies `Copy` on a parameter without bounds (reference
    /// §3.4).
    fn is_implied_copy(&self, place: &Place, ty: Ty) -> bool {
        let is_borrowed = place
            .projection
            .iter()
            .any(|step| !matches!(step, Projection::Field(..) | Projection::Downcast(_)));
        is_borrowed && tys::is_unbounded_param(self.db, self.body.owner, ty)
    }

    /// Reads a place without ever moving out of it: for scalars read twice.
    pub(super) fn reread(operand: &Operand) -> Operand {
        match operand {
            Operand::Move(place) => Operand::Copy(place.clone()),
            other => other.clone(),
        }
    }

    fn is_constant(&self, expr: ExprId) -> bool {
        match &self.hir[expr] {
            Expr::Literal(_) => true,
            Expr::Pseudo(PseudoConst::File | PseudoConst::DirName) => true,
            Expr::Path(_) | Expr::PathOrIndex { .. } | Expr::Field { .. } => matches!(
                self.infer.paths.get(&expr),
                Some(
                    PathRes::Func(..)
                        | PathRes::Ctor(..)
                        | PathRes::Const(..)
                        | PathRes::ConstParam(_)
                )
            ),
            Expr::Unary {
                op: HirUnaryOp::Neg,
                operand,
            } => {
                matches!(self.infer.ops.get(&expr), Some(OpRes::Builtin))
                    && matches!(
                        &self.hir[*operand],
                        Expr::Literal(Literal::Int { .. } | Literal::Float { .. })
                    )
                    && self.infer.adjustments(*operand).is_empty()
            }
            _ => false,
        }
    }

    fn constant_operand(&mut self, expr: ExprId) -> Operand {
        let ty = self.expr_ty(expr);
        let hir = self.hir;
        match &hir[expr] {
            Expr::Literal(literal) => self.literal(literal, ty, false),
            Expr::Unary { operand, .. } => match &hir[*operand] {
                Expr::Literal(literal) => self.literal(literal, ty, true),
                _ => self.constant(ty, ConstKind::Unit),
            },
            Expr::Pseudo(which) => {
                let source = self.source;
                let part = match which {
                    PseudoConst::DirName => LocationPart::Directory,
                    PseudoConst::File | PseudoConst::Line => LocationPart::File,
                };
                self.constant(ty, ConstKind::Location(part, source))
            }
            _ => {
                let kind = match self.infer.paths.get(&expr) {
                    Some(PathRes::Func(func, args)) => ConstKind::Func(*func, *args),
                    Some(PathRes::Ctor(variant, args)) => {
                        ConstKind::Ctor(hir_def::VariantDef::Variant(*variant), *args)
                    }
                    Some(PathRes::Const(item, args)) => ConstKind::Item(*item, *args),
                    Some(PathRes::ConstParam(param)) => ConstKind::Param(*param),
                    _ => ConstKind::Unit,
                };
                self.constant(ty, kind)
            }
        }
    }

    /// An expression as the right side of one assignment; anything larger goes through a
    /// temporary.
    pub(super) fn rvalue(&mut self, expr: ExprId) -> Rvalue {
        let hir = self.hir;
        let ty = self.expr_ty(expr);
        match &hir[expr] {
            Expr::Binary {
                op: HirBinaryOp::And,
                left,
                right,
            } => Rvalue::Use(self.short_circuit(*left, *right, true)),
            Expr::Binary {
                op: HirBinaryOp::Or,
                left,
                right,
            } => Rvalue::Use(self.short_circuit(*left, *right, false)),
            Expr::Binary { op, left, right } => self.binary(expr, *op, *left, *right),
            Expr::Unary { op, operand } if *op != HirUnaryOp::Deref && !self.is_constant(expr) => {
                self.unary(expr, *op, *operand)
            }
            Expr::Cast { operand, .. } => self.cast(expr, *operand, ty),
            Expr::Is { operand, .. } => self.type_test(expr, *operand),
            _ if self.is_constant(expr) => Rvalue::Use(self.constant_operand(expr)),
            _ if self.is_place(expr) => {
                let mark = self.access_mark();
                let place = self.raw_place(expr);
                Rvalue::Use(self.read_out(place, mark))
            }
            Expr::Index { .. } | Expr::PathOrIndex { .. } => self.range_index(expr),
            _ => {
                self.unsupported("this expression");
                Rvalue::Use(self.constant(ty, ConstKind::Unit))
            }
        }
    }

    /// Whether an operator works on machine integers of this type.
    pub(super) fn is_int(&self, ty: Ty) -> bool {
        matches!(ty.kind(self.db), TyKind::Int(_))
    }
}

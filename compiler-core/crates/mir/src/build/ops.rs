//! Operators and casts.

use hir_def::body::{BinaryOp as HirOp, ExprId, UnaryOp as HirUnary};
use hir_ty::{Adjust, OpRes, Ty, TyKind};

use super::Builder;
use crate::data::*;
use crate::tys;

impl Builder<'_> {
    /// `a and b` (`until` is true) or `a or b`: the right side runs only if the left does not
    /// decide.
    pub(super) fn short_circuit(&mut self, left: ExprId, right: ExprId, is_and: bool) -> Operand {
        let result = self.temp(Ty::bool(self.db));
        let (more, decided, end) = (self.new_block(), self.new_block(), self.new_block());
        let left = self.operand(left);
        if is_and {
            self.branch_on(left, more, decided);
        } else {
            self.branch_on(left, decided, more);
        }
        self.start(decided);
        let value = self.bool(!is_and);
        self.assign_operand(&result.into(), value);
        self.goto(end);
        self.start(more);
        self.expr_to(Some(&result.into()), right);
        self.goto(end);
        self.start(end);
        Operand::Copy(result.into())
    }

    pub(super) fn binary(
        &mut self,
        expr: ExprId,
        op: HirOp,
        left: ExprId,
        right: ExprId,
    ) -> Rvalue {
        let infer = self.infer;
        match infer.ops.get(&expr) {
            Some(OpRes::Builtin)
                if matches!(
                    self.adjusted_ty(left).strip_refs(self.db).kind(self.db),
                    TyKind::Str
                ) =>
            {
                self.str_compare(op, left, right)
            }
            Some(OpRes::Builtin) => {
                let [left_operand, right_operand] = self.pair(left, right);
                let (left_ty, right_ty) = (self.adjusted_ty(left), self.adjusted_ty(right));
                let op = machine_op(op);
                self.builtin_binary(op, (left_operand, left_ty), (right_operand, right_ty))
            }
            Some(OpRes::Concat) => {
                let [left, right] = self.pair(left, right);
                Rvalue::Use(self.concat(vec![left, right]))
            }
            Some(OpRes::Structural) => self.structural(op, left, right),
            Some(OpRes::Method { callee, negate }) => {
                let result = self.operator_method(*callee, left, right);
                if *negate {
                    Rvalue::Unary(UnaryOp::Not, result)
                } else {
                    Rvalue::Use(result)
                }
            }
            Some(OpRes::AssignThrough { callee }) => {
                Rvalue::Use(self.operator_method(*callee, left, right))
            }
            None => self.no_rvalue(expr),
        }
    }

    pub(super) fn no_rvalue(&mut self, expr: ExprId) -> Rvalue {
        self.unsupported("this operator");
        let ty = self.expr_ty(expr);
        Rvalue::Use(Operand::Copy(self.temp(ty).into()))
    }

    /// Both operands, the left one kept while the right one is evaluated.
    fn pair(&mut self, left: ExprId, right: ExprId) -> [Operand; 2] {
        let left = self.operand(left);
        let left = self.hold(left, &[right]);
        let right = self.operand(right);
        [left, right]
    }

    /// A machine operation, with the checks it needs before.
    pub(super) fn builtin_binary(
        &mut self,
        op: BinaryOp,
        (left, left_ty): (Operand, Ty),
        (right, right_ty): (Operand, Ty),
    ) -> Rvalue {
        if matches!(op, BinaryOp::Div | BinaryOp::Rem) && self.is_int(right_ty) {
            self.check_divisor(&right, right_ty);
            return Rvalue::Binary(op, Self::reread(&left), Self::reread(&right));
        }
        let can_overflow = matches!(
            op,
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Pow
        );
        if self.options.overflow_checks && can_overflow && self.is_int(left_ty) {
            self.check_overflow(op, &left, &right);
            return Rvalue::Binary(op, Self::reread(&left), Self::reread(&right));
        }
        Rvalue::Binary(op, left, right)
    }

    /// Comparisons of text are functions of the library. They look at the handles only.
    fn str_compare(&mut self, op: HirOp, left: ExprId, right: ExprId) -> Rvalue {
        if matches!(op, HirOp::Eq | HirOp::Ne) {
            return self.structural(op, left, right);
        }
        let args = vec![self.text_pointer(left), self.text_pointer(right)];
        let i32_ty = Ty::i32(self.db);
        let order = self.call_value(Callee::Lang(LangFunc::StrCmp), args, i32_ty);
        Rvalue::Binary(machine_op(op), order, self.int(i32_ty, 0))
    }

    /// The address of a text, which stays where it is: nothing is counted.
    fn text_pointer(&mut self, expr: ExprId) -> Operand {
        let place = self.place(expr);
        let place = self.strip_refs(place);
        let pointer = Ty::raw_ptr(self.db, Ty::int(self.db, hir_ty::IntTy::U8));
        let cast = CastKind::As(hir_ty::CastKind::StrToPtr);
        self.value(pointer, Rvalue::Cast(cast, Operand::Copy(place), pointer))
    }

    /// `==` or `!=`, member by member.
    pub(super) fn structural(&mut self, op: HirOp, left: ExprId, right: ExprId) -> Rvalue {
        self.enter_call();
        let left = self.borrow_operand(left);
        let right = self.borrow_operand(right);
        let ty = tys::operand_ty(self.db, &self.body, &left).strip_refs(self.db);
        let started = self.start_call();
        let callee = Callee::StructuralEq(ty);
        let equal = self.call_value(callee, vec![left, right], Ty::bool(self.db));
        self.finish_call(started, false);
        if op == HirOp::Ne {
            Rvalue::Unary(UnaryOp::Not, equal)
        } else {
            Rvalue::Use(equal)
        }
    }

    /// A shared reference to the place of an operand, through the references it already is.
    pub(super) fn borrow_operand(&mut self, expr: ExprId) -> Operand {
        let place = self.place(expr);
        let place = self.strip_refs(place);
        let ty = Ty::reference(self.db, false, self.place_ty(&place));
        self.borrow_argument(ty, BorrowKind::Shared, place, None)
    }

    fn operator_method(&mut self, callee: hir_ty::Callee, left: ExprId, right: ExprId) -> Operand {
        let sig = tys::callee_sig(self.db, self.body.owner, callee);
        self.enter_call();
        let left = self.operator_operand(left, sig.params.first().copied());
        let left = self.hold(left, &[right]);
        let right = self.operator_operand(right, sig.params.get(1).copied());
        let result = self.owned_temp(sig.ret);
        self.call_entered(callee, vec![left, right], &result.into(), false);
        Operand::Move(result.into())
    }

    /// An operand as the operator's method takes it: borrowed where it wants a reference.
    pub(super) fn operator_operand(&mut self, expr: ExprId, param: Option<Ty>) -> Operand {
        let Some((mutable, target)) = param.and_then(|param| param.as_ref(self.db)) else {
            return self.operand(expr);
        };
        let ty = self.adjusted_ty(expr);
        let last = self.infer.adjustments(expr).last();
        let is_borrowed = last.is_some_and(|step| matches!(step.kind, Adjust::Borrow { .. }));
        if Some(ty) == param || is_borrowed {
            return self.operand(expr);
        }
        let mut place = self.place(expr);
        // Operators see through references, as far as the method's parameter is not one.
        while self.place_ty(&place) != target && self.place_ty(&place).as_ref(self.db).is_some() {
            place = place.deref();
        }
        let kind = if mutable {
            BorrowKind::TwoPhase
        } else {
            BorrowKind::Shared
        };
        let ty = Ty::reference(self.db, mutable, self.place_ty(&place));
        self.borrow_argument(ty, kind, place, None)
    }

    pub(super) fn unary(&mut self, expr: ExprId, op: HirUnary, operand: ExprId) -> Rvalue {
        let infer = self.infer;
        match infer.ops.get(&expr) {
            Some(OpRes::Builtin) => {
                let ty = self.adjusted_ty(operand);
                let value = self.operand(operand);
                let op = match op {
                    HirUnary::Neg => UnaryOp::Neg,
                    _ => UnaryOp::Not,
                };
                if op == UnaryOp::Neg && self.options.overflow_checks && self.is_int(ty) {
                    let zero = self.int(ty, 0);
                    self.check_overflow(BinaryOp::Sub, &zero, &value);
                    return Rvalue::Unary(op, Self::reread(&value));
                }
                Rvalue::Unary(op, value)
            }
            Some(OpRes::Method { callee, negate }) => {
                let sig = tys::callee_sig(self.db, self.body.owner, *callee);
                self.enter_call();
                let value = self.operator_operand(operand, sig.params.first().copied());
                let result = self.owned_temp(sig.ret);
                self.call_entered(*callee, vec![value], &result.into(), false);
                let result = Operand::Move(result.into());
                if *negate {
                    Rvalue::Unary(UnaryOp::Not, result)
                } else {
                    Rvalue::Use(result)
                }
            }
            _ => self.no_rvalue(expr),
        }
    }

    pub(super) fn cast(&mut self, expr: ExprId, operand: ExprId, ty: Ty) -> Rvalue {
        let kind = self.infer.casts.get(&expr).copied();
        match kind {
            Some(hir_ty::CastKind::Same) => {
                let value = self.operand(operand);
                if tys::operand_ty(self.db, &self.body, &value) == ty {
                    Rvalue::Use(value)
                } else {
                    Rvalue::Cast(CastKind::As(hir_ty::CastKind::Same), value, ty)
                }
            }
            // `ref p as *T` takes the address of the place and makes no reference.
            Some(hir_ty::CastKind::RefToPtr) => match &self.hir[operand] {
                hir_def::body::Expr::Ref {
                    operand: target, ..
                } if self.infer.adjustments(operand).is_empty()
                    && matches!(ty.kind(self.db), TyKind::RawPtr(_)) =>
                {
                    let place = self.place(*target);
                    let pointer = Ty::raw_ptr(self.db, self.place_ty(&place));
                    if pointer == ty {
                        return Rvalue::AddrOf(place);
                    }
                    let address = self.value(pointer, Rvalue::AddrOf(place));
                    Rvalue::Cast(CastKind::As(hir_ty::CastKind::PtrToPtr), address, ty)
                }
                _ => {
                    let value = self.operand(operand);
                    Rvalue::Cast(CastKind::As(hir_ty::CastKind::RefToPtr), value, ty)
                }
            },
            Some(hir_ty::CastKind::StrToPtr) => {
                // The text stays where it is; its address is no owner.
                let place = self.place(operand);
                let cast = CastKind::As(hir_ty::CastKind::StrToPtr);
                Rvalue::Cast(cast, Operand::Copy(place), ty)
            }
            Some(hir_ty::CastKind::Downcast) => self.downcast(operand, ty),
            Some(kind) => {
                let value = self.operand(operand);
                Rvalue::Cast(CastKind::As(kind), value, ty)
            }
            None => self.no_rvalue(expr),
        }
    }
}

/// The machine operation of an operator; `and` and `or` have none and never get here.
pub(super) fn machine_op(op: HirOp) -> BinaryOp {
    match op {
        HirOp::Add => BinaryOp::Add,
        HirOp::Sub => BinaryOp::Sub,
        HirOp::Mul => BinaryOp::Mul,
        HirOp::Div => BinaryOp::Div,
        HirOp::Rem => BinaryOp::Rem,
        HirOp::Pow => BinaryOp::Pow,
        HirOp::BitAnd | HirOp::And => BinaryOp::BitAnd,
        HirOp::BitOr | HirOp::Or => BinaryOp::BitOr,
        HirOp::BitXor => BinaryOp::BitXor,
        HirOp::Shl => BinaryOp::Shl,
        HirOp::Shr => BinaryOp::Shr,
        HirOp::Eq => BinaryOp::Eq,
        HirOp::Ne => BinaryOp::Ne,
        HirOp::Lt => BinaryOp::Lt,
        HirOp::Le => BinaryOp::Le,
        HirOp::Gt => BinaryOp::Gt,
        HirOp::Ge => BinaryOp::Ge,
    }
}

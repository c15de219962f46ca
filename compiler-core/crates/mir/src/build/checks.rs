//! Run-time checks: a test, and a path to a function of `core` that never returns.

use hir_ty::Ty;

use super::Builder;
use crate::data::*;
use crate::tys;

impl Builder<'_> {
    /// R003 unless the index is in `0 .. len`.
    pub(super) fn check_bounds(&mut self, index: Operand, index_ty: Ty, len: Operand) {
        let test = Rvalue::InBounds {
            index: index.clone(),
            len: len.clone(),
        };
        let ok = self.value(Ty::bool(self.db), test);
        let fail = self.check(ok, true);
        let wide = tys::i128(self.db);
        let index = if index_ty == wide {
            index
        } else {
            let cast = CastKind::As(hir_ty::CastKind::IntToInt);
            self.value(wide, Rvalue::Cast(cast, index, wide))
        };
        self.panic_in(fail, LangFunc::PanicBounds, vec![len, index]);
    }

    /// R002 if the divisor is zero.
    pub(super) fn check_divisor(&mut self, divisor: &Operand, ty: Ty) {
        if let Operand::Const(Constant {
            kind: ConstKind::Int(value),
            ..
        }) = divisor
            && *value != 0
        {
            return;
        }
        let zero = self.int(ty, 0);
        let test = Rvalue::Binary(BinaryOp::Eq, Self::reread(divisor), zero);
        let is_zero = self.value(Ty::bool(self.db), test);
        let fail = self.check(is_zero, false);
        self.panic_in(fail, LangFunc::PanicDivZero, Vec::new());
    }

    /// R007 unless what must hold before the body does.
    pub(super) fn contracts_before(&mut self) {
        if let Some(result) = self.hir.contracts.result {
            self.vars.insert(result, Local::RETURN.into());
        }
        let hir = self.hir;
        self.contracts(&hir.contracts.before);
    }

    /// The same for what must hold when it gives its value.
    pub(super) fn contracts_after(&mut self) {
        let hir = self.hir;
        self.contracts(&hir.contracts.after);
    }

    fn contracts(&mut self, conditions: &[(hir_def::body::ExprId, hir_def::Name)]) {
        for (condition, text) in conditions {
            let around = self.source;
            self.source = (*condition).into();
            self.push_scope(true);
            let holds = self.operand(*condition);
            self.pop_scope();
            let fail = self.check(holds, true);
            let text = ConstKind::Str(text.as_str().into());
            let text = self.constant(Ty::str(self.db), text);
            self.panic_in(fail, LangFunc::PanicContract, vec![text]);
            self.source = around;
        }
    }

    /// R001 if the operation overflows.
    pub(super) fn check_overflow(&mut self, op: BinaryOp, left: &Operand, right: &Operand) {
        let test = Rvalue::Overflows(op, Self::reread(left), Self::reread(right));
        let overflows = self.value(Ty::bool(self.db), test);
        let fail = self.check(overflows, false);
        self.panic_in(fail, LangFunc::PanicOverflow, Vec::new());
    }

    /// Panics unless a condition holds.
    pub(super) fn panic_unless(&mut self, ok: Operand, func: LangFunc, args: Vec<Operand>) {
        let fail = self.check(ok, true);
        self.panic_in(fail, func, args);
    }

    /// Tests; leaves the builder at the failing path and returns where the good one goes on.
    fn check(&mut self, condition: Operand, good: bool) -> BlockId {
        let go_on = self.new_block();
        let fail = self.new_block();
        if good {
            self.branch_on(condition, go_on, fail);
        } else {
            self.branch_on(condition, fail, go_on);
        }
        self.start(fail);
        go_on
    }

    /// Ends the current path in a panic, and goes on in another block.
    fn panic_in(&mut self, go_on: BlockId, func: LangFunc, mut args: Vec<Operand>) {
        args.extend(self.location());
        self.call_never(func, args);
        self.start(go_on);
    }

    /// Calls a function of `core` that does not return.
    pub(super) fn call_never(&mut self, func: LangFunc, args: Vec<Operand>) {
        let never = self.temp(Ty::never(self.db));
        self.call(Callee::Lang(func), args, &never.into());
    }
}

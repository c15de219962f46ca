//! `let`, assignment, and what extends the life of temporaries.

use hir_def::body::{BinaryOp as HirOp, Expr, ExprId, Pat, PatId};
use hir_ty::OpRes;

use super::Builder;
use super::ops::machine_op;
use crate::data::*;
use crate::tys;

impl Builder<'_> {
    pub(super) fn let_(&mut self, pat: PatId, init: Option<ExprId>, else_: Option<ExprId>) {
        let outer = std::mem::replace(&mut self.source, pat.into());
        match init {
            None => {
                let locals = self.declare_bindings(pat);
                self.schedule_all(&locals);
            }
            Some(init) => {
                self.extend_temporaries(init);
                self.push_scope(true);
                if self.may_lend(init, pat) {
                    self.lend();
                }
                match else_ {
                    Some(else_) => self.let_else(pat, init, else_),
                    None => self.let_init(pat, init),
                }
            }
        }
        self.source = outer;
    }

    fn let_init(&mut self, pat: PatId, init: ExprId) {
        match &self.hir[pat] {
            Pat::Wild => {
                self.expr_to(None, init);
                self.pop_scope();
            }
            Pat::Bind { local, sub: None } if self.binds_by_value(pat) => {
                let locals = self.declare_bindings(pat);
                let place = self.local_place(*local);
                self.expr_to(Some(&place), init);
                self.pop_scope();
                self.schedule_all(&locals);
            }
            _ => {
                // Bindings that refer to the value keep it as long as they live. What no binding
                // takes of another value goes with its statement.
                if !self.only_moves_out(pat) {
                    self.extended.insert(init);
                }
                let place = self.place(init);
                let binds = self.binds(&[pat], false);
                let place = self.matched_place(place, binds);
                let locals = self.declare_bindings(pat);
                self.bind_irrefutable(pat, &place);
                self.pop_scope();
                self.schedule_all(&locals);
            }
        }
    }

    /// `let P = init else { … }`: the temporaries of `init` go before the `else` block runs.
    fn let_else(&mut self, pat: PatId, init: ExprId, else_: ExprId) {
        self.extended.insert(init);
        let mark = self.access_mark();
        let place = self.place(init);
        let binds = self.binds(&[pat], false);
        let place = self.matched_place(place, binds);
        let opened = self.ending_accesses(mark, init);
        let locals = self.declare_bindings(pat);
        let (matched, failed) = (self.new_block(), self.new_block());
        self.match_one(pat, &place, matched, failed);
        let temps = self.take_scope();
        self.start(failed);
        self.end_accesses(&opened);
        self.drop_locals(&temps);
        self.push_scope(true);
        self.expr_to(None, else_);
        self.pop_scope();
        self.diverge(TerminatorKind::Unreachable);
        self.start(matched);
        self.drop_locals(&temps);
        self.schedule_all(&locals);
    }

    /// `let r = ref temp`, also inside a literal that is being bound: marks `temp`.
    fn extend_temporaries(&mut self, init: ExprId) {
        let hir = self.hir;
        match &hir[init] {
            Expr::Ref { operand, .. } => {
                self.extend_place(*operand);
                self.extend_temporaries(*operand);
            }
            Expr::Tuple(parts) | Expr::Array(parts) => {
                parts.iter().for_each(|part| self.extend_temporaries(*part));
            }
            Expr::StructLit { fields, .. } => {
                fields
                    .iter()
                    .for_each(|field| self.extend_temporaries(field.value));
            }
            Expr::Cast { operand, .. } => self.extend_temporaries(*operand),
            Expr::Block {
                tail: Some(tail), ..
            } => self.extend_temporaries(*tail),
            _ => {}
        }
    }

    /// The temporary at the root of a borrowed path: `make()` of `ref make().part`.
    fn extend_place(&mut self, expr: ExprId) {
        let hir = self.hir;
        match &hir[expr] {
            Expr::Field { base, .. } | Expr::Index { base, .. } => self.extend_place(*base),
            _ => {
                self.extended.insert(expr);
            }
        }
    }

    /// `target = value`: the value, then the place, then the store; the old value goes last.
    pub(super) fn assign_expr(&mut self, target: ExprId, value: ExprId) {
        let operand = self.operand(value);
        let operand = self.hold(operand, &[target]);
        let place = self.written_place(target);
        if !self.store_open_field(target, &place, &operand) {
            self.store_checked(&place, operand);
        }
    }

    /// Stores into a place that may be a part of an object: a momentary write.
    fn store_checked(&mut self, place: &Place, operand: Operand) {
        self.check_access(place, true);
        self.store(place, operand);
    }

    /// The place of an assignment's target, which is not read.
    fn written_place(&mut self, target: ExprId) -> Place {
        let outer = std::mem::replace(&mut self.is_written, true);
        let place = self.place(target);
        self.is_written = outer;
        place
    }

    /// `a[i] = v` by `IndexSet`: the value, then the operands of the place.
    pub(super) fn index_set(&mut self, expr: ExprId, target: ExprId, value: ExprId) {
        let hir = self.hir;
        let (Expr::Index { base, index } | Expr::PathOrIndex { base, index, .. }) = &hir[target]
        else {
            return self.unsupported("this assignment");
        };
        let Some(hir_ty::CallRes::Func { callee, .. }) = self.infer.calls.get(&expr) else {
            return self.unsupported("this assignment");
        };
        let sig = tys::callee_sig(self.db, self.body.owner, *callee);
        let value = self.operand(value);
        let value = self.hold(value, &[target]);
        self.enter_call();
        let receiver = sig.params.first().copied();
        self.receivers.insert(*base);
        let base = self.argument(*base, receiver);
        let base = self.hold(base, &[*index]);
        let index = self.operand(*index);
        let unit = self.owned_temp(sig.ret);
        self.call_entered(*callee, vec![base, index, value], &unit.into(), false);
    }

    /// Stores into a place that may hold a value.
    pub(super) fn store(&mut self, place: &Place, operand: Operand) {
        let ty = self.place_ty(place);
        if self.may_need_drop(ty) {
            // The value may come out of the very place it goes to: `x = x`.
            let operand = match operand {
                Operand::Const(_) => operand,
                operand => self.value(ty, Rvalue::Use(operand)),
            };
            let unwind = self.unwind();
            self.push(StatementKind::Replace(place.clone(), operand, unwind));
        } else {
            self.assign_operand(place, operand);
        }
    }

    /// `target op= value`: the value, then the place, once; read, operate, store.
    pub(super) fn assign_op(&mut self, expr: ExprId, op: HirOp, target: ExprId, value: ExprId) {
        let infer = self.infer;
        match infer.ops.get(&expr) {
            Some(OpRes::Builtin) => {
                let right_ty = self.adjusted_ty(value);
                let right = self.operand(value);
                let right = self.hold(right, &[target]);
                let place = self.target_place(target);
                self.check_access(&place, true);
                let ty = self.place_ty(&place);
                let left = Operand::Copy(place.clone());
                let rvalue = self.builtin_binary(machine_op(op), (left, ty), (right, right_ty));
                self.assign(&place, rvalue);
            }
            Some(OpRes::Concat) => {
                let right = self.operand(value);
                let right = self.hold(right, &[target]);
                let place = self.target_place(target);
                self.check_access(&place, true);
                let text = self.concat(vec![Operand::Copy(place.clone()), right]);
                self.store(&place, text);
            }
            Some(OpRes::Method { callee, .. }) => {
                let sig = tys::callee_sig(self.db, self.body.owner, *callee);
                self.enter_call();
                let right = self.operator_operand(value, sig.params.get(1).copied());
                let right = self.hold(right, &[target]);
                let place = self.target_place(target);
                let left = self.method_borrow(&place, sig.params.first().copied());
                let unit = self.owned_temp(sig.ret);
                self.call_entered(*callee, vec![left, right], &unit.into(), false);
            }
            Some(OpRes::AssignThrough { callee }) => {
                let sig = tys::callee_sig(self.db, self.body.owner, *callee);
                self.enter_call();
                let right = self.operator_operand(value, sig.params.get(1).copied());
                let right = self.hold(right, &[target]);
                let place = self.target_place(target);
                let left = self.method_borrow(&place, sig.params.first().copied());
                let result = self.owned_temp(sig.ret);
                self.call_entered(*callee, vec![left, right], &result.into(), false);
                self.store_checked(&place, Operand::Move(result.into()));
            }
            Some(OpRes::Structural) | None => self.unsupported("this compound assignment"),
        }
    }

    /// `a[i] op= v` of what has `IndexSet` and no `IndexMut`: the value, then the operands of the
    /// place, once; the element is read, and what comes out is set.
    pub(super) fn index_op_set(
        &mut self,
        expr: ExprId,
        op: HirOp,
        target: ExprId,
        value: ExprId,
    ) -> bool {
        let (hir, infer) = (self.hir, self.infer);
        let (
            Some(setter),
            Some(hir_ty::IndexRes::Method(getter)),
            Expr::Index { base, index } | Expr::PathOrIndex { base, index, .. },
        ) = (
            infer.setters.get(&target),
            infer.indexes.get(&target),
            &hir[target],
        )
        else {
            return false;
        };
        let right_ty = self.adjusted_ty(value);
        let right = self.operand(value);
        let right = self.hold(right, &[target]);
        let place = self.place(*base);
        let place = self.strip_refs(place);
        let index_ty = self.adjusted_ty(*index);
        let index = self.operand(*index);
        let index = self.temp_of(index_ty, index);
        let mark = self.access_mark();
        let element_ty = self.expr_ty(target);
        let again = Operand::Copy(index.into());
        let element = self.overloaded_place(*getter, place.clone(), vec![again], element_ty);
        let element = self.read_out(element, mark);
        let new: Place = self.owned_temp(element_ty).into();
        self.assign_operand(&new, element);
        self.operate(expr, op, &new, (right, right_ty));
        let sig = tys::callee_sig(self.db, self.body.owner, *setter);
        self.enter_call();
        let base = self.method_borrow(&place, sig.params.first().copied());
        let unit = self.owned_temp(sig.ret);
        let args = vec![base, Operand::Copy(index.into()), Operand::Move(new)];
        self.call_entered(*setter, args, &unit.into(), false);
        true
    }

    fn temp_of(&mut self, ty: hir_ty::Ty, operand: Operand) -> Local {
        let temp = self.temp(ty);
        self.assign_operand(&temp.into(), operand);
        temp
    }

    /// `value op= right` of a value at hand.
    pub(super) fn operate(
        &mut self,
        expr: ExprId,
        op: HirOp,
        value: &Place,
        (right, right_ty): (Operand, hir_ty::Ty),
    ) {
        let infer = self.infer;
        match infer.ops.get(&expr) {
            Some(OpRes::Builtin) => {
                let left = (Operand::Copy(value.clone()), self.place_ty(value));
                let new = self.builtin_binary(machine_op(op), left, (right, right_ty));
                self.assign(value, new);
            }
            Some(OpRes::Concat) => {
                let text = self.concat(vec![Operand::Copy(value.clone()), right]);
                self.store(value, text);
            }
            Some(OpRes::Method { callee, .. }) => {
                let sig = tys::callee_sig(self.db, self.body.owner, *callee);
                let left = self.method_borrow(value, sig.params.first().copied());
                let done = self.owned_temp(sig.ret);
                self.call_resolved(*callee, vec![left, right], &done.into());
            }
            Some(OpRes::AssignThrough { callee }) => {
                let sig = tys::callee_sig(self.db, self.body.owner, *callee);
                let left = self.method_borrow(value, sig.params.first().copied());
                let result = self.owned_temp(sig.ret);
                self.call_resolved(*callee, vec![left, right], &result.into());
                self.store(value, Operand::Move(result.into()));
            }
            Some(OpRes::Structural) | None => self.unsupported("this compound assignment"),
        }
    }

    /// The place that a compound assignment works on, behind references.
    fn target_place(&mut self, target: ExprId) -> Place {
        let place = self.place(target);
        self.strip_refs(place)
    }

    /// The left operand of an operator's method, as it takes it.
    pub(super) fn method_borrow(&mut self, place: &Place, param: Option<hir_ty::Ty>) -> Operand {
        match param.and_then(|param| Some((param, param.as_ref(self.db)?.0))) {
            Some((ty, true)) => {
                self.borrow_argument(ty, BorrowKind::Exclusive, place.clone(), None)
            }
            Some((ty, false)) => self.borrow_argument(ty, BorrowKind::Shared, place.clone(), None),
            None => self.read(place.clone()),
        }
    }
}

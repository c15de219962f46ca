//! Branches, loops, and jumps.

use hir_def::VariantDef;
use hir_def::body::{BinaryOp as HirOp, Expr, ExprId, PatId, Recover, UnaryOp, WhenArm};
use hir_ty::{ErrorConversion, OpRes, TryCarrier, TryExit, TryRes, TyKind};

use super::Builder;
use super::scope::{CatchScope, LoopScope};
use crate::data::*;
use crate::tys;

impl<'a> Builder<'a> {
    pub(super) fn if_(
        &mut self,
        dest: Option<&Place>,
        condition: ExprId,
        then: ExprId,
        else_: Option<ExprId>,
    ) {
        let (then_block, else_block, end) = (self.new_block(), self.new_block(), self.new_block());
        self.condition(condition, then_block, else_block);
        self.start(then_block);
        // Without `else` the value is Unit, whatever the branch gives.
        match else_ {
            Some(_) => self.expr_to(dest, then),
            None => {
                self.expr_to(None, then);
                self.assign_unit(dest);
            }
        }
        self.goto(end);
        self.start(else_block);
        match else_ {
            Some(else_) => self.expr_to(dest, else_),
            None => self.assign_unit(dest),
        }
        self.goto(end);
        self.start(end);
    }

    /// Evaluates a condition and branches; its temporaries go before either branch is entered.
    pub(super) fn condition(&mut self, condition: ExprId, then: BlockId, else_: BlockId) {
        let (yes, no) = (self.new_block(), self.new_block());
        self.push_scope(true);
        self.test(condition, yes, no);
        let temps = self.take_scope();
        self.start(yes);
        self.drop_locals(&temps);
        self.goto(then);
        self.start(no);
        self.drop_locals(&temps);
        self.goto(else_);
    }

    fn test(&mut self, condition: ExprId, yes: BlockId, no: BlockId) {
        let hir = self.hir;
        let is_plain = self.infer.adjustments(condition).is_empty();
        match &hir[condition] {
            Expr::Binary {
                op: HirOp::And,
                left,
                right,
            } if is_plain => {
                let more = self.new_block();
                self.test(*left, more, no);
                self.start(more);
                self.test(*right, yes, no);
            }
            Expr::Binary {
                op: HirOp::Or,
                left,
                right,
            } if is_plain => {
                let more = self.new_block();
                self.test(*left, yes, more);
                self.start(more);
                self.test(*right, yes, no);
            }
            Expr::Unary {
                op: UnaryOp::Not,
                operand,
            } if is_plain
                && matches!(self.infer.ops.get(&condition), Some(OpRes::Builtin) | None) =>
            {
                self.test(*operand, no, yes);
            }
            _ => {
                let outer = std::mem::replace(&mut self.source, condition.into());
                let value = self.operand(condition);
                self.branch_on(value, yes, no);
                self.source = outer;
            }
        }
    }

    pub(super) fn if_let(
        &mut self,
        dest: Option<&Place>,
        pat: PatId,
        scrutinee: ExprId,
        then: ExprId,
        else_: Option<ExprId>,
    ) {
        self.push_scope(true);
        let mark = self.access_mark();
        let place = self.place(scrutinee);
        let binds = self.binds(&[pat], false);
        let place = self.matched_place(place, binds);
        let opened = self.ending_accesses(mark, scrutinee);
        let locals = self.declare_bindings(pat);
        let (matched, failed, end) = (self.new_block(), self.new_block(), self.new_block());
        self.match_one(pat, &place, matched, failed);
        let is_value = else_.is_some();
        self.start(matched);
        if !self.keeps_access(pat) {
            self.end_accesses(&opened);
        }
        self.arm_body(if is_value { dest } else { None }, then, &locals);
        if !is_value {
            self.assign_unit(dest);
        }
        self.goto(end);
        self.start(failed);
        self.end_accesses(&opened);
        match else_ {
            Some(else_) => self.expr_to(dest, else_),
            None => self.assign_unit(dest),
        }
        self.goto(end);
        self.start(end);
        self.pop_scope();
    }

    pub(super) fn when(&mut self, dest: Option<&Place>, scrutinee: ExprId, arms: &'a [WhenArm]) {
        self.push_scope(true);
        let mark = self.access_mark();
        let place = self.place(scrutinee);
        let pats: Vec<PatId> = arms.iter().map(|arm| arm.pat).collect();
        let binds = self.binds(&pats, arms.iter().any(|arm| arm.guard.is_some()));
        let place = self.matched_place(place, binds);
        let opened = self.ending_accesses(mark, scrutinee);
        let end = self.new_block();
        let locals: Vec<Vec<Local>> = arms
            .iter()
            .map(|arm| self.declare_bindings(arm.pat))
            .collect();
        let bodies: Vec<BlockId> = arms.iter().map(|_| self.new_block()).collect();
        let otherwise = self.new_block();
        let list: Vec<super::decide::Arm> = arms
            .iter()
            .zip(&bodies)
            .map(|(arm, body)| super::decide::Arm {
                pat: arm.pat,
                guard: arm.guard,
                body: *body,
            })
            .collect();
        self.match_place(&place, &list, otherwise);
        // Exhaustive by type checking: `otherwise` stays unreachable.
        for ((arm, body), locals) in arms.iter().zip(bodies).zip(locals) {
            self.start(body);
            if !self.keeps_access(arm.pat) {
                self.end_accesses(&opened);
            }
            self.arm_body(dest, arm.body, &locals);
            self.goto(end);
        }
        self.start(end);
        self.pop_scope();
    }

    /// The body of an arm, in a scope that owns the arm's bindings.
    fn arm_body(&mut self, dest: Option<&Place>, body: ExprId, locals: &[Local]) {
        self.push_scope(false);
        self.schedule_all(locals);
        self.push_scope(true);
        self.expr_to(dest, body);
        self.pop_scope();
        self.pop_scope();
    }

    pub(super) fn loop_(&mut self, dest: Option<&Place>, body: ExprId) {
        let (start, end) = (self.new_block(), self.new_block());
        self.goto(start);
        self.start(start);
        self.loop_body(body, end, start, dest.cloned());
        self.goto(start);
        self.start(end);
    }

    pub(super) fn while_(&mut self, dest: Option<&Place>, condition: ExprId, body: ExprId) {
        let (head, inside, end) = (self.new_block(), self.new_block(), self.new_block());
        self.goto(head);
        self.start(head);
        self.condition(condition, inside, end);
        self.start(inside);
        self.loop_body(body, end, head, None);
        self.goto(head);
        self.start(end);
        self.assign_unit(dest);
    }

    pub(super) fn loop_body(
        &mut self,
        body: ExprId,
        break_block: BlockId,
        continue_block: BlockId,
        dest: Option<Place>,
    ) {
        let depth = self.scopes.len();
        self.loops.push(LoopScope {
            break_block,
            continue_block,
            break_depth: depth,
            continue_depth: depth,
            dest,
        });
        self.push_scope(true);
        self.expr_to(None, body);
        self.pop_scope();
        self.loops.pop();
    }

    pub(super) fn break_(&mut self, value: Option<ExprId>) {
        let Some(target) = self.loops.last() else {
            return self.unsupported("`break`");
        };
        let (block, depth, dest) = (target.break_block, target.break_depth, target.dest.clone());
        match value {
            Some(value) => self.expr_to(dest.as_ref(), value),
            None => self.assign_unit(dest.as_ref()),
        }
        self.exit_scopes(depth);
        self.diverge(TerminatorKind::Goto(block));
    }

    pub(super) fn continue_(&mut self) {
        let Some(target) = self.loops.last() else {
            return self.unsupported("`continue`");
        };
        let (block, depth) = (target.continue_block, target.continue_depth);
        self.exit_scopes(depth);
        self.diverge(TerminatorKind::Goto(block));
    }

    /// `operand!`
    pub(super) fn try_(
        &mut self,
        dest: &Place,
        expr: ExprId,
        operand: ExprId,
        recover: Option<&'a Recover>,
    ) {
        let infer = self.infer;
        let package = self.body.owner.module(self.db).package(self.db);
        let lang = hir_ty::lang_items(self.db, package);
        let Some(res) = infer.tries.get(&expr) else {
            return self.unsupported("this `!`");
        };
        let variants = match res.carrier {
            TryCarrier::Maybe => lang.maybe_variants(self.db),
            TryCarrier::Outcome => lang.outcome_variants(self.db),
        };
        let Some((good, bad)) = variants else {
            return self.unsupported("`!` without `core`");
        };
        let TyKind::Adt(_, args) = *res.operand.kind(self.db) else {
            return self.unsupported("this `!`");
        };
        let carrier = self.try_operand(operand);
        let (good_block, bad_block, end) = (self.new_block(), self.new_block(), self.new_block());
        let tag = self.value(tys::u32(self.db), Rvalue::Discriminant(carrier.clone()));
        self.terminate(TerminatorKind::Switch {
            value: tag,
            cases: vec![(i128::from(good.index), good_block)],
            otherwise: bad_block,
        });
        let payload = |variant: hir_def::VariantId| {
            let ty = tys::field_tys(self.db, VariantDef::Variant(variant), args)
                .first()
                .copied();
            ty.map(|ty| carrier.downcast(variant.index).field(0, ty))
        };
        let (good_place, bad_place) = (payload(good), payload(bad));
        self.start(bad_block);
        let error = match (bad_place, lang.nothing_error) {
            (Some(place), _) => Some(self.read(place)),
            (None, _) => None,
        };
        match recover {
            Some(recover) => {
                self.recover(dest, recover, error);
                self.goto(end);
            }
            None => self.propagate(res, error),
        }
        self.start(good_block);
        if let Some(place) = good_place {
            let value = self.read(place);
            self.assign_operand(dest, value);
        }
        self.goto(end);
        self.start(end);
    }

    /// The value that `!` takes apart: its own copy, so that moves do not tear a variable.
    fn try_operand(&mut self, operand: ExprId) -> Place {
        let ty = self.adjusted_ty(operand);
        if ty.as_ref(self.db).is_some() {
            let place = self.place(operand);
            return self.strip_refs(place);
        }
        let temp = self.owned_temp(ty);
        self.expr_to(Some(&temp.into()), operand);
        temp.into()
    }

    fn recover(&mut self, dest: &Place, recover: &'a Recover, error: Option<Operand>) {
        self.push_scope(false);
        if let (Some(pat), Some(error)) = (recover.binding, error) {
            let ty = tys::operand_ty(self.db, &self.body, &error);
            let temp = self.temp(ty);
            self.schedule(temp, false);
            self.assign_operand(&temp.into(), error);
            let locals = self.declare_bindings(pat);
            self.bind_irrefutable(pat, &temp.into());
            self.schedule_all(&locals);
        }
        self.push_scope(true);
        self.expr_to(Some(dest), recover.body);
        self.pop_scope();
        self.pop_scope();
    }

    /// Leaves the function with a failure.
    fn propagate(&mut self, res: &'a TryRes, error: Option<Operand>) {
        let package = self.body.owner.module(self.db).package(self.db);
        let lang = hir_ty::lang_items(self.db, package);
        let ret = Place::local(Local::RETURN);
        let ret_args = match self.place_ty(&ret).kind(self.db) {
            TyKind::Adt(_, args) => *args,
            _ => hir_ty::GenericArgs::empty(self.db),
        };
        match &res.exit {
            TryExit::ReturnNothing => {
                let Some((_, nothing)) = lang.maybe_variants(self.db) else {
                    return self.unsupported("`!` without `core`");
                };
                let kind = AggregateKind::Adt(VariantDef::Variant(nothing), ret_args);
                self.assign(&ret, Rvalue::Aggregate(kind, Vec::new()));
                self.return_();
            }
            TryExit::ReturnErr { convert } => {
                let error = error.or_else(|| self.nothing_error(lang));
                let Some(error) = error else {
                    return self.unsupported("`!` on `Maybe` here");
                };
                self.return_err(convert.as_ref(), error, lang);
            }
            TryExit::Panic { debug } => {
                let message = match (debug, error) {
                    (Some(callee), Some(error)) => self.debug_text(*callee, error),
                    _ => self.str("called `!` on `Nothing`"),
                };
                let mut args = vec![message];
                args.extend(self.location());
                self.call_never(LangFunc::PanicStr, args);
            }
            TryExit::Catch { convert } => {
                let error = error.or_else(|| self.nothing_error(lang));
                let Some(error) = error else {
                    return self.unsupported("`!` on `Maybe` here");
                };
                self.to_handler(convert.as_ref(), error);
            }
            TryExit::Else => self.unsupported("`!` without its `else`"),
        }
    }

    /// Leaves for the handler of the `catch` around.
    fn to_handler(&mut self, convert: Option<&ErrorConversion>, error: Operand) {
        let error = self.converted(convert, error);
        let Some(catch) = self.catches.last() else {
            return self.unsupported("a failure without its `catch`");
        };
        let (handler, depth, place) = (catch.handler, catch.depth, catch.error);
        self.assign_operand(&place.into(), error);
        self.exit_scopes(depth);
        self.diverge(TerminatorKind::Goto(handler));
    }

    /// An error as one of the type that is wanted.
    fn converted(&mut self, convert: Option<&ErrorConversion>, error: Operand) -> Operand {
        match convert {
            None => error,
            Some(ErrorConversion::From(callee)) => {
                let sig = tys::callee_sig(self.db, self.body.owner, *callee);
                let converted = self.owned_temp(sig.ret);
                self.call_resolved(*callee, vec![error], &converted.into());
                Operand::Move(converted.into())
            }
            Some(ErrorConversion::Coerce(step)) => {
                let kind = match step.kind {
                    hir_ty::Adjust::BoxDyn => CastKind::BoxDyn,
                    _ => CastKind::Upcast,
                };
                self.value(step.target, Rvalue::Cast(kind, error, step.target))
            }
        }
    }

    /// `catch { body } else do(err) { handler }`
    pub(super) fn catch_(
        &mut self,
        dest: Option<&Place>,
        expr: ExprId,
        body: ExprId,
        binding: Option<PatId>,
        handler: ExprId,
    ) {
        let (failed, end) = (self.new_block(), self.new_block());
        let error_ty = self.infer.catches.get(&expr).copied();
        let error_ty = error_ty.unwrap_or_else(|| hir_ty::Ty::error(self.db));
        let error = self.temp(error_ty);
        self.catches.push(CatchScope {
            handler: failed,
            depth: self.scopes.len(),
            error,
        });
        self.push_scope(true);
        self.expr_to(dest, body);
        self.pop_scope();
        self.catches.pop();
        self.goto(end);
        self.start(failed);
        self.push_scope(false);
        self.schedule(error, false);
        if let Some(pat) = binding {
            let locals = self.declare_bindings(pat);
            self.bind_irrefutable(pat, &error.into());
            self.schedule_all(&locals);
        }
        self.push_scope(true);
        self.expr_to(dest, handler);
        self.pop_scope();
        self.pop_scope();
        self.goto(end);
        self.start(end);
    }

    /// `throw e`: to the handler of the `catch` around, a failure of the function, or a panic
    /// with the error's text.
    pub(super) fn throw_(&mut self, expr: ExprId, value: ExprId) {
        let infer = self.infer;
        let package = self.body.owner.module(self.db).package(self.db);
        let lang = hir_ty::lang_items(self.db, package);
        let Some(exit) = infer.throws.get(&expr) else {
            return self.unsupported("this `throw`");
        };
        let ty = self.adjusted_ty(value);
        let error = self.operand(value);
        match exit {
            TryExit::ReturnErr { convert } => self.return_err(convert.as_ref(), error, lang),
            TryExit::Catch { convert } => self.to_handler(convert.as_ref(), error),
            TryExit::Panic { debug: Some(debug) } => {
                let message = self.debug_text(*debug, error);
                self.panic_with(message);
            }
            _ => {
                let temp = self.owned_temp(ty);
                self.assign_operand(&temp.into(), error);
                let message = self.str("an error was thrown");
                self.panic_with(message);
            }
        }
    }

    fn panic_with(&mut self, message: Operand) {
        let mut args = vec![message];
        args.extend(self.location());
        self.call_never(LangFunc::PanicStr, args);
    }

    /// `return Err(error.into())`
    fn return_err(
        &mut self,
        convert: Option<&ErrorConversion>,
        error: Operand,
        lang: &hir_ty::LangItems,
    ) {
        let ret = Place::local(Local::RETURN);
        let ret_args = match self.place_ty(&ret).kind(self.db) {
            TyKind::Adt(_, args) => *args,
            _ => hir_ty::GenericArgs::empty(self.db),
        };
        let Some((_, err)) = lang.outcome_variants(self.db) else {
            return self.unsupported("`!` without `core`");
        };
        let error = self.converted(convert, error);
        let kind = AggregateKind::Adt(VariantDef::Variant(err), ret_args);
        self.assign(&ret, Rvalue::Aggregate(kind, vec![error]));
        self.return_();
    }

    fn nothing_error(&mut self, lang: &hir_ty::LangItems) -> Option<Operand> {
        let adt = lang.nothing_error?;
        let hir_def::AdtId::Struct(id) = adt else {
            return None;
        };
        let args = hir_ty::GenericArgs::empty(self.db);
        let ty = hir_ty::Ty::adt(self.db, adt, args);
        let kind = AggregateKind::Adt(VariantDef::Struct(id), args);
        Some(self.value(ty, Rvalue::Aggregate(kind, Vec::new())))
    }

    fn debug_text(&mut self, callee: hir_ty::Callee, error: Operand) -> Operand {
        let ty = tys::operand_ty(self.db, &self.body, &error);
        let temp = self.owned_temp(ty);
        self.assign_operand(&temp.into(), error);
        let ref_ty = hir_ty::Ty::reference(self.db, false, ty);
        let borrow = self.value(ref_ty, Rvalue::Ref(BorrowKind::Shared, temp.into()));
        let text = self.owned_temp(hir_ty::Ty::str(self.db));
        self.call_resolved(callee, vec![borrow], &text.into());
        Operand::Move(text.into())
    }
}

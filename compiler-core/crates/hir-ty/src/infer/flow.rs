//! Control flow: branches that agree on a type, loops, `return`, and `!`.

use hir_def::body::ExprId;

use super::diagnostics::{Expected, InferDiagnostic, Site};
use super::result::{Adjust, BindMode, ErrorConversion, TryCarrier, TryExit, TryRes};
use super::{Expectation, InferCtx, LoopCtx};
use crate::table::VarKind;
use crate::ty::{GenericArgs, Ty, TyKind};

/// The common type of branches, found one by one.
pub(super) struct Merge {
    pub(super) ty: Option<Ty>,
    pub(super) first: Option<ExprId>,
    pub(super) why: Option<Expected>,
    pub(super) discard: bool,
}

/// A failure that leaves a body whose result is not known yet.
pub(super) enum OpenExit {
    Try(Failure),
    Throw { expr: ExprId, found: Ty },
}

/// What `!` hands on: of which operand, and with which error.
#[derive(Clone, Copy)]
pub(super) struct Failure {
    expr: ExprId,
    operand: Ty,
    carrier: TryCarrier,
    error: Option<Ty>,
}

impl InferCtx<'_> {
    pub(super) fn infer_branches(
        &mut self,
        expr: ExprId,
        condition: Option<ExprId>,
        then: ExprId,
        else_: Option<ExprId>,
        expected: Expectation,
    ) -> Ty {
        let db = self.db;
        let before = self.diverges;
        let mut facts = |holds| match condition {
            Some(condition) => self.facts(condition, holds),
            None => Vec::new(),
        };
        let (when_true, when_false) = (facts(true), facts(false));
        let Some(else_) = else_ else {
            // The value of a lone branch is thrown away; using the whole needs Unit.
            // If more is wanted, the branch is no statement, and the missing `else` the error.
            let wants_value = expected.ty().is_some_and(|ty| {
                let ty = self.table.shallow(ty);
                !ty.is_unit(db) && !matches!(ty.kind(db), TyKind::Infer(_))
            });
            let hint = if wants_value {
                Expectation::None
            } else {
                Expectation::Discard
            };
            let ty = self.with_facts(when_true, |ctx| ctx.infer_expr(then, hint));
            self.diverges = before;
            let ty = self.table.shallow(ty);
            if let Some(wanted) = expected.ty() {
                let wanted = self.table.resolve(wanted);
                let is_arm = self.body.open_whens.contains(&expr);
                let is_open = match wanted.kind(db) {
                    TyKind::Infer(_) if is_arm => {
                        self.table.var_kind(wanted) == Some(crate::table::VarKind::General)
                    }
                    TyKind::Infer(_) | TyKind::Error => true,
                    _ => false,
                };
                if !wanted.is_unit(db) && !is_open && !ty.is_error(db) {
                    let site = Site::Expr(expr);
                    let found = Ty::unit(db);
                    let why = match is_arm {
                        true => Expected::MissingArm,
                        false => Expected::MissingElse,
                    };
                    self.error(InferDiagnostic::Mismatch {
                        site,
                        expected: wanted,
                        found,
                        why,
                    });
                    return self.error_ty();
                }
            }
            return Ty::unit(db);
        };
        let mut merge = Merge::new(expected);
        self.with_facts(when_true, |ctx| {
            ctx.merge_branch(&mut merge, then, expected)
        });
        let then_diverges = std::mem::replace(&mut self.diverges, before);
        self.with_facts(when_false, |ctx| {
            ctx.merge_branch(&mut merge, else_, expected)
        });
        self.diverges = before || (then_diverges && self.diverges);
        merge.finish(self)
    }

    /// Infers a branch and makes it agree with those before it.
    pub(super) fn merge_branch(
        &mut self,
        merge: &mut Merge,
        branch: ExprId,
        expected: Expectation,
    ) {
        if merge.discard {
            let ty = self.infer_expr(branch, Expectation::Discard);
            if !ty.is_never(self.db) {
                merge.ty = Some(Ty::unit(self.db));
            }
            return;
        }
        let hint = match (expected, merge.ty) {
            (Expectation::Has(ty), _) | (_, Some(ty)) => Expectation::Has(ty),
            (other, None) => other,
        };
        let found = self.infer_expr(branch, hint);
        let found = self.table.shallow(found);
        if found.is_never(self.db) {
            return;
        }
        match merge.ty {
            None => {
                // With an expected type each branch is a coercion site for it.
                let fitted = match expected {
                    // Several closures agree on a `func` type at most.
                    Expectation::Has(wanted)
                        if matches!(found.kind(self.db), TyKind::Closure(..))
                            && self.table.var_kind(wanted).is_some() =>
                    {
                        let func = self.decay_in_merge(branch, found);
                        let _ = self.table.unify(func, wanted);
                        merge.ty = Some(func);
                        merge.first = Some(branch);
                        return;
                    }
                    Expectation::Has(wanted) => {
                        let list = self.list_literal(branch, found, wanted, false);
                        let steps = list.or_else(|| self.coerce(found, wanted, false).ok());
                        steps.map(|steps| (steps, wanted))
                    }
                    _ => None,
                };
                merge.ty = Some(match fitted {
                    Some((steps, wanted)) => {
                        self.adjust(branch, steps);
                        wanted
                    }
                    None => self.decay_in_merge(branch, found),
                });
                merge.first = Some(branch);
            }
            Some(ty) => {
                let why = match merge.first {
                    Some(first) => Expected::Branch(first),
                    None => Expected::Other,
                };
                if !self.coerce_expr(branch, found, ty, why, false) {
                    merge.ty = Some(self.error_ty());
                }
            }
        }
    }

    pub(super) fn infer_loop_body(&mut self, ctx: LoopCtx, body: ExprId) -> LoopCtx {
        self.loops.push(ctx);
        self.infer_expr(body, Expectation::Discard);
        self.loops.pop().unwrap_or(LoopCtx {
            value: None,
            may_break: false,
            first: None,
        })
    }

    pub(super) fn infer_break(&mut self, expr: ExprId, value: Option<ExprId>) {
        let db = self.db;
        let target = match self.loops.last_mut() {
            Some(ctx) => {
                ctx.may_break = true;
                Some((ctx.value, ctx.first))
            }
            None => None,
        };
        match (value, target) {
            (Some(value), Some((Some(ty), first))) => {
                if let Some(ctx) = self.loops.last_mut() {
                    ctx.first = first.or(Some(value));
                }
                self.check(value, ty, Expected::Break);
            }
            (Some(value), Some((None, _))) => {
                self.infer_expr(value, Expectation::None);
                self.error(InferDiagnostic::BreakValue { expr });
            }
            (Some(value), None) => {
                self.infer_expr(value, Expectation::None);
            }
            (None, Some((Some(ty), _))) => {
                // Bare breaks agree on Unit; beside `break v` they do not fit.
                let unit = Ty::unit(db);
                if self.table.unify(ty, unit).is_err() {
                    let expected = self.table.resolve(ty);
                    let (site, found, why) = (Site::Expr(expr), unit, Expected::Break);
                    if !expected.has_error(db) && first_is_value(target) {
                        self.error(InferDiagnostic::Mismatch {
                            site,
                            expected,
                            found,
                            why,
                        });
                    }
                }
            }
            (None, _) => {}
        }
    }

    pub(super) fn infer_return(&mut self, expr: ExprId, value: Option<ExprId>) {
        let db = self.db;
        let Some(ret) = self.ret else {
            if let Some(value) = value {
                self.infer_expr(value, Expectation::None);
            }
            self.unsupported(Site::Expr(expr), "`return` in a constant");
            return;
        };
        match value {
            Some(value) => {
                self.check(value, ret, Expected::Return);
            }
            None => {
                if self.table.unify(ret, Ty::unit(db)).is_err() {
                    let expected = self.table.resolve(ret);
                    let found = Ty::unit(db);
                    let (site, why) = (Site::Expr(expr), Expected::Return);
                    self.error(InferDiagnostic::Mismatch {
                        site,
                        expected,
                        found,
                        why,
                    });
                }
            }
        }
    }

    pub(super) fn infer_try(
        &mut self,
        expr: ExprId,
        operand: ExprId,
        recover: Option<&hir_def::body::Recover>,
        expected: Expectation,
    ) -> Ty {
        let db = self.db;
        let found = self.infer_expr(operand, Expectation::None);
        let found = self.known(found);
        // Through references if the carrier is Copy: C4.
        let carrier_ty = self.table.resolve(found.strip_refs(db));
        let carrier_ty = self.table.shallow(carrier_ty);
        let carrier = match carrier_ty.as_adt(db) {
            Some((adt, args)) if self.lang.is_maybe(adt) => {
                Some((TryCarrier::Maybe, args.ty(db, 0), None))
            }
            Some((adt, args)) if self.lang.is_outcome(adt) => {
                Some((TryCarrier::Outcome, args.ty(db, 0), Some(args.ty(db, 1))))
            }
            _ => None,
        };
        let Some((carrier, payload, error)) = carrier else {
            if !found.has_error(db) {
                let operand = self.table.resolve(found);
                self.error(InferDiagnostic::TryOperand { expr, operand });
            }
            if let Some(recover) = recover {
                if let Some(binding) = recover.binding {
                    let ty = self.error_ty();
                    self.infer_pat(binding, ty, BindMode::Value, None);
                }
                self.infer_expr(recover.body, Expectation::None);
            }
            return self.error_ty();
        };
        if found.as_ref(db).is_some()
            && let Ok(steps) = self.coerce(found, carrier_ty, false)
        {
            self.adjust(operand, steps);
        }
        let exit = match recover {
            Some(recover) => {
                let before = self.diverges;
                if let Some(binding) = recover.binding {
                    let ty = error.unwrap_or_else(|| Ty::unit(db));
                    self.infer_pat(binding, ty, BindMode::Value, None);
                }
                let found = self.infer_expr(recover.body, Expectation::Has(payload));
                if expected == Expectation::Discard {
                    let _ = self
                        .coerce(found, payload, false)
                        .map(|s| self.adjust(recover.body, s));
                } else {
                    let why = Expected::Branch(operand);
                    self.coerce_expr(recover.body, found, payload, why, false);
                }
                self.diverges = before;
                TryExit::Else
            }
            None => {
                let failure = Failure {
                    expr,
                    operand: carrier_ty,
                    carrier,
                    error,
                };
                if self.catches.is_empty() && self.is_result_open() {
                    self.open_exits.push(OpenExit::Try(failure));
                } else {
                    self.close_try(failure);
                }
                return self.table.shallow(payload);
            }
        };
        let res = TryRes {
            carrier,
            operand: carrier_ty,
            exit,
        };
        self.result.tries.insert(expr, res);
        self.table.shallow(payload)
    }

    /// Whether it is not known yet what `return` gives: in a closure or a block of its own, whose
    /// last expression may be the one to say.
    fn is_result_open(&mut self) -> bool {
        let Some(ret) = self.ret else { return false };
        let ret = self.known(ret);
        self.table.var_kind(ret) == Some(VarKind::General)
    }

    /// Says where the failures of a body go that waited for its result.
    pub(super) fn close_exits(&mut self, open: Vec<OpenExit>) {
        for exit in open {
            match exit {
                OpenExit::Try(failure) => self.close_try(failure),
                OpenExit::Throw { expr, found } => self.close_throw(expr, found),
            }
        }
    }

    fn close_try(&mut self, failure: Failure) {
        let Failure {
            expr,
            operand,
            carrier,
            error,
        } = failure;
        let exit = self.try_exit(expr, carrier, error);
        let res = TryRes {
            carrier,
            operand,
            exit,
        };
        self.result.tries.insert(expr, res);
    }

    fn try_exit(&mut self, expr: ExprId, carrier: TryCarrier, error: Option<Ty>) -> TryExit {
        let db = self.db;
        if let Some(catch) = self.catches.last() {
            let to = catch.error;
            let nothing = self.lang.nothing_error;
            let from =
                error.or_else(|| nothing.map(|adt| Ty::adt(db, adt, GenericArgs::empty(db))));
            let from = from.unwrap_or_else(|| Ty::unit(db));
            let is_nothing = error.is_none();
            let convert = self.error_conversion(expr, from, to, is_nothing);
            return TryExit::Catch { convert };
        }
        let ret = self.ret.map(|ret| self.known(ret));
        if ret.is_some_and(|ret| ret.is_error(db)) {
            return TryExit::Panic { debug: None };
        }
        let ret_adt = ret.and_then(|ret| ret.as_adt(db));
        match (carrier, ret_adt) {
            (TryCarrier::Maybe, Some((adt, _))) if self.lang.is_maybe(adt) => {
                TryExit::ReturnNothing
            }
            (_, Some((adt, args))) if self.lang.is_outcome(adt) => {
                let to = self.table.resolve(args.ty(db, 1));
                let from = match error {
                    Some(error) => Some(error),
                    None => self
                        .lang
                        .nothing_error
                        .map(|adt| Ty::adt(db, adt, GenericArgs::empty(db))),
                };
                let nothing = error.is_none();
                let Some(from) = from else {
                    let from = Ty::unit(db);
                    self.error(InferDiagnostic::TryConvert {
                        expr,
                        from,
                        to,
                        nothing,
                    });
                    return TryExit::Panic { debug: None };
                };
                TryExit::ReturnErr {
                    convert: self.error_conversion(expr, from, to, nothing),
                }
            }
            _ => {
                self.error(InferDiagnostic::TryPanics { expr });
                let error = error.map(|error| self.table.resolve(error));
                let debug = error.and_then(|error| self.text_of_error(error));
                TryExit::Panic { debug }
            }
        }
    }

    /// `catch { … } else do(err) { … }`
    pub(super) fn infer_catch(
        &mut self,
        expr: ExprId,
        body: ExprId,
        binding: Option<hir_def::body::PatId>,
        handler: ExprId,
        expected: Expectation,
    ) -> Ty {
        let before = self.diverges;
        let error = self.new_var();
        self.catches.push(super::CatchCtx { error });
        self.result.catches.insert(expr, error);
        let mut merge = Merge::new(expected);
        self.merge_branch(&mut merge, body, expected);
        self.catches.pop();
        let body_diverges = std::mem::replace(&mut self.diverges, before);
        if let Some(binding) = binding {
            let error = self.known(error);
            self.infer_pat(binding, error, BindMode::Value, None);
        }
        self.merge_branch(&mut merge, handler, expected);
        self.diverges = before || (body_diverges && self.diverges);
        merge.finish(self)
    }

    /// `throw e`
    pub(super) fn infer_throw(&mut self, expr: ExprId, value: ExprId) {
        let found = self.infer_expr(value, Expectation::None);
        let found = self.known(found);
        if self.catches.is_empty() && self.is_result_open() {
            self.open_exits.push(OpenExit::Throw { expr, found });
        } else {
            self.close_throw(expr, found);
        }
    }

    fn close_throw(&mut self, expr: ExprId, found: Ty) {
        let db = self.db;
        let ret = self.ret.map(|ret| self.known(ret));
        let outcome = ret
            .and_then(|ret| ret.as_adt(db))
            .filter(|(adt, _)| self.lang.is_outcome(*adt));
        let ty = self.table.resolve(found);
        if let Some(to) = self.catches.last().map(|catch| catch.error) {
            if !ty.has_error(db) && !self.is_throwable(ty) {
                self.error(InferDiagnostic::ThrowOperand { expr, operand: ty });
            }
            let convert = self.error_conversion(expr, found, to, false);
            self.result.throws.insert(expr, TryExit::Catch { convert });
            return;
        }
        if let Some((_, args)) = outcome {
            let to = args.ty(db, 1);
            let count = self.result.diagnostics.len();
            let convert = self.error_conversion(expr, found, to, false);
            if self.result.diagnostics.len() == count {
                self.result
                    .throws
                    .insert(expr, TryExit::ReturnErr { convert });
                return;
            }
            self.result.diagnostics.truncate(count);
        }
        if !ty.has_error(db) && !self.is_throwable(ty) {
            self.error(InferDiagnostic::ThrowOperand { expr, operand: ty });
        }
        let debug = self.text_of_error(ty);
        self.result.throws.insert(expr, TryExit::Panic { debug });
    }

    fn is_throwable(&mut self, ty: Ty) -> bool {
        let db = self.db;
        match ty.strip_refs(db).kind(db) {
            TyKind::Bool
            | TyKind::Int(_)
            | TyKind::Float(_)
            | TyKind::Char
            | TyKind::Str
            | TyKind::Tuple(_)
            | TyKind::Array(..)
            | TyKind::Slice(_)
            | TyKind::Func { .. }
            | TyKind::Closure(..)
            | TyKind::Infer(_) => false,
            TyKind::Adt(hir_def::AdtId::Class(_), _) => true,
            TyKind::Adt(..) => match self.lang.error {
                Some(behavior) => {
                    let args = GenericArgs::from_iter(db, [ty.into()]);
                    self.goal_holds(crate::generics::BehaviorRef { behavior, args })
                }
                None => true,
            },
            _ => true,
        }
    }

    /// `Debug::debug_string` of an error, if it has it: for the message of a panic.
    fn text_of_error(&mut self, ty: Ty) -> Option<super::result::Callee> {
        let db = self.db;
        let (behavior, func) = crate::lang::method_of(db, self.lang.debug, "debug_string")
            .or_else(|| crate::lang::method_of(db, self.lang.display, "to_string"))?;
        let args = GenericArgs::from_iter(db, [ty.into()]);
        let goal = crate::generics::BehaviorRef { behavior, args };
        self.goal_holds(goal)
            .then_some(super::result::Callee { func, args })
    }

    /// The way from one error type to another; `None` if they are the same.
    fn error_conversion(
        &mut self,
        expr: ExprId,
        from: Ty,
        to: Ty,
        nothing: bool,
    ) -> Option<ErrorConversion> {
        let db = self.db;
        let snapshot = self.table.snapshot();
        if self.table.unify(from, to).is_ok() {
            self.table.commit(snapshot);
            return None;
        }
        self.table.rollback(snapshot);
        let (from, to) = (self.table.resolve(from), self.table.resolve(to));
        if from.has_error(db) || to.has_error(db) {
            return None;
        }
        if let Some((behavior, func)) = crate::lang::method_of(db, self.lang.from, "from") {
            let args = GenericArgs::from_iter(db, [to.into(), from.into()]);
            let goal = crate::generics::BehaviorRef { behavior, args };
            let mut solver = crate::solve::Solver {
                table: &mut self.table,
                env: self.env,
                depth: 0,
            };
            if let crate::solve::Answer::Yes(_) = solver.solve_deep(goal) {
                return Some(ErrorConversion::From(super::result::Callee { func, args }));
            }
        }
        if let Ok(steps) = self.coerce(from, to, false)
            && let [step] = &*steps
            && matches!(step.kind, Adjust::Upcast | Adjust::BoxDyn)
        {
            return Some(ErrorConversion::Coerce(step.clone()));
        }
        self.error(InferDiagnostic::TryConvert {
            expr,
            from,
            to,
            nothing,
        });
        None
    }
}

fn first_is_value(target: Option<(Option<Ty>, Option<ExprId>)>) -> bool {
    matches!(target, Some((_, Some(_))))
}

impl Merge {
    pub(super) fn new(expected: Expectation) -> Merge {
        let discard = expected == Expectation::Discard;
        Merge {
            ty: None,
            first: None,
            why: None,
            discard,
        }
    }

    pub(super) fn finish(self, ctx: &mut InferCtx<'_>) -> Ty {
        let _ = self.why;
        match self.ty {
            Some(ty) => ctx.table.shallow(ty),
            None => Ty::never(ctx.db),
        }
    }
}

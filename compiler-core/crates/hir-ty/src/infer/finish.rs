//! The end of inference: defaults, deferred checks, and no variable leaves.

use hir_def::AdtId;
use hir_def::body::{Expr, ExprId, Literal, PatId};

use super::diagnostics::{InferDiagnostic, Irrefutable, Site};
use super::result::{
    Adjust, CallRes, Callee, CastKind, Convert, ErrorConversion, ForRes, FormatPiece, IndexRes,
    InferenceResult, OpRes, PatRes, PathRes, TryExit,
};
use super::{Deferred, Goal, InferCtx};
use crate::generics::{BehaviorRef, Predicate};
use crate::table::VarKind;
use crate::ty::{Const, GenericArg, Ty, TyFolder, TyKind};

impl InferCtx<'_> {
    pub(super) fn finish(mut self) -> InferenceResult {
        self.infer_waiting_bodies(true);
        self.select(false);
        self.default_omitted();
        self.default_numbers();
        self.select(false);
        self.report_unknown();
        self.default_rest();
        self.select(false);
        let deferred = std::mem::take(&mut self.deferred);
        let mut patterns = Vec::new();
        for item in deferred {
            match item {
                Deferred::Cast { expr, operand, to } => self.finish_cast(expr, operand, to),
                Deferred::Format {
                    expr,
                    name: Some(name),
                    drafts,
                } => {
                    self.finish_builtin(expr, name, drafts);
                }
                Deferred::Format { expr, .. } => self.finish_interpolation(expr),
                Deferred::Discarded { expr } => self.finish_discarded(expr),
                Deferred::AutoBorrow { expr } => self.finish_auto_borrow(expr),
                Deferred::When { .. } | Deferred::Irrefutable { .. } => patterns.push(item),
            }
        }
        self.analyse_captures();
        let goals = std::mem::take(&mut self.kind_goals);
        self.pending.extend(goals);
        self.select(true);
        self.check_literals();
        self.check_sizes();
        self.write_back();
        self.check_lowlevel();
        if !self.has_body_error() {
            self.check_patterns(patterns);
        }
        self.result
    }

    fn all_vars(&mut self) -> Vec<Ty> {
        let count = self.table.var_count();
        (0..count).map(|index| self.table.var(index)).collect()
    }

    /// Arguments that a path left out and that nothing has decided take their declared default.
    fn default_omitted(&mut self) {
        for (var, default) in std::mem::take(&mut self.table.fallbacks) {
            match (var, default) {
                (GenericArg::Ty(var), GenericArg::Ty(default)) => {
                    if self.table.var_kind(var) == Some(VarKind::General) {
                        let default = self.normalize(default);
                        let _ = self.table.unify(var, default);
                    }
                }
                (GenericArg::Const(var), GenericArg::Const(default)) => {
                    let _ = self.table.unify_const(var, default);
                }
                _ => {}
            }
        }
        self.select(false);
    }

    fn default_numbers(&mut self) {
        for var in self.all_vars() {
            if let Some(kind) = self.table.var_kind(var)
                && let Some(default) = self.table.default_of(kind)
            {
                let _ = self.table.unify(var, default);
            }
        }
    }

    /// T003: a variable whose type nothing says.
    fn report_unknown(&mut self) {
        let db = self.db;
        for (local, data) in self.body.locals.iter() {
            let Some(pat) = data.pat else { continue };
            let Some(ty) = self.result.local_tys.get(local).copied() else {
                continue;
            };
            let ty = self.table.resolve(ty);
            let unknown = match ty.kind(db) {
                TyKind::Infer(_) => true,
                // `Nothing` says nothing; `Ok(1)` leaves only the error open, which is Unit.
                TyKind::Adt(_, args) => {
                    let mut types = args.types(db).peekable();
                    types.peek().is_some()
                        && types.all(|ty| matches!(ty.kind(db), TyKind::Infer(_)))
                }
                TyKind::Array(element, _) => matches!(element.kind(db), TyKind::Infer(_)),
                _ => false,
            };
            let is_bare = matches!(ty.kind(db), TyKind::Infer(_));
            if unknown && !(is_bare && self.has_errors()) {
                let ty = erase(db, ty);
                self.error(InferDiagnostic::CannotInfer {
                    site: Site::Pat(pat),
                    ty,
                });
            }
        }
    }

    /// After a first error an unknown type is most likely its consequence.
    fn has_errors(&self) -> bool {
        self.result
            .diagnostics
            .iter()
            .any(InferDiagnostic::is_error)
    }

    fn default_rest(&mut self) {
        let unit = Ty::unit(self.db);
        // What closures capture is found at the very end.
        let db = self.db;
        let closures = self.result.closures.iter().flatten();
        let captures: Vec<Ty> = closures
            .filter_map(|closure| Some(closure.ty.as_closure(db)?.1.captures_ty(db)))
            .collect();
        for var in self.all_vars() {
            if captures.contains(&var) {
                continue;
            }
            if self.table.var_kind(var) == Some(VarKind::General) {
                let ty = match self.demands_more(var, unit) {
                    Some(site) => {
                        let ty = erase(db, var);
                        self.error(InferDiagnostic::CannotInfer { site, ty });
                        self.error_ty()
                    }
                    None => unit,
                };
                let _ = self.table.unify(var, ty);
            }
        }
    }

    /// Who demands of an unknown type what Unit does not have.
    fn demands_more(&mut self, var: Ty, unit: Ty) -> Option<Site> {
        let db = self.db;
        let about_var = |goal: &Goal, table: &mut crate::table::Table<'_>| match goal {
            Goal::Predicate(Predicate::Implements(bound)) => {
                let this = table.shallow(bound.self_ty(db));
                (this == table.shallow(var)).then_some(*bound)
            }
            _ => None,
        };
        let mut demands: Vec<(Site, BehaviorRef)> = Vec::new();
        for index in 0..self.pending.len() {
            let obligation = self.pending[index].clone();
            let bound = about_var(&obligation.goal, &mut self.table);
            demands.extend(bound.map(|bound| (obligation.site, bound)));
        }
        demands.into_iter().find_map(|(site, bound)| {
            let snapshot = self.table.snapshot();
            let holds = self.table.unify(var, unit).is_ok() && self.may_hold(bound);
            self.table.rollback(snapshot);
            (!holds).then_some(site)
        })
    }

    fn check_literals(&mut self) {
        let db = self.db;
        for (expr, value, negative) in std::mem::take(&mut self.literals) {
            let Some(ty) = self.result.expr_ty(expr) else {
                continue;
            };
            let ty = self.table.resolve(ty);
            if let TyKind::Int(int) = ty.kind(db)
                && !int.holds(negative, value)
            {
                self.error(InferDiagnostic::LiteralRange {
                    expr,
                    ty,
                    value,
                    negative,
                });
            }
        }
        for (pat, value, negative) in std::mem::take(&mut self.pat_literals) {
            let Some(ty) = self.result.pat_ty(pat) else {
                continue;
            };
            let ty = self.table.resolve(ty);
            if let TyKind::Int(int) = ty.kind(db)
                && !int.holds(negative, value)
            {
                self.error(InferDiagnostic::PatLiteralRange {
                    pat,
                    ty,
                    value,
                    negative,
                });
            }
        }
    }

    /// T090: variables hold values, and values have sizes.
    fn check_sizes(&mut self) {
        let db = self.db;
        for (local, data) in self.body.locals.iter() {
            let (Some(pat), Some(ty)) = (data.pat, self.result.local_tys.get(local)) else {
                continue;
            };
            let ty = self.table.resolve(*ty);
            if ty.is_unsized(db) {
                let site = Site::Pat(pat);
                self.error(InferDiagnostic::Unsized { site, ty });
            }
        }
    }

    fn finish_cast(&mut self, expr: ExprId, operand: ExprId, to: Ty) {
        let db = self.db;
        let from = self
            .result
            .expr_ty(operand)
            .unwrap_or_else(|| self.error_ty());
        let (from, to) = (self.table.resolve(from), self.table.resolve(to));
        if from.has_error(db) || to.has_error(db) {
            return;
        }
        // Copy values are read through references; a reference itself casts to a pointer.
        let mut value = from;
        // So does one that is written as the operand: to any word.
        let is_address = matches!(self.body[operand], Expr::Ref { .. })
            && to.as_int(db).is_some_and(|int| int.bytes() == 8);
        let to_pointer = is_address || matches!(to.kind(db), TyKind::RawPtr(_));
        if from.as_ref(db).is_some() && !to_pointer && self.table.unify(from, to).is_err() {
            let stripped = from.strip_refs(db);
            if self.cast_kind(stripped, to).is_some()
                && !matches!(to.kind(db), TyKind::Int(_) if stripped.as_adt(db).is_some())
                && let Ok(steps) = self.coerce(from, stripped, false)
            {
                self.adjust(operand, steps);
                value = stripped;
            }
        }
        match self.cast_kind(value, to) {
            Some(kind) => {
                self.check_cast_value(expr, operand, kind);
                self.result.casts.insert(expr, kind);
            }
            None => self.error(InferDiagnostic::InvalidCast { expr, from, to }),
        }
    }

    /// T061: a constant that is no scalar value.
    fn check_cast_value(&mut self, expr: ExprId, operand: ExprId, kind: CastKind) {
        if kind != CastKind::IntToChar {
            return;
        }
        if let Expr::Literal(Literal::Int { value, .. }) = &self.body[operand]
            && u32::try_from(*value)
                .ok()
                .and_then(char::from_u32)
                .is_none()
        {
            let site = Site::Expr(expr);
            let error = crate::consteval::ConstError::InvalidCast;
            self.error(InferDiagnostic::Const {
                site,
                error,
                constant: None,
            });
        }
    }

    fn cast_kind(&mut self, from: Ty, to: Ty) -> Option<CastKind> {
        use CastKind::*;
        let db = self.db;
        if from == to {
            return Some(Same);
        }
        Some(match (from.kind(db), to.kind(db)) {
            (TyKind::Never, _) => Same,
            (TyKind::Int(_), TyKind::Int(_)) => IntToInt,
            (TyKind::Int(_), TyKind::Float(_)) => IntToFloat,
            (TyKind::Float(_), TyKind::Int(_)) => FloatToInt,
            (TyKind::Float(_), TyKind::Float(_)) => FloatToFloat,
            (TyKind::Bool, TyKind::Int(_)) => BoolToInt,
            (TyKind::Int(_), TyKind::Bool) => IntToBool,
            (TyKind::Char, TyKind::Int(_)) => CharToInt,
            (TyKind::Int(_), TyKind::Char) => IntToChar,
            (TyKind::Adt(AdtId::Enum(id), _), TyKind::Int(_)) => {
                let data = hir_def::signatures::enum_data(db, *id);
                let is_plain = data.variants.iter().all(|v| v.fields.fields.is_empty());
                return is_plain.then_some(EnumToInt);
            }
            (TyKind::RawPtr(_), TyKind::RawPtr(_)) => PtrToPtr,
            (TyKind::RawPtr(_), TyKind::Int(int)) if int.bytes() == 8 => PtrToInt,
            (TyKind::Int(int), TyKind::RawPtr(_)) if int.bytes() == 8 => IntToPtr,
            (TyKind::Str, TyKind::RawPtr(_)) => StrToPtr,
            (TyKind::Str, TyKind::Int(int)) if int.bytes() == 8 => StrToPtr,
            (TyKind::FnItem(..), TyKind::RawPtr(_)) => FuncToPtr,
            (TyKind::FnItem(..), TyKind::Int(int)) if int.bytes() == 8 => FuncToPtr,
            (TyKind::Ref { .. }, TyKind::RawPtr(_)) => RefToPtr,
            (TyKind::Ref { .. }, TyKind::Int(int)) if int.bytes() == 8 => RefToPtr,
            (TyKind::RawPtr(_), TyKind::Ref { .. } | TyKind::Str) => ToRef,
            (TyKind::Int(int), TyKind::Ref { .. } | TyKind::Str) if int.bytes() == 8 => ToRef,
            _ => return None,
        })
    }

    fn finish_auto_borrow(&mut self, expr: ExprId) {
        self.error(InferDiagnostic::ImplicitMutBorrow { expr });
    }

    /// W006 and W012.
    fn finish_discarded(&mut self, expr: ExprId) {
        let db = self.db;
        let Some(ty) = self.result.expr_ty(expr) else {
            return;
        };
        let ty = self.table.resolve(ty);
        if ty.has_error(db) || ty.is_never(db) {
            return;
        }
        let func = match self.result.calls.get(&expr) {
            Some(CallRes::Func { callee, .. }) => Some(callee.func),
            _ => None,
        };
        let reason = func.and_then(|func| crate::signature::fn_type(db, func).must_use.clone());
        let is_value = !matches!(
            self.body[expr],
            Expr::If { .. } | Expr::IfLet { .. } | Expr::When { .. } | Expr::Block { .. }
        );
        let of_type = match ty.as_adt(db) {
            Some((adt, _)) if self.lang.is_outcome(adt) => Some(hir_def::Name::default()),
            Some((AdtId::Struct(id), _)) => hir_def::signatures::struct_data(db, id)
                .attrs
                .must_use
                .clone(),
            Some((AdtId::Enum(id), _)) => hir_def::signatures::enum_data(db, id)
                .attrs
                .must_use
                .clone(),
            _ => None,
        };
        if is_value && (reason.is_some() || of_type.is_some()) {
            let reason = reason.or(of_type).filter(|text| !text.is_empty());
            self.error(InferDiagnostic::UnusedMustUse {
                expr,
                ty,
                func,
                reason,
            });
            return;
        }
        let effectless = match &self.body[expr] {
            Expr::Literal(literal) => *literal != Literal::Unit,
            Expr::Local(_) | Expr::Path(_) => true,
            Expr::Binary { .. } => {
                matches!(
                    self.result.ops.get(&expr),
                    Some(OpRes::Builtin | OpRes::Structural)
                ) && !self.may_act(expr)
            }
            Expr::Tuple(parts) => !parts.is_empty() && !self.may_act(expr),
            Expr::Field { base, .. } => !self.may_act(*base),
            _ => false,
        };
        if effectless && !ty.is_unit(db) {
            self.error(InferDiagnostic::UnusedValue { expr });
        }
    }

    /// Whether evaluating an expression may do something.
    fn may_act(&self, expr: ExprId) -> bool {
        match &self.body[expr] {
            Expr::Literal(_) | Expr::Local(_) | Expr::Path(_) => false,
            Expr::Binary { left, right, .. } => self.may_act(*left) || self.may_act(*right),
            Expr::Unary { operand, .. } => self.may_act(*operand),
            Expr::Field { base, .. } => self.may_act(*base),
            Expr::Tuple(parts) => parts.iter().any(|part| self.may_act(*part)),
            _ => true,
        }
    }

    fn check_patterns(&mut self, items: Vec<Deferred>) {
        for item in items {
            match item {
                Deferred::When { expr, scrutinee } => self.check_when(expr, scrutinee),
                Deferred::Irrefutable { pat, context } => self.check_irrefutable(pat, context),
                _ => {}
            }
        }
    }

    fn check_when(&mut self, expr: ExprId, scrutinee: ExprId) {
        let body = self.body;
        let Expr::When { arms, .. } = &body[expr] else {
            return;
        };
        let ty = self
            .result
            .adjusted_ty(scrutinee)
            .unwrap_or_else(|| self.error_ty());
        if ty.has_error(self.db) {
            return;
        }
        let arms: Vec<(PatId, bool)> = arms
            .iter()
            .map(|arm| (arm.pat, arm.guard.is_some()))
            .collect();
        let report = crate::exhaustive::check(self.db, body, &self.result, ty, &arms);
        let Some(report) = report else { return };
        for pat in report.unreachable {
            self.error(InferDiagnostic::UnreachableArm { pat });
        }
        if !report.missing.is_empty() {
            let (missing, more) = (report.missing.into(), report.more);
            self.error(InferDiagnostic::NonExhaustive {
                expr,
                scrutinee,
                ty,
                missing,
                more,
            });
        }
    }

    fn check_irrefutable(&mut self, pat: PatId, context: Irrefutable) {
        let mut ty = self.result.pat_ty(pat).unwrap_or_else(|| self.error_ty());
        if ty.has_error(self.db) {
            return;
        }
        ty = ty.strip_refs(self.db);
        let arms = [(pat, false)];
        let report = crate::exhaustive::check(self.db, self.body, &self.result, ty, &arms);
        if let Some(report) = report
            && !report.missing.is_empty()
        {
            let missing = report.missing.into();
            self.error(InferDiagnostic::Refutable {
                pat,
                missing,
                context,
            });
        }
    }

    /// Takes the variables out of everything.
    fn write_back(&mut self) {
        let mut result = std::mem::take(&mut self.result);
        let has_gaps = || self.body.exprs.iter().any(|(_, it)| *it == Expr::Missing);
        if !result.has_errors() && !has_gaps() {
            // What was read as an index, too, and is a type argument (reference §2.6): no value,
            // and no mistake either. Before a name that is still to be written stands a value.
            let unit = Ty::unit(self.db);
            for (expr, ty) in result.expr_tys.iter_mut() {
                if ty.is_error(self.db) && self.inferred.get(expr) == Some(&false) {
                    *ty = unit;
                }
            }
        }
        let mut done = Done { ctx: self };
        let tys = result
            .expr_tys
            .values_mut()
            .chain(result.pat_tys.values_mut())
            .chain(result.local_tys.values_mut());
        tys.for_each(|ty| *ty = done.fold_ty(*ty));
        for steps in result.adjustments.values_mut() {
            for step in steps.iter_mut() {
                step.target = done.fold_ty(step.target);
                if let Adjust::OverloadedDeref { callee, .. } | Adjust::FromArray(callee) =
                    &mut step.kind
                {
                    done.callee(callee);
                }
            }
        }
        for path in result.paths.values_mut() {
            match path {
                PathRes::Func(_, args)
                | PathRes::Ctor(_, args)
                | PathRes::UnitVariant(_, args)
                | PathRes::UnitStruct(_, args)
                | PathRes::Const(_, args) => *args = done.fold_args(*args),
                PathRes::Local(_) | PathRes::Static(_) | PathRes::ConstParam(_) => {}
            }
        }
        for call in result.calls.values_mut() {
            match call {
                CallRes::Func { callee, .. } => done.callee(callee),
                CallRes::Ctor { args, .. } | CallRes::New { args, .. } => {
                    *args = done.fold_args(*args);
                }
                CallRes::Value { .. } => {}
                CallRes::Callable { ty, .. } => *ty = done.fold_ty(*ty),
                CallRes::Builtin { pieces, .. } => done.pieces(pieces),
            }
        }
        result
            .interpolations
            .values_mut()
            .for_each(|pieces| done.pieces(pieces));
        for op in result.ops.values_mut() {
            match op {
                OpRes::Method { callee, .. } | OpRes::AssignThrough { callee } => {
                    done.callee(callee);
                }
                OpRes::Builtin | OpRes::Concat | OpRes::Structural => {}
            }
        }
        for ty in result.type_tests.values_mut() {
            *ty = done.fold_ty(*ty);
        }
        let setters = result.setters.values_mut();
        setters.for_each(|callee| done.callee(callee));
        for index in result.indexes.values_mut() {
            if let IndexRes::Method(callee) | IndexRes::MethodRef(callee) = index {
                done.callee(callee);
            }
        }
        for literal in result.struct_lits.values_mut() {
            literal.args = done.fold_args(literal.args);
        }
        for res in result.tries.values_mut() {
            res.operand = done.fold_ty(res.operand);
            done.exit(&mut res.exit);
        }
        for ty in result.catches.values_mut() {
            *ty = done.fold_ty(*ty);
        }
        for exit in result.throws.values_mut() {
            done.exit(exit);
        }
        for closure in result.closures.iter_mut().flatten() {
            closure.ty = done.fold_ty(closure.ty);
            for capture in &mut closure.captures {
                capture.place_ty = done.fold_ty(capture.place_ty);
                for step in &mut capture.steps {
                    if let super::result::CaptureStep::Field(_, ty) = step {
                        *ty = done.fold_ty(*ty);
                    }
                }
            }
        }
        for res in result.fors.values_mut() {
            if let ForRes::Iterator {
                into_iter,
                next,
                iter_ty,
                ..
            } = res
            {
                into_iter.iter_mut().for_each(|callee| done.callee(callee));
                done.callee(next);
                *iter_ty = done.fold_ty(*iter_ty);
            }
        }
        for pat in result.pats.values_mut() {
            match pat {
                PatRes::Variant { args, .. } | PatRes::Const(_, args) => {
                    *args = done.fold_args(*args);
                }
            }
        }
        for (ty, ..) in &mut result.implied {
            *ty = done.fold_ty(*ty);
        }
        result
            .opaques
            .iter_mut()
            .for_each(|ty| *ty = done.fold_ty(*ty));
        self.result = result;
        self.erase_diagnostics();
    }

    /// Types in messages show `_` for what never became known.
    fn erase_diagnostics(&mut self) {
        let db = self.db;
        for diagnostic in &mut self.result.diagnostics {
            diagnostic.each_ty(&mut |ty| *ty = erase(db, *ty));
        }
    }
}

struct Done<'a, 'db> {
    ctx: &'a mut InferCtx<'db>,
}

impl Done<'_, '_> {
    fn exit(&mut self, exit: &mut TryExit) {
        match exit {
            TryExit::ReturnErr {
                convert: Some(convert),
            }
            | TryExit::Catch {
                convert: Some(convert),
            } => match convert {
                ErrorConversion::From(callee) => self.callee(callee),
                ErrorConversion::Coerce(step) => step.target = self.fold_ty(step.target),
            },
            TryExit::Panic {
                debug: Some(callee),
            } => self.callee(callee),
            _ => {}
        }
    }

    fn callee(&mut self, callee: &mut Callee) {
        callee.args = self.fold_args(callee.args);
    }

    fn pieces(&mut self, pieces: &mut [FormatPiece]) {
        for piece in pieces {
            if let FormatPiece::Value {
                convert: Convert::Method(callee),
                ..
            } = piece
            {
                self.callee(callee);
            }
        }
    }
}

impl TyFolder for Done<'_, '_> {
    fn db(&self) -> &dyn base::Db {
        self.ctx.db
    }
    fn fold_ty(&mut self, ty: Ty) -> Ty {
        let ty = self.ctx.table.shallow(ty);
        match ty.kind(self.ctx.db) {
            TyKind::Infer(_) => Ty::unit(self.ctx.db),
            _ => self.super_fold(ty),
        }
    }
    fn fold_const(&mut self, value: Const) -> Const {
        match self.ctx.table.shallow_const(value) {
            Const::Infer(_) => Const::Error,
            value => value,
        }
    }
}

struct Erase<'db> {
    db: &'db dyn base::Db,
}

impl TyFolder for Erase<'_> {
    fn db(&self) -> &dyn base::Db {
        self.db
    }
    fn fold_ty(&mut self, ty: Ty) -> Ty {
        match ty.kind(self.db) {
            // The number would differ from run to run; all print as `_`.
            TyKind::Infer(_) => Ty::new(self.db, TyKind::Infer(crate::ty::TyVar(0))),
            _ => self.super_fold(ty),
        }
    }
    fn fold_const(&mut self, value: Const) -> Const {
        match value {
            Const::Infer(_) => Const::Error,
            value => value,
        }
    }
}

fn erase(db: &dyn base::Db, ty: Ty) -> Ty {
    Erase { db }.fold_ty(ty)
}

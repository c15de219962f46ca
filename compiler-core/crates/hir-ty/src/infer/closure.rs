//! Closures (reference §5.5): their signatures, bodies and calls.

use hir_def::body::{Arg, ClosureParam, Expr, ExprId};

use super::diagnostics::{Expected, InferDiagnostic, Irrefutable};
use super::result::{BindMode, CallRes, ClosureRes, FieldRes};
use super::{Deferred, Expectation, Goal, InferCtx};
use crate::callable::Callable;
use crate::generics::{BehaviorRef, Predicate, identity_args};
use crate::solve::Solver;
use crate::table::VarKind;
use crate::ty::{ClosureArgs, ClosureId, ClosureKind, GenericArgs, Ty, TyKind};

/// A closure whose body waits until its parameters are known.
#[derive(Clone, Copy, Debug)]
pub(super) struct WaitingBody {
    expr: ExprId,
    lowlevel: u32,
}

/// What the context says about a closure.
#[derive(Default)]
struct ExpectedSig {
    params: Vec<Ty>,
    ret: Option<Ty>,
}

impl InferCtx<'_> {
    pub(super) fn infer_closure(&mut self, expr: ExprId, expected: Expectation) -> Ty {
        let db = self.db;
        let body = self.body;
        let Expr::Closure {
            index,
            params,
            ret,
            is_async,
            ..
        } = &body[expr]
        else {
            return self.error_ty();
        };
        let sig = self.expected_sig(expected, params.len());
        let params = self.closure_params(params, &sig);
        let ret = match (ret, sig.ret) {
            (Some(ret), _) => self.lower_ty(*ret),
            (None, Some(ret)) => ret,
            (None, None) => self.new_var(),
        };
        let parent = match self.owner.generic_def(db) {
            Some(def) => identity_args(db, def),
            None => GenericArgs::empty(db),
        };
        let captures = self.new_var();
        let kind = match is_async {
            true => ClosureKind::Async.as_const(db),
            false => self.table.new_const_var(),
        };
        let func = Ty::func(db, params.iter().copied(), ret);
        let args = ClosureArgs::new(db, parent, func, captures, kind);
        let id = ClosureId {
            owner: self.owner,
            index: *index,
        };
        let ty = Ty::new(db, TyKind::Closure(id, args.0));
        while self.result.closures.len() <= *index as usize {
            self.result.closures.push(None);
        }
        self.result.closures[*index as usize] = Some(ClosureRes {
            expr,
            ty,
            captures: Box::default(),
        });
        let waiting = WaitingBody {
            expr,
            lowlevel: self.lowlevel,
        };
        let is_open = params
            .iter()
            .any(|param| self.table.var_kind(*param) == Some(VarKind::General));
        match is_open {
            true => self.waiting.push(waiting),
            false => self.infer_closure_body(waiting),
        }
        ty
    }

    fn closure_params(&mut self, params: &[ClosureParam], sig: &ExpectedSig) -> Vec<Ty> {
        let mut tys = Vec::with_capacity(params.len());
        for (i, param) in params.iter().enumerate() {
            let wanted = sig.params.get(i).copied();
            let ty = match (param.ty, wanted) {
                (Some(ty), _) => self.lower_ty(ty),
                (None, Some(ty)) => self.known(ty),
                (None, None) => self.new_var(),
            };
            self.infer_pat(param.pat, ty, BindMode::Value, None);
            self.deferred.push(Deferred::Irrefutable {
                pat: param.pat,
                context: Irrefutable::Param,
            });
            tys.push(ty);
        }
        tys
    }

    /// The parameters and result that the context demands.
    fn expected_sig(&mut self, expected: Expectation, arity: usize) -> ExpectedSig {
        let db = self.db;
        let Some(ty) = expected.ty() else {
            return ExpectedSig::default();
        };
        let ty = self.known(ty);
        let ty = self.known(ty.strip_refs(db));
        match ty.kind(db) {
            TyKind::Func { params, ret } => ExpectedSig {
                params: params.to_vec(),
                ret: Some(*ret),
            },
            TyKind::Infer(_) => self.sig_of_goals(ty, arity),
            TyKind::Param(_) | TyKind::Projection(_) | TyKind::Dyn(_) | TyKind::Object(_) => {
                match self.callable(ty) {
                    Some(found) => ExpectedSig {
                        params: found.params(db),
                        ret: Some(found.ret),
                    },
                    None => ExpectedSig::default(),
                }
            }
            _ => ExpectedSig::default(),
        }
    }

    /// What open goals demand of a type that is still unknown: `F: FnMut[I32]`.
    fn sig_of_goals(&mut self, ty: Ty, arity: usize) -> ExpectedSig {
        let db = self.db;
        let mut sig = ExpectedSig::default();
        let goals: Vec<Goal> = self.pending.iter().map(|o| o.goal.clone()).collect();
        for goal in goals {
            let (args, ret) = match goal {
                Goal::Predicate(Predicate::Implements(bound)) => {
                    if self.lang.closure_kind(bound.behavior).is_none() {
                        continue;
                    }
                    (bound.args, None)
                }
                Goal::Project(projection, ret) => {
                    if self.lang.closure_kind(projection.behavior).is_none() {
                        continue;
                    }
                    (projection.args, Some(ret))
                }
                Goal::Predicate(Predicate::Equal(left, right)) => match left.kind(db) {
                    TyKind::Projection(projection)
                        if self.lang.closure_kind(projection.behavior).is_some() =>
                    {
                        (projection.args, Some(right))
                    }
                    _ => continue,
                },
            };
            if self.table.shallow(args.ty(db, 0)) != ty {
                continue;
            }
            if sig.params.is_empty() {
                let args = self.table.resolve(args.ty(db, 1));
                sig.params = match args.kind(db) {
                    TyKind::Tuple(parts) if parts.len() == arity => parts.to_vec(),
                    TyKind::Infer(_) => Vec::new(),
                    _ => vec![args],
                };
            }
            if let Some(ret) = ret {
                let ret = self.table.shallow(ret);
                let is_better = match sig.ret {
                    None => true,
                    Some(old) => matches!(old.kind(db), TyKind::Infer(_)),
                };
                if is_better {
                    sig.ret = Some(ret);
                }
            }
        }
        sig
    }

    /// Bodies of closures whose parameters have become known; with `all`, all that wait.
    pub(super) fn infer_waiting_bodies(&mut self, all: bool) {
        let db = self.db;
        while !self.waiting.is_empty() {
            let mut found = None;
            for (i, waiting) in self.waiting.clone().into_iter().enumerate() {
                let params = match self.closure_args(waiting.expr) {
                    Some(args) => args.params(db),
                    None => Vec::new(),
                };
                let is_open = params
                    .iter()
                    .any(|param| self.table.var_kind(*param) == Some(VarKind::General));
                if all || !is_open {
                    found = Some(i);
                    break;
                }
            }
            let Some(index) = found else { return };
            let waiting = self.waiting.remove(index);
            self.infer_closure_body(waiting);
        }
    }

    /// `await e`
    pub(super) fn infer_await(&mut self, expr: ExprId, operand: ExprId) -> Ty {
        let db = self.db;
        let found = self.infer_expr(operand, Expectation::None);
        let found = self.known(found);
        // A number is no future, whichever it would become.
        if let Some(kind) = self.table.var_kind(found)
            && let Some(default) = self.table.default_of(kind)
        {
            let _ = self.table.unify(found, default);
        }
        if !self.is_async {
            self.error(InferDiagnostic::AwaitOutsideAsync { expr });
        }
        let Some(future) = self.lang.future else {
            return self.unsupported(super::Site::Expr(expr), "`await` without a library");
        };
        let ty = self.table.resolve(found);
        if ty.has_error(db) {
            return self.error_ty();
        }
        let args = GenericArgs::from_iter(db, [ty.into()]);
        let goal = BehaviorRef {
            behavior: future,
            args,
        };
        if !self.goal_holds(goal) {
            self.error(InferDiagnostic::Bound {
                site: super::Site::Expr(operand),
                ty,
                behavior: future,
                args,
                required_by: None,
            });
            return self.error_ty();
        }
        let projection = crate::ty::Projection {
            behavior: future,
            name: hir_def::Name::new_static("Output"),
            args,
        };
        let output = self.normalize(Ty::new(db, TyKind::Projection(projection)));
        self.known(output)
    }

    fn closure_args(&self, expr: ExprId) -> Option<ClosureArgs> {
        let ty = self
            .result
            .closures
            .iter()
            .flatten()
            .find(|closure| closure.expr == expr)?
            .ty;
        ty.as_closure(self.db).map(|(_, args)| args)
    }

    fn infer_closure_body(&mut self, waiting: WaitingBody) {
        let db = self.db;
        let body = self.body;
        let Expr::Closure {
            body: root,
            is_async,
            ..
        } = body[waiting.expr]
        else {
            return;
        };
        let Some(args) = self.closure_args(waiting.expr) else {
            return;
        };
        let ret = self.known(args.ret(db));
        let outer = BodyState {
            ret: self.ret.replace(ret),
            ret_is_unit: std::mem::replace(&mut self.ret_is_unit, ret.is_unit(db)),
            loops: std::mem::take(&mut self.loops),
            catches: std::mem::take(&mut self.catches),
            open_exits: std::mem::take(&mut self.open_exits),
            diverges: std::mem::replace(&mut self.diverges, false),
            lowlevel: std::mem::replace(&mut self.lowlevel, waiting.lowlevel),
            is_async: std::mem::replace(&mut self.is_async, is_async),
        };
        if self.ret_is_unit {
            self.infer_expr(root, Expectation::Discard);
        } else if matches!(ret.kind(db), TyKind::Infer(_)) {
            let found = self.infer_expr(root, Expectation::Has(ret));
            self.coerce_expr(root, found, ret, Expected::Return, false);
            // Who never returns may return anything.
            if self.table.shallow(found).is_never(db) {
                let unit = Ty::unit(db);
                self.table.fallbacks.push((ret.into(), unit.into()));
            }
        } else {
            self.check_function_body(root, ret);
        }
        let open = std::mem::replace(&mut self.open_exits, outer.open_exits);
        self.close_exits(open);
        self.ret = outer.ret;
        self.ret_is_unit = outer.ret_is_unit;
        self.loops = outer.loops;
        self.catches = outer.catches;
        self.diverges = outer.diverges;
        self.lowlevel = outer.lowlevel;
        self.is_async = outer.is_async;
    }

    /// How a type is called, user-written implementations of `Fn` included.
    pub(super) fn callable(&mut self, ty: Ty) -> Option<Callable> {
        let mut solver = Solver {
            table: &mut self.table,
            env: self.env,
            depth: 0,
        };
        solver.callable(ty)
    }

    /// A call of a closure, or of a parameter with a bound `Fn`.
    pub(super) fn call_callable(
        &mut self,
        expr: ExprId,
        found: Callable,
        ty: Ty,
        field: Option<FieldRes>,
        args: &[Arg],
    ) -> Ty {
        let db = self.db;
        let mut params = found.params(db);
        // A tuple in place of its parts.
        if args.len() == 1 && params.len() > 1 {
            params = vec![found.args];
        }
        if args.len() > 1
            && params.len() == 1
            && let TyKind::Infer(_) = self.table.shallow(found.args).kind(db)
        {
            params = args.iter().map(|_| self.new_var()).collect();
            let tuple = Ty::tuple(db, params.iter().copied());
            let _ = self.table.unify(found.args, tuple);
        }
        self.check_value_args(expr, &params, args);
        self.infer_waiting_bodies(false);
        self.result.calls.insert(
            expr,
            CallRes::Callable {
                field,
                ty,
                kind: found.kind,
            },
        );
        self.known(found.ret)
    }

    /// `f.call(x)` and its kin, on anything that can be called.
    pub(super) fn call_by_method(
        &mut self,
        expr: ExprId,
        recv: Ty,
        name: &str,
        args: &[Arg],
    ) -> Option<Ty> {
        if !matches!(name, "call" | "call_mut" | "call_once") {
            return None;
        }
        let db = self.db;
        let ty = self.known(recv.strip_refs(db));
        if let TyKind::Func { params, ret } = ty.kind(db) {
            self.check_value_args(expr, params, args);
            self.result
                .calls
                .insert(expr, CallRes::Value { field: None });
            return Some(self.table.shallow(*ret));
        }
        let found = self.callable(ty)?;
        Some(self.call_callable(expr, found, ty, None, args))
    }
}

/// What belongs to one body and not to the closures in it.
struct BodyState {
    ret: Option<Ty>,
    ret_is_unit: bool,
    loops: Vec<super::LoopCtx>,
    catches: Vec<super::CatchCtx>,
    open_exits: Vec<super::flow::OpenExit>,
    diverges: bool,
    lowlevel: u32,
    is_async: bool,
}

//! Inference of one body: bidirectional, over a unification table.
//!
//! [`infer_body`] is the query. `expr`, `pat`, `path`, `call`, `method`, `op`, `place` and
//! `coerce` each do one kind of work on the shared [`InferCtx`]; `finish` settles what is left
//! open, checks patterns and takes the variables out.

mod assign;
mod autoderef;
mod call;
mod captures;
mod closure;
mod coerce;
mod compare;
pub mod diagnostics;
mod expr;
mod finish;
mod flow;
mod format;
pub mod hidden;
pub mod implied;
mod index;
pub mod lowlevel;
mod method;
pub mod object;
mod op;
mod packed;
mod pat;
mod path;
mod place;
mod receiver;
pub mod result;
mod stmt;

use base::{Db, Package};
use hir_def::body::{Body, BodyDiagnostic, Expr, ExprId, LocalId, PatId};
use hir_def::resolver::Scope;
use hir_def::{AnonConstKind, BodyOwner, ConstId, ContainerId, GenericDef, Name, TypeRefId};
use rustc_hash::FxHashSet;
use stdx::DenseMap;

pub use result::InferenceResult;

use crate::auto::has_future;
use crate::generics::{BehaviorRef, ParamEnv, Predicate, param_env};
use crate::lang::{LangItems, lang_items};
use crate::lower::TyLower;
use crate::signature::{self, FnSig};
use crate::solve::{Answer, Normalizer, Solver};
use crate::table::{Table, VarKind};
use crate::ty::{GenericArg, GenericArgs, Projection, Ty, TyFolder, TyKind};
use diagnostics::{Expected, InferDiagnostic, Site};
use result::{Adjust, Adjustment, HeldGoal, PathRes};

/// Infers all types of a body.
///
/// Keyed by owner, once per generic body; read by MIR building, by editor features and by
/// diagnostics. Re-runs when the body, a signature it mentions, or an implementation that it
/// may use changes. Bodies of callees are never read, so an edit of one stops there.
#[salsa::tracked(cycle_result = infer_cycle)]
pub fn infer_body(db: &dyn Db, owner: BodyOwner) -> InferenceResult {
    let body = hir_def::body::body(db, owner);
    let mut ctx = InferCtx::new(db, owner, body);
    ctx.infer_owner();
    let mut result = ctx.finish();
    packed::packed_borrows(db, body, &mut result);
    result
}

// Only through constants that need themselves: `T062` is reported by their evaluation.
fn infer_cycle(_: &dyn Db, _: salsa::Id, _: BodyOwner) -> InferenceResult {
    InferenceResult::default()
}

/// All that is known about a body. See [`infer_body`], the query behind it.
pub fn infer(db: &dyn Db, owner: BodyOwner) -> &InferenceResult {
    infer_body(db, owner)
}

/// The type of a constant of a block without an annotation.
pub(crate) fn inferred_const_ty(db: &dyn Db, id: ConstId) -> Ty {
    let owner = BodyOwner::Const(id);
    let root = hir_def::body::body(db, owner).root;
    infer(db, owner)
        .adjusted_ty(root)
        .unwrap_or_else(|| Ty::error(db))
}

/// What the context wants of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expectation {
    None,
    /// A value of this type, perhaps after coercion.
    Has(Ty),
    /// Nothing: the value is thrown away.
    Discard,
}

/// A goal whose time comes when more is known.
#[derive(Clone, Debug)]
pub(crate) struct Obligation {
    goal: Goal,
    site: Site,
    required_by: Option<GenericDef>,
    /// How many goals may still follow from this one.
    fuel: u32,
}

/// Goals that may follow from one of the source. Implementations can ask for ever larger types
/// with unknown parts; guessed, real programs need a few dozen.
const OBLIGATION_FUEL: u32 = 1024;

/// The same below a goal that is known to fail, where only the reason is looked for.
const FAILED_FUEL: u32 = 16;

#[derive(Clone, Debug)]
enum Goal {
    Predicate(Predicate),
    Project(Projection, Ty),
}

struct LoopCtx {
    /// The type of `break v`; `None` for loops without value.
    value: Option<Ty>,
    may_break: bool,
    first: Option<ExprId>,
}

/// A `catch` around what is being inferred.
struct CatchCtx {
    /// What `!` inside hands to the handler.
    error: Ty,
}

/// Things looked at again once all types are known.
enum Deferred {
    Cast {
        expr: ExprId,
        operand: ExprId,
        to: Ty,
    },
    When {
        expr: ExprId,
        scrutinee: ExprId,
    },
    Irrefutable {
        pat: PatId,
        context: diagnostics::Irrefutable,
    },
    Discarded {
        expr: ExprId,
    },
    AutoBorrow {
        expr: ExprId,
    },
    /// A formatting call by name, or an interpolation.
    Format {
        expr: ExprId,
        name: Option<Name>,
        drafts: Vec<format::Draft>,
    },
}

pub(crate) struct InferCtx<'db> {
    db: &'db dyn Db,
    owner: BodyOwner,
    body: &'db Body,
    scope: Scope,
    package: Package,
    env: ParamEnv,
    lang: &'db LangItems,
    table: Table<'db>,
    /// The expressions that were looked at: all but those that turned out to be names of types.
    inferred: DenseMap<ExprId, bool>,
    result: InferenceResult,
    pending: Vec<Obligation>,
    deferred: Vec<Deferred>,
    literals: Vec<(ExprId, u128, bool)>,
    pat_literals: Vec<(PatId, u128, bool)>,
    /// What `return` gives; `None` outside functions.
    ret: Option<Ty>,
    ret_is_unit: bool,
    loops: Vec<LoopCtx>,
    catches: Vec<CatchCtx>,
    /// Failures that wait for the result of the body.
    open_exits: Vec<flow::OpenExit>,
    /// Closures whose bodies wait for the types of their parameters.
    waiting: Vec<closure::WaitingBody>,
    /// Closures whose captures are known.
    analysed: FxHashSet<usize>,
    /// Goals about closures whose kind was open, to be looked at again.
    kind_goals: Vec<Obligation>,
    /// Whether `await` is allowed.
    is_async: bool,
    /// Whether control cannot get here.
    diverges: bool,
    lowlevel: u32,
    /// What stands outside of it.
    outside: lowlevel::Outside,
    late: FxHashSet<LocalId>,
    receiver: Option<signature::ReceiverSig>,
    /// What conditions around say about the classes of locals; inner ones last.
    narrowed: object::Facts,
    /// The target of the assignment being inferred.
    assigned: Option<ExprId>,
    /// The expression whose path is being lowered.
    naming: Option<ExprId>,
    depth: u32,
}

/// Expressions nest no deeper in a lowered body.
const EXPR_DEPTH_MAX: u32 = 2 * hir_def::body::DEPTH_MAX;

impl<'db> InferCtx<'db> {
    fn new(db: &'db dyn Db, owner: BodyOwner, body: &'db Body) -> Self {
        let scope = Scope::of_body(db, owner);
        let package = scope.module.package(db);
        let env = match scope.generics {
            Some(def) => param_env(db, def),
            None => ParamEnv::empty(db, package),
        };
        let error = Ty::error(db);
        let result = InferenceResult {
            expr_tys: DenseMap::filled(error, body.exprs.len()),
            pat_tys: DenseMap::filled(error, body.pats.len()),
            local_tys: DenseMap::filled(error, body.locals.len()),
            ..InferenceResult::default()
        };
        let mut table = Table::new(db);
        let mut ctx_result = result;
        for local in body.locals.keys() {
            ctx_result.local_tys[local] = table.new_var(VarKind::General);
        }
        InferCtx {
            db,
            owner,
            body,
            scope,
            package,
            env,
            lang: lang_items(db, package),
            table,
            inferred: DenseMap::filled(false, body.exprs.len()),
            result: ctx_result,
            pending: Vec::new(),
            deferred: Vec::new(),
            literals: Vec::new(),
            pat_literals: Vec::new(),
            ret: None,
            ret_is_unit: false,
            loops: Vec::new(),
            catches: Vec::new(),
            open_exits: Vec::new(),
            waiting: Vec::new(),
            analysed: FxHashSet::default(),
            kind_goals: Vec::new(),
            is_async: false,
            diverges: false,
            lowlevel: 0,
            outside: lowlevel::Outside::default(),
            late: FxHashSet::default(),
            receiver: None,
            narrowed: Vec::new(),
            naming: None,
            assigned: None,
            depth: 0,
        }
    }

    fn infer_owner(&mut self) {
        let db = self.db;
        match self.owner {
            BodyOwner::Func(func) => {
                let sig = signature::fn_type(db, func);
                self.infer_func(sig);
            }
            BodyOwner::Const(id) => {
                let declared = signature::type_of_const_lowered(db, id).value;
                if declared.is_none() && !matches!(id.container(db), ContainerId::Block(_)) {
                    self.error(InferDiagnostic::MissingType);
                }
                self.infer_constant(declared);
            }
            BodyOwner::Static(id) => {
                let ty = signature::type_of_static(db, id);
                self.infer_constant(Some(ty));
            }
            BodyOwner::AnonConst(id) => {
                let ty = match id.kind(db) {
                    AnonConstKind::FieldDefault(field) => {
                        let types = signature::field_types(db, field.parent);
                        types.get(field.index as usize).copied()
                    }
                    AnonConstKind::Discriminant(variant) => {
                        let adt = hir_def::AdtId::Enum(variant.parent);
                        Some(Ty::int(db, crate::layout::tag_of(db, adt)))
                    }
                    AnonConstKind::ParamDefault(func, index) => {
                        let params = &signature::fn_type(db, func).params;
                        params.get(index as usize).map(|param| param.ty)
                    }
                };
                self.infer_constant(ty);
            }
        }
    }

    fn infer_func(&mut self, sig: &FnSig) {
        let body = self.body;
        let in_lowlevel_impl = match self.owner.container(self.db) {
            ContainerId::Impl(id) => hir_def::signatures::impl_data(self.db, id).is_lowlevel,
            _ => false,
        };
        self.lowlevel += u32::from(sig.flags.is_lowlevel || in_lowlevel_impl);
        self.receiver = sig.receiver;
        if let (Some(receiver), Some(local)) = (sig.receiver, body.receiver) {
            let ty = self.normalize(receiver.local);
            self.result.local_tys[local] = ty;
        }
        for (index, param) in body.params.iter().enumerate() {
            let ty = sig.params.get(index).map(|param| param.ty);
            let ty = ty.unwrap_or_else(|| Ty::error(self.db));
            let ty = self.normalize(ty);
            self.infer_pat(param.pat, ty, result::BindMode::Value, None);
            let context = diagnostics::Irrefutable::Param;
            self.deferred.push(Deferred::Irrefutable {
                pat: param.pat,
                context,
            });
            if let Some(default) = param.default {
                self.check(default, ty, Expected::Declaration);
            }
        }
        self.is_async = sig.output.is_some();
        let ret = match (self.owner, sig.output) {
            (_, Some(output)) => output,
            (BodyOwner::Func(func), None) => self.open_result(func),
            _ => sig.ret,
        };
        let ret = self.normalize(ret);
        self.ret = Some(ret);
        if let Some(result) = body.contracts.result
            && let Some(slot) = self.result.local_tys.get_mut(result)
        {
            *slot = ret;
        }
        let conditions = body.contracts.before.iter().chain(&body.contracts.after);
        for (condition, _) in conditions {
            self.check(*condition, Ty::bool(self.db), Expected::Condition);
        }
        self.ret_is_unit = ret.is_unit(self.db);
        if matches!(body[body.root], Expr::Missing) {
            return;
        }
        if self.ret_is_unit {
            // A Unit function throws its last value away, as a statement does.
            self.infer_expr(body.root, Expectation::Discard);
            return;
        }
        self.check_function_body(body.root, ret);
        let open = std::mem::take(&mut self.open_exits);
        self.close_exits(open);
    }

    /// The body of a function with a result: falling off its end is an error of its own.
    fn check_function_body(&mut self, root: ExprId, ret: Ty) {
        let found = self.infer_expr(root, Expectation::Has(ret));
        let found = self.table.shallow(found);
        let has_tail = match &self.body[root] {
            Expr::Block { tail, .. } => tail.is_some(),
            _ => true,
        };
        if !has_tail && found.is_unit(self.db) && !ret.is_unit(self.db) {
            if !ret.is_error(self.db) {
                let ret = self.table.resolve(ret);
                if !ret.is_unit(self.db) && !matches!(ret.kind(self.db), TyKind::Infer(_)) {
                    self.error(InferDiagnostic::MissingReturn {
                        block: root,
                        expected: ret,
                    });
                }
            }
            return;
        }
        self.coerce_expr(root, found, ret, Expected::Return, false);
    }

    fn infer_constant(&mut self, ty: Option<Ty>) {
        let root = self.body.root;
        if matches!(self.body[root], Expr::Missing) {
            return;
        }
        match ty {
            Some(ty) => {
                let ty = self.normalize(ty);
                self.check(root, ty, Expected::Declaration);
            }
            None => {
                self.infer_expr(root, Expectation::None);
            }
        }
    }

    fn error(&mut self, diagnostic: InferDiagnostic) {
        self.result.diagnostics.push(diagnostic);
    }

    fn unsupported(&mut self, site: Site, feature: &'static str) -> Ty {
        self.error(InferDiagnostic::Unsupported { site, feature });
        Ty::error(self.db)
    }

    fn new_var(&mut self) -> Ty {
        self.table.new_var(VarKind::General)
    }

    fn error_ty(&self) -> Ty {
        Ty::error(self.db)
    }

    fn expr_scope(&self, expr: ExprId) -> Scope {
        self.scope.in_block(self.body.expr_block(expr))
    }

    /// Lowers a type written in the body.
    fn lower_ty(&mut self, ty: TypeRefId) -> Ty {
        let scope = self.scope.in_block(self.body.type_block(ty));
        let body = self.body;
        let ty = self.with_lower(scope, |lower| {
            lower.values_decide = false;
            lower.ty(ty)
        });
        let _ = body;
        self.normalize(ty)
    }

    /// Lowers with variables for what is left out; errors become diagnostics.
    fn with_lower<R>(&mut self, scope: Scope, f: impl FnOnce(&mut TyLower<'db, '_>) -> R) -> R {
        let mut lower = TyLower::new(self.db, scope, &self.body.types);
        lower.table = Some(&mut self.table);
        lower.values_decide = true;
        let value = f(&mut lower);
        let errors = std::mem::take(&mut lower.errors);
        for error in errors {
            self.error(match (error.ty, self.naming) {
                (None, Some(expr)) => InferDiagnostic::PathType { expr, error },
                _ => InferDiagnostic::Type(error),
            });
        }
        value
    }

    /// Replaces associated types; those not known yet become variables with a goal.
    fn normalize(&mut self, ty: Ty) -> Ty {
        let db = self.db;
        if !ty.has_projection(db) {
            return ty;
        }
        let mut pending = Vec::new();
        let mut solver = Solver {
            table: &mut self.table,
            env: self.env,
            depth: 0,
        };
        let ty = Normalizer {
            solver: &mut solver,
            pending: Some(&mut pending),
        }
        .fold_ty(ty);
        let site = Site::Expr(self.body.root);
        for (projection, var) in pending {
            let goal = Goal::Project(projection, var);
            self.pending.push(Obligation {
                goal,
                site,
                required_by: None,
                fuel: OBLIGATION_FUEL,
            });
        }
        ty
    }

    /// Instantiates a type of a declaration.
    fn instantiate(&mut self, ty: Ty, args: GenericArgs) -> Ty {
        let ty = ty.subst(self.db, args);
        self.normalize(ty)
    }

    /// Demands what a definition demands of its arguments.
    fn require_predicates(&mut self, def: GenericDef, args: GenericArgs, site: Site) {
        let db = self.db;
        for predicate in &crate::generics::predicates_of(db, def).list {
            let mut predicate = predicate.subst(db, args);
            if let Predicate::Implements(goal) = &mut predicate {
                // What an associated type is decides which implementation fits.
                let list = goal.args.list(db).to_vec();
                let list = list.into_iter().map(|arg| match arg {
                    GenericArg::Ty(ty) => GenericArg::Ty(self.normalize(ty)),
                    other => other,
                });
                goal.args = GenericArgs::from_iter(db, list);
            }
            self.pending.push(Obligation {
                goal: Goal::Predicate(predicate),
                site,
                required_by: Some(def),
                fuel: OBLIGATION_FUEL,
            });
        }
    }

    /// Demands what follows from a goal; `fuel` is that goal's.
    fn require_all(
        &mut self,
        nested: Vec<Predicate>,
        site: Site,
        required_by: Option<GenericDef>,
        fuel: u32,
    ) {
        let share = fuel.saturating_sub(1) / (nested.len() as u32).max(1);
        self.pending
            .extend(nested.into_iter().map(|predicate| Obligation {
                goal: Goal::Predicate(predicate),
                site,
                required_by,
                fuel: share,
            }));
    }

    /// Works on open goals for as long as that helps. With `last`, what stays open fails.
    fn select(&mut self, last: bool) {
        // Each round settles at least one goal.
        loop {
            let goals = std::mem::take(&mut self.pending);
            if goals.is_empty() {
                return;
            }
            let mut progress = false;
            let mut open = Vec::new();
            for obligation in goals {
                match self.try_goal(&obligation) {
                    Answer::Yes(_) => progress = true,
                    Answer::Unknown => open.push(obligation),
                    Answer::No => {
                        progress = true;
                        self.report_unmet(&obligation);
                    }
                }
            }
            // `try_goal` may have added goals.
            open.append(&mut self.pending);
            self.pending = open;
            if !progress {
                break;
            }
        }
        if last {
            self.pending.clear();
        }
    }

    /// Something is taken for `Send` or `Sync`: what its futures hold while they wait is looked at
    /// once this body is done.
    fn note_held(&mut self, goal: BehaviorRef, site: Site, required_by: Option<GenericDef>) {
        let Some(which) = self.lang.auto_of(goal.behavior) else {
            return;
        };
        let ty = goal.self_ty(self.db);
        let ty = self.normalize(ty);
        let ty = self.table.resolve(ty);
        if crate::auto::auto_verdict(self.db, ty, which, self.env)
            .bodies
            .is_empty()
        {
            return;
        }
        let goal = HeldGoal {
            site,
            ty,
            which,
            required_by,
        };
        if !self.result.held.contains(&goal) {
            self.result.held.push(goal);
        }
    }

    fn try_goal(&mut self, obligation: &Obligation) -> Answer {
        let mut nested = Vec::new();
        let mut fuel = obligation.fuel;
        let mut solver = Solver {
            table: &mut self.table,
            env: self.env,
            depth: 0,
        };
        let answer = match &obligation.goal {
            Goal::Predicate(Predicate::Implements(goal)) => match solver.solve_remembered(*goal) {
                None => solver.solve(*goal, &mut nested),
                // What it follows from shows what must be said of a future.
                Some(Answer::Yes(_))
                    if has_future(self.db, solver.table.resolve_args(goal.args)) =>
                {
                    solver.solve(*goal, &mut nested)
                }
                // The demands that fail are reported, not what asked for them.
                Some(Answer::No) => {
                    fuel = fuel.min(FAILED_FUEL);
                    solver.solve(*goal, &mut nested)
                }
                Some(answer) => answer,
            },
            Goal::Predicate(Predicate::Equal(a, b)) => {
                let (a, b) = (*a, *b);
                let begun = self.pending.len();
                let (a, b) = (self.normalize(a), self.normalize(b));
                // What is found out later about a side is what this demand is about.
                for side in self.pending.iter_mut().skip(begun) {
                    side.site = obligation.site;
                    side.required_by = obligation.required_by;
                }
                match self.table.unify(a, b) {
                    Ok(()) => Answer::Yes(crate::solve::Selection::Builtin),
                    Err(_) => Answer::No,
                }
            }
            Goal::Project(projection, var) => match solver.project(projection) {
                Ok(ty) => {
                    let ty = self.normalize(ty);
                    if self.table.unify(*var, ty).is_err() {
                        self.report_projection(obligation, *var, ty);
                    }
                    Answer::Yes(crate::solve::Selection::Builtin)
                }
                Err(true) => Answer::Unknown,
                Err(false) => {
                    let args = self.table.resolve_args(projection.args);
                    let projection = Projection {
                        args,
                        ..projection.clone()
                    };
                    let ty = Ty::new(self.db, TyKind::Projection(projection));
                    let _ = self.table.unify(*var, ty);
                    Answer::Yes(crate::solve::Selection::Builtin)
                }
            },
        };
        if let (Answer::Yes(_), Goal::Predicate(Predicate::Implements(goal))) =
            (&answer, &obligation.goal)
        {
            self.note_held(*goal, obligation.site, obligation.required_by);
        }
        if !nested.is_empty() && fuel == 0 {
            return Answer::No;
        }
        self.require_all(nested, obligation.site, obligation.required_by, fuel);
        if let (Answer::Yes(_), Goal::Predicate(Predicate::Implements(goal))) =
            (&answer, &obligation.goal)
            && self.lang.closure_kind(goal.behavior).is_some()
            && self.is_open_closure(goal.self_ty(self.db))
        {
            self.kind_goals.push(obligation.clone());
        }
        answer
    }

    /// An associated type that is not what the context made of it.
    fn report_projection(&mut self, obligation: &Obligation, expected: Ty, found: Ty) {
        let (expected, found) = (self.table.resolve(expected), self.table.resolve(found));
        if expected.has_error(self.db) || found.has_error(self.db) {
            return;
        }
        let is_known = self
            .result
            .diagnostics
            .iter()
            .any(InferDiagnostic::is_error);
        if is_known {
            return;
        }
        let site = obligation.site;
        self.error(match obligation.required_by {
            Some(_) => InferDiagnostic::Unequal {
                site,
                expected,
                found,
                required_by: obligation.required_by,
            },
            None => InferDiagnostic::Mismatch {
                site,
                expected,
                found,
                why: diagnostics::Expected::Other,
            },
        });
    }

    /// Whether a type is a closure of which it is not known yet how it is called.
    fn is_open_closure(&mut self, ty: Ty) -> bool {
        let db = self.db;
        let mut ty = self.table.shallow(ty);
        while let Some((_, target)) = ty.as_ref(db) {
            ty = self.table.shallow(target);
        }
        ty.as_closure(db).is_some_and(|(_, args)| {
            matches!(
                self.table.shallow_const(args.kind_const(db)),
                crate::ty::Const::Infer(_)
            )
        })
    }

    fn report_unmet(&mut self, obligation: &Obligation) {
        if let Goal::Predicate(Predicate::Equal(a, b)) = obligation.goal {
            let (found, expected) = (self.normalize(a), self.normalize(b));
            return self.report_projection(obligation, expected, found);
        }
        let Goal::Predicate(Predicate::Implements(BehaviorRef { behavior, args })) =
            obligation.goal
        else {
            return;
        };
        let args = self.table.resolve_args(args);
        let ty = args.ty(self.db, 0);
        if args.types(self.db).any(|ty| ty.has_error(self.db)) {
            return;
        }
        self.error(InferDiagnostic::Bound {
            site: obligation.site,
            ty,
            behavior,
            args,
            required_by: obligation.required_by,
        });
    }

    /// What a type is, after trying open goals if it is a bare variable.
    fn known(&mut self, ty: Ty) -> Ty {
        let ty = self.table.shallow(ty);
        if matches!(ty.kind(self.db), TyKind::Infer(_)) && !self.pending.is_empty() {
            self.select(false);
            return self.table.shallow(ty);
        }
        ty
    }

    fn is_copy(&mut self, ty: Ty) -> bool {
        let ty = self.table.resolve(ty);
        // What this very body decides is not known yet.
        if let (TyKind::Opaque(func, ..), BodyOwner::Func(owner)) = (ty.kind(self.db), self.owner)
            && *func == owner
        {
            return false;
        }
        crate::props::is_copy(self.db, ty, self.env)
    }

    fn adjust(&mut self, expr: ExprId, steps: Vec<Adjustment>) {
        if steps.is_empty() {
            return;
        }
        let exclusive = steps
            .iter()
            .any(|step| step.kind == Adjust::Borrow { mutable: true });
        let mut list = self
            .result
            .adjustments
            .remove(&expr)
            .map(Vec::from)
            .unwrap_or_default();
        list.extend(steps);
        self.result.adjustments.insert(expr, list.into());
        if exclusive {
            self.use_exclusively(expr);
        }
    }

    fn has_body_error(&self) -> bool {
        self.body
            .diagnostics
            .iter()
            .any(|d| matches!(d, BodyDiagnostic::UnevenAlternatives { .. }))
    }
}

/// Whether a path resolution is one of a value that can be a place.
pub(crate) fn is_place_path(path: &PathRes) -> bool {
    matches!(path, PathRes::Local(_) | PathRes::Static(_))
}

//! Which type implements what.
//!
//! One solver serves inference, where goals have unknown parts, and queries about finished
//! types. A goal is a [`BehaviorRef`]; assumptions come first, then what the language knows,
//! then implementations.

mod chosen;
mod instance;
mod normalizer;
mod promised;

pub use crate::signature::implemented_func;
pub use instance::{Instance, resolve_const, resolve_instance};
pub(crate) use normalizer::Normalizer;

use base::Db;
use hir_def::{BehaviorId, GenericDef, ImplId};
use rustc_hash::FxHashMap;

use crate::generics::{BehaviorRef, ParamEnv, Predicate, generics_of, predicates_of};
use crate::impls::{BehaviorImpl, TyHead, candidates};
use crate::lang::{LangItems, lang_items};
use crate::props;
use crate::signature::{assoc_type_of, impl_assoc_ty, projection_bounds, type_of_alias};
use crate::table::{Table, VarKind};
use crate::ty::{GenericArg, GenericArgs, Projection, Ty, TyFolder, TyKind};

/// Why a type implements a behavior.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Selection {
    Impl {
        id: ImplId,
        args: GenericArgs,
    },
    /// An assumption of the definition around.
    Assumed(BehaviorRef),
    /// The class of the type, or the interface that it is, says so.
    Class,
    /// The type is an object of the behavior, or of one that extends it.
    Object,
    /// The language itself says so: structural `Copy` and `PartialEq`, markers.
    Builtin,
}

/// The answer to a goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Yes(Selection),
    No,
    /// Not enough is known yet.
    Unknown,
}

/// Goals inside goals are followed so deep; guessed, real ones stay under ten.
const SOLVE_DEPTH_MAX: u32 = 48;

/// Goals followed for one outermost goal. Implementations that ask for ever larger types can
/// branch at every level, so that depth alone bounds nothing; guessed, real goals take a few dozen.
const SOLVE_STEPS_MAX: u32 = 256;

/// What a table remembers of goals without variables: implementations ask for the same ones
/// again and again, and for themselves.
#[derive(Default)]
pub(crate) struct Memory {
    known: FxHashMap<(ParamEnv, BehaviorRef), Answer>,
    /// The goals being worked on, outermost first.
    open: Vec<(ParamEnv, BehaviorRef)>,
    /// Place in `open` of the outermost goal that a cycle has led back to. What lies above it
    /// was answered on the assumption that this goal fails, so it is not worth remembering.
    cycle_to: Option<usize>,
    /// Steps since the outermost goal was entered.
    steps: u32,
}

/// Whether and why `goal.self_ty(): goal.behavior` holds, for types without variables.
///
/// Keyed by goal and assumptions; read by everything after inference. Re-runs when the
/// implementations of a package involved change.
#[salsa::tracked(returns(copy), cycle_result = solve_cycle)]
pub fn behavior_solve(
    db: &dyn Db,
    env: ParamEnv,
    behavior: BehaviorId,
    args: GenericArgs,
) -> Option<Selection> {
    let mut table = Table::new(db);
    let mut solver = Solver {
        table: &mut table,
        env,
        depth: 0,
    };
    let goal = BehaviorRef { behavior, args };
    match solver.solve_deep(goal) {
        Answer::Yes(Selection::Impl { id, args }) => {
            let args = erase_vars(&mut table, args);
            Some(Selection::Impl { id, args })
        }
        Answer::Yes(other) => Some(other),
        Answer::No | Answer::Unknown => None,
    }
}

fn solve_cycle(
    _: &dyn Db,
    _: salsa::Id,
    _: ParamEnv,
    _: BehaviorId,
    _: GenericArgs,
) -> Option<Selection> {
    None
}

/// Whether a type implements a behavior that has no arguments of its own.
pub fn implements(db: &dyn Db, env: ParamEnv, ty: Ty, behavior: BehaviorId) -> bool {
    let args = GenericArgs::from_iter(db, [ty.into()]);
    behavior_solve(db, env, behavior, args).is_some()
}

/// Replaces associated types by what implementations and assumptions say.
#[salsa::tracked(returns(copy), cycle_result = normalize_cycle)]
fn normalize_query(db: &dyn Db, ty: Ty, env: ParamEnv) -> Ty {
    let mut table = Table::new(db);
    let mut solver = Solver {
        table: &mut table,
        env,
        depth: 0,
    };
    let ty = Normalizer {
        solver: &mut solver,
        pending: None,
    }
    .fold_ty(ty);
    table.resolve(ty)
}

fn normalize_cycle(db: &dyn Db, _: salsa::Id, _: Ty, _: ParamEnv) -> Ty {
    Ty::error(db)
}

/// Replaces associated types by what implementations and assumptions say. What cannot be
/// replaced (`T::Item` in a generic body) stays.
pub fn normalize(db: &dyn Db, ty: Ty, env: ParamEnv) -> Ty {
    if ty.has_projection(db) {
        normalize_query(db, ty, env)
    } else {
        ty
    }
}

/// The header of an implementation for one self type, if it fits.
pub(crate) fn match_impl(
    db: &dyn Db,
    env: ParamEnv,
    found: BehaviorImpl,
    ty: Ty,
) -> Option<BehaviorRef> {
    let mut table = Table::new(db);
    let header = found.header(db)?;
    let args = table.fresh_args(GenericDef::Impl(found.id));
    let header = header.subst(db, args);
    let _ = env;
    table.unify(header.self_ty(db), ty).ok()?;
    let args = table.resolve_args(header.args);
    Some(BehaviorRef {
        behavior: header.behavior,
        args,
    })
}

fn erase_vars(table: &mut Table<'_>, args: GenericArgs) -> GenericArgs {
    let db = table.db;
    let args = table.resolve_args(args);
    let list = args.list(db).iter().map(|arg| match arg {
        GenericArg::Ty(ty) if crate::table::has_infer(db, *ty) => GenericArg::Ty(Ty::unit(db)),
        other => *other,
    });
    GenericArgs::from_iter(db, list.collect::<Vec<_>>())
}

/// Whether it is not known yet what some closure inside captures.
fn has_open_closure(db: &dyn Db, ty: Ty) -> bool {
    let mut found = false;
    crate::ty::walk_ty(db, ty, &mut |part| {
        if let Some((_, args)) = part.as_closure(db) {
            found |= args.kind(db).is_none();
        }
    });
    found
}

pub(crate) struct Solver<'a, 'db> {
    pub(crate) table: &'a mut Table<'db>,
    pub(crate) env: ParamEnv,
    pub(crate) depth: u32,
}

impl<'db> Solver<'_, 'db> {
    fn db(&self) -> &'db dyn Db {
        self.table.db
    }

    pub(crate) fn lang(&self) -> &'db LangItems {
        lang_items(self.db(), self.env.package(self.db()))
    }

    /// Solves a goal and everything that follows from it.
    pub(crate) fn solve_deep(&mut self, goal: BehaviorRef) -> Answer {
        let mut nested = Vec::new();
        let answer = self.solve(goal, &mut nested);
        if let Answer::Yes(_) = answer {
            match self.all_hold(&nested) {
                Answer::Yes(_) => {}
                other => return other,
            }
        }
        answer
    }

    /// Goes one level deeper; `false` past a limit. The caller comes back by `depth -= 1`.
    fn enter(&mut self) -> bool {
        let memory = &mut self.table.memory;
        if self.depth == 0 {
            memory.steps = 0;
        }
        self.depth += 1;
        memory.steps += 1;
        self.depth <= SOLVE_DEPTH_MAX && memory.steps <= SOLVE_STEPS_MAX
    }

    /// [`Solver::solve_deep`] with a memory. A goal that asks for itself does not hold.
    /// `None` for a goal with unknown parts.
    pub(crate) fn solve_remembered(&mut self, goal: BehaviorRef) -> Option<Answer> {
        let args = self.table.resolve_args(goal.args);
        let key = (self.env, BehaviorRef { args, ..goal });
        if args
            .types(self.db())
            .any(|ty| crate::table::has_infer(self.db(), ty))
        {
            return None;
        }
        let memory = &mut self.table.memory;
        if let Some(answer) = memory.known.get(&key) {
            return Some(*answer);
        }
        if let Some(place) = memory.open.iter().position(|open| *open == key) {
            memory.cycle_to = Some(memory.cycle_to.map_or(place, |to| to.min(place)));
            return Some(Answer::No);
        }
        let place = memory.open.len();
        memory.open.push(key);
        let answer = self.solve_deep(key.1);
        let memory = &mut self.table.memory;
        memory.open.truncate(place);
        let depends = memory.cycle_to.is_some_and(|to| to < place);
        if !depends {
            memory.cycle_to = None;
            if memory.steps <= SOLVE_STEPS_MAX {
                memory.known.insert(key, answer);
            }
        }
        Some(answer)
    }

    fn predicate(&mut self, predicate: &Predicate) -> Answer {
        match predicate {
            Predicate::Implements(goal) => {
                let answer = match self.enter() {
                    true => {
                        let goal = BehaviorRef {
                            args: self.normalize_args(goal.args),
                            ..*goal
                        };
                        self.solve_remembered(goal)
                            .unwrap_or_else(|| self.solve_deep(goal))
                    }
                    false => Answer::No,
                };
                self.depth -= 1;
                answer
            }
            Predicate::Equal(a, b) => {
                let a = self.normalize(*a);
                let b = self.normalize(*b);
                // An associated type that is not known yet would become part of the answer as
                // it is written, and stay so.
                if self.has_open_projection(a) || self.has_open_projection(b) {
                    return Answer::Unknown;
                }
                match self.table.unify(a, b) {
                    Ok(()) => Answer::Yes(Selection::Builtin),
                    Err(_) if self.table.has_vars(a) || self.table.has_vars(b) => Answer::Unknown,
                    Err(_) => Answer::No,
                }
            }
        }
    }

    fn has_open_projection(&mut self, ty: Ty) -> bool {
        let db = self.db();
        let mut open = Vec::new();
        crate::ty::walk_ty(db, ty, &mut |ty| {
            if matches!(ty.kind(db), TyKind::Projection(_)) {
                open.push(ty);
            }
        });
        open.into_iter().any(|ty| self.table.has_vars(ty))
    }

    fn normalize_args(&mut self, args: GenericArgs) -> GenericArgs {
        Normalizer {
            solver: self,
            pending: None,
        }
        .fold_args(args)
    }

    pub(crate) fn normalize(&mut self, ty: Ty) -> Ty {
        Normalizer {
            solver: self,
            pending: None,
        }
        .fold_ty(ty)
    }

    /// Solves a goal. On `Yes` variables of the goal may have become known; what the chosen
    /// implementation demands is added to `nested`.
    pub(crate) fn solve(&mut self, goal: BehaviorRef, nested: &mut Vec<Predicate>) -> Answer {
        let db = self.db();
        let goal = BehaviorRef {
            behavior: goal.behavior,
            args: self.table.resolve_args(goal.args),
        };
        let this = goal.self_ty(db);
        if this.is_error(db) {
            return Answer::Yes(Selection::Builtin);
        }
        if let Some(answer) = self.assumed(goal) {
            return answer;
        }
        if let Some(kind) = self.table.var_kind(this) {
            return self.for_variable(goal, kind);
        }
        if let Some(which) = self.lang().auto_of(goal.behavior) {
            return self.auto(this, which);
        }
        if let Some(object) = this.as_dyn(db) {
            let bounds = crate::object::object_bounds(db, object, this);
            let same = |bound: &BehaviorRef| bound.behavior == goal.behavior;
            for bound in bounds.into_iter().filter(same) {
                let snapshot = self.table.snapshot();
                if self.table.unify_args(bound.args, goal.args).is_ok() {
                    self.table.commit(snapshot);
                    return Answer::Yes(Selection::Object);
                }
                self.table.rollback(snapshot);
            }
        }
        let found = candidates(db, self.env, goal);
        match self.choose(goal, &found, nested) {
            Answer::No => self.builtin(goal),
            answer => answer,
        }
    }

    fn auto(&mut self, this: Ty, which: crate::auto::Auto) -> Answer {
        let db = self.db();
        let this = self.normalize(this);
        if crate::table::has_infer(db, this) || has_open_closure(db, this) {
            return Answer::Unknown;
        }
        match crate::auto::auto_culprit(db, this, which, self.env) {
            None => Answer::Yes(Selection::Builtin),
            Some(_) => Answer::No,
        }
    }

    fn for_variable(&mut self, goal: BehaviorRef, kind: VarKind) -> Answer {
        let lang = self.lang();
        let always = [lang.copy, lang.sized, lang.send, lang.sync];
        match kind {
            // Whatever number it becomes.
            VarKind::Int { .. } | VarKind::Float if always.contains(&Some(goal.behavior)) => {
                Answer::Yes(Selection::Builtin)
            }
            _ => Answer::Unknown,
        }
    }

    /// Bounds in scope, and those of an associated type's declaration.
    fn assumed(&mut self, goal: BehaviorRef) -> Option<Answer> {
        let db = self.db();
        let mut bounds: Vec<BehaviorRef> = self
            .env
            .data(db)
            .bounds
            .iter()
            .filter(|bound| bound.behavior == goal.behavior)
            .copied()
            .collect();
        let more = match goal.self_ty(db).kind(db) {
            TyKind::Projection(projection) => projection_bounds(db, projection),
            TyKind::Opaque(func, index, args) => {
                crate::signature::opaque_bounds(db, *func, *index, *args)
            }
            _ => Vec::new(),
        };
        if !more.is_empty() {
            bounds.extend(
                more.into_iter()
                    .filter(|bound| bound.behavior == goal.behavior),
            );
        }
        if bounds.contains(&goal) {
            return Some(Answer::Yes(Selection::Assumed(goal)));
        }
        let mut fitting: Option<BehaviorRef> = None;
        for bound in bounds {
            let snapshot = self.table.snapshot();
            let fits = self.table.unify_args(bound.args, goal.args).is_ok();
            self.table.rollback(snapshot);
            if fits {
                if fitting.is_some() {
                    return Some(Answer::Unknown);
                }
                fitting = Some(bound);
            }
        }
        let bound = fitting?;
        // A variable must not become `T` merely because `T` has the bound.
        if self.table.var_kind(goal.self_ty(db)).is_some() {
            return None;
        }
        let _ = self.table.unify_args(bound.args, goal.args);
        Some(Answer::Yes(Selection::Assumed(bound)))
    }

    fn choose(
        &mut self,
        goal: BehaviorRef,
        found: &[BehaviorImpl],
        nested: &mut Vec<Predicate>,
    ) -> Answer {
        let db = self.db();
        let mut fitting: Vec<BehaviorImpl> = Vec::new();
        let mut certain = true;
        for candidate in found {
            let snapshot = self.table.snapshot();
            let answer = match self.apply(goal, *candidate) {
                Some((_, predicates)) => self.all_hold(&predicates),
                None => Answer::No,
            };
            self.table.rollback(snapshot);
            match answer {
                Answer::Yes(_) => fitting.push(*candidate),
                Answer::Unknown => {
                    certain = false;
                    fitting.push(*candidate);
                }
                Answer::No => {}
            }
        }
        let chosen = match &*fitting {
            [] => return Answer::No,
            [one] => *one,
            many => {
                // The more specific one: not for a bare parameter.
                let specific: Vec<BehaviorImpl> = many
                    .iter()
                    .filter(|c| {
                        let header = c.header(db);
                        header.is_some_and(|h| TyHead::of(db, h.self_ty(db)).is_some())
                    })
                    .copied()
                    .collect();
                let has_vars = goal
                    .args
                    .types(db)
                    .any(|ty| crate::table::has_infer(db, ty));
                let most = self.most_specific(many);
                match &*specific {
                    _ if most.is_some() && (certain || !has_vars) => most.unwrap_or(many[0]),
                    [one] if certain => *one,
                    // A repetition in a root package: the dependency's (W042) is as good.
                    [_, .., last] if !has_vars => *last,
                    _ if has_vars => return Answer::Unknown,
                    _ => many[many.len() - 1],
                }
            }
        };
        let Some((args, predicates)) = self.apply(goal, chosen) else {
            return Answer::No;
        };
        nested.extend(predicates);
        Answer::Yes(Selection::Impl {
            id: chosen.id,
            args: self.table.resolve_args(args),
        })
    }

    /// The one among fitting implementations whose head fits all the others' (reference
    /// §9.1(3)).
    fn most_specific(&mut self, many: &[BehaviorImpl]) -> Option<BehaviorImpl> {
        let db = self.db();
        let fits = |this: &mut Self, one: BehaviorImpl, other: BehaviorImpl| {
            let (Some(rigid), Some(header)) = (one.header(db), other.header(db)) else {
                return false;
            };
            let snapshot = this.table.snapshot();
            let args = this.table.fresh_args(GenericDef::Impl(other.id));
            let header = header.subst(db, args);
            let fits = this.table.unify_args(header.args, rigid.args).is_ok();
            this.table.rollback(snapshot);
            fits
        };
        let mut found = None;
        for one in many.iter().copied() {
            let mut others = many.iter().copied().filter(|other| *other != one);
            let is_specific = others.all(|other| fits(self, one, other) && !fits(self, other, one));
            if is_specific {
                found = Some(one);
            }
        }
        found
    }

    /// Whether all of these hold. A later one may tell what an earlier one left open
    /// (`where U: IntoIterator, I::Item = U`), so open ones are asked again while some get known.
    fn all_hold(&mut self, predicates: &[Predicate]) -> Answer {
        let mut open: Vec<&Predicate> = predicates.iter().collect();
        loop {
            let mut left = Vec::new();
            for predicate in &open {
                match self.predicate(predicate) {
                    Answer::Yes(_) => {}
                    Answer::No => return Answer::No,
                    Answer::Unknown => left.push(*predicate),
                }
            }
            if left.is_empty() {
                return Answer::Yes(Selection::Builtin);
            }
            if left.len() == open.len() {
                return Answer::Unknown;
            }
            open = left;
        }
    }

    /// Makes an implementation fit a goal: its arguments, and what it demands.
    fn apply(
        &mut self,
        goal: BehaviorRef,
        candidate: BehaviorImpl,
    ) -> Option<(GenericArgs, Vec<Predicate>)> {
        let db = self.db();
        let def = GenericDef::Impl(candidate.id);
        let args = self.table.fresh_args(def);
        let header = candidate.header(db)?.subst(db, args);
        let header_args = header.args.list(db).to_vec();
        let goal_args = goal.args.list(db).to_vec();
        if header_args.len() != goal_args.len() {
            return None;
        }
        for (header, goal) in header_args.into_iter().zip(goal_args) {
            match (header, goal) {
                (GenericArg::Ty(header), GenericArg::Ty(goal)) => {
                    let header = self.normalize(header);
                    self.table.unify(header, goal).ok()?;
                }
                (GenericArg::Const(header), GenericArg::Const(goal)) => {
                    self.table.unify_const(header, goal).ok()?;
                }
                _ => return None,
            }
        }
        let predicates = &predicates_of(db, def).list;
        Some((
            args,
            predicates
                .iter()
                .map(|predicate| predicate.subst(db, args))
                .collect(),
        ))
    }

    /// What holds without an implementation.
    fn builtin(&mut self, goal: BehaviorRef) -> Answer {
        let db = self.db();
        let lang = self.lang();
        let this = goal.self_ty(db);
        let behavior = Some(goal.behavior);
        let yes = Answer::Yes(Selection::Builtin);
        if behavior == lang.sized && this.is_unsized(db) {
            return Answer::No;
        }
        if crate::classes::is_interface(db, goal.behavior) {
            return self.of_class(goal);
        }
        if behavior == lang.sized {
            return yes;
        }
        if let Some(wanted) = lang.closure_kind(goal.behavior) {
            return self.solve_call(goal, wanted);
        }
        if behavior == lang.future
            && let Some(crate::ty::ClosureKind::Async) =
                this.as_closure(db).and_then(|(_, args)| args.kind(db))
        {
            return yes;
        }
        if behavior == lang.future && matches!(this.kind(db), TyKind::Future(..)) {
            return yes;
        }
        // What a closure captures is known only once its body is.
        if let Some((_, args)) = this.as_closure(db)
            && (behavior == lang.copy || behavior == lang.duplicate)
            && args.kind(db).is_none()
        {
            return Answer::Unknown;
        }
        let has_vars = crate::table::has_infer(db, this);
        if behavior == lang.copy || behavior == lang.duplicate {
            if has_vars {
                return Answer::Unknown;
            }
            return if props::is_copy(db, this, self.env) {
                yes
            } else {
                Answer::No
            };
        }
        if behavior == lang.partial_eq || behavior == lang.eq {
            let other = goal.args.ty(db, 1);
            if goal.args.list(db).len() > 1 && self.table.unify(this, other).is_err() {
                return Answer::No;
            }
            if has_vars {
                return Answer::Unknown;
            }
            return if props::is_comparable(db, this, self.env) {
                yes
            } else {
                Answer::No
            };
        }
        Answer::No
    }

    /// `F: FnMut[Args]` of closures, functions and `func` values.
    fn solve_call(&mut self, goal: BehaviorRef, wanted: crate::ty::ClosureKind) -> Answer {
        let db = self.db();
        let Some(found) = self.callable(goal.self_ty(db)) else {
            return Answer::No;
        };
        if found.kind.is_some_and(|kind| kind > wanted) {
            return Answer::No;
        }
        match self.fits_args(&found, goal.args.ty(db, 1)) {
            // An open kind is asked for again at the end.
            true => Answer::Yes(Selection::Builtin),
            false => Answer::No,
        }
    }

    /// What the language itself says about an associated type.
    fn builtin_projection(&mut self, projection: &Projection, this: Ty) -> Option<Ty> {
        let db = self.db();
        let lang = self.lang();
        if projection.name != "Output" {
            return None;
        }
        if lang.closure_kind(projection.behavior).is_some() {
            return self.callable(this).map(|found| found.ret);
        }
        if lang.future == Some(projection.behavior) {
            return match this.kind(db) {
                TyKind::Future(func, args) => {
                    let output = crate::signature::async_output(db, *func).subst(db, *args);
                    Some(self.normalize(output))
                }
                TyKind::Closure(_, args) => Some(crate::ty::ClosureArgs(*args).ret(db)),
                _ => None,
            };
        }
        None
    }

    /// Classes implement the interfaces that they name, and interfaces themselves.
    fn of_class(&mut self, goal: BehaviorRef) -> Answer {
        let db = self.db();
        for bound in crate::classes::interfaces_of_ty(db, goal.self_ty(db)) {
            if bound.behavior != goal.behavior {
                continue;
            }
            let snapshot = self.table.snapshot();
            if self.table.unify_args(bound.args, goal.args).is_ok() {
                self.table.commit(snapshot);
                return Answer::Yes(Selection::Class);
            }
            self.table.rollback(snapshot);
        }
        Answer::No
    }

    /// What an associated type is. `Err(true)` if it is not known yet, `Err(false)` if it stays
    /// as it is.
    pub(crate) fn project(&mut self, projection: &Projection) -> Result<Ty, bool> {
        let db = self.db();
        let args = self.table.resolve_args(projection.args);
        for (known, ty) in &self.env.data(db).equal {
            if known.behavior == projection.behavior
                && known.name == projection.name
                && known.args == args
            {
                return Ok(*ty);
            }
        }
        // A generic associated type has arguments of its own behind those of the behavior.
        let def = GenericDef::Behavior(projection.behavior);
        let count = generics_of(db, def).params.len();
        let own = args.list(db).get(count..).unwrap_or(&[]).to_vec();
        let goal = BehaviorRef {
            behavior: projection.behavior,
            args: args.prefix(db, count),
        };
        if goal.self_ty(db).is_error(db) {
            return Ok(Ty::error(db));
        }
        // Whatever number it becomes, numbers add up to their own type.
        let this = goal.self_ty(db);
        if Some(goal.behavior) == self.lang().total
            && let Some(VarKind::Int { .. } | VarKind::Float) = self.table.var_kind(this)
        {
            return Ok(this);
        }
        if let Some(ty) = self.promised(projection, args) {
            return Ok(ty);
        }
        let answer = match self.enter() {
            true => {
                let mut nested = Vec::new();
                let answer = self.solve(goal, &mut nested);
                // `where I::Item = A` may be what says what `A` is.
                nested.retain(|predicate| matches!(predicate, Predicate::Equal(..)));
                self.all_hold(&nested);
                answer
            }
            false => Answer::No,
        };
        let result = match answer {
            Answer::Yes(Selection::Impl {
                id,
                args: impl_args,
            }) => {
                let impl_args = self.table.resolve_args(impl_args);
                let ty = match impl_assoc_ty(db, id, &projection.name) {
                    Some(ty) => {
                        let all = impl_args.list(db).iter().copied().chain(own);
                        ty.subst(db, GenericArgs::from_iter(db, all.collect::<Vec<_>>()))
                    }
                    None => match assoc_type_of(db, projection.behavior, &projection.name) {
                        Some(alias) => type_of_alias(db, alias).subst(db, args),
                        None => Ty::error(db),
                    },
                };
                Ok(self.normalize(ty))
            }
            Answer::Yes(Selection::Builtin) => {
                let this = goal.self_ty(db);
                match self.builtin_projection(projection, this) {
                    Some(ty) => Ok(ty),
                    None => Err(false),
                }
            }
            Answer::Yes(Selection::Object) => {
                let object = goal.self_ty(db).as_dyn(db);
                let bindings = object.map(|object| &*object.bindings).unwrap_or(&[]);
                let found = bindings.iter().find(|(name, _)| *name == projection.name);
                found.map(|(_, ty)| *ty).ok_or(false)
            }
            Answer::Unknown => Err(true),
            _ => Err(false),
        };
        self.depth -= 1;
        result
    }
}

//! Drop elaboration: from "drop what is still there" to drops that really happen.
//!
//! Lowering schedules a `drop` for every value at the end of its scope, on each way out. Here
//! the analysis of [`crate::moves`] says what is still there:
//!
//! ```text
//! drop _2;         // surely initialised: stays
//! drop _3;         // surely moved: goes
//! drop _4;         // moved on some path: `if _9 then drop _4`, with _9 a flag kept by moves
//! drop _5;         // a part moved: the other parts are dropped one by one
//! replace _6 = v;  // _10 = move _6; _6 = v; drop _10
//! ```
//! Flags are set where values come and go, and only for paths whose state is not known
//! somewhere. A type's own `Drop` is skipped where a part has been moved (reference §8.2).

mod forward;
mod ladder;
mod unwind;

use base::Db;
use forward::forward_copies;
use hir_ty::Ty;
use rustc_hash::FxHashMap;

use crate::cfg::simplify;
use crate::data::*;
use crate::moves::dataflow::{Flow, State};
use crate::moves::effects::{Effect, statement_effects, terminator_effects};
use crate::moves::paths::{Lookup, MovePaths, PathId};
use crate::tys;

/// Makes all drops explicit. The body must have passed the checks.
pub(crate) fn elaborate_drops(db: &dyn Db, mut body: Body) -> Body {
    remove_checks(&mut body);
    let paths = MovePaths::new(&body);
    let flow = Flow::new(&body, &paths);
    let mut out = body.clone();
    out.phase = Phase::Final;
    out.held = Default::default();
    let mut elaborator = Elaborator {
        db,
        source: &body,
        paths: &paths,
        out,
        flags: FxHashMap::default(),
        cleanups: FxHashMap::default(),
        resume: None,
        on_panic: None,
        is_unwinding: false,
        current: BlockId::ENTRY,
        info: SourceInfo::BODY,
    };
    elaborator.make_flags(&flow);
    elaborator.rewrite(&flow);
    let mut out = elaborator.out;
    simplify(&mut out);
    forward_copies(db, &mut out);
    out
}

/// What was made for the borrow checker has done its work.
fn remove_checks(body: &mut Body) {
    let is_check = |local: Local| {
        let decl = body.locals.get(local);
        decl.is_some_and(|decl| decl.kind == LocalKind::Check)
    };
    for block in body.blocks.values_mut() {
        block.statements.retain(|statement| match &statement.kind {
            StatementKind::Assign(place, _) => !is_check(place.local),
            _ => true,
        });
    }
}

struct Elaborator<'a> {
    db: &'a dyn Db,
    source: &'a Body,
    paths: &'a MovePaths,
    out: Body,
    /// Paths whose state is not known everywhere.
    flags: FxHashMap<PathId, Local>,
    /// Blocks that drop a local in some state and then go on to an outer cleanup.
    cleanups: FxHashMap<(Option<BlockId>, Local, Vec<Liveness>), BlockId>,
    /// The block in which all cleanups end.
    resume: Option<BlockId>,
    /// Where a panic of a destructor goes that runs here.
    on_panic: Option<BlockId>,
    /// Whether what is written now runs while a panic unwinds.
    is_unwinding: bool,
    current: BlockId,
    info: SourceInfo,
}

/// What is known about a path at some point.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Liveness {
    Live,
    Dead,
    Maybe,
}

fn liveness(state: &State, path: PathId) -> Liveness {
    match (state.init.contains(path), state.uninit.contains(path)) {
        (true, false) => Liveness::Live,
        (true, true) => Liveness::Maybe,
        (false, _) => Liveness::Dead,
    }
}

impl<'a> Elaborator<'a> {
    fn make_flags(&mut self, flow: &Flow) {
        for (id, block) in self.source.blocks.iter() {
            let Some(Some(state)) = flow.entry.get(id) else {
                continue;
            };
            let mut state = state.clone();
            for statement in &block.statements {
                if let StatementKind::Drop(place, _) | StatementKind::Replace(place, ..) =
                    &statement.kind
                    && let Some(Lookup::Exact(path)) = self.paths.lookup(place)
                    && tys::may_need_drop(self.db, tys::place_ty(self.db, self.source, place))
                {
                    let unknown: Vec<PathId> = self
                        .paths
                        .subtree(path)
                        .into_iter()
                        .filter(|path| liveness(&state, *path) == Liveness::Maybe)
                        .collect();
                    unknown.into_iter().for_each(|path| self.make_flag(path));
                }
                let paths = self.paths;
                statement_effects(&statement.kind, &mut |effect| state.apply(paths, effect));
                // What a destructor that panics leaves behind.
                let held = self.held_at_drop(&statement.kind);
                self.make_flags_of(&held, &state);
            }
            let held = self.held(&block.terminator.kind);
            if !held.is_empty() {
                let state = self.unwinding_state(&block.terminator.kind, &state);
                self.make_flags_of(&held, &state);
            }
        }
    }

    /// Flags for what of some locals may be there.
    fn make_flags_of(&mut self, locals: &[Local], state: &State) {
        for path in locals.iter().filter_map(|local| self.paths.local(*local)) {
            for path in self.paths.subtree(path) {
                if liveness(state, path) == Liveness::Maybe {
                    self.make_flag(path);
                }
            }
        }
    }

    fn make_flag(&mut self, path: PathId) {
        if self.flags.contains_key(&path) {
            return;
        }
        let flag = self.out.locals.push(LocalDecl {
            ty: Ty::bool(self.db),
            name: None,
            mutable: true,
            kind: LocalKind::Flag,
            source: SourceInfo::BODY,
        });
        self.flags.insert(path, flag);
    }

    fn rewrite(&mut self, flow: &Flow) {
        let source = self.source;
        for (id, block) in source.blocks.iter() {
            let Some(Some(state)) = flow.entry.get(id) else {
                continue;
            };
            let mut state = state.clone();
            self.current = id;
            if let Some(out) = self.out.blocks.get_mut(id) {
                out.statements.clear();
            }
            if id == BlockId::ENTRY {
                self.init_flags();
            }
            for statement in &block.statements {
                self.info = statement.source;
                match &statement.kind {
                    StatementKind::Drop(place, _) => {
                        self.prepare_panic(&statement.kind, &state);
                        self.elaborate_drop(place, &state);
                        self.on_panic = None;
                    }
                    StatementKind::Replace(place, value, unwind) => {
                        self.prepare_panic(&statement.kind, &state);
                        self.elaborate_replace(place, value, *unwind, &state);
                        self.on_panic = None;
                    }
                    kind => self.push(kind.clone()),
                }
                self.after_statement(&statement.kind, &mut state);
            }
            self.info = block.terminator.source;
            self.rewrite_terminator(&block.terminator.kind, &mut state);
        }
    }

    /// Applies a statement to the state, and keeps the flags of what it touches.
    fn after_statement(&mut self, kind: &StatementKind, state: &mut State) {
        let paths = self.paths;
        let mut changes = Vec::new();
        statement_effects(kind, &mut |effect| {
            state.apply(paths, effect);
            changes.extend(flag_change(paths, effect));
        });
        self.set_flags(&changes);
    }

    fn rewrite_terminator(&mut self, kind: &TerminatorKind, state: &mut State) {
        let paths = self.paths;
        let unwinding = self.unwinding_state(kind, state);
        let (mut before, mut after) = (Vec::new(), Vec::new());
        terminator_effects(kind, &mut |effect| {
            state.apply(paths, effect);
            match effect {
                // A call's result is there only on the way on.
                Effect::Init(_) => after.extend(flag_change(paths, effect)),
                _ => before.extend(flag_change(paths, effect)),
            }
        });
        self.set_flags(&before);
        let mut kind = kind.clone();
        self.express_unwinding(&mut kind, &unwinding);
        let has_flags = after.iter().any(|(path, _)| self.has_flag_below(*path));
        if let TerminatorKind::Call {
            target: Some(target),
            ..
        } = &mut kind
            && has_flags
        {
            let go_on = std::mem::replace(target, self.new_block());
            let between = *target;
            self.terminate(kind);
            self.current = between;
            self.set_flags(&after);
            self.terminate(TerminatorKind::Goto(go_on));
        } else {
            self.terminate(kind);
        }
    }

    fn has_flag_below(&self, path: PathId) -> bool {
        self.paths
            .subtree(path)
            .iter()
            .any(|path| self.flags.contains_key(path))
    }

    /// Parameters are there from the start, everything else is not.
    fn init_flags(&mut self) {
        let mut flags: Vec<(PathId, Local)> = self
            .flags
            .iter()
            .map(|(path, flag)| (*path, *flag))
            .collect();
        flags.sort();
        for (path, flag) in flags {
            let local = self.paths.paths[path].place.local;
            let is_arg = local != Local::RETURN && local.0 <= self.source.arg_count;
            self.set_flag(flag, is_arg);
        }
    }

    fn set_flags(&mut self, changes: &[(PathId, bool)]) {
        for (path, value) in changes {
            for path in self.paths.subtree(*path) {
                if let Some(flag) = self.flags.get(&path).copied() {
                    self.set_flag(flag, *value);
                }
            }
        }
    }

    fn set_flag(&mut self, flag: Local, value: bool) {
        let constant = Constant {
            ty: Ty::bool(self.db),
            kind: ConstKind::Bool(value),
        };
        self.push(StatementKind::Assign(
            flag.into(),
            Rvalue::Use(Operand::Const(constant)),
        ));
    }

    fn push(&mut self, kind: StatementKind) {
        let statement = Statement {
            kind,
            source: self.info,
        };
        if let Some(block) = self.out.blocks.get_mut(self.current) {
            block.statements.push(statement);
        }
    }

    fn new_block(&mut self) -> BlockId {
        let terminator = Terminator {
            kind: TerminatorKind::Unreachable,
            source: self.info,
        };
        self.out.blocks.push(Block {
            statements: Vec::new(),
            terminator,
        })
    }

    fn terminate(&mut self, kind: TerminatorKind) {
        if let Some(block) = self.out.blocks.get_mut(self.current) {
            block.terminator = Terminator {
                kind,
                source: self.info,
            };
        }
    }

    fn temp(&mut self, ty: Ty) -> Local {
        self.out.locals.push(LocalDecl {
            ty,
            name: None,
            mutable: true,
            kind: LocalKind::Temp,
            source: self.info,
        })
    }
}

/// The path whose flags a step changes, and to what.
fn flag_change(paths: &MovePaths, effect: Effect<'_>) -> Option<(PathId, bool)> {
    let exact = |place: &Place| match paths.lookup(place) {
        Some(Lookup::Exact(path)) => Some(path),
        _ => None,
    };
    match effect {
        // A local that ends has been dropped or moved before.
        Effect::Use(_) | Effect::Storage(_) => None,
        Effect::Move(place) | Effect::Drop(place) => Some((exact(place)?, false)),
        Effect::Init(place) => Some((exact(place)?, true)),
    }
}

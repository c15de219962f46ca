//! Uses of what is moved or was never initialised (B001, B016, T040), moves out of what cannot
//! be moved from (B005), and writes to what may not be written (T013, B004, B006).
//!
//! One finding per place and body: what follows from the first is not repeated.

mod mutability;
mod names;

pub(crate) use names::place_name;

use base::Db;
use hir_ty::TyKind;
use rustc_hash::FxHashSet;
use stdx::DenseMap;

use super::dataflow::{Flow, State, predecessors};
use super::effects::{Effect, statement_effects, terminator_effects};
use super::paths::{Lookup, MovePaths, PathId};
use crate::data::*;
use crate::diagnostics::{MirDiagnostic, MoveOrigin};
use crate::tys;

/// All findings about a body, in order of blocks and statements.
pub(crate) fn check_body(
    db: &dyn Db,
    body: &Body,
    (paths, flow): (&MovePaths, &Flow),
) -> Vec<MirDiagnostic> {
    let mut checker = Checker {
        db,
        body,
        paths,
        predecessors: predecessors(body),
        reported: FxHashSet::default(),
        written: FxHashSet::default(),
        diagnostics: Vec::new(),
    };
    for (id, block) in body.blocks.iter() {
        let Some(Some(state)) = flow.entry.get(id) else {
            continue;
        };
        let mut state = state.clone();
        for (index, statement) in block.statements.iter().enumerate() {
            let at = Location {
                block: id,
                statement: index,
                source: statement.source,
            };
            checker.mutability(&statement.kind, &state, at);
            statement_effects(&statement.kind, &mut |effect| {
                checker.effect(effect, &state, at);
                state.apply(paths, effect);
            });
        }
        let terminator = &block.terminator;
        let statement = block.statements.len();
        let at = Location {
            block: id,
            statement,
            source: terminator.source,
        };
        terminator_effects(&terminator.kind, &mut |effect| {
            checker.effect(effect, &state, at);
            state.apply(paths, effect);
        });
    }
    checker.needless_mut();
    checker.diagnostics
}

/// A statement of a block; the terminator counts as one after the last.
#[derive(Clone, Copy)]
struct Location {
    block: BlockId,
    statement: usize,
    source: SourceInfo,
}

struct Checker<'a> {
    db: &'a dyn Db,
    body: &'a Body,
    paths: &'a MovePaths,
    predecessors: DenseMap<BlockId, Vec<BlockId>>,
    /// Paths that have been complained about.
    reported: FxHashSet<PathId>,
    /// Locals that are assigned after their first value, in part, or borrowed exclusively.
    written: FxHashSet<Local>,
    diagnostics: Vec<MirDiagnostic>,
}

impl Checker<'_> {
    fn effect(&mut self, effect: Effect<'_>, state: &State, at: Location) {
        match effect {
            Effect::Use(place) => self.check_use(place, state, at),
            Effect::Move(place) => self.check_move(place, at),
            Effect::Init(place) => self.check_init(place, state, at),
            Effect::Drop(_) | Effect::Storage(_) => {}
        }
    }

    fn check_use(&mut self, place: &Place, state: &State, at: Location) {
        for step in &place.projection {
            if let Projection::Index(local) = step {
                self.check_use(&(*local).into(), state, at);
            }
        }
        let Some(lookup) = self.paths.lookup(place) else {
            return;
        };
        let path = lookup.path();
        if state.uninit.contains(path) {
            return self.gone(path, at);
        }
        // A part of it may be gone. Below an untracked step there are no parts.
        if let Lookup::Exact(path) = lookup {
            let parts = self.paths.subtree(path);
            if let Some(part) = parts.into_iter().find(|part| state.uninit.contains(*part)) {
                self.partly_gone(path, part, at);
            }
        }
    }

    /// Storing into a part of something needs the whole to be there.
    fn check_init(&mut self, place: &Place, state: &State, at: Location) {
        if place.as_local().is_some() {
            return;
        }
        let through = place
            .projection
            .iter()
            .position(|step| !matches!(step, Projection::Field(..) | Projection::Downcast(_)));
        match through {
            // `(*p).f = v` uses `p`; `a[i] = v` uses all of `a`.
            Some(len) => {
                let base = Place {
                    local: place.local,
                    projection: place.projection.iter().take(len).cloned().collect(),
                };
                self.check_use(&base, state, at);
            }
            // `a.f = v` gives a moved `f` back, but not an `a` that is gone.
            None => {
                let Some(lookup) = self.paths.lookup(place) else {
                    return;
                };
                let owner = match lookup {
                    Lookup::Exact(path) => self.paths.paths[path].parent,
                    Lookup::Inside(path) => Some(path),
                };
                if let Some(owner) = owner.filter(|owner| state.uninit.contains(*owner)) {
                    self.gone(owner, at);
                }
            }
        }
    }

    /// B005
    fn check_move(&mut self, place: &Place, at: Location) {
        let mut ty = match self.body.locals.get(place.local) {
            Some(decl) => decl.ty,
            None => return,
        };
        let mut whole = Place::local(place.local);
        for step in &place.projection {
            let from = match step {
                Projection::Deref => match ty.kind(self.db) {
                    TyKind::RawPtr(_) if self.is_static(&whole) => Some(MoveOrigin::Static),
                    TyKind::RawPtr(_) => Some(MoveOrigin::Pointer),
                    _ if self.is_receiver(whole.local) => Some(MoveOrigin::Receiver),
                    _ => Some(MoveOrigin::Reference),
                },
                Projection::Object(..) => Some(MoveOrigin::Object),
                Projection::Index(_)
                | Projection::ConstIndex { .. }
                | Projection::Subslice { .. } => Some(MoveOrigin::Element),
                Projection::Field(..) | Projection::Downcast(_) => None,
            };
            // Its destructor does not run, then; the other fields are dropped one by one.
            if from.is_none()
                && let Projection::Field(..) = step
                && tys::has_own_drop(self.db, ty)
            {
                let finding = MirDiagnostic::SkipsDrop {
                    whole: self.name(&whole),
                    part: self.name(place),
                    source: at.source,
                };
                self.add(finding);
            }
            if let Some(from) = from {
                let place = self.name(place);
                let finding = MirDiagnostic::MoveOut {
                    place,
                    from,
                    source: at.source,
                };
                if !self.diagnostics.contains(&finding) {
                    self.diagnostics.push(finding);
                }
                return;
            }
            whole = whole.project(step.clone());
            ty = tys::step_ty(self.db, ty, step);
        }
    }

    /// Whether a pointer is the address of a static, as lowering makes it.
    fn is_static(&self, pointer: &Place) -> bool {
        let Some(local) = pointer.as_local() else {
            return false;
        };
        self.body.blocks.values().flat_map(|block| &block.statements).any(|statement| {
            matches!(
                &statement.kind,
                StatementKind::Assign(
                    place,
                    Rvalue::Use(Operand::Const(Constant { kind: ConstKind::StaticAddr(_), .. })),
                ) if place.as_local() == Some(local)
            )
        })
    }

    fn is_receiver(&self, local: Local) -> bool {
        self.body
            .locals
            .get(local)
            .is_some_and(|decl| decl.kind == LocalKind::Arg && decl.name.as_deref() == Some("this"))
    }

    fn gone(&mut self, path: PathId, at: Location) {
        if !self.report(path) {
            return;
        }
        let (moves, in_loop) = self.moves_before(path, at);
        let place = &self.paths.paths[path].place;
        let name = self.name(place);
        if moves.is_empty() {
            let declared = self.declared(place.local);
            let finding = MirDiagnostic::Uninitialised {
                name,
                used: at.source,
                declared,
            };
            self.diagnostics.push(finding);
        } else {
            let moved = moves.into();
            let finding = MirDiagnostic::UseOfMoved {
                place: name,
                used: at.source,
                moved,
                in_loop,
            };
            self.diagnostics.push(finding);
        }
    }

    fn partly_gone(&mut self, path: PathId, part: PathId, at: Location) {
        if !self.report(path) {
            return;
        }
        let (moves, in_loop) = self.moves_before(part, at);
        let place = self.name(&self.paths.paths[path].place);
        let part_place = self.paths.paths[part].place.clone();
        let depth = self.paths.paths[path].place.projection.len();
        let below = part_place.projection.iter().skip(depth);
        // An enum whose payload has been matched away is a moved value as a whole.
        let is_payload = below
            .into_iter()
            .any(|step| matches!(step, Projection::Downcast(_)));
        let finding = if in_loop {
            // The part's own move, one iteration earlier.
            let place = self.name(&part_place);
            MirDiagnostic::UseOfMoved {
                place,
                used: at.source,
                moved: moves.into(),
                in_loop,
            }
        } else if is_payload {
            MirDiagnostic::UseOfMoved {
                place,
                used: at.source,
                moved: moves.into(),
                in_loop,
            }
        } else {
            MirDiagnostic::UseOfPartlyMoved {
                place,
                part: self.name(&part_place),
                used: at.source,
                moved: moves.into(),
            }
        };
        self.diagnostics.push(finding);
    }

    /// Whether to report about a path: once, with everything it overlaps.
    fn report(&mut self, path: PathId) -> bool {
        if self
            .reported
            .iter()
            .any(|known| self.paths.overlap(*known, path))
        {
            return false;
        }
        self.reported.insert(path)
    }

    fn declared(&self, local: Local) -> SourceInfo {
        self.body
            .locals
            .get(local)
            .map_or(SourceInfo::BODY, |decl| decl.source)
    }

    /// The moves that reach a use, looking backwards; and whether the use is the only one of
    /// them, reached around a loop.
    fn moves_before(&self, path: PathId, at: Location) -> (Vec<SourceInfo>, bool) {
        let mut found: Vec<Location> = Vec::new();
        let mut seen: FxHashSet<BlockId> = FxHashSet::default();
        let mut waiting: Vec<(BlockId, usize)> = vec![(at.block, at.statement)];
        // The terminator of a block comes after its statements; a use in a terminator may meet
        // a move by the same terminator (`f(x, x)`), which counts as before it.
        let mut found_here = false;
        if let Some(block) = self.body.blocks.get(at.block) {
            found_here = self.step(block, at.statement, path) == Step::Moves;
        }
        while let Some((id, before)) = waiting.pop() {
            let Some(block) = self.body.blocks.get(id) else {
                continue;
            };
            let mut ended = false;
            for index in (0..before).rev() {
                match self.step(block, index, path) {
                    Step::Nothing => {}
                    Step::Ends => ended = true,
                    Step::Moves => {
                        let source = match block.statements.get(index) {
                            Some(statement) => statement.source,
                            None => block.terminator.source,
                        };
                        found.push(Location {
                            block: id,
                            statement: index,
                            source,
                        });
                        ended = true;
                    }
                }
                if ended {
                    break;
                }
            }
            if ended {
                continue;
            }
            for previous in self.predecessors.get(id).into_iter().flatten() {
                if seen.insert(*previous) {
                    let len = self
                        .body
                        .blocks
                        .get(*previous)
                        .map_or(0, |b| b.statements.len());
                    waiting.push((*previous, len + 1));
                }
            }
        }
        let is_here = |l: &Location| l.block == at.block && l.statement == at.statement;
        let in_loop = !found.is_empty() && found.iter().all(is_here);
        if found.is_empty() && found_here {
            return (vec![at.source], false);
        }
        let mut sources: Vec<SourceInfo> = Vec::new();
        for location in found {
            if !sources.contains(&location.source) {
                sources.push(location.source);
            }
        }
        (sources, in_loop)
    }

    /// What a statement (or the terminator after the last) does to a path.
    fn step(&self, block: &Block, index: usize, path: PathId) -> Step {
        let mut step = Step::Nothing;
        let mut look = |effect: Effect<'_>| {
            let touched = match effect {
                Effect::Move(place) | Effect::Init(place) | Effect::Drop(place) => {
                    match self.paths.lookup(place) {
                        Some(Lookup::Exact(touched)) => touched,
                        _ => return,
                    }
                }
                Effect::Storage(local) => match self.paths.local(local) {
                    Some(touched) => touched,
                    None => return,
                },
                Effect::Use(_) => return,
            };
            match effect {
                Effect::Move(_) if self.paths.overlap(touched, path) => step = Step::Moves,
                Effect::Init(_) | Effect::Storage(_) | Effect::Drop(_)
                    if self.paths.is_within(path, touched) =>
                {
                    step = Step::Ends;
                }
                _ => {}
            }
        };
        match block.statements.get(index) {
            Some(statement) => statement_effects(&statement.kind, &mut look),
            None => terminator_effects(&block.terminator.kind, &mut look),
        }
        step
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Nothing,
    Moves,
    /// Gives the path a value, or ends the local: earlier moves do not reach past it.
    Ends,
}

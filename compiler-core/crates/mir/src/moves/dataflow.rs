//! What may be initialised, and what may not, at each point of a body.
//!
//! Two sets of paths, both "on some way here": `init` and `uninit`. A path in the first only is
//! initialised for sure, in both conditionally. Moving a part leaves the whole's own bits alone:
//! whoever asks about a whole looks at its parts as well.

use stdx::{DenseMap, Idx};

use super::bits::BitSet;
use super::effects::{Effect, statement_effects, terminator_effects};
use super::paths::{Lookup, MovePaths, PathId};
use crate::data::*;

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) init: BitSet<PathId>,
    pub(crate) uninit: BitSet<PathId>,
    /// Locals that may have been given a value since they came into being.
    pub(crate) assigned: BitSet<Local>,
}

impl State {
    fn new(paths: &MovePaths, locals: usize, uninit: bool) -> State {
        State {
            init: BitSet::new(paths.len(), false),
            uninit: BitSet::new(paths.len(), uninit),
            assigned: BitSet::new(locals, false),
        }
    }

    pub(crate) fn apply(&mut self, paths: &MovePaths, effect: Effect<'_>) {
        match effect {
            Effect::Use(_) => {}
            Effect::Move(place) | Effect::Drop(place) => {
                if let Some(Lookup::Exact(path)) = paths.lookup(place) {
                    self.set(paths, path, false);
                }
            }
            Effect::Init(place) => {
                if let Some(Lookup::Exact(path)) = paths.lookup(place) {
                    self.set(paths, path, true);
                }
                if !place.is_indirect() {
                    self.assigned.set(place.local, true);
                }
            }
            Effect::Storage(local) => {
                if let Some(path) = paths.local(local) {
                    self.set(paths, path, false);
                }
                self.assigned.set(local, false);
            }
        }
    }

    fn set(&mut self, paths: &MovePaths, path: PathId, init: bool) {
        for path in paths.subtree(path) {
            self.init.set(path, init);
            self.uninit.set(path, !init);
        }
    }

    fn join(&mut self, other: &State) -> bool {
        let init = self.init.union(&other.init);
        let uninit = self.uninit.union(&other.uninit);
        let assigned = self.assigned.union(&other.assigned);
        init || uninit || assigned
    }
}

/// The states at the entries of all blocks; `None` for blocks that nothing reaches.
pub(crate) struct Flow {
    pub(crate) entry: DenseMap<BlockId, Option<State>>,
}

impl Flow {
    pub(crate) fn new(body: &Body, paths: &MovePaths) -> Flow {
        let mut entry: DenseMap<BlockId, Option<State>> = DenseMap::filled(None, body.blocks.len());
        let mut start = State::new(paths, body.locals.len(), true);
        for arg in body.args() {
            if let Some(path) = paths.local(arg) {
                start.set(paths, path, true);
            }
            start.assigned.set(arg, true);
        }
        if let Some(slot) = entry.get_mut(BlockId::ENTRY) {
            *slot = Some(start);
        }
        // The sets only grow, so this ends; blocks wait in a queue without repetition.
        let mut waiting = vec![BlockId::ENTRY];
        let mut is_waiting: BitSet<BlockId> = BitSet::new(body.blocks.len(), false);
        while let Some(id) = waiting.pop() {
            is_waiting.set(id, false);
            let Some(Some(state)) = entry.get(id) else {
                continue;
            };
            let mut state = state.clone();
            let Some(block) = body.blocks.get(id) else {
                continue;
            };
            for statement in &block.statements {
                statement_effects(&statement.kind, &mut |effect| state.apply(paths, effect));
            }
            terminator_effects(&block.terminator.kind, &mut |effect| {
                state.apply(paths, effect)
            });
            for next in block.terminator.kind.successors() {
                let changed = match entry.get_mut(next) {
                    Some(Some(old)) => old.join(&state),
                    Some(slot @ None) => {
                        *slot = Some(state.clone());
                        true
                    }
                    None => false,
                };
                if changed && !is_waiting.contains(next) {
                    is_waiting.set(next, true);
                    waiting.push(next);
                }
            }
        }
        Flow { entry }
    }
}

/// The predecessors of all blocks.
pub(crate) fn predecessors(body: &Body) -> DenseMap<BlockId, Vec<BlockId>> {
    let mut all = DenseMap::filled(Vec::new(), body.blocks.len());
    for (id, block) in body.blocks.iter() {
        for next in block.terminator.kind.successors() {
            if next.as_usize() < body.blocks.len() {
                all[next].push(id);
            }
        }
    }
    all
}

//! A copy whose source is dropped right after becomes a move.
//!
//! ```text
//! _0 = copy _1;   →   _0 = move _1;
//! drop _1;
//! ```
//! Saves a pair of counts. Safe for types that are Copy, because their end of life does nothing
//! but count, and for locals that are never borrowed, so that nobody looks at the source in
//! between. Looks back through blocks that can only be reached one way.

use base::Db;
use rustc_hash::FxHashSet;
use stdx::DenseMap;

use crate::data::*;
use crate::moves::dataflow::predecessors;
use crate::moves::effects::{Effect, statement_effects, terminator_effects};
use crate::tys;

pub(super) fn forward_copies(db: &dyn Db, body: &mut Body) {
    let borrowed = borrowed_locals(body);
    let predecessors = predecessors(body);
    for id in body.blocks.keys() {
        let mut index = 0;
        while let Some(statement) = body.blocks[id].statements.get(index) {
            index += 1;
            let StatementKind::Drop(place, _) = &statement.kind else {
                continue;
            };
            let Some(local) = place.as_local() else {
                continue;
            };
            let ty = body.locals[local].ty;
            if borrowed.contains(&local) || !tys::is_copy(db, body.owner, ty) {
                continue;
            }
            if take_last_copy(body, &predecessors, id, index - 1, local) {
                index -= 1;
                body.blocks[id].statements.remove(index);
            }
        }
    }
}

fn borrowed_locals(body: &Body) -> FxHashSet<Local> {
    let statements = body.blocks.values().flat_map(|block| &block.statements);
    let borrowed = statements.filter_map(|statement| match &statement.kind {
        StatementKind::Assign(_, Rvalue::Ref(_, place) | Rvalue::AddrOf(place)) => {
            Some(place.local)
        }
        _ => None,
    });
    borrowed.collect()
}

/// Turns the last copy of a local before a statement into a move, if that is its last mention.
fn take_last_copy(
    body: &mut Body,
    predecessors: &DenseMap<BlockId, Vec<BlockId>>,
    block: BlockId,
    before: usize,
    local: Local,
) -> bool {
    let (mut id, mut before) = (block, before);
    // Each round goes one block back; a loop ends at the block it began with.
    loop {
        let statements = &mut body.blocks[id].statements;
        for statement in statements.iter_mut().take(before).rev() {
            let mut is_mentioned = false;
            statement_effects(&statement.kind, &mut |effect| {
                is_mentioned |= mentions(effect, local);
            });
            if is_mentioned {
                return match &mut statement.kind {
                    StatementKind::Assign(_, Rvalue::Use(operand))
                    | StatementKind::Replace(_, operand, _) => make_move([operand], local),
                    StatementKind::Assign(_, Rvalue::Aggregate(_, operands)) => {
                        make_move(operands, local)
                    }
                    _ => false,
                };
            }
        }
        let [previous] = predecessors[id].as_slice() else {
            return false;
        };
        let previous = *previous;
        let terminator = &mut body.blocks[previous].terminator.kind;
        if previous == block || terminator.successors().len() != 1 {
            return false;
        }
        let mut is_mentioned = false;
        terminator_effects(terminator, &mut |effect| {
            is_mentioned |= mentions(effect, local)
        });
        if is_mentioned {
            return match terminator {
                // A cleanup may drop the local, too.
                TerminatorKind::Call {
                    args,
                    destination,
                    unwind: Unwind::Continue,
                    ..
                } if destination.local != local => make_move(args, local),
                _ => false,
            };
        }
        id = previous;
        before = body.blocks[id].statements.len();
    }
}

fn mentions(effect: Effect<'_>, local: Local) -> bool {
    match effect {
        Effect::Use(place) | Effect::Move(place) | Effect::Init(place) | Effect::Drop(place) => {
            let is_index = |step: &Projection| *step == Projection::Index(local);
            place.local == local || place.projection.iter().any(is_index)
        }
        Effect::Storage(other) => other == local,
    }
}

/// Makes the last whole copy a move. Parts read beside it would be read after it is gone.
fn make_move<'a>(operands: impl IntoIterator<Item = &'a mut Operand>, local: Local) -> bool {
    let mut last = None;
    for operand in operands {
        match operand {
            Operand::Copy(place) if place.as_local() == Some(local) => last = Some(operand),
            Operand::Copy(place) | Operand::Move(place) if place.local == local => return false,
            _ => {}
        }
    }
    let Some(last) = last else { return false };
    *last = Operand::Move(local.into());
    true
}

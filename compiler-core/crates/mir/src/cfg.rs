//! Tidying control flow: what nothing reaches goes, straight lines become one block.

use stdx::{DenseMap, Idx};

use crate::data::*;

/// Removes unreachable blocks, skips empty ones, joins chains, and numbers blocks in order of
/// first visit.
pub(crate) fn simplify(body: &mut Body) {
    skip_empty(body);
    join_chains(body);
    renumber(body);
}

/// Redirects jumps to blocks that only jump on.
fn skip_empty(body: &mut Body) {
    let forward: DenseMap<BlockId, Option<BlockId>> = body
        .blocks
        .values()
        .map(|block| match block.terminator.kind {
            TerminatorKind::Goto(target) if block.statements.is_empty() => Some(target),
            _ => None,
        })
        .collect();
    let resolve = |start: BlockId| {
        let mut at = start;
        // An endless loop of empty blocks forwards for ever; the block count bounds the search.
        for _ in 0..forward.len() {
            match forward.get(at) {
                Some(Some(next)) => at = *next,
                _ => return at,
            }
        }
        start
    };
    for block in body.blocks.values_mut() {
        block.terminator.kind.map_successors(resolve);
    }
}

/// Appends a block to its only predecessor if that one just jumps to it.
fn join_chains(body: &mut Body) {
    let mut predecessors: DenseMap<BlockId, u32> = DenseMap::filled(0, body.blocks.len());
    for id in reachable(body) {
        for next in body.blocks[id].terminator.kind.successors() {
            predecessors[next] += 1;
        }
    }
    predecessors[BlockId::ENTRY] += 1;
    for id in reachable(body) {
        // Every round removes one block from the chain, so the number of blocks bounds it.
        for _ in 0..body.blocks.len() {
            let TerminatorKind::Goto(next) = body.blocks[id].terminator.kind else {
                break;
            };
            if next == id || predecessors[next] != 1 {
                break;
            }
            let unreachable = Terminator {
                kind: TerminatorKind::Unreachable,
                source: SourceInfo::BODY,
            };
            let tail = std::mem::replace(
                &mut body.blocks[next],
                Block {
                    statements: Vec::new(),
                    terminator: unreachable,
                },
            );
            let block = &mut body.blocks[id];
            block.statements.extend(tail.statements);
            block.terminator = tail.terminator;
            predecessors[next] = 0;
        }
    }
}

/// Keeps reachable blocks only, in depth-first order.
fn renumber(body: &mut Body) {
    let order = reachable(body);
    let mut new_ids: DenseMap<BlockId, BlockId> =
        DenseMap::filled(BlockId::ENTRY, body.blocks.len());
    for (i, id) in order.iter().enumerate() {
        new_ids[*id] = BlockId::from_usize(i);
    }
    let blocks = order.iter().map(|id| {
        let mut block = body.blocks[*id].clone();
        block.terminator.kind.map_successors(|next| new_ids[next]);
        block
    });
    body.blocks = blocks.collect();
}

/// Blocks that the entry reaches, in depth-first preorder.
fn reachable(body: &Body) -> Vec<BlockId> {
    let mut seen: DenseMap<BlockId, bool> = DenseMap::filled(false, body.blocks.len());
    let mut order = Vec::new();
    let mut stack = vec![BlockId::ENTRY];
    while let Some(id) = stack.pop() {
        match seen.get_mut(id) {
            Some(seen) if !*seen => *seen = true,
            _ => continue,
        }
        order.push(id);
        let mut next = body.blocks[id].terminator.kind.successors();
        next.reverse();
        stack.extend(next);
    }
    order
}

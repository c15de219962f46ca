//! The control-flow graph: predecessors and reverse postorder.

use stdx::DenseMap;

use crate::function::{Block, Function};

/// Edges and order of a function's blocks, as of when it was computed.
#[derive(Clone, Debug)]
pub struct Cfg {
    preds: DenseMap<Block, Vec<Block>>,
    reverse_postorder: Vec<Block>,
    reachable: DenseMap<Block, bool>,
}

impl Cfg {
    pub fn new(func: &Function) -> Cfg {
        let mut preds: DenseMap<Block, Vec<Block>> =
            DenseMap::filled(Vec::new(), func.blocks.len());
        for block in func.blocks.keys() {
            for succ in func.successors(block) {
                // Blocks come in order, so a second edge from one block is at the end.
                if preds[succ].last() != Some(&block) {
                    preds[succ].push(block);
                }
            }
        }
        let reverse_postorder = reverse_postorder(func);
        let mut reachable = DenseMap::filled(false, func.blocks.len());
        for &block in &reverse_postorder {
            reachable[block] = true;
        }
        Cfg {
            preds,
            reverse_postorder,
            reachable,
        }
    }

    /// The distinct predecessors in table order, unreachable ones included.
    pub fn preds(&self, block: Block) -> &[Block] {
        &self.preds[block]
    }

    /// The reachable blocks; every block comes before what it dominates.
    pub fn reverse_postorder(&self) -> &[Block] {
        &self.reverse_postorder
    }

    pub fn is_reachable(&self, block: Block) -> bool {
        self.reachable[block]
    }
}

/// Depth first without recursion; the first successor comes first in the result.
fn reverse_postorder(func: &Function) -> Vec<Block> {
    let mut seen = DenseMap::filled(false, func.blocks.len());
    let mut order = Vec::with_capacity(func.blocks.len());
    let mut stack = vec![(func.entry(), false)];
    while let Some((block, done)) = stack.pop() {
        if done {
            order.push(block);
            continue;
        }
        if std::mem::replace(&mut seen[block], true) {
            continue;
        }
        stack.push((block, true));
        // Pushed in text order: the last successor is finished first, which reverses back.
        stack.extend(
            func.successors(block)
                .filter(|&succ| !seen[succ])
                .map(|succ| (succ, false)),
        );
    }
    order.reverse();
    order
}

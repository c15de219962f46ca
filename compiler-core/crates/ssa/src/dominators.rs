//! The dominator tree, by the algorithm of Cooper, Harvey and Kennedy, and
//! dominance frontiers. Only reachable blocks take part.

use stdx::DenseMap;

use crate::cfg::Cfg;
use crate::function::{Block, Function};

#[derive(Clone, Debug)]
pub struct DominatorTree {
    /// The entry is its own; `None` for unreachable blocks.
    idom: DenseMap<Block, Option<Block>>,
    children: DenseMap<Block, Vec<Block>>,
    /// Entry and exit times of a walk over the tree.
    span: DenseMap<Block, (u32, u32)>,
    preorder: Vec<Block>,
}

impl DominatorTree {
    pub fn new(func: &Function, cfg: &Cfg) -> DominatorTree {
        let order = cfg.reverse_postorder();
        let mut number = DenseMap::filled(usize::MAX, func.blocks.len());
        for (index, &block) in order.iter().enumerate() {
            number[block] = index;
        }
        let mut idom: DenseMap<Block, Option<Block>> = DenseMap::filled(None, func.blocks.len());
        idom[func.entry()] = Some(func.entry());
        let mut changed = true;
        while changed {
            changed = false;
            for &block in order.iter().skip(1) {
                let known = cfg
                    .preds(block)
                    .iter()
                    .copied()
                    .filter(|&pred| idom[pred].is_some());
                let new = known.reduce(|a, b| intersect(&idom, &number, a, b));
                if idom[block] != new {
                    idom[block] = new;
                    changed = true;
                }
            }
        }
        let mut children = DenseMap::filled(Vec::new(), func.blocks.len());
        for &block in order.iter().skip(1) {
            if let Some(parent) = idom[block] {
                children[parent].push(block);
            }
        }
        let mut tree = DominatorTree {
            idom,
            children,
            span: DenseMap::filled((0, 0), func.blocks.len()),
            preorder: Vec::with_capacity(order.len()),
        };
        tree.walk(func.entry());
        tree
    }

    fn walk(&mut self, entry: Block) {
        let mut time = 0;
        let mut stack = vec![(entry, false)];
        while let Some((block, done)) = stack.pop() {
            time += 1;
            if done {
                self.span[block].1 = time;
                continue;
            }
            self.span[block].0 = time;
            self.preorder.push(block);
            stack.push((block, true));
            stack.extend(
                self.children[block]
                    .iter()
                    .rev()
                    .map(|&child| (child, false)),
            );
        }
    }

    /// The closest strict dominator; `None` for the entry and unreachable blocks.
    pub fn immediate_dominator(&self, block: Block) -> Option<Block> {
        self.idom[block].filter(|&parent| parent != block)
    }

    pub fn children(&self, block: Block) -> &[Block] {
        &self.children[block]
    }

    /// Whether every path to `b` goes through `a`. A block dominates itself.
    pub fn dominates(&self, a: Block, b: Block) -> bool {
        let ((a_in, a_out), (b_in, b_out)) = (self.span[a], self.span[b]);
        a_in != 0 && b_in != 0 && a_in <= b_in && b_out <= a_out
    }

    /// The reachable blocks, parents before children.
    pub fn preorder(&self) -> &[Block] {
        &self.preorder
    }

    /// For each block, where its dominance ends: the joins that it reaches but does not own.
    pub fn frontiers(&self, cfg: &Cfg) -> DenseMap<Block, Vec<Block>> {
        let mut frontiers: DenseMap<Block, Vec<Block>> =
            DenseMap::filled(Vec::new(), self.idom.len());
        for &block in cfg.reverse_postorder() {
            // The entry has no predecessors; with fewer than two there is no join.
            if cfg.preds(block).len() < 2 {
                continue;
            }
            let owner = self.idom[block];
            for &pred in cfg.preds(block) {
                let mut runner = pred;
                while self.idom[runner].is_some() && Some(runner) != owner {
                    if !frontiers[runner].contains(&block) {
                        frontiers[runner].push(block);
                    }
                    match self.immediate_dominator(runner) {
                        Some(parent) => runner = parent,
                        None => break,
                    }
                }
            }
        }
        frontiers
    }
}

/// The closest common dominator, by walking up from the later of the two.
fn intersect(
    idom: &DenseMap<Block, Option<Block>>,
    number: &DenseMap<Block, usize>,
    mut a: Block,
    mut b: Block,
) -> Block {
    while a != b {
        let later = if number[a] > number[b] {
            &mut a
        } else {
            &mut b
        };
        match idom[*later] {
            Some(parent) => *later = parent,
            None => break,
        }
    }
    a
}

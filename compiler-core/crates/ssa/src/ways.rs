//! Ways through a function from an instruction on: whether all of them come to an end of some
//! kind before something stands in the way, or lead to a panic.

use rustc_hash::FxHashSet;

use crate::cfg::Cfg;
use crate::function::{Block, Function, Inst, InstData};
use crate::inst::Terminator;

/// Instructions that are looked at behind one; guessed.
const WAY_MAX: usize = 400;

/// What an instruction is to those who come along.
pub(crate) enum Step {
    On,
    End,
    Blocked,
}

/// Where ways come to an end.
#[derive(Default)]
pub(crate) struct Ends {
    pub insts: Vec<Inst>,
    /// Blocks that lead to a panic, with something in the way before any end.
    pub cold: Vec<Block>,
}

/// Looks along ways.
pub(crate) struct Ways {
    cfg: Cfg,
    cold: FxHashSet<Block>,
}

impl Ways {
    pub fn new(func: &Function) -> Ways {
        let cfg = Cfg::new(func);
        let cold = cold_blocks(func, &cfg);
        Ways { cfg, cold }
    }

    pub fn cfg(&self) -> &Cfg {
        &self.cfg
    }

    /// The ends of all ways from behind an instruction, if each has one, or leads to a panic.
    /// No end, and nothing on the ways, is reached but through the instruction, and never twice.
    pub fn ends(
        &self,
        func: &Function,
        start: Block,
        at: usize,
        mut step: impl FnMut(Inst) -> Step,
    ) -> Option<Ends> {
        let mut ends = Ends::default();
        // Blocks that the ways enter, and those that they leave again.
        let mut entered: FxHashSet<Block> = FxHashSet::default();
        let mut left: FxHashSet<Block> = FxHashSet::default();
        let mut work = vec![(start, at + 1)];
        let mut steps = 0;
        while let Some((block, from)) = work.pop() {
            let insts = func.blocks[block].insts.get(from..).unwrap_or_default();
            steps += insts.len();
            let stop = insts.iter().find_map(|&inst| match step(inst) {
                Step::On => None,
                Step::End => Some(Some(inst)),
                Step::Blocked => Some(None),
            });
            match stop {
                Some(Some(end)) => {
                    ends.insts.push(end);
                    continue;
                }
                Some(None) if block != start && self.cold.contains(&block) => {
                    ends.cold.push(block);
                    continue;
                }
                Some(None) => return None,
                None if steps > WAY_MAX => return None,
                None => {}
            }
            if let Terminator::Return(_) | Terminator::Resume = func.blocks[block].terminator {
                return None;
            }
            left.insert(block);
            for succ in func.successors(block) {
                // Around a loop to where it began.
                if succ == start || succ == func.entry() {
                    return None;
                }
                if entered.insert(succ) {
                    work.push((succ, 0));
                }
            }
        }
        let is_ours = |block: &Block| self.cfg.preds(*block).iter().all(|it| left.contains(it));
        (!ends.insts.is_empty() && entered.iter().all(is_ours)).then_some(ends)
    }
}

/// Puts a copy of an instruction without result at the start of a block.
pub(crate) fn copy_to_start(func: &mut Function, inst: Inst, block: Block) {
    let (kind, loc) = (func.kind(inst).clone(), func.insts[inst].loc);
    let result = None;
    let copy = func.insts.push(InstData { kind, result, loc });
    let at = func.phis(block).count();
    func.blocks[block].insts.insert(at, copy);
}

/// The blocks that lead to a panic, and nowhere else without one.
fn cold_blocks(func: &Function, cfg: &Cfg) -> FxHashSet<Block> {
    let mut cold: FxHashSet<Block> = FxHashSet::default();
    for &block in cfg.reverse_postorder().iter().rev() {
        let is_cold = match func.blocks[block].terminator {
            Terminator::Unreachable => true,
            Terminator::Invoke { normal, .. } => cold.contains(&normal),
            Terminator::Return(_) | Terminator::Resume => false,
            _ => func.successors(block).all(|succ| cold.contains(&succ)),
        };
        if is_cold {
            cold.insert(block);
        }
    }
    cold
}

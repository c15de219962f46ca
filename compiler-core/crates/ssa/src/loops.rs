//! Natural loops: what a back edge closes.

use stdx::DenseMap;

use crate::cfg::Cfg;
use crate::dominators::DominatorTree;
use crate::function::{Block, Function, Inst, Value, ValueDef};
use crate::inst::{InstKind, Terminator};
use crate::operand::Operand;

/// A loop: its header dominates all of it.
#[derive(Clone, Debug)]
pub struct Loop {
    pub header: Block,
    /// In ascending order, the header included.
    pub blocks: Vec<Block>,
    /// Where the back edges come from.
    pub latches: Vec<Block>,
}

/// The loops of a function, inner ones before outer ones.
#[derive(Clone, Debug)]
pub struct Loops {
    loops: Vec<Loop>,
}

impl Loop {
    pub fn contains(&self, block: Block) -> bool {
        self.blocks.binary_search(&block).is_ok()
    }
}

impl Loops {
    pub fn find(func: &Function, cfg: &Cfg, dominators: &DominatorTree) -> Loops {
        let mut loops: Vec<Loop> = Vec::new();
        for &header in cfg.reverse_postorder() {
            let latches: Vec<Block> = cfg
                .preds(header)
                .iter()
                .copied()
                .filter(|pred| dominators.dominates(header, *pred))
                .collect();
            if latches.is_empty() {
                continue;
            }
            let mut inside = DenseMap::filled(false, func.blocks.len());
            inside[header] = true;
            let mut blocks = vec![header];
            let mut work = latches.clone();
            while let Some(block) = work.pop() {
                if !std::mem::replace(&mut inside[block], true) {
                    blocks.push(block);
                    work.extend(cfg.preds(block).iter().filter(|it| cfg.is_reachable(**it)));
                }
            }
            blocks.sort_unstable();
            loops.push(Loop {
                header,
                blocks,
                latches,
            });
        }
        // A loop inside of another has fewer blocks; ties cannot nest.
        loops.sort_by_key(|it| (it.blocks.len(), it.header));
        Loops { loops }
    }

    pub fn is_empty(&self) -> bool {
        self.loops.is_empty()
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Loop> {
        self.loops.iter()
    }
}

/// The block in which a value comes to be; parameters have none.
pub(crate) fn defining_blocks(func: &Function) -> DenseMap<Inst, Option<Block>> {
    let mut blocks = DenseMap::filled(None, func.insts.len());
    for (block, data) in func.blocks.iter() {
        for &inst in &data.insts {
            blocks[inst] = Some(block);
        }
    }
    blocks
}

/// Whether an operand has one value during all of a loop's run.
pub(crate) fn is_invariant(
    func: &Function,
    defined_in: &DenseMap<Inst, Option<Block>>,
    loop_: &Loop,
    operand: &Operand,
) -> bool {
    let Operand::Value(value) = operand else {
        return true;
    };
    !is_defined_in(func, defined_in, loop_, *value)
}

fn is_defined_in(
    func: &Function,
    defined_in: &DenseMap<Inst, Option<Block>>,
    loop_: &Loop,
    value: Value,
) -> bool {
    match func.values[value].def {
        ValueDef::Param(_) => false,
        ValueDef::Inst(inst) => defined_in
            .get(inst)
            .copied()
            .flatten()
            .is_none_or(|block| loop_.contains(block)),
    }
}

/// The block that leads to a loop and nowhere else; made if there is none.
pub(crate) fn preheader(func: &mut Function, cfg: &Cfg, loop_: &Loop) -> Option<Block> {
    let header = loop_.header;
    let outside: Vec<Block> = cfg
        .preds(header)
        .iter()
        .copied()
        .filter(|pred| !loop_.contains(*pred))
        .collect();
    if let [only] = outside.as_slice()
        && func.successors(*only).count() == 1
    {
        return Some(*only);
    }
    // The entry has no predecessors, so a header has at least one outside.
    if outside.is_empty() {
        return None;
    }
    let block = func.blocks.push(crate::function::BlockData::default());
    func.blocks[block].terminator = Terminator::Jump(header);
    for &pred in &outside {
        func.blocks[pred].terminator.for_each_successor_mut(|succ| {
            if *succ == header {
                *succ = block;
            }
        });
    }
    let phis: Vec<Inst> = func.phis(header).collect();
    for phi in phis {
        let InstKind::Phi { ty, args } = func.insts[phi].kind.clone() else {
            continue;
        };
        let (entering, staying): (Vec<_>, Vec<_>) = args
            .into_iter()
            .partition(|(pred, _)| outside.contains(pred));
        let first = entering.first().map(|(_, operand)| *operand);
        let all_same = entering.iter().all(|(_, operand)| Some(*operand) == first);
        let merged = match first {
            Some(operand) if all_same => operand,
            _ => {
                let merged = func.make_inst(InstKind::Phi { ty, args: entering }, None);
                func.blocks[block].insts.push(merged);
                func.insts[merged]
                    .result
                    .map_or(Operand::Undef(ty), Operand::Value)
            }
        };
        let mut args = staying;
        args.push((block, merged));
        func.insts[phi].kind = InstKind::Phi { ty, args };
    }
    Some(block)
}

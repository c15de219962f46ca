//! Changes that passes share: substitution, phi upkeep, removing blocks.

use stdx::DenseMap;

use super::{Block, BlockData, Effect, Function, Inst, Role, Value};
use crate::cfg::Cfg;
use crate::inst::{Callee, InstKind, Terminator};
use crate::operand::Operand;

/// Operands to put in place of values; chains are followed.
pub(crate) struct Substitution {
    map: DenseMap<Value, Option<Operand>>,
    is_empty: bool,
}

impl Substitution {
    pub(crate) fn new(func: &Function) -> Substitution {
        Substitution {
            map: DenseMap::filled(None, func.values.len()),
            is_empty: true,
        }
    }

    /// From now on `value` stands for `operand`.
    ///
    /// A value that stands for itself is left alone, so chains always end.
    pub(crate) fn insert(&mut self, value: Value, operand: Operand) {
        let operand = self.resolve(operand);
        if operand != Operand::Value(value) && self.map.get(value).is_some() {
            self.map[value] = Some(operand);
            self.is_empty = false;
        }
    }

    pub(crate) fn resolve(&self, mut operand: Operand) -> Operand {
        while let Operand::Value(value) = operand {
            match self.map.get(value).copied().flatten() {
                Some(next) => operand = next,
                None => break,
            }
        }
        operand
    }

    pub(crate) fn is_replaced(&self, value: Value) -> bool {
        self.map.get(value).is_some_and(|operand| operand.is_some())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.is_empty
    }
}

impl Function {
    /// Puts the substitution into every placed instruction and terminator, and
    /// takes the instructions whose results are replaced out of their blocks.
    pub(crate) fn substitute(&mut self, substitution: &Substitution) {
        if substitution.is_empty() {
            return;
        }
        for block in self.blocks.values_mut() {
            block.insts.retain(|&inst| {
                !self.insts[inst]
                    .result
                    .is_some_and(|result| substitution.is_replaced(result))
            });
            for &inst in &block.insts {
                self.insts[inst]
                    .kind
                    .for_each_operand_mut(|operand| *operand = substitution.resolve(*operand));
            }
            if let Some(operand) = block.terminator.operand_mut() {
                *operand = substitution.resolve(*operand);
            }
        }
    }

    /// Puts the substitution into every placed instruction and terminator, and keeps the
    /// instructions whose results are replaced: their effects are wanted. Whether any use changed.
    pub(crate) fn replace_uses(&mut self, substitution: &Substitution) -> bool {
        let mut changed = false;
        let mut replace = |operand: &mut Operand| {
            let new = substitution.resolve(*operand);
            changed |= new != *operand;
            *operand = new;
        };
        for block in self.blocks.values_mut() {
            for &inst in &block.insts {
                self.insts[inst].kind.for_each_operand_mut(&mut replace);
            }
            block
                .terminator
                .operand_mut()
                .into_iter()
                .for_each(&mut replace);
        }
        changed
    }

    /// The phis at the start of a block.
    pub(crate) fn phis(&self, block: Block) -> impl Iterator<Item = Inst> + '_ {
        let insts = self.blocks[block].insts.iter().copied();
        insts.take_while(|&inst| self.insts[inst].kind.is_phi())
    }

    /// Makes a terminator the block's, and drops phi entries of edges that are gone.
    pub(crate) fn set_terminator(&mut self, block: Block, terminator: Terminator) {
        let old = std::mem::replace(&mut self.blocks[block].terminator, terminator);
        let gone: Vec<Block> = old
            .successors()
            .filter(|succ| {
                !self.blocks[block]
                    .terminator
                    .successors()
                    .any(|kept| kept == *succ)
            })
            .collect();
        for succ in gone {
            self.edit_phis(succ, |args| args.retain(|(pred, _)| *pred != block));
        }
    }

    /// Whether a panic may leave the function through an instruction.
    pub(crate) fn may_unwind(&self, inst: Inst) -> bool {
        match self.kind(inst) {
            InstKind::Call {
                callee: Callee::Direct(callee),
                ..
            } => {
                let attrs = self.funcs[*callee].attrs;
                attrs.effect == Effect::Any && matches!(attrs.role, Role::None | Role::End)
            }
            InstKind::Call { .. } => true,
            _ => false,
        }
    }

    /// Makes a jump of every `invoke` that no call stands before any more, or none that can
    /// unwind, or whose cleanup does nothing.
    pub(crate) fn settle_invokes(&mut self) {
        for block in self.blocks.keys() {
            let Terminator::Invoke { normal, cleanup } = self.blocks[block].terminator else {
                continue;
            };
            let last = self.blocks[block].insts.last().copied();
            let cleanup = &self.blocks[cleanup];
            let is_idle =
                cleanup.insts.is_empty() && matches!(cleanup.terminator, Terminator::Resume);
            if is_idle || !last.is_some_and(|inst| self.may_unwind(inst)) {
                self.set_terminator(block, Terminator::Jump(normal));
            }
        }
    }

    pub(crate) fn edit_phis(
        &mut self,
        block: Block,
        mut edit: impl FnMut(&mut Vec<(Block, Operand)>),
    ) {
        for &inst in &self.blocks[block].insts {
            let InstKind::Phi { args, .. } = &mut self.insts[inst].kind else {
                break;
            };
            edit(args);
        }
    }

    /// Drops the blocks that control cannot reach; the others keep their order.
    pub fn remove_unreachable_blocks(&mut self) -> bool {
        let cfg = Cfg::new(self);
        if cfg.reverse_postorder().len() == self.blocks.len() {
            return false;
        }
        self.retain_blocks(|block| cfg.is_reachable(block));
        true
    }

    /// Keeps some blocks, which only each other may lead to, and numbers them anew.
    pub(crate) fn retain_blocks(&mut self, keep: impl Fn(Block) -> bool) {
        let mut numbers: DenseMap<Block, Option<Block>> = DenseMap::filled(None, self.blocks.len());
        let mut blocks: DenseMap<Block, BlockData> = DenseMap::new();
        for block in self.blocks.keys().filter(|&block| keep(block)) {
            let data = std::mem::take(&mut self.blocks[block]);
            numbers[block] = Some(blocks.push(data));
        }
        for data in blocks.values_mut() {
            data.terminator.for_each_successor_mut(|succ| {
                *succ = numbers[*succ].unwrap_or(*succ);
            });
            for &inst in &data.insts {
                let InstKind::Phi { args, .. } = &mut self.insts[inst].kind else {
                    break;
                };
                args.retain_mut(|(pred, _)| match numbers[*pred] {
                    Some(number) => {
                        *pred = number;
                        true
                    }
                    None => false,
                });
            }
        }
        self.blocks = blocks;
    }
}

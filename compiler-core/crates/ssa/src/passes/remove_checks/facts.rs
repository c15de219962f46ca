//! Comparisons that hold in a block because control has come there.

use stdx::DenseMap;

use crate::cfg::Cfg;
use crate::dominators::DominatorTree;
use crate::function::{Block, Function};
use crate::inst::{BinaryOp, InstKind, IntCond, Intrinsic, Terminator};
use crate::operand::Operand;

/// Dominating blocks that are asked for facts; guessed, it bounds the time for a question.
const DOMINATORS_MAX: usize = 48;
/// Nested `and`s and `or`s that are taken apart; guessed.
const DEPTH_MAX: usize = 4;

/// Something that holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fact {
    Compare(IntCond, Operand, Operand),
    /// The operation stays in its type's range.
    Fits(Intrinsic, Operand, Operand),
}

pub(super) struct Facts {
    /// What the only edge into a block establishes.
    own: DenseMap<Block, Vec<Fact>>,
    parent: DenseMap<Block, Option<Block>>,
}

impl Facts {
    pub(super) fn find(func: &Function, cfg: &Cfg, dominators: &DominatorTree) -> Facts {
        let mut facts = Facts {
            own: DenseMap::filled(Vec::new(), func.blocks.len()),
            parent: DenseMap::filled(None, func.blocks.len()),
        };
        for &block in cfg.reverse_postorder() {
            facts.parent[block] = dominators.immediate_dominator(block);
            let [pred] = cfg.preds(block) else { continue };
            let mut own = Vec::new();
            match &func.blocks[*pred].terminator {
                Terminator::Branch {
                    cond,
                    on_true,
                    on_false,
                } if on_true != on_false => {
                    add(func, *cond, *on_true == block, &mut own, 0);
                }
                Terminator::Switch {
                    value,
                    cases,
                    default,
                } if *default != block => {
                    let mut here = cases.iter().filter(|(_, target)| *target == block);
                    if let (Some((bits, _)), None) = (here.next(), here.next()) {
                        let constant = Operand::int(value.ty(func), *bits);
                        own.push(Fact::Compare(IntCond::Eq, *value, constant));
                    }
                }
                _ => {}
            }
            facts.own[block] = own;
        }
        facts
    }

    /// All that holds in a block, the closest first.
    pub(super) fn at(&self, block: Block) -> impl Iterator<Item = Fact> + '_ {
        let chain = std::iter::successors(Some(block), |block| self.parent[*block]);
        chain
            .take(DOMINATORS_MAX)
            .flat_map(|block| self.own[block].iter().copied())
    }
}

fn add(func: &Function, cond: Operand, holds: bool, out: &mut Vec<Fact>, depth: usize) {
    let Some(inst) = cond.as_value().and_then(|value| func.defining_inst(value)) else {
        return;
    };
    out.push(Fact::Compare(IntCond::Eq, cond, Operand::i1(holds)));
    match func.kind(inst) {
        InstKind::Icmp { cond, lhs, rhs } => {
            let cond = if holds { *cond } else { cond.negated() };
            out.push(Fact::Compare(cond, *lhs, *rhs));
        }
        InstKind::Intrinsic { op, args, .. } if !holds => {
            if let [a, b] = args.as_slice() {
                out.push(Fact::Fits(*op, *a, *b));
            }
        }
        InstKind::Binary { op, lhs, rhs } if depth < DEPTH_MAX => match (op, holds) {
            (BinaryOp::And, true) | (BinaryOp::Or, false) => {
                add(func, *lhs, holds, out, depth + 1);
                add(func, *rhs, holds, out, depth + 1);
            }
            (BinaryOp::Xor, _) if *rhs == Operand::i1(true) => {
                add(func, *lhs, !holds, out, depth + 1);
            }
            _ => {}
        },
        _ => {}
    }
}

//! Gives equal computations one value: an instruction whose twin dominates it
//! is replaced by the twin's result.
//!
//! Safe because only operations that depend on their operands alone take part,
//! and a dominating computation has been made whenever this one would be.
//!
//! ```text
//!   %2 = add i32 %0, %1          %2 = add i32 %0, %1
//!   %3 = add i32 %1, %0      →
//!   %4 = mul i32 %2, %3          %4 = mul i32 %2, %2
//! ```

use rustc_hash::FxHashMap;

use crate::cfg::Cfg;
use crate::dominators::DominatorTree;
use crate::function::edit::Substitution;
use crate::function::{Block, Effect, Function};
use crate::inst::{Callee, InstKind, Intrinsic};
use crate::operand::Operand;

/// A computation. Phis are equal within one block only.
type Key = (Option<Block>, InstKind);

enum Step {
    Enter(Block),
    /// Forget what was entered after this many computations.
    Leave(usize),
}

pub fn number_values(func: &mut Function) -> bool {
    let cfg = Cfg::new(func);
    let dominators = DominatorTree::new(func, &cfg);
    let mut known: FxHashMap<Key, Operand> = FxHashMap::default();
    let mut entered: Vec<Key> = Vec::new();
    let mut twins = Substitution::new(func);
    let mut steps = vec![Step::Enter(func.entry())];
    while let Some(step) = steps.pop() {
        match step {
            Step::Leave(len) => {
                for key in entered.drain(len..) {
                    known.remove(&key);
                }
            }
            Step::Enter(block) => {
                steps.push(Step::Leave(entered.len()));
                let children = dominators.children(block).iter().rev();
                steps.extend(children.map(|&child| Step::Enter(child)));
                for &inst in &func.blocks[block].insts {
                    let data = &func.insts[inst];
                    let Some(result) = data.result else { continue };
                    let Some(key) = key(func, block, &data.kind, &twins) else {
                        continue;
                    };
                    match known.get(&key) {
                        Some(&twin) => twins.insert(result, twin),
                        None => {
                            known.insert(key.clone(), Operand::Value(result));
                            entered.push(key);
                        }
                    }
                }
            }
        }
    }
    func.substitute(&twins);
    !twins.is_empty()
}

/// What two instructions must share to compute the same.
fn key(func: &Function, block: Block, kind: &InstKind, twins: &Substitution) -> Option<Key> {
    let is_pure = match kind {
        InstKind::Binary { .. }
        | InstKind::FNeg { .. }
        | InstKind::Icmp { .. }
        | InstKind::Fcmp { .. }
        | InstKind::Cast { .. }
        | InstKind::Select { .. }
        | InstKind::PtrAdd { .. }
        | InstKind::Phi { .. } => true,
        InstKind::Intrinsic { op, .. } => *op != Intrinsic::Trap,
        InstKind::Call {
            callee: Callee::Direct(callee),
            ..
        } => func.funcs[*callee].attrs.effect == Effect::Pure,
        _ => false,
    };
    if !is_pure {
        return None;
    }
    let mut kind = kind.clone();
    kind.for_each_operand_mut(|operand| *operand = twins.resolve(*operand));
    match &mut kind {
        InstKind::Binary { op, lhs, rhs } if op.is_commutative() && rank(lhs) > rank(rhs) => {
            std::mem::swap(lhs, rhs);
        }
        InstKind::Icmp { cond, lhs, rhs } if rank(lhs) > rank(rhs) => {
            std::mem::swap(lhs, rhs);
            *cond = cond.swapped();
        }
        _ => {}
    }
    Some((kind.is_phi().then_some(block), kind))
}

/// Any fixed order: values by number, before constants.
fn rank(operand: &Operand) -> u32 {
    operand.as_value().map_or(u32::MAX, |value| value.0)
}

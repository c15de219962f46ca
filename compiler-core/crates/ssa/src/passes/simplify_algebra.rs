//! Rewrites operations by the laws of arithmetic, each to something not dearer.
//!
//! Safe because every rule holds for all bit patterns of wrapping integers; the
//! only float rule moves the sign bit twice. Constants move to the right, which
//! lets the other rules look in one place.
//!
//! ```text
//!   %1 = add i32 1, %0           %1 = add i32 %0, 1
//!   %2 = add i32 %1, 2       →   %2 = add i32 %0, 3
//!   %3 = mul i32 %2, 8           %3 = shl i32 %2, 3
//!   %4 = xor i32 %3, %3          …uses of %4 are 0
//! ```

mod rules;

use crate::cfg::Cfg;
use crate::function::Function;
use crate::function::edit::Substitution;
use crate::inst::{BinaryOp, InstKind, Terminator};
use crate::operand::Operand;
use crate::types::Type;

/// Rewrites of one instruction in a row; each rule makes it smaller. Guessed.
const REWRITES_MAX: usize = 8;

/// What becomes of an instruction.
enum Rewrite {
    /// Its result is this operand.
    Operand(Operand),
    /// It does this instead.
    Kind(InstKind),
}

pub fn simplify_algebra(func: &mut Function) -> bool {
    let mut changed = false;
    let mut known = Substitution::new(func);
    let cfg = Cfg::new(func);
    for &block in cfg.reverse_postorder() {
        for index in 0..func.blocks[block].insts.len() {
            let inst = func.blocks[block].insts[index];
            let kind = &mut func.insts[inst].kind;
            kind.for_each_operand_mut(|operand| *operand = known.resolve(*operand));
            for _ in 0..REWRITES_MAX {
                match rules::rewrite(func, func.kind(inst)) {
                    Some(Rewrite::Kind(kind)) => {
                        func.insts[inst].kind = kind;
                        changed = true;
                    }
                    Some(Rewrite::Operand(operand)) => {
                        if let Some(result) = func.insts[inst].result {
                            known.insert(result, operand);
                        }
                        break;
                    }
                    None => break,
                }
            }
        }
    }
    changed |= !known.is_empty();
    func.substitute(&known);
    changed | swap_negated_branches(func)
}

/// `branch (not %c), a, b` is `branch %c, b, a`.
fn swap_negated_branches(func: &mut Function) -> bool {
    let mut changed = false;
    for block in func.blocks.keys() {
        let Terminator::Branch {
            cond,
            on_true,
            on_false,
        } = func.blocks[block].terminator
        else {
            continue;
        };
        if let Some(positive) = negated(func, cond) {
            func.blocks[block].terminator = Terminator::Branch {
                cond: positive,
                on_true: on_false,
                on_false: on_true,
            };
            changed = true;
        }
    }
    changed
}

/// The operand that this one is the logical negation of.
fn negated(func: &Function, operand: Operand) -> Option<Operand> {
    match definition(func, operand)? {
        InstKind::Binary {
            op: BinaryOp::Xor,
            lhs,
            rhs: Operand::Int(Type::I1, 1),
        } => Some(*lhs),
        _ => None,
    }
}

fn definition(func: &Function, operand: Operand) -> Option<&InstKind> {
    func.defining_inst(operand.as_value()?)
        .map(|inst| func.kind(inst))
}

//! Replaces values that are copies of other operands: a phi that merges one
//! value (with itself at most), a select with equal arms.
//!
//! Safe because the copied operand dominates the copy: for a phi of one value
//! the value is available at the end of every predecessor, or the phi itself is.
//!
//! ```text
//! bb1:                                        bb1:
//!   %1 = phi i32 [bb0: %0], [bb1: %1]     →
//!   %2 = select %c, i32 %1, %1                  …uses of %1 and %2 are uses of %0
//! ```

use crate::cfg::Cfg;
use crate::function::edit::Substitution;
use crate::function::{Function, Value};
use crate::inst::InstKind;
use crate::operand::Operand;

/// Each round resolves phis that became trivial; guessed.
const ROUNDS_MAX: usize = 8;

pub fn propagate_copies(func: &mut Function) -> bool {
    let mut changed = false;
    for _ in 0..ROUNDS_MAX {
        let mut copies = Substitution::new(func);
        let cfg = Cfg::new(func);
        for &block in cfg.reverse_postorder() {
            for &inst in &func.blocks[block].insts {
                let data = &func.insts[inst];
                let Some(result) = data.result else { continue };
                if let Some(original) = copied(result, &data.kind, &copies) {
                    copies.insert(result, original);
                }
            }
        }
        if copies.is_empty() {
            break;
        }
        func.substitute(&copies);
        changed = true;
    }
    changed
}

fn copied(result: Value, kind: &InstKind, copies: &Substitution) -> Option<Operand> {
    match kind {
        InstKind::Phi { args, .. } => {
            let mut original = None;
            for (_, arg) in args {
                let arg = copies.resolve(*arg);
                if arg != Operand::Value(result) && *original.get_or_insert(arg) != arg {
                    return None;
                }
            }
            original
        }
        InstKind::Select {
            on_true, on_false, ..
        } => {
            let on_true = copies.resolve(*on_true);
            (on_true == copies.resolve(*on_false)).then_some(on_true)
        }
        _ => None,
    }
}

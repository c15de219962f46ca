//! Decides comparisons and overflow checks from what dominating branches have established:
//! bounds checks inside of loops over the same bound, checks made before, counters that cannot
//! overflow.
//!
//! Safe because a fact is used only below the edge that establishes it, and a counter is
//! bounded from below only if its step cannot wrap: a fact at the step bounds it from above.
//!
//! ```text
//! bb1:                                          bb1:
//!   %i = phi i64 [bb0: 0], [bb2: %next]           …
//!   %1 = icmp slt i64 %i, %len                    %1 = icmp slt i64 %i, %len
//!   branch %1, bb2, bb3                     →     branch %1, bb2, bb3
//! bb2:                                          bb2:
//!   %2 = icmp ult i64 %i, %len                    …uses of %2 are true
//!   %next = add i64 %i, 1                         %next = add i64 %i, 1
//! ```

mod facts;
mod ranges;

use self::facts::Facts;
use self::ranges::Ranges;
use crate::cfg::Cfg;
use crate::dominators::DominatorTree;
use crate::function::Function;
use crate::function::edit::Substitution;
use crate::inst::{InstKind, IntCond, Intrinsic};
use crate::loops::defining_blocks;
use crate::operand::Operand;
use crate::types::Type;

pub fn remove_checks(func: &mut Function) -> bool {
    let cfg = Cfg::new(func);
    let dominators = DominatorTree::new(func, &cfg);
    let facts = Facts::find(func, &cfg, &dominators);
    let defined_in = defining_blocks(func);
    let ranges = Ranges {
        func,
        facts: &facts,
        defined_in: &defined_in,
    };
    let mut decided = Substitution::new(func);
    for &block in cfg.reverse_postorder() {
        for &inst in &func.blocks[block].insts {
            let data = &func.insts[inst];
            let outcome = match &data.kind {
                InstKind::Icmp { cond, lhs, rhs } => ranges.decide(block, *cond, *lhs, *rhs),
                InstKind::Intrinsic { op, ty, args } => match args.as_slice() {
                    [a, b] => no_overflow(&ranges, block, *op, *ty, *a, *b),
                    _ => None,
                },
                _ => None,
            };
            if let (Some(outcome), Some(result)) = (outcome, data.result) {
                decided.insert(result, Operand::i1(outcome));
            }
        }
    }
    let changed = !decided.is_empty();
    func.substitute(&decided);
    changed
}

/// `Some(false)` if an operation cannot leave its type's range.
fn no_overflow(
    ranges: &Ranges<'_>,
    block: crate::Block,
    op: Intrinsic,
    ty: Type,
    a: Operand,
    b: Operand,
) -> Option<bool> {
    let max = ranges::max_of(ty)?;
    let (a, b) = (ranges.of(block, a)?, ranges.of(block, b)?);
    let (lo, hi) = match op {
        Intrinsic::SAddOverflow | Intrinsic::UAddOverflow => (a.lo + b.lo, a.hi + b.hi),
        Intrinsic::SSubOverflow | Intrinsic::USubOverflow => (a.lo - b.hi, a.hi - b.lo),
        Intrinsic::SMulOverflow | Intrinsic::UMulOverflow => {
            let products = [a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi];
            (
                products.into_iter().min().unwrap_or(i128::MIN),
                products.into_iter().max().unwrap_or(i128::MAX),
            )
        }
        _ => return None,
    };
    let fits = match op {
        Intrinsic::SAddOverflow | Intrinsic::SSubOverflow | Intrinsic::SMulOverflow => {
            -max - 1 <= lo && hi <= max
        }
        // The ranges are signed ones: what may be negative may be large.
        _ => a.lo >= 0 && b.lo >= 0 && lo >= 0 && hi <= 2 * max + 1,
    };
    fits.then_some(false)
}

/// The outcomes of comparing that a condition allows, as bits: less, equal, greater.
fn outcomes(cond: IntCond) -> (u8, Option<bool>) {
    use IntCond::*;
    match cond {
        Eq => (0b010, None),
        Ne => (0b101, None),
        Slt => (0b100, Some(true)),
        Sle => (0b110, Some(true)),
        Sgt => (0b001, Some(true)),
        Sge => (0b011, Some(true)),
        Ult => (0b100, Some(false)),
        Ule => (0b110, Some(false)),
        Ugt => (0b001, Some(false)),
        Uge => (0b011, Some(false)),
    }
}

/// What one condition says about another one of the same operands.
fn implied(known: IntCond, asked: IntCond) -> Option<bool> {
    let ((known, known_sign), (asked, asked_sign)) = (outcomes(known), outcomes(asked));
    let comparable = known_sign.is_none() || asked_sign.is_none() || known_sign == asked_sign;
    if !comparable {
        return None;
    }
    // Of one sign's order, only equality carries over to the other.
    if known & !asked == 0 {
        return Some(true);
    }
    (known & asked == 0).then_some(false)
}

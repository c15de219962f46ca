//! Computes what has constant operands, and takes branches whose outcome is known.
//!
//! Safe because [`eval`] defines the result bit for bit; what it
//! declines (a division by zero that control never reaches) stays. Functions
//! whose last bit depends on the host's library (`sin`, `pow`, …) stay too.
//!
//! ```text
//! bb0:                              bb0:
//!   %0 = add i32 2, 3
//!   %1 = icmp eq i32 %0, 5      →
//!   branch %1, bb1, bb2               jump bb1
//! ```

use crate::cfg::Cfg;
use crate::eval;
use crate::function::edit::Substitution;
use crate::function::{Block, Function};
use crate::inst::{InstKind, IntCond, Intrinsic, Terminator};
use crate::operand::Operand;
use crate::types::Type;

/// A folded branch can make a phi constant, and that another branch; guessed.
const ROUNDS_MAX: usize = 8;

pub fn fold_constants(func: &mut Function) -> bool {
    let mut changed = false;
    for _ in 0..ROUNDS_MAX {
        let folded = fold_values(func);
        let branched = fold_branches(func);
        changed |= folded | branched;
        if !branched {
            break;
        }
        func.remove_unreachable_blocks();
    }
    changed
}

fn fold_values(func: &mut Function) -> bool {
    let mut known = Substitution::new(func);
    let cfg = Cfg::new(func);
    for &block in cfg.reverse_postorder() {
        for &inst in &func.blocks[block].insts {
            let data = &func.insts[inst];
            let Some(result) = data.result else { continue };
            if let Some(constant) = fold(func, &data.kind, &|operand| known.resolve(operand)) {
                known.insert(result, constant);
            }
        }
    }
    let changed = !known.is_empty();
    func.substitute(&known);
    changed
}

/// The constant that an instruction yields, if it is one.
///
/// `resolve` says what an operand stands for.
pub(crate) fn fold(
    func: &Function,
    kind: &InstKind,
    resolve: &dyn Fn(Operand) -> Operand,
) -> Option<Operand> {
    let op = |operand: &Operand| resolve(*operand);
    let bits = |operand: &Operand| op(operand).const_bits();
    let result = |ty, bits| Operand::from_bits(ty, bits);
    match kind {
        InstKind::Binary { op, lhs, rhs } => {
            let ty = lhs.ty(func);
            result(ty, eval::binary(*op, ty, bits(lhs)?, bits(rhs)?)?)
        }
        InstKind::FNeg { arg } => {
            let ty = arg.ty(func);
            result(ty, eval::fneg(ty, bits(arg)?))
        }
        InstKind::Icmp { cond, lhs, rhs } => {
            let ty = lhs.ty(func);
            if let (Some(a), Some(b)) = (bits(lhs), bits(rhs)) {
                return Some(Operand::i1(eval::icmp(*cond, ty, a, b)));
            }
            fold_address_compare(*cond, op(lhs), op(rhs))
        }
        InstKind::Fcmp { cond, lhs, rhs } => Some(Operand::i1(eval::fcmp(
            *cond,
            lhs.ty(func),
            bits(lhs)?,
            bits(rhs)?,
        ))),
        InstKind::Cast { op, arg, to } => {
            result(*to, eval::cast(*op, arg.ty(func), *to, bits(arg)?)?)
        }
        InstKind::Select {
            cond,
            on_true,
            on_false,
        } => {
            let taken = if bits(cond)? != 0 { on_true } else { on_false };
            // Which operand is chosen is known, even where its value is not.
            Some(op(taken))
        }
        InstKind::PtrAdd { ptr, offset } => {
            let offset = eval::sign_extend(Type::I64, bits(offset)?) as i64;
            match op(ptr) {
                Operand::Slot(slot, base) => Some(Operand::Slot(slot, base.wrapping_add(offset))),
                Operand::Data(data, base) => Some(Operand::Data(data, base.wrapping_add(offset))),
                ptr if offset == 0 => Some(ptr),
                _ => None,
            }
        }
        InstKind::Intrinsic { op, ty, args } if !depends_on_host(*op) => {
            let args: Option<Vec<u128>> = args.iter().map(bits).collect();
            result(op.result_type(*ty)?, eval::intrinsic(*op, *ty, &args?)?)
        }
        InstKind::Phi { args, .. } => {
            let (_, first) = args.first()?;
            let first = op(first);
            let agree = args.iter().all(|(_, arg)| op(arg) == first);
            (agree && first.is_const()).then_some(first)
        }
        _ => None,
    }
}

/// Slots, data and functions have addresses of their own, never null.
fn fold_address_compare(cond: IntCond, lhs: Operand, rhs: Operand) -> Option<Operand> {
    let equal = match (lhs, rhs) {
        (Operand::Slot(a, x), Operand::Slot(b, y)) if a == b => x == y,
        (Operand::Data(a, x), Operand::Data(b, y)) if a == b => x == y,
        (Operand::Func(a), Operand::Func(b)) if a == b => true,
        (Operand::Slot(_, 0), Operand::Null) | (Operand::Null, Operand::Slot(_, 0)) => false,
        _ => return None,
    };
    match cond {
        IntCond::Eq => Some(Operand::i1(equal)),
        IntCond::Ne => Some(Operand::i1(!equal)),
        _ => None,
    }
}

fn depends_on_host(op: Intrinsic) -> bool {
    use Intrinsic::*;
    matches!(op, Sin | Cos | Exp | Log | Log10 | Pow)
}

pub(crate) fn fold_branches(func: &mut Function) -> bool {
    let mut changed = false;
    for block in func.blocks.keys() {
        if let Some(target) = known_target(&func.blocks[block].terminator) {
            func.set_terminator(block, Terminator::Jump(target));
            changed = true;
        }
    }
    changed
}

pub(crate) fn known_target(terminator: &Terminator) -> Option<Block> {
    match terminator {
        Terminator::Branch {
            cond,
            on_true,
            on_false,
        } => Some(if cond.const_bits()? != 0 {
            *on_true
        } else {
            *on_false
        }),
        Terminator::Switch {
            value,
            cases,
            default,
        } => {
            let bits = value.const_bits()?;
            let case = cases.iter().find(|(case, _)| *case == bits);
            Some(case.map_or(*default, |(_, target)| *target))
        }
        _ => None,
    }
}

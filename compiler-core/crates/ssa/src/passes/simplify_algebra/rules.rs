//! The rules, by kind of instruction.

use super::{Rewrite, definition, negated};
use crate::eval;
use crate::function::Function;
use crate::inst::{BinaryOp, CastOp, InstKind, IntCond, Intrinsic};
use crate::operand::Operand;
use crate::types::Type;

/// One step that makes the instruction simpler.
pub(super) fn rewrite(func: &Function, kind: &InstKind) -> Option<Rewrite> {
    match *kind {
        InstKind::Binary { op, lhs, rhs } if !op.is_float() => binary(func, op, lhs, rhs),
        InstKind::FNeg { arg } => match definition(func, arg)? {
            InstKind::FNeg { arg } => Some(Rewrite::Operand(*arg)),
            _ => None,
        },
        InstKind::Icmp { cond, lhs, rhs } => icmp(func, cond, lhs, rhs),
        InstKind::Cast { op, arg, to } => cast(func, op, arg, to),
        InstKind::Select {
            cond,
            on_true,
            on_false,
        } => select(func, cond, on_true, on_false),
        InstKind::PtrAdd { ptr, offset } => ptr_add(func, ptr, offset),
        InstKind::Intrinsic { op, ty, ref args } => overflow_flag(op, ty, args),
        _ => None,
    }
}

fn binary(func: &Function, op: BinaryOp, lhs: Operand, rhs: Operand) -> Option<Rewrite> {
    let ty = lhs.ty(func);
    if op.is_commutative() && lhs.is_const() && !rhs.is_const() {
        return kind(op, rhs, lhs);
    }
    if lhs == rhs {
        match op {
            BinaryOp::And | BinaryOp::Or => return Some(Rewrite::Operand(lhs)),
            BinaryOp::Xor | BinaryOp::Sub => return Some(Rewrite::Operand(Operand::zero(ty))),
            _ => {}
        }
    }
    let bits = rhs.const_bits()?;
    let power = bits.is_power_of_two().then(|| bits.trailing_zeros());
    let amount = |count: u32| Operand::int(ty, u128::from(count));
    match (op, bits) {
        (BinaryOp::Add | BinaryOp::Sub | BinaryOp::Or | BinaryOp::Xor, 0)
        | (BinaryOp::Shl | BinaryOp::LShr | BinaryOp::AShr, 0)
        | (BinaryOp::UDiv, 1) => Some(Rewrite::Operand(lhs)),
        // An `i1` has no 1 among its signed values.
        (BinaryOp::Mul, 1) | (BinaryOp::SDiv, 1) if ty != Type::I1 => Some(Rewrite::Operand(lhs)),
        (BinaryOp::Mul | BinaryOp::And, 0) => Some(Rewrite::Operand(Operand::zero(ty))),
        (BinaryOp::And, all) if all == ty.mask() => Some(Rewrite::Operand(lhs)),
        (BinaryOp::Or, all) if all == ty.mask() => Some(Rewrite::Operand(rhs)),
        (BinaryOp::URem, 1) => Some(Rewrite::Operand(Operand::zero(ty))),
        (BinaryOp::Sub, _) => kind(BinaryOp::Add, lhs, Operand::int(ty, bits.wrapping_neg())),
        (BinaryOp::Mul, _) if power.is_some() && ty != Type::I1 => {
            kind(BinaryOp::Shl, lhs, amount(power?))
        }
        (BinaryOp::UDiv, _) if power.is_some() => kind(BinaryOp::LShr, lhs, amount(power?)),
        (BinaryOp::URem, _) if power.is_some() => {
            kind(BinaryOp::And, lhs, Operand::int(ty, bits - 1))
        }
        (BinaryOp::Xor, 1) if ty == Type::I1 => negate(func, lhs),
        _ => reassociate(func, op, ty, lhs, bits),
    }
}

/// `(x op a) op b` is `x op (a op b)`.
fn reassociate(
    func: &Function,
    op: BinaryOp,
    ty: Type,
    lhs: Operand,
    bits: u128,
) -> Option<Rewrite> {
    if !op.is_commutative() {
        return None;
    }
    match definition(func, lhs)? {
        InstKind::Binary {
            op: inner,
            lhs,
            rhs,
        } if *inner == op => {
            let together = eval::binary(op, ty, rhs.const_bits()?, bits)?;
            kind(op, *lhs, Operand::int(ty, together))
        }
        _ => None,
    }
}

/// The negation of a comparison is the opposite comparison; of a negation, its operand.
fn negate(func: &Function, cond: Operand) -> Option<Rewrite> {
    if let Some(positive) = negated(func, cond) {
        return Some(Rewrite::Operand(positive));
    }
    match *definition(func, cond)? {
        InstKind::Icmp { cond, lhs, rhs } => Some(Rewrite::Kind(InstKind::Icmp {
            cond: cond.negated(),
            lhs,
            rhs,
        })),
        _ => None,
    }
}

fn icmp(func: &Function, cond: IntCond, lhs: Operand, rhs: Operand) -> Option<Rewrite> {
    if lhs == rhs && !matches!(lhs, Operand::Undef(_)) {
        let holds = matches!(
            cond,
            IntCond::Eq | IntCond::Sle | IntCond::Sge | IntCond::Ule | IntCond::Uge
        );
        return Some(Rewrite::Operand(Operand::i1(holds)));
    }
    if lhs.is_const() && !rhs.is_const() {
        let kind = InstKind::Icmp {
            cond: cond.swapped(),
            lhs: rhs,
            rhs: lhs,
        };
        return Some(Rewrite::Kind(kind));
    }
    let bits = rhs.const_bits()?;
    match (cond, bits) {
        (IntCond::Ult, 0) => return Some(Rewrite::Operand(Operand::i1(false))),
        (IntCond::Uge, 0) => return Some(Rewrite::Operand(Operand::i1(true))),
        _ => {}
    }
    let wants_equal = match cond {
        IntCond::Eq => true,
        IntCond::Ne => false,
        _ => return None,
    };
    // A truth value compared with a constant is itself or its negation.
    let (truth, is_one) = match definition(func, lhs) {
        Some(InstKind::Cast {
            op: CastOp::Zext,
            arg,
            ..
        }) if arg.ty(func) == Type::I1 && bits <= 1 => (*arg, bits == 1),
        _ if lhs.ty(func) == Type::I1 => (lhs, bits == 1),
        _ => return None,
    };
    match wants_equal == is_one {
        true => Some(Rewrite::Operand(truth)),
        false => kind(BinaryOp::Xor, truth, Operand::i1(true)),
    }
}

fn cast(func: &Function, op: CastOp, arg: Operand, to: Type) -> Option<Rewrite> {
    let InstKind::Cast {
        op: inner,
        arg: original,
        ..
    } = *definition(func, arg)?
    else {
        return None;
    };
    let from = original.ty(func);
    let combined = match (op, inner) {
        (CastOp::Zext, CastOp::Zext) | (CastOp::Sext, CastOp::Sext) => op,
        (CastOp::Trunc, CastOp::Trunc) => op,
        // What was widened from a single type keeps its sign bit clear.
        (CastOp::Sext, CastOp::Zext) => CastOp::Zext,
        (CastOp::Trunc, CastOp::Zext | CastOp::Sext) if from == to => {
            return Some(Rewrite::Operand(original));
        }
        (CastOp::Trunc, CastOp::Zext | CastOp::Sext) if from.bits() > to.bits() => CastOp::Trunc,
        (CastOp::Trunc, CastOp::Zext | CastOp::Sext) => inner,
        (CastOp::Bitcast, CastOp::Bitcast) if from == to => {
            return Some(Rewrite::Operand(original));
        }
        _ => return None,
    };
    Some(Rewrite::Kind(InstKind::Cast {
        op: combined,
        arg: original,
        to,
    }))
}

fn select(func: &Function, cond: Operand, on_true: Operand, on_false: Operand) -> Option<Rewrite> {
    if on_true == on_false {
        return Some(Rewrite::Operand(on_true));
    }
    if let Some(positive) = negated(func, cond) {
        let kind = InstKind::Select {
            cond: positive,
            on_true: on_false,
            on_false: on_true,
        };
        return Some(Rewrite::Kind(kind));
    }
    match (on_true, on_false) {
        (Operand::Int(Type::I1, 1), Operand::Int(Type::I1, 0)) => Some(Rewrite::Operand(cond)),
        (Operand::Int(Type::I1, 0), Operand::Int(Type::I1, 1)) => {
            kind(BinaryOp::Xor, cond, Operand::i1(true))
        }
        _ => None,
    }
}

/// Adds constant offsets up: `(p + a) + b` is `p + (a + b)`.
fn ptr_add(func: &Function, ptr: Operand, offset: Operand) -> Option<Rewrite> {
    let Operand::Int(_, bits) = offset else {
        return None;
    };
    let more = bits as u64 as i64;
    match ptr {
        _ if more == 0 => Some(Rewrite::Operand(ptr)),
        Operand::Slot(slot, at) => {
            Some(Rewrite::Operand(Operand::Slot(slot, at.wrapping_add(more))))
        }
        Operand::Data(data, at) => {
            Some(Rewrite::Operand(Operand::Data(data, at.wrapping_add(more))))
        }
        _ => match *definition(func, ptr)? {
            InstKind::PtrAdd {
                ptr,
                offset: Operand::Int(_, inner),
            } => {
                let offset = Operand::i64((inner as u64 as i64).wrapping_add(more));
                Some(Rewrite::Kind(InstKind::PtrAdd { ptr, offset }))
            }
            _ => None,
        },
    }
}

/// Adding or subtracting 0 and multiplying by 0 or 1 cannot overflow.
fn overflow_flag(op: Intrinsic, ty: Type, args: &[Operand]) -> Option<Rewrite> {
    use Intrinsic::*;
    let bits = args.get(1)?.const_bits()?;
    let never = match op {
        SAddOverflow | UAddOverflow | SSubOverflow | USubOverflow => bits == 0,
        SMulOverflow | UMulOverflow => bits == 0 || bits == 1 && ty != Type::I1,
        _ => false,
    };
    never.then_some(Rewrite::Operand(Operand::i1(false)))
}

fn kind(op: BinaryOp, lhs: Operand, rhs: Operand) -> Option<Rewrite> {
    Some(Rewrite::Kind(InstKind::Binary { op, lhs, rhs }))
}

//! Division of 128-bit integers, which machines lack.
//!
//! Code generators call a support library for it that a system without C tools does not have.
//! ```text
//! rest = 0; quotient = 0
//! for bit in (0 ..= index of the highest bit of n).reversed() {
//!     carry = rest >> 127
//!     rest = rest << 1 | (n >> bit & 1)
//!     if carry or rest >= divisor { rest -= divisor; quotient |= 1 << bit }
//! }
//! ```
//! Values of 64 bits, nearly all there are, take the machine's own division.

use base::Db;
use hir_ty::Ty;
use ssa::{BinaryOp, IntCond, Intrinsic, Operand, Signature, Type};

use super::start;
use crate::emit::Emit;
use crate::instance::Instance;
use crate::key::Build;

const WIDE: Type = Type::I128;

/// `(a, b) -> a / b`, or `a % b`; truncates toward zero, and `MIN / -1` wraps.
pub(crate) fn wide_div_glue<'db>(
    db: &'db dyn Db,
    build: Build,
    instance: Instance,
    ty: Ty,
    is_rem: bool,
) -> Emit<'db> {
    let mut cx = start(
        db,
        build,
        instance,
        Signature::new([WIDE, WIDE], Some(WIDE)),
    );
    let signed = cx.is_signed(ty);
    let (a, b) = (cx.b.param(0), cx.b.param(1));
    let (n, a_negative) = magnitude(&mut cx, a, signed);
    let (d, b_negative) = magnitude(&mut cx, b, signed);
    let negative = match is_rem {
        true => a_negative,
        false => cx.b.binary(BinaryOp::Xor, a_negative, b_negative),
    };

    let [narrow, wide, head, step, subtract, next, end] =
        std::array::from_fn(|_| cx.b.create_block());
    let both = cx.b.binary(BinaryOp::Or, n, d);
    let upper = cx.b.binary(BinaryOp::LShr, both, Operand::int(WIDE, 64));
    let is_narrow = cx.b.icmp(IntCond::Eq, upper, Operand::zero(WIDE));
    let quotient = wide_slot(&mut cx);
    let rest = wide_slot(&mut cx);
    let bit = wide_slot(&mut cx);
    cx.b.store(Operand::zero(WIDE), quotient, 16);
    cx.b.store(Operand::zero(WIDE), rest, 16);
    cx.b.branch(is_narrow, narrow, wide);

    cx.b.switch_to(narrow);
    let (n64, d64) = (
        cx.int_resize(n, Type::I64, false),
        cx.int_resize(d, Type::I64, false),
    );
    let q64 = cx.b.binary(BinaryOp::UDiv, n64, d64);
    let r64 = cx.b.binary(BinaryOp::URem, n64, d64);
    let (q, r) = (
        cx.int_resize(q64, WIDE, false),
        cx.int_resize(r64, WIDE, false),
    );
    cx.b.store(q, quotient, 16);
    cx.b.store(r, rest, 16);
    cx.b.jump(end);

    // From the highest bit of the dividend down; -1 says done.
    cx.b.switch_to(wide);
    let zeros = cx.b.intrinsic(Intrinsic::Ctlz, WIDE, vec![n]);
    let highest = cx.b.binary(BinaryOp::Sub, Operand::int(WIDE, 127), zeros);
    cx.b.store(highest, bit, 16);
    cx.b.jump(head);

    cx.b.switch_to(head);
    let at = cx.b.load(WIDE, bit, 16);
    let more = cx.b.icmp(IntCond::Sge, at, Operand::zero(WIDE));
    cx.b.branch(more, step, end);

    cx.b.switch_to(step);
    let before = cx.b.load(WIDE, rest, 16);
    let carry = cx.b.icmp(IntCond::Slt, before, Operand::zero(WIDE));
    let shifted = cx.b.binary(BinaryOp::Shl, before, Operand::int(WIDE, 1));
    let brought = cx.b.binary(BinaryOp::LShr, n, at);
    let brought = cx.b.binary(BinaryOp::And, brought, Operand::int(WIDE, 1));
    let now = cx.b.binary(BinaryOp::Or, shifted, brought);
    cx.b.store(now, rest, 16);
    let fits = cx.b.icmp(IntCond::Uge, now, d);
    let take = cx.b.binary(BinaryOp::Or, carry, fits);
    cx.b.branch(take, subtract, next);

    cx.b.switch_to(subtract);
    let less = cx.b.binary(BinaryOp::Sub, now, d);
    cx.b.store(less, rest, 16);
    let mask = cx.b.binary(BinaryOp::Shl, Operand::int(WIDE, 1), at);
    let q = cx.b.load(WIDE, quotient, 16);
    let q = cx.b.binary(BinaryOp::Or, q, mask);
    cx.b.store(q, quotient, 16);
    cx.b.jump(next);

    cx.b.switch_to(next);
    let down = cx.b.binary(BinaryOp::Sub, at, Operand::int(WIDE, 1));
    cx.b.store(down, bit, 16);
    cx.b.jump(head);

    cx.b.switch_to(end);
    let result = cx.b.load(WIDE, if is_rem { rest } else { quotient }, 16);
    let negated = cx.b.binary(BinaryOp::Sub, Operand::zero(WIDE), result);
    let result = cx.b.select(negative, negated, result);
    cx.b.ret(Some(result));
    cx
}

fn wide_slot(cx: &mut Emit<'_>) -> Operand {
    Operand::Slot(cx.b.create_slot(16, 16, None), 0)
}

/// The absolute value as an unsigned number, and whether the value is negative.
pub(super) fn magnitude(cx: &mut Emit<'_>, value: Operand, signed: bool) -> (Operand, Operand) {
    if !signed {
        return (value, Operand::i1(false));
    }
    let zero = Operand::zero(WIDE);
    let negative = cx.b.icmp(IntCond::Slt, value, zero);
    let negated = cx.b.binary(BinaryOp::Sub, zero, value);
    (cx.b.select(negative, negated, value), negative)
}

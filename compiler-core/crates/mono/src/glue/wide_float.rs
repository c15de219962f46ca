//! Conversions between 128-bit integers and floats, which machines lack, on the bits of the
//! float. Both are straight lines.

use base::Db;
use hir_ty::Ty;
use ssa::{BinaryOp, CastOp, FloatCond, IntCond, Intrinsic, Operand, Signature, Type};

use super::start;
use super::wide::magnitude;
use crate::emit::Emit;
use crate::instance::Instance;
use crate::key::Build;

const WIDE: Type = Type::I128;

/// How a float is made of bits.
struct Format {
    float: Type,
    bits: Type,
    /// Bits of the fraction.
    fraction: u32,
    bias: u32,
}

impl Format {
    fn of(float: Type) -> Format {
        match float {
            Type::F32 => Format {
                float,
                bits: Type::I32,
                fraction: 23,
                bias: 127,
            },
            _ => Format {
                float,
                bits: Type::I64,
                fraction: 52,
                bias: 1023,
            },
        }
    }
}

fn wide(value: u128) -> Operand {
    Operand::int(WIDE, value)
}

/// `(integer) -> float`: the nearest, ties to even.
pub(crate) fn wide_to_float_glue<'db>(
    db: &'db dyn Db,
    build: Build,
    instance: Instance,
    from: Ty,
    float: Type,
) -> Emit<'db> {
    let format = Format::of(float);
    let mut cx = start(db, build, instance, Signature::new([WIDE], Some(float)));
    let value = cx.b.param(0);
    let signed = cx.is_signed(from);
    let (n, negative) = magnitude(&mut cx, value, signed);
    let b = &mut cx.b;
    // The highest bit to the top; below the fraction stands what is rounded away.
    let zeros = b.intrinsic(Intrinsic::Ctlz, WIDE, vec![n]);
    let shift = b.binary(BinaryOp::And, zeros, wide(127));
    let top_aligned = b.binary(BinaryOp::Shl, n, shift);
    let dropped = 127 - format.fraction;
    let kept = b.binary(BinaryOp::LShr, top_aligned, wide(u128::from(dropped)));
    let rest = b.binary(BinaryOp::And, top_aligned, wide((1 << dropped) - 1));
    let half = wide(1 << (dropped - 1));
    let above = b.icmp(IntCond::Ugt, rest, half);
    let tie = b.icmp(IntCond::Eq, rest, half);
    let odd = b.cast(CastOp::Trunc, kept, Type::I1);
    let tie_up = b.binary(BinaryOp::And, tie, odd);
    let up = b.binary(BinaryOp::Or, above, tie_up);
    let up = b.cast(CastOp::Zext, up, WIDE);
    // The implicit bit of `kept` adds one to the exponent; a carry of rounding does the same.
    let exponent = b.binary(BinaryOp::Sub, wide(u128::from(format.bias) + 126), zeros);
    let exponent = b.binary(BinaryOp::Shl, exponent, wide(u128::from(format.fraction)));
    let bits = b.binary(BinaryOp::Add, exponent, kept);
    let bits = b.binary(BinaryOp::Add, bits, up);
    let is_zero = b.icmp(IntCond::Eq, n, wide(0));
    let bits = b.select(is_zero, wide(0), bits);
    let bits = b.cast(CastOp::Trunc, bits, format.bits);
    let sign = Operand::int(format.bits, 1 << (format.bits.bits() - 1));
    let with_sign = b.binary(BinaryOp::Or, bits, sign);
    let bits = b.select(negative, with_sign, bits);
    let result = b.cast(CastOp::Bitcast, bits, float);
    b.ret(Some(result));
    cx
}

/// `(float) -> integer`: truncates, saturates, and makes 0 of NaN.
pub(crate) fn float_to_wide_glue<'db>(
    db: &'db dyn Db,
    build: Build,
    instance: Instance,
    float: Type,
    to: Ty,
) -> Emit<'db> {
    let format = Format::of(float);
    let mut cx = start(
        db,
        build,
        instance,
        Signature::new([format.float], Some(WIDE)),
    );
    let value = cx.b.param(0);
    let signed = cx.is_signed(to);
    let b = &mut cx.b;
    let bits = b.cast(CastOp::Bitcast, value, format.bits);
    let negative = b.icmp(IntCond::Slt, bits, Operand::zero(format.bits));
    let bits = b.cast(CastOp::Zext, bits, WIDE);
    let fraction = b.binary(BinaryOp::And, bits, wide((1 << format.fraction) - 1));
    let mantissa = b.binary(BinaryOp::Or, fraction, wide(1 << format.fraction));
    let exponent_bits = format.bits.bits() - 1 - format.fraction;
    let exponent = b.binary(BinaryOp::LShr, bits, wide(u128::from(format.fraction)));
    let exponent = b.binary(BinaryOp::And, exponent, wide((1 << exponent_bits) - 1));
    let exponent = b.binary(BinaryOp::Sub, exponent, wide(u128::from(format.bias)));
    // mantissa << (exponent - fraction), or the other way.
    let left = b.binary(BinaryOp::Sub, exponent, wide(u128::from(format.fraction)));
    let right = b.binary(BinaryOp::Sub, wide(0), left);
    let left_count = b.binary(BinaryOp::And, left, wide(127));
    let right_count = b.binary(BinaryOp::And, right, wide(127));
    let to_left = b.binary(BinaryOp::Shl, mantissa, left_count);
    let to_right = b.binary(BinaryOp::LShr, mantissa, right_count);
    let is_left = b.icmp(IntCond::Sge, left, wide(0));
    let magnitude = b.select(is_left, to_left, to_right);
    let below_one = b.icmp(IntCond::Slt, exponent, wide(0));
    let magnitude = b.select(below_one, wide(0), magnitude);
    let limit = wide(if signed { 127 } else { 128 });
    let too_large = b.icmp(IntCond::Sge, exponent, limit);
    let max = wide(if signed { u128::MAX >> 1 } else { u128::MAX });
    let positive_result = b.select(too_large, max, magnitude);
    let negative_result = if signed {
        let negated = b.binary(BinaryOp::Sub, wide(0), magnitude);
        b.select(too_large, wide(1 << 127), negated)
    } else {
        wide(0)
    };
    let result = b.select(negative, negative_result, positive_result);
    let is_nan = b.fcmp(FloatCond::Uno, value, value);
    let result = b.select(is_nan, wide(0), result);
    b.ret(Some(result));
    cx
}

//! What each pure operation computes, on bits.
//!
//! The one definition of the arithmetic: constant folding and the interpreter
//! share it, so they cannot disagree. An integer is its low bits with zeros
//! above; a float is its IEEE bits. A NaN that an operation makes is the quiet
//! NaN with a clear sign and payload, on every host.
//!
//! `None` says that the producer broke its promise (a division by zero, a shift
//! past the width): passes leave such an instruction alone, the interpreter stops.

mod intrinsics;

pub use intrinsics::intrinsic;

use crate::inst::{BinaryOp, CastOp, FloatCond, IntCond};
use crate::types::Type;

/// The value of an integer's low bits, read as two's complement.
pub fn sign_extend(ty: Type, bits: u128) -> i128 {
    let shift = 128 - ty.bits();
    ((bits << shift) as i128) >> shift
}

pub(crate) fn f32_bits(value: f32) -> u128 {
    let canonical = if value.is_nan() {
        f32::from_bits(0x7fc0_0000)
    } else {
        value
    };
    u128::from(canonical.to_bits())
}

pub(crate) fn f64_bits(value: f64) -> u128 {
    let canonical = if value.is_nan() {
        f64::from_bits(0x7ff8_0000_0000_0000)
    } else {
        value
    };
    u128::from(canonical.to_bits())
}

pub(crate) fn as_f32(bits: u128) -> f32 {
    f32::from_bits(bits as u32)
}

pub(crate) fn as_f64(bits: u128) -> f64 {
    f64::from_bits(bits as u64)
}

pub fn binary(op: BinaryOp, ty: Type, a: u128, b: u128) -> Option<u128> {
    if op.is_float() {
        return float_binary(op, ty, a, b);
    }
    let (sa, sb) = (sign_extend(ty, a), sign_extend(ty, b));
    let shift = u32::try_from(b).ok().filter(|&count| count < ty.bits());
    let wide = match op {
        BinaryOp::Add => a.wrapping_add(b),
        BinaryOp::Sub => a.wrapping_sub(b),
        BinaryOp::Mul => a.wrapping_mul(b),
        BinaryOp::UDiv => a.checked_div(b)?,
        BinaryOp::URem => a.checked_rem(b)?,
        // The quotient of the least value and -1 does not fit, and traps on real machines.
        BinaryOp::SDiv => {
            let quotient = sa.checked_div(sb)? as u128;
            (sign_extend(ty, quotient & ty.mask()) as u128 == quotient).then_some(quotient)?
        }
        BinaryOp::SRem => {
            let quotient = sa.checked_div(sb)? as u128;
            let fits = sign_extend(ty, quotient & ty.mask()) as u128 == quotient;
            fits.then(|| sa.checked_rem(sb))?? as u128
        }
        BinaryOp::And => a & b,
        BinaryOp::Or => a | b,
        BinaryOp::Xor => a ^ b,
        BinaryOp::Shl => a << shift?,
        BinaryOp::LShr => a >> shift?,
        BinaryOp::AShr => (sa >> shift?) as u128,
        BinaryOp::FAdd | BinaryOp::FSub | BinaryOp::FMul | BinaryOp::FDiv | BinaryOp::FRem => {
            return None;
        }
    };
    Some(wide & ty.mask())
}

fn float_binary(op: BinaryOp, ty: Type, a: u128, b: u128) -> Option<u128> {
    macro_rules! compute {
        ($read:ident, $write:ident) => {{
            let (a, b) = ($read(a), $read(b));
            $write(match op {
                BinaryOp::FAdd => a + b,
                BinaryOp::FSub => a - b,
                BinaryOp::FMul => a * b,
                BinaryOp::FDiv => a / b,
                BinaryOp::FRem => a % b,
                _ => return None,
            })
        }};
    }
    match ty {
        Type::F32 => Some(compute!(as_f32, f32_bits)),
        Type::F64 => Some(compute!(as_f64, f64_bits)),
        _ => None,
    }
}

/// Flips the sign bit, of NaN too.
pub fn fneg(ty: Type, bits: u128) -> u128 {
    bits ^ (1u128 << (ty.bits() - 1))
}

pub fn icmp(cond: IntCond, ty: Type, a: u128, b: u128) -> bool {
    let (sa, sb) = (sign_extend(ty, a), sign_extend(ty, b));
    match cond {
        IntCond::Eq => a == b,
        IntCond::Ne => a != b,
        IntCond::Slt => sa < sb,
        IntCond::Sle => sa <= sb,
        IntCond::Sgt => sa > sb,
        IntCond::Sge => sa >= sb,
        IntCond::Ult => a < b,
        IntCond::Ule => a <= b,
        IntCond::Ugt => a > b,
        IntCond::Uge => a >= b,
    }
}

pub fn fcmp(cond: FloatCond, ty: Type, a: u128, b: u128) -> bool {
    use std::cmp::Ordering::{Equal, Greater, Less};
    // Widening to f64 is exact and keeps order.
    let order = match ty {
        Type::F32 => f64::from(as_f32(a)).partial_cmp(&f64::from(as_f32(b))),
        _ => as_f64(a).partial_cmp(&as_f64(b)),
    };
    match cond {
        FloatCond::Oeq => order == Some(Equal),
        FloatCond::One => matches!(order, Some(Less | Greater)),
        FloatCond::Olt => order == Some(Less),
        FloatCond::Ole => matches!(order, Some(Less | Equal)),
        FloatCond::Ogt => order == Some(Greater),
        FloatCond::Oge => matches!(order, Some(Greater | Equal)),
        FloatCond::Ord => order.is_some(),
        FloatCond::Ueq => matches!(order, None | Some(Equal)),
        FloatCond::Une => order != Some(Equal),
        FloatCond::Ult => matches!(order, None | Some(Less)),
        FloatCond::Ule => matches!(order, None | Some(Less | Equal)),
        FloatCond::Ugt => matches!(order, None | Some(Greater)),
        FloatCond::Uge => matches!(order, None | Some(Greater | Equal)),
        FloatCond::Uno => order.is_none(),
    }
}

pub fn cast(op: CastOp, from: Type, to: Type, bits: u128) -> Option<u128> {
    let result = match op {
        CastOp::Trunc | CastOp::Zext | CastOp::PtrToInt | CastOp::IntToPtr | CastOp::Bitcast => {
            bits
        }
        CastOp::Sext => sign_extend(from, bits) as u128,
        CastOp::FpTrunc => f32_bits(as_f64(bits) as f32),
        CastOp::FpExt => f64_bits(f64::from(as_f32(bits))),
        CastOp::FpToSiSat => {
            let wide = match from {
                Type::F32 => as_f32(bits) as i128,
                _ => as_f64(bits) as i128,
            };
            let max = (to.mask() >> 1) as i128;
            wide.clamp(-max - 1, max) as u128
        }
        CastOp::FpToUiSat => {
            let wide = match from {
                Type::F32 => as_f32(bits) as u128,
                _ => as_f64(bits) as u128,
            };
            wide.min(to.mask())
        }
        CastOp::SiToFp => match to {
            Type::F32 => f32_bits(sign_extend(from, bits) as f32),
            Type::F64 => f64_bits(sign_extend(from, bits) as f64),
            _ => return None,
        },
        CastOp::UiToFp => match to {
            Type::F32 => f32_bits(bits as f32),
            Type::F64 => f64_bits(bits as f64),
            _ => return None,
        },
    };
    Some(result & to.mask())
}

#[cfg(test)]
mod tests;

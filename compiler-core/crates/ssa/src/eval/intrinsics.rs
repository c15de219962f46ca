//! What each intrinsic computes.

use super::{as_f32, as_f64, f32_bits, f64_bits, sign_extend};
use crate::inst::Intrinsic;
use crate::types::Type;

/// The result's bits; `None` for `trap`.
pub fn intrinsic(op: Intrinsic, ty: Type, args: &[u128]) -> Option<u128> {
    let arg = |index: usize| args.get(index).copied();
    if op.is_float() {
        return float(op, ty, arg(0)?, args);
    }
    let (a, bits) = (arg(0)?, ty.bits());
    let wide = match op {
        Intrinsic::Ctlz => u128::from(a.leading_zeros() - (128 - bits)),
        Intrinsic::Cttz => u128::from(a.trailing_zeros().min(bits)),
        Intrinsic::Ctpop => u128::from(a.count_ones()),
        Intrinsic::Bswap => a.swap_bytes() >> (128 - bits),
        Intrinsic::BitReverse => a.reverse_bits() >> (128 - bits),
        Intrinsic::Fshl => funnel_left(ty, a, arg(1)?, (arg(2)? % u128::from(bits)) as u32),
        Intrinsic::Fshr => match (arg(2)? % u128::from(bits)) as u32 {
            0 => arg(1)?,
            count => funnel_left(ty, a, arg(1)?, bits - count),
        },
        _ => return checked(op, ty, a, arg(1)?),
    };
    Some(wide & ty.mask())
}

/// The high half of `(high:low) << count`, for a count below the width.
fn funnel_left(ty: Type, high: u128, low: u128, count: u32) -> u128 {
    match count {
        0 => high,
        count => (high << count) | (low >> (ty.bits() - count)),
    }
}

/// Overflow flags and saturating operations, by way of the exact result.
fn checked(op: Intrinsic, ty: Type, a: u128, b: u128) -> Option<u128> {
    use Intrinsic::*;
    let (sa, sb) = (sign_extend(ty, a), sign_extend(ty, b));
    let (max, min) = ((ty.mask() >> 1) as i128, -((ty.mask() >> 1) as i128) - 1);
    let signed = match op {
        SAddOverflow | SAddSat => sa.checked_add(sb),
        SSubOverflow | SSubSat => sa.checked_sub(sb),
        SMulOverflow => sa.checked_mul(sb),
        _ => None,
    };
    let unsigned = match op {
        UAddOverflow | UAddSat => a.checked_add(b),
        USubOverflow | USubSat => a.checked_sub(b),
        UMulOverflow => a.checked_mul(b),
        _ => None,
    };
    let signed = signed.filter(|exact| (min..=max).contains(exact));
    let unsigned = unsigned.filter(|&exact| exact <= ty.mask());
    Some(match op {
        SAddOverflow | SSubOverflow | SMulOverflow => u128::from(signed.is_none()),
        UAddOverflow | USubOverflow | UMulOverflow => u128::from(unsigned.is_none()),
        // The second operand's sign tells which bound was passed.
        SAddSat => signed.unwrap_or(if sb < 0 { min } else { max }) as u128 & ty.mask(),
        SSubSat => signed.unwrap_or(if sb < 0 { max } else { min }) as u128 & ty.mask(),
        UAddSat => unsigned.unwrap_or(ty.mask()),
        USubSat => unsigned.unwrap_or(0),
        _ => return None,
    })
}

fn float(op: Intrinsic, ty: Type, first: u128, args: &[u128]) -> Option<u128> {
    let sign = 1u128 << (ty.bits() - 1);
    let second = args.get(1).copied();
    // These two only move the sign bit, NaN or not.
    match op {
        Intrinsic::Fabs => return Some(first & !sign),
        Intrinsic::CopySign => return Some((first & !sign) | (second? & sign)),
        _ => {}
    }
    macro_rules! compute {
        ($float:ty, $read:ident, $write:ident) => {{
            let a = $read(first);
            let b = || second.map($read);
            $write(match op {
                Intrinsic::Sqrt => a.sqrt(),
                Intrinsic::Sin => a.sin(),
                Intrinsic::Cos => a.cos(),
                Intrinsic::Exp => a.exp(),
                Intrinsic::Log => a.ln(),
                Intrinsic::Log10 => a.log10(),
                Intrinsic::Pow => a.powf(b()?),
                Intrinsic::Floor => a.floor(),
                Intrinsic::Ceil => a.ceil(),
                Intrinsic::Round => a.round(),
                Intrinsic::Trunc => a.trunc(),
                Intrinsic::Fma => a.mul_add(b()?, args.get(2).copied().map($read)?),
                Intrinsic::MinNum => a.min(b()?),
                Intrinsic::MaxNum => a.max(b()?),
                Intrinsic::Powi => {
                    let exponent = sign_extend(Type::I32, second?) as i32;
                    let (mut base, mut left, mut power) =
                        (a, exponent.unsigned_abs(), 1.0 as $float);
                    // By squaring, in the order of the compiler runtime, to round as it does.
                    loop {
                        if left & 1 == 1 {
                            power *= base;
                        }
                        left >>= 1;
                        if left == 0 {
                            break;
                        }
                        base *= base;
                    }
                    if exponent < 0 { 1.0 / power } else { power }
                }
                _ => return None,
            })
        }};
    }
    match ty {
        Type::F32 => Some(compute!(f32, as_f32, f32_bits)),
        Type::F64 => Some(compute!(f64, as_f64, f64_bits)),
        _ => None,
    }
}

//! Operations on integers that the library takes from the machine, at compile time.

use crate::consteval::ConstValue;
use crate::ty::IntTy;

/// What an intrinsic gives for integers of one type; `None` for others, and for integers of 128
/// bits, which the running program computes.
pub(super) fn intrinsic(name: &str, int: IntTy, args: &[i128]) -> Option<ConstValue> {
    let bits = int.bits();
    if bits > 64 {
        return None;
    }
    let a = *args.first()?;
    let b = args.get(1).copied();
    let mask = (1u128 << bits) - 1;
    let pattern = (a as u128) & mask;
    let number = |value: i128| Some(ConstValue::Int(int.wrap(value)));
    let overflows = |exact: i128| Some(ConstValue::Bool(int.wrap(exact) != exact));
    let saturated = |exact: i128| {
        let (min, max) = match int.is_signed() {
            true => (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1),
            false => (0, (1i128 << bits) - 1),
        };
        Some(ConstValue::Int(exact.clamp(min, max)))
    };
    let rotated = |left: i128| {
        let by = left.rem_euclid(i128::from(bits)) as u32;
        let turned = (pattern << by) | (pattern >> (bits - by));
        number((turned & mask) as i128)
    };
    match name {
        "wrapping_add" => number(a + b?),
        "wrapping_sub" => number(a - b?),
        "wrapping_mul" => number(a.wrapping_mul(b?)),
        "add_overflows" => overflows(a + b?),
        "sub_overflows" => overflows(a - b?),
        // Products of 64-bit numbers fit 128 bits but for the largest unsigned ones.
        "mul_overflows" => match a.checked_mul(b?) {
            Some(exact) => overflows(exact),
            None => Some(ConstValue::Bool(true)),
        },
        "saturating_add" => saturated(a + b?),
        "saturating_sub" => saturated(a - b?),
        "ctpop" => number(i128::from(pattern.count_ones())),
        "ctlz" => number(i128::from(pattern.leading_zeros() - (128 - bits))),
        "cttz" => number(i128::from(pattern.trailing_zeros().min(bits))),
        "bswap" => number((pattern.swap_bytes() >> (128 - bits)) as i128),
        "bitreverse" => number((pattern.reverse_bits() >> (128 - bits)) as i128),
        "rotate_left" => rotated(b?),
        "rotate_right" => rotated(-b?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_machine() {
        let int = |name, ty, args: &[i128]| match intrinsic(name, ty, args) {
            Some(ConstValue::Int(value)) => value,
            Some(ConstValue::Bool(value)) => i128::from(value),
            _ => panic!("{name} gives no number"),
        };
        assert_eq!(int("wrapping_add", IntTy::I8, &[127, 1]), -128);
        assert_eq!(int("rotate_left", IntTy::U8, &[0x81, 1]), 0x03);
        assert_eq!(int("rotate_right", IntTy::U8, &[0x81, 8]), 0x81);
        assert_eq!(int("rotate_right", IntTy::I8, &[1, 1]), -128);
        assert_eq!(int("ctlz", IntTy::U16, &[1]), 15);
        assert_eq!(int("cttz", IntTy::I32, &[0]), 32);
        assert_eq!(int("ctpop", IntTy::I8, &[-1]), 8);
        assert_eq!(int("bswap", IntTy::U16, &[0x1234]), 0x3412);
        assert_eq!(int("bitreverse", IntTy::U8, &[1]), 0x80);
        assert_eq!(int("saturating_sub", IntTy::U8, &[1, 2]), 0);
        assert_eq!(int("mul_overflows", IntTy::U64, &[1 << 63, 2]), 1);
        assert_eq!(intrinsic("ctpop", IntTy::I128, &[1]), None);
    }
}

use super::*;
use crate::inst::Intrinsic;

fn i8(value: i8) -> u128 {
    u128::from(value as u8)
}

#[test]
fn integer_arithmetic_agrees_with_the_host() {
    for a in -128i8..=127 {
        for b in -128i8..=127 {
            let compute = |op| binary(op, Type::I8, i8(a), i8(b));
            assert_eq!(compute(BinaryOp::Add), Some(i8(a.wrapping_add(b))));
            assert_eq!(compute(BinaryOp::Sub), Some(i8(a.wrapping_sub(b))));
            assert_eq!(compute(BinaryOp::Mul), Some(i8(a.wrapping_mul(b))));
            assert_eq!(compute(BinaryOp::SDiv), a.checked_div(b).map(i8));
            assert_eq!(compute(BinaryOp::SRem), a.checked_rem(b).map(i8));
            let unsigned = (a as u8).checked_div(b as u8).map(u128::from);
            assert_eq!(compute(BinaryOp::UDiv), unsigned);
            let shifted = a.checked_shr(b as u8 as u32).map(i8);
            assert_eq!(compute(BinaryOp::AShr), shifted);
            assert_eq!(icmp(IntCond::Slt, Type::I8, i8(a), i8(b)), a < b);
            assert_eq!(
                icmp(IntCond::Uge, Type::I8, i8(a), i8(b)),
                a as u8 >= b as u8
            );
            let flag = |op| intrinsic(op, Type::I8, &[i8(a), i8(b)]) == Some(1);
            assert_eq!(flag(Intrinsic::SAddOverflow), a.checked_add(b).is_none());
            assert_eq!(flag(Intrinsic::SSubOverflow), a.checked_sub(b).is_none());
            assert_eq!(flag(Intrinsic::SMulOverflow), a.checked_mul(b).is_none());
            assert_eq!(flag(Intrinsic::USubOverflow), (a as u8) < b as u8);
            let sat = |op| intrinsic(op, Type::I8, &[i8(a), i8(b)]);
            assert_eq!(sat(Intrinsic::SAddSat), Some(i8(a.saturating_add(b))));
            assert_eq!(sat(Intrinsic::SSubSat), Some(i8(a.saturating_sub(b))));
        }
    }
}

#[test]
fn bit_counting_agrees_with_the_host() {
    for a in 0u8..=255 {
        let compute = |op| intrinsic(op, Type::I8, &[u128::from(a)]).map(|bits| bits as u32);
        assert_eq!(compute(Intrinsic::Ctlz), Some(a.leading_zeros()));
        assert_eq!(compute(Intrinsic::Cttz), Some(a.trailing_zeros()));
        assert_eq!(compute(Intrinsic::Ctpop), Some(a.count_ones()));
        assert_eq!(
            compute(Intrinsic::BitReverse),
            Some(u32::from(a.reverse_bits()))
        );
        for count in 0..20u32 {
            let rotate = |op| intrinsic(op, Type::I8, &[a.into(), a.into(), count.into()]);
            assert_eq!(rotate(Intrinsic::Fshl), Some(a.rotate_left(count).into()));
            assert_eq!(rotate(Intrinsic::Fshr), Some(a.rotate_right(count).into()));
        }
    }
    let swapped = intrinsic(Intrinsic::Bswap, Type::I32, &[0x1122_3344]);
    assert_eq!(swapped, Some(0x4433_2211));
}

#[test]
fn float_to_integer_saturates() {
    let cases = [
        f64::NAN,
        300.0,
        -300.0,
        -0.5,
        127.9,
        f64::INFINITY,
        f64::NEG_INFINITY,
    ];
    for value in cases {
        let bits = u128::from(value.to_bits());
        let signed = cast(CastOp::FpToSiSat, Type::F64, Type::I8, bits);
        assert_eq!(signed, Some(i8(value as i8)));
        let unsigned = cast(CastOp::FpToUiSat, Type::F64, Type::I8, bits);
        assert_eq!(unsigned, Some(u128::from(value as u8)));
    }
}

#[test]
fn made_nans_are_canonical() {
    let zero = u128::from(0f64.to_bits());
    let nan = binary(BinaryOp::FDiv, Type::F64, zero, zero);
    assert_eq!(nan, Some(0x7ff8_0000_0000_0000));
    assert!(fcmp(FloatCond::Une, Type::F64, nan.unwrap(), nan.unwrap()));
    assert!(!fcmp(FloatCond::Oeq, Type::F64, nan.unwrap(), nan.unwrap()));
}

//! `**` by repeated squaring: the same result everywhere, which library code would not give.
//!
//! ```text
//! func pow(base, exponent) {
//!     result = 1
//!     while exponent != 0 {
//!         if exponent & 1 != 0 { result *= base }
//!         exponent >>= 1
//!         base *= base
//!     }
//! }
//! ```

use base::Db;
use hir_ty::Ty;
use ssa::{BinaryOp, IntCond, Intrinsic, Operand, Signature, Type};

use super::start;
use crate::emit::Emit;
use crate::instance::Instance;
use crate::key::Build;
use crate::repr::{Repr, repr_of};

fn scalar_of(db: &dyn Db, ty: Ty) -> Type {
    match repr_of(db, ty) {
        Repr::Scalar(ty) => ty,
        Repr::Zero | Repr::Memory => Type::I32,
    }
}

/// Memory of one scalar.
fn variable(cx: &mut Emit<'_>, value: Operand) -> Operand {
    let ty = cx.b.type_of(value);
    let bytes = ty.size_bytes();
    let ptr = Operand::Slot(cx.b.create_slot(bytes, bytes as u32, None), 0);
    cx.b.store(value, ptr, bytes as u32);
    ptr
}

fn get(cx: &mut Emit<'_>, ptr: Operand, ty: Type) -> Operand {
    cx.b.load(ty, ptr, ty.size_bytes() as u32)
}

fn set(cx: &mut Emit<'_>, ptr: Operand, value: Operand) {
    let align = cx.b.type_of(value).size_bytes() as u32;
    cx.b.store(value, ptr, align);
}

/// `(base, exponent) -> base`. Integers wrap; a negative exponent of a float base divides.
pub(crate) fn pow_glue<'db>(
    db: &'db dyn Db,
    build: Build,
    instance: Instance,
    base: Ty,
    exponent: Ty,
) -> Emit<'db> {
    let (base_ty, exp_ty) = (scalar_of(db, base), scalar_of(db, exponent));
    let mut cx = start(
        db,
        build,
        instance,
        Signature::new([base_ty, exp_ty], Some(base_ty)),
    );
    let is_float = base_ty.is_float();
    let one = match base_ty {
        Type::F32 => Operand::f32(1.0),
        Type::F64 => Operand::f64(1.0),
        ty => Operand::int(ty, 1),
    };
    let multiply = if is_float {
        BinaryOp::FMul
    } else {
        BinaryOp::Mul
    };
    let (base_value, exp_value) = (cx.b.param(0), cx.b.param(1));
    let zero = Operand::zero(exp_ty);
    let negative = cx.is_signed(exponent);
    let is_negative = match negative {
        true => cx.b.icmp(IntCond::Slt, exp_value, zero),
        false => Operand::i1(false),
    };
    let negated = cx.b.binary(BinaryOp::Sub, zero, exp_value);
    let magnitude = cx.b.select(is_negative, negated, exp_value);

    let result = variable(&mut cx, one);
    let power = variable(&mut cx, base_value);
    let count = variable(&mut cx, magnitude);
    let [head, odd_test, odd, step, end] = std::array::from_fn(|_| cx.b.create_block());
    cx.b.jump(head);

    cx.b.switch_to(head);
    let left = get(&mut cx, count, exp_ty);
    let more = cx.b.icmp(IntCond::Ne, left, zero);
    cx.b.branch(more, odd_test, end);

    cx.b.switch_to(odd_test);
    let bit = cx.b.binary(BinaryOp::And, left, Operand::int(exp_ty, 1));
    let is_odd = cx.b.icmp(IntCond::Ne, bit, zero);
    cx.b.branch(is_odd, odd, step);

    cx.b.switch_to(odd);
    let (a, b) = (get(&mut cx, result, base_ty), get(&mut cx, power, base_ty));
    let product = cx.b.binary(multiply, a, b);
    set(&mut cx, result, product);
    cx.b.jump(step);

    cx.b.switch_to(step);
    let rest = cx.b.binary(BinaryOp::LShr, left, Operand::int(exp_ty, 1));
    set(&mut cx, count, rest);
    let b = get(&mut cx, power, base_ty);
    let square = cx.b.binary(multiply, b, b);
    set(&mut cx, power, square);
    cx.b.jump(head);

    cx.b.switch_to(end);
    let value = get(&mut cx, result, base_ty);
    let value = if is_float {
        let inverse = cx.b.binary(BinaryOp::FDiv, one, value);
        cx.b.select(is_negative, inverse, value)
    } else {
        value
    };
    cx.b.ret(Some(value));
    cx
}

/// `(base, exponent) -> i1` for integers: whether the exact power does not fit.
///
/// The last squaring is not part of the result, so it may overflow unseen.
pub(crate) fn pow_overflow_glue<'db>(
    db: &'db dyn Db,
    build: Build,
    instance: Instance,
    base: Ty,
    exponent: Ty,
) -> Emit<'db> {
    let (base_ty, exp_ty) = (scalar_of(db, base), scalar_of(db, exponent));
    let mut cx = start(
        db,
        build,
        instance,
        Signature::new([base_ty, exp_ty], Some(Type::I1)),
    );
    if base_ty.is_float() {
        cx.b.ret(Some(Operand::i1(false)));
        return cx;
    }
    let overflow = match cx.is_signed(base) {
        true => Intrinsic::SMulOverflow,
        false => Intrinsic::UMulOverflow,
    };
    let zero = Operand::zero(exp_ty);
    let one = Operand::int(base_ty, 1);
    let (base_value, exp_value) = (cx.b.param(0), cx.b.param(1));
    let result = variable(&mut cx, one);
    let power = variable(&mut cx, base_value);
    let count = variable(&mut cx, exp_value);
    // Whether a squaring so far did not fit: an overflow as soon as its result is used.
    let lost = variable(&mut cx, Operand::i1(false));
    let [head, odd_test, odd, product_fits, step, yes, no] =
        std::array::from_fn(|_| cx.b.create_block());
    cx.b.jump(head);

    cx.b.switch_to(head);
    let left = get(&mut cx, count, exp_ty);
    let more = cx.b.icmp(IntCond::Ne, left, zero);
    cx.b.branch(more, odd_test, no);

    cx.b.switch_to(odd_test);
    let bit = cx.b.binary(BinaryOp::And, left, Operand::int(exp_ty, 1));
    let is_odd = cx.b.icmp(IntCond::Ne, bit, zero);
    cx.b.branch(is_odd, odd, step);

    cx.b.switch_to(odd);
    let (a, b) = (get(&mut cx, result, base_ty), get(&mut cx, power, base_ty));
    let product_lost = cx.b.intrinsic(overflow, base_ty, vec![a, b]);
    let power_lost = get(&mut cx, lost, Type::I1);
    let any = cx.b.binary(BinaryOp::Or, product_lost, power_lost);
    cx.b.branch(any, yes, product_fits);
    cx.b.switch_to(product_fits);
    let product = cx.b.binary(BinaryOp::Mul, a, b);
    set(&mut cx, result, product);
    cx.b.jump(step);

    cx.b.switch_to(step);
    let rest = cx.b.binary(BinaryOp::LShr, left, Operand::int(exp_ty, 1));
    set(&mut cx, count, rest);
    let b = get(&mut cx, power, base_ty);
    let square_lost = cx.b.intrinsic(overflow, base_ty, vec![b, b]);
    let before = get(&mut cx, lost, Type::I1);
    let after = cx.b.binary(BinaryOp::Or, before, square_lost);
    set(&mut cx, lost, after);
    let square = cx.b.binary(BinaryOp::Mul, b, b);
    set(&mut cx, power, square);
    cx.b.jump(head);

    cx.b.switch_to(yes);
    cx.b.ret(Some(Operand::i1(true)));
    cx.b.switch_to(no);
    cx.b.ret(Some(Operand::i1(false)));
    cx
}

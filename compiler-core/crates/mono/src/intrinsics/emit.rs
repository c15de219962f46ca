//! Calls of intrinsics as instructions.

use hir_ty::{Ty, TyKind};
use ssa::{AtomicRmwOp, BinaryOp, CastOp, InstKind, IntCond, Intrinsic, Operand, Ordering, Type};

use super::IntrinsicOp as Op;
use crate::emit::{Emit, Val};
use crate::error::MonoErrorKind;
use crate::repr::Repr;

/// A call of an intrinsic, with everything monomorphic.
pub(crate) struct IntrinsicCall<'a> {
    pub(crate) name: &'a str,
    pub(crate) op: Op,
    pub(crate) ordering: Ordering,
    pub(crate) type_args: &'a [Ty],
    pub(crate) args: &'a [(Val, Ty)],
    pub(crate) result: Ty,
    /// Where a result that lives in memory goes.
    pub(crate) dest: Option<Operand>,
}

/// Emits a call. `None` says that control does not come back.
pub(crate) fn emit_intrinsic(cx: &mut Emit<'_>, call: &IntrinsicCall<'_>) -> Option<Val> {
    let ty = call
        .type_args
        .first()
        .copied()
        .unwrap_or_else(|| Ty::unit(cx.db));
    let value = match call.op {
        Op::SizeOf | Op::AlignOf | Op::TypeName | Op::TypeId | Op::NeedsDrop | Op::IsCopy => {
            type_query(cx, call, ty)
        }
        Op::FieldCount
        | Op::VariantCount
        | Op::FieldName
        | Op::FieldOffset
        | Op::FieldTypeId
        | Op::TypeInfo => super::reflect::emit(cx, call, ty),
        Op::PtrRead => {
            let ptr = scalar(cx, call, 0);
            cx.read_into(ptr, ty, call.dest)
        }
        Op::PtrWrite => {
            let ptr = scalar(cx, call, 0);
            if let Some(&(value, ty)) = call.args.get(1) {
                cx.write(value, ptr, ty);
            }
            Val::Zero
        }
        Op::PtrOffset | Op::PtrSub | Op::PtrByteOffset | Op::PtrDiff | Op::PtrIsNull => {
            address(cx, call, ty)
        }
        Op::Reinterpret | Op::StrAsPtr | Op::Identity => reinterpret(cx, call),
        Op::Zeroed | Op::Uninit => blank(cx, call),
        Op::Forget | Op::Assume => Val::Zero,
        Op::DropInPlace => {
            let ptr = scalar(cx, call, 0);
            cx.drop_at(ptr, ty);
            Val::Zero
        }
        Op::DropElements => {
            let (ptr, len) = (scalar(cx, call, 0), scalar(cx, call, 1));
            crate::glue::drop_elements(cx, ptr, ty, len);
            Val::Zero
        }
        Op::RetainInPlace => {
            let ptr = scalar(cx, call, 0);
            cx.retain_at(ptr, ty);
            Val::Zero
        }
        Op::MemCopy
        | Op::MemMove
        | Op::MemSet
        | Op::MemZero
        | Op::Copy
        | Op::CopyNonOverlapping
        | Op::WriteBytes => memory(cx, call, ty),
        Op::VolatileRead | Op::VolatileWrite => volatile(cx, call, ty),
        Op::SliceFromRaw | Op::SlicePtr | Op::SliceLen => slice(cx, call),
        Op::Math(op) => {
            let args: Vec<Operand> = (0..op.arg_count()).map(|i| scalar(cx, call, i)).collect();
            let ty = scalar_type(cx, call.result);
            Val::Scalar(cx.b.intrinsic(op, ty, args))
        }
        Op::RotateLeft | Op::RotateRight => {
            let value = scalar(cx, call, 0);
            let ty = cx.b.type_of(value);
            let count = wide_int(cx, call, 1);
            let count = cx.int_resize(count, ty, false);
            let op = if call.op == Op::RotateLeft {
                Intrinsic::Fshl
            } else {
                Intrinsic::Fshr
            };
            Val::Scalar(cx.b.intrinsic(op, ty, vec![value, value, count]))
        }
        Op::Wrapping(op) => {
            let (a, b) = (scalar(cx, call, 0), scalar(cx, call, 1));
            Val::Scalar(cx.b.binary(op, a, b))
        }
        Op::BySign(signed, unsigned) => {
            let op = if cx.is_signed(ty) { signed } else { unsigned };
            let (a, b) = (scalar(cx, call, 0), scalar(cx, call, 1));
            let ty = cx.b.type_of(a);
            Val::Scalar(cx.b.intrinsic(op, ty, vec![a, b]))
        }
        Op::Unreachable => {
            cx.b.unreachable();
            return None;
        }
        Op::Abort => {
            cx.b.trap();
            return None;
        }
        Op::AtomicLoad
        | Op::AtomicStore
        | Op::AtomicRmw(_)
        | Op::AtomicMax
        | Op::AtomicMin
        | Op::AtomicCas
        | Op::Fence => atomic(cx, call, ty),
    };
    Some(value)
}

/// The argument at an index as a scalar; `Undef` when a wrong declaration gives another number.
pub(super) fn scalar(cx: &mut Emit<'_>, call: &IntrinsicCall<'_>, index: usize) -> Operand {
    match call.args.get(index) {
        Some((Val::Scalar(operand), _)) => *operand,
        _ => {
            let name = call.name.into();
            cx.error(MonoErrorKind::BadIntrinsic { name });
            Operand::Undef(Type::I64)
        }
    }
}

/// An argument of any integer type as an `i64`.
pub(super) fn wide_int(cx: &mut Emit<'_>, call: &IntrinsicCall<'_>, index: usize) -> Operand {
    let value = scalar(cx, call, index);
    let signed = call
        .args
        .get(index)
        .is_some_and(|(_, ty)| cx.is_signed(*ty));
    cx.int_resize(value, Type::I64, signed)
}

fn scalar_type(cx: &Emit<'_>, ty: Ty) -> Type {
    match cx.repr(ty) {
        Repr::Scalar(ty) => ty,
        Repr::Zero | Repr::Memory => Type::I64,
    }
}

fn type_query(cx: &mut Emit<'_>, call: &IntrinsicCall<'_>, ty: Ty) -> Val {
    if let Op::SizeOf | Op::AlignOf = call.op {
        cx.check_layout(ty);
    }
    Val::Scalar(match call.op {
        Op::SizeOf => Operand::i64(cx.size(ty) as i64),
        Op::AlignOf => Operand::i64(i64::from(cx.align(ty))),
        Op::TypeName => {
            let name = crate::symbol::type_name(cx.db, ty);
            cx.str_literal(&name)
        }
        Op::TypeId => Operand::int(Type::I64, u128::from(crate::symbol::type_id(cx.db, ty))),
        Op::NeedsDrop => Operand::i1(cx.needs_drop(ty)),
        _ => Operand::i1(cx.is_copy(ty)),
    })
}

fn address(cx: &mut Emit<'_>, call: &IntrinsicCall<'_>, ty: Ty) -> Val {
    let ptr = scalar(cx, call, 0);
    let size = Operand::i64(cx.size(ty) as i64);
    Val::Scalar(match call.op {
        Op::PtrIsNull => cx.b.icmp(IntCond::Eq, ptr, Operand::Null),
        Op::PtrDiff => {
            let other = scalar(cx, call, 1);
            let a = cx.b.cast(CastOp::PtrToInt, ptr, Type::I64);
            let b = cx.b.cast(CastOp::PtrToInt, other, Type::I64);
            let bytes = cx.b.binary(BinaryOp::Sub, a, b);
            if cx.size(ty) <= 1 {
                bytes
            } else {
                cx.b.binary(BinaryOp::SDiv, bytes, size)
            }
        }
        op => {
            let count = wide_int(cx, call, 1);
            let bytes = match op {
                Op::PtrByteOffset => count,
                _ => cx.mul_const(count, cx.size(ty)),
            };
            let bytes = match op {
                Op::PtrSub => cx.b.binary(BinaryOp::Sub, Operand::i64(0), bytes),
                _ => bytes,
            };
            cx.b.ptr_add(ptr, bytes)
        }
    })
}

/// The bytes of the first argument as a value of the result's type.
fn reinterpret(cx: &mut Emit<'_>, call: &IntrinsicCall<'_>) -> Val {
    let Some(&(value, from)) = call.args.first() else {
        return blank(cx, call);
    };
    // `str_as_ptr(s: ref Str)` looks through the reference.
    let (value, from) = match (call.op, from.kind(cx.db)) {
        (Op::StrAsPtr, TyKind::Ref { target, .. }) => match value {
            Val::Scalar(ptr) => (Val::Scalar(cx.b.load(Type::Ptr, ptr, 8)), *target),
            other => (other, *target),
        },
        _ => (value, from),
    };
    let to = call.result;
    if cx.size(from) != cx.size(to) {
        let (from, to) = (cx.type_text(from), cx.type_text(to));
        cx.error(MonoErrorKind::TransmuteSize { from, to });
        return blank(cx, call);
    }
    match (value, cx.repr(to)) {
        (_, Repr::Zero) => Val::Zero,
        (Val::Scalar(operand), Repr::Scalar(ty)) => Val::Scalar(cx.scalar_bits_as(operand, ty)),
        (Val::Memory(src), _) => cx.read_into(src, to, call.dest),
        (value, _) => {
            let slot = cx.temp(from);
            cx.write(value, slot, from);
            cx.read_into(slot, to, call.dest)
        }
    }
}

/// A value of zero bytes, or of undefined ones.
fn blank(cx: &mut Emit<'_>, call: &IntrinsicCall<'_>) -> Val {
    let ty = call.result;
    match cx.repr(ty) {
        Repr::Zero => Val::Zero,
        Repr::Scalar(scalar) if call.op == Op::Zeroed => Val::Scalar(Operand::zero(scalar)),
        Repr::Scalar(scalar) => Val::Scalar(Operand::Undef(scalar)),
        Repr::Memory => {
            let dest = call.dest.unwrap_or_else(|| cx.temp(ty));
            if call.op == Op::Zeroed {
                let (size, align) = (Operand::i64(cx.size(ty) as i64), cx.align(ty));
                cx.b.memset(dest, Operand::i8(0), size, align);
            }
            Val::Memory(dest)
        }
    }
}

fn memory(cx: &mut Emit<'_>, call: &IntrinsicCall<'_>, ty: Ty) -> Val {
    let first = scalar(cx, call, 0);
    match call.op {
        Op::MemZero => {
            let size = wide_int(cx, call, 1);
            cx.b.memset(first, Operand::i8(0), size, 1);
        }
        Op::MemSet => {
            let byte = wide_int(cx, call, 1);
            let byte = cx.int_resize(byte, Type::I8, false);
            let size = wide_int(cx, call, 2);
            cx.b.memset(first, byte, size, 1);
        }
        Op::WriteBytes => {
            let byte = scalar(cx, call, 1);
            let count = wide_int(cx, call, 2);
            let size = cx.mul_const(count, cx.size(ty));
            cx.b.memset(first, byte, size, cx.align(ty));
        }
        op => {
            let second = scalar(cx, call, 1);
            let count = wide_int(cx, call, 2);
            match op {
                Op::MemCopy => cx.b.memcpy(first, second, count, 1),
                Op::MemMove => cx.b.memmove(first, second, count, 1),
                // Source first, like the declaration.
                _ => {
                    let size = cx.mul_const(count, cx.size(ty));
                    let align = cx.align(ty);
                    if op == Op::Copy {
                        cx.b.memmove(second, first, size, align);
                    } else {
                        cx.b.memcpy(second, first, size, align);
                    }
                }
            }
        }
    }
    Val::Zero
}

fn volatile(cx: &mut Emit<'_>, call: &IntrinsicCall<'_>, ty: Ty) -> Val {
    let ptr = scalar(cx, call, 0);
    let align = cx.align(ty);
    let Repr::Scalar(scalar_ty) = cx.repr(ty) else {
        cx.error(MonoErrorKind::BadIntrinsic {
            name: call.name.into(),
        });
        return blank(cx, call);
    };
    if call.op == Op::VolatileRead {
        let kind = InstKind::Load {
            ty: scalar_ty,
            ptr,
            align,
            volatile: true,
        };
        return Val::Scalar(cx.b.emit(kind).unwrap_or(Operand::Undef(scalar_ty)));
    }
    let value = scalar(cx, call, 1);
    cx.b.emit(InstKind::Store {
        value,
        ptr,
        align,
        volatile: true,
    });
    Val::Zero
}

/// A reference to a slice is the pair (address, length) in memory.
fn slice(cx: &mut Emit<'_>, call: &IntrinsicCall<'_>) -> Val {
    if call.op == Op::SliceFromRaw {
        let ptr = scalar(cx, call, 0);
        let len = wide_int(cx, call, 1);
        let dest = call.dest.unwrap_or_else(|| cx.temp(call.result));
        cx.b.store(ptr, dest, 8);
        let second = cx.b.ptr_offset(dest, 8);
        cx.b.store(len, second, 8);
        return Val::Memory(dest);
    }
    let Some((Val::Memory(pair), _)) = call.args.first().copied() else {
        cx.error(MonoErrorKind::BadIntrinsic {
            name: call.name.into(),
        });
        return Val::Scalar(Operand::Undef(scalar_type(cx, call.result)));
    };
    Val::Scalar(if call.op == Op::SlicePtr {
        cx.b.load(Type::Ptr, pair, 8)
    } else {
        let second = cx.b.ptr_offset(pair, 8);
        cx.b.load(Type::I64, second, 8)
    })
}

fn atomic(cx: &mut Emit<'_>, call: &IntrinsicCall<'_>, ty: Ty) -> Val {
    let ordering = call.ordering;
    if call.op == Op::Fence {
        cx.b.emit(InstKind::Fence { ordering });
        return Val::Zero;
    }
    let ptr = scalar(cx, call, 0);
    // Machines have no atomic single bits: a Bool is its byte.
    let is_bool = scalar_type(cx, ty) == Type::I1;
    let scalar_ty = match scalar_type(cx, ty) {
        Type::I1 => Type::I8,
        other => other,
    };
    let signed = cx.is_signed(ty);
    let value_at = |cx: &mut Emit<'_>, index: usize| {
        let value = scalar(cx, call, index);
        cx.int_resize(value, scalar_ty, false)
    };
    let result = match call.op {
        Op::AtomicLoad => Val::Scalar(cx.b.atomic_load(scalar_ty, ptr, load_order(ordering))),
        Op::AtomicStore => {
            let value = value_at(cx, 1);
            cx.b.atomic_store(value, ptr, store_order(ordering));
            Val::Zero
        }
        Op::AtomicCas => {
            let (expected, new) = (value_at(cx, 1), value_at(cx, 2));
            let kind = InstKind::AtomicCmpxchg {
                ptr,
                expected,
                new,
                success: ordering,
                failure: load_order(ordering),
            };
            Val::Scalar(cx.b.emit(kind).unwrap_or(Operand::Undef(scalar_ty)))
        }
        op => {
            let op = match op {
                Op::AtomicRmw(op) => op,
                Op::AtomicMax if signed => AtomicRmwOp::SMax,
                Op::AtomicMax => AtomicRmwOp::UMax,
                _ if signed => AtomicRmwOp::SMin,
                _ => AtomicRmwOp::UMin,
            };
            let value = value_at(cx, 1);
            Val::Scalar(cx.b.atomic_rmw(op, ptr, value, ordering))
        }
    };
    match result {
        Val::Scalar(value) if is_bool => Val::Scalar(cx.int_resize(value, Type::I1, false)),
        other => other,
    }
}

/// A load cannot release.
fn load_order(ordering: Ordering) -> Ordering {
    match ordering {
        Ordering::Release => Ordering::Relaxed,
        Ordering::AcqRel => Ordering::Acquire,
        other => other,
    }
}

/// A store cannot acquire.
fn store_order(ordering: Ordering) -> Ordering {
    match ordering {
        Ordering::Acquire => Ordering::Relaxed,
        Ordering::AcqRel => Ordering::Release,
        other => other,
    }
}

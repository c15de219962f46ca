//! Structural equality (reference §5.6).

use base::Db;
use hir_ty::layout::Shape;
use hir_ty::{Ty, TyKind};
use ssa::{BinaryOp, Block, FloatCond, IntCond, Operand, Signature, Type};

use super::{discriminant, start};
use crate::emit::{Emit, Val};
use crate::error::MonoErrorKind;
use crate::instance::{Instance, InstanceKind};
use crate::key::Build;
use crate::repr::Repr;
use crate::types;

/// `(ptr, ptr) -> i1`. Members with `PartialEq` use it, others go on structurally. Of slices
/// the parameters lead to the pairs of address and length.
pub(crate) fn eq_glue<'db>(db: &'db dyn Db, build: Build, instance: Instance, ty: Ty) -> Emit<'db> {
    let signature = Signature::new([Type::Ptr, Type::Ptr], Some(Type::I1));
    let mut cx = start(db, build, instance, signature);
    let (a, b) = (cx.b.param(0), cx.b.param(1));
    let unequal = cx.b.create_block();
    parts_equal(&mut cx, ty, a, b, unequal);
    cx.b.ret(Some(Operand::i1(true)));
    cx.b.switch_to(unequal);
    cx.b.ret(Some(Operand::i1(false)));
    cx
}

/// Goes to `unequal` unless the values at two addresses are equal, part by part.
fn parts_equal(cx: &mut Emit<'_>, ty: Ty, a: Operand, b: Operand, unequal: Block) {
    let db = cx.db;
    match ty.kind(db) {
        TyKind::Tuple(parts) => {
            let Shape::Struct { offsets } = &cx.layout(ty).shape else {
                return;
            };
            fields_equal(cx, parts, offsets, a, b, unequal);
        }
        TyKind::Array(element, len) => {
            let len = Operand::i64(len.as_u64().unwrap_or(0) as i64);
            elements_equal(cx, *element, len, a, b, unequal);
        }
        TyKind::Slice(element) => {
            let (a_len_ptr, b_len_ptr) = (cx.b.ptr_offset(a, 8), cx.b.ptr_offset(b, 8));
            let a_len = cx.b.load(Type::I64, a_len_ptr, 8);
            let b_len = cx.b.load(Type::I64, b_len_ptr, 8);
            let same_len = cx.b.icmp(IntCond::Eq, a_len, b_len);
            require(cx, same_len, unequal);
            let (a, b) = (cx.b.load(Type::Ptr, a, 8), cx.b.load(Type::Ptr, b, 8));
            elements_equal(cx, *element, a_len, a, b, unequal);
        }
        TyKind::Adt(hir_def::AdtId::Class(_), _) | TyKind::Interface(..) => {
            let equal = same_object(cx, a, b);
            require(cx, equal, unequal);
        }
        TyKind::Adt(adt, args) => {
            let variants = types::variant_fields(db, *adt, *args);
            adt_equal(cx, ty, &variants, a, b, unequal);
        }
        _ => {
            let equal = value_equal(cx, ty, a, b);
            require(cx, equal, unequal);
        }
    }
}

/// Goes on in a fresh block if the condition holds.
fn require(cx: &mut Emit<'_>, condition: Operand, otherwise: Block) {
    if condition == Operand::i1(true) {
        return;
    }
    let next = cx.b.create_block();
    cx.b.branch(condition, next, otherwise);
    cx.b.switch_to(next);
}

fn fields_equal(
    cx: &mut Emit<'_>,
    fields: &[Ty],
    offsets: &[u64],
    a: Operand,
    b: Operand,
    unequal: Block,
) {
    for (field, offset) in fields.iter().zip(offsets) {
        let (a, b) = (cx.b.ptr_offset(a, *offset), cx.b.ptr_offset(b, *offset));
        let equal = value_equal(cx, *field, a, b);
        require(cx, equal, unequal);
    }
}

fn elements_equal(
    cx: &mut Emit<'_>,
    element: Ty,
    len: Operand,
    a: Operand,
    b: Operand,
    unequal: Block,
) {
    let stride = cx.size(element);
    let counter = Operand::Slot(cx.b.create_slot(8, 8, None), 0);
    cx.b.store(Operand::i64(0), counter, 8);
    let (head, body, end) = (
        cx.b.create_block(),
        cx.b.create_block(),
        cx.b.create_block(),
    );
    cx.b.jump(head);
    cx.b.switch_to(head);
    let index = cx.b.load(Type::I64, counter, 8);
    let more = cx.b.icmp(IntCond::Slt, index, len);
    cx.b.branch(more, body, end);
    cx.b.switch_to(body);
    let offset = cx.mul_const(index, stride);
    let (a, b) = (cx.b.ptr_add(a, offset), cx.b.ptr_add(b, offset));
    let equal = value_equal(cx, element, a, b);
    require(cx, equal, unequal);
    let next = cx.b.binary(BinaryOp::Add, index, Operand::i64(1));
    cx.b.store(next, counter, 8);
    cx.b.jump(head);
    cx.b.switch_to(end);
}

fn adt_equal(
    cx: &mut Emit<'_>,
    ty: Ty,
    variants: &[Vec<Ty>],
    a: Operand,
    b: Operand,
    unequal: Block,
) {
    match &cx.layout(ty).shape {
        Shape::Struct { offsets } => {
            let fields = variants.first().map(Vec::as_slice).unwrap_or_default();
            fields_equal(cx, fields, offsets, a, b, unequal);
        }
        Shape::Enum { tag, .. } if variants.iter().all(Vec::is_empty) => {
            let tag_ty = crate::repr::int_type(*tag);
            let a_tag = cx.b.load(tag_ty, a, tag.bytes());
            let b_tag = cx.b.load(tag_ty, b, tag.bytes());
            let same = cx.b.icmp(IntCond::Eq, a_tag, b_tag);
            require(cx, same, unequal);
        }
        Shape::Enum {
            variants: layouts, ..
        } => {
            let (a_index, b_index) = (discriminant(cx, ty, a), discriminant(cx, ty, b));
            let same = cx.b.icmp(IntCond::Eq, a_index, b_index);
            require(cx, same, unequal);
            let end = cx.b.create_block();
            let with_payload: Vec<(u128, Block)> = variants
                .iter()
                .enumerate()
                .filter(|(_, fields)| !fields.is_empty())
                .map(|(index, _)| (index as u128, cx.b.create_block()))
                .collect();
            cx.b.switch(a_index, with_payload.clone(), end);
            for (index, block) in with_payload {
                cx.b.switch_to(block);
                let index = index as usize;
                if let (Some(fields), Some(layout)) = (variants.get(index), layouts.get(index)) {
                    fields_equal(cx, fields, &layout.offsets, a, b, unequal);
                }
                cx.b.jump(end);
            }
            cx.b.switch_to(end);
        }
        Shape::NullablePtr { payload, null, .. } => {
            let (a_index, b_index) = (discriminant(cx, ty, a), discriminant(cx, ty, b));
            let same = cx.b.icmp(IntCond::Eq, a_index, b_index);
            require(cx, same, unequal);
            let (end, both) = (cx.b.create_block(), cx.b.create_block());
            let is_null = cx.b.icmp(IntCond::Eq, a_index, Operand::i32(*null as i32));
            cx.b.branch(is_null, end, both);
            cx.b.switch_to(both);
            let fields = variants
                .get(*payload as usize)
                .map(Vec::as_slice)
                .unwrap_or_default();
            fields_equal(cx, fields, &[0], a, b, unequal);
            cx.b.jump(end);
            cx.b.switch_to(end);
        }
        Shape::Scalar(_) | Shape::Pair(..) | Shape::Array { .. } => {}
    }
}

/// Whether the values at two addresses are equal, as the type says.
fn value_equal(cx: &mut Emit<'_>, ty: Ty, a: Operand, b: Operand) -> Operand {
    let db = cx.db;
    if let Some(eq) = types::eq_method(db, cx.build, ty) {
        let abi = types::abi_of(db, cx.build, eq);
        let callee = cx.import(eq, &abi);
        return cx.b.call(callee, vec![a, b]).unwrap_or(Operand::i1(true));
    }
    match ty.kind(db) {
        TyKind::Bool | TyKind::Int(_) | TyKind::Char | TyKind::RawPtr(_) => {
            match (cx.read(a, ty), cx.read(b, ty)) {
                (Val::Scalar(a), Val::Scalar(b)) => cx.b.icmp(IntCond::Eq, a, b),
                _ => Operand::i1(true),
            }
        }
        TyKind::Float(_) => match (cx.read(a, ty), cx.read(b, ty)) {
            (Val::Scalar(a), Val::Scalar(b)) => cx.b.fcmp(FloatCond::Oeq, a, b),
            _ => Operand::i1(true),
        },
        TyKind::Adt(hir_def::AdtId::Class(_), _) | TyKind::Interface(..) => same_object(cx, a, b),
        TyKind::Str => str_equal(cx, a, b),
        // References compare what they lead to; a slice's pair is read in place.
        TyKind::Ref { target, .. } => {
            if matches!(target.kind(db), TyKind::Slice(_)) {
                return call_eq_glue(cx, *target, a, b);
            }
            let (a, b) = (cx.b.load(Type::Ptr, a, 8), cx.b.load(Type::Ptr, b, 8));
            value_equal(cx, *target, a, b)
        }
        TyKind::Func { .. } => {
            let what = "equality of `func` values".into();
            cx.error(MonoErrorKind::Unsupported { what });
            Operand::i1(false)
        }
        _ if cx.repr(ty) == Repr::Zero => Operand::i1(true),
        _ => call_eq_glue(cx, ty, a, b),
    }
}

/// Whether two references lead to one object.
fn same_object(cx: &mut Emit<'_>, a: Operand, b: Operand) -> Operand {
    let (a, b) = (cx.b.load(Type::Ptr, a, 8), cx.b.load(Type::Ptr, b, 8));
    cx.b.icmp(IntCond::Eq, a, b)
}

fn call_eq_glue(cx: &mut Emit<'_>, ty: Ty, a: Operand, b: Operand) -> Operand {
    let result = cx.call_glue(InstanceKind::EqGlue(ty), vec![a, b], Some(Type::I1));
    result.unwrap_or(Operand::i1(true))
}

/// `core::rt::str_eq`. If it is declared to take over texts, both are counted first.
fn str_equal(cx: &mut Emit<'_>, a: Operand, b: Operand) -> Operand {
    let (a, b) = (cx.b.load(Type::Ptr, a, 8), cx.b.load(Type::Ptr, b, 8));
    let str_ty = Ty::str(cx.db);
    let Some(func) = crate::lang::find_func(cx.db, cx.build.core(cx.db), &["core", "rt", "str_eq"])
    else {
        let path = "core::rt::str_eq".into();
        cx.error(MonoErrorKind::MissingLang { path });
        return Operand::i1(false);
    };
    let instance = Instance::func(cx.db, func, hir_ty::GenericArgs::empty(cx.db));
    let abi = types::abi_of(cx.db, cx.build, instance);
    if abi.params.first().is_some_and(|(ty, _)| *ty == str_ty) {
        cx.retain_value(Val::Scalar(a), str_ty);
        cx.retain_value(Val::Scalar(b), str_ty);
    }
    let callee = cx.import(instance, &abi);
    cx.b.call(callee, vec![a, b]).unwrap_or(Operand::i1(false))
}

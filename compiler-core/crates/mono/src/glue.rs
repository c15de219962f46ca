//! Functions that the compiler makes per type: dropping, counting, comparing, raising to powers.

mod eq;
pub(crate) mod lazy;
mod object;
mod pow;
mod wide;
mod wide_float;

use base::Db;
use hir_ty::layout::Shape;
use hir_ty::{Ty, TyKind};
use ssa::{BinaryOp, Block, IntCond, Operand, Signature, Type};

use crate::emit::Emit;
use crate::instance::Instance;
use crate::key::Build;
use crate::types;

pub(crate) use eq::eq_glue;
pub(crate) use object::{destroy_glue, is_object, object_of, release_glue};
pub(crate) use pow::{pow_glue, pow_overflow_glue};
pub(crate) use wide::wide_div_glue;
pub(crate) use wide_float::{float_to_wide_glue, wide_to_float_glue};

fn start<'db>(
    db: &'db dyn Db,
    build: Build,
    instance: Instance,
    signature: Signature,
) -> Emit<'db> {
    let symbol = crate::symbol::symbol(db, instance).clone();
    Emit::new(db, build, symbol, signature)
}

/// `(ptr)`: the type's own `drop`, then what is inside, in order.
pub(crate) fn drop_glue<'db>(
    db: &'db dyn Db,
    build: Build,
    instance: Instance,
    ty: Ty,
) -> Emit<'db> {
    let mut cx = start(db, build, instance, Signature::new([Type::Ptr], None));
    let ptr = cx.b.param(0);
    if let Some(drop) = types::drop_method(db, build, ty) {
        let abi = types::abi_of(db, build, drop);
        let callee = cx.import(drop, &abi);
        cx.b.call(callee, vec![ptr]);
    }
    if let TyKind::Func { .. } = ty.kind(db) {
        crate::closure::drop_func(&mut cx, ptr);
    }
    if is_future(db, ty) {
        crate::frame::drop_future(&mut cx, ptr, ty);
        cx.b.ret(None);
        return cx;
    }
    match ty.kind(db) {
        TyKind::Dyn(_) => crate::objects::drop_object(&mut cx, ptr),
        _ => each_part(&mut cx, ty, ptr, &mut |cx, ptr, ty| cx.drop_at(ptr, ty)),
    }
    cx.b.ret(None);
    cx
}

/// Whether a value is the address of a frame.
fn is_future(db: &dyn Db, ty: Ty) -> bool {
    match ty.kind(db) {
        TyKind::Future(..) => true,
        TyKind::Closure(_, args) => {
            hir_ty::ClosureArgs(*args).kind(db) == Some(hir_ty::ClosureKind::Async)
        }
        _ => false,
    }
}

/// `(ptr)`: one more for every handle inside.
pub(crate) fn retain_glue<'db>(
    db: &'db dyn Db,
    build: Build,
    instance: Instance,
    ty: Ty,
) -> Emit<'db> {
    let mut cx = start(db, build, instance, Signature::new([Type::Ptr], None));
    let ptr = cx.b.param(0);
    each_part(&mut cx, ty, ptr, &mut |cx, ptr, ty| cx.retain_at(ptr, ty));
    cx.b.ret(None);
    cx
}

/// What to do with one part of a value.
type OnPart<'a, 'db> = dyn FnMut(&mut Emit<'db>, Operand, Ty) + 'a;

/// Emits something for every part that a value has: fields, the payload of its variant, elements.
/// Afterwards the current block is one where all is done.
fn each_part<'db>(cx: &mut Emit<'db>, ty: Ty, ptr: Operand, on_part: &mut OnPart<'_, 'db>) {
    let db = cx.db;
    match ty.kind(db) {
        TyKind::Str | TyKind::Interface(..) | TyKind::Adt(hir_def::AdtId::Class(_), _) => {
            on_part(cx, ptr, ty)
        }
        TyKind::Tuple(parts) => {
            let Shape::Struct { offsets } = &cx.layout(ty).shape else {
                return;
            };
            each_field(cx, ptr, parts, offsets, on_part);
        }
        TyKind::Closure(_, args) => {
            let Shape::Struct { offsets } = &cx.layout(ty).shape else {
                return;
            };
            let parts = hir_ty::ClosureArgs(*args).captures(db);
            each_field(cx, ptr, &parts, offsets, on_part);
        }
        TyKind::Array(element, len) => {
            let (element, len) = (*element, len.as_u64().unwrap_or(0));
            each_element(cx, ptr, element, Operand::i64(len as i64), on_part);
        }
        TyKind::Adt(adt, args) => {
            let variants = types::variant_fields(db, *adt, *args);
            each_adt_part(cx, ty, ptr, &variants, on_part);
        }
        _ => {}
    }
}

fn each_field<'db>(
    cx: &mut Emit<'db>,
    ptr: Operand,
    fields: &[Ty],
    offsets: &[u64],
    on_part: &mut OnPart<'_, 'db>,
) {
    for (field, offset) in fields.iter().zip(offsets) {
        let field_ptr = cx.b.ptr_offset(ptr, *offset);
        on_part(cx, field_ptr, *field);
    }
}

fn each_adt_part<'db>(
    cx: &mut Emit<'db>,
    ty: Ty,
    ptr: Operand,
    variants: &[Vec<Ty>],
    on_part: &mut OnPart<'_, 'db>,
) {
    match &cx.layout(ty).shape {
        Shape::Struct { offsets } => {
            let fields = variants.first().map(Vec::as_slice).unwrap_or_default();
            each_field(cx, ptr, fields, offsets, on_part);
        }
        Shape::Enum {
            variants: layouts, ..
        } => {
            let interesting =
                |fields: &[Ty]| fields.iter().any(|ty| hir_ty::needs_drop(cx.db, *ty));
            let chosen: Vec<bool> = variants.iter().map(|fields| interesting(fields)).collect();
            let index = discriminant(cx, ty, ptr);
            let end = cx.b.create_block();
            let blocks: Vec<Option<Block>> = chosen
                .iter()
                .map(|chosen| chosen.then(|| cx.b.create_block()))
                .collect();
            let cases = blocks.iter().enumerate();
            let cases = cases
                .filter_map(|(i, block)| block.map(|block| (i as u128, block)))
                .collect();
            cx.b.switch(index, cases, end);
            for ((block, fields), layout) in blocks.iter().zip(variants).zip(layouts) {
                let Some(block) = *block else { continue };
                cx.b.switch_to(block);
                each_field(cx, ptr, fields, &layout.offsets, on_part);
                cx.b.jump(end);
            }
            cx.b.switch_to(end);
        }
        // A reference or a `func` in a `Maybe`: the payload stands at the start.
        Shape::NullablePtr { payload, .. } => {
            let fields = variants
                .get(*payload as usize)
                .map(Vec::as_slice)
                .unwrap_or_default();
            let (there, end) = (cx.b.create_block(), cx.b.create_block());
            let word = cx.b.load(Type::Ptr, ptr, 8);
            let is_null = cx.b.icmp(IntCond::Eq, word, Operand::Null);
            cx.b.branch(is_null, end, there);
            cx.b.switch_to(there);
            each_field(cx, ptr, fields, &[0], on_part);
            cx.b.jump(end);
            cx.b.switch_to(end);
        }
        Shape::Scalar(_) | Shape::Pair(..) | Shape::Array { .. } => {}
    }
}

/// Emits something for the elements of an array, in index order.
fn each_element<'db>(
    cx: &mut Emit<'db>,
    ptr: Operand,
    element: Ty,
    len: Operand,
    on_part: &mut OnPart<'_, 'db>,
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
    let element_ptr = cx.b.ptr_add(ptr, offset);
    on_part(cx, element_ptr, element);
    let next = cx.b.binary(BinaryOp::Add, index, Operand::i64(1));
    cx.b.store(next, counter, 8);
    cx.b.jump(head);
    cx.b.switch_to(end);
}

/// The index of the variant that the enum value at an address holds, as an `i32`.
pub(crate) fn discriminant(cx: &mut Emit<'_>, ty: Ty, ptr: Operand) -> Operand {
    match &cx.layout(ty).shape {
        Shape::Enum { tag, variants } => {
            let tag_ty = crate::repr::int_type(*tag);
            let value = cx.b.load(tag_ty, ptr, tag.bytes());
            let is_open = is_flags(cx.db, ty);
            index_of_tag(cx, value, variants.iter().map(|it| it.tag), is_open)
        }
        Shape::NullablePtr { null, payload, .. } => {
            let word = cx.b.load(Type::Ptr, ptr, 8);
            let is_null = cx.b.icmp(IntCond::Eq, word, Operand::Null);
            cx.b.select(
                is_null,
                Operand::i32(*null as i32),
                Operand::i32(*payload as i32),
            )
        }
        _ => Operand::i32(0),
    }
}

/// Whether values of an enum may be none of its variants.
fn is_flags(db: &dyn base::Db, ty: Ty) -> bool {
    match ty.kind(db) {
        TyKind::Adt(hir_def::AdtId::Enum(id), _) => hir_def::signatures::enum_data(db, *id)
            .attrs
            .flags
            .is_some(),
        _ => false,
    }
}

/// The variant's index from its tag. Written discriminants need a search; what none of them
/// has is one past the last.
fn index_of_tag(
    cx: &mut Emit<'_>,
    value: Operand,
    tags: impl DoubleEndedIterator<Item = i128> + ExactSizeIterator + Clone,
    is_open: bool,
) -> Operand {
    let mut numbered = tags.clone().enumerate();
    if !is_open && numbered.all(|(index, tag)| tag == index as i128) {
        return cx.int_resize(value, Type::I32, false);
    }
    let ty = cx.b.type_of(value);
    let (first, skipped) = if is_open { (tags.len(), 0) } else { (0, 1) };
    let mut result = Operand::i32(first as i32);
    for (index, tag) in tags.enumerate().skip(skipped) {
        let is_it = cx.b.icmp(IntCond::Eq, value, Operand::signed(ty, tag));
        result = cx.b.select(is_it, Operand::i32(index as i32), result);
    }
    result
}

//! Functions that the compiler makes per type: dropping, counting, comparing, raising to powers.

mod eq;
pub(crate) mod lazy;
mod object;
mod pow;
mod sequence;
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
pub(crate) use object::{destroy_glue, is_object, object_of, release_glue, retain_object_glue};
pub(crate) use pow::{pow_glue, pow_overflow_glue};
pub(crate) use sequence::{Step, all_of};
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
    match ty.kind(db) {
        TyKind::Func { .. } => crate::closure::drop_func(&mut cx, ptr),
        TyKind::Dyn(_) => crate::objects::drop_object(&mut cx, ptr),
        _ if is_future(db, ty) => crate::frame::drop_future(&mut cx, ptr, ty),
        _ => drop_whole(&mut cx, ty, ptr),
    }
    cx.b.ret(None);
    cx
}

fn drop_whole<'db>(cx: &mut Emit<'db>, ty: Ty, ptr: Operand) {
    let (db, build) = (cx.db, cx.build);
    let may_panic = mir::tys::drop_may_panic(db, ty);
    let mut steps: Vec<Step<'_, 'db>> = Vec::new();
    if let Some(drop) = types::drop_method(db, build, ty) {
        steps.push(Step::new(may_panic, move |cx| {
            let abi = types::abi_of(db, build, drop);
            let callee = cx.import(drop, &abi);
            cx.b.call(callee, vec![ptr]);
            if may_panic {
                cx.may_unwind();
            }
        }));
    }
    steps.push(Step::new(may_panic, move |cx| {
        each_part(cx, ty, ptr, &mut |cx, parts| {
            let steps: Vec<Step<'_, 'db>> = parts
                .iter()
                .filter(|(_, ty)| cx.needs_drop(*ty))
                .map(|&(part, ty)| {
                    let may_panic = mir::tys::drop_may_panic(db, ty);
                    Step::new(may_panic, move |cx| cx.drop_at(part, ty))
                })
                .collect();
            all_of(cx, &steps);
        });
    }));
    all_of(cx, &steps);
}

/// `(ptr, n)` inline: the elements of an array or a part of one, in index order.
pub(crate) fn drop_elements(cx: &mut Emit<'_>, ptr: Operand, element: Ty, len: Operand) {
    each_element(cx, ptr, element, len, &mut |cx, parts| {
        for (part, ty) in parts {
            cx.drop_at(*part, *ty);
        }
    });
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
    // Counting does not panic.
    cx.clean(|cx| {
        each_part(cx, ty, ptr, &mut |cx, parts| {
            for (part, ty) in parts {
                cx.retain_at(*part, *ty);
            }
        });
    });
    cx.b.ret(None);
    cx
}

/// What to do with parts of a value that are there together, in order.
type OnParts<'a, 'db> = dyn FnMut(&mut Emit<'db>, &[(Operand, Ty)]) + 'a;

/// Emits something for every part that a value has: fields, the payload of its variant, elements.
/// Afterwards the current block is one where all is done.
fn each_part<'db>(cx: &mut Emit<'db>, ty: Ty, ptr: Operand, on_parts: &mut OnParts<'_, 'db>) {
    let db = cx.db;
    match ty.kind(db) {
        TyKind::Str | TyKind::Interface(..) | TyKind::Adt(hir_def::AdtId::Class(_), _) => {
            on_parts(cx, &[(ptr, ty)])
        }
        TyKind::Tuple(parts) => {
            let Shape::Struct { offsets } = &cx.layout(ty).shape else {
                return;
            };
            each_field(cx, ptr, parts, offsets, on_parts);
        }
        TyKind::Closure(_, args) => {
            let Shape::Struct { offsets } = &cx.layout(ty).shape else {
                return;
            };
            let parts = hir_ty::ClosureArgs(*args).captures(db);
            each_field(cx, ptr, &parts, offsets, on_parts);
        }
        TyKind::Array(element, len) => {
            let (element, len) = (*element, len.as_u64().unwrap_or(0));
            each_element(cx, ptr, element, Operand::i64(len as i64), on_parts);
        }
        TyKind::Adt(adt, args) => {
            let variants = types::variant_fields(db, *adt, *args);
            each_adt_part(cx, ty, ptr, &variants, on_parts);
        }
        _ => {}
    }
}

fn each_field<'db>(
    cx: &mut Emit<'db>,
    ptr: Operand,
    fields: &[Ty],
    offsets: &[u64],
    on_parts: &mut OnParts<'_, 'db>,
) {
    let mut parts = Vec::new();
    for (field, offset) in fields.iter().zip(offsets) {
        // The address of what needs nothing is not worth an instruction.
        if hir_ty::needs_drop(cx.db, *field) {
            parts.push((cx.b.ptr_offset(ptr, *offset), *field));
        }
    }
    on_parts(cx, &parts);
}

fn each_adt_part<'db>(
    cx: &mut Emit<'db>,
    ty: Ty,
    ptr: Operand,
    variants: &[Vec<Ty>],
    on_parts: &mut OnParts<'_, 'db>,
) {
    match &cx.layout(ty).shape {
        Shape::Struct { offsets } => {
            let fields = variants.first().map(Vec::as_slice).unwrap_or_default();
            each_field(cx, ptr, fields, offsets, on_parts);
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
                each_field(cx, ptr, fields, &layout.offsets, on_parts);
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
            each_field(cx, ptr, fields, &[0], on_parts);
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
    on_parts: &mut OnParts<'_, 'db>,
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
    let outer = cx.cleanup;
    let rest =
        (!cx.is_cleaning && mir::tys::drop_may_panic(cx.db, element)).then(|| cx.b.create_block());
    cx.cleanup = rest.or(outer);
    let mut one = |cx: &mut Emit<'db>, index: Operand| {
        // An element that panics is passed over by what drops the rest.
        let next = cx.b.binary(BinaryOp::Add, index, Operand::i64(1));
        cx.b.store(next, counter, 8);
        let offset = cx.mul_const(index, stride);
        let element_ptr = cx.b.ptr_add(ptr, offset);
        on_parts(cx, &[(element_ptr, element)]);
    };
    one(cx, index);
    cx.b.jump(head);
    cx.cleanup = outer;
    if let Some(rest) = rest {
        let (more, done) = (cx.b.create_block(), cx.b.create_block());
        cx.b.switch_to(rest);
        let index = cx.b.load(Type::I64, counter, 8);
        let is_more = cx.b.icmp(IntCond::Slt, index, len);
        cx.b.branch(is_more, more, done);
        cx.b.switch_to(more);
        cx.clean(|cx| one(cx, index));
        cx.b.jump(rest);
        cx.b.switch_to(done);
        cx.go_on_unwinding();
    }
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

//! Assignments.

use hir_def::VariantDef;
use hir_ty::layout::Shape;
use hir_ty::{Ty, TyKind};
use mir::{AggregateKind, Operand as MirOperand, Place, Rvalue};
use ssa::{BinaryOp, IntCond, Operand, Type};

use super::Lower;
use super::place::PlaceAddr;
use crate::emit::{Emit, Val};
use crate::repr::Repr;

impl Lower<'_> {
    pub(crate) fn assign(&mut self, place: &Place, value: &Rvalue) {
        match value {
            Rvalue::Use(operand) => self.assign_use(place, operand),
            Rvalue::Aggregate(kind, operands) => self.assign_aggregate(place, kind, operands),
            Rvalue::Repeat(operand, _) => self.assign_repeat(place, operand),
            _ => {
                let value = self.rvalue(value, place);
                let dest = self.place(place);
                self.cx.write(value, dest.ptr, dest.ty);
            }
        }
    }

    /// Values that are computed before anything is written.
    fn rvalue(&mut self, value: &Rvalue, dest: &Place) -> Val {
        match value {
            Rvalue::Ref(_, place) | Rvalue::AddrOf(place) => {
                let place = self.place(place);
                self.address(place)
            }
            Rvalue::Binary(op, a, b) => Val::Scalar(self.binary(*op, a, b)),
            Rvalue::Overflows(op, a, b) => Val::Scalar(self.overflows(*op, a, b)),
            Rvalue::Unary(op, operand) => Val::Scalar(self.unary(*op, operand)),
            Rvalue::Cast(kind, operand, ty) => {
                let ty = self.ty(*ty);
                self.cast(*kind, operand, ty)
            }
            Rvalue::Discriminant(place) => {
                let place = self.place(place);
                Val::Scalar(crate::glue::discriminant(&mut self.cx, place.ty, place.ptr))
            }
            Rvalue::Len(place) => {
                let place = self.place(place);
                Val::Scalar(self.len_of(place))
            }
            Rvalue::InBounds { index, len } => Val::Scalar(self.in_bounds(index, len)),
            Rvalue::Access(place) => Val::Scalar(self.access_word(place)),
            Rvalue::NewObject(class, args) => Val::Scalar(self.new_object(*class, *args)),
            Rvalue::SetClass(place, class, args) => self.set_class(place, *class, *args),
            Rvalue::IsInstance(place, ty) => Val::Scalar(self.is_instance(place, *ty)),
            Rvalue::Use(_) | Rvalue::Aggregate(..) | Rvalue::Repeat(..) => {
                // Handled by `assign`, which knows where they go.
                let _ = dest;
                Val::Zero
            }
        }
    }

    /// A reference or pointer to a place: with the length, if it is a slice.
    fn address(&mut self, place: PlaceAddr) -> Val {
        match place.len {
            Some(len) => Val::Memory(self.slice_pair(place.ptr, len)),
            None => Val::Scalar(place.ptr),
        }
    }

    pub(crate) fn slice_pair(&mut self, ptr: Operand, len: Operand) -> Operand {
        let pair = Operand::Slot(self.cx.b.create_slot(16, 8, None), 0);
        self.cx.b.store(ptr, pair, 8);
        let second = self.cx.b.ptr_offset(pair, 8);
        self.cx.b.store(len, second, 8);
        pair
    }

    fn assign_use(&mut self, place: &Place, operand: &MirOperand) {
        let (value, ty) = self.operand(operand);
        let dest = self.place(place);
        let overlaps = operand
            .place()
            .is_some_and(|read| read.local == place.local);
        match value {
            Val::Memory(src) if overlaps && src != dest.ptr => {
                let (size, align) = (self.cx.size(ty) as i64, self.cx.align(ty));
                self.cx.b.memmove(dest.ptr, src, Operand::i64(size), align);
            }
            value => self.cx.write(value, dest.ptr, ty),
        }
    }

    fn in_bounds(&mut self, index: &MirOperand, len: &MirOperand) -> Operand {
        let signed = {
            let ty = self.operand_ty(index);
            self.cx.is_signed(ty)
        };
        let (index, len) = (self.scalar(index), self.scalar(len));
        // A negative index is a huge one when read as unsigned.
        let wide = match self.cx.b.type_of(index) {
            Type::I128 => Type::I128,
            _ => Type::I64,
        };
        let index = self.cx.int_resize(index, wide, signed);
        let len = self.cx.int_resize(len, wide, false);
        self.cx.b.icmp(IntCond::Ult, index, len)
    }

    fn assign_aggregate(&mut self, place: &Place, kind: &AggregateKind, operands: &[MirOperand]) {
        // Read everything first; only what lives in memory is read while writing.
        let overlaps = operands
            .iter()
            .filter_map(MirOperand::place)
            .any(|read| self.may_overlap(place, read));
        let values: Vec<(Val, Ty)> = operands
            .iter()
            .map(|operand| self.operand(operand))
            .collect();
        let dest = self.place(place);
        if self.cx.repr(dest.ty) == Repr::Zero {
            return;
        }
        let in_memory = values
            .iter()
            .any(|(value, _)| matches!(value, Val::Memory(_)));
        let target = match overlaps && in_memory {
            true => self.cx.temp(dest.ty),
            false => dest.ptr,
        };
        if let AggregateKind::Closure(..) = kind
            && let TyKind::Closure(id, args) = *dest.ty.kind(self.db())
            && hir_ty::ClosureArgs(args).kind(self.db()) == Some(hir_ty::ClosureKind::Async)
        {
            let frame = crate::frame::make_block(&mut self.cx, id, args, &values);
            return self.cx.write(Val::Scalar(frame), dest.ptr, dest.ty);
        }
        match kind {
            AggregateKind::Tuple | AggregateKind::Closure(..) => {
                self.write_fields(target, dest.ty, None, &values)
            }
            AggregateKind::Array(element) => {
                let element = self.ty(*element);
                let stride = self.cx.size(element);
                for (index, (value, ty)) in values.iter().enumerate() {
                    let ptr = self.cx.b.ptr_offset(target, stride * index as u64);
                    self.cx.write(*value, ptr, *ty);
                }
            }
            AggregateKind::Adt(variant, _) => {
                let index = match variant {
                    VariantDef::Variant(variant) => Some(variant.index),
                    VariantDef::Struct(_) | VariantDef::Union(_) | VariantDef::Class(_) => None,
                };
                if let Some(index) = index {
                    write_tag(&mut self.cx, target, dest.ty, index);
                }
                self.write_fields(target, dest.ty, index, &values);
            }
            AggregateKind::Union(..) => {
                let (size, align) = (self.cx.size(dest.ty) as i64, self.cx.align(dest.ty));
                self.cx
                    .b
                    .memset(target, Operand::i8(0), Operand::i64(size), align);
                for (value, ty) in &values {
                    self.cx.write(*value, target, *ty);
                }
            }
        }
        if target != dest.ptr {
            self.cx.write(Val::Memory(target), dest.ptr, dest.ty);
        }
    }

    fn write_fields(
        &mut self,
        target: Operand,
        ty: Ty,
        variant: Option<u32>,
        values: &[(Val, Ty)],
    ) {
        for (index, (value, field_ty)) in values.iter().enumerate() {
            let offset = self.field_offset(ty, variant, index as u32);
            let ptr = self.cx.b.ptr_offset(target, offset);
            self.cx.write(*value, ptr, *field_ty);
        }
    }

    fn assign_repeat(&mut self, place: &Place, operand: &MirOperand) {
        let (value, element) = self.operand_uncounted(operand);
        let dest = self.place(place);
        let len = match dest.ty.kind(self.db()) {
            TyKind::Array(_, len) => len.as_u64().unwrap_or(0),
            _ => 0,
        };
        self.fill(dest.ptr, value, element, len);
        // Every element has been counted; the operand itself was one more.
        if matches!(operand, MirOperand::Move(_)) && self.cx.needs_drop(element) {
            let ptr = self.cx.spill(value, element);
            self.cx.drop_at(ptr, element);
        }
    }

    /// Copies of a value one after the other.
    fn fill(&mut self, dest: Operand, value: Val, element: Ty, len: u64) {
        if value == Val::Zero || len == 0 {
            return;
        }
        let (stride, align) = (self.cx.size(element), self.cx.align(element));
        if let Val::Scalar(constant) = value
            && let Some(byte) = repeated_byte(constant, self.cx.b.type_of(constant))
        {
            let size = Operand::i64((stride * len) as i64);
            self.cx.b.memset(dest, Operand::i8(byte as i8), size, align);
            return;
        }
        if len <= UNROLL_MAX {
            for index in 0..len {
                let ptr = self.cx.b.ptr_offset(dest, stride * index);
                self.cx.write(value, ptr, element);
                self.cx.retain_value(value, element);
            }
            return;
        }
        let counter = Operand::Slot(self.cx.b.create_slot(8, 8, None), 0);
        self.cx.b.store(Operand::i64(0), counter, 8);
        let (head, end) = (self.cx.b.create_block(), self.cx.b.create_block());
        self.cx.b.jump(head);
        self.cx.b.switch_to(head);
        let index = self.cx.b.load(Type::I64, counter, 8);
        let offset = self.cx.mul_const(index, stride);
        let ptr = self.cx.b.ptr_add(dest, offset);
        self.cx.write(value, ptr, element);
        self.cx.retain_value(value, element);
        let next = self.cx.b.binary(BinaryOp::Add, index, Operand::i64(1));
        self.cx.b.store(next, counter, 8);
        let more = self.cx.b.icmp(IntCond::Slt, next, Operand::i64(len as i64));
        self.cx.b.branch(more, head, end);
        self.cx.b.switch_to(end);
    }
}

/// Array literals of up to so many equal elements are written one by one; guessed.
const UNROLL_MAX: u64 = 4;

/// The byte that a constant consists of, if all its bytes are the same.
fn repeated_byte(constant: Operand, ty: Type) -> Option<u8> {
    let bits = constant.const_bits()?;
    let bytes = ty.size_bytes() as usize;
    let all = bits.to_le_bytes();
    let (first, rest) = all.get(..bytes)?.split_first()?;
    rest.iter().all(|byte| byte == first).then_some(*first)
}

/// Makes the enum at an address one of this variant, whose payload follows.
pub(crate) fn write_tag(cx: &mut Emit<'_>, ptr: Operand, ty: Ty, variant: u32) {
    match &cx.layout(ty).shape {
        Shape::Enum { tag, variants } => {
            let value = variants
                .get(variant as usize)
                .map_or(0, |variant| variant.tag);
            let tag_ty = crate::repr::int_type(*tag);
            cx.b.store(Operand::signed(tag_ty, value), ptr, tag.bytes());
        }
        Shape::NullablePtr { null, pair, .. } if variant == *null => {
            cx.b.store(Operand::Null, ptr, 8);
            if *pair {
                let second = cx.b.ptr_offset(ptr, 8);
                cx.b.store(Operand::i64(0), second, 8);
            }
        }
        _ => {}
    }
}

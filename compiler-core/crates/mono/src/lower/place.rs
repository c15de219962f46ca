//! Addresses of places.

use hir_ty::layout::Shape;
use hir_ty::{Ty, TyKind};
use mir::{Place, Projection};
use smallvec::SmallVec;
use ssa::{BinaryOp, Operand, Type};
use stdx::never;

use super::Lower;
use crate::emit::Val;

/// Where a place is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlaceAddr {
    pub(crate) ptr: Operand,
    pub(crate) ty: Ty,
    /// Number of elements, as an `i64`, when the type is a slice; the table of an object.
    pub(crate) len: Option<Operand>,
    /// The variant whose payload is looked at.
    variant: Option<u32>,
}

impl PlaceAddr {
    fn sized(ptr: Operand, ty: Ty) -> PlaceAddr {
        PlaceAddr {
            ptr,
            ty,
            len: None,
            variant: None,
        }
    }
}

impl Lower<'_> {
    pub(crate) fn place(&mut self, place: &Place) -> PlaceAddr {
        let start = PlaceAddr::sized(self.locals[place.local], self.local_tys[place.local]);
        let steps: SmallVec<[Projection; 2]> = place.projection.clone();
        steps.iter().fold(start, |at, step| self.step(at, step))
    }

    fn step(&mut self, at: PlaceAddr, step: &Projection) -> PlaceAddr {
        match step {
            Projection::Deref => self.deref(at),
            Projection::Field(index, ty) => {
                let ty = self.ty(*ty);
                let offset = self.field_offset(at.ty, at.variant, *index);
                PlaceAddr::sized(self.cx.b.ptr_offset(at.ptr, offset), ty)
            }
            Projection::Object(index, ty) => {
                let ty = self.ty(*ty);
                let object = self.cx.b.load(Type::Ptr, at.ptr, 8);
                let layout = crate::object::layout_behind(self.db(), at.ty);
                let offset = layout.and_then(|layout| layout.offsets.get(*index as usize));
                let offset = offset.copied().unwrap_or(0);
                PlaceAddr::sized(self.cx.b.ptr_offset(object, offset), ty)
            }
            Projection::Index(local) => {
                let ty = self.local_tys[*local];
                let signed = self.cx.is_signed(ty);
                let index = match self.cx.read(self.locals[*local], ty) {
                    Val::Scalar(index) => self.cx.int_resize(index, Type::I64, signed),
                    _ => Operand::i64(0),
                };
                self.element(at, index)
            }
            Projection::ConstIndex { index, from_end } => {
                let index = Operand::i64(*index as i64);
                let index = match from_end {
                    true => {
                        let len = self.len_of(at);
                        self.i64_sub(len, index)
                    }
                    false => index,
                };
                self.element(at, index)
            }
            Projection::Subslice { from, to } => {
                let len = self.len_of(at);
                let len = self.i64_sub(len, Operand::i64((*from + *to) as i64));
                let start = self.element(at, Operand::i64(*from as i64));
                let ty = Ty::slice(self.db(), start.ty);
                PlaceAddr {
                    ptr: start.ptr,
                    ty,
                    len: Some(len),
                    variant: None,
                }
            }
            Projection::Downcast(variant) => PlaceAddr {
                variant: Some(*variant),
                ..at
            },
        }
    }

    fn deref(&mut self, at: PlaceAddr) -> PlaceAddr {
        let target = match at.ty.kind(self.db()) {
            TyKind::Ref { target, .. } | TyKind::RawPtr(target) => *target,
            _ => {
                never!(!at.ty.has_error(self.db()), "dereferencing no reference");
                return PlaceAddr::sized(at.ptr, Ty::error(self.db()));
            }
        };
        let ptr = self.cx.b.load(Type::Ptr, at.ptr, 8);
        // The second word: a length, or a table.
        let meta = match (at.ty.kind(self.db()), target.kind(self.db())) {
            (TyKind::Ref { .. }, TyKind::Slice(_)) => Some(Type::I64),
            (TyKind::Ref { .. }, TyKind::Object(_)) => Some(Type::Ptr),
            _ => None,
        };
        let len = meta.map(|ty| {
            let second = self.cx.b.ptr_offset(at.ptr, 8);
            self.cx.b.load(ty, second, 8)
        });
        PlaceAddr {
            ptr,
            ty: target,
            len,
            variant: None,
        }
    }

    fn element(&mut self, at: PlaceAddr, index: Operand) -> PlaceAddr {
        let element = match at.ty.kind(self.db()) {
            TyKind::Array(element, _) | TyKind::Slice(element) => *element,
            _ => Ty::error(self.db()),
        };
        let stride = self.cx.size(element);
        let offset = self.cx.mul_const(index, stride);
        PlaceAddr::sized(self.cx.b.ptr_add(at.ptr, offset), element)
    }

    /// The number of elements of an array or slice place.
    pub(crate) fn len_of(&mut self, at: PlaceAddr) -> Operand {
        match (at.len, at.ty.kind(self.db())) {
            (Some(len), _) => len,
            (None, TyKind::Array(_, len)) => Operand::i64(len.as_u64().unwrap_or(0) as i64),
            _ => Operand::i64(0),
        }
    }

    fn i64_sub(&mut self, a: Operand, b: Operand) -> Operand {
        match (a.const_bits(), b.const_bits()) {
            (Some(a), Some(b)) => Operand::int(Type::I64, a.wrapping_sub(b)),
            (_, Some(0)) => a,
            _ => self.cx.b.binary(BinaryOp::Sub, a, b),
        }
    }

    /// The offset of a field of a struct, a tuple, a union or a variant's payload.
    pub(crate) fn field_offset(&mut self, ty: Ty, variant: Option<u32>, field: u32) -> u64 {
        let offset = match &self.cx.layout(ty).shape {
            Shape::Struct { offsets } => offsets.get(field as usize).copied(),
            Shape::Enum { variants, .. } => {
                let variant = variants.get(variant.unwrap_or(0) as usize);
                variant.and_then(|variant| variant.offsets.get(field as usize).copied())
            }
            // The payload of a `Maybe` of a pointer, and fields of unions.
            _ => Some(0),
        };
        offset.unwrap_or(0)
    }
}

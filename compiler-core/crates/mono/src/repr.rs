//! How values of a type travel: the step from layouts to machine types.

use base::Db;
use hir_ty::layout::{Layout, LayoutError, Scalar, layout_of};
use hir_ty::{FloatTy, IntTy, Ty, TyKind};
use ssa::Type;

/// What holds a value of a type.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Repr {
    /// No bytes: nothing is passed, loaded or stored.
    Zero,
    /// One SSA value.
    Scalar(Type),
    /// A memory range, named by its address.
    Memory,
}

/// The representation of a type without parameters; what has no layout vanishes.
pub fn repr_of(db: &dyn Db, ty: Ty) -> Repr {
    match layout(db, ty) {
        Ok(layout) => repr_of_layout(&layout),
        Err(_) => Repr::Zero,
    }
}

pub fn repr_of_layout(layout: &Layout) -> Repr {
    match layout.as_scalar() {
        _ if layout.size == 0 => Repr::Zero,
        Some(scalar) => Repr::Scalar(scalar_type(scalar)),
        None => Repr::Memory,
    }
}

pub(crate) fn layout(db: &dyn Db, ty: Ty) -> Result<Layout, LayoutError> {
    layout_of(db, ty).clone()
}

/// The machine type of a scalar.
pub fn scalar_type(scalar: Scalar) -> Type {
    match scalar {
        Scalar::Bool => Type::I1,
        Scalar::Int(int) => int_type(int),
        Scalar::Float(FloatTy::F32) => Type::F32,
        Scalar::Float(FloatTy::F64) => Type::F64,
        Scalar::Char => Type::I32,
        Scalar::Ptr | Scalar::NonNull | Scalar::Str => Type::Ptr,
    }
}

pub fn int_type(int: IntTy) -> Type {
    match int.bytes() {
        1 => Type::I8,
        2 => Type::I16,
        4 => Type::I32,
        8 => Type::I64,
        _ => Type::I128,
    }
}

/// Whether copying a value of the type counts: a `Str` is in it.
///
/// Only asked of Copy types, whose parts are all Copy.
pub fn is_counted(db: &dyn Db, ty: Ty) -> bool {
    match ty.kind(db) {
        TyKind::Str
        | TyKind::Func { .. }
        | TyKind::Interface(..)
        | TyKind::Adt(hir_def::AdtId::Class(_), _) => true,
        TyKind::Closure(_, args) => hir_ty::ClosureArgs(*args)
            .captures(db)
            .iter()
            .any(|part| is_counted(db, *part)),
        TyKind::Tuple(parts) => parts.iter().any(|part| is_counted(db, *part)),
        TyKind::Array(element, len) => len.as_u64() != Some(0) && is_counted(db, *element),
        TyKind::Adt(adt, args) => counted_adt(db, *adt, *args),
        _ => false,
    }
}

/// Whether an instance of a type declaration has a counted handle in it.
///
/// Keyed by declaration and arguments; read by every lowering that copies such values. A type
/// that contains itself (through a container) contributes nothing by that.
#[salsa::tracked(returns(copy), cycle_result = counted_cycle)]
fn counted_adt(db: &dyn Db, adt: hir_def::AdtId, args: hir_ty::GenericArgs) -> bool {
    let variants = crate::types::variant_fields(db, adt, args);
    variants
        .iter()
        .flatten()
        .any(|field| is_counted(db, *field))
}

fn counted_cycle(_: &dyn Db, _: salsa::Id, _: hir_def::AdtId, _: hir_ty::GenericArgs) -> bool {
    false
}

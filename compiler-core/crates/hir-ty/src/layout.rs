//! Sizes, alignments and offsets (reference §3.7).
//!
//! Only for types without parameters: `mono` asks, per instance.

use base::Db;
use hir_def::AdtId;

use crate::ty::{FloatTy, IntTy, POINTER_BYTES, Ty, TyKind};

/// Where the parts of a type are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Layout {
    pub size: u64,
    /// A power of two.
    pub align: u64,
    pub shape: Shape,
}

/// What a type is made of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// One scalar at offset 0.
    Scalar(Scalar),
    /// Two words: `(address, length)` of a slice reference, `(code, environment)` of a `func`.
    Pair(Scalar, Scalar),
    /// Offsets of the fields of a struct or tuple, in order. Empty for `Unit`; all zero for a
    /// union.
    Struct { offsets: Box<[u64]> },
    /// Equal elements without gaps: `stride` is the size of one.
    Array { stride: u64, len: u64 },
    /// A tag at offset 0, then payloads. Unit-only enums are a tag alone.
    Enum {
        tag: IntTy,
        variants: Box<[VariantLayout]>,
    },
    /// `Maybe` of a pointer that is never null: a null first word is the variant `null`.
    NullablePtr { null: u32, payload: u32, pair: bool },
}

/// One variant of an enum.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct VariantLayout {
    /// The value of the tag.
    pub tag: i128,
    /// Offsets of the payload's fields from the start of the enum.
    pub offsets: Box<[u64]>,
}

/// What one register holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scalar {
    Bool,
    Int(IntTy),
    Float(FloatTy),
    /// A Unicode scalar value.
    Char,
    /// A raw pointer; may be null.
    Ptr,
    /// An address that is never null: a reference, the code of a `func`.
    NonNull,
    /// The handle of a `Str`: counted, null is `""`.
    Str,
}

/// Why a type has no layout.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LayoutError {
    /// Contains itself without a pointer between (T085).
    Infinite,
    /// `[T]` or a behavior object by value.
    Unsized,
    /// A parameter or projection is left.
    Generic,
    /// An error was reported for it.
    Error,
    /// Larger than any object can be.
    TooLarge,
}

/// Sizes past this one are refused: pointer differences must fit an `I64` with room to spare.
const SIZE_MAX: u64 = 1 << 47;

/// How deep types may nest before they count as infinite; guards against growing instances such
/// as `type T[X] { next: Maybe[T[(X, X)]] }`.
const DEPTH_MAX: u32 = 128;

impl Scalar {
    pub fn bytes(self) -> u64 {
        match self {
            Scalar::Bool => 1,
            Scalar::Int(int) => int.bytes().into(),
            Scalar::Float(float) => float.bytes().into(),
            Scalar::Char => 4,
            Scalar::Ptr | Scalar::NonNull | Scalar::Str => POINTER_BYTES.into(),
        }
    }
}

impl Layout {
    fn scalar(scalar: Scalar) -> Layout {
        Layout {
            size: scalar.bytes(),
            align: scalar.bytes(),
            shape: Shape::Scalar(scalar),
        }
    }

    fn pair(first: Scalar, second: Scalar) -> Layout {
        let word = u64::from(POINTER_BYTES);
        Layout {
            size: 2 * word,
            align: word,
            shape: Shape::Pair(first, second),
        }
    }

    /// The scalar, if the type is a single one. A unit-only enum is its tag.
    pub fn as_scalar(&self) -> Option<Scalar> {
        match &self.shape {
            Shape::Scalar(scalar) => Some(*scalar),
            Shape::NullablePtr { pair: false, .. } => Some(Scalar::Ptr),
            Shape::Enum { tag, .. } if self.size == u64::from(tag.bytes()) => {
                Some(Scalar::Int(*tag))
            }
            _ => None,
        }
    }

    pub fn is_zero_sized(&self) -> bool {
        self.size == 0
    }
}

/// The layout of a type.
///
/// Keyed by type; read by `mono` and by constant evaluation. Re-runs when a declaration of a
/// type inside changes; an equal layout stops the change.
#[salsa::tracked(cycle_result = layout_cycle)]
pub fn layout_of(db: &dyn Db, ty: Ty) -> Result<Layout, LayoutError> {
    Layouter {
        db,
        stack: Vec::new(),
    }
    .of(ty)
}

fn layout_cycle(_: &dyn Db, _: salsa::Id, _: Ty) -> Result<Layout, LayoutError> {
    Err(LayoutError::Infinite)
}

struct Layouter<'db> {
    db: &'db dyn Db,
    stack: Vec<Ty>,
}

impl Layouter<'_> {
    fn of(&mut self, ty: Ty) -> Result<Layout, LayoutError> {
        if self.stack.contains(&ty) || self.stack.len() > DEPTH_MAX as usize {
            return Err(LayoutError::Infinite);
        }
        self.stack.push(ty);
        let result = self.uncached(ty);
        self.stack.pop();
        match result {
            Ok(layout) if layout.size > SIZE_MAX => Err(LayoutError::TooLarge),
            other => other,
        }
    }

    fn uncached(&mut self, ty: Ty) -> Result<Layout, LayoutError> {
        let db = self.db;
        Ok(match ty.kind(db) {
            TyKind::Bool => Layout::scalar(Scalar::Bool),
            TyKind::Int(int) => Layout::scalar(Scalar::Int(*int)),
            TyKind::Float(float) => Layout::scalar(Scalar::Float(*float)),
            TyKind::Char => Layout::scalar(Scalar::Char),
            TyKind::Str => Layout::scalar(Scalar::Str),
            TyKind::RawPtr(_) => Layout::scalar(Scalar::Ptr),
            TyKind::Ref { target, .. } => match target.kind(db) {
                TyKind::Slice(_) => Layout::pair(Scalar::NonNull, Scalar::Int(IntTy::I64)),
                TyKind::Object(_) => Layout::pair(Scalar::NonNull, Scalar::Ptr),
                TyKind::Param(_) | TyKind::Projection(_) | TyKind::Opaque(..) => {
                    return Err(LayoutError::Generic);
                }
                _ => Layout::scalar(Scalar::NonNull),
            },
            TyKind::Func { .. } | TyKind::Interface(..) => {
                Layout::pair(Scalar::NonNull, Scalar::Ptr)
            }
            TyKind::Adt(AdtId::Class(_), _) => Layout::scalar(Scalar::NonNull),
            TyKind::Never | TyKind::FnItem(..) | TyKind::Ctor(..) => Layout {
                size: 0,
                align: 1,
                shape: Shape::Struct {
                    offsets: Box::new([]),
                },
            },
            TyKind::Closure(_, args) => {
                let args = crate::ty::ClosureArgs(*args);
                match args.kind(db) {
                    // The address of its frame.
                    Some(crate::ty::ClosureKind::Async) => Layout::scalar(Scalar::NonNull),
                    _ => self.fields(&args.captures(db))?,
                }
            }
            TyKind::Future(..) => Layout::scalar(Scalar::NonNull),
            TyKind::Tuple(parts) => self.fields(parts)?,
            TyKind::Array(element, len) => {
                let len = len.as_u64().ok_or(LayoutError::Generic)?;
                let element = self.of(*element)?;
                let size = element.size.checked_mul(len).ok_or(LayoutError::TooLarge)?;
                let shape = Shape::Array {
                    stride: element.size,
                    len,
                };
                Layout {
                    size,
                    align: element.align,
                    shape,
                }
            }
            TyKind::Dyn(_) => Layout::pair(Scalar::NonNull, Scalar::Ptr),
            TyKind::Slice(_) | TyKind::Object(_) => return Err(LayoutError::Unsized),
            TyKind::Param(_) | TyKind::Projection(_) | TyKind::Opaque(..) => {
                return Err(LayoutError::Generic);
            }
            TyKind::Infer(_) | TyKind::Error => return Err(LayoutError::Error),
            TyKind::Adt(adt, args) => {
                let variants: Vec<Vec<Ty>> = crate::signature::adt_field_types(db, *adt, *args);
                match adt {
                    AdtId::Struct(_) if is_handle(db, *adt, &variants) => {
                        Layout::scalar(Scalar::NonNull)
                    }
                    AdtId::Struct(id) => {
                        let fields = variants.into_iter().next().unwrap_or_default();
                        let repr = &hir_def::signatures::struct_data(db, *id).attrs.repr;
                        self.fields_as(&fields, repr.packed, repr.align)?
                    }
                    AdtId::Union(_) => {
                        let fields = variants.into_iter().next().unwrap_or_default();
                        self.union(&fields)?
                    }
                    AdtId::Enum(_) => self.enumeration(*adt, &variants)?,
                    AdtId::Class(_) => Layout::scalar(Scalar::NonNull),
                }
            }
        })
    }

    fn fields(&mut self, fields: &[Ty]) -> Result<Layout, LayoutError> {
        self.fields_as(fields, false, None)
    }

    /// With `@repr(packed)` and `@repr(align(n))`.
    fn fields_as(
        &mut self,
        fields: &[Ty],
        packed: bool,
        min_align: Option<u32>,
    ) -> Result<Layout, LayoutError> {
        let mut offsets = Vec::with_capacity(fields.len());
        let min_align = min_align
            .filter(|align| align.is_power_of_two())
            .unwrap_or(1);
        let (mut end, mut align) = (0u64, u64::from(min_align));
        for field in fields {
            let mut field = self.of(*field)?;
            if packed {
                field.align = 1;
            }
            let offset = end.next_multiple_of(field.align);
            offsets.push(offset);
            end = offset
                .checked_add(field.size)
                .ok_or(LayoutError::TooLarge)?;
            align = align.max(field.align);
        }
        let shape = Shape::Struct {
            offsets: offsets.into(),
        };
        Ok(Layout {
            size: end.next_multiple_of(align),
            align,
            shape,
        })
    }

    fn union(&mut self, fields: &[Ty]) -> Result<Layout, LayoutError> {
        let (mut size, mut align) = (0u64, 1u64);
        for field in fields {
            let field = self.of(*field)?;
            size = size.max(field.size);
            align = align.max(field.align);
        }
        let shape = Shape::Struct {
            offsets: fields.iter().map(|_| 0).collect(),
        };
        Ok(Layout {
            size: size.next_multiple_of(align),
            align,
            shape,
        })
    }

    fn enumeration(&mut self, adt: AdtId, variants: &[Vec<Ty>]) -> Result<Layout, LayoutError> {
        let tag = tag_of(self.db, adt);
        if let Some(layout) = self.nullable(adt, variants)? {
            return Ok(layout);
        }
        // All payloads start where the most aligned of them may.
        let mut payloads = Vec::with_capacity(variants.len());
        for fields in variants {
            payloads.push(self.fields(fields)?);
        }
        let tag_bytes = u64::from(tag.bytes());
        let payload_align = payloads.iter().map(|p| p.align).max().unwrap_or(1);
        let start = tag_bytes.next_multiple_of(payload_align);
        let payload_size = payloads.iter().map(|p| p.size).max().unwrap_or(0);
        let align = payload_align.max(tag_bytes);
        let size = if payload_size == 0 && payload_align <= tag_bytes {
            tag_bytes
        } else {
            (start + payload_size).next_multiple_of(align)
        };
        let tags = crate::signature::discriminants(self.db, adt);
        let variants = payloads
            .iter()
            .enumerate()
            .map(|(index, payload)| {
                let offsets = match &payload.shape {
                    Shape::Struct { offsets } => offsets.iter().map(|o| o + start).collect(),
                    _ => Box::default(),
                };
                VariantLayout {
                    tag: tags.get(index).copied().unwrap_or(index as i128),
                    offsets,
                }
            })
            .collect();
        Ok(Layout {
            size,
            align,
            shape: Shape::Enum { tag, variants },
        })
    }

    /// The one niche: `Maybe` of a pointer that is never null.
    fn nullable(
        &mut self,
        adt: AdtId,
        variants: &[Vec<Ty>],
    ) -> Result<Option<Layout>, LayoutError> {
        if crate::lang::lang_items(self.db, crate::lang::package_of(self.db, adt)).maybe
            != Some(adt)
        {
            return Ok(None);
        }
        let payload = match variants {
            [a, b] if b.is_empty() && a.len() == 1 => 0u32,
            [a, b] if a.is_empty() && b.len() == 1 => 1u32,
            _ => return Ok(None),
        };
        let Some([inner]) = variants.get(payload as usize).map(Vec::as_slice) else {
            return Ok(None);
        };
        let is_never_null = match inner.kind(self.db) {
            TyKind::Ref { .. }
            | TyKind::Func { .. }
            | TyKind::Dyn(_)
            | TyKind::Interface(..)
            | TyKind::Adt(AdtId::Class(_), _) => true,
            TyKind::Adt(adt, args) => {
                let fields = crate::signature::adt_field_types(self.db, *adt, *args);
                is_handle(self.db, *adt, &fields)
            }
            _ => false,
        };
        if !is_never_null {
            return Ok(None);
        }
        let inner = self.of(*inner)?;
        let pair = matches!(inner.shape, Shape::Pair(..));
        let shape = Shape::NullablePtr {
            null: 1 - payload,
            payload,
            pair,
        };
        Ok(Some(Layout { shape, ..inner }))
    }
}

/// Whether a type is one address that is never null: `@non_null` stands for a promise of the
/// library, as of `Heap` and `Shared`.
fn is_handle(db: &dyn Db, adt: AdtId, variants: &[Vec<Ty>]) -> bool {
    let AdtId::Struct(id) = adt else {
        return false;
    };
    let [fields] = variants else { return false };
    let is_pointer = matches!(&fields[..], [one] if matches!(one.kind(db), TyKind::RawPtr(_)));
    is_pointer && hir_def::signatures::struct_data(db, id).attrs.non_null
}

/// The integer of an enum's tag: `I32`, or as `@repr(U8)` or `@flags` says.
pub fn tag_of(db: &dyn Db, adt: AdtId) -> IntTy {
    let AdtId::Enum(id) = adt else {
        return IntTy::I32;
    };
    let attrs = &hir_def::signatures::enum_data(db, id).attrs;
    if let Some(flags) = attrs.flags {
        let int = flags.and_then(|int| IntTy::from_name(int.name()));
        return int.unwrap_or(IntTy::U32);
    }
    attrs
        .repr
        .int
        .and_then(|int| IntTy::from_name(int.name()))
        .unwrap_or(IntTy::I32)
}

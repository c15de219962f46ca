//! Types as written.
//!
//! The types of one signature or body live in one [`TypeStore`]; a [`TypeRefId`] is a place in
//! it, and the key of the twin source map.

use stdx::DenseMap;

use crate::body::{BinaryOp, UnaryOp};
use crate::{BuiltinType, Name, Path};

stdx::define_index!(
    /// A type as written, within its store.
    pub struct TypeRefId, "type"
);

/// All types written in one signature or body.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TypeStore {
    pub types: DenseMap<TypeRefId, TypeRef>,
}

impl std::ops::Index<TypeRefId> for TypeStore {
    type Output = TypeRef;
    fn index(&self, id: TypeRefId) -> &TypeRef {
        // Ids of another store are a programming error that a server survives.
        self.types.get(id).unwrap_or(&TypeRef::Error)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TypeRef {
    Path(Path),
    /// `()` is the empty tuple, which is `Unit`.
    Tuple(Box<[TypeRefId]>),
    Array(TypeRefId, ConstRef),
    Slice(TypeRefId),
    Ref {
        mutable: bool,
        lifetime: Option<Name>,
        inner: TypeRefId,
    },
    RawPtr(TypeRefId),
    Func {
        lifetime: Option<Name>,
        params: Box<[TypeRefId]>,
        ret: Option<TypeRefId>,
    },
    Never,
    /// `_`
    Infer,
    /// `T?`, the same as `Maybe[T]`
    Maybe(TypeRefId),
    Dyn(Box<[TypeBound]>),
    Impl(Box<[TypeBound]>),
    /// `impl B` in a parameter: the anonymous generic parameter of this place among the
    /// function's own.
    Anonymous(u32),
    /// `(T as B)::Item`
    Projection {
        base: TypeRefId,
        behavior: TypeRefId,
        name: Name,
    },
    Error,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TypeBound {
    Behavior(TypeRefId),
    /// `?Sized`-like
    Relaxed(TypeRefId),
    Lifetime(Name),
}

/// A constant expression inside a type: small enough to be part of a signature.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ConstRef {
    Literal(i128),
    /// A literal that does not fit `i128`, or with a suffix: kept apart for range checks.
    TypedLiteral(i128, BuiltinType),
    Bool(bool),
    Char(char),
    Path(Path),
    Unary(UnaryOp, Box<ConstRef>),
    Binary(BinaryOp, Box<ConstRef>, Box<ConstRef>),
    Cast(Box<ConstRef>, TypeRefId),
    /// A call of a function by its path.
    Call(Path, Box<[ConstRef]>),
    /// `_`
    Infer,
    /// A text or a number with a point: no parameter takes it.
    OtherLiteral,
    /// Anything else; the text names the construct.
    Unsupported(Name),
    Error,
}

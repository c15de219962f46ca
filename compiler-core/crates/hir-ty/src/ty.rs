//! Types.
//!
//! A type is an interned [`Ty`]; compare and copy it freely. Lifetimes are erased.
//! Inference variables ([`TyKind::Infer`], [`ConstKind::Infer`]) exist only while a body is
//! inferred: whatever leaves this crate has none, see `infer::writeback`.

mod closure;
mod display;
mod fold;

pub use closure::{ClosureArgs, ClosureId, ClosureKind};
pub use display::{DisplayTy, display_args};
pub use fold::{TyFolder, walk_ty};

use base::Db;
use hir_def::{AdtId, BehaviorId, FuncId, GenericDef, VariantId};
use smol_str::SmolStr;

/// A type. Equal types have equal ids.
#[salsa::interned(unsafe(no_lifetime), revisions = usize::MAX, debug)]
pub struct Ty {
    pub kind: TyKind,
}

/// Arguments for all parameters of a definition: first those of its parent (the `impl`, or the
/// behavior with `This` at index 0), then its own.
#[salsa::interned(unsafe(no_lifetime), revisions = usize::MAX, debug)]
pub struct GenericArgs {
    pub list: Box<[GenericArg]>,
}

/// What stands for one generic parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GenericArg {
    Ty(Ty),
    Const(Const),
}

/// The shape of a type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TyKind {
    Bool,
    Int(IntTy),
    Float(FloatTy),
    Char,
    Str,
    Never,
    /// A struct, enum, union or class with arguments for its parameters.
    Adt(AdtId, GenericArgs),
    /// A reference to an object of a class that implements the interface; the arguments are
    /// without the implementing type.
    Interface(BehaviorId, GenericArgs),
    /// `Tuple([])` is `Unit`.
    Tuple(Box<[Ty]>),
    Array(Ty, Const),
    Slice(Ty),
    Ref {
        mutable: bool,
        target: Ty,
    },
    RawPtr(Ty),
    /// A first-class function value: code and environment.
    Func {
        params: Box<[Ty]>,
        ret: Ty,
    },
    /// The type of a path to one function, before it becomes a [`TyKind::Func`] (zero-sized).
    FnItem(FuncId, GenericArgs),
    /// The type of a path to a variant with a payload, used as a function; the arguments are
    /// those of the enum (zero-sized).
    Ctor(VariantId, GenericArgs),
    /// The type of one closure or `async` block; the arguments are those of [`ClosureArgs`].
    Closure(ClosureId, GenericArgs),
    /// What a call of an `async func` gives: a handle of its frame.
    Future(FuncId, GenericArgs),
    /// `dyn B`: an owned value of any type that implements the behavior, in a box with a table of
    /// methods.
    Dyn(DynTy),
    /// What a view `ref dyn B` leads to: the value itself, of unknown size. Stands behind
    /// references only.
    Object(DynTy),
    /// What a function with `impl B` in its result gives: the n-th such type of its signature,
    /// with the function's arguments.
    Opaque(FuncId, u32, GenericArgs),
    Param(ParamTy),
    /// `<self as behavior[args]>::name`, with `This` as the first of the arguments.
    Projection(Projection),
    /// Inference variable; never outside inference.
    Infer(TyVar),
    /// Stands for what an error has been reported about; agrees with everything.
    Error,
}

/// The behavior of an object.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DynTy {
    pub behavior: BehaviorId,
    /// Arguments of the behavior's own parameters, without `This`.
    pub args: GenericArgs,
    /// Associated types that are fixed, in order of their names.
    pub bindings: Box<[(SmolStr, Ty)]>,
    /// Marker behaviors that the value also has, each once.
    pub markers: Box<[BehaviorId]>,
}

/// An associated type of a behavior, applied.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Projection {
    pub behavior: BehaviorId,
    pub name: SmolStr,
    /// `This` first, then the behavior's own parameters.
    pub args: GenericArgs,
}

/// A generic parameter, seen from inside its definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ParamTy {
    /// The definition that declares it.
    pub owner: GenericDef,
    /// Its place among all parameters, those of the parent included: index into
    /// [`GenericArgs`].
    pub index: u32,
}

/// Number of an inference variable for types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TyVar(pub u32);

/// Number of an inference variable for constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConstVar(pub u32);

/// A constant inside a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Const {
    /// An integer, a Bool (0 or 1) or a Char (its code point) of the given type.
    Value(i128, Ty),
    Param(ParamTy),
    Infer(ConstVar),
    Error,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IntTy {
    I8,
    I16,
    I32,
    I64,
    I128,
    Isize,
    U8,
    U16,
    U32,
    U64,
    U128,
    Usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FloatTy {
    F32,
    F64,
}

/// Width of `Isize`, `Usize` and addresses. All supported targets agree.
pub const POINTER_BYTES: u32 = 8;

impl IntTy {
    pub const ALL: [IntTy; 12] = [
        IntTy::I8,
        IntTy::I16,
        IntTy::I32,
        IntTy::I64,
        IntTy::I128,
        IntTy::Isize,
        IntTy::U8,
        IntTy::U16,
        IntTy::U32,
        IntTy::U64,
        IntTy::U128,
        IntTy::Usize,
    ];

    pub fn name(self) -> &'static str {
        match self {
            IntTy::I8 => "I8",
            IntTy::I16 => "I16",
            IntTy::I32 => "I32",
            IntTy::I64 => "I64",
            IntTy::I128 => "I128",
            IntTy::Isize => "Isize",
            IntTy::U8 => "U8",
            IntTy::U16 => "U16",
            IntTy::U32 => "U32",
            IntTy::U64 => "U64",
            IntTy::U128 => "U128",
            IntTy::Usize => "Usize",
        }
    }

    pub fn from_name(name: &str) -> Option<IntTy> {
        IntTy::ALL.into_iter().find(|ty| ty.name() == name)
    }

    /// The type of a literal suffix: `u8`, `isize`.
    pub fn from_suffix(suffix: &str) -> Option<IntTy> {
        IntTy::ALL
            .into_iter()
            .find(|ty| ty.name().eq_ignore_ascii_case(suffix))
    }

    pub fn is_signed(self) -> bool {
        matches!(
            self,
            IntTy::I8 | IntTy::I16 | IntTy::I32 | IntTy::I64 | IntTy::I128 | IntTy::Isize
        )
    }

    pub fn bytes(self) -> u32 {
        match self {
            IntTy::I8 | IntTy::U8 => 1,
            IntTy::I16 | IntTy::U16 => 2,
            IntTy::I32 | IntTy::U32 => 4,
            IntTy::I64 | IntTy::U64 => 8,
            IntTy::I128 | IntTy::U128 => 16,
            IntTy::Isize | IntTy::Usize => POINTER_BYTES,
        }
    }

    pub fn bits(self) -> u32 {
        self.bytes() * 8
    }

    /// Smallest value.
    pub fn min_value(self) -> i128 {
        if self.is_signed() {
            i128::MIN >> (128 - self.bits())
        } else {
            0
        }
    }

    /// Largest value.
    pub fn max_value(self) -> u128 {
        let unsigned_max = u128::MAX >> (128 - self.bits());
        if self.is_signed() {
            unsigned_max >> 1
        } else {
            unsigned_max
        }
    }

    /// Whether the value with this sign and magnitude fits.
    pub fn holds(self, negative: bool, magnitude: u128) -> bool {
        if negative {
            magnitude <= self.min_value().unsigned_abs()
        } else {
            magnitude <= self.max_value()
        }
    }

    /// Wraps a two's complement value into the type's range. A `U128` keeps its bits in an
    /// `i128`.
    pub fn wrap(self, value: i128) -> i128 {
        let unused = 128 - self.bits();
        if self.is_signed() {
            (value << unused) >> unused
        } else {
            (((value as u128) << unused) >> unused) as i128
        }
    }
}

impl FloatTy {
    pub fn name(self) -> &'static str {
        match self {
            FloatTy::F32 => "F32",
            FloatTy::F64 => "F64",
        }
    }

    pub fn bytes(self) -> u32 {
        match self {
            FloatTy::F32 => 4,
            FloatTy::F64 => 8,
        }
    }
}

impl Ty {
    pub fn bool(db: &dyn Db) -> Ty {
        Ty::new(db, TyKind::Bool)
    }
    pub fn char(db: &dyn Db) -> Ty {
        Ty::new(db, TyKind::Char)
    }
    pub fn str(db: &dyn Db) -> Ty {
        Ty::new(db, TyKind::Str)
    }
    pub fn never(db: &dyn Db) -> Ty {
        Ty::new(db, TyKind::Never)
    }
    pub fn error(db: &dyn Db) -> Ty {
        Ty::new(db, TyKind::Error)
    }
    pub fn int(db: &dyn Db, int: IntTy) -> Ty {
        Ty::new(db, TyKind::Int(int))
    }
    pub fn float(db: &dyn Db, float: FloatTy) -> Ty {
        Ty::new(db, TyKind::Float(float))
    }
    pub fn i32(db: &dyn Db) -> Ty {
        Ty::int(db, IntTy::I32)
    }
    pub fn i64(db: &dyn Db) -> Ty {
        Ty::int(db, IntTy::I64)
    }
    pub fn usize(db: &dyn Db) -> Ty {
        Ty::int(db, IntTy::Usize)
    }
    pub fn unit(db: &dyn Db) -> Ty {
        Ty::tuple(db, [])
    }
    pub fn tuple(db: &dyn Db, parts: impl IntoIterator<Item = Ty>) -> Ty {
        Ty::new(db, TyKind::Tuple(parts.into_iter().collect()))
    }
    pub fn array(db: &dyn Db, element: Ty, len: Const) -> Ty {
        Ty::new(db, TyKind::Array(element, len))
    }
    pub fn slice(db: &dyn Db, element: Ty) -> Ty {
        Ty::new(db, TyKind::Slice(element))
    }
    pub fn reference(db: &dyn Db, mutable: bool, target: Ty) -> Ty {
        Ty::new(db, TyKind::Ref { mutable, target })
    }
    pub fn raw_ptr(db: &dyn Db, target: Ty) -> Ty {
        Ty::new(db, TyKind::RawPtr(target))
    }
    pub fn func(db: &dyn Db, params: impl IntoIterator<Item = Ty>, ret: Ty) -> Ty {
        Ty::new(
            db,
            TyKind::Func {
                params: params.into_iter().collect(),
                ret,
            },
        )
    }
    pub fn adt(db: &dyn Db, adt: AdtId, args: GenericArgs) -> Ty {
        Ty::new(db, TyKind::Adt(adt, args))
    }
    pub fn param(db: &dyn Db, param: ParamTy) -> Ty {
        Ty::new(db, TyKind::Param(param))
    }

    /// Whether an associated type stands in it, or the hidden type of a behavior's method, which
    /// is one without a name.
    pub fn has_projection(self, db: &dyn Db) -> bool {
        let mut found = false;
        walk_ty(db, self, &mut |ty| {
            found |= matches!(ty.kind(db), TyKind::Projection(_)) || ty.is_chosen_by_impl(db)
        });
        found
    }

    /// Whether it is an `impl B` in the result of a behavior's method: implementations decide.
    pub fn is_chosen_by_impl(self, db: &dyn Db) -> bool {
        match self.kind(db) {
            TyKind::Opaque(func, ..) => {
                matches!(func.container(db), hir_def::ContainerId::Behavior(_))
            }
            _ => false,
        }
    }

    pub fn is_unit(self, db: &dyn Db) -> bool {
        matches!(self.kind(db), TyKind::Tuple(parts) if parts.is_empty())
    }
    pub fn is_never(self, db: &dyn Db) -> bool {
        matches!(self.kind(db), TyKind::Never)
    }
    pub fn is_error(self, db: &dyn Db) -> bool {
        matches!(self.kind(db), TyKind::Error)
    }
    /// Whether the type is an error or has one inside: nothing more is said about it then.
    pub fn has_error(self, db: &dyn Db) -> bool {
        let mut found = false;
        walk_ty(db, self, &mut |ty| {
            found |= match ty.kind(db) {
                TyKind::Error => true,
                TyKind::Array(_, len) => matches!(len, Const::Error),
                _ => false,
            }
        });
        found
    }
    /// Whether some parameter occurs: such types have no layout.
    pub fn has_params(self, db: &dyn Db) -> bool {
        let mut found = false;
        walk_ty(db, self, &mut |ty| {
            found |= match ty.kind(db) {
                TyKind::Param(_) | TyKind::Projection(_) => true,
                TyKind::Array(_, len) => matches!(len, Const::Param(_)),
                TyKind::Adt(_, args)
                | TyKind::Interface(_, args)
                | TyKind::FnItem(_, args)
                | TyKind::Ctor(_, args)
                | TyKind::Closure(_, args)
                | TyKind::Future(_, args)
                | TyKind::Opaque(_, _, args) => has_const_param(db, *args),
                TyKind::Dyn(object) | TyKind::Object(object) => has_const_param(db, object.args),
                _ => false,
            }
        });
        found
    }
    /// The object behind the type `dyn B`, owned or viewed.
    pub fn as_dyn(self, db: &dyn Db) -> Option<&DynTy> {
        match self.kind(db) {
            TyKind::Dyn(object) | TyKind::Object(object) => Some(object),
            _ => None,
        }
    }
    /// Whether values of the type have no size known to the compiler.
    pub fn is_unsized(self, db: &dyn Db) -> bool {
        matches!(self.kind(db), TyKind::Slice(_) | TyKind::Object(_))
    }
    pub fn as_adt(self, db: &dyn Db) -> Option<(AdtId, GenericArgs)> {
        match self.kind(db) {
            TyKind::Adt(adt, args) => Some((*adt, *args)),
            _ => None,
        }
    }
    pub fn as_closure(self, db: &dyn Db) -> Option<(ClosureId, ClosureArgs)> {
        match self.kind(db) {
            TyKind::Closure(id, args) => Some((*id, ClosureArgs(*args))),
            _ => None,
        }
    }
    pub fn as_int(self, db: &dyn Db) -> Option<IntTy> {
        match self.kind(db) {
            TyKind::Int(int) => Some(*int),
            _ => None,
        }
    }
    /// The target of a reference.
    pub fn as_ref(self, db: &dyn Db) -> Option<(bool, Ty)> {
        match self.kind(db) {
            TyKind::Ref { mutable, target } => Some((*mutable, *target)),
            _ => None,
        }
    }
    /// The type under all references.
    pub fn strip_refs(self, db: &dyn Db) -> Ty {
        let mut ty = self;
        while let TyKind::Ref { target, .. } = ty.kind(db) {
            ty = *target;
        }
        ty
    }
    /// In source syntax: `Maybe[I32]`, `ref [U8]`, `func(I32) -> Bool`.
    pub fn display(self, db: &dyn Db) -> DisplayTy<'_> {
        DisplayTy::new(db, self)
    }
    /// Replaces parameters by arguments.
    pub fn subst(self, db: &dyn Db, args: GenericArgs) -> Ty {
        fold::subst_ty(db, self, args)
    }
}

fn has_const_param(db: &dyn Db, args: GenericArgs) -> bool {
    args.list(db)
        .iter()
        .any(|arg| matches!(arg, GenericArg::Const(Const::Param(_))))
}

impl Const {
    pub fn subst(self, db: &dyn Db, args: GenericArgs) -> Const {
        fold::subst_const(db, self, args)
    }
    /// An array length.
    pub fn len(db: &dyn Db, len: u64) -> Const {
        Const::Value(len as i128, Ty::usize(db))
    }
    pub fn as_u64(self) -> Option<u64> {
        match self {
            Const::Value(value, _) => u64::try_from(value).ok(),
            _ => None,
        }
    }
}

impl GenericArg {
    pub fn ty(self) -> Option<Ty> {
        match self {
            GenericArg::Ty(ty) => Some(ty),
            GenericArg::Const(_) => None,
        }
    }
    pub fn subst(self, db: &dyn Db, args: GenericArgs) -> GenericArg {
        match self {
            GenericArg::Ty(ty) => GenericArg::Ty(ty.subst(db, args)),
            GenericArg::Const(c) => GenericArg::Const(c.subst(db, args)),
        }
    }
}

impl From<Ty> for GenericArg {
    fn from(ty: Ty) -> Self {
        GenericArg::Ty(ty)
    }
}

impl GenericArgs {
    pub fn from_iter(db: &dyn Db, args: impl IntoIterator<Item = GenericArg>) -> GenericArgs {
        GenericArgs::new(db, args.into_iter().collect::<Box<[_]>>())
    }
    pub fn empty(db: &dyn Db) -> GenericArgs {
        GenericArgs::from_iter(db, [])
    }
    pub fn get(self, db: &dyn Db, index: usize) -> Option<GenericArg> {
        self.list(db).get(index).copied()
    }
    /// The type at an index; `Error` if there is none.
    pub fn ty(self, db: &dyn Db, index: usize) -> Ty {
        self.get(db, index)
            .and_then(GenericArg::ty)
            .unwrap_or_else(|| Ty::error(db))
    }
    pub fn subst(self, db: &dyn Db, args: GenericArgs) -> GenericArgs {
        if self.list(db).is_empty() {
            return self;
        }
        GenericArgs::from_iter(db, self.list(db).iter().map(|arg| arg.subst(db, args)))
    }
    /// The first `len` arguments: those of the parent.
    pub fn prefix(self, db: &dyn Db, len: usize) -> GenericArgs {
        if self.list(db).len() <= len {
            return self;
        }
        GenericArgs::from_iter(db, self.list(db).iter().take(len).copied())
    }
    pub fn types(self, db: &dyn Db) -> impl Iterator<Item = Ty> + '_ {
        self.list(db).iter().filter_map(|arg| arg.ty())
    }
}

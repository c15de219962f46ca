//! Operands and the values computed from them.

use hir_def::{ClassId, UnionId, VariantDef};
use hir_ty::{ClosureId, GenericArgs, Ty};

use super::{Constant, Place};

/// A value that is at hand.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Operand {
    /// Reads a place and leaves it. If the type is or contains a counted handle, counts go up:
    /// the MIR says `copy`, the type decides, and `mono` emits the retains.
    Copy(Place),
    /// Takes the value out of a place, which is uninitialised afterwards. Never counts.
    Move(Place),
    Const(Constant),
}

/// What the right side of an assignment computes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Rvalue {
    Use(Operand),
    /// A reference to a place.
    Ref(BorrowKind, Place),
    /// A raw pointer to a place; makes no reference (reference §15.2).
    AddrOf(Place),
    /// Both operands have one numeric type (shift counts: any integer type). Arithmetic wraps,
    /// shift counts are masked; divisors are known not to be zero (rule 8).
    Binary(BinaryOp, Operand, Operand),
    /// Whether the integer operation would overflow: `Bool`. Only with overflow checks.
    Overflows(BinaryOp, Operand, Operand),
    Unary(UnaryOp, Operand),
    Cast(CastKind, Operand, Ty),
    Aggregate(AggregateKind, Vec<Operand>),
    /// An array of copies of the operand; the length stands in the type of the destination.
    /// The operand is copied once per element: if it is a move, it is consumed as the last one.
    Repeat(Operand, Ty),
    /// The index of the variant that an enum value holds, in declaration order: `U32`.
    /// (Not the written discriminant: the cast `EnumToInt` gives that.)
    Discriminant(Place),
    /// Number of elements of an array or slice: `I64`.
    Len(Place),
    /// A new object with count one, whose fields hold nothing yet.
    NewObject(ClassId, GenericArgs),
    /// Gives the object at a place the method table of a class: `Unit`.
    SetClass(Place, ClassId, GenericArgs),
    /// Whether the object at a place is of a class or implements an interface: `Bool`.
    IsInstance(Place, Ty),
    /// The address of the access state of a field of an object: `*I32`. The place ends with the
    /// field.
    Access(Place),
    /// Whether an index of any integer type lies in `0 .. len` (`I64`), compared in its own
    /// type without truncation: `Bool`.
    InBounds {
        index: Operand,
        len: Operand,
    },
}

/// How a reference is made. All but the first are exclusive; they differ for the borrow checker
/// only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BorrowKind {
    Shared,
    /// A written `mut ref p`: `p` must be mutable (B004).
    Exclusive,
    /// The implicit borrow of a `mut this` receiver: reserved here, activated at the call
    /// (reference §8.3(5)).
    TwoPhase,
    /// Made by the compiler around a place that need not be declared mutable: an argument by
    /// bare name (C3m), a reborrow.
    Implicit,
}

impl BorrowKind {
    pub fn is_mutable(self) -> bool {
        self != BorrowKind::Shared
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    /// Truncates toward zero; `MIN / -1` wraps.
    Div,
    Rem,
    BitAnd,
    BitOr,
    BitXor,
    Shl,
    /// Arithmetic on signed, logical on unsigned types.
    Shr,
    /// Comparisons of numbers, Bool, Char, raw pointers: `Bool`.
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    /// Integer base and exponent (negative exponents panic before), or float base.
    Pow,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    Neg,
    /// Of Bool: logical; of integers: bitwise.
    Not,
}

/// How a value changes its type; the operand's type and the target give widths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CastKind {
    /// A written `as`, as `hir_ty` classified it (reference §3.2(8)).
    As(hir_ty::CastKind),
    /// `ref [T; N]` → `ref [T]`; `ref T`, or a reference to a variable of type `dyn B`, → the
    /// view `ref dyn B`; all also exclusive. Between objects: fewer markers.
    Unsize,
    /// A value → `dyn B`: into a box of its own.
    BoxDyn,
    /// `mut ref T` → `ref T`.
    Share,
    /// A function item, constructor or closure → a `func` value. A closure moves into the
    /// environment.
    ReifyFunc,
    /// An object as its base class or as an interface.
    Upcast,
    /// An object as a class or interface that it is known to be of.
    Narrow,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AggregateKind {
    Tuple,
    /// The element type.
    Array(Ty),
    /// A struct or a variant: all fields in declaration order. Never a union.
    Adt(VariantDef, GenericArgs),
    /// A closure's captures, in order; the arguments are those of its type.
    Closure(ClosureId, GenericArgs),
    /// A union with this field given and all other bytes zero.
    Union(UnionId, u32, GenericArgs),
}

impl Operand {
    /// The place read, if it is not a constant.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Operand::Copy(place) | Operand::Move(place) => Some(place),
            Operand::Const(_) => None,
        }
    }
}

impl BinaryOp {
    pub fn is_comparison(self) -> bool {
        use BinaryOp::*;
        matches!(self, Eq | Ne | Lt | Le | Gt | Ge)
    }

    pub fn name(self) -> &'static str {
        use BinaryOp::*;
        match self {
            Add => "add",
            Sub => "sub",
            Mul => "mul",
            Div => "div",
            Rem => "rem",
            BitAnd => "and",
            BitOr => "or",
            BitXor => "xor",
            Shl => "shl",
            Shr => "shr",
            Eq => "eq",
            Ne => "ne",
            Lt => "lt",
            Le => "le",
            Gt => "gt",
            Ge => "ge",
            Pow => "pow",
        }
    }
}

impl From<Constant> for Operand {
    fn from(constant: Constant) -> Operand {
        Operand::Const(constant)
    }
}

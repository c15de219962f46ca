//! What inference says about one body: the input of MIR building and of editor features.
//!
//! Everything is keyed by ids of the body's own store and is free of inference variables. A key
//! that is missing means that an error was reported there; expressions then have type `Error`.

use hir_def::body::{ExprId, FormatSpec, LocalId, PatId};
use hir_def::{
    BehaviorId, ClassId, ConstId, FieldId, FuncId, GenericDef, Name, StaticId, StructId,
    VariantDef, VariantId,
};
use rustc_hash::{FxHashMap, FxHashSet};
use stdx::DenseMap;

use super::diagnostics::{InferDiagnostic, Site};
use crate::auto::Auto;
use crate::ty::{ClosureKind, GenericArgs, ParamTy, Ty};

/// The result of [`crate::infer()`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InferenceResult {
    /// Types of expressions, before adjustments.
    pub expr_tys: DenseMap<ExprId, Ty>,
    /// Types of what patterns match, after `pat_derefs`.
    pub pat_tys: DenseMap<PatId, Ty>,
    /// Types of local variables. `this` in a method with receiver `this` or `mut this` has type
    /// `This`, though a reference is passed (see [`crate::FnSig`]).
    pub local_tys: DenseMap<LocalId, Ty>,
    /// Values of the ends of range patterns that are named: of the start, of the end (`true`).
    pub range_ends: FxHashMap<(PatId, bool), i128>,
    /// What happens to an expression's value or place before it is used, in order.
    pub adjustments: FxHashMap<ExprId, Box<[Adjustment]>>,
    /// Path expressions.
    pub paths: FxHashMap<ExprId, PathRes>,
    /// Calls, method calls, dereferencing that goes through a method, and assignments by
    /// `IndexSet`.
    pub calls: FxHashMap<ExprId, CallRes>,
    /// Unary, binary and compound assignment operators.
    pub ops: FxHashMap<ExprId, OpRes>,
    /// Field accesses.
    pub fields: FxHashMap<ExprId, FieldRes>,
    /// Index expressions.
    pub indexes: FxHashMap<ExprId, IndexRes>,
    /// Struct literals, of structs and of variants.
    pub struct_lits: FxHashMap<ExprId, StructLitRes>,
    /// `x is C`: the type asked for.
    pub type_tests: FxHashMap<ExprId, Ty>,
    /// Uses of locals that are known to be of a class: their value, cast.
    pub narrowed: FxHashSet<ExprId>,
    /// Assignments to properties, by target: the setter. The getter, for compound ones, is among
    /// `calls`. Also `IndexSet` of compound assignments that have no `IndexMut`.
    pub setters: FxHashMap<ExprId, Callee>,
    /// Calls through `base`: of this very function, whatever overrides it.
    pub exact: FxHashSet<ExprId>,
    /// `as`.
    pub casts: FxHashMap<ExprId, CastKind>,
    /// `e!`, with or without `else`.
    pub tries: FxHashMap<ExprId, TryRes>,
    /// `for` loops.
    pub fors: FxHashMap<ExprId, ForRes>,
    /// Closures and `async` blocks, by their index in the body.
    pub closures: Vec<Option<ClosureRes>>,
    /// `catch`: the type of the errors that its handler gets.
    pub catches: FxHashMap<ExprId, Ty>,
    /// `throw e`: what becomes of the value.
    pub throws: FxHashMap<ExprId, TryExit>,
    /// Interpolated strings.
    pub interpolations: FxHashMap<ExprId, Box<[FormatPiece]>>,
    /// Path and variant patterns.
    pub pats: FxHashMap<PatId, PatRes>,
    /// For patterns that match through references: how many, outermost first.
    pub pat_derefs: FxHashMap<PatId, u32>,
    /// How binding patterns bind. The local's type has the reference included.
    pub bindings: FxHashMap<PatId, BindMode>,
    /// Bounds that the body implies on parameters without any (reference §3.4): the parameter,
    /// the behavior, and a use.
    pub implied: Vec<(Ty, BehaviorId, ExprId)>,
    /// What the `impl B` of a function's result stand for, in order.
    pub opaques: Box<[Ty]>,
    /// Futures that must be `Send` or `Sync`: what they hold while they wait decides.
    pub held: Vec<HeldGoal>,
    pub diagnostics: Vec<InferDiagnostic>,
}

/// A type with futures in it that was taken for `Send` or `Sync`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldGoal {
    pub site: Site,
    pub ty: Ty,
    pub which: Auto,
    pub required_by: Option<GenericDef>,
}

impl InferenceResult {
    /// Whether something was found that is no warning.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|it| it.is_error())
    }

    pub fn expr_ty(&self, expr: ExprId) -> Option<Ty> {
        self.expr_tys.get(expr).copied()
    }

    /// The type of an expression as its context sees it.
    pub fn adjusted_ty(&self, expr: ExprId) -> Option<Ty> {
        match self.adjustments.get(&expr).and_then(|list| list.last()) {
            Some(last) => Some(last.target),
            None => self.expr_ty(expr),
        }
    }

    pub fn pat_ty(&self, pat: PatId) -> Option<Ty> {
        self.pat_tys.get(pat).copied()
    }

    pub fn local_ty(&self, local: LocalId) -> Option<Ty> {
        self.local_tys.get(local).copied()
    }

    pub fn adjustments(&self, expr: ExprId) -> &[Adjustment] {
        self.adjustments
            .get(&expr)
            .map(|list| &**list)
            .unwrap_or(&[])
    }
}

/// One step between an expression and its use.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Adjustment {
    pub kind: Adjust,
    /// The type after the step.
    pub target: Ty,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Adjust {
    /// C1: the value never comes.
    NeverToAny,
    /// From a reference to the place behind it. Followed by nothing, the place is read (copied):
    /// C4.
    Deref,
    /// From a place whose type implements `Deref` to the place that its method leads to.
    /// `mutable`: by `DerefMut`.
    OverloadedDeref { callee: Callee, mutable: bool },
    /// An index of another integer type (reference §3.2(3a)).
    IntCast,
    /// A reference to the place, or to a temporary holding the value. After a `Deref` it is a
    /// reborrow (C2); alone it is the auto-borrow of receivers and arguments (C3, C3m).
    Borrow { mutable: bool },
    /// C5: reference to an array → reference to a slice. C6: reference to a value, or to a
    /// variable of type `dyn B` → view; also `dyn A + Send` → `dyn A`.
    Unsize,
    /// C6: a value → `dyn B`: into a box.
    BoxDyn,
    /// C10: an array literal → `List[T]`, by this function.
    FromArray(Callee),
    /// An `impl B` → the type it hides, which is expected.
    Reveal,
    /// C7: function item, constructor or closure → `func` value.
    ReifyFunc,
    /// C8: an object as its base class or as an interface.
    Upcast,
    /// `null` of no particular type → pointer (C9).
    NullToPtr,
}

/// What a path expression names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PathRes {
    Local(LocalId),
    /// A function as a value. As the callee of a call see [`CallRes`].
    Func(FuncId, GenericArgs),
    /// A variant with a tuple payload, as a function.
    Ctor(VariantId, GenericArgs),
    /// A variant without payload, as a value.
    UnitVariant(VariantId, GenericArgs),
    /// A struct without fields, named as a value.
    UnitStruct(StructId, GenericArgs),
    Const(ConstId, GenericArgs),
    Static(StaticId),
    /// A constant generic parameter.
    ConstParam(ParamTy),
}

/// A function with arguments for all its parameters. If it is the member of a behavior, the
/// arguments start with the implementing type, and [`crate::resolve_instance`] finds the
/// implementation once they are concrete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Callee {
    pub func: FuncId,
    pub args: GenericArgs,
}

/// How a call or method call is carried out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CallRes {
    /// A known function. The arguments (of a method call: receiver first) are evaluated in
    /// written order; `order[i]` is the parameter of the i-th, or `None` for the written order.
    Func {
        callee: Callee,
        order: Option<Box<[u32]>>,
    },
    /// `Just(x)`, `P(1, 2)`.
    Ctor {
        variant: VariantDef,
        args: GenericArgs,
    },
    /// `C::new(x)`, and the base call of a constructor: the object is parameter 0 of `ctor`. A
    /// class without constructors has one without code.
    New {
        class: ClassId,
        args: GenericArgs,
        ctor: Option<FuncId>,
        order: Option<Box<[u32]>>,
    },
    /// The callee expression (or for a method call, its receiver's field) is a `func` value.
    Value { field: Option<FieldRes> },
    /// The callee expression (or for a method call, its receiver's field or the receiver
    /// itself) is a closure or a parameter with a bound of the family `Fn`. `ty` is its type
    /// without references; `kind` says how it is called, if the type does not.
    Callable {
        field: Option<FieldRes>,
        ty: Ty,
        kind: Option<ClosureKind>,
    },
    /// `println(…)` and its kin (`@builtin` functions of the library).
    Builtin {
        name: Name,
        pieces: Box<[FormatPiece]>,
    },
}

/// What inference says about a closure.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClosureRes {
    pub expr: ExprId,
    /// Its own type ([`crate::TyKind::Closure`]).
    pub ty: Ty,
    /// In the order of the tuple of captures in the type.
    pub captures: Box<[Capture]>,
}

/// A place that a closure captures.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Capture {
    pub local: LocalId,
    pub steps: Box<[CaptureStep]>,
    /// The type of the captured place.
    pub place_ty: Ty,
    pub mode: CaptureMode,
    /// Whether calls change what has been captured by value.
    pub changed: bool,
    /// A use of it inside.
    pub expr: ExprId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CaptureStep {
    /// A field of a struct or tuple, and its type.
    Field(u32, Ty),
    Deref,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CaptureMode {
    Copy,
    Ref,
    /// `explicit`: the body assigns or says `mut ref`, which needs a mutable variable.
    MutRef {
        explicit: bool,
    },
    Move,
}

impl Capture {
    /// The type of the field that holds it in the closure.
    pub fn field_ty(&self, db: &dyn base::Db) -> Ty {
        match self.mode {
            CaptureMode::Copy | CaptureMode::Move => self.place_ty,
            CaptureMode::Ref => Ty::reference(db, false, self.place_ty),
            CaptureMode::MutRef { .. } => Ty::reference(db, true, self.place_ty),
        }
    }

    /// Whether another captured place is this one or a part of it.
    pub fn covers(&self, other: &Capture) -> bool {
        self.local == other.local && other.steps.starts_with(&self.steps)
    }
}

/// Who carries out an operator.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum OpRes {
    /// A machine operation on primitives of one type: the operands' type after adjustments.
    Builtin,
    /// `Str + Str`.
    Concat,
    /// `==` or `!=` without `PartialEq`: member by member (reference §5.6). The operands are
    /// places and not moved.
    Structural,
    /// A method: `a + b` → `add(ref a, b)`. For comparisons through `partial_cmp` or `eq` the
    /// result may have to be negated.
    Method { callee: Callee, negate: bool },
    /// `a op= b` carried out as `a = a op b`, by this method.
    AssignThrough { callee: Callee },
}

/// A field, after the derefs recorded as adjustments of the base.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FieldRes {
    Field(FieldId),
    /// `.0` of a tuple.
    Tuple(u32),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum IndexRes {
    /// An array place with an integer.
    Array,
    /// A slice place with an integer.
    Slice,
    /// A part of an array or slice: gives `ref [T]`, or `mut ref [T]` directly under `mut ref`.
    Range { mutable: bool },
    /// `Index.index`; the result is a reference to the place.
    Method(Callee),
    /// The same where the place is unsized: the expression is the reference.
    MethodRef(Callee),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StructLitRes {
    pub variant: VariantDef,
    pub args: GenericArgs,
    /// For each written field, its position in the declaration.
    pub fields: Box<[u32]>,
    /// Fields that take their declared default, by position.
    pub defaults: Box<[u32]>,
}

/// The conversions of reference §3.2 rule 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CastKind {
    /// `T as T`, or a literal typed as the target.
    Same,
    IntToInt,
    IntToFloat,
    FloatToInt,
    FloatToFloat,
    BoolToInt,
    IntToBool,
    CharToInt,
    IntToChar,
    EnumToInt,
    PtrToPtr,
    PtrToInt,
    IntToPtr,
    StrToPtr,
    FuncToPtr,
    RefToPtr,
    /// An object as one of a class that it may not be of (R006).
    Downcast,
    /// A low-level cast to a reference or `Str` (W030).
    ToRef,
}

/// `e!`: what is taken apart and where failure goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TryRes {
    pub carrier: TryCarrier,
    /// The type of the operand without references.
    pub operand: Ty,
    pub exit: TryExit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TryCarrier {
    Maybe,
    Outcome,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TryExit {
    /// `return Nothing`
    ReturnNothing,
    /// `return Err(e)`, with a conversion before if the types differ. On a `Maybe` operand the
    /// conversion starts from `NothingError`.
    ReturnErr { convert: Option<ErrorConversion> },
    /// The function cannot propagate: panic with the error's Debug text, if it has one.
    Panic { debug: Option<Callee> },
    /// An `else` is written.
    Else,
    /// Inside `catch`: to its handler, with a conversion before if the types differ.
    Catch { convert: Option<ErrorConversion> },
}

/// How an error becomes one of the type that is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ErrorConversion {
    /// `From::from`
    From(Callee),
    /// An object as its base or an interface, a value into a `dyn` box.
    Coerce(Adjustment),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ForRes {
    /// `a to b` or `a through b` written in the head, over integers or `Char`.
    Range { inclusive: bool },
    /// The place of an array (or a reference to one), each element by copy or by reference.
    Array { by_copy: bool },
    /// The same for a slice.
    Slice { by_copy: bool },
    /// `next` of an iterator; `into_iter` (or `iter`, on a borrowed place: the head then has a
    /// `Borrow` adjustment) first, if given. `by_copy`: the items are references to Copy values
    /// and the pattern matches the values.
    Iterator {
        into_iter: Option<Callee>,
        next: Callee,
        iter_ty: Ty,
        by_copy: bool,
    },
}

/// A part of a text to be put together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FormatPiece {
    Text(Name),
    Value {
        expr: ExprId,
        /// `Display::to_string`, or `Debug::debug_string` for `?`.
        convert: Convert,
        spec: Option<FormatSpec>,
    },
}

/// How a value becomes text. The value is borrowed; references are seen through.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Convert {
    /// It is a `Str`.
    Identity,
    Method(Callee),
}

/// What a path or variant pattern names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PatRes {
    /// A struct or variant: take it apart. For record patterns, `fields` are the declared
    /// positions of the written ones.
    Variant {
        variant: VariantDef,
        args: GenericArgs,
        fields: Box<[u32]>,
    },
    /// Compare with a constant.
    Const(ConstId, GenericArgs),
}

/// How a binding gets its value from the matched place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BindMode {
    /// Moved, or copied if the type is Copy.
    Value,
    Ref {
        mutable: bool,
    },
}

//! What inference complains about, as data. Positions are ids of the body; the diagnostics
//! crate finds ranges, chooses codes and words.

use hir_def::body::{BinaryOp, ExprId, LocalId, PatId, UnaryOp};
use hir_def::{
    AssocItemId, BehaviorId, ConstId, FieldId, FuncId, GenericDef, Name, TypeRefId, VariantDef,
};

use crate::lower::LowerError;
use crate::ty::Ty;

/// Something in a body that a diagnostic points at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Site {
    Expr(ExprId),
    /// The name inside an expression: `m` of `x.m()`, the last segment of a path.
    ExprName(ExprId),
    /// The n-th named field or argument of a literal, call or pattern.
    ExprField(ExprId, u32),
    Pat(PatId),
    PatField(PatId, u32),
    Type(TypeRefId),
}

/// Why a type was expected; decides the code and the secondary label.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Expected {
    /// T056: a `let` with a type.
    Annotation(TypeRefId),
    /// T056: an assignment; the place.
    Assignment(ExprId),
    /// T056: a field of a literal.
    Field(FieldId),
    /// T056: the declared type of a constant or static.
    Declaration,
    /// T016: `return e` or the tail; the signature.
    Return,
    /// T023: the function returns Unit.
    ReturnUnit,
    /// T017: an argument of a known function.
    Argument { func: Option<FuncId>, index: u32 },
    /// T016: branches of an `if` or `when`; the earlier branch.
    Branch(ExprId),
    /// T016: `if` without `else` whose value is used.
    MissingElse,
    /// T042: a `when` over conditions without a catch-all whose value is used.
    MissingArm,
    /// T025: array elements; the first one.
    Element(ExprId),
    /// T065/T056: a pattern against the type matched; the scrutinee if there is one.
    Pattern(Option<ExprId>),
    /// T014.
    Condition,
    /// T016: `break v`.
    Break,
    /// T056: nothing more special.
    Other,
}

/// A broken rule, found while inferring a body.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum InferDiagnostic {
    /// T001 "Undefined variable" / "Undefined function".
    UnresolvedName {
        expr: ExprId,
        name: Name,
        as_callee: bool,
        nearest: Option<Name>,
    },
    /// M002-like: a path whose qualifier is unknown, at a segment.
    UnresolvedPath {
        site: Site,
        segment: u32,
        path: Name,
        nearest: Option<Name>,
    },
    /// M006, M007, M011 and T052: the name resolver's own finding.
    Path {
        expr: ExprId,
        error: hir_def::resolver::PathError,
    },
    /// M004: found, but private.
    PrivateItem {
        site: Site,
        segment: u32,
        name: Name,
    },
    /// T001 when a type or module stands where a value must.
    NotAValue {
        expr: ExprId,
        name: Name,
    },
    /// T002: unknown variant, struct or constant in a pattern.
    UnresolvedPattern {
        pat: PatId,
        name: Name,
        nearest: Option<Name>,
    },
    /// T002, T006, … in a type written in the body.
    Type(LowerError),
    /// The same in the path of an expression.
    PathType {
        expr: ExprId,
        error: LowerError,
    },
    /// T001 "Binary operator".
    BinaryOp {
        expr: ExprId,
        op: BinaryOp,
        left: Ty,
        right: Ty,
        assign: bool,
    },
    /// T001 "Unary operator".
    UnaryOp {
        expr: ExprId,
        op: UnaryOp,
        operand: Ty,
    },
    /// T001 "try operator (!)".
    TryOperand {
        expr: ExprId,
        operand: Ty,
    },
    /// T047: `throw` of something that is no error.
    ThrowOperand {
        expr: ExprId,
        operand: Ty,
    },
    /// T050
    AwaitOutsideAsync {
        expr: ExprId,
    },
    /// T038: constructors that fit equally well.
    AmbiguousCtor {
        expr: ExprId,
        candidates: Box<[FuncId]>,
    },
    /// T004: no constructor takes such arguments.
    NoCtor {
        expr: ExprId,
        class: hir_def::ClassId,
    },
    /// T071.
    AbstractInstance {
        expr: ExprId,
        class: hir_def::ClassId,
    },
    /// T075.
    NoAccessor {
        expr: ExprId,
        name: Name,
        is_setter: bool,
    },
    /// T077: the base class wants arguments, or there is none.
    BaseCall {
        expr: ExprId,
        base: Option<hir_def::ClassId>,
    },
    /// T078.
    UnrelatedCast {
        expr: ExprId,
        from: Ty,
        to: Ty,
    },
    /// T003.
    CannotInfer {
        site: Site,
        ty: Ty,
    },
    /// T003: a constant without a type.
    MissingType,
    /// T004. `declared` is the callee, if it is known.
    ArgCount {
        expr: ExprId,
        expected: u32,
        at_least: u32,
        found: u32,
        declared: Option<FuncId>,
        variant: Option<VariantDef>,
    },
    /// T004: no parameter of this name, or given twice.
    NamedArg {
        expr: ExprId,
        index: u32,
        name: Name,
        duplicate: bool,
    },
    /// T005.
    CyclicType {
        site: Site,
    },
    /// T006.
    GenericArgCount {
        site: Site,
        def: GenericDef,
        expected: u32,
        found: u32,
    },
    /// T007: `Maybe` or `Outcome` used as its payload.
    PayloadExpected {
        expr: ExprId,
        expected: Ty,
        found: Ty,
    },
    /// T033: a member that an object's table does not hold.
    NotInObject {
        expr: ExprId,
        ty: Ty,
        func: FuncId,
    },
    /// T034: the results of a function with `impl B` differ.
    HiddenDiffers {
        site: Site,
        expected: Ty,
        found: Ty,
    },
    /// T090.
    Unsized {
        site: Site,
        ty: Ty,
    },
    /// T009.
    UnknownMethod {
        expr: ExprId,
        receiver: Ty,
        name: Name,
        nearest: Option<Name>,
        field: bool,
    },
    /// T009: `Type::name`.
    UnknownAssoc {
        site: Site,
        ty: Ty,
        name: Name,
        nearest: Option<Name>,
    },
    /// T010.
    UnknownField {
        expr: ExprId,
        base: Ty,
        name: Name,
        nearest: Option<Name>,
        method: bool,
    },
    /// T011.
    NotCallable {
        expr: ExprId,
        callee: ExprId,
        ty: Ty,
    },
    /// T012.
    InvalidCast {
        expr: ExprId,
        from: Ty,
        to: Ty,
    },
    /// T013. `local` is the binding, if the place starts at one.
    AssignImmutable {
        expr: ExprId,
        target: ExprId,
        local: Option<LocalId>,
    },
    /// P016-like, after names are known: the target is no place.
    AssignTarget {
        expr: ExprId,
        target: ExprId,
    },
    /// T015.
    PrivateField {
        expr: ExprId,
        field: FieldId,
    },
    PrivateMethod {
        expr: ExprId,
        func: FuncId,
    },
    /// T014, T016, T017, T023, T025, T056, by `why`.
    Mismatch {
        site: Site,
        expected: Ty,
        found: Ty,
        why: Expected,
    },
    /// T016: control falls off the end of a function with a result.
    MissingReturn {
        block: ExprId,
        expected: Ty,
    },
    /// T018.
    MissingFields {
        expr: ExprId,
        variant: VariantDef,
        missing: Box<[u32]>,
    },
    /// T019. `first` is the earlier mention, for a duplicate.
    FieldInLiteral {
        expr: ExprId,
        index: u32,
        variant: VariantDef,
        name: Name,
        first: Option<u32>,
        nearest: Option<Name>,
    },
    /// T019/T010 in a pattern.
    FieldInPattern {
        pat: PatId,
        index: u32,
        variant: VariantDef,
        name: Name,
        duplicate: bool,
        nearest: Option<Name>,
    },
    /// T020.
    UnionLiteral {
        expr: ExprId,
        found: u32,
    },
    /// T021: what is indexed, or what it is indexed with.
    NotIndexable {
        expr: ExprId,
        base: Ty,
    },
    IndexType {
        index: ExprId,
        ty: Ty,
    },
    /// T022: `break` with a value outside `loop {}`.
    BreakValue {
        expr: ExprId,
    },
    /// T024.
    DerefNonPointer {
        expr: ExprId,
        ty: Ty,
    },
    /// T026 (E030 for Copy and Duplicate).
    Bound {
        site: Site,
        ty: Ty,
        behavior: BehaviorId,
        args: crate::ty::GenericArgs,
        required_by: Option<GenericDef>,
    },
    /// T055: what a `where` clause equates differs.
    Unequal {
        site: Site,
        expected: Ty,
        found: Ty,
        required_by: Option<GenericDef>,
    },
    /// T026: an operation on a type parameter needs a bound.
    NeedsBound {
        expr: ExprId,
        param: Ty,
        behavior: Option<BehaviorId>,
        op: Option<BinaryOp>,
    },
    /// T089: a reference to a field that may be misaligned.
    PackedBorrow {
        expr: ExprId,
        field: FieldId,
    },
    /// T030.
    UnknownStruct {
        expr: ExprId,
        name: Name,
        nearest: Option<Name>,
    },
    /// T030: names something else.
    NotAStruct {
        expr: ExprId,
        name: Name,
    },
    /// T031.
    NoDisplay {
        expr: ExprId,
        ty: Ty,
        debug: bool,
    },
    /// T031: the format kind does not fit the type.
    BadFormat {
        expr: ExprId,
        ty: Ty,
    },
    /// T004: placeholders and arguments of a format string do not agree.
    FormatArgs {
        expr: ExprId,
        placeholders: u32,
        found: u32,
    },
    /// A format string that does not parse.
    FormatString {
        expr: ExprId,
        at: u32,
    },
    /// T037.
    AmbiguousMethod {
        expr: ExprId,
        name: Name,
        candidates: Box<[FuncId]>,
    },
    /// T041.
    LetElseFallsThrough {
        else_: ExprId,
    },
    /// T042, with witnesses in source syntax.
    NonExhaustive {
        expr: ExprId,
        scrutinee: ExprId,
        ty: Ty,
        missing: Box<[Name]>,
        more: bool,
    },
    /// T043.
    PatternFields {
        pat: PatId,
        variant: VariantDef,
        missing: Box<[u32]>,
    },
    /// T044.
    Refutable {
        pat: PatId,
        missing: Box<[Name]>,
        context: Irrefutable,
    },
    /// T065: an empty range, or ends that are no integers or Chars.
    PatternRange {
        pat: PatId,
        ty: Ty,
        empty: bool,
    },
    /// T004-like: a tuple or variant pattern with the wrong number of parts.
    PatternArity {
        pat: PatId,
        expected: u32,
        found: u32,
        variant: Option<VariantDef>,
    },
    /// T045: alternatives bind a name with different types.
    AlternativeType {
        pat: PatId,
        local: LocalId,
        first: Ty,
        second: Ty,
    },
    /// T046. `nothing` for `!` on a `Maybe` in a function that returns an `Outcome`.
    TryConvert {
        expr: ExprId,
        from: Ty,
        to: Ty,
        nothing: bool,
    },
    /// T052.
    ThisOutside {
        expr: ExprId,
    },
    /// L005.
    LiteralRange {
        expr: ExprId,
        ty: Ty,
        value: u128,
        negative: bool,
    },
    PatLiteralRange {
        pat: PatId,
        ty: Ty,
        value: u128,
        negative: bool,
    },
    /// T063/T060… inside an array length or discriminant in the body.
    Const {
        site: Site,
        error: crate::consteval::ConstError,
        constant: Option<ConstId>,
    },
    /// T064.
    ArrayLength {
        expr: ExprId,
    },
    /// B004: `mut ref` of an immutable binding.
    MutRefOfImmutable {
        expr: ExprId,
        local: LocalId,
    },
    /// W004.
    UnreachableArm {
        pat: PatId,
    },
    UnreachableCode {
        expr: ExprId,
    },
    /// W006.
    UnusedValue {
        expr: ExprId,
    },
    /// W012.
    UnusedMustUse {
        expr: ExprId,
        ty: Ty,
        func: Option<FuncId>,
        reason: Option<Name>,
    },
    /// W026.
    ImplicitMutBorrow {
        expr: ExprId,
    },
    /// W033.
    TryPanics {
        expr: ExprId,
    },
    /// W030: a low-level operation outside `lowlevel`.
    LowLevel {
        expr: ExprId,
    },
    /// W032: a mutable static that is no scalar.
    MutableStatic {
        expr: ExprId,
    },
    /// W025: `&x` where it means `ref x`.
    AddressOf {
        expr: ExprId,
    },
    /// An item of a type's members, used although it is something else.
    WrongAssocKind {
        site: Site,
        item: AssocItemId,
    },
    /// Accepted by the parser, not by this compiler yet. One for each place.
    Unsupported {
        site: Site,
        feature: &'static str,
    },
}

/// Where a pattern must match whatever comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Irrefutable {
    Let,
    For,
    Param,
}

impl InferDiagnostic {
    /// Whether it is an error, and not a warning.
    pub fn is_error(&self) -> bool {
        !matches!(
            self,
            InferDiagnostic::UnreachableArm { .. }
                | InferDiagnostic::UnreachableCode { .. }
                | InferDiagnostic::UnusedValue { .. }
                | InferDiagnostic::UnusedMustUse { .. }
                | InferDiagnostic::ImplicitMutBorrow { .. }
                | InferDiagnostic::TryPanics { .. }
                | InferDiagnostic::LowLevel { .. }
                | InferDiagnostic::MutableStatic { .. }
                | InferDiagnostic::AddressOf { .. }
        )
    }

    /// Gives `f` every type inside.
    pub(crate) fn each_ty(&mut self, f: &mut dyn FnMut(&mut Ty)) {
        use InferDiagnostic as D;
        match self {
            D::BinaryOp { left, right, .. } => {
                f(left);
                f(right);
            }
            D::UnaryOp { operand, .. }
            | D::TryOperand { operand, .. }
            | D::ThrowOperand { operand, .. } => f(operand),
            D::CannotInfer { ty, .. }
            | D::NotInObject { ty, .. }
            | D::Unsized { ty, .. }
            | D::UnknownAssoc { ty, .. }
            | D::NotCallable { ty, .. }
            | D::IndexType { ty, .. }
            | D::DerefNonPointer { ty, .. }
            | D::Bound { ty, .. }
            | D::NoDisplay { ty, .. }
            | D::BadFormat { ty, .. }
            | D::NonExhaustive { ty, .. }
            | D::PatternRange { ty, .. }
            | D::LiteralRange { ty, .. }
            | D::PatLiteralRange { ty, .. }
            | D::UnusedMustUse { ty, .. } => f(ty),
            D::PayloadExpected {
                expected, found, ..
            }
            | D::HiddenDiffers {
                expected, found, ..
            }
            | D::Unequal {
                expected, found, ..
            }
            | D::Mismatch {
                expected, found, ..
            } => {
                f(expected);
                f(found);
            }
            D::UnknownMethod { receiver, .. } => f(receiver),
            D::UnknownField { base, .. } | D::NotIndexable { base, .. } => f(base),
            D::InvalidCast { from, to, .. }
            | D::UnrelatedCast { from, to, .. }
            | D::TryConvert { from, to, .. } => {
                f(from);
                f(to);
            }
            D::MissingReturn { expected, .. } => f(expected),
            D::NeedsBound { param, .. } => f(param),
            D::AlternativeType { first, second, .. } => {
                f(first);
                f(second);
            }
            _ => {}
        }
    }
}

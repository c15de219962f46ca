//! What can be called.

use hir_def::FuncId;
use hir_ty::{ClosureKind, GenericArgs, Ty};

use super::Operand;

/// The target of a call, generic.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Callee {
    /// A function with arguments for all its parameters, those of its parent first. A member of
    /// a behavior (first argument: the implementing type) is resolved at instantiation, by
    /// `hir_ty::resolve_instance`.
    Func(FuncId, GenericArgs),
    /// This very function, even if objects may override it: constructors, `base.m()`.
    Exact(FuncId, GenericArgs),
    /// A value of `func` type.
    Value(Operand),
    /// A value of this type, called as the family `Fn` says: a closure, a function's own type,
    /// or a parameter with a bound. The first argument is the value itself, by reference unless
    /// it is called once; the others are the arguments one by one, or their tuple.
    Callable(ClosureKind, Ty),
    /// One step of a future of this type: `(mut ref F) -> Poll[F::Output]`. The context is that
    /// of the body around.
    Poll(Ty),
    /// A function of package `core` that the compiler itself needs; `mono` finds it by path.
    Lang(LangFunc),
    /// `eq(ref T, ref T) -> Bool`, member-wise (reference §5.6), and byte-wise for `Str`.
    /// `mono` generates it per type: members with `PartialEq` use that, others go on
    /// structurally.
    StructuralEq(Ty),
}

/// The functions of `core` that lowering calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LangFunc {
    /// `(msg: Str, file: Str, line: U32, col: U32) -> Never`
    PanicStr,
    /// `(file, line, col) -> Never`
    PanicDivZero,
    /// `(len: I64, index: I128, file, line, col) -> Never`
    PanicBounds,
    /// `(file, line, col) -> Never`
    PanicOverflow,
    /// `(wanted: Str, file, line, col) -> Never`
    PanicCast,
    /// `(field: Str, file, line, col) -> Never`
    PanicAccess,
    /// `(file, line, col) -> Never`
    PanicUnreachable,
    /// `(text: Str, file, line, col) -> Never`
    PanicContract,
    /// `(parts: ref [Str]) -> Str`
    Concat,
    /// `(a: *U8, b: *U8) -> I32`: negative, zero or positive, byte-wise. Takes the handles as
    /// they are, without counting.
    StrCmp,
    /// `(s: Str) -> Unit`
    PrintStr,
    /// `(s: Str) -> Unit`
    EprintStr,
    /// `(text: Str, fill: Char, align: I32, sign: Bool, alternate: Bool, zero: Bool, width: I64,
    /// precision: I64, kind: Char) -> Str`. Align: -1 left, 0 default, 1 center, 2 right; a
    /// width or precision that is not given is -1, a kind `'\0'`.
    FormatSpec,
    /// The same for the bits of an integer, `U128`, in place of the text; the kind is `x`, `X`,
    /// `b` or `o`.
    FormatBits,
    /// The same for an `F64` with a precision or of kind `e`.
    FormatFloat,
    /// `(s: Str) -> Text`
    Template,
}

impl LangFunc {
    pub const ALL: &[LangFunc] = &[
        LangFunc::PanicStr,
        LangFunc::PanicDivZero,
        LangFunc::PanicBounds,
        LangFunc::PanicOverflow,
        LangFunc::PanicCast,
        LangFunc::PanicAccess,
        LangFunc::PanicUnreachable,
        LangFunc::PanicContract,
        LangFunc::Concat,
        LangFunc::StrCmp,
        LangFunc::PrintStr,
        LangFunc::EprintStr,
        LangFunc::FormatSpec,
        LangFunc::FormatBits,
        LangFunc::FormatFloat,
        LangFunc::Template,
    ];

    /// Its path, from the package's name on.
    pub fn path(self) -> &'static [&'static str] {
        match self {
            LangFunc::PanicStr => &["core", "rt", "panic_str"],
            LangFunc::PanicDivZero => &["core", "rt", "panic_div_zero"],
            LangFunc::PanicBounds => &["core", "rt", "panic_bounds"],
            LangFunc::PanicOverflow => &["core", "rt", "panic_overflow"],
            LangFunc::PanicCast => &["core", "rt", "panic_cast"],
            LangFunc::PanicAccess => &["core", "rt", "panic_access"],
            LangFunc::PanicUnreachable => &["core", "rt", "panic_unreachable"],
            LangFunc::PanicContract => &["core", "rt", "panic_contract"],
            LangFunc::Concat => &["core", "rt", "concat"],
            LangFunc::StrCmp => &["core", "rt", "str_cmp"],
            LangFunc::PrintStr => &["core", "io", "print_str"],
            LangFunc::EprintStr => &["core", "io", "eprint_str"],
            LangFunc::FormatSpec => &["core", "fmt", "format_spec"],
            LangFunc::FormatBits => &["core", "fmt", "format_bits"],
            LangFunc::FormatFloat => &["core", "fmt", "format_float"],
            LangFunc::Template => &["core", "text", "from_template"],
        }
    }
}

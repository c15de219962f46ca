//! Expressions and statements.

use crate::body::{LocalId, PatId};
use crate::{BlockId, BuiltinType, Name, Path, TypeRefId};

stdx::define_index!(
    /// An expression of a body.
    pub struct ExprId, "expr"
);

/// An expression. Surface forms that mean the same are one form here: `?:` and `when { … }`
/// without scrutinee are [`Expr::If`], `loop (c)` is [`Expr::While`], `loop x in e` is
/// [`Expr::For`], and the counting `loop (var i: T < n)` is a block around a `while`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Expr {
    /// Broken or absent; already reported by the parser. Its type is the error type.
    Missing,
    /// Accepted by the parser and not supported yet; names the feature for the report.
    Unsupported(&'static str),
    Literal(Literal),
    /// `__FILE__` and its like.
    Pseudo(PseudoConst),
    Local(LocalId),
    /// Any other name. Resolved from the scope of [`crate::body::Body::expr_block`].
    Path(Path),
    /// `name[x]` where `name` is no local: type arguments if `path` (which has them) resolves
    /// to a type or function, else an index. `base` is the same path without arguments and
    /// `index` the bracket's content as an expression; visit them only in the second case.
    PathOrIndex {
        path: Path,
        base: ExprId,
        index: ExprId,
    },
    Block {
        stmts: Box<[Stmt]>,
        tail: Option<ExprId>,
        /// The scope of its local items, if it has any.
        block: Option<BlockId>,
        lowlevel: bool,
    },
    If {
        condition: ExprId,
        then: ExprId,
        else_: Option<ExprId>,
    },
    IfLet {
        pat: PatId,
        ty: Option<TypeRefId>,
        scrutinee: ExprId,
        then: ExprId,
        else_: Option<ExprId>,
    },
    When {
        scrutinee: ExprId,
        arms: Box<[WhenArm]>,
    },
    /// `loop {}`, `loop (true) {}`: may have a value through `break v`.
    Loop {
        body: ExprId,
    },
    While {
        condition: ExprId,
        body: ExprId,
    },
    For {
        pat: PatId,
        iterable: ExprId,
        body: ExprId,
    },
    Break {
        value: Option<ExprId>,
    },
    Continue,
    Return {
        value: Option<ExprId>,
    },
    Throw {
        value: ExprId,
    },
    Call {
        callee: ExprId,
        args: Box<[Arg]>,
    },
    /// `receiver.name[types](args)`. The receiver may be a path to a type: `List[I32].new(4)`.
    MethodCall {
        receiver: ExprId,
        name: Name,
        generic_args: Option<Box<crate::GenericArgs>>,
        args: Box<[Arg]>,
    },
    /// `base.name`, and `base.0` with the digits as name.
    Field {
        base: ExprId,
        name: Name,
    },
    Index {
        base: ExprId,
        index: ExprId,
    },
    Unary {
        op: UnaryOp,
        operand: ExprId,
    },
    Binary {
        op: BinaryOp,
        left: ExprId,
        right: ExprId,
    },
    /// `target = value`, or `target op= value`.
    Assign {
        op: Option<BinaryOp>,
        target: ExprId,
        value: ExprId,
    },
    Range {
        start: Option<ExprId>,
        end: Option<ExprId>,
        inclusive: bool,
    },
    Cast {
        operand: ExprId,
        ty: TypeRefId,
    },
    /// `ref p`, `mut ref p`; with `address_of` the older `&p`, which in low-level code makes a
    /// raw pointer.
    Ref {
        operand: ExprId,
        mutable: bool,
        address_of: bool,
    },
    Tuple(Box<[ExprId]>),
    Array(Box<[ExprId]>),
    Repeat {
        value: ExprId,
        count: ExprId,
    },
    StructLit {
        path: Path,
        fields: Box<[FieldInit]>,
        spread: Option<ExprId>,
    },
    /// `"n={n:>4}"`; `template` for backquotes, which make a `Text`.
    Interpolate {
        parts: Box<[InterpolPart]>,
        template: bool,
    },
    /// `operand!`, `operand! else …`.
    Try {
        operand: ExprId,
        recover: Option<Recover>,
    },
    /// `base` of `base.m(…)`: the object, whose base class's own method is meant.
    Base,
    /// How a constructor begins: the base call, if one is written, then the initialisers of the
    /// class's own fields.
    CtorStart {
        args: Option<Box<[Arg]>>,
    },
    /// `operand is T`
    Is {
        operand: ExprId,
        ty: TypeRefId,
    },
    /// `do(a, b: I32) -> T body`, `move do() body`, and with `is_async` the block
    /// `async { body }`, which is a closure without parameters that is driven by `poll`.
    Closure {
        /// The how-many-th closure of its body, in order of their beginnings.
        index: u32,
        params: Box<[ClosureParam]>,
        ret: Option<TypeRefId>,
        body: ExprId,
        is_move: bool,
        is_async: bool,
    },
    /// `catch { body } else do(err) { handler }`
    Catch {
        body: ExprId,
        binding: Option<PatId>,
        handler: ExprId,
    },
    /// `await e`, `e.await`
    Await {
        operand: ExprId,
    },
}

/// A parameter of a closure.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClosureParam {
    pub pat: PatId,
    pub ty: Option<TypeRefId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Stmt {
    Let {
        pat: PatId,
        ty: Option<TypeRefId>,
        init: Option<ExprId>,
        else_: Option<ExprId>,
        volatile: bool,
    },
    Expr {
        expr: ExprId,
        /// Whether a `;` follows, so that a tail would not be the value.
        has_semi: bool,
    },
    /// A local item; found through the block's scope.
    Item,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WhenArm {
    pub pat: PatId,
    pub guard: Option<ExprId>,
    pub body: ExprId,
}

/// An argument, named or not: `f(x, width: 3)`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Arg {
    pub name: Option<Name>,
    pub value: ExprId,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldInit {
    pub name: Name,
    pub value: ExprId,
}

/// `else do(err) body` after `!`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Recover {
    pub binding: Option<PatId>,
    pub body: ExprId,
}

/// A literal value. Numbers carry no sign; `-` is an operator.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Literal {
    Int {
        value: u128,
        suffix: Option<BuiltinType>,
    },
    /// Digits without underscores and suffix: parsed once its type is known.
    Float {
        text: Name,
        suffix: Option<BuiltinType>,
    },
    Bool(bool),
    Char(char),
    Str(Box<str>),
    /// `b"…"`
    Bytes(Box<[u8]>),
    Null,
    Unit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PseudoConst {
    File,
    DirName,
    /// The line of the expression itself; its number is in the line table, not here.
    Line,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    Neg,
    /// `not`
    Not,
    /// `~`
    BitNot,
    Deref,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    Pow,
    BitAnd,
    BitOr,
    BitXor,
    Shl,
    Shr,
    And,
    Or,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl BinaryOp {
    /// As the canonical source spells it.
    pub fn text(self) -> &'static str {
        match self {
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            BinaryOp::Mul => "*",
            BinaryOp::Div => "/",
            BinaryOp::Rem => "%",
            BinaryOp::Pow => "**",
            BinaryOp::BitAnd => "&",
            BinaryOp::BitOr => "|",
            BinaryOp::BitXor => "^",
            BinaryOp::Shl => "<<",
            BinaryOp::Shr => ">>",
            BinaryOp::And => "and",
            BinaryOp::Or => "or",
            BinaryOp::Eq => "==",
            BinaryOp::Ne => "!=",
            BinaryOp::Lt => "<",
            BinaryOp::Le => "<=",
            BinaryOp::Gt => ">",
            BinaryOp::Ge => ">=",
        }
    }

    pub fn is_comparison(self) -> bool {
        self >= BinaryOp::Eq
    }
}

/// A piece of an interpolated string.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum InterpolPart {
    Text(Box<str>),
    Expr {
        expr: ExprId,
        spec: Option<FormatSpec>,
    },
}

/// `[[fill] align] [sign] ['#'] ['0'] [width] ['.' precision] [kind]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct FormatSpec {
    pub fill: Option<char>,
    pub align: Option<FormatAlign>,
    pub plus: bool,
    pub alternate: bool,
    pub zero: bool,
    pub width: Option<u32>,
    pub precision: Option<u32>,
    pub kind: Option<FormatKind>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FormatAlign {
    Left,
    Right,
    Center,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FormatKind {
    Debug,
    LowerHex,
    UpperHex,
    Binary,
    Octal,
    Exp,
}

impl FormatSpec {
    /// Reads a spec; `None` if it is malformed.
    pub fn parse(text: &str) -> Option<FormatSpec> {
        let mut spec = FormatSpec::default();
        let mut rest: Vec<char> = text.chars().collect();
        let align_of = |c: Option<&char>| match c {
            Some('<') => Some(FormatAlign::Left),
            Some('>') => Some(FormatAlign::Right),
            Some('^') => Some(FormatAlign::Center),
            _ => None,
        };
        if let Some(align) = align_of(rest.get(1)) {
            spec.fill = rest.first().copied();
            spec.align = Some(align);
            rest.drain(..2);
        } else if let Some(align) = align_of(rest.first()) {
            spec.align = Some(align);
            rest.remove(0);
        }
        let mut rest = rest.into_iter().peekable();
        spec.plus = rest.next_if_eq(&'+').is_some();
        spec.alternate = rest.next_if_eq(&'#').is_some();
        spec.zero = rest.next_if_eq(&'0').is_some();
        spec.width = number(&mut rest)?;
        if rest.next_if_eq(&'.').is_some() {
            spec.precision = Some(number(&mut rest)??);
        }
        spec.kind = match rest.next() {
            None => None,
            Some('?') => Some(FormatKind::Debug),
            Some('x') => Some(FormatKind::LowerHex),
            Some('X') => Some(FormatKind::UpperHex),
            Some('b') => Some(FormatKind::Binary),
            Some('o') => Some(FormatKind::Octal),
            Some('e') => Some(FormatKind::Exp),
            Some(_) => return None,
        };
        rest.next().is_none().then_some(spec)
    }
}

/// Widths beyond this are refused as malformed; guessed, far above any page.
const FORMAT_NUMBER_MAX: u32 = 65_535;

/// `Some(None)` if there is no number, `None` if it is too large.
fn number(chars: &mut std::iter::Peekable<impl Iterator<Item = char>>) -> Option<Option<u32>> {
    let mut value: Option<u32> = None;
    while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
        chars.next();
        let next = value.unwrap_or(0) * 10 + digit;
        if next > FORMAT_NUMBER_MAX {
            return None;
        }
        value = Some(next);
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn format_specs_parse_as_the_grammar_says() {
        let spec = FormatSpec::parse("*^+#010.3x").unwrap();
        assert_eq!(spec.fill, Some('*'));
        assert_eq!(spec.align, Some(FormatAlign::Center));
        assert!(spec.plus && spec.alternate && spec.zero);
        assert_eq!((spec.width, spec.precision), (Some(10), Some(3)));
        assert_eq!(spec.kind, Some(FormatKind::LowerHex));
        assert_eq!(
            FormatSpec::parse("?").unwrap().kind,
            Some(FormatKind::Debug)
        );
        assert_eq!(FormatSpec::parse("").unwrap(), FormatSpec::default());
        assert_eq!(FormatSpec::parse("q"), None);
        assert_eq!(FormatSpec::parse("9999999999"), None);
        assert_eq!(FormatSpec::parse("."), None);
    }
}

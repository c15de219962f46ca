//! Kinds of operators, without their spelling.

use crate::SyntaxKind;

/// An infix operator other than assignment, `as`, `is` and ranges.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum BinaryOp {
    /// `or`, `||`
    Or,
    /// `and`, `&&`
    And,
    Cmp(CmpOp),
    Arith(ArithOp),
}

/// A comparison.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CmpOp {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// An operator that also has a compound assignment form.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ArithOp {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    /// `**`
    Pow,
    BitAnd,
    BitOr,
    /// `^`, `xor`
    BitXor,
    /// `<<`, `shl`
    Shl,
    /// `>>`, `shr`
    Shr,
}

/// A prefix operator other than borrows and `await`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum UnaryOp {
    /// `-`
    Neg,
    /// `not`, `!`
    Not,
    /// `~`
    BitNot,
    /// `*`
    Deref,
}

/// Which values a range has.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RangeOp {
    /// `to`: without its end.
    To,
    /// `through`: with its end.
    Through,
}

/// How a reference was written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RefMode {
    /// `ref`
    Ref,
    /// `mut ref`, `ref mut`
    MutRef,
}

impl BinaryOp {
    pub fn from_kind(kind: SyntaxKind) -> Option<BinaryOp> {
        use SyntaxKind::*;
        Some(match kind {
            OR_KW | PIPE2 => BinaryOp::Or,
            AND_KW | AMP2 => BinaryOp::And,
            EQ2 => BinaryOp::Cmp(CmpOp::Eq),
            NEQ => BinaryOp::Cmp(CmpOp::Ne),
            LT => BinaryOp::Cmp(CmpOp::Lt),
            LT_EQ => BinaryOp::Cmp(CmpOp::Le),
            GT => BinaryOp::Cmp(CmpOp::Gt),
            GT_EQ => BinaryOp::Cmp(CmpOp::Ge),
            PLUS => BinaryOp::Arith(ArithOp::Add),
            MINUS => BinaryOp::Arith(ArithOp::Sub),
            STAR => BinaryOp::Arith(ArithOp::Mul),
            SLASH => BinaryOp::Arith(ArithOp::Div),
            PERCENT => BinaryOp::Arith(ArithOp::Rem),
            STAR2 => BinaryOp::Arith(ArithOp::Pow),
            AMP => BinaryOp::Arith(ArithOp::BitAnd),
            PIPE => BinaryOp::Arith(ArithOp::BitOr),
            CARET | XOR_KW => BinaryOp::Arith(ArithOp::BitXor),
            SHL | SHL_KW => BinaryOp::Arith(ArithOp::Shl),
            SHR | SHR_KW => BinaryOp::Arith(ArithOp::Shr),
            _ => return None,
        })
    }
}

impl ArithOp {
    /// The operator inside a compound assignment token such as `+=`.
    pub fn from_assign_kind(kind: SyntaxKind) -> Option<ArithOp> {
        use SyntaxKind::*;
        Some(match kind {
            PLUS_EQ => ArithOp::Add,
            MINUS_EQ => ArithOp::Sub,
            STAR_EQ => ArithOp::Mul,
            SLASH_EQ => ArithOp::Div,
            PERCENT_EQ => ArithOp::Rem,
            STAR2_EQ => ArithOp::Pow,
            AMP_EQ => ArithOp::BitAnd,
            PIPE_EQ => ArithOp::BitOr,
            CARET_EQ => ArithOp::BitXor,
            SHL_EQ => ArithOp::Shl,
            SHR_EQ => ArithOp::Shr,
            _ => return None,
        })
    }
}

impl UnaryOp {
    pub fn from_kind(kind: SyntaxKind) -> Option<UnaryOp> {
        use SyntaxKind::*;
        Some(match kind {
            MINUS => UnaryOp::Neg,
            NOT_KW | BANG => UnaryOp::Not,
            TILDE => UnaryOp::BitNot,
            STAR => UnaryOp::Deref,
            _ => return None,
        })
    }
}

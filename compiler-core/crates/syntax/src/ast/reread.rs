//! `name[x]` read the other way.
//!
//! Without names a parser cannot tell an index from type arguments (reference
//! §2.6). It decides by form; where names say otherwise, lowering asks here for the
//! other reading of the same brackets.

use super::*;

/// An expression read as a type argument.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum TypeReading {
    /// `a::B`
    Path(Path),
    /// `List[I32]` that was parsed as an index: the path and its arguments.
    Apply(Path, Vec<TypeReading>),
    /// `ref T`, `mut ref T`
    Ref(RefMode, Box<TypeReading>),
    /// `*T`
    Ptr(Box<TypeReading>),
    /// `()`, `(A, B)`
    Tuple(Vec<TypeReading>),
    /// `[T]`
    Slice(Box<TypeReading>),
    /// `[T; n]`
    Array(Box<TypeReading>, Option<Expr>),
    /// A literal or a block: a constant argument.
    Const(Expr),
}

impl TypeReading {
    /// Reads an expression as a type, if it has the form of one.
    pub fn of(expr: &Expr) -> Option<TypeReading> {
        Some(match expr {
            Expr::Path(it) => TypeReading::Path(it.path()?),
            Expr::Index(it) => {
                let Expr::Path(base) = it.base()? else {
                    return None;
                };
                TypeReading::Apply(base.path()?, it.as_type_args()?)
            }
            Expr::Ref(it) if !it.is_amp() => {
                TypeReading::Ref(it.mode(), Box::new(TypeReading::of(&it.expr()?)?))
            }
            Expr::Prefix(it) => match (it.op()?, it.expr()?) {
                (UnaryOp::Deref, inner) => TypeReading::Ptr(Box::new(TypeReading::of(&inner)?)),
                (UnaryOp::Neg, Expr::Literal(_)) => TypeReading::Const(expr.clone()),
                _ => return None,
            },
            Expr::Tuple(it) => TypeReading::Tuple(
                it.elems()
                    .map(|it| TypeReading::of(&it))
                    .collect::<Option<_>>()?,
            ),
            Expr::Paren(it) => TypeReading::of(&it.expr()?)?,
            Expr::Array(it) => {
                let mut elems = it.elems();
                let elem = TypeReading::of(&elems.next()?)?;
                if elems.next().is_some() {
                    return None;
                }
                TypeReading::Slice(Box::new(elem))
            }
            Expr::Repeat(it) => {
                TypeReading::Array(Box::new(TypeReading::of(&it.value()?)?), it.len())
            }
            Expr::Literal(_) | Expr::Block(_) => TypeReading::Const(expr.clone()),
            _ => return None,
        })
    }
}

impl IndexExpr {
    /// The brackets read as type arguments of `base`; `None` if they cannot be.
    pub fn as_type_args(&self) -> Option<Vec<TypeReading>> {
        if !matches!(self.base()?, Expr::Path(_) | Expr::Field(_)) {
            return None;
        }
        self.args().map(|it| TypeReading::of(&it)).collect()
    }
}

/// Type arguments read as the one index of an index expression.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum IndexReading {
    /// `table[0](x)`, `table[{ i + 1 }](x)`
    Expr(Expr),
    /// `table[I](x)`
    Path(Path),
}

impl TypeArgList {
    /// The brackets read as an index; `None` if they can be type arguments only.
    pub fn as_index(&self) -> Option<IndexReading> {
        let mut args = self.args();
        let arg = args.next()?;
        if args.next().is_some() {
            return None;
        }
        match arg.kind()? {
            TypeArgKind::Const(expr) => Some(IndexReading::Expr(expr)),
            TypeArgKind::Type(Type::Path(ty)) => ty.path().map(IndexReading::Path),
            _ => None,
        }
    }
}

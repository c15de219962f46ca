//! Patterns and the locals they bind.

use crate::body::Literal;
use crate::{Name, Path};

stdx::define_index!(
    /// A pattern of a body.
    pub struct PatId, "pat"
);
stdx::define_index!(
    /// A local variable of a body. Alternatives of an or-pattern share theirs.
    pub struct LocalId, "local"
);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Local {
    pub name: Name,
    /// `let mut`, `var`, `mut name`
    pub mutable: bool,
    pub mode: BindMode,
    pub kind: LocalKind,
    /// The first pattern that binds it; `None` for `this`.
    pub pat: Option<PatId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BindMode {
    /// A plain name: by value, or as default binding modes say.
    Value,
    /// `ref x`
    Ref,
    /// `mut ref x`
    MutRef,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LocalKind {
    /// `this`
    Receiver,
    Param,
    /// `let` and `var`
    Let,
    /// Arms, `for`, `if let`, recover bindings.
    Pattern,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Pat {
    Missing,
    Unsupported(&'static str),
    Wild,
    /// `x`, `x @ sub`
    Bind {
        local: LocalId,
        sub: Option<PatId>,
    },
    Literal(PatLiteral),
    /// A name with an upper-case letter, or a longer path: a unit variant or constant.
    Path(Path),
    Range {
        start: Option<PatRangeEnd>,
        end: Option<PatRangeEnd>,
        inclusive: bool,
    },
    /// `rest` is where a `..` stood among the elements.
    Tuple {
        pats: Box<[PatId]>,
        rest: Option<u32>,
    },
    /// `[a, ..rest, b]`
    Slice {
        prefix: Box<[PatId]>,
        /// `..` without a name is `Pat::Wild`.
        rest: Option<PatId>,
        suffix: Box<[PatId]>,
    },
    /// `V(p, q)`
    TupleStruct {
        path: Path,
        pats: Box<[PatId]>,
        rest: Option<u32>,
    },
    /// `S { f, g: p, .. }`
    Record {
        path: Path,
        fields: Box<[(Name, PatId)]>,
        has_rest: bool,
    },
    Or(Box<[PatId]>),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PatLiteral {
    /// Whether a `-` stands before the number.
    pub negative: bool,
    pub value: Literal,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PatRangeEnd {
    Literal(PatLiteral),
    Path(Path),
}

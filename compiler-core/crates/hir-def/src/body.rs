//! Bodies: expressions, patterns and locals without positions.
//!
//! Locals are resolved here; every other name stays a [`Path`](crate::Path) for `hir-ty`.
//! Three twin queries share one lowering: [`body`] (BARRIER 4), [`body_with_source_map`]
//! (positions, for tools) and [`body_lines`] (lines, for code generation).

pub mod children;
pub mod expr;
mod lines;
mod lower;
pub mod pat;
pub mod pretty;
pub mod source_map;

pub use expr::{
    Arg, BinaryOp, ClosureParam, Expr, ExprId, FieldInit, FormatAlign, FormatKind, FormatSpec,
    InterpolPart, Literal, PseudoConst, Recover, Stmt, UnaryOp, WhenArm,
};
pub use pat::{BindMode, Local, LocalId, LocalKind, Pat, PatId, PatLiteral, PatRangeEnd};
pub use source_map::{BodyLines, BodySourceMap, RelLineCol};

use base::Db;
use stdx::DenseMap;

use crate::signatures::lower::Tree;
use crate::{BlockId, BodyOwner, Name, TypeRefId, TypeStore};

/// The lowered body of a function, constant or static.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Body {
    pub exprs: DenseMap<ExprId, Expr>,
    pub pats: DenseMap<PatId, Pat>,
    pub locals: DenseMap<LocalId, Local>,
    /// Types written inside the body.
    pub types: TypeStore,
    /// Parameters after the receiver, in order.
    pub params: Box<[BodyParam]>,
    /// The local `this` of a method.
    pub receiver: Option<LocalId>,
    /// What must hold around the body.
    pub contracts: Contracts,
    /// [`Expr::Missing`] for a function without a body.
    pub root: ExprId,
    /// Closures and `async` blocks, by index.
    pub closures: Box<[ClosureSpan]>,
    /// Expressions, patterns and types inside a block that declares items, with the innermost
    /// such block. Sorted; nearly always empty. Read through the `*_block` methods.
    pub expr_blocks: Box<[(ExprId, BlockId)]>,
    pub pat_blocks: Box<[(PatId, BlockId)]>,
    pub type_blocks: Box<[(TypeRefId, BlockId)]>,
    /// The last conditions of `when { c => … }` without a catch-all: each an `if` without `else`.
    pub open_whens: Box<[ExprId]>,
    pub diagnostics: Box<[BodyDiagnostic]>,
}

/// A closure as a part of the body it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClosureSpan {
    pub expr: ExprId,
    /// The locals that it declares, with those of closures inside: from the first to before the
    /// second. It captures all others that it names.
    pub locals: (LocalId, LocalId),
}

impl ClosureSpan {
    pub fn declares(&self, local: LocalId) -> bool {
        (self.locals.0..self.locals.1).contains(&local)
    }
}

/// Conditions with what to say when they do not hold: none outside of debug.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Contracts {
    pub before: Box<[(ExprId, Name)]>,
    pub after: Box<[(ExprId, Name)]>,
    /// The local that stands for the value returned.
    pub result: Option<LocalId>,
}

/// A parameter as its body sees it; its type is in the signature.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BodyParam {
    pub pat: PatId,
    /// Evaluated by the callee's side when the argument is omitted.
    pub default: Option<ExprId>,
}

impl Body {
    /// The innermost block with items around an expression: the scope its paths start from.
    pub fn expr_block(&self, expr: ExprId) -> Option<BlockId> {
        lookup(&self.expr_blocks, expr)
    }

    pub fn pat_block(&self, pat: PatId) -> Option<BlockId> {
        lookup(&self.pat_blocks, pat)
    }

    pub fn type_block(&self, ty: TypeRefId) -> Option<BlockId> {
        lookup(&self.type_blocks, ty)
    }
}

fn lookup<K: Ord + Copy>(table: &[(K, BlockId)], key: K) -> Option<BlockId> {
    let index = table.binary_search_by_key(&key, |(k, _)| *k).ok()?;
    Some(table[index].1)
}

impl std::ops::Index<ExprId> for Body {
    type Output = Expr;
    fn index(&self, id: ExprId) -> &Expr {
        self.exprs.get(id).unwrap_or(&Expr::Missing)
    }
}

impl std::ops::Index<PatId> for Body {
    type Output = Pat;
    fn index(&self, id: PatId) -> &Pat {
        self.pats.get(id).unwrap_or(&Pat::Missing)
    }
}

impl std::ops::Index<LocalId> for Body {
    type Output = Local;
    fn index(&self, id: LocalId) -> &Local {
        &self.locals[id]
    }
}

/// What is wrong with a body before types are known. Positions come from the source map.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BodyDiagnostic {
    /// T008: a name declared twice in one block.
    DuplicateLocal { first: LocalId, second: LocalId },
    /// T008: two parameters of one name.
    DuplicateParam { first: LocalId, second: LocalId },
    /// T022: `break` or `continue` outside a loop.
    OutsideLoop { expr: ExprId, is_break: bool },
    /// An or-pattern whose alternatives bind different names.
    UnevenAlternatives { pat: PatId, name: Name },
    /// L003, L005 and their like in a literal that the lexer let through.
    BadLiteral { expr: ExprId },
    /// A format spec in an interpolation that does not parse.
    BadFormatSpec { expr: ExprId, text: Name },
    /// Deeper than [`DEPTH_MAX`]: the rest is missing.
    TooDeep { expr: ExprId },
}

/// How deep expressions, patterns and types may nest; guessed, and well within the stack of a
/// worker thread.
pub const DEPTH_MAX: u32 = 256;

/// BARRIER 4: the body of a function, constant or static, without positions.
///
/// Keyed by owner; read by inference and MIR. Re-runs when the owner's own text changes; equal
/// if only white space or comments did. Initialisers and defaults, which types and other files
/// may depend on, are read from the file's outline.
#[salsa::tracked]
pub fn body(db: &dyn Db, owner: BodyOwner) -> Body {
    match owner {
        BodyOwner::Func(_) => body_with_source_map(db, owner).0.clone(),
        BodyOwner::Const(_) | BodyOwner::Static(_) | BodyOwner::AnonConst(_) => {
            lower::lower_body(db, owner, Tree::Outline).0
        }
    }
}

/// The twin with item-relative positions, for tools and diagnostics. Changes with every edit of
/// the item; may be evicted.
#[salsa::tracked(lru = 512)]
pub fn body_with_source_map(db: &dyn Db, owner: BodyOwner) -> (Body, BodySourceMap) {
    lower::lower_body(db, owner, Tree::Full)
}

/// Lines of a body, for debug information and panic messages.
///
/// Keyed by owner; read by code generation instead of the source map. Re-runs with the owner's
/// text; equal when the item moved as a whole, or when text changed behind all expressions of
/// its line.
#[salsa::tracked]
pub fn body_lines(db: &dyn Db, owner: BodyOwner) -> BodyLines {
    lines::body_lines(db, owner)
}

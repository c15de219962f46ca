//! Patterns.

use super::*;
use crate::SyntaxKind::*;

ast_enum! {
    Pat {
        Wildcard(WildcardPat),
        Ident(IdentPat),
        Mode(ModePat),
        Literal(LiteralPat),
        Range(RangePat),
        Tuple(TuplePat),
        Paren(ParenPat),
        Slice(SlicePat),
        Rest(RestPat),
        Path(PathPat),
        TupleStruct(TupleStructPat),
        Struct(StructPat),
        Or(OrPat),
    }
}

ast_node! {
    /// `_`
    WildcardPat = WILDCARD_PAT [] {}
}

ast_node! {
    /// `x`, `mut x`, `ref x`, `x @ p`: a name that does not start with an upper-case letter,
    /// or any name before `@`.
    IdentPat = IDENT_PAT [HasName] {
        token mut_token: MUT_KW;
        token ref_token: REF_KW;
        /// The pattern after `@`.
        child pat: Pat;
    }
}

/// What `mut` and `ref` before a pattern ask for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum BindingMode {
    Move,
    /// `mut x`
    MutMove,
    /// `ref x`
    Ref,
    /// `mut ref x`, `ref mut x`
    MutRef,
}

fn binding_mode(is_mut: bool, is_ref: bool) -> BindingMode {
    match (is_mut, is_ref) {
        (false, false) => BindingMode::Move,
        (true, false) => BindingMode::MutMove,
        (false, true) => BindingMode::Ref,
        (true, true) => BindingMode::MutRef,
    }
}

impl IdentPat {
    pub fn mode(&self) -> BindingMode {
        binding_mode(self.mut_token().is_some(), self.ref_token().is_some())
    }
}

ast_node! {
    /// `ref (a, b)`, `mut P { x }`: a mode before a pattern that is not one name.
    ModePat = MODE_PAT [] {
        token mut_token: MUT_KW;
        token ref_token: REF_KW;
        child pat: Pat;
    }
}

impl ModePat {
    pub fn mode(&self) -> BindingMode {
        binding_mode(self.mut_token().is_some(), self.ref_token().is_some())
    }
}

ast_node! {
    /// `1`, `-1`, `"text"`, `'c'`, `true`, `null`
    LiteralPat = LITERAL_PAT [] {
        child literal: Literal;
        token minus_token: MINUS;
    }
}

impl LiteralPat {
    pub fn is_negative(&self) -> bool {
        self.minus_token().is_some()
    }
}

ast_node! {
    /// `a to b`, `a through b`: both ends are literals or paths.
    RangePat = RANGE_PAT [] {}
}

impl RangePat {
    pub fn op(&self) -> Option<RangeOp> {
        if token(self.syntax(), TO_KW).is_some() {
            Some(RangeOp::To)
        } else {
            token(self.syntax(), THROUGH_KW).map(|_| RangeOp::Through)
        }
    }

    fn op_kind(&self) -> crate::SyntaxKind {
        if token(self.syntax(), TO_KW).is_some() {
            TO_KW
        } else {
            THROUGH_KW
        }
    }

    /// A literal or path pattern.
    pub fn start(&self) -> Option<Pat> {
        child_before(self.syntax(), self.op_kind())
    }

    /// A literal or path pattern.
    pub fn end(&self) -> Option<Pat> {
        child_after(self.syntax(), self.op_kind())
    }
}

ast_node! {
    /// `()`, `(p,)`, `(p, q)`
    TuplePat = TUPLE_PAT [] {
        children pats: Pat;
    }
}

ast_node! {
    /// `(p)`
    ParenPat = PAREN_PAT [] {
        child pat: Pat;
    }
}

ast_node! {
    /// `[p, q, ..rest]`
    SlicePat = SLICE_PAT [] {
        children pats: Pat;
    }
}

ast_node! {
    /// `..`, `..rest` in a slice pattern.
    RestPat = REST_PAT [HasName] {}
}

ast_node! {
    /// `V`, `E::V`, `CONST`, `a::b`
    PathPat = PATH_PAT [] {
        child path: Path;
    }
}

ast_node! {
    /// `V(p, q)`
    TupleStructPat = TUPLE_STRUCT_PAT [] {
        child path: Path;
        children pats: Pat;
    }
}

ast_node! {
    /// `S { f, g: p, .. }`
    StructPat = STRUCT_PAT [] {
        child path: Path;
        children fields: StructPatField;
        /// `..`
        token rest_token: DOT2;
    }
}

ast_node! {
    /// `f`, `f: p`; shorthand `mut f` and `ref f` are accepted as their name.
    StructPatField = STRUCT_PAT_FIELD [] {
        child name_ref: NameRef;
        /// `None` for the shorthand `f`.
        child pat: Pat;
        token mut_token: MUT_KW;
        token ref_token: REF_KW;
    }
}

impl StructPatField {
    /// The mode of the shorthand form.
    pub fn mode(&self) -> BindingMode {
        binding_mode(self.mut_token().is_some(), self.ref_token().is_some())
    }
}

ast_node! {
    /// `p | q`, `p, q` or `p or q` in an arm.
    OrPat = OR_PAT [] {
        children pats: Pat;
    }
}

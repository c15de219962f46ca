//! Whether a space stands between two tokens on one line.

use syntax::SyntaxKind::{self, *};

/// A token and the node it is directly in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) kind: SyntaxKind,
    pub(crate) parent: SyntaxKind,
}

pub(crate) fn space(prev: Place, next: Place) -> bool {
    match (next.kind, next.parent) {
        // `1 .0` is a field, `1.0` a number.
        (DOT, FIELD_EXPR) if prev.parent == LITERAL => true,
        (COMMA | SEMICOLON | R_PAREN | R_BRACK | DOT | COLON2, _) => false,
        (FORMAT_SPEC | STRING_MIDDLE | STRING_END, _) => false,
        (R_CURLY, _) => prev.kind != L_CURLY,
        (COLON, TERNARY_EXPR) => true,
        (COLON, BASE_CALL) => prev.kind != BASE_KW,
        (COLON, _) => false,
        (QUESTION, MAYBE_TYPE) | (BANG, TRY_EXPR) => false,
        (
            L_PAREN,
            ARG_LIST | PARAM_LIST | DECO_ARG_LIST | TUPLE_FIELD_LIST | TUPLE_STRUCT_PAT
            | VISIBILITY | ACCESSOR | RECOVER | CATCH_EXPR | CTOR,
        ) => false,
        (L_PAREN, FUNC_TYPE) if matches!(prev.kind, FUNC_KW | R_BRACK) => false,
        (L_BRACK, TYPE_ARG_LIST | GENERIC_PARAM_LIST | INDEX_EXPR | FUNC_TYPE) => false,
        // A lifetime; a slice has a node of its own.
        (L_BRACK, REF_TYPE) => false,
        _ => space_after(prev, next),
    }
}

fn space_after(prev: Place, next: Place) -> bool {
    match (prev.kind, prev.parent) {
        (AT, IDENT_PAT) => true,
        // `..=` is another token.
        (DOT2, _) if next.kind == EQ => true,
        (L_PAREN | L_BRACK | DOT | COLON2 | AT | TILDE | DOT2 | DOT3, _) => false,
        (STRING_START | STRING_MIDDLE, _) => false,
        (L_CURLY, _) => next.kind != R_CURLY,
        (MINUS, PREFIX_EXPR | LITERAL_PAT) => false,
        (STAR, PREFIX_EXPR | PTR_TYPE) => false,
        (AMP, REF_EXPR) => false,
        (QUESTION, BOUND) => false,
        _ => true,
    }
}

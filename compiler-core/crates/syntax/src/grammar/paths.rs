//! Paths and type arguments.

use super::*;
use crate::parser::Completed;

/// Whether a path can begin here.
pub(super) fn at_path_start(p: &Parser<'_>) -> bool {
    match p.current() {
        IDENT | CRATE_KW | SUPER_KW | THIS_TYPE_KW => true,
        THIS_KW => p.nth(1) == COLON2,
        _ => false,
    }
}

/// The word of a segment. `is_start` is false behind a name, where any word is one.
fn segment_word(p: &mut Parser<'_>, is_start: bool) {
    match p.current() {
        CRATE_KW | SUPER_KW | THIS_KW | THIS_TYPE_KW if is_start => p.bump(),
        _ => p.bump_as(IDENT),
    }
}

/// A path in a type: brackets after a segment are type arguments.
pub(super) fn type_path(p: &mut Parser<'_>) -> Completed {
    path(p, |p| {
        if p.at_same_line(L_BRACK) {
            type_arg_list(p);
        }
    })
}

/// A path without type arguments: in decorators, effects, visibility.
pub(super) fn plain_path(p: &mut Parser<'_>) -> Completed {
    path(p, |_| {})
}

fn path(p: &mut Parser<'_>, type_args: fn(&mut Parser<'_>)) -> Completed {
    let marker = p.start();
    let mut is_start = true;
    loop {
        let segment = p.start();
        let stays_start = p.at(SUPER_KW) || p.at(CRATE_KW) || p.at(THIS_KW);
        segment_word(p, is_start);
        is_start = is_start && stays_start && p.at(COLON2) && p.nth(1) == SUPER_KW;
        type_args(p);
        p.complete(segment, PATH_SEGMENT);
        if !p.at_same_line(COLON2) {
            break;
        }
        if !p.nth(1).is_word() {
            if matches!(p.nth(1), STAR | L_CURLY) {
                break;
            }
            p.bump();
            p.expected("a name after `::`");
            break;
        }
        p.bump();
    }
    p.complete(marker, PATH)
}

/// A path in a `use` tree: any word is a name, and `::*` and `::{` are left alone.
pub(super) fn use_path(p: &mut Parser<'_>) -> Completed {
    plain_path(p)
}

/// A path in an expression. Decides which brackets are type arguments; see the
/// disambiguation rules of §2.6.
pub(super) fn expr_path(p: &mut Parser<'_>) -> Completed {
    path(p, |p| {
        if p.at_same_line(L_BRACK) {
            opt_expr_type_args(p, false);
        }
    })
}

/// Parses brackets after a path segment or a method name as type arguments, if they read as such.
pub(super) fn opt_expr_type_args(p: &mut Parser<'_>, is_method: bool) -> bool {
    // The common forms, `a[i]` and `List[I32]`, without a trial.
    let word = prev_word(p);
    if p.nth(2) == R_BRACK {
        match p.nth(1) {
            IDENT | INT_NUMBER => {
                let is_lower_name = p.nth(1) == IDENT && !is_upper(p.nth_text(1));
                if !are_type_args(p, word, is_method, is_lower_name, 3) {
                    return false;
                }
                type_arg_list(p);
                return true;
            }
            _ => {}
        }
    }
    if !types::at_type_arg_start(p) || !p.may_speculate() {
        return false;
    }
    let snapshot = p.snapshot();
    let is_closed = p.speculate(|p| {
        type_arg_list(p);
        p.prev_kind() == R_BRACK
    });
    if is_closed && !p.has_failed_since(&snapshot) && are_type_args(p, word, is_method, false, 0) {
        return true;
    }
    p.restore(&snapshot);
    false
}

/// The form of the word before the brackets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Lower,
    /// `List`, `T`
    Pascal,
    /// `LIMITS`: a constant, almost always.
    Screaming,
}

fn prev_word(p: &Parser<'_>) -> Word {
    let text = p.prev_text();
    if !is_upper(text) {
        Word::Lower
    } else if text.len() == 1 || text.contains(|c: char| c.is_ascii_lowercase()) {
        Word::Pascal
    } else {
        Word::Screaming
    }
}

/// Decides about brackets that read as a type list, by the word before them and the
/// token `n` places ahead, which is the one behind them.
fn are_type_args(
    p: &Parser<'_>,
    word: Word,
    is_method: bool,
    is_lower_name: bool,
    n: usize,
) -> bool {
    let is_same_line = p.ignores_newlines || !p.raw_newline(n);
    let next = if is_same_line { p.nth(n) } else { EOF };
    if is_method {
        return next == L_PAREN && !is_lower_name;
    }
    match (word, next) {
        (_, COLON2) => true,
        (Word::Pascal, _) => true,
        (_, _) if is_lower_name => false,
        (Word::Lower, L_PAREN) => true,
        (Word::Screaming, L_CURLY) => !p.is_head,
        _ => false,
    }
}

/// TypeArgs = '[' (TypeArg (',' TypeArg)* ','?)? ']'
pub(super) fn type_arg_list(p: &mut Parser<'_>) {
    let marker = p.start();
    bracketed_list(p, R_BRACK, "a type argument", type_arg);
    p.complete(marker, TYPE_ARG_LIST);
}

/// TypeArg = Type | IDENT '=' Type | INT | '{' Expr '}' | 'life' IDENT
fn type_arg(p: &mut Parser<'_>) -> bool {
    if !types::is_type_arg_start(p, 0) {
        return false;
    }
    let marker = p.start();
    if p.at_word("life") && p.nth(1).is_word() {
        types::lifetime_ref(p);
    } else if p.at(IDENT) && p.nth(1) == EQ {
        bump_name_ref(p);
        p.bump();
        types::type_(p);
    } else if p.at(L_CURLY) {
        statements::block(p);
    } else if p.at(MINUS) {
        expressions::prefix_literal(p);
    } else if p.current().is_literal() {
        atoms::literal(p);
    } else {
        types::type_(p);
    }
    p.complete(marker, TYPE_ARG);
    true
}

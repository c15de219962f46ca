//! Types, generic parameters, bounds (reference §2.2, §2.8).

use super::*;
use crate::parser::Completed;

/// Whether a type can begin at the `n`-th token.
pub(super) fn is_type_start(p: &Parser<'_>, n: usize) -> bool {
    matches!(
        p.nth(n),
        IDENT
            | CRATE_KW
            | SUPER_KW
            | THIS_TYPE_KW
            | REF_KW
            | MUT_KW
            | STAR
            | STAR2
            | FUNC_KW
            | DYN_KW
            | IMPL_KW
            | L_BRACK
            | L_PAREN
            | BANG
            | UNDERSCORE
    ) || (p.nth(n) == THIS_KW && p.nth(n + 1) == COLON2)
}

pub(super) fn is_type_arg_start(p: &Parser<'_>, n: usize) -> bool {
    is_type_start(p, n) || p.nth(n).is_literal() || matches!(p.nth(n), L_CURLY | MINUS)
}

/// Whether `[` is followed by what can be a type argument.
pub(super) fn at_type_arg_start(p: &Parser<'_>) -> bool {
    is_type_arg_start(p, 1)
}

/// A type; P007 if there is none.
pub(super) fn type_(p: &mut Parser<'_>) -> Option<Completed> {
    if !is_type_start(p, 0) {
        let message = format!("Expected a type, found {}", p.found());
        p.error("P007", message);
        return None;
    }
    p.nested(|p| type_inner(p, true))
}

/// A type behind `as` or `is`, where a `?` may begin a ternary.
pub(super) fn cast_type(p: &mut Parser<'_>) -> Option<Completed> {
    if !is_type_start(p, 0) {
        return type_(p);
    }
    p.nested(|p| type_inner(p, false))
}

fn type_inner(p: &mut Parser<'_>, takes_question: bool) -> Option<Completed> {
    let marker = p.start();
    match p.current() {
        REF_KW | MUT_KW => return reference_or_pointer(p),
        STAR2 => {
            p.split_bump(STAR, STAR);
            type_(p);
            return Some(p.complete(marker, PTR_TYPE));
        }
        STAR => {
            p.bump();
            if !p.eat(MUT_KW) {
                p.eat(CONST_KW);
            }
            type_(p);
            return Some(p.complete(marker, PTR_TYPE));
        }
        IDENT if at_ptr(p) => {
            p.bump_as(PTR_KW);
            type_(p);
            return Some(p.complete(marker, PTR_TYPE));
        }
        FUNC_KW => {
            p.bump();
            if p.at(L_BRACK) {
                bracketed_lifetime(p);
            }
            if p.at(L_PAREN) {
                bracketed_list(p, R_PAREN, "a parameter type", func_type_param);
            } else {
                p.expect(L_PAREN);
            }
            opt_ret_type(p);
            return Some(p.complete(marker, FUNC_TYPE));
        }
        DYN_KW | IMPL_KW => {
            let kind = if p.at(DYN_KW) { DYN_TYPE } else { IMPL_TYPE };
            p.bump();
            bound_list(p);
            return Some(p.complete(marker, kind));
        }
        _ => {}
    }
    let mut completed = match p.current() {
        L_BRACK => slice_or_array(p),
        L_PAREN => parenthesized(p)?,
        BANG => {
            p.bump();
            p.complete(marker, NEVER_TYPE)
        }
        UNDERSCORE => {
            p.bump();
            p.complete(marker, INFER_TYPE)
        }
        _ => {
            paths::type_path(p);
            if p.at_same_line(LT) && takes_question && !p.raw_newline(0) {
                angle_generics(p);
            }
            p.complete(marker, PATH_TYPE)
        }
    };
    while p.at_same_line(QUESTION) && (takes_question || !expressions::is_expr_start(p, 1)) {
        if completed.height > crate::parser::CHAIN_HEIGHT_MAX {
            p.too_deep();
            break;
        }
        let marker = p.precede(completed);
        p.bump();
        completed = p.complete(marker, MAYBE_TYPE);
    }
    Some(completed)
}

/// `ptr` before a type.
fn at_ptr(p: &Parser<'_>) -> bool {
    p.at_word("ptr")
        && !p.raw_newline(1)
        && is_type_start(p, 1)
        && !matches!(p.nth(1), L_BRACK | L_PAREN | BANG | STAR | STAR2)
}

/// `ref T`, `ref[a] T`, `ref mut T`, `mut ref T`, `mut ptr T`
fn reference_or_pointer(p: &mut Parser<'_>) -> Option<Completed> {
    let marker = p.start();
    p.eat(MUT_KW);
    if at_ptr(p) {
        p.bump_as(PTR_KW);
        type_(p);
        return Some(p.complete(marker, PTR_TYPE));
    }
    if p.expect(REF_KW) {
        let is_lifetime = p.at(L_BRACK)
            && p.nth(1).is_word()
            && p.nth(2) == R_BRACK
            && !p.raw_newline(3)
            && is_type_start(p, 3);
        if is_lifetime {
            bracketed_lifetime(p);
        }
        p.eat(MUT_KW);
    }
    type_(p);
    Some(p.complete(marker, REF_TYPE))
}

/// `[a]`
fn bracketed_lifetime(p: &mut Parser<'_>) {
    let opener = p.open_bracket();
    if p.current().is_word() {
        let marker = p.start();
        p.bump_as(IDENT);
        p.complete(marker, LIFETIME_REF);
    } else {
        p.expected("a lifetime");
    }
    p.close_bracket(R_BRACK, opener);
}

/// `life a`
pub(super) fn lifetime_ref(p: &mut Parser<'_>) {
    let marker = p.start();
    p.bump_as(LIFE_KW);
    p.bump_as(IDENT);
    p.complete(marker, LIFETIME_REF);
}

/// (IDENT ':')? Type
fn func_type_param(p: &mut Parser<'_>) -> bool {
    let has_name = p.current().is_word() && p.nth(1) == COLON;
    if !has_name && !is_type_start(p, 0) {
        return false;
    }
    let marker = p.start();
    if has_name {
        bump_name(p);
        p.bump();
    }
    type_(p);
    p.complete(marker, FUNC_TYPE_PARAM);
    true
}

/// '[' Type (';' Expr)? ']'
fn slice_or_array(p: &mut Parser<'_>) -> Completed {
    let marker = p.start();
    let opener = p.open_bracket();
    let kind = p.with_modes(true, false, |p| {
        type_(p);
        if !p.eat(SEMICOLON) {
            return SLICE_TYPE;
        }
        if expressions::is_expr_start(p, 0) {
            expressions::expr(p);
        }
        ARRAY_TYPE
    });
    p.close_bracket(R_BRACK, opener);
    p.complete(marker, kind)
}

/// `()`, `(T)`, `(A, B)`, `(A) -> R`, `(T as B)::Item`
fn parenthesized(p: &mut Parser<'_>) -> Option<Completed> {
    let marker = p.start();
    let is_func = p
        .matching_bracket(0)
        .is_some_and(|n| p.nth(n + 1) == ARROW && !p.raw_newline(n + 1));
    if is_func {
        bracketed_list(p, R_PAREN, "a parameter type", func_type_param);
        opt_ret_type(p);
        return Some(p.complete(marker, FUNC_TYPE));
    }
    let opener = p.open_bracket();
    let mut count = 0;
    let mut has_comma = false;
    let is_qualified = p.with_modes(true, false, |p| {
        while !p.at(R_PAREN) && !p.at(EOF) {
            if !is_type_start(p, 0) {
                if count == 0 {
                    type_(p);
                }
                break;
            }
            type_(p);
            count += 1;
            if count == 1 && p.eat(AS_KW) {
                type_(p);
                return true;
            }
            if !p.eat(COMMA) {
                break;
            }
            has_comma = true;
        }
        false
    });
    p.close_bracket(R_PAREN, opener);
    if is_qualified {
        if !p.at(COLON2) {
            p.expected("`::`");
        }
        while p.at_same_line(COLON2) && p.nth(1).is_word() {
            p.bump();
            let segment = p.start();
            p.bump_as(IDENT);
            if p.at_same_line(L_BRACK) {
                paths::type_arg_list(p);
            }
            p.complete(segment, PATH_SEGMENT);
        }
        return Some(p.complete(marker, QUALIFIED_TYPE));
    }
    let kind = if count == 1 && !has_comma {
        PAREN_TYPE
    } else {
        TUPLE_TYPE
    };
    Some(p.complete(marker, kind))
}

/// ('->' Type)?
pub(super) fn opt_ret_type(p: &mut Parser<'_>) {
    if p.at(ARROW) {
        let marker = p.start();
        p.bump();
        type_(p);
        p.complete(marker, RET_TYPE);
    }
}

/// Bounds = Bound ('+' Bound)*
pub(super) fn bound_list(p: &mut Parser<'_>) {
    let marker = p.start();
    loop {
        bound(p);
        if !p.eat(PLUS) {
            break;
        }
    }
    p.complete(marker, BOUND_LIST);
}

/// Bound = 'life' IDENT | '?'? Type
fn bound(p: &mut Parser<'_>) {
    let marker = p.start();
    if p.at_word("life") && p.nth(1).is_word() {
        lifetime_ref(p);
    } else {
        p.eat(QUESTION);
        type_(p);
    }
    p.complete(marker, BOUND);
}

/// (':' Bounds)?
pub(super) fn opt_colon_bounds(p: &mut Parser<'_>) {
    if p.eat(COLON) {
        bound_list(p);
    }
}

/// Generics = '[' GenParam (',' GenParam)* ','? ']'
pub(super) fn opt_generics(p: &mut Parser<'_>) {
    if p.at(LT) {
        return angle_generics(p);
    }
    if p.at(L_BRACK) {
        let marker = p.start();
        bracketed_list(p, R_BRACK, "a generic parameter", generic_param);
        p.complete(marker, GENERIC_PARAM_LIST);
    }
}

/// GenParam = 'life' IDENT | 'const' IDENT ':' Type ('=' Expr)? | IDENT (':' Bounds)? ('=' Type)?
fn generic_param(p: &mut Parser<'_>) -> bool {
    let marker = p.start();
    if p.at_word("life") && p.nth(1).is_word() {
        p.bump_as(LIFE_KW);
        bump_name(p);
        // `life a: life b` reads as the other bounds do.
        opt_colon_bounds(p);
        p.complete(marker, LIFE_PARAM);
    } else if p.at(CONST_KW) {
        p.bump();
        name(p, "the name of a constant parameter");
        if p.expect(COLON) {
            type_(p);
        }
        if p.eat(EQ) {
            expressions::expr(p);
        }
        p.complete(marker, CONST_PARAM);
    } else if p.at(IDENT) || p.current().is_keyword() {
        if !name(p, "a type parameter") {
            return false;
        }
        opt_colon_bounds(p);
        if p.eat(EQ) {
            type_(p);
        }
        p.complete(marker, TYPE_PARAM);
    } else {
        return false;
    }
    true
}

/// Where = 'where' WherePred (',' WherePred)* ','?
pub(super) fn opt_where(p: &mut Parser<'_>) {
    if !p.at(WHERE_KW) {
        return;
    }
    let marker = p.start();
    p.bump();
    p.with_modes(true, true, |p| {
        while is_type_start(p, 0) {
            let pred = p.start();
            type_(p);
            if p.eat(COLON) {
                bound_list(p);
            } else if p.eat(EQ) {
                type_(p);
            } else {
                p.expected("`:` or `=` in a `where` clause");
            }
            p.complete(pred, WHERE_PRED);
            if !p.eat(COMMA) {
                break;
            }
        }
    });
    p.complete(marker, WHERE_CLAUSE);
}

//! Patterns (reference §2.8).

use super::*;
use crate::parser::Completed;

pub(super) fn is_pattern_start(p: &Parser<'_>, n: usize) -> bool {
    matches!(
        p.nth(n),
        UNDERSCORE
            | IDENT
            | MUT_KW
            | REF_KW
            | MINUS
            | L_PAREN
            | L_BRACK
            | CRATE_KW
            | SUPER_KW
            | THIS_TYPE_KW
            | DOT2
    ) || (p.nth(n).is_literal() && p.nth(n) != STRING_START)
        || (p.nth(n) == THIS_KW && p.nth(n + 1) == COLON2)
}

/// A pattern without alternatives; P022 for a reserved word, P001 for nothing.
pub(super) fn pattern(p: &mut Parser<'_>) -> Option<Completed> {
    let completed = pattern_single(p)?;
    if !p.at_same_line(PIPE) {
        return Some(completed);
    }
    // Alternatives belong at the top of an arm; read them, so that only this is wrong.
    let marker = p.precede(completed);
    while p.eat(PIPE) {
        pattern_single(p);
    }
    let range = p.range_since(marker);
    p.report_always(SyntaxError::new(
        "P004",
        range,
        "Invalid pattern: alternatives are allowed at the top of a `when` arm only",
    ));
    Some(p.complete(marker, OR_PAT))
}

/// A pattern of a closure's `|x|`-like places and of arms, where `|` ends it.
pub(super) fn pattern_single(p: &mut Parser<'_>) -> Option<Completed> {
    if is_pattern_start(p, 0) {
        return p.nested(pattern_inner);
    }
    if p.current().is_keyword()
        && matches!(p.nth(1), EQ | COLON | COMMA | R_PAREN | IN_KW)
        && !p.raw_newline(0)
    {
        let marker = p.start();
        reserved_word(p);
        bump_name(p);
        return Some(p.complete(marker, IDENT_PAT));
    }
    p.expected("a pattern");
    None
}

fn pattern_inner(p: &mut Parser<'_>) -> Option<Completed> {
    let marker = p.start();
    if !p.at(MUT_KW) && !p.at(REF_KW) {
        return core(p);
    }
    if p.eat(MUT_KW) {
        p.eat(REF_KW);
    } else {
        p.bump();
        p.eat(MUT_KW);
    }
    if at_binding(p) {
        return Some(binding(p, marker));
    }
    if is_pattern_start(p, 0) {
        p.nested(pattern_inner);
    } else {
        p.expected("a pattern");
    }
    Some(p.complete(marker, MODE_PAT))
}

/// At a name that is surely a binding.
fn at_binding(p: &Parser<'_>) -> bool {
    p.at(IDENT)
        && (p.nth(1) == AT
            || !is_upper(p.nth_text(0)) && !matches!(p.nth(1), COLON2 | L_PAREN | L_BRACK))
        && !(matches!(p.nth(1), TO_KW | THROUGH_KW))
}

/// IDENT ('@' Pattern)?
fn binding(p: &mut Parser<'_>, marker: Marker) -> Completed {
    bump_name(p);
    if p.eat(AT) {
        pattern_single(p);
    }
    p.complete(marker, IDENT_PAT)
}

fn core(p: &mut Parser<'_>) -> Option<Completed> {
    let marker = p.start();
    let completed = match p.current() {
        UNDERSCORE => {
            p.bump();
            return Some(p.complete(marker, WILDCARD_PAT));
        }
        DOT2 => {
            p.bump();
            if p.at(IDENT) {
                bump_name(p);
            }
            return Some(p.complete(marker, REST_PAT));
        }
        L_PAREN => return Some(tuple(p)),
        L_BRACK => {
            bracketed_list(p, R_BRACK, "a pattern", element);
            return Some(p.complete(marker, SLICE_PAT));
        }
        IDENT if at_binding(p) => return Some(binding(p, marker)),
        _ => range_end(p)?,
    };
    if !p.at(TO_KW) && !p.at(THROUGH_KW) {
        return Some(completed);
    }
    let marker = p.precede(completed);
    p.bump();
    if range_end(p).is_none() {
        p.expected("the end of the range");
    }
    Some(p.complete(marker, RANGE_PAT))
}

/// A literal or a path with what may follow it.
fn range_end(p: &mut Parser<'_>) -> Option<Completed> {
    let marker = p.start();
    if p.at(MINUS) || p.current().is_literal() {
        if p.eat(MINUS) && !matches!(p.current(), INT_NUMBER | FLOAT_NUMBER | CHAR) {
            p.expected("a number");
            return Some(p.complete(marker, LITERAL_PAT));
        }
        atoms::literal(p);
        return Some(p.complete(marker, LITERAL_PAT));
    }
    if !paths::at_path_start(p) {
        return None;
    }
    paths::type_path(p);
    if p.at_same_line(L_PAREN) {
        bracketed_list(p, R_PAREN, "a pattern", element);
        return Some(p.complete(marker, TUPLE_STRUCT_PAT));
    }
    // In a head (`if let P = e`, `for`) the brace may be a body, but never right behind a pattern.
    if p.at_same_line(L_CURLY) {
        struct_fields(p);
        return Some(p.complete(marker, STRUCT_PAT));
    }
    Some(p.complete(marker, PATH_PAT))
}

fn element(p: &mut Parser<'_>) -> bool {
    is_pattern_start(p, 0) && pattern(p).is_some()
}

/// `()`, `(p)`, `(p, q)`
fn tuple(p: &mut Parser<'_>) -> Completed {
    let marker = p.start();
    let count_commas = |p: &Parser<'_>| p.prev_kind() == COMMA;
    let opener = p.open_bracket();
    let mut count = 0;
    let mut has_comma = false;
    p.with_modes(true, false, |p| {
        while !p.at(R_PAREN) && !p.at(EOF) {
            if !element(p) {
                if !is_list_recoverable(p, R_PAREN) {
                    return;
                }
                p.expected("a pattern");
                p.skip_to_separator();
            }
            count += 1;
            p.eat(COMMA);
            has_comma |= count_commas(p);
            if !count_commas(p) {
                return;
            }
        }
    });
    p.close_bracket(R_PAREN, opener);
    let kind = if count == 1 && !has_comma {
        PAREN_PAT
    } else {
        TUPLE_PAT
    };
    p.complete(marker, kind)
}

/// '{' (IDENT (':' Pattern)? (',' …)* ','?)? ('..')? '}'
fn struct_fields(p: &mut Parser<'_>) {
    bracketed_list(p, R_CURLY, "a field pattern", |p| {
        if p.at(DOT2) {
            p.bump();
            return true;
        }
        let marker = p.start();
        if p.at(MUT_KW) && p.nth(1) == REF_KW || p.at(REF_KW) && p.nth(1) == MUT_KW {
            p.bump();
            p.bump();
        } else if matches!(p.current(), MUT_KW | REF_KW) && p.nth(1) == IDENT {
            p.bump();
        }
        if !p.current().is_word() {
            return false;
        }
        bump_name_ref(p);
        if p.eat(COLON) {
            pattern(p);
        }
        p.complete(marker, STRUCT_PAT_FIELD);
        true
    });
}

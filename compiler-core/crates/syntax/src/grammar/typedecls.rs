//! `type`, `enum`, `union` and their fields and variants (reference §2.3).

use rowan::TextRange;

use super::*;

/// TypeDecl = 'type' IDENT Generics? Where? ( TypeBody | '=' AliasOrSum END | TupleBody END | END )
pub(super) fn type_decl(p: &mut Parser<'_>, marker: Marker) {
    p.bump();
    name(p, "the name of the type");
    types::opt_generics(p);
    types::opt_where(p);
    match p.current() {
        L_CURLY => body(p, Body::Either),
        L_PAREN => {
            tuple_body(p);
            types::opt_where(p);
            end_of_statement(p);
        }
        EQ => {
            p.bump();
            alias_or_sum(p);
            end_of_statement(p);
        }
        _ => end_of_statement(p),
    }
    p.complete(marker, TYPE_DECL);
}

/// EnumDecl = 'enum' IDENT Generics? Where? '{' Variants? '}'
pub(super) fn enum_decl(p: &mut Parser<'_>, marker: Marker) {
    p.bump();
    name(p, "the name of the enum");
    types::opt_generics(p);
    types::opt_where(p);
    if p.at(L_CURLY) {
        body(p, Body::Variants);
    } else {
        p.expect(L_CURLY);
    }
    p.complete(marker, ENUM_DECL);
}

/// UnionDecl = 'union' IDENT Generics? '{' Fields? '}'
pub(super) fn union_decl(p: &mut Parser<'_>, marker: Marker) {
    p.bump();
    name(p, "the name of the union");
    types::opt_generics(p);
    types::opt_where(p);
    if p.at(L_CURLY) {
        body(p, Body::Fields);
    } else {
        p.expect(L_CURLY);
    }
    p.complete(marker, UNION_DECL);
}

/// What a body in braces may hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Body {
    Fields,
    Variants,
    /// The first entry decides; mixing is P020.
    Either,
}

/// '{' (Fields | Variants)? '}'
fn body(p: &mut Parser<'_>, allowed: Body) {
    let marker = p.start();
    let opener = p.open_bracket();
    let mut first: Option<(Body, TextRange)> = None;
    p.with_modes(false, false, |p| {
        while !p.at(R_CURLY) && !p.at(EOF) {
            let before = p.position();
            entry(p, allowed, &mut first);
            if p.position() == before {
                p.bump_error();
            }
        }
    });
    p.close_bracket(R_CURLY, opener);
    let has_variants = match first {
        Some((kind, _)) => kind == Body::Variants,
        None => allowed == Body::Variants,
    };
    p.complete(
        marker,
        if has_variants {
            VARIANT_LIST
        } else {
            FIELD_LIST
        },
    );
}

/// One field or variant with its separator.
fn entry(p: &mut Parser<'_>, allowed: Body, first: &mut Option<(Body, TextRange)>) {
    let marker = p.start_with_docs();
    items::decorators(p);
    let has_visibility = items::at_visibility(p);
    if has_visibility {
        items::visibility(p);
    }
    let is_modifier = matches!(
        p.current(),
        VIRTUAL_KW | OVERRIDE_KW | ABSTRACT_KW | SEALED_KW | STATIC_KW
    );
    if is_modifier && p.nth(1).is_word() && p.nth(2) == COLON {
        let range = p.current_range();
        let message = format!("Modifier `{}` is for members of classes", p.nth_text(0));
        p.report(SyntaxError::new("P015", range, message));
        p.bump_error();
    }
    let range = p.current_range();
    if !p.current().is_word() {
        if p.at(R_CURLY) || p.at(EOF) {
            let range = p.range_since(marker);
            p.report(SyntaxError::new(
                "P010",
                range,
                "Decorator without a field or variant",
            ));
        } else {
            p.expected(if allowed == Body::Variants {
                "a variant"
            } else {
                "a field"
            });
            skip_entry(p);
        }
        p.complete(marker, ERROR);
        return;
    }
    let is_field = p.nth(1) == COLON || (has_visibility && allowed != Body::Variants);
    let kind = if is_field || allowed == Body::Fields {
        Body::Fields
    } else {
        Body::Variants
    };
    let expected = match allowed {
        Body::Either => first.map_or(kind, |it| it.0),
        it => it,
    };
    if kind != expected {
        let message = "Struct fields and variants are mixed";
        let mut error = SyntaxError::new("P020", range, message);
        if let Some((_, first)) = first {
            let what = if expected == Body::Fields {
                "a field"
            } else {
                "a variant"
            };
            error = error.with_label(*first, what);
        }
        p.report_always(error);
    }
    first.get_or_insert((
        if allowed == Body::Variants {
            allowed
        } else {
            kind
        },
        range,
    ));
    if kind == Body::Fields {
        field_rest(p);
        p.complete(marker, FIELD);
        field_separator(p);
    } else {
        variant_rest(p);
        p.complete(marker, VARIANT);
        variant_separator(p);
    }
}

/// SEP between fields: `,` or a newline.
fn field_separator(p: &mut Parser<'_>) {
    if p.eat(COMMA) || p.at(R_CURLY) {
        return;
    }
    if p.at(SEMICOLON) {
        return semicolon_for_comma(p);
    }
    if !p.has_newline() {
        if !p.has_error_on_line() {
            p.expected("`,` or a new line after the field");
        }
        if !p.current().is_word() && !p.at(AT) {
            skip_entry(p);
        }
    }
}

/// `,` between variants.
fn variant_separator(p: &mut Parser<'_>) {
    if p.eat(COMMA) || p.at(R_CURLY) {
        return;
    }
    if p.at(SEMICOLON) {
        return semicolon_for_comma(p);
    }
    let gap = TextRange::empty(p.prev_end());
    let message = format!("Expected `,` after the variant, found {}", p.found());
    let range = p.found_range();
    p.report(SyntaxError::new("P001", range, message).with_fix("add `,`", gap, ",", true));
    if !p.current().is_word() && !p.at(AT) {
        skip_entry(p);
    }
}

fn semicolon_for_comma(p: &mut Parser<'_>) {
    let range = p.current_range();
    p.report(
        SyntaxError::new("P024", range, "Expected `,`, found `;`").with_fix(
            "write `,`",
            range,
            ",",
            true,
        ),
    );
    p.bump_error();
}

fn skip_entry(p: &mut Parser<'_>) {
    let marker = p.start();
    while !matches!(p.current(), R_CURLY | COMMA | EOF) {
        p.skip_balanced();
        if p.raw_newline(0) {
            break;
        }
    }
    p.eat(COMMA);
    p.complete(marker, ERROR);
}

/// IDENT ':' Type ('=' Expr)?
pub(super) fn field_rest(p: &mut Parser<'_>) {
    bump_name(p);
    if p.expect(COLON) {
        types::type_(p);
    }
    if p.at_same_line(EQ) {
        p.bump();
        expressions::expr(p);
    }
}

/// IDENT ( '(' … ')' | '{' Fields? '}' )? ('=' Expr)?
fn variant_rest(p: &mut Parser<'_>) {
    if p.current().is_keyword() {
        reserved_word(p);
    }
    bump_name(p);
    if p.at_same_line(L_PAREN) {
        payload(p);
    } else if p.at_same_line(L_CURLY) {
        body(p, Body::Fields);
    }
    if p.at_same_line(EQ) {
        let marker = p.start();
        p.bump();
        expressions::ternary(p);
        p.complete(marker, DISCRIMINANT);
    }
}

/// '(' (IDENT ':')? Type (',' …)* ','? ')'
fn payload(p: &mut Parser<'_>) {
    let marker = p.start();
    bracketed_list(p, R_PAREN, "a payload type", |p| {
        let marker = p.start();
        let (_, has_decorators) = items::decorators(p);
        let has_name = p.current().is_word() && p.nth(1) == COLON;
        if !has_name && !has_decorators && !types::is_type_start(p, 0) {
            return false;
        }
        if has_name {
            bump_name(p);
            p.bump();
        }
        types::type_(p);
        p.complete(marker, TUPLE_FIELD);
        true
    });
    p.complete(marker, TUPLE_FIELD_LIST);
}

/// TupleBody = '(' (Vis? Type (',' Vis? Type)* ','?)? ')'
fn tuple_body(p: &mut Parser<'_>) {
    let marker = p.start();
    bracketed_list(p, R_PAREN, "a field type", |p| {
        let marker = p.start();
        let (_, has_decorators) = items::decorators(p);
        let has_visibility =
            p.at(PUB_KW) || (items::at_visibility(p) && types::is_type_start(p, 1));
        if has_visibility {
            tuple_field_visibility(p);
        } else if !has_decorators && !types::is_type_start(p, 0) {
            return false;
        }
        types::type_(p);
        p.complete(marker, TUPLE_FIELD);
        true
    });
    p.complete(marker, TUPLE_FIELD_LIST);
}

/// In `pub (A, B)` the parentheses are a type unless they hold `crate`, `super`, `self` or `in`.
fn tuple_field_visibility(p: &mut Parser<'_>) {
    let is_restricted = p.nth(1) == L_PAREN
        && (matches!(p.nth(2), CRATE_KW | SUPER_KW | THIS_KW) && p.nth(3) == R_PAREN
            || p.nth(2) == IN_KW);
    if p.at(PUB_KW) && !is_restricted {
        let marker = p.start();
        p.bump();
        p.complete(marker, VISIBILITY);
    } else {
        items::visibility(p);
    }
}

/// AliasOrSum = Type | '|'? Variant ('|' Variant)*
fn alias_or_sum(p: &mut Parser<'_>) {
    let list = p.start();
    let is_sum = p.at(PIPE)
        || p.at(IDENT)
            && (p.nth(1) == PIPE || matches!(p.nth(1), L_PAREN | L_CURLY) && !p.raw_newline(1));
    if is_sum {
        p.eat(PIPE);
        alternative(p);
    } else {
        let first = p.start_with_docs();
        types::type_(p);
        if !p.at(PIPE) {
            return;
        }
        p.complete(first, VARIANT);
    }
    while p.eat(PIPE) {
        alternative(p);
    }
    p.complete(list, VARIANT_LIST);
}

/// One alternative of a sum: a variant, or a type that may exist already.
fn alternative(p: &mut Parser<'_>) {
    let marker = p.start_with_docs();
    items::decorators(p);
    let is_type_path = p.at(IDENT) && matches!(p.nth(1), COLON2 | L_BRACK) && !p.raw_newline(1);
    if p.current().is_word()
        && !is_type_path
        && !matches!(p.current(), REF_KW | MUT_KW | DYN_KW | IMPL_KW | FUNC_KW)
    {
        variant_rest(p);
    } else {
        types::type_(p);
    }
    p.complete(marker, VARIANT);
}

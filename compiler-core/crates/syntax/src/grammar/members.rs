//! Functions, behaviors, implementations, classes, interfaces (reference §2.2, §2.4, §2.5).

use rowan::TextRange;

use super::items::{Place, Prefix};
use super::*;
use crate::parser::ReceiverSpelling;

/// Func = FuncMod* 'func' IDENT Generics? '(' Params? ')' ('->' Type)? Effects? Where? (Block | END)
pub(super) fn func(p: &mut Parser<'_>, marker: Marker, prefix: &Prefix, place: Place) {
    let outer = p.receiver_spelling.replace(ReceiverSpelling {
        first: None,
        is_reported: false,
    });
    p.bump();
    let name_range = p.current_range();
    any_word_name(p, "the name of the function");
    types::opt_generics(p);
    if p.at(L_PAREN) {
        param_list(p);
    } else {
        p.expected("`(` and the parameters");
    }
    types::opt_ret_type(p);
    if p.at_word("with") && !p.raw_newline(0) {
        effects(p);
    }
    if p.at_word("base") && p.nth(1) == COLON {
        old_base_call(p);
    }
    types::opt_where(p);
    if p.at(L_CURLY) {
        let body = p.current_range();
        statements::block(p);
        if prefix.has(ABSTRACT_KW) && place == Place::Class {
            p.report_always(
                SyntaxError::new(
                    "P012",
                    name_range,
                    "Body not allowed: the function is abstract",
                )
                .with_label(body, "the body"),
            );
        }
    } else {
        let may_lack_body = prefix.is_external
            || prefix.has(LOWLEVEL_KW)
            || prefix.has(ABSTRACT_KW)
            || matches!(place, Place::Behavior | Place::Interface);
        if !may_lack_body && !p.has_error_since(name_range.start()) {
            let gap = TextRange::empty(p.prev_end());
            p.report(
                SyntaxError::new("P012", name_range, "Body required: the function has none")
                    .with_fix("add a body", gap, " { }", false),
            );
        }
        if may_lack_body || statements::unopened_block(p).is_none() {
            end_of_statement(p);
        }
    }
    p.complete(marker, FUNC);
    p.receiver_spelling = outer;
}

/// Effects = 'with' Path (',' Path)*
fn effects(p: &mut Parser<'_>) {
    let marker = p.start();
    p.bump_as(WITH_KW);
    loop {
        if !paths::at_path_start(p) {
            p.expected("the path of an effect");
            break;
        }
        paths::plain_path(p);
        if !p.eat(COMMA) {
            break;
        }
    }
    p.complete(marker, EFFECTS);
}

/// `base: Parent::new(args)`
fn old_base_call(p: &mut Parser<'_>) {
    let marker = p.start();
    p.bump_as(BASE_KW);
    p.bump();
    expressions::head(p);
    p.complete(marker, BASE_CALL);
}

/// Params in parentheses; types are required (P023).
fn param_list(p: &mut Parser<'_>) {
    let marker = p.start();
    bracketed_list(p, R_PAREN, "a parameter", |p| param(p, true));
    p.complete(marker, PARAM_LIST);
}

/// The parameters of a closure; types are optional.
pub(super) fn closure_param_list(p: &mut Parser<'_>) {
    let marker = p.start();
    bracketed_list(p, R_PAREN, "a parameter", |p| param(p, false));
    p.complete(marker, PARAM_LIST);
}

/// Receiver | Decorator* Pattern ':' Type ('=' Expr)? | '...'
fn param(p: &mut Parser<'_>, needs_type: bool) -> bool {
    let marker = p.start();
    if p.at(DOT3) {
        p.bump();
        p.complete(marker, VARARGS);
        return true;
    }
    items::decorators(p);
    if at_receiver(p) {
        receiver(p, marker, needs_type);
        return true;
    }
    let is_reserved_name = p.current().is_keyword() && matches!(p.nth(1), COLON | COMMA | R_PAREN);
    if !patterns::is_pattern_start(p, 0) && !is_reserved_name {
        return false;
    }
    let start = p.position();
    patterns::pattern(p);
    if p.position() == start {
        return false;
    }
    if p.eat(COLON) {
        types::type_(p);
    } else if needs_type && p.current().is_word() && !p.has_newline() {
        // `name Type`
        p.expected("`:`");
        types::type_(p);
    } else if needs_type {
        let range = p.range_since(marker);
        p.report(
            SyntaxError::new("P023", range, "Parameter needs a type")
                .with_note("parameters are written `name: Type`"),
        );
    }
    if p.eat(EQ) {
        expressions::expr(p);
    }
    p.complete(marker, PARAM);
    true
}

fn at_receiver(p: &Parser<'_>) -> bool {
    let mut n = 0;
    while matches!(p.nth(n), MUT_KW | REF_KW) && n < 2 {
        n += 1;
    }
    p.nth(n) == THIS_KW && p.nth(n + 1) != COLON2
}

/// Receiver = 'mut'? 'this' (':' Type)? | 'ref' 'this' | 'mut' 'ref' 'this'
fn receiver(p: &mut Parser<'_>, marker: Marker, is_allowed: bool) {
    let is_first = p.prev_kind() == L_PAREN;
    while matches!(p.current(), MUT_KW | REF_KW) {
        p.bump();
    }
    atoms::note_receiver_spelling(p);
    p.bump();
    if p.eat(COLON) {
        types::type_(p);
    }
    if !is_first || !is_allowed {
        let message = if is_allowed {
            "Invalid receiver position: a receiver comes first"
        } else {
            "Invalid receiver position: a closure has no receiver"
        };
        let range = p.range_since(marker);
        p.report_always(SyntaxError::new("P013", range, message));
    }
    p.complete(marker, RECEIVER);
}

/// Behavior = 'behavior' IDENT Generics? (':' Bounds)? Where? '{' BehItem* '}'
pub(super) fn behavior(p: &mut Parser<'_>, marker: Marker) {
    p.bump();
    name(p, "the name of the behavior");
    types::opt_generics(p);
    types::opt_colon_bounds(p);
    types::opt_where(p);
    member_list(p, Place::Behavior);
    p.complete(marker, BEHAVIOR);
}

/// Impl = 'lowlevel'? 'impl' Generics? Type ('for' Type)? Where? '{' ImplItem* '}'
pub(super) fn impl_(p: &mut Parser<'_>, marker: Marker) {
    p.bump();
    opt_impl_generics(p);
    types::type_(p);
    if p.eat(FOR_KW) {
        types::type_(p);
    }
    types::opt_where(p);
    member_list(p, Place::Impl);
    p.complete(marker, IMPL);
}

/// Extend = 'extend' Generics? Type ('with' Bounds)? Where? '{' ImplItem* '}'
pub(super) fn extend(p: &mut Parser<'_>, marker: Marker) {
    p.bump_as(EXTEND_KW);
    opt_impl_generics(p);
    types::type_(p);
    if p.at_word("with") {
        p.bump_as(WITH_KW);
        types::bound_list(p);
    }
    types::opt_where(p);
    member_list(p, Place::Impl);
    p.complete(marker, EXTEND);
}

/// Generics of `impl` and `extend`, unless the brackets are a slice type.
fn opt_impl_generics(p: &mut Parser<'_>) {
    if p.at(LT) {
        return types::opt_generics(p);
    }
    let is_generics = p.at(L_BRACK)
        && p.matching_bracket(0)
            .is_some_and(|n| types::is_type_start(p, n + 1));
    if is_generics {
        types::opt_generics(p);
    }
}

/// Class = ('abstract' | 'sealed')* 'class' IDENT Generics? ('extends' Type)? ('implements' Type (',' Type)*)? Where? '{' Member* '}'
pub(super) fn class(p: &mut Parser<'_>, marker: Marker) {
    p.bump();
    name(p, "the name of the class");
    types::opt_generics(p);
    opt_clause(p, EXTENDS_KW, EXTENDS_CLAUSE);
    opt_clause(p, IMPLEMENTS_KW, IMPLEMENTS_CLAUSE);
    types::opt_where(p);
    member_list(p, Place::Class);
    p.complete(marker, CLASS);
}

/// Interface = 'interface' IDENT Generics? ('extends' Type (',' Type)*)? '{' … '}'
pub(super) fn interface(p: &mut Parser<'_>, marker: Marker) {
    p.bump();
    name(p, "the name of the interface");
    types::opt_generics(p);
    opt_clause(p, EXTENDS_KW, EXTENDS_CLAUSE);
    types::opt_where(p);
    member_list(p, Place::Interface);
    p.complete(marker, INTERFACE);
}

fn opt_clause(p: &mut Parser<'_>, keyword: SyntaxKind, kind: SyntaxKind) {
    if !p.at(keyword) {
        return;
    }
    let marker = p.start();
    p.bump();
    loop {
        types::type_(p);
        if !p.eat(COMMA) {
            break;
        }
    }
    p.complete(marker, kind);
}

/// '{' members '}'
fn member_list(p: &mut Parser<'_>, place: Place) {
    if !p.at(L_CURLY) {
        p.expect(L_CURLY);
        return;
    }
    let marker = p.start();
    let opener = p.open_bracket();
    p.with_modes(false, false, |p| {
        while !p.at(R_CURLY) && !p.at(EOF) {
            let before = p.position();
            member(p, place);
            if p.position() == before {
                p.bump_error();
            }
        }
    });
    p.close_bracket(R_CURLY, opener);
    p.complete(marker, MEMBER_LIST);
}

fn member(p: &mut Parser<'_>, place: Place) {
    match p.current() {
        SEMICOLON => return p.bump(),
        COMMA if place == Place::Class && p.prev_kind() != COMMA => return p.bump(),
        _ => {}
    }
    let marker = p.start_with_docs();
    let prefix = items::prefix(p);
    let is_class = place == Place::Class;
    let class_mods: &[SyntaxKind] = &[VIRTUAL_KW, OVERRIDE_KW, ABSTRACT_KW, SEALED_KW];
    let mut allowed = vec![ASYNC_KW, LOWLEVEL_KW, STATIC_KW, CONST_KW];
    if is_class {
        allowed.extend_from_slice(class_mods);
    }
    if p.at(FUNC_KW) {
        items::check_modifiers(p, &prefix, &allowed);
        return func(p, marker, &prefix, place);
    }
    // A static field: `static` is no modifier before a name until here.
    let is_static_field = is_class && p.at(STATIC_KW) && (p.nth(1).is_word());
    if is_static_field {
        p.bump();
    }
    let allowed = if is_class { allowed.as_slice() } else { &[] };
    let is_nested = matches!(
        p.current(),
        CLASS_KW | INTERFACE_KW | ENUM_KW | UNION_KW | TYPE_KW
    );
    if is_class && is_nested && p.nth(1) != COLON {
        items::nested_type(p, marker, &prefix);
    } else if p.at(CONST_KW) && p.nth(1) != COLON {
        items::check_modifiers(p, &prefix, &[]);
        items::const_(p, marker, place);
    } else if p.at(TYPE_KW) && p.nth(1) != COLON {
        items::check_modifiers(p, &prefix, &[]);
        assoc_type(p, marker);
    } else if is_class && p.at_word("new") && p.nth(1) == L_PAREN {
        items::check_modifiers(p, &prefix, &[]);
        ctor(p, marker);
    } else if matches!(place, Place::Class | Place::Interface)
        && p.at_word("prop")
        && p.nth(1).is_word()
    {
        items::check_modifiers(p, &prefix, allowed);
        prop(p, marker);
    } else if is_class && p.current().is_word() && p.nth(1) == COLON {
        items::check_modifiers(p, &prefix, &[STATIC_KW]);
        typedecls::field_rest(p);
        let is_ended = p.at(COMMA) || p.has_newline() || p.at(R_CURLY) || p.at(SEMICOLON);
        if !is_ended && !p.has_error_on_line() {
            p.expected("`,` or a new line after the field");
        }
        if p.at(SEMICOLON) {
            p.bump();
        }
        p.complete(marker, FIELD);
    } else {
        not_a_member(p, marker, place);
    }
}

fn not_a_member(p: &mut Parser<'_>, marker: Marker, place: Place) {
    if p.at(R_CURLY) || p.at(EOF) {
        let range = p.range_since(marker);
        if range.is_empty() {
            p.expected("a member");
        } else {
            p.report(SyntaxError::new(
                "P010",
                range,
                "Decorator or modifier without a member",
            ));
        }
    } else {
        let what = match place {
            Place::Class => "a field, function, constructor or property",
            Place::Interface => "a function or property",
            _ => "a function, constant or associated type",
        };
        p.expected(what);
    }
    while !p.at(R_CURLY) && !p.at(EOF) {
        p.skip_balanced();
        let is_start = matches!(
            p.current(),
            FUNC_KW
                | CONST_KW
                | TYPE_KW
                | PUB_KW
                | AT
                | STATIC_KW
                | ASYNC_KW
                | VIRTUAL_KW
                | OVERRIDE_KW
                | ABSTRACT_KW
        );
        if p.raw_newline(0) && (is_start || p.has_docs() || place == Place::Class) {
            break;
        }
    }
    p.complete(marker, ERROR);
}

/// AssocType = 'type' IDENT Generics? (':' Bounds)? ('=' Type)? END
fn assoc_type(p: &mut Parser<'_>, marker: Marker) {
    p.bump();
    name(p, "the name of the associated type");
    types::opt_generics(p);
    types::opt_colon_bounds(p);
    types::opt_where(p);
    if p.eat(EQ) {
        types::type_(p);
    }
    end_of_statement(p);
    p.complete(marker, ASSOC_TYPE);
}

/// Ctor = 'new' '(' Params? ')' (':' 'base' '(' Args? ')')? Block
fn ctor(p: &mut Parser<'_>, marker: Marker) {
    let outer = p.receiver_spelling.replace(ReceiverSpelling {
        first: None,
        is_reported: false,
    });
    p.bump_as(NEW_KW);
    param_list(p);
    if p.at(COLON) {
        let base = p.start();
        p.bump();
        if p.at_word("base") {
            p.bump_as(BASE_KW);
            if p.at(L_PAREN) {
                expressions::arg_list(p);
            } else {
                p.expect(L_PAREN);
            }
        } else {
            p.expected("`base`");
        }
        p.complete(base, BASE_CALL);
    } else if p.at_word("base") && p.nth(1) == COLON {
        old_base_call(p);
    }
    if p.at(L_CURLY) {
        statements::block(p);
    } else {
        let gap = TextRange::empty(p.prev_end());
        p.report(
            SyntaxError::new("P012", gap, "Body required: the constructor has none").with_fix(
                "add a body",
                gap,
                " { }",
                false,
            ),
        );
    }
    p.complete(marker, CTOR);
    p.receiver_spelling = outer;
}

/// Prop = 'prop' IDENT ':' Type ( '{' Accessor+ '}' | END ) ('=' Expr)?
fn prop(p: &mut Parser<'_>, marker: Marker) {
    let outer = p.receiver_spelling.replace(ReceiverSpelling {
        first: None,
        is_reported: false,
    });
    p.bump_as(PROP_KW);
    name(p, "the name of the property");
    if p.expect(COLON) {
        types::type_(p);
    }
    if p.at(L_CURLY) {
        accessor_list(p);
    }
    if p.at_same_line(EQ) {
        p.bump();
        expressions::expr(p);
    }
    end_of_statement(p);
    p.complete(marker, PROP);
    p.receiver_spelling = outer;
}

fn accessor_list(p: &mut Parser<'_>) {
    let marker = p.start();
    let opener = p.open_bracket();
    p.with_modes(false, false, |p| {
        while !p.at(R_CURLY) && !p.at(EOF) {
            if p.at(SEMICOLON) || p.at(COMMA) {
                p.bump();
                continue;
            }
            accessor(p);
        }
    });
    p.close_bracket(R_CURLY, opener);
    p.complete(marker, ACCESSOR_LIST);
}

/// Accessor = MemberVis? ('get' | 'set' ('(' IDENT ')')?) (Block | '=>' Expr | ';')?
fn accessor(p: &mut Parser<'_>) {
    let marker = p.start();
    if items::at_visibility(p) {
        items::visibility(p);
    }
    if p.at_word("get") {
        p.bump_as(GET_KW);
    } else if p.at_word("set") {
        p.bump_as(SET_KW);
        if p.at(L_PAREN) {
            let opener = p.open_bracket();
            name(p, "the name of the new value");
            p.close_bracket(R_PAREN, opener);
        }
    } else {
        p.expected("`get` or `set`");
        if !p.at(R_CURLY) && !p.at(EOF) {
            p.skip_balanced();
        }
        p.complete(marker, ERROR);
        return;
    }
    if p.at(L_CURLY) {
        statements::block(p);
    } else if p.eat(FAT_ARROW) {
        expressions::expr(p);
        p.eat(SEMICOLON);
    } else {
        p.eat(SEMICOLON);
    }
    p.complete(marker, ACCESSOR);
}

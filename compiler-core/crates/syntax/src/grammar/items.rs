//! Items, decorators, visibility, modifiers (reference §2.1, §2.2).

use super::*;

/// Where an item or a member stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    Module,
    Block,
    Behavior,
    Impl,
    Class,
    Interface,
}

/// What stands before the keyword of a declaration.
#[derive(Default)]
pub(super) struct Prefix {
    /// `@extern` or `@intrinsic`: the body is elsewhere.
    pub(super) is_external: bool,
    has_decorators: bool,
    has_visibility: bool,
    pub(super) modifiers: Vec<(SyntaxKind, rowan::TextRange)>,
}

impl Prefix {
    pub(super) fn has(&self, kind: SyntaxKind) -> bool {
        self.modifiers.iter().any(|it| it.0 == kind)
    }
}

/// One item, or an error that consumes at least one token.
pub(super) fn item_or_error(p: &mut Parser<'_>) {
    match p.current() {
        SEMICOLON => p.bump(),
        R_CURLY | R_PAREN | R_BRACK => {
            let message = format!("Unexpected {}", p.found());
            p.error_and_bump("P002", message);
        }
        _ => item(p, Place::Module),
    }
}

/// '{' Item* '}'
fn item_list(p: &mut Parser<'_>) {
    let marker = p.start();
    let opener = p.open_bracket();
    p.inner_docs();
    p.with_modes(false, false, |p| {
        while !p.at(R_CURLY) && !p.at(EOF) {
            item_or_error(p);
        }
    });
    p.close_bracket(R_CURLY, opener);
    p.complete(marker, ITEM_LIST);
}

/// Whether a statement begins here that is an item.
pub(super) fn at_local_item(p: &Parser<'_>) -> bool {
    let mut n = 0;
    // Behind decorators the keyword decides; `@when(…) let` is a statement.
    while p.nth(n) == AT {
        n += 2;
        while p.nth(n) == COLON2 {
            n += 2;
        }
        if p.nth(n) == L_PAREN {
            match p.matching_bracket(n) {
                Some(close) => n = close + 1,
                None => return false,
            }
        }
    }
    is_item_start(p, n)
}

fn is_item_start(p: &Parser<'_>, n: usize) -> bool {
    match p.nth(n) {
        FUNC_KW | TYPE_KW | ENUM_KW | UNION_KW | BEHAVIOR_KW | IMPL_KW | CLASS_KW
        | INTERFACE_KW | NAMESPACE_KW | MOD_KW | USE_KW | PUB_KW | CONST_KW | STATIC_KW
        | ABSTRACT_KW | SEALED_KW | VIRTUAL_KW | OVERRIDE_KW => true,
        ASYNC_KW => matches!(p.nth(n + 1), FUNC_KW | LOWLEVEL_KW | STATIC_KW | CONST_KW),
        LOWLEVEL_KW => matches!(
            p.nth(n + 1),
            FUNC_KW | IMPL_KW | ASYNC_KW | STATIC_KW | CONST_KW
        ),
        IDENT => match p.nth_text(n) {
            "extend" => at_extend(p, n),
            "private" => p.nth(n + 1) != IDENT && is_item_start(p, n + 1),
            "decorator" => p.nth(n + 1) == IDENT && !p.raw_newline(n + 1),
            "quote" => p.nth(n + 1) == L_CURLY && !p.raw_newline(n + 1),
            _ => false,
        },
        _ => false,
    }
}

/// `extend` before a type.
fn at_extend(p: &Parser<'_>, n: usize) -> bool {
    if p.raw_newline(n + 1) {
        return false;
    }
    match p.nth(n + 1) {
        L_BRACK => p.matching_bracket(n + 1).is_some_and(|close| {
            !p.raw_newline(close + 1)
                && types::is_type_start(p, close + 1)
                && p.nth(close + 1) != L_BRACK
                || p.nth(close + 1) == L_CURLY
        }),
        IDENT | THIS_TYPE_KW | CRATE_KW | SUPER_KW | DYN_KW | REF_KW => true,
        _ => false,
    }
}

/// Item; consumes at least one token.
pub(super) fn item(p: &mut Parser<'_>, place: Place) {
    let before = p.position();
    let is_ok = p.nested(|p| {
        let marker = p.start_with_docs();
        let prefix = prefix(p);
        item_kind(p, marker, &prefix, place);
        Some(())
    });
    if is_ok.is_none() || p.position() == before {
        p.bump_error();
    }
}

/// A type declared in a class, behind its prefix.
pub(super) fn nested_type(p: &mut Parser<'_>, marker: Marker, prefix: &Prefix) {
    item_kind(p, marker, prefix, Place::Module);
}

fn item_kind(p: &mut Parser<'_>, marker: Marker, prefix: &Prefix, place: Place) {
    let kind = p.current();
    let allowed: &[SyntaxKind] = match kind {
        FUNC_KW => &[ASYNC_KW, LOWLEVEL_KW, STATIC_KW, CONST_KW],
        IMPL_KW => &[LOWLEVEL_KW],
        CLASS_KW => &[ABSTRACT_KW, SEALED_KW],
        _ => &[],
    };
    if kind != EOF {
        check_modifiers(p, prefix, allowed);
    }
    match kind {
        FUNC_KW => members::func(p, marker, prefix, place),
        USE_KW => uses::use_item(p, marker),
        MOD_KW => module(p, marker),
        TYPE_KW => typedecls::type_decl(p, marker),
        ENUM_KW => typedecls::enum_decl(p, marker),
        UNION_KW => typedecls::union_decl(p, marker),
        BEHAVIOR_KW => members::behavior(p, marker),
        IMPL_KW => members::impl_(p, marker),
        CONST_KW => const_(p, marker, place),
        STATIC_KW | VAR_KW | LET_KW => static_(p, marker),
        CLASS_KW => members::class(p, marker),
        INTERFACE_KW => members::interface(p, marker),
        NAMESPACE_KW => namespace(p, marker),
        IDENT if p.at_word("extend") && at_extend(p, 0) => members::extend(p, marker),
        IDENT if matches!(p.nth_text(0), "decorator" | "quote") && is_item_start(p, 0) => {
            reserved_construct(p);
            p.complete(marker, ERROR);
        }
        _ => not_an_item(p, marker, prefix),
    }
}

/// `decorator x {}` and `quote {}`: P060.
fn reserved_construct(p: &mut Parser<'_>) {
    let message = format!(
        "Reserved construct: `{}` is kept for user decorators",
        p.nth_text(0)
    );
    p.report(SyntaxError::new("P060", p.current_range(), message));
    let kind = if p.at_word("quote") {
        QUOTE_KW
    } else {
        DECORATOR_KW
    };
    p.bump_as(kind);
    if p.at(IDENT) {
        p.bump();
    }
    skip_group(p, L_PAREN);
    skip_group(p, L_CURLY);
}

fn not_an_item(p: &mut Parser<'_>, marker: Marker, prefix: &Prefix) {
    let is_bare = !prefix.has_visibility && prefix.modifiers.is_empty();
    if prefix.has_decorators && is_bare && (p.at(EOF) || p.at(R_CURLY)) {
        let range = p.range_since(marker);
        p.report(SyntaxError::new("P010", range, "Decorator without an item"));
    } else if p.at(ELSE_KW) {
        p.error("P019", "`else` without `if`");
    } else {
        p.expected("an item");
    }
    // A statement at module level: skip it as a whole.
    loop {
        if p.at(EOF) || p.at(R_CURLY) {
            break;
        }
        p.skip_balanced();
        if p.raw_newline(0) && (is_item_start(p, 0) || matches!(p.current(), AT | LET_KW | VAR_KW))
            || p.has_docs()
        {
            break;
        }
    }
    p.complete(marker, ERROR);
}

// --- what stands before an item ----------------------------------------------

/// Decorator* Vis? modifiers
pub(super) fn prefix(p: &mut Parser<'_>) -> Prefix {
    let mut prefix = Prefix::default();
    let (is_external, has_decorators) = decorators(p);
    prefix.is_external = is_external;
    prefix.has_decorators = has_decorators;
    loop {
        if at_visibility(p) {
            if prefix.has_visibility {
                let range = p.current_range();
                let text = p.nth_text(0);
                p.report(
                    SyntaxError::new("P014", range, format!("Duplicate modifier `{text}`"))
                        .with_fix("remove it", range, "", false),
                );
                let marker = p.start();
                visibility(p);
                p.complete(marker, ERROR);
                continue;
            }
            prefix.has_visibility = true;
            visibility(p);
        } else if at_modifier(p) {
            let (kind, range) = (p.current(), p.current_range());
            if let Some(&(_, first)) = prefix.modifiers.iter().find(|it| it.0 == kind) {
                let text = p.nth_text(0);
                p.report(
                    SyntaxError::new("P014", range, format!("Duplicate modifier `{text}`"))
                        .with_label(first, "given here first")
                        .with_fix("remove it", range, "", false),
                );
            } else {
                prefix.modifiers.push((kind, range));
            }
            p.bump();
        } else {
            return prefix;
        }
    }
}

fn at_modifier(p: &Parser<'_>) -> bool {
    match p.current() {
        ASYNC_KW | LOWLEVEL_KW => p.nth(1) != L_CURLY,
        ABSTRACT_KW | SEALED_KW | VIRTUAL_KW | OVERRIDE_KW => p.nth(1) != COLON,
        // `static` and `const` also begin a declaration of their own.
        CONST_KW => p.nth(1) == FUNC_KW || crate::ast::is_modifier(p.nth(1)),
        STATIC_KW => {
            p.nth(1) == FUNC_KW
                || crate::ast::is_modifier(p.nth(1))
                || (p.nth(1) == CONST_KW || is_visibility_word(p, 1))
        }
        _ => false,
    }
}

fn is_visibility_word(p: &Parser<'_>, n: usize) -> bool {
    p.nth(n) == PUB_KW
        || (p.nth(n) == IDENT
            && matches!(p.nth_text(n), "public" | "private" | "protected")
            && p.nth(n + 1).is_word()
            && !p.raw_newline(n + 1))
}

pub(super) fn at_visibility(p: &Parser<'_>) -> bool {
    is_visibility_word(p, 0)
}

/// Vis = 'pub' ('(' ('crate' | 'super' | 'self' | 'in' Path) ')')? | 'private'; MemberVis
pub(super) fn visibility(p: &mut Parser<'_>) {
    let marker = p.start();
    match p.nth_text(0) {
        "public" => p.bump_as(PUBLIC_KW),
        "private" => p.bump_as(PRIVATE_KW),
        "protected" => p.bump_as(PROTECTED_KW),
        _ => {
            p.bump();
            if p.at_same_line(L_PAREN) {
                restriction(p);
            }
        }
    }
    p.complete(marker, VISIBILITY);
}

fn restriction(p: &mut Parser<'_>) {
    let opener = p.open_bracket();
    match p.current() {
        CRATE_KW | SUPER_KW | THIS_KW if p.nth(1) == R_PAREN => p.bump(),
        IN_KW => {
            p.bump();
            if p.current().is_word() {
                paths::plain_path(p);
            } else {
                p.expected("a path");
            }
        }
        _ => {
            let message = format!(
                "Invalid visibility: expected `crate`, `super`, `self` or `in path`, found {}",
                p.found()
            );
            let range = p.current_range();
            p.report(SyntaxError::new("P011", range, message));
            while !matches!(p.current(), R_PAREN | EOF) && !p.raw_newline(0) {
                p.bump_error();
            }
        }
    }
    p.close_bracket(R_PAREN, opener);
}

/// P015 for modifiers that the declaration cannot have.
pub(super) fn check_modifiers(p: &mut Parser<'_>, prefix: &Prefix, allowed: &[SyntaxKind]) {
    for &(kind, range) in &prefix.modifiers {
        if !allowed.contains(&kind) {
            let message = format!(
                "Modifier `{}` is not applicable here",
                kind.text().unwrap_or("?")
            );
            p.report_always(SyntaxError::new("P015", range, message).with_fix(
                "remove it",
                range,
                "",
                false,
            ));
        }
    }
}

/// Decorator*; answers whether one says that the body is elsewhere, and whether there are any.
pub(super) fn decorators(p: &mut Parser<'_>) -> (bool, bool) {
    let mut is_external = false;
    let mut has_any = false;
    while p.at(AT) {
        has_any = true;
        let marker = p.start();
        p.bump();
        if !p.current().is_word() || p.raw_newline(0) {
            p.expected("the name of a decorator");
            p.complete(marker, DECORATOR);
            continue;
        }
        is_external |= matches!(p.nth_text(0), "extern" | "intrinsic");
        let takes_expr = matches!(p.nth_text(0), "pre" | "post" | "invariant");
        paths::plain_path(p);
        if p.at(L_PAREN) && !p.raw_newline(0) {
            let list = p.start();
            let element = if takes_expr { deco_expr } else { deco_arg };
            bracketed_list(p, R_PAREN, "a decorator argument", element);
            p.complete(list, DECO_ARG_LIST);
        }
        p.complete(marker, DECORATOR);
    }
    (is_external, has_any)
}

fn deco_expr(p: &mut Parser<'_>) -> bool {
    if !expressions::is_expr_start(p, 0) {
        return false;
    }
    let marker = p.start();
    expressions::expr(p);
    p.complete(marker, DECO_ARG);
    true
}

/// DecoArg = (IDENT (':' | '='))? (Literal | Path ('(' DecoArg* ')')? | Type)
fn deco_arg(p: &mut Parser<'_>) -> bool {
    let marker = p.start();
    let has_name = p.current().is_word() && matches!(p.nth(1), COLON | EQ);
    if has_name {
        bump_name_ref(p);
        p.bump();
    }
    let is_word = p.current().is_word() && !p.current().is_literal();
    if is_word && p.nth(1) == L_PAREN {
        // `all(…)`, `not(…)`: a path with arguments of its own.
        paths::plain_path(p);
        let list = p.start();
        let is_ok = p.nested(|p| {
            bracketed_list(p, R_PAREN, "a decorator argument", deco_arg);
            Some(())
        });
        if is_ok.is_some() {
            p.complete(list, DECO_ARG_LIST);
        }
    } else if is_word && matches!(p.nth(1), COMMA | R_PAREN) {
        let expr = p.start();
        paths::plain_path(p);
        p.complete(expr, PATH_EXPR);
    } else if expressions::is_expr_start(p, 0) {
        expressions::expr(p);
    } else if types::is_type_start(p, 0) {
        types::type_(p);
    } else if has_name {
        p.expected("the value of the argument");
    } else {
        return false;
    }
    p.complete(marker, DECO_ARG);
    true
}

// --- small items -------------------------------------------------------------

/// ModDecl = 'mod' IDENT ('::' IDENT)* (END | '{' Item* '}')
fn module(p: &mut Parser<'_>, marker: Marker) {
    p.bump();
    names(p, "the name of the module");
    if p.at(L_CURLY) {
        item_list(p);
    } else {
        end_of_statement(p);
    }
    p.complete(marker, MODULE);
}

/// Namespace = 'namespace' IDENT ('::' IDENT)* '{' Item* '}'
fn namespace(p: &mut Parser<'_>, marker: Marker) {
    p.bump();
    names(p, "the name of the namespace");
    if p.at(L_CURLY) {
        item_list(p);
    } else {
        p.expect(L_CURLY);
    }
    p.complete(marker, NAMESPACE);
}

fn names(p: &mut Parser<'_>, what: &str) {
    if !name(p, what) {
        return;
    }
    while p.at(COLON2) {
        p.bump();
        if !any_word_name(p, what) {
            return;
        }
    }
}

/// Const = 'const' IDENT (':' Type)? '=' Expr END; without a value in a behavior.
pub(super) fn const_(p: &mut Parser<'_>, marker: Marker, place: Place) {
    p.bump();
    if p.at(UNDERSCORE) {
        p.expected("the name of the constant");
        p.bump_error();
    } else {
        name(p, "the name of the constant");
    }
    opt_type_and_value(p, place == Place::Behavior, "the constant");
    end_of_statement(p);
    p.complete(marker, CONST);
}

/// Static = ('static' 'mut'? | 'var' | 'let' 'mut'?) IDENT ':' Type '=' Expr END
fn static_(p: &mut Parser<'_>, marker: Marker) {
    p.bump();
    p.eat(MUT_KW);
    name(p, "the name of the static");
    opt_type_and_value(p, false, "the static");
    end_of_statement(p);
    p.complete(marker, STATIC);
}

/// (':' Type)? '=' Expr; that a type is needed is for later stages to say (T003).
fn opt_type_and_value(p: &mut Parser<'_>, is_value_optional: bool, what: &str) {
    let has_type = p.eat(COLON);
    if has_type {
        types::type_(p);
    }
    if p.eat(EQ) {
        expressions::expr(p);
    } else if !is_value_optional || !has_type {
        p.expected(&format!("`=` and the value of {what}"));
    }
}

//! The grammar of the reference's §2: one function per production.
//!
//! A function whose name starts with `opt_` parses something that may be absent. The
//! others are called where their production must stand and report its absence.

mod atoms;
mod controls;
mod expressions;
mod items;
mod members;
mod paths;
mod patterns;
mod statements;
mod typedecls;
mod types;
mod uses;

use crate::SyntaxError;
use crate::SyntaxKind::{self, *};
use crate::parser::{Marker, Parser};

/// Module = InnerDoc* Item*
pub(crate) fn source_file(p: &mut Parser<'_>) {
    p.inner_docs();
    while !p.at(EOF) {
        items::item_or_error(p);
    }
}

/// A block on its own, for reparsing.
pub(crate) fn block_fragment(p: &mut Parser<'_>) {
    statements::block(p);
}

/// `NAME`, or P001 and `false`. A reserved word is P022.
fn name(p: &mut Parser<'_>, what: &str) -> bool {
    let kind = p.current();
    if kind == IDENT {
        bump_name(p);
        return true;
    }
    if kind.is_keyword() && !p.raw_newline(0) {
        reserved_word(p);
        bump_name(p);
        return true;
    }
    p.expected(what);
    false
}

/// Any word as a name, as after `func`.
fn any_word_name(p: &mut Parser<'_>, what: &str) -> bool {
    if p.current().is_word() {
        bump_name(p);
        return true;
    }
    p.expected(what);
    false
}

fn bump_name(p: &mut Parser<'_>) {
    let marker = p.start();
    p.bump_as(IDENT);
    p.complete(marker, NAME);
}

/// The current word as a reference to a name.
fn bump_name_ref(p: &mut Parser<'_>) {
    let marker = p.start();
    let kind = if p.at(INT_NUMBER) { INT_NUMBER } else { IDENT };
    p.bump_as(kind);
    p.complete(marker, NAME_REF);
}

/// P022 at the current keyword.
fn reserved_word(p: &mut Parser<'_>) {
    let range = p.current_range();
    let text = p.nth_text(0);
    p.report(
        SyntaxError::new(
            "P022",
            range,
            format!("Reserved word `{text}` cannot be an identifier"),
        )
        .with_fix(format!("write `{text}_`"), range, format!("{text}_"), false),
    );
}

/// END = `;` or end of line or before `}`; otherwise P006.
fn end_of_statement(p: &mut Parser<'_>) {
    if p.eat(SEMICOLON) || p.has_newline() || p.at(R_CURLY) || p.at(EOF) {
        return;
    }
    if p.prev_kind() == R_CURLY || p.has_error_on_line() {
        return;
    }
    let gap = rowan::TextRange::new(p.prev_end(), p.current_range().start());
    if p.has_invalid_before() {
        // The invalid characters between are what is wrong.
        return;
    }
    let message = format!("Expected the end of the statement, found {}", p.found());
    p.report(
        SyntaxError::new("P006", gap, message)
            .with_note("statements on one line are separated by `;`")
            .with_fix("add `;`", rowan::TextRange::empty(gap.start()), ";", false),
    );
    if p.at(L_CURLY) && p.prev_kind() == IDENT && p.nth(1).is_word() && p.nth(2) == COLON {
        // `point { x: 1 }`, meant as a struct literal.
        let marker = p.start();
        p.skip_balanced();
        p.complete(marker, ERROR);
    }
}

/// One element of a list: whether there was something to parse.
type Element = fn(&mut Parser<'_>) -> bool;

/// A comma-separated list in brackets, the opening one being the current token.
///
/// Newlines mean nothing inside. A missing comma is P001, `;` instead is P024, a
/// missing closer P008.
fn bracketed_list(p: &mut Parser<'_>, closer: SyntaxKind, what: &str, element: Element) {
    let opener = p.open_bracket();
    p.with_modes(true, false, |p| list_elements(p, closer, what, element));
    p.close_bracket(closer, opener);
}

fn list_elements(p: &mut Parser<'_>, closer: SyntaxKind, what: &str, element: Element) {
    while !p.at(closer) && !p.at(EOF) {
        let before = p.position();
        if !element(p) {
            if !is_list_recoverable(p, closer) {
                return;
            }
            missing_element(p, what);
            p.skip_to_separator();
        }
        if p.eat(COMMA) {
            continue;
        }
        if p.at(closer) {
            return;
        }
        if p.at(SEMICOLON) && !p.raw_newline(1) {
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
            continue;
        }
        if !is_list_recoverable(p, closer) {
            return;
        }
        if p.position() == before {
            missing_element(p, what);
            p.skip_to_separator();
            p.eat(COMMA);
            if p.position() == before {
                return;
            }
            continue;
        }
        let closer_text = closer.text().unwrap_or("?");
        p.expected(&format!("`,` or `{closer_text}`"));
    }
}

/// P003, P007 or P001, by what is missing.
fn missing_element(p: &mut Parser<'_>, what: &str) {
    let code = match what {
        "an argument" | "an element" | "an index" => "P003",
        _ if what.contains("type") && !what.contains("parameter,") => "P007",
        _ => "P001",
    };
    let what = if code == "P003" {
        "an expression"
    } else {
        what
    };
    let message = format!("Expected {what}, found {}", p.found());
    p.error(code, message);
}

/// Whether the list can still be meant to go on at the current token, rather than
/// its closer having been forgotten.
fn is_list_recoverable(p: &Parser<'_>, closer: SyntaxKind) -> bool {
    let current = p.current();
    if matches!(
        current,
        EOF | R_PAREN | R_BRACK | R_CURLY | L_CURLY | SEMICOLON | ARROW | FAT_ARROW
    ) {
        return false;
    }
    if !p.raw_newline(0) {
        return true;
    }
    if starts_declaration(current) {
        return false;
    }
    // On a new line: only if the closer comes before anything that ends the statement.
    let mut depth = 0usize;
    for n in 0..256 {
        match p.nth(n) {
            kind if depth == 0 && kind == closer => return true,
            L_PAREN | L_BRACK | L_CURLY => depth += 1,
            R_PAREN | R_BRACK | R_CURLY if depth == 0 => return false,
            R_PAREN | R_BRACK | R_CURLY => depth -= 1,
            EOF => return false,
            kind if depth == 0 && p.raw_newline(n) && starts_declaration(kind) => return false,
            _ => {}
        }
    }
    false
}

/// Keywords at which a statement or an item surely begins.
fn starts_declaration(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        LET_KW
            | VAR_KW
            | FUNC_KW
            | TYPE_KW
            | ENUM_KW
            | UNION_KW
            | BEHAVIOR_KW
            | CLASS_KW
            | INTERFACE_KW
            | NAMESPACE_KW
            | MOD_KW
            | USE_KW
            | PUB_KW
            | IMPL_KW
            | CONST_KW
            | STATIC_KW
            | ABSTRACT_KW
            | SEALED_KW
            | RETURN_KW
            | WHILE_KW
            | AT
    )
}

/// Skips the opening brace's whole group, or nothing.
fn skip_group(p: &mut Parser<'_>, opener: SyntaxKind) {
    if p.at(opener) {
        p.skip_balanced();
    }
}

/// Whether a word begins with an upper-case letter.
fn is_upper(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase())
}

/// Reports P018 for `<…>` where generics are meant, and skips it.
fn angle_generics(p: &mut Parser<'_>) {
    let marker: Marker = p.start();
    let open = p.current_range();
    let mut depth = 0usize;
    let mut close = None;
    for n in 0..64 {
        match p.nth(n) {
            LT => depth += 1,
            GT => depth = depth.saturating_sub(1),
            SHR => depth = depth.saturating_sub(2),
            EOF | L_CURLY | R_CURLY | SEMICOLON | EQ => break,
            _ => {}
        }
        if depth == 0 {
            close = Some(n);
            break;
        }
    }
    let mut error = SyntaxError::new("P018", open, "Generics are written with `[ ]`, not `< >`");
    if let Some(n) = close
        && p.nth(n) == GT
        && !(1..n).any(|it| matches!(p.nth(it), LT | GT))
    {
        let edits = vec![(open, "[".to_owned()), (p.nth_range(n), "]".to_owned())];
        error = error.with_edits("write `[ ]`", edits, true);
    }
    p.report(error);
    for _ in 0..=close.unwrap_or(0) {
        p.bump();
    }
    p.complete(marker, ERROR);
}

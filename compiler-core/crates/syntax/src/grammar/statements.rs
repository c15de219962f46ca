//! Blocks and statements (reference §1.8, §2.6, §5.1).

use super::*;
use crate::parser::Completed;

/// Block = '{' Stmt* '}'
pub(super) fn block(p: &mut Parser<'_>) -> Option<Completed> {
    if !p.at(L_CURLY) {
        p.expect(L_CURLY);
        return unopened_block(p);
    }
    p.nested(|p| {
        let marker = p.start();
        block_body(p);
        Some(p.complete(marker, BLOCK))
    })
}

/// The statements of a block whose `{` was forgotten, if the lines look like one. Its absence
/// has been reported.
pub(super) fn unopened_block(p: &mut Parser<'_>) -> Option<Completed> {
    if !p.looks_like_block() {
        return None;
    }
    p.nested(|p| {
        let marker = p.start();
        p.with_modes(false, false, |p| {
            while !p.at(R_CURLY) && !p.at(EOF) {
                statement(p);
            }
        });
        p.eat(R_CURLY);
        Some(p.complete(marker, BLOCK))
    })
}

fn block_body(p: &mut Parser<'_>) {
    let opener = p.open_bracket();
    p.with_modes(false, false, |p| {
        while !p.at(R_CURLY) && !p.at(EOF) {
            statement(p);
        }
    });
    p.close_bracket(R_CURLY, opener);
}

/// Stmt; consumes at least one token.
fn statement(p: &mut Parser<'_>) {
    let before = p.position();
    match p.current() {
        SEMICOLON => return p.bump(),
        R_PAREN | R_BRACK | COMMA => {
            let message = format!("Unexpected {}", p.found());
            return p.error_and_bump("P002", message);
        }
        ELSE_KW => return stray_else(p),
        _ => {}
    }
    if items::at_local_item(p) {
        return items::item(p, items::Place::Block);
    }
    let marker = if p.at(AT) {
        p.start_with_docs()
    } else {
        p.start()
    };
    items::decorators(p);
    match p.current() {
        LET_KW | VAR_KW => let_statement(p, marker),
        _ => {
            let is_block_like = expressions::at_block_like(p);
            let parsed = if is_block_like {
                expressions::block_like_statement(p)
            } else {
                expressions::expr(p)
            };
            if parsed.is_some() {
                end_of_statement(p);
                p.complete(marker, EXPR_STMT);
            }
        }
    }
    if p.position() == before {
        let message = format!("Expected an expression, found {}", p.found());
        p.report(SyntaxError::new("P003", p.current_range(), message));
        p.bump_error();
        skip_line(p);
    }
}

/// Skips the rest of a line that makes no sense, into an error node.
fn skip_line(p: &mut Parser<'_>) {
    let stops = |p: &Parser<'_>| {
        p.raw_newline(0) || matches!(p.current(), EOF | SEMICOLON | R_CURLY | L_CURLY)
    };
    if stops(p) {
        return;
    }
    let marker = p.start();
    while !stops(p) {
        p.skip_balanced();
    }
    p.complete(marker, ERROR);
}

fn stray_else(p: &mut Parser<'_>) {
    let marker = p.start();
    let range = p.current_range();
    p.report(SyntaxError::new("P019", range, "`else` without `if`"));
    p.bump();
    if p.at(IF_KW) || p.at(L_CURLY) {
        expressions::block_like_statement(p);
    }
    p.complete(marker, ERROR);
}

/// `let` 'volatile'? 'mut'? Pattern (':' Type)? ('=' Expr)? ('else' Block)?
fn let_statement(p: &mut Parser<'_>, marker: Marker) {
    let keyword = p.current_range();
    p.bump();
    loop {
        let is_volatile = p.at_word("volatile")
            && !p.raw_newline(1)
            && !matches!(
                p.nth(1),
                EQ | COLON | SEMICOLON | R_CURLY | EOF | COLON2 | AT
            );
        if is_volatile {
            p.bump_as(VOLATILE_KW);
        } else if p.at(MUT_KW) && p.nth(1) != REF_KW {
            p.bump();
        } else {
            break;
        }
    }
    let has_pattern = patterns::pattern(p).is_some();
    let mut has_type_or_value = false;
    if p.eat(COLON) {
        has_type_or_value = true;
        types::type_(p);
        if p.at(QUESTION) {
            p.bump_error();
        }
    }
    if p.at_same_line(EQ) || (p.at(EQ) && !has_type_or_value) {
        p.bump();
        has_type_or_value = true;
        if p.raw_newline(0) && matches!(p.current(), FOR_KW | WHILE_KW) {
            // A loop on the next line is a statement: it has no value.
            p.expected("a value after `=`");
        } else {
            expressions::expr(p);
        }
    }
    if p.at(ELSE_KW) {
        let else_marker = p.start();
        p.bump();
        block(p);
        p.complete(else_marker, LET_ELSE);
    }
    if has_pattern && !has_type_or_value {
        let message = format!(
            "Expected `:` and a type or `=` and a value, found {}",
            p.found()
        );
        let range = p.found_range();
        p.report(SyntaxError::new("P001", range, message).with_label(keyword, "in this binding"));
    }
    end_of_statement(p);
    p.complete(marker, LET_STMT);
}

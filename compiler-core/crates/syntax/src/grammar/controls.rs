//! `if`, `when`, loops, `catch` (reference §2.6, §5.3).

use super::*;
use crate::parser::Completed;

/// 'if' ('let' Pattern (':' Type)? '=')? Head ('then' (Block | Expr) | Block) ('else' …)?
pub(super) fn if_(p: &mut Parser<'_>) -> Completed {
    let marker = p.start();
    p.bump();
    condition(p);
    then_branch(p);
    if p.at(ELSE_KW) {
        p.bump();
        else_branch(p);
    }
    p.complete(marker, IF_EXPR)
}

/// The condition of `if`, `while` and `loop`.
fn condition(p: &mut Parser<'_>) {
    let marker = p.start();
    if p.at(LET_KW) {
        p.bump();
        patterns::pattern(p);
        if p.eat(COLON) {
            types::type_(p);
        }
        if !p.expect(EQ) {
            p.complete(marker, CONDITION);
            return;
        }
    }
    if p.at(L_CURLY) {
        p.error("P003", "Expected a condition before `{`");
    } else {
        expressions::head(p);
    }
    p.complete(marker, CONDITION);
}

fn then_branch(p: &mut Parser<'_>) {
    if p.eat(THEN_KW) {
        branch(p);
    } else if p.at(L_CURLY) {
        statements::block(p);
    } else if expressions::is_expr_start(p, 0) && !p.raw_newline(0) {
        let gap = rowan::TextRange::empty(p.current_range().start());
        let range = p.current_range();
        p.report(
            SyntaxError::new(
                "P005",
                range,
                "Missing `then` before the expression of an `if`",
            )
            .with_fix("insert `then`", gap, "then ", true),
        );
        branch(p);
    } else {
        p.expected("`{` or `then` after the condition");
        statements::unopened_block(p);
    }
}

fn branch(p: &mut Parser<'_>) {
    if p.at(L_CURLY) {
        statements::block(p);
    } else {
        p.nested(expressions::expr);
    }
}

fn else_branch(p: &mut Parser<'_>) {
    if p.at(IF_KW) {
        p.nested(|p| Some(if_(p)));
    } else {
        p.eat(THEN_KW);
        branch(p);
    }
}

/// When = 'when' Head? '{' Arm* '}'
pub(super) fn when(p: &mut Parser<'_>) -> Completed {
    let marker = p.start();
    p.bump();
    let has_scrutinee = !p.at(L_CURLY);
    if has_scrutinee {
        expressions::head(p);
    }
    if !p.at(L_CURLY) {
        p.expect(L_CURLY);
        // Arms on the next lines mean that only the brace was forgotten.
        if p.has_newline() && is_arm_line(p) {
            let list = p.start();
            p.with_modes(false, false, |p| {
                while !p.at(R_CURLY) && !p.at(EOF) && is_arm_line(p) {
                    arm(p, has_scrutinee);
                }
            });
            p.eat(R_CURLY);
            p.complete(list, ARM_LIST);
        }
        return p.complete(marker, WHEN_EXPR);
    }
    let list = p.start();
    let opener = p.open_bracket();
    p.with_modes(false, false, |p| {
        while !p.at(R_CURLY) && !p.at(EOF) {
            let before = p.position();
            arm(p, has_scrutinee);
            if p.position() == before {
                let message = format!("Expected an arm, found {}", p.found());
                p.report(SyntaxError::new("P001", p.current_range(), message));
                p.bump_error();
            }
        }
    });
    p.close_bracket(R_CURLY, opener);
    p.complete(list, ARM_LIST);
    p.complete(marker, WHEN_EXPR)
}

/// Whether an arm's `=>` stands on the line of the current token.
fn is_arm_line(p: &Parser<'_>) -> bool {
    let mut n = 0;
    loop {
        match p.nth(n) {
            FAT_ARROW => return true,
            EOF => return false,
            R_CURLY if n == 0 => return false,
            _ if n > 0 && p.raw_newline(n) => return false,
            _ => n += 1,
        }
    }
}

/// Arm = Pattern (('|' | ',' | 'or') Pattern)* ('if' Head)? ('=>' | '->') Expr (',' | ';' | newline | before '}')
fn arm(p: &mut Parser<'_>, has_scrutinee: bool) {
    if p.at(COMMA) || p.at(SEMICOLON) {
        if p.at(COMMA) {
            p.error("P002", "Unexpected `,`");
        }
        return p.bump();
    }
    let marker = if p.at(AT) {
        p.start_with_docs()
    } else {
        p.start()
    };
    let start = p.current_range().start();
    items::decorators(p);
    if has_scrutinee || (p.at(UNDERSCORE) && matches!(p.nth(1), FAT_ARROW | ARROW)) {
        arm_pattern(p);
    } else {
        let condition = p.start();
        expressions::head(p);
        p.complete(condition, CONDITION);
    }
    if p.at(IF_KW) {
        let guard = p.start();
        p.bump();
        expressions::head(p);
        p.complete(guard, GUARD);
    }
    if !p.eat(FAT_ARROW) && !p.eat(ARROW) {
        if !p.has_error_since(start) {
            p.expected("`=>`");
        }
        skip_arm_rest(p);
        p.complete(marker, ARM);
        return;
    }
    expressions::expr(p);
    if !p.eat(COMMA) && !p.eat(SEMICOLON) {
        let is_ended =
            p.has_newline() || p.at(R_CURLY) || p.prev_kind() == R_CURLY || p.has_error_on_line();
        if !is_ended {
            p.expected("`,` or a new line after the arm");
        }
        if p.has_error_on_line() && !p.has_newline() && p.prev_kind() != R_CURLY {
            skip_arm_rest(p);
        }
    }
    p.complete(marker, ARM);
}

fn arm_pattern(p: &mut Parser<'_>) {
    let marker = p.start();
    if patterns::pattern_single(p).is_none() {
        return skip_to_arrow(p);
    }
    let mut has_alternatives = false;
    while matches!(p.current(), PIPE | COMMA | OR_KW) {
        has_alternatives = true;
        p.bump();
        patterns::pattern_single(p);
    }
    if has_alternatives {
        p.complete(marker, OR_PAT);
    }
    if !matches!(p.current(), IF_KW | FAT_ARROW | ARROW)
        && !p.raw_newline(0)
        && !p.at(R_CURLY)
        && !p.at(EOF)
    {
        let from = p.range_since(marker).start();
        let position = p.position();
        skip_to_arrow(p);
        let range = rowan::TextRange::new(from, p.prev_end());
        if p.position() > position {
            p.report_always(SyntaxError::new(
                "P004",
                range,
                "Invalid pattern: expressions cannot be matched",
            ));
            p.note_error();
        }
    }
}

/// Skips what cannot belong to a pattern, up to `=>` on the same line.
fn skip_to_arrow(p: &mut Parser<'_>) {
    let stops = |p: &Parser<'_>| {
        p.raw_newline(0) || matches!(p.current(), FAT_ARROW | ARROW | IF_KW | R_CURLY | EOF)
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

fn skip_arm_rest(p: &mut Parser<'_>) {
    let stops = |p: &Parser<'_>| p.raw_newline(0) || matches!(p.current(), R_CURLY | EOF);
    if stops(p) {
        return;
    }
    let marker = p.start();
    while !stops(p) {
        p.skip_balanced();
    }
    p.complete(marker, ERROR);
}

/// The forms of `loop`.
pub(super) fn loop_(p: &mut Parser<'_>) -> Completed {
    let marker = p.start();
    p.bump();
    let is_pattern_in =
        p.at(L_PAREN) && p.matching_bracket(0).is_some_and(|n| p.nth(n + 1) == IN_KW);
    match p.current() {
        L_CURLY => {}
        L_PAREN if p.nth(1) == VAR_KW => counter_head(p),
        L_PAREN if !is_pattern_in => condition(p),
        WHILE_KW => {
            p.bump();
            condition(p);
        }
        _ => pattern_in_head(p),
    }
    statements::block(p);
    p.complete(marker, LOOP_EXPR)
}

/// '(' 'var' IDENT ':' Type '<' Expr ')'
fn counter_head(p: &mut Parser<'_>) {
    let opener = p.open_bracket();
    p.with_modes(true, false, |p| {
        p.bump();
        name(p, "the name of the counter");
        if p.expect(COLON) {
            types::cast_type(p);
        }
        if p.expect(LT) {
            expressions::expr(p);
        }
    });
    p.close_bracket(R_PAREN, opener);
}

fn pattern_in_head(p: &mut Parser<'_>) {
    if patterns::pattern(p).is_none() && !p.at(IN_KW) {
        return;
    }
    let has_in = p.expect(IN_KW);
    if !has_in && p.at(IDENT) && !p.raw_newline(0) && !p.raw_newline(1) && p.nth(1) != L_CURLY {
        // Another word stands where `in` should.
        p.bump_error();
    }
    if has_in || expressions::is_expr_start(p, 0) && !p.at(L_CURLY) && !p.raw_newline(0) {
        expressions::head(p);
    }
}

/// While = 'while' Head Block
pub(super) fn while_(p: &mut Parser<'_>) -> Completed {
    let marker = p.start();
    p.bump();
    condition(p);
    statements::block(p);
    p.complete(marker, WHILE_EXPR)
}

/// For = 'for' Pattern 'in' Head Block
pub(super) fn for_(p: &mut Parser<'_>) -> Completed {
    let marker = p.start();
    p.bump();
    pattern_in_head(p);
    statements::block(p);
    p.complete(marker, FOR_EXPR)
}

/// Catch = 'catch' Block 'else' ('do' '(' IDENT ')' | '|' IDENT '|')? Block
pub(super) fn catch(p: &mut Parser<'_>) -> Completed {
    let marker = p.start();
    p.bump_as(CATCH_KW);
    statements::block(p);
    if p.expect(ELSE_KW) {
        atoms::opt_error_binding(p);
        statements::block(p);
    }
    p.complete(marker, CATCH_EXPR)
}

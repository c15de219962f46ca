//! Operators and postfix forms (reference §2.6, §2.7).

use rowan::TextRange;

use super::*;
use crate::parser::{CHAIN_HEIGHT_MAX, Completed};

/// Levels of §2.7; a higher one binds tighter.
mod level {
    pub(super) const OR: u8 = 2;
    pub(super) const AND: u8 = 3;
    pub(super) const COMPARISON: u8 = 5;
    pub(super) const RANGE: u8 = 6;
    pub(super) const BIT_OR: u8 = 7;
    pub(super) const BIT_XOR: u8 = 8;
    pub(super) const BIT_AND: u8 = 9;
    pub(super) const SHIFT: u8 = 10;
    pub(super) const SUM: u8 = 11;
    pub(super) const PRODUCT: u8 = 12;
    pub(super) const POWER: u8 = 13;
}

/// Whether an expression can begin at the `n`-th token.
pub(super) fn is_expr_start(p: &Parser<'_>, n: usize) -> bool {
    let kind = p.nth(n);
    kind.is_literal()
        || matches!(
            kind,
            IDENT
                | CRATE_KW
                | SUPER_KW
                | THIS_KW
                | THIS_TYPE_KW
                | L_PAREN
                | L_BRACK
                | L_CURLY
                | IF_KW
                | WHEN_KW
                | LOOP_KW
                | WHILE_KW
                | FOR_KW
                | LOWLEVEL_KW
                | ASYNC_KW
                | DO_KW
                | RETURN_KW
                | BREAK_KW
                | CONTINUE_KW
                | THROW_KW
                | NOT_KW
                | BANG
                | MINUS
                | TILDE
                | STAR
                | STAR2
                | AMP
                | AMP2
                | REF_KW
                | MUT_KW
                | AWAIT_KW
                | TO_KW
                | THROUGH_KW
        )
}

/// At `if when loop while for lowlevel catch {`: a statement that ends at its `}`.
pub(super) fn at_block_like(p: &Parser<'_>) -> bool {
    match p.current() {
        IF_KW | WHEN_KW | LOOP_KW | WHILE_KW | FOR_KW | L_CURLY => true,
        LOWLEVEL_KW => p.nth(1) == L_CURLY,
        IDENT => atoms::at_catch(p),
        _ => false,
    }
}

/// A statement that begins with a block-like form: only `.`, `!` and `as` may follow it (§1.8(7)).
pub(super) fn block_like_statement(p: &mut Parser<'_>) -> Option<Completed> {
    let completed = atoms::atom(p)?;
    let goes_on =
        !p.raw_newline(0) && p.prev_kind() == R_CURLY && matches!(p.current(), DOT | BANG | AS_KW);
    if !goes_on {
        return Some(completed);
    }
    let completed = postfix(p, completed);
    let completed = casts(p, completed);
    let completed = binary_rest(p, completed, 0);
    Some(assignment_rest(p, completed))
}

/// Expr = Ternary (AssignOp Expr)?
pub(super) fn expr(p: &mut Parser<'_>) -> Option<Completed> {
    let lhs = ternary(p)?;
    Some(assignment_rest(p, lhs))
}

fn is_assign_op(kind: SyntaxKind) -> bool {
    kind == EQ || crate::ast::ArithOp::from_assign_kind(kind).is_some()
}

fn assignment_rest(p: &mut Parser<'_>, lhs: Completed) -> Completed {
    if !is_assign_op(p.current()) || p.has_newline() {
        return lhs;
    }
    let is_place = matches!(
        lhs.kind,
        PATH_EXPR | THIS_EXPR | FIELD_EXPR | INDEX_EXPR | PAREN_EXPR | SCOPE_EXPR
    ) || (lhs.kind == PREFIX_EXPR && p.text_at(lhs.range()).starts_with('*'));
    if !is_place {
        p.report_always(SyntaxError::new(
            "P016",
            lhs.range(),
            "Invalid assignment target",
        ));
    }
    let marker = p.precede(lhs);
    p.bump();
    p.nested(expr);
    p.complete(marker, ASSIGN_EXPR)
}

/// Head = Expr in which a struct literal is not allowed outside brackets.
pub(super) fn head(p: &mut Parser<'_>) -> Option<Completed> {
    let outer = std::mem::replace(&mut p.is_head, true);
    let completed = ternary(p);
    p.is_head = outer;
    completed
}

/// Ternary = Binary ('?' Ternary ':' Ternary)?
pub(super) fn ternary(p: &mut Parser<'_>) -> Option<Completed> {
    let condition = p.nested(|p| binary(p, 0))?;
    if !p.at(QUESTION) {
        return Some(condition);
    }
    p.nested(|p| {
        let marker = p.precede(condition);
        p.bump();
        ternary(p);
        if p.expect(COLON) {
            ternary(p);
        }
        Some(p.complete(marker, TERNARY_EXPR))
    })
    .or(Some(condition))
}

fn binary(p: &mut Parser<'_>, min: u8) -> Option<Completed> {
    let lhs = operand(p)?;
    Some(binary_rest(p, lhs, min))
}

/// The level of the infix operator at the current token, if it continues the expression.
fn infix_level(p: &Parser<'_>) -> Option<u8> {
    let kind = p.current();
    let level = match kind {
        OR_KW | PIPE2 => level::OR,
        AND_KW | AMP2 => level::AND,
        EQ2 | NEQ | LT | GT | LT_EQ | GT_EQ | IS_KW => level::COMPARISON,
        TO_KW | THROUGH_KW => level::RANGE,
        PIPE => level::BIT_OR,
        CARET | XOR_KW => level::BIT_XOR,
        AMP => level::BIT_AND,
        SHL | SHR | SHL_KW | SHR_KW => level::SHIFT,
        PLUS | MINUS => level::SUM,
        STAR | SLASH | PERCENT => level::PRODUCT,
        STAR2 => level::POWER,
        _ => return None,
    };
    // These begin a statement at the start of a line (§1.8(4)).
    let never_continues = matches!(kind, MINUS | STAR | AMP);
    (!never_continues || !p.has_newline()).then_some(level)
}

fn binary_rest(p: &mut Parser<'_>, mut lhs: Completed, min: u8) -> Completed {
    let mut comparison: Option<TextRange> = None;
    while let Some(level) = infix_level(p) {
        if level < min {
            break;
        }
        if lhs.height > CHAIN_HEIGHT_MAX {
            p.too_deep();
            break;
        }
        let kind = p.current();
        if kind == LT && at_angle_generics(p, lhs) {
            angle_generics(p);
            // As something that is no path, so that `::name` is taken too.
            lhs.kind = ERROR;
            lhs = postfix(p, lhs);
            continue;
        }
        let op_range = p.current_range();
        if level == level::COMPARISON {
            if let Some(rhs) = comparison {
                chained_comparison(p, rhs, op_range);
            }
        } else if level == level::RANGE && lhs.kind == RANGE_EXPR {
            p.error("P021", "Chained range: `to` and `through` do not associate");
        }
        warn_about_synonym(p);
        let marker = p.precede(lhs);
        p.bump();
        if kind == IS_KW {
            types::cast_type(p);
            lhs = p.complete(marker, IS_EXPR);
            comparison = Some(TextRange::empty(p.prev_end()));
            continue;
        }
        let is_range = level == level::RANGE;
        let has_rhs = is_expr_start(p, 0)
            && !(is_range && (p.is_head && p.at(L_CURLY) || p.has_newline() && !p.at(IDENT)));
        let rhs = if has_rhs {
            let rhs_min = if level == level::POWER {
                level
            } else {
                level + 1
            };
            p.nested(|p| binary(p, rhs_min))
        } else {
            if !is_range {
                missing_operand(p, op_range);
            }
            None
        };
        lhs = p.complete(marker, if is_range { RANGE_EXPR } else { BIN_EXPR });
        if level == level::COMPARISON {
            comparison = Some(rhs.map_or(TextRange::empty(p.prev_end()), Completed::range));
        } else {
            comparison = None;
        }
    }
    lhs
}

fn missing_operand(p: &mut Parser<'_>, op_range: TextRange) {
    let message = format!(
        "Expected an expression after `{}`, found {}",
        p.text_at(op_range),
        p.found()
    );
    let range = p.found_range();
    p.report(SyntaxError::new("P003", range, message).with_label(op_range, "after this operator"));
}

fn chained_comparison(p: &mut Parser<'_>, middle: TextRange, op_range: TextRange) {
    let mut error = SyntaxError::new(
        "P021",
        op_range,
        "Chained comparison: comparisons do not associate",
    );
    if !middle.is_empty() {
        let text = format!(" and {}", p.text_at(middle));
        error = error.with_fix("compare twice", TextRange::empty(middle.end()), text, false);
    }
    p.report(error);
}

/// W023 for `&&`, `||` and prefix `!`.
fn warn_about_synonym(p: &mut Parser<'_>) {
    let word = match p.current() {
        AMP2 => "and",
        PIPE2 => "or",
        BANG => "not",
        _ => return,
    };
    let range = p.current_range();
    let text = p.nth_text(0);
    let is_glued = p.nth_range(1).start() == range.end();
    let new_text = if is_glued {
        format!("{word} ")
    } else {
        word.to_owned()
    };
    p.report_always(
        SyntaxError::new("W023", range, format!("`{text}` is spelled `{word}`")).with_fix(
            format!("write `{word}`"),
            range,
            new_text,
            true,
        ),
    );
}

/// Whether `Name<…>` looks like generics in angle brackets: a closing `>` before a call or path.
fn at_angle_generics(p: &Parser<'_>, lhs: Completed) -> bool {
    if lhs.kind != PATH_EXPR || !is_upper(p.prev_text()) {
        return false;
    }
    for n in 1..32 {
        match p.nth(n) {
            GT | SHR => {
                if !matches!(p.nth(n + 1), GT | SHR) {
                    return matches!(p.nth(n + 1), L_PAREN | COLON2);
                }
            }
            IDENT | COMMA | COLON2 | L_BRACK | R_BRACK | LT | QUESTION | REF_KW | MUT_KW => {}
            _ => return false,
        }
    }
    false
}

/// Operand = ('not' | '!') Binary[≥ comparison] | ('to' | 'through') Binary | Prefix ('as' Type)*
fn operand(p: &mut Parser<'_>) -> Option<Completed> {
    match p.current() {
        NOT_KW | BANG => {
            let marker = p.start();
            let op_range = p.current_range();
            warn_about_synonym(p);
            p.bump();
            if p.nested(|p| binary(p, level::COMPARISON)).is_none() {
                missing_operand(p, op_range);
            }
            Some(p.complete(marker, PREFIX_EXPR))
        }
        TO_KW | THROUGH_KW => {
            let marker = p.start();
            p.bump();
            p.nested(|p| binary(p, level::BIT_OR));
            Some(p.complete(marker, RANGE_EXPR))
        }
        _ => {
            let completed = prefix(p)?;
            Some(casts(p, completed))
        }
    }
}

/// ('as' Type)*
fn casts(p: &mut Parser<'_>, mut completed: Completed) -> Completed {
    while p.at_same_line(AS_KW) {
        if completed.height > CHAIN_HEIGHT_MAX {
            p.too_deep();
            break;
        }
        let marker = p.precede(completed);
        p.bump();
        types::cast_type(p);
        completed = p.complete(marker, CAST_EXPR);
    }
    completed
}

/// Prefix operators, borrows, closures, or Postfix.
fn prefix(p: &mut Parser<'_>) -> Option<Completed> {
    let marker = p.start();
    let op_range = p.current_range();
    let kind = match p.current() {
        MINUS | TILDE | STAR => {
            p.bump();
            PREFIX_EXPR
        }
        STAR2 => {
            p.split_bump(STAR, STAR);
            PREFIX_EXPR
        }
        AMP2 => {
            p.split_bump(AMP, AMP);
            REF_EXPR
        }
        AMP => {
            p.bump();
            p.eat(MUT_KW);
            REF_EXPR
        }
        REF_KW => {
            p.bump();
            p.eat(MUT_KW);
            REF_EXPR
        }
        MUT_KW => {
            p.bump();
            p.expect(REF_KW);
            REF_EXPR
        }
        AWAIT_KW => {
            p.bump();
            AWAIT_EXPR
        }
        _ => {
            let completed = atoms::atom(p)?;
            return Some(postfix(p, completed));
        }
    };
    if p.nested(prefix).is_none() {
        missing_operand(p, op_range);
    }
    Some(p.complete(marker, kind))
}

/// '-' literal, as a type argument.
pub(super) fn prefix_literal(p: &mut Parser<'_>) {
    prefix(p);
}

/// PostOp*
fn postfix(p: &mut Parser<'_>, mut lhs: Completed) -> Completed {
    loop {
        if lhs.height > CHAIN_HEIGHT_MAX
            && matches!(p.current(), DOT | L_PAREN | L_BRACK | BANG | COLON2)
        {
            p.too_deep();
            return lhs;
        }
        if p.at(DOT) {
            lhs = dot(p, lhs);
            continue;
        }
        if p.has_newline() {
            return lhs;
        }
        let marker = p.precede(lhs);
        lhs = match p.current() {
            L_PAREN => {
                arg_list(p);
                p.complete(marker, CALL_EXPR)
            }
            L_BRACK => {
                bracketed_list(p, R_BRACK, "an index", |p| {
                    is_expr_start(p, 0) && expr(p).is_some()
                });
                p.complete(marker, INDEX_EXPR)
            }
            COLON2 if lhs.kind != PATH_EXPR => {
                p.bump();
                if p.current().is_word() {
                    bump_name_ref(p);
                    if p.at_same_line(L_BRACK) {
                        paths::opt_expr_type_args(p, true);
                    }
                } else {
                    p.expected("a name after `::`");
                }
                p.complete(marker, SCOPE_EXPR)
            }
            BANG => {
                p.bump();
                if p.at(ELSE_KW) {
                    recover(p);
                }
                p.complete(marker, TRY_EXPR)
            }
            _ => return lhs,
        };
    }
}

/// '.' IDENT TypeArgs? Args? | '.' INT | '.' 'await'
fn dot(p: &mut Parser<'_>, lhs: Completed) -> Completed {
    let marker = p.precede(lhs);
    p.bump();
    match p.current() {
        AWAIT_KW => {
            p.bump();
            return p.complete(marker, AWAIT_EXPR);
        }
        // A word on the next line is a statement of its own unless it is plainly a name.
        kind if kind.is_word() && (kind == IDENT || !p.raw_newline(0)) => bump_name_ref(p),
        INT_NUMBER => {
            bump_name_ref(p);
            return p.complete(marker, FIELD_EXPR);
        }
        _ => {
            p.expected("a field or method name after `.`");
            return p.complete(marker, FIELD_EXPR);
        }
    }
    if p.at_same_line(L_BRACK) {
        paths::opt_expr_type_args(p, true);
    }
    if p.at_same_line(L_PAREN) {
        arg_list(p);
        return p.complete(marker, METHOD_CALL_EXPR);
    }
    p.complete(marker, FIELD_EXPR)
}

/// Recover = 'else' (Block | 'do' '(' IDENT ')' Block | '|' IDENT '|' Block | Expr)
fn recover(p: &mut Parser<'_>) {
    let marker = p.start();
    p.bump();
    if atoms::opt_error_binding(p) || p.at(L_CURLY) {
        statements::block(p);
    } else if is_expr_start(p, 0) {
        ternary(p);
    } else {
        p.error("P003", "Expected an expression after `else`");
    }
    p.complete(marker, RECOVER);
}

/// Args = '(' (Arg (',' Arg)* ','?)? ')'
pub(super) fn arg_list(p: &mut Parser<'_>) {
    let marker = p.start();
    bracketed_list(p, R_PAREN, "an argument", arg);
    p.complete(marker, ARG_LIST);
}

/// Arg = (IDENT ':')? Expr
fn arg(p: &mut Parser<'_>) -> bool {
    let has_name = p.current().is_word() && p.nth(1) == COLON;
    if !has_name && !is_expr_start(p, 0) {
        return false;
    }
    let marker = p.start();
    if has_name {
        bump_name_ref(p);
        p.bump();
    }
    if is_expr_start(p, 0) {
        expr(p);
    } else {
        p.error("P003", "Expected an expression as the argument");
    }
    p.complete(marker, ARG);
    true
}

//! Primary expressions: literals, paths, groups, closures, jumps (reference §2.6).

use super::*;
use crate::parser::Completed;

/// Primary; P003 if there is none.
pub(super) fn atom(p: &mut Parser<'_>) -> Option<Completed> {
    let marker = p.start();
    let kind = p.current();
    if kind.is_literal() {
        return Some(literal(p));
    }
    Some(match kind {
        THIS_KW if p.nth(1) != COLON2 => {
            note_receiver_spelling(p);
            p.bump();
            p.complete(marker, THIS_EXPR)
        }
        IDENT if at_catch(p) => controls::catch(p),
        IDENT if p.at_word("move") && p.nth(1) == DO_KW => {
            p.bump_as(MOVE_KW);
            closure(p, marker)
        }
        IDENT | CRATE_KW | SUPER_KW | THIS_TYPE_KW | THIS_KW => path_or_struct(p),
        L_PAREN => parenthesized(p),
        L_BRACK => array(p),
        L_CURLY => return statements::block(p),
        IF_KW => controls::if_(p),
        WHEN_KW => controls::when(p),
        LOOP_KW => controls::loop_(p),
        WHILE_KW => controls::while_(p),
        FOR_KW => controls::for_(p),
        LOWLEVEL_KW | ASYNC_KW => {
            p.bump();
            statements::block(p);
            p.complete(
                marker,
                if kind == ASYNC_KW {
                    ASYNC_EXPR
                } else {
                    LOWLEVEL_EXPR
                },
            )
        }
        DO_KW => closure(p, marker),
        CONTINUE_KW => {
            p.bump();
            p.complete(marker, CONTINUE_EXPR)
        }
        RETURN_KW | BREAK_KW | THROW_KW => jump(p),
        _ => {
            let message = format!("Expected an expression, found {}", p.found());
            p.error("P003", message);
            return None;
        }
    })
}

/// `catch` directly before `{`.
pub(super) fn at_catch(p: &Parser<'_>) -> bool {
    p.at_word("catch") && p.nth(1) == L_CURLY
}

/// W022: one method uses `this` and `self`.
pub(super) fn note_receiver_spelling(p: &mut Parser<'_>) {
    let is_self = matches!(p.nth_text(0), "self" | "Self");
    let Some(mut spelling) = p.receiver_spelling else {
        return;
    };
    if spelling.first.is_some_and(|it| it != is_self) && !spelling.is_reported {
        spelling.is_reported = true;
        let range = p.current_range();
        let other = match p.nth_text(0) {
            "self" => "this",
            "this" => "self",
            "Self" => "This",
            _ => "Self",
        };
        let message = format!("`{}` and `{other}` are mixed in one method", p.nth_text(0));
        p.report_always(SyntaxError::new("W022", range, message).with_fix(
            format!("write `{other}`"),
            range,
            other,
            true,
        ));
    }
    spelling.first = spelling.first.or(Some(is_self));
    p.receiver_spelling = Some(spelling);
}

/// 'return' Expr? | 'break' Expr? | 'throw' Expr
fn jump(p: &mut Parser<'_>) -> Completed {
    let marker = p.start();
    let kind = match p.current() {
        RETURN_KW => RETURN_EXPR,
        BREAK_KW => BREAK_EXPR,
        _ => THROW_EXPR,
    };
    let keyword = p.current_range();
    p.bump();
    if !p.raw_newline(0) && expressions::is_expr_start(p, 0) && !(p.is_head && p.at(L_CURLY)) {
        p.nested(expressions::expr);
    } else if kind == THROW_EXPR {
        let range = p.found_range();
        let message = format!("Expected an expression after `throw`, found {}", p.found());
        p.report(SyntaxError::new("P003", range, message).with_label(keyword, "nothing is thrown"));
    }
    p.complete(marker, kind)
}

/// A literal token, or a string with interpolations.
pub(super) fn literal(p: &mut Parser<'_>) -> Completed {
    let marker = p.start();
    if !p.at(STRING_START) {
        p.bump();
        return p.complete(marker, LITERAL);
    }
    p.bump();
    while interpolation(p) {}
    p.complete(marker, LITERAL)
}

/// One interpolation and the piece behind it; answers whether another one follows.
fn interpolation(p: &mut Parser<'_>) -> bool {
    // Pieces are balanced, because the lexer finds both ends before it makes any.
    let mut depth = 0usize;
    let mut end = p.position();
    while end < p.limit_pos() {
        match p.kind_at(end) {
            STRING_START => depth += 1,
            STRING_MIDDLE | STRING_END if depth == 0 => break,
            STRING_END => depth -= 1,
            _ => {}
        }
        end += 1;
    }
    let open = p.prev_end() - rowan::TextSize::new(1);
    let snapshot = p.snapshot();
    let marker = p.start();
    p.with_limit(end, |p| {
        p.with_modes(true, false, |p| {
            p.nested(expressions::expr);
            if p.at(FORMAT_SPEC) {
                p.bump();
            }
            if !p.at(EOF) {
                p.error("L014", "");
                let rest = p.start();
                while !p.at(EOF) {
                    p.bump();
                }
                p.complete(rest, ERROR);
            }
        });
    });
    p.complete(marker, INTERPOLATION);
    if p.has_failed_since(&snapshot) {
        let close = p.current_range().start() + rowan::TextSize::new(1);
        let range = rowan::TextRange::new(open, close.max(open));
        p.replace_errors_since(&snapshot, crate::lexer::malformed_interpolation(range));
    }
    let is_last = !p.at(STRING_MIDDLE);
    p.bump();
    !is_last
}

/// A path, or `Path { … }` where a struct literal may stand.
fn path_or_struct(p: &mut Parser<'_>) -> Completed {
    let marker = p.start();
    if p.at(THIS_TYPE_KW) {
        note_receiver_spelling(p);
    }
    let word_pos = p.position();
    paths::expr_path(p);
    let may_be_struct = p.at_same_line(L_CURLY) && ends_in_upper(p, word_pos);
    if !may_be_struct {
        return p.complete(marker, PATH_EXPR);
    }
    if p.is_head {
        // `{ name :` begins no block, so a literal was meant.
        if !(p.nth(1) == IDENT && p.nth(2) == COLON) {
            return p.complete(marker, PATH_EXPR);
        }
        let completed = struct_literal(p, marker);
        let range = completed.range();
        let text = format!("({})", p.text_at(range));
        p.report_always(
            SyntaxError::new("P017", range, "Struct literal in a condition head").with_fix(
                "add parentheses",
                range,
                text,
                true,
            ),
        );
        return completed;
    }
    struct_literal(p, marker)
}

/// Whether the last segment of the path from token `from` begins with an upper-case letter.
fn ends_in_upper(p: &Parser<'_>, from: usize) -> bool {
    let mut depth = 0usize;
    let mut pos = p.position();
    while pos > from {
        pos -= 1;
        match p.kind_at(pos) {
            R_BRACK => depth += 1,
            L_BRACK => depth = depth.saturating_sub(1),
            kind if depth == 0 => {
                return kind == THIS_TYPE_KW || is_upper(p.text_of(pos));
            }
            _ => {}
        }
    }
    false
}

/// StructLit = Path '{' (FieldInit (',' FieldInit)* ','?)? '}'
fn struct_literal(p: &mut Parser<'_>, marker: Marker) -> Completed {
    let list = p.start();
    bracketed_list(p, R_CURLY, "a field", field_init);
    p.complete(list, FIELD_INIT_LIST);
    p.complete(marker, STRUCT_LIT)
}

/// FieldInit = IDENT (':' Expr)? | '..' Expr
fn field_init(p: &mut Parser<'_>) -> bool {
    let marker = p.start();
    if p.at(DOT2) {
        p.bump();
        expressions::expr(p);
    } else if p.at(IDENT) || p.current().is_word() && p.nth(1) == COLON {
        bump_name_ref(p);
        if p.at(EQ) {
            p.error_and_bump("P001", "Expected `:` between field and value, found `=`");
            expressions::expr(p);
        } else if p.eat(COLON) {
            expressions::expr(p);
        }
    } else {
        return false;
    }
    p.complete(marker, FIELD_INIT);
    true
}

/// `()`, `(e)`, `(e,)`, `(a, b)`
fn parenthesized(p: &mut Parser<'_>) -> Completed {
    let marker = p.start();
    let opener = p.open_bracket();
    let mut count = 0;
    let mut has_comma = false;
    p.with_modes(true, false, |p| {
        while !p.at(R_PAREN) && !p.at(EOF) {
            if !expressions::is_expr_start(p, 0) {
                if !is_list_recoverable(p, R_PAREN) {
                    if p.at(R_BRACK) || p.at(R_CURLY) {
                        return;
                    }
                    p.error("P003", "Expected an expression");
                    return;
                }
                let message = format!("Expected an expression, found {}", p.found());
                p.error("P003", message);
                p.skip_to_separator();
            } else {
                expressions::expr(p);
            }
            count += 1;
            if p.eat(COMMA) {
                has_comma = true;
                continue;
            }
            if p.at(R_PAREN) || !is_list_recoverable(p, R_PAREN) {
                return;
            }
            p.expected("`,` or `)`");
            p.skip_to_separator();
            if !p.eat(COMMA) {
                return;
            }
        }
    });
    p.close_bracket(R_PAREN, opener);
    let kind = if count == 1 && !has_comma {
        PAREN_EXPR
    } else {
        TUPLE_EXPR
    };
    p.complete(marker, kind)
}

/// '[' (Expr (',' Expr)* ','?)? ']' | '[' Expr ';' Expr ']'
fn array(p: &mut Parser<'_>) -> Completed {
    let marker = p.start();
    let opener = p.open_bracket();
    let kind = p.with_modes(true, false, |p| {
        if !expressions::is_expr_start(p, 0) {
            list_elements(p, R_BRACK, "an element", element);
            return ARRAY_EXPR;
        }
        expressions::expr(p);
        if p.eat(SEMICOLON) {
            expressions::expr(p);
            return REPEAT_EXPR;
        }
        if p.eat(COMMA) {
            list_elements(p, R_BRACK, "an element", element);
        } else if !p.at(R_BRACK) && is_list_recoverable(p, R_BRACK) {
            p.expected("`,` or `]`");
            list_elements(p, R_BRACK, "an element", element);
        }
        ARRAY_EXPR
    });
    p.close_bracket(R_BRACK, opener);
    p.complete(marker, kind)
}

fn element(p: &mut Parser<'_>) -> bool {
    expressions::is_expr_start(p, 0) && expressions::expr(p).is_some()
}

/// Closure = 'do' ( '(' … ')' | IDENT )? ('->' Type)? (Block | Expr)
fn closure(p: &mut Parser<'_>, marker: Marker) -> Completed {
    p.bump();
    if p.at(L_PAREN) {
        members::closure_param_list(p);
    } else if at_single_param(p) {
        let list = p.start();
        let param = p.start();
        let pat = p.start();
        bump_name(p);
        p.complete(pat, IDENT_PAT);
        p.complete(param, PARAM);
        p.complete(list, PARAM_LIST);
    }
    types::opt_ret_type(p);
    if p.at(L_CURLY) {
        statements::block(p);
    } else {
        p.nested(expressions::expr);
    }
    p.complete(marker, CLOSURE_EXPR)
}

/// `do x e`: a name before what can only begin the body.
fn at_single_param(p: &Parser<'_>) -> bool {
    p.at(IDENT)
        && !p.raw_newline(1)
        && (p.nth(1).is_literal()
            || matches!(
                p.nth(1),
                L_CURLY
                    | ARROW
                    | IDENT
                    | THIS_KW
                    | THIS_TYPE_KW
                    | IF_KW
                    | WHEN_KW
                    | NOT_KW
                    | REF_KW
                    | MUT_KW
                    | RETURN_KW
                    | TILDE
                    | AWAIT_KW
            ))
        && !at_catch(p)
        && !(p.nth(1) == L_CURLY && is_upper(p.nth_text(0)))
}

/// ('do' '(' IDENT ')' | '|' IDENT '|')? before the block of `else`.
pub(super) fn opt_error_binding(p: &mut Parser<'_>) -> bool {
    let is_do = p.at(DO_KW)
        && p.nth(1) == L_PAREN
        && matches!(p.nth(2), IDENT | UNDERSCORE)
        && p.nth(3) == R_PAREN
        && p.nth(4) == L_CURLY;
    if is_do {
        p.bump();
    }
    if !is_do && !p.at(PIPE) {
        return false;
    }
    p.bump();
    if p.at(UNDERSCORE) {
        p.bump();
    } else {
        name(p, "the name of the error");
    }
    p.expect(if is_do { R_PAREN } else { PIPE });
    true
}

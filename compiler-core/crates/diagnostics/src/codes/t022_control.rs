//! T022, T041, T052: jumps and `this` where they mean nothing.

use hir_def::body::{Expr, ExprId};

use crate::body_ctx::BodyCtx;
use crate::place::Draft;

pub(crate) fn outside_loop(ctx: &BodyCtx<'_>, expr: ExprId, is_break: bool) -> Draft {
    let word = if is_break { "break" } else { "continue" };
    let draft = Draft::error("T022", ctx.expr(expr), format!("`{word}` outside a loop"))
        .labelled("no loop around");
    match is_break {
        true => draft.help("to leave the function, write `return`"),
        false => draft,
    }
}

pub(crate) fn break_value(ctx: &BodyCtx<'_>, expr: ExprId) -> Draft {
    let draft = Draft::error(
        "T022",
        ctx.expr(expr),
        "`break` with a value outside `loop`",
    )
    .note("only `loop { … }` has a value: the others may end without a `break`");
    match &ctx.body[expr] {
        Expr::Break { value: Some(value) } => {
            draft.label(ctx.expr(*value), "this value goes nowhere")
        }
        _ => draft,
    }
}

pub(crate) fn this_outside(ctx: &BodyCtx<'_>, expr: ExprId) -> Draft {
    let draft = Draft::error("T052", ctx.expr(expr), "`this` outside a method")
        .labelled("there is no receiver");
    match ctx.func() {
        Some(func) => draft
            .label(
                crate::text::func_place(ctx.db, func),
                "this function has no `this` parameter",
            )
            .help("methods stand in an `impl` and have `this` as their first parameter"),
        None => draft,
    }
}

pub(crate) fn let_else(ctx: &BodyCtx<'_>, else_: ExprId) -> Draft {
    Draft::error(
        "T041",
        ctx.expr(else_),
        "The `else` block of a `let` does not diverge",
    )
    .labelled("control reaches the end of this block")
    .help("leave it with `return`, `break`, `continue` or a panic")
}

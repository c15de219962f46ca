//! T046, T047, W033: where failures go; T050: where `await` may stand.

use hir_def::body::{Expr, ExprId};
use hir_ty::Ty;

use crate::body_ctx::BodyCtx;
use crate::place::Draft;
use crate::text::{func_place, ret_place};

pub(crate) fn convert(ctx: &BodyCtx<'_>, expr: ExprId, from: Ty, to: Ty, nothing: bool) -> Draft {
    let (have, want) = (ctx.show(from), ctx.show(to));
    let mark = ctx.expr(expr).last_char();
    let message = match nothing {
        true => format!("`!` cannot convert a missing value to the error type `{want}`"),
        false => format!("`!` cannot convert the error `{have}` to `{want}`"),
    };
    let draft = Draft::error("T046", ctx.expr(expr), message);
    let draft = match nothing {
        true => draft.labelled("gives `Nothing` here"),
        false => draft.labelled(format!("fails with `{have}`")),
    };
    let draft = match ctx.func().and_then(|func| ret_place(ctx.db, func)) {
        Some(ret) => draft.label(ret, format!("the function fails with `{want}`")),
        None => draft,
    };
    let draft = match nothing {
        true => draft.suggest(
            "say which error it is: `.ok_or(…)!`",
            mark.start(),
            ".ok_or(todo())",
        ),
        false => draft.suggest(
            "convert it: `.map_err(…)!`",
            mark.start(),
            ".map_err(todo())",
        ),
    };
    match nothing {
        true => draft,
        false => draft.help(format!("or implement `From[{have}]` for `{want}`")),
    }
}

pub(crate) fn panics(ctx: &BodyCtx<'_>, expr: ExprId) -> Draft {
    let draft = Draft::warning(
        "W033",
        ctx.expr(expr),
        "`!` panics here: the function cannot hand the failure on",
    )
    .labelled("panics on failure");
    let draft = match ctx.func() {
        Some(func) => draft.label(
            func_place(ctx.db, func),
            "returns neither `Maybe` nor `Outcome`",
        ),
        None => draft,
    };
    draft.help("change the result type, or say that it may panic: `.unwrap()`, `.expect(\"…\")`")
}

pub(crate) fn throw_operand(ctx: &BodyCtx<'_>, expr: ExprId, operand: Ty) -> Draft {
    let shown = ctx.show(operand);
    let message = format!("`throw` needs an error, found `{shown}`");
    let mut draft = Draft::error("T047", ctx.expr(expr), message);
    if let Expr::Throw { value } = ctx.body[expr] {
        draft = draft.label(ctx.expr(value), format!("this is `{shown}`"));
    }
    draft
        .note("a thrown value is an object of a class, or implements `Error`")
        .help("stop with a message instead: `panic(\"…\")`")
}

pub(crate) fn await_outside(ctx: &BodyCtx<'_>, expr: ExprId) -> Draft {
    let draft = Draft::error("T050", ctx.expr(expr), "`await` outside `async`")
        .labelled("waits for a future");
    let draft = match ctx.func() {
        Some(func) => draft.label(func_place(ctx.db, func), "is no `async func`"),
        None => draft,
    };
    draft.help("make the function `async`, or drive the future here: `block_on(…)`")
}

//! Warnings about what has no effect: W003, W004, W006, W007, W012; and W026, W030.

use hir_def::body::{ExprId, PatId};
use hir_def::{FuncId, Name};
use hir_ty::Ty;

use crate::body_ctx::BodyCtx;
use crate::place::{Draft, Place};
use crate::text::func_place;

pub(crate) fn variable(name: &str, declared: Place, is_param: bool) -> Draft {
    let what = if is_param { "parameter" } else { "variable" };
    let draft =
        Draft::warning("W003", declared, format!("Unused {what} `{name}`")).labelled("never read");
    draft.suggest(
        format!("if this is intended, name it `_{name}`"),
        declared,
        format!("_{name}"),
    )
}

pub(crate) fn needless_mut(ctx: &BodyCtx<'_>, name: &str, declared: Place) -> Draft {
    let draft = Draft::warning(
        "W007",
        declared,
        format!("Variable `{name}` need not be mutable"),
    )
    .labelled("never changed");
    let text = declared.text(ctx.db).unwrap_or_default();
    if let Some(rest) = text.strip_prefix("mut ") {
        return draft.replace("remove `mut`", declared, rest.trim_start());
    }
    if let Some(word) = declared.preceding(ctx.db, "mut ") {
        return draft.replace("remove `mut`", word, "");
    }
    match declared.preceding(ctx.db, "var ") {
        Some(word) => draft.replace("declare it with `let`", word, "let "),
        None => draft.help("declare it with `let`, without `mut`"),
    }
}

pub(crate) fn unreachable_arm(ctx: &BodyCtx<'_>, pat: PatId) -> Draft {
    Draft::warning(
        "W004",
        ctx.pat(pat),
        "Unreachable arm: earlier patterns cover all its values",
    )
    .labelled("never matches")
}

pub(crate) fn unreachable_code(ctx: &BodyCtx<'_>, expr: ExprId) -> Draft {
    Draft::warning("W004", ctx.expr(expr), "Unreachable code").labelled("control never gets here")
}

pub(crate) fn value(ctx: &BodyCtx<'_>, expr: ExprId) -> Draft {
    Draft::warning(
        "W006",
        ctx.expr(expr),
        "Unused value of an expression without effect",
    )
    .labelled("its value goes nowhere")
    .suggest(
        "if this is intended, say so: `let _ =`",
        ctx.expr(expr).start(),
        "let _ = ",
    )
}

pub(crate) fn must_use(
    ctx: &BodyCtx<'_>,
    expr: ExprId,
    ty: Ty,
    func: Option<FuncId>,
    reason: &Option<Name>,
) -> Draft {
    let shown = ctx.show(ty);
    let place = ctx.expr(expr);
    let mut draft = Draft::warning(
        "W012",
        place,
        format!("Unused value of type `{shown}` that must be used"),
    )
    .labelled("thrown away here");
    if let Some(func) = func {
        draft = draft.label(func_place(ctx.db, func), "its result must be used");
    }
    if let Some(reason) = reason.as_ref().filter(|reason| !reason.is_empty()) {
        draft = draft.note(reason.to_string());
    }
    draft
        .suggest(
            "throw it away on purpose: `let _ =`",
            place.start(),
            "let _ = ",
        )
        .help("or hand a failure on with `!`")
}

pub(crate) fn implicit_borrow(ctx: &BodyCtx<'_>, expr: ExprId) -> Draft {
    Draft::warning(
        "W026",
        ctx.expr(expr),
        "Argument borrowed exclusively without `mut ref`",
    )
    .labelled("the callee may change this")
    .replace("say so: `mut ref`", ctx.expr(expr).start(), "mut ref ")
}

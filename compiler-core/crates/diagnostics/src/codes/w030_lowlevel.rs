//! W025, W030, W032: what the compiler cannot check.

use hir_def::body::{Expr, ExprId};

use crate::body_ctx::BodyCtx;
use crate::place::Draft;

pub(crate) fn low_level(ctx: &BodyCtx<'_>, expr: ExprId) -> Draft {
    let place = ctx.expr(expr);
    // A place that is assigned to cannot stand in a block of its own.
    let around = assignment_to(ctx, expr).map_or(place, |whole| ctx.expr(whole));
    let edits = vec![
        (around.start(), "lowlevel { ".to_string()),
        (around.end(), " }".to_string()),
    ];
    Draft::warning("W030", place, "Low-level operation outside `lowlevel`")
        .labelled("not checked by the compiler")
        .fix(
            "mark it: `lowlevel { … }`",
            edits,
            crate::Applicability::Maybe,
        )
}

/// The assignment whose target an expression is part of.
fn assignment_to(ctx: &BodyCtx<'_>, expr: ExprId) -> Option<ExprId> {
    let found = ctx.body.exprs.iter().find(|(_, it)| {
        let Expr::Assign { target, .. } = it else {
            return false;
        };
        let mut at = *target;
        loop {
            if at == expr {
                return true;
            }
            at = match &ctx.body[at] {
                Expr::Field { base, .. } | Expr::Index { base, .. } => *base,
                _ => return false,
            };
        }
    });
    found.map(|(id, _)| id)
}

pub(crate) fn mutable_static(ctx: &BodyCtx<'_>, expr: ExprId) -> Draft {
    let place = ctx.expr(expr);
    Draft::warning(
        "W032",
        place,
        "Access to a mutable static outside `lowlevel`",
    )
    .labelled("threads may see it half written")
    .help("keep it in a `Mutex`, a `OnceLock` or a `LocalKey`, or mark the access `lowlevel`")
}

pub(crate) fn address_of(ctx: &BodyCtx<'_>, expr: ExprId) -> Draft {
    let place = ctx.expr(expr);
    let draft = Draft::warning("W025", place, "Old spelling of a reference").labelled("`&`");
    let Expr::Ref {
        operand, mutable, ..
    } = &ctx.body[expr]
    else {
        return draft;
    };
    let spelling = if *mutable { "mut ref " } else { "ref " };
    let text = ctx.expr(*operand).text(ctx.db).unwrap_or_default();
    draft.replace(
        format!("write `{}`", spelling.trim_end()),
        place,
        format!("{spelling}{text}"),
    )
}

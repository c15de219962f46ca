//! T042, T044, T045, T065: patterns that leave values out, or fit none.

use hir_def::Name;
use hir_def::body::{Expr, ExprId, LocalId, Pat, PatId};
use hir_ty::{Irrefutable, Ty};

use crate::body_ctx::BodyCtx;
use crate::place::{Draft, Place};
use crate::text::{adt_place, list};

/// More missing patterns are counted, not named; a guess at what reads well.
const MISSING_LISTED_MAX: usize = 3;

pub(crate) fn non_exhaustive(
    ctx: &BodyCtx<'_>,
    expr: ExprId,
    scrutinee: ExprId,
    ty: Ty,
    missing: &[Name],
    more: bool,
) -> Draft {
    let listed = list(missing.iter().take(MISSING_LISTED_MAX));
    let rest = match more || missing.len() > MISSING_LISTED_MAX {
        true => " and more",
        false => "",
    };
    let message = format!("Non-exhaustive `when`: {listed}{rest} not covered");
    let mut draft = Draft::error("T042", ctx.expr(scrutinee), message)
        .labelled(format!("{listed}{rest} not covered"));
    if let Some((adt, _)) = ty.strip_refs(ctx.db).as_adt(ctx.db) {
        let place = adt_place(ctx.db, adt);
        if !place
            .file(ctx.db)
            .source(ctx.db)
            .name(ctx.db)
            .starts_with('<')
        {
            draft = draft.label(place, "declared here");
        }
    }
    let Expr::When { arms, .. } = &ctx.body[expr] else {
        return draft;
    };
    // Ranges of integers are rarely what is meant.
    let is_open =
        more || missing.is_empty() || missing.iter().any(|name| name.contains(" through "));
    let patterns: Vec<&str> = match is_open {
        true => vec!["_"],
        false => missing.iter().map(|name| name.as_str()).collect(),
    };
    let message = match is_open || missing.len() > 1 {
        _ if is_open => "add an arm for all others: `_`",
        true => "add arms for them, or one with `_`",
        false => "add an arm for it, or one with `_`",
    };
    let Some(last) = arms.last() else {
        let text: Vec<String> = patterns
            .iter()
            .map(|pat| format!(" {pat} => todo(),"))
            .collect();
        return draft.suggest(
            message,
            ctx.expr(expr).last_char().start(),
            text.concat() + " ",
        );
    };
    let separator = match indent(ctx, expr, ctx.pat(last.pat)) {
        Some(indent) => format!(",\n{indent}"),
        None => ", ".to_string(),
    };
    let text: Vec<String> = patterns
        .iter()
        .map(|pat| format!("{separator}{pat} => todo()"))
        .collect();
    draft.suggest(message, ctx.expr(last.body).end(), text.concat())
}

/// A `when` over conditions whose value is used; `last` is the place of its last arm.
pub(crate) fn no_catch_all(last: Place) -> Draft {
    let message = "Non-exhaustive `when`: all of its conditions may be false";
    Draft::error("T042", last, message)
        .labelled("no value if this is false, too")
        .help("add an arm for all others: `_ => …`")
}

/// The white space before an arm, if it starts its line.
fn indent(ctx: &BodyCtx<'_>, whole: ExprId, arm: Place) -> Option<String> {
    let before = ctx.expr(whole).start().to(arm.start()).text(ctx.db)?;
    let line = before.rsplit_once('\n')?.1;
    line.chars()
        .all(|c| c == ' ' || c == '\t')
        .then(|| line.to_string())
}

pub(crate) fn refutable(
    ctx: &BodyCtx<'_>,
    pat: PatId,
    missing: &[Name],
    context: Irrefutable,
) -> Draft {
    let (where_, help) = match context {
        Irrefutable::Let => (
            "`let`",
            "give the other values a way out: `let … = … else { … }`, or use `if let`",
        ),
        Irrefutable::For => (
            "`for`",
            "bind the whole item and take it apart inside the loop",
        ),
        Irrefutable::Param => (
            "a parameter",
            "bind the whole argument and take it apart with `when`",
        ),
    };
    let listed = list(missing.iter().take(MISSING_LISTED_MAX));
    let message = format!("Refutable pattern in {where_}: {listed} not covered");
    Draft::error("T044", ctx.pat(pat), message)
        .labelled(format!("does not match {listed}"))
        .help(help)
}

pub(crate) fn range(ctx: &BodyCtx<'_>, pat: PatId, ty: Ty, empty: bool) -> Draft {
    match empty {
        true => {
            let draft = Draft::error(
                "T065",
                ctx.pat(pat),
                "Empty range in a pattern: it matches nothing",
            )
            .labelled("no value lies in it");
            match &ctx.body[pat] {
                Pat::Range {
                    inclusive: false, ..
                } => draft.note("`a to b` leaves out `b`; `a through b` includes it"),
                _ => draft,
            }
        }
        false => {
            let shown = ctx.show(ty);
            Draft::error(
                "T065",
                ctx.pat(pat),
                format!("Range pattern of type `{shown}`"),
            )
            .labelled("ranges in patterns are of integers or `Char`")
        }
    }
}

pub(crate) fn alternative_type(
    ctx: &BodyCtx<'_>,
    pat: PatId,
    local: LocalId,
    first: Ty,
    second: Ty,
) -> Draft {
    let name = &ctx.body[local].name;
    let (first, second) = (ctx.show(first), ctx.show(second));
    Draft::error(
        "T045",
        ctx.pat(pat),
        format!("Alternatives bind `{name}` with different types: `{first}` and `{second}`"),
    )
    .labelled(format!("here it is `{second}`"))
    .label_opt(ctx.local(local), format!("here it is `{first}`"))
}

pub(crate) fn uneven_alternatives(ctx: &BodyCtx<'_>, pat: PatId, name: &str) -> Draft {
    Draft::error(
        "T045",
        ctx.pat(pat),
        format!("Alternatives bind different names: `{name}` is not in all of them"),
    )
    .labelled(format!("`{name}` is missing in an alternative"))
    .help("bind the same names in each, or use `_`")
}

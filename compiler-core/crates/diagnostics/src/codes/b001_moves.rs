//! B001, B005, B014, B016, T040: places whose value is gone, or was never there.

use hir_def::body::{Expr, ExprId, Stmt};
use mir::{MoveOrigin, SourceInfo, SourceNode};

use super::reorder;
use crate::body_ctx::BodyCtx;
use crate::place::{Draft, Place};

/// Offers a copy of what an expression moves, if values of its type have one.
pub(crate) fn or_duplicate(ctx: &BodyCtx<'_>, draft: Draft, moved: SourceInfo) -> Draft {
    let SourceNode::Expr(expr) = moved.node else {
        return draft;
    };
    let is_place = matches!(
        ctx.body[expr],
        Expr::Local(_) | Expr::Path(_) | Expr::Field { .. } | Expr::Index { .. }
    );
    match is_place && ctx.is_duplicable(expr) {
        true => draft.suggest(
            "move a copy: `.duplicate()`",
            ctx.expr(expr).end(),
            ".duplicate()",
        ),
        false => draft,
    }
}

/// Offers a loan where a `let` without type takes a whole variable.
fn or_borrow(ctx: &BodyCtx<'_>, draft: Draft, moved: SourceInfo) -> Draft {
    let SourceNode::Expr(expr) = moved.node else {
        return draft;
    };
    match is_let_value(ctx, expr) {
        true => draft.suggest("borrow it instead: `ref`", ctx.expr(expr).start(), "ref "),
        false => draft,
    }
}

/// Offers to move the value behind a use that only borrows it.
fn after_use(ctx: &BodyCtx<'_>, draft: Draft, moved: SourceInfo, used: SourceInfo) -> Draft {
    let SourceNode::Expr(expr) = used.node else {
        return draft;
    };
    let value = match &ctx.body[expr] {
        Expr::MethodCall { receiver, .. } => *receiver,
        Expr::Local(_) | Expr::Field { .. } => expr,
        Expr::Closure { is_move: false, .. } | Expr::Ref { .. } => {
            return reorder::after_use(ctx, draft, ctx.source(moved), ctx.source(used));
        }
        _ => return draft,
    };
    let infer = hir_ty::infer(ctx.db, ctx.owner);
    match infer.adjustments(value).is_empty() {
        true => draft,
        false => reorder::after_use(ctx, draft, ctx.source(moved), ctx.source(used)),
    }
}

fn narrowed(ctx: &BodyCtx<'_>, sources: &[SourceInfo], place: &str) -> Vec<SourceInfo> {
    let sources = sources.iter();
    sources.map(|source| ctx.narrowed(*source, place)).collect()
}

fn is_let_value(ctx: &BodyCtx<'_>, expr: ExprId) -> bool {
    let blocks = ctx.body.exprs.values().filter_map(|it| match it {
        Expr::Block { stmts, .. } => Some(stmts),
        _ => None,
    });
    blocks.flatten().any(|stmt| {
        matches!(stmt, Stmt::Let { init: Some(init), ty: None, else_: None, .. } if *init == expr)
    })
}

pub(crate) fn use_of_moved(
    ctx: &BodyCtx<'_>,
    place: &str,
    used: SourceInfo,
    moved: &[SourceInfo],
    in_loop: bool,
) -> Draft {
    let sources = &narrowed(ctx, moved, place);
    let moved: Vec<Place> = sources.iter().map(|source| ctx.source(*source)).collect();
    let use_source = ctx.narrowed(used, place);
    let used = ctx.source(use_source);
    let what = if place.is_empty() {
        "value".to_string()
    } else {
        format!("value `{place}`")
    };
    let mut draft = Draft::error("B001", used, format!("Use of moved {what}"));
    if in_loop {
        draft = draft.labelled("moved here, in the previous iteration of the loop");
    } else {
        draft = draft.labelled("used here after the move");
        for site in moved.iter().filter(|site| **site != used) {
            draft = draft.label(*site, "moved here");
        }
    }
    let draft =
        draft.help("borrow it instead of moving it (`ref`), or move a copy: `.duplicate()`");
    match (in_loop, sources.as_slice()) {
        (true, _) => or_duplicate(ctx, draft, use_source),
        (false, [only]) => {
            let draft = after_use(ctx, draft, *only, use_source);
            or_duplicate(ctx, or_borrow(ctx, draft, *only), *only)
        }
        _ => draft,
    }
}

pub(crate) fn capture_of_moved(
    ctx: &BodyCtx<'_>,
    place: &str,
    used: SourceInfo,
    moved: &[SourceInfo],
) -> Draft {
    let sources = narrowed(ctx, moved, place);
    let moved: Vec<Place> = sources.iter().map(|source| ctx.source(*source)).collect();
    let (use_source, used) = (used, ctx.source(used));
    let message = format!("Closure captures moved value `{place}`");
    let mut draft = Draft::error("B014", used, message).labelled("captured here after the move");
    for site in moved.iter().filter(|site| **site != used) {
        draft = draft.label(*site, "moved here");
    }
    let draft = draft.help("make the closure before the move, or move a copy: `.duplicate()`");
    match sources.as_slice() {
        [only] => {
            let draft = after_use(ctx, draft, *only, use_source);
            or_duplicate(ctx, draft, *only)
        }
        _ => draft,
    }
}

pub(crate) fn use_of_partly_moved(
    ctx: &BodyCtx<'_>,
    (place, part): (&str, &str),
    used: SourceInfo,
    moved: &[SourceInfo],
) -> Draft {
    let use_source = ctx.narrowed(used, place);
    let used = ctx.source(use_source);
    let moved = narrowed(ctx, moved, part);
    let message = format!("Use of partially moved value `{place}`: `{part}` was moved");
    let mut draft = Draft::error("B016", used, message).labelled("used here as a whole");
    for site in &moved {
        draft = draft.label(ctx.source(*site), format!("`{part}` moved here"));
    }
    let draft = draft.help(format!(
        "put a value back into `{part}` first, or move a copy: `.duplicate()`"
    ));
    match moved.as_slice() {
        [only] => {
            let draft = after_use(ctx, draft, *only, use_source);
            or_duplicate(ctx, draft, *only)
        }
        _ => draft,
    }
}

pub(crate) fn move_out(
    ctx: &BodyCtx<'_>,
    place: &str,
    from: MoveOrigin,
    moved: SourceInfo,
) -> Draft {
    let moved = ctx.narrowed(moved, place);
    let source = ctx.source(moved);
    let of = if place.is_empty() {
        "a value".to_string()
    } else {
        format!("`{place}`")
    };
    let (behind, help) = match from {
        MoveOrigin::Reference => (
            "a reference",
            "copy it with `.duplicate()`, or take it and leave another with `mem::replace`",
        ),
        MoveOrigin::Receiver => (
            "a borrowed `this`",
            "take the receiver by value: `this: This`; or copy with `.duplicate()`",
        ),
        MoveOrigin::Pointer => ("a pointer", "copy it with `.duplicate()`"),
        MoveOrigin::Element => (
            "an array or slice",
            "borrow the element (`ref`), or copy it with `.duplicate()`",
        ),
        MoveOrigin::Object => (
            "an object",
            "copy it with `.duplicate()`, or take it and leave another with `mem::replace`",
        ),
        MoveOrigin::Static => ("a static", "copy it with `.duplicate()`"),
    };
    let draft = Draft::error("B005", source, format!("Move of {of} out of {behind}"))
        .labelled("moved here, but its owner stays");
    let draft = match (from, ctx.func()) {
        (MoveOrigin::Receiver, Some(func)) => {
            let map = &hir_def::signatures::func_signature_with_source_map(ctx.db, func).1;
            let receiver = map
                .receiver
                .map(|range| Place::new(func.item(ctx.db), range));
            let draft = draft.label_opt(receiver, "the receiver is borrowed");
            match receiver.filter(|it| it.text(ctx.db).is_some_and(|text| text == "this")) {
                Some(receiver) => draft.suggest(
                    "take the receiver by value: `this: This`",
                    receiver,
                    "this: This",
                ),
                None => draft,
            }
        }
        _ => draft,
    };
    or_duplicate(ctx, draft.help(help), moved)
}

/// T040
pub(crate) fn uninitialised(name: &str, used: Place, declared: Place) -> Draft {
    Draft::error(
        "T040",
        used,
        format!("Use of `{name}` before initialisation"),
    )
    .labelled("may have no value here")
    .label(declared, "declared without a value")
    .help("give it a value on every path to this use")
}

/// W044
pub(crate) fn skips_drop(whole: &str, part: &str, source: Place) -> Draft {
    let whole = match whole {
        "" => "the value".to_string(),
        name => format!("`{name}`"),
    };
    let message = format!("Moving `{part}` out of {whole} skips its `drop`");
    Draft::warning("W044", source, message)
        .labelled("moved here; the other fields are dropped one by one")
        .help("keep the destructor: leave another value with `mem::replace`, or move a copy: `.duplicate()`")
}

//! T001: operators on operands that do not have them.

use hir_def::body::{BinaryOp, Expr, ExprId, UnaryOp};
use hir_ty::{Ty, TyKind};

use crate::body_ctx::BodyCtx;
use crate::place::{Draft, Place};

pub(crate) fn binary(
    ctx: &BodyCtx<'_>,
    expr: ExprId,
    op: BinaryOp,
    left: Ty,
    right: Ty,
    assign: bool,
) -> Draft {
    let db = ctx.db;
    let (lhs, rhs) = match &ctx.body[expr] {
        Expr::Binary { left, right, .. } => (Some(*left), Some(*right)),
        Expr::Assign { target, value, .. } => (Some(*target), Some(*value)),
        _ => (None, None),
    };
    let text = if assign {
        format!("{}=", op.text())
    } else {
        op.text().to_string()
    };
    let show = |ty: Ty, expr: Option<ExprId>| match expr {
        Some(expr) => ctx.show_at(ty, expr),
        None => ctx.show(ty),
    };
    let (left_text, right_text) = (show(left, lhs), show(right, rhs));
    let message =
        format!("Binary operator `{text}` cannot be applied to `{left_text}` and `{right_text}`");
    let place = match (lhs, rhs) {
        (Some(lhs), Some(rhs)) => operator_place(ctx, lhs, rhs, &text),
        _ => None,
    };
    let mut draft = Draft::error("T001", place.unwrap_or_else(|| ctx.expr(expr)), message);
    if let (Some(lhs), Some(rhs)) = (lhs, rhs) {
        draft = draft
            .label(ctx.expr(lhs), format!("this is `{left_text}`"))
            .label(ctx.expr(rhs), format!("this is `{right_text}`"));
        let is_number = |ty: Ty| matches!(ty.kind(db), TyKind::Int(_) | TyKind::Float(_));
        let is_str = |ty: Ty| matches!(ty.strip_refs(db).kind(db), TyKind::Str);
        if matches!(op, BinaryOp::And | BinaryOp::Or) {
            draft =
                draft.help("`and` and `or` take `Bool`; for the bits of integers use `&` and `|`");
        } else if is_number(left) && is_number(right) && left != right {
            let place = ctx.expr(rhs).end();
            let needs_parens = matches!(ctx.body[rhs], Expr::Binary { .. } | Expr::Unary { .. });
            let message = format!("convert the right operand: `as {left_text}`");
            draft = match needs_parens {
                true => draft.help(message),
                false => draft.suggest(message, place, format!(" as {left_text}")),
            };
        } else if op == BinaryOp::Add && is_str(left) && is_number(right) {
            draft = draft
                .help("make a text of the number: `.to_string()`, or interpolate it: `\"{…}\"`");
        } else if op == BinaryOp::Add && is_number(left) && is_str(right) {
            draft = draft.help("make a text of the number: `.to_string()`, or a number of the text: `.parse_i32()`");
        }
    }
    draft
}

/// The operator between its operands.
fn operator_place(ctx: &BodyCtx<'_>, lhs: ExprId, rhs: ExprId, op: &str) -> Option<Place> {
    let between = ctx.expr(lhs).end().to(ctx.expr(rhs).start());
    let at = between.text(ctx.db)?.find(op)?;
    Some(between.part(at, op.len()))
}

pub(crate) fn unary(ctx: &BodyCtx<'_>, expr: ExprId, op: UnaryOp, operand: Ty) -> Draft {
    let (text, help) = match op {
        UnaryOp::Neg => ("-", None),
        UnaryOp::Not => (
            "not",
            Some("`not` takes a `Bool`; the bits of an integer are inverted by `~`"),
        ),
        UnaryOp::BitNot => (
            "~",
            Some("`~` takes an integer; a `Bool` is inverted by `not`"),
        ),
        UnaryOp::Deref => ("*", None),
    };
    let shown = match &ctx.body[expr] {
        Expr::Unary { operand: inner, .. } => ctx.show_at(operand, *inner),
        _ => ctx.show(operand),
    };
    let mut draft = Draft::error(
        "T001",
        ctx.expr(expr),
        format!("Unary operator `{text}` cannot be applied to `{shown}`"),
    );
    if let Expr::Unary { operand, .. } = &ctx.body[expr] {
        draft = draft.label(ctx.expr(*operand), format!("this is `{shown}`"));
    }
    match help {
        Some(help) => draft.help(help),
        None => draft,
    }
}

pub(crate) fn try_operand(ctx: &BodyCtx<'_>, expr: ExprId, operand: Ty) -> Draft {
    let shown = match &ctx.body[expr] {
        Expr::Try { operand: inner, .. } => ctx.show_at(operand, *inner),
        _ => ctx.show(operand),
    };
    let message = format!("try operator (!) needs a `Maybe` or an `Outcome`, found `{shown}`");
    let mut draft = Draft::error("T001", ctx.expr(expr), message);
    if let Expr::Try { operand, recover } = &ctx.body[expr] {
        draft = draft.label(ctx.expr(*operand), format!("this is `{shown}`"));
        if recover.is_none() {
            let mark = ctx.expr(expr).last_char();
            draft = draft.suggest("remove the `!`", mark, "");
        }
    }
    draft
}

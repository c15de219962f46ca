//! W009: comparisons of a place with itself, conditions that are literals. W017: comparisons
//! that have one result whatever the values.

use hir_def::body::{BinaryOp, Expr, ExprId, Literal};
use hir_ty::ty::{FloatTy, IntTy};
use hir_ty::{OpRes, Ty, TyKind};

use super::{Lint, LintCtx, Spot};

pub(super) fn find(ctx: &LintCtx<'_>, out: &mut Vec<Lint>) {
    let is_test = super::names::is_test_file(ctx);
    for (expr, node) in ctx.body.exprs.iter() {
        match node {
            Expr::If { condition, .. } | Expr::While { condition, .. } if !is_test => {
                if let Expr::Literal(Literal::Bool(value)) = ctx.body[*condition] {
                    let lint = Lint::new("W009", Spot::Expr(*condition), "Constant condition");
                    out.push(lint.labelled(format!("always `{value}`")));
                }
            }
            Expr::Binary { op, left, right } if op.is_comparison() => {
                if !is_test && is_same_place(ctx, *left, *right) && !may_differ(ctx, *left) {
                    let value = matches!(op, BinaryOp::Eq | BinaryOp::Le | BinaryOp::Ge);
                    let lint = Lint::new("W009", Spot::Expr(expr), "Comparison with itself");
                    out.push(lint.labelled(format!("always `{value}`")));
                } else if let Some(value) = only_result(ctx, expr, *op, *left, *right) {
                    let message = format!("Comparison is always `{value}`");
                    let lint = Lint::new("W017", Spot::Expr(expr), message);
                    out.push(lint.labelled("whatever the values are"));
                }
            }
            Expr::Literal(Literal::Int { value, .. }) => {
                if let Some(lint) = lossy(ctx, expr, *value) {
                    out.push(lint);
                }
            }
            _ => {}
        }
    }
}

/// Whether two expressions name one place: a variable, or a field of one.
fn is_same_place(ctx: &LintCtx<'_>, a: ExprId, b: ExprId) -> bool {
    match (&ctx.body[a], &ctx.body[b]) {
        (Expr::Local(a), Expr::Local(b)) => a == b,
        (Expr::Field { base: a, name: x }, Expr::Field { base: b, name: y }) => {
            x == y && is_same_place(ctx, *a, *b)
        }
        _ => false,
    }
}

/// Whether a value may differ from itself: NaN, and what a type says of its own.
fn may_differ(ctx: &LintCtx<'_>, expr: ExprId) -> bool {
    let ty = ctx.infer.expr_ty(expr).map(|ty| ty.strip_refs(ctx.db));
    let is_plain = |ty: Ty| {
        matches!(
            ty.kind(ctx.db),
            TyKind::Int(_) | TyKind::Bool | TyKind::Char | TyKind::Str
        )
    };
    !ty.is_some_and(is_plain)
}

/// What a comparison of an integer with a literal at the end of its range comes to.
fn only_result(
    ctx: &LintCtx<'_>,
    expr: ExprId,
    op: BinaryOp,
    left: ExprId,
    right: ExprId,
) -> Option<bool> {
    if !matches!(ctx.infer.ops.get(&expr), Some(OpRes::Builtin)) {
        return None;
    }
    let literal = |expr: ExprId| match &ctx.body[expr] {
        Expr::Literal(Literal::Int { value, .. }) => i128::try_from(*value).ok(),
        _ => None,
    };
    let int = |expr: ExprId| {
        let ty = ctx.infer.expr_ty(expr)?.strip_refs(ctx.db);
        ty.as_int(ctx.db)
    };
    let (int, op, bound) = match (literal(left), literal(right)) {
        (None, Some(bound)) => (int(left)?, op, bound),
        (Some(bound), None) => (int(right)?, mirrored(op), bound),
        _ => return None,
    };
    let (min, max) = range(int)?;
    match op {
        BinaryOp::Ge if bound == min => Some(true),
        BinaryOp::Lt if bound == min => Some(false),
        BinaryOp::Le if bound == max => Some(true),
        BinaryOp::Gt if bound == max => Some(false),
        _ => None,
    }
}

fn mirrored(op: BinaryOp) -> BinaryOp {
    match op {
        BinaryOp::Lt => BinaryOp::Gt,
        BinaryOp::Le => BinaryOp::Ge,
        BinaryOp::Gt => BinaryOp::Lt,
        BinaryOp::Ge => BinaryOp::Le,
        other => other,
    }
}

/// The ends of a type's range, of types up to 64 bits.
fn range(int: IntTy) -> Option<(i128, i128)> {
    let bits = int.bits();
    if bits > 64 {
        return None;
    }
    Some(match int.is_signed() {
        true => (-(1 << (bits - 1)), (1 << (bits - 1)) - 1),
        false => (0, (1 << bits) - 1),
    })
}

/// An integer written where a float is wanted that the float cannot hold.
fn lossy(ctx: &LintCtx<'_>, expr: ExprId, value: u128) -> Option<Lint> {
    let ty = ctx.infer.expr_ty(expr)?;
    let digits = match ty.kind(ctx.db) {
        TyKind::Float(FloatTy::F32) => 24,
        TyKind::Float(FloatTy::F64) => 53,
        _ => return None,
    };
    // Of zero, all digits are leading and trailing zeros at once.
    let zeros = value.leading_zeros() + value.trailing_zeros();
    (128_u32.saturating_sub(zeros) > digits).then(|| {
        let message = format!(
            "Lossy literal: `{}` cannot hold `{value}`",
            ty.display(ctx.db)
        );
        Lint::new("W017", Spot::Expr(expr), message).labelled("will be rounded")
    })
}

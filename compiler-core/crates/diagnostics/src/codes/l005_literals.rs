//! L005 and malformed literals that only their context shows; P025.

use hir_def::body::{ExprId, PatId};
use hir_ty::{IntTy, Ty};

use crate::body_ctx::BodyCtx;
use crate::place::{Draft, Place};

pub(crate) fn range(ctx: &BodyCtx<'_>, expr: ExprId, ty: Ty, value: u128, negative: bool) -> Draft {
    out_of_range(ctx, ctx.expr(expr), ty, value, negative)
}

pub(crate) fn pat_range(
    ctx: &BodyCtx<'_>,
    pat: PatId,
    ty: Ty,
    value: u128,
    negative: bool,
) -> Draft {
    out_of_range(ctx, ctx.pat(pat), ty, value, negative)
}

fn out_of_range(ctx: &BodyCtx<'_>, place: Place, ty: Ty, value: u128, negative: bool) -> Draft {
    let shown = ctx.show(ty);
    let sign = if negative { "-" } else { "" };
    let draft = Draft::error(
        "L005",
        place,
        format!("Literal out of range: `{sign}{value}` does not fit `{shown}`"),
    )
    .labelled(format!("does not fit `{shown}`"));
    let Some(int) = ty.as_int(ctx.db) else {
        return draft;
    };
    let draft = draft.note(format!(
        "`{shown}` holds {} through {}",
        int.min_value(),
        int.max_value()
    ));
    match larger(int, negative, value) {
        Some(larger) => draft.help(format!("use a larger type: `{}`", larger.name())),
        None => draft,
    }
}

/// The next larger type that holds the value, of the same signedness if possible.
fn larger(int: IntTy, negative: bool, value: u128) -> Option<IntTy> {
    const SIGNED: [&str; 5] = ["I8", "I16", "I32", "I64", "I128"];
    const UNSIGNED: [&str; 5] = ["U8", "U16", "U32", "U64", "U128"];
    let families = if int.is_signed() || negative {
        [SIGNED, UNSIGNED]
    } else {
        [UNSIGNED, SIGNED]
    };
    let types = families.into_iter().flatten().filter_map(IntTy::from_name);
    types
        .into_iter()
        .find(|ty| ty.bytes() >= int.bytes() && ty.holds(negative, value))
}

pub(crate) fn bad_literal(ctx: &BodyCtx<'_>, expr: ExprId) -> Draft {
    let place = ctx.expr(expr);
    match place
        .text(ctx.db)
        .is_some_and(|text| text.starts_with(|c: char| c.is_ascii_digit()))
    {
        true => Draft::error(
            "L005",
            place,
            "Literal out of range: no type holds this number",
        )
        .note(format!("the largest is {} of `U128`", u128::MAX)),
        false => Draft::error("L003", place, "Malformed literal"),
    }
}

pub(crate) fn bad_format_spec(ctx: &BodyCtx<'_>, expr: ExprId, text: &str) -> Draft {
    Draft::error("L014", ctx.expr(expr), format!("Malformed format `{text}` in an interpolation"))
        .note("a format is `[[fill]align][+][#][0][width][.precision][kind]`, with `<`, `>` or `^` to align and `?`, `x`, `X`, `b`, `o` or `e` as kind")
}

pub(crate) fn too_deep(ctx: &BodyCtx<'_>, expr: ExprId) -> Draft {
    let message = format!(
        "Nesting too deep: more than {} levels",
        hir_def::body::DEPTH_MAX
    );
    Draft::error("P025", ctx.expr(expr), message)
        .labelled("not analysed from here on")
        .help("give inner parts names: variables or functions of their own")
}

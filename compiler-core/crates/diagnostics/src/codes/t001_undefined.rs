//! T001: names of values that mean nothing.

use hir_def::Name;
use hir_def::body::ExprId;
use hir_ty::Site;

use crate::body_ctx::BodyCtx;
use crate::place::Draft;

pub(crate) fn undefined(
    ctx: &BodyCtx<'_>,
    expr: ExprId,
    name: &str,
    as_callee: bool,
    nearest: &Option<Name>,
) -> Draft {
    if name == "this" {
        return super::t022_control::this_outside(ctx, expr);
    }
    let what = if as_callee { "function" } else { "variable" };
    let place = ctx.name(expr);
    Draft::error("T001", place, format!("Undefined {what} `{name}`"))
        .labelled("nothing of this name is in scope")
        .nearest(place, nearest.as_ref())
}

/// A longer path whose n-th segment is unknown.
pub(crate) fn undefined_path(
    ctx: &BodyCtx<'_>,
    site: Site,
    segment: u32,
    name: &str,
    nearest: &Option<Name>,
) -> Draft {
    let place = ctx.segment(site, segment);
    let shown = place.text(ctx.db).filter(|text| !text.contains('\n'));
    let shown = shown.unwrap_or_else(|| name.to_string());
    let is_last = match site {
        Site::Expr(expr) | Site::ExprName(expr) => ctx.name(expr) == place,
        _ => false,
    };
    if is_last && segment > 0 {
        let message = format!("Undefined variable or function `{shown}` in this module or type");
        return Draft::error("T001", place, message)
            .labelled("not found here")
            .nearest(place, nearest.as_ref());
    }
    Draft::error("M002", place, format!("Unknown module or type `{shown}`"))
        .labelled("no module, package or type of this name is in scope")
        .nearest(place, nearest.as_ref())
}

/// A type, behavior or module where a value must stand.
pub(crate) fn not_a_value(ctx: &BodyCtx<'_>, expr: ExprId, name: &str) -> Draft {
    Draft::error("T001", ctx.expr(expr), format!("Undefined variable `{name}`: the name is not one of a value"))
        .labelled("a value is needed here")
        .help(format!("to make a value of a type, write a literal (`{name} {{ … }}`) or call one of its functions (`{name}::new(…)`)"))
}

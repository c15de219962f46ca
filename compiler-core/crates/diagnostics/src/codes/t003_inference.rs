//! T003, T005: types that nothing determines, or that contain themselves.

use hir_def::BodyOwner;
use hir_def::body::{Expr, Pat, Stmt};
use hir_ty::{Site, Ty};

use crate::body_ctx::BodyCtx;
use crate::place::{Draft, item_name_place};

pub(crate) fn cannot_infer(ctx: &BodyCtx<'_>, site: Site, ty: Ty) -> Draft {
    let shown = ctx.show(ty);
    let place = ctx.site(site);
    let message = match shown.as_str() {
        "_" => "Type cannot be inferred: an annotation is missing".to_string(),
        _ => format!("Type cannot be inferred: `{shown}` is all that is known"),
    };
    let draft = Draft::error("T003", place, message).labelled("the type must be known here");
    let Some(binding) = annotated_binding(ctx, site) else {
        return draft.help("give a type: `let x: T = …`, or type arguments: `f[T](…)`");
    };
    let example = if shown == "_" {
        "T".to_string()
    } else {
        shown.replace('_', "…")
    };
    draft.help(format!("annotate `{binding}`: `{binding}: {example}`"))
}

/// The variable of the `let` whose pattern or value the site is.
fn annotated_binding(ctx: &BodyCtx<'_>, site: Site) -> Option<String> {
    let lets = ctx.body.exprs.values().filter_map(|expr| match expr {
        Expr::Block { stmts, .. } => Some(stmts.iter()),
        _ => None,
    });
    for stmt in lets.flatten() {
        let Stmt::Let {
            pat,
            ty: None,
            init,
            ..
        } = stmt
        else {
            continue;
        };
        let is_it = match site {
            Site::Pat(it) => it == *pat,
            Site::Expr(it) | Site::ExprName(it) => Some(it) == *init,
            _ => false,
        };
        if let (true, Pat::Bind { local, .. }) = (is_it, &ctx.body[*pat]) {
            return Some(ctx.body[*local].name.to_string());
        }
    }
    None
}

/// A constant or static outside blocks without a type.
pub(crate) fn missing_type(ctx: &BodyCtx<'_>) -> Draft {
    let place = item_name_place(ctx.db, ctx.owner.item(ctx.db));
    let what = match ctx.owner {
        BodyOwner::Static(_) => "static",
        _ => "constant",
    };
    let draft =
        Draft::error("T003", place, format!("Missing type of a {what}")).labelled("needs a type");
    let ty = hir_ty::infer(ctx.db, ctx.owner).adjusted_ty(ctx.body.root);
    match ty.filter(|ty| !ty.has_error(ctx.db)).map(|ty| ctx.show(ty)) {
        Some(ty) if ty != "_" => {
            draft.suggest(format!("add it: `: {ty}`"), place.end(), format!(": {ty}"))
        }
        _ => draft.help("declarations outside blocks have their types written: `const N: I32 = …`"),
    }
}

pub(crate) fn cyclic_type(ctx: &BodyCtx<'_>, site: Site) -> Draft {
    Draft::error(
        "T005",
        ctx.site(site),
        "Infinite type: the value would contain its own type",
    )
    .labelled("no finite type fits here")
}

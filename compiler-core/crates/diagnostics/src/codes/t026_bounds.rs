//! T026, T031, T055, E030: types that do not implement what is needed.

use base::ItemLoc;
use hir_def::body::{BinaryOp, ExprId};
use hir_def::{AdtId, BehaviorId, GenericDef};
use hir_ty::{GenericArgs, Site, Ty, TyKind, names};

use crate::body_ctx::BodyCtx;
use crate::place::{Draft, Place};
use crate::text::{adt_place, behavior_text, generic_def_place};

pub(crate) fn bound(
    ctx: &BodyCtx<'_>,
    site: Site,
    ty: Ty,
    behavior: BehaviorId,
    args: GenericArgs,
    required_by: Option<GenericDef>,
) -> Draft {
    unmet(ctx.db, ctx.site(site), ty, behavior, args, required_by)
}

/// T055: two types that a `where` clause equates.
pub(crate) fn unequal(
    ctx: &BodyCtx<'_>,
    site: Site,
    expected: Ty,
    found: Ty,
    required_by: Option<GenericDef>,
) -> Draft {
    let db = ctx.db;
    let (expected, found) = (ctx.show(expected), ctx.show(found));
    let draft = Draft::error(
        "T055",
        ctx.site(site),
        format!("`where` equality not met: expected `{expected}`, found `{found}`"),
    )
    .labelled(format!("here the type is `{found}`"));
    match required_by {
        Some(def) => draft.label(
            generic_def_place(db, def),
            "its bounds equate the two types",
        ),
        None => draft,
    }
}

pub(crate) fn unmet(
    db: &dyn base::Db,
    place: Place,
    ty: Ty,
    behavior: BehaviorId,
    args: GenericArgs,
    required_by: Option<GenericDef>,
) -> Draft {
    let name = names::item_name(db, GenericDef::Behavior(behavior));
    let wanted = behavior_text(db, behavior, args);
    let shown = ty.display(db).to_string();
    let code = if matches!(name.as_str(), "Copy" | "Duplicate") {
        "E030"
    } else {
        "T026"
    };
    let mut draft = Draft::error(
        code,
        place,
        format!("Bound not satisfied: `{shown}` does not implement `{wanted}`"),
    )
    .labelled(format!("`{shown}` is not `{wanted}`"));
    if let Some(def) = required_by {
        draft = draft.label(generic_def_place(db, def), "required by a bound here");
    }
    suggest_implementing(db, draft, ty, &wanted, place)
}

fn suggest_implementing(
    db: &dyn base::Db,
    draft: Draft,
    ty: Ty,
    wanted: &str,
    place: Place,
) -> Draft {
    match ty.strip_refs(db).kind(db) {
        TyKind::Param(_) => draft.help(format!(
            "write the bound: `{}: {wanted}`",
            ty.strip_refs(db).display(db)
        )),
        TyKind::Adt(adt, _) if is_local(db, *adt, place) => {
            let draft = draft.label(adt_place(db, *adt), "declared here");
            match DERIVABLE.contains(&wanted) {
                true => draft.help(format!(
                    "implement it: `@derive({wanted})`, or `impl {wanted} for …`"
                )),
                false => draft.help(format!(
                    "implement it: `impl {wanted} for {}`",
                    ty.strip_refs(db).display(db)
                )),
            }
        }
        _ => draft,
    }
}

const DERIVABLE: &[&str] = &[
    "Debug",
    "Display",
    "Duplicate",
    "Copy",
    "PartialEq",
    "Eq",
    "PartialOrd",
    "Ord",
    "Hash",
    "Default",
];

/// Whether a type is declared in the package in which it is complained about.
fn is_local(db: &dyn base::Db, adt: AdtId, place: Place) -> bool {
    let item: ItemLoc = adt.item(db);
    item.file(db) == place.file(db) || !item.file(db).source(db).name(db).starts_with('<')
}

/// An operation on a type parameter needs a bound.
pub(crate) fn needs_bound(
    ctx: &BodyCtx<'_>,
    expr: ExprId,
    param: Ty,
    behavior: Option<BehaviorId>,
    op: Option<BinaryOp>,
) -> Draft {
    let shown = ctx.show(param);
    let what = match op {
        Some(op) => format!("operator `{}`", op.text()),
        None => "this operation".to_string(),
    };
    let draft = Draft::error(
        "T026",
        ctx.expr(expr),
        format!("Missing bound: {what} on type parameter `{shown}`"),
    )
    .labelled(format!("`{shown}` need not have it"));
    match behavior {
        Some(behavior) => {
            let name = names::item_name(ctx.db, GenericDef::Behavior(behavior));
            draft.help(format!("write the bound: `{shown}: {name}`"))
        }
        None => draft,
    }
}

/// T031
pub(crate) fn no_display(ctx: &BodyCtx<'_>, expr: ExprId, ty: Ty, debug: bool) -> Draft {
    let shown = ctx.show(ty);
    let name = if debug { "Debug" } else { "Display" };
    let place = ctx.expr(expr);
    let draft = Draft::error(
        "T031",
        place,
        format!("Printed value lacks `{name}`: `{shown}`"),
    )
    .labelled(format!("`{shown}` does not implement `{name}`"));
    let draft = suggest_implementing(ctx.db, draft, ty, name, place);
    match debug {
        true => draft,
        false => draft.help("`{…:?}` shows a value with `Debug`, for programmers"),
    }
}

pub(crate) fn bad_format(ctx: &BodyCtx<'_>, expr: ExprId, ty: Ty) -> Draft {
    let shown = ctx.show(ty);
    Draft::error(
        "T031",
        ctx.expr(expr),
        format!("Format does not fit a value of type `{shown}`"),
    )
    .labelled(format!("this is `{shown}`"))
    .note("`x`, `X`, `b` and `o` are for integers, `e` and a precision for numbers with a point")
}

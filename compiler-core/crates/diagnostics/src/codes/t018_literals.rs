//! T018, T019, T020, T030, T043: struct literals and the patterns that mirror them.

use hir_def::body::{Expr, ExprId, PatId};
use hir_def::{FieldId, Name, VariantDef};

use crate::body_ctx::BodyCtx;
use crate::place::Draft;
use crate::text::{describe_variant, field_names, field_place, list, variant_place};

pub(crate) fn missing_fields(
    ctx: &BodyCtx<'_>,
    expr: ExprId,
    variant: VariantDef,
    missing: &[u32],
) -> Draft {
    let names = field_names(ctx.db, variant, missing);
    let what = if names.len() == 1 { "field" } else { "fields" };
    let message = format!(
        "Missing {what} {} in a literal of {}",
        list(&names),
        describe_variant(ctx.db, variant)
    );
    let mut draft =
        Draft::error("T018", ctx.expr(expr), message).labelled(format!("{} missing", list(&names)));
    if let [only] = missing {
        let field = FieldId {
            parent: variant,
            index: *only,
        };
        draft = draft.label_opt(field_place(ctx.db, field), "declared here");
    } else {
        draft = draft.label_opt(variant_place(ctx.db, variant), "declared here");
    }
    let values: Vec<String> = names.iter().map(|name| format!("{name}: todo()")).collect();
    let values = values.join(", ");
    let last = match &ctx.body[expr] {
        Expr::StructLit {
            fields,
            spread: None,
            ..
        } => fields.last().map(|field| field.value),
        _ => return draft,
    };
    match last {
        Some(last) => draft.suggest("add them", ctx.expr(last).end(), format!(", {values}")),
        None => draft.suggest(
            "add them",
            ctx.expr(expr).last_char().start(),
            format!(" {values} "),
        ),
    }
}

pub(crate) fn field_in_literal(
    ctx: &BodyCtx<'_>,
    expr: ExprId,
    index: u32,
    variant: VariantDef,
    name: &str,
    first: Option<u32>,
    nearest: &Option<Name>,
) -> Draft {
    let place = ctx.expr_field(expr, index);
    let of = describe_variant(ctx.db, variant);
    if let Some(first) = first {
        return Draft::error(
            "T019",
            place,
            format!("Duplicate field `{name}` in a literal"),
        )
        .labelled("given again here")
        .label(ctx.expr_field(expr, first), "first given here");
    }
    Draft::error(
        "T019",
        place,
        format!("Unknown field `{name}` in a literal of {of}"),
    )
    .labelled("no such field")
    .label_opt(variant_place(ctx.db, variant), "declared here")
    .nearest(place, nearest.as_ref())
}

pub(crate) fn field_in_pattern(
    ctx: &BodyCtx<'_>,
    pat: PatId,
    index: u32,
    variant: VariantDef,
    name: &str,
    duplicate: bool,
    nearest: &Option<Name>,
) -> Draft {
    let place = ctx.pat_field(pat, index);
    if duplicate {
        return Draft::error(
            "T019",
            place,
            format!("Duplicate field `{name}` in a pattern"),
        )
        .labelled("already taken");
    }
    let of = describe_variant(ctx.db, variant);
    Draft::error(
        "T019",
        place,
        format!("Unknown field `{name}` in a pattern for {of}"),
    )
    .labelled("no such field")
    .label_opt(variant_place(ctx.db, variant), "declared here")
    .nearest(place, nearest.as_ref())
}

pub(crate) fn union_literal(ctx: &BodyCtx<'_>, expr: ExprId, found: u32) -> Draft {
    Draft::error(
        "T020",
        ctx.expr(expr),
        format!("A union literal needs exactly one field, {found} given"),
    )
    .note("the fields of a union share one place in memory")
}

pub(crate) fn unknown_struct(
    ctx: &BodyCtx<'_>,
    expr: ExprId,
    name: &str,
    nearest: &Option<Name>,
) -> Draft {
    let place = ctx.name(expr);
    Draft::error(
        "T030",
        place,
        format!("Unknown struct `{name}` in a literal"),
    )
    .labelled("no type of this name is in scope")
    .nearest(place, nearest.as_ref())
}

pub(crate) fn not_a_struct(ctx: &BodyCtx<'_>, expr: ExprId, name: &str) -> Draft {
    Draft::error(
        "T030",
        ctx.name(expr),
        format!("Unknown struct `{name}`: the name is not one of a struct"),
    )
    .labelled("has no fields to give")
}

/// T043
pub(crate) fn pattern_fields(
    ctx: &BodyCtx<'_>,
    pat: PatId,
    variant: VariantDef,
    missing: &[u32],
) -> Draft {
    let names = field_names(ctx.db, variant, missing);
    let what = if names.len() == 1 { "field" } else { "fields" };
    let end = ctx.pat(pat).last_char().start();
    let separator = match &ctx.body[pat] {
        hir_def::body::Pat::Record { fields, .. } if fields.is_empty() => " .. ",
        _ => ", ..",
    };
    let message = format!("Pattern omits {what} {} without `..`", list(&names));
    let draft = Draft::error("T043", ctx.pat(pat), message)
        .labelled(format!("{} left out", list(&names)))
        .label_opt(variant_place(ctx.db, variant), "declared here");
    // The insertion goes behind the last field, before white space.
    let inside = ctx.pat(pat).text(ctx.db).unwrap_or_default();
    let trailing = inside.trim_end_matches('}');
    let spaces = trailing.len() - trailing.trim_end().len();
    let separator = if trailing.trim_end().ends_with(',') {
        " .."
    } else {
        separator
    };
    match spaces {
        0 | 1 if separator == ", .." && spaces == 1 => draft.suggest(
            "say that the others do not matter",
            end,
            format!("{}{separator} ", ""),
        ),
        _ => draft.suggest("say that the others do not matter", end, separator),
    }
}

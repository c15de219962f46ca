//! T012, T021, T024, T089: indexing, dereferencing and casting what cannot be.

use hir_def::FieldId;
use hir_def::body::{Expr, ExprId};
use hir_ty::{Ty, TyKind};

use crate::body_ctx::BodyCtx;
use crate::place::Draft;

pub(crate) fn not_indexable(ctx: &BodyCtx<'_>, expr: ExprId, base: Ty) -> Draft {
    let shown = match &ctx.body[expr] {
        Expr::Index { base: inner, .. } => ctx.show_at(base, *inner),
        _ => ctx.show(base),
    };
    let draft = Draft::error(
        "T021",
        ctx.expr(expr),
        format!("Index on a non-indexable value of type `{shown}`"),
    );
    let draft = match &ctx.body[expr] {
        Expr::Index { base, .. } | Expr::PathOrIndex { base, .. } => {
            draft.label(ctx.expr(*base), format!("this is `{shown}`"))
        }
        _ => draft,
    };
    match base.kind(ctx.db) {
        TyKind::Tuple(_) => draft.help("parts of a tuple are named by number: `t.0`"),
        _ => draft,
    }
}

pub(crate) fn index_type(ctx: &BodyCtx<'_>, index: ExprId, ty: Ty) -> Draft {
    let shown = ctx.show_at(ty, index);
    Draft::error(
        "T021",
        ctx.expr(index),
        format!("Index of type `{shown}` is no integer"),
    )
    .labelled(format!("expected an integer or a range, found `{shown}`"))
}

pub(crate) fn deref(ctx: &BodyCtx<'_>, expr: ExprId, ty: Ty) -> Draft {
    let shown = match &ctx.body[expr] {
        Expr::Unary { operand, .. } => ctx.show_at(ty, *operand),
        _ => ctx.show(ty),
    };
    let draft = Draft::error(
        "T024",
        ctx.expr(expr),
        format!("Dereference of a value that is no pointer: `{shown}`"),
    );
    match &ctx.body[expr] {
        Expr::Unary { operand, .. } => {
            draft.label(ctx.expr(*operand), format!("this is `{shown}`"))
        }
        _ => draft,
    }
}

pub(crate) fn cast(ctx: &BodyCtx<'_>, expr: ExprId, from: Ty, to: Ty) -> Draft {
    let db = ctx.db;
    let have = match &ctx.body[expr] {
        Expr::Cast { operand, .. } => ctx.show_at(from, *operand),
        _ => ctx.show(from),
    };
    let want = ctx.show(to);
    let mut draft = Draft::error(
        "T012",
        ctx.expr(expr),
        format!("Invalid cast from `{have}` to `{want}`"),
    );
    if let Expr::Cast { operand, ty } = &ctx.body[expr] {
        draft = draft
            .label(ctx.expr(*operand), format!("this is `{have}`"))
            .label(ctx.ty_ref(*ty), "cannot be converted to this");
    }
    match (from.strip_refs(db).kind(db), to.kind(db)) {
        (TyKind::Str, TyKind::Int(_) | TyKind::Float(_)) => {
            draft.help(format!("parse it: `.parse_{}()`", want.to_lowercase()))
        }
        (_, TyKind::Str) => draft.help("make a text of it: `.to_string()`"),
        (TyKind::Float(_), TyKind::Bool | TyKind::Char) => {
            draft.help("convert to an integer first")
        }
        _ => draft,
    }
}

/// T089: a reference to a packed field.
pub(crate) fn packed_borrow(ctx: &BodyCtx<'_>, expr: ExprId, field: FieldId) -> Draft {
    let db = ctx.db;
    let fields = &hir_def::signatures::fields(db, field.parent).fields;
    let name = fields
        .get(field.index as usize)
        .map(|field| field.name.to_string())
        .unwrap_or_default();
    let message = format!("Borrow of the packed field `{name}`: it may be misaligned");
    let draft =
        Draft::error("T089", ctx.expr(expr), message).labelled("a reference must be aligned");
    let draft = match field.parent {
        hir_def::VariantDef::Struct(id) => draft.label(
            crate::text::generic_def_place(db, hir_def::GenericDef::Struct(id)),
            "declared `@repr(packed)`",
        ),
        _ => draft,
    };
    draft.help("copy it: `let copy = …`, and borrow the copy")
}

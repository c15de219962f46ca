//! T009, T010, T015, T037: members that do not exist, are private, or are several.

use hir_def::body::{Expr, ExprId};
use hir_def::{AssocItemId, FieldId, FuncId, GenericDef, Name, VariantDef};
use hir_ty::{Site, Ty, TyKind, names};

use crate::body_ctx::BodyCtx;
use crate::place::Draft;
use crate::text::{field_place, func_place, list};

pub(crate) fn unknown_method(
    ctx: &BodyCtx<'_>,
    expr: ExprId,
    receiver: Ty,
    name: &str,
    nearest: &Option<Name>,
    is_field: bool,
) -> Draft {
    let shown = ctx.show(receiver);
    let place = ctx.name(expr);
    let mut draft = Draft::error(
        "T009",
        place,
        format!("Unknown method `{name}` on type `{shown}`"),
    )
    .labelled(format!("`{shown}` has no such method"));
    if let Expr::MethodCall { receiver: on, .. } = &ctx.body[expr] {
        draft = draft.label(ctx.expr(*on), format!("this is `{shown}`"));
    }
    draft = draft.nearest(place, nearest.as_ref());
    if is_field {
        draft = draft.help(format!(
            "`{name}` is a field; to call the function in it, write `(x.{name})(…)`"
        ));
    }
    if let TyKind::Param(_) = receiver.strip_refs(ctx.db).kind(ctx.db) {
        draft = draft.help(format!(
            "a type parameter has the methods of its bounds only: `{shown}: …`"
        ));
    }
    draft
}

/// `Type::name`
pub(crate) fn unknown_assoc(
    ctx: &BodyCtx<'_>,
    site: Site,
    ty: Ty,
    name: &str,
    nearest: &Option<Name>,
) -> Draft {
    let shown = ctx.show(ty);
    let place = ctx.site(site);
    let is_enum = matches!(ty.as_adt(ctx.db), Some((hir_def::AdtId::Enum(_), _)));
    if is_enum && name.starts_with(char::is_uppercase) {
        return Draft::error(
            "T002",
            place,
            format!("Unknown variant `{name}` of `{shown}`"),
        )
        .labelled(format!("`{shown}` has no such variant or constant"))
        .nearest(place, nearest.as_ref());
    }
    Draft::error(
        "T009",
        place,
        format!("Unknown member `{name}` of type `{shown}`"),
    )
    .labelled(format!(
        "`{shown}` has no such function, constant or variant"
    ))
    .nearest(place, nearest.as_ref())
}

pub(crate) fn unknown_field(
    ctx: &BodyCtx<'_>,
    expr: ExprId,
    base: Ty,
    name: &str,
    nearest: &Option<Name>,
    is_method: bool,
) -> Draft {
    let db = ctx.db;
    let shown = ctx.show(base);
    let place = ctx.name(expr);
    let mut draft = Draft::error(
        "T010",
        place,
        format!("Unknown field `{name}` on type `{shown}`"),
    )
    .labelled(format!("`{shown}` has no such field"));
    if is_method {
        return draft.suggest(format!("`{name}` is a method: call it"), place.end(), "()");
    }
    draft = draft.nearest(place, nearest.as_ref());
    if nearest.is_none()
        && let Some((adt, _)) = base.strip_refs(db).as_adt(db)
    {
        let variant = match adt {
            hir_def::AdtId::Struct(id) => VariantDef::Struct(id),
            hir_def::AdtId::Union(id) => VariantDef::Union(id),
            hir_def::AdtId::Class(id) => VariantDef::Class(id),
            hir_def::AdtId::Enum(_) => return draft.help("take an enum apart with `when`"),
        };
        let fields = &hir_ty::fields_of(db, variant).fields;
        draft = match fields.len() {
            0 => draft.note(format!("`{shown}` has no fields")),
            1..=FIELDS_LISTED_MAX => draft.note(format!(
                "its fields are {}",
                list(fields.iter().map(|f| &f.name))
            )),
            _ => draft,
        };
    }
    draft
}

/// Longer lists of fields help nobody; guessed.
const FIELDS_LISTED_MAX: usize = 8;

pub(crate) fn private_field(ctx: &BodyCtx<'_>, expr: ExprId, field: FieldId) -> Draft {
    let name = names::field_name(ctx.db, field);
    Draft::error(
        "T015",
        ctx.name(expr),
        format!("Private field `{name}` is not accessible here"),
    )
    .labelled("private")
    .label_opt(field_place(ctx.db, field), "declared here")
    .help("make it `pub`, or use a public method of its type")
}

pub(crate) fn private_method(ctx: &BodyCtx<'_>, expr: ExprId, func: FuncId) -> Draft {
    let name = names::item_name(ctx.db, GenericDef::Func(func));
    Draft::error(
        "T015",
        ctx.name(expr),
        format!("Private method `{name}` is not accessible here"),
    )
    .labelled("private")
    .label(func_place(ctx.db, func), "declared here")
    .help("make it `pub`")
}

pub(crate) fn ambiguous_method(
    ctx: &BodyCtx<'_>,
    expr: ExprId,
    name: &str,
    candidates: &[FuncId],
) -> Draft {
    let mut draft = Draft::error("T037", ctx.name(expr), format!("Ambiguous method `{name}`"))
        .labelled("several behaviors have it");
    for func in candidates {
        draft = draft.label(func_place(ctx.db, *func), "a candidate");
    }
    draft.help(format!("name the behavior: `Behavior::{name}(x)`"))
}

pub(crate) fn wrong_assoc_kind(ctx: &BodyCtx<'_>, site: Site, item: AssocItemId) -> Draft {
    let what = match item {
        AssocItemId::Func(_) => "function",
        AssocItemId::Const(_) => "constant",
        AssocItemId::Type(_) => "type",
        AssocItemId::Static(_) => "static field",
    };
    Draft::error(
        "T001",
        ctx.site(site),
        format!("Undefined variable: this names an associated {what}"),
    )
    .labelled(format!("an associated {what}"))
}

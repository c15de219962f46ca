//! T004, T006, T011: calls and patterns with the wrong number of parts.

use hir_def::body::{Expr, ExprId, PatId};
use hir_def::{FuncId, GenericDef, Name, VariantDef};
use hir_ty::{Site, Ty, TyKind, names};

use crate::body_ctx::BodyCtx;
use crate::place::Draft;
use crate::text::{
    count, describe_variant, func_place, generic_def_place, param_place, variant_place,
};

pub(crate) struct ArgCount {
    pub(crate) expected: u32,
    pub(crate) at_least: u32,
    pub(crate) found: u32,
    pub(crate) declared: Option<FuncId>,
    pub(crate) variant: Option<VariantDef>,
}

pub(crate) fn arg_count(ctx: &BodyCtx<'_>, expr: ExprId, it: ArgCount) -> Draft {
    let db = ctx.db;
    let wanted = match it.at_least < it.expected {
        true => format!("{} to {}", it.at_least, count(it.expected, "argument")),
        false => count(it.expected, "argument"),
    };
    let callee = match (it.declared, it.variant) {
        (Some(func), _) => format!("`{}`", names::item_name(db, GenericDef::Func(func))),
        (None, Some(variant)) => describe_variant(db, variant),
        (None, None) => "this function value".to_string(),
    };
    let message = format!(
        "Wrong number of arguments: {callee} takes {wanted}, {} given",
        it.found
    );
    let mut draft = Draft::error("T004", ctx.expr(expr), message);
    if it.found > it.expected {
        for index in it.expected..it.found {
            if let Some(arg) = ctx.arg(expr, index) {
                draft = draft.label(ctx.expr(arg), "not expected");
            }
        }
    }
    match (it.declared, it.variant) {
        (Some(func), _) => {
            draft = draft.label(func_place(db, func), "declared here");
            let first_missing = it.found as usize;
            if it.found < it.at_least
                && let Some(param) = param_place(db, func, first_missing)
            {
                let name = &hir_def::signatures::func_signature(db, func).params;
                let name = name.get(first_missing).and_then(|param| param.name.clone());
                let name = name
                    .map(|name| format!(" for `{name}`"))
                    .unwrap_or_default();
                draft = draft.label(param, format!("no argument{name}"));
            }
            draft
        }
        (None, Some(variant)) => draft.label_opt(variant_place(db, variant), "declared here"),
        (None, None) => draft,
    }
}

pub(crate) fn named_arg(
    ctx: &BodyCtx<'_>,
    expr: ExprId,
    index: u32,
    name: &str,
    duplicate: bool,
) -> Draft {
    let place = ctx.expr_field(expr, index);
    match duplicate {
        true => Draft::error(
            "T004",
            place,
            format!("Wrong arguments: `{name}` is given twice"),
        )
        .labelled("already given"),
        false => Draft::error(
            "T004",
            place,
            format!("Wrong arguments: there is no parameter `{name}`"),
        )
        .labelled("unknown parameter"),
    }
}

pub(crate) fn format_args(ctx: &BodyCtx<'_>, expr: ExprId, placeholders: u32, found: u32) -> Draft {
    let message = format!(
        "Wrong number of arguments: the format string has {}, {} given",
        count(placeholders, "placeholder"),
        found
    );
    Draft::error("T004", ctx.expr(expr), message).help("write a literal brace as `\\{`")
}

pub(crate) fn format_string(ctx: &BodyCtx<'_>, expr: ExprId) -> Draft {
    Draft::error(
        "L014",
        ctx.expr(expr),
        "Malformed placeholder in a format string",
    )
    .help("placeholders are `{}` and `{:spec}`; write a literal brace as `\\{`")
}

pub(crate) fn pattern_arity(
    ctx: &BodyCtx<'_>,
    pat: PatId,
    expected: u32,
    found: u32,
    variant: Option<VariantDef>,
) -> Draft {
    let whole = match variant {
        Some(variant) => describe_variant(ctx.db, variant),
        None => "the value".to_string(),
    };
    let message = format!(
        "Wrong number of parts in a pattern: {whole} has {}, the pattern {found}",
        count(expected, "part"),
    );
    let draft = Draft::error("T004", ctx.pat(pat), message);
    let draft = match variant {
        Some(variant) => draft.label_opt(variant_place(ctx.db, variant), "declared here"),
        None => draft,
    };
    if found < expected {
        draft.help("`..` stands for the parts left out")
    } else {
        draft
    }
}

pub(crate) fn generic_arg_count(
    ctx: &BodyCtx<'_>,
    site: Site,
    def: GenericDef,
    expected: u32,
    found: u32,
) -> Draft {
    type_arg_count(ctx.db, ctx.site(site), Some(def), expected, found)
}

pub(crate) fn type_arg_count(
    db: &dyn base::Db,
    place: crate::place::Place,
    def: Option<GenericDef>,
    expected: u32,
    found: u32,
) -> Draft {
    let name: Name = def.map(|def| names::item_name(db, def)).unwrap_or_default();
    let of = if name.is_empty() {
        String::new()
    } else {
        format!(" `{name}` takes")
    };
    let message = format!(
        "Wrong number of type arguments:{of} {}, {found} given",
        count(expected, "type argument"),
    );
    let draft = Draft::error("T006", place, message);
    match def {
        Some(def) => draft.label(generic_def_place(db, def), "declared here"),
        None => draft,
    }
}

pub(crate) fn not_callable(ctx: &BodyCtx<'_>, expr: ExprId, callee: ExprId, ty: Ty) -> Draft {
    let shown = ctx.show_at(ty, callee);
    let draft = Draft::error(
        "T011",
        ctx.expr(callee),
        format!("Not callable: a value of type `{shown}`"),
    )
    .labelled(format!("this is `{shown}`, no function"));
    let has_args = matches!(&ctx.body[expr], Expr::Call { args, .. } if !args.is_empty());
    match ty.kind(ctx.db) {
        TyKind::Array(..) | TyKind::Slice(_) if has_args => {
            draft.help("index with brackets: `a[i]`")
        }
        _ if !has_args => {
            let parens = ctx.expr(callee).end().to(ctx.expr(expr).end());
            draft.suggest("drop the parentheses", parens, "")
        }
        _ => draft,
    }
}

//! T056 and its relatives: a value of one type where another is needed. Where the wish comes
//! from decides the code: an argument is T017, a branch T016, and so on.

use hir_def::body::{Expr, ExprId};
use hir_ty::{Expected, Site, Ty, TyKind, names};

use super::t042_patterns;
use crate::body_ctx::BodyCtx;
use crate::place::Draft;
use crate::text::{field_place, func_place, param_place, ret_place};

pub(crate) fn mismatch(
    ctx: &BodyCtx<'_>,
    site: Site,
    expected: Ty,
    found: Ty,
    why: &Expected,
) -> Draft {
    let have = match site {
        Site::Expr(expr) => ctx.show_at(found, expr),
        _ => ctx.show(found),
    };
    let want = match why {
        Expected::Branch(first) | Expected::Element(first) | Expected::Assignment(first) => {
            ctx.show_at(expected, *first)
        }
        _ => ctx.show(expected),
    };
    let pair = format!("expected `{want}`, found `{have}`");
    let place = ctx.site(site);
    let error = |code, message: String| Draft::error(code, place, message).labelled(pair.clone());
    let draft = match why {
        Expected::Annotation(ty) => error("T056", format!("Type mismatch: {pair}"))
            .label(ctx.ty_ref(*ty), "expected because of this annotation"),
        Expected::Assignment(target) => error("T056", format!("Type mismatch: {pair}"))
            .label(ctx.expr(*target), format!("this place holds `{want}`")),
        Expected::Field(field) => {
            let name = names::field_name(ctx.db, *field);
            error("T056", format!("Type mismatch: {pair}")).label_opt(
                field_place(ctx.db, *field),
                format!("field `{name}` is declared here"),
            )
        }
        Expected::Declaration => error("T056", format!("Type mismatch: {pair}")),
        Expected::Other => error("T056", format!("Type mismatch: {pair}")),
        Expected::Pattern(scrutinee) => {
            let draft = error(
                "T056",
                format!("Type mismatch: the pattern is for `{have}`, the value is `{want}`"),
            );
            let draft = draft.labelled(format!("does not fit `{want}`"));
            match scrutinee {
                Some(scrutinee) => draft.label(ctx.expr(*scrutinee), format!("this is `{want}`")),
                None => draft,
            }
        }
        Expected::Return => {
            let draft = error("T016", format!("Return type mismatch: {pair}"));
            match ctx.func().and_then(|func| ret_place(ctx.db, func)) {
                Some(ret) => draft.label(ret, "expected because of this result type"),
                None => draft,
            }
        }
        Expected::ReturnUnit => {
            let draft = Draft::error(
                "T023",
                place,
                format!("Return value mismatch: the function returns nothing, found `{have}`"),
            )
            .labelled(format!("a value of type `{have}`"));
            match ctx.func() {
                Some(func) => draft
                    .label(func_place(ctx.db, func), "this function has no result type")
                    .help(format!("declare one: `-> {have}`")),
                None => draft,
            }
        }
        Expected::Argument { func, index } => {
            let draft = error("T017", format!("Argument type mismatch: {pair}"));
            match func {
                Some(func) => draft
                    .label(func_place(ctx.db, *func), "in a call of this function")
                    .label_opt(
                        param_place(ctx.db, *func, *index as usize),
                        format!("the parameter is `{want}`"),
                    ),
                None => draft,
            }
        }
        Expected::Branch(first) => error("T016", format!("Branch type mismatch: {pair}"))
            .label(ctx.expr(*first), format!("`{want}` because of this branch")),
        Expected::MissingElse => Draft::error(
            "T016",
            place,
            format!("Branch type mismatch: an `if` without `else` has no value, expected `{want}`"),
        )
        .labelled("`else` is missing")
        .help("add an `else` branch"),
        Expected::MissingArm => t042_patterns::no_catch_all(place),
        Expected::Element(first) => error("T025", format!("Element types differ: {pair}"))
            .label(ctx.expr(*first), format!("the first element is `{want}`")),
        Expected::Condition => condition(ctx, site, found),
        Expected::Break => error("T016", format!("Break value mismatch: {pair}")),
    };
    match (why, site) {
        (
            Expected::Condition
            | Expected::MissingElse
            | Expected::MissingArm
            | Expected::ReturnUnit
            | Expected::Pattern(_),
            _,
        ) => draft,
        (_, Site::Expr(expr)) => convert(ctx, draft, expr, expected, found),
        _ => draft,
    }
}

fn condition(ctx: &BodyCtx<'_>, site: Site, found: Ty) -> Draft {
    let db = ctx.db;
    let have = match site {
        Site::Expr(expr) => ctx.show_at(found, expr),
        _ => ctx.show(found),
    };
    let place = ctx.site(site);
    let draft = Draft::error(
        "T014",
        place,
        format!("Condition is not `Bool`: found `{have}`"),
    )
    .labelled(format!("this is `{have}`"));
    let lang = hir_ty::lang_items(db, ctx.owner.module(db).package(db));
    match found.kind(db) {
        TyKind::Int(_) | TyKind::Infer(_) => {
            draft.suggest("compare it: `!= 0`", place.end(), " != 0")
        }
        TyKind::RawPtr(_) => draft.suggest("compare it: `!= null`", place.end(), " != null"),
        TyKind::Adt(id, _) if Some(*id) == lang.maybe => draft.suggest(
            "ask whether there is a value: `.is_some()`",
            place.end(),
            ".is_some()",
        ),
        TyKind::Adt(id, _) if Some(*id) == lang.outcome => draft.suggest(
            "ask whether it is a result: `.is_ok()`",
            place.end(),
            ".is_ok()",
        ),
        _ => draft,
    }
}

/// How one type becomes the other.
fn convert(ctx: &BodyCtx<'_>, draft: Draft, expr: ExprId, expected: Ty, found: Ty) -> Draft {
    let db = ctx.db;
    let place = ctx.expr(expr);
    let want = ctx.show(expected);
    let number = |ty: Ty| matches!(ty.kind(db), TyKind::Int(_) | TyKind::Float(_));
    let is_simple = !matches!(
        ctx.body[expr],
        Expr::Binary { .. } | Expr::Unary { .. } | Expr::Cast { .. } | Expr::Range { .. }
    );
    match (expected.kind(db), found.kind(db)) {
        _ if number(expected) && number(found) => {
            let message = format!("convert it: `as {want}`");
            match (is_simple, &ctx.body[expr]) {
                (_, Expr::Literal(_)) if matches!(expected.kind(db), TyKind::Float(_)) => {
                    draft.suggest("write the literal with a point", place.end(), ".0")
                }
                (true, _) => draft.suggest(message, place.end(), format!(" as {want}")),
                (false, _) => draft.suggest(message, place, format!("({}) as {want}", place.text(db).unwrap_or_default())),
            }
        }
        (TyKind::Int(_) | TyKind::Float(_), TyKind::Str) => draft
            .note(format!("no conversion from `Str` to `{want}` is implicit"))
            .help(format!("parse it: `.parse_{}()`", want.to_lowercase())),
        (TyKind::Str, _) if number(found) || matches!(found.kind(db), TyKind::Bool | TyKind::Char) => {
            let message = "make a text of it: `.to_string()`";
            if is_simple && !matches!(ctx.body[expr], Expr::Literal(_)) {
                draft.suggest(message, place.end(), ".to_string()")
            } else {
                draft.help(message)
            }
        }
        (TyKind::Ref { mutable, target }, _) if *target == found => {
            let prefix = if *mutable { "mut ref " } else { "ref " };
            draft.suggest(format!("borrow it: `{prefix}…`"), place.start(), prefix)
        }
        (_, TyKind::Ref { target, .. }) if *target == expected => {
            draft.help("the reference is no value of that type; copy what it refers to with `*`, or `.duplicate()` it")
        }
        (TyKind::Adt(id, args), _) => {
            let lang = hir_ty::lang_items(db, ctx.owner.module(db).package(db));
            let wrap = if Some(*id) == lang.maybe {
                "Just"
            } else if Some(*id) == lang.outcome {
                "Ok"
            } else {
                return draft;
            };
            if args.ty(db, 0) != found {
                return draft;
            }
            let edits = vec![(place.start(), format!("{wrap}(")), (place.end(), ")".to_string())];
            draft.fix(format!("wrap it: `{wrap}(…)`"), edits, crate::Applicability::Maybe)
        }
        _ => draft,
    }
}

/// T007: `Maybe` or `Outcome` used as its payload.
pub(crate) fn payload(ctx: &BodyCtx<'_>, expr: ExprId, expected: Ty, found: Ty) -> Draft {
    let (want, have) = (ctx.show(expected), ctx.show(found));
    let place = ctx.expr(expr);
    let message = format!("`{have}` used as its payload: expected `{want}`, found `{have}`");
    let draft = Draft::error("T007", place, message).labelled(format!("this may hold no `{want}`"));
    let draft = match can_propagate(ctx) {
        true => draft.suggest("hand the failure on to the caller: `!`", place.end(), "!"),
        false => draft,
    };
    draft.help("give a value for the other case: `.unwrap_or(…)`, or distinguish with `when`")
}

/// Whether the function returns a `Maybe` or an `Outcome`.
fn can_propagate(ctx: &BodyCtx<'_>) -> bool {
    let Some(func) = ctx.func() else { return false };
    let lang = hir_ty::lang_items(ctx.db, ctx.owner.module(ctx.db).package(ctx.db));
    match hir_ty::fn_type(ctx.db, func).ret.as_adt(ctx.db) {
        Some((id, _)) => [lang.maybe, lang.outcome].contains(&Some(id)),
        _ => false,
    }
}

/// T016: control falls off the end of a function with a result.
pub(crate) fn missing_return(ctx: &BodyCtx<'_>, block: ExprId, expected: Ty) -> Draft {
    let want = ctx.show(expected);
    let end = ctx.expr(block).last_char();
    let draft = Draft::error(
        "T016",
        end,
        format!("Return type mismatch: missing value of type `{want}` at the end of the function"),
    )
    .labelled("the function ends here without a value");
    let draft = match ctx.func().and_then(|func| ret_place(ctx.db, func)) {
        Some(ret) => draft.label(ret, "expected because of this result type"),
        None => draft,
    };
    // `x;` as the last statement: the semicolon throws the value away.
    if let Expr::Block { stmts, .. } = &ctx.body[block]
        && let Some(hir_def::body::Stmt::Expr {
            expr,
            has_semi: true,
        }) = stmts.last()
        && ctx.ty_of(*expr) == Some(expected)
    {
        let semi = ctx.expr(*expr).end().to(end.start());
        if let Some(text) = semi.text(ctx.db)
            && text.trim() == ";"
        {
            return draft.suggest(
                "remove the `;`: the last expression is the result",
                semi,
                text.replace(';', ""),
            );
        }
    }
    draft
}

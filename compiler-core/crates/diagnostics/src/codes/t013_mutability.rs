//! T013, B004, B006, P016: changes of what may not be changed.

use hir_def::body::{Expr, ExprId, LocalId, LocalKind};

use crate::body_ctx::BodyCtx;
use crate::place::{Draft, Place};

/// T013 from inference, where the place starts at no variable.
pub(crate) fn assign_immutable(
    ctx: &BodyCtx<'_>,
    expr: ExprId,
    target: ExprId,
    local: Option<LocalId>,
) -> Draft {
    match local {
        Some(local) => {
            let name = ctx.body[local].name.to_string();
            assign_to_binding(ctx, ctx.expr(expr), &name, ctx.local(local))
        }
        None => {
            let draft = Draft::error("T013", ctx.expr(target), "Assignment to an immutable place")
                .labelled("cannot be assigned to");
            match &ctx.body[target] {
                Expr::Path(path) => draft.help(format!(
                    "a mutable static is declared `static mut {path}: …`"
                )),
                _ => draft,
            }
        }
    }
}

pub(crate) fn assign_to_binding(
    ctx: &BodyCtx<'_>,
    place: Place,
    name: &str,
    declared: Option<Place>,
) -> Draft {
    let draft = Draft::error(
        "T013",
        place,
        format!("Assignment to immutable variable `{name}`"),
    )
    .labelled("cannot be changed");
    make_mutable(ctx, draft, name, declared)
}

/// B004: `mut ref` of an immutable binding.
pub(crate) fn borrow_immutable(
    ctx: &BodyCtx<'_>,
    place: Place,
    name: &str,
    declared: Option<Place>,
) -> Draft {
    let draft = Draft::error(
        "B004",
        place,
        format!("Exclusive borrow of immutable variable `{name}`"),
    )
    .labelled("borrowed exclusively here");
    make_mutable(ctx, draft, name, declared)
}

fn make_mutable(ctx: &BodyCtx<'_>, draft: Draft, name: &str, declared: Option<Place>) -> Draft {
    let Some(declared) = declared else {
        return draft;
    };
    let local = ctx
        .body
        .locals
        .iter()
        .find(|(id, _)| ctx.local(*id) == Some(declared));
    let draft = draft.label(declared, format!("`{name}` is declared immutable here"));
    match local.map(|(_, local)| local.kind) {
        Some(LocalKind::Receiver) => {
            draft.suggest("take the receiver exclusively", declared, "mut this")
        }
        Some(LocalKind::Let) => draft.replace(
            format!("make it mutable: `let mut {name}`"),
            declared.start(),
            "mut ",
        ),
        _ => draft.replace(
            format!("make it mutable: `mut {name}`"),
            declared.start(),
            "mut ",
        ),
    }
}

/// B006: through a shared reference.
pub(crate) fn shared_access(
    source: Place,
    place: &str,
    root: &str,
    declared: Option<Place>,
    is_assignment: bool,
) -> Draft {
    let what = if is_assignment {
        "Assignment to"
    } else {
        "Exclusive use of"
    };
    let message = format!("{what} `{place}` through shared access");
    let draft = Draft::error("B006", source, message).labelled(match is_assignment {
        true => "cannot be changed through a shared reference",
        false => "needs exclusive access",
    });
    let draft = draft.label_opt(
        declared,
        match root {
            "this" => "`this` is borrowed shared".to_string(),
            _ => format!("`{root}` is a shared reference"),
        },
    );
    match (root, declared) {
        ("this", Some(declared)) => draft.suggest(
            "take the receiver exclusively: `mut this`",
            declared,
            "mut this",
        ),
        _ => draft.help("ask for exclusive access: `mut ref` instead of `ref`"),
    }
}

/// P016: the target is no place.
pub(crate) fn assign_target(ctx: &BodyCtx<'_>, target: ExprId) -> Draft {
    Draft::error("P016", ctx.expr(target), "Invalid assignment target")
        .labelled("not a place")
        .note("variables, fields, elements and what a pointer refers to can be assigned to")
}

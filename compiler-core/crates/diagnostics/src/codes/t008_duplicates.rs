//! T008: one name declared twice in one scope.

use base::{Db, ItemLoc};
use hir_def::body::LocalId;

use crate::body_ctx::BodyCtx;
use crate::place::{Draft, item_name_place};

pub(crate) fn locals(ctx: &BodyCtx<'_>, first: LocalId, second: LocalId, is_param: bool) -> Draft {
    let name = &ctx.body[second].name;
    let place = ctx.local(second).unwrap_or_else(|| ctx.expr(ctx.body.root));
    let (what, where_) = match is_param {
        true => ("parameter", "among the parameters"),
        false => ("variable", "in this block"),
    };
    let draft = Draft::error(
        "T008",
        place,
        format!("Duplicate definition of {what} `{name}` {where_}"),
    )
    .labelled("defined again here")
    .label_opt(ctx.local(first), "first defined here");
    match (is_param, ctx.body[first].mutable) {
        (true, _) => draft.help("rename one of them"),
        (false, true) => {
            draft.help("to change the variable, assign to it; for another one, take another name")
        }
        (false, false) => draft.help("take another name; an inner block may declare the name anew"),
    }
}

pub(crate) fn items(db: &dyn Db, first: ItemLoc, second: ItemLoc, name: &str) -> Draft {
    let mut draft = Draft::error(
        "T008",
        item_name_place(db, second),
        format!("Duplicate definition of `{name}`"),
    )
    .labelled("defined again here")
    .label(item_name_place(db, first), "first defined here");
    if first.file(db) == second.file(db) {
        draft = draft.help("rename one of them, or remove the second");
    } else {
        draft = draft.help("both files belong to one module: rename one of them");
    }
    draft
}

//! B002, B003, B007–B013, B015, B017, E032, E033: loans and lifetimes.

use mir::{Access, LaterUse, LoanConflict, SourceInfo};

use syntax::ast::{self, AstNode, HasGenerics, HasName};

use super::reorder;
use crate::body_ctx::BodyCtx;
use crate::place::{Draft, Place, item_name_place, item_node};
use crate::text::func_place;

pub(crate) fn conflict(ctx: &BodyCtx<'_>, found: &LoanConflict) -> Draft {
    let borrow = ctx.source(found.borrow);
    let access = match found.access {
        Access::Move => ctx.narrowed(found.source, &found.place),
        _ => found.source,
    };
    let at = ctx.source(access);
    let draft = match found.access {
        Access::End | Access::EndOfTemporary => ends(ctx, found, borrow),
        _ => meets(found, borrow, at),
    };
    let draft = help(later(ctx, draft, found, at), found);
    let draft = match &found.later {
        Some(LaterUse::Used { source }) if borrow != at && !found.access.is_end() => {
            reorder::after_use(ctx, draft, at, ctx.source(*source))
        }
        _ => draft,
    };
    match found.code {
        "B011" => reorder::bind_temporary(ctx, draft, borrow, found.exclusive),
        "E033" if is_plain_closure(ctx, found.borrow) => draft.suggest(
            "let the closure own what it uses: `move`",
            borrow.start(),
            "move ",
        ),
        "B012" => draft.suggest(
            "let the closure own what it uses: `move`",
            borrow.start(),
            "move ",
        ),
        "B002" => super::b001_moves::or_duplicate(ctx, draft, access),
        _ => draft,
    }
}

fn is_plain_closure(ctx: &BodyCtx<'_>, source: SourceInfo) -> bool {
    match source.node {
        mir::SourceNode::Expr(expr) => {
            let place = ctx.expr(expr);
            matches!(ctx.body[expr], hir_def::body::Expr::Closure { .. })
                && place
                    .text(ctx.db)
                    .is_some_and(|text| !text.starts_with("move"))
        }
        _ => false,
    }
}

fn quoted(name: &str, otherwise: &str) -> String {
    match name {
        "" => otherwise.to_string(),
        name => format!("`{name}`"),
    }
}

/// An access while a loan lives.
fn meets(found: &LoanConflict, borrow: Place, at: Place) -> Draft {
    let place = quoted(&found.place, "a value");
    let how = match found.exclusive {
        true => "exclusively borrowed",
        false => "borrowed",
    };
    let (message, label) = match found.access {
        _ if found.code == "B013" => (
            format!("Change of {place} while it is iterated over"),
            "changed inside the loop",
        ),
        _ if found.code == "B015" => (
            format!("Use of {place} conflicts with a capture"),
            "this use and the loan exclude each other",
        ),
        Access::Move => (
            format!("Move of {place} while it is {how}"),
            "moved while the loan lives",
        ),
        Access::Assign => (
            format!("Assignment to {place} while it is {how}"),
            "assigned while the loan lives",
        ),
        Access::BorrowExclusively if found.exclusive => (
            format!("Second exclusive borrow of {place}"),
            "borrowed exclusively again here",
        ),
        Access::BorrowExclusively => (
            format!("Exclusive borrow of {place} while it is shared"),
            "needs exclusive access",
        ),
        Access::Borrow => (
            format!("Borrow of {place} while it is {how}"),
            "borrowed while the loan lives",
        ),
        _ => (
            format!("Use of {place} while it is {how}"),
            "used while the loan lives",
        ),
    };
    let what = quoted(&found.borrowed, "it");
    let loan = match (found.code, found.exclusive) {
        ("B013", _) => format!("{what} is borrowed by the loop"),
        (_, true) => format!("{what} is borrowed exclusively here"),
        (_, false) => format!("{what} is borrowed here"),
    };
    let draft = Draft::error(found.code, at, message);
    if borrow == at {
        // The same borrow, in a loop, or in one expression.
        return draft.labelled(match found.later {
            Some(_) => "the loan made here before still lives",
            None => "the loan made here before never ends",
        });
    }
    draft.labelled(label).label(borrow, loan)
}

/// A place that ends while a loan lives.
fn ends(ctx: &BodyCtx<'_>, found: &LoanConflict, borrow: Place) -> Draft {
    let what = quoted(&found.borrowed, "a temporary");
    let (message, label) = match found.code {
        "B011" => (
            "Borrow of a temporary that is dropped at the end of the statement".to_string(),
            "a temporary is borrowed here".to_string(),
        ),
        "B012" => (
            format!("Closure may outlive {what}, which it borrows"),
            format!("borrows {what}"),
        ),
        "B017" => (
            format!("Reborrow outlives {what}"),
            format!("{what} is borrowed here"),
        ),
        "E033" => (
            format!("{what} does not live long enough: it would have to live for ever"),
            "borrowed here".to_string(),
        ),
        _ => (
            format!("Reference outlives {what}"),
            format!("{what} is borrowed here"),
        ),
    };
    let draft = Draft::error(found.code, borrow, message).labelled(label);
    let end = match found.source {
        // The end of the function says nothing that the message does not.
        SourceInfo::BODY => None,
        source => Some(ctx.source(source)),
    };
    match end.filter(|end| *end != borrow) {
        Some(_) if found.access == Access::EndOfTemporary => draft,
        Some(end) => draft.label(end.last_char(), format!("{what} ends here")),
        None => draft,
    }
}

fn later(ctx: &BodyCtx<'_>, draft: Draft, found: &LoanConflict, at: Place) -> Draft {
    if matches!(found.code, "B013" | "E033") {
        // The message says it.
        return draft;
    }
    match &found.later {
        Some(LaterUse::Used { source }) => {
            let place = ctx.source(*source);
            if place == at || place == ctx.source(found.borrow) || *source == SourceInfo::BODY {
                return draft;
            }
            draft.label(place, "the loan is used here later")
        }
        Some(LaterUse::Dropped { name, declared }) if !name.is_empty() => draft.label(
            ctx.source(*declared),
            format!("the destructor of `{name}` may still use the loan"),
        ),
        Some(LaterUse::Dropped { .. }) => {
            draft.note("the destructor of a temporary may still use the loan")
        }
        Some(LaterUse::Returned) | None if found.escapes => {
            draft.note("the reference leaves the function, so the loan never ends here")
        }
        Some(LaterUse::Returned) | None => draft,
    }
}

fn help(draft: Draft, found: &LoanConflict) -> Draft {
    match found.code {
        "B002" => draft
            .help("move it after the last use of the reference, or move a copy: `.duplicate()`"),
        "B003" | "B008" | "B009" | "B007" => {
            draft.help("let the first borrow end before: use it for the last time above this line")
        }
        "B010" => draft.help("return or keep an owned value instead of a reference"),
        "B013" => draft.help("collect the changes and apply them after the loop"),
        _ => draft,
    }
}

/// E032 and E033 between lifetimes of the signature.
pub(crate) fn short_lifetime(
    ctx: &BodyCtx<'_>,
    code: &'static str,
    (from, to): (&str, &str),
    source: SourceInfo,
    is_result: bool,
) -> Draft {
    let from = match from {
        "" => "Data of an unnamed lifetime".to_string(),
        name => format!("Data with lifetime `{name}`"),
    };
    let to = match to {
        "" => "another one".to_string(),
        name => format!("`{name}`"),
    };
    let place = ctx.source(source);
    let draft = match (code, is_result) {
        ("E033", _) => Draft::error(code, place, format!("{from} may not live long enough"))
            .labelled(format!("must live as long as {to} here")),
        (_, true) => Draft::error(
            code,
            place,
            format!("{from} is returned and lives too short"),
        )
        .labelled(format!("the result is declared to live as long as {to}")),
        (_, false) => Draft::error(code, place, format!("{from} is stored and lives too short"))
            .labelled(format!("must live as long as {to} here")),
    };
    draft.help("give both the same lifetime: `[life a]` and `ref[a]`")
}

/// What a method leaves out its declaration says.
pub(crate) fn as_declared(ctx: &BodyCtx<'_>, draft: Draft) -> Draft {
    let declared = ctx.func().and_then(|func| {
        let declarations = hir_ty::declarations(ctx.db, func);
        declarations.first().map(|declared| declared.func)
    });
    match declared {
        Some(declared) => draft.label(
            func_place(ctx.db, declared),
            "lifetimes that are left out are those of this declaration",
        ),
        None => draft,
    }
}

/// What is said of a parameter that shows one of two lifetimes.
pub(crate) fn lifetime_of(side: mir::Side, is_result: bool) -> &'static str {
    match (side, is_result) {
        (mir::Side::From, _) => "the data comes from here",
        (mir::Side::To, true) => "the result may borrow from this",
        (mir::Side::To, false) => "it would have to live as long as what is here",
    }
}

/// E033 of a type parameter.
pub(crate) fn short_param(ctx: &BodyCtx<'_>, param: &str, to: &str, source: SourceInfo) -> Draft {
    let (label, help) = match to {
        "" => (
            "must live as long as what it is put into".to_string(),
            format!("name that lifetime, and write the bound: `{param}: life a`"),
        ),
        to => (
            format!("must live as long as `{to}` here"),
            format!("write the bound: `{param}: life {to}`"),
        ),
    };
    let message = format!("What `{param}` stands for may not live long enough");
    let draft = Draft::error("E033", ctx.source(source), message).labelled(label);
    match (to, bound_place(ctx, param)) {
        ("", _) | (_, None) => draft.help(help),
        (to, Some((place, has_bounds))) => {
            let sign = if has_bounds { " +" } else { ":" };
            draft.suggest(help, place, format!("{sign} life {to}"))
        }
    }
}

/// Behind the bounds of a type parameter that the function itself declares.
fn bound_place(ctx: &BodyCtx<'_>, param: &str) -> Option<(Place, bool)> {
    let is_declared_elsewhere =
        |func: &hir_def::FuncId| !hir_ty::declarations(ctx.db, *func).is_empty();
    if ctx.func().as_ref().is_some_and(is_declared_elsewhere) {
        return None;
    }
    let item = ctx.owner.item(ctx.db);
    let func = ast::Func::cast(item_node(ctx.db, item)?)?;
    let params = func.generic_param_list()?.params();
    let mut params = params.filter_map(|it| match it {
        ast::GenericParam::Type(it) => Some(it),
        _ => None,
    });
    let found = params.find(|it| it.name().is_some_and(|name| name.text() == param))?;
    let (node, has_bounds) = match found.bound_list() {
        Some(bounds) => (bounds.syntax().clone(), true),
        None => (found.name()?.syntax().clone(), false),
    };
    Some((Place::new(item, node.text_range()).end(), has_bounds))
}

/// E032 of a closure's parameter.
pub(crate) fn param_stored(
    ctx: &BodyCtx<'_>,
    param: &str,
    declared: SourceInfo,
    source: SourceInfo,
) -> Draft {
    let is_own = declared.node == mir::SourceNode::Body && param.is_empty();
    if is_own {
        let message = "A reference to what the closure owns leaves the call";
        return Draft::error("E032", ctx.source(source), message)
            .labelled("may live longer than the closure")
            .help("give back an owned value, or borrow from outside: without `move`");
    }
    let name = match param {
        "" => "A parameter of the closure".to_string(),
        param => format!("`{param}`"),
    };
    let message = format!("{name} lives for one call of the closure and is stored outside");
    let draft = Draft::error("E032", ctx.source(source), message)
        .labelled("goes where it outlives the call");
    let draft = match declared.node {
        mir::SourceNode::Body => draft,
        _ => draft.label(
            ctx.source(declared),
            "each call chooses how long this lives",
        ),
    };
    draft.help("store a copy or `duplicate()` of what it refers to")
}

/// B012: nothing says when the last copy of a `func` goes.
pub(crate) fn owned_loan(source: Place) -> Draft {
    let message =
        "A closure that owns a value whose `drop` uses a borrowed place cannot become a `func`";
    Draft::error("B012", source, message)
        .labelled("copies of a `func` may outlive what the destructor uses")
        .help("take the closure by its own type: a parameter `F: Fn[...]`")
}

/// E031: at the function.
/// B018
pub(crate) fn object_leaves(ctx: &BodyCtx<'_>, source: mir::SourceInfo) -> Draft {
    let place = match source.node {
        mir::SourceNode::Body => item_name_place(ctx.db, ctx.owner.item(ctx.db)),
        _ => ctx.source(source),
    };
    Draft::error("B018", place, "Reference into an object leaves its access")
        .labelled("what it leads to may change or go when the call returns")
        .help("return a copy (`.duplicate()`), or take a closure that is called with it")
}

/// W046
pub(crate) fn kept_copy(source: Place) -> Draft {
    Draft::warning("W046", source, "Reference to a copy of an object's field")
        .labelled("does not see later changes of the field")
        .help("keep the value itself: `let x = c.f`")
}

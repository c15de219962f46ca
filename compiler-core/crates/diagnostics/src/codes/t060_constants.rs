//! T060–T066: what is computed while compiling.

use base::Db;
use hir_def::body::ExprId;
use hir_def::{BodyOwner, ConstId};
use hir_ty::ConstError;

use crate::body_ctx::BodyCtx;
use crate::codes::p065_unsupported;
use crate::place::{Draft, Place, item_name_place};

/// `None` for what is reported elsewhere.
pub(crate) fn error(db: &dyn Db, place: Place, error: &ConstError) -> Option<Draft> {
    Some(match error {
        ConstError::Overflow => Draft::error("T060", place, "Overflow in a constant expression")
            .labelled("the result does not fit its type"),
        ConstError::DivisionByZero => {
            Draft::error("T060", place, "Division by zero in a constant expression")
                .labelled("divides by zero")
        }
        ConstError::InvalidCast => Draft::error("T061", place, "Invalid constant cast")
            .labelled("the value has no counterpart in the target type"),
        ConstError::Cycle(constant) => cycle(db, place, *constant),
        ConstError::NotConst => Draft::error("T063", place, "Not a constant expression")
            .labelled("not known while compiling")
            .note("constants are made of literals, other constants, operators and casts"),
        ConstError::ArrayLength => array_length_at(place),
        ConstError::DependsOnLayout => {
            Draft::error("T066", place, "Constant in a type depends on layout")
                .labelled("types are known before their sizes")
                .help("use a literal, or a constant that asks for no size")
        }
        ConstError::Limit => Draft::error(
            "T063",
            place,
            "Not a constant expression: its evaluation takes too long",
        )
        .labelled("given up here"),
        ConstError::Panics(what) => {
            let message = format!("Not a constant expression: its evaluation panics ({what})");
            Draft::error("T063", place, message).labelled("panics while it is evaluated")
        }
        ConstError::Unsupported(what) => p065_unsupported::unsupported(place, what),
        ConstError::Aggregate | ConstError::Reported => return None,
    })
}

fn cycle(db: &dyn Db, place: Place, constant: Option<ConstId>) -> Draft {
    let name = |id: ConstId| hir_def::signatures::const_data(db, id).name.to_string();
    let message = match constant {
        Some(id) => format!("Cyclic constant `{}`: its value needs itself", name(id)),
        None => "Cyclic constant: its value needs itself".to_string(),
    };
    let mut draft = Draft::error("T062", place, message).labelled("part of a cycle");
    let chain = constant.map(|id| cycle_of(db, id)).unwrap_or_default();
    for id in chain {
        let at = item_name_place(db, id.item(db));
        if at != place {
            draft = draft.label(at, format!("`{}` is part of it", name(id)));
        }
    }
    draft
}

/// Constants on the way from a constant back to itself, the constant first; guessed limit, real
/// cycles have a handful.
const CYCLE_MAX: usize = 64;

fn cycle_of(db: &dyn Db, start: ConstId) -> Vec<ConstId> {
    let mentioned = |id: ConstId| -> Vec<ConstId> {
        let paths = &hir_ty::infer(db, BodyOwner::Const(id)).paths;
        let mut found: Vec<(ExprId, ConstId)> = paths
            .iter()
            .filter_map(|(expr, to)| match to {
                hir_ty::PathRes::Const(id, _) => Some((*expr, *id)),
                _ => None,
            })
            .collect();
        found.sort_by_key(|(expr, _)| *expr);
        found.into_iter().map(|(_, id)| id).collect()
    };
    // Breadth first: the shortest way back.
    let mut ways: Vec<(ConstId, Option<usize>)> = vec![(start, None)];
    let mut next = 0;
    while let Some((at, _)) = ways.get(next).copied() {
        for id in mentioned(at) {
            if id == start {
                let mut chain = Vec::new();
                let mut step = Some(next);
                while let Some((id, from)) = step.and_then(|step| ways.get(step).copied()) {
                    chain.push(id);
                    step = from;
                }
                chain.reverse();
                return chain;
            }
            if ways.len() < CYCLE_MAX && !ways.iter().any(|(seen, _)| *seen == id) {
                ways.push((id, Some(next)));
            }
        }
        next += 1;
    }
    Vec::new()
}

/// Whether a cycle is reported at another of its constants: the first in the text is enough.
fn is_reported_elsewhere(db: &dyn Db, id: ConstId) -> bool {
    let at = |id: ConstId| {
        let item = id.item(db);
        let name = item.file(db).source(db).name(db).clone();
        let start = base::item_range(db, item).map(|range| range.start());
        (name, start)
    };
    let own = at(id);
    cycle_of(db, id).into_iter().any(|other| at(other) < own)
}

/// The error of evaluating a constant's own body.
pub(crate) fn evaluation(ctx: &BodyCtx<'_>, failure: &ConstError) -> Option<Draft> {
    let db = ctx.db;
    if let (ConstError::Cycle(Some(id)), BodyOwner::Const(own)) = (failure, ctx.owner)
        && (*id != own || is_reported_elsewhere(db, own))
    {
        return None;
    }
    // What merely reads a constant of a cycle is no part of it.
    if matches!(failure, ConstError::Cycle(Some(_))) && !matches!(ctx.owner, BodyOwner::Const(_)) {
        return None;
    }
    let at = hir_ty::consteval::failed_at(db, ctx.owner).unwrap_or(ctx.body.root);
    let mut draft = error(db, ctx.expr(at), failure)?;
    // The calls that lead to it.
    let trace = hir_ty::consteval::failure_trace(db, ctx.owner);
    let inner = trace.iter().skip(1);
    let count = trace.len().saturating_sub(1);
    for (index, (owner, expr)) in inner.enumerate() {
        if count > LABELS_MAX && index + 1 < count && index + 1 >= LABELS_MAX {
            continue;
        }
        let map = &hir_def::body::body_with_source_map(db, *owner).1;
        let place = Place::new(owner.item(db), map.expr_range(*expr));
        let label = if index + 1 == count {
            "it happens here"
        } else {
            "which is called here"
        };
        draft = draft.label(place, label);
    }
    Some(draft)
}

/// Calls shown of a chain; the last one always is.
const LABELS_MAX: usize = 4;

pub(crate) fn array_length(ctx: &BodyCtx<'_>, expr: ExprId) -> Draft {
    array_length_at(ctx.expr(expr))
}

fn array_length_at(place: Place) -> Draft {
    Draft::error("T064", place, "Array length is not a non-negative constant")
        .labelled("needs an integer known while compiling")
}

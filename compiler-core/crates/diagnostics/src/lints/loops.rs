//! W016: functions that always call themselves, loops whose condition nothing changes.
//! W037: allocations in loops.

use hir_def::body::children::walk;
use hir_def::body::{Expr, ExprId, LocalId};
use hir_def::{BodyOwner, ContainerId, FuncId};
use hir_ty::{CallRes, OpRes, TyKind};
use mir::{Callee, TerminatorKind};
use rustc_hash::FxHashSet;

use super::{Lint, LintCtx, Spot};

pub(super) fn find(ctx: &LintCtx<'_>, out: &mut Vec<Lint>) {
    if let BodyOwner::Func(func) = ctx.owner
        && always_recurses(ctx, func)
    {
        let lint = Lint::new("W016", Spot::Owner, "Infinite recursion");
        out.push(lint.labelled("every way through it calls it again"));
    }
    let mut in_loop = FxHashSet::default();
    for (expr, node) in ctx.body.exprs.iter() {
        let body = match node {
            Expr::While { condition, body } => {
                if never_changes(ctx, *condition, *body) {
                    let lint = Lint::new("W016", Spot::Expr(*condition), "Loop without exit");
                    out.push(lint.labelled("nothing in the loop changes this"));
                }
                *body
            }
            Expr::Loop { body } | Expr::For { body, .. } => *body,
            _ => continue,
        };
        let _ = expr;
        allocations(ctx, body, &mut in_loop, out);
    }
}

/// Whether no way through a function reaches its end without calling it.
fn always_recurses(ctx: &LintCtx<'_>, func: FuncId) -> bool {
    let calls_itself = ctx
        .infer
        .calls
        .values()
        .any(|call| matches!(call, CallRes::Func { callee, .. } if callee.func == func));
    // Another implementation may stand behind the method of a behavior.
    if !calls_itself || matches!(func.container(ctx.db), ContainerId::Behavior(_)) {
        return false;
    }
    let Ok(body) = &mir::mir_built(ctx.db, ctx.owner).body else {
        return false;
    };
    let mut seen = FxHashSet::default();
    let mut open = vec![mir::BlockId::ENTRY];
    let mut calls = false;
    while let Some(block) = open.pop() {
        if !seen.insert(block) {
            // A loop: it may go on for ever without a call.
            return false;
        }
        match &body.blocks[block].terminator.kind {
            TerminatorKind::Call {
                callee: Callee::Func(callee, _) | Callee::Exact(callee, _),
                ..
            } if *callee == func => calls = true,
            TerminatorKind::Call {
                target: Some(target),
                ..
            }
            | TerminatorKind::Goto(target) => open.push(*target),
            TerminatorKind::Switch {
                cases, otherwise, ..
            } => {
                open.extend(cases.iter().map(|(_, block)| *block));
                open.push(*otherwise);
            }
            TerminatorKind::If { then, else_, .. } => open.extend([*then, *else_]),
            _ => return false,
        }
    }
    calls
}

/// Whether a condition looks at nothing but variables that the loop leaves alone, and nothing
/// leaves the loop.
fn never_changes(ctx: &LintCtx<'_>, condition: ExprId, body: ExprId) -> bool {
    let mut looked_at: Vec<LocalId> = Vec::new();
    let mut is_simple = true;
    walk(ctx.body, condition, &mut |expr, node| match node {
        Expr::Local(local) => {
            let ty = ctx.infer.local_ty(*local);
            is_simple &= ty.is_some_and(|ty| {
                matches!(
                    ty.kind(ctx.db),
                    TyKind::Int(_) | TyKind::Bool | TyKind::Char | TyKind::Float(_)
                )
            });
            looked_at.push(*local);
        }
        Expr::Literal(_) => {}
        Expr::Binary { op, .. } => {
            let is_builtin = matches!(ctx.infer.ops.get(&expr), None | Some(OpRes::Builtin));
            is_simple &= is_builtin || op.is_comparison();
        }
        Expr::Unary { .. } | Expr::Cast { .. } => {}
        _ => is_simple = false,
    });
    if !is_simple || looked_at.is_empty() {
        return false;
    }
    // Whoever borrows a variable anywhere may change it through that.
    let mut is_touched = false;
    for node in ctx.body.exprs.values() {
        let mutable = match node {
            Expr::Ref { operand, .. } => Some(*operand),
            _ => None,
        };
        is_touched |= mutable.is_some_and(|at| names_one_of(ctx, at, &looked_at));
    }
    let captured = ctx.infer.closures.iter().flatten();
    is_touched |= captured
        .flat_map(|closure| &closure.captures)
        .any(|capture| looked_at.contains(&capture.local));
    walk(ctx.body, body, &mut |expr, node| {
        is_touched |= match node {
            Expr::Break { .. }
            | Expr::Return { .. }
            | Expr::Throw { .. }
            | Expr::Try { .. }
            | Expr::Await { .. } => true,
            Expr::Assign { target, .. } => names_one_of(ctx, *target, &looked_at),
            Expr::Local(local) => {
                looked_at.contains(local) && !ctx.infer.adjustments(expr).is_empty()
            }
            _ => ctx
                .infer
                .expr_ty(expr)
                .is_some_and(|ty| ty.is_never(ctx.db)),
        };
    });
    !is_touched
}

fn names_one_of(ctx: &LintCtx<'_>, expr: ExprId, locals: &[LocalId]) -> bool {
    matches!(&ctx.body[expr], Expr::Local(local) if locals.contains(local))
}

/// Library functions that make something on the heap.
const ALLOCATING: &[&str] = &["new", "with_capacity", "create", "from", "default"];

/// Types of the library that live on the heap.
const HEAP_TYPES: &[&str] = &[
    "List", "HashMap", "HashSet", "Text", "Heap", "Shared", "Arc", "Buffer", "Vec", "Deque",
    "Queue", "Stack",
];

fn allocations(ctx: &LintCtx<'_>, body: ExprId, seen: &mut FxHashSet<ExprId>, out: &mut Vec<Lint>) {
    let mut found = Vec::new();
    walk(ctx.body, body, &mut |expr, _| {
        let Some(CallRes::Func { callee, .. }) = ctx.infer.calls.get(&expr) else {
            return;
        };
        let sig = hir_def::signatures::func_signature(ctx.db, callee.func);
        let package = callee.func.module(ctx.db).package(ctx.db).name(ctx.db);
        let is_library = matches!(package.as_str(), "core" | "std");
        if !is_library || !ALLOCATING.contains(&sig.name.as_str()) {
            return;
        }
        let ty = ctx.infer.expr_ty(expr).and_then(|ty| ty.as_adt(ctx.db));
        let Some((adt, _)) = ty else { return };
        let name = hir_ty::names::adt_name(ctx.db, adt);
        if HEAP_TYPES.contains(&name.as_str()) && seen.insert(expr) {
            found.push((expr, name));
        }
    });
    found.sort_by_key(|(expr, _)| *expr);
    for (expr, name) in found {
        let message = format!("Allocation in a loop: a new `{name}` in every round");
        let lint = Lint::new("W037", Spot::Expr(expr), message);
        out.push(lint.advice("make it before the loop, and clear it inside"));
    }
}

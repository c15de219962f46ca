//! W001: changes through shared handles. W031: changes of variables that are not declared
//! mutable. W034: failures that `let _` drops where they could be handed on.

use hir_def::BodyOwner;
use hir_def::body::{Expr, ExprId, Pat, Stmt};
use hir_def::signatures as s;
use hir_ty::{Adjust, CallRes, TyKind};

use super::{Help, Lint, LintCtx, Spot};

pub(super) fn find(ctx: &LintCtx<'_>, out: &mut Vec<Lint>) {
    for (expr, node) in ctx.body.exprs.iter() {
        match node {
            Expr::MethodCall { receiver, .. } => shared_change(ctx, expr, *receiver, out),
            Expr::Local(_) => hidden_change(ctx, expr, out),
            Expr::Block { stmts, .. } => dropped_failures(ctx, stmts, out),
            _ => {}
        }
    }
}

/// Methods of interior-mutable types that change what they hold.
const CHANGING: &[&str] = &[
    "set",
    "replace",
    "swap",
    "take",
    "store",
    "borrow_mut",
    "lock",
    "write",
    "push",
    "get_or_init",
    "fetch_add",
    "fetch_sub",
    "fetch_and",
    "fetch_or",
    "fetch_xor",
    "compare_exchange",
];

fn shared_change(ctx: &LintCtx<'_>, expr: ExprId, receiver: ExprId, out: &mut Vec<Lint>) {
    let Some(CallRes::Func { callee, .. }) = ctx.infer.calls.get(&expr) else {
        return;
    };
    let sig = hir_ty::fn_type(ctx.db, callee.func);
    let is_shared = sig
        .receiver
        .is_some_and(|receiver| receiver.form == hir_ty::signature::ReceiverForm::Shared);
    let name = &s::func_signature(ctx.db, callee.func).name;
    let ty = ctx.infer.expr_ty(receiver).map(|ty| ty.strip_refs(ctx.db));
    let Some((adt, _)) = ty.and_then(|ty| ty.as_adt(ctx.db)) else {
        return;
    };
    let hir_def::AdtId::Struct(id) = adt else {
        return;
    };
    let is_marked = s::struct_data(ctx.db, id).attrs.interior_mutable;
    if is_shared && is_marked && CHANGING.contains(&name.as_str()) {
        let message = format!("Change through a shared reference: `{name}`");
        out.push(Lint::new("W001", Spot::Name(expr), message).labelled("others see this, too"));
    }
}

fn hidden_change(ctx: &LintCtx<'_>, expr: ExprId, out: &mut Vec<Lint>) {
    let Expr::Local(local) = ctx.body[expr] else {
        return;
    };
    let is_borrowed = matches!(
        ctx.infer.adjustments(expr),
        [only] if only.kind == (Adjust::Borrow { mutable: true })
    );
    let Some(data) = ctx.body.locals.get(local) else {
        return;
    };
    let is_owned = ctx
        .infer
        .local_ty(local)
        .is_some_and(|ty| !matches!(ty.kind(ctx.db), TyKind::Ref { .. }));
    if is_borrowed
        && is_owned
        && !data.mutable
        && let Some(pat) = data.pat
    {
        let message = format!("Change of `{}`, which is not declared mutable", data.name);
        let lint = Lint::new("W031", Spot::Expr(expr), message);
        out.push(
            lint.labelled("borrowed exclusively")
                .help(Help::MakeMutable(pat)),
        );
    }
}

/// In a function that could hand the failure on. Elsewhere `let _` is how to say that it does
/// not matter.
fn dropped_failures(ctx: &LintCtx<'_>, stmts: &[Stmt], out: &mut Vec<Lint>) {
    let BodyOwner::Func(func) = ctx.owner else {
        return;
    };
    let error_of = |ty: hir_ty::Ty| match ty.as_adt(ctx.db) {
        Some((adt, args)) if ctx.lang.is_outcome(adt) => Some(args.ty(ctx.db, 1)),
        _ => None,
    };
    let Some(own) = error_of(hir_ty::fn_type(ctx.db, func).ret) else {
        return;
    };
    for stmt in stmts {
        let Stmt::Let {
            pat,
            init: Some(init),
            ..
        } = stmt
        else {
            continue;
        };
        let is_call = matches!(ctx.body[*init], Expr::Call { .. } | Expr::MethodCall { .. });
        if !is_call || !matches!(ctx.body[*pat], Pat::Wild) {
            continue;
        }
        let error = ctx.infer.expr_ty(*init).and_then(error_of);
        if error == Some(own) {
            let lint = Lint::new("W034", Spot::Pat(*pat), "`let _` drops a failure");
            out.push(
                lint.labelled("an `Err` ends here")
                    .advice("hand it on with `!`, or look at it with `when`"),
            );
        }
    }
}

//! W014: variables without a written type. W015: casts to the type that a value has. W018: large values that are passed by copy.
//! W043: bounds that a body implies.

use hir_def::body::{Expr, Literal, Pat, Stmt, UnaryOp};
use hir_def::{BodyOwner, GenericDef};
use hir_ty::{CastKind, Ty, TyKind, names};

use super::{Help, Lint, LintCtx, Spot};

/// From here on a value is large; guessed: two cache lines.
const LARGE_BYTES: u64 = 128;

pub(super) fn find(ctx: &LintCtx<'_>, out: &mut Vec<Lint>) {
    unannotated(ctx, out);
    casts(ctx, out);
    implied(ctx, out);
    large_parameters(ctx, out);
}

fn unannotated(ctx: &LintCtx<'_>, out: &mut Vec<Lint>) {
    for node in ctx.body.exprs.values() {
        let Expr::Block { stmts, .. } = node else {
            continue;
        };
        for stmt in stmts {
            let Stmt::Let { pat, ty: None, .. } = stmt else {
                continue;
            };
            let Pat::Bind { local, .. } = ctx.body[*pat] else {
                continue;
            };
            let Some(ty) = ctx.infer.local_ty(local) else {
                continue;
            };
            // The type of a closure has no name.
            if ty.as_closure(ctx.db).is_some() {
                continue;
            }
            let annotation = format!(": {}", ty.display(ctx.db));
            let lint = Lint::new("W014", Spot::Pat(*pat), "Variable without a written type");
            out.push(lint.help(Help::Annotate(*pat, annotation)));
        }
    }
}

fn casts(ctx: &LintCtx<'_>, out: &mut Vec<Lint>) {
    for (expr, node) in ctx.body.exprs.iter() {
        let Expr::Cast { operand, .. } = node else {
            continue;
        };
        let is_same = ctx.infer.casts.get(&expr) == Some(&CastKind::Same);
        // A literal is typed by its cast, and so may be what is made of literals alone.
        if !is_same || !has_own_type(ctx, *operand) {
            continue;
        }
        let Some(ty) = ctx.infer.expr_ty(*operand) else {
            continue;
        };
        if !matches!(
            ty.kind(ctx.db),
            TyKind::Int(_) | TyKind::Float(_) | TyKind::Bool | TyKind::Char
        ) {
            continue;
        }
        let shown = ty.display(ctx.db);
        let message = format!("Unnecessary cast: the value is `{shown}` already");
        let cast = Help::DropCast {
            cast: expr,
            operand: *operand,
        };
        let lint = Lint::new("W015", Spot::Expr(expr), message);
        out.push(lint.labelled("changes nothing").help(cast));
    }
}

/// Whether the type of an expression is known without what stands around it.
fn has_own_type(ctx: &LintCtx<'_>, expr: hir_def::body::ExprId) -> bool {
    match &ctx.body[expr] {
        Expr::Local(local) => {
            let pat = ctx.body.locals.get(*local).and_then(|local| local.pat);
            ctx.body.params.iter().any(|param| Some(param.pat) == pat)
        }
        Expr::Call { .. } | Expr::MethodCall { .. } => {
            let generic = match ctx.infer.calls.get(&expr) {
                Some(hir_ty::CallRes::Func { callee, .. }) => !callee.args.list(ctx.db).is_empty(),
                _ => true,
            };
            !generic
        }
        Expr::Field { base, .. } => {
            let base = ctx.infer.adjusted_ty(*base).map(|ty| ty.strip_refs(ctx.db));
            base.and_then(|ty| ty.as_adt(ctx.db))
                .is_some_and(|(_, args)| args.list(ctx.db).is_empty())
        }
        Expr::Literal(Literal::Bool(_) | Literal::Char(_)) => true,
        Expr::Unary {
            op: UnaryOp::Neg | UnaryOp::Not | UnaryOp::BitNot,
            operand,
        } => has_own_type(ctx, *operand),
        _ => false,
    }
}

fn implied(ctx: &LintCtx<'_>, out: &mut Vec<Lint>) {
    let mut seen = Vec::new();
    for (param, behavior, expr) in &ctx.infer.implied {
        if seen.contains(&(*param, *behavior)) {
            continue;
        }
        seen.push((*param, *behavior));
        let behavior = names::item_name(ctx.db, GenericDef::Behavior(*behavior));
        let shown = param.display(ctx.db);
        let message = format!("Implied bound: this asks that `{shown}` is `{behavior}`");
        let lint = Lint::new("W043", Spot::Expr(*expr), message);
        out.push(
            lint.labelled("needs the bound")
                .advice(format!("write it: `{shown}: {behavior}`")),
        );
    }
}

fn large_parameters(ctx: &LintCtx<'_>, out: &mut Vec<Lint>) {
    let BodyOwner::Func(func) = ctx.owner else {
        return;
    };
    let sig = hir_ty::fn_type(ctx.db, func);
    let env = hir_ty::param_env(ctx.db, GenericDef::Func(func));
    for (param, of_body) in sig.params.iter().zip(&ctx.body.params) {
        let ty: Ty = param.ty;
        let is_value = matches!(
            ty.kind(ctx.db),
            TyKind::Adt(..) | TyKind::Array(..) | TyKind::Tuple(_)
        );
        if !is_value || is_generic(ctx, ty) || !hir_ty::is_copy(ctx.db, ty, env) {
            continue;
        }
        let Ok(layout) = hir_ty::layout_of(ctx.db, ty) else {
            continue;
        };
        if layout.size > LARGE_BYTES {
            let message = format!("Large value passed by copy: {} bytes", layout.size);
            let lint = Lint::new("W018", Spot::Pat(of_body.pat), message);
            out.push(lint.labelled("copied at every call").advice("pass `ref`"));
        }
    }
}

fn is_generic(ctx: &LintCtx<'_>, ty: Ty) -> bool {
    let mut found = false;
    hir_ty::ty::walk_ty(ctx.db, ty, &mut |part| {
        found |= matches!(part.kind(ctx.db), TyKind::Param(_) | TyKind::Projection(_));
    });
    found
}

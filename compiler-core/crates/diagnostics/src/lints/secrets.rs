//! W036: hash functions that are broken, secrets in the source.

use hir_def::BodyOwner;
use hir_def::body::{Expr, ExprId, Literal, Pat, Stmt};
use hir_def::signatures as s;
use hir_ty::CallRes;

use super::{Lint, LintCtx, Spot};

pub(super) fn find(ctx: &LintCtx<'_>, out: &mut Vec<Lint>) {
    for (expr, node) in ctx.body.exprs.iter() {
        match node {
            Expr::Call { .. } | Expr::MethodCall { .. } => weak(ctx, expr, out),
            Expr::Block { stmts, .. } => {
                for stmt in stmts {
                    if let Stmt::Let {
                        pat,
                        init: Some(init),
                        ..
                    } = stmt
                        && let Pat::Bind { local, .. } = ctx.body[*pat]
                        && let Some(local) = ctx.body.locals.get(local)
                    {
                        secret(ctx, &local.name, *init, out);
                    }
                }
            }
            _ => {}
        }
    }
    match ctx.owner {
        BodyOwner::Const(id) => secret(ctx, &s::const_data(ctx.db, id).name, ctx.body.root, out),
        BodyOwner::Static(id) => secret(ctx, &s::static_data(ctx.db, id).name, ctx.body.root, out),
        BodyOwner::Func(_) | BodyOwner::AnonConst(_) => {}
    }
}

fn weak(ctx: &LintCtx<'_>, expr: ExprId, out: &mut Vec<Lint>) {
    let Some(CallRes::Func { callee, .. }) = ctx.infer.calls.get(&expr) else {
        return;
    };
    let module = callee.func.module(ctx.db);
    if module.package(ctx.db).name(ctx.db) != "std" {
        return;
    }
    let name = &s::func_signature(ctx.db, callee.func).name;
    let is_weak = name.split('_').any(|word| matches!(word, "md5" | "sha1"));
    if is_weak {
        let message = format!("Weak cryptography: `{name}`");
        let lint = Lint::new("W036", Spot::Name(expr), message);
        out.push(
            lint.labelled("collisions can be made")
                .advice("use `sha256`, unless nobody could gain by a collision"),
        );
    }
}

/// What secrets are called.
const SECRET: &[&str] = &[
    "password",
    "passwd",
    "api_key",
    "apikey",
    "secret_key",
    "private_key",
    "access_token",
    "auth_token",
];

/// Shorter texts are placeholders.
const SECRET_CHARS_MIN: usize = 8;

fn secret(ctx: &LintCtx<'_>, name: &str, value: ExprId, out: &mut Vec<Lint>) {
    let Expr::Literal(Literal::Str(text)) = &ctx.body[value] else {
        return;
    };
    let name = name.to_lowercase();
    let is_named = SECRET.iter().any(|secret| name.ends_with(secret));
    let is_secret = text.len() >= SECRET_CHARS_MIN && !text.contains(char::is_whitespace);
    if is_named && is_secret {
        let lint = Lint::new("W036", Spot::Expr(value), "Secret in the source");
        out.push(
            lint.labelled("everybody who has the program has it")
                .advice("read it from the environment: `os::env_get(…)`"),
        );
    }
}

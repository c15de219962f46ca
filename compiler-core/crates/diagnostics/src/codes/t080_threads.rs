//! T080, T081: values that must stay in one thread.

use base::Db;
use hir_def::resolver::Scope;
use hir_def::{BehaviorId, BodyOwner, GenericDef, StaticId};
use hir_ty::auto::{AsyncBody, Auto, HeldCulprit, auto_culprit, held_culprit};
use hir_ty::{HeldGoal, ParamEnv, Site, Ty, TyKind};
use mir::Held;

use crate::body_ctx::BodyCtx;
use crate::place::{Draft, Place, item_name_place};
use crate::text::generic_def_place;

/// Whether a behavior is `Send` or `Sync`.
pub(crate) fn auto_of(ctx: &BodyCtx<'_>, behavior: BehaviorId) -> Option<Auto> {
    let package = ctx.owner.module(ctx.db).package(ctx.db);
    hir_ty::lang_items(ctx.db, package).auto_of(behavior)
}

/// A bound `Send` or `Sync` that a type argument does not meet.
pub(crate) fn bound(
    ctx: &BodyCtx<'_>,
    site: Site,
    ty: Ty,
    which: Auto,
    required_by: Option<GenericDef>,
) -> Draft {
    let draft = unmet(ctx.db, ctx.site(site), ty, which, env_of(ctx.db, ctx.owner));
    required(ctx, draft, required_by)
}

fn required(ctx: &BodyCtx<'_>, draft: Draft, by: Option<GenericDef>) -> Draft {
    match by {
        Some(def) => draft.label(generic_def_place(ctx.db, def), "required by a bound here"),
        None => draft,
    }
}

fn env_of(db: &dyn Db, owner: BodyOwner) -> ParamEnv {
    let scope = Scope::of_body(db, owner);
    match scope.generics {
        Some(def) => hir_ty::param_env(db, def),
        None => ParamEnv::empty(db, scope.module.package(db)),
    }
}

/// Futures of a body that hold a value across an `await` that must stay in its thread.
pub(crate) fn find_held(db: &dyn Db, owner: BodyOwner) -> Vec<(&HeldGoal, HeldCulprit)> {
    let goals = hir_ty::infer(db, owner).held.iter();
    let env = env_of(db, owner);
    let types = |body| held_by(db, body).iter().map(|it| it.ty).collect();
    let found = goals.filter_map(|goal| {
        let culprit = held_culprit(db, goal.ty, goal.which, env, &types)?;
        Some((goal, culprit))
    });
    found.collect()
}

fn held_by(db: &dyn Db, body: AsyncBody) -> &[Held] {
    match body {
        AsyncBody::Func(func) => &mir::held_values(db, BodyOwner::Func(func)).own,
        AsyncBody::Block(id) => {
            let closures = &mir::held_values(db, id.owner).closures;
            closures.get(id.index as usize).map_or(&[], |held| &**held)
        }
    }
}

/// Where a future becomes part of an object nothing but its type tells.
fn held_site(ctx: &BodyCtx<'_>, goal: &HeldGoal) -> Site {
    if goal.site != Site::Expr(ctx.body.root) {
        return goal.site;
    }
    let types = hir_ty::infer(ctx.db, ctx.owner).expr_tys.iter();
    let mut found = types.filter(|(_, ty)| **ty == goal.ty);
    found.next().map_or(goal.site, |(expr, _)| Site::Expr(expr))
}

pub(crate) fn held(ctx: &BodyCtx<'_>, goal: &HeldGoal, found: &HeldCulprit) -> Draft {
    let db = ctx.db;
    let (code, name, _) = said(goal.which);
    let message = format!("Future is not `{name}`: it holds a value across an `await` that is not");
    let draft = Draft::error(code, ctx.site(held_site(ctx, goal)), message)
        .labelled(format!("this future is not `{name}`"));
    let owner = match found.body {
        AsyncBody::Func(func) => BodyOwner::Func(func),
        AsyncBody::Block(id) => id.owner,
    };
    let inside = BodyCtx::new(db, owner);
    let draft = match held_by(db, found.body).get(found.index) {
        Some(held) => {
            let what = match &held.name {
                Some(name) => format!("`{name}`"),
                None => "this value".to_string(),
            };
            draft
                .label(
                    inside.source(held.declared),
                    format!("{what} has type `{}`", found.ty.display(db)),
                )
                .label(
                    inside.source(held.at),
                    format!("{what} is still alive across this `await`"),
                )
        }
        None => draft,
    };
    let draft = match found.culprit != found.ty {
        true => draft.note(format!("because of `{}` in it", found.culprit.display(db))),
        false => draft,
    };
    required(ctx, draft, goal.required_by)
        .help("let it end before the `await`: in a block of its own, or hand it on by value")
}

/// A static of a type that threads must not share.
pub(crate) fn shared_static(db: &dyn Db, id: StaticId) -> Draft {
    let ty = hir_ty::signature::type_of_static(db, id);
    let env = ParamEnv::empty(db, id.module(db).package(db));
    unmet(db, item_name_place(db, id.item(db)), ty, Auto::Sync, env)
        .note("every thread sees the same static")
        .help("put it in a `Mutex`, or make it a `const`")
}

/// The code, the behavior, and what its absence means.
fn said(which: Auto) -> (&'static str, &'static str, &'static str) {
    match which {
        Auto::Send => ("T080", "Send", "may not move to another thread"),
        Auto::Sync => ("T081", "Sync", "may not be shared by threads"),
    }
}

fn unmet(db: &dyn Db, place: Place, ty: Ty, which: Auto, env: ParamEnv) -> Draft {
    let (code, name, what) = said(which);
    let shown = ty.display(db).to_string();
    let message = format!("Value is not `{name}`: `{shown}` {what}");
    let mut draft = Draft::error(code, place, message).labelled(format!("not `{name}`"));
    let culprit = auto_culprit(db, ty, which, env).unwrap_or(ty);
    if culprit != ty {
        draft = draft.note(format!("because of `{}` in it", culprit.display(db)));
    }
    match culprit.kind(db) {
        TyKind::Param(_) => draft.help(format!(
            "write the bound: `{}: {name}`",
            culprit.display(db)
        )),
        TyKind::Func { .. } => {
            draft.help("take the callable as a type parameter: `F: FnOnce[()] + Send`")
        }
        TyKind::Dyn(_) | TyKind::Object(_) => {
            draft.help(format!("say so: `{} + {name}`", culprit.display(db)))
        }
        TyKind::Adt(..) | TyKind::Interface(..) | TyKind::RawPtr(_) => {
            draft.help("share it with `Arc`, and change it in a `Mutex`")
        }
        _ => draft,
    }
}

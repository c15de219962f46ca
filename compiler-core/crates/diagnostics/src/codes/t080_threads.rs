//! T080, T081: values that must stay in one thread.

use base::Db;
use hir_def::resolver::Scope;
use hir_def::{BehaviorId, GenericDef, StaticId};
use hir_ty::auto::{Auto, auto_culprit};
use hir_ty::{ParamEnv, Site, Ty, TyKind};

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
    let db = ctx.db;
    let scope = Scope::of_body(db, ctx.owner);
    let env = match scope.generics {
        Some(def) => hir_ty::param_env(db, def),
        None => ParamEnv::empty(db, scope.module.package(db)),
    };
    let draft = unmet(db, ctx.site(site), ty, which, env);
    match required_by {
        Some(def) => draft.label(generic_def_place(db, def), "required by a bound here"),
        None => draft,
    }
}

/// A static of a type that threads must not share.
pub(crate) fn shared_static(db: &dyn Db, id: StaticId) -> Draft {
    let ty = hir_ty::signature::type_of_static(db, id);
    let env = ParamEnv::empty(db, id.module(db).package(db));
    unmet(db, item_name_place(db, id.item(db)), ty, Auto::Sync, env)
        .note("every thread sees the same static")
        .help("put it in a `Mutex`, or make it a `const`")
}

fn unmet(db: &dyn Db, place: Place, ty: Ty, which: Auto, env: ParamEnv) -> Draft {
    let (code, name, what) = match which {
        Auto::Send => ("T080", "Send", "may not move to another thread"),
        Auto::Sync => ("T081", "Sync", "may not be shared by threads"),
    };
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

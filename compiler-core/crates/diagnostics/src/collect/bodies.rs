//! Findings of one body: of its lowering, of inference, and of the checks on its MIR.

use base::Db;
use hir_def::body::Expr;
use hir_def::signatures as s;
use hir_def::{AnonConstId, AnonConstKind, BodyOwner};
use hir_ty::{ConstError, InferenceResult, LowerError};
use mir::MirDiagnostic;

use crate::body_ctx::BodyCtx;
use crate::codes::{self, t002_types, t060_constants, t080_threads, w010_deprecated};
use crate::levels;
use crate::lints::{self, Lint};
use crate::place::{Draft, Place};

/// Keyed by owner. Re-runs when a finding of the body changes, and for bodies with findings when
/// their text does; a body without any reads no positions.
#[salsa::tracked]
pub(super) fn body_drafts(db: &dyn Db, owner: BodyOwner) -> Box<[Draft]> {
    let mut out = declared_type(db, owner);
    let body = hir_def::body::body(db, owner);
    let infer = hir_ty::infer(db, owner);
    let is_in_error = has_error_types(db, owner, infer);
    let of_mir: Vec<&MirDiagnostic> = match is_in_error {
        // Something outside the body is in error: a signature, a type.
        true => Vec::new(),
        false => {
            let built = &mir::mir_built(db, owner).diagnostics;
            built
                .iter()
                .chain(&mir::borrowck(db, owner).diagnostics)
                .collect()
        }
    };
    let implied = match infer.diagnostics.is_empty() {
        true => &**hir_ty::implied_violations(db, owner),
        // Types that are in error meet no bounds.
        false => &[],
    };
    let copied = match implied.is_empty() && infer.diagnostics.is_empty() {
        true => hir_ty::implied_copy_violations(db, owner, &|func| {
            mir::implied_copies(db, func).clone()
        }),
        false => Vec::new(),
    };
    let held = match is_in_error {
        true => Vec::new(),
        false => t080_threads::find_held(db, owner),
    };
    let is_clean = body.diagnostics.is_empty()
        && infer.diagnostics.is_empty()
        && implied.is_empty()
        && copied.is_empty()
        && held.is_empty()
        && of_mir.is_empty();
    // Warnings do not keep a body from being evaluated.
    let is_sound = body.diagnostics.is_empty()
        && !infer.has_errors()
        && !of_mir.iter().any(|it| it.is_error());
    let (failure, defaults) = match is_sound {
        true => (evaluation_failure(db, owner), default_failures(db, owner)),
        false => (None, Vec::new()),
    };
    let noted = w010_deprecated::find(db, owner);
    let lints: &[Lint] = match is_in_error {
        true => &[],
        false => lints::find(db, owner),
    };
    if is_clean && failure.is_none() && defaults.is_empty() && noted.is_empty() && lints.is_empty()
    {
        return out.into();
    }
    let ctx = BodyCtx::new(db, owner);
    out.extend(noted.iter().map(|it| w010_deprecated::render(&ctx, it)));
    out.extend(failure.and_then(|failure| t060_constants::evaluation(&ctx, failure)));
    out.extend(defaults.into_iter().filter_map(|(owner, failure)| {
        let ctx = BodyCtx::new(db, owner);
        t060_constants::evaluation(&ctx, failure)
    }));
    out.extend(body.diagnostics.iter().map(|it| codes::of_body(&ctx, it)));
    out.extend(
        infer
            .diagnostics
            .iter()
            .chain(implied)
            .chain(&copied)
            .filter_map(|it| codes::of_inference(&ctx, it)),
    );
    let held = held.iter();
    out.extend(held.map(|(goal, found)| t080_threads::held(&ctx, goal, found)));
    out.extend(of_mir.into_iter().map(|it| codes::of_mir(&ctx, it)));
    if !out.iter().any(Draft::is_error) {
        out.extend(lints.iter().map(|it| lints::render(&ctx, it)));
    } else {
        // What an expression that is in error does or does not with its value says nothing.
        out.retain(|draft| !matches!(draft.code, "W004" | "W006" | "W012"));
    }
    levels::apply(db, owner, &mut out);
    out.into()
}

/// Whether some expression or variable has no type, for reasons reported elsewhere.
fn has_error_types(db: &dyn Db, owner: BodyOwner, infer: &InferenceResult) -> bool {
    if let BodyOwner::Func(func) = owner {
        let signature = hir_ty::fn_type(db, func);
        if signature.ret.has_error(db) || signature.all_params(db).any(|ty| ty.has_error(db)) {
            return true;
        }
    }
    let body = hir_def::body::body(db, owner);
    if matches!(body[body.root], Expr::Missing) {
        // A declaration without body: there is nothing to be unknown.
        return false;
    }
    let locals = infer.local_tys.values();
    infer
        .expr_tys
        .values()
        .chain(locals)
        .any(|ty| ty.has_error(db))
}

/// Why a constant has no value, if it must have one while compiling.
fn evaluation_failure(db: &dyn Db, owner: BodyOwner) -> Option<&ConstError> {
    let must_be_constant = match owner {
        BodyOwner::Func(_) => return None,
        BodyOwner::Const(_) => true,
        BodyOwner::Static(id) => !s::static_data(db, id).attrs.static_init,
        BodyOwner::AnonConst(id) => matches!(id.kind(db), AnonConstKind::Discriminant(_)),
    };
    let error = hir_ty::consteval::body_value(db, owner).as_ref().err()?;
    (must_be_constant || *error != ConstError::NotConst).then_some(error)
}

/// Why defaults of a function's parameters have no values: they are constants (reference §4.1).
fn default_failures(db: &dyn Db, owner: BodyOwner) -> Vec<(BodyOwner, &ConstError)> {
    let BodyOwner::Func(func) = owner else {
        return Vec::new();
    };
    let params = &s::func_signature(db, func).params;
    let defaults = params.iter().enumerate().filter(|(_, it)| it.has_default);
    let failures = defaults.filter_map(|(index, _)| {
        let kind = AnonConstKind::ParamDefault(func, index as u32);
        let default = BodyOwner::AnonConst(AnonConstId::new(db, kind));
        let error = hir_ty::consteval::body_value(db, default).as_ref().err()?;
        Some((default, error))
    });
    failures.collect()
}

/// Errors in the declared type of a constant or static.
fn declared_type(db: &dyn Db, owner: BodyOwner) -> Vec<Draft> {
    let errors: &[LowerError] = match owner {
        BodyOwner::Const(id) => &hir_ty::signature::type_of_const_lowered(db, id).errors,
        BodyOwner::Static(id) => &hir_ty::signature::type_of_static_lowered(db, id).errors,
        BodyOwner::Func(_) | BodyOwner::AnonConst(_) => &[],
    };
    if errors.is_empty() {
        return Vec::new();
    }
    let map = match owner {
        BodyOwner::Const(id) => &s::const_data_with_source_map(db, id).1,
        BodyOwner::Static(id) => &s::static_data_with_source_map(db, id).1,
        BodyOwner::Func(_) | BodyOwner::AnonConst(_) => return Vec::new(),
    };
    let item = owner.item(db);
    let drafts = errors.iter().filter_map(|error| {
        let at = |segment: Option<usize>| match (error.ty, segment) {
            (Some(ty), Some(segment)) => Place::new(item, map.types.segment_range(ty, segment)),
            (Some(ty), None) => Place::new(item, map.types.range(ty)),
            (None, _) => Place::new(item, map.name),
        };
        t002_types::lower_error(db, owner.module(db), error, &at)
    });
    drafts.collect()
}

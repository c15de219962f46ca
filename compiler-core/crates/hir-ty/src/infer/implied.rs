//! Implied bounds (reference §3.4): one of the few facts that a body gives away.
//!
//! They are checked after inference, in a query of their own, so that recursion between
//! functions makes no cycle of queries.

use base::Db;
use hir_def::body::ExprId;
use hir_def::{BehaviorId, BodyOwner, FuncId, GenericDef};

use super::diagnostics::{InferDiagnostic, Site};
use super::infer;
use super::result::{CallRes, PathRes};
use crate::generics::{ParamEnv, Predicate, generics_of};
use crate::props::partial_eq_args;
use crate::solve::behavior_solve;
use crate::ty::{GenericArgs, Ty, TyKind};

/// A bound that a function's body implies on one of its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ImpliedBound {
    /// Place among all parameters of the function.
    pub param: u32,
    pub behavior: BehaviorId,
}

/// The bounds that a body implies, each once.
///
/// Keyed by function; read wherever it is named. Re-runs with its inference; an equal answer
/// stops the change.
#[salsa::tracked]
pub fn implied_bounds(db: &dyn Db, func: FuncId) -> Box<[ImpliedBound]> {
    let mut out: Vec<ImpliedBound> = Vec::new();
    for (ty, behavior, _) in &infer(db, BodyOwner::Func(func)).implied {
        if let TyKind::Param(param) = ty.kind(db) {
            let bound = ImpliedBound {
                param: param.index,
                behavior: *behavior,
            };
            if !out.contains(&bound) {
                out.push(bound);
            }
        }
    }
    out.into()
}

/// Whether a function has type parameters without bounds: the bodies of all others are not asked.
fn may_have_implied_bounds(db: &dyn Db, func: FuncId) -> bool {
    let def = GenericDef::Func(func);
    let generics = generics_of(db, def);
    if generics.is_empty() {
        return false;
    }
    let bounds = &crate::generics::predicates_of(db, def).list;
    let is_bounded = |param: &crate::generics::GenericParam| {
        let ty = Ty::param(db, param.param);
        bounds.iter().any(|predicate| {
            matches!(predicate, Predicate::Implements(bound) if bound.self_ty(db) == ty)
        })
    };
    let mut params = generics.params.iter().filter(|param| !param.is_const);
    params.any(|param| !is_bounded(param))
}

/// T026 and E030: functions named with arguments that do not meet their implied bounds.
///
/// Keyed by the body that names them; read by its diagnostics. Re-runs when the body's types or
/// the implied bounds of a function that it names change.
#[salsa::tracked]
pub fn implied_violations(db: &dyn Db, owner: BodyOwner) -> Box<[InferDiagnostic]> {
    violations(db, owner, &|func| implied_bounds(db, func).to_vec()).into()
}

/// E030: the same for the copies that the MIR of the named functions makes; `copies` knows their
/// parameters.
pub fn implied_copy_violations(
    db: &dyn Db,
    owner: BodyOwner,
    copies: &dyn Fn(FuncId) -> Box<[u32]>,
) -> Vec<InferDiagnostic> {
    let lang = crate::lang::lang_items(db, owner.module(db).package(db));
    let Some(behavior) = lang.copy else {
        return Vec::new();
    };
    let bound = |param: &u32| ImpliedBound {
        param: *param,
        behavior,
    };
    violations(db, owner, &|func| copies(func).iter().map(bound).collect())
}

fn violations(
    db: &dyn Db,
    owner: BodyOwner,
    bounds_of: &dyn Fn(FuncId) -> Vec<ImpliedBound>,
) -> Vec<InferDiagnostic> {
    let result = infer(db, owner);
    let mut uses: Vec<(ExprId, FuncId, GenericArgs)> = Vec::new();
    for (expr, path) in &result.paths {
        if let PathRes::Func(func, args) = path {
            uses.push((*expr, *func, *args));
        }
    }
    for (expr, call) in &result.calls {
        if let CallRes::Func { callee, .. } = call {
            uses.push((*expr, callee.func, callee.args));
        }
    }
    uses.sort_by_key(|(expr, ..)| *expr);
    let env = match owner.generic_def(db) {
        Some(def) => crate::generics::param_env(db, def),
        None => ParamEnv::empty(db, owner.module(db).package(db)),
    };
    let mut out: Vec<InferDiagnostic> = Vec::new();
    let mut seen: Vec<(FuncId, GenericArgs)> = Vec::new();
    for (expr, func, args) in uses {
        if !may_have_implied_bounds(db, func) {
            continue;
        }
        // A call and its callee are one use.
        if seen.contains(&(func, args)) {
            continue;
        }
        seen.push((func, args));
        for bound in bounds_of(func) {
            let ty = args.ty(db, bound.param as usize);
            if ty.has_error(db) {
                continue;
            }
            let goal = partial_eq_args(db, bound.behavior, ty);
            // Within itself a function may rely on what it implies.
            let is_self = owner == BodyOwner::Func(func) && matches!(ty.kind(db), TyKind::Param(_));
            if !is_self && behavior_solve(db, env, bound.behavior, goal).is_none() {
                out.push(InferDiagnostic::Bound {
                    site: Site::ExprName(expr),
                    ty,
                    behavior: bound.behavior,
                    args: goal,
                    required_by: Some(GenericDef::Func(func)),
                });
            }
        }
    }
    out
}

//! What type parameters must outlive (reference §3.5): `T: life a`.
//!
//! A body that puts a `T` where something of a lifetime is wanted (into the box of a `dyn`, the
//! environment of a `func`, an object of a class) needs the bound. It may be declared, or follow
//! from the types in the signature. Where a function may have implied bounds (reference §3.4), this
//! is one of them: found in its own body, never in what it calls, and asked of whoever names it.

use base::Db;
use hir_def::{BodyOwner, FuncId};

use super::closures::Closures;
use super::constraints;
use super::lifetimes::Known;
use super::points::Points;
use super::region::{Region, Regions};
use super::solve::Graph;
use crate::data::*;
use crate::diagnostics::MirDiagnostic;
use crate::lifetimes::{FnLives, Life, fn_lives};
use crate::tys;

/// The lifetimes that a function's type parameters must outlive because its body needs it, and
/// that its declaration does not say.
///
/// Keyed by function; read by the borrow checker for every call with arguments that hold
/// something. Re-runs with its MIR; an equal answer stops the change.
#[salsa::tracked]
pub fn implied_lives(db: &dyn Db, func: FuncId) -> Box<[(u32, Life)]> {
    let owner = BodyOwner::Func(func);
    if !tys::may_imply(db, owner) || !has_params(db, owner) {
        return Box::default();
    }
    let Ok(body) = &crate::queries::mir_built(db, owner).body else {
        return Box::default();
    };
    let lives = fn_lives(db, func);
    let closures = Closures::new(db, &body.closures, false);
    let mut found = Vec::new();
    for body in std::iter::once(body).chain(&body.closures) {
        if super::trivial::is_trivial(&closures, body, false) {
            continue;
        }
        let bound = super::bound_count(db, body, Some(lives));
        let mut regions = Regions::new(&closures, body, bound);
        regions.sees_bodies = false;
        constraints::generate(&mut regions, &Points::new(db, body), body);
        let graph = Graph::new(&regions);
        let known = Known::new(&regions, lives);
        found.extend(demands(&regions, &graph, &known).map(|(param, to)| {
            let life = match to.0 < Region::FIRST_BOUND {
                true => Life::Static,
                false => Life::Bound(to.0 - Region::FIRST_BOUND),
            };
            (regions.param_index(param), life)
        }));
    }
    found.sort_unstable();
    found.dedup();
    found.into()
}

/// Whether a body has type parameters around it.
pub(super) fn has_params(db: &dyn Db, owner: BodyOwner) -> bool {
    let def = owner.generic_def(db);
    def.is_some_and(|def| !hir_ty::generics_of(db, def).is_empty())
}

/// Parameters, and what they are not known to outlive and must.
fn demands<'r>(
    regions: &'r Regions<'_>,
    graph: &'r Graph,
    known: &'r Known,
) -> impl Iterator<Item = (Region, Region)> + 'r {
    // What leaves a closure stays in the function.
    let bound = match regions.body.closure {
        Some(_) => Vec::new(),
        None => regions.bound(),
    };
    let wanted = [Region::STATIC, Region::REQUIRED].into_iter().chain(bound);
    let wanted: Vec<Region> = wanted.collect();
    regions.params().flat_map(move |param| {
        let reach = graph.reach(regions, param);
        let wanted = wanted.iter().copied().filter(move |to| reach.contains(*to));
        let wanted: Vec<Region> = wanted.filter(|to| !known.contains(param, *to)).collect();
        // What lives for ever outlives the rest.
        let first = wanted.first().copied();
        let forever = first.filter(|to| to.0 < Region::FIRST_BOUND);
        let wanted = match forever {
            Some(forever) => vec![forever],
            None => wanted,
        };
        wanted.into_iter().map(move |to| (param, to))
    })
}

/// E033: a type parameter that is not declared to live as long as its values must.
pub(super) fn check(
    regions: &Regions<'_>,
    graph: &Graph,
    lives: &FnLives,
    func: FuncId,
) -> Vec<MirDiagnostic> {
    let db = regions.db;
    let known = Known::new(regions, lives);
    let mut implied: Option<&[(u32, Life)]> = None;
    let mut found = Vec::new();
    for (param, to) in demands(regions, graph, &known) {
        let index = regions.param_index(param);
        let own = implied.get_or_insert_with(|| implied_lives(db, func));
        let is_implied = own.iter().any(|(implied, life)| {
            *implied == index
                && match life {
                    Life::Static => true,
                    Life::Bound(bound) => to.0 == Region::FIRST_BOUND + bound,
                    _ => false,
                }
        });
        if is_implied {
            continue;
        }
        let path = graph.path(regions, param, to);
        let edges = path.iter().filter_map(|index| regions.edges.get(*index));
        let sources: Vec<SourceInfo> = edges.map(|edge| edge.source).collect();
        let written = sources.iter().rev().find(|it| **it != SourceInfo::BODY);
        let Some(source) = written.or(sources.last()).copied() else {
            continue;
        };
        let generics = hir_ty::generics_of(db, hir_def::GenericDef::Func(func));
        let name = generics.params.get(index as usize);
        found.push(MirDiagnostic::ShortParam {
            param: name.map(|it| it.name.clone()).unwrap_or_default(),
            to: super::lifetimes::name(lives, to),
            source,
        });
    }
    found
}

//! Members of types by name.

use base::{Db, Package};
use hir_def::{BehaviorId, ModuleDef, Name};
use rustc_hash::FxHashMap;

use crate::impls::{TyHead, impls_for, package_closure};
use crate::ty::{Ty, TyKind};

/// The behaviors of a package by the names of their members, in source order.
///
/// Keyed by package; read by method lookup. Re-runs when a behavior is declared or changes its
/// list of members.
#[salsa::tracked]
fn behaviors_by_member(db: &dyn Db, package: Package) -> FxHashMap<Name, Vec<BehaviorId>> {
    let mut out: FxHashMap<Name, Vec<BehaviorId>> = FxHashMap::default();
    for module in hir_def::module_map::module_map(db, package)
        .modules
        .values()
    {
        for def in &module.defs {
            let ModuleDef::Behavior(behavior) = *def else {
                continue;
            };
            for (name, _) in &hir_def::signatures::behavior_data(db, behavior).items {
                let list = out.entry(name.clone()).or_default();
                if !list.contains(&behavior) {
                    list.push(behavior);
                }
            }
        }
    }
    out
}

/// Behaviors with a member of this name whose methods need no import: those of the package, of
/// the standard ones, and of direct dependencies.
pub(crate) fn behaviors_with(db: &dyn Db, package: Package, name: &str) -> Vec<BehaviorId> {
    let mut out = Vec::new();
    for found in package_closure(db, package).iter().copied() {
        let is_direct = found == package
            || matches!(found.name(db).as_str(), "core" | "std" | "test")
            || package
                .dependencies(db)
                .iter()
                .any(|dep| dep.package == found);
        if is_direct && let Some(list) = behaviors_by_member(db, found).get(name) {
            out.extend(list.iter().copied());
        }
    }
    out
}

/// Names of methods of a type, for suggestions.
pub(crate) fn member_names(db: &dyn Db, package: Package, ty: Ty) -> Vec<Name> {
    let head = TyHead::of(db, ty);
    let mut out = Vec::new();
    if matches!(ty.kind(db), TyKind::Error) {
        return out;
    }
    for (_, index) in impls_for(db, package, ty) {
        for id in index.inherent.get(&head).into_iter().flatten() {
            let items = &hir_def::signatures::impl_data(db, *id).items;
            out.extend(items.iter().map(|(name, _)| name.clone()));
        }
        for behavior in index.by_head.get(&head).into_iter().flatten() {
            let items = &hir_def::signatures::behavior_data(db, *behavior).items;
            out.extend(items.iter().map(|(name, _)| name.clone()));
        }
    }
    out
}

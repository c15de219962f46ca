//! The text of a package's MIR and SSA, for `--emit-mir` and for people.

use std::fmt::Write;

use base::{Db, Package};
use hir_def::module_map::module_map;
use hir_def::{AssocItemId, BodyOwner, FuncId, GenericDef, ModuleDef};

use crate::instance::{Instance, InstanceKind};
use crate::key::{Build, Profile};
use crate::{plan, queries};

/// The SSA of a package's functions, with phis, in order of files and places; `file` narrows it
/// to one, by its name. Instances of generic functions are those that the package needs.
pub fn ssa_text(db: &dyn Db, package: Package, profile: Profile, file: Option<&str>) -> String {
    let build = Build::of(db, package, profile);
    let mut roots: Vec<Instance> = concrete_funcs(db, package)
        .into_iter()
        .map(|func| Instance::func(db, func, hir_ty::GenericArgs::empty(db)))
        .collect();
    let main = plan::main_of(db, package);
    roots.extend(main.map(|main| Instance::made(db, InstanceKind::MainShim(main))));
    let mut shown: Vec<(Instance, FuncId)> = Vec::new();
    for instance in plan::walk(db, build, roots).instances.iter().copied() {
        let Some(func) = instance.source_func(db) else {
            continue;
        };
        let name = func.file(db).source(db).name(db);
        let is_asked = file.is_none_or(|file| name == file);
        if is_asked && func.module(db).package(db) == package {
            shown.push((instance, func));
        }
    }
    // Stable: instances of one function stay in order of symbols.
    shown.sort_by_key(|(_, func)| place_of(db, *func));
    let mut out = String::new();
    for (instance, _) in shown {
        if !out.is_empty() {
            out.push('\n');
        }
        let _ = write!(out, "{}", queries::ssa_optimized(db, instance, build));
    }
    out
}

/// The generic, place-form MIR of a package's functions, in order of files and places.
pub fn mir_text(db: &dyn Db, package: Package, file: Option<&str>) -> String {
    let mut funcs = all_funcs(db, package);
    funcs.sort_by_key(|func| place_of(db, *func));
    let mut out = String::new();
    for func in funcs {
        let name = func.file(db).source(db).name(db);
        if file.is_some_and(|file| name != file) {
            continue;
        }
        if let Ok(body) = mir::queries::mir_final(db, BodyOwner::Func(func)) {
            let _ = writeln!(out, "{}", mir::print::body_text(db, body));
        }
    }
    out
}

/// Where a function stands: for an order that people expect.
fn place_of(db: &dyn Db, func: FuncId) -> (smol_str::SmolStr, u32) {
    let name = func.file(db).source(db).name(db).clone();
    let range = base::item_range(db, func.item(db));
    (name, range.map_or(0, |range| range.start().into()))
}

/// The functions of a package that have a body and no parameters open.
fn concrete_funcs(db: &dyn Db, package: Package) -> Vec<FuncId> {
    let mut funcs = all_funcs(db, package);
    funcs.retain(|func| {
        hir_ty::fn_type(db, *func).flags.has_body
            && hir_ty::generics_of(db, GenericDef::Func(*func)).is_empty()
    });
    funcs
}

/// The functions of a package: free ones and members of implementations.
fn all_funcs(db: &dyn Db, package: Package) -> Vec<FuncId> {
    let mut funcs = Vec::new();
    for module in module_map(db, package).modules.values() {
        for def in &module.defs {
            if let ModuleDef::Func(func) = def {
                funcs.push(*func);
            }
        }
        for id in &module.impls {
            let items = &hir_def::signatures::impl_data(db, *id).items;
            funcs.extend(items.iter().filter_map(|(_, item)| match item {
                AssocItemId::Func(func) => Some(*func),
                AssocItemId::Const(_) | AssocItemId::Type(_) => None,
            }));
        }
    }
    funcs
}

//! The text of a package's MIR and SSA, for `--emit-mir` and for people.

use std::fmt::Write;

use base::{Db, Package};
use hir_def::module_map::module_map;
use hir_def::{AssocItemId, BodyOwner, FuncId, GenericDef, ModuleDef};
use indexmap::IndexMap;

use crate::instance::{Instance, InstanceKind};
use crate::key::{Build, Profile};
use crate::{plan, queries};

/// The SSA of a package's functions, with phis, in order of files and places; `file` narrows it
/// to one, by its name. Instances of generic functions are those that the package needs.
pub fn ssa_text(db: &dyn Db, package: Package, profile: Profile, file: Option<&str>) -> String {
    let build = Build::of(db, package, profile);
    let mut out = String::new();
    for (instance, _) in shown_instances(db, package, build, file) {
        if !out.is_empty() {
            out.push('\n');
        }
        let _ = write!(out, "{}", queries::ssa_optimized(db, instance, build));
    }
    out
}

/// What passes change in a package's functions, as diffs, in the order in which they run; `pass`
/// narrows it to one.
pub fn passes_text(db: &dyn Db, package: Package, profile: Profile, pass: Option<&str>) -> String {
    let build = Build::of(db, package, profile);
    let mut out = String::new();
    for (instance, _) in shown_instances(db, package, build, None) {
        queries::observe_passes(db, instance, build, &mut |run, before, func| {
            let after = func.to_string();
            if pass.is_none_or(|pass| pass == run.pass.name) && before != after {
                let _ = writeln!(
                    out,
                    "=== {}: {} ({})",
                    func.symbol, run.pass.name, run.index
                );
                out.push_str(&ssa::diff::lines(before, &after));
            }
        });
    }
    out
}

/// Where the heap memory lives that a package's functions ask for, and why. Memory that is
/// asked for in calls which were inlined counts as the caller's.
pub fn escape_text(db: &dyn Db, package: Package, profile: Profile) -> String {
    // Without inlining no allocation would stand where it is used.
    let level = profile.opt_level(db).max(ssa::OptLevel::O2);
    let profile = Profile::new(
        db,
        level,
        ssa::DebugInfo::Lines,
        profile.overflow_checks(db),
        false,
        profile.inline_threshold(db),
    );
    let build = Build::of(db, package, profile);
    let mut out = String::new();
    for (instance, func) in shown_instances(db, package, build, None) {
        let mut found: Vec<ssa::escape::Allocation> = Vec::new();
        let mut on_stack: Vec<ssa::escape::Allocation> = Vec::new();
        queries::observe_passes(db, instance, build, &mut |run, before, func| {
            if run.pass.name == "promote_heap"
                && let Ok(before) = ssa::parse_function(before)
            {
                let all = ssa::escape::allocations(&before);
                let is_stack = |it: &&ssa::escape::Allocation| {
                    matches!(it.verdict, ssa::escape::Verdict::Stack { .. })
                };
                on_stack.extend(all.iter().filter(is_stack).cloned());
            }
            found = ssa::escape::allocations(func);
        });
        let file = func.file(db).source(db).name(db);
        let first = base::item_first_line(db, func.item(db));
        // Formatting allocates often in one place, with one verdict.
        let mut lines: IndexMap<String, usize> = IndexMap::new();
        for allocation in on_stack.iter().chain(&found) {
            let symbol = queries::ssa_lowered(db, instance, build)
                .function
                .display
                .clone();
            let place = match allocation.loc {
                Some(loc) => format!(
                    "{file}:{}:{}",
                    first as u64 + u64::from(loc.line),
                    loc.column
                ),
                None => file.to_string(),
            };
            let line = format!("{place}: {symbol}: {}", allocation.verdict);
            *lines.entry(line).or_default() += 1;
        }
        for (line, count) in lines {
            let _ = match count {
                1 => writeln!(out, "{line}"),
                _ => writeln!(out, "{line} ({count} times)"),
            };
        }
    }
    out
}

/// The instances of a package's functions, in order of files and places.
fn shown_instances(
    db: &dyn Db,
    package: Package,
    build: Build,
    file: Option<&str>,
) -> Vec<(Instance, FuncId)> {
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
    shown
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
        for def in &module.defs {
            if let ModuleDef::Class(class) = def {
                let data = hir_def::signatures::class_data(db, *class);
                funcs.extend(data.ctors.iter().copied());
                funcs.extend(data.items.iter().filter_map(|(_, item)| match item {
                    AssocItemId::Func(func) => Some(*func),
                    _ => None,
                }));
            }
        }
        for id in &module.impls {
            let items = &hir_def::signatures::impl_data(db, *id).items;
            funcs.extend(items.iter().filter_map(|(_, item)| match item {
                AssocItemId::Func(func) => Some(*func),
                _ => None,
            }));
        }
    }
    funcs
}

//! What a program consists of: reachability from `main`, and the plan that a build reads.

use std::sync::Arc;

use base::{Db, ItemLoc, Package};
use hir_def::{FuncId, ModuleId, StaticId};
use indexmap::{IndexMap, IndexSet};
use smol_str::SmolStr;
use ssa::{CodegenUnit, Global};
use stdx::Hash128;

use crate::error::{MonoError, MonoErrorKind};
use crate::instance::{Instance, InstanceKind};
use crate::key::{Build, Profile, Target};
use crate::queries::{callees, ssa_optimized, unit_key};
use crate::{lang, statics, symbol};

/// How deep type arguments may nest before instances count as growing without end (C004).
pub(crate) const TYPE_DEPTH_MAX: u32 = 256;

/// How many types the arguments of one instance may consist of; guessed, far above real ones.
pub(crate) const TYPE_NODES_MAX: u32 = 4096;

/// What a build reads: everything that becomes part of a program.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProgramPlan {
    /// In order of symbols.
    pub functions: Arc<[PlannedFunction]>,
    /// In order of symbols.
    pub globals: Arc<[Arc<Global>]>,
    /// Symbols of foreign functions, in order.
    pub externs: Arc<[SmolStr]>,
    /// Symbols of `i32` data, in order, each with the item whose first line it holds
    /// (`base::item_first_line`).
    pub lines: Arc<[(SmolStr, ItemLoc)]>,
    pub errors: Arc<[MonoError]>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct PlannedFunction {
    pub symbol: SmolStr,
    pub instance: Instance,
    pub key: Hash128,
    /// Name of the source file; `<glue>` for compiler-made functions.
    pub file: SmolStr,
    /// The module it is packed with; `None` for compiler-made functions.
    pub module: Option<ModuleId>,
}

/// Everything reachable, before keys.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reachable {
    /// In order of symbols.
    pub instances: Arc<[Instance]>,
    pub externs: Arc<[SmolStr]>,
    pub statics: Arc<[StaticId]>,
    pub lines: Arc<[(SmolStr, ItemLoc)]>,
    pub errors: Arc<[MonoError]>,
}

/// The entry point of a binary.
pub fn main_of(db: &dyn Db, package: Package) -> Option<FuncId> {
    lang::find_root_func(db, package, "main")
}

/// All instances that a binary needs, breadth first from its `main`, in order of symbols.
pub fn reachable(
    db: &dyn Db,
    package: Package,
    target: Target,
    profile: Profile,
) -> Arc<[Instance]> {
    reachable_from_main(db, package, target, profile)
        .instances
        .clone()
}

/// The walk behind [`reachable`].
///
/// Keyed by package, target and profile; read by [`program_plan`]. Re-runs when an instance's
/// [`callees`] change: an edit that calls nothing new stops there.
#[salsa::tracked]
pub fn reachable_from_main(
    db: &dyn Db,
    package: Package,
    target: Target,
    profile: Profile,
) -> Reachable {
    let _ = target;
    let Some(main) = main_of(db, package) else {
        let kind = MonoErrorKind::NoMain {
            package: package.name(db).clone(),
        };
        let errors = Arc::from([MonoError { kind, item: None }]);
        return Reachable {
            errors,
            ..Reachable::default()
        };
    };
    let root = Instance::made(db, InstanceKind::MainShim(main));
    walk(db, Build::of(db, package, profile), vec![root])
}

/// Everything reachable from some instances.
pub(crate) fn walk(db: &dyn Db, build: Build, roots: Vec<Instance>) -> Reachable {
    let mut found: IndexSet<Instance> = roots.into_iter().collect();
    let mut externs: IndexSet<SmolStr> = IndexSet::new();
    let mut statics_found: IndexSet<StaticId> = IndexSet::new();
    let mut lines: IndexMap<SmolStr, ItemLoc> = IndexMap::new();
    let mut errors: Vec<MonoError> = Vec::new();
    let mut next = 0;
    while let Some(instance) = found.get_index(next).copied() {
        next += 1;
        db.unwind_if_revision_cancelled();
        let uses = callees(db, instance, build);
        for callee in uses.instances.iter().copied() {
            if found.contains(&callee) {
                continue;
            }
            if grows_without_end(db, callee) {
                let symbol = symbol::brief_name(db, instance);
                let item = instance.source_func(db).map(|func| func.item(db));
                let kind = MonoErrorKind::InstantiationLimit { symbol };
                errors.push(MonoError { kind, item });
                continue;
            }
            found.insert(callee);
        }
        externs.extend(uses.externs.iter().cloned());
        statics_found.extend(uses.statics.iter().copied());
        lines.extend(uses.lines.iter().cloned());
        for error in uses.errors.iter() {
            if !errors.contains(error) {
                errors.push(error.clone());
            }
        }
    }
    let mut instances: Vec<Instance> = found.into_iter().collect();
    instances.sort_by(|a, b| symbol::symbol(db, *a).cmp(symbol::symbol(db, *b)));
    for pair in instances.windows(2) {
        if let [a, b] = pair
            && symbol::symbol(db, *a) == symbol::symbol(db, *b)
        {
            let kind = MonoErrorKind::DuplicateSymbol {
                symbol: symbol::symbol(db, *b).clone(),
            };
            let item = b.source_func(db).map(|func| func.item(db));
            errors.push(MonoError { kind, item });
        }
    }
    // What else a growing type brings about follows from it.
    let limit = |error: &MonoError| matches!(error.kind, MonoErrorKind::InstantiationLimit { .. });
    if let Some(root_cause) = errors.iter().position(limit) {
        errors = vec![errors.swap_remove(root_cause)];
    }
    externs.sort();
    statics_found.sort_by_cached_key(|id| symbol::static_symbol(db, *id));
    lines.sort_keys();
    Reachable {
        instances: instances.into(),
        externs: externs.into_iter().collect(),
        statics: statics_found.into_iter().collect(),
        lines: lines.into_iter().collect(),
        errors: errors.into(),
    }
}

/// Whether the arguments of an instance are past all limits: polymorphic recursion.
fn grows_without_end(db: &dyn Db, instance: Instance) -> bool {
    let mut count = 0;
    let mut measure = |ty| symbol::type_measure(db, ty, &mut count, 0);
    let depth = match instance.kind(db) {
        InstanceKind::DropGlue(ty) | InstanceKind::RetainGlue(ty) | InstanceKind::EqGlue(ty) => {
            measure(ty)
        }
        _ => instance.args(db).types(db).map(measure).max().unwrap_or(0),
    };
    depth >= TYPE_DEPTH_MAX || count >= TYPE_NODES_MAX
}

/// What a build of a binary reads.
///
/// Keyed by package, target and profile; read by builds. One memo lookup when nothing changed;
/// after an edit of one body it re-executes for the changed instance, then compares keys.
#[salsa::tracked]
pub fn program_plan(
    db: &dyn Db,
    package: Package,
    target: Target,
    profile: Profile,
) -> ProgramPlan {
    let reachable = reachable_from_main(db, package, target, profile);
    let build = Build::of(db, package, profile);
    let mut functions = Vec::with_capacity(reachable.instances.len());
    for instance in reachable.instances.iter().copied() {
        db.unwind_if_revision_cancelled();
        functions.push(planned(db, instance, build));
    }
    let mut errors: Vec<MonoError> = reachable.errors.to_vec();
    let mut globals: Vec<Arc<Global>> = Vec::new();
    for id in reachable.statics.iter() {
        match statics::static_global(db, *id, build) {
            Ok(global) => globals.push(global.clone()),
            Err(error) => errors.push(error.clone()),
        }
    }
    globals.sort_by(|a, b| a.symbol.cmp(&b.symbol));
    ProgramPlan {
        functions: functions.into(),
        globals: globals.into(),
        externs: reachable.externs.clone(),
        lines: reachable.lines.clone(),
        errors: errors.into(),
    }
}

fn planned(db: &dyn Db, instance: Instance, build: Build) -> PlannedFunction {
    let source = instance.source_func(db);
    PlannedFunction {
        symbol: symbol::symbol(db, instance).clone(),
        instance,
        key: unit_key(db, instance, build),
        file: match source {
            Some(func) => func.file(db).source(db).name(db).clone(),
            None => SmolStr::new_static("<glue>"),
        },
        module: source.map(|func| func.module(db)),
    }
}

/// A unit of some planned functions and globals: what code generation takes.
pub fn codegen_unit(
    db: &dyn Db,
    package: Package,
    target: Target,
    profile: Profile,
    instances: &[Instance],
    globals: Vec<Arc<Global>>,
) -> CodegenUnit {
    let build = Build::of(db, package, profile);
    let functions = instances
        .iter()
        .map(|it| ssa_optimized(db, *it, build).clone())
        .collect();
    CodegenUnit::new(
        functions,
        globals,
        target.spec(db),
        profile.codegen_options(db),
    )
}

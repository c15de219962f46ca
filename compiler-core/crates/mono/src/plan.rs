//! What a program consists of: reachability from `main`, and the plan that a build reads.

use std::sync::Arc;

use base::{Db, ItemLoc, Package, SourceFile};
use hir_def::{FuncId, ModuleId, StaticId};
use hir_ty::{GenericArgs, Ty};
use indexmap::{IndexMap, IndexSet};
use smol_str::SmolStr;
use ssa::{CodegenUnit, Global};
use stdx::Hash128;

use crate::choice::Choice;
use crate::error::{MonoError, MonoErrorKind};
use crate::instance::{Instance, InstanceKind};
use crate::key::{Build, Profile, Target};
use crate::object::class_tables;
use crate::queries::{Callees, callees, ssa_optimized, unit_key};
use crate::tables::{Table, table_data};
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
    /// The same file by file, each with its positions in `instances`.
    pub groups: Arc<[(InstanceGroup, Arc<[u32]>)]>,
    pub externs: Arc<[SmolStr]>,
    pub statics: Arc<[StaticId]>,
    /// In order of symbols.
    pub tables: Arc<[Table]>,
    /// Classes whose method tables are part of the program.
    pub class_tables: Arc<[Ty]>,
    /// Generic methods that are called through objects.
    pub choices: Arc<[Choice]>,
    pub lines: Arc<[(SmolStr, ItemLoc)]>,
    pub errors: Arc<[MonoError]>,
}

/// Some instances of one file. The plan of a group outlives edits of other files: without groups
/// each edit would look at the keys of the whole program.
#[salsa::interned(unsafe(no_lifetime), revisions = usize::MAX, debug)]
pub struct InstanceGroup {
    pub instances: Arc<[Instance]>,
}

/// Instances to a group; guessed, so that an edit in a large file plans a part of it.
const GROUP_INSTANCES_MAX: usize = 64;

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
    reachable_from(db, package, target, profile, Entry::Main)
        .instances
        .clone()
}

/// Where a program starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Entry {
    /// At `main`.
    Main,
    /// At a test that its first argument chooses.
    Tests,
}

/// The walk behind [`reachable`].
///
/// Keyed by package, target, profile and entry; read by [`program_plan`]. Re-runs when an instance's
/// [`callees`] change: an edit that calls nothing new stops there.
#[salsa::tracked]
pub fn reachable_from(
    db: &dyn Db,
    package: Package,
    target: Target,
    profile: Profile,
    entry: Entry,
) -> Reachable {
    let _ = target;
    if entry == Entry::Tests {
        let root = Instance::made(db, InstanceKind::TestShim(package));
        return walk(db, Build::of(db, package, profile), vec![root]);
    }
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
    let mut roots = vec![Instance::made(db, InstanceKind::MainShim(main))];
    let exported = exported_functions(db, package).values();
    roots.extend(exported.map(|func| Instance::func(db, *func, GenericArgs::empty(db))));
    walk(db, Build::of(db, package, profile), roots)
}

/// The functions of a package that C sees, by their symbols.
///
/// Keyed by package. Re-runs when a signature in it changes.
#[salsa::tracked]
fn exported_functions(db: &dyn Db, package: Package) -> IndexMap<SmolStr, FuncId> {
    let modules = hir_def::module_map::module_map(db, package)
        .modules
        .values();
    let defs = modules.flat_map(|module| module.defs.iter());
    let mut out = IndexMap::new();
    for def in defs {
        let hir_def::ModuleDef::Func(func) = *def else {
            continue;
        };
        let sig = hir_def::signatures::func_signature(db, func);
        let is_exported = sig.attrs.export.is_some() || sig.attrs.no_mangle;
        if is_exported
            && sig.flags.has_body
            && sig.generics.params.is_empty()
            && let Some(symbol) = symbol::c_symbol(db, func)
        {
            out.entry(symbol).or_insert(func);
        }
    }
    out
}

/// Who defines a foreign symbol, if it is a function of the program itself.
fn exporter(db: &dyn Db, package: Package, symbol: &str) -> Option<Instance> {
    let packages = hir_ty::impls::package_closure(db, package).iter();
    let mut found = packages.filter_map(|it| exported_functions(db, *it).get(symbol).copied());
    Some(Instance::func(db, found.next()?, GenericArgs::empty(db)))
}

/// Everything reachable from some instances.
pub fn walk(db: &dyn Db, build: Build, roots: Vec<Instance>) -> Reachable {
    let roots = roots
        .into_iter()
        .map(|root| (root, symbol::symbol(db, root).clone()));
    let mut found: IndexMap<Instance, SmolStr> = roots.collect();
    let mut externs: IndexSet<SmolStr> = IndexSet::new();
    let mut statics_found: IndexSet<StaticId> = IndexSet::new();
    let mut tables_found: IndexSet<Table> = IndexSet::new();
    let mut lines: IndexMap<SmolStr, ItemLoc> = IndexMap::new();
    let mut errors: Vec<MonoError> = Vec::new();
    let mut objects = Objects::default();
    let mut next = 0;
    while let Some(instance) = found.get_index(next).map(|(instance, _)| *instance) {
        next += 1;
        db.unwind_if_revision_cancelled();
        let uses = callees(db, instance, build);
        let mut needed: Vec<(SmolStr, Instance)> = uses.instances.to_vec();
        for table in uses.tables.iter().copied() {
            if tables_found.insert(table) {
                needed.extend(table_data(db, table, build).instances.iter().cloned());
            }
        }
        needed.extend(objects.meet(db, build, &uses, &mut errors));
        for (callee_symbol, callee) in needed {
            if found.contains_key(&callee) {
                continue;
            }
            if grows_without_end(db, callee) {
                let symbol = symbol::brief_name(db, instance);
                let item = instance.source_owner(db).map(|owner| owner.item(db));
                let kind = MonoErrorKind::InstantiationLimit { symbol };
                errors.push(MonoError { kind, item });
                continue;
            }
            found.insert(callee, callee_symbol);
        }
        for symbol in uses.externs.iter() {
            match exporter(db, build.package(db), symbol) {
                Some(own) => {
                    found.entry(own).or_insert_with(|| symbol.clone());
                }
                None => {
                    externs.insert(symbol.clone());
                }
            }
        }
        statics_found.extend(uses.statics.iter().copied());
        lines.extend(uses.lines.iter().cloned());
        for error in uses.errors.iter() {
            if !errors.contains(error) {
                errors.push(error.clone());
            }
        }
    }
    found.sort_by(|_, a, _, b| a.cmp(b));
    let sorted: Vec<(&Instance, &SmolStr)> = found.iter().collect();
    for pair in sorted.windows(2) {
        if let [(_, a), (b, b_symbol)] = pair
            && a == b_symbol
        {
            let kind = MonoErrorKind::DuplicateSymbol {
                symbol: SmolStr::clone(b_symbol),
            };
            let item = b.source_owner(db).map(|owner| owner.item(db));
            errors.push(MonoError { kind, item });
        }
    }
    let instances: Vec<Instance> = found.into_keys().collect();
    // What else a growing type brings about follows from it.
    let limit = |error: &MonoError| matches!(error.kind, MonoErrorKind::InstantiationLimit { .. });
    if let Some(root_cause) = errors.iter().position(limit) {
        errors = vec![errors.swap_remove(root_cause)];
    }
    externs.sort();
    statics_found.sort_by_cached_key(|id| symbol::static_symbol(db, *id));
    tables_found.sort_by_cached_key(|table| symbol::table_symbol(db, *table));
    lines.sort_keys();
    Reachable {
        groups: groups(db, &instances),
        instances: instances.into(),
        externs: externs.into_iter().collect(),
        statics: statics_found.into_iter().collect(),
        tables: tables_found.into_iter().collect(),
        class_tables: objects.classes.into_iter().collect(),
        choices: objects.choices.into_iter().collect(),
        lines: lines.into_iter().collect(),
        errors: errors.into(),
    }
}

/// The classes of a program, and the generic methods that it calls through objects.
#[derive(Default)]
struct Objects {
    classes: IndexSet<Ty>,
    choices: IndexSet<Choice>,
}

impl Objects {
    /// Adds what an instance uses; gives the functions that the program needs for it: those in
    /// the tables of new classes, and what each class has for each generic method.
    fn meet(
        &mut self,
        db: &dyn Db,
        build: Build,
        uses: &Callees,
        errors: &mut Vec<MonoError>,
    ) -> Vec<(SmolStr, Instance)> {
        let mut needed: Vec<Instance> = Vec::new();
        let mut more: Vec<Ty> = uses.class_tables.to_vec();
        while let Some(ty) = more.pop() {
            if !self.classes.insert(ty) {
                continue;
            }
            let of_class = class_tables(db, ty, build);
            more.extend(of_class.base);
            needed.extend(of_class.instances.iter().copied());
            errors.extend(of_class.errors.iter().cloned());
            let choices = self.choices.iter();
            needed.extend(choices.filter_map(|choice| choice.for_class(db, build, ty)));
        }
        for choice in uses.choices.iter().copied() {
            if self.choices.insert(choice) {
                let classes = self.classes.iter();
                needed.extend(classes.filter_map(|ty| choice.for_class(db, build, *ty)));
            }
        }
        let named = needed.into_iter();
        named
            .map(|instance| (symbol::symbol(db, instance).clone(), instance))
            .collect()
    }
}

fn groups(db: &dyn Db, instances: &[Instance]) -> Arc<[(InstanceGroup, Arc<[u32]>)]> {
    let mut by_file: IndexMap<Option<SourceFile>, Vec<(Instance, u32)>> = IndexMap::new();
    for (position, instance) in instances.iter().enumerate() {
        let file = instance
            .source_owner(db)
            .map(|owner| owner.item(db).file(db).source(db));
        let entry = (*instance, position as u32);
        by_file.entry(file).or_default().push(entry);
    }
    let chunks = by_file
        .values()
        .flat_map(|members| members.chunks(GROUP_INSTANCES_MAX));
    let groups = chunks.map(|members| {
        let instances: Arc<[Instance]> = members.iter().map(|it| it.0).collect();
        let positions = members.iter().map(|it| it.1).collect();
        (InstanceGroup::new(db, instances), positions)
    });
    groups.collect()
}

/// Whether the arguments of an instance are past all limits: polymorphic recursion.
fn grows_without_end(db: &dyn Db, instance: Instance) -> bool {
    let mut count = 0;
    let mut measure = |ty| symbol::type_measure(db, ty, &mut count, 0);
    let depth = match instance.kind(db) {
        InstanceKind::DropGlue(ty)
        | InstanceKind::RetainGlue(ty)
        | InstanceKind::EqGlue(ty)
        | InstanceKind::Destroy(ty) => measure(ty),
        _ => instance.args(db).types(db).map(measure).max().unwrap_or(0),
    };
    depth >= TYPE_DEPTH_MAX || count >= TYPE_NODES_MAX
}

/// What a build of a binary reads.
pub fn program_plan(
    db: &dyn Db,
    package: Package,
    target: Target,
    profile: Profile,
) -> &ProgramPlan {
    plan_of(db, package, target, profile, Entry::Main)
}

/// What a build of a program that starts at `entry` reads.
///
/// Keyed by package, target, profile and entry; read by builds. One memo lookup when nothing
/// changed; after an edit of one body it puts together the plans of all groups, of which one is
/// new.
#[salsa::tracked]
pub fn plan_of(
    db: &dyn Db,
    package: Package,
    target: Target,
    profile: Profile,
    entry: Entry,
) -> ProgramPlan {
    let reachable = reachable_from(db, package, target, profile, entry);
    let build = Build::of(db, package, profile);
    let mut functions = Vec::with_capacity(reachable.instances.len());
    for (group, positions) in reachable.groups.iter() {
        db.unwind_if_revision_cancelled();
        functions.extend(positions.iter().zip(group_plan(db, *group, build).iter()));
    }
    functions.sort_unstable_by_key(|(position, _)| **position);
    let functions: Vec<PlannedFunction> = functions
        .into_iter()
        .map(|(_, function)| function.clone())
        .collect();
    let mut errors: Vec<MonoError> = reachable.errors.to_vec();
    let mut globals: Vec<Arc<Global>> = Vec::new();
    for id in reachable.statics.iter() {
        match statics::static_global(db, *id, build) {
            Ok(global) => globals.push(global.clone()),
            Err(error) => errors.push(error.clone()),
        }
    }
    for table in reachable.tables.iter() {
        globals.push(table_data(db, *table, build).global.clone());
    }
    for ty in reachable.class_tables.iter() {
        globals.extend(class_tables(db, *ty, build).globals.iter().cloned());
    }
    for choice in reachable.choices.iter() {
        globals.push(choice.global(db, build, &reachable.class_tables));
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

/// Asks for what [`reachable`] will ask of an instance, on another thread than the one that walks.
pub fn look_ahead(db: &dyn Db, package: Package, profile: Profile, instance: Instance) {
    callees(db, instance, Build::of(db, package, profile));
}

/// A part of a plan that may be made ahead, on any thread.
#[derive(Clone, Copy, Debug)]
pub struct PlanPart {
    group: InstanceGroup,
    build: Build,
}

/// The parts that [`plan_of`] puts together, once it is known what is reachable.
pub fn plan_parts(
    db: &dyn Db,
    package: Package,
    target: Target,
    profile: Profile,
    entry: Entry,
) -> Vec<PlanPart> {
    let build = Build::of(db, package, profile);
    let reachable = reachable_from(db, package, target, profile, entry);
    let groups = reachable.groups.iter();
    groups
        .map(|(group, _)| PlanPart {
            group: *group,
            build,
        })
        .collect()
}

impl PlanPart {
    /// Makes the part, in the state in which it was listed.
    pub fn prepare(self, db: &dyn Db) {
        group_plan(db, self.group, self.build);
    }
}

/// The instances of a group as a build sees them.
///
/// Keyed by group and build. Re-runs when the key of one of them changes.
#[salsa::tracked]
fn group_plan(db: &dyn Db, group: InstanceGroup, build: Build) -> Arc<[PlannedFunction]> {
    let instances = group.instances(db).iter();
    instances
        .map(|instance| planned(db, *instance, build))
        .collect()
}

fn planned(db: &dyn Db, instance: Instance, build: Build) -> PlannedFunction {
    let source = instance.source_owner(db);
    PlannedFunction {
        symbol: symbol::symbol(db, instance).clone(),
        instance,
        key: unit_key(db, instance, build),
        file: match source {
            Some(owner) => owner.item(db).file(db).source(db).name(db).clone(),
            None => SmolStr::new_static("<glue>"),
        },
        module: source.map(|owner| owner.module(db)),
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

//! What a build reads of the database: diagnostics, then the functions of a program.

use std::path::Path;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard};

use base::{AstId, FileId, ItemLoc};
use diagnostics::Diagnostic;
use link::LineBase;
use mono::{Build, Entry, Profile, ProgramPlan, Target};
use project::{Problem, TargetKind};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;
use ssa::{CodegenOptions, CodegenUnit, DebugInfo, OptLevel, TargetSpec};
use stdx::{Hash128, stable_hash};

use super::Level;
use super::partition::{Member, PlannedFunction, Unit as ObjectUnit};
use super::parts::Parts;
use super::request::{BuildRequest, ProfileChoice, Selection};
use crate::database::Database;
use crate::host::{Analysis, StateId};
use crate::world::{Unit, World};

/// What checking found.
pub(super) struct Checked {
    pub(super) revision: u64,
    pub(super) problems: Vec<Problem>,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) packages: Vec<(SmolStr, SmolStr)>,
    /// Selected targets that are programs.
    pub(super) binaries: Vec<Unit>,
    /// Why nothing can be built.
    pub(super) missing: Option<String>,
}

impl Checked {
    pub(super) fn has_errors(&self) -> bool {
        super::has_errors(&self.problems, &self.diagnostics)
    }
}

/// Checks the selected units and what they depend on in the workspace.
pub(super) fn check(analysis: &Analysis<'_>, request: &BuildRequest) -> Checked {
    let world = analysis.world();
    let (selected, missing) = select(world, request);
    let mut problems = world.graph.problems.clone();
    problems.extend(world.unreadable.iter().cloned());
    let (diagnostics, packages) =
        diagnostics_of(analysis, &selected, request.selection.silent_lints);
    let binaries = selected
        .into_iter()
        .filter(|unit| unit.target.kind == TargetKind::Binary)
        .collect();
    Checked {
        revision: analysis.revision(),
        problems,
        diagnostics,
        packages,
        binaries,
        missing,
    }
}

/// What is wrong with some units and what they depend on in the workspace, and the names and
/// versions of the packages that were looked at.
pub(super) fn diagnostics_of(
    analysis: &Analysis<'_>,
    selected: &[Unit],
    silent_lints: bool,
) -> (Vec<Diagnostic>, Vec<(SmolStr, SmolStr)>) {
    let world = analysis.world();
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    let mut packages = Vec::new();
    for unit in &world.units {
        let is_needed = selected
            .iter()
            .any(|other| other.flavor == unit.flavor && depends_on(world, other, unit));
        if !is_needed {
            continue;
        }
        if let Some(spec) = world.graph.packages.get(unit.spec) {
            let entry = (spec.name.clone(), spec.version.clone());
            if world.is_member(unit) && !packages.contains(&entry) {
                packages.push(entry);
            }
        }
        diagnostics.extend(
            diagnostics::package_diagnostics(analysis.db, unit.package)
                .iter()
                .cloned(),
        );
        if silent_lints && world.is_member(unit) {
            diagnostics.extend(diagnostics::silent_diagnostics(analysis.db, unit.package));
        }
    }
    diagnostics::sort(analysis.db, &mut diagnostics);
    // A file that belongs to the library and to the binary of one package is checked in both.
    diagnostics.dedup();
    (diagnostics, packages)
}

/// Whether a selection takes the package of a unit.
pub(super) fn selects_package(world: &World, selection: &Selection, unit: &Unit) -> bool {
    let spec = world.graph.packages.get(unit.spec);
    let name = spec.map(|spec| spec.name.as_str()).unwrap_or_default();
    let is_single = spec.is_some_and(|spec| spec.is_single_file);
    let is_taken = match (
        selection.packages.is_empty(),
        member_at(world, &selection.cwd),
    ) {
        (false, _) => selection.packages.iter().any(|wanted| wanted == name),
        (true, Some(spec)) if !selection.is_workspace && !is_single => unit.spec == spec,
        _ => !selection.excluded.iter().any(|other| other == name),
    };
    world.is_member(unit) && is_taken
}

/// The units that a request selects, and the name of what it selects in vain.
fn select(world: &World, request: &BuildRequest) -> (Vec<Unit>, Option<String>) {
    let Selection {
        cwd,
        packages,
        is_workspace,
        excluded,
        lib_only,
        bins,
        wants_one_binary,
        with_tests,
        silent_lints: _,
    } = &request.selection;
    let flavor = request.flavor();
    let name_of = |unit: &Unit| {
        world
            .graph
            .packages
            .get(unit.spec)
            .map(|spec| spec.name.as_str())
            .unwrap_or_default()
    };
    let here = member_at(world, cwd);
    let is_wanted = |unit: &Unit| {
        let name = name_of(unit);
        let package = match (packages.is_empty(), here) {
            (false, _) => packages.iter().any(|wanted| wanted == name),
            (true, Some(spec)) if !is_workspace => unit.spec == spec,
            _ => !excluded.iter().any(|other| other == name),
        };
        let target = match unit.target.kind {
            TargetKind::Library => bins.is_empty() && !wants_one_binary,
            TargetKind::Binary => {
                !lib_only && (bins.is_empty() || bins.iter().any(|bin| *bin == unit.target.name))
            }
            TargetKind::Test => *with_tests && bins.is_empty(),
            TargetKind::Diagnostics => false,
        };
        world.is_member(unit) && package && target
    };
    let mut selected: Vec<Unit> = world
        .units_of(&flavor)
        .filter(|unit| is_wanted(unit))
        .cloned()
        .collect();
    for wanted in packages {
        if !world
            .units
            .iter()
            .any(|unit| world.is_member(unit) && name_of(unit) == wanted)
        {
            return (
                selected,
                Some(format!("no package `{wanted}` in the workspace")),
            );
        }
    }
    for bin in bins {
        if !selected.iter().any(|unit| unit.target.name == *bin) {
            return (selected, Some(format!("no binary `{bin}`")));
        }
    }
    if *wants_one_binary && selected.len() != 1 {
        let defaults = selected.iter().position(|unit| {
            let spec = world.graph.packages.get(unit.spec);
            spec.and_then(|spec| spec.default_run.as_ref()) == Some(&unit.target.name)
        });
        match defaults {
            Some(at) => selected = vec![selected.swap_remove(at)],
            None if selected.is_empty() => {
                return (
                    selected,
                    Some("there is no program to run: no `src/main.tml`".to_string()),
                );
            }
            None => {
                let names: Vec<String> = selected
                    .iter()
                    .map(|unit| format!("`{}`", unit.target.name))
                    .collect();
                let message = format!(
                    "several programs could run: {}; choose one with `--bin`",
                    names.join(", ")
                );
                return (selected, Some(message));
            }
        }
    }
    (selected, None)
}

/// The member whose directory holds `cwd`; `None` at the root of a workspace of several.
fn member_at(world: &World, cwd: &Path) -> Option<usize> {
    let members = world
        .graph
        .packages
        .iter()
        .take(world.graph.member_count)
        .enumerate();
    let holding =
        members.filter(|(_, spec)| cwd.starts_with(&spec.dir) && spec.dir != world.graph.root);
    holding
        .max_by_key(|(_, spec)| spec.dir.len())
        .map(|(idx, _)| idx)
}

/// Whether `unit` is `other` or one of the libraries that it reaches.
fn depends_on(world: &World, other: &Unit, unit: &Unit) -> bool {
    if other == unit {
        return true;
    }
    if unit.target.kind != TargetKind::Library {
        return false;
    }
    let mut pending = vec![other.spec];
    let mut seen = Vec::new();
    while let Some(spec) = pending.pop() {
        if spec == unit.spec {
            return true;
        }
        if seen.contains(&spec) {
            continue;
        }
        seen.push(spec);
        if let Some(spec) = world.graph.packages.get(spec) {
            pending.extend(spec.dependencies.iter().map(|(_, idx)| *idx));
        }
    }
    false
}

pub(super) enum Planned {
    Program(Arc<Program>),
    Errors(Vec<Diagnostic>),
}

/// A program to make: everything but the functions themselves.
pub(super) struct Program {
    pub(super) name: SmolStr,
    /// Sorted by symbol.
    pub(super) functions: Vec<PlannedFunction>,
    /// Line symbols that panics load, with the first lines of their items.
    pub(super) line_data: Arc<[(SmolStr, u32)]>,
    /// The same by function symbol, for line tables.
    pub(super) line_bases: Vec<LineBase>,
    pub(super) target: TargetSpec,
    pub(super) options: CodegenOptions,
    /// Hash of all of the above.
    pub(super) identity: Hash128,
    unit: Unit,
    plan: ProgramPlan,
}

/// Pseudo-symbol under which all statics of a program form one object.
const GLOBALS: &str = "(statics)";

/// Plans of this process, so that asking again at the same revision asks no query.
#[derive(Default)]
pub(super) struct Plans {
    latest: Mutex<Vec<Plan>>,
}

struct Plan {
    unit: Unit,
    profile: ProfileChoice,
    state: StateId,
    program: Arc<Program>,
}

impl Plan {
    fn is_of(&self, unit: &Unit, request: &BuildRequest) -> bool {
        self.unit == *unit && self.profile == request.profile
    }
}

/// Plans kept: a few targets and profiles. More are asked for anew, at a memo look-up each.
const PLANS_MAX: usize = 8;

impl Plans {
    pub(super) fn plan(
        &self,
        analysis: &Analysis<'_>,
        unit: &Unit,
        request: &BuildRequest,
    ) -> Planned {
        if let Some(program) = self.current(analysis, unit, request) {
            return Planned::Program(program);
        }
        let plan = mono::plan_of(
            analysis.db,
            unit.package,
            target(analysis),
            profile(analysis, request),
            entry(unit),
        );
        let mut errors = diagnostics::plan_diagnostics(analysis.db, unit.package, plan);
        if errors.is_empty() {
            // Only asked for what passed the check, so nothing else will say it.
            errors = diagnostics::unreported_plan_errors(analysis.db, unit.package, plan);
        }
        if !errors.is_empty() {
            return Planned::Errors(errors);
        }
        let program = Arc::new(program(analysis, unit, request, plan));
        let mut latest = self.lock();
        latest.retain(|plan| !plan.is_of(unit, request));
        latest.truncate(PLANS_MAX - 1);
        latest.insert(
            0,
            Plan {
                unit: unit.clone(),
                profile: request.profile.clone(),
                state: analysis.state,
                program: program.clone(),
            },
        );
        Planned::Program(program)
    }

    /// Plans what a request selects, so that [`Plans::plan`] finds it. Offers others a share.
    pub(super) fn plan_selected(
        &self,
        analysis: &Analysis<'_>,
        request: &BuildRequest,
        offer: &Sender<Arc<Parts>>,
    ) {
        let (selected, _) = select(analysis.world(), request);
        for unit in selected
            .iter()
            .filter(|unit| unit.target.kind == TargetKind::Binary)
        {
            if self.current(analysis, unit, request).is_some() {
                continue;
            }
            let parts = mono::plan_parts(
                analysis.db,
                unit.package,
                target(analysis),
                profile(analysis, request),
                entry(unit),
            );
            let parts = Arc::new(Parts::new(analysis, parts));
            // Nobody listens once the check has found errors.
            let _ = offer.send(parts.clone());
            parts.work(analysis);
            self.plan(analysis, unit, request);
        }
    }

    /// Asks for what the walk of [`Plans::plan_selected`] will come to, from the other end, until
    /// `is_done`: for the functions of the plans before, as long as their items exist.
    pub(super) fn look_ahead(
        &self,
        analysis: &Analysis<'_>,
        request: &BuildRequest,
        is_done: impl Fn() -> bool,
    ) {
        let plans = self.lock();
        let earlier = plans.iter().filter(|plan| {
            plan.profile == request.profile && plan.state.has_items_of(analysis.state)
        });
        let earlier: Vec<(Unit, Arc<Program>)> = earlier
            .map(|plan| (plan.unit.clone(), plan.program.clone()))
            .collect();
        drop(plans);
        for (unit, program) in earlier {
            let profile = profile(analysis, request);
            for function in program.plan.functions.iter().rev() {
                if is_done() {
                    return;
                }
                mono::look_ahead(analysis.db, unit.package, profile, function.instance);
            }
        }
    }

    /// The plan that was made in this state, if there is one.
    fn current(
        &self,
        analysis: &Analysis<'_>,
        unit: &Unit,
        request: &BuildRequest,
    ) -> Option<Arc<Program>> {
        let latest = self.lock();
        let mut plans = latest.iter();
        let plan = plans.find(|plan| plan.is_of(unit, request) && plan.state == analysis.state)?;
        Some(plan.program.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Plan>> {
        self.latest
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

fn program(
    analysis: &Analysis<'_>,
    unit: &Unit,
    request: &BuildRequest,
    plan: &ProgramPlan,
) -> Program {
    let db = analysis.db;
    let target = codegen::host_target();
    let options = profile(analysis, request).codegen_options(db);
    let mut first_lines = FirstLines {
        db,
        by_file: FxHashMap::default(),
    };
    let functions: Vec<PlannedFunction> = plan
        .functions
        .iter()
        .map(|function| PlannedFunction {
            member: Member {
                symbol: function.symbol.clone(),
                key: function.key,
            },
            group: function.file.clone(),
        })
        .collect();
    let line_data: Arc<[(SmolStr, u32)]> = plan
        .lines
        .iter()
        .map(|(symbol, item)| (symbol.clone(), first_lines.of(*item)))
        .collect();
    let line_bases: Vec<LineBase> = plan
        .functions
        .iter()
        .filter_map(|function| {
            let item = function.instance.source_func(db)?.item(db);
            Some(LineBase {
                symbol: function.symbol.as_str().into(),
                first_line: first_lines.of(item),
            })
        })
        .collect();
    let members: Vec<(&SmolStr, Hash128)> = functions
        .iter()
        .map(|function| (&function.member.symbol, function.member.key))
        .collect();
    let globals: Vec<Hash128> = plan.globals.iter().map(|global| global.key()).collect();
    let lines: Vec<(&str, u32)> = line_bases
        .iter()
        .map(|base| (&*base.symbol, base.first_line))
        .collect();
    let identity = stable_hash(&(members, globals, &line_data, lines, &target, &options));
    Program {
        name: unit.target.name.clone(),
        functions,
        line_data,
        line_bases,
        target,
        options,
        identity,
        unit: unit.clone(),
        plan: plan.clone(),
    }
}

/// First lines of items, with one look at the database per file.
struct FirstLines<'a> {
    db: &'a Database,
    by_file: FxHashMap<FileId, &'a FxHashMap<AstId, u32>>,
}

impl FirstLines<'_> {
    fn of(&mut self, item: ItemLoc) -> u32 {
        let (db, file) = (self.db, item.file(self.db));
        let lines = self
            .by_file
            .entry(file)
            .or_insert_with(|| base::item_first_lines(db, file));
        lines.get(&item.ast_id(db)).copied().unwrap_or(1)
    }
}

impl Program {
    /// All statics of the program form one object.
    pub(super) fn globals_unit(&self) -> Option<ObjectUnit> {
        if self.plan.globals.is_empty() {
            return None;
        }
        let keys: Vec<Hash128> = self
            .plan
            .globals
            .iter()
            .map(|global| global.key())
            .collect();
        Some(ObjectUnit::new(vec![Member {
            symbol: GLOBALS.into(),
            key: stable_hash(&keys),
        }]))
    }

    /// The contents of object units; `None` if a function is no longer what was planned.
    pub(super) fn fetch(
        &self,
        analysis: &Analysis<'_>,
        units: &[ObjectUnit],
        request: &BuildRequest,
    ) -> Option<Vec<CodegenUnit>> {
        let db = analysis.db;
        let build = Build::of(db, self.unit.package, profile(analysis, request));
        let contents = |unit: &ObjectUnit| {
            let mut functions = Vec::with_capacity(unit.members().len());
            for member in unit.members() {
                if member.symbol == GLOBALS {
                    let globals = self.plan.globals.to_vec();
                    return Some(self.codegen_unit(Vec::new(), globals));
                }
                let found = self
                    .plan
                    .functions
                    .binary_search_by(|f| f.symbol.cmp(&member.symbol))
                    .ok()?;
                let instance = self.plan.functions.get(found)?.instance;
                if mono::unit_key(db, instance, build) != member.key {
                    return None;
                }
                functions.push(mono::ssa_optimized(db, instance, build).clone());
            }
            Some(self.codegen_unit(functions, Vec::new()))
        };
        units.iter().map(contents).collect()
    }

    /// Everything in one unit, for dumps.
    pub(super) fn fetch_all(
        &self,
        analysis: &Analysis<'_>,
        request: &BuildRequest,
    ) -> Option<CodegenUnit> {
        let members = self
            .functions
            .iter()
            .map(|function| function.member.clone())
            .collect();
        let mut unit = self
            .fetch(analysis, &[ObjectUnit::new(members)], request)?
            .pop()?;
        unit.globals = self.plan.globals.to_vec();
        Some(unit)
    }

    fn codegen_unit(
        &self,
        functions: Vec<Arc<ssa::Function>>,
        globals: Vec<Arc<ssa::Global>>,
    ) -> CodegenUnit {
        CodegenUnit::new(
            functions,
            globals,
            self.target.clone(),
            self.options.clone(),
        )
    }

    /// What passes change in the unit's own functions.
    pub(super) fn passes_text(
        &self,
        analysis: &Analysis<'_>,
        request: &BuildRequest,
        pass: Option<&str>,
    ) -> String {
        let profile = profile(analysis, request);
        mono::passes_text(analysis.db, self.unit.package, profile, pass)
    }

    /// Where the heap memory of the unit's own functions lives.
    pub(super) fn escape_text(&self, analysis: &Analysis<'_>, request: &BuildRequest) -> String {
        mono::escape_text(analysis.db, self.unit.package, profile(analysis, request))
    }

    /// The readable form of the unit's own functions.
    pub(super) fn ssa_text(&self, analysis: &Analysis<'_>, request: &BuildRequest) -> String {
        mono::ssa_text(
            analysis.db,
            self.unit.package,
            profile(analysis, request),
            None,
        )
    }
}

/// Where a unit's program starts.
fn entry(unit: &Unit) -> Entry {
    match unit.flavor.is_test {
        true => Entry::Tests,
        false => Entry::Main,
    }
}

fn target(analysis: &Analysis<'_>) -> Target {
    let TargetSpec {
        triple,
        cpu,
        features,
    } = codegen::host_target();
    Target::new(analysis.db, triple, cpu, features, 8)
}

fn profile(analysis: &Analysis<'_>, request: &BuildRequest) -> Profile {
    let ProfileChoice {
        opt_level,
        overflow_checks,
        llvm_only,
        inline_threshold,
        ..
    } = request.profile;
    let level = match opt_level {
        Level::O0 => OptLevel::O0,
        Level::O1 => OptLevel::O1,
        Level::O2 => OptLevel::O2,
        Level::O3 => OptLevel::O3,
        Level::Size => OptLevel::Os,
    };
    // Lines are relative to the function they are in; inlining would mix those of several.
    let debug = match level {
        OptLevel::O0 => DebugInfo::Lines,
        _ => DebugInfo::None,
    };
    Profile::new(
        analysis.db,
        level,
        debug,
        overflow_checks,
        llvm_only,
        inline_threshold,
    )
}

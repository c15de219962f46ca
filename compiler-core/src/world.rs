//! From the package graph to salsa inputs, and back from paths to inputs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use base::{Dependency, Env, Package, SourceFile, SourceRoot};
use project::graph::{self, find_root, module_files, target_files};
use project::resolver::join;
use project::{Graph, PackageIdx, Problem, Resolver, Target, TargetKind};
use salsa::{Durability, Setter};
use smol_str::SmolStr;

use crate::cfg;
use crate::database::Database;
use crate::embedded::{self, LIBRARIES};
use crate::files::Files;

/// What decides conditional compilation of a whole build.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Flavor {
    pub is_release: bool,
    pub is_test: bool,
    /// `-D NAME[=VALUE]`, in the order given.
    pub defines: Vec<String>,
}

/// What the engine works on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The workspace of the nearest `tml.toml`, from this directory upwards.
    Directory(String),
    /// One file as a package of its own.
    SingleFile(String),
    /// Files that have nothing to do with each other, each as a package of its own.
    Files(Vec<String>),
}

/// One target under one flavor: a unit of analysis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    pub package: Package,
    /// Index into the graph's packages.
    pub spec: PackageIdx,
    pub target: Target,
    pub flavor: Flavor,
}

/// An immutable description of all inputs, shared by snapshots.
#[derive(Clone, Debug)]
pub struct World {
    pub graph: Arc<Graph>,
    pub units: Vec<Unit>,
    /// Absolute path (or `<core>/…`) → input.
    pub files: Arc<BTreeMap<String, SourceFile>>,
    /// `core`, `std` and `test`, as far as they exist.
    pub libraries: Vec<Dependency>,
    /// Files that could not be read, with the reason.
    pub unreadable: Arc<Vec<Problem>>,
}

impl World {
    /// Loads everything for the first time.
    pub(crate) fn load(db: &mut Database, files: &Files, input: &Input) -> World {
        let mut world = World {
            graph: Arc::default(),
            units: Vec::new(),
            files: Arc::default(),
            libraries: Vec::new(),
            unreadable: Arc::default(),
        };
        let env = Env::new(db, cfg::symbols(&Flavor::default(), &[], &[]));
        for name in LIBRARIES {
            world.load_library(db, files, name, env);
        }
        world.reload(db, files, input, &BTreeSet::from([Flavor::default()]));
        world
    }

    /// Loads a package of the library; it may use those loaded before it. Its inputs never change:
    /// nobody records that he read them, and what is computed from them alone is never looked at
    /// again.
    fn load_library(&mut self, db: &mut Database, files: &Files, name: &str, env: Env) {
        let root = embedded::root_of(name);
        let mut rooted = BTreeMap::new();
        let mut pending = vec![format!("{root}/src")];
        let mut known = (*self.files).clone();
        while let Some(dir) = pending.pop() {
            let listing = files.list(&dir).unwrap_or_default();
            pending.extend(
                listing
                    .directories
                    .iter()
                    .map(|name| format!("{dir}/{name}")),
            );
            for name in &listing.files {
                let path = format!("{dir}/{name}");
                let Ok(Some(text)) = files.read(&path) else {
                    continue;
                };
                let outline = embedded::outline(&path, &text);
                let file = SourceFile::builder(text, outline, path.as_str().into())
                    .durability(Durability::NEVER_CHANGE)
                    .text_durability(Durability::NEVER_CHANGE)
                    .new(db);
                let rel = path
                    .strip_prefix(&root)
                    .unwrap_or(&path)
                    .trim_start_matches('/');
                rooted.insert(SmolStr::from(rel), file);
                known.insert(path, file);
            }
        }
        self.files = Arc::new(known);
        let sources = SourceRoot::builder(Arc::new(rooted))
            .durability(Durability::NEVER_CHANGE)
            .new(db);
        let package = Package::builder(
            name.into(),
            env!("CARGO_PKG_VERSION").into(),
            "2025".into(),
            sources,
            "src/lib.tml".into(),
            true,
            env,
            self.libraries.clone().into(),
            base::Lowlevel::Allow,
        )
        .durability(Durability::NEVER_CHANGE)
        .new(db);
        self.libraries.push(Dependency {
            name: name.into(),
            package,
        });
    }

    /// Loads the graph anew and changes only the inputs that differ.
    pub(crate) fn reload(
        &mut self,
        db: &mut Database,
        files: &Files,
        input: &Input,
        flavors: &BTreeSet<Flavor>,
    ) {
        let mut problems = Vec::new();
        let graph = match load_graph(files, input) {
            Ok(graph) => graph,
            Err(error) => {
                problems.push(Problem::error("K001", "", error.to_string()));
                Graph::default()
            }
        };
        let old_units = std::mem::take(&mut self.units);
        let mut known = (*self.files).clone();
        known.retain(|path, _| embedded::is_library_path(path));
        let mut roots: Vec<Vec<(Target, BTreeMap<SmolStr, SourceFile>)>> = Vec::new();
        for (idx, spec) in graph.packages.iter().enumerate() {
            let is_member = idx < graph.member_count;
            let mut unlisted = |error: project::ReadError| {
                problems.push(Problem::error("K004", "", error.to_string()));
                Vec::new()
            };
            let modules = module_files(files, spec).unwrap_or_else(&mut unlisted);
            let mut of_tests: BTreeMap<SmolStr, Vec<SmolStr>> = BTreeMap::new();
            for target in spec.targets.iter().filter(|target| is_alone(target.kind)) {
                let listed = target_files(files, spec, target).unwrap_or_else(&mut unlisted);
                of_tests.insert(target.root_file.clone(), listed);
            }
            let listed: BTreeSet<SmolStr> = of_tests.values().flatten().cloned().collect();
            let listed = listed.into_iter().chain(modules.iter().cloned());
            let listed: BTreeSet<SmolStr> = listed.collect();
            let mut sources = BTreeMap::new();
            for rel in listed {
                let path = join(&spec.dir, &rel);
                let text = match files.read(&path) {
                    Ok(Some(text)) => text,
                    Ok(None) => continue,
                    Err(error) => {
                        let code = if error.reason.contains("L012") {
                            "L012"
                        } else {
                            "K004"
                        };
                        problems.push(Problem::error(code, &path, error.to_string()));
                        "".into()
                    }
                };
                let file = self.file(db, &graph.root, &path, text, is_member);
                known.insert(path, file);
                sources.insert(rel, file);
            }
            let other_roots = |target: &Target| {
                let others = spec.targets.iter().filter(|other| *other != target);
                others
                    .map(|other| other.root_file.clone())
                    .collect::<Vec<_>>()
            };
            let of_target = |target: &Target| {
                let others = other_roots(target);
                let own = sources.iter().filter(|(rel, _)| {
                    if let Some(listed) = of_tests.get(&target.root_file) {
                        return listed.contains(rel);
                    }
                    !others.contains(rel)
                        && modules.binary_search(rel).is_ok()
                        && (**rel == target.root_file || !rel.starts_with("src/bin/"))
                });
                (
                    target.clone(),
                    own.map(|(rel, file)| (rel.clone(), *file)).collect(),
                )
            };
            roots.push(spec.targets.iter().map(of_target).collect());
        }
        self.files = Arc::new(known);
        for flavor in flavors {
            self.make_units(db, &graph, &roots, flavor, &old_units);
        }
        self.graph = Arc::new(graph);
        self.unreadable = Arc::new(problems);
    }

    /// The input for a file: the one it had, with its text brought up to date.
    fn file(
        &self,
        db: &mut Database,
        root: &str,
        path: &str,
        text: Arc<str>,
        is_member: bool,
    ) -> SourceFile {
        match self.files.get(path) {
            Some(file) => {
                set_text(db, *file, text, Durability::LOW);
                *file
            }
            None => {
                let durability = if is_member { AT_REST } else { Durability::HIGH };
                new_file(db, text, display_name(root, path), durability)
            }
        }
    }

    /// Units of one flavor, dependencies before dependents.
    fn make_units(
        &mut self,
        db: &mut Database,
        graph: &Graph,
        roots: &[Vec<(Target, BTreeMap<SmolStr, SourceFile>)>],
        flavor: &Flavor,
        old: &[Unit],
    ) {
        let mut libraries: BTreeMap<PackageIdx, Package> = BTreeMap::new();
        for idx in dependencies_first(graph) {
            let (Some(spec), Some(targets)) = (graph.packages.get(idx), roots.get(idx)) else {
                continue;
            };
            let symbols = cfg::symbols(flavor, &spec.defines, &spec.features);
            let env = Env::new(db, symbols);
            let mut dependencies: Vec<Dependency> = spec
                .dependencies
                .iter()
                .filter_map(|(name, dep)| {
                    libraries.get(dep).map(|package| Dependency {
                        name: name.clone(),
                        package: *package,
                    })
                })
                .collect();
            dependencies.extend(self.libraries.iter().cloned());
            // Libraries first: a binary of the same package may use them.
            let mut ordered: Vec<_> = targets.iter().collect();
            ordered.sort_by_key(|(target, _)| target.kind != TargetKind::Library);
            // What must not compile is of no use to editors.
            ordered.retain(|(target, _)| flavor.is_test || target.kind != TargetKind::Diagnostics);
            for (target, sources) in ordered {
                let previous = old.iter().find(|unit| {
                    unit.flavor == *flavor && unit.target == *target && {
                        let old_spec = self.graph.packages.get(unit.spec);
                        old_spec.is_some_and(|old| old.dir == spec.dir)
                    }
                });
                let module_name = own_name(project::manifest::module_name(&target.name));
                let unit = UnitInputs {
                    name: module_name.clone(),
                    spec,
                    target,
                    sources,
                    env,
                    dependencies: dependencies.clone().into(),
                };
                let package = match previous {
                    Some(unit_before) => unit.update(db, unit_before.package),
                    None => unit.create(db),
                };
                if target.kind == TargetKind::Library {
                    libraries.insert(idx, package);
                    dependencies.push(Dependency {
                        name: module_name,
                        package,
                    });
                }
                self.units.push(Unit {
                    package,
                    spec: idx,
                    target: target.clone(),
                    flavor: flavor.clone(),
                });
            }
        }
    }

    /// Units of a flavor, in an order where dependencies come first.
    pub fn units_of<'a>(&'a self, flavor: &'a Flavor) -> impl Iterator<Item = &'a Unit> {
        self.units.iter().filter(move |unit| unit.flavor == *flavor)
    }

    pub fn has_flavor(&self, flavor: &Flavor) -> bool {
        self.units.iter().any(|unit| unit.flavor == *flavor)
    }

    /// Whether a unit belongs to a member of the workspace.
    pub fn is_member(&self, unit: &Unit) -> bool {
        unit.spec < self.graph.member_count
    }
}

/// The module name of a package: a file `test.tml` of its own is not the library's `test`.
fn own_name(name: SmolStr) -> SmolStr {
    if LIBRARIES.contains(&name.as_str()) {
        smol_str::format_smolstr!("{name}_")
    } else {
        name
    }
}

struct UnitInputs<'a> {
    name: SmolStr,
    spec: &'a project::PackageSpec,
    target: &'a Target,
    sources: &'a BTreeMap<SmolStr, SourceFile>,
    env: Env,
    dependencies: Arc<[Dependency]>,
}

/// The manifest's word as the analysis knows it.
fn lowlevel_of(spec: &project::PackageSpec) -> base::Lowlevel {
    match spec.lowlevel {
        project::Lowlevel::Allow => base::Lowlevel::Allow,
        project::Lowlevel::Marked => base::Lowlevel::Marked,
        project::Lowlevel::Forbid => base::Lowlevel::Forbid,
    }
}

impl UnitInputs<'_> {
    fn create(self, db: &mut Database) -> Package {
        let root = SourceRoot::builder(Arc::new(self.sources.clone()))
            .durability(Durability::HIGH)
            .new(db);
        Package::builder(
            self.name,
            self.spec.version.clone(),
            self.spec.edition.clone(),
            root,
            self.target.root_file.clone(),
            self.target.kind == TargetKind::Library,
            self.env,
            self.dependencies,
            lowlevel_of(self.spec),
        )
        .durability(Durability::HIGH)
        .name_durability(Durability::NEVER_CHANGE)
        .root_durability(Durability::NEVER_CHANGE)
        .root_file_durability(Durability::NEVER_CHANGE)
        .is_library_durability(Durability::NEVER_CHANGE)
        .new(db)
    }

    /// A salsa setter counts as a change even when the value is equal, so each field is compared.
    fn update(self, db: &mut Database, package: Package) -> Package {
        let high = Durability::HIGH;
        let root = *package.root(db);
        if **root.files(db) != *self.sources {
            root.set_files(db)
                .with_durability(high)
                .to(Arc::new(self.sources.clone()));
        }
        if package.lowlevel(db) != lowlevel_of(self.spec) {
            package
                .set_lowlevel(db)
                .with_durability(high)
                .to(lowlevel_of(self.spec));
        }
        if *package.version(db) != self.spec.version {
            package
                .set_version(db)
                .with_durability(high)
                .to(self.spec.version.clone());
        }
        if *package.edition(db) != self.spec.edition {
            package
                .set_edition(db)
                .with_durability(high)
                .to(self.spec.edition.clone());
        }
        if package.env(db) != self.env {
            package.set_env(db).with_durability(high).to(self.env);
        }
        if *package.dependencies(db) != self.dependencies {
            package
                .set_dependencies(db)
                .with_durability(high)
                .to(self.dependencies);
        }
        package
    }
}

/// Durability of a member's text that nobody edits. Its first edit makes everything look at the
/// texts at rest once; later ones do not.
pub(crate) const AT_REST: Durability = Durability::MEDIUM;

fn new_file(db: &Database, text: Arc<str>, name: SmolStr, durability: Durability) -> SourceFile {
    let outline = base::input::outline(&text);
    SourceFile::builder(text, outline, name)
        .durability(Durability::HIGH)
        .name_durability(Durability::NEVER_CHANGE)
        .text_durability(durability)
        .new(db)
}

/// Sets a file's text if it differs, and its outline if that does. Returns whether the outline
/// did.
pub(crate) fn set_text(
    db: &mut Database,
    file: SourceFile,
    text: Arc<str>,
    durability: Durability,
) -> bool {
    if **file.text(db) == *text {
        return false;
    }
    let outline = base::input::outline(&text);
    file.set_text(db).with_durability(durability).to(text);
    let is_other = **file.outline(db) != *outline;
    if is_other {
        file.set_outline(db)
            .with_durability(Durability::HIGH)
            .to(outline);
    }
    is_other
}

/// Gives a file's text low durability ahead of its first edit.
pub(crate) fn begin_editing(db: &mut Database, file: SourceFile) {
    let text = file.text(db).clone();
    file.set_text(db).with_durability(Durability::LOW).to(text);
}

fn load_graph(files: &Files, input: &Input) -> Result<Graph, project::ReadError> {
    match input {
        Input::SingleFile(path) => Ok(graph::load_single_file(path)),
        Input::Files(paths) => Ok(graph::load_files(paths)),
        Input::Directory(dir) => {
            let root = find_root(files, dir)?.unwrap_or_else(|| dir.clone());
            graph::load_workspace(files, &root)
        }
    }
}

/// Package indices such that dependencies precede dependents. Cycles were cut by the loader.
fn dependencies_first(graph: &Graph) -> Vec<PackageIdx> {
    let mut order = Vec::new();
    let mut state = vec![0u8; graph.packages.len()];
    for start in 0..graph.packages.len() {
        let mut stack = vec![(start, false)];
        while let Some((idx, is_done)) = stack.pop() {
            let Some(slot) = state.get_mut(idx) else {
                continue;
            };
            if is_done {
                order.push(idx);
            } else if *slot == 0 {
                *slot = 1;
                stack.push((idx, true));
                if let Some(spec) = graph.packages.get(idx) {
                    stack.extend(spec.dependencies.iter().rev().map(|(_, dep)| (*dep, false)));
                }
            }
        }
    }
    order
}

/// Whether a target consists of its root file and what that names.
fn is_alone(kind: TargetKind) -> bool {
    matches!(kind, TargetKind::Test | TargetKind::Diagnostics)
}

/// A path as messages show it: relative to the workspace, with `../` for what lies outside.
fn display_name(root: &str, path: &str) -> SmolStr {
    let mut base: Vec<&str> = root
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    let target: Vec<&str> = path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    let common = base.iter().zip(&target).take_while(|(a, b)| a == b).count();
    let mut shown: Vec<&str> = base.drain(common..).map(|_| "..").collect();
    shown.extend(target.iter().skip(common));
    shown.join("/").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_relative_to_the_workspace() {
        assert_eq!(
            display_name("/w", "/w/app/src/main.tml"),
            "app/src/main.tml"
        );
        assert_eq!(
            display_name("/w/app", "/w/util/src/lib.tml"),
            "../util/src/lib.tml"
        );
    }
}

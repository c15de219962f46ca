//! All packages of a workspace and how they depend on each other.

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::manifest::{
    self, DependencySource, DependencySpec, FmtSection, Lowlevel, Manifest, TestSection,
    WorkspaceSection,
};
use crate::problem::Problem;
use crate::profiles::Profiles;
use crate::resolver::{ReadError, Resolver, join, parent};

/// Packages reached through path dependencies; a generous bound against runaway manifests.
const PACKAGES_MAX: usize = 10_000;
/// Directory levels below a package that may hold modules.
pub(crate) const DEPTH_MAX: usize = 64;
/// Directories that never hold modules.
const SKIPPED_DIRECTORIES: &[&str] = &["build", "node_modules", "target"];

/// Index into [`Graph::packages`].
pub type PackageIdx = usize;

/// The packages of a workspace in a deterministic order: members first, as written, then what
/// they reach.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// Directory of the workspace: what names in messages are relative to.
    pub root: String,
    pub packages: Vec<PackageSpec>,
    /// How many of `packages` are members; the rest are dependencies from outside.
    pub member_count: usize,
    /// Those of the workspace's manifest.
    pub profiles: Profiles,
    pub problems: Vec<Problem>,
    /// Manifests that were read, absolute: when one changes, the graph is loaded anew.
    pub manifests: Vec<String>,
}

/// One package.
#[derive(Clone, Debug)]
pub struct PackageSpec {
    pub name: SmolStr,
    pub version: SmolStr,
    pub edition: SmolStr,
    /// Absolute directory of the manifest, or of the single file.
    pub dir: String,
    pub targets: Vec<Target>,
    /// Name in paths → package.
    pub dependencies: Vec<(SmolStr, PackageIdx)>,
    pub default_run: Option<SmolStr>,
    pub lowlevel: Lowlevel,
    pub defines: Vec<String>,
    pub features: Vec<String>,
    pub test: TestSection,
    pub fmt: FmtSection,
    /// Whether its sources are one file given on the command line.
    pub is_single_file: bool,
}

/// What is made of a package: one module tree with its root file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub name: SmolStr,
    pub kind: TargetKind,
    /// Root file, relative to the package's directory: `src/main.tml`.
    pub root_file: SmolStr,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TargetKind {
    Library,
    Binary,
    /// A file of tests or benches: a program of its own that sees the package as a library.
    Test,
    /// `*.error.tml`: must not compile.
    Diagnostics,
}

impl PackageSpec {
    pub fn library(&self) -> Option<&Target> {
        self.targets
            .iter()
            .find(|target| target.kind == TargetKind::Library)
    }

    pub fn binaries(&self) -> impl Iterator<Item = &Target> {
        self.targets
            .iter()
            .filter(|target| target.kind == TargetKind::Binary)
    }
}

/// The nearest directory with a `tml.toml`, from `dir` upwards; the workspace's if there is one.
pub fn find_root(files: &dyn Resolver, dir: &str) -> Result<Option<String>, ReadError> {
    let mut nearest = None;
    let mut at = dir;
    loop {
        let path = join(at, "tml.toml");
        if let Some(text) = files.read(&path)? {
            let is_workspace = manifest::parse(&path, &text, None, &mut Vec::new())
                .workspace
                .is_some();
            if is_workspace {
                return Ok(Some(at.to_string()));
            }
            nearest.get_or_insert_with(|| at.to_string());
        }
        let up = parent(at);
        if up == at || at == "/" {
            return Ok(nearest);
        }
        at = up;
    }
}

/// Loads the workspace whose manifest is in `root`.
pub fn load_workspace(files: &dyn Resolver, root: &str) -> Result<Graph, ReadError> {
    let mut loader = Loader {
        files,
        graph: Graph {
            root: root.to_string(),
            ..Graph::default()
        },
        by_dir: FxHashMap::default(),
        in_progress: Vec::new(),
        workspace: WorkspaceSection::default(),
    };
    let path = join(root, "tml.toml");
    let Some(text) = files.read(&path)? else {
        let message = format!("no `tml.toml` in `{root}` or any parent directory");
        loader
            .graph
            .problems
            .push(Problem::error("K001", "", message));
        return Ok(loader.graph);
    };
    let top = manifest::parse(&path, &text, None, &mut Vec::new());
    loader.workspace = top.workspace.clone().unwrap_or_default();
    loader.graph.profiles = top.profiles.clone();
    if top.package.is_some() || top.workspace.is_none() {
        loader.package(root, None)?;
    } else {
        manifest::parse(&path, &text, None, &mut loader.graph.problems);
        loader.graph.manifests.push(path.clone());
    }
    for dir in loader.member_directories(root)? {
        loader.package(&dir, None)?;
    }
    loader.graph.member_count = loader.members(root).len();
    // Dependencies were appended while members were loaded; members come first.
    Ok(loader.finish())
}

/// A single file as a package of its own; its directory is its module root.
pub fn load_single_file(path: &str) -> Graph {
    load_files(&[path.to_string()])
}

/// Each file as a package of its own.
pub fn load_files(paths: &[String]) -> Graph {
    let packages: Vec<PackageSpec> = paths.iter().map(|path| single_file(path)).collect();
    Graph {
        root: packages
            .first()
            .map(|spec| spec.dir.clone())
            .unwrap_or_default(),
        member_count: packages.len(),
        packages,
        ..Graph::default()
    }
}

fn single_file(path: &str) -> PackageSpec {
    let dir = parent(path).to_string();
    let file = path.rsplit('/').next().unwrap_or(path);
    let stem = file.strip_suffix(".tml").unwrap_or(file);
    PackageSpec {
        name: stem.into(),
        version: "0.0.0".into(),
        edition: "2025".into(),
        dir,
        targets: vec![Target {
            name: stem.into(),
            kind: TargetKind::Binary,
            root_file: file.into(),
        }],
        dependencies: Vec::new(),
        default_run: None,
        lowlevel: Lowlevel::Allow,
        defines: Vec::new(),
        features: Vec::new(),
        test: TestSection::default(),
        fmt: FmtSection::default(),
        is_single_file: true,
    }
}

/// All `.tml` files of a package that may be modules, relative to its directory, sorted.
pub fn module_files(
    files: &dyn Resolver,
    package: &PackageSpec,
) -> Result<Vec<SmolStr>, ReadError> {
    if package.is_single_file {
        return crate::siblings::reachable(files, package);
    }
    let mut found = Vec::new();
    let mut pending = vec![("src".to_string(), 0)];
    while let Some((rel, depth)) = pending.pop() {
        let listing = files.list(&join(&package.dir, &rel))?;
        let sources = listing.files.iter().filter(|name| is_module_file(name));
        found.extend(sources.map(|name| SmolStr::from(format!("{rel}/{name}"))));
        if depth < DEPTH_MAX {
            let directories = listing
                .directories
                .iter()
                .filter(|name| is_module_directory(name));
            pending.extend(directories.map(|name| (format!("{rel}/{name}"), depth + 1)));
        }
    }
    found.sort();
    Ok(found)
}

/// The files of a target that is one file and what it names: a test of a package. Names are
/// relative to the package's directory.
pub fn target_files(
    files: &dyn Resolver,
    package: &PackageSpec,
    target: &Target,
) -> Result<Vec<SmolStr>, ReadError> {
    let dir = match target.root_file.rsplit_once('/') {
        Some((dir, _)) => dir,
        None => "",
    };
    let within = PackageSpec {
        dir: join(&package.dir, dir),
        targets: vec![Target {
            root_file: target.root_file.rsplit('/').next().unwrap_or("").into(),
            ..target.clone()
        }],
        is_single_file: true,
        ..package.clone()
    };
    let found = module_files(files, &within)?.into_iter();
    Ok(match dir {
        "" => found.collect(),
        _ => found.map(|rel| format!("{dir}/{rel}").into()).collect(),
    })
}

/// Tests, benches and diagnostics tests are not modules of the package (reference §14).
pub(crate) fn is_module_file(name: &str) -> bool {
    let special = [".test.tml", ".bench.tml", ".fuzz.tml", ".error.tml"];
    name.ends_with(".tml") && !special.iter().any(|suffix| name.ends_with(suffix))
}

pub(crate) fn is_module_directory(name: &str) -> bool {
    !name.starts_with('.') && !SKIPPED_DIRECTORIES.contains(&name)
}

struct Loader<'a> {
    files: &'a dyn Resolver,
    graph: Graph,
    by_dir: FxHashMap<String, PackageIdx>,
    /// Directories on the path from a member to the package being loaded.
    in_progress: Vec<String>,
    workspace: WorkspaceSection,
}

impl Loader<'_> {
    /// Loads a package and what it depends on. `wanted_by` is the dependency that asked.
    fn package(
        &mut self,
        dir: &str,
        wanted_by: Option<(&str, &DependencySpec)>,
    ) -> Result<Option<PackageIdx>, ReadError> {
        if let Some(chain) = self.cycle_through(dir) {
            let (file, range) = match wanted_by {
                Some((file, spec)) => (file, spec.range.clone()),
                None => ("", None),
            };
            let message = format!("dependency cycle between packages: {}", chain.join(" → "));
            self.graph
                .problems
                .push(Problem::error("K005", file, message).at(range));
            return Ok(None);
        }
        if let Some(&known) = self.by_dir.get(dir) {
            return Ok(Some(known));
        }
        if self.graph.packages.len() >= PACKAGES_MAX {
            let message = format!("more than {PACKAGES_MAX} packages");
            self.graph
                .problems
                .push(Problem::error("K003", dir, message));
            return Ok(None);
        }
        let path = join(dir, "tml.toml");
        let Some(text) = self.files.read(&path)? else {
            let (file, range, what) = match wanted_by {
                Some((file, spec)) => (
                    file,
                    spec.range.clone(),
                    format!("dependency `{}`", spec.name),
                ),
                None => ("", None, "workspace member".to_string()),
            };
            let message = format!("no `tml.toml` for {what} in `{dir}`");
            self.graph
                .problems
                .push(Problem::error("K001", file, message).at(range));
            return Ok(None);
        };
        self.graph.manifests.push(path.clone());
        let parsed = manifest::parse(
            &path,
            &text,
            Some(&self.workspace),
            &mut self.graph.problems,
        );
        let Some(section) = parsed.package.clone() else {
            return Ok(None);
        };
        let mut targets = self.targets(dir, &path, &parsed)?;
        // Tests of packages from elsewhere are theirs.
        if wanted_by.is_none() {
            targets.extend(crate::tests::test_targets(self.files, dir, &parsed.test)?);
        }
        let idx = self.graph.packages.len();
        self.graph.packages.push(PackageSpec {
            name: section.name,
            version: section.version,
            edition: section.edition,
            dir: dir.to_string(),
            targets,
            dependencies: Vec::new(),
            default_run: section.default_run,
            lowlevel: section.lowlevel,
            defines: parsed.defines.clone(),
            features: parsed.default_features.clone(),
            test: parsed.test.clone(),
            fmt: parsed.fmt.clone(),
            is_single_file: false,
        });
        self.by_dir.insert(dir.to_string(), idx);
        self.in_progress.push(dir.to_string());
        let dependencies = self.dependencies(dir, &path, &parsed.dependencies)?;
        self.in_progress.pop();
        if let Some(spec) = self.graph.packages.get_mut(idx) {
            spec.dependencies = dependencies;
        }
        Ok(Some(idx))
    }

    fn dependencies(
        &mut self,
        dir: &str,
        file: &str,
        specs: &[DependencySpec],
    ) -> Result<Vec<(SmolStr, PackageIdx)>, ReadError> {
        let mut found = Vec::new();
        for spec in specs {
            let inherited = match spec.source {
                DependencySource::Workspace => self
                    .workspace
                    .dependencies
                    .iter()
                    .find(|other| other.name == spec.name)
                    .cloned(),
                _ => None,
            };
            let (base, source) = match &inherited {
                Some(inherited) => (self.graph.root.clone(), &inherited.source),
                None => (dir.to_string(), &spec.source),
            };
            let DependencySource::Path(rel) = source else {
                let message = format!(
                    "dependency `{}` has no `path`, and no registry is configured",
                    spec.name
                );
                let problem = Problem::error("K006", file, message).at(spec.range.clone());
                self.graph
                    .problems
                    .push(problem.note("this version of tml builds packages by path"));
                continue;
            };
            if let Some(idx) = self.package(&join(&base, rel), Some((file, spec)))? {
                found.push((manifest::module_name(&spec.name), idx));
            }
        }
        Ok(found)
    }

    /// Targets as declared, else those whose files are there.
    fn targets(
        &mut self,
        dir: &str,
        file: &str,
        parsed: &Manifest,
    ) -> Result<Vec<Target>, ReadError> {
        let package = parsed
            .package
            .as_ref()
            .map(|section| section.name.clone())
            .unwrap_or_default();
        let exists = |rel: &str| Ok::<bool, ReadError>(self.files.read(&join(dir, rel))?.is_some());
        let mut targets = Vec::new();
        let mut missing = Vec::new();
        match parsed
            .lib
            .as_ref()
            .and_then(|lib| lib.path.clone().map(|path| (lib, path)))
        {
            Some((lib, path)) if !exists(&path)? => missing.push((path, lib.range.clone())),
            Some((_, path)) => targets.push((TargetKind::Library, package.clone(), path)),
            None => {
                for path in ["src/lib.tml", "src/mod.tml"] {
                    if exists(path)? {
                        targets.push((TargetKind::Library, package.clone(), path.into()));
                        break;
                    }
                }
            }
        }
        for bin in &parsed.bins {
            let path = bin.path.clone().unwrap_or_else(|| "src/main.tml".into());
            if exists(&path)? {
                let name = bin.name.clone().unwrap_or_else(|| package.clone());
                targets.push((TargetKind::Binary, name, path));
            } else {
                missing.push((path, bin.range.clone()));
            }
        }
        if parsed.bins.is_empty() && exists("src/main.tml")? {
            targets.push((TargetKind::Binary, package.clone(), "src/main.tml".into()));
        }
        if parsed.bins.is_empty() {
            for name in self.files.list(&join(dir, "src/bin"))?.files {
                if let Some(stem) = name.strip_suffix(".tml") {
                    targets.push((
                        TargetKind::Binary,
                        stem.into(),
                        format!("src/bin/{name}").into(),
                    ));
                }
            }
        }
        for (path, range) in &missing {
            let message = format!("target file `{path}` does not exist");
            self.graph
                .problems
                .push(Problem::error("K004", file, message).at(range.clone()));
        }
        if targets.is_empty() && missing.is_empty() {
            let message =
                format!("package `{package}` has neither `src/lib.tml` nor `src/main.tml`");
            self.graph
                .problems
                .push(Problem::error("K004", file, message));
        }
        let make = |(kind, name, root_file)| Target {
            name,
            kind,
            root_file,
        };
        Ok(targets.into_iter().map(make).collect())
    }

    /// Directories named by `members`, with a trailing `*` for all below, minus `exclude`.
    fn member_directories(&self, root: &str) -> Result<Vec<String>, ReadError> {
        let mut found = Vec::new();
        for member in &self.workspace.members {
            match member
                .strip_suffix("/*")
                .or(if member == "*" { Some("") } else { None })
            {
                None => found.push(join(root, member)),
                Some(dir) => {
                    let base = join(root, dir);
                    for name in self.files.list(&base)?.directories {
                        let candidate = join(&base, &name);
                        if self.files.read(&join(&candidate, "tml.toml"))?.is_some() {
                            found.push(candidate);
                        }
                    }
                }
            }
        }
        let excluded: Vec<String> = self
            .workspace
            .exclude
            .iter()
            .map(|rel| join(root, rel))
            .collect();
        found.retain(|dir| !excluded.contains(dir));
        Ok(found)
    }

    fn members(&self, root: &str) -> Vec<PackageIdx> {
        let listed = self.member_directories(root).unwrap_or_default();
        let dirs = std::iter::once(root.to_string()).chain(listed);
        let mut members: Vec<PackageIdx> = dirs
            .filter_map(|dir| self.by_dir.get(&dir).copied())
            .collect();
        members.dedup();
        members
    }

    fn cycle_through(&self, dir: &str) -> Option<Vec<String>> {
        let start = self.in_progress.iter().position(|on_path| on_path == dir)?;
        let name = |dir: &String| match self
            .by_dir
            .get(dir)
            .and_then(|idx| self.graph.packages.get(*idx))
        {
            Some(spec) => format!("`{}`", spec.name),
            None => format!("`{dir}`"),
        };
        let on_cycle = self.in_progress.iter().skip(start);
        let mut chain: Vec<String> = on_cycle.map(name).collect();
        chain.push(name(&dir.to_string()));
        Some(chain)
    }

    /// Puts members first and renumbers dependencies.
    fn finish(self) -> Graph {
        let members = self.members(&self.graph.root.clone());
        let mut order = members;
        order.extend(
            (0..self.graph.packages.len())
                .filter(|idx| !order.contains(idx))
                .collect::<Vec<_>>(),
        );
        let mut new_index = vec![0; order.len()];
        for (new, old) in order.iter().enumerate() {
            if let Some(slot) = new_index.get_mut(*old) {
                *slot = new;
            }
        }
        let mut graph = self.graph;
        let mut old: Vec<Option<PackageSpec>> = std::mem::take(&mut graph.packages)
            .into_iter()
            .map(Some)
            .collect();
        for idx in order {
            let Some(mut spec) = old.get_mut(idx).and_then(Option::take) else {
                continue;
            };
            for (_, dependency) in &mut spec.dependencies {
                *dependency = new_index.get(*dependency).copied().unwrap_or(0);
            }
            graph.packages.push(spec);
        }
        graph
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolver::MemoryFiles;

    fn files(entries: &[(&str, &str)]) -> MemoryFiles {
        let mut files = MemoryFiles::new("test");
        for (path, text) in entries {
            files.insert(*path, *text);
        }
        files
    }

    fn manifest(name: &str, rest: &str) -> String {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\n{rest}")
    }

    #[test]
    fn a_workspace_lists_members_before_outside_dependencies() {
        let app = manifest(
            "app",
            "[dependencies]\nmy-util = { path = \"../outside\" }\ngeo = { workspace = true }",
        );
        let files = files(&[
            (
                "/w/tml.toml",
                "[workspace]\nmembers = [\"app\", \"libs/*\"]\n[workspace.dependencies]\ngeo = { path = \"libs/geo\" }",
            ),
            ("/w/app/tml.toml", &app),
            ("/w/app/src/main.tml", ""),
            ("/w/app/src/a/mod.tml", ""),
            ("/w/app/src/a.test.tml", ""),
            ("/w/libs/geo/tml.toml", &manifest("geo", "")),
            ("/w/libs/geo/src/lib.tml", ""),
            ("/w/outside/tml.toml", &manifest("my-util", "")),
            ("/w/outside/src/lib.tml", ""),
        ]);
        let graph = load_workspace(&files, "/w").unwrap();
        assert!(graph.problems.is_empty(), "{:?}", graph.problems);
        let names: Vec<_> = graph.packages.iter().map(|p| p.name.as_str()).collect();
        assert_eq!(names, ["app", "geo", "my-util"]);
        assert_eq!(graph.member_count, 2);
        let dependencies = &graph.packages[0].dependencies;
        assert_eq!(
            dependencies.as_slice(),
            [("my_util".into(), 2), ("geo".into(), 1)]
        );
        assert_eq!(
            module_files(&files, &graph.packages[0]).unwrap(),
            ["src/a/mod.tml", "src/main.tml"]
        );
        assert_eq!(
            find_root(&files, "/w/app/src/a").unwrap().as_deref(),
            Some("/w")
        );
    }

    #[test]
    fn cycles_and_missing_things_are_reported() {
        let a = manifest(
            "a",
            "[dependencies]\nb = { path = \"../b\" }\nc = { path = \"../c\" }\nd = \"1.0\"",
        );
        let b = manifest("b", "[dependencies]\na = { path = \"../a\" }");
        let files = files(&[
            ("/w/a/tml.toml", &a),
            ("/w/a/src/main.tml", ""),
            ("/w/b/tml.toml", &b),
            ("/w/b/src/lib.tml", ""),
        ]);
        let graph = load_workspace(&files, "/w/a").unwrap();
        let shown: Vec<_> = graph
            .problems
            .iter()
            .map(|p| (p.code, p.message.as_str()))
            .collect();
        assert_eq!(
            shown[0],
            ("K005", "dependency cycle between packages: `a` → `b` → `a`")
        );
        assert_eq!(shown[1].0, "K001");
        assert_eq!(shown[2].0, "K006");
        assert_eq!(
            load_workspace(&files, "/nowhere").unwrap().problems[0].code,
            "K001"
        );
    }
}

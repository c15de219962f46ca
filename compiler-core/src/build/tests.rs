//! Tests: which there are, and the programs that run them.
//!
//! Each target with tests becomes one executable that takes the number of a test
//! (`mono::tests`). Here they are found and built; who asks runs them. Diagnostic tests
//! (`*.error.tml`) are judged here, since nothing of them runs.

use std::time::Instant;

use base::{Db, FileId};
use diagnostics::Diagnostic;
use hir_def::module_map::{ModuleOrigin, module_map};
use hir_def::signatures::func_signature;
use hir_def::{FuncId, ModuleId};
use project::TargetKind;

use super::plan::{diagnostics_of, selects_package};
use super::{BuildRequest, Builder, Event, Failure, Outcome, Report, expect, read};
use crate::host::{Analysis, Host};
use crate::world::{Unit, World};

/// Which tests are to be built.
#[derive(Clone, Debug)]
pub struct TestRequest {
    /// With `is_test`.
    pub build: BuildRequest,
    pub filter: TestFilter,
    /// Benches instead of tests.
    pub benches: bool,
    /// Whether only their names are wanted.
    pub only_list: bool,
}

/// What tests a request is about.
#[derive(Clone, Debug, Default)]
pub struct TestFilter {
    /// Parts of `file::name`, `*` standing for anything; any of them.
    pub patterns: Vec<String>,
    /// Whether patterns are whole names.
    pub exact: bool,
    /// Suites with all below them.
    pub suites: Vec<String>,
    /// Absolute paths of files and directories.
    pub paths: Vec<String>,
}

/// A file with tests.
#[derive(Clone, Debug)]
pub struct TestFile {
    /// `core/str`
    pub suite: String,
    /// As messages show it.
    pub path: String,
    /// Absolute directory of the package.
    pub dir: String,
    pub tests: Vec<TestCase>,
    pub outcome: TestOutcome,
}

/// What has come of a file.
#[derive(Clone, Debug)]
pub enum TestOutcome {
    /// Only listed.
    Listed,
    /// The tests are in this program.
    Program(std::path::PathBuf),
    /// There is no program, for a reason that the report shows.
    NotBuilt,
    /// A diagnostic test: why it fails, or nothing.
    Judged { failures: Vec<String> },
}

/// One test or bench.
#[derive(Clone, Debug)]
pub struct TestCase {
    pub name: String,
    /// The argument by which the program knows it.
    pub number: u32,
    pub ignored: Option<String>,
    pub should_panic: Option<String>,
    pub should_fail: bool,
    pub timeout_ms: Option<u64>,
    pub rounds: Option<u64>,
}

/// The answer to a [`TestRequest`].
#[derive(Clone, Debug, Default)]
pub struct TestReport {
    pub files: Vec<TestFile>,
    /// Diagnostics, problems and counts of the building.
    pub build: Report,
    /// Why something was not built, other than for errors in it.
    pub failures: Vec<Failure>,
    /// `[test]` of the package, if all tests are of one.
    pub section: project::manifest::TestSection,
}

/// A unit with the tests that are wanted of it.
struct Listed {
    unit: Unit,
    files: Vec<TestFile>,
}

impl Builder {
    /// Finds tests and builds what runs them, as far as it compiles.
    pub fn build_tests(
        &self,
        host: &Host,
        request: &TestRequest,
        on_event: &mut dyn FnMut(Event),
    ) -> TestReport {
        let mut report = TestReport::default();
        let (outcome, cost) =
            self.in_turn(host, || self.tests(host, request, on_event, &mut report));
        if let Err(failure) = outcome {
            report.build.outcome = Outcome::Failed(failure.clone());
            report.failures.push(failure);
        }
        cost.note(&mut report.build.stats);
        report
    }

    fn tests(
        &self,
        host: &Host,
        request: &TestRequest,
        on_event: &mut dyn FnMut(Event),
        report: &mut TestReport,
    ) -> Result<(), Failure> {
        host.require_flavor(&request.build.flavor());
        let (problems, listed, revision) = read(host, |analysis| {
            let problems = problems(analysis.world());
            (problems, list(analysis, request), analysis.revision())
        })?;
        report.build.revision = revision;
        report.build.problems = problems;
        if report.build.has_errors() {
            return Err(Failure::Errors);
        }
        if listed.is_empty() && !request.only_list {
            // No tests were found perhaps because of what is wrong with the text.
            let found = read(host, |analysis| {
                let world = analysis.world();
                let flavor = request.build.flavor();
                let selection = &request.build.selection;
                let units = world.units_of(&flavor).filter(|unit| {
                    selects_package(world, selection, unit) && !is_diagnostic_test(unit)
                });
                let units: Vec<Unit> = units.cloned().collect();
                diagnostics_of(analysis, &units, false)
            })?;
            if found.0.iter().any(Diagnostic::is_error) {
                (report.build.diagnostics, report.build.packages) = found;
            }
        }
        let mut sections = listed.iter().map(|it| it.unit.spec);
        if let Some(first) = sections.next()
            && sections.all(|other| other == first)
        {
            report.section = read(host, |analysis| {
                let spec = analysis.world().graph.packages.get(first);
                spec.map(|spec| spec.test.clone()).unwrap_or_default()
            })?;
        }
        for Listed { unit, mut files } in listed {
            if !request.only_list {
                let outcome = self.unit(host, request, &unit, on_event, report)?;
                for file in &mut files {
                    file.outcome = outcome.clone();
                }
            }
            report.files.append(&mut files);
        }
        report.build.diagnostics = {
            let mut all = std::mem::take(&mut report.build.diagnostics);
            host.with_database(|db| diagnostics::sort(db, &mut all));
            all.dedup();
            all
        };
        Ok(())
    }

    fn unit(
        &self,
        host: &Host,
        request: &TestRequest,
        unit: &Unit,
        on_event: &mut dyn FnMut(Event),
        report: &mut TestReport,
    ) -> Result<TestOutcome, Failure> {
        let start = Instant::now();
        if is_diagnostic_test(unit) {
            let failures = read(host, |analysis| judge(analysis, unit))?;
            report.build.stats.check += start.elapsed();
            return Ok(TestOutcome::Judged { failures });
        }
        let (found, packages) = read(host, |analysis| {
            diagnostics_of(analysis, std::slice::from_ref(unit), false)
        })?;
        report.build.stats.check += start.elapsed();
        for package in packages {
            if !report.build.packages.contains(&package) {
                report.build.packages.push(package);
            }
        }
        let is_broken = found.iter().any(Diagnostic::is_error);
        report.build.diagnostics.extend(found);
        if is_broken {
            return Ok(TestOutcome::NotBuilt);
        }
        let root = host.root();
        let output = request
            .build
            .out_dir
            .join("tests")
            .join(program_name(&root, unit));
        let build = BuildRequest {
            output: Some(output.clone()),
            ..request.build.clone()
        };
        match self.binary(host, &build, unit, on_event, &mut report.build) {
            Ok(()) => Ok(TestOutcome::Program(output)),
            Err(Failure::Interrupted) => Err(Failure::Interrupted),
            Err(failure) => {
                if failure != Failure::Errors {
                    report.failures.push(failure);
                }
                Ok(TestOutcome::NotBuilt)
            }
        }
    }
}

/// What is wrong with manifests, and which files cannot be read.
fn problems(world: &World) -> Vec<project::Problem> {
    let all = world.graph.problems.iter().chain(world.unreadable.iter());
    all.cloned().collect()
}

/// The file of a test program: programs of files with one name must not be one.
fn program_name(root: &str, unit: &Unit) -> String {
    let kind = match unit.target.kind {
        TargetKind::Library => "-lib",
        TargetKind::Binary => "-bin",
        TargetKind::Test | TargetKind::Diagnostics => "",
    };
    let place = stdx::stable_hash(&(root, unit.spec as u64, unit.target.root_file.as_str()));
    let place = place.to_string();
    let short = place.get(..8).unwrap_or(&place);
    format!("{}{kind}-{short}", unit.target.name)
}

fn is_diagnostic_test(unit: &Unit) -> bool {
    unit.target.kind == TargetKind::Diagnostics || unit.target.root_file.ends_with(".error.tml")
}

/// Everything that a request asks for, package by package.
fn list(analysis: &Analysis<'_>, request: &TestRequest) -> Vec<Listed> {
    let world = analysis.world();
    let flavor = request.build.flavor();
    let selection = &request.build.selection;
    let mut out = Vec::new();
    for unit in world.units_of(&flavor) {
        if !selects_package(world, selection, unit)
            || selection.lib_only && unit.target.kind != TargetKind::Library
        {
            continue;
        }
        let Some(spec) = world.graph.packages.get(unit.spec) else {
            continue;
        };
        let is_file = unit.target.kind == TargetKind::Test || spec.is_single_file;
        let mut files = match is_diagnostic_test(unit) {
            true if request.benches => Vec::new(),
            true => diagnostic_test(analysis, unit).into_iter().collect(),
            false => test_files(analysis, unit, request.benches),
        };
        if files.is_empty() && is_file && !request.benches {
            files.extend(broken_file(analysis, unit));
        }
        for file in &mut files {
            file.suite = suite(spec, unit, &file.path, &world.graph.root);
            file.dir = spec.dir.clone();
            let is_wanted = |name: &str| request.filter.takes(file, &world.graph.root, name);
            let wanted: Vec<bool> = file
                .tests
                .iter()
                .map(|test| is_wanted(&test.name))
                .collect();
            let mut wanted = wanted.into_iter();
            file.tests.retain(|_| wanted.next().unwrap_or(false));
        }
        files.retain(|file| !file.tests.is_empty());
        if !files.is_empty() {
            out.push(Listed {
                unit: unit.clone(),
                files,
            });
        }
    }
    out
}

/// A file of tests in which none can be found because of what is wrong with it counts as one.
fn broken_file(analysis: &Analysis<'_>, unit: &Unit) -> Option<TestFile> {
    let (found, _) = diagnostics_of(analysis, std::slice::from_ref(unit), false);
    let mut file = diagnostic_test(analysis, unit)?;
    if let Some(test) = file.tests.first_mut() {
        test.name = "(file)".to_string();
    }
    found.iter().any(Diagnostic::is_error).then_some(file)
}

/// A diagnostic test is one test, called like its file.
fn diagnostic_test(analysis: &Analysis<'_>, unit: &Unit) -> Option<TestFile> {
    let files = unit.package.root(analysis.db).files(analysis.db);
    let file = files.get(unit.target.root_file.as_str())?;
    let path = file.name(analysis.db).to_string();
    let name = path.rsplit('/').next().unwrap_or(&path);
    let name = name.strip_suffix(".error.tml").unwrap_or(name).to_string();
    let test = TestCase {
        name,
        number: 0,
        ignored: None,
        should_panic: None,
        should_fail: false,
        timeout_ms: None,
        rounds: None,
    };
    Some(TestFile {
        suite: String::new(),
        path,
        dir: String::new(),
        tests: vec![test],
        outcome: TestOutcome::Listed,
    })
}

/// The tests of a unit, file by file. Of a program that is one file, tests of the files it names
/// are not its own.
fn test_files(analysis: &Analysis<'_>, unit: &Unit, benches: bool) -> Vec<TestFile> {
    let db = analysis.db;
    let spec = analysis.world().graph.packages.get(unit.spec);
    let only_root =
        unit.target.kind == TargetKind::Test || spec.is_some_and(|spec| spec.is_single_file);
    let files = unit.package.root(db).files(db);
    let root = files.get(unit.target.root_file.as_str()).copied();
    let mut out: Vec<(FileId, TestFile)> = Vec::new();
    for (number, func) in mono::tests::package_tests(db, unit.package)
        .iter()
        .enumerate()
    {
        let file = func.file(db);
        if only_root && Some(file.source(db)) != root {
            continue;
        }
        let attrs = &func_signature(db, *func).attrs;
        if mono::tests::is_bench(attrs) != benches {
            continue;
        }
        let extra = attrs.test.clone().unwrap_or_default();
        let test = TestCase {
            name: test_name(db, unit, *func),
            number: number as u32,
            ignored: extra.ignore.map(|reason| reason.to_string()),
            should_panic: extra.should_panic.map(|text| text.to_string()),
            should_fail: extra.should_fail,
            timeout_ms: extra.timeout_ms,
            rounds: extra.bench.flatten(),
        };
        match out.iter_mut().find(|(known, _)| *known == file) {
            Some((_, known)) => known.tests.push(test),
            None => out.push((
                file,
                TestFile {
                    suite: String::new(),
                    path: file.source(db).name(db).to_string(),
                    dir: String::new(),
                    tests: vec![test],
                    outcome: TestOutcome::Listed,
                },
            )),
        }
    }
    out.into_iter().map(|(_, file)| file).collect()
}

/// `name`, or `inner::name` in a module within the file.
fn test_name(db: &dyn Db, unit: &Unit, func: FuncId) -> String {
    let name = &func_signature(db, func).name;
    let module: ModuleId = func.module(db);
    let file = func.file(db);
    let of_file = module_map(db, unit.package)
        .modules
        .iter()
        .find(|(_, data)| data.origin == ModuleOrigin::File(file));
    let outer = of_file.map(|(id, _)| id.path(db).to_string());
    let path = module.path(db).to_string();
    let outer = outer.unwrap_or_default();
    let inner = path.strip_prefix(outer.as_str()).unwrap_or_default();
    match inner.trim_start_matches("::") {
        "" => name.to_string(),
        inner => format!("{inner}::{name}"),
    }
}

/// The package and the directories of a file below `src` or `tests`; of a file alone its name.
fn suite(spec: &project::PackageSpec, unit: &Unit, path: &str, root: &str) -> String {
    if spec.is_single_file {
        let stem = unit.target.name.as_str();
        return stem.strip_suffix(".test").unwrap_or(stem).to_string();
    }
    let absolute = project::resolver::join(root, path);
    let rel = absolute.strip_prefix(spec.dir.as_str()).unwrap_or(path);
    let parts = rel.split('/').filter(|part| !part.is_empty());
    let mut dirs: Vec<&str> = parts.collect();
    dirs.pop();
    if matches!(dirs.first(), Some(&"src" | &"tests")) {
        dirs.remove(0);
    }
    dirs.insert(0, spec.name.as_str());
    dirs.join("/")
}

impl TestFilter {
    fn takes(&self, file: &TestFile, root: &str, name: &str) -> bool {
        let suite_of = |wanted: &String| wanted.replace("::", "/");
        let in_suite = |wanted: &String| {
            let wanted = suite_of(wanted);
            file.suite == wanted || file.suite.starts_with(&format!("{wanted}/"))
        };
        if !self.suites.is_empty() && !self.suites.iter().any(in_suite) {
            return false;
        }
        let absolute = project::resolver::join(root, &file.path);
        let below = |path: &String| {
            absolute == *path || absolute.starts_with(&format!("{}/", path.trim_end_matches('/')))
        };
        let has_choice = !self.patterns.is_empty() || !self.paths.is_empty();
        !has_choice
            || self.paths.iter().any(below)
            || self.patterns.iter().any(|it| self.fits(it, file, name))
    }

    fn fits(&self, pattern: &str, file: &TestFile, name: &str) -> bool {
        let full = format!("{}::{name}", file.path);
        let short = name.rsplit("::").next().unwrap_or(name);
        match (self.exact, pattern.contains('*')) {
            (true, _) => [full.as_str(), name, short, &file.path].contains(&pattern),
            (false, true) => [full.as_str(), name, &file.path]
                .iter()
                .any(|text| glob(pattern, text)),
            (false, false) => {
                full.contains(pattern)
                    || format!("{}/{name}", file.suite).contains(&pattern.replace("::", "/"))
            }
        }
    }
}

/// `*` stands for any text; the rest is to be found as it is, from the start to the end.
fn glob(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => text.strip_prefix(before).is_some_and(|rest| {
            let starts = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
            starts
                .filter_map(|at| rest.get(at..))
                .any(|rest| glob(after, rest))
        }),
    }
}

/// Why a diagnostic test fails; empty if it passes.
fn judge(analysis: &Analysis<'_>, unit: &Unit) -> Vec<String> {
    let db = analysis.db;
    let files = unit.package.root(db).files(db);
    let Some(file) = files.get(unit.target.root_file.as_str()) else {
        return vec!["the file cannot be read".to_string()];
    };
    let (found, _) = diagnostics_of(analysis, std::slice::from_ref(unit), false);
    expect::failures(file.text(db), &found)
}

#[cfg(test)]
mod checks {
    use super::glob;

    #[test]
    fn stars_stand_for_anything() {
        assert!(glob("*edge*::test_*", "tests/edge.test.tml::test_zero"));
        assert!(!glob("*edge", "tests/edge.test.tml"));
    }
}

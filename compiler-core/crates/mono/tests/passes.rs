//! Every pass leaves verified IR on all sources of the repository: the library, the programs of
//! `tests/run`, of the chapters of `tests/language` and of the benchmarks, at every level.
//!
//! With debug assertions, which tests have, the runner verifies what lowering and each pass leave.
//! So do the suites that build programs: `tests/run` at levels 0 and 3, the chapters at level 0.
//! What they build is left out here, and of the programs of chapters one in eight is taken; with
//! `TML_SWEEP=all` all of them are. All programs are dependencies of one package, so that what
//! they share is compiled once.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use base::Package;
use hir_def::{AssocItemId, FuncId, GenericDef, ModuleDef};
use hir_ty::GenericArgs;
use hir_ty::generics::generics_of;
use mono::{Build, Instance, Profile};
use ssa::{DebugInfo, OptLevel};
use testkit::{TestDb, whole_library};

/// The package that depends on all others.
const ALL: &str = "everything";

#[test]
fn passes_without_optimisation_leave_verified_ir() {
    sweep(OptLevel::O0, &[Source::Benchmarks]);
}

#[test]
fn passes_of_level_1_leave_verified_ir() {
    sweep(OptLevel::O1, &[Source::Benchmarks, Source::Chapters]);
}

#[test]
fn passes_of_level_2_leave_verified_ir() {
    sweep(OptLevel::O2, &[Source::Benchmarks, Source::Chapters]);
}

/// What levels 2 and 3 differ in is left to LLVM.
#[test]
fn level_3_has_the_passes_of_level_2() {
    let passes = ssa::pipeline::Pipeline::for_level;
    assert_eq!(passes(OptLevel::O2), passes(OptLevel::O3));
}

#[test]
fn passes_for_size_leave_verified_ir() {
    sweep(OptLevel::Os, &[Source::Benchmarks, Source::Chapters]);
}

/// Where programs beside the library come from.
#[derive(Clone, Copy, PartialEq)]
enum Source {
    Benchmarks,
    Chapters,
}

fn sweep(level: OptLevel, sources: &[Source]) {
    assert!(
        cfg!(debug_assertions),
        "the runner verifies in such builds only"
    );
    let mut db = TestDb::default();
    let library = whole_library(&mut db);
    let (text, count) = everything(sources);
    let mut fixture = testkit::Fixture::load(&mut db, &text);
    fixture.add_library(&mut db, &library);
    let db = db;
    let profile = Profile::new(&db, level, DebugInfo::Lines, false, false, None);
    let build = Build::of(&db, fixture.package(ALL), profile);
    let mut roots = Vec::new();
    for program in 0..count {
        let main = mono::plan::main_of(&db, fixture.package(&name(program)));
        roots.extend(main.map(|main| Instance::func(&db, main, GenericArgs::empty(&db))));
    }
    assert!(roots.len() + 5 > count, "each program has a `main`");
    let plain = library
        .iter()
        .flat_map(|package| plain_functions(&db, *package));
    roots.extend(plain.map(|func| Instance::func(&db, func, GenericArgs::empty(&db))));
    let reachable = mono::plan::walk(&db, build, roots);
    for instance in reachable.instances.iter() {
        mono::ssa_optimized(&db, *instance, build);
    }
    let broken: Vec<String> = reachable
        .errors
        .iter()
        .map(|error| error.message().to_string())
        .collect();
    // A program may lean on what only a package of its own has.
    assert!(broken.len() < 20, "{}", broken.join("\n"));
    assert!(reachable.instances.len() > 2000);
}

fn name(program: usize) -> String {
    format!("p{program}")
}

/// A fixture with a package for each program, and how many those are.
fn everything(sources: &[Source]) -> (String, usize) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests");
    let mut programs = Vec::new();
    if sources.contains(&Source::Benchmarks) {
        let benchmarks = files(&root.join("bench-programs/tml"), "tml");
        programs.extend(benchmarks.iter().map(|it| read(it)));
    }
    if sources.contains(&Source::Chapters) {
        let chapters = files(&root.join("language"), "md");
        let all = chapters.iter().flat_map(|it| programs_of(&read(it)));
        let step = match std::env::var("TML_SWEEP").as_deref() {
            Ok("all") => 1,
            _ => 8,
        };
        programs.extend(all.step_by(step));
    }
    let mut text = String::new();
    let mut names = Vec::new();
    for (at, program) in programs.iter().enumerate() {
        let name = name(at);
        let _ = write!(
            text,
            "//- package {name}\n//- /{name}/src/main.tml\n{program}\n"
        );
        names.push(name);
    }
    let names = names.join(", ");
    let _ = write!(
        text,
        "//- package {ALL} deps: {names}\n//- /{ALL}/src/lib.tml\n"
    );
    (text, programs.len())
}

/// The programs of a chapter that stand alone and show no error.
fn programs_of(chapter: &str) -> Vec<String> {
    let blocks = chapter.split("\n```tml\n").skip(1);
    let blocks = blocks.filter_map(|rest| rest.split("\n```").next());
    let shows_one = |block: &&str| !block.contains("error: ") && block.contains("func main(");
    blocks.filter(shows_one).map(str::to_owned).collect()
}

/// Functions of a package that need no arguments to be compiled.
fn plain_functions(db: &TestDb, package: Package) -> Vec<FuncId> {
    let mut found = Vec::new();
    for module in hir_def::module_map::module_map(db, package)
        .modules
        .values()
    {
        let free = module.defs.iter().filter_map(|def| match def {
            ModuleDef::Func(func) => Some(*func),
            _ => None,
        });
        found.extend(free);
        for id in &module.impls {
            let items = &hir_def::signatures::impl_data(db, *id).items;
            found.extend(items.iter().filter_map(|(_, item)| match item {
                AssocItemId::Func(func) => Some(*func),
                _ => None,
            }));
        }
    }
    found.retain(|func| {
        let sig = hir_def::signatures::func_signature(db, *func);
        sig.flags.has_body && generics_of(db, GenericDef::Func(*func)).params.is_empty()
    });
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn files(dir: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let entries = fs::read_dir(dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display()));
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|it| it == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

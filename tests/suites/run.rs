//! `tests/run/**/*.tml`: whole programs at O0 and O3, with their output beside them.
//!
//! `NAME.stdout` is what they print. `//@ exit: N` on a line of its own sets the expected exit
//! code, `//@ stderr: TEXT` a text that standard error must contain. Programs marked `//@ heavy`
//! use much of the library: optimised they are built in the full run only.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use compiler_core::build::{Builder, LinkerKind, Outcome, ProfileChoice};
use compiler_core::{Host, Input};

use crate::support::parallel::check_all;
use crate::support::{cases, compare, programs, report};

fn directive<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let prefix = format!("//@ {name}: ");
    text.lines()
        .find_map(|line| line.strip_prefix(prefix.as_str()))
        .map(str::trim)
}

fn check(path: &Path, source: &str, how: &str, output: &Output) -> Vec<String> {
    let mut failures = Vec::new();
    let name = format!("{} {how}", path.display());
    let wanted = directive(source, "exit").map_or(0, |code| code.parse().expect("an exit code"));
    if output.status.code() != Some(wanted) {
        let stderr = String::from_utf8_lossy(&output.stderr);
        failures.push(format!(
            "{name}: exit {:?}, expected {wanted}\n{stderr}",
            output.status
        ));
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    for wanted in source
        .lines()
        .filter_map(|line| line.strip_prefix("//@ stderr: "))
    {
        if !stderr.contains(wanted) {
            failures.push(format!(
                "{name}: standard error lacks `{wanted}`:\n{stderr}"
            ));
        }
    }
    let actual = String::from_utf8_lossy(&output.stdout);
    failures.extend(compare(&path.with_extension("stdout"), &actual).err());
    failures
}

/// Runs a check on every program, on all processors.
fn each_program(check: impl Fn(&Path, &Path) -> Vec<String> + Sync) {
    let dir = tempfile::tempdir().expect("a directory");
    let cases = cases("run", "tml");
    let failures = check_all(&cases, |worker, path| {
        check(path, &dir.path().join(worker.to_string()))
    });
    report(&failures);
}

/// What is wrong with a program's output under some profiles.
fn outputs(path: &Path, dir: &Path, profiles: &[ProfileChoice]) -> Vec<String> {
    let mut failures = Vec::new();
    // A builder belongs to one host: it remembers plans by the identity of its packages.
    let builder = Builder::new(1).expect("threads");
    let source = fs::read_to_string(path).expect("a readable case");
    let host = Host::open(Input::SingleFile(path.display().to_string()));
    for profile in profiles {
        let how = profile.name.clone();
        let request = programs::request(dir, profile.clone());
        let report = builder.build(&host, &request, &mut |_| {});
        if report.outcome != Outcome::Done {
            let rendered = programs::rendered(&host, &report);
            failures.push(format!(
                "{} {how}: {:?}\n{rendered}",
                path.display(),
                report.outcome
            ));
            continue;
        }
        let image = &report.artifacts.first().expect("a program").path;
        let output = Command::new(image).output().expect("the program starts");
        failures.extend(check(path, &source, &how, &output));
    }
    failures
}

fn is_heavy(path: &Path) -> bool {
    let source = fs::read_to_string(path).expect("a readable case");
    source.lines().any(|line| line == "//@ heavy")
}

#[test]
fn programs_print_what_they_should_at_every_level() {
    each_program(|path, dir| {
        let both = [ProfileChoice::debug(), ProfileChoice::release()];
        let count = if is_heavy(path) { 1 } else { 2 };
        outputs(path, dir, &both[..count])
    });
}

/// Like valgrind, for the full run only.
#[test]
fn heavy_programs_beside_valgrind() {
    each_program(|path, dir| match is_heavy(path) {
        true => outputs(path, dir, &[ProfileChoice::release()]),
        false => Vec::new(),
    });
}

/// No invalid access and no leak: text is counted, and every count reaches zero. Also not when
/// a panic unwinds.
#[test]
fn programs_are_clean_under_valgrind() {
    each_program(|path, dir| {
        // A builder belongs to one host: it remembers plans by the identity of its packages.
        let builder = Builder::new(1).expect("threads");
        let source = fs::read_to_string(path).expect("a readable case");
        let host = Host::open(Input::SingleFile(path.display().to_string()));
        let request = programs::request(dir, ProfileChoice::debug());
        let report = builder.build(&host, &request, &mut |_| {});
        let Some(image) = report.artifacts.first() else {
            return vec![format!("{}: {:?}", path.display(), report.outcome)];
        };
        // Its reader of debug information does not know all forms of DWARF 5.
        let stripped = Command::new("strip")
            .arg("--strip-debug")
            .arg(&image.path)
            .status();
        assert!(stripped.expect("binutils come with gcc").success());
        let output = Command::new("valgrind")
            .args([
                "--quiet",
                "--error-exitcode=99",
                "--leak-check=full",
                "--show-leak-kinds=definite,indirect",
                // A text is known by an address inside its block: what a static holds to the end
                // looks "possibly" lost.
                "--errors-for-leak-kinds=definite,indirect",
            ])
            .arg(&image.path)
            .output()
            .expect("valgrind is installed by .ci/setup");
        let wanted = directive(&source, "exit").map_or(0, |code| code.parse().expect("a code"));
        if output.status.code() == Some(wanted) {
            return Vec::new();
        }
        let stderr = String::from_utf8_lossy(&output.stderr);
        vec![format!("{}:\n{stderr}", path.display())]
    });
}

#[test]
fn every_linker_makes_a_program_that_runs() {
    let builder = Builder::new(1).expect("threads");
    let dir = tempfile::tempdir().expect("a directory");
    let path = cases("run", "tml").into_iter().next().expect("a case");
    let host = Host::open(Input::SingleFile(path.display().to_string()));
    let wanted = fs::read_to_string(path.with_extension("stdout")).expect("an expectation");
    for linker in [LinkerKind::Wild, LinkerKind::Lld, LinkerKind::Cc] {
        let mut request = programs::request(dir.path(), ProfileChoice::debug());
        request.linker = linker;
        let report = builder.build(&host, &request, &mut |_| {});
        assert_eq!(report.outcome, Outcome::Done, "{linker:?}");
        let output = Command::new(&report.artifacts[0].path)
            .output()
            .expect("the program starts");
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            wanted,
            "{linker:?} {:?} {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

/// Ids of two databases coincide; their programs must not be taken for each other.
#[test]
fn one_builder_serves_two_hosts() {
    let builder = Builder::new(1).expect("threads");
    let dir = tempfile::tempdir().expect("a directory");
    let built = |text: &str| {
        let mut tree = compiler_core::MemoryFiles::new("test");
        tree.insert("/d/main.tml", text);
        let host = Host::in_memory(Input::SingleFile("/d/main.tml".to_string()), tree);
        let request = programs::request(dir.path(), ProfileChoice::debug());
        let report = builder.build(&host, &request, &mut |_| {});
        let image = &report.artifacts.first().expect("a program").path;
        let output = Command::new(image).output().expect("the program starts");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert_eq!(built("func main() {\n    println(1)\n}\n"), "1\n");
    assert_eq!(built("func main() {\n    println(2)\n}\n"), "2\n");
}

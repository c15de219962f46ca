//! Rules about the repository itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::{report, repository};

/// Hand-written files longer than this hold a second idea.
const FILE_LINES_MAX: usize = 800;
/// Crates that do no I/O and read no clock and no environment.
const PURE: &[&str] = &[
    "stdx",
    "syntax",
    "fmt",
    "base",
    "project",
    "hir-def",
    "hir-ty",
    "hir",
    "mir",
    "ssa",
    "mono",
    "diagnostics",
    "ide",
];
/// What they must not name.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::env::",
    "std::net",
    "std::process",
    "SystemTime",
    "Instant::now",
    "File::open",
    "println!",
];

fn tracked(pattern: &str) -> Vec<PathBuf> {
    let root = repository();
    let listed = Command::new("git")
        .args([
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "--",
            pattern,
        ])
        .current_dir(&root)
        .output()
        .expect("git lists files");
    let text = String::from_utf8(listed.stdout).expect("paths are UTF-8");
    text.lines()
        .map(|line| root.join(line))
        .filter(|path| path.is_file())
        .collect()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Rows of the crate table: name → what it may depend on, directly or not.
fn allowed() -> BTreeMap<String, BTreeSet<String>> {
    let text = read(&repository().join("docs/architecture.md"));
    let mut rows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let (Some(name), Some(needs)) = (cells.get(1), cells.get(3)) else {
            continue;
        };
        let name = name.trim_matches('`').to_string();
        let mut closure = BTreeSet::new();
        let listed: Vec<String> = match *needs {
            "the above" => rows.keys().cloned().collect(),
            other => other.split(", ").map(str::to_string).collect(),
        };
        for need in listed {
            closure.extend(rows.get(&need).cloned().unwrap_or_default());
            closure.insert(need);
        }
        rows.insert(name, closure);
    }
    rows
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(repository())
        .output()
        .expect("cargo metadata");
    serde_json::from_slice(&output.stdout).expect("metadata is JSON")
}

#[test]
fn crates_depend_only_on_what_the_table_allows() {
    let allowed = allowed();
    let metadata = metadata();
    let packages = metadata["packages"].as_array().expect("packages");
    let ours: BTreeSet<&str> = packages.iter().filter_map(|p| p["name"].as_str()).collect();
    let mut failures = Vec::new();
    for package in packages {
        let name = package["name"].as_str().expect("a name");
        if name == "tests" {
            continue;
        }
        let Some(may) = allowed.get(name) else {
            failures.push(format!(
                "`{name}` is not in the table of docs/architecture.md"
            ));
            continue;
        };
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            let needs = dependency["name"].as_str().expect("a name");
            let is_normal = dependency["kind"].is_null();
            if is_normal && ours.contains(needs) && !may.contains(needs) {
                failures.push(format!("`{name}` must not depend on `{needs}`"));
            }
            let owner = match needs {
                "inkwell" | "llvm-sys" => Some("codegen"),
                "tower-lsp" | "lsp-types" | "tokio" | "notify" => Some("server"),
                "libwild" => Some("link"),
                _ => None,
            };
            if is_normal && owner.is_some_and(|owner| owner != name) {
                failures.push(format!(
                    "only `{}` may name `{needs}`, not `{name}`",
                    owner.unwrap_or_default()
                ));
            }
        }
    }
    report(&failures);
}

#[test]
fn core_crates_do_no_input_or_output() {
    let mut failures = Vec::new();
    for name in PURE {
        for path in tracked(&format!("compiler-core/crates/{name}/src")) {
            let text = read(&path);
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for (number, line) in code.lines().enumerate() {
                let statement = line.split("//").next().unwrap_or_default();
                if let Some(word) = IMPURE.iter().find(|word| statement.contains(**word)) {
                    failures.push(format!("{}:{}: `{word}`", path.display(), number + 1));
                }
            }
        }
    }
    report(&failures);
}

#[test]
fn files_hold_one_idea_and_no_unfinished_work() {
    let mut failures = Vec::new();
    for path in tracked("*.rs") {
        let text = read(&path);
        let lines = text.lines().count();
        if lines > FILE_LINES_MAX {
            failures.push(format!("{} has {lines} lines", path.display()));
        }
        if path.ends_with("suites/tidy.rs") {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            let marks = ["todo!(", "unimplemented!(", "FIXME", "XXX", "dbg!("];
            if let Some(mark) = marks.iter().find(|mark| line.contains(**mark)) {
                failures.push(format!("{}:{}: `{mark}`", path.display(), number + 1));
            }
        }
    }
    report(&failures);
}

#[test]
fn every_crate_says_what_it_is_for() {
    let mut failures = Vec::new();
    for path in tracked("*/src/lib.rs") {
        let text = read(&path);
        let head = text
            .lines()
            .take_while(|line| line.starts_with("//!"))
            .count();
        if head < 3 {
            failures.push(format!("{} has no head comment", path.display()));
        }
    }
    report(&failures);
}

#[test]
fn no_file_names_a_particular_machine() {
    let mut failures = Vec::new();
    let forbidden = ["/wo".to_string() + "rk/", "/fa".to_string() + "rm/"];
    for path in tracked("*") {
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        if path.ends_with("Cargo.lock") {
            continue;
        }
        for word in &forbidden {
            if text.contains(word.as_str()) {
                failures.push(format!("{} mentions `{word}`", path.display()));
            }
        }
    }
    report(&failures);
}

#[test]
fn links_of_the_book_lead_somewhere() {
    let mut failures = Vec::new();
    for path in tracked("*.md") {
        let text = read(&path);
        let dir = path.parent().expect("a file in a directory");
        for part in text.split("](").skip(1) {
            let Some(target) = part.split(')').next() else {
                continue;
            };
            let file = target.split('#').next().unwrap_or_default();
            let is_local = !file.is_empty()
                && !file.contains("://")
                && !file.contains(' ')
                && file.contains('.');
            if is_local && !dir.join(file).exists() {
                failures.push(format!("{}: `{target}`", path.display()));
            }
        }
    }
    report(&failures);
}

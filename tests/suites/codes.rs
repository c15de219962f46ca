//! Every code of the catalogue is produced by some test, or says in `codes-without-cases.txt`
//! why it is not yet.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::support::repository;

/// Codes in order of the catalogue, from the list in the `diagnostics` crate.
fn catalogue() -> Vec<String> {
    let path = repository().join("compiler-core/crates/diagnostics/src/codes/list.rs");
    let text = fs::read_to_string(path).expect("the list of codes");
    let lines = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix('"'));
    lines
        .filter_map(|line| line.get(..4))
        .filter(|code| is_code(code))
        .map(str::to_string)
        .collect()
}

fn is_code(text: &str) -> bool {
    let mut chars = text.chars();
    text.len() == 4
        && chars.next().is_some_and(|c| c.is_ascii_uppercase())
        && chars.all(|c| c.is_ascii_digit())
}

/// Codes that stand in a text behind one of some marks: `error[T056]`, `// error: T056`.
fn codes_in(text: &str, out: &mut BTreeSet<String>) {
    let marks = [
        "error[",
        "warning[",
        "note[",
        "panic[",
        "panics: ",
        "error: ",
        "warning: ",
        "panics: ",
        "\"code\": \"",
        "\"",
    ];
    for mark in marks {
        for (at, _) in text.match_indices(mark) {
            let code = text.get(at + mark.len()..).and_then(|rest| rest.get(..4));
            out.extend(code.filter(|code| is_code(code)).map(str::to_string));
        }
    }
}

fn collect(dir: &Path, out: &mut BTreeSet<String>) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            if !matches!(name.as_str(), "editors" | "bench-peers" | "fuzz" | "target") {
                collect(&path, out);
            }
            continue;
        }
        // `err/P001_name.tml` reports the code in its name.
        if let Some((code, _)) = name.split_once('_')
            && is_code(code)
        {
            out.insert(code.to_string());
        }
        let is_expectation = [".stderr", ".stdout", ".json", ".md", ".tree", ".rs"]
            .iter()
            .any(|ending| name.ends_with(ending));
        if is_expectation && name != "codes.rs" {
            codes_in(&fs::read_to_string(&path).unwrap_or_default(), out);
        }
    }
}

#[test]
fn every_code_has_a_case_or_a_reason() {
    let root = repository();
    let mut produced = BTreeSet::new();
    for dir in [
        "tests",
        "server/tests",
        "compiler-core/crates/link/tests",
        "compiler-core/crates/mono/tests",
        "compiler-core/crates/hir-ty/tests",
        "compiler-core/crates/codegen/tests",
        "compiler-core/crates/project/src",
    ] {
        collect(&root.join(dir), &mut produced);
    }
    let list = fs::read_to_string(root.join("tests/codes-without-cases.txt"));
    let list = list.expect("tests/codes-without-cases.txt");
    let mut excused: BTreeMap<String, String> = BTreeMap::new();
    for line in list.lines().filter(|line| !line.starts_with('#')) {
        if let Some((code, reason)) = line.split_once(' ') {
            assert!(reason.len() > 10, "{code}: a reason, please");
            excused.insert(code.to_string(), reason.to_string());
        }
    }
    let codes = catalogue();
    assert!(codes.len() > 150, "the list of codes has moved");
    for code in excused.keys().filter(|code| produced.contains(*code)) {
        println!("{code} has a case now: its line can go");
    }
    let missing: Vec<&String> = codes
        .iter()
        .filter(|code| !produced.contains(*code) && !excused.contains_key(*code))
        .collect();
    assert!(missing.is_empty(), "no test produces {missing:?}");
    let unknown: Vec<&String> = excused
        .keys()
        .filter(|code| !codes.contains(code))
        .collect();
    assert!(unknown.is_empty(), "no such codes: {unknown:?}");
}

//! Every `.tml` file below `tests/ui` of the repository has a `.stderr` file beside it: the
//! diagnostics as text, without colour, 100 columns wide, against the real `lib/core`.
//!
//! A file is a program of one module, or a fixture of several files (`//- /main/src/a.tml`).
//! Those in `plan/` are planned, too. Files in `json/` have a `.json` file instead.
//! `UPDATE_EXPECT=1` writes the expectations, `CASE=name` picks cases by a part of their path.

use std::collections::BTreeSet;
use std::fs;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};

use base::Package;
use diagnostics::render::{Style, TextOptions};
use diagnostics::{Diagnostic, render};
use mono::{Profile, Target};
use testkit::{Fixture, TestDb, whole_library};

const OPTIONS: TextOptions = TextOptions {
    color: false,
    width: 100,
};

#[test]
fn diagnostics_are_as_expected() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/ui");
    let only = std::env::var("CASE").unwrap_or_default();
    let mut cases = Vec::new();
    find_cases(&root, &mut cases);
    cases.sort();
    assert!(!cases.is_empty(), "no cases");
    // One database for all: the library is analysed once, and cases do not see each other.
    let mut db = TestDb::default();
    let library = whole_library(&mut db);
    let failures: Vec<String> = cases
        .iter()
        .filter(|path| path.to_string_lossy().contains(&only))
        .filter_map(|path| check(&mut db, &library, &root, path))
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn find_cases(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a readable folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            find_cases(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "tml") {
            out.push(path);
        }
    }
}

/// What is wrong with a case.
fn check(db: &mut TestDb, library: &[Package], root: &Path, path: &Path) -> Option<String> {
    let shown = path
        .strip_prefix(root)
        .expect("below the root")
        .display()
        .to_string();
    let text = fs::read_to_string(path).expect("a readable case");
    let run = std::panic::catch_unwind(AssertUnwindSafe(|| {
        let mut fixture = Fixture::load(db, &text);
        fixture.add_library(db, library);
        let diagnostics = diagnose(db, &fixture, shown.starts_with("plan"));
        match shown.starts_with("json") {
            true => json(db, &diagnostics),
            false => report(db, &fixture, &diagnostics),
        }
    }));
    let Ok(found) = run else {
        return Some(format!("{shown}: panicked"));
    };
    let extension = if shown.starts_with("json") {
        "json"
    } else {
        "stderr"
    };
    let expectation = path.with_extension(extension);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&expectation, &found).expect("a writable expectation");
        return None;
    }
    let expected = fs::read_to_string(&expectation).unwrap_or_default();
    (expected != found).then(|| format!("{shown}: expected\n{expected}\nfound\n{found}"))
}

fn diagnose(db: &TestDb, fixture: &Fixture, with_plan: bool) -> Vec<Diagnostic> {
    let own = fixture
        .packages
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "core" | "std" | "test"));
    let mut out: Vec<Diagnostic> = own
        .clone()
        .flat_map(|(_, package)| diagnostics::package_diagnostics(db, *package).to_vec())
        .collect();
    if with_plan && !out.iter().any(Diagnostic::is_error) {
        let target = Target::of_triple(db, "x86_64-unknown-linux-gnu", "x86-64", "");
        let profile = Profile::new(
            db,
            ssa::OptLevel::O0,
            ssa::DebugInfo::Lines,
            false,
            false,
            None,
        );
        for (_, package) in own {
            let plan = mono::program_plan(db, *package, target, profile);
            out.extend(diagnostics::plan_diagnostics(db, *package, plan));
        }
    }
    diagnostics::sort(db, &mut out);
    out
}

fn report(db: &TestDb, fixture: &Fixture, diagnostics: &[Diagnostic]) -> String {
    let mut out: String = diagnostics
        .iter()
        .map(|it| render::text(db, it, OPTIONS))
        .collect();
    let name = fixture
        .packages
        .first()
        .map_or("", |(name, _)| name.as_str());
    let summary = render::summary(name, diagnostics, Style { color: false });
    out.push_str(&summary.unwrap_or_default());
    out
}

fn json(db: &TestDb, diagnostics: &[Diagnostic]) -> String {
    let document = render::json_document(db, diagnostics);
    serde_json::to_string_pretty(&document).expect("printable") + "\n"
}

/// Every proposed edit keeps the program as well formed as it was.
#[test]
fn fixes_make_no_syntax_errors() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/ui");
    let mut cases = Vec::new();
    find_cases(&root, &mut cases);
    cases.sort();
    let mut db = TestDb::default();
    let library = whole_library(&mut db);
    for path in cases {
        let text = fs::read_to_string(&path).expect("a readable case");
        let mut fixture = Fixture::load(&mut db, &text);
        fixture.add_library(&mut db, &library);
        for diagnostic in diagnose(&db, &fixture, false) {
            for fix in diagnostic.helps.iter().filter_map(|help| help.fix.as_ref()) {
                check_fix(&db, fix, &path);
            }
        }
    }
}

/// Every edit that an error about ownership offers repairs it, and breaks nothing else.
#[test]
fn fixes_of_ownership_repair() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/ui");
    let mut cases = Vec::new();
    find_cases(&root.join("borrows"), &mut cases);
    find_cases(&root.join("moves"), &mut cases);
    cases.sort();
    let mut failures = String::new();
    let mut repaired = BTreeSet::new();
    let mut db = TestDb::default();
    let library = whole_library(&mut db);
    for path in cases {
        let text = fs::read_to_string(&path).expect("a readable case");
        let before = errors_of(&mut db, &library, &text);
        for (code, fix) in &before.fixes {
            let after = errors_of(&mut db, &library, fix);
            let mut expected = before.codes.clone();
            if let Some(place) = expected.iter().position(|it| it == code) {
                expected.remove(place);
            }
            if after.codes != expected {
                let (found, shown) = (after.codes.join(" "), path.display());
                failures += &format!(
                    "{shown}: {code}: left are {found}\n{fix}\n{}\n",
                    after.report
                );
            }
            repaired.insert(code.clone());
        }
    }
    assert!(failures.is_empty(), "{failures}");
    let wanted = [
        "B001", "B002", "B003", "B004", "B005", "B006", "B007", "B008", "B009", "B011", "B012",
        "B014", "B015", "B016", "E031", "E032", "E033", "T013",
    ];
    let missing: Vec<_> = wanted
        .iter()
        .filter(|it| !repaired.contains(**it))
        .collect();
    assert!(missing.is_empty(), "no fix is tried of {missing:?}");
}

struct Errors {
    /// In order of the text.
    codes: Vec<String>,
    /// By code, the text after an edit.
    fixes: Vec<(String, String)>,
    report: String,
}

fn errors_of(db: &mut TestDb, library: &[Package], text: &str) -> Errors {
    let mut fixture = Fixture::load(db, text);
    fixture.add_library(db, library);
    let db = &*db;
    let mut found = diagnose(db, &fixture, false);
    found.retain(Diagnostic::is_error);
    let mut fixes = Vec::new();
    for error in &found {
        let code = error.code.to_string();
        let is_ownership = code.starts_with(['B', 'E']) || code == "T013";
        for fix in error.helps.iter().filter_map(|help| help.fix.as_ref()) {
            let file = fix.edits[0].0.file;
            if is_ownership && **file.source(db).text(db) == *text {
                fixes.push((code.clone(), apply(db, fix)));
            }
        }
    }
    Errors {
        codes: found.iter().map(|it| it.code.to_string()).collect(),
        fixes,
        report: report(db, &fixture, &found),
    }
}

fn apply(db: &TestDb, fix: &diagnostics::Fix) -> String {
    let mut edits: Vec<_> = fix.edits.iter().collect();
    edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.range.start()));
    let mut text = edits[0].0.file.source(db).text(db).to_string();
    for (range, insert) in edits {
        text.replace_range(std::ops::Range::<usize>::from(range.range), insert);
    }
    text
}

fn check_fix(db: &TestDb, fix: &diagnostics::Fix, case: &Path) {
    let mut edits: Vec<_> = fix.edits.iter().collect();
    edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.range.start()));
    let file = edits[0].0.file;
    assert!(
        edits.iter().all(|(range, _)| range.file == file),
        "{}: two files",
        case.display()
    );
    let text = apply(db, fix);
    let after = syntax::parse(&text, file.env(db).symbols(db));
    let count = |parse: &syntax::Parse| parse.errors().iter().filter(|it| !it.is_warning()).count();
    let before = count(base::parse(db, file));
    assert!(
        count(&after) <= before,
        "{}: {:?}\n{text}",
        case.display(),
        after.errors()
    );
}

#[test]
fn the_library_has_no_errors() {
    let mut db = TestDb::default();
    let library = whole_library(&mut db);
    let packages = library.iter();
    let mut found: Vec<Diagnostic> = packages
        .flat_map(|package| diagnostics::package_diagnostics(&db, *package).to_vec())
        .collect();
    diagnostics::sort(&db, &mut found);
    found.retain(Diagnostic::is_error);
    let text: String = found
        .iter()
        .map(|it| render::text(&db, it, OPTIONS))
        .collect();
    assert!(found.is_empty(), "{text}");
}

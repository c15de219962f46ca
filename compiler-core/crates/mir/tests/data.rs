//! Text tests: every `.tml` under `tests/mir` is lowered, and the result compared with the file
//! of the same name beside it. `UPDATE_EXPECT=1` writes the results.
//!
//! `built`: as lowered. `final`: after drop elaboration. `check`: findings, one per line.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use hir_def::body::body_with_source_map;
use hir_def::module_map::module_map;
use hir_def::{AssocItemId, BodyOwner, ModuleDef};
use mir::print::body_text;
use mir::{MirDiagnostic, SourceInfo, SourceNode};
use testkit::TestDb;

fn data_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/mir")
}

fn check(suite: &str, extension: &str, render: fn(&TestDb, &str, BodyOwner) -> String) {
    let dir = data_dir();
    let core = std::fs::read_to_string(dir.join("core.tml")).expect("the small library");
    let files = std::fs::read_dir(dir.join(suite)).expect("the suite");
    let mut files: Vec<PathBuf> = files.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|ext| ext == "tml"));
    files.sort();
    assert!(!files.is_empty(), "no tests in {suite}");
    for path in files {
        let text = std::fs::read_to_string(&path).expect("a test");
        let fixture = format!("{core}//- /main/src/main.tml\n{text}");
        let (db, fixture) = TestDb::with_fixture(&fixture);
        let mut out = String::new();
        for owner in owners(&db, fixture.main_package()) {
            out.push_str(&render(&db, &text, owner));
        }
        expect_test::expect_file![path.with_extension(extension)].assert_eq(&out);
    }
}

/// All bodies of a package, in source order.
fn owners(db: &TestDb, package: base::Package) -> Vec<BodyOwner> {
    let mut owners = Vec::new();
    for module in module_map(db, package).modules.values() {
        for def in &module.defs {
            if let ModuleDef::Func(func) = def {
                owners.push(BodyOwner::Func(*func));
            }
        }
        for impl_ in &module.impls {
            for (_, item) in &hir_def::signatures::impl_data(db, *impl_).items {
                if let AssocItemId::Func(func) = item {
                    owners.push(BodyOwner::Func(*func));
                }
            }
        }
    }
    owners
}

fn problem(db: &TestDb, owner: BodyOwner) -> String {
    let built = mir::mir_built(db, owner);
    let infer = hir_ty::infer(db, owner);
    format!(
        "{:?} {:?} {:?}\n",
        built.body.as_ref().err(),
        infer.diagnostics,
        built.diagnostics
    )
}

fn render_built(db: &TestDb, _: &str, owner: BodyOwner) -> String {
    let built = mir::mir_built(db, owner);
    let mut out = String::new();
    match &built.body {
        Ok(body) => {
            assert_eq!(mir::verify::verify(db, body), []);
            out.push_str(&body_text(db, body));
        }
        Err(_) => out.push_str(&problem(db, owner)),
    }
    for finding in &built.diagnostics {
        let _ = writeln!(out, "{finding:?}");
    }
    out
}

fn render_final(db: &TestDb, text: &str, owner: BodyOwner) -> String {
    match mir::mir_final(db, owner) {
        Ok(body) => {
            assert_eq!(mir::verify::verify(db, body), []);
            body_text(db, body)
        }
        Err(_) => problem(db, owner) + &render_check(db, text, owner),
    }
}

fn render_check(db: &TestDb, text: &str, owner: BodyOwner) -> String {
    let BodyOwner::Func(func) = owner else {
        return String::new();
    };
    let name = &hir_def::signatures::func_signature(db, func).name;
    if mir::mir_built(db, owner).body.is_err() {
        return format!("{name}: {}", problem(db, owner));
    }
    let show = |source: SourceInfo| snippet(db, text, owner, source);
    let mut out = String::new();
    for finding in &mir::borrowck(db, owner).diagnostics {
        let _ = write!(
            out,
            "{name}: {} at `{}`",
            finding.code(),
            show(finding.source())
        );
        let _ = match finding {
            MirDiagnostic::UseOfMoved {
                place,
                moved,
                in_loop,
                ..
            } => {
                let moved: Vec<String> = moved.iter().map(|source| show(*source)).collect();
                write!(
                    out,
                    ", place `{place}`, moved at {moved:?}, in loop: {in_loop}"
                )
            }
            MirDiagnostic::CaptureOfMoved { place, moved, .. } => {
                write!(out, ", `{place}`, {} moves", moved.len())
            }
            MirDiagnostic::UseOfPartlyMoved {
                place, part, moved, ..
            } => {
                let moved: Vec<String> = moved.iter().map(|source| show(*source)).collect();
                write!(out, ", place `{place}`, part `{part}`, moved at {moved:?}")
            }
            MirDiagnostic::MoveOut { place, from, .. } => {
                write!(out, ", place `{place}`, out of {from:?}")
            }
            MirDiagnostic::SharedAccess {
                place,
                root,
                declared,
                is_assignment,
                ..
            } => {
                let declared = show(*declared);
                write!(
                    out,
                    ", place `{place}`, root `{root}` `{declared}`, {is_assignment}"
                )
            }
            MirDiagnostic::Uninitialised { name, .. }
            | MirDiagnostic::AssignImmutable { name, .. }
            | MirDiagnostic::BorrowImmutable { name, .. }
            | MirDiagnostic::UnusedVariable { name, .. }
            | MirDiagnostic::NeedlessMut { name, .. } => write!(out, ", name `{name}`"),
            MirDiagnostic::Loan(found) => {
                let borrow = show(found.borrow);
                write!(out, ", place `{}`, borrowed at `{borrow}`", found.place)
            }
            MirDiagnostic::ShortLifetime { from, to, .. } => write!(out, ", `{from}`, `{to}`"),
            MirDiagnostic::ShortParam { param, to, .. } => write!(out, ", `{param}`, `{to}`"),
            MirDiagnostic::ParamStored { param, .. } => write!(out, ", `{param}`"),
            MirDiagnostic::ObjectLeaves { .. }
            | MirDiagnostic::KeptCopy { .. }
            | MirDiagnostic::AmbiguousLifetime
            | MirDiagnostic::OwnedLoan { .. } => Ok(()),
            MirDiagnostic::DemandsMore { from, to, .. } => {
                write!(out, ", {from:?} outlives {to:?}")
            }
            MirDiagnostic::SkipsDrop { whole, part, .. } => write!(out, ", `{part}` of `{whole}`"),
            MirDiagnostic::Unsupported { what, .. } => write!(out, ", {what}"),
        };
        out.push('\n');
    }
    if out.is_empty() && !name.starts_with("ok") {
        out = format!("{name}: nothing\n");
    }
    out
}

/// The text of a node.
fn snippet(db: &TestDb, text: &str, owner: BodyOwner, source: SourceInfo) -> String {
    let map = &body_with_source_map(db, owner).1;
    let range = match source.node {
        SourceNode::Expr(expr) => map.expr_range(expr),
        SourceNode::Pat(pat) => map.pat_range(pat),
        SourceNode::Body => return "body".to_owned(),
    };
    let range = base::ItemRange {
        item: owner.item(db),
        range,
    }
    .resolve(db)
    .range;
    text.get(std::ops::Range::<usize>::from(range))
        .unwrap_or("?")
        .to_owned()
}

/// R001: arithmetic is tested before it is done, if asked for.
#[test]
fn overflow_checks_are_an_option() {
    let (db, fixture) = TestDb::with_fixture("func f(a: I32, b: I32) -> I32 { -a * b }");
    let owner = owners(&db, fixture.main_package())[0];
    let options = mir::BuildOptions {
        overflow_checks: true,
    };
    let built = mir::build_with_options(&db, owner, options);
    let body = built.body.expect("a body");
    assert_eq!(mir::verify::verify(&db, &body), []);
    let text = body_text(&db, &body);
    assert!(
        text.contains("overflows sub(const 0_i32, copy _1)"),
        "{text}"
    );
    assert!(text.contains("overflows mul("), "{text}");
    assert_eq!(
        text.matches("core::rt::panic_overflow").count(),
        2,
        "{text}"
    );
}

/// Close to the deepest nesting that lowering from syntax lets through.
#[test]
fn deep_nesting_fits_the_stack() {
    let deep = format!("{}1{}", "f(1 + (".repeat(60), "))".repeat(60));
    let (db, fixture) = TestDb::with_fixture(&format!("func f(a: I32) -> I32 {{ {deep} }}"));
    let owner = owners(&db, fixture.main_package())[0];
    assert!(mir::mir_final(&db, owner).is_ok());
}

#[test]
fn built() {
    check("built", "mir", render_built);
}

#[test]
fn drops_are_elaborated() {
    check("final", "mir", render_final);
}

#[test]
fn moves_and_initialisation_are_checked() {
    check("check", "out", render_check);
}

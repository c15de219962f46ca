//! What an edit makes the diagnostics of a file do again.

use std::sync::Arc;

use diagnostics::{Diagnostic, file_diagnostics};
use testkit::TestDb;

const TEXT: &str = "\
func first() -> I32 { totl }
func second() -> I32 { 1 }
func third() -> I32 { missing }
";

fn diagnose(db: &TestDb, fixture: &testkit::Fixture) -> Arc<[Diagnostic]> {
    let package = fixture.main_package();
    file_diagnostics(db, package, db.file_id(package, fixture.first_file()))
}

#[test]
fn typing_above_functions_renders_none_of_them_again() {
    let (mut db, fixture) = TestDb::with_fixture(TEXT);
    let before = diagnose(&db, &fixture);
    assert_eq!(before.len(), 2);
    db.change_file(fixture.first_file(), &format!("// a comment\n{TEXT}"));
    let executed = db.executed(|db| {
        let after = diagnose(db, &fixture);
        assert_eq!(after.len(), 2);
        let moved = after[0].primary.range.range.start() - before[0].primary.range.range.start();
        assert_eq!(u32::from(moved), 13);
    });
    assert_eq!(TestDb::count(&executed, "body_drafts"), 0, "{executed:?}");
    assert_eq!(TestDb::count(&executed, "file_items"), 0, "{executed:?}");
}

#[test]
fn an_edit_of_a_body_renders_that_body_again() {
    let (mut db, fixture) = TestDb::with_fixture(TEXT);
    assert_eq!(diagnose(&db, &fixture).len(), 2);
    db.change_file(fixture.first_file(), &TEXT.replace("{ 1 }", "{ absent }"));
    let executed = db.executed(|db| assert_eq!(diagnose(db, &fixture).len(), 3));
    assert_eq!(TestDb::count(&executed, "body_drafts"), 1, "{executed:?}");
    assert_eq!(TestDb::count(&executed, "file_items"), 0, "{executed:?}");
    assert_eq!(
        TestDb::count(&executed, "all_module_drafts"),
        0,
        "{executed:?}"
    );
}

#[test]
fn another_file_s_bodies_are_not_asked() {
    let (db, fixture) = TestDb::with_fixture(
        "//- /main/src/main.tml\nmod a\nfunc f() -> I32 { totl }\n//- /main/src/a.tml\npub func g() -> I32 { missing }\n",
    );
    let executed = db.executed(|db| assert_eq!(diagnose(db, &fixture).len(), 1));
    assert_eq!(TestDb::count(&executed, "body_drafts"), 1, "{executed:?}");
    assert_eq!(TestDb::count(&executed, "infer_body"), 1, "{executed:?}");
}

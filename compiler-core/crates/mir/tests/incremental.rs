//! Which edits reach MIR.

use hir_def::module_map::module_map;
use hir_def::{BodyOwner, ModuleDef};
use testkit::TestDb;

fn owner(db: &TestDb, package: base::Package, name: &str) -> BodyOwner {
    let map = module_map(db, package);
    let funcs = map
        .modules
        .values()
        .flat_map(|module| &module.defs)
        .filter_map(|def| match def {
            ModuleDef::Func(func) => Some(*func),
            _ => None,
        });
    let mut named = funcs.filter(|f| hir_def::signatures::func_signature(db, *f).name == name);
    BodyOwner::Func(named.next().expect("the function"))
}

const BEFORE: &str = "func other() -> I32 { 1 }\nfunc f(a: I32) -> I32 { other() + a }\n";

fn executed_after(edit: &str) -> Vec<String> {
    let (mut db, fixture) = TestDb::with_fixture(BEFORE);
    let package = fixture.main_package();
    let f = owner(&db, package, "f");
    assert!(mir::mir_final(&db, f).is_ok());
    db.change_file(fixture.first_file(), edit);
    db.executed(|db| {
        let f = owner(db, package, "f");
        let _ = mir::mir_final(db, f);
    })
}

#[test]
fn lines_above_and_bodies_of_callees_do_not_rebuild() {
    let moved = format!("// A comment.\n\n{BEFORE}");
    assert_eq!(TestDb::count(&executed_after(&moved), "mir_built"), 0);
    let callee = BEFORE.replace("{ 1 }", "{ 2 + 3 }");
    assert_eq!(TestDb::count(&executed_after(&callee), "mir_built"), 0);
}

#[test]
fn white_space_inside_stops_before_drop_elaboration() {
    let spaced = BEFORE.replace("other() + a", "other()   +   a");
    assert_eq!(TestDb::count(&executed_after(&spaced), "mir_final"), 0);
}

#[test]
fn an_edited_body_is_rebuilt() {
    let edited = BEFORE.replace("other() + a", "other() - a");
    let executed = executed_after(&edited);
    assert_eq!(TestDb::count(&executed, "mir_built"), 1);
    assert_eq!(TestDb::count(&executed, "mir_final"), 1);
}

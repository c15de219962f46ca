//! The library's own code goes through every stage: the largest body of real TML at hand.

use hir_def::module_map::module_map;
use hir_def::{AssocItemId, BodyOwner, ModuleDef};
use testkit::TestDb;

#[test]
fn the_library_lowers_without_findings() {
    let mut db = TestDb::default();
    let library = testkit::whole_library(&mut db);
    let mut findings = Vec::new();
    let mut lowered = 0;
    for owner in library.iter().flat_map(|package| owners(&db, *package)) {
        let built = mir::mir_built(&db, owner);
        if let Ok(body) = &built.body {
            assert_eq!(mir::verify::verify(&db, body), []);
        }
        let found = mir::borrowck(&db, owner);
        let all = built.diagnostics.iter().chain(&found.diagnostics);
        let name = match owner {
            BodyOwner::Func(func) => hir_def::signatures::func_signature(&db, func).name.clone(),
            _ => "a constant".into(),
        };
        for finding in all.filter(|finding| finding.is_error()) {
            findings.push(format!("{name}: {finding:?}"));
        }
        if let Ok(body) = mir::mir_final(&db, owner) {
            assert_eq!(mir::verify::verify(&db, body), []);
            lowered += 1;
        }
    }
    assert!(findings.is_empty(), "{}", findings.join("\n"));
    assert!(lowered > 100, "only {lowered} bodies have a final form");
}

fn owners(db: &TestDb, package: base::Package) -> Vec<BodyOwner> {
    let mut owners = Vec::new();
    for module in module_map(db, package).modules.values() {
        for def in &module.defs {
            match def {
                ModuleDef::Func(func) => owners.push(BodyOwner::Func(*func)),
                ModuleDef::Const(item) => owners.push(BodyOwner::Const(*item)),
                _ => {}
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

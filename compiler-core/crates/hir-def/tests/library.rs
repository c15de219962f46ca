//! The repository's own core library goes through this layer without findings.

use hir_def::block_items::block_items;
use hir_def::body::{Expr, body};
use hir_def::module_map::module_map;
use hir_def::signatures::{enum_data, func_signature, impl_data, struct_data};
use hir_def::{AssocItemId, BodyOwner, ModuleDef};
use testkit::{TestDb, whole_library};

#[test]
fn the_library_has_no_findings() {
    let mut db = TestDb::default();
    for package in whole_library(&mut db) {
        check(&db, package);
    }
}

fn check(db: &TestDb, package: base::Package) {
    let map = module_map(db, package);
    assert!(map.diagnostics.is_empty(), "{:#?}", map.diagnostics);
    let mut owners = Vec::new();
    for data in map.modules.values() {
        for def in &data.defs {
            match def {
                ModuleDef::Func(id) => owners.push(BodyOwner::Func(*id)),
                ModuleDef::Const(id) => owners.push(BodyOwner::Const(*id)),
                ModuleDef::Struct(id) => drop(struct_data(db, *id).clone()),
                ModuleDef::Enum(id) => drop(enum_data(db, *id).clone()),
                _ => {}
            }
        }
        for id in &data.impls {
            let members = impl_data(db, *id).items.iter();
            owners.extend(members.filter_map(|(_, item)| match item {
                AssocItemId::Func(id) => Some(BodyOwner::Func(*id)),
                AssocItemId::Const(id) => Some(BodyOwner::Const(*id)),
                AssocItemId::Static(id) => Some(BodyOwner::Static(*id)),
                AssocItemId::Type(_) => None,
            }));
        }
    }
    for owner in owners {
        let path = hir_def::def_path::owner_path(db, owner);
        let body = body(db, owner);
        assert!(
            body.diagnostics.is_empty(),
            "{path}: {:?}",
            body.diagnostics
        );
        let bodiless = match owner {
            BodyOwner::Func(id) => !func_signature(db, id).flags.has_body,
            _ => false,
        };
        let holes = body
            .exprs
            .values()
            .filter(|expr| matches!(expr, Expr::Missing))
            .count();
        assert!(holes == bodiless as usize, "{path}: {holes} holes");
        block_items(db, owner);
    }
}

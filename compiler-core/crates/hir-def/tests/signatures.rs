//! Declarations as data, and names inside blocks.

use hir_def::attrs::InlineHint;
use hir_def::block_items::block_items;
use hir_def::body::{Expr, body};
use hir_def::def_path::{def_path, type_text};
use hir_def::item_tree::docs;
use hir_def::module_map::{ModuleData, Namespace, module_data, root_module};
use hir_def::resolver::{PathResult, Resolution, Scope, resolve_path};
use hir_def::signatures::{
    FieldsKind, Receiver, enum_data, func_signature, impl_data, struct_data,
};
use hir_def::{AssocItemId, BodyOwner, ModuleDef};
use testkit::{Fixture, TestDb};

fn root<'db>(db: &'db TestDb, fixture: &Fixture) -> &'db ModuleData {
    module_data(db, root_module(db, fixture.main_package())).expect("a root module")
}

#[test]
fn functions_and_their_attributes() {
    let (db, fixture) = TestDb::with_fixture(
        "/// Says it.
@builtin(\"println\") @track_caller @inline(always) @must_use(\"why\")
pub const func say[T: Show](text: ref Str, n: List[T] = x) -> Outcome[T, [I32; 2 + N]] where T: Eq {}
",
    );
    let ModuleDef::Func(id) = root(&db, &fixture).defs[0] else {
        panic!("a function")
    };
    let sig = func_signature(&db, id);
    assert_eq!(sig.name, "say");
    assert_eq!(sig.attrs.builtin.as_deref(), Some("println"));
    assert_eq!(sig.attrs.must_use.as_deref(), Some("why"));
    assert!(sig.attrs.track_caller && sig.attrs.inline == InlineHint::Always);
    assert!(sig.flags.is_const && sig.flags.has_body && sig.attrs.unknown.is_empty());
    let params: Vec<String> = sig
        .params
        .iter()
        .map(|it| type_text(&sig.types, it.ty))
        .collect();
    assert_eq!(params, ["ref Str", "List[T]"]);
    assert!(sig.params[1].has_default && !sig.params[0].has_default);
    let ret = sig.ret.map(|ty| type_text(&sig.types, ty));
    assert_eq!(ret.as_deref(), Some("Outcome[T, [I32; (2 + N)]]"));
    assert_eq!(sig.generics.params.len() + sig.generics.predicates.len(), 2);
    assert_eq!(docs(&db, id.item(&db)).as_deref(), Some("Says it."));
}

#[test]
fn receivers_and_members() {
    let (db, fixture) = TestDb::with_fixture(
        "type P { pub x: I32, y: I32 = 1 }
impl P {
    func a(this) {}
    func b(mut this) {}
    func c(this: This) {}
    func d(this: mut ref This) {}
    func e(ref this) {}
    func f(n: I32) {}
}
",
    );
    let data = root(&db, &fixture);
    let ModuleDef::Struct(id) = data.defs[0] else {
        panic!("a struct")
    };
    let fields = &struct_data(&db, id).fields;
    assert_eq!(fields.kind, FieldsKind::Record);
    assert!(fields.fields[1].has_default);
    let members = impl_data(&db, data.impls[0])
        .items
        .iter()
        .map(|(_, item)| match item {
            AssocItemId::Func(id) => (*id, func_signature(&db, *id).receiver),
            _ => panic!("a function"),
        });
    let members: Vec<_> = members.collect();
    let receivers: Vec<_> = members.iter().map(|(_, receiver)| *receiver).collect();
    assert_eq!(
        receivers,
        [
            Some(Receiver::Shared),
            Some(Receiver::Exclusive),
            Some(Receiver::Owned { mutable: false }),
            Some(Receiver::MutRef),
            Some(Receiver::Ref),
            None,
        ]
    );
    assert_eq!(def_path(&db, ModuleDef::Func(members[0].0)), "main::P::a");
}

#[test]
fn sums_are_enums() {
    let (db, fixture) = TestDb::with_fixture(
        "type E = A | B(I32)
enum F { X = 4, Y { z: I32 } }
",
    );
    let names = |def: &ModuleDef| match def {
        ModuleDef::Enum(id) => enum_data(&db, *id)
            .variants
            .iter()
            .map(|it| it.name.to_string())
            .collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    let defs = &root(&db, &fixture).defs;
    assert_eq!(names(&defs[0]), ["A", "B"]);
    assert_eq!(names(&defs[1]), ["X", "Y"]);
}

#[test]
fn names_inside_blocks() {
    let (db, fixture) = TestDb::with_fixture(
        "//- /main/src/main.tml
func outer[T]() {
    enum Color { Red, Green }
    {
        use util::helper as h
        use Color::*
        func inner(c: Color) { top() }
        h()
        inner(Green)
    }
}
func top() {}
//- /main/src/util.tml
pub func helper() {}
",
    );
    let ModuleDef::Func(outer) = root(&db, &fixture).defs[0] else {
        panic!("a function")
    };
    let owner = BodyOwner::Func(outer);
    let scope = Scope::of_body(&db, owner);
    let lowered = body(&db, owner);
    let mut found = Vec::new();
    for (id, expr) in lowered.exprs.iter() {
        let Expr::Path(path) = expr else { continue };
        let scope = scope.in_block(lowered.expr_block(id));
        found.push(match resolve_path(&db, scope, path, Namespace::Values) {
            PathResult::Resolved(it) => match it.to {
                Resolution::Def(def) => def_path(&db, def),
                other => format!("{other:?}"),
            },
            other => format!("{other:?}"),
        });
    }
    assert_eq!(
        found,
        [
            "main::util::helper",
            "main::outer::{1}::inner",
            "main::outer::{0}::Color::Green"
        ]
    );
    // The local function's own signature sees the blocks around it.
    let blocks = &block_items(&db, owner).blocks;
    let ModuleDef::Func(inner) = blocks[1].defs[0] else {
        panic!("a function")
    };
    let sig = func_signature(&db, inner);
    let hir_def::TypeRef::Path(path) = &sig.types[sig.params[0].ty] else {
        panic!("a path")
    };
    let scope = Scope::of_def(&db, hir_def::GenericDef::Func(inner));
    let result = resolve_path(&db, scope, path, Namespace::Types);
    assert!(matches!(
        result,
        PathResult::Resolved(it) if matches!(it.to, Resolution::Def(ModuleDef::Enum(_)))
    ));
}

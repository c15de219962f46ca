//! The barriers: which queries run again after an edit.

use hir_def::body::{body, body_lines};
use hir_def::module_map::{Namespace, module_data, module_map, root_module};
use hir_def::resolver::{Scope, resolve_path};
use hir_def::signatures::{func_signature, impl_data};
use hir_def::{AssocItemId, BodyOwner, FuncId, ModuleDef, Path};
use testkit::{Fixture, TestDb};

const TEXT: &str = "
use other::helper

/// Adds.
func add(a: I32, b: I32) -> I32 {
    a + b
}

func twice(n: I32) -> I32 { add(n, n) }

type P { x: I32 }
impl P {
    func get(this) -> I32 { this.x }
}
//- /main/src/other.tml
pub func helper() {}
";

fn fixture() -> (TestDb, Fixture) {
    TestDb::with_fixture(&format!("//- /main/src/main.tml{TEXT}"))
}

fn funcs(db: &TestDb, fixture: &Fixture) -> Vec<FuncId> {
    let root = root_module(db, fixture.main_package());
    let data = module_data(db, root).expect("a root module");
    let mut funcs: Vec<FuncId> = Vec::new();
    for def in &data.defs {
        if let ModuleDef::Func(id) = def {
            funcs.push(*id);
        }
    }
    for id in &data.impls {
        for (_, item) in &impl_data(db, *id).items {
            if let AssocItemId::Func(id) = item {
                funcs.push(*id);
            }
        }
    }
    funcs
}

/// Asks everything that later layers ask of this one, for every function.
fn ask(db: &TestDb, fixture: &Fixture) {
    let root = root_module(db, fixture.main_package());
    module_map(db, fixture.main_package());
    for func in funcs(db, fixture) {
        func_signature(db, func);
        reader(db, func);
        body_lines(db, BodyOwner::Func(func));
    }
    let _ = resolve_path(
        db,
        Scope::of_module(root),
        &Path::from_name("helper"),
        Namespace::Values,
    );
}

/// Stands for inference: a query that reads a body and a path.
#[salsa::tracked]
fn reader(db: &dyn base::Db, func: FuncId) -> usize {
    let scope = Scope::of_body(db, BodyOwner::Func(func));
    let path = Path::from_name("add");
    let _ = resolve_path(db, scope, &path, Namespace::Values);
    body(db, BodyOwner::Func(func)).exprs.len() + func_signature(db, func).params.len()
}

/// Makes an edit of the main file and returns what ran again.
fn after_edit(from: &str, to: &str) -> Vec<String> {
    let (mut db, fixture) = fixture();
    ask(&db, &fixture);
    let file = fixture.file("/main/src/main.tml");
    let text = file.text(&db).to_string();
    assert!(text.contains(from), "the edit applies");
    db.change_file(file, &text.replacen(from, to, 1));
    db.executed(|db| ask(db, &fixture))
}

#[track_caller]
fn assert_counts(executed: &[String], expected: &[(&str, usize)]) {
    for (query, count) in expected {
        assert_eq!(
            TestDb::count(executed, query),
            *count,
            "{query} in {executed:#?}"
        );
    }
}

#[test]
fn editing_a_body_reaches_that_body_only() {
    let executed = after_edit("a + b", "a - b - 1");
    assert_counts(
        &executed,
        &[
            ("parse", 1),
            ("outline_parse", 0),
            ("item_tree", 0),
            ("module_map", 0),
            ("resolve_names", 0),
            ("func_signature", 0),
            ("body", 1),
            ("reader", 1),
        ],
    );
}

#[test]
fn a_comment_above_moves_nothing() {
    let executed = after_edit("use other::helper", "// One.\n// Two.\n\nuse other::helper");
    assert_counts(
        &executed,
        &[
            ("parse", 1),
            ("outline_parse", 0),
            ("item_tree", 0),
            ("module_map", 0),
            ("func_signature", 0),
            ("body_with_source_map", 0),
            ("body", 0),
            ("body_lines", 0),
            ("reader", 0),
        ],
    );
}

#[test]
fn white_space_in_a_body_stops_at_the_body() {
    let executed = after_edit("add(n, n)", "add( n,  n )");
    assert_counts(
        &executed,
        &[
            ("module_map", 0),
            ("body", 1),
            ("body_lines", 1),
            ("reader", 0),
        ],
    );
}

#[test]
fn a_doc_comment_stops_before_the_signature() {
    let executed = after_edit("/// Adds.", "/// Adds two numbers.\n/// Wraps.");
    assert_counts(
        &executed,
        &[("outline_parse", 0), ("func_signature", 0), ("reader", 0)],
    );
}

#[test]
fn a_new_function_reaches_the_map_and_no_reader() {
    let executed = after_edit("func twice", "func other_one() {}\nfunc twice");
    // The new function is read for the first time.
    assert_counts(
        &executed,
        &[
            ("module_map", 1),
            ("func_signature", 1),
            ("body", 1),
            ("reader", 1),
        ],
    );
}

#[test]
fn a_method_body_stops_before_the_map() {
    let executed = after_edit("this.x }", "this.x + 1 }");
    assert_counts(
        &executed,
        &[
            ("module_map", 0),
            ("impl_data", 0),
            ("body", 1),
            ("reader", 1),
        ],
    );
}

#[test]
fn a_new_method_does_not_reach_the_map() {
    let executed = after_edit("func get", "func set(mut this) {}\n    func get");
    assert_counts(
        &executed,
        &[("module_map", 0), ("impl_data", 1), ("reader", 1)],
    );
}

#[test]
fn a_moved_function_keeps_its_lines() {
    let (mut db, fixture) = fixture();
    let twice = funcs(&db, &fixture)[1];
    let before = body_lines(&db, BodyOwner::Func(twice)).clone();
    let file = fixture.file("/main/src/main.tml");
    let text = file
        .text(&db)
        .replace("/// Adds.", "// x\n// y\n\n/// Adds.\n@inline");
    db.change_file(file, &text);
    assert_eq!(&before, body_lines(&db, BodyOwner::Func(twice)));
    // `add` grew a decorator: its lines still count from `func`.
    let add = funcs(&db, &fixture)[0];
    let lines = body_lines(&db, BodyOwner::Func(add));
    let body = body(&db, BodyOwner::Func(add));
    let tail = lines.exprs[body.root];
    assert_eq!((tail.line, tail.col), (0, 32));
    assert_eq!(base::item_first_line(&db, add.item(&db)), 8);
}

//! Outlines say what full trees say: over the library and all programs of the test suites.

use std::path::{Path, PathBuf};

use base::{FileId, ItemLoc, ast_id_map, item_syntax, outline_ast_id_map, outline_item_syntax};
use hir_def::ModuleDef;
use hir_def::module_map::module_map;
use hir_def::signatures as s;
use syntax::{SyntaxKind, SyntaxNode};
use testkit::TestDb;

fn programs(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            programs(&path, out);
        } else if path.extension().is_some_and(|it| it == "tml") {
            out.push(path);
        }
    }
}

/// Imports of the library lead to imports: resolved on a stack as the engine's.
const STACK_BYTES: usize = 64 << 20;

#[test]
fn outlines_say_what_full_trees_say() {
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
    let thread = thread.spawn(compare_all).expect("a thread");
    thread.join().expect("outlines as full trees");
}

fn compare_all() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let mut paths = Vec::new();
    for dir in [
        "lib",
        "tests/ui",
        "tests/run",
        "tests/incremental",
        "compiler-core/crates",
    ] {
        programs(&root.join(dir), &mut paths);
    }
    paths.sort();
    assert!(paths.len() > 20, "there are programs to look at");
    let (mut own, mut whole) = (0, 0);
    for path in paths {
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        // Fixtures give these a meaning of their own.
        if text.contains("//- ") || text.contains("$0") {
            continue;
        }
        match syntax::outline(&text) {
            Some(_) => own += 1,
            None => whole += 1,
        }
        compare(&path, &text);
    }
    assert!(own > whole, "{own} files have outlines, {whole} have none");
}

fn compare(path: &Path, text: &str) {
    let (db, fixture) = TestDb::with_fixture(text);
    let db = &db;
    let package = fixture.main_package();
    let file = db.file_id(package, fixture.first_file());
    let path = path.display();
    compare_ids(db, file, &path);
    for def in module_map(db, package)
        .modules
        .values()
        .flat_map(|it| it.defs.iter().copied())
    {
        match def {
            ModuleDef::Func(id) => {
                let twin = &s::func_signature_with_source_map(db, id).0;
                assert_eq!(s::func_signature(db, id), twin, "{path}");
            }
            ModuleDef::Struct(id) => {
                let twin = &s::struct_data_with_source_map(db, id).0;
                assert_eq!(s::struct_data(db, id), twin, "{path}");
            }
            ModuleDef::Enum(id) => {
                let twin = &s::enum_data_with_source_map(db, id).0;
                assert_eq!(s::enum_data(db, id), twin, "{path}");
            }
            ModuleDef::Const(id) => {
                let twin = &s::const_data_with_source_map(db, id).0;
                assert_eq!(s::const_data(db, id), twin, "{path}");
                let owner = hir_def::BodyOwner::Const(id);
                let twin = &hir_def::body::body_with_source_map(db, owner).0;
                assert_eq!(hir_def::body::body(db, owner), twin, "{path}");
            }
            ModuleDef::Behavior(id) => {
                let twin = &s::behavior_data_with_source_map(db, id).0;
                assert_eq!(s::behavior_data(db, id), twin, "{path}");
            }
            _ => {}
        }
    }
    for id in module_map(db, package)
        .modules
        .values()
        .flat_map(|it| it.impls.iter().copied())
    {
        let twin = &s::impl_data_with_source_map(db, id).0;
        assert_eq!(s::impl_data(db, id), twin, "{path}");
        for (_, item) in &twin.items {
            if let hir_def::AssocItemId::Func(id) = *item {
                let twin = &s::func_signature_with_source_map(db, id).0;
                assert_eq!(s::func_signature(db, id), twin, "{path}");
            }
        }
    }
}

/// The same items under the same ids, with the same words up to their bodies.
fn compare_ids(db: &TestDb, file: FileId, path: &dyn std::fmt::Display) {
    let (full, outline) = (ast_id_map(db, file), outline_ast_id_map(db, file));
    let root = base::parse(db, file).syntax_node();
    for (id, _) in outline.keywords() {
        let item = ItemLoc::new(db, file, id);
        let of = |green: &Option<syntax::GreenNode>| {
            words(&SyntaxNode::new_root(green.clone().expect("an item")))
        };
        assert_eq!(
            of(outline_item_syntax(db, item)),
            of(item_syntax(db, item)),
            "{path}"
        );
    }
    for (id, _) in full.keywords().filter(|(id, _)| outline.get(*id).is_none()) {
        let node = full
            .get(id)
            .and_then(|ptr| ptr.resolve(&root))
            .expect("an item");
        let is_inside = node.ancestors().skip(1).any(|it| is_body(&it));
        assert!(is_inside, "{path}: not in the outline: {node}");
    }
}

fn is_body(node: &SyntaxNode) -> bool {
    node.kind() == SyntaxKind::BLOCK
        && node
            .parent()
            .is_some_and(|it| it.kind() == SyntaxKind::FUNC)
}

/// Tokens without those of bodies.
fn words(node: &SyntaxNode) -> Vec<String> {
    let tokens = node
        .descendants_with_tokens()
        .filter_map(|it| it.into_token());
    let outside = tokens.filter(|token| {
        !token.kind().is_trivia() && !token.parent_ancestors().any(|it| is_body(&it))
    });
    outside.map(|token| token.text().to_owned()).collect()
}

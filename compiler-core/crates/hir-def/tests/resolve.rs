//! Modules, imports and paths.
//!
//! A test is a fixture and a list of questions: `module: path` asks for a value,
//! `module: type path` for a type. The answers are definition paths, or why there is none.

use expect_test::{Expect, expect};
use hir_def::def_path::def_path;
use hir_def::module_map::{Namespace, child_module, module_map, root_module};
use hir_def::resolver::{PathErrorKind, PathResult, Resolution, Scope, resolve_path};
use hir_def::{ModuleDef, Path, PathAnchor, PathSegment};
use testkit::{Fixture, TestDb};

fn answer(db: &TestDb, fixture: &Fixture, question: &str) -> String {
    let (place, path) = question.split_once(": ").expect("module: path");
    let (namespace, path) = match path.strip_prefix("type ") {
        Some(path) => (Namespace::Types, path),
        None => (Namespace::Values, path),
    };
    let mut parts = place.split("::");
    let package = fixture.package(parts.next().expect("a package"));
    let root = root_module(db, package);
    let module = parts.fold(root, |module, name| child_module(db, module, name));
    let mut anchor = PathAnchor::Plain;
    let mut segments = Vec::new();
    for name in path.split("::") {
        match name {
            "crate" => anchor = PathAnchor::Crate,
            "self" => anchor = PathAnchor::SelfModule,
            "super" => {
                anchor = match anchor {
                    PathAnchor::Super(n) => PathAnchor::Super(n + 1),
                    _ => PathAnchor::Super(1),
                }
            }
            name => segments.push(PathSegment {
                name: name.into(),
                args: None,
            }),
        }
    }
    let path = Path {
        anchor,
        segments: segments.into(),
    };
    let text = |def: ModuleDef| def_path(db, def);
    match resolve_path(db, Scope::of_module(module), &path, namespace) {
        PathResult::Resolved(it) => {
            let rest = path.segments.len() - it.consumed;
            let rest = if rest > 0 {
                format!(" (+{rest})")
            } else {
                String::new()
            };
            let w019 = if it.hides_prelude { " W019" } else { "" };
            match it.to {
                Resolution::Def(def) => format!("{}{rest}{w019}", text(def)),
                other => format!("{other:?}{rest}"),
            }
        }
        PathResult::Unresolved(error) => match error.kind {
            PathErrorKind::NotFound { name, nearest } => {
                let nearest = nearest
                    .map(|it| format!(", nearest {it}"))
                    .unwrap_or_default();
                format!("not found: {name}{nearest}")
            }
            PathErrorKind::WrongNamespace { def } => format!("other namespace: {}", text(def)),
            PathErrorKind::Private { def } => format!("private: {}", text(def)),
            PathErrorKind::Ambiguous { candidates } => {
                let all: Vec<String> = candidates.iter().map(|it| text(it.def)).collect();
                format!("ambiguous: {}", all.join(", "))
            }
            PathErrorKind::FilteredOut { name, .. } => format!("filtered out: {name}"),
            other => format!("{other:?}"),
        },
    }
}

fn check(text: &str, questions: &[&str], expected: Expect) {
    let (db, fixture) = TestDb::with_fixture(text);
    let mut out = String::new();
    for question in questions {
        out.push_str(&format!(
            "{question} -> {}\n",
            answer(&db, &fixture, question)
        ));
    }
    for (_, package) in &fixture.packages {
        for diagnostic in &module_map(&db, *package).diagnostics {
            let text = format!("{diagnostic:?}");
            out.push_str("! ");
            out.push_str(&mask_ids(&text));
            out.push('\n');
        }
    }
    expected.assert_eq(&out);
}

/// Without the numbers of interned ids, and with imports as one word.
fn mask_ids(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("Id(").or_else(|| rest.find("ItemLoc(")) {
        let open = at + rest[at..].find('(').unwrap_or(0);
        let close = open + rest[open..].find(')').unwrap_or(0);
        out.push_str(&rest[..=open]);
        out.push('_');
        rest = &rest[close..];
    }
    out.push_str(rest);
    let out = out
        .replace("(_))", "(_)")
        .replace("ItemLoc(Id(_)", "ItemLoc(_)");
    let import = "ImportId { module: ModuleId(_), item: ItemLoc(_), leaf: ";
    out.replace(import, "{ leaf ").replace("import: ", "")
}

const SHAPES: &str = "
//- /app/src/geometry.tml
pub func area() -> I32 { 1 }
pub func perimeter() -> I32 { 1 }
pub type Point { x: I32 }
pub enum Shape { Circle(I32), Empty }
func helper() {}
";

fn with_shapes(main: &str) -> String {
    format!("{SHAPES}//- /app/src/main.tml\n{main}\n")
}

#[test]
fn item_import() {
    check(
        &with_shapes("use geometry::area\nuse geometry::Point as P"),
        &[
            "app: area",
            "app: type P",
            "app: perimeter",
            "app: type Point",
            "app: geometry::area",
        ],
        expect![[r#"
            app: area -> app::geometry::area
            app: type P -> app::geometry::Point
            app: perimeter -> not found: perimeter
            app: type Point -> not found: Point
            app: geometry::area -> app::geometry::area
        "#]],
    );
}

#[test]
fn module_import_binds_the_module_and_its_names() {
    check(
        &with_shapes("use geometry"),
        &[
            "app: area",
            "app: geometry::area",
            "app: Circle",
            "app: helper",
            "app: type Point",
        ],
        expect![[r#"
            app: area -> app::geometry::area
            app: geometry::area -> app::geometry::area
            app: Circle -> app::geometry::Shape::Circle
            app: helper -> not found: helper
            app: type Point -> app::geometry::Point
        "#]],
    );
}

#[test]
fn groups_and_globs() {
    check(
        &with_shapes("use geometry::{area, Shape::*, self as geo}"),
        &[
            "app: area",
            "app: Circle",
            "app: geo::perimeter",
            "app: Shape::Empty",
        ],
        expect![[r#"
            app: area -> app::geometry::area
            app: Circle -> app::geometry::Shape::Circle
            app: geo::perimeter -> app::geometry::perimeter
            app: Shape::Empty -> app::geometry::Shape::Empty
        "#]],
    );
}

#[test]
fn enum_import_brings_variants() {
    check(
        &with_shapes("use geometry::Shape"),
        &[
            "app: Circle",
            "app: Shape::Circle",
            "app: Shape::new",
            "app: type Shape",
        ],
        expect![[r#"
            app: Circle -> app::geometry::Shape::Circle
            app: Shape::Circle -> app::geometry::Shape::Circle
            app: Shape::new -> app::geometry::Shape (+1)
            app: type Shape -> app::geometry::Shape
        "#]],
    );
}

#[test]
fn show_and_hide() {
    check(
        &with_shapes("use geometry show area"),
        &[
            "app: area",
            "app: perimeter",
            "app: geometry::area",
            "app: geometry::perimeter",
        ],
        expect![[r#"
            app: area -> app::geometry::area
            app: perimeter -> filtered out: perimeter
            app: geometry::area -> app::geometry::area
            app: geometry::perimeter -> filtered out: perimeter
        "#]],
    );
    check(
        &with_shapes("use geometry as geo hide area"),
        &[
            "app: area",
            "app: perimeter",
            "app: geo::area",
            "app: geo::perimeter",
        ],
        expect![[r#"
            app: area -> filtered out: area
            app: perimeter -> app::geometry::perimeter
            app: geo::area -> filtered out: area
            app: geo::perimeter -> app::geometry::perimeter
        "#]],
    );
    check(
        &with_shapes("use geometry::* show area, aera"),
        &["app: area", "app: perimeter"],
        expect![[r#"
            app: area -> app::geometry::area
            app: perimeter -> filtered out: perimeter
            ! FilterNamesNothing { { leaf 0 }, index: 1, name: "aera", nearest: Some("area") }
        "#]],
    );
}

#[test]
fn reexport_chains_keep_filters_and_visibility() {
    check(
        "
//- /app/src/a.tml
pub func one() {}
pub func two() {}
func hidden() {}
//- /app/src/b.tml
pub use a show one
pub use crate::a::two as deux
use a::one as private_one
//- /app/src/c.tml
pub use b::*
//- /app/src/main.tml
use c::deux
use b::private_one
use a::hidden
use c::one as uno
",
        &[
            "app: deux",
            "app: c::one",
            "app: c::two",
            "app: c::a::one",
            "app: c::a::two",
            "app: uno",
        ],
        expect![[r#"
            app: deux -> app::a::two
            app: c::one -> app::a::one
            app: c::two -> not found: two
            app: c::a::one -> app::a::one
            app: c::a::two -> filtered out: two
            app: uno -> app::a::one
            ! PrivateImport { { leaf 0 }, segment: 1, def: Func(FuncId(_)) }
            ! PrivateImport { { leaf 0 }, segment: 1, def: Func(FuncId(_)) }
        "#]],
    );
}

#[test]
fn cycles_of_imports() {
    check(
        "
//- /app/src/a.tml
use b
pub func in_a() { in_b() }
pub use b::ghost
//- /app/src/b.tml
use a
pub func in_b() { in_a() }
pub use a::ghost
//- /app/src/main.tml
use a::ghost
",
        &[
            "app::a: in_b",
            "app::b: in_a",
            "app::a: b::in_b",
            "app: a::ghost",
        ],
        expect![[r#"
            app::a: in_b -> app::b::in_b
            app::b: in_a -> app::a::in_a
            app::a: b::in_b -> app::b::in_b
            app: a::ghost -> not found: ghost
            ! CircularReexport { chain: [{ leaf 0 }, { leaf 0 }] }
        "#]],
    );
}

#[test]
fn anchors_and_nested_modules() {
    check(
        "
//- /app/src/main.tml
pub func top() {}
mod inner {
    func own() {}
    pub mod deep {
        use super::own as renamed
        use super::super::top
        use super::super::super::beyond
    }
}
mod missing
//- /app/src/net/tcp.tml
pub func dial() {}
//- /app/src/net/udp.tml
use tcp
pub(super) func send() {}
",
        &[
            "app::inner::deep: renamed",
            "app::inner::deep: top",
            "app::inner::deep: crate::top",
            "app::inner::deep: super::own",
            "app::inner: self::deep::top",
            "app: inner::own",
            "app: net::tcp::dial",
            "app::net::udp: dial",
            "app::net::udp: tcp::dial",
            "app::net: udp::send",
            "app: net::udp::send",
        ],
        expect![[r#"
            app::inner::deep: renamed -> app::inner::own
            app::inner::deep: top -> app::top
            app::inner::deep: crate::top -> app::top
            app::inner::deep: super::own -> app::inner::own
            app::inner: self::deep::top -> private: app::top
            app: inner::own -> private: app::inner::own
            app: net::tcp::dial -> app::net::tcp::dial
            app::net::udp: dial -> app::net::tcp::dial
            app::net::udp: tcp::dial -> app::net::tcp::dial
            app::net: udp::send -> app::net::udp::send
            app: net::udp::send -> private: app::net::udp::send
            ! ModuleWithoutFile { item: ItemLoc(_), module: ModuleId(_) }
            ! SuperBeyondRoot { { leaf 0 } }
        "#]],
    );
}

#[test]
fn priorities() {
    check(
        "
//- /core/src/lib.tml
//- /core/src/prelude.tml
pub use maybe::Maybe
pub func abs() {}
pub func print() {}
//- /core/src/maybe.tml
pub enum Maybe[T] { Just(T), Nothing }
//- /app/src/one.tml
pub func same() {}
pub func abs() {}
pub func shown() {}
//- /app/src/two.tml
pub func same() {}
pub func shown() {}
//- /app/src/main.tml
use one
use two
use one::shown
func print() {}
enum Own { Just }
",
        &[
            "app: print",
            "app: abs",
            "app: same",
            "app: shown",
            "app: Just",
            "app: Nothing",
            "app: type Maybe",
            "app: type I32",
            "app: type Maybee",
            "app: prnt",
            "app: Maybe::Just",
            "core::maybe: print",
        ],
        expect![[r#"
            app: print -> app::print
            app: abs -> app::one::abs W019
            app: same -> ambiguous: app::one::same, app::two::same
            app: shown -> app::one::shown
            app: Just -> app::Own::Just
            app: Nothing -> core::maybe::Maybe::Nothing
            app: type Maybe -> core::maybe::Maybe
            app: type I32 -> I32
            app: type Maybee -> not found: Maybee, nearest Maybe
            app: prnt -> not found: prnt, nearest print
            app: Maybe::Just -> core::maybe::Maybe::Just
            core::maybe: print -> core::prelude::print
        "#]],
    );
}

#[test]
fn packages_come_before_discovered_modules() {
    check(
        "
//- package util
//- /util/src/lib.tml
pub func help() {}
func secret() {}
//- package app deps: util
//- /app/src/util.tml
pub func local() {}
//- /app/src/main.tml
use util::help
use util::secret
use util::hlep
use nope::x
",
        &[
            "app: help",
            "app: util::help",
            "app: self::util::local",
            "app: util::secret",
        ],
        expect![[r#"
            app: help -> util::help
            app: util::help -> util::help
            app: self::util::local -> app::util::local
            app: util::secret -> private: util::secret
            ! HiddenModule { { leaf 0 }, module: ModuleId(_), package: "util" }
            ! PrivateImport { { leaf 0 }, segment: 1, def: Func(FuncId(_)) }
            ! UnresolvedImport { { leaf 0 }, segment: 1, name: "hlep", nearest: Some("help") }
            ! UnknownSegment { { leaf 0 }, segment: 0, name: "nope", nearest: None }
        "#]],
    );
}

#[test]
fn duplicates() {
    check(
        "
//- /app/src/a.tml
pub func x() {}
//- /app/src/b.tml
pub func x() {}
//- /app/src/c.tml
//- /app/src/c/mod.tml
//- /app/src/main.tml
use a::x
use b::x
func twice() {}
func twice() {}
type Both { v: I32 }
func Both() {}
",
        &["app: x", "app: twice", "app: Both", "app: type Both"],
        expect![[r#"
            app: x -> app::a::x
            app: twice -> app::twice
            app: Both -> app::Both
            app: type Both -> app::Both
            ! TwoFiles { module: ModuleId(_), first: FileId(_), second: FileId(_) }
            ! DuplicateItem { module: ModuleId(_), first: ItemLoc(_), second: ItemLoc(_), name: "twice" }
            ! ImportedTwice { first: { leaf 0 }, second: { leaf 0 }, name: "x" }
        "#]],
    );
}

#[test]
fn conditions_remove_items_before_names_are_resolved() {
    check(
        "
//- /app/src/main.tml
@when(os: linux)
func here() {}
@when(os: windows)
func here() {}
@unless(any(debug, release))
func never() {}
enum E { A, @when(arch: arm64) B, C }
",
        &["app: here", "app: never", "app: E::B", "app: E::C"],
        expect![[r#"
            app: here -> app::here
            app: never -> not found: never
            app: E::B -> app::E (+1)
            app: E::C -> app::E::C
        "#]],
    );
}

//! Symbols come from paths and types alone.

use mono::{Profile, Target, program_plan};
use ssa::{DebugInfo, OptLevel};
use testkit::TestDb;

fn symbols(text: &str) -> String {
    let (db, fixture) = TestDb::with_fixture(text);
    let profile = Profile::new(&db, OptLevel::O0, DebugInfo::None, false, false, None);
    let target = Target::of_triple(&db, "x86_64", "", "");
    let plan = program_plan(&db, fixture.main_package(), target, profile);
    let errors = plan
        .errors
        .iter()
        .map(|error| format!("{}: {}\n", error.code(), error.message()));
    let symbols = plan
        .functions
        .iter()
        .map(|function| format!("{}\n", function.symbol));
    let lines = plan.lines.iter().map(|(symbol, _)| format!("{symbol}\n"));
    errors.chain(symbols).chain(lines).collect()
}

#[test]
fn symbols_are_paths_with_arguments() {
    let actual = symbols(
        "\
//- package shapes
//- /shapes/src/lib.tml
pub mod geo
//- /shapes/src/geo.tml
pub type Pair[A, B] { pub first: A, pub second: B }
impl[A, B] Pair[A, B] {
    pub func first_of(this: This) -> A { this.first }
}
//- package app deps: shapes
//- /app/src/main.tml
use shapes::geo::Pair
func id[T](x: T) -> T { x }
func outer() -> I32 {
    func inner() -> I32 { 2 }
    inner()
}
func main() -> I32 {
    let p = Pair { first: 1, second: true }
    id(p.first_of()) + outer()
}
",
    );
    expect_test::expect![[r#"
        app::id[I32]
        app::main
        app::outer
        app::outer::inner
        shapes::geo::Pair[I32, Bool]::first_of
        tml_main
        line:app::id
        line:app::main
        line:app::outer
        line:app::outer::inner
        line:shapes::geo::Pair[$0, $1]::first_of
    "#]]
    .assert_eq(&actual);
}

#[test]
fn growing_instances_are_an_error() {
    let actual = symbols(
        "\
type Wrap[T] { value: T }
func grow[T](x: T, n: I32) -> I32 {
    if n == 0 { 0 } else { grow(Wrap { value: x }, n - 1) }
}
func main() -> I32 { grow(1, 3) }
",
    );
    assert!(
        actual.starts_with("C004: instantiation recursion limit reached"),
        "{actual}"
    );
}

#[test]
fn a_program_needs_main() {
    assert_eq!(
        symbols("func other() {}\n"),
        "C008: package `main` has no function `main`\n"
    );
}

#[test]
fn foreign_functions_take_scalars_only() {
    let actual = symbols(
        "\
type Point { x: I32, y: I32 }
lowlevel func draw(p: Point)
func main() { lowlevel { draw(Point { x: 1, y: 2 }) } }
",
    );
    let expected = "C006: type `Point` in the signature of foreign function `draw` has no C form\n";
    assert!(actual.starts_with(expected), "{actual}");
}

#[test]
fn unknown_intrinsics_are_an_error() {
    let actual = symbols(
        "\
@intrinsic func no_such_thing(x: I32) -> I32
func main() -> I32 { no_such_thing(1) }
",
    );
    assert!(
        actual.starts_with("C009: unknown intrinsic `no_such_thing`\n"),
        "{actual}"
    );
}

#[test]
fn overflow_checks_are_a_matter_of_the_profile() {
    let source = "func add(a: I32, b: I32) -> I32 { a + b }\nfunc main() -> I32 { add(1, 2) }\n";
    let (db, fixture) = TestDb::with_fixture(source);
    let target = Target::of_triple(&db, "x86_64", "", "");
    let errors = |checks: bool| {
        let profile = Profile::new(&db, OptLevel::O0, DebugInfo::None, checks, false, None);
        program_plan(&db, fixture.main_package(), target, profile)
            .errors
            .len()
    };
    assert_eq!(errors(false), 0);
    // Without a library there is nothing to call when a check fails.
    assert_eq!(errors(true), 1);
}

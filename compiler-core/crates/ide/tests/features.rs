//! Features over fixtures: `$0` is the cursor, the expectation is what an editor would show.

use expect_test::{Expect, expect};
use ide::completion::completions;
use ide::{FilePos, FileView};
use syntax::{TextRange, TextSize};
use testkit::{Fixture, TestDb};

fn load(text: &str) -> (TestDb, Fixture) {
    TestDb::with_fixture(text)
}

fn pos<'db>(db: &'db TestDb, fixture: &Fixture) -> FilePos<'db> {
    let (file, offset) = fixture.cursor();
    view(db, fixture, file).at(offset)
}

fn view<'db>(db: &'db TestDb, fixture: &Fixture, file: base::SourceFile) -> FileView<'db> {
    let package = fixture.packages.iter().map(|(_, package)| *package);
    let mut of_file = package.filter(|it| it.root(db).files(db).values().any(|f| *f == file));
    FileView::new(db, of_file.next().expect("a package with the file"), file)
}

fn place(db: &TestDb, file: base::SourceFile, range: TextRange) -> String {
    let text = file.text(db);
    let line = base::line_index(db, file).line_col(range.start()).line + 1;
    format!("{}:{line} `{}`", file.name(db), &text[range])
}

fn check_hover(text: &str, expect: Expect) {
    let (db, fixture) = load(text);
    let shown = salsa::attach(&db, || ide::hover::hover(pos(&db, &fixture)));
    expect.assert_eq(&shown.map(|it| it.markdown + "\n").unwrap_or_default());
}

fn check_goto(text: &str, expect: Expect) {
    let (db, fixture) = load(text);
    let target = ide::goto::definition(pos(&db, &fixture));
    let shown = target.map(|it| place(&db, it.focus.file, it.focus.range) + "\n");
    expect.assert_eq(&shown.unwrap_or_default());
}

fn check_references(text: &str, expect: Expect) {
    let (db, fixture) = load(text);
    let packages: Vec<_> = fixture
        .packages
        .iter()
        .map(|(_, package)| *package)
        .collect();
    let all = ide::goto::references(pos(&db, &fixture), &packages, true);
    let lines = all.iter().map(|it| {
        format!(
            "{} {:?}\n",
            place(&db, it.span.file, it.span.range),
            it.role
        )
    });
    expect.assert_eq(&lines.collect::<String>());
}

/// All candidates of the best three ranks, and how many keywords.
fn check_completion(text: &str, expect: Expect) {
    let (db, fixture) = load(text);
    let found = completions(pos(&db, &fixture));
    let lines = found.items.iter().filter(|it| it.rank < 3).map(|it| {
        let detail = it.detail.as_deref().unwrap_or("");
        format!("{} {:?} {detail}", it.label, it.kind)
            .trim_end()
            .to_owned()
            + "\n"
    });
    expect.assert_eq(&lines.collect::<String>());
}

const SHAPES: &str = "
//- package shapes
//- /shapes/src/lib.tml
/// A point.
/// Of the plane.
pub type Point { pub x: I32, pub y: I32, hidden: Bool }
impl Point {
    pub const ZERO: I32 = 1 + 2
    pub func new(x: I32, y: I32) -> Point { Point { x: x, y: y, hidden: false } }
    /// The sum.
    pub func sum(this) -> I32 { this.x + this.y }
    func secret(this) {}
}
pub enum Shape { Dot, Circle(I32), Box { w: I32 } }
pub mod deep { pub func f() {} }
//- package app deps: shapes
//- /app/src/main.tml
";

fn shapes(main: &str) -> String {
    format!("{SHAPES}{main}")
}

#[test]
fn hover_shows_declarations() {
    let main = "use shapes::Point\nfunc main() { let p = Poi$0nt::new(1, 2) }\n";
    check_hover(
        &shapes(main),
        expect![[r#"
        ```tml
        shapes
        ```

        ```tml
        pub type Point { pub x: I32, pub y: I32, hidden: Bool }
        ```

        ---

        A point.
        Of the plane.
    "#]],
    );
    let main = "use shapes::Point\nfunc main() { let p = Point::new(1, 2)\n let n = p.su$0m() }\n";
    check_hover(
        &shapes(main),
        expect![[r#"
        ```tml
        shapes::Point
        ```

        ```tml
        pub func sum(this) -> I32
        ```

        ---

        The sum.
    "#]],
    );
    let main = "use shapes::Point\nfunc main() { let p = Point::new(1, 2)\n let n = $0p.x }\n";
    check_hover(
        &shapes(main),
        expect![[r#"
        ```tml
        let p: Point
        ```
    "#]],
    );
    let main = "use shapes::Point\nfunc main() { let p = Point::new(1, 2)\n let n = p.$0x }\n";
    check_hover(
        &shapes(main),
        expect![[r#"
        ```tml
        shapes::Point
        ```

        ```tml
        x: I32
        ```
    "#]],
    );
    let main = "use shapes::Point\nfunc main() { let n = Point::ZE$0RO }\n";
    check_hover(
        &shapes(main),
        expect![[r#"
        ```tml
        shapes::Point
        ```

        ```tml
        pub const ZERO: I32 = 1 + 2  // = 3
        ```
    "#]],
    );
    check_hover(
        "func f() { let n: U8 = 1$02 }\n",
        expect![[r#"
        ```tml
        U8
        ```
    "#]],
    );
}

#[test]
fn goto_crosses_files_and_packages() {
    check_goto(
        &shapes("use shapes::deep::$0f\nfunc main() { f() }\n"),
        expect![[r#"
        shapes/src/lib.tml:12 `f`
    "#]],
    );
    check_goto(
        &shapes("use shapes::de$0ep::f\nfunc main() { f() }\n"),
        expect![[r#"
        shapes/src/lib.tml:12 `deep`
    "#]],
    );
    check_goto(
        &shapes("use sha$0pes::deep::f\nfunc main() { f() }\n"),
        expect![[r#"
        shapes/src/lib.tml:1 ``
    "#]],
    );
    check_goto(
        &shapes("func main() { shapes::deep::f$0() }\n"),
        expect![[r#"
        shapes/src/lib.tml:12 `f`
    "#]],
    );
    check_goto(
        &shapes(
            "use shapes::Shape\nfunc main(s: Shape) { when s { Shape::Circ$0le(r) => {}, _ => {} } }\n",
        ),
        expect![[r#"
        shapes/src/lib.tml:11 `Circle`
    "#]],
    );
    check_goto(
        &shapes(
            "use shapes::Shape\nfunc main(s: Shape) { when s { Shape::Circle(r) => { let q = $0r }, _ => {} } }\n",
        ),
        expect![[r#"
        app/src/main.tml:2 `r`
    "#]],
    );
    check_goto(
        &shapes("use shapes::Point\nfunc f(p: Po$0int) {}\n"),
        expect![[r#"
        shapes/src/lib.tml:3 `Point`
    "#]],
    );
    check_goto(
        "func f[T](x: T) -> $0T { x }\n",
        expect![[r#"
        main/src/main.tml:1 `T`
    "#]],
    );
    check_goto(
        "type P { a: I32 }\nimpl P { func f(this) -> Th$0is { th } }\n",
        expect![[r#"
        main/src/main.tml:1 `P`
    "#]],
    );
    check_goto(
        "type P { a: I32 }\nfunc f() { let p = P { $0a: 1 } }\n",
        expect![[r#"
        main/src/main.tml:1 `a`
    "#]],
    );
    check_goto("func f() { g($0) }\n", expect![[r#""#]]);
}

#[test]
fn references_of_everything() {
    let text = "
//- /main/src/lib.tml
mod a
pub func twice(n: I32) -> I32 { n + n }
func g() { twice(2)
 let twice = 1
 let q = twice }
//- /main/src/a.tml
use crate::twi$0ce
use crate::twice as double
func f() { let x = double(twice(1)) }
// twice
";
    check_references(
        text,
        expect![[r#"
        main/src/a.tml:1 `twice` Use
        main/src/a.tml:2 `twice` Use
        main/src/a.tml:3 `twice` Use
        main/src/lib.tml:2 `twice` Declaration
        main/src/lib.tml:3 `twice` Use
    "#]],
    );
    check_references(
        "func f(mut n: I32) { $0n = n + 1\n { let n = 3\n n } }\n",
        expect![[r#"
        main/src/main.tml:1 `n` Declaration
        main/src/main.tml:1 `n` Write
        main/src/main.tml:1 `n` Use
    "#]],
    );
    check_references(
        "type P { $0a: I32 }\nfunc f(p: P) -> P { let P { a } = p\n P { a: p.a } }\n",
        expect![[r#"
        main/src/main.tml:1 `a` Declaration
        main/src/main.tml:2 `a` Use
        main/src/main.tml:3 `a` Use
        main/src/main.tml:3 `a` Use
    "#]],
    );
}

#[test]
fn completion_of_members() {
    check_completion(
        &shapes("use shapes::Point\nfunc main() { let p = Point::new(1, 2)\n p.$0\n}\n"),
        expect![[r#"
        x Def(Field) I32
        y Def(Field) I32
        sum Def(Method) () -> I32
    "#]],
    );
    check_completion(
        &shapes(
            "use shapes::Point\nfunc main() { let p = Point::new(1, 2)\n p.$0\n let q = 1\n}\n",
        ),
        expect![[r#"
        x Def(Field) I32
        y Def(Field) I32
        sum Def(Method) () -> I32
    "#]],
    );
    check_completion(
        &shapes("use shapes::Point\nfunc f(p: ref Point) { let q = p.s$0 }\n"),
        expect![[r#"
        x Def(Field) I32
        y Def(Field) I32
        sum Def(Method) () -> I32
    "#]],
    );
    check_completion(
        "type P { a: Q }\ntype Q { b: I32 }\nfunc f(p: P) { p.a.$0 }\n",
        expect![[r#"
        b Def(Field) I32
    "#]],
    );
    check_completion(
        "type P { a: I32 }\nimpl P { func f(mut this) { this.$0 } }\n",
        expect![[r#"
        a Def(Field) I32
        f Def(Method) ()
    "#]],
    );
    check_completion(
        "behavior B { func go(this) }\nfunc f[T: B](t: T) { t.$0 }\n",
        expect![[r#"
        go Def(Method) ()
    "#]],
    );
    check_completion(
        "type L[T] { a: T }\nimpl[T] L[T] { func get(this) -> T { this.a } }\nfunc f(l: L[Bool]) { l.$0 }\n",
        expect![[r#"
        a Def(Field) Bool
        get Def(Method) () -> Bool
    "#]],
    );
}

#[test]
fn completion_behind_colons() {
    check_completion(
        &shapes("use shapes::Shape\nfunc main() { let s = Shape::$0 }\n"),
        expect![[r#"
        Dot Def(Variant) Shape
        Circle Def(Variant) (I32) -> Shape
        Box Def(Variant) (I32) -> Shape
    "#]],
    );
    check_completion(
        &shapes("use shapes::$0\nfunc main() {}\n"),
        expect![[r#"
        Box Def(Variant) (I32) -> Shape
        Circle Def(Variant) (I32) -> Shape
        Dot Def(Variant) Shape
        Point Def(Struct)
        Shape Def(Enum)
        deep Def(Module)
    "#]],
    );
    check_completion(
        &shapes("use shapes::{deep::$0}\nfunc main() {}\n"),
        expect![[r#"
        f Def(Func) ()
    "#]],
    );
    check_completion(
        &shapes("use shapes::{$0}\nfunc main() {}\n"),
        expect![[r#"
        Box Def(Variant) (I32) -> Shape
        Circle Def(Variant) (I32) -> Shape
        Dot Def(Variant) Shape
        Point Def(Struct)
        Shape Def(Enum)
        deep Def(Module)
    "#]],
    );
    check_completion(
        &shapes("use $0\nfunc main() {}\n"),
        expect![[r#"
        shapes Def(Module)
    "#]],
    );
    check_completion(
        &shapes("use shapes::Point\nfunc main() { Point::$0\n}\n"),
        expect![[r#"
        ZERO Def(Const) I32
        new Def(Func) (x: I32, y: I32) -> Point
        sum Def(Method) () -> I32
    "#]],
    );
    check_completion(
        &shapes("func main() { let x: shapes::$0\n}\n"),
        expect![[r#"
        Box Def(Variant) (I32) -> Shape
        Circle Def(Variant) (I32) -> Shape
        Dot Def(Variant) Shape
        Point Def(Struct)
        Shape Def(Enum)
        deep Def(Module)
    "#]],
    );
}

#[test]
fn completion_in_bodies() {
    check_completion(
        "const N: I32 = 1\nfunc f(a: I32) { let b = 1\n $0\n let c = 2 }\n",
        expect![[r#"
        b Def(Local) I32
        a Def(Param) I32
        N Def(Const) I32
        f Def(Func) (a: I32)
    "#]],
    );
    check_completion(
        "func f(a: I32) { if let x = a { $0 } else { } }\n",
        expect![[r#"
        x Def(Local) I32
        a Def(Param) I32
        f Def(Func) (a: I32)
    "#]],
    );
    check_completion(
        "type P { a: I32, b: Bool }\nfunc f() { let p = P { a: 1, $0 } }\n",
        expect![[r#"
        b Def(Field) Bool
        f Def(Func) ()
        P Def(Struct)
    "#]],
    );
    check_completion(
        "enum E { A, B(I32) }\nfunc f(e: E) { when e { $0 } }\n",
        expect![[r#"
        A Def(Variant) E
        B Def(Variant) (I32) -> E
        E Def(Enum)
    "#]],
    );
    check_completion(
        "type P {}\nfunc f(p: $0) {}\n",
        expect![[r#"
        P Def(Struct)
    "#]],
    );
    check_completion(
        "type P {}\nfunc f() -> $0 {}\n",
        expect![[r#"
        P Def(Struct)
    "#]],
    );
    check_completion(
        "type P {}\nfunc f() { let x: $0 }\n",
        expect![[r#"
        P Def(Struct)
    "#]],
    );
    check_completion("func f() { let s = \"a{$0}b\" }\n", expect![""]);
    check_completion("$0\n", expect![[r#""#]]);
    check_completion("func $0\n", expect![[r#""#]]);
    check_completion("func f() { let s = \"a$0b\" } // x\n", expect![[r#""#]]);
    check_completion("func f() { let n$0 = 1 }\n", expect![[r#""#]]);
}

#[test]
fn outline() {
    let (db, fixture) = load(&shapes("func main() {}\n"));
    let symbols =
        ide::document_symbols::document_symbols(view(&db, &fixture, fixture.first_file()));
    fn show(list: &[ide::document_symbols::Symbol], indent: usize, out: &mut String) {
        for symbol in list {
            let detail = symbol.detail.as_deref().unwrap_or("");
            out.push_str(&format!(
                "{:indent$}{} {:?} {detail}\n",
                "", symbol.name, symbol.kind
            ));
            show(&symbol.children, indent + 2, out);
        }
    }
    let mut out = String::new();
    show(&symbols, 0, &mut out);
    expect![[r#"
        Point Def(Struct) 
          x Def(Field) I32
          y Def(Field) I32
          hidden Def(Field) Bool
        impl Point Impl 
          ZERO Def(Const) I32
          new Def(Func) (x: I32, y: I32) -> Point
          sum Def(Method) (this) -> I32
          secret Def(Method) (this)
        Shape Def(Enum) 
          Dot Def(Variant) 
          Circle Def(Variant) 
          Box Def(Variant) 
            w Def(Field) I32
        deep Def(Module) 
          f Def(Func) ()
    "#]]
    .assert_eq(&out);
}

#[test]
fn colours() {
    let text = "
type P { a: I32 }
enum E { A, B(I32) }
const N: I32 = 1
func f[T](p: P, t: T) -> E {
    var x = p.a + N
    x = 2
    unknown(x)
    E::B(x)
}
";
    let (db, fixture) = load(text);
    let file = fixture.first_file();
    let range = TextRange::up_to(TextSize::of(&**file.text(&db)));
    let tokens = ide::semantic_tokens::semantic_tokens(view(&db, &fixture, file), range);
    let lines = tokens.iter().map(|it| {
        let declared = if it.is_declaration { " declared" } else { "" };
        let mutable = if it.is_mutable { " mutable" } else { "" };
        format!(
            "{} {:?}{declared}{mutable}\n",
            &file.text(&db)[it.range],
            it.kind
        )
    });
    expect![[r#"
        P Struct declared
        a Field declared
        I32 BuiltinType
        E Enum declared
        A Variant declared
        B Variant declared
        I32 BuiltinType
        N Const declared
        I32 BuiltinType
        f Func declared
        T TypeParam declared
        p Param declared
        P Struct
        t Param declared
        T TypeParam
        E Enum
        x Local declared mutable
        p Param
        a Field
        N Const
        x Local mutable
        unknown Func
        x Local mutable
        E Enum
        B Variant
        x Local mutable
    "#]]
    .assert_eq(&lines.collect::<String>());
}

#[test]
fn hints_help_folds_highlights() {
    let text = "func g(a: I32, b: Bool) -> Bool { b }\nfunc f() {\n    let x = 1\n    let y: I32 = 2\n    var z = g(x, tr$0ue)\n}\n";
    let (db, fixture) = load(text);
    let at = pos(&db, &fixture);
    let all = TextRange::up_to(TextSize::of(at.view.text()));
    let hints = ide::inlay_hints::inlay_hints(at.view, all);
    let hints: Vec<String> = hints
        .iter()
        .map(|it| format!("{}{}", u32::from(it.offset), it.label))
        .collect();
    let help = ide::signature_help::signature_help(at);
    let folds = ide::folding::folding_ranges(at.view);
    expect![[r#"
        ["58: I32", "91: Bool"]
        Some(SignatureHelp { label: "func g(a: I32, b: Bool) -> Bool", params: [(7, 13), (15, 22)], active: 1, docs: None })
        [Fold { range: 47..106, kind: Code }]
    "#]].assert_eq(&format!("{hints:?}\n{help:?}\n{folds:?}\n"));
    let (db, fixture) = load("func f(mut a: I32) { a = a$0 + 1 }\n");
    let found = ide::highlights::highlights(pos(&db, &fixture));
    expect![[r#"
        [Highlight { range: 11..12, is_write: true }, Highlight { range: 21..22, is_write: true }, Highlight { range: 25..26, is_write: false }]
    "#]].assert_eq(&format!("{found:?}\n"));
}

/// No feature panics or loops at any offset of broken text.
#[test]
fn every_offset_of_broken_code() {
    let text = "use a::{b::, c\nmod m { func g(this) }\ntype P { x: I32, y }\nimpl P { func f(mut this, a: ) -> This { this. } }\nfunc main() {\n let p = P { x: 1, }\n p.\n if let Just(q) = p { q:: } \n when p { P { x } => x, A:: => 1 }\n \"a {p.x:>3} b\n}\nenum E { A(I32), B = 2\n";
    let (db, fixture) = load(text);
    let file = fixture.first_file();
    let view = view(&db, &fixture, file);
    let packages = [view.package];
    for offset in 0..=text.len() as u32 {
        let at = view.at(TextSize::new(offset));
        completions(at);
        salsa::attach(&db, || ide::hover::hover(at));
        ide::goto::definition(at);
        ide::goto::references(at, &packages, true);
        ide::highlights::highlights(at);
        ide::signature_help::signature_help(at);
    }
    let all = TextRange::up_to(TextSize::of(text));
    ide::semantic_tokens::semantic_tokens(view, all);
    ide::inlay_hints::inlay_hints(view, all);
    ide::code_actions::code_actions(view, all);
    ide::folding::folding_ranges(view);
    ide::document_symbols::document_symbols(view);
}

fn with_library(text: &str) -> (TestDb, Fixture) {
    let (mut db, mut fixture) = load(text);
    let core = testkit::real_library(&mut db, "core");
    fixture.add_to_all(&mut db, core);
    (db, fixture)
}

/// Names that need no import, and members of library types.
#[test]
fn the_library_is_known() {
    let text = "func main() {\n let m = Just(1)\n m.$0\n}\n";
    let (db, fixture) = with_library(text);
    let found = completions(pos(&db, &fixture));
    let labels: Vec<&str> = found.items.iter().map(|it| it.label.as_str()).collect();
    assert!(
        labels.contains(&"unwrap") && labels.contains(&"is_just"),
        "{labels:?}"
    );
    let unwrap = found
        .items
        .iter()
        .find(|it| it.label == "unwrap")
        .expect("unwrap");
    assert_eq!(unwrap.detail.as_deref(), Some("() -> I32"));
    let (db, fixture) = with_library("func main() { print$0ln(\"a\") }\n");
    let target = ide::goto::definition(pos(&db, &fixture)).expect("println");
    assert_eq!(target.focus.file.name(&db), "<core>/io.tml");
    let (db, fixture) = with_library("func main() { $0 }\n");
    let found = completions(pos(&db, &fixture));
    for wanted in ["println", "Just", "main", "I32", "Maybe", "let", "when"] {
        assert!(found.items.iter().any(|it| it.label == wanted), "{wanted}");
    }
}

/// Every name of the library's own files leads somewhere or nowhere, and all of it terminates.
#[test]
fn every_word_of_the_library() {
    let mut db = TestDb::default();
    let core = testkit::real_library(&mut db, "core");
    let (mut names, mut known) = (0, 0);
    for file in core.root(&db).files(&db).values() {
        let view = FileView::new(&db, core, *file);
        let all = TextRange::up_to(TextSize::of(view.text()));
        ide::semantic_tokens::semantic_tokens(view, all);
        ide::inlay_hints::inlay_hints(view, all);
        ide::folding::folding_ranges(view);
        ide::document_symbols::document_symbols(view);
        let root = view.root();
        let words = root
            .descendants_with_tokens()
            .filter_map(|it| it.into_token());
        // Decorators are no names of anything yet.
        let words = words.filter(|it| {
            let mut around = it.parent_ancestors();
            it.kind() == syntax::SyntaxKind::IDENT
                && !around.any(|node| node.kind() == syntax::SyntaxKind::DECORATOR)
        });
        for word in words.step_by(7) {
            let at = view.at(word.text_range().start());
            names += 1;
            let found = hir::find_definition_at(&db, core, *file, at.offset);
            known += u32::from(found.is_some());
            ide::goto::definition(at);
            completions(view.at(word.text_range().end()));
        }
    }
    assert!(
        known * 100 >= names * 99,
        "{known} of {names} names are known"
    );
}

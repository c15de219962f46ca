//! Broken and unsupported programs are normal input; the real library serves real programs.

mod common;
use common::CORE;
use testkit::TestDb;

const RICH: &str = r#"
use core::fmt::Debug
const N: I64 = 3
static LIMIT: I32 = 4
enum Fault { Missing(Str), Over { wanted: I32, have: I32 }, Closed }
type Item[T] { pub name: Str, units: I32 = 0, extra: Maybe[T], grid: [I32; N] }
behavior Priced { type Money
    func cents(this) -> I64
    func euros(this) -> I64 { this.cents() / 100 } }
impl[T] Priced for Item[T] { type Money = I64
    func cents(this) -> I64 { return (this.units as I64) * 250 } }
impl[T] Item[T] {
    pub func named(name: Str, extra: T) -> This { This { name, extra: Just(extra), grid: [0; N] } }
    pub func restock(mut this, n: I32) { this.units += n }
}
func take(stock: mut ref Item[Str], n: I32) -> Outcome[I32, Fault] {
    if n > stock.units { return Err(Fault::Over { wanted: n, have: stock.units }) }
    stock.units = stock.units - n
    Ok(stock.units)
}
func drain(stock: mut ref Item[Str]) -> Outcome[I32, Fault] {
    let left = take(stock, 1)!
    let last = take(stock, LIMIT)! else 0
    let f = do(x: I32) -> I32 { x + 1 }
    loop (var i: I32 < 3) { i += 1 }
    for (a, b) in [(1, 2), (3, 4)] { println("{a} {}", b) }
    return Ok(left + last + stock.grid[0 to 1][0] - -4)
}
func label(n: I32, c: Char) -> Str {
    let (x, [y, ..z]) = (n, [1u8, 2])
    when n { 0 => "none", 1 through 9 => "few", 10 | 20 => "round", k if k < 0 => "debt", _ => { "about {n * 10}" } }
}
func main() {
    var bolt = Item::named("bolt", "x")
    bolt.restock(bolt.units)
    let Ok(left) = take(mut ref bolt, 4) else { return }
    println("{}", Item[I32] { name: "n", extra: Nothing, grid: [1, 2, 3] }.euros())
    let m = if left == 1 then 'a' else 'b'
}
"#;

fn everything(db: &TestDb, package: base::Package) -> usize {
    let mut count = 0;
    for module in hir_def::module_map::module_map(db, package).modules.keys() {
        count += hir_ty::module_diagnostics(db, *module).len();
    }
    for owner in common::owners(db, package) {
        let result = hir_ty::infer(db, owner);
        count += result.diagnostics.len() + hir_ty::implied_violations(db, owner).len();
        for ty in result.expr_tys.values().chain(result.local_tys.values()) {
            let _ = hir_ty::layout_of(db, *ty);
            let _ = hir_ty::needs_drop(db, *ty);
            let text = ty.display(db).to_string();
            assert!(!text.contains('_'), "a variable leaks: {text}");
        }
    }
    count
}

#[test]
fn broken_programs_do_not_panic() {
    let text = format!("{CORE}//- /main/src/main.tml\n{RICH}");
    let (mut db, fixture) = TestDb::with_fixture(&text);
    let package = fixture.package("main");
    let file = fixture.file("/main/src/main.tml");
    everything(&db, package);
    for end in (0..RICH.len())
        .step_by(3)
        .filter(|end| RICH.is_char_boundary(*end))
    {
        db.change_file(file, &RICH[..end]);
        everything(&db, package);
    }
    // Without one line each, and with each word doubled or gone.
    let lines: Vec<&str> = RICH.lines().collect();
    for skip in 0..lines.len() {
        let kept: Vec<&str> = lines
            .iter()
            .enumerate()
            .filter(|(i, _)| *i != skip)
            .map(|(_, l)| *l)
            .collect();
        db.change_file(file, &kept.join("\n"));
        everything(&db, package);
    }
    let words: Vec<&str> = RICH.split_inclusive(' ').collect();
    for skip in 0..words.len() {
        let kept: String = words
            .iter()
            .enumerate()
            .filter(|(i, _)| *i != skip)
            .map(|(_, w)| *w)
            .collect();
        db.change_file(file, &kept);
        everything(&db, package);
    }
}

#[test]
fn without_a_library_nothing_panics() {
    let (db, fixture) = TestDb::with_fixture(&format!("//- /main/src/main.tml\n{RICH}"));
    assert!(everything(&db, fixture.package("main")) > 0);
}

#[test]
fn real_programs_with_the_real_library() {
    let program = r#"
enum Fault { Low(I32), Gone }
impl Display for Fault { func to_string(this) -> Str { when this { Low(n) => "low {n}", Gone => "gone" } } }
type Point { x: I32, y: I32 }
impl Display for Point { func to_string(this) -> Str { "({this.x}, {this.y})" } }
impl Add for Point { type Output = Point
    func add(this, rhs: Point) -> Point { Point { x: this.x + rhs.x, y: this.y + rhs.y } } }
impl PartialOrd for Point { func partial_cmp(this, other: ref Point) -> Maybe[Ordering] { this.x.partial_cmp(ref other.x) } }
func check(n: I32) -> Outcome[I32, Fault] { if n < 0 { Err(Low(n)) } else { Ok(n) } }
func twice(n: I32) -> Outcome[I32, Fault] { let a = check(n)!
    Ok(a * 2) }
func largest[T: PartialOrd + Copy](xs: ref [T], start: T) -> T {
    var best = start
    for x in xs { if x > best { best = x } }
    best
}
func apply(f: func(I32) -> I32, n: I32) -> I32 { f(n) }
func inc(n: I32) -> I32 { n + 1 }
func main() {
    let p = Point { x: 1, y: 2 } + Point { x: 3, y: 4 }
    println("{p} {p.x:>4} {:x}", 255)
    println(largest([1, 5, 3], 0))
    println("{apply(inc, 3)} {Just(4)} {(1, true)}")
    when twice(4) { Ok(v) => println(v), Err(e) => println("error {e}") }
    let m: Maybe[I32] = Just(3)
    let n = m.map(inc).unwrap_or(0)
    let t = (1, "x") == (1, "x")
    println("{t} {n.max(3)} {p < Point { x: 9, y: 0 }} {m.is_just()}")
    assert_eq(n, 4)
    assert(n == 4, "four")
    var i = 0
    while i < 3 { i += 1 }
    let s = "a" + n.to_string()
    println(s.len())
    let r = 0 to 5
    println("{r.contains(ref 3)} {I32::MAX} {2.pow(10)}")
    if n == 0 { panic("zero {n}") }
}
"#;
    let text = format!("//- /main/src/main.tml\n{program}");
    let (mut db, mut fixture) = TestDb::with_fixture(&text);
    let core = testkit::real_library(&mut db, "core");
    fixture.add_to_all(&mut db, core);
    let package = fixture.package("main");
    let root = hir_def::module_map::module_map(&db, package).root;
    let items = hir_ty::module_diagnostics(&db, root);
    assert!(items.is_empty(), "{items:?}");
    let found = common::diagnostics(&db, package);
    assert!(found.is_empty(), "{found:#?}");
    // Every callee of `main` can be resolved to a function.
    for owner in common::owners(&db, package) {
        for call in hir_ty::infer(&db, owner).calls.values() {
            if let hir_ty::CallRes::Func { callee, .. } = call
                && callee.args.types(&db).all(|ty| !ty.has_params(&db))
            {
                let env = hir_ty::ParamEnv::empty(&db, package);
                let instance = hir_ty::resolve_instance(&db, env, callee.func, callee.args);
                assert_ne!(instance, hir_ty::Instance::Missing, "{callee:?}");
            }
        }
    }
}

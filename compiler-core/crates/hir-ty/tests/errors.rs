//! Diagnostics by code and line.

mod common;
use common::check;

#[test]
fn names() {
    check(
        r#"
func total() -> I32 { return totl } //! T001
func main() {
    let count = 1
    let a = cuont + 1 //! T001
    foo(1) //! T001
    let b: Strng = 1 //! T002
    when Just(1) { Jsut(x) => 1, _ => 2 } //! T002
    FakeShape { x: 1 } //! T030
    let c = 5! //! T001
}
"#,
    );
}

#[test]
fn operators() {
    check(
        r#"
func main() {
    let a = 1 + "a" //! T001
    let b = -"a" //! T001
    let c = not 3 //! T001
    var n: I64 = 1
    n += 1.5 //! T001
    let i: I32 = 4
    let d = n + i //! T001
    let e = "a" < "b"
    let f = true + false //! T001
    let g = n == "x" //! T001
    let h: U8 = 300 //! L005
    let j: I8 = -128
    let k: I8 = -129 //! L005
    let l = 1 and true //! T001
}
"#,
    );
}

#[test]
fn calls() {
    check(
        r#"
type P { x: I32, pub y: I32 = 2 }
impl P { func length(this) -> I32 { 1 } }
func add(a: I32, b: I32) -> I32 { a + b }
func main() {
    add(1) //! T004
    add(1, 2, 3) //! T004
    add(b: 1, a: 2)
    add("a", 2) //! T017
    let p = P { x: 1 }
    p.lenght() //! T009
    let z = p.z //! T010
    let q = P { x: 1, q: 2 } //! T019
    let r = P { y: 2 } //! T018
    let n = 3
    n(1) //! T011
    let s = "a" as F64 //! T012
    n = 4 //! T013
    p.x = 4 //! T013
    if n { } //! T014
    let t: I32 = "x" //! T056
    let u = 5[0] //! T021
    let v = [1, 2]["x"] //! T021
    let w = [1, "a"] //! T025
    let x = *5 //! T024
    let y: I32 = Just(4) //! T007
    println("{} {}", 1) //! T004
}
"#,
    );
}

#[test]
fn returns() {
    check(
        r#"
func a() -> I32 { return "x" } //! T016
func b() { return 1 } //! T023
func c() -> I32 { "x" } //! T016
func d() -> I32 { //! T016
    let x = 1
}
func e(n: I32) -> I32 { when n { 0 => return 1, _ => return 2 } }
func f(c: Bool) -> I32 { if c { 1 } else { "x" } } //! T016
func g(c: Bool) -> I32 { loop { if c { break 3 } } }
func h() -> I32 { panic("no") }
func i(c: Bool) -> I32 { if c { return 1 } else { return 2 } }
func j(c: Bool) -> I32 { if c { 1 } } //! T016
func k() -> I32 { return 1
    println("x") } //! W004
"#,
    );
}

#[test]
fn generics_and_bounds() {
    check(
        r#"
behavior Show { func show(this) -> Str }
type N { x: I32 }
func show[T: Show](x: T) -> Str { x.show() }
func plus[T](a: T, b: T) -> T { a + b } //! T026
func bad[T: Copy](a: T, b: T) -> Bool { a == b } //! T026
func missing[T](x: T) -> Str { x.show() } //! T009
func main() {
    show(N { x: 1 }) //! T026
    let s = "{N { x: 1 }}" //! T031
    let m = Nothing //! T003
    println(N { x: 1 }) //! T031
}
"#,
    );
}

#[test]
fn implied_bounds() {
    check(
        r#"
func same[T](a: T, b: T) -> Bool { a == b }
func get[T](x: ref T) -> T { return x }
func pass[U](a: U, b: U) -> Bool { same(a, b) } //! T026
func copy_bounded[T: Display](x: ref T) -> T { return x } //! T016
type D { x: I32 }
impl Drop for D { func drop(mut this) { } }
func main() {
    let d = D { x: 1 }
    let a = get(ref d) //! T026
    let b = get(ref 1)
    let c = same(d, D { x: 2 })
    let f = same(main, main) //! T026
}
"#,
    );
}

#[test]
fn patterns() {
    check(
        r#"
enum E { A, B(I32), C { x: Bool, y: Bool } }
func f(e: E, n: I32, s: Str, b: Bool, m: Maybe[Bool]) {
    when e { A => 1, B(_) => 2 } //! T042
    when n { 0 => 1, 1 through 9 => 2 } //! T042
    when s { "a" => 1 } //! T042
    when b { true => 1, false => 2 }
    when m { Just(true) => 1, Nothing => 2 } //! T042
    when (b, m) { (true, _) => 1, (_, Just(_)) => 2, (false, Nothing) => 3 }
    when n { _ => 1, 3 => 2 } //! W004
    when e { A | B(_) => 1, C { x } => 2 } //! T043
    when e { A | B(_) => 1, C { x: true, .. } => 2, C { x: false, .. } => 3 }
    let B(k) = E::A //! T044
    let Just(v) = m else { 1 } //! T041 W006
    when n { 9 to 3 => 1, _ => 2 } //! T065
    when n { "x" => 1, _ => 2 } //! T056
    when m { Just(x, y) => 1, _ => 2 } //! T004
}
func g(e: Outcome[I32, Str]) -> Outcome[Unit, I64] { e!
    Ok(()) }
"#
        .replace("{ e!\n", "{ e! //! T046\n")
        .as_str(),
    );
}

#[test]
fn warnings() {
    check(
        r#"
func get() -> Outcome[I32, Str] { Ok(1) }
func fill(xs: mut ref [I32; 2]) { xs[0] = 1 }
func main() {
    get() //! W012
    1 + 2 //! W006
    let a = 1
    a //! W006
    let mut b = [1, 2]
    fill(b) //! W026
    fill(mut ref b)
    let c = [1, 2]
    fill(mut ref c) //! B004
}
"#,
    );
}

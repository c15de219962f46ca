//! Types of locals.

mod common;
use common::check;

#[test]
fn literals_take_types_from_context() {
    check(
        r#"
func take(n: I64, f: F64) {}
func main() {
    let a = 1 //: I32
    let b = 5000000000 //: I64
    let c = 2.5 //: F64
    let d: U8 = 255 //: U8
    let e = 0 //: I64
    take(e, 1)
    let f = 7u16 //: U16
    let g = a + 1 //: I32
    let h = (1, true) //: (I32, Bool)
    let i: (U8, F32) = (1, 2) //: (U8, F32)
    let j = [1, 2, 3] //: [I32; 3]
    let k: [U8; 2] = [1, 2] //: [U8; 2]
    let l = -128i8 //: I8
    let m = if true then 1 else d //: U8
    let n = "x" + "y" //: Str
    let o = 'c' as U32 //: U32
    let p = 3 as U64 //: U64
    let q = a < 2 and not false //: Bool
    let r = [0u8; 4] //: [U8; 4]
    let s = r[a] //: U8
    let t = 1 << 3 //: I32
}
"#,
    );
}

#[test]
fn generics_are_inferred() {
    check(
        r#"
type Pair[A, B] { a: A, b: B }
func id[T](x: T) -> T { x }
func swap[A, B](p: Pair[A, B]) -> Pair[B, A] { Pair { a: p.b, b: p.a } }
impl[A, B] Pair[A, B] {
    pub func new(a: A, b: B) -> This { This { a, b } }
    pub func first(this) -> ref A { ref this.a }
    func map_a[C](this: This, c: C) -> Pair[C, B] { Pair { a: c, b: this.b } }
}
func main() {
    let a = id(1) //: I32
    let b = id("x") //: Str
    let c = Pair { a: 1, b: "x" } //: Pair[I32, Str]
    let d = swap(c) //: Pair[Str, I32]
    let e = Pair::new(1u8, true) //: Pair[U8, Bool]
    let f = e.first() //: ref U8
    let g = e.map_a('c') //: Pair[Char, Bool]
    let h = Just(1) //: Maybe[I32]
    let i: Maybe[I64] = Just(1) //: Maybe[I64]
    let j: Maybe[Str] = Nothing //: Maybe[Str]
    let k = id[U16](4) //: U16
    let l = j.unwrap_or("z") //: Str
    let m: Outcome[I32, Str] = Ok(3) //: Outcome[I32, Str]
    let n = Ok(1) //: Outcome[I32, Unit]
    let o = id //: func(U8) -> U8
    let p = o(3u8) //: U8
    let q = Pair[I64, I64]::new(1, 2) //: Pair[I64, I64]
    let r = Pair[I64, I64].new(1, 2) //: Pair[I64, I64]
    let s: I32? = Nothing //: Maybe[I32]
}
"#,
    );
}

#[test]
fn references_coerce() {
    check(
        r#"
type P { x: I32, name: Str }
impl P {
    func bump(mut this, by: I32) { this.x += by }
    func get(this) -> I32 { return this.x }
}
func read(p: ref P) -> I32 { p.x }
func sum(xs: ref [I32]) -> I32 {
    var total = 0 //: I32
    for x in xs { //: I32
        total += x
    }
    total
}
func change(p: mut ref P) { p.x = 3 }
func copy(n: ref I32) -> I32 { n }
func main() {
    let mut p = P { x: 1, name: "n" } //: P
    let a = read(p) //: I32
    let r = ref p //: ref P
    let b = r.get() + r.x //: I32
    p.bump(2)
    change(mut ref p)
    let s = sum([1, 2]) //: I32
    let t = sum(ref [1, 2]) //: I32
    let u = copy(5) + copy(ref a) //: I32
    let v: I32 = r.x //: I32
    let w = *(ref a) //: I32
    if (ref a) == 1 { }
    for q in [p] { //: P
        let n = q.name //: Str
    }
    for i in 0 to 10 { //: I32
    }
    for i in 0 through a as I64 { //: I64
    }
}
"#,
    );
}

#[test]
fn patterns_bind() {
    check(
        r#"
enum Shape { Dot, Circle(I64), Rect { w: I32, h: I32 } }
func area(s: ref Shape) -> I64 {
    when s {
        Dot => 0,
        Circle(r) => r * r, //: I64
        Rect { w, h } => (w * h) as I64, //: I32
    }
}
type Big { items: [Shape; 2] }
impl Drop for Big { func drop(mut this) { } }
func name(b: ref Maybe[Big]) -> I64 {
    when b {
        Just(x) => area(ref x.items[0]), //: ref Big
        Nothing => 0,
    }
}
func main() {
    let (a, b) = (1, "x") //: I32
    let Just(c) = Just(true) else { return } //: Bool
    let [d, ..rest] = [1u8, 2, 3] //: U8
    if let Circle(e) = Circle(4) { //: I64
    }
    let f = when a { 0 => "none", n if n < 0 => "neg", 1 through 9 | 20 => "few", _ => "many" } //: I32
    let g = "{a} {b}" //: Str
    println("{} {}", a, b)
    println(a)
    println()
}
"#,
    );
}

#[test]
fn behaviors_solve() {
    check(
        r#"
behavior Show { func show(this) -> Str
    func twice(this) -> Str { this.show() + this.show() } }
impl Show for I32 { func show(this) -> Str { "i" } }
impl[T: Show] Show for Maybe[T] { func show(this) -> Str { when this { Just(x) => x.show(), Nothing => "" } } }
func all[T: Show](x: ref T, y: T) -> Str { x.show() + y.twice() }
type V { x: I32 }
impl Add for V { type Output = V
    func add(this, rhs: V) -> V { V { x: this.x + rhs.x } } }
impl Add[I32] for V { type Output = I32
    func add(this, rhs: I32) -> I32 { this.x + rhs } }
type Count { n: I32 }
impl Iterator for Count { type Item = I32
    func next(mut this) -> Maybe[I32] { this.n += 1
        if this.n > 3 then Nothing else Just(this.n) } }
func sum[I: Iterator](it: I) -> Maybe[I::Item] { var i = it //: I
    return i.next() }
func biggest[T: PartialOrd + Copy](a: T, b: T) -> T { if a < b then b else a }
func same[T](a: T, b: T) -> Bool { a == b }
func main() {
    let a = 1.show() //: Str
    let b = Just(2).twice() //: Str
    let c = all(3, 4) //: Str
    let v = V { x: 1 } + V { x: 2 } //: V
    let w = v + 1 //: I32
    for n in Count { n: 0 } { //: I32
    }
    let s = sum(Count { n: 0 }) //: Maybe[I32]
    let t = biggest(1, 2) //: I32
    let u = same("a", "b") //: Bool
    let x = v == V { x: 3 } //: Bool
    let y = Show::show(ref w) //: Str
    let z = I32::MAX - (-5).abs() //: I32
    let k = [1, 2, 3].len() //: I64
    let l = Less == Greater //: Bool
}
"#,
    );
}

#[test]
fn try_propagates() {
    check(
        r#"
enum A { Bad }
enum B { Worse(A) }
impl From[A] for B { func from(v: A) -> B { Worse(v) } }
func f() -> Outcome[I32, A] { Ok(1) }
func g() -> Outcome[I64, B] {
    let x = f()! //: I32
    let y = f()! else 0 //: I32
    let z = f()! else { return Ok(1) } //: I32
    Ok(x as I64)
}
func h(m: Maybe[Str]) -> Maybe[I64] {
    let s = m! //: Str
    Just(s.len())
}
func k() -> I32 {
    f()! //! W033
}
"#,
    );
}

//! Calls through tables that become direct ones, and counts of objects that go, in programs as
//! they are written.

use mono::{Profile, ssa_text};
use ssa::{DebugInfo, OptLevel};
use testkit::TestDb;

/// The text of a function after all passes.
fn optimized(source: &str, name: &str, level: OptLevel) -> String {
    let (db, fixture) = TestDb::with_fixture(source);
    let profile = Profile::new(&db, level, DebugInfo::None, false, false, None);
    let text = ssa_text(&db, fixture.main_package(), profile, None);
    let start = text.find(&format!("func @\"main::{name}\""));
    let text = &text[start.expect("the function")..];
    text[..text.find("\n}").expect("its end")].to_owned()
}

/// Asserts what a function says and what it does not, where tables and counts matter.
fn check(source: &str, name: &str, has: &[&str], lacks: &[&str]) {
    for level in [OptLevel::O2, OptLevel::O3] {
        let text = optimized(source, name, level);
        for wanted in has {
            assert!(text.contains(wanted), "{level:?}: no {wanted}\n{text}");
        }
        for unwanted in lacks {
            assert!(!text.contains(unwanted), "{level:?}: {unwanted}\n{text}");
        }
    }
}

const SHAPES: &str = "\
behavior Shape { func area(this) -> I64 }
type Square { side: I64 }
impl Shape for Square { func area(this) -> I64 { this.side * this.side } }

func measure(shape: ref dyn Shape) -> I64 { shape.area() + 1 }

@inline(never)
func known(n: I64) -> I64 {
    let square: Square = Square { side: n }
    measure(ref square)
}

@inline(never)
func unknown(shape: ref dyn Shape) -> I64 { shape.area() }
";

#[test]
fn a_dyn_call_of_a_known_value_is_inlined() {
    check(SHAPES, "known", &["mul i64 %0, %0"], &["call"]);
    check(SHAPES, "unknown", &["call_indirect"], &[]);
}

const ANIMALS: &str = "\
class Animal {
    legs: I64
    new(legs: I64) { this.legs = legs }
    virtual func speed(this) -> I64 { this.legs * 3 }
    virtual func weight(this) -> I64 { this.legs * 11 }
}

class Dog extends Animal {
    new() : base(4) { }
    override func speed(this) -> I64 { this.legs * 5 }
    sealed override func weight(this) -> I64 { this.legs * 13 }
}

sealed class Cat extends Animal {
    new() : base(4) { }
    override func speed(this) -> I64 { this.legs * 7 }
}

/// Nobody extends it.
class Stone {
    kilos: I64
    new(kilos: I64) { this.kilos = kilos }
    virtual func weight(this) -> I64 { this.kilos * 17 }
}

@inline(never)
func made(n: I64) -> I64 { Animal::new(n).speed() }

@inline(never)
func made_dog() -> I64 {
    let dog: Animal = Dog::new()
    dog.speed()
}

@inline(never)
func stone(n: I64) -> I64 { Stone::new(n).weight() }

@inline(never)
func any(animal: ref Animal) -> I64 { animal.speed() }

@inline(never)
func cat(cat: ref Cat) -> I64 { cat.speed() }

@inline(never)
func dog(dog: ref Dog) -> I64 { dog.weight() }
";

#[test]
fn a_method_of_an_object_whose_class_is_known_is_called_directly() {
    check(
        ANIMALS,
        "made",
        &["mul i64 %0, 3"],
        &["call_indirect (ptr) -> i64"],
    );
    check(
        ANIMALS,
        "made_dog",
        &["20"],
        &["call_indirect (ptr) -> i64"],
    );
    check(ANIMALS, "any", &["call_indirect (ptr) -> i64"], &[]);
}

#[test]
fn a_method_of_a_class_that_nobody_extends_is_inlined_where_the_object_is_made() {
    check(
        ANIMALS,
        "stone",
        &["mul i64 %0, 17"],
        &["call_indirect (ptr) -> i64"],
    );
}

#[test]
fn what_is_sealed_needs_no_table() {
    check(ANIMALS, "cat", &[", 7"], &["call_indirect (ptr) -> i64"]);
    check(ANIMALS, "dog", &[", 13"], &["call_indirect (ptr) -> i64"]);
}

const HANDLES: &str = "\
class Node {
    n: I64
    new(n: I64) { this.n = n }
    func twice(this) -> I64 { this.n * 2 }
}

@inline(never)
func looked_at(node: ref Node) -> I64 {
    let a: Node = *node
    let b: Node = a
    a.n + b.twice()
}

@inline(never)
func kept(node: ref Node, other: func() -> I64) -> I64 {
    let a: Node = *node
    a.n + other()
}
";

#[test]
fn handles_of_objects_that_only_look_count_nothing() {
    check(HANDLES, "looked_at", &["load i64"], &["store", "call"]);
    // What the closure does may end the object: the count stays.
    check(HANDLES, "kept", &["store i64"], &[]);
}

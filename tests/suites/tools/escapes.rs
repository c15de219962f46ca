//! `--explain-escape`: which heap values a program needs.

use crate::support::sandbox::Sandbox;

const SOURCE: &str = "\
class Counter {
    n: I64
    new(n: I64) { this.n = n }
    func next(this) -> I64 {
        this.n += 1
        this.n
    }
}

func object(n: I64) -> I64 {
    let counter = Counter::new(n)
    counter.next() + counter.next()
}

func boxed(n: I64) -> I64 {
    let value = Heap::new(n)
    println(\"may panic\")
    value.get()
}

func kept(n: I64) -> Heap[I64] { Heap::new(n) }

func main() {
    let sum = object(1) + boxed(2) + kept(3).get()
    println(sum)
}
";

#[test]
fn what_begins_and_ends_in_a_function_needs_no_heap() {
    let sandbox = Sandbox::with(&[("app.tml", SOURCE)]);
    sandbox.ok(&[
        "build",
        "-q",
        "--explain-escape",
        "--out-dir",
        "out",
        "app.tml",
    ]);
    let report = std::fs::read_to_string(sandbox.path("out/app.escape")).expect("a report");
    let verdict = |place: &str| report.lines().find(|line| line.starts_with(place));
    let on_stack = |place: &str, bytes: u64| {
        let found =
            verdict(place).is_some_and(|it| it.ends_with(&format!("on the stack, {bytes} bytes")));
        assert!(found, "{place}\n{report}");
    };
    on_stack("app.tml:11:", 24);
    on_stack("app.tml:16:", 8);
    let kept = verdict("app.tml:21:").expect("an allocation");
    assert!(kept.ends_with("kept: escapes: it is returned"), "{report}");
    assert_eq!(
        sandbox.ok(&["run", "-q", "-O", "3", "app.tml"]),
        "may panic\n10\n"
    );
}

//! Codes that only a build, a run or the disk gives.

use std::fs;

use crate::support::sandbox::Sandbox;

fn stderr(sandbox: &Sandbox, args: &[&str]) -> String {
    String::from_utf8_lossy(&sandbox.tml(args).stderr).into_owned()
}

#[test]
fn overflow_panics_where_it_is_asked_for() {
    let program = "func add(a: I8, b: I8) -> I8 { a + b }\n\n\
                   func main() { println(add(100, 100)) }\n";
    let sandbox = Sandbox::with(&[("a.tml", program)]);
    assert_eq!(sandbox.ok(&["run", "a.tml"]), "-56\n");
    let err = stderr(&sandbox, &["run", "a.tml", "--overflow-checks"]);
    assert!(err.contains("panic[R001]"), "{err}");
}

#[test]
fn values_that_no_memory_holds_are_reported() {
    let program = "func main() {\n    \
                   let b: [[U8; 4_000_000_000]; 8_000_000_000] = [[0; 4_000_000_000]; 8_000_000_000]\n    \
                   println(b.len())\n}\n";
    let sandbox = Sandbox::with(&[("a.tml", program)]);
    let err = stderr(&sandbox, &["build", "a.tml"]);
    assert!(err.contains("error[C005]"), "{err}");
}

#[test]
fn sizes_that_no_number_holds_are_reported() {
    let program = "type Big { a: [U8; 9223372036854775807], b: [U8; 9223372036854775807] }\n\n\
                   func main() { println(size_of[Big]()) }\n";
    let sandbox = Sandbox::with(&[("a.tml", program)]);
    let err = stderr(&sandbox, &["build", "a.tml"]);
    assert!(err.contains("error[C005]"), "{err}");
}

#[test]
#[cfg(target_arch = "x86_64")]
fn simd_types_are_added_as_vectors() {
    let program = "@simd\ntype F32x4 { a: F32, b: F32, c: F32, d: F32 }\n\n\
                   impl Add for F32x4 {\n    type Output = F32x4\n    \
                   func add(this, o: F32x4) -> F32x4 {\n        \
                   F32x4 { a: this.a + o.a, b: this.b + o.b, c: this.c + o.c, d: this.d + o.d }\n    \
                   }\n}\n\n\
                   @inline(never)\nfunc sum(xs: ref [F32x4]) -> F32x4 {\n    \
                   var s = F32x4 { a: 0.0, b: 0.0, c: 0.0, d: 0.0 }\n    \
                   for x in xs { s = s + x }\n    s\n}\n\n\
                   func main() {\n    let s = sum(ref [F32x4 { a: 1.0, b: 2.0, c: 3.0, d: 4.0 }; 9])\n    \
                   println(\"{s.a} {s.d}\")\n}\n";
    let sandbox = Sandbox::with(&[("a.tml", program)]);
    assert_eq!(sandbox.ok(&["run", "-q", "-O", "3", "a.tml"]), "9 36\n");
    sandbox.ok(&["build", "-q", "-O", "3", "--emit", "asm", "a.tml"]);
    let code = fs::read_to_string(sandbox.path("build/O3/a.s")).expect("assembly");
    assert!(code.contains("addps"), "no vector addition");
}

#[test]
fn strict_makes_bare_low_level_operations_errors_that_nothing_silences() {
    let program = "@allow(W030)\nfunc read(p: *I32) -> I32 { *p }\n\n\
                   @allow(security)\nfunc marked(p: *I32) -> I32 { lowlevel { *p } }\n\n\
                   func main() {\n    var n = 3\n    let p = mut ref n as *I32\n    \
                   println(\"{read(p)} {marked(p)}\")\n}\n";
    let sandbox = Sandbox::with(&[("a.tml", program)]);
    assert_eq!(sandbox.ok(&["run", "-q", "a.tml"]), "3 3\n");
    let strict = ["check", "a.tml", "--strict", "--allow", "W030"];
    let err = stderr(&sandbox, &strict);
    assert!(err.contains("error[W030]"), "{err}");
    assert_eq!(err.matches("[W030]").count(), 1, "{err}");
    assert_eq!(sandbox.tml(&strict).status.code(), Some(1));
}

#[test]
fn a_file_that_is_no_text_is_reported() {
    let sandbox = Sandbox::with(&[
        (
            "tml.toml",
            "[package]\nname = \"app\"\nversion = \"0.1.0\"\n",
        ),
        ("src/main.tml", "func main() {}\n"),
    ]);
    fs::write(sandbox.path("src/other.tml"), b"pub func f() {}\n// \xff\n").expect("a file");
    let err = stderr(&sandbox, &["check"]);
    assert!(err.contains("error[L012]"), "{err}");
}

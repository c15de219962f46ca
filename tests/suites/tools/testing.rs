//! `tml test`: cli.md §2.3 and reference §14.

use crate::support::sandbox::Sandbox;

const RESULTS: &str = r#"
@test
func passes() { assert_eq(1 + 1, 2) }

@test
func fails() {
    println("printed")
    assert_eq(0, 1, "zero side")
}

@test
func number() -> I32 { 3 }
@test
func truth() -> Bool { false }
@test
func outcome() -> Outcome[Unit, Str] { Err("bad") }
@test
func fine() -> Outcome[Unit, Str] { Ok(()) }
@test @should_panic("oo")
func panics() { panic("boom") }
@test @should_panic(expected: "other")
func panics_otherwise() { panic("boom") }
@test @should_panic(message: "boom")
func does_not_panic() { }
@test(should_fail)
func should_fail() { assert(false) }
@test @ignore(reason: "later")
func ignored() { panic("never run") }
#if TEST
@test
func only_when_testing() { }
#endif
lowlevel func exit(code: I32) -> Never
@test
func ends_the_process() { lowlevel { exit(0) } }
func main() { println("never run") }
"#;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Durations differ from run to run.
fn without_times(out: &str) -> String {
    let mut lines = Vec::new();
    for line in out.lines() {
        match line
            .split_once(" (")
            .filter(|(_, rest)| rest.ends_with("ms)"))
        {
            Some((before, _)) => lines.push(before.to_string()),
            None if line.starts_with(" Duration ") => lines.push(" Duration".to_string()),
            None => lines.push(line.to_string()),
        }
    }
    lines.join("\n")
}

#[test]
fn a_file_is_tested_without_a_manifest() {
    let sandbox = Sandbox::with(&[("results.test.tml", RESULTS)]);
    let expected = " TML Tests v1.0.0

 Running 1 test file...

 + results (13 tests)
   ✗ results.test.tml
       fails: assertion failed: left == right
         left: 0
        right: 1
         note: zero side
       at results.test.tml:8:5
       output:
       | printed
       number: test returned 3
       truth: test returned false
       outcome: test returned Err: bad
       panics_otherwise: panicked with another message
         expected: other
            found: boom
       does_not_panic: did not panic
       ends_the_process: ended the process with status 0

 Tests 7 failed | 5 passed | 1 ignored (13)
 Duration";
    for mode in [&["--no-daemon"][..], &[]] {
        let output = sandbox.tml(&[&["test", "results.test.tml"], mode].concat());
        assert_eq!(without_times(&text(&output.stdout)), expected);
        assert_eq!(output.status.code(), Some(1));
    }
    let output = sandbox.tml(&["test", "results.test.tml", "--filter", "fine"]);
    assert!(text(&output.stdout).ends_with("\n All tests passed!\n"));
    assert_eq!(output.status.code(), Some(0));
    let ignored = sandbox.tml(&["test", "results.test.tml", "ignored", "--include-ignored"]);
    assert_eq!(ignored.status.code(), Some(1));
    let nothing = sandbox.tml(&["test", "results.test.tml", "--filter", "no_such"]);
    assert_eq!(text(&nothing.stdout), "No tests found\n");
    assert_eq!(nothing.status.code(), Some(0));
    let args = [
        "test",
        "results.test.tml",
        "--filter",
        "no_such",
        "--no-tests=fail",
    ];
    assert_eq!(sandbox.tml(&args).status.code(), Some(1));
}

#[test]
fn a_test_that_hangs_fails_alone() {
    let source = "@test\nfunc hangs() { loop (true) { } }\n@test @timeout(0.2)\nfunc hangs_too() { loop (true) { } }\n@test\nfunc passes() { }\n";
    let sandbox = Sandbox::with(&[("a.tml", source)]);
    let output = sandbox.tml(&["test", "a.tml", "--timeout", "0.3", "--no-daemon"]);
    let out = text(&output.stdout);
    assert!(out.contains("hangs: timed out after 0.3 s"), "{out}");
    assert!(out.contains("hangs_too: timed out after 0.2 s"), "{out}");
    assert!(out.contains(" Tests 2 failed | 1 passed (3)"), "{out}");
    assert_eq!(output.status.code(), Some(124));
}

#[test]
fn a_file_that_does_not_compile_fails_alone() {
    let sandbox = Sandbox::with(&[
        ("good.test.tml", "@test\nfunc ok() { }\n"),
        (
            "bad.test.tml",
            "@test\nfunc wrong() { let a: I32 = \"x\" }\n",
        ),
        ("worse.test.tml", "@test\nfunc ( { }\n"),
    ]);
    let output = sandbox.tml(&["test", "good.test.tml", "bad.test.tml", "worse.test.tml"]);
    let out = text(&output.stdout);
    assert!(out.contains(" Tests 2 failed | 1 passed (3)"), "{out}");
    assert!(out.contains("wrong: does not compile"), "{out}");
    assert!(text(&output.stderr).contains("error[T056]"));
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn diagnostic_tests_expect_errors() {
    let sandbox = Sandbox::with(&[
        (
            "met.error.tml",
            "// @expect-error T056 Type mismatch\nfunc main() {\n    let a: I32 = \"x\"\n}\n",
        ),
        (
            "unmet.error.tml",
            "// @expect-error T056 other text\n// @allow-extra\nfunc main() {\n    let a: I32 = \"x\"\n}\n",
        ),
        (
            "extra.error.tml",
            "// @expect-error T056\nfunc main() {\n    let a: I32 = \"x\"\n    totl\n}\n",
        ),
        ("none.error.tml", "func main() { }\n"),
    ]);
    let output = sandbox.tml(&["test", "."]);
    let out = text(&output.stdout);
    assert!(out.contains(" Tests 3 failed | 1 passed (4)"), "{out}");
    assert!(out.contains("extra: unexpected error[T001]"), "{out}");
    assert!(out.contains("none: compiled without an error"), "{out}");
    assert!(
        out.contains("unmet: line 1: no diagnostic T056 with `other text`"),
        "{out}"
    );
}

const PACKAGE: &[(&str, &str)] = &[
    (
        "tml.toml",
        "[package]\nname = \"shapes\"\nversion = \"0.1.0\"\n[test]\ntimeout = 5\n",
    ),
    (
        "src/lib.tml",
        "pub func area(w: I32, h: I32) -> I32 { w * h }\n@test\nfunc inside() { assert_eq(area(2, 3), 6) }\nmod inner {\n    @test\n    func deep() { }\n}\n",
    ),
    (
        "tests/area/edge.test.tml",
        "use shapes\n@test\nfunc zero_side() { assert_eq(shapes::area(0, 3), 0) }\n",
    ),
    (
        "tests/plain.tml",
        "use helper\n@test\nfunc plain() { assert_eq(helper::two(), 2) }\n",
    ),
    ("tests/helper.tml", "pub func two() -> I32 { 2 }\n"),
    (
        "src/wrong.error.tml",
        "// @expect-error T001 Undefined\nfunc main() { totl }\n",
    ),
];

#[test]
fn a_package_tests_its_library_and_its_test_files() {
    let sandbox = Sandbox::with(PACKAGE);
    let listed = sandbox.ok(&["test", "--list"]);
    let names: Vec<&str> = listed.lines().collect();
    assert_eq!(
        names,
        [
            "src/lib.tml::inside",
            "src/lib.tml::inner::deep",
            "src/wrong.error.tml::wrong",
            "tests/area/edge.test.tml::zero_side",
            "tests/plain.tml::plain",
        ]
    );
    assert_eq!(
        sandbox.ok(&["test", "--list-suites"]),
        "shapes\nshapes/area\n"
    );
    let out = sandbox.ok(&["test"]);
    assert!(out.contains(" Tests 5 passed (5)"), "{out}");
    let counted = |args: &[&str]| {
        let out = sandbox.ok(&[&["test", "--list"], args].concat());
        out.lines().count()
    };
    assert_eq!(counted(&["edge"]), 1);
    assert_eq!(counted(&["tests/area/edge.test.tml"]), 1);
    assert_eq!(counted(&["tests"]), 2);
    assert_eq!(counted(&["*lib*::in*"]), 2);
    assert_eq!(counted(&["--suite", "shapes::area"]), 1);
    assert_eq!(counted(&["--exact", "plain"]), 1);
    assert_eq!(counted(&["--exact", "plai"]), 0);
}

#[test]
fn an_edit_of_one_test_regenerates_one_function() {
    let sandbox = Sandbox::with(PACKAGE);
    sandbox.ok(&["test"]);
    sandbox.edit("src/lib.tml", "area(2, 3), 6", "area(2, 4), 8");
    let out = sandbox.ok(&["test"]);
    assert!(out.contains(" Tests 5 passed (5)"), "{out}");
    sandbox.edit("src/lib.tml", "area(2, 4), 8", "area(2, 4), 9");
    let output = sandbox.tml(&["test"]);
    assert_eq!(output.status.code(), Some(1));
    let out = text(&output.stdout);
    assert!(out.contains("at src/lib.tml:3:"), "{out}");
}

#[test]
fn reports_for_machines() {
    let sandbox = Sandbox::with(&[(
        "a.tml",
        "@test\nfunc ok() { }\n@test\nfunc no() { assert(false) }\n",
    )]);
    let run = |reporter: &str| {
        let args = ["test", "a.tml", "--test-threads=1", "--reporter", reporter];
        text(&sandbox.tml(&args).stdout)
    };
    let tap = run("tap");
    assert!(
        tap.starts_with("TAP version 13\n1..2\nok 1 - a.tml::ok\nnot ok 2 - a.tml::no\n"),
        "{tap}"
    );
    let junit = run("junit");
    assert!(
        junit.contains("<testsuites tests=\"2\" failures=\"1\""),
        "{junit}"
    );
    let lines: Vec<serde_json::Value> = run("json")
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(lines[0]["status"], "passed");
    assert_eq!(lines[1]["status"], "failed");
    assert_eq!(lines[1]["reason"], "test");
    assert_eq!(
        lines[2],
        serde_json::json!({"reason": "build-finished", "success": false})
    );
}

#[test]
fn benches_are_measured_and_compared() {
    let sandbox = Sandbox::with(&[(
        "a.tml",
        "@bench(1000)\nfunc spins() { var i: I32 = 0\n while i < 10 { i = i + 1 } }\n@test\nfunc t() { }\n",
    )]);
    let out = sandbox.ok(&["bench", "a.tml", "--save-baseline", "base.json"]);
    assert!(out.contains("  + bench spins ... "), "{out}");
    assert!(out.contains(" ns/iter (1000 iterations)\n"), "{out}");
    let out = sandbox.ok(&["test", "a.tml", "--bench", "--compare", "base.json"]);
    assert!(out.contains("%)\n"), "{out}");
}

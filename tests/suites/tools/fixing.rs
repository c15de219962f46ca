//! `tml fix`, `lint`, machine-readable reports and the small tools.

use serde_json::Value;

use crate::support::sandbox::Sandbox;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

const FIXABLE: &str = "func f(a: Bool, b: Bool) -> Bool {\n    a && !b\n}\nfunc main() {\n    println(\"{f(true, false)}\")\n}\n";

#[test]
fn sure_suggestions_are_applied() {
    let sandbox = Sandbox::with(&[("a.tml", FIXABLE)]);
    let diff = sandbox.ok(&["fix", "a.tml", "--dry-run"]);
    assert!(diff.contains("+    a and not b\n"), "{diff}");
    assert_eq!(sandbox.read("a.tml"), FIXABLE);
    sandbox.ok(&["fix", "a.tml", "--code", "W002"]);
    assert_eq!(sandbox.read("a.tml"), FIXABLE);
    sandbox.ok(&["fix", "a.tml"]);
    assert_eq!(
        sandbox.read("a.tml"),
        FIXABLE.replace("a && !b", "a and not b")
    );
}

#[test]
fn lint_checks_lists_and_fixes_warnings() {
    let sandbox = Sandbox::with(&[("a.tml", FIXABLE)]);
    let output = sandbox.tml(&["lint", "a.tml"]);
    assert!(text(&output.stderr).contains("warning[W023]"));
    assert_eq!(output.status.code(), Some(0));
    let denied = sandbox.tml(&["lint", "a.tml", "--deny", "style"]);
    assert_eq!(denied.status.code(), Some(1));
    sandbox.ok(&["lint", "a.tml", "--fix"]);
    assert!(sandbox.read("a.tml").contains("a and not b"));
    let list = sandbox.ok(&["lint", "--list"]);
    assert!(
        list.contains("W003  warn") && list.contains("W014  allow"),
        "{list}"
    );
}

#[test]
fn reports_are_written_for_other_tools() {
    let source =
        "func main() {\n    let a = \"größe\"; let c: I32 = \"x\"\n    let b = true && false\n}\n";
    let sandbox = Sandbox::with(&[("a.tml", source)]);
    let json = |format: &str| -> Value {
        let output = sandbox.tml(&["check", "a.tml", "--format", format]);
        assert_eq!(output.status.code(), Some(1));
        serde_json::from_slice(&output.stdout).expect("one JSON document")
    };
    let sarif = json("sarif");
    assert_eq!(sarif["version"], "2.1.0");
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    let mismatch = results
        .iter()
        .find(|it| it["ruleId"] == "T056")
        .expect("T056");
    let region = &mismatch["locations"][0]["physicalLocation"]["region"];
    assert_eq!(
        (&region["startLine"], &region["startColumn"]),
        (&Value::from(2), &Value::from(35))
    );
    let fixed = results
        .iter()
        .find(|it| it["ruleId"] == "W023")
        .expect("W023");
    let replacement = &fixed["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(replacement["insertedContent"]["text"], "and");
    let llm = json("llm");
    let all = llm["diagnostics"].as_array().expect("diagnostics");
    let fixed = all.iter().find(|it| it["code"] == "W023").expect("W023");
    let patch = &fixed["source_context"]["patches"][0]["lines"][0];
    assert_eq!(patch["after"], "    let b = true and false");
}

#[test]
fn sources_are_dumped_as_tokens_and_trees() {
    let sandbox = Sandbox::with(&[("a.tml", "func f() {}\n")]);
    let tokens = sandbox.ok(&["tokens", "a.tml"]);
    assert!(tokens.starts_with("0..4 FUNC_KW \"func\"\n"), "{tokens}");
    assert!(
        sandbox
            .ok(&["ast", "a.tml"])
            .starts_with("SOURCE_FILE@0..12")
    );
    let tree: Value =
        serde_json::from_str(&sandbox.ok(&["ast", "a.tml", "--format", "json"])).expect("JSON");
    assert_eq!(tree["kind"], "SOURCE_FILE");
    assert_eq!(tree["children"][0]["kind"], "FUNC");
}

#[test]
fn small_tools_answer() {
    let sandbox = Sandbox::with(&[("tml.toml", "[package]\nname = \"p\"\nversion = \"0.1.0\"\n")]);
    assert!(sandbox.ok(&["env"]).contains("TML_CACHE_DIR"));
    assert!(sandbox.ok(&["explain", "T056"]).contains("T056"));
    assert!(sandbox.ok(&["explain", "S001"]).contains("B001"));
    assert_eq!(sandbox.tml(&["explain", "T999"]).status.code(), Some(2));
    for (shell, mark) in [
        ("bash", "complete -o filenames -F _tml tml"),
        ("zsh", "#compdef tml"),
        ("fish", "complete -c tml"),
        ("powershell", "Register-ArgumentCompleter"),
    ] {
        let script = sandbox.ok(&["completions", shell]);
        assert!(script.contains(mark) && script.contains("fmt"), "{script}");
    }
    for command in [
        "new",
        "init",
        "build",
        "check",
        "run",
        "test",
        "bench",
        "watch",
        "fmt",
        "lint",
        "fix",
        "tokens",
        "ast",
        "explain",
        "env",
        "completions",
        "clean",
        "daemon",
        "lsp",
    ] {
        let help = sandbox.ok(&[command, "-h"]);
        assert!(help.contains("Usage: tml"), "{command}: {help}");
    }
    for (typo, nearest) in [("biuld", "build"), ("fromat", "fmt"), ("tset", "test")] {
        let output = sandbox.tml(&[typo]);
        assert_eq!(output.status.code(), Some(2));
        let err = text(&output.stderr);
        assert!(err.contains("K009"), "{err}");
        if typo != "fromat" {
            assert!(err.contains(&format!("`{nearest}`")), "{err}");
        }
    }
    let output = sandbox.tml(&["test", "--no-deamon"]);
    assert!(text(&output.stderr).contains("`--no-daemon`"));
}

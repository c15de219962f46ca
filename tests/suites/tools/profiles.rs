//! `[profile.*]` and `-O`: how a program is optimised.

use crate::support::sandbox::Sandbox;

const MANIFEST: &str = "[package]\nname = \"app\"\nversion = \"0.1.0\"\n\n[profile.small]\ninherits = \"release\"\nopt-level = \"s\"\noverflow-checks = true\n";
const SOURCE: &str = "func most() -> I32 { I32::MAX }\n\nfunc main() {\n    println(\"before\")\n    println(most() + 1)\n}\n";

#[test]
fn a_profile_of_the_manifest_decides_the_level() {
    let sandbox = Sandbox::with(&[("tml.toml", MANIFEST), ("src/main.tml", SOURCE)]);
    assert_eq!(sandbox.ok(&["run", "-q"]), "before\n-2147483648\n");
    assert_eq!(
        sandbox.ok(&["run", "-q", "-O", "s"]),
        "before\n-2147483648\n"
    );
    let output = sandbox.tml(&["run", "--profile", "small"]);
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(101), "{err}");
    assert!(err.contains("Finished small [optimized]"), "{err}");
    assert!(err.contains("R001"), "{err}");
    assert!(sandbox.path("build/small/app").exists());
    sandbox.edit(
        "tml.toml",
        "overflow-checks = true",
        "overflow-checks = false",
    );
    let out = sandbox.ok(&["run", "-q", "--profile", "small"]);
    assert_eq!(out, "before\n-2147483648\n");
}

#[test]
fn an_unknown_profile_is_a_mistake_of_usage() {
    let sandbox = Sandbox::with(&[("tml.toml", MANIFEST), ("src/main.tml", SOURCE)]);
    let output = sandbox.tml(&["build", "--profile", "smal"]);
    assert_eq!(output.status.code(), Some(2));
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(
        err.contains("known are bench, debug, release, small, test"),
        "{err}"
    );
    sandbox.edit("tml.toml", "opt-level", "inline-threshold = -1\nopt-level");
    let output = sandbox.tml(&["build"]);
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(
        err.contains("K003") && err.contains("inline-threshold"),
        "{err}"
    );
    sandbox.edit(
        "tml.toml",
        "inline-threshold = -1",
        "inline-threshold = 200",
    );
    sandbox.ok(&["build", "--profile", "small"]);
    sandbox.edit("tml.toml", "\"s\"", "\"fast\"");
    let output = sandbox.tml(&["build"]);
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(err.contains("K003") && err.contains("opt-level"), "{err}");
}

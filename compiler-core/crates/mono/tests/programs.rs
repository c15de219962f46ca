//! Every file of `tests/programs` is a program with what it prints behind it:
//!
//! ```text
//! func main() { println("hello") }
//! //> hello
//! ```
//! `//>` is a line of standard output, `//!` one of standard error, `//? 101` the exit status,
//! `//% 1` the number of leaked blocks. All of them default to nothing. `UPDATE_EXPECT=1`
//! writes them.

mod support;

use std::fs;
use std::path::Path;

use ssa::OptLevel;
use support::Outcome;

const MARKERS: [&str; 4] = ["//>", "//!", "//?", "//%"];

#[test]
fn programs_do_what_they_say() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs");
    let mut paths: Vec<_> = fs::read_dir(&dir)
        .expect("programs")
        .map(|entry| entry.expect("entry").path())
        .collect();
    paths.sort();
    let only = std::env::var("PROGRAM").unwrap_or_default();
    let mut failures = Vec::new();
    for path in paths {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if !name.ends_with(".tml") || !name.contains(&only) {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a readable program");
        let run = || {
            let compiled = support::compile(&text);
            let plain = support::run(&compiled, OptLevel::O0);
            let optimized = support::run(&compiled, OptLevel::O2);
            assert_eq!(plain, optimized, "optimisation changes what {name} does");
            plain
        };
        match std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)) {
            Err(_) => failures.push(format!("{name}: see above")),
            Ok(outcome) => {
                let actual = with_expectation(&text, &outcome);
                if actual == text {
                    continue;
                }
                if std::env::var_os("UPDATE_EXPECT").is_some() {
                    fs::write(&path, actual).expect("a writable program");
                } else {
                    failures.push(format!("{name}:\n{actual}"));
                }
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} failed\n{}",
        failures.len(),
        failures.join("\n")
    );
}

/// The program with the expectation that an outcome fulfils.
fn with_expectation(text: &str, outcome: &Outcome) -> String {
    let code = text
        .lines()
        .filter(|line| !MARKERS.iter().any(|marker| line.starts_with(marker)))
        .collect::<Vec<_>>()
        .join("\n");
    let mut out = code.trim_end().to_owned() + "\n";
    let line = |marker: &str, line: &str| match line.is_empty() {
        true => format!("{marker}\n"),
        false => format!("{marker} {line}\n"),
    };
    outcome
        .stdout
        .lines()
        .for_each(|text| out += &line("//>", text));
    outcome
        .stderr
        .lines()
        .for_each(|text| out += &line("//!", text));
    if outcome.exit != 0 {
        out += &format!("//? {}\n", outcome.exit);
    }
    if outcome.leaks != 0 {
        out += &format!("//% {}\n", outcome.leaks);
    }
    out
}

//! Random programs print the same at every level of optimisation.
//!
//! `FUZZ_CASES` and `FUZZ_SEED` choose how many and from where. The bin `fuzz` runs many more and
//! reduces what differs; `mono`'s suite of this name compares the passes in the interpreter.

use std::fs;
use std::path::Path;
use std::process::Command;

use compiler_core::build::{Builder, Outcome, ProfileChoice};
use compiler_core::{Host, Input};
use tests::fuzz::{Case, case, differences, program};

use crate::support::programs;

const CASES: u64 = 20;
const CASES_PER_PROGRAM: u64 = 10;

fn setting(name: &str, default: u64) -> u64 {
    let text = std::env::var(name).ok();
    text.and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn random_programs_print_the_same_at_every_level() {
    let dir = tempfile::tempdir().expect("a directory");
    // Other seeds than those of the interpreter's suite.
    let (cases, first) = (setting("FUZZ_CASES", CASES), setting("FUZZ_SEED", 5000));
    let mut failures = Vec::new();
    let mut seed = first;
    while seed < first + cases {
        let last = (seed + CASES_PER_PROGRAM).min(first + cases);
        let batch: Vec<Case> = (seed..last).map(case).collect();
        let file = dir.path().join(format!("fuzz{seed}.tml"));
        fs::write(&file, program(&batch)).expect("a writable file");
        let outputs: Vec<String> = [ProfileChoice::debug(), ProfileChoice::release()]
            .into_iter()
            .map(|profile| output(&file, dir.path(), profile))
            .collect();
        if let [plain, optimized] = outputs.as_slice() {
            failures.extend(differences(plain, optimized));
            assert_eq!(tests::fuzz::outputs(plain).len(), batch.len(), "{plain}");
        }
        seed = last;
    }
    assert!(failures.is_empty(), "seeds {failures:?}");
}

fn output(file: &Path, dir: &Path, profile: ProfileChoice) -> String {
    let builder = Builder::new(2).expect("threads");
    let host = Host::open(Input::SingleFile(file.display().to_string()));
    let report = builder.build(&host, &programs::request(dir, profile), &mut |_| {});
    assert!(
        report.outcome == Outcome::Done,
        "{:?}\n{}",
        report.outcome,
        programs::rendered(&host, &report)
    );
    let image = &report.artifacts.first().expect("a program").path;
    let output = Command::new(image).output().expect("the program starts");
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    format!("{stdout}{stderr}{}\n", output.status)
}

//! Short fuzzing: the kept corpus, then a few hundred inputs per target from a fixed seed.
//! `TML_SEED` and `TML_CASES` replay or lengthen it.

mod check;

use std::time::Duration;

use crate::support::parallel::on_an_analysis_stack;
use tests::inputs::{self, Limits, TARGETS, Target};

/// Inputs of a usual run. The analysis takes milliseconds for each, the others microseconds.
const CASES: u64 = 1500;
const CASES_CHECK: u64 = 150;

/// The property that needs the compiler.
const CHECK: Target = Target {
    name: "check",
    run: check::check,
};

fn target(name: &str) -> &'static Target {
    TARGETS
        .iter()
        .find(|target| target.name == name)
        .expect("a target of that name")
}

fn short_run(target: &Target, cases: u64) {
    let number = |name: &str, default: u64| {
        let text = std::env::var(name).ok();
        text.and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let limits = Limits {
        rounds: number("TML_CASES", cases),
        time: Duration::from_secs(3600),
    };
    let outcome = inputs::run(target, &inputs::seeds(), number("TML_SEED", 1), limits);
    if let Some(failure) = outcome.failure {
        panic!(
            "TML_SEED={} TML_CASES=1: {}\n--- input\n{}",
            failure.seed,
            failure.message,
            String::from_utf8_lossy(&failure.input)
        );
    }
}

#[test]
fn the_corpus_holds() {
    for target in TARGETS.iter().chain([&CHECK]) {
        let corpus = inputs::corpus(target.name);
        assert!(!corpus.is_empty(), "{} has no corpus", target.name);
        for (path, input) in corpus {
            if let Err(message) = inputs::holds(target, &input) {
                panic!("{}: {message}", path.display());
            }
        }
    }
}

#[test]
fn the_lexer_takes_anything() {
    short_run(target("lexer"), CASES);
}

#[test]
fn the_parser_takes_anything() {
    short_run(target("parser"), CASES);
}

#[test]
fn reparsing_is_parsing() {
    short_run(target("reparse"), CASES);
}

#[test]
fn formatting_is_stable_and_changes_nothing() {
    short_run(target("format"), CASES);
}

#[test]
fn the_analysis_takes_anything() {
    on_an_analysis_stack(|| short_run(&CHECK, CASES_CHECK));
}

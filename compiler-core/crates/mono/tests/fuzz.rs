//! Random programs in the interpreter: what the passes make of a program must do the same.
//!
//! `FUZZ_CASES` and `FUZZ_SEED` choose how many and from where, `FUZZ_PER_PROGRAM` how many share
//! a program. With `FUZZ_NATIVE`, a directory that holds `tml`, native code of O0 and O3 must print
//! the same, too; without the interpreter that is `cargo run -p tests --bin fuzz`.

mod support;

use std::path::Path;
use std::sync::Arc;

use ssa::bisect::bisect;
use ssa::{Module, OptLevel, Pipeline};
use support::Outcome;
use tests::fuzz::{Case, Native, case, differences, program, reduce};

/// Cases of an ordinary run; more are for a machine at night.
const CASES: u64 = 20;
const CASES_PER_PROGRAM: u64 = 10;

fn setting(name: &str, default: u64) -> u64 {
    let text = std::env::var(name).ok();
    text.and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn optimisation_keeps_what_random_programs_do() {
    let (cases, first) = (setting("FUZZ_CASES", CASES), setting("FUZZ_SEED", 1));
    let per_program = setting("FUZZ_PER_PROGRAM", CASES_PER_PROGRAM);
    let native = std::env::var("FUZZ_NATIVE").ok();
    let native = native.map(|bin| Native::new(Path::new(&bin)));
    let (mut failures, mut refused) = (Vec::new(), Vec::new());
    let mut seed = first;
    while seed < first + cases {
        let last = (seed + per_program).min(first + cases);
        let batch: Vec<Case> = (seed..last).map(case).collect();
        for failing in failing(&batch, native.as_ref(), &mut refused) {
            failures.push(failing);
            // What a reduction makes of a program may well be refused.
            let mut still_fails = |it: &Case| {
                let it = std::slice::from_ref(it);
                !self::failing(it, native.as_ref(), &mut Vec::new()).is_empty()
            };
            let small = reduce(&case(failing), &mut still_fails);
            let text = program(std::slice::from_ref(&small));
            eprintln!("seed {failing} differs:\n{text}\n{}", blame(&text));
        }
        seed = last;
        eprintln!(
            "{} of {cases} cases, {} differ",
            seed - first,
            failures.len()
        );
    }
    assert!(failures.is_empty(), "seeds {failures:?}");
    assert!(refused.is_empty(), "refused: seeds {refused:?}");
}

/// The seeds of a batch that two ways to run it disagree about: the interpreter with the passes,
/// or native code of both levels, against the interpreter without them. `refused` gets the seeds
/// that the interpreter takes at no level.
fn failing(batch: &[Case], native: Option<&Native>, refused: &mut Vec<u64>) -> Vec<u64> {
    let text = program(batch);
    let run = |level| {
        let run = || {
            let compiled = support::compile(&text);
            assert!(support::is_sound(&compiled, level));
            support::run(&compiled, level)
        };
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(run))
    };
    let first = || batch.iter().map(|case| case.seed).take(1).collect();
    let plain = run(OptLevel::O0);
    if let (Some(native), Ok(plain)) = (native, &plain) {
        assert_eq!(plain.leaks, 0, "leaks");
        return native.failing_beside(batch, Some(&shown(plain)));
    }
    match (plain, run(OptLevel::O3)) {
        (Ok(plain), Ok(optimized)) => {
            assert_eq!(plain.leaks, 0, "leaks");
            if optimized.leaks > plain.leaks {
                return first();
            }
            differences(&shown(&plain), &shown(&optimized))
        }
        // Refused at both levels: too much for the interpreter's limits together, the generator's
        // fault, or a reduction's.
        (Err(_), Err(_)) if batch.len() == 1 => {
            refused.push(batch[0].seed);
            Vec::new()
        }
        (Err(_), Err(_)) => {
            let (left, right) = batch.split_at(batch.len() / 2);
            let left = failing(left, native, refused);
            [left, failing(right, native, refused)].concat()
        }
        _ => first(),
    }
}

fn shown(outcome: &Outcome) -> String {
    format!(
        "{}{}exit {}\n",
        outcome.stdout, outcome.stderr, outcome.exit
    )
}

/// The pass that is to blame.
fn blame(text: &str) -> String {
    let compiled = support::compile(text);
    let functions = support::simplified(&compiled, OptLevel::O3);
    let module = Module {
        globals: Vec::new(),
        functions: functions.into_iter().map(Arc::new).collect(),
    };
    let pipeline = Pipeline::optimize(OptLevel::O3);
    let mut run = |module: &Module| shown(&support::run_module(&compiled, OptLevel::O3, module));
    match bisect(&module, &pipeline, &mut run) {
        Some(culprit) => format!(
            "pass {} ({}) breaks {}:\n{}\ninto\n{}",
            culprit.index, culprit.pass.name, culprit.symbol, culprit.dump.0, culprit.dump.1
        ),
        None => "no pass over whole functions: those before inlining, or native code".to_owned(),
    }
}

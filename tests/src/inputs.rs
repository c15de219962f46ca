//! Fuzzing: what must hold for any input, and a seeded search for inputs where it does not.
//!
//! [`targets`] are the properties; both engines run them. `tests/fuzz` is a package for
//! libFuzzer, guided by coverage, with a nightly compiler. The engine here ([`run`]) needs
//! nothing: it starts from the corpus and the repository's sources, changes them blindly but
//! with the language's words at hand ([`mutate`]), and prints the seed of what fails. It knows no
//! coverage; what it lacks in guidance it makes up for by starting from real programs.
//!
//! A short run is part of `make test`. A long one:
//! `cargo run --release -p tests --bin fuzz_inputs -- TARGET [SECONDS] [SEED]`.

pub mod mutate;
pub mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mutate::Random;

/// One property.
pub struct Target {
    pub name: &'static str,
    /// Panics if the property does not hold.
    pub run: fn(&[u8]),
}

/// Properties of a text alone, the cheap ones first. That of the analysis is in the suites, so
/// that this library needs no compiler.
pub const TARGETS: &[Target] = &[
    Target {
        name: "lexer",
        run: targets::lexer,
    },
    Target {
        name: "parser",
        run: targets::parser,
    },
    Target {
        name: "reparse",
        run: targets::reparse,
    },
    Target {
        name: "format",
        run: targets::format,
    },
];

/// Inputs longer than this are cut: what is found in them is found in shorter ones, sooner.
const INPUT_BYTES_MAX: usize = 16 * 1024;

/// How a search ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub rounds: u64,
    pub failure: Option<Failure>,
}

/// An input for which a property does not hold.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Round `n` of seed `s` is round 0 of seed `s + n`.
    pub seed: u64,
    pub input: Vec<u8>,
    pub message: String,
}

/// When a search ends.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub rounds: u64,
    pub time: Duration,
}

/// The repository's root.
fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// The kept inputs of a target: `tests/fuzz/corpus/TARGET`, in order of their names.
pub fn corpus(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let dir = repository().join("tests/fuzz/corpus").join(target);
    let mut out = Vec::new();
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if let Ok(bytes) = std::fs::read(&path) {
            out.push((path, bytes));
        }
    }
    out.sort();
    out
}

/// What is mutated: the corpora of all targets, and small sources of the repository.
pub fn seeds() -> Vec<Vec<u8>> {
    let root = repository();
    let mut out: Vec<Vec<u8>> = Vec::new();
    let names = TARGETS.iter().map(|target| target.name).chain(["check"]);
    for name in names {
        out.extend(corpus(name).into_iter().map(|(_, bytes)| bytes));
    }
    let mut paths = Vec::new();
    let mut pending = vec![
        root.join("tests/run"),
        root.join("tests/syntax"),
        root.join("tests/ui"),
        root.join("lib/core/src"),
    ];
    while let Some(dir) = pending.pop() {
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|it| it == "tml") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    out.extend(paths.iter().filter_map(|path| std::fs::read(path).ok()));
    out.retain(|bytes| bytes.len() <= INPUT_BYTES_MAX);
    out
}

/// Runs one input; the message of the panic if the property does not hold.
pub fn holds(target: &Target, input: &[u8]) -> Result<(), String> {
    catch_unwind(AssertUnwindSafe(|| (target.run)(input))).map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
        text.unwrap_or_else(|| "a panic without words".to_string())
    })
}

/// Searches from a seed on. What it tries depends on seed, round and sources only.
pub fn run(target: &Target, seeds: &[Vec<u8>], seed: u64, limits: Limits) -> Outcome {
    let start = Instant::now();
    let mut rounds = 0;
    while rounds < limits.rounds && start.elapsed() < limits.time {
        let this = seed.wrapping_add(rounds);
        let mut random = Random::new(this);
        let mut input = mutate::input(seeds, &mut random);
        input.truncate(INPUT_BYTES_MAX);
        rounds += 1;
        if let Err(message) = holds(target, &input) {
            let failure = Failure {
                seed: this,
                input: shrunk(target, input),
                message,
            };
            return Outcome {
                rounds,
                failure: Some(failure),
            };
        }
    }
    Outcome {
        rounds,
        failure: None,
    }
}

/// Attempts at making a failing input smaller.
const SHRINK_STEPS_MAX: usize = 2000;

/// Removes pieces of a failing input, large ones first, as long as it still fails.
fn shrunk(target: &Target, mut input: Vec<u8>) -> Vec<u8> {
    let mut steps = 0;
    let mut size = input.len() / 2;
    while size > 0 && steps < SHRINK_STEPS_MAX {
        let mut at = 0;
        while at < input.len() && steps < SHRINK_STEPS_MAX {
            steps += 1;
            let end = (at + size).min(input.len());
            let mut smaller = input.clone();
            smaller.drain(at..end);
            match holds(target, &smaller) {
                Err(_) => input = smaller,
                Ok(()) => at += size,
            }
        }
        size /= 2;
    }
    input
}

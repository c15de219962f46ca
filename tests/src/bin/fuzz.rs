//! `cargo run -p tests --bin fuzz -- BIN-DIR [CASES] [FIRST-SEED] [CASES-PER-PROGRAM]`
//!
//! Builds random programs at O0 and O3, runs them and compares what they print. Prints the seeds
//! of cases that differ and the reduced programs; `tests/run/fuzz` is where they go then.

use std::path::Path;
use std::time::Instant;

use tests::fuzz::{Case, Native, case, program, reduce};

fn main() {
    let mut args = std::env::args().skip(1);
    let bin = args
        .next()
        .expect("usage: fuzz BIN-DIR [CASES] [FIRST-SEED] [PER-PROGRAM]");
    let mut number = |default: u64| {
        let text = args.next();
        text.and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let (cases, first, per_program) = (number(1000), number(1), number(50));
    let native = Native::new(Path::new(&bin));
    let start = Instant::now();
    let mut failures = 0;
    let mut seed = first;
    while seed < first + cases {
        let last = (seed + per_program).min(first + cases);
        let batch: Vec<Case> = (seed..last).map(case).collect();
        for failing in native.failing(&batch) {
            failures += 1;
            let mut still_fails = |it: &Case| !native.failing(std::slice::from_ref(it)).is_empty();
            let small = reduce(&case(failing), &mut still_fails);
            let text = program(std::slice::from_ref(&small));
            println!("seed {failing} differs:\n{text}");
        }
        seed = last;
        let seconds = start.elapsed().as_secs();
        eprintln!(
            "{} of {cases} cases, {failures} differ, {seconds} s",
            seed - first
        );
    }
    drop(native);
    std::process::exit(i32::from(failures > 0));
}

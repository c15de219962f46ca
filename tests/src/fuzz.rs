//! Random programs that every level of optimisation must treat alike.
//!
//! A case is a function of a seed; a batch puts many into one program, because building costs
//! more than running. What differs is reduced by leaving out statements ([`reduce`]).

mod generate;
mod native;
mod reduce;

pub use generate::{Case, Node, case};
pub use native::Native;
pub use reduce::reduce;

/// What all cases of a program may use.
const PRELUDE: &str = include_str!("fuzz/prelude.tml");

/// A program that runs cases one after another.
pub fn program(cases: &[Case]) -> String {
    let mut text = PRELUDE.to_owned();
    for case in cases {
        text.push('\n');
        text.push_str(&case.text());
    }
    text.push_str("\nfunc main() {\n");
    for case in cases {
        text.push_str(&format!("    println(\"case {}\")\n", case.seed));
        for args in ["3, -7", "-100, 1000000"] {
            text.push_str(&format!("    case_{}({args})\n", case.seed));
        }
    }
    text.push_str("}\n");
    text
}

/// What each case printed, from the output of a batch: `(seed, text)`.
pub fn outputs(text: &str) -> Vec<(u64, String)> {
    let mut found: Vec<(u64, String)> = Vec::new();
    for line in text.lines() {
        match line
            .strip_prefix("case ")
            .and_then(|seed| seed.parse().ok())
        {
            Some(seed) => found.push((seed, String::new())),
            None => {
                if let Some((_, text)) = found.last_mut() {
                    text.push_str(line);
                    text.push('\n');
                }
            }
        }
    }
    found
}

/// The seeds whose output is not the same in two runs of a batch.
pub fn differences(a: &str, b: &str) -> Vec<u64> {
    let (a, b) = (outputs(a), outputs(b));
    let mut seeds: Vec<u64> = a
        .iter()
        .zip(&b)
        .filter(|(a, b)| a != b)
        .map(|(a, _)| a.0)
        .collect();
    // A run that ended early did so in its last case.
    if a.len() != b.len() {
        let shorter = if a.len() < b.len() { &a } else { &b };
        seeds.extend(shorter.last().map(|it| it.0));
    }
    seeds.dedup();
    seeds
}

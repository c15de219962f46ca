//! Benches: how long a function takes, and against an earlier measurement.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{EXIT_FAILED, PASSED, TestOptions, limit_seconds, process};
use crate::protocol::{TestCase, TestFile, TestPlan};
use crate::run::print;

/// Rounds of a first look; and never fewer (reference §14).
const ROUNDS_MIN: u64 = 1000;
const ROUNDS_MAX: u64 = 1_000_000_000;
/// How long a measurement without a given number of rounds should take.
const WANTED_NS: u64 = 100_000_000;
/// A bench runs at least this long before it counts as hanging.
const LIMIT_SECONDS_MIN: f64 = 60.0;

struct Measured {
    nanos: u64,
    rounds: u64,
}

impl Measured {
    fn per_round(&self) -> f64 {
        self.nanos as f64 / self.rounds.max(1) as f64
    }
}

/// Runs all benches, one after the other, and prints a line for each.
pub(super) fn run(plan: &TestPlan, options: &TestOptions) -> u8 {
    let start = Instant::now();
    let baseline = match options.compare.as_deref().map(read_baseline) {
        Some(Err(message)) => {
            eprintln!("error: {message}");
            return 2;
        }
        Some(Ok(baseline)) => Some(baseline),
        None => None,
    };
    let mut failed = false;
    let mut measured = Vec::new();
    print(format_args!(" TML Tests v1.0.0\n\n"));
    for file in &plan.files {
        for bench in &file.tests {
            if bench.ignored.is_some() && !options.include_ignored {
                continue;
            }
            let found = measure(file, bench, plan, options);
            let result = match found {
                Ok(result) => result,
                Err(message) => {
                    failed = true;
                    print(format_args!("  ✗ bench {} ... {message}\n", bench.name));
                    continue;
                }
            };
            let time = result.per_round();
            let before = baseline.as_ref().and_then(|it| look_up(it, file, bench));
            let change = before.map(|before| change(before, time));
            print(format_args!(
                "  + bench {} ... {} ns/iter ({} iterations){}\n",
                bench.name,
                rounded(time),
                result.rounds,
                change.unwrap_or_default()
            ));
            measured.push(json!({
                "file": file.path,
                "name": bench.name,
                "ns_per_iter": time,
            }));
        }
    }
    if let Some(path) = &options.save_baseline {
        let text = format!("{:#}\n", json!({ "benchmarks": measured }));
        if let Err(error) = std::fs::write(path, text) {
            eprintln!("error: cannot write `{path}`: {error}");
            failed = true;
        }
    }
    print(format_args!(
        "\n Duration {:.2}s\n",
        start.elapsed().as_secs_f64()
    ));
    if failed { EXIT_FAILED } else { 0 }
}

fn rounded(time: f64) -> String {
    match time < 10.0 {
        true => format!("{time:.1}").trim_end_matches(".0").to_string(),
        false => format!("{time:.0}"),
    }
}

/// ` (-15.2%)`, ` (+10.5%)`, or ` (~0.3%)` for less than one percent.
fn change(before: f64, now: f64) -> String {
    if before <= 0.0 {
        return String::new();
    }
    let percent = (now - before) / before * 100.0;
    match percent.abs() < 1.0 {
        true => format!(" (~{:.1}%)", percent.abs()),
        false => format!(" ({percent:+.1}%)"),
    }
}

fn measure(
    file: &TestFile,
    bench: &TestCase,
    plan: &TestPlan,
    options: &TestOptions,
) -> Result<Measured, String> {
    let Some(program) = &file.program else {
        return Err("does not compile".to_string());
    };
    let seconds = limit_seconds(bench, plan, options).max(LIMIT_SECONDS_MIN);
    let limit = Duration::from_secs_f64(seconds.min(1e8));
    let once = |rounds: u64| {
        let args = [bench.number.to_string(), rounds.to_string()];
        let ended = process::run(
            Path::new(program),
            Path::new(&file.dir),
            &args,
            limit,
            false,
        )
        .map_err(|error| format!("cannot run `{program}`: {error}"))?;
        match ended.status.map(|status| status.code()) {
            None => return Err(format!("timed out after {seconds} s")),
            Some(Some(PASSED)) => {}
            Some(_) => {
                let last = ended.err.lines().find(|line| line.starts_with("panic"));
                return Err(last.unwrap_or("failed").to_string());
            }
        }
        let line = ended
            .out
            .lines()
            .rev()
            .find_map(|line| line.strip_prefix("tml:bench "));
        let nanos = line.and_then(|line| line.split(' ').next()?.parse().ok());
        let nanos = nanos.ok_or_else(|| "reported no time".to_string())?;
        Ok(Measured { nanos, rounds })
    };
    if let Some(rounds) = bench.rounds {
        return once(rounds.max(1));
    }
    let first = once(ROUNDS_MIN)?;
    if first.nanos >= WANTED_NS {
        return Ok(first);
    }
    let per_round = first.per_round().max(0.1);
    let rounds = (WANTED_NS as f64 / per_round) as u64;
    once(rounds.clamp(ROUNDS_MIN, ROUNDS_MAX))
}

fn read_baseline(path: &str) -> Result<Value, String> {
    let text =
        std::fs::read_to_string(path).map_err(|error| format!("cannot read `{path}`: {error}"))?;
    serde_json::from_str(&text).map_err(|error| format!("`{path}` is no baseline: {error}"))
}

fn look_up(baseline: &Value, file: &TestFile, bench: &TestCase) -> Option<f64> {
    let all = baseline["benchmarks"].as_array()?;
    let is_this = |it: &&Value| it["file"] == *file.path && it["name"] == *bench.name;
    all.iter().find(is_this)?["ns_per_iter"].as_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_below_a_percent_are_noise() {
        assert_eq!(change(100.0, 84.8), " (-15.2%)");
        assert_eq!(change(100.0, 110.5), " (+10.5%)");
        assert_eq!(change(100.0, 100.3), " (~0.3%)");
    }
}

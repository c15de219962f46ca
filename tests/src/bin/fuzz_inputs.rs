//! A long search: `fuzz_inputs TARGET|all [SECONDS] [SEED]`. Failing inputs go to `fuzz_crashes/`.

use std::process::ExitCode;
use std::time::Duration;

use tests::inputs::{self, Limits, TARGETS};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, default: u64| {
        args.get(at)
            .and_then(|text| text.parse().ok())
            .unwrap_or(default)
    };
    let name = args.first().map_or("all", String::as_str);
    let limits = Limits {
        rounds: u64::MAX,
        time: Duration::from_secs(number(1, 60)),
    };
    let seeds = inputs::seeds();
    let mut has_failed = false;
    for target in TARGETS.iter().filter(|it| name == "all" || it.name == name) {
        let outcome = inputs::run(target, &seeds, number(2, 1), limits);
        println!("{}: {} inputs", target.name, outcome.rounds);
        let Some(failure) = outcome.failure else {
            continue;
        };
        has_failed = true;
        let path = format!("fuzz_crashes/{}-{}", target.name, failure.seed);
        println!("  seed {}: {}", failure.seed, failure.message);
        let written = std::fs::create_dir_all("fuzz_crashes")
            .and_then(|()| std::fs::write(&path, &failure.input));
        match written {
            Ok(()) => println!("  input in {path}"),
            Err(error) => println!("  cannot write {path}: {error}"),
        }
    }
    ExitCode::from(u8::from(has_failed))
}

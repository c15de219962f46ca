//! `cargo run -p tests --bin bench_programs -- BIN-DIR [ROUNDS]`
//!
//! Builds the programs of `tests/bench-programs` from TML, Rust and C, checks that they print
//! the same, and prints medians of their running times. A compiler that is not there is left out.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Runs per program; the median of a few is steady enough for ratios.
const ROUNDS: usize = 5;

struct Language {
    name: &'static str,
    extension: &'static str,
}

const LANGUAGES: [Language; 3] = [
    Language {
        name: "TML",
        extension: "tml",
    },
    Language {
        name: "Rust",
        extension: "rs",
    },
    Language {
        name: "C",
        extension: "c",
    },
];

fn main() {
    let mut args = std::env::args().skip(1);
    let bin = args.next().expect("usage: bench_programs BIN-DIR [ROUNDS]");
    let rounds = args
        .next()
        .and_then(|text| text.parse().ok())
        .unwrap_or(ROUNDS);
    let tml = std::fs::canonicalize(Path::new(&bin).join("tml")).expect("BIN-DIR holds tml");
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("bench-programs");
    let dir = std::env::temp_dir().join(format!("tml-bench-programs-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("a directory");
    println!(
        "{:<20} {:>10} {:>10} {:>10} {:>9} {:>9}",
        "program", "TML", "Rust", "C", "TML/Rust", "TML/C"
    );
    let mut failed = false;
    for name in names(&sources) {
        let mut medians: Vec<Option<Duration>> = Vec::new();
        let mut printed: Vec<(&str, String)> = Vec::new();
        for language in &LANGUAGES {
            let folder = match language.extension {
                "rs" => "rust",
                other => other,
            };
            let source = sources
                .join(folder)
                .join(format!("{name}.{}", language.extension));
            let image = build(&tml, language, &source, &dir, &name);
            let measured = image.and_then(|image| measure(&image, rounds));
            medians.push(measured.as_ref().map(|it| it.0));
            printed.extend(measured.map(|it| (language.name, it.1)));
        }
        let shown: Vec<String> = medians
            .iter()
            .map(|it| {
                it.map_or("-".to_owned(), |it| {
                    format!("{:.1} ms", it.as_secs_f64() * 1e3)
                })
            })
            .collect();
        let ratio = |other: usize| match (medians.first(), medians.get(other)) {
            (Some(Some(ours)), Some(Some(theirs))) => {
                format!("{:.2}", ours.as_secs_f64() / theirs.as_secs_f64())
            }
            _ => "-".to_owned(),
        };
        println!(
            "{name:<20} {:>10} {:>10} {:>10} {:>9} {:>9}",
            shown[0],
            shown[1],
            shown[2],
            ratio(1),
            ratio(2)
        );
        for pair in printed.windows(2) {
            if pair[0].1 != pair[1].1 {
                failed = true;
                println!(
                    "  {} prints\n{}  {} prints\n{}",
                    pair[0].0, pair[0].1, pair[1].0, pair[1].1
                );
            }
        }
    }
    let _ = std::fs::remove_dir_all(&dir);
    std::process::exit(i32::from(failed));
}

fn names(sources: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(sources.join("tml")).expect("tests/bench-programs/tml");
    let mut names: Vec<String> = entries
        .filter_map(|entry| {
            Some(
                entry
                    .ok()?
                    .path()
                    .file_stem()?
                    .to_string_lossy()
                    .into_owned(),
            )
        })
        .collect();
    names.sort();
    names
}

/// The executable; `None`, with a reason on standard error, if it cannot be made.
fn build(
    tml: &Path,
    language: &Language,
    source: &Path,
    dir: &Path,
    name: &str,
) -> Option<PathBuf> {
    let out = dir.join(language.extension);
    std::fs::create_dir_all(&out).ok()?;
    let image = out.join(name);
    let mut command = match language.extension {
        "tml" => {
            let mut command = Command::new(tml);
            command.args(["build", "--no-daemon", "-q", "-O", "3", "--out-dir"]);
            command.arg(&out).arg(source).current_dir(dir);
            command
        }
        "rs" => {
            let mut command = Command::new("rustc");
            command.args(["-O", "--edition", "2024", "-A", "warnings", "-o"]);
            command.arg(&image).arg(source);
            command
        }
        _ => {
            let mut command = Command::new("clang-22");
            command
                .args(["-O3", "-w", "-o"])
                .arg(&image)
                .arg(source)
                .arg("-lm");
            command
        }
    };
    let Ok(output) = command.output() else {
        return None;
    };
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        let errors: Vec<&str> = text.lines().filter(|line| line.contains("error")).collect();
        eprintln!("{name} in {}: {}", language.name, errors.join("\n"));
        return None;
    }
    Some(image)
}

/// The median time of several runs, and what the program prints.
fn measure(image: &Path, rounds: usize) -> Option<(Duration, String)> {
    let mut times = Vec::new();
    let mut text = String::new();
    for _ in 0..rounds.max(1) {
        let start = Instant::now();
        let output = Command::new(image).output().ok()?;
        times.push(start.elapsed());
        if !output.status.success() {
            eprintln!("{}: {}", image.display(), output.status);
            return None;
        }
        text = String::from_utf8_lossy(&output.stdout).into_owned();
    }
    times.sort();
    Some((*times.get(times.len() / 2)?, text))
}

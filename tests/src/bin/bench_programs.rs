//! `cargo run -p tests --bin bench_programs -- BIN-DIR [ROUNDS]`
//!
//! Builds the programs of `tests/bench-programs` from TML (with all passes, and with LLVM's
//! alone), Rust and C, checks that they print the same, and prints medians of their running times
//! with the geometric means of their ratios. A compiler that is not there is left out.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Runs per program; the median of a few is steady enough for ratios.
const ROUNDS: usize = 5;

struct Language {
    name: &'static str,
    extension: &'static str,
    /// What the compiler is told besides.
    flags: &'static [&'static str],
}

const LANGUAGES: [Language; 4] = [
    Language {
        name: "TML",
        extension: "tml",
        flags: &[],
    },
    Language {
        name: "LLVM only",
        extension: "tml",
        flags: &["--llvm-only"],
    },
    Language {
        name: "Rust",
        extension: "rs",
        flags: &[],
    },
    Language {
        name: "C",
        extension: "c",
        flags: &[],
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
    print!("{:<20}", "program");
    LANGUAGES.iter().for_each(|it| print!(" {:>10}", it.name));
    LANGUAGES
        .iter()
        .skip(1)
        .for_each(|it| print!(" {:>11}", format!("/ {}", it.name)));
    println!();
    let mut failed = false;
    let mut ratios: Vec<Vec<f64>> = vec![Vec::new(); LANGUAGES.len()];
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
        print!("{name:<20}");
        for median in &medians {
            let text = median.map(|it| format!("{:.1} ms", it.as_secs_f64() * 1e3));
            print!(" {:>10}", text.as_deref().unwrap_or("-"));
        }
        let ours = medians.first().copied().flatten();
        for (theirs, ratios) in medians.iter().zip(&mut ratios).skip(1) {
            let ratio = ours.zip(*theirs);
            let ratio = ratio.map(|(ours, theirs)| ours.as_secs_f64() / theirs.as_secs_f64());
            ratios.extend(ratio);
            let text = ratio.map(|it| format!("{it:.2}"));
            print!(" {:>11}", text.as_deref().unwrap_or("-"));
        }
        println!();
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
    print!("{:<20}{:>44}", "geometric mean", "");
    for ratios in ratios.iter().skip(1) {
        let mean = ratios.iter().map(|it| it.ln()).sum::<f64>() / ratios.len() as f64;
        let text = match ratios.is_empty() {
            true => "-".to_owned(),
            false => format!("{:.2}", mean.exp()),
        };
        print!(" {text:>11}");
    }
    println!();
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
    let out = dir.join(language.name.replace(' ', "-"));
    std::fs::create_dir_all(&out).ok()?;
    let image = out.join(name);
    let mut command = match language.extension {
        "tml" => {
            let mut command = Command::new(tml);
            command.args(["build", "--no-daemon", "-q", "-O", "3", "--out-dir"]);
            command.arg(&out).args(language.flags).arg(source);
            command.current_dir(dir);
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

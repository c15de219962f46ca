//! `cargo run -p tests --bin fuzz -- BIN-DIR [CASES] [FIRST-SEED] [CASES-PER-PROGRAM]`
//!
//! Builds random programs at O0 and O3, runs them and compares what they print. Prints the seeds
//! of cases that differ and the reduced programs; `tests/run/fuzz` is where they go then.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use tests::fuzz::{Case, case, differences, program, reduce};

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
    let runner = Runner {
        tml: std::fs::canonicalize(Path::new(&bin).join("tml")).expect("BIN-DIR holds tml"),
        dir: std::env::temp_dir().join(format!("tml-fuzz-{}", std::process::id())),
    };
    std::fs::create_dir_all(&runner.dir).expect("a directory");
    let start = Instant::now();
    let mut failures = 0;
    let mut seed = first;
    while seed < first + cases {
        let last = (seed + per_program).min(first + cases);
        let batch: Vec<Case> = (seed..last).map(case).collect();
        for failing in runner.failing(&batch) {
            failures += 1;
            let mut still_fails = |it: &Case| !runner.failing(std::slice::from_ref(it)).is_empty();
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
    let _ = std::fs::remove_dir_all(&runner.dir);
    std::process::exit(i32::from(failures > 0));
}

struct Runner {
    tml: PathBuf,
    dir: PathBuf,
}

impl Runner {
    /// The seeds that O0 and O3 disagree about.
    fn failing(&self, batch: &[Case]) -> Vec<u64> {
        let file = self.dir.join("fuzz.tml");
        std::fs::write(&file, program(batch)).expect("a writable file");
        match (self.run("0"), self.run("3")) {
            (Ok(plain), Ok(optimized)) => differences(&plain, &optimized),
            // What does not compile is a fault of the generator, or of a reduction.
            (Err(error), Err(_)) => {
                if batch.len() > 1 {
                    println!("a batch is refused:\n{error}");
                }
                Vec::new()
            }
            (Err(error), _) | (_, Err(error)) => {
                println!("one level refuses it:\n{error}");
                batch.iter().map(|case| case.seed).take(1).collect()
            }
        }
    }

    /// Standard output and the way the program ended; the messages of a failed build.
    fn run(&self, level: &str) -> Result<String, String> {
        let dir = self.dir.join(level);
        let built = Command::new(&self.tml)
            .args([
                "build",
                "--no-daemon",
                "--no-cache",
                "-q",
                "-O",
                level,
                "--out-dir",
            ])
            .arg(&dir)
            .arg("fuzz.tml")
            .current_dir(&self.dir)
            .output()
            .expect("tml starts");
        if !built.status.success() {
            return Err(String::from_utf8_lossy(&built.stderr).into_owned());
        }
        let ran = Command::new(dir.join("fuzz"))
            .output()
            .expect("the program starts");
        let mut text = String::from_utf8_lossy(&ran.stdout).into_owned();
        text.push_str(&format!(
            "{}{}\n",
            String::from_utf8_lossy(&ran.stderr),
            ran.status
        ));
        Ok(text)
    }
}

//! Random programs as native code: what `tml` makes of them at a level of optimisation.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Case, differences, program};

/// Builds and runs programs with the `tml` of a directory, in a directory of its own.
pub struct Native {
    tml: PathBuf,
    dir: PathBuf,
}

impl Native {
    /// # Panics
    ///
    /// When `bin` holds no `tml`, or no temporary directory can be made.
    #[must_use]
    pub fn new(bin: &Path) -> Self {
        let dir = std::env::temp_dir().join(format!("tml-fuzz-{}", std::process::id()));
        std::fs::create_dir_all(&dir).expect("a directory");
        Self {
            tml: std::fs::canonicalize(bin.join("tml")).expect("BIN-DIR holds tml"),
            dir,
        }
    }

    /// The seeds that O0 and O3 disagree about.
    ///
    /// # Panics
    ///
    /// When the program cannot be written or started.
    #[must_use]
    pub fn failing(&self, batch: &[Case]) -> Vec<u64> {
        self.failing_beside(batch, None)
    }

    /// The seeds that O0, O3 and, if there is one, another engine's output disagree about.
    ///
    /// # Panics
    ///
    /// When the program cannot be written or started.
    #[must_use]
    pub fn failing_beside(&self, batch: &[Case], other: Option<&str>) -> Vec<u64> {
        let file = self.dir.join("fuzz.tml");
        std::fs::write(&file, program(batch)).expect("a writable file");
        match (self.run("0"), self.run("3")) {
            (Ok(plain), Ok(optimized)) => {
                let mut seeds = differences(&plain, &optimized);
                seeds.extend(other.into_iter().flat_map(|it| differences(it, &plain)));
                seeds
            }
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

    /// Standard output and error and the way the program ended; the messages of a failed build.
    fn run(&self, level: &str) -> Result<String, String> {
        let dir = self.dir.join(level);
        let built = Command::new(&self.tml)
            .args(["build", "--no-daemon", "--no-cache", "-q", "-O", level])
            .arg("--out-dir")
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
        let stdout = String::from_utf8_lossy(&ran.stdout);
        let stderr = String::from_utf8_lossy(&ran.stderr);
        // As the interpreter's suite shows an end: the process's own wording has signals, too.
        let end = match ran.status.code() {
            Some(code) => format!("exit {code}"),
            None => ran.status.to_string(),
        };
        Ok(format!("{stdout}{stderr}{end}\n"))
    }
}

impl Drop for Native {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

//! What suites share: where things are, sandboxes, expectations.

pub mod lsp_client;
pub mod parallel;
pub mod programs;
pub mod sandbox;

use std::fs;
use std::path::{Path, PathBuf};

/// The repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ is in the repository")
        .to_path_buf()
}

/// Binaries beside the test binary: `make test` builds them before it runs the suites.
pub fn binary(name: &str) -> PathBuf {
    let own = std::env::current_exe().expect("the test runs from a file");
    let dir = own
        .parent()
        .and_then(Path::parent)
        .expect("target/PROFILE/deps/suites");
    let path = dir.join(name);
    assert!(
        path.is_file(),
        "`{}` is missing: run `cargo build -p client -p server`",
        path.display()
    );
    path
}

/// All files below `tests/DIR` with an extension, sorted.
pub fn cases(dir: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut pending = vec![repository().join("tests").join(dir)];
    while let Some(at) = pending.pop() {
        for entry in
            fs::read_dir(&at).unwrap_or_else(|e| panic!("cannot list {}: {e}", at.display()))
        {
            let path = entry.expect("a readable entry").path();
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty(), "no .{extension} files below tests/{dir}");
    found.sort();
    found
}

/// Whether expectations are to be written instead of compared.
pub fn is_blessing() -> bool {
    std::env::var_os("UPDATE_EXPECT").is_some_and(|value| value == "1")
}

/// Compares a text with a file, or writes the file when blessing. Returns the difference.
pub fn compare(path: &Path, actual: &str) -> Result<(), String> {
    let expected = fs::read_to_string(path).unwrap_or_default();
    if expected == actual {
        return Ok(());
    }
    if is_blessing() {
        fs::write(path, actual).map_err(|e| format!("cannot write {}: {e}", path.display()))?;
        return Ok(());
    }
    let diff = similar::TextDiff::from_lines(expected.as_str(), actual);
    Err(format!(
        "{} differs:\n{}",
        path.display(),
        diff.unified_diff()
    ))
}

/// Fails with all messages at once.
pub fn report(failures: &[String]) {
    assert!(
        failures.is_empty(),
        "{} failed:\n\n{}",
        failures.len(),
        failures.join("\n\n")
    );
}

/// A small deterministic generator for randomised tests; the seed is printed by the test.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        ((self.0 >> 33) as usize) % bound.max(1)
    }
}

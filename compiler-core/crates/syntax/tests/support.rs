//! What the test files share: the suite's cases and a small deterministic generator.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::path::{Path, PathBuf};

use syntax::PreprocessorEnv;

pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    pub(crate) is_ok: bool,
}

pub(crate) fn env() -> PreprocessorEnv {
    ["LINUX", "UNIX", "DEBUG"].into_iter().collect()
}

/// All cases of the suite, sorted by name.
pub(crate) fn cases() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/syntax");
    let mut out = Vec::new();
    for folder in ["ok", "err"] {
        let entries = std::fs::read_dir(root.join(folder)).expect("the suite is there");
        for entry in entries {
            let path = entry.expect("readable").path();
            if path.extension().is_some_and(|it| it == "tml") {
                let name = path
                    .file_stem()
                    .expect("named")
                    .to_string_lossy()
                    .into_owned();
                let text = std::fs::read_to_string(&path).expect("readable");
                out.push(Case {
                    name,
                    path,
                    text,
                    is_ok: folder == "ok",
                });
            }
        }
    }
    out.sort_by(|a, b| a.path.cmp(&b.path));
    out
}

/// SplitMix64.
pub(crate) struct Rng(pub(crate) u64);

impl Rng {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> &'a T {
        items[self.below(items.len())]
    }
}

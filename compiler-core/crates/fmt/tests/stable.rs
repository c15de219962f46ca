//! The canon holds for every source of the repository, and for sources with comments and line
//! breaks in places where nobody puts them. `TML_CASES` sets the number of random ones,
//! `TML_SEED` where they begin.

use std::fs;
use std::path::{Path, PathBuf};

use fmt::{Config, Unformattable, format};
use syntax::{PreprocessorEnv, SyntaxKind};

/// Random sources in a usual run; a longer one takes 10,000.
const CASES: u64 = 300;
/// Larger sources make slow cases that find nothing more.
const SOURCE_BYTES_MAX: usize = 12_000;

fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let mut out = Vec::new();
    let mut pending = vec![root.join("lib"), root.join("tests")];
    while let Some(dir) = pending.pop() {
        for entry in fs::read_dir(&dir).expect("a readable folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|it| it == "tml") {
                let text = fs::read_to_string(&path).unwrap_or_default();
                out.push((path, text));
            }
        }
    }
    out.sort();
    assert!(out.len() > 100, "the sources have moved");
    out
}

/// Formats twice; what is wrong, if something is.
fn problem(text: &str) -> Option<String> {
    let env = PreprocessorEnv::default();
    match format(text, &env, Config::default()) {
        Err(Unformattable::SyntaxErrors) => None,
        Err(Unformattable::WouldChange) => Some("would change the program".to_string()),
        Ok(once) => match format(&once, &env, Config::default()) {
            Ok(twice) if twice == once => None,
            Ok(_) => Some(format!("is not stable:\n{once}")),
            Err(error) => Some(format!("does not format again ({error:?}):\n{once}")),
        },
    }
}

#[test]
fn every_source_has_a_stable_form() {
    for (path, text) in sources() {
        if let Some(problem) = problem(&text) {
            panic!("{}: {problem}", path.display());
        }
    }
}

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

/// A source with other white space and more comments between its tokens.
fn disturbed(text: &str, random: &mut Random) -> String {
    let parse = syntax::parse(text, &PreprocessorEnv::default());
    let mut out = String::new();
    let spread = [12, 300][random.below(2)];
    let rate = 2 + random.below(spread);
    // New lines and `;` in the wrong place are errors: most cases do without.
    let kinds = [6, 6, 8, 9][random.below(4)];
    // Inside a literal with interpolations white space is text.
    let mut depth = 0;
    for element in parse.syntax_node().descendants_with_tokens() {
        let Some(token) = element.into_token() else {
            continue;
        };
        match token.kind() {
            SyntaxKind::STRING_START => depth += 1,
            SyntaxKind::STRING_END => depth -= 1,
            _ => {}
        }
        out.push_str(token.text());
        if depth > 0 || random.below(rate) != 0 {
            continue;
        }
        out.push_str(match random.below(kinds) {
            0 => " /* c */ ",
            1 => "  ",
            2 => "/* x *//* y */",
            3 if token.text().contains('\n') => "\n\n\n",
            4 if token.text().contains('\n') => "\n// own\n",
            5 if token.text().contains('\n') => "// c\n\n",
            3..=5 => "",
            6 => " // c\n",
            7 => "\n/* a\n b */\n",
            _ => " ; ",
        });
    }
    out
}

#[test]
fn disturbed_sources_have_a_stable_form() {
    let number = |name: &str, default: u64| {
        let text = std::env::var(name).ok();
        text.and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let sources: Vec<(PathBuf, String)> = sources()
        .into_iter()
        .filter(|(_, text)| text.len() <= SOURCE_BYTES_MAX)
        .collect();
    let seed = number("TML_SEED", 1);
    for case in seed..seed + number("TML_CASES", CASES) {
        let mut random = Random(case.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        random.below(2);
        let (path, text) = &sources[random.below(sources.len())];
        let text = disturbed(text, &mut random);
        if let Some(problem) = problem(&text) {
            panic!(
                "TML_SEED={case} TML_CASES=1 ({}): {problem}\n--- from\n{text}",
                path.display()
            );
        }
    }
}

//! The list of codes is that of errors.md, every page has its parts, and `docs/errors` shows
//! the pages. `UPDATE_EXPECT=1` writes the latter.

use std::fs;
use std::path::Path;

use diagnostics::{CODES, CodeInfo, DefaultLevel, explain};

/// First and last of each run of codes in errors.md, in its order.
const RUNS: &[(char, u32, u32)] = &[
    ('L', 1, 16),
    ('P', 1, 25),
    ('P', 50, 53),
    ('P', 60, 60),
    ('P', 64, 64),
    // Constructs of the language that this version does not translate yet: our own use of the
    // last code of the range.
    ('P', 65, 65),
    ('M', 1, 9),
    ('M', 11, 14),
    ('T', 1, 47),
    ('T', 50, 56),
    ('T', 60, 66),
    ('T', 70, 78),
    ('T', 80, 90),
    ('B', 1, 18),
    ('B', 99, 99),
    ('E', 30, 33),
    ('C', 1, 10),
    ('R', 1, 13),
    ('W', 1, 26),
    ('W', 30, 37),
    ('W', 40, 46),
    ('K', 1, 10),
];

#[test]
fn the_list_has_every_code_of_the_catalogue_in_its_order() {
    let expected: Vec<String> = RUNS
        .iter()
        .flat_map(|(letter, from, to)| (*from..=*to).map(move |n| format!("{letter}{n:03}")))
        .collect();
    let found: Vec<&str> = CODES.iter().map(|info| info.code).collect();
    assert_eq!(found, expected);
}

#[test]
fn every_page_has_its_parts() {
    for info in CODES {
        let page = info.explanation;
        assert!(
            page.starts_with(&format!("# {}: {}\n\n", info.code, info.title)),
            "{}",
            info.code
        );
        for part in ["\nErroneous:\n\n```", "\nCorrected:\n\n```", "\nRelated: "] {
            assert_eq!(
                page.matches(part).count(),
                1,
                "{} lacks {part:?}",
                info.code
            );
        }
        let description = page.lines().nth(2).unwrap_or_default();
        assert!(description.len() > 20, "{}: no description", info.code);
        for code in related(info) {
            assert!(
                CODES.iter().any(|it| it.code == code),
                "{}: unknown {code}",
                info.code
            );
            assert_ne!(code, info.code, "related to itself");
        }
    }
}

fn related(info: &CodeInfo) -> Vec<&'static str> {
    let line = info
        .explanation
        .lines()
        .find_map(|line| line.strip_prefix("Related: "));
    line.unwrap_or_default()
        .trim_end_matches('.')
        .split(", ")
        .collect()
}

#[test]
fn levels_follow_the_ranges() {
    for info in CODES {
        let fits = match info.code.as_bytes()[0] {
            b'W' => matches!(info.level, DefaultLevel::Warn | DefaultLevel::Off),
            b'R' => info.level == DefaultLevel::Panic,
            _ => info.level == DefaultLevel::Error,
        };
        assert!(fits, "{}", info.code);
    }
}

#[test]
fn codes_are_found_in_either_case_and_by_old_names() {
    assert!(explain("t056").unwrap().starts_with("# T056"));
    assert!(explain(" T056 ").unwrap().starts_with("# T056"));
    assert!(explain("E001").unwrap().starts_with("# T056"));
    assert!(explain("s004").unwrap().starts_with("# T001"));
    let nearest = explain("T999").unwrap_err();
    assert_eq!(nearest.len(), 3);
    assert!(
        nearest.iter().all(|code| code.starts_with('T')),
        "{nearest:?}"
    );
    assert!(explain("T0566").unwrap_err().contains(&"T056"));
}

#[test]
fn the_documentation_shows_all_pages() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs/errors");
    for (file, text) in documentation() {
        let path = folder.join(file);
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::create_dir_all(&folder).expect("a writable folder");
            fs::write(&path, &text).expect("a writable page");
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == text,
            "docs/errors/{file} is out of date: run with UPDATE_EXPECT=1"
        );
    }
}

const CHAPTERS: &[(char, &str, &str)] = &[
    ('L', "lexical.md", "Lexical errors"),
    ('P', "syntax.md", "Syntax errors"),
    ('M', "modules.md", "Modules and packages"),
    ('T', "types.md", "Names and types"),
    ('B', "ownership.md", "Ownership and borrowing"),
    ('E', "lifetimes.md", "Ownership bounds and lifetimes"),
    ('C', "codegen.md", "Code generation and linking"),
    ('R', "panics.md", "Run-time panics"),
    ('W', "warnings.md", "Warnings"),
    ('K', "tool.md", "Tool and manifest"),
];

/// File names and texts.
fn documentation() -> Vec<(&'static str, String)> {
    let mut index = String::from(
        "# Error codes\n\nGenerated from the pages of the `diagnostics` crate, which `tml explain CODE` prints.\n",
    );
    let mut files = Vec::new();
    for (letter, file, title) in CHAPTERS {
        index.push_str(&format!("\n## [{title}]({file})\n\n"));
        let mut text = format!("# {title}\n");
        for info in CODES.iter().filter(|info| info.code.starts_with(*letter)) {
            let level = match info.level {
                DefaultLevel::Off => " (off by default)",
                _ => "",
            };
            index.push_str(&format!("- `{}` {}{level}\n", info.code, info.title));
            text.push_str(&format!("\n#{}", info.explanation));
        }
        files.push((*file, text));
    }
    files.push(("index.md", index));
    files
}

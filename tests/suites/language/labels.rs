//! The places that errors about ownership show: a file `CHAPTER.labels` beside a chapter names
//! the labels of each error that its programs have.

use std::fmt::Write;
use std::path::Path;

use super::chapters::{MAIN, Program};
use super::programs::Bench;
use crate::support::{compare, repository};

/// Compares the labels of all programs of the chapters that begin so.
pub fn check(bench: &mut Bench, programs: &[Program], chapter: &str) -> Vec<String> {
    let mut failures = Vec::new();
    let mut shown = String::new();
    let programs = programs.iter().filter(|it| it.name.starts_with(chapter));
    for (program, nth) in programs.zip(1..) {
        let Some(document) = bench.diagnose(program) else {
            continue;
        };
        let errors = document["diagnostics"].as_array().into_iter().flatten();
        let errors: Vec<String> = errors
            .filter(|it| it["severity"] == "error")
            .map(label_text)
            .collect();
        if errors.is_empty() {
            continue;
        }
        let _ = writeln!(shown, "Program {nth}:");
        let lines: Vec<&str> = program.files[MAIN].lines().collect();
        for error in errors {
            let line = error
                .split([' ', ':'])
                .nth(1)
                .and_then(|it| it.parse::<usize>().ok());
            let text = line.and_then(|line| lines.get(line.saturating_sub(1)));
            let text = text.map_or("", |text| text.split("//").next().unwrap_or("").trim());
            let _ = writeln!(shown, "{error}\n    | {text}");
        }
        shown.push('\n');
    }
    let path = repository()
        .join("tests/language")
        .join(format!("{chapter}.labels"));
    failures.extend(compare(Path::new(&path), &shown).err());
    failures
}

/// `CODE 3:5 label; 2:9 other label`
fn label_text(error: &serde_json::Value) -> String {
    let mut labels: Vec<(bool, String)> = Vec::new();
    for label in error["labels"].as_array().into_iter().flatten() {
        let start = &label["span"]["start"];
        let text = format!(
            "{}:{} {}",
            start["line"],
            start["column"],
            label["message"].as_str().unwrap_or_default()
        );
        labels.push((label["primary"] != true, text));
    }
    labels.sort();
    let labels: Vec<String> = labels.into_iter().map(|(_, text)| text).collect();
    let code = error["code"].as_str().unwrap_or_default();
    format!("{code} {}", labels.join("; "))
}

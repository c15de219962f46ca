//! Diagnostics as JSON (errors.md §1.2). These types exist for crossing the process border.

use base::{Db, FileRange, line_index};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{Applicability, Diagnostic, Severity};

/// The single document of `tml check --format json`.
pub fn document(db: &dyn Db, diagnostics: &[Diagnostic]) -> Value {
    let count = |severity: Severity| {
        diagnostics
            .iter()
            .filter(|d| d.severity == severity)
            .count()
    };
    let objects: Vec<Value> = diagnostics
        .iter()
        .map(|diagnostic| object(db, diagnostic))
        .collect();
    json!({
        "version": "1.0",
        "diagnostics": objects,
        "summary": {
            "errors": count(Severity::Error),
            "warnings": count(Severity::Warning),
            "hints": count(Severity::Note) + count(Severity::Help),
        },
    })
}

/// One diagnostic.
pub fn object(db: &dyn Db, diagnostic: &Diagnostic) -> Value {
    let primary = (&diagnostic.primary, true);
    let labels: Vec<Value> = std::iter::once(primary)
        .chain(diagnostic.labels.iter().map(|label| (label, false)))
        .filter(|(label, _)| label.range.file == diagnostic.primary.range.file)
        .map(|(label, primary)| {
            json!({"span": span(db, label.range), "message": label.text, "primary": primary})
        })
        .collect();
    let elsewhere = diagnostic
        .labels
        .iter()
        .filter(|l| l.range.file != diagnostic.primary.range.file);
    let mut related: Vec<Value> = elsewhere
        .map(|label| json!({"message": label.text, "file": file(db, label.range), "span": span(db, label.range)}))
        .collect();
    related.extend(diagnostic.notes.iter().map(|note| {
        json!({"message": note, "file": file(db, diagnostic.primary.range), "span": span(db, diagnostic.primary.range)})
    }));
    let suggestions: Vec<Value> = diagnostic
        .helps
        .iter()
        .flat_map(|help| {
            let fix = help.fix.iter();
            fix.flat_map(move |fix| {
                fix.edits
                    .iter()
                    .map(move |(range, text)| (help, fix, range, text))
            })
        })
        .map(|(help, fix, range, text)| {
            let applicability = match fix.applicability {
                Applicability::Always => "always",
                Applicability::Maybe => "maybe",
            };
            json!({
                "message": help.message,
                "replacement": {"span": span(db, *range), "text": text},
                "applicability": applicability,
            })
        })
        .collect();
    json!({
        "severity": diagnostic.severity.word(),
        "code": diagnostic.code,
        "message": diagnostic.message,
        "file": file(db, diagnostic.primary.range),
        "span": span(db, diagnostic.primary.range),
        "labels": labels,
        "suggestions": suggestions,
        "related": related,
    })
}

#[derive(Serialize)]
struct Span {
    start: Position,
    end: Position,
}

/// 1-based; columns count characters.
#[derive(Serialize)]
struct Position {
    line: u32,
    column: u32,
}

fn file(db: &dyn Db, range: FileRange) -> String {
    range.file.source(db).name(db).to_string()
}

fn span(db: &dyn Db, range: FileRange) -> Span {
    let source = range.file.source(db);
    let position = |offset| {
        let index = line_index(db, source);
        let at = index.line_col(offset);
        let start = index
            .line_range(at.line)
            .map(|line| line.start())
            .unwrap_or_default();
        let piece = source
            .text(db)
            .get(usize::from(start)..usize::from(offset))
            .unwrap_or_default();
        Position {
            line: at.line + 1,
            column: piece.chars().count() as u32 + 1,
        }
    };
    Span {
        start: position(range.range.start()),
        end: position(range.range.end()),
    }
}

//! Diagnostics as SARIF 2.1.0, the format that code hosts and review tools read.

use base::{Db, FileRange, line_index};
use serde_json::{Value, json};

use crate::explain::code_info;
use crate::{Applicability, Diagnostic, Severity};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// One run with all diagnostics.
pub fn document(db: &dyn Db, diagnostics: &[Diagnostic], version: &str) -> Value {
    let mut codes: Vec<&'static str> = diagnostics.iter().map(|it| it.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let rules = codes.iter().map(|code| {
        let title = code_info(code).map_or(*code, |info| info.title);
        json!({
            "id": code,
            "shortDescription": {"text": title},
            "help": {"text": format!("tml explain {code}")},
        })
    });
    let results = diagnostics.iter().map(|diagnostic| {
        let rule = codes.binary_search(&diagnostic.code).unwrap_or(0);
        result(db, diagnostic, rule)
    });
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "tml",
                "version": version,
                "rules": rules.collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results.collect::<Vec<_>>(),
        }],
    })
}

fn result(db: &dyn Db, diagnostic: &Diagnostic, rule: usize) -> Value {
    let level = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note | Severity::Help => "note",
    };
    let mut text = diagnostic.message.clone();
    for note in &diagnostic.notes {
        text.push_str(&format!("\n{note}"));
    }
    let related = diagnostic.labels.iter().enumerate().map(|(id, label)| {
        let mut place = location(db, label.range);
        place["id"] = json!(id + 1);
        place["message"] = json!({"text": label.text});
        place
    });
    let fixes = diagnostic.helps.iter().filter_map(|help| {
        let fix = help.fix.as_ref()?;
        if fix.applicability != Applicability::Always {
            return None;
        }
        let changes = fix.edits.iter().map(|(range, text)| {
            json!({
                "artifactLocation": {"uri": uri(db, *range)},
                "replacements": [{
                    "deletedRegion": region(db, *range),
                    "insertedContent": {"text": text},
                }],
            })
        });
        Some(json!({
            "description": {"text": help.message},
            "artifactChanges": changes.collect::<Vec<_>>(),
        }))
    });
    json!({
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": level,
        "message": {"text": text},
        "locations": [location(db, diagnostic.primary.range)],
        "relatedLocations": related.collect::<Vec<_>>(),
        "fixes": fixes.collect::<Vec<_>>(),
    })
}

fn location(db: &dyn Db, range: FileRange) -> Value {
    json!({"physicalLocation": {
        "artifactLocation": {"uri": uri(db, range)},
        "region": region(db, range),
    }})
}

/// Names of files are relative already; what a URI does not take is escaped.
fn uri(db: &dyn Db, range: FileRange) -> String {
    let name = range.file.source(db).name(db);
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// From 1; columns count characters.
fn region(db: &dyn Db, range: FileRange) -> Value {
    let source = range.file.source(db);
    let index = line_index(db, source);
    let text = source.text(db);
    let position = |offset| {
        let at = index.line_col(offset);
        let start = index.line_range(at.line).map(|line| line.start());
        let piece = text.get(usize::from(start.unwrap_or_default())..usize::from(offset));
        (at.line + 1, piece.unwrap_or_default().chars().count() + 1)
    };
    let (start, end) = (position(range.range.start()), position(range.range.end()));
    json!({
        "startLine": start.0,
        "startColumn": start.1,
        "endLine": end.0,
        "endColumn": end.1,
    })
}

//! What a language model needs besides the diagnostic: the lines around it, and patches.

use base::{Db, line_index};
use serde_json::{Value, json};
use syntax::TextSize;

use crate::{Applicability, Diagnostic};

/// Lines shown before and after the place.
const LINES_AROUND: u32 = 3;

/// `{lines: [{line, text}], patches: [{message, applicability, lines: [{line, before, after}]}]}`
pub fn context(db: &dyn Db, diagnostic: &Diagnostic) -> Value {
    let source = diagnostic.primary.range.file.source(db);
    let index = line_index(db, source);
    let text = source.text(db);
    let first = index.line_col(diagnostic.primary.range.range.start()).line;
    let last = index.line_col(diagnostic.primary.range.range.end()).line;
    let around = first.saturating_sub(LINES_AROUND)..=last.saturating_add(LINES_AROUND);
    let lines = around.filter_map(|line| {
        let range = index.line_range(line)?;
        let text = text.get(usize::from(range.start())..usize::from(range.end()))?;
        Some(json!({"line": line + 1, "text": text.trim_end()}))
    });
    let patches = diagnostic.helps.iter().filter_map(|help| {
        let fix = help.fix.as_ref()?;
        let changed: Vec<Value> = fix
            .edits
            .iter()
            .filter_map(|(at, new)| {
                let source = at.file.source(db);
                let index = line_index(db, source);
                let text = source.text(db);
                let (start, end) = (at.range.start(), at.range.end());
                let first = index.line_range(index.line_col(start).line)?;
                let last = index.line_range(index.line_col(end).line)?;
                let piece = |from: TextSize, to: TextSize| {
                    text.get(usize::from(from)..usize::from(to))
                        .unwrap_or_default()
                };
                let before = piece(first.start(), last.end());
                let after = format!(
                    "{}{new}{}",
                    piece(first.start(), start),
                    piece(end, last.end())
                );
                Some(json!({
                    "file": source.name(db).to_string(),
                    "line": index.line_col(start).line + 1,
                    "before": before.trim_end_matches('\n'),
                    "after": after.trim_end_matches('\n'),
                }))
            })
            .collect();
        Some(json!({
            "message": help.message,
            "applicability": match fix.applicability {
                Applicability::Always => "always",
                Applicability::Maybe => "maybe",
            },
            "lines": changed,
        }))
    });
    json!({"lines": lines.collect::<Vec<_>>(), "patches": patches.collect::<Vec<_>>()})
}

//! `textDocument/formatting` and `textDocument/rangeFormatting`: the lines that differ from the
//! canonical form.

use similar::{DiffOp, TextDiff};
use tower_lsp::jsonrpc::Result;
use tower_lsp::lsp_types::{
    DocumentFormattingParams, DocumentRangeFormattingParams, Position, Range, TextEdit, Url,
};

use crate::session::Shared;
use crate::session::ask::{Attempts, Question};

pub async fn formatting(
    shared: &Shared,
    params: DocumentFormattingParams,
) -> Result<Option<Vec<TextEdit>>> {
    format(shared, &params.text_document.uri, None).await
}

/// Formats the whole file and takes what touches the range: where lines break depends on what is
/// around them.
pub async fn range_formatting(
    shared: &Shared,
    params: DocumentRangeFormattingParams,
) -> Result<Option<Vec<TextEdit>>> {
    format(shared, &params.text_document.uri, Some(params.range)).await
}

async fn format(shared: &Shared, uri: &Url, range: Option<Range>) -> Result<Option<Vec<TextEdit>>> {
    let question = move |it: &Question<'_>| {
        let formatted = it.analysis.format(it.path)?;
        Some(edits(&it.text.text, &formatted, range))
    };
    shared.ask(uri, Attempts::One, question).await
}

/// Replacements of whole lines.
fn edits(before: &str, after: &str, range: Option<Range>) -> Vec<TextEdit> {
    let diff = TextDiff::from_lines(before, after);
    let lines = diff.new_slices();
    let mut out = Vec::new();
    for op in diff.ops() {
        if matches!(op, DiffOp::Equal { .. }) {
            continue;
        }
        let (old, new) = (op.old_range(), op.new_range());
        let (start, end) = (old.start as u32, old.end as u32);
        let touches =
            |range: Range| start <= range.end.line && range.start.line < end.max(start + 1);
        if range.is_some_and(|range| !touches(range)) {
            continue;
        }
        out.push(TextEdit {
            range: Range {
                start: Position::new(start, 0),
                end: Position::new(end, 0),
            },
            new_text: lines.get(new).unwrap_or_default().concat(),
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_in_the_range_change() {
        let (before, after) = ("a\nb\nc\nd\n", "A\nb\nc\nD\n");
        assert_eq!(edits(before, after, None).len(), 2);
        let range = Range::new(Position::new(3, 0), Position::new(3, 1));
        let found = edits(before, after, Some(range));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].new_text, "D\n");
    }
}

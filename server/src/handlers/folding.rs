//! `textDocument/foldingRange`

use compiler_core::ide::folding::FoldKind;
use tower_lsp::jsonrpc::Result;
use tower_lsp::lsp_types::{FoldingRange, FoldingRangeKind, FoldingRangeParams};

use crate::session::Shared;
use crate::session::ask::{Attempts, Question};

pub async fn folding_range(
    shared: &Shared,
    params: FoldingRangeParams,
) -> Result<Option<Vec<FoldingRange>>> {
    let question = |it: &Question<'_>| {
        let found = it.analysis.folding_ranges(it.path);
        let convert = |fold: &compiler_core::ide::folding::Fold| {
            let range = it.range(fold.range);
            FoldingRange {
                start_line: range.start.line,
                start_character: Some(range.start.character),
                end_line: range.end.line,
                end_character: Some(range.end.character),
                kind: match fold.kind {
                    FoldKind::Code => None,
                    FoldKind::Comment => Some(FoldingRangeKind::Comment),
                    FoldKind::Imports => Some(FoldingRangeKind::Imports),
                },
                collapsed_text: None,
            }
        };
        Some(found.iter().map(convert).collect())
    };
    shared
        .ask(&params.text_document.uri, Attempts::One, question)
        .await
}

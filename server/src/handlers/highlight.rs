//! `textDocument/documentHighlight`

use tower_lsp::jsonrpc::Result;
use tower_lsp::lsp_types::{DocumentHighlight, DocumentHighlightKind, DocumentHighlightParams};

use crate::session::Shared;
use crate::session::ask::{Attempts, Question};

pub async fn document_highlight(
    shared: &Shared,
    params: DocumentHighlightParams,
) -> Result<Option<Vec<DocumentHighlight>>> {
    let at = params.text_document_position_params;
    let question = move |it: &Question<'_>| {
        let found = it.analysis.highlights(it.path, it.offset(at.position));
        let convert = |found: &compiler_core::ide::highlights::Highlight| {
            let kind = match found.is_write {
                true => DocumentHighlightKind::WRITE,
                false => DocumentHighlightKind::READ,
            };
            DocumentHighlight {
                range: it.range(found.range),
                kind: Some(kind),
            }
        };
        Some(found.iter().map(convert).collect())
    };
    shared
        .ask(&at.text_document.uri, Attempts::One, question)
        .await
}

//! `textDocument/hover`

use tower_lsp::jsonrpc::Result;
use tower_lsp::lsp_types::{Hover, HoverContents, HoverParams, MarkupContent, MarkupKind};

use crate::session::Shared;
use crate::session::ask::Attempts;

pub async fn hover(shared: &Shared, params: HoverParams) -> Result<Option<Hover>> {
    let at = params.text_document_position_params;
    let question = move |it: &crate::session::ask::Question<'_>| {
        let found = it.analysis.hover(it.path, it.offset(at.position))?;
        let value = found.markdown;
        let contents = HoverContents::Markup(MarkupContent {
            kind: MarkupKind::Markdown,
            value,
        });
        Some(Hover {
            contents,
            range: Some(it.range(found.range)),
        })
    };
    shared
        .ask(&at.text_document.uri, Attempts::Two, question)
        .await
}

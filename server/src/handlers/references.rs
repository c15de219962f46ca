//! `textDocument/references`

use tower_lsp::jsonrpc::Result;
use tower_lsp::lsp_types::{Location, ReferenceParams};

use crate::session::Shared;
use crate::session::ask::{Attempts, Question};

pub async fn references(shared: &Shared, params: ReferenceParams) -> Result<Option<Vec<Location>>> {
    let at = params.text_document_position;
    let with_declaration = params.context.include_declaration;
    let question = move |it: &Question<'_>| {
        let found = it
            .analysis
            .references(it.path, it.offset(at.position), with_declaration);
        let mut texts = it.texts();
        Some(
            found
                .iter()
                .filter_map(|found| texts.location(&found.at))
                .collect(),
        )
    };
    shared
        .ask(&at.text_document.uri, Attempts::Two, question)
        .await
}

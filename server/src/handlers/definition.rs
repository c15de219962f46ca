//! `textDocument/definition`

use tower_lsp::jsonrpc::Result;
use tower_lsp::lsp_types::{GotoDefinitionParams, GotoDefinitionResponse, LocationLink};

use crate::session::Shared;
use crate::session::ask::{Attempts, Question};

pub async fn definition(
    shared: &Shared,
    params: GotoDefinitionParams,
) -> Result<Option<GotoDefinitionResponse>> {
    let at = params.text_document_position_params;
    let has_links = shared.abilities().links;
    let question = move |it: &Question<'_>| {
        let found = it.analysis.definition(it.path, it.offset(at.position))?;
        let mut texts = it.texts();
        let focus = texts.location(&found.focus)?;
        if !has_links {
            return Some(GotoDefinitionResponse::Scalar(focus));
        }
        let full = compiler_core::queries::PathRange {
            range: found.full,
            ..found.focus
        };
        Some(GotoDefinitionResponse::Link(vec![LocationLink {
            origin_selection_range: Some(it.range(found.origin)),
            target_uri: focus.uri,
            target_range: texts.range(&full)?,
            target_selection_range: focus.range,
        }]))
    };
    shared
        .ask(&at.text_document.uri, Attempts::Two, question)
        .await
}

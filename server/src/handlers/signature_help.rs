//! `textDocument/signatureHelp`

use tower_lsp::jsonrpc::Result;
use tower_lsp::lsp_types::{
    Documentation, MarkupContent, MarkupKind, ParameterInformation, ParameterLabel, SignatureHelp,
    SignatureHelpParams, SignatureInformation,
};

use crate::session::Shared;
use crate::session::ask::{Attempts, Question};

pub async fn signature_help(
    shared: &Shared,
    params: SignatureHelpParams,
) -> Result<Option<SignatureHelp>> {
    let at = params.text_document_position_params;
    let question = move |it: &Question<'_>| {
        let found = it
            .analysis
            .signature_help(it.path, it.offset(at.position))?;
        // Offsets into labels count UTF-16 units whatever positions count.
        let units = |bytes: u32| -> u32 {
            let before = found.label.get(..bytes as usize).unwrap_or_default();
            before.chars().map(|c| c.len_utf16() as u32).sum()
        };
        let parameters = found
            .params
            .iter()
            .map(|(start, end)| ParameterInformation {
                label: ParameterLabel::LabelOffsets([units(*start), units(*end)]),
                documentation: None,
            });
        let parameters = Some(parameters.collect());
        let documentation = found.docs.as_ref().map(|docs| {
            let value = docs.clone();
            Documentation::MarkupContent(MarkupContent {
                kind: MarkupKind::Markdown,
                value,
            })
        });
        let active_parameter = Some(found.active);
        Some(SignatureHelp {
            signatures: vec![SignatureInformation {
                label: found.label.clone(),
                documentation,
                parameters,
                active_parameter,
            }],
            active_signature: Some(0),
            active_parameter,
        })
    };
    shared
        .ask(&at.text_document.uri, Attempts::Two, question)
        .await
}

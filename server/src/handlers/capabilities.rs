//! What the server can do, and what it reads off the client's abilities.

use tower_lsp::lsp_types::*;

use super::tokens;
use crate::convert::Encoding;
use crate::session::Abilities;

pub fn abilities(client: &ClientCapabilities) -> Abilities {
    let general = client.general.as_ref();
    let encodings = general.and_then(|general| general.position_encodings.as_deref());
    let takes_bytes = encodings.is_some_and(|list| list.contains(&PositionEncodingKind::UTF8));
    let document = client.text_document.as_ref();
    let item = document
        .and_then(|it| it.completion.as_ref())
        .and_then(|it| it.completion_item.as_ref());
    Abilities {
        encoding: if takes_bytes {
            Encoding::Utf8
        } else {
            Encoding::Utf16
        },
        snippets: item.and_then(|it| it.snippet_support).unwrap_or(false),
        links: document
            .and_then(|it| it.definition.as_ref())
            .and_then(|it| it.link_support)
            .unwrap_or(false),
        nested_symbols: document
            .and_then(|it| it.document_symbol.as_ref())
            .and_then(|it| it.hierarchical_document_symbol_support)
            .unwrap_or(false),
    }
}

pub fn capabilities(encoding: Encoding) -> ServerCapabilities {
    let words = |list: &[&str]| Some(list.iter().map(|word| (*word).to_string()).collect());
    ServerCapabilities {
        position_encoding: Some(match encoding {
            Encoding::Utf8 => PositionEncodingKind::UTF8,
            Encoding::Utf16 => PositionEncodingKind::UTF16,
        }),
        text_document_sync: Some(TextDocumentSyncCapability::Options(
            TextDocumentSyncOptions {
                open_close: Some(true),
                change: Some(TextDocumentSyncKind::INCREMENTAL),
                save: Some(TextDocumentSyncSaveOptions::Supported(true)),
                ..TextDocumentSyncOptions::default()
            },
        )),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        definition_provider: Some(OneOf::Left(true)),
        references_provider: Some(OneOf::Left(true)),
        document_highlight_provider: Some(OneOf::Left(true)),
        document_symbol_provider: Some(OneOf::Left(true)),
        folding_range_provider: Some(FoldingRangeProviderCapability::Simple(true)),
        document_formatting_provider: Some(OneOf::Left(true)),
        document_range_formatting_provider: Some(OneOf::Left(true)),
        inlay_hint_provider: Some(OneOf::Left(true)),
        completion_provider: Some(CompletionOptions {
            trigger_characters: words(&[".", ":"]),
            ..CompletionOptions::default()
        }),
        signature_help_provider: Some(SignatureHelpOptions {
            trigger_characters: words(&["(", ","]),
            ..SignatureHelpOptions::default()
        }),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(vec![CodeActionKind::QUICKFIX]),
            ..CodeActionOptions::default()
        })),
        semantic_tokens_provider: Some(SemanticTokensServerCapabilities::SemanticTokensOptions(
            SemanticTokensOptions {
                legend: tokens::legend(),
                full: Some(SemanticTokensFullOptions::Bool(true)),
                range: Some(true),
                ..SemanticTokensOptions::default()
            },
        )),
        ..ServerCapabilities::default()
    }
}

//! `textDocument/inlayHint`

use tower_lsp::jsonrpc::Result;
use tower_lsp::lsp_types::{InlayHint, InlayHintKind, InlayHintLabel, InlayHintParams};

use crate::session::Shared;
use crate::session::ask::{Attempts, Question};

pub async fn inlay_hint(
    shared: &Shared,
    params: InlayHintParams,
) -> Result<Option<Vec<InlayHint>>> {
    let wanted = params.range;
    let question = move |it: &Question<'_>| {
        let range = it.text.text_range(wanted, it.encoding);
        let found = it.analysis.inlay_hints(it.path, range);
        let convert = |hint: compiler_core::ide::inlay_hints::InlayHint| InlayHint {
            position: it.text.position(hint.offset.into(), it.encoding),
            label: InlayHintLabel::String(hint.label),
            kind: Some(InlayHintKind::TYPE),
            text_edits: None,
            tooltip: None,
            padding_left: None,
            padding_right: None,
            data: None,
        };
        Some(found.into_iter().map(convert).collect())
    };
    shared
        .ask(&params.text_document.uri, Attempts::One, question)
        .await
}

//! `textDocument/codeAction`: the fixes that diagnostics offer.

use std::collections::HashMap;

use tower_lsp::jsonrpc::Result;
use tower_lsp::lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, CodeActionResponse,
    TextEdit, Url, WorkspaceEdit,
};

use crate::session::Shared;
use crate::session::ask::{Attempts, Question};

pub async fn code_action(
    shared: &Shared,
    params: CodeActionParams,
) -> Result<Option<CodeActionResponse>> {
    let wanted = params.context.only;
    let is_wanted = wanted.is_none_or(|kinds| {
        kinds
            .iter()
            .any(|kind| kind.as_str().is_empty() || *kind == CodeActionKind::QUICKFIX)
    });
    if !is_wanted {
        return Ok(None);
    }
    let range = params.range;
    let question = move |it: &Question<'_>| {
        let range = it.text.text_range(range, it.encoding);
        let found = it.analysis.code_actions(it.path, range);
        Some(
            found
                .iter()
                .filter_map(|action| convert(it, action))
                .collect(),
        )
    };
    shared
        .ask(&params.text_document.uri, Attempts::One, question)
        .await
}

/// `None` if an edit is in a file that cannot be edited.
fn convert(
    it: &Question<'_>,
    action: &compiler_core::queries::Action,
) -> Option<CodeActionOrCommand> {
    let mut texts = it.texts();
    let mut changes: HashMap<Url, Vec<TextEdit>> = HashMap::new();
    for (at, text) in &action.edits {
        let at = texts.location(at)?;
        changes.entry(at.uri).or_default().push(TextEdit {
            range: at.range,
            new_text: text.clone(),
        });
    }
    let edit = WorkspaceEdit {
        changes: Some(changes),
        ..WorkspaceEdit::default()
    };
    Some(CodeActionOrCommand::CodeAction(CodeAction {
        title: action.title.clone(),
        kind: Some(CodeActionKind::QUICKFIX),
        diagnostics: texts
            .diagnostic(&action.diagnostic)
            .map(|diagnostic| vec![diagnostic]),
        edit: Some(edit),
        is_preferred: Some(action.is_preferred),
        ..CodeAction::default()
    }))
}

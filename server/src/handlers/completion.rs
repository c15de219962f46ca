//! `textDocument/completion`

use compiler_core::ide::DefKind;
use compiler_core::ide::completion::{CompletionItem as Found, CompletionKind};
use tower_lsp::jsonrpc::Result;
use tower_lsp::lsp_types::{
    CompletionItem, CompletionItemKind, CompletionItemTag, CompletionParams, CompletionResponse,
    CompletionTextEdit, Documentation, InsertTextFormat, MarkupContent, MarkupKind, Range,
    TextEdit,
};

use crate::session::Shared;
use crate::session::ask::{Attempts, Question};

pub async fn completion(
    shared: &Shared,
    params: CompletionParams,
) -> Result<Option<CompletionResponse>> {
    let at = params.text_document_position;
    let has_snippets = shared.abilities().snippets;
    let question = move |it: &Question<'_>| {
        let found = it.analysis.completions(it.path, it.offset(at.position));
        let replace = it.range(found.replace);
        let items = found
            .items
            .into_iter()
            .map(|item| convert(item, replace, has_snippets));
        Some(CompletionResponse::Array(items.collect()))
    };
    shared
        .ask(&at.text_document.uri, Attempts::Two, question)
        .await
}

fn convert(found: Found, replace: Range, has_snippets: bool) -> CompletionItem {
    let documentation = found.docs.map(|value| {
        Documentation::MarkupContent(MarkupContent {
            kind: MarkupKind::Markdown,
            value,
        })
    });
    let snippet = found.snippet.filter(|_| has_snippets);
    let format = snippet.as_ref().map(|_| InsertTextFormat::SNIPPET);
    let new_text = snippet.unwrap_or_else(|| found.label.clone());
    CompletionItem {
        kind: Some(kind(found.kind)),
        detail: found.detail,
        documentation,
        // A letter per group, then the name.
        sort_text: Some(format!(
            "{}{}",
            char::from(b'a' + found.rank.min(25)),
            found.label
        )),
        filter_text: None,
        insert_text_format: format,
        text_edit: Some(CompletionTextEdit::Edit(TextEdit {
            range: replace,
            new_text,
        })),
        tags: found
            .is_deprecated
            .then(|| vec![CompletionItemTag::DEPRECATED]),
        label: found.label,
        ..CompletionItem::default()
    }
}

fn kind(kind: CompletionKind) -> CompletionItemKind {
    let CompletionKind::Def(kind) = kind else {
        return CompletionItemKind::KEYWORD;
    };
    match kind {
        DefKind::Module => CompletionItemKind::MODULE,
        DefKind::Func => CompletionItemKind::FUNCTION,
        DefKind::Method => CompletionItemKind::METHOD,
        DefKind::Struct | DefKind::Union | DefKind::BuiltinType => CompletionItemKind::STRUCT,
        DefKind::Enum => CompletionItemKind::ENUM,
        DefKind::Variant => CompletionItemKind::ENUM_MEMBER,
        DefKind::Field => CompletionItemKind::FIELD,
        DefKind::Const => CompletionItemKind::CONSTANT,
        DefKind::Behavior => CompletionItemKind::INTERFACE,
        DefKind::Class | DefKind::TypeAlias => CompletionItemKind::CLASS,
        DefKind::AssocType | DefKind::TypeParam | DefKind::ConstParam | DefKind::Lifetime => {
            CompletionItemKind::TYPE_PARAMETER
        }
        DefKind::Static | DefKind::Param | DefKind::Receiver | DefKind::Local => {
            CompletionItemKind::VARIABLE
        }
    }
}

//! `textDocument/documentSymbol`

use compiler_core::ide::DefKind;
use compiler_core::ide::document_symbols::{Symbol, SymbolKind as Kind};
use tower_lsp::jsonrpc::Result;
use tower_lsp::lsp_types::{
    DocumentSymbol, DocumentSymbolParams, DocumentSymbolResponse, Location, SymbolInformation,
    SymbolKind, Url,
};

use crate::session::Shared;
use crate::session::ask::{Attempts, Question};

pub async fn document_symbol(
    shared: &Shared,
    params: DocumentSymbolParams,
) -> Result<Option<DocumentSymbolResponse>> {
    let uri = params.text_document.uri;
    let (is_nested, of) = (shared.abilities().nested_symbols, uri.clone());
    let question = move |it: &Question<'_>| {
        let found = it.analysis.document_symbols(it.path);
        if is_nested {
            let nested = found.iter().map(|symbol| nested(it, symbol)).collect();
            return Some(DocumentSymbolResponse::Nested(nested));
        }
        let mut flat = Vec::new();
        found
            .iter()
            .for_each(|symbol| flatten(it, &of, symbol, None, &mut flat));
        Some(DocumentSymbolResponse::Flat(flat))
    };
    shared.ask(&uri, Attempts::One, question).await
}

#[expect(deprecated, reason = "the protocol's struct has no other constructor")]
fn nested(it: &Question<'_>, symbol: &Symbol) -> DocumentSymbol {
    let children: Vec<_> = symbol
        .children
        .iter()
        .map(|child| nested(it, child))
        .collect();
    DocumentSymbol {
        name: symbol.name.clone(),
        detail: symbol.detail.clone(),
        kind: kind(symbol.kind),
        tags: None,
        deprecated: None,
        range: it.range(symbol.range),
        selection_range: it.range(symbol.name_range),
        children: (!children.is_empty()).then_some(children),
    }
}

#[expect(deprecated, reason = "the protocol's struct has no other constructor")]
fn flatten(
    it: &Question<'_>,
    uri: &Url,
    symbol: &Symbol,
    container: Option<&str>,
    out: &mut Vec<SymbolInformation>,
) {
    out.push(SymbolInformation {
        name: symbol.name.clone(),
        kind: kind(symbol.kind),
        tags: None,
        deprecated: None,
        location: Location {
            uri: uri.clone(),
            range: it.range(symbol.range),
        },
        container_name: container.map(str::to_owned),
    });
    for child in &symbol.children {
        flatten(it, uri, child, Some(&symbol.name), out);
    }
}

fn kind(kind: Kind) -> SymbolKind {
    match kind {
        Kind::Impl => SymbolKind::OBJECT,
        Kind::Def(kind) => match kind {
            DefKind::Module => SymbolKind::MODULE,
            DefKind::Func => SymbolKind::FUNCTION,
            DefKind::Method => SymbolKind::METHOD,
            DefKind::Struct | DefKind::Union => SymbolKind::STRUCT,
            DefKind::Enum => SymbolKind::ENUM,
            DefKind::Variant => SymbolKind::ENUM_MEMBER,
            DefKind::Field => SymbolKind::FIELD,
            DefKind::Const => SymbolKind::CONSTANT,
            DefKind::Behavior => SymbolKind::INTERFACE,
            DefKind::Class | DefKind::BuiltinType | DefKind::TypeAlias => SymbolKind::CLASS,
            DefKind::AssocType | DefKind::TypeParam | DefKind::ConstParam | DefKind::Lifetime => {
                SymbolKind::TYPE_PARAMETER
            }
            DefKind::Static | DefKind::Param | DefKind::Receiver | DefKind::Local => {
                SymbolKind::VARIABLE
            }
        },
    }
}

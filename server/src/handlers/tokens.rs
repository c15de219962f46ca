//! `textDocument/semanticTokens/full` and `/range`

use compiler_core::ide::DefKind;
use compiler_core::ide::semantic_tokens::SemanticToken as Found;
use tower_lsp::jsonrpc::Result;
use tower_lsp::lsp_types::{
    Range, SemanticToken, SemanticTokenModifier, SemanticTokenType, SemanticTokens,
    SemanticTokensLegend, Url,
};

use crate::session::Shared;
use crate::session::ask::{Attempts, Question};

const TYPES: [SemanticTokenType; 13] = [
    SemanticTokenType::NAMESPACE,
    SemanticTokenType::FUNCTION,
    SemanticTokenType::METHOD,
    SemanticTokenType::STRUCT,
    SemanticTokenType::ENUM,
    SemanticTokenType::ENUM_MEMBER,
    SemanticTokenType::PROPERTY,
    SemanticTokenType::VARIABLE,
    SemanticTokenType::TYPE,
    SemanticTokenType::INTERFACE,
    SemanticTokenType::CLASS,
    SemanticTokenType::TYPE_PARAMETER,
    SemanticTokenType::PARAMETER,
];
/// A modifier's position is its bit.
const MODIFIERS: [SemanticTokenModifier; 5] = [
    SemanticTokenModifier::DECLARATION,
    SemanticTokenModifier::READONLY,
    SemanticTokenModifier::DEPRECATED,
    SemanticTokenModifier::DEFAULT_LIBRARY,
    SemanticTokenModifier::STATIC,
];

pub fn legend() -> SemanticTokensLegend {
    SemanticTokensLegend {
        token_types: TYPES.into(),
        token_modifiers: MODIFIERS.into(),
    }
}

pub async fn tokens(shared: &Shared, uri: Url, range: Option<Range>) -> Result<SemanticTokens> {
    let question = move |it: &Question<'_>| {
        let range = range.map(|range| it.text.text_range(range, it.encoding));
        let data = encode(it, &it.analysis.semantic_tokens(it.path, range));
        Some(SemanticTokens {
            result_id: None,
            data,
        })
    };
    let none = SemanticTokens {
        result_id: None,
        data: Vec::new(),
    };
    Ok(shared
        .ask(&uri, Attempts::One, question)
        .await?
        .unwrap_or(none))
}

/// Each token relative to the one before.
fn encode(it: &Question<'_>, found: &[Found]) -> Vec<SemanticToken> {
    let (mut line, mut column) = (0, 0);
    let mut out = Vec::with_capacity(found.len());
    for token in found {
        let start = it.text.position(token.range.start().into(), it.encoding);
        let delta_line = start.line.saturating_sub(line);
        let from = if delta_line == 0 { column } else { 0 };
        out.push(SemanticToken {
            delta_line,
            delta_start: start.character.saturating_sub(from),
            length: it.text.width(token.range, it.encoding),
            token_type: type_index(token.kind),
            token_modifiers_bitset: modifiers(token),
        });
        (line, column) = (start.line, start.character);
    }
    out
}

fn modifiers(token: &Found) -> u32 {
    let is_value = matches!(
        token.kind,
        DefKind::Local | DefKind::Param | DefKind::Const | DefKind::Static | DefKind::ConstParam
    );
    let set = [
        token.is_declaration,
        is_value && !token.is_mutable,
        token.is_deprecated,
        token.is_library,
        token.kind == DefKind::Static,
    ];
    set.iter()
        .enumerate()
        .map(|(bit, is_set)| u32::from(*is_set) << bit)
        .sum()
}

fn type_index(kind: DefKind) -> u32 {
    match kind {
        DefKind::Module => 0,
        DefKind::Func => 1,
        DefKind::Method => 2,
        DefKind::Struct | DefKind::Union => 3,
        DefKind::Enum => 4,
        DefKind::Variant => 5,
        DefKind::Field => 6,
        DefKind::Const | DefKind::Static | DefKind::Local | DefKind::Receiver => 7,
        DefKind::TypeAlias | DefKind::AssocType | DefKind::BuiltinType => 8,
        DefKind::Behavior => 9,
        DefKind::Class => 10,
        DefKind::TypeParam | DefKind::ConstParam | DefKind::Lifetime => 11,
        DefKind::Param => 12,
    }
}

//! Declarations in source syntax.

use base::Db;
use hir::{BodyView, DefKind, Definition};
use hir_def::{BodyOwner, ModuleDef};
use syntax::{SyntaxElement, SyntaxKind, SyntaxNode};

/// A declaration longer than this many characters loses its body or fields; a hover of the
/// usual width shows about ten lines.
const WHOLE_CHARS_MAX: usize = 400;

/// The declaration as written, without decorators, comments and bodies.
pub(crate) fn signature(db: &dyn Db, def: Definition) -> Option<String> {
    match def {
        Definition::Item(ModuleDef::Module(module)) => {
            return Some(format!(
                "mod {}",
                hir_def::def_path::module_path(db, module)
            ));
        }
        Definition::Item(ModuleDef::Builtin(ty)) => return Some(format!("type {}", ty.name())),
        Definition::Local(owner, local) => return local_text(db, owner, local),
        _ => {}
    }
    let node = def.declaration(db)?;
    if let (DefKind::Struct | DefKind::Enum | DefKind::Union, Some(text)) =
        (def.kind(db), whole(&node))
    {
        return Some(text);
    }
    Some(header(&node))
}

fn local_text(db: &dyn Db, owner: BodyOwner, local: hir_def::body::LocalId) -> Option<String> {
    let data = hir::definition::local_of(db, owner, local)?;
    let ty = BodyView::new(db, owner).local_ty(local);
    let ty = ty.map_or("_".to_owned(), |ty| ty.display(db).to_string());
    use hir_def::body::LocalKind;
    let name = &data.name;
    Some(match (data.kind, data.mutable) {
        (LocalKind::Let, true) => format!("var {name}: {ty}"),
        (LocalKind::Let, false) => format!("let {name}: {ty}"),
        (_, true) => format!("mut {name}: {ty}"),
        (_, false) => format!("{name}: {ty}"),
    })
}

/// Up to the body, on one line.
pub(crate) fn header(node: &SyntaxNode) -> String {
    let is_body = |kind| {
        use SyntaxKind::*;
        matches!(kind, BLOCK | MEMBER_LIST | ITEM_LIST)
            || matches!(kind, FIELD_LIST | VARIANT_LIST) && node.kind() != SyntaxKind::VARIANT
    };
    let parts = node
        .children_with_tokens()
        .take_while(|part| !is_body(part.kind()));
    folded(parts)
}

/// The header of a function behind its name.
pub(crate) fn header_behind(node: &SyntaxNode, name: &SyntaxNode) -> String {
    let start = name.text_range().end();
    let parts = node
        .children_with_tokens()
        .skip_while(|part| part.text_range().start() < start);
    folded(parts.take_while(|part| part.kind() != SyntaxKind::BLOCK))
}

fn folded(parts: impl Iterator<Item = SyntaxElement>) -> String {
    let mut text = String::new();
    for part in parts {
        push(&part, &mut text);
    }
    text.trim_end_matches([' ', ';', ',']).to_owned()
}

/// All of a short declaration, with its lines.
fn whole(node: &SyntaxNode) -> Option<String> {
    let parts = node
        .children_with_tokens()
        .skip_while(|part| part.kind().is_trivia() || part.kind() == SyntaxKind::DECORATOR);
    let text: String = parts.map(|part| part.to_string()).collect();
    let text = text.trim_end();
    (text.chars().count() <= WHOLE_CHARS_MAX).then(|| text.to_owned())
}

/// Adds an element with comments dropped and white space folded.
fn push(element: &SyntaxElement, text: &mut String) {
    match element {
        SyntaxElement::Token(token) if token.kind() == SyntaxKind::WHITESPACE => {
            if !text.is_empty() && !text.ends_with([' ', '(', '[']) {
                text.push(' ');
            }
        }
        SyntaxElement::Token(token) if token.kind().is_trivia() => {}
        SyntaxElement::Token(token) => {
            if matches!(token.kind(), SyntaxKind::R_PAREN | SyntaxKind::R_BRACK) {
                let len = text.trim_end_matches([' ', ',']).len();
                text.truncate(len);
            }
            text.push_str(token.text());
        }
        SyntaxElement::Node(node) if node.kind() == SyntaxKind::DECORATOR => {}
        SyntaxElement::Node(node) => {
            for part in node.children_with_tokens() {
                push(&part, text);
            }
        }
    }
}

/// The first line of the documentation.
pub(crate) fn summary(docs: &str) -> &str {
    docs.lines().next().unwrap_or_default()
}

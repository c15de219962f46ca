//! W015: parentheses around a whole condition or result.

use base::{Db, ItemLoc};
use syntax::ast::{self, AstNode};
use syntax::{SyntaxKind, SyntaxNode};

use crate::Applicability;
use crate::place::{Draft, Place, item_node};

/// Keyed by item; read when a file's diagnostics are collected. Re-runs with the item's text.
#[salsa::tracked(returns(ref))]
pub(crate) fn find(db: &dyn Db, item: ItemLoc) -> Vec<Draft> {
    let Some(root) = item_node(db, item) else {
        return Vec::new();
    };
    let heads = root.descendants().filter_map(parenthesised_head);
    heads.map(|paren| unnecessary(item, &paren)).collect()
}

/// The parentheses around all of what `if`, `while`, `when` or `return` looks at. What they make
/// possible stays: struct literals, several lines, blocks.
fn parenthesised_head(node: SyntaxNode) -> Option<SyntaxNode> {
    let is_head = match node.kind() {
        SyntaxKind::CONDITION => node.parent().is_some_and(|parent| {
            matches!(parent.kind(), SyntaxKind::IF_EXPR | SyntaxKind::WHILE_EXPR)
        }),
        SyntaxKind::WHEN_EXPR | SyntaxKind::RETURN_EXPR => true,
        _ => false,
    };
    if !is_head {
        return None;
    }
    let head = node.children().next()?;
    let paren = ast::ParenExpr::cast(head)?;
    let paren = paren.syntax().clone();
    let text = paren.text().to_string();
    let needs_them = paren.descendants().any(|inner| {
        matches!(
            inner.kind(),
            SyntaxKind::STRUCT_LIT | SyntaxKind::BLOCK | SyntaxKind::CLOSURE_EXPR
        )
    });
    (!needs_them && !text.contains('\n')).then_some(paren)
}

fn unnecessary(item: ItemLoc, paren: &SyntaxNode) -> Draft {
    let range = paren.text_range();
    let place = Place::new(item, range);
    let len = usize::from(range.len());
    // A word directly before the opener is not to grow together with what is inside.
    let before = paren.first_token().and_then(|opener| opener.prev_token());
    let is_apart = before.is_some_and(|token| token.kind() == SyntaxKind::WHITESPACE);
    let opener = if is_apart { "" } else { " " };
    let edits = vec![
        (place.part(0, 1), opener.to_string()),
        (place.part(len - 1, 1), String::new()),
    ];
    Draft::warning("W015", place, "Unnecessary parentheses")
        .labelled("around the whole expression")
        .fix("leave them out", edits, Applicability::Maybe)
}

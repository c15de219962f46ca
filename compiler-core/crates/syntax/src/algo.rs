//! Questions about positions in a tree.

use rowan::{GreenNodeData, Language, NodeOrToken, TextRange, TextSize, TokenAtOffset};

use crate::ast::AstNode;
use crate::{SyntaxElement, SyntaxKind, SyntaxNode, SyntaxToken, Tml};

/// The token or the two tokens that touch `offset`; none past the end of the tree.
pub fn tokens_at(root: &SyntaxNode, offset: TextSize) -> TokenAtOffset<SyntaxToken> {
    if root.text_range().contains_inclusive(offset) {
        root.token_at_offset(offset)
    } else {
        TokenAtOffset::None
    }
}

/// The token at `offset` that an editor means: a word or literal before trivia and
/// punctuation, and the right one of two equals.
pub fn token_at(root: &SyntaxNode, offset: TextSize) -> Option<SyntaxToken> {
    let rank = |token: &SyntaxToken| {
        let kind = token.kind();
        if kind.is_word() || kind.is_literal() {
            2
        } else {
            u8::from(!kind.is_trivia())
        }
    };
    tokens_at(root, offset).max_by_key(rank)
}

/// The smallest node or token that covers `range`; the root if nothing smaller does.
pub fn covering_element(root: &SyntaxNode, range: TextRange) -> SyntaxElement {
    if root.text_range().contains_range(range) {
        root.covering_element(range)
    } else {
        NodeOrToken::Node(root.clone())
    }
}

/// The nodes around `offset`, from the innermost outwards.
pub fn ancestors_at(root: &SyntaxNode, offset: TextSize) -> impl Iterator<Item = SyntaxNode> {
    token_at(root, offset)
        .into_iter()
        .flat_map(|token| token.parent_ancestors())
}

/// The innermost node of type `N` around `offset`.
pub fn find_node_at<N: AstNode>(root: &SyntaxNode, offset: TextSize) -> Option<N> {
    ancestors_at(root, offset).find_map(N::cast)
}

/// Whether there is a node of such a kind below `node`.
///
/// Looks at green nodes only, which costs a fraction of a walk with parents and offsets.
pub fn has_below(node: &SyntaxNode, is_wanted: impl Fn(SyntaxKind) -> bool) -> bool {
    let green = node.green();
    let mut pending: Vec<&GreenNodeData> = vec![&green];
    while let Some(node) = pending.pop() {
        for child in node.children() {
            let NodeOrToken::Node(child) = child else {
                continue;
            };
            if is_wanted(Tml::kind_from_raw(child.kind())) {
                return true;
            }
            pending.push(child);
        }
    }
    false
}

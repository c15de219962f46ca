//! What can be folded: blocks, lists, comments, imports. Purely syntactic.

use syntax::{SyntaxElement, SyntaxKind, SyntaxNode, TextRange};

use crate::FileView;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoldKind {
    Code,
    Comment,
    Imports,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    pub range: TextRange,
    pub kind: FoldKind,
}

pub fn folding_ranges(view: FileView<'_>) -> Vec<Fold> {
    let lines = base::line_index(view.db, view.file.source(view.db));
    let is_long =
        |range: TextRange| lines.line_col(range.start()).line < lines.line_col(range.end()).line;
    let mut out = Vec::new();
    let root = view.root();
    for element in root.descendants_with_tokens() {
        let kind = element.kind();
        match &element {
            SyntaxElement::Node(node) if is_foldable(kind) => {
                out.push(Fold {
                    range: node.text_range(),
                    kind: FoldKind::Code,
                });
            }
            SyntaxElement::Node(node) if kind == SyntaxKind::USE => {
                if let Some(range) = run(node) {
                    out.push(Fold {
                        range,
                        kind: FoldKind::Imports,
                    });
                }
            }
            SyntaxElement::Token(token) if is_comment(kind) => {
                if let Some(range) = comment_run(token) {
                    out.push(Fold {
                        range,
                        kind: FoldKind::Comment,
                    });
                }
            }
            _ => {}
        }
    }
    out.retain(|fold| is_long(fold.range));
    out
}

fn is_foldable(kind: SyntaxKind) -> bool {
    use SyntaxKind::*;
    matches!(
        kind,
        BLOCK
            | MEMBER_LIST
            | ITEM_LIST
            | FIELD_LIST
            | VARIANT_LIST
            | ARM_LIST
            | FIELD_INIT_LIST
            | ARG_LIST
            | PARAM_LIST
            | ARRAY_EXPR
            | USE_TREE_LIST
    )
}

fn is_comment(kind: SyntaxKind) -> bool {
    use SyntaxKind::*;
    matches!(kind, COMMENT | DOC_COMMENT | INNER_DOC_COMMENT)
}

/// Imports in a row, seen from the first one.
fn run(first: &SyntaxNode) -> Option<TextRange> {
    if first
        .prev_sibling()
        .is_some_and(|node| node.kind() == SyntaxKind::USE)
    {
        return None;
    }
    let siblings = std::iter::successors(Some(first.clone()), |node| node.next_sibling());
    let last = siblings
        .take_while(|node| node.kind() == SyntaxKind::USE)
        .last()?;
    Some(TextRange::new(
        first.text_range().start(),
        last.text_range().end(),
    ))
}

/// Comments on lines in a row, seen from the first one.
fn comment_run(first: &syntax::SyntaxToken) -> Option<TextRange> {
    let next_comment = |token: &syntax::SyntaxToken, forward: bool| {
        let step = |token: &syntax::SyntaxToken| {
            if forward {
                token.next_token()
            } else {
                token.prev_token()
            }
        };
        let mut at = step(token)?;
        if at.kind() == SyntaxKind::WHITESPACE {
            if at.text().bytes().filter(|byte| *byte == b'\n').count() > 1 {
                return None;
            }
            at = step(&at)?;
        }
        (at.kind() == token.kind()).then_some(at)
    };
    if next_comment(first, false).is_some() {
        return None;
    }
    let run = std::iter::successors(Some(first.clone()), |token| next_comment(token, true));
    let last = run.last()?;
    let range = TextRange::new(first.text_range().start(), last.text_range().end());
    Some(range)
}

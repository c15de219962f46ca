//! Types of `let` and `var` without one, and of loop variables.

use hir::BodyView;
use hir_def::body::LocalKind;
use syntax::ast::{self, AstNode};
use syntax::{SyntaxKind, TextRange, TextSize};

use crate::FileView;

/// Types longer than this many characters are cut.
const LENGTH_MAX: usize = 32;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InlayHint {
    /// Behind the name.
    pub offset: TextSize,
    /// `: I32`
    pub label: String,
}

pub fn inlay_hints(view: FileView<'_>, range: TextRange) -> Vec<InlayHint> {
    let db = view.db;
    let mut out = Vec::new();
    let root = view.root();
    let items = root.descendants().filter(|node| {
        node.kind() == SyntaxKind::FUNC && node.text_range().intersect(range).is_some()
    });
    for node in items {
        let Some(item) = hir::item_of(db, view.package, view.file, &node) else {
            continue;
        };
        let Some(owner) = item.body_owner() else {
            continue;
        };
        let body = BodyView::new(db, owner);
        for (id, local) in body.body.locals.iter() {
            let Some(pat) = local.pat else { continue };
            if !matches!(local.kind, LocalKind::Let | LocalKind::Pattern) {
                continue;
            }
            let at = body.map.pat_range(pat) + body.start;
            if at.intersect(range).is_none() || has_type(&root, at) || local.name.starts_with('_') {
                continue;
            }
            let Some(ty) = body.local_ty(id).filter(|ty| !ty.has_error(db)) else {
                continue;
            };
            let mut text = ty.display(db).to_string();
            if text.chars().count() > LENGTH_MAX {
                text = text.chars().take(LENGTH_MAX - 1).chain(['…']).collect();
            }
            out.push(InlayHint {
                offset: at.end(),
                label: format!(": {text}"),
            });
        }
    }
    out.sort_by_key(|hint| hint.offset);
    out
}

/// Whether the pattern is annotated, or is no plain name.
fn has_type(root: &syntax::SyntaxNode, pat: TextRange) -> bool {
    let element = syntax::algo::covering_element(root, pat);
    let node = match element {
        syntax::SyntaxElement::Node(node) => Some(node),
        syntax::SyntaxElement::Token(token) => token.parent(),
    };
    let statement = node.and_then(|node| node.ancestors().find_map(ast::LetStmt::cast));
    let Some(statement) = statement else {
        return false;
    };
    match statement.pat() {
        Some(whole) if whole.syntax().text_range().contains_range(pat) => statement.ty().is_some(),
        _ => false,
    }
}

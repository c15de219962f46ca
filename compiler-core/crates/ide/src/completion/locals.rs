//! The locals that are in scope at a position.

use hir::BodyView;
use hir_def::body::LocalId;
use syntax::ast::{self, AstNode};
use syntax::{SyntaxKind, SyntaxNode, TextRange, TextSize};

/// Nearest first; a name that hides another one comes before it.
pub(super) fn in_scope(body: &BodyView<'_>, node: &SyntaxNode, offset: TextSize) -> Vec<LocalId> {
    let mut visible: Vec<TextRange> = Vec::new();
    let mut child = node.clone();
    for ancestor in node.ancestors() {
        if hir::source::is_item(ancestor.kind()) {
            if let Some(func) = ast::Func::cast(ancestor) {
                visible.extend(
                    func.params()
                        .filter_map(|it| it.pat())
                        .map(|it| it.syntax().text_range()),
                );
            }
            break;
        }
        match ancestor.kind() {
            SyntaxKind::BLOCK => {
                let before = ancestor
                    .children()
                    .filter_map(ast::LetStmt::cast)
                    .filter(|it| it.syntax().text_range().end() <= offset && *it.syntax() != child);
                let mut pats: Vec<TextRange> = before
                    .filter_map(|it| it.pat())
                    .map(|it| it.syntax().text_range())
                    .collect();
                pats.reverse();
                visible.extend(pats);
            }
            // Patterns of arms, loops and conditions stand before what they are visible in.
            SyntaxKind::ARM
            | SyntaxKind::FOR_EXPR
            | SyntaxKind::LOOP_EXPR
            | SyntaxKind::IF_EXPR
            | SyntaxKind::WHILE_EXPR
            | SyntaxKind::RECOVER => {
                let pats = ancestor.descendants().filter(|it| {
                    (ast::Pat::can_cast(it.kind()) || it.kind() == SyntaxKind::NAME)
                        && it.text_range().end() <= child.text_range().start()
                });
                visible.extend(pats.map(|it| it.text_range()));
            }
            _ => {}
        }
        child = ancestor;
    }
    let mut out: Vec<LocalId> = Vec::new();
    for range in visible {
        let Some(range) = range.checked_sub(body.start) else {
            continue;
        };
        for (id, local) in body.body.locals.iter() {
            let Some(pat) = local.pat else { continue };
            if range.contains_range(body.map.pat_range(pat)) && !out.contains(&id) {
                out.push(id);
            }
        }
    }
    out.extend(body.body.receiver);
    out
}

//! T088, and what a manifest makes of warnings about low-level code.

use base::{Db, FileId, FileRange, Lowlevel, Package, parse};
use syntax::{SyntaxKind, TextRange};

use crate::levels::is_strict;
use crate::{Diagnostic, Severity};

/// Does to the findings of a file what the manifest of its package says.
pub(crate) fn apply(db: &dyn Db, package: Package, file: FileId, out: &mut Vec<Diagnostic>) {
    let lowlevel = package.lowlevel(db);
    if lowlevel == Lowlevel::Allow {
        return;
    }
    for finding in out.iter_mut().filter(|it| is_strict(it.code)) {
        finding.severity = Severity::Error;
        finding.is_silent = false;
    }
    if lowlevel == Lowlevel::Forbid {
        out.extend(words(db, file).map(|range| forbidden(FileRange { file, range })));
    }
}

/// Where a file says that low-level code begins.
fn words(db: &dyn Db, file: FileId) -> impl Iterator<Item = TextRange> {
    let root = parse(db, file).syntax_node();
    let tokens = root
        .descendants_with_tokens()
        .filter_map(|element| element.into_token());
    tokens
        .filter(|token| {
            let is_decorator = token.text() == "lowlevel"
                && token
                    .parent_ancestors()
                    .any(|node| node.kind() == SyntaxKind::DECORATOR);
            token.kind() == SyntaxKind::LOWLEVEL_KW || is_decorator
        })
        .map(|token| token.text_range())
}

fn forbidden(at: FileRange) -> Diagnostic {
    let message = "Low-level code in a package that forbids it";
    let mut out =
        Diagnostic::new("T088", Severity::Error, at, message).labelled("not allowed here");
    out.notes
        .push("the manifest says `lowlevel = \"forbid\"` in `[package]`".to_string());
    out
}

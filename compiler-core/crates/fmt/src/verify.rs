//! Whether two texts are the same program: the same tokens and comments in the same order, but
//! for the rewrites of the canon, and the same tree.

use syntax::SyntaxKind::{self, *};
use syntax::{PreprocessorEnv, SyntaxNode, SyntaxToken};

use crate::items::drops_value;

/// Compares a text with its canonical form.
pub(crate) fn is_same_program(before: &str, after: &str, env: &PreprocessorEnv) -> bool {
    let (before, after) = (syntax::parse(before, env), syntax::parse(after, env));
    if after.has_errors() {
        return false;
    }
    let (before, after) = (before.syntax_node(), after.syntax_node());
    let is_ordered = !has_extend(&before);
    tokens(&before, is_ordered) == tokens(&after, is_ordered)
        && comments(&before) == comments(&after)
        && (!is_ordered || shape(&before) == shape(&after))
        && imports(&before) == imports(&after)
}

/// `extend T with B` and `impl B for T` differ in the order of their words.
fn has_extend(file: &SyntaxNode) -> bool {
    file.descendants().any(|node| node.kind() == EXTEND)
}

/// Tokens in their canonical spelling, without those that the canon adds and drops, and without
/// imports.
fn tokens(file: &SyntaxNode, is_ordered: bool) -> Vec<String> {
    let all = file
        .descendants_with_tokens()
        .filter_map(|element| element.into_token())
        .filter(|token| !token.kind().is_trivia() && !is_in_import(token));
    let mut out: Vec<String> = all.filter_map(|token| canonical(&token)).collect();
    if !is_ordered {
        out.sort();
    }
    out
}

fn canonical(token: &SyntaxToken) -> Option<String> {
    let parent = token.parent().map_or(ERROR, |parent| parent.kind());
    let text = match (token.kind(), parent) {
        (COMMA | SEMICOLON | THEN_KW, _) => return None,
        (THIS_KW, THIS_EXPR | RECEIVER) => "this",
        (THIS_TYPE_KW, _) => "This",
        (AMP2, BIN_EXPR) => "and",
        (PIPE2, BIN_EXPR) => "or",
        (BANG, PREFIX_EXPR) => "not",
        (ARROW, ARM) => "=>",
        (AMP | REF_KW, REF_EXPR) => "ref",
        (EXTEND_KW, _) => "impl",
        (WITH_KW, EXTEND) => "for",
        // `&mut x` and `mut ref x`.
        (MUT_KW, REF_EXPR) => return None,
        (IDENT, PATH_SEGMENT) if token.text() == "auto" && is_in_decorator(token) => "derive",
        _ => token.text(),
    };
    Some(text.to_string())
}

fn is_in_decorator(token: &SyntaxToken) -> bool {
    token
        .parent_ancestors()
        .nth(2)
        .is_some_and(|node| node.kind() == DECORATOR)
}

fn is_in_import(token: &SyntaxToken) -> bool {
    token.parent_ancestors().any(|node| node.kind() == USE)
}

/// Comments without the space at the ends of their lines.
fn comments(file: &SyntaxNode) -> Vec<String> {
    let all = file
        .descendants_with_tokens()
        .filter_map(|element| element.into_token())
        .filter(|token| token.kind().is_trivia() && !matches!(token.kind(), WHITESPACE | BOM));
    all.map(|token| {
        let lines = token.text().trim().lines().map(str::trim_end);
        lines.collect::<Vec<_>>().join("\n")
    })
    .collect()
}

/// The kinds of nodes in order, with what commas and semicolons decide.
fn shape(file: &SyntaxNode) -> Vec<(SyntaxKind, bool)> {
    let mut out = Vec::new();
    for node in file.descendants() {
        let kind = node.kind();
        // Imports move.
        if node.ancestors().any(|it| it.kind() == USE) {
            continue;
        }
        let is_mut = kind == REF_EXPR
            && node
                .children_with_tokens()
                .any(|element| element.kind() == MUT_KW);
        let ends_in_semicolon = kind == EXPR_STMT
            && drops_value(&node)
            && node.next_sibling().is_none()
            && node
                .children_with_tokens()
                .any(|element| element.kind() == SEMICOLON);
        out.push((kind, is_mut || ends_in_semicolon));
    }
    out
}

/// All imported names, in order of their text.
fn imports(file: &SyntaxNode) -> Vec<String> {
    let mut out = Vec::new();
    for node in file.descendants().filter(|node| node.kind() == USE) {
        let mut lead = String::new();
        for child in node.children() {
            match child.kind() {
                USE_TREE => {
                    let filter = node.children().filter(|it| it.kind() == USE_FILTER);
                    let filter: Vec<String> = filter.map(|it| words(&it)).collect();
                    leaves(&child, &lead, &filter.join(" "), &mut out);
                }
                USE_FILTER => {}
                _ => lead.push_str(&words(&child)),
            }
        }
    }
    out.sort();
    out
}

fn leaves(tree: &SyntaxNode, lead: &str, tail: &str, out: &mut Vec<String>) {
    let list = tree.children().find(|it| it.kind() == USE_TREE_LIST);
    match list {
        None => {
            let own = words(tree);
            out.push(format!("{lead}::{own} {tail}"));
        }
        Some(list) => {
            let path = tree.children().find(|it| it.kind() == PATH);
            let path = path.map(|path| words(&path)).unwrap_or_default();
            for inner in list.children() {
                let lead = match path.as_str() {
                    "" => lead.to_string(),
                    path => format!("{lead}::{path}"),
                };
                leaves(&inner, &lead, tail, out);
            }
        }
    }
}

fn words(node: &SyntaxNode) -> String {
    let tokens = node
        .descendants_with_tokens()
        .filter_map(|element| element.into_token())
        .filter(|token| !token.kind().is_trivia() && token.kind() != COMMA);
    let texts: Vec<String> = tokens.map(|token| token.text().to_string()).collect();
    texts.concat()
}

//! `use` lines: grouped, sorted, and merged where three names share a path.
//!
//! Only imports without comments between them are arranged; what a comment speaks about must
//! stay where it is.

use std::collections::BTreeMap;

use syntax::SyntaxKind::*;
use syntax::{SyntaxElement, SyntaxNode};

use crate::comments::Comments;
use crate::ops::{Group, Op};
use crate::spacing::Place;
use crate::walk::{Walk, first_token, significant};

/// Names that share a path are merged from this number on.
const MERGED_MIN: usize = 3;

/// How many of the elements are imports in a row.
pub(crate) fn run(elements: &[SyntaxElement], comments: &Comments) -> usize {
    let is_use = |element: &&SyntaxElement| element.kind() == USE;
    let all = elements.iter().take_while(is_use).count();
    // A comment between two imports begins another run.
    let starts_anew = |element: &SyntaxElement| {
        first_token(element).is_some_and(|token| !comments.around(&token).before.is_empty())
    };
    let first = elements.iter().take(all).skip(1).position(starts_anew);
    first.map_or(all, |at| at + 1).max(1)
}

/// One printed import.
pub(crate) struct Line {
    pub(crate) is_new_group: bool,
    entry: Entry,
}

/// An import that can be moved.
#[derive(Clone, Debug)]
struct Entry {
    visibility: String,
    /// `std::collections`
    path: String,
    /// The names at the end; one without braces.
    names: Vec<String>,
    is_braced: bool,
    /// Alias or filter, as written.
    rest: String,
}

/// The imports of a run in order; `None` if they must stay as they are.
pub(crate) fn arranged(run: &[SyntaxElement], comments: &Comments) -> Option<Vec<Line>> {
    let nodes: Vec<&SyntaxNode> = run.iter().filter_map(|element| element.as_node()).collect();
    for (at, node) in nodes.iter().enumerate() {
        let mut tokens = node
            .descendants_with_tokens()
            .filter_map(|element| element.into_token())
            .filter(|token| !token.kind().is_trivia());
        let has_comment = tokens.any(|token| {
            let around = comments.around(&token);
            let is_first = token.text_range().start() == node.text_range().start()
                || first_token(&SyntaxElement::Node((*node).clone())).as_ref() == Some(&token);
            !around.behind.is_empty() || !around.before.is_empty() && !(at == 0 && is_first)
        });
        if has_comment {
            return None;
        }
    }
    let entries: Option<Vec<Entry>> = nodes.iter().map(|node| entry(node)).collect();
    let mut entries = merge(entries?);
    entries.sort_by_key(|entry| (group(&entry.path, entry), key(entry)));
    let mut lines = Vec::new();
    let mut last = None;
    for entry in entries {
        let group = group(&entry.path, &entry);
        let is_new_group = last.is_some_and(|last| last != group);
        last = Some(group);
        lines.push(Line {
            is_new_group,
            entry,
        });
    }
    Some(lines)
}

/// `None` for imports with decorators or nested braces.
fn entry(node: &SyntaxNode) -> Option<Entry> {
    let mut out = Entry {
        visibility: String::new(),
        path: String::new(),
        names: Vec::new(),
        is_braced: false,
        rest: String::new(),
    };
    for element in significant(node) {
        match &element {
            SyntaxElement::Node(part) => match part.kind() {
                VISIBILITY => out.visibility = format!("{} ", compact(part)),
                USE_TREE => tree(part, &mut out)?,
                USE_FILTER => out.rest.push_str(&format!(" {}", spaced(part))),
                _ => return None,
            },
            SyntaxElement::Token(token) if matches!(token.kind(), USE_KW | SEMICOLON) => {}
            SyntaxElement::Token(_) => return None,
        }
    }
    (!out.names.is_empty()).then_some(out)
}

fn tree(node: &SyntaxNode, out: &mut Entry) -> Option<()> {
    let elements = significant(node);
    let path = elements.first()?.as_node().filter(|it| it.kind() == PATH)?;
    let path = compact(path);
    match elements.get(1..)? {
        [] => match path.rsplit_once("::") {
            Some((parent, name)) => {
                out.path = parent.to_string();
                out.names.push(name.to_string());
            }
            None => out.names.push(path),
        },
        [SyntaxElement::Token(colons), last] if colons.kind() == COLON2 => {
            out.path = path;
            match last {
                SyntaxElement::Token(star) if star.kind() == STAR => {
                    out.names.push("*".to_string());
                }
                SyntaxElement::Node(list) => {
                    out.is_braced = true;
                    for inner in list.children() {
                        let text = compact(&inner);
                        let is_name = text.chars().all(|c| c.is_alphanumeric() || c == '_');
                        out.names.push(is_name.then_some(text)?);
                    }
                }
                SyntaxElement::Token(_) => return None,
            }
        }
        [SyntaxElement::Token(as_), SyntaxElement::Node(name)] if as_.kind() == AS_KW => {
            let (parent, last) = path.rsplit_once("::").unwrap_or(("", &path));
            out.path = parent.to_string();
            out.names.push(last.to_string());
            out.rest.push_str(&format!(" as {}", compact(name)));
        }
        _ => return None,
    }
    Some(())
}

/// The text of a node without white space.
fn compact(node: &SyntaxNode) -> String {
    let tokens = node
        .descendants_with_tokens()
        .filter_map(|element| element.into_token())
        .filter(|token| !token.kind().is_trivia());
    tokens.map(|token| token.text().to_string()).collect()
}

/// The words of a filter.
fn spaced(node: &SyntaxNode) -> String {
    let mut out = String::new();
    let tokens = node
        .descendants_with_tokens()
        .filter_map(|element| element.into_token())
        .filter(|token| !token.kind().is_trivia());
    for token in tokens {
        if !out.is_empty() && token.kind() != COMMA {
            out.push(' ');
        }
        out.push_str(token.text());
    }
    out
}

/// Plain names of one path and visibility become one import, from three names on.
fn merge(entries: Vec<Entry>) -> Vec<Entry> {
    let is_plain = |entry: &Entry| {
        entry.rest.is_empty() && !entry.path.is_empty() && !entry.names.iter().any(|it| it == "*")
    };
    let mut by_path: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    let mut sources: BTreeMap<(String, String), usize> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| is_plain(entry)) {
        let key = (entry.visibility.clone(), entry.path.clone());
        by_path
            .entry(key.clone())
            .or_default()
            .extend(entry.names.iter().cloned());
        *sources.entry(key).or_default() += 1;
    }
    let mut out: Vec<Entry> = Vec::new();
    for mut entry in entries {
        let key = (entry.visibility.clone(), entry.path.clone());
        let names = by_path.get(&key).filter(|_| is_plain(&entry));
        let is_merged = names.is_some_and(|names| names.len() >= MERGED_MIN)
            && sources.get(&key).is_some_and(|count| *count > 1);
        if !is_merged {
            sort_names(&mut entry.names);
            out.push(entry);
            continue;
        }
        let is_known =
            |other: &Entry| is_plain(other) && (&other.visibility, &other.path) == (&key.0, &key.1);
        if out.iter().any(is_known) {
            continue;
        }
        entry.names = names.cloned().unwrap_or_default();
        entry.is_braced = true;
        sort_names(&mut entry.names);
        out.push(entry);
    }
    out
}

/// `self` first; duplicates stay, they are an error that the checker explains.
fn sort_names(names: &mut [String]) {
    names.sort_by_key(|name| (name != "self", name.clone()));
}

/// `crate`, then other packages, then the library.
fn group(path: &str, entry: &Entry) -> u8 {
    let whole = if path.is_empty() {
        entry.names.first().map(String::as_str).unwrap_or_default()
    } else {
        path
    };
    match whole.split("::").next().unwrap_or_default() {
        "crate" | "super" | "self" => 0,
        "std" | "core" | "test" => 2,
        _ => 1,
    }
}

fn key(entry: &Entry) -> (String, String) {
    let name = entry.names.first().cloned().unwrap_or_default();
    let full = match (entry.path.as_str(), entry.is_braced) {
        ("", _) => name,
        (path, true) => path.to_string(),
        (path, false) => format!("{path}::{name}"),
    };
    (full, format!("{}{}", entry.visibility, entry.rest))
}

impl Line {
    pub(crate) fn print(&self, walk: &mut Walk) {
        let Entry {
            visibility,
            path,
            names,
            is_braced,
            rest,
        } = &self.entry;
        let place = Place {
            kind: IDENT,
            parent: USE,
        };
        walk.no_space();
        let lead = match path.as_str() {
            "" => format!("{visibility}use "),
            path => format!("{visibility}use {path}::"),
        };
        if !is_braced {
            let name = names.first().cloned().unwrap_or_default();
            return walk.word(&format!("{lead}{name}{rest}"), place);
        }
        walk.begin(Group::Whole);
        walk.word(&format!("{lead}{{"), place);
        walk.op(Op::Indent);
        walk.separate(Op::SoftLine);
        for (at, name) in names.iter().enumerate() {
            if at > 0 {
                walk.op(Op::Glued(","));
                walk.separate(Op::Line);
            }
            walk.word(name, place);
        }
        walk.op(Op::GluedIfBroken(","));
        walk.op(Op::Dedent);
        walk.separate(Op::SoftLine);
        walk.word(&format!("}}{rest}"), place);
        walk.end();
    }
}

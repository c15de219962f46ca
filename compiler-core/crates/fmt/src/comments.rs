//! What stands between tokens: comments, directives, line breaks.

use rustc_hash::FxHashMap;
use syntax::SyntaxKind::{self, *};
use syntax::{SyntaxNode, SyntaxToken, TextSize};

/// A comment, a directive, or text that a condition leaves out.
#[derive(Clone, Debug)]
pub(crate) struct Comment {
    pub(crate) kind: SyntaxKind,
    pub(crate) text: String,
    /// Line breaks between what comes before and this.
    pub(crate) newlines_before: usize,
}

/// What stands around one token.
#[derive(Clone, Debug, Default)]
pub(crate) struct Around {
    /// On lines before it, or just before it on its line.
    pub(crate) before: Vec<Comment>,
    /// Behind it on its line.
    pub(crate) behind: Vec<Comment>,
    /// Line breaks between what comes before and the token.
    pub(crate) newlines_before: usize,
    /// The same, counted from the token before.
    pub(crate) newlines_since_token: usize,
}

/// Trivia by the token that it belongs to.
pub(crate) struct Comments {
    by_token: FxHashMap<TextSize, Around>,
    /// After the last token.
    pub(crate) at_end: Vec<Comment>,
}

impl Comments {
    pub(crate) fn of_file(file: &SyntaxNode) -> Comments {
        let mut by_token: FxHashMap<TextSize, Around> = FxHashMap::default();
        let mut pending: Vec<Comment> = Vec::new();
        let mut newlines = 0;
        let mut total = 0;
        let mut previous: Option<SyntaxToken> = None;
        let tokens = file
            .descendants_with_tokens()
            .filter_map(|element| element.into_token());
        for token in tokens {
            match token.kind() {
                WHITESPACE => {
                    let count = token.text().matches('\n').count();
                    newlines += count;
                    total += count;
                }
                BOM => {}
                kind if kind.is_trivia() => {
                    let text = token.text();
                    pending.push(Comment {
                        kind,
                        text: tidy(kind, text),
                        newlines_before: newlines,
                    });
                    let inside = text.matches('\n').count();
                    total += inside;
                    // Left-out text ends with its own line break, or stands before a directive.
                    newlines = match kind {
                        INACTIVE_TEXT => 1,
                        _ => 0,
                    };
                }
                kind => {
                    let behind = split_behind(&mut pending, previous.as_ref(), kind, newlines);
                    if let Some(previous) = &previous {
                        let around = by_token.entry(previous.text_range().start()).or_default();
                        around.behind = behind;
                    }
                    let around = by_token.entry(token.text_range().start()).or_default();
                    around.before = std::mem::take(&mut pending);
                    around.newlines_before = newlines;
                    around.newlines_since_token = total;
                    (newlines, total) = (0, 0);
                    previous = Some(token);
                }
            }
        }
        let behind = split_behind(&mut pending, previous.as_ref(), R_CURLY, 1);
        if let Some(previous) = &previous {
            let around = by_token.entry(previous.text_range().start()).or_default();
            around.behind = behind;
        }
        Comments {
            by_token,
            at_end: pending,
        }
    }

    pub(crate) fn around(&self, token: &SyntaxToken) -> Around {
        self.by_token
            .get(&token.text_range().start())
            .cloned()
            .unwrap_or_default()
    }

    /// Comments before a token are printed once, though several nodes begin with it.
    pub(crate) fn forget_before(&mut self, token: &SyntaxToken) {
        if let Some(around) = self.by_token.get_mut(&token.text_range().start()) {
            around.before.clear();
        }
    }

    /// Line breaks between a token and the one before it.
    pub(crate) fn newlines_before(&self, token: &SyntaxToken) -> usize {
        self.by_token
            .get(&token.text_range().start())
            .map_or(0, |around| around.newlines_since_token)
    }

    /// Whether there is a line break or a comment before any token of a node but its first.
    pub(crate) fn is_on_one_line(&self, node: &SyntaxNode) -> bool {
        let mut tokens = node
            .descendants_with_tokens()
            .filter_map(|element| element.into_token())
            .filter(|token| !token.kind().is_trivia());
        let Some(first) = tokens.next() else {
            return true;
        };
        self.around(&first).behind.is_empty()
            && tokens.all(|token| {
                let around = self.by_token.get(&token.text_range().start());
                let is_plain =
                    |around: &Around| around.newlines_since_token == 0 && around.before.is_empty();
                around.is_none_or(is_plain)
            })
    }
}

/// Comments that stand behind the token before them; the rest stays for the next token.
fn split_behind(
    pending: &mut Vec<Comment>,
    previous: Option<&SyntaxToken>,
    next: SyntaxKind,
    newlines_after: usize,
) -> Vec<Comment> {
    if previous.is_none() {
        return Vec::new();
    }
    let same_line = pending
        .iter()
        .take_while(|comment| {
            comment.newlines_before == 0
                && !matches!(comment.kind, PREPROCESSOR_LINE | INACTIVE_TEXT)
        })
        .count();
    let is_last = same_line == pending.len();
    let ends_line = match pending.get(same_line) {
        Some(_) => true,
        None => newlines_after > 0,
    };
    let before_closer = matches!(next, COMMA | SEMICOLON | R_PAREN | R_BRACK);
    let all_blocks = pending
        .iter()
        .take(same_line)
        .all(|comment| comment.text.starts_with("/*"));
    // `/* c */ b` belongs to what follows it.
    if is_last && all_blocks && !ends_line && !before_closer {
        return Vec::new();
    }
    pending.drain(..same_line).collect()
}

/// A comment as it is printed: without spaces at the ends of its lines.
fn tidy(kind: SyntaxKind, text: &str) -> String {
    match kind {
        INACTIVE_TEXT => text.trim_start_matches(['\r', '\n']).trim_end().to_string(),
        PREPROCESSOR_LINE => text.trim().to_string(),
        _ => {
            let lines = text.split('\n').map(|line| line.trim_end());
            lines.collect::<Vec<_>>().join("\n")
        }
    }
}

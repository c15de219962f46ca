//! Preprocessor lines (reference §12.1).

use super::Lexer;
use crate::SyntaxKind::*;
use crate::{PreprocessorEnv, SyntaxError};

/// How deep parentheses and `!` may nest in a condition.
const CONDITION_DEPTH_MAX: u32 = 64;

/// The state of conditional compilation at one point of a file.
pub(super) struct Directives<'a> {
    env: &'a PreprocessorEnv,
    /// `#define` (`Some`) and `#undef` (`None`) of this file; the last one of a name holds.
    local: Vec<(String, Option<String>)>,
    open: Vec<OpenIf>,
}

struct OpenIf {
    start: usize,
    end: usize,
    /// A branch was taken, or none may be because the whole is in inactive text.
    is_decided: bool,
    has_else: bool,
}

impl<'a> Directives<'a> {
    pub(super) fn new(env: &'a PreprocessorEnv) -> Directives<'a> {
        Directives {
            env,
            local: Vec::new(),
            open: Vec::new(),
        }
    }

    fn local(&self, name: &str) -> Option<Option<&str>> {
        self.local
            .iter()
            .rev()
            .find(|it| it.0 == name)
            .map(|it| it.1.as_deref())
    }

    fn is_defined(&self, name: &str) -> bool {
        match self.local(name) {
            Some(value) => value.is_some(),
            None => self.env.is_defined(name),
        }
    }

    fn is_true(&self, name: &str) -> bool {
        match self.local(name) {
            Some(value) => value.is_some(),
            None => self.env.is_true(name),
        }
    }

    fn value(&self, name: &str) -> Option<&str> {
        match self.local(name) {
            Some(value) => value,
            None => self.env.value(name),
        }
    }
}

const NAMES: &[&str] = &[
    "if", "elif", "else", "endif", "ifdef", "ifndef", "define", "undef", "error", "warning",
];

/// The name of the directive that starts at a `#`.
fn directive_name(text: &str) -> Option<&'static str> {
    let rest = text.strip_prefix('#')?;
    let len = rest
        .bytes()
        .take_while(|b| b.is_ascii_alphanumeric() || *b == b'_')
        .count();
    NAMES.iter().copied().find(|&it| it == &rest[..len])
}

/// Whether `text` has a line that is, or with an edit could be, a directive.
pub(crate) fn may_have_directive(text: &str) -> bool {
    text.lines().any(|line| {
        line.trim_start_matches([' ', '\t', '\r', '\u{FEFF}'])
            .starts_with('#')
    })
}

/// Without the blanks, but not the line breaks, at the end.
fn trim_end_blanks(bytes: &[u8]) -> &[u8] {
    let len = bytes
        .iter()
        .rposition(|b| !matches!(b, b' ' | b'\t' | b'\r'))
        .map_or(0, |it| it + 1);
    &bytes[..len]
}

impl Lexer<'_> {
    /// Whether the `#` at `start` begins a directive line.
    pub(super) fn is_directive(&self, start: usize) -> bool {
        if self.directives.is_none() || self.interpolation_depth > 0 {
            return false;
        }
        let before = trim_end_blanks(&self.bytes[..start]);
        let is_first =
            before.is_empty() || before.ends_with(b"\n") || before == "\u{FEFF}".as_bytes();
        is_first && directive_name(&self.text[start..self.end]).is_some()
    }

    /// The end of the line that `pos` is on, before its line break.
    fn line_end(&self, pos: usize) -> usize {
        let rest = &self.bytes[pos..self.end];
        let len = rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
        let len = if len > 0 && rest[len - 1] == b'\r' {
            len - 1
        } else {
            len
        };
        pos + len
    }

    /// One directive line and the inactive text behind it.
    pub(super) fn directive(&mut self) {
        let mut start = self.pos;
        loop {
            let end = self.line_end(start);
            self.pos = end;
            self.push(PREPROCESSOR_LINE, start);
            if self.handle_directive(start, end) {
                return;
            }
            // Inactive: look for the next directive of this level, line by line.
            match self.skip_inactive(end) {
                Some(next) => start = next,
                None => return,
            }
        }
    }

    /// Skips to the `#` of the `#elif`, `#else` or `#endif` that ends inactive text.
    fn skip_inactive(&mut self, from: usize) -> Option<usize> {
        let mut depth = 0usize;
        let mut pos = from;
        while let Some(newline) = self.bytes[pos..self.end].iter().position(|&b| b == b'\n') {
            pos += newline + 1;
            let blanks = self.bytes[pos..self.end]
                .iter()
                .take_while(|b| matches!(b, b' ' | b'\t' | b'\r'))
                .count();
            let hash = pos + blanks;
            if self.at(hash) != b'#' {
                continue;
            }
            match directive_name(&self.text[hash..self.end]) {
                Some("if" | "ifdef" | "ifndef") => depth += 1,
                Some("endif") if depth > 0 => depth -= 1,
                Some("endif" | "else" | "elif") if depth == 0 => {
                    self.push(INACTIVE_TEXT, from);
                    return Some(hash);
                }
                _ => {}
            }
        }
        if from < self.end {
            self.push(INACTIVE_TEXT, from);
        }
        self.pos = self.end;
        None
    }

    /// Acts on a directive; answers whether the text behind it is active.
    fn handle_directive(&mut self, start: usize, end: usize) -> bool {
        let line = &self.text[start..end];
        let Some(name) = directive_name(line) else {
            return true;
        };
        let rest = &line[1 + name.len()..];
        let rest_start = start + 1 + name.len();
        let Some(mut state) = self.directives.take() else {
            return true;
        };
        let is_active = match name {
            "if" | "ifdef" | "ifndef" => {
                let is_true = self.condition(&state, name, rest, rest_start, end);
                state.open.push(OpenIf {
                    start,
                    end,
                    is_decided: is_true,
                    has_else: false,
                });
                is_true
            }
            "elif" | "else" => {
                let mut open = state.open.pop();
                let is_true = match &mut open {
                    None => {
                        self.error("P050", start, end, format!("`#{name}` without `#if`"));
                        true
                    }
                    Some(open) if open.has_else => {
                        let label = self.range(open.start, open.end);
                        let range = self.range(start, end);
                        self.errors.push(
                            SyntaxError::new("P050", range, format!("`#{name}` after `#else`"))
                                .with_label(label, "the condition starts here"),
                        );
                        false
                    }
                    Some(open) => {
                        open.has_else = name == "else";
                        let is_true = !open.is_decided
                            && (name == "else"
                                || self.condition(&state, name, rest, rest_start, end));
                        open.is_decided |= is_true;
                        is_true
                    }
                };
                state.open.extend(open);
                is_true
            }
            "endif" => {
                if state.open.pop().is_none() {
                    self.error("P050", start, end, "`#endif` without `#if`");
                }
                true
            }
            "define" | "undef" => {
                let text = strip_comment(rest).trim();
                let len = text
                    .bytes()
                    .take_while(|b| b.is_ascii_alphanumeric() || *b == b'_')
                    .count();
                let (symbol, value) = text.split_at(len);
                if symbol.is_empty() {
                    self.error("P052", start, end, format!("`#{name}` needs a symbol"));
                } else {
                    let value = value.trim().trim_matches('"').to_owned();
                    state.local.retain(|it| it.0 != symbol);
                    state
                        .local
                        .push((symbol.to_owned(), (name == "define").then_some(value)));
                }
                true
            }
            _ => {
                let text = rest.trim();
                let text = text
                    .strip_prefix('"')
                    .and_then(|it| it.strip_suffix('"'))
                    .unwrap_or(text);
                let code = if name == "error" { "P053" } else { "W040" };
                let text = if text.is_empty() {
                    format!("`#{name}`")
                } else {
                    text.to_owned()
                };
                self.error(code, start, end, text);
                true
            }
        };
        self.directives = Some(state);
        is_active
    }

    pub(super) fn finish_directives(&mut self) {
        let Some(state) = self.directives.take() else {
            return;
        };
        for open in state.open {
            self.error(
                "P051",
                open.start,
                open.end,
                "Unterminated `#if`: there is no `#endif`",
            );
        }
    }

    fn condition(
        &mut self,
        state: &Directives<'_>,
        name: &str,
        rest: &str,
        rest_start: usize,
        line_end: usize,
    ) -> bool {
        let text = strip_comment(rest);
        let mut reader = Condition {
            state,
            rest: text,
            depth: 0,
        };
        let value = match name {
            "ifdef" | "ifndef" => reader
                .word()
                .map(|it| state.is_defined(it) == (name == "ifdef")),
            _ => reader.any_of(),
        };
        let value = value.filter(|_| reader.rest.trim().is_empty());
        if value.is_none() {
            let skipped = text.len() - reader.rest.trim_start().len();
            let from = (rest_start + skipped).min(line_end);
            self.error(
                "P052",
                from,
                line_end,
                format!("Malformed `#{name}` expression"),
            );
        }
        value.unwrap_or(false)
    }
}

/// The part of a directive line before a `//` comment that is not inside quotes.
fn strip_comment(line: &str) -> &str {
    let mut in_quotes = false;
    for (at, c) in line.char_indices() {
        match c {
            '"' => in_quotes = !in_quotes,
            '/' if !in_quotes && line[at..].starts_with("//") => return &line[..at],
            _ => {}
        }
    }
    line
}

/// Reads and evaluates a condition. `None` means malformed.
struct Condition<'a> {
    state: &'a Directives<'a>,
    rest: &'a str,
    depth: u32,
}

impl<'a> Condition<'a> {
    fn eat(&mut self, text: &str) -> bool {
        let rest = self.rest.trim_start();
        let Some(after) = rest.strip_prefix(text) else {
            return false;
        };
        let is_word = text.as_bytes()[0].is_ascii_alphabetic();
        if is_word && after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
            return false;
        }
        self.rest = after;
        true
    }

    fn word(&mut self) -> Option<&'a str> {
        let rest = self.rest.trim_start();
        let len = rest
            .bytes()
            .take_while(|b| b.is_ascii_alphanumeric() || *b == b'_')
            .count();
        if len == 0 {
            return None;
        }
        let (word, after) = rest.split_at(len);
        self.rest = after;
        Some(word)
    }

    fn any_of(&mut self) -> Option<bool> {
        let mut value = self.all_of()?;
        while self.eat("||") || self.eat("or") {
            value |= self.all_of()?;
        }
        Some(value)
    }

    fn all_of(&mut self) -> Option<bool> {
        let mut value = self.operand()?;
        while self.eat("&&") || self.eat("and") {
            value &= self.operand()?;
        }
        Some(value)
    }

    fn operand(&mut self) -> Option<bool> {
        self.depth += 1;
        if self.depth > CONDITION_DEPTH_MAX {
            return None;
        }
        let value = self.operand_inner();
        self.depth -= 1;
        value
    }

    fn operand_inner(&mut self) -> Option<bool> {
        let is_not_equal = self.rest.trim_start().starts_with("!=");
        if !is_not_equal && self.eat("!") || self.eat("not") {
            return self.operand().map(|it| !it);
        }
        if self.eat("(") {
            let value = self.any_of()?;
            return self.eat(")").then_some(value);
        }
        if self.eat("defined") {
            if !self.eat("(") {
                return None;
            }
            let word = self.word()?;
            return self.eat(")").then(|| self.state.is_defined(word));
        }
        let word = self.word()?;
        let is_equal = self.eat("==");
        if is_equal || self.eat("!=") {
            let rest = self.rest.trim_start().strip_prefix('"')?;
            let (value, after) = rest.split_once('"')?;
            self.rest = after;
            return Some((self.state.value(word) == Some(value)) == is_equal);
        }
        Some(match word {
            "true" => true,
            "false" => false,
            _ => self.state.is_true(word),
        })
    }
}

//! Text to tokens (reference §1).
//!
//! Tokens cover the text without gaps, trivia included. Preprocessor lines are found
//! here, so that inactive text becomes one trivia token and is never looked into
//! (`lexer/directive.rs`). Strings with interpolation become pieces with ordinary
//! tokens between (`lexer/string.rs`).

mod directive;
mod keyword;
mod number;
mod string;

pub(crate) use directive::may_have_directive;
pub(crate) use string::malformed_interpolation;

use rowan::{TextRange, TextSize};

use crate::SyntaxKind::{self, *};
use crate::{PreprocessorEnv, SyntaxError};

/// The tokens of a text. Token `i` spans `starts[i]..starts[i + 1]`.
pub(crate) struct Lexed {
    pub(crate) kinds: Vec<SyntaxKind>,
    /// One more than there are tokens: the last is the length of the text.
    pub(crate) starts: Vec<u32>,
    pub(crate) errors: Vec<SyntaxError>,
    /// A literal or comment without an end took the rest of the text.
    pub(crate) is_cut_short: bool,
}

/// How deep strings may nest in interpolations of strings. Deeper braces are text.
const INTERPOLATION_DEPTH_MAX: u32 = 16;

/// Texts longer than this are not lexed: offsets are 32 bits wide.
pub(crate) const TEXT_LEN_MAX: usize = (u32::MAX - 16) as usize;

/// Lexes a whole file.
pub(crate) fn lex(text: &str, env: &PreprocessorEnv) -> Lexed {
    let mut lexer = Lexer::new(text);
    if text.starts_with('\u{FEFF}') {
        lexer.pos = '\u{FEFF}'.len_utf8();
        lexer.push(BOM, 0);
        let range = lexer.range(0, lexer.pos);
        lexer.errors.push(
            SyntaxError::new("W020", range, "The file starts with a byte order mark").with_fix(
                "remove it",
                range,
                "",
                true,
            ),
        );
    }
    lexer.directives = Some(directive::Directives::new(env));
    lexer.run();
    lexer.finish_directives();
    lexer.finish()
}

/// Lexes a part of a file that has no preprocessor lines.
pub(crate) fn lex_fragment(text: &str) -> Lexed {
    let mut lexer = Lexer::new(text);
    lexer.run();
    lexer.finish()
}

struct Lexer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    pos: usize,
    /// Nothing at or behind this offset is looked at: the end of the text or of an interpolation.
    end: usize,
    kinds: Vec<SyntaxKind>,
    starts: Vec<u32>,
    errors: Vec<SyntaxError>,
    interpolation_depth: u32,
    /// `None` in fragments, where a directive is no directive.
    directives: Option<directive::Directives<'a>>,
}

impl<'a> Lexer<'a> {
    fn new(text: &'a str) -> Lexer<'a> {
        // Measured on the sample of the reference: about one token for each three bytes.
        let capacity = text.len() / 3 + 8;
        Lexer {
            text,
            bytes: text.as_bytes(),
            pos: 0,
            end: text.len(),
            kinds: Vec::with_capacity(capacity),
            starts: Vec::with_capacity(capacity + 1),
            errors: Vec::new(),
            interpolation_depth: 0,
            directives: None,
        }
    }

    fn finish(mut self) -> Lexed {
        self.starts.push(self.text.len() as u32);
        let is_cut_short = self.errors.iter().any(|it| {
            let open_len = usize::from(it.range.len());
            matches!(it.code, "L006" | "L010" | "L015")
                || it.code == "L002" && open_len == 3 && {
                    let start = usize::from(it.range.start());
                    self.text[start..].starts_with("\"\"\"")
                }
        });
        Lexed {
            kinds: self.kinds,
            starts: self.starts,
            errors: self.errors,
            is_cut_short,
        }
    }

    fn run(&mut self) {
        while self.pos < self.end {
            self.next_token();
        }
    }

    #[inline]
    fn at(&self, pos: usize) -> u8 {
        if pos < self.end { self.bytes[pos] } else { 0 }
    }

    #[inline]
    fn push(&mut self, kind: SyntaxKind, start: usize) {
        self.kinds.push(kind);
        self.starts.push(start as u32);
    }

    fn range(&self, start: usize, end: usize) -> TextRange {
        TextRange::new(TextSize::new(start as u32), TextSize::new(end as u32))
    }

    fn error(&mut self, code: &'static str, start: usize, end: usize, message: impl Into<String>) {
        let range = self.range(start, end);
        self.errors.push(SyntaxError::new(code, range, message));
    }

    fn next_token(&mut self) {
        let start = self.pos;
        let byte = self.bytes[start];
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => self.whitespace(),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.word(),
            b'0'..=b'9' => self.number(),
            b'"' | b'`' => self.string(),
            b'\'' => self.char_literal(start),
            b'/' if self.at(start + 1) == b'/' => self.line_comment(),
            b'/' if self.at(start + 1) == b'*' => self.block_comment(),
            b'#' if self.is_directive(start) => self.directive(),
            _ => {
                let (kind, len) = punct(byte, self.at(start + 1), self.at(start + 2));
                if kind == ERROR_TOKEN {
                    self.invalid_characters();
                } else {
                    self.pos += len;
                    self.push(kind, start);
                }
            }
        }
    }

    fn whitespace(&mut self) {
        let start = self.pos;
        let rest = &self.bytes[start..self.end];
        let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        let len = rest.iter().position(|byte| !is_space(byte));
        self.pos = start + len.unwrap_or(rest.len());
        self.push(WHITESPACE, start);
    }

    fn word(&mut self) {
        let start = self.pos;
        let rest = &self.bytes[start + 1..self.end];
        let len = rest.iter().position(|byte| !is_word_byte(*byte));
        let pos = start + 1 + len.unwrap_or(rest.len());
        if pos < self.end && !self.bytes[pos].is_ascii() && self.foreign_word(start, pos) {
            return;
        }
        if pos == start + 1 {
            match (self.bytes[start], self.at(pos)) {
                (b'_', _) => {
                    self.pos = pos;
                    return self.push(UNDERSCORE, start);
                }
                (b'b', b'"') => return self.byte_string(),
                (b'b', b'\'') => {
                    self.pos += 1;
                    return self.char_literal(start);
                }
                (b'r', b'"') => return self.raw_string(0),
                (b'r', b'#') => {
                    let mut hashes = 1;
                    while self.at(pos + hashes) == b'#' {
                        hashes += 1;
                    }
                    if self.at(pos + hashes) == b'"' {
                        return self.raw_string(hashes);
                    }
                }
                _ => {}
            }
        }
        self.pos = pos;
        self.push(keyword::lookup(&self.bytes[start..pos]), start);
    }

    fn line_comment(&mut self) {
        let start = self.pos;
        let rest = &self.bytes[start..self.end];
        let len = rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
        let len = if len > 0 && len < rest.len() && rest[len - 1] == b'\r' {
            len - 1
        } else {
            len
        };
        self.pos = start + len;
        let kind = match (self.at(start + 2), self.at(start + 3)) {
            (b'/', b'/') => COMMENT,
            (b'/', _) => DOC_COMMENT,
            (b'!', _) => INNER_DOC_COMMENT,
            _ => COMMENT,
        };
        self.push(kind, start);
    }

    fn block_comment(&mut self) {
        let start = self.pos;
        let mut depth = 1usize;
        let mut pos = start + 2;
        while pos < self.end && depth > 0 {
            match (self.bytes[pos], self.at(pos + 1)) {
                (b'/', b'*') => {
                    depth += 1;
                    pos += 2;
                }
                (b'*', b'/') => {
                    depth -= 1;
                    pos += 2;
                }
                _ => pos += 1,
            }
        }
        self.pos = pos.min(self.end);
        if depth > 0 {
            let range = self.range(start, start + 2);
            self.errors.push(
                SyntaxError::new("L006", range, "Unterminated block comment")
                    .with_note("block comments nest: each `/*` needs its own `*/`"),
            );
        }
        self.push(COMMENT, start);
    }

    /// A word with letters outside ASCII: one identifier, and one error. `at` is where the first
    /// of them may be.
    fn foreign_word(&mut self, start: usize, at: usize) -> bool {
        let is_letter = |c: char| c.is_alphanumeric() || c == '_';
        let rest = &self.text[at..self.end];
        let Some(first) = rest
            .chars()
            .next()
            .filter(|c| !c.is_ascii() && is_letter(*c))
        else {
            return false;
        };
        let len = rest.find(|c| !is_letter(c)).unwrap_or(rest.len());
        self.pos = at + len;
        let range = self.range(at, at + first.len_utf8());
        self.errors.push(
            SyntaxError::new("L001", range, format!("Invalid character `{first}`")).with_note(
                "names are made of the letters `a` to `z` and `A` to `Z`, digits and `_`",
            ),
        );
        self.push(IDENT, start);
        true
    }

    /// A run of characters that no token starts with.
    fn invalid_characters(&mut self) {
        let start = self.pos;
        if self.foreign_word(start, start) {
            return;
        }
        let rest = &self.text[start..self.end];
        let mut len = 0;
        for c in rest.chars() {
            let is_start = c.is_ascii() && punct(c as u8, 0, 0).0 != ERROR_TOKEN
                || c.is_ascii_alphanumeric()
                || matches!(c, '_' | '"' | '`' | '\'' | ' ' | '\t' | '\n' | '\r');
            if is_start {
                break;
            }
            len += c.len_utf8();
        }
        let len = len.max(rest.chars().next().map_or(1, char::len_utf8));
        self.pos = start + len;
        self.push(ERROR_TOKEN, start);
        let bad = &self.text[start..self.pos];
        let range = self.range(start, self.pos);
        let straight: String = bad
            .chars()
            .map(|c| match c {
                '\u{201C}' | '\u{201D}' | '\u{201E}' | '\u{AB}' | '\u{BB}' => '"',
                '\u{2018}' | '\u{2019}' | '\u{B4}' => '\'',
                '\u{2013}' | '\u{2212}' => '-',
                '\u{A0}' => ' ',
                c => c,
            })
            .collect();
        let error = SyntaxError::new(
            "L001",
            range,
            format!("Invalid character {}", describe(bad)),
        );
        self.errors.push(if straight != bad {
            error.with_fix(format!("write `{straight}`"), range, straight, true)
        } else if bad.starts_with('#') {
            error.with_note("`#` is only legal at the start of a preprocessor line or in `r#\"`")
        } else {
            error.with_fix("remove it", range, "", false)
        });
    }
}

fn describe(bad: &str) -> String {
    match bad.chars().next() {
        Some(c) if c.is_control() || c.is_whitespace() => format!("U+{:04X}", u32::from(c)),
        Some(c) => format!("`{c}`"),
        None => String::new(),
    }
}

#[inline]
fn is_word_byte(byte: u8) -> bool {
    const WORD: [bool; 256] = {
        let mut table = [false; 256];
        let mut byte = 0;
        while byte < 256 {
            table[byte] = (byte as u8).is_ascii_alphanumeric() || byte as u8 == b'_';
            byte += 1;
        }
        table
    };
    WORD[byte as usize]
}

/// The longest operator at the start of three bytes, and its length.
fn punct(a: u8, b: u8, c: u8) -> (SyntaxKind, usize) {
    match (a, b, c) {
        (b'<', b'<', b'=') => (SHL_EQ, 3),
        (b'>', b'>', b'=') => (SHR_EQ, 3),
        (b'*', b'*', b'=') => (STAR2_EQ, 3),
        (b'.', b'.', b'=') => (DOT2_EQ, 3),
        (b'.', b'.', b'.') => (DOT3, 3),
        (b':', b':', _) => (COLON2, 2),
        (b'-', b'>', _) => (ARROW, 2),
        (b'=', b'>', _) => (FAT_ARROW, 2),
        (b'=', b'=', _) => (EQ2, 2),
        (b'!', b'=', _) => (NEQ, 2),
        (b'<', b'=', _) => (LT_EQ, 2),
        (b'>', b'=', _) => (GT_EQ, 2),
        (b'<', b'<', _) => (SHL, 2),
        (b'>', b'>', _) => (SHR, 2),
        (b'+', b'=', _) => (PLUS_EQ, 2),
        (b'-', b'=', _) => (MINUS_EQ, 2),
        (b'*', b'=', _) => (STAR_EQ, 2),
        (b'/', b'=', _) => (SLASH_EQ, 2),
        (b'%', b'=', _) => (PERCENT_EQ, 2),
        (b'&', b'=', _) => (AMP_EQ, 2),
        (b'|', b'=', _) => (PIPE_EQ, 2),
        (b'^', b'=', _) => (CARET_EQ, 2),
        (b'*', b'*', _) => (STAR2, 2),
        (b'.', b'.', _) => (DOT2, 2),
        (b'&', b'&', _) => (AMP2, 2),
        (b'|', b'|', _) => (PIPE2, 2),
        (b'(', ..) => (L_PAREN, 1),
        (b')', ..) => (R_PAREN, 1),
        (b'[', ..) => (L_BRACK, 1),
        (b']', ..) => (R_BRACK, 1),
        (b'{', ..) => (L_CURLY, 1),
        (b'}', ..) => (R_CURLY, 1),
        (b',', ..) => (COMMA, 1),
        (b';', ..) => (SEMICOLON, 1),
        (b':', ..) => (COLON, 1),
        (b'.', ..) => (DOT, 1),
        (b'@', ..) => (AT, 1),
        (b'+', ..) => (PLUS, 1),
        (b'-', ..) => (MINUS, 1),
        (b'*', ..) => (STAR, 1),
        (b'/', ..) => (SLASH, 1),
        (b'%', ..) => (PERCENT, 1),
        (b'=', ..) => (EQ, 1),
        (b'<', ..) => (LT, 1),
        (b'>', ..) => (GT, 1),
        (b'&', ..) => (AMP, 1),
        (b'|', ..) => (PIPE, 1),
        (b'^', ..) => (CARET, 1),
        (b'~', ..) => (TILDE, 1),
        (b'!', ..) => (BANG, 1),
        (b'?', ..) => (QUESTION, 1),
        _ => (ERROR_TOKEN, 1),
    }
}

//! Strings, characters, interpolation (reference §1.6).

use super::{INTERPOLATION_DEPTH_MAX, Lexer};
use crate::SyntaxError;
use crate::SyntaxKind::*;
use crate::unescape::{self, EscapeFault, Flavor};

/// How far the closing quote of a character literal is looked for, so that a line of
/// stray quotes is not read once per quote.
const CHAR_SCAN_MAX: usize = 128;

/// What a scan to the end of a literal found.
struct Extent {
    /// Behind the closing quote, or where an unterminated literal stops.
    end: usize,
    /// Before the closing quote.
    body_end: usize,
    is_terminated: bool,
    has_escape: bool,
    /// There is a `{` that may open an interpolation.
    has_candidate: bool,
}

impl Lexer<'_> {
    /// `"…"`, `"""…"""`, `` `…` ``
    pub(super) fn string(&mut self) {
        let start = self.pos;
        let rest = &self.bytes[start..self.end];
        let quote: &[u8] = if rest.starts_with(b"\"\"\"") {
            b"\"\"\""
        } else {
            &rest[..1]
        };
        let extent = self.string_extent(start + quote.len(), quote);
        if let Some((open, end)) = self.quotes_in_hole(start, quote, &extent) {
            self.pos = end;
            self.push(STRING, start);
            let error = malformed_interpolation(self.range(open, extent.end)).with_note(
                "quotes of the kind that encloses the string end it, also inside an interpolation",
            );
            self.errors.push(error);
            return;
        }
        if extent.has_candidate && self.interpolation_depth < INTERPOLATION_DEPTH_MAX {
            let holes = self.interpolations(start + quote.len(), extent.body_end);
            if !holes.is_empty() {
                self.interpolated(start, quote.len(), &extent, &holes);
                return self.report_unterminated(start, quote, &extent);
            }
        }
        self.pos = extent.end;
        self.push(if quote == b"`" { TEMPLATE } else { STRING }, start);
        if extent.has_escape {
            self.check_escapes(start + quote.len(), extent.body_end, Flavor::Text);
        }
        self.report_unterminated(start, quote, &extent);
    }

    /// `"{f("x")}"`: the literal ends before `x`, which can be nothing but a mistake, for no
    /// expression goes on like that. The brace, and where the string was meant to end.
    fn quotes_in_hole(
        &self,
        start: usize,
        quote: &[u8],
        extent: &Extent,
    ) -> Option<(usize, usize)> {
        let next = self.at(extent.end);
        let is_glued = next.is_ascii_alphanumeric() || matches!(next, b'_' | b'"');
        if quote != b"\"" || !extent.is_terminated || !extent.has_candidate || !is_glued {
            return None;
        }
        let mut open = Vec::new();
        let mut pos = start + 1;
        while pos < extent.body_end {
            match self.bytes[pos] {
                b'\\' => pos += self.escape_len(pos) - 1,
                b'{' => open.push(pos),
                b'}' => {
                    open.pop();
                }
                _ => {}
            }
            pos += 1;
        }
        let brace = open
            .into_iter()
            .find(|&at| opens_interpolation(self.at(at + 1)))?;
        let (mut depth, mut is_inner, mut pos) = (1u32, true, extent.end);
        while pos < self.end && self.bytes[pos] != b'\n' {
            match self.bytes[pos] {
                b'\\' => pos += 1,
                b'"' if !is_inner && depth == 0 => return Some((brace, pos + 1)),
                b'"' => is_inner = !is_inner,
                b'{' if !is_inner => depth += 1,
                b'}' if !is_inner => depth = depth.saturating_sub(1),
                _ => {}
            }
            pos += 1;
        }
        None
    }

    fn string_extent(&self, body: usize, quote: &[u8]) -> Extent {
        let one_line = quote == b"\"";
        let mut extent = Extent {
            end: self.end,
            body_end: self.end,
            is_terminated: false,
            has_escape: false,
            has_candidate: false,
        };
        let mut pos = body;
        while pos < self.end {
            let byte = self.bytes[pos];
            if byte == b'\\' {
                extent.has_escape = true;
                // A backslash does not carry a one-line literal over the line's end.
                pos += if one_line && matches!(self.at(pos + 1), b'\n' | b'\r') {
                    1
                } else {
                    self.escape_len(pos)
                };
            } else if byte == quote[0] && self.bytes[pos..self.end].starts_with(quote) {
                extent.end = pos + quote.len();
                extent.body_end = pos;
                extent.is_terminated = true;
                return extent;
            } else if one_line && byte == b'\n' {
                let is_crlf = pos > body && self.bytes[pos - 1] == b'\r';
                extent.end = pos - usize::from(is_crlf);
                extent.body_end = extent.end;
                return extent;
            } else {
                extent.has_candidate |= byte == b'{' && opens_interpolation(self.at(pos + 1));
                pos += 1;
            }
        }
        extent
    }

    /// Bytes of the escape at an offset. The braces of `\u{e9}` open no interpolation.
    fn escape_len(&self, at: usize) -> usize {
        if self.at(at + 1) != b'u' || self.at(at + 2) != b'{' {
            return 2;
        }
        let mut end = at + 3;
        while self.at(end).is_ascii_hexdigit() {
            end += 1;
        }
        if self.at(end) == b'}' {
            end + 1 - at
        } else {
            2
        }
    }

    fn report_unterminated(&mut self, start: usize, quote: &[u8], extent: &Extent) {
        if extent.is_terminated {
            return;
        }
        let (first, last) = (start, start + quote.len());
        if quote == b"`" {
            return self.error("L015", first, last, "Unterminated template literal");
        }
        let at_end = self.range(extent.end, extent.end);
        let range = if quote.len() == 1 {
            self.range(start, extent.end)
        } else {
            self.range(first, last)
        };
        let closer = if quote.len() == 1 { "\"" } else { "\"\"\"" };
        let mut error = SyntaxError::new("L002", range, "Unterminated string").with_fix(
            format!("add `{closer}`"),
            at_end,
            closer,
            false,
        );
        if quote.len() == 1 {
            error = error.with_note("a string of several lines is written `\"\"\"…\"\"\"`");
        }
        self.errors.push(error);
    }

    /// The braces of the interpolations between two offsets, outermost only.
    fn interpolations(&self, start: usize, end: usize) -> Vec<(usize, usize)> {
        let mut open: Vec<usize> = Vec::new();
        let mut holes: Vec<(usize, usize)> = Vec::new();
        let mut pos = start;
        while pos < end {
            match self.bytes[pos] {
                b'\\' => pos += self.escape_len(pos) - 1,
                // A brace as a character is no brace.
                b'\'' if matches!(self.at(pos + 1), b'{' | b'}') && self.at(pos + 2) == b'\'' => {
                    pos += 2;
                }
                b'{' => open.push(pos),
                b'}' => {
                    if let Some(at) = open.pop()
                        && opens_interpolation(self.bytes[at + 1])
                    {
                        while holes.last().is_some_and(|&(inner, _)| inner > at) {
                            holes.pop();
                        }
                        holes.push((at, pos));
                    }
                }
                _ => {}
            }
            pos += 1;
        }
        holes
    }

    fn interpolated(
        &mut self,
        start: usize,
        quote_len: usize,
        extent: &Extent,
        holes: &[(usize, usize)],
    ) {
        let mut piece = start;
        for (idx, &(open, close)) in holes.iter().enumerate() {
            self.push(
                if idx == 0 {
                    STRING_START
                } else {
                    STRING_MIDDLE
                },
                piece,
            );
            if extent.has_escape {
                let body = piece + if idx == 0 { quote_len } else { 1 };
                self.check_escapes(body, open, Flavor::Text);
            }
            self.pos = open + 1;
            self.hole(close);
            piece = close;
        }
        self.push(STRING_END, piece);
        if extent.has_escape {
            self.check_escapes(piece + 1, extent.body_end, Flavor::Text);
        }
        self.pos = extent.end;
    }

    /// The tokens of one interpolation, up to its closing brace.
    fn hole(&mut self, close: usize) {
        let (open, error_count) = (self.pos - 1, self.errors.len());
        let outer_end = std::mem::replace(&mut self.end, close);
        self.interpolation_depth += 1;
        let mut depth = 0usize;
        let mut questions = 0usize;
        while self.pos < self.end {
            self.next_token();
            match self.kinds.last() {
                Some(L_PAREN | L_BRACK | L_CURLY) => depth += 1,
                Some(R_PAREN | R_BRACK | R_CURLY) => depth = depth.saturating_sub(1),
                Some(QUESTION) if depth == 0 => questions += 1,
                Some(COLON) if depth == 0 && questions > 0 => questions -= 1,
                Some(COLON) if depth == 0 => {
                    if let Some(kind) = self.kinds.last_mut() {
                        *kind = FORMAT_SPEC;
                    }
                    self.pos = self.end;
                }
                _ => {}
            }
        }
        self.interpolation_depth -= 1;
        self.end = outer_end;
        self.pos = close;
        if self.errors.len() > error_count {
            self.errors.truncate(error_count);
            let range = self.range(open, close + 1);
            self.errors.push(malformed_interpolation(range));
        }
    }

    pub(super) fn raw_string(&mut self, hashes: usize) {
        let start = self.pos;
        let mut pos = start + hashes + 2;
        while pos < self.end {
            let is_end = self.bytes[pos] == b'"'
                && self.bytes[pos + 1..self.end]
                    .iter()
                    .take_while(|&&b| b == b'#')
                    .take(hashes)
                    .count()
                    == hashes;
            if is_end {
                self.pos = pos + 1 + hashes;
                return self.push(RAW_STRING, start);
            }
            pos += 1;
        }
        self.pos = self.end;
        self.push(RAW_STRING, start);
        self.error(
            "L010",
            start,
            (start + hashes + 2).min(self.end),
            "Unterminated raw string",
        );
    }

    pub(super) fn byte_string(&mut self) {
        let start = self.pos;
        let extent = self.string_extent(start + 2, b"\"");
        self.pos = extent.end;
        self.push(BYTE_STRING, start);
        self.check_escapes(start + 2, extent.body_end, Flavor::Byte);
        self.report_unterminated(start + 1, b"\"", &extent);
    }

    /// `'x'` or `b'x'`; `pos` is at the quote, `start` at the start of the token.
    pub(super) fn char_literal(&mut self, start: usize) {
        let body = self.pos + 1;
        let (kind, flavor) = if self.bytes[start] == b'b' {
            (BYTE, Flavor::Byte)
        } else {
            (CHAR, Flavor::Text)
        };
        let mut pos = body;
        let scan_end = self.end.min(body + CHAR_SCAN_MAX);
        while pos < scan_end && !matches!(self.bytes[pos], b'\n' | b'\r') {
            if self.bytes[pos] == b'\'' && !(pos == body && self.at(pos + 1) == b'\'') {
                break;
            }
            let is_escape = self.bytes[pos] == b'\\' && !matches!(self.at(pos + 1), b'\n' | b'\r');
            pos += if is_escape { 2 } else { 1 };
        }
        if self.at(pos) != b'\'' {
            let rest = &self.text[body..self.end];
            let len = match rest.chars().next() {
                Some('\\') => {
                    1 + rest[1..]
                        .chars()
                        .next()
                        .filter(|c| !matches!(c, '\n' | '\r'))
                        .map_or(0, char::len_utf8)
                }
                Some(c) if !c.is_whitespace() => c.len_utf8(),
                _ => 0,
            };
            self.pos = body + len;
            self.push(kind, start);
            return self.error("L008", start, self.pos, "Unterminated character literal");
        }
        self.pos = pos + 1;
        self.push(kind, start);
        let mut values = 0usize;
        unescape::walk(&self.text[body..pos], flavor, |_, _| values += 1);
        if values == 1 && &self.text[body..pos] != "'" {
            return self.check_escapes(body, pos, flavor);
        }
        let range = self.range(start, self.pos);
        let message = if values == 0 {
            "Empty character literal"
        } else {
            "A character literal holds exactly one character"
        };
        let mut error = SyntaxError::new("L007", range, message);
        if values > 1 && !self.text[body..pos].contains('"') {
            let text = format!("\"{}\"", &self.text[body..pos]);
            error = error.with_fix("write a string", range, text, false);
        }
        self.errors.push(error);
    }

    fn check_escapes(&mut self, start: usize, end: usize, flavor: Flavor) {
        if start >= end {
            return;
        }
        let body = &self.text[start..end];
        let mut faults: Vec<(&'static str, usize, usize, &'static str)> = Vec::new();
        unescape::walk(body, flavor, |range, value| {
            let fault = match value {
                Err(EscapeFault::Invalid) => ("L003", "Invalid escape"),
                Err(EscapeFault::NotAScalar) => {
                    ("L009", "Invalid code point: not a Unicode scalar value")
                }
                Ok(c)
                    if flavor == Flavor::Byte
                        && !c.is_ascii()
                        && !body[range.clone()].starts_with('\\') =>
                {
                    (
                        "L011",
                        "Invalid byte literal: only ASCII and escapes are allowed",
                    )
                }
                Ok(_) => return,
            };
            faults.push((fault.0, start + range.start, start + range.end, fault.1));
        });
        for (code, from, to, message) in faults {
            self.error(code, from, to, message);
            if code == "L003"
                && let Some(error) = self.errors.last_mut()
            {
                error.notes.push(
                    r#"the escapes are \\ \" \' \` \n \r \t \0 \b \f \{ \} \xHH (at most 7F in text) and \u{H…}"#
                        .to_owned(),
                );
            }
        }
    }
}

pub(crate) fn malformed_interpolation(range: rowan::TextRange) -> SyntaxError {
    let open = rowan::TextRange::at(range.start(), rowan::TextSize::new(1));
    SyntaxError::new(
        "L014",
        range,
        "Malformed expression inside an interpolation",
    )
    .with_fix("write a literal brace", open, "\\{", false)
}

/// Whether a `{` before this byte may open an interpolation.
fn opens_interpolation(next: u8) -> bool {
    next.is_ascii_alphabetic() || matches!(next, b'_' | b'(')
}

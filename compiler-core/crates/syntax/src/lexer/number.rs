//! Number literals (reference §1.5).

use super::{Lexer, is_word_byte};
use crate::SyntaxKind::*;
use crate::ast::NUMBER_SUFFIXES;

impl Lexer<'_> {
    pub(super) fn number(&mut self) {
        let start = self.pos;
        // In `t.0.1` the fields are two integers, not one float.
        let is_field = self.kinds.last() == Some(&DOT);
        let radix = match (self.bytes[start], self.at(start + 1) | 0x20) {
            (b'0', b'x') => 16,
            (b'0', b'b') => 2,
            (b'0', b'o') => 8,
            _ => 10,
        };
        if radix != 10 && !is_field {
            return self.radix_number(radix);
        }
        self.skip_digits();
        let mut is_float = false;
        if !is_field {
            if self.at(self.pos) == b'.' && self.at(self.pos + 1).is_ascii_digit() {
                self.pos += 1;
                self.skip_digits();
                is_float = true;
            }
            if self.at(self.pos) | 0x20 == b'e' {
                let sign = usize::from(matches!(self.at(self.pos + 1), b'+' | b'-'));
                if self.at(self.pos + 1 + sign).is_ascii_digit() {
                    self.pos += 1 + sign;
                    self.skip_digits();
                    is_float = true;
                } else if !is_word_byte(self.at(self.pos + 1)) {
                    self.pos += 1;
                    self.error(
                        "L004",
                        start,
                        self.pos,
                        "Malformed number: the exponent has no digits",
                    );
                    return self.push(FLOAT_NUMBER, start);
                }
            }
        }
        let digits_end = self.pos;
        self.skip_word();
        let mut rest = &self.text[digits_end..self.pos];
        // The digits may have taken the `_` before the suffix already.
        rest = rest.trim_start_matches('_');
        if !rest.is_empty() {
            if !NUMBER_SUFFIXES.contains(&rest) {
                self.bad_suffix(start, rest);
            } else if is_float && !rest.starts_with('f') {
                let message = format!("Unknown literal suffix: a float cannot be `{rest}`");
                self.error("L016", start, self.pos, message);
            } else if rest.starts_with('f') {
                is_float = true;
            }
        }
        self.push(if is_float { FLOAT_NUMBER } else { INT_NUMBER }, start);
    }

    fn radix_number(&mut self, radix: u32) {
        let start = self.pos;
        self.pos += 2;
        self.skip_word();
        let body = &self.text[start + 2..self.pos];
        let suffix = NUMBER_SUFFIXES
            .iter()
            .filter(|it| !it.starts_with('f'))
            .find_map(|it| body.strip_suffix(it));
        let digits = suffix.unwrap_or(body);
        if let Some(bad) = digits.chars().find(|&c| c != '_' && !c.is_digit(radix)) {
            let message = format!("Malformed number: `{bad}` is no digit in base {radix}");
            self.error("L004", start, self.pos, message);
        } else if digits.chars().all(|c| c == '_') {
            let code = if digits.is_empty() { "L004" } else { "L013" };
            self.error(
                code,
                start,
                self.pos,
                "Malformed number: there are no digits",
            );
        }
        self.push(INT_NUMBER, start);
    }

    fn bad_suffix(&mut self, start: usize, suffix: &str) {
        let mut chars = suffix.chars();
        let looks_like_suffix = matches!(chars.next(), Some('i' | 'u' | 'f'))
            && chars
                .as_str()
                .chars()
                .all(|c| c.is_ascii_digit() || "size".contains(c));
        if !looks_like_suffix {
            let message = format!("Malformed number: `{suffix}` cannot follow its digits");
            return self.error("L004", start, self.pos, message);
        }
        let common = |it: &str| {
            it.bytes()
                .zip(suffix.bytes())
                .take_while(|(a, b)| a == b)
                .count()
        };
        let nearest = NUMBER_SUFFIXES
            .iter()
            .max_by_key(|it| (common(it), usize::MAX - it.len().abs_diff(suffix.len())))
            .copied()
            .unwrap_or("i32");
        let range = self.range(start, self.pos);
        let suffix_range = self.range(self.pos - suffix.len(), self.pos);
        self.errors.push(
            crate::SyntaxError::new("L016", range, format!("Unknown literal suffix `{suffix}`"))
                .with_fix(format!("write `{nearest}`"), suffix_range, nearest, false),
        );
    }

    fn skip_digits(&mut self) {
        while matches!(self.at(self.pos), b'0'..=b'9' | b'_') {
            self.pos += 1;
        }
    }

    fn skip_word(&mut self) {
        while is_word_byte(self.at(self.pos)) {
            self.pos += 1;
        }
    }
}

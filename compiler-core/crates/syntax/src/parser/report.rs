//! Errors, skipping, and brackets that may lack their partner.

use rowan::{TextRange, TextSize};

use super::Parser;
use crate::SyntaxError;
use crate::SyntaxKind::{self, *};

impl Parser<'_> {
    // --- errors --------------------------------------------------------------

    /// Reports an error at the current token, unless one was already reported there.
    pub(crate) fn report(&mut self, error: SyntaxError) {
        if self.last_error_pos != Some(self.pos) {
            self.report_always(error);
            self.last_error_pos = Some(self.pos);
        }
    }

    /// Reports an error that is none of a token's others' consequence.
    pub(crate) fn report_always(&mut self, error: SyntaxError) {
        if self.speculation_depth > 0 && !error.is_warning() {
            // The trial has failed: let it see nothing more, so that it ends at once.
            self.limit = self.limit.min(self.pos);
        }
        self.errors.push(error);
    }

    /// Errors that follow at this token are not worth a report.
    pub(crate) fn note_error(&mut self) {
        self.last_error_pos = Some(self.pos);
    }

    pub(crate) fn error(&mut self, code: &'static str, message: impl Into<String>) {
        let range = self.found_range();
        self.report(SyntaxError::new(code, range, message));
    }

    /// `P001: expected X, found Y`.
    pub(crate) fn expected(&mut self, what: &str) {
        let message = format!("Expected {what}, found {}", self.found());
        self.error("P001", message);
    }

    /// The current token, or the gap behind the previous one if the line ends there.
    pub(crate) fn found_range(&self) -> TextRange {
        if self.raw_newline(0) {
            TextRange::empty(self.prev_end())
        } else {
            self.current_range()
        }
    }

    pub(crate) fn found(&self) -> String {
        let kind = self.raw_kind();
        match kind {
            EOF if self.limit < self.tokens.len() => "the end of the interpolation".to_owned(),
            EOF => "the end of the file".to_owned(),
            _ if kind.is_keyword() => format!("keyword `{}`", self.nth_text(0)),
            STRING | RAW_STRING | TEMPLATE | STRING_START => "a string".to_owned(),
            _ => format!("`{}`", self.nth_text(0)),
        }
    }

    /// Whether an error was reported on the line of the last consumed token, at or after it.
    pub(crate) fn has_error_on_line(&self) -> bool {
        let Some(error_pos) = self.last_error_pos else {
            return false;
        };
        let from = error_pos.min(self.pos);
        let to = error_pos.max(self.pos);
        (from + 1..=to).all(|pos| self.tokens.get(pos).is_some_and(|it| !it.has_newline))
    }

    /// Whether an error was reported at a token from `start` on.
    pub(crate) fn has_error_since(&self, start: TextSize) -> bool {
        let token = self.last_error_pos.and_then(|pos| self.tokens.get(pos));
        token.is_some_and(|it| it.start >= u32::from(start))
    }

    /// Consumes `kind` or reports P001.
    pub(crate) fn expect(&mut self, kind: SyntaxKind) -> bool {
        if self.eat(kind) {
            return true;
        }
        let what = format!("`{}`", kind.text().unwrap_or("?"));
        self.expected(&what);
        false
    }

    /// Wraps the current token as an error.
    pub(crate) fn bump_error(&mut self) {
        let marker = self.start();
        self.bump();
        self.complete(marker, ERROR);
    }

    /// Reports `code` and wraps the current token as an error.
    pub(crate) fn error_and_bump(&mut self, code: &'static str, message: impl Into<String>) {
        let range = self.current_range();
        self.report(SyntaxError::new(code, range, message));
        self.bump_error();
    }

    // --- brackets ------------------------------------------------------------

    /// Consumes an opening bracket and remembers it; answers its range.
    pub(crate) fn open_bracket(&mut self) -> TextRange {
        let range = self.current_range();
        self.open_brackets.push(self.raw_kind());
        self.bump();
        range
    }

    /// Consumes the bracket that closes `opener`, or reports P008 or P009.
    pub(crate) fn close_bracket(&mut self, closer: SyntaxKind, opener: TextRange) {
        self.open_brackets.pop();
        if self.eat(closer) {
            return;
        }
        let current = self.current();
        let partner = match current {
            R_PAREN => L_PAREN,
            R_BRACK => L_BRACK,
            _ => EOF,
        };
        let closer_text = closer.text().unwrap_or("?");
        if partner != EOF && !self.open_brackets.contains(&partner) {
            let range = self.current_range();
            let message = format!(
                "Mismatched closing delimiter: expected `{closer_text}`, found {}",
                self.found()
            );
            self.report(
                SyntaxError::new("P009", range, message)
                    .with_label(opener, "the opening delimiter")
                    .with_fix(format!("write `{closer_text}`"), range, closer_text, false),
            );
            self.bump_error();
            return;
        }
        if current == EOF && self.lexed.is_cut_short && self.limit == self.tokens.len() {
            // What closes it is inside the literal or comment that was not closed.
            return;
        }
        let is_cut = |error: &SyntaxError| {
            matches!(error.code, "L002" | "L008") && error.range.start() >= opener.start()
        };
        if closer != R_CURLY && self.lexed.errors.iter().any(is_cut) && self.has_newline() {
            // The literal that has no end took the closer along.
            return;
        }
        if closer != R_CURLY && self.has_error_since(opener.start()) {
            // What is wrong between the brackets has been said.
            return;
        }
        let found = self.found_range();
        let gap = TextRange::empty(self.prev_end());
        let message = format!(
            "Unclosed delimiter: `{}` has no `{closer_text}`",
            self.text_at(opener)
        );
        self.report(
            SyntaxError::new("P008", opener, message)
                .with_label(
                    found,
                    format!("expected `{closer_text}`, found {}", self.found()),
                )
                .with_fix(format!("add `{closer_text}`"), gap, closer_text, false),
        );
    }

    /// Skips tokens into an error node up to a closing bracket, a separator or a line's start.
    pub(crate) fn skip_to_separator(&mut self) {
        if self.at(EOF) || self.at_any(&[COMMA, SEMICOLON, R_PAREN, R_BRACK, R_CURLY]) {
            return;
        }
        let marker = self.start();
        loop {
            self.skip_balanced();
            let stops = self.at_any(&[EOF, COMMA, SEMICOLON, R_PAREN, R_BRACK, R_CURLY]);
            if stops || self.raw_newline(0) {
                break;
            }
        }
        self.complete(marker, ERROR);
    }

    /// Consumes one token, or a bracket with all up to its partner.
    pub(crate) fn skip_balanced(&mut self) {
        let count = match self.current() {
            L_PAREN | L_BRACK | L_CURLY => self.matching_bracket(0).unwrap_or(0) + 1,
            _ => 1,
        };
        for _ in 0..count {
            self.bump();
        }
    }
}

//! The machine under the grammar: a cursor over significant tokens, the tree being
//! built, and errors.
//!
//! Invariants: every raw token goes into the tree exactly once and in order, so the
//! tree's text is the input; a node begins and ends with a significant token, except
//! that declarations begin with their doc comments; trivia go to the outermost
//! possible parent.

mod report;

use rowan::{GreenNode, TextRange, TextSize};

use crate::SyntaxError;
use crate::SyntaxKind::{self, *};
use crate::builder::Builder;
use crate::lexer::Lexed;

/// How deep constructs may nest (P025).
pub(crate) const NESTING_MAX: u32 = 256;

/// How high the tree below a chain of left-associative operators may get. Chains grow the
/// tree without recursion here, but later stages walk down it.
pub(crate) const CHAIN_HEIGHT_MAX: u32 = 640;

/// How often the parser may look at tokens without consuming one.
const LOOKS_MAX: u32 = 200_000;

/// Tokens in which the end of a block without `{` is looked for; guessed, several screens.
const BLOCK_TOKENS_MAX: usize = 4_000;

/// A significant token.
#[derive(Clone, Copy)]
struct Token {
    kind: SyntaxKind,
    /// Preceded by a newline.
    has_newline: bool,
    start: u32,
    raw: u32,
}

pub(crate) struct Parser<'a> {
    text: &'a str,
    lexed: &'a Lexed,
    tokens: Vec<Token>,
    pos: usize,
    /// Tokens at or behind this index read as `EOF`: the end of an interpolation.
    limit: usize,
    /// The next raw token to go into the tree.
    raw: usize,
    builder: Builder,
    pub(crate) errors: Vec<SyntaxError>,
    /// Where the last error was reported; a second one at the same token is a consequence.
    last_error_pos: Option<usize>,
    /// Where the last part of a split token was: see `split`.
    splits: Vec<(usize, Token)>,
    looks: std::cell::Cell<u32>,
    pub(crate) depth: u32,
    speculation_depth: u32,
    /// Inside `(`, `[` or the braces of a literal: newlines mean nothing.
    pub(crate) ignores_newlines: bool,
    /// In a `Head`: `Path {` is no struct literal.
    pub(crate) is_head: bool,
    /// For each opening bracket the index of its closing one, zero without; made on demand.
    partners: std::cell::OnceCell<Vec<u32>>,
    /// Opening brackets around the position.
    open_brackets: Vec<SyntaxKind>,
    /// Which of `this` and `self` the current method uses, and whether W022 was reported.
    pub(crate) receiver_spelling: Option<ReceiverSpelling>,
}

#[derive(Clone, Copy)]
pub(crate) struct ReceiverSpelling {
    pub(crate) first: Option<bool>,
    pub(crate) is_reported: bool,
}

/// The start of a node whose kind is not known yet.
#[derive(Clone, Copy)]
pub(crate) struct Marker {
    child: usize,
    start: u32,
}

/// A finished node, which can still be wrapped.
#[derive(Clone, Copy)]
pub(crate) struct Completed {
    marker: Marker,
    pub(crate) kind: SyntaxKind,
    pub(crate) height: u32,
    /// Behind its last token.
    end: u32,
}

impl Completed {
    pub(crate) fn range(self) -> TextRange {
        TextRange::new(TextSize::new(self.marker.start), TextSize::new(self.end))
    }
}

/// A state to come back to.
pub(crate) struct Snapshot {
    pos: usize,
    limit: usize,
    raw: usize,
    children: usize,
    errors: usize,
    splits: usize,
    last_error_pos: Option<usize>,
    receiver_spelling: Option<ReceiverSpelling>,
}

impl<'a> Parser<'a> {
    pub(crate) fn new(text: &'a str, lexed: &'a Lexed) -> Parser<'a> {
        let mut tokens = Vec::with_capacity(lexed.kinds.len() / 2 + 8);
        let mut has_newline = false;
        for (raw, &kind) in lexed.kinds.iter().enumerate() {
            let start = lexed.starts[raw];
            match kind {
                WHITESPACE | COMMENT | INACTIVE_TEXT => {
                    let end = lexed.starts[raw + 1];
                    has_newline = has_newline
                        || text.as_bytes()[start as usize..end as usize].contains(&b'\n');
                }
                PREPROCESSOR_LINE | DOC_COMMENT | INNER_DOC_COMMENT => has_newline = true,
                BOM | ERROR_TOKEN => {}
                _ => {
                    tokens.push(Token {
                        kind,
                        has_newline,
                        start,
                        raw: raw as u32,
                    });
                    has_newline = false;
                }
            }
        }
        let limit = tokens.len();
        Parser {
            text,
            lexed,
            tokens,
            pos: 0,
            limit,
            raw: 0,
            builder: Builder::new(text.len()),
            errors: Vec::new(),
            last_error_pos: None,
            splits: Vec::new(),
            looks: std::cell::Cell::new(0),
            depth: 0,
            speculation_depth: 0,
            ignores_newlines: false,
            is_head: false,
            partners: std::cell::OnceCell::new(),
            open_brackets: Vec::new(),
            receiver_spelling: None,
        }
    }

    // --- looking -------------------------------------------------------------

    #[inline]
    pub(crate) fn nth(&self, n: usize) -> SyntaxKind {
        let looks = self.looks.get() + 1;
        self.looks.set(looks);
        if looks > LOOKS_MAX {
            return EOF;
        }
        let pos = self.pos + n;
        if pos < self.limit {
            self.tokens[pos].kind
        } else {
            EOF
        }
    }

    #[inline]
    pub(crate) fn current(&self) -> SyntaxKind {
        self.nth(0)
    }

    #[inline]
    pub(crate) fn at(&self, kind: SyntaxKind) -> bool {
        self.nth(0) == kind
    }

    pub(crate) fn at_any(&self, kinds: &[SyntaxKind]) -> bool {
        kinds.contains(&self.current())
    }

    /// Whether the token begins a line, as far as that matters here.
    #[inline]
    pub(crate) fn has_newline(&self) -> bool {
        !self.ignores_newlines && self.raw_newline(0)
    }

    /// Whether the `n`-th token begins a line, also inside brackets.
    #[inline]
    pub(crate) fn raw_newline(&self, n: usize) -> bool {
        let pos = self.pos + n;
        pos >= self.limit || self.tokens[pos].has_newline
    }

    /// At this token, on the same line.
    #[inline]
    pub(crate) fn at_same_line(&self, kind: SyntaxKind) -> bool {
        self.at(kind) && !self.has_newline()
    }

    /// At an identifier with this text.
    pub(crate) fn at_word(&self, word: &str) -> bool {
        self.nth_word(0, word)
    }

    pub(crate) fn nth_word(&self, n: usize, word: &str) -> bool {
        self.nth(n) == IDENT && self.nth_text(n) == word
    }

    pub(crate) fn nth_text(&self, n: usize) -> &'a str {
        match self.tokens.get(self.pos + n) {
            Some(token) => &self.text[token.start as usize..self.token_end(token)],
            None => "",
        }
    }

    fn token_end(&self, token: &Token) -> usize {
        self.lexed.starts[token.raw as usize + 1] as usize
    }

    pub(crate) fn nth_range(&self, n: usize) -> TextRange {
        match self.tokens.get(self.pos + n) {
            Some(token) if self.pos + n < self.limit => {
                let end = TextSize::new(self.token_end(token) as u32);
                TextRange::new(TextSize::new(token.start), end)
            }
            _ => TextRange::empty(self.prev_end()),
        }
    }

    pub(crate) fn current_range(&self) -> TextRange {
        self.nth_range(0)
    }

    /// Behind the last consumed token.
    pub(crate) fn prev_end(&self) -> TextSize {
        match self.pos.checked_sub(1).and_then(|it| self.tokens.get(it)) {
            Some(token) => TextSize::new(self.token_end(token) as u32),
            None => TextSize::new(0),
        }
    }

    /// Whether characters that belong to no token stand before the current one.
    pub(crate) fn has_invalid_before(&self) -> bool {
        let raw_of = |pos: usize| self.tokens.get(pos).map(|it| it.raw as usize);
        let from = self.pos.checked_sub(1).and_then(raw_of);
        let from = from.map_or(0, |raw| raw + 1);
        let to = raw_of(self.pos).unwrap_or(self.lexed.kinds.len());
        let between = self.lexed.kinds.get(from..to).unwrap_or_default();
        between.contains(&ERROR_TOKEN)
    }

    pub(crate) fn prev_kind(&self) -> SyntaxKind {
        self.pos
            .checked_sub(1)
            .and_then(|it| self.tokens.get(it))
            .map_or(EOF, |it| it.kind)
    }

    /// The text of the last consumed token.
    pub(crate) fn prev_text(&self) -> &'a str {
        match self.pos.checked_sub(1).and_then(|it| self.tokens.get(it)) {
            Some(token) => &self.text[token.start as usize..self.token_end(token)],
            None => "",
        }
    }

    pub(crate) fn text_at(&self, range: TextRange) -> &'a str {
        self.text
            .get(usize::from(range.start())..usize::from(range.end()))
            .unwrap_or("")
    }

    pub(crate) fn position(&self) -> usize {
        self.pos
    }

    /// The index, relative to the current token, of the bracket that closes the one at `n`.
    pub(crate) fn matching_bracket(&self, n: usize) -> Option<usize> {
        let partners = self.partners.get_or_init(|| partners(&self.tokens));
        let partner = *partners.get(self.pos + n)? as usize;
        (partner > self.pos && partner < self.limit).then(|| partner - self.pos)
    }

    /// Whether the lines from here on are indented like a block whose `{` is missing: deeper than
    /// the line before, up to a line with `}` below that line's start.
    pub(crate) fn looks_like_block(&self) -> bool {
        let column = |at: usize| {
            let line = self.text[..at].rfind('\n').map_or(0, |it| it + 1);
            let indent = self.text[line..].bytes();
            indent.take_while(|it| matches!(it, b' ' | b'\t')).count()
        };
        let around = column(usize::from(self.prev_end()));
        let rest = self.tokens.get(self.pos..self.limit).unwrap_or(&[]);
        let lines = rest.iter().take(BLOCK_TOKENS_MAX);
        let mut lines = lines
            .filter(|token| token.has_newline)
            .map(|token| (column(token.start as usize), token.kind))
            .peekable();
        let is_deeper = lines.peek().is_some_and(|(indent, _)| *indent > around);
        let end = lines.find(|(indent, _)| *indent <= around);
        is_deeper && end == Some((around, R_CURLY)) && self.raw_newline(0)
    }

    // --- consuming -----------------------------------------------------------

    /// Consumes the current token.
    pub(crate) fn bump(&mut self) {
        self.bump_as(self.raw_kind());
    }

    fn raw_kind(&self) -> SyntaxKind {
        if self.pos < self.limit {
            self.tokens[self.pos].kind
        } else {
            EOF
        }
    }

    /// Consumes the current token under another kind.
    pub(crate) fn bump_as(&mut self, kind: SyntaxKind) {
        if self.pos >= self.limit {
            return;
        }
        let token = self.tokens[self.pos];
        self.flush_trivia(token.raw as usize);
        let end = self.token_end(&token);
        self.builder
            .token(kind, &self.text[token.start as usize..end]);
        self.raw = token.raw as usize + 1;
        self.pos += 1;
        self.looks.set(0);
    }

    /// Consumes the first character of the current two-character token as `first`;
    /// the rest stays as `rest`. For `**p`, which is `*` twice.
    pub(crate) fn split_bump(&mut self, first: SyntaxKind, rest: SyntaxKind) {
        let Some(token) = self.tokens.get(self.pos).copied() else {
            return;
        };
        self.flush_trivia(token.raw as usize);
        let start = token.start as usize;
        self.builder.token(first, &self.text[start..start + 1]);
        self.splits.push((self.pos, token));
        self.tokens[self.pos] = Token {
            kind: rest,
            has_newline: false,
            start: token.start + 1,
            raw: token.raw,
        };
        self.looks.set(0);
    }

    pub(crate) fn eat(&mut self, kind: SyntaxKind) -> bool {
        let is_there = self.at(kind);
        if is_there {
            self.bump();
        }
        is_there
    }

    /// Puts the trivia before raw token `until` into the tree.
    #[inline]
    fn flush_trivia(&mut self, until: usize) {
        while self.raw < until {
            let kind = self.lexed.kinds[self.raw];
            if matches!(kind, DOC_COMMENT | INNER_DOC_COMMENT) {
                let range = self.raw_range(self.raw);
                self.errors.push(SyntaxError::new(
                    "W021",
                    range,
                    "Documentation comment with nothing to attach to",
                ));
            }
            self.push_raw();
        }
    }

    fn push_raw(&mut self) {
        let (start, end) = (self.lexed.starts[self.raw], self.lexed.starts[self.raw + 1]);
        self.builder.token(
            self.lexed.kinds[self.raw],
            &self.text[start as usize..end as usize],
        );
        self.raw += 1;
    }

    fn raw_range(&self, raw: usize) -> TextRange {
        let at = |idx: usize| TextSize::new(self.lexed.starts[idx]);
        TextRange::new(at(raw), at(raw + 1))
    }

    /// The raw index of the current token: where its trivia end.
    fn next_raw(&self) -> usize {
        match self.tokens.get(self.pos) {
            Some(token) => (token.raw as usize).max(self.raw),
            None => self.lexed.kinds.len(),
        }
    }

    // --- nodes ---------------------------------------------------------------

    /// Begins a node at the current token.
    pub(crate) fn start(&mut self) -> Marker {
        self.flush_trivia(self.next_raw());
        self.marker()
    }

    fn marker(&self) -> Marker {
        let start = match self.tokens.get(self.pos) {
            Some(token) => token.start,
            None => self.text.len() as u32,
        };
        Marker {
            child: self.builder.len(),
            start,
        }
    }

    /// Begins a declaration: its doc comments go inside.
    pub(crate) fn start_with_docs(&mut self) -> Marker {
        let until = self.next_raw();
        let first_doc = (self.raw..until)
            .find(|&it| self.lexed.kinds[it] == DOC_COMMENT)
            .unwrap_or(until);
        self.flush_trivia(first_doc);
        let marker = self.marker();
        while self.raw < until {
            if self.lexed.kinds[self.raw] == INNER_DOC_COMMENT {
                self.flush_trivia(self.raw + 1);
            } else {
                self.push_raw();
            }
        }
        marker
    }

    /// Whether doc comments stand before the current token.
    pub(crate) fn has_docs(&self) -> bool {
        self.lexed.kinds[self.raw..self.next_raw()].contains(&DOC_COMMENT)
    }

    /// Puts the `//!` comments at the start of a module into the tree.
    pub(crate) fn inner_docs(&mut self) {
        let until = self.next_raw();
        let Some(last) = (self.raw..until).rfind(|&it| self.lexed.kinds[it] == INNER_DOC_COMMENT)
        else {
            return;
        };
        while self.raw <= last {
            if self.lexed.kinds[self.raw] == DOC_COMMENT {
                self.flush_trivia(self.raw + 1);
            } else {
                self.push_raw();
            }
        }
    }

    pub(crate) fn complete(&mut self, marker: Marker, kind: SyntaxKind) -> Completed {
        let height = self.builder.node(kind, marker.child);
        let end = u32::from(self.prev_end()).max(marker.start);
        Completed {
            marker,
            kind,
            height,
            end,
        }
    }

    /// Begins a node whose first child is `completed`.
    pub(crate) fn precede(&self, completed: Completed) -> Marker {
        completed.marker
    }

    /// From the start of `marker` to the last consumed token.
    pub(crate) fn range_since(&self, marker: Marker) -> TextRange {
        let start = TextSize::new(marker.start);
        TextRange::new(start, self.prev_end().max(start))
    }

    /// Ends the tree: everything that is left goes into the root.
    pub(crate) fn finish(mut self, root: SyntaxKind) -> (Option<GreenNode>, Vec<SyntaxError>) {
        self.limit = self.tokens.len();
        if self.pos < self.limit {
            // Only the limit on looks can leave tokens behind.
            self.looks.set(0);
            let range = self.current_range();
            self.errors
                .push(SyntaxError::new("P002", range, "The parser gave up here"));
            let marker = self.start();
            while self.pos < self.limit {
                self.bump();
            }
            self.complete(marker, ERROR);
        }
        self.flush_trivia(self.lexed.kinds.len());
        self.builder.node(root, 0);
        (self.builder.finish(), self.errors)
    }

    // --- limits and modes ----------------------------------------------------

    /// Runs `f` one level deeper; past the limit reports P025 and skips instead.
    pub(crate) fn nested<T>(&mut self, f: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.depth >= NESTING_MAX {
            self.too_deep();
            return None;
        }
        self.depth += 1;
        let result = f(self);
        self.depth -= 1;
        result
    }

    /// Reports P025 and skips what is nested too deep, up to where the surroundings can go on.
    pub(crate) fn too_deep(&mut self) {
        if !self.errors.iter().rev().take(8).any(|it| it.code == "P025") {
            let message = format!("Nesting too deep: more than {NESTING_MAX} levels");
            let range = self.current_range();
            self.report_always(SyntaxError::new("P025", range, message));
        }
        self.last_error_pos = Some(self.pos);
        let marker = self.start();
        let mut depth = 0usize;
        while !self.at(EOF) {
            match self.current() {
                L_PAREN | L_BRACK | L_CURLY => depth += 1,
                R_PAREN | R_BRACK | R_CURLY if depth == 0 => break,
                R_PAREN | R_BRACK | R_CURLY => depth -= 1,
                SEMICOLON | COMMA if depth == 0 => break,
                _ if depth == 0 && self.raw_newline(0) && self.builder.len() > marker.child => {
                    break;
                }
                _ => {}
            }
            self.bump();
        }
        self.complete(marker, ERROR);
        self.last_error_pos = Some(self.pos);
    }

    /// Runs `f` with the given modes for newlines and struct literals.
    pub(crate) fn with_modes<T>(
        &mut self,
        ignores_newlines: bool,
        is_head: bool,
        f: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let outer = (self.ignores_newlines, self.is_head);
        (self.ignores_newlines, self.is_head) = (ignores_newlines, is_head);
        let result = f(self);
        (self.ignores_newlines, self.is_head) = outer;
        result
    }

    /// Runs `f` as if the tokens ended before the one at `limit`.
    pub(crate) fn with_limit<T>(&mut self, limit: usize, f: impl FnOnce(&mut Self) -> T) -> T {
        let limit = limit.min(self.limit);
        let outer = std::mem::replace(&mut self.limit, limit);
        let brackets = std::mem::take(&mut self.open_brackets);
        let result = f(self);
        self.limit = outer;
        self.open_brackets = brackets;
        result
    }

    pub(crate) fn limit_pos(&self) -> usize {
        self.limit
    }

    pub(crate) fn kind_at(&self, pos: usize) -> SyntaxKind {
        self.tokens.get(pos).map_or(EOF, |it| it.kind)
    }

    /// The text of the token at an absolute index.
    pub(crate) fn text_of(&self, pos: usize) -> &'a str {
        match self.tokens.get(pos) {
            Some(token) => &self.text[token.start as usize..self.token_end(token)],
            None => "",
        }
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot {
            pos: self.pos,
            limit: self.limit,
            raw: self.raw,
            children: self.builder.len(),
            errors: self.errors.len(),
            splits: self.splits.len(),
            last_error_pos: self.last_error_pos,
            receiver_spelling: self.receiver_spelling,
        }
    }

    /// Goes back to a state; only nodes begun since may have been completed.
    pub(crate) fn restore(&mut self, snapshot: &Snapshot) {
        while self.splits.len() > snapshot.splits {
            if let Some((pos, token)) = self.splits.pop() {
                self.tokens[pos] = token;
            }
        }
        self.pos = snapshot.pos;
        self.limit = snapshot.limit;
        self.raw = snapshot.raw;
        self.builder.truncate(snapshot.children);
        self.errors.truncate(snapshot.errors);
        self.last_error_pos = snapshot.last_error_pos;
        self.receiver_spelling = snapshot.receiver_spelling;
    }

    /// Whether errors that are not warnings were reported since.
    pub(crate) fn has_failed_since(&self, snapshot: &Snapshot) -> bool {
        self.errors[snapshot.errors..]
            .iter()
            .any(|it| !it.is_warning())
    }

    /// Puts one error in the place of all reported since.
    pub(crate) fn replace_errors_since(&mut self, snapshot: &Snapshot, error: SyntaxError) {
        self.errors.truncate(snapshot.errors);
        self.errors.push(error);
    }

    /// Speculation inside speculation would multiply the work with each level.
    pub(crate) fn may_speculate(&self) -> bool {
        self.speculation_depth == 0
    }

    pub(crate) fn speculate<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> T {
        self.speculation_depth += 1;
        let result = f(self);
        self.speculation_depth -= 1;
        result
    }
}

/// Pairs brackets without regard to their kinds.
fn partners(tokens: &[Token]) -> Vec<u32> {
    let mut partners = vec![0u32; tokens.len()];
    let mut open: Vec<usize> = Vec::new();
    for (idx, token) in tokens.iter().enumerate() {
        match token.kind {
            L_PAREN | L_BRACK | L_CURLY => open.push(idx),
            R_PAREN | R_BRACK | R_CURLY => {
                if let Some(opener) = open.pop() {
                    partners[opener] = idx as u32;
                }
            }
            _ => {}
        }
    }
    partners
}

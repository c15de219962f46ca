//! Text to tokens.

use super::ParseError;

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Token {
    /// A word: an operation, a type, a block, a slot.
    Word(String),
    /// `%name`.
    Value(String),
    /// `@symbol` or `@"symbol"`.
    Symbol(String),
    Bytes(Vec<u8>),
    /// Integer or float as written, with its sign.
    Number(String),
    Arrow,
    Dots,
    Punct(char),
    End,
}

/// The tokens with their lines, and one `End`.
pub(super) fn lex(text: &str) -> Result<Vec<(Token, u32)>, ParseError> {
    let mut lexer = Lexer {
        rest: text,
        line: 1,
        tokens: Vec::new(),
    };
    while lexer.step()? {}
    lexer.tokens.push((Token::End, lexer.line));
    Ok(lexer.tokens)
}

struct Lexer<'a> {
    rest: &'a str,
    line: u32,
    tokens: Vec<(Token, u32)>,
}

impl Lexer<'_> {
    fn step(&mut self) -> Result<bool, ParseError> {
        let Some(first) = self.rest.chars().next() else {
            return Ok(false);
        };
        if first == '\n' {
            self.line += 1;
        }
        if first.is_whitespace() {
            self.rest = &self.rest[first.len_utf8()..];
            return Ok(true);
        }
        if self.rest.starts_with("//") {
            self.take(|c| c != '\n');
            return Ok(true);
        }
        let token = self.token(first)?;
        self.tokens.push((token, self.line));
        Ok(true)
    }

    fn token(&mut self, first: char) -> Result<Token, ParseError> {
        if self.eat("->") {
            return Ok(Token::Arrow);
        }
        if self.eat("...") {
            return Ok(Token::Dots);
        }
        if first.is_ascii_alphabetic() || first == '_' {
            return Ok(Token::Word(self.take(is_word)));
        }
        if first == '"' {
            return Ok(Token::Bytes(self.bytes()?));
        }
        if self.eat("%") {
            return Ok(Token::Value(self.take(is_word)));
        }
        if self.eat("@") {
            if !self.rest.starts_with('"') {
                return Ok(Token::Symbol(self.take(is_symbol)));
            }
            let bytes = self.bytes()?;
            return match String::from_utf8(bytes) {
                Ok(name) => Ok(Token::Symbol(name)),
                Err(_) => Err(self.error("a symbol is not UTF-8")),
            };
        }
        if first.is_ascii_digit() || matches!(first, '+' | '-') {
            return Ok(Token::Number(self.number()));
        }
        self.rest = &self.rest[first.len_utf8()..];
        Ok(Token::Punct(first))
    }

    /// A sign, then digits, letters and dots; a sign again after a decimal exponent's `e`.
    fn number(&mut self) -> String {
        let mut number = String::new();
        for sign in ["+", "-"] {
            if self.eat(sign) {
                number.push_str(sign);
            }
        }
        number += &self.take(is_word);
        let is_hex = number.contains("0x");
        if !is_hex && number.ends_with('e') && self.eat("-") {
            number.push('-');
            number += &self.take(is_word);
        }
        number
    }

    fn bytes(&mut self) -> Result<Vec<u8>, ParseError> {
        let input = self.rest.as_bytes();
        let mut bytes = Vec::new();
        let mut at = 1;
        loop {
            match input.get(at) {
                None | Some(b'\n') => return Err(self.error("a string is not closed")),
                Some(b'"') => break,
                Some(b'\\') => {
                    if let Some(&escaped @ (b'"' | b'\\')) = input.get(at + 1) {
                        bytes.push(escaped);
                        at += 2;
                        continue;
                    }
                    let digits = input
                        .get(at + 1..at + 3)
                        .and_then(|hex| str::from_utf8(hex).ok());
                    let byte = digits.and_then(|hex| u8::from_str_radix(hex, 16).ok());
                    bytes
                        .push(byte.ok_or_else(|| self.error("`\\` wants two hexadecimal digits"))?);
                    at += 3;
                }
                Some(&byte) => {
                    bytes.push(byte);
                    at += 1;
                }
            }
        }
        self.rest = &self.rest[at + 1..];
        Ok(bytes)
    }

    fn take(&mut self, accept: impl Fn(char) -> bool) -> String {
        let end = self.rest.find(|c| !accept(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken.to_owned()
    }

    fn eat(&mut self, prefix: &str) -> bool {
        match self.rest.strip_prefix(prefix) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn error(&self, message: &str) -> ParseError {
        ParseError {
            line: self.line,
            message: message.to_owned(),
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.')
}

fn is_symbol(c: char) -> bool {
    is_word(c) || c == '$'
}

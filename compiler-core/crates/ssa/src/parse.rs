//! The text form, read. The grammar is in `docs/ir-ssa.md`.
//!
//! Numbers and names of values, blocks, slots and data are lost: what is read
//! is numbered in text order. The verifier, not the parser, checks types.

mod body;
mod insts;
mod lexer;

use std::fmt;
use std::sync::Arc;

use smol_str::SmolStr;

use self::lexer::{Token, lex};
use crate::data::{Global, Reloc};
use crate::function::{Effect, Function, FunctionAttrs, InlineHint, Linkage, Role};
use crate::module::Module;
use crate::types::{Signature, Type};

/// The first thing that is wrong with a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ParseError {
    /// Counted from 1.
    pub line: u32,
    pub message: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for ParseError {}

/// Reads functions and globals.
pub fn parse_module(text: &str) -> Result<Module, ParseError> {
    let mut parser = Parser {
        tokens: lex(text)?,
        at: 0,
    };
    let mut module = Module::default();
    while *parser.peek() != Token::End {
        if parser.eat_word("global") {
            module.globals.push(Arc::new(parser.global()?));
        } else {
            module.functions.push(Arc::new(parser.function()?));
        }
    }
    Ok(module)
}

/// Reads one function and nothing else.
pub fn parse_function(text: &str) -> Result<Function, ParseError> {
    let mut parser = Parser {
        tokens: lex(text)?,
        at: 0,
    };
    let func = parser.function()?;
    match parser.peek() {
        Token::End => Ok(func),
        _ => Err(parser.error("expected the end of the text")),
    }
}

type Result<T, E = ParseError> = std::result::Result<T, E>;

struct Parser {
    tokens: Vec<(Token, u32)>,
    at: usize,
}

impl Parser {
    fn global(&mut self) -> Result<Global> {
        let symbol = self.symbol()?;
        self.expect_punct('=')?;
        self.expect_word("align")?;
        let mut global = Global {
            symbol,
            align: self.integer()?,
            init: self.bytes()?.into(),
            relocs: Vec::new(),
            zero_size: 0,
            writable: false,
            thread_local: false,
            linkage: Linkage::Local,
        };
        if self.eat_word("zero") {
            global.zero_size = self.integer()?;
        }
        global.relocs = self.relocs()?;
        global.writable = self.eat_word("writable");
        global.thread_local = self.eat_word("thread_local");
        global.linkage = self.linkage();
        Ok(global)
    }

    fn relocs(&mut self) -> Result<Vec<Reloc>> {
        let mut relocs = Vec::new();
        while self.eat_word("reloc") {
            relocs.push((self.integer()?, self.symbol()?));
        }
        Ok(relocs)
    }

    fn linkage(&mut self) -> Linkage {
        match () {
            () if self.eat_word("export") => Linkage::Export,
            () if self.eat_word("weak") => Linkage::Weak,
            () => Linkage::Local,
        }
    }

    fn attrs(&mut self) -> FunctionAttrs {
        let inline = match () {
            () if self.eat_word("inline") => InlineHint::Hint,
            () if self.eat_word("always_inline") => InlineHint::Always,
            () if self.eat_word("never_inline") => InlineHint::Never,
            () => InlineHint::None,
        };
        let cold = self.eat_word("cold");
        let noreturn = self.eat_word("noreturn");
        let effect = match () {
            () if self.eat_word("read_only") => Effect::ReadOnly,
            () if self.eat_word("pure") => Effect::Pure,
            () => Effect::Any,
        };
        let role = match () {
            () if self.eat_word("retains") => Role::Retain,
            () if self.eat_word("releases") => Role::Release,
            () if self.eat_word("ends") => Role::End,
            () if self.eat_word("allocates") => Role::Allocate,
            () if self.eat_word("frees") => Role::Free,
            () => Role::None,
        };
        FunctionAttrs {
            inline,
            cold,
            noreturn,
            effect,
            role,
        }
    }

    /// `(i32, ptr, ...) -> i32`, each type handed to `param` for what follows it.
    fn signature(&mut self, mut param: impl FnMut(&mut Parser) -> Result<()>) -> Result<Signature> {
        let mut signature = Signature::default();
        self.expect_punct('(')?;
        while !self.eat_punct(')') {
            if !signature.params.is_empty() {
                self.expect_punct(',')?;
            }
            if self.eat(&Token::Dots) {
                signature.varargs = true;
                self.expect_punct(')')?;
                break;
            }
            signature.params.push(self.ty()?);
            param(self)?;
        }
        if self.eat(&Token::Arrow) {
            signature.result = Some(self.ty()?);
        }
        Ok(signature)
    }

    // Tokens.

    fn peek(&self) -> &Token {
        &self.tokens[self.at].0
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        if token != Token::End {
            self.at += 1;
        }
        token
    }

    fn eat(&mut self, token: &Token) -> bool {
        let found = self.peek() == token;
        if found {
            self.at += 1;
        }
        found
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Token::Word(found) if found == word);
        if found {
            self.at += 1;
        }
        found
    }

    fn eat_punct(&mut self, punct: char) -> bool {
        self.eat(&Token::Punct(punct))
    }

    fn expect_word(&mut self, word: &str) -> Result<()> {
        if self.eat_word(word) {
            Ok(())
        } else {
            Err(self.expected(&format!("`{word}`")))
        }
    }

    fn expect_punct(&mut self, punct: char) -> Result<()> {
        if self.eat_punct(punct) {
            Ok(())
        } else {
            Err(self.expected(&format!("`{punct}`")))
        }
    }

    fn word(&mut self) -> Result<String> {
        match self.next() {
            Token::Word(word) => Ok(word),
            _ => Err(self.expected_before("a word")),
        }
    }

    fn symbol(&mut self) -> Result<SmolStr> {
        match self.next() {
            Token::Symbol(symbol) => Ok(symbol.into()),
            _ => Err(self.expected_before("a symbol")),
        }
    }

    fn bytes(&mut self) -> Result<Vec<u8>> {
        match self.next() {
            Token::Bytes(bytes) => Ok(bytes),
            _ => Err(self.expected_before("a string")),
        }
    }

    fn text(&mut self) -> Result<SmolStr> {
        let bytes = self.bytes()?;
        let text = str::from_utf8(&bytes).map_err(|_| self.expected_before("UTF-8 text"))?;
        Ok(text.into())
    }

    fn integer<T: std::str::FromStr>(&mut self) -> Result<T> {
        match self.next() {
            Token::Number(number) => number
                .parse()
                .map_err(|_| self.expected_before("an integer")),
            _ => Err(self.expected_before("an integer")),
        }
    }

    fn ty(&mut self) -> Result<Type> {
        match self.peek_type() {
            Some(ty) => {
                self.at += 1;
                Ok(ty)
            }
            None => Err(self.expected("a type")),
        }
    }

    fn peek_type(&self) -> Option<Type> {
        match self.peek() {
            Token::Word(word) => Type::from_name(word),
            _ => None,
        }
    }

    fn expected(&self, what: &str) -> ParseError {
        self.error(&format!("expected {what}, found {:?}", self.peek()))
    }

    /// As `expected`, when the wrong token has been consumed.
    fn expected_before(&self, what: &str) -> ParseError {
        let (token, line) = &self.tokens[self.at.saturating_sub(1)];
        ParseError {
            line: *line,
            message: format!("expected {what}, found {token:?}"),
        }
    }

    fn error(&self, message: &str) -> ParseError {
        ParseError {
            line: self.tokens[self.at].1,
            message: message.to_owned(),
        }
    }
}

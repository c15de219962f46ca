//! Text to tokens, to a lossless tree, to a typed view of that tree.
//!
//! Parsing cannot fail: [`parse`] gives a tree whose text is the input, byte for
//! byte, and the errors beside it. This crate must not know salsa, files,
//! packages or names' meanings: what a path refers to is for later layers.
//!
//! Start reading with [`parse`] and [`Parse`], then `grammar.rs` (one function per
//! production of the reference's §2), then [`ast`] (the typed tree that lowering
//! reads). The lexer does §1 and the preprocessor of §12.

pub mod algo;
pub mod ast;
mod builder;
pub mod conditions;
pub mod error;
mod grammar;
mod lexer;
mod outline;
mod parse;
mod parser;
pub mod preprocessor;
pub mod ptr;
mod reparse;
pub mod syntax_kind;
mod unescape;

pub use error::{SyntaxError, SyntaxFix};
pub use outline::outline;
pub use parse::{Parse, TextEdit};
pub use preprocessor::PreprocessorEnv;
pub use ptr::{AstPtr, SyntaxNodePtr};
pub use rowan::{GreenNode, TextRange, TextSize, TokenAtOffset, WalkEvent};
pub use syntax_kind::{
    SyntaxElement, SyntaxKind, SyntaxNode, SyntaxNodeChildren, SyntaxToken, Tml,
};

/// Parses a file, with these preprocessor symbols defined.
pub fn parse(text: &str, env: &PreprocessorEnv) -> Parse {
    parse::parse_file(text, env)
}

/// The number of tokens, trivia included: for measuring the lexer alone.
#[doc(hidden)]
pub fn count_tokens(text: &str, env: &PreprocessorEnv) -> usize {
    lexer::lex(text, env).kinds.len()
}

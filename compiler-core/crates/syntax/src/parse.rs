//! The result of parsing.

use std::sync::Arc;

use rowan::{GreenNode, TextRange};

use crate::ast::{AstNode, SourceFile};
use crate::parser::Parser;
use crate::{PreprocessorEnv, SyntaxError, SyntaxKind, SyntaxNode, grammar, lexer, reparse};

/// A tree and the errors found while it was built. Cheap to clone, `Send`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parse {
    green: GreenNode,
    errors: Arc<[SyntaxError]>,
}

/// One replacement in a text.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TextEdit {
    pub range: TextRange,
    pub insert: String,
}

impl Parse {
    pub(crate) fn new(green: GreenNode, errors: Vec<SyntaxError>) -> Parse {
        Parse {
            green,
            errors: errors.into(),
        }
    }

    pub fn green(&self) -> &GreenNode {
        &self.green
    }

    /// The root of a fresh view of the tree. Views are not `Send`; trees are.
    pub fn syntax_node(&self) -> SyntaxNode {
        SyntaxNode::new_root(self.green.clone())
    }

    pub fn tree(&self) -> SourceFile {
        match SourceFile::cast(self.syntax_node()) {
            Some(it) => it,
            None => crate::parse("", &PreprocessorEnv::new()).tree(),
        }
    }

    /// The parse of `old_text` after `edit`, reusing what the edit does not touch.
    ///
    /// Equal, tree and errors, to parsing the new text from scratch; only faster where
    /// the edit is inside a block. `self` must be the parse of `old_text` under `env`.
    pub fn reparse(&self, old_text: &str, edit: &TextEdit, env: &PreprocessorEnv) -> Parse {
        match reparse::reparse_block(self, old_text, edit) {
            Some(parse) => parse,
            None => parse_file(&edit.apply(old_text), env),
        }
    }

    /// Errors and warnings (codes that start with `W`), sorted by position.
    pub fn errors(&self) -> &Arc<[SyntaxError]> {
        &self.errors
    }

    /// Whether there is an error that is not a warning.
    pub fn has_errors(&self) -> bool {
        self.errors.iter().any(|it| !it.is_warning())
    }
}

impl TextEdit {
    /// The text after this edit. Ranges beyond the end or inside a character are clamped.
    pub fn apply(&self, text: &str) -> String {
        let (start, end) = self.clamped(text);
        let mut out = String::with_capacity(text.len() + self.insert.len());
        out.push_str(&text[..start]);
        out.push_str(&self.insert);
        out.push_str(&text[end..]);
        out
    }

    pub(crate) fn clamped(&self, text: &str) -> (usize, usize) {
        let clamp = |offset: usize| {
            let mut offset = offset.min(text.len());
            while !text.is_char_boundary(offset) {
                offset -= 1;
            }
            offset
        };
        let start = clamp(usize::from(self.range.start()));
        (start, clamp(usize::from(self.range.end())).max(start))
    }
}

/// The whole pipeline for a file.
pub(crate) fn parse_file(text: &str, env: &PreprocessorEnv) -> Parse {
    if text.len() > lexer::TEXT_LEN_MAX {
        return too_large();
    }
    let lexed = lexer::lex(text, env);
    let mut parser = Parser::new(text, &lexed);
    grammar::source_file(&mut parser);
    let (green, errors) = parser.finish(SyntaxKind::SOURCE_FILE);
    let green = match green {
        Some(green) => green,
        None => GreenNode::new(SyntaxKind::SOURCE_FILE.into(), []),
    };
    Parse::new(green, merge_errors(lexed.errors, errors))
}

/// Errors of both stages in the order of the file, each once.
pub(crate) fn merge_errors(
    lexical: Vec<SyntaxError>,
    syntactic: Vec<SyntaxError>,
) -> Vec<SyntaxError> {
    let mut errors = lexical;
    errors.extend(syntactic);
    errors.sort_by_key(|it| (it.range.start(), it.range.end(), it.code));
    errors.dedup_by(|a, b| (a.code, a.range) == (b.code, b.range));
    errors
}

fn too_large() -> Parse {
    let range = TextRange::empty(0.into());
    let error = SyntaxError::new("P025", range, "The file is too large: offsets have 32 bits");
    Parse::new(
        GreenNode::new(SyntaxKind::SOURCE_FILE.into(), []),
        vec![error],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_travel_between_threads() {
        fn is_send_and_sync<T: Send + Sync>() {}
        is_send_and_sync::<Parse>();
    }
}

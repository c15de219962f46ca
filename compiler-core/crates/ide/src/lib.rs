//! Editor features as plain data: byte offsets in, byte ranges and texts out.
//!
//! One file per feature. Nothing here knows LSP, JSON or builds. Every answer is computed on
//! demand from memoised analysis, works on half-written code, and is empty rather than wrong
//! where nothing is known.
//!
//! Start with [`FilePos`], then any feature: [`hover`] is the shortest path through all layers.

pub mod code_actions;
pub mod completion;
pub mod document_symbols;
pub mod folding;
pub mod goto;
pub mod highlights;
pub mod hover;
pub mod inlay_hints;
pub mod semantic_tokens;
pub mod signature_help;
mod text;

use base::{Db, FileId, Package, SourceFile, parse};
use syntax::{SyntaxNode, TextRange, TextSize};

pub use hir::DefKind;

/// A file as part of a package.
#[derive(Clone, Copy)]
pub struct FileView<'db> {
    pub db: &'db dyn Db,
    pub package: Package,
    pub file: FileId,
}

impl<'db> FileView<'db> {
    pub fn new(db: &'db dyn Db, package: Package, source: SourceFile) -> FileView<'db> {
        FileView {
            db,
            package,
            file: hir::file_id(db, package, source),
        }
    }

    pub fn root(&self) -> SyntaxNode {
        parse(self.db, self.file).syntax_node()
    }

    pub fn text(&self) -> &'db str {
        self.file.source(self.db).text(self.db)
    }

    pub fn at(self, offset: TextSize) -> FilePos<'db> {
        FilePos { view: self, offset }
    }
}

/// A position in a file.
#[derive(Clone, Copy)]
pub struct FilePos<'db> {
    pub view: FileView<'db>,
    pub offset: TextSize,
}

/// A range of some file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    pub file: SourceFile,
    pub range: TextRange,
}

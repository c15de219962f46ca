//! The inputs of the whole engine, and the few queries next to the text.
//!
//! Everything that the analysis knows comes in through the salsa inputs of
//! [`input`]; there are no others. This crate does not know paths of a file
//! system, manifests, LSP, or what an item means.
//!
//! Start with [`input`], then [`ast_id`] (how an item keeps its identity while
//! text around it changes) and [`span`] (why positions are relative to items).

pub mod ast_id;
pub mod derived;
pub mod input;
pub mod lines;
pub mod queries;
pub mod span;

pub use ast_id::{AstId, AstIdMap, ItemLoc};
pub use derived::{DerivedTree, derived_from};
pub use input::{Dependency, Env, FileId, Lowlevel, Package, SourceFile, SourceRoot};
pub use lines::{LineCol, LineIndex};
pub use queries::{
    ast_id_map, item_column, item_first_line, item_first_lines, item_range, item_syntax,
    line_index, outline_ast_id_map, outline_item_syntax, outline_parse, parse,
};
pub use span::{FileRange, ItemRange};

/// The one database trait. Queries of all crates take `&dyn Db`.
#[salsa::db]
pub trait Db: salsa::Database {}

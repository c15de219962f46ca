//! The queries next to the text.

use rustc_hash::FxHashMap;
use syntax::{GreenNode, Parse, SyntaxNode, SyntaxNodePtr, TextRange};

use crate::derived::{derived_from, derived_range, derived_syntax, derived_syntax_of_outline};
use crate::{AstId, AstIdMap, Db, FileId, ItemLoc, LineIndex, SourceFile};

/// The tree of a file and its syntax errors.
///
/// Keyed by file and symbols; read by the queries below and by tools that need positions.
/// Re-runs on every edit of the file. Skips equality: the text has changed, so the tree has.
#[salsa::tracked(no_eq, lru = 256)]
pub fn parse(db: &dyn Db, file: FileId) -> Parse {
    syntax::parse(file.source(db).text(db), file.env(db).symbols(db))
}

/// Item ids of a file. Re-runs with the tree; readers take one id's answer out of it
/// ([`item_range`], [`item_syntax`]), and the change stops there.
#[salsa::tracked]
pub fn ast_id_map(db: &dyn Db, file: FileId) -> AstIdMap {
    AstIdMap::new(&parse(db, file).syntax_node())
}

/// Where an item is now. Only for `ide`, `diagnostics` and line tables: whoever reads this
/// re-runs when text above the item changes.
#[salsa::tracked(returns(copy))]
pub fn item_range(db: &dyn Db, item: ItemLoc) -> Option<TextRange> {
    match item_ptr(db, item) {
        Some(ptr) => Some(ptr.range()),
        None => derived_range(db, item),
    }
}

/// BARRIER 2: the syntax of one item, cut loose from its file.
///
/// Keyed by item; read by the lowering of bodies and by source maps. Re-runs when the file changes,
/// and stops every change that happened elsewhere in the file, because green trees compare by
/// content and hold no positions.
#[salsa::tracked]
pub fn item_syntax(db: &dyn Db, item: ItemLoc) -> Option<GreenNode> {
    let Some(ptr) = item_ptr(db, item) else {
        return derived_syntax(db, item);
    };
    let root = parse(db, item.file(db)).syntax_node();
    ptr.resolve(&root)
        .map(|node: SyntaxNode| node.green().into_owned())
}

/// The tree of a file's outline: all items, and of bodies the braces only.
///
/// Keyed by file and symbols; read by what is said before bodies: item trees, signatures,
/// initialisers. Re-runs when an edit reaches out of bodies, or a file is broken outside of them.
#[salsa::tracked(no_eq, lru = 256)]
pub fn outline_parse(db: &dyn Db, file: FileId) -> Parse {
    syntax::parse(file.source(db).outline(db), file.env(db).symbols(db))
}

/// Item ids of an outline: those of the file, without items inside of bodies.
#[salsa::tracked]
pub fn outline_ast_id_map(db: &dyn Db, file: FileId) -> AstIdMap {
    AstIdMap::new(&outline_parse(db, file).syntax_node())
}

/// BARRIER 2 for signatures: the syntax of one item as its file's outline has it.
///
/// Keyed by item; read by the lowering of signatures and of constants. Edits of bodies do not
/// even make it look at the file. Ranges in it mean nothing outside of it; twin queries with
/// positions read [`item_syntax`]. An item inside of a body is in no outline: it is taken from
/// the file.
#[salsa::tracked]
pub fn outline_item_syntax(db: &dyn Db, item: ItemLoc) -> Option<GreenNode> {
    let file = item.file(db);
    match outline_ast_id_map(db, file).get(item.ast_id(db)) {
        Some(ptr) => ptr
            .resolve(&outline_parse(db, file).syntax_node())
            .map(|node: SyntaxNode| node.green().into_owned()),
        None => match derived_syntax_of_outline(db, item) {
            Some(green) => Some(green),
            None => item_syntax(db, item).clone(),
        },
    }
}

/// The lines (1-based) of the first words ([`crate::ast_id::keyword_offset`]) of a file's items:
/// the base that item-relative lines count from.
///
/// Keyed by file; read when debug information and panics are patched with absolute lines.
/// Re-runs with the file; equal unless a line before an item came or went.
#[salsa::tracked]
pub fn item_first_lines(db: &dyn Db, file: FileId) -> FxHashMap<AstId, u32> {
    let lines = line_index(db, file.source(db));
    let keywords = ast_id_map(db, file).keywords();
    keywords
        .map(|(id, offset)| (id, lines.line_col(offset).line + 1))
        .collect()
}

/// The line (1-based) of one item, by [`item_first_lines`]; 1 for an item that is gone.
pub fn item_first_line(db: &dyn Db, item: ItemLoc) -> u32 {
    let lines = item_first_lines(db, item.file(db));
    let line = lines.get(&item.ast_id(db)).copied();
    let of_origin = || lines.get(&derived_from(db, item)?.ast_id(db)).copied();
    line.or_else(of_origin).unwrap_or(1)
}

/// The column (0-based, in bytes) of an item's first byte. Re-runs with the file; equal unless
/// the item is indented anew, so line tables of bodies may read it.
#[salsa::tracked(returns(copy))]
pub fn item_column(db: &dyn Db, item: ItemLoc) -> u32 {
    let Some(range) = item_range(db, item) else {
        return 0;
    };
    line_index(db, item.file(db).source(db))
        .line_col(range.start())
        .col
}

/// Line starts of a file. Re-runs on every edit; read at the last moment only.
#[salsa::tracked(no_eq, lru = 256)]
pub fn line_index(db: &dyn Db, file: SourceFile) -> LineIndex {
    LineIndex::new(file.text(db))
}

fn item_ptr(db: &dyn Db, item: ItemLoc) -> Option<SyntaxNodePtr> {
    ast_id_map(db, item.file(db)).get(item.ast_id(db))
}

//! The queries next to the text.

use syntax::{GreenNode, Parse, SyntaxNode, SyntaxNodePtr, TextRange};

use crate::ast_id::keyword_offset;
use crate::{AstIdMap, Db, FileId, ItemLoc, LineIndex, SourceFile};

/// The tree of a file and its syntax errors.
///
/// Keyed by file and symbols; read by the three queries below and by tools that need positions.
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
    item_ptr(db, item).map(|ptr| ptr.range())
}

/// BARRIER 2: the syntax of one item, cut loose from its file.
///
/// Keyed by item; read by the lowering of signatures and bodies. Re-runs when the file changes,
/// and stops every change that happened elsewhere in the file, because green trees compare by
/// content and hold no positions.
#[salsa::tracked]
pub fn item_syntax(db: &dyn Db, item: ItemLoc) -> Option<GreenNode> {
    let ptr = item_ptr(db, item)?;
    let root = parse(db, item.file(db)).syntax_node();
    ptr.resolve(&root)
        .map(|node: SyntaxNode| node.green().into_owned())
}

/// The line (1-based) of an item's own first word ([`crate::ast_id::keyword_offset`]): the base
/// that item-relative lines count from. Read when debug information and panics are patched with
/// absolute lines; re-runs with the file.
#[salsa::tracked(returns(copy))]
pub fn item_first_line(db: &dyn Db, item: ItemLoc) -> u32 {
    let Some(range) = item_range(db, item) else {
        return 1;
    };
    let keyword = item_syntax(db, item)
        .as_ref()
        .map(|green| keyword_offset(&SyntaxNode::new_root(green.clone())))
        .unwrap_or_default();
    line_index(db, item.file(db).source(db))
        .line_col(range.start() + keyword)
        .line
        + 1
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

//! Spans.
//!
//! Below the tree every span is relative to its item ([`ItemRange`]): typing above a function
//! moves the item and nothing inside it, so no later result changes. `ide` and `diagnostics`
//! make [`FileRange`]s of them at the last moment.

use syntax::TextRange;

use crate::{Db, FileId, ItemLoc, derived_from, item_range};

/// A range relative to the start of an item's syntax node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ItemRange {
    pub item: ItemLoc,
    pub range: TextRange,
}

/// An absolute range of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FileRange {
    pub file: FileId,
    pub range: TextRange,
}

impl ItemRange {
    /// Where the range is now. An item that has vanished answers with the start of its file.
    pub fn resolve(self, db: &dyn Db) -> FileRange {
        let file = self.item.file(db);
        let around = item_range(db, self.item).unwrap_or_default();
        // Nothing inside of a derived item has a place of its own.
        if derived_from(db, self.item).is_some() {
            return FileRange {
                file,
                range: around,
            };
        }
        FileRange {
            file,
            range: self.range + around.start(),
        }
    }
}

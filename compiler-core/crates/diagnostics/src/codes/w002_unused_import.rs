//! W002: an import that nothing uses.

use base::Db;
use hir_def::module_map::ImportId;

use crate::codes::m001_imports::{binding, import_place, is_only_leaf};
use crate::place::{Draft, Place, item_node};

pub(crate) fn render(db: &dyn Db, import: ImportId) -> Draft {
    let name = binding(db, import).unwrap_or_default();
    let draft = Draft::warning(
        "W002",
        import_place(db, import),
        format!("Unused import `{name}`"),
    )
    .labelled("not used");
    match item_node(db, import.item) {
        Some(node) if is_only_leaf(db, import) => {
            let whole = Place::new(import.item, node.text_range());
            draft.replace("remove it", whole, "")
        }
        _ => draft.help("remove it from the list"),
    }
}

//! Uses of the name under the cursor in the same file.

use hir::Role;
use syntax::TextRange;

use crate::FilePos;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Highlight {
    pub range: TextRange,
    pub is_write: bool,
}

pub fn highlights(pos: FilePos<'_>) -> Vec<Highlight> {
    let view = pos.view;
    let source = view.file.source(view.db);
    let found = hir::find_definition_at(view.db, view.package, source, pos.offset);
    let Some(found) = found else {
        return Vec::new();
    };
    let name = found.def.name(view.db);
    let uses = hir::search::references_in(view.db, view.package, view.file, found.def, &name);
    let convert = |(at, role): (base::FileRange, Role)| Highlight {
        range: at.range,
        is_write: role != Role::Use,
    };
    uses.into_iter().map(convert).collect()
}

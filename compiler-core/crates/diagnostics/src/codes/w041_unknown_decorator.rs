//! W041: a decorator that nobody knows.

use base::{Db, ItemLoc};
use hir_def::Name;
use syntax::ast::{AstNode, Decorator};

use crate::place::{Draft, Place, item_node};

/// Those that are often misspelt: candidates for "did you mean".
const COMMON: &[&str] = &[
    "allow",
    "bench",
    "cold",
    "deny",
    "deprecated",
    "derive",
    "doc",
    "export",
    "extern",
    "flags",
    "hot",
    "ignore",
    "inline",
    "link",
    "lowlevel",
    "must_use",
    "noinline",
    "post",
    "pre",
    "repr",
    "test",
    "thread_local",
    "timeout",
    "track_caller",
    "unless",
    "warn",
    "when",
];

/// The reports for an item's decorators of these names.
pub(crate) fn render(db: &dyn Db, item: ItemLoc, unknown: &[Name]) -> Vec<Draft> {
    let Some(node) = item_node(db, item) else {
        return Vec::new();
    };
    let decorators = node.children().filter_map(Decorator::cast);
    let drafts = decorators.filter_map(|decorator| {
        let name = decorator
            .name_text()
            .filter(|name| unknown.iter().any(|it| it == name))?;
        let place = Place::new(item, decorator.path()?.syntax().text_range());
        let draft = Draft::warning("W041", place, format!("Unknown decorator `@{name}`"))
            .labelled("has no effect");
        let nearest = hir_def::suggest::nearest(&name, COMMON.iter().copied());
        Some(draft.nearest(place, nearest))
    });
    drafts.collect()
}

//! Errors of instances and of whole programs: C001–C010, T060.

use base::{Db, FileId, Package};
use mono::{MonoError, MonoErrorKind};

use crate::place::{Draft, Place, item_name_place};

/// `None` for what is reported elsewhere, or has no place at all.
pub(crate) fn render(db: &dyn Db, package: Package, error: &MonoError) -> Option<Draft> {
    let place = match error.item {
        Some(item) => item_name_place(db, item),
        None => Place::File(root_file(db, package)?),
    };
    let draft = Draft::error(error.code(), place, capitalised(&error.message()));
    Some(match &error.kind {
        MonoErrorKind::BrokenBody { .. } | MonoErrorKind::Unresolved { .. } => return None,
        MonoErrorKind::NoMain { package } => Draft::error(
            "C008",
            place,
            format!("Missing entry point: package `{package}` has no function `main`"),
        )
        .help("add one: `func main() { … }`"),
        MonoErrorKind::BadMain { reason } => {
            Draft::error("T051", place, format!("Wrong signature: `main` {reason}"))
                .help("`main` takes nothing and returns nothing, `I32`, or an `Outcome[Unit, E]`")
        }
        MonoErrorKind::InstantiationLimit { .. } => draft
            .labelled("its type arguments grow with each call")
            .help("a generic function must not call itself with larger types"),
        MonoErrorKind::NotConstant { name } => Draft::error(
            "T063",
            place,
            format!("Not a constant expression: the initialiser of `{name}`"),
        )
        .labelled("not known while compiling"),
        MonoErrorKind::Unsupported { what } => super::p065_unsupported::unsupported(place, what),
        _ => draft,
    })
}

fn root_file(db: &dyn Db, package: Package) -> Option<FileId> {
    let source = package
        .root(db)
        .files(db)
        .get(package.root_file(db))
        .copied()?;
    Some(FileId::new(db, source, package.env(db)))
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// An error that [`render`] keeps silent because the body's own diagnostics say it, for the case
/// that there are none: then the mistake is ours, and no program may be made.
pub(crate) fn render_unreported(db: &dyn Db, package: Package, error: &MonoError) -> Option<Draft> {
    if !matches!(
        error.kind,
        MonoErrorKind::BrokenBody { .. } | MonoErrorKind::Unresolved { .. }
    ) {
        return None;
    }
    let place = match error.item {
        Some(item) => item_name_place(db, item),
        None => Place::File(root_file(db, package)?),
    };
    let message = format!(
        "Internal compiler error: accepted, but not compiled: {}",
        error.message()
    );
    Some(
        Draft::error("C009", place, message)
            .note("this is a bug of the compiler, not of the program"),
    )
}

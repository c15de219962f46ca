//! Paths outside imports that mean nothing: T002, M002, T015, M006, M007, M011, T052.

use base::Db;
use hir_def::diagnostics::Candidate;
use hir_def::resolver::{PathError, PathErrorKind};

use crate::codes::m001_imports::{filter_place, import_place};
use crate::place::{Draft, Place};
use crate::text::{def_place, describe, kind};

/// `what` is what the path should have named: `type`. `place` is the segment that failed.
pub(crate) fn path_error(
    db: &dyn Db,
    place: Place,
    error: &PathError,
    what: &str,
) -> Option<Draft> {
    Some(match &error.kind {
        PathErrorKind::NotFound { name, nearest } => {
            Draft::error("T002", place, format!("Unknown {what} `{name}`"))
                .labelled("nothing of this name is in scope")
                .nearest(place, nearest.as_ref())
        }
        PathErrorKind::WrongNamespace { def } => Draft::error(
            "T002",
            place,
            format!("Unknown {what}: {} is no {what}", describe(db, *def)),
        )
        .labelled(format!("this is a {}", kind(*def)))
        .label_opt(def_place(db, *def), "declared here"),
        PathErrorKind::Private { def } => Draft::error(
            "T015",
            place,
            format!("Private {} is not accessible here", describe(db, *def)),
        )
        .labelled("private")
        .label_opt(def_place(db, *def), "declared here")
        .help("make it `pub`"),
        PathErrorKind::Ambiguous { candidates } => {
            let name = place.text(db).unwrap_or_default();
            ambiguous(db, place, &name, candidates)
        }
        PathErrorKind::FilteredOut { name, filter } => Draft::error(
            "M011",
            place,
            format!("Name `{name}` is filtered out by its import"),
        )
        .labelled("not let through")
        .label(filter_place(db, *filter), "by this filter")
        .help(format!("add `{name}` to `show`, or drop it from `hide`")),
        PathErrorKind::SuperBeyondRoot => super_beyond_root(place),
        PathErrorKind::NoThis => {
            Draft::error("T052", place, "`This` outside an `impl`, behavior or type")
                .labelled("there is no type around")
        }
    })
}

pub(crate) fn super_beyond_root(place: Place) -> Draft {
    Draft::error("M007", place, "`super` beyond the root of the package")
        .labelled("the root module has no module around")
}

/// M006
pub(crate) fn ambiguous(db: &dyn Db, place: Place, name: &str, candidates: &[Candidate]) -> Draft {
    let mut draft = Draft::error(
        "M006",
        place,
        format!("Ambiguous name `{name}`: several imports have it"),
    )
    .labelled("which one?");
    for candidate in candidates {
        let from = candidate.import.map(|import| import_place(db, import));
        let from = from.or_else(|| def_place(db, candidate.def));
        draft = draft.label_opt(from, format!("brings {}", describe(db, candidate.def)));
    }
    draft.help(format!(
        "import the one that is meant by name: `use …::{name}`"
    ))
}

/// Something found, but private; from bodies, where only the name is known.
pub(crate) fn private(place: Place, name: &str) -> Draft {
    Draft::error(
        "T015",
        place,
        format!("Private item `{name}` is not accessible here"),
    )
    .labelled("private")
    .help("make it `pub`")
}

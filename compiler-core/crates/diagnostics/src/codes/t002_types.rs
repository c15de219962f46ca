//! T002 and the other errors of types as written: T003, T006, T035, T039, T060–T066.

use base::Db;
use hir_def::body::PatId;
use hir_def::resolver::{PathError, PathErrorKind};
use hir_def::{GenericDef, ModuleId, Name};
use hir_ty::{LowerError, LowerErrorKind, names};

use crate::body_ctx::BodyCtx;
use crate::codes::{m004_paths, p065_unsupported, t004_arguments, t060_constants};
use crate::place::{Draft, Place};
use crate::text::{generic_def_place, is_unbound};

/// Whether an error only follows from a failed import.
fn follows_from_import(db: &dyn Db, module: ModuleId, error: &LowerError) -> bool {
    match &error.kind {
        LowerErrorKind::Path(PathError {
            segment: 0,
            kind: PathErrorKind::NotFound { name, .. },
        }) => is_unbound(db, module, name),
        _ => false,
    }
}

/// Finds the n-th segment of a written type, or all of it.
pub(crate) type SegmentOf<'a> = dyn Fn(Option<usize>) -> Place + 'a;

/// An error of a written type; `None` for what is reported elsewhere.
pub(crate) fn lower_error(
    db: &dyn Db,
    module: ModuleId,
    error: &LowerError,
    at: &SegmentOf<'_>,
) -> Option<Draft> {
    if follows_from_import(db, module, error) {
        return None;
    }
    let place = at(None);
    Some(match &error.kind {
        LowerErrorKind::Path(error) => {
            return m004_paths::path_error(db, at(Some(error.segment)), error, "type");
        }
        LowerErrorKind::NotAType { name } => {
            Draft::error("T002", place, format!("Unknown type: `{name}` is no type"))
                .labelled("a type is needed here")
        }
        LowerErrorKind::NotABehavior { name } => Draft::error(
            "T002",
            place,
            format!("Unknown behavior: `{name}` is no behavior"),
        )
        .labelled("a behavior is needed here"),
        LowerErrorKind::BehaviorAsType { behavior } => {
            let def = GenericDef::Behavior(*behavior);
            let name = names::item_name(db, def);
            Draft::error(
                "T002",
                place,
                format!("Unknown type: `{name}` is a behavior"),
            )
            .labelled("a type is needed here")
            .label(generic_def_place(db, def), "declared here")
            .help(format!(
                "make the function generic: `[T: {name}]`, with `T` as the type"
            ))
        }
        LowerErrorKind::ArgCount {
            def,
            expected,
            found,
        } => t004_arguments::type_arg_count(db, place, *def, *expected, *found),
        LowerErrorKind::ConstArg { expected_const } => {
            let (want, have) = match expected_const {
                true => ("a constant", "a type"),
                false => ("a type", "a constant"),
            };
            Draft::error(
                "T039",
                place,
                format!("Generic argument mismatch: expected {want}, found {have}"),
            )
            .labelled(format!("expected {want}"))
        }
        LowerErrorKind::NoAssoc { ty, name, nearest } => {
            let shown = ty.display(db).to_string();
            Draft::error(
                "T035",
                place,
                format!("Associated type `{name}` of `{shown}` is missing"),
            )
            .labelled("no behavior of it declares this type")
            .nearest(at(Some(1)), nearest.as_ref())
        }
        LowerErrorKind::AmbiguousAssoc { name, candidates } => {
            let mut draft = Draft::error(
                "T035",
                place,
                format!("Associated type `{name}` is ambiguous"),
            )
            .labelled("several bounds declare it");
            for candidate in candidates {
                let def = GenericDef::Behavior(*candidate);
                draft = draft.label(generic_def_place(db, def), "a candidate");
            }
            draft.help(format!("name the behavior: `(T as Behavior)::{name}`"))
        }
        LowerErrorKind::UnknownLifetime { name } => {
            Draft::error("T087", place, format!("Unknown lifetime `{name}`"))
                .labelled(format!("`{name}` is not declared"))
                .help(format!("declare it: `[life {name}]`"))
                .help("`static` is the one lifetime that needs no declaration")
        }
        LowerErrorKind::Hole => Draft::error(
            "T003",
            place,
            "Missing type: `_` stands for an inferred type, and declarations have none",
        )
        .labelled("write the type"),
        LowerErrorKind::Const(error) => return t060_constants::error(db, place, error),
        LowerErrorKind::CyclicAlias => Draft::error(
            "T085",
            place,
            "Type alias of infinite size: it contains itself",
        )
        .labelled("needs itself")
        .help("declare a struct or an enum, with the inner value behind a pointer"),
        LowerErrorKind::ExtraObjectBound { behavior } => {
            super::t033_objects::extra_bound(db, place, *behavior)
        }
        LowerErrorKind::Unsupported(feature) => p065_unsupported::unsupported(place, feature),
    })
}

/// A name in a pattern that is no variant, struct or constant.
pub(crate) fn unresolved_pattern(
    ctx: &BodyCtx<'_>,
    pat: PatId,
    name: &str,
    nearest: &Option<Name>,
) -> Draft {
    let place = ctx.pat_name(pat);
    Draft::error(
        "T002",
        place,
        format!("Unknown variant or constant `{name}` in a pattern"),
    )
    .labelled("nothing of this name can be matched")
    .nearest(place, nearest.as_ref())
}

//! Levels of warnings (errors.md §1.3): groups, and what `@allow` and its like say on an
//! element. Levels of the command line and the manifest are applied where diagnostics are shown.

use base::Db;
use hir_def::attrs::{Attrs, LintLevel};
use hir_def::signatures as s;
use hir_def::{BodyOwner, ContainerId};

use crate::Severity;
use crate::explain::{CODES, DefaultLevel};
use crate::place::Draft;

/// Groups of warnings by name (errors.md §10).
pub const GROUPS: &[(&str, &[&str])] = &[
    ("unused", &["W002", "W003", "W005", "W006", "W008", "W012"]),
    (
        "correctness",
        &[
            "W004", "W009", "W016", "W017", "W033", "W034", "W035", "W042", "W044", "W045", "W046",
        ],
    ),
    (
        "style",
        &[
            "W007", "W013", "W014", "W015", "W019", "W020", "W021", "W022", "W023", "W024", "W025",
            "W026", "W043",
        ],
    ),
    ("performance", &["W018", "W037"]),
    ("security", &["W030", "W032", "W036"]),
    ("deprecated", &["W010", "W011"]),
];

/// Whether a code or a group's name covers a code.
pub fn covers(name: &str, code: &str) -> bool {
    name.eq_ignore_ascii_case(code)
        || GROUPS
            .iter()
            .any(|(group, codes)| *group == name && codes.contains(&code))
}

/// Whether a lint is off unless somebody asks for it.
pub fn is_off(code: &str) -> bool {
    CODES
        .iter()
        .any(|info| info.code == code && info.level == DefaultLevel::Off)
}

/// Whether `--strict`, or `lowlevel = "marked"` in a manifest, makes a warning an error, which
/// nothing can silence.
pub fn is_strict(code: &str) -> bool {
    matches!(code, "W030" | "W032" | "W041")
}

/// Drops and raises warnings as the element around says. The innermost word counts.
pub(crate) fn apply(db: &dyn Db, owner: BodyOwner, drafts: &mut Vec<Draft>) {
    if drafts.iter().all(Draft::is_error) {
        return;
    }
    let levels = levels_of(db, owner);
    for draft in drafts.iter_mut() {
        draft.is_silent = is_off(draft.code)
            && !levels
                .iter()
                .any(|(level, name)| *level != LintLevel::Allow && covers(name, draft.code));
    }
    if levels.is_empty() {
        return;
    }
    let level = |code: &str| {
        levels
            .iter()
            .find(|(_, name)| covers(name, code))
            .map(|it| it.0)
    };
    // What `--strict` or the manifest makes an error stays, unseen until they do.
    let is_allowed =
        |draft: &Draft| !draft.is_error() && level(draft.code) == Some(LintLevel::Allow);
    drafts.retain(|draft| !is_allowed(draft) || is_strict(draft.code));
    for draft in drafts.iter_mut().filter(|draft| is_allowed(draft)) {
        draft.is_silent = true;
    }
    for draft in drafts.iter_mut().filter(|draft| !draft.is_error()) {
        if level(draft.code) == Some(LintLevel::Deny) {
            draft.severity = Severity::Error;
        }
    }
}

/// The words on a body's element and on those around it, innermost first, last before first.
fn levels_of(db: &dyn Db, owner: BodyOwner) -> Vec<(LintLevel, hir_def::Name)> {
    let mut out = Vec::new();
    let mut add = |attrs: &Attrs| out.extend(attrs.levels.iter().rev().cloned());
    match owner {
        BodyOwner::Func(id) => add(&s::func_signature(db, id).attrs),
        BodyOwner::Const(id) => add(&s::const_data(db, id).attrs),
        BodyOwner::Static(id) => add(&s::static_data(db, id).attrs),
        BodyOwner::AnonConst(_) => {}
    }
    let mut container = owner.container(db);
    // Bodies nest no deeper than blocks do.
    for _ in 0..hir_def::body::DEPTH_MAX {
        container = match container {
            ContainerId::Impl(id) => {
                add(&s::impl_data(db, id).attrs);
                id.container(db)
            }
            ContainerId::Behavior(id) => {
                add(&s::behavior_data(db, id).attrs);
                id.container(db)
            }
            ContainerId::Block(id) => {
                if let BodyOwner::Func(func) = id.owner(db) {
                    add(&s::func_signature(db, func).attrs);
                }
                id.owner(db).container(db)
            }
            ContainerId::Class(id) => {
                add(&s::class_data(db, id).attrs);
                id.container(db)
            }
            ContainerId::Module(_) => break,
        };
    }
    out
}

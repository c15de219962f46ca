//! All diagnostics of a file, a package, a program.
//!
//! A finding is rendered once, in the query of the body or declaration that it belongs to, with
//! places relative to items. [`file_diagnostics`] makes the places absolute. An edit inside one
//! function therefore renders that function's findings again and looks at memos for the rest.

mod bodies;
mod imports;
mod items;
mod signatures;
mod unknown;

use std::sync::Arc;

use base::{Db, FileId, FileRange, Package, item_range, parse};
use hir_def::module_map::{ModuleOrigin, module_map};
use hir_def::{BodyOwner, FuncId, ModuleId};
use rustc_hash::FxHashSet;
use syntax::{SyntaxError, SyntaxKind, TextRange};

use crate::codes::{
    c004_instances, m001_imports, p065_unsupported, t008_duplicates, t027_implementations,
    t088_lowlevel,
};
use crate::levels;
use crate::lints::parentheses;
use crate::place::{Draft, item_name_place};
use crate::{Applicability, Diagnostic, Severity};

use bodies::body_drafts;
use imports::unused_imports;
use items::file_items;
use signatures::signature_drafts;

/// Everything wrong with a file as part of a package, in the order of the text.
///
/// Keyed by package and file; read by editors and by [`package_diagnostics`]. Re-runs on every
/// edit of the file, and costs the file's definitions in memo lookups; bodies of other files are
/// not touched.
#[salsa::tracked(returns(clone))]
pub fn file_diagnostics(db: &dyn Db, package: Package, file: FileId) -> Arc<[Diagnostic]> {
    let errors = parse(db, file).errors();
    let broken: Vec<TextRange> = errors
        .iter()
        .filter(|error| !error.is_warning())
        .map(|error| broken_range(db, file, error))
        .collect();
    let mut out: Vec<Diagnostic> = errors.iter().map(|error| of_syntax(file, error)).collect();
    let resolve = |draft: &Draft| draft.clone().map_places(|place| place.resolve(db));
    let of_modules = module_drafts(db, package, file);
    out.extend(of_modules.iter().map(resolve));
    if broken.is_empty() && !of_modules.iter().any(Draft::is_error) {
        out.extend(unused_imports(db, package, file).iter().map(resolve));
    }
    let items = file_items(db, package, file);
    if errors
        .iter()
        .any(|error| !error.is_warning() && !is_inside_of_a_body(db, file, error))
    {
        // Nobody knows what the items are (errors.md §1.4).
        t088_lowlevel::apply(db, package, file, &mut out);
        return finish(out).into();
    }
    // What follows from a syntax error is not worth a report of its own.
    let is_broken = |range: TextRange| broken.iter().any(|at| touches(range, *at));
    let of_declarations = declaration_drafts(db, package, file).iter().map(resolve);
    out.extend(of_declarations.filter(|it| !is_broken(it.primary.range.range)));
    for def in &items.defs {
        let drafts = signature_drafts(db, *def).iter().map(resolve);
        out.extend(drafts.filter(|it| !is_broken(it.primary.range.range)));
    }
    let wrong_main = wrong_main(db, package);
    for owner in &items.owners {
        db.unwind_if_revision_cancelled();
        if !broken.is_empty() && item_range(db, owner.item(db)).is_some_and(is_broken) {
            continue;
        }
        let drafts = body_drafts(db, *owner).iter();
        // Nobody wrote what a decorator stands for: only what makes it impossible is news.
        let is_derived = base::derived_from(db, owner.item(db)).is_some();
        let drafts = drafts.filter(|draft| !is_derived || draft.is_error());
        // What a `main` of a wrong type returns is no second mistake.
        let is_wrong_main = wrong_main.is_some_and(|main| *owner == BodyOwner::Func(main));
        let drafts = drafts.filter(|draft| !is_wrong_main || draft.code != "T016");
        out.extend(drafts.map(resolve));
        if !is_derived && broken.is_empty() {
            let mut drafts = parentheses::find(db, owner.item(db)).clone();
            levels::apply(db, *owner, &mut drafts);
            out.extend(drafts.iter().map(resolve));
        }
    }
    t088_lowlevel::apply(db, package, file, &mut out);
    out.retain(|it| !it.is_silent);
    finish(out).into()
}

/// The lints of a package that are off by default, for builds that ask for them.
pub fn silent_diagnostics(db: &dyn Db, package: Package) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    for file in package_files(db, package) {
        db.unwind_if_revision_cancelled();
        for owner in &file_items(db, package, file).owners {
            let drafts = body_drafts(db, *owner).iter();
            let silent = drafts.filter(|draft| draft.is_silent);
            if base::derived_from(db, owner.item(db)).is_none() {
                out.extend(silent.map(|draft| draft.clone().map_places(|it| it.resolve(db))));
            }
        }
    }
    finish(out)
}

/// Everything wrong with the files of a package, file by file in the order of its modules. See
/// [`crate::sort`] for that of the output.
///
/// Keyed by package; read by builds. After an edit it asks every file of the package again, and
/// re-runs for those that changed.
#[salsa::tracked(returns(clone))]
pub fn package_diagnostics(db: &dyn Db, package: Package) -> Arc<[Diagnostic]> {
    let mut out = Vec::new();
    for file in package_files(db, package) {
        db.unwind_if_revision_cancelled();
        out.extend(file_diagnostics(db, package, file).iter().cloned());
    }
    unknown::merge(out).into()
}

/// What instantiation and planning found (errors.md §8), in order of the plan.
pub fn plan_diagnostics(
    db: &dyn Db,
    package: Package,
    plan: &mono::ProgramPlan,
) -> Vec<Diagnostic> {
    dedup(plan_errors(db, plan, |error| {
        c004_instances::render(db, package, error)
    }))
}

/// What of a plan cannot be made although checking found nothing wrong: C009. Empty unless the
/// compiler is at fault.
pub fn unreported_plan_errors(
    db: &dyn Db,
    package: Package,
    plan: &mono::ProgramPlan,
) -> Vec<Diagnostic> {
    plan_errors(db, plan, |error| {
        c004_instances::render_unreported(db, package, error)
    })
}

fn plan_errors(
    db: &dyn Db,
    plan: &mono::ProgramPlan,
    render: impl Fn(&mono::MonoError) -> Option<Draft>,
) -> Vec<Diagnostic> {
    let drafts = plan.errors.iter().filter_map(render);
    drafts
        .map(|draft| draft.map_places(|place| place.resolve(db)))
        .collect()
}

/// The files that belong to modules of a package, and those that should.
fn package_files(db: &dyn Db, package: Package) -> Vec<FileId> {
    let mut files: Vec<FileId> = Vec::new();
    let map = module_map(db, package);
    let of_modules = map
        .modules
        .values()
        .filter_map(|module| match module.origin {
            ModuleOrigin::File(file)
            | ModuleOrigin::Inline(file, _)
            | ModuleOrigin::Class(file, _) => Some(file),
            ModuleOrigin::Implied => None,
        });
    let of_findings = all_module_drafts(db, package)
        .iter()
        .map(|draft| draft.primary.range.file(db));
    let mut seen = FxHashSet::default();
    files.extend(
        of_modules
            .chain(of_findings)
            .filter(|file| seen.insert(*file)),
    );
    files
}

/// Findings about modules, imports and duplicate items of a package.
///
/// Keyed by package. Re-runs when an item tree of the package changes.
#[salsa::tracked]
fn all_module_drafts(db: &dyn Db, package: Package) -> Box<[Draft]> {
    let diagnostics = module_map(db, package).diagnostics.iter();
    diagnostics
        .filter_map(|diagnostic| m001_imports::render(db, diagnostic))
        .collect()
}

/// The names that failed imports would have bound: uses of them follow from the import.
///
/// Keyed by package. Re-runs with the module map's findings.
#[salsa::tracked]
pub(crate) fn unbound_names(db: &dyn Db, package: Package) -> Vec<(ModuleId, String)> {
    let failed = module_map(db, package)
        .diagnostics
        .iter()
        .flat_map(m001_imports::failed_import);
    failed
        .filter_map(|import| Some((import.module, m001_imports::binding(db, import)?)))
        .collect()
}

/// Those of one file. Stops changes in others.
#[salsa::tracked]
fn module_drafts(db: &dyn Db, package: Package, file: FileId) -> Box<[Draft]> {
    let all = all_module_drafts(db, package).iter();
    let mut out: Vec<Draft> = all
        .filter(|draft| draft.primary.range.file(db) == file)
        .cloned()
        .collect();
    let items = file_items(db, package, file);
    for (first, second, name) in &items.duplicates {
        out.push(t008_duplicates::items(db, *first, *second, name));
    }
    let modules = items.local_modules.iter();
    out.extend(modules.map(|item| {
        let place = item_name_place(db, *item);
        p065_unsupported::unsupported(place, "a module inside of a function")
    }));
    for owner in &items.owners {
        let failed = hir_def::block_names::failed_local_imports(db, *owner).iter();
        out.extend(failed.filter_map(|it| m001_imports::render(db, it)));
    }
    out.into()
}

/// Findings about the declarations of one file that concern more than what is written in one:
/// implementations against behaviors, layouts, `main`.
///
/// Keyed by package and file. Re-runs when declarations of the package change.
#[salsa::tracked]
fn declaration_drafts(db: &dyn Db, package: Package, file: FileId) -> Box<[Draft]> {
    let modules = module_map(db, package).modules.keys();
    let findings = modules.flat_map(|module| hir_ty::module_diagnostics(db, *module).iter());
    let owners = file_items(db, package, file).owners.iter();
    let local = owners.flat_map(|owner| hir_ty::local_item_diagnostics(db, *owner).iter());
    findings
        .chain(local)
        .filter_map(|finding| {
            let draft = t027_implementations::render(db, finding)?;
            let mut drafts = vec![draft];
            // Its declaration may say that it is meant.
            if let hir_ty::ItemDiagnostic::Hides { func, .. } = finding {
                crate::levels::apply(db, BodyOwner::Func(*func), &mut drafts);
            }
            drafts.pop()
        })
        .filter(|draft| draft.primary.range.file(db) == file)
        .collect()
}

/// The `main` of a package, if its signature is none for it (T051).
fn wrong_main(db: &dyn Db, package: Package) -> Option<FuncId> {
    let root = module_map(db, package).root;
    let mut findings = hir_ty::module_diagnostics(db, root).iter();
    findings.find_map(|finding| match finding {
        hir_ty::ItemDiagnostic::MainSignature { func } => Some(*func),
        _ => None,
    })
}

fn of_syntax(file: FileId, error: &SyntaxError) -> Diagnostic {
    let at = |range: TextRange| FileRange { file, range };
    let severity = if error.is_warning() {
        Severity::Warning
    } else {
        Severity::Error
    };
    let mut out = Diagnostic::new(error.code, severity, at(error.range), error.message.clone());
    for (range, text) in &error.labels {
        out = out.label(at(*range), text.clone());
    }
    out.notes = error.notes.clone();
    for fix in &error.fixes {
        let edits = fix
            .edits
            .iter()
            .map(|(range, text)| (at(*range), text.clone()))
            .collect();
        let applicability = match fix.is_machine_applicable {
            true => Applicability::Always,
            false => Applicability::Maybe,
        };
        out = out.fix(fix.title.clone(), edits, applicability);
    }
    out
}

/// Whether a syntax error leaves the items of its file as they are.
fn is_inside_of_a_body(db: &dyn Db, file: FileId, error: &SyntaxError) -> bool {
    if error.code.starts_with('L') {
        return !matches!(error.code, "L006" | "L010" | "L015");
    }
    let root = parse(db, file).syntax_node();
    let Some(token) = root.token_at_offset(error.range.start()).right_biased() else {
        return false;
    };
    // A brace without its partner has swallowed the items behind it.
    let is_unclosed = error.code == "P008" && token.kind() == SyntaxKind::L_CURLY;
    let mut around = token.parent_ancestors().map(|node| node.kind());
    !is_unclosed && around.any(|kind| kind == SyntaxKind::BLOCK)
}

/// What follows from a syntax error lies here: of one that swallows the rest of the file, from the
/// token before it to the end.
fn broken_range(db: &dyn Db, file: FileId, error: &SyntaxError) -> TextRange {
    if !matches!(error.code, "L006" | "L010" | "L015") {
        return error.range;
    }
    let root = parse(db, file).syntax_node();
    let mut before = root.token_at_offset(error.range.start()).left_biased();
    while let Some(token) = before.as_ref().filter(|it| it.kind().is_trivia()) {
        before = token.prev_token();
    }
    let start = before.map_or(error.range.start(), |token| token.text_range().start());
    TextRange::new(start.min(error.range.start()), root.text_range().end())
}

fn touches(a: TextRange, b: TextRange) -> bool {
    a.intersect(b).is_some()
}

fn finish(mut out: Vec<Diagnostic>) -> Vec<Diagnostic> {
    out.sort_by_key(|it| {
        let range = it.primary.range.range;
        (range.start(), range.end(), it.code)
    });
    dedup(out)
}

/// One report for one place and code: the first.
fn dedup(mut out: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut seen = FxHashSet::default();
    out.retain(|it| seen.insert((it.primary.range, it.code)));
    out
}

//! Imports that nothing uses (W002).
//!
//! A name counts as used if it is written anywhere in the files that can see the import, outside
//! of `use`. That may miss an unused import, and never reports a used one.

use base::{Db, FileId, Package, parse};
use hir_def::module_map::{ImportId, ModuleData, ModuleOrigin, Namespace, is_within, module_map};
use hir_def::resolver::names_in_module;
use hir_def::{ModuleDef, ModuleId, Visibility};
use rustc_hash::FxHashSet;
use smol_str::SmolStr;
use syntax::{SyntaxKind, WalkEvent};

use crate::codes::{m001_imports, w002_unused_import};
use crate::place::Draft;

/// Keyed by package and file. Re-runs when the module map changes, or the set of names written
/// in a file that sees an import of this one.
#[salsa::tracked]
pub(super) fn unused_imports(db: &dyn Db, package: Package, file: FileId) -> Box<[Draft]> {
    let map = module_map(db, package);
    let mut out = Vec::new();
    for (id, module) in &map.modules {
        let imports = module
            .all_imports
            .iter()
            .filter(|import| import.item.file(db) == file);
        let imports: Vec<ImportId> = imports.copied().collect();
        if imports.is_empty() {
            continue;
        }
        let inside = map
            .modules
            .iter()
            .filter(|(inner, _)| is_within(db, **inner, *id));
        let files: FxHashSet<FileId> = inside.filter_map(|(_, data)| file_of(data)).collect();
        // From other files the import is reached through `super::` and its like only.
        let is_written = |name: &str| {
            files.iter().any(|other| {
                let mentions = mentions(db, *other);
                let names = if *other == file {
                    &mentions.names
                } else {
                    &mentions.qualified
                };
                names.contains(name)
            })
        };
        for import in imports {
            if is_unused(db, *id, module, import, &is_written) {
                out.push(w002_unused_import::render(db, import));
            }
        }
    }
    out.into()
}

fn file_of(module: &ModuleData) -> Option<FileId> {
    match module.origin {
        ModuleOrigin::File(file) | ModuleOrigin::Inline(file, _) | ModuleOrigin::Class(file, _) => {
            Some(file)
        }
        ModuleOrigin::Implied => None,
    }
}

fn is_unused(
    db: &dyn Db,
    id: ModuleId,
    module: &ModuleData,
    import: ImportId,
    is_written: &dyn Fn(&str) -> bool,
) -> bool {
    // Globs, `as _`, and imports that failed bind no name of their own.
    let Some(name) = m001_imports::binding(db, import) else {
        return false;
    };
    if is_written(&name) {
        return false;
    }
    let entries = [Namespace::Types, Namespace::Values].map(|ns| module.imports.get(&name, ns));
    let mut own = entries
        .into_iter()
        .flatten()
        .filter(|it| it.import == Some(import))
        .peekable();
    own.peek().is_some()
        && own.all(|entry| {
            entry.visibility == Visibility::Module(id)
                && match entry.def {
                    // Its methods may be called.
                    ModuleDef::Behavior(_) | ModuleDef::Class(_) => false,
                    // `use test` marks a test file; all that it brings is in the prelude, too.
                    ModuleDef::Module(target) if target.package(db).name(db) == "test" => false,
                    // What is in it comes along.
                    ModuleDef::Module(target) => [Namespace::Types, Namespace::Values]
                        .into_iter()
                        .flat_map(|ns| names_in_module(db, target, ns, id))
                        .all(|(name, def)| {
                            !matches!(def, ModuleDef::Behavior(_)) && !is_written(&name)
                        }),
                    ModuleDef::Enum(target) => hir_def::signatures::enum_data(db, target)
                        .variants
                        .iter()
                        .all(|variant| !is_written(&variant.name)),
                    _ => true,
                }
        })
}

/// Names written in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Mentions {
    /// Outside of `use`.
    names: FxHashSet<SmolStr>,
    /// Behind `::`, also in `use`.
    qualified: FxHashSet<SmolStr>,
}

/// What a file mentions.
///
/// Keyed by file. Re-runs on every edit of it, in one walk over its tokens; equal unless a name
/// is written for the first time or the last mention of one goes.
#[salsa::tracked]
fn mentions(db: &dyn Db, file: FileId) -> Mentions {
    let mut out = Mentions::default();
    let mut in_use = 0;
    let mut is_qualified = false;
    for event in parse(db, file).syntax_node().preorder_with_tokens() {
        let element = match event {
            WalkEvent::Enter(element) => element,
            WalkEvent::Leave(element) => {
                in_use -= u32::from(element.kind() == SyntaxKind::USE);
                continue;
            }
        };
        in_use += u32::from(element.kind() == SyntaxKind::USE);
        let Some(token) = element.as_token().filter(|token| !token.kind().is_trivia()) else {
            continue;
        };
        if token.kind() == SyntaxKind::IDENT {
            if in_use == 0 {
                add(&mut out.names, token.text());
            }
            if is_qualified {
                add(&mut out.qualified, token.text());
            }
        }
        // Behind `::` or inside its group `{a, b}`.
        let is_group =
            in_use > 0 && matches!(token.kind(), SyntaxKind::L_CURLY | SyntaxKind::COMMA);
        is_qualified = token.kind() == SyntaxKind::COLON2 || is_group;
    }
    out
}

fn add(names: &mut FxHashSet<SmolStr>, name: &str) {
    if !names.contains(name) {
        names.insert(SmolStr::new(name));
    }
}

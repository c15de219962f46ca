//! M001–M012, W045: imports, their filters, and the files of modules.

use base::{Db, ItemLoc};
use hir_def::ModuleId;
use hir_def::diagnostics::DefDiagnostic;
use hir_def::module_map::ImportId;
use syntax::TextRange;
use syntax::ast::{self, AstNode, PathSegmentKind};

use crate::codes::{m004_paths, t008_duplicates};
use crate::place::{Draft, Place, item_name_place, item_node};
use crate::text::{def_place, describe, name as def_name};

/// `None` for a chain of nothing, which there is not.
pub(crate) fn render(db: &dyn Db, diagnostic: &DefDiagnostic) -> Option<Draft> {
    Some(match diagnostic {
        DefDiagnostic::UnresolvedImport {
            import,
            segment,
            name,
            nearest,
        } => {
            let place = segment_place(db, *import, *segment);
            Draft::error(
                "M001",
                place,
                format!(
                    "Unresolved import: {} has no `{name}`",
                    before(db, *import, *segment)
                ),
            )
            .labelled("not found")
            .nearest(place, nearest.as_ref())
        }
        DefDiagnostic::UnknownSegment {
            import,
            segment,
            name,
            nearest,
        } => {
            let place = segment_place(db, *import, *segment);
            let draft = Draft::error("M002", place, format!("Unknown module or package `{name}`"))
                .labelled("not found")
                .nearest(place, nearest.as_ref());
            match (segment, nearest) {
                (0, None) => draft.help(format!(
                    "if `{name}` is a package, add it to the dependencies in `tml.toml`"
                )),
                _ => draft,
            }
        }
        DefDiagnostic::TwoFiles {
            module,
            first,
            second,
        } => {
            let path = module_path(db, *module);
            let other = first.source(db).name(db);
            Draft::error(
                "M003",
                Place::File(*second),
                format!("Two files for module `{path}`"),
            )
            .labelled("this file is not used")
            .label(Place::File(*first), "this one is")
            .help(format!("keep one of them: this one or `{other}`"))
        }
        DefDiagnostic::PrivateImport {
            import,
            segment,
            def,
        } => {
            let place = segment_place(db, *import, *segment);
            let draft = Draft::error(
                "M004",
                place,
                format!("Private {} imported", describe(db, *def)),
            )
            .labelled("private");
            let Some(declared) = def_place(db, *def) else {
                return Some(draft.help("make it `pub`"));
            };
            draft
                .label(declared, "declared here without `pub`")
                .help(format!(
                    "make it public: `pub` before the declaration of `{}`",
                    def_name(db, *def)
                ))
        }
        DefDiagnostic::ImportedTwice {
            first,
            second,
            name,
        } => {
            let place = import_place(db, *second);
            Draft::error("M005", place, format!("Name `{name}` imported twice"))
                .labelled("imported again here")
                .label(import_place(db, *first), "first imported here")
                .suggest(
                    "give one of them another name",
                    place.end(),
                    format!(" as {name}2"),
                )
        }
        DefDiagnostic::AmbiguousImport {
            import,
            segment,
            candidates,
        } => {
            let place = segment_place(db, *import, *segment);
            let name = place.text(db).unwrap_or_default();
            m004_paths::ambiguous(db, place, &name, candidates)
        }
        DefDiagnostic::SuperBeyondRoot { import } => {
            m004_paths::super_beyond_root(import_place(db, *import))
        }
        DefDiagnostic::ModuleWithoutFile { item, module } => without_file(db, *item, *module),
        DefDiagnostic::CircularReexport { chain } => return circular(db, chain),
        DefDiagnostic::FilteredOut {
            import,
            segment,
            name,
            filter,
        } => Draft::error(
            "M011",
            segment_place(db, *import, *segment),
            format!("Name `{name}` is filtered out by its import"),
        )
        .labelled("not let through")
        .label(filter_place(db, *filter), "by this filter")
        .help(format!("add `{name}` to `show`, or drop it from `hide`")),
        DefDiagnostic::FilterNamesNothing {
            import,
            index,
            name,
            nearest,
        } => {
            let place = filter_name_place(db, *import, *index);
            let draft = Draft::error(
                "M012",
                place,
                format!("Filter names `{name}`, which the module does not export"),
            )
            .labelled("not exported");
            let is_listed = |name: &str| {
                filter(db, *import).is_some_and(|it| it.names().any(|other| other.text() == name))
            };
            match nearest.as_ref().filter(|name| is_listed(name)) {
                Some(listed) => {
                    draft.help(format!("`{listed}` is in the filter already: remove this"))
                }
                None => draft.nearest(place, nearest.as_ref()),
            }
        }
        DefDiagnostic::FilterOnItem { import } => {
            let place = filter_place(db, *import);
            Draft::error(
                "M012",
                place,
                "Filter on an import that is neither a module nor an enum",
            )
            .labelled("there is nothing to choose from")
            .suggest("remove the filter", place, "")
        }
        DefDiagnostic::DuplicateItem {
            first,
            second,
            name,
            ..
        } => t008_duplicates::items(db, *first, *second, name),
        DefDiagnostic::HiddenModule {
            import,
            module,
            package,
        } => {
            let place = segment_place(db, *import, 0);
            Draft::warning(
                "W045",
                place,
                format!(
                    "Module `{}` is hidden by the package `{package}`",
                    module_path(db, *module)
                ),
            )
            .labelled("this names the package")
            .suggest("to name the module", place.start(), "self::")
        }
    })
}

fn without_file(db: &dyn Db, item: ItemLoc, module: ModuleId) -> Draft {
    let path = module_path(db, module);
    let files = path.replace("::", "/");
    Draft::error(
        "M008",
        item_name_place(db, item),
        format!("Module `{path}` has no file"),
    )
    .labelled("declared here")
    .note(format!(
        "looked for `src/{files}.tml` and `src/{files}/mod.tml`"
    ))
    .help("create the file, or write the module here: `mod … { … }`")
}

fn circular(db: &dyn Db, chain: &[ImportId]) -> Option<Draft> {
    let (first, rest) = chain.split_first()?;
    let name = import_place(db, *first).text(db).unwrap_or_default();
    let mut draft = Draft::error(
        "M009",
        import_place(db, *first),
        format!("Circular re-export of `{name}`"),
    )
    .labelled(if rest.is_empty() {
        "needs itself"
    } else {
        "needs the next"
    });
    for (index, import) in rest.iter().enumerate() {
        let text = if index + 1 == rest.len() {
            "which needs the first again"
        } else {
            "which needs the next"
        };
        draft = draft.label(import_place(db, *import), text);
    }
    Some(draft.help("re-export the name from the module that declares it"))
}

fn module_path(db: &dyn Db, module: ModuleId) -> String {
    match module.path(db).as_str() {
        "" => module.package(db).name(db).to_string(),
        path => path.to_string(),
    }
}

/// The text of a path before one of its segments.
fn before(db: &dyn Db, import: ImportId, segment: u32) -> String {
    let Some(leaf) = leaf(db, import) else {
        return String::new();
    };
    let names = leaf.names.iter().take(segment as usize);
    let names: Vec<String> = names
        .filter_map(|range| Place::new(import.item, *range).text(db))
        .collect();
    match names.is_empty() {
        true => "this module".to_string(),
        false => format!("`{}`", names.join("::")),
    }
}

/// The import of a finding that leaves a name unbound.
pub(crate) fn failed_import(diagnostic: &DefDiagnostic) -> Vec<ImportId> {
    match diagnostic {
        DefDiagnostic::UnresolvedImport { import, .. }
        | DefDiagnostic::UnknownSegment { import, .. }
        | DefDiagnostic::PrivateImport { import, .. }
        | DefDiagnostic::AmbiguousImport { import, .. }
        | DefDiagnostic::SuperBeyondRoot { import }
        | DefDiagnostic::FilteredOut { import, .. } => vec![*import],
        DefDiagnostic::CircularReexport { chain } => chain.to_vec(),
        _ => Vec::new(),
    }
}

/// The name that an import would bind.
pub(crate) fn binding(db: &dyn Db, import: ImportId) -> Option<String> {
    leaf(db, import)?.binding
}

/// A leaf of a `use` in its syntax. Ranges are relative to the item.
struct Leaf {
    /// One per name of the path, that of the groups around included.
    names: Vec<TextRange>,
    range: TextRange,
    binding: Option<String>,
}

/// Groups nest no deeper than this, as in name resolution.
const USE_DEPTH_MAX: u32 = 64;

fn leaf(db: &dyn Db, import: ImportId) -> Option<Leaf> {
    leaves(db, import)?.into_iter().nth(import.leaf as usize)
}

fn leaves(db: &dyn Db, import: ImportId) -> Option<Vec<Leaf>> {
    let use_ = ast::Use::cast(item_node(db, import.item)?)?;
    let mut leaves = Vec::new();
    collect_leaves(&use_.use_tree()?, &[], USE_DEPTH_MAX, &mut leaves);
    Some(leaves)
}

/// Whether its `use` imports nothing else.
pub(crate) fn is_only_leaf(db: &dyn Db, import: ImportId) -> bool {
    leaves(db, import).is_some_and(|leaves| leaves.len() == 1)
}

/// In the order of `hir_def`'s leaves: that of the text.
fn collect_leaves(tree: &ast::UseTree, prefix: &[TextRange], depth: u32, out: &mut Vec<Leaf>) {
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    let path = tree.path();
    let mut names = prefix.to_vec();
    names.extend(
        path.iter()
            .flat_map(|path| path.segments())
            .filter_map(|segment| {
                let is_name = matches!(segment.kind(), Some(PathSegmentKind::Name(_)));
                is_name.then(|| segment.syntax().text_range())
            }),
    );
    if let Some(list) = tree.use_tree_list() {
        for child in list.use_trees() {
            collect_leaves(&child, &names, depth, out);
        }
    } else if tree.star_token().is_some() || path.is_some() {
        let last = path.iter().flat_map(|path| path.segments()).last();
        let binding = tree.alias().map(|name| name.text());
        let binding = binding.or_else(|| last.map(|segment| segment.syntax().text().to_string()));
        let binding = binding.filter(|_| tree.star_token().is_none());
        out.push(Leaf {
            names,
            range: tree.syntax().text_range(),
            binding,
        });
    }
}

/// The part of a `use` that makes one import.
pub(crate) fn import_place(db: &dyn Db, import: ImportId) -> Place {
    match leaf(db, import) {
        Some(leaf) => Place::new(import.item, leaf.range),
        None => item_name_place(db, import.item),
    }
}

fn segment_place(db: &dyn Db, import: ImportId, segment: u32) -> Place {
    let leaf = leaf(db, import);
    match leaf
        .as_ref()
        .and_then(|leaf| leaf.names.get(segment as usize))
    {
        Some(range) => Place::new(import.item, *range),
        None => import_place(db, import),
    }
}

/// `show a, b`
pub(crate) fn filter_place(db: &dyn Db, import: ImportId) -> Place {
    match filter(db, import) {
        Some(filter) => Place::new(import.item, filter.syntax().text_range()),
        None => import_place(db, import),
    }
}

fn filter_name_place(db: &dyn Db, import: ImportId, index: u32) -> Place {
    let name = filter(db, import).and_then(|filter| filter.names().nth(index as usize));
    match name {
        Some(name) => Place::new(import.item, name.syntax().text_range()),
        None => filter_place(db, import),
    }
}

fn filter(db: &dyn Db, import: ImportId) -> Option<ast::UseFilter> {
    ast::Use::cast(item_node(db, import.item)?)?.filter()
}

//! Names of blocks: what they declare and import.

use base::Db;

use crate::block_items::{BlockData, ClassTypes, block_data_of, block_items};
use crate::diagnostics::DefDiagnostic;
use crate::item_tree::{UseKind, UseLeaf};
use crate::module_map::collect::Import;
use crate::module_map::imports::error_of;
use crate::module_map::lookup::{Finished, FirstOf, Found, enum_variant, lookup_in_module};
use crate::module_map::walk::{WalkError, WalkErrorKind, walk, walk_from};
use crate::module_map::{ImportId, Namespace, ScopeEntry};
use crate::resolver::{PathResult, Scope, resolve_path};
use crate::{BlockId, BodyOwner, GenericDef, ModuleDef, ModuleId, Path, PathAnchor, Visibility};

/// A type that a class of the block declares, inside that class or another of its types.
pub(crate) fn class_entry(
    db: &dyn Db,
    scope: Scope,
    data: &BlockData,
    name: &str,
    namespace: Namespace,
) -> Option<ScopeEntry> {
    let mut around = scope.generics;
    while let Some(def) = around {
        let is_around = |types: &&ClassTypes| {
            let is_own = |nested: &ModuleDef| nested.generic_def() == Some(def);
            GenericDef::Class(types.class) == def || types.defs.iter().any(is_own)
        };
        let found = data.of_classes.iter().find(is_around);
        if let Some(def) = found.and_then(|types| types.get(name, namespace)) {
            return Some(ScopeEntry {
                def,
                visibility: Visibility::Module(scope.module),
                import: None,
                filters: Box::default(),
            });
        }
        around = def.parent(db);
    }
    None
}

/// A name of one block: its items, variants of its enums, then its imports.
pub(crate) fn block_entry(
    db: &dyn Db,
    module: ModuleId,
    block: BlockId,
    data: &BlockData,
    name: &str,
    namespace: Namespace,
) -> Option<ScopeEntry> {
    if let Some(entry) = data.items.get(name, namespace) {
        return Some(entry.clone());
    }
    if namespace == Namespace::Values
        && let Some(def) = data.variants.get(name)
    {
        let visibility = Visibility::Module(module);
        return Some(ScopeEntry {
            def: *def,
            visibility,
            import: None,
            filters: Box::default(),
        });
    }
    let maps = Finished(db);
    let named = data
        .uses
        .iter()
        .filter(|(_, _, leaf)| leaf.binding().is_some_and(|it| it == name));
    for (_, _, leaf) in named {
        if let Some(entry) = block_import(&maps, module, block, leaf, namespace) {
            return Some(entry);
        }
    }
    data.uses.iter().find_map(|(_, _, leaf)| {
        if leaf
            .filter
            .as_ref()
            .is_some_and(|filter| !filter.lets_through(name))
        {
            return None;
        }
        match block_import(&maps, module, block, leaf, Namespace::Types)?.def {
            ModuleDef::Module(target) => {
                match lookup_in_module(&maps, target, name, namespace, module) {
                    Found::One(entry) => Some(entry),
                    _ => None,
                }
            }
            ModuleDef::Enum(target) if namespace == Namespace::Values => {
                enum_variant(&maps, target, name)
            }
            _ => None,
        }
    })
}

/// What a `use` inside a block names. Its path may start with an item of the block.
fn block_import(
    maps: &Finished<'_>,
    module: ModuleId,
    block: BlockId,
    leaf: &UseLeaf,
    namespace: Namespace,
) -> Option<ScopeEntry> {
    let names: Vec<&str> = leaf.path.names.iter().map(|name| name.as_str()).collect();
    let first = names
        .first()
        .filter(|_| leaf.path.anchor == PathAnchor::Plain);
    if let Some(first) = first
        && (names.len() > 1 || leaf.kind == UseKind::Glob)
        && let Some(entry) = block_data_of(maps.0, block)?
            .items
            .get(first, Namespace::Types)
    {
        let walked = walk_from(maps, module, entry.clone(), 1, &names, namespace).ok()?;
        return (walked.consumed == names.len()).then_some(walked.entry);
    }
    let walked = walk(
        maps,
        module,
        leaf.path.anchor,
        &names,
        namespace,
        FirstOf::Import,
    )
    .ok()?;
    (walked.consumed == names.len()).then_some(walked.entry)
}

/// Imports in the blocks of a body that lead nowhere.
///
/// Keyed by owner; read by the diagnostics of its file. Re-runs when the items of the body or the
/// module map change.
#[salsa::tracked]
pub fn failed_local_imports(db: &dyn Db, owner: BodyOwner) -> Box<[DefDiagnostic]> {
    let maps = Finished(db);
    let scope = Scope::of_body(db, owner);
    let mut out = Vec::new();
    for (index, data) in block_items(db, owner).blocks.iter().enumerate() {
        let block = BlockId::new(db, owner, index as u32);
        let scope = scope.in_block(Some(block));
        for (item, index, leaf) in &data.uses {
            let path = Path {
                anchor: leaf.path.anchor,
                ..Path::plain(leaf.path.names.iter().cloned())
            };
            let is_found = |namespace| {
                let is_whole = match resolve_path(db, scope, &path, namespace) {
                    PathResult::Resolved(found) => found.consumed == path.segments.len(),
                    PathResult::Unresolved(_) => false,
                };
                is_whole || block_import(&maps, scope.module, block, leaf, namespace).is_some()
            };
            if is_found(Namespace::Types) || is_found(Namespace::Values) {
                continue;
            }
            let names: Vec<&str> = leaf.path.names.iter().map(|name| name.as_str()).collect();
            let walked = walk(
                &maps,
                scope.module,
                leaf.path.anchor,
                &names,
                Namespace::Types,
                FirstOf::Import,
            );
            let import = Import {
                id: ImportId {
                    module: scope.module,
                    item: *item,
                    leaf: *index,
                },
                leaf: leaf.clone(),
                visibility: Visibility::Module(scope.module),
            };
            let error = match walked {
                Err(error) => error,
                Ok(walked) => WalkError {
                    segment: walked.consumed,
                    kind: WalkErrorKind::NotFound,
                },
            };
            out.extend(error_of(&maps, &import, &error));
        }
    }
    out.into()
}

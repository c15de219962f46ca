//! Names inside imports.

use base::ItemLoc;
use hir_def::block_items::block_data_of;
use hir_def::item_tree::{TreeItem, TreeItemKind, UseLeaf, item_tree, use_source_map};
use hir_def::module_map::{ImportId, Namespace, module_data, module_map, root_module};
use hir_def::resolver::Scope;
use hir_def::{ContainerId, ModuleDef, Path, PathAnchor};

use super::{Collector, Role, resolve_whole};
use crate::Definition;

impl Collector<'_> {
    pub(super) fn use_item(&mut self, container: ContainerId, loc: ItemLoc) {
        let db = self.db;
        let ranges = use_source_map(db, loc);
        let leaves = leaves(self, container, loc);
        let module = container.module(db);
        let mut scope = Scope::of_module(module);
        if let ContainerId::Block(block) = container {
            scope = Scope::of_body(db, block.owner(db)).in_block(Some(block));
        }
        for (index, (leaf, leaf_ranges)) in leaves.iter().zip(ranges.leaves.iter()).enumerate() {
            let path = Path {
                anchor: leaf.path.anchor,
                segments: Path::plain(leaf.path.names.iter().cloned()).segments,
            };
            let bound = self.bound(
                ImportId {
                    module,
                    item: loc,
                    leaf: index as u32,
                },
                leaf,
            );
            for (at, range) in leaf_ranges.names.iter().enumerate() {
                let is_last = at + 1 == leaf.path.names.len();
                let def = bound
                    .filter(|_| is_last)
                    .or_else(|| self.import_segment(scope, &path, at));
                if let Some(def) = def {
                    self.push(*range, def, Role::Use);
                }
            }
            if let (Some(alias), Some(def)) = (leaf_ranges.alias, bound) {
                self.push(alias, def, Role::Use);
            }
        }
    }

    /// What the finished module map says that an import binds.
    fn bound(&self, import: ImportId, leaf: &UseLeaf) -> Option<Definition> {
        let imports = &module_data(self.db, import.module)?.imports;
        let name = leaf.binding()?;
        [Namespace::Types, Namespace::Values]
            .into_iter()
            .find_map(|namespace| {
                let entry = imports
                    .get(name, namespace)
                    .filter(|entry| entry.import == Some(import))?;
                Some(Definition::Item(entry.def))
            })
    }

    fn import_segment(&self, scope: Scope, path: &Path, index: usize) -> Option<Definition> {
        let db = self.db;
        let prefix = super::prefix(path, index + 1)?;
        let found = [Namespace::Types, Namespace::Values]
            .into_iter()
            .find_map(|namespace| resolve_whole(db, scope, &prefix, namespace));
        found.or_else(|| {
            // An import starts from the package root as well.
            if path.anchor != PathAnchor::Plain {
                return None;
            }
            let root = root_module(db, scope.module.package(db));
            let from_root = Path {
                anchor: PathAnchor::Crate,
                segments: prefix.segments.clone(),
            };
            let scope = Scope::of_module(root);
            [Namespace::Types, Namespace::Values]
                .into_iter()
                .find_map(|namespace| resolve_whole(db, scope, &from_root, namespace))
                .filter(|def| match def {
                    Definition::Item(ModuleDef::Module(module)) => {
                        module_map(db, module.package(db)).module(*module).is_some()
                    }
                    _ => true,
                })
        })
    }
}

fn leaves(acc: &Collector<'_>, container: ContainerId, loc: ItemLoc) -> Vec<UseLeaf> {
    let db = acc.db;
    if let ContainerId::Block(block) = container {
        let uses = block_data_of(db, block)
            .map(|data| &*data.uses)
            .unwrap_or(&[]);
        return uses
            .iter()
            .filter(|(item, ..)| *item == loc)
            .map(|(.., leaf)| leaf.clone())
            .collect();
    }
    let tree = item_tree(db, loc.file(db));
    let mut pending: Vec<&TreeItem> = tree.items.iter().collect();
    while let Some(item) = pending.pop() {
        match &item.kind {
            TreeItemKind::Use(leaves) if item.ast_id == loc.ast_id(db) => return leaves.to_vec(),
            TreeItemKind::Module {
                items: Some(items), ..
            }
            | TreeItemKind::Namespace { items, .. } => pending.extend(items.iter()),
            _ => {}
        }
    }
    Vec::new()
}

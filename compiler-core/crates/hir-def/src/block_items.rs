//! Items declared inside bodies.

use base::{AstIdMap, Db, ItemLoc};
use indexmap::IndexMap;
use syntax::SyntaxNode;
use syntax::ast::{self, AstNode, Item};

use crate::item_tree::lower::lower_items;
use crate::item_tree::{TreeItem, TreeItemKind, UseLeaf};
use crate::module_map::collect::{def_of, namespaces_of};
use crate::module_map::{Namespace, Scope, ScopeEntry};
use crate::signatures::lower::item_node;
use crate::{
    BlockId, BodyOwner, ClassId, ContainerId, ImplId, ModuleDef, Name, VariantId, Visibility,
};

/// The blocks of one body that declare items, in source order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlockItems {
    pub blocks: Box<[BlockData]>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlockData {
    /// The next such block around, in the same body.
    pub parent: Option<BlockId>,
    pub items: Scope,
    pub variants: IndexMap<Name, ModuleDef>,
    pub uses: Box<[(ItemLoc, u32, UseLeaf)]>,
    pub impls: Box<[ImplId]>,
    /// All definitions in source order.
    pub defs: Box<[ModuleDef]>,
    /// T008: first and second.
    pub duplicates: Box<[(ItemLoc, ItemLoc, Name)]>,
    /// What its classes declare inside.
    pub of_classes: Box<[ClassTypes]>,
    /// Modules and namespaces, which blocks do not hold.
    pub modules: Box<[ItemLoc]>,
}

/// The types that a class of a block declares. Only the class and paths through it lead there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassTypes {
    pub class: ClassId,
    pub items: Scope,
    pub variants: IndexMap<Name, ModuleDef>,
    pub defs: Box<[ModuleDef]>,
}

impl ClassTypes {
    pub(crate) fn get(&self, name: &str, namespace: Namespace) -> Option<ModuleDef> {
        let item = self.items.get(name, namespace).map(|entry| entry.def);
        let variant = || self.variants.get(name).copied();
        item.or_else(|| variant().filter(|_| namespace == Namespace::Values))
    }
}

impl BlockData {
    /// What a class of the block declares inside.
    pub(crate) fn types_of(&self, class: ClassId) -> Option<&ClassTypes> {
        self.of_classes.iter().find(|types| types.class == class)
    }
}

/// Keyed by owner; read by path resolution in bodies with local items, and by whoever visits all
/// definitions. Re-runs when the owner's text changes; equal unless a local declaration changed.
#[salsa::tracked]
pub fn block_items(db: &dyn Db, owner: BodyOwner) -> BlockItems {
    let item = owner.item(db);
    let Some(root) = item_node(db, item) else {
        return BlockItems::default();
    };
    let nodes = blocks_with_items(&root);
    if nodes.is_empty() {
        return BlockItems::default();
    }
    let ids = AstIdMap::within(&root, item.ast_id(db));
    let blocks = nodes.iter().enumerate().map(|(index, block)| {
        let parent = block.parent.map(|parent| BlockId::new(db, owner, parent));
        block_data(
            db,
            BlockId::new(db, owner, index as u32),
            parent,
            &block.node,
            item,
            &ids,
        )
    });
    BlockItems {
        blocks: blocks.collect(),
    }
}

/// The data of one block.
pub fn block_data_of(db: &dyn Db, block: BlockId) -> Option<&BlockData> {
    block_items(db, block.owner(db))
        .blocks
        .get(block.index(db) as usize)
}

pub(crate) struct BlockNode {
    pub(crate) node: ast::Block,
    pub(crate) parent: Option<u32>,
}

/// The blocks below an item that declare items, without those inside nested items. Their
/// positions in the list are their indexes.
pub(crate) fn blocks_with_items(root: &SyntaxNode) -> Vec<BlockNode> {
    let mut out: Vec<BlockNode> = Vec::new();
    let mut around: Vec<u32> = Vec::new();
    let mut preorder = root.preorder();
    while let Some(event) = preorder.next() {
        match event {
            syntax::WalkEvent::Enter(node) => {
                if Item::can_cast(node.kind()) && node != *root {
                    preorder.skip_subtree();
                } else if let Some(node) = ast::Block::cast(node)
                    && has_items(&node)
                {
                    let index = out.len() as u32;
                    out.push(BlockNode {
                        node,
                        parent: around.last().copied(),
                    });
                    around.push(index);
                }
            }
            syntax::WalkEvent::Leave(node) => {
                if let Some(block) = ast::Block::cast(node)
                    && has_items(&block)
                {
                    around.pop();
                }
            }
        }
    }
    out
}

fn has_items(block: &ast::Block) -> bool {
    block.stmts().any(|stmt| matches!(stmt, ast::Stmt::Item(_)))
}

fn block_data(
    db: &dyn Db,
    block: BlockId,
    parent: Option<BlockId>,
    node: &ast::Block,
    owner: ItemLoc,
    ids: &AstIdMap,
) -> BlockData {
    let env = owner.file(db).env(db).symbols(db);
    let items = node.stmts().filter_map(|stmt| match stmt {
        ast::Stmt::Item(item) => Some(item),
        _ => None,
    });
    let mut declared = Declared {
        db,
        owner,
        container: ContainerId::Block(block),
        defs: Vec::new(),
        duplicates: Vec::new(),
    };
    let mut out = BlockData {
        parent,
        ..BlockData::default()
    };
    let (mut uses, mut impls, mut of_classes, mut modules) = (vec![], vec![], vec![], vec![]);
    for item in lower_items(items, ids, env) {
        let loc = ItemLoc::new(db, owner.file(db), item.ast_id);
        match &item.kind {
            TreeItemKind::Use(leaves) => {
                let leaves = leaves.iter().enumerate();
                uses.extend(leaves.map(|(index, leaf)| (loc, index as u32, leaf.clone())));
            }
            TreeItemKind::Impl => impls.push(ImplId::new(db, declared.container, loc)),
            TreeItemKind::Module { .. } | TreeItemKind::Namespace { .. } => modules.push(loc),
            _ => {}
        }
        let def = declared.add(&item, &mut out.items, &mut out.variants);
        if let (Some(ModuleDef::Class(class)), TreeItemKind::Class { items }) = (def, &item.kind)
            && !items.is_empty()
        {
            of_classes.push(declared.class_types(class, items));
        }
    }
    BlockData {
        uses: uses.into(),
        impls: impls.into(),
        of_classes: of_classes.into(),
        modules: modules.into(),
        defs: declared.defs.into(),
        duplicates: declared.duplicates.into(),
        ..out
    }
}

/// The declarations of one block, being collected.
struct Declared<'db> {
    db: &'db dyn Db,
    owner: ItemLoc,
    container: ContainerId,
    defs: Vec<ModuleDef>,
    duplicates: Vec<(ItemLoc, ItemLoc, Name)>,
}

impl Declared<'_> {
    /// Enters the name of an item, and of its variants.
    fn add(
        &mut self,
        item: &TreeItem,
        scope: &mut Scope,
        variants: &mut IndexMap<Name, ModuleDef>,
    ) -> Option<ModuleDef> {
        let (db, container) = (self.db, self.container);
        let visibility = Visibility::Module(container.module(db));
        let loc = ItemLoc::new(db, self.owner.file(db), item.ast_id);
        let def = def_of(db, container, loc, &item.kind)?;
        self.defs.push(def);
        for namespace in namespaces_of(&item.kind) {
            let entry = ScopeEntry {
                def,
                visibility,
                import: None,
                filters: Box::default(),
            };
            match scope.of_mut(*namespace).entry(item.name.clone()) {
                indexmap::map::Entry::Vacant(slot) => {
                    slot.insert(entry);
                }
                indexmap::map::Entry::Occupied(slot) => {
                    if let Some(first) = slot.get().def.item(db) {
                        self.duplicates.push((first, loc, item.name.clone()));
                    }
                }
            }
        }
        if let (TreeItemKind::Enum { variants: names }, ModuleDef::Enum(parent)) = (&item.kind, def)
        {
            for (index, name) in names.iter().enumerate() {
                let variant = ModuleDef::Variant(VariantId {
                    parent,
                    index: index as u32,
                });
                variants.entry(name.clone()).or_insert(variant);
            }
        }
        Some(def)
    }

    fn class_types(&mut self, class: ClassId, items: &[TreeItem]) -> ClassTypes {
        let (mut scope, mut variants) = (Scope::default(), IndexMap::new());
        let defs = items
            .iter()
            .filter_map(|item| self.add(item, &mut scope, &mut variants));
        ClassTypes {
            class,
            defs: defs.collect(),
            items: scope,
            variants,
        }
    }
}

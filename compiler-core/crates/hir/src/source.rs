//! Which definition a piece of syntax declares.

use base::{Db, FileId, ItemLoc, Package, SourceFile, ast_id_map};
use hir_def::block_items::block_items;
use hir_def::module_map::{ModuleOrigin, child_module, module_map};
use hir_def::{
    BehaviorId, BlockId, BodyOwner, ClassId, ConstId, ContainerId, EnumId, FuncId, GenericDef,
    ImplId, ModuleDef, ModuleId, StaticId, StructId, TypeAliasId, UnionId,
};
use rustc_hash::FxHashMap;
use syntax::ast::{self, AstNode, Item};
use syntax::{SyntaxKind, SyntaxNode};

/// What an item of a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ItemDef {
    Def(ModuleDef),
    Impl(ImplId),
    Use(ContainerId, ItemLoc),
}

impl ItemDef {
    /// What its members stand in; `None` for what has no members.
    fn members(self) -> Option<ContainerId> {
        Some(match self {
            ItemDef::Def(ModuleDef::Module(module)) => ContainerId::Module(module),
            ItemDef::Def(ModuleDef::Behavior(id)) => ContainerId::Behavior(id),
            ItemDef::Def(ModuleDef::Class(id)) => ContainerId::Class(id),
            ItemDef::Impl(id) => ContainerId::Impl(id),
            _ => return None,
        })
    }

    /// The body of a function, constant or static.
    pub fn body_owner(self) -> Option<BodyOwner> {
        Some(match self {
            ItemDef::Def(ModuleDef::Func(id)) => BodyOwner::Func(id),
            ItemDef::Def(ModuleDef::Const(id)) => BodyOwner::Const(id),
            ItemDef::Def(ModuleDef::Static(id)) => BodyOwner::Static(id),
            _ => return None,
        })
    }

    pub fn generic_def(self) -> Option<GenericDef> {
        match self {
            ItemDef::Def(def) => def.generic_def(),
            ItemDef::Impl(id) => Some(GenericDef::Impl(id)),
            ItemDef::Use(..) => None,
        }
    }

    /// Where it stands.
    pub fn container(self, db: &dyn Db) -> Option<ContainerId> {
        match self {
            ItemDef::Def(def) => def.container(db),
            ItemDef::Impl(id) => Some(id.container(db)),
            ItemDef::Use(container, _) => Some(container),
        }
    }

    pub fn module(self, db: &dyn Db) -> Option<ModuleId> {
        match self {
            ItemDef::Def(ModuleDef::Module(module)) => Some(module),
            _ => Some(self.container(db)?.module(db)),
        }
    }
}

/// A file as its package sees it.
pub fn file_id(db: &dyn Db, package: Package, file: SourceFile) -> FileId {
    FileId::new(db, file, package.env(db))
}

/// The modules of a package by their files.
///
/// Keyed by package; read by everything that starts from a position. Re-runs with the module
/// map, and changes only when files come or go.
#[salsa::tracked]
fn modules_by_file(db: &dyn Db, package: Package) -> FxHashMap<FileId, ModuleId> {
    let mut out = FxHashMap::default();
    for (id, data) in &module_map(db, package).modules {
        if let ModuleOrigin::File(file) = data.origin {
            out.entry(file).or_insert(*id);
        }
    }
    out
}

/// The module that a file is; `None` if no `mod` leads to it and discovery does not find it.
pub fn module_of(db: &dyn Db, package: Package, file: FileId) -> Option<ModuleId> {
    modules_by_file(db, package).get(&file).copied()
}

/// Whether a node declares something with an [`base::AstId`].
pub fn is_item(kind: SyntaxKind) -> bool {
    Item::can_cast(kind)
        || matches!(
            kind,
            SyntaxKind::ASSOC_TYPE | SyntaxKind::CTOR | SyntaxKind::PROP
        )
}

/// The same for a node: static fields of classes are items, too.
fn is_item_node(node: &SyntaxNode) -> bool {
    let is_static_field =
        || ast::Field::cast(node.clone()).is_some_and(|field| field.static_token().is_some());
    is_item(node.kind()) || is_static_field()
}

/// The innermost item around a node of a file's tree, or the node itself.
pub fn item_node(node: &SyntaxNode) -> Option<SyntaxNode> {
    node.ancestors().find(is_item_node)
}

/// What an item's node declares.
pub fn item_of(db: &dyn Db, package: Package, file: FileId, node: &SyntaxNode) -> Option<ItemDef> {
    let mut chain: Vec<SyntaxNode> = node.ancestors().filter(is_item_node).collect();
    chain.reverse();
    let root = module_of(db, package, file)?;
    let mut current = ItemDef::Def(ModuleDef::Module(root));
    for node in chain {
        let ast_id = ast_id_map(db, file).id_of(&node)?;
        let loc = ItemLoc::new(db, file, ast_id);
        current = match current.members() {
            Some(container) => member(db, container, loc, &node)?,
            None => in_block(db, current.body_owner()?, loc, &node)?,
        };
    }
    Some(current)
}

fn member(db: &dyn Db, container: ContainerId, loc: ItemLoc, node: &SyntaxNode) -> Option<ItemDef> {
    use SyntaxKind::*;
    let def = match node.kind() {
        MODULE | NAMESPACE => {
            let ContainerId::Module(mut module) = container else {
                return None;
            };
            for name in node.children().filter_map(ast::Name::cast) {
                module = child_module(db, module, &name.text());
            }
            ModuleDef::Module(module)
        }
        USE => return Some(ItemDef::Use(container, loc)),
        IMPL | EXTEND => return Some(ItemDef::Impl(ImplId::new(db, container, loc))),
        FUNC => ModuleDef::Func(FuncId::new(db, container, loc, hir_def::FuncPart::Whole)),
        TYPE_DECL => match ast::TypeDecl::cast(node.clone())?.kind() {
            ast::TypeDeclKind::Enum(_) | ast::TypeDeclKind::Sum(_) => {
                ModuleDef::Enum(EnumId::new(db, container, loc))
            }
            ast::TypeDeclKind::Alias(_) => {
                ModuleDef::TypeAlias(TypeAliasId::new(db, container, loc))
            }
            _ => ModuleDef::Struct(StructId::new(db, container, loc)),
        },
        ENUM_DECL => ModuleDef::Enum(EnumId::new(db, container, loc)),
        UNION_DECL => ModuleDef::Union(UnionId::new(db, container, loc)),
        BEHAVIOR => ModuleDef::Behavior(BehaviorId::new(db, container, loc)),
        CONST => ModuleDef::Const(ConstId::new(db, container, loc)),
        STATIC => ModuleDef::Static(StaticId::new(db, container, loc)),
        ASSOC_TYPE => ModuleDef::TypeAlias(TypeAliasId::new(db, container, loc)),
        CLASS => ModuleDef::Class(ClassId::new(db, container, loc)),
        INTERFACE => ModuleDef::Behavior(BehaviorId::new(db, container, loc)),
        CTOR => ModuleDef::Func(FuncId::new(db, container, loc, hir_def::FuncPart::Whole)),
        PROP => ModuleDef::Func(FuncId::new(db, container, loc, hir_def::FuncPart::Getter)),
        FIELD => ModuleDef::Static(StaticId::new(db, container, loc)),
        _ => return None,
    };
    Some(ItemDef::Def(def))
}

/// An item inside a body: its container is the block that lists it.
fn in_block(db: &dyn Db, owner: BodyOwner, loc: ItemLoc, node: &SyntaxNode) -> Option<ItemDef> {
    let blocks = &block_items(db, owner).blocks;
    let index = blocks.iter().position(|block| {
        block.defs.iter().any(|def| def.item(db) == Some(loc))
            || block.impls.iter().any(|id| id.item(db) == loc)
            || block.uses.iter().any(|(item, ..)| *item == loc)
    })?;
    member(
        db,
        ContainerId::Block(BlockId::new(db, owner, index as u32)),
        loc,
        node,
    )
}

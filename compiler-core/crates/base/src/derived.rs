//! Items that decorators stand for.
//!
//! A declaration with `@derive` has implementations below it that are nowhere in the file. They
//! have ids, syntax and queries like all others; their positions are their decorator's.

use rustc_hash::FxHashMap;
use syntax::ast::{AstNode, Decorator, HasDecorators, Item};
use syntax::{GreenNode, PreprocessorEnv, SyntaxNode, TextRange};

use crate::{AstId, AstIdMap, Db, FileId, ItemLoc};

/// The derived items of one tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DerivedItems {
    /// What stands below one declaration.
    trees: Vec<DerivedTree>,
    by_id: FxHashMap<AstId, u32>,
}

/// The items that one declaration stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DerivedTree {
    /// The declaration.
    pub origin: AstId,
    pub root: GreenNode,
    pub ids: AstIdMap,
}

impl DerivedTree {
    /// What a declaration's decorators stand for.
    pub fn of(item: &Item, origin: AstId, env: &PreprocessorEnv) -> Option<DerivedTree> {
        let text = derive::derived_text(item, env)?;
        let parse = syntax::parse(&text, env);
        let root = parse.syntax_node();
        let ids = AstIdMap::within(&root, origin);
        let root = root.green().into_owned();
        Some(DerivedTree { origin, root, ids })
    }

    fn item(&self, id: AstId) -> Option<GreenNode> {
        let root = SyntaxNode::new_root(self.root.clone());
        let node = self.ids.get(id)?.resolve(&root)?;
        Some(node.green().into_owned())
    }
}

impl DerivedItems {
    fn of(root: &SyntaxNode, ids: &AstIdMap, env: &PreprocessorEnv) -> DerivedItems {
        let mut out = DerivedItems::default();
        let mut found: Vec<(AstId, Item)> = ids
            .keywords()
            .filter_map(|(id, _)| {
                let item = Item::cast(ids.get(id)?.resolve(root)?)?;
                stands_for_more(&item).then_some((id, item))
            })
            .collect();
        found.sort_by_key(|(_, item)| item.syntax().text_range().start());
        for (id, item) in found {
            let Some(tree) = DerivedTree::of(&item, id, env) else {
                continue;
            };
            let index = out.trees.len() as u32;
            out.by_id
                .extend(tree.ids.keywords().map(|(id, _)| (id, index)));
            out.trees.push(tree);
        }
        out
    }

    fn get(&self, id: AstId) -> Option<&DerivedTree> {
        self.trees.get(*self.by_id.get(&id)? as usize)
    }
}

/// Whether a decorator of an item makes further items.
fn stands_for_more(item: &Item) -> bool {
    item.decorators().any(|it| is_deriving(&it))
}

fn is_deriving(decorator: &Decorator) -> bool {
    matches!(
        decorator.name_text().as_deref(),
        Some("derive" | "auto" | "flags")
    )
}

/// The derived items of a file's outline. Keyed by file; re-runs with its outline.
#[salsa::tracked]
fn outline_derived(db: &dyn Db, file: FileId) -> DerivedItems {
    if !file.source(db).outline(db).contains('@') {
        return DerivedItems::default();
    }
    let root = crate::outline_parse(db, file).syntax_node();
    DerivedItems::of(
        &root,
        crate::outline_ast_id_map(db, file),
        file.env(db).symbols(db),
    )
}

/// The derived items of a whole file: also of declarations inside bodies.
#[salsa::tracked]
fn full_derived(db: &dyn Db, file: FileId) -> DerivedItems {
    if !file.source(db).text(db).contains('@') {
        return DerivedItems::default();
    }
    let root = crate::parse(db, file).syntax_node();
    DerivedItems::of(&root, crate::ast_id_map(db, file), file.env(db).symbols(db))
}

fn tree_of(db: &dyn Db, item: ItemLoc) -> Option<&DerivedTree> {
    let (file, id) = (item.file(db), item.ast_id(db));
    outline_derived(db, file)
        .get(id)
        .or_else(|| full_derived(db, file).get(id))
}

/// The syntax of a derived item.
pub(crate) fn derived_syntax(db: &dyn Db, item: ItemLoc) -> Option<GreenNode> {
    tree_of(db, item)?.item(item.ast_id(db))
}

/// The syntax of a derived item whose declaration stands outside of bodies.
pub(crate) fn derived_syntax_of_outline(db: &dyn Db, item: ItemLoc) -> Option<GreenNode> {
    let tree = outline_derived(db, item.file(db)).get(item.ast_id(db))?;
    tree.item(item.ast_id(db))
}

/// The declaration whose decorator a derived item comes from; `None` for written items.
pub fn derived_from(db: &dyn Db, item: ItemLoc) -> Option<ItemLoc> {
    let file = item.file(db);
    if crate::outline_ast_id_map(db, file)
        .get(item.ast_id(db))
        .is_some()
    {
        return None;
    }
    let tree = tree_of(db, item)?;
    Some(ItemLoc::new(db, file, tree.origin))
}

/// Where a derived item is said to be: at the path of the decorator.
pub(crate) fn derived_range(db: &dyn Db, item: ItemLoc) -> Option<TextRange> {
    let origin = derived_from(db, item)?;
    let file = item.file(db);
    let ptr = crate::ast_id_map(db, file).get(origin.ast_id(db))?;
    let node = ptr.resolve(&crate::parse(db, file).syntax_node())?;
    let item = Item::cast(node)?;
    let decorator = item.decorators().find(is_deriving)?;
    Some(decorator.syntax().text_range())
}

//! Syntax to item trees.

use base::{AstIdMap, Db, DerivedTree, FileId};
use syntax::ast::{
    self, AstNode, HasDecorators, HasDocComments, HasVis, Item, PathSegmentKind, VisKind,
};
use syntax::{PreprocessorEnv, SyntaxNode};

use crate::item_tree::{
    ItemTree, RawVisibility, TreeItem, TreeItemKind, UseFilter, UseKind, UseLeaf, UseLeafRanges,
    UsePath, UseSourceMap,
};
use crate::signatures::lower::item_node;
use crate::{Name, PathAnchor};
use syntax::conditions;

pub(super) fn item_tree(db: &dyn Db, file: FileId) -> ItemTree {
    let tree = base::outline_parse(db, file).tree();
    let ids = base::outline_ast_id_map(db, file);
    ItemTree {
        items: lower_items(tree.items(), ids, file.env(db).symbols(db)),
    }
}

/// Items of a file, inline module or block, in order, without those that conditions remove.
pub(crate) fn lower_items(
    items: impl Iterator<Item = Item>,
    ids: &AstIdMap,
    env: &PreprocessorEnv,
) -> Box<[TreeItem]> {
    let mut out = Vec::new();
    for item in items {
        let Some(lowered) = lower_item(&item, ids, env) else {
            continue;
        };
        let derived = DerivedTree::of(&item, lowered.ast_id, env);
        out.push(lowered);
        // What its decorators stand for comes right behind it.
        if let Some(tree) = derived {
            let root = SyntaxNode::new_root(tree.root);
            let items = root.children().filter_map(Item::cast);
            out.extend(items.filter_map(|item| lower_item(&item, &tree.ids, env)));
        }
    }
    out.into()
}

fn lower_item(item: &Item, ids: &AstIdMap, env: &PreprocessorEnv) -> Option<TreeItem> {
    if !conditions::is_enabled(item, env) {
        return None;
    }
    let ast_id = ids.id_of(item.syntax())?;
    let name = item
        .name()
        .map(|name| Name::from(name.text()))
        .unwrap_or_default();
    let kind = match item {
        Item::Use(use_) => TreeItemKind::Use(lower_use(use_)),
        Item::Module(module) => TreeItemKind::Module {
            path: module.names().map(|name| name.text().into()).collect(),
            items: module
                .item_list()
                .map(|list| lower_items(list.items(), ids, env)),
        },
        Item::Namespace(namespace) => TreeItemKind::Namespace {
            path: namespace.names().map(|name| name.text().into()).collect(),
            items: namespace
                .item_list()
                .map(|list| namespace_items(list.items(), ids, env))
                .unwrap_or_default(),
        },
        Item::Func(_) => TreeItemKind::Func,
        Item::TypeDecl(decl) => match decl.kind() {
            ast::TypeDeclKind::Enum(list) | ast::TypeDeclKind::Sum(list) => TreeItemKind::Enum {
                variants: variant_names(&list, env),
            },
            ast::TypeDeclKind::Alias(_) => TreeItemKind::TypeAlias,
            ast::TypeDeclKind::Struct(_) => TreeItemKind::Struct { is_record: true },
            ast::TypeDeclKind::TupleStruct(_) | ast::TypeDeclKind::Unit => {
                TreeItemKind::Struct { is_record: false }
            }
        },
        Item::EnumDecl(decl) => TreeItemKind::Enum {
            variants: decl
                .variant_list()
                .map(|list| variant_names(&list, env))
                .unwrap_or_default(),
        },
        Item::UnionDecl(_) => TreeItemKind::Union,
        Item::Behavior(_) | Item::Interface(_) => TreeItemKind::Behavior,
        Item::Impl(_) | Item::Extend(_) => TreeItemKind::Impl,
        Item::Const(_) => TreeItemKind::Const,
        Item::Static(_) => TreeItemKind::Static,
        Item::Class(class) => TreeItemKind::Class {
            items: class
                .member_list()
                .map(|list| nested_items(list.nested_items(), ids, env))
                .unwrap_or_default(),
        },
    };
    let visibility = match item {
        Item::Namespace(it) if it.visibility().is_none() => RawVisibility::Package,
        _ => lower_visibility(item),
    };
    Some(TreeItem {
        ast_id,
        name,
        visibility,
        links: match item {
            Item::Func(func) => crate::attrs::lower_attrs(func.decorators()).links,
            _ => Box::default(),
        },
        kind,
    })
}

/// Types in a class are visible like its other members.
fn nested_items(
    items: impl Iterator<Item = Item>,
    ids: &AstIdMap,
    env: &PreprocessorEnv,
) -> Box<[TreeItem]> {
    let items: Vec<Item> = items.collect();
    let mut lowered = lower_items(items.iter().cloned(), ids, env);
    for item in &mut lowered {
        let is_own = |it: &&Item| ids.id_of(it.syntax()) == Some(item.ast_id);
        if items
            .iter()
            .find(is_own)
            .is_some_and(|it| it.visibility().is_none())
        {
            item.visibility = RawVisibility::Public;
        }
    }
    lowered
}

/// Items of a namespace are visible in the package unless they say otherwise.
fn namespace_items(
    items: impl Iterator<Item = Item>,
    ids: &AstIdMap,
    env: &PreprocessorEnv,
) -> Box<[TreeItem]> {
    let lower = |item: Item| {
        let mut lowered = lower_item(&item, ids, env)?;
        if item.visibility().is_none() {
            lowered.visibility = RawVisibility::Package;
        }
        Some(lowered)
    };
    items.filter_map(lower).collect()
}

/// The variants that conditions leave, in order: their positions are their indexes.
pub(crate) fn enabled_variants(
    list: &ast::VariantList,
    env: &PreprocessorEnv,
) -> impl Iterator<Item = ast::Variant> {
    list.variants()
        .filter(|variant| conditions::is_enabled(variant, env))
}

fn variant_names(list: &ast::VariantList, env: &PreprocessorEnv) -> Box<[Name]> {
    enabled_variants(list, env)
        .map(|variant| variant_name(&variant))
        .collect()
}

/// The name of a variant; in a sum it may have been read as a type.
pub(crate) fn variant_name(variant: &ast::Variant) -> Name {
    use syntax::ast::HasName;
    if let Some(name) = variant.name() {
        return name.text().into();
    }
    match variant.ty() {
        Some(ast::Type::Path(ty)) => {
            let segment = ty.path().and_then(|path| path.last_segment());
            segment
                .map(|segment| segment.text().into())
                .unwrap_or_default()
        }
        _ => Name::default(),
    }
}

/// The visibility of a member of a class: public unless it says otherwise.
pub(crate) fn lower_member_visibility(node: &impl HasVis) -> RawVisibility {
    match node.visibility().map(|visibility| visibility.kind()) {
        None => RawVisibility::Public,
        Some(VisKind::Protected) => RawVisibility::Protected,
        Some(_) => lower_visibility(node),
    }
}

pub(crate) fn lower_visibility(node: &impl HasVis) -> RawVisibility {
    let Some(visibility) = node.visibility() else {
        return RawVisibility::Private;
    };
    match visibility.kind() {
        VisKind::Public => RawVisibility::Public,
        VisKind::Crate => RawVisibility::Package,
        VisKind::Super => RawVisibility::Super,
        VisKind::Private | VisKind::Protected => RawVisibility::Private,
        VisKind::In(path) => RawVisibility::In(lower_use_path(None, Some(&path))),
    }
}

/// The leaves of a `use`, in order of the text.
pub(crate) fn lower_use(use_: &ast::Use) -> Box<[UseLeaf]> {
    use_leaves(use_).into_iter().map(|leaf| leaf.data).collect()
}

/// A leaf with the syntax it came from, for the source map.
pub(crate) struct LeafSyntax {
    pub(crate) data: UseLeaf,
    pub(crate) tree: ast::UseTree,
    /// One per name of the path.
    pub(crate) names: Vec<syntax::TextRange>,
}

/// Groups nest no deeper than this; guessed.
const USE_DEPTH_MAX: u32 = 64;

pub(crate) fn use_leaves(use_: &ast::Use) -> Vec<LeafSyntax> {
    let filter = use_.filter().map(|filter| UseFilter {
        is_show: filter.is_show(),
        names: filter.names().map(|name| name.text().into()).collect(),
    });
    let mut out = Vec::new();
    if let Some(tree) = use_.use_tree() {
        let empty = UsePath {
            anchor: PathAnchor::Plain,
            names: Box::default(),
        };
        collect_leaves(&tree, &empty, &[], filter.as_ref(), USE_DEPTH_MAX, &mut out);
    }
    out
}

fn collect_leaves(
    tree: &ast::UseTree,
    prefix: &UsePath,
    prefix_ranges: &[syntax::TextRange],
    filter: Option<&UseFilter>,
    depth: u32,
    out: &mut Vec<LeafSyntax>,
) {
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    let path = tree.path();
    let full = lower_use_path(Some(prefix), path.as_ref());
    let mut names = prefix_ranges.to_vec();
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
            collect_leaves(&child, &full, &names, filter, depth, out);
        }
        return;
    }
    let kind = if tree.star_token().is_some() {
        UseKind::Glob
    } else if path.is_none() {
        return;
    } else {
        UseKind::Named {
            alias: tree.alias().map(|name| name.text().into()),
        }
    };
    let data = UseLeaf {
        path: full,
        kind,
        filter: filter.cloned(),
    };
    out.push(LeafSyntax {
        data,
        tree: tree.clone(),
        names,
    });
}

/// A path behind a prefix. `self` at the end of a group entry (`a::{self}`) names the prefix.
fn lower_use_path(prefix: Option<&UsePath>, path: Option<&ast::Path>) -> UsePath {
    let mut anchor = prefix.map_or(PathAnchor::Plain, |prefix| prefix.anchor);
    let mut names: Vec<Name> = prefix
        .map(|prefix| prefix.names.to_vec())
        .unwrap_or_default();
    for segment in path.into_iter().flat_map(|path| path.segments()) {
        let at_start = names.is_empty();
        match segment.kind() {
            Some(PathSegmentKind::Name(token)) => names.push(Name::new(token.text())),
            Some(PathSegmentKind::Crate) if at_start => anchor = PathAnchor::Crate,
            Some(PathSegmentKind::Super) if at_start => {
                anchor = match anchor {
                    PathAnchor::Super(count) => PathAnchor::Super(count.saturating_add(1)),
                    _ => PathAnchor::Super(1),
                }
            }
            Some(PathSegmentKind::SelfModule) if at_start && anchor == PathAnchor::Plain => {
                anchor = PathAnchor::SelfModule;
            }
            Some(PathSegmentKind::ThisType) if at_start => anchor = PathAnchor::This,
            _ => {}
        }
    }
    UsePath {
        anchor,
        names: names.into(),
    }
}

pub(super) fn use_source_map(db: &dyn Db, item: base::ItemLoc) -> UseSourceMap {
    let use_ = item_node(db, item).and_then(ast::Use::cast);
    let Some(use_) = use_ else {
        return UseSourceMap::default();
    };
    let leaves = use_leaves(&use_).into_iter().map(|leaf| UseLeafRanges {
        tree: leaf.tree.syntax().text_range(),
        names: leaf.names.into(),
        alias: leaf.tree.alias().map(|name| name.syntax().text_range()),
    });
    let filter = use_.filter();
    let names = filter.iter().flat_map(|filter| filter.names());
    UseSourceMap {
        leaves: leaves.collect(),
        filter_names: names.map(|name| name.syntax().text_range()).collect(),
        filter: filter.map(|filter| filter.syntax().text_range()),
    }
}

pub(super) fn docs(db: &dyn Db, item: base::ItemLoc) -> Option<Name> {
    let node = item_node(db, item)?;
    let (comments, decorators): (Option<String>, Vec<ast::Decorator>) =
        if let Some(it) = Item::cast(node.clone()) {
            (it.doc_text(), it.decorators().collect())
        } else {
            let it = ast::Member::cast(node)?;
            (it.doc_text(), it.decorators().collect())
        };
    let written = decorators
        .into_iter()
        .filter(|it| it.name_text().as_deref() == Some("doc"));
    let written = written.filter_map(|it| {
        let Some(ast::Expr::Literal(literal)) = it.args().next()?.expr() else {
            return None;
        };
        match literal.kind()? {
            ast::LiteralKind::Str(text) => text.simple_text(),
            _ => None,
        }
    });
    let all: Vec<String> = comments.into_iter().chain(written).collect();
    (!all.is_empty()).then(|| all.join("\n").into())
}

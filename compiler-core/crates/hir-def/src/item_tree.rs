//! BARRIER 1: what a file declares, and nothing of bodies, white space, comments or positions.
//!
//! Conditional decorators (`@when`, `@unless`) are already applied.

pub(crate) mod lower;

use base::AstId;
use syntax::TextRange;

use crate::{Name, PathAnchor};

/// The items of a file, in source order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ItemTree {
    pub items: Box<[TreeItem]>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TreeItem {
    pub ast_id: AstId,
    /// Empty for `use`, `impl` and nameless broken items.
    pub name: Name,
    pub visibility: RawVisibility,
    /// `@link("m")` of a function: libraries, each with a namespace of its own.
    pub links: Box<[Name]>,
    pub kind: TreeItemKind,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TreeItemKind {
    Func,
    /// Those with named fields have no constructor among the values.
    Struct {
        is_record: bool,
    },
    Enum {
        variants: Box<[Name]>,
    },
    Union,
    Const,
    Static,
    TypeAlias,
    /// Behaviors and interfaces.
    Behavior,
    Impl,
    /// With the types declared in it.
    Class {
        items: Box<[TreeItem]>,
    },
    Use(Box<[UseLeaf]>),
    /// `mod a::b`, `mod a { … }`; the item's name is the first of `path`.
    Module {
        path: Box<[Name]>,
        /// `None` for a mere declaration.
        items: Option<Box<[TreeItem]>>,
    },
    /// `namespace a::b { … }`: an inline module.
    Namespace {
        path: Box<[Name]>,
        items: Box<[TreeItem]>,
    },
}

/// A visibility as written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum RawVisibility {
    /// None, `private`, or `pub(self)`.
    #[default]
    Private,
    Public,
    Package,
    Super,
    In(UsePath),
    /// Of class members: the class and those that extend it.
    Protected,
}

/// One leaf of a `use` tree: `use a::{b::*, c as d}` has two. Its position in the item's list
/// is its identity and the key into [`UseSourceMap`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UseLeaf {
    pub path: UsePath,
    pub kind: UseKind,
    pub filter: Option<UseFilter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum UseKind {
    /// Binds the last segment, or the alias.
    Named { alias: Option<Name> },
    /// `a::*`
    Glob,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UsePath {
    pub anchor: PathAnchor,
    pub names: Box<[Name]>,
}

/// `show a, b` or `hide a, b`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UseFilter {
    pub is_show: bool,
    pub names: Box<[Name]>,
}

impl UseFilter {
    pub fn lets_through(&self, name: &str) -> bool {
        self.names.iter().any(|n| n == name) == self.is_show
    }
}

impl UseLeaf {
    /// The name that it binds; `None` for globs, `_` and broken leaves.
    pub fn binding(&self) -> Option<&Name> {
        match &self.kind {
            UseKind::Glob => None,
            UseKind::Named { alias: Some(alias) } => Some(alias).filter(|name| *name != "_"),
            UseKind::Named { alias: None } => self.path.names.last(),
        }
    }
}

/// BARRIER 1.
///
/// Keyed by file. Read by [`crate::module_map::module_map`] and by the member lists of
/// implementations and behaviors. Re-runs when the file's outline changes; the change stops here
/// unless a declaration appeared, vanished or changed its name, visibility or imports.
#[salsa::tracked]
pub fn item_tree(db: &dyn base::Db, file: base::FileId) -> ItemTree {
    lower::item_tree(db, file)
}

/// Item-relative ranges of a `use`, by leaf.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UseSourceMap {
    pub leaves: Box<[UseLeafRanges]>,
    /// The names of the filter, and all of it.
    pub filter_names: Box<[TextRange]>,
    pub filter: Option<TextRange>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UseLeafRanges {
    /// What to remove for an unused import: the tree of the leaf, without its prefix.
    pub tree: TextRange,
    /// One per name of the path, also of the prefix.
    pub names: Box<[TextRange]>,
    pub alias: Option<TextRange>,
}

impl UseLeafRanges {
    /// A segment, else the whole leaf.
    pub fn segment(&self, segment: u32) -> TextRange {
        self.names
            .get(segment as usize)
            .copied()
            .unwrap_or(self.tree)
    }
}

/// Positions of imports. Keyed by the `use` item; for diagnostics and tools only.
#[salsa::tracked(lru = 256)]
pub fn use_source_map(db: &dyn base::Db, item: base::ItemLoc) -> UseSourceMap {
    lower::use_source_map(db, item)
}

/// The documentation of an item, as Markdown: `///` and `@doc`. Keyed by item; for tools only,
/// since editing a comment changes it.
#[salsa::tracked(lru = 256)]
pub fn docs(db: &dyn base::Db, item: base::ItemLoc) -> Option<Name> {
    lower::docs(db, item)
}

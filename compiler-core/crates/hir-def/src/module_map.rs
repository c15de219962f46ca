//! The modules of a package, their items and their imports.
//!
//! [`module_map`] reads item trees only: typing inside bodies never re-runs it.

pub(crate) mod collect;
pub(crate) mod imports;
pub(crate) mod lookup;
pub(crate) mod walk;

use base::{AstId, FileId, ItemLoc, Package};
use indexmap::IndexMap;

use crate::diagnostics::DefDiagnostic;
use crate::item_tree::UseFilter;
use crate::{EnumId, ImplId, ModuleDef, ModuleId, Name, Visibility};

/// All modules of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleMap {
    pub package: Package,
    pub root: ModuleId,
    /// By id, parents before children, siblings in order of their names.
    pub modules: IndexMap<ModuleId, ModuleData>,
    /// Filters of imports that have one.
    pub filters: IndexMap<ImportId, UseFilter>,
    pub diagnostics: Box<[DefDiagnostic]>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleData {
    pub origin: ModuleOrigin,
    pub parent: Option<ModuleId>,
    pub visibility: Visibility,
    /// Declared (`mod x`) and discovered submodules.
    pub children: IndexMap<Name, ChildModule>,
    /// Declared items and submodules.
    pub items: Scope,
    /// Variants of the enums declared here: usable by their bare name.
    pub variants: IndexMap<Name, Box<[ScopeEntry]>>,
    /// What explicit imports bind.
    pub imports: Scope,
    /// Low-priority imports: `a::*`, and those that come with importing a module or an enum.
    pub globs: Box<[Glob]>,
    pub impls: Box<[ImplId]>,
    /// All definitions in source order, also duplicates that no name reaches.
    pub defs: Box<[ModuleDef]>,
    /// Every import of the module, in source order.
    pub all_imports: Box<[ImportId]>,
}

/// Where a module's text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ModuleOrigin {
    File(FileId),
    /// `mod x { … }` and namespaces; a namespace may have several parts, this is the first.
    Inline(FileId, AstId),
    /// The types declared in a class.
    Class(FileId, AstId),
    /// A directory without `mod.tml`, or an outer part of `mod a::b { … }`.
    Implied,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChildModule {
    pub module: ModuleId,
    /// Whether a `mod x` or an inline module declares it; otherwise it is only discovered.
    pub declared: bool,
}

/// Names of two namespaces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    pub types: IndexMap<Name, ScopeEntry>,
    pub values: IndexMap<Name, ScopeEntry>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Namespace {
    Types,
    Values,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ScopeEntry {
    pub def: ModuleDef,
    pub visibility: Visibility,
    /// The import that binds it in this scope; `None` for declared items.
    pub import: Option<ImportId>,
    /// Imports with a filter that the name was reached through: what is behind it (`m::f`) must
    /// pass them all.
    pub filters: Box<[ImportId]>,
}

/// A low-priority import.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Glob {
    pub target: GlobTarget,
    pub import: ImportId,
    pub visibility: Visibility,
    pub filters: Box<[ImportId]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GlobTarget {
    Module(ModuleId),
    Enum(EnumId),
}

/// A leaf of a `use` tree of a module or block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ImportId {
    pub module: ModuleId,
    pub item: ItemLoc,
    /// Position among the item's [`crate::item_tree::UseLeaf`]s.
    pub leaf: u32,
}

impl Scope {
    pub fn get(&self, name: &str, namespace: Namespace) -> Option<&ScopeEntry> {
        self.of(namespace).get(name)
    }

    pub fn of(&self, namespace: Namespace) -> &IndexMap<Name, ScopeEntry> {
        match namespace {
            Namespace::Types => &self.types,
            Namespace::Values => &self.values,
        }
    }

    pub fn of_mut(&mut self, namespace: Namespace) -> &mut IndexMap<Name, ScopeEntry> {
        match namespace {
            Namespace::Types => &mut self.types,
            Namespace::Values => &mut self.values,
        }
    }
}

impl ModuleMap {
    pub fn module(&self, id: ModuleId) -> Option<&ModuleData> {
        self.modules.get(&id)
    }
}

/// Whether `module` is `ancestor` or below it.
pub fn is_within(db: &dyn base::Db, module: ModuleId, ancestor: ModuleId) -> bool {
    if module.package(db) != ancestor.package(db) {
        return false;
    }
    let (path, outer) = (module.path(db), ancestor.path(db));
    match path.strip_prefix(outer.as_str()) {
        Some(rest) => outer.is_empty() || rest.is_empty() || rest.starts_with("::"),
        None => false,
    }
}

/// Keyed by package; read by path resolution everywhere. Re-runs when an item tree of the
/// package, its set of files, or the map of a dependency changes; edits of bodies do not reach
/// it. Packages that depend on each other in a cycle (M014, found by `project`) see empty maps.
#[salsa::tracked(cycle_result = cyclic_map)]
pub fn module_map(db: &dyn base::Db, package: Package) -> ModuleMap {
    collect::module_map(db, package)
}

fn cyclic_map(db: &dyn base::Db, _id: salsa::Id, package: Package) -> ModuleMap {
    let root = ModuleId::new(db, package, Name::default());
    ModuleMap {
        package,
        root,
        modules: IndexMap::new(),
        filters: IndexMap::new(),
        diagnostics: Box::default(),
    }
}

/// The data of one module.
pub fn module_data(db: &dyn base::Db, module: ModuleId) -> Option<&ModuleData> {
    module_map(db, module.package(db)).module(module)
}

/// The module around, `None` for the root.
pub fn parent_module(db: &dyn base::Db, module: ModuleId) -> Option<ModuleId> {
    let path = module.path(db);
    if path.is_empty() {
        return None;
    }
    let parent = path.rsplit_once("::").map_or("", |(parent, _)| parent);
    Some(ModuleId::new(db, module.package(db), Name::new(parent)))
}

/// The module of the types declared in a class, if it has any.
///
/// Keyed by class; read by every scope in a class. Re-runs with the package's module map and
/// stops there.
#[salsa::tracked(returns(copy))]
pub fn class_module(db: &dyn base::Db, class: crate::ClassId) -> Option<ModuleId> {
    let crate::ContainerId::Module(around) = class.container(db) else {
        return None;
    };
    let data = crate::signatures::class_data(db, class);
    if !data.has_types {
        return None;
    }
    let module = child_module(db, around, &data.name);
    is_of_class(module_data(db, module)?, class.item(db), db).then_some(module)
}

pub(crate) fn is_of_class(data: &ModuleData, class: ItemLoc, db: &dyn base::Db) -> bool {
    data.origin == ModuleOrigin::Class(class.file(db), class.ast_id(db))
}

/// The module whose items and imports are in scope in another: of the types in a class, the one
/// that the outermost class stands in.
///
/// Keyed by module; read by checks of visibility. Re-runs with the package's module map and stops
/// there.
#[salsa::tracked(returns(copy))]
pub fn lexical_module(db: &dyn base::Db, module: ModuleId) -> ModuleId {
    let mut at = module;
    while let Some(ModuleOrigin::Class(..)) = module_data(db, at).map(|data| data.origin)
        && let Some(parent) = parent_module(db, at)
    {
        at = parent;
    }
    at
}

/// The root module of a package.
pub fn root_module(db: &dyn base::Db, package: Package) -> ModuleId {
    ModuleId::new(db, package, Name::default())
}

/// A submodule by name, whether it exists or not.
pub fn child_module(db: &dyn base::Db, module: ModuleId, name: &str) -> ModuleId {
    let path = module.path(db);
    let path = if path.is_empty() {
        name.into()
    } else {
        smol_str::format_smolstr!("{path}::{name}")
    };
    ModuleId::new(db, module.package(db), path)
}

/// `core::prelude`, as seen from a package: its own if it is `core` itself.
pub fn prelude_module(db: &dyn base::Db, package: Package) -> Option<ModuleId> {
    let core = if package.name(db) == "core" {
        package
    } else {
        package
            .dependencies(db)
            .iter()
            .find(|dep| dep.name == "core")?
            .package
    };
    Some(child_module(db, root_module(db, core), "prelude"))
}

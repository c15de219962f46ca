//! The module tree and the declared items of a package; imports follow in [`super::imports`].

use std::collections::BTreeMap;

use base::{Db, FileId, ItemLoc, Package, SourceFile};
use indexmap::IndexMap;

use crate::diagnostics::DefDiagnostic;
use crate::item_tree::{RawVisibility, TreeItem, TreeItemKind, UseLeaf, item_tree};
use crate::module_map::imports;
use crate::module_map::{
    ChildModule, ImportId, ModuleData, ModuleMap, ModuleOrigin, Namespace, Scope, ScopeEntry,
    child_module, parent_module, root_module,
};
use crate::resolver::visibility_in;
use crate::{
    BehaviorId, ClassId, ConstId, ContainerId, EnumId, FuncId, ImplId, ModuleDef, ModuleId, Name,
    StaticId, StructId, TypeAliasId, UnionId, VariantId, Visibility,
};

pub(super) fn module_map(db: &dyn Db, package: Package) -> ModuleMap {
    let root = root_module(db, package);
    let mut collector = Collector {
        db,
        package,
        modules: IndexMap::new(),
        imports: Vec::new(),
        diagnostics: Vec::new(),
    };
    collector.discover(root);
    let discovered: Vec<(ModuleId, ModuleOrigin)> = collector
        .modules
        .iter()
        .map(|(id, data)| (*id, data.origin))
        .collect();
    for (module, origin) in discovered {
        if let ModuleOrigin::File(file) = origin {
            collector.items(module, file, &item_tree(db, file).items);
        }
    }
    let Collector {
        modules,
        imports,
        mut diagnostics,
        ..
    } = collector;
    let (modules, filters) = imports::resolve(db, package, modules, imports, &mut diagnostics);
    ModuleMap {
        package,
        root,
        modules,
        filters,
        diagnostics: diagnostics.into(),
    }
}

/// An import to be resolved.
pub(crate) struct Import {
    pub(crate) id: ImportId,
    pub(crate) leaf: UseLeaf,
    pub(crate) visibility: Visibility,
}

struct Collector<'db> {
    db: &'db dyn Db,
    package: Package,
    modules: IndexMap<ModuleId, ModuleData>,
    imports: Vec<Import>,
    diagnostics: Vec<DefDiagnostic>,
}

impl Collector<'_> {
    /// Modules of the file tree (reference §11.1).
    fn discover(&mut self, root: ModuleId) {
        let db = self.db;
        let env = self.package.env(db);
        let files = self.package.root(db).files(db);
        let root_file = self.package.root_file(db);
        let root_origin = match files.get(root_file) {
            Some(file) => ModuleOrigin::File(FileId::new(db, *file, env)),
            None => ModuleOrigin::Implied,
        };
        self.add_module(root, root_origin, Visibility::Public);
        let dir = root_file.rsplit_once('/').map_or("", |(dir, _)| dir);
        let mut found: BTreeMap<Vec<&str>, Vec<SourceFile>> = BTreeMap::new();
        for (path, file) in files.iter() {
            let relative = if dir.is_empty() {
                Some(path.as_str())
            } else {
                path.strip_prefix(dir)
                    .and_then(|rest| rest.strip_prefix('/'))
            };
            let is_root = path == root_file;
            if let Some(names) = relative.filter(|_| !is_root).and_then(module_path) {
                // Directories on the way are modules too.
                (1..names.len()).for_each(|len| {
                    found.entry(names[..len].to_vec()).or_default();
                });
                found.entry(names).or_default().push(*file);
            }
        }
        for (names, files) in found {
            let module = names
                .iter()
                .fold(root, |module, name| child_module(db, module, name));
            let files: Vec<FileId> = files
                .iter()
                .map(|file| FileId::new(db, *file, env))
                .collect();
            if let [first, second, ..] = files[..] {
                self.diagnostics.push(DefDiagnostic::TwoFiles {
                    module,
                    first,
                    second,
                });
            }
            let origin = files
                .first()
                .map_or(ModuleOrigin::Implied, |f| ModuleOrigin::File(*f));
            self.add_module(module, origin, Visibility::Public);
        }
    }

    fn add_module(&mut self, module: ModuleId, origin: ModuleOrigin, visibility: Visibility) {
        let parent = parent_module(self.db, module);
        self.modules.insert(
            module,
            ModuleData {
                origin,
                parent,
                visibility,
                children: IndexMap::new(),
                items: Scope::default(),
                variants: IndexMap::new(),
                imports: Scope::default(),
                globs: Box::default(),
                impls: Box::default(),
                defs: Box::default(),
                all_imports: Box::default(),
            },
        );
        let name = module.path(self.db).rsplit("::").next().unwrap_or_default();
        if let Some(parent) = parent.and_then(|parent| self.modules.get_mut(&parent)) {
            let child = ChildModule {
                module,
                declared: false,
            };
            parent.children.insert(Name::new(name), child);
        }
    }

    /// The module that what is private in another belongs to: the types of a class are members
    /// of the module around it.
    fn home(&self, module: ModuleId) -> ModuleId {
        let mut at = module;
        while let Some(data) = self.modules.get(&at)
            && let (ModuleOrigin::Class(..), Some(parent)) = (data.origin, data.parent)
        {
            at = parent;
        }
        at
    }

    fn items(&mut self, module: ModuleId, file: FileId, items: &[TreeItem]) {
        let db = self.db;
        let mut impls = Vec::new();
        let mut defs = Vec::new();
        for item in items {
            let loc = ItemLoc::new(db, file, item.ast_id);
            let visibility = visibility_in(db, self.home(module), &item.visibility);
            match &item.kind {
                TreeItemKind::Use(leaves) => self.add_imports(module, loc, visibility, leaves),
                TreeItemKind::Impl => {
                    impls.push(ImplId::new(db, ContainerId::Module(module), loc));
                }
                TreeItemKind::Module { path, items } => {
                    self.submodule(module, file, item, path, items.as_deref());
                }
                TreeItemKind::Namespace { path, items } => {
                    self.submodule(module, file, item, path, Some(items));
                }
                _ => {
                    let container = ContainerId::Module(module);
                    if let Some(def) = def_of(db, container, loc, &item.kind) {
                        defs.push(def);
                        self.declare(module, item, loc, def, visibility);
                        if let TreeItemKind::Class { items } = &item.kind {
                            self.nested_types(module, file, item, items);
                        }
                        for link in &item.links {
                            self.link(module, link, &item.name, def, visibility);
                        }
                    }
                }
            }
        }
        if let Some(data) = self.modules.get_mut(&module) {
            // Parts of one namespace add up.
            data.impls = data.impls.iter().copied().chain(impls).collect();
            data.defs = data.defs.iter().copied().chain(defs).collect();
        }
    }

    /// The namespace that `@link("libSDL2.so")` makes: `SDL2`. What is there already comes first.
    fn link(
        &mut self,
        module: ModuleId,
        library: &str,
        name: &Name,
        def: ModuleDef,
        visibility: Visibility,
    ) {
        let base = library_name(library);
        if !is_identifier(base) || name.is_empty() {
            return;
        }
        let child = child_module(self.db, module, base);
        if !self.modules.contains_key(&child) {
            self.add_module(child, ModuleOrigin::Implied, visibility);
        }
        if let Some(data) = self.modules.get_mut(&child) {
            let entry = ScopeEntry {
                def,
                visibility,
                import: None,
                filters: Box::default(),
            };
            data.items.values.entry(name.clone()).or_insert(entry);
        }
    }

    fn add_imports(
        &mut self,
        module: ModuleId,
        item: ItemLoc,
        visibility: Visibility,
        leaves: &[UseLeaf],
    ) {
        for (index, leaf) in leaves.iter().enumerate() {
            let id = ImportId {
                module,
                item,
                leaf: index as u32,
            };
            self.imports.push(Import {
                id,
                leaf: leaf.clone(),
                visibility,
            });
        }
    }

    /// `mod a::b`, `mod a { … }`, `namespace a::b { … }`.
    fn submodule(
        &mut self,
        module: ModuleId,
        file: FileId,
        item: &TreeItem,
        path: &[Name],
        items: Option<&[TreeItem]>,
    ) {
        let db = self.db;
        let mut at = module;
        for (index, name) in path.iter().enumerate() {
            let child = child_module(db, at, name);
            let is_last = index + 1 == path.len();
            let visibility = visibility_in(db, at, &item.visibility);
            if !self.modules.contains_key(&child) {
                let origin = match items {
                    Some(_) if is_last => ModuleOrigin::Inline(file, item.ast_id),
                    Some(_) => ModuleOrigin::Implied,
                    None => {
                        let item = ItemLoc::new(db, file, item.ast_id);
                        let diagnostic = DefDiagnostic::ModuleWithoutFile {
                            item,
                            module: child,
                        };
                        return self.diagnostics.push(diagnostic);
                    }
                };
                self.add_module(child, origin, visibility);
            }
            self.declare_module(at, child, name, &item.visibility);
            at = child;
        }
        if let Some(items) = items {
            self.items(at, file, items);
        }
    }

    /// Types declared in a class stand in a module of the class's name that only the class and
    /// paths through it lead to.
    fn nested_types(
        &mut self,
        around: ModuleId,
        file: FileId,
        item: &TreeItem,
        items: &[TreeItem],
    ) {
        let module = child_module(self.db, around, &item.name);
        if items.is_empty() || item.name.is_empty() || self.modules.contains_key(&module) {
            return;
        }
        self.add_module(
            module,
            ModuleOrigin::Class(file, item.ast_id),
            Visibility::Public,
        );
        if let Some(data) = self.modules.get_mut(&around) {
            data.children.shift_remove(&item.name);
        }
        self.items(module, file, items);
    }

    fn declare_module(
        &mut self,
        parent: ModuleId,
        child: ModuleId,
        name: &Name,
        raw: &RawVisibility,
    ) {
        let visibility = visibility_in(self.db, parent, raw);
        if let Some(data) = self.modules.get_mut(&child) {
            data.visibility = visibility;
        }
        if let Some(data) = self.modules.get_mut(&parent) {
            data.children.insert(
                name.clone(),
                ChildModule {
                    module: child,
                    declared: true,
                },
            );
            let def = ModuleDef::Module(child);
            let entry = ScopeEntry {
                def,
                visibility,
                import: None,
                filters: Box::default(),
            };
            data.items.types.entry(name.clone()).or_insert(entry);
        }
    }

    fn declare(
        &mut self,
        module: ModuleId,
        item: &TreeItem,
        loc: ItemLoc,
        def: ModuleDef,
        visibility: Visibility,
    ) {
        let db = self.db;
        let Some(data) = self.modules.get_mut(&module) else {
            return;
        };
        if item.name.is_empty() {
            return;
        }
        let mut first = None;
        for namespace in namespaces_of(&item.kind) {
            let entry = ScopeEntry {
                def,
                visibility,
                import: None,
                filters: Box::default(),
            };
            match data.items.of_mut(*namespace).entry(item.name.clone()) {
                indexmap::map::Entry::Vacant(slot) => {
                    slot.insert(entry);
                }
                indexmap::map::Entry::Occupied(slot) => {
                    first = first.or_else(|| slot.get().def.item(db));
                }
            }
        }
        if let Some(first) = first.filter(|first| *first != loc) {
            let name = item.name.clone();
            self.diagnostics.push(DefDiagnostic::DuplicateItem {
                module,
                first,
                second: loc,
                name,
            });
            return;
        }
        if let (TreeItemKind::Enum { variants }, ModuleDef::Enum(parent)) = (&item.kind, def) {
            for (index, name) in variants.iter().enumerate() {
                let def = ModuleDef::Variant(VariantId {
                    parent,
                    index: index as u32,
                });
                let entry = ScopeEntry {
                    def,
                    visibility,
                    import: None,
                    filters: Box::default(),
                };
                let slot = data.variants.entry(name.clone()).or_default();
                *slot = slot.iter().cloned().chain([entry]).collect();
            }
        }
    }
}

/// The module path of a file below the root directory; `None` if it is no module: roots of other
/// packages in the same directory, test files, names that are no identifiers.
fn module_path(relative: &str) -> Option<Vec<&str>> {
    let stem = relative.strip_suffix(".tml")?;
    if matches!(stem, "main" | "lib" | "mod") {
        return None;
    }
    let mut names: Vec<&str> = stem.split('/').collect();
    if names.last() == Some(&"mod") {
        names.pop();
    }
    names
        .iter()
        .all(|name| is_identifier(name))
        .then_some(names)
}

/// `SDL2` of `libs/libSDL2.so`.
fn library_name(library: &str) -> &str {
    let file = library.rsplit(['/', '\\']).next().unwrap_or(library);
    let stem = file.split('.').next().unwrap_or(file);
    match stem.strip_prefix("lib") {
        Some(base) if stem != file && !base.is_empty() => base,
        _ => stem,
    }
}

fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    let starts = chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    starts && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The definition that an item makes, if it is one with a name.
pub(crate) fn def_of(
    db: &dyn Db,
    container: ContainerId,
    loc: ItemLoc,
    kind: &TreeItemKind,
) -> Option<ModuleDef> {
    Some(match kind {
        TreeItemKind::Func => {
            ModuleDef::Func(FuncId::new(db, container, loc, crate::FuncPart::Whole))
        }
        TreeItemKind::Struct { .. } => ModuleDef::Struct(StructId::new(db, container, loc)),
        TreeItemKind::Enum { .. } => ModuleDef::Enum(EnumId::new(db, container, loc)),
        TreeItemKind::Union => ModuleDef::Union(UnionId::new(db, container, loc)),
        TreeItemKind::Const => ModuleDef::Const(ConstId::new(db, container, loc)),
        TreeItemKind::Static => ModuleDef::Static(StaticId::new(db, container, loc)),
        TreeItemKind::TypeAlias => ModuleDef::TypeAlias(TypeAliasId::new(db, container, loc)),
        TreeItemKind::Behavior => ModuleDef::Behavior(BehaviorId::new(db, container, loc)),
        TreeItemKind::Class { .. } => ModuleDef::Class(ClassId::new(db, container, loc)),
        TreeItemKind::Impl
        | TreeItemKind::Use(_)
        | TreeItemKind::Module { .. }
        | TreeItemKind::Namespace { .. } => return None,
    })
}

/// The namespaces that an item's name enters. A struct without field names is also a value: its
/// constructor.
pub(crate) fn namespaces_of(kind: &TreeItemKind) -> &'static [Namespace] {
    match kind {
        TreeItemKind::Func | TreeItemKind::Const | TreeItemKind::Static => &[Namespace::Values],
        TreeItemKind::Struct { is_record: false } => &[Namespace::Types, Namespace::Values],
        _ => &[Namespace::Types],
    }
}

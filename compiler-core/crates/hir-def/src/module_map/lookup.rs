//! Looking names up in modules, both while imports are being resolved and afterwards.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base::{Db, Package};
use rustc_hash::FxHashMap;

use crate::block_items::block_data_of;
use crate::diagnostics::Candidate;
use crate::module_map::{
    Glob, GlobTarget, ImportId, ModuleData, Namespace, ScopeEntry, child_module, is_within,
    module_map, parent_module, prelude_module, root_module,
};
use crate::{BlockId, ContainerId, EnumId, ModuleDef, ModuleId, Name, Visibility};

/// Module maps, finished or in the making.
pub(crate) trait Maps {
    fn db(&self) -> &dyn Db;

    /// Declared items, children and variants; imports may be missing in it.
    fn data(&self, module: ModuleId) -> Option<&ModuleData>;

    /// What an explicit import binds.
    fn imported(&self, module: ModuleId, name: &str, namespace: Namespace) -> Option<ScopeEntry>;

    fn globs(&self, module: ModuleId) -> Cow<'_, [Glob]>;

    /// Whether the filter of an import lets a name through.
    fn passes(&self, import: ImportId, name: &str) -> bool;
}

/// The finished maps of all packages.
pub(crate) struct Finished<'db>(pub(crate) &'db dyn Db);

impl Maps for Finished<'_> {
    fn db(&self) -> &dyn Db {
        self.0
    }

    fn data(&self, module: ModuleId) -> Option<&ModuleData> {
        module_map(self.0, module.package(self.0)).module(module)
    }

    fn imported(&self, module: ModuleId, name: &str, namespace: Namespace) -> Option<ScopeEntry> {
        self.data(module)?.imports.get(name, namespace).cloned()
    }

    fn globs(&self, module: ModuleId) -> Cow<'_, [Glob]> {
        self.data(module)
            .map_or(Cow::Borrowed(&[]), |data| Cow::Borrowed(&data.globs))
    }

    fn passes(&self, import: ImportId, name: &str) -> bool {
        let map = module_map(self.0, import.module.package(self.0));
        map.filters
            .get(&import)
            .is_none_or(|filter| filter.lets_through(name))
    }
}

/// The answer to a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    One(ScopeEntry),
    Ambiguous(Box<[Candidate]>),
    /// It exists and may not be used from here.
    Private(ModuleDef),
    /// The import's filter hides it.
    Filtered(ImportId),
    None,
}

impl Found {
    /// This answer unless a later place has a better one: a found name beats a reason why not,
    /// and the first reason beats the others.
    fn or_else(self, next: impl FnOnce() -> Found) -> Found {
        match self {
            Found::One(_) | Found::Ambiguous(_) => self,
            Found::None => next(),
            reason => match next() {
                found @ (Found::One(_) | Found::Ambiguous(_)) => found,
                _ => reason,
            },
        }
    }
}

/// Which places the first segment of a path is looked for in, beside those common to all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FirstOf {
    /// Of a `use`: items of the package root count.
    Import,
    /// Of a path with more segments: modules of the package root count.
    LongPath,
    /// Of a single name.
    Name,
}

/// The first segment of a path that stands in `module` (reference §11.2).
pub(crate) fn lookup_first(
    maps: &dyn Maps,
    module: ModuleId,
    name: &str,
    namespace: Namespace,
    first_of: FirstOf,
) -> Found {
    let db = maps.db();
    // How derived implementations reach the library: nothing can hide it.
    if name == "__core" {
        let package = module.package(db);
        let core = match package.name(db).as_str() {
            "core" => Some(package),
            _ => package_named(db, package, "core"),
        };
        return core.map_or(Found::None, |core| module_entry(root_module(db, core)));
    }
    let wanted = Wanted::new(maps, name, namespace);
    wanted
        .own_layer(module, module)
        .or_else(|| match namespace {
            Namespace::Types => package_named(db, module.package(db), name)
                .map_or(Found::None, |package| {
                    module_entry(root_module(db, package))
                }),
            Namespace::Values => Found::None,
        })
        .or_else(|| wanted.discovered(module, module))
        .or_else(|| match parent_module(db, module) {
            Some(parent) => wanted.child_of(parent, module),
            None => Found::None,
        })
        .or_else(|| {
            let root = root_module(db, module.package(db));
            match first_of {
                _ if root == module => Found::None,
                FirstOf::Import => wanted
                    .own_layer(root, module)
                    .or_else(|| wanted.discovered(root, module)),
                FirstOf::LongPath => wanted.child_of(root, module),
                FirstOf::Name => Found::None,
            }
        })
        .or_else(|| wanted.low_layer(module, module, &mut GlobWalk::at(module)))
        .or_else(|| lookup_prelude(maps, module, name, namespace))
}

/// The prelude's meaning of a name.
pub(crate) fn lookup_prelude(
    maps: &dyn Maps,
    module: ModuleId,
    name: &str,
    namespace: Namespace,
) -> Found {
    match prelude_module(maps.db(), module.package(maps.db())) {
        Some(prelude) if prelude != module => {
            match lookup_in_module(maps, prelude, name, namespace, module) {
                Found::Private(_) => Found::None,
                found => found,
            }
        }
        _ => Found::None,
    }
}

/// A dependency by name.
pub(crate) fn package_named(db: &dyn Db, package: Package, name: &str) -> Option<Package> {
    let dependencies = package.dependencies(db);
    Some(dependencies.iter().find(|dep| dep.name == name)?.package)
}

/// `module::name` as seen from `from`.
pub(crate) fn lookup_in_module(
    maps: &dyn Maps,
    module: ModuleId,
    name: &str,
    namespace: Namespace,
    from: ModuleId,
) -> Found {
    Wanted::new(maps, name, namespace).in_module(module, from, &mut GlobWalk::default())
}

/// The way of one name through the graph of low-priority imports, which may have cycles and many
/// ways to one module. Every edge is followed once.
#[derive(Default)]
struct GlobWalk {
    /// Modules being looked into: a cycle ends at them.
    around: Vec<ModuleId>,
    /// Answers so far, by module and the one that asks.
    known: FxHashMap<(ModuleId, ModuleId), Found>,
}

impl GlobWalk {
    fn at(module: ModuleId) -> GlobWalk {
        GlobWalk {
            around: vec![module],
            known: FxHashMap::default(),
        }
    }
}

/// A name that is being looked for.
struct Wanted<'a> {
    maps: &'a dyn Maps,
    name: &'a str,
    namespace: Namespace,
}

/// Places where it may be found: `module` as seen from `from`.
impl<'a> Wanted<'a> {
    fn new(maps: &'a dyn Maps, name: &'a str, namespace: Namespace) -> Self {
        Wanted {
            maps,
            name,
            namespace,
        }
    }

    fn in_module(&self, module: ModuleId, from: ModuleId, walk: &mut GlobWalk) -> Found {
        if walk.around.contains(&module) {
            return Found::None;
        }
        if let Some(found) = walk.known.get(&(module, from)) {
            return found.clone();
        }
        walk.around.push(module);
        let found = self
            .own_layer(module, from)
            .or_else(|| self.discovered(module, from))
            .or_else(|| self.low_layer(module, from, walk));
        walk.around.pop();
        walk.known.insert((module, from), found.clone());
        found
    }

    /// Declared items and explicit imports.
    fn own_layer(&self, module: ModuleId, from: ModuleId) -> Found {
        let data = self.maps.data(module);
        let item = data.and_then(|data| data.items.get(self.name, self.namespace));
        let imported = || self.maps.imported(module, self.name, self.namespace);
        visible(self.maps, item.cloned(), from).or_else(|| visible(self.maps, imported(), from))
    }

    /// Submodules that no item declares.
    fn discovered(&self, module: ModuleId, from: ModuleId) -> Found {
        self.child_where(module, from, |declared| !declared)
    }

    /// Any submodule.
    fn child_of(&self, module: ModuleId, from: ModuleId) -> Found {
        self.child_where(module, from, |_| true)
    }

    fn child_where(
        &self,
        module: ModuleId,
        from: ModuleId,
        is_wanted: impl Fn(bool) -> bool,
    ) -> Found {
        if self.namespace != Namespace::Types {
            return Found::None;
        }
        let data = self.maps.data(module);
        let Some(child) = data.and_then(|data| data.children.get(self.name)) else {
            return Found::None;
        };
        if !is_wanted(child.declared) {
            return Found::None;
        }
        let data = self.maps.data(child.module);
        let entry = ScopeEntry {
            def: ModuleDef::Module(child.module),
            visibility: data.map_or(Visibility::Public, |data| data.visibility),
            import: None,
            filters: Box::default(),
        };
        visible(self.maps, Some(entry), from)
    }

    /// Variants of the module's own enums, then low-priority imports.
    fn low_layer(&self, module: ModuleId, from: ModuleId, walk: &mut GlobWalk) -> Found {
        self.own_variants(module, from)
            .or_else(|| self.through_globs(module, from, walk))
    }

    fn own_variants(&self, module: ModuleId, from: ModuleId) -> Found {
        if self.namespace != Namespace::Values {
            return Found::None;
        }
        let data = self.maps.data(module);
        let variants = data.and_then(|data| data.variants.get(self.name));
        match variants.map(|entries| &**entries) {
            None | Some([]) => Found::None,
            Some([entry]) => visible(self.maps, Some(entry.clone()), from),
            Some(entries) => Found::Ambiguous(
                entries
                    .iter()
                    .map(|entry| Candidate {
                        def: entry.def,
                        import: None,
                    })
                    .collect(),
            ),
        }
    }

    fn through_globs(&self, module: ModuleId, from: ModuleId, walk: &mut GlobWalk) -> Found {
        let db = self.maps.db();
        let mut candidates: Vec<ScopeEntry> = Vec::new();
        let mut ambiguous: Vec<Candidate> = Vec::new();
        let mut reason = Found::None;
        for glob in self.maps.globs(module).iter() {
            if !glob.visibility.is_visible_from(db, from) {
                continue;
            }
            let found = match glob.target {
                GlobTarget::Module(target) => self.in_module(target, module, walk),
                GlobTarget::Enum(target) if self.namespace == Namespace::Values => {
                    enum_variant(self.maps, target, self.name).map_or(Found::None, Found::One)
                }
                GlobTarget::Enum(_) => Found::None,
            };
            let filter = glob
                .filters
                .iter()
                .find(|filter| !self.maps.passes(**filter, self.name));
            match (found, filter) {
                (Found::One(_) | Found::Ambiguous(_), Some(filter)) => {
                    reason = reason.or_else(|| Found::Filtered(*filter));
                }
                (Found::One(entry), None) => candidates.push(ScopeEntry {
                    visibility: entry.visibility.min(db, glob.visibility),
                    import: Some(glob.import),
                    ..entry
                }),
                (Found::Ambiguous(inner), None) => ambiguous.extend(inner),
                _ => {}
            }
        }
        candidates.retain(|entry| entry.visibility.is_visible_from(db, from));
        // Variants that come along with a module give way to what the other modules declare.
        let is_variant = |entry: &ScopeEntry| matches!(entry.def, ModuleDef::Variant(_));
        if !candidates.iter().all(is_variant) {
            candidates.retain(|entry| !is_variant(entry));
        }
        let Some(first) = candidates.first().cloned() else {
            return if ambiguous.is_empty() {
                reason
            } else {
                Found::Ambiguous(ambiguous.into())
            };
        };
        if candidates.iter().all(|entry| entry.def == first.def) {
            return Found::One(first);
        }
        let mut all: Vec<Candidate> = Vec::new();
        for entry in candidates {
            if all.iter().all(|candidate| candidate.def != entry.def) {
                all.push(Candidate {
                    def: entry.def,
                    import: entry.import,
                });
            }
        }
        Found::Ambiguous(all.into())
    }
}

fn visible(maps: &dyn Maps, entry: Option<ScopeEntry>, from: ModuleId) -> Found {
    match entry {
        None => Found::None,
        Some(entry) if entry.visibility.is_visible_from(maps.db(), from) => Found::One(entry),
        Some(entry) => Found::Private(entry.def),
    }
}

fn module_entry(module: ModuleId) -> Found {
    Found::One(ScopeEntry {
        def: ModuleDef::Module(module),
        visibility: Visibility::Public,
        import: None,
        filters: Box::default(),
    })
}

/// A variant of an enum by name. Read from the module map, so that no signature is needed.
pub(crate) fn enum_variant(maps: &dyn Maps, enum_: EnumId, name: &str) -> Option<ScopeEntry> {
    let db = maps.db();
    if let ContainerId::Block(block) = enum_.container(db) {
        return local_variant(db, block, enum_, name);
    }
    let entries = maps.data(enum_.module(db))?.variants.get(name)?;
    let of_enum = |entry: &&ScopeEntry| match entry.def {
        ModuleDef::Variant(variant) => variant.parent == enum_,
        _ => false,
    };
    entries.iter().find(of_enum).cloned()
}

fn local_variant(db: &dyn Db, block: BlockId, enum_: EnumId, name: &str) -> Option<ScopeEntry> {
    let def = *block_data_of(db, block)?.variants.get(name)?;
    let visibility = Visibility::Module(enum_.module(db));
    let is_of_enum = matches!(def, ModuleDef::Variant(variant) if variant.parent == enum_);
    is_of_enum.then(|| ScopeEntry {
        def,
        visibility,
        import: None,
        filters: Box::default(),
    })
}

/// All names of a module as seen from `from`, by name: for completion and suggestions.
pub(crate) fn names_of_module(
    maps: &dyn Maps,
    module: ModuleId,
    namespace: Namespace,
    from: ModuleId,
) -> BTreeMap<Name, ModuleDef> {
    let mut out = BTreeMap::new();
    collect_names(maps, module, namespace, from, &mut vec![], &mut out);
    out
}

fn collect_names(
    maps: &dyn Maps,
    module: ModuleId,
    namespace: Namespace,
    from: ModuleId,
    visited: &mut Vec<ModuleId>,
    out: &mut BTreeMap<Name, ModuleDef>,
) {
    if visited.contains(&module) {
        return;
    }
    visited.push(module);
    let db = maps.db();
    let Some(data) = maps.data(module) else {
        return;
    };
    let mut add = |name: &Name, def: ModuleDef, visibility: Visibility| {
        if visibility.is_visible_from(db, from) {
            out.entry(name.clone()).or_insert(def);
        }
    };
    for scope in [&data.items, &data.imports] {
        scope
            .of(namespace)
            .iter()
            .for_each(|(name, it)| add(name, it.def, it.visibility));
    }
    match namespace {
        Namespace::Types => {
            for (name, child) in &data.children {
                let visibility = maps.data(child.module).map(|data| data.visibility);
                add(
                    name,
                    ModuleDef::Module(child.module),
                    visibility.unwrap_or(Visibility::Public),
                );
            }
        }
        Namespace::Values => {
            let variants = data.variants.iter();
            for (name, entry) in variants.flat_map(|(name, all)| all.iter().map(move |e| (name, e)))
            {
                add(name, entry.def, entry.visibility);
            }
        }
    }
    for glob in maps.globs(module).iter() {
        if !glob.visibility.is_visible_from(db, from) {
            continue;
        }
        let mut inner = BTreeMap::new();
        match glob.target {
            GlobTarget::Module(target) => {
                collect_names(maps, target, namespace, module, visited, &mut inner);
            }
            GlobTarget::Enum(target) if namespace == Namespace::Values => {
                let data = maps.data(target.module(db));
                let variants = data.into_iter().flat_map(|data| data.variants.keys());
                for name in variants {
                    if let Some(entry) = enum_variant(maps, target, name) {
                        inner.insert(name.clone(), entry.def);
                    }
                }
            }
            GlobTarget::Enum(_) => {}
        }
        for (name, def) in inner {
            if glob
                .filters
                .iter()
                .all(|filter| maps.passes(*filter, &name))
            {
                out.entry(name).or_insert(def);
            }
        }
    }
}

/// All names that a path in `module` may start with.
pub(crate) fn names_in_module_scope(
    maps: &dyn Maps,
    module: ModuleId,
    namespace: Namespace,
) -> BTreeMap<Name, ModuleDef> {
    let db = maps.db();
    let mut out = names_of_module(maps, module, namespace, module);
    if namespace == Namespace::Types {
        for dep in module.package(db).dependencies(db).iter() {
            let root = ModuleDef::Module(root_module(db, dep.package));
            out.entry(dep.name.clone()).or_insert(root);
        }
        let siblings = parent_module(db, module).and_then(|parent| maps.data(parent));
        for (name, child) in siblings.into_iter().flat_map(|data| &data.children) {
            out.entry(name.clone())
                .or_insert(ModuleDef::Module(child.module));
        }
    }
    if let Some(prelude) = prelude_module(db, module.package(db)) {
        for (name, def) in names_of_module(maps, prelude, namespace, module) {
            out.entry(name).or_insert(def);
        }
    }
    out
}

/// A discovered child or sibling that a package of the same name hides (W045).
pub(crate) fn hidden_module(maps: &dyn Maps, module: ModuleId, name: &str) -> Option<ModuleId> {
    let db = maps.db();
    let around = [Some(module), parent_module(db, module)];
    let hidden = around.into_iter().flatten().find_map(|at| {
        let child = maps.data(at)?.children.get(name)?;
        (!child.declared).then_some(child.module)
    })?;
    debug_assert!(is_within(db, hidden, root_module(db, module.package(db))));
    (hidden == child_module(db, parent_module(db, hidden)?, name)).then_some(hidden)
}

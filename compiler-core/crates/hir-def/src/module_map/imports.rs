//! Imports, resolved on demand.
//!
//! An import may need another one (`use a::b` then `use b::c`), also across modules and in
//! cycles. Each is resolved when it is first asked for, an import that is being resolved counts
//! as absent, and afterwards all are resolved again until nothing changes, so that the answer
//! does not depend on the order of asking.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;

use base::{Db, Package};
use indexmap::IndexMap;
use rustc_hash::FxHashMap;

use crate::diagnostics::DefDiagnostic;
use crate::item_tree::{UseFilter, UseKind};
use crate::module_map::collect::Import;
use crate::module_map::lookup::{
    Finished, FirstOf, Found, Maps, enum_variant, hidden_module, lookup_in_module,
    names_in_module_scope, names_of_module, package_named,
};
use crate::module_map::walk::{WalkError, WalkErrorKind, Walked, walk};
use crate::module_map::{
    Glob, GlobTarget, ImportId, ModuleData, Namespace, ScopeEntry, module_map, root_module,
};
use crate::suggest::nearest;
use crate::{ModuleDef, ModuleId, Name};

/// Rounds of resolving everything again; two are enough unless imports feed on each other.
const ROUNDS_MAX: usize = 8;

type Filters = IndexMap<ImportId, UseFilter>;

/// Fills in the imports of all modules.
pub(super) fn resolve(
    db: &dyn Db,
    package: Package,
    modules: IndexMap<ModuleId, ModuleData>,
    imports: Vec<Import>,
    diagnostics: &mut Vec<DefDiagnostic>,
) -> (IndexMap<ModuleId, ModuleData>, Filters) {
    let mut by_name: FxHashMap<(ModuleId, Name), Vec<usize>> = FxHashMap::default();
    let mut by_module: FxHashMap<ModuleId, Vec<usize>> = FxHashMap::default();
    let mut filters = Filters::new();
    for (index, import) in imports.iter().enumerate() {
        by_module.entry(import.id.module).or_default().push(index);
        if let Some(name) = import.leaf.binding() {
            by_name
                .entry((import.id.module, name.clone()))
                .or_default()
                .push(index);
        }
        if let Some(filter) = &import.leaf.filter {
            filters.insert(import.id, filter.clone());
        }
    }
    let states = RefCell::new(vec![State::Unresolved; imports.len()]);
    let resolver = Resolver {
        db,
        package,
        modules,
        imports,
        by_name,
        by_module,
        filters,
        states,
    };
    resolver.run();
    resolver.report(diagnostics);
    resolver.finish(diagnostics)
}

#[derive(Clone, Debug, PartialEq)]
enum State {
    Unresolved,
    InProgress,
    Done(Box<Resolved>),
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Resolved {
    types: Option<ScopeEntry>,
    values: Option<ScopeEntry>,
    glob: Option<Glob>,
    error: Option<WalkError>,
}

struct Resolver<'db> {
    db: &'db dyn Db,
    package: Package,
    modules: IndexMap<ModuleId, ModuleData>,
    imports: Vec<Import>,
    by_name: FxHashMap<(ModuleId, Name), Vec<usize>>,
    by_module: FxHashMap<ModuleId, Vec<usize>>,
    filters: Filters,
    states: RefCell<Vec<State>>,
}

impl Maps for Resolver<'_> {
    fn db(&self) -> &dyn Db {
        self.db
    }

    fn data(&self, module: ModuleId) -> Option<&ModuleData> {
        if module.package(self.db) == self.package {
            self.modules.get(&module)
        } else {
            module_map(self.db, module.package(self.db)).module(module)
        }
    }

    fn imported(&self, module: ModuleId, name: &str, namespace: Namespace) -> Option<ScopeEntry> {
        if module.package(self.db) != self.package {
            return Finished(self.db).imported(module, name, namespace);
        }
        let candidates = self.by_name.get(&(module, Name::new(name)))?;
        candidates.iter().find_map(|index| {
            let resolved = self.resolved(*index)?;
            match namespace {
                Namespace::Types => resolved.types,
                Namespace::Values => resolved.values,
            }
        })
    }

    fn globs(&self, module: ModuleId) -> Cow<'_, [Glob]> {
        if module.package(self.db) != self.package {
            let data = module_map(self.db, module.package(self.db)).module(module);
            return data.map_or(Cow::Borrowed(&[]), |data| Cow::Borrowed(&data.globs));
        }
        let indexes = self
            .by_module
            .get(&module)
            .map(|it| it.as_slice())
            .unwrap_or_default();
        let globs = indexes
            .iter()
            .filter_map(|index| self.resolved(*index)?.glob);
        Cow::Owned(globs.collect())
    }

    fn passes(&self, import: ImportId, name: &str) -> bool {
        match self.filters.get(&import) {
            Some(filter) => filter.lets_through(name),
            None => Finished(self.db).passes_foreign(import, name, self.package),
        }
    }
}

impl Finished<'_> {
    /// The filter of another package's import; one of `own` has none if it is not known.
    fn passes_foreign(&self, import: ImportId, name: &str, own: Package) -> bool {
        import.module.package(self.0) == own || self.passes(import, name)
    }
}

impl Resolver<'_> {
    fn run(&self) {
        (0..self.imports.len()).for_each(|index| {
            self.resolved(index);
        });
        for _ in 0..ROUNDS_MAX {
            let mut changed = false;
            for index in 0..self.imports.len() {
                let before = self.set_state(index, State::InProgress);
                let after = State::Done(Box::new(self.compute(index)));
                changed |= before.as_ref() != Some(&after);
                self.set_state(index, after);
            }
            if !changed {
                return;
            }
        }
    }

    /// `None` while the import is being resolved.
    fn resolved(&self, index: usize) -> Option<Resolved> {
        match self.states.borrow().get(index)? {
            State::Done(resolved) => return Some(Resolved::clone(resolved)),
            State::InProgress => return None,
            State::Unresolved => {}
        }
        self.set_state(index, State::InProgress);
        let resolved = self.compute(index);
        self.set_state(index, State::Done(Box::new(resolved.clone())));
        Some(resolved)
    }

    fn set_state(&self, index: usize, state: State) -> Option<State> {
        let mut states = self.states.borrow_mut();
        states
            .get_mut(index)
            .map(|slot| std::mem::replace(slot, state))
    }

    fn compute(&self, index: usize) -> Resolved {
        let Some(import) = self.imports.get(index) else {
            return Resolved::default();
        };
        let mut types = self.walk_in(import, Namespace::Types);
        let mut values = match import.leaf.kind {
            UseKind::Named { .. } => self.walk_in(import, Namespace::Values),
            UseKind::Glob => Err(WalkError {
                segment: 0,
                kind: WalkErrorKind::NotFound,
            }),
        };
        let mut resolved = Resolved::default();
        let own_filter = import.leaf.filter.as_ref().map(|_| import.id);
        for entry in [&mut types, &mut values].into_iter().flatten() {
            entry.visibility = entry.visibility.min(self.db, import.visibility);
            entry.import = Some(import.id);
            entry.filters = entry.filters.iter().copied().chain(own_filter).collect();
        }
        let target = types.as_ref().ok().and_then(|entry| match entry.def {
            ModuleDef::Module(module) => Some((GlobTarget::Module(module), entry)),
            ModuleDef::Enum(enum_) => Some((GlobTarget::Enum(enum_), entry)),
            _ => None,
        });
        resolved.glob = target.map(|(target, entry)| Glob {
            target,
            import: import.id,
            visibility: import.visibility,
            filters: entry.filters.clone(),
        });
        match (&import.leaf.kind, &types, &values) {
            (UseKind::Glob, Ok(_), _) if resolved.glob.is_none() => {
                let segment = import.leaf.path.names.len().saturating_sub(1);
                resolved.error = Some(WalkError {
                    segment,
                    kind: WalkErrorKind::NotFound,
                });
            }
            (_, Err(in_types), Err(in_values)) => {
                let values_know_more = in_types.kind == WalkErrorKind::NotFound
                    && in_values.kind != WalkErrorKind::NotFound;
                let error = if values_know_more {
                    in_values
                } else {
                    in_types
                };
                resolved.error = Some(error.clone());
            }
            _ => {}
        }
        if let UseKind::Named { .. } = import.leaf.kind {
            resolved.types = types.ok();
            resolved.values = values.ok();
        }
        resolved
    }

    fn walk_in(&self, import: &Import, namespace: Namespace) -> Result<ScopeEntry, WalkError> {
        let path = &import.leaf.path;
        let names: Vec<&str> = path.names.iter().map(|name| name.as_str()).collect();
        let module = import.id.module;
        let first_of = FirstOf::Import;
        let Walked { entry, consumed } =
            walk(self, module, path.anchor, &names, namespace, first_of)?;
        if consumed < names.len() {
            return Err(WalkError {
                segment: consumed,
                kind: WalkErrorKind::NotFound,
            });
        }
        Ok(entry)
    }

    fn report(&self, diagnostics: &mut Vec<DefDiagnostic>) {
        let chains = self.circular_chains();
        let mut hidden = rustc_hash::FxHashSet::default();
        for (index, import) in self.imports.iter().enumerate() {
            let Some(resolved) = self.resolved(index) else {
                continue;
            };
            let id = import.id;
            if let Some(name) = import.leaf.path.names.first()
                && import.leaf.path.anchor == crate::PathAnchor::Plain
                && package_named(self.db, self.package, name).is_some()
                && let Some(module) = hidden_module(self, id.module, name)
                && hidden.insert(module)
            {
                let package = name.clone();
                diagnostics.push(DefDiagnostic::HiddenModule {
                    import: id,
                    module,
                    package,
                });
            }
            if let Some(error) = &resolved.error {
                match chains.get(&index) {
                    Some(Some(chain)) => {
                        let chain = chain.clone();
                        diagnostics.push(DefDiagnostic::CircularReexport { chain });
                    }
                    Some(None) => {}
                    None => diagnostics.extend(error_of(self, import, error)),
                }
                continue;
            }
            self.report_filter(import, &resolved, diagnostics);
        }
    }

    /// M012.
    fn report_filter(
        &self,
        import: &Import,
        resolved: &Resolved,
        diagnostics: &mut Vec<DefDiagnostic>,
    ) {
        let Some(filter) = &import.leaf.filter else {
            return;
        };
        let Some(glob) = &resolved.glob else {
            return diagnostics.push(DefDiagnostic::FilterOnItem { import: import.id });
        };
        for (index, name) in filter.names.iter().enumerate() {
            let exists = match glob.target {
                GlobTarget::Module(module) => [Namespace::Types, Namespace::Values]
                    .into_iter()
                    .map(|ns| lookup_in_module(self, module, name, ns, import.id.module))
                    .any(|found| matches!(found, Found::One(_) | Found::Ambiguous(_))),
                GlobTarget::Enum(enum_) => enum_variant(self, enum_, name).is_some(),
            };
            if exists {
                continue;
            }
            let mut names = BTreeMap::new();
            if let GlobTarget::Module(module) = glob.target {
                for namespace in [Namespace::Types, Namespace::Values] {
                    names.extend(names_of_module(self, module, namespace, import.id.module));
                }
            }
            let nearest = nearest(name, names.keys().map(|name| name.as_str()));
            let (import, index, name) = (import.id, index as u32, name.clone());
            diagnostics.push(DefDiagnostic::FilterNamesNothing {
                import,
                index,
                name,
                nearest,
            });
        }
    }

    /// Failed imports that ask for each other: the first of a cycle with its chain, the others,
    /// and those that ask for one of them, with `None`.
    fn circular_chains(&self) -> FxHashMap<usize, Option<Box<[ImportId]>>> {
        let next: FxHashMap<usize, usize> = (0..self.imports.len())
            .filter_map(|index| Some((index, self.asks_for(index)?)))
            .collect();
        let mut chains: FxHashMap<usize, Option<Box<[ImportId]>>> = FxHashMap::default();
        for start in 0..self.imports.len() {
            if chains.contains_key(&start) || !next.contains_key(&start) {
                continue;
            }
            let mut seen = vec![start];
            while let Some(&then) = seen.last().and_then(|last| next.get(last)) {
                if let Some(at) = seen.iter().position(|index| *index == then) {
                    let chain = seen[at..]
                        .iter()
                        .filter_map(|index| self.imports.get(*index));
                    let chain = chain.map(|import| import.id).collect();
                    seen.iter().for_each(|index| {
                        chains.entry(*index).or_insert(None);
                    });
                    chains.insert(then, Some(chain));
                    break;
                }
                if chains.contains_key(&then) {
                    seen.iter().for_each(|index| {
                        chains.entry(*index).or_insert(None);
                    });
                    break;
                }
                seen.push(then);
            }
        }
        chains
    }

    /// The failed import that a failed import needs for its last segment.
    fn asks_for(&self, index: usize) -> Option<usize> {
        let import = self.imports.get(index)?;
        self.resolved(index)?.error?;
        let (last, before) = import.leaf.path.names.split_last()?;
        let before: Vec<&str> = before.iter().map(|name| name.as_str()).collect();
        if before.is_empty() && import.leaf.path.anchor == crate::PathAnchor::Plain {
            return None;
        }
        let module = import.id.module;
        let anchor = import.leaf.path.anchor;
        let walked = walk(
            self,
            module,
            anchor,
            &before,
            Namespace::Types,
            FirstOf::Import,
        )
        .ok()?;
        let ModuleDef::Module(target) = walked.entry.def else {
            return None;
        };
        let candidates = self.by_name.get(&(target, last.clone()))?;
        let failed = |index: &&usize| self.resolved(**index).is_some_and(|it| it.error.is_some());
        candidates.iter().find(failed).copied()
    }

    fn finish(
        self,
        diagnostics: &mut Vec<DefDiagnostic>,
    ) -> (IndexMap<ModuleId, ModuleData>, Filters) {
        debug_assert!(
            self.modules
                .contains_key(&root_module(self.db, self.package))
        );
        let Resolver {
            mut modules,
            imports,
            states,
            filters,
            ..
        } = self;
        for (import, state) in imports.iter().zip(states.into_inner()) {
            let (State::Done(resolved), Some(data)) = (state, modules.get_mut(&import.id.module))
            else {
                continue;
            };
            data.all_imports = data
                .all_imports
                .iter()
                .copied()
                .chain([import.id])
                .collect();
            data.globs = data.globs.iter().cloned().chain(resolved.glob).collect();
            let Some(name) = import.leaf.binding() else {
                continue;
            };
            let mut clash = None;
            let entries = [
                (Namespace::Types, resolved.types),
                (Namespace::Values, resolved.values),
            ];
            for (namespace, entry) in entries {
                let Some(entry) = entry else { continue };
                match data.imports.of_mut(namespace).entry(name.clone()) {
                    indexmap::map::Entry::Vacant(slot) => {
                        slot.insert(entry);
                    }
                    indexmap::map::Entry::Occupied(slot) if slot.get().def != entry.def => {
                        clash = clash.or(slot.get().import);
                    }
                    indexmap::map::Entry::Occupied(_) => {}
                }
            }
            if let Some(first) = clash {
                let (second, name) = (import.id, name.clone());
                diagnostics.push(DefDiagnostic::ImportedTwice {
                    first,
                    second,
                    name,
                });
            }
        }
        (modules, filters)
    }
}

/// What a path of an import that leads nowhere is reported as.
pub(crate) fn error_of(
    maps: &dyn Maps,
    import: &Import,
    error: &WalkError,
) -> Option<DefDiagnostic> {
    let id = import.id;
    let path = &import.leaf.path;
    let segment = error.segment as u32;
    let name = path.names.get(error.segment).cloned().unwrap_or_default();
    Some(match &error.kind {
        WalkErrorKind::NotFound => {
            let is_last = error.segment + 1 >= path.names.len();
            let nearest = nearest_segment(maps, import, error.segment, &name);
            if is_last && import.leaf.kind != UseKind::Glob {
                DefDiagnostic::UnresolvedImport {
                    import: id,
                    segment,
                    name,
                    nearest,
                }
            } else {
                DefDiagnostic::UnknownSegment {
                    import: id,
                    segment,
                    name,
                    nearest,
                }
            }
        }
        WalkErrorKind::Private(def) => DefDiagnostic::PrivateImport {
            import: id,
            segment,
            def: *def,
        },
        WalkErrorKind::Ambiguous(candidates) => {
            let candidates = candidates.clone();
            DefDiagnostic::AmbiguousImport {
                import: id,
                segment,
                candidates,
            }
        }
        WalkErrorKind::Filtered(filter) => DefDiagnostic::FilteredOut {
            import: id,
            segment,
            name,
            filter: *filter,
        },
        WalkErrorKind::SuperBeyondRoot => DefDiagnostic::SuperBeyondRoot { import: id },
    })
}

fn nearest_segment(maps: &dyn Maps, import: &Import, segment: usize, name: &str) -> Option<Name> {
    let path = &import.leaf.path;
    let module = import.id.module;
    let mut names: BTreeMap<Name, ModuleDef> = BTreeMap::new();
    for namespace in [Namespace::Types, Namespace::Values] {
        if segment == 0 && path.anchor == crate::PathAnchor::Plain {
            names.extend(names_in_module_scope(maps, module, namespace));
            continue;
        }
        let before: Vec<&str> = path
            .names
            .iter()
            .take(segment)
            .map(|it| it.as_str())
            .collect();
        let walked = walk(
            maps,
            module,
            path.anchor,
            &before,
            Namespace::Types,
            FirstOf::Import,
        );
        if let Ok(Walked {
            entry:
                ScopeEntry {
                    def: ModuleDef::Module(at),
                    ..
                },
            ..
        }) = walked
        {
            names.extend(names_of_module(maps, at, namespace, module));
        }
    }
    nearest(name, names.keys().map(|name| name.as_str()))
}

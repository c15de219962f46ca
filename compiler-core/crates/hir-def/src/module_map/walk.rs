//! Walking a path from module to module.

use base::Db;

use crate::block_items::{ClassTypes, block_data_of};
use crate::diagnostics::Candidate;
use crate::module_map::lookup::{
    FirstOf, Found, Maps, enum_variant, lookup_first, lookup_in_module,
};
use crate::module_map::{
    ImportId, Namespace, ScopeEntry, child_module, is_of_class, parent_module, root_module,
};
use crate::{ClassId, ContainerId, ModuleDef, ModuleId, PathAnchor, Visibility};

/// How far a path went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Walked {
    pub(crate) entry: ScopeEntry,
    /// Names used up.
    pub(crate) consumed: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WalkError {
    pub(crate) segment: usize,
    pub(crate) kind: WalkErrorKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WalkErrorKind {
    NotFound,
    Private(ModuleDef),
    Ambiguous(Box<[Candidate]>),
    Filtered(ImportId),
    SuperBeyondRoot,
}

/// Follows `names` from `module` as far as modules and enums go. The last name is looked up in
/// `namespace`, those before it among types.
pub(crate) fn walk(
    maps: &dyn Maps,
    module: ModuleId,
    anchor: PathAnchor,
    names: &[&str],
    namespace: Namespace,
    first_of: FirstOf,
) -> Result<Walked, WalkError> {
    let of_segment = |index: usize| {
        if index + 1 == names.len() {
            namespace
        } else {
            Namespace::Types
        }
    };
    match anchored(maps.db(), module, anchor)? {
        Some(start) => walk_from(maps, module, module_entry(start), 0, names, namespace),
        None => {
            let not_found = WalkError {
                segment: 0,
                kind: WalkErrorKind::NotFound,
            };
            let name = names.first().ok_or(not_found)?;
            let found = lookup_first(maps, module, name, of_segment(0), first_of);
            let entry = one(found, 0)?;
            walk_from(maps, module, entry, 1, names, namespace)
        }
    }
}

/// Follows the names from `consumed` on, from something already found.
pub(crate) fn walk_from(
    maps: &dyn Maps,
    module: ModuleId,
    mut entry: ScopeEntry,
    mut consumed: usize,
    names: &[&str],
    namespace: Namespace,
) -> Result<Walked, WalkError> {
    while let Some(name) = names.get(consumed) {
        let is_last = consumed + 1 == names.len();
        let here = if is_last { namespace } else { Namespace::Types };
        if let Some(filter) = entry
            .filters
            .iter()
            .find(|filter| !maps.passes(**filter, name))
        {
            let kind = WalkErrorKind::Filtered(*filter);
            return Err(WalkError {
                segment: consumed,
                kind,
            });
        }
        match entry.def {
            ModuleDef::Module(at) => {
                entry = one(lookup_in_module(maps, at, name, here, module), consumed)?;
            }
            ModuleDef::Class(class) if let Some(nested) = types_of_class(maps, class) => {
                match lookup_in_module(maps, nested, name, here, module) {
                    Found::None => break,
                    found => entry = one(found, consumed)?,
                }
            }
            ModuleDef::Class(class) if let Some(types) = types_in_block(maps, class) => {
                match types.get(name, here) {
                    Some(def) => entry = ScopeEntry { def, ..entry },
                    None => break,
                }
            }
            ModuleDef::Enum(enum_) if here == Namespace::Values => {
                match enum_variant(maps, enum_, name) {
                    Some(variant) => entry = variant,
                    None => break,
                }
            }
            _ => break,
        }
        consumed += 1;
    }
    Ok(Walked { entry, consumed })
}

/// The module of the types declared in a class.
fn types_of_class(maps: &dyn Maps, class: ClassId) -> Option<ModuleId> {
    let db = maps.db();
    let ContainerId::Module(around) = class.container(db) else {
        return None;
    };
    let data = crate::signatures::class_data(db, class);
    if !data.has_types {
        return None;
    }
    let module = child_module(db, around, &data.name);
    is_of_class(maps.data(module)?, class.item(db), db).then_some(module)
}

/// The types declared in a class of a block.
fn types_in_block(maps: &dyn Maps, class: ClassId) -> Option<&ClassTypes> {
    let db = maps.db();
    let ContainerId::Block(block) = class.container(db) else {
        return None;
    };
    block_data_of(db, block)?.types_of(class)
}

fn one(found: Found, segment: usize) -> Result<ScopeEntry, WalkError> {
    let kind = match found {
        Found::One(entry) => return Ok(entry),
        Found::Ambiguous(candidates) => WalkErrorKind::Ambiguous(candidates),
        Found::Private(def) => WalkErrorKind::Private(def),
        Found::Filtered(import) => WalkErrorKind::Filtered(import),
        Found::None => WalkErrorKind::NotFound,
    };
    Err(WalkError { segment, kind })
}

/// The module that an anchor names; `None` for plain paths.
fn anchored(
    db: &dyn Db,
    module: ModuleId,
    anchor: PathAnchor,
) -> Result<Option<ModuleId>, WalkError> {
    match anchor {
        PathAnchor::Plain => Ok(None),
        PathAnchor::Crate => Ok(Some(root_module(db, module.package(db)))),
        PathAnchor::SelfModule => Ok(Some(module)),
        PathAnchor::Super(count) => {
            let mut at = Some(module);
            for _ in 0..count {
                at = at.and_then(|module| parent_module(db, module));
            }
            at.map(Some).ok_or(WalkError {
                segment: 0,
                kind: WalkErrorKind::SuperBeyondRoot,
            })
        }
        PathAnchor::This => Err(WalkError {
            segment: 0,
            kind: WalkErrorKind::NotFound,
        }),
    }
}

fn module_entry(module: ModuleId) -> ScopeEntry {
    ScopeEntry {
        def: ModuleDef::Module(module),
        visibility: Visibility::Public,
        import: None,
        filters: Box::default(),
    }
}

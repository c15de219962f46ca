//! What each name of an item means.
//!
//! An item's names are collected in one walk over its lowered forms, whose source maps say where
//! each name stands. Everything that goes from text to meaning (definitions, references,
//! highlights, colours) looks a token's range up in this list, so they cannot disagree.

mod in_body;
mod in_use;

use base::{Db, ItemLoc, item_range};
use hir_def::body::source_map::TypeSourceMap;
use hir_def::module_map::Namespace;
use hir_def::resolver::{PathResult, Resolution, Scope, resolve_path, resolve_record_path};
use hir_def::signatures::{self as s};
use hir_def::{
    AnonConstId, AnonConstKind, BodyOwner, FieldId, GenericDef, GenericParamId, ModuleDef, Path,
    TypeRef, TypeRefId, TypeStore, VariantDef, VariantId,
};
use hir_ty::this_type;
use syntax::TextRange;

use crate::definition::{generic_map, signature_map};
use crate::{Definition, ItemDef};

/// How a name is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    Declaration,
    Use,
    /// The target of an assignment.
    Write,
}

/// One name and what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NameUse {
    pub range: TextRange,
    pub def: Definition,
    pub role: Role,
}

/// All resolved names of an item, without those of items inside it. Ranges are those of the
/// file, in order; of two meanings of one place (`P { x }`) the local comes first.
pub fn names_of(db: &dyn Db, item: ItemDef) -> Vec<NameUse> {
    let loc = match item {
        ItemDef::Def(def) => def.item(db),
        ItemDef::Impl(id) => Some(id.item(db)),
        ItemDef::Use(_, loc) => Some(loc),
    };
    let Some(loc) = loc else { return Vec::new() };
    let mut acc = Collector {
        db,
        out: Vec::new(),
    };
    match item {
        ItemDef::Use(container, loc) => acc.use_item(container, loc),
        ItemDef::Impl(id) => acc.generic_def(GenericDef::Impl(id)),
        ItemDef::Def(def) => acc.def(def),
    }
    finish(db, loc, acc.out)
}

fn finish(db: &dyn Db, loc: ItemLoc, mut names: Vec<NameUse>) -> Vec<NameUse> {
    // Names that nobody wrote stand nowhere.
    if base::derived_from(db, loc).is_some() {
        return Vec::new();
    }
    let start = item_range(db, loc)
        .map(|range| range.start())
        .unwrap_or_default();
    names.retain(|name| !name.range.is_empty());
    for name in &mut names {
        name.range += start;
    }
    let rank = |name: &NameUse| !matches!(name.def, Definition::Local(..));
    names.sort_by_key(|name| (name.range.start(), name.range.end(), rank(name)));
    names.dedup_by_key(|name| (name.range, name.def));
    names
}

struct Collector<'db> {
    db: &'db dyn Db,
    out: Vec<NameUse>,
}

impl Collector<'_> {
    fn push(&mut self, range: TextRange, def: Definition, role: Role) {
        self.out.push(NameUse { range, def, role });
    }

    fn def(&mut self, def: ModuleDef) {
        let db = self.db;
        if let Some(map) = signature_map(db, def).filter(|_| !matches!(def, ModuleDef::Variant(_)))
        {
            self.push(map.name, Definition::Item(def), Role::Declaration);
        }
        match def {
            ModuleDef::Const(id) => {
                let owner = BodyOwner::Const(id);
                let (data, map) = s::const_data_with_source_map(db, id);
                self.types(&data.types, &map.types, &|_| Scope::of_body(db, owner));
                self.body(owner);
            }
            ModuleDef::Static(id) => {
                let owner = BodyOwner::Static(id);
                let (data, map) = s::static_data_with_source_map(db, id);
                self.types(&data.types, &map.types, &|_| Scope::of_body(db, owner));
                self.body(owner);
            }
            _ => {
                if let Some(generic) = def.generic_def() {
                    self.generic_def(generic);
                }
            }
        }
        match def {
            ModuleDef::Func(id) => self.body(BodyOwner::Func(id)),
            ModuleDef::Struct(id) => self.fields(VariantDef::Struct(id)),
            ModuleDef::Union(id) => self.fields(VariantDef::Union(id)),
            ModuleDef::Enum(id) => {
                let (data, map) = s::enum_data_with_source_map(db, id);
                for (index, variant) in data.variants.iter().enumerate() {
                    let variant_id = VariantId {
                        parent: id,
                        index: index as u32,
                    };
                    if let Some(range) = map.members.get(index) {
                        let def = Definition::Item(ModuleDef::Variant(variant_id));
                        self.push(*range, def, Role::Declaration);
                    }
                    self.fields(VariantDef::Variant(variant_id));
                    if variant.has_discriminant {
                        let kind = AnonConstKind::Discriminant(variant_id);
                        self.body(BodyOwner::AnonConst(AnonConstId::new(db, kind)));
                    }
                }
            }
            _ => {}
        }
    }

    /// Declarations of fields, and their defaults.
    fn fields(&mut self, parent: VariantDef) {
        let db = self.db;
        for (index, data) in s::fields(db, parent).fields.iter().enumerate() {
            let field = FieldId {
                parent,
                index: index as u32,
            };
            // The range of a tuple field is that of its type; it has no name to stand on.
            let is_named = !data.name.starts_with(|c: char| c.is_ascii_digit());
            if let Some(range) = relative(Definition::Field(field), db).filter(|_| is_named) {
                self.push(range, Definition::Field(field), Role::Declaration);
            }
            if data.has_default {
                let kind = AnonConstKind::FieldDefault(field);
                self.body(BodyOwner::AnonConst(AnonConstId::new(db, kind)));
            }
        }
    }

    /// Generic parameters and the types of a declaration.
    fn generic_def(&mut self, def: GenericDef) {
        let db = self.db;
        let Some(map) = generic_map(db, def) else {
            return;
        };
        for (index, range) in map.generics.iter().enumerate() {
            let id = GenericParamId {
                def,
                index: index as u32,
            };
            self.push(*range, Definition::GenericParam(id), Role::Declaration);
        }
        self.types(s::types_of(db, def), &map.types, &|_| {
            Scope::of_def(db, def)
        });
    }

    fn types(
        &mut self,
        types: &TypeStore,
        map: &TypeSourceMap,
        scope: &dyn Fn(TypeRefId) -> Scope,
    ) {
        for (id, names) in &map.names {
            if let TypeRef::Path(path) = &types[*id] {
                self.path(scope(*id), path, names, Namespace::Types);
            }
        }
    }

    /// Every segment that names reach; what is behind a type needs inference.
    fn path(&mut self, scope: Scope, path: &Path, names: &[TextRange], namespace: Namespace) {
        for (index, range) in names.iter().enumerate() {
            let is_last = index + 1 == names.len();
            let namespace = if is_last { namespace } else { Namespace::Types };
            if let Some(def) = self.segment(scope, path, index, namespace) {
                self.push(*range, def, Role::Use);
            }
        }
    }

    fn segment(
        &self,
        scope: Scope,
        path: &Path,
        index: usize,
        namespace: Namespace,
    ) -> Option<Definition> {
        let prefix = prefix(path, index + 1)?;
        let found = resolve_whole(self.db, scope, &prefix, namespace);
        found.or_else(|| {
            let other = match namespace {
                Namespace::Types => Namespace::Values,
                Namespace::Values => Namespace::Types,
            };
            resolve_whole(self.db, scope, &prefix, other)
        })
    }
}

fn relative(def: Definition, db: &dyn Db) -> Option<TextRange> {
    let range = def.name_range(db)?.range;
    let start = item_range(db, def.item(db)?)?.start();
    Some(range - start)
}

/// The first segments of a path.
pub(crate) fn prefix(path: &Path, len: usize) -> Option<Path> {
    Some(Path {
        anchor: path.anchor,
        segments: path.segments.get(..len)?.into(),
    })
}

/// What a path names if names alone reach its end.
pub(crate) fn resolve_whole(
    db: &dyn Db,
    scope: Scope,
    path: &Path,
    namespace: Namespace,
) -> Option<Definition> {
    match resolve_path(db, scope, path, namespace) {
        PathResult::Resolved(found) if found.consumed == path.segments.len() => {
            definition(db, found.to)
        }
        _ => None,
    }
}

fn resolve_record(db: &dyn Db, scope: Scope, path: &Path) -> Option<Definition> {
    match resolve_record_path(db, scope, path) {
        PathResult::Resolved(found) if found.consumed == path.segments.len() => {
            definition(db, found.to)
        }
        _ => None,
    }
}

/// The definition that a resolution stands for.
pub fn definition(db: &dyn Db, to: Resolution) -> Option<Definition> {
    match to {
        Resolution::Def(def) => Some(Definition::Item(def)),
        Resolution::GenericParam(id) => Some(Definition::GenericParam(id)),
        Resolution::This(def) => this_definition(db, def),
    }
}

/// What `This` means: the type, or the behavior that is not implemented yet.
pub(crate) fn this_definition(db: &dyn Db, def: GenericDef) -> Option<Definition> {
    if let GenericDef::Behavior(id) = def {
        return Some(Definition::Item(ModuleDef::Behavior(id)));
    }
    let (adt, _) = this_type(db, def)?.as_adt(db)?;
    Some(Definition::Item(match adt {
        hir_def::AdtId::Struct(id) => ModuleDef::Struct(id),
        hir_def::AdtId::Enum(id) => ModuleDef::Enum(id),
        hir_def::AdtId::Union(id) => ModuleDef::Union(id),
        hir_def::AdtId::Class(id) => ModuleDef::Class(id),
    }))
}

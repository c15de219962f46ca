//! The definitions of one file: what its diagnostics are asked of.

use base::{Db, FileId, ItemLoc, Package};
use hir_def::block_items::block_items;
use hir_def::module_map::module_map;
use hir_def::signatures as s;
use hir_def::{
    AnonConstId, AnonConstKind, AssocItemId, BodyOwner, FieldId, GenericDef, ModuleDef, Name,
    VariantDef, VariantId,
};

/// In source order, members behind their parents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FileItems {
    /// Declarations with signatures, without constants and statics.
    pub(super) defs: Vec<GenericDef>,
    pub(super) owners: Vec<BodyOwner>,
    /// T008 among items of blocks: first, second.
    pub(super) duplicates: Vec<(ItemLoc, ItemLoc, Name)>,
    /// Modules inside of blocks.
    pub(super) local_modules: Vec<ItemLoc>,
}

/// Keyed by package and file. Re-runs when declarations of the package change, or items inside
/// bodies of the file; an edit of statements stops before.
#[salsa::tracked]
pub(super) fn file_items(db: &dyn Db, package: Package, file: FileId) -> FileItems {
    let mut out = FileItems::default();
    for module in module_map(db, package).modules.values() {
        for def in module.defs.iter() {
            if def.item(db).is_some_and(|item| item.file(db) == file) {
                out.add(db, *def);
            }
        }
        for id in module.impls.iter().filter(|id| id.file(db) == file) {
            out.add_impl(db, *id);
        }
    }
    out
}

impl FileItems {
    fn add(&mut self, db: &dyn Db, def: ModuleDef) {
        match def {
            ModuleDef::Func(id) => {
                self.defs.push(GenericDef::Func(id));
                self.add_body(db, BodyOwner::Func(id));
            }
            ModuleDef::Struct(id) => {
                self.defs.push(GenericDef::Struct(id));
                self.add_defaults(db, VariantDef::Struct(id));
            }
            ModuleDef::Union(id) => {
                self.defs.push(GenericDef::Union(id));
                self.add_defaults(db, VariantDef::Union(id));
            }
            ModuleDef::Enum(id) => {
                self.defs.push(GenericDef::Enum(id));
                let variants = s::enum_data(db, id).variants.iter().enumerate();
                for (index, variant) in variants {
                    let variant_id = VariantId {
                        parent: id,
                        index: index as u32,
                    };
                    if variant.has_discriminant {
                        let kind = AnonConstKind::Discriminant(variant_id);
                        self.owners
                            .push(BodyOwner::AnonConst(AnonConstId::new(db, kind)));
                    }
                    self.add_defaults(db, VariantDef::Variant(variant_id));
                }
            }
            ModuleDef::Const(id) => self.add_body(db, BodyOwner::Const(id)),
            ModuleDef::Static(id) => self.add_body(db, BodyOwner::Static(id)),
            ModuleDef::TypeAlias(id) => self.defs.push(GenericDef::TypeAlias(id)),
            ModuleDef::Behavior(id) => {
                self.defs.push(GenericDef::Behavior(id));
                self.add_members(db, &s::behavior_data(db, id).items);
            }
            ModuleDef::Class(id) => {
                let data = s::class_data(db, id);
                self.defs.push(GenericDef::Class(id));
                self.add_defaults(db, VariantDef::Class(id));
                for ctor in &data.ctors {
                    self.add(db, ModuleDef::Func(*ctor));
                }
                self.add_members(db, &data.items);
            }
            ModuleDef::Module(_) | ModuleDef::Variant(_) | ModuleDef::Builtin(_) => {}
        }
    }

    fn add_impl(&mut self, db: &dyn Db, id: hir_def::ImplId) {
        self.defs.push(GenericDef::Impl(id));
        self.add_members(db, &s::impl_data(db, id).items);
    }

    fn add_members(&mut self, db: &dyn Db, items: &[(Name, AssocItemId)]) {
        for (_, item) in items {
            match item {
                AssocItemId::Func(id) => self.add(db, ModuleDef::Func(*id)),
                AssocItemId::Const(id) => self.add(db, ModuleDef::Const(*id)),
                AssocItemId::Type(id) => self.add(db, ModuleDef::TypeAlias(*id)),
                AssocItemId::Static(id) => self.add(db, ModuleDef::Static(*id)),
            }
        }
    }

    fn add_defaults(&mut self, db: &dyn Db, parent: VariantDef) {
        for (index, field) in s::fields(db, parent).fields.iter().enumerate() {
            if field.has_default {
                let kind = AnonConstKind::FieldDefault(FieldId {
                    parent,
                    index: index as u32,
                });
                self.owners
                    .push(BodyOwner::AnonConst(AnonConstId::new(db, kind)));
            }
        }
    }

    /// A body and the items in it. Items nest no deeper than the parser lets blocks nest.
    fn add_body(&mut self, db: &dyn Db, owner: BodyOwner) {
        self.owners.push(owner);
        for block in block_items(db, owner).blocks.iter() {
            self.duplicates.extend(block.duplicates.iter().cloned());
            self.local_modules.extend(block.modules.iter().copied());
            for def in block.defs.iter() {
                self.add(db, *def);
            }
            for id in block.impls.iter() {
                self.add_impl(db, *id);
            }
        }
    }
}

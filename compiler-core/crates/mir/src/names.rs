//! Paths of definitions, for the text form.

use base::Db;
use hir_def::signatures as s;
use hir_def::{
    AdtId, AnonConstKind, BodyOwner, ConstId, ContainerId, FuncId, GenericDef, ImplId, StaticId,
    VariantId,
};

pub(crate) fn owner_path(db: &dyn Db, owner: BodyOwner) -> String {
    match owner {
        BodyOwner::Func(id) => func_path(db, id),
        BodyOwner::Const(id) => const_path(db, id),
        BodyOwner::Static(id) => static_path(db, id),
        BodyOwner::AnonConst(id) => match id.kind(db) {
            AnonConstKind::FieldDefault(field) => {
                let name = hir_ty::names::field_name(db, field);
                format!("{}::{name}::default", adt_path(db, field.parent.adt()))
            }
            AnonConstKind::Discriminant(variant) => {
                let adt = adt_path(db, AdtId::Enum(variant.parent));
                format!("{adt}::{}::discriminant", variant_name(db, variant))
            }
            AnonConstKind::ParamDefault(func, index) => {
                format!("{}::default{index}", func_path(db, func))
            }
        },
    }
}

pub(crate) fn func_path(db: &dyn Db, func: FuncId) -> String {
    let name = &s::func_signature(db, func).name;
    format!("{}::{name}", container_path(db, func.container(db)))
}

pub(crate) fn const_path(db: &dyn Db, item: ConstId) -> String {
    let name = &s::const_data(db, item).name;
    format!("{}::{name}", container_path(db, item.container(db)))
}

pub(crate) fn static_path(db: &dyn Db, item: StaticId) -> String {
    let name = &s::static_data(db, item).name;
    format!("{}::{name}", container_path(db, item.container(db)))
}

pub(crate) fn adt_path(db: &dyn Db, adt: AdtId) -> String {
    let name = hir_ty::names::adt_name(db, adt);
    format!("{}::{name}", container_path(db, adt.container(db)))
}

pub(crate) fn variant_name(db: &dyn Db, variant: VariantId) -> String {
    hir_ty::names::variant_name(db, variant).to_string()
}

fn container_path(db: &dyn Db, container: ContainerId) -> String {
    match container {
        ContainerId::Module(module) => {
            let package = module.package(db).name(db);
            match module.path(db).as_str() {
                "" => package.to_string(),
                path => format!("{package}::{path}"),
            }
        }
        ContainerId::Impl(id) => impl_path(db, id),
        ContainerId::Behavior(id) => {
            let name = hir_ty::names::item_name(db, GenericDef::Behavior(id));
            format!("{}::{name}", container_path(db, id.container(db)))
        }
        ContainerId::Class(id) => adt_path(db, AdtId::Class(id)),
        ContainerId::Block(id) => {
            format!("{}::{{{}}}", owner_path(db, id.owner(db)), id.index(db))
        }
    }
}

fn impl_path(db: &dyn Db, id: ImplId) -> String {
    let this = hir_ty::signature::impl_self_ty(db, id);
    match hir_ty::signature::impl_behaviors(db, id).first() {
        Some(behavior) => {
            let name = hir_ty::names::item_name(db, GenericDef::Behavior(behavior.behavior));
            format!("<{} as {name}>", this.display(db))
        }
        None => format!("<{}>", this.display(db)),
    }
}

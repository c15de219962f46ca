//! Imports that nothing uses (W002).
//!
//! Only names count here. Imports of behaviors are left alone: they may be what makes a method
//! call resolve, which types decide. So are imports that other modules can see.

use base::{Db, Package};
use rustc_hash::FxHashSet;

use crate::block_items::block_items;
use crate::body::pat::PatRangeEnd;
use crate::body::{Expr, Pat, body};
use crate::item_tree::{UseKind, UseLeaf};
use crate::module_map::{
    Glob, GlobTarget, ImportId, ModuleData, Namespace, ScopeEntry, is_within, module_map,
};
use crate::resolver::{PathResult, Scope, resolve_path, resolve_record_path};
use crate::signatures::{behavior_data, const_data, impl_data, static_data, types_of};
use crate::{
    AssocItemId, BodyOwner, GenericDef, ImplId, ModuleDef, ModuleId, Path, TypeRef, TypeStore,
    Visibility,
};

/// Private imports of a package that no path in it goes through, in order.
///
/// Keyed by package; read by diagnostics. Re-runs when the imports that some body or signature
/// uses change.
#[salsa::tracked]
pub fn unused_imports(db: &dyn Db, package: Package) -> Box<[ImportId]> {
    let map = module_map(db, package);
    let mut out = Vec::new();
    for (module, data) in &map.modules {
        if data.all_imports.is_empty() {
            continue;
        }
        let used = used_in_module(db, *module, data);
        let watched = is_watched(map.modules.iter(), db, *module);
        out.extend(data.all_imports.iter().copied().filter(|import| {
            !used.contains(import) && !watched && is_reportable(db, data, *import)
        }));
    }
    out.into()
}

/// Whether a module below globs this one and so may use its imports.
fn is_watched<'a>(
    mut modules: impl Iterator<Item = (&'a ModuleId, &'a ModuleData)>,
    db: &dyn Db,
    module: ModuleId,
) -> bool {
    modules.any(|(below, data)| {
        let globs_it = |glob: &Glob| glob.target == GlobTarget::Module(module);
        *below != module && is_within(db, *below, module) && data.globs.iter().any(globs_it)
    })
}

/// Resolved, private, and no behavior. `use test` marks a test file: what it offers is in the
/// prelude as well, so nobody would miss it, but all write it.
fn is_reportable(db: &dyn Db, data: &ModuleData, import: ImportId) -> bool {
    let is_its = |entry: &&ScopeEntry| entry.import == Some(import);
    let scopes = [&data.imports.types, &data.imports.values];
    let entries = || {
        scopes
            .iter()
            .flat_map(|scope| scope.values())
            .filter(is_its)
    };
    let glob = data.globs.iter().find(|glob| glob.import == import);
    let marks_tests = glob.is_some_and(|glob| match glob.target {
        GlobTarget::Module(target) => target.package(db).name(db) == "test",
        _ => false,
    });
    if marks_tests {
        return false;
    }
    let private = Visibility::Module(import.module);
    let is_private = entries().all(|entry| entry.visibility == private)
        && glob.is_none_or(|glob| glob.visibility == private);
    let is_behavior = entries().any(|entry| matches!(entry.def, ModuleDef::Behavior(_)));
    let is_resolved = glob.is_some() || entries().next().is_some();
    is_resolved && is_private && !is_behavior
}

fn used_in_module(db: &dyn Db, module: ModuleId, data: &ModuleData) -> FxHashSet<ImportId> {
    let mut used = FxHashSet::default();
    let scope = Scope::of_module(module);
    for def in &data.defs {
        of_def(db, *def, &mut used);
    }
    data.impls.iter().for_each(|id| of_impl(db, *id, &mut used));
    // An import may be the way to another one: `use a::b` then `use b::c`.
    for import in &data.all_imports {
        for leaf in use_leaves_of(db, *import) {
            let (Some(first), crate::PathAnchor::Plain) =
                (leaf.path.names.first(), leaf.path.anchor)
            else {
                continue;
            };
            if leaf.path.names.len() > 1 || leaf.kind == UseKind::Glob {
                let path = Path::from_name(first.clone());
                note(resolve_path(db, scope, &path, Namespace::Types), &mut used);
            }
        }
    }
    used
}

/// The leaf of an import, from the item tree of its file.
fn use_leaves_of(db: &dyn Db, import: ImportId) -> Vec<UseLeaf> {
    use syntax::ast::AstNode;
    let node = crate::signatures::lower::item_node(db, import.item);
    let use_ = node.and_then(syntax::ast::Use::cast);
    let leaves = use_
        .map(|use_| crate::item_tree::lower::lower_use(&use_))
        .unwrap_or_default();
    leaves
        .get(import.leaf as usize)
        .cloned()
        .into_iter()
        .collect()
}

fn of_def(db: &dyn Db, def: ModuleDef, used: &mut FxHashSet<ImportId>) {
    if let Some(def) = def.generic_def() {
        of_types(db, Scope::of_def(db, def), types_of(db, def), used);
    }
    match def {
        ModuleDef::Func(id) => of_owner(db, BodyOwner::Func(id), used),
        ModuleDef::Const(id) => {
            let owner = BodyOwner::Const(id);
            of_types(
                db,
                Scope::of_body(db, owner),
                &const_data(db, id).types,
                used,
            );
            of_owner(db, owner, used);
        }
        ModuleDef::Static(id) => {
            let owner = BodyOwner::Static(id);
            of_types(
                db,
                Scope::of_body(db, owner),
                &static_data(db, id).types,
                used,
            );
            of_owner(db, owner, used);
        }
        ModuleDef::Behavior(id) => {
            behavior_data(db, id)
                .items
                .iter()
                .for_each(|(_, item)| of_member(db, *item, used));
        }
        ModuleDef::Enum(id) => {
            let data = crate::signatures::enum_data(db, id);
            for (index, _) in data
                .variants
                .iter()
                .enumerate()
                .filter(|(_, it)| it.has_discriminant)
            {
                let variant = crate::VariantId {
                    parent: id,
                    index: index as u32,
                };
                let kind = crate::AnonConstKind::Discriminant(variant);
                of_owner(
                    db,
                    BodyOwner::AnonConst(crate::AnonConstId::new(db, kind)),
                    used,
                );
            }
        }
        ModuleDef::Struct(id) => of_field_defaults(db, crate::VariantDef::Struct(id), used),
        ModuleDef::Class(id) => {
            let data = crate::signatures::class_data(db, id);
            let items = data.items.iter();
            items.for_each(|(_, item)| of_member(db, *item, used));
            let ctors = data.ctors.iter();
            ctors.for_each(|ctor| of_def(db, ModuleDef::Func(*ctor), used));
            of_field_defaults(db, crate::VariantDef::Class(id), used);
        }
        _ => {}
    }
}

fn of_field_defaults(db: &dyn Db, parent: crate::VariantDef, used: &mut FxHashSet<ImportId>) {
    let fields = &crate::signatures::fields(db, parent).fields;
    for (index, _) in fields.iter().enumerate().filter(|(_, it)| it.has_default) {
        let field = crate::FieldId {
            parent,
            index: index as u32,
        };
        let kind = crate::AnonConstKind::FieldDefault(field);
        let anon = crate::AnonConstId::new(db, kind);
        of_owner(db, BodyOwner::AnonConst(anon), used);
    }
}

fn of_impl(db: &dyn Db, id: ImplId, used: &mut FxHashSet<ImportId>) {
    let data = impl_data(db, id);
    of_types(
        db,
        Scope::of_def(db, GenericDef::Impl(id)),
        &data.types,
        used,
    );
    data.items
        .iter()
        .for_each(|(_, item)| of_member(db, *item, used));
}

fn of_member(db: &dyn Db, item: AssocItemId, used: &mut FxHashSet<ImportId>) {
    let def = match item {
        AssocItemId::Func(id) => ModuleDef::Func(id),
        AssocItemId::Const(id) => ModuleDef::Const(id),
        AssocItemId::Type(id) => ModuleDef::TypeAlias(id),
        AssocItemId::Static(id) => ModuleDef::Static(id),
    };
    of_def(db, def, used);
}

fn of_owner(db: &dyn Db, owner: BodyOwner, used: &mut FxHashSet<ImportId>) {
    used.extend(imports_of_body(db, owner).iter().copied());
}

/// Imports of the module that the paths of a body go through, in order of use.
///
/// Keyed by owner; read by [`unused_imports`]. Re-runs when the body or the meaning of one of
/// its paths changes; equal unless the set of imports does.
#[salsa::tracked]
pub fn imports_of_body(db: &dyn Db, owner: BodyOwner) -> Box<[ImportId]> {
    let body = body(db, owner);
    let scope = Scope::of_body(db, owner);
    let mut used = FxHashSet::default();
    let value = |scope: Scope, path: &Path| resolve_path(db, scope, path, Namespace::Values);
    for (id, expr) in body.exprs.iter() {
        let scope = scope.in_block(body.expr_block(id));
        match expr {
            Expr::Path(path) | Expr::PathOrIndex { path, .. } => {
                note(value(scope, path), &mut used);
                // `Type.new()` has a type where a value stands.
                note(resolve_path(db, scope, path, Namespace::Types), &mut used);
            }
            Expr::StructLit { path, .. } => note(resolve_record_path(db, scope, path), &mut used),
            _ => {}
        }
    }
    for (id, pat) in body.pats.iter() {
        let scope = scope.in_block(body.pat_block(id));
        match pat {
            Pat::Path(path) | Pat::TupleStruct { path, .. } => note(value(scope, path), &mut used),
            Pat::Record { path, .. } => note(resolve_record_path(db, scope, path), &mut used),
            Pat::Range { start, end, .. } => {
                for end in [start, end].into_iter().flatten() {
                    if let PatRangeEnd::Path(path) = end {
                        note(value(scope, path), &mut used);
                    }
                }
            }
            _ => {}
        }
    }
    of_types(db, scope, &body.types, &mut used);
    for block in &block_items(db, owner).blocks {
        block
            .defs
            .iter()
            .for_each(|def| of_def(db, *def, &mut used));
        block
            .impls
            .iter()
            .for_each(|id| of_impl(db, *id, &mut used));
    }
    let all = module_map(db, owner.module(db).package(db)).module(owner.module(db));
    let all = all.map(|data| &*data.all_imports).unwrap_or_default();
    all.iter()
        .copied()
        .filter(|import| used.contains(import))
        .collect()
}

fn of_types(db: &dyn Db, scope: Scope, types: &TypeStore, used: &mut FxHashSet<ImportId>) {
    for ty in types.types.values() {
        if let TypeRef::Path(path) = ty {
            note(resolve_path(db, scope, path, Namespace::Types), used);
            // Type arguments and lengths may be constants.
            note(resolve_path(db, scope, path, Namespace::Values), used);
        }
    }
}

fn note(result: PathResult, used: &mut FxHashSet<ImportId>) {
    if let PathResult::Resolved(it) = result {
        used.extend(it.import);
    }
}

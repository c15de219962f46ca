//! The index of implementations.

use base::{Db, Package};
use hir_def::signatures::impl_data;
use hir_def::{AdtId, BehaviorId, BodyOwner, ContainerId, ImplId, ModuleId};
use indexmap::IndexMap;
use rustc_hash::FxHashMap;

use crate::generics::{BehaviorRef, ParamEnv};
use crate::signature::{assoc_type_of, impl_behaviors, impl_self_ty};
use crate::ty::{FloatTy, IntTy, Ty, TyKind};

/// The outermost constructor of a type: what implementations are looked up by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TyHead {
    Bool,
    Int(IntTy),
    Float(FloatTy),
    Char,
    Str,
    Never,
    Adt(AdtId),
    Tuple(usize),
    Array,
    Slice,
    Ref {
        mutable: bool,
    },
    RawPtr,
    Func(usize),
    /// `dyn B`, owned.
    Dyn(BehaviorId),
    /// What `ref dyn B` leads to.
    Object(BehaviorId),
    Interface(BehaviorId),
}

impl TyHead {
    /// `None` for parameters and other types that may be anything.
    pub fn of(db: &dyn Db, ty: Ty) -> Option<TyHead> {
        Some(match ty.kind(db) {
            TyKind::Bool => TyHead::Bool,
            TyKind::Int(int) => TyHead::Int(*int),
            TyKind::Float(float) => TyHead::Float(*float),
            TyKind::Char => TyHead::Char,
            TyKind::Str => TyHead::Str,
            TyKind::Never => TyHead::Never,
            TyKind::Adt(adt, _) => TyHead::Adt(*adt),
            TyKind::Tuple(parts) => TyHead::Tuple(parts.len()),
            TyKind::Array(..) => TyHead::Array,
            TyKind::Slice(_) => TyHead::Slice,
            TyKind::Ref { mutable, .. } => TyHead::Ref { mutable: *mutable },
            TyKind::RawPtr(_) => TyHead::RawPtr,
            TyKind::Func { params, .. } => TyHead::Func(params.len()),
            TyKind::Dyn(object) => TyHead::Dyn(object.behavior),
            TyKind::Object(object) => TyHead::Object(object.behavior),
            TyKind::Interface(id, _) => TyHead::Interface(*id),
            TyKind::FnItem(..)
            | TyKind::Ctor(..)
            | TyKind::Closure(..)
            | TyKind::Future(..)
            | TyKind::Opaque(..)
            | TyKind::Param(_)
            | TyKind::Projection(_)
            | TyKind::Infer(_)
            | TyKind::Error => return None,
        })
    }
}

/// An implementation of a behavior: the n-th of its `impl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BehaviorImpl {
    pub id: ImplId,
    pub nth: u32,
}

impl BehaviorImpl {
    /// The behavior, in terms of the parameters of the `impl`.
    pub fn header(self, db: &dyn Db) -> Option<BehaviorRef> {
        impl_behaviors(db, self.id).get(self.nth as usize).copied()
    }
}

/// The implementations of one package, in order of modules and items.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackageImpls {
    pub all: Box<[ImplId]>,
    /// Inherent ones, by self type. Those for a bare parameter are under `None`.
    pub inherent: FxHashMap<Option<TyHead>, Vec<ImplId>>,
    pub behaviors: FxHashMap<(BehaviorId, Option<TyHead>), Vec<BehaviorImpl>>,
    /// Behaviors by self type, for lookups by method name. In order of appearance.
    pub by_head: IndexMap<Option<TyHead>, Vec<BehaviorId>>,
}

/// Indexes the implementations of a package.
///
/// Keyed by package; read by solving and method lookup. Re-runs when the head of an
/// implementation changes, or one comes or goes; bodies do not reach it.
#[salsa::tracked(cycle_result = impls_cycle)]
pub fn impls(db: &dyn Db, package: Package) -> PackageImpls {
    let modules = hir_def::module_map::module_map(db, package)
        .modules
        .values();
    index(db, modules.flat_map(|module| module.impls.iter().copied()))
}

/// Indexes the implementations inside of a body: those of the types and behaviors that it
/// declares.
///
/// Keyed by owner; asked for goals about such a type or behavior only. Re-runs when the items
/// inside the body change.
#[salsa::tracked(cycle_result = local_impls_cycle)]
pub fn local_impls(db: &dyn Db, owner: BodyOwner) -> PackageImpls {
    let blocks = hir_def::block_items::block_items(db, owner).blocks.iter();
    index(db, blocks.flat_map(|block| block.impls.iter().copied()))
}

fn local_impls_cycle(_: &dyn Db, _: salsa::Id, _: BodyOwner) -> PackageImpls {
    PackageImpls::default()
}

/// The bodies around a declaration, innermost first; none for items of modules.
fn bodies_around(db: &dyn Db, mut container: ContainerId, out: &mut Vec<BodyOwner>) {
    loop {
        container = match container {
            ContainerId::Module(_) => return,
            ContainerId::Block(block) => {
                let owner = block.owner(db);
                if !out.contains(&owner) {
                    out.push(owner);
                }
                owner.container(db)
            }
            ContainerId::Impl(id) => id.container(db),
            ContainerId::Behavior(id) => id.container(db),
            ContainerId::Class(id) => id.container(db),
        };
    }
}

/// Behaviors that a body, or one around it, declares with a member of this name.
pub(crate) fn local_behaviors(db: &dyn Db, owner: BodyOwner, name: &str) -> Vec<BehaviorId> {
    let mut owners = vec![owner];
    bodies_around(db, owner.container(db), &mut owners);
    let blocks = owners
        .into_iter()
        .flat_map(|owner| hir_def::block_items::block_items(db, owner).blocks.iter());
    let behaviors = blocks
        .flat_map(|block| block.defs.iter())
        .filter_map(|def| match def {
            hir_def::ModuleDef::Behavior(id) => Some(*id),
            _ => None,
        });
    behaviors
        .filter(|id| {
            let items = &hir_def::signatures::behavior_data(db, *id).items;
            items.iter().any(|(item, _)| item == name)
        })
        .collect()
}

/// The indexes in which implementations for a type may stand: those of a package and what it
/// depends on, then those of the bodies around the declarations in the type.
pub fn impls_for(db: &dyn Db, package: Package, ty: Ty) -> Vec<(Package, &PackageImpls)> {
    let packages = package_closure(db, package).iter();
    let mut out: Vec<_> = packages.map(|it| (*it, impls(db, *it))).collect();
    let mut owners = Vec::new();
    crate::ty::walk_ty(db, ty, &mut |part| {
        if let TyKind::Adt(adt, _) = part.kind(db) {
            bodies_around(db, adt.container(db), &mut owners);
        }
    });
    let locals = owners
        .into_iter()
        .map(|owner| (package, local_impls(db, owner)));
    out.extend(locals);
    out
}

fn index(db: &dyn Db, ids: impl Iterator<Item = ImplId>) -> PackageImpls {
    let mut out = PackageImpls::default();
    let mut all = Vec::new();
    for id in ids {
        all.push(id);
        let self_ty = impl_self_ty(db, id);
        if self_ty.is_error(db) {
            continue;
        }
        let head = TyHead::of(db, self_ty);
        if impl_data(db, id).behaviors.is_empty() {
            out.inherent.entry(head).or_default().push(id);
            continue;
        }
        for (nth, bound) in impl_behaviors(db, id).iter().enumerate() {
            let entry = BehaviorImpl {
                id,
                nth: nth as u32,
            };
            out.behaviors
                .entry((bound.behavior, head))
                .or_default()
                .push(entry);
            let list = out.by_head.entry(head).or_default();
            if !list.contains(&bound.behavior) {
                list.push(bound.behavior);
            }
        }
    }
    out.all = all.into();
    out
}

// Only through an associated type in the head of an implementation.
fn impls_cycle(_: &dyn Db, _: salsa::Id, _: Package) -> PackageImpls {
    PackageImpls::default()
}

/// A package and all that it depends on, each once, nearest first.
///
/// Re-runs when the package graph changes.
#[salsa::tracked]
pub fn package_closure(db: &dyn Db, package: Package) -> Box<[Package]> {
    let mut out = vec![package];
    let mut next = 0;
    while let Some(current) = out.get(next).copied() {
        next += 1;
        for dependency in current.dependencies(db).iter() {
            if !out.contains(&dependency.package) {
                out.push(dependency.package);
            }
        }
    }
    out.into()
}

/// The packages in which implementations for a goal may stand: the closure of where it is
/// asked, and the homes of the types in it.
pub(crate) fn packages_for(db: &dyn Db, env: ParamEnv, goal: BehaviorRef) -> Vec<Package> {
    let mut out: Vec<Package> = package_closure(db, env.package(db)).to_vec();
    let add = |out: &mut Vec<Package>, package: Package| {
        if !out.contains(&package) {
            out.push(package);
        }
    };
    add(&mut out, goal.behavior.module(db).package(db));
    for ty in goal.args.types(db) {
        crate::ty::walk_ty(db, ty, &mut |part| match part.kind(db) {
            TyKind::Adt(adt, _) => add(&mut out, adt.module(db).package(db)),
            TyKind::Interface(id, _) => add(&mut out, id.module(db).package(db)),
            _ => {}
        });
    }
    out
}

/// Implementations of a behavior that may fit a self type, by its head only.
pub(crate) fn candidates(db: &dyn Db, env: ParamEnv, goal: BehaviorRef) -> Vec<BehaviorImpl> {
    let head = TyHead::of(db, goal.self_ty(db));
    let mut out = Vec::new();
    let mut owners = Vec::new();
    bodies_around(db, goal.behavior.container(db), &mut owners);
    for ty in goal.args.types(db) {
        crate::ty::walk_ty(db, ty, &mut |part| {
            if let TyKind::Adt(adt, _) = part.kind(db) {
                bodies_around(db, adt.container(db), &mut owners);
            }
        });
    }
    let packages = packages_for(db, env, goal).into_iter();
    let indexes = packages.map(|package| impls(db, package));
    let locals = owners.into_iter().map(|owner| local_impls(db, owner));
    for index in indexes.chain(locals) {
        let index = &index.behaviors;
        if head.is_some()
            && let Some(list) = index.get(&(goal.behavior, head))
        {
            out.extend(list.iter().copied());
        }
        if let Some(list) = index.get(&(goal.behavior, None)) {
            out.extend(list.iter().copied());
        }
    }
    out
}

/// Behaviors implemented for a type that declare an associated type of this name.
pub(crate) fn behaviors_with_assoc_type(
    db: &dyn Db,
    module: ModuleId,
    ty: Ty,
    name: &str,
) -> Vec<BehaviorRef> {
    let env = ParamEnv::empty(db, module.package(db));
    let head = TyHead::of(db, ty);
    let mut out = Vec::new();
    for (_, index) in impls_for(db, module.package(db), ty) {
        for behavior in index.by_head.get(&head).into_iter().flatten().copied() {
            if assoc_type_of(db, behavior, name).is_none() {
                continue;
            }
            for found in index.behaviors.get(&(behavior, head)).into_iter().flatten() {
                if let Some(bound) = crate::solve::match_impl(db, env, *found, ty)
                    && !out.contains(&bound)
                {
                    out.push(bound);
                }
            }
        }
    }
    out
}

/// Whether a data type has its own `Drop`.
pub fn drop_impl(db: &dyn Db, adt: AdtId) -> Option<ImplId> {
    let package = adt.module(db).package(db);
    let drop = crate::lang::lang_items(db, package).drop?;
    let key = (drop, Some(TyHead::Adt(adt)));
    let mut owners = Vec::new();
    bodies_around(db, adt.container(db), &mut owners);
    let locals = owners.into_iter().map(|owner| local_impls(db, owner));
    let mut indexes = std::iter::once(impls(db, package)).chain(locals);
    indexes.find_map(|index| Some(index.behaviors.get(&key)?.first()?.id))
}

//! What must live for ever because objects of classes hold it (reference §3.5).

use base::Db;
use hir_def::signatures as s;
use hir_def::{AdtId, ClassId, ContainerId, FuncId, GenericDef};
use hir_ty::{Ty, TyKind};

use super::{Life, adt_lives, sig};

/// Which generic arguments of a data type must live for ever: all those of a class, those that
/// others put into an object, and those that are declared so.
///
/// Keyed by type; read with its lifetimes. Re-runs when its declaration or that of a type in a
/// field changes. Types that contain each other ask nothing of each other.
#[salsa::tracked(cycle_result = forever_cycle)]
pub fn forever_params(db: &dyn Db, adt: AdtId) -> Box<[bool]> {
    let count = hir_ty::generics_of(db, GenericDef::from(adt)).params.len();
    if let AdtId::Class(_) = adt {
        return vec![true; count].into();
    }
    let mut found = vec![false; count];
    if count == 0 {
        return found.into();
    }
    let fields = &hir_ty::signature::adt_fields(db, adt).value;
    for ty in fields.iter().flatten() {
        forever_in(db, *ty, &mut |index| {
            if let Some(found) = found.get_mut(index as usize) {
                *found = true;
            }
        });
    }
    for (index, life) in sig::declared_type_bounds(db, GenericDef::from(adt)) {
        if let (Some(found), Life::Static) = (found.get_mut(index as usize), life) {
            *found = true;
        }
    }
    found.into()
}

fn forever_cycle(db: &dyn Db, _: salsa::Id, adt: AdtId) -> Box<[bool]> {
    let count = hir_ty::generics_of(db, GenericDef::from(adt)).params.len();
    vec![matches!(adt, AdtId::Class(_)); count].into()
}

/// The type parameters that must live for ever because the type is written.
pub(crate) fn forever_in(db: &dyn Db, ty: Ty, f: &mut dyn FnMut(u32)) {
    hir_ty::ty::walk_ty(db, ty, &mut |part| {
        let mut params_of = |arg: Ty| {
            hir_ty::ty::walk_ty(db, arg, &mut |inner| {
                if let TyKind::Param(param) = inner.kind(db) {
                    f(param.index);
                }
            });
        };
        match part.kind(db) {
            TyKind::Adt(adt, args) if !args.list(db).is_empty() => {
                let forever = forever_params(db, *adt);
                for (arg, forever) in args.list(db).iter().zip(forever) {
                    if let (Some(arg), true) = (arg.ty(), forever) {
                        params_of(arg);
                    }
                }
            }
            TyKind::Interface(_, args) => args.types(db).for_each(params_of),
            _ => {}
        }
    });
}

/// The generic parameters of a member that are arguments of its class or interface.
pub(crate) fn forever_of_container(db: &dyn Db, func: FuncId) -> std::ops::Range<u32> {
    let parent = || hir_ty::generics_of(db, GenericDef::Func(func)).parent_count;
    match func.container(db) {
        ContainerId::Class(_) => 0..parent(),
        // The first is the class that implements it.
        ContainerId::Behavior(id) if s::behavior_data(db, id).is_interface => 1..parent(),
        _ => 0..0,
    }
}

/// Whether objects of a class hold `func` values. Their capture lifetime is `static`, and so is
/// that of what a method is given to store there (reference §3.5(2)).
///
/// Keyed by class; read with the lifetimes of its methods.
#[salsa::tracked(returns(copy), cycle_result = holds_cycle)]
pub fn holds_funcs(db: &dyn Db, class: ClassId) -> bool {
    let args = hir_ty::generics::identity_args(db, GenericDef::Class(class));
    let mut found = false;
    for (_, ty) in hir_ty::classes::all_fields(db, class, args) {
        hir_ty::ty::walk_ty(db, ty, &mut |part| {
            found |= match part.kind(db) {
                TyKind::Func { .. } => true,
                TyKind::Adt(adt, _) => adt_lives(db, *adt).capture.is_some(),
                _ => false,
            };
        });
    }
    found
}

fn holds_cycle(_: &dyn Db, _: salsa::Id, _: ClassId) -> bool {
    false
}

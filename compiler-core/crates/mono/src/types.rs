//! What this crate asks of types and declarations, about monomorphic things only.

use base::Db;
use hir_def::body::BodyLines;
use hir_def::{AdtId, BehaviorId, BodyOwner, FuncId, GenericDef};
use hir_ty::generics_of;
use hir_ty::{ClosureId, GenericArg, GenericArgs, Ty, TyKind};

use crate::abi::Abi;
use crate::instance::{Instance, InstanceKind};
use crate::key::Build;

/// A type of a generic definition with arguments, and associated types replaced.
pub fn monomorphic(db: &dyn Db, build: Build, ty: Ty, args: GenericArgs) -> Ty {
    let mut ty = hir_ty::normalize(db, ty.subst(db, args), build.env(db));
    // What is hidden may be an associated type again, or what another method hides.
    for _ in 0..HIDDEN_DEPTH_MAX {
        let revealed = hir_ty::infer::hidden::reveal(db, ty);
        if revealed == ty {
            break;
        }
        ty = hir_ty::normalize(db, revealed, build.env(db));
    }
    ty
}

/// Hidden types that name others are followed so far; guessed, real ones nest twice.
const HIDDEN_DEPTH_MAX: u32 = 16;

pub(crate) fn monomorphic_args(
    db: &dyn Db,
    build: Build,
    inner: GenericArgs,
    args: GenericArgs,
) -> GenericArgs {
    let list = inner.list(db).iter().map(|arg| match arg {
        GenericArg::Ty(ty) => GenericArg::Ty(monomorphic(db, build, *ty, args)),
        other => other.subst(db, args),
    });
    GenericArgs::from_iter(db, list)
}

/// Types of what is passed to and returned from an instance of a function, with the hidden
/// parameters of `@track_caller`.
pub fn func_types(db: &dyn Db, build: Build, func: FuncId, args: GenericArgs) -> (Vec<Ty>, Ty) {
    let sig = hir_ty::signature::fn_type(db, func);
    let mut params: Vec<Ty> = sig
        .all_params(db)
        .map(|param| monomorphic(db, build, param, args))
        .collect();
    if sig.track_caller {
        let u32_ty = Ty::int(db, hir_ty::IntTy::U32);
        params.extend([Ty::str(db), u32_ty, u32_ty]);
    }
    (params, monomorphic(db, build, sig.ret, args))
}

/// The ABI of an instance of a TML function with a body.
pub(crate) fn abi_of(db: &dyn Db, build: Build, instance: Instance) -> Abi {
    match instance.kind(db) {
        InstanceKind::Func(func)
        | InstanceKind::Virtual(func)
        | InstanceKind::Adapter(func)
        | InstanceKind::NoSetter(func) => {
            let (params, ret) = func_types(db, build, func, instance.args(db));
            Abi::internal(db, &params, ret)
        }
        _ => Abi::internal(db, &[], Ty::unit(db)),
    }
}

/// Types of the fields of every variant; of unions none, since their parts need nothing.
pub(crate) fn variant_fields(db: &dyn Db, adt: AdtId, args: GenericArgs) -> Vec<Vec<Ty>> {
    match adt {
        AdtId::Union(_) | AdtId::Class(_) => Vec::new(),
        AdtId::Struct(_) | AdtId::Enum(_) => hir_ty::adt_field_types(db, adt, args),
    }
}

/// What a function's name stands for once its arguments are known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Resolved {
    Instance(Instance),
    /// `eq` of a type without `PartialEq`, or `ne`.
    StructuralEq {
        ty: Ty,
        negate: bool,
    },
    /// A method of an interface on a value of the interface: what the object's table says.
    Dynamic(FuncId, GenericArgs),
    /// `duplicate` of a Copy type.
    Copy(Ty),
}

/// Members of behaviors become those of the implementation, or the default body.
pub(crate) fn resolve(
    db: &dyn Db,
    build: Build,
    func: FuncId,
    args: GenericArgs,
) -> Option<Resolved> {
    match hir_ty::resolve_instance(db, build.env(db), func, args) {
        hir_ty::Instance::Func(found, _) if crate::objects::needs_adapter(db, func, found) => {
            let kind = InstanceKind::Adapter(func);
            Some(Resolved::Instance(Instance::new(db, kind, args)))
        }
        hir_ty::Instance::Func(func, args) => {
            Some(Resolved::Instance(Instance::func(db, func, args)))
        }
        hir_ty::Instance::Virtual(func, args) => {
            let kind = InstanceKind::Virtual(func);
            Some(Resolved::Instance(Instance::new(db, kind, args)))
        }
        hir_ty::Instance::NoSetter(func, args) => {
            let kind = InstanceKind::NoSetter(func);
            Some(Resolved::Instance(Instance::new(db, kind, args)))
        }
        hir_ty::Instance::StructuralEq { ty, negate } => {
            Some(Resolved::StructuralEq { ty, negate })
        }
        hir_ty::Instance::Copy { ty } => Some(Resolved::Copy(ty)),
        hir_ty::Instance::Dynamic(func, args) => Some(Resolved::Dynamic(func, args)),
        hir_ty::Instance::Missing => None,
    }
}

/// A member of a behavior for a type, all of whose own arguments are that type, too.
fn behavior_method(
    db: &dyn Db,
    build: Build,
    ty: Ty,
    behavior: Option<BehaviorId>,
    name: &str,
) -> Option<Instance> {
    let func = hir_ty::signature::behavior_func(db, behavior?, name)?;
    let count = generics_of(db, GenericDef::Behavior(behavior?))
        .params
        .len();
    let args = GenericArgs::from_iter(db, (0..count).map(|_| GenericArg::Ty(ty)));
    match resolve(db, build, func, args)? {
        Resolved::Instance(instance) => Some(instance),
        Resolved::StructuralEq { .. } | Resolved::Copy(_) | Resolved::Dynamic(..) => None,
    }
}

/// `drop(mut this)` of a type that implements `Drop` itself.
pub(crate) fn drop_method(db: &dyn Db, build: Build, ty: Ty) -> Option<Instance> {
    let TyKind::Adt(adt, _) = ty.kind(db) else {
        return None;
    };
    hir_ty::drop_impl(db, *adt)?;
    let drop = hir_ty::lang_items(db, build.package(db)).drop;
    behavior_method(db, build, ty, drop, "drop")
}

/// `eq(this, other: ref This)` of a type that implements `PartialEq` itself.
pub(crate) fn eq_method(db: &dyn Db, build: Build, ty: Ty) -> Option<Instance> {
    let TyKind::Adt(..) = ty.kind(db) else {
        return None;
    };
    let partial_eq = hir_ty::lang_items(db, build.package(db)).partial_eq;
    behavior_method(db, build, ty, partial_eq, "eq")
}

/// How many of a function's arguments belong to what is around it.
pub(crate) fn parent_arg_count(db: &dyn Db, func: FuncId) -> usize {
    generics_of(db, GenericDef::Func(func)).parent_count as usize
}

/// The MIR of a body; `None` if it has errors or is no body.
///
/// The library wraps on purpose and is never built with overflow checks.
pub(crate) fn mir_of(db: &dyn Db, owner: BodyOwner, build: Build) -> Option<&mir::Body> {
    let package = owner.module(db).package(db).name(db);
    let is_library = matches!(package.as_str(), "core" | "std" | "test");
    let is_checked = build.profile(db).overflow_checks(db) && !is_library;
    match is_checked {
        true => mir::queries::mir_final_checked(db, owner),
        false => mir::queries::mir_final(db, owner),
    }
    .as_ref()
    .ok()
}

/// The MIR of a closure's body.
pub(crate) fn closure_body(db: &dyn Db, id: ClosureId, build: Build) -> Option<&mir::Body> {
    mir_of(db, id.owner, build)?.closures.get(id.index as usize)
}

/// Lines of a body.
pub(crate) fn body_lines_of(db: &dyn Db, owner: BodyOwner) -> &BodyLines {
    hir_def::body::body_lines(db, owner)
}

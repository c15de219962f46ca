//! From a callee or a member constant and concrete arguments to what they stand for.

use base::Db;
use hir_def::{AssocItemId, BehaviorId, ConstId, ContainerId, FuncId, GenericDef};

use super::{Selection, behavior_solve};
use crate::generics::{BehaviorRef, ParamEnv, generics_of};
use crate::lang::lang_items;
use crate::signature::impl_func;
use crate::ty::{GenericArg, GenericArgs, Ty};

/// What a call comes to once its arguments are concrete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Instance {
    /// This function with these arguments (for all its parameters).
    Func(FuncId, GenericArgs),
    /// `PartialEq::eq` of a type without an implementation: member by member; `negate` for `ne`.
    StructuralEq { ty: Ty, negate: bool },
    /// A method of an interface, on a value of an interface (the first argument): what the
    /// object's table says.
    Dynamic(FuncId, GenericArgs),
    /// `Duplicate::duplicate` of a Copy type without an implementation: a copy.
    Copy { ty: Ty },
    /// Through the table of an object: this method of a behavior, with the object (the type
    /// `dyn B` or what a view leads to) as the first argument.
    Virtual(FuncId, GenericArgs),
    /// The setter of an interface's property (the first argument: the class) that the class
    /// can only be asked for.
    NoSetter(FuncId, GenericArgs),
    /// No implementation: an error was reported, or the arguments are not concrete.
    Missing,
}

/// Finds the function that a callee means for concrete arguments.
///
/// Keyed by callee and the package being built (through `env`, normally
/// [`ParamEnv::empty`]); read by `mono`. Re-runs when implementations change.
#[salsa::tracked(returns(copy))]
pub fn resolve_instance(db: &dyn Db, env: ParamEnv, func: FuncId, args: GenericArgs) -> Instance {
    let ContainerId::Behavior(behavior) = func.container(db) else {
        return Instance::Func(func, args);
    };
    let count = generics_of(db, GenericDef::Behavior(behavior)).params.len();
    let head = args.prefix(db, count);
    let own = args.list(db).get(count..).unwrap_or(&[]);
    let name = &hir_def::signatures::func_signature(db, func).name;
    match behavior_solve(db, env, behavior, head) {
        Some(Selection::Impl {
            id,
            args: impl_args,
        }) => match impl_func(db, id, name) {
            Some(found) => {
                let list = impl_args.list(db).iter().chain(own).copied();
                Instance::Func(found, GenericArgs::from_iter(db, list))
            }
            None => Instance::Func(func, args),
        },
        Some(Selection::Builtin) => {
            let lang = lang_items(db, behavior.module(db).package(db));
            let ty = head.ty(db, 0);
            match name.as_str() {
                "eq" if lang.partial_eq == Some(behavior) => {
                    Instance::StructuralEq { ty, negate: false }
                }
                "ne" if lang.partial_eq == Some(behavior) => {
                    Instance::StructuralEq { ty, negate: true }
                }
                "duplicate" if lang.duplicate == Some(behavior) => Instance::Copy { ty },
                _ => Instance::Func(func, args),
            }
        }
        Some(Selection::Object) => Instance::Virtual(func, args),
        Some(Selection::Class) => object_instance(db, behavior, func, head, own),
        Some(Selection::Assumed(_)) | None => Instance::Missing,
    }
}

/// Finds the constant that a member of a behavior means for concrete arguments; any other one is
/// itself. `None` if nothing implements it.
pub fn resolve_const(
    db: &dyn Db,
    env: ParamEnv,
    id: ConstId,
    args: GenericArgs,
) -> Option<(ConstId, GenericArgs)> {
    let ContainerId::Behavior(behavior) = id.container(db) else {
        return Some((id, args));
    };
    let count = generics_of(db, GenericDef::Behavior(behavior)).params.len();
    let head = args.prefix(db, count);
    let data = hir_def::signatures::const_data(db, id);
    let default = data.has_value.then_some((id, args));
    match behavior_solve(db, env, behavior, head)? {
        Selection::Impl {
            id: found,
            args: impl_args,
        } => {
            let items = &hir_def::signatures::impl_data(db, found).items;
            let own = items.iter().find_map(|(name, item)| match item {
                AssocItemId::Const(own) if *name == data.name => Some((*own, impl_args)),
                _ => None,
            });
            own.or(default)
        }
        Selection::Assumed(_) | Selection::Builtin | Selection::Object | Selection::Class => {
            default
        }
    }
}

/// A method of an interface, for a class or for a value of the interface itself.
fn object_instance(
    db: &dyn Db,
    behavior: BehaviorId,
    func: FuncId,
    head: GenericArgs,
    own: &[GenericArg],
) -> Instance {
    let this = head.ty(db, 0);
    let Some((class, args)) = crate::classes::as_class(db, this) else {
        let list = head.list(db).iter().chain(own).copied();
        return Instance::Dynamic(func, GenericArgs::from_iter(db, list));
    };
    let bound = BehaviorRef {
        behavior,
        args: head,
    };
    let name = &hir_def::signatures::func_signature(db, func).name;
    match crate::classes::interface_impl(db, class, args, bound, func) {
        Some((found, args)) => {
            let list = args.list(db).iter().chain(own).copied();
            Instance::Func(found, GenericArgs::from_iter(db, list))
        }
        None if hir_def::signatures::is_setter_name(name) => Instance::NoSetter(func, bound.args),
        None => Instance::Missing,
    }
}

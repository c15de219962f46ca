//! Generic methods that objects may override: which code an object's class has for an instance.
//!
//! A class's table has no entries for them, since it would need one per instance. A program is
//! closed, so each instance of such a method gets a list instead, made once it is known which
//! classes are part of the program:
//!
//! ```text
//! choice[shapes::Source::mapped[I32, Str]]:  2,
//!     class[shapes::Numbers], shapes::Numbers::mapped[Str],
//!     class[shapes::Twice],   shapes::Twice::mapped[Str]
//! ```

use std::sync::Arc;

use base::Db;
use hir_def::{ContainerId, FuncId, GenericDef};
use hir_ty::classes;
use hir_ty::generics::generics_of;
use hir_ty::{GenericArg, GenericArgs, Ty, TyKind};
use ssa::Global;

use crate::instance::{Instance, InstanceKind};
use crate::key::Build;
use crate::object::{self, Words};
use crate::symbol;
use crate::types::{self, Resolved};

/// An instance of a generic method, as what declares it first says it.
#[salsa::interned(unsafe(no_lifetime), revisions = usize::MAX, debug)]
pub struct Choice {
    /// Of a class, or of an interface.
    #[returns(copy)]
    pub func: FuncId,
    /// Those of the class, or the interface's own type and arguments, then the method's.
    #[returns(copy)]
    pub args: GenericArgs,
}

impl Choice {
    /// The choice behind an instance of a class's method, whose slot `root` made.
    pub(crate) fn of_class(db: &dyn Db, root: FuncId, instance: Instance) -> Option<Choice> {
        let InstanceKind::Func(func) = instance.kind(db) else {
            return None;
        };
        let (class, args, own) = parts(db, func, instance.args(db))?;
        let ContainerId::Class(declaring) = root.container(db) else {
            return None;
        };
        let args = classes::as_ancestor(db, class, args, declaring)?;
        Some(Choice::new(db, root, joined(db, args.list(db), &own)))
    }

    /// The choice behind a method of an interface; the first argument is the type of the value.
    pub(crate) fn of_interface(db: &dyn Db, func: FuncId, args: GenericArgs) -> Option<Choice> {
        let ContainerId::Behavior(behavior) = func.container(db) else {
            return None;
        };
        let count = generics_of(db, GenericDef::Behavior(behavior)).params.len();
        let of_interface = args.list(db).get(1..count)?;
        let own = args.list(db).get(count..)?;
        let of_interface = GenericArgs::from_iter(db, of_interface.to_vec());
        // Interfaces that extend this one mean the same method.
        let this = Ty::new(db, TyKind::Interface(behavior, of_interface));
        let list = std::iter::once(GenericArg::Ty(this)).chain(of_interface.list(db).to_vec());
        let list: Vec<GenericArg> = list.collect();
        Some(Choice::new(db, func, joined(db, &list, own)))
    }

    /// What objects of a class run; `None` if the method is not one of theirs, or abstract.
    pub(crate) fn for_class(self, db: &dyn Db, build: Build, ty: Ty) -> Option<Instance> {
        let (class, class_args) = classes::as_class(db, ty)?;
        let func = self.func(db);
        let found = match func.container(db) {
            ContainerId::Class(_) => {
                let (declaring, args, own) = parts(db, func, self.args(db))?;
                let seen = classes::as_ancestor(db, class, class_args, declaring)?;
                let none = GenericArgs::empty(db);
                if types::monomorphic_args(db, build, seen, none) != args {
                    return None;
                }
                let slots = classes::method_slots(db, class);
                let slot = slots.iter().find(|slot| slot.root == func)?;
                let args = classes::method_args(db, class, class_args, slot.func)?;
                let args = types::monomorphic_args(db, build, args, none);
                Instance::func(db, slot.func, joined(db, args.list(db), &own))
            }
            ContainerId::Behavior(_) => {
                let (interface, rest) = self.args(db).list(db).split_first()?;
                let is_of = |bound| {
                    let bound = classes::interface_ty(db, bound);
                    let bound = types::monomorphic(db, build, bound, GenericArgs::empty(db));
                    GenericArg::Ty(bound) == *interface
                };
                let mut bounds = classes::interfaces_of(db, class, class_args).into_iter();
                bounds.find(|bound| is_of(*bound))?;
                let args = joined(db, &[GenericArg::Ty(ty)], rest);
                match types::resolve(db, build, func, args)? {
                    Resolved::Instance(instance) => instance,
                    _ => return None,
                }
            }
            _ => return None,
        };
        object::has_body(db, found).then_some(found)
    }

    /// The list for some classes.
    pub(crate) fn global(self, db: &dyn Db, build: Build, of: &[Ty]) -> Arc<Global> {
        let found = of
            .iter()
            .filter_map(|ty| Some((*ty, self.for_class(db, build, *ty)?)));
        let mut found: Vec<_> = found
            .map(|(ty, instance)| {
                let table = object::class_table_symbol(db, ty);
                (table, symbol::symbol(db, instance).clone())
            })
            .collect();
        found.sort();
        let mut words = Words::default();
        words.number(found.len() as u64);
        for (table, code) in found {
            words.address(table);
            words.address(code);
        }
        words.finish(symbol::choice_symbol(db, self))
    }
}

/// The class of a method with its arguments, and the arguments of the method itself.
fn parts(
    db: &dyn Db,
    func: FuncId,
    args: GenericArgs,
) -> Option<(hir_def::ClassId, GenericArgs, Vec<GenericArg>)> {
    let ContainerId::Class(class) = func.container(db) else {
        return None;
    };
    let count = types::parent_arg_count(db, func);
    let own = args.list(db).get(count..)?.to_vec();
    Some((class, args.prefix(db, count), own))
}

fn joined(db: &dyn Db, outer: &[GenericArg], own: &[GenericArg]) -> GenericArgs {
    let list: Vec<GenericArg> = outer.iter().chain(own).copied().collect();
    GenericArgs::from_iter(db, list)
}

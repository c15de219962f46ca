//! What a method implements or overrides.

use base::Db;
use hir_def::signatures as s;
use hir_def::{AssocItemId, ClassId, ContainerId, FuncId, GenericDef};

use crate::classes;
use crate::generics::{BehaviorRef, elaborate, identity_args};
use crate::signature::{behavior_func, impl_behaviors};
use crate::ty::GenericArgs;

/// A declaration that a method keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Declaration {
    pub func: FuncId,
    /// The arguments of what is around the declaration, seen from what is around the method.
    pub around: GenericArgs,
    /// Among the behaviors of the `impl`, if the method is in one.
    pub header: Option<u32>,
}

/// The methods of behaviors, interfaces and base classes that a method stands for.
///
/// Keyed by method; read with its lifetimes. Re-runs when heads or members of what is around
/// either change; never for a body.
#[salsa::tracked]
pub fn declarations(db: &dyn Db, func: FuncId) -> Box<[Declaration]> {
    let mut found = Vec::new();
    match func.container(db) {
        ContainerId::Impl(id) => {
            let name = &s::func_signature(db, func).name;
            for (nth, header) in (0..).zip(impl_behaviors(db, id)) {
                if let Some(declared) = behavior_func(db, header.behavior, name) {
                    found.push(Declaration {
                        func: declared,
                        around: header.args,
                        header: Some(nth),
                    });
                }
            }
        }
        ContainerId::Class(class) => of_class(db, class, func, &mut found),
        _ => {}
    }
    found.into()
}

fn of_class(db: &dyn Db, class: ClassId, func: FuncId, found: &mut Vec<Declaration>) {
    let sig = s::func_signature(db, func);
    if sig.receiver.is_none() {
        return;
    }
    let own = identity_args(db, GenericDef::Class(class));
    if sig.flags.is_override
        && let Some((base, args)) = classes::base_of(db, class, own)
        && let Some((AssocItemId::Func(declared), _, around)) =
            classes::member(db, base, args, &sig.name)
    {
        found.push(Declaration {
            func: declared,
            around,
            header: None,
        });
    }
    let mut interfaces: Vec<BehaviorRef> = classes::class_head(db, class).value.interfaces.to_vec();
    elaborate(db, &mut interfaces);
    for bound in interfaces {
        if let Some(declared) = behavior_func(db, bound.behavior, &sig.name) {
            found.push(Declaration {
                func: declared,
                around: bound.args,
                header: None,
            });
        }
    }
}

//! How functions take their arguments and give their results.
//!
//! Ours: an aggregate result goes through a leading pointer to the caller's memory; scalars
//! travel by value, aggregates by the address of memory whose contents the callee takes over,
//! and types without bytes not at all. The C ABI passes scalars only, for now.

use base::Db;
use hir_ty::Ty;
use ssa::{FunctionAttrs, Role, Signature, Type};

use crate::instance::{Instance, InstanceKind};
use crate::repr::{Repr, repr_of};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Abi {
    pub signature: Signature,
    pub attrs: FunctionAttrs,
    /// Whether the first machine parameter is the address of the result.
    pub sret: bool,
    /// In order, those without bytes included.
    pub params: Vec<(Ty, Repr)>,
    pub ret: Ty,
    pub ret_repr: Repr,
    pub is_c: bool,
}

impl Abi {
    /// The ABI of TML functions.
    pub fn internal(db: &dyn Db, params: &[Ty], ret: Ty) -> Abi {
        let params: Vec<(Ty, Repr)> = params.iter().map(|ty| (*ty, repr_of(db, *ty))).collect();
        let ret_repr = repr_of(db, ret);
        let sret = ret_repr == Repr::Memory;
        let mut machine: Vec<Type> = Vec::new();
        if sret {
            machine.push(Type::Ptr);
        }
        machine.extend(params.iter().filter_map(|(_, repr)| match repr {
            Repr::Zero => None,
            Repr::Scalar(ty) => Some(*ty),
            Repr::Memory => Some(Type::Ptr),
        }));
        let result = match ret_repr {
            Repr::Scalar(ty) => Some(ty),
            Repr::Zero | Repr::Memory => None,
        };
        Abi {
            signature: Signature::new(machine, result),
            attrs: FunctionAttrs {
                noreturn: ret.is_never(db),
                ..FunctionAttrs::default()
            },
            sret,
            params,
            ret,
            ret_repr,
            is_c: false,
        }
    }

    /// The ABI of foreign functions. `Err` gives the type that has no C form.
    pub fn c(db: &dyn Db, params: &[Ty], ret: Ty, varargs: bool) -> Result<Abi, Ty> {
        let mut abi = Abi::internal(db, params, ret);
        let memory = abi.params.iter().find(|(_, repr)| *repr == Repr::Memory);
        if let Some((ty, _)) = memory {
            return Err(*ty);
        }
        if abi.sret {
            return Err(ret);
        }
        abi.signature
            .params
            .iter_mut()
            .for_each(|ty| *ty = c_type(*ty));
        abi.signature.result = abi.signature.result.map(c_type);
        abi.signature.varargs = varargs;
        abi.is_c = true;
        Ok(abi)
    }
}

/// Small integers are passed in full registers, extended: so C callers and callees agree on the
/// upper bits whatever they assume.
pub fn c_type(ty: Type) -> Type {
    match ty {
        Type::I1 | Type::I8 | Type::I16 => Type::I32,
        other => other,
    }
}

/// What passes understand of a function: how texts are counted, where memory comes from.
pub(crate) fn role_of(db: &dyn Db, instance: Instance) -> Role {
    let InstanceKind::Func(func) = instance.kind(db) else {
        return Role::None;
    };
    let is_foreign = !hir_ty::fn_type(db, func).flags.has_body;
    match (crate::symbol::symbol(db, instance).as_str(), is_foreign) {
        ("core::rt::str_retain", false) => Role::Retain,
        ("core::rt::str_release", false) => Role::Release,
        ("malloc", true) => Role::Allocate,
        ("free", true) => Role::Free,
        _ => Role::None,
    }
}

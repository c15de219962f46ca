//! How functions take their arguments and give their results.
//!
//! Ours: an aggregate result goes through a leading pointer to the caller's memory; scalars
//! travel by value, aggregates by the address of memory whose contents the callee takes over,
//! and types without bytes not at all. C: scalars by value, `@repr(C)` structs in up to two
//! registers as the System V ABI of x86-64 and its relatives have it; results in memory as ours.

use base::Db;
use hir_def::AdtId;
use hir_ty::{Shape, Ty, TyKind};
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
        let mut machine = Vec::new();
        // Integer registers that are left: an aggregate is never split between them and memory.
        let mut left = 6usize;
        abi.sret = false;
        abi.signature.result = match abi.ret_repr {
            Repr::Zero => None,
            Repr::Scalar(scalar) => Some(c_type(scalar)),
            Repr::Memory => match aggregate(db, ret).ok_or(ret)? {
                Aggregate::Pieces(pieces) => Some(returned(&pieces).ok_or(ret)?),
                Aggregate::Memory => {
                    machine.push(Type::Ptr);
                    left -= 1;
                    abi.sret = true;
                    None
                }
            },
        };
        for (ty, repr) in &abi.params {
            match repr {
                Repr::Zero => {}
                Repr::Scalar(scalar) => {
                    machine.push(c_type(*scalar));
                    if !matches!(scalar, Type::F32 | Type::F64) {
                        left = left.saturating_sub(1);
                    }
                }
                // A function pointer.
                Repr::Memory if matches!(ty.kind(db), TyKind::Func { .. }) => {
                    machine.push(Type::Ptr);
                    left = left.saturating_sub(1);
                }
                Repr::Memory => match aggregate(db, *ty).ok_or(*ty)? {
                    Aggregate::Pieces(pieces) => {
                        let integers = pieces.iter().filter(|it| **it == Type::I64).count();
                        if integers == 2 && left == 1 {
                            return Err(*ty);
                        }
                        left = left.saturating_sub(integers);
                        machine.extend(pieces);
                    }
                    Aggregate::Memory => return Err(*ty),
                },
            }
        }
        abi.signature.params = machine;
        abi.signature.varargs = varargs;
        abi.is_c = true;
        Ok(abi)
    }
}

/// How the System V ABI passes a struct.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Aggregate {
    /// In registers, eight bytes each: `I64`, `F64` or a lone `F32`.
    Pieces(Vec<Type>),
    /// By memory.
    Memory,
}

/// The form of a `@repr(C)` struct or union; `None` for what has no C form.
pub fn aggregate(db: &dyn Db, ty: Ty) -> Option<Aggregate> {
    let is_c = match ty.kind(db) {
        TyKind::Adt(AdtId::Struct(id), _) => hir_def::signatures::struct_data(db, *id).attrs.repr.c,
        TyKind::Adt(AdtId::Union(id), _) => hir_def::signatures::union_data(db, *id).attrs.repr.c,
        _ => false,
    };
    if !is_c {
        return None;
    }
    let layout = crate::repr::layout(db, ty).ok()?;
    let mut scalars = Vec::new();
    flatten(db, ty, 0, &mut scalars)?;
    if layout.size > 16 {
        return Some(Aggregate::Memory);
    }
    let piece = |start: u64| {
        let inside = || {
            scalars
                .iter()
                .filter(move |(at, _)| (start..start + 8).contains(at))
        };
        let all_floats = inside().all(|(_, ty)| matches!(ty, Type::F32 | Type::F64));
        match (all_floats, inside().count()) {
            (true, 1) if inside().all(|(_, ty)| *ty == Type::F32) => Type::F32,
            (true, 1..) => Type::F64,
            _ => Type::I64,
        }
    };
    let starts = (0..layout.size).step_by(8);
    Some(Aggregate::Pieces(starts.map(piece).collect()))
}

/// The one register-like type that carries a returned struct: two integer registers are the
/// halves of a wide integer.
fn returned(pieces: &[Type]) -> Option<Type> {
    match pieces {
        [one] => Some(*one),
        [Type::I64, Type::I64] => Some(Type::I128),
        _ => None,
    }
}

/// The scalars of a type with their offsets; `None` if some part has no C form.
fn flatten(db: &dyn Db, ty: Ty, at: u64, out: &mut Vec<(u64, Type)>) -> Option<()> {
    match repr_of(db, ty) {
        Repr::Zero => return Some(()),
        Repr::Scalar(scalar) => {
            out.push((at, scalar));
            return Some(());
        }
        Repr::Memory => {}
    }
    let layout = crate::repr::layout(db, ty).ok()?;
    match (ty.kind(db), &layout.shape) {
        (TyKind::Array(element, _), Shape::Array { stride, len }) => {
            // More than two registers hold is memory anyway.
            for index in 0..(*len).min(17) {
                flatten(db, *element, at + index * stride, out)?;
            }
            Some(())
        }
        (TyKind::Adt(AdtId::Struct(_) | AdtId::Union(_), args), Shape::Struct { offsets }) => {
            let (adt, _) = ty.as_adt(db)?;
            let fields = hir_ty::adt_field_types(db, adt, *args);
            for (field, offset) in fields.iter().flatten().zip(offsets) {
                flatten(db, *field, at + offset, out)?;
            }
            Some(())
        }
        (TyKind::Tuple(parts), Shape::Struct { offsets }) => {
            for (part, offset) in parts.iter().zip(offsets) {
                flatten(db, *part, at + offset, out)?;
            }
            Some(())
        }
        _ => None,
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

/// What passes understand of a function: how texts and objects are counted, where memory comes from.
pub(crate) fn role_of(db: &dyn Db, instance: Instance) -> Role {
    let func = match instance.kind(db) {
        InstanceKind::Func(func) => func,
        InstanceKind::RetainObject => return Role::Retain,
        InstanceKind::ReleaseObject => return Role::End,
        _ => return Role::None,
    };
    let is_foreign = !hir_ty::fn_type(db, func).flags.has_body;
    match (crate::symbol::symbol(db, instance).as_str(), is_foreign) {
        ("core::rt::str_retain", false) => Role::Retain,
        ("core::rt::str_release", false) => Role::Release,
        ("malloc", true) => Role::Allocate,
        ("free", true) => Role::Free,
        ("core::rt::object_free" | "core::rt::env_free", false) => Role::Free,
        _ => Role::None,
    }
}

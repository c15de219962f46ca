//! Operands: a value or an inline constant.

use crate::function::{DataRef, FuncRef, Function, Slot, Value};
use crate::types::Type;

/// What an instruction reads.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Operand {
    Value(Value),
    /// An integer constant: its low bits; the bits above the type's width are zero.
    Int(Type, u128),
    /// A float by its bits, so that operands can be compared and hashed.
    F32(u32),
    F64(u64),
    /// The null pointer.
    Null,
    /// Any value of the type. Reading it is defined; which value it gives is not.
    Undef(Type),
    /// The address of a function.
    Func(FuncRef),
    /// The address of a datum, plus a byte offset.
    Data(DataRef, i64),
    /// The address of a stack slot, plus a byte offset.
    Slot(Slot, i64),
}

impl Operand {
    /// An integer constant; bits above the width are cut off.
    pub fn int(ty: Type, bits: u128) -> Operand {
        Operand::Int(ty, bits & ty.mask())
    }

    /// A signed integer constant.
    pub fn signed(ty: Type, value: i128) -> Operand {
        Operand::int(ty, value as u128)
    }

    pub fn i1(value: bool) -> Operand {
        Operand::Int(Type::I1, u128::from(value))
    }

    pub fn i8(value: i8) -> Operand {
        Operand::signed(Type::I8, i128::from(value))
    }

    pub fn i32(value: i32) -> Operand {
        Operand::signed(Type::I32, i128::from(value))
    }

    pub fn i64(value: i64) -> Operand {
        Operand::signed(Type::I64, i128::from(value))
    }

    pub fn f32(value: f32) -> Operand {
        Operand::F32(value.to_bits())
    }

    pub fn f64(value: f64) -> Operand {
        Operand::F64(value.to_bits())
    }

    /// The all-zero constant of a type.
    pub fn zero(ty: Type) -> Operand {
        match ty {
            Type::F32 => Operand::F32(0),
            Type::F64 => Operand::F64(0),
            Type::Ptr => Operand::Null,
            _ => Operand::Int(ty, 0),
        }
    }

    /// The constant of a type with these bits; `None` for pointers other than null.
    pub fn from_bits(ty: Type, bits: u128) -> Option<Operand> {
        Some(match ty {
            Type::F32 => Operand::F32(bits as u32),
            Type::F64 => Operand::F64(bits as u64),
            Type::Ptr if bits == 0 => Operand::Null,
            Type::Ptr => return None,
            _ => Operand::int(ty, bits),
        })
    }

    /// The bits of a constant that has no symbolic part.
    pub fn const_bits(&self) -> Option<u128> {
        match *self {
            Operand::Int(_, bits) => Some(bits),
            Operand::F32(bits) => Some(u128::from(bits)),
            Operand::F64(bits) => Some(u128::from(bits)),
            Operand::Null => Some(0),
            _ => None,
        }
    }

    /// The operand's type; a value's comes from the function it lives in.
    pub fn ty(&self, func: &Function) -> Type {
        match *self {
            Operand::Value(value) => func.values[value].ty,
            Operand::Int(ty, _) | Operand::Undef(ty) => ty,
            Operand::F32(_) => Type::F32,
            Operand::F64(_) => Type::F64,
            Operand::Null | Operand::Func(_) | Operand::Data(..) | Operand::Slot(..) => Type::Ptr,
        }
    }

    pub fn as_value(&self) -> Option<Value> {
        match *self {
            Operand::Value(value) => Some(value),
            _ => None,
        }
    }

    pub fn is_const(&self) -> bool {
        !matches!(self, Operand::Value(_))
    }
}

impl From<Value> for Operand {
    fn from(value: Value) -> Operand {
        Operand::Value(value)
    }
}

//! Machine types and signatures.

use std::fmt;

/// A machine type. There are no aggregates: they live in memory.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Type {
    /// A truth value; one byte, 0 or 1, in memory.
    I1,
    I8,
    I16,
    I32,
    I64,
    I128,
    F32,
    F64,
    /// An address of 64 bits (32 on targets with small addresses).
    Ptr,
}

impl Type {
    pub const ALL: [Type; 9] = [
        Type::I1,
        Type::I8,
        Type::I16,
        Type::I32,
        Type::I64,
        Type::I128,
        Type::F32,
        Type::F64,
        Type::Ptr,
    ];

    pub fn is_int(self) -> bool {
        self.int_bits().is_some()
    }

    pub fn is_float(self) -> bool {
        matches!(self, Type::F32 | Type::F64)
    }

    /// Width of an integer type.
    pub fn int_bits(self) -> Option<u32> {
        match self {
            Type::I1 => Some(1),
            Type::I8 => Some(8),
            Type::I16 => Some(16),
            Type::I32 => Some(32),
            Type::I64 => Some(64),
            Type::I128 => Some(128),
            Type::F32 | Type::F64 | Type::Ptr => None,
        }
    }

    /// Width in a register; addresses count as 64 bits.
    pub fn bits(self) -> u32 {
        match self {
            Type::F32 => 32,
            Type::F64 | Type::Ptr => 64,
            _ => self.int_bits().unwrap_or(64),
        }
    }

    /// Bytes that a load or store of this type touches.
    pub fn size_bytes(self) -> u64 {
        u64::from(self.bits().div_ceil(8))
    }

    /// The bits that a value of this type may have set.
    pub fn mask(self) -> u128 {
        match self.bits() {
            128 => u128::MAX,
            bits => (1u128 << bits) - 1,
        }
    }

    /// The integer type of this width.
    pub fn int_of_bits(bits: u32) -> Option<Type> {
        Type::ALL.into_iter().find(|ty| ty.int_bits() == Some(bits))
    }

    pub fn name(self) -> &'static str {
        match self {
            Type::I1 => "i1",
            Type::I8 => "i8",
            Type::I16 => "i16",
            Type::I32 => "i32",
            Type::I64 => "i64",
            Type::I128 => "i128",
            Type::F32 => "f32",
            Type::F64 => "f64",
            Type::Ptr => "ptr",
        }
    }

    pub fn from_name(name: &str) -> Option<Type> {
        Type::ALL.into_iter().find(|ty| ty.name() == name)
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a caller must know of a function to call it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Signature {
    pub params: Vec<Type>,
    pub result: Option<Type>,
    /// A C function with `...`: calls may pass more arguments than `params`.
    pub varargs: bool,
}

impl Signature {
    pub fn new(params: impl Into<Vec<Type>>, result: Option<Type>) -> Signature {
        Signature {
            params: params.into(),
            result,
            varargs: false,
        }
    }
}

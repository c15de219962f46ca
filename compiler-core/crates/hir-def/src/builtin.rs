//! Types that exist without a declaration. Their names have the lowest priority of all.

/// A built-in type, or type constructor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BuiltinType {
    Bool,
    Char,
    Str,
    Unit,
    Never,
    I8,
    I16,
    I32,
    I64,
    I128,
    Isize,
    U8,
    U16,
    U32,
    U64,
    U128,
    Usize,
    F32,
    F64,
    /// `Ptr[T]`, the same type as `*T`; bare `Ptr` is `*Unit`.
    Ptr,
    /// The old spelling of `ref [U8]` (W024).
    Bytes,
}

impl BuiltinType {
    /// All of them, in declaration order: for completion and suggestions.
    pub const ALL: [BuiltinType; 21] = {
        use BuiltinType::*;
        [
            Bool, Char, Str, Unit, Never, I8, I16, I32, I64, I128, Isize, U8, U16, U32, U64, U128,
            Usize, F32, F64, Ptr, Bytes,
        ]
    };

    pub fn name(self) -> &'static str {
        use BuiltinType::*;
        match self {
            Bool => "Bool",
            Char => "Char",
            Str => "Str",
            Unit => "Unit",
            Never => "Never",
            I8 => "I8",
            I16 => "I16",
            I32 => "I32",
            I64 => "I64",
            I128 => "I128",
            Isize => "Isize",
            U8 => "U8",
            U16 => "U16",
            U32 => "U32",
            U64 => "U64",
            U128 => "U128",
            Usize => "Usize",
            F32 => "F32",
            F64 => "F64",
            Ptr => "Ptr",
            Bytes => "Bytes",
        }
    }

    /// By name; `String` is an old spelling of `Str`.
    pub fn by_name(name: &str) -> Option<BuiltinType> {
        if name == "String" {
            return Some(BuiltinType::Str);
        }
        BuiltinType::ALL.into_iter().find(|ty| ty.name() == name)
    }

    /// By the suffix of a number literal: `i32`, `usize`, `f64`.
    pub fn by_suffix(suffix: &str) -> Option<BuiltinType> {
        use BuiltinType::*;
        Some(match suffix {
            "i8" => I8,
            "i16" => I16,
            "i32" => I32,
            "i64" => I64,
            "i128" => I128,
            "isize" => Isize,
            "u8" => U8,
            "u16" => U16,
            "u32" => U32,
            "u64" => U64,
            "u128" => U128,
            "usize" => Usize,
            "f32" => F32,
            "f64" => F64,
            _ => return None,
        })
    }

    pub fn is_integer(self) -> bool {
        (BuiltinType::I8..=BuiltinType::Usize).contains(&self)
    }

    pub fn is_float(self) -> bool {
        matches!(self, BuiltinType::F32 | BuiltinType::F64)
    }
}

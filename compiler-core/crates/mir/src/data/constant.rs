//! Constants, independent of sizes.

use std::sync::Arc;

use hir_def::{AnonConstId, ConstId, FuncId, StaticId, VariantDef};
use hir_ty::{GenericArgs, ParamTy, Ty};
use smol_str::SmolStr;

use super::SourceInfo;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Constant {
    pub ty: Ty,
    pub kind: ConstKind,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ConstKind {
    Unit,
    Bool(bool),
    /// Two's complement, sign-extended to 128 bits (`U128` above `I128::MAX`: its bits).
    Int(i128),
    /// The bits of the value as `F64`; an `F32` is the nearest to it.
    Float(u64),
    Char(char),
    Str(SmolStr),
    /// `ref [U8]`, static.
    Bytes(Arc<[u8]>),
    /// The null pointer.
    Null,
    /// A function as a value, as in `Callee::Func`.
    Func(FuncId, GenericArgs),
    /// The constructor of a struct or variant, as a function.
    Ctor(VariantDef, GenericArgs),
    /// A const item, evaluated by `hir_ty` at instantiation.
    Item(ConstId, GenericArgs),
    /// The declared default of a parameter: `(func, parameter without receiver, arguments)`.
    /// The expression stands in the function's own body; `hir_ty` evaluates it.
    ParamDefault(FuncId, u32, GenericArgs),
    /// The declared default of a field, or an enum's discriminant.
    Anon(AnonConstId, GenericArgs),
    /// A const parameter.
    Param(ParamTy),
    /// The address of a static: `*T`.
    StaticAddr(StaticId),
    /// Part of the location of a node of this body: what `panic` prints. `File: Str`,
    /// `Line: U32`, `Column: U32`, both 1-based. `mono` resolves it: the line is the item's
    /// line symbol plus a relative line.
    Location(LocationPart, SourceInfo),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LocationPart {
    File,
    /// The directory of the file.
    Directory,
    Line,
    Column,
}

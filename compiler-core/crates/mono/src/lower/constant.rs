//! Constants.

use hir_def::BodyOwner;
use hir_ty::consteval::{ConstValue, const_value};
use hir_ty::{Const, GenericArg, Shape, Ty, TyKind};
use mir::{ConstKind, Constant, LocationPart};
use ssa::{BinaryOp, Data, Operand, Type};

use super::Lower;
use crate::abi::Abi;
use crate::emit::{Emit, Val};
use crate::instance::{Instance, InstanceKind};
use crate::repr::Repr;

impl Lower<'_> {
    pub(crate) fn constant(&mut self, constant: &Constant, ty: Ty) -> Val {
        match &constant.kind {
            ConstKind::Unit | ConstKind::Func(..) | ConstKind::Ctor(..) => Val::Zero,
            ConstKind::Bool(value) => Val::Scalar(Operand::i1(*value)),
            ConstKind::Int(value) => int_constant(&mut self.cx, *value, ty),
            ConstKind::Float(bits) => float_constant(&mut self.cx, *bits, ty),
            ConstKind::Char(value) => Val::Scalar(char_constant(*value)),
            ConstKind::Str(text) => Val::Scalar(self.cx.str_literal(text)),
            ConstKind::Bytes(bytes) => {
                let len = Operand::i64(bytes.len() as i64);
                let data = self.cx.b.import_data(Data::bytes(bytes.clone(), 1));
                Val::Memory(self.slice_pair(Operand::Data(data, 0), len))
            }
            ConstKind::Null => Val::Scalar(Operand::Null),
            ConstKind::Item(id, args) => {
                let args =
                    crate::types::monomorphic_args(self.db(), self.cx.build, *args, self.args);
                let env = hir_ty::ParamEnv::empty(self.db(), self.cx.build.package(self.db()));
                let found = hir_ty::solve::resolve_const(self.db(), env, *id, args);
                let (id, args) = found.unwrap_or((*id, args));
                if let Ok(value) = const_value(self.db(), id)
                    && leaves(value) <= INLINE_LEAVES_MAX
                {
                    return known_constant(&mut self.cx, value, ty);
                }
                // Aggregates and what else evaluation does not give as one scalar: their
                // initialiser is a function without effects.
                let instance = Instance::new(self.db(), InstanceKind::ConstInit(id), args);
                self.call_initialiser(instance, ty)
            }
            ConstKind::Anon(id, args) => {
                let owner = BodyOwner::AnonConst(*id);
                if let Ok(value) = hir_ty::consteval::body_value(self.db(), owner)
                    && leaves(value) <= INLINE_LEAVES_MAX
                {
                    return known_constant(&mut self.cx, value, ty);
                }
                let args =
                    crate::types::monomorphic_args(self.db(), self.cx.build, *args, self.args);
                let instance = Instance::new(self.db(), InstanceKind::AnonInit(*id), args);
                self.call_initialiser(instance, ty)
            }
            ConstKind::ParamDefault(func, index, args) => {
                if let Some(value) = crate::default::param_default(self.db(), *func, *index) {
                    return known_constant(&mut self.cx, value, ty);
                }
                let kind = hir_def::AnonConstKind::ParamDefault(*func, *index);
                let id = hir_def::AnonConstId::new(self.db(), kind);
                self.constant(
                    &Constant {
                        ty: constant.ty,
                        kind: ConstKind::Anon(id, *args),
                    },
                    ty,
                )
            }
            ConstKind::Param(param) => match self.args.get(self.db(), param.index as usize) {
                Some(GenericArg::Const(Const::Value(value, _))) => {
                    int_constant(&mut self.cx, value, ty)
                }
                _ => int_constant(&mut self.cx, 0, ty),
            },
            ConstKind::StaticAddr(id) => {
                let db = self.db();
                if !crate::statics::is_lazy(db, *id, self.cx.build) {
                    return Val::Scalar(crate::glue::lazy::address_of(&mut self.cx, *id));
                }
                let guard = Instance::made(db, InstanceKind::StaticGuard(*id));
                let abi = Abi::internal(db, &[], Ty::raw_ptr(db, Ty::unit(db)));
                let callee = self.cx.import(guard, &abi);
                let address = self.cx.b.call(callee, Vec::new());
                Val::Scalar(address.unwrap_or(Operand::Null))
            }
            ConstKind::Location(part, source) => self.location(*part, *source),
        }
    }

    fn call_initialiser(&mut self, instance: Instance, ty: Ty) -> Val {
        let abi = Abi::internal(self.db(), &[], ty);
        let callee = self.cx.import(instance, &abi);
        let memory = abi.sret.then(|| self.cx.temp(ty));
        let result = self.cx.b.call(callee, memory.into_iter().collect());
        match (memory, result) {
            (Some(ptr), _) => Val::Memory(ptr),
            (None, Some(value)) => Val::Scalar(value),
            (None, None) => Val::Zero,
        }
    }

    /// What a failed check prints. The line is that of the item, which the link step knows, plus
    /// a distance: so moving the item changes no code.
    pub(crate) fn location(&mut self, part: LocationPart, source: mir::SourceInfo) -> Val {
        match part {
            LocationPart::File | LocationPart::Directory => {
                let item = self.body.owner.item(self.db());
                let file = item.file(self.db()).source(self.db());
                let name = file.name(self.db());
                let text = match part {
                    LocationPart::Directory => name.rsplit_once('/').map_or(".", |(dir, _)| dir),
                    _ => name,
                };
                Val::Scalar(self.cx.str_literal(text))
            }
            LocationPart::Line => {
                let (line, _) = self.line_column(source);
                let symbol = self.line_symbol.clone();
                self.cx
                    .uses
                    .lines
                    .insert(symbol.clone(), self.body.owner.item(self.db()));
                let data = self.cx.b.import_data(Data::extern_const(symbol));
                let base = self.cx.b.load(Type::I32, Operand::Data(data, 0), 4);
                Val::Scalar(match line {
                    0 => base,
                    _ => self.cx.b.binary(BinaryOp::Add, base, Operand::i32(line)),
                })
            }
            LocationPart::Column => {
                let (_, column) = self.line_column(source);
                Val::Scalar(Operand::i32(column as i32))
            }
        }
    }
}

/// A constant that evaluation knows.
pub(crate) fn known_constant(cx: &mut Emit<'_>, value: &ConstValue, ty: Ty) -> Val {
    match value {
        ConstValue::Unit => Val::Zero,
        ConstValue::Bool(value) => Val::Scalar(Operand::i1(*value)),
        ConstValue::Int(value) => int_constant(cx, *value, ty),
        ConstValue::Float(bits) => float_constant(cx, *bits, ty),
        ConstValue::Char(value) => Val::Scalar(char_constant(*value)),
        ConstValue::Str(text) => Val::Scalar(cx.str_literal(text)),
        ConstValue::Parts(_) | ConstValue::Variant(..) => {
            let ptr = cx.temp(ty);
            write_known(cx, value, ptr, ty);
            cx.read_into(ptr, ty, None)
        }
    }
}

/// Constants of more scalars than this are made by a function of their own; guessed.
const INLINE_LEAVES_MAX: usize = 16;

/// Scalars inside a value.
fn leaves(value: &ConstValue) -> usize {
    match value {
        ConstValue::Parts(parts) => parts.iter().map(leaves).sum(),
        ConstValue::Variant(_, parts) => 1 + parts.iter().map(leaves).sum::<usize>(),
        _ => 1,
    }
}

/// Writes a known value, part by part.
fn write_known(cx: &mut Emit<'_>, value: &ConstValue, ptr: Operand, ty: Ty) {
    let db = cx.db;
    let shape = cx.layout(ty).shape.clone();
    let parts_at = |cx: &mut Emit<'_>, parts: &[ConstValue], tys: &[Ty], offsets: &[u64]| {
        for ((part, ty), offset) in parts.iter().zip(tys).zip(offsets) {
            let at = cx.b.ptr_offset(ptr, *offset);
            write_known(cx, part, at, *ty);
        }
    };
    match (value, ty.kind(db), &shape) {
        (ConstValue::Parts(parts), TyKind::Tuple(tys), Shape::Struct { offsets }) => {
            parts_at(cx, parts, tys, offsets);
        }
        (ConstValue::Parts(parts), TyKind::Array(element, _), Shape::Array { stride, .. }) => {
            for (index, part) in parts.iter().enumerate() {
                let at = cx.b.ptr_offset(ptr, stride * index as u64);
                write_known(cx, part, at, *element);
            }
        }
        (ConstValue::Parts(parts), TyKind::Adt(adt, args), Shape::Struct { offsets }) => {
            let tys = hir_ty::adt_field_types(db, *adt, *args);
            let tys = tys.into_iter().next().unwrap_or_default();
            parts_at(cx, parts, &tys, offsets);
        }
        (ConstValue::Variant(index, parts), TyKind::Adt(adt, args), shape) => {
            super::rvalue::write_tag(cx, ptr, ty, *index);
            let tys = hir_ty::adt_field_types(db, *adt, *args);
            if let (Some(tys), Shape::Enum { variants, .. }) = (tys.get(*index as usize), shape)
                && let Some(layout) = variants.get(*index as usize)
            {
                parts_at(cx, parts, tys, &layout.offsets);
            }
        }
        (ConstValue::Parts(_) | ConstValue::Variant(..), ..) => {}
        (scalar, ..) => {
            let value = known_constant(cx, scalar, ty);
            cx.write(value, ptr, ty);
        }
    }
}

fn char_constant(value: char) -> Operand {
    Operand::int(Type::I32, u128::from(u32::from(value)))
}

/// An integer, also as the tag or address that its type makes of it.
fn int_constant(cx: &mut Emit<'_>, value: i128, ty: Ty) -> Val {
    match cx.repr(ty) {
        Repr::Scalar(Type::F32) => Val::Scalar(Operand::f32(value as f32)),
        Repr::Scalar(Type::F64) => Val::Scalar(Operand::f64(value as f64)),
        Repr::Scalar(Type::Ptr) => {
            let address = Operand::signed(Type::I64, value);
            Val::Scalar(cx.scalar_bits_as(address, Type::Ptr))
        }
        Repr::Scalar(scalar) => Val::Scalar(Operand::signed(scalar, value)),
        Repr::Zero | Repr::Memory => Val::Zero,
    }
}

fn float_constant(cx: &mut Emit<'_>, bits: u64, ty: Ty) -> Val {
    let value = f64::from_bits(bits);
    Val::Scalar(match cx.repr(ty) {
        Repr::Scalar(Type::F32) => Operand::f32(value as f32),
        _ => Operand::F64(bits),
    })
}

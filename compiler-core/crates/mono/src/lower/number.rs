//! Arithmetic and casts, exactly as reference §3.2 says.

use hir_def::VariantDef;
use hir_ty::layout::Shape;
use hir_ty::{CastKind as AsKind, Ty, TyKind};
use mir::{BinaryOp as MirOp, CastKind, Operand as MirOperand, UnaryOp};
use ssa::{BinaryOp, CastOp, FloatCond, IntCond, Intrinsic, Operand, Type};

use super::Lower;
use crate::emit::Val;
use crate::instance::{Instance, InstanceKind};
use crate::repr::Repr;

/// What a cast gives for an integer that is no scalar value.
const REPLACEMENT_CHARACTER: i32 = 0xFFFD;

impl Lower<'_> {
    pub(crate) fn binary(&mut self, op: MirOp, a: &MirOperand, b: &MirOperand) -> Operand {
        let (ty, count_ty) = (self.operand_ty(a), self.operand_ty(b));
        let (x, y) = (self.scalar(a), self.scalar(b));
        let scalar = self.cx.b.type_of(x);
        if op.is_comparison() {
            return self.compare(op, ty, x, y);
        }
        if op == MirOp::Pow {
            return self.power(ty, count_ty, x, y);
        }
        if scalar.is_float() {
            let op = match op {
                MirOp::Add => BinaryOp::FAdd,
                MirOp::Sub => BinaryOp::FSub,
                MirOp::Mul => BinaryOp::FMul,
                MirOp::Div => BinaryOp::FDiv,
                _ => BinaryOp::FRem,
            };
            return self.cx.b.binary(op, x, y);
        }
        let signed = self.cx.is_signed(ty);
        match op {
            MirOp::Add => self.cx.b.binary(BinaryOp::Add, x, y),
            MirOp::Sub => self.cx.b.binary(BinaryOp::Sub, x, y),
            MirOp::Mul => self.cx.b.binary(BinaryOp::Mul, x, y),
            MirOp::BitAnd => self.cx.b.binary(BinaryOp::And, x, y),
            MirOp::BitOr => self.cx.b.binary(BinaryOp::Or, x, y),
            MirOp::BitXor => self.cx.b.binary(BinaryOp::Xor, x, y),
            MirOp::Shl => {
                let count = self.shift_count(y, scalar);
                self.cx.b.binary(BinaryOp::Shl, x, count)
            }
            MirOp::Shr => {
                let count = self.shift_count(y, scalar);
                let op = if signed {
                    BinaryOp::AShr
                } else {
                    BinaryOp::LShr
                };
                self.cx.b.binary(op, x, count)
            }
            MirOp::Div | MirOp::Rem if scalar == Type::I128 => {
                let kind = InstanceKind::WideDivGlue {
                    ty,
                    is_rem: op == MirOp::Rem,
                };
                let result = self.cx.call_glue(kind, vec![x, y], Some(scalar));
                result.unwrap_or(Operand::Undef(scalar))
            }
            MirOp::Div if signed => self.signed_div(x, y),
            MirOp::Div => self.cx.b.binary(BinaryOp::UDiv, x, y),
            MirOp::Rem if signed => self.signed_rem(x, y),
            _ => self.cx.b.binary(BinaryOp::URem, x, y),
        }
    }

    /// The count modulo the width, in the type that is shifted.
    fn shift_count(&mut self, count: Operand, ty: Type) -> Operand {
        let mask = Operand::int(ty, u128::from(ty.bits() - 1));
        // The width is a power of two, so the upper bits do not matter.
        let count = self.cx.int_resize(count, ty, false);
        match (count, mask) {
            (Operand::Int(_, count), Operand::Int(_, mask)) => Operand::int(ty, count & mask),
            _ => self.cx.b.binary(BinaryOp::And, count, mask),
        }
    }

    /// `MIN / -1` wraps: dividing by -1 is negation, which machines do without a trap.
    fn signed_div(&mut self, x: Operand, y: Operand) -> Operand {
        let Some((is_minus_one, divisor)) = self.safe_divisor(y) else {
            return self.cx.b.binary(BinaryOp::SDiv, x, y);
        };
        let zero = Operand::zero(self.cx.b.type_of(x));
        let quotient = self.cx.b.binary(BinaryOp::SDiv, x, divisor);
        let negated = self.cx.b.binary(BinaryOp::Sub, zero, x);
        self.cx.b.select(is_minus_one, negated, quotient)
    }

    fn signed_rem(&mut self, x: Operand, y: Operand) -> Operand {
        // The remainder by 1 is 0, as is that by -1.
        let divisor = self.safe_divisor(y).map_or(y, |(_, divisor)| divisor);
        self.cx.b.binary(BinaryOp::SRem, x, divisor)
    }

    /// Whether a divisor is -1, and the divisor with 1 in its place. `None` for other constants.
    fn safe_divisor(&mut self, y: Operand) -> Option<(Operand, Operand)> {
        let ty = self.cx.b.type_of(y);
        let minus_one = Operand::signed(ty, -1);
        if y.const_bits().is_some() && y != minus_one {
            return None;
        }
        let is_minus_one = self.cx.b.icmp(IntCond::Eq, y, minus_one);
        let divisor = self.cx.b.select(is_minus_one, Operand::int(ty, 1), y);
        Some((is_minus_one, divisor))
    }

    fn compare(&mut self, op: MirOp, ty: Ty, x: Operand, y: Operand) -> Operand {
        if self.cx.b.type_of(x).is_float() {
            let cond = match op {
                MirOp::Eq => FloatCond::Oeq,
                MirOp::Ne => FloatCond::Une,
                MirOp::Lt => FloatCond::Olt,
                MirOp::Le => FloatCond::Ole,
                MirOp::Gt => FloatCond::Ogt,
                _ => FloatCond::Oge,
            };
            return self.cx.b.fcmp(cond, x, y);
        }
        let signed = self.cx.is_signed(ty);
        let cond = match (op, signed) {
            (MirOp::Eq, _) => IntCond::Eq,
            (MirOp::Ne, _) => IntCond::Ne,
            (MirOp::Lt, true) => IntCond::Slt,
            (MirOp::Le, true) => IntCond::Sle,
            (MirOp::Gt, true) => IntCond::Sgt,
            (MirOp::Ge, true) => IntCond::Sge,
            (MirOp::Lt, false) => IntCond::Ult,
            (MirOp::Le, false) => IntCond::Ule,
            (MirOp::Gt, false) => IntCond::Ugt,
            _ => IntCond::Uge,
        };
        self.cx.b.icmp(cond, x, y)
    }

    fn power(&mut self, base: Ty, exponent: Ty, x: Operand, y: Operand) -> Operand {
        let (base_ty, exp_ty) = (self.cx.b.type_of(x), self.cx.b.type_of(y));
        if base_ty.is_float() && exp_ty.is_float() {
            let y = self.float_resize(y, base_ty);
            return self.cx.b.intrinsic(Intrinsic::Pow, base_ty, vec![x, y]);
        }
        let kind = InstanceKind::PowGlue { base, exponent };
        let result = self.cx.call_glue(kind, vec![x, y], Some(base_ty));
        result.unwrap_or(Operand::Undef(base_ty))
    }

    fn float_resize(&mut self, value: Operand, to: Type) -> Operand {
        match (self.cx.b.type_of(value), to) {
            (Type::F32, Type::F64) => self.cx.b.cast(CastOp::FpExt, value, to),
            (Type::F64, Type::F32) => self.cx.b.cast(CastOp::FpTrunc, value, to),
            _ => value,
        }
    }

    /// Whether the operation leaves its type's range; never, unless the profile asks.
    pub(crate) fn overflows(&mut self, op: MirOp, a: &MirOperand, b: &MirOperand) -> Operand {
        let (ty, exponent) = (self.operand_ty(a), self.operand_ty(b));
        if !self.cx.build.profile(self.db()).overflow_checks(self.db())
            || ty.as_int(self.db()).is_none()
        {
            return Operand::i1(false);
        }
        let (x, y) = (self.scalar(a), self.scalar(b));
        let scalar = self.cx.b.type_of(x);
        let signed = self.cx.is_signed(ty);
        let op = match (op, signed) {
            (MirOp::Add, true) => Intrinsic::SAddOverflow,
            (MirOp::Add, false) => Intrinsic::UAddOverflow,
            (MirOp::Sub, true) => Intrinsic::SSubOverflow,
            (MirOp::Sub, false) => Intrinsic::USubOverflow,
            (MirOp::Mul, true) => Intrinsic::SMulOverflow,
            (MirOp::Mul, false) => Intrinsic::UMulOverflow,
            (MirOp::Div | MirOp::Rem, true) => {
                let min = Operand::int(scalar, 1 << (scalar.bits() - 1));
                let is_min = self.cx.b.icmp(IntCond::Eq, x, min);
                let is_minus_one = self.cx.b.icmp(IntCond::Eq, y, Operand::signed(scalar, -1));
                return self.cx.b.binary(BinaryOp::And, is_min, is_minus_one);
            }
            (MirOp::Shl, _) => {
                let count = self.shift_count(y, scalar);
                let shifted = self.cx.b.binary(BinaryOp::Shl, x, count);
                let back_op = if signed {
                    BinaryOp::AShr
                } else {
                    BinaryOp::LShr
                };
                let back = self.cx.b.binary(back_op, shifted, count);
                return self.cx.b.icmp(IntCond::Ne, back, x);
            }
            (MirOp::Pow, _) => {
                let kind = InstanceKind::PowOverflowGlue { base: ty, exponent };
                let result = self.cx.call_glue(kind, vec![x, y], Some(Type::I1));
                return result.unwrap_or(Operand::i1(false));
            }
            _ => return Operand::i1(false),
        };
        self.cx.b.intrinsic(op, scalar, vec![x, y])
    }

    pub(crate) fn unary(&mut self, op: UnaryOp, operand: &MirOperand) -> Operand {
        let x = self.scalar(operand);
        let ty = self.cx.b.type_of(x);
        match op {
            UnaryOp::Neg if ty.is_float() => self.cx.b.fneg(x),
            UnaryOp::Neg => self.cx.b.binary(BinaryOp::Sub, Operand::zero(ty), x),
            UnaryOp::Not => self
                .cx
                .b
                .binary(BinaryOp::Xor, x, Operand::int(ty, ty.mask())),
        }
    }

    // Casts.

    pub(crate) fn cast(&mut self, kind: CastKind, operand: &MirOperand, to: Ty) -> Val {
        match kind {
            CastKind::As(kind) => self.cast_as(kind, operand, to),
            CastKind::Share => self.operand(operand).0,
            CastKind::Unsize if to.strip_refs(self.db()).as_dyn(self.db()).is_some() => {
                self.view(operand, to)
            }
            CastKind::BoxDyn => self.box_value(operand, to),
            CastKind::Upcast | CastKind::Narrow => self.object_cast(operand, to),
            CastKind::Unsize => {
                let from = self.operand_ty(operand);
                let array = from.as_ref(self.db()).map(|(_, target)| target);
                let len = match array.map(|array| array.kind(self.db())) {
                    Some(TyKind::Array(_, len)) => len.as_u64().unwrap_or(0),
                    _ => 0,
                };
                let ptr = self.scalar(operand);
                Val::Memory(self.slice_pair(ptr, Operand::i64(len as i64)))
            }
            CastKind::ReifyFunc => {
                let from = self.operand_ty(operand);
                if let TyKind::Closure(id, args) = *from.kind(self.db()) {
                    let (value, _) = self.operand(operand);
                    let pair = crate::closure::func_value(&mut self.cx, id, args, value);
                    return Val::Memory(pair);
                }
                self.func_value(from)
            }
        }
    }

    fn cast_as(&mut self, kind: AsKind, operand: &MirOperand, to: Ty) -> Val {
        let from = self.operand_ty(operand);
        let to_scalar = match self.cx.repr(to) {
            Repr::Scalar(scalar) => scalar,
            Repr::Zero | Repr::Memory => return self.operand(operand).0,
        };
        match kind {
            AsKind::Same => return self.operand(operand).0,
            AsKind::FuncToPtr => {
                let code = self.func_address(from);
                return Val::Scalar(self.cx.scalar_bits_as(code, to_scalar));
            }
            AsKind::RefToPtr if self.cx.repr(from) == Repr::Memory => {
                // The first word of a slice reference.
                let (value, _) = self.operand(operand);
                let pair = self.cx.spill(value, from);
                let ptr = self.cx.b.load(Type::Ptr, pair, 8);
                return Val::Scalar(self.pointer_as(ptr, to_scalar));
            }
            AsKind::StrToPtr => {
                // Looks at the handle only, so a copy is not counted.
                let value = match self.operand_uncounted(operand).0 {
                    Val::Scalar(handle) => handle,
                    _ => Operand::Null,
                };
                let text = self.c_text(value);
                return Val::Scalar(self.pointer_as(text, to_scalar));
            }
            _ => {}
        }
        let value = self.scalar(operand);
        Val::Scalar(self.scalar_cast(kind, value, from, to, to_scalar))
    }

    fn scalar_cast(
        &mut self,
        kind: AsKind,
        value: Operand,
        from: Ty,
        to: Ty,
        scalar: Type,
    ) -> Operand {
        let from_signed = self.cx.is_signed(from);
        match kind {
            AsKind::IntToInt => self.cx.int_resize(value, scalar, from_signed),
            AsKind::BoolToInt | AsKind::CharToInt => self.cx.int_resize(value, scalar, false),
            AsKind::EnumToInt => {
                let signed = match &self.cx.layout(from).shape {
                    Shape::Enum { tag, .. } => tag.is_signed(),
                    _ => true,
                };
                self.cx.int_resize(value, scalar, signed)
            }
            AsKind::IntToFloat | AsKind::FloatToInt
                if scalar == Type::I128 || self.cx.b.type_of(value) == Type::I128 =>
            {
                let kind = InstanceKind::WideFloatGlue { from, to };
                let result = self.cx.call_glue(kind, vec![value], Some(scalar));
                result.unwrap_or(Operand::Undef(scalar))
            }
            AsKind::IntToFloat => {
                let op = if from_signed {
                    CastOp::SiToFp
                } else {
                    CastOp::UiToFp
                };
                self.cx.b.cast(op, value, scalar)
            }
            AsKind::FloatToInt => {
                let signed = self.cx.is_signed(to);
                let op = if signed {
                    CastOp::FpToSiSat
                } else {
                    CastOp::FpToUiSat
                };
                self.cx.b.cast(op, value, scalar)
            }
            AsKind::FloatToFloat => self.float_resize(value, scalar),
            AsKind::IntToBool => {
                let zero = Operand::zero(self.cx.b.type_of(value));
                self.cx.b.icmp(IntCond::Ne, value, zero)
            }
            AsKind::IntToChar => self.int_to_char(value, from_signed),
            AsKind::PtrToPtr | AsKind::PtrToInt | AsKind::RefToPtr => {
                self.pointer_as(value, scalar)
            }
            AsKind::IntToPtr | AsKind::ToRef => {
                if self.cx.b.type_of(value) == Type::Ptr {
                    return value;
                }
                let wide = self.cx.int_resize(value, Type::I64, from_signed);
                self.cx.b.cast(CastOp::IntToPtr, wide, Type::Ptr)
            }
            AsKind::Same | AsKind::StrToPtr | AsKind::FuncToPtr | AsKind::Downcast => value,
        }
    }

    /// An address as a pointer, or as an integer of any width.
    fn pointer_as(&mut self, ptr: Operand, to: Type) -> Operand {
        if to == Type::Ptr {
            return ptr;
        }
        let address = self.cx.b.cast(CastOp::PtrToInt, ptr, Type::I64);
        self.cx.int_resize(address, to, false)
    }

    fn int_to_char(&mut self, value: Operand, signed: bool) -> Operand {
        let ty = self.cx.b.type_of(value);
        let wide = match ty {
            Type::I64 | Type::I128 => ty,
            _ => Type::I32,
        };
        // Negative ones become huge, and so invalid.
        let value = self.cx.int_resize(value, wide, signed);
        let bound = |n: u32| Operand::int(wide, u128::from(n));
        let low = self.cx.b.icmp(IntCond::Ult, value, bound(0xD800));
        let above = self.cx.b.icmp(IntCond::Uge, value, bound(0xE000));
        let within = self.cx.b.icmp(IntCond::Ult, value, bound(0x11_0000));
        let high = self.cx.b.binary(BinaryOp::And, above, within);
        let valid = self.cx.b.binary(BinaryOp::Or, low, high);
        let code_point = self.cx.int_resize(value, Type::I32, false);
        self.cx
            .b
            .select(valid, code_point, Operand::i32(REPLACEMENT_CHARACTER))
    }

    /// The bytes of a text as C wants them: never null.
    pub(crate) fn c_text(&mut self, handle: Operand) -> Operand {
        let empty = ssa::Data::bytes(crate::text::literal_bytes(""), 16);
        let empty = self.cx.b.import_data(empty);
        let empty = Operand::Data(empty, crate::text::HEADER_BYTES as i64);
        match handle {
            Operand::Null => empty,
            Operand::Data(..) => handle,
            _ => {
                let is_null = self.cx.b.icmp(IntCond::Eq, handle, Operand::Null);
                self.cx.b.select(is_null, empty, handle)
            }
        }
    }

    // Functions as values.

    /// The address of a function item's code.
    fn func_address(&mut self, item: Ty) -> Operand {
        let TyKind::FnItem(func, args) = item.kind(self.db()) else {
            return Operand::Null;
        };
        let Some(instance) = self.resolve_func(*func, *args) else {
            return Operand::Null;
        };
        let Some(abi) = self.abi_of(instance) else {
            return Operand::Null;
        };
        Operand::Func(self.cx.import(instance, &abi))
    }

    /// The pair (code, environment) of a function item or constructor: no environment.
    fn func_value(&mut self, item: Ty) -> Val {
        let made = match item.kind(self.db()) {
            TyKind::FnItem(func, args) => {
                let resolved = self.resolve_func(*func, *args);
                resolved.and_then(|instance| match instance.kind(self.db()) {
                    InstanceKind::Func(func) => {
                        let kind = InstanceKind::FuncValue(func);
                        Some(Instance::new(self.db(), kind, instance.args(self.db())))
                    }
                    _ => None,
                })
            }
            TyKind::Ctor(variant, args) => {
                let kind = InstanceKind::CtorValue(VariantDef::Variant(*variant));
                Some(Instance::new(self.db(), kind, *args))
            }
            _ => None,
        };
        let code = match made {
            Some(instance) => {
                let signature = crate::shim::value_signature(self.db(), self.cx.build, instance);
                Operand::Func(self.cx.import_with(instance, signature))
            }
            None => Operand::Null,
        };
        let pair = Operand::Slot(self.cx.b.create_slot(16, 8, None), 0);
        self.cx.b.store(code, pair, 8);
        let second = self.cx.b.ptr_offset(pair, 8);
        self.cx.b.store(Operand::Null, second, 8);
        Val::Memory(pair)
    }
}

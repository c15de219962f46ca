//! Intrinsics, and the conversion that saturates.

use inkwell::FloatPredicate;
use inkwell::values::{BasicMetadataValueEnum, BasicValueEnum, InstructionOpcode};
use ssa::{Intrinsic, Operand, Type};

use super::function::FunctionLowering;
use crate::error::CodegenError;

impl<'ctx> FunctionLowering<'_, '_, 'ctx> {
    pub(super) fn intrinsic(
        &mut self,
        op: Intrinsic,
        ty: Type,
        args: &[Operand],
    ) -> Result<Option<BasicValueEnum<'ctx>>, CodegenError> {
        let mut values: Vec<BasicMetadataValueEnum<'ctx>> = args
            .iter()
            .map(|arg| Ok(self.operand(arg)?.into()))
            .collect::<Result<_, CodegenError>>()?;
        let name = match op {
            Intrinsic::Trap => return self.call_intrinsic_maybe_void("llvm.trap", &[], &[]),
            // LLVM's works on whole pairs of bytes; one byte has nothing to swap.
            Intrinsic::Bswap if matches!(ty, Type::I1 | Type::I8) => {
                return args.first().map(|arg| self.operand(arg)).transpose();
            }
            Intrinsic::Ctlz | Intrinsic::Cttz => {
                // "Zero gives poison": no, it gives the width.
                values.push(self.unit.context.bool_type().const_zero().into());
                if op == Intrinsic::Ctlz {
                    "llvm.ctlz"
                } else {
                    "llvm.cttz"
                }
            }
            Intrinsic::Powi => return self.powi(ty, args).map(Some),
            Intrinsic::SAddOverflow => {
                return self.overflows("llvm.sadd.with.overflow", ty, &values);
            }
            Intrinsic::UAddOverflow => {
                return self.overflows("llvm.uadd.with.overflow", ty, &values);
            }
            Intrinsic::SSubOverflow => {
                return self.overflows("llvm.ssub.with.overflow", ty, &values);
            }
            Intrinsic::USubOverflow => {
                return self.overflows("llvm.usub.with.overflow", ty, &values);
            }
            Intrinsic::SMulOverflow => {
                return self.overflows("llvm.smul.with.overflow", ty, &values);
            }
            Intrinsic::UMulOverflow => {
                return self.overflows("llvm.umul.with.overflow", ty, &values);
            }
            Intrinsic::Ctpop => "llvm.ctpop",
            Intrinsic::Bswap => "llvm.bswap",
            Intrinsic::BitReverse => "llvm.bitreverse",
            Intrinsic::Fshl => "llvm.fshl",
            Intrinsic::Fshr => "llvm.fshr",
            Intrinsic::Sqrt => "llvm.sqrt",
            Intrinsic::Sin => "llvm.sin",
            Intrinsic::Cos => "llvm.cos",
            Intrinsic::Exp => "llvm.exp",
            Intrinsic::Log => "llvm.log",
            Intrinsic::Log10 => "llvm.log10",
            Intrinsic::Pow => "llvm.pow",
            Intrinsic::Floor => "llvm.floor",
            Intrinsic::Ceil => "llvm.ceil",
            Intrinsic::Round => "llvm.round",
            Intrinsic::Trunc => "llvm.trunc",
            Intrinsic::Fma => "llvm.fma",
            Intrinsic::MinNum => "llvm.minnum",
            Intrinsic::MaxNum => "llvm.maxnum",
            Intrinsic::Fabs => "llvm.fabs",
            Intrinsic::CopySign => "llvm.copysign",
            Intrinsic::SAddSat => "llvm.sadd.sat",
            Intrinsic::UAddSat => "llvm.uadd.sat",
            Intrinsic::SSubSat => "llvm.ssub.sat",
            Intrinsic::USubSat => "llvm.usub.sat",
        };
        self.call_intrinsic(name, &[ty], &values).map(Some)
    }

    /// LLVM yields the result and the flag; only the flag is asked for.
    fn overflows(
        &self,
        name: &str,
        ty: Type,
        args: &[BasicMetadataValueEnum<'ctx>],
    ) -> Result<Option<BasicValueEnum<'ctx>>, CodegenError> {
        let pair = self.call_intrinsic(name, &[ty], args)?.into_struct_value();
        Ok(Some(self.builder.build_extract_value(pair, 1, "")?))
    }

    /// Through `pow` on doubles, where every `i32` is exact: what LLVM's own `powi`
    /// calls is in a compiler's run-time library, which users need not have.
    fn powi(&mut self, ty: Type, args: &[Operand]) -> Result<BasicValueEnum<'ctx>, CodegenError> {
        let [base, exponent] = args else {
            return Err(CodegenError::internal("`powi` wants two operands"));
        };
        let double = self.unit.context.f64_type();
        let (base, exponent) = (self.float(base)?, self.int(exponent)?);
        let base = match ty {
            Type::F32 => self.builder.build_float_ext(base, double, "")?,
            _ => base,
        };
        let exponent = self
            .builder
            .build_signed_int_to_float(exponent, double, "")?;
        let power =
            self.call_intrinsic("llvm.pow", &[Type::F64], &[base.into(), exponent.into()])?;
        Ok(match ty {
            Type::F32 => {
                let single = self.unit.context.f32_type();
                self.builder
                    .build_float_trunc(power.into_float_value(), single, "")?
                    .into()
            }
            _ => power,
        })
    }

    /// Float to integer: towards zero, out of range to the nearest bound, NaN to 0.
    pub(super) fn float_to_int(
        &mut self,
        arg: &Operand,
        to: Type,
        signed: bool,
    ) -> Result<BasicValueEnum<'ctx>, CodegenError> {
        let from = self.func.type_of(*arg);
        if to == Type::I128 {
            return self.float_to_int128(arg, from, signed);
        }
        let value = self.operand(arg)?;
        let name = if signed {
            "llvm.fptosi.sat"
        } else {
            "llvm.fptoui.sat"
        };
        self.call_intrinsic(name, &[to, from], &[value.into()])
    }

    /// LLVM's saturating conversion to 128 bits calls a compiler's run-time library,
    /// which users need not have; the plain conversion is expanded in place.
    ///
    /// `f32` cannot leave the range of `u128` upwards but by infinity, and the bound
    /// 2^128 as an `f32` is infinity, so one form serves both widths.
    fn float_to_int128(
        &mut self,
        arg: &Operand,
        from: Type,
        signed: bool,
    ) -> Result<BasicValueEnum<'ctx>, CodegenError> {
        let value = self.float(arg)?;
        let float = value.get_type();
        let int = self.unit.context.i128_type();
        let (opcode, least, bound, least_int, most_int) = if signed {
            let bound = 2f64.powi(127);
            (
                InstructionOpcode::FPToSI,
                -bound,
                bound,
                1u128 << 127,
                u128::MAX >> 1,
            )
        } else {
            let bound = if from == Type::F32 {
                f64::INFINITY
            } else {
                2f64.powi(128)
            };
            (InstructionOpcode::FPToUI, 0.0, bound, 0, u128::MAX)
        };
        let converted = self.builder.build_cast(opcode, value, int, "")?;
        let least_int = self.int_const(Type::I128, least_int)?;
        let most_int = self.int_const(Type::I128, most_int)?;
        let too_small = self.builder.build_float_compare(
            FloatPredicate::OLT,
            value,
            float.const_float(least),
            "",
        )?;
        let too_large = self.builder.build_float_compare(
            FloatPredicate::OGE,
            value,
            float.const_float(bound),
            "",
        )?;
        let is_nan = self
            .builder
            .build_float_compare(FloatPredicate::UNO, value, value, "")?;
        // A conversion out of range is poison, which a select not choosing it does not pass on.
        let result = self
            .builder
            .build_select(too_small, least_int.into(), converted, "")?;
        let result = self
            .builder
            .build_select(too_large, most_int.into(), result, "")?;
        Ok(self
            .builder
            .build_select(is_nan, int.const_zero().into(), result, "")?)
    }
}

//! Instructions, kind by kind.

use inkwell::basic_block::BasicBlock;
use inkwell::values::{
    BasicMetadataValueEnum, BasicValue, BasicValueEnum, InstructionOpcode, InstructionValue,
};
use inkwell::{FloatPredicate, IntPredicate};
use ssa::{
    BinaryOp, Block, Callee, CastOp, FloatCond, InstKind, IntCond, Operand, Ordering, Signature,
    Type,
};

use super::atomic;
use super::function::FunctionLowering;
use crate::error::CodegenError;

type Lowered<'ctx> = Result<Option<BasicValueEnum<'ctx>>, CodegenError>;

impl<'a, 'ctx> FunctionLowering<'_, 'a, 'ctx> {
    /// Lowers one instruction; the value is what it yields.
    ///
    /// A call that an `invoke` ends its block with goes on in the first block of `ways`, and in
    /// the second when it unwinds.
    pub(super) fn lower_inst(
        &mut self,
        block: Block,
        kind: &'a InstKind,
        ways: Option<(BasicBlock<'ctx>, BasicBlock<'ctx>)>,
    ) -> Lowered<'ctx> {
        match kind {
            InstKind::Binary { op, lhs, rhs } => self.binary(*op, lhs, rhs).map(Some),
            InstKind::FNeg { arg } => {
                let arg = self.float(arg)?;
                Ok(Some(self.builder.build_float_neg(arg, "")?.into()))
            }
            InstKind::Icmp { cond, lhs, rhs } => self.icmp(*cond, lhs, rhs).map(Some),
            InstKind::Fcmp { cond, lhs, rhs } => {
                let (lhs, rhs) = (self.float(lhs)?, self.float(rhs)?);
                Ok(Some(
                    self.builder
                        .build_float_compare(float_predicate(*cond), lhs, rhs, "")?
                        .into(),
                ))
            }
            InstKind::Cast { op, arg, to } => self.cast(*op, arg, *to).map(Some),
            InstKind::Select {
                cond,
                on_true,
                on_false,
            } => {
                let cond = self.int(cond)?;
                let (on_true, on_false) = (self.operand(on_true)?, self.operand(on_false)?);
                Ok(Some(
                    self.builder.build_select(cond, on_true, on_false, "")?,
                ))
            }
            InstKind::Load {
                ty,
                ptr,
                align,
                volatile,
            } => self
                .load(*ty, ptr, (*align).max(1), *volatile, None)
                .map(Some),
            InstKind::Store {
                value,
                ptr,
                align,
                volatile,
            } => self.store(value, ptr, (*align).max(1), *volatile, None),
            InstKind::PtrAdd { ptr, offset } => {
                let (ptr, offset) = (self.pointer(ptr)?, self.int(offset)?);
                Ok(Some(self.pointer_add(ptr, offset)?.into()))
            }
            InstKind::MemCpy {
                dst,
                src,
                size,
                dst_align,
                src_align,
            } => {
                let (dst, src, size) = (self.pointer(dst)?, self.pointer(src)?, self.int(size)?);
                self.builder.build_memcpy(
                    dst,
                    (*dst_align).max(1),
                    src,
                    (*src_align).max(1),
                    size,
                )?;
                Ok(None)
            }
            InstKind::MemMove {
                dst,
                src,
                size,
                dst_align,
                src_align,
            } => {
                let (dst, src, size) = (self.pointer(dst)?, self.pointer(src)?, self.int(size)?);
                self.builder.build_memmove(
                    dst,
                    (*dst_align).max(1),
                    src,
                    (*src_align).max(1),
                    size,
                )?;
                Ok(None)
            }
            InstKind::MemSet {
                dst,
                byte,
                size,
                align,
            } => {
                let (dst, byte, size) = (self.pointer(dst)?, self.int(byte)?, self.int(size)?);
                self.builder
                    .build_memset(dst, (*align).max(1), byte, size)?;
                Ok(None)
            }
            InstKind::Call { callee, args } => self.call(callee, args, ways),
            InstKind::Intrinsic { op, ty, args } => self.intrinsic(*op, *ty, args),
            InstKind::AtomicLoad { ty, ptr, ordering } => self
                .load(*ty, ptr, atomic::alignment(*ty)?, false, Some(*ordering))
                .map(Some),
            InstKind::AtomicStore {
                value,
                ptr,
                ordering,
            } => {
                let align = atomic::alignment(self.func.type_of(*value))?;
                self.store(value, ptr, align, false, Some(*ordering))
            }
            InstKind::AtomicRmw {
                op,
                ptr,
                value,
                ordering,
            } => self.atomic_rmw(*op, ptr, value, *ordering).map(Some),
            InstKind::AtomicCmpxchg {
                ptr,
                expected,
                new,
                success,
                failure,
            } => self
                .atomic_cmpxchg(ptr, expected, new, *success, *failure)
                .map(Some),
            InstKind::Fence { ordering } => {
                self.atomic_fence(*ordering);
                Ok(None)
            }
            InstKind::Phi { ty, args } => self.start_phi(block, *ty, args).map(Some),
        }
    }

    fn binary(
        &mut self,
        op: BinaryOp,
        lhs: &Operand,
        rhs: &Operand,
    ) -> Result<BasicValueEnum<'ctx>, CodegenError> {
        let opcode = match op {
            BinaryOp::Add => InstructionOpcode::Add,
            BinaryOp::Sub => InstructionOpcode::Sub,
            BinaryOp::Mul => InstructionOpcode::Mul,
            BinaryOp::SDiv => InstructionOpcode::SDiv,
            BinaryOp::UDiv => InstructionOpcode::UDiv,
            BinaryOp::SRem => InstructionOpcode::SRem,
            BinaryOp::URem => InstructionOpcode::URem,
            BinaryOp::And => InstructionOpcode::And,
            BinaryOp::Or => InstructionOpcode::Or,
            BinaryOp::Xor => InstructionOpcode::Xor,
            BinaryOp::Shl => InstructionOpcode::Shl,
            BinaryOp::LShr => InstructionOpcode::LShr,
            BinaryOp::AShr => InstructionOpcode::AShr,
            BinaryOp::FAdd => InstructionOpcode::FAdd,
            BinaryOp::FSub => InstructionOpcode::FSub,
            BinaryOp::FMul => InstructionOpcode::FMul,
            BinaryOp::FDiv => InstructionOpcode::FDiv,
            // Becomes a call of libm's `fmod` or `fmodf`.
            BinaryOp::FRem => InstructionOpcode::FRem,
        };
        let (lhs, rhs) = (self.operand(lhs)?, self.operand(rhs)?);
        let fits = if op.is_float() {
            lhs.is_float_value()
        } else {
            lhs.is_int_value()
        };
        if !fits || lhs.get_type() != rhs.get_type() {
            return Err(CodegenError::internal(format!(
                "`{}` on operands of other types",
                op.name()
            )));
        }
        Ok(self.builder.build_binop(opcode, lhs, rhs, "")?)
    }

    fn icmp(
        &mut self,
        cond: IntCond,
        lhs: &Operand,
        rhs: &Operand,
    ) -> Result<BasicValueEnum<'ctx>, CodegenError> {
        let predicate = int_predicate(cond);
        let result = match (self.operand(lhs)?, self.operand(rhs)?) {
            (BasicValueEnum::IntValue(lhs), BasicValueEnum::IntValue(rhs)) => {
                self.builder.build_int_compare(predicate, lhs, rhs, "")?
            }
            (BasicValueEnum::PointerValue(lhs), BasicValueEnum::PointerValue(rhs)) => {
                self.builder.build_int_compare(predicate, lhs, rhs, "")?
            }
            _ => return Err(CodegenError::internal("`icmp` on operands of other types")),
        };
        Ok(result.into())
    }

    fn cast(
        &mut self,
        op: CastOp,
        arg: &Operand,
        to: Type,
    ) -> Result<BasicValueEnum<'ctx>, CodegenError> {
        let from = self.func.type_of(*arg);
        let opcode = match op {
            CastOp::Trunc => InstructionOpcode::Trunc,
            CastOp::Zext => InstructionOpcode::ZExt,
            CastOp::Sext => InstructionOpcode::SExt,
            CastOp::FpTrunc => InstructionOpcode::FPTrunc,
            CastOp::FpExt => InstructionOpcode::FPExt,
            CastOp::FpToSiSat => return self.float_to_int(arg, to, true),
            CastOp::FpToUiSat => return self.float_to_int(arg, to, false),
            CastOp::SiToFp => InstructionOpcode::SIToFP,
            CastOp::UiToFp => InstructionOpcode::UIToFP,
            CastOp::PtrToInt => InstructionOpcode::PtrToInt,
            CastOp::IntToPtr => InstructionOpcode::IntToPtr,
            CastOp::Bitcast => InstructionOpcode::BitCast,
        };
        let value = self.operand(arg)?;
        if from == to {
            return Ok(value);
        }
        let to = self.unit.basic_type(to);
        Ok(self.builder.build_cast(opcode, value, to, "")?)
    }

    /// Loads, atomically if an ordering is given.
    fn load(
        &mut self,
        ty: Type,
        ptr: &Operand,
        align: u32,
        volatile: bool,
        ordering: Option<Ordering>,
    ) -> Result<BasicValueEnum<'ctx>, CodegenError> {
        let ptr = self.pointer(ptr)?;
        let loaded = self
            .builder
            .build_load(self.unit.memory_type(ty), ptr, "")?;
        let instruction = loaded
            .as_instruction_value()
            .ok_or_else(|| CodegenError::internal("a load is not an instruction"))?;
        set_access(instruction, align, volatile, ordering)?;
        self.loaded_value(ty, loaded)
    }

    fn store(
        &mut self,
        value: &Operand,
        ptr: &Operand,
        align: u32,
        volatile: bool,
        ordering: Option<Ordering>,
    ) -> Lowered<'ctx> {
        let ty = self.func.type_of(*value);
        let value = self.operand(value)?;
        let value = self.stored_value(ty, value)?;
        let ptr = self.pointer(ptr)?;
        let instruction = self.builder.build_store(ptr, value)?;
        set_access(instruction, align, volatile, ordering)?;
        Ok(None)
    }

    /// A truth value is one bit in a register and a byte in memory.
    fn loaded_value(
        &self,
        ty: Type,
        value: BasicValueEnum<'ctx>,
    ) -> Result<BasicValueEnum<'ctx>, CodegenError> {
        if ty != Type::I1 {
            return Ok(value);
        }
        let ty = self.unit.basic_type(Type::I1);
        Ok(self
            .builder
            .build_cast(InstructionOpcode::Trunc, value, ty, "")?)
    }

    fn stored_value(
        &self,
        ty: Type,
        value: BasicValueEnum<'ctx>,
    ) -> Result<BasicValueEnum<'ctx>, CodegenError> {
        if ty != Type::I1 {
            return Ok(value);
        }
        let ty = self.unit.memory_type(Type::I1);
        Ok(self
            .builder
            .build_cast(InstructionOpcode::ZExt, value, ty, "")?)
    }

    fn call(
        &mut self,
        callee: &'a Callee,
        args: &[Operand],
        ways: Option<(BasicBlock<'ctx>, BasicBlock<'ctx>)>,
    ) -> Lowered<'ctx> {
        let func = self.func;
        let (pointer, signature): (_, &Signature) = match callee {
            Callee::Direct(target) => {
                let target = func
                    .funcs
                    .get(*target)
                    .ok_or_else(|| CodegenError::internal(format!("{target} does not exist")))?;
                (self.unit.function_pointer(target)?, &target.signature)
            }
            Callee::Indirect { ptr, signature } => (self.pointer(ptr)?, signature),
        };
        let values = args
            .iter()
            .map(|arg| self.operand(arg))
            .collect::<Result<Vec<_>, CodegenError>>()?;
        let fits = values.len() == signature.params.len()
            || (signature.varargs && values.len() > signature.params.len());
        if !fits {
            return Err(CodegenError::internal(
                "a call with another number of arguments",
            ));
        }
        // The type is the call's own: a definition of another type behind the same
        // symbol must not change what is passed.
        let ty = self.unit.function_type(signature);
        let call = match ways {
            Some((normal, pad)) => self
                .builder
                .build_indirect_invoke(ty, pointer, &values, normal, pad, "")?,
            None => {
                let values: Vec<_> = values.into_iter().map(Into::into).collect();
                self.builder.build_indirect_call(ty, pointer, &values, "")?
            }
        };
        let attributes = &self.unit.attributes;
        attributes.signature(signature, |place, attribute| {
            call.add_attribute(place, attribute)
        });
        Ok(call.try_as_basic_value().basic())
    }

    /// Calls an LLVM intrinsic; `overload` are the types its name stands for.
    pub(super) fn call_intrinsic(
        &self,
        name: &str,
        overload: &[Type],
        args: &[BasicMetadataValueEnum<'ctx>],
    ) -> Result<BasicValueEnum<'ctx>, CodegenError> {
        self.call_intrinsic_maybe_void(name, overload, args)?
            .ok_or_else(|| CodegenError::internal(format!("`{name}` yields nothing")))
    }

    pub(super) fn call_intrinsic_maybe_void(
        &self,
        name: &str,
        overload: &[Type],
        args: &[BasicMetadataValueEnum<'ctx>],
    ) -> Lowered<'ctx> {
        let overload: Vec<_> = overload
            .iter()
            .map(|&ty| self.unit.basic_type(ty))
            .collect();
        let declaration = inkwell::intrinsics::Intrinsic::find(name)
            .and_then(|intrinsic| intrinsic.get_declaration(self.unit.module, &overload))
            .ok_or_else(|| CodegenError::internal(format!("LLVM has no intrinsic `{name}`")))?;
        let call = self.builder.build_direct_call(declaration, args, "")?;
        Ok(call.try_as_basic_value().basic())
    }
}

fn set_access(
    instruction: InstructionValue<'_>,
    align: u32,
    volatile: bool,
    ordering: Option<Ordering>,
) -> Result<(), CodegenError> {
    let refused =
        |error: &dyn std::fmt::Display| CodegenError::internal(format!("memory access: {error}"));
    instruction
        .set_alignment(align)
        .map_err(|error| refused(&error))?;
    if volatile {
        instruction
            .set_volatile(true)
            .map_err(|error| refused(&error))?;
    }
    if let Some(ordering) = ordering {
        instruction
            .set_atomic_ordering(atomic::ordering(ordering))
            .map_err(|error| refused(&error))?;
    }
    Ok(())
}

fn int_predicate(cond: IntCond) -> IntPredicate {
    match cond {
        IntCond::Eq => IntPredicate::EQ,
        IntCond::Ne => IntPredicate::NE,
        IntCond::Slt => IntPredicate::SLT,
        IntCond::Sle => IntPredicate::SLE,
        IntCond::Sgt => IntPredicate::SGT,
        IntCond::Sge => IntPredicate::SGE,
        IntCond::Ult => IntPredicate::ULT,
        IntCond::Ule => IntPredicate::ULE,
        IntCond::Ugt => IntPredicate::UGT,
        IntCond::Uge => IntPredicate::UGE,
    }
}

fn float_predicate(cond: FloatCond) -> FloatPredicate {
    match cond {
        FloatCond::Oeq => FloatPredicate::OEQ,
        FloatCond::One => FloatPredicate::ONE,
        FloatCond::Olt => FloatPredicate::OLT,
        FloatCond::Ole => FloatPredicate::OLE,
        FloatCond::Ogt => FloatPredicate::OGT,
        FloatCond::Oge => FloatPredicate::OGE,
        FloatCond::Ord => FloatPredicate::ORD,
        FloatCond::Ueq => FloatPredicate::UEQ,
        FloatCond::Une => FloatPredicate::UNE,
        FloatCond::Ult => FloatPredicate::ULT,
        FloatCond::Ule => FloatPredicate::ULE,
        FloatCond::Ugt => FloatPredicate::UGT,
        FloatCond::Uge => FloatPredicate::UGE,
        FloatCond::Uno => FloatPredicate::UNO,
    }
}

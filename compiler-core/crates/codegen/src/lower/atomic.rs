//! Atomic instructions. Their operands are whole integers or addresses.

use inkwell::llvm_sys::core::{LLVMBuildAtomicCmpXchg, LLVMBuildFence};
use inkwell::types::IntType;
use inkwell::values::{AsValueRef, BasicValueEnum, InstructionOpcode, IntValue, StructValue};
use inkwell::{AtomicOrdering, AtomicRMWBinOp};
use ssa::{AtomicRmwOp, Operand, Ordering, Type};

use super::function::FunctionLowering;
use crate::error::CodegenError;

impl<'ctx> FunctionLowering<'_, '_, 'ctx> {
    pub(super) fn atomic_rmw(
        &mut self,
        op: AtomicRmwOp,
        ptr: &Operand,
        value: &Operand,
        order: Ordering,
    ) -> Result<BasicValueEnum<'ctx>, CodegenError> {
        let ty = self.func.type_of(*value);
        alignment(ty)?;
        let ptr = self.pointer(ptr)?;
        let value = self.atomic_bits(value)?;
        let old = self
            .builder
            .build_atomicrmw(rmw_op(op), ptr, value, ordering(order))?;
        self.value_of_bits(ty, old.into())
    }

    pub(super) fn atomic_cmpxchg(
        &mut self,
        ptr: &Operand,
        expected: &Operand,
        new: &Operand,
        success: Ordering,
        failure: Ordering,
    ) -> Result<BasicValueEnum<'ctx>, CodegenError> {
        let ty = self.func.type_of(*expected);
        alignment(ty)?;
        let ptr = self.pointer(ptr)?;
        let (expected, new) = (self.atomic_bits(expected)?, self.atomic_bits(new)?);
        // SAFETY: all are live values of this module with the types LLVM asks for.
        // inkwell's own method refuses a failure ordering above the success ordering,
        // which LLVM has come to allow.
        let pair = unsafe {
            StructValue::new(LLVMBuildAtomicCmpXchg(
                self.builder.as_mut_ptr(),
                ptr.as_value_ref(),
                expected.as_value_ref(),
                new.as_value_ref(),
                ordering(success).into(),
                ordering(failure).into(),
                0,
            ))
        };
        let old = self.builder.build_extract_value(pair, 0, "")?;
        self.value_of_bits(ty, old)
    }

    pub(super) fn atomic_fence(&self, order: Ordering) {
        // SAFETY: the builder is positioned; the empty name is a C string.
        unsafe {
            LLVMBuildFence(
                self.builder.as_mut_ptr(),
                ordering(order).into(),
                0,
                c"".as_ptr(),
            );
        }
    }

    /// The operand as the integer that atomic instructions work on.
    fn atomic_bits(&mut self, operand: &Operand) -> Result<IntValue<'ctx>, CodegenError> {
        if self.func.type_of(*operand) != Type::Ptr {
            return self.int(operand);
        }
        let value = self.pointer(operand)?;
        Ok(self
            .builder
            .build_ptr_to_int(value, self.address_type()?, "")?)
    }

    fn value_of_bits(
        &self,
        ty: Type,
        bits: BasicValueEnum<'ctx>,
    ) -> Result<BasicValueEnum<'ctx>, CodegenError> {
        if ty != Type::Ptr {
            return Ok(bits);
        }
        let ty = self.unit.basic_type(Type::Ptr);
        Ok(self
            .builder
            .build_cast(InstructionOpcode::IntToPtr, bits, ty, "")?)
    }

    fn address_type(&self) -> Result<IntType<'ctx>, CodegenError> {
        self.int_type(if self.unit.pointer_bytes() == 4 {
            Type::I32
        } else {
            Type::I64
        })
    }
}

/// Atomic accesses are naturally aligned; wider ones than a register would be
/// calls of a library that users need not have.
pub(super) fn alignment(ty: Type) -> Result<u32, CodegenError> {
    match ty.size_bytes() {
        size @ 1..=8 => Ok(size as u32),
        _ => Err(CodegenError::unsupported(format!("atomic access to {ty}"))),
    }
}

pub(super) fn ordering(ordering: Ordering) -> AtomicOrdering {
    match ordering {
        Ordering::Relaxed => AtomicOrdering::Monotonic,
        Ordering::Acquire => AtomicOrdering::Acquire,
        Ordering::Release => AtomicOrdering::Release,
        Ordering::AcqRel => AtomicOrdering::AcquireRelease,
        Ordering::SeqCst => AtomicOrdering::SequentiallyConsistent,
    }
}

fn rmw_op(op: AtomicRmwOp) -> AtomicRMWBinOp {
    match op {
        AtomicRmwOp::Xchg => AtomicRMWBinOp::Xchg,
        AtomicRmwOp::Add => AtomicRMWBinOp::Add,
        AtomicRmwOp::Sub => AtomicRMWBinOp::Sub,
        AtomicRmwOp::And => AtomicRMWBinOp::And,
        AtomicRmwOp::Or => AtomicRMWBinOp::Or,
        AtomicRmwOp::Xor => AtomicRMWBinOp::Xor,
        AtomicRmwOp::Nand => AtomicRMWBinOp::Nand,
        AtomicRmwOp::SMax => AtomicRMWBinOp::Max,
        AtomicRmwOp::SMin => AtomicRMWBinOp::Min,
        AtomicRmwOp::UMax => AtomicRMWBinOp::UMax,
        AtomicRmwOp::UMin => AtomicRMWBinOp::UMin,
    }
}

//! Unwinding: where an `invoke` lands, and how cleaning up ends.
//!
//! Panics unwind by force (`_Unwind_ForcedUnwind`), so nothing is ever caught and every landing
//! pad is a cleanup. The C personality routine does all that this takes.

use inkwell::module::Linkage;
use inkwell::types::StructType;
use inkwell::values::FunctionValue;
use ssa::{Block, Terminator};

use super::function::FunctionLowering;
use crate::error::CodegenError;

const PERSONALITY: &str = "__gcc_personality_v0";

impl<'ctx> FunctionLowering<'_, '_, 'ctx> {
    /// Makes a landing pad for every `invoke`. Each has its own: an LLVM landing pad may not be
    /// jumped to, a cleanup block of ours may.
    pub(super) fn create_pads(
        &mut self,
        function: FunctionValue<'ctx>,
        order: &[Block],
    ) -> Result<(), CodegenError> {
        let context = self.unit.context;
        let record = self.exception_record();
        for &block in order {
            let Terminator::Invoke { cleanup, .. } = self.func.blocks[block].terminator else {
                continue;
            };
            let personality = self.personality();
            let slot = match self.exception {
                Some(slot) => slot,
                None => {
                    function.set_personality_function(personality);
                    self.builder.position_at_end(self.block(self.func.entry())?);
                    *self
                        .exception
                        .insert(self.builder.build_alloca(record, "")?)
                }
            };
            let pad = context.append_basic_block(function, "");
            self.builder.position_at_end(pad);
            self.set_location(self.func.blocks[block].terminator_loc);
            let exception = self
                .builder
                .build_landing_pad(record, personality, &[], true, "")?;
            self.builder.build_store(slot, exception)?;
            self.builder
                .build_unconditional_branch(self.block(cleanup)?)?;
            self.pads.insert(block, pad);
        }
        Ok(())
    }

    /// What a landing pad yields: the exception, and a selector that cleanups do not read.
    fn exception_record(&self) -> StructType<'ctx> {
        let context = self.unit.context;
        let exception = context.ptr_type(Default::default());
        context.struct_type(&[exception.into(), context.i32_type().into()], false)
    }

    fn personality(&self) -> FunctionValue<'ctx> {
        let module = self.unit.module;
        module.get_function(PERSONALITY).unwrap_or_else(|| {
            let ty = self.unit.context.i32_type().fn_type(&[], true);
            module.add_function(PERSONALITY, ty, Some(Linkage::External))
        })
    }

    pub(super) fn resume(&mut self) -> Result<(), CodegenError> {
        let Some(slot) = self.exception else {
            // Nothing unwinds to here.
            self.builder.build_unreachable()?;
            return Ok(());
        };
        let record = self.exception_record();
        let exception = self.builder.build_load(record, slot, "")?;
        self.builder.build_resume(exception)?;
        Ok(())
    }
}

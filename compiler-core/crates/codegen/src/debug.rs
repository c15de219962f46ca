//! Line tables and function names for debuggers.
//!
//! One compile unit per object, one subprogram per function. Types and variables
//! are not described yet; a breakpoint on `file:line` and a backtrace with
//! function names work.
//!
//! Lines are relative to the function's item: the table says
//! `LINE_BIAS + relative`, and the link step turns that into the absolute line.
//! So a line inserted above a function changes no object. For the same reason a
//! subprogram states no declaration line (that would be a second place to
//! patch), and no path is absolute.

use inkwell::context::Context;
use inkwell::debug_info::{
    AsDIScope, DICompileUnit, DIFile, DIFlags, DIFlagsConstants, DILocation, DISubprogram,
    DISubroutineType, DWARFEmissionKind, DWARFSourceLanguage, DebugInfoBuilder,
    debug_metadata_version,
};
use inkwell::llvm_sys::core::{
    LLVMGetFirstBasicBlock, LLVMGetFirstInstruction, LLVMGetNextBasicBlock, LLVMGetNextInstruction,
};
use inkwell::llvm_sys::debuginfo::{
    LLVMDIBuilderCreateDebugLocation, LLVMDILocationGetColumn, LLVMDILocationGetInlinedAt,
    LLVMDILocationGetLine, LLVMGetSubprogram, LLVMInstructionGetDebugLoc,
    LLVMInstructionSetDebugLoc,
};
use inkwell::module::{FlagBehavior, Module};
use inkwell::values::AsValueRef;
use object_store::LINE_BIAS;
use rustc_hash::FxHashMap;

/// Fixed, so that objects of two builds of the same compiler are equal.
const PRODUCER: &str = "tml";
/// What file names are relative to; a debugger substitutes it.
const DIRECTORY: &str = ".";
const DWARF_VERSION: u64 = 5;

/// The debug information of one module under construction.
pub(crate) struct DebugInfo<'ctx> {
    context: &'ctx Context,
    builder: DebugInfoBuilder<'ctx>,
    unit: DICompileUnit<'ctx>,
    unit_file: String,
    files: FxHashMap<String, DIFile<'ctx>>,
    no_type: DISubroutineType<'ctx>,
    is_optimized: bool,
}

impl<'ctx> DebugInfo<'ctx> {
    /// `unit_file` names the compile unit; it is the file of its first function.
    pub(crate) fn new(
        context: &'ctx Context,
        module: &Module<'ctx>,
        unit_file: &str,
        is_optimized: bool,
    ) -> DebugInfo<'ctx> {
        let i32_type = context.i32_type();
        let version = i32_type.const_int(u64::from(debug_metadata_version()), false);
        module.add_basic_value_flag("Debug Info Version", FlagBehavior::Warning, version);
        let dwarf = i32_type.const_int(DWARF_VERSION, false);
        module.add_basic_value_flag("Dwarf Version", FlagBehavior::Warning, dwarf);
        let (builder, unit) = module.create_debug_info_builder(
            true,
            // Debuggers know no language of ours; C's expression rules suit best.
            DWARFSourceLanguage::C,
            unit_file,
            DIRECTORY,
            PRODUCER,
            is_optimized,
            "",
            0,
            "",
            // "Full" for the subprograms: line tables alone come without function names.
            DWARFEmissionKind::Full,
            0,
            false,
            false,
            "",
            "",
        );
        let file = unit.get_file();
        let no_type = builder.create_subroutine_type(file, None, &[], DIFlags::PUBLIC);
        let files = FxHashMap::from_iter([(unit_file.to_owned(), file)]);
        DebugInfo {
            context,
            builder,
            unit,
            unit_file: unit_file.to_owned(),
            files,
            no_type,
            is_optimized,
        }
    }

    /// Describes a function. `name` is for people; `file` may be empty.
    pub(crate) fn subprogram(&mut self, name: &str, file: &str) -> DISubprogram<'ctx> {
        let file = if file.is_empty() {
            self.unit_file.clone()
        } else {
            file.to_owned()
        };
        let builder = &self.builder;
        let file = *self
            .files
            .entry(file)
            .or_insert_with_key(|name| builder.create_file(name, DIRECTORY));
        self.builder.create_function(
            self.unit.as_debug_info_scope(),
            name,
            // With a linkage name beside it, gdb shows that one for C.
            Some(""),
            file,
            0,
            self.no_type,
            false,
            true,
            LINE_BIAS,
            DIFlags::ZERO,
            self.is_optimized,
        )
    }

    /// A place in a function, its line relative to the function's item.
    pub(crate) fn location(
        &self,
        subprogram: DISubprogram<'ctx>,
        line: u32,
        column: u32,
    ) -> DILocation<'ctx> {
        let line = LINE_BIAS.saturating_add(line);
        self.builder.create_debug_location(
            self.context,
            line,
            column,
            subprogram.as_debug_info_scope(),
            None,
        )
    }

    pub(crate) fn finish(self) {
        self.builder.finalize();
    }
}

/// Makes every location one of the function it stands in, after passes have run.
///
/// * Code inlined by LLVM keeps the call's line: its own line is relative to
///   another item, and a sequence has room for one first line only.
/// * Code merged from several lines has line 0, which would be taken for a line
///   relative to nothing; it goes on under the line before it.
pub(crate) fn settle_locations<'ctx>(context: &'ctx Context, module: &Module<'ctx>) {
    for function in module.get_functions() {
        // SAFETY: all pointers come from the live module and are not kept.
        unsafe {
            let subprogram = LLVMGetSubprogram(function.as_value_ref());
            if subprogram.is_null() {
                continue;
            }
            let mut block = LLVMGetFirstBasicBlock(function.as_value_ref());
            while !block.is_null() {
                let mut instruction = LLVMGetFirstInstruction(block);
                while !instruction.is_null() {
                    let location = LLVMInstructionGetDebugLoc(instruction);
                    if !location.is_null() {
                        let mut outermost = location;
                        loop {
                            let call = LLVMDILocationGetInlinedAt(outermost);
                            if call.is_null() {
                                break;
                            }
                            outermost = call;
                        }
                        let line = LLVMDILocationGetLine(outermost);
                        if line == 0 {
                            LLVMInstructionSetDebugLoc(instruction, std::ptr::null_mut());
                        } else if outermost != location {
                            let settled = LLVMDIBuilderCreateDebugLocation(
                                context.raw(),
                                line,
                                LLVMDILocationGetColumn(outermost),
                                subprogram,
                                std::ptr::null_mut(),
                            );
                            LLVMInstructionSetDebugLoc(instruction, settled);
                        }
                    }
                    instruction = LLVMGetNextInstruction(instruction);
                }
                block = LLVMGetNextBasicBlock(block);
            }
        }
    }
}

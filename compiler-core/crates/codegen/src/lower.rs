//! SSA → LLVM IR, one module per unit.
//!
//! The translation is one to one and decides nothing: what an instruction of
//! the SSA form means, LLVM must be told; what it leaves open stays open.
//!
//! Where the two differ:
//! * An `i1` is a byte, 0 or 1, in memory: loads truncate, stores extend.
//! * `undef` may be read, and LLVM's may not be branched on: it becomes zero.
//! * Blocks that nothing reaches are left out; LLVM keeps another dominance there.
//!
//! Every definition that other units may name is `weak_odr` in a COMDAT of its
//! own. LLVM keeps such a symbol, and the linker takes the first of several: an
//! object freshly emitted for an edited function goes before the pack that holds
//! the stale one, and instances of generics may stand in many packs.

mod atomic;
mod attributes;
mod data;
mod function;
mod inst;
mod intrinsic;
mod unwind;

use inkwell::attributes::AttributeLoc;
use inkwell::comdat::ComdatSelectionKind;
use inkwell::context::Context;
use inkwell::module::{Linkage as LlvmLinkage, Module};
use inkwell::types::{BasicMetadataTypeEnum, BasicType, BasicTypeEnum, FunctionType};
use inkwell::values::{FunctionValue, GlobalValue, PointerValue, UnnamedAddress};
use inkwell::{AddressSpace, ThreadLocalMode};
use rustc_hash::FxHashMap;
use ssa::{CodegenUnit, Linkage, OptLevel, Signature, Type};

use self::attributes::Attributes;
use crate::debug::DebugInfo;
use crate::error::CodegenError;
use crate::target::{Arch, Machine};

/// Lowers a unit. With `names`, blocks and slots are named after the SSA text, for people.
pub(crate) fn lower_unit<'ctx>(
    context: &'ctx Context,
    machine: &Machine,
    unit: &CodegenUnit,
    names: bool,
) -> Result<Module<'ctx>, CodegenError> {
    // The name becomes the object's file symbol, so it must not tell units apart.
    let module = context.create_module("tml");
    machine.attach(&module);
    let debug = debug_info(context, &module, unit);
    let mut lowering = Lowering {
        context,
        module: &module,
        unit,
        arch: machine.arch,
        names,
        attributes: Attributes::new(context),
        symbols: FxHashMap::default(),
        private_data: FxHashMap::default(),
        debug,
    };
    // Definitions before declarations: the first of a name decides what LLVM holds it for.
    for func in &unit.functions {
        lowering.define_function(func)?;
    }
    for global in &unit.globals {
        lowering.declare_global(global)?;
    }
    for func in &unit.functions {
        for callee in func.funcs.values() {
            lowering.function_pointer(callee)?;
        }
    }
    for global in &unit.globals {
        lowering.initialize_global(global)?;
    }
    for func in &unit.functions {
        function::lower_body(&mut lowering, func).map_err(|error| CodegenError {
            message: format!("function `{}`: {}", func.symbol, error.message),
            ..error
        })?;
    }
    if let Some(debug) = lowering.debug {
        debug.finish();
    }
    Ok(module)
}

fn debug_info<'ctx>(
    context: &'ctx Context,
    module: &Module<'ctx>,
    unit: &CodegenUnit,
) -> Option<DebugInfo<'ctx>> {
    if unit.options.debug != ssa::DebugInfo::Lines {
        return None;
    }
    let source = unit
        .functions
        .iter()
        .find_map(|func| func.source.as_ref())?;
    let is_optimized = unit.options.opt_level != OptLevel::O0;
    Some(DebugInfo::new(context, module, &source.file, is_optimized))
}

/// The state of one unit's lowering.
struct Lowering<'a, 'ctx> {
    context: &'ctx Context,
    module: &'a Module<'ctx>,
    unit: &'a CodegenUnit,
    arch: Arch,
    names: bool,
    attributes: Attributes,
    /// Everything with a linker's name. Kept here, because LLVM renames a second
    /// function or global of one name instead of refusing it.
    symbols: FxHashMap<&'a str, Symbol<'ctx>>,
    /// Read-only private data by content, shared by the functions of the unit.
    private_data: FxHashMap<&'a ssa::Data, PointerValue<'ctx>>,
    debug: Option<DebugInfo<'ctx>>,
}

#[derive(Clone, Copy)]
enum Symbol<'ctx> {
    Function(FunctionValue<'ctx>),
    Global(GlobalValue<'ctx>),
}

impl<'ctx> Symbol<'ctx> {
    fn pointer(self) -> PointerValue<'ctx> {
        match self {
            Symbol::Function(function) => function.as_global_value().as_pointer_value(),
            Symbol::Global(global) => global.as_pointer_value(),
        }
    }
}

impl<'a, 'ctx> Lowering<'a, 'ctx> {
    fn basic_type(&self, ty: Type) -> BasicTypeEnum<'ctx> {
        let context = self.context;
        match ty {
            Type::I1 => context.bool_type().into(),
            Type::I8 => context.i8_type().into(),
            Type::I16 => context.i16_type().into(),
            Type::I32 => context.i32_type().into(),
            Type::I64 => context.i64_type().into(),
            Type::I128 => context.i128_type().into(),
            Type::F32 => context.f32_type().into(),
            Type::F64 => context.f64_type().into(),
            Type::Ptr => context.ptr_type(AddressSpace::default()).into(),
        }
    }

    /// The type of a value while it is in memory.
    fn memory_type(&self, ty: Type) -> BasicTypeEnum<'ctx> {
        self.basic_type(if ty == Type::I1 { Type::I8 } else { ty })
    }

    fn function_type(&self, signature: &Signature) -> FunctionType<'ctx> {
        let params: Vec<BasicMetadataTypeEnum<'ctx>> = signature
            .params
            .iter()
            .map(|&ty| self.basic_type(ty).into())
            .collect();
        match signature.result {
            Some(ty) => self.basic_type(ty).fn_type(&params, signature.varargs),
            None => self.context.void_type().fn_type(&params, signature.varargs),
        }
    }

    /// Declares a function that this unit defines.
    fn define_function(&mut self, func: &'a ssa::Function) -> Result<(), CodegenError> {
        let symbol = checked_name(&func.symbol)?;
        if self.symbols.contains_key(symbol) {
            return Err(CodegenError::internal(format!(
                "two definitions of `{symbol}` in one unit"
            )));
        }
        let function = self.module.add_function(
            symbol,
            self.function_type(&func.signature),
            Some(LlvmLinkage::External),
        );
        self.place(function.as_global_value(), symbol, func.linkage);
        if self.arch != Arch::Wasm {
            function.set_section(Some(&format!(".text.{symbol}")));
        }
        self.attributes.function(function, &func.attrs);
        self.attributes
            .signature(&func.signature, |place, attribute| {
                function.add_attribute(place, attribute)
            });
        let options = &self.unit.options;
        if options.frame_pointers {
            function.add_attribute(AttributeLoc::Function, self.attributes.frame_pointer);
        }
        if self.arch.has_stack_probes() {
            function.add_attribute(AttributeLoc::Function, self.attributes.probe_stack);
        }
        if options.opt_level == OptLevel::Os {
            function.add_attribute(AttributeLoc::Function, self.attributes.optsize);
        }
        if let (Some(debug), Some(source)) = (&mut self.debug, &func.source) {
            let subprogram = debug.subprogram(&func.display, &source.file);
            function.set_subprogram(subprogram);
        }
        self.symbols.insert(symbol, Symbol::Function(function));
        Ok(())
    }

    /// Linkage and COMDAT of a definition.
    fn place(&self, value: GlobalValue<'ctx>, symbol: &str, linkage: Linkage) {
        match linkage {
            Linkage::Local => value.set_linkage(LlvmLinkage::Internal),
            Linkage::Export | Linkage::Weak => {
                value.set_linkage(LlvmLinkage::WeakODR);
                let comdat = self.module.get_or_insert_comdat(symbol);
                comdat.set_selection_kind(ComdatSelectionKind::Any);
                value.set_comdat(comdat);
            }
        }
    }

    /// The address of a function, declared if this unit does not define it.
    fn function_pointer(
        &mut self,
        func: &'a ssa::ExternFunc,
    ) -> Result<PointerValue<'ctx>, CodegenError> {
        if let Some(known) = self.symbols.get(func.symbol.as_str()) {
            return Ok(known.pointer());
        }
        let symbol = checked_name(&func.symbol)?;
        let function = self.module.add_function(
            symbol,
            self.function_type(&func.signature),
            Some(LlvmLinkage::External),
        );
        self.attributes.function(function, &func.attrs);
        self.attributes
            .signature(&func.signature, |place, attribute| {
                function.add_attribute(place, attribute)
            });
        self.symbols.insert(symbol, Symbol::Function(function));
        Ok(Symbol::Function(function).pointer())
    }

    /// A symbol of which only the name is known: the target of a relocation.
    fn symbol_pointer(&mut self, symbol: &'a str) -> Result<PointerValue<'ctx>, CodegenError> {
        if let Some(known) = self.symbols.get(symbol) {
            return Ok(known.pointer());
        }
        Ok(self
            .declare_extern_data(symbol, true, false)?
            .as_pointer_value())
    }

    fn declare_extern_data(
        &mut self,
        symbol: &'a str,
        mutable: bool,
        thread_local: bool,
    ) -> Result<GlobalValue<'ctx>, CodegenError> {
        let symbol = checked_name(symbol)?;
        // The type only sets an alignment, and accesses state their own.
        let global = self.module.add_global(self.context.i8_type(), None, symbol);
        global.set_linkage(LlvmLinkage::External);
        global.set_constant(!mutable);
        global.set_thread_local_mode(thread_local_mode(thread_local));
        self.symbols.insert(symbol, Symbol::Global(global));
        Ok(global)
    }
}

/// A name that LLVM takes as it is.
fn checked_name(symbol: &str) -> Result<&str, CodegenError> {
    // `llvm.` names are intrinsics to LLVM, and a leading 1 switches mangling off.
    if symbol.is_empty()
        || symbol.contains('\0')
        || symbol.starts_with("llvm.")
        || symbol.starts_with('\x01')
    {
        return Err(CodegenError::unsupported(format!(
            "the symbol name `{}` is reserved",
            symbol.escape_debug()
        )));
    }
    Ok(symbol)
}

/// Marks a datum whose address nobody compares, so that equal ones may be merged.
fn set_address_insignificant(global: GlobalValue<'_>) {
    global.set_unnamed_address(UnnamedAddress::Global);
}

/// Images are loaded when the program starts, so their thread-local data have fixed offsets.
/// Beside being quick this avoids relaxations that GNU ld leaves half done.
fn thread_local_mode(thread_local: bool) -> Option<ThreadLocalMode> {
    thread_local.then_some(ThreadLocalMode::InitialExecTLSModel)
}

//! One emitter: units in, objects out.

use inkwell::context::Context;
use inkwell::llvm_sys::core::LLVMContextSetDiscardValueNames;
use inkwell::module::Module;
use rustc_hash::FxHashMap;
use ssa::{CodegenUnit, DebugInfo, Linkage};

use crate::debug::settle_locations;
use crate::error::CodegenError;
use crate::lower::lower_unit;
use crate::passes;
use crate::target::{Machine, MachineKey};

/// Units after which a context is made anew: types, constants and strings pile up
/// in it and are freed only with it. A new one costs 18 µs.
const UNITS_PER_CONTEXT_MAX: u32 = 64;

/// How to emit, as far as it cannot change what is emitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmitOptions {
    /// Verify the SSA form before lowering, and LLVM's before and after the passes.
    pub verify: bool,
}

impl Default for EmitOptions {
    fn default() -> Self {
        EmitOptions {
            verify: cfg!(debug_assertions),
        }
    }
}

/// A relocatable object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectFile {
    pub bytes: Vec<u8>,
    /// The symbols that the object defines for others, sorted.
    pub defines: Vec<String>,
}

/// An LLVM context and the target machines in use; one per thread.
///
/// What it emits for a unit depends on the unit alone, not on earlier ones.
pub struct Worker {
    options: EmitOptions,
    machines: FxHashMap<MachineKey, Machine>,
    context: Context,
    context_units: u32,
}

impl Worker {
    pub fn new(options: EmitOptions) -> Worker {
        Worker {
            options,
            machines: FxHashMap::default(),
            context: Context::create(),
            context_units: 0,
        }
    }

    /// Emits the unit's object.
    pub fn emit(&mut self, unit: &CodegenUnit) -> Result<ObjectFile, CodegenError> {
        let bytes =
            self.with_module(unit, false, |machine, module| machine.object_bytes(module))?;
        Ok(ObjectFile {
            bytes,
            defines: defined_symbols(unit),
        })
    }

    /// The unit's LLVM IR as text, after the passes.
    pub fn emit_ir(&mut self, unit: &CodegenUnit) -> Result<String, CodegenError> {
        self.with_module(unit, true, |_, module| {
            Ok(module.print_to_string().to_string())
        })
    }

    /// The unit's assembly as text.
    pub fn emit_asm(&mut self, unit: &CodegenUnit) -> Result<String, CodegenError> {
        self.with_module(unit, true, |machine, module| machine.assembly_text(module))
    }

    fn with_module<T>(
        &mut self,
        unit: &CodegenUnit,
        names: bool,
        finish: impl FnOnce(&Machine, &Module<'_>) -> Result<T, CodegenError>,
    ) -> Result<T, CodegenError> {
        if self.context_units >= UNITS_PER_CONTEXT_MAX {
            self.context = Context::create();
            self.context_units = 0;
        }
        self.context_units += 1;
        // SAFETY: the context is ours and live; names are text only.
        unsafe { LLVMContextSetDiscardValueNames(self.context.raw(), i32::from(!names)) };

        let options = &unit.options;
        let key = MachineKey::new(&unit.target, options);
        if !self.machines.contains_key(&key) {
            let machine = Machine::create(&key)?;
            self.machines.insert(key.clone(), machine);
        }
        let Some(machine) = self.machines.get(&key) else {
            return Err(CodegenError::internal("no target machine"));
        };

        if self.options.verify {
            verify_ssa(unit)?;
        }
        let module = lower_unit(&self.context, machine, unit, names)?;
        self.verify(&module, "lowering")?;
        passes::run(&module, machine, options.opt_level, options.quick_passes)?;
        if options.debug == DebugInfo::Lines {
            settle_locations(&self.context, &module);
        }
        self.verify(&module, "the passes")?;
        finish(machine, &module)
    }

    fn verify(&self, module: &Module<'_>, after: &str) -> Result<(), CodegenError> {
        if !self.options.verify {
            return Ok(());
        }
        module.verify().map_err(|error| {
            CodegenError::internal(format!(
                "LLVM's verifier refuses the module after {after}: {error}"
            ))
            .with_ir(module.print_to_string().to_string())
        })
    }
}

fn verify_ssa(unit: &CodegenUnit) -> Result<(), CodegenError> {
    for func in &unit.functions {
        if let Err(errors) = ssa::verify(func) {
            let first = errors.first().map(ToString::to_string).unwrap_or_default();
            let message = format!("the SSA of `{}` is broken: {first}", func.symbol);
            return Err(CodegenError::internal(message).with_ir(func.to_string()));
        }
    }
    Ok(())
}

fn defined_symbols(unit: &CodegenUnit) -> Vec<String> {
    let functions = unit
        .functions
        .iter()
        .map(|func| (&func.symbol, func.linkage));
    let globals = unit
        .globals
        .iter()
        .map(|global| (&global.symbol, global.linkage));
    let mut symbols: Vec<String> = functions
        .chain(globals)
        .filter(|(_, linkage)| *linkage != Linkage::Local)
        .map(|(symbol, _)| symbol.to_string())
        .collect();
    symbols.sort();
    symbols
}

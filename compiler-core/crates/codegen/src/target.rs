//! Targets: which exist, and the LLVM machines that emit for them.

use std::ffi::CString;
use std::sync::Once;

use inkwell::OptimizationLevel;
use inkwell::data_layout::DataLayout;
use inkwell::module::Module;
use inkwell::targets::{
    CodeModel, FileType, InitializationConfig, RelocMode, Target, TargetMachine, TargetTriple,
};
use ssa::{CodegenOptions, OptLevel, TargetSpec};

use crate::error::CodegenError;

/// The target of images for the machine the engine runs on.
///
/// The processor is the architecture's baseline, never the one at hand: the same
/// source gives the same image on every machine.
pub fn host_target() -> TargetSpec {
    let (triple, cpu) = if cfg!(all(target_arch = "aarch64", target_os = "linux")) {
        ("aarch64-unknown-linux-gnu", "generic")
    } else {
        ("x86_64-unknown-linux-gnu", "x86-64")
    };
    TargetSpec {
        triple: triple.into(),
        cpu: cpu.into(),
        features: "".into(),
    }
}

/// What decides a target machine.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct MachineKey {
    target: TargetSpec,
    level: OptLevel,
    position_independent: bool,
}

impl MachineKey {
    pub(crate) fn new(target: &TargetSpec, options: &CodegenOptions) -> MachineKey {
        MachineKey {
            target: target.clone(),
            level: options.opt_level,
            position_independent: options.position_independent,
        }
    }

    pub(crate) fn startup(target: &TargetSpec) -> MachineKey {
        MachineKey {
            target: target.clone(),
            level: OptLevel::O0,
            position_independent: true,
        }
    }
}

/// An LLVM target machine and what modules for it must be marked with.
pub(crate) struct Machine {
    pub(crate) llvm: TargetMachine,
    triple: TargetTriple,
    data_layout: DataLayout,
    pub(crate) arch: Arch,
}

/// What lowering asks of an architecture.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Arch {
    X86_64,
    Aarch64,
    Wasm,
}

impl Arch {
    fn of_triple(triple: &str) -> Option<Arch> {
        match triple.split('-').next()? {
            "x86_64" => Some(Arch::X86_64),
            "aarch64" => Some(Arch::Aarch64),
            "wasm32" | "wasm64" => Some(Arch::Wasm),
            _ => None,
        }
    }

    /// Whether LLVM can touch each page of a large frame, so that an overflow hits the guard page.
    pub(crate) fn has_stack_probes(self) -> bool {
        matches!(self, Arch::X86_64 | Arch::Aarch64)
    }
}

impl Machine {
    /// Creates a machine; about 180 µs, so workers keep theirs.
    pub(crate) fn create(key: &MachineKey) -> Result<Machine, CodegenError> {
        initialize_llvm();
        let spec = &key.target;
        let words = [&spec.triple, &spec.cpu, &spec.features];
        let arch = Arch::of_triple(&spec.triple)
            .filter(|_| words.iter().all(|word| word.bytes().all(is_plain)));
        let Some(arch) = arch else {
            return Err(CodegenError::unsupported(format!(
                "unsupported target `{}` with processor `{}`",
                spec.triple.escape_debug(),
                spec.cpu.escape_debug()
            )));
        };
        let triple = TargetTriple::create(&spec.triple);
        let target = Target::from_triple(&triple).map_err(|error| {
            CodegenError::unsupported(format!("unsupported target `{}`: {error}", spec.triple))
        })?;
        let level = match key.level {
            OptLevel::O0 => OptimizationLevel::None,
            OptLevel::O1 => OptimizationLevel::Less,
            OptLevel::O2 | OptLevel::Os => OptimizationLevel::Default,
            OptLevel::O3 => OptimizationLevel::Aggressive,
        };
        let reloc = if key.position_independent {
            RelocMode::PIC
        } else {
            RelocMode::Static
        };
        let llvm = target
            .create_target_machine(
                &triple,
                &spec.cpu,
                &spec.features,
                level,
                reloc,
                CodeModel::Default,
            )
            .ok_or_else(|| {
                CodegenError::unsupported(format!(
                    "unsupported target `{}` with processor `{}`",
                    spec.triple, spec.cpu
                ))
            })?;
        let data_layout = llvm.get_target_data().get_data_layout();
        Ok(Machine {
            llvm,
            triple,
            data_layout,
            arch,
        })
    }

    /// Marks a module as being for this machine.
    pub(crate) fn attach(&self, module: &Module<'_>) {
        module.set_triple(&self.triple);
        module.set_data_layout(&self.data_layout);
    }

    pub(crate) fn object_bytes(&self, module: &Module<'_>) -> Result<Vec<u8>, CodegenError> {
        self.write(module, FileType::Object)
    }

    pub(crate) fn assembly_text(&self, module: &Module<'_>) -> Result<String, CodegenError> {
        let bytes = self.write(module, FileType::Assembly)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn write(&self, module: &Module<'_>, file_type: FileType) -> Result<Vec<u8>, CodegenError> {
        let buffer = self
            .llvm
            .write_to_memory_buffer(module, file_type)
            .map_err(|error| CodegenError::internal(format!("LLVM code generation: {error}")))?;
        Ok(buffer.as_slice().to_vec())
    }
}

/// What LLVM's names of targets, processors and features are made of.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.+,".contains(&byte)
}

/// Options of LLVM that have no other door. They are the same for every unit.
///
/// * No accelerator tables: gdb does not need `.debug_names`, and they would have
///   to be linked.
/// * Division of 128-bit integers, and their conversion to floats, is expanded in
///   place: the library that C compilers bring for it is not on every machine.
/// * Instructions without a location go on under the line before them. An explicit
///   "line 0" row would be relative to the item's first line like every other.
const LLVM_OPTIONS: [&str; 5] = [
    "codegen",
    "-accel-tables=Disable",
    "-expand-div-rem-bits=64",
    "-expand-fp-convert-bits=64",
    "-use-unknown-locations=Disable",
];

/// Registers the targets, once per process.
fn initialize_llvm() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let config = InitializationConfig::default();
        Target::initialize_x86(&config);
        Target::initialize_aarch64(&config);
        Target::initialize_webassembly(&config);
        let options: Vec<CString> = LLVM_OPTIONS
            .iter()
            .filter_map(|option| CString::new(*option).ok())
            .collect();
        let pointers: Vec<*const libc::c_char> =
            options.iter().map(|option| option.as_ptr()).collect();
        // SAFETY: the strings outlive the call, which copies them, and no other
        // thread uses LLVM before `ONCE` is done.
        unsafe {
            inkwell::llvm_sys::support::LLVMParseCommandLineOptions(
                pointers.len() as libc::c_int,
                pointers.as_ptr(),
                std::ptr::null(),
            );
        }
    });
}

//! From SSA text to a program that ran.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use codegen::{EmitOptions, ObjectFile, Worker, host_target, startup_object};
use ssa::{CodegenOptions, CodegenUnit, DebugInfo, OptLevel};

pub(crate) const VERIFY: EmitOptions = EmitOptions { verify: true };

pub(crate) fn options(opt_level: OptLevel) -> CodegenOptions {
    CodegenOptions {
        opt_level,
        quick_passes: opt_level == OptLevel::O0,
        position_independent: true,
        ..CodegenOptions::default()
    }
}

pub(crate) fn debug_options() -> CodegenOptions {
    CodegenOptions {
        debug: DebugInfo::Lines,
        frame_pointers: true,
        ..options(OptLevel::O0)
    }
}

/// A unit of everything in the text, which must be valid SSA.
pub(crate) fn unit(text: &str, options: CodegenOptions) -> CodegenUnit {
    let module = ssa::parse_module(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    for func in &module.functions {
        if let Err(errors) = ssa::verify(func) {
            panic!("{}: {errors:?}\n{func}", func.symbol);
        }
    }
    CodegenUnit::new(module.functions, module.globals, host_target(), options)
}

pub(crate) fn emit(text: &str, options: CodegenOptions) -> ObjectFile {
    match Worker::new(VERIFY).emit(&unit(text, options)) {
        Ok(object) => object,
        Err(error) => panic!("{error}\n{}", error.ir.clone().unwrap_or_default()),
    }
}

/// Several emitted units of one function each; shared, so that they can go to threads.
pub(crate) fn units_of_each_function(text: &str, options: CodegenOptions) -> Vec<Arc<CodegenUnit>> {
    let whole = unit(text, options);
    let one = |func: &Arc<ssa::Function>| {
        Arc::new(CodegenUnit::new(
            vec![func.clone()],
            Vec::new(),
            whole.target.clone(),
            options,
        ))
    };
    whole.functions.iter().map(one).collect()
}

/// Links objects, in this order, behind the startup object.
pub(crate) fn link(dir: &Path, name: &str, objects: &[&ObjectFile]) -> PathBuf {
    let start = dir.join(format!("{name}-start.o"));
    std::fs::write(&start, startup_object(&host_target()).unwrap()).unwrap();
    let out = dir.join(name);
    let mut command = Command::new("cc");
    command
        .arg("-nostartfiles")
        .arg("-fuse-ld=lld")
        .arg("-B")
        .arg("/usr/lib/llvm-22/bin");
    command.arg("-pie").arg("-o").arg(&out).arg(&start);
    for (index, object) in objects.iter().enumerate() {
        let path = dir.join(format!("{name}-{index}.o"));
        std::fs::write(&path, &object.bytes).unwrap();
        command.arg(path);
    }
    // Nothing but libc and libm: no library of a C compiler.
    let output = command
        .args(["-nodefaultlibs", "-lc", "-lm"])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "link: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    out
}

/// What the program printed, and its exit code.
pub(crate) fn run(program: &Path) -> (String, i32) {
    let output = Command::new(program).output().unwrap();
    let code = output
        .status
        .code()
        .unwrap_or_else(|| panic!("ended by {:?}", output.status));
    (String::from_utf8(output.stdout).unwrap(), code)
}

pub(crate) fn run_objects(objects: &[&ObjectFile]) -> (String, i32) {
    let dir = tempfile::tempdir().unwrap();
    run(&link(dir.path(), "program", objects))
}

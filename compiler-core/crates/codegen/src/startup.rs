//! The few instructions between the kernel and `tml_main`.
//!
//! Users need no C toolchain: instead of the system's `crt1.o` a linked image
//! starts in this object. It also holds the two helpers that only assembly can
//! express without a C compiler: libc's `stdout` and `stderr` are data symbols
//! that live in the shared library, so their address goes through the GOT.

use ssa::TargetSpec;

use crate::error::CodegenError;
use crate::target::{Machine, MachineKey};

/// The program's entry: `i32 tml_main(i32 argc, ptr argv)`, C calling convention.
pub const MAIN_SYMBOL: &str = "tml_main";
/// `ptr tml_rt_stdout(void)`: libc's `FILE *stdout`.
pub const STDOUT_SYMBOL: &str = "tml_rt_stdout";
/// `ptr tml_rt_stderr(void)`: libc's `FILE *stderr`.
pub const STDERR_SYMBOL: &str = "tml_rt_stderr";

/// An object with `_start`, `tml_rt_stdout` and `tml_rt_stderr` for the target.
///
/// `_start` calls `__libc_start_main(tml_main, argc, argv, 0, 0, rtld_fini, stack_end)`.
pub fn startup_object(target: &TargetSpec) -> Result<Vec<u8>, CodegenError> {
    let machine = Machine::create(&MachineKey::startup(target))?;
    let assembly = startup_assembly(&target.triple)?;
    let context = inkwell::context::Context::create();
    let module = context.create_module("startup");
    machine.attach(&module);
    module.set_inline_assembly(&assembly);
    machine.object_bytes(&module)
}

fn startup_assembly(triple: &str) -> Result<String, CodegenError> {
    let arch = triple.split('-').next().unwrap_or_default();
    let is_linux = triple.split('-').any(|part| part == "linux");
    let (start, read_global, runtime) = match arch {
        "x86_64" if is_linux => (
            X86_64_START,
            x86_64_read_global as fn(&str) -> String,
            X86_64_RUNTIME,
        ),
        "aarch64" if is_linux => (
            AARCH64_START,
            aarch64_read_global as fn(&str) -> String,
            AARCH64_RUNTIME,
        ),
        _ => {
            return Err(CodegenError::unsupported(format!(
                "no program startup for target `{triple}`: supported are x86_64 and aarch64 Linux"
            )));
        }
    };
    let mut out = function("_start", start);
    out += &function(STDOUT_SYMBOL, &read_global("stdout"));
    out += &function(STDERR_SYMBOL, &read_global("stderr"));
    for (symbol, body) in runtime {
        out += &function(symbol, body).replace(".globl", ".weak");
    }
    out += ".section .note.GNU-stack,\"\",%progbits\n";
    Ok(out)
}

/// A global function in a section of its own.
fn function(symbol: &str, body: &str) -> String {
    format!(
        ".section .text.{symbol},\"ax\",%progbits\n\
         .globl {symbol}\n.type {symbol},%function\n.p2align 4\n\
         {symbol}:\n.cfi_startproc\n{body}.cfi_endproc\n\
         .size {symbol}, .-{symbol}\n"
    )
}

// The kernel enters with the argument count on top of the stack, the arguments
// above it, and in %rdx what the dynamic loader wants called at exit. The
// undefined return address tells debuggers that the stack ends here.
const X86_64_START: &str = "\
    .cfi_undefined %rip
    xorl %ebp, %ebp
    movq %rdx, %r9
    popq %rsi
    movq %rsp, %rdx
    andq $-16, %rsp
    pushq %rax
    pushq %rsp
    xorl %r8d, %r8d
    xorl %ecx, %ecx
    movq tml_main@GOTPCREL(%rip), %rdi
    callq *__libc_start_main@GOTPCREL(%rip)
    hlt
";

// What programs may declare themselves (library.md §3): Windows' socket library, which needs no
// starting here, the error of the last call, sockets by number, and a test hook that has nothing
// to hand out.
const X86_64_RUNTIME: &[(&str, &str)] = &[
    ("sys_wsa_startup", "    xorl %eax, %eax\n    retq\n"),
    ("sys_wsa_cleanup", "    retq\n"),
    (
        "sys_get_last_error",
        "    pushq %rax\n    .cfi_adjust_cfa_offset 8\n    callq *__errno_location@GOTPCREL(%rip)\n    \
         movl (%rax), %eax\n    popq %rcx\n    .cfi_adjust_cfa_offset -8\n    retq\n",
    ),
    (
        "sys_socket_raw",
        "    pushq %rax\n    .cfi_adjust_cfa_offset 8\n    callq *socket@GOTPCREL(%rip)\n    \
         cltq\n    popq %rcx\n    .cfi_adjust_cfa_offset -8\n    retq\n",
    ),
    ("zstd_dict_train_test", "    xorl %eax, %eax\n    retq\n"),
];

const AARCH64_RUNTIME: &[(&str, &str)] = &[
    ("sys_wsa_startup", "    mov w0, #0\n    ret\n"),
    ("sys_wsa_cleanup", "    ret\n"),
    (
        "sys_get_last_error",
        "    stp x29, x30, [sp, #-16]!\n    bl __errno_location\n    ldr w0, [x0]\n    \
         ldp x29, x30, [sp], #16\n    ret\n",
    ),
    (
        "sys_socket_raw",
        "    stp x29, x30, [sp, #-16]!\n    bl socket\n    sxtw x0, w0\n    \
         ldp x29, x30, [sp], #16\n    ret\n",
    ),
    ("zstd_dict_train_test", "    mov x0, #0\n    ret\n"),
];

fn x86_64_read_global(global: &str) -> String {
    format!("    movq {global}@GOTPCREL(%rip), %rax\n    movq (%rax), %rax\n    retq\n")
}

const AARCH64_START: &str = "\
    .cfi_undefined x30
    mov x29, #0
    mov x30, #0
    mov x5, x0
    ldr x1, [sp]
    add x2, sp, #8
    mov x6, sp
    adrp x0, :got:tml_main
    ldr x0, [x0, :got_lo12:tml_main]
    mov x3, #0
    mov x4, #0
    bl __libc_start_main
    brk #1
";

fn aarch64_read_global(global: &str) -> String {
    format!(
        "    adrp x0, :got:{global}\n    ldr x0, [x0, :got_lo12:{global}]\n    ldr x0, [x0]\n    ret\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_linux_on_two_architectures_has_a_startup() {
        assert!(startup_assembly("x86_64-unknown-linux-gnu").is_ok());
        assert!(startup_assembly("aarch64-unknown-linux-gnu").is_ok());
        let error = startup_assembly("wasm32-wasi").unwrap_err();
        assert_eq!(error.code.as_str(), "C001");
    }
}

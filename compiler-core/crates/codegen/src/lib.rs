//! Code generation: a [`ssa::CodegenUnit`] becomes the bytes of an object file.
//!
//! The only crate that knows LLVM; everything before it builds and tests without
//! LLVM installed. It knows no queries, no HIR or MIR, no files, and not what
//! else is in a program: a unit says all there is to say, and the same unit gives
//! the same bytes on every thread and machine.
//!
//! A wrong object is worse than none: what cannot be right is an error here, C001
//! for what a target lacks and C009 for our own mistakes.
//!
//! Start with [`Worker`] (one thread's emitter), then `lower.rs` (SSA → LLVM IR)
//! and `debug.rs` (why lines are relative). [`EmitPool`] runs many workers;
//! [`startup_object`] is what stands between the kernel and `tml_main`.

mod debug;
mod error;
mod lower;
mod passes;
mod pool;
mod startup;
mod target;
mod worker;

pub use error::{CodegenError, CodegenErrorCode};
pub use pool::{EmitPool, EmitResult};
pub use startup::{MAIN_SYMBOL, STDERR_SYMBOL, STDOUT_SYMBOL, startup_object};
pub use target::host_target;
pub use worker::{EmitOptions, ObjectFile, Worker};

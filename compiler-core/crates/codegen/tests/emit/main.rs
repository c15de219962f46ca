//! SSA text → object → program → what it printed.
//!
//! One binary, because it links LLVM. The programs are linked by the machine's
//! own tools; the engine's linker has its own tests.

mod common;
mod debug_lines;
mod determinism;
mod linking;
mod operations;
mod programs;

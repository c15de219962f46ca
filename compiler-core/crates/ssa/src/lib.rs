//! The SSA form: one function instance as basic blocks, typed values and phi
//! nodes, with its text form, verifier, passes and interpreter.
//!
//! Types are machine types; layouts, instances and drops were decided before.
//! [`CodegenUnit`] is the border between the query world and the artefact
//! world: owned, `Send`, and with a key over all that code generation reads.
//!
//! This crate knows nothing of queries, names, MIR or LLVM, and does no I/O.
//! Start with [`function`] and [`inst`] (the data), then `docs/ir-ssa.md` (the
//! rules, in the order of [`mod@verify`]), then [`pipeline`] (the list of passes).

pub mod types;

pub mod data;
pub mod function;
pub mod inst;
pub mod module;
pub mod operand;
pub mod unit;

pub mod bisect;
pub mod builder;
pub mod parse;
pub mod print;
pub mod verify;

pub mod cfg;
pub mod diff;
pub mod dominators;
pub mod escape;
pub mod eval;
pub mod loops;
pub mod passes;
pub mod pipeline;
pub mod pointers;
pub mod summary;
pub mod surroundings;
mod ways;

pub mod interp;

pub use builder::FunctionBuilder;
pub use data::{Data, DataKind, Global, Reloc};
pub use function::{
    Block, BlockData, DataRef, Effect, ExternFunc, FuncRef, Function, FunctionAttrs, InlineHint,
    Inst, InstData, Linkage, Loc, Role, Slot, SlotData, SourceInfo, Value, ValueData, ValueDef,
};
pub use inst::{
    AtomicRmwOp, BinaryOp, Callee, CastOp, FloatCond, InstKind, IntCond, Intrinsic, Ordering,
    Terminator,
};
pub use module::Module;
pub use operand::Operand;
pub use parse::{ParseError, parse_function, parse_module};
pub use passes::inline_calls::INLINE_THRESHOLD;
pub use pipeline::Pipeline;
pub use summary::Summary;
pub use surroundings::{Surroundings, Unknown};
pub use types::{Signature, Type};
pub use unit::{CodegenOptions, CodegenUnit, DebugInfo, OptLevel, TargetSpec};
pub use verify::{VerifyError, verify};

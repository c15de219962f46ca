//! Instances: from checked generic bodies to SSA functions, and to the plan of a program.
//!
//! This crate decides what the generic layers left open: which implementation a call means,
//! how large a value is and how it travels, which copies count and what a drop does. It fills
//! in what codegen reads. It must not know LLVM, objects or files.
//!
//! Start with [`instance`] (what one symbol stands for) and [`queries`] (its stages), then
//! [`plan`] (what a build reads). The lowering is `lower` for bodies, `glue` for what the
//! compiler makes per type, [`intrinsics`] for what the library may ask of the machine.

pub mod abi;
pub mod emit_text;
pub mod error;
pub mod instance;
pub mod intrinsics;
pub mod key;
pub mod object;
mod objects;
pub mod plan;
pub mod queries;
pub mod repr;
pub mod statics;
pub mod symbol;
pub mod tables;
pub mod tests;
pub mod text;
pub mod types;

mod around;
mod choice;
mod closure;
mod default;
mod emit;
mod evaluate;
mod frame;
mod glue;
mod lang;
mod lower;
mod shim;
mod test_shim;

pub use emit_text::{escape_text, mir_text, passes_text, ssa_text};
pub use error::{MonoError, MonoErrorKind};
pub use instance::{Instance, InstanceKind};
pub use key::{Build, Profile, Target};
pub use plan::{
    Entry, PlanPart, PlannedFunction, ProgramPlan, codegen_unit, look_ahead, plan_of, plan_parts,
    program_plan, reachable,
};
pub use queries::{callees, ssa_lowered, ssa_optimized, ssa_simplified, summary, unit_key};

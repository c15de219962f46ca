//! Place-form MIR: one control-flow graph per generic body, between types and instances.
//!
//! Built once per body from `hir_def::Body` and `hir_ty::InferenceResult`, checked here
//! (initialisation, moves, mutability), given its drops, and then lowered once per instance by
//! `mono`. It must not know instances or targets: no sizes, no layouts, no resolved behavior
//! methods; and it holds no positions, so an edit that only moves code leaves it equal.
//!
//! Start with [`data`] (what a body is), then [`queries`] (its two stages) and [`verify`]
//! (the rules it keeps, the same list as `docs/ir-mir.md`).

pub mod data;
pub mod diagnostics;
pub mod print;
pub mod queries;
pub mod reach;
pub mod tys;
pub mod verify;
mod visit;

mod build;
mod cfg;
mod elaborate;
mod held;
mod lifetimes;
mod loans;
mod moves;
mod names;
mod unused;

pub use build::BuildOptions;
pub use data::*;
pub use diagnostics::{Access, Demanded, LaterUse, LoanConflict, MirDiagnostic, MoveOrigin, Side};
pub use held::{Held, HeldValues, held_values};
pub use lifetimes::ambiguous_assoc;
pub use queries::{
    Borrowck, MirBuilt, NotLowered, borrowck, build_with_options, implied_copies, mir_built,
    mir_final,
};
pub use reach::{Mentions, mentions};

//! Structured errors of all layers become codes, messages, labels, notes and fixes.
//!
//! One file per code in `codes` holds how it is rendered; `codes/explain` holds what
//! `tml explain` says of it. This crate does not know LSP: editors and the command line get the
//! same plain [`Diagnostic`].
//!
//! Start with [`diagnostic`], then `collect` (which findings a file has), then `codes`.

mod body_ctx;
mod codes;
mod collect;
pub mod diagnostic;
pub mod explain;
pub mod levels;
mod lints;
mod place;
pub mod render;
mod text;

pub use collect::{
    file_diagnostics, package_diagnostics, plan_diagnostics, silent_diagnostics,
    unreported_plan_errors,
};
pub use diagnostic::{Applicability, Diagnostic, Fix, Help, Label, Severity};
pub use explain::{CODES, CodeInfo, DefaultLevel, explain};
pub use render::sort;

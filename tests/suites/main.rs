//! All suites of the repository that need more than one crate, in one binary.
//!
//! Cases are data in the folders beside this one; see `docs/testing.md`.

mod support;

mod codes;
mod fuzz;
mod hostile;
mod incremental;
mod inputs;
mod language;
mod library;
mod lsp;
mod mistakes;
mod processes;
mod run;
mod scale;
mod tidy;
mod tools;

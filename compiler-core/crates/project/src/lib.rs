//! From manifest text to a package graph, and where sources come from.
//!
//! This crate reads nothing itself: all access goes through the [`resolver`] chain, so the whole
//! engine also runs over an in-memory tree. It knows neither LSP nor LLVM, and no salsa inputs:
//! the façade turns a [`Graph`] into those.
//!
//! Start with [`manifest`] (one file), then [`graph`] (all files of a workspace).

pub mod graph;
pub mod manifest;
pub mod problem;
pub mod profiles;
pub mod resolver;
mod siblings;
pub mod tests;

pub use graph::{
    Graph, PackageIdx, PackageSpec, Target, TargetKind, load_single_file, load_workspace,
};
pub use manifest::{Lowlevel, Manifest};
pub use problem::{Problem, Severity};
pub use profiles::Level;
pub use resolver::{Chain, Listing, MemoryFiles, ReadError, Resolver};

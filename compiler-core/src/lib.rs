//! The engine as a library: a workspace in, answers and programs out.
//!
//! [`Host`] owns the database and is the single place of change; a [`Snapshot`] answers
//! questions; [`build`] makes programs. The crate knows neither LSP nor the command line.
//!
//! Start with [`host`], then [`build`].

pub mod build;
mod cfg;
mod database;
mod disk;
mod embedded;
mod files;
pub mod host;
pub mod queries;
mod show;
mod stamps;
pub mod world;

pub use database::QueryLog;
pub use diagnostics::explain;
pub use disk::Disk;
pub use host::{Analysis, Applied, Cancelled, Change, Host, Snapshot};
pub use ide;
pub use project::MemoryFiles;
pub use show::{LintLevels, Rendering};
pub use syntax::{TextRange, TextSize};
pub use world::{Flavor, Input, Unit, World};

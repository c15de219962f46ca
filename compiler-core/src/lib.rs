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
pub mod fixes;
pub mod host;
pub mod library_files;
pub mod queries;
mod show;
pub mod source_tools;
mod stamps;
pub mod world;

pub use database::QueryLog;
pub use diagnostics::levels::covers;
pub use diagnostics::{Diagnostic, explain};
pub use disk::Disk;
pub use host::{Analysis, Applied, Cancelled, Change, Host, Snapshot};
pub use ide;
pub use project::MemoryFiles;
pub use show::{LintLevels, Rendering};
pub use syntax::{TextRange, TextSize};
pub use world::{Flavor, Input, Unit, World};

/// All lints: code, default level, title.
pub fn lints() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    use diagnostics::explain::{CODES, DefaultLevel};
    CODES.iter().filter_map(|info| {
        let level = match info.level {
            DefaultLevel::Warn => "warn",
            DefaultLevel::Off => "allow",
            DefaultLevel::Error | DefaultLevel::Panic => return None,
        };
        Some((info.code, level, info.title))
    })
}

//! Tools around the compiler that need no daemon: `tml fmt`, `fix`, `lint`, dumps.

mod diff;
mod dump;
mod fix;
mod format;

use client::args::{Globals, Tool};

pub use diff::unified;

/// Does what a tool does; the exit code.
pub fn run(globals: &Globals, tool: Tool) -> u8 {
    match tool {
        Tool::Fmt(params) => format::run(&params),
        Tool::Fix(params) => fix::run(globals, params),
        Tool::ListLints => dump::lints(),
        Tool::Dump(params) => dump::run(&params),
        Tool::Explain(code) => crate::work::explain(&code),
    }
}

//! Objects become an image: an executable, a shared object, or one larger object.
//!
//! [`link`] takes a [`LinkPlan`] and leaves a complete file under the plan's
//! output path, or an error and the old file. The usual linker is `libwild`, in
//! this process; `lld`, `mold` and `cc` are run as processes on request. Users
//! need no C toolchain: the system's dynamic linker and libc, as every running
//! machine has them, are found in `system.rs`.
//!
//! Objects hold item-relative lines so that moving a function does not change
//! it; `dwarf_lines.rs` makes those of `.debug_line` absolute in the image, and
//! [`positions_object`] makes the data that panics read.
//!
//! This crate knows no compiler stage, no database and no LLVM: functions are
//! symbols to it. Start reading at [`LinkPlan`], then `linker.rs`.

mod dwarf_lines;
mod error;
mod linker;
mod output;
mod plan;
mod positions;
mod system;

pub use dwarf_lines::{LineReport, patch_lines};
pub use error::{DuplicateSymbol, LinkError, UndefinedSymbol};
pub use linker::{LinkReport, link};
pub use plan::{ImageKind, Lib, LineBase, LinkInput, LinkPlan, LinkerKind, Strip, Target};
pub use positions::positions_object;
pub use system::{SystemLibraries, find_system_libraries};

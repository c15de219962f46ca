//! A resolved, read-only view of programs for tools: from a position to a definition and back.
//!
//! Everything here must work on code that is half written, so every answer is optional. This
//! crate knows no editors: it speaks of files, byte ranges and definitions. It keeps nothing:
//! what it says is read off the results of `hir-def` and `hir-ty`, which are memoised.
//!
//! Start with [`definition`] (what can be named), then [`source`] (which item a piece of syntax
//! is), [`names`] (what each name of an item means) and [`search`].

pub mod definition;
pub mod members;
pub mod names;
pub mod search;
pub mod source;
pub mod typing;

pub use definition::{DefKind, Definition};
pub use names::{NameUse, Role, names_of};
pub use search::{Found, find_definition_at, references};
pub use source::{ItemDef, file_id, item_of, module_of};
pub use typing::BodyView;

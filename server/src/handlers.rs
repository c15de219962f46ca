//! The requests of the protocol, one file each: convert, ask one question, convert back.

pub mod capabilities;
pub mod code_action;
pub mod completion;
pub mod definition;
pub mod folding;
pub mod formatting;
pub mod highlight;
pub mod hover;
pub mod inlay_hints;
pub mod references;
pub mod signature_help;
pub mod symbols;
pub mod tokens;

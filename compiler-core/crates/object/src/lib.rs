//! Object bytes of compiled functions: their keys, what is known about them
//! without opening them, and the store on disk that keeps them.
//!
//! The store is shared by all workspaces of a user and by all processes that
//! build them. It is content-addressed (an [`ObjectKey`] covers everything that
//! decided the bytes), so an entry is valid for ever and nothing is ever
//! updated in place.
//!
//! This crate knows no compiler stage, no database, no LLVM and no linker: it
//! moves bytes that somebody else made to somebody else who links them. Start
//! reading at [`Store`]; the form of an entry on disk is in `entry.rs`.

mod entry;
mod error;
mod key;
mod lines;
mod store;

pub use entry::ObjectHeader;
pub use error::StoreError;
pub use key::ObjectKey;
pub use lines::{LINE_BIAS, line_base_symbol};
pub use store::{
    CleanScope, PutOutcome, Store, StoreOptions, StoreStats, StoreUsage, StoredObject,
};

//! What tests of the query world share: a database with a log of executed queries, and fixtures
//! of several packages in one text.
//!
//! It knows inputs only ([`base`]), so that every crate above can use it in its tests. Being for
//! tests, it panics on malformed fixtures. Start with [`TestDb::with_fixture`].

mod db;
mod fixture;

pub use db::TestDb;
pub use fixture::{Fixture, real_library, whole_library};

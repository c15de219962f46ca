//! The daemon `tmld`: one engine, many clients.
//!
//! The only crate that knows LSP and JSON, and the only one with sockets, watchers and clocks.
//! A handler converts from the protocol, asks one question of `compiler_core`, and converts
//! back; an algorithm in here is in the wrong crate.
//!
//! Start with [`daemon`] (processes and sockets), [`engine`] (what all connections share) and
//! [`session`] (one connection). [`work`] is `tml build`, `check`, `run` and `watch`; it also
//! runs without a daemon.

pub mod convert;
pub mod daemon;
pub mod documents;
pub mod engine;
pub mod handlers;
pub mod scheduler;
pub mod session;
pub mod test_work;
pub mod tools;
pub mod watcher;
pub mod work;

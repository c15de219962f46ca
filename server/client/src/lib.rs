//! The thin client: arguments, the protocol's types, and how to reach the daemon.
//!
//! It links neither the compiler nor LLVM, so that it starts in about a millisecond. The daemon
//! uses it as a library for what both sides must agree on: [`args`], [`protocol`] and
//! [`endpoint`].

pub mod args;
pub mod completions;
pub mod connection;
pub mod endpoint;
pub mod framing;
pub mod projects;
pub mod protocol;
pub mod run;
pub mod testing;

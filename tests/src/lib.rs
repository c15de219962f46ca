//! Generated workspaces: what the scale suite and measurements run on.
//!
//! The suites themselves are in `suites/`; start with `suites/main.rs`.

pub mod generate;

//! Generated workspaces: what the scale suite and measurements run on. Generated programs: what
//! levels of optimisation are compared with ([`fuzz`]). Broken texts: what parser and formatter must
//! take ([`inputs`]).
//!
//! The suites themselves are in `suites/`; start with `suites/main.rs`.

pub mod fuzz;
pub mod generate;
pub mod inputs;

//! What the suites share: generated workspaces, sandboxes, expectations.

pub mod generate;

//! Differences between two texts, for people.

use similar::TextDiff;

/// A unified diff with three lines around each change; empty if there is none.
pub fn unified(path: &str, before: &str, after: &str) -> String {
    TextDiff::from_lines(before, after)
        .unified_diff()
        .context_radius(3)
        .header(path, path)
        .to_string()
}

//! What `tml explain` says of a code, and the list of all codes.

pub use crate::codes::list::CODES;

/// A code of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeInfo {
    /// `T056`
    pub code: &'static str,
    pub title: &'static str,
    /// What happens without a word from the user.
    pub level: DefaultLevel,
    /// A page of Markdown: description, erroneous and corrected example, related codes.
    pub explanation: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DefaultLevel {
    /// Cannot be silenced.
    Error,
    Warn,
    /// Allowed unless asked for.
    Off,
    /// Of a running program.
    Panic,
}

/// Codes of older documents, with those that took their place (errors.md §2).
const ALIASES: &[(&str, &str)] = &[
    ("S001", "B001"),
    ("S002", "B003"),
    ("S003", "B010"),
    ("S004", "T001"),
    ("S005", "T013"),
    ("S006", "T042"),
    ("S007", "W003"),
    ("S008", "W004"),
    ("S009", "T015"),
    ("E001", "T056"),
];

/// How many codes are offered for an unknown one.
const NEAREST_MAX: usize = 3;

/// An entry by its code, in either case; aliases too.
pub fn code_info(code: &str) -> Option<&'static CodeInfo> {
    let code = code.trim().to_ascii_uppercase();
    let alias = ALIASES.iter().find(|(old, _)| *old == code);
    let code = alias.map_or(code.as_str(), |(_, new)| new);
    CODES.iter().find(|info| info.code == code)
}

/// The page of a code, or the codes nearest to an unknown one.
pub fn explain(code: &str) -> Result<String, Vec<&'static str>> {
    if let Some(info) = code_info(code) {
        return Ok(info.explanation.to_string());
    }
    let code = code.trim().to_ascii_uppercase();
    // A typing error is likelier in the number than in the letter.
    let mut scored: Vec<(bool, usize, &'static str)> = CODES
        .iter()
        .map(|info| {
            let is_other_range = !code.starts_with(&info.code[..1]);
            let distance = strsim::damerau_levenshtein(&code, info.code);
            (is_other_range, distance, info.code)
        })
        .collect();
    scored.sort();
    Err(scored
        .into_iter()
        .take(NEAREST_MAX)
        .map(|it| it.2)
        .collect())
}

//! Names that nothing declares: one that is used several times is one mistake.
//!
//! An editor shows every place; a build reports the first and labels the others.

use rustc_hash::FxHashMap;

use crate::Diagnostic;

/// Places that are labelled; the rest is counted. A guess at what reads well.
const LABELLED_MAX: usize = 5;

/// Puts together the errors about one unknown name.
pub(super) fn merge(all: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut out: Vec<Diagnostic> = Vec::with_capacity(all.len());
    let mut first: FxHashMap<String, (usize, usize)> = FxHashMap::default();
    for diagnostic in all {
        let Some(name) = unknown_name(&diagnostic) else {
            out.push(diagnostic);
            continue;
        };
        let Some((at, count)) = first.get_mut(&name) else {
            first.insert(name, (out.len(), 0));
            out.push(diagnostic);
            continue;
        };
        *count += 1;
        if let Some(earlier) = out.get_mut(*at)
            && *count <= LABELLED_MAX
        {
            let merged = earlier.clone();
            *earlier = merged.label(diagnostic.primary.range, "also here");
        }
    }
    out
}

/// The name of an item that was not found: plain ones by themselves, members by what they were
/// looked for in. Variables belong to one body, which reports each once.
fn unknown_name(diagnostic: &Diagnostic) -> Option<String> {
    let message = &diagnostic.message;
    match diagnostic.code {
        "T001" if message.starts_with("Undefined") => quoted(message).filter(|name| {
            let is_upper = name.starts_with(|c: char| c.is_ascii_uppercase());
            is_upper || message.starts_with("Undefined function")
        }),
        "T002" | "T030" | "M002" if message.starts_with("Unknown") => quoted(message),
        "T009" | "T010" | "T019" if message.starts_with("Unknown") => {
            let mut quotes = message.split('`').skip(1).step_by(2);
            let (name, owner) = (quotes.next()?, quotes.next()?);
            let separator = if diagnostic.code == "T009" { "::" } else { "." };
            Some(format!("{owner}{separator}{name}"))
        }
        _ => None,
    }
}

fn quoted(message: &str) -> Option<String> {
    message.split('`').nth(1).map(str::to_string)
}

//! Edits that diagnostics offer.

use diagnostics::{Applicability, Diagnostic, file_diagnostics};
use syntax::TextRange;

use crate::{FileView, Span};

/// A fix with the diagnostic that it removes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeAction {
    pub title: String,
    pub edits: Vec<(Span, String)>,
    /// Whether it is surely what is meant.
    pub is_preferred: bool,
    pub diagnostic: Diagnostic,
}

/// The fixes of diagnostics that touch a range.
pub fn code_actions(view: FileView<'_>, range: TextRange) -> Vec<CodeAction> {
    let db = view.db;
    let all = file_diagnostics(db, view.package, view.file);
    let here = all.iter().filter(|it| {
        it.primary.range.file == view.file && it.primary.range.range.intersect(range).is_some()
    });
    let mut out = Vec::new();
    for diagnostic in here {
        for help in &diagnostic.helps {
            let Some(fix) = &help.fix else { continue };
            let edits = fix.edits.iter().map(|(at, text)| {
                (
                    Span {
                        file: at.file.source(db),
                        range: at.range,
                    },
                    text.clone(),
                )
            });
            out.push(CodeAction {
                title: capitalised(&help.message),
                edits: edits.collect(),
                is_preferred: fix.applicability == Applicability::Always,
                diagnostic: diagnostic.clone(),
            });
        }
    }
    out
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

//! What can be wrong with manifests and the files they name (errors.md §11).

use std::ops::Range;

use smol_str::SmolStr;

/// Whether a problem stops the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
}

/// One problem of a manifest or of the package graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// `K001` … `K010`, or `M014`.
    pub code: &'static str,
    pub severity: Severity,
    pub message: String,
    /// The manifest, as an absolute path; empty when there is none.
    pub file: SmolStr,
    /// Byte range within that file's text.
    pub range: Option<Range<usize>>,
    pub notes: Vec<String>,
}

impl Problem {
    pub fn error(code: &'static str, file: &str, message: impl Into<String>) -> Problem {
        Problem {
            code,
            severity: Severity::Error,
            message: message.into(),
            file: file.into(),
            range: None,
            notes: Vec::new(),
        }
    }

    pub fn warning(code: &'static str, file: &str, message: impl Into<String>) -> Problem {
        Problem {
            severity: Severity::Warning,
            ..Problem::error(code, file, message)
        }
    }

    pub fn at(mut self, range: Option<Range<usize>>) -> Problem {
        self.range = range;
        self
    }

    pub fn note(mut self, note: impl Into<String>) -> Problem {
        self.notes.push(note.into());
        self
    }
}

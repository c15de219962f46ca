//! Errors of lexing and parsing, as data.

use rowan::TextRange;

/// One lexical or syntactic finding. A code that starts with `W` is a warning.
///
/// All ranges are absolute in the file.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct SyntaxError {
    /// A code of the catalogue, such as `P001`.
    pub code: &'static str,
    /// The primary label.
    pub range: TextRange,
    /// Makes sense alone, on one line.
    pub message: String,
    /// Secondary labels.
    pub labels: Vec<(TextRange, String)>,
    pub notes: Vec<String>,
    pub fixes: Vec<SyntaxFix>,
}

/// A proposed edit that removes an error.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct SyntaxFix {
    pub title: String,
    /// Replacements, in the order of the file, not overlapping.
    pub edits: Vec<(TextRange, String)>,
    /// Whether a tool may apply it without asking.
    pub is_machine_applicable: bool,
}

impl SyntaxError {
    pub fn new(code: &'static str, range: TextRange, message: impl Into<String>) -> SyntaxError {
        SyntaxError {
            code,
            range,
            message: message.into(),
            labels: Vec::new(),
            notes: Vec::new(),
            fixes: Vec::new(),
        }
    }

    /// Whether this is a warning rather than an error.
    pub fn is_warning(&self) -> bool {
        self.code.starts_with('W')
    }

    pub fn with_label(mut self, range: TextRange, text: impl Into<String>) -> SyntaxError {
        self.labels.push((range, text.into()));
        self
    }

    pub fn with_note(mut self, text: impl Into<String>) -> SyntaxError {
        self.notes.push(text.into());
        self
    }

    /// Adds a fix of one replacement.
    pub fn with_fix(
        self,
        title: impl Into<String>,
        range: TextRange,
        text: impl Into<String>,
        is_machine_applicable: bool,
    ) -> SyntaxError {
        self.with_edits(title, vec![(range, text.into())], is_machine_applicable)
    }

    pub fn with_edits(
        mut self,
        title: impl Into<String>,
        edits: Vec<(TextRange, String)>,
        is_machine_applicable: bool,
    ) -> SyntaxError {
        self.fixes.push(SyntaxFix {
            title: title.into(),
            edits,
            is_machine_applicable,
        });
        self
    }
}

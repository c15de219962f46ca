//! Colours, or none.

use crate::Severity;

/// Decides whether text is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    pub color: bool,
}

impl Style {
    pub fn severity(self, severity: Severity, text: &str) -> String {
        self.paint(severity_code(severity), text)
    }

    pub fn strong(self, text: &str) -> String {
        self.paint("1", text)
    }

    /// Line numbers, bars and secondary labels.
    pub fn accent(self, text: &str) -> String {
        self.paint("1;34", text)
    }

    fn paint(self, code: &str, text: &str) -> String {
        match self.color && !text.is_empty() {
            true => format!("\x1b[{code}m{text}\x1b[0m"),
            false => text.to_string(),
        }
    }
}

fn severity_code(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "1;31",
        Severity::Warning => "1;33",
        Severity::Note => "1;36",
        Severity::Help => "1;32",
    }
}

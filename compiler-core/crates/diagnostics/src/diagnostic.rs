//! One diagnostic as plain data: what every layer's errors become.

use base::FileRange;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Error,
    Warning,
    Note,
    Help,
}

/// A place and what is to be said about it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Label<P = FileRange> {
    pub range: P,
    /// Empty where the place speaks for itself.
    pub text: String,
}

/// Whether a fix may be applied without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Applicability {
    Always,
    Maybe,
}

/// Edits that repair what is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fix<P = FileRange> {
    /// Replacement of each range by a text; ranges do not overlap.
    pub edits: Vec<(P, String)>,
    pub applicability: Applicability,
}

/// Advice, with edits if a machine can follow it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Help<P = FileRange> {
    pub message: String,
    pub fix: Option<Fix<P>>,
}

/// A finished diagnostic. Its message makes sense alone on one line.
///
/// `P` is a place: absolute where diagnostics leave this crate, relative to items inside it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Diagnostic<P = FileRange> {
    /// `T056`: of errors.md.
    pub code: &'static str,
    pub severity: Severity,
    pub message: String,
    pub primary: Label<P>,
    pub labels: Vec<Label<P>>,
    pub notes: Vec<String>,
    pub helps: Vec<Help<P>>,
    /// Whether it is a lint that is off unless somebody asks for it.
    pub is_silent: bool,
}

impl<P> Diagnostic<P> {
    pub fn new(
        code: &'static str,
        severity: Severity,
        range: P,
        message: impl Into<String>,
    ) -> Diagnostic<P> {
        Diagnostic {
            code,
            severity,
            message: message.into(),
            primary: Label {
                range,
                text: String::new(),
            },
            labels: Vec::new(),
            notes: Vec::new(),
            helps: Vec::new(),
            is_silent: false,
        }
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// Sets the text under the primary place.
    pub fn labelled(mut self, text: impl Into<String>) -> Diagnostic<P> {
        self.primary.text = text.into();
        self
    }

    /// Adds another place.
    pub fn label(mut self, range: P, text: impl Into<String>) -> Diagnostic<P> {
        self.labels.push(Label {
            range,
            text: text.into(),
        });
        self
    }

    /// Adds another place if there is one.
    pub fn label_opt(self, range: Option<P>, text: impl Into<String>) -> Diagnostic<P> {
        match range {
            Some(range) => self.label(range, text),
            None => self,
        }
    }

    pub fn note(mut self, text: impl Into<String>) -> Diagnostic<P> {
        self.notes.push(text.into());
        self
    }

    pub fn help(mut self, message: impl Into<String>) -> Diagnostic<P> {
        self.helps.push(Help {
            message: message.into(),
            fix: None,
        });
        self
    }

    /// Adds a help whose edits a machine can make.
    pub fn fix(
        mut self,
        message: impl Into<String>,
        edits: Vec<(P, String)>,
        applicability: Applicability,
    ) -> Diagnostic<P> {
        let fix = Some(Fix {
            edits,
            applicability,
        });
        self.helps.push(Help {
            message: message.into(),
            fix,
        });
        self
    }

    /// The same about other places.
    pub fn map_places<Q>(self, mut place: impl FnMut(P) -> Q) -> Diagnostic<Q> {
        let mut label = |label: Label<P>| Label {
            range: place(label.range),
            text: label.text,
        };
        let primary = label(self.primary);
        let labels = self.labels.into_iter().map(&mut label).collect();
        let helps = self.helps.into_iter().map(|help| {
            let fix = help.fix.map(|fix| {
                let edits = fix
                    .edits
                    .into_iter()
                    .map(|(range, text)| (place(range), text));
                Fix {
                    edits: edits.collect(),
                    applicability: fix.applicability,
                }
            });
            Help {
                message: help.message,
                fix,
            }
        });
        Diagnostic {
            is_silent: self.is_silent,
            code: self.code,
            severity: self.severity,
            message: self.message,
            primary,
            labels,
            notes: self.notes,
            helps: helps.collect(),
        }
    }
}

//! Diagnostics as text for terminals and as JSON for tools (errors.md §1).

mod json;
mod llm;
mod sarif;
mod snippet;
mod style;

use base::{Db, FileRange};

use crate::{Diagnostic, Severity};

pub use json::{document as json_document, object as json_object};
pub use llm::context as llm_context;
pub use sarif::document as sarif_document;
pub use style::Style;

/// How text is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextOptions {
    pub color: bool,
    /// Columns of the terminal: longer source lines are cut, longer notes wrapped.
    pub width: u32,
}

/// One diagnostic as text, ending in an empty line.
pub fn text(db: &dyn Db, diagnostic: &Diagnostic, options: TextOptions) -> String {
    let style = Style {
        color: options.color,
    };
    let mut out = heading(
        diagnostic.severity,
        diagnostic.code,
        &diagnostic.message,
        style,
    );
    let gutter = snippet::render(db, diagnostic, options, &mut out);
    let pad = " ".repeat(gutter);
    let bar = style.accent("=");
    for note in &diagnostic.notes {
        footer(&mut out, &pad, &bar, "note", note, options, style);
    }
    for help in &diagnostic.helps {
        footer(&mut out, &pad, &bar, "help", &help.message, options, style);
    }
    out.push('\n');
    out
}

/// `error[T056]: message`
pub fn heading(severity: Severity, code: &str, message: &str, style: Style) -> String {
    let word = style.severity(severity, &format!("{}[{code}]", severity.word()));
    format!("{word}{}\n", style.strong(&format!(": {message}")))
}

impl Severity {
    /// As it is written: `error`.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
            Severity::Help => "help",
        }
    }
}

/// The last line of a report, if there are errors: `error: could not compile `pkg` due to …`.
pub fn summary(package: &str, diagnostics: &[Diagnostic], style: Style) -> Option<String> {
    let count = |severity: Severity| {
        diagnostics
            .iter()
            .filter(|d| d.severity == severity)
            .count()
    };
    let plural = |count: usize, word: &str| match count {
        1 => format!("1 {word}"),
        _ => format!("{count} {word}s"),
    };
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    if errors == 0 {
        return None;
    }
    let word = style.severity(Severity::Error, "error");
    let errors = plural(errors, "error");
    let warnings = match warnings {
        0 => String::new(),
        _ => format!("; {}", plural(warnings, "warning")),
    };
    Some(format!(
        "{word}: could not compile `{package}` due to {errors}{warnings}\n"
    ))
}

/// Orders by file, then position, then code.
pub fn sort(db: &dyn Db, diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by_cached_key(|diagnostic| {
        let FileRange { file, range } = diagnostic.primary.range;
        (
            file.source(db).name(db).clone(),
            range.start(),
            range.end(),
            diagnostic.code,
        )
    });
}

fn footer(
    out: &mut String,
    pad: &str,
    bar: &str,
    word: &str,
    text: &str,
    options: TextOptions,
    style: Style,
) {
    let indent = pad.len() + 5 + word.len() + 2;
    let room = (options.width as usize).saturating_sub(indent).max(24);
    for (nth, line) in text.lines().flat_map(|line| wrap(line, room)).enumerate() {
        match nth {
            0 => out.push_str(&format!("{pad} {bar} {}: {line}\n", style.strong(word))),
            _ => out.push_str(&format!("{}{line}\n", " ".repeat(indent - 2))),
        }
    }
}

/// Breaks at spaces. A word longer than the room stays whole.
fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let width = |text: &str| unicode_width::UnicodeWidthStr::width(text);
        if let Some(line) = lines.last_mut() {
            if line.is_empty() {
                line.push_str(word);
                continue;
            }
            if width(line) + 1 + width(word) <= room {
                line.push(' ');
                line.push_str(word);
                continue;
            }
        }
        lines.push(word.to_string());
    }
    lines
}

//! Positions and diagnostics: from bytes to the protocol and back.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use compiler_core::queries::{FileDiagnostic, PathRange, Severity};
use compiler_core::{Analysis, TextRange, TextSize};
use tower_lsp::lsp_types::{
    Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, Location,
    NumberOrString, Position, Range, Url,
};

/// What columns count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    #[default]
    Utf16,
}

/// A text with its line starts, which are found when first needed.
#[derive(Debug)]
pub struct Text {
    pub text: Arc<str>,
    starts: OnceLock<Vec<u32>>,
}

impl Text {
    pub fn new(text: Arc<str>) -> Text {
        Text {
            text,
            starts: OnceLock::new(),
        }
    }

    fn starts(&self) -> &[u32] {
        self.starts.get_or_init(|| {
            let newlines = self
                .text
                .bytes()
                .enumerate()
                .filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0)
                .chain(newlines.map(|(at, _)| at as u32 + 1))
                .collect()
        })
    }

    /// The line without its end.
    fn line(&self, line: u32) -> Option<(u32, &str)> {
        let starts = self.starts();
        let start = *starts.get(line as usize)?;
        let end = starts
            .get(line as usize + 1)
            .map_or(self.text.len(), |next| *next as usize);
        let text = self.text.get(start as usize..end)?;
        Some((start, text.trim_end_matches(['\n', '\r'])))
    }

    /// The offset of a position. Beyond the end of a line it is that end, and likewise for the
    /// text: editors may be ahead of us, and no position may crash a server.
    pub fn offset(&self, position: Position, encoding: Encoding) -> u32 {
        let Some((start, line)) = self.line(position.line) else {
            return self.text.len() as u32;
        };
        let wanted = position.character as usize;
        let within = match encoding {
            Encoding::Utf8 => {
                let mut at = wanted.min(line.len());
                while !line.is_char_boundary(at) {
                    at -= 1;
                }
                at
            }
            Encoding::Utf16 if line.is_ascii() => wanted.min(line.len()),
            Encoding::Utf16 => {
                let mut units = 0;
                let mut at = 0;
                for c in line.chars() {
                    units += c.len_utf16();
                    if units > wanted {
                        break;
                    }
                    at += c.len_utf8();
                }
                at
            }
        };
        start + within as u32
    }

    pub fn position(&self, offset: u32, encoding: Encoding) -> Position {
        let mut offset = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let starts = self.starts();
        let line = starts
            .partition_point(|start| *start as usize <= offset)
            .saturating_sub(1);
        let start = starts.get(line).map_or(0, |start| *start as usize);
        let before = self.text.get(start..offset).unwrap_or_default();
        let column = match encoding {
            Encoding::Utf8 => before.len(),
            Encoding::Utf16 if before.is_ascii() => before.len(),
            Encoding::Utf16 => before.chars().map(char::len_utf16).sum(),
        };
        Position::new(line as u32, column as u32)
    }

    pub fn range(&self, range: TextRange, encoding: Encoding) -> Range {
        let position = |offset: TextSize| self.position(offset.into(), encoding);
        Range::new(position(range.start()), position(range.end()))
    }

    /// The byte range of a range; a backward one is empty.
    pub fn text_range(&self, range: Range, encoding: Encoding) -> TextRange {
        let start = self.offset(range.start, encoding);
        let end = self.offset(range.end, encoding).max(start);
        TextRange::new(TextSize::new(start), TextSize::new(end))
    }

    /// How many units of a column a byte range takes.
    pub fn width(&self, range: TextRange, encoding: Encoding) -> u32 {
        let text = self
            .text
            .get(std::ops::Range::<usize>::from(range))
            .unwrap_or_default();
        match encoding {
            Encoding::Utf8 => text.len() as u32,
            Encoding::Utf16 => text.chars().map(|c| c.len_utf16() as u32).sum(),
        }
    }
}

/// The path of a document, for one that shows a file of the library that file's; `None` for what
/// is no file.
pub fn path_of(uri: &Url) -> Option<String> {
    let path = uri.to_file_path().ok()?;
    let path = path.to_str()?;
    let of_library = compiler_core::library_files::path_shown_by(path);
    Some(of_library.unwrap_or_else(|| path.to_owned()))
}

/// Files of the library are shown by copies.
pub fn uri_of(path: &str) -> Option<Url> {
    match compiler_core::library_files::shown_at(path) {
        Some(file) => Url::from_file_path(file).ok(),
        None => Url::from_file_path(path).ok(),
    }
}

/// Texts of the files that one answer mentions.
pub struct Texts<'a> {
    analysis: &'a Analysis<'a>,
    known: HashMap<Arc<str>, Option<Arc<Text>>>,
    pub encoding: Encoding,
}

impl<'a> Texts<'a> {
    pub fn new(analysis: &'a Analysis<'a>, encoding: Encoding) -> Texts<'a> {
        Texts {
            analysis,
            known: HashMap::new(),
            encoding,
        }
    }

    /// Uses a text whose lines are counted already.
    pub fn know(&mut self, path: &str, text: Arc<Text>) {
        self.known.insert(path.into(), Some(text));
    }

    pub fn location(&mut self, at: &PathRange) -> Option<Location> {
        let uri = uri_of(&at.path)?;
        Some(Location {
            uri,
            range: self.range(at)?,
        })
    }

    pub fn range(&mut self, at: &PathRange) -> Option<Range> {
        let analysis = self.analysis;
        let text = self.known.entry(at.path.clone()).or_insert_with(|| {
            analysis
                .file_text(&at.path)
                .map(|text| Arc::new(Text::new(text)))
        });
        Some(text.as_ref()?.range(at.range, self.encoding))
    }

    pub fn diagnostic(&mut self, from: &FileDiagnostic) -> Option<Diagnostic> {
        let range = self.range(&from.primary.range)?;
        let mut message = from.message.clone();
        if !from.primary.text.is_empty() && !message.contains(&from.primary.text) {
            message.push_str(&format!("\n{}", from.primary.text));
        }
        for note in &from.notes {
            message.push_str(&format!("\nnote: {note}"));
        }
        for help in &from.helps {
            message.push_str(&format!("\nhelp: {}", help.message));
        }
        let related = from
            .labels
            .iter()
            .filter(|label| !label.text.is_empty())
            .filter_map(|label| {
                let location = self.location(&label.range)?;
                Some(DiagnosticRelatedInformation {
                    location,
                    message: label.text.clone(),
                })
            });
        let related: Vec<_> = related.collect();
        Some(Diagnostic {
            range,
            severity: Some(severity(from.severity)),
            code: Some(NumberOrString::String(from.code.to_string())),
            code_description: None,
            source: Some("tml".to_string()),
            message,
            related_information: (!related.is_empty()).then_some(related),
            tags: tags(from.code),
            data: None,
        })
    }
}

pub fn severity(severity: Severity) -> DiagnosticSeverity {
    match severity {
        Severity::Error => DiagnosticSeverity::ERROR,
        Severity::Warning => DiagnosticSeverity::WARNING,
        Severity::Note => DiagnosticSeverity::INFORMATION,
        Severity::Help => DiagnosticSeverity::HINT,
    }
}

/// Unused things are greyed out, deprecated ones struck through.
fn tags(code: &str) -> Option<Vec<DiagnosticTag>> {
    match code {
        "W002" | "W003" | "W005" | "W006" | "W008" | "W012" => {
            Some(vec![DiagnosticTag::UNNECESSARY])
        }
        "W010" | "W011" => Some(vec![DiagnosticTag::DEPRECATED]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Text {
        Text::new(text.into())
    }

    #[test]
    fn columns_count_utf16_units_or_bytes() {
        let text = text("aé😀b\r\nc\n");
        let at = |line, column, encoding| text.offset(Position::new(line, column), encoding);
        assert_eq!(at(0, 2, Encoding::Utf16), 3);
        assert_eq!(at(0, 4, Encoding::Utf16), 7);
        assert_eq!(at(0, 3, Encoding::Utf16), 3, "inside a pair is before it");
        assert_eq!(at(0, 7, Encoding::Utf8), 7);
        assert_eq!(
            at(0, 5, Encoding::Utf8),
            3,
            "inside a character is before it"
        );
        for encoding in [Encoding::Utf8, Encoding::Utf16] {
            for offset in [0, 1, 3, 7, 8, 10, 11, 12] {
                assert_eq!(
                    text.offset(text.position(offset, encoding), encoding),
                    offset
                );
            }
        }
    }

    #[test]
    fn positions_out_of_range_are_clamped() {
        let text = text("ab\ncd");
        let at = |line, column| text.offset(Position::new(line, column), Encoding::Utf16);
        assert_eq!(at(0, 99), 2);
        assert_eq!(at(1, u32::MAX), 5);
        assert_eq!(at(u32::MAX, u32::MAX), 5);
        assert_eq!(text.position(99, Encoding::Utf16), Position::new(1, 2));
    }
}

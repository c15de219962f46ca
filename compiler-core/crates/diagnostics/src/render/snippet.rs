//! Source lines with marks below them.
//!
//! ```text
//!   --> src/area.tml:4:20
//!    |
//!  4 |     let side: I32 = "wide"
//!    |               ---   ^^^^^^ expected `I32`, found `Str`
//!    |               |
//!    |               expected because of this annotation
//! ```

use base::{Db, FileId, line_index};
use syntax::TextSize;
use unicode_width::UnicodeWidthChar;

use super::{Style, TextOptions};
use crate::{Diagnostic, Label, Severity};

/// A tab is shown as this many spaces.
const TAB_COLUMNS: usize = 4;
/// Lines of context between two marked lines that are shown rather than elided.
const GAP_LINES_MAX: u32 = 1;

/// A label on one line, in columns of the terminal.
struct Mark {
    line: u32,
    start: usize,
    end: usize,
    text: String,
    is_primary: bool,
}

/// Renders all places of a diagnostic and returns the width of the gutter.
pub(super) fn render(
    db: &dyn Db,
    diagnostic: &Diagnostic,
    options: TextOptions,
    out: &mut String,
) -> usize {
    let style = Style {
        color: options.color,
    };
    let files = files_of(diagnostic);
    let last_line = files
        .iter()
        .flat_map(|file| marks(db, *file, diagnostic))
        .map(|mark| mark.line + 1)
        .max()
        .unwrap_or(1);
    let gutter = last_line.to_string().len() + 1;
    for file in files {
        let marks = marks(db, file, diagnostic);
        let arrow = if file == diagnostic.primary.range.file {
            "-->"
        } else {
            ":::"
        };
        let position = match marks.iter().find(|mark| mark.is_primary).or(marks.first()) {
            Some(mark) => format!(":{}:{}", mark.line + 1, column(db, file, diagnostic, mark)),
            None => String::new(),
        };
        let name = file.source(db).name(db);
        out.push_str(&format!(
            "{}{} {name}{position}\n",
            " ".repeat(gutter),
            style.accent(arrow)
        ));
        lines(db, file, &marks, gutter, diagnostic.severity, options, out);
    }
    gutter
}

/// The primary label's file first, the others in the order of their labels.
fn files_of(diagnostic: &Diagnostic) -> Vec<FileId> {
    let mut files = vec![diagnostic.primary.range.file];
    for label in &diagnostic.labels {
        if !files.contains(&label.range.file) {
            files.push(label.range.file);
        }
    }
    files
}

fn labels_of(diagnostic: &Diagnostic, file: FileId) -> impl Iterator<Item = (&Label, bool)> {
    let primary = std::iter::once((&diagnostic.primary, true));
    let others = diagnostic.labels.iter().map(|label| (label, false));
    primary
        .chain(others)
        .filter(move |(label, _)| label.range.file == file)
}

fn marks(db: &dyn Db, file: FileId, diagnostic: &Diagnostic) -> Vec<Mark> {
    let text = file.source(db).text(db);
    let index = line_index(db, file.source(db));
    let mut marks: Vec<Mark> = labels_of(diagnostic, file)
        .map(|(label, is_primary)| {
            let start = index.line_col(label.range.range.start());
            let line = index
                .line_range(start.line)
                .map(|range| (range.start(), range.end()));
            let (line_start, line_end) = line.unwrap_or_default();
            // A range over several lines is marked up to the end of its first.
            let end = label.range.range.end().min(line_end);
            let columns = |from: TextSize, to: TextSize| {
                let piece = text
                    .get(usize::from(from)..usize::from(to))
                    .unwrap_or_default();
                width(piece.trim_end_matches(['\n', '\r']))
            };
            let first = columns(line_start, label.range.range.start().min(line_end));
            let length = columns(
                label.range.range.start(),
                end.max(label.range.range.start()),
            );
            Mark {
                line: start.line,
                start: first,
                end: first + length.max(1),
                text: label.text.clone(),
                is_primary,
            }
        })
        .collect();
    marks.sort_by_key(|mark| (mark.line, mark.start, !mark.is_primary));
    marks
}

/// The 1-based column in characters of a mark's start.
fn column(db: &dyn Db, file: FileId, diagnostic: &Diagnostic, mark: &Mark) -> usize {
    let index = line_index(db, file.source(db));
    let text = file.source(db).text(db);
    let label = labels_of(diagnostic, file)
        .find(|(label, is_primary)| {
            *is_primary == mark.is_primary
                && index.line_col(label.range.range.start()).line == mark.line
        })
        .map(|(label, _)| label.range.range.start())
        .unwrap_or_default();
    let start = index
        .line_range(mark.line)
        .map(|range| range.start())
        .unwrap_or_default();
    text.get(usize::from(start)..usize::from(label))
        .unwrap_or_default()
        .chars()
        .count()
        + 1
}

fn lines(
    db: &dyn Db,
    file: FileId,
    marks: &[Mark],
    gutter: usize,
    severity: Severity,
    options: TextOptions,
    out: &mut String,
) {
    let style = Style {
        color: options.color,
    };
    let text = file.source(db).text(db);
    let index = line_index(db, file.source(db));
    let bar = style.accent("|");
    let pad = " ".repeat(gutter);
    let room = (options.width as usize)
        .saturating_sub(gutter + 3)
        .max(ROOM_MIN);
    let source = |line: u32| {
        let range = index.line_range(line).unwrap_or_default();
        let raw = text
            .get(usize::from(range.start())..usize::from(range.end()))
            .unwrap_or_default();
        expand(raw.trim_end_matches(['\n', '\r']))
    };
    let show = |line: u32, from: usize, out: &mut String| {
        let number = style.accent(&format!("{:>gutter$}", line + 1));
        out.push_str(format!("{number} {bar} {}", cut(&source(line), from, room)).trim_end());
        out.push('\n');
    };
    out.push_str(&format!("{pad} {bar}\n"));
    let mut previous: Option<u32> = None;
    for group in marks.chunk_by(|a, b| a.line == b.line) {
        let Some(line) = group.first().map(|mark| mark.line) else {
            continue;
        };
        if let Some(before) = previous {
            if line - before > GAP_LINES_MAX + 1 {
                out.push_str(&format!("{}\n", style.accent("...")));
            } else {
                (before + 1..line).for_each(|between| show(between, 0, out));
            }
        }
        previous = Some(line);
        // Of a line that is too long, the part around its most important mark is shown.
        let important = group.iter().find(|mark| mark.is_primary).or(group.first());
        let start = important.map_or(0, |mark| mark.start);
        let from = if start + room / 4 > room {
            start - room / 2
        } else {
            0
        };
        show(line, from, out);
        for row in rows(&shifted(group, from, room), severity, style) {
            out.push_str(format!("{pad} {bar} {row}").trim_end());
            out.push('\n');
        }
    }
}

/// Marks as they are in the shown part of a line: those outside it are left out.
fn shifted(marks: &[Mark], from: usize, room: usize) -> Vec<Mark> {
    let visible = marks
        .iter()
        .filter(|mark| mark.end > from && mark.start < from + room);
    let shift = |mark: &Mark| {
        let start = mark.start.saturating_sub(from);
        let end = (mark.end - from).min(room).max(start + 1);
        Mark {
            line: mark.line,
            start,
            end,
            text: mark.text.clone(),
            is_primary: mark.is_primary,
        }
    };
    visible.map(shift).collect()
}

/// The rows below a source line: marks, then texts from right to left.
fn rows(marks: &[Mark], severity: Severity, style: Style) -> Vec<String> {
    let mut rows = Vec::new();
    let end = marks.iter().map(|mark| mark.end).max().unwrap_or(0);
    let mut cells = vec![(' ', false); end];
    // Inner marks are drawn over those around them, the primary one over its equals.
    let mut layers: Vec<&Mark> = marks.iter().collect();
    layers.sort_by_key(|mark| (std::cmp::Reverse(mark.end - mark.start), mark.is_primary));
    for mark in layers {
        for cell in cells.iter_mut().take(mark.end).skip(mark.start) {
            *cell = (if mark.is_primary { '^' } else { '-' }, mark.is_primary);
        }
    }
    let paint = |mark_is_primary: bool, text: &str| match mark_is_primary {
        true => style.severity(severity, text),
        false => style.accent(text),
    };
    let mut first: String = cells
        .iter()
        .map(|(c, is_primary)| match c {
            ' ' => " ".to_string(),
            c => paint(*is_primary, &c.to_string()),
        })
        .collect();
    // The rightmost text stands beside its mark, unless another mark reaches further.
    let mut pending: Vec<&Mark> = marks.iter().filter(|mark| !mark.text.is_empty()).collect();
    pending.sort_by_key(|mark| mark.start);
    if let Some(last) = pending.last()
        && last.end == end
        && pending.iter().filter(|mark| mark.end == end).count() == 1
    {
        first.push_str(&format!(" {}", paint(last.is_primary, &last.text)));
        pending.pop();
    }
    rows.push(first);
    if !pending.is_empty() {
        rows.push(connectors(&pending, &paint));
    }
    while let Some(mark) = pending.pop() {
        let mut row = connectors(&pending, &paint);
        let used = pending.last().map_or(0, |left| left.start + 1);
        row.push_str(&" ".repeat(mark.start.saturating_sub(used)));
        row.push_str(&paint(mark.is_primary, &mark.text));
        rows.push(row);
    }
    rows
}

fn connectors(marks: &[&Mark], paint: &impl Fn(bool, &str) -> String) -> String {
    let mut row = String::new();
    let mut at = 0;
    for mark in marks {
        if mark.start < at {
            continue;
        }
        row.push_str(&" ".repeat(mark.start - at));
        row.push_str(&paint(mark.is_primary, "|"));
        at = mark.start + 1;
    }
    row
}

/// A line as it is shown: tabs as spaces, and nothing that would act on the terminal.
fn expand(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    for c in line.chars() {
        match c {
            '\t' => shown.push_str(&" ".repeat(TAB_COLUMNS)),
            c if is_hidden(c) => shown.push(char::REPLACEMENT_CHARACTER),
            c => shown.push(c),
        }
    }
    shown
}

/// Control characters, byte order marks, and what changes the direction of text.
fn is_hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{FEFF}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// The columns of a text when it is shown.
fn width(text: &str) -> usize {
    let columns = |c: char| match c {
        '\t' => TAB_COLUMNS,
        c if is_hidden(c) => 1,
        c => c.width().unwrap_or(0),
    };
    text.chars().map(columns).sum()
}

/// Even in narrow terminals so much of a line is shown.
const ROOM_MIN: usize = 140;

/// The columns of a line from one on, as many as there is room for.
fn cut(line: &str, from: usize, room: usize) -> String {
    let mut column = 0;
    let mut shown = String::new();
    for c in line.chars() {
        let start = column;
        column += c.width().unwrap_or(0);
        if start < from {
            // The first column says that something is missing before it.
            if column > from {
                shown.push_str(&"…".repeat(column - from));
            }
        } else if start == from && from > 0 {
            shown.push_str(&"…".repeat(column - start));
        } else if column > from + room {
            shown.push('…');
            break;
        } else {
            shown.push(c);
        }
    }
    shown
}

//! Offsets to lines and back.

use syntax::{TextRange, TextSize};

/// A zero-based line and a column in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineCol {
    pub line: u32,
    pub col: u32,
}

/// Starts of all lines of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineIndex {
    /// Offset of the first byte of each line; the first entry is 0.
    starts: Box<[TextSize]>,
    len: TextSize,
}

impl LineIndex {
    pub fn new(text: &str) -> LineIndex {
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(TextSize::new(0))
            .chain(newlines.map(|(i, _)| TextSize::new(i as u32 + 1)))
            .collect();
        LineIndex {
            starts,
            len: TextSize::of(text),
        }
    }

    /// Number of lines, at least 1.
    pub fn line_count(&self) -> u32 {
        self.starts.len() as u32
    }

    /// The position of an offset; offsets past the end count as the end.
    pub fn line_col(&self, offset: TextSize) -> LineCol {
        let offset = offset.min(self.len);
        let line = self
            .starts
            .partition_point(|start| *start <= offset)
            .saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or_default();
        LineCol {
            line: line as u32,
            col: (offset - start).into(),
        }
    }

    /// The offset of a position; `None` past the last line. Columns are clamped to the line.
    pub fn offset(&self, pos: LineCol) -> Option<TextSize> {
        let range = self.line_range(pos.line)?;
        Some((range.start() + TextSize::new(pos.col)).min(range.end()))
    }

    /// The range of a line, with its newline.
    pub fn line_range(&self, line: u32) -> Option<TextRange> {
        let start = self.starts.get(line as usize).copied()?;
        let end = self
            .starts
            .get(line as usize + 1)
            .copied()
            .unwrap_or(self.len);
        Some(TextRange::new(start, end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_and_positions_are_inverse() {
        let text = "ab\n\ncde";
        let index = LineIndex::new(text);
        assert_eq!(index.line_count(), 3);
        for offset in 0..=text.len() as u32 {
            let pos = index.line_col(TextSize::new(offset));
            assert_eq!(index.offset(pos), Some(TextSize::new(offset)));
        }
        assert_eq!(
            index.line_col(TextSize::new(5)),
            LineCol { line: 2, col: 1 }
        );
        assert_eq!(index.offset(LineCol { line: 9, col: 0 }), None);
    }
}

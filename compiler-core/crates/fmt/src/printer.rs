//! Breaking lines: a group stays on one line if it fits, else all its lines are broken.

use crate::Config;
use crate::ops::{Group, Op};

/// Prints a whole file.
pub(crate) fn print(ops: &[Op], config: Config) -> String {
    let mut printer = Printer {
        ops,
        broken: broken_groups(ops),
        max: config.max_width as usize,
        indent_size: config.indent_size as usize,
        out: String::new(),
        column: 0,
        indent: 0,
        groups: Vec::new(),
        trailing: Vec::new(),
        needs_newline: false,
        wants_blank: false,
    };
    printer.run();
    printer.finish()
}

/// For each `Begin`, whether something inside needs a new line and so breaks the group.
fn broken_groups(ops: &[Op]) -> Vec<bool> {
    let mut broken = vec![false; ops.len()];
    let mut open: Vec<(usize, Group)> = Vec::new();
    for (at, op) in ops.iter().enumerate() {
        let is_comment = match op {
            Op::Begin(group) => {
                open.push((at, *group));
                continue;
            }
            Op::End => {
                open.pop();
                continue;
            }
            Op::HardLine => false,
            Op::Trailing(_) | Op::OwnLine(_) | Op::Raw(_) => true,
            _ => continue,
        };
        // Groups that end right behind the comment do not care about it.
        let rest = ops.iter().skip(at + 1);
        let ended = rest
            .take_while(|op| matches!(op, Op::End | Op::Dedent | Op::Trailing(_)))
            .filter(|op| **op == Op::End)
            .count();
        let ended = if matches!(op, Op::Trailing(_)) {
            ended
        } else {
            0
        };
        let mut is_innermost = true;
        for (begin, group) in open.iter().rev().skip(ended) {
            // A comment between the parts of a group breaks it, of whatever kind it is.
            if *group != Group::Hug || is_comment && is_innermost {
                broken[*begin] = true;
            }
            is_innermost = false;
        }
    }
    broken
}

struct Printer<'a> {
    ops: &'a [Op],
    broken: Vec<bool>,
    max: usize,
    indent_size: usize,
    out: String,
    column: usize,
    indent: usize,
    /// Whether the lines of each open group are broken.
    groups: Vec<bool>,
    /// Comments behind the last token, not printed yet.
    trailing: Vec<String>,
    /// After a comment to the end of the line.
    needs_newline: bool,
    wants_blank: bool,
}

impl Printer<'_> {
    fn run(&mut self) {
        for at in 0..self.ops.len() {
            let Some(op) = self.ops.get(at) else { break };
            match op {
                Op::Text(text) => self.text(text),
                Op::Glued(text) => self.glued(text),
                Op::GluedIfBroken(text) => {
                    if self.is_broken() {
                        self.glued(text);
                    }
                }
                Op::Line if self.is_broken() => self.newline(),
                Op::Line => {
                    if !self.needs_newline && self.trailing.is_empty() {
                        self.push(" ");
                    }
                }
                Op::SoftLine if self.is_broken() => self.newline(),
                Op::SoftLine => {}
                Op::FillLine if self.is_broken() && !self.next_fits(at) => self.newline(),
                Op::FillLine => self.push(" "),
                Op::HardLine => self.newline(),
                Op::Blank => self.wants_blank = true,
                Op::Begin(_) => {
                    let breaks = self.broken.get(at).copied().unwrap_or(false) || !self.fits(at);
                    self.groups.push(breaks);
                }
                Op::End => {
                    self.groups.pop();
                }
                Op::Indent => self.indent += 1,
                Op::Dedent => self.indent = self.indent.saturating_sub(1),
                Op::Trailing(text) => self.trailing.push(text.clone()),
                Op::OwnLine(text) => self.own_line(text),
                Op::Raw(text) => self.raw(text),
            }
        }
    }

    fn finish(mut self) -> String {
        self.flush_trailing();
        let len = self.out.trim_end_matches(['\n', ' ']).len();
        self.out.truncate(len);
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out
    }

    fn is_broken(&self) -> bool {
        self.groups.last().copied().unwrap_or(true)
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text);
        match text.rsplit_once('\n') {
            Some((_, last)) => self.column = last.chars().count(),
            None => self.column += text.chars().count(),
        }
    }

    fn at_line_start(&self) -> bool {
        self.out.is_empty() || self.out.ends_with('\n')
    }

    fn begin_line(&mut self) {
        if self.at_line_start() {
            let width = self.indent * self.indent_size;
            self.out.extend(std::iter::repeat_n(' ', width));
            self.column = width;
        }
    }

    fn text(&mut self, text: &str) {
        self.flush_trailing();
        if self.needs_newline {
            self.newline();
        }
        // Spaces that spacing rules put before a word have no place at the start of a line.
        let text = match self.at_line_start() {
            true => text.trim_start_matches(' '),
            false => text,
        };
        if !text.is_empty() {
            self.begin_line();
            self.push(text);
            self.wants_blank = false;
        }
    }

    /// Comments behind a token come after it.
    fn glued(&mut self, text: &str) {
        if self.needs_newline || self.at_line_start() {
            // Behind a comment on a line of its own: nothing to be glued to.
            return self.text(text);
        }
        self.push(text);
    }

    fn flush_trailing(&mut self) {
        for comment in std::mem::take(&mut self.trailing) {
            if self.needs_newline {
                self.newline();
            }
            if !self.at_line_start() {
                self.push(" ");
            }
            self.begin_line();
            self.push(&comment);
            self.needs_newline = true;
        }
    }

    fn newline(&mut self) {
        self.flush_trailing();
        self.needs_newline = false;
        while self.out.ends_with(' ') {
            self.out.pop();
        }
        if !self.at_line_start() {
            self.out.push('\n');
        }
        if self.wants_blank && !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
        self.wants_blank = false;
        self.column = 0;
    }

    fn own_line(&mut self, text: &str) {
        self.newline();
        self.begin_line();
        self.push(text);
        self.needs_newline = true;
    }

    fn raw(&mut self, text: &str) {
        self.newline();
        self.push(text);
        self.needs_newline = true;
    }

    /// Whether the group that begins at `at` fits on this line, with what follows it up to the
    /// next place where a line may end.
    fn fits(&self, at: usize) -> bool {
        let mut left = match self.max.checked_sub(self.column.max(self.line_indent())) {
            Some(left) => left,
            None => return false,
        };
        if !self.trailing.is_empty() || self.needs_newline {
            left = self.max.saturating_sub(self.line_indent());
        }
        let mut depth = 0usize;
        // Groups inside that are broken whatever happens: their first line ends this one.
        let mut broken_inside = 0usize;
        let mut stack: Vec<(bool, Group)> = Vec::new();
        let mut outer = self.groups.len();
        let is_late = self.ops.get(at) == Some(&Op::Begin(Group::Late));
        for (index, op) in self.ops.iter().enumerate().skip(at) {
            match op {
                Op::Text(text) => {
                    let first = text.split('\n').next().unwrap_or(text);
                    match left.checked_sub(first.chars().count()) {
                        Some(rest) => left = rest,
                        None => return false,
                    }
                    if text.contains('\n') {
                        return true;
                    }
                }
                Op::Glued(text) => match left.checked_sub(text.len()) {
                    Some(rest) => left = rest,
                    None => return false,
                },
                Op::GluedIfBroken(_) => {}
                Op::Line | Op::SoftLine | Op::FillLine => {
                    if broken_inside > 0 {
                        return true;
                    }
                    if depth == 0 {
                        // Behind the group: a line of an outer group, or of one not begun.
                        let counts = |group: Group| is_late || group == Group::Body;
                        if stack.iter().any(|(_, group)| counts(*group)) {
                            return true;
                        }
                        let is_broken = match outer.checked_sub(1) {
                            Some(top) => self.groups.get(top).copied().unwrap_or(true),
                            None => true,
                        };
                        if is_broken && stack.is_empty() {
                            return true;
                        }
                    }
                    if *op != Op::SoftLine {
                        match left.checked_sub(1) {
                            Some(rest) => left = rest,
                            None => return false,
                        }
                    }
                }
                Op::HardLine | Op::OwnLine(_) | Op::Raw(_) | Op::Trailing(_) => return true,
                Op::Begin(_) if index == at => depth = 1,
                Op::Begin(group) => {
                    let is_broken = self.broken.get(index).copied().unwrap_or(false);
                    stack.push((is_broken, *group));
                    broken_inside += usize::from(is_broken);
                    if depth > 0 {
                        depth += 1;
                    }
                }
                Op::End => match stack.pop() {
                    Some((is_broken, _)) => {
                        broken_inside -= usize::from(is_broken);
                        depth = depth.saturating_sub(usize::from(depth > 0));
                    }
                    None if depth > 0 => depth = 0,
                    None => outer = outer.saturating_sub(1),
                },
                Op::Blank | Op::Indent | Op::Dedent => {}
            }
        }
        true
    }

    /// Whether what follows a separator, up to the next one, fits on this line.
    fn next_fits(&self, at: usize) -> bool {
        if self.needs_newline || !self.trailing.is_empty() {
            return false;
        }
        let mut width = self.column + 1;
        for op in self.ops.iter().skip(at + 1) {
            match op {
                Op::Text(text) => width += text.chars().count(),
                Op::Glued(text) | Op::GluedIfBroken(text) => width += text.len(),
                Op::Begin(_) | Op::End | Op::Indent | Op::Dedent | Op::Blank => {}
                _ => break,
            }
        }
        width <= self.max
    }

    fn line_indent(&self) -> usize {
        match self.at_line_start() {
            true => self.indent * self.indent_size,
            false => 0,
        }
    }
}

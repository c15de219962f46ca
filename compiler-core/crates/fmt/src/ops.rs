//! A text before its lines are broken: words, places where a line may end, groups.

/// One step of printing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Text(String),
    /// A comma or the like that stands before a comment behind the token it follows.
    Glued(&'static str),
    /// The same, only in a group whose lines are broken.
    GluedIfBroken(&'static str),
    /// A space, or a new line in a broken group.
    Line,
    /// Nothing, or a new line in a broken group.
    SoftLine,
    /// A space, or a new line in a broken group if what follows does not fit on the line.
    FillLine,
    HardLine,
    /// The next new line is followed by an empty one.
    Blank,
    Begin(Group),
    End,
    Indent,
    Dedent,
    /// A comment behind a token, to the end of the line.
    Trailing(String),
    /// A comment on a line of its own.
    OwnLine(String),
    /// A directive, or text that a condition leaves out: from the first column.
    Raw(String),
}

/// What happens to a group that holds something which needs a new line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    /// All its lines are broken.
    Whole,
    /// Its lines are broken only if what comes before that new line does not fit.
    Hug,
    /// Like `Whole`; what stands before it on a line may count on a new line in it.
    Body,
    /// Like `Whole`, but any later group on the line is broken rather than this one.
    Late,
}

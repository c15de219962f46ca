//! What stands in brackets, and bodies with one entry to a line.

use syntax::SyntaxKind::{self, *};
use syntax::{SyntaxElement, SyntaxNode, SyntaxToken};

use crate::ops::{Group, Op};
use crate::walk::{Walk, first_token, significant};

/// Literals and commas from which on an array is a table.
const TABLE_ELEMENTS_MIN: usize = 16;

/// Whether a list of this kind may end with a comma, and does so when it spans lines.
fn takes_trailing_comma(parent: SyntaxKind) -> bool {
    matches!(
        parent,
        ARG_LIST
            | PARAM_LIST
            | DECO_ARG_LIST
            | TUPLE_FIELD_LIST
            | ARRAY_EXPR
            | TUPLE_EXPR
            | TUPLE_TYPE
            | TUPLE_PAT
            | TUPLE_STRUCT_PAT
            | SLICE_PAT
            | STRUCT_PAT
            | GENERIC_PARAM_LIST
            | FIELD_INIT_LIST
            | USE_TREE_LIST
            | USE_FILTER
    )
}

/// Whether one element and a comma is something else than the element in brackets.
fn is_tuple(parent: SyntaxKind) -> bool {
    matches!(parent, TUPLE_EXPR | TUPLE_TYPE | TUPLE_PAT)
}

/// Whether a list of type parameters stands before parameters, which are broken first.
fn is_of_a_function(opener: &SyntaxToken) -> bool {
    let owner = opener.parent().and_then(|list| list.parent());
    owner.is_some_and(|it| it.kind() == FUNC)
}

/// Whether an array lists plain literals: as many of them go on a line as fit.
fn is_table(parent: SyntaxKind, inner: &[SyntaxElement]) -> bool {
    let is_plain = |element: &SyntaxElement| match element {
        SyntaxElement::Node(node) => {
            node.kind() == LITERAL
                || node.kind() == PREFIX_EXPR
                    && node.children().all(|child| child.kind() == LITERAL)
        }
        SyntaxElement::Token(token) => token.kind() == COMMA,
    };
    parent == ARRAY_EXPR && inner.len() >= TABLE_ELEMENTS_MIN && inner.iter().all(is_plain)
}

impl Walk {
    /// `[opener, …, closer]` of a node of some kind.
    pub(crate) fn bracketed(&mut self, parent: SyntaxKind, elements: &[SyntaxElement]) {
        let [
            SyntaxElement::Token(opener),
            inner @ ..,
            SyntaxElement::Token(closer),
        ] = elements
        else {
            return elements.iter().for_each(|element| self.element(element));
        };
        let is_braced = opener.kind() == L_CURLY;
        let group = match parent {
            ARG_LIST | PAREN_EXPR | TUPLE_EXPR | INDEX_EXPR | LOOP_EXPR => Group::Hug,
            TYPE_ARG_LIST | TUPLE_TYPE => Group::Late,
            TUPLE_PAT | TUPLE_STRUCT_PAT | STRUCT_PAT | SLICE_PAT => Group::Late,
            GENERIC_PARAM_LIST if is_of_a_function(opener) => Group::Late,
            _ => Group::Whole,
        };
        let between = match is_table(parent, inner) {
            true => Op::FillLine,
            false => Op::Line,
        };
        let is_padded = is_braced && parent != USE_TREE_LIST;
        let gap = || match is_padded {
            true => Op::Line,
            false => Op::SoftLine,
        };
        if inner.is_empty() {
            return self.empty(opener, closer);
        }
        // A lifetime, a visibility, the name of a new value: one word.
        let is_word = matches!(
            parent,
            REF_TYPE | VISIBILITY | ACCESSOR | RECOVER | CATCH_EXPR
        ) || parent == FUNC_TYPE && opener.kind() == L_BRACK;
        if is_word {
            return elements.iter().for_each(|element| self.element(element));
        }
        // Comments before the bracket are none of what it holds.
        self.before_token(opener);
        self.begin(group);
        self.token_itself(opener, opener.text());
        self.op(Op::Indent);
        self.separate(gap());
        let count = inner.iter().filter(|it| it.kind() != COMMA).count();
        let ends_with_rest = inner
            .iter()
            .rev()
            .find(|it| it.kind() != COMMA)
            .is_some_and(|it| {
                matches!(it.kind(), DOT2 | VARARGS | REST_PAT) && parent != SLICE_PAT
            });
        let mut has_comma = false;
        for (at, element) in inner.iter().enumerate() {
            match element {
                SyntaxElement::Token(token) if token.kind() == COMMA => {
                    let is_last = at + 1 == inner.len();
                    has_comma = is_last;
                    if is_last {
                        self.last_comma(parent, count, ends_with_rest);
                        self.only_comments(token);
                    } else {
                        self.comma(token);
                        self.separate(between.clone());
                    }
                }
                SyntaxElement::Token(token) if token.kind() == SEMICOLON => {
                    self.token(token);
                    self.separate(Op::Line);
                }
                element => self.element(element),
            }
        }
        if !has_comma {
            self.last_comma(parent, count, ends_with_rest);
        }
        self.closer(closer, gap());
        self.end();
    }

    fn last_comma(&mut self, parent: SyntaxKind, count: usize, ends_with_rest: bool) {
        if is_tuple(parent) && count == 1 {
            self.op(Op::Glued(","));
        } else if takes_trailing_comma(parent) && !ends_with_rest {
            self.op(Op::GluedIfBroken(","));
        }
    }

    /// A comma between two elements: before the comments behind the first one.
    pub(crate) fn comma(&mut self, token: &SyntaxToken) {
        self.op(Op::Glued(","));
        self.only_comments(token);
    }

    /// `()`, `[]`, `{}`: with comments between, each on its line.
    fn empty(&mut self, opener: &SyntaxToken, closer: &SyntaxToken) {
        self.begin(Group::Whole);
        self.token(opener);
        self.op(Op::Indent);
        self.separate(Op::SoftLine);
        self.closer(closer, Op::SoftLine);
        self.end();
    }

    /// A closing bracket; comments before it belong to what is inside.
    pub(crate) fn closer(&mut self, closer: &SyntaxToken, gap: Op) {
        let around = self.comments.around(closer);
        self.only_comments_before(closer);
        self.op(Op::Dedent);
        self.separate(gap);
        let text = closer.text().to_string();
        let place = crate::spacing::Place {
            kind: closer.kind(),
            parent: closer.parent().map_or(ERROR, |parent| parent.kind()),
        };
        self.word(&text, place);
        self.behind(&around.behind);
    }

    fn only_comments_before(&mut self, token: &SyntaxToken) {
        let behind = self.comments.around(token).behind;
        // What is behind the bracket is printed behind it.
        let len = self.ops.len();
        self.only_comments(token);
        let printed = behind.len();
        let keep = self.ops.len().saturating_sub(printed).max(len);
        self.ops.truncate(keep);
        // The gap before the bracket is space enough.
        if let Some(Op::Text(text)) = self.ops.get_mut(len..).and_then(|ops| ops.last_mut()) {
            text.truncate(text.trim_end().len());
        }
    }

    /// `{ … }` with fields, variants or accessors.
    pub(crate) fn entries(&mut self, node: &SyntaxNode) {
        let elements = significant(node);
        let is_braced = elements.first().is_some_and(|it| it.kind() == L_CURLY);
        if !is_braced {
            return self.sum(&elements);
        }
        let [
            SyntaxElement::Token(opener),
            inner @ ..,
            SyntaxElement::Token(closer),
        ] = elements.as_slice()
        else {
            return self.plain(node);
        };
        if inner.is_empty() {
            return self.empty(opener, closer);
        }
        let is_one_line = self.comments.is_on_one_line(node);
        let has_commas = node.kind() != ACCESSOR_LIST;
        self.begin(Group::Whole);
        self.token(opener);
        self.op(Op::Indent);
        self.is_at_start = true;
        let mut is_first = true;
        let nodes: Vec<usize> = (0..inner.len())
            .filter(|at| inner[*at].as_node().is_some())
            .collect();
        for (at, element) in inner.iter().enumerate() {
            match element {
                SyntaxElement::Node(entry) => {
                    let separator = match is_one_line {
                        true => Op::Line,
                        false => Op::HardLine,
                    };
                    self.entry_gap(element, is_first);
                    self.separate(separator);
                    is_first = false;
                    self.node(entry);
                    let is_last = nodes.last() == Some(&at);
                    if has_commas && is_last {
                        self.op(Op::GluedIfBroken(","));
                    } else if has_commas {
                        self.op(Op::Glued(","));
                    }
                }
                SyntaxElement::Token(token) if token.kind() == COMMA && has_commas => {
                    self.only_comments(token);
                }
                SyntaxElement::Token(token) => self.token(token),
            }
        }
        self.closer(closer, Op::Line);
        self.end();
    }

    /// At most one empty line stays between entries.
    pub(crate) fn entry_gap(&mut self, entry: &SyntaxElement, is_first: bool) {
        let Some(token) = first_token(entry) else {
            return;
        };
        let around = self.comments.around(&token);
        let newlines = match around.before.first() {
            Some(comment) => comment.newlines_before,
            None => around.newlines_before,
        };
        if newlines >= 2 && !is_first {
            self.op(Op::Blank);
        }
        self.is_at_start = is_first;
    }

    /// `A | B(T)` of a type.
    fn sum(&mut self, elements: &[SyntaxElement]) {
        self.begin(Group::Body);
        self.op(Op::Indent);
        let first = elements.first().is_some_and(|it| it.kind() == PIPE);
        for (at, element) in elements.iter().enumerate() {
            if element.kind() == PIPE && (at > 0 || first) {
                self.separate(Op::Line);
            }
            self.element(element);
        }
        self.op(Op::Dedent);
        self.end();
    }
}

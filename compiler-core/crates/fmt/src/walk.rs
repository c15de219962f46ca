//! The walk over the tree that makes printing steps of it.
//!
//! Most nodes need no rule of their own: their tokens are printed in order, with the spaces that
//! [`crate::spacing`] says, and what stands in brackets is a list ([`crate::lists`]).

use syntax::SyntaxKind::{self, *};
use syntax::{SyntaxElement, SyntaxNode, SyntaxToken};

use crate::comments::{Around, Comment, Comments};
use crate::ops::{Group, Op};
use crate::spacing::{Place, space};

/// The steps that print a file.
pub(crate) fn ops(file: &SyntaxNode) -> Vec<Op> {
    let mut walk = Walk {
        comments: Comments::of_file(file),
        ops: Vec::new(),
        prev: None,
        is_separated: true,
        is_at_start: true,
        lowlevel: 0,
    };
    walk.items(file.children_with_tokens().collect());
    let at_end = std::mem::take(&mut walk.comments.at_end);
    for comment in &at_end {
        walk.comment_before(comment, false);
    }
    walk.ops
}

pub(crate) struct Walk {
    pub(crate) comments: Comments,
    pub(crate) ops: Vec<Op>,
    /// The last token printed.
    pub(crate) prev: Option<Place>,
    /// Whether a separator was put since: no space is due.
    pub(crate) is_separated: bool,
    /// At the start of the file or of a braced list: no empty line is due.
    pub(crate) is_at_start: bool,
    /// How many low-level bodies are around.
    pub(crate) lowlevel: usize,
}

impl Walk {
    // Steps.

    pub(crate) fn op(&mut self, op: Op) {
        self.ops.push(op);
    }

    pub(crate) fn begin(&mut self, group: Group) {
        self.op(Op::Begin(group));
    }

    pub(crate) fn end(&mut self) {
        self.op(Op::End);
    }

    /// A separator instead of the space that would be due.
    pub(crate) fn separate(&mut self, op: Op) {
        self.op(op);
        self.is_separated = true;
    }

    /// Nothing instead of the space that would be due.
    pub(crate) fn no_space(&mut self) {
        self.is_separated = true;
    }

    // Tokens.

    pub(crate) fn token(&mut self, token: &SyntaxToken) {
        let text = self.spelling(token);
        self.token_as(token, &text);
    }

    /// Prints a token with another text, and the comments around it.
    pub(crate) fn token_as(&mut self, token: &SyntaxToken, text: &str) {
        self.before_token(token);
        self.token_itself(token, text);
    }

    /// Prints what stands before a token.
    pub(crate) fn before_token(&mut self, token: &SyntaxToken) {
        let around = self.comments.around(token);
        self.comments_before(&around, token);
        if !around.before.is_empty() {
            if around.newlines_before >= 2 {
                self.op(Op::Blank);
            }
            self.comments.forget_before(token);
        }
    }

    /// Prints a token, and the comments behind it.
    pub(crate) fn token_itself(&mut self, token: &SyntaxToken, text: &str) {
        let around = self.comments.around(token);
        let place = Place {
            kind: token.kind(),
            parent: token.parent().map_or(ERROR, |parent| parent.kind()),
        };
        self.word(text, place);
        self.behind(&around.behind);
    }

    /// Prints a word at a place, after the space that is due.
    pub(crate) fn word(&mut self, text: &str, place: Place) {
        let needs_space = match self.prev {
            Some(prev) if !self.is_separated => space(prev, place),
            _ => false,
        };
        let text = match needs_space {
            true => format!(" {text}"),
            false => text.to_string(),
        };
        self.op(Op::Text(text));
        self.prev = Some(place);
        self.is_separated = false;
        self.is_at_start = false;
    }

    /// Comments behind a token.
    pub(crate) fn behind(&mut self, comments: &[Comment]) {
        for comment in comments {
            let ends_line = !comment.text.starts_with("/*");
            if ends_line {
                self.op(Op::Trailing(comment.text.clone()));
            } else {
                self.op(Op::Text(format!(" {}", comment.text)));
            }
        }
    }

    /// Comments before a token, and nothing of the token: of one that is left out.
    pub(crate) fn only_comments(&mut self, token: &SyntaxToken) {
        let around = self.comments.around(token);
        self.comments_before(&around, token);
        self.behind(&around.behind);
    }

    /// The comments before a token. `/* c */ x` at the start of a line stays there, if that is
    /// where `x` will be.
    fn comments_before(&mut self, around: &Around, token: &SyntaxToken) {
        let may_lead = !around.before.is_empty() && begins_line(token);
        let next = around.before.iter().skip(1);
        let breaks = next.map(|comment| comment.newlines_before);
        let breaks = breaks.chain([around.newlines_before]);
        for (comment, newlines_after) in around.before.iter().zip(breaks) {
            let stays = comment.newlines_before == 0 && self.prev.is_some();
            let leads = may_lead && newlines_after == 0 && !comment.text.contains('\n');
            self.comment_before(comment, stays || leads);
        }
    }

    fn comment_before(&mut self, comment: &Comment, may_be_inline: bool) {
        if comment.newlines_before >= 2 && !self.is_at_start {
            self.op(Op::Blank);
        }
        self.is_at_start = false;
        match comment.kind {
            INACTIVE_TEXT => self.op(Op::Raw(comment.text.clone())),
            PREPROCESSOR_LINE => self.op(Op::OwnLine(comment.text.clone())),
            _ if may_be_inline && comment.text.starts_with("/*") => {
                let is_first = self.is_separated || self.prev.is_none();
                let lead = if is_first { "" } else { " " };
                self.op(Op::Text(format!("{lead}{} ", comment.text)));
                self.is_separated = true;
            }
            _ => self.op(Op::OwnLine(comment.text.clone())),
        }
    }

    /// The canonical spelling of a token.
    fn spelling(&self, token: &SyntaxToken) -> String {
        let parent = token.parent().map_or(ERROR, |parent| parent.kind());
        match (token.kind(), parent) {
            (THIS_KW, THIS_EXPR | RECEIVER) => "this".to_string(),
            (THIS_TYPE_KW, _) => "This".to_string(),
            (AMP2, BIN_EXPR) => "and".to_string(),
            (PIPE2, BIN_EXPR) => "or".to_string(),
            (BANG, PREFIX_EXPR) => "not".to_string(),
            (ARROW, ARM) => "=>".to_string(),
            _ => token.text().to_string(),
        }
    }

    // Nodes.

    pub(crate) fn element(&mut self, element: &SyntaxElement) {
        match element {
            SyntaxElement::Node(node) => self.node(node),
            SyntaxElement::Token(token) if token.kind().is_trivia() => {}
            SyntaxElement::Token(token) => self.token(token),
        }
    }

    pub(crate) fn node(&mut self, node: &SyntaxNode) {
        // Comments before a node are none of what it groups.
        if let Some(first) = first_token(&node.clone().into())
            && !self.comments.around(&first).before.is_empty()
            && begins_line(&first)
        {
            self.before_token(&first);
        }
        match node.kind() {
            BLOCK => self.block(node, true),
            LITERAL => self.literal(node),
            IF_EXPR => self.if_expr(node),
            BIN_EXPR => self.binary(node),
            TERNARY_EXPR => self.ternary(node),
            REF_EXPR => self.reference(node),
            METHOD_CALL_EXPR | FIELD_EXPR | CALL_EXPR | INDEX_EXPR | TRY_EXPR | AWAIT_EXPR
            | SCOPE_EXPR => self.chain(node),
            LOWLEVEL_EXPR => {
                self.lowlevel += 1;
                self.plain(node);
                self.lowlevel -= 1;
            }
            OR_PAT => self.alternatives(node),
            ARM_LIST => self.arms(node),
            ARM => self.arm(node),
            FUNC | IMPL => self.maybe_lowlevel(node),
            EXTEND => self.extend(node),
            WHERE_CLAUSE => self.where_clause(node),
            DECORATOR => self.decorator(node),
            ITEM_LIST | MEMBER_LIST => self.braced_items(node),
            FIELD_LIST | VARIANT_LIST | ACCESSOR_LIST => self.entries(node),
            LIFETIME_REF | PATH | NAME | NAME_REF => self.children(node),
            _ => self.plain(node),
        }
    }

    /// Children in order, nothing else.
    fn children(&mut self, node: &SyntaxNode) {
        for element in node.children_with_tokens() {
            self.element(&element);
        }
    }

    /// Children in order; what stands in brackets is a list.
    pub(crate) fn plain(&mut self, node: &SyntaxNode) {
        let elements = significant(node);
        self.elements(node.kind(), &elements);
    }

    pub(crate) fn elements(&mut self, parent: SyntaxKind, elements: &[SyntaxElement]) {
        let mut at = 0;
        while let Some(element) = elements.get(at) {
            if let Some(close) = closing(elements, at) {
                self.bracketed(parent, &elements[at..=close]);
                at = close + 1;
                continue;
            }
            self.element(element);
            if element.kind() == DECORATOR && !matches!(parent, PARAM | TUPLE_FIELD) {
                self.after_decorator(elements.get(at + 1));
            }
            at += 1;
        }
    }

    /// A decorator stays on the line of what it decorates if it was written there.
    fn after_decorator(&mut self, next: Option<&SyntaxElement>) {
        let first = next.and_then(first_token);
        if first.is_some_and(|token| self.comments.newlines_before(&token) > 0) {
            self.separate(Op::HardLine);
        }
    }

    /// A literal as it is written; what is interpolated gets only the canon's spellings.
    fn literal(&mut self, node: &SyntaxNode) {
        let tokens: Vec<SyntaxToken> = node
            .descendants_with_tokens()
            .filter_map(|element| element.into_token())
            .collect();
        let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else {
            return;
        };
        if tokens.len() == 1 {
            return self.token(first);
        }
        let mut text = String::new();
        let mut needs_space = false;
        for token in &tokens {
            let spelled = self.spelling(token);
            // A sign that became a word must not touch its neighbours.
            let is_word = spelled != token.text() && matches!(token.kind(), AMP2 | PIPE2 | BANG);
            if (needs_space || is_word)
                && token.kind() != WHITESPACE
                && !text.ends_with([' ', '{', '('])
            {
                text.push(' ');
            }
            text.push_str(&spelled);
            needs_space = is_word;
        }
        let around = self.comments.around(first);
        self.comments_before(&around, first);
        let place = Place {
            kind: STRING,
            parent: LITERAL,
        };
        self.word(&text, place);
        let behind = self.comments.around(last).behind;
        self.behind(&behind);
    }
}

/// Children without trivia.
pub(crate) fn significant(node: &SyntaxNode) -> Vec<SyntaxElement> {
    node.children_with_tokens()
        .filter(|element| !element.kind().is_trivia())
        .collect()
}

/// The first token of an element that is no trivia.
pub(crate) fn first_token(element: &SyntaxElement) -> Option<SyntaxToken> {
    match element {
        SyntaxElement::Token(token) => (!token.kind().is_trivia()).then(|| token.clone()),
        SyntaxElement::Node(node) => node
            .descendants_with_tokens()
            .filter_map(|element| element.into_token())
            .find(|token| !token.kind().is_trivia()),
    }
}

/// The position of the bracket that closes the one at `at`, among the same elements.
fn closing(elements: &[SyntaxElement], at: usize) -> Option<usize> {
    let closer = match elements.get(at)?.kind() {
        L_PAREN => R_PAREN,
        L_BRACK => R_BRACK,
        L_CURLY => R_CURLY,
        _ => return None,
    };
    let rest = elements.iter().enumerate().skip(at + 1);
    rest.filter(|(_, element)| element.kind() == closer)
        .map(|(index, _)| index)
        .next()
}

/// Whether a token is the first of a statement, an item or an arm: those begin lines.
fn begins_line(token: &SyntaxToken) -> bool {
    let start = token.text_range().start();
    let begins = |node: &SyntaxNode| {
        let tokens = node.descendants_with_tokens();
        let mut tokens = tokens.filter_map(|element| element.into_token());
        let first = tokens.find(|it| !it.kind().is_trivia());
        first.is_some_and(|first| first.text_range().start() == start)
    };
    let around = token.parent_ancestors().find(|node| !begins(node));
    let is_list = |node: SyntaxNode| matches!(node.kind(), BLOCK | ARM_LIST | MEMBER_LIST);
    // What ends a list stands in it, too.
    token.kind() != R_CURLY && around.is_some_and(is_list)
}

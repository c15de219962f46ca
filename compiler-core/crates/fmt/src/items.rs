//! Items, members and statements: what has lines of its own.

use syntax::SyntaxKind::{self, *};
use syntax::{SyntaxElement, SyntaxNode, SyntaxToken};

use crate::imports;
use crate::ops::{Group, Op};
use crate::walk::{Walk, first_token, significant};

impl Walk {
    /// The items of a file or of a braced list.
    pub(crate) fn items(&mut self, elements: Vec<SyntaxElement>) {
        let nodes: Vec<SyntaxElement> = elements
            .into_iter()
            .filter(|element| !element.kind().is_trivia())
            .collect();
        let mut previous: Option<SyntaxNode> = None;
        let mut at = 0;
        while let Some(element) = nodes.get(at) {
            match element {
                SyntaxElement::Node(node) if node.kind() == USE => {
                    let run = imports::run(&nodes[at..], &self.comments);
                    self.gap(previous.as_ref(), node, element);
                    self.imports(&nodes[at..at + run]);
                    previous = nodes[at + run - 1].as_node().cloned();
                    at += run;
                    continue;
                }
                SyntaxElement::Node(node) => {
                    self.gap(previous.as_ref(), node, element);
                    self.separate(Op::HardLine);
                    self.node(node);
                    previous = Some(node.clone());
                }
                SyntaxElement::Token(token) if matches!(token.kind(), SEMICOLON | COMMA) => {
                    self.only_comments(token);
                }
                SyntaxElement::Token(token) => self.token(token),
            }
            at += 1;
        }
    }

    /// The empty line between two items.
    fn gap(&mut self, previous: Option<&SyntaxNode>, node: &SyntaxNode, element: &SyntaxElement) {
        let Some(previous) = previous else {
            return self.entry_gap(element, true);
        };
        let first = first_token(element).map(|token| self.comments.around(&token));
        let is_conditional = first.is_some_and(|around| {
            let first = around.before.first();
            first.is_some_and(|it| matches!(it.kind, PREPROCESSOR_LINE | INACTIVE_TEXT))
        });
        if is_conditional {
            return self.entry_gap(element, false);
        }
        if is_light(previous) && is_light(node) && previous.kind() == node.kind() {
            return self.entry_gap(element, false);
        }
        self.op(Op::Blank);
        // The comments before an item come after that line.
        self.is_at_start = true;
    }

    /// A run of imports in canonical order.
    fn imports(&mut self, run: &[SyntaxElement]) {
        let Some(lines) = imports::arranged(run, &self.comments) else {
            for (at, element) in run.iter().enumerate() {
                if at > 0 {
                    self.entry_gap(element, false);
                }
                self.separate(Op::HardLine);
                self.element(element);
            }
            return;
        };
        // Comments before the first import stay before it, those behind the last one behind it.
        if let Some(first) = run.first().and_then(first_token) {
            self.before_moved(&first);
        }
        for line in lines {
            if line.is_new_group {
                self.op(Op::Blank);
            }
            self.separate(Op::HardLine);
            line.print(self);
        }
    }

    /// Comments before a token that may be printed elsewhere.
    fn before_moved(&mut self, token: &SyntaxToken) {
        let around = self.comments.around(token);
        if around.before.is_empty() {
            return;
        }
        let mut alone = around.clone();
        alone.behind = Vec::new();
        let len = self.ops.len();
        self.only_comments(token);
        let behind = around.behind.len();
        let keep = self.ops.len().saturating_sub(behind).max(len);
        self.ops.truncate(keep);
        if around.newlines_before >= 2 {
            self.op(Op::Blank);
        }
    }

    /// `{ … }` with items or members.
    pub(crate) fn braced_items(&mut self, node: &SyntaxNode) {
        let elements = significant(node);
        let [
            SyntaxElement::Token(opener),
            inner @ ..,
            SyntaxElement::Token(closer),
        ] = elements.as_slice()
        else {
            return self.plain(node);
        };
        self.begin(Group::Body);
        self.token(opener);
        self.op(Op::Indent);
        self.is_at_start = true;
        let is_empty = inner.iter().all(|element| element.as_node().is_none());
        self.items(inner.to_vec());
        let gap = match is_empty {
            true => Op::SoftLine,
            false => Op::HardLine,
        };
        self.closer(closer, gap);
        self.end();
    }

    /// `{ … }` with statements. A single expression stays on one line if it was written so.
    pub(crate) fn block(&mut self, node: &SyntaxNode, has_group: bool) {
        let elements = significant(node);
        let [
            SyntaxElement::Token(opener),
            inner @ ..,
            SyntaxElement::Token(closer),
        ] = elements.as_slice()
        else {
            return self.plain(node);
        };
        let statements: Vec<&SyntaxNode> = inner.iter().filter_map(|it| it.as_node()).collect();
        let may_be_one_line = match statements.as_slice() {
            [] => true,
            [only] => only.kind() == EXPR_STMT && self.comments.is_on_one_line(node),
            _ => false,
        };
        if has_group {
            self.begin(Group::Body);
        }
        self.token(opener);
        self.op(Op::Indent);
        self.is_at_start = true;
        let mut previous: Option<&SyntaxNode> = None;
        for element in inner {
            match element {
                SyntaxElement::Node(statement) => {
                    match previous {
                        Some(previous) if is_item(statement.kind()) || is_item(previous.kind()) => {
                            self.gap(Some(previous), statement, element);
                        }
                        previous => self.entry_gap(element, previous.is_none()),
                    }
                    self.separate(match may_be_one_line {
                        true => Op::Line,
                        false => Op::HardLine,
                    });
                    let is_last = statements.last() == Some(&statement);
                    self.statement(statement, is_last);
                    previous = Some(statement);
                }
                // An empty statement.
                SyntaxElement::Token(token) if token.kind() == SEMICOLON => {
                    self.only_comments(token);
                }
                SyntaxElement::Token(token) => self.token(token),
            }
        }
        self.closer(
            closer,
            match (statements.is_empty(), may_be_one_line) {
                (true, _) => Op::SoftLine,
                (false, true) => Op::Line,
                (false, false) => Op::HardLine,
            },
        );
        if has_group {
            self.end();
        }
    }

    /// A statement without its `;`, unless that decides about the value of the block.
    fn statement(&mut self, node: &SyntaxNode, is_last: bool) {
        let elements = significant(node);
        let (body, semicolon) = match elements.split_last() {
            Some((SyntaxElement::Token(token), body)) if token.kind() == SEMICOLON => {
                (body, Some(token))
            }
            _ => (elements.as_slice(), None),
        };
        match node.kind() {
            LET_STMT | EXPR_STMT => self.elements(node.kind(), body),
            _ => return self.node(node),
        }
        let Some(semicolon) = semicolon else { return };
        if is_last && drops_value(node) {
            self.token(semicolon);
        } else {
            self.only_comments(semicolon);
        }
    }

    /// `func` and `impl`, whose bodies may be low-level.
    pub(crate) fn maybe_lowlevel(&mut self, node: &SyntaxNode) {
        let is_lowlevel = node.children_with_tokens().any(|element| match element {
            SyntaxElement::Token(token) => token.kind() == LOWLEVEL_KW,
            SyntaxElement::Node(child) => {
                child.kind() == DECORATOR && child.text().to_string().contains("lowlevel")
            }
        });
        self.lowlevel += usize::from(is_lowlevel);
        self.item(node);
        self.lowlevel -= usize::from(is_lowlevel);
    }

    /// An item without a `;` at its end.
    pub(crate) fn item(&mut self, node: &SyntaxNode) {
        let elements = significant(node);
        match elements.split_last() {
            Some((SyntaxElement::Token(token), body)) if token.kind() == SEMICOLON => {
                self.elements(node.kind(), body);
                self.only_comments(token);
            }
            _ => self.elements(node.kind(), &elements),
        }
    }

    /// `extend T { … }` is `impl T { … }`, `extend T with B { … }` is `impl B for T { … }`.
    pub(crate) fn extend(&mut self, node: &SyntaxNode) {
        let elements = significant(node);
        let with = elements.iter().position(|it| it.kind() == WITH_KW);
        let target = with.and_then(|with| elements.get(with.checked_sub(1)?));
        let bounds = with.and_then(|with| elements.get(with + 1)?.as_node());
        let bound = match bounds {
            Some(bounds) => {
                let bounds: Vec<SyntaxNode> = bounds.children().collect();
                match bounds.as_slice() {
                    [only] if only.children().count() == 1 && !has_question(only) => {
                        Some(only.clone())
                    }
                    // Several at once have no other spelling.
                    _ => return self.plain(node),
                }
            }
            None => None,
        };
        for (at, element) in elements.iter().enumerate() {
            match element {
                SyntaxElement::Token(token) if token.kind() == EXTEND_KW => {
                    self.token_as(token, "impl");
                }
                SyntaxElement::Token(token) if token.kind() == WITH_KW => {
                    self.token_as(token, "for");
                    if let Some(target) = target {
                        self.element(target);
                    }
                }
                element if with.is_some_and(|with| at + 1 == with) && bound.is_some() => {
                    let _ = element;
                    if let Some(bound) = &bound {
                        self.node(bound);
                    }
                }
                _ if with.is_some_and(|with| at == with + 1) && bound.is_some() => {}
                element => self.element(element),
            }
            if element.kind() == DECORATOR {
                let next = elements.get(at + 1).and_then(first_token);
                if next.is_some_and(|token| self.comments.newlines_before(&token) > 0) {
                    self.separate(Op::HardLine);
                }
            }
        }
    }

    /// `where …` on the line if it fits, else on the next one.
    pub(crate) fn where_clause(&mut self, node: &SyntaxNode) {
        self.begin(Group::Body);
        self.op(Op::Indent);
        self.separate(Op::Line);
        let elements = significant(node);
        let last = elements.len().saturating_sub(1);
        for (at, element) in elements.iter().enumerate() {
            match element {
                SyntaxElement::Token(token) if token.kind() == COMMA && at == last => {
                    self.only_comments(token);
                }
                element => self.element(element),
            }
        }
        self.op(Op::Dedent);
        self.end();
    }

    /// `@auto` is spelled `@derive`.
    pub(crate) fn decorator(&mut self, node: &SyntaxNode) {
        for element in significant(node) {
            match &element {
                SyntaxElement::Node(path) if path.kind() == PATH && path.text() == "auto" => {
                    if let Some(token) = first_token(&element) {
                        self.token_as(&token, "derive");
                    }
                }
                element => self.element(element),
            }
        }
    }
}

fn has_question(node: &SyntaxNode) -> bool {
    node.children_with_tokens()
        .any(|element| element.kind() == QUESTION)
}

/// Whether a `;` behind this statement, at the end of a block, drops a value.
pub(crate) fn drops_value(statement: &SyntaxNode) -> bool {
    let expr = statement.children().last();
    statement.kind() == EXPR_STMT
        && expr.is_some_and(|expr| {
            !matches!(
                expr.kind(),
                ASSIGN_EXPR
                    | RETURN_EXPR
                    | BREAK_EXPR
                    | CONTINUE_EXPR
                    | THROW_EXPR
                    | WHILE_EXPR
                    | FOR_EXPR
            )
        })
}

fn is_item(kind: SyntaxKind) -> bool {
    !matches!(kind, LET_STMT | EXPR_STMT | ERROR)
}

/// Items of one line, several of which may stand without empty lines between them.
fn is_light(node: &SyntaxNode) -> bool {
    match node.kind() {
        USE | CONST | STATIC | FIELD | ASSOC_TYPE => true,
        FUNC | TYPE_DECL | MODULE | PROP => !node.children().any(|child| {
            matches!(
                child.kind(),
                BLOCK | FIELD_LIST | VARIANT_LIST | ITEM_LIST | ACCESSOR_LIST
            )
        }),
        _ => false,
    }
}

//! Expressions and patterns that may span lines in ways of their own.

use syntax::SyntaxKind::{self, *};
use syntax::{SyntaxElement, SyntaxNode, SyntaxToken};

use crate::ops::{Group, Op};
use crate::walk::{Walk, significant};

/// Method calls of a chain from which on it is broken as a whole.
const CHAIN_CALLS_MIN: usize = 2;

impl Walk {
    /// `a op b op c`: operators of one level are broken together.
    pub(crate) fn binary(&mut self, node: &SyntaxNode) {
        let level = level_of(node);
        let mut parts: Vec<SyntaxElement> = Vec::new();
        flatten(node, level, &mut parts);
        self.begin(Group::Hug);
        let mut is_indented = false;
        for (at, part) in parts.iter().enumerate() {
            match part {
                SyntaxElement::Token(operator) => {
                    if !is_indented {
                        self.op(Op::Indent);
                        is_indented = true;
                    }
                    // These would begin a statement at the start of a line.
                    let stays = matches!(operator.kind(), MINUS | STAR | AMP);
                    if stays {
                        self.token(operator);
                        self.separate(Op::Line);
                    } else {
                        self.separate(Op::Line);
                        self.token(operator);
                    }
                }
                SyntaxElement::Node(operand) => {
                    let _ = at;
                    self.node(operand);
                }
            }
        }
        if is_indented {
            self.op(Op::Dedent);
        }
        self.end();
    }

    /// `c ? a : b`; broken, `?` begins a line and `:` ends one.
    pub(crate) fn ternary(&mut self, node: &SyntaxNode) {
        self.begin(Group::Hug);
        let mut is_indented = false;
        for element in significant(node) {
            match &element {
                SyntaxElement::Token(token) if token.kind() == QUESTION => {
                    self.op(Op::Indent);
                    is_indented = true;
                    self.separate(Op::Line);
                    self.token(token);
                }
                SyntaxElement::Token(token) if token.kind() == COLON => {
                    self.token(token);
                    self.separate(Op::Line);
                }
                element => self.element(element),
            }
        }
        if is_indented {
            self.op(Op::Dedent);
        }
        self.end();
    }

    /// `&x` is spelled `ref x`, except in low-level code, where it makes a raw pointer.
    pub(crate) fn reference(&mut self, node: &SyntaxNode) {
        let elements = significant(node);
        let is_mut = elements.iter().any(|it| it.kind() == MUT_KW);
        // In `f[&x]` a `ref x` would be read as a type.
        let is_index = node.parent().is_some_and(|it| it.kind() == INDEX_EXPR);
        // `ref mut ref x` would be `ref mut` of `ref x`.
        let operand = elements.last().and_then(|it| it.as_node());
        let is_nested = operand.is_some_and(|it| {
            it.kind() == REF_EXPR && significant(it).iter().any(|it| it.kind() == MUT_KW)
        });
        let is_operand = is_mut && node.parent().is_some_and(|it| it.kind() == REF_EXPR);
        let keeps = self.lowlevel > 0 || is_index || is_nested || is_operand;
        for element in &elements {
            match element {
                SyntaxElement::Token(token) if token.kind() == AMP && !keeps => {
                    let text = if is_mut { "mut ref" } else { "ref" };
                    self.token_as(token, text);
                    // As a word, it needs a space behind it.
                    if let Some(prev) = &mut self.prev {
                        prev.kind = REF_KW;
                    }
                }
                SyntaxElement::Token(token)
                    if token.kind() == MUT_KW
                        && !keeps
                        && elements.iter().any(|it| it.kind() == AMP) =>
                {
                    self.only_comments(token);
                }
                element => self.element(element),
            }
        }
    }

    /// `a.b().c()`: broken before the dots of method calls, if there are several.
    pub(crate) fn chain(&mut self, node: &SyntaxNode) {
        let mut links: Vec<SyntaxNode> = Vec::new();
        let mut head = node.clone();
        while is_link(head.kind()) {
            links.push(head.clone());
            match significant(&head).first() {
                Some(SyntaxElement::Node(inner)) => head = inner.clone(),
                // `await x` begins with its word.
                _ => {
                    links.pop();
                    break;
                }
            }
        }
        links.reverse();
        if links.is_empty() {
            return self.plain(node);
        }
        let calls = links
            .iter()
            .filter(|link| link.kind() == METHOD_CALL_EXPR)
            .count();
        let breaks = calls >= CHAIN_CALLS_MIN && !is_block_like(head.kind());
        self.begin(Group::Hug);
        match is_link(head.kind()) {
            true => self.plain(&head),
            false => self.node(&head),
        }
        if breaks {
            self.op(Op::Indent);
        }
        for link in &links {
            let elements = significant(link);
            let rest = elements.get(1..).unwrap_or_default();
            if breaks && link.kind() == METHOD_CALL_EXPR {
                self.separate(Op::SoftLine);
            }
            self.elements(link.kind(), rest);
        }
        if breaks {
            self.op(Op::Dedent);
        }
        self.end();
    }

    /// `if` with its branches: all on one line, or all blocks broken.
    pub(crate) fn if_expr(&mut self, node: &SyntaxNode) {
        self.begin(Group::Whole);
        if is_then_chain(node) {
            self.then_chain(node, true);
        } else {
            self.if_parts(node);
        }
        self.end();
    }

    /// `if a then x else if b then y else z`: broken, every `else` begins a line.
    fn then_chain(&mut self, node: &SyntaxNode, is_first: bool) {
        let elements = significant(node);
        let branch = elements.iter().position(|it| it.kind() == ELSE_KW);
        let branch = branch.unwrap_or(elements.len());
        for (at, element) in elements.iter().enumerate() {
            match element {
                SyntaxElement::Token(token) if token.kind() == THEN_KW && at < branch => {
                    self.op(Op::Indent);
                    self.separate(Op::Line);
                    self.token(token);
                }
                SyntaxElement::Token(token) if token.kind() == ELSE_KW => {
                    self.op(Op::Dedent);
                    self.end();
                    self.separate(Op::Line);
                    self.token(token);
                }
                SyntaxElement::Node(inner) if at > branch && is_then_if(inner) => {
                    self.then_chain(inner, false);
                }
                element => self.element(element),
            }
            if at == 0 {
                if is_first {
                    self.op(Op::Indent);
                }
                // The condition and its value: on a line of their own if they fit.
                self.begin(Group::Hug);
            }
        }
        if is_first {
            self.op(Op::Dedent);
        }
    }

    fn if_parts(&mut self, node: &SyntaxNode) {
        let elements = significant(node);
        let mut was_block = true;
        let mut is_indented = false;
        for (at, element) in elements.iter().enumerate() {
            let next = elements.get(at + 1).map(|next| next.kind());
            match element {
                SyntaxElement::Node(block) if block.kind() == BLOCK => {
                    self.block(block, false);
                    was_block = true;
                }
                SyntaxElement::Node(inner) if inner.kind() == IF_EXPR && at > 2 => {
                    self.if_parts(inner);
                }
                // `then {` says no more than `{`.
                SyntaxElement::Token(token) if token.kind() == THEN_KW && next == Some(BLOCK) => {
                    self.only_comments(token);
                }
                SyntaxElement::Token(token) if token.kind() == THEN_KW => {
                    let is_after_else = at > 0 && elements[at - 1].kind() == ELSE_KW;
                    if !is_after_else {
                        if !is_indented {
                            self.op(Op::Indent);
                            is_indented = true;
                        }
                        self.separate(Op::Line);
                    }
                    self.token(token);
                    was_block = false;
                }
                SyntaxElement::Token(token) if token.kind() == ELSE_KW => {
                    if !was_block {
                        self.separate(Op::Line);
                    }
                    self.token(token);
                }
                element => self.element(element),
            }
        }
        if is_indented {
            self.op(Op::Dedent);
        }
    }

    /// `{ … }` of a `when`, one arm to a line.
    pub(crate) fn arms(&mut self, node: &SyntaxNode) {
        let elements = significant(node);
        let [
            SyntaxElement::Token(opener),
            inner @ ..,
            SyntaxElement::Token(closer),
        ] = elements.as_slice()
        else {
            return self.plain(node);
        };
        let arms: Vec<&SyntaxNode> = inner.iter().filter_map(|it| it.as_node()).collect();
        let is_one_line = self.comments.is_on_one_line(node);
        self.begin(Group::Body);
        self.token(opener);
        self.op(Op::Indent);
        self.is_at_start = true;
        for (at, element) in inner.iter().enumerate() {
            match element {
                SyntaxElement::Node(arm) => {
                    self.entry_gap(element, at == 0);
                    self.separate(match is_one_line {
                        true => Op::Line,
                        false => Op::HardLine,
                    });
                    self.node(arm);
                    match arms.last() == Some(&arm) {
                        true => self.op(Op::GluedIfBroken(",")),
                        false => self.op(Op::Glued(",")),
                    }
                    if let Some(separator) = separator_of(arm) {
                        self.only_comments(&separator);
                    }
                }
                SyntaxElement::Token(token) => self.only_comments(token),
            }
        }
        self.closer(
            closer,
            match (arms.is_empty(), is_one_line) {
                (true, _) => Op::SoftLine,
                (false, true) => Op::Line,
                (false, false) => Op::HardLine,
            },
        );
        self.end();
    }

    /// An arm without its separator.
    pub(crate) fn arm(&mut self, node: &SyntaxNode) {
        let elements = significant(node);
        let body = match separator_of(node) {
            Some(_) => elements.get(..elements.len() - 1).unwrap_or_default(),
            None => elements.as_slice(),
        };
        self.elements(ARM, body);
    }

    /// `a | b | c` of an arm.
    pub(crate) fn alternatives(&mut self, node: &SyntaxNode) {
        self.begin(Group::Hug);
        for (at, element) in significant(node).iter().enumerate() {
            match element {
                SyntaxElement::Token(token) if token.kind() == PIPE => {
                    self.separate(Op::Line);
                    self.token(token);
                }
                SyntaxElement::Token(token) if token.kind() == COMMA => {
                    self.comma(token);
                    self.separate(Op::Line);
                }
                element => self.element(element),
            }
            if at == 0 {
                self.op(Op::Indent);
            }
        }
        self.op(Op::Dedent);
        self.end();
    }
}

/// The `,` or `;` that ends an arm.
fn separator_of(arm: &SyntaxNode) -> Option<SyntaxToken> {
    match significant(arm).last()? {
        SyntaxElement::Token(token) if matches!(token.kind(), COMMA | SEMICOLON) => {
            Some(token.clone())
        }
        _ => None,
    }
}

/// Whether an `if` has a value behind `then` and an `else`, both without braces.
fn is_then_if(node: &SyntaxNode) -> bool {
    let elements = significant(node);
    let follows = |word: SyntaxKind| {
        let at = elements.iter().position(|it| it.kind() == word)?;
        elements.get(at + 1).map(|it| it.kind())
    };
    let is_plain = |word| follows(word).is_some_and(|kind| kind != BLOCK);
    node.kind() == IF_EXPR && is_plain(THEN_KW) && is_plain(ELSE_KW)
}

/// Whether such an `if` goes on with another one.
fn is_then_chain(node: &SyntaxNode) -> bool {
    let last = node.children().last();
    is_then_if(node) && last.is_some_and(|last| is_then_if(&last))
}

fn is_link(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        METHOD_CALL_EXPR | FIELD_EXPR | CALL_EXPR | INDEX_EXPR | TRY_EXPR | AWAIT_EXPR | SCOPE_EXPR
    )
}

/// Expressions that end a statement at their `}`: what follows must stand on that line.
fn is_block_like(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        IF_EXPR
            | WHEN_EXPR
            | LOOP_EXPR
            | WHILE_EXPR
            | FOR_EXPR
            | LOWLEVEL_EXPR
            | CATCH_EXPR
            | BLOCK
    )
}

fn operator_of(node: &SyntaxNode) -> Option<SyntaxKind> {
    let mut tokens = node
        .children_with_tokens()
        .filter_map(|element| element.into_token())
        .filter(|token| !token.kind().is_trivia());
    tokens.next().map(|token| token.kind())
}

/// Operators that are broken together (reference §2.7).
fn level_of(node: &SyntaxNode) -> u8 {
    match operator_of(node) {
        Some(OR_KW | PIPE2) => 2,
        Some(AND_KW | AMP2) => 3,
        Some(PIPE) => 7,
        Some(CARET | XOR_KW) => 8,
        Some(AMP) => 9,
        Some(SHL | SHR | SHL_KW | SHR_KW) => 10,
        Some(PLUS | MINUS) => 11,
        Some(STAR | SLASH | PERCENT) => 12,
        // Comparisons and powers stand alone.
        _ => 0,
    }
}

fn flatten(node: &SyntaxNode, level: u8, out: &mut Vec<SyntaxElement>) {
    for (at, element) in significant(node).into_iter().enumerate() {
        match element {
            SyntaxElement::Node(operand)
                if at == 0
                    && level != 0
                    && operand.kind() == BIN_EXPR
                    && level_of(&operand) == level =>
            {
                flatten(&operand, level, out);
            }
            element => out.push(element),
        }
    }
}

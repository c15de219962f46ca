//! Builds green trees bottom up.
//!
//! rowan's own builder hashes every token and most nodes into one growing table.
//! Here finished elements lie on a stack and a node takes its children off the
//! top, so that wrapping and undoing cost nothing; tokens with a fixed text are made
//! once, other short tokens and nodes of one child go through caches of fixed size.

use rowan::{GreenNode, GreenToken, NodeOrToken};

use crate::SyntaxKind;

type GreenElement = NodeOrToken<GreenNode, GreenToken>;

/// Slots of each cache at most; a power of two. Guessed: 16 bytes a slot, so both fit in the L2
/// cache.
const CACHE_SLOTS_MAX: usize = 4096;

/// Small texts have small caches, since clearing large ones would take longer than parsing.
const CACHE_SLOTS_MIN: usize = 64;

/// Bytes of text for each slot.
const TEXT_BYTES_PER_SLOT: usize = 8;

/// Longer texts are not worth comparing.
const CACHED_TEXT_LEN_MAX: usize = 40;

pub(crate) struct Builder {
    /// Finished elements with their heights; a token's is zero.
    children: Vec<(GreenElement, u32)>,
    fixed: Vec<Option<GreenToken>>,
    /// One space: every third token.
    space: GreenToken,
    tokens: Vec<Option<GreenToken>>,
    nodes: Vec<Option<GreenNode>>,
}

impl Builder {
    pub(crate) fn new(text_len: usize) -> Builder {
        let slots = (text_len / TEXT_BYTES_PER_SLOT)
            .next_power_of_two()
            .clamp(CACHE_SLOTS_MIN, CACHE_SLOTS_MAX);
        Builder {
            children: Vec::with_capacity(256),
            space: GreenToken::new(SyntaxKind::WHITESPACE.into(), " "),
            fixed: vec![None; SyntaxKind::EOF as usize],
            tokens: vec![None; slots],
            nodes: vec![None; slots],
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.children.len()
    }

    /// Forgets everything behind the first `len` elements.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.children.truncate(len);
    }

    #[inline]
    pub(crate) fn token(&mut self, kind: SyntaxKind, text: &str) {
        let token = self.make_token(kind, text);
        self.children.push((NodeOrToken::Token(token), 0));
    }

    #[inline]
    fn make_token(&mut self, kind: SyntaxKind, text: &str) -> GreenToken {
        if kind == SyntaxKind::WHITESPACE && text.len() == 1 && text.as_bytes()[0] == b' ' {
            return self.space.clone();
        }
        // Kind and length say it all, but for `self` and `Self`.
        if kind.fixed_len() == text.len()
            && kind != SyntaxKind::THIS_KW
            && kind != SyntaxKind::THIS_TYPE_KW
            && let Some(slot) = self.fixed.get_mut(kind as usize)
        {
            return slot
                .get_or_insert_with(|| GreenToken::new(kind.into(), text))
                .clone();
        }
        self.cached_token(kind, text)
    }

    fn cached_token(&mut self, kind: SyntaxKind, text: &str) -> GreenToken {
        if text.len() > CACHED_TEXT_LEN_MAX {
            return GreenToken::new(kind.into(), text);
        }
        let mask = self.tokens.len() - 1;
        let slot = &mut self.tokens[hash_text(kind, text) & mask];
        match slot {
            Some(token) if token.kind() == kind.into() && token.text() == text => token.clone(),
            _ => slot.insert(GreenToken::new(kind.into(), text)).clone(),
        }
    }

    /// Makes one node of all elements from `first` on, and answers its height.
    pub(crate) fn node(&mut self, kind: SyntaxKind, first: usize) -> u32 {
        let mut tallest = 0;
        let node = match self.children.len() - first {
            1 => {
                tallest = self.children[first].1;
                self.make_small_node(kind, first)
            }
            _ => {
                let children = self.children.drain(first..).map(|(element, height)| {
                    tallest = tallest.max(height);
                    element
                });
                GreenNode::new(kind.into(), children)
            }
        };
        self.children.push((NodeOrToken::Node(node), tallest + 1));
        tallest + 1
    }

    fn make_small_node(&mut self, kind: SyntaxKind, first: usize) -> GreenNode {
        let address = address(&self.children[first].0);
        let hash = (address >> 4).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
        let mask = self.nodes.len() - 1;
        let slot = &mut self.nodes[(hash ^ (kind as usize).wrapping_mul(97)) & mask];
        if let Some(node) = slot
            && node.kind() == kind.into()
            && node
                .children()
                .next()
                .is_some_and(|it| address_of_ref(it) == address)
        {
            let node = node.clone();
            self.children.truncate(first);
            return node;
        }
        let children = self.children.drain(first..).map(|(element, _)| element);
        slot.insert(GreenNode::new(kind.into(), children)).clone()
    }

    pub(crate) fn finish(mut self) -> Option<GreenNode> {
        self.children.pop()?.0.into_node()
    }
}

fn address(element: &GreenElement) -> usize {
    match element {
        NodeOrToken::Node(it) => std::ptr::from_ref::<rowan::GreenNodeData>(it).addr(),
        NodeOrToken::Token(it) => std::ptr::from_ref::<rowan::GreenTokenData>(it).addr(),
    }
}

fn address_of_ref(element: NodeOrToken<&rowan::GreenNodeData, &rowan::GreenTokenData>) -> usize {
    match element {
        NodeOrToken::Node(it) => std::ptr::from_ref(it).addr(),
        NodeOrToken::Token(it) => std::ptr::from_ref(it).addr(),
    }
}

#[inline]
fn hash_text(kind: SyntaxKind, text: &str) -> usize {
    let mut hash = kind as u64;
    for chunk in text.as_bytes().chunks(8) {
        let mut word = [0u8; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        hash = (hash.rotate_left(5) ^ u64::from_le_bytes(word)).wrapping_mul(0x517C_C1B7_2722_0A95);
    }
    (hash >> 32) as usize
}

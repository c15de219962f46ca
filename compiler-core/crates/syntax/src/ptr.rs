//! Pointers into trees that outlive the tree: a kind and a range.
//!
//! A pointer is relative to the root it was made against, which may be a file or
//! one item; it finds the same node in any tree of the same text.

use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use rowan::{TextRange, TextSize};

use crate::ast::AstNode;
use crate::{SyntaxKind, SyntaxNode};

/// A node named by its kind and its range relative to a root.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct SyntaxNodePtr {
    kind: SyntaxKind,
    range: TextRange,
}

impl SyntaxNodePtr {
    /// Points to `node` with offsets of the whole tree that `node` lives in.
    pub fn new(node: &SyntaxNode) -> SyntaxNodePtr {
        SyntaxNodePtr {
            kind: node.kind(),
            range: node.text_range(),
        }
    }

    /// Points to `node`, which is inside `root`, with offsets from the start of `root`.
    pub fn relative_to(root: &SyntaxNode, node: &SyntaxNode) -> SyntaxNodePtr {
        let start = root.text_range().start();
        let range = node.text_range();
        let shift = |offset: TextSize| offset.checked_sub(start).unwrap_or_default();
        SyntaxNodePtr {
            kind: node.kind(),
            range: TextRange::new(shift(range.start()), shift(range.end())),
        }
    }

    pub fn kind(self) -> SyntaxKind {
        self.kind
    }

    /// The range relative to the root.
    pub fn range(self) -> TextRange {
        self.range
    }

    /// Finds the node below `root`, whose start is offset zero of this pointer.
    pub fn resolve(self, root: &SyntaxNode) -> Option<SyntaxNode> {
        let wanted = self.range.checked_add(root.text_range().start())?;
        let mut node = root.clone();
        loop {
            if node.text_range() == wanted && node.kind() == self.kind {
                return Some(node);
            }
            if wanted.is_empty() {
                node = node.children().find(|it| {
                    it.text_range() == wanted || it.text_range().contains_range(wanted)
                })?;
            } else {
                node = node.child_or_token_at_range(wanted)?.into_node()?;
            }
        }
    }
}

/// A [`SyntaxNodePtr`] that knows the type of the node.
pub struct AstPtr<N: AstNode> {
    raw: SyntaxNodePtr,
    node: PhantomData<fn() -> N>,
}

impl<N: AstNode> AstPtr<N> {
    pub fn new(node: &N) -> AstPtr<N> {
        AstPtr {
            raw: SyntaxNodePtr::new(node.syntax()),
            node: PhantomData,
        }
    }

    /// See [`SyntaxNodePtr::relative_to`].
    pub fn relative_to(root: &SyntaxNode, node: &N) -> AstPtr<N> {
        AstPtr {
            raw: SyntaxNodePtr::relative_to(root, node.syntax()),
            node: PhantomData,
        }
    }

    pub fn syntax_node_ptr(self) -> SyntaxNodePtr {
        self.raw
    }

    pub fn range(self) -> TextRange {
        self.raw.range
    }

    pub fn resolve(self, root: &SyntaxNode) -> Option<N> {
        self.raw.resolve(root).and_then(N::cast)
    }

    /// The same pointer as one to a node of a wider or narrower type.
    pub fn cast<M: AstNode>(self) -> Option<AstPtr<M>> {
        M::can_cast(self.raw.kind).then_some(AstPtr {
            raw: self.raw,
            node: PhantomData,
        })
    }

    /// The same pointer as one to a node of a wider type.
    pub fn upcast<M: AstNode>(self) -> AstPtr<M>
    where
        N: Into<M>,
    {
        AstPtr {
            raw: self.raw,
            node: PhantomData,
        }
    }
}

impl<N: AstNode> Clone for AstPtr<N> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<N: AstNode> Copy for AstPtr<N> {}

impl<N: AstNode> PartialEq for AstPtr<N> {
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw
    }
}

impl<N: AstNode> Eq for AstPtr<N> {}

impl<N: AstNode> Hash for AstPtr<N> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.raw.hash(state);
    }
}

impl<N: AstNode> std::fmt::Debug for AstPtr<N> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.raw.fmt(f)
    }
}

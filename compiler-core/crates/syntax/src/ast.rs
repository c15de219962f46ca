//! The typed tree: thin wrappers over nodes, with accessors for what they hold.
//!
//! Every accessor may answer `None`, because broken programs have trees too.
//! Nothing here is stored: a wrapper is a node with a type. `ast/items.rs` has
//! declarations, `ast/types.rs` paths, types and generics, `ast/exprs.rs`
//! expressions and statements, `ast/pats.rs` patterns, `ast/literal.rs` decoded
//! values, `ast/operators.rs` operator kinds, `ast/reread.rs` the second reading of
//! brackets that may be an index or type arguments.

use rowan::TextRange;

use crate::{SyntaxKind, SyntaxNode, SyntaxToken};

/// Defines a wrapper: `Name = KIND [traits] { what accessor: Type; … }` where `what`
/// is `child` (first child of the type), `children`, or `token` (first token of a kind).
macro_rules! ast_node {
    ($(#[$meta:meta])* $name:ident = $kind:ident [$($trait_:ident),*] {
        $($(#[$acc_meta:meta])* $what:ident $acc:ident: $ty:ident;)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, Hash, Debug)]
        pub struct $name(crate::SyntaxNode);

        impl crate::ast::AstNode for $name {
            fn can_cast(kind: crate::SyntaxKind) -> bool {
                kind == crate::SyntaxKind::$kind
            }
            fn cast(node: crate::SyntaxNode) -> Option<Self> {
                (node.kind() == crate::SyntaxKind::$kind).then(|| $name(node))
            }
            fn syntax(&self) -> &crate::SyntaxNode {
                &self.0
            }
        }

        $(impl crate::ast::$trait_ for $name {})*

        impl $name {
            $(crate::ast::ast_accessor! { $what $acc $ty $(#[$acc_meta])* })*
        }
    };
}

macro_rules! ast_accessor {
    (child $acc:ident $ty:ident $(#[$meta:meta])*) => {
        $(#[$meta])*
        pub fn $acc(&self) -> Option<$ty> {
            crate::ast::child(&self.0)
        }
    };
    (children $acc:ident $ty:ident $(#[$meta:meta])*) => {
        $(#[$meta])*
        pub fn $acc(&self) -> crate::ast::AstChildren<$ty> {
            crate::ast::children(&self.0)
        }
    };
    (token $acc:ident $ty:ident $(#[$meta:meta])*) => {
        $(#[$meta])*
        pub fn $acc(&self) -> Option<crate::SyntaxToken> {
            crate::ast::token(&self.0, crate::SyntaxKind::$ty)
        }
    };
}

/// Defines an enumeration over wrappers: `Name { Variant(Wrapper), … }`.
macro_rules! ast_enum {
    ($(#[$meta:meta])* $name:ident { $($variant:ident($ty:ident),)* }) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, Hash, Debug)]
        pub enum $name {
            $($variant($ty),)*
        }

        impl crate::ast::AstNode for $name {
            fn can_cast(kind: crate::SyntaxKind) -> bool {
                $(<$ty as crate::ast::AstNode>::can_cast(kind))||*
            }
            fn cast(node: crate::SyntaxNode) -> Option<Self> {
                let kind = node.kind();
                $(if <$ty as crate::ast::AstNode>::can_cast(kind) {
                    return <$ty as crate::ast::AstNode>::cast(node).map($name::$variant);
                })*
                None
            }
            fn syntax(&self) -> &crate::SyntaxNode {
                match self {
                    $($name::$variant(it) => crate::ast::AstNode::syntax(it),)*
                }
            }
        }

        $(impl From<$ty> for $name {
            fn from(it: $ty) -> $name {
                $name::$variant(it)
            }
        })*
    };
}

use ast_accessor;

mod exprs;
mod items;
mod literal;
mod members;
mod operators;
mod pats;
mod reread;
mod types;

pub use exprs::*;
pub use items::*;
pub use literal::*;
pub use members::*;
pub use operators::*;
pub use pats::*;
pub use reread::*;
pub use types::*;

/// A node with a type.
pub trait AstNode: Sized {
    fn can_cast(kind: SyntaxKind) -> bool;
    fn cast(node: SyntaxNode) -> Option<Self>;
    fn syntax(&self) -> &SyntaxNode;

    fn text_range(&self) -> TextRange {
        self.syntax().text_range()
    }
}

/// Declares a name.
pub trait HasName: AstNode {
    fn name(&self) -> Option<Name> {
        child(self.syntax())
    }
}

/// May be preceded by `pub`, `private`, `protected`, …
pub trait HasVis: AstNode {
    /// The written visibility. Class members may have it before or after other modifiers.
    fn visibility(&self) -> Option<Visibility> {
        child(self.syntax())
    }
}

/// May have generic parameters and a `where` clause.
pub trait HasGenerics: AstNode {
    fn generic_param_list(&self) -> Option<GenericParamList> {
        child(self.syntax())
    }

    fn where_clause(&self) -> Option<WhereClause> {
        child(self.syntax())
    }
}

/// May be preceded by decorators.
pub trait HasDecorators: AstNode {
    fn decorators(&self) -> AstChildren<Decorator> {
        children(self.syntax())
    }
}

/// May be preceded by `///` comments.
pub trait HasDocComments: AstNode {
    fn doc_comments(&self) -> impl Iterator<Item = SyntaxToken> {
        tokens(self.syntax(), SyntaxKind::DOC_COMMENT)
    }

    /// The Markdown text of the doc comments, without slashes; `None` without any.
    fn doc_text(&self) -> Option<String> {
        join_doc_lines(self.doc_comments(), "///")
    }
}

/// The children of a node that have the type `N`.
#[derive(Clone, Debug)]
pub struct AstChildren<N> {
    inner: crate::SyntaxNodeChildren,
    node: std::marker::PhantomData<fn() -> N>,
}

impl<N: AstNode> Iterator for AstChildren<N> {
    type Item = N;

    fn next(&mut self) -> Option<N> {
        self.inner.find_map(N::cast)
    }
}

pub(crate) fn child<N: AstNode>(parent: &SyntaxNode) -> Option<N> {
    parent.children().find_map(N::cast)
}

pub(crate) fn children<N: AstNode>(parent: &SyntaxNode) -> AstChildren<N> {
    AstChildren {
        inner: parent.children(),
        node: std::marker::PhantomData,
    }
}

pub(crate) fn token(parent: &SyntaxNode, kind: SyntaxKind) -> Option<SyntaxToken> {
    tokens(parent, kind).next()
}

pub(crate) fn tokens(parent: &SyntaxNode, kind: SyntaxKind) -> impl Iterator<Item = SyntaxToken> {
    parent
        .children_with_tokens()
        .filter_map(|it| it.into_token())
        .filter(move |token| token.kind() == kind)
}

/// The first child of type `N` that starts before the token of this kind, or anywhere without one.
pub(crate) fn child_before<N: AstNode>(parent: &SyntaxNode, kind: SyntaxKind) -> Option<N> {
    let first: N = child(parent)?;
    match token(parent, kind) {
        Some(token) if token.text_range().start() < first.text_range().start() => None,
        _ => Some(first),
    }
}

/// The first child of type `N` behind the first token of this kind.
pub(crate) fn child_after<N: AstNode>(parent: &SyntaxNode, kind: SyntaxKind) -> Option<N> {
    let end = token(parent, kind)?.text_range().end();
    parent
        .children()
        .filter(|it| it.text_range().start() >= end)
        .find_map(N::cast)
}

pub(crate) fn join_doc_lines(
    comments: impl Iterator<Item = SyntaxToken>,
    prefix: &str,
) -> Option<String> {
    let mut out: Option<String> = None;
    for comment in comments {
        let text = comment.text();
        let line = text.strip_prefix(prefix).unwrap_or(text);
        let line = line.strip_prefix(' ').unwrap_or(line).trim_end();
        match &mut out {
            None => out = Some(line.to_owned()),
            Some(out) => {
                out.push('\n');
                out.push_str(line);
            }
        }
    }
    out
}

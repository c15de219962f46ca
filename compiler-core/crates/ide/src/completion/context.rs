//! What kind of thing is expected at a position, read off a broken tree.

use hir_def::{Name, PathAnchor};
use syntax::ast::{self, AstNode, PathSegmentKind};
use syntax::{SyntaxKind, SyntaxNode, SyntaxToken, TextRange, TextSize};

pub(super) const ITEM_KEYWORDS: &[&str] = &[
    "func",
    "type",
    "enum",
    "union",
    "behavior",
    "impl",
    "extend",
    "const",
    "static",
    "let",
    "var",
    "use",
    "mod",
    "namespace",
    "pub",
    "lowlevel",
    "async",
];
pub(super) const MEMBER_KEYWORDS: &[&str] = &[
    "func", "const", "type", "pub", "lowlevel", "async", "static",
];
pub(super) const TYPE_KEYWORDS: &[&str] = &["ref", "mut", "func", "dyn", "impl"];
pub(super) const EXPR_KEYWORDS: &[&str] = &[
    "if", "when", "loop", "while", "for", "return", "break", "continue", "throw", "not", "true",
    "false", "null", "ref", "mut", "do", "lowlevel", "this", "This", "crate", "super",
];
pub(super) const STATEMENT_KEYWORDS: &[&str] = &[
    "let", "var", "const", "func", "type", "use", "static", "impl",
];

/// The names before the last `::`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Qualifier {
    pub(super) anchor: PathAnchor,
    pub(super) names: Vec<Name>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// Behind `receiver.`
    Member {
        receiver: TextRange,
    },
    /// Behind `path::`
    Scoped {
        path: Qualifier,
        in_use: bool,
    },
    /// The first name of a `use`.
    Import,
    /// Between the items of a module.
    Item,
    /// Between the members of an implementation or behavior.
    MemberItem,
    Type,
    Pattern,
    /// A field's name in a struct literal.
    FieldInit {
        literal: SyntaxNode,
    },
    Expr {
        is_statement: bool,
    },
}

pub(super) struct Context {
    pub(super) expected: Expected,
    /// The word at the cursor.
    pub(super) replace: TextRange,
    /// The node that the cursor stands in.
    pub(super) node: Option<SyntaxNode>,
}

/// `None` where nothing should be offered: in comments, texts, numbers and new names.
pub(super) fn analyze(root: &SyntaxNode, offset: TextSize) -> Option<Context> {
    if !root.text_range().contains_inclusive(offset) {
        return None;
    }
    let left = root.token_at_offset(offset).left_biased();
    let word = left
        .clone()
        .filter(|token| token.kind().is_word() || token.kind() == SyntaxKind::UNDERSCORE);
    if let Some(token) = &left
        && word.is_none()
        && is_silent(token, offset)
    {
        return None;
    }
    let replace = word
        .as_ref()
        .map_or(TextRange::empty(offset), |word| word.text_range());
    let before = match &word {
        Some(word) => previous(word.prev_token()),
        None => previous(left.clone()),
    };
    let node = word
        .as_ref()
        .or(before.as_ref())
        .and_then(|token| token.parent());
    // White space at the outer level of a block belongs to the block, not to the token before.
    let node = match (&word, &left) {
        (None, Some(token)) if token.kind() == SyntaxKind::WHITESPACE => token.parent(),
        _ => node,
    };
    let expected = match before.as_ref().map(|token| token.kind()) {
        Some(SyntaxKind::DOT) => member(before.as_ref()?)?,
        Some(SyntaxKind::COLON2) => scoped(before.as_ref()?)?,
        _ => by_place(word.as_ref(), before.as_ref(), node.as_ref())?,
    };
    Some(Context {
        expected,
        replace,
        node,
    })
}

fn is_silent(token: &SyntaxToken, offset: TextSize) -> bool {
    use SyntaxKind::*;
    let is_inside = token.text_range().end() > offset || token.text_range().end() == offset;
    match token.kind() {
        COMMENT | DOC_COMMENT | INNER_DOC_COMMENT => {
            // Behind a closed block comment one may write.
            !(token.text().ends_with("*/") && token.text_range().end() == offset)
        }
        PREPROCESSOR_LINE | INACTIVE_TEXT => true,
        INT_NUMBER | FLOAT_NUMBER => is_inside,
        STRING | RAW_STRING | TEMPLATE | BYTE_STRING | CHAR | BYTE => {
            token.text_range().end() > offset || token.text_range().len() < TextSize::new(2)
        }
        STRING_START | STRING_MIDDLE => token.text_range().end() > offset,
        STRING_END => token.text_range().end() > offset,
        _ => false,
    }
}

fn previous(token: Option<SyntaxToken>) -> Option<SyntaxToken> {
    std::iter::successors(token, |token| token.prev_token()).find(|token| !token.kind().is_trivia())
}

fn member(dot: &SyntaxToken) -> Option<Expected> {
    let parent = dot.parent()?;
    let receiver = match parent.kind() {
        SyntaxKind::FIELD_EXPR | SyntaxKind::METHOD_CALL_EXPR => {
            parent.children().find_map(ast::Expr::cast)?
        }
        _ => return None,
    };
    // Parentheses have no expression of their own in a body.
    let mut receiver = receiver;
    while let ast::Expr::Paren(paren) = &receiver {
        receiver = paren.expr()?;
    }
    Some(Expected::Member {
        receiver: receiver.syntax().text_range(),
    })
}

fn scoped(colons: &SyntaxToken) -> Option<Expected> {
    let node = colons.parent()?;
    let end = colons.text_range().start();
    let in_use = node.ancestors().any(|node| node.kind() == SyntaxKind::USE);
    let mut path = Qualifier {
        anchor: PathAnchor::Plain,
        names: Vec::new(),
    };
    // `use a::b::{c::` starts with what stands before the braces.
    let outer: Vec<SyntaxNode> = node
        .ancestors()
        .filter(|node| node.kind() == SyntaxKind::USE_TREE)
        .collect();
    for tree in outer.iter().rev() {
        let before = tree.children().find_map(ast::Path::cast);
        if let Some(before) = before.filter(|path| path.syntax().text_range().end() <= end) {
            extend(&mut path, before.segments(), end);
        }
    }
    if let Some(own) = node.ancestors().find_map(ast::Path::cast) {
        let is_counted = outer
            .iter()
            .any(|tree| tree.children().any(|child| child == *own.syntax()))
            && own.syntax().text_range().end() <= end;
        if !is_counted {
            extend(&mut path, own.segments(), end);
        }
    } else if let Some(base) = node.children().find_map(ast::Expr::cast) {
        // `List[I32]::`, which is read as an index first.
        let words = base.syntax().descendants().find_map(ast::Path::cast)?;
        extend(&mut path, words.segments(), end);
    } else if !in_use {
        // The parser gave up: the words before, joined by `::`.
        path = words_before(colons)?;
    } else if path.names.is_empty() && path.anchor == PathAnchor::Plain {
        path = words_before(colons)?;
    }
    Some(Expected::Scoped { path, in_use })
}

fn extend(path: &mut Qualifier, segments: impl Iterator<Item = ast::PathSegment>, end: TextSize) {
    for segment in segments {
        if segment.syntax().text_range().start() >= end {
            break;
        }
        let Some(kind) = segment.kind() else { continue };
        let at_start = path.names.is_empty();
        match kind {
            PathSegmentKind::Crate if at_start => path.anchor = PathAnchor::Crate,
            PathSegmentKind::Super if at_start => {
                path.anchor = match path.anchor {
                    PathAnchor::Super(count) => PathAnchor::Super(count.saturating_add(1)),
                    _ => PathAnchor::Super(1),
                }
            }
            PathSegmentKind::SelfModule if at_start => path.anchor = PathAnchor::SelfModule,
            PathSegmentKind::ThisType if at_start => path.anchor = PathAnchor::This,
            _ => path.names.push(segment.text().into()),
        }
    }
}

/// How many words before the cursor are looked at.
const WORDS_MAX: usize = 32;

fn words_before(colons: &SyntaxToken) -> Option<Qualifier> {
    let mut names = Vec::new();
    let mut anchor = PathAnchor::Plain;
    let mut at = Some(colons.clone());
    for _ in 0..WORDS_MAX {
        let Some(word) = previous(at.as_ref()?.prev_token()).filter(|it| it.kind().is_word())
        else {
            break;
        };
        match word.kind() {
            SyntaxKind::CRATE_KW => anchor = PathAnchor::Crate,
            SyntaxKind::SUPER_KW => anchor = PathAnchor::Super(1),
            SyntaxKind::THIS_TYPE_KW => anchor = PathAnchor::This,
            SyntaxKind::THIS_KW => anchor = PathAnchor::SelfModule,
            _ => names.insert(0, Name::new(word.text())),
        }
        at = previous(word.prev_token()).filter(|it| it.kind() == SyntaxKind::COLON2);
        if at.is_none() {
            break;
        }
    }
    Some(Qualifier { anchor, names })
}

fn by_place(
    word: Option<&SyntaxToken>,
    before: Option<&SyntaxToken>,
    node: Option<&SyntaxNode>,
) -> Option<Expected> {
    use SyntaxKind::*;
    if let Some(word) = word
        && word.parent().is_some_and(|parent| parent.kind() == NAME)
        && word
            .parent()?
            .parent()
            .is_none_or(|node| node.kind() != IDENT_PAT)
    {
        return None;
    }
    // A declaration's own name is new.
    if let Some(before) = before
        && matches!(
            before.kind(),
            FUNC_KW
                | TYPE_KW
                | ENUM_KW
                | UNION_KW
                | BEHAVIOR_KW
                | MOD_KW
                | NAMESPACE_KW
                | CONST_KW
                | STATIC_KW
                | CLASS_KW
                | INTERFACE_KW
        )
        && before
            .parent()
            .is_some_and(|parent| parent.kind() != FUNC_TYPE)
    {
        return None;
    }
    if let Some(before) = before
        && let Some(parent) = before.parent()
    {
        let kind = parent.kind();
        match before.kind() {
            COLON
                if matches!(
                    kind,
                    PARAM | FIELD | CONST | STATIC | LET_STMT | BOUND_LIST | TYPE_PARAM
                ) =>
            {
                return Some(Expected::Type);
            }
            ARROW if matches!(kind, RET_TYPE | FUNC | FUNC_TYPE) => return Some(Expected::Type),
            AS_KW if kind == CAST_EXPR => return Some(Expected::Type),
            _ => {}
        }
    }
    for ancestor in node?.ancestors() {
        let kind = ancestor.kind();
        let expected = match kind {
            USE_TREE_LIST | USE_TREE | USE => {
                return Some(match qualifier_around(&ancestor) {
                    Some(path) => Expected::Scoped { path, in_use: true },
                    None => Expected::Import,
                });
            }
            _ if ast::Type::can_cast(kind) => Expected::Type,
            TYPE_ARG_LIST | BOUND_LIST | RET_TYPE | WHERE_CLAUSE => Expected::Type,
            LET_STMT if before.is_some_and(|it| matches!(it.kind(), LET_KW | VAR_KW)) => {
                Expected::Pattern
            }
            IS_EXPR if before.is_some_and(|it| it.kind() == IS_KW) => Expected::Type,
            IMPL | EXTEND if before.is_some_and(|it| !matches!(it.kind(), L_CURLY | R_CURLY)) => {
                Expected::Type
            }
            FIELD_INIT
                if ancestor
                    .children()
                    .any(|child| ast::Expr::can_cast(child.kind())) =>
            {
                Expected::Expr {
                    is_statement: false,
                }
            }
            FIELD_INIT_LIST if before.is_some_and(|it| it.kind() == COLON) => Expected::Expr {
                is_statement: false,
            },
            FIELD_INIT_LIST => Expected::FieldInit {
                literal: ancestor.parent()?,
            },
            ARM_LIST if before.is_some_and(|it| it.kind() == FAT_ARROW) => Expected::Expr {
                is_statement: false,
            },
            ARM_LIST => Expected::Pattern,
            ARM if before.is_some_and(|it| it.kind() == FAT_ARROW) => Expected::Expr {
                is_statement: false,
            },
            _ if ast::Pat::can_cast(kind) => Expected::Pattern,
            BLOCK => Expected::Expr {
                is_statement: before.is_none_or(|it| {
                    matches!(it.kind(), L_CURLY | R_CURLY | SEMICOLON) || is_line_start(word, it)
                }),
            },
            EXPR_STMT => {
                let starts = word
                    .is_some_and(|word| word.text_range().start() == ancestor.text_range().start());
                Expected::Expr {
                    is_statement: starts,
                }
            }
            MEMBER_LIST => Expected::MemberItem,
            FIELD_LIST | VARIANT_LIST | TUPLE_FIELD_LIST | PARAM_LIST | GENERIC_PARAM_LIST => {
                return None;
            }
            SOURCE_FILE | ITEM_LIST => Expected::Item,
            DECORATOR => return None,
            _ if ast::Expr::can_cast(kind) => {
                // An expression statement of one word may become any statement.
                if ancestor
                    .parent()
                    .is_some_and(|parent| parent.kind() == EXPR_STMT)
                    && kind == PATH_EXPR
                {
                    continue;
                }
                Expected::Expr {
                    is_statement: false,
                }
            }
            _ => continue,
        };
        return Some(expected);
    }
    None
}

/// `use a::{` in a list: what stands before the braces.
fn qualifier_around(node: &SyntaxNode) -> Option<Qualifier> {
    let mut path = Qualifier {
        anchor: PathAnchor::Plain,
        names: Vec::new(),
    };
    let lists: Vec<SyntaxNode> = node
        .ancestors()
        .filter(|node| node.kind() == SyntaxKind::USE_TREE_LIST)
        .collect();
    for list in lists.iter().rev() {
        let before = list.parent()?.children().find_map(ast::Path::cast)?;
        let end = list.text_range().start();
        extend(&mut path, before.segments(), end);
    }
    (!lists.is_empty()).then_some(path)
}

/// Whether the word (or the cursor) stands on another line than the token before.
fn is_line_start(word: Option<&SyntaxToken>, before: &SyntaxToken) -> bool {
    let between = std::iter::successors(before.next_token(), |token| token.next_token())
        .take_while(|token| token.kind().is_trivia() && word != Some(token));
    between.into_iter().any(|token| token.text().contains('\n'))
}

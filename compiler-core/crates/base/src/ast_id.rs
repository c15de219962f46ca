//! The identity of items.
//!
//! An item is its kind, its name, its parent and a tie-breaker among equals. Never a text
//! offset: editing bodies or neighbours, and moving an item, keep all ids. What it costs when
//! an id does move (a rename, a new earlier twin): everything keyed by it is computed anew.

use rustc_hash::FxHashMap;
use stdx::stable_hash;
use syntax::algo;
use syntax::ast::{self, AstNode};
use syntax::{SyntaxElement, SyntaxKind, SyntaxNode, SyntaxNodePtr, TextRange, TextSize};

use crate::FileId;

/// The identity of an item within its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AstId {
    /// Hash of kind, name and the parent's id.
    hash: u64,
    /// Counts earlier items of the same hash; `0` for nearly all.
    tie_breaker: u32,
}

impl AstId {
    /// The module itself, as the parent of its items.
    pub const ROOT: AstId = AstId {
        hash: 0,
        tie_breaker: 0,
    };
}

/// An item of a file: the key of all queries about its syntax.
#[salsa::interned(unsafe(no_lifetime), revisions = usize::MAX, debug)]
pub struct ItemLoc {
    #[returns(copy)]
    pub file: FileId,
    #[returns(copy)]
    pub ast_id: AstId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    ptr: SyntaxNodePtr,
    /// Where its own first word is, in the tree.
    keyword: TextSize,
}

/// Item ids of one tree and where the items are in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AstIdMap {
    items: FxHashMap<AstId, Entry>,
    by_ptr: FxHashMap<SyntaxNodePtr, AstId>,
}

impl AstIdMap {
    /// Numbers all items of a file, also those inside bodies.
    pub fn new(root: &SyntaxNode) -> AstIdMap {
        AstIdMap::within(root, AstId::ROOT)
    }

    /// Numbers the items below `root`, which is itself the item `own` cut loose from its file.
    /// They get the same ids as in the map of the file.
    pub fn within(root: &SyntaxNode, own: AstId) -> AstIdMap {
        let mut map = AstIdMap::default();
        let mut seen: FxHashMap<u64, u32> = FxHashMap::default();
        // Parents come before children in preorder, so the stack's top is the enclosing item.
        let mut parents = vec![own];
        let mut preorder = root.preorder();
        while let Some(event) = preorder.next() {
            match event {
                syntax::WalkEvent::Enter(node) => {
                    if node == *root {
                        continue;
                    }
                    if !is_item(&node) {
                        // Nearly all of a file is bodies without items.
                        if !algo::has_below(&node, may_be_item) {
                            preorder.skip_subtree();
                        }
                        continue;
                    }
                    let parent = parents.last().copied().unwrap_or(own);
                    let hash = item_hash(&node, parent);
                    let count = seen.entry(hash).or_insert(0);
                    let id = AstId {
                        hash,
                        tie_breaker: *count,
                    };
                    *count += 1;
                    let ptr = SyntaxNodePtr::relative_to(root, &node);
                    let keyword = node.text_range().start() + keyword_offset(&node);
                    map.items.insert(id, Entry { ptr, keyword });
                    map.by_ptr.insert(ptr, id);
                    parents.push(id);
                }
                syntax::WalkEvent::Leave(node) => {
                    if is_item(&node) && node != *root {
                        parents.pop();
                    }
                }
            }
        }
        map
    }

    /// Where an item is, if the tree still has it.
    pub fn get(&self, id: AstId) -> Option<SyntaxNodePtr> {
        self.items.get(&id).map(|entry| entry.ptr)
    }

    /// All items with the offsets of their own first words ([`keyword_offset`]), in no order.
    pub fn keywords(&self) -> impl Iterator<Item = (AstId, TextSize)> {
        self.items.iter().map(|(id, entry)| (*id, entry.keyword))
    }

    /// The id of an item's node. `None` for nodes that are not items of this tree.
    pub fn id_of(&self, node: &SyntaxNode) -> Option<AstId> {
        self.by_ptr.get(&SyntaxNodePtr::new(node)).copied()
    }

    /// The innermost item around a range.
    pub fn innermost_at(&self, range: TextRange) -> Option<(AstId, SyntaxNodePtr)> {
        let items = self.items.iter().map(|(id, entry)| (id, &entry.ptr));
        let around = items.filter(|(_, ptr)| ptr.range().contains_range(range));
        around
            .min_by_key(|(id, ptr)| (ptr.range().len(), **id))
            .map(|(id, ptr)| (*id, *ptr))
    }
}

/// Where the item's own first word is, relative to the item: behind comments, decorators and
/// visibility, at a modifier or keyword. Lines of a body count from the line of this word.
pub fn keyword_offset(item: &SyntaxNode) -> TextSize {
    let mut tokens = item.children_with_tokens().filter_map(|it| it.into_token());
    let keyword = tokens.find(|token| !token.kind().is_trivia());
    let start = keyword.map(|token| token.text_range().start());
    start.unwrap_or(item.text_range().start()) - item.text_range().start()
}

fn may_be_item(kind: SyntaxKind) -> bool {
    use SyntaxKind::*;
    ast::Item::can_cast(kind) || matches!(kind, ASSOC_TYPE | CTOR | PROP | FIELD)
}

/// Fields are parts of their type, but static ones are items of their own.
fn is_item(node: &SyntaxNode) -> bool {
    match node.kind() {
        SyntaxKind::FIELD => {
            ast::Field::cast(node.clone()).is_some_and(|field| field.static_token().is_some())
        }
        kind => may_be_item(kind),
    }
}

fn item_hash(node: &SyntaxNode, parent: AstId) -> u64 {
    let key = (
        node.kind() as u16,
        item_name(node),
        parent.hash,
        parent.tie_breaker,
    );
    let mut low = [0u8; 8];
    low.copy_from_slice(&stable_hash(&key).0[..8]);
    u64::from_le_bytes(low)
}

/// What tells items of one kind and parent apart: the name, or for `impl` and `use` their head.
fn item_name(node: &SyntaxNode) -> String {
    match node.kind() {
        SyntaxKind::USE | SyntaxKind::IMPL | SyntaxKind::EXTEND => head_text(node),
        _ => node
            .children()
            .filter_map(ast::Name::cast)
            .map(|name| name.text() + "::")
            .collect(),
    }
}

/// The words of an item up to its members, without decorators and visibility.
fn head_text(node: &SyntaxNode) -> String {
    let mut text = String::new();
    for element in node.children_with_tokens() {
        match element {
            SyntaxElement::Token(token) if !token.kind().is_trivia() => {
                text.push_str(token.text());
                text.push(' ');
            }
            SyntaxElement::Token(_) => {}
            SyntaxElement::Node(child) => match child.kind() {
                SyntaxKind::MEMBER_LIST => break,
                SyntaxKind::DECORATOR | SyntaxKind::VISIBILITY => {}
                _ => push_words(&child, &mut text),
            },
        }
    }
    text
}

fn push_words(node: &SyntaxNode, text: &mut String) {
    for element in node.descendants_with_tokens() {
        if let Some(token) = element.into_token()
            && !token.kind().is_trivia()
        {
            text.push_str(token.text());
            text.push(' ');
        }
    }
}

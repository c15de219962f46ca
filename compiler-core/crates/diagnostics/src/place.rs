//! Places as diagnostics are made: relative to items, so that typing above a function leaves its
//! diagnostics as they are. They become absolute in `collect`, at the last moment.

use base::{Db, FileId, FileRange, ItemLoc, ItemRange};
use syntax::ast::{self, AstNode};
use syntax::{SyntaxKind, SyntaxNode, TextRange, TextSize};

use crate::{Applicability, Diagnostic, Severity};

/// Where something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    Item(ItemRange),
    /// The start of a file.
    File(FileId),
}

/// A diagnostic whose places are relative.
pub(crate) type Draft = Diagnostic<Place>;

impl Place {
    pub(crate) fn new(item: ItemLoc, range: TextRange) -> Place {
        Place::Item(ItemRange { item, range })
    }

    pub(crate) fn file(self, db: &dyn Db) -> FileId {
        match self {
            Place::Item(range) => range.item.file(db),
            Place::File(file) => file,
        }
    }

    pub(crate) fn resolve(self, db: &dyn Db) -> FileRange {
        match self {
            Place::Item(range) => range.resolve(db),
            Place::File(file) => FileRange {
                file,
                range: TextRange::default(),
            },
        }
    }

    fn map(self, f: impl FnOnce(TextRange) -> TextRange) -> Place {
        match self {
            Place::Item(it) => Place::Item(ItemRange {
                range: f(it.range),
                ..it
            }),
            Place::File(_) => self,
        }
    }

    /// The range in an item that it is a place of.
    pub(crate) fn range_in(self, of: ItemLoc) -> Option<TextRange> {
        match self {
            Place::Item(ItemRange { item, range }) if item == of => Some(range),
            _ => None,
        }
    }

    /// The empty place before.
    pub(crate) fn start(self) -> Place {
        self.map(|range| TextRange::empty(range.start()))
    }

    /// The empty place behind.
    pub(crate) fn end(self) -> Place {
        self.map(|range| TextRange::empty(range.end()))
    }

    /// The last character of an ASCII closer: the `}` of a block.
    pub(crate) fn last_char(self) -> Place {
        self.map(|range| match range.len() > TextSize::new(1) {
            true => TextRange::new(range.end() - TextSize::new(1), range.end()),
            false => range,
        })
    }

    /// From the start of this place to the end of another one of the same item.
    pub(crate) fn to(self, other: Place) -> Place {
        match (self, other) {
            (Place::Item(a), Place::Item(b)) if a.item == b.item => Place::Item(ItemRange {
                item: a.item,
                range: a.range.cover(b.range),
            }),
            _ => self,
        }
    }

    /// A part of this place, by offset and length in bytes.
    pub(crate) fn part(self, offset: usize, len: usize) -> Place {
        self.map(|range| {
            let start = range.start() + TextSize::new(offset as u32);
            TextRange::at(start, TextSize::new(len as u32))
        })
    }

    /// A word directly before, if it stands there.
    pub(crate) fn preceding(self, db: &dyn Db, word: &str) -> Option<Place> {
        let len = TextSize::of(word);
        let Place::Item(ItemRange { range, .. }) = self else {
            return None;
        };
        let start = range.start().checked_sub(len)?;
        let place = self.map(|_| TextRange::at(start, len));
        (place.text(db).as_deref() == Some(word)).then_some(place)
    }

    /// The text at this place.
    pub(crate) fn text(self, db: &dyn Db) -> Option<String> {
        let Place::Item(ItemRange { item, range }) = self else {
            return None;
        };
        let root = item_node(db, item)?;
        if !root.text_range().contains_range(range) {
            return None;
        }
        Some(root.text().slice(range).to_string())
    }
}

impl Draft {
    pub(crate) fn error(code: &'static str, place: Place, message: impl Into<String>) -> Draft {
        Diagnostic::new(code, Severity::Error, place, message)
    }

    pub(crate) fn warning(code: &'static str, place: Place, message: impl Into<String>) -> Draft {
        Diagnostic::new(code, Severity::Warning, place, message)
    }

    /// A help that replaces one place and may be applied without asking.
    pub(crate) fn replace(
        self,
        message: impl Into<String>,
        place: Place,
        text: impl Into<String>,
    ) -> Draft {
        self.fix(message, vec![(place, text.into())], Applicability::Always)
    }

    /// A help that replaces one place, if the user agrees.
    pub(crate) fn suggest(
        self,
        message: impl Into<String>,
        place: Place,
        text: impl Into<String>,
    ) -> Draft {
        self.fix(message, vec![(place, text.into())], Applicability::Maybe)
    }

    /// "Did you mean": the nearest name, if there is one.
    pub(crate) fn nearest(self, place: Place, name: Option<impl AsRef<str>>) -> Draft {
        match name {
            Some(name) => {
                let name = name.as_ref();
                self.suggest(format!("did you mean `{name}`?"), place, name)
            }
            None => self,
        }
    }
}

/// The tree of an item, cut loose: ranges in it are item-relative.
pub(crate) fn item_node(db: &dyn Db, item: ItemLoc) -> Option<SyntaxNode> {
    base::item_syntax(db, item)
        .as_ref()
        .map(|green| SyntaxNode::new_root(green.clone()))
}

/// The name of an item; without one its head, up to the members.
pub(crate) fn item_name_place(db: &dyn Db, item: ItemLoc) -> Place {
    let range = item_node(db, item).map(|node| {
        let name = node.children().find_map(ast::Name::cast);
        let keyword = node
            .children_with_tokens()
            .find(|it| it.kind() == SyntaxKind::NEW_KW);
        if let (None, Some(keyword)) = (&name, keyword) {
            return keyword.text_range();
        }
        name.map_or_else(|| head_range(&node), |name| name.syntax().text_range())
    });
    Place::new(item, range.unwrap_or_default())
}

/// The words of an item from its keyword up to its members.
fn head_range(node: &SyntaxNode) -> TextRange {
    let is_head = |element: &syntax::SyntaxElement| {
        !matches!(
            element.kind(),
            SyntaxKind::DECORATOR | SyntaxKind::VISIBILITY
        ) && !element.kind().is_trivia()
    };
    let mut range: Option<TextRange> = None;
    for element in node.children_with_tokens().filter(is_head) {
        if element.kind() == SyntaxKind::MEMBER_LIST {
            break;
        }
        let own = element.text_range();
        range = Some(range.map_or(own, |range| range.cover(own)));
    }
    range.unwrap_or_else(|| node.text_range())
}

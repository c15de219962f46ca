//! Colours of names: what each of them means. Keywords, numbers and comments are left to the
//! editor's own grammar; where a name means nothing yet, its form decides.

use hir::{DefKind, Definition, NameUse, Role};
use rustc_hash::FxHashMap;
use syntax::{SyntaxKind, SyntaxNode, SyntaxToken, TextRange, WalkEvent};

use crate::FileView;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SemanticToken {
    pub range: TextRange,
    pub kind: DefKind,
    pub is_declaration: bool,
    pub is_mutable: bool,
    pub is_deprecated: bool,
    /// Of `core` and its kin.
    pub is_library: bool,
}

/// The names within a range, in order.
pub fn semantic_tokens(view: FileView<'_>, range: TextRange) -> Vec<SemanticToken> {
    let mut acc = Acc {
        view,
        out: Vec::new(),
        facts: FxHashMap::default(),
    };
    let root = view.root();
    let mut stack: Vec<Vec<NameUse>> = vec![Vec::new()];
    let mut preorder = root.preorder_with_tokens();
    while let Some(event) = preorder.next() {
        match event {
            WalkEvent::Enter(syntax::SyntaxElement::Node(node)) => {
                if node.text_range().intersect(range).is_none() {
                    preorder.skip_subtree();
                    if hir::source::is_item(node.kind()) {
                        // Its leave event still comes.
                        stack.push(Vec::new());
                    }
                } else if hir::source::is_item(node.kind()) {
                    stack.push(acc.names(&node));
                }
            }
            WalkEvent::Leave(syntax::SyntaxElement::Node(node)) => {
                if hir::source::is_item(node.kind()) {
                    stack.pop();
                }
            }
            WalkEvent::Enter(syntax::SyntaxElement::Token(token)) => {
                if token
                    .text_range()
                    .intersect(range)
                    .is_some_and(|part| !part.is_empty())
                {
                    let names = stack.last().map(|names| names.as_slice()).unwrap_or(&[]);
                    acc.token(&token, names);
                }
            }
            WalkEvent::Leave(_) => {}
        }
    }
    acc.out
}

struct Acc<'db> {
    view: FileView<'db>,
    out: Vec<SemanticToken>,
    /// What is said about a definition, whoever names it.
    facts: FxHashMap<Definition, SemanticToken>,
}

impl Acc<'_> {
    fn names(&self, node: &SyntaxNode) -> Vec<NameUse> {
        let view = self.view;
        let item = hir::item_of(view.db, view.package, view.file, node);
        item.map(|item| hir::names_of(view.db, item))
            .unwrap_or_default()
    }

    fn token(&mut self, token: &SyntaxToken, names: &[NameUse]) {
        let range = token.text_range();
        let is_name =
            matches!(token.kind(), SyntaxKind::IDENT) || token.kind().is_contextual_keyword();
        if !is_name {
            return;
        }
        let first = names.partition_point(|name| name.range.start() < range.start());
        let found = names.iter().skip(first).find(|name| name.range == range);
        match found {
            Some(name) => {
                let fact = self.fact(name.def);
                let is_declaration = name.role == Role::Declaration;
                self.out.push(SemanticToken {
                    range,
                    is_declaration,
                    ..fact
                });
            }
            None => {
                if let Some(kind) = by_form(token) {
                    self.out.push(plain(range, kind));
                }
            }
        }
    }

    fn fact(&mut self, def: Definition) -> SemanticToken {
        let db = self.view.db;
        *self.facts.entry(def).or_insert_with(|| {
            let is_mutable = match def {
                Definition::Local(owner, local) => {
                    hir::definition::local_of(db, owner, local).is_some_and(|it| it.mutable)
                }
                Definition::Item(hir_def::ModuleDef::Static(id)) => {
                    hir_def::signatures::static_data(db, id).is_mutable
                }
                _ => false,
            };
            let module = match def {
                Definition::Item(def) => def.container(db).map(|container| container.module(db)),
                _ => None,
            };
            let is_library = module.is_some_and(|it| {
                matches!(it.package(db).name(db).as_str(), "core" | "std" | "test")
            });
            let is_deprecated = def.is_deprecated(db);
            let plain = plain(TextRange::default(), def.kind(db));
            SemanticToken {
                is_mutable,
                is_deprecated,
                is_library,
                ..plain
            }
        })
    }
}

fn plain(range: TextRange, kind: DefKind) -> SemanticToken {
    SemanticToken {
        range,
        kind,
        is_declaration: false,
        is_mutable: false,
        is_deprecated: false,
        is_library: false,
    }
}

/// What a name looks like where nothing is known about it.
fn by_form(token: &SyntaxToken) -> Option<DefKind> {
    let parent = token.parent()?;
    let around = parent.parent()?;
    match (parent.kind(), around.kind()) {
        (SyntaxKind::NAME, SyntaxKind::MODULE | SyntaxKind::NAMESPACE) => Some(DefKind::Module),
        (SyntaxKind::NAME, SyntaxKind::FUNC) => Some(DefKind::Func),
        (SyntaxKind::NAME_REF, SyntaxKind::METHOD_CALL_EXPR) => Some(DefKind::Method),
        (SyntaxKind::NAME_REF, SyntaxKind::FIELD_EXPR | SyntaxKind::FIELD_INIT) => {
            Some(DefKind::Field)
        }
        (SyntaxKind::PATH_SEGMENT, SyntaxKind::PATH)
            if around
                .parent()
                .is_some_and(|node| node.kind() == SyntaxKind::PATH_EXPR)
                && around.parent()?.parent()?.kind() == SyntaxKind::CALL_EXPR
                && around.next_sibling().is_none()
                && parent.next_sibling().is_none() =>
        {
            let is_callee = around.parent()?.prev_sibling().is_none();
            is_callee.then_some(DefKind::Func)
        }
        _ => None,
    }
}

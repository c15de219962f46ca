//! From a position to a definition, and from a definition to its uses.

use base::{Db, FileId, FileRange, Package, SourceFile, parse};
use hir_def::body::LocalKind;
use hir_def::module_map::child_module;
use hir_def::{GenericDef, ModuleDef};
use rustc_hash::{FxHashMap, FxHashSet};
use syntax::ast::{self, AstNode};
use syntax::{SyntaxKind, SyntaxNode, SyntaxToken, TextRange, TextSize, TokenAtOffset};

use crate::definition::local_of;
use crate::names::{NameUse, Role, names_of, this_definition};
use crate::source::{file_id, item_node, item_of};
use crate::{Definition, ItemDef};

/// A name at a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    pub def: Definition,
    /// The name under the cursor.
    pub range: TextRange,
    pub role: Role,
}

/// What the name at an offset stands for. At the border of two tokens, the one that is a name
/// counts.
pub fn find_definition_at(
    db: &dyn Db,
    package: Package,
    file: SourceFile,
    offset: TextSize,
) -> Option<Found> {
    let file = file_id(db, package, file);
    let root = parse(db, file).syntax_node();
    let token = name_at(&root, offset)?;
    definition_of_token(db, package, file, &token)
}

/// The token at an offset that may be a name.
pub fn name_at(root: &SyntaxNode, offset: TextSize) -> Option<SyntaxToken> {
    if !root.text_range().contains_inclusive(offset) {
        return None;
    }
    let rank = |token: &SyntaxToken| match token.kind() {
        SyntaxKind::IDENT => 3,
        SyntaxKind::THIS_KW | SyntaxKind::THIS_TYPE_KW | SyntaxKind::INT_NUMBER => 2,
        kind if kind.is_word() => 1,
        _ => 0,
    };
    let token = match root.token_at_offset(offset) {
        TokenAtOffset::None => return None,
        TokenAtOffset::Single(token) => token,
        TokenAtOffset::Between(left, right) => {
            if rank(&left) > rank(&right) {
                left
            } else {
                right
            }
        }
    };
    (rank(&token) > 0).then_some(token)
}

/// What a token of a file's tree stands for.
pub fn definition_of_token(
    db: &dyn Db,
    package: Package,
    file: FileId,
    token: &SyntaxToken,
) -> Option<Found> {
    let range = token.text_range();
    let found = |def| Found {
        def,
        range,
        role: Role::Use,
    };
    let node = item_node(&token.parent()?)?;
    if let Some(def) = module_name(db, package, file, token) {
        return Some(Found {
            def,
            range,
            role: Role::Declaration,
        });
    }
    let item = item_of(db, package, file, &node)?;
    let names = names_of(db, item);
    if let Some(name) = names.iter().find(|name| name.range == range) {
        return Some(Found {
            def: name.def,
            range,
            role: name.role,
        });
    }
    if token.kind() == SyntaxKind::THIS_TYPE_KW {
        let mut at = item.generic_def();
        while let Some(def) = at {
            if !matches!(def, GenericDef::Func(_) | GenericDef::TypeAlias(_)) {
                return this_definition(db, def).map(found);
            }
            at = def.parent(db);
        }
    }
    None
}

/// `mod x`, `namespace a::b { … }`
fn module_name(
    db: &dyn Db,
    package: Package,
    file: FileId,
    token: &SyntaxToken,
) -> Option<Definition> {
    let name = ast::Name::cast(token.parent()?)?;
    let node = name.syntax().parent()?;
    if !matches!(node.kind(), SyntaxKind::MODULE | SyntaxKind::NAMESPACE) {
        return None;
    }
    let around = match node.parent().and_then(|node| item_node(&node)) {
        Some(outer) => match item_of(db, package, file, &outer)? {
            ItemDef::Def(ModuleDef::Module(module)) => module,
            _ => return None,
        },
        None => crate::module_of(db, package, file)?,
    };
    let mut module = around;
    for part in node.children().filter_map(ast::Name::cast) {
        module = child_module(db, module, &part.text());
        if part == name {
            return Some(Definition::Item(ModuleDef::Module(module)));
        }
    }
    None
}

/// All uses of a definition in some packages, with its declaration, by file and position.
///
/// Files are filtered by text first; only items that contain the name are resolved.
pub fn references(db: &dyn Db, packages: &[Package], def: Definition) -> Vec<(FileRange, Role)> {
    let name = def.name(db);
    if name.is_empty() {
        return Vec::new();
    }
    let mut seen: FxHashSet<FileRange> = FxHashSet::default();
    let mut out = Vec::new();
    for package in packages {
        for source in package.root(db).files(db).values() {
            if let Some(only) = only_file(db, def)
                && only.source(db) != *source
            {
                continue;
            }
            let file = file_id(db, *package, *source);
            for found in references_in(db, *package, file, def, &name) {
                if seen.insert(found.0) {
                    out.push(found);
                }
            }
        }
    }
    out
}

/// Uses of a definition in one file.
pub fn references_in(
    db: &dyn Db,
    package: Package,
    file: FileId,
    def: Definition,
    name: &str,
) -> Vec<(FileRange, Role)> {
    let source = file.source(db);
    let text: &str = source.text(db);
    let mut offsets = text
        .match_indices(name)
        .map(|(offset, _)| offset)
        .peekable();
    if offsets.peek().is_none() {
        return Vec::new();
    }
    let root = parse(db, file).syntax_node();
    let mut items: FxHashMap<TextRange, Vec<NameUse>> = FxHashMap::default();
    let mut out = Vec::new();
    for offset in offsets {
        if !is_whole_word(text, offset, name.len()) {
            continue;
        }
        let Some(token) = root
            .token_at_offset(TextSize::new(offset as u32))
            .right_biased()
        else {
            continue;
        };
        if token.kind().is_trivia() || token.text() != name {
            continue;
        }
        let range = token.text_range();
        if module_name(db, package, file, &token) == Some(def) {
            out.push((FileRange { file, range }, Role::Declaration));
            continue;
        }
        let Some(node) = token.parent().and_then(|node| item_node(&node)) else {
            continue;
        };
        let names = items.entry(node.text_range()).or_insert_with(|| {
            item_of(db, package, file, &node)
                .map(|item| names_of(db, item))
                .unwrap_or_default()
        });
        let hit = names
            .iter()
            .find(|use_| use_.range == range && use_.def == def);
        if let Some(hit) = hit {
            out.push((FileRange { file, range }, hit.role));
        }
    }
    out
}

/// Locals are named in their own file only; parameters may be named by any caller.
fn only_file(db: &dyn Db, def: Definition) -> Option<FileId> {
    let Definition::Local(owner, local) = def else {
        return None;
    };
    let is_param = local_of(db, owner, local).is_some_and(|it| it.kind == LocalKind::Param);
    (!is_param).then(|| owner.item(db).file(db))
}

fn is_whole_word(text: &str, offset: usize, len: usize) -> bool {
    let is_word = |c: char| c == '_' || c.is_alphanumeric();
    let before = text.get(..offset).and_then(|text| text.chars().next_back());
    let after = text
        .get(offset + len..)
        .and_then(|text| text.chars().next());
    !before.is_some_and(is_word) && !after.is_some_and(is_word)
}

//! The outline of a file. Purely syntactic.

use hir::DefKind;
use syntax::ast::{self, AstNode, HasName, Item, Member};
use syntax::{SyntaxKind, SyntaxNode, TextRange};

use crate::{FileView, text};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    pub name: String,
    /// A short signature.
    pub detail: Option<String>,
    pub kind: SymbolKind,
    pub range: TextRange,
    pub name_range: TextRange,
    pub children: Vec<Symbol>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SymbolKind {
    Def(DefKind),
    Impl,
}

/// How deep items may nest in an outline; deeper ones are left out.
const DEPTH_MAX: u32 = 64;

pub fn document_symbols(view: FileView<'_>) -> Vec<Symbol> {
    let root = view.root();
    root.children()
        .filter_map(Item::cast)
        .filter_map(|item| symbol(&item, DEPTH_MAX))
        .collect()
}

fn symbol(item: &Item, depth: u32) -> Option<Symbol> {
    let depth = depth.checked_sub(1)?;
    let node = item.syntax();
    let members = |list: Option<ast::MemberList>| -> Vec<Symbol> {
        let members = list.into_iter().flat_map(|list| list.members());
        members
            .filter_map(|member| member_symbol(&member))
            .collect()
    };
    let items = |list: Option<ast::ItemList>| -> Vec<Symbol> {
        let items = list.into_iter().flat_map(|list| list.items());
        items.filter_map(|item| symbol(&item, depth)).collect()
    };
    let (kind, children) = match item {
        Item::Use(_) => return None,
        Item::Module(it) => (DefKind::Module, items(it.item_list())),
        Item::Namespace(it) => (DefKind::Module, items(it.item_list())),
        Item::Func(_) => (DefKind::Func, Vec::new()),
        Item::TypeDecl(it) => match it.kind() {
            ast::TypeDeclKind::Struct(list) => (DefKind::Struct, fields(&list)),
            ast::TypeDeclKind::TupleStruct(_) | ast::TypeDeclKind::Unit => {
                (DefKind::Struct, Vec::new())
            }
            ast::TypeDeclKind::Enum(list) | ast::TypeDeclKind::Sum(list) => {
                (DefKind::Enum, variants(&list))
            }
            ast::TypeDeclKind::Alias(_) => (DefKind::TypeAlias, Vec::new()),
        },
        Item::EnumDecl(it) => (
            DefKind::Enum,
            it.variant_list()
                .map(|list| variants(&list))
                .unwrap_or_default(),
        ),
        Item::UnionDecl(it) => (
            DefKind::Union,
            it.field_list()
                .map(|list| fields(&list))
                .unwrap_or_default(),
        ),
        Item::Behavior(it) => (DefKind::Behavior, members(it.member_list())),
        Item::Impl(it) => return Some(implementation(node, members(it.member_list()))),
        Item::Extend(it) => return Some(implementation(node, members(it.member_list()))),
        Item::Const(_) => (DefKind::Const, Vec::new()),
        Item::Static(_) => (DefKind::Static, Vec::new()),
        Item::Class(it) => (DefKind::Class, members(it.member_list())),
        Item::Interface(it) => (DefKind::Class, members(it.member_list())),
    };
    named(node, item.name()?, kind, children)
}

fn implementation(node: &SyntaxNode, children: Vec<Symbol>) -> Symbol {
    let name = text::header(node);
    let first = node
        .children_with_tokens()
        .find(|part| matches!(part.kind(), SyntaxKind::IMPL_KW | SyntaxKind::EXTEND_KW));
    let name_range = first.map_or(node.text_range(), |part| part.text_range());
    let kind = SymbolKind::Impl;
    Symbol {
        name,
        detail: None,
        kind,
        range: node.text_range(),
        name_range,
        children,
    }
}

fn named(
    node: &SyntaxNode,
    name: ast::Name,
    kind: DefKind,
    children: Vec<Symbol>,
) -> Option<Symbol> {
    let text = name.text();
    if text.is_empty() {
        return None;
    }
    let detail = match kind {
        DefKind::Func | DefKind::Method => Some(text::header_behind(node, name.syntax())),
        DefKind::Field | DefKind::Const | DefKind::Static => node
            .children()
            .find_map(ast::Type::cast)
            .map(|ty| ty.syntax().text().to_string()),
        _ => None,
    };
    Some(Symbol {
        name: text,
        detail: detail.filter(|detail| !detail.is_empty()),
        kind: SymbolKind::Def(kind),
        range: node.text_range(),
        name_range: name.syntax().text_range(),
        children,
    })
}

fn member_symbol(member: &Member) -> Option<Symbol> {
    let kind = match member {
        Member::Func(it) if it.receiver().is_some() => DefKind::Method,
        Member::Func(_) => DefKind::Func,
        Member::Const(_) => DefKind::Const,
        Member::AssocType(_) => DefKind::AssocType,
        Member::Field(_) | Member::Prop(_) => DefKind::Field,
        Member::Ctor(_) => return None,
    };
    named(member.syntax(), member.name()?, kind, Vec::new())
}

fn fields(list: &ast::FieldList) -> Vec<Symbol> {
    let fields = list.fields();
    fields
        .filter_map(|it| named(it.syntax(), it.name()?, DefKind::Field, Vec::new()))
        .collect()
}

fn variants(list: &ast::VariantList) -> Vec<Symbol> {
    let variants = list.variants();
    variants
        .filter_map(|it| {
            let children = it
                .field_list()
                .map(|list| fields(&list))
                .unwrap_or_default();
            named(it.syntax(), it.name()?, DefKind::Variant, children)
        })
        .collect()
}

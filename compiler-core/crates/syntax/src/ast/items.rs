//! Declarations of a module: what stands in a file, an inline module or a block.

use rowan::TextRange;

use super::*;
use crate::SyntaxKind::{self, *};
use crate::SyntaxToken;

ast_node! {
    /// A whole file.
    SourceFile = SOURCE_FILE [] {
        children items: Item;
    }
}

impl SourceFile {
    /// The `//!` comments at the start of the file.
    pub fn inner_doc_text(&self) -> Option<String> {
        join_doc_lines(tokens(self.syntax(), INNER_DOC_COMMENT), "//!")
    }
}

ast_enum! {
    /// A declaration.
    Item {
        Use(Use),
        Module(Module),
        Func(Func),
        TypeDecl(TypeDecl),
        EnumDecl(EnumDecl),
        UnionDecl(UnionDecl),
        Behavior(Behavior),
        Impl(Impl),
        Extend(Extend),
        Const(Const),
        Static(Static),
        Class(Class),
        Interface(Interface),
        Namespace(Namespace),
    }
}

impl HasVis for Item {}
impl HasDecorators for Item {}
impl HasDocComments for Item {}

impl Item {
    /// The declared name, if this kind of item declares exactly one.
    pub fn name(&self) -> Option<Name> {
        match self {
            Item::Use(_) | Item::Impl(_) | Item::Extend(_) => None,
            _ => child(self.syntax()),
        }
    }
}

ast_node! {
    /// The name that a declaration introduces.
    Name = NAME [] {}
}

impl Name {
    pub fn token(&self) -> Option<SyntaxToken> {
        self.syntax().first_token()
    }

    pub fn text(&self) -> String {
        self.syntax().text().to_string()
    }
}

ast_node! {
    /// A name that refers to a field, a method, a parameter or a member.
    NameRef = NAME_REF [] {}
}

impl NameRef {
    pub fn token(&self) -> Option<SyntaxToken> {
        self.syntax().first_token()
    }

    pub fn text(&self) -> String {
        self.syntax().text().to_string()
    }

    /// The number of a tuple field: `0` in `t.0`.
    pub fn as_tuple_index(&self) -> Option<u32> {
        let token = self.token()?;
        if token.kind() != INT_NUMBER {
            return None;
        }
        token.text().parse().ok()
    }
}

ast_node! {
    /// `pub`, `pub(crate)`, `private`, `protected`, …
    Visibility = VISIBILITY [] {
        /// The path of `pub(in path)`.
        child path: Path;
    }
}

/// The meaning of a written visibility.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum VisKind {
    /// `pub`, `public`
    Public,
    /// `pub(crate)`
    Crate,
    /// `pub(super)`
    Super,
    /// `private`, `pub(self)`
    Private,
    /// `pub(in path)`
    In(Path),
    /// `protected`
    Protected,
}

impl Visibility {
    pub fn kind(&self) -> VisKind {
        let has = |kind| token(self.syntax(), kind).is_some();
        if let Some(path) = self.path() {
            VisKind::In(path)
        } else if has(CRATE_KW) {
            VisKind::Crate
        } else if has(SUPER_KW) {
            VisKind::Super
        } else if has(PRIVATE_KW) || has(THIS_KW) {
            VisKind::Private
        } else if has(PROTECTED_KW) {
            VisKind::Protected
        } else {
            VisKind::Public
        }
    }
}

ast_node! {
    /// `@path(args)`
    Decorator = DECORATOR [] {
        child path: Path;
        child arg_list: DecoArgList;
    }
}

impl Decorator {
    /// The decorator's name as text: `derive`, `a::b`.
    pub fn name_text(&self) -> Option<String> {
        Some(self.path()?.text())
    }

    pub fn args(&self) -> impl Iterator<Item = DecoArg> {
        self.arg_list().into_iter().flat_map(|it| it.args())
    }
}

ast_node! {
    DecoArgList = DECO_ARG_LIST [] {
        children args: DecoArg;
    }
}

ast_node! {
    /// `value`, `name: value`, `name = value`, `all(args)`, where a value is an expression or a type.
    DecoArg = DECO_ARG [] {
        /// The name before `:` or `=`.
        child name_ref: NameRef;
        /// The value, unless it reads as a type only. A word such as `linux` is a path.
        child expr: Expr;
        /// The `all` of `all(test, unix)`.
        child path: Path;
        /// The arguments of `all(test, unix)`.
        child arg_list: DecoArgList;
        /// A value that is no expression, such as `ref T`.
        child ty: Type;
    }
}

ast_node! {
    /// `use tree show a, b`
    Use = USE [HasVis, HasDecorators, HasDocComments] {
        child use_tree: UseTree;
        child filter: UseFilter;
    }
}

ast_node! {
    /// `path`, `path as name`, `path::*`, `path::{trees}`, `{trees}`, `*`
    UseTree = USE_TREE [] {
        child path: Path;
        /// The group in braces.
        child use_tree_list: UseTreeList;
        token star_token: STAR;
        /// The name after `as`.
        child alias: Name;
    }
}

ast_node! {
    UseTreeList = USE_TREE_LIST [] {
        children use_trees: UseTree;
    }
}

ast_node! {
    /// `show a, b` or `hide a, b`
    UseFilter = USE_FILTER [] {
        children names: NameRef;
        token show_token: SHOW_KW;
        token hide_token: HIDE_KW;
    }
}

impl UseFilter {
    /// Whether the names are those to keep rather than those to leave out.
    pub fn is_show(&self) -> bool {
        self.show_token().is_some()
    }
}

ast_node! {
    /// `mod a`, `mod a::b`, `mod a { items }`
    Module = MODULE [HasName, HasVis, HasDecorators, HasDocComments] {
        /// All names of `mod a::b`, outermost first; `name` is the first of them.
        children names: Name;
        child item_list: ItemList;
    }
}

ast_node! {
    /// Items between braces.
    ItemList = ITEM_LIST [] {
        children items: Item;
    }
}

impl ItemList {
    /// The `//!` comments at the start of the braces.
    pub fn inner_doc_text(&self) -> Option<String> {
        join_doc_lines(tokens(self.syntax(), INNER_DOC_COMMENT), "//!")
    }
}

ast_node! {
    /// `namespace a::b { items }`
    Namespace = NAMESPACE [HasName, HasVis, HasDecorators, HasDocComments] {
        /// All names, outermost first.
        children names: Name;
        child item_list: ItemList;
    }
}

ast_node! {
    /// `const N: T = e`; without a value in a behavior.
    Const = CONST [HasName, HasVis, HasDecorators, HasDocComments] {
        child ty: Type;
        child value: Expr;
    }
}

ast_node! {
    /// `static n: T = e`, and `var` or `let` at module level.
    Static = STATIC [HasName, HasVis, HasDecorators, HasDocComments] {
        child ty: Type;
        child value: Expr;
        token mut_token: MUT_KW;
        token var_token: VAR_KW;
    }
}

impl Static {
    pub fn is_mut(&self) -> bool {
        self.mut_token().is_some() || self.var_token().is_some()
    }
}

ast_node! {
    /// A function or method, with or without a body.
    Func = FUNC [HasName, HasVis, HasGenerics, HasDecorators, HasDocComments] {
        child param_list: ParamList;
        child ret_type: RetType;
        child effects: Effects;
        child body: Block;
        /// `base: Parent::new(args)` of the older spelling of constructors.
        child base_call: BaseCall;
        token async_token: ASYNC_KW;
        token lowlevel_token: LOWLEVEL_KW;
        token const_token: CONST_KW;
        token static_token: STATIC_KW;
        token virtual_token: VIRTUAL_KW;
        token override_token: OVERRIDE_KW;
        token abstract_token: ABSTRACT_KW;
        token sealed_token: SEALED_KW;
    }
}

impl Func {
    pub fn is_async(&self) -> bool {
        self.async_token().is_some()
    }

    pub fn is_lowlevel(&self) -> bool {
        self.lowlevel_token().is_some()
    }

    pub fn is_const(&self) -> bool {
        self.const_token().is_some()
    }

    pub fn is_static(&self) -> bool {
        self.static_token().is_some()
    }

    pub fn receiver(&self) -> Option<Receiver> {
        self.param_list()?.receiver()
    }

    /// The parameters without the receiver.
    pub fn params(&self) -> impl Iterator<Item = Param> {
        self.param_list().into_iter().flat_map(|it| it.params())
    }

    /// The written result type.
    pub fn ret_ty(&self) -> Option<Type> {
        self.ret_type()?.ty()
    }

    /// From the first modifier or `func` to the end of the header: what a
    /// diagnostic about the declaration points at.
    pub fn header_range(&self) -> TextRange {
        let full = self.text_range();
        let start = self
            .syntax()
            .children_with_tokens()
            .find(|it| {
                let kind = it.kind();
                !kind.is_trivia() && kind != DECORATOR
            })
            .map_or(full.start(), |it| it.text_range().start());
        let end = self
            .syntax()
            .children()
            .take_while(|it| it.kind() != BLOCK)
            .last()
            .map_or(full.end(), |it| it.text_range().end());
        TextRange::new(start, end.max(start))
    }
}

ast_node! {
    /// `type N …`: a struct, an enum, a tuple struct, an alias, a sum, or nothing but a name.
    TypeDecl = TYPE_DECL [HasName, HasVis, HasGenerics, HasDecorators, HasDocComments] {
        child field_list: FieldList;
        child tuple_field_list: TupleFieldList;
        /// Variants in braces or, in `type X = A | B(I32)`, behind `=`.
        child variant_list: VariantList;
        child aliased_ty: Type;
        token eq_token: EQ;
    }
}

/// Which of its forms a `type` declaration has.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum TypeDeclKind {
    /// `type P { x: I32 }`, `type P {}`
    Struct(FieldList),
    /// `type P(I32, Str)`
    TupleStruct(TupleFieldList),
    /// `type E { A, B(I32) }`
    Enum(VariantList),
    /// `type E = A | B(I32)`. If every alternative is a bare path of an existing
    /// type, name resolution decides what it is.
    Sum(VariantList),
    /// `type N = Other`
    Alias(Type),
    /// `type N`
    Unit,
}

impl TypeDecl {
    pub fn kind(&self) -> TypeDeclKind {
        if let Some(fields) = self.field_list() {
            TypeDeclKind::Struct(fields)
        } else if let Some(fields) = self.tuple_field_list() {
            TypeDeclKind::TupleStruct(fields)
        } else if let Some(variants) = self.variant_list() {
            if self.eq_token().is_some() {
                TypeDeclKind::Sum(variants)
            } else {
                TypeDeclKind::Enum(variants)
            }
        } else if let Some(ty) = self.aliased_ty() {
            TypeDeclKind::Alias(ty)
        } else {
            TypeDeclKind::Unit
        }
    }
}

ast_node! {
    /// `enum E { A, B(I32), C { x: I32 } }`
    EnumDecl = ENUM_DECL [HasName, HasVis, HasGenerics, HasDecorators, HasDocComments] {
        child variant_list: VariantList;
    }
}

ast_node! {
    /// `union U { a: I32, b: F32 }`
    UnionDecl = UNION_DECL [HasName, HasVis, HasGenerics, HasDecorators, HasDocComments] {
        child field_list: FieldList;
    }
}

ast_node! {
    /// `behavior B: Super { members }`
    Behavior = BEHAVIOR [HasName, HasVis, HasGenerics, HasDecorators, HasDocComments] {
        /// The super-behaviors.
        child bound_list: BoundList;
        child member_list: MemberList;
    }
}

ast_node! {
    /// `impl T { … }`, `impl B for T { … }`
    Impl = IMPL [HasVis, HasGenerics, HasDecorators, HasDocComments] {
        child member_list: MemberList;
        token lowlevel_token: LOWLEVEL_KW;
        token for_token: FOR_KW;
    }
}

impl Impl {
    /// The implemented behavior, if this is not an inherent implementation.
    pub fn behavior(&self) -> Option<Type> {
        self.for_token()?;
        child_before(self.syntax(), FOR_KW)
    }

    pub fn self_ty(&self) -> Option<Type> {
        if self.for_token().is_some() {
            child_after(self.syntax(), FOR_KW)
        } else {
            child(self.syntax())
        }
    }
}

ast_node! {
    /// `extend T { … }`, `extend T with B { … }`
    Extend = EXTEND [HasVis, HasGenerics, HasDecorators, HasDocComments] {
        child self_ty: Type;
        /// The behaviors after `with`.
        child bound_list: BoundList;
        child member_list: MemberList;
    }
}

ast_node! {
    /// `class C extends D implements I { members }`
    Class = CLASS [HasName, HasVis, HasGenerics, HasDecorators, HasDocComments] {
        child extends_clause: ExtendsClause;
        child implements_clause: ImplementsClause;
        child member_list: MemberList;
        token abstract_token: ABSTRACT_KW;
        token sealed_token: SEALED_KW;
    }
}

ast_node! {
    /// `interface I extends J { members }`
    Interface = INTERFACE [HasName, HasVis, HasGenerics, HasDecorators, HasDocComments] {
        child extends_clause: ExtendsClause;
        child member_list: MemberList;
    }
}

ast_node! {
    ExtendsClause = EXTENDS_CLAUSE [] {
        children types: Type;
    }
}

ast_node! {
    ImplementsClause = IMPLEMENTS_CLAUSE [] {
        children types: Type;
    }
}

/// Whether this token kind may stand before an item or a member as a modifier.
pub(crate) fn is_modifier(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        ASYNC_KW
            | LOWLEVEL_KW
            | CONST_KW
            | STATIC_KW
            | VIRTUAL_KW
            | OVERRIDE_KW
            | ABSTRACT_KW
            | SEALED_KW
    )
}

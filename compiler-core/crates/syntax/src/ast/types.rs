//! Paths, types, generic parameters, bounds.

use super::*;
use crate::SyntaxKind::*;
use crate::SyntaxToken;

ast_node! {
    /// `a::b[T]::c`: segments in a row.
    Path = PATH [] {
        children segments: PathSegment;
    }
}

impl Path {
    pub fn first_segment(&self) -> Option<PathSegment> {
        self.segments().next()
    }

    pub fn last_segment(&self) -> Option<PathSegment> {
        self.segments().last()
    }

    /// The segment of a path of one.
    pub fn as_single_segment(&self) -> Option<PathSegment> {
        let mut segments = self.segments();
        let first = segments.next()?;
        segments.next().is_none().then_some(first)
    }

    /// The name of a path that is one identifier without type arguments.
    pub fn as_single_name(&self) -> Option<String> {
        let segment = self.as_single_segment()?;
        match (segment.kind()?, segment.type_arg_list()) {
            (PathSegmentKind::Name(token), None) => Some(token.text().to_owned()),
            _ => None,
        }
    }

    /// The path without type arguments and white space: `a::b::c`.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for segment in self.segments() {
            if !out.is_empty() {
                out.push_str("::");
            }
            out.push_str(&segment.text());
        }
        out
    }
}

ast_node! {
    /// One word of a path with its type arguments.
    PathSegment = PATH_SEGMENT [] {
        child type_arg_list: TypeArgList;
    }
}

/// What a path segment's word is.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum PathSegmentKind {
    /// An identifier, or a keyword where any word is one.
    Name(SyntaxToken),
    /// `crate`, only as the first segment.
    Crate,
    /// `super`, only at the start.
    Super,
    /// `self` at the start of a path: the current module. `this` there means the same.
    SelfModule,
    /// `This` or `Self`, only as the first segment.
    ThisType,
}

impl PathSegment {
    /// The segment's word.
    pub fn token(&self) -> Option<SyntaxToken> {
        self.syntax()
            .children_with_tokens()
            .filter_map(|it| it.into_token())
            .find(|it| it.kind().is_word())
    }

    pub fn kind(&self) -> Option<PathSegmentKind> {
        let token = self.token()?;
        Some(match token.kind() {
            CRATE_KW => PathSegmentKind::Crate,
            SUPER_KW => PathSegmentKind::Super,
            THIS_KW => PathSegmentKind::SelfModule,
            THIS_TYPE_KW => PathSegmentKind::ThisType,
            _ => PathSegmentKind::Name(token),
        })
    }

    pub fn text(&self) -> String {
        self.token()
            .map_or_else(String::new, |it| it.text().to_owned())
    }
}

ast_node! {
    /// `[T, Item = U, 3, {N + 1}, life a]`
    TypeArgList = TYPE_ARG_LIST [] {
        children args: TypeArg;
    }
}

ast_node! {
    /// One type argument; [`TypeArg::kind`] says of which form.
    TypeArg = TYPE_ARG [] {
        child ty: Type;
        /// A literal or a block as a constant argument.
        child expr: Expr;
        /// The name of `Item = T`.
        child name_ref: NameRef;
        child lifetime_ref: LifetimeRef;
    }
}

/// The form of a type argument.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum TypeArgKind {
    /// A type, or a constant's path: names decide.
    Type(Type),
    /// `Item = T`
    AssocType(NameRef, Option<Type>),
    /// `3`, `-1`, `true`, `{ N + 1 }`
    Const(Expr),
    /// `life a`
    Lifetime(LifetimeRef),
}

impl TypeArg {
    pub fn kind(&self) -> Option<TypeArgKind> {
        if let Some(name) = self.name_ref() {
            Some(TypeArgKind::AssocType(name, self.ty()))
        } else if let Some(ty) = self.ty() {
            Some(TypeArgKind::Type(ty))
        } else if let Some(expr) = self.expr() {
            Some(TypeArgKind::Const(expr))
        } else {
            self.lifetime_ref().map(TypeArgKind::Lifetime)
        }
    }
}

ast_node! {
    /// The name of a lifetime where it is used: `a` in `ref[a] T` or `life a`.
    LifetimeRef = LIFETIME_REF [] {}
}

impl LifetimeRef {
    pub fn token(&self) -> Option<SyntaxToken> {
        self.syntax().last_token()
    }

    pub fn text(&self) -> String {
        self.token()
            .map_or_else(String::new, |it| it.text().to_owned())
    }
}

ast_enum! {
    /// A type expression.
    Type {
        Path(PathType),
        Ref(RefType),
        Ptr(PtrType),
        Func(FuncType),
        Dyn(DynType),
        Impl(ImplType),
        Slice(SliceType),
        Array(ArrayType),
        Tuple(TupleType),
        Paren(ParenType),
        Never(NeverType),
        Maybe(MaybeType),
        Infer(InferType),
        Qualified(QualifiedType),
    }
}

ast_node! {
    PathType = PATH_TYPE [] {
        child path: Path;
    }
}

ast_node! {
    /// `ref T`, `ref[a] T`, `mut ref T`, `ref mut T`
    RefType = REF_TYPE [] {
        child lifetime_ref: LifetimeRef;
        token mut_token: MUT_KW;
        child ty: Type;
    }
}

impl RefType {
    pub fn mode(&self) -> RefMode {
        if self.mut_token().is_some() {
            RefMode::MutRef
        } else {
            RefMode::Ref
        }
    }
}

ast_node! {
    /// `*T`, `*mut T`, `*const T`, `ptr T`, `mut ptr T`
    PtrType = PTR_TYPE [] {
        child ty: Type;
    }
}

ast_node! {
    /// `func(A, b: B) -> R`, `func[a](A) -> R`, `(A) -> R`
    FuncType = FUNC_TYPE [] {
        child lifetime_ref: LifetimeRef;
        children params: FuncTypeParam;
        child ret_type: RetType;
    }
}

ast_node! {
    FuncTypeParam = FUNC_TYPE_PARAM [HasName] {
        child ty: Type;
    }
}

ast_node! {
    DynType = DYN_TYPE [] {
        child bound_list: BoundList;
    }
}

ast_node! {
    ImplType = IMPL_TYPE [] {
        child bound_list: BoundList;
    }
}

ast_node! {
    /// `[T]`
    SliceType = SLICE_TYPE [] {
        child ty: Type;
    }
}

ast_node! {
    /// `[T; N]`; without a length in parameter position of the library it is `[T;]`.
    ArrayType = ARRAY_TYPE [] {
        child ty: Type;
        child len: Expr;
    }
}

ast_node! {
    /// `()`, `(A,)`, `(A, B)`
    TupleType = TUPLE_TYPE [] {
        children types: Type;
    }
}

ast_node! {
    /// `(T)`: just `T`.
    ParenType = PAREN_TYPE [] {
        child ty: Type;
    }
}

ast_node! {
    /// `!`
    NeverType = NEVER_TYPE [] {}
}

ast_node! {
    /// `T?`
    MaybeType = MAYBE_TYPE [] {
        child ty: Type;
    }
}

ast_node! {
    /// `_` as a type argument.
    InferType = INFER_TYPE [] {}
}

ast_node! {
    /// `(T as B)::Item`
    QualifiedType = QUALIFIED_TYPE [] {
        children segments: PathSegment;
    }
}

impl QualifiedType {
    /// `T`
    pub fn self_ty(&self) -> Option<Type> {
        child_before(self.syntax(), AS_KW)
    }

    /// `B`
    pub fn behavior(&self) -> Option<Type> {
        child_after(self.syntax(), AS_KW)
    }
}

ast_node! {
    /// `[T: Ord, const N: I32, life a]`
    GenericParamList = GENERIC_PARAM_LIST [] {
        children params: GenericParam;
    }
}

ast_enum! {
    GenericParam {
        Type(TypeParam),
        Const(ConstParam),
        Life(LifeParam),
    }
}

impl HasName for GenericParam {}

ast_node! {
    /// `T: A + B = Default`
    TypeParam = TYPE_PARAM [HasName] {
        child bound_list: BoundList;
        child default: Type;
    }
}

ast_node! {
    /// `const N: I32 = 3`
    ConstParam = CONST_PARAM [HasName] {
        child ty: Type;
        child default: Expr;
    }
}

ast_node! {
    /// `life a: life b`
    LifeParam = LIFE_PARAM [HasName] {
        child bound_list: BoundList;
    }
}

ast_node! {
    /// `A + ?B + life a`
    BoundList = BOUND_LIST [] {
        children bounds: Bound;
    }
}

ast_node! {
    Bound = BOUND [] {
        child ty: Type;
        child lifetime_ref: LifetimeRef;
        token question_token: QUESTION;
    }
}

/// The form of a bound.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum BoundKind {
    Behavior(Type),
    /// `?B`
    Maybe(Type),
    Lifetime(LifetimeRef),
}

impl Bound {
    pub fn kind(&self) -> Option<BoundKind> {
        if let Some(lifetime) = self.lifetime_ref() {
            return Some(BoundKind::Lifetime(lifetime));
        }
        let ty = self.ty()?;
        Some(if self.question_token().is_some() {
            BoundKind::Maybe(ty)
        } else {
            BoundKind::Behavior(ty)
        })
    }
}

ast_node! {
    WhereClause = WHERE_CLAUSE [] {
        children preds: WherePred;
    }
}

ast_node! {
    /// `T: B`, `T::Item = U`
    WherePred = WHERE_PRED [] {
        child ty: Type;
        child bound_list: BoundList;
    }
}

impl WherePred {
    /// The right side of `T::Item = U`.
    pub fn equal_ty(&self) -> Option<Type> {
        child_after(self.syntax(), EQ)
    }
}

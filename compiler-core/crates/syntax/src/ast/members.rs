//! Parts of declarations: parameters, fields, variants, members of types.

use super::*;

ast_node! {
    /// `(this, a: I32)`; also of closures, where types may be missing.
    ParamList = PARAM_LIST [] {
        child receiver: Receiver;
        /// Without the receiver.
        children params: Param;
        child varargs: Varargs;
    }
}

ast_node! {
    /// `this`, `mut this`, `this: T`, `ref this`, `mut ref this`
    Receiver = RECEIVER [] {
        child ty: Type;
        token mut_token: MUT_KW;
        token ref_token: REF_KW;
        token this_token: THIS_KW;
    }
}

/// The written form of a receiver.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum ReceiverKind {
    /// `this`
    This,
    /// `mut this`
    MutThis,
    /// `ref this`
    RefThis,
    /// `mut ref this`
    MutRefThis,
    /// `this: T`
    Typed { is_mut: bool, ty: Type },
}

impl Receiver {
    pub fn kind(&self) -> ReceiverKind {
        let is_mut = self.mut_token().is_some();
        if let Some(ty) = self.ty() {
            return ReceiverKind::Typed { is_mut, ty };
        }
        match (is_mut, self.ref_token().is_some()) {
            (false, false) => ReceiverKind::This,
            (true, false) => ReceiverKind::MutThis,
            (false, true) => ReceiverKind::RefThis,
            (true, true) => ReceiverKind::MutRefThis,
        }
    }
}

ast_node! {
    /// `pattern: Type = default`
    Param = PARAM [HasDecorators] {
        child pat: Pat;
        child ty: Type;
        child default: Expr;
    }
}

ast_node! {
    /// `...` as the last parameter.
    Varargs = VARARGS [] {}
}

ast_node! {
    /// `-> T`
    RetType = RET_TYPE [] {
        child ty: Type;
    }
}

ast_node! {
    /// `with io, net`: parsed and ignored.
    Effects = EFFECTS [] {
        children paths: Path;
    }
}

ast_node! {
    /// Fields in braces.
    FieldList = FIELD_LIST [] {
        children fields: Field;
    }
}

ast_node! {
    /// `name: T = default`, in a struct, a variant, a union or a class.
    Field = FIELD [HasName, HasVis, HasDecorators, HasDocComments] {
        child ty: Type;
        child default: Expr;
        /// In a class.
        token static_token: STATIC_KW;
    }
}

ast_node! {
    /// `(pub A, b: B)`
    TupleFieldList = TUPLE_FIELD_LIST [] {
        children fields: TupleField;
    }
}

ast_node! {
    /// One field by position; a variant's may carry a name.
    TupleField = TUPLE_FIELD [HasName, HasVis, HasDecorators] {
        child ty: Type;
    }
}

ast_node! {
    VariantList = VARIANT_LIST [] {
        children variants: Variant;
    }
}

ast_node! {
    /// `A`, `A(T)`, `A { f: T }`, `A = 3`
    ///
    /// In a sum an alternative may be a path or have type arguments; then
    /// [`Variant::ty`] holds it and there is no name.
    Variant = VARIANT [HasName, HasDecorators, HasDocComments] {
        child tuple_field_list: TupleFieldList;
        child field_list: FieldList;
        child discriminant: Discriminant;
        child ty: Type;
    }
}

/// The payload of a variant.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum VariantKind {
    Unit,
    Tuple(TupleFieldList),
    Struct(FieldList),
}

impl Variant {
    pub fn kind(&self) -> VariantKind {
        if let Some(fields) = self.tuple_field_list() {
            VariantKind::Tuple(fields)
        } else if let Some(fields) = self.field_list() {
            VariantKind::Struct(fields)
        } else {
            VariantKind::Unit
        }
    }

    /// The expression of `= e`.
    pub fn discriminant_expr(&self) -> Option<Expr> {
        self.discriminant()?.expr()
    }
}

ast_node! {
    /// `= e` of a variant.
    Discriminant = DISCRIMINANT [] {
        child expr: Expr;
    }
}

ast_node! {
    /// Members of a behavior, implementation, class or interface, in braces.
    MemberList = MEMBER_LIST [] {
        children members: Member;
    }
}

impl MemberList {
    /// Types declared in a class.
    pub fn nested_items(&self) -> impl Iterator<Item = Item> {
        let items = self.syntax().children().filter_map(Item::cast);
        items.filter(|item| {
            matches!(
                item,
                Item::Class(_)
                    | Item::Interface(_)
                    | Item::EnumDecl(_)
                    | Item::UnionDecl(_)
                    | Item::TypeDecl(_)
            )
        })
    }
}

ast_enum! {
    /// Something declared inside a type or behavior.
    Member {
        Func(Func),
        Const(Const),
        AssocType(AssocType),
        Field(Field),
        Ctor(Ctor),
        Prop(Prop),
    }
}

impl HasVis for Member {}
impl HasDecorators for Member {}
impl HasDocComments for Member {}

impl Member {
    pub fn name(&self) -> Option<Name> {
        child(self.syntax())
    }
}

ast_node! {
    /// `type Item: Bound = Default`
    AssocType = ASSOC_TYPE [HasName, HasVis, HasGenerics, HasDecorators, HasDocComments] {
        child bound_list: BoundList;
        /// The definition or default.
        child ty: Type;
    }
}

ast_node! {
    /// `new(params) : base(args) { … }`
    Ctor = CTOR [HasVis, HasDecorators, HasDocComments] {
        child param_list: ParamList;
        child base_call: BaseCall;
        child body: Block;
    }
}

ast_node! {
    /// `: base(args)`, or `base: Parent::new(args)` in the older spelling.
    BaseCall = BASE_CALL [] {
        /// The arguments of `: base(args)`.
        child arg_list: ArgList;
        /// The call of the older spelling.
        child expr: Expr;
    }
}

ast_node! {
    /// `prop name: T { get … set … } = init`
    Prop = PROP [HasName, HasVis, HasDecorators, HasDocComments] {
        child ty: Type;
        child accessor_list: AccessorList;
        child init: Expr;
        token static_token: STATIC_KW;
        token virtual_token: VIRTUAL_KW;
        token override_token: OVERRIDE_KW;
        token abstract_token: ABSTRACT_KW;
        token sealed_token: SEALED_KW;
    }
}

ast_node! {
    AccessorList = ACCESSOR_LIST [] {
        children accessors: Accessor;
    }
}

ast_node! {
    /// `get { … }`, `get => e`, `set(v) { … }`, `set;`
    Accessor = ACCESSOR [HasVis] {
        token get_token: GET_KW;
        token set_token: SET_KW;
        /// The parameter of `set(v)`.
        child param_name: Name;
        /// A block, or the expression after `=>`.
        child body: Expr;
    }
}

//! Syntax of one item to its signature and source map.

use base::{AstIdMap, Db, ItemLoc};
use syntax::ast::{self, AstNode, HasDecorators, HasGenerics, HasName, HasVis, Item, Member};
use syntax::{PreprocessorEnv, SyntaxNode};

use super::*;
use crate::attrs::lower_attrs;
use crate::item_tree::lower::{
    enabled_variants, lower_member_visibility, lower_visibility, variant_name,
};
use crate::type_lower::{Anonymous, TypeLowering};
use crate::{ContainerId, FuncPart, PathAnchor, TypeRef};
use syntax::conditions;

/// What every item's lowering starts from.
pub(super) struct Lowering<'db> {
    pub(super) types: TypeLowering,
    pub(super) map: SignatureSourceMap,
    pub(super) env: &'db PreprocessorEnv,
}

impl<'db> Lowering<'db> {
    pub(super) fn new(db: &'db dyn Db, item: ItemLoc) -> Lowering<'db> {
        Lowering {
            types: TypeLowering::default(),
            map: SignatureSourceMap::default(),
            env: item.file(db).env(db).symbols(db),
        }
    }

    pub(super) fn name(&mut self, name: Option<ast::Name>, node: &SyntaxNode) -> Name {
        self.map.name = match &name {
            Some(name) => name.syntax().text_range(),
            None => TextRange::empty(node.text_range().start()),
        };
        name.map(|name| name.text().into()).unwrap_or_default()
    }

    pub(super) fn generics(&mut self, node: &impl HasGenerics) -> GenericParams {
        let (generics, ranges) = self.types.generics(node);
        self.map.generics = ranges;
        generics
    }

    pub(super) fn finish(self) -> (TypeStore, SignatureSourceMap) {
        let mut map = self.map;
        map.types = self.types.map;
        (self.types.types, map)
    }

    /// Fields of a record with the ranges of their names.
    fn record(&mut self, list: Option<ast::FieldList>) -> (Fields, Box<[TextRange]>) {
        let mut ranges = Vec::new();
        let mut fields = Vec::new();
        for field in list.into_iter().flat_map(|list| list.fields()) {
            if !conditions::is_enabled(&field, self.env) {
                continue;
            }
            let around = field.syntax().text_range();
            let name = field.name();
            ranges.push(
                name.as_ref()
                    .map_or(around, |name| name.syntax().text_range()),
            );
            fields.push(FieldData {
                name: name.map(|name| name.text().into()).unwrap_or_default(),
                ty: self.types.ty_or_error(field.ty(), around),
                visibility: lower_visibility(&field),
                has_default: field.default().is_some(),
                write: FieldWrite::Any,
            });
        }
        (
            Fields {
                kind: FieldsKind::Record,
                fields: fields.into(),
            },
            ranges.into(),
        )
    }

    fn tuple(&mut self, list: &ast::TupleFieldList) -> (Fields, Box<[TextRange]>) {
        let mut ranges = Vec::new();
        let mut fields = Vec::new();
        let enabled = list
            .fields()
            .filter(|field| conditions::is_enabled(field, self.env));
        for (index, field) in enabled.enumerate() {
            let around = field.syntax().text_range();
            ranges.push(around);
            fields.push(FieldData {
                name: smol_str::format_smolstr!("{index}"),
                ty: self.types.ty_or_error(field.ty(), around),
                visibility: lower_visibility(&field),
                has_default: false,
                write: FieldWrite::Any,
            });
        }
        (
            Fields {
                kind: FieldsKind::Tuple,
                fields: fields.into(),
            },
            ranges.into(),
        )
    }

    fn variants(&mut self, list: &ast::VariantList) -> Box<[VariantData]> {
        let mut names = Vec::new();
        let mut all_fields = Vec::new();
        let mut variants = Vec::new();
        for variant in enabled_variants(list, self.env) {
            let around = variant.syntax().text_range();
            let (fields, ranges) = match variant.kind() {
                ast::VariantKind::Unit => (Fields::default(), Box::default()),
                ast::VariantKind::Tuple(list) => self.tuple(&list),
                ast::VariantKind::Struct(list) => self.record(Some(list)),
            };
            let name = variant.name().map(|name| name.syntax().text_range());
            names.push(name.unwrap_or(around));
            all_fields.push(ranges);
            variants.push(VariantData {
                name: variant_name(&variant),
                fields,
                has_discriminant: variant.discriminant_expr().is_some(),
            });
        }
        self.map.members = names.into();
        self.map.variant_fields = all_fields.into();
        variants.into()
    }
}

/// The item's own tree. Ranges in it are item-relative.
pub(crate) fn item_node(db: &dyn Db, item: ItemLoc) -> Option<SyntaxNode> {
    base::item_syntax(db, item)
        .as_ref()
        .map(|green| SyntaxNode::new_root(green.clone()))
}

/// The item's tree as the outline of its file has it: for what is said before bodies.
pub(crate) fn outline_node(db: &dyn Db, item: ItemLoc) -> Option<SyntaxNode> {
    base::outline_item_syntax(db, item)
        .as_ref()
        .map(|green| SyntaxNode::new_root(green.clone()))
}

/// Which tree to read. The ranges of an outline mean nothing to anybody else.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Tree {
    Outline,
    Full,
}

impl Tree {
    pub(crate) fn node(self, db: &dyn Db, item: ItemLoc) -> Option<SyntaxNode> {
        match self {
            Tree::Outline => outline_node(db, item),
            Tree::Full => item_node(db, item),
        }
    }
}

pub(super) fn cast<N: AstNode>(db: &dyn Db, item: ItemLoc, tree: Tree) -> Option<N> {
    N::cast(tree.node(db, item)?)
}

pub(super) fn func_signature(
    db: &dyn Db,
    id: FuncId,
    tree: Tree,
) -> (FuncSignature, SignatureSourceMap) {
    let node = tree.node(db, id.item(db));
    let func = match node.clone().and_then(ast::Func::cast) {
        Some(func) => func,
        None => return classes::member_signature(db, id, node),
    };
    let mut ctx = Lowering::new(db, id.item(db));
    let name = ctx.name(func.name(), func.syntax());
    let mut generics = ctx.generics(&func);
    // The older spelling of a constructor: `func new(…) -> C base: Parent::new(…)`.
    let is_ctor = matches!(id.container(db), ContainerId::Class(_)) && func.base_call().is_some();
    let receiver = func.receiver().map(|receiver| {
        ctx.map.receiver = Some(receiver.syntax().text_range());
        lower_receiver(&mut ctx, &receiver)
    });
    let receiver = receiver.or(is_ctor.then_some(Receiver::Exclusive));
    ctx.types.anonymous = Some(Anonymous {
        declared: generics.params.len() as u32,
        ..Anonymous::default()
    });
    let params = ctx.params(func.params());
    if let Some(anonymous) = ctx.types.anonymous.take()
        && !anonymous.params.is_empty()
    {
        let declared = std::mem::take(&mut generics.params).into_vec();
        generics.params = declared.into_iter().chain(anonymous.params).collect();
        let ranges = std::mem::take(&mut ctx.map.generics).into_vec();
        ctx.map.generics = ranges.into_iter().chain(anonymous.ranges).collect();
    }
    let ret = func.ret_ty().map(|ty| ctx.types.ty(&ty));
    let attrs = lower_attrs(func.decorators());
    let flags = FuncFlags {
        is_const: func.is_const(),
        is_async: func.is_async(),
        is_lowlevel: func.is_lowlevel() || attrs.lowlevel,
        is_static: func.is_static(),
        is_varargs: func
            .param_list()
            .is_some_and(|list| list.varargs().is_some()),
        has_body: func.body().is_some(),
        is_ctor,
        is_virtual: func.virtual_token().is_some(),
        is_override: func.override_token().is_some(),
        is_abstract: func.abstract_token().is_some(),
        is_sealed: func.sealed_token().is_some(),
        is_optional: false,
    };
    let visibility = match id.container(db) {
        ContainerId::Class(_) => lower_member_visibility(&func),
        _ => lower_visibility(&func),
    };
    let (types, map) = ctx.finish();
    (
        FuncSignature {
            name,
            visibility,
            types,
            generics,
            receiver,
            params,
            // What is written as the result of a constructor is what a call gives.
            ret: ret.filter(|_| !is_ctor),
            flags,
            attrs,
        },
        map,
    )
}

impl Lowering<'_> {
    /// Parameters with the ranges of their patterns.
    pub(super) fn params(&mut self, list: impl Iterator<Item = ast::Param>) -> Box<[Param]> {
        let mut param_ranges = Vec::new();
        let mut params = Vec::new();
        let env = self.env;
        for param in list.filter(|param| conditions::is_enabled(param, env)) {
            let around = param.syntax().text_range();
            let pat = param.pat();
            param_ranges.push(pat.as_ref().map_or(around, |pat| pat.syntax().text_range()));
            let name = match &pat {
                Some(ast::Pat::Ident(it)) if it.pat().is_none() => it.name(),
                _ => None,
            };
            params.push(Param {
                name: name.map(|name| name.text().into()),
                ty: self.types.ty_or_error(param.ty(), around),
                has_default: param.default().is_some(),
            });
        }
        self.map.params = param_ranges.into();
        params.into()
    }
}

/// The parameters that conditions leave, in order.
pub(crate) fn enabled_params(
    func: &ast::Func,
    env: &PreprocessorEnv,
) -> impl Iterator<Item = ast::Param> {
    func.params()
        .filter(|param| conditions::is_enabled(param, env))
}

fn lower_receiver(ctx: &mut Lowering<'_>, receiver: &ast::Receiver) -> Receiver {
    match receiver.kind() {
        ast::ReceiverKind::This => Receiver::Shared,
        ast::ReceiverKind::MutThis => Receiver::Exclusive,
        ast::ReceiverKind::RefThis => Receiver::Ref,
        ast::ReceiverKind::MutRefThis => Receiver::MutRef,
        ast::ReceiverKind::Typed { is_mut, ty } => {
            let ty = ctx.types.ty(&ty);
            let types = &ctx.types.types;
            match &types[ty] {
                data if is_this(data) => Receiver::Owned { mutable: is_mut },
                TypeRef::Ref {
                    mutable,
                    lifetime: None,
                    inner,
                } if is_this(&types[*inner]) => {
                    if *mutable {
                        Receiver::MutRef
                    } else {
                        Receiver::Ref
                    }
                }
                _ => Receiver::Typed(ty),
            }
        }
    }
}

fn is_this(ty: &TypeRef) -> bool {
    matches!(ty, TypeRef::Path(path) if path.anchor == PathAnchor::This && path.segments.is_empty())
}

pub(super) fn struct_data(
    db: &dyn Db,
    id: StructId,
    tree: Tree,
) -> (StructData, SignatureSourceMap) {
    let Some(decl) = cast::<ast::TypeDecl>(db, id.item(db), tree) else {
        return Default::default();
    };
    let mut ctx = Lowering::new(db, id.item(db));
    let name = ctx.name(decl.name(), decl.syntax());
    let generics = ctx.generics(&decl);
    let (fields, ranges) = match decl.kind() {
        ast::TypeDeclKind::Struct(list) => ctx.record(Some(list)),
        ast::TypeDeclKind::TupleStruct(list) => ctx.tuple(&list),
        _ => Default::default(),
    };
    ctx.map.members = ranges;
    let (visibility, attrs) = (lower_visibility(&decl), lower_attrs(decl.decorators()));
    let (types, map) = ctx.finish();
    (
        StructData {
            name,
            visibility,
            types,
            generics,
            fields,
            attrs,
        },
        map,
    )
}

pub(super) fn union_data(db: &dyn Db, id: UnionId, tree: Tree) -> (StructData, SignatureSourceMap) {
    let Some(decl) = cast::<ast::UnionDecl>(db, id.item(db), tree) else {
        return Default::default();
    };
    let mut ctx = Lowering::new(db, id.item(db));
    let name = ctx.name(decl.name(), decl.syntax());
    let generics = ctx.generics(&decl);
    let (fields, ranges) = ctx.record(decl.field_list());
    ctx.map.members = ranges;
    let (visibility, attrs) = (lower_visibility(&decl), lower_attrs(decl.decorators()));
    let (types, map) = ctx.finish();
    (
        StructData {
            name,
            visibility,
            types,
            generics,
            fields,
            attrs,
        },
        map,
    )
}

pub(super) fn enum_data(db: &dyn Db, id: EnumId, tree: Tree) -> (EnumData, SignatureSourceMap) {
    let mut ctx = Lowering::new(db, id.item(db));
    let item = cast::<Item>(db, id.item(db), tree);
    let (name, generics, list, visibility, attrs) = match &item {
        Some(Item::EnumDecl(decl)) => (
            ctx.name(decl.name(), decl.syntax()),
            ctx.generics(decl),
            decl.variant_list(),
            lower_visibility(decl),
            lower_attrs(decl.decorators()),
        ),
        Some(Item::TypeDecl(decl)) => (
            ctx.name(decl.name(), decl.syntax()),
            ctx.generics(decl),
            decl.variant_list(),
            lower_visibility(decl),
            lower_attrs(decl.decorators()),
        ),
        _ => return Default::default(),
    };
    let variants = list.map(|list| ctx.variants(&list)).unwrap_or_default();
    let is_sum = matches!(&item, Some(Item::TypeDecl(decl)) if matches!(decl.kind(), ast::TypeDeclKind::Sum(_)));
    let (types, map) = ctx.finish();
    (
        EnumData {
            name,
            visibility,
            types,
            generics,
            variants,
            is_sum,
            attrs,
        },
        map,
    )
}

pub(super) fn impl_data(db: &dyn Db, id: ImplId, tree: Tree) -> (ImplData, SignatureSourceMap) {
    let mut ctx = Lowering::new(db, id.item(db));
    let item = cast::<Item>(db, id.item(db), tree);
    let mut data = ImplData::default();
    let list = match &item {
        Some(Item::Impl(it)) => {
            data.generics = ctx.generics(it);
            data.self_ty = it.self_ty().map(|ty| ctx.types.ty(&ty));
            data.behaviors = it.behavior().iter().map(|ty| ctx.types.ty(ty)).collect();
            data.is_lowlevel = it.lowlevel_token().is_some();
            data.attrs = lower_attrs(it.decorators());
            it.member_list()
        }
        Some(Item::Extend(it)) => {
            data.generics = ctx.generics(it);
            data.self_ty = it.self_ty().map(|ty| ctx.types.ty(&ty));
            let bounds = ctx.types.bounds(it.bound_list());
            let behaviors = bounds.iter().filter_map(|bound| match bound {
                TypeBound::Behavior(ty) => Some(*ty),
                _ => None,
            });
            data.behaviors = behaviors.collect();
            data.attrs = lower_attrs(it.decorators());
            it.member_list()
        }
        _ => return Default::default(),
    };
    ctx.map.name = data
        .self_ty
        .map(|ty| ctx.types.map.range(ty))
        .unwrap_or_default();
    let node = item.as_ref().map(|item| item.syntax().clone());
    data.items = assoc_items(db, &mut ctx, id.item(db), ContainerId::Impl(id), node, list);
    let (types, map) = ctx.finish();
    data.types = types;
    (data, map)
}

pub(super) fn behavior_data(
    db: &dyn Db,
    id: BehaviorId,
    tree: Tree,
) -> (BehaviorData, SignatureSourceMap) {
    let item = id.item(db);
    let ctx = Lowering::new(db, item);
    if let Some(decl) = cast::<ast::Behavior>(db, item, tree) {
        let bounds = |ctx: &mut Lowering<'_>| ctx.types.bounds(decl.bound_list());
        return behavior_of(db, id, ctx, &decl, decl.member_list(), bounds);
    }
    let Some(decl) = cast::<ast::Interface>(db, item, tree) else {
        return Default::default();
    };
    let extended = |ctx: &mut Lowering<'_>| {
        let types = decl.extends_clause().into_iter().flat_map(|it| it.types());
        let bounds = types.map(|ty| TypeBound::Behavior(ctx.types.ty(&ty)));
        bounds.collect()
    };
    let (data, map) = behavior_of(db, id, ctx, &decl, decl.member_list(), extended);
    let is_interface = true;
    (
        BehaviorData {
            is_interface,
            ..data
        },
        map,
    )
}

/// What behaviors and interfaces have in common.
fn behavior_of<'db, N: HasName + HasGenerics + HasVis + HasDecorators>(
    db: &'db dyn Db,
    id: BehaviorId,
    mut ctx: Lowering<'db>,
    decl: &N,
    members: Option<ast::MemberList>,
    supers: impl FnOnce(&mut Lowering<'db>) -> Box<[TypeBound]>,
) -> (BehaviorData, SignatureSourceMap) {
    let name = ctx.name(decl.name(), decl.syntax());
    let generics = ctx.generics(decl);
    let supers = supers(&mut ctx);
    let node = Some(decl.syntax().clone());
    let container = ContainerId::Behavior(id);
    let items = assoc_items(db, &mut ctx, id.item(db), container, node, members);
    let (visibility, attrs) = (lower_visibility(decl), lower_attrs(decl.decorators()));
    let (types, map) = ctx.finish();
    let data = BehaviorData {
        name,
        visibility,
        types,
        generics,
        supers,
        items,
        is_interface: false,
        attrs,
    };
    (data, map)
}

/// Members with the ids that the file's own map gives them.
pub(super) fn assoc_items(
    db: &dyn Db,
    ctx: &mut Lowering<'_>,
    item: ItemLoc,
    container: ContainerId,
    node: Option<SyntaxNode>,
    list: Option<ast::MemberList>,
) -> Box<[(Name, AssocItemId)]> {
    let (Some(node), Some(list)) = (node, list) else {
        return Box::default();
    };
    let ids = AstIdMap::within(&node, item.ast_id(db));
    let mut ranges = Vec::new();
    let mut items = Vec::new();
    for member in list.members() {
        let Some(ast_id) = ids.id_of(member.syntax()) else {
            continue;
        };
        if !conditions::is_enabled(&member, ctx.env) {
            continue;
        }
        let loc = ItemLoc::new(db, item.file(db), ast_id);
        let id = match &member {
            // A constructor in the older spelling.
            Member::Func(func)
                if func.base_call().is_some() && matches!(container, ContainerId::Class(_)) =>
            {
                continue;
            }
            Member::Func(_) => AssocItemId::Func(FuncId::new(db, container, loc, FuncPart::Whole)),
            Member::Const(_) => AssocItemId::Const(ConstId::new(db, container, loc)),
            Member::AssocType(_) => AssocItemId::Type(TypeAliasId::new(db, container, loc)),
            Member::Prop(prop) => {
                classes::accessors(db, container, loc, prop, &mut items, &mut ranges);
                continue;
            }
            Member::Field(_) | Member::Ctor(_) => continue,
        };
        let name = member.name();
        let around = member.syntax().text_range();
        ranges.push(
            name.as_ref()
                .map_or(around, |name| name.syntax().text_range()),
        );
        items.push((
            name.map(|name| Name::from(name.text())).unwrap_or_default(),
            id,
        ));
    }
    ctx.map.members = ranges.into();
    items.into()
}

pub(super) fn alias_data(
    db: &dyn Db,
    id: TypeAliasId,
    tree: Tree,
) -> (TypeAliasData, SignatureSourceMap) {
    let mut ctx = Lowering::new(db, id.item(db));
    let Some(node) = tree.node(db, id.item(db)) else {
        return Default::default();
    };
    let (name, generics, bounds, ty, visibility);
    if let Some(decl) = ast::TypeDecl::cast(node.clone()) {
        name = ctx.name(decl.name(), decl.syntax());
        generics = ctx.generics(&decl);
        bounds = Box::default();
        ty = decl.aliased_ty().map(|ty| ctx.types.ty(&ty));
        visibility = lower_visibility(&decl);
    } else if let Some(decl) = ast::AssocType::cast(node) {
        name = ctx.name(decl.name(), decl.syntax());
        generics = ctx.generics(&decl);
        bounds = ctx.types.bounds(decl.bound_list());
        ty = decl.ty().map(|ty| ctx.types.ty(&ty));
        visibility = lower_visibility(&decl);
    } else {
        return Default::default();
    }
    let (types, map) = ctx.finish();
    (
        TypeAliasData {
            name,
            visibility,
            types,
            generics,
            bounds,
            ty,
        },
        map,
    )
}

pub(super) fn const_data(db: &dyn Db, id: ConstId, tree: Tree) -> (ConstData, SignatureSourceMap) {
    let item = id.item(db);
    let Some(decl) = cast::<ast::Const>(db, item, tree) else {
        return Default::default();
    };
    let (data, map) = value_of(db, item, &decl, decl.ty());
    let has_value = decl.value().is_some();
    (ConstData { has_value, ..data }, map)
}

pub(super) fn static_data(
    db: &dyn Db,
    id: StaticId,
    tree: Tree,
) -> (ConstData, SignatureSourceMap) {
    let item = id.item(db);
    if let Some(decl) = cast::<ast::Static>(db, item, tree) {
        let (data, map) = value_of(db, item, &decl, decl.ty());
        let data = ConstData {
            has_value: decl.value().is_some(),
            is_mutable: decl.is_mut(),
            ..data
        };
        return (data, map);
    }
    // A static field of a class.
    let Some(field) = cast::<ast::Field>(db, item, tree) else {
        return Default::default();
    };
    let (data, map) = value_of(db, item, &field, field.ty());
    let data = ConstData {
        visibility: lower_member_visibility(&field),
        has_value: field.default().is_some(),
        is_mutable: true,
        ..data
    };
    (data, map)
}

/// What constants, statics and static fields have in common.
fn value_of<N: HasName + HasVis + HasDecorators>(
    db: &dyn Db,
    item: ItemLoc,
    decl: &N,
    ty: Option<ast::Type>,
) -> (ConstData, SignatureSourceMap) {
    let mut ctx = Lowering::new(db, item);
    let name = ctx.name(decl.name(), decl.syntax());
    let ty = ty.map(|ty| ctx.types.ty(&ty));
    let (visibility, attrs) = (lower_visibility(decl), lower_attrs(decl.decorators()));
    let (types, map) = ctx.finish();
    let data = ConstData {
        name,
        visibility,
        types,
        ty,
        has_value: false,
        is_mutable: false,
        attrs,
    };
    (data, map)
}

//! Syntax of classes, interfaces and their members to signatures.

use base::{AstIdMap, Db, ItemLoc};
use syntax::SyntaxNode;
use syntax::ast::{self, AstNode, HasDecorators, HasName, HasVis, Member};

use super::lower::{Lowering, Tree, assoc_items, cast};
use super::*;
use crate::attrs::lower_attrs;
use crate::item_tree::lower::{lower_member_visibility, lower_visibility};
use crate::{ContainerId, FuncPart};
use syntax::conditions;

pub(super) fn class_data(db: &dyn Db, id: ClassId, tree: Tree) -> (ClassData, SignatureSourceMap) {
    let Some(decl) = cast::<ast::Class>(db, id.item(db), tree) else {
        return Default::default();
    };
    let mut ctx = Lowering::new(db, id.item(db));
    let name = ctx.name(decl.name(), decl.syntax());
    let generics = ctx.generics(&decl);
    let mut bases = decl.extends_clause().into_iter().flat_map(|it| it.types());
    let base = bases.next().map(|ty| ctx.types.ty(&ty));
    let implements = decl.implements_clause();
    let implements = implements.into_iter().flat_map(|it| it.types());
    let implements = implements.map(|ty| ctx.types.ty(&ty)).collect();
    let container = ContainerId::Class(id);
    let node = Some(decl.syntax().clone());
    let items = assoc_items(
        db,
        &mut ctx,
        id.item(db),
        container,
        node,
        decl.member_list(),
    );
    let (fields, ranges) = class_fields(&mut ctx, decl.member_list());
    ctx.map.variant_fields = Box::new([ranges]);
    let (statics, ctors) = statics_and_ctors(db, &mut ctx, id, &decl);
    let items: Vec<_> = items.into_iter().chain(statics).collect();
    let has_types = decl
        .member_list()
        .is_some_and(|list| list.nested_items().next().is_some());
    let (visibility, attrs) = (lower_visibility(&decl), lower_attrs(decl.decorators()));
    let (is_abstract, is_sealed) = (
        decl.abstract_token().is_some(),
        decl.sealed_token().is_some(),
    );
    let (types, map) = ctx.finish();
    (
        ClassData {
            name,
            visibility,
            types,
            generics,
            base,
            implements,
            is_abstract,
            is_sealed,
            has_types,
            fields,
            items: items.into(),
            ctors,
            attrs,
        },
        map,
    )
}

/// Instance fields in order; a property whose accessors have no code is one.
fn class_fields(
    ctx: &mut Lowering<'_>,
    list: Option<ast::MemberList>,
) -> (Fields, Box<[TextRange]>) {
    let mut ranges = Vec::new();
    let mut fields = Vec::new();
    for member in field_members(list, ctx.env) {
        let around = member.syntax().text_range();
        let name = member.name();
        let range = name.as_ref().map(|name| name.syntax().text_range());
        ranges.push(range.unwrap_or(around));
        let written = name.map(|name| Name::from(name.text())).unwrap_or_default();
        fields.push(match &member {
            Member::Prop(prop) => FieldData {
                name: backing_name(prop, written),
                ty: ctx.types.ty_or_error(prop.ty(), around),
                visibility: lower_member_visibility(prop),
                has_default: prop.init().is_some(),
                write: prop_write(prop),
            },
            Member::Field(field) => FieldData {
                name: written,
                ty: ctx.types.ty_or_error(field.ty(), around),
                visibility: lower_member_visibility(field),
                has_default: field.default().is_some(),
                write: FieldWrite::Any,
            },
            _ => continue,
        });
    }
    let fields = Fields {
        kind: FieldsKind::Record,
        fields: fields.into(),
    };
    (fields, ranges.into())
}

/// The members that are instance fields, in order.
pub(crate) fn field_members(
    list: Option<ast::MemberList>,
    env: &syntax::PreprocessorEnv,
) -> impl Iterator<Item = Member> {
    let members = list.into_iter().flat_map(|list| list.members());
    members.filter(|member| {
        let is_field = match member {
            Member::Field(field) => field.static_token().is_none(),
            Member::Prop(prop) => prop.static_token().is_none() && is_auto(prop),
            _ => false,
        };
        is_field && conditions::is_enabled(member, env)
    })
}

/// The name of the field behind a property. Where accessors may be overridden, nobody else
/// reaches it.
pub(crate) fn backing_name(prop: &ast::Prop, name: Name) -> Name {
    match is_dynamic(prop) {
        true => smol_str::format_smolstr!("<{name}>"),
        false => name,
    }
}

fn is_dynamic(prop: &ast::Prop) -> bool {
    prop.virtual_token().is_some() || prop.override_token().is_some()
}

/// Whether the accessors of a property have no code.
pub(crate) fn is_auto(prop: &ast::Prop) -> bool {
    if prop.abstract_token().is_some() {
        return false;
    }
    let accessors = prop.accessor_list();
    let mut accessors = accessors.into_iter().flat_map(|list| list.accessors());
    accessors.all(|accessor| accessor.body().is_none())
}

/// The accessor of a kind, if the list has it.
pub(crate) fn accessor(prop: &ast::Prop, part: FuncPart) -> Option<ast::Accessor> {
    let mut list = prop.accessor_list()?.accessors();
    list.find(|accessor| match part {
        FuncPart::Setter => accessor.set_token().is_some(),
        _ => accessor.get_token().is_some(),
    })
}

fn prop_write(prop: &ast::Prop) -> FieldWrite {
    if prop.accessor_list().is_none() {
        return FieldWrite::Any;
    }
    match accessor(prop, FuncPart::Setter) {
        None => FieldWrite::Constructors,
        Some(set) if set.visibility().is_some() => {
            FieldWrite::Within(lower_member_visibility(&set))
        }
        Some(_) => FieldWrite::Any,
    }
}

/// Adds the accessors of a property to the members.
pub(super) fn accessors(
    db: &dyn Db,
    container: ContainerId,
    loc: ItemLoc,
    prop: &ast::Prop,
    items: &mut Vec<(Name, AssocItemId)>,
    ranges: &mut Vec<TextRange>,
) {
    let Some(name) = prop.name() else { return };
    let range = name.syntax().text_range();
    let has = |part| prop.accessor_list().is_none() || accessor(prop, part).is_some();
    for (part, text) in [
        (FuncPart::Getter, getter_name(&name.text())),
        (FuncPart::Setter, setter_name(&name.text())),
    ] {
        if has(part) {
            let id = FuncId::new(db, container, loc, part);
            items.push((text, AssocItemId::Func(id)));
            ranges.push(range);
        }
    }
}

type StaticItems = Vec<(Name, AssocItemId)>;

fn statics_and_ctors(
    db: &dyn Db,
    ctx: &mut Lowering<'_>,
    id: ClassId,
    decl: &ast::Class,
) -> (StaticItems, Box<[FuncId]>) {
    let item = id.item(db);
    let container = ContainerId::Class(id);
    let ids = AstIdMap::within(decl.syntax(), item.ast_id(db));
    let (mut statics, mut ctors) = (Vec::new(), Vec::new());
    let mut ranges = ctx.map.members.to_vec();
    let members = decl.member_list();
    for member in members.into_iter().flat_map(|list| list.members()) {
        let Some(ast_id) = ids.id_of(member.syntax()) else {
            continue;
        };
        if !conditions::is_enabled(&member, ctx.env) {
            continue;
        }
        let loc = ItemLoc::new(db, item.file(db), ast_id);
        match &member {
            Member::Ctor(_) => ctors.push(FuncId::new(db, container, loc, FuncPart::Whole)),
            Member::Func(func) if func.base_call().is_some() => {
                ctors.push(FuncId::new(db, container, loc, FuncPart::Whole));
            }
            Member::Field(field) if field.static_token().is_some() => {
                let Some(name) = field.name() else { continue };
                ranges.push(name.syntax().text_range());
                let id = StaticId::new(db, container, loc);
                statics.push((name.text().into(), AssocItemId::Static(id)));
            }
            _ => {}
        }
    }
    ctx.map.members = ranges.into();
    (statics, ctors.into())
}

/// A constructor or an accessor as a function.
pub(super) fn member_signature(
    db: &dyn Db,
    id: FuncId,
    node: Option<SyntaxNode>,
) -> (FuncSignature, SignatureSourceMap) {
    let Some(node) = node else {
        return Default::default();
    };
    if let Some(ctor) = ast::Ctor::cast(node.clone()) {
        return ctor_signature(db, id, &ctor);
    }
    match ast::Prop::cast(node) {
        Some(prop) => accessor_signature(db, id, &prop),
        None => Default::default(),
    }
}

fn ctor_signature(
    db: &dyn Db,
    id: FuncId,
    ctor: &ast::Ctor,
) -> (FuncSignature, SignatureSourceMap) {
    let mut ctx = Lowering::new(db, id.item(db));
    let start = ctor.syntax().children_with_tokens();
    let keyword = start
        .filter_map(|it| it.into_token())
        .find(|token| token.kind() == syntax::SyntaxKind::NEW_KW);
    ctx.map.name = keyword
        .map(|token| token.text_range())
        .unwrap_or_else(|| TextRange::empty(ctor.syntax().text_range().start()));
    let params = ctor.param_list().into_iter().flat_map(|list| list.params());
    let params = ctx.params(params);
    let (types, map) = ctx.finish();
    let signature = FuncSignature {
        name: Name::new_static("new"),
        visibility: lower_member_visibility(ctor),
        types,
        receiver: Some(Receiver::Exclusive),
        params,
        flags: FuncFlags {
            has_body: true,
            is_ctor: true,
            ..FuncFlags::default()
        },
        attrs: lower_attrs(ctor.decorators()),
        ..FuncSignature::default()
    };
    (signature, map)
}

fn accessor_signature(
    db: &dyn Db,
    id: FuncId,
    prop: &ast::Prop,
) -> (FuncSignature, SignatureSourceMap) {
    let mut ctx = Lowering::new(db, id.item(db));
    let part = id.part(db);
    let written = ctx.name(prop.name(), prop.syntax());
    let ty = ctx.types.ty_or_error(prop.ty(), prop.syntax().text_range());
    let found = accessor(prop, part);
    let is_setter = part == FuncPart::Setter;
    let name = match is_setter {
        true => setter_name(&written),
        false => getter_name(&written),
    };
    let mut params = Vec::new();
    if is_setter {
        ctx.map.params = Box::new([ctx.map.name]);
        params.push(Param {
            name: Some(setter_param(found.as_ref())),
            ty,
            has_default: false,
        });
    }
    let visibility = match &found {
        Some(accessor) if accessor.visibility().is_some() => lower_member_visibility(accessor),
        _ => lower_member_visibility(prop),
    };
    let in_class = matches!(id.container(db), ContainerId::Class(_));
    let is_static = prop.static_token().is_some();
    let flags = FuncFlags {
        has_body: in_class && prop.abstract_token().is_none(),
        is_static,
        is_virtual: prop.virtual_token().is_some(),
        is_override: prop.override_token().is_some(),
        is_abstract: prop.abstract_token().is_some(),
        is_sealed: prop.sealed_token().is_some(),
        is_optional: is_setter && !in_class && found.is_none(),
        ..FuncFlags::default()
    };
    let (types, map) = ctx.finish();
    let signature = FuncSignature {
        name,
        visibility,
        types,
        receiver: (!is_static).then_some(Receiver::Shared),
        params: params.into(),
        ret: (!is_setter).then_some(ty),
        flags,
        attrs: lower_attrs(prop.decorators()),
        ..FuncSignature::default()
    };
    (signature, map)
}

/// The name of the new value in a setter.
pub(crate) fn setter_param(accessor: Option<&ast::Accessor>) -> Name {
    let written = accessor.and_then(|accessor| accessor.param_name());
    written.map_or(Name::new_static("value"), |name| name.text().into())
}

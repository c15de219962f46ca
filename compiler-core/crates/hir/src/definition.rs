//! What a name can stand for, and where it is declared.

use base::{Db, FileRange, ItemLoc, ItemRange, parse};
use hir_def::body::{Local, LocalId, LocalKind, body, body_with_source_map};
use hir_def::def_path::{def_name, def_path};
use hir_def::generics::GenericParamKind;
use hir_def::module_map::{ModuleOrigin, module_data};
use hir_def::signatures::{self as s, SignatureSourceMap};
use hir_def::{
    BodyOwner, ContainerId, FieldId, GenericDef, GenericParamId, ModuleDef, ModuleId, Name,
    VariantDef,
};
use syntax::ast::{AstNode, Item};
use syntax::{SyntaxKind, SyntaxNode, TextRange};

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Definition {
    /// Modules, items, members of implementations and behaviors, variants, built-in types.
    Item(ModuleDef),
    Field(FieldId),
    GenericParam(GenericParamId),
    Local(BodyOwner, LocalId),
}

/// The sort of a definition, for icons, colours and words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DefKind {
    Module,
    Func,
    Method,
    Struct,
    Enum,
    Union,
    Variant,
    Field,
    Const,
    Static,
    TypeAlias,
    AssocType,
    Behavior,
    Class,
    BuiltinType,
    TypeParam,
    ConstParam,
    Lifetime,
    Param,
    /// `this`
    Receiver,
    Local,
}

impl Definition {
    /// Its name as written at the declaration.
    pub fn name(self, db: &dyn Db) -> Name {
        match self {
            Definition::Item(def) => def_name(db, def),
            Definition::Field(field) => hir_ty::names::field_name(db, field),
            Definition::GenericParam(param) => {
                let params = &s::generic_params(db, param.def).params;
                params
                    .get(param.index as usize)
                    .map(|it| it.name.clone())
                    .unwrap_or_default()
            }
            Definition::Local(owner, local) => local_of(db, owner, local)
                .map(|it| it.name.clone())
                .unwrap_or_default(),
        }
    }

    pub fn kind(self, db: &dyn Db) -> DefKind {
        match self {
            Definition::Item(def) => item_kind(db, def),
            Definition::Field(_) => DefKind::Field,
            Definition::GenericParam(param) => {
                let params = &s::generic_params(db, param.def).params;
                match params.get(param.index as usize).map(|it| &it.kind) {
                    Some(GenericParamKind::Const { .. }) => DefKind::ConstParam,
                    Some(GenericParamKind::Lifetime { .. }) => DefKind::Lifetime,
                    _ => DefKind::TypeParam,
                }
            }
            Definition::Local(owner, local) => match local_of(db, owner, local).map(|it| it.kind) {
                Some(LocalKind::Param) => DefKind::Param,
                Some(LocalKind::Receiver) => DefKind::Receiver,
                _ => DefKind::Local,
            },
        }
    }

    /// The item that declares it or holds its declaration. Modules that are files and built-in
    /// types have none.
    pub fn item(self, db: &dyn Db) -> Option<ItemLoc> {
        match self {
            Definition::Item(def) => def.item(db),
            Definition::Field(field) => Some(field.parent.item(db)),
            Definition::GenericParam(param) => Some(param.def.item(db)),
            Definition::Local(owner, _) => Some(owner.item(db)),
        }
    }

    /// The range of the declared name. A module that is a file answers with the file's start.
    pub fn name_range(self, db: &dyn Db) -> Option<FileRange> {
        match self {
            Definition::Item(ModuleDef::Builtin(_)) => None,
            Definition::Item(ModuleDef::Module(module)) => module_range(db, module),
            _ => {
                let item = self.item(db)?;
                let range = self.relative_name_range(db)?;
                Some(ItemRange { item, range }.resolve(db))
            }
        }
    }

    fn relative_name_range(self, db: &dyn Db) -> Option<TextRange> {
        match self {
            Definition::Item(ModuleDef::Variant(variant)) => {
                let map = &s::enum_data_with_source_map(db, variant.parent).1;
                map.members.get(variant.index as usize).copied()
            }
            Definition::Item(def) => Some(signature_map(db, def)?.name),
            Definition::Field(field) => field_range(db, field),
            Definition::GenericParam(param) => {
                let map = generic_map(db, param.def)?;
                map.generics.get(param.index as usize).copied()
            }
            Definition::Local(owner, local) => local_range(db, owner, local),
        }
    }

    /// The range of the whole declaration: the item, field, variant or pattern.
    pub fn full_range(self, db: &dyn Db) -> Option<FileRange> {
        let name = self.name_range(db)?;
        match self {
            Definition::Item(ModuleDef::Variant(_)) | Definition::Field(_) => {
                let node = self.declaration(db)?;
                Some(FileRange {
                    file: name.file,
                    range: node.text_range(),
                })
            }
            Definition::Item(def) => match def.item(db).and_then(|item| base::item_range(db, item))
            {
                Some(range) => Some(FileRange {
                    file: name.file,
                    range,
                }),
                None => Some(name),
            },
            Definition::GenericParam(_) | Definition::Local(..) => Some(name),
        }
    }

    /// The node of the declaration in its file's tree: item, variant, field or parameter.
    pub fn declaration(self, db: &dyn Db) -> Option<SyntaxNode> {
        let name = self.name_range(db)?;
        let root = parse(db, name.file).syntax_node();
        if let Definition::Item(ModuleDef::Module(_)) = self
            && name.range.is_empty()
        {
            return Some(root);
        }
        let element = syntax::algo::covering_element(&root, name.range);
        let node = match element {
            syntax::SyntaxElement::Node(node) => node,
            syntax::SyntaxElement::Token(token) => token.parent()?,
        };
        let wanted = |node: &SyntaxNode| {
            use SyntaxKind::*;
            match self {
                Definition::Item(ModuleDef::Variant(_)) => node.kind() == VARIANT,
                Definition::Field(_) => matches!(node.kind(), FIELD | TUPLE_FIELD | PROP),
                Definition::GenericParam(_) => {
                    matches!(node.kind(), TYPE_PARAM | CONST_PARAM | LIFE_PARAM)
                }
                Definition::Local(..) => matches!(node.kind(), PARAM | LET_STMT | ARM | RECEIVER),
                Definition::Item(_) => {
                    Item::can_cast(node.kind())
                        || matches!(node.kind(), ASSOC_TYPE | CTOR | PROP | FIELD)
                }
            }
        };
        node.ancestors().find(wanted)
    }

    /// `pkg::mod::Type`: what it stands in, for people.
    pub fn container_path(self, db: &dyn Db) -> Option<String> {
        let path = match self {
            Definition::Item(ModuleDef::Builtin(_)) => return None,
            Definition::Item(def) => def_path(db, def),
            Definition::Field(field) => return Some(variant_path(db, field.parent)),
            Definition::GenericParam(_) | Definition::Local(..) => return None,
        };
        path.rsplit_once("::").map(|(around, _)| around.to_owned())
    }

    /// The documentation, as Markdown.
    pub fn docs(self, db: &dyn Db) -> Option<String> {
        use syntax::ast::HasDocComments;
        match self {
            Definition::Item(ModuleDef::Module(_)) => {
                let node = self.declaration(db)?;
                let file = syntax::ast::SourceFile::cast(node.clone());
                if let Some(text) = file.and_then(|file| file.inner_doc_text()) {
                    return Some(text);
                }
                syntax::ast::Module::cast(node)?.doc_text()
            }
            Definition::Item(ModuleDef::Variant(_)) => {
                syntax::ast::Variant::cast(self.declaration(db)?)?.doc_text()
            }
            Definition::Field(_) => {
                let node = self.declaration(db)?;
                match syntax::ast::Prop::cast(node.clone()) {
                    Some(prop) => prop.doc_text(),
                    None => syntax::ast::Field::cast(node)?.doc_text(),
                }
            }
            Definition::Item(def) => hir_def::item_tree::docs(db, def.item(db)?)
                .as_ref()
                .map(ToString::to_string),
            Definition::GenericParam(_) | Definition::Local(..) => None,
        }
    }

    /// Whether it is marked `@deprecated`.
    pub fn is_deprecated(self, db: &dyn Db) -> bool {
        match self {
            Definition::Item(def) => s::attrs(db, def).deprecated.is_some(),
            _ => false,
        }
    }
}

fn item_kind(db: &dyn Db, def: ModuleDef) -> DefKind {
    match def {
        ModuleDef::Module(_) => DefKind::Module,
        ModuleDef::Func(id) if s::func_signature(db, id).receiver.is_some() => DefKind::Method,
        ModuleDef::Func(_) => DefKind::Func,
        ModuleDef::Struct(_) => DefKind::Struct,
        ModuleDef::Enum(_) => DefKind::Enum,
        ModuleDef::Union(_) => DefKind::Union,
        ModuleDef::Variant(_) => DefKind::Variant,
        ModuleDef::Const(_) => DefKind::Const,
        ModuleDef::Static(_) => DefKind::Static,
        ModuleDef::TypeAlias(id) => match id.container(db) {
            ContainerId::Impl(_) | ContainerId::Behavior(_) => DefKind::AssocType,
            _ => DefKind::TypeAlias,
        },
        ModuleDef::Behavior(_) => DefKind::Behavior,
        ModuleDef::Class(_) => DefKind::Class,
        ModuleDef::Builtin(_) => DefKind::BuiltinType,
    }
}

/// A local by its id, if its body still has it.
pub fn local_of(db: &dyn Db, owner: BodyOwner, local: LocalId) -> Option<&Local> {
    body(db, owner).locals.get(local)
}

fn variant_path(db: &dyn Db, variant: VariantDef) -> String {
    let def = match variant {
        VariantDef::Struct(id) => ModuleDef::Struct(id),
        VariantDef::Union(id) => ModuleDef::Union(id),
        VariantDef::Variant(id) => ModuleDef::Variant(id),
        VariantDef::Class(id) => ModuleDef::Class(id),
    };
    def_path(db, def)
}

/// Positions of an item's declaration.
pub(crate) fn signature_map(db: &dyn Db, def: ModuleDef) -> Option<&SignatureSourceMap> {
    Some(match def {
        ModuleDef::Const(id) => &s::const_data_with_source_map(db, id).1,
        ModuleDef::Static(id) => &s::static_data_with_source_map(db, id).1,
        other => return generic_map(db, other.generic_def()?),
    })
}

pub(crate) fn generic_map(db: &dyn Db, def: GenericDef) -> Option<&SignatureSourceMap> {
    Some(match def {
        GenericDef::Func(id) => &s::func_signature_with_source_map(db, id).1,
        GenericDef::Struct(id) => &s::struct_data_with_source_map(db, id).1,
        GenericDef::Enum(id) => &s::enum_data_with_source_map(db, id).1,
        GenericDef::Union(id) => &s::union_data_with_source_map(db, id).1,
        GenericDef::TypeAlias(id) => &s::alias_data_with_source_map(db, id).1,
        GenericDef::Behavior(id) => &s::behavior_data_with_source_map(db, id).1,
        GenericDef::Impl(id) => &s::impl_data_with_source_map(db, id).1,
        GenericDef::Class(id) => &s::class_data_with_source_map(db, id).1,
    })
}

fn field_range(db: &dyn Db, field: FieldId) -> Option<TextRange> {
    let index = field.index as usize;
    match field.parent {
        VariantDef::Struct(id) => s::struct_data_with_source_map(db, id)
            .1
            .members
            .get(index)
            .copied(),
        VariantDef::Union(id) => s::union_data_with_source_map(db, id)
            .1
            .members
            .get(index)
            .copied(),
        VariantDef::Class(id) => {
            let map = &s::class_data_with_source_map(db, id).1;
            map.variant_fields.first()?.get(index).copied()
        }
        VariantDef::Variant(id) => {
            let map = &s::enum_data_with_source_map(db, id.parent).1;
            map.variant_fields
                .get(id.index as usize)?
                .get(index)
                .copied()
        }
    }
}

fn local_range(db: &dyn Db, owner: BodyOwner, local: LocalId) -> Option<TextRange> {
    let (body, map) = body_with_source_map(db, owner);
    let data = body.locals.get(local)?;
    let green = base::item_syntax(db, owner.item(db)).as_ref()?;
    let root = SyntaxNode::new_root(green.clone());
    match data.pat {
        Some(pat) => name_within(&root, map.pat_range(pat), &data.name),
        None => {
            let receiver = root
                .descendants()
                .find(|node| node.kind() == SyntaxKind::RECEIVER)?;
            name_within(&root, receiver.text_range(), "this")
        }
    }
}

/// The first token with this text in a range: the name of a binding pattern.
pub(crate) fn name_within(root: &SyntaxNode, range: TextRange, name: &str) -> Option<TextRange> {
    if !root.text_range().contains_range(range) {
        return None;
    }
    let mut token = root.token_at_offset(range.start()).right_biased()?;
    loop {
        if token.text_range().start() >= range.end() {
            return None;
        }
        if token.text() == name {
            return Some(token.text_range());
        }
        token = token.next_token()?;
    }
}

fn module_range(db: &dyn Db, module: ModuleId) -> Option<FileRange> {
    match module_data(db, module)?.origin {
        ModuleOrigin::File(file) => Some(FileRange {
            file,
            range: TextRange::default(),
        }),
        ModuleOrigin::Inline(file, ast_id) | ModuleOrigin::Class(file, ast_id) => {
            let range = base::item_range(db, ItemLoc::new(db, file, ast_id))?;
            let root = parse(db, file).syntax_node();
            let item = root.covering_element(range).into_node()?;
            let module = item
                .ancestors()
                .find(|node| matches!(node.kind(), SyntaxKind::MODULE | SyntaxKind::NAMESPACE))?;
            let name = module
                .children()
                .filter_map(syntax::ast::Name::cast)
                .last()?;
            Some(FileRange {
                file,
                range: name.syntax().text_range(),
            })
        }
        ModuleOrigin::Implied => None,
    }
}

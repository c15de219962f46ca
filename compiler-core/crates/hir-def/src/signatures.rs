//! Declarations without positions: what callers and users of an item may rely on (BARRIER 3).
//!
//! Each plain query has a twin `…_with_source_map` that keeps item-relative ranges. All are
//! lowered from the item's own syntax ([`base::outline_item_syntax`], [`base::item_syntax`]), so
//! nothing outside the item re-runs them.

pub(crate) mod classes;
pub(crate) mod lower;
pub mod queries;

pub use queries::*;

use base::Db;
use syntax::TextRange;

use crate::attrs::Attrs;
use crate::body::source_map::TypeSourceMap;
use crate::generics::GenericParams;
use crate::item_tree::RawVisibility;
use crate::{
    AssocItemId, BehaviorId, ClassId, ConstId, EnumId, FuncId, GenericDef, ImplId, Name, StaticId,
    StructId, TypeAliasId, TypeBound, TypeRefId, TypeStore, UnionId, VariantDef,
};

/// The declaration of a function.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct FuncSignature {
    pub name: Name,
    pub visibility: RawVisibility,
    pub types: TypeStore,
    pub generics: GenericParams,
    pub receiver: Option<Receiver>,
    /// Without the receiver.
    pub params: Box<[Param]>,
    /// `None` means Unit.
    pub ret: Option<TypeRefId>,
    pub flags: FuncFlags,
    pub attrs: Attrs,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Param {
    /// The name, for a plain or `mut` name; patterns have none.
    pub name: Option<Name>,
    pub ty: TypeRefId,
    pub has_default: bool,
}

/// How a method takes `this` (reference §4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Receiver {
    /// `this`
    Shared,
    /// `mut this`
    Exclusive,
    /// `this: This`; the flag is `mut`.
    Owned { mutable: bool },
    /// `ref this`, `this: ref This`
    Ref,
    /// `mut ref this`, `this: mut ref This`
    MutRef,
    /// `this: T`
    Typed(TypeRefId),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FuncFlags {
    pub is_const: bool,
    pub is_async: bool,
    /// `lowlevel func` or `@lowlevel`.
    pub is_lowlevel: bool,
    pub is_static: bool,
    pub is_varargs: bool,
    pub has_body: bool,
    /// `new(…) { … }` of a class, in either spelling: initialises the object it is given.
    pub is_ctor: bool,
    pub is_virtual: bool,
    pub is_override: bool,
    pub is_abstract: bool,
    pub is_sealed: bool,
    /// The setter of an interface's property without accessors: a class may leave it out.
    pub is_optional: bool,
}

impl FuncFlags {
    /// Whether calls look into the object's method table.
    pub fn is_dynamic(self) -> bool {
        self.is_virtual || self.is_override || self.is_abstract
    }
}

/// A class: its head, its own fields, and the list of its members.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ClassData {
    pub name: Name,
    pub visibility: RawVisibility,
    pub types: TypeStore,
    pub generics: GenericParams,
    pub base: Option<TypeRefId>,
    pub implements: Box<[TypeRefId]>,
    pub is_abstract: bool,
    pub is_sealed: bool,
    /// Whether types are declared in it.
    pub has_types: bool,
    /// Instance fields, and those behind properties without code.
    pub fields: Fields,
    /// Functions, accessors of properties (see [`getter_name`]), constants, types, static fields.
    pub items: Box<[(Name, AssocItemId)]>,
    pub ctors: Box<[FuncId]>,
    pub attrs: Attrs,
}

/// The name that the getter of a property has among the members of its class or interface.
pub fn getter_name(prop: &str) -> Name {
    smol_str::format_smolstr!("get {prop}")
}

/// The same for the setter.
pub fn setter_name(prop: &str) -> Name {
    smol_str::format_smolstr!("set {prop}")
}

/// Whether a member is the getter or the setter of a property.
pub fn is_accessor_name(name: &str) -> bool {
    name.starts_with("get ") || is_setter_name(name)
}

/// Whether a member is the setter of a property.
pub fn is_setter_name(name: &str) -> bool {
    name.starts_with("set ")
}

/// A struct or a union.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct StructData {
    pub name: Name,
    pub visibility: RawVisibility,
    pub types: TypeStore,
    pub generics: GenericParams,
    pub fields: Fields,
    pub attrs: Attrs,
}

/// Fields of a struct, union or variant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Fields {
    pub kind: FieldsKind,
    pub fields: Box<[FieldData]>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FieldsKind {
    #[default]
    Unit,
    Tuple,
    Record,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldData {
    /// The digits of its position for tuple fields.
    pub name: Name,
    pub ty: TypeRefId,
    /// Of struct fields. Those of unions and variants are as visible as their type.
    pub visibility: RawVisibility,
    pub has_default: bool,
    pub write: FieldWrite,
}

/// Who may assign to a field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum FieldWrite {
    /// Whoever sees it.
    #[default]
    Any,
    /// A property with `private set` and the like.
    Within(RawVisibility),
    /// A property with `get` alone: constructors of its class only.
    Constructors,
}

impl Fields {
    pub fn find(&self, name: &str) -> Option<u32> {
        self.fields
            .iter()
            .position(|field| field.name == name)
            .map(|index| index as u32)
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct EnumData {
    pub name: Name,
    pub visibility: RawVisibility,
    pub types: TypeStore,
    pub generics: GenericParams,
    pub variants: Box<[VariantData]>,
    /// `type E = A | B`
    pub is_sum: bool,
    pub attrs: Attrs,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct VariantData {
    pub name: Name,
    pub fields: Fields,
    /// Its body is the anonymous constant of the variant.
    pub has_discriminant: bool,
}

impl EnumData {
    pub fn find(&self, name: &str) -> Option<u32> {
        self.variants
            .iter()
            .position(|variant| variant.name == name)
            .map(|index| index as u32)
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ImplData {
    pub types: TypeStore,
    pub generics: GenericParams,
    /// `None` if it is broken.
    pub self_ty: Option<TypeRefId>,
    /// `impl B for T`; `extend T with A + B` has several.
    pub behaviors: Box<[TypeRefId]>,
    pub items: Box<[(Name, AssocItemId)]>,
    pub is_lowlevel: bool,
    pub attrs: Attrs,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct BehaviorData {
    pub name: Name,
    pub visibility: RawVisibility,
    pub types: TypeStore,
    pub generics: GenericParams,
    pub supers: Box<[TypeBound]>,
    pub items: Box<[(Name, AssocItemId)]>,
    /// An interface: a behavior of classes that is also a type. Its `supers` are what it extends.
    pub is_interface: bool,
    pub attrs: Attrs,
}

/// `type N[T] = …`, or an associated type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TypeAliasData {
    pub name: Name,
    pub visibility: RawVisibility,
    pub types: TypeStore,
    pub generics: GenericParams,
    pub bounds: Box<[TypeBound]>,
    pub ty: Option<TypeRefId>,
}

/// A constant or a static.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ConstData {
    pub name: Name,
    pub visibility: RawVisibility,
    pub types: TypeStore,
    /// `None` is T003 outside blocks.
    pub ty: Option<TypeRefId>,
    pub has_value: bool,
    /// Of statics: `static mut`, `var`, `let mut`.
    pub is_mutable: bool,
    pub attrs: Attrs,
}

/// Item-relative ranges of a signature. Lists run parallel to the data's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignatureSourceMap {
    /// The item's name, or its head for an `impl`.
    pub name: TextRange,
    pub types: TypeSourceMap,
    pub generics: Box<[TextRange]>,
    pub receiver: Option<TextRange>,
    /// Patterns of parameters.
    pub params: Box<[TextRange]>,
    /// Names of fields, or of variants.
    pub members: Box<[TextRange]>,
    /// Names of the fields of each variant.
    pub variant_fields: Box<[Box<[TextRange]>]>,
}

/// Attributes of any item; read with the signature, which contains them too.
pub fn attrs(db: &dyn Db, def: crate::ModuleDef) -> Attrs {
    use crate::ModuleDef;
    match def {
        ModuleDef::Func(id) => func_signature(db, id).attrs.clone(),
        ModuleDef::Struct(id) => struct_data(db, id).attrs.clone(),
        ModuleDef::Union(id) => union_data(db, id).attrs.clone(),
        ModuleDef::Enum(id) => enum_data(db, id).attrs.clone(),
        ModuleDef::Behavior(id) => behavior_data(db, id).attrs.clone(),
        ModuleDef::Const(id) => const_data(db, id).attrs.clone(),
        ModuleDef::Static(id) => static_data(db, id).attrs.clone(),
        ModuleDef::Class(id) => class_data(db, id).attrs.clone(),
        _ => Attrs::default(),
    }
}

/// The parameters that a definition declares itself.
///
/// Keyed by definition; read by path resolution in everything inside it. Re-runs with the
/// signature; equal when only its members or other parts changed.
#[salsa::tracked]
pub fn generic_params(db: &dyn Db, def: GenericDef) -> GenericParams {
    match def {
        GenericDef::Func(id) => func_signature(db, id).generics.clone(),
        GenericDef::Struct(id) => struct_data(db, id).generics.clone(),
        GenericDef::Enum(id) => enum_data(db, id).generics.clone(),
        GenericDef::Union(id) => union_data(db, id).generics.clone(),
        GenericDef::TypeAlias(id) => alias_data(db, id).generics.clone(),
        GenericDef::Behavior(id) => behavior_data(db, id).generics.clone(),
        GenericDef::Impl(id) => impl_data(db, id).generics.clone(),
        GenericDef::Class(id) => class_data(db, id).generics.clone(),
    }
}

/// The types that a definition's generic parameters and signature refer to.
pub fn types_of(db: &dyn Db, def: GenericDef) -> &TypeStore {
    match def {
        GenericDef::Func(id) => &func_signature(db, id).types,
        GenericDef::Struct(id) => &struct_data(db, id).types,
        GenericDef::Enum(id) => &enum_data(db, id).types,
        GenericDef::Union(id) => &union_data(db, id).types,
        GenericDef::TypeAlias(id) => &alias_data(db, id).types,
        GenericDef::Behavior(id) => &behavior_data(db, id).types,
        GenericDef::Impl(id) => &impl_data(db, id).types,
        GenericDef::Class(id) => &class_data(db, id).types,
    }
}

/// Fields of a struct, union or variant.
pub fn fields(db: &dyn Db, def: VariantDef) -> &Fields {
    match def {
        VariantDef::Struct(id) => &struct_data(db, id).fields,
        VariantDef::Union(id) => &union_data(db, id).fields,
        VariantDef::Class(id) => &class_data(db, id).fields,
        VariantDef::Variant(id) => {
            let variant = enum_data(db, id.parent).variants.get(id.index as usize);
            variant.map_or(&NO_FIELDS, |variant| &variant.fields)
        }
    }
}

static NO_FIELDS: std::sync::LazyLock<Fields> = std::sync::LazyLock::new(Default::default);

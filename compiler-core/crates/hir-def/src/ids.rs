//! Definition ids.
//!
//! Each id is interned from its container and the item's location, and so stays the same while
//! bodies and neighbours change (see [`base::ast_id`]). Ids carry no order on purpose: interner
//! numbers depend on what was asked first and must not leak into results.

use base::{FileId, ItemLoc, Package};
use smol_str::SmolStr;

use crate::BuiltinType;

/// A module: its package and its path from the root, `a::b`; the root's path is empty.
#[salsa::interned(unsafe(no_lifetime), revisions = usize::MAX, debug)]
pub struct ModuleId {
    #[returns(copy)]
    pub package: Package,
    pub path: SmolStr,
}

macro_rules! item_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[salsa::interned(unsafe(no_lifetime), revisions = usize::MAX, debug)]
        pub struct $name {
            #[returns(copy)]
            pub container: ContainerId,
            #[returns(copy)]
            pub item: ItemLoc,
        }

        impl $name {
            /// The file that declares it.
            pub fn file(self, db: &dyn base::Db) -> FileId {
                self.item(db).file(db)
            }

            /// The module that declares it, directly or through an `impl`, behavior or block.
            pub fn module(self, db: &dyn base::Db) -> ModuleId {
                self.container(db).module(db)
            }
        }
    )*};
}

/// A function: free, associated, or local to a block.
#[salsa::interned(unsafe(no_lifetime), revisions = usize::MAX, debug)]
pub struct FuncId {
    #[returns(copy)]
    pub container: ContainerId,
    #[returns(copy)]
    pub item: ItemLoc,
    /// Which function of the item.
    #[returns(copy)]
    pub part: FuncPart,
}

/// What part of an item a function is. All but accessors are whole items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FuncPart {
    Whole,
    /// `get` of a property.
    Getter,
    /// `set` of a property.
    Setter,
}

impl FuncId {
    /// The file that declares it.
    pub fn file(self, db: &dyn base::Db) -> FileId {
        self.item(db).file(db)
    }

    /// The module that declares it, directly or through an `impl`, behavior or block.
    pub fn module(self, db: &dyn base::Db) -> ModuleId {
        self.container(db).module(db)
    }
}

item_ids! {
    /// `type P { x: I32 }`, `type P(I32)`, `type P {}`.
    StructId;
    /// `enum E { … }`, `type E { A, B }`, `type E = A | B(I32)`.
    EnumId;
    UnionId;
    ConstId;
    /// `static`, and module-level `let` and `var`.
    StaticId;
    /// `type N = …`, also as an associated type of a behavior or an implementation.
    TypeAliasId;
    /// Behaviors and interfaces; an interface is a behavior that is also a type.
    BehaviorId;
    /// `impl` and `extend`.
    ImplId;
    ClassId;
}

/// What an item stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContainerId {
    Module(ModuleId),
    Impl(ImplId),
    Behavior(BehaviorId),
    Class(ClassId),
    /// An item inside a body.
    Block(BlockId),
}

impl ContainerId {
    /// The module around, through any number of bodies.
    pub fn module(self, db: &dyn base::Db) -> ModuleId {
        match self {
            ContainerId::Module(module) => module,
            ContainerId::Impl(id) => id.container(db).module(db),
            ContainerId::Behavior(id) => id.container(db).module(db),
            ContainerId::Class(id) => id.container(db).module(db),
            ContainerId::Block(id) => id.owner(db).module(db),
        }
    }
}

/// A block that declares items: `index` counts such blocks of the body in source order.
#[salsa::interned(unsafe(no_lifetime), revisions = usize::MAX, debug)]
pub struct BlockId {
    #[returns(copy)]
    pub owner: BodyOwner,
    #[returns(copy)]
    pub index: u32,
}

/// A constant expression of its own inside another item.
#[salsa::interned(unsafe(no_lifetime), revisions = usize::MAX, debug)]
pub struct AnonConstId {
    #[returns(copy)]
    pub kind: AnonConstKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AnonConstKind {
    /// The default value of a field.
    FieldDefault(FieldId),
    /// `A = 4` of an enum.
    Discriminant(VariantId),
    /// The default value of a parameter, by its position without the receiver.
    ParamDefault(FuncId, u32),
}

/// Something with a body: a key of [`crate::body::body`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, salsa::Supertype)]
pub enum BodyOwner {
    Func(FuncId),
    Const(ConstId),
    Static(StaticId),
    AnonConst(AnonConstId),
}

impl BodyOwner {
    /// The item whose syntax holds the body.
    pub fn item(self, db: &dyn base::Db) -> ItemLoc {
        match self {
            BodyOwner::Func(id) => id.item(db),
            BodyOwner::Const(id) => id.item(db),
            BodyOwner::Static(id) => id.item(db),
            BodyOwner::AnonConst(id) => match id.kind(db) {
                AnonConstKind::FieldDefault(field) => field.parent.item(db),
                AnonConstKind::Discriminant(variant) => variant.parent.item(db),
                AnonConstKind::ParamDefault(func, _) => func.item(db),
            },
        }
    }

    pub fn module(self, db: &dyn base::Db) -> ModuleId {
        self.container(db).module(db)
    }

    /// Where the item of the body stands.
    pub fn container(self, db: &dyn base::Db) -> ContainerId {
        match self {
            BodyOwner::Func(id) => id.container(db),
            BodyOwner::Const(id) => id.container(db),
            BodyOwner::Static(id) => id.container(db),
            BodyOwner::AnonConst(id) => match id.kind(db) {
                AnonConstKind::FieldDefault(field) => field.parent.container(db),
                AnonConstKind::Discriminant(variant) => variant.parent.container(db),
                AnonConstKind::ParamDefault(func, _) => func.container(db),
            },
        }
    }

    /// The definition whose generic parameters are in scope, if any.
    pub fn generic_def(self, db: &dyn base::Db) -> Option<GenericDef> {
        match self {
            BodyOwner::Func(id) => Some(GenericDef::Func(id)),
            BodyOwner::Const(_) | BodyOwner::Static(_) => match self.container(db) {
                ContainerId::Impl(id) => Some(GenericDef::Impl(id)),
                ContainerId::Behavior(id) => Some(GenericDef::Behavior(id)),
                ContainerId::Class(id) => Some(GenericDef::Class(id)),
                _ => None,
            },
            BodyOwner::AnonConst(id) => Some(match id.kind(db) {
                AnonConstKind::FieldDefault(field) => field.parent.generic_def(),
                AnonConstKind::Discriminant(variant) => GenericDef::Enum(variant.parent),
                AnonConstKind::ParamDefault(func, _) => GenericDef::Func(func),
            }),
        }
    }
}

/// A variant of an enum, by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VariantId {
    pub parent: EnumId,
    pub index: u32,
}

/// What has fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VariantDef {
    Struct(StructId),
    Union(UnionId),
    Variant(VariantId),
    /// The fields that a class declares itself.
    Class(ClassId),
}

impl VariantDef {
    pub fn item(self, db: &dyn base::Db) -> ItemLoc {
        match self {
            VariantDef::Struct(id) => id.item(db),
            VariantDef::Union(id) => id.item(db),
            VariantDef::Variant(id) => id.parent.item(db),
            VariantDef::Class(id) => id.item(db),
        }
    }

    pub fn container(self, db: &dyn base::Db) -> ContainerId {
        match self {
            VariantDef::Struct(id) => id.container(db),
            VariantDef::Union(id) => id.container(db),
            VariantDef::Variant(id) => id.parent.container(db),
            VariantDef::Class(id) => id.container(db),
        }
    }

    pub fn adt(self) -> AdtId {
        match self {
            VariantDef::Struct(id) => AdtId::Struct(id),
            VariantDef::Union(id) => AdtId::Union(id),
            VariantDef::Variant(id) => AdtId::Enum(id.parent),
            VariantDef::Class(id) => AdtId::Class(id),
        }
    }

    pub fn generic_def(self) -> GenericDef {
        self.adt().into()
    }
}

/// A field, by position; tuple fields too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FieldId {
    pub parent: VariantDef,
    pub index: u32,
}

/// A user-defined data type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, salsa::Supertype)]
pub enum AdtId {
    Struct(StructId),
    Enum(EnumId),
    Union(UnionId),
    /// A value is a reference to an object: its fields are behind it, not in it.
    Class(ClassId),
}

impl AdtId {
    pub fn item(self, db: &dyn base::Db) -> ItemLoc {
        match self {
            AdtId::Struct(id) => id.item(db),
            AdtId::Enum(id) => id.item(db),
            AdtId::Union(id) => id.item(db),
            AdtId::Class(id) => id.item(db),
        }
    }

    pub fn container(self, db: &dyn base::Db) -> ContainerId {
        match self {
            AdtId::Struct(id) => id.container(db),
            AdtId::Enum(id) => id.container(db),
            AdtId::Union(id) => id.container(db),
            AdtId::Class(id) => id.container(db),
        }
    }

    pub fn module(self, db: &dyn base::Db) -> ModuleId {
        self.container(db).module(db)
    }
}

/// A definition that may declare generic parameters, or see those of one around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, salsa::Supertype)]
pub enum GenericDef {
    Func(FuncId),
    Struct(StructId),
    Enum(EnumId),
    Union(UnionId),
    TypeAlias(TypeAliasId),
    Behavior(BehaviorId),
    Impl(ImplId),
    Class(ClassId),
}

impl GenericDef {
    pub fn item(self, db: &dyn base::Db) -> ItemLoc {
        match self {
            GenericDef::Func(id) => id.item(db),
            GenericDef::Struct(id) => id.item(db),
            GenericDef::Enum(id) => id.item(db),
            GenericDef::Union(id) => id.item(db),
            GenericDef::TypeAlias(id) => id.item(db),
            GenericDef::Behavior(id) => id.item(db),
            GenericDef::Impl(id) => id.item(db),
            GenericDef::Class(id) => id.item(db),
        }
    }

    pub fn container(self, db: &dyn base::Db) -> ContainerId {
        match self {
            GenericDef::Func(id) => id.container(db),
            GenericDef::Struct(id) => id.container(db),
            GenericDef::Enum(id) => id.container(db),
            GenericDef::Union(id) => id.container(db),
            GenericDef::TypeAlias(id) => id.container(db),
            GenericDef::Behavior(id) => id.container(db),
            GenericDef::Impl(id) => id.container(db),
            GenericDef::Class(id) => id.container(db),
        }
    }

    pub fn module(self, db: &dyn base::Db) -> ModuleId {
        self.container(db).module(db)
    }

    /// The `impl` or behavior around an associated item, whose parameters are in scope too.
    pub fn parent(self, db: &dyn base::Db) -> Option<GenericDef> {
        match self.container(db) {
            ContainerId::Impl(id) => Some(GenericDef::Impl(id)),
            ContainerId::Behavior(id) => Some(GenericDef::Behavior(id)),
            ContainerId::Class(id) => Some(GenericDef::Class(id)),
            ContainerId::Module(_) | ContainerId::Block(_) => None,
        }
    }
}

impl From<AdtId> for GenericDef {
    fn from(adt: AdtId) -> GenericDef {
        match adt {
            AdtId::Struct(id) => GenericDef::Struct(id),
            AdtId::Enum(id) => GenericDef::Enum(id),
            AdtId::Union(id) => GenericDef::Union(id),
            AdtId::Class(id) => GenericDef::Class(id),
        }
    }
}

/// A generic parameter: `index` counts the definition's own parameters of all kinds (types,
/// constants, lifetimes) in order, without those of its parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GenericParamId {
    pub def: GenericDef,
    pub index: u32,
}

/// A member of an `impl`, behavior or class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AssocItemId {
    Func(FuncId),
    Const(ConstId),
    Type(TypeAliasId),
    /// A static field of a class.
    Static(StaticId),
}

/// Everything that a path through modules can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ModuleDef {
    Module(ModuleId),
    Func(FuncId),
    Struct(StructId),
    Enum(EnumId),
    Union(UnionId),
    Variant(VariantId),
    Const(ConstId),
    Static(StaticId),
    TypeAlias(TypeAliasId),
    Behavior(BehaviorId),
    Class(ClassId),
    Builtin(BuiltinType),
}

impl ModuleDef {
    /// The declaring item; modules that are files, and builtins, have none.
    pub fn item(self, db: &dyn base::Db) -> Option<ItemLoc> {
        Some(match self {
            ModuleDef::Module(_) | ModuleDef::Builtin(_) => return None,
            ModuleDef::Func(id) => id.item(db),
            ModuleDef::Struct(id) => id.item(db),
            ModuleDef::Enum(id) => id.item(db),
            ModuleDef::Union(id) => id.item(db),
            ModuleDef::Variant(id) => id.parent.item(db),
            ModuleDef::Const(id) => id.item(db),
            ModuleDef::Static(id) => id.item(db),
            ModuleDef::TypeAlias(id) => id.item(db),
            ModuleDef::Behavior(id) => id.item(db),
            ModuleDef::Class(id) => id.item(db),
        })
    }

    /// Where it is declared; `None` for modules and builtins.
    pub fn container(self, db: &dyn base::Db) -> Option<ContainerId> {
        Some(match self {
            ModuleDef::Module(_) | ModuleDef::Builtin(_) => return None,
            ModuleDef::Func(id) => id.container(db),
            ModuleDef::Struct(id) => id.container(db),
            ModuleDef::Enum(id) => id.container(db),
            ModuleDef::Union(id) => id.container(db),
            ModuleDef::Variant(id) => id.parent.container(db),
            ModuleDef::Const(id) => id.container(db),
            ModuleDef::Static(id) => id.container(db),
            ModuleDef::TypeAlias(id) => id.container(db),
            ModuleDef::Behavior(id) => id.container(db),
            ModuleDef::Class(id) => id.container(db),
        })
    }

    pub fn generic_def(self) -> Option<GenericDef> {
        Some(match self {
            ModuleDef::Func(id) => GenericDef::Func(id),
            ModuleDef::Struct(id) => GenericDef::Struct(id),
            ModuleDef::Enum(id) => GenericDef::Enum(id),
            ModuleDef::Variant(id) => GenericDef::Enum(id.parent),
            ModuleDef::Union(id) => GenericDef::Union(id),
            ModuleDef::TypeAlias(id) => GenericDef::TypeAlias(id),
            ModuleDef::Behavior(id) => GenericDef::Behavior(id),
            ModuleDef::Class(id) => GenericDef::Class(id),
            ModuleDef::Module(_)
            | ModuleDef::Const(_)
            | ModuleDef::Static(_)
            | ModuleDef::Builtin(_) => return None,
        })
    }

    pub fn as_adt(self) -> Option<AdtId> {
        match self {
            ModuleDef::Struct(id) => Some(AdtId::Struct(id)),
            ModuleDef::Enum(id) => Some(AdtId::Enum(id)),
            ModuleDef::Union(id) => Some(AdtId::Union(id)),
            ModuleDef::Class(id) => Some(AdtId::Class(id)),
            _ => None,
        }
    }
}

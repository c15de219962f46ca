//! Names: what items a package has, what a path means, and the signatures and bodies of items
//! lowered from syntax into position-free data.
//!
//! This crate does not know types: it infers nothing, finds no methods, and leaves everything
//! behind a type (`List::new`, `T::Item`) to `hir-ty` as unconsumed path segments. It does not
//! know editors or absolute text positions either; source maps are relative to their item and
//! live in twin queries beside the plain ones.
//!
//! Start with [`ids`] (what a definition is), then [`item_tree`] → [`module_map`] → [`resolver`]
//! for names, [`signatures`] for declarations and [`body`] for what is between the braces.

pub mod attrs;
pub mod block_items;
pub mod block_names;
pub mod body;
pub mod builtin;

pub mod def_path;
pub mod diagnostics;
pub mod generics;
pub mod ids;
pub mod item_tree;
pub mod module_map;
pub mod path;
pub mod resolver;
pub mod signatures;
pub mod suggest;
mod type_lower;
pub mod type_ref;
pub mod visibility;

pub use builtin::BuiltinType;
pub use def_path::type_text;
pub use ids::{
    AdtId, AnonConstId, AnonConstKind, AssocItemId, BehaviorId, BlockId, BodyOwner, ClassId,
    ConstId, ContainerId, EnumId, FieldId, FuncId, FuncPart, GenericDef, GenericParamId, ImplId,
    ModuleDef, ModuleId, StaticId, StructId, TypeAliasId, UnionId, VariantDef, VariantId,
};
pub use path::{GenericArg, GenericArgs, Path, PathAnchor, PathSegment};
pub use type_ref::{ConstRef, TypeBound, TypeRef, TypeRefId, TypeStore};
pub use visibility::Visibility;

/// A name as written. Cheap to clone.
pub type Name = smol_str::SmolStr;

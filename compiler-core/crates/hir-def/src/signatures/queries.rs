//! The queries over signatures: each plain one and its twin.
//!
//! All are keyed by the item. BARRIER 3: the plain ones are read by everyone who uses the item.
//! They read the file's outline and re-run when the item's own part of it changes, which edits
//! of bodies, comments and white space never do. The twins (`…_with_source_map`) are for tools
//! and diagnostics only: they read the item's full text, change with every edit of it, and may
//! be evicted. Both are one lowering, so what they say is the same.

use base::Db;

use super::lower::Tree;
use super::*;

/// The declaration of a function.
#[salsa::tracked]
pub fn func_signature(db: &dyn Db, id: FuncId) -> FuncSignature {
    lower::func_signature(db, id, Tree::Outline).0
}

/// Twin of [`func_signature`].
#[salsa::tracked(lru = 512)]
pub fn func_signature_with_source_map(
    db: &dyn Db,
    id: FuncId,
) -> (FuncSignature, SignatureSourceMap) {
    lower::func_signature(db, id, Tree::Full)
}

/// The declaration of a struct.
#[salsa::tracked]
pub fn struct_data(db: &dyn Db, id: StructId) -> StructData {
    lower::struct_data(db, id, Tree::Outline).0
}

/// Twin of [`struct_data`].
#[salsa::tracked(lru = 512)]
pub fn struct_data_with_source_map(db: &dyn Db, id: StructId) -> (StructData, SignatureSourceMap) {
    lower::struct_data(db, id, Tree::Full)
}

/// The declaration of a union.
#[salsa::tracked]
pub fn union_data(db: &dyn Db, id: UnionId) -> StructData {
    lower::union_data(db, id, Tree::Outline).0
}

/// Twin of [`union_data`].
#[salsa::tracked(lru = 512)]
pub fn union_data_with_source_map(db: &dyn Db, id: UnionId) -> (StructData, SignatureSourceMap) {
    lower::union_data(db, id, Tree::Full)
}

/// The declaration of an enum.
#[salsa::tracked]
pub fn enum_data(db: &dyn Db, id: EnumId) -> EnumData {
    lower::enum_data(db, id, Tree::Outline).0
}

/// Twin of [`enum_data`].
#[salsa::tracked(lru = 512)]
pub fn enum_data_with_source_map(db: &dyn Db, id: EnumId) -> (EnumData, SignatureSourceMap) {
    lower::enum_data(db, id, Tree::Full)
}

/// The head of an implementation and the list of its members.
#[salsa::tracked]
pub fn impl_data(db: &dyn Db, id: ImplId) -> ImplData {
    lower::impl_data(db, id, Tree::Outline).0
}

/// Twin of [`impl_data`].
#[salsa::tracked(lru = 512)]
pub fn impl_data_with_source_map(db: &dyn Db, id: ImplId) -> (ImplData, SignatureSourceMap) {
    lower::impl_data(db, id, Tree::Full)
}

/// The head of a behavior and the list of its members.
#[salsa::tracked]
pub fn behavior_data(db: &dyn Db, id: BehaviorId) -> BehaviorData {
    lower::behavior_data(db, id, Tree::Outline).0
}

/// Twin of [`behavior_data`].
#[salsa::tracked(lru = 512)]
pub fn behavior_data_with_source_map(
    db: &dyn Db,
    id: BehaviorId,
) -> (BehaviorData, SignatureSourceMap) {
    lower::behavior_data(db, id, Tree::Full)
}

/// The head of a class, its fields and the list of its members.
#[salsa::tracked]
pub fn class_data(db: &dyn Db, id: ClassId) -> ClassData {
    classes::class_data(db, id, Tree::Outline).0
}

/// Twin of [`class_data`].
#[salsa::tracked(lru = 512)]
pub fn class_data_with_source_map(db: &dyn Db, id: ClassId) -> (ClassData, SignatureSourceMap) {
    classes::class_data(db, id, Tree::Full)
}

/// The declaration of an alias or associated type.
#[salsa::tracked]
pub fn alias_data(db: &dyn Db, id: TypeAliasId) -> TypeAliasData {
    lower::alias_data(db, id, Tree::Outline).0
}

/// Twin of [`alias_data`].
#[salsa::tracked(lru = 512)]
pub fn alias_data_with_source_map(
    db: &dyn Db,
    id: TypeAliasId,
) -> (TypeAliasData, SignatureSourceMap) {
    lower::alias_data(db, id, Tree::Full)
}

/// The declaration of a constant, without its value.
#[salsa::tracked]
pub fn const_data(db: &dyn Db, id: ConstId) -> ConstData {
    lower::const_data(db, id, Tree::Outline).0
}

/// Twin of [`const_data`].
#[salsa::tracked(lru = 512)]
pub fn const_data_with_source_map(db: &dyn Db, id: ConstId) -> (ConstData, SignatureSourceMap) {
    lower::const_data(db, id, Tree::Full)
}

/// The declaration of a static, without its value.
#[salsa::tracked]
pub fn static_data(db: &dyn Db, id: StaticId) -> ConstData {
    lower::static_data(db, id, Tree::Outline).0
}

/// Twin of [`static_data`].
#[salsa::tracked(lru = 512)]
pub fn static_data_with_source_map(db: &dyn Db, id: StaticId) -> (ConstData, SignatureSourceMap) {
    lower::static_data(db, id, Tree::Full)
}

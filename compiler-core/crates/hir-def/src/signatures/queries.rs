//! The queries over signatures: each plain one and its twin.
//!
//! All are keyed by the item. The plain ones are read by everyone who uses the item; they
//! re-run when the item's own text changes, and edits of bodies, comments and white space stop
//! there. The twins (`…_with_source_map`) are for tools and diagnostics only: they change with
//! every edit of the item and may be evicted.

use base::Db;

use super::*;

/// The declaration of a function.
#[salsa::tracked]
pub fn func_signature(db: &dyn Db, id: FuncId) -> FuncSignature {
    func_signature_with_source_map(db, id).0.clone()
}

/// Twin of [`func_signature`].
#[salsa::tracked(lru = 512)]
pub fn func_signature_with_source_map(
    db: &dyn Db,
    id: FuncId,
) -> (FuncSignature, SignatureSourceMap) {
    lower::func_signature(db, id)
}

/// The declaration of a struct.
#[salsa::tracked]
pub fn struct_data(db: &dyn Db, id: StructId) -> StructData {
    struct_data_with_source_map(db, id).0.clone()
}

/// Twin of [`struct_data`].
#[salsa::tracked(lru = 512)]
pub fn struct_data_with_source_map(db: &dyn Db, id: StructId) -> (StructData, SignatureSourceMap) {
    lower::struct_data(db, id)
}

/// The declaration of a union.
#[salsa::tracked]
pub fn union_data(db: &dyn Db, id: UnionId) -> StructData {
    union_data_with_source_map(db, id).0.clone()
}

/// Twin of [`union_data`].
#[salsa::tracked(lru = 512)]
pub fn union_data_with_source_map(db: &dyn Db, id: UnionId) -> (StructData, SignatureSourceMap) {
    lower::union_data(db, id)
}

/// The declaration of an enum.
#[salsa::tracked]
pub fn enum_data(db: &dyn Db, id: EnumId) -> EnumData {
    enum_data_with_source_map(db, id).0.clone()
}

/// Twin of [`enum_data`].
#[salsa::tracked(lru = 512)]
pub fn enum_data_with_source_map(db: &dyn Db, id: EnumId) -> (EnumData, SignatureSourceMap) {
    lower::enum_data(db, id)
}

/// The head of an implementation and the list of its members.
#[salsa::tracked]
pub fn impl_data(db: &dyn Db, id: ImplId) -> ImplData {
    impl_data_with_source_map(db, id).0.clone()
}

/// Twin of [`impl_data`].
#[salsa::tracked(lru = 512)]
pub fn impl_data_with_source_map(db: &dyn Db, id: ImplId) -> (ImplData, SignatureSourceMap) {
    lower::impl_data(db, id)
}

/// The head of a behavior and the list of its members.
#[salsa::tracked]
pub fn behavior_data(db: &dyn Db, id: BehaviorId) -> BehaviorData {
    behavior_data_with_source_map(db, id).0.clone()
}

/// Twin of [`behavior_data`].
#[salsa::tracked(lru = 512)]
pub fn behavior_data_with_source_map(
    db: &dyn Db,
    id: BehaviorId,
) -> (BehaviorData, SignatureSourceMap) {
    lower::behavior_data(db, id)
}

/// The declaration of an alias or associated type.
#[salsa::tracked]
pub fn alias_data(db: &dyn Db, id: TypeAliasId) -> TypeAliasData {
    alias_data_with_source_map(db, id).0.clone()
}

/// Twin of [`alias_data`].
#[salsa::tracked(lru = 512)]
pub fn alias_data_with_source_map(
    db: &dyn Db,
    id: TypeAliasId,
) -> (TypeAliasData, SignatureSourceMap) {
    lower::alias_data(db, id)
}

/// The declaration of a constant, without its value.
#[salsa::tracked]
pub fn const_data(db: &dyn Db, id: ConstId) -> ConstData {
    const_data_with_source_map(db, id).0.clone()
}

/// Twin of [`const_data`].
#[salsa::tracked(lru = 512)]
pub fn const_data_with_source_map(db: &dyn Db, id: ConstId) -> (ConstData, SignatureSourceMap) {
    lower::const_data(db, id)
}

/// The declaration of a static, without its value.
#[salsa::tracked]
pub fn static_data(db: &dyn Db, id: StaticId) -> ConstData {
    static_data_with_source_map(db, id).0.clone()
}

/// Twin of [`static_data`].
#[salsa::tracked(lru = 512)]
pub fn static_data_with_source_map(db: &dyn Db, id: StaticId) -> (ConstData, SignatureSourceMap) {
    lower::static_data(db, id)
}

//! Fields of `@repr(packed)` structs are not borrowed (reference §13.1).

use base::Db;
use hir_def::body::{Body, Expr, ExprId};
use hir_def::signatures as s;
use hir_def::{FieldId, VariantDef};
use rustc_hash::FxHashSet;

use super::diagnostics::InferDiagnostic;
use super::result::{FieldRes, InferenceResult};
use crate::layout::layout_of;

/// T089: explicit references to fields that are aligned above the packing. Receivers and the
/// like use copies, and `ref p.f as *T` makes no reference.
pub(super) fn packed_borrows(db: &dyn Db, body: &Body, result: &mut InferenceResult) {
    let mut addresses: FxHashSet<ExprId> = FxHashSet::default();
    let mut found = Vec::new();
    for (id, expr) in body.exprs.iter() {
        match expr {
            Expr::Cast { operand, .. } => {
                addresses.insert(*operand);
            }
            Expr::Ref { operand, .. } => {
                found.extend(packed_field(db, body, result, *operand).map(|field| (id, field)))
            }
            _ => {}
        }
    }
    found.retain(|(expr, _)| {
        let is_pointer = result
            .expr_tys
            .get(*expr)
            .is_some_and(|ty| ty.as_ref(db).is_none());
        !addresses.contains(expr) && !is_pointer
    });
    let found = found
        .into_iter()
        .map(|(expr, field)| InferDiagnostic::PackedBorrow { expr, field });
    result.diagnostics.extend(found);
}

/// The field that makes a place misaligned.
fn packed_field(
    db: &dyn Db,
    body: &Body,
    result: &InferenceResult,
    place: ExprId,
) -> Option<FieldId> {
    let ty = *result.expr_tys.get(place)?;
    if layout_of(db, ty)
        .as_ref()
        .is_ok_and(|layout| layout.align <= 1)
    {
        return None;
    }
    let mut place = place;
    // Places nest no deeper than expressions do.
    while let Expr::Field { base, .. } = &body[place] {
        if let Some(FieldRes::Field(field)) = result.fields.get(&place)
            && let VariantDef::Struct(id) = field.parent
            && s::struct_data(db, id).attrs.repr.packed
        {
            return Some(*field);
        }
        place = *base;
    }
    None
}

//! Whether an access to one place touches another.

use base::Db;
use hir_def::AdtId;
use hir_ty::TyKind;

use crate::data::*;
use crate::tys;

/// How far an access reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// The place itself, not what references in it lead to.
    Shallow,
    /// Everything that can be reached through it.
    Deep,
}

/// Whether an access meets a borrowed place. Both start from the same local.
pub(super) fn overlaps(
    db: &dyn Db,
    body: &Body,
    borrowed: &Place,
    accessed: &Place,
    depth: Depth,
) -> bool {
    let Some(decl) = body.locals.get(borrowed.local) else {
        return false;
    };
    let mut ty = decl.ty;
    for (loan, access) in borrowed.projection.iter().zip(&accessed.projection) {
        let differ = match (loan, access) {
            (Projection::Field(a, _), Projection::Field(b, _)) => {
                let is_union = matches!(ty.kind(db), TyKind::Adt(AdtId::Union(_), _));
                if a != b && is_union {
                    return true;
                }
                a != b
            }
            (Projection::Object(a, _), Projection::Object(b, _)) => a != b,
            (Projection::Downcast(a), Projection::Downcast(b)) => a != b,
            (
                Projection::ConstIndex {
                    index: a,
                    from_end: from_a,
                },
                Projection::ConstIndex {
                    index: b,
                    from_end: from_b,
                },
            ) => from_a != from_b || a != b,
            (Projection::Subslice { from, to }, Projection::ConstIndex { index, from_end })
            | (Projection::ConstIndex { index, from_end }, Projection::Subslice { from, to }) => {
                match from_end {
                    false => index < from,
                    true => index <= to,
                }
            }
            _ => false,
        };
        if differ {
            return false;
        }
        ty = tys::step_ty(db, ty, loan);
    }
    // The access is to a part of what is borrowed, or to more than that.
    let rest = borrowed.projection.iter().skip(accessed.projection.len());
    let mut behind = rest.filter(|step| matches!(step, Projection::Deref));
    depth == Depth::Deep || behind.next().is_none()
}

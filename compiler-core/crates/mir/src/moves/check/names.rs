//! Places as the source spells them.

use base::Db;
use hir_ty::TyKind;
use smol_str::SmolStr;

use super::Checker;
use crate::data::*;
use crate::tys;

impl Checker<'_> {
    pub(super) fn name(&self, place: &Place) -> SmolStr {
        place_name(self.db, self.body, place)
    }
}

/// `p.items[_]`; empty for temporaries, `value.0` for parts of them.
pub(crate) fn place_name(db: &dyn Db, body: &Body, place: &Place) -> SmolStr {
    let Some(decl) = body.locals.get(place.local) else {
        return SmolStr::default();
    };
    let mut ty = decl.ty;
    let mut text = match &decl.name {
        Some(name) => name.to_string(),
        None if place.projection.is_empty() => return SmolStr::default(),
        None => "value".to_owned(),
    };
    let mut variant = None;
    for step in &place.projection {
        match step {
            // Receivers and field access see through references.
            Projection::Deref => {}
            Projection::Field(index, _) if matches!(ty.kind(db), TyKind::Closure(..)) => {
                text = captured_name(db, body, *index).unwrap_or(text);
            }
            Projection::Downcast(index) => variant = Some(*index),
            Projection::Field(index, _) => {
                text.push('.');
                text.push_str(&field_name(db, ty, variant.take(), *index));
            }
            Projection::Object(index, _) => {
                text.push('.');
                text.push_str(&object_field_name(db, ty, *index));
            }
            Projection::Index(_) | Projection::ConstIndex { .. } | Projection::Subslice { .. } => {
                text.push_str("[_]");
            }
        }
        ty = tys::step_ty(db, ty, step);
    }
    text.into()
}

/// What a closure's body has in one of its captures.
fn captured_name(db: &dyn Db, body: &Body, index: u32) -> Option<String> {
    let infer = hir_ty::infer(db, body.owner);
    let closure = infer.closures.get(body.closure? as usize)?.as_ref()?;
    let capture = closure.captures.get(index as usize)?;
    let hir = hir_def::body::body(db, body.owner);
    let local = hir.locals.get(capture.local)?;
    let mut text = local.name.to_string();
    let mut ty = *infer.local_tys.get(capture.local)?;
    for step in &capture.steps {
        ty = match step {
            hir_ty::CaptureStep::Deref => ty.as_ref(db).map_or(ty, |(_, target)| target),
            hir_ty::CaptureStep::Field(index, field) => {
                text.push('.');
                text.push_str(&field_name(db, ty, None, *index));
                *field
            }
        };
    }
    Some(text)
}

fn object_field_name(db: &dyn Db, ty: hir_ty::Ty, flat: u32) -> String {
    let Some((class, args)) = hir_ty::classes::as_class(db, ty) else {
        return flat.to_string();
    };
    let all = hir_ty::classes::all_fields(db, class, args);
    match all.get(flat as usize) {
        Some((field, _)) => hir_ty::names::field_name(db, *field).to_string(),
        None => flat.to_string(),
    }
}

fn field_name(db: &dyn Db, ty: hir_ty::Ty, variant: Option<u32>, index: u32) -> String {
    let parent = match (ty.kind(db), variant) {
        (TyKind::Adt(hir_def::AdtId::Struct(id), _), _) => hir_def::VariantDef::Struct(*id),
        (TyKind::Adt(hir_def::AdtId::Union(id), _), _) => hir_def::VariantDef::Union(*id),
        (TyKind::Adt(hir_def::AdtId::Enum(parent), _), Some(index)) => {
            hir_def::VariantDef::Variant(hir_def::VariantId {
                parent: *parent,
                index,
            })
        }
        _ => return index.to_string(),
    };
    hir_ty::names::field_name(db, hir_def::FieldId { parent, index }).to_string()
}

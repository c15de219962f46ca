//! Parts of arrays and slices: `a[i to j]`.

use hir_def::AdtId;
use hir_def::VariantDef;
use hir_def::body::{Expr, ExprId};
use hir_ty::{GenericArg, GenericArgs, IndexRes, Ty, TyKind};

use super::Builder;
use crate::data::*;
use crate::tys;

impl Builder<'_> {
    /// Whether an expression is a part of a sequence: a reference, made by indexing.
    pub(super) fn is_part(&self, expr: ExprId) -> bool {
        matches!(
            self.infer.indexes.get(&expr),
            Some(IndexRes::Range { .. } | IndexRes::MethodRef(_))
        )
    }

    /// `a[i to j]`: a reference.
    pub(super) fn range_index(&mut self, expr: ExprId) -> Rvalue {
        let hir = self.hir;
        let ty = self.expr_ty(expr);
        let (Expr::Index { base, index } | Expr::PathOrIndex { base, index, .. }) = &hir[expr]
        else {
            self.unsupported("this expression");
            return Rvalue::Use(self.constant(ty, ConstKind::Unit));
        };
        let place = self.place(*base);
        match self.infer.indexes.get(&expr) {
            Some(IndexRes::MethodRef(callee)) => {
                let index = self.operand(*index);
                let target = ty.as_ref(self.db).map_or(ty, |(_, target)| target);
                let temp = self.place_reference(*callee, place, vec![index], target);
                Rvalue::Use(Operand::Move(temp.into()))
            }
            Some(IndexRes::Range { mutable }) => self.part(place, *index, *mutable, ty),
            _ => self.no_rvalue(expr),
        }
    }

    fn part(&mut self, place: Place, index: ExprId, mutable: bool, ty: Ty) -> Rvalue {
        let place = self.strip_refs(place);
        let len = Operand::Copy(self.temp(Ty::i64(self.db)).into());
        if let Some(len) = len.place() {
            self.assign(&len.clone(), Rvalue::Len(place.clone()));
        }
        let (start, end) = self.part_ends(index, &len);
        let package = self.body.owner.module(self.db).package(self.db);
        let lang = hir_ty::lang_items(self.db, package);
        let func = if mutable {
            lang.slice_part_mut
        } else {
            lang.slice_part
        };
        let Some(func) = func else {
            self.unsupported("slicing without `core`");
            return Rvalue::Use(Operand::Copy(self.temp(ty).into()));
        };
        let kind = if mutable {
            BorrowKind::Implicit
        } else {
            BorrowKind::Shared
        };
        let whole_ty = self.place_ty(&place);
        let element = tys::element_ty(self.db, whole_ty);
        let whole = Ty::reference(self.db, mutable, whole_ty);
        let mut slice = self.borrow(whole, kind, place);
        if matches!(whole_ty.kind(self.db), TyKind::Array(..)) {
            slice = self.value(ty, Rvalue::Cast(CastKind::Unsize, slice, ty));
        }
        let args = GenericArgs::from_iter(self.db, [GenericArg::Ty(element)]);
        let values = self.with_location(func, vec![slice, start, end]);
        Rvalue::Use(self.call_value(Callee::Func(func, args), values, ty))
    }

    /// First index and the one behind the last, as `I64`.
    fn part_ends(&mut self, index: ExprId, len: &Operand) -> (Operand, Operand) {
        let hir = self.hir;
        let i64_ty = Ty::i64(self.db);
        let (start, end, inclusive) = match &hir[index] {
            Expr::Range {
                start,
                end,
                inclusive,
            } if self.infer.adjustments(index).is_empty() => {
                let start = start.map(|start| {
                    let value = self.operand(start);
                    let value = self.hold(value, end.as_slice());
                    self.as_i64(value)
                });
                let end = end.map(|end| {
                    let value = self.operand(end);
                    self.as_i64(value)
                });
                (start, end, *inclusive)
            }
            _ => self.range_fields(index),
        };
        let start = start.unwrap_or_else(|| self.int(i64_ty, 0));
        let end = match end {
            Some(end) if inclusive => {
                let one = self.int(i64_ty, 1);
                self.value(i64_ty, Rvalue::Binary(BinaryOp::Add, end, one))
            }
            Some(end) => end,
            None => len.clone(),
        };
        (start, end)
    }

    /// The ends of a range at hand.
    fn range_fields(&mut self, index: ExprId) -> (Option<Operand>, Option<Operand>, bool) {
        let place = self.place(index);
        let place = self.strip_refs(place);
        let TyKind::Adt(adt @ AdtId::Struct(id), args) = *self.place_ty(&place).kind(self.db)
        else {
            self.unsupported("this index");
            return (None, None, false);
        };
        let variant = VariantDef::Struct(id);
        let types = tys::field_tys(self.db, variant, args);
        let fields = &hir_ty::fields_of(self.db, variant).fields;
        let mut field = |name: &str| {
            let index = fields.iter().position(|field| field.name == name)?;
            let ty = types.get(index).copied()?;
            let value = self.read(place.field(index as u32, ty));
            Some(self.as_i64(value))
        };
        let (start, end) = (field("start"), field("end"));
        let package = self.body.owner.module(self.db).package(self.db);
        let lang = hir_ty::lang_items(self.db, package);
        let inclusive = [lang.range_inclusive, lang.range_to_inclusive]
            .into_iter()
            .any(|id| id.map(AdtId::Struct) == Some(adt));
        (start, end, inclusive)
    }

    fn as_i64(&mut self, value: Operand) -> Operand {
        let i64_ty = Ty::i64(self.db);
        let ty = tys::operand_ty(self.db, &self.body, &value);
        if ty == i64_ty {
            return self.value(i64_ty, Rvalue::Use(value));
        }
        let cast = CastKind::As(hir_ty::CastKind::IntToInt);
        self.value(i64_ty, Rvalue::Cast(cast, value, i64_ty))
    }
}

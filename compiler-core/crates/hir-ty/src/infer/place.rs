//! Places: fields, dereferences, borrows, and who may assign.

use hir_def::body::{Expr, ExprId, LocalId, LocalKind};

use super::diagnostics::InferDiagnostic;
use super::result::{Adjust, Adjustment, BindMode, CallRes, FieldRes, IndexRes, PathRes};
use super::{Expectation, InferCtx};
use crate::signature::ReceiverForm;
use crate::table::VarKind;
use crate::ty::{Ty, TyKind};

impl InferCtx<'_> {
    pub(super) fn infer_field(
        &mut self,
        expr: ExprId,
        base: ExprId,
        name: &hir_def::Name,
        expected: Expectation,
    ) -> Ty {
        let db = self.db;
        let _ = expected;
        // `C.f` where `C` is a type is `C::f`.
        if let Some(ty) = self.type_receiver(base) {
            let segment = hir_def::PathSegment {
                name: name.clone(),
                args: None,
            };
            let scope = self.expr_scope(expr);
            let value = self.assoc_value(expr, scope, ty, &segment);
            return self.named_value(expr, value, expected);
        }
        let base_ty = self.infer_expr(base, Expectation::None);
        let base_ty = self.known(base_ty);
        if base_ty.is_error(db) || base_ty.is_never(db) {
            return self.error_ty();
        }
        if matches!(base_ty.kind(db), TyKind::Infer(_)) {
            let site = super::Site::Expr(base);
            if self.table.var_kind(base_ty) == Some(VarKind::General) {
                self.error(InferDiagnostic::CannotInfer { site, ty: base_ty });
                return self.error_ty();
            }
        }
        let field = self.find_field(base_ty, name);
        if field.is_none()
            && let Some(ty) = self.infer_property(expr, base, base_ty, name)
        {
            return ty;
        }
        match field {
            Some((field, ty, steps)) => {
                if let FieldRes::Field(id) = field
                    && !self.field_visible(id)
                {
                    self.error(InferDiagnostic::PrivateField { expr, field: id });
                }
                self.adjust(base, steps);
                self.result.fields.insert(expr, field);
                self.known(ty)
            }
            None => {
                let base = self.table.resolve(base_ty);
                if !base.has_error(db) {
                    let method = self.lookup_method(base_ty, name).is_some();
                    let nearest = self.nearest_field(base, name);
                    let name = name.clone();
                    self.error(InferDiagnostic::UnknownField {
                        expr,
                        base,
                        name,
                        nearest,
                        method,
                    });
                }
                self.error_ty()
            }
        }
    }

    fn nearest_field(&self, base: Ty, name: &str) -> Option<hir_def::Name> {
        let db = self.db;
        let variant = match base.strip_refs(db).as_adt(db)? {
            (hir_def::AdtId::Struct(id), _) => hir_def::VariantDef::Struct(id),
            (hir_def::AdtId::Union(id), _) => hir_def::VariantDef::Union(id),
            (hir_def::AdtId::Class(id), _) => hir_def::VariantDef::Class(id),
            _ => return None,
        };
        let fields = crate::signature::fields_of(db, variant);
        hir_def::suggest::nearest(name, fields.fields.iter().map(|f| f.name.as_str()))
    }

    pub(super) fn infer_deref(&mut self, expr: ExprId, operand: ExprId) -> Ty {
        let db = self.db;
        let found = self.infer_expr(operand, Expectation::None);
        let ty = self.known(found);
        match ty.kind(db) {
            TyKind::Ref { target, .. } => self.known(*target),
            TyKind::RawPtr(target) => self.known(*target),
            TyKind::Error => ty,
            _ => {
                if let Some(step) = self.deref_overloaded(ty)
                    && let Adjust::OverloadedDeref { callee, .. } = step.kind
                {
                    let order = None;
                    self.result
                        .calls
                        .insert(expr, CallRes::Func { callee, order });
                    return step.target;
                }
                let ty = self.table.resolve(ty);
                if !ty.has_error(db) {
                    self.error(InferDiagnostic::DerefNonPointer { expr, ty });
                }
                self.error_ty()
            }
        }
    }

    pub(super) fn infer_ref(
        &mut self,
        expr: ExprId,
        operand: ExprId,
        mutable: bool,
        address_of: bool,
        expected: Expectation,
    ) -> Ty {
        let db = self.db;
        let hint = match expected.ty().map(|ty| self.table.shallow(ty)) {
            Some(ty) => match ty.kind(db) {
                TyKind::Ref { target, .. } | TyKind::RawPtr(target) => {
                    let target = self.table.shallow(*target);
                    match target.kind(db) {
                        TyKind::Slice(_) if !matches!(self.body[operand], Expr::Array(_)) => {
                            Expectation::None
                        }
                        _ => Expectation::Has(target),
                    }
                }
                _ => Expectation::None,
            },
            None => Expectation::None,
        };
        let ty = self.infer_expr(operand, hint);
        let mut ty = self.known(ty);
        // C10 for what is borrowed: `ref [a, b]` where a reference to a list is wanted.
        if let Expectation::Has(target) = hint
            && let Some(steps) = self.list_literal(operand, ty, target, false)
        {
            self.adjust(operand, steps);
            ty = self.known(target);
        }
        if mutable && let Some(local) = self.immutable_root(operand) {
            self.error(InferDiagnostic::MutRefOfImmutable { expr, local });
        }
        // `mut ref a[i to j]` is the exclusive part; `ref a[i to j]` the part as it is.
        let part = match self.result.indexes.get(&operand) {
            Some(IndexRes::Range { .. } | IndexRes::MethodRef(_)) => ty.as_ref(db),
            _ => None,
        };
        if mutable {
            self.use_exclusively(operand);
        }
        if let Some((_, target)) = part {
            let part = Ty::reference(db, mutable, target);
            if mutable
                && let Some(IndexRes::Range { mutable }) = self.result.indexes.get_mut(&operand)
            {
                *mutable = true;
            }
            if let Some(slot) = self.result.expr_tys.get_mut(operand) {
                *slot = part;
            }
            return part;
        }
        if address_of && self.lowlevel > 0 {
            return Ty::raw_ptr(db, ty);
        }
        Ty::reference(db, mutable, ty)
    }

    /// Whether an expression names a place rather than making a value.
    pub(super) fn is_place(&self, expr: ExprId) -> bool {
        match &self.body[expr] {
            Expr::Local(_) => !self.result.narrowed.contains(&expr),
            Expr::Path(_) | Expr::Field { .. } if let Some(path) = self.result.paths.get(&expr) => {
                super::is_place_path(path)
            }
            Expr::Path(_) => false,
            Expr::Field { .. } if self.result.calls.contains_key(&expr) => false,
            Expr::Field { base, .. } => {
                self.is_place(*base) || self.goes_through_ref(*base) || self.is_object_field(expr)
            }
            Expr::Index { .. } | Expr::PathOrIndex { .. } => {
                self.result.indexes.get(&expr).is_some_and(|res| {
                    !matches!(res, IndexRes::Range { .. } | IndexRes::MethodRef(_))
                })
            }
            Expr::Unary {
                op: hir_def::body::UnaryOp::Deref,
                ..
            } => true,
            _ => false,
        }
    }

    /// Whether the field is one of an object: a place, whatever the object comes from.
    fn is_object_field(&self, expr: ExprId) -> bool {
        matches!(
            self.result.fields.get(&expr),
            Some(FieldRes::Field(hir_def::FieldId {
                parent: hir_def::VariantDef::Class(_),
                ..
            }))
        )
    }

    fn goes_through_ref(&self, expr: ExprId) -> bool {
        self.result
            .adjustments(expr)
            .iter()
            .any(|step| matches!(step.kind, Adjust::Deref | Adjust::OverloadedDeref { .. }))
    }

    /// How a match on a place binds by default: by reference behind references.
    pub(super) fn scrutinee_mode(&mut self, expr: ExprId) -> BindMode {
        let db = self.db;
        // The nearest reference on the way decides; a shared one anywhere makes it shared.
        let through = |steps: &[Adjustment], start: Ty| -> Option<bool> {
            let mut ty = start;
            let mut mode = None;
            for step in steps {
                if step.kind == Adjust::Deref
                    && let Some((mutable, _)) = ty.as_ref(db)
                {
                    mode = Some(mode.unwrap_or(true) && mutable);
                }
                if let Adjust::OverloadedDeref { mutable, .. } = step.kind {
                    mode = Some(mode.unwrap_or(true) && mutable);
                }
                ty = step.target;
            }
            mode
        };
        match &self.body[expr] {
            Expr::Local(local) if self.body.receiver == Some(*local) => {
                match self.receiver.map(|receiver| receiver.form) {
                    Some(ReceiverForm::Shared) => BindMode::Ref { mutable: false },
                    Some(ReceiverForm::Exclusive) => BindMode::Ref { mutable: true },
                    _ => BindMode::Value,
                }
            }
            Expr::Path(_) | Expr::Field { .. } if let Some(path) = self.result.paths.get(&expr) => {
                match path {
                    PathRes::Static(_) => BindMode::Ref { mutable: false },
                    _ => BindMode::Value,
                }
            }
            Expr::Unary {
                op: hir_def::body::UnaryOp::Deref,
                operand,
            } => {
                let ty = self
                    .result
                    .adjusted_ty(*operand)
                    .map(|ty| self.table.shallow(ty));
                match ty.and_then(|ty| ty.as_ref(db)) {
                    Some((mutable, _)) => BindMode::Ref { mutable },
                    None if self.result.calls.contains_key(&expr) => {
                        BindMode::Ref { mutable: false }
                    }
                    None => BindMode::Value,
                }
            }
            Expr::Index { .. } | Expr::PathOrIndex { .. }
                if matches!(self.result.indexes.get(&expr), Some(IndexRes::Method(_))) =>
            {
                BindMode::Ref { mutable: false }
            }
            Expr::Field { .. } if self.is_object_field(expr) => {
                // What is Copy is copied out of objects, the rest stays there.
                let ty = self.result.expr_ty(expr).unwrap_or_else(|| self.error_ty());
                match self.is_copy(ty) {
                    true => BindMode::Value,
                    false => BindMode::Ref { mutable: true },
                }
            }
            Expr::Field { base, .. } | Expr::Index { base, .. } => {
                let base = *base;
                let start = self.result.expr_ty(base).unwrap_or_else(|| self.error_ty());
                let start = self.table.shallow(start);
                let steps = self.result.adjustments(base).to_vec();
                match (through(&steps, start), self.scrutinee_mode(base)) {
                    (Some(mutable), _) => BindMode::Ref { mutable },
                    (None, mode) => mode,
                }
            }
            _ => BindMode::Value,
        }
    }

    /// The immutable local that a place belongs to, if it does not go through a reference.
    fn immutable_root(&self, place: ExprId) -> Option<LocalId> {
        match &self.body[place] {
            Expr::Local(local) => {
                let data = self.body.locals.get(*local)?;
                if data.mutable {
                    return None;
                }
                match data.kind {
                    LocalKind::Receiver => match self.receiver?.form {
                        // Assigning through plain `this` is B006, for the borrow checker.
                        ReceiverForm::Shared | ReceiverForm::Exclusive => None,
                        _ => Some(*local),
                    },
                    _ => Some(*local),
                }
            }
            Expr::Index { .. } | Expr::PathOrIndex { .. }
                if matches!(self.result.indexes.get(&place), Some(IndexRes::Method(_))) =>
            {
                // `IndexMut.index_mut` takes `mut this`, which needs no `mut` (§4.2).
                None
            }
            Expr::Field { .. } if self.result.paths.contains_key(&place) => None,
            Expr::Field { base, .. } | Expr::Index { base, .. } => {
                if self.goes_through_ref(*base) || self.is_object_field(place) {
                    return None;
                }
                self.immutable_root(*base)
            }
            Expr::PathOrIndex { base, .. } if !self.goes_through_ref(*base) => {
                self.immutable_root(*base)
            }
            _ => None,
        }
    }

    /// T013, and targets that are no places.
    pub(super) fn check_assignable(&mut self, expr: ExprId, target: ExprId) {
        match &self.body[target] {
            Expr::Missing | Expr::Unsupported(_) => return,
            Expr::Local(local) if self.late.contains(local) => return,
            Expr::Path(_) | Expr::PathOrIndex { .. } | Expr::Field { .. } => {
                match self.result.paths.get(&target) {
                    Some(PathRes::Static(id)) => {
                        let data = hir_def::signatures::static_data(self.db, *id);
                        if !data.is_mutable {
                            let local = None;
                            self.error(InferDiagnostic::AssignImmutable {
                                expr,
                                target,
                                local,
                            });
                        }
                        return;
                    }
                    Some(_) => {
                        self.error(InferDiagnostic::AssignTarget { expr, target });
                        return;
                    }
                    None => {}
                }
            }
            _ => {}
        }
        if let Some(FieldRes::Field(field)) = self.result.fields.get(&target) {
            let field = *field;
            self.check_field_write(target, field);
        }
        // `p = v` writes through a parameter of type `mut ref T`.
        if let Expr::Local(_) = &self.body[target] {
            let ty = self
                .result
                .expr_ty(target)
                .unwrap_or_else(|| self.error_ty());
            if matches!(self.table.shallow(ty).as_ref(self.db), Some((true, _))) {
                return;
            }
        }
        if let Some(local) = self.immutable_root(target) {
            let local = Some(local);
            self.error(InferDiagnostic::AssignImmutable {
                expr,
                target,
                local,
            });
        }
    }
}

//! Coercions (reference §3.6).

mod borrows;
mod objects;

use hir_def::body::{Expr, ExprId};

use super::diagnostics::{Expected, InferDiagnostic, Site};
use super::result::{Adjust, Adjustment};
use super::{Deferred, Expectation, InferCtx};
use crate::table::UnifyError;
use crate::ty::{Ty, TyKind};

/// References are looked through so often; guessed, real ones nest twice.
pub(super) const AUTODEREF_MAX: u32 = 16;

impl InferCtx<'_> {
    /// Infers an expression and makes it fit a type.
    pub(super) fn check(&mut self, expr: ExprId, ty: Ty, why: Expected) -> Ty {
        let found = self.infer_expr(expr, Expectation::Has(ty));
        self.coerce_expr(expr, found, ty, why, false);
        ty
    }

    /// The same for an argument, which may be borrowed automatically.
    pub(super) fn check_arg(&mut self, expr: ExprId, ty: Ty, why: Expected) {
        // Through `ref T`, a literal still sees `T`.
        let hint = match self.table.shallow(ty).as_ref(self.db) {
            Some((_, target)) if !matches!(self.body[expr], Expr::Ref { .. }) => {
                match self.table.shallow(target).kind(self.db) {
                    TyKind::Slice(_) => Expectation::None,
                    _ if is_literal_like(&self.body[expr]) => Expectation::Has(target),
                    _ => Expectation::Has(ty),
                }
            }
            _ => Expectation::Has(ty),
        };
        // C3m: `ref p` where an exclusive reference is wanted.
        let wanted = self.table.shallow(ty).as_ref(self.db);
        if let (
            Expr::Ref {
                operand,
                mutable: false,
                ..
            },
            Some((true, _)),
        ) = (&self.body[expr], wanted)
        {
            let operand = *operand;
            let found = self.infer_expr(expr, hint);
            let found = self.table.shallow(found);
            if let Some((false, target)) = found.as_ref(self.db)
                && self.is_place(operand)
            {
                let exclusive = Ty::reference(self.db, true, target);
                if self.coerce(exclusive, ty, true).is_ok() {
                    self.use_exclusively(operand);
                    if let Some(slot) = self.result.expr_tys.get_mut(expr) {
                        *slot = exclusive;
                    }
                    self.deferred.push(Deferred::AutoBorrow { expr });
                    self.coerce_expr(expr, exclusive, ty, why, true);
                    return;
                }
            }
            self.coerce_expr(expr, found, ty, why, true);
            return;
        }
        let found = self.infer_expr(expr, hint);
        self.coerce_expr(expr, found, ty, why, true);
    }

    /// Makes an inferred expression fit a type, or reports that it does not.
    pub(super) fn coerce_expr(
        &mut self,
        expr: ExprId,
        found: Ty,
        to: Ty,
        why: Expected,
        is_arg: bool,
    ) -> bool {
        if let Some(steps) = self.list_literal(expr, found, to, is_arg) {
            self.adjust(expr, steps);
            return true;
        }
        match self.coerce(found, to, is_arg) {
            Ok(steps) => {
                if let [
                    Adjustment {
                        kind: Adjust::Borrow { mutable: true },
                        ..
                    },
                    ..,
                ] = &*steps
                {
                    self.deferred.push(Deferred::AutoBorrow { expr });
                }
                if let Some(Adjustment {
                    kind: Adjust::Deref,
                    target,
                }) = steps.last()
                {
                    let target = *target;
                    self.imply_copy(expr, target);
                }
                self.adjust(expr, steps);
                true
            }
            Err(_) if self.widens_block_on(expr, found, to) => {
                let target = self.table.shallow(to);
                let kind = Adjust::IntCast;
                self.adjust(expr, vec![Adjustment { kind, target }]);
                true
            }
            Err(error) => {
                self.report_mismatch(expr, found, to, why, error);
                false
            }
        }
    }

    /// What `block_on` yields goes into a wider integer of its kind (reference §3.2(3c)).
    fn widens_block_on(&mut self, expr: ExprId, found: Ty, to: Ty) -> bool {
        let db = self.db;
        let (from, to) = (self.table.shallow(found), self.table.shallow(to));
        let (Some(from), Some(to)) = (from.as_int(db), to.as_int(db)) else {
            return false;
        };
        let is_block_on = match self.result.calls.get(&expr) {
            Some(super::result::CallRes::Func { callee, .. }) => {
                Some(callee.func) == self.lang.block_on
            }
            _ => false,
        };
        is_block_on && from.is_signed() == to.is_signed() && from.bits() < to.bits()
    }

    /// C10: an array literal where a list is wanted, or, as an argument, a reference to one.
    pub(super) fn list_literal(
        &mut self,
        expr: ExprId,
        found: Ty,
        to: Ty,
        is_arg: bool,
    ) -> Option<Vec<Adjustment>> {
        let db = self.db;
        if !matches!(self.body[expr], Expr::Array(_) | Expr::Repeat { .. }) {
            return None;
        }
        let (list, func) = (self.lang.list?, self.lang.list_from_array?);
        let to = self.table.shallow(to);
        let (borrow, target) = match to.as_ref(db) {
            Some((mutable, target)) if is_arg => (Some(mutable), self.table.shallow(target)),
            _ => (None, to),
        };
        let (adt, args) = target.as_adt(db)?;
        let found = self.table.shallow(found);
        let TyKind::Array(element, len) = *found.kind(db) else {
            return None;
        };
        let snapshot = self.table.snapshot();
        if adt != list || self.table.unify(element, args.ty(db, 0)).is_err() {
            self.table.rollback(snapshot);
            return None;
        }
        self.table.commit(snapshot);
        let generic = [
            crate::ty::GenericArg::Ty(element),
            crate::ty::GenericArg::Const(len),
        ];
        let args = crate::ty::GenericArgs::from_iter(db, generic);
        let mut steps = vec![Adjustment {
            kind: Adjust::FromArray(super::result::Callee { func, args }),
            target,
        }];
        if let Some(mutable) = borrow {
            let kind = Adjust::Borrow { mutable };
            steps.push(Adjustment { kind, target: to });
        }
        Some(steps)
    }

    /// Notes that a parameter without bounds is copied.
    fn imply_copy(&mut self, expr: ExprId, ty: Ty) {
        let is_param = matches!(ty.kind(self.db), TyKind::Param(_));
        if let Some(copy) = self.lang.copy
            && is_param
            && !self.is_copy(ty)
        {
            self.result.implied.push((ty, copy, expr));
        }
    }

    fn report_mismatch(
        &mut self,
        expr: ExprId,
        found: Ty,
        to: Ty,
        why: Expected,
        error: UnifyError,
    ) {
        let (found, expected) = (self.table.resolve(found), self.table.resolve(to));
        if found.has_error(self.db) || expected.has_error(self.db) {
            return;
        }
        let site = Site::Expr(self.blame(expr));
        if error == UnifyError::Cyclic {
            self.error(InferDiagnostic::CyclicType { site });
            return;
        }
        // T007: the payload is wanted and its carrier given.
        if let Some((adt, args)) = found.as_adt(self.db)
            && (self.lang.is_maybe(adt) || self.lang.is_outcome(adt))
        {
            let payload = args.ty(self.db, 0);
            let snapshot = self.table.snapshot();
            let fits = self.table.unify(payload, expected).is_ok();
            self.table.rollback(snapshot);
            if fits && self.table.var_kind(payload) != Some(crate::table::VarKind::General) {
                let expr = self.blame(expr);
                self.error(InferDiagnostic::PayloadExpected {
                    expr,
                    expected,
                    found,
                });
                return;
            }
        }
        // C6: the behavior is what is missing.
        if let TyKind::Dyn(object) = expected.kind(self.db)
            && self.table.var_kind(found) != Some(crate::table::VarKind::General)
        {
            let kind = self.table.var_kind(found);
            let default = kind.and_then(|kind| self.table.default_of(kind));
            let subject = default.unwrap_or(found);
            let head = crate::object::object_head(self.db, object, subject);
            if object.bindings.is_empty() && !self.may_hold(head) {
                self.error(InferDiagnostic::Bound {
                    site,
                    ty: subject,
                    behavior: head.behavior,
                    args: head.args,
                    required_by: None,
                });
                return;
            }
        }
        // `swap` and the like through a view.
        if let (Some((_, object)), Some((_, wanted))) =
            (found.as_ref(self.db), expected.as_ref(self.db))
            && matches!(object.kind(self.db), TyKind::Object(_))
            && matches!(wanted.kind(self.db), TyKind::Infer(_))
        {
            self.error(InferDiagnostic::Unsized { site, ty: object });
            return;
        }
        let is_result =
            matches!(why, Expected::Return | Expected::Branch(_)) && self.is_own_opaque(expected);
        if is_result {
            self.error(InferDiagnostic::HiddenDiffers {
                site,
                expected,
                found,
            });
            return;
        }
        let why = if why == Expected::Return && self.ret_is_unit {
            Expected::ReturnUnit
        } else {
            why
        };
        self.error(InferDiagnostic::Mismatch {
            site,
            expected,
            found,
            why,
        });
    }

    /// Whether a type is what one of the function's `impl B` has turned out to be.
    fn is_own_opaque(&mut self, ty: Ty) -> bool {
        let opaques = self.result.opaques.clone();
        opaques
            .iter()
            .any(|opaque| self.table.resolve(*opaque) == ty)
    }

    /// The expression that a reader would point at: the tail of a block.
    fn blame(&self, expr: ExprId) -> ExprId {
        let mut expr = expr;
        while let Expr::Block {
            tail: Some(tail), ..
        } = &self.body[expr]
        {
            expr = *tail;
        }
        expr
    }

    /// The steps from one type to another. Nothing is unified on failure.
    pub(super) fn coerce(
        &mut self,
        from: Ty,
        to: Ty,
        is_arg: bool,
    ) -> Result<Vec<Adjustment>, UnifyError> {
        // Whether an argument is borrowed depends on what it is: open goals may know.
        let from = match self.table.shallow(to).kind(self.db) {
            TyKind::Ref { .. } if is_arg => self.known(from),
            _ => from,
        };
        let snapshot = self.table.snapshot();
        let pending = self.pending.len();
        match self.coerce_inner(from, to, is_arg) {
            Ok(steps) => {
                self.table.commit(snapshot);
                Ok(steps)
            }
            Err(error) => {
                // Goals about variables that are gone now.
                self.pending.truncate(pending);
                self.table.rollback(snapshot);
                Err(error)
            }
        }
    }

    fn coerce_inner(
        &mut self,
        from: Ty,
        to: Ty,
        is_arg: bool,
    ) -> Result<Vec<Adjustment>, UnifyError> {
        let db = self.db;
        let (from, to) = (self.table.shallow(from), self.table.shallow(to));
        let one = |kind, target| Ok(vec![Adjustment { kind, target }]);
        match (from.kind(db), to.kind(db)) {
            (TyKind::Error, _) | (_, TyKind::Error) => {
                self.table.unify(from, to)?;
                return Ok(Vec::new());
            }
            (TyKind::Never, TyKind::Never) => return Ok(Vec::new()),
            (TyKind::Never, _) => return one(Adjust::NeverToAny, to),
            (TyKind::FnItem(..) | TyKind::Ctor(..), TyKind::Infer(_) | TyKind::Func { .. }) => {
                let func = self.func_value_ty(from);
                self.table.unify(func, to)?;
                return one(Adjust::ReifyFunc, func);
            }
            (TyKind::Closure(..), TyKind::Func { .. }) => {
                let func = self.func_value_ty(from);
                self.table.unify(func, to)?;
                return one(Adjust::ReifyFunc, func);
            }
            (_, TyKind::Dyn(object)) if !from.has_error(db) => {
                let object = object.clone();
                return self.coerce_to_dyn(from, to, &object);
            }
            (TyKind::Opaque(func, index, args), _)
                if !matches!(to.kind(db), TyKind::Infer(_) | TyKind::Opaque(..))
                    && !(is_arg && matches!(to.kind(db), TyKind::Ref { .. })) =>
            {
                let hidden = super::hidden::hidden_type(db, *func, *index);
                let Some(hidden) = hidden else {
                    return Err(UnifyError::Mismatch);
                };
                let hidden = self.instantiate(hidden, *args);
                self.table.unify(hidden, to)?;
                return one(Adjust::Reveal, to);
            }
            (TyKind::Infer(_), TyKind::Ref { mutable, target })
                if is_arg && self.table.var_kind(from).is_some_and(is_number) =>
            {
                // A literal for `ref I64`.
                self.table.unify(from, *target)?;
                return one(Adjust::Borrow { mutable: *mutable }, to);
            }
            (TyKind::Infer(_), TyKind::Ref { mutable, target })
                if is_arg
                    && !mutable
                    && matches!(self.table.shallow(*target).kind(db), TyKind::Infer(_)) =>
            {
                // Neither is known: a value for `ref T`, as nearly always.
                self.table.unify(from, *target)?;
                return one(Adjust::Borrow { mutable: false }, to);
            }
            (TyKind::Infer(_), TyKind::Ref { mutable, target })
                if is_arg && !mutable && self.bounds_want_value(from, to, *target) =>
            {
                self.table.unify(from, *target)?;
                return one(Adjust::Borrow { mutable: false }, to);
            }
            (TyKind::Infer(_), _) | (_, TyKind::Infer(_)) => {
                // A number variable may be met by a reference to a number: C4.
                if let (TyKind::Ref { .. }, Some(kind)) = (from.kind(db), self.table.var_kind(to))
                    && is_number(kind)
                {
                    return self.copy_out(from, to);
                }
                self.table.unify(from, to)?;
                return Ok(Vec::new());
            }
            (
                TyKind::Ref {
                    mutable: from_mut,
                    target: from_target,
                },
                TyKind::Ref {
                    mutable: to_mut,
                    target: to_target,
                },
            ) => {
                if let Some(steps) =
                    self.coerce_ref(*from_mut, *from_target, *to_mut, *to_target, to)?
                {
                    return Ok(steps);
                }
                // A type parameter never becomes the object behind a view.
                let is_object =
                    matches!(self.table.shallow(*from_target).kind(db), TyKind::Object(_));
                if is_object && self.table.var_kind(*to_target).is_some() {
                    return Err(UnifyError::Mismatch);
                }
                // `ref ref T` where `ref T` is wanted.
                if let Ok(steps) = self.copy_out(from, to) {
                    return Ok(steps);
                }
                if is_arg {
                    return self.auto_borrow(from, to);
                }
                return Err(UnifyError::Mismatch);
            }
            (TyKind::Ref { .. }, _) => return self.copy_out(from, to),
            (_, TyKind::Ref { .. }) if is_arg => return self.auto_borrow(from, to),
            _ => {}
        }
        if crate::classes::is_object(db, from)
            && crate::classes::is_object(db, to)
            && let Ok(steps) = self.upcast(from, to)
        {
            return Ok(steps);
        }
        self.table.unify(from, to)?;
        Ok(Vec::new())
    }

    /// `Ok(None)` if the references have nothing to do with each other.
    fn coerce_ref(
        &mut self,
        from_mut: bool,
        from_target: Ty,
        to_mut: bool,
        to_target: Ty,
        to: Ty,
    ) -> Result<Option<Vec<Adjustment>>, UnifyError> {
        if to_mut && !from_mut {
            return Ok(None);
        }
        let db = self.db;
        let (a, b) = (
            self.table.shallow(from_target),
            self.table.shallow(to_target),
        );
        // C2, and the same for exclusive ones so that they are not used up.
        let reborrow = |target: Ty| {
            vec![
                Adjustment {
                    kind: Adjust::Deref,
                    target,
                },
                Adjustment {
                    kind: Adjust::Borrow { mutable: to_mut },
                    target: Ty::reference(db, to_mut, target),
                },
            ]
        };
        if let TyKind::Object(object) = b.kind(db) {
            let object = object.clone();
            if let Some(steps) = self.coerce_to_view(a, (from_mut, to_mut), &object, to) {
                return Ok(Some(steps));
            }
        }
        // C5
        if let (TyKind::Array(element, _), TyKind::Slice(wanted)) = (a.kind(db), b.kind(db)) {
            self.table.unify(*element, *wanted)?;
            let mut steps = if from_mut { reborrow(a) } else { Vec::new() };
            steps.push(Adjustment {
                kind: Adjust::Unsize,
                target: to,
            });
            return Ok(Some(steps));
        }
        let snapshot = self.table.snapshot();
        if self.table.unify(a, b).is_ok() {
            self.table.commit(snapshot);
            return Ok(Some(if from_mut { reborrow(a) } else { Vec::new() }));
        }
        self.table.rollback(snapshot);
        if let Some(steps) = self.coerce_deref(a, b, to_mut) {
            return Ok(Some(steps));
        }
        // `mut ref ref T` and the like go on by copying out.
        Ok(None)
    }

    /// C5 through `Deref`: from a place of type `from`, behind a reference, to a reference to
    /// what it leads to.
    fn coerce_deref(&mut self, from: Ty, wanted: Ty, mutable: bool) -> Option<Vec<Adjustment>> {
        let kind = Adjust::Deref;
        let mut steps = vec![Adjustment { kind, target: from }];
        steps.extend(self.deref_to(from, wanted, mutable)?);
        Some(steps)
    }

    /// The steps from a place to a reference to what it leads to by `Deref`.
    fn deref_to(&mut self, from: Ty, wanted: Ty, mutable: bool) -> Option<Vec<Adjustment>> {
        let db = self.db;
        if matches!(wanted.kind(db), TyKind::Infer(_)) {
            return None;
        }
        let mut ty = from;
        let mut steps = Vec::new();
        for _ in 0..AUTODEREF_MAX {
            let step = match steps.is_empty() {
                true => self.deref_overloaded(ty)?,
                false => self.deref_step(ty)?,
            };
            ty = step.target;
            steps.push(step);
            let snapshot = self.table.snapshot();
            if self.table.unify(ty, wanted).is_ok() {
                self.table.commit(snapshot);
                let target = Ty::reference(db, mutable, ty);
                let kind = Adjust::Borrow { mutable };
                steps.push(Adjustment { kind, target });
                return Some(steps);
            }
            self.table.rollback(snapshot);
        }
        None
    }

    /// C4: through references to a Copy value.
    fn copy_out(&mut self, from: Ty, to: Ty) -> Result<Vec<Adjustment>, UnifyError> {
        let mut ty = from;
        let mut steps = Vec::new();
        for _ in 0..AUTODEREF_MAX {
            let Some((_, target)) = self.table.shallow(ty).as_ref(self.db) else {
                break;
            };
            let target = self.table.shallow(target);
            steps.push(Adjustment {
                kind: Adjust::Deref,
                target,
            });
            ty = target;
            let snapshot = self.table.snapshot();
            if self.table.unify(target, to).is_ok() {
                self.table.commit(snapshot);
                // Of a parameter without bounds, copying out implies `Copy` (§3.4).
                let is_param = matches!(target.kind(self.db), TyKind::Param(_));
                if self.is_copy(target) || (is_param && self.may_imply(target)) {
                    return Ok(steps);
                }
                return Err(UnifyError::Mismatch);
            }
            self.table.rollback(snapshot);
            if let Ok(more) = self.upcast(target, to) {
                steps.extend(more);
                return Ok(steps);
            }
        }
        Err(UnifyError::Mismatch)
    }

    /// C3, C3m.
    fn auto_borrow(&mut self, from: Ty, to: Ty) -> Result<Vec<Adjustment>, UnifyError> {
        let db = self.db;
        let Some((mutable, wanted)) = to.as_ref(db) else {
            return Err(UnifyError::Mismatch);
        };
        let (from, wanted) = (self.table.shallow(from), self.table.shallow(wanted));
        let target = Ty::reference(db, mutable, from);
        let mut steps = vec![Adjustment {
            kind: Adjust::Borrow { mutable },
            target,
        }];
        if let (TyKind::Array(element, _), TyKind::Slice(item)) = (from.kind(db), wanted.kind(db)) {
            self.table.unify(*element, *item)?;
            steps.push(Adjustment {
                kind: Adjust::Unsize,
                target: to,
            });
            return Ok(steps);
        }
        if let TyKind::Object(object) = wanted.kind(db) {
            let object = object.clone();
            if self.implements_object(from, &object) {
                steps.push(Adjustment {
                    kind: Adjust::Unsize,
                    target: to,
                });
                return Ok(steps);
            }
        }
        let snapshot = self.table.snapshot();
        if let Err(error) = self.table.unify(from, wanted) {
            self.table.rollback(snapshot);
            return self.deref_to(from, wanted, mutable).ok_or(error);
        }
        self.table.commit(snapshot);
        Ok(steps)
    }

    /// The `func` type of a function item or constructor.
    pub(super) fn func_value_ty(&mut self, ty: Ty) -> Ty {
        let db = self.db;
        match ty.kind(db) {
            TyKind::FnItem(func, args) => {
                let sig = crate::signature::fn_type(db, *func);
                let params: Vec<Ty> = sig.all_params(db).collect();
                let params: Vec<Ty> = params
                    .into_iter()
                    .map(|ty| self.instantiate(ty, *args))
                    .collect();
                let ret = self.instantiate(sig.ret, *args);
                Ty::func(db, params, ret)
            }
            TyKind::Closure(_, args) => crate::ty::ClosureArgs(*args).sig(db),
            TyKind::Ctor(variant, args) => {
                let variant = hir_def::VariantDef::Variant(*variant);
                let fields = crate::signature::field_types(db, variant);
                let params: Vec<Ty> = fields
                    .iter()
                    .map(|ty| self.instantiate(*ty, *args))
                    .collect();
                Ty::func(db, params, Ty::adt(db, variant.adt(), *args))
            }
            _ => ty,
        }
    }
}

pub(super) fn is_number(kind: crate::table::VarKind) -> bool {
    !matches!(kind, crate::table::VarKind::General)
}

fn is_literal_like(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::Literal(_)
            | Expr::Unary { .. }
            | Expr::Tuple(_)
            | Expr::Array(_)
            | Expr::Repeat { .. }
            | Expr::StructLit { .. }
            | Expr::Call { .. }
            | Expr::Binary { .. }
    )
}

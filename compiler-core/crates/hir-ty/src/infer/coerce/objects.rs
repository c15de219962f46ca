//! C6: values into boxes, references into views.

use crate::generics::{BehaviorRef, Predicate};
use crate::infer::diagnostics::Site;
use crate::infer::result::{Adjust, Adjustment};
use crate::infer::{InferCtx, OBLIGATION_FUEL};
use crate::table::UnifyError;
use crate::ty::{DynTy, GenericArgs, Ty, TyKind};

impl InferCtx<'_> {
    /// C6: a value of any type that implements the behavior, into a box.
    pub(super) fn coerce_to_dyn(
        &mut self,
        from: Ty,
        to: Ty,
        object: &DynTy,
    ) -> Result<Vec<Adjustment>, UnifyError> {
        let db = self.db;
        let mut steps = Vec::new();
        let snapshot = self.table.snapshot();
        if self.table.unify(from, to).is_ok() && self.table.var_kind(from).is_none() {
            self.table.commit(snapshot);
            return Ok(steps);
        }
        self.table.rollback(snapshot);
        let mut value = from;
        match self.table.var_kind(from) {
            Some(crate::table::VarKind::General) => {
                self.table.unify(from, to)?;
                return Ok(steps);
            }
            Some(kind) => {
                if let Some(default) = self.table.default_of(kind) {
                    self.table.unify(from, default)?;
                    value = default;
                }
            }
            None => {}
        }
        // Without a marker that is not wanted.
        if let TyKind::Dyn(found) = value.kind(db)
            && object
                .markers
                .iter()
                .all(|marker| found.markers.contains(marker))
        {
            let bare = Ty::new(
                db,
                TyKind::Dyn(DynTy {
                    markers: object.markers.clone(),
                    ..found.clone()
                }),
            );
            if self.table.unify(bare, to).is_ok() {
                let kind = Adjust::Unsize;
                return Ok(vec![Adjustment { kind, target: to }]);
            }
        }
        let is_callable = self.lang.closure_kind(object.behavior).is_some();
        if !is_callable && matches!(value.kind(db), TyKind::FnItem(..) | TyKind::Ctor(..)) {
            value = self.func_value_ty(value);
            let kind = Adjust::ReifyFunc;
            steps.push(Adjustment {
                kind,
                target: value,
            });
        }
        if !self.implements_object(value, object) {
            // C4, then the box: `ref T` where `T` is Copy.
            let target = value.strip_refs(db);
            if value.as_ref(db).is_some() && self.implements_object(target, object) {
                steps.extend(self.copy_out(value, target)?);
            } else {
                return Err(UnifyError::Mismatch);
            }
        }
        let kind = Adjust::BoxDyn;
        steps.push(Adjustment { kind, target: to });
        Ok(steps)
    }

    /// C6: from a reference to a value, or to a variable of type `dyn B`, to a view.
    pub(super) fn coerce_to_view(
        &mut self,
        from: Ty,
        (from_mut, to_mut): (bool, bool),
        object: &DynTy,
        to: Ty,
    ) -> Option<Vec<Adjustment>> {
        let db = self.db;
        let mut from = from;
        if let Some(kind) = self.table.var_kind(from)
            && let Some(default) = self.table.default_of(kind)
            && self.table.unify(from, default).is_ok()
        {
            from = default;
        }
        if let TyKind::Object(found) = from.kind(db) {
            // A view without a marker that is not wanted.
            let fits = object.markers.iter().all(|m| found.markers.contains(m));
            let bare = DynTy {
                markers: object.markers.clone(),
                ..found.clone()
            };
            let bare = Ty::new(db, TyKind::Object(bare));
            let (_, wanted) = to.as_ref(db)?;
            if !fits || from == wanted || self.table.unify(bare, wanted).is_err() {
                return None;
            }
        } else if let TyKind::Dyn(found) = from.kind(db)
            && found.behavior == object.behavior
        {
            let inner = Ty::new(db, TyKind::Object(found.clone()));
            let fits = object.markers.iter().all(|m| found.markers.contains(m));
            let bare = DynTy {
                markers: object.markers.clone(),
                ..found.clone()
            };
            let bare = Ty::new(db, TyKind::Object(bare));
            let (_, wanted) = to.as_ref(db)?;
            let _ = inner;
            if !fits || self.table.unify(bare, wanted).is_err() {
                return None;
            }
        } else if !self.implements_object(from, object) {
            return None;
        }
        let mut steps = Vec::new();
        if from_mut {
            steps.push(Adjustment {
                kind: Adjust::Deref,
                target: from,
            });
            steps.push(Adjustment {
                kind: Adjust::Borrow { mutable: to_mut },
                target: Ty::reference(db, to_mut, from),
            });
        }
        let kind = Adjust::Unsize;
        steps.push(Adjustment { kind, target: to });
        Some(steps)
    }

    /// Whether a type of known size implements an object's behavior, with its associated types
    /// as they are fixed, and its markers.
    pub(super) fn implements_object(&mut self, ty: Ty, object: &DynTy) -> bool {
        let db = self.db;
        let ty = self.table.shallow(ty);
        if ty.is_unsized(db) || matches!(ty.kind(db), TyKind::Infer(_)) {
            return false;
        }
        let head = crate::object::object_head(db, object, ty);
        if !self.goal_holds(head) {
            return false;
        }
        let markers = object.markers.iter().map(|marker| BehaviorRef {
            behavior: *marker,
            args: GenericArgs::from_iter(db, [ty.into()]),
        });
        let markers: Vec<BehaviorRef> = markers.collect();
        // What a closure captures, and so how it can be called, is known at the end only.
        let is_open = self.is_open_closure(ty);
        if !is_open && !markers.iter().all(|marker| self.goal_holds(*marker)) {
            return false;
        }
        for (name, wanted) in &object.bindings {
            let owner = crate::signature::assoc_type_owner(db, head, name);
            let Some(owner) = owner else { continue };
            let projection = crate::ty::Projection {
                behavior: owner.behavior,
                name: name.clone(),
                args: owner.args,
            };
            let found = self.normalize(Ty::new(db, TyKind::Projection(projection)));
            if self.table.unify(found, *wanted).is_err() {
                return false;
            }
        }
        // What a future holds while it waits is looked at later, too.
        if is_open || crate::auto::has_future(db, self.table.resolve_args(head.args)) {
            let later = markers.into_iter().chain([head]).map(Predicate::Implements);
            let site = self.closure_site(ty);
            self.require_all(later.collect(), site, None, OBLIGATION_FUEL);
        }
        true
    }

    /// Where a closure is written, behind references.
    fn closure_site(&mut self, ty: Ty) -> Site {
        let target = ty.strip_refs(self.db);
        let target = self.table.shallow(target);
        let id = target.as_closure(self.db).map(|(id, _)| id);
        let mut closures = self.result.closures.iter().flatten();
        let found = closures.find(|it| it.ty.as_closure(self.db).map(|(id, _)| id) == id);
        Site::Expr(found.map_or(self.body.root, |closure| closure.expr))
    }
}

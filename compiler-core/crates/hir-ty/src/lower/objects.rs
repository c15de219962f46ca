//! Behavior objects: `dyn B` and the views of them.

use hir_def::{BehaviorId, Name, TypeBound, TypeRefId};

use super::{LowerErrorKind, TyLower};
use crate::lang;
use crate::ty::{DynTy, GenericArgs, Ty, TyKind};

impl TyLower<'_, '_> {
    pub(super) fn view(&mut self, id: TypeRefId, bounds: &[TypeBound]) -> Ty {
        let outer = self.at.replace(id);
        let object = self.object(bounds);
        self.at = outer;
        match object {
            Some(object) => Ty::new(self.db, TyKind::Object(object)),
            None => Ty::error(self.db),
        }
    }

    /// `dyn Fn[A, Output = R]` holds any callable, as `func(A) -> R` does, and is that type. With
    /// markers, which a `func` does not promise, it is an object.
    pub(super) fn callable_object(&mut self, object: &DynTy) -> Option<Ty> {
        let db = self.db;
        let lang = lang::lang_items(db, self.scope.module.package(db));
        lang.closure_kind(object.behavior)?;
        if !object.markers.is_empty() {
            return None;
        }
        let params = match object.args.list(db).first().and_then(|arg| arg.ty()) {
            Some(args) => match args.kind(db) {
                TyKind::Tuple(parts) => parts.to_vec(),
                _ => vec![args],
            },
            None => Vec::new(),
        };
        let output = object.bindings.iter().find(|(name, _)| name == "Output");
        let ret = output.map_or_else(|| Ty::unit(db), |(_, ty)| *ty);
        let params = params.into();
        Some(Ty::new(db, TyKind::Func { params, ret }))
    }

    /// `dyn A + Send`: one behavior, and markers.
    pub(super) fn object(&mut self, bounds: &[TypeBound]) -> Option<DynTy> {
        let db = self.db;
        // While it is lowered, the type stands for nothing: bindings do not mention it.
        let this = Ty::error(db);
        let mut head: Option<DynTy> = None;
        let mut markers: Vec<BehaviorId> = Vec::new();
        for bound in bounds {
            if let TypeBound::Lifetime(name) = bound {
                self.check_lifetime(Some(name));
            }
            let TypeBound::Behavior(bound) = bound else {
                continue;
            };
            let (bound, mut bindings) = self.behavior_ref(*bound, this)?;
            let is_marker = hir_def::signatures::behavior_data(db, bound.behavior)
                .items
                .is_empty();
            match &head {
                None => {
                    bindings.sort_by(|a, b| a.0.cmp(&b.0));
                    bindings.dedup_by(|a, b| a.0 == b.0);
                    let own = bound.args.list(db).iter().skip(1).copied();
                    head = Some(DynTy {
                        behavior: bound.behavior,
                        args: GenericArgs::from_iter(db, own.collect::<Vec<_>>()),
                        bindings: bindings.into(),
                        markers: Box::default(),
                    });
                }
                Some(_) if is_marker => {
                    if !markers.contains(&bound.behavior) {
                        markers.push(bound.behavior);
                    }
                }
                Some(_) => {
                    let behavior = bound.behavior;
                    self.error(LowerErrorKind::ExtraObjectBound { behavior });
                }
            }
        }
        markers.sort_by_cached_key(|id| hir_def::signatures::behavior_data(db, *id).name.clone());
        let mut head = head?;
        head.markers = markers.into();
        // What nobody says that a callable gives is Unit.
        let lang = lang::lang_items(db, self.scope.module.package(db));
        if lang.closure_kind(head.behavior).is_some() && head.bindings.is_empty() {
            head.bindings = Box::new([(Name::new_static("Output"), Ty::unit(db))]);
        }
        Some(head)
    }
}

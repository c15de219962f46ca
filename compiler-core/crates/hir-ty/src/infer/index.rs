//! `a[i]`: of arrays and slices, by ranges, and by `Index`, `IndexMut` and `IndexSet`.

use hir_def::body::{Expr, ExprId};
use hir_def::{BehaviorId, GenericDef};

use super::coerce::AUTODEREF_MAX;
use super::diagnostics::{Expected, InferDiagnostic};
use super::result::{Adjust, Adjustment, CallRes, Callee, IndexRes};
use super::{Expectation, InferCtx};
use crate::generics::BehaviorRef;
use crate::table::VarKind;
use crate::ty::{GenericArg, GenericArgs, Ty, TyKind};

impl InferCtx<'_> {
    pub(super) fn infer_index(&mut self, expr: ExprId, base: ExprId, index: ExprId) -> Ty {
        let base_ty = self.infer_expr(base, Expectation::None);
        let base_ty = self.known(base_ty);
        let index_ty = self.infer_expr(index, Expectation::None);
        let index_ty = self.known(index_ty);
        self.resolve_index(expr, (base, base_ty), (index, index_ty))
    }

    fn resolve_index(
        &mut self,
        expr: ExprId,
        (base, base_ty): (ExprId, Ty),
        (index, index_ty): (ExprId, Ty),
    ) -> Ty {
        let db = self.db;
        if base_ty.is_error(db) {
            return base_ty;
        }
        let is_range = self.is_range(index_ty) || matches!(self.body[index], Expr::Range { .. });
        let mut ty = base_ty;
        let mut steps = Vec::new();
        for _ in 0..AUTODEREF_MAX {
            let found = match ty.kind(db) {
                TyKind::Array(element, _) => Some((*element, IndexRes::Array)),
                TyKind::Slice(element) => Some((*element, IndexRes::Slice)),
                _ => None,
            };
            if let Some((element, res)) = found {
                self.adjust(base, steps);
                if is_range {
                    let part = IndexRes::Range { mutable: false };
                    self.result.indexes.insert(expr, part);
                    return Ty::reference(db, false, Ty::slice(db, element));
                }
                self.integer_index(index, index_ty);
                self.result.indexes.insert(expr, res);
                return self.known(element);
            }
            if let Some(ty) = self.overloaded_index(expr, base, ty, (index, index_ty), &steps) {
                return ty;
            }
            let Some(step) = self.deref_step(ty) else {
                break;
            };
            ty = step.target;
            steps.push(step);
        }
        let (base, index_ty) = (self.table.resolve(base_ty), self.table.resolve(index_ty));
        if base.has_error(db) || index_ty.has_error(db) {
            return self.error_ty();
        }
        if self.has_behavior(self.lang.index, base) {
            let ty = index_ty;
            self.error(InferDiagnostic::IndexType { index, ty });
        } else {
            self.error(InferDiagnostic::NotIndexable { expr, base });
        }
        self.error_ty()
    }

    /// Whether a type has the behavior for some arguments.
    fn has_behavior(&mut self, behavior: Option<BehaviorId>, ty: Ty) -> bool {
        let Some(behavior) = behavior else {
            return false;
        };
        let ty = ty.strip_refs(self.db);
        if !is_indexed(self.db, ty) {
            return false;
        }
        let args = self.behavior_args(behavior, ty);
        self.may_hold(BehaviorRef { behavior, args })
    }

    /// The index of an array or slice: any integer, read through references.
    fn integer_index(&mut self, index: ExprId, index_ty: Ty) {
        let db = self.db;
        let value = self.known(index_ty.strip_refs(db));
        let is_int = value.as_int(db).is_some()
            || value.is_error(db)
            || matches!(self.table.var_kind(value), Some(VarKind::Int { .. }));
        if !is_int {
            let ty = self.table.resolve(index_ty);
            if !ty.has_error(db) {
                self.error(InferDiagnostic::IndexType { index, ty });
            }
            return;
        }
        if value != index_ty
            && let Ok(steps) = self.coerce(index_ty, value, false)
        {
            self.adjust(index, steps);
        }
    }

    fn is_range(&self, ty: Ty) -> bool {
        let lang = self.lang;
        match ty.as_adt(self.db) {
            Some((hir_def::AdtId::Struct(id), _)) => [
                lang.range,
                lang.range_inclusive,
                lang.range_from,
                lang.range_to,
                lang.range_to_inclusive,
                lang.range_full,
            ]
            .contains(&Some(id)),
            _ => false,
        }
    }

    fn overloaded_index(
        &mut self,
        expr: ExprId,
        base: ExprId,
        ty: Ty,
        index: (ExprId, Ty),
        steps: &[Adjustment],
    ) -> Option<Ty> {
        let db = self.db;
        let (behavior, func) = crate::lang::method_of(db, self.lang.index, "index")?;
        if !is_indexed(db, ty) {
            return None;
        }
        let (args, index_steps) = match self.index_args(behavior, ty, index.1) {
            Some(found) => found,
            None => (self.range_args(behavior, ty, index)?, Vec::new()),
        };
        self.adjust(base, steps.to_vec());
        self.adjust(index.0, index_steps);
        let args = self.table.resolve_args(args);
        let callee = Callee { func, args };
        let output = self.assoc_output(behavior, "Output", args);
        if matches!(output.kind(db), TyKind::Slice(_)) {
            self.result
                .indexes
                .insert(expr, IndexRes::MethodRef(callee));
            return Some(Ty::reference(db, false, output));
        }
        self.result.indexes.insert(expr, IndexRes::Method(callee));
        Some(output)
    }

    /// Arguments `[ty, index, …]` for which a behavior of indexing holds, and how the index
    /// becomes what they say: as it is, behind its references, borrowed, or as another integer.
    fn index_args(
        &mut self,
        behavior: BehaviorId,
        ty: Ty,
        index_ty: Ty,
    ) -> Option<(GenericArgs, Vec<Adjustment>)> {
        let db = self.db;
        let stripped = self.known(index_ty.strip_refs(db));
        let mut candidates = vec![index_ty];
        if stripped != index_ty {
            candidates.push(stripped);
        }
        candidates.push(Ty::reference(db, false, stripped));
        let is_int = stripped.as_int(db).is_some();
        for candidate in candidates {
            let Some(args) = self.index_goal(behavior, ty, candidate) else {
                continue;
            };
            let wanted = self.table.shallow(args.ty(db, 1));
            if let Ok(steps) = self.coerce(index_ty, wanted, true) {
                return Some((args, steps));
            }
        }
        if is_int {
            let var = self.table.new_var(VarKind::Int { min: 0, max: 0 });
            let args = self.index_goal(behavior, ty, var)?;
            let wanted = self.table.shallow(args.ty(db, 1));
            wanted.as_int(db)?;
            let mut steps = self.coerce(index_ty, stripped, true).ok()?;
            steps.push(Adjustment {
                kind: Adjust::IntCast,
                target: wanted,
            });
            return Some((args, steps));
        }
        None
    }

    /// A written range over integers of another type than the one wanted: its ends are converted.
    fn range_args(
        &mut self,
        behavior: BehaviorId,
        ty: Ty,
        (index, index_ty): (ExprId, Ty),
    ) -> Option<GenericArgs> {
        let db = self.db;
        let Expr::Range { start, end, .. } = self.body[index] else {
            return None;
        };
        let (adt, item) = index_ty.as_adt(db)?;
        self.table.shallow(item.ty(db, 0)).as_int(db)?;
        let var = self.table.new_var(VarKind::Int { min: 0, max: 0 });
        let range = Ty::adt(db, adt, GenericArgs::from_iter(db, [var.into()]));
        let args = self.index_goal(behavior, ty, range)?;
        let target = self.table.shallow(var);
        target.as_int(db)?;
        for end in start.into_iter().chain(end) {
            let kind = Adjust::IntCast;
            self.adjust(end, vec![Adjustment { kind, target }]);
        }
        if let Some(slot) = self.result.expr_tys.get_mut(index) {
            *slot = range;
        }
        Some(args)
    }

    fn index_goal(&mut self, behavior: BehaviorId, ty: Ty, index: Ty) -> Option<GenericArgs> {
        let db = self.db;
        let fresh = self.table.fresh_args(GenericDef::Behavior(behavior));
        let head = [GenericArg::Ty(ty), GenericArg::Ty(index)];
        let rest = fresh.list(db).iter().skip(2).copied();
        let list: Vec<GenericArg> = head.into_iter().chain(rest).collect();
        let args = GenericArgs::from_iter(db, list);
        self.goal_holds(BehaviorRef { behavior, args })
            .then_some(args)
    }

    /// `a[i] op= v` of what has `IndexSet` and no `IndexMut`: the element is read, and what comes
    /// out is set. The index is used twice.
    pub(super) fn set_after_reading(
        &mut self,
        target: ExprId,
        (base, index): (ExprId, ExprId),
        element: Ty,
    ) {
        let db = self.db;
        let Some(IndexRes::Method(getter)) = self.result.indexes.get(&target).cloned() else {
            return;
        };
        let is_mut = crate::lang::method_of(db, self.lang.index_mut, "index_mut").is_some_and(
            |(behavior, _)| {
                let args = getter.args;
                self.goal_holds(BehaviorRef { behavior, args })
            },
        );
        let setter = crate::lang::method_of(db, self.lang.index_set, "index_set");
        let (false, Some((behavior, func))) = (is_mut, setter) else {
            return;
        };
        let index_ty = self.result.adjusted_ty(index);
        let is_copy = index_ty.is_some_and(|ty| {
            let ty = self.table.resolve(ty);
            crate::props::is_copy(db, ty, self.env)
        });
        let list = getter.args.list(db).iter().copied();
        let list = list.chain([GenericArg::Ty(element)]).collect::<Vec<_>>();
        let args = GenericArgs::from_iter(db, list);
        if is_copy && self.goal_holds(BehaviorRef { behavior, args }) {
            let args = self.table.resolve_args(args);
            self.use_exclusively(base);
            self.result.setters.insert(target, Callee { func, args });
        }
    }

    /// `a[i] = v` by `IndexSet`, if the type has it. Otherwise the place has been inferred, and
    /// its type is given back.
    pub(super) fn infer_index_target(
        &mut self,
        expr: ExprId,
        target: ExprId,
        (base, index): (ExprId, ExprId),
        value: ExprId,
    ) -> Option<Ty> {
        let db = self.db;
        let base_ty = self.infer_expr(base, Expectation::None);
        let base_ty = self.known(base_ty);
        let index_ty = self.infer_expr(index, Expectation::None);
        let index_ty = self.known(index_ty);
        if let Some((behavior, func)) = crate::lang::method_of(db, self.lang.index_set, "index_set")
        {
            let mut ty = base_ty;
            let mut steps = Vec::new();
            for _ in 0..AUTODEREF_MAX {
                if is_indexed(db, ty)
                    && let Some((args, index_steps)) = self.index_args(behavior, ty, index_ty)
                {
                    let borrowed = Ty::reference(db, true, ty);
                    steps.push(Adjustment {
                        kind: Adjust::Borrow { mutable: true },
                        target: borrowed,
                    });
                    self.adjust(base, steps);
                    self.adjust(index, index_steps);
                    let args = self.table.resolve_args(args);
                    let wanted = crate::signature::fn_type(db, func).params.get(1);
                    let wanted = wanted.map_or_else(|| Ty::error(db), |param| param.ty);
                    let wanted = self.instantiate(wanted, args);
                    self.check(value, wanted, Expected::Assignment(target));
                    let callee = Callee { func, args };
                    let order = None;
                    self.result
                        .calls
                        .insert(expr, CallRes::Func { callee, order });
                    if let Some(slot) = self.result.expr_tys.get_mut(target) {
                        *slot = wanted;
                    }
                    return None;
                }
                let Some(step) = self.deref_step(ty) else {
                    break;
                };
                ty = step.target;
                steps.push(step);
            }
        }
        let ty = self.resolve_index(target, (base, base_ty), (index, index_ty));
        if let Some(slot) = self.result.expr_tys.get_mut(target) {
            *slot = ty;
        }
        Some(ty)
    }
}

/// Types that may implement behaviors of indexing themselves.
fn is_indexed(db: &dyn base::Db, ty: Ty) -> bool {
    matches!(
        ty.kind(db),
        TyKind::Adt(..) | TyKind::Param(_) | TyKind::Projection(_) | TyKind::Str
    )
}

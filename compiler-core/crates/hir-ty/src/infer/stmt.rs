//! Blocks, statements and loops over things.

use hir_def::TypeRefId;
use hir_def::body::{Expr, ExprId, PatId, Stmt};

use super::diagnostics::{Expected, InferDiagnostic, Irrefutable, Site};
use super::result::{Adjust, Adjustment, BindMode, Callee, ForRes};
use super::{Deferred, Expectation, InferCtx};
use crate::generics::BehaviorRef;
use crate::solve::Answer;
use crate::table::VarKind;
use crate::ty::{GenericArgs, Ty, TyKind};

impl InferCtx<'_> {
    pub(super) fn infer_block(
        &mut self,
        stmts: &[Stmt],
        tail: Option<ExprId>,
        expected: Expectation,
    ) -> Ty {
        let before = self.diverges;
        let mut reported = before;
        for stmt in stmts {
            if self.diverges && !reported {
                reported = self.report_unreachable(stmt);
            }
            let around = self.outside.enter();
            self.infer_stmt(stmt);
            self.outside.leave(around);
        }
        let around = self.outside.enter();
        let ty = self.infer_tail(tail, expected, before, reported);
        self.outside.leave(around);
        ty
    }

    fn infer_tail(
        &mut self,
        tail: Option<ExprId>,
        expected: Expectation,
        before: bool,
        reported: bool,
    ) -> Ty {
        let db = self.db;
        match tail {
            Some(tail) => {
                if self.diverges && !reported {
                    self.error(InferDiagnostic::UnreachableCode { expr: tail });
                }
                if expected == Expectation::Discard {
                    return self.infer_discarded(tail);
                }
                let ty = self.infer_expr(tail, expected);
                // The block has the type of what it ends in, so the literal becomes a list here.
                if let Expectation::Has(wanted) = expected
                    && let Some(steps) = self.list_literal(tail, ty, wanted, false)
                {
                    self.adjust(tail, steps);
                    return wanted;
                }
                if self.diverges && !before && !ty.is_never(db) && ty.is_unit(db) {
                    return Ty::never(db);
                }
                ty
            }
            None if self.diverges && !before => Ty::never(db),
            None => Ty::unit(db),
        }
    }

    fn report_unreachable(&mut self, stmt: &Stmt) -> bool {
        let expr = match stmt {
            Stmt::Expr { expr, .. } => Some(*expr),
            Stmt::Let { init, .. } => *init,
            Stmt::Item => None,
        };
        match expr {
            Some(expr) => {
                self.error(InferDiagnostic::UnreachableCode { expr });
                true
            }
            None => false,
        }
    }

    /// An expression whose value is thrown away. Its type is Unit or Never.
    pub(super) fn infer_discarded(&mut self, expr: ExprId) -> Ty {
        let ty = self.infer_expr(expr, Expectation::Discard);
        self.deferred.push(Deferred::Discarded { expr });
        if ty.is_never(self.db) {
            ty
        } else {
            Ty::unit(self.db)
        }
    }

    /// T016: an `if` without `else` has no value to be kept in a variable.
    fn check_lone_branch(&mut self, init: ExprId) {
        let Expr::If {
            then, else_: None, ..
        } = self.body[init]
        else {
            return;
        };
        let db = self.db;
        let branch = self.result.expr_tys.get(then).copied();
        let branch = branch.map(|ty| self.table.resolve(ty));
        if let Some(wanted) = branch
            && !wanted.is_unit(db)
            && !wanted.is_never(db)
            && !wanted.has_error(db)
            && self.table.var_kind(wanted) != Some(VarKind::General)
        {
            self.error(InferDiagnostic::Mismatch {
                site: Site::Expr(init),
                expected: wanted,
                found: Ty::unit(db),
                why: match self.body.open_whens.contains(&init) {
                    true => Expected::MissingArm,
                    false => Expected::MissingElse,
                },
            });
        }
    }

    fn infer_stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Item => {}
            Stmt::Expr { expr, .. } => {
                self.infer_discarded(*expr);
            }
            Stmt::Let {
                pat,
                ty,
                init,
                else_,
                volatile,
            } => {
                // Its accesses are made so by `mono`; a value in parts is taken apart first.
                if *volatile && !matches!(self.body[*pat], hir_def::body::Pat::Bind { .. }) {
                    self.unsupported(Site::Pat(*pat), "`volatile` with a pattern");
                }
                match init {
                    Some(init) => {
                        self.infer_scrutinee(*init, *ty, *pat);
                        self.check_lone_branch(*init);
                    }
                    None => {
                        let declared = match ty {
                            Some(ty) => self.lower_ty(*ty),
                            None => self.new_var(),
                        };
                        self.infer_pat(*pat, declared, BindMode::Value, None);
                        if let hir_def::body::Pat::Bind { local, .. } = &self.body[*pat] {
                            self.late.insert(*local);
                        }
                    }
                }
                match else_ {
                    Some(else_) => {
                        let before = self.diverges;
                        self.diverges = false;
                        let found = self.infer_expr(*else_, Expectation::Discard);
                        let falls = !self.diverges && !found.is_never(self.db);
                        if falls && !found.is_error(self.db) {
                            self.error(InferDiagnostic::LetElseFallsThrough { else_: *else_ });
                        }
                        self.diverges = before;
                    }
                    None => {
                        let context = Irrefutable::Let;
                        self.deferred
                            .push(Deferred::Irrefutable { pat: *pat, context });
                    }
                }
            }
        }
    }

    /// The value of a `let` or `if let` with its annotation, and its pattern.
    pub(super) fn infer_scrutinee(&mut self, init: ExprId, ty: Option<TypeRefId>, pat: PatId) {
        let (ty, mode) = match ty {
            Some(annotation) => {
                let ty = self.lower_ty(annotation);
                self.check(init, ty, Expected::Annotation(annotation));
                (ty, BindMode::Value)
            }
            None => {
                let found = self.infer_expr(init, Expectation::None);
                let ty = self.decay(init, found);
                let ty = self.sized_value(init, ty);
                let mode = match self.body[pat] {
                    // A plain name takes the value, whatever place it comes from.
                    hir_def::body::Pat::Bind { sub: None, .. } => BindMode::Value,
                    _ => self.scrutinee_mode(init),
                };
                (self.known(ty), mode)
            }
        };
        self.infer_pat(pat, ty, mode, Some(init));
    }

    /// T090 for what is no value: an error type stands for it.
    fn sized_value(&mut self, expr: ExprId, ty: Ty) -> Ty {
        let ty = self.table.shallow(ty);
        let is_value = matches!(ty.kind(self.db), TyKind::Object(_));
        if !is_value {
            return ty;
        }
        let site = Site::Expr(expr);
        self.error(InferDiagnostic::Unsized { site, ty });
        self.error_ty()
    }

    pub(super) fn infer_for(&mut self, expr: ExprId, pat: PatId, iterable: ExprId) {
        let item = self.infer_for_head(expr, iterable);
        self.infer_pat(pat, item, BindMode::Value, None);
        self.deferred.push(Deferred::Irrefutable {
            pat,
            context: Irrefutable::For,
        });
    }

    /// The type of the items.
    fn infer_for_head(&mut self, expr: ExprId, iterable: ExprId) -> Ty {
        let db = self.db;
        if let Expr::Range {
            start: Some(start),
            end: Some(end),
            inclusive,
        } = self.body[iterable]
        {
            let item = self.infer_range_ends(Some(start), Some(end), Expectation::None);
            let item = self.known(item);
            let is_range = matches!(item.kind(db), TyKind::Int(_) | TyKind::Char | TyKind::Error)
                || matches!(self.table.var_kind(item), Some(VarKind::Int { .. }));
            if let Some(slot) = self.result.expr_tys.get_mut(iterable) {
                // The range is no value of its own here.
                *slot = match self.lang.range {
                    Some(range) => {
                        let args = GenericArgs::from_iter(db, [item.into()]);
                        Ty::adt(db, hir_def::AdtId::Struct(range), args)
                    }
                    None => Ty::error(db),
                };
            }
            if !is_range {
                return self.unsupported(Site::Expr(iterable), "ranges of this type");
            }
            self.result.fors.insert(expr, ForRes::Range { inclusive });
            return item;
        }
        let found = self.infer_expr(iterable, Expectation::None);
        let found = self.known(found);
        if found.is_error(db) {
            return found;
        }
        // `for x in mut ref place` goes through `iter_mut`.
        let is_exclusive = matches!(self.body[iterable], Expr::Ref { mutable: true, .. });
        if !is_exclusive && let Some(item) = self.for_over_elements(expr, iterable, found) {
            return item;
        }
        self.for_over_iterator(expr, iterable, found)
    }

    /// Arrays and slices, through references: counted, without an iterator.
    fn for_over_elements(&mut self, expr: ExprId, iterable: ExprId, found: Ty) -> Option<Ty> {
        let db = self.db;
        let mut steps = Vec::new();
        let mut ty = found;
        for _ in 0..super::coerce::AUTODEREF_MAX {
            let element = match ty.kind(db) {
                TyKind::Array(element, _) => Some((*element, true)),
                TyKind::Slice(element) => Some((*element, false)),
                _ => None,
            };
            if let Some((element, is_array)) = element {
                let element = self.known(element);
                let by_copy = self.is_copy(element);
                // An array that nothing else holds hands its elements over.
                if is_array && !by_copy && steps.is_empty() && !self.is_place(iterable) {
                    return None;
                }
                self.adjust(iterable, steps);
                let res = if is_array {
                    ForRes::Array { by_copy }
                } else {
                    ForRes::Slice { by_copy }
                };
                self.result.fors.insert(expr, res);
                return Some(if by_copy {
                    element
                } else {
                    Ty::reference(db, false, element)
                });
            }
            let (_, target) = ty.as_ref(db)?;
            ty = self.table.shallow(target);
            steps.push(Adjustment {
                kind: Adjust::Deref,
                target: ty,
            });
        }
        None
    }

    fn for_over_iterator(&mut self, expr: ExprId, iterable: ExprId, found: Ty) -> Ty {
        let db = self.db;
        let next = crate::lang::method_of(db, self.lang.iterator, "next");
        let Some((iterator, next)) = next else {
            return self.unsupported(Site::Expr(iterable), "iterators without a library");
        };
        if self.holds(iterator, found) {
            return self.for_next(expr, iterable, (iterator, next), None, found, false);
        }
        // An iterator behind an exclusive reference goes on from where it is.
        if let Some((true, target)) = found.as_ref(db) {
            let target = self.known(target);
            if self.holds(iterator, target) {
                return self.for_next(expr, iterable, (iterator, next), None, found, false);
            }
        }
        // A place with a method `iter` is borrowed.
        let is_borrow = found.as_ref(db).is_some();
        let is_exclusive = matches!(self.body[iterable], Expr::Ref { mutable: true, .. });
        if is_borrow || self.is_place(iterable) {
            let by_iter_mut = is_exclusive.then(|| self.lookup_method(found, "iter_mut"));
            let pick = match by_iter_mut.flatten() {
                Some(pick) => Some(pick),
                None => self.lookup_method(found, "iter"),
            };
            if let Some(pick) = pick {
                return self.for_borrowed(expr, iterable, found, (iterator, next), pick);
            }
        }
        if let Some((behavior, func)) =
            crate::lang::method_of(db, self.lang.into_iterator, "into_iter")
            && self.holds(behavior, found)
        {
            let args = GenericArgs::from_iter(db, [found.into()]);
            let sig = crate::signature::fn_type(db, func);
            let ret = self.instantiate(sig.ret, args);
            let iter_ty = self.known(ret);
            let callee = Callee { func, args };
            let into_iter = Some(callee);
            return self.for_next(expr, iterable, (iterator, next), into_iter, iter_ty, false);
        }
        // A temporary of a type that can only be looked at.
        if let Some(pick) = self.lookup_method(found, "iter") {
            return self.for_borrowed(expr, iterable, found, (iterator, next), pick);
        }
        let ty = self.table.resolve(found);
        if let Some(behavior) = self.lang.into_iterator.or(self.lang.iterator)
            && !ty.has_error(db)
        {
            let args = GenericArgs::from_iter(db, [ty.into()]);
            let site = Site::Expr(iterable);
            self.error(InferDiagnostic::Bound {
                site,
                ty,
                behavior,
                args,
                required_by: None,
            });
        }
        self.error_ty()
    }

    fn for_borrowed(
        &mut self,
        expr: ExprId,
        iterable: ExprId,
        found: Ty,
        next: (hir_def::BehaviorId, hir_def::FuncId),
        pick: super::method::Pick,
    ) -> Ty {
        let (callee, ret, steps) = self.apply_pick(&pick, found, None, expr);
        self.adjust(iterable, steps);
        let iter_ty = self.known(ret);
        self.for_next(expr, iterable, next, Some(callee), iter_ty, true)
    }

    /// Whether a type implements a behavior. Of types with open numbers inside (`0 to 3`) the
    /// rest has to fit.
    fn holds(&mut self, behavior: hir_def::BehaviorId, ty: Ty) -> bool {
        let args = GenericArgs::from_iter(self.db, [ty.into()]);
        let snapshot = self.table.snapshot();
        let mut solver = crate::solve::Solver {
            table: &mut self.table,
            env: self.env,
            depth: 0,
        };
        let answer = solver.solve_deep(BehaviorRef { behavior, args });
        self.table.rollback(snapshot);
        let is_open = self.table.var_kind(ty).is_none() && self.table.has_vars(ty);
        matches!(answer, Answer::Yes(_)) || (is_open && answer == Answer::Unknown)
    }

    fn for_next(
        &mut self,
        expr: ExprId,
        iterable: ExprId,
        (behavior, next): (hir_def::BehaviorId, hir_def::FuncId),
        into_iter: Option<Callee>,
        iter_ty: Ty,
        copy_items: bool,
    ) -> Ty {
        let db = self.db;
        let iter_ty = self.table.resolve(iter_ty);
        if iter_ty.is_error(db) {
            return iter_ty;
        }
        // `next` of what an exclusive reference leads to.
        let subject = match iter_ty.as_ref(db) {
            Some((true, target)) if !self.holds(behavior, iter_ty) => self.table.shallow(target),
            _ => iter_ty,
        };
        if !self.holds(behavior, subject) {
            let args = GenericArgs::from_iter(db, [iter_ty.into()]);
            let (site, ty) = (Site::Expr(iterable), iter_ty);
            self.error(InferDiagnostic::Bound {
                site,
                ty,
                behavior,
                args,
                required_by: None,
            });
            return self.error_ty();
        }
        let args = GenericArgs::from_iter(db, [subject.into()]);
        let item = self.assoc_output(behavior, "Item", args);
        // Over a borrowed place, Copy elements come by copy.
        let by_copy = copy_items
            && match item.as_ref(db) {
                Some((false, target)) => self.is_copy(target),
                _ => false,
            };
        let callee = Callee { func: next, args };
        let res = ForRes::Iterator {
            into_iter,
            next: callee,
            iter_ty,
            by_copy,
        };
        self.result.fors.insert(expr, res);
        match item.as_ref(db) {
            Some((_, target)) if by_copy => self.table.shallow(target),
            _ => item,
        }
    }
}

//! Classes and interfaces in bodies (reference §10): fields, properties, views as other classes,
//! type tests. Construction is in [`construct`].

pub mod construct;

use hir_def::body::{BinaryOp, Expr, ExprId, LocalId, UnaryOp};
use hir_def::signatures::{self as s, FieldWrite, getter_name, setter_name};
use hir_def::{BodyOwner, ClassId, ContainerId, FieldId, GenericDef, Name, VariantDef};

use super::diagnostics::InferDiagnostic;
use super::result::{Adjust, Adjustment, CallRes, CastKind, FieldRes, OpRes};
use super::{Expectation, InferCtx};
use crate::classes::{self, as_class};
use crate::signature::fn_type;
use crate::table::UnifyError;
use crate::ty::{GenericArgs, Ty, TyKind};

/// What a condition says about immutable locals.
pub(super) type Facts = Vec<(LocalId, Ty)>;

impl InferCtx<'_> {
    /// The class around this body.
    pub(super) fn own_class(&self) -> Option<ClassId> {
        let mut container = self.owner.container(self.db);
        // Bodies inside bodies see what the outer one sees.
        for _ in 0..classes::ANCESTRY_MAX {
            match container {
                ContainerId::Class(class) => return Some(class),
                ContainerId::Impl(id) => {
                    let ty = crate::signature::impl_self_ty(self.db, id);
                    return as_class(self.db, ty).map(|(class, _)| class);
                }
                ContainerId::Block(block) => container = block.owner(self.db).container(self.db),
                _ => return None,
            }
        }
        None
    }

    /// Whether a member with `protected` is within reach.
    pub(super) fn is_inside_class(&self, owner: ClassId) -> bool {
        self.own_class()
            .is_some_and(|own| classes::class_extends(self.db, own, owner))
    }

    /// `base` of `base.m()`.
    pub(super) fn infer_base(&mut self, expr: ExprId) -> Ty {
        let found = match (self.own_class(), self.receiver) {
            (Some(class), Some(receiver)) => as_class(self.db, receiver.local)
                .filter(|(found, _)| *found == class)
                .and_then(|(class, args)| classes::base_of(self.db, class, args)),
            _ => None,
        };
        match found {
            Some((class, args)) => classes::class_ty(self.db, class, args),
            None => {
                let name = Name::new_static("base");
                self.error(InferDiagnostic::NotAValue { expr, name });
                self.error_ty()
            }
        }
    }

    /// A field of a class or of what it extends.
    pub(super) fn find_class_field(
        &mut self,
        class: ClassId,
        args: GenericArgs,
        name: &str,
    ) -> Option<(FieldRes, Ty)> {
        let db = self.db;
        for (class, args) in classes::ancestry(db, class, args) {
            let variant = VariantDef::Class(class);
            let Some(index) = crate::signature::fields_of(db, variant).find(name) else {
                continue;
            };
            let ty = crate::signature::field_types(db, variant)
                .get(index as usize)
                .copied()?;
            let ty = self.instantiate(ty, args);
            let field = FieldId {
                parent: variant,
                index,
            };
            return Some((FieldRes::Field(field), ty));
        }
        None
    }

    /// `x.p` where `p` is a property with code. `None` if there is none of the name.
    pub(super) fn infer_property(
        &mut self,
        expr: ExprId,
        base: ExprId,
        base_ty: Ty,
        name: &Name,
    ) -> Option<Ty> {
        let is_target = self.assigned == Some(expr);
        let getter = self.lookup_method(base_ty, &getter_name(name));
        let setter = self.lookup_method(base_ty, &setter_name(name));
        if getter.is_none() && setter.is_none() {
            return None;
        }
        let no_accessor = |ctx: &mut Self, is_setter| {
            let name = name.clone();
            ctx.error(InferDiagnostic::NoAccessor {
                expr,
                name,
                is_setter,
            });
            Some(ctx.error_ty())
        };
        let mut ty = None;
        if let Some(pick) = getter {
            if !is_target && !self.func_visible(pick.func) {
                let func = pick.func;
                self.error(InferDiagnostic::PrivateMethod { expr, func });
            }
            let (callee, ret, steps) = self.apply_pick(&pick, base_ty, None, expr);
            self.adjust(base, steps);
            self.result.calls.insert(
                expr,
                CallRes::Func {
                    callee,
                    order: None,
                },
            );
            if matches!(self.body[base], Expr::Base) {
                self.result.exact.insert(expr);
            }
            ty = Some(ret);
        } else if !is_target {
            return no_accessor(self, false);
        }
        if is_target {
            let Some(pick) = setter else {
                return no_accessor(self, true);
            };
            if !self.func_visible(pick.func) {
                let func = pick.func;
                self.error(InferDiagnostic::PrivateMethod { expr, func });
            }
            let (callee, _, steps) = self.apply_pick(&pick, base_ty, None, expr);
            if ty.is_none() {
                self.adjust(base, steps);
            }
            let param = fn_type(self.db, callee.func).params.first().map(|p| p.ty);
            let param = param.unwrap_or_else(|| self.error_ty());
            ty = Some(self.instantiate(param, callee.args));
            self.result.setters.insert(expr, callee);
        }
        let ty = ty?;
        Some(self.known(ty))
    }

    /// T075 and visibility of the written part of a property without code.
    pub(super) fn check_field_write(&mut self, target: ExprId, field: FieldId) {
        let db = self.db;
        let VariantDef::Class(class) = field.parent else {
            return;
        };
        let data = crate::signature::fields_of(db, field.parent);
        let Some(data) = data.fields.get(field.index as usize) else {
            return;
        };
        let allowed = match &data.write {
            FieldWrite::Any => true,
            FieldWrite::Constructors => {
                let is_ctor = match self.owner {
                    BodyOwner::Func(func) => s::func_signature(db, func).flags.is_ctor,
                    _ => false,
                };
                is_ctor && self.own_class() == Some(class)
            }
            FieldWrite::Within(raw) => self.class_member_visible(class, raw),
        };
        if !allowed {
            let name = data.name.clone();
            self.error(InferDiagnostic::NoAccessor {
                expr: target,
                name,
                is_setter: true,
            });
        }
    }

    pub(super) fn class_member_visible(
        &self,
        class: ClassId,
        raw: &hir_def::item_tree::RawVisibility,
    ) -> bool {
        let db = self.db;
        if let hir_def::item_tree::RawVisibility::Protected = raw {
            return self.is_inside_class(class);
        }
        let home = class.module(db);
        hir_def::resolver::resolve_visibility(db, home, raw).is_visible_from(db, self.scope.module)
    }

    /// C8: a reference to an object as one to its base or to an interface.
    pub(super) fn upcast(&mut self, from: Ty, to: Ty) -> Result<Vec<Adjustment>, UnifyError> {
        let db = self.db;
        if !classes::is_object(db, from) || !classes::is_object(db, to) {
            return Err(UnifyError::Mismatch);
        }
        let from_resolved = self.table.resolve(from);
        let candidates: Vec<Ty> = match (from_resolved.kind(db), to.kind(db)) {
            (TyKind::Adt(hir_def::AdtId::Class(class), args), TyKind::Adt(..)) => {
                classes::ancestry(db, *class, *args)
                    .into_iter()
                    .skip(1)
                    .map(|(class, args)| classes::class_ty(db, class, args))
                    .collect()
            }
            (_, TyKind::Interface(..)) => classes::interfaces_of_ty(db, from_resolved)
                .into_iter()
                .map(|bound| classes::interface_ty(db, bound))
                .collect(),
            _ => Vec::new(),
        };
        for candidate in candidates {
            let snapshot = self.table.snapshot();
            if self.table.unify(candidate, to).is_ok() {
                self.table.commit(snapshot);
                return Ok(vec![Adjustment {
                    kind: Adjust::Upcast,
                    target: to,
                }]);
            }
            self.table.rollback(snapshot);
        }
        Err(UnifyError::Mismatch)
    }

    /// Whether an object seen as `from` may be one of `to`.
    fn may_be(&mut self, from: Ty, to: Ty) -> bool {
        let db = self.db;
        match (from.kind(db), to.kind(db)) {
            (
                TyKind::Adt(hir_def::AdtId::Class(a), _),
                TyKind::Adt(hir_def::AdtId::Class(b), _),
            ) => classes::class_extends(db, *a, *b) || classes::class_extends(db, *b, *a),
            (TyKind::Adt(hir_def::AdtId::Class(class), _), TyKind::Interface(..))
            | (TyKind::Interface(..), TyKind::Adt(hir_def::AdtId::Class(class), _)) => {
                let other = if matches!(from.kind(db), TyKind::Interface(..)) {
                    from
                } else {
                    to
                };
                let args = crate::generics::identity_args(db, GenericDef::Class(*class));
                let TyKind::Interface(behavior, _) = other.kind(db) else {
                    return true;
                };
                !s::class_data(db, *class).is_sealed
                    || classes::interfaces_of(db, *class, args)
                        .iter()
                        .any(|bound| bound.behavior == *behavior)
            }
            _ => true,
        }
    }

    /// `e as C` between objects. `None` if the types are not.
    pub(super) fn infer_object_cast(
        &mut self,
        expr: ExprId,
        operand: ExprId,
        found: Ty,
        to: Ty,
    ) -> Option<Ty> {
        let db = self.db;
        if !classes::is_object(db, to) {
            return None;
        }
        let from = self.known(found.strip_refs(db));
        if !classes::is_object(db, from) {
            return None;
        }
        if let Ok(steps) = self.coerce(found, to, false) {
            self.adjust(operand, steps);
            self.result.casts.insert(expr, CastKind::Same);
            return Some(to);
        }
        if found != from
            && let Ok(steps) = self.coerce(found, from, false)
        {
            self.adjust(operand, steps);
        }
        if self.may_be(from, to) {
            self.result.casts.insert(expr, CastKind::Downcast);
        } else {
            let (from, to) = (self.table.resolve(from), self.table.resolve(to));
            self.error(InferDiagnostic::UnrelatedCast { expr, from, to });
        }
        Some(to)
    }

    /// `x is C`.
    pub(super) fn infer_is(&mut self, expr: ExprId, operand: ExprId, to: Ty) -> Ty {
        let db = self.db;
        let found = self.infer_expr(operand, Expectation::None);
        let found = self.known(found);
        let bool_ty = Ty::bool(db);
        if found.is_error(db) || to.is_error(db) {
            return bool_ty;
        }
        let from = self.known(found.strip_refs(db));
        if !classes::is_object(db, from) || !classes::is_object(db, to) {
            let (from, to) = (self.table.resolve(from), self.table.resolve(to));
            if !from.has_error(db) && !to.has_error(db) {
                self.error(InferDiagnostic::UnrelatedCast { expr, from, to });
            }
            return bool_ty;
        }
        if found != from
            && let Ok(steps) = self.coerce(found, from, false)
        {
            self.adjust(operand, steps);
        }
        if !self.may_be(from, to) {
            let (from, to) = (self.table.resolve(from), self.table.resolve(to));
            self.error(InferDiagnostic::UnrelatedCast { expr, from, to });
        }
        self.result.type_tests.insert(expr, to);
        bool_ty
    }

    /// What a condition says where it holds (or where it does not).
    pub(super) fn facts(&mut self, condition: ExprId, holds: bool) -> Facts {
        let mut out = Vec::new();
        self.collect_facts(condition, holds, &mut out, 0);
        out
    }

    fn collect_facts(&mut self, condition: ExprId, holds: bool, out: &mut Facts, depth: u32) {
        const FACTS_DEPTH_MAX: u32 = 64;
        if depth > FACTS_DEPTH_MAX {
            return;
        }
        let body = self.body;
        match &body[condition] {
            Expr::Is { operand, .. } if holds => {
                if let Expr::Local(local) = &body[*operand]
                    && body.locals.get(*local).is_some_and(|data| !data.mutable)
                    && let Some(ty) = self.result.type_tests.get(&condition)
                    && self.result.adjustments(*operand).is_empty()
                {
                    out.push((*local, *ty));
                }
            }
            Expr::Unary {
                op: UnaryOp::Not,
                operand,
            } => self.collect_facts(*operand, !holds, out, depth + 1),
            Expr::Binary { op, left, right }
                if (*op == BinaryOp::And && holds) || (*op == BinaryOp::Or && !holds) =>
            {
                self.collect_facts(*left, holds, out, depth + 1);
                self.collect_facts(*right, holds, out, depth + 1);
            }
            Expr::Block {
                stmts,
                tail: Some(tail),
                ..
            } if stmts.is_empty() => self.collect_facts(*tail, holds, out, depth + 1),
            _ => {}
        }
    }

    /// Infers something where facts are known.
    pub(super) fn with_facts<R>(&mut self, facts: Facts, f: impl FnOnce(&mut Self) -> R) -> R {
        let before = self.narrowed.len();
        self.narrowed.extend(facts);
        let value = f(self);
        self.narrowed.truncate(before);
        value
    }

    /// The class that a local is known to be of here, if that says more than its type.
    pub(super) fn narrowed_ty(&mut self, local: LocalId, declared: Ty) -> Option<Ty> {
        let mut ty = declared;
        let mut found = None;
        let facts: Vec<Ty> = self
            .narrowed
            .iter()
            .filter(|(l, _)| *l == local)
            .map(|(_, ty)| *ty)
            .collect();
        for fact in facts {
            // A test for what is known already changes nothing.
            if ty != fact && self.upcast(ty, fact).is_err() {
                ty = fact;
                found = Some(fact);
            }
        }
        found
    }

    /// `==` and `!=` of objects of related classes, and those with a method `equals`.
    pub(super) fn object_comparison(
        &mut self,
        expr: ExprId,
        is_ne: bool,
        (left, left_ty): (ExprId, Ty),
        (right, right_ty): (ExprId, Ty),
    ) -> bool {
        let db = self.db;
        let (l, r) = (left_ty.strip_refs(db), right_ty.strip_refs(db));
        let (l, r) = (self.known(l), self.known(r));
        if !classes::is_object(db, l) || !classes::is_object(db, r) {
            return false;
        }
        let args = |ty| {
            self.lang
                .partial_eq
                .map(|eq| (eq, crate::props::partial_eq_args(db, eq, ty)))
        };
        if let Some((behavior, args)) = args(l)
            && let Some(crate::solve::Selection::Impl { .. }) =
                crate::solve::behavior_solve(db, self.env, behavior, args)
            && l == r
        {
            return false;
        }
        if let Some(pick) = self.lookup_method(l, "equals") {
            let sig = fn_type(db, pick.func);
            if let ([param], true) = (&*sig.params, sig.ret == Ty::bool(db)) {
                let param = param.ty;
                let (callee, _, steps) = self.apply_pick(&pick, left_ty, None, expr);
                let param = self.instantiate(param, callee.args);
                if let Ok(right_steps) = self.coerce(right_ty, param, true) {
                    self.adjust(left, steps);
                    self.adjust(right, right_steps);
                    let res = OpRes::Method {
                        callee,
                        negate: is_ne,
                    };
                    self.result.ops.insert(expr, res);
                    return true;
                }
            }
        }
        if l == r {
            return false;
        }
        for (operand, from, to) in [(right, right_ty, l), (left, left_ty, r)] {
            if let Ok(steps) = self.coerce(from, to, false) {
                self.adjust(operand, steps);
                let other = if operand == right { left } else { right };
                let other_ty = if operand == right { left_ty } else { right_ty };
                if let Ok(steps) = self.coerce(other_ty, to, false) {
                    self.adjust(other, steps);
                }
                self.result.ops.insert(expr, OpRes::Structural);
                return true;
            }
        }
        false
    }

    /// The receiver as the class or interface that declares the method.
    pub(super) fn receiver_upcast(&mut self, at: Ty, passed: Ty) -> Option<Adjustment> {
        let (at, passed) = (self.table.shallow(at), self.table.shallow(passed));
        if at == passed {
            return None;
        }
        let steps = self.upcast(at, passed).ok()?;
        steps.into_iter().next()
    }
}

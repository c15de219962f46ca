//! Expressions.

use hir_def::BuiltinType;
use hir_def::body::{BinaryOp, Expr, ExprId, InterpolPart, Literal, PseudoConst, UnaryOp};

use super::diagnostics::{Expected, InferDiagnostic, Site};
use super::flow::Merge;
use super::{Deferred, EXPR_DEPTH_MAX, Expectation, InferCtx, LoopCtx};
use crate::lower::builtin_ty;
use crate::table::VarKind;
use crate::ty::{Const, GenericArgs, Ty, TyKind};

impl Expectation {
    pub(super) fn ty(self) -> Option<Ty> {
        match self {
            Expectation::Has(ty) => Some(ty),
            Expectation::None | Expectation::Discard => None,
        }
    }
}

impl InferCtx<'_> {
    pub(super) fn infer_expr(&mut self, expr: ExprId, expected: Expectation) -> Ty {
        self.depth += 1;
        if self.lowlevel == 0 {
            self.outside.note(expr);
        }
        let ty = if self.depth > EXPR_DEPTH_MAX {
            self.error_ty()
        } else {
            self.infer_expr_inner(expr, expected)
        };
        self.depth -= 1;
        if let Some(slot) = self.result.expr_tys.get_mut(expr) {
            *slot = ty;
        }
        if let Some(seen) = self.inferred.get_mut(expr) {
            *seen = true;
        }
        if ty.is_never(self.db) {
            self.diverges = true;
        }
        ty
    }

    fn infer_expr_inner(&mut self, expr: ExprId, expected: Expectation) -> Ty {
        let db = self.db;
        let body = self.body;
        match &body[expr] {
            Expr::Missing => self.error_ty(),
            Expr::Unsupported(feature) => self.unsupported(Site::Expr(expr), feature),
            Expr::Literal(literal) => self.infer_literal(expr, literal, expected),
            Expr::Pseudo(PseudoConst::Line) => match expected.ty().map(|ty| self.table.shallow(ty))
            {
                Some(ty) if ty.as_int(db).is_some() => ty,
                _ => Ty::i64(db),
            },
            Expr::Pseudo(PseudoConst::File | PseudoConst::DirName) => Ty::str(db),
            Expr::Local(local) => {
                self.result
                    .paths
                    .insert(expr, super::PathRes::Local(*local));
                let ty = self.result.local_tys.get(*local).copied();
                let ty = ty.unwrap_or_else(|| self.error_ty());
                let ty = self.table.shallow(ty);
                match self.narrowed_ty(*local, ty) {
                    Some(ty) => {
                        self.result.narrowed.insert(expr);
                        ty
                    }
                    None => ty,
                }
            }
            Expr::Base => self.infer_base(expr),
            Expr::CtorStart { args } => self.infer_ctor_start(expr, args.as_deref()),
            Expr::Path(path) => self.infer_path(expr, path, expected),
            Expr::PathOrIndex { path, base, index } => {
                if self.path_takes_args(expr, path) {
                    self.infer_path(expr, path, expected)
                } else {
                    self.infer_index(expr, *base, *index)
                }
            }
            Expr::Block {
                stmts,
                tail,
                lowlevel,
                ..
            } => {
                self.lowlevel += u32::from(*lowlevel);
                let ty = self.infer_block(stmts, *tail, expected);
                self.lowlevel -= u32::from(*lowlevel);
                ty
            }
            Expr::If {
                condition,
                then,
                else_,
            } => {
                self.check(*condition, Ty::bool(db), Expected::Condition);
                self.infer_branches(expr, Some(*condition), *then, *else_, expected)
            }
            Expr::IfLet {
                pat,
                ty,
                scrutinee,
                then,
                else_,
            } => {
                self.infer_scrutinee(*scrutinee, *ty, *pat);
                self.infer_branches(expr, None, *then, *else_, expected)
            }
            Expr::When { scrutinee, arms } => {
                let scrutinee_ty = self.infer_expr(*scrutinee, Expectation::None);
                let scrutinee_ty = self.known(scrutinee_ty);
                let mode = self.scrutinee_mode(*scrutinee);
                let before = self.diverges;
                let mut all_diverge = !arms.is_empty();
                let mut merge = Merge::new(expected);
                for arm in arms {
                    self.diverges = before;
                    self.infer_pat(arm.pat, scrutinee_ty, mode, Some(*scrutinee));
                    let mut facts = Vec::new();
                    if let Some(guard) = arm.guard {
                        self.check(guard, Ty::bool(db), Expected::Condition);
                        self.diverges = before;
                        facts = self.facts(guard, true);
                    }
                    self.with_facts(facts, |ctx| {
                        ctx.merge_branch(&mut merge, arm.body, expected);
                    });
                    all_diverge &= self.diverges;
                }
                self.diverges = before || all_diverge;
                self.deferred.push(Deferred::When {
                    expr,
                    scrutinee: *scrutinee,
                });
                merge.finish(self)
            }
            Expr::Loop { body } => {
                let value = match expected.ty() {
                    Some(ty) => ty,
                    None => self.new_var(),
                };
                let ctx = LoopCtx {
                    value: Some(value),
                    may_break: false,
                    first: None,
                };
                let ctx = self.infer_loop_body(ctx, *body);
                if ctx.may_break {
                    // A bare `break` gives Unit.
                    self.diverges = false;
                    self.table.shallow(value)
                } else {
                    Ty::never(db)
                }
            }
            Expr::While { condition, body } => {
                self.check(*condition, Ty::bool(db), Expected::Condition);
                let before = self.diverges;
                let ctx = LoopCtx {
                    value: None,
                    may_break: false,
                    first: None,
                };
                let facts = self.facts(*condition, true);
                self.with_facts(facts, |infer| infer.infer_loop_body(ctx, *body));
                self.diverges = before;
                Ty::unit(db)
            }
            Expr::For {
                pat,
                iterable,
                body,
            } => {
                self.infer_for(expr, *pat, *iterable);
                let before = self.diverges;
                let ctx = LoopCtx {
                    value: None,
                    may_break: false,
                    first: None,
                };
                self.infer_loop_body(ctx, *body);
                self.diverges = before;
                Ty::unit(db)
            }
            Expr::Break { value } => {
                self.infer_break(expr, *value);
                Ty::never(db)
            }
            Expr::Continue => Ty::never(db),
            Expr::Return { value } => {
                self.infer_return(expr, *value);
                Ty::never(db)
            }
            Expr::Throw { value } => {
                self.infer_throw(expr, *value);
                Ty::never(db)
            }
            Expr::Closure { .. } => self.infer_closure(expr, expected),
            Expr::Catch {
                body,
                binding,
                handler,
            } => self.infer_catch(expr, *body, *binding, *handler, expected),
            Expr::Await { operand } => self.infer_await(expr, *operand),
            Expr::Call { callee, args } => self.infer_call(expr, *callee, args, expected),
            Expr::MethodCall {
                receiver,
                name,
                generic_args,
                args,
            } => {
                let generic_args = generic_args.as_deref();
                self.infer_method_call(expr, *receiver, name, generic_args, args, expected)
            }
            Expr::Field { base, name } => self.infer_field(expr, *base, name, expected),
            Expr::Index { base, index } => self.infer_index(expr, *base, *index),
            Expr::Unary {
                op: UnaryOp::Deref,
                operand,
            } => self.infer_deref(expr, *operand),
            Expr::Unary { op, operand } => self.infer_unary(expr, *op, *operand, expected),
            Expr::Binary { op, left, right } => {
                self.infer_binary(expr, *op, *left, *right, expected)
            }
            Expr::Assign { op, target, value } => {
                self.infer_assign(expr, *op, *target, *value);
                Ty::unit(db)
            }
            Expr::Range {
                start,
                end,
                inclusive,
            } => self.infer_range(expr, *start, *end, *inclusive, expected),
            Expr::Cast { operand, ty } => {
                let to = self.lower_ty(*ty);
                self.infer_cast(expr, *operand, to)
            }
            Expr::Ref {
                operand,
                mutable,
                address_of,
            } => self.infer_ref(expr, *operand, *mutable, *address_of, expected),
            Expr::Tuple(parts) => {
                let hints: Vec<Ty> = match expected.ty().map(|ty| self.table.shallow(ty)) {
                    Some(ty) => match ty.kind(db) {
                        TyKind::Tuple(hints) if hints.len() == parts.len() => hints.to_vec(),
                        _ => Vec::new(),
                    },
                    None => Vec::new(),
                };
                let mut tys = Vec::with_capacity(parts.len());
                for (i, part) in parts.iter().enumerate() {
                    let ty = match hints.get(i) {
                        // Elements are coercion sites of their own.
                        Some(hint) => self.element(*part, *hint),
                        None => {
                            let ty = self.infer_expr(*part, Expectation::None);
                            self.decay(*part, ty)
                        }
                    };
                    tys.push(ty);
                }
                Ty::tuple(db, tys)
            }
            Expr::Array(parts) => self.infer_array(parts, expected),
            Expr::Repeat { value, count } => {
                let element = self.element_hint(expected);
                let ty = match element {
                    Some(hint) => self.element(*value, hint),
                    None => {
                        let ty = self.infer_expr(*value, Expectation::None);
                        self.decay(*value, ty)
                    }
                };
                let len = self.infer_repeat_count(*count);
                Ty::array(db, ty, len)
            }
            Expr::StructLit {
                path,
                fields,
                spread,
            } => self.infer_struct_lit(expr, path, fields, *spread, expected),
            Expr::Interpolate { parts, template } => {
                for part in parts {
                    if let InterpolPart::Expr { expr, .. } = part {
                        self.infer_expr(*expr, Expectation::None);
                    }
                }
                let ty = match self.lang.text {
                    _ if !template => Ty::str(db),
                    Some(text) => Ty::adt(db, text, GenericArgs::empty(db)),
                    None => return self.unsupported(Site::Expr(expr), "template literals"),
                };
                self.deferred.push(Deferred::Format {
                    expr,
                    name: None,
                    drafts: Vec::new(),
                });
                ty
            }
            Expr::Try { operand, recover } => {
                self.infer_try(expr, *operand, recover.as_ref(), expected)
            }
            Expr::Is { operand, ty } => {
                let to = self.lower_ty(*ty);
                self.infer_is(expr, *operand, to)
            }
        }
    }

    /// An element of a literal against the type it should have. Gives that type, or the found
    /// one if they differ: the literal as a whole is compared later.
    fn element(&mut self, expr: ExprId, hint: Ty) -> Ty {
        let found = self.infer_expr(expr, Expectation::Has(hint));
        if let Some(steps) = self.list_literal(expr, found, hint, false) {
            self.adjust(expr, steps);
            return hint;
        }
        match self.coerce(found, hint, false) {
            Ok(steps) => {
                self.adjust(expr, steps);
                hint
            }
            Err(_) => found,
        }
    }

    /// Functions named as values become `func` where nothing is expected.
    pub(super) fn decay(&mut self, expr: ExprId, ty: Ty) -> Ty {
        let ty = self.table.shallow(ty);
        match ty.kind(self.db) {
            TyKind::FnItem(..) | TyKind::Ctor(..) => {
                let func = self.func_value_ty(ty);
                if let Ok(steps) = self.coerce(ty, func, false) {
                    self.adjust(expr, steps);
                }
                func
            }
            _ => ty,
        }
    }

    /// The same where several values get one type: closures become `func`, too.
    pub(super) fn decay_in_merge(&mut self, expr: ExprId, ty: Ty) -> Ty {
        let ty = self.table.shallow(ty);
        if !matches!(ty.kind(self.db), TyKind::Closure(..)) {
            return self.decay(expr, ty);
        }
        let func = self.func_value_ty(ty);
        if let Ok(steps) = self.coerce(ty, func, false) {
            self.adjust(expr, steps);
        }
        func
    }

    fn element_hint(&mut self, expected: Expectation) -> Option<Ty> {
        let mut ty = self.table.shallow(expected.ty()?);
        if let Some((_, target)) = ty.as_ref(self.db) {
            ty = self.table.shallow(target);
        }
        match ty.kind(self.db) {
            TyKind::Array(element, _) | TyKind::Slice(element) => Some(*element),
            TyKind::Adt(adt, args) if self.lang.list == Some(*adt) => Some(args.ty(self.db, 0)),
            _ => None,
        }
    }

    fn infer_array(&mut self, parts: &[ExprId], expected: Expectation) -> Ty {
        let db = self.db;
        let hint = self.element_hint(expected);
        let mut merge = Merge {
            ty: hint,
            first: None,
            why: hint.map(|_| Expected::Other),
            discard: false,
        };
        for part in parts {
            self.merge_element(&mut merge, *part);
        }
        let element = match merge.ty {
            Some(ty) => ty,
            None => self.new_var(),
        };
        Ty::array(db, element, Const::len(db, parts.len() as u64))
    }

    fn merge_element(&mut self, merge: &mut Merge, part: ExprId) {
        let hint = match merge.ty {
            Some(ty) => Expectation::Has(ty),
            None => Expectation::None,
        };
        let found = self.infer_expr(part, hint);
        match merge.ty {
            Some(ty) => {
                let why = match merge.first {
                    Some(first) => Expected::Element(first),
                    None => Expected::Other,
                };
                self.coerce_expr(part, found, ty, why, false);
            }
            None => merge.ty = Some(self.decay_in_merge(part, found)),
        }
        merge.first = merge.first.or(Some(part));
    }

    fn infer_repeat_count(&mut self, count: ExprId) -> Const {
        let db = self.db;
        let ty = self.infer_expr(count, Expectation::None);
        let ty = self.table.shallow(ty);
        let is_int =
            ty.as_int(db).is_some() || matches!(self.table.var_kind(ty), Some(VarKind::Int { .. }));
        if !is_int {
            if !ty.is_error(db) {
                self.error(InferDiagnostic::ArrayLength { expr: count });
            }
            return Const::Error;
        }
        if let Some(super::PathRes::ConstParam(param)) = self.result.paths.get(&count) {
            return Const::Param(*param);
        }
        let (paths, calls) = (&self.result.paths, &self.result.calls);
        match crate::consteval::eval_int_expr(db, self.body, paths, calls, count) {
            Ok(value) if value >= 0 => Const::Value(value, Ty::usize(db)),
            Ok(_) => {
                self.error(InferDiagnostic::ArrayLength { expr: count });
                Const::Error
            }
            Err(error) => {
                let site = Site::Expr(count);
                self.error(InferDiagnostic::Const {
                    site,
                    error,
                    constant: None,
                });
                Const::Error
            }
        }
    }

    fn infer_literal(&mut self, expr: ExprId, literal: &Literal, expected: Expectation) -> Ty {
        let db = self.db;
        match literal {
            Literal::Int { value, suffix } => {
                self.literals.push((expr, *value, false));
                if let Some(suffix) = suffix {
                    return builtin_ty(db, *suffix);
                }
                self.number_ty(
                    expected,
                    VarKind::Int {
                        min: 0,
                        max: *value,
                    },
                )
            }
            Literal::Float { suffix, .. } => {
                if let Some(suffix) = suffix {
                    return builtin_ty(db, *suffix);
                }
                self.number_ty(expected, VarKind::Float)
            }
            Literal::Bool(_) => Ty::bool(db),
            Literal::Char(_) => Ty::char(db),
            Literal::Str(_) => Ty::str(db),
            Literal::Bytes(_) => builtin_ty(db, BuiltinType::Bytes),
            Literal::Null => match expected.ty().map(|ty| self.table.shallow(ty)) {
                Some(ty) if matches!(ty.kind(db), TyKind::RawPtr(_)) => ty,
                _ => {
                    let target = self.new_var();
                    Ty::raw_ptr(db, target)
                }
            },
            Literal::Unit => Ty::unit(db),
        }
    }

    /// The type of an unsuffixed number literal in its context.
    pub(super) fn number_ty(&mut self, expected: Expectation, kind: VarKind) -> Ty {
        let var = self.table.new_var(kind);
        if let Some(ty) = expected.ty() {
            // C4 and auto-borrow look through references.
            let ty = self.table.shallow(ty).strip_refs(self.db);
            let ty = self.table.shallow(ty);
            let is_number = matches!(ty.kind(self.db), TyKind::Int(_) | TyKind::Float(_))
                || self
                    .table
                    .var_kind(ty)
                    .is_some_and(super::coerce::is_number);
            if is_number && self.table.unify(var, ty).is_ok() {
                return self.table.shallow(var);
            }
        }
        var
    }

    pub(super) fn infer_range(
        &mut self,
        expr: ExprId,
        start: Option<ExprId>,
        end: Option<ExprId>,
        inclusive: bool,
        expected: Expectation,
    ) -> Ty {
        let db = self.db;
        let adt = match (start, end) {
            (Some(_), Some(_)) if inclusive => self.lang.range_inclusive,
            (Some(_), Some(_)) => self.lang.range,
            (Some(_), None) => self.lang.range_from,
            (None, Some(_)) if inclusive => self.lang.range_to_inclusive,
            (None, Some(_)) => self.lang.range_to,
            (None, None) => self.lang.range_full,
        };
        let hint = match expected.ty().map(|ty| self.table.shallow(ty)) {
            Some(ty) => match ty.as_adt(db) {
                Some((_, args)) => Expectation::Has(args.ty(db, 0)),
                None => Expectation::None,
            },
            None => Expectation::None,
        };
        if start.is_none()
            && end.is_none()
            && let Some(id) = adt
        {
            return Ty::adt(db, hir_def::AdtId::Struct(id), GenericArgs::empty(db));
        }
        let item = self.infer_range_ends(start, end, hint);
        match adt {
            Some(id) => {
                let args = GenericArgs::from_iter(db, [item.into()]);
                Ty::adt(db, hir_def::AdtId::Struct(id), args)
            }
            None => self.unsupported(Site::Expr(expr), "ranges as values"),
        }
    }

    /// The common type of both ends.
    pub(super) fn infer_range_ends(
        &mut self,
        start: Option<ExprId>,
        end: Option<ExprId>,
        hint: Expectation,
    ) -> Ty {
        let mut merge = Merge {
            ty: hint.ty(),
            first: None,
            why: None,
            discard: false,
        };
        for part in [start, end].into_iter().flatten() {
            self.merge_range_end(&mut merge, part);
        }
        match merge.ty {
            Some(ty) => ty,
            None => self.error_ty(),
        }
    }

    fn merge_range_end(&mut self, merge: &mut Merge, part: ExprId) {
        let hint = match merge.ty {
            Some(ty) => Expectation::Has(ty),
            None => Expectation::None,
        };
        let found = self.infer_expr(part, hint);
        let ty = self.known(found);
        // Ends are values: a reference to a number is read.
        let value = ty.strip_refs(self.db);
        if value != ty
            && let Ok(steps) = self.coerce(ty, value, false)
        {
            self.adjust(part, steps);
        }
        match (merge.ty, merge.first) {
            (Some(wanted), Some(first)) => {
                if self.table.unify(value, wanted).is_err() {
                    let (left, right) = (self.table.resolve(wanted), self.table.resolve(value));
                    if !left.has_error(self.db) && !right.has_error(self.db) {
                        let (site, why) = (Site::Expr(part), Expected::Element(first));
                        let (expected, found) = (left, right);
                        self.error(InferDiagnostic::Mismatch {
                            site,
                            expected,
                            found,
                            why,
                        });
                    }
                }
            }
            (Some(wanted), None) => {
                if self.table.unify(value, wanted).is_err() {
                    merge.ty = Some(value);
                }
            }
            (None, _) => merge.ty = Some(value),
        }
        merge.first = merge.first.or(Some(part));
    }

    fn infer_cast(&mut self, expr: ExprId, operand: ExprId, to: Ty) -> Ty {
        let db = self.db;
        let body = self.body;
        let is_literal = match &body[operand] {
            Expr::Literal(_) => true,
            Expr::Unary {
                op: UnaryOp::Neg,
                operand,
            } => {
                matches!(body[*operand], Expr::Literal(_))
            }
            _ => false,
        };
        let hint = match self.table.shallow(to).kind(db) {
            TyKind::Int(_) | TyKind::Float(_) | TyKind::RawPtr(_) if is_literal => {
                Expectation::Has(to)
            }
            TyKind::Ref { .. } | TyKind::Func { .. } => Expectation::Has(to),
            _ => Expectation::None,
        };
        let found = self.infer_expr(operand, hint);
        let found = self.known(found);
        let to = self.table.shallow(to);
        if let Some(ty) = self.infer_object_cast(expr, operand, found, to) {
            return ty;
        }
        self.deferred.push(Deferred::Cast { expr, operand, to });
        to
    }
}

/// The operators that need both operands to be of one type.
pub(super) fn is_arithmetic(op: BinaryOp) -> bool {
    use BinaryOp::*;
    matches!(
        op,
        Add | Sub | Mul | Div | Rem | Pow | BitAnd | BitOr | BitXor
    )
}

//! Operators (reference §3.2, §5.6, §9.3).

use hir_def::FuncId;
use hir_def::body::{BinaryOp, Expr, ExprId, Literal, UnaryOp};

use super::diagnostics::InferDiagnostic;
use super::expr::is_arithmetic;
use super::result::{Adjust, Adjustment, Callee, OpRes};
use super::{Expectation, InferCtx};
use crate::generics::BehaviorRef;
use crate::signature::fn_type;
use crate::solve::{Answer, Solver};
use crate::table::VarKind;
use crate::ty::{GenericArgs, Projection, Ty, TyKind};

impl InferCtx<'_> {
    pub(super) fn infer_unary(
        &mut self,
        expr: ExprId,
        op: UnaryOp,
        operand: ExprId,
        expected: Expectation,
    ) -> Ty {
        let db = self.db;
        if let (
            UnaryOp::Neg,
            Expr::Literal(Literal::Int {
                value,
                suffix: None,
            }),
        ) = (op, &self.body[operand])
        {
            // `-128` is one constant.
            let min = i128::try_from(*value).map(|v| -v).unwrap_or(i128::MIN);
            self.literals.push((operand, *value, true));
            let ty = self.number_ty(expected, VarKind::Int { min, max: 0 });
            if let Some(slot) = self.result.expr_tys.get_mut(operand) {
                *slot = ty;
            }
            self.result.ops.insert(expr, OpRes::Builtin);
            return ty;
        }
        if let (
            UnaryOp::Neg,
            Expr::Literal(Literal::Int {
                value,
                suffix: Some(_),
            }),
        ) = (op, &self.body[operand])
        {
            let value = *value;
            let ty = self.infer_expr(operand, expected);
            if let Some(last) = self.literals.last_mut()
                && last.0 == operand
            {
                *last = (operand, value, true);
            }
            self.result.ops.insert(expr, OpRes::Builtin);
            return ty;
        }
        let hint = match op {
            UnaryOp::Not => Expectation::Has(Ty::bool(db)),
            _ => expected_number(expected),
        };
        let found = self.infer_expr(operand, hint);
        let found = self.known(found);
        let value = self.read_value(operand, found);
        let kind = self.table.var_kind(value);
        let is_builtin = match (op, value.kind(db)) {
            (_, TyKind::Error) => return value,
            (_, TyKind::Never) => return value,
            (UnaryOp::Not, TyKind::Bool) => true,
            (UnaryOp::Neg, TyKind::Int(int)) => int.is_signed() || self.is_untyped(operand),
            (UnaryOp::Neg, TyKind::Float(_)) => true,
            (UnaryOp::BitNot, TyKind::Int(_)) => true,
            (UnaryOp::Neg, TyKind::Infer(_)) => kind.is_some_and(super::coerce::is_number),
            (UnaryOp::BitNot, TyKind::Infer(_)) => matches!(kind, Some(VarKind::Int { .. })),
            _ => false,
        };
        if is_builtin {
            self.result.ops.insert(expr, OpRes::Builtin);
            return value;
        }
        // `not` of a number is no bitwise operation, whatever numbers implement.
        let is_number = value.as_int(db).is_some() || kind.is_some_and(super::coerce::is_number);
        if op == UnaryOp::Not && is_number {
            let operand = self.table.resolve(value);
            self.error(InferDiagnostic::UnaryOp { expr, op, operand });
            return self.error_ty();
        }
        let behavior = match op {
            UnaryOp::Neg => "Neg",
            UnaryOp::Not | UnaryOp::BitNot => "Not",
            UnaryOp::Deref => return self.error_ty(),
        };
        if let Some((behavior, method)) = self.lang.operator(behavior)
            && let Some(func) = crate::signature::behavior_func(db, behavior, method)
        {
            let args = GenericArgs::from_iter(db, [value.into()]);
            if self.goal_holds(BehaviorRef { behavior, args }) {
                let callee = Callee { func, args };
                self.borrow_operand(operand, value, callee, 0);
                self.result.ops.insert(
                    expr,
                    OpRes::Method {
                        callee,
                        negate: false,
                    },
                );
                return self.output(behavior, func, args);
            }
        }
        let operand = self.table.resolve(value);
        if !operand.has_error(db) {
            self.error(InferDiagnostic::UnaryOp { expr, op, operand });
        }
        self.error_ty()
    }

    /// Whether a number was written without a type; `-x` on `U8` is an error otherwise.
    fn is_untyped(&self, operand: ExprId) -> bool {
        matches!(self.body[operand], Expr::Literal(_))
    }

    /// Looks through references of an operand that is to be read.
    pub(super) fn read_value(&mut self, operand: ExprId, ty: Ty) -> Ty {
        let mut steps = Vec::new();
        let mut ty = ty;
        while let Some((_, target)) = ty.as_ref(self.db) {
            ty = self.known(target);
            steps.push(Adjustment {
                kind: Adjust::Deref,
                target: ty,
            });
        }
        self.adjust(operand, steps);
        ty
    }

    /// Adds the borrow that a method's parameter wants.
    pub(super) fn borrow_operand(&mut self, operand: ExprId, ty: Ty, callee: Callee, index: usize) {
        let db = self.db;
        let sig = fn_type(db, callee.func);
        let Some(passed) = sig.all_params(db).nth(index) else {
            return;
        };
        let passed = self.instantiate(passed, callee.args);
        if let Ok(steps) = self.coerce(ty, passed, true) {
            self.adjust(operand, steps);
        }
    }

    pub(super) fn goal_holds(&mut self, goal: BehaviorRef) -> bool {
        let mut nested = Vec::new();
        let snapshot = self.table.snapshot();
        let mut solver = Solver {
            table: &mut self.table,
            env: self.env,
            depth: 0,
        };
        match solver.solve(goal, &mut nested) {
            Answer::Yes(_) => {
                self.table.commit(snapshot);
                let site = super::diagnostics::Site::Expr(self.body.root);
                self.require_all(nested, site, None, super::OBLIGATION_FUEL);
                true
            }
            _ => {
                self.table.rollback(snapshot);
                false
            }
        }
    }

    /// The result type of an operator's method.
    fn output(&mut self, behavior: hir_def::BehaviorId, func: FuncId, args: GenericArgs) -> Ty {
        let db = self.db;
        let name = hir_def::Name::new_static("Output");
        if crate::signature::assoc_type_of(db, behavior, &name).is_some() {
            let projection = Projection {
                behavior,
                name,
                args,
            };
            let ty = self.normalize(Ty::new(db, TyKind::Projection(projection)));
            return self.known(ty);
        }
        let ret = self.instantiate(fn_type(db, func).ret, args);
        self.known(ret)
    }

    pub(super) fn infer_binary(
        &mut self,
        expr: ExprId,
        op: BinaryOp,
        left: ExprId,
        right: ExprId,
        expected: Expectation,
    ) -> Ty {
        let db = self.db;
        if matches!(op, BinaryOp::And | BinaryOp::Or) {
            let bool_ty = Ty::bool(db);
            for (i, operand) in [left, right].into_iter().enumerate() {
                let before = self.diverges;
                let facts = match i {
                    1 => self.facts(left, op == BinaryOp::And),
                    _ => Vec::new(),
                };
                let found = self.with_facts(facts, |ctx| {
                    ctx.infer_expr(operand, Expectation::Has(bool_ty))
                });
                if i == 1 {
                    // The right side may never run.
                    self.diverges = before;
                }
                if self
                    .coerce(found, bool_ty, false)
                    .map(|s| self.adjust(operand, s))
                    .is_err()
                {
                    if i == 0 {
                        self.infer_expr(right, Expectation::None);
                    }
                    self.binary_error(expr, op, left, right, false);
                    return bool_ty;
                }
            }
            self.result.ops.insert(expr, OpRes::Builtin);
            return bool_ty;
        }
        let hint = if op.is_comparison() {
            Expectation::None
        } else {
            expected_number(expected)
        };
        // A literal on the left takes the type of the right side.
        let left_is_literal = is_bare_number(self.body, left);
        let (left_ty, right_ty) = if left_is_literal && !is_bare_number(self.body, right) {
            let left_ty = self.infer_expr(left, hint);
            let right_ty = self.infer_expr(right, hint);
            (left_ty, right_ty)
        } else {
            let left_ty = self.infer_expr(left, hint);
            let left_known = self.known(left_ty);
            let right_hint = match op {
                BinaryOp::Shl | BinaryOp::Shr | BinaryOp::Pow => Expectation::None,
                _ if left_known.is_error(db) => Expectation::None,
                _ => Expectation::Has(left_known.strip_refs(db)),
            };
            let right_ty = self.infer_expr(right, right_hint);
            (left_ty, right_ty)
        };
        let (left_ty, right_ty) = (self.known(left_ty), self.known(right_ty));
        self.binary_types(expr, op, (left, left_ty), (right, right_ty), false)
    }

    /// Decides an operator for inferred operands.
    pub(super) fn binary_types(
        &mut self,
        expr: ExprId,
        op: BinaryOp,
        (left, left_ty): (ExprId, Ty),
        (right, right_ty): (ExprId, Ty),
        assign: bool,
    ) -> Ty {
        let db = self.db;
        let bool_ty = Ty::bool(db);
        let result_of = |value: Ty| if op.is_comparison() { bool_ty } else { value };
        let (l, r) = (left_ty.strip_refs(db), right_ty.strip_refs(db));
        let (l, r) = (self.known(l), self.known(r));
        if l.is_error(db) || r.is_error(db) {
            return if op.is_comparison() {
                bool_ty
            } else {
                self.error_ty()
            };
        }
        if l.is_never(db) || r.is_never(db) {
            return result_of(Ty::never(db));
        }
        // Primitives.
        if let Some(value) = self.builtin_binary(op, l, r) {
            self.read_value(left, left_ty);
            self.read_value(right, right_ty);
            let res = match (op, value.kind(db)) {
                (BinaryOp::Add, TyKind::Str) => OpRes::Concat,
                _ => OpRes::Builtin,
            };
            self.result.ops.insert(expr, res);
            return result_of(value);
        }
        if op.is_comparison() {
            if self.comparison(expr, op, (left, left_ty), (right, right_ty)) {
                return bool_ty;
            }
            self.binary_error(expr, op, left, right, assign);
            return bool_ty;
        }
        if let Some(ty) = self.overloaded(expr, op, (left, left_ty), (right, right_ty), assign) {
            return ty;
        }
        self.binary_error(expr, op, left, right, assign);
        self.error_ty()
    }

    /// The type of both operands if the machine does it.
    fn builtin_binary(&mut self, op: BinaryOp, l: Ty, r: Ty) -> Option<Ty> {
        use BinaryOp::*;
        let db = self.db;
        let number = |ctx: &mut Self, ty: Ty| -> Option<bool> {
            // Whether it is an integer.
            match ty.kind(db) {
                TyKind::Int(_) => Some(true),
                TyKind::Float(_) => Some(false),
                TyKind::Infer(_) => match ctx.table.var_kind(ty)? {
                    VarKind::Int { .. } => Some(true),
                    VarKind::Float => Some(false),
                    VarKind::General => None,
                },
                _ => None,
            }
        };
        match op {
            Shl | Shr => {
                let ok = number(self, l)? && number(self, r)?;
                return ok.then_some(l);
            }
            Pow => {
                let (base_int, exp_int) = (number(self, l)?, number(self, r)?);
                if base_int && !exp_int {
                    return None;
                }
                // An integer exponent may be of any integer type.
                if !exp_int {
                    self.unify_quietly(l, r)?;
                }
                return Some(l);
            }
            _ => {}
        }
        // Of an unknown and a number, the unknown becomes that number.
        let l_var = self.table.var_kind(l) == Some(VarKind::General);
        let r_var = self.table.var_kind(r) == Some(VarKind::General);
        let is_primitive = |ty: Ty| {
            matches!(
                ty.kind(db),
                TyKind::Bool
                    | TyKind::Int(_)
                    | TyKind::Float(_)
                    | TyKind::Char
                    | TyKind::Str
                    | TyKind::RawPtr(_)
            )
        };
        let l_known = is_primitive(l) || number(self, l).is_some();
        let r_known = is_primitive(r) || number(self, r).is_some();
        let decided = (l_known && (r_known || r_var)) || (l_var && r_known);
        if !decided {
            return None;
        }
        let subject = if l_known { l } else { r };
        let fits = match (op, subject.kind(db)) {
            (Eq | Ne, _) => true,
            (Lt | Le | Gt | Ge, TyKind::RawPtr(_)) => false,
            (Lt | Le | Gt | Ge, _) => true,
            (Add, TyKind::Str) => true,
            (BitAnd | BitOr | BitXor, TyKind::Bool) => true,
            (Add | Sub | Mul | Div | Rem, _) => number(self, subject).is_some(),
            (BitAnd | BitOr | BitXor, _) => number(self, subject) == Some(true),
            _ => false,
        };
        if !fits {
            return None;
        }
        self.unify_quietly(l, r)?;
        Some(self.table.shallow(l))
    }

    pub(super) fn unify_quietly(&mut self, a: Ty, b: Ty) -> Option<()> {
        let snapshot = self.table.snapshot();
        match self.table.unify(a, b) {
            Ok(()) => {
                self.table.commit(snapshot);
                Some(())
            }
            Err(_) => {
                self.table.rollback(snapshot);
                None
            }
        }
    }

    /// Operator behaviors of the library.
    fn overloaded(
        &mut self,
        expr: ExprId,
        op: BinaryOp,
        (left, left_ty): (ExprId, Ty),
        (right, right_ty): (ExprId, Ty),
        assign: bool,
    ) -> Option<Ty> {
        let db = self.db;
        let name = behavior_name(op)?;
        let l = left_ty.strip_refs(db);
        let l = self.known(l);
        if assign
            && let Some((behavior, method)) = self.lang.operator(&format!("{name}Assign"))
            && let Some(func) = crate::signature::behavior_func(db, behavior, method)
            && let Some(args) = self.operator_args(behavior, l, right_ty)
        {
            let callee = Callee { func, args };
            let l = self.read_value(left, left_ty);
            self.borrow_operand(left, l, callee, 0);
            self.pass_operand(right, right_ty, callee);
            self.result.ops.insert(
                expr,
                OpRes::Method {
                    callee,
                    negate: false,
                },
            );
            return Some(Ty::unit(db));
        }
        let (behavior, method) = self.lang.operator(name)?;
        let func = crate::signature::behavior_func(db, behavior, method)?;
        let l = self.number_operand(behavior, l, right_ty);
        let args = self.operator_args(behavior, l, right_ty)?;
        let callee = Callee { func, args };
        if assign {
            let read = self.read_value(left, left_ty);
            let _ = read;
        } else {
            let l = self.read_value(left, left_ty);
            self.borrow_operand(left, l, callee, 0);
        }
        self.pass_operand(right, right_ty, callee);
        let res = if assign {
            OpRes::AssignThrough { callee }
        } else {
            OpRes::Method {
                callee,
                negate: false,
            }
        };
        self.result.ops.insert(expr, res);
        let args = self.table.resolve_args(args);
        Some(self.output(behavior, func, args))
    }

    /// An unsuffixed number on the left of an operator of somebody's own: `2.0 * v`.
    fn number_operand(&mut self, behavior: hir_def::BehaviorId, l: Ty, right_ty: Ty) -> Ty {
        use crate::ty::{FloatTy, IntTy};
        let db = self.db;
        let Some(kind) = self.table.var_kind(l) else {
            return l;
        };
        let mut types = match kind {
            VarKind::General => return l,
            VarKind::Int { .. } => vec![Ty::i32(db), Ty::i64(db)],
            VarKind::Float => Vec::new(),
        };
        types.push(Ty::float(db, FloatTy::F64));
        types.push(Ty::float(db, FloatTy::F32));
        if let VarKind::Int { .. } = kind {
            types.extend(IntTy::ALL.into_iter().map(|int| Ty::int(db, int)));
        }
        for ty in types {
            let snapshot = self.table.snapshot();
            let pending = self.pending.len();
            let fits = self.operator_args(behavior, ty, right_ty).is_some();
            self.pending.truncate(pending);
            self.table.rollback(snapshot);
            if fits && self.table.unify(l, ty).is_ok() {
                return ty;
            }
        }
        l
    }

    /// Arguments `[L, R]` for which the behavior holds: with `R` as it is, or behind its
    /// references.
    fn operator_args(
        &mut self,
        behavior: hir_def::BehaviorId,
        l: Ty,
        right_ty: Ty,
    ) -> Option<GenericArgs> {
        let db = self.db;
        let def = hir_def::GenericDef::Behavior(behavior);
        let has_rhs = crate::generics::generics_of(db, def).params.len() > 1;
        if !has_rhs {
            let args = GenericArgs::from_iter(db, [l.into()]);
            return self
                .goal_holds(BehaviorRef { behavior, args })
                .then_some(args);
        }
        let mut candidates = vec![right_ty];
        let stripped = right_ty.strip_refs(db);
        if stripped != right_ty {
            candidates.push(self.table.shallow(stripped));
        }
        for r in candidates {
            let args = GenericArgs::from_iter(db, [l.into(), r.into()]);
            if self.goal_holds(BehaviorRef { behavior, args }) {
                return Some(args);
            }
        }
        None
    }

    fn pass_operand(&mut self, operand: ExprId, ty: Ty, callee: Callee) {
        self.borrow_operand(operand, ty, callee, 1);
    }

    fn binary_error(
        &mut self,
        expr: ExprId,
        op: BinaryOp,
        left: ExprId,
        right: ExprId,
        assign: bool,
    ) {
        let ty = |ctx: &mut Self, expr: ExprId| {
            let ty = ctx.result.expr_ty(expr).unwrap_or_else(|| ctx.error_ty());
            ctx.table.resolve(ty)
        };
        let (left, right) = (ty(self, left), ty(self, right));
        if left.has_error(self.db) || right.has_error(self.db) {
            return;
        }
        if let (TyKind::Param(_), true) =
            (left.strip_refs(self.db).kind(self.db), is_arithmetic(op))
        {
            let param = left.strip_refs(self.db);
            let behavior = behavior_name(op).and_then(|name| self.lang.operator(name));
            let behavior = behavior.map(|(behavior, _)| behavior);
            self.error(InferDiagnostic::NeedsBound {
                expr,
                param,
                behavior,
                op: Some(op),
            });
            return;
        }
        self.error(InferDiagnostic::BinaryOp {
            expr,
            op,
            left,
            right,
            assign,
        });
    }
}

/// The operator behavior of a binary operator.
fn behavior_name(op: BinaryOp) -> Option<&'static str> {
    Some(match op {
        BinaryOp::Add => "Add",
        BinaryOp::Sub => "Sub",
        BinaryOp::Mul => "Mul",
        BinaryOp::Div => "Div",
        BinaryOp::Rem => "Rem",
        BinaryOp::BitAnd => "BitAnd",
        BinaryOp::BitOr => "BitOr",
        BinaryOp::BitXor => "BitXor",
        BinaryOp::Shl => "Shl",
        BinaryOp::Shr => "Shr",
        _ => return None,
    })
}

/// An expected type is passed on to operands only for the sake of literals.
fn expected_number(expected: Expectation) -> Expectation {
    match expected {
        Expectation::Has(ty) => Expectation::Has(ty),
        Expectation::None | Expectation::Discard => Expectation::None,
    }
}

/// An unsuffixed number, perhaps negated.
fn is_bare_number(body: &hir_def::body::Body, expr: ExprId) -> bool {
    match &body[expr] {
        Expr::Literal(Literal::Int { suffix: None, .. } | Literal::Float { suffix: None, .. }) => {
            true
        }
        Expr::Unary {
            op: UnaryOp::Neg,
            operand,
        } => is_bare_number(body, *operand),
        _ => false,
    }
}

//! Expressions for their value, put into a place, or for their effect alone.

use hir_def::body::{Expr, ExprId, PseudoConst, Stmt};
use hir_def::{UnionId, VariantDef};
use hir_ty::{Adjust, Adjustment, GenericArgs, PathRes, Ty};

use super::Builder;
use crate::data::*;
use crate::tys;

impl<'a> Builder<'a> {
    /// Evaluates an expression as its context sees it, into `dest`, which holds nothing yet.
    /// Without `dest` the value is discarded: dropped with the statement's temporaries.
    pub(super) fn expr_to(&mut self, dest: Option<&Place>, expr: ExprId) {
        let ty = self.adjusted_ty(expr);
        // A Unit context takes any value and discards it.
        if let Some(place) = dest
            && self.place_ty(place).is_unit(self.db)
            && !ty.is_unit(self.db)
            && !ty.is_never(self.db)
        {
            self.expr_to(None, expr);
            return self.assign_unit(dest);
        }
        let steps = self.infer.adjustments(expr);
        // What never comes is not put anywhere.
        if let Some(place) = dest
            && ty.is_never(self.db)
            && !self.place_ty(place).is_never(self.db)
        {
            self.adjusted_to(None, expr, steps);
            return self.diverge(TerminatorKind::Unreachable);
        }
        self.adjusted_to(dest, expr, steps);
    }

    /// The same after the given adjustments only.
    pub(super) fn adjusted_to(
        &mut self,
        dest: Option<&Place>,
        expr: ExprId,
        steps: &'a [Adjustment],
    ) {
        // What becomes of a block's value is said of the expression that gives it.
        let at = match steps {
            [] => expr,
            _ => self.giver(expr),
        };
        let outer = std::mem::replace(&mut self.source, at.into());
        match steps.split_last() {
            None => self.raw_to(dest, expr),
            Some((last, rest)) => self.adjustment_to(dest, expr, last, rest),
        }
        self.source = outer;
    }

    /// The expression at the end of a block, or of one inside it.
    fn giver(&self, expr: ExprId) -> ExprId {
        let mut at = expr;
        while let Expr::Block {
            tail: Some(tail), ..
        } = &self.hir[at]
        {
            at = *tail;
        }
        at
    }

    fn adjustment_to(
        &mut self,
        dest: Option<&Place>,
        expr: ExprId,
        last: &Adjustment,
        rest: &'a [Adjustment],
    ) {
        let Some(dest) = dest else {
            return self.adjusted_to(None, expr, rest);
        };
        match &last.kind {
            Adjust::NeverToAny => {
                self.adjusted_to(None, expr, rest);
                self.diverge(TerminatorKind::Unreachable);
            }
            Adjust::Deref => {
                let mark = self.access_mark();
                let place = self.adjusted_place(expr, rest).deref();
                let operand = self.read_out(place, mark);
                self.assign_operand(dest, operand);
            }
            Adjust::OverloadedDeref { callee, .. } => {
                let mark = self.access_mark();
                let base = self.adjusted_place(expr, rest);
                let place = self.overloaded_place(*callee, base, Vec::new(), last.target);
                let operand = self.read_out(place, mark);
                self.assign_operand(dest, operand);
            }
            Adjust::IntCast => {
                let operand = self.adjusted_operand(expr, rest);
                let cast = CastKind::As(hir_ty::CastKind::IntToInt);
                self.assign(dest, Rvalue::Cast(cast, operand, last.target));
            }
            Adjust::Upcast => {
                let operand = self.adjusted_operand(expr, rest);
                self.assign(dest, Rvalue::Cast(CastKind::Upcast, operand, last.target));
            }
            Adjust::Borrow { mutable } => {
                let place = self.adjusted_place(expr, rest);
                let kind = match mutable {
                    false => BorrowKind::Shared,
                    true if self.receivers.contains(&expr) => BorrowKind::TwoPhase,
                    true => BorrowKind::Implicit,
                };
                self.borrow_to(dest, kind, place);
            }
            Adjust::Unsize => {
                let operand = self.adjusted_operand(expr, rest);
                self.assign(dest, Rvalue::Cast(CastKind::Unsize, operand, last.target));
            }
            Adjust::BoxDyn => {
                let operand = self.adjusted_operand(expr, rest);
                self.assign(dest, Rvalue::Cast(CastKind::BoxDyn, operand, last.target));
            }
            Adjust::FromArray(callee) => {
                let array = self.adjusted_operand(expr, rest);
                self.call_resolved(*callee, vec![array], dest);
            }
            Adjust::Reveal => {
                let operand = self.adjusted_operand(expr, rest);
                let cast = CastKind::As(hir_ty::CastKind::Same);
                self.assign(dest, Rvalue::Cast(cast, operand, last.target));
            }
            Adjust::ReifyFunc => {
                let operand = self.adjusted_operand(expr, rest);
                self.assign(
                    dest,
                    Rvalue::Cast(CastKind::ReifyFunc, operand, last.target),
                );
            }
            Adjust::NullToPtr => {
                self.adjusted_to(None, expr, rest);
                let null = self.constant(last.target, ConstKind::Null);
                self.assign_operand(dest, null);
            }
        }
    }

    /// The expression itself, without adjustments.
    fn raw_to(&mut self, dest: Option<&Place>, expr: ExprId) {
        let hir = self.hir;
        match &hir[expr] {
            Expr::Block { stmts, tail, .. } => self.block(dest, stmts, *tail),
            Expr::If {
                condition,
                then,
                else_,
            } => self.if_(dest, *condition, *then, *else_),
            Expr::IfLet {
                pat,
                scrutinee,
                then,
                else_,
                ..
            } => {
                self.if_let(dest, *pat, *scrutinee, *then, *else_);
            }
            Expr::When { scrutinee, arms } => self.when(dest, *scrutinee, arms),
            Expr::Loop { body } => self.loop_(dest, *body),
            Expr::While { condition, body } => self.while_(dest, *condition, *body),
            Expr::For {
                pat,
                iterable,
                body,
            } => self.for_(dest, expr, *pat, *iterable, *body),
            Expr::Break { value } => self.break_(*value),
            Expr::Continue => self.continue_(),
            Expr::Return { value } => {
                match value {
                    Some(value) => self.expr_to(Some(&Local::RETURN.into()), *value),
                    None => self.assign_unit(Some(&Local::RETURN.into())),
                }
                self.complete_object();
                self.return_();
            }
            Expr::Throw { value } => self.throw_(expr, *value),
            Expr::Catch {
                body,
                binding,
                handler,
            } => self.catch_(dest, expr, *body, *binding, *handler),
            Expr::CtorStart { args } => {
                self.ctor_start(expr, args.as_deref());
                self.assign_unit(dest);
            }
            Expr::Assign { op, target, value }
                if self.assign_property(expr, *op, *target, *value)
                    || op.is_some_and(|op| self.index_op_set(expr, op, *target, *value)) =>
            {
                self.assign_unit(dest);
            }
            Expr::Assign { op, target, value } => {
                match op {
                    None if self.infer.calls.contains_key(&expr) => {
                        self.index_set(expr, *target, *value);
                    }
                    Some(op) => self.assign_op(expr, *op, *target, *value),
                    None => self.assign_expr(*target, *value),
                }
                self.assign_unit(dest);
            }
            _ => match dest {
                Some(dest) => self.value_to(dest, expr),
                None => self.discard(expr),
            },
        }
    }

    /// Evaluates for the effect; a value that comes out is a temporary of the statement.
    fn discard(&mut self, expr: ExprId) {
        if self.is_place(expr) {
            // `x` as a statement reads nothing and moves nothing, but its operands run.
            self.raw_place(expr);
            return;
        }
        let temp = self.owned_temp(self.expr_ty(expr));
        self.value_to(&temp.into(), expr);
    }

    /// Expressions that are plain values.
    fn value_to(&mut self, dest: &Place, expr: ExprId) {
        let hir = self.hir;
        match &hir[expr] {
            Expr::Call { callee, args } => self.call_expr(dest, expr, *callee, args),
            Expr::MethodCall { receiver, args, .. } => {
                self.method_call(dest, expr, *receiver, args);
            }
            Expr::Field { base, .. } if self.property_value(dest, expr, *base) => {}
            Expr::Local(local) if self.infer.narrowed.contains(&expr) => {
                self.narrowed_value(dest, expr, *local);
            }
            Expr::Base => self.base_value(dest, expr),
            Expr::Tuple(parts) => {
                let operands = self.operands(parts);
                self.assign(dest, Rvalue::Aggregate(AggregateKind::Tuple, operands));
            }
            Expr::Array(elements) => {
                let ty = self.expr_ty(expr);
                let element = tys::element_ty(self.db, ty);
                let operands = self.operands(elements);
                self.assign(
                    dest,
                    Rvalue::Aggregate(AggregateKind::Array(element), operands),
                );
            }
            Expr::Repeat { value, .. } if !self.is_copy(self.adjusted_ty(*value)) => {
                self.unsupported("repeating a value that is not Copy");
            }
            Expr::Repeat { value, .. } => {
                let operand = self.operand(*value);
                self.assign(dest, Rvalue::Repeat(operand, self.expr_ty(expr)));
            }
            Expr::StructLit { fields, spread, .. } => {
                let values: Vec<ExprId> = fields.iter().map(|field| field.value).collect();
                self.struct_lit(dest, expr, &values, *spread);
            }
            // The part of an array is a reference already.
            Expr::Ref { operand, .. } if self.is_part(*operand) => {
                self.expr_to(Some(dest), *operand);
            }
            Expr::Ref {
                operand, mutable, ..
            } => self.ref_expr(dest, *operand, *mutable),
            Expr::Range { start, end, .. } => self.range_value(dest, *start, *end),
            Expr::Interpolate { template, .. } => self.interpolate(dest, expr, *template),
            Expr::Try { operand, recover } => self.try_(dest, expr, *operand, recover.as_ref()),
            Expr::Throw { .. } => self.unsupported("`throw`"),
            Expr::Closure { .. } => self.closure_value(dest, expr),
            Expr::Await { operand } => self.await_(dest, *operand),
            Expr::Unsupported(what) => self.unsupported(what),
            Expr::Missing => self.unsupported("a missing expression"),
            Expr::Pseudo(PseudoConst::Line) => {
                let [_, line, _] = self.location();
                let cast = CastKind::As(hir_ty::CastKind::IntToInt);
                self.assign(dest, Rvalue::Cast(cast, line, self.expr_ty(expr)));
            }
            Expr::Path(_) | Expr::PathOrIndex { .. } | Expr::Field { .. }
                if self.path_aggregate(dest, expr) => {}
            _ => {
                let rvalue = self.rvalue(expr);
                self.assign(dest, rvalue);
            }
        }
    }

    /// Unit variants and structs named as values.
    fn path_aggregate(&mut self, dest: &Place, expr: ExprId) -> bool {
        let (variant, args) = match self.infer.paths.get(&expr) {
            Some(PathRes::UnitVariant(variant, args)) => (VariantDef::Variant(*variant), *args),
            Some(PathRes::UnitStruct(id, args)) => (VariantDef::Struct(*id), *args),
            _ => return false,
        };
        let kind = AggregateKind::Adt(variant, args);
        self.assign(dest, Rvalue::Aggregate(kind, Vec::new()));
        true
    }

    fn block(&mut self, dest: Option<&Place>, stmts: &'a [Stmt], tail: Option<ExprId>) {
        self.push_scope(false);
        for stmt in stmts {
            match stmt {
                Stmt::Expr { expr, .. } => {
                    self.push_scope(true);
                    self.expr_to(None, *expr);
                    if self.adjusted_ty(*expr).is_never(self.db) {
                        self.diverge(TerminatorKind::Unreachable);
                    }
                    self.pop_scope();
                }
                Stmt::Let {
                    pat, init, else_, ..
                } => self.let_(*pat, *init, *else_),
                Stmt::Item => {}
            }
        }
        // Temporaries of the tail go before the block's variables.
        self.push_scope(true);
        match tail {
            Some(tail) => self.expr_to(dest, tail),
            None => self.assign_unit(dest),
        }
        self.pop_scope();
        self.pop_scope();
    }

    fn ref_expr(&mut self, dest: &Place, operand: ExprId, mutable: bool) {
        let place = self.place(operand);
        let is_pointer = matches!(self.place_ty(dest).kind(self.db), hir_ty::TyKind::RawPtr(_));
        // `ref p` where `mut ref T` is wanted borrows exclusively (C3m).
        let is_exclusive = self.place_ty(dest).as_ref(self.db).is_some_and(|(m, _)| m);
        let kind = if is_pointer {
            return self.assign(dest, Rvalue::AddrOf(place));
        } else if is_exclusive && !mutable {
            BorrowKind::Implicit
        } else if mutable {
            BorrowKind::Exclusive
        } else {
            BorrowKind::Shared
        };
        self.borrow_to(dest, kind, place);
    }

    /// A reference to a place, made now ([`Builder::borrow`]).
    pub(super) fn borrow_to(&mut self, dest: &Place, kind: BorrowKind, place: Place) {
        let in_object = |step: &Projection| matches!(step, Projection::Object(..));
        if !place.projection.iter().any(in_object) {
            return self.assign(dest, Rvalue::Ref(kind, place));
        }
        let ty = self.place_ty(dest);
        let reference = self.borrow(ty, kind, place);
        self.assign_operand(dest, reference);
    }

    fn struct_lit(
        &mut self,
        dest: &Place,
        expr: ExprId,
        values: &[ExprId],
        spread: Option<ExprId>,
    ) {
        let infer = self.infer;
        let Some(res) = infer.struct_lits.get(&expr) else {
            return self.unsupported("an unresolved struct literal");
        };
        if let VariantDef::Class(class) = res.variant {
            return self.class_lit(dest, expr, class, values, spread);
        }
        let written = self.operands(values);
        if let VariantDef::Union(union) = res.variant {
            return self.union_lit(dest, union, res.args, &res.fields, written);
        }
        let field_tys = tys::field_tys(self.db, res.variant, res.args);
        let mut slots: Vec<Option<Operand>> = vec![None; field_tys.len()];
        for (operand, index) in written.into_iter().zip(&res.fields) {
            if let Some(slot) = slots.get_mut(*index as usize) {
                *slot = Some(operand);
            }
        }
        for index in &res.defaults {
            let ty = field_tys.get(*index as usize).copied();
            let Some(ty) = ty else { continue };
            let default = self.field_default(res.variant, *index, res.args, ty);
            if let Some(slot) = slots.get_mut(*index as usize) {
                *slot = Some(default);
            }
        }
        let base = spread.map(|spread| self.place(spread));
        let mut operands = Vec::with_capacity(slots.len());
        for (index, (slot, ty)) in slots.into_iter().zip(&field_tys).enumerate() {
            match (slot, &base) {
                (Some(operand), _) => operands.push(operand),
                (None, Some(base)) => {
                    let operand = self.read(base.field(index as u32, *ty));
                    operands.push(operand);
                }
                (None, None) => return self.unsupported("a struct literal without all fields"),
            }
        }
        let kind = AggregateKind::Adt(res.variant, res.args);
        self.assign(dest, Rvalue::Aggregate(kind, operands));
    }

    /// `a to b` as a value: a struct of the library, by its fields' names.
    fn range_value(&mut self, dest: &Place, start: Option<ExprId>, end: Option<ExprId>) {
        let ty = self.place_ty(dest);
        let hir_ty::TyKind::Adt(hir_def::AdtId::Struct(id), args) = *ty.kind(self.db) else {
            return self.unsupported("this range");
        };
        let variant = VariantDef::Struct(id);
        let written: Vec<ExprId> = start.into_iter().chain(end).collect();
        let values = self.operands(&written);
        let mut values = values.into_iter();
        let start = start.and_then(|_| values.next());
        let end = end.and_then(|_| values.next());
        let mut operands = Vec::new();
        for field in &hir_ty::fields_of(self.db, variant).fields {
            let operand = match field.name.as_str() {
                "start" => start.clone(),
                "end" => end.clone(),
                "exhausted" => Some(self.bool(false)),
                _ => None,
            };
            match operand {
                Some(operand) => operands.push(operand),
                None => return self.unsupported("this kind of range"),
            }
        }
        self.assign(
            dest,
            Rvalue::Aggregate(AggregateKind::Adt(variant, args), operands),
        );
    }

    fn union_lit(
        &mut self,
        dest: &Place,
        union: UnionId,
        args: GenericArgs,
        fields: &[u32],
        mut written: Vec<Operand>,
    ) {
        let (Some(field), Some(value)) = (fields.first(), written.pop()) else {
            return self.unsupported("a union literal without a field");
        };
        let kind = AggregateKind::Union(union, *field, args);
        self.assign(dest, Rvalue::Aggregate(kind, vec![value]));
    }

    fn field_default(
        &mut self,
        variant: VariantDef,
        index: u32,
        args: GenericArgs,
        ty: Ty,
    ) -> Operand {
        let field = hir_def::FieldId {
            parent: variant,
            index,
        };
        let kind = hir_def::AnonConstKind::FieldDefault(field);
        let item = hir_def::AnonConstId::new(self.db, kind);
        self.constant(ty, ConstKind::Anon(item, args))
    }
}

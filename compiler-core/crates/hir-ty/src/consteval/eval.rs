//! Expressions at compile time.

use hir_def::BodyOwner;
use hir_def::body::{Arg, BinaryOp, Expr, ExprId, InterpolPart, Literal, PatId, UnaryOp, WhenArm};

use super::machine::{Flow, Frame, Run, unsupported};
use super::value::Value;
use super::{binary, cast, literal_value, unary};
use crate::consteval::{ConstError, ConstValue};
use crate::infer::result::{
    CallRes, CastKind, Convert, ForRes, FormatPiece, OpRes, PathRes, TryCarrier, TryExit,
};
use crate::ty::{Const, GenericArg, TyKind};

impl Frame<'_, '_> {
    /// The value of an expression before adjustments. Only tells its forms apart: evaluation
    /// recurses through here, and what a form needs belongs into a frame of its own.
    pub(super) fn raw(&mut self, expr: ExprId) -> Run {
        let body = self.body;
        if self.ty(expr).has_error(self.db) {
            return Err(ConstError::Reported.into());
        }
        match &body[expr] {
            Expr::Missing | Expr::Unsupported(_) => Err(ConstError::Reported.into()),
            Expr::Literal(literal) => self.literal(expr, literal),
            Expr::Local(_) | Expr::Field { .. } | Expr::Index { .. } => self.read_place(expr),
            Expr::Path(_) | Expr::PathOrIndex { .. } => self.path_value(expr),
            Expr::Block { stmts, tail, .. } => self.block(stmts, *tail),
            Expr::If {
                condition,
                then,
                else_,
            } => self.if_(*condition, *then, *else_),
            Expr::IfLet {
                pat,
                scrutinee,
                then,
                else_,
                ..
            } => self.if_let(*pat, *scrutinee, *then, *else_),
            Expr::When { scrutinee, arms } => self.when(*scrutinee, arms),
            Expr::Loop { body } => self.endless(*body),
            Expr::While { condition, body } => self.while_(*condition, *body),
            Expr::For {
                pat,
                iterable,
                body,
            } => self.for_loop(expr, *pat, *iterable, *body),
            Expr::Break { value } => Err(self.leaving(*value, Flow::Break)),
            Expr::Continue => Err(Flow::Continue),
            Expr::Return { value } => Err(self.leaving(*value, |value| {
                Flow::Return(value.unwrap_or_else(Value::unit))
            })),
            Expr::Unary { op, operand } => self.unary(expr, *op, *operand),
            Expr::Binary { op, left, right } => self.binary(expr, *op, *left, *right),
            Expr::Assign { op, target, value } => self.assign(expr, *op, *target, *value),
            Expr::Cast { operand, .. } => self.cast(expr, *operand),
            Expr::Ref { operand, .. } => Ok(Value::Ref(self.place(*operand)?)),
            Expr::Tuple(parts) if parts.is_empty() => Ok(Value::unit()),
            Expr::Tuple(parts) | Expr::Array(parts) => self.parts(parts),
            Expr::Repeat { value, .. } => self.repeat(expr, *value),
            Expr::StructLit { fields, spread, .. } => self.struct_literal(expr, fields, *spread),
            Expr::Interpolate {
                template: false,
                parts,
            } => self.interpolation(expr, parts),
            Expr::Try { operand, .. } => self.try_(expr, *operand),
            // Made at run time.
            Expr::Closure { .. } => Err(unsupported()),
            Expr::Call { args, .. } => self.call_expr(expr, None, args),
            Expr::MethodCall { receiver, args, .. } => self.call_expr(expr, Some(*receiver), args),
            _ => Err(ConstError::NotConst.into()),
        }
    }

    #[inline(never)]
    fn literal(&mut self, expr: ExprId, literal: &Literal) -> Run {
        if let Literal::Bytes(bytes) = literal {
            let bytes = bytes.iter();
            let parts = bytes.map(|byte| Value::Scalar(ConstValue::Int(i128::from(*byte))));
            let place = self.machine.alloc(Value::Parts(parts.collect()));
            return Ok(Value::Ref(place));
        }
        Ok(Value::Scalar(literal_value(
            self.db,
            literal,
            self.ty(expr),
        )?))
    }

    #[inline(never)]
    fn read_place(&mut self, expr: ExprId) -> Run {
        let is_index = matches!(&self.body[expr], Expr::Index { .. });
        if is_index && self.result.calls.contains_key(&expr) {
            return Err(ConstError::NotConst.into());
        }
        let place = self.raw_place(expr)?;
        Ok(self.machine.read(&place)?)
    }

    #[inline(never)]
    fn if_(&mut self, condition: ExprId, then: ExprId, else_: Option<ExprId>) -> Run {
        match (self.condition(condition)?, else_) {
            (true, _) => self.expr(then),
            (false, Some(else_)) => self.expr(else_),
            (false, None) => Ok(Value::unit()),
        }
    }

    #[inline(never)]
    fn if_let(
        &mut self,
        pat: PatId,
        scrutinee: ExprId,
        then: ExprId,
        else_: Option<ExprId>,
    ) -> Run {
        let place = self.place(scrutinee)?;
        match (self.matches(pat, &place)?, else_) {
            (true, _) => self.expr(then),
            (false, Some(else_)) => self.expr(else_),
            (false, None) => Ok(Value::unit()),
        }
    }

    #[inline(never)]
    fn when(&mut self, scrutinee: ExprId, arms: &[WhenArm]) -> Run {
        let place = self.place(scrutinee)?;
        for arm in arms {
            if !self.matches(arm.pat, &place)? {
                continue;
            }
            if let Some(guard) = arm.guard
                && !self.condition(guard)?
            {
                continue;
            }
            return self.expr(arm.body);
        }
        Err(ConstError::Reported.into())
    }

    #[inline(never)]
    fn endless(&mut self, body: ExprId) -> Run {
        loop {
            match self.expr(body) {
                Ok(_) | Err(Flow::Continue) => {}
                Err(Flow::Break(value)) => return Ok(value.unwrap_or_else(Value::unit)),
                Err(flow) => return Err(flow),
            }
        }
    }

    #[inline(never)]
    fn while_(&mut self, condition: ExprId, body: ExprId) -> Run {
        while self.condition(condition)? {
            match self.expr(body) {
                Ok(_) | Err(Flow::Continue) => {}
                Err(Flow::Break(_)) => break,
                Err(flow) => return Err(flow),
            }
        }
        Ok(Value::unit())
    }

    #[inline(never)]
    fn leaving(&mut self, value: Option<ExprId>, flow: impl FnOnce(Option<Value>) -> Flow) -> Flow {
        match value.map(|value| self.expr(value)) {
            Some(Ok(value)) => flow(Some(value)),
            Some(Err(flow)) => flow,
            None => flow(None),
        }
    }

    #[inline(never)]
    fn parts(&mut self, parts: &[ExprId]) -> Run {
        self.machine.count_parts(parts.len() as u64)?;
        let parts = parts.iter().map(|part| self.expr(*part));
        Ok(Value::Parts(parts.collect::<Run<_>>()?))
    }

    #[inline(never)]
    fn repeat(&mut self, expr: ExprId, value: ExprId) -> Run {
        let TyKind::Array(_, len) = self.ty(expr).kind(self.db) else {
            return Err(unsupported());
        };
        let len = len.as_u64().ok_or(ConstError::Reported)?;
        self.machine.count_parts(len)?;
        let value = self.expr(value)?;
        Ok(Value::Parts(vec![value; len as usize]))
    }

    #[inline(never)]
    fn call_expr(&mut self, expr: ExprId, receiver: Option<ExprId>, args: &[Arg]) -> Run {
        // `Type.make(x)`: the receiver is a type and no argument.
        let receiver = receiver.filter(|receiver| {
            matches!(
                self.result.calls.get(&expr),
                Some(CallRes::Func { callee, .. })
                    if crate::fn_type(self.db, callee.func).receiver.is_some()
                        && self.result.expr_ty(*receiver).is_some()
            )
        });
        let args = receiver.into_iter().chain(args.iter().map(|arg| arg.value));
        let args: Vec<ExprId> = args.collect();
        self.call(expr, &args)
    }

    fn condition(&mut self, expr: ExprId) -> Run<bool> {
        match self.expr(expr)? {
            Value::Scalar(ConstValue::Bool(value)) => Ok(value),
            _ => Err(unsupported()),
        }
    }

    fn path_value(&mut self, expr: ExprId) -> Run {
        let db = self.db;
        match self.result.paths.get(&expr) {
            Some(PathRes::Const(id, args)) => {
                let args = args.subst(db, self.args);
                let found = crate::solve::resolve_const(db, self.env, *id, args);
                let Some((id, _)) = found else {
                    return Err(unsupported());
                };
                let owner = BodyOwner::Const(id);
                self.machine.asks_layout |= super::depends_on_layout(db, owner);
                match super::const_value(db, id) {
                    Ok(value) => Ok(Value::imported(value)),
                    // The cause is reported at that constant.
                    Err(ConstError::Cycle(id)) => Err(ConstError::Cycle(*id).into()),
                    Err(ConstError::Aggregate) => Err(unsupported()),
                    Err(_) => Err(ConstError::Reported.into()),
                }
            }
            Some(PathRes::UnitVariant(variant, _)) => Ok(Value::Variant(variant.index, Vec::new())),
            Some(PathRes::UnitStruct(..)) => Ok(Value::Parts(Vec::new())),
            Some(PathRes::ConstParam(param)) => match self.args.get(db, param.index as usize) {
                Some(GenericArg::Const(Const::Value(value, _))) => {
                    let value = match self.ty(expr).kind(db) {
                        TyKind::Bool => ConstValue::Bool(value != 0),
                        TyKind::Char => {
                            let char = u32::try_from(value).ok().and_then(char::from_u32);
                            ConstValue::Char(char.ok_or(ConstError::Reported)?)
                        }
                        _ => ConstValue::Int(value),
                    };
                    Ok(Value::Scalar(value))
                }
                _ => Err(unsupported()),
            },
            Some(PathRes::Func(..) | PathRes::Ctor(..)) => Err(unsupported()),
            Some(PathRes::Static(_) | PathRes::Local(_)) => Err(ConstError::NotConst.into()),
            None => Err(ConstError::Reported.into()),
        }
    }

    fn unary(&mut self, expr: ExprId, op: UnaryOp, operand: ExprId) -> Run {
        let (db, body, ty) = (self.db, self.body, self.ty(expr));
        if let (UnaryOp::Neg, Expr::Literal(Literal::Int { value, .. }), Some(int)) =
            (op, &body[operand], ty.as_int(db))
        {
            // The sign belongs to the literal.
            let value = int.wrap((*value as i128).wrapping_neg());
            return Ok(Value::Scalar(ConstValue::Int(value)));
        }
        match self.expr(operand)? {
            Value::Ref(place) if op == UnaryOp::Deref => Ok(self.machine.read(&place)?),
            Value::Scalar(value) => Ok(Value::Scalar(unary(db, op, value, ty)?)),
            _ => Err(unsupported()),
        }
    }

    /// What a reference finally leads to.
    fn looked_through(&self, value: Value) -> Result<Value, ConstError> {
        let mut value = value;
        while let Value::Ref(place) = &value {
            value = self.machine.read(place)?;
        }
        Ok(value)
    }

    fn binary(&mut self, expr: ExprId, op: BinaryOp, left: ExprId, right: ExprId) -> Run {
        if !self.result.ops.contains_key(&expr) {
            return Err(ConstError::Reported.into());
        }
        let left_value = self.expr(left)?;
        let left_value = self.looked_through(left_value)?;
        match (op, &left_value) {
            (BinaryOp::And, Value::Scalar(ConstValue::Bool(false)))
            | (BinaryOp::Or, Value::Scalar(ConstValue::Bool(true))) => return Ok(left_value),
            _ => {}
        }
        let right_value = self.expr(right)?;
        let right_value = self.looked_through(right_value)?;
        self.operate(expr, op, left_value, right_value, left)
    }

    fn operate(
        &mut self,
        expr: ExprId,
        op: BinaryOp,
        left: Value,
        right: Value,
        left_expr: ExprId,
    ) -> Run {
        let db = self.db;
        match (left, right) {
            (Value::Scalar(left), Value::Scalar(right)) => {
                let ty = self.adjusted_ty(left_expr).strip_refs(db);
                Ok(Value::Scalar(binary(db, op, left, right, ty)?))
            }
            (left, right) => match (self.result.ops.get(&expr), op) {
                (Some(OpRes::Structural), BinaryOp::Eq) => Ok(Value::bool(left == right)),
                (Some(OpRes::Structural), BinaryOp::Ne) => Ok(Value::bool(left != right)),
                _ => Err(ConstError::NotConst.into()),
            },
        }
    }

    fn assign(&mut self, expr: ExprId, op: Option<BinaryOp>, target: ExprId, value: ExprId) -> Run {
        if self.result.calls.contains_key(&expr) || self.result.calls.contains_key(&target) {
            return Err(ConstError::NotConst.into());
        }
        let new = self.expr(value)?;
        let mut place = self.place(target)?;
        // `p = v` on a reference writes through it, unless a reference is assigned.
        if !matches!(new, Value::Ref(_))
            && let Ok(Value::Ref(inner)) = self.machine.read(&place)
        {
            place = inner;
        }
        let new = match op {
            None => new,
            Some(op) => {
                if !self.result.ops.contains_key(&expr) {
                    return Err(ConstError::Reported.into());
                }
                let old = self.machine.read(&place)?;
                let new = self.looked_through(new)?;
                self.operate(expr, op, old, new, target)?
            }
        };
        self.machine.write(&place, new)?;
        Ok(Value::unit())
    }

    fn cast(&mut self, expr: ExprId, operand: ExprId) -> Run {
        let db = self.db;
        let value = self.expr(operand)?;
        let kind = *self.result.casts.get(&expr).ok_or(ConstError::Reported)?;
        let (from, to) = (self.adjusted_ty(operand), self.ty(expr));
        match (kind, value) {
            (CastKind::EnumToInt, Value::Variant(index, _)) => {
                let (Some((adt, _)), Some(int)) = (from.strip_refs(db).as_adt(db), to.as_int(db))
                else {
                    return Err(unsupported());
                };
                let tags = crate::signature::discriminants(db, adt);
                let tag = tags.get(index as usize).ok_or(ConstError::Reported)?;
                Ok(Value::Scalar(ConstValue::Int(int.wrap(*tag))))
            }
            (CastKind::Same, value) => Ok(value),
            (kind, Value::Scalar(value)) => Ok(Value::Scalar(cast(db, value, kind, from, to)?)),
            _ => Err(unsupported()),
        }
    }

    fn struct_literal(
        &mut self,
        expr: ExprId,
        fields: &[hir_def::body::FieldInit],
        spread: Option<ExprId>,
    ) -> Run {
        let db = self.db;
        let Some(found) = self.result.struct_lits.get(&expr) else {
            return Err(ConstError::Reported.into());
        };
        let variant = found.variant;
        if matches!(variant, hir_def::VariantDef::Union(_)) {
            return Err(unsupported());
        }
        let count = crate::fields_of(db, variant).fields.len();
        self.machine.count_parts(count as u64)?;
        let mut parts = vec![Value::Uninit; count];
        let mut set = |index: u32, value: Value| {
            if let Some(part) = parts.get_mut(index as usize) {
                *part = value;
            }
        };
        for (field, index) in fields.iter().zip(&found.fields) {
            set(*index, self.expr(field.value)?);
        }
        for index in &found.defaults {
            let field = hir_def::FieldId {
                parent: variant,
                index: *index,
            };
            let kind = hir_def::AnonConstKind::FieldDefault(field);
            let owner = BodyOwner::AnonConst(hir_def::AnonConstId::new(db, kind));
            match super::body_value(db, owner) {
                Ok(value) => set(*index, Value::imported(value)),
                Err(_) => return Err(unsupported()),
            }
        }
        if let Some(spread) = spread {
            let place = self.place(spread)?;
            for (index, part) in parts.iter_mut().enumerate() {
                if *part == Value::Uninit {
                    *part = self.machine.read(&place.part(index as u32))?;
                }
            }
        }
        Ok(match variant {
            hir_def::VariantDef::Variant(id) => Value::Variant(id.index, parts),
            _ => Value::Parts(parts),
        })
    }

    /// Text with numbers, truth values, characters and texts in it.
    fn interpolation(&mut self, expr: ExprId, _parts: &[InterpolPart]) -> Run {
        let Some(pieces) = self.result.interpolations.get(&expr) else {
            return Err(ConstError::Reported.into());
        };
        let mut out = String::new();
        for piece in pieces {
            match piece {
                FormatPiece::Text(text) => out.push_str(text),
                FormatPiece::Value { spec: Some(_), .. } => return Err(unsupported()),
                FormatPiece::Value { expr, convert, .. } => {
                    let value = self.expr(*expr)?;
                    let value = self.looked_through(value)?;
                    match (value, convert) {
                        (Value::Scalar(ConstValue::Str(text)), _) => out.push_str(&text),
                        (Value::Scalar(ConstValue::Int(value)), Convert::Method(_)) => {
                            if self.ty(*expr).as_int(self.db) == Some(crate::ty::IntTy::U128) {
                                out.push_str(&(value as u128).to_string());
                            } else {
                                out.push_str(&value.to_string());
                            }
                        }
                        (Value::Scalar(ConstValue::Bool(value)), _) => {
                            out.push_str(if value { "true" } else { "false" });
                        }
                        (Value::Scalar(ConstValue::Char(value)), _) => out.push(value),
                        _ => return Err(unsupported()),
                    }
                }
            }
        }
        Ok(Value::Scalar(ConstValue::Str(out.into())))
    }

    fn try_(&mut self, expr: ExprId, operand: ExprId) -> Run {
        let Some(found) = self.result.tries.get(&expr) else {
            return Err(ConstError::Reported.into());
        };
        let Value::Variant(index, mut payload) = self.expr(operand)? else {
            return Err(unsupported());
        };
        let lang = crate::lang_items(self.db, self.owner.module(self.db).package(self.db));
        let good = match found.carrier {
            TryCarrier::Maybe => lang.maybe_variants(self.db).map(|it| it.0),
            TryCarrier::Outcome => lang.outcome_variants(self.db).map(|it| it.0),
        };
        if good.is_some_and(|good| good.index == index) {
            return payload.pop().ok_or(Flow::Error(ConstError::Reported));
        }
        match &found.exit {
            TryExit::ReturnNothing | TryExit::ReturnErr { convert: None } => {
                Err(Flow::Return(Value::Variant(index, payload)))
            }
            _ => Err(unsupported()),
        }
    }

    fn for_loop(
        &mut self,
        expr: ExprId,
        pat: hir_def::body::PatId,
        iterable: ExprId,
        body: ExprId,
    ) -> Run {
        let tree = self.body;
        match self.result.fors.get(&expr) {
            Some(ForRes::Range { inclusive }) => {
                let Expr::Range { start, end, .. } = &tree[iterable] else {
                    return Err(unsupported());
                };
                let (Some(start), Some(end)) = (start, end) else {
                    return Err(unsupported());
                };
                let (start, end) = (self.expr(*start)?, self.expr(*end)?);
                let (Value::Scalar(ConstValue::Int(start)), Value::Scalar(ConstValue::Int(end))) =
                    (start, end)
                else {
                    return Err(unsupported());
                };
                let end = if *inclusive {
                    end.saturating_add(1)
                } else {
                    end
                };
                let mut at = start;
                while at < end {
                    let value = Value::Scalar(ConstValue::Int(at));
                    if self.iteration(pat, body, value)? {
                        break;
                    }
                    at += 1;
                }
                Ok(Value::unit())
            }
            Some(ForRes::Array { by_copy } | ForRes::Slice { by_copy }) => {
                let mut place = self.place(iterable)?;
                while let Ok(Value::Ref(inner)) = self.machine.read(&place) {
                    place = inner;
                }
                for index in 0..self.machine.len_of(&place)? {
                    let part = place.part(index as u32);
                    let value = if *by_copy {
                        self.machine.read(&part)?
                    } else {
                        Value::Ref(part)
                    };
                    if self.iteration(pat, body, value)? {
                        break;
                    }
                }
                Ok(Value::unit())
            }
            Some(_) => Err(unsupported()),
            None => Err(ConstError::Reported.into()),
        }
    }

    /// One turn; whether the loop ends with it.
    fn iteration(&mut self, pat: hir_def::body::PatId, body: ExprId, value: Value) -> Run<bool> {
        let place = self.machine.alloc(value);
        self.matches(pat, &place)?;
        match self.expr(body) {
            Ok(_) | Err(Flow::Continue) => Ok(false),
            Err(Flow::Break(_)) => Ok(true),
            Err(flow) => Err(flow),
        }
    }
}

//! Constants at compile time (reference §4.3): a small evaluator over inferred bodies.
//!
//! Only scalar values and texts have a [`ConstValue`]; tuples, arrays and structs are built in
//! place, from the constant's body, wherever the constant is named.

use base::Db;
use hir_def::body::{BinaryOp, Body, Expr, ExprId, Literal, Stmt, UnaryOp};
use hir_def::module_map::Namespace;
use hir_def::resolver::{PathResult, Resolution, Scope, resolve_path};
use hir_def::{BodyOwner, ConstId, ConstRef, ModuleDef, Name};
use rustc_hash::FxHashMap;

use crate::generics::{const_param_type, generics_of};
use crate::infer::result::{CastKind, InferenceResult, OpRes, PathRes};
use crate::lower::builtin_ty;
use crate::signature::type_of_const;
use crate::ty::{Const, FloatTy, IntTy, Ty, TyKind};

/// The value of a constant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ConstValue {
    Bool(bool),
    /// Of an integer type; `U128` values keep their bits.
    Int(i128),
    /// The bits of an `F64`, or of an `F32` widened to it, so that equality is identity.
    Float(u64),
    Char(char),
    Str(Name),
    Unit,
}

/// Why an expression has no value at compile time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ConstError {
    /// T060
    Overflow,
    /// T060
    DivisionByZero,
    /// T061
    InvalidCast,
    /// T062: the constant at which the cycle was entered.
    Cycle(Option<ConstId>),
    /// T063
    NotConst,
    /// T064
    ArrayLength,
    /// T066
    DependsOnLayout,
    /// Not a scalar: built in place from the body. No error.
    Aggregate,
    /// Too deep.
    Limit,
    /// A construct of constants that is not supported yet.
    Unsupported(Name),
    /// Reported elsewhere.
    Reported,
}

/// The value of a constant; where it goes wrong, at which expression of the body.
///
/// Keyed by constant; read by types that mention it, by patterns and by MIR. Re-runs with the
/// initialiser; an equal value stops the change.
pub fn const_value(db: &dyn Db, id: ConstId) -> &Result<ConstValue, ConstError> {
    &evaluated(db, BodyOwner::Const(id)).value
}

/// The value of any constant body: also of discriminants and defaults of fields.
pub fn body_value(db: &dyn Db, owner: BodyOwner) -> &Result<ConstValue, ConstError> {
    &evaluated(db, owner).value
}

/// The expression of a constant's body at which its evaluation failed.
pub fn failed_at(db: &dyn Db, owner: BodyOwner) -> Option<ExprId> {
    evaluated(db, owner).at
}

/// What evaluating a body gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluated {
    value: Result<ConstValue, ConstError>,
    at: Option<ExprId>,
}

#[salsa::tracked(cycle_result = evaluated_cycle)]
fn evaluated(db: &dyn Db, owner: BodyOwner) -> Evaluated {
    let body = hir_def::body::body(db, owner);
    let result = crate::infer::infer(db, owner);
    let mut eval = Eval {
        db,
        body,
        result,
        at: None,
        depth: 0,
        locals: FxHashMap::default(),
    };
    let value = eval.expr(body.root);
    let at = if value.is_err() { eval.at } else { None };
    Evaluated { value, at }
}

/// The value of a constant expression inside a body: the default of a parameter.
pub fn expr_value(db: &dyn Db, owner: BodyOwner, expr: ExprId) -> Result<ConstValue, ConstError> {
    let mut eval = Eval {
        db,
        body: hir_def::body::body(db, owner),
        result: crate::infer(db, owner),
        at: None,
        depth: 0,
        locals: FxHashMap::default(),
    };
    eval.expr(expr)
}

fn evaluated_cycle(_: &dyn Db, _: salsa::Id, owner: BodyOwner) -> Evaluated {
    let id = match owner {
        BodyOwner::Const(id) => Some(id),
        _ => None,
    };
    Evaluated {
        value: Err(ConstError::Cycle(id)),
        at: None,
    }
}

/// Constant expressions nest no deeper.
const DEPTH_MAX: u32 = 512;

struct Eval<'db> {
    db: &'db dyn Db,
    body: &'db Body,
    result: &'db InferenceResult,
    at: Option<ExprId>,
    depth: u32,
    locals: FxHashMap<hir_def::body::LocalId, ConstValue>,
}

type Value = Result<ConstValue, ConstError>;

impl Eval<'_> {
    fn fail(&mut self, expr: ExprId, error: ConstError) -> ConstError {
        self.at = self.at.or(Some(expr));
        error
    }

    fn ty(&self, expr: ExprId) -> Ty {
        self.result
            .expr_ty(expr)
            .unwrap_or_else(|| Ty::error(self.db))
    }

    fn expr(&mut self, expr: ExprId) -> Value {
        self.depth += 1;
        let value = if self.depth > DEPTH_MAX {
            Err(ConstError::Limit)
        } else {
            self.expr_inner(expr)
        };
        self.depth -= 1;
        value.map_err(|error| self.fail(expr, error))
    }

    fn expr_inner(&mut self, expr: ExprId) -> Value {
        let db = self.db;
        let body = self.body;
        let ty = self.ty(expr);
        if ty.has_error(db) {
            return Err(ConstError::Reported);
        }
        match &body[expr] {
            Expr::Missing => Err(ConstError::Reported),
            Expr::Literal(literal) => literal_value(db, literal, ty),
            Expr::Local(local) => self.locals.get(local).cloned().ok_or(ConstError::NotConst),
            Expr::Path(_) | Expr::PathOrIndex { .. } => match self.result.paths.get(&expr) {
                Some(PathRes::Const(id, _)) => match const_value(db, *id) {
                    // The cause is reported at that constant.
                    Err(ConstError::Cycle(id)) => Err(ConstError::Cycle(*id)),
                    Err(ConstError::Aggregate) => Err(ConstError::Aggregate),
                    Err(_) => Err(ConstError::Reported),
                    Ok(value) => Ok(value.clone()),
                },
                Some(PathRes::UnitVariant(..) | PathRes::UnitStruct(..) | PathRes::Func(..))
                | Some(PathRes::Ctor(..)) => Err(ConstError::Aggregate),
                Some(PathRes::ConstParam(_)) => Err(ConstError::Aggregate),
                Some(PathRes::Static(_)) | Some(PathRes::Local(_)) => Err(ConstError::NotConst),
                None => Err(ConstError::Reported),
            },
            Expr::Block { stmts, tail, .. } => {
                for stmt in stmts {
                    match stmt {
                        Stmt::Item => {}
                        Stmt::Let {
                            pat,
                            init: Some(init),
                            ..
                        } => {
                            let value = self.expr(*init)?;
                            match &body[*pat] {
                                hir_def::body::Pat::Bind { local, sub: None } => {
                                    self.locals.insert(*local, value);
                                }
                                _ => return Err(unsupported("patterns in constants")),
                            }
                        }
                        _ => return Err(unsupported("statements in constants")),
                    }
                }
                match tail {
                    Some(tail) => self.expr(*tail),
                    None => Ok(ConstValue::Unit),
                }
            }
            Expr::If {
                condition,
                then,
                else_,
            } => {
                let ConstValue::Bool(condition) = self.expr(*condition)? else {
                    return Err(ConstError::Reported);
                };
                match (condition, else_) {
                    (true, _) => self.expr(*then),
                    (false, Some(else_)) => self.expr(*else_),
                    (false, None) => Ok(ConstValue::Unit),
                }
            }
            Expr::Unary { op, operand } => {
                if let (UnaryOp::Neg, Expr::Literal(Literal::Int { value, .. }), Some(int)) =
                    (op, &body[*operand], ty.as_int(db))
                {
                    // The sign belongs to the literal.
                    return Ok(ConstValue::Int(int.wrap((*value as i128).wrapping_neg())));
                }
                let value = self.expr(*operand)?;
                unary(db, *op, value, ty)
            }
            Expr::Binary { op, left, right } => {
                match self.result.ops.get(&expr) {
                    Some(OpRes::Builtin | OpRes::Concat) => {}
                    Some(_) => return Err(ConstError::NotConst),
                    None => return Err(ConstError::Reported),
                }
                let left_value = self.expr(*left)?;
                match (op, &left_value) {
                    (BinaryOp::And, ConstValue::Bool(false)) => return Ok(left_value),
                    (BinaryOp::Or, ConstValue::Bool(true)) => return Ok(left_value),
                    _ => {}
                }
                let right_value = self.expr(*right)?;
                binary(db, *op, left_value, right_value, self.ty(*left))
            }
            Expr::Cast { operand, .. } => {
                let value = self.expr(*operand)?;
                let kind = self.result.casts.get(&expr).ok_or(ConstError::Reported)?;
                cast(db, value, *kind, self.ty(*operand), ty)
            }
            Expr::Tuple(parts) if parts.is_empty() => Ok(ConstValue::Unit),
            Expr::Tuple(_) | Expr::Array(_) | Expr::Repeat { .. } | Expr::StructLit { .. } => {
                self.check_parts(expr)?;
                Err(ConstError::Aggregate)
            }
            Expr::Call { callee, args } => match self.result.calls.get(&expr) {
                Some(crate::infer::result::CallRes::Ctor { .. }) => {
                    for arg in args {
                        self.part(arg.value)?;
                    }
                    Err(ConstError::Aggregate)
                }
                Some(crate::infer::result::CallRes::Func { callee: found, .. }) => {
                    let _ = callee;
                    if crate::signature::fn_type(db, found.func).flags.is_const {
                        return Err(unsupported("calls of `const func`"));
                    }
                    Err(ConstError::NotConst)
                }
                Some(_) => Err(ConstError::NotConst),
                None => Err(ConstError::Reported),
            },
            Expr::When { .. } => Err(unsupported("`when` in constants")),
            Expr::Unsupported(_) => Err(ConstError::Reported),
            _ => Err(ConstError::NotConst),
        }
    }

    fn check_parts(&mut self, expr: ExprId) -> Result<(), ConstError> {
        let body = self.body;
        match &body[expr] {
            Expr::Tuple(parts) | Expr::Array(parts) => {
                for part in parts {
                    self.part(*part)?;
                }
            }
            Expr::Repeat { value, .. } => self.part(*value)?,
            Expr::StructLit { fields, .. } => {
                for field in fields {
                    self.part(field.value)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn part(&mut self, expr: ExprId) -> Result<(), ConstError> {
        match self.expr(expr) {
            Ok(_) | Err(ConstError::Aggregate) => {
                self.at = None;
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

fn unsupported(what: &'static str) -> ConstError {
    ConstError::Unsupported(Name::new_static(what))
}

fn literal_value(db: &dyn Db, literal: &Literal, ty: Ty) -> Value {
    Ok(match literal {
        Literal::Int { value, .. } => match ty.kind(db) {
            TyKind::Float(_) => ConstValue::Float((*value as f64).to_bits()),
            _ => ConstValue::Int(*value as i128),
        },
        Literal::Float { text, .. } => {
            let value = parse_float(text, ty.kind(db)).ok_or(ConstError::Reported)?;
            ConstValue::Float(value.to_bits())
        }
        Literal::Bool(value) => ConstValue::Bool(*value),
        Literal::Char(value) => ConstValue::Char(*value),
        Literal::Str(text) => ConstValue::Str(Name::new(text)),
        Literal::Unit => ConstValue::Unit,
        Literal::Bytes(_) | Literal::Null => return Err(ConstError::Aggregate),
    })
}

/// A float literal, rounded once to its own type.
fn parse_float(text: &str, kind: &TyKind) -> Option<f64> {
    match kind {
        TyKind::Float(FloatTy::F32) => text.parse::<f32>().ok().map(f64::from),
        _ => text.parse::<f64>().ok(),
    }
}

fn round(kind: &TyKind, value: f64) -> ConstValue {
    let value = match kind {
        TyKind::Float(FloatTy::F32) => f64::from(value as f32),
        _ => value,
    };
    // NaN results are the canonical one.
    let value = if value.is_nan() { f64::NAN } else { value };
    ConstValue::Float(value.to_bits())
}

fn in_range(int: IntTy, value: Option<i128>) -> Value {
    let value = value.ok_or(ConstError::Overflow)?;
    if int == IntTy::U128 || int.wrap(value) == value {
        Ok(ConstValue::Int(value))
    } else {
        Err(ConstError::Overflow)
    }
}

fn unary(db: &dyn Db, op: UnaryOp, value: ConstValue, ty: Ty) -> Value {
    match (op, value, ty.kind(db)) {
        (UnaryOp::Not, ConstValue::Bool(value), _) => Ok(ConstValue::Bool(!value)),
        (UnaryOp::Neg, ConstValue::Int(value), TyKind::Int(int)) => {
            in_range(*int, value.checked_neg())
        }
        (UnaryOp::Neg, ConstValue::Float(bits), kind) => Ok(round(kind, -f64::from_bits(bits))),
        (UnaryOp::BitNot, ConstValue::Int(value), TyKind::Int(int)) => {
            Ok(ConstValue::Int(int.wrap(!value)))
        }
        _ => Err(ConstError::NotConst),
    }
}

/// A binary operator; overflow is an error in constants (T060).
fn binary(db: &dyn Db, op: BinaryOp, l: ConstValue, r: ConstValue, ty: Ty) -> Value {
    use BinaryOp::*;
    let kind = ty.strip_refs(db).kind(db);
    let compare = |order: Option<std::cmp::Ordering>| {
        let Some(order) = order else {
            return ConstValue::Bool(op == Ne);
        };
        ConstValue::Bool(match op {
            Eq => order.is_eq(),
            Ne => order.is_ne(),
            Lt => order.is_lt(),
            Le => order.is_le(),
            Gt => order.is_gt(),
            _ => order.is_ge(),
        })
    };
    match (l, r) {
        (ConstValue::Int(l), ConstValue::Int(r)) => match kind {
            TyKind::Int(IntTy::U128) => unsigned_wide(op, l as u128, r as u128),
            TyKind::Int(int) => integer(op, l, r, *int),
            _ => Err(ConstError::Reported),
        },
        (ConstValue::Float(l), ConstValue::Float(r)) => {
            let (l, r) = (f64::from_bits(l), f64::from_bits(r));
            if op.is_comparison() {
                return Ok(compare(l.partial_cmp(&r)));
            }
            Ok(round(
                kind,
                match op {
                    Add => l + r,
                    Sub => l - r,
                    Mul => l * r,
                    Div => l / r,
                    Rem => l % r,
                    _ => return Err(unsupported("this operator in constants")),
                },
            ))
        }
        (ConstValue::Bool(l), ConstValue::Bool(r)) => Ok(match op {
            And => ConstValue::Bool(l && r),
            Or => ConstValue::Bool(l || r),
            BitAnd => ConstValue::Bool(l & r),
            BitOr => ConstValue::Bool(l | r),
            BitXor => ConstValue::Bool(l ^ r),
            op if op.is_comparison() => compare(Some(l.cmp(&r))),
            _ => return Err(ConstError::NotConst),
        }),
        (ConstValue::Char(l), ConstValue::Char(r)) if op.is_comparison() => {
            Ok(compare(Some(l.cmp(&r))))
        }
        (ConstValue::Str(l), ConstValue::Str(r)) if op.is_comparison() => {
            Ok(compare(Some(l.as_bytes().cmp(r.as_bytes()))))
        }
        (ConstValue::Str(l), ConstValue::Str(r)) if op == Add => {
            Ok(ConstValue::Str(Name::new(format!("{l}{r}"))))
        }
        _ => Err(ConstError::NotConst),
    }
}

fn integer(op: BinaryOp, l: i128, r: i128, int: IntTy) -> Value {
    use BinaryOp::*;
    if op.is_comparison() {
        return Ok(ConstValue::Bool(match op {
            Eq => l == r,
            Ne => l != r,
            Lt => l < r,
            Le => l <= r,
            Gt => l > r,
            _ => l >= r,
        }));
    }
    let shift = || (r as u32) & (int.bits() - 1);
    match op {
        Add => in_range(int, l.checked_add(r)),
        Sub => in_range(int, l.checked_sub(r)),
        Mul => in_range(int, l.checked_mul(r)),
        Div | Rem if r == 0 => Err(ConstError::DivisionByZero),
        Div => in_range(int, l.checked_div(r)),
        Rem => Ok(ConstValue::Int(l.wrapping_rem(r))),
        Pow => {
            let exponent = u32::try_from(r).map_err(|_| ConstError::Overflow)?;
            in_range(int, l.checked_pow(exponent))
        }
        BitAnd => Ok(ConstValue::Int(l & r)),
        BitOr => Ok(ConstValue::Int(l | r)),
        BitXor => Ok(ConstValue::Int(int.wrap(l ^ r))),
        Shl => Ok(ConstValue::Int(int.wrap(l.wrapping_shl(shift())))),
        Shr => Ok(ConstValue::Int(int.wrap(l.wrapping_shr(shift())))),
        _ => Err(ConstError::NotConst),
    }
}

fn unsigned_wide(op: BinaryOp, l: u128, r: u128) -> Value {
    use BinaryOp::*;
    if op.is_comparison() {
        return Ok(ConstValue::Bool(match op {
            Eq => l == r,
            Ne => l != r,
            Lt => l < r,
            Le => l <= r,
            Gt => l > r,
            _ => l >= r,
        }));
    }
    let value = match op {
        Add => l.checked_add(r),
        Sub => l.checked_sub(r),
        Mul => l.checked_mul(r),
        Div | Rem if r == 0 => return Err(ConstError::DivisionByZero),
        Div => l.checked_div(r),
        Rem => l.checked_rem(r),
        Pow => u32::try_from(r).ok().and_then(|r| l.checked_pow(r)),
        BitAnd => Some(l & r),
        BitOr => Some(l | r),
        BitXor => Some(l ^ r),
        Shl => Some(l.wrapping_shl(r as u32 & 127)),
        Shr => Some(l.wrapping_shr(r as u32 & 127)),
        _ => return Err(ConstError::NotConst),
    };
    Ok(ConstValue::Int(value.ok_or(ConstError::Overflow)? as i128))
}

fn cast(db: &dyn Db, value: ConstValue, kind: CastKind, from: Ty, to: Ty) -> Value {
    let to_kind = to.kind(db);
    let wrap = |value: i128| match to_kind {
        TyKind::Int(int) => Ok(ConstValue::Int(int.wrap(value))),
        _ => Err(ConstError::Reported),
    };
    match (kind, value) {
        (CastKind::Same, value) => Ok(value),
        (CastKind::IntToInt, ConstValue::Int(value)) => wrap(value),
        (CastKind::IntToFloat, ConstValue::Int(value)) => {
            let unsigned = from.as_int(db) == Some(IntTy::U128);
            let single = matches!(to_kind, TyKind::Float(FloatTy::F32));
            Ok(ConstValue::Float(
                match (unsigned, single) {
                    (true, true) => f64::from(value as u128 as f32),
                    (true, false) => value as u128 as f64,
                    (false, true) => f64::from(value as f32),
                    (false, false) => value as f64,
                }
                .to_bits(),
            ))
        }
        (CastKind::FloatToInt, ConstValue::Float(bits)) => {
            let value = f64::from_bits(bits);
            match to_kind {
                TyKind::Int(IntTy::U128) => Ok(ConstValue::Int(value as u128 as i128)),
                TyKind::Int(int) => {
                    let max = int.max_value() as i128;
                    Ok(ConstValue::Int((value as i128).clamp(int.min_value(), max)))
                }
                _ => Err(ConstError::Reported),
            }
        }
        (CastKind::FloatToFloat, ConstValue::Float(bits)) => {
            Ok(round(to_kind, f64::from_bits(bits)))
        }
        (CastKind::BoolToInt, ConstValue::Bool(value)) => wrap(value.into()),
        (CastKind::IntToBool, ConstValue::Int(value)) => Ok(ConstValue::Bool(value != 0)),
        (CastKind::CharToInt, ConstValue::Char(value)) => wrap(u32::from(value).into()),
        (CastKind::IntToChar, ConstValue::Int(value)) => u32::try_from(value)
            .ok()
            .and_then(char::from_u32)
            .map(ConstValue::Char)
            .ok_or(ConstError::InvalidCast),
        _ => Err(ConstError::NotConst),
    }
}

/// An integer expression of a body that is being inferred: the count of `[v; n]`.
pub(crate) fn eval_int_expr(
    db: &dyn Db,
    body: &Body,
    paths: &FxHashMap<ExprId, PathRes>,
    expr: ExprId,
) -> Result<i128, ConstError> {
    match &body[expr] {
        Expr::Literal(Literal::Int { value, .. }) => {
            i128::try_from(*value).map_err(|_| ConstError::Overflow)
        }
        Expr::Path(_) | Expr::PathOrIndex { .. } => match paths.get(&expr) {
            Some(PathRes::Const(id, _)) => match const_value(db, *id) {
                Ok(ConstValue::Int(value)) => Ok(*value),
                Ok(_) => Err(ConstError::ArrayLength),
                Err(ConstError::Cycle(id)) => Err(ConstError::Cycle(*id)),
                Err(_) => Err(ConstError::Reported),
            },
            Some(_) => Err(ConstError::NotConst),
            None => Err(ConstError::Reported),
        },
        Expr::Block {
            stmts,
            tail: Some(tail),
            ..
        } if stmts.is_empty() => eval_int_expr(db, body, paths, *tail),
        Expr::Unary {
            op: UnaryOp::Neg,
            operand,
        } => eval_int_expr(db, body, paths, *operand).map(|value| -value),
        Expr::Cast { operand, .. } => eval_int_expr(db, body, paths, *operand),
        Expr::Binary { op, left, right } => {
            let left = eval_int_expr(db, body, paths, *left)?;
            let right = eval_int_expr(db, body, paths, *right)?;
            match integer(*op, left, right, IntTy::I64)? {
                ConstValue::Int(value) => Ok(value),
                _ => Err(ConstError::ArrayLength),
            }
        }
        Expr::Missing => Err(ConstError::Reported),
        _ => Err(ConstError::NotConst),
    }
}

/// A constant in a type, as far as the syntax of types has them.
pub(crate) fn eval_const_ref(
    db: &dyn Db,
    scope: &Scope,
    value: &ConstRef,
    expected: Ty,
) -> Result<Const, ConstError> {
    if let ConstRef::Path(path) = value
        && let PathResult::Resolved(found) = resolve_path(db, *scope, path, Namespace::Values)
        && let Resolution::GenericParam(id) = found.to
    {
        let param = generics_of(db, id.def)
            .by_source(id)
            .ok_or(ConstError::Reported)?;
        let ty = const_param_type(db, param.param);
        let _ = ty;
        return Ok(Const::Param(param.param));
    }
    let found = const_ref_value(db, scope, value, expected)?;
    let number = match (&found, expected.kind(db)) {
        (ConstValue::Int(value), TyKind::Int(int)) => {
            // Lengths take any integer; a negative one is T064.
            let is_len = *int == IntTy::Usize;
            if !is_len && int.wrap(*value) != *value {
                return Err(ConstError::Overflow);
            }
            if is_len && *value < 0 {
                return Err(ConstError::ArrayLength);
            }
            *value
        }
        (ConstValue::Bool(value), TyKind::Bool) => i128::from(*value),
        (ConstValue::Char(value), TyKind::Char) => u32::from(*value).into(),
        (_, TyKind::Error) => return Err(ConstError::Reported),
        _ => return Err(ConstError::ArrayLength),
    };
    // Integers of every type are one kind of constant, so that `[T; N]` is one type however `N`
    // was declared.
    let ty = if matches!(expected.kind(db), TyKind::Int(_)) {
        Ty::usize(db)
    } else {
        expected
    };
    Ok(Const::Value(number, ty))
}

fn const_ref_value(db: &dyn Db, scope: &Scope, value: &ConstRef, expected: Ty) -> Value {
    match value {
        ConstRef::Literal(value) => Ok(ConstValue::Int(*value)),
        ConstRef::TypedLiteral(value, ty) => match builtin_ty(db, *ty).as_int(db) {
            Some(int) => in_range(int, Some(*value)),
            None => Err(ConstError::ArrayLength),
        },
        ConstRef::Bool(value) => Ok(ConstValue::Bool(*value)),
        ConstRef::Char(value) => Ok(ConstValue::Char(*value)),
        ConstRef::Path(path) => match resolve_path(db, *scope, path, Namespace::Values) {
            PathResult::Resolved(found) if found.consumed == path.segments.len() => {
                match found.to {
                    Resolution::Def(ModuleDef::Const(id)) => match const_value(db, id) {
                        Ok(value) => Ok(value.clone()),
                        Err(ConstError::Cycle(id)) => Err(ConstError::Cycle(*id)),
                        Err(ConstError::Aggregate) => Err(ConstError::ArrayLength),
                        Err(_) => Err(ConstError::Reported),
                    },
                    _ => Err(ConstError::NotConst),
                }
            }
            PathResult::Resolved(_) => Err(unsupported("associated constants in types")),
            PathResult::Unresolved(_) => Err(ConstError::NotConst),
        },
        ConstRef::Unary(op, operand) => {
            let ty = if *op == UnaryOp::Neg {
                Ty::int(db, IntTy::I128)
            } else {
                expected
            };
            let operand = const_ref_value(db, scope, operand, expected)?;
            unary(db, *op, operand, ty)
        }
        ConstRef::Binary(op, left, right) => {
            let ty = const_ref_ty(db, scope, left).or_else(|| const_ref_ty(db, scope, right));
            let ty = ty.unwrap_or(Ty::i64(db));
            let left = const_ref_value(db, scope, left, expected)?;
            let right = const_ref_value(db, scope, right, expected)?;
            binary(db, *op, left, right, ty)
        }
        ConstRef::Cast(..) => Err(unsupported("casts in types")),
        ConstRef::Infer | ConstRef::Error => Err(ConstError::Reported),
        ConstRef::Unsupported(what) => Err(ConstError::Unsupported(what.clone())),
    }
}

/// The type that a named constant inside an expression gives it.
fn const_ref_ty(db: &dyn Db, scope: &Scope, value: &ConstRef) -> Option<Ty> {
    match value {
        ConstRef::Path(path) => match resolve_path(db, *scope, path, Namespace::Values) {
            PathResult::Resolved(found) => match found.to {
                Resolution::Def(ModuleDef::Const(id)) => Some(type_of_const(db, id)),
                _ => None,
            },
            PathResult::Unresolved(_) => None,
        },
        ConstRef::TypedLiteral(_, ty) => Some(builtin_ty(db, *ty)),
        ConstRef::Bool(_) => Some(Ty::bool(db)),
        ConstRef::Char(_) => Some(Ty::char(db)),
        ConstRef::Unary(_, operand) => const_ref_ty(db, scope, operand),
        ConstRef::Binary(_, left, right) => {
            const_ref_ty(db, scope, left).or_else(|| const_ref_ty(db, scope, right))
        }
        _ => None,
    }
}

//! Constants at compile time (reference §4.3): an evaluator over inferred bodies.
//!
//! A constant has a [`ConstValue`] unless it holds addresses; those are made at run time from
//! the constant's body, wherever the constant is named.

mod call;
mod eval;
mod machine;
mod numbers;
mod ops;
mod pattern;
mod value;

use base::Db;
use hir_def::body::{Body, Expr, ExprId, Literal, UnaryOp};
use hir_def::module_map::Namespace;
use hir_def::resolver::{PathResult, Resolution, Scope, resolve_path};
use hir_def::{BodyOwner, ConstId, ConstRef, FuncId, ModuleDef, Name};
use rustc_hash::FxHashMap;

use crate::generics::{const_param_type, generics_of};
use crate::infer::result::{CallRes, PathRes};
use crate::lower::builtin_ty;
use crate::signature::type_of_const;
use crate::ty::{Const, GenericArgs, IntTy, Ty, TyKind};

use machine::Machine;
use ops::{binary, cast, in_range, integer, literal_value, unary};

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
    /// Fields of a struct or tuple, elements of an array.
    Parts(Box<[ConstValue]>),
    /// A variant by its index, with its payload.
    Variant(u32, Box<[ConstValue]>),
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
    /// Not known here: made at run time from the body. No error.
    Aggregate,
    /// T063: evaluation ends in a panic; says which.
    Panics(Name),
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
    let (first, expr) = *evaluated(db, owner).trace.first()?;
    (first == owner).then_some(expr)
}

/// Where evaluation failed: expressions of bodies from the constant inwards, the call in each
/// body but the last.
pub fn failure_trace(db: &dyn Db, owner: BodyOwner) -> &[(BodyOwner, ExprId)] {
    &evaluated(db, owner).trace
}

/// Whether a value differs between targets: it asked for a size (T066).
pub fn depends_on_layout(db: &dyn Db, owner: BodyOwner) -> bool {
    evaluated(db, owner).asks_layout
}

/// What evaluating a body gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluated {
    value: Result<ConstValue, ConstError>,
    trace: Box<[(BodyOwner, ExprId)]>,
    asks_layout: bool,
}

#[salsa::tracked(cycle_result = evaluated_cycle)]
fn evaluated(db: &dyn Db, owner: BodyOwner) -> Evaluated {
    let mut machine = Machine::new(db);
    let value = machine.run(owner, GenericArgs::empty(db), |_| Ok(()));
    let value = value.and_then(|value| value.exported(db));
    let mut trace = Vec::new();
    if value.is_err() {
        trace = machine.trace;
        trace.reverse();
    }
    Evaluated {
        value,
        trace: trace.into(),
        asks_layout: machine.asks_layout,
    }
}

/// The value of a constant expression inside a body: the default of a parameter.
pub fn expr_value(db: &dyn Db, owner: BodyOwner, expr: ExprId) -> Result<ConstValue, ConstError> {
    let mut machine = Machine::new(db);
    machine.run_expr(owner, expr)?.exported(db)
}

fn evaluated_cycle(_: &dyn Db, _: salsa::Id, owner: BodyOwner) -> Evaluated {
    let id = match owner {
        BodyOwner::Const(id) => Some(id),
        _ => None,
    };
    Evaluated {
        value: Err(ConstError::Cycle(id)),
        trace: Box::default(),
        asks_layout: false,
    }
}

type Value = Result<ConstValue, ConstError>;

fn unsupported(what: &'static str) -> ConstError {
    ConstError::Unsupported(Name::new_static(what))
}

/// A call of a function where a type is being made: nothing there may depend on layout.
fn call_in_type(db: &dyn Db, func: FuncId, args: Vec<ConstValue>) -> Value {
    let sig = crate::fn_type(db, func);
    if let Some("size_of" | "align_of" | "field_offset" | "size_of_val" | "align_of_val") =
        sig.intrinsic.as_deref()
    {
        return Err(ConstError::DependsOnLayout);
    }
    if !sig.flags.is_const {
        return Err(ConstError::NotConst);
    }
    let mut machine = Machine::new(db);
    let value = machine.call(func, args)?.exported(db)?;
    if machine.asks_layout {
        return Err(ConstError::DependsOnLayout);
    }
    Ok(value)
}

/// An integer expression of a body that is being inferred: the count of `[v; n]`.
pub(crate) fn eval_int_expr(
    db: &dyn Db,
    body: &Body,
    paths: &FxHashMap<ExprId, PathRes>,
    calls: &FxHashMap<ExprId, CallRes>,
    expr: ExprId,
) -> Result<i128, ConstError> {
    match &body[expr] {
        Expr::Literal(Literal::Int { value, .. }) => {
            i128::try_from(*value).map_err(|_| ConstError::Overflow)
        }
        Expr::Path(_) | Expr::PathOrIndex { .. } => match paths.get(&expr) {
            Some(PathRes::Const(id, _)) => match const_value(db, *id) {
                Ok(_) if depends_on_layout(db, BodyOwner::Const(*id)) => {
                    Err(ConstError::DependsOnLayout)
                }
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
        } if stmts.is_empty() => eval_int_expr(db, body, paths, calls, *tail),
        Expr::Unary {
            op: UnaryOp::Neg,
            operand,
        } => eval_int_expr(db, body, paths, calls, *operand).map(|value| -value),
        Expr::Cast { operand, .. } => eval_int_expr(db, body, paths, calls, *operand),
        Expr::Binary { op, left, right } => {
            let left = eval_int_expr(db, body, paths, calls, *left)?;
            let right = eval_int_expr(db, body, paths, calls, *right)?;
            match integer(*op, left, right, IntTy::I64)? {
                ConstValue::Int(value) => Ok(value),
                _ => Err(ConstError::ArrayLength),
            }
        }
        Expr::Call { args, .. } => match calls.get(&expr) {
            Some(CallRes::Func {
                callee,
                order: None,
            }) => {
                let args = args.iter().map(|arg| {
                    let value = eval_int_expr(db, body, paths, calls, arg.value)?;
                    Ok(ConstValue::Int(value))
                });
                let args = args.collect::<Result<Vec<ConstValue>, ConstError>>()?;
                match call_in_type(db, callee.func, args)? {
                    ConstValue::Int(value) => Ok(value),
                    _ => Err(ConstError::ArrayLength),
                }
            }
            _ => Err(ConstError::NotConst),
        },
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
                        Ok(_) if depends_on_layout(db, BodyOwner::Const(id)) => {
                            Err(ConstError::DependsOnLayout)
                        }
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
        // Lengths and arguments are checked against their own type in the end.
        ConstRef::Cast(operand, _) => const_ref_value(db, scope, operand, Ty::int(db, IntTy::I128)),
        ConstRef::Call(path, args) => {
            let found = resolve_path(db, *scope, path, Namespace::Values);
            let func = match found {
                PathResult::Resolved(found) if found.consumed == path.segments.len() => {
                    match found.to {
                        Resolution::Def(ModuleDef::Func(func)) => func,
                        _ => return Err(ConstError::NotConst),
                    }
                }
                PathResult::Resolved(_) => return Err(unsupported("this call inside a type")),
                PathResult::Unresolved(_) => return Err(ConstError::NotConst),
            };
            let params = &crate::fn_type(db, func).params;
            let args = args.iter().enumerate().map(|(index, arg)| {
                let ty = params.get(index).map_or(expected, |param| param.ty);
                const_ref_value(db, scope, arg, ty)
            });
            let args = args.collect::<Result<Vec<ConstValue>, ConstError>>()?;
            call_in_type(db, func, args)
        }
        ConstRef::Infer | ConstRef::Error => Err(ConstError::Reported),
        ConstRef::OtherLiteral => Err(ConstError::Unsupported(hir_def::Name::new_static(
            "this literal inside a type",
        ))),
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

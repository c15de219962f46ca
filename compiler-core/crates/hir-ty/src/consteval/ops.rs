//! Operators and casts on known values.

use base::Db;
use hir_def::Name;
use hir_def::body::{BinaryOp, Literal, UnaryOp};

use super::{ConstError, ConstValue, unsupported};
use crate::infer::result::CastKind;
use crate::ty::{FloatTy, IntTy, Ty, TyKind};

type Value = Result<ConstValue, ConstError>;

pub(crate) fn literal_value(db: &dyn Db, literal: &Literal, ty: Ty) -> Value {
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
pub(crate) fn parse_float(text: &str, kind: &TyKind) -> Option<f64> {
    match kind {
        TyKind::Float(FloatTy::F32) => text.parse::<f32>().ok().map(f64::from),
        _ => text.parse::<f64>().ok(),
    }
}

pub(crate) fn round(kind: &TyKind, value: f64) -> ConstValue {
    let value = match kind {
        TyKind::Float(FloatTy::F32) => f64::from(value as f32),
        _ => value,
    };
    // NaN results are the canonical one.
    let value = if value.is_nan() { f64::NAN } else { value };
    ConstValue::Float(value.to_bits())
}

pub(crate) fn in_range(int: IntTy, value: Option<i128>) -> Value {
    let value = value.ok_or(ConstError::Overflow)?;
    if int == IntTy::U128 || int.wrap(value) == value {
        Ok(ConstValue::Int(value))
    } else {
        Err(ConstError::Overflow)
    }
}

pub(crate) fn unary(db: &dyn Db, op: UnaryOp, value: ConstValue, ty: Ty) -> Value {
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
pub(crate) fn binary(db: &dyn Db, op: BinaryOp, l: ConstValue, r: ConstValue, ty: Ty) -> Value {
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

pub(crate) fn integer(op: BinaryOp, l: i128, r: i128, int: IntTy) -> Value {
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

pub(crate) fn unsigned_wide(op: BinaryOp, l: u128, r: u128) -> Value {
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

pub(crate) fn cast(db: &dyn Db, value: ConstValue, kind: CastKind, from: Ty, to: Ty) -> Value {
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

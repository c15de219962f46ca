//! Literals as constants of their inferred types.

use hir_def::body::Literal;
use hir_ty::{FloatTy, Ty, TyKind};

use super::Builder;
use crate::data::*;

impl Builder<'_> {
    /// A literal, with the `-` that stands directly before it folded in.
    pub(super) fn literal(&mut self, literal: &Literal, ty: Ty, negative: bool) -> Operand {
        let kind = match (literal, ty.kind(self.db)) {
            (Literal::Int { value, .. }, TyKind::Float(_)) => {
                let value = *value as f64;
                ConstKind::Float(if negative { -value } else { value }.to_bits())
            }
            (Literal::Int { value, .. }, TyKind::Int(int)) => {
                let value = *value as i128;
                ConstKind::Int(int.wrap(if negative {
                    value.wrapping_neg()
                } else {
                    value
                }))
            }
            // `65 as Char` and its like type the literal directly.
            (Literal::Int { value, .. }, TyKind::Char) => {
                let value = u32::try_from(*value).ok().and_then(char::from_u32);
                ConstKind::Char(value.unwrap_or(char::REPLACEMENT_CHARACTER))
            }
            (Literal::Int { value, .. }, TyKind::Bool) => ConstKind::Bool(*value != 0),
            (Literal::Int { value, .. }, _) => ConstKind::Int(*value as i128),
            (Literal::Float { text, .. }, TyKind::Float(FloatTy::F32)) => {
                // Parsed at its own width: rounding twice could differ.
                let value = f64::from(text.parse::<f32>().unwrap_or(f32::NAN));
                ConstKind::Float(if negative { -value } else { value }.to_bits())
            }
            (Literal::Float { text, .. }, _) => {
                let value = text.parse::<f64>().unwrap_or(f64::NAN);
                ConstKind::Float(if negative { -value } else { value }.to_bits())
            }
            (Literal::Bool(value), _) => ConstKind::Bool(*value),
            (Literal::Char(value), _) => ConstKind::Char(*value),
            (Literal::Str(text), _) => ConstKind::Str((&**text).into()),
            (Literal::Bytes(bytes), _) => ConstKind::Bytes((&**bytes).into()),
            (Literal::Null, _) => ConstKind::Null,
            (Literal::Unit, _) => ConstKind::Unit,
        };
        self.constant(ty, kind)
    }
}

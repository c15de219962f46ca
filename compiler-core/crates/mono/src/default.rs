//! Default values of parameters.

use base::Db;
use hir_def::BodyOwner;
use hir_def::FuncId;
use hir_def::body::{Expr, ExprId, Literal, UnaryOp};
use hir_ty::ConstValue;

/// The hidden constant of an omitted argument, if it is a literal.
pub(crate) fn param_default(db: &dyn Db, func: FuncId, index: u32) -> Option<&ConstValue> {
    param_defaults(db, func).get(index as usize)?.as_ref()
}

/// The literal defaults of a function's parameters.
///
/// Keyed by function; read by lowerings of its callers, and stops edits of its body that do not
/// change a default.
#[salsa::tracked]
fn param_defaults(db: &dyn Db, func: FuncId) -> Box<[Option<ConstValue>]> {
    let body = hir_def::body::body(db, BodyOwner::Func(func));
    body.params
        .iter()
        .map(|param| literal(body, param.default?))
        .collect()
}

fn literal(body: &hir_def::body::Body, expr: ExprId) -> Option<ConstValue> {
    match &body[expr] {
        Expr::Literal(literal) => Some(match literal {
            Literal::Int { value, .. } => ConstValue::Int(*value as i128),
            Literal::Float { text, .. } => ConstValue::Float(text.parse::<f64>().ok()?.to_bits()),
            Literal::Bool(value) => ConstValue::Bool(*value),
            Literal::Char(value) => ConstValue::Char(*value),
            Literal::Str(text) => ConstValue::Str(text.as_ref().into()),
            Literal::Unit => ConstValue::Unit,
            Literal::Bytes(_) | Literal::Null => return None,
        }),
        Expr::Unary {
            op: UnaryOp::Neg,
            operand,
        } => match literal(body, *operand)? {
            ConstValue::Int(value) => Some(ConstValue::Int(value.wrapping_neg())),
            ConstValue::Float(bits) => Some(ConstValue::Float((-f64::from_bits(bits)).to_bits())),
            _ => None,
        },
        _ => None,
    }
}

//! Default values of parameters.

use base::Db;
use hir_def::BodyOwner;
use hir_def::FuncId;
use hir_ty::ConstValue;
use hir_ty::consteval::expr_value;

/// The hidden constant of an omitted argument, if it is a scalar.
pub(crate) fn param_default(db: &dyn Db, func: FuncId, index: u32) -> Option<&ConstValue> {
    param_defaults(db, func).get(index as usize)?.as_ref()
}

/// The scalar defaults of a function's parameters.
///
/// Keyed by function; read by lowerings of its callers, and stops edits of its body that do not
/// change a default.
#[salsa::tracked]
fn param_defaults(db: &dyn Db, func: FuncId) -> Box<[Option<ConstValue>]> {
    let owner = BodyOwner::Func(func);
    let params = &hir_def::body::body(db, owner).params;
    params
        .iter()
        .map(|param| expr_value(db, owner, param.default?).ok())
        .collect()
}

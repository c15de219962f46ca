//! Variables that nothing reads (W003).
//!
//! Asked of the body and not of its MIR: code that control never reaches still reads.

use base::Db;
use hir_def::body::{Body, Expr, ExprId, LocalId, LocalKind};
use rustc_hash::FxHashSet;

use crate::data::SourceInfo;
use crate::diagnostics::MirDiagnostic;

/// In order of declaration.
pub(crate) fn unused_variables(
    db: &dyn Db,
    hir: &Body,
    infer: &hir_ty::InferenceResult,
) -> Vec<MirDiagnostic> {
    let mut written: FxHashSet<ExprId> = FxHashSet::default();
    for expr in hir.exprs.values() {
        if let Expr::Assign {
            op: None, target, ..
        } = expr
        {
            written.insert(*target);
        }
    }
    let mut read: FxHashSet<LocalId> = FxHashSet::default();
    let mut assigned: FxHashSet<LocalId> = FxHashSet::default();
    for (id, expr) in hir.exprs.iter() {
        if let Expr::Local(local) = expr {
            let uses = if written.contains(&id) {
                &mut assigned
            } else {
                &mut read
            };
            uses.insert(*local);
        }
    }
    let mut findings = Vec::new();
    for (id, local) in hir.locals.iter() {
        let Some(pat) = local.pat else { continue };
        // `p = v` writes through a `mut ref` (reference §3.6): the caller sees it.
        let ty = infer.local_tys.get(id);
        let is_exclusive_ref = ty.is_some_and(|ty| matches!(ty.as_ref(db), Some((true, _))));
        if read.contains(&id)
            || (is_exclusive_ref && assigned.contains(&id))
            || local.name.starts_with('_')
            || local.name.is_empty()
        {
            continue;
        }
        findings.push(MirDiagnostic::UnusedVariable {
            name: local.name.clone(),
            declared: SourceInfo::from(pat),
            is_param: local.kind == LocalKind::Param,
        });
    }
    findings
}

//! Variables that nothing reads (W003).
//!
//! Asked of the body and not of its MIR: code that control never reaches still reads.

use hir_def::body::{Body, Expr, ExprId, LocalId, LocalKind};
use rustc_hash::FxHashSet;

use crate::data::SourceInfo;
use crate::diagnostics::MirDiagnostic;

/// In order of declaration.
pub(crate) fn unused_variables(hir: &Body) -> Vec<MirDiagnostic> {
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
    for (id, expr) in hir.exprs.iter() {
        if let Expr::Local(local) = expr
            && !written.contains(&id)
        {
            read.insert(*local);
        }
    }
    let mut findings = Vec::new();
    for (id, local) in hir.locals.iter() {
        let Some(pat) = local.pat else { continue };
        if read.contains(&id) || local.name.starts_with('_') || local.name.is_empty() {
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

//! Which bindings a body changes something through: whether a pattern over a field of an object
//! writes or only reads it.

use hir_def::body::{Body as HirBody, Expr, ExprId, LocalId, PatId, UnaryOp};
use hir_ty::{Adjust, BindMode, IndexRes, InferenceResult};
use rustc_hash::FxHashSet;

use super::Builder;
use super::access::{Binds, may_hold};

impl Builder<'_> {
    /// How patterns bind what they match.
    pub(super) fn binds(&mut self, pats: &[PatId], guarded: bool) -> Binds {
        let mut out = Binds {
            guarded,
            ..Binds::default()
        };
        for pat in pats {
            let mut all = Vec::new();
            self.collect_bindings(*pat, &mut all);
            for (pat, local) in all {
                if let Some(BindMode::Ref { mutable }) = self.infer.bindings.get(&pat) {
                    out.by_ref = Some(out.by_ref == Some(true) || *mutable);
                    out.changes |= *mutable && self.is_changed_through(local);
                }
            }
            if self.has_slice(*pat) {
                out.by_ref = out.by_ref.or(Some(false));
            }
        }
        out
    }

    /// Whether a `let` binds what may hold an access that its initialiser opens.
    pub(super) fn may_lend(&self, init: ExprId, pat: PatId) -> bool {
        let mut all = Vec::new();
        self.collect_bindings(pat, &mut all);
        let by_ref = all.iter().any(|(pat, _)| !self.binds_by_value(*pat));
        by_ref || may_hold(self.db, self.adjusted_ty(init))
    }

    fn is_changed_through(&mut self, local: LocalId) -> bool {
        let (hir, infer) = (self.hir, self.infer);
        let changed = self
            .changed
            .get_or_insert_with(|| changed_locals(hir, infer));
        changed.contains(&local)
    }
}

/// Locals through which something is assigned, borrowed exclusively, or that are handed on.
fn changed_locals(hir: &HirBody, infer: &InferenceResult) -> FxHashSet<LocalId> {
    let mut changed = FxHashSet::default();
    // A local is only looked at where a path goes on from it.
    let mut looked_at: FxHashSet<ExprId> = FxHashSet::default();
    let mut change = |expr: ExprId| changed.extend(root(hir, expr));
    for (id, expr) in hir.exprs.iter() {
        match expr {
            Expr::Assign { target, .. } => change(*target),
            Expr::Ref {
                operand,
                mutable: true,
                ..
            } => change(*operand),
            Expr::Field { base, .. } | Expr::Is { operand: base, .. } => {
                looked_at.insert(*base);
            }
            Expr::Index { base, .. } | Expr::PathOrIndex { base, .. } => {
                looked_at.insert(*base);
                if let Some(IndexRes::Range { mutable: true }) = infer.indexes.get(&id) {
                    change(*base);
                }
            }
            Expr::Unary {
                op: UnaryOp::Deref,
                operand,
            } => {
                looked_at.insert(*operand);
            }
            _ => {}
        }
        for step in infer.adjustments(id) {
            match step.kind {
                Adjust::Borrow { mutable: true }
                | Adjust::OverloadedDeref { mutable: true, .. } => {
                    change(id);
                }
                _ => {}
            }
        }
    }
    for (id, expr) in hir.exprs.iter() {
        if let Expr::Local(local) = expr
            && !looked_at.contains(&id)
            && !matches!(infer.adjustments(id).first(), Some(step) if step.kind == Adjust::Deref)
        {
            changed.insert(*local);
        }
    }
    changed
}

/// The local that a path starts at.
fn root(hir: &HirBody, expr: ExprId) -> Option<LocalId> {
    let mut at = expr;
    loop {
        match &hir[at] {
            Expr::Local(local) => return Some(*local),
            Expr::Field { base, .. }
            | Expr::Index { base, .. }
            | Expr::PathOrIndex { base, .. } => {
                at = *base;
            }
            Expr::Unary {
                op: UnaryOp::Deref,
                operand,
            } => at = *operand,
            _ => return None,
        }
    }
}

//! Low-level operations outside of low-level code (reference §15.1): W030, once per statement,
//! and what goes with it: W025, W032.
//!
//! While expressions are inferred, those outside of low-level code are noted with their
//! statement; once all is known, they are looked through.

use hir_def::body::{Expr, ExprId, Pat, UnaryOp};
use hir_def::signatures as s;
use hir_def::{AdtId, FuncId, GenericDef, StaticId, VariantDef};
use rustc_hash::{FxHashMap, FxHashSet};

use super::InferCtx;
use super::diagnostics::InferDiagnostic;
use super::result::{CallRes, Callee, CastKind, FieldRes, PatRes, PathRes};
use crate::generics::{Predicate, predicates_of};
use crate::ty::{Ty, TyKind};

/// Expressions outside of low-level code, each with the number of its statement.
#[derive(Default)]
pub(super) struct Outside {
    statement: u32,
    last: u32,
    seen: FxHashMap<ExprId, u32>,
    order: Vec<ExprId>,
}

impl Outside {
    /// Starts a statement; give the result to [`leave`](Self::leave) at its end.
    pub(super) fn enter(&mut self) -> u32 {
        self.last += 1;
        std::mem::replace(&mut self.statement, self.last)
    }

    pub(super) fn leave(&mut self, around: u32) {
        self.statement = around;
    }

    pub(super) fn note(&mut self, expr: ExprId) {
        if self.seen.insert(expr, self.statement).is_none() {
            self.order.push(expr);
        }
    }
}

impl InferCtx<'_> {
    /// Reports what was noted. Types are final by now.
    pub(super) fn check_lowlevel(&mut self) {
        let outside = std::mem::take(&mut self.outside);
        let written = self.written_union_fields();
        let mut reported = FxHashSet::default();
        for expr in outside.order {
            if let Some(PathRes::Static(id)) = self.result.paths.get(&expr)
                && self.is_risky_static(*id)
            {
                self.error(InferDiagnostic::MutableStatic { expr });
            }
            if matches!(
                &self.body[expr],
                Expr::Ref {
                    address_of: true,
                    ..
                }
            ) {
                self.error(InferDiagnostic::AddressOf { expr });
            }
            if !self.is_lowlevel_operation(expr, &written) {
                continue;
            }
            let statement = outside.seen.get(&expr).copied().unwrap_or(0);
            if reported.insert(statement) {
                self.error(InferDiagnostic::LowLevel { expr });
            }
        }
    }

    fn is_lowlevel_operation(&self, expr: ExprId, written: &FxHashSet<ExprId>) -> bool {
        let db = self.db;
        if let Some(CallRes::Func { callee, .. }) = self.result.calls.get(&expr)
            && is_lowlevel_func(db, callee.func)
        {
            return !self.is_given_a_reference(callee);
        }
        match &self.body[expr] {
            Expr::Unary {
                op: UnaryOp::Deref,
                operand,
            } => {
                let ty = self.result.adjusted_ty(*operand);
                ty.is_some_and(|ty| matches!(ty.kind(db), TyKind::RawPtr(_)))
            }
            Expr::Cast { .. } => self.result.casts.get(&expr) == Some(&CastKind::ToRef),
            Expr::Field { .. } => {
                let of_union = matches!(
                    self.result.fields.get(&expr),
                    Some(FieldRes::Field(field)) if matches!(field.parent, VariantDef::Union(_))
                );
                of_union
                    && !written.contains(&expr)
                    && self
                        .result
                        .expr_ty(expr)
                        .is_some_and(|ty| !is_plain(db, ty, 0))
            }
            Expr::When { arms, .. } => arms.iter().any(|arm| self.reads_union(arm.pat)),
            Expr::IfLet { pat, .. } => self.reads_union(*pat),
            _ => false,
        }
    }

    /// Atomics take addresses, for which the caller vouches, and `mut ref`, for which the
    /// compiler does (library.md §3).
    fn is_given_a_reference(&self, callee: &Callee) -> bool {
        let db = self.db;
        let predicates = &predicates_of(db, GenericDef::Func(callee.func)).list;
        predicates.iter().any(|predicate| match predicate {
            Predicate::Implements(bound) if self.lang.cells.contains(&Some(bound.behavior)) => {
                let cell = bound.self_ty(db).subst(db, callee.args);
                matches!(cell.as_ref(db), Some((true, _)))
            }
            _ => false,
        })
    }

    /// Whether a pattern looks at a field of a union that is not plain.
    fn reads_union(&self, pat: hir_def::body::PatId) -> bool {
        let db = self.db;
        let of_union = matches!(
            self.result.pats.get(&pat),
            Some(PatRes::Variant {
                variant: VariantDef::Union(_),
                ..
            })
        );
        let parts: Vec<_> = match &self.body[pat] {
            Pat::Bind { sub: Some(sub), .. } => vec![*sub],
            Pat::Tuple { pats, .. } | Pat::TupleStruct { pats, .. } | Pat::Or(pats) => {
                pats.to_vec()
            }
            Pat::Slice { prefix, suffix, .. } => {
                prefix.iter().chain(suffix.iter()).copied().collect()
            }
            Pat::Record { fields, .. } => fields.iter().map(|(_, pat)| *pat).collect(),
            _ => Vec::new(),
        };
        parts.into_iter().any(|part| {
            let is_read = of_union
                && !matches!(self.body[part], Pat::Wild)
                && self
                    .result
                    .pat_ty(part)
                    .is_some_and(|ty| !is_plain(db, ty, 0));
            is_read || self.reads_union(part)
        })
    }

    /// Fields of unions that are only assigned to.
    fn written_union_fields(&self) -> FxHashSet<ExprId> {
        let mut out = FxHashSet::default();
        for expr in self.body.exprs.values() {
            if let Expr::Assign {
                op: None, target, ..
            } = expr
            {
                let mut at = *target;
                while let Expr::Field { base, .. } = &self.body[at] {
                    out.insert(at);
                    at = *base;
                }
            }
        }
        out
    }

    /// A mutable static that can be seen half written.
    fn is_risky_static(&self, id: StaticId) -> bool {
        let db = self.db;
        s::static_data(db, id).is_mutable
            && !is_atomic_scalar(db, crate::signature::type_of_static(db, id))
    }
}

/// A function whose callers vouch for something.
pub fn is_lowlevel_func(db: &dyn base::Db, func: FuncId) -> bool {
    let sig = s::func_signature(db, func);
    sig.flags.is_lowlevel || (sig.attrs.extern_.is_some() && !sig.flags.has_body)
}

/// Types nest no deeper where all bytes are looked at; guessed.
const PLAIN_DEPTH_MAX: u32 = 64;

/// Whether every pattern of bits is a value (reference §3.3).
fn is_plain(db: &dyn base::Db, ty: Ty, depth: u32) -> bool {
    if depth > PLAIN_DEPTH_MAX {
        return false;
    }
    match ty.kind(db) {
        TyKind::Int(_) | TyKind::Float(_) | TyKind::RawPtr(_) | TyKind::Error => true,
        TyKind::Tuple(parts) => parts.iter().all(|part| is_plain(db, *part, depth + 1)),
        TyKind::Array(element, _) => is_plain(db, *element, depth + 1),
        TyKind::Adt(adt @ (AdtId::Struct(_) | AdtId::Union(_)), args) => {
            let fields = crate::signature::adt_field_types(db, *adt, *args);
            let mut fields = fields.iter().flatten();
            fields.all(|field| is_plain(db, *field, depth + 1))
        }
        _ => false,
    }
}

/// What is loaded and stored whole (reference §4.3).
pub fn is_atomic_scalar(db: &dyn base::Db, ty: Ty) -> bool {
    match ty.kind(db) {
        TyKind::Bool | TyKind::Char | TyKind::Float(_) | TyKind::RawPtr(_) | TyKind::Error => true,
        TyKind::Int(int) => int.bytes() <= 8,
        TyKind::Adt(AdtId::Enum(id), _) => {
            let mut variants = s::enum_data(db, *id).variants.iter();
            variants.all(|variant| variant.fields.fields.is_empty())
        }
        _ => false,
    }
}

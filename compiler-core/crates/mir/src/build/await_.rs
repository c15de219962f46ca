//! `await`: the points where an `async` body may stop.

use hir_def::VariantDef;
use hir_def::body::ExprId;
use hir_ty::{GenericArgs, Ty, TyKind};

use super::Builder;
use crate::data::*;
use crate::diagnostics::MirDiagnostic;
use crate::tys;

impl Builder<'_> {
    /// Stops until the next poll. Should there be none, what is alive here is dropped.
    pub(super) fn yield_(&mut self) {
        let (resume, drop) = (self.new_block(), self.new_block());
        self.terminate(TerminatorKind::Yield { resume, drop });
        self.start(drop);
        self.exit_scopes(0);
        self.terminate(TerminatorKind::Dropped);
        self.start(resume);
    }

    /// Polls a future until it is ready.
    pub(super) fn await_(&mut self, dest: &Place, operand: ExprId) {
        let package = self.body.owner.module(self.db).package(self.db);
        let lang = hir_ty::lang_items(self.db, package);
        let (Some(poll), Some((ready, pending))) = (lang.poll, lang.poll_variants(self.db)) else {
            return self.unsupported("`await` without `core`");
        };
        let ty = self.adjusted_ty(operand);
        let future = self.owned_temp(ty);
        self.expr_to(Some(&future.into()), operand);
        let output = self.future_output(lang, ty);
        let poll_args = GenericArgs::from_iter(self.db, [output.into()]);
        let poll_ty = Ty::adt(self.db, poll, poll_args);
        let (again, done, wait) = (self.new_block(), self.new_block(), self.new_block());
        self.goto(again);
        self.start(again);
        let ref_ty = Ty::reference(self.db, true, ty);
        let borrow = self.value(ref_ty, Rvalue::Ref(BorrowKind::Implicit, future.into()));
        let result = self.temp(poll_ty);
        self.call(Callee::Poll(ty), vec![borrow], &result.into());
        let tag = self.value(
            tys::u32(self.db),
            Rvalue::Discriminant(Place::local(result)),
        );
        self.terminate(TerminatorKind::Switch {
            value: tag,
            cases: vec![(i128::from(pending.index), wait)],
            otherwise: done,
        });
        self.start(wait);
        // Others run meanwhile, and may want the field (B018).
        if self.holds_access() {
            let source = self.source;
            self.diagnostics
                .push(MirDiagnostic::ObjectLeaves { source });
        }
        self.yield_();
        self.goto(again);
        self.start(done);
        let fields = tys::field_tys(self.db, VariantDef::Variant(ready), poll_args);
        if let Some(field) = fields.first() {
            let place = Place::local(result).downcast(ready.index).field(0, *field);
            let value = self.read(place);
            self.assign_operand(dest, value);
        }
    }

    fn future_output(&self, lang: &hir_ty::LangItems, ty: Ty) -> Ty {
        let Some(behavior) = lang.future else {
            return Ty::error(self.db);
        };
        let projection = hir_ty::Projection {
            behavior,
            name: "Output".into(),
            args: GenericArgs::from_iter(self.db, [ty.into()]),
        };
        let ty = Ty::new(self.db, TyKind::Projection(projection));
        hir_ty::normalize(self.db, ty, tys::env(self.db, self.body.owner))
    }
}

//! What may be written.
//!
//! A binding is written by assignment and by an explicit `mut ref`; implicit exclusive borrows
//! (`mut this` receivers) need no `mut` (reference §4.2). Nothing is written through a shared
//! reference.

use hir_ty::TyKind;

use super::{Checker, Location};
use crate::data::*;
use crate::diagnostics::MirDiagnostic;
use crate::moves::dataflow::State;
use crate::tys;

impl Checker<'_> {
    pub(super) fn mutability(&mut self, kind: &StatementKind, state: &State, at: Location) {
        match kind {
            StatementKind::Assign(place, rvalue) => {
                self.check_assign(place, state, at);
                match rvalue {
                    Rvalue::Ref(kind, borrowed) if kind.is_mutable() => {
                        self.check_exclusive(*kind, borrowed, at);
                    }
                    Rvalue::AddrOf(exposed) => {
                        self.written.insert(exposed.local);
                    }
                    _ => {}
                }
            }
            StatementKind::Replace(place, _, _) => self.check_assign(place, state, at),
            _ => {}
        }
    }

    fn check_assign(&mut self, place: &Place, state: &State, at: Location) {
        if self.is_shared(place) {
            return self.shared_access(place, at, true);
        }
        if place.is_indirect() {
            return;
        }
        let Some(decl) = self.body.locals.get(place.local) else {
            return;
        };
        let Some(name) = &decl.name else { return };
        // A `let` without initialiser may be assigned once, as a whole.
        let is_first = place.as_local().is_some() && !state.assigned.contains(place.local);
        if !is_first {
            self.written.insert(place.local);
        }
        if !decl.mutable && !is_first {
            let (name, declared) = (name.clone(), decl.source);
            self.add(MirDiagnostic::AssignImmutable {
                name,
                assigned: at.source,
                declared,
            });
        }
    }

    fn check_exclusive(&mut self, kind: BorrowKind, place: &Place, at: Location) {
        if self.is_shared(place) {
            return self.shared_access(place, at, false);
        }
        if place.is_indirect() {
            return;
        }
        self.written.insert(place.local);
        if kind != BorrowKind::Exclusive {
            return;
        }
        let Some(decl) = self.body.locals.get(place.local) else {
            return;
        };
        let Some(name) = &decl.name else { return };
        if !decl.mutable {
            let (name, declared) = (name.clone(), decl.source);
            self.add(MirDiagnostic::BorrowImmutable {
                name,
                borrowed: at.source,
                declared,
            });
        }
    }

    /// Whether the path goes through a shared reference after its last raw pointer: what a
    /// pointer leads to is the pointer's user's business.
    fn is_shared(&self, place: &Place) -> bool {
        let Some(decl) = self.body.locals.get(place.local) else {
            return false;
        };
        let mut ty = decl.ty;
        let mut shared = false;
        for step in &place.projection {
            if let Projection::Object(..) = step {
                // Objects are shared and may be changed by whoever reaches them.
                shared = false;
            }
            if let Projection::Deref = step {
                shared = match ty.kind(self.db) {
                    TyKind::RawPtr(_) => false,
                    TyKind::Ref { mutable, .. } => shared || !mutable,
                    _ => shared,
                };
            }
            ty = tys::step_ty(self.db, ty, step);
        }
        shared
    }

    fn shared_access(&mut self, place: &Place, at: Location, is_assignment: bool) {
        let (declared, root) = match self.body.locals.get(place.local) {
            Some(decl) => (decl.source, decl.name.clone().unwrap_or_default()),
            None => return,
        };
        let place = self.name(place);
        let source = at.source;
        self.add(MirDiagnostic::SharedAccess {
            place,
            root,
            declared,
            source,
            is_assignment,
        });
    }

    /// W007: `mut` that no write needs.
    pub(super) fn needless_mut(&mut self) {
        for (local, decl) in self.body.locals.iter() {
            let Some(name) = &decl.name else { continue };
            let is_source = matches!(decl.kind, LocalKind::Var | LocalKind::Arg);
            if !is_source || !decl.mutable || name.starts_with('_') || name == "this" {
                continue;
            }
            if !self.written.contains(&local) {
                let (name, declared) = (name.clone(), decl.source);
                self.add(MirDiagnostic::NeedlessMut { name, declared });
            }
        }
    }

    /// Adds a finding unless it is there already: one source position may lower to several
    /// statements.
    pub(super) fn add(&mut self, finding: MirDiagnostic) {
        if !self.diagnostics.contains(&finding) {
            self.diagnostics.push(finding);
        }
    }
}

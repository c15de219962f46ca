//! Accesses to fields of objects (reference §10.2).
//!
//! Several references may lead to one object, so no loan protects its fields. A field whose
//! declared type is Copy is never borrowed: what looks like it borrows a copy, which goes back
//! to the field after a call that could change it. Every other field has a state in its object;
//! a borrow of it opens a read or a write there, and a guard (`core::rt::Reading`, `Writing`)
//! that ends with the call, the statement or the block closes it again, also when unwinding.
//!
//! The guard holds the reference to the field, and what was wanted is borrowed through the
//! guard: so the borrow checker sees who outlives it (B018) and what meets it in the same body.

use hir_def::body::{ExprId, PatId};
use hir_def::{AdtId, FieldId, FuncId, VariantDef};
use hir_ty::{GenericArgs, Ty, TyKind, classes};

use super::Builder;
use crate::data::*;
use crate::diagnostics::MirDiagnostic;
use crate::lifetimes::life_count;
use crate::tys;

/// What a call that is being lowered borrows from objects.
#[derive(Default)]
pub(super) struct CallFrame {
    /// Borrows that start with the call, when all arguments have been evaluated.
    starts: Vec<Start>,
}

/// A borrow of a field for a call.
struct Start {
    /// Gets the reference.
    to: Local,
    kind: BorrowKind,
    place: Place,
    /// An array as a slice: the type of that reference.
    unsized_as: Option<Ty>,
    source: SourceInfo,
}

/// A part of an object: the step of a path that enters the object last.
struct Part {
    at: usize,
    field: FieldId,
}

/// What ends when a call returns.
#[derive(Default)]
pub(super) struct Started {
    guards: Vec<Local>,
    /// Copies that go back to their fields.
    copies: Vec<(Local, Place)>,
}

impl Builder<'_> {
    /// The last object that a path enters, unless it leaves that again through a reference.
    fn part_of(&self, place: &Place) -> Option<Part> {
        let at = place
            .projection
            .iter()
            .rposition(|step| matches!(step, Projection::Object(..)))?;
        let mut ty = tys::place_ty(self.db, &self.body, &prefix(place, at + 1));
        for step in place.projection.iter().skip(at + 1) {
            if let Projection::Deref = step
                && !matches!(ty.kind(self.db), TyKind::Ref { mutable: true, .. })
            {
                return None;
            }
            ty = tys::step_ty(self.db, ty, step);
        }
        self.part_at(place, at)
    }

    fn part_at(&self, place: &Place, at: usize) -> Option<Part> {
        let Projection::Object(flat, _) = place.projection.get(at)? else {
            return None;
        };
        let object = self.place_ty(&prefix(place, at));
        let (class, args) = classes::as_class(self.db, object)?;
        let all = classes::all_fields(self.db, class, args);
        let (field, _) = all.get(*flat as usize)?;
        Some(Part { at, field: *field })
    }

    fn guard_type(&self, exclusive: bool) -> Option<AdtId> {
        let package = self.body.owner.module(self.db).package(self.db);
        let lang = hir_ty::lang_items(self.db, package);
        match exclusive {
            true => lang.writing,
            false => lang.reading,
        }
    }

    /// A reference to a place, made now. Accesses that it opens end with the statement, or with
    /// the block if a `let` binds what may hold it.
    pub(super) fn borrow(&mut self, ty: Ty, kind: BorrowKind, place: Place) -> Operand {
        let mut started = Started::default();
        let reference = self.borrow_now(ty, kind, place, &mut started);
        if !started.copies.is_empty() {
            let source = self.source;
            self.diagnostics
                .push(MirDiagnostic::ObjectLeaves { source });
        }
        self.open_accesses.extend(started.guards);
        reference
    }

    fn borrow_now(
        &mut self,
        ty: Ty,
        kind: BorrowKind,
        place: Place,
        started: &mut Started,
    ) -> Operand {
        let Some(part) = self.part_of(&place) else {
            self.check_access(&place, false);
            return self.value(ty, Rvalue::Ref(kind, place));
        };
        let Some(guard_type) = self.guard_type(kind.is_mutable()) else {
            return self.value(ty, Rvalue::Ref(kind, place));
        };
        let kind = match kind {
            BorrowKind::TwoPhase => BorrowKind::Implicit,
            kind => kind,
        };
        if classes::has_access_state(self.db, part.field) {
            let exclusive = kind.is_mutable();
            let place = self.keep_alive(place);
            let guarded = self.open_access(guard_type, (kind, exclusive), &place, started);
            return self.value(ty, Rvalue::Ref(kind, guarded));
        }
        // A copy made at this moment.
        let place = self.keep_alive(place);
        let copy = self.copy_out(place.clone());
        if self.lends() && !kind.is_mutable() {
            let source = self.source;
            self.diagnostics.push(MirDiagnostic::KeptCopy { source });
        }
        if kind.is_mutable() {
            started.copies.push((copy, place));
        }
        self.value(ty, Rvalue::Ref(kind, copy.into()))
    }

    /// A copy of a field's content, which lasts as an access would.
    fn copy_out(&mut self, place: Place) -> Local {
        self.check_access(&place, false);
        let copy = self.temp(self.place_ty(&place));
        self.placed.insert(copy);
        self.schedule_access(copy);
        self.assign_operand(&copy.into(), Operand::Copy(place));
        copy
    }

    /// Opens an access to a field, and gives the place behind its guard. The kind is that of the
    /// guard's reference; a read may be opened through an exclusive one.
    fn open_access(
        &mut self,
        guard_type: AdtId,
        (kind, exclusive): (BorrowKind, bool),
        place: &Place,
        started: &mut Started,
    ) -> Place {
        let Some(part) = self.part_of(place) else {
            return place.clone();
        };
        let rest: Vec<Projection> = place.projection.iter().skip(part.at + 1).cloned().collect();
        let field = prefix(place, part.at + 1);
        let field_ty = self.place_ty(&field);
        let word = self.access_word(&field, part.field, exclusive);
        let i32_ty = Ty::i32(self.db);
        let state = match exclusive {
            true => self.int(i32_ty, -1),
            false => {
                let one = self.int(i32_ty, 1);
                let old = Operand::Copy(word.clone());
                self.value(i32_ty, Rvalue::Binary(BinaryOp::Add, old, one))
            }
        };
        self.assign_operand(&word, state);
        let ref_ty = Ty::reference(self.db, kind.is_mutable(), field_ty);
        let reference = self.temp(ref_ty);
        self.assign(&reference.into(), Rvalue::Ref(kind, field));
        let args = GenericArgs::from_iter(self.db, [field_ty.into()]);
        let variant = match guard_type {
            AdtId::Struct(id) => VariantDef::Struct(id),
            _ => return place.clone(),
        };
        let guard = self.temp(Ty::adt(self.db, guard_type, args));
        let parts = vec![
            Operand::Move(reference.into()),
            Operand::Copy(Place::local(word.local)),
        ];
        self.assign(
            &guard.into(),
            Rvalue::Aggregate(AggregateKind::Adt(variant, args), parts),
        );
        self.schedule_access(guard);
        started.guards.push(guard);
        let mut guarded = Place::local(guard).field(0, ref_ty).deref();
        guarded.projection.extend(rest);
        guarded
    }

    /// Panics (R012) if the state of a field forbids an access. Gives the place of the state.
    fn access_word(&mut self, object_field: &Place, field: FieldId, exclusive: bool) -> Place {
        let i32_ty = Ty::i32(self.db);
        let pointer = Ty::raw_ptr(self.db, i32_ty);
        let word = self.temp(pointer);
        self.assign(&word.into(), Rvalue::Access(object_field.clone()));
        let word = Place::local(word).deref();
        let zero = self.int(i32_ty, 0);
        let op = match exclusive {
            true => BinaryOp::Eq,
            false => BinaryOp::Ge,
        };
        let test = Rvalue::Binary(op, Operand::Copy(word.clone()), zero);
        let free = self.value(Ty::bool(self.db), test);
        let class = match field.parent {
            VariantDef::Class(class) => hir_ty::names::adt_name(self.db, AdtId::Class(class)),
            _ => Default::default(),
        };
        let name = hir_ty::names::field_name(self.db, field);
        let name = self.str(&format!("field `{name}` of `{class}`"));
        self.panic_unless(free, LangFunc::PanicAccess, vec![name]);
        word
    }

    /// A momentary access to what a path leads to, and momentary reads of the objects on the way.
    pub(super) fn check_access(&mut self, place: &Place, exclusive: bool) {
        let last = self.part_of(place).map(|part| part.at);
        for at in 0..place.projection.len() {
            let Some(part) = self.part_at(place, at) else {
                continue;
            };
            if classes::has_access_state(self.db, part.field) {
                let field = prefix(place, at + 1);
                self.access_word(&field, part.field, exclusive && last == Some(at));
            }
        }
    }

    /// Begins to lower a call.
    pub(super) fn enter_call(&mut self) {
        self.calls.push(CallFrame::default());
    }

    /// A reference for the call being lowered: what borrows from an object starts with the call.
    pub(super) fn borrow_argument(
        &mut self,
        ty: Ty,
        kind: BorrowKind,
        place: Place,
        unsized_as: Option<Ty>,
    ) -> Operand {
        let waits = match self.part_of(&place) {
            Some(part) => kind.is_mutable() || classes::has_access_state(self.db, part.field),
            None => false,
        };
        if waits && let Some(mut frame) = self.calls.pop() {
            let to = self.temp(unsized_as.unwrap_or(ty));
            frame.starts.push(Start {
                to,
                kind,
                place,
                unsized_as,
                source: self.source,
            });
            self.calls.push(frame);
            return Operand::Move(to.into());
        }
        let reference = self.borrow(ty, kind, place);
        match unsized_as {
            Some(ty) => self.value(ty, Rvalue::Cast(CastKind::Unsize, reference, ty)),
            None => reference,
        }
    }

    /// All arguments have been evaluated: starts what the call borrows from objects.
    pub(super) fn start_call(&mut self) -> Started {
        let mut started = Started::default();
        let frame = self.calls.pop().unwrap_or_default();
        for start in frame.starts {
            let outer = std::mem::replace(&mut self.source, start.source);
            let target = match (start.unsized_as, self.body.locals.get(start.to)) {
                (None, Some(decl)) => decl.ty,
                _ => Ty::reference(
                    self.db,
                    start.kind.is_mutable(),
                    self.place_ty(&start.place),
                ),
            };
            let reference = self.borrow_now(target, start.kind, start.place, &mut started);
            match start.unsized_as {
                Some(ty) => {
                    let cast = Rvalue::Cast(CastKind::Unsize, reference, ty);
                    self.assign(&start.to.into(), cast);
                }
                None => self.assign_operand(&start.to.into(), reference),
            }
            self.source = outer;
        }
        started
    }

    /// A call has returned. What its result may hold stays open, the rest ends; changed copies
    /// go back.
    pub(super) fn finish_call(&mut self, started: Started, result_holds: bool) {
        if result_holds {
            if !started.copies.is_empty() {
                let source = self.source;
                self.diagnostics
                    .push(MirDiagnostic::ObjectLeaves { source });
            }
            self.open_accesses.extend(started.guards);
            return;
        }
        for guard in started.guards.into_iter().rev() {
            self.end_access(guard);
        }
        for (copy, field) in started.copies {
            self.check_access(&field, true);
            self.store(&field, Operand::Move(copy.into()));
        }
    }

    /// Ends an access: a number changes, which never panics.
    fn end_access(&mut self, guard: Local) {
        self.push(StatementKind::Drop(guard.into(), Unwind::Continue));
    }

    pub(super) fn end_accesses(&mut self, guards: &[Local]) {
        guards
            .iter()
            .rev()
            .for_each(|guard| self.end_access(*guard));
    }

    /// The accesses opened since a mark for what is matched on, which end where no binding needs
    /// them. None if a destructor of the value that is matched may look at what it borrows.
    pub(super) fn ending_accesses(&self, mark: usize, scrutinee: ExprId) -> Vec<Local> {
        let ty = self.adjusted_ty(scrutinee);
        match self.is_place(scrutinee) || !self.may_need_drop(ty) {
            true => self.open_accesses.get(mark..).unwrap_or(&[]).to_vec(),
            false => Vec::new(),
        }
    }

    /// Whether a binding of a pattern may hold an access.
    pub(super) fn keeps_access(&self, pat: PatId) -> bool {
        let mut all = Vec::new();
        self.collect_bindings(pat, &mut all);
        self.has_slice(pat)
            || all.iter().any(|(pat, local)| {
                !self.binds_by_value(*pat) || may_hold(self.db, self.local_ty(*local))
            })
    }

    /// Whether what a call gives may hold a reference that it got.
    pub(super) fn holds_borrow(&self, callee: &Callee, result: Ty) -> bool {
        let may = may_hold(self.db, result);
        match callee {
            Callee::Func(func, args) | Callee::Exact(func, args) => {
                may && self.declares_borrow(*func, *args)
            }
            _ => may,
        }
    }

    /// Whether a signature lets the result hold an argument: it has lifetimes itself, or is made
    /// of types that have. A `func` among those comes from inside an object and holds nothing.
    fn declares_borrow(&self, func: FuncId, args: GenericArgs) -> bool {
        let declared = hir_ty::fn_type(self.db, func).ret;
        if may_hold(self.db, declared) {
            return true;
        }
        let is_func = |ty: Ty| matches!(ty.kind(self.db), TyKind::Func { .. });
        args.types(self.db)
            .any(|ty| !is_func(ty) && life_count(self.db, ty) > 0)
    }

    /// Accesses opened so far that are still open.
    pub(super) fn access_mark(&self) -> usize {
        self.open_accesses.len()
    }

    /// Copies a value out of a place, and ends the accesses that were opened to find it.
    pub(super) fn read_out(&mut self, place: Place, mark: usize) -> Operand {
        let opened = self
            .open_accesses
            .get(mark..)
            .is_some_and(|new| !new.is_empty());
        let ty = self.place_ty(&place);
        let operand = self.read(place);
        if !opened || !matches!(operand, Operand::Copy(_)) || life_count(self.db, ty) > 0 {
            return operand;
        }
        let value = self.value(ty, Rvalue::Use(operand));
        for guard in self.open_accesses.split_off(mark).into_iter().rev() {
            self.end_access(guard);
        }
        value
    }

    /// What patterns match on. Bindings by reference keep a field open as long as the form lasts;
    /// while a guard runs, a Copy field is looked at in a copy.
    pub(super) fn matched_place(&mut self, place: Place, binds: Binds) -> Place {
        let Some(part) = self.part_of(&place) else {
            self.check_access(&place, false);
            return place;
        };
        if !classes::has_access_state(self.db, part.field) {
            if !binds.guarded && binds.by_ref.is_none() {
                self.check_access(&place, false);
                return place;
            }
            if binds.changes {
                let source = self.source;
                self.diagnostics
                    .push(MirDiagnostic::ObjectLeaves { source });
            }
            let place = self.keep_alive(place);
            return self.copy_out(place).into();
        }
        let Some(mutable) = binds.by_ref.or(binds.guarded.then_some(false)) else {
            self.check_access(&place, false);
            return place;
        };
        let Some(guard_type) = self.guard_type(mutable) else {
            return place;
        };
        let kind = match mutable {
            true => BorrowKind::Implicit,
            false => BorrowKind::Shared,
        };
        // Other reads may join one through an exclusive reference that nobody uses as such.
        let place = match mutable && !binds.changes {
            true => self.hold_object(place),
            false => self.keep_alive(place),
        };
        let mut started = Started::default();
        let guarded = self.open_access(guard_type, (kind, binds.changes), &place, &mut started);
        self.open_accesses.extend(started.guards);
        guarded
    }
}

/// Whether a value of the type may hold a reference to something borrowed.
pub(super) fn may_hold(db: &dyn base::Db, ty: Ty) -> bool {
    life_count(db, ty) > 0 || mentions_hidden(db, ty)
}

/// How patterns bind what they match.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Binds {
    /// Some binding is a reference; `true`: an exclusive one.
    pub(super) by_ref: Option<bool>,
    /// The place is changed through one.
    pub(super) changes: bool,
    /// An arm has a guard.
    pub(super) guarded: bool,
}

fn prefix(place: &Place, len: usize) -> Place {
    Place {
        local: place.local,
        projection: place.projection.iter().take(len).cloned().collect(),
    }
}

/// Whether a type is or has a part whose lifetimes nobody counts: `impl B`.
fn mentions_hidden(db: &dyn base::Db, ty: Ty) -> bool {
    match ty.kind(db) {
        TyKind::Opaque(..) => true,
        TyKind::Adt(_, args) => args.types(db).any(|ty| mentions_hidden(db, ty)),
        TyKind::Tuple(parts) => parts.iter().any(|ty| mentions_hidden(db, *ty)),
        TyKind::Array(ty, _) | TyKind::Slice(ty) => mentions_hidden(db, *ty),
        _ => false,
    }
}

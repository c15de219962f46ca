//! The rules of [`super`], in order of the walk over a body.

use base::Db;
use hir_ty::{Ty, TyKind};
use stdx::Idx;

use super::Violation;
use crate::data::*;
use crate::print::place_text;
use crate::tys;

pub(super) struct Verifier<'a> {
    db: &'a dyn Db,
    body: &'a Body,
    block: BlockId,
    violations: Vec<Violation>,
}

impl<'a> Verifier<'a> {
    pub(super) fn new(db: &'a dyn Db, body: &'a Body) -> Verifier<'a> {
        Verifier {
            db,
            body,
            block: BlockId::ENTRY,
            violations: Vec::new(),
        }
    }

    pub(super) fn run(mut self) -> Vec<Violation> {
        self.locals();
        for (id, block) in self.body.blocks.iter() {
            self.block = id;
            for statement in &block.statements {
                self.statement(&statement.kind);
            }
            self.terminator(&block.terminator.kind);
        }
        if self.body.blocks.is_empty() {
            self.fail(2, "a body has an entry block");
        }
        self.violations
    }

    fn fail(&mut self, rule: u32, message: impl Into<String>) {
        let message = format!("{}: {}", self.block, message.into());
        self.violations.push(Violation { rule, message });
    }

    fn locals(&mut self) {
        for (local, decl) in self.body.locals.iter() {
            let expected = match local.0 {
                0 => decl.kind == LocalKind::Return,
                n if n <= self.body.arg_count => decl.kind == LocalKind::Arg,
                _ => !matches!(decl.kind, LocalKind::Return | LocalKind::Arg),
            };
            if !expected {
                self.fail(1, format!("{local} is of kind {:?}", decl.kind));
            }
            if decl.kind == LocalKind::Flag && self.body.phase == Phase::Built {
                self.fail(9, format!("{local} is a drop flag before elaboration"));
            }
            self.ty(decl.ty, &local.to_string());
        }
        if self.body.locals.len() < self.body.arg_count as usize + 1 {
            self.fail(1, "parameters are missing");
        }
    }

    fn ty(&mut self, ty: Ty, what: &str) {
        let mut is_bad = ty.has_error(self.db);
        hir_ty::ty::walk_ty(self.db, ty, &mut |part| {
            is_bad |= matches!(part.kind(self.db), TyKind::Infer(_));
        });
        if is_bad {
            self.fail(11, format!("{what} has type {}", ty.display(self.db)));
        }
    }

    fn statement(&mut self, kind: &StatementKind) {
        match kind {
            StatementKind::Assign(place, rvalue) => {
                let to = self.place(place);
                let from = self.rvalue(rvalue, to);
                self.same(to, from, 5, "assignment");
            }
            StatementKind::Replace(place, value, unwind) => {
                self.unwind(*unwind);
                if self.body.phase == Phase::Final {
                    self.fail(9, "`replace` after elaboration");
                }
                let to = self.place(place);
                let from = self.operand(value);
                self.same(to, from, 5, "replace");
            }
            StatementKind::StorageLive(local) | StatementKind::StorageDead(local) => {
                self.local(*local);
            }
            StatementKind::Drop(place, unwind) => {
                self.unwind(*unwind);
                self.dropped(place);
            }
            StatementKind::Nop => {}
        }
    }

    fn terminator(&mut self, kind: &TerminatorKind) {
        for next in kind.successors() {
            if next == BlockId::ENTRY || next.as_usize() >= self.body.blocks.len() {
                self.fail(2, format!("jump to {next}"));
            }
        }
        match kind {
            TerminatorKind::Switch { value, cases, .. } => {
                let ty = self.operand(value);
                if !matches!(ty.kind(self.db), TyKind::Int(_) | TyKind::Char) {
                    self.fail(6, format!("switch on {}", ty.display(self.db)));
                }
                let mut values: Vec<i128> = cases.iter().map(|(value, _)| *value).collect();
                values.sort();
                values.dedup();
                if values.len() != cases.len() {
                    self.fail(6, "a switch value stands twice");
                }
            }
            TerminatorKind::If { condition, .. } => {
                let ty = self.operand(condition);
                self.same(Ty::bool(self.db), ty, 6, "condition");
            }
            TerminatorKind::Call {
                callee,
                args,
                destination,
                target,
                unwind,
            } => {
                if let Callee::Value(operand) = callee {
                    self.operand(operand);
                }
                for arg in args {
                    self.operand(arg);
                }
                let ty = self.place(destination);
                if ty.is_never(self.db) == target.is_some() {
                    self.fail(7, "a call's target does not fit its result");
                }
                self.unwind(*unwind);
            }
            TerminatorKind::Drop { place, .. } => {
                self.dropped(place);
                if self.body.phase == Phase::Built {
                    self.fail(12, "unwinding out of a drop is expressed too early");
                }
            }
            TerminatorKind::Resume if self.body.phase == Phase::Built => {
                self.fail(12, "unwinding goes on before it is expressed");
            }
            TerminatorKind::Goto(_)
            | TerminatorKind::Yield { .. }
            | TerminatorKind::Dropped
            | TerminatorKind::Return
            | TerminatorKind::Resume
            | TerminatorKind::Unreachable => {}
        }
    }

    fn dropped(&mut self, place: &Place) {
        let ty = self.place(place);
        if !tys::may_need_drop(self.db, ty) {
            self.fail(10, format!("drop of {}", ty.display(self.db)));
        }
    }

    fn unwind(&mut self, unwind: Unwind) {
        let fits = match unwind {
            Unwind::Continue => true,
            Unwind::Held(held) => {
                self.body.phase == Phase::Built && self.body.held.get(held).is_some()
            }
            Unwind::Cleanup(_) => self.body.phase == Phase::Final,
        };
        if !fits {
            self.fail(12, "what unwinding does is of another phase");
        }
    }

    /// A field of the error type absorbs: it was reported where it is declared.
    fn same(&mut self, to: Ty, from: Ty, rule: u32, what: &str) {
        let is_absorbed = to.has_error(self.db) || from.has_error(self.db);
        if to != from && !from.is_never(self.db) && !is_absorbed {
            let (to, from) = (to.display(self.db), from.display(self.db));
            self.fail(rule, format!("{what}: {to} from {from}"));
        }
    }

    fn local(&mut self, local: Local) -> Ty {
        match self.body.locals.get(local) {
            Some(decl) => decl.ty,
            None => {
                self.fail(2, format!("{local} does not exist"));
                Ty::error(self.db)
            }
        }
    }

    fn place(&mut self, place: &Place) -> Ty {
        let mut ty = self.local(place.local);
        let mut variant: Option<u32> = None;
        for step in &place.projection {
            let fits = match (step, ty.kind(self.db)) {
                (Projection::Deref, TyKind::Ref { .. } | TyKind::RawPtr(_)) => true,
                (Projection::Object(index, field), kind) => {
                    self.object_field(kind, *index) == Some(*field)
                }
                (Projection::Field(index, field), kind) => {
                    self.field(kind, variant, *index) == Some(*field)
                }
                (Projection::Index(local), TyKind::Array(..) | TyKind::Slice(_)) => {
                    let index = self.local(*local);
                    if !matches!(index.kind(self.db), TyKind::Int(_)) {
                        self.fail(4, format!("index of type {}", index.display(self.db)));
                    }
                    true
                }
                (
                    Projection::ConstIndex { .. } | Projection::Subslice { .. },
                    TyKind::Array(..) | TyKind::Slice(_),
                ) => true,
                (Projection::Downcast(_), TyKind::Adt(hir_def::AdtId::Enum(_), _)) => true,
                _ => false,
            };
            if !fits {
                let text = place_text(self.db, self.body, place);
                self.fail(3, format!("{text} does not fit {}", ty.display(self.db)));
                return tys::place_ty(self.db, self.body, place);
            }
            variant = match step {
                Projection::Downcast(index) => Some(*index),
                _ => None,
            };
            ty = tys::step_ty(self.db, ty, step);
        }
        ty
    }

    fn object_field(&self, kind: &TyKind, index: u32) -> Option<Ty> {
        let TyKind::Adt(hir_def::AdtId::Class(class), args) = kind else {
            return None;
        };
        let fields = hir_ty::classes::all_fields(self.db, *class, *args);
        fields.get(index as usize).map(|(_, ty)| *ty)
    }

    fn field(&self, kind: &TyKind, variant: Option<u32>, index: u32) -> Option<Ty> {
        match (kind, variant) {
            (TyKind::Closure(_, args), None) => hir_ty::ClosureArgs(*args)
                .captures(self.db)
                .get(index as usize)
                .copied(),
            (TyKind::Tuple(parts), None) => parts.get(index as usize).copied(),
            (TyKind::Adt(hir_def::AdtId::Enum(id), args), Some(variant)) => {
                let fields = tys::adt_field_tys(self.db, hir_def::AdtId::Enum(*id), *args);
                fields.get(variant as usize)?.get(index as usize).copied()
            }
            (TyKind::Adt(hir_def::AdtId::Enum(_), _), None) => None,
            (TyKind::Adt(adt, args), None) => {
                let fields = tys::adt_field_tys(self.db, *adt, *args);
                fields.first()?.get(index as usize).copied()
            }
            _ => None,
        }
    }

    fn operand(&mut self, operand: &Operand) -> Ty {
        match operand {
            Operand::Copy(place) | Operand::Move(place) => self.place(place),
            Operand::Const(constant) => {
                self.ty(constant.ty, "a constant");
                constant.ty
            }
        }
    }

    /// The type of a right side, given that of the left where only that one knows.
    fn rvalue(&mut self, rvalue: &Rvalue, to: Ty) -> Ty {
        let db = self.db;
        match rvalue {
            Rvalue::Use(operand) | Rvalue::Unary(_, operand) => self.operand(operand),
            Rvalue::Ref(kind, place) => {
                let ty = self.place(place);
                Ty::reference(db, kind.is_mutable(), ty)
            }
            Rvalue::AddrOf(place) => {
                let ty = self.place(place);
                Ty::raw_ptr(db, ty)
            }
            Rvalue::Binary(op, left, right) | Rvalue::Overflows(op, left, right) => {
                let (left, right) = (self.operand(left), self.operand(right));
                let is_free = matches!(op, BinaryOp::Shl | BinaryOp::Shr | BinaryOp::Pow);
                if left != right && !is_free {
                    self.same(left, right, 8, op.name());
                }
                let is_test = op.is_comparison() || matches!(rvalue, Rvalue::Overflows(..));
                if is_test { Ty::bool(db) } else { left }
            }
            Rvalue::Cast(_, operand, ty) | Rvalue::Repeat(operand, ty) => {
                self.operand(operand);
                *ty
            }
            Rvalue::Aggregate(kind, operands) => {
                let tys: Vec<Ty> = operands
                    .iter()
                    .map(|operand| self.operand(operand))
                    .collect();
                match kind {
                    AggregateKind::Tuple => Ty::tuple(db, tys),
                    AggregateKind::Array(element) => {
                        for ty in tys {
                            self.same(*element, ty, 5, "element");
                        }
                        to
                    }
                    AggregateKind::Adt(variant, args) => {
                        let fields = tys::field_tys(db, *variant, *args);
                        if fields.len() != tys.len() {
                            self.fail(5, "an aggregate does not have all fields");
                        }
                        for (field, ty) in fields.into_iter().zip(tys) {
                            self.same(field, ty, 5, "field");
                        }
                        Ty::adt(db, variant.adt(), *args)
                    }
                    AggregateKind::Closure(id, args) => {
                        let fields = hir_ty::ClosureArgs(*args).captures(db);
                        if fields.len() != tys.len() {
                            self.fail(5, "a closure does not have all captures");
                        }
                        for (field, ty) in fields.into_iter().zip(tys) {
                            self.same(field, ty, 5, "capture");
                        }
                        Ty::new(db, TyKind::Closure(*id, *args))
                    }
                    AggregateKind::Union(id, _, args) => {
                        Ty::adt(db, hir_def::AdtId::Union(*id), *args)
                    }
                }
            }
            Rvalue::NewObject(class, args) => hir_ty::classes::class_ty(db, *class, *args),
            Rvalue::SetClass(place, ..) => {
                self.place(place);
                Ty::unit(db)
            }
            Rvalue::Access(place) => {
                self.place(place);
                if !matches!(place.projection.last(), Some(Projection::Object(..))) {
                    self.fail(3, "an access of what is no field of an object");
                }
                Ty::raw_ptr(db, Ty::i32(db))
            }
            Rvalue::IsInstance(place, _) => {
                let ty = self.place(place);
                if !hir_ty::classes::is_object(db, ty) {
                    self.fail(3, format!("class of {}", ty.display(db)));
                }
                Ty::bool(db)
            }
            Rvalue::Discriminant(place) => {
                let ty = self.place(place);
                if !matches!(ty.kind(db), TyKind::Adt(hir_def::AdtId::Enum(_), _)) {
                    self.fail(3, format!("discriminant of {}", ty.display(db)));
                }
                tys::u32(db)
            }
            Rvalue::Len(place) => {
                let ty = self.place(place);
                if !matches!(ty.kind(db), TyKind::Array(..) | TyKind::Slice(_)) {
                    self.fail(3, format!("length of {}", ty.display(db)));
                }
                Ty::i64(db)
            }
            Rvalue::InBounds { index, len } => {
                self.operand(index);
                let len = self.operand(len);
                self.same(Ty::i64(db), len, 8, "length");
                Ty::bool(db)
            }
        }
    }
}

//! Appending locals, statements and blocks.

use hir_ty::Ty;

use super::Builder;
use crate::data::*;

impl Builder<'_> {
    pub(super) fn new_local(&mut self, decl: LocalDecl) -> Local {
        self.body.locals.push(decl)
    }

    /// A temporary that nothing drops: its value is moved on, or needs no drop.
    pub(super) fn temp(&mut self, ty: Ty) -> Local {
        self.new_local(LocalDecl {
            ty,
            name: None,
            mutable: true,
            kind: LocalKind::Temp,
            source: self.source,
        })
    }

    /// A temporary that is dropped with the innermost scope of temporaries, unless it has been
    /// moved from by then.
    pub(super) fn owned_temp(&mut self, ty: Ty) -> Local {
        let local = self.temp(ty);
        self.schedule(local, true);
        local
    }

    pub(super) fn new_block(&mut self) -> BlockId {
        let terminator = Terminator {
            kind: TerminatorKind::Unreachable,
            source: SourceInfo::BODY,
        };
        self.body.blocks.push(Block {
            statements: Vec::new(),
            terminator,
        })
    }

    /// Goes on appending to another block.
    pub(super) fn start(&mut self, block: BlockId) {
        self.current = block;
    }

    pub(super) fn push(&mut self, kind: StatementKind) {
        let statement = Statement {
            kind,
            source: self.source,
        };
        if let Some(block) = self.body.blocks.get_mut(self.current) {
            block.statements.push(statement);
        }
    }

    pub(super) fn assign(&mut self, place: &Place, rvalue: Rvalue) {
        self.push(StatementKind::Assign(place.clone(), rvalue));
    }

    pub(super) fn assign_operand(&mut self, place: &Place, operand: Operand) {
        self.assign(place, Rvalue::Use(operand));
    }

    /// Assigns to a new temporary and reads it back.
    pub(super) fn value(&mut self, ty: Ty, rvalue: Rvalue) -> Operand {
        let temp = self.owned_temp(ty);
        self.assign(&temp.into(), rvalue);
        Operand::Move(temp.into())
    }

    /// Ends the current block.
    pub(super) fn terminate(&mut self, kind: TerminatorKind) {
        if let Some(block) = self.body.blocks.get_mut(self.current) {
            block.terminator = Terminator {
                kind,
                source: self.source,
            };
        }
    }

    pub(super) fn goto(&mut self, target: BlockId) {
        self.terminate(TerminatorKind::Goto(target));
    }

    /// Ends the path; what is appended from here on is never reached.
    pub(super) fn diverge(&mut self, kind: TerminatorKind) {
        self.terminate(kind);
        self.current = self.new_block();
    }

    pub(super) fn branch_on(&mut self, condition: Operand, then: BlockId, else_: BlockId) {
        self.terminate(TerminatorKind::If {
            condition,
            then,
            else_,
        });
    }

    /// Calls, and goes on in a new block; if the result is `Never`, in one that nothing reaches.
    pub(super) fn call(&mut self, callee: Callee, args: Vec<Operand>, destination: &Place) {
        let returns = !self.place_ty(destination).is_never(self.db);
        let next = self.new_block();
        let unwind = self.unwind();
        self.terminate(TerminatorKind::Call {
            callee,
            args,
            destination: destination.clone(),
            target: returns.then_some(next),
            unwind,
        });
        self.current = next;
    }

    /// Calls and keeps the result in a new temporary.
    pub(super) fn call_value(&mut self, callee: Callee, args: Vec<Operand>, ty: Ty) -> Operand {
        let temp = self.owned_temp(ty);
        self.call(callee, args, &temp.into());
        Operand::Move(temp.into())
    }

    pub(super) fn constant(&self, ty: Ty, kind: ConstKind) -> Operand {
        Operand::Const(Constant { ty, kind })
    }

    pub(super) fn int(&self, ty: Ty, value: i128) -> Operand {
        self.constant(ty, ConstKind::Int(value))
    }

    pub(super) fn bool(&self, value: bool) -> Operand {
        self.constant(Ty::bool(self.db), ConstKind::Bool(value))
    }

    pub(super) fn str(&self, text: &str) -> Operand {
        self.constant(Ty::str(self.db), ConstKind::Str(text.into()))
    }

    pub(super) fn assign_unit(&mut self, dest: Option<&Place>) {
        let Some(dest) = dest else { return };
        if self.place_ty(dest).is_unit(self.db) {
            let unit = self.constant(Ty::unit(self.db), ConstKind::Unit);
            self.assign_operand(dest, unit);
        }
    }

    /// The three location arguments of the node being lowered, or the caller's if the body is
    /// `@track_caller` itself.
    pub(super) fn location(&self) -> [Operand; 3] {
        if self.body.track_caller {
            let first = (self.body.arg_count + 1).saturating_sub(3);
            return [0, 1, 2].map(|i| Operand::Copy(Local(first + i).into()));
        }
        let part = |ty: Ty, part| self.constant(ty, ConstKind::Location(part, self.source));
        let number = crate::tys::u32(self.db);
        [
            part(Ty::str(self.db), LocationPart::File),
            part(number, LocationPart::Line),
            part(number, LocationPart::Column),
        ]
    }
}

//! Walks over the places of a body: what is looked at and how, and all places to change them.

use crate::data::*;

/// How a right side looks at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    Copy,
    Move,
    Borrow(BorrowKind),
    /// A tag.
    Tag,
    /// A length: of an array it is no part of the value, of a slice one of the reference.
    Length,
    /// Takes an address, without a reference.
    Address,
}

impl Operand {
    pub(crate) fn look(&self) -> Option<(&Place, Look)> {
        match self {
            Operand::Copy(place) => Some((place, Look::Copy)),
            Operand::Move(place) => Some((place, Look::Move)),
            Operand::Const(_) => None,
        }
    }
}

impl Rvalue {
    pub(crate) fn for_each_place<'a>(&'a self, f: &mut dyn FnMut(&'a Place, Look)) {
        let operand = |operand: &'a Operand, f: &mut dyn FnMut(&'a Place, Look)| {
            if let Some((place, look)) = operand.look() {
                f(place, look);
            }
        };
        match self {
            Rvalue::Use(value)
            | Rvalue::Unary(_, value)
            | Rvalue::Cast(_, value, _)
            | Rvalue::Repeat(value, _) => operand(value, f),
            Rvalue::Ref(kind, place) => f(place, Look::Borrow(*kind)),
            Rvalue::AddrOf(place) | Rvalue::Access(place) => f(place, Look::Address),
            Rvalue::Discriminant(place) => f(place, Look::Tag),
            Rvalue::Len(place) => f(place, Look::Length),
            Rvalue::SetClass(place, ..) | Rvalue::IsInstance(place, _) => f(place, Look::Copy),
            Rvalue::NewObject(..) => {}
            Rvalue::Binary(_, left, right)
            | Rvalue::Overflows(_, left, right)
            | Rvalue::InBounds {
                index: left,
                len: right,
            } => {
                operand(left, f);
                operand(right, f);
            }
            Rvalue::Aggregate(_, operands) => {
                operands.iter().for_each(|value| operand(value, f));
            }
        }
    }
}

impl TerminatorKind {
    /// What a terminator reads, in order.
    pub(crate) fn for_each_operand<'a>(&'a self, f: &mut dyn FnMut(&'a Operand)) {
        match self {
            TerminatorKind::Switch { value, .. } => f(value),
            TerminatorKind::If { condition, .. } => f(condition),
            TerminatorKind::Call { callee, args, .. } => {
                if let Callee::Value(operand) = callee {
                    f(operand);
                }
                args.iter().for_each(f);
            }
            TerminatorKind::Drop { .. }
            | TerminatorKind::Goto(_)
            | TerminatorKind::Yield { .. }
            | TerminatorKind::Return
            | TerminatorKind::Dropped
            | TerminatorKind::Resume
            | TerminatorKind::Unreachable => {}
        }
    }
}

/// Calls `f` for every place that a body reads, with how.
pub(crate) fn each_look<'a>(body: &'a Body, f: &mut dyn FnMut(&'a Place, Look)) {
    for block in body.blocks.values() {
        for statement in &block.statements {
            match &statement.kind {
                StatementKind::Assign(_, value) => value.for_each_place(f),
                StatementKind::Replace(_, operand, _) => {
                    if let Some((place, look)) = operand.look() {
                        f(place, look);
                    }
                }
                _ => {}
            }
        }
        block.terminator.kind.for_each_operand(&mut |operand| {
            if let Some((place, look)) = operand.look() {
                f(place, look);
            }
        });
    }
}

/// Calls `f` for every place of a body, so that it may become another. Indices of places are
/// locals and no places of their own.
pub(crate) fn each_place(body: &mut Body, f: &mut dyn FnMut(&mut Place)) {
    for block in body.blocks.values_mut() {
        for statement in &mut block.statements {
            match &mut statement.kind {
                StatementKind::Assign(place, value) => {
                    f(place);
                    each_in_rvalue(value, f);
                }
                StatementKind::Replace(place, operand, _) => {
                    f(place);
                    each_in_operand(operand, f);
                }
                StatementKind::Drop(place, _) => f(place),
                StatementKind::StorageLive(_)
                | StatementKind::StorageDead(_)
                | StatementKind::Nop => {}
            }
        }
        match &mut block.terminator.kind {
            TerminatorKind::Switch { value, .. } => each_in_operand(value, f),
            TerminatorKind::If { condition, .. } => each_in_operand(condition, f),
            TerminatorKind::Call {
                callee,
                args,
                destination,
                ..
            } => {
                if let Callee::Value(operand) = callee {
                    each_in_operand(operand, f);
                }
                args.iter_mut().for_each(|arg| each_in_operand(arg, f));
                f(destination);
            }
            TerminatorKind::Drop { place, .. } => f(place),
            TerminatorKind::Goto(_)
            | TerminatorKind::Yield { .. }
            | TerminatorKind::Return
            | TerminatorKind::Dropped
            | TerminatorKind::Resume
            | TerminatorKind::Unreachable => {}
        }
    }
}

fn each_in_operand(operand: &mut Operand, f: &mut dyn FnMut(&mut Place)) {
    match operand {
        Operand::Copy(place) | Operand::Move(place) => f(place),
        Operand::Const(_) => {}
    }
}

fn each_in_rvalue(value: &mut Rvalue, f: &mut dyn FnMut(&mut Place)) {
    match value {
        Rvalue::Use(operand)
        | Rvalue::Unary(_, operand)
        | Rvalue::Cast(_, operand, _)
        | Rvalue::Repeat(operand, _) => each_in_operand(operand, f),
        Rvalue::Ref(_, place)
        | Rvalue::AddrOf(place)
        | Rvalue::Access(place)
        | Rvalue::Discriminant(place)
        | Rvalue::SetClass(place, ..)
        | Rvalue::IsInstance(place, _)
        | Rvalue::Len(place) => f(place),
        Rvalue::NewObject(..) => {}
        Rvalue::Binary(_, left, right)
        | Rvalue::Overflows(_, left, right)
        | Rvalue::InBounds {
            index: left,
            len: right,
        } => {
            each_in_operand(left, f);
            each_in_operand(right, f);
        }
        Rvalue::Aggregate(_, operands) => {
            operands
                .iter_mut()
                .for_each(|operand| each_in_operand(operand, f));
        }
    }
}

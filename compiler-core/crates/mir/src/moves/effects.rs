//! What statements and terminators do to places, in execution order.

use crate::data::*;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Effect<'a> {
    /// Reads the place or a part of it: it must be initialised.
    Use(&'a Place),
    /// Leaves the place uninitialised. A `Use` of it comes before.
    Move(&'a Place),
    /// Gives the place a value.
    Init(&'a Place),
    /// Ends the value if there is one; the place is uninitialised afterwards.
    Drop(&'a Place),
    /// The local starts or ends: uninitialised from here on.
    Storage(Local),
}

pub(crate) fn statement_effects<'a>(kind: &'a StatementKind, f: &mut dyn FnMut(Effect<'a>)) {
    match kind {
        StatementKind::Assign(place, rvalue) => {
            rvalue_effects(rvalue, f);
            f(Effect::Init(place));
        }
        StatementKind::Replace(place, value, _) => {
            operand_effects(value, f);
            f(Effect::Init(place));
        }
        StatementKind::StorageLive(local) | StatementKind::StorageDead(local) => {
            f(Effect::Storage(*local));
        }
        StatementKind::Drop(place, _) => f(Effect::Drop(place)),
        StatementKind::Nop => {}
    }
}

pub(crate) fn terminator_effects<'a>(kind: &'a TerminatorKind, f: &mut dyn FnMut(Effect<'a>)) {
    match kind {
        TerminatorKind::Switch { value, .. } => operand_effects(value, f),
        TerminatorKind::If { condition, .. } => operand_effects(condition, f),
        TerminatorKind::Call {
            callee,
            args,
            destination,
            target,
            ..
        } => {
            if let Callee::Value(operand) = callee {
                operand_effects(operand, f);
            }
            args.iter().for_each(|arg| operand_effects(arg, f));
            if target.is_some() {
                f(Effect::Init(destination));
            }
        }
        TerminatorKind::Drop { place, .. } => f(Effect::Drop(place)),
        TerminatorKind::Goto(_)
        | TerminatorKind::Yield { .. }
        | TerminatorKind::Return
        | TerminatorKind::Dropped
        | TerminatorKind::Resume
        | TerminatorKind::Unreachable => {}
    }
}

fn rvalue_effects<'a>(rvalue: &'a Rvalue, f: &mut dyn FnMut(Effect<'a>)) {
    match rvalue {
        Rvalue::Use(operand)
        | Rvalue::Unary(_, operand)
        | Rvalue::Cast(_, operand, _)
        | Rvalue::Repeat(operand, _) => operand_effects(operand, f),
        Rvalue::Ref(_, place)
        | Rvalue::AddrOf(place)
        | Rvalue::Access(place)
        | Rvalue::Discriminant(place)
        | Rvalue::SetClass(place, ..)
        | Rvalue::IsInstance(place, _)
        | Rvalue::Len(place) => f(Effect::Use(place)),
        Rvalue::NewObject(..) => {}
        Rvalue::Binary(_, left, right)
        | Rvalue::Overflows(_, left, right)
        | Rvalue::InBounds {
            index: left,
            len: right,
        } => {
            operand_effects(left, f);
            operand_effects(right, f);
        }
        Rvalue::Aggregate(_, operands) => {
            operands
                .iter()
                .for_each(|operand| operand_effects(operand, f));
        }
    }
}

fn operand_effects<'a>(operand: &'a Operand, f: &mut dyn FnMut(Effect<'a>)) {
    match operand {
        Operand::Copy(place) => f(Effect::Use(place)),
        Operand::Move(place) => {
            f(Effect::Use(place));
            f(Effect::Move(place));
        }
        Operand::Const(_) => {}
    }
}

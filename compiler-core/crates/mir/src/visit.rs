//! Walks over all places of a body.

use crate::data::*;

/// Calls `f` for every place of a body, so that it may become another. Indices of places are
/// locals and no places of their own.
pub(crate) fn each_place(body: &mut Body, f: &mut dyn FnMut(&mut Place)) {
    each_use(body, &mut |place, _| f(place));
}

/// The same, with whether the place is copied out of.
pub(crate) fn each_use(body: &mut Body, f: &mut dyn FnMut(&mut Place, bool)) {
    for block in body.blocks.values_mut() {
        for statement in &mut block.statements {
            match &mut statement.kind {
                StatementKind::Assign(place, value) => {
                    f(place, false);
                    each_in_rvalue(value, f);
                }
                StatementKind::Replace(place, operand, _) => {
                    f(place, false);
                    each_in_operand(operand, f);
                }
                StatementKind::Drop(place, _) => f(place, false),
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
                f(destination, false);
            }
            TerminatorKind::Drop { place, .. } => f(place, false),
            TerminatorKind::Goto(_)
            | TerminatorKind::Yield { .. }
            | TerminatorKind::Return
            | TerminatorKind::Dropped
            | TerminatorKind::Resume
            | TerminatorKind::Unreachable => {}
        }
    }
}

fn each_in_operand(operand: &mut Operand, f: &mut dyn FnMut(&mut Place, bool)) {
    match operand {
        Operand::Copy(place) => f(place, true),
        Operand::Move(place) => f(place, false),
        Operand::Const(_) => {}
    }
}

fn each_in_rvalue(value: &mut Rvalue, f: &mut dyn FnMut(&mut Place, bool)) {
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
        | Rvalue::Len(place) => f(place, false),
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

//! What statements and terminators do to places, in execution order.

use crate::data::*;
use crate::visit::Look;

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
    kind.for_each_operand(&mut |operand| operand_effects(operand, f));
    match kind {
        TerminatorKind::Call {
            destination,
            target: Some(_),
            ..
        } => f(Effect::Init(destination)),
        TerminatorKind::Drop { place, .. } => f(Effect::Drop(place)),
        _ => {}
    }
}

fn rvalue_effects<'a>(rvalue: &'a Rvalue, f: &mut dyn FnMut(Effect<'a>)) {
    rvalue.for_each_place(&mut |place, look| look_effects(place, look, f));
}

fn operand_effects<'a>(operand: &'a Operand, f: &mut dyn FnMut(Effect<'a>)) {
    if let Some((place, look)) = operand.look() {
        look_effects(place, look, f);
    }
}

fn look_effects<'a>(place: &'a Place, look: Look, f: &mut dyn FnMut(Effect<'a>)) {
    f(Effect::Use(place));
    if look == Look::Move {
        f(Effect::Move(place));
    }
}

//! Steps that all happen, even if one of them panics.
//!
//! ```text
//! bb0: call @drop_a(%0)           bb2: call @drop_b(%1)      // what is left, then
//!      invoke bb1 unwind bb2           resume                // unwinding goes on
//! bb1: call @drop_b(%1)
//! ```
//! A second panic on the way ends the process, so what is left has no such edges of its own.

use ssa::Block;

use crate::emit::Emit;

/// A part of a sequence; it is emitted twice if one before it may panic.
pub(crate) struct Step<'a, 'db> {
    pub(crate) may_panic: bool,
    emit: Box<dyn Fn(&mut Emit<'db>) + 'a>,
}

impl<'a, 'db> Step<'a, 'db> {
    pub(crate) fn new(may_panic: bool, emit: impl Fn(&mut Emit<'db>) + 'a) -> Step<'a, 'db> {
        Step {
            may_panic,
            emit: Box::new(emit),
        }
    }
}

/// Emits the steps in order. A step says itself where its calls may unwind
/// ([`Emit::may_unwind`]).
pub(crate) fn all_of<'db>(cx: &mut Emit<'db>, steps: &[Step<'_, 'db>]) {
    let first = steps.iter().position(|step| step.may_panic);
    let behind = match first {
        Some(first) if !cx.is_cleaning => first + 1,
        _ => steps.len(),
    };
    let outer = cx.cleanup;
    let rest: Vec<Block> = steps[behind..]
        .iter()
        .map(|_| cx.b.create_block())
        .collect();
    for (index, step) in steps.iter().enumerate() {
        // The cleanup of a step is what comes behind it.
        let after = (index + 1).checked_sub(behind);
        cx.cleanup = after.and_then(|at| rest.get(at).copied()).or(outer);
        (step.emit)(cx);
    }
    cx.cleanup = outer;
    if rest.is_empty() {
        return;
    }
    let normal = cx.b.create_block();
    cx.b.jump(normal);
    for (index, (step, block)) in steps[behind..].iter().zip(&rest).enumerate() {
        cx.b.switch_to(*block);
        cx.clean(|cx| (step.emit)(cx));
        match rest.get(index + 1) {
            Some(next) => cx.b.jump(*next),
            None => cx.go_on_unwinding(),
        }
    }
    cx.b.switch_to(normal);
}

impl Emit<'_> {
    /// Emits code that runs while a panic is under way.
    pub(crate) fn clean(&mut self, emit: impl FnOnce(&mut Self)) {
        let around = std::mem::replace(&mut self.is_cleaning, true);
        let cleanup = self.cleanup.take();
        emit(self);
        self.cleanup = cleanup;
        self.is_cleaning = around;
    }

    /// The end of cleaning up.
    pub(crate) fn go_on_unwinding(&mut self) {
        match self.cleanup {
            Some(outer) => self.b.jump(outer),
            None => self.b.resume(),
        }
    }
}

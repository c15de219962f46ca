//! How much native stack a thread may use for something that recurses.

use std::cell::Cell;

/// What a thread of unknown size may use: half of the smallest there are.
const DEFAULT_BYTES: usize = 1024 * 1024;

thread_local! {
    static BUDGET: Cell<usize> = const { Cell::new(DEFAULT_BYTES) };
}

/// Says that the current thread has a stack of this size; recursion may use a quarter of it.
pub fn declare_size(bytes: usize) {
    BUDGET.with(|budget| budget.set((bytes / 4).max(DEFAULT_BYTES)));
}

/// Bytes that one recursion on the current thread may use.
pub fn budget() -> usize {
    BUDGET.with(Cell::get)
}

/// Roughly where the stack of the current thread is now.
#[inline(never)]
pub fn address() -> usize {
    let here = 0u8;
    std::ptr::from_ref(&here).addr()
}

//! The passes: each one file, each one line in [`ALL`].
//!
//! A pass takes a verified function and leaves a verified one; it says whether
//! it changed anything. It knows nothing of the pipeline it runs in.

pub mod devirtualize_calls;
pub mod eliminate_dead_code;
pub mod eliminate_dead_stores;
pub mod fold_constants;
pub mod forward_memory;
pub mod hoist_invariants;
pub mod inline_calls;
pub mod learn_effects;
pub mod loop_tail_calls;
pub mod number_values;
pub mod pair_counts;
pub mod promote_heap;
pub mod promote_slots;
pub mod propagate_constants;
pub mod propagate_copies;
pub mod read_constants;
pub mod remove_checks;
pub mod simplify_algebra;
pub mod simplify_cfg;
pub mod sink_stores;
pub mod split_copies;

use std::fmt;

use crate::function::Function;
use crate::surroundings::Surroundings;

/// A pass by name. Two passes are equal when their names are.
#[derive(Clone, Copy)]
pub struct Pass {
    pub name: &'static str,
    work: Work,
    /// Whether calls may go, or be known not to unwind, and cleanups may become empty.
    calms: bool,
}

/// What a pass looks at.
#[derive(Clone, Copy)]
enum Work {
    /// One function.
    Alone(fn(&mut Function) -> bool),
    /// One function, and what is known of the program around it.
    Within(fn(&mut Function, &dyn Surroundings) -> bool),
}

pub const ALL: &[Pass] = &[
    alone("split_copies", split_copies::split_copies),
    alone("promote_slots", promote_slots::promote_slots),
    alone("fold_constants", fold_constants::fold_constants),
    alone(
        "propagate_constants",
        propagate_constants::propagate_constants,
    ),
    alone("simplify_algebra", simplify_algebra::simplify_algebra),
    alone("propagate_copies", propagate_copies::propagate_copies),
    alone(
        "eliminate_dead_code",
        eliminate_dead_code::eliminate_dead_code,
    )
    .calming(),
    alone(
        "eliminate_dead_stores",
        eliminate_dead_stores::eliminate_dead_stores,
    ),
    alone("simplify_cfg", simplify_cfg::simplify_cfg).calming(),
    alone("sink_stores", sink_stores::sink_stores),
    alone("number_values", number_values::number_values),
    alone("forward_memory", forward_memory::forward_memory),
    alone("remove_checks", remove_checks::remove_checks),
    alone("hoist_invariants", hoist_invariants::hoist_invariants),
    alone("loop_tail_calls", loop_tail_calls::loop_tail_calls),
    alone("pair_counts", pair_counts::pair_counts).calming(),
    alone("promote_heap", promote_heap::promote_heap),
    within("read_constants", read_constants::read_constants),
    within("devirtualize_calls", devirtualize_calls::devirtualize_calls).calming(),
    within("learn_effects", learn_effects::learn_effects).calming(),
    within("inline_calls", inline_calls::inline_calls).calming(),
    within("inline_counts", inline_calls::inline_counts).calming(),
    within("inline_own", inline_calls::inline_own).calming(),
];

const fn alone(name: &'static str, work: fn(&mut Function) -> bool) -> Pass {
    Pass {
        name,
        work: Work::Alone(work),
        calms: false,
    }
}

const fn within(name: &'static str, work: fn(&mut Function, &dyn Surroundings) -> bool) -> Pass {
    Pass {
        name,
        work: Work::Within(work),
        calms: false,
    }
}

impl Pass {
    const fn calming(self) -> Pass {
        Pass {
            calms: true,
            ..self
        }
    }

    /// Runs the pass; whether it changed anything.
    pub fn run(&self, func: &mut Function, around: &dyn Surroundings) -> bool {
        let changed = match self.work {
            Work::Alone(work) => work(func),
            Work::Within(work) => work(func, around),
        };
        if changed && self.calms {
            func.settle_invokes();
        }
        changed
    }

    pub fn by_name(name: &str) -> Option<Pass> {
        ALL.iter().copied().find(|pass| pass.name == name)
    }
}

impl PartialEq for Pass {
    fn eq(&self, other: &Pass) -> bool {
        self.name == other.name
    }
}

impl Eq for Pass {}

impl fmt::Debug for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

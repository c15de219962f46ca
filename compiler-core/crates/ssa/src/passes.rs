//! The passes: each one file, each one line in [`ALL`].
//!
//! A pass takes a verified function and leaves a verified one; it says whether
//! it changed anything. It knows nothing of the pipeline it runs in.

pub mod eliminate_dead_code;
pub mod fold_constants;
pub mod number_values;
pub mod promote_slots;
pub mod propagate_copies;
pub mod simplify_algebra;
pub mod simplify_cfg;
pub mod split_copies;

use std::fmt;

use crate::function::Function;

/// A pass by name. Two passes are equal when their names are.
#[derive(Clone, Copy)]
pub struct Pass {
    pub name: &'static str,
    pub run: fn(&mut Function) -> bool,
}

pub const ALL: &[Pass] = &[
    Pass {
        name: "split_copies",
        run: split_copies::split_copies,
    },
    Pass {
        name: "promote_slots",
        run: promote_slots::promote_slots,
    },
    Pass {
        name: "fold_constants",
        run: fold_constants::fold_constants,
    },
    Pass {
        name: "simplify_algebra",
        run: simplify_algebra::simplify_algebra,
    },
    Pass {
        name: "propagate_copies",
        run: propagate_copies::propagate_copies,
    },
    Pass {
        name: "eliminate_dead_code",
        run: eliminate_dead_code::eliminate_dead_code,
    },
    Pass {
        name: "simplify_cfg",
        run: simplify_cfg::simplify_cfg,
    },
    Pass {
        name: "number_values",
        run: number_values::number_values,
    },
];

impl Pass {
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

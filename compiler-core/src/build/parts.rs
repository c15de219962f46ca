//! Parts of a plan, made by two threads.
//!
//! Planning walks what is reachable, then looks at each function. The thread that checks is done
//! before that and takes its share of the functions.

use std::sync::atomic::{AtomicUsize, Ordering};

use mono::PlanPart;

use crate::host::{Analysis, StateId};

/// What is left to do for a plan, in one state of the host.
pub(super) struct Parts {
    state: StateId,
    parts: Vec<PlanPart>,
    next: AtomicUsize,
}

impl Parts {
    pub(super) fn new(analysis: &Analysis<'_>, parts: Vec<PlanPart>) -> Parts {
        Parts {
            state: analysis.state,
            parts,
            next: AtomicUsize::new(0),
        }
    }

    /// Makes parts that nobody has begun until none is left. In another state they may not exist
    /// any more: then nothing is done.
    pub(super) fn work(&self, analysis: &Analysis<'_>) {
        if analysis.state != self.state {
            return;
        }
        while let Some(part) = self.parts.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            part.prepare(analysis.db);
        }
    }
}

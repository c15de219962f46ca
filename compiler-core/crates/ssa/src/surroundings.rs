//! What a pass may know of the rest of the program.
//!
//! The producer answers from its memos, tests from a [`Module`]. A question is a dependency:
//! passes ask for a summary before they ask for a body, so that an edit of a callee reaches the
//! callers that really used it.

use std::sync::Arc;

use crate::data::Global;
use crate::function::Function;
use crate::module::Module;
use crate::passes::inline_calls::INLINE_THRESHOLD;
use crate::summary::Summary;

/// The program around a function.
pub trait Surroundings {
    /// What a function costs and may do. `None` for foreign ones.
    fn summary(&self, symbol: &str) -> Option<Summary>;

    /// The body of a function, as it is before it has seen its own callees.
    fn body(&self, symbol: &str) -> Option<Arc<Function>>;

    /// A callee of at most this cost is inlined anywhere.
    fn inline_threshold(&self) -> u32 {
        INLINE_THRESHOLD
    }

    /// A datum whose bytes are the same in every run: never a writable one.
    fn constant(&self, symbol: &str) -> Option<Arc<Global>>;
}

/// A function on its own: nothing is known.
pub struct Unknown;

impl Surroundings for Unknown {
    fn summary(&self, _symbol: &str) -> Option<Summary> {
        None
    }

    fn body(&self, _symbol: &str) -> Option<Arc<Function>> {
        None
    }

    fn constant(&self, _symbol: &str) -> Option<Arc<Global>> {
        None
    }
}

impl Surroundings for Module {
    fn summary(&self, symbol: &str) -> Option<Summary> {
        Module::function(self, symbol).map(|func| Summary::of(func))
    }

    fn body(&self, symbol: &str) -> Option<Arc<Function>> {
        Module::function(self, symbol).cloned()
    }

    fn constant(&self, symbol: &str) -> Option<Arc<Global>> {
        let global = Module::global(self, symbol)?;
        (!global.writable && !global.thread_local).then(|| global.clone())
    }
}

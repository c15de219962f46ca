//! What the passes of one instance may know of the program around it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use base::Db;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;
use ssa::{Function, Global, Summary, Surroundings};

use crate::instance::Instance;
use crate::key::Build;
use crate::queries::{self, is_compiled};

/// Answers from memos; every answer is a dependency of the instance.
pub(crate) struct Around<'db> {
    db: &'db dyn Db,
    build: Build,
    /// Symbols that the instance mentions, and those that bodies have brought along.
    instances: RefCell<FxHashMap<SmolStr, Instance>>,
    inlined: RefCell<BTreeMap<SmolStr, Instance>>,
}

impl<'db> Around<'db> {
    pub(crate) fn new(db: &'db dyn Db, instance: Instance, build: Build) -> Around<'db> {
        let around = Around {
            db,
            build,
            instances: RefCell::default(),
            inlined: RefCell::default(),
        };
        around.learn(instance);
        around
    }

    /// The instances whose bodies were asked for, in order of symbols.
    pub(crate) fn into_inlined(self) -> Arc<[Instance]> {
        self.inlined.into_inner().into_values().collect()
    }

    /// Adds what an instance mentions.
    fn learn(&self, instance: Instance) {
        let lowered = queries::ssa_lowered(self.db, instance, self.build);
        let mut instances = self.instances.borrow_mut();
        for (symbol, callee) in lowered.callees.iter() {
            instances.entry(symbol.clone()).or_insert(*callee);
        }
    }

    fn compiled(&self, symbol: &str) -> Option<Instance> {
        let instance = *self.instances.borrow().get(symbol)?;
        is_compiled(self.db, instance).then_some(instance)
    }
}

impl Surroundings for Around<'_> {
    fn summary(&self, symbol: &str) -> Option<Summary> {
        let instance = self.compiled(symbol)?;
        Some(queries::summary(self.db, instance, self.build))
    }

    fn body(&self, symbol: &str) -> Option<Arc<Function>> {
        let instance = self.compiled(symbol)?;
        // A body that could not be made is reported where it stands, and stays there.
        let lowered = queries::ssa_lowered(self.db, instance, self.build);
        if !lowered.errors.is_empty() {
            return None;
        }
        self.learn(instance);
        let mut inlined = self.inlined.borrow_mut();
        inlined.insert(symbol.into(), instance);
        Some(queries::ssa_simplified(self.db, instance, self.build).clone())
    }

    fn constant(&self, _symbol: &str) -> Option<Arc<Global>> {
        // Statics are writable memory: their initial bytes say nothing.
        None
    }
}

//! What the passes of one instance may know of the program around it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use base::Db;
use hir_ty::Ty;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;
use ssa::{Function, Global, Summary, Surroundings};

use crate::instance::Instance;
use crate::key::Build;
use crate::object::{class_table_symbol, class_tables};
use crate::queries::{self, is_compiled};
use crate::symbol;
use crate::tables::{Table, table_data};

/// Answers from memos; every answer is a dependency of the instance.
pub(crate) struct Around<'db> {
    db: &'db dyn Db,
    build: Build,
    /// Symbols that the instance mentions, and those that bodies have brought along.
    instances: RefCell<FxHashMap<SmolStr, Instance>>,
    inlined: RefCell<BTreeMap<SmolStr, Instance>>,
    /// Method tables that those bodies name.
    tables: RefCell<FxHashMap<SmolStr, TableOf>>,
}

#[derive(Clone, Copy)]
enum TableOf {
    Object(Table),
    Class(Ty),
}

impl<'db> Around<'db> {
    pub(crate) fn new(db: &'db dyn Db, instance: Instance, build: Build) -> Around<'db> {
        let around = Around {
            db,
            build,
            instances: RefCell::default(),
            inlined: RefCell::default(),
            tables: RefCell::default(),
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
        let mut tables = self.tables.borrow_mut();
        for table in lowered.tables.iter() {
            let symbol = symbol::table_symbol(self.db, *table);
            tables.insert(symbol, TableOf::Object(*table));
        }
        for class in lowered.class_tables.iter() {
            let symbol = class_table_symbol(self.db, *class);
            tables.insert(symbol, TableOf::Class(*class));
        }
    }

    fn compiled(&self, symbol: &str) -> Option<Instance> {
        let instance = *self.instances.borrow().get(symbol)?;
        is_compiled(self.db, instance).then_some(instance)
    }
}

impl Surroundings for Around<'_> {
    fn inline_threshold(&self) -> u32 {
        let wanted = self.build.profile(self.db).inline_threshold(self.db);
        wanted.unwrap_or(ssa::INLINE_THRESHOLD)
    }

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

    /// Method tables. Statics are writable memory: their initial bytes say nothing.
    fn constant(&self, symbol: &str) -> Option<Arc<Global>> {
        let table = *self.tables.borrow().get(symbol)?;
        let mut instances = self.instances.borrow_mut();
        match table {
            TableOf::Object(table) => {
                let data = table_data(self.db, table, self.build);
                instances.extend(data.instances.iter().cloned());
                Some(data.global.clone())
            }
            TableOf::Class(class) => {
                let data = class_tables(self.db, class, self.build);
                let named = data.instances.iter().map(|it| {
                    let symbol = symbol::symbol(self.db, *it).clone();
                    (symbol, *it)
                });
                instances.extend(named);
                let mut globals = data.globals.iter();
                globals.find(|it| it.symbol == symbol).cloned()
            }
        }
    }
}

//! The test database.

use std::sync::{Arc, Mutex};

use base::{Db, FileId, Package, SourceFile};
use salsa::{Database, DatabaseKeyIndex, Setter};

use crate::Fixture;

/// A database that remembers which queries it executed.
#[salsa::db]
#[derive(Clone)]
pub struct TestDb {
    storage: salsa::Storage<Self>,
    executed: Arc<Mutex<Vec<DatabaseKeyIndex>>>,
}

#[salsa::db]
impl Database for TestDb {}

#[salsa::db]
impl Db for TestDb {}

impl Default for TestDb {
    fn default() -> Self {
        let executed: Arc<Mutex<Vec<DatabaseKeyIndex>>> = Arc::default();
        let log = Arc::clone(&executed);
        let on_event = move |event: salsa::Event| {
            if let salsa::EventKind::WillExecute { database_key } = event.kind {
                log.lock().expect("the log is whole").push(database_key);
            }
        };
        TestDb {
            storage: salsa::Storage::new(Some(Box::new(on_event))),
            executed,
        }
    }
}

impl TestDb {
    /// A database with the packages of a fixture; see [`Fixture`] for its format.
    pub fn with_fixture(text: &str) -> (TestDb, Fixture) {
        let mut db = TestDb::default();
        let fixture = Fixture::load(&mut db, text);
        (db, fixture)
    }

    /// Replaces the text of a file.
    pub fn change_file(&mut self, file: SourceFile, text: &str) {
        let text: Arc<str> = Arc::from(text);
        let outline = base::input::outline(&text);
        file.set_text(self).to(text);
        if **file.outline(self) != *outline {
            file.set_outline(self).to(outline);
        }
    }

    /// A file as its package sees it.
    pub fn file_id(&self, package: Package, file: SourceFile) -> FileId {
        FileId::new(self, file, package.env(self))
    }

    /// Runs `f` and returns the names of the queries that were executed for it, in order, one
    /// entry per execution.
    pub fn executed(&self, f: impl FnOnce(&TestDb)) -> Vec<String> {
        self.executed.lock().expect("the log is whole").clear();
        f(self);
        let keys = std::mem::take(&mut *self.executed.lock().expect("the log is whole"));
        keys.iter()
            .map(|key| self.ingredient_debug_name(key.ingredient_index()).into())
            .collect()
    }

    /// The same with keys: `body(Func(FuncId(Id(c00))))`.
    pub fn executed_with_keys(&self, f: impl FnOnce(&TestDb)) -> Vec<String> {
        self.executed.lock().expect("the log is whole").clear();
        f(self);
        let keys = std::mem::take(&mut *self.executed.lock().expect("the log is whole"));
        salsa::attach(self, || keys.iter().map(|key| format!("{key:?}")).collect())
    }

    /// How often a query was executed in a list of [`TestDb::executed`].
    pub fn count(executed: &[String], query: &str) -> usize {
        executed.iter().filter(|name| *name == query).count()
    }
}

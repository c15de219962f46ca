//! The one salsa database.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Counts and, when asked, names the queries that run.
#[derive(Default)]
pub struct QueryLog {
    executed: AtomicU64,
    validated: AtomicU64,
    counts_validated: AtomicBool,
    is_recording: AtomicBool,
    names: Mutex<Vec<String>>,
}

impl QueryLog {
    /// Queries executed since the database was made.
    pub fn executed(&self) -> u64 {
        self.executed.load(Ordering::Relaxed)
    }

    /// Counts validated values from now on.
    pub fn count_validated(&self) {
        self.counts_validated.store(true, Ordering::Relaxed);
    }

    /// Memoised values found to be still right, be it by their durability or by looking at what
    /// they were made from: what an edit makes us walk over. Counted when asked for.
    pub fn validated(&self) -> u64 {
        self.validated.load(Ordering::Relaxed)
    }

    /// Starts or stops collecting the keys of executed queries.
    pub fn record(&self, on: bool) {
        self.is_recording.store(on, Ordering::Relaxed);
    }

    /// Takes what was collected: `infer(FuncId(Id(1403)))`, in order of execution.
    pub fn take(&self) -> Vec<String> {
        let mut names = self
            .names
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        std::mem::take(&mut names)
    }

    fn on_event(&self, event: salsa::Event) {
        match event.kind {
            salsa::EventKind::WillExecute { database_key } => {
                self.executed.fetch_add(1, Ordering::Relaxed);
                if self.is_recording.load(Ordering::Relaxed) {
                    let mut names = self
                        .names
                        .lock()
                        .unwrap_or_else(|poisoned| poisoned.into_inner());
                    names.push(format!("{database_key:?}"));
                }
            }
            // Threads that validate side by side would wait for each other at this counter.
            salsa::EventKind::DidValidateMemoizedValue { .. }
                if self.counts_validated.load(Ordering::Relaxed) =>
            {
                self.validated.fetch_add(1, Ordering::Relaxed);
            }
            _ => {}
        }
    }
}

/// The database. A clone is a snapshot that keeps writers waiting until it is dropped.
#[salsa::db]
#[derive(Clone)]
pub struct Database {
    storage: salsa::Storage<Self>,
    log: Arc<QueryLog>,
}

impl Default for Database {
    fn default() -> Self {
        let log = Arc::new(QueryLog::default());
        let sink = log.clone();
        let storage = salsa::Storage::new(Some(Box::new(move |event| sink.on_event(event))));
        Database { storage, log }
    }
}

impl Database {
    pub fn log(&self) -> &Arc<QueryLog> {
        &self.log
    }
}

#[salsa::db]
impl salsa::Database for Database {}

#[salsa::db]
impl base::Db for Database {}

//! What all connections of a daemon share.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use client::protocol::Status;
use compiler_core::build::Builder;
use compiler_core::{Applied, Change, Host, Input};
use tokio::sync::watch;

use crate::documents::SharedBuffers;
use crate::scheduler::Scheduler;
use crate::watcher::Watcher;

/// The engine of one workspace.
pub struct Engine {
    pub root: PathBuf,
    /// What editors see: open buffers over files on disk.
    pub host: Arc<Host>,
    pub scheduler: Scheduler,
    pub builder: Builder,
    /// What editors have open.
    pub buffers: SharedBuffers,
    /// What is on disk, while editors hold text that is not saved: builds read this one then.
    saved: Mutex<Option<Arc<Host>>>,
    input: Input,
    revisions: watch::Sender<u64>,
    clients: AtomicU32,
    idle_since: Mutex<Instant>,
    started: Instant,
    activity: Mutex<String>,
    watcher: Mutex<Option<Watcher>>,
}

/// Counts a connection while it lives.
pub struct ClientGuard(Arc<Engine>);

/// A host over the disk. `TML_LIBRARY` names a directory with another library than the embedded
/// one, for those who work on the library.
pub(crate) fn open_host(input: Input) -> Host {
    match std::env::var_os("TML_LIBRARY") {
        Some(dir) => Host::open_with_library(input, dir.as_ref()),
        None => Host::open(input),
    }
}

impl Engine {
    /// Loads a workspace directory or a single file.
    pub fn open(root: PathBuf) -> std::io::Result<Arc<Engine>> {
        let path = root.display().to_string();
        let input = if root.is_file() {
            Input::SingleFile(path)
        } else {
            Input::Directory(path)
        };
        let threads = std::thread::available_parallelism().map_or(2, |count| count.get());
        let engine = Arc::new(Engine {
            host: Arc::new(open_host(input.clone())),
            root,
            scheduler: Scheduler::new(threads)?,
            builder: Builder::new(threads)?,
            buffers: SharedBuffers::default(),
            saved: Mutex::new(None),
            input,
            revisions: watch::Sender::new(1),
            clients: AtomicU32::new(0),
            idle_since: Mutex::new(Instant::now()),
            started: Instant::now(),
            activity: Mutex::new("nothing".to_string()),
            watcher: Mutex::new(None),
        });
        Ok(engine)
    }

    /// Starts watching files. Without a watcher (too many files, no inotify) builds still scan.
    pub fn watch_files(self: &Arc<Self>) {
        let dirs = self.watched_directories();
        let engine = Arc::downgrade(self);
        let started = Watcher::start(&dirs, move |paths| {
            if let Some(engine) = engine.upgrade() {
                engine.apply(&Change {
                    paths,
                    ..Change::default()
                });
            }
        });
        match started {
            Ok(watcher) => *lock(&self.watcher) = Some(watcher),
            Err(error) => {
                tracing::warn!(%error, "files are not watched; builds look for themselves")
            }
        }
    }

    /// The workspace and packages outside it.
    fn watched_directories(&self) -> Vec<PathBuf> {
        let start = if self.root.is_file() {
            self.root.parent()
        } else {
            Some(self.root.as_path())
        };
        let mut dirs: Vec<PathBuf> = start.map(PathBuf::from).into_iter().collect();
        let outside = self.host.package_directories();
        dirs.extend(
            outside
                .into_iter()
                .map(PathBuf::from)
                .filter(|dir| !dir.starts_with(&self.root)),
        );
        dirs
    }

    /// Applies a change and tells everybody who waits for one.
    pub fn apply(&self, change: &Change) -> Applied {
        let applied = self.host.apply(change);
        if !applied.is_empty() {
            self.revisions.send_replace(self.host.revision());
        }
        applied
    }

    /// A receiver that wakes with every new revision.
    pub fn revisions(&self) -> watch::Receiver<u64> {
        self.revisions.subscribe()
    }

    /// The host for builds: what is on disk, which is the editors' view unless they hold unsaved
    /// text. Everything that may have changed on disk has been looked at.
    pub fn saved_host(&self) -> Arc<Host> {
        let rescan = Change {
            rescan: true,
            ..Change::default()
        };
        self.apply(&rescan);
        let mut saved = lock(&self.saved);
        if self.host.unsaved().is_empty() {
            *saved = None;
            return self.host.clone();
        }
        let host = saved.get_or_insert_with(|| Arc::new(open_host(self.input.clone())));
        host.apply(&rescan);
        host.clone()
    }

    pub fn enter(self: &Arc<Self>) -> ClientGuard {
        self.clients.fetch_add(1, Ordering::SeqCst);
        ClientGuard(self.clone())
    }

    /// How long no client has been connected.
    pub fn idle_time(&self) -> Duration {
        match self.clients.load(Ordering::SeqCst) {
            0 => lock(&self.idle_since).elapsed(),
            _ => Duration::ZERO,
        }
    }

    /// Says what the engine is doing, for `tml daemon status`.
    pub fn set_activity(&self, text: impl Into<String>) {
        *lock(&self.activity) = text.into();
    }

    pub fn status(&self) -> Status {
        let files = self
            .host
            .snapshot()
            .read(|analysis| analysis.world().files.len());
        Status {
            pid: std::process::id(),
            version: env!("CARGO_PKG_VERSION").to_string(),
            root: self.root.display().to_string(),
            uptime_seconds: self.started.elapsed().as_secs(),
            memory_bytes: resident_bytes(),
            // The one that asks does not count.
            clients: self.clients.load(Ordering::SeqCst).saturating_sub(1),
            revision: self.host.revision(),
            queries_executed: self.host.query_log().executed(),
            open_files: self.host.open_buffers() as u32,
            files: files.unwrap_or(0) as u32,
            activity: lock(&self.activity).clone(),
        }
    }
}

impl Drop for ClientGuard {
    fn drop(&mut self) {
        *lock(&self.0.idle_since) = Instant::now();
        self.0.clients.fetch_sub(1, Ordering::SeqCst);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Memory of this process that is in RAM; 0 where the system does not say.
fn resident_bytes() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm")
        .ok()
        .and_then(|text| text.split_whitespace().nth(1)?.parse::<u64>().ok());
    // SAFETY: `sysconf` has no preconditions.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    pages.unwrap_or(0) * page.max(0) as u64
}

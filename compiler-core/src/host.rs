//! The owner of the database: the single place of change, and the source of snapshots.

use std::collections::{BTreeSet, HashSet};
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use base::SourceFile;
use project::profiles::Profiles;
use project::{MemoryFiles, Resolver};
use salsa::Durability;

use crate::database::{Database, QueryLog};
use crate::disk::Disk;
use crate::embedded;
use crate::files::Files;
use crate::world::{AT_REST, Flavor, Input, World, begin_editing, set_text};

/// The engine of one workspace. All methods take `&self`; clones of the surrounding `Arc` may be
/// used from any thread.
pub struct Host {
    state: Mutex<State>,
    log: Arc<QueryLog>,
    /// Counts changes; snapshots carry the number they were taken at.
    revision: AtomicU64,
    /// The same of changes of outlines and of the package graph.
    outlines: AtomicU64,
    /// Tells the hosts of a process apart: ids of their databases coincide.
    number: u64,
}

static HOSTS_MADE: AtomicU64 = AtomicU64::new(0);

/// Names a state of a host. What was computed in one state holds in an equal one, and says
/// nothing of another host's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StateId {
    host: u64,
    revision: u64,
    /// Counts changes of outlines and of the package graph.
    outlines: u64,
}

impl StateId {
    /// Whether two states have the same items, except for those inside of bodies.
    pub(crate) fn has_items_of(self, other: StateId) -> bool {
        (self.host, self.outlines) == (other.host, other.outlines)
    }
}

struct State {
    db: Database,
    files: Files,
    input: Input,
    flavors: BTreeSet<Flavor>,
    world: Arc<World>,
    /// Files whose text has low durability: those that were edited or opened.
    edited: HashSet<SourceFile>,
}

/// Changing more files than this at once does not count as editing them.
const EDITED_AT_ONCE_MAX: usize = 16;

/// A batch of changes, applied at once.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Buffers opened or edited (`Some`) and closed (`None`), by absolute path.
    pub buffers: Vec<(String, Option<Arc<str>>)>,
    /// Paths that a watcher saw change.
    pub paths: Vec<String>,
    /// Whether to look at everything on disk that may have changed, reported or not.
    pub rescan: bool,
}

/// What a change came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Files whose text is now another, by absolute path.
    pub edited: Vec<String>,
    /// Whether files or packages appeared, vanished or changed their manifest.
    pub is_reloaded: bool,
}

impl Applied {
    pub fn is_empty(&self) -> bool {
        self.edited.is_empty() && !self.is_reloaded
    }
}

/// Analysis was cancelled by a change; ask again on a new snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled;

impl Host {
    /// Loads a workspace or single file from disk.
    pub fn open(input: Input) -> Host {
        Host::with_resolvers(input, vec![Arc::new(embedded::library()), Arc::new(Disk)])
    }

    /// The same with the library of a directory that holds `core`, `std` and `test`.
    pub fn open_with_library(input: Input, library: &std::path::Path) -> Host {
        let library = embedded::LibraryDir::new(library);
        Host::with_resolvers(input, vec![Arc::new(library), Arc::new(Disk)])
    }

    /// Loads from a tree in memory, which must hold everything but the library.
    pub fn in_memory(input: Input, tree: MemoryFiles) -> Host {
        Host::with_resolvers(input, vec![Arc::new(embedded::library()), Arc::new(tree)])
    }

    /// Loads through any chain of resolvers; open buffers come before all of them.
    pub fn with_resolvers(input: Input, resolvers: Vec<Arc<dyn Resolver>>) -> Host {
        let mut db = Database::default();
        let log = db.log().clone();
        let files = Files::new(resolvers);
        let world = Arc::new(World::load(&mut db, &files, &input));
        let flavors = BTreeSet::from([Flavor::default()]);
        let edited = HashSet::new();
        let state = State {
            db,
            files,
            input,
            flavors,
            world,
            edited,
        };
        Host {
            state: Mutex::new(state),
            log,
            revision: AtomicU64::new(1),
            outlines: AtomicU64::new(1),
            number: HOSTS_MADE.fetch_add(1, Ordering::Relaxed),
        }
    }

    pub fn query_log(&self) -> &QueryLog {
        &self.log
    }

    /// The number of changes so far.
    pub fn revision(&self) -> u64 {
        self.revision.load(Ordering::SeqCst)
    }

    /// The single place of change: applies a batch, cancelling all running analysis if anything
    /// differs. Nothing is written, and nothing cancelled, when nothing differs, except that opening
    /// a file for the first time prepares for edits of it.
    pub fn apply(&self, change: &Change) -> Applied {
        let mut state = self.lock();
        let state = &mut *state;
        let mut paths: BTreeSet<String> = change.paths.iter().cloned().collect();
        for (path, text) in &change.buffers {
            state.files.set_buffer(path, text.clone());
            paths.insert(path.clone());
        }
        if change.rescan {
            paths.extend(state.files.suspects());
        }
        let mut applied = Applied::default();
        let mut must_reload = false;
        let mut texts = Vec::new();
        for path in paths {
            match state.world.files.get(&path) {
                // The library is what it was when it was loaded.
                Some(_) if embedded::is_library_path(&path) => {}
                Some(file) => match state.files.read(&path) {
                    Ok(Some(text)) if **file.text(&state.db) != *text => {
                        texts.push((*file, text));
                        applied.edited.push(path);
                    }
                    Ok(Some(_)) => {}
                    Ok(None) | Err(_) => must_reload = true,
                },
                // A manifest, a directory, a file that does not exist yet.
                None => must_reload |= state.concerns_graph(&path),
            }
        }
        // A change of many files is a checkout: none of them is being edited.
        let are_edited = texts.len() <= EDITED_AT_ONCE_MAX;
        for (file, text) in texts {
            if are_edited {
                state.edited.insert(file);
            }
            let durability = if state.edited.contains(&file) {
                Durability::LOW
            } else {
                AT_REST
            };
            if set_text(&mut state.db, file, text, durability) {
                self.outlines.fetch_add(1, Ordering::SeqCst);
            }
        }
        // Who opens a file is about to edit it: what the first edit costs more than others is
        // better spent now.
        for (path, buffer) in &change.buffers {
            if let (Some(_), Some(file)) = (buffer, state.world.files.get(path))
                && !embedded::is_library_path(path)
                && state.edited.insert(*file)
            {
                begin_editing(&mut state.db, *file);
            }
        }
        if must_reload {
            self.outlines.fetch_add(1, Ordering::SeqCst);
            applied.is_reloaded = state.reload();
        }
        if !applied.is_empty() {
            self.revision.fetch_add(1, Ordering::SeqCst);
        }
        applied
    }

    /// Makes sure that units for a flavor exist.
    pub fn require_flavor(&self, flavor: &Flavor) {
        let mut state = self.lock();
        if state.flavors.insert(flavor.clone()) {
            state.reload();
            self.outlines.fetch_add(1, Ordering::SeqCst);
            self.revision.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// The packages of the library.
    pub(crate) fn libraries(&self) -> Vec<base::Package> {
        let state = self.lock();
        let libraries = state.world.libraries.iter();
        libraries.map(|library| library.package).collect()
    }

    /// Paths of buffers that are not saved.
    pub fn unsaved(&self) -> Vec<String> {
        self.lock().files.unsaved()
    }

    /// How many buffers are open.
    pub fn open_buffers(&self) -> usize {
        self.lock().files.open_buffers()
    }

    /// Directories of all packages.
    pub fn package_directories(&self) -> Vec<String> {
        self.lock()
            .world
            .graph
            .packages
            .iter()
            .map(|spec| spec.dir.clone())
            .collect()
    }

    /// Directory of the workspace, or of the single file.
    pub fn root(&self) -> String {
        self.lock().world.graph.root.clone()
    }

    /// The profiles of the workspace's manifest.
    pub(crate) fn profiles(&self) -> Profiles {
        self.lock().world.graph.profiles.clone()
    }

    /// A consistent view of everything. Use it at once and let it go: writers wait for it.
    pub fn snapshot(&self) -> Snapshot {
        let state = self.lock();
        Snapshot {
            db: state.db.clone(),
            world: state.world.clone(),
            state: StateId {
                host: self.number,
                revision: self.revision(),
                outlines: self.outlines.load(Ordering::SeqCst),
            },
        }
    }

    /// Reads the database while holding writers off: for rendering what a build found, which must
    /// not be cancelled half way.
    pub(crate) fn with_database<R>(&self, f: impl FnOnce(&Database) -> R) -> R {
        let state = self.lock();
        salsa::attach(&state.db, || f(&state.db))
    }

    pub(crate) fn with_files<R>(&self, f: impl FnOnce(&Files) -> R) -> R {
        f(&self.lock().files)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl State {
    fn reload(&mut self) -> bool {
        let mut world = (*self.world).clone();
        world.reload(&mut self.db, &self.files, &self.input, &self.flavors);
        for path in self
            .world
            .files
            .keys()
            .filter(|path| !world.files.contains_key(*path))
        {
            self.files.forget(path);
        }
        let before = &self.world;
        let is_changed = before.units != world.units
            || before.files != world.files
            || before.graph.problems != world.graph.problems
            || before.unreadable != world.unreadable;
        self.world = Arc::new(world);
        is_changed
    }

    /// Whether a path that is no known source may still change the package graph.
    fn concerns_graph(&self, path: &str) -> bool {
        let is_listed_directory = || {
            self.world.graph.packages.iter().any(|spec| {
                path == spec.dir
                    || path
                        .strip_prefix(spec.dir.as_str())
                        .is_some_and(|rest| rest.starts_with('/'))
            })
        };
        path.ends_with("tml.toml")
            || self.world.graph.packages.is_empty()
            || (path.ends_with(".tml") || !path.contains('.')) && is_listed_directory()
    }
}

/// A consistent view of all inputs.
pub struct Snapshot {
    db: Database,
    world: Arc<World>,
    state: StateId,
}

/// What a reader of a snapshot sees.
pub struct Analysis<'a> {
    pub(crate) db: &'a Database,
    pub(crate) world: &'a Arc<World>,
    pub(crate) state: StateId,
}

impl Analysis<'_> {
    pub fn world(&self) -> &Arc<World> {
        self.world
    }

    /// The number of changes before this view.
    pub fn revision(&self) -> u64 {
        self.state.revision
    }
}

impl Snapshot {
    /// Runs `f` and lets the snapshot go. `f` returns owned data only.
    ///
    /// `Cancelled` means that a change is waiting. Other panics pass through.
    pub fn read<R>(self, f: impl FnOnce(&Analysis<'_>) -> R) -> Result<R, Cancelled> {
        let Snapshot { db, world, state } = self;
        // One attach scope around everything, or cancellation is lost between two queries.
        let run = || {
            salsa::attach(&db, || {
                f(&Analysis {
                    db: &db,
                    world: &world,
                    state,
                })
            })
        };
        salsa::Cancelled::catch(AssertUnwindSafe(run)).map_err(|_| Cancelled)
    }
}

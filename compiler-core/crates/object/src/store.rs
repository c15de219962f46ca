//! The store on disk.
//!
//! ```text
//! DIR/v1/3f/3f0a…e1.o      one entry: an ELF file, then its header and checksum
//! DIR/v1/tmp/PID-N.tmp     being written; left behind only by a killed process
//! ```
//!
//! * **Publishing** is one rename inside the directory tree, so readers see all
//!   of an entry or none of it, and any number of processes may write.
//! * **No fsync.** After a power cut an entry may be short or hold zeros. Each
//!   process verifies an entry's checksum when it first uses it, which detects
//!   exactly that, and an entry that is lost costs one function's code
//!   generation. Syncing 2,000 objects would cost seconds on every build.
//! * **Verified once.** A process remembers (device, inode, size, modification
//!   time) of what it has verified; a warm daemon pays one `stat` per object.
//! * **Use is the access time**, set by us and only by us to "now" when it is
//!   older than a quarter of [`StoreOptions::keep_recent`]; that works on
//!   `noatime` mounts too and leaves the modification time, which identifies
//!   content, alone.

mod trim;

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use rustc_hash::FxHashMap;
use stdx::Hash128;

pub use self::trim::{CleanScope, StoreUsage};
use crate::entry::{self, ObjectHeader};
use crate::{ObjectKey, StoreError};

/// Entries larger than this are not ours; reading stops there instead of filling memory.
const ENTRY_BYTES_MAX: u64 = 1 << 30;

/// How a store behaves.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// Least recently used entries go when all of them together exceed this.
    pub bytes_max: u64,
    /// Entries used by any process within this time are never evicted.
    /// It has to exceed the time between a `get` and the end of its link.
    pub keep_recent: Duration,
    /// A temporary file older than this belongs to a process that was killed.
    pub temp_age_max: Duration,
}

impl Default for StoreOptions {
    fn default() -> Self {
        StoreOptions {
            bytes_max: 10 << 30,
            keep_recent: Duration::from_secs(60 * 60),
            temp_age_max: Duration::from_secs(60 * 60),
        }
    }
}

/// A content-addressed store of objects. Shared by threads through `&`.
#[derive(Debug)]
pub struct Store {
    root: PathBuf,
    options: StoreOptions,
    verified: Mutex<FxHashMap<ObjectKey, Verified>>,
    counts: Counts,
    /// Bytes written since the last trim by this process.
    bytes_since_trim: AtomicU64,
    temp_count: AtomicU64,
}

/// An object that is in the store and intact.
///
/// While a value lives, this process does not evict the entry; other processes
/// leave it for [`StoreOptions::keep_recent`].
#[derive(Clone, Debug)]
pub struct StoredObject {
    inner: Arc<Stored>,
}

#[derive(Debug)]
struct Stored {
    key: ObjectKey,
    path: PathBuf,
    payload_len: u64,
    payload_hash: Hash128,
    header: ObjectHeader,
}

/// What [`Store::put`] found.
#[derive(Clone, Debug)]
pub enum PutOutcome {
    /// The entry is new (or replaced a damaged one).
    New(StoredObject),
    /// The same bytes and header were already there.
    Same(StoredObject),
    /// Other bytes or another header are filed under this key: the key does not
    /// cover all that decides them. The older entry is kept.
    Differs {
        kept: StoredObject,
        rejected_hash: Hash128,
    },
}

impl PutOutcome {
    /// The object that is now in the store.
    pub fn into_object(self) -> StoredObject {
        match self {
            PutOutcome::New(object) | PutOutcome::Same(object) => object,
            PutOutcome::Differs { kept, .. } => kept,
        }
    }
}

/// What one process did with a store since it opened it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreStats {
    pub hits: u64,
    pub misses: u64,
    /// Entries found torn, damaged or unreadable, and removed. Each is a miss too.
    pub dropped: u64,
    /// Entries whose checksum was computed; the other hits were known.
    pub verified: u64,
    pub puts: u64,
    pub put_differs: u64,
    pub bytes_written: u64,
    pub evicted: u64,
}

#[derive(Debug, Default)]
struct Counts {
    hits: AtomicU64,
    misses: AtomicU64,
    dropped: AtomicU64,
    verified: AtomicU64,
    puts: AtomicU64,
    put_differs: AtomicU64,
    bytes_written: AtomicU64,
    evicted: AtomicU64,
}

/// A file's content as far as the file system tells it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileIdentity {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
}

#[derive(Debug)]
struct Verified {
    identity: FileIdentity,
    object: Arc<Stored>,
}

/// Why a file is not an entry.
enum ReadFailure {
    Missing,
    Damaged,
    Io(&'static str, io::Error),
}

impl Store {
    /// Opens the store below `dir`, creating directories that only the user can enter.
    pub fn open(dir: impl AsRef<Path>, options: StoreOptions) -> Result<Store, StoreError> {
        // Absolute, because paths of entries outlive changes of the working directory.
        let dir = std::path::absolute(dir.as_ref())
            .map_err(|err| StoreError::new("find directory", dir.as_ref(), err))?;
        let root = dir.join("v1");
        // A store that cannot be written (a read-only image with a warm cache) still serves reads.
        if !root.is_dir() {
            create_dir(&root)?;
        }
        Ok(Store {
            root,
            options,
            verified: Mutex::default(),
            counts: Counts::default(),
            bytes_since_trim: AtomicU64::new(0),
            temp_count: AtomicU64::new(0),
        })
    }

    /// The directory that holds all entries.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether an entry is there. Looks at neither content nor use: a following
    /// `get` may still find it damaged.
    pub fn contains(&self, key: ObjectKey) -> bool {
        self.entry_path(key).is_file()
    }

    /// The object filed under a key, verified. A damaged entry is removed,
    /// counted as dropped and reported as absent.
    pub fn get(&self, key: ObjectKey) -> Result<Option<StoredObject>, StoreError> {
        let found = self.lookup(key)?;
        add(
            if found.is_some() {
                &self.counts.hits
            } else {
                &self.counts.misses
            },
            1,
        );
        Ok(found)
    }

    /// Files an object. An existing entry is compared instead of replaced.
    pub fn put(
        &self,
        key: ObjectKey,
        header: &ObjectHeader,
        payload: &[u8],
    ) -> Result<PutOutcome, StoreError> {
        if let Some(existing) = self.lookup(key)? {
            let hash = Hash128::of_bytes(payload);
            if existing.payload_hash() == hash && existing.header() == header {
                return Ok(PutOutcome::Same(existing));
            }
            add(&self.counts.put_differs, 1);
            return Ok(PutOutcome::Differs {
                kept: existing,
                rejected_hash: hash,
            });
        }
        let path = self.entry_path(key);
        let tail = entry::encode_tail(key, header, payload);
        let identity = self.publish(&path, payload, &tail)?;
        let bytes = (payload.len() + tail.len()) as u64;
        let object = Arc::new(Stored {
            key,
            path,
            payload_len: payload.len() as u64,
            payload_hash: Hash128::of_bytes(payload),
            header: header.clone(),
        });
        self.remember(key, identity, &object);
        add(&self.counts.puts, 1);
        add(&self.counts.bytes_written, bytes);
        self.trim_after_writing(bytes);
        Ok(PutOutcome::New(StoredObject { inner: object }))
    }

    /// Removes one entry; absent is fine.
    pub fn remove(&self, key: ObjectKey) -> Result<(), StoreError> {
        self.forget(key);
        let path = self.entry_path(key);
        match fs::remove_file(&path) {
            Err(err) if err.kind() != io::ErrorKind::NotFound => {
                Err(StoreError::new("remove", &path, err))
            }
            _ => Ok(()),
        }
    }

    /// What this process did with the store.
    pub fn stats(&self) -> StoreStats {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        StoreStats {
            hits: read(&self.counts.hits),
            misses: read(&self.counts.misses),
            dropped: read(&self.counts.dropped),
            verified: read(&self.counts.verified),
            puts: read(&self.counts.puts),
            put_differs: read(&self.counts.put_differs),
            bytes_written: read(&self.counts.bytes_written),
            evicted: read(&self.counts.evicted),
        }
    }

    fn lookup(&self, key: ObjectKey) -> Result<Option<StoredObject>, StoreError> {
        let path = self.entry_path(key);
        let metadata = match fs::symlink_metadata(&path) {
            Ok(metadata) => metadata,
            Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(err) => return Err(StoreError::new("look up", &path, err)),
        };
        let identity = FileIdentity::of(&metadata);
        let known = self
            .lock_verified()
            .get(&key)
            .filter(|verified| verified.identity == identity)
            .map(|verified| Arc::clone(&verified.object));
        let object = match known {
            Some(object) => object,
            None => match self.read_entry(key, &path) {
                Ok((identity, object)) => {
                    let object = Arc::new(object);
                    self.remember(key, identity, &object);
                    object
                }
                Err(ReadFailure::Missing) => return Ok(None),
                Err(ReadFailure::Damaged) => {
                    self.drop_damaged(key, &path);
                    return Ok(None);
                }
                Err(ReadFailure::Io(operation, err)) => {
                    return Err(StoreError::new(operation, &path, err));
                }
            },
        };
        self.touch(&path, &metadata);
        Ok(Some(StoredObject { inner: object }))
    }

    fn read_entry(
        &self,
        key: ObjectKey,
        path: &Path,
    ) -> Result<(FileIdentity, Stored), ReadFailure> {
        let mut file = File::open(path).map_err(|err| match err.kind() {
            io::ErrorKind::NotFound => ReadFailure::Missing,
            // Permissions other than those we gave, or something that is no file of ours.
            io::ErrorKind::PermissionDenied | io::ErrorKind::IsADirectory => ReadFailure::Damaged,
            _ => ReadFailure::Io("open", err),
        })?;
        let metadata = file
            .metadata()
            .map_err(|err| ReadFailure::Io("look up", err))?;
        if !metadata.is_file() || metadata.len() > ENTRY_BYTES_MAX {
            return Err(ReadFailure::Damaged);
        }
        let mut bytes = Vec::with_capacity(metadata.len() as usize + 1);
        file.read_to_end(&mut bytes)
            .map_err(|err| ReadFailure::Io("read", err))?;
        add(&self.counts.verified, 1);
        let decoded = entry::decode(key, &bytes).ok_or(ReadFailure::Damaged)?;
        let object = Stored {
            key,
            path: path.to_owned(),
            payload_len: decoded.payload.len() as u64,
            payload_hash: decoded.payload_hash,
            header: decoded.header,
        };
        Ok((FileIdentity::of(&metadata), object))
    }

    /// Writes beside the entries and renames into place.
    fn publish(
        &self,
        path: &Path,
        payload: &[u8],
        tail: &[u8],
    ) -> Result<FileIdentity, StoreError> {
        let number = self.temp_count.fetch_add(1, Ordering::Relaxed);
        // Two stores may be open in one process: the address tells their files apart.
        let unique = std::ptr::from_ref(self) as usize;
        let temp = self
            .temp_dir()
            .join(format!("{}-{unique:x}-{number}.tmp", std::process::id()));
        let result = write_temp(&temp, payload, tail).and_then(|identity| {
            with_parent(path, || fs::rename(&temp, path))
                .map_err(|err| StoreError::new("publish", path, err))?;
            Ok(identity)
        });
        if result.is_err() {
            // A full disk must not stay full because of half an entry.
            let _ = fs::remove_file(&temp);
        }
        result
    }

    fn drop_damaged(&self, key: ObjectKey, path: &Path) {
        tracing::debug!(%key, "dropped a damaged object");
        add(&self.counts.dropped, 1);
        self.forget(key);
        // Failing to remove is harmless: the entry is a miss as long as it stays,
        // and the next `put` renames over it.
        if fs::remove_file(path).is_err() && path.is_dir() {
            let _ = fs::remove_dir_all(path);
        }
    }

    /// Records use, at most four times per `keep_recent`. Failure (a read-only
    /// store, another owner) only makes the entry look older.
    fn touch(&self, path: &Path, metadata: &fs::Metadata) {
        let now = SystemTime::now();
        let fresh = metadata
            .accessed()
            .ok()
            .and_then(|accessed| now.duration_since(accessed).ok())
            .is_none_or(|age| age < self.options.keep_recent / 4);
        if !fresh && let Ok(file) = File::open(path) {
            let _ = file.set_times(fs::FileTimes::new().set_accessed(now));
        }
    }

    fn remember(&self, key: ObjectKey, identity: FileIdentity, object: &Arc<Stored>) {
        let verified = Verified {
            identity,
            object: Arc::clone(object),
        };
        self.lock_verified().insert(key, verified);
    }

    fn forget(&self, key: ObjectKey) {
        self.lock_verified().remove(&key);
    }

    fn lock_verified(&self) -> std::sync::MutexGuard<'_, FxHashMap<ObjectKey, Verified>> {
        // The map holds only complete values, so a panic elsewhere cannot have broken it.
        self.verified.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn entry_path(&self, key: ObjectKey) -> PathBuf {
        let name = key.to_string();
        let shard = &name[..2];
        self.root.join(shard).join(format!("{name}.o"))
    }

    fn temp_dir(&self) -> PathBuf {
        self.root.join("tmp")
    }
}

impl StoredObject {
    pub fn key(&self) -> ObjectKey {
        self.inner.key
    }

    /// A file that any ELF linker accepts as it is.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    pub fn header(&self) -> &ObjectHeader {
        &self.inner.header
    }

    /// `Hash128::of_bytes` of the object's bytes.
    pub fn payload_hash(&self) -> Hash128 {
        self.inner.payload_hash
    }

    pub fn payload_len(&self) -> u64 {
        self.inner.payload_len
    }

    /// The object's bytes, without what the store keeps behind them.
    pub fn read(&self) -> Result<Vec<u8>, StoreError> {
        let path = self.path();
        let mut bytes = fs::read(path).map_err(|err| StoreError::new("read", path, err))?;
        if (bytes.len() as u64) < self.inner.payload_len {
            let err = io::Error::from(io::ErrorKind::UnexpectedEof);
            return Err(StoreError::new("read", path, err));
        }
        bytes.truncate(self.inner.payload_len as usize);
        Ok(bytes)
    }
}

impl FileIdentity {
    fn of(metadata: &fs::Metadata) -> FileIdentity {
        FileIdentity {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }
}

fn write_temp(temp: &Path, payload: &[u8], tail: &[u8]) -> Result<FileIdentity, StoreError> {
    let mut file = with_parent(temp, || File::create_new(temp))
        .map_err(|err| StoreError::new("create", temp, err))?;
    file.write_all(payload)
        .and_then(|()| file.write_all(tail))
        .map_err(|err| StoreError::new("write", temp, err))?;
    let metadata = file
        .metadata()
        .map_err(|err| StoreError::new("look up", temp, err))?;
    Ok(FileIdentity::of(&metadata))
}

/// Runs an operation again after creating its target's directory, if that was missing.
fn with_parent<T>(path: &Path, mut run: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    match run() {
        Err(err) if err.kind() == io::ErrorKind::NotFound => {
            if let Some(parent) = path.parent() {
                dir_builder().create(parent)?;
            }
            run()
        }
        result => result,
    }
}

fn create_dir(path: &Path) -> Result<(), StoreError> {
    dir_builder()
        .create(path)
        .map_err(|err| StoreError::new("create directory", path, err))
}

/// Objects become part of programs: nobody else may put one here.
fn dir_builder() -> fs::DirBuilder {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder
}

fn add(count: &AtomicU64, amount: u64) {
    count.fetch_add(amount, Ordering::Relaxed);
}

//! Keeping the store within its size, and cleaning it on request.
//!
//! There is no index: a trim lists the directory, sorts by last use and removes
//! from the old end. It runs after this process has written a sixteenth of the
//! limit, so its cost (about 3 µs per entry) is spread over many puts, and it
//! goes down to 15/16 of the limit, so that it does not run again at once.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use stdx::Hash128;

use super::{Store, add};
use crate::{ObjectKey, StoreError};

/// Part of the limit that a process writes between two trims.
const TRIM_PART: u64 = 16;

/// What [`Store::clean`] removes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CleanScope {
    All,
    /// Entries not used for this long.
    UnusedFor(Duration),
}

/// What is on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreUsage {
    pub entries: u64,
    pub bytes: u64,
}

struct Entry {
    key: Option<ObjectKey>,
    path: PathBuf,
    bytes: u64,
    used: SystemTime,
}

impl Store {
    /// Counts what is on disk.
    pub fn usage(&self) -> Result<StoreUsage, StoreError> {
        let entries = self.list()?;
        let bytes = entries.iter().map(|entry| entry.bytes).sum();
        Ok(StoreUsage {
            entries: entries.len() as u64,
            bytes,
        })
    }

    /// Removes entries on a user's request, whoever may be using them: a build
    /// under way regenerates what it misses. Returns what was removed.
    pub fn clean(&self, scope: CleanScope) -> Result<StoreUsage, StoreError> {
        let now = SystemTime::now();
        let mut removed = StoreUsage::default();
        for entry in self.list()? {
            let wanted = match scope {
                CleanScope::All => true,
                CleanScope::UnusedFor(age) => age_of(&entry, now) >= age,
            };
            if wanted && self.remove_entry(&entry)? {
                removed.entries += 1;
                removed.bytes += entry.bytes;
            }
        }
        self.sweep_temp_files(match scope {
            CleanScope::All => Duration::ZERO,
            CleanScope::UnusedFor(_) => self.options.temp_age_max,
        });
        Ok(removed)
    }

    /// Evicts least recently used entries until the limit is kept, except those
    /// in use, and removes what killed writers left. Returns what was removed.
    pub fn trim(&self) -> Result<StoreUsage, StoreError> {
        self.bytes_since_trim.store(0, Ordering::Relaxed);
        self.sweep_temp_files(self.options.temp_age_max);
        let mut entries = self.list()?;
        let mut bytes: u64 = entries.iter().map(|entry| entry.bytes).sum();
        let mut removed = StoreUsage::default();
        if bytes <= self.options.bytes_max {
            return Ok(removed);
        }
        let target = self.options.bytes_max - self.options.bytes_max / TRIM_PART;
        entries.sort_by(|a, b| (a.used, &a.path).cmp(&(b.used, &b.path)));
        let now = SystemTime::now();
        for entry in entries {
            if bytes <= target || age_of(&entry, now) < self.options.keep_recent {
                break;
            }
            if self.is_pinned(&entry) || self.was_used_since(&entry) {
                continue;
            }
            if self.remove_entry(&entry)? {
                bytes -= entry.bytes;
                removed.entries += 1;
                removed.bytes += entry.bytes;
                add(&self.counts.evicted, 1);
            }
        }
        Ok(removed)
    }

    pub(super) fn trim_after_writing(&self, bytes: u64) {
        let written = self.bytes_since_trim.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if written < self.options.bytes_max / TRIM_PART {
            return;
        }
        // The object that was just put is safe; not finding room is no failure of that.
        if let Err(error) = self.trim() {
            tracing::debug!(%error, "could not trim the store");
        }
    }

    /// Whether somebody in this process holds a `StoredObject` of the entry.
    fn is_pinned(&self, entry: &Entry) -> bool {
        let Some(key) = entry.key else { return false };
        // One count is the map's own.
        self.lock_verified()
            .get(&key)
            .is_some_and(|known| Arc::strong_count(&known.object) > 1)
    }

    /// Another process may have begun to use the entry while we were listing.
    fn was_used_since(&self, entry: &Entry) -> bool {
        fs::symlink_metadata(&entry.path)
            .and_then(|metadata| metadata.accessed())
            .is_ok_and(|accessed| accessed > entry.used)
    }

    fn remove_entry(&self, entry: &Entry) -> Result<bool, StoreError> {
        if let Some(key) = entry.key {
            self.forget(key);
        }
        match fs::remove_file(&entry.path) {
            Ok(()) => Ok(true),
            Err(err) if err.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(err) => Err(StoreError::new("remove", &entry.path, err)),
        }
    }

    fn sweep_temp_files(&self, age_max: Duration) {
        let now = SystemTime::now();
        for file in fs::read_dir(self.temp_dir())
            .into_iter()
            .flatten()
            .flatten()
        {
            let old = file
                .metadata()
                .and_then(|metadata| metadata.modified())
                .is_ok_and(|time| now.duration_since(time).unwrap_or_default() >= age_max);
            if old {
                let _ = fs::remove_file(file.path());
            }
        }
    }

    /// All entries, in no particular order. Directories that vanish meanwhile are skipped.
    fn list(&self) -> Result<Vec<Entry>, StoreError> {
        let mut entries = Vec::new();
        let shards =
            fs::read_dir(&self.root).map_err(|err| StoreError::new("list", &self.root, err))?;
        for shard in shards.flatten() {
            if shard.file_name().len() != 2 {
                continue;
            }
            for file in fs::read_dir(shard.path()).into_iter().flatten().flatten() {
                let Ok(metadata) = file.metadata() else {
                    continue;
                };
                if !metadata.is_file() {
                    continue;
                }
                let path = file.path();
                let key = path
                    .file_stem()
                    .and_then(|name| name.to_str())
                    .and_then(Hash128::parse)
                    .map(ObjectKey);
                let used = metadata.accessed().unwrap_or(SystemTime::UNIX_EPOCH);
                entries.push(Entry {
                    key,
                    path,
                    bytes: metadata.len(),
                    used,
                });
            }
        }
        Ok(entries)
    }
}

/// An access time in the future (a clock was set back) counts as "now".
fn age_of(entry: &Entry, now: SystemTime) -> Duration {
    now.duration_since(entry.used).unwrap_or_default()
}

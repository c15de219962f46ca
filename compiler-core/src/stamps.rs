//! Which files may have changed on disk since they were read.
//!
//! Modification times only say what need not be read again; content decides what changed.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Coarse clocks tick every few milliseconds: a file written this shortly before it was read may
/// be written again without a new time stamp. Measured ticks are 4 ms; this is ample.
const RACY: Duration = Duration::from_millis(100);

/// What the file system says about a file without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    modified_ns: i128,
    changed_ns: i128,
    size: u64,
    inode: u64,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    stamp: Option<Stamp>,
    /// Read so soon after it was written that the stamp proves nothing.
    is_racy: bool,
}

/// Stamps of all paths the engine has looked at, files and directories, present or not.
#[derive(Debug, Default)]
pub struct Stamps {
    entries: BTreeMap<String, Entry>,
}

impl Stamps {
    /// Takes a path's stamp. Call it *before* reading the content.
    pub fn record(&mut self, path: &str) {
        let entry = look(path);
        self.entries.insert(path.to_string(), entry);
    }

    pub fn forget(&mut self, path: &str) {
        self.entries.remove(path);
    }

    /// Paths whose stamp differs from the recorded one or proves nothing, in order.
    pub fn suspects(&self) -> Vec<String> {
        let differs =
            |(path, old): &(&String, &Entry)| old.is_racy || look(path).stamp != old.stamp;
        self.entries
            .iter()
            .filter(differs)
            .map(|(path, _)| path.clone())
            .collect()
    }
}

fn look(path: &str) -> Entry {
    let Ok(meta) = std::fs::metadata(path) else {
        return Entry {
            stamp: None,
            is_racy: false,
        };
    };
    let stamp = Stamp {
        modified_ns: nanoseconds(meta.mtime(), meta.mtime_nsec()),
        changed_ns: nanoseconds(meta.ctime(), meta.ctime_nsec()),
        size: meta.size(),
        inode: meta.ino(),
    };
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_nanos() as i128;
    let newest = stamp.modified_ns.max(stamp.changed_ns);
    Entry {
        stamp: Some(stamp),
        is_racy: now - newest < RACY.as_nanos() as i128,
    }
}

fn nanoseconds(seconds: i64, rest: i64) -> i128 {
    i128::from(seconds) * 1_000_000_000 + i128::from(rest)
}

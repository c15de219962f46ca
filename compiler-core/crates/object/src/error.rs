//! Failures of the store: always the operation, the path and the cause.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// An I/O failure of the store.
///
/// A damaged entry is not an error: it is dropped, counted and reported as a miss.
#[derive(Debug)]
pub struct StoreError {
    /// What was attempted, as a verb phrase: "write", "create directory".
    pub operation: &'static str,
    pub path: PathBuf,
    pub source: io::Error,
}

impl StoreError {
    pub(crate) fn new(operation: &'static str, path: &Path, source: io::Error) -> StoreError {
        StoreError {
            operation,
            path: path.to_owned(),
            source,
        }
    }

    /// Whether the disk (or a quota) is full, which a message should say plainly.
    pub fn is_out_of_space(&self) -> bool {
        matches!(
            self.source.kind(),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
        )
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "object store: cannot {} `{}`: {}",
            self.operation,
            self.path.display(),
            self.source
        )
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

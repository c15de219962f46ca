//! Replacing the output in one step.
//!
//! An image is written under another name in the same directory and renamed: a
//! failed link leaves the old file, a reader sees one or the other, and a
//! running program keeps the file it was started from (writing into it would
//! fail with ETXTBSY or crash it).

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::LinkError;

/// A path beside the output that no other link uses. What it names is removed on drop.
pub(crate) struct Scratch {
    path: PathBuf,
}

impl Scratch {
    pub(crate) fn beside(output: &Path) -> Scratch {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = output.file_name().unwrap_or_default().to_string_lossy();
        let path = output.with_file_name(format!(".{name}.{}-{number}.tmp", std::process::id()));
        Scratch { path }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // After a successful rename there is nothing left; otherwise best effort.
        if fs::remove_file(&self.path).is_err() && self.path.is_dir() {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// Writes `bytes` as the output file.
pub(crate) fn replace(output: &Path, bytes: &[u8], executable: bool) -> Result<(), LinkError> {
    let scratch = Scratch::beside(output);
    let mode = if executable { 0o777 } else { 0o666 };
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(scratch.path())
        .map_err(|err| LinkError::io("create", scratch.path(), err))?;
    file.write_all(bytes)
        .map_err(|err| LinkError::io("write", scratch.path(), err))?;
    drop(file);
    fs::rename(scratch.path(), output).map_err(|err| LinkError::io("replace", output, err))
}

//! Files on disk, as a resolver. Together with the object store and the linker the only place
//! below the server that touches a file system.

use std::io;
use std::path::Path;
use std::sync::Arc;

use project::{Listing, ReadError, Resolver};

/// The resolver for files on disk.
#[derive(Debug, Default)]
pub struct Disk;

/// Larger sources are refused: offsets are 32 bits wide, and nobody writes such a file by hand.
const SOURCE_BYTES_MAX: u64 = 64 * 1024 * 1024;

impl Resolver for Disk {
    fn name(&self) -> &'static str {
        "files on disk"
    }

    fn read(&self, path: &str) -> Result<Option<Arc<str>>, ReadError> {
        let error = |reason: String| ReadError {
            path: path.to_string(),
            operation: "read",
            reason,
        };
        match std::fs::metadata(path) {
            Ok(meta) if meta.is_dir() => return Ok(None),
            Ok(meta) if meta.len() > SOURCE_BYTES_MAX => {
                return Err(error(format!("larger than {SOURCE_BYTES_MAX} bytes")));
            }
            _ => {}
        }
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(e) if is_absent(&e) => return Ok(None),
            Err(e) => return Err(error(e.to_string())),
        };
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(text.into())),
            Err(e) => {
                let at = e.utf8_error().valid_up_to();
                Err(error(format!("not UTF-8 from byte offset {at} on (L012)")))
            }
        }
    }

    fn list(&self, dir: &str) -> Result<Listing, ReadError> {
        let error = |e: io::Error| ReadError {
            path: dir.to_string(),
            operation: "list",
            reason: e.to_string(),
        };
        let entries = match std::fs::read_dir(dir) {
            Ok(entries) => entries,
            Err(e) if is_absent(&e) => return Ok(Listing::default()),
            Err(e) => return Err(error(e)),
        };
        let mut listing = Listing::default();
        for entry in entries {
            let entry = entry.map_err(error)?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            let is_dir = match entry.file_type() {
                Ok(kind) if kind.is_symlink() => Path::new(&entry.path()).is_dir(),
                Ok(kind) => kind.is_dir(),
                Err(_) => continue,
            };
            let list = if is_dir {
                &mut listing.directories
            } else {
                &mut listing.files
            };
            list.push(name);
        }
        listing.files.sort();
        listing.directories.sort();
        Ok(listing)
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

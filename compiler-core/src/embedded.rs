//! The language's own library, carried inside the binary.

use include_dir::{Dir, include_dir};
use project::MemoryFiles;

static CORE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../lib/core");

/// Root of the embedded `core` package in resolver paths.
pub const CORE_ROOT: &str = "<core>";

/// The embedded library as a resolver.
pub fn library() -> MemoryFiles {
    let mut files = MemoryFiles::new("embedded library");
    let mut pending = vec![&CORE];
    while let Some(dir) = pending.pop() {
        pending.extend(dir.dirs());
        for file in dir.files() {
            if let (Some(path), Some(text)) = (file.path().to_str(), file.contents_utf8()) {
                files.insert(format!("{CORE_ROOT}/{path}"), text);
            }
        }
    }
    files
}

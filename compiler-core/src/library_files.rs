//! The library's sources as files that an editor can open.
//!
//! The engine reads them from its own binary. Where an editor is led into one, it is written to
//! the cache, read-only, and what is asked about that file is asked about the embedded one.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use project::Resolver;
use stdx::{Hash128, stable_hash};

use crate::build::default_store_dir;
use crate::embedded::{LIBRARIES, is_library_path, library, root_of};

/// The file that shows a library path (`<core>/src/list.tml`), written if it is not there.
/// `None` for paths of no library file, and where the cache cannot be written.
pub fn shown_at(path: &str) -> Option<PathBuf> {
    if !is_library_path(path) {
        return None;
    }
    let text = library().read(path).ok()??;
    let (name, rest) = path.strip_prefix('<')?.split_once(">/")?;
    let file = directory().join(name).join(rest);
    let is_there = fs::read(&file).is_ok_and(|bytes| bytes == text.as_bytes());
    if !is_there && let Err(error) = write(&file, &text) {
        tracing::warn!(file = %file.display(), %error, "cannot show a library file");
        return None;
    }
    Some(file)
}

/// The library path that a file shows.
pub fn path_shown_by(file: &str) -> Option<String> {
    let rest = Path::new(file).strip_prefix(directory()).ok()?.to_str()?;
    let (name, rest) = rest.split_once('/')?;
    let path = format!("{}/{rest}", root_of(name));
    (LIBRARIES.contains(&name) && library().read(&path).ok()?.is_some()).then_some(path)
}

/// Builds of the compiler with different libraries have different ones.
fn directory() -> &'static Path {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    DIRECTORY.get_or_init(|| {
        let files = library();
        let texts = files.paths().map(|path| {
            let text = files.read(path).ok().flatten();
            Hash128::of_bytes(text.as_deref().unwrap_or_default().as_bytes())
        });
        let content = stable_hash(&texts.collect::<Vec<_>>());
        default_store_dir()
            .join("library")
            .join(content.to_string())
    })
}

/// Whoever reads sees all of the text or nothing.
fn write(file: &Path, text: &str) -> io::Result<()> {
    let parent = file.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(parent)?;
    let part = file.with_extension(format!("{}.part", std::process::id()));
    fs::write(&part, text)?;
    fs::set_permissions(&part, fs::Permissions::from_mode(0o444))?;
    fs::rename(&part, file)
}

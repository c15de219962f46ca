//! The language's own library, carried inside the binary.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use include_dir::{Dir, include_dir};
use project::{Listing, MemoryFiles, ReadError, Resolver};

use crate::disk::Disk;

static CORE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../lib/core/src");
static STD: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../lib/std/src");
static TEST: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../lib/test/src");

/// Packages of the library; each depends on those before it.
pub const LIBRARIES: [&str; 3] = ["core", "std", "test"];

/// Root of a package of the library in resolver paths: `<core>`.
pub fn root_of(library: &str) -> String {
    format!("<{library}>")
}

/// Whether a resolver path is one of the library's.
pub fn is_library_path(path: &str) -> bool {
    path.starts_with('<')
}

/// The embedded library as a resolver.
pub fn library() -> MemoryFiles {
    static FILES: OnceLock<MemoryFiles> = OnceLock::new();
    FILES.get_or_init(read_library).clone()
}

fn read_library() -> MemoryFiles {
    let mut files = MemoryFiles::new("embedded library");
    for (name, root) in LIBRARIES.iter().zip([&CORE, &STD, &TEST]) {
        let mut pending = vec![root];
        while let Some(dir) = pending.pop() {
            pending.extend(dir.dirs());
            for file in dir.files() {
                if let (Some(path), Some(text)) = (file.path().to_str(), file.contents_utf8()) {
                    files.insert(format!("{}/src/{path}", root_of(name)), text);
                }
            }
        }
    }
    files
}

/// The outline of an embedded file: made once per process, however many hosts there are.
pub fn outline(path: &str, text: &Arc<str>) -> Arc<str> {
    static OUTLINES: OnceLock<BTreeMap<String, (Arc<str>, Arc<str>)>> = OnceLock::new();
    let outlines = OUTLINES.get_or_init(|| {
        let files = library();
        let paths: Vec<String> = files.paths().map(str::to_string).collect();
        let texts = paths
            .into_iter()
            .filter_map(|path| Some((files.read(&path).ok()??, path)));
        texts
            .map(|(text, path)| (path, (text.clone(), base::input::outline(&text))))
            .collect()
    });
    match outlines.get(path) {
        Some((known, outline)) if known == text => outline.clone(),
        _ => base::input::outline(text),
    }
}

/// A library on disk in place of the embedded one: for those who work on it.
#[derive(Clone, Debug)]
pub struct LibraryDir(PathBuf);

impl LibraryDir {
    /// `dir` holds `core`, `std` and `test`.
    pub fn new(dir: impl AsRef<Path>) -> LibraryDir {
        LibraryDir(dir.as_ref().to_path_buf())
    }

    fn on_disk(&self, path: &str) -> Option<String> {
        let (library, rest) = path.strip_prefix('<')?.split_once('>')?;
        Some(format!("{}/{library}{rest}", self.0.display()))
    }
}

impl Resolver for LibraryDir {
    fn name(&self) -> &'static str {
        "library on disk"
    }

    fn read(&self, path: &str) -> Result<Option<Arc<str>>, ReadError> {
        self.on_disk(path).map_or(Ok(None), |path| Disk.read(&path))
    }

    fn list(&self, dir: &str) -> Result<Listing, ReadError> {
        self.on_disk(dir)
            .map_or_else(|| Ok(Listing::default()), |dir| Disk.list(&dir))
    }
}

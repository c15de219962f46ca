//! Where sources come from: a trait and its chain.
//!
//! Paths are absolute, normalised and use forward slashes. The chain of a running engine is
//! open buffers → virtual modules → embedded library → files on disk; the first that knows a
//! path answers. Only the façade has a resolver that touches a disk.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// A source could not be read although it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    pub path: String,
    /// What was tried: `read`, `list`.
    pub operation: &'static str,
    pub reason: String,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "cannot {} `{}`: {}",
            self.operation, self.path, self.reason
        )
    }
}

impl std::error::Error for ReadError {}

/// The entries of a directory, by name, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    pub files: Vec<String>,
    pub directories: Vec<String>,
}

/// Something that may know a source.
pub trait Resolver: Send + Sync {
    /// For messages: `open buffers`, `files on disk`.
    fn name(&self) -> &'static str;

    /// The text at a path; `None` if this resolver does not have it.
    ///
    /// Text that is not UTF-8 is an error (L012), as is a file without read permission.
    fn read(&self, path: &str) -> Result<Option<Arc<str>>, ReadError>;

    /// The entries directly below a directory; empty if this resolver does not have it.
    fn list(&self, dir: &str) -> Result<Listing, ReadError>;
}

/// Resolvers in order of precedence.
#[derive(Default)]
pub struct Chain {
    links: Vec<Arc<dyn Resolver>>,
}

impl Chain {
    pub fn new(links: Vec<Arc<dyn Resolver>>) -> Chain {
        Chain { links }
    }

    /// Names of all resolvers in order, for messages that say where was looked.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.links.iter().map(|link| link.name())
    }
}

impl Resolver for Chain {
    fn name(&self) -> &'static str {
        "resolver chain"
    }

    fn read(&self, path: &str) -> Result<Option<Arc<str>>, ReadError> {
        for link in &self.links {
            if let Some(text) = link.read(path)? {
                return Ok(Some(text));
            }
        }
        Ok(None)
    }

    fn list(&self, dir: &str) -> Result<Listing, ReadError> {
        let mut all = Listing::default();
        for link in &self.links {
            let part = link.list(dir)?;
            all.files.extend(part.files);
            all.directories.extend(part.directories);
        }
        for names in [&mut all.files, &mut all.directories] {
            names.sort();
            names.dedup();
        }
        Ok(all)
    }
}

/// A tree in memory: tests, the embedded library, programs that embed the compiler.
#[derive(Clone, Debug, Default)]
pub struct MemoryFiles {
    name: &'static str,
    files: BTreeMap<String, Arc<str>>,
}

impl MemoryFiles {
    pub fn new(name: &'static str) -> MemoryFiles {
        MemoryFiles {
            name,
            files: BTreeMap::new(),
        }
    }

    pub fn insert(&mut self, path: impl Into<String>, text: impl Into<Arc<str>>) {
        self.files.insert(path.into(), text.into());
    }

    pub fn remove(&mut self, path: &str) -> Option<Arc<str>> {
        self.files.remove(path)
    }

    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }
}

impl Resolver for MemoryFiles {
    fn name(&self) -> &'static str {
        self.name
    }

    fn read(&self, path: &str) -> Result<Option<Arc<str>>, ReadError> {
        Ok(self.files.get(path).cloned())
    }

    fn list(&self, dir: &str) -> Result<Listing, ReadError> {
        let prefix = format!("{}/", dir.trim_end_matches('/'));
        let mut listing = Listing::default();
        for path in self.files.range(prefix.clone()..).map(|(path, _)| path) {
            let Some(rest) = path.strip_prefix(&prefix) else {
                break;
            };
            match rest.split_once('/') {
                Some((directory, _)) => listing.directories.push(directory.to_string()),
                None => listing.files.push(rest.to_string()),
            }
        }
        listing.directories.dedup();
        Ok(listing)
    }
}

/// `base` and `rel` joined and normalised: no `.`, no `..`, no empty segment.
///
/// A `rel` that starts with `/` replaces `base`. `..` at the root stays at the root.
pub fn join(base: &str, rel: &str) -> String {
    let absolute = rel.starts_with('/');
    let mut segments: Vec<&str> = Vec::new();
    let start = if absolute { "" } else { base };
    for segment in start.split('/').chain(rel.split('/')) {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            _ => segments.push(segment),
        }
    }
    // Embedded trees have roots like `<core>`, which are absolute without a slash.
    match segments.first() {
        Some(first) if first.starts_with('<') => segments.join("/"),
        _ => format!("/{}", segments.join("/")),
    }
}

/// The directory part of a path.
pub fn parent(path: &str) -> &str {
    match path.rfind('/') {
        Some(0) => "/",
        Some(at) => &path[..at],
        None => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joining_normalises() {
        assert_eq!(join("/a/b", "../c/./d.tml"), "/a/c/d.tml");
        assert_eq!(join("/a", "/x"), "/x");
        assert_eq!(join("/", "../../x"), "/x");
        assert_eq!(join("<core>", "src/lib.tml"), "<core>/src/lib.tml");
    }

    #[test]
    fn the_first_resolver_wins_and_listings_merge() {
        let mut buffers = MemoryFiles::new("open buffers");
        buffers.insert("/p/src/a.tml", "edited");
        let mut disk = MemoryFiles::new("files");
        disk.insert("/p/src/a.tml", "saved");
        disk.insert("/p/src/b/mod.tml", "");
        let chain = Chain::new(vec![Arc::new(buffers), Arc::new(disk)]);
        assert_eq!(
            chain.read("/p/src/a.tml").unwrap().as_deref(),
            Some("edited")
        );
        let listing = chain.list("/p/src").unwrap();
        assert_eq!(
            (listing.files, listing.directories),
            (vec!["a.tml".into()], vec!["b".into()])
        );
    }
}

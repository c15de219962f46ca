//! File events become changes.
//!
//! Events are hints: they say when to look, the content decides what changed, and what is missed
//! is found by the scan that every build begins with.

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use notify::{EventKind, RecursiveMode, Watcher as _};

/// Events this close together are one change: editors write a file in several steps.
const DEBOUNCE: Duration = Duration::from_millis(15);

/// A running watch. Dropping it ends it.
pub struct Watcher {
    _inner: notify::RecommendedWatcher,
}

impl Watcher {
    /// Watches directories and hands batches of changed paths to `on_change`, on its own thread.
    pub fn start(
        dirs: &[PathBuf],
        mut on_change: impl FnMut(Vec<String>) + Send + 'static,
    ) -> notify::Result<Watcher> {
        let (events, incoming) = mpsc::channel();
        let mut inner =
            notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
                if let Ok(event) = event
                    && !matches!(event.kind, EventKind::Access(_))
                {
                    // The receiver has gone only when the daemon ends.
                    let _ = events.send(event.paths);
                }
            })?;
        for dir in dirs {
            inner.watch(dir, RecursiveMode::Recursive)?;
        }
        std::thread::Builder::new()
            .name("watcher".to_string())
            .spawn(move || {
                while let Ok(mut paths) = incoming.recv() {
                    while let Ok(more) = incoming.recv_timeout(DEBOUNCE) {
                        paths.extend(more);
                    }
                    let batch = relevant(&paths);
                    if !batch.is_empty() {
                        on_change(batch);
                    }
                }
            })
            .map_err(notify::Error::io)?;
        Ok(Watcher { _inner: inner })
    }
}

/// Sources, manifests and directories, without what builds and editors leave around.
fn relevant(paths: &[PathBuf]) -> Vec<String> {
    let mut batch: Vec<String> = paths
        .iter()
        .filter(|path| is_relevant(path))
        .filter_map(|path| path.to_str().map(str::to_string))
        .collect();
    batch.sort();
    batch.dedup();
    batch
}

fn is_relevant(path: &Path) -> bool {
    let skipped = ["build", "target", "node_modules"];
    let is_skipped = path.components().any(|part| {
        let name = part.as_os_str().to_string_lossy();
        skipped.contains(&name.as_ref()) || name.starts_with(".git")
    });
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("tml" | "toml") => !is_skipped,
        Some(_) => false,
        None => !is_skipped,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_not_watched() {
        assert!(is_relevant(Path::new("/w/src/a.tml")));
        assert!(is_relevant(Path::new("/w/tml.toml")));
        assert!(is_relevant(Path::new("/w/src/deep")));
        assert!(!is_relevant(Path::new("/w/build/debug/app")));
        assert!(!is_relevant(Path::new("/w/src/a.tml~.swp")));
    }
}

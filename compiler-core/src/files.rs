//! The resolver chain of a running engine, and what it has been asked.

use std::sync::{Arc, Mutex, MutexGuard, RwLock};

use project::{Chain, Listing, MemoryFiles, ReadError, Resolver};

use crate::stamps::Stamps;

/// Text of files that an editor has open.
#[derive(Debug)]
struct OpenBuffers(RwLock<MemoryFiles>);

impl Resolver for OpenBuffers {
    fn name(&self) -> &'static str {
        "open buffers"
    }

    fn read(&self, path: &str) -> Result<Option<Arc<str>>, ReadError> {
        self.0
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .read(path)
    }

    fn list(&self, dir: &str) -> Result<Listing, ReadError> {
        self.0
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .list(dir)
    }
}

/// Open buffers → virtual modules → embedded library → files below.
pub(crate) struct Files {
    buffers: Arc<OpenBuffers>,
    chain: Chain,
    /// Files below the buffers, to tell saved from unsaved text.
    saved: Chain,
    stamps: Mutex<Stamps>,
}

impl Files {
    /// `base` are the resolvers below the buffers, in order.
    pub(crate) fn new(base: Vec<Arc<dyn Resolver>>) -> Files {
        let buffers = Arc::new(OpenBuffers(RwLock::new(MemoryFiles::new("open buffers"))));
        let mut links: Vec<Arc<dyn Resolver>> = vec![buffers.clone()];
        links.extend(base.iter().cloned());
        Files {
            buffers,
            chain: Chain::new(links),
            saved: Chain::new(base),
            stamps: Mutex::default(),
        }
    }

    /// Opens, edits (`Some`) or closes (`None`) a buffer.
    pub(crate) fn set_buffer(&self, path: &str, text: Option<Arc<str>>) {
        let mut buffers = self
            .buffers
            .0
            .write()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        match text {
            Some(text) => buffers.insert(path, text),
            None => {
                buffers.remove(path);
            }
        }
    }

    /// How many buffers are open.
    pub(crate) fn open_buffers(&self) -> usize {
        self.buffers
            .0
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .paths()
            .count()
    }

    /// Paths of buffers whose text is not what is saved.
    pub(crate) fn unsaved(&self) -> Vec<String> {
        let buffers = self
            .buffers
            .0
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let differs = |path: &&str| {
            let buffer = buffers.read(path).ok().flatten();
            buffer != self.saved.read(path).ok().flatten()
        };
        buffers
            .paths()
            .filter(differs)
            .map(str::to_string)
            .collect()
    }

    /// Paths that may have changed below the buffers since they were read.
    pub(crate) fn suspects(&self) -> Vec<String> {
        self.stamps().suspects()
    }

    pub(crate) fn forget(&self, path: &str) {
        self.stamps().forget(path);
    }

    fn stamps(&self) -> MutexGuard<'_, Stamps> {
        self.stamps
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn record(&self, path: &str) {
        // Embedded trees (`<core>/…`) are part of the binary.
        if !path.starts_with('<') {
            self.stamps().record(path);
        }
    }
}

impl Resolver for Files {
    fn name(&self) -> &'static str {
        self.chain.name()
    }

    fn read(&self, path: &str) -> Result<Option<Arc<str>>, ReadError> {
        self.record(path);
        self.chain.read(path)
    }

    fn list(&self, dir: &str) -> Result<Listing, ReadError> {
        self.record(dir);
        self.chain.list(dir)
    }
}

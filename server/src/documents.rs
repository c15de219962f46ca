//! The documents that one client has open, as that client sees them.
//!
//! Another client may have edited the same file since; the engine then has another text, and
//! positions of this client mean nothing in it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use tower_lsp::lsp_types::{TextDocumentContentChangeEvent, Url};

use crate::convert::{Encoding, Text};

/// An open document.
#[derive(Clone, Debug)]
pub struct Document {
    pub uri: Url,
    pub version: i32,
    pub text: Arc<Text>,
}

/// Open documents by path.
#[derive(Debug, Default)]
pub struct Documents {
    open: Mutex<BTreeMap<String, Document>>,
}

impl Documents {
    pub fn open(&self, path: String, document: Document) {
        self.lock().insert(path, document);
    }

    pub fn close(&self, path: &str) -> Option<Document> {
        self.lock().remove(path)
    }

    pub fn get(&self, path: &str) -> Option<Document> {
        self.lock().get(path).cloned()
    }

    pub fn all(&self) -> BTreeMap<String, Document> {
        self.lock().clone()
    }

    /// Applies edits in order. Returns the new text; `None` if the document is not open.
    pub fn edit(
        &self,
        path: &str,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
        encoding: Encoding,
    ) -> Option<Arc<str>> {
        let mut open = self.lock();
        let document = open.get_mut(path)?;
        for change in changes {
            let text: Arc<str> = match change.range {
                None => change.text.into(),
                Some(range) => {
                    let range = document.text.text_range(range, encoding);
                    splice(&document.text.text, range.into(), &change.text)
                }
            };
            document.text = Arc::new(Text::new(text));
        }
        document.version = version;
        Some(document.text.text.clone())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Document>> {
        self.open
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// Texts of one file by client, the latest last.
type ByClient = Vec<(u64, Arc<str>)>;

/// The buffers of all clients of an engine: the engine has one text per file, that of whoever
/// edited last.
#[derive(Debug, Default)]
pub struct SharedBuffers {
    texts: Mutex<BTreeMap<String, ByClient>>,
}

impl SharedBuffers {
    /// A client has another text now.
    pub fn set(&self, client: u64, path: &str, text: Arc<str>) {
        let mut texts = self.lock();
        let list = texts.entry(path.to_string()).or_default();
        list.retain(|(other, _)| *other != client);
        list.push((client, text));
    }

    /// A client has closed a file. Returns the latest text of the others that have it open.
    pub fn remove(&self, client: u64, path: &str) -> Option<Arc<str>> {
        let mut texts = self.lock();
        let list = texts.get_mut(path)?;
        list.retain(|(other, _)| *other != client);
        let latest = list.last().map(|(_, text)| text.clone());
        if latest.is_none() {
            texts.remove(path);
        }
        latest
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, ByClient>> {
        self.texts
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

fn splice(text: &str, range: std::ops::Range<usize>, inserted: &str) -> Arc<str> {
    let (before, after) = (text.get(..range.start), text.get(range.end..));
    let (before, after) = (before.unwrap_or(text), after.unwrap_or_default());
    let mut out = String::with_capacity(before.len() + inserted.len() + after.len());
    out.push_str(before);
    out.push_str(inserted);
    out.push_str(after);
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tower_lsp::lsp_types::{Position, Range};

    #[test]
    fn edits_apply_in_order_to_the_text_so_far() {
        let documents = Documents::default();
        let uri = Url::parse("file:///a.tml").unwrap();
        let text = Arc::new(Text::new("one\nzwö😀\n".into()));
        documents.open(
            "/a.tml".into(),
            Document {
                uri,
                version: 1,
                text,
            },
        );
        let change =
            |from: (u32, u32), to: (u32, u32), text: &str| TextDocumentContentChangeEvent {
                range: Some(Range::new(
                    Position::new(from.0, from.1),
                    Position::new(to.0, to.1),
                )),
                range_length: None,
                text: text.to_string(),
            };
        let changes = vec![
            change((1, 0), (1, 3), "two"),
            change((1, 3), (1, 5), "!"),
            change((9, 9), (9, 9), "x"),
        ];
        let text = documents
            .edit("/a.tml", 2, changes, Encoding::Utf16)
            .unwrap();
        assert_eq!(&*text, "one\ntwo!\nx");
        assert_eq!(documents.get("/a.tml").unwrap().version, 2);
        assert!(
            documents
                .edit("/b.tml", 1, vec![], Encoding::Utf16)
                .is_none()
        );
    }
}

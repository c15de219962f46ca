//! Diagnostics go to the client by themselves: those of the file being edited at once, all
//! others when nothing more urgent is left, and only where they have changed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use compiler_core::{Analysis, Cancelled};
use tokio::sync::Notify;
use tower_lsp::lsp_types::{Diagnostic, DiagnosticSeverity, NumberOrString, Range};

use super::Shared;
use crate::convert::{Text, Texts, uri_of};
use crate::documents::Document;
use crate::scheduler::Priority;

/// The rest of the workspace waits for a pause in typing this long. Guessed: shorter than
/// anyone notices, longer than the time between two keys held down.
const QUIET: Duration = Duration::from_millis(40);
/// One background job looks at files for about this long, so that a shutdown is never late.
const BATCH: Duration = Duration::from_millis(20);
/// A cancelled batch is tried again this often before the next change must wake us.
const RETRIES_MAX: u32 = 100;

/// What one client has been told, and what it has to be told next.
#[derive(Default)]
pub struct Publisher {
    edited: Mutex<BTreeSet<String>>,
    wake: Notify,
    published: tokio::sync::Mutex<BTreeMap<String, Vec<Diagnostic>>>,
}

impl Publisher {
    /// A file was opened, edited or closed by this client.
    pub fn edited(&self, path: &str) {
        self.lock().insert(path.to_string());
        self.wake.notify_one();
    }

    fn has_edited(&self) -> bool {
        !self.lock().is_empty()
    }

    fn take_edited(&self) -> BTreeSet<String> {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        self.edited
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// Publishes until the session is gone.
pub async fn run(session: Weak<Shared>) {
    let Some(shared) = session.upgrade() else {
        return;
    };
    let mut revisions = shared.engine.revisions();
    let publisher = shared.publisher.clone();
    drop(shared);
    // Everything is new to a client that has just come.
    let mut is_stale = true;
    loop {
        let timer = async {
            match is_stale {
                true => tokio::time::sleep(QUIET).await,
                false => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = publisher.wake.notified() => {
                let Some(shared) = session.upgrade() else { return };
                publish_edited(&shared).await;
            }
            changed = revisions.changed() => {
                if changed.is_err() {
                    return;
                }
                is_stale = true;
            }
            () = timer => {
                let Some(shared) = session.upgrade() else { return };
                is_stale = !publish_rest(&shared).await;
            }
            () = gone(&session) => return,
        }
    }
}

/// Ends when the session does.
async fn gone(session: &Weak<Shared>) {
    while session.strong_count() > 0 {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn publish_edited(shared: &Arc<Shared>) {
    for path in shared.publisher.take_edited() {
        let document = shared.documents.get(&path);
        let seen = document.as_ref().map(|document| document.text.clone());
        let encoding = shared.encoding();
        let host = shared.engine.host.clone();
        let asked = path.clone();
        let job = shared.engine.scheduler.run(Priority::Typing, move || {
            host.snapshot().read(|analysis| {
                let current = analysis.file_text(&asked);
                let text = match (seen, current) {
                    // Manifests come with the rest.
                    (_, None) if !asked.ends_with(".tml") => return None,
                    (_, None) => return Some(Vec::new()),
                    (Some(seen), Some(current)) if seen.text == current => seen,
                    // Another text than the client's: its next edit settles it.
                    (Some(_), Some(_)) => return None,
                    (None, Some(current)) => Arc::new(Text::new(current)),
                };
                Some(of_file(analysis, &asked, Some(text), encoding))
            })
        });
        match job.await {
            Ok(Ok(Ok(Some(list)))) => {
                let version = document.map(|document| document.version);
                let mut published = shared.publisher.published.lock().await;
                send(shared, &mut published, path, list, version, true).await;
            }
            // The change that cancelled it wakes us again, unless it came from elsewhere.
            Ok(Ok(Err(Cancelled))) => shared.publisher.edited(&path),
            _ => {}
        }
    }
}

fn of_file(
    analysis: &Analysis<'_>,
    path: &str,
    text: Option<Arc<Text>>,
    encoding: crate::convert::Encoding,
) -> Vec<Diagnostic> {
    let Some(found) = analysis.diagnostics(path) else {
        return Vec::new();
    };
    let mut texts = Texts::new(analysis, encoding);
    if let Some(text) = text {
        texts.know(path, text);
    }
    found
        .iter()
        .filter_map(|diagnostic| texts.diagnostic(diagnostic))
        .collect()
}

/// All other files. `false` if something urgent came between.
async fn publish_rest(shared: &Arc<Shared>) -> bool {
    let mut next = 0;
    let mut retries = 0;
    let mut seen = BTreeSet::new();
    loop {
        if shared.publisher.has_edited() {
            return false;
        }
        let host = shared.engine.host.clone();
        let encoding = shared.encoding();
        let open = shared.documents.all();
        let job = shared.engine.scheduler.run(Priority::Background, move || {
            host.snapshot()
                .read(|analysis| batch(analysis, next, open, encoding))
        });
        let answer = tokio::select! {
            biased;
            () = shared.publisher.wake.notified() => {
                // Somebody types; the caller takes the wake-up from here. The job goes on alone
                // and leaves its results in the database.
                shared.publisher.wake.notify_one();
                return false;
            }
            answer = job => answer,
        };
        let (found, end) = match answer {
            Ok(Ok(Ok(batch))) => batch,
            Ok(Ok(Err(Cancelled))) if retries < RETRIES_MAX => {
                retries += 1;
                continue;
            }
            _ => return true,
        };
        let mut published = shared.publisher.published.lock().await;
        for (path, list, version) in found {
            seen.insert(path.clone());
            let is_current =
                shared.documents.get(&path).map(|document| document.version) == version;
            // What was edited meanwhile is published as an edited file.
            if let Some(list) = list.filter(|_| is_current) {
                send(shared, &mut published, path, list, version, false).await;
            }
        }
        match end {
            Some(end) => next = end,
            None => {
                // Files that are gone.
                let gone: Vec<String> = published
                    .keys()
                    .filter(|path| !seen.contains(*path))
                    .cloned()
                    .collect();
                for path in gone {
                    send(
                        shared,
                        &mut published,
                        path.clone(),
                        Vec::new(),
                        None,
                        false,
                    )
                    .await;
                    published.remove(&path);
                }
                return true;
            }
        }
    }
}

/// Path, diagnostics unless the client has another text, and the client's version.
type OfFile = (String, Option<Vec<Diagnostic>>, Option<i32>);
type Batch = (Vec<OfFile>, Option<usize>);

/// Some files from `first` on, and where to go on.
fn batch(
    analysis: &Analysis<'_>,
    first: usize,
    open: BTreeMap<String, Document>,
    encoding: crate::convert::Encoding,
) -> Batch {
    let started = Instant::now();
    let mut all: Vec<Arc<str>> = analysis.workspace_files();
    // Open files that no package has lose what was said about them.
    let listed: BTreeSet<Arc<str>> = all.iter().cloned().collect();
    let others = open
        .keys()
        .filter(|path| path.ends_with(".tml") && !listed.contains(path.as_str()));
    all.extend(others.map(|path| path.as_str().into()));
    let mut out = Vec::new();
    if first == 0 {
        out.extend(of_manifests(analysis, &open, encoding));
    }
    for (index, path) in all.iter().enumerate().skip(first) {
        if started.elapsed() > BATCH && !out.is_empty() {
            return (out, Some(index));
        }
        let document = open.get(&**path);
        let version = document.map(|document| document.version);
        let text = document.map(|document| document.text.clone());
        let is_same = text.as_ref().is_none_or(|text| {
            analysis
                .file_text(path)
                .is_some_and(|current| current == text.text)
        });
        let list = is_same.then(|| of_file(analysis, path, text, encoding));
        out.push((path.to_string(), list, version));
    }
    (out, None)
}

/// Manifests are no sources: their texts are on disk or in a buffer.
fn of_manifests(
    analysis: &Analysis<'_>,
    open: &BTreeMap<String, Document>,
    encoding: crate::convert::Encoding,
) -> Vec<OfFile> {
    let mut out: BTreeMap<String, Vec<Diagnostic>> = BTreeMap::new();
    for problem in analysis.manifest_problems() {
        let path = &*problem.path;
        let text = match open.get(path) {
            Some(document) => document.text.clone(),
            None => Arc::new(Text::new(
                std::fs::read_to_string(path).unwrap_or_default().into(),
            )),
        };
        let range = problem.range.unwrap_or_default();
        let at = |offset: usize| text.position(offset as u32, encoding);
        let severity = match problem.is_error {
            true => DiagnosticSeverity::ERROR,
            false => DiagnosticSeverity::WARNING,
        };
        out.entry(path.to_string()).or_default().push(Diagnostic {
            range: Range::new(at(range.start), at(range.end)),
            severity: Some(severity),
            code: Some(NumberOrString::String(problem.code.to_string())),
            source: Some("tml".to_string()),
            message: problem.message,
            ..Diagnostic::default()
        });
    }
    let version = |path: &str| open.get(path).map(|document| document.version);
    out.into_iter()
        .map(|(path, list)| (path.clone(), Some(list), version(&path)))
        .collect()
}

async fn send(
    shared: &Shared,
    published: &mut BTreeMap<String, Vec<Diagnostic>>,
    path: String,
    list: Vec<Diagnostic>,
    version: Option<i32>,
    always: bool,
) {
    let before = published.get(&path);
    let is_same = match before {
        Some(before) => *before == list,
        None => list.is_empty(),
    };
    if is_same && !always {
        published.entry(path).or_default();
        return;
    }
    let Some(uri) = shared
        .documents
        .get(&path)
        .map(|it| it.uri)
        .or_else(|| uri_of(&path))
    else {
        return;
    };
    published.insert(path, list.clone());
    shared.client.publish_diagnostics(uri, list, version).await;
}

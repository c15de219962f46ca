//! One question to the engine: schedule, wait, retry or give up.

use std::sync::Arc;

use compiler_core::Analysis;
use tower_lsp::jsonrpc::{Error, ErrorCode, Result};
use tower_lsp::lsp_types::{Position, Range, Url};

use super::Shared;
use crate::convert::{Encoding, Text, Texts, path_of};
use crate::scheduler::{Failure, Priority};

/// How often a cancelled question is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempts {
    /// Navigation and completion: once more.
    Two,
    /// The editor asks again by itself.
    One,
}

/// What a handler asks about: a file at one moment.
pub struct Question<'a> {
    pub analysis: &'a Analysis<'a>,
    pub path: &'a str,
    pub text: &'a Arc<Text>,
    pub encoding: Encoding,
}

impl<'a> Question<'a> {
    pub fn offset(&self, position: Position) -> u32 {
        self.text.offset(position, self.encoding)
    }

    pub fn range(&self, range: compiler_core::TextRange) -> Range {
        self.text.range(range, self.encoding)
    }

    /// For answers that mention other files.
    pub fn texts(&self) -> Texts<'a> {
        let mut texts = Texts::new(self.analysis, self.encoding);
        texts.know(self.path, self.text.clone());
        texts
    }
}

/// The answer to a question whose text has changed meanwhile.
pub fn content_modified() -> Error {
    Error {
        code: ErrorCode::ContentModified,
        message: "the text has changed".into(),
        data: None,
    }
}

impl Shared {
    /// Asks about a file on an analysis thread. Files that the engine does not know have the
    /// default answer.
    pub async fn ask<T: Default + Send + 'static>(
        &self,
        uri: &Url,
        attempts: Attempts,
        question: impl Fn(&Question<'_>) -> T + Send + Sync + 'static,
    ) -> Result<T> {
        let Some(path) = path_of(uri) else {
            return Ok(T::default());
        };
        let seen = self.documents.get(&path).map(|document| document.text);
        let encoding = self.encoding();
        let (path, question): (Arc<str>, _) = (path.into(), Arc::new(question));
        let count = if attempts == Attempts::Two { 2 } else { 1 };
        for _ in 0..count {
            let host = self.engine.host.clone();
            let (path, seen, question) = (path.clone(), seen.clone(), question.clone());
            let answer = self.engine.scheduler.run(Priority::Typing, move || {
                host.snapshot().read(|analysis| {
                    let Some(current) = analysis.file_text(&path) else {
                        return Ok(T::default());
                    };
                    let text = match seen {
                        Some(text) if is_same(&text.text, &current) => text,
                        // Another client, or a later edit of this one.
                        Some(_) => return Err(content_modified()),
                        None => Arc::new(Text::new(current)),
                    };
                    Ok(question(&Question {
                        analysis,
                        path: &path,
                        text: &text,
                        encoding,
                    }))
                })
            });
            match answer.await {
                Ok(Ok(Ok(answer))) => return answer,
                Ok(Ok(Err(_cancelled))) => {}
                Ok(Err(Failure::Panicked)) | Err(_) => return Err(Error::internal_error()),
                Ok(Err(Failure::Overloaded)) => return Err(content_modified()),
            }
        }
        Err(content_modified())
    }
}

fn is_same(left: &Arc<str>, right: &Arc<str>) -> bool {
    Arc::ptr_eq(left, right) || left == right
}

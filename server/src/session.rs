//! One connection: an editor, or the command line.
//!
//! A handler converts, hands one question to the scheduler with a priority, awaits the answer,
//! and converts back. Text changes are applied in the order of their arrival, before the handler
//! first waits, so whatever was asked later sees them.
//!
//! Here is the life of a session and the table of its requests; [`ask`] puts questions,
//! [`publish`] sends diagnostics, and [`crate::handlers`] has one file per request.

pub mod ask;
pub mod publish;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use client::protocol::{
    Changed, ChangedParams, Print, Status, StatusParams, TestParams, TestPlan, WorkParams,
    WorkResult, method,
};
use compiler_core::{Change, Host};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, oneshot};
use tower_lsp::jsonrpc::{self, Result};
use tower_lsp::lsp_types::notification::Notification;
use tower_lsp::lsp_types::*;
use tower_lsp::{Client, LanguageServer, LspService, Server};

use crate::convert::{Encoding, Text, path_of};
use crate::documents::{Document, Documents};
use crate::engine::Engine;
use crate::handlers;
use crate::test_work;
use crate::work::{self, Output};
use publish::Publisher;

/// Messages that are handled at a time. Each handler waits for an analysis thread most of its
/// life; the limit must be high enough that an edit is never stuck behind slow requests.
const CONCURRENCY_MAX: usize = 256;

static NEXT_ID: AtomicU64 = AtomicU64::new(0);

/// Serves a connection until the client goes away.
pub async fn serve(
    engine: Arc<Engine>,
    input: impl AsyncRead + Unpin,
    output: impl AsyncWrite,
    stop: mpsc::Sender<()>,
) {
    let (service, socket) = LspService::build(|client| Session::new(client, engine, stop))
        .custom_method(method::WORK, Session::work)
        .custom_method(method::TEST, Session::test)
        .custom_method(method::CHANGED, Session::changed)
        .custom_method(method::STATUS, Session::status)
        .custom_method(method::STOP, Session::stop)
        .finish();
    Server::new(input, output, socket)
        .concurrency_level(CONCURRENCY_MAX)
        .serve(service)
        .await;
}

/// The state of one connection.
pub struct Session {
    shared: Arc<Shared>,
    stop: mpsc::Sender<()>,
}

/// What handlers and the publishing task of a session share.
pub struct Shared {
    /// Tells the clients of an engine apart.
    id: u64,
    pub client: Client,
    pub engine: Arc<Engine>,
    pub documents: Documents,
    pub publisher: Arc<Publisher>,
    abilities: OnceLock<Abilities>,
}

/// What the client said that it can do.
#[derive(Clone, Copy, Debug, Default)]
pub struct Abilities {
    pub encoding: Encoding,
    /// Completions may have a place for the cursor.
    pub snippets: bool,
    /// Definitions may say which word led there.
    pub links: bool,
    /// Symbols may nest.
    pub nested_symbols: bool,
}

impl Shared {
    pub fn abilities(&self) -> Abilities {
        self.abilities.get().copied().unwrap_or_default()
    }

    pub fn encoding(&self) -> Encoding {
        self.abilities().encoding
    }

    /// Gives the engine this client's text of a file; `None` if the client has closed it.
    fn apply(&self, path: &str, text: Option<Arc<str>>) {
        let text = match text {
            Some(text) => {
                self.engine.buffers.set(self.id, path, text.clone());
                Some(text)
            }
            None => self.engine.buffers.remove(self.id, path),
        };
        let buffers = vec![(path.to_string(), text)];
        self.engine.apply(&Change {
            buffers,
            ..Change::default()
        });
        self.publisher.edited(path);
    }
}

impl Drop for Session {
    /// A client that vanished saves nothing any more: its buffers go with it.
    fn drop(&mut self) {
        for path in self.shared.documents.all().into_keys() {
            self.shared.apply(&path, None);
        }
    }
}

/// How far a build is, under the token that names the request.
fn progress(done: usize, total: usize) -> ProgressParams {
    let report = WorkDoneProgressReport {
        cancellable: None,
        message: Some(format!("    Building {done}/{total}")),
        percentage: Some((done * 100 / total.max(1)) as u32),
    };
    ProgressParams {
        token: NumberOrString::String(method::WORK.to_string()),
        value: ProgressParamsValue::WorkDone(WorkDoneProgress::Report(report)),
    }
}

/// The notification that carries output of a running command.
enum PrintNote {}

impl Notification for PrintNote {
    type Params = Print;
    const METHOD: &'static str = method::PRINT;
}

impl Session {
    fn new(client: Client, engine: Arc<Engine>, stop: mpsc::Sender<()>) -> Session {
        let shared = Shared {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            client,
            engine,
            documents: Documents::default(),
            publisher: Arc::default(),
            abilities: OnceLock::new(),
        };
        Session {
            shared: Arc::new(shared),
            stop,
        }
    }

    async fn work(&self, params: WorkParams) -> Result<WorkResult> {
        let what = format!("{:?}", params.verb).to_lowercase();
        let (mut result, print_count) = self
            .build(what, move |host, engine, apply, sink| {
                let mut result = work::once(host, &engine.builder, &params, sink);
                result.stats.apply_us = apply.as_micros() as u64;
                // Later changes count from what the editors see; builds of saved text have their
                // own.
                result.stats.revision = engine.host.revision();
                result
            })
            .await?;
        result.print_count = print_count;
        Ok(result)
    }

    async fn test(&self, params: TestParams) -> Result<TestPlan> {
        let (mut plan, print_count) = self
            .build("test".to_string(), move |host, engine, apply, sink| {
                let mut plan = test_work::plan(host, &engine.builder, &params, sink);
                plan.stats.apply_us = apply.as_micros() as u64;
                plan
            })
            .await?;
        plan.print_count = print_count;
        Ok(plan)
    }

    /// Builds something of what is saved, on a thread of its own, and passes on what it prints.
    /// The answer comes with the number of prints.
    async fn build<R: Send + 'static>(
        &self,
        what: String,
        job: impl Fn(&Host, &Engine, Duration, &mut work::Sink<'_>) -> R + Send + 'static,
    ) -> Result<(R, u64)> {
        let (outputs, mut outgoing) = mpsc::unbounded_channel::<Output>();
        let engine = self.shared.engine.clone();
        let (answer, answered) = oneshot::channel();
        let job = move || {
            engine.set_activity(what);
            let start = Instant::now();
            let host = engine.saved_host();
            let apply = start.elapsed();
            let mut sink = |output: Output| {
                // The client has gone: the work goes on, its objects are of use to the next one.
                let _ = outputs.send(output);
            };
            let mut result = job(&host, &engine, apply, &mut sink);
            if Arc::ptr_eq(&host, &engine.host) && !host.unsaved().is_empty() {
                // Somebody began to type meanwhile: what was built may hold text that is not saved.
                let host = engine.saved_host();
                result = job(&host, &engine, apply, &mut sink);
            }
            engine.set_activity("nothing");
            // The client has gone: nobody waits for the answer.
            let _ = answer.send(result);
        };
        std::thread::Builder::new()
            .name("build".to_string())
            .stack_size(compiler_core::build::ANALYSIS_STACK_BYTES)
            .spawn(move || {
                compiler_core::build::enter_analysis_thread();
                job()
            })
            .map_err(|_| jsonrpc::Error::internal_error())?;
        let mut print_count = 0;
        while let Some(output) = outgoing.recv().await {
            let client = &self.shared.client;
            match output {
                Output::Print(print) => {
                    print_count += 1;
                    client.send_notification::<PrintNote>(print).await;
                }
                Output::Progress { done, total } => {
                    client
                        .send_notification::<tower_lsp::lsp_types::notification::Progress>(
                            progress(done, total),
                        )
                        .await;
                }
            }
        }
        // No answer means that the work panicked; it alone failed.
        let result = answered
            .await
            .map_err(|_| jsonrpc::Error::internal_error())?;
        Ok((result, print_count))
    }

    /// Answers when there is something newer than what the client has seen.
    async fn changed(&self, params: ChangedParams) -> Result<Changed> {
        let mut revisions = self.shared.engine.revisions();
        let newer = revisions
            .wait_for(|revision| *revision > params.since)
            .await;
        match newer {
            Ok(revision) => Ok(Changed {
                revision: *revision,
            }),
            Err(_) => Err(jsonrpc::Error::internal_error()),
        }
    }

    async fn status(&self, _params: StatusParams) -> Result<Status> {
        Ok(self.shared.engine.status())
    }

    async fn stop(&self, _params: StatusParams) -> Result<()> {
        // A full channel means that it is stopping already.
        let _ = self.stop.try_send(());
        Ok(())
    }
}

#[tower_lsp::async_trait]
impl LanguageServer for Session {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        let abilities = handlers::capabilities::abilities(&params.capabilities);
        // A second `initialize` is refused before it gets here.
        let _ = self.shared.abilities.set(abilities);
        Ok(InitializeResult {
            server_info: Some(ServerInfo {
                name: "tmld".to_string(),
                version: Some(env!("CARGO_PKG_VERSION").to_string()),
            }),
            capabilities: handlers::capabilities::capabilities(abilities.encoding),
        })
    }

    async fn initialized(&self, _params: InitializedParams) {
        tokio::spawn(publish::run(Arc::downgrade(&self.shared)));
    }

    async fn shutdown(&self) -> Result<()> {
        Ok(())
    }

    async fn did_open(&self, params: DidOpenTextDocumentParams) {
        let document = params.text_document;
        let Some(path) = path_of(&document.uri) else {
            return;
        };
        let text: Arc<str> = document.text.into();
        let lines = Arc::new(Text::new(text.clone()));
        let (uri, version) = (document.uri, document.version);
        self.shared.documents.open(
            path.clone(),
            Document {
                uri,
                version,
                text: lines,
            },
        );
        self.shared.apply(&path, Some(text));
    }

    async fn did_change(&self, params: DidChangeTextDocumentParams) {
        let document = params.text_document;
        let Some(path) = path_of(&document.uri) else {
            return;
        };
        let shared = &self.shared;
        let changes = params.content_changes;
        let text = shared
            .documents
            .edit(&path, document.version, changes, shared.encoding());
        if let Some(text) = text {
            shared.apply(&path, Some(text));
        }
    }

    async fn did_save(&self, params: DidSaveTextDocumentParams) {
        let Some(path) = path_of(&params.text_document.uri) else {
            return;
        };
        // The watcher tells too, but later.
        self.shared.engine.apply(&Change {
            paths: vec![path],
            ..Change::default()
        });
    }

    async fn did_close(&self, params: DidCloseTextDocumentParams) {
        let Some(path) = path_of(&params.text_document.uri) else {
            return;
        };
        if self.shared.documents.close(&path).is_some() {
            self.shared.apply(&path, None);
        }
    }

    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        handlers::hover::hover(&self.shared, params).await
    }

    async fn goto_definition(
        &self,
        params: GotoDefinitionParams,
    ) -> Result<Option<GotoDefinitionResponse>> {
        handlers::definition::definition(&self.shared, params).await
    }

    async fn references(&self, params: ReferenceParams) -> Result<Option<Vec<Location>>> {
        handlers::references::references(&self.shared, params).await
    }

    async fn completion(&self, params: CompletionParams) -> Result<Option<CompletionResponse>> {
        handlers::completion::completion(&self.shared, params).await
    }

    async fn signature_help(&self, params: SignatureHelpParams) -> Result<Option<SignatureHelp>> {
        handlers::signature_help::signature_help(&self.shared, params).await
    }

    async fn document_highlight(
        &self,
        params: DocumentHighlightParams,
    ) -> Result<Option<Vec<DocumentHighlight>>> {
        handlers::highlight::document_highlight(&self.shared, params).await
    }

    async fn document_symbol(
        &self,
        params: DocumentSymbolParams,
    ) -> Result<Option<DocumentSymbolResponse>> {
        handlers::symbols::document_symbol(&self.shared, params).await
    }

    async fn folding_range(&self, params: FoldingRangeParams) -> Result<Option<Vec<FoldingRange>>> {
        handlers::folding::folding_range(&self.shared, params).await
    }

    async fn formatting(&self, params: DocumentFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        handlers::formatting::formatting(&self.shared, params).await
    }

    async fn range_formatting(
        &self,
        params: DocumentRangeFormattingParams,
    ) -> Result<Option<Vec<TextEdit>>> {
        handlers::formatting::range_formatting(&self.shared, params).await
    }

    async fn inlay_hint(&self, params: InlayHintParams) -> Result<Option<Vec<InlayHint>>> {
        handlers::inlay_hints::inlay_hint(&self.shared, params).await
    }

    async fn semantic_tokens_full(
        &self,
        params: SemanticTokensParams,
    ) -> Result<Option<SemanticTokensResult>> {
        let tokens = handlers::tokens::tokens(&self.shared, params.text_document.uri, None).await?;
        Ok(Some(SemanticTokensResult::Tokens(tokens)))
    }

    async fn semantic_tokens_range(
        &self,
        params: SemanticTokensRangeParams,
    ) -> Result<Option<SemanticTokensRangeResult>> {
        let (uri, range) = (params.text_document.uri, params.range);
        let tokens = handlers::tokens::tokens(&self.shared, uri, Some(range)).await?;
        Ok(Some(SemanticTokensRangeResult::Tokens(tokens)))
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        handlers::code_action::code_action(&self.shared, params).await
    }
}

//! One connection: an editor, or the command line.
//!
//! A handler converts, hands one question to the scheduler with a priority, awaits the answer,
//! and converts back. Text changes are applied in the order of their arrival, before the handler
//! first waits, so whatever was asked later sees them.

use std::sync::Arc;
use std::time::Instant;

use client::protocol::{Print, Status, StatusParams, WorkParams, WorkResult, method};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tower_lsp::jsonrpc::{self, Result};
use tower_lsp::lsp_types::notification::Notification;
use tower_lsp::lsp_types::*;
use tower_lsp::{Client, LanguageServer, LspService, Server};

use crate::engine::Engine;
use crate::work;

/// Serves a connection until the client goes away.
pub async fn serve(
    engine: Arc<Engine>,
    input: impl AsyncRead + Unpin,
    output: impl AsyncWrite,
    stop: mpsc::Sender<()>,
) {
    let (service, socket) = LspService::build(|client| Session { client, engine, stop })
        .custom_method(method::WORK, Session::work)
        .custom_method(method::STATUS, Session::status)
        .custom_method(method::STOP, Session::stop)
        .finish();
    Server::new(input, output, socket).serve(service).await;
}

/// The state of one connection.
pub struct Session {
    client: Client,
    engine: Arc<Engine>,
    stop: mpsc::Sender<()>,
}

/// The notification that carries output of a running command.
enum PrintNote {}

impl Notification for PrintNote {
    type Params = Print;
    const METHOD: &'static str = method::PRINT;
}

impl Session {
    async fn work(&self, params: WorkParams) -> Result<WorkResult> {
        let (prints, mut outgoing) = mpsc::unbounded_channel::<Print>();
        let engine = self.engine.clone();
        let task = tokio::task::spawn_blocking(move || {
            engine.set_activity(format!("{:?} since {:?}", params.verb, Instant::now()));
            let host = engine.saved_host();
            let mut sink = |print: Print| {
                // The client has gone: the work goes on, its objects are of use to the next one.
                let _ = prints.send(print);
            };
            let result = work::once(&host, &engine.builder, &params, &mut sink);
            engine.set_activity("nothing");
            result
        });
        while let Some(print) = outgoing.recv().await {
            self.client.send_notification::<PrintNote>(print).await;
        }
        task.await.map_err(|_| jsonrpc::Error::internal_error())
    }

    async fn status(&self, _params: StatusParams) -> Result<Status> {
        Ok(self.engine.status())
    }

    async fn stop(&self) -> Result<()> {
        // A full channel means that it is stopping already.
        let _ = self.stop.try_send(());
        Ok(())
    }
}

#[tower_lsp::async_trait]
impl LanguageServer for Session {
    async fn initialize(&self, _params: InitializeParams) -> Result<InitializeResult> {
        Ok(InitializeResult {
            server_info: Some(ServerInfo {
                name: "tmld".to_string(),
                version: Some(env!("CARGO_PKG_VERSION").to_string()),
            }),
            capabilities: ServerCapabilities::default(),
        })
    }

    async fn shutdown(&self) -> Result<()> {
        Ok(())
    }
}

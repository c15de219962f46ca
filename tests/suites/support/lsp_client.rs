//! A language client: `tml lsp` as an editor starts it.

use std::io::{BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use client::framing;
use serde_json::{Value, json};

use super::binary;
use super::sandbox::Sandbox;

/// Longest wait for a message; a test that reaches it has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// An editor's end of a connection.
pub struct LspClient {
    child: Child,
    input: Option<ChildStdin>,
    messages: std::sync::mpsc::Receiver<Value>,
    next_id: u64,
    /// Messages read while waiting for others.
    pub unread: Vec<Value>,
}

impl LspClient {
    /// Starts the client process and does the handshake.
    pub fn start(sandbox: &Sandbox) -> LspClient {
        let mut child = sandbox
            .command(&binary("tml"))
            .arg("lsp")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("tml starts");
        let input = child.stdin.take();
        let output: ChildStdout = child.stdout.take().expect("piped");
        let (sender, messages) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut reader = BufReader::new(output);
            while let Ok(Some(message)) = framing::read(&mut reader) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let mut client = LspClient {
            child,
            input,
            messages,
            next_id: 0,
            unread: Vec::new(),
        };
        let root = format!("file://{}", sandbox.root().display());
        client.request(
            "initialize",
            json!({"processId": null, "rootUri": root, "capabilities": {}}),
        );
        client.notify("initialized", json!({}));
        client
    }

    /// Writes bytes as they are.
    pub fn send_raw(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().expect("open");
        input
            .write_all(bytes)
            .and_then(|()| input.flush())
            .expect("the server reads");
    }

    fn send(&mut self, message: &Value) {
        framing::write(self.input.as_mut().expect("open"), message).expect("the server reads");
    }

    pub fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    /// Sends a request and returns its id.
    pub fn ask(&mut self, method: &str, params: Value) -> u64 {
        self.next_id += 1;
        let id = self.next_id;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        id
    }

    /// Sends a request and waits for the whole answer.
    pub fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params);
        self.wait(|message| message["id"] == json!(id) && message.get("method").is_none())
    }

    /// The first message that fits, read already or to come.
    pub fn wait(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.unread.iter().position(&fits) {
            return self.unread.remove(at);
        }
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let message = self.messages.recv_timeout(left).expect("a message in time");
            // Requests of the server are granted; nothing here depends on them.
            if message.get("id").is_some() && message.get("method").is_some() {
                let id = message["id"].clone();
                self.send(&json!({"jsonrpc": "2.0", "id": id, "result": null}));
                continue;
            }
            if fits(&message) {
                return message;
            }
            self.unread.push(message);
        }
    }

    pub fn open(&mut self, sandbox: &Sandbox, rel: &str, text: &str) {
        let item =
            json!({"uri": uri(sandbox, rel), "languageId": "tml", "version": 1, "text": text});
        self.notify("textDocument/didOpen", json!({"textDocument": item}));
    }

    /// Replaces the whole text.
    pub fn change(&mut self, sandbox: &Sandbox, rel: &str, version: i32, text: &str) {
        let document = json!({"uri": uri(sandbox, rel), "version": version});
        self.notify(
            "textDocument/didChange",
            json!({"textDocument": document, "contentChanges": [{"text": text}]}),
        );
    }

    /// Waits until the diagnostics of a file have exactly these codes.
    pub fn wait_codes(&mut self, sandbox: &Sandbox, rel: &str, codes: &[&str]) -> Value {
        let uri = uri(sandbox, rel);
        self.wait(|message| {
            let params = &message["params"];
            let found = params["diagnostics"].as_array();
            message["method"] == "textDocument/publishDiagnostics"
                && params["uri"] == json!(uri)
                && found.is_some_and(|list| {
                    list.iter()
                        .map(|d| d["code"].as_str().unwrap_or_default())
                        .eq(codes.iter().copied())
                })
        })
    }
}

/// The document address of a file of the sandbox.
pub fn uri(sandbox: &Sandbox, rel: &str) -> String {
    format!("file://{}", sandbox.path(rel).display())
}

impl Drop for LspClient {
    fn drop(&mut self) {
        // Closing its input ends the process.
        self.input = None;
        let _ = self.child.wait();
    }
}

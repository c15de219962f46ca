//! A small client over an in-memory connection.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use server::engine::Engine;
use server::session;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf, split};
use tokio::sync::mpsc;

/// Answers later than this are a failure; none comes near it.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Workspace {
    pub dir: TempDir,
    pub engine: Arc<Engine>,
}

impl Workspace {
    /// A workspace of the given files.
    pub fn new(files: &[(&str, &str)]) -> Workspace {
        let dir = TempDir::new().unwrap();
        for (path, text) in files {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let engine = Engine::open(dir.path().to_path_buf()).unwrap();
        Workspace { dir, engine }
    }

    pub fn uri(&self, path: &str) -> String {
        uri(&self.dir.path().join(path))
    }

    /// A client that has said hello.
    pub async fn client(&self) -> Client {
        self.client_with(json!({})).await
    }

    pub async fn client_with(&self, capabilities: Value) -> Client {
        let mut client = self.raw_client();
        let params = json!({"capabilities": capabilities, "rootUri": uri(self.dir.path())});
        client.hello = client.request("initialize", params).await;
        client.notify("initialized", json!({})).await;
        client
    }

    /// A client that has not said anything.
    pub fn raw_client(&self) -> Client {
        let (near, far) = tokio::io::duplex(1 << 20);
        let (input, output) = split(far);
        let (stop, _) = mpsc::channel(1);
        let engine = self.engine.clone();
        tokio::spawn(session::serve(engine, input, output, stop));
        let (read, write) = split(near);
        Client {
            read,
            write,
            buffer: Vec::new(),
            id: 0,
            notes: Vec::new(),
            hello: Value::Null,
        }
    }
}

pub fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

pub struct Client {
    read: ReadHalf<DuplexStream>,
    write: WriteHalf<DuplexStream>,
    buffer: Vec<u8>,
    id: u64,
    /// Notifications that nobody has looked at yet.
    notes: Vec<Value>,
    /// The answer to `initialize`.
    pub hello: Value,
}

impl Client {
    pub async fn send_raw(&mut self, body: &str) {
        let frame = format!("Content-Length: {}\r\n\r\n{body}", body.len());
        self.write.write_all(frame.as_bytes()).await.unwrap();
    }

    pub async fn notify(&mut self, method: &str, params: Value) {
        self.send_raw(&json!({"jsonrpc": "2.0", "method": method, "params": params}).to_string())
            .await;
    }

    /// Sends a request and returns its number.
    pub async fn start(&mut self, method: &str, params: Value) -> u64 {
        self.id += 1;
        let id = self.id;
        let request = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        self.send_raw(&request.to_string()).await;
        id
    }

    /// The whole answer to a request.
    pub async fn answer(&mut self, id: u64) -> Value {
        loop {
            let message = self.next().await.expect("an answer");
            if message["id"] == json!(id) && message.get("method").is_none() {
                return message;
            }
            self.keep(message).await;
        }
    }

    /// The result of a request that must succeed.
    pub async fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.start(method, params).await;
        let answer = self.answer(id).await;
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    async fn keep(&mut self, message: Value) {
        if message.get("method").is_some() && message.get("id").is_some() {
            let reply = json!({"jsonrpc": "2.0", "id": message["id"], "result": null});
            self.send_raw(&reply.to_string()).await;
        } else {
            self.notes.push(message);
        }
    }

    /// Waits until the diagnostics of a file are as wanted.
    pub async fn diagnostics_until(&mut self, uri: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let found = self.notes.iter().position(|note| {
                note["method"] == "textDocument/publishDiagnostics"
                    && note["params"]["uri"] == uri
                    && wanted(&note["params"])
            });
            if let Some(at) = found {
                return self.notes.drain(..=at).next_back().unwrap()["params"].clone();
            }
            let message = self.next().await.expect("diagnostics");
            self.keep(message).await;
        }
    }

    /// The next message; `None` when the connection is closed.
    pub async fn next(&mut self) -> Option<Value> {
        tokio::time::timeout(PATIENCE, self.read_message())
            .await
            .expect("a message in time")
    }

    async fn read_message(&mut self) -> Option<Value> {
        loop {
            let head = self
                .buffer
                .windows(4)
                .position(|bytes| bytes == b"\r\n\r\n");
            if let Some(head) = head {
                let header = String::from_utf8_lossy(&self.buffer[..head]).into_owned();
                let length = header
                    .lines()
                    .find_map(|line| line.strip_prefix("Content-Length: "));
                let length: usize = length.expect("a length").trim().parse().unwrap();
                if self.buffer.len() >= head + 4 + length {
                    let rest = self.buffer.split_off(head + 4 + length);
                    let body = std::mem::replace(&mut self.buffer, rest);
                    return Some(serde_json::from_slice(&body[head + 4..]).unwrap());
                }
            }
            let mut chunk = [0; 1 << 14];
            match self.read.read(&mut chunk).await {
                Ok(0) | Err(_) => return None,
                Ok(count) => self.buffer.extend_from_slice(&chunk[..count]),
            }
        }
    }

    pub async fn open(&mut self, uri: &str, text: &str) {
        let document = json!({"uri": uri, "languageId": "tml", "version": 1, "text": text});
        self.notify("textDocument/didOpen", json!({"textDocument": document}))
            .await;
    }

    /// Replaces the whole text.
    pub async fn replace(&mut self, uri: &str, version: i32, text: &str) {
        self.change(uri, version, json!([{"text": text}])).await;
    }

    pub async fn change(&mut self, uri: &str, version: i32, changes: Value) {
        let document = json!({"uri": uri, "version": version});
        let params = json!({"textDocument": document, "contentChanges": changes});
        self.notify("textDocument/didChange", params).await;
    }
}

pub fn at(uri: &str, line: u32, character: u32) -> Value {
    json!({"textDocument": {"uri": uri}, "position": {"line": line, "character": character}})
}

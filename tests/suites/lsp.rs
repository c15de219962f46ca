//! The protocol from outside: `tml lsp` processes on one daemon.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::binary;
use crate::support::lsp_client::{LspClient, uri};
use crate::support::sandbox::Sandbox;

const MAIN: &str = "use shapes::square\n\nfunc main() {\n    let side: I64 = 3\n    println(\"{square(side)}\")\n}\n";
const SHAPES: &str = "/// The area of a square.\npub func square(n: I64) -> I64 {\n    n * n\n}\n";

fn workspace() -> Sandbox {
    Sandbox::with(&[
        (
            "tml.toml",
            "[package]\nname = \"app\"\nversion = \"0.1.0\"\n",
        ),
        ("src/main.tml", MAIN),
        ("src/shapes.tml", SHAPES),
    ])
}

fn at(sandbox: &Sandbox, rel: &str, line: u32, character: u32) -> Value {
    json!({"textDocument": {"uri": uri(sandbox, rel)}, "position": {"line": line, "character": character}})
}

#[test]
fn an_editor_gets_diagnostics_hover_definition_and_completion() {
    let sandbox = workspace();
    let mut editor = LspClient::start(&sandbox);
    editor.open(&sandbox, "src/main.tml", MAIN);
    let broken = MAIN.replace("= 3", "= \"3\"");
    editor.change(&sandbox, "src/main.tml", 2, &broken);
    let published = editor.wait_codes(&sandbox, "src/main.tml", &["T056"]);
    assert_eq!(
        published["params"]["diagnostics"][0]["range"]["start"],
        json!({"line": 3, "character": 20})
    );
    editor.change(&sandbox, "src/main.tml", 3, MAIN);
    editor.wait_codes(&sandbox, "src/main.tml", &[]);

    let hover = editor.request("textDocument/hover", at(&sandbox, "src/main.tml", 4, 16));
    let text = hover["result"]["contents"].to_string();
    assert!(
        text.contains("square(n: I64) -> I64") && text.contains("area of a square"),
        "{text}"
    );

    let target = editor.request(
        "textDocument/definition",
        at(&sandbox, "src/main.tml", 4, 16),
    );
    let text = target["result"].to_string();
    assert!(
        text.contains("src/shapes.tml") && text.contains("\"line\":1"),
        "{text}"
    );

    let typing = MAIN.replace("println(\"{square(side)}\")", "squ");
    editor.change(&sandbox, "src/main.tml", 4, &typing);
    let items = editor.request(
        "textDocument/completion",
        at(&sandbox, "src/main.tml", 4, 7),
    );
    let text = items["result"].to_string();
    assert!(
        text.contains("\"label\":\"square\"") && text.contains("I64"),
        "{text}"
    );
}

#[test]
fn an_editor_is_led_into_the_library_and_on_from_there() {
    let sandbox = workspace();
    let mut editor = LspClient::start(&sandbox);
    editor.open(&sandbox, "src/main.tml", MAIN);
    let target = editor.request(
        "textDocument/definition",
        at(&sandbox, "src/main.tml", 4, 6),
    );
    let result = &target["result"];
    let result = result.get(0).unwrap_or(result);
    let uri = result.get("targetUri").or(result.get("uri"));
    let uri = uri.and_then(Value::as_str).expect("a file").to_string();
    let file = uri.strip_prefix("file://").expect("a file").to_string();
    assert!(
        file.contains("/library/") && file.ends_with(".tml"),
        "{file}"
    );
    let text = std::fs::read_to_string(&file).expect("a readable file");
    let range = result.get("targetSelectionRange").or(result.get("range"));
    let line = range.expect("a range")["start"]["line"]
        .as_u64()
        .expect("a line");
    let shown = text.lines().nth(line as usize).unwrap_or_default();
    assert!(shown.contains("func println"), "{shown}");
    let is_read_only = std::fs::metadata(&file)
        .expect("a file")
        .permissions()
        .readonly();
    assert!(is_read_only, "{file}");

    let document = json!({"uri": uri, "languageId": "tml", "version": 1, "text": text});
    editor.notify("textDocument/didOpen", json!({"textDocument": document}));
    let symbols = json!({"textDocument": {"uri": uri}});
    let symbols = editor.request("textDocument/documentSymbol", symbols);
    let symbols = symbols["result"].to_string();
    assert!(symbols.contains("\"println\""), "{symbols}");
}

/// Somebody who types: each version of the file has one line more at its top.
struct Typist {
    client: LspClient,
    rel: &'static str,
    text: String,
    /// Requests sent, with the version they were asked about.
    asked: Vec<(u64, i32)>,
}

impl Typist {
    fn start(sandbox: &Sandbox, rel: &'static str) -> Typist {
        let mut client = LspClient::start(sandbox);
        let text = sandbox.read(rel);
        client.open(sandbox, rel, &text);
        Typist {
            client,
            rel,
            text,
            asked: Vec::new(),
        }
    }

    /// Where `name` stands in the first version.
    fn line_of(&self, name: &str) -> u64 {
        let line = self.text.lines().position(|line| line.contains(name));
        line.expect("a line of the file") as u64
    }

    /// A line more, another value, and a question about what is below.
    fn step(&mut self, sandbox: &Sandbox, version: i32) {
        let lines_above = "// typed\n".repeat(version as usize - 1);
        let body = self
            .text
            .replacen("% 1000", &format!("% {}", 1000 + version), 1);
        self.client
            .change(sandbox, self.rel, version, &(lines_above + &body));
        let document = json!({"textDocument": {"uri": uri(sandbox, self.rel)}});
        let id = self.client.ask("textDocument/documentSymbol", document);
        self.asked.push((id, version));
        let line = self.line_of("pub func score") + version as u64 - 1;
        let hover = at(sandbox, self.rel, line as u32, 10);
        let id = self.client.ask("textDocument/hover", hover);
        self.asked.push((id, version));
    }

    /// Every question has one answer, and it is about the text that was asked about; or it says
    /// that the text has changed since.
    fn check_answers(&mut self) {
        let (bias, score) = (self.line_of("const BIAS"), self.line_of("pub func score"));
        let mut answers = 0;
        for (id, version) in std::mem::take(&mut self.asked) {
            let answer = self
                .client
                .wait(|message| message["id"] == json!(id) && message.get("method").is_none());
            if let Some(error) = answer.get("error") {
                assert_eq!(error["code"], json!(-32801), "{answer}");
                continue;
            }
            let result = &answer["result"];
            let (line, expected) = match result.as_array() {
                Some(symbols) => {
                    let is_bias = |it: &&Value| it["name"] == "BIAS";
                    let found = symbols.iter().find(is_bias).expect("a symbol");
                    (&found["location"]["range"]["start"]["line"], bias)
                }
                None => (&result["range"]["start"]["line"], score),
            };
            let expected = json!(expected + version as u64 - 1);
            assert_eq!(*line, expected, "version {version}: {answer}");
            answers += 1;
        }
        assert!(answers > 0, "nothing but outdated questions");
        let mut unread = self.client.unread.iter();
        let stray = unread.find(|message| message.get("id").is_some());
        assert!(
            stray.is_none(),
            "an answer that nobody asked for: {stray:?}"
        );
    }
}

#[test]
fn two_editors_and_a_cold_build_of_50_000_lines_share_one_daemon() {
    let sandbox = Sandbox::new();
    let shape = tests::generate::Shape {
        lines: 50_000,
        libraries: 1,
    };
    let lines = tests::generate::write(shape, &sandbox.root()).expect("a writable folder");
    assert!(lines >= 50_000, "{lines} lines");
    let tml = |args: &[&str]| {
        let mut command = sandbox.command(&binary("tml"));
        command.args(args);
        command
    };
    let build = tml(&["run", "-q"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("tml starts");
    let mut typists = [
        Typist::start(&sandbox, "part0/src/m0010.tml"),
        Typist::start(&sandbox, "app/src/m0300.tml"),
    ];
    for version in 2..60 {
        for typist in &mut typists {
            typist.step(&sandbox, version);
        }
    }
    for typist in &mut typists {
        typist.check_answers();
    }
    let output = build.wait_with_output().expect("the build ends");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    // The build saw what is on disk, not what the editors hold.
    let alone = tml(&["run", "-q", "--no-daemon"]).output();
    let alone = alone.expect("tml starts").stdout;
    assert!(alone.starts_with(b"total "), "{alone:?}");
    assert_eq!(output.stdout, alone);
}

#[test]
fn a_hostile_client_harms_nobody_else() {
    let sandbox = workspace();
    let mut good = LspClient::start(&sandbox);
    good.open(&sandbox, "src/main.tml", MAIN);
    let mut bad = LspClient::start(&sandbox);
    let far = json!({"line": 4_000_000_000u32, "character": 4_000_000_000u32});
    let answer = bad.request(
        "textDocument/hover",
        json!({"textDocument": {"uri": uri(&sandbox, "src/main.tml")}, "position": far}),
    );
    assert!(answer.get("result").is_some() || answer.get("error").is_some());
    let unknown = bad.request("textDocument/nonsense", json!({}));
    assert_eq!(unknown["error"]["code"], json!(-32601));
    let malformed = bad.request("textDocument/hover", json!({"position": "everywhere"}));
    assert_eq!(malformed["error"]["code"], json!(-32602));
    bad.notify("textDocument/didChange", json!({"textDocument": {"uri": "file:///nowhere", "version": 9}, "contentChanges": [{"text": "x"}]}));
    // At once: the server hangs up at the first of them.
    bad.send_raw(b"Content-Length: 7\r\n\r\n{\"a\": !garbage without any header\r\n\r\n");
    drop(bad);
    let hover = good.request("textDocument/hover", at(&sandbox, "src/main.tml", 4, 16));
    assert!(hover["result"].to_string().contains("square"), "{hover}");
}

//! The protocol from outside: `tml lsp` processes on one daemon.

use std::collections::BTreeSet;
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
fn two_editors_and_a_build_share_one_daemon() {
    let sandbox = workspace();
    for module in 0..40 {
        let text = format!("pub func f{module}(n: I64) -> I64 {{\n    n + {module}\n}}\n");
        sandbox.write(&format!("src/m{module}.tml"), &text);
    }
    let mut first = LspClient::start(&sandbox);
    let mut second = LspClient::start(&sandbox);
    first.open(&sandbox, "src/main.tml", MAIN);
    second.open(&sandbox, "src/shapes.tml", SHAPES);
    let build = sandbox
        .command(&binary("tml"))
        .args(["run", "-q"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("tml starts");
    let mut asked: Vec<(usize, u64)> = Vec::new();
    for version in 2..60 {
        let text = MAIN.replace("= 3", &format!("= {version}"));
        first.change(&sandbox, "src/main.tml", version, &text);
        asked.push((
            0,
            first.ask("textDocument/hover", at(&sandbox, "src/main.tml", 4, 16)),
        ));
        let text = SHAPES.replace("n * n", &format!("n * n + {version}"));
        second.change(&sandbox, "src/shapes.tml", version, &text);
        asked.push((
            1,
            second.ask(
                "textDocument/documentSymbol",
                json!({"textDocument": {"uri": uri(&sandbox, "src/shapes.tml")}}),
            ),
        ));
    }
    let mut answered: BTreeSet<(usize, u64)> = BTreeSet::new();
    for (editor, id) in &asked {
        let client = if *editor == 0 {
            &mut first
        } else {
            &mut second
        };
        let answer =
            client.wait(|message| message["id"] == json!(id) && message.get("method").is_none());
        let is_error = answer.get("error").is_some();
        assert!(
            !is_error || answer["error"]["code"] == json!(-32801),
            "{answer}"
        );
        assert!(answered.insert((*editor, *id)), "answered twice");
    }
    for client in [&mut first, &mut second] {
        let again = client
            .unread
            .iter()
            .filter(|message| message.get("id").is_some())
            .count();
        assert_eq!(again, 0, "answers that nobody asked for");
    }
    let output = build.wait_with_output().expect("the build ends");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    // The build saw what is on disk, not what the editors hold.
    assert_eq!(String::from_utf8_lossy(&output.stdout), "9\n");
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
    bad.send_raw(b"Content-Length: 7\r\n\r\n{\"a\": !");
    bad.send_raw(b"garbage without any header\r\n\r\n");
    drop(bad);
    let hover = good.request("textDocument/hover", at(&sandbox, "src/main.tml", 4, 16));
    assert!(hover["result"].to_string().contains("square"), "{hover}");
}

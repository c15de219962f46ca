//! Sessions over an in-memory connection, with a real engine.

mod support;

use serde_json::{Value, json};
use support::{Workspace, at};

const MANIFEST: &str = "[package]\nname = \"app\"\nversion = \"0.1.0\"\n";
const MAIN: &str = "mod shapes\nuse shapes::Point\n\nfunc main() {\n    let p = Point::new(1, 2)\n    println(\"{p.sum()}\")\n}\n";
const SHAPES: &str = "/// A point.\npub type Point { pub x: I32, pub y: I32 }\n\nimpl Point {\n    pub func new(x: I32, y: I32) -> Point { Point { x: x, y: y } }\n    /// The sum of both.\n    pub func sum(this) -> I32 { this.x + this.y }\n}\n";

fn app() -> Workspace {
    Workspace::new(&[
        ("tml.toml", MANIFEST),
        ("src/main.tml", MAIN),
        ("src/shapes.tml", SHAPES),
    ])
}

fn has_none(params: &Value) -> bool {
    params["diagnostics"]
        .as_array()
        .is_some_and(|list| list.is_empty())
}

#[tokio::test(flavor = "multi_thread")]
async fn diagnostics_appear_and_vanish() {
    let space = app();
    let uri = space.uri("src/main.tml");
    let mut client = space.client().await;
    client.open(&uri, MAIN).await;
    client
        .diagnostics_until(&uri, |it| it["version"] == 1 && has_none(it))
        .await;
    let edit = json!([{
        "range": {"start": {"line": 4, "character": 12}, "end": {"line": 4, "character": 17}},
        "text": "Pointt"
    }]);
    client.change(&uri, 2, edit).await;
    let found = client
        .diagnostics_until(&uri, |it| it["version"] == 2)
        .await;
    let list = found["diagnostics"].as_array().unwrap();
    // The import is no longer used, which is a warning.
    assert!(
        list.iter()
            .any(|it| it["code"] == "W002" && it["tags"] == json!([1])),
        "{found}"
    );
    let first = list.iter().find(|it| it["severity"] == 1).unwrap();
    assert_eq!(first["source"], "tml");
    assert_eq!(first["range"]["start"], json!({"line": 4, "character": 12}));
    assert_eq!(first["code"], "M002", "{first}");
    client.replace(&uri, 3, MAIN).await;
    client
        .diagnostics_until(&uri, |it| it["version"] == 3 && has_none(it))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_reaches_other_files() {
    let space = app();
    let (main, shapes) = (space.uri("src/main.tml"), space.uri("src/shapes.tml"));
    let mut client = space.client().await;
    client.open(&shapes, SHAPES).await;
    client
        .replace(&shapes, 2, &SHAPES.replace("func sum", "func total"))
        .await;
    // Never opened, published in the background.
    let found = client.diagnostics_until(&main, |it| !has_none(it)).await;
    assert_eq!(found["diagnostics"][0]["range"]["start"]["line"], 5);
    client
        .notify(
            "textDocument/didClose",
            json!({"textDocument": {"uri": shapes}}),
        )
        .await;
    client.diagnostics_until(&main, has_none).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_across_files() {
    let space = app();
    let (main, shapes) = (space.uri("src/main.tml"), space.uri("src/shapes.tml"));
    let mut client = space.client().await;
    client.open(&main, MAIN).await;
    let hover = client.request("textDocument/hover", at(&main, 5, 16)).await;
    let text = hover["contents"]["value"].as_str().unwrap().to_owned();
    assert!(
        text.contains("func sum(this) -> I32") && text.contains("The sum of both."),
        "{text}"
    );
    let definition = client
        .request("textDocument/definition", at(&main, 4, 14))
        .await;
    assert_eq!(definition["uri"], shapes);
    assert_eq!(
        definition["range"]["start"],
        json!({"line": 1, "character": 9})
    );
    let mut params = at(&shapes, 1, 10);
    params["context"] = json!({"includeDeclaration": true});
    let references = client.request("textDocument/references", params).await;
    let lines: Vec<_> = references
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            (
                it["uri"] == main,
                it["range"]["start"]["line"].as_u64().unwrap(),
            )
        })
        .collect();
    let expected = [
        (true, 1),
        (true, 4),
        (false, 1),
        (false, 3),
        (false, 4),
        (false, 4),
    ];
    assert_eq!(lines, expected);
    let highlights = client
        .request("textDocument/documentHighlight", at(&main, 4, 8))
        .await;
    assert_eq!(highlights.as_array().unwrap().len(), 2);
    let help = client
        .request("textDocument/signatureHelp", at(&main, 4, 26))
        .await;
    assert_eq!(help["activeParameter"], 1);
    assert_eq!(
        help["signatures"][0]["label"],
        "func new(x: I32, y: I32) -> Point"
    );
    let document = json!({"textDocument": {"uri": main}});
    let symbols = client
        .request("textDocument/documentSymbol", document.clone())
        .await;
    assert_eq!(symbols.as_array().unwrap().len(), 2);
    let tokens = client
        .request("textDocument/semanticTokens/full", document.clone())
        .await;
    assert_eq!(tokens["data"].as_array().unwrap().len() % 5, 0);
    assert!(!tokens["data"].as_array().unwrap().is_empty());
    let folds = client.request("textDocument/foldingRange", document).await;
    assert!(!folds.as_array().unwrap().is_empty());
    let range = json!({"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}});
    let params = json!({"textDocument": {"uri": main}, "range": range});
    let hints = client.request("textDocument/inlayHint", params).await;
    assert_eq!(hints[0]["label"], ": Point");
}

#[tokio::test(flavor = "multi_thread")]
async fn completion_in_broken_code() {
    let space = app();
    let main = space.uri("src/main.tml");
    let mut client = space.client().await;
    client
        .open(
            &main,
            &MAIN.replace("println(\"{p.sum()}\")", "p.\n    let q = 1"),
        )
        .await;
    let found = client
        .request("textDocument/completion", at(&main, 5, 6))
        .await;
    let labels: Vec<_> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["label"].as_str().unwrap())
        .collect();
    assert_eq!(&labels[..3], ["x", "y", "sum"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fix_is_offered_and_works() {
    let space = app();
    let main = space.uri("src/main.tml");
    let mut client = space.client().await;
    let broken = MAIN.replace("Point::new", "Pont::new");
    client.open(&main, &broken).await;
    let range = json!({"start": {"line": 4, "character": 13}, "end": {"line": 4, "character": 13}});
    let params =
        json!({"textDocument": {"uri": main}, "range": range, "context": {"diagnostics": []}});
    let actions = client.request("textDocument/codeAction", params).await;
    let edit = &actions[0]["edit"]["changes"][&main][0];
    assert_eq!(edit["newText"], "Point", "{actions}");
    client
        .change(
            &main,
            2,
            json!([{"range": edit["range"], "text": edit["newText"]}]),
        )
        .await;
    client
        .diagnostics_until(&main, |it| it["version"] == 2 && has_none(it))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn positions_are_utf16_unless_bytes_are_wanted() {
    let space = app();
    let main = space.uri("src/main.tml");
    let text = "func main() { let s = \"é😀\"; let n = nope }\n";
    let wanted = json!({"general": {"positionEncodings": ["utf-16", "utf-8"]}});
    for (capabilities, name, column) in [(json!({}), "utf-16", 37), (wanted, "utf-8", 40)] {
        let mut client = space.client_with(capabilities).await;
        assert_eq!(client.hello["capabilities"]["positionEncoding"], name);
        client.open(&main, text).await;
        let found = client
            .diagnostics_until(&main, |it| it["version"] == 1)
            .await;
        let at = |it: &Value| it["range"]["start"]["character"] == column;
        assert!(
            found["diagnostics"].as_array().unwrap().iter().any(at),
            "{name}: {found}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn positions_out_of_range_and_unknown_files_have_empty_answers() {
    let space = app();
    let main = space.uri("src/main.tml");
    let mut client = space.client().await;
    client.open(&main, MAIN).await;
    for (line, column) in [(0, 9999), (9999, 0), (u32::MAX, u32::MAX)] {
        for method in [
            "hover",
            "definition",
            "completion",
            "documentHighlight",
            "signatureHelp",
        ] {
            client
                .request(&format!("textDocument/{method}"), at(&main, line, column))
                .await;
        }
    }
    for uri in [
        "file:///nowhere/x.tml",
        "untitled:x",
        &space.uri("tml.toml"),
    ] {
        let hover = client.request("textDocument/hover", at(uri, 0, 0)).await;
        assert_eq!(hover, Value::Null);
        let symbols = json!({"textDocument": {"uri": uri}});
        client.request("textDocument/documentSymbol", symbols).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn protocol_errors_are_answered_and_survived() {
    let space = app();
    let main = space.uri("src/main.tml");
    let mut client = space.client().await;
    let id = client.start("textDocument/nonsense", json!({})).await;
    assert_eq!(client.answer(id).await["error"]["code"], -32601);
    let id = client
        .start("textDocument/hover", json!({"wrong": 1}))
        .await;
    assert_eq!(client.answer(id).await["error"]["code"], -32602);
    // Cancelling what is done or unknown is nothing.
    client.notify("$/cancelRequest", json!({"id": 4711})).await;
    client
        .change("file:///never/opened.tml", 7, json!([{"text": ""}]))
        .await;
    client.open(&main, MAIN).await;
    let hover = client.request("textDocument/hover", at(&main, 4, 8)).await;
    assert!(
        hover["contents"]["value"]
            .as_str()
            .unwrap()
            .contains("Point")
    );
    // A cancelled request has exactly one answer.
    let id = client.start("textDocument/hover", at(&main, 4, 8)).await;
    client.notify("$/cancelRequest", json!({"id": id})).await;
    let answer = client.answer(id).await;
    assert!(
        answer.get("result").is_some() || answer["error"]["code"] == -32800,
        "{answer}"
    );
    client
        .send_raw(r#"{"jsonrpc":"2.0","id":999,"method":"shutdown"}"#)
        .await;
    assert_eq!(client.answer(999).await["result"], Value::Null);
}

/// What follows a broken message cannot be trusted: it is answered, and the connection closed.
#[tokio::test(flavor = "multi_thread")]
async fn garbage_closes_one_connection_cleanly() {
    let space = app();
    let main = space.uri("src/main.tml");
    let mut other = space.client().await;
    let mut client = space.client().await;
    client.open(&main, "broken").await;
    client.send_raw("{ this is no json").await;
    loop {
        match client.next().await {
            Some(message) if message.get("method").is_some() => {}
            Some(answer) => assert_eq!(answer["error"]["code"], -32700, "{answer}"),
            None => break,
        }
    }
    // Its buffers have gone with it.
    other.open(&main, MAIN).await;
    let hover = other.request("textDocument/hover", at(&main, 4, 8)).await;
    assert!(
        hover["contents"]["value"]
            .as_str()
            .unwrap()
            .contains("Point")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn another_clients_edit_makes_positions_stale() {
    let space = app();
    let main = space.uri("src/main.tml");
    let mut first = space.client().await;
    let mut second = space.client().await;
    first.open(&main, MAIN).await;
    first.request("textDocument/hover", at(&main, 4, 8)).await;
    second.open(&main, &format!("\n{MAIN}")).await;
    let hover = second.request("textDocument/hover", at(&main, 5, 8)).await;
    assert!(
        hover["contents"]["value"]
            .as_str()
            .unwrap()
            .contains("Point")
    );
    let id = first.start("textDocument/hover", at(&main, 4, 8)).await;
    assert_eq!(first.answer(id).await["error"]["code"], -32801);
    // Its next edit settles it.
    first.replace(&main, 2, MAIN).await;
    first.request("textDocument/hover", at(&main, 4, 8)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_leaves_the_buffer_of_another_client() {
    let space = app();
    let main = space.uri("src/main.tml");
    let mut first = space.client().await;
    let mut second = space.client().await;
    let unsaved = format!("\n{MAIN}");
    first.open(&main, &unsaved).await;
    first.request("textDocument/hover", at(&main, 5, 8)).await;
    second.open(&main, MAIN).await;
    second.request("textDocument/hover", at(&main, 4, 8)).await;
    second
        .notify(
            "textDocument/didClose",
            json!({"textDocument": {"uri": main}}),
        )
        .await;
    second.request("textDocument/hover", at(&main, 0, 0)).await;
    let hover = first.request("textDocument/hover", at(&main, 5, 8)).await;
    assert!(
        hover["contents"]["value"]
            .as_str()
            .unwrap()
            .contains("Point")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_of_edits_ends_with_the_last_text() {
    let space = app();
    let main = space.uri("src/main.tml");
    let mut client = space.client().await;
    client.open(&main, MAIN).await;
    for version in 2..60 {
        let insert = json!([{
            "range": {"start": {"line": 3, "character": 0}, "end": {"line": 3, "character": 0}},
            "text": "x"
        }]);
        client.change(&main, version, insert).await;
        client
            .start("textDocument/completion", at(&main, 5, 6))
            .await;
    }
    client.replace(&main, 60, MAIN).await;
    client
        .diagnostics_until(&main, |it| it["version"] == 60 && has_none(it))
        .await;
    let id = client.start("textDocument/hover", at(&main, 4, 8)).await;
    assert!(client.answer(id).await.get("result").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_without_a_manifest() {
    let space = Workspace::new(&[("lonely.tml", "func main() {}\n")]);
    let uri = space.uri("lonely.tml");
    let mut client = space.client().await;
    client.open(&uri, "func main() { let = }\n").await;
    let found = client.diagnostics_until(&uri, |_| true).await;
    assert!(found["diagnostics"].is_array());
    client.request("textDocument/hover", at(&uri, 0, 6)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_manifest_is_reported_and_forgotten() {
    let space = app();
    let manifest = space.uri("tml.toml");
    let mut client = space.client().await;
    client.open(&manifest, "[package\n").await;
    client
        .diagnostics_until(&manifest, |it| it["diagnostics"][0]["source"] == "tml")
        .await;
    client.replace(&manifest, 2, MANIFEST).await;
    client.diagnostics_until(&manifest, has_none).await;
}

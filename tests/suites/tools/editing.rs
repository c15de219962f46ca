//! Formatting and fixes in an editor.

use serde_json::json;

use crate::support::lsp_client::{LspClient, uri};
use crate::support::sandbox::Sandbox;

const UGLY: &str =
    "func main() {\n    let a=1\n    let b   = true && false\n    println(\"{a} {b}\")\n}\n";

#[test]
fn an_editor_formats_files_and_ranges() {
    let sandbox = Sandbox::with(&[
        ("tml.toml", "[package]\nname = \"p\"\nversion = \"0.1.0\"\n"),
        ("src/main.tml", UGLY),
    ]);
    let mut editor = LspClient::start(&sandbox);
    editor.open(&sandbox, "src/main.tml", UGLY);
    editor.wait_codes(&sandbox, "src/main.tml", &["W023"]);
    let document = json!({"uri": uri(&sandbox, "src/main.tml")});
    let options = json!({"tabSize": 4, "insertSpaces": true});
    let all = editor.request(
        "textDocument/formatting",
        json!({"textDocument": document, "options": options}),
    );
    let edits = all["result"].as_array().expect("edits");
    let text: String = edits
        .iter()
        .map(|edit| edit["newText"].as_str().expect("text"))
        .collect();
    assert_eq!(text, "    let a = 1\n    let b = true and false\n");
    let at = |line: u32| json!({"line": line, "character": 0});
    let range = json!({"start": at(0), "end": at(0)});
    let part = editor.request(
        "textDocument/rangeFormatting",
        json!({"textDocument": document, "range": range, "options": options}),
    );
    assert_eq!(part["result"], json!([]));
    let range = json!({"start": at(2), "end": at(3)});
    let actions = editor.request(
        "textDocument/codeAction",
        json!({"textDocument": document, "range": range, "context": {"diagnostics": []}}),
    );
    let titles = actions["result"].to_string();
    assert!(titles.contains("Write `and`"), "{titles}");
}

//! What an edit makes the engine walk over: nothing that grows with the rest of the workspace.

use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;

use compiler_core::build::{
    BuildRequest, Builder, LinkerKind, Outcome, ProfileChoice, Report, Selection,
};
use compiler_core::{Change, Host, Input, MemoryFiles};

const EDITED: &str = "/app/src/a.tml";
const TEXT: &str =
    "pub func twice(n: I32) -> I32 { n * 2 }\npub func thrice(n: I32) -> I32 { n * 3 }\n";

/// A package whose other file calls the edited one in so many functions.
fn host(functions: usize) -> Host {
    let mut other = String::from("use crate::a::twice\n");
    for nth in 0..functions {
        let _ = writeln!(
            other,
            "pub func f{nth}(n: I32) -> I32 {{ twice(n) + {nth} }}"
        );
    }
    let mut tree = MemoryFiles::new("workspace");
    tree.insert(
        "/app/tml.toml",
        "[package]\nname = \"app\"\nversion = \"0.1.0\"\n",
    );
    tree.insert("/app/src/lib.tml", "pub mod a\npub mod b\n");
    tree.insert("/app/src/b.tml", other.as_str());
    tree.insert(EDITED, TEXT);
    let host = Host::in_memory(Input::Directory("/app".to_string()), tree);
    host.query_log().count_validated();
    host
}

fn check(host: &Host) {
    let report = diagnose(host);
    assert_eq!(report.outcome, Outcome::Done, "{:?}", report.diagnostics);
    assert!(report.diagnostics.is_empty(), "{:?}", report.diagnostics);
}

fn diagnose(host: &Host) -> Report {
    let request = BuildRequest {
        selection: Selection {
            is_workspace: true,
            ..Selection::default()
        },
        out_dir: PathBuf::new(),
        profile: ProfileChoice::debug(),
        defines: Vec::new(),
        check_only: true,
        output: None,
        linker: LinkerKind::Wild,
        use_cache: false,
        store_dir: None,
        emit: Vec::new(),
        is_test: false,
    };
    Builder::new(1)
        .expect("threads")
        .build(host, &request, &mut |_| {})
}

fn set(host: &Host, text: &str) {
    let text: Arc<str> = text.into();
    host.apply(&Change {
        buffers: vec![(EDITED.to_string(), Some(text))],
        ..Change::default()
    });
}

/// Queries executed and values validated for a change of the edited file.
fn cost(host: &Host, text: &str) -> (u64, u64) {
    set(host, text);
    let log = host.query_log();
    let (executed, validated) = (log.executed(), log.validated());
    diagnose(host);
    (log.executed() - executed, log.validated() - validated)
}

#[test]
fn an_edit_of_a_body_does_not_look_at_other_files() {
    let costs = [4, 64].map(|functions| {
        let host = host(functions);
        check(&host);
        // As an editor does: from here on the file is one that is being edited.
        set(&host, TEXT);
        check(&host);
        cost(&host, &TEXT.replace("n * 2", "n * 2 + 1"))
    });
    assert_eq!(
        costs[0], costs[1],
        "with 4 and with 64 functions in another file"
    );
}

#[test]
fn broken_bodies_and_comments_do_not_either() {
    let edits = [
        ("n * 2", "n * (2"),
        ("n * 2", "let x = "),
        ("pub func thrice", "/// Three.\n\npub func thrice"),
    ];
    for (from, to) in edits {
        let costs = [4, 64].map(|functions| {
            let host = host(functions);
            check(&host);
            set(&host, TEXT);
            check(&host);
            cost(&host, &TEXT.replacen(from, to, 1))
        });
        assert_eq!(costs[0], costs[1], "{from} → {to}");
    }
}

#[test]
fn opening_a_file_changes_nothing_that_is_seen() {
    let host = host(4);
    check(&host);
    let revision = host.revision();
    let buffers = vec![(EDITED.to_string(), Some(TEXT.into()))];
    let applied = host.apply(&Change {
        buffers,
        ..Change::default()
    });
    assert!(applied.is_empty());
    assert_eq!(host.revision(), revision);
}

#[test]
fn an_edit_of_a_signature_reaches_its_callers() {
    let host = host(4);
    check(&host);
    let (executed, _) = cost(
        &host,
        &TEXT.replace("twice(n: I32)", "twice(n: I32, _more: I32 = 0)"),
    );
    assert!(executed > 4 * 5, "{executed}");
    // And back, now that the file is one that is being edited.
    let (again, _) = cost(&host, TEXT);
    assert!(again > 4 * 5, "{again}");
}

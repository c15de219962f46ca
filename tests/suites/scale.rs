//! A generated workspace of 50,000 lines: costs as counts, which do not flicker.

use std::sync::Arc;

use compiler_core::build::{Builder, Outcome, ProfileChoice, Report};
use compiler_core::{Change, Host, Input, MemoryFiles};
use tests::generate::{Shape, files};

use crate::support::programs;

const LINES: usize = 50_000;

struct Scale {
    host: Host,
    builder: Builder,
    dir: tempfile::TempDir,
    files: Vec<tests::generate::File>,
}

impl Scale {
    fn new() -> Scale {
        let files = files(Shape {
            lines: LINES,
            libraries: 1,
        });
        let lines: usize = files.iter().map(|file| file.text.lines().count()).sum();
        assert!(lines >= LINES, "{lines} lines");
        let mut tree = MemoryFiles::new("generated");
        for file in &files {
            tree.insert(format!("/ws/{}", file.path), file.text.as_str());
        }
        let host = Host::in_memory(Input::Directory("/ws".to_string()), tree);
        host.query_log().count_validated();
        Scale {
            host,
            builder: Builder::new(2).expect("threads"),
            dir: tempfile::tempdir().expect("a directory"),
            files,
        }
    }

    fn build(&self) -> Report {
        let request = programs::request(self.dir.path(), ProfileChoice::debug());
        let report = self.builder.build(&self.host, &request, &mut |_| {});
        assert_eq!(
            report.outcome,
            Outcome::Done,
            "{}",
            programs::rendered(&self.host, &report)
        );
        report
    }

    fn edit(&mut self, path: &str, change: impl FnOnce(&str) -> String) -> Report {
        let file = self
            .files
            .iter_mut()
            .find(|file| file.path == path)
            .expect("a generated file");
        file.text = change(&file.text);
        let text: Arc<str> = file.text.as_str().into();
        let buffers = vec![(format!("/ws/{path}"), Some(text))];
        self.host.apply(&Change {
            buffers,
            ..Change::default()
        });
        self.build()
    }
}

#[test]
fn an_edit_costs_one_object_however_large_the_workspace() {
    let mut scale = Scale::new();
    let cold = scale.build();
    assert!(cold.stats.objects_emitted > 100, "{:?}", cold.stats);

    let same = scale.build();
    assert_eq!(
        (same.stats.queries_executed, same.stats.objects_emitted),
        (0, 0)
    );

    let file = "part0/src/m0100.tml";
    // The first edit of a file also makes its other bodies cheap to edit; opening it does a part.
    let body = scale.edit(file, |text| {
        text.replacen("pair.left % 1000", "pair.left % 999", 1)
    });
    assert_eq!(body.stats.emitted_symbols, ["part0::m0100::score"]);
    assert!(body.stats.queries_executed < 400, "{:?}", body.stats);
    let validated = scale.host.query_log().validated();
    let again = scale.edit(file, |text| {
        text.replacen("pair.left % 999", "pair.left % 998", 1)
    });
    assert_eq!(again.stats.emitted_symbols, ["part0::m0100::score"]);
    assert!(again.stats.queries_executed < 100, "{:?}", again.stats);
    // Reachability looks at each function's callees, and nothing else looks at each function.
    let validated = scale.host.query_log().validated() - validated;
    assert!(validated < 10_000, "{validated} values are looked at");

    let comment = scale.edit(file, |text| {
        text.replacen("/// Step 3.", "/// Step three, as it were.", 1)
    });
    assert_eq!(
        comment.stats.objects_emitted, 0,
        "{:?}",
        comment.stats.emitted_symbols
    );

    let above = scale.edit(file, |text| {
        text.replacen("const BIAS", "// A line more.\nconst BIAS", 1)
    });
    assert_eq!(
        above.stats.objects_emitted, 0,
        "{:?}",
        above.stats.emitted_symbols
    );

    // `step0` is called in its own module and, as `earlier`, in the next one.
    let signature = scale.edit(file, |text| {
        text.replacen(
            "pub func step0(n: I64) -> I64",
            "pub func step0(n: I64, _more: I64 = 0) -> I64",
            1,
        )
    });
    let mut symbols: Vec<&str> = signature
        .stats
        .emitted_symbols
        .iter()
        .map(|s| s.as_str())
        .collect();
    symbols.sort_unstable();
    assert_eq!(
        symbols,
        [
            "part0::m0100::score",
            "part0::m0100::step0",
            "part0::m0101::score"
        ]
    );
    assert!(
        signature.stats.queries_executed < 1000,
        "{:?}",
        signature.stats
    );
}

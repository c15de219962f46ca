//! `tests/mistakes`: one mistake in a program is one error.

use std::fs;

use compiler_core::build::{Builder, ProfileChoice};
use compiler_core::{Change, Host, Input, MemoryFiles};

use crate::support::{cases, programs, report};

const FILE: &str = "/ws/shapes.tml";

#[test]
fn one_mistake_is_one_error() {
    let path = cases("mistakes", "tml").remove(0);
    let good = fs::read_to_string(&path).expect("a readable program");
    let list = fs::read_to_string(path.with_extension("txt")).expect("a list of mistakes");
    let mut tree = MemoryFiles::new("test");
    tree.insert(FILE, good.as_str());
    let host = Host::in_memory(Input::SingleFile(FILE.to_string()), tree);
    let builder = Builder::new(1).expect("threads");
    let dir = tempfile::tempdir().expect("a directory");
    let mut request = programs::request(dir.path(), ProfileChoice::debug());
    request.check_only = true;
    let mut failures = Vec::new();
    let mistakes = list.lines().filter(|line| !line.starts_with("# "));
    for mistake in mistakes {
        let (from, to) = mistake.split_once(" ~> ").expect("FROM ~> TO");
        let (from, to) = (from.replace("\\n", "\n"), to.replace("\\n", "\n"));
        let bad = good.replacen(&from, &to, 1);
        assert!(bad != good, "`{from}` is not in the program");
        host.apply(&Change {
            buffers: vec![(FILE.to_string(), Some(bad.into()))],
            ..Change::default()
        });
        let result = builder.build(&host, &request, &mut |_| {});
        let errors = result.diagnostics.iter().filter(|it| it.is_error()).count();
        if errors != 1 {
            let shown = programs::rendered(&host, &result);
            failures.push(format!("{mistake}\n{errors} errors:\n{shown}"));
        }
    }
    report(&failures);
}

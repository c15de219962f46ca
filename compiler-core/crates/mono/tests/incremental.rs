//! What an edit re-executes: the barriers of this crate, as counts.

use mono::{Profile, Target, program_plan};
use ssa::{DebugInfo, OptLevel};
use testkit::TestDb;

const FUNC_COUNT: usize = 200;

/// A program of many small functions, all called from `main`.
fn many_functions() -> String {
    let mut text = String::from("func main() -> I32 {\n    var sum: I32 = 0\n");
    for i in 0..FUNC_COUNT {
        text += &format!("    sum = sum + f{i}({i})\n");
    }
    text += "    sum\n}\n";
    for i in 0..FUNC_COUNT {
        text += &format!("\nfunc f{i}(n: I32) -> I32 {{\n    n * 2 + {i}\n}}\n");
    }
    text
}

struct Project {
    db: TestDb,
    fixture: testkit::Fixture,
    text: String,
}

impl Project {
    fn new() -> Project {
        let text = many_functions();
        let (db, fixture) = TestDb::with_fixture(&text);
        let project = Project { db, fixture, text };
        project.executed();
        project
    }

    fn keys(&self, db: &TestDb) -> Vec<(String, String)> {
        let profile = Profile::new(db, OptLevel::O0, DebugInfo::Lines, false, false, None);
        let target = Target::of_triple(db, "x86_64", "", "");
        let plan = program_plan(db, self.fixture.main_package(), target, profile);
        assert!(plan.errors.is_empty(), "{:?}", plan.errors);
        assert_eq!(plan.functions.len(), FUNC_COUNT + 2);
        plan.functions
            .iter()
            .map(|f| (f.symbol.to_string(), f.key.to_string()))
            .collect()
    }

    fn executed(&self) -> Vec<String> {
        self.db.executed(|db| {
            self.keys(db);
        })
    }

    fn edit(&mut self, from: &str, to: &str) -> Vec<String> {
        assert!(self.text.contains(from));
        self.text = self.text.replacen(from, to, 1);
        let text = self.text.clone();
        self.db.change_file(self.fixture.first_file(), &text);
        self.executed()
    }
}

fn count(executed: &[String], query: &str) -> usize {
    TestDb::count(executed, query)
}

#[test]
fn nothing_runs_when_nothing_changed() {
    let project = Project::new();
    assert_eq!(project.executed(), [] as [&str; 0]);
}

#[test]
fn one_body_edit_lowers_one_instance() {
    let mut project = Project::new();
    let before = project.keys(&project.db);
    let executed = project.edit("n * 2 + 100\n", "n * 3 + 100\n");
    for query in [
        "ssa_lowered",
        "ssa_simplified",
        "callees",
        "unit_key",
        "plan_of",
    ] {
        assert_eq!(count(&executed, query), 1, "{query}: {executed:#?}");
    }
    // BARRIER 6: it calls what it called.
    assert_eq!(count(&executed, "reachable_from"), 0);
    let after = project.keys(&project.db);
    let changed: Vec<&str> = before
        .iter()
        .zip(&after)
        .filter(|(a, b)| a != b)
        .map(|(a, _)| a.0.as_str())
        .collect();
    assert_eq!(changed, ["main::f100"]);
}

#[test]
fn a_line_above_everything_changes_no_key() {
    let mut project = Project::new();
    let before = project.keys(&project.db);
    let executed = project.edit("func main()", "// a comment\n\nfunc main()");
    assert_eq!(count(&executed, "ssa_lowered"), 0, "{executed:#?}");
    assert_eq!(count(&executed, "plan_of"), 0);
    assert_eq!(project.keys(&project.db), before);
}

#[test]
fn a_new_call_extends_the_program() {
    let mut project = Project::new();
    let executed = project.edit("n * 2 + 7\n", "f8(n) * 2 + 7\n");
    assert_eq!(count(&executed, "ssa_lowered"), 1);
    assert_eq!(count(&executed, "reachable_from"), 1);
}

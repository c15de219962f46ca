//! Inlining and edits: a changed callee reaches exactly the callers that inlined it.

use std::collections::BTreeMap;

use mono::{Profile, Target, program_plan};
use ssa::{DebugInfo, OptLevel};
use testkit::TestDb;

const PROGRAM: &str = "\
func small(n: I64) -> I64 { n * 3 + 1 }

func constant() -> I64 { 7 }

func large(n: I64) -> I64 {
    var a: I64 = n
    var b: I64 = 1
    var i: I64 = 0
    while i < n {
        a = a * 3 + b
        b = b * 5 + a
        if a > 100 { a = a - 77 }
        if b > 200 { b = b - 99 }
        if a > b { a = a + other(b) } else { b = b + other(a) }
        if a > 300 { a = a - other(i) }
        i = i + 1
    }
    a + b
}

func other(n: I64) -> I64 {
    var i: I64 = 0
    var sum: I64 = 0
    while i < n {
        sum = sum + i * i * i - 7
        if sum > 1000 { sum = sum - 1000 }
        if sum > 500 { sum = sum - i * i }
        if sum < 0 { sum = sum + i * 31 }
        if sum == 17 { sum = 18 }
        i = i + 1
    }
    sum
}

@inline(never)
func uses_small(n: I64) -> I64 { small(n) + 2 }

@inline(never)
func uses_large(n: I64) -> I64 { large(n) + 2 }

@inline(never)
func uses_both(n: I64) -> I64 { small(n) + large(n) + constant() }

func main() -> I32 {
    (uses_small(1) + uses_large(2) + uses_both(3)) as I32
}
";

struct Project {
    db: TestDb,
    fixture: testkit::Fixture,
    text: String,
    level: OptLevel,
    inline_threshold: Option<u32>,
}

impl Project {
    fn new(level: OptLevel) -> Project {
        let (db, fixture) = TestDb::with_fixture(PROGRAM);
        let text = PROGRAM.to_owned();
        Project {
            db,
            fixture,
            text,
            level,
            inline_threshold: None,
        }
    }

    fn keys(&self) -> BTreeMap<String, String> {
        let profile = Profile::new(
            &self.db,
            self.level,
            DebugInfo::None,
            false,
            false,
            self.inline_threshold,
        );
        let target = Target::of_triple(&self.db, "x86_64", "", "");
        let plan = program_plan(&self.db, self.fixture.main_package(), target, profile);
        assert!(plan.errors.is_empty(), "{:?}", plan.errors);
        let keys = plan.functions.iter();
        keys.map(|f| (f.symbol.to_string(), f.key.to_string()))
            .collect()
    }

    /// The functions whose code an edit changes.
    fn edit(&mut self, from: &str, to: &str) -> Vec<String> {
        let before = self.keys();
        assert!(self.text.contains(from));
        self.text = self.text.replacen(from, to, 1);
        let text = self.text.clone();
        self.db.change_file(self.fixture.first_file(), &text);
        let after = self.keys();
        let changed = after
            .iter()
            .filter(|(symbol, key)| before.get(*symbol) != Some(key));
        changed.map(|(symbol, _)| symbol.clone()).collect()
    }
}

#[test]
fn inlined_functions_are_no_longer_needed() {
    let symbols: Vec<String> = Project::new(OptLevel::O2).keys().into_keys().collect();
    assert_eq!(
        symbols,
        [
            "main::large",
            "main::uses_both",
            "main::uses_large",
            "main::uses_small",
            "tml_main"
        ]
    );
}

#[test]
fn a_profile_says_what_is_small() {
    let mut project = Project::new(OptLevel::O2);
    project.inline_threshold = Some(1000);
    assert!(!project.keys().contains_key("main::large"));
    project.inline_threshold = Some(0);
    assert!(project.keys().contains_key("main::large"));
}

#[test]
fn an_edit_of_an_inlined_callee_changes_its_inliners_alone() {
    let mut project = Project::new(OptLevel::O2);
    let changed = project.edit("n * 3 + 1", "n * 3 + 2");
    assert_eq!(changed, ["main::uses_both", "main::uses_small"]);
}

#[test]
fn an_edit_of_a_called_function_changes_it_alone() {
    let mut project = Project::new(OptLevel::O2);
    assert_eq!(project.edit("a = a - 77", "a = a - 78"), ["main::large"]);
}

#[test]
fn a_constant_goes_across_functions() {
    let mut project = Project::new(OptLevel::O2);
    assert_eq!(project.edit("{ 7 }", "{ 8 }"), ["main::uses_both"]);
}

/// BARRIER 7: the summary is asked again, and the callers are not.
#[test]
fn an_edit_behind_the_summary_optimizes_no_caller() {
    let mut project = Project::new(OptLevel::O2);
    project.keys();
    project.text = project.text.replacen("a = a - 77", "a = a - 79", 1);
    let text = project.text.clone();
    project.db.change_file(project.fixture.first_file(), &text);
    let executed = project.db.executed(|_| {
        project.keys();
    });
    assert_eq!(TestDb::count(&executed, "summary"), 1, "{executed:#?}");
    // Its own.
    assert_eq!(TestDb::count(&executed, "optimized"), 1, "{executed:#?}");
}

#[test]
fn without_optimisation_nothing_is_inlined() {
    let mut project = Project::new(OptLevel::O0);
    assert_eq!(project.edit("n * 3 + 1", "n * 3 + 2"), ["main::small"]);
    let executed = project.db.executed(|_| {
        project.keys();
    });
    assert_eq!(executed, [] as [&str; 0]);
}

//! `tests/incremental/**/*.md`: successive edits, and what each may cost.
//!
//! A case is prose with fenced blocks. ```` ```tml file=PATH ```` sets a file, ```` ```delete file=PATH ````
//! removes one, and ```` ```expect ```` builds what there is now and checks lines of these forms:
//!
//! ```text
//! output: TEXT            the program prints TEXT (`\n` for newlines)
//! errors: CODE CODE       the build fails with exactly these codes
//! emits: SYMBOL SYMBOL    functions in freshly made objects; `none`
//! objects: N              objects made
//! queries: N              queries executed, all in all
//! runs: QUERY=N           executions of one query
//! ```
//!
//! ```` ```expect release ```` does so with optimisation; ```` ```expect test ```` builds the tests, runs
//! each, and its output is a line per test.
//!
//! After each step the result must equal a build from scratch: same diagnostics, same functions
//! with the same keys, same output.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use compiler_core::build::{
    Builder, Outcome, ProfileChoice, Report, TestFilter, TestOutcome, TestReport, TestRequest,
};
use compiler_core::{Change, Host, Input, MemoryFiles};

use crate::support::{cases, programs, report};

const ROOT: &str = "/ws";

/// The engine under test and the files it should know.
struct World {
    host: Host,
    builder: Builder,
    dir: tempfile::TempDir,
    files: BTreeMap<String, String>,
}

struct Step {
    report: Report,
    output: String,
    queries: BTreeMap<String, usize>,
}

/// What a step builds.
#[derive(Clone)]
enum Goal {
    Program(ProfileChoice),
    Tests,
}

fn tree(files: &BTreeMap<String, String>) -> MemoryFiles {
    let mut tree = MemoryFiles::new("test");
    for (path, text) in files {
        tree.insert(format!("{ROOT}/{path}"), text.as_str());
    }
    tree
}

fn build_as(host: &Host, builder: &Builder, dir: &Path, goal: &Goal) -> Step {
    host.query_log().take();
    host.query_log().record(true);
    let made = make(host, builder, dir, goal);
    host.query_log().record(false);
    let mut queries = BTreeMap::new();
    for key in host.query_log().take() {
        let name = key.split('(').next().unwrap_or_default().to_string();
        *queries.entry(name).or_insert(0) += 1;
    }
    let (report, output) = match made {
        Made::Program(report) => {
            let image = report.artifacts.first().map(|image| image.path.clone());
            let output = image.map_or_else(String::new, |path| {
                let output = Command::new(path).output().expect("the program starts");
                String::from_utf8_lossy(&output.stdout).into_owned()
            });
            (report, output)
        }
        Made::Tests(report) => {
            let output = verdicts(&report);
            (report.build, output)
        }
    };
    Step {
        report,
        output,
        queries,
    }
}

enum Made {
    Program(Report),
    Tests(TestReport),
}

fn make(host: &Host, builder: &Builder, dir: &Path, goal: &Goal) -> Made {
    match goal {
        Goal::Program(profile) => {
            let request = programs::request(dir, profile.clone());
            Made::Program(builder.build(host, &request, &mut |_| {}))
        }
        Goal::Tests => {
            let mut build = programs::request(dir, ProfileChoice::debug());
            build.is_test = true;
            let request = TestRequest {
                build,
                filter: TestFilter::default(),
                benches: false,
                only_list: false,
            };
            Made::Tests(builder.build_tests(host, &request, &mut |_| {}))
        }
    }
}

/// Runs every test; a line for each.
fn verdicts(report: &TestReport) -> String {
    let mut lines = String::new();
    for file in &report.files {
        let TestOutcome::Program(program) = &file.outcome else {
            continue;
        };
        for test in &file.tests {
            let output = Command::new(program)
                .arg(test.number.to_string())
                .output()
                .expect("the program starts");
            let has_passed = output.status.code() == Some(client::testing::PASSED);
            let verdict = if has_passed { "ok" } else { "failed" };
            lines += &format!("{} {verdict}\n", test.name);
        }
    }
    lines
}

impl World {
    fn new(files: BTreeMap<String, String>) -> World {
        let host = Host::in_memory(Input::Directory(ROOT.to_string()), tree(&files));
        // All files are open: the first edit of a file that was not costs more (its other bodies).
        let buffers = files
            .iter()
            .map(|(path, text)| (format!("{ROOT}/{path}"), Some(text.as_str().into())));
        host.apply(&Change {
            buffers: buffers.collect(),
            ..Change::default()
        });
        World {
            host,
            builder: Builder::new(1).expect("threads"),
            dir: tempfile::tempdir().expect("a directory"),
            files,
        }
    }

    /// Edits go in as open buffers, which come before the tree.
    fn edit(&mut self, path: &str, text: &str) {
        self.files.insert(path.to_string(), text.to_string());
        let text: Arc<str> = text.into();
        let buffers = vec![(format!("{ROOT}/{path}"), Some(text))];
        self.host.apply(&Change {
            buffers,
            ..Change::default()
        });
    }

    /// Of a file that came with an edit: those of the beginning lie in the tree.
    fn delete(&mut self, path: &str) {
        self.files.remove(path).expect("a file that is there");
        self.host.apply(&Change {
            buffers: vec![(format!("{ROOT}/{path}"), None)],
            ..Change::default()
        });
    }

    fn step(&self, expectations: &str, goal: &Goal) -> Vec<String> {
        let step = build_as(&self.host, &self.builder, self.dir.path(), goal);
        let mut failures = Vec::new();
        for line in expectations.lines().filter(|line| !line.trim().is_empty()) {
            let (name, wanted) = line.split_once(':').expect("NAME: VALUE");
            failures.extend(self.check(name.trim(), wanted.trim(), &step).err());
        }
        failures.extend(self.equals_a_build_from_scratch(&step, goal).err());
        failures
    }

    fn check(&self, name: &str, wanted: &str, step: &Step) -> Result<(), String> {
        let expect = |actual: String| {
            if actual == wanted {
                Ok(())
            } else {
                Err(format!("{name}: expected `{wanted}`, got `{actual}`"))
            }
        };
        let stats = &step.report.stats;
        match name {
            "output" => expect(step.output.replace('\n', "\\n")),
            "errors" => {
                let errors = step.report.diagnostics.iter().filter(|d| d.is_error());
                expect(errors.map(|d| d.code).collect::<Vec<_>>().join(" "))
            }
            "emits" => {
                let mut symbols: Vec<&str> =
                    stats.emitted_symbols.iter().map(|s| s.as_str()).collect();
                symbols.sort_unstable();
                expect(if symbols.is_empty() {
                    "none".to_string()
                } else {
                    symbols.join(" ")
                })
            }
            "objects" => expect(stats.objects_emitted.to_string()),
            "queries" => expect(stats.queries_executed.to_string()),
            "runs" => {
                let (query, _) = wanted.split_once('=').expect("QUERY=N");
                expect(format!(
                    "{query}={}",
                    step.queries.get(query).copied().unwrap_or(0)
                ))
            }
            other => Err(format!("unknown expectation `{other}`")),
        }
    }

    fn equals_a_build_from_scratch(&self, step: &Step, goal: &Goal) -> Result<(), String> {
        let fresh = World::new(self.files.clone());
        let scratch = build_as(&fresh.host, &fresh.builder, fresh.dir.path(), goal);
        let same_end = matches!(step.report.outcome, Outcome::Done)
            == matches!(scratch.report.outcome, Outcome::Done);
        if !same_end || step.report.programs != scratch.report.programs {
            return Err("the program differs from a build from scratch".to_string());
        }
        let shown = |world: &World, step: &Step| programs::rendered(&world.host, &step.report);
        if shown(self, step) != shown(&fresh, &scratch) {
            return Err(format!(
                "diagnostics differ from scratch:\n{}\n{}",
                shown(self, step),
                shown(&fresh, &scratch)
            ));
        }
        if step.output != scratch.output {
            return Err(format!(
                "output differs from scratch: {:?} {:?}",
                step.output, scratch.output
            ));
        }
        Ok(())
    }
}

/// Fenced blocks: the info string and the content.
fn blocks(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let content: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            found.push((info.to_string(), content.join("\n") + "\n"));
        }
    }
    found
}

fn run(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).expect("a readable case");
    let mut world: Option<World> = None;
    let mut initial = BTreeMap::from([(
        "tml.toml".to_string(),
        "[package]\nname = \"app\"\nversion = \"0.1.0\"\n".to_string(),
    )]);
    let mut failures = Vec::new();
    let mut step = 0;
    for (info, content) in blocks(&text) {
        if let Some(file) = info
            .strip_prefix("tml file=")
            .or(info.strip_prefix("toml file="))
        {
            match &mut world {
                None => {
                    initial.insert(file.to_string(), content);
                }
                Some(world) => world.edit(file, &content),
            }
        } else if let Some(file) = info.strip_prefix("delete file=") {
            world.as_mut().expect("a step before").delete(file);
        } else if let Some(how) = info.strip_prefix("expect") {
            let goal = match how {
                "" => Goal::Program(ProfileChoice::debug()),
                " release" => Goal::Program(ProfileChoice::release()),
                " test" => Goal::Tests,
                other => panic!("{}: expect{other}", path.display()),
            };
            step += 1;
            let world = world.get_or_insert_with(|| World::new(initial.clone()));
            let prefix = format!("{} step {step}: ", path.display());
            failures.extend(
                world
                    .step(&content, &goal)
                    .into_iter()
                    .map(|failure| prefix.clone() + &failure),
            );
        }
    }
    assert!(step > 0, "{} expects nothing", path.display());
    failures
}

#[test]
fn edits_cost_what_they_should() {
    let failures: Vec<String> = cases("incremental", "md")
        .iter()
        .flat_map(|path| run(path))
        .collect();
    report(&failures);
}

/// LLVM inlines within an object, and our own inliner across all: no copy of an old body may
/// survive an edit.
#[test]
fn release_builds_keep_no_copy_of_an_old_body() {
    let program = |steps: usize, last: &str| {
        let steps = "    x = x * 3 + opaque(x)\n".repeat(steps);
        format!(
            "@inline(never)\nfunc opaque(n: I64) -> I64 {{ n % 7 }}\n\n\
             func large(n: I64) -> I64 {{\n    var x: I64 = n\n{steps}    x + {last}\n}}\n\n\
             func small(n: I64) -> I64 {{ n + {last} }}\n\n\
             func main() {{ println(\"{{large(1)}} {{small(2)}}\") }}\n"
        )
    };
    let manifest = "[package]\nname = \"app\"\nversion = \"0.1.0\"\n".to_string();
    let files = |text: String| {
        BTreeMap::from([
            ("tml.toml".to_string(), manifest.clone()),
            ("src/main.tml".to_string(), text),
        ])
    };
    let mut world = World::new(files(program(12, "1")));
    let step = |world: &World| {
        build_as(
            &world.host,
            &world.builder,
            world.dir.path(),
            &Goal::Program(ProfileChoice::release()),
        )
    };
    step(&world);
    for last in ["2", "3", "2"] {
        let text = program(12, last);
        world.edit("src/main.tml", &text);
        let edited = step(&world);
        let scratch = World::new(files(text));
        assert!(!edited.output.is_empty(), "{:?}", edited.report.diagnostics);
        assert_eq!(edited.output, step(&scratch).output, "{last}");
    }
}

//! The default report: suites, their files in order, and why tests failed.

use std::time::Duration;

use super::{FileResults, Reporter, Status, TestOptions, TestResult, formats};
use crate::protocol::TestFile;
use crate::run::print;

/// Tests listed by `--profile-tests`.
const SLOWEST_SHOWN: usize = 10;

/// Prints files in their order, each as soon as it and all before it have ended.
pub(super) struct Progress<'a> {
    files: &'a [TestFile],
    options: &'a TestOptions,
    results: Vec<Vec<Option<TestResult>>>,
    /// Positions of files in the order in which they are shown: suite by suite.
    order: Vec<usize>,
    printed: usize,
    suite: Option<&'a str>,
}

impl<'a> Progress<'a> {
    pub(super) fn new(files: &'a [TestFile], options: &'a TestOptions) -> Progress<'a> {
        let mut order: Vec<usize> = (0..files.len()).collect();
        let first_of = |suite: &str| files.iter().position(|file| file.suite == suite);
        order.sort_by_key(|at| first_of(&files[*at].suite));
        if options.reporter == Reporter::Default {
            let word = if files.len() == 1 { "file" } else { "files" };
            print(format_args!(
                " TML Tests v1.0.0\n\n Running {} test {word}...\n",
                files.len()
            ));
        }
        Progress {
            files,
            options,
            results: files.iter().map(|it| vec![None; it.tests.len()]).collect(),
            order,
            printed: 0,
            suite: None,
        }
    }

    /// A test has ended.
    pub(super) fn done(&mut self, file: usize, test: usize, result: &TestResult) {
        if self.options.reporter == Reporter::Json {
            formats::json(&self.files[file], test, result);
        }
        if self.options.reporter != Reporter::Default {
            return;
        }
        self.results[file][test] = Some(result.clone());
        while let Some(at) = self.order.get(self.printed).copied() {
            if self.results[at].iter().any(Option::is_none) {
                break;
            }
            self.file(at);
            self.printed += 1;
        }
    }

    fn file(&mut self, at: usize) {
        let file = &self.files[at];
        if self.suite != Some(&file.suite) {
            self.suite = Some(&file.suite);
            let in_suite = self.files.iter().filter(|it| it.suite == file.suite);
            let count: usize = in_suite.map(|it| it.tests.len()).sum();
            let word = if count == 1 { "test" } else { "tests" };
            print(format_args!("\n + {} ({count} {word})\n", file.suite));
        }
        let results: Vec<TestResult> = self.results[at].iter().flatten().cloned().collect();
        let name = file.path.rsplit('/').next().unwrap_or(&file.path);
        let took: f64 = results.iter().map(|it| it.duration_ms).sum();
        let has_failed = results.iter().any(TestResult::is_failure);
        let is_skipped = results
            .iter()
            .all(|it| matches!(it.status, Status::Ignored | Status::NotRun));
        let (mark, color) = match (has_failed, is_skipped) {
            (true, _) => ("✗", "31"),
            (false, true) => ("-", "33"),
            (false, false) => ("✓", "32"),
        };
        let mark = self.paint(mark, color);
        print(format_args!("   {mark} {name} ({took:.0}ms)\n"));
        for (test, result) in file.tests.iter().zip(&results) {
            if result.is_failure() {
                failure(&test.name, result);
            } else if self.options.show_output && !result.output.is_empty() {
                print(format_args!("       {}:\n", test.name));
                output(&result.output);
            }
        }
    }

    fn paint(&self, text: &str, color: &str) -> String {
        match self.options.color {
            true => format!("\x1b[{color}m{text}\x1b[0m"),
            false => text.to_string(),
        }
    }
}

fn failure(name: &str, result: &TestResult) {
    let mut lines = result.message.iter();
    let first = lines.next().map(String::as_str).unwrap_or("failed");
    print(format_args!("       {name}: {first}\n"));
    for line in lines {
        print(format_args!("       {line}\n"));
    }
    if let Some(place) = &result.place {
        print(format_args!("       at {place}\n"));
    }
    if !result.output.is_empty() {
        print(format_args!("       output:\n"));
        output(&result.output);
    }
}

fn output(text: &str) {
    for line in text.lines() {
        print(format_args!("       | {line}\n"));
    }
}

/// The counts, the time, and whether all is well.
pub(super) fn summary(all: &[FileResults<'_>], elapsed: Duration, options: &TestOptions) {
    let results = || all.iter().flat_map(|file| &file.results);
    let count = |status: Status| results().filter(|it| it.status == status).count();
    let failed = results().filter(|it| it.is_failure()).count();
    let mut parts = Vec::new();
    if failed > 0 {
        parts.push(format!("{failed} failed"));
    }
    parts.push(format!("{} passed", count(Status::Passed)));
    for (status, word) in [(Status::Ignored, "ignored"), (Status::NotRun, "not run")] {
        if count(status) > 0 {
            parts.push(format!("{} {word}", count(status)));
        }
    }
    if options.show_slowest {
        slowest(all);
    }
    print(format_args!(
        "\n Tests {} ({})\n Duration {:.2}s\n",
        parts.join(" | "),
        results().count(),
        elapsed.as_secs_f64()
    ));
    if failed == 0 {
        print(format_args!("\n All tests passed!\n"));
    }
}

fn slowest(all: &[FileResults<'_>]) {
    let mut timed: Vec<(f64, String)> = Vec::new();
    for FileResults { file, results } in all {
        for (test, result) in file.tests.iter().zip(results) {
            timed.push((result.duration_ms, format!("{}::{}", file.path, test.name)));
        }
    }
    timed.sort_by(|a, b| b.0.total_cmp(&a.0));
    print(format_args!("\n Slowest tests\n"));
    for (took, name) in timed.iter().take(SLOWEST_SHOWN) {
        print(format_args!("   {took:>8.1}ms  {name}\n"));
    }
}

//! Running tests (cli.md §2.3): each in a process of its own, several at a time.
//!
//! The engine says which tests there are and which executable holds them
//! ([`crate::protocol::TestPlan`]); here they are run and reported. Start with [`run`].

mod bench;
mod formats;
mod process;
mod report;
mod schedule;
mod select;

use std::time::Instant;

pub use select::{Selected, select};

use crate::protocol::{TestCase, TestFile, TestPlan};

/// The exit status of a test executable whose test has passed: not 0, so that a test that ends
/// the process itself has not passed. `mono::tests` has the same number.
pub const PASSED: i32 = 213;
/// The status after a test that returned a failure.
pub const FAILED: i32 = 214;

const EXIT_FAILED: u8 = 1;
const EXIT_TIMEOUT: u8 = 124;
/// Seconds that a test may take unless something else is said.
const TIMEOUT_SECONDS: f64 = 20.0;

/// How results are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reporter {
    #[default]
    Default,
    Tap,
    Junit,
    Json,
}

/// What is printed instead of running anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    Tests,
    Suites,
}

/// Options that say how tests run, not which.
#[derive(Clone, Debug, Default)]
pub struct TestOptions {
    pub threads: Option<u32>,
    /// Seconds.
    pub timeout: Option<f64>,
    pub fail_fast: bool,
    pub retries: Option<u32>,
    /// A seed, or `random`.
    pub shuffle: Option<String>,
    pub only_ignored: bool,
    pub include_ignored: bool,
    pub nocapture: bool,
    pub show_output: bool,
    pub show_slowest: bool,
    pub reporter: Reporter,
    pub fail_without_tests: bool,
    pub listing: Option<Listing>,
    pub benches: bool,
    pub save_baseline: Option<String>,
    pub compare: Option<String>,
    pub color: bool,
    pub quiet: bool,
}

/// How a test ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Passed,
    Failed,
    Ignored,
    TimedOut,
    /// Left out after a failure under `--fail-fast`.
    NotRun,
}

/// The result of one test.
#[derive(Clone, Debug)]
pub struct TestResult {
    pub status: Status,
    pub duration_ms: f64,
    /// Why it failed, line by line, or why it is ignored.
    pub message: Vec<String>,
    /// `file:line:col` of a panic.
    pub place: Option<String>,
    /// What it printed.
    pub output: String,
}

impl TestResult {
    pub(crate) fn new(status: Status, message: impl Into<String>) -> TestResult {
        let message: String = message.into();
        TestResult {
            status,
            duration_ms: 0.0,
            message: message.lines().map(str::to_string).collect(),
            place: None,
            output: String::new(),
        }
    }

    pub(crate) fn is_failure(&self) -> bool {
        matches!(self.status, Status::Failed | Status::TimedOut)
    }
}

/// A file's results, test by test.
pub struct FileResults<'a> {
    pub file: &'a TestFile,
    pub results: Vec<TestResult>,
}

/// Runs what the plan holds and reports it; the exit code.
pub fn run(plan: &TestPlan, options: &TestOptions) -> u8 {
    if let Some(listing) = options.listing {
        list(plan, listing);
        return plan.exit_code;
    }
    if plan.files.is_empty() {
        if plan.exit_code != 0 {
            return plan.exit_code;
        }
        if options.reporter == Reporter::Default {
            crate::run::print(format_args!("No tests found\n"));
        }
        formats::empty(options.reporter);
        return if options.fail_without_tests {
            EXIT_FAILED
        } else {
            0
        };
    }
    let start = Instant::now();
    if options.benches {
        return bench::run(plan, options);
    }
    let files: &[TestFile] = &plan.files;
    let mut reporter = report::Progress::new(files, options);
    let all = schedule::run(files, plan, options, &mut |file, test, result| {
        reporter.done(file, test, result);
    });
    let elapsed = start.elapsed();
    match options.reporter {
        Reporter::Default => report::summary(&all, elapsed, options),
        Reporter::Tap => formats::tap(&all),
        Reporter::Junit => formats::junit(&all, elapsed),
        Reporter::Json => formats::json_end(&all),
    }
    exit_code(&all)
}

fn exit_code(all: &[FileResults<'_>]) -> u8 {
    let results = || all.iter().flat_map(|file| &file.results);
    if results().any(|result| result.status == Status::TimedOut) {
        EXIT_TIMEOUT
    } else if results().any(TestResult::is_failure) {
        EXIT_FAILED
    } else {
        0
    }
}

fn list(plan: &TestPlan, listing: Listing) {
    match listing {
        Listing::Tests => {
            for file in &plan.files {
                for test in &file.tests {
                    crate::run::print(format_args!("{}::{}\n", file.path, test.name));
                }
            }
        }
        Listing::Suites => {
            let mut suites: Vec<&str> = plan.files.iter().map(|it| it.suite.as_str()).collect();
            suites.sort_unstable();
            suites.dedup();
            for suite in suites {
                crate::run::print(format_args!("{suite}\n"));
            }
        }
    }
}

/// Seconds that a test may take: its own limit, the command line's, the manifest's, the default.
fn limit_seconds(test: &TestCase, plan: &TestPlan, options: &TestOptions) -> f64 {
    let own = test.timeout_ms.map(|ms| ms as f64 / 1000.0);
    let of_manifest = plan.defaults.timeout_seconds.map(f64::from);
    own.or(options.timeout)
        .or(of_manifest)
        .unwrap_or(TIMEOUT_SECONDS)
}

//! `tml test`: which tests there are and the programs that hold them, as the protocol has it.

use std::path::PathBuf;

use client::args::Globals;
use client::protocol::{self, Format, TestParams, TestPlan};
use client::testing::{self, TestOptions};
use compiler_core::build::{
    Builder, Event, Outcome, TestFilter, TestOutcome, TestReport, TestRequest,
};
use compiler_core::{Host, Input};

use crate::work::{self, EXIT_FAILED, EXIT_INTERNAL, EXIT_USAGE, Sink};

/// Finds tests and builds their programs.
pub fn plan(host: &Host, builder: &Builder, params: &TestParams, sink: &mut Sink<'_>) -> TestPlan {
    let mut build = match work::request(host, &params.work) {
        Ok(build) => build,
        Err(message) => {
            work::err(sink, format!("error: {message}\n"));
            return TestPlan {
                exit_code: EXIT_USAGE,
                ..TestPlan::default()
            };
        }
    };
    build.is_test = true;
    let request = TestRequest {
        build,
        filter: TestFilter {
            patterns: params.filters.clone(),
            exact: params.exact,
            suites: params.suites.clone(),
            paths: params.paths.clone(),
        },
        benches: params.benches,
        only_list: params.only_list,
    };
    let is_quiet = params.work.quiet || params.work.format == Format::Json;
    let mut on_event = |event: Event| {
        if let Event::Compiling { package } = event
            && !is_quiet
        {
            work::err(sink, format!("   Compiling {package}\n"));
        }
    };
    let mut report = builder.build_tests(host, &request, &mut on_event);
    let is_denied = work::levels(&params.work).apply(&mut report.build.diagnostics);
    work::show_diagnostics(host, &params.work, &report.build, sink);
    let mut exit_code = 0;
    for failure in &report.failures {
        exit_code = work::failed(failure, &report.build, &params.work, sink);
    }
    let is_done = report.build.outcome == Outcome::Done;
    if is_denied || is_done && report.files.is_empty() && report.build.has_errors() {
        exit_code = EXIT_FAILED;
    }
    into_plan(report, exit_code)
}

fn into_plan(report: TestReport, exit_code: u8) -> TestPlan {
    let section = &report.section;
    let defaults = protocol::TestDefaults {
        threads: match section.parallel {
            Some(false) => Some(1),
            _ => section.threads,
        },
        timeout_seconds: section.timeout,
        retries: section.retries,
        fail_fast: section.fail_fast.unwrap_or(false),
    };
    let files = report.files.into_iter().map(|file| {
        let tests = file.tests.into_iter().map(|test| protocol::TestCase {
            name: test.name,
            number: test.number,
            ignored: test.ignored,
            should_panic: test.should_panic,
            should_fail: test.should_fail,
            timeout_ms: test.timeout_ms,
            rounds: test.rounds,
        });
        let (program, judged) = match file.outcome {
            TestOutcome::Program(path) => (Some(path.display().to_string()), None),
            TestOutcome::Judged { failures } => (None, Some(failures)),
            TestOutcome::Listed | TestOutcome::NotBuilt => (None, None),
        };
        protocol::TestFile {
            suite: file.suite,
            path: file.path,
            dir: file.dir,
            tests: tests.collect(),
            program,
            judged,
        }
    });
    TestPlan {
        exit_code,
        print_count: 0,
        files: files.collect(),
        defaults,
        stats: work::stats(&report.build),
    }
}

/// Finds, builds and runs tests without any daemon.
pub fn in_this_process(
    globals: &Globals,
    mut params: TestParams,
    selectors: &[String],
    mut options: TestOptions,
) -> u8 {
    let cwd = std::env::current_dir().unwrap_or_default();
    let selected = testing::select(selectors, &cwd);
    params.filters.extend(selected.filters);
    params.paths = selected.paths;
    params.work.files = selected.files;
    params.work.cwd = cwd.display().to_string();
    params.work.color = client::run::wants_color(&globals.color);
    params.work.width = client::run::terminal_width();
    options.color = client::run::wants_color_on(&globals.color, &std::io::stdout());
    let threads = std::thread::available_parallelism().map_or(1, |count| count.get());
    let threads = params.work.jobs.map_or(threads, |jobs| jobs as usize);
    let builder = match Builder::new(threads) {
        Ok(builder) => builder,
        Err(error) => {
            eprintln!("error: cannot start: {error}");
            return EXIT_INTERNAL;
        }
    };
    let mut results = Vec::new();
    let has_package = selected.package_dir.is_some() || params.work.files.is_empty();
    if has_package {
        let dir: PathBuf = selected.package_dir.unwrap_or(cwd);
        let Some(root) = client::endpoint::find_root(&dir) else {
            eprintln!(
                "error[K001]: no `tml.toml` in `{}` or any parent directory",
                dir.display()
            );
            eprintln!("   = help: `tml test FILE.tml` tests a single file");
            return EXIT_USAGE;
        };
        let of_package = TestParams {
            work: protocol::WorkParams {
                files: Vec::new(),
                ..params.work.clone()
            },
            ..params.clone()
        };
        let host = crate::engine::open_host(Input::Directory(root.display().to_string()));
        let plan = plan(&host, &builder, &of_package, &mut work::print_here);
        let is_other_file = plan.files.is_empty()
            && plan.exit_code == 0
            && !params.paths.is_empty()
            && params.paths.iter().all(|path| path.ends_with(".tml"));
        match is_other_file {
            // Files of a package that are none of its tests: programs of their own.
            true => params.work.files.append(&mut params.paths),
            false => results.push(plan),
        }
    }
    if !params.work.files.is_empty() {
        params.paths = Vec::new();
        let host = crate::engine::open_host(Input::Files(params.work.files.clone()));
        results.push(plan(&host, &builder, &params, &mut work::print_here));
    }
    let mut all = TestPlan::default();
    for plan in results {
        all.exit_code = all.exit_code.max(plan.exit_code);
        all.files.extend(plan.files);
        all.defaults = plan.defaults;
    }
    testing::run(&all, &options)
}

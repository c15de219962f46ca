//! `tml test` and `tml bench` (cli.md §2.3).

use clap::{Arg, ArgMatches, Command};

use super::{Action, Globals, flag, string, strings, value, work_args, work_params};
use crate::protocol::{Format, TestParams, Verb};
use crate::testing::{Listing, Reporter, TestOptions};

pub(super) fn command(name: &'static str, about: &'static str) -> Command {
    let number = |name: &'static str, what: &'static str| {
        value(name, what).value_parser(clap::value_parser!(u32))
    };
    work_args(Command::new(name).about(about))
        .mut_arg("files", |arg| {
            arg.value_name("FILTER|FILE")
                .help("Parts of `file::test`, with `*` for anything; files and directories")
        })
        .arg(
            value("filter", "PAT")
                .action(clap::ArgAction::Append)
                .help("Only tests whose `file::name` contains PAT"),
        )
        .arg(flag("exact").help("Filters are whole names"))
        .arg(
            value("suite", "S")
                .action(clap::ArgAction::Append)
                .help("Only tests of this suite, such as core/str"),
        )
        .arg(flag("list-suites").help("Print suites, run nothing"))
        .arg(flag("list").help("Print `file::name` lines, run nothing"))
        .arg(number("test-threads", "N").help("Tests at a time; 1 runs them in order"))
        .arg(
            value("timeout", "S")
                .value_parser(clap::value_parser!(f64))
                .help("Limit of each test in seconds (default 20)"),
        )
        .arg(flag("fail-fast").help("Stop after the first failure"))
        .arg(number("retries", "N").help("Run failed tests again, up to N times"))
        .arg(
            value("shuffle", "SEED")
                .num_args(0..=1)
                .require_equals(true)
                .default_missing_value("random")
                .help("Run in random order"),
        )
        .arg(flag("ignored").help("Only ignored tests"))
        .arg(flag("include-ignored").help("Ignored tests, too"))
        .arg(flag("nocapture").help("Show output as it comes"))
        .arg(flag("show-output").help("Show output of passing tests"))
        .arg(flag("profile-tests").help("Show the slowest tests"))
        .arg(flag("no-check-leaks").help("Do not look for leaks"))
        .arg(
            value("reporter", "default|tap|junit|json")
                .value_parser(["default", "tap", "junit", "json"])
                .help("How to show results"),
        )
        .arg(
            value("no-tests", "pass|fail")
                .value_parser(["pass", "fail"])
                .help("What it means to find none"),
        )
        .arg(flag("bench").help("Run benches instead of tests"))
        .arg(value("save-baseline", "FILE").help("Write times of benches to FILE"))
        .arg(value("compare", "FILE").help("Compare times of benches with FILE"))
        .mut_arg("profile", |arg: Arg| {
            // `--profile` without a value is the old name of `--profile-tests`.
            arg.num_args(0..=1).default_missing_value("")
        })
}

pub(super) fn action(matches: &ArgMatches, globals: &Globals, always_bench: bool) -> Action {
    let mut work = work_params(matches, globals, Verb::Build);
    let selectors = std::mem::take(&mut work.files);
    let benches = always_bench || matches.get_flag("bench");
    let wants_profile = work.profile.is_empty();
    if wants_profile {
        work.profile = "debug".to_string();
    }
    if always_bench && string(matches, "profile").is_none() && !matches.get_flag("debug") {
        work.profile = "release".to_string();
    }
    let reporter = match (string(matches, "reporter").as_deref(), globals.format) {
        (Some("tap"), _) => Reporter::Tap,
        (Some("junit"), _) => Reporter::Junit,
        (Some("json"), _) | (None, Format::Json) => Reporter::Json,
        _ => Reporter::Default,
    };
    let listing = match (matches.get_flag("list"), matches.get_flag("list-suites")) {
        (true, _) => Some(Listing::Tests),
        (false, true) => Some(Listing::Suites),
        (false, false) => None,
    };
    let options = TestOptions {
        threads: matches.get_one("test-threads").copied(),
        timeout: matches.get_one::<f64>("timeout").copied(),
        fail_fast: matches.get_flag("fail-fast"),
        retries: matches.get_one("retries").copied(),
        shuffle: string(matches, "shuffle"),
        only_ignored: matches.get_flag("ignored"),
        include_ignored: matches.get_flag("include-ignored"),
        nocapture: matches.get_flag("nocapture"),
        show_output: matches.get_flag("show-output"),
        show_slowest: matches.get_flag("profile-tests") || wants_profile,
        reporter,
        fail_without_tests: string(matches, "no-tests").as_deref() == Some("fail"),
        listing,
        benches,
        save_baseline: string(matches, "save-baseline"),
        compare: string(matches, "compare"),
        color: false,
        quiet: globals.quiet,
    };
    // What passes and fails is the news; which packages were compiled is not.
    work.quiet |= globals.verbosity == 0;
    let params = TestParams {
        work,
        filters: strings(matches, "filter"),
        exact: matches.get_flag("exact"),
        suites: strings(matches, "suite"),
        paths: Vec::new(),
        benches,
        only_list: listing.is_some(),
    };
    Action::Test {
        params: Box::new(params),
        selectors,
        options: Box::new(options),
    }
}

//! The command line (cli.md): what the thin client and `tmld --no-daemon` both read.

mod test;
mod tools;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, ArgMatches, Command};

pub use tools::{DumpParams, FixParams, FmtParams, Tool};

use crate::protocol::{Format, TestParams, Verb, WorkParams};
use crate::testing::TestOptions;

/// A parsed command line.
#[derive(Debug)]
pub struct Invocation {
    pub action: Action,
    pub globals: Globals,
}

/// Options that every command takes.
#[derive(Clone, Debug, Default)]
pub struct Globals {
    pub directory: Option<String>,
    pub manifest_path: Option<String>,
    pub no_daemon: bool,
    pub quiet: bool,
    pub verbosity: u8,
    /// `auto`, `always` or `never`
    pub color: String,
    pub format: Format,
}

/// What to do.
#[derive(Debug)]
pub enum Action {
    Work {
        params: Box<WorkParams>,
        /// After `--`, for the program of `run`.
        program_args: Vec<String>,
        timeout_seconds: Option<u64>,
        /// Whether to go on with every change until interrupted.
        watch: bool,
    },
    Test {
        params: Box<TestParams>,
        /// Filters, files and directories, not yet told apart.
        selectors: Vec<String>,
        options: Box<TestOptions>,
    },
    New {
        path: String,
        name: Option<String>,
        lib: bool,
        git: bool,
    },
    Init {
        name: Option<String>,
        lib: bool,
        with_sources: bool,
    },
    Clean {
        release: bool,
    },
    /// Something that needs no daemon.
    Tool(Box<Tool>),
    Env,
    Completions {
        shell: String,
    },
    Daemon(DaemonVerb),
    Lsp,
    Version,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DaemonVerb {
    Status,
    Stop,
    Restart,
    Logs,
}

/// The command line cannot be used: a text for stderr and the exit code, or help for stdout.
#[derive(Debug)]
pub struct Unusable {
    pub text: String,
    pub exit_code: u8,
}

/// Reads the arguments after the program's name.
pub fn parse(args: impl IntoIterator<Item = String>) -> Result<Invocation, Unusable> {
    let all = std::iter::once("tml".to_string()).chain(args);
    let matches = command()
        .try_get_matches_from(all)
        .map_err(|error| unusable(&error))?;
    let (name, sub) = match matches.subcommand() {
        Some(found) => found,
        None if matches.get_flag("version") => {
            return Ok(Invocation {
                action: Action::Version,
                globals: Globals::default(),
            });
        }
        None => {
            let text = command().render_help().to_string();
            return Err(Unusable { text, exit_code: 2 });
        }
    };
    let globals = globals(sub);
    let action = match name {
        "build" => work(sub, &globals, Verb::Build, false),
        "emit" => emit(sub, &globals),
        "check" => work(sub, &globals, Verb::Check, false),
        "run" => work(sub, &globals, Verb::Run, sub.get_flag("watch")),
        "watch" => {
            let (verb, sub) = match sub.subcommand() {
                Some(("check", sub)) => (Verb::Check, sub),
                Some(("run", sub)) => (Verb::Run, sub),
                Some((_, sub)) => (Verb::Build, sub),
                None => (Verb::Build, sub),
            };
            work(sub, &globals, verb, true)
        }
        "test" => test::action(sub, &globals, false),
        "bench" => test::action(sub, &globals, true),
        "new" => Action::New {
            path: string(sub, "path").unwrap_or_default(),
            name: string(sub, "name"),
            lib: sub.get_flag("lib"),
            git: string(sub, "vcs").as_deref() == Some("git"),
        },
        "init" => Action::Init {
            name: string(sub, "name"),
            lib: sub.get_flag("lib"),
            with_sources: !sub.get_flag("no-src"),
        },
        "clean" => Action::Clean {
            release: sub.get_flag("release"),
        },
        "explain" => Action::Tool(Box::new(Tool::Explain(
            string(sub, "code").unwrap_or_default(),
        ))),
        "daemon" => Action::Daemon(match sub.subcommand_name() {
            Some("stop") => DaemonVerb::Stop,
            Some("restart") => DaemonVerb::Restart,
            Some("logs") => DaemonVerb::Logs,
            _ => DaemonVerb::Status,
        }),
        name => tools::action(name, sub, &globals).unwrap_or(Action::Lsp),
    };
    Ok(Invocation { action, globals })
}

/// The whole command line.
pub fn command() -> Command {
    Command::new("tml")
        .about("Builds, checks and runs TML programs; one engine for the editor and the build")
        .disable_version_flag(true)
        .arg(flag("version").short('V').help("Print the version"))
        .args(global_args())
        .subcommand(
            work_command("build", "Build the package, or the given files").visible_alias("b"),
        )
        .subcommand(
            Command::new("emit")
                .about("Write what the compiler makes of a program on the way")
                .subcommand_required(true)
                .subcommand(
                    work_command("mir", "Labelled blocks with phis")
                        .arg(value("diff", "PASS").help("What a pass changes, or `all` of them")),
                )
                .subcommand(work_command("ir", "LLVM IR"))
                .subcommand(work_command("asm", "Assembly"))
                .subcommand(work_command("obj", "An object file")),
        )
        .subcommand(work_command("check", "Find errors without making anything").visible_alias("c"))
        .subcommand(
            work_command("run", "Build and run a program")
                .visible_alias("r")
                .arg(flag("watch").help("Run again on every change"))
                .arg(value("timeout", "S").help("Kill the program after S seconds (exit 124)"))
                .arg(Arg::new("program-args").last(true).num_args(0..)),
        )
        .subcommand(test::command("test", "Run tests").visible_alias("t"))
        .subcommand(test::command("bench", "Run benches, optimised"))
        .subcommand(
            work_args(Command::new("watch").about("Build, check or run again on every change"))
                .subcommand(work_command("build", "Rebuild on change"))
                .subcommand(work_command("check", "Check on change"))
                .subcommand(work_command("run", "Run on change")),
        )
        .subcommand(
            Command::new("new")
                .about("Create a directory with a package")
                .arg(Arg::new("path").required(true))
                .args(package_args())
                .arg(value("vcs", "git|none").help("Make a repository too")),
        )
        .subcommand(
            Command::new("init")
                .about("Create a package in this directory")
                .args(package_args())
                .arg(flag("no-src").help("Only the manifest")),
        )
        .subcommand(
            Command::new("clean")
                .about("Remove what was built")
                .arg(flag("release").help("Only the release profile"))
                .arg(flag("all").help("Everything (the default)")),
        )
        .subcommands(tools::commands())
        .subcommand(
            Command::new("explain")
                .about("Explain an error code")
                .arg(Arg::new("code").required(true)),
        )
        .subcommand(
            Command::new("daemon")
                .about("The engine of this workspace")
                .subcommand(Command::new("status").about("What it is and does"))
                .subcommand(Command::new("stop").about("End it"))
                .subcommand(Command::new("restart").about("End it and start another"))
                .subcommand(Command::new("logs").about("What it wrote")),
        )
        .subcommand(
            Command::new("lsp")
                .about("Language server on standard input and output")
                .arg(flag("stdio").help("The only transport, and the default")),
        )
}

fn global_args() -> [Arg; 10] {
    [
        value("directory", "DIR")
            .short('C')
            .help("Run in DIR")
            .global(true),
        value("manifest-path", "FILE")
            .help("Use the package of this manifest")
            .global(true),
        flag("no-daemon")
            .help("Do the work in one process")
            .global(true),
        flag("quiet").short('q').help("No progress").global(true),
        Arg::new("verbose")
            .long("verbose")
            .short('v')
            .action(ArgAction::Count)
            .global(true),
        value("color", "WHEN")
            .value_parser(["auto", "always", "never"])
            .global(true),
        flag("no-color").global(true),
        value("format", "FORMAT")
            .visible_aliases(["message-format", "error-format"])
            .value_parser(["text", "json", "llm", "sarif"])
            .help("How to show diagnostics")
            .global(true),
        flag("offline").global(true),
        value("cache-dir", "DIR").hide(true).global(true),
    ]
}

fn package_args() -> [Arg; 3] {
    [
        flag("bin").help("A binary (the default)"),
        flag("lib").help("A library"),
        value("name", "N").help("Name of the package"),
    ]
}

fn work_command(name: &'static str, about: &'static str) -> Command {
    work_args(Command::new(name).about(about))
}

fn work_args(command: Command) -> Command {
    let list = |name: &'static str, what: &'static str| value(name, what).action(ArgAction::Append);
    command
        .arg(Arg::new("files").num_args(0..).value_name("FILE"))
        .arg(flag("release").help("With optimisation"))
        .arg(flag("debug").help("Without optimisation (the default)"))
        .arg(value("profile", "NAME"))
        .arg(
            value("opt-level", "LEVEL")
                .short('O')
                .value_parser(["0", "1", "2", "3", "s", "z"]),
        )
        .arg(
            list("define", "NAME[=V]")
                .short('D')
                .help("Define a symbol for #if"),
        )
        .arg(list("package", "NAME").short('p'))
        .arg(flag("workspace"))
        .arg(list("exclude", "NAME"))
        .arg(flag("lib").help("Only the library"))
        .arg(list("bin", "NAME"))
        .arg(flag("bins"))
        .arg(flag("tests").help("Also files of tests"))
        .arg(flag("all-targets").help("Everything that can be built"))
        .arg(
            value("jobs", "N")
                .short('j')
                .value_parser(clap::value_parser!(u32)),
        )
        .arg(value("out-dir", "DIR"))
        .arg(value("output", "FILE").short('o'))
        .arg(flag("no-cache").help("Neither read nor write the object store"))
        .arg(list("allow", "CODE"))
        .arg(list("warn", "CODE"))
        .arg(list("deny", "CODE"))
        .arg(flag("deny-warnings"))
        .arg(flag("strict").help("Low-level operations outside of `lowlevel` are errors"))
        .arg(value("max-errors", "N").value_parser(clap::value_parser!(u32)))
        .arg(flag("time").help("Show where the time went"))
        .arg(flag("overflow-checks").help("Panic on integer overflow"))
        .arg(
            flag("llvm-only")
                .hide(true)
                .help("No passes of our own: to see what they are worth"),
        )
        .arg(list("emit", "ast|mir|ir|asm|obj").value_delimiter(','))
        .arg(
            value("emit-mir", "PASS|all")
                .num_args(0..=1)
                .require_equals(true)
                .default_missing_value("")
                .help("The code between the passes; as a diff with a PASS or `all`"),
        )
        .arg(flag("emit-ir"))
        .arg(
            flag("explain-escape")
                .help("Which heap memory went to the stack, and why other did not"),
        )
        .arg(value("linker", "wild|lld|mold|cc").value_parser(["wild", "lld", "mold", "cc"]))
}

fn flag(name: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue)
}

fn value(name: &'static str, shown: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(shown)
}

fn globals(matches: &ArgMatches) -> Globals {
    let color = if matches.get_flag("no-color") {
        "never".to_string()
    } else {
        string(matches, "color").unwrap_or_else(|| "auto".to_string())
    };
    Globals {
        directory: string(matches, "directory"),
        manifest_path: string(matches, "manifest-path"),
        no_daemon: matches.get_flag("no-daemon"),
        quiet: matches.get_flag("quiet"),
        verbosity: matches.get_count("verbose"),
        color,
        format: match string(matches, "format").as_deref() {
            Some("json") => Format::Json,
            Some("llm") => Format::Llm,
            Some("sarif") => Format::Sarif,
            _ => Format::Text,
        },
    }
}

/// `tml emit mir --diff PASS` is `tml build --emit-mir=PASS`.
fn emit(matches: &ArgMatches, globals: &Globals) -> Action {
    let Some((kind, sub)) = matches.subcommand() else {
        return work(matches, globals, Verb::Build, false);
    };
    let mut action = work(sub, globals, Verb::Build, false);
    let pass = match kind {
        "mir" => string(sub, "diff"),
        _ => None,
    };
    if let Action::Work { params, .. } = &mut action {
        params.emit.push(match pass {
            Some(pass) => format!("{kind}={pass}"),
            None => kind.to_string(),
        });
    }
    action
}

fn work_params(matches: &ArgMatches, globals: &Globals, verb: Verb) -> WorkParams {
    let mut emit = strings(matches, "emit");
    match string(matches, "emit-mir").as_deref() {
        Some("") => emit.push("mir".to_string()),
        Some(pass) => emit.push(format!("mir={pass}")),
        None => {}
    }
    if matches.get_flag("emit-ir") {
        emit.push("ir".to_string());
    }
    if matches.get_flag("explain-escape") {
        emit.push("escape".to_string());
    }
    let profile = match string(matches, "profile") {
        Some(profile) => profile,
        None if matches.get_flag("release") => "release".to_string(),
        None => "debug".to_string(),
    };
    WorkParams {
        verb,
        cwd: String::new(),
        files: strings(matches, "files"),
        packages: strings(matches, "package"),
        is_workspace: matches.get_flag("workspace"),
        excluded: strings(matches, "exclude"),
        lib: matches.get_flag("lib"),
        tests: matches.get_flag("tests") || matches.get_flag("all-targets"),
        bins: strings(matches, "bin"),
        all_bins: matches.get_flag("bins"),
        profile,
        opt_level: string(matches, "opt-level"),
        overflow_checks: matches.get_flag("overflow-checks"),
        llvm_only: matches.get_flag("llvm-only"),
        defines: strings(matches, "define"),
        format: globals.format,
        color: false,
        width: 0,
        verbosity: globals.verbosity,
        quiet: globals.quiet,
        time: matches.get_flag("time"),
        no_cache: matches.get_flag("no-cache"),
        max_errors: matches.get_one("max-errors").copied(),
        deny_warnings: matches.get_flag("deny-warnings"),
        strict: matches.get_flag("strict"),
        allow: strings(matches, "allow"),
        warn: strings(matches, "warn"),
        deny: strings(matches, "deny"),
        emit,
        out_dir: string(matches, "out-dir"),
        output: string(matches, "output"),
        linker: string(matches, "linker"),
        jobs: matches.get_one("jobs").copied(),
    }
}

fn work(matches: &ArgMatches, globals: &Globals, verb: Verb, watch: bool) -> Action {
    let params = work_params(matches, globals, verb);
    let is_run = verb == Verb::Run && matches.try_contains_id("program-args").is_ok();
    Action::Work {
        params: Box::new(params),
        program_args: if is_run {
            strings(matches, "program-args")
        } else {
            Vec::new()
        },
        timeout_seconds: match is_run {
            true => string(matches, "timeout").and_then(|seconds| seconds.parse().ok()),
            false => None,
        },
        watch,
    }
}

fn string(matches: &ArgMatches, name: &str) -> Option<String> {
    matches.get_one::<String>(name).cloned()
}

fn strings(matches: &ArgMatches, name: &str) -> Vec<String> {
    matches
        .get_many::<String>(name)
        .map(|all| all.cloned().collect())
        .unwrap_or_default()
}

/// Help goes to stdout with exit 0; everything else is a usage error, K009.
fn unusable(error: &clap::Error) -> Unusable {
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    ) {
        return Unusable {
            text: error.to_string(),
            exit_code: 0,
        };
    }
    let context = |kind: ContextKind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => texts.first().cloned(),
        _ => None,
    };
    let (what, nearest) = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let name = context(ContextKind::InvalidSubcommand).unwrap_or_default();
            (format!("unknown command `{name}`"), nearest_command(&name))
        }
        ErrorKind::UnknownArgument => (
            format!(
                "unknown option `{}`",
                context(ContextKind::InvalidArg).unwrap_or_default()
            ),
            context(ContextKind::SuggestedArg),
        ),
        _ => {
            let text = error.to_string();
            let first = text
                .lines()
                .next()
                .unwrap_or_default()
                .trim_start_matches("error: ")
                .to_string();
            (first, None)
        }
    };
    let mut text = format!("error[K009]: {what}\n");
    if let Some(nearest) = nearest {
        text.push_str(&format!("   = help: did you mean `{nearest}`?\n"));
    }
    text.push_str("   = note: `tml --help` lists commands and options\n");
    Unusable { text, exit_code: 2 }
}

/// The command with the smallest edit distance, if that is small for the length of the name.
fn nearest_command(name: &str) -> Option<String> {
    let command = command();
    let distances = command.get_subcommands().map(|known| {
        (
            strsim::damerau_levenshtein(known.get_name(), name),
            known.get_name(),
        )
    });
    let (distance, nearest) = distances.min()?;
    (distance <= 1 + name.len() / 4).then(|| nearest.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Invocation, Unusable> {
        parse(line.split_whitespace().map(str::to_string))
    }

    #[test]
    fn a_command_line_becomes_a_request() {
        let Action::Work {
            params,
            program_args,
            ..
        } = parsed("run --release -D A=1 -D B x.tml -q -- -x y")
            .unwrap()
            .action
        else {
            panic!("not work")
        };
        assert_eq!(
            (params.verb, params.profile.as_str(), params.quiet),
            (Verb::Run, "release", true)
        );
        assert_eq!(params.defines, ["A=1", "B"]);
        assert_eq!(
            (params.files.clone(), program_args),
            (vec!["x.tml".into()], vec!["-x".into(), "y".into()])
        );
        let Action::Work { params, watch, .. } = parsed("watch check").unwrap().action else {
            panic!("not work")
        };
        assert_eq!((params.verb, watch), (Verb::Check, true));
        let Action::Work { params, .. } = parsed("build --emit-mir --emit obj").unwrap().action
        else {
            panic!("not work")
        };
        assert_eq!(params.emit, ["obj", "mir"]);
    }

    #[test]
    fn mistakes_are_k009_with_the_nearest_name() {
        let error = parsed("biuld").unwrap_err();
        assert_eq!(error.exit_code, 2);
        assert!(
            error.text.contains("K009") && error.text.contains("`build`"),
            "{}",
            error.text
        );
        let error = parsed("build --relase").unwrap_err();
        assert!(error.text.contains("`--release`"), "{}", error.text);
        assert_eq!(parsed("--help").unwrap_err().exit_code, 0);
        assert_eq!(parsed("").unwrap_err().exit_code, 2);
    }
}

//! Tools around the compiler: `fmt`, `lint`, `fix`, dumps, `env`, `completions`.

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::{Action, Globals, flag, string, strings, value, work_args, work_params};
use crate::protocol::{Verb, WorkParams};

/// A tool that runs in one process, without a daemon.
#[derive(Debug)]
pub enum Tool {
    Fmt(FmtParams),
    Fix(FixParams),
    /// `tml lint --list`
    ListLints,
    Dump(DumpParams),
    Explain(String),
}

/// `tml fmt`
#[derive(Clone, Debug, Default)]
pub struct FmtParams {
    pub paths: Vec<String>,
    pub check: bool,
    pub diff: bool,
    pub stdin: bool,
    /// A manifest whose `[fmt]` counts.
    pub config_path: Option<String>,
    pub quiet: bool,
}

/// `tml fix` and `tml lint --fix`
#[derive(Clone, Debug, Default)]
pub struct FixParams {
    pub work: WorkParams,
    pub dry_run: bool,
    /// Only diagnostics of these codes or groups.
    pub codes: Vec<String>,
    /// Whether errors are left alone.
    pub only_warnings: bool,
}

/// `tml tokens` and `tml ast`
#[derive(Clone, Debug, Default)]
pub struct DumpParams {
    pub file: String,
    pub is_tree: bool,
    pub is_json: bool,
    pub output: Option<String>,
}

pub(super) fn commands() -> Vec<Command> {
    vec![
        Command::new("fmt")
            .about("Rewrite sources in the canonical form")
            .arg(Arg::new("paths").num_args(0..).value_name("PATH"))
            .arg(
                flag("check").help("List files that are not in that form; exit 1 if there are any"),
            )
            .arg(flag("diff").help("Show what would change"))
            .arg(flag("stdin").help("Format standard input to standard output"))
            .arg(value("config-path", "FILE").help("Use `[fmt]` of this manifest")),
        work_args(Command::new("lint").about("Check with lints"))
            .arg(flag("fix").help("Apply safe suggestions of warnings"))
            .arg(flag("list").help("List all lints")),
        work_args(Command::new("fix").about("Apply all machine-applicable suggestions"))
            .arg(flag("dry-run").help("Show what would change"))
            .arg(
                value("code", "C")
                    .action(ArgAction::Append)
                    .value_delimiter(',')
                    .help("Only suggestions of this code or group"),
            ),
        dump("tokens", "Print the tokens of a file"),
        dump("ast", "Print the syntax tree of a file"),
        Command::new("env").about("Print the resolved configuration"),
        Command::new("completions")
            .about("Print a completion script for a shell")
            .arg(Arg::new("shell").required(true).value_parser([
                "bash",
                "zsh",
                "fish",
                "powershell",
            ])),
    ]
}

fn dump(name: &'static str, about: &'static str) -> Command {
    Command::new(name)
        .about(about)
        .arg(Arg::new("file").required(true).value_name("FILE"))
        .arg(value("output", "F").short('o').help("Write to a file"))
}

/// The action of one of [`commands`].
pub(super) fn action(name: &str, matches: &ArgMatches, globals: &Globals) -> Option<Action> {
    let is_json = globals.format == crate::protocol::Format::Json;
    Some(match name {
        "fmt" => Action::Tool(Box::new(Tool::Fmt(FmtParams {
            paths: strings(matches, "paths"),
            check: matches.get_flag("check"),
            diff: matches.get_flag("diff"),
            stdin: matches.get_flag("stdin"),
            config_path: string(matches, "config-path"),
            quiet: globals.quiet,
        }))),
        "lint" if matches.get_flag("list") => Action::Tool(Box::new(Tool::ListLints)),
        "lint" if matches.get_flag("fix") => Action::Tool(Box::new(Tool::Fix(FixParams {
            work: work_params(matches, globals, Verb::Check),
            dry_run: false,
            codes: Vec::new(),
            only_warnings: true,
        }))),
        "lint" => super::work(matches, globals, Verb::Check, false),
        "fix" => Action::Tool(Box::new(Tool::Fix(FixParams {
            work: work_params(matches, globals, Verb::Check),
            dry_run: matches.get_flag("dry-run"),
            codes: strings(matches, "code"),
            only_warnings: false,
        }))),
        "tokens" | "ast" => Action::Tool(Box::new(Tool::Dump(DumpParams {
            file: string(matches, "file").unwrap_or_default(),
            is_tree: name == "ast",
            is_json,
            output: string(matches, "output"),
        }))),
        "env" => Action::Env,
        "completions" => Action::Completions {
            shell: string(matches, "shell").unwrap_or_default(),
        },
        _ => return None,
    })
}

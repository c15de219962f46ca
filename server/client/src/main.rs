//! `tml`: reads the command line, asks the daemon, shows what it says.

use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use client::args::{self, Action, DaemonVerb, Globals};
use client::connection::{self, Connection, ConnectionError};
use client::endpoint::{self, Endpoint};
use client::projects::{self, Kind};
use client::protocol::{
    Changed, ChangedParams, Print, Status, Stream, TestParams, TestPlan, Verb, WorkParams,
    WorkResult, method,
};
use client::run;
use client::testing::{self, TestOptions};
use serde_json::{Value, json};

/// Prints to standard output. A reader that has gone (`tml … | head`) ends the process quietly.
macro_rules! out {
    ($($arg:tt)*) => { run::print(format_args!($($arg)*)) };
}

/// Exit codes of cli.md §1.
const EXIT_FAILED: u8 = 1;
const EXIT_USAGE: u8 = 2;
const EXIT_INTERNAL: u8 = 3;

fn main() -> ExitCode {
    let invocation = match args::parse(std::env::args().skip(1)) {
        Ok(invocation) => invocation,
        Err(unusable) => {
            match unusable.exit_code {
                0 => out!("{}", unusable.text),
                _ => eprint!("{}", unusable.text),
            }
            return ExitCode::from(unusable.exit_code);
        }
    };
    let globals = invocation.globals;
    if let Some(dir) = &globals.directory
        && let Err(error) = std::env::set_current_dir(dir)
    {
        return fail(EXIT_USAGE, &format!("cannot enter `{dir}`: {error}"));
    }
    match invocation.action {
        Action::Version => {
            out!("tml {}\n", env!("CARGO_PKG_VERSION"));
            ExitCode::SUCCESS
        }
        Action::New {
            path,
            name,
            lib,
            git,
        } => new(Path::new(&path), name, lib, git),
        Action::Init {
            name,
            lib,
            with_sources,
        } => init(name, lib, with_sources),
        Action::Clean { release } => clean(&globals, release),
        Action::Tool(_) => {
            let mut args = vec!["work".to_string()];
            args.extend(std::env::args().skip(1));
            in_this_process(&args)
        }
        Action::Env => env(&globals),
        Action::Completions { shell } => {
            out!("{}", client::completions::script(&args::command(), &shell));
            ExitCode::SUCCESS
        }
        Action::Daemon(verb) => daemon(&globals, verb),
        Action::Lsp => lsp(&globals),
        Action::Test {
            params,
            selectors,
            options,
        } => test(
            &globals,
            *params,
            &selectors,
            *options,
            globals.no_daemon || is_no_daemon_set(),
        ),
        Action::Work {
            params,
            program_args,
            timeout_seconds,
            watch,
        } => {
            if watch {
                return watch_work(&globals, *params, &program_args);
            }
            if globals.no_daemon || is_no_daemon_set() {
                let mut args = vec!["work".to_string()];
                args.extend(std::env::args().skip(1));
                return in_this_process(&args);
            }
            work(&globals, *params, &program_args, timeout_seconds)
        }
    }
}

fn is_no_daemon_set() -> bool {
    std::env::var_os("TML_NO_DAEMON").is_some_and(|value| value == "1")
}

fn fail(code: u8, message: &str) -> ExitCode {
    eprintln!("error: {message}");
    ExitCode::from(code)
}

/// Becomes the daemon's executable for work without a daemon.
fn in_this_process(args: &[String]) -> ExitCode {
    match endpoint::tmld_path() {
        Ok(tmld) => {
            let error = run::exec(&tmld, args);
            fail(
                EXIT_INTERNAL,
                &format!("cannot start `{}`: {error}", tmld.display()),
            )
        }
        Err(error) => fail(EXIT_INTERNAL, &error.to_string()),
    }
}

/// Directory of the workspace, or the single file that the request is about.
fn root(globals: &Globals, files: &[String]) -> Result<PathBuf, ExitCode> {
    let cwd = std::env::current_dir().map_err(|error| fail(EXIT_USAGE, &error.to_string()))?;
    if let Some(file) = files.first() {
        return Ok(std::fs::canonicalize(file).unwrap_or_else(|_| cwd.join(file)));
    }
    let start = match &globals.manifest_path {
        Some(manifest) => match std::fs::canonicalize(manifest) {
            Ok(path) => path.parent().unwrap_or(Path::new("/")).to_path_buf(),
            Err(error) => {
                eprintln!("error[K001]: cannot read `{manifest}`: {error}");
                return Err(ExitCode::from(EXIT_USAGE));
            }
        },
        None => cwd,
    };
    endpoint::find_root(&start).ok_or_else(|| {
        eprintln!(
            "error[K001]: no `tml.toml` in `{}` or any parent directory",
            start.display()
        );
        eprintln!(
            "   = help: `tml init` creates a package here; `tml run FILE.tml` runs a single file"
        );
        ExitCode::from(EXIT_USAGE)
    })
}

fn reach(root: &Path) -> Result<(Endpoint, PathBuf), ExitCode> {
    let found = endpoint::tmld_path().and_then(|tmld| Ok((endpoint::endpoint(root, &tmld)?, tmld)));
    found.map_err(|error| fail(EXIT_INTERNAL, &error.to_string()))
}

/// Fills in what the daemon cannot know of this process.
fn describe_caller(globals: &Globals, params: &mut WorkParams) {
    params.cwd = std::env::current_dir()
        .map(|dir| dir.display().to_string())
        .unwrap_or_default();
    params.color = run::wants_color(&globals.color);
    params.width = run::terminal_width();
}

fn work(
    globals: &Globals,
    mut params: WorkParams,
    program_args: &[String],
    timeout: Option<u64>,
) -> ExitCode {
    let root = match root(globals, &params.files) {
        Ok(root) => root,
        Err(code) => return code,
    };
    describe_caller(globals, &mut params);
    let verb = params.verb;
    let answer = match ask_to_work(&root, &params) {
        // The daemon was killed while working: everything it keeps survives that, so ask again once.
        Err(ConnectionError::Lost) => ask_to_work(&root, &params),
        other => other,
    };
    let result = match answer {
        Ok(result) => result,
        Err(error) => return fail(EXIT_INTERNAL, &error.to_string()),
    };
    if verb != Verb::Run || result.exit_code != 0 {
        return ExitCode::from(result.exit_code);
    }
    let Some(program) = result
        .artifacts
        .iter()
        .find(|artifact| artifact.kind == "bin")
    else {
        return fail(EXIT_FAILED, "there is no program to run");
    };
    ExitCode::from(run::program(
        Path::new(&program.path),
        program_args,
        timeout,
    ))
}

/// Does the work again with every change, until interrupted. A program that still runs when its
/// sources change is ended first.
fn watch_work(globals: &Globals, mut params: WorkParams, program_args: &[String]) -> ExitCode {
    let root = match root(globals, &params.files) {
        Ok(root) => root,
        Err(code) => return code,
    };
    describe_caller(globals, &mut params);
    run::end_cleanly_on_interrupt();
    let failed = |error: ConnectionError| fail(EXIT_INTERNAL, &error.to_string());
    let mut connection = match open(&root) {
        Ok(connection) => connection,
        Err(error) => return failed(error),
    };
    let mut round = 0;
    loop {
        round += 1;
        if !params.quiet {
            eprintln!("{}── round {round}", if round > 1 { "\n" } else { "" });
        }
        let result = match request_work(&mut connection, &params) {
            Ok(result) => result,
            Err(error) => return failed(error),
        };
        let program = result
            .artifacts
            .iter()
            .find(|artifact| artifact.kind == "bin");
        let running = match program {
            Some(program) if params.verb == Verb::Run && result.exit_code == 0 => {
                run::start(Path::new(&program.path), program_args)
            }
            _ => None,
        };
        if !params.quiet {
            eprintln!("── waiting for changes");
        }
        let since = ChangedParams {
            since: result.stats.revision,
        };
        let changed: Result<Changed, _> = connection.request(method::CHANGED, &since, show);
        if let Some(mut child) = running {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
        if let Err(error) = changed {
            return failed(error);
        }
    }
}

fn open(root: &Path) -> Result<Connection, ConnectionError> {
    let tmld = endpoint::tmld_path()?;
    let endpoint = endpoint::endpoint(root, &tmld)?;
    Connection::open(connection::connect(&endpoint, root, &tmld)?)
}

fn ask_to_work(root: &Path, params: &WorkParams) -> Result<WorkResult, ConnectionError> {
    request_work(&mut open(root)?, params)
}

/// Asks for work and shows everything that it prints.
fn request_work(
    connection: &mut Connection,
    params: &WorkParams,
) -> Result<WorkResult, ConnectionError> {
    request_shown(connection, method::WORK, params, |result: &WorkResult| {
        result.print_count
    })
}

/// Asks for something and shows everything that is printed meanwhile, also what arrives after the
/// answer: `print_count` says how much there is.
fn request_shown<P: serde::Serialize, R: serde::de::DeserializeOwned>(
    connection: &mut Connection,
    name: &str,
    params: &P,
    print_count: impl Fn(&R) -> u64,
) -> Result<R, ConnectionError> {
    let mut printed = 0;
    let mut on_note = |name: &str, note: Value| {
        printed += u64::from(name == method::PRINT);
        show(name, note);
        printed
    };
    let result: R = connection.request(name, params, |name, note| {
        on_note(name, note);
    })?;
    let mut seen = on_note("", Value::Null);
    while seen < print_count(&result) {
        connection.next_note(|name, note| seen = on_note(name, note))?;
    }
    Ok(result)
}

/// Runs tests: the engine finds and builds them, this process runs them.
fn test(
    globals: &Globals,
    mut params: TestParams,
    selectors: &[String],
    mut options: TestOptions,
    no_daemon: bool,
) -> ExitCode {
    let cwd = std::env::current_dir().unwrap_or_default();
    let selected = testing::select(selectors, &cwd);
    let alone =
        selected.files.len() > 1 || !selected.files.is_empty() && !selected.paths.is_empty();
    if no_daemon || alone {
        // Many files that have nothing to do with each other are no workspace to keep.
        let mut args = vec!["work".to_string()];
        args.extend(std::env::args().skip(1));
        return in_this_process(&args);
    }
    options.color = run::wants_color_on(&globals.color, &std::io::stdout());
    params.filters.extend(selected.filters);
    params.paths = selected.paths;
    params.work.files = selected.files;
    describe_caller(globals, &mut params.work);
    let root = match selected
        .package_dir
        .as_deref()
        .and_then(endpoint::find_root)
    {
        Some(root) => root,
        None => match root(globals, &params.work.files) {
            Ok(root) => root,
            Err(code) => return code,
        },
    };
    let ask = |root: &Path, params: &TestParams| {
        request_shown(&mut open(root)?, method::TEST, params, |plan: &TestPlan| {
            plan.print_count
        })
    };
    let mut answer = match ask(&root, &params) {
        Err(ConnectionError::Lost) => ask(&root, &params),
        other => other,
    };
    if let Ok(plan) = &answer
        && plan.files.is_empty()
        && plan.exit_code == 0
        && let [path] = params.paths.as_slice()
        && path.ends_with(".tml")
    {
        // A file of a package that is none of its tests: a program of its own.
        params.work.files = std::mem::take(&mut params.paths);
        let root = PathBuf::from(&params.work.files[0]);
        answer = ask(&root, &params);
    }
    match answer {
        Ok(plan) => ExitCode::from(testing::run(&plan, &options)),
        Err(error) => fail(EXIT_INTERNAL, &error.to_string()),
    }
}

fn show(name: &str, note: Value) {
    if name == method::PROGRESS {
        run::show_progress(note["value"]["message"].as_str().unwrap_or_default());
    }
    if name != method::PRINT {
        return;
    }
    run::show_progress("");
    if let Ok(print) = serde_json::from_value::<Print>(note) {
        match print.stream {
            Stream::Out => out!("{}", print.text),
            Stream::Err => eprint!("{}", print.text),
        }
    }
}

fn new(path: &Path, name: Option<String>, lib: bool, git: bool) -> ExitCode {
    let name = name.unwrap_or_else(|| projects::name_of(path));
    let code = create(path, &name, lib, true);
    if git {
        // Without git there is simply no repository.
        let _ = std::process::Command::new("git")
            .arg("init")
            .arg("-q")
            .arg(path)
            .status();
    }
    code
}

fn init(name: Option<String>, lib: bool, with_sources: bool) -> ExitCode {
    match std::env::current_dir() {
        Ok(dir) => {
            let name = name.unwrap_or_else(|| projects::name_of(&dir));
            create(&dir, &name, lib, with_sources)
        }
        Err(error) => fail(EXIT_USAGE, &error.to_string()),
    }
}

fn create(dir: &Path, name: &str, lib: bool, with_sources: bool) -> ExitCode {
    if !projects::is_name(name) {
        eprintln!("error[K003]: `{name}` is not a package name");
        eprintln!(
            "   = note: it starts with a lower-case letter and holds only lower-case letters, digits, `-` and `_`"
        );
        return ExitCode::from(EXIT_USAGE);
    }
    let kind = if lib { Kind::Library } else { Kind::Binary };
    match projects::create(dir, name, kind, with_sources) {
        Ok(()) => {
            let what = if lib { "library" } else { "binary" };
            out!("Created {what} package `{name}`\n");
            ExitCode::SUCCESS
        }
        Err(error) => fail(EXIT_USAGE, &error.to_string()),
    }
}

/// The resolved configuration: what this process would use.
fn env(globals: &Globals) -> ExitCode {
    let cwd = std::env::current_dir().unwrap_or_default();
    let start = match &globals.manifest_path {
        Some(path) => Path::new(path).parent().unwrap_or(&cwd).to_path_buf(),
        None => cwd.clone(),
    };
    let shown = |path: Option<PathBuf>| match path {
        Some(path) => path.display().to_string(),
        None => "(none)".to_string(),
    };
    let var = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let home = var("HOME").unwrap_or_default();
    let root = endpoint::find_root(&start);
    let tmld = endpoint::tmld_path().ok();
    let socket = match (&root, &tmld) {
        (Some(root), Some(tmld)) => endpoint::endpoint(root, tmld).ok().map(|it| it.socket),
        _ => None,
    };
    let cache = var("TML_CACHE_DIR").unwrap_or_else(|| match var("XDG_CACHE_HOME") {
        Some(dir) => format!("{dir}/tml"),
        None => format!("{home}/.cache/tml"),
    });
    let cores = std::thread::available_parallelism().map_or(1, |count| count.get());
    out!("version        {}\n", env!("CARGO_PKG_VERSION"));
    out!(
        "target         {}-{}\n",
        std::env::consts::ARCH,
        std::env::consts::OS
    );
    out!("root           {}\n", shown(root.clone()));
    out!(
        "manifest       {}\n",
        shown(root.map(|root| root.join("tml.toml")))
    );
    out!("compiler       {}\n", shown(tmld));
    out!("socket         {}\n", shown(socket));
    out!(
        "TML_HOME       {}\n",
        var("TML_HOME").unwrap_or_else(|| format!("{home}/.tml"))
    );
    out!("TML_CACHE_DIR  {cache}\n");
    out!(
        "TML_JOBS       {}\n",
        var("TML_JOBS").unwrap_or_else(|| cores.to_string())
    );
    out!(
        "TML_LOG        {}\n",
        var("TML_LOG").unwrap_or_else(|| "error".to_string())
    );
    out!("TML_TERM_WIDTH {}\n", run::terminal_width());
    out!(
        "NO_COLOR       {}\n",
        var("NO_COLOR").unwrap_or_else(|| "(not set)".to_string())
    );
    out!(
        "TML_NO_DAEMON  {}\n",
        if globals.no_daemon || is_no_daemon_set() {
            "1"
        } else {
            "0"
        }
    );
    ExitCode::SUCCESS
}

fn clean(globals: &Globals, release: bool) -> ExitCode {
    let root = match root(globals, &[]) {
        Ok(root) => root,
        Err(code) => return code,
    };
    let build = root.join("build");
    let dir = if release {
        build.join("release")
    } else {
        build
    };
    match projects::clean(&dir) {
        Ok(removed) => {
            out!(
                "Removed {} files, {}\n",
                removed.files,
                projects::human_size(removed.bytes)
            );
            ExitCode::SUCCESS
        }
        Err(error) => fail(
            EXIT_FAILED,
            &format!("cannot remove `{}`: {error}", dir.display()),
        ),
    }
}

fn daemon(globals: &Globals, verb: DaemonVerb) -> ExitCode {
    let root = match root(globals, &[]) {
        Ok(root) => root,
        Err(code) => return code,
    };
    let (endpoint, tmld) = match reach(&root) {
        Ok(found) => found,
        Err(code) => return code,
    };
    match verb {
        DaemonVerb::Logs => {
            out!(
                "{}",
                std::fs::read_to_string(&endpoint.log).unwrap_or_default()
            );
            ExitCode::SUCCESS
        }
        DaemonVerb::Status => match connection::connect_running(&endpoint) {
            None => {
                out!("not running\n");
                ExitCode::SUCCESS
            }
            Some(stream) => {
                let status = Connection::open(stream)
                    .and_then(|mut c| c.request::<Status>(method::STATUS, &json!({}), |_, _| {}));
                match status {
                    Ok(status) => {
                        print_status(&status);
                        ExitCode::SUCCESS
                    }
                    Err(error) => fail(EXIT_INTERNAL, &error.to_string()),
                }
            }
        },
        DaemonVerb::Stop | DaemonVerb::Restart => {
            let was_running = match connection::connect_running(&endpoint) {
                None => false,
                Some(stream) => stop(stream),
            };
            out!(
                "{}\n",
                if was_running {
                    "stopped"
                } else {
                    "not running"
                }
            );
            if verb == DaemonVerb::Restart {
                if let Err(error) = connection::connect(&endpoint, &root, &tmld) {
                    return fail(EXIT_INTERNAL, &error.to_string());
                }
                out!("started\n");
            }
            ExitCode::SUCCESS
        }
    }
}

/// Asks a daemon to end and waits until it has gone.
fn stop(stream: UnixStream) -> bool {
    let asked = Connection::open(stream).and_then(|mut connection| {
        let _: Value = connection.request(method::STOP, &json!({}), |_, _| {})?;
        while connection.next_note(|_, _| {}).is_ok() {}
        Ok(())
    });
    // Losing the connection is what stopping means.
    matches!(asked, Ok(()) | Err(ConnectionError::Lost))
}

fn print_status(status: &Status) {
    out!(
        "running      pid {}, version {}\n",
        status.pid,
        status.version
    );
    out!("workspace    {}\n", status.root);
    out!("up           {} s\n", status.uptime_seconds);
    out!(
        "memory       {}\n",
        projects::human_size(status.memory_bytes)
    );
    out!("clients      {}\n", status.clients);
    out!(
        "files        {} ({} open)\n",
        status.files,
        status.open_files
    );
    out!("revision     {}\n", status.revision);
    out!("queries run  {}\n", status.queries_executed);
    out!("doing        {}\n", status.activity);
}

/// Pipes standard input and output to the daemon's socket.
fn lsp(globals: &Globals) -> ExitCode {
    let cwd = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"));
    // An editor may open a directory without any manifest: the daemon then serves that directory.
    let root = match &globals.manifest_path {
        Some(_) => match root(globals, &[]) {
            Ok(root) => root,
            Err(code) => return code,
        },
        None => endpoint::find_root(&cwd).unwrap_or(cwd),
    };
    let (endpoint, tmld) = match reach(&root) {
        Ok(found) => found,
        Err(code) => return code,
    };
    match connection::connect(&endpoint, &root, &tmld).and_then(run::pipe_stdio) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(EXIT_INTERNAL, &error.to_string()),
    }
}

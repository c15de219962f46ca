//! `tml build`, `check`, `run` and `watch`: from the protocol's request to a build and back to
//! text. The same code runs in the daemon and, with `--no-daemon`, alone in one process.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use client::args::{self, Action};
use client::protocol::{self, Format, Print, Stream, Verb, WorkParams, WorkResult};
use compiler_core::build::{
    ArtifactKind, BuildRequest, Builder, Emit, Event, Failure, Level, LinkerKind, Outcome,
    ProfileChoice, Report, Selection,
};
use compiler_core::{Host, Input, Rendering};
use serde_json::json;

/// Exit codes of cli.md §1.
pub(crate) const EXIT_FAILED: u8 = 1;
pub(crate) const EXIT_USAGE: u8 = 2;
pub(crate) const EXIT_INTERNAL: u8 = 3;
/// Errors printed unless `--max-errors` says otherwise.
const ERRORS_PRINTED: u32 = 50;

/// What a piece of work has to say while it goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    Print(Print),
    /// Objects made so far and in all.
    Progress {
        done: usize,
        total: usize,
    },
}

/// Where a piece of work puts its output.
pub type Sink<'a> = dyn FnMut(Output) + 'a;

/// Time between two reports of progress.
const PROGRESS_PAUSE: Duration = Duration::from_millis(100);

/// Does what `tml` was asked to do, without any daemon: `args` are its own.
pub fn in_this_process(args: Vec<String>) -> u8 {
    let invocation = match args::parse(args) {
        Ok(invocation) => invocation,
        Err(unusable) => {
            eprint!("{}", unusable.text);
            return unusable.exit_code;
        }
    };
    // The client has entered the directory of `-C` already.
    let (mut params, program_args, timeout_seconds) = match invocation.action {
        Action::Work {
            params,
            program_args,
            timeout_seconds,
            ..
        } => (params, program_args, timeout_seconds),
        Action::Test {
            params,
            selectors,
            options,
        } => {
            let globals = &invocation.globals;
            return crate::test_work::in_this_process(globals, *params, &selectors, *options);
        }
        Action::Tool(tool) => return crate::tools::run(&invocation.globals, *tool),
        _ => {
            eprintln!("error: `tmld work` takes build, check, run, test and watch");
            return EXIT_USAGE;
        }
    };
    let cwd = std::env::current_dir().unwrap_or_default();
    params.cwd = cwd.display().to_string();
    params.color = client::run::wants_color(&invocation.globals.color);
    params.width = client::run::terminal_width();
    let input = match params.files.first() {
        Some(file) => Input::SingleFile(absolute(&cwd, file).display().to_string()),
        None => Input::Directory(params.cwd.clone()),
    };
    let host = crate::engine::open_host(input);
    let threads = std::thread::available_parallelism().map_or(1, |count| count.get());
    let builder = match Builder::new(params.jobs.map_or(threads, |jobs| jobs as usize)) {
        Ok(builder) => builder,
        Err(error) => {
            eprintln!("error: cannot start: {error}");
            return EXIT_INTERNAL;
        }
    };
    let result = once(&host, &builder, &params, &mut print_here);
    if params.verb != Verb::Run || result.exit_code != 0 {
        return result.exit_code;
    }
    let Some(program) = result
        .artifacts
        .iter()
        .find(|artifact| artifact.kind == "bin")
    else {
        eprintln!("error: there is no program to run");
        return EXIT_FAILED;
    };
    client::run::program(Path::new(&program.path), &program_args, timeout_seconds)
}

pub(crate) fn print_here(output: Output) {
    let Output::Print(print) = output else { return };
    match print.stream {
        Stream::Out => print!("{}", print.text),
        Stream::Err => eprint!("{}", print.text),
    }
}

/// Prints the explanation of a code, or the nearest codes.
pub fn explain(code: &str) -> u8 {
    match compiler_core::explain(code) {
        Ok(text) => {
            print!("{text}");
            0
        }
        Err(nearest) => {
            eprintln!("error: there is no code `{code}`");
            if !nearest.is_empty() {
                eprintln!("   = help: nearest are {}", nearest.join(", "));
            }
            EXIT_USAGE
        }
    }
}

/// One round of work on what the host knows.
pub fn once(
    host: &Host,
    builder: &Builder,
    params: &WorkParams,
    sink: &mut Sink<'_>,
) -> WorkResult {
    let request = match request(host, params) {
        Ok(request) => request,
        Err(message) => {
            err(sink, format!("error: {message}\n"));
            return WorkResult {
                exit_code: EXIT_USAGE,
                ..WorkResult::default()
            };
        }
    };
    let is_quiet = params.quiet || params.format.is_for_machines();
    let mut last_progress = Instant::now();
    let mut on_event = |event: Event| {
        if is_quiet {
            return;
        }
        match event {
            Event::Compiling { package } => err(sink, format!("   Compiling {package}\n")),
            Event::Emitting { done, total } if last_progress.elapsed() > PROGRESS_PAUSE => {
                last_progress = Instant::now();
                sink(Output::Progress { done, total });
            }
            Event::Emitting { .. } | Event::Linking { .. } => {}
        }
    };
    let mut report = builder.build(host, &request, &mut on_event);
    let is_denied = levels(params).apply(&mut report.diagnostics);
    let shown = show_diagnostics(host, params, &report, sink);
    let exit_code = match &report.outcome {
        Outcome::Done if is_denied => EXIT_FAILED,
        Outcome::Done => 0,
        Outcome::Failed(failure) => failed(failure, &report, params, sink),
    };
    if exit_code == 0 {
        finished(params, &request, &report, sink);
    }
    if params.time {
        err(sink, phase_table(&report));
    }
    if params.format == Format::Json && params.verb != Verb::Check {
        let end = json!({"reason": "build-finished", "success": exit_code == 0});
        out(sink, format!("{end}\n"));
    }
    tracing::debug!(shown, exit_code, "work done");
    WorkResult {
        exit_code,
        artifacts: artifacts(&report),
        stats: stats(&report),
        ..WorkResult::default()
    }
}

pub(crate) fn levels(params: &WorkParams) -> compiler_core::LintLevels {
    compiler_core::LintLevels {
        allow: params.allow.clone(),
        warn: params.warn.clone(),
        deny: params.deny.clone(),
        deny_warnings: params.deny_warnings,
        strict: params.strict,
    }
}

pub(crate) fn request(host: &Host, params: &WorkParams) -> Result<BuildRequest, String> {
    let cwd = PathBuf::from(&params.cwd);
    let root = PathBuf::from(host.root());
    let is_single = !params.files.is_empty();
    let mut profile = ProfileChoice::named(host, &params.profile)?;
    if let Some(name) = &params.opt_level {
        let level = Level::by_name(name).ok_or_else(|| format!("unknown level `{name}`"))?;
        profile.opt_level = level;
        if profile.name == "debug" && profile.is_optimized() {
            profile.name = format!("O{name}");
        }
    }
    profile.overflow_checks |= params.overflow_checks;
    if params.llvm_only {
        profile.llvm_only = true;
        profile.name.push_str("-llvm");
    }
    let mut emit = Vec::new();
    for kind in &params.emit {
        emit.push(match kind.as_str() {
            "mir" => Emit::Mir,
            "ir" => Emit::LlvmIr,
            "asm" => Emit::Assembly,
            "obj" => Emit::Object,
            "escape" => Emit::Escape,
            pass if pass.starts_with("mir=") => Emit::passes(pass.trim_start_matches("mir="))?,
            other => {
                return Err(format!(
                    "cannot emit `{other}`: known are mir, ir, asm and obj"
                ));
            }
        });
    }
    let base = if is_single { cwd.clone() } else { root };
    let out_dir = match &params.out_dir {
        Some(dir) => absolute(&cwd, dir),
        None => base.join("build").join(&profile.name),
    };
    let linker = match params.linker.as_deref() {
        Some(name) => name.parse()?,
        None => LinkerKind::Wild,
    };
    Ok(BuildRequest {
        selection: Selection {
            cwd: cwd.clone(),
            packages: params.packages.clone(),
            is_workspace: params.is_workspace,
            excluded: params.excluded.clone(),
            lib_only: params.lib,
            bins: params.bins.clone(),
            wants_one_binary: params.verb == Verb::Run,
            with_tests: params.tests && params.verb == Verb::Check,
            silent_lints: levels(params).ask_for_silent(),
        },
        profile,
        defines: params.defines.clone(),
        check_only: params.verb == Verb::Check,
        out_dir,
        output: params.output.as_ref().map(|path| absolute(&cwd, path)),
        linker,
        use_cache: !params.no_cache,
        store_dir: None,
        emit,
        is_test: params.tests && params.verb == Verb::Check,
    })
}

fn absolute(cwd: &Path, path: &str) -> PathBuf {
    let joined = cwd.join(path);
    std::fs::canonicalize(&joined).unwrap_or(joined)
}

/// Prints problems and diagnostics; returns how many.
pub(crate) fn show_diagnostics(
    host: &Host,
    params: &WorkParams,
    report: &Report,
    sink: &mut Sink<'_>,
) -> usize {
    let rendering = Rendering {
        color: params.color,
        width: params.width.max(40),
        max_errors: params.max_errors.unwrap_or(ERRORS_PRINTED) as usize,
    };
    match params.format {
        Format::Text => {
            let text = host.render_text(report, rendering);
            err(sink, text);
        }
        Format::Json if params.verb == Verb::Check => {
            let document = host.render_json(report);
            out(sink, format!("{document}\n"));
        }
        Format::Json => {
            for line in host.render_json_lines(report) {
                out(sink, format!("{line}\n"));
            }
        }
        Format::Llm => out(sink, format!("{}\n", host.render_llm(report))),
        Format::Sarif => out(sink, format!("{}\n", host.render_sarif(report))),
    }
    report.diagnostics.len() + report.problems.len()
}

pub(crate) fn failed(
    failure: &Failure,
    report: &Report,
    params: &WorkParams,
    sink: &mut Sink<'_>,
) -> u8 {
    let is_json = params.format.is_for_machines();
    let mut say = |text: String| {
        if !is_json {
            err(sink, text);
        }
    };
    match failure {
        Failure::Errors => {
            if !report.problems.is_empty() && report.diagnostics.iter().all(|d| !d.is_error()) {
                return EXIT_USAGE;
            }
            EXIT_FAILED
        }
        Failure::Nothing(message) => {
            say(format!("error: {message}\n"));
            EXIT_USAGE
        }
        Failure::Codegen { code, message } => {
            say(format!("error[{code}]: {message}\n"));
            if *code == "C009" {
                EXIT_INTERNAL
            } else {
                EXIT_FAILED
            }
        }
        Failure::Link { code, message } => {
            say(format!("error[{code}]: {message}\n"));
            EXIT_FAILED
        }
        Failure::Store(message) | Failure::Io(message) => {
            say(format!("error: {message}\n"));
            EXIT_FAILED
        }
        Failure::Interrupted => {
            say("error: sources change faster than they can be read; try again\n".to_string());
            EXIT_FAILED
        }
    }
}

fn finished(params: &WorkParams, request: &BuildRequest, report: &Report, sink: &mut Sink<'_>) {
    if params.format == Format::Json {
        if params.verb != Verb::Check {
            for artifact in artifacts(report) {
                let line = json!({
                    "reason": "compiler-artifact",
                    "target": artifact.target,
                    "kind": artifact.kind,
                    "path": artifact.path,
                    "fresh": artifact.fresh,
                });
                out(sink, format!("{line}\n"));
            }
        }
        return;
    }
    for artifact in &report.artifacts {
        if params.out_dir.is_some() && artifact.kind == ArtifactKind::Binary {
            out(sink, format!("build: {}\n", artifact.path.display()));
        }
        if artifact.kind != ArtifactKind::Binary {
            out(sink, format!("emit: {}\n", artifact.path.display()));
        }
    }
    if params.quiet {
        return;
    }
    let seconds = report.stats.total.as_secs_f64();
    err(
        sink,
        format!(
            "    Finished {} in {seconds:.2}s\n",
            request.profile.describe()
        ),
    );
    if params.verb == Verb::Run
        && let Some(artifact) = report
            .artifacts
            .iter()
            .find(|a| a.kind == ArtifactKind::Binary)
    {
        let shown = artifact
            .path
            .strip_prefix(&params.cwd)
            .unwrap_or(&artifact.path);
        err(sink, format!("     Running {}\n", shown.display()));
    }
}

fn phase_table(report: &Report) -> String {
    let stats = &report.stats;
    let row = |name: &str, time: Duration, what: String| {
        format!(
            "{name:>10}  {:>9.2} ms  {what}\n",
            time.as_secs_f64() * 1000.0
        )
    };
    let mut table = String::new();
    table.push_str(&row(
        "check",
        stats.check,
        format!(
            "with planning beside it, {} queries in all",
            stats.queries_executed
        ),
    ));
    table.push_str(&row("plan", stats.plan, String::new()));
    let objects = format!(
        "{} objects made, {} reused",
        stats.objects_emitted, stats.objects_reused
    );
    table.push_str(&row("emit", stats.emit, objects));
    table.push_str(&row("link", stats.link, String::new()));
    table.push_str(&row("total", stats.total, String::new()));
    table
}

fn artifacts(report: &Report) -> Vec<protocol::Artifact> {
    let convert = |artifact: &compiler_core::build::Artifact| protocol::Artifact {
        target: artifact.target.to_string(),
        kind: match artifact.kind {
            ArtifactKind::Binary => "bin",
            ArtifactKind::Text => "text",
            ArtifactKind::Object => "obj",
        }
        .to_string(),
        path: artifact.path.display().to_string(),
        fresh: artifact.is_fresh,
    };
    report.artifacts.iter().map(convert).collect()
}

pub(crate) fn stats(report: &Report) -> protocol::Stats {
    let stats = &report.stats;
    let micros = |time: Duration| time.as_micros() as u64;
    protocol::Stats {
        revision: report.revision,
        queries_executed: stats.queries_executed,
        objects_emitted: stats.objects_emitted as u64,
        functions_emitted: stats.functions_emitted as u64,
        emitted_symbols: stats
            .emitted_symbols
            .iter()
            .map(ToString::to_string)
            .collect(),
        objects_reused: stats.objects_reused as u64,
        apply_us: micros(stats.apply),
        check_us: micros(stats.check),
        plan_us: micros(stats.plan),
        emit_us: micros(stats.emit),
        link_us: micros(stats.link),
        total_us: micros(stats.total),
    }
}

fn out(sink: &mut Sink<'_>, text: String) {
    sink(Output::Print(Print {
        stream: Stream::Out,
        text,
    }));
}

pub(crate) fn err(sink: &mut Sink<'_>, text: String) {
    if !text.is_empty() {
        sink(Output::Print(Print {
            stream: Stream::Err,
            text,
        }));
    }
}

//! Judging one program: its diagnostics, and what it does.

use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use compiler_core::build::{Builder, Outcome, ProfileChoice};
use compiler_core::{Change, Host, Input, MemoryFiles};

use super::chapters::{MAIN, Program};
use super::table::is_executed;
use crate::support::programs;

const ROOT: &str = "/ws";
const MANIFEST: &str = "[package]\nname = \"app\"\nversion = \"0.1.0\"\n";

/// The group `unused` and what programs that show one thing at a time run into.
const IGNORED: [&str; 6] = ["W002", "W003", "W005", "W006", "W007", "W008"];

/// No program of a chapter computes for long.
const TIME_MAX: Duration = Duration::from_secs(60);

/// `file:line code`, of an error or a warning.
type Findings = BTreeSet<(String, u64, String)>;

/// Text behind a marker in the comments of a file, with its line.
fn marked<'a>(text: &'a str, marker: &str) -> Vec<(u64, &'a str)> {
    let lines = text.lines().zip(1..);
    lines
        .filter_map(|(line, nth)| Some((nth, line.split_once(marker)?.1)))
        .collect()
}

/// What the comments of a program expect.
fn expected(program: &Program) -> Findings {
    let mut findings = Findings::new();
    for (file, text) in &program.files {
        for marker in ["// error: ", "// warning: ", "# error: "] {
            for (line, codes) in marked(text, marker) {
                let codes = codes.split(" //").next().unwrap_or(codes);
                let codes = codes
                    .split_whitespace()
                    .map(|code| (file.clone(), line, code.to_string()));
                findings.extend(codes);
            }
        }
    }
    findings
}

/// Where programs of one file are judged one after the other, so that what is known about the
/// library is found out once.
pub struct Bench {
    dir: PathBuf,
    engine: Option<(Host, Builder)>,
    used: usize,
}

/// After so many programs a bench begins anew: it remembers something of each.
const PROGRAMS_MAX: usize = 100;

impl Bench {
    /// Objects and images go below a directory.
    pub fn new(dir: PathBuf) -> Bench {
        Bench {
            dir,
            engine: None,
            used: 0,
        }
    }

    /// Judges a program, and executes it.
    pub fn check(&mut self, program: &Program) -> Result<(), String> {
        if let Some(wanted) = &program.formatted {
            return check_format(program, wanted);
        }
        let is_plain = program.files.len() == 1 && program.files.contains_key(MAIN);
        if !is_plain {
            let (host, builder) = engine(program);
            return judge(&self.dir, &host, &builder, program);
        }
        self.used += 1;
        if self.used.is_multiple_of(PROGRAMS_MAX) {
            self.engine = None;
        }
        let (host, builder) = self.engine.get_or_insert_with(|| engine(program));
        let text = whole(program, MAIN, &program.files[MAIN]);
        host.apply(&Change {
            buffers: vec![(format!("{ROOT}/{MAIN}"), Some(text.into()))],
            ..Change::default()
        });
        judge(&self.dir, host, builder, program)
    }
}

impl Bench {
    /// What is reported about a program of one file, as JSON.
    pub fn diagnose(&mut self, program: &Program) -> Option<serde_json::Value> {
        let text = whole(program, MAIN, program.files.get(MAIN)?);
        let (host, builder) = self.engine.get_or_insert_with(|| engine(program));
        host.apply(&Change {
            buffers: vec![(format!("{ROOT}/{MAIN}"), Some(text.into()))],
            ..Change::default()
        });
        let mut request = programs::request(&self.dir, ProfileChoice::debug());
        request.check_only = true;
        let report = builder.build(host, &request, &mut |_| {});
        Some(host.render_json(&report))
    }
}

/// The text of a file, with the `main` that every program has.
fn whole(program: &Program, file: &str, text: &str) -> String {
    match file == MAIN && !program.has_main() {
        true => format!("{text}func main() {{}}\n"),
        false => text.to_string(),
    }
}

fn engine(program: &Program) -> (Host, Builder) {
    let mut tree = MemoryFiles::new("test");
    if !program.files.contains_key("tml.toml") {
        tree.insert(format!("{ROOT}/tml.toml"), MANIFEST);
    }
    for (file, text) in &program.files {
        tree.insert(format!("{ROOT}/{file}"), whole(program, file, text));
    }
    let host = Host::in_memory(Input::Directory(ROOT.to_string()), tree);
    (host, Builder::new(1).expect("threads"))
}

fn judge(dir: &Path, host: &Host, builder: &Builder, program: &Program) -> Result<(), String> {
    let mut request = programs::request(dir, ProfileChoice::debug());
    request.check_only = !is_executed(program);
    let report = builder.build(host, &request, &mut |_| {});
    let document = host.render_json(&report);
    let wanted = expected(program);
    let mut found = Findings::new();
    for diagnostic in document["diagnostics"].as_array().into_iter().flatten() {
        let text = |key: &str| diagnostic[key].as_str().unwrap_or_default().to_string();
        let line = diagnostic["span"]["start"]["line"].as_u64().unwrap_or(0);
        let file = text("file").trim_start_matches("/ws/").to_string();
        let finding = (file, line, text("code"));
        let is_ignored = IGNORED.contains(&finding.2.as_str()) && text("severity") == "warning";
        if !is_ignored || wanted.contains(&finding) {
            found.insert(finding);
        }
    }
    if found != wanted {
        let list = |findings: Vec<&(String, u64, String)>| {
            let shown = findings
                .iter()
                .map(|(file, line, code)| format!("    {file}:{line} {code}\n"));
            shown.collect::<String>()
        };
        let missing = list(wanted.difference(&found).collect());
        let extra = list(found.difference(&wanted).collect());
        let rendered = programs::rendered(host, &report);
        return Err(format!(
            "{}\n  missing:\n{missing}  unexpected:\n{extra}{rendered}",
            program.name
        ));
    }
    match report.artifacts.first() {
        _ if request.check_only => Ok(()),
        Some(image) => check_run(program, &image.path),
        None => Err(format!(
            "{}: {:?}\n{}",
            program.name,
            report.outcome == Outcome::Done,
            programs::rendered(host, &report)
        )),
    }
}

fn check_format(program: &Program, wanted: &str) -> Result<(), String> {
    let text = &program.files[MAIN];
    let env = syntax::PreprocessorEnv::default();
    let made = fmt::format(text, &env, fmt::Config::default());
    match made {
        Ok(made) if made == wanted => Ok(()),
        made => Err(format!("{}: formatted as {made:?}", program.name)),
    }
}

/// Runs a program and compares what it does with what its comments say.
fn check_run(program: &Program, image: &Path) -> Result<(), String> {
    let text = &program.files[MAIN];
    let name = &program.name;
    let mut child = Command::new(image)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| format!("{name}: cannot start: {e}"))?;
    let begun = Instant::now();
    while child.try_wait().map_err(|e| e.to_string())?.is_none() {
        if begun.elapsed() > TIME_MAX {
            child.kill().map_err(|e| e.to_string())?;
            return Err(format!("{name}: does not end"));
        }
        thread::sleep(Duration::from_millis(2));
    }
    let output = child.wait_with_output().map_err(|e| e.to_string())?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    let stdout = String::from_utf8_lossy(&output.stdout);
    let printed: Vec<&str> = stdout.lines().collect();
    let wanted: Vec<&str> = marked(text, "// prints:")
        .into_iter()
        .map(|(_, text)| text.strip_prefix(' ').unwrap_or(text))
        .collect();
    if printed != wanted {
        return Err(format!(
            "{name} prints\n    {}\n  instead of\n    {}\n{stderr}",
            printed.join("\n    "),
            wanted.join("\n    ")
        ));
    }
    let panics = marked(text, "// panics: ");
    let exits = marked(text, "// exits: ").first().map(|(_, code)| *code);
    let wanted = match (panics.first(), exits) {
        (_, Some(code)) => code
            .trim()
            .parse()
            .map_err(|_| format!("{name}: an exit code"))?,
        (Some(_), None) => 101,
        (None, None) => 0,
    };
    if let Some((_, code)) = panics.first()
        && !stderr.contains(&format!("panic[{}]", code.trim()))
        && !stderr.contains(&format!("panic: {}", code.trim()))
    {
        return Err(format!("{name}: not {code}:\n{stderr}"));
    }
    // As shells show it.
    let signal = output.status.signal().map(|signal| 128 + signal);
    match output.status.code().or(signal) {
        Some(code) if code == wanted => Ok(()),
        _ => Err(format!(
            "{name}: {:?} instead of {wanted}\n{stderr}",
            output.status
        )),
    }
}

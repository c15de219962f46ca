//! `tests/language/**/*.md`: the language, chapter by chapter, in prose and programs.
//!
//! A fenced ```` ```tml ```` block is a program of its own. `// error: CODE` and `// warning: CODE` at
//! the end of a line expect a diagnostic whose primary place starts on that line; several codes
//! are separated by spaces. A program without such comments must check cleanly. Findings about
//! unused things need no expectation, but one that is expected must be there.
//!
//! Blocks that begin with ```` ```tml file=PATH ```` between two headings form one package.
//! A program without `main` gets an empty one, so that it may be only what it is about.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use compiler_core::build::Builder;
use compiler_core::{Host, Input, MemoryFiles};

use crate::support::parallel::check_all;
use crate::support::{cases, programs, report};

const ROOT: &str = "/ws";
const MANIFEST: &str = "[package]\nname = \"app\"\nversion = \"0.1.0\"\n";

/// The group `unused` and what programs that show one thing at a time run into.
const IGNORED: [&str; 6] = ["W002", "W003", "W005", "W006", "W007", "W008"];

/// `file:line code`, of an error or a warning.
type Findings = BTreeSet<(String, u64, String)>;

/// One program: its name for messages, and its files.
struct Program {
    name: String,
    files: BTreeMap<String, String>,
}

/// The programs of a chapter.
fn programs_of(path: &Path, text: &str) -> Vec<Program> {
    let chapter = path
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let mut found: Vec<Program> = Vec::new();
    let mut heading = String::new();
    // Files of the section being read; they end with the next heading.
    let mut section: Option<usize> = None;
    let mut lines = text.lines().enumerate();
    while let Some((nth, line)) = lines.next() {
        if line.starts_with('#') {
            heading = line.trim_start_matches('#').trim().to_string();
            section = None;
        }
        let Some(info) = line.strip_prefix("```tml") else {
            continue;
        };
        let body: Vec<&str> = lines
            .by_ref()
            .map(|(_, line)| line)
            .take_while(|line| *line != "```")
            .collect();
        let body = body.join("\n") + "\n";
        let name = format!("{chapter} `{heading}` (line {})", nth + 1);
        match info.trim().strip_prefix("file=") {
            Some(file) => {
                let at = *section.get_or_insert_with(|| {
                    found.push(Program {
                        name,
                        files: BTreeMap::new(),
                    });
                    found.len() - 1
                });
                found[at].files.insert(file.to_string(), body);
            }
            None => {
                let files = BTreeMap::from([("src/main.tml".to_string(), body)]);
                found.push(Program { name, files });
            }
        }
    }
    found
}

/// What the comments of a program expect.
fn expected(program: &Program) -> Findings {
    let mut findings = Findings::new();
    for (file, text) in &program.files {
        for (nth, line) in text.lines().enumerate() {
            for marker in ["// error: ", "// warning: "] {
                let Some((_, codes)) = line.split_once(marker) else {
                    continue;
                };
                let codes = codes
                    .split_whitespace()
                    .map(|code| (file.clone(), nth as u64 + 1, code.to_string()));
                findings.extend(codes);
            }
        }
    }
    findings
}

/// Whether a program has a function `main` of its own.
fn has_main(program: &Program) -> bool {
    program
        .files
        .values()
        .any(|text| text.lines().any(|line| line.contains("func main(")))
}

fn check(builder: &Builder, program: &Program) -> Result<(), String> {
    let mut tree = MemoryFiles::new("test");
    tree.insert(format!("{ROOT}/tml.toml"), MANIFEST);
    for (file, text) in &program.files {
        let is_root = file == "src/main.tml";
        let main = if is_root && !has_main(program) {
            "func main() {}\n"
        } else {
            ""
        };
        tree.insert(format!("{ROOT}/{file}"), format!("{text}{main}"));
    }
    let host = Host::in_memory(Input::Directory(ROOT.to_string()), tree);
    let dir = std::env::temp_dir();
    let mut request = programs::request(&dir, compiler_core::build::ProfileChoice::debug());
    request.check_only = true;
    let report = builder.build(&host, &request, &mut |_| {});
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
    if found == wanted {
        return Ok(());
    }
    let list = |findings: Vec<&(String, u64, String)>| {
        let shown = findings
            .iter()
            .map(|(file, line, code)| format!("    {file}:{line} {code}\n"));
        shown.collect::<String>()
    };
    let missing = list(wanted.difference(&found).collect());
    let extra = list(found.difference(&wanted).collect());
    let rendered = programs::rendered(&host, &report);
    Err(format!(
        "{}\n  missing:\n{missing}  unexpected:\n{extra}{rendered}",
        program.name
    ))
}

#[test]
fn programs_of_the_chapters_are_judged_as_they_say() {
    let mut programs = Vec::new();
    for path in cases("language", "md") {
        let text = fs::read_to_string(&path).expect("a readable chapter");
        programs.extend(programs_of(&path, &text));
    }
    eprintln!("{} programs", programs.len());
    let failures = check_all(&programs, |_, program| {
        let builder = Builder::new(1).expect("threads");
        check(&builder, program).err().into_iter().collect()
    });
    report(&failures);
}

//! `cargo run --release -p tests --bin bench -- BIN-DIR [LINES]`: the figures of issue and README.
//!
//! Generates a workspace, then measures with real processes: a cold build, builds without a
//! change, a one-body edit to a new executable with its breakdown, and edits to diagnostics over
//! LSP. Prints medians, 95th percentiles and counts.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tests::generate::{Shape, write};

const EDITS: usize = 200;

struct Bench {
    bin: PathBuf,
    dir: PathBuf,
}

fn main() {
    let mut args = std::env::args().skip(1);
    let bin = args.next().expect("usage: bench BIN-DIR [LINES]");
    let lines = args
        .next()
        .and_then(|text| text.parse().ok())
        .unwrap_or(50_000);
    let dir = std::env::temp_dir().join(format!("tml-bench-{}", std::process::id()));
    let bench = Bench {
        bin: std::fs::canonicalize(bin).expect("a directory"),
        dir,
    };
    for name in ["ws", "cache", "run"] {
        std::fs::create_dir_all(bench.dir.join(name)).expect("a directory");
    }
    let lines = write(
        Shape {
            lines,
            libraries: 1,
        },
        &bench.dir.join("ws"),
    )
    .expect("a workspace");
    println!("{lines} lines");
    bench.builds();
    bench.edits_to_executable();
    bench.edits_to_diagnostics();
    bench.tml(&["daemon", "stop"]);
    let _ = std::fs::remove_dir_all(&bench.dir);
}

impl Bench {
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(self.bin.join("tml"));
        command
            .args(args)
            .current_dir(self.dir.join("ws"))
            .env("TML_CACHE_DIR", self.dir.join("cache"))
            .env("XDG_RUNTIME_DIR", self.dir.join("run"));
        command
    }

    fn tml(&self, args: &[&str]) -> (Duration, String) {
        let start = Instant::now();
        let output = self.command(args).output().expect("tml starts");
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        (start.elapsed(), text)
    }

    fn builds(&self) {
        let (cold, _) = self.tml(&["build", "-q"]);
        println!("cold build, with the daemon's start   {:>8.1} ms", ms(cold));
        let same: Vec<Duration> = (0..50).map(|_| self.tml(&["build", "-q"]).0).collect();
        show("no-change build", &same);
        let (_, text) = self.tml(&["build", "--time"]);
        print!("{text}");
    }

    fn edit(&self, module: usize, round: usize) -> PathBuf {
        let part = if module % 2 == 0 { "part0" } else { "app" };
        let path = self
            .dir
            .join("ws")
            .join(part)
            .join(format!("src/m{module:04}.tml"));
        let text = std::fs::read_to_string(&path).expect("a generated module");
        let at = text.find("pair.left % 1000").expect("the score");
        let end = text[at..].find('\n').expect("a line") + at;
        let edited = format!(
            "{}pair.left % 1000 + pair.right + {round}{}",
            &text[..at],
            &text[end..]
        );
        std::fs::write(&path, edited).expect("a writable file");
        path
    }

    fn edits_to_executable(&self) {
        for (what, modules) in [
            ("one file again and again", 1),
            ("another file each time", 40),
        ] {
            let mut times = Vec::new();
            let mut last = String::new();
            for round in 0..40 {
                // Even modules are in the library.
                self.edit((round % modules) * 2 + 10, round + 1);
                let (time, text) = self.tml(&["build", "--time"]);
                times.push(time);
                last = text;
            }
            show(&format!("one body to executable, {what}"), &times);
            print!("{last}");
        }
    }

    fn edits_to_diagnostics(&self) {
        for (what, spread) in [("one file", 1), ("20 files", 20)] {
            let mut editor = Editor::start(self.command(&["lsp"]));
            let mut files = Vec::new();
            for nth in 0..spread {
                let path = self
                    .dir
                    .join("ws/part0/src")
                    .join(format!("m{:04}.tml", nth * 3 + 20));
                let text = std::fs::read_to_string(&path).expect("a generated module");
                editor.open(&path, &text);
                files.push((path, text));
            }
            let mut times = Vec::new();
            for round in 0..EDITS {
                let (path, text) = &files[round % files.len()];
                // Right and wrong take turns in each file: what does not change is not published.
                let is_wrong = (round / files.len()) % 2 == 0;
                let value = if is_wrong {
                    "\"wrong\"".to_string()
                } else {
                    (round + 1).to_string()
                };
                let edited = text.replacen("pair.left % 1000", &format!("pair.left % {value}"), 1);
                let version = 2 + round as u64;
                let start = Instant::now();
                editor.change(path, version, &edited);
                editor.wait_diagnostics(path, version);
                times.push(start.elapsed());
            }
            show(&format!("edit to diagnostics over LSP, {what}"), &times);
        }
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn show(what: &str, times: &[Duration]) {
    let mut sorted = times.to_vec();
    sorted.sort();
    let at = |part: f64| sorted[((sorted.len() - 1) as f64 * part) as usize];
    println!(
        "{what}: p50 {:.2} ms, p95 {:.2} ms, min {:.2} ms, n = {}",
        ms(at(0.5)),
        ms(at(0.95)),
        ms(at(0.0)),
        sorted.len()
    );
}

/// Just enough of a language client to time edits.
struct Editor {
    child: std::process::Child,
    output: BufReader<std::process::ChildStdout>,
}

impl Editor {
    fn start(mut command: Command) -> Editor {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("tml starts");
        let output = BufReader::new(child.stdout.take().expect("piped"));
        let mut editor = Editor { child, output };
        editor
            .send(r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}"#);
        editor.wait(|message| message.contains("\"id\":1"));
        editor.send(r#"{"jsonrpc":"2.0","method":"initialized","params":{}}"#);
        editor
    }

    fn send(&mut self, body: &str) {
        let input = self.child.stdin.as_mut().expect("piped");
        let message = format!("Content-Length: {}\r\n\r\n{body}", body.len());
        input
            .write_all(message.as_bytes())
            .and_then(|()| input.flush())
            .expect("the server reads");
    }

    fn open(&mut self, path: &Path, text: &str) {
        let text = quoted(text);
        self.send(&format!(
            r#"{{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{{"textDocument":{{"uri":"file://{}","languageId":"tml","version":1,"text":{text}}}}}}}"#,
            path.display()
        ));
    }

    fn change(&mut self, path: &Path, version: u64, text: &str) {
        let text = quoted(text);
        self.send(&format!(
            r#"{{"jsonrpc":"2.0","method":"textDocument/didChange","params":{{"textDocument":{{"uri":"file://{}","version":{version}}},"contentChanges":[{{"text":{text}}}]}}}}"#,
            path.display()
        ));
    }

    fn wait_diagnostics(&mut self, path: &Path, version: u64) {
        let (file, version) = (path.display().to_string(), format!("\"version\":{version}"));
        self.wait(|message| {
            message.contains("publishDiagnostics")
                && message.contains(&file)
                && message.contains(&version)
        });
    }

    fn wait(&mut self, fits: impl Fn(&str) -> bool) {
        loop {
            let mut length = 0;
            loop {
                let mut line = String::new();
                self.output.read_line(&mut line).expect("the server writes");
                match line.trim_end().split_once(": ") {
                    Some((_, value)) => length = value.parse().unwrap_or(length),
                    None => break,
                }
            }
            let mut body = vec![0; length];
            self.output.read_exact(&mut body).expect("a whole message");
            if fits(&String::from_utf8_lossy(&body)) {
                return;
            }
        }
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

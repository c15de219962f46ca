//! Parser throughput beside rust-analyzer's, on 10 MB each, one thread.
//!
//! Two inputs: the same generated program in both languages, and real code (this repository's
//! own sources in TML and in Rust), repeated up to the size. Both parsers make a lossless rowan
//! tree and a list of errors. Rounds alternate, so that both see the same machine; the median
//! counts.

mod twins;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Both parsers run with the allocator that our daemon has.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const BYTES: usize = 10 << 20;
/// Files of real programs are of this size; nobody parses 10 MB as one.
const FILE_BYTES: usize = 64 << 10;
const ROUNDS: usize = 9;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let cases = [
        ("the same program", twins::tml(BYTES), twins::rust(BYTES)),
        (
            "real sources",
            real(&root, "tml", &["lib", "tests/syntax/ok", "tests/run"]),
            real(&root, "rs", &["compiler-core", "server"]),
        ),
    ];
    for (name, ours, theirs) in cases {
        let (ours, theirs) = (files(&ours), files(&theirs));
        let env = syntax::PreprocessorEnv::new();
        let (mut a, mut b) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            a.push(timed(&ours, |text| {
                black_box(syntax::parse(text, &env));
            }));
            b.push(timed(&theirs, |text| {
                let edition = ra_ap_syntax::Edition::Edition2024;
                black_box(ra_ap_syntax::SourceFile::parse(text, edition));
            }));
        }
        let lexing = median((0..ROUNDS).map(|_| {
            timed(&ours, |text| {
                black_box(syntax::count_tokens(text, &env));
            })
        }));
        let (a, b) = (median(a), median(b));
        let (a, b) = (rate(&ours, a), rate(&theirs, b));
        println!("{name}");
        println!("  tml            {a:7.1} MB/s   (lexing alone {:.1})", rate(&ours, lexing));
        println!("  rust-analyzer  {b:7.1} MB/s");
        println!("  ratio          {:7.2}", a / b);
    }
}

fn timed(files: &[String], mut parse: impl FnMut(&str)) -> Duration {
    let start = cpu_time();
    files.iter().for_each(|text| parse(text));
    cpu_time() - start
}

/// Time that this thread has computed: others on the machine do not count.
fn cpu_time() -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the call writes the one value that it is given.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

fn median(times: impl IntoIterator<Item = Duration>) -> Duration {
    let mut times: Vec<Duration> = times.into_iter().collect();
    times.sort();
    times[times.len() / 2]
}

fn rate(files: &[String], time: Duration) -> f64 {
    let bytes: usize = files.iter().map(String::len).sum();
    bytes as f64 / time.as_secs_f64() / 1e6
}

/// Pieces of one size, cut between items.
fn files(text: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    for item in text.split_inclusive("\n}\n") {
        if out.last().is_some_and(|file| file.len() > FILE_BYTES) {
            out.push(String::new());
        }
        if let Some(file) = out.last_mut() {
            file.push_str(item);
        }
    }
    out
}

/// All sources with an ending below some folders, again and again up to the size.
fn real(root: &Path, ending: &str, folders: &[&str]) -> String {
    let mut paths: Vec<PathBuf> = Vec::new();
    let mut pending: Vec<PathBuf> = folders.iter().map(|it| root.join(it)).collect();
    while let Some(dir) = pending.pop() {
        for entry in std::fs::read_dir(&dir).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|it| it == ending) {
                paths.push(path);
            }
        }
    }
    paths.sort();
    let sources = paths.iter().filter_map(|path| std::fs::read_to_string(path).ok());
    let once: String = sources.collect();
    assert!(!once.is_empty(), "no sources");
    once.repeat(BYTES / once.len() + 1)
}

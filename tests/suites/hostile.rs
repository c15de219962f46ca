//! Bad input: prefixes and random mutations of the example sources. Nothing panics or hangs.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use compiler_core::build::{Builder, ProfileChoice};
use compiler_core::{Change, Host, Input, MemoryFiles};
use syntax::PreprocessorEnv;

use crate::support::parallel::on_an_analysis_stack;
use crate::support::{Random, cases, programs, repository};

const MUTATIONS: usize = 10_000;
/// Mutations that the whole analysis takes as well, by each of two tests.
const ANALYSED: usize = 400;
/// Texts up to this length are cut everywhere.
const PREFIX_STEP_BYTES: usize = 800;
/// Of a process that has analysed them all, one after another, in one host.
const PEAK_KIB_MAX: u64 = 512 * 1024;

fn sources() -> Vec<(PathBuf, String)> {
    let mut paths = cases("run", "tml");
    paths.extend(cases("../lib/core/src", "tml"));
    paths
        .into_iter()
        .map(|path| (path.clone(), fs::read_to_string(path).expect("a source")))
        .collect()
}

fn lossless(text: &str) {
    let parse = syntax::parse(text, &PreprocessorEnv::default());
    assert_eq!(
        parse.syntax_node().text().to_string(),
        text,
        "the tree loses text"
    );
}

/// Removes, repeats, swaps or inserts a piece.
fn mutated(text: &str, random: &mut Random) -> String {
    let chars: Vec<char> = text.chars().collect();
    let at = random.below(chars.len() + 1);
    let end = (at + 1 + random.below(12)).min(chars.len());
    let (head, piece, tail) = (
        &chars[..at],
        &chars[at.min(end)..end],
        &chars[end.max(at)..],
    );
    let noise = [
        "{", "}", "(", "]", "\"", "'", "`", "\n", "/*", "#if", "::", "@", "é", "\u{0}", "1e",
        "when ", "impl ", "!",
    ];
    let middle: String = match random.below(4) {
        0 => String::new(),
        1 => piece.iter().chain(piece).collect(),
        2 => piece.iter().rev().collect(),
        _ => noise[random.below(noise.len())].to_string(),
    };
    head.iter().collect::<String>() + &middle + &tail.iter().collect::<String>()
}

#[test]
fn every_prefix_parses_without_loss() {
    for (_, text) in sources()
        .iter()
        .filter(|(path, _)| path.starts_with(repository().join("tests")))
    {
        // Cost grows with the square of the length: longer texts are cut less often.
        let step = text.len() / PREFIX_STEP_BYTES + 1;
        for (at, _) in text.char_indices().step_by(step) {
            lossless(&text[..at]);
        }
    }
}

#[test]
fn mutations_parse_without_loss() {
    let sources = sources();
    let seed = 4711;
    println!("seed {seed}");
    let mut random = Random::new(seed);
    for _ in 0..MUTATIONS {
        let (_, text) = &sources[random.below(sources.len())];
        lossless(&mutated(text, &mut random));
    }
}

#[test]
fn mutations_are_checked_and_planned_without_panic() {
    on_an_analysis_stack(|| check_mutations(815));
}

#[test]
fn more_mutations_are_checked_and_planned_without_panic() {
    on_an_analysis_stack(|| check_mutations(4242));
}

/// The most memory that this process has held, in KiB. Every test has a process of its own.
fn peak_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("the process's status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let digits = line.and_then(|line| line.split_whitespace().next());
    digits
        .and_then(|digits| digits.parse().ok())
        .expect("a peak")
}

fn check_mutations(seed: u64) {
    let sources: Vec<(PathBuf, String)> = sources()
        .into_iter()
        .filter(|(path, _)| path.starts_with(repository().join("tests")))
        .collect();
    println!("seed {seed}");
    let mut random = Random::new(seed);
    let dir = tempfile::tempdir().expect("a directory");
    let builder = Builder::new(1).expect("threads");
    let mut tree = MemoryFiles::new("test");
    tree.insert("/d/main.tml", "func main() {}");
    let host = Host::in_memory(Input::SingleFile("/d/main.tml".to_string()), tree);
    let mut request = programs::request(dir.path(), ProfileChoice::debug());
    request.check_only = true;
    for _ in 0..ANALYSED {
        let (_, text) = &sources[random.below(sources.len())];
        let mut text = mutated(text, &mut random);
        for _ in 0..random.below(3) {
            text = mutated(&text, &mut random);
        }
        let buffer: Arc<str> = text.as_str().into();
        host.apply(&Change {
            buffers: vec![("/d/main.tml".to_string(), Some(buffer))],
            ..Change::default()
        });
        let report = builder.build(&host, &request, &mut |_| {});
        // Rendering walks over all labels and their texts.
        programs::rendered(&host, &report);
        host.render_json(&report);
    }
    let peak = peak_kib();
    println!("peak {peak} KiB");
    assert!(peak <= PEAK_KIB_MAX, "{peak} KiB for {ANALYSED} mutations");
}

//! `tests/language/**/*.md`: the language, rule by rule, in prose and programs.
//!
//! A heading `## §5.3(2) Title` names the rules that the programs below it are about; a section
//! of the reference is numbered as there, its rules are numbered by the chapters. A fenced
//! ```` ```tml ```` block is a program of its own. Blocks that begin with ```` ```tml file=PATH ````
//! below one heading form one package, until `src/main.tml` comes again; a block
//! ```` ```toml file=tml.toml ```` replaces its manifest.
//!
//! Comments in a program say what is to be expected of it:
//!
//! ```text
//! // error: CODE CODE     an error whose primary place starts on this line
//! // warning: CODE        the same of a warning
//! // prints: TEXT         the next line of its standard output
//! // panics: CODE         the program ends with a panic of this code
//! // exits: N             the program exits with this status
//! ```
//!
//! A program without expected errors must check cleanly, and it is executed if it has a `main`.
//! Without one it gets an empty one, so that it may be only what it is about. Findings about
//! unused things need no expectation, but one that is expected must be there. `␀`, `␉`, `␍` and
//! `⟦BOM⟧` stand for what cannot be seen.
//!
//! A block ```` ```tml unformatted ```` and the ```` ```tml formatted ```` one behind it are what a
//! formatter gets and makes of it.
//!
//! Every rule has a program that obeys it and one that breaks it (an error, a warning, a panic);
//! a line `Nothing breaks it: REASON` or `Nothing obeys it: REASON` below the heading says why
//! there is none. `TML_CHAPTER=05` judges the programs of that chapter only, and `cargo nextest run -p tests -E 'test(/language::programs/)' --no-capture` prints
//! how many there are of each section.

mod chapters;
mod labels;
mod programs;
mod table;

use std::env;
use std::sync::Mutex;
use std::thread;

use crate::support::parallel::check_all;
use crate::support::report;
use chapters::Program;
use programs::Bench;

#[test]
fn programs_of_the_chapters_are_judged_as_they_say() {
    let mut chapters = chapters::all();
    if let Ok(chapter) = env::var("TML_CHAPTER") {
        let is_wanted = |it: &Program| it.name.starts_with(&chapter);
        chapters.programs.retain(is_wanted);
    }
    let dir = tempfile::tempdir().expect("a directory");
    let failing = Mutex::new(Vec::new());
    let benches = thread::available_parallelism().map_or(1, |count| count.get());
    let benches: Vec<Mutex<Bench>> = (0..benches)
        .map(|worker| Mutex::new(Bench::new(dir.path().join(worker.to_string()))))
        .collect();
    let failures = check_all(&chapters.programs, |worker, program| {
        let failure = benches[worker]
            .lock()
            .expect("no panic")
            .check(program)
            .err();
        if failure.is_some() {
            failing.lock().expect("no panic").push(program.name.clone());
        }
        failure.into_iter().collect()
    });
    let failing = failing.into_inner().expect("no panic");
    eprintln!("{}", table::table(&chapters, &failing));
    report(&failures);
}

/// The chapters on ownership: not only where an error is, but all that it points at.
#[test]
fn errors_about_ownership_show_the_places_they_are_about() {
    let chapters = chapters::all();
    let dir = tempfile::tempdir().expect("a directory");
    let mut bench = Bench::new(dir.path().to_path_buf());
    let names = [
        "08-borrowing",
        "08-closures",
        "08-declarations",
        "08-forever",
        "08-holders",
        "08-loans-in-depth",
        "08-ownership",
    ];
    let failures = names
        .iter()
        .flat_map(|name| labels::check(&mut bench, &chapters.programs, name));
    report(&failures.collect::<Vec<_>>());
}

#[test]
fn every_rule_is_obeyed_and_broken() {
    report(&table::gaps(&chapters::all()));
}

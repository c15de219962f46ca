//! Measures lexing, parsing and reparsing on a synthetic source: `syntax_throughput FILE [MB]`.
//!
//! The source is the given file repeated with other names, so that no cache sees one
//! file only.

use std::time::Instant;

use syntax::{PreprocessorEnv, TextEdit, TextRange, TextSize};

fn main() {
    let mut args = std::env::args().skip(1);
    let Some(path) = args.next() else {
        return eprintln!("usage: syntax_throughput FILE [MB]");
    };
    let megabytes: usize = args.next().and_then(|it| it.parse().ok()).unwrap_or(10);
    let sample = std::fs::read_to_string(&path).unwrap_or_default();
    let mut text = String::new();
    let mut round = 0;
    while text.len() < megabytes << 20 {
        text.push_str(
            &sample
                .replace("Item", &format!("Item{round}"))
                .replace("left", &format!("left{round}"))
                .replace("//!", "//"),
        );
        round += 1;
    }
    let env: PreprocessorEnv = ["LINUX"].into_iter().collect();
    let mb = text.len() as f64 / f64::from(1 << 20);
    for _ in 0..3 {
        let start = Instant::now();
        let tokens = syntax::count_tokens(&text, &env);
        let seconds = start.elapsed().as_secs_f64();
        println!("lex     {:7.1} MB/s ({tokens} tokens)", mb / seconds);
        let start = Instant::now();
        let parse = syntax::parse(&text, &env);
        let seconds = start.elapsed().as_secs_f64();
        println!(
            "parse   {:7.1} MB/s ({} errors)",
            mb / seconds,
            parse.errors().len()
        );
        let at = text.len() / 2
            + text[text.len() / 2..]
                .find("stock.units = stock")
                .unwrap_or(0);
        let at = TextSize::new(at as u32);
        let edit = TextEdit {
            range: TextRange::empty(at),
            insert: "let z = 1\n".to_owned(),
        };
        let start = Instant::now();
        let again = parse.reparse(&text, &edit, &env);
        println!(
            "reparse {:7.3} ms ({} errors)",
            start.elapsed().as_secs_f64() * 1e3,
            again.errors().len()
        );
        let start = Instant::now();
        drop((parse, again));
        println!("drop    {:7.1} ms", start.elapsed().as_secs_f64() * 1e3);
    }
}

//! `tml tokens`, `tml ast`, `tml lint --list`.

use client::args::DumpParams;
use compiler_core::source_tools;

use crate::work::{EXIT_FAILED, EXIT_USAGE};

pub(super) fn run(params: &DumpParams) -> u8 {
    let text = match std::fs::read_to_string(&params.file) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("error: cannot read `{}`: {error}", params.file);
            return EXIT_USAGE;
        }
    };
    let dump = match (params.is_tree, params.is_json) {
        (true, false) => source_tools::tree_text(&text),
        (false, false) => source_tools::tokens_text(&text),
        (true, true) => format!("{}\n", source_tools::tree_json(&text)),
        (false, true) => format!("{}\n", source_tools::tokens_json(&text)),
    };
    match &params.output {
        None => client::run::print(format_args!("{dump}")),
        Some(path) => {
            if let Err(error) = std::fs::write(path, dump) {
                eprintln!("error: cannot write `{path}`: {error}");
                return EXIT_FAILED;
            }
        }
    }
    let problems = source_tools::syntax_problems(&text);
    for problem in &problems {
        eprintln!(
            "error[{}]: {}\n  --> {}:{}:{}",
            problem.code, problem.message, params.file, problem.line, problem.column
        );
    }
    if problems.is_empty() { 0 } else { EXIT_FAILED }
}

/// Codes that are warnings, with their levels and titles.
pub(super) fn lints() -> u8 {
    for (code, level, title) in compiler_core::lints() {
        client::run::print(format_args!("{code}  {level:<5} {title}\n"));
    }
    0
}

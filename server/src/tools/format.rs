//! `tml fmt`: sources in canonical form.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use client::args::FmtParams;
use compiler_core::source_tools::{
    FormatConfig, Unformattable, format_config_of_manifest, format_text, syntax_problems,
};

use super::unified;
use crate::work::{EXIT_FAILED, EXIT_USAGE};

/// Directory levels searched for sources; guessed, far above real ones.
const DEPTH_MAX: usize = 64;
const SKIPPED_DIRECTORIES: &[&str] = &["build", "node_modules", "target"];

pub(super) fn run(params: &FmtParams) -> u8 {
    let cwd = std::env::current_dir().unwrap_or_default();
    let chosen = match &params.config_path {
        None => None,
        Some(path) => match fs::read_to_string(path) {
            Ok(text) => Some(format_config_of_manifest(path, &text)),
            Err(error) => {
                eprintln!("error: cannot read `{path}`: {error}");
                return EXIT_USAGE;
            }
        },
    };
    if params.stdin {
        return stdin(params, chosen.unwrap_or_else(|| config_at(&cwd)));
    }
    let mut files = Vec::new();
    if params.paths.is_empty() {
        let Some(root) = client::endpoint::find_root(&cwd) else {
            let dir = cwd.display();
            eprintln!("error[K001]: no `tml.toml` in `{dir}` or any parent directory");
            eprintln!("   = help: `tml fmt FILE.tml` formats a single file");
            return EXIT_USAGE;
        };
        collect(&root, 0, &mut files);
    }
    for path in &params.paths {
        let path = cwd.join(path);
        if path.is_dir() {
            collect(&path, 0, &mut files);
        } else {
            files.push(path);
        }
    }
    files.sort();
    files.dedup();
    let mut counts = Counts::default();
    let mut known: Vec<(PathBuf, FormatConfig)> = Vec::new();
    for path in &files {
        let dir = path.parent().unwrap_or(&cwd).to_path_buf();
        let config = chosen.unwrap_or_else(|| {
            if let Some((_, config)) = known.iter().find(|(of, _)| *of == dir) {
                return *config;
            }
            let config = config_at(&dir);
            known.push((dir, config));
            config
        });
        let shown = path.strip_prefix(&cwd).unwrap_or(path);
        one(path, shown, config, params, &mut counts);
    }
    if counts.changed > 0 && !params.check && !params.diff && !params.quiet {
        let word = if counts.changed == 1 { "file" } else { "files" };
        eprintln!("   Formatted {} {word}", counts.changed);
    }
    let differs = params.check && counts.changed > 0;
    if counts.failed > 0 || differs {
        EXIT_FAILED
    } else {
        0
    }
}

#[derive(Default)]
struct Counts {
    changed: usize,
    failed: usize,
}

fn one(path: &Path, shown: &Path, config: FormatConfig, params: &FmtParams, counts: &mut Counts) {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("error: cannot read `{}`: {error}", shown.display());
            counts.failed += 1;
            return;
        }
    };
    let shown = shown.display().to_string();
    let formatted = match format_text(&text, config) {
        Ok(formatted) => formatted,
        Err(problem) => {
            explain(&shown, &text, &problem);
            counts.failed += 1;
            return;
        }
    };
    if formatted == text {
        return;
    }
    counts.changed += 1;
    if params.diff {
        client::run::print(format_args!("{}", unified(&shown, &text, &formatted)));
    } else if params.check {
        client::run::print(format_args!("{shown}\n"));
    }
    if params.check || params.diff {
        return;
    }
    if let Err(error) = fs::write(path, formatted) {
        eprintln!("error: cannot write `{shown}`: {error}");
        counts.failed += 1;
    }
}

fn stdin(params: &FmtParams, config: FormatConfig) -> u8 {
    let mut text = String::new();
    if let Err(error) = std::io::stdin().read_to_string(&mut text) {
        eprintln!("error: cannot read standard input: {error}");
        return EXIT_FAILED;
    }
    match format_text(&text, config) {
        Ok(formatted) if params.check => u8::from(formatted != text) * EXIT_FAILED,
        Ok(formatted) if params.diff => {
            let diff = unified("<stdin>", &text, &formatted);
            client::run::print(format_args!("{diff}"));
            0
        }
        Ok(formatted) => {
            client::run::print(format_args!("{formatted}"));
            0
        }
        Err(problem) => {
            explain("<stdin>", &text, &problem);
            EXIT_FAILED
        }
    }
}

/// Says why a text stays as it is.
fn explain(shown: &str, text: &str, problem: &Unformattable) {
    if *problem == Unformattable::WouldChange {
        eprintln!(
            "error[C009]: the formatter would have changed what `{shown}` means; it stays as it is"
        );
        return;
    }
    for problem in syntax_problems(text) {
        eprintln!(
            "error[{}]: {}\n  --> {shown}:{}:{}\n",
            problem.code, problem.message, problem.line, problem.column
        );
    }
    eprintln!("error: `{shown}` has syntax errors and stays as it is");
}

/// `[fmt]` of the nearest manifest.
fn config_at(dir: &Path) -> FormatConfig {
    for at in dir.ancestors() {
        let path = at.join("tml.toml");
        if let Ok(text) = fs::read_to_string(&path) {
            return format_config_of_manifest(&path.display().to_string(), &text);
        }
    }
    FormatConfig::default()
}

fn collect(dir: &Path, depth: usize, out: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(dir) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            let is_skipped = name.starts_with('.') || SKIPPED_DIRECTORIES.contains(&name.as_str());
            if !is_skipped && depth < DEPTH_MAX {
                collect(&path, depth + 1, out);
            }
        } else if name.ends_with(".tml") {
            out.push(path);
        }
    }
}

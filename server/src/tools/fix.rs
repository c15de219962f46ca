//! `tml fix`: applies suggestions, round by round, until there is nothing more to apply.

use std::path::Path;

use client::args::{FixParams, Globals};
use client::protocol::WorkParams;
use compiler_core::build::Builder;
use compiler_core::{Change, Input};

use super::unified;
use crate::work::{self, EXIT_FAILED, EXIT_INTERNAL, EXIT_USAGE};

/// A fix may make another one possible; this many rounds are enough for all known ones.
const ROUNDS_MAX: usize = 10;

pub(super) fn run(globals: &Globals, mut params: FixParams) -> u8 {
    let cwd = std::env::current_dir().unwrap_or_default();
    describe(globals, &cwd, &mut params.work);
    let input = match params.work.files.first() {
        Some(file) => {
            let path = std::fs::canonicalize(cwd.join(file)).unwrap_or_else(|_| cwd.join(file));
            Input::SingleFile(path.display().to_string())
        }
        None => match client::endpoint::find_root(&cwd) {
            Some(root) => Input::Directory(root.display().to_string()),
            None => {
                let dir = cwd.display();
                eprintln!("error[K001]: no `tml.toml` in `{dir}` or any parent directory");
                return EXIT_USAGE;
            }
        },
    };
    let host = crate::engine::open_host(input);
    let builder = match Builder::new(1) {
        Ok(builder) => builder,
        Err(error) => {
            eprintln!("error: cannot start: {error}");
            return EXIT_INTERNAL;
        }
    };
    let request = match work::request(&host, &params.work) {
        Ok(request) => request,
        Err(message) => {
            eprintln!("error: {message}");
            return EXIT_USAGE;
        }
    };
    let takes = |diagnostic: &compiler_core::Diagnostic| {
        let is_asked = params.codes.is_empty()
            || params
                .codes
                .iter()
                .any(|code| compiler_core::covers(code, diagnostic.code));
        is_asked && !(params.only_warnings && diagnostic.is_error())
    };
    let mut applied = 0;
    for _ in 0..ROUNDS_MAX {
        let report = builder.build(&host, &request, &mut |_| {});
        let fixes = host.fixes(&report, takes);
        for fix in &fixes {
            applied += fix.count;
            if params.dry_run {
                let shown = shown(&cwd, &fix.path);
                let diff = unified(&shown, &fix.before, &fix.after);
                client::run::print(format_args!("{diff}"));
            } else if let Err(error) = std::fs::write(&fix.path, &fix.after) {
                eprintln!("error: cannot write `{}`: {error}", fix.path);
                return EXIT_FAILED;
            } else if !params.work.quiet {
                eprintln!("       Fixed {} ({})", shown(&cwd, &fix.path), fix.count);
            }
        }
        if fixes.is_empty() || params.dry_run {
            break;
        }
        host.apply(&Change {
            paths: fixes.into_iter().map(|fix| fix.path).collect(),
            rescan: true,
            ..Change::default()
        });
    }
    if params.dry_run {
        return 0;
    }
    if applied == 0 && !params.work.quiet {
        eprintln!("     Nothing to fix");
    }
    // What is left is for people.
    let report = work::once(&host, &builder, &params.work, &mut work::print_here);
    report.exit_code
}

fn describe(globals: &Globals, cwd: &Path, work: &mut WorkParams) {
    work.cwd = cwd.display().to_string();
    work.color = client::run::wants_color(&globals.color);
    work.width = client::run::terminal_width();
}

fn shown(cwd: &Path, path: &str) -> String {
    let relative = Path::new(path).strip_prefix(cwd);
    relative.map_or(path.to_string(), |path| path.display().to_string())
}

//! What stands on the command line after `tml test`: filters, files or directories.

use std::fs;
use std::path::{Path, PathBuf};

use crate::endpoint::find_root;

/// Directory levels searched for test files; guessed, far above real ones.
const DEPTH_MAX: usize = 64;

/// Selectors told apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selected {
    /// Parts of names.
    pub filters: Vec<String>,
    /// Files and directories of a package.
    pub paths: Vec<String>,
    /// Files without a package around them.
    pub files: Vec<String>,
    /// Directory whose package is meant, if a path leads to another than the current one.
    pub package_dir: Option<PathBuf>,
}

/// Tells selectors apart: what exists is a file or directory, everything else is a filter.
pub fn select(selectors: &[String], cwd: &Path) -> Selected {
    let mut out = Selected::default();
    for selector in selectors {
        let path = cwd.join(selector);
        let is_file = path.is_file() && selector.ends_with(".tml");
        if !is_file && !path.is_dir() {
            out.filters.push(selector.clone());
            continue;
        }
        let path = fs::canonicalize(&path).unwrap_or(path);
        let dir = match is_file {
            true => path.parent().unwrap_or(&path),
            false => &path,
        };
        if find_root(dir).is_some() {
            out.package_dir.get_or_insert_with(|| dir.to_path_buf());
            out.paths.push(path.display().to_string());
        } else if is_file {
            out.files.push(path.display().to_string());
        } else {
            let mut found = Vec::new();
            collect(&path, 0, &mut found);
            found.sort();
            out.files
                .extend(found.iter().map(|path| path.display().to_string()));
        }
    }
    out
}

/// Files below a directory that hold tests.
fn collect(dir: &Path, depth: usize, out: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(dir) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            let is_skipped = name.starts_with('.') || matches!(&*name, "build" | "node_modules");
            if !is_skipped && depth < DEPTH_MAX {
                collect(&path, depth + 1, out);
            }
            continue;
        }
        let holds_tests = || {
            let text = fs::read_to_string(&path).unwrap_or_default();
            text.contains("@test") || text.contains("@bench")
        };
        if name.ends_with(".error.tml") || name.ends_with(".tml") && holds_tests() {
            out.push(path);
        }
    }
}

//! Which files of a package hold tests (cli.md §2.3), and which files a text names.

use smol_str::SmolStr;

use crate::graph::{DEPTH_MAX, Target, TargetKind, is_module_directory};
use crate::manifest::TestSection;
use crate::resolver::{ReadError, Resolver, join, parent};

const INCLUDE: &[&str] = &["**/*.test.tml", "**/tests/**/*.tml"];
const EXCLUDE: &[&str] = &["**/build/**", "**/node_modules/**"];
/// Endings that make a file a test wherever it stands.
const ENDINGS: &[&str] = &[".test.tml", ".bench.tml", ".error.tml"];

/// The test targets of the package in `dir`, in order of their paths.
pub(crate) fn test_targets(
    files: &dyn Resolver,
    dir: &str,
    section: &TestSection,
) -> Result<Vec<Target>, ReadError> {
    let owned = |defaults: &[&str]| defaults.iter().map(|it| it.to_string()).collect();
    let include: Vec<String> = section.include.clone().unwrap_or_else(|| owned(INCLUDE));
    let exclude: Vec<String> = section.exclude.clone().unwrap_or_else(|| owned(EXCLUDE));
    let is_any = |patterns: &[String], path: &str| patterns.iter().any(|it| matches(it, path));
    let mut found = Vec::new();
    let mut pending = vec![(String::new(), 0)];
    while let Some((rel, depth)) = pending.pop() {
        let listing = files.list(&join(dir, &rel))?;
        // A package inside this one has its own tests.
        if depth > 0 && listing.files.iter().any(|name| name == "tml.toml") {
            continue;
        }
        let within = |name: &str| match rel.as_str() {
            "" => name.to_string(),
            rel => format!("{rel}/{name}"),
        };
        for name in listing.files.iter().filter(|name| name.ends_with(".tml")) {
            let path = within(name);
            let has_ending = ENDINGS.iter().any(|ending| path.ends_with(ending));
            let is_included = is_any(&include, &path) || (has_ending && section.include.is_none());
            if !is_included || is_any(&exclude, &path) {
                continue;
            }
            // A helper module beside tests is none itself.
            let holds_tests = || -> Result<bool, ReadError> {
                let text = files.read(&join(dir, &path))?;
                Ok(text.is_some_and(|text| text.contains("@test") || text.contains("@bench")))
            };
            if has_ending || holds_tests()? {
                found.push(target(&path));
            }
        }
        if depth < DEPTH_MAX {
            let inner = listing.directories.iter();
            let inner = inner.filter(|name| is_module_directory(name));
            pending.extend(inner.map(|name| (within(name), depth + 1)));
        }
    }
    found.sort_by(|a: &Target, b| a.root_file.cmp(&b.root_file));
    Ok(found)
}

fn target(path: &str) -> Target {
    Target {
        name: path
            .strip_suffix(".tml")
            .unwrap_or(path)
            .replace('/', "-")
            .into(),
        kind: match path.ends_with(".error.tml") {
            true => TargetKind::Diagnostics,
            false => TargetKind::Test,
        },
        root_file: path.into(),
    }
}

/// Test files at and below a path, for directories without a manifest.
pub fn test_files_below(files: &dyn Resolver, path: &str) -> Result<Vec<SmolStr>, ReadError> {
    if path.ends_with(".tml") {
        return Ok(vec![path.into()]);
    }
    let section = TestSection {
        include: Some(vec!["**/*.tml".to_string()]),
        exclude: None,
        ..TestSection::default()
    };
    let targets = test_targets(files, path, &section)?;
    let path = |target: Target| SmolStr::from(join(path, &target.root_file));
    Ok(targets.into_iter().map(path).collect())
}

/// The nearest manifest's directory at or above a path.
pub fn package_above(files: &dyn Resolver, path: &str) -> Result<Option<String>, ReadError> {
    let mut at = path;
    loop {
        if files.read(&join(at, "tml.toml"))?.is_some() {
            return Ok(Some(at.to_string()));
        }
        let up = parent(at);
        if up == at || at == "/" {
            return Ok(None);
        }
        at = up;
    }
}

/// Whether a path fits a pattern: `*` is anything but `/`, `**` any directories.
pub fn matches(pattern: &str, path: &str) -> bool {
    let pattern: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty()).collect();
    let path: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    matches_parts(&pattern, &path)
}

fn matches_parts(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, None) => true,
        (Some((&"**", rest)), _) => {
            matches_parts(rest, path)
                || path
                    .split_first()
                    .is_some_and(|(_, below)| matches_parts(pattern, below))
        }
        (Some((part, rest)), Some((name, below))) => {
            matches_name(part, name) && matches_parts(rest, below)
        }
        _ => false,
    }
}

fn matches_name(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, after)) => {
            let Some(rest) = name.strip_prefix(before) else {
                return false;
            };
            let starts = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
            starts
                .filter_map(|at| rest.get(at..))
                .any(|rest| matches_name(after, rest))
        }
    }
}

#[cfg(test)]
mod checks {
    use super::*;

    #[test]
    fn patterns_match_paths() {
        assert!(matches("**/*.test.tml", "a.test.tml"));
        assert!(matches("**/*.test.tml", "src/b/a.test.tml"));
        assert!(matches("**/tests/**/*.tml", "tests/a.tml"));
        assert!(matches("**/tests/**/*.tml", "x/tests/y/z/a.tml"));
        assert!(!matches("**/tests/**/*.tml", "src/a.tml"));
        assert!(matches("**/build/**", "x/build/y/a.tml"));
    }
}

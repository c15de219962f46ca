//! The modules of a single-file package: what its root names, directly or through another.
//!
//! The directory may hold any number of unrelated programs, which are neither listed below the
//! first level nor read.

use std::collections::VecDeque;

use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use crate::graph::{DEPTH_MAX, PackageSpec, is_module_directory, is_module_file};
use crate::resolver::{ReadError, Resolver, join};

/// Packages that are always there; they come before files of their names (reference §11.2).
const LIBRARIES: &[&str] = &["core", "std", "test", "backtrace"];

/// The root and all files that it reaches, relative to the package's directory, sorted.
pub(crate) fn reachable(
    files: &dyn Resolver,
    package: &PackageSpec,
) -> Result<Vec<SmolStr>, ReadError> {
    let listing = files.list(&package.dir)?;
    let roots = package
        .targets
        .iter()
        .map(|target| target.root_file.clone());
    let mut waiting: VecDeque<SmolStr> = roots.collect();
    let mut reached: FxHashSet<SmolStr> = waiting.iter().cloned().collect();
    while let Some(path) = waiting.pop_front() {
        let Some(text) = files.read(&join(&package.dir, &path))? else {
            continue;
        };
        for name in first_segments(&text) {
            let file = format!("{name}.tml");
            let mut found = Vec::new();
            if listing.files.contains(&file) && is_module_file(&file) {
                found.push(SmolStr::from(file));
            }
            if listing.directories.iter().any(|dir| dir == name) && is_module_directory(name) {
                below(files, package, name, &mut found)?;
            }
            for path in found {
                if reached.insert(path.clone()) {
                    waiting.push_back(path);
                }
            }
        }
    }
    let mut all: Vec<SmolStr> = reached.into_iter().collect();
    all.sort();
    Ok(all)
}

/// All sources in a directory and below it: `a::b` may be any of them.
fn below(
    files: &dyn Resolver,
    package: &PackageSpec,
    dir: &str,
    found: &mut Vec<SmolStr>,
) -> Result<(), ReadError> {
    let mut waiting = vec![(dir.to_string(), 0)];
    while let Some((dir, depth)) = waiting.pop() {
        let listing = files.list(&join(&package.dir, &dir))?;
        let sources = listing.files.iter().filter(|name| is_module_file(name));
        found.extend(sources.map(|name| SmolStr::from(format!("{dir}/{name}"))));
        if depth < DEPTH_MAX {
            let inner = listing.directories.iter();
            let inner = inner.filter(|name| is_module_directory(name));
            waiting.extend(inner.map(|name| (format!("{dir}/{name}"), depth + 1)));
        }
    }
    Ok(())
}

/// Words that may name a module of the package: what begins a path in `use`, before `::` or
/// after `self::`, and what `mod` declares. Comments are skipped; a word too many only reads a
/// file more.
fn first_segments(text: &str) -> FxHashSet<&str> {
    let tokens: Vec<&str> = text.lines().flat_map(tokens).collect();
    let at = |index: Option<usize>| index.and_then(|index| tokens.get(index)).copied();
    let mut found = FxHashSet::default();
    // Inside the braces of `use { … }`, where every entry begins a path.
    let mut in_group = false;
    for (index, &token) in tokens.iter().enumerate() {
        let last = at(index.checked_sub(1)).unwrap_or_default();
        let earlier = at(index.checked_sub(2)).unwrap_or_default();
        match token {
            "{" => in_group = last == "use",
            "}" => in_group = false,
            _ => {}
        }
        let begins_path = match last {
            "use" | "mod" => true,
            "{" | "," if in_group => true,
            "::" => matches!(earlier, "self" | "super" | "crate"),
            _ => at(Some(index + 1)) == Some("::"),
        };
        let is_name = token.starts_with(|c: char| c.is_alphabetic() || c == '_');
        if begins_path && is_name && !LIBRARIES.contains(&token) {
            found.insert(token);
        }
    }
    found
}

/// Words, `::` and single signs of a line, without its comment.
fn tokens(line: &str) -> impl Iterator<Item = &str> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut rest = line;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        // `"https://…"` is no comment; what stands behind it on its line is code all the same.
        let first = rest.chars().next()?;
        if rest.starts_with("//") && !line[..line.len() - rest.len()].ends_with(':') {
            return None;
        }
        let end = match first {
            c if is_word(c) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            _ if rest.starts_with("::") => 2,
            c => c.len_utf8(),
        };
        let (token, tail) = rest.split_at(end);
        rest = tail;
        Some(token)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::load_single_file;
    use crate::resolver::MemoryFiles;

    fn reached(entries: &[(&str, &str)]) -> Vec<SmolStr> {
        let mut files = MemoryFiles::new("test");
        for (path, text) in entries {
            files.insert(*path, *text);
        }
        let graph = load_single_file("/d/main.tml");
        reachable(&files, &graph.packages[0]).unwrap()
    }

    #[test]
    fn a_single_file_reaches_the_siblings_it_names() {
        let found = reached(&[
            (
                "/d/main.tml",
                "use shapes\nuse {a::x, b}\nmod c\nfunc main() { d::f(); self::e::g() }",
            ),
            ("/d/shapes.tml", "use deep::inner"),
            ("/d/deep/inner.tml", "use super::late"),
            ("/d/a.tml", ""),
            ("/d/b.tml", ""),
            ("/d/c.tml", ""),
            ("/d/d.tml", ""),
            ("/d/e.tml", ""),
            ("/d/late.tml", ""),
            ("/d/unrelated.tml", "use shapes"),
        ]);
        let all = [
            "a.tml",
            "b.tml",
            "c.tml",
            "d.tml",
            "deep/inner.tml",
            "e.tml",
            "late.tml",
            "main.tml",
            "shapes.tml",
        ];
        assert_eq!(found, all);
    }

    #[test]
    fn words_of_other_kinds_name_no_module() {
        let found = reached(&[
            (
                "/d/main.tml",
                "// use list, list::f\nuse test\nuse std::list\nfunc main() { let list = 1; f(list, point.x::y) }",
            ),
            ("/d/list.tml", ""),
            ("/d/test.tml", ""),
            ("/d/f.tml", ""),
            ("/d/main.test.tml", ""),
            ("/d/list/more.tml", ""),
        ]);
        assert_eq!(found, ["main.tml"]);
    }
}

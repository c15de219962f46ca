//! `tml new`, `tml init` and `tml clean`: they need no engine.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What a new package is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Binary,
    Library,
}

/// The package name that a directory suggests: lower-cased, other characters become `_`.
pub fn name_of(dir: &Path) -> String {
    let raw = dir
        .file_name()
        .map(|name| name.to_string_lossy().to_lowercase())
        .unwrap_or_default();
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    let name: String = raw
        .chars()
        .map(|c| if allowed(c) { c } else { '_' })
        .collect();
    match name.chars().next() {
        Some(first) if first.is_ascii_lowercase() => name,
        _ => format!("p{name}"),
    }
}

/// Whether a name may be a package's: `[a-z][a-z0-9_-]*`.
pub fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_ascii_lowercase())
        && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-')
}

/// Writes a package into `dir`, keeping files that exist. Fails if there is a `tml.toml`.
pub fn create(dir: &Path, name: &str, kind: Kind, with_sources: bool) -> io::Result<()> {
    let manifest = dir.join("tml.toml");
    if manifest.exists() {
        let what = format!("`{}` exists already", manifest.display());
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, what));
    }
    fs::create_dir_all(dir)?;
    fs::write(
        &manifest,
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2025\"\n"),
    )?;
    if with_sources {
        let (path, text) = match kind {
            Kind::Binary => (
                "src/main.tml",
                "func main() {\n    println(\"Hello from TML!\")\n}\n",
            ),
            Kind::Library => ("src/lib.tml", LIBRARY),
        };
        let path = dir.join(path);
        fs::create_dir_all(path.parent().unwrap_or(dir))?;
        if !path.exists() {
            fs::write(path, text)?;
        }
    }
    let ignore = dir.join(".gitignore");
    if !ignore.exists() {
        fs::write(ignore, "/build\n")?;
    }
    Ok(())
}

const LIBRARY: &str = "/// Adds two numbers.
pub func add(a: I32, b: I32) -> I32 {
    a + b
}

@test
func adds() {
    assert_eq(add(2, 3), 5)
}
";

/// What `clean` removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    pub files: u64,
    pub bytes: u64,
}

/// Removes a directory of products, or nothing if it is not there.
pub fn clean(dir: &Path) -> io::Result<Removed> {
    let mut removed = Removed::default();
    let mut pending: Vec<PathBuf> = vec![dir.to_path_buf()];
    while let Some(at) = pending.pop() {
        let entries = match fs::read_dir(&at) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        for entry in entries {
            let entry = entry?;
            let meta = entry.metadata()?;
            if meta.is_dir() {
                pending.push(entry.path());
            } else {
                removed.files += 1;
                removed.bytes += meta.len();
            }
        }
    }
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(removed),
    }
}

/// A size for people: `512 B`, `1.4 MiB`.
pub fn human_size(bytes: u64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB"];
    let mut size = bytes as f64 / 1024.0;
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    for unit in units {
        if size < 1024.0 {
            return format!("{size:.1} {unit}");
        }
        size /= 1024.0;
    }
    format!("{size:.1} PiB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_directories() {
        assert_eq!(name_of(Path::new("/x/My App")), "my_app");
        assert_eq!(name_of(Path::new("/x/2048")), "p2048");
        assert!(is_name(&name_of(Path::new("/x/É"))));
    }

    #[test]
    fn a_package_is_written_once_and_cleaned() {
        let dir = tempfile::tempdir().unwrap();
        create(dir.path(), "demo", Kind::Binary, true).unwrap();
        assert!(dir.path().join("src/main.tml").is_file());
        assert!(create(dir.path(), "demo", Kind::Binary, true).is_err());
        let build = dir.path().join("build");
        fs::create_dir_all(build.join("debug")).unwrap();
        fs::write(build.join("debug/demo"), [0; 2048]).unwrap();
        assert_eq!(
            clean(&build).unwrap(),
            Removed {
                files: 1,
                bytes: 2048
            }
        );
        assert_eq!(clean(&build).unwrap(), Removed::default());
        assert_eq!(human_size(2048), "2.0 KiB");
    }
}

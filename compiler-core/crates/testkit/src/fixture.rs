//! Packages in one text.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use base::{Dependency, Env, Lowlevel, Package, SourceFile, SourceRoot};
use salsa::Setter;
use smol_str::SmolStr;
use syntax::PreprocessorEnv;
use text_size::TextSize;

use crate::TestDb;

/// The inputs made of a fixture text.
///
/// ```text
/// //- package util
/// //- /util/src/lib.tml
/// pub func twice(n: I32) -> I32 { n * 2 }
/// //- package app deps: util
/// //- /app/src/main.tml
/// func main() { util::twi$0ce(2) }
/// ```
///
/// The first part of a path is its package. `//- package` lines give dependencies and are
/// optional; a package named `core` is a dependency of all others. Without any marker the text
/// is `/main/src/main.tml`. `$0` marks a cursor and is not part of the text.
#[derive(Clone, Debug, Default)]
pub struct Fixture {
    /// In order of appearance.
    pub packages: Vec<(SmolStr, Package)>,
    /// By path with the package: `/app/src/main.tml`, in order of appearance.
    pub files: Vec<(SmolStr, SourceFile)>,
    /// Cursors in order of appearance.
    pub cursors: Vec<(SourceFile, TextSize)>,
}

/// The symbols that every fixture has: those of a debug build for x86-64 Linux.
const SYMBOLS: &[&str] = &[
    "LINUX",
    "UNIX",
    "POSIX",
    "X86_64",
    "PTR_64",
    "LITTLE_ENDIAN",
    "GNU",
    "DEBUG",
];

impl Fixture {
    pub fn load(db: &mut TestDb, text: &str) -> Fixture {
        let mut fixture = Fixture::default();
        let mut deps: BTreeMap<SmolStr, Vec<SmolStr>> = BTreeMap::new();
        let mut order: Vec<SmolStr> = Vec::new();
        let mut texts: Vec<(SmolStr, String)> = Vec::new();
        let has_markers = text.lines().any(|line| line.starts_with("//- "));
        if !has_markers {
            texts.push(("/main/src/main.tml".into(), String::new()));
        }
        for line in text.split_inclusive('\n') {
            let Some(marker) = line.strip_prefix("//- ") else {
                if let Some((_, text)) = texts.last_mut() {
                    text.push_str(line);
                }
                continue;
            };
            let marker = marker.trim();
            if let Some(package) = marker.strip_prefix("package ") {
                let (name, list) = package.split_once("deps:").unwrap_or((package, ""));
                let list = list.split([',', ' ']).filter(|it| !it.is_empty());
                deps.insert(name.trim().into(), list.map(SmolStr::new).collect());
                order.push(name.trim().into());
            } else {
                assert!(
                    marker.starts_with('/'),
                    "neither a path nor a package: {marker}"
                );
                texts.push((marker.into(), String::new()));
            }
        }
        for (path, text) in texts {
            let file = fixture.add_file(db, &path, &text);
            let package = package_of(&path);
            if !order.contains(&package) {
                order.push(package);
            }
            fixture.files.push((path, file));
        }
        for name in order {
            let files = fixture
                .files
                .iter()
                .filter(|(path, _)| package_of(path) == name);
            let files = files.map(|(path, file)| (relative(path), *file)).collect();
            let package = new_package(db, name.clone(), files);
            fixture.packages.push((name, package));
        }
        fixture.link(db, &deps);
        fixture
    }

    /// Adds a package that was loaded otherwise, such as [`real_library`], as a dependency of all
    /// others.
    pub fn add_to_all(&mut self, db: &mut TestDb, package: Package) {
        let name = package.name(db).clone();
        for (_, other) in &self.packages {
            let mut all = other.dependencies(db).to_vec();
            all.push(Dependency {
                name: name.clone(),
                package,
            });
            other.set_dependencies(db).to(all.into());
        }
        self.packages.push((name, package));
    }

    /// Adds the packages of [`whole_library`] as dependencies of all others.
    pub fn add_library(&mut self, db: &mut TestDb, library: &[Package]) {
        let own: Vec<Package> = self.packages.iter().map(|(_, package)| *package).collect();
        for package in library {
            let name = package.name(db).clone();
            let dependency = Dependency {
                name: name.clone(),
                package: *package,
            };
            for other in &own {
                let mut all = other.dependencies(db).to_vec();
                all.push(dependency.clone());
                other.set_dependencies(db).to(all.into());
            }
            self.packages.push((name, *package));
        }
    }

    /// A package by name.
    pub fn package(&self, name: &str) -> Package {
        let found = self.packages.iter().find(|(it, _)| it == name);
        found.unwrap_or_else(|| panic!("no package {name}")).1
    }

    /// The last package of the text: the one under test.
    pub fn main_package(&self) -> Package {
        self.packages.last().expect("a fixture has a package").1
    }

    /// A file by its path with the package.
    pub fn file(&self, path: &str) -> SourceFile {
        let found = self.files.iter().find(|(it, _)| it == path);
        found.unwrap_or_else(|| panic!("no file {path}")).1
    }

    /// The only file, or the first.
    pub fn first_file(&self) -> SourceFile {
        self.files.first().expect("a fixture has a file").1
    }

    /// The only cursor.
    pub fn cursor(&self) -> (SourceFile, TextSize) {
        assert_eq!(self.cursors.len(), 1, "one cursor");
        self.cursors[0]
    }

    fn add_file(&mut self, db: &mut TestDb, path: &str, text: &str) -> SourceFile {
        let pieces: Vec<&str> = text.split("$0").collect();
        let clean: Arc<str> = pieces.concat().into();
        let name = SmolStr::new(path.trim_start_matches('/'));
        let file = new_file(db, clean, name);
        let mut offset = 0;
        for piece in &pieces[..pieces.len() - 1] {
            offset += piece.len();
            self.cursors.push((file, TextSize::new(offset as u32)));
        }
        file
    }

    fn link(&self, db: &mut TestDb, deps: &BTreeMap<SmolStr, Vec<SmolStr>>) {
        let core = self
            .packages
            .iter()
            .find(|(name, _)| name == "core")
            .cloned();
        for (name, package) in &self.packages {
            let names = deps.get(name).into_iter().flatten();
            let mut all: Vec<Dependency> = names
                .map(|dep| Dependency {
                    name: dep.clone(),
                    package: self.package(dep),
                })
                .collect();
            let is_missing = name != "core" && all.iter().all(|dep| dep.name != "core");
            if let Some((name, package)) = core.clone().filter(|_| is_missing) {
                all.push(Dependency { name, package });
            }
            package.set_dependencies(db).to(all.into());
        }
    }
}

/// A package of the repository's own library, read from `lib/<name>`.
pub fn real_library(db: &mut TestDb, name: &str) -> Package {
    let lib = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../lib")
        .join(name);
    let mut files = BTreeMap::new();
    let mut pending = vec![lib.join("src")];
    while let Some(dir) = pending.pop() {
        let entries = std::fs::read_dir(&dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display()));
        for entry in entries {
            let path = entry.expect("a directory entry").path();
            if path.is_dir() {
                pending.push(path);
                continue;
            }
            let relative = path
                .strip_prefix(&lib)
                .expect("below the library")
                .to_string_lossy();
            if relative.ends_with(".tml") {
                let text = std::fs::read_to_string(&path).expect("a readable file");
                let shown = relative.strip_prefix("src/").unwrap_or(&relative);
                let shown = SmolStr::new(format!("<{name}>/{shown}"));
                let file = new_file(db, Arc::from(text), shown);
                files.insert(SmolStr::new(relative.replace('\\', "/")), file);
            }
        }
    }
    new_package(db, name.into(), files)
}

/// `core`, `std` and `test`, each with those before it as dependencies.
pub fn whole_library(db: &mut TestDb) -> Vec<Package> {
    let mut known: Vec<Dependency> = Vec::new();
    for name in ["core", "std", "test"] {
        let package = real_library(db, name);
        package.set_dependencies(db).to(known.clone().into());
        known.push(Dependency {
            name: name.into(),
            package,
        });
    }
    known.into_iter().map(|known| known.package).collect()
}

fn new_file(db: &TestDb, text: Arc<str>, name: SmolStr) -> SourceFile {
    let outline = base::input::outline(&text);
    SourceFile::new(db, text, outline, name)
}

fn new_package(db: &mut TestDb, name: SmolStr, files: BTreeMap<SmolStr, SourceFile>) -> Package {
    let roots = ["src/lib.tml", "src/main.tml", "src/mod.tml"];
    let root_file = roots
        .into_iter()
        .find(|root| files.contains_key(*root))
        .map(SmolStr::new);
    let root_file = root_file
        .or_else(|| files.keys().next().cloned())
        .unwrap_or_default();
    let is_library = !root_file.ends_with("main.tml");
    let env: PreprocessorEnv = SYMBOLS.iter().copied().collect();
    let env = Env::new(db, env);
    let root = SourceRoot::new(db, Arc::new(files));
    let no_deps: Arc<[Dependency]> = Arc::from([]);
    Package::new(
        db,
        name,
        "0.1.0".into(),
        "2026".into(),
        root,
        root_file,
        is_library,
        env,
        no_deps,
        Lowlevel::Allow,
    )
}

fn package_of(path: &str) -> SmolStr {
    path.trim_start_matches('/')
        .split('/')
        .next()
        .unwrap_or_default()
        .into()
}

fn relative(path: &str) -> SmolStr {
    path.trim_start_matches('/')
        .split_once('/')
        .map_or("", |(_, rest)| rest)
        .into()
}

//! One `tml.toml` as data (cli.md §3).

use std::ops::Range;

use semver::Version;
use smol_str::SmolStr;
use toml_edit::{Document, Item, Table, TableLike, Value};

use crate::problem::Problem;
use crate::profiles::{Level, ProfileSection, Profiles};

/// Tables a manifest may have at its top level.
const TOP_LEVEL: &[&str] = &[
    "package",
    "lib",
    "bin",
    "example",
    "test",
    "bench",
    "dependencies",
    "dev-dependencies",
    "build-dependencies",
    "target",
    "features",
    "build",
    "profile",
    "compiler",
    "fmt",
    "lint",
    "ffi",
    "cache",
    "modules",
    "workspace",
];
/// Keys of `[package]`.
const PACKAGE_KEYS: &[&str] = &[
    "name",
    "version",
    "edition",
    "authors",
    "description",
    "license",
    "repository",
    "homepage",
    "documentation",
    "readme",
    "keywords",
    "categories",
    "tml-version",
    "publish",
    "build",
    "default-run",
    "lowlevel",
];

/// Keys of `[test]`.
const TEST_KEYS: &[&str] = &[
    "include",
    "exclude",
    "parallel",
    "threads",
    "timeout",
    "watch",
    "fail-fast",
    "retries",
    "coverage",
];

/// Keys of `[profile.NAME]`.
const PROFILE_KEYS: &[&str] = &[
    "inherits",
    "opt-level",
    "optimization-level",
    "debug",
    "lto",
    "overflow-checks",
    "strip",
    "panic",
    "codegen-units",
    "inline-threshold",
];

/// Those of them that nothing acts on so far.
const PROFILE_KEYS_WITHOUT_EFFECT: &[&str] = &["debug", "lto", "strip", "panic", "codegen-units"];

/// A parsed manifest. Fields that were invalid are absent, with a problem in the list.
#[derive(Clone, Debug, Default)]
pub struct Manifest {
    pub package: Option<PackageSection>,
    pub lib: Option<TargetSection>,
    pub bins: Vec<TargetSection>,
    pub dependencies: Vec<DependencySpec>,
    pub workspace: Option<WorkspaceSection>,
    /// `[build] defines`, each `NAME` or `NAME=VALUE`.
    pub defines: Vec<String>,
    pub default_features: Vec<String>,
    pub test: TestSection,
    pub fmt: FmtSection,
    pub profiles: Profiles,
}

/// `[test]`: which files hold tests and how they run. Options of the command line come first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TestSection {
    /// Patterns; `None` for the default ones.
    pub include: Option<Vec<String>>,
    pub exclude: Option<Vec<String>>,
    pub parallel: Option<bool>,
    pub threads: Option<u32>,
    /// Seconds.
    pub timeout: Option<u32>,
    pub fail_fast: Option<bool>,
    pub retries: Option<u32>,
}

/// `[fmt]`: the two measures that a project may choose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FmtSection {
    pub max_width: Option<u32>,
    pub indent_size: Option<u32>,
}

/// `package.lowlevel`: what becomes of low-level code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lowlevel {
    #[default]
    Allow,
    /// Low-level operations stand in low-level code only.
    Marked,
    /// There is none.
    Forbid,
}

/// `[package]`.
#[derive(Clone, Debug)]
pub struct PackageSection {
    pub name: SmolStr,
    pub version: SmolStr,
    pub edition: SmolStr,
    pub default_run: Option<SmolStr>,
    pub lowlevel: Lowlevel,
}

/// `[lib]` or one `[[bin]]`.
#[derive(Clone, Debug, Default)]
pub struct TargetSection {
    pub name: Option<SmolStr>,
    pub path: Option<SmolStr>,
    pub range: Option<Range<usize>>,
}

/// One entry of `[dependencies]`.
#[derive(Clone, Debug)]
pub struct DependencySpec {
    /// The key: the name by which this package calls it.
    pub name: SmolStr,
    pub source: DependencySource,
    pub range: Option<Range<usize>>,
}

/// Where a dependency comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DependencySource {
    /// A directory, relative to the manifest.
    Path(SmolStr),
    /// `{ workspace = true }`
    Workspace,
    /// A version requirement or a git URL: needs the package manager.
    Remote,
}

/// `[workspace]`.
#[derive(Clone, Debug, Default)]
pub struct WorkspaceSection {
    pub members: Vec<String>,
    pub exclude: Vec<String>,
    pub version: Option<SmolStr>,
    pub edition: Option<SmolStr>,
    pub dependencies: Vec<DependencySpec>,
}

/// The module name of a package name: `my_lib` for `my-lib`.
pub fn module_name(package: &str) -> SmolStr {
    package.replace('-', "_").into()
}

/// Whether a package may be called this: `[a-z][a-z0-9_-]*`.
pub fn is_package_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_ascii_lowercase())
        && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-')
}

/// Reads a manifest. `file` is its path, for problems; `inherited` the workspace's own section
/// for `version.workspace = true`.
pub fn parse(
    file: &str,
    text: &str,
    inherited: Option<&WorkspaceSection>,
    problems: &mut Vec<Problem>,
) -> Manifest {
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(error) => {
            let message = format!("malformed manifest: {}", error.message());
            problems.push(Problem::error("K002", file, message).at(error.span()));
            return Manifest::default();
        }
    };
    let mut reader = Reader {
        file,
        inherited,
        problems,
    };
    reader.manifest(document.as_table())
}

struct Reader<'a> {
    file: &'a str,
    inherited: Option<&'a WorkspaceSection>,
    problems: &'a mut Vec<Problem>,
}

impl Reader<'_> {
    fn manifest(&mut self, root: &Table) -> Manifest {
        self.warn_unknown_keys(root, TOP_LEVEL, "");
        let mut manifest = Manifest::default();
        manifest.workspace = self
            .table(root, "workspace")
            .map(|table| self.workspace(table));
        let own_workspace = manifest.workspace.clone();
        manifest.package = self
            .table(root, "package")
            .and_then(|table| self.package(table, own_workspace.as_ref()));
        manifest.lib = self.table(root, "lib").map(|table| self.target(table));
        if let Some(item) = root.get("bin") {
            match item.as_array_of_tables() {
                Some(bins) => manifest.bins = bins.iter().map(|table| self.target(table)).collect(),
                None => self.invalid("bin", item, "an array of tables: `[[bin]]`"),
            }
        }
        for section in ["dependencies", "dev-dependencies"] {
            if let Some(table) = self.table(root, section) {
                manifest.dependencies.extend(self.dependencies(table));
            }
        }
        if let Some(build) = self.table(root, "build") {
            manifest.defines = self.strings(build, "defines");
            manifest.profiles.build = self.profile(build);
            self.profiles(build, &mut manifest.profiles);
        }
        self.profiles(root, &mut manifest.profiles);
        if let Some(test) = self.table(root, "test") {
            manifest.test = self.test(test);
        }
        if let Some(fmt) = self.table(root, "fmt") {
            self.warn_unknown_keys(fmt, &["max_width", "indent_size"], "fmt.");
            manifest.fmt = FmtSection {
                max_width: self.number(fmt, "max_width"),
                indent_size: self.number(fmt, "indent_size"),
            };
        }
        if let Some(features) = self.table(root, "features") {
            manifest.default_features = self.strings(features, "default");
        }
        if manifest.package.is_none() && manifest.workspace.is_none() && self.problems.is_empty() {
            let message = "the manifest has neither `[package]` nor `[workspace]`";
            self.problems
                .push(Problem::error("K003", self.file, message));
        }
        manifest
    }

    fn package(
        &mut self,
        table: &dyn TableLike,
        own: Option<&WorkspaceSection>,
    ) -> Option<PackageSection> {
        self.warn_unknown_keys(table, PACKAGE_KEYS, "package.");
        let inherited = own.or(self.inherited).cloned().unwrap_or_default();
        let name = self.inheritable(table, "name", None);
        let version = self.inheritable(table, "version", inherited.version);
        let edition = self
            .inheritable(table, "edition", inherited.edition)
            .unwrap_or_else(|| "2025".into());
        let name = self.required(name, "package.name")?;
        if !is_package_name(&name) {
            let message = format!(
                "invalid `package.name`: `{name}` must start with a lower-case letter and hold only lower-case letters, digits, `-` and `_`"
            );
            let range = table.get("name").and_then(Item::span);
            self.problems
                .push(Problem::error("K003", self.file, message).at(range));
            return None;
        }
        let version = self.required(version, "package.version")?;
        if let Err(error) = Version::parse(&version) {
            let message = format!(
                "invalid `package.version`: `{version}` is not a semantic version ({error})"
            );
            let range = table.get("version").and_then(Item::span);
            self.problems
                .push(Problem::error("K003", self.file, message).at(range));
            return None;
        }
        if !["2024", "2025"].contains(&edition.as_str()) {
            let message =
                format!("invalid `package.edition`: `{edition}`; known are 2024 and 2025");
            let range = table.get("edition").and_then(Item::span);
            self.problems
                .push(Problem::error("K003", self.file, message).at(range));
        }
        let default_run = self.string(table, "default-run");
        let lowlevel = match self.string(table, "lowlevel").as_deref() {
            None | Some("allow") => Lowlevel::Allow,
            Some("marked") => Lowlevel::Marked,
            Some("forbid") => Lowlevel::Forbid,
            Some(other) => {
                let message = format!(
                    "invalid `package.lowlevel`: `{other}`; known are `allow`, `marked` and `forbid`"
                );
                let range = table.get("lowlevel").and_then(Item::span);
                self.problems
                    .push(Problem::error("K003", self.file, message).at(range));
                Lowlevel::Allow
            }
        };
        Some(PackageSection {
            name,
            version,
            edition,
            default_run,
            lowlevel,
        })
    }

    fn required(&mut self, value: Option<SmolStr>, key: &str) -> Option<SmolStr> {
        if value.is_none() {
            let message = format!("missing `{key}`");
            self.problems
                .push(Problem::error("K003", self.file, message));
        }
        value
    }

    fn target(&mut self, table: &dyn TableLike) -> TargetSection {
        let range = table.get("path").and_then(Item::span);
        TargetSection {
            name: self.string(table, "name"),
            path: self.string(table, "path"),
            range,
        }
    }

    fn dependencies(&mut self, table: &dyn TableLike) -> Vec<DependencySpec> {
        let mut found = Vec::new();
        for (name, item) in table.iter() {
            let source = match item.as_table_like() {
                None if item.is_str() => DependencySource::Remote,
                None => {
                    self.invalid(name, item, "a version or a table");
                    continue;
                }
                Some(entry) => match (self.string(entry, "path"), entry.get("workspace")) {
                    (Some(path), _) => DependencySource::Path(path),
                    (None, Some(flag)) if flag.as_bool() == Some(true) => {
                        DependencySource::Workspace
                    }
                    _ => DependencySource::Remote,
                },
            };
            found.push(DependencySpec {
                name: name.into(),
                source,
                range: item.span(),
            });
        }
        found
    }

    fn test(&mut self, table: &dyn TableLike) -> TestSection {
        self.warn_unknown_keys(table, TEST_KEYS, "test.");
        let patterns = |reader: &mut Self, key: &str| {
            table.contains_key(key).then(|| reader.strings(table, key))
        };
        TestSection {
            include: patterns(self, "include"),
            exclude: patterns(self, "exclude"),
            parallel: self.flag(table, "parallel"),
            threads: self.number(table, "threads"),
            timeout: self.number(table, "timeout"),
            fail_fast: self.flag(table, "fail-fast"),
            retries: self.number(table, "retries"),
        }
    }

    /// `[profile.NAME]`, also spelled `[build.profile.NAME]`.
    fn profiles(&mut self, parent: &dyn TableLike, profiles: &mut Profiles) {
        let Some(table) = self.table(parent, "profile") else {
            return;
        };
        for (name, item) in table.iter() {
            // Products lie in a directory of this name.
            let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            if name.is_empty() || !name.chars().all(is_plain) {
                let message = format!(
                    "invalid profile `{name}`: a name holds only letters, digits, `-` and `_`"
                );
                self.problems
                    .push(Problem::error("K003", self.file, message).at(item.span()));
                continue;
            }
            match item.as_table_like() {
                Some(section) => {
                    self.warn_without_effect(section, name);
                    let prefix = format!("profile.{name}.");
                    self.warn_unknown_keys(section, PROFILE_KEYS, &prefix);
                    let section = self.profile(section);
                    profiles.by_name.insert(name.into(), section);
                }
                None => self.invalid(name, item, "a table"),
            }
        }
    }

    fn warn_without_effect(&mut self, section: &dyn TableLike, profile: &str) {
        for key in PROFILE_KEYS_WITHOUT_EFFECT {
            if let Some(item) = section.get(key) {
                let message =
                    format!("`profile.{profile}.{key}` has no effect in this version of tml");
                self.problems
                    .push(Problem::warning("K003", self.file, message).at(item.span()));
            }
        }
    }

    fn profile(&mut self, table: &dyn TableLike) -> ProfileSection {
        let mut level = None;
        for key in ["optimization-level", "opt-level"] {
            let Some(item) = table.get(key) else { continue };
            let name = match (item.as_integer(), item.as_str()) {
                (Some(number), _) => number.to_string(),
                (None, text) => text.unwrap_or_default().to_string(),
            };
            level = Level::by_name(&name);
            if level.is_none() {
                self.invalid(key, item, "0 to 3, \"s\" or \"z\"");
            }
        }
        ProfileSection {
            inherits: self.string(table, "inherits"),
            level,
            overflow_checks: self.flag(table, "overflow-checks"),
            inline_threshold: self.number(table, "inline-threshold"),
        }
    }

    fn number(&mut self, table: &dyn TableLike, key: &str) -> Option<u32> {
        let item = table.get(key)?;
        let number = item.as_integer().and_then(|it| it.try_into().ok());
        if number.is_none() {
            self.invalid(key, item, "a number that is not negative");
        }
        number
    }

    fn flag(&mut self, table: &dyn TableLike, key: &str) -> Option<bool> {
        let item = table.get(key)?;
        if item.as_bool().is_none() {
            self.invalid(key, item, "true or false");
        }
        item.as_bool()
    }

    fn workspace(&mut self, table: &dyn TableLike) -> WorkspaceSection {
        let known = ["members", "exclude", "resolver", "package", "dependencies"];
        self.warn_unknown_keys(table, &known, "workspace.");
        let package = table.get("package").and_then(Item::as_table_like);
        WorkspaceSection {
            members: self.strings(table, "members"),
            exclude: self.strings(table, "exclude"),
            version: package.and_then(|package| self.string(package, "version")),
            edition: package.and_then(|package| self.string(package, "edition")),
            dependencies: match table.get("dependencies").and_then(Item::as_table_like) {
                Some(dependencies) => self.dependencies(dependencies),
                None => Vec::new(),
            },
        }
    }

    fn table<'t>(&mut self, parent: &'t dyn TableLike, key: &str) -> Option<&'t dyn TableLike> {
        let item = parent.get(key)?;
        let table = item.as_table_like();
        if table.is_none() && !item.is_array_of_tables() {
            self.invalid(key, item, "a table");
        }
        table
    }

    fn inheritable(
        &mut self,
        table: &dyn TableLike,
        key: &str,
        inherited: Option<SmolStr>,
    ) -> Option<SmolStr> {
        let asks_workspace = table
            .get(key)
            .and_then(Item::as_table_like)
            .and_then(|entry| entry.get("workspace"))
            .and_then(Item::as_bool);
        match asks_workspace {
            Some(true) if inherited.is_some() => inherited,
            Some(true) => {
                let message = format!(
                    "`package.{key}` is to be inherited, but the workspace does not set it"
                );
                let range = table.get(key).and_then(Item::span);
                self.problems
                    .push(Problem::error("K003", self.file, message).at(range));
                None
            }
            _ => self.string(table, key),
        }
    }

    fn string(&mut self, table: &dyn TableLike, key: &str) -> Option<SmolStr> {
        let item = table.get(key)?;
        match item.as_str() {
            Some(text) => Some(text.into()),
            None => {
                self.invalid(key, item, "a string");
                None
            }
        }
    }

    fn strings(&mut self, table: &dyn TableLike, key: &str) -> Vec<String> {
        let Some(item) = table.get(key) else {
            return Vec::new();
        };
        let strings = item
            .as_array()
            .and_then(|array| array.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
        match strings {
            Some(strings) => strings.into_iter().map(str::to_string).collect(),
            None => {
                self.invalid(key, item, "an array of strings");
                Vec::new()
            }
        }
    }

    fn invalid(&mut self, key: &str, item: &Item, expected: &str) {
        let message = format!(
            "invalid `{key}`: expected {expected}, found {}",
            item.type_name()
        );
        self.problems
            .push(Problem::error("K003", self.file, message).at(item.span()));
    }

    fn warn_unknown_keys(&mut self, table: &dyn TableLike, known: &[&str], prefix: &str) {
        for (key, item) in table.iter() {
            if known.contains(&key) {
                continue;
            }
            let mut problem =
                Problem::warning("K003", self.file, format!("unknown key `{prefix}{key}`"))
                    .at(item.span());
            let nearest = known
                .iter()
                .min_by_key(|name| strsim::damerau_levenshtein(name, key));
            if let Some(name) = nearest
                && strsim::damerau_levenshtein(name, key) <= 2
            {
                problem = problem.note(format!("did you mean `{prefix}{name}`?"));
            }
            self.problems.push(problem);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> (Manifest, Vec<String>) {
        let mut problems = Vec::new();
        let manifest = parse("/tml.toml", text, None, &mut problems);
        let shown = problems
            .iter()
            .map(|problem| format!("{} {}", problem.code, problem.message));
        (manifest, shown.collect())
    }

    #[test]
    fn a_package_with_path_dependencies() {
        let (manifest, problems) = check(
            "[package]\nname = \"orbit\"\nversion = \"0.4.1\"\n[dependencies]\nlocal = { path = \"../local\" }\nvector = \"^1.2\"\n",
        );
        assert!(problems.is_empty(), "{problems:?}");
        let sources: Vec<_> = manifest
            .dependencies
            .iter()
            .map(|d| d.source.clone())
            .collect();
        assert_eq!(
            sources,
            [
                DependencySource::Path("../local".into()),
                DependencySource::Remote
            ]
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert!(check("[package").1[0].starts_with("K002"));
        assert_eq!(
            check("[package]\nversion = \"1.0.0\"").1,
            ["K003 missing `package.name`"]
        );
        assert!(
            check("[package]\nname = \"Orbit\"\nversion = \"1.0.0\"").1[0].contains("lower-case")
        );
        assert!(
            check("[package]\nname = \"o\"\nversion = \"1\"").1[0].contains("semantic version")
        );
        assert_eq!(
            check("[package]\nname = \"o\"\nversion = \"1.0.0\"\nauthor = \"x\"").1,
            ["K003 unknown key `package.author`"]
        );
        let package = "[package]\nname = \"o\"\nversion = \"1.0.0\"\n";
        assert_eq!(
            check(&format!("{package}[profile.release]\npanic = \"abort\"\n")).1,
            ["K003 `profile.release.panic` has no effect in this version of tml"]
        );
        assert!(check(&format!("{package}[profile.\"../x\"]\n")).1[0].contains("invalid profile"));
        assert_eq!(
            check("").1,
            ["K003 the manifest has neither `[package]` nor `[workspace]`"]
        );
    }
}

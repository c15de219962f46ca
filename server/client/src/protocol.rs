//! The `tml/*` part of the protocol: plain data, made for crossing the process border.
//!
//! Everything else on a connection is LSP. `docs/protocol.md` describes both.

use serde::{Deserialize, Serialize};

/// Method names. A request unless noted.
pub mod method {
    /// [`super::WorkParams`] → [`super::WorkResult`]
    pub const WORK: &str = "tml/work";
    /// [`super::TestParams`] → [`super::TestPlan`]
    pub const TEST: &str = "tml/test";
    /// [`super::StatusParams`] → [`super::Status`]
    pub const STATUS: &str = "tml/status";
    /// [`super::ChangedParams`] → [`super::Changed`]: waits for a revision after the given one.
    pub const CHANGED: &str = "tml/changed";
    /// Notification of LSP: how far a long build is, under the token of the same name as
    /// [`WORK`]; its value is a `WorkDoneProgressReport`.
    pub const PROGRESS: &str = "$/progress";
    /// Ends the daemon after answering.
    pub const STOP: &str = "tml/stop";
    /// Notification to the client: [`super::Print`]
    pub const PRINT: &str = "tml/print";
}

/// What to do with the input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    #[default]
    Build,
    Check,
    /// Builds; the client then becomes the program.
    Run,
}

/// How products and diagnostics are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    #[default]
    Text,
    Json,
    /// JSON with the lines around and patches.
    Llm,
    /// One SARIF document.
    Sarif,
}

impl Format {
    /// Whether standard output is for programs, and nothing else is said.
    pub fn is_for_machines(self) -> bool {
        self != Format::Text
    }
}

/// One unit of work: what `tml build`, `check`, `run` and `watch` ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WorkParams {
    pub verb: Verb,
    /// Directory that relative paths of the request count from.
    pub cwd: String,
    /// Single files; empty for the workspace.
    pub files: Vec<String>,
    pub packages: Vec<String>,
    pub is_workspace: bool,
    pub excluded: Vec<String>,
    pub lib: bool,
    /// Whether files of tests are looked at, too.
    pub tests: bool,
    pub bins: Vec<String>,
    pub all_bins: bool,
    pub profile: String,
    pub opt_level: Option<String>,
    pub overflow_checks: bool,
    /// Without the passes between MIR and LLVM.
    #[serde(default)]
    pub llvm_only: bool,
    pub defines: Vec<String>,
    pub format: Format,
    pub color: bool,
    /// Columns of the terminal, for wrapping.
    pub width: u32,
    pub verbosity: u8,
    pub quiet: bool,
    pub time: bool,
    pub no_cache: bool,
    pub max_errors: Option<u32>,
    pub deny_warnings: bool,
    pub strict: bool,
    pub allow: Vec<String>,
    pub warn: Vec<String>,
    pub deny: Vec<String>,
    /// `ast`, `mir`, `ir`, `asm`, `obj`
    pub emit: Vec<String>,
    pub out_dir: Option<String>,
    pub output: Option<String>,
    /// `wild`, `lld`, `mold`, `cc`
    pub linker: Option<String>,
    pub jobs: Option<u32>,
}

/// Asks for tests: which there are, and programs that run them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TestParams {
    /// What to build them from and how.
    pub work: WorkParams,
    /// Parts of `file::name`, `*` standing for anything.
    pub filters: Vec<String>,
    pub exact: bool,
    pub suites: Vec<String>,
    /// Absolute paths of files and directories.
    pub paths: Vec<String>,
    pub benches: bool,
    pub only_list: bool,
}

/// The answer to [`TestParams`]: who asked runs the tests.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TestPlan {
    /// Not 0 if nothing can be run at all.
    pub exit_code: u8,
    /// How many [`Print`]s belong to this request. The last of them may arrive after the answer.
    pub print_count: u64,
    pub files: Vec<TestFile>,
    pub defaults: TestDefaults,
    pub stats: Stats,
}

/// `[test]` of the manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TestDefaults {
    pub threads: Option<u32>,
    pub timeout_seconds: Option<u32>,
    pub retries: Option<u32>,
    pub fail_fast: bool,
}

/// A file with tests.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TestFile {
    /// `core/str`
    pub suite: String,
    /// Relative to the workspace.
    pub path: String,
    /// Where its tests run.
    pub dir: String,
    pub tests: Vec<TestCase>,
    /// The executable that takes the number of a test; `None` if it does not compile.
    pub program: Option<String>,
    /// Of a diagnostic test, which runs nothing: why it fails, or an empty list.
    pub judged: Option<Vec<String>>,
}

/// One test or bench.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TestCase {
    pub name: String,
    /// The argument by which its executable knows it.
    pub number: u32,
    /// Why it is skipped; may be empty.
    pub ignored: Option<String>,
    /// The text that its panic must contain; may be empty.
    pub should_panic: Option<String>,
    pub should_fail: bool,
    pub timeout_ms: Option<u64>,
    /// Of a bench.
    pub rounds: Option<u64>,
}

/// Something that a build made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Artifact {
    pub target: String,
    pub kind: String,
    pub path: String,
    /// Whether it was there already, up to date.
    pub fresh: bool,
}

/// The end of a [`WorkParams`] request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WorkResult {
    pub exit_code: u8,
    /// How many [`Print`]s belong to this request. The last of them may arrive after the answer.
    pub print_count: u64,
    pub artifacts: Vec<Artifact>,
    pub stats: Stats,
}

/// Counts and times of one piece of work. Times are microseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Stats {
    pub revision: u64,
    pub queries_executed: u64,
    /// Objects that code generation made, with the functions in each.
    pub objects_emitted: u64,
    pub functions_emitted: u64,
    /// Symbols of the emitted functions; at most the first hundred.
    pub emitted_symbols: Vec<String>,
    pub objects_reused: u64,
    pub apply_us: u64,
    pub check_us: u64,
    pub plan_us: u64,
    pub emit_us: u64,
    pub link_us: u64,
    pub total_us: u64,
}

/// A piece of output, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Print {
    pub stream: Stream,
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stream {
    Out,
    Err,
}

/// Asks to be told of the next change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedParams {
    /// A revision that the client has seen.
    pub since: u64,
}

/// There is a newer revision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    pub revision: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusParams {}

/// What the daemon is and does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Status {
    pub pid: u32,
    pub version: String,
    pub root: String,
    pub uptime_seconds: u64,
    pub memory_bytes: u64,
    pub clients: u32,
    pub revision: u64,
    pub queries_executed: u64,
    pub open_files: u32,
    pub files: u32,
    pub activity: String,
}

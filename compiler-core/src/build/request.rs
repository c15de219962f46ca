//! What is asked of a build, and what comes back.

use std::path::PathBuf;
use std::time::Duration;

use diagnostics::Diagnostic;
use link::LinkerKind;
use project::profiles::Resolved;
use project::{Level, Problem};
use smol_str::SmolStr;
use stdx::Hash128;

use crate::host::Host;
use crate::world::{Flavor, Unit};

/// One build, check or dump.
#[derive(Clone, Debug)]
pub struct BuildRequest {
    pub selection: Selection,
    pub profile: ProfileChoice,
    pub defines: Vec<String>,
    pub check_only: bool,
    /// Directory for products; each profile has its own below the workspace's `build`.
    pub out_dir: PathBuf,
    /// Exact path of the product, if there is just one.
    pub output: Option<PathBuf>,
    pub linker: LinkerKind,
    pub use_cache: bool,
    /// Directory of the object store; by default the user's.
    pub store_dir: Option<PathBuf>,
    pub emit: Vec<Emit>,
    /// Whether tests are compiled: the symbol `TEST` is defined, and programs start at a test.
    pub is_test: bool,
}

/// Which members and targets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Directory that the request comes from: inside a member it selects that member.
    pub cwd: PathBuf,
    pub packages: Vec<String>,
    pub is_workspace: bool,
    pub excluded: Vec<String>,
    pub lib_only: bool,
    pub bins: Vec<String>,
    /// Whether exactly one binary is wanted: `tml run`.
    pub wants_one_binary: bool,
    /// Whether files of tests count too: `tml check --tests`.
    pub with_tests: bool,
    /// Whether lints that are off by default are reported.
    pub silent_lints: bool,
}

/// How to optimise.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProfileChoice {
    /// `debug`, `release`, or another profile's name.
    pub name: String,
    pub opt_level: Level,
    pub overflow_checks: bool,
    /// The cost up to which callees are inlined, if not that of our own.
    pub inline_threshold: Option<u32>,
    /// Optimisation is left to LLVM: to measure what our passes are worth.
    pub llvm_only: bool,
}

/// A dump beside the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Emit {
    /// SSA text: labelled blocks and phis.
    Mir,
    /// LLVM IR.
    LlvmIr,
    Assembly,
    /// One relocatable object.
    Object,
    /// What passes change, as diffs: of all, or of one.
    Passes(Option<&'static str>),
    /// Which heap memory went to the stack, and why other did not.
    Escape,
}

impl Emit {
    /// What a pass changes, by its name, or `all` of them. `Err` lists the passes there are.
    pub fn passes(name: &str) -> Result<Emit, String> {
        if name == "all" {
            return Ok(Emit::Passes(None));
        }
        match ssa::passes::Pass::by_name(name) {
            Some(pass) => Ok(Emit::Passes(Some(pass.name))),
            None => {
                let known: Vec<&str> = ssa::passes::ALL.iter().map(|pass| pass.name).collect();
                Err(format!(
                    "unknown pass `{name}`: known are {}",
                    known.join(", ")
                ))
            }
        }
    }
}

/// Progress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Compiling {
        package: SmolStr,
    },
    /// Objects made so far and in all.
    Emitting {
        done: usize,
        total: usize,
    },
    Linking {
        path: PathBuf,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArtifactKind {
    Binary,
    Text,
    Object,
}

/// A file that a build made, or found up to date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    pub target: SmolStr,
    pub kind: ArtifactKind,
    pub path: PathBuf,
    pub is_fresh: bool,
}

/// How a build ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    #[default]
    Done,
    Failed(Failure),
}

/// Why there is no product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The report's diagnostics or problems say it.
    Errors,
    /// The selection names something that is not there.
    Nothing(String),
    /// Code generation: a code of errors.md §8 and the text.
    Codegen {
        code: &'static str,
        message: String,
    },
    Link {
        code: &'static str,
        message: String,
    },
    Store(String),
    Io(String),
    /// Changes came faster than the build could plan.
    Interrupted,
}

/// Counts and times of one build.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    pub queries_executed: u64,
    pub objects_emitted: usize,
    pub functions_emitted: usize,
    pub objects_reused: usize,
    pub emitted_symbols: Vec<SmolStr>,
    /// Looking for changes on disk.
    pub apply: Duration,
    pub check: Duration,
    pub plan: Duration,
    pub emit: Duration,
    pub link: Duration,
    pub total: Duration,
}

/// The answer to a [`BuildRequest`].
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub outcome: Outcome,
    /// The change counter of what was built.
    pub revision: u64,
    pub problems: Vec<Problem>,
    pub diagnostics: Vec<Diagnostic>,
    /// Names and versions of the packages that were looked at.
    pub packages: Vec<(SmolStr, SmolStr)>,
    pub artifacts: Vec<Artifact>,
    /// One hash per program: of all its functions, statics and lines.
    pub programs: Vec<Hash128>,
    pub stats: Stats,
}

impl BuildRequest {
    pub fn flavor(&self) -> Flavor {
        Flavor {
            is_release: self.profile.is_optimized(),
            is_test: self.is_test,
            defines: self.defines.clone(),
        }
    }

    pub(crate) fn output_path(&self, name: &str) -> PathBuf {
        self.output
            .clone()
            .unwrap_or_else(|| self.out_dir.join(name))
    }
}

impl ProfileChoice {
    pub fn debug() -> ProfileChoice {
        ProfileChoice::of("debug", Resolved::default())
    }

    pub fn release() -> ProfileChoice {
        let level = Level::O3;
        let resolved = Resolved {
            level,
            ..Resolved::default()
        };
        ProfileChoice::of("release", resolved)
    }

    /// A profile of the host's workspace.
    ///
    /// # Errors
    ///
    /// Why there is none of this name.
    pub fn named(host: &Host, name: &str) -> Result<ProfileChoice, String> {
        Ok(ProfileChoice::of(name, host.profiles().resolve(name)?))
    }

    fn of(name: &str, resolved: Resolved) -> ProfileChoice {
        ProfileChoice {
            name: name.into(),
            opt_level: resolved.level,
            overflow_checks: resolved.overflow_checks,
            inline_threshold: resolved.inline_threshold,
            llvm_only: false,
        }
    }

    pub fn is_optimized(&self) -> bool {
        self.opt_level != Level::O0
    }

    /// `debug [unoptimized]`
    pub fn describe(&self) -> String {
        let how = if self.is_optimized() {
            "optimized"
        } else {
            "unoptimized"
        };
        format!("{} [{how}]", self.name)
    }
}

impl Artifact {
    pub(crate) fn binary(unit: &Unit, path: PathBuf, is_fresh: bool) -> Artifact {
        Artifact {
            target: unit.target.name.clone(),
            kind: ArtifactKind::Binary,
            path,
            is_fresh,
        }
    }
}

//! Keys, not inputs: what a build is asked for.
//!
//! They are interned, so one daemon serves debug, release and cross builds side by side; a
//! change of profile invalidates nothing.

use base::Package;
use smol_str::SmolStr;
use ssa::{CodegenOptions, DebugInfo, OptLevel, TargetSpec};

/// How to compile.
#[salsa::interned(unsafe(no_lifetime), revisions = usize::MAX, debug)]
pub struct Profile {
    #[returns(copy)]
    pub opt_level: OptLevel,
    #[returns(copy)]
    pub debug: DebugInfo,
    /// Integer overflow panics (R001) instead of wrapping.
    #[returns(copy)]
    pub overflow_checks: bool,
    /// No passes of our own: to measure what they are worth.
    #[returns(copy)]
    pub llvm_only: bool,
    /// Callees of at most this cost are inlined anywhere, if not [`ssa::INLINE_THRESHOLD`].
    #[returns(copy)]
    pub inline_threshold: Option<u32>,
}

/// What to compile for.
#[salsa::interned(unsafe(no_lifetime), revisions = usize::MAX, debug)]
pub struct Target {
    pub triple: SmolStr,
    pub cpu: SmolStr,
    pub features: SmolStr,
    #[returns(copy)]
    pub pointer_bytes: u32,
}

/// What the lowering of an instance depends on besides its source.
#[salsa::interned(unsafe(no_lifetime), revisions = usize::MAX, debug)]
pub struct Build {
    #[returns(copy)]
    pub profile: Profile,
    /// The package that is built: it decides which implementations there are.
    #[returns(copy)]
    pub package: Package,
}

impl Build {
    /// The build of a package under a profile.
    pub fn of(db: &dyn base::Db, package: Package, profile: Profile) -> Build {
        Build::new(db, profile, package)
    }

    /// The package `core`, whose functions compiled code calls.
    pub fn core(self, db: &dyn base::Db) -> Package {
        let package = self.package(db);
        hir_ty::lang::core_package(db, package).unwrap_or(package)
    }

    /// The assumptions of monomorphic code: none.
    pub(crate) fn env(self, db: &dyn base::Db) -> hir_ty::ParamEnv {
        hir_ty::ParamEnv::empty(db, self.package(db))
    }
}

impl Profile {
    /// The code generator's options for units of this profile.
    pub fn codegen_options(self, db: &dyn base::Db) -> CodegenOptions {
        let opt_level = self.opt_level(db);
        CodegenOptions {
            opt_level,
            debug: self.debug(db),
            quick_passes: opt_level == OptLevel::O0,
            frame_pointers: self.debug(db) != DebugInfo::None,
            position_independent: true,
        }
    }
}

impl Target {
    /// A target by its triple, for a processor and its features (both may be empty).
    pub fn of_triple(db: &dyn base::Db, triple: &str, cpu: &str, features: &str) -> Target {
        let pointer_bytes = if triple.starts_with("wasm32") { 4 } else { 8 };
        let text = |text: &str| SmolStr::new(text);
        Target::new(db, text(triple), text(cpu), text(features), pointer_bytes)
    }

    pub fn spec(self, db: &dyn base::Db) -> TargetSpec {
        TargetSpec {
            triple: self.triple(db).clone(),
            cpu: self.cpu(db).clone(),
            features: self.features(db).clone(),
        }
    }
}

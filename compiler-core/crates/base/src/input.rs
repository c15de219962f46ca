//! All inputs of the program, in one small file.
//!
//! `Host::apply` of the façade is the only place that sets them.

use std::collections::BTreeMap;
use std::sync::Arc;

use smol_str::SmolStr;
use syntax::PreprocessorEnv;

/// The text of one file.
///
/// Durabilities keep what an edit cannot have changed from being looked at: texts that are being
/// edited are low, other texts of the workspace medium, and high are outlines and the texts of
/// dependencies from outside the workspace; `lib` never changes. So after an edit inside of a
/// body only what reads bodies of edited files is verified; the rest is valid by its durability.
#[salsa::input(debug)]
pub struct SourceFile {
    pub text: Arc<str>,
    /// [`outline`] of the text: what signatures, item trees and module maps read. Whoever sets
    /// the text sets it, too, if it differs.
    pub outline: Arc<str>,
    /// How messages, debug information and panics name the file: relative to the workspace,
    /// with forward slashes (`shapes/src/area.tml`), or `<core>/str.tml` for embedded files.
    /// It never changes for a given input.
    pub name: SmolStr,
}

/// The outline to store beside a text ([`syntax::outline`]).
pub fn outline(text: &Arc<str>) -> Arc<str> {
    match syntax::outline(text) {
        Some(outline) => outline.into(),
        None => text.clone(),
    }
}

/// The files of one package: package-relative path with forward slashes
/// (`src/a/b.tml`) → file. Changes when files appear or vanish, never when they are edited.
#[salsa::input(debug)]
pub struct SourceRoot {
    pub files: Arc<BTreeMap<SmolStr, SourceFile>>,
}

/// One unit of analysis: a library or a binary with its module tree.
///
/// A package of a manifest with both `src/lib.tml` and `src/main.tml` is two of them, and the
/// binary depends on the library by name.
#[salsa::input(debug)]
pub struct Package {
    /// The name by which paths reach it: `my_lib` for `my-lib`.
    pub name: SmolStr,
    pub version: SmolStr,
    pub edition: SmolStr,
    pub root: SourceRoot,
    /// Path of the root module's file within `root`: `src/lib.tml`.
    pub root_file: SmolStr,
    /// Whether something may depend on it (reference §9.1: libraries have no orphan rights).
    pub is_library: bool,
    /// The symbols of conditional compilation in force for it.
    #[returns(copy)]
    pub env: Env,
    /// In the order of the manifest; `core` is always among them, except for `core` itself.
    pub dependencies: Arc<[Dependency]>,
    /// What its manifest says about low-level code.
    #[returns(copy)]
    pub lowlevel: Lowlevel,
}

/// What becomes of low-level code in a package.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lowlevel {
    #[default]
    Allow,
    /// W030, W032 and W041 are errors.
    Marked,
    /// So is low-level code itself (T088).
    Forbid,
}

/// A package reachable by name from another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Dependency {
    pub name: SmolStr,
    pub package: Package,
}

/// A set of conditional-compilation symbols (reference §12).
#[salsa::interned(unsafe(no_lifetime), revisions = usize::MAX, debug)]
pub struct Env {
    pub symbols: PreprocessorEnv,
}

/// A file as seen under a set of conditional-compilation symbols: what is parsed.
#[salsa::interned(unsafe(no_lifetime), revisions = usize::MAX, debug)]
pub struct FileId {
    #[returns(copy)]
    pub source: SourceFile,
    #[returns(copy)]
    pub env: Env,
}

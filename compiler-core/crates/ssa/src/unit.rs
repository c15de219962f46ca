//! The border: what the query world hands to code generation.

mod merge;

use std::hash::Hash;
use std::sync::Arc;

use smol_str::SmolStr;
use stdx::{Hash128, stable_hash};

use crate::data::Global;
use crate::function::Function;

/// Functions and globals that become one object, and how.
///
/// Everything that code generation may read is in here and in its key. Functions
/// and globals are in order of their symbols, so that equal contents are equal.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct CodegenUnit {
    pub functions: Vec<Arc<Function>>,
    pub globals: Vec<Arc<Global>>,
    pub target: TargetSpec,
    pub options: CodegenOptions,
}

/// The machine to generate for, in the code generator's words.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TargetSpec {
    pub triple: SmolStr,
    pub cpu: SmolStr,
    pub features: SmolStr,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct CodegenOptions {
    pub opt_level: OptLevel,
    pub debug: DebugInfo,
    /// A few cheap passes before unoptimised code generation.
    pub quick_passes: bool,
    /// Keep frame pointers, for profilers and cheap stack traces.
    pub frame_pointers: bool,
    /// Code that may be loaded at any address.
    pub position_independent: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum OptLevel {
    #[default]
    O0,
    O1,
    O2,
    O3,
    /// For size.
    Os,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum DebugInfo {
    #[default]
    None,
    /// Line tables and function names.
    Lines,
}

/// Changes when the meaning of a key changes, so that old keys match nothing.
const KEY_VERSION: u32 = 1;

impl CodegenUnit {
    /// A unit with its contents in canonical order. With optimisation, functions that are the
    /// same become one.
    pub fn new(
        mut functions: Vec<Arc<Function>>,
        mut globals: Vec<Arc<Global>>,
        target: TargetSpec,
        options: CodegenOptions,
    ) -> CodegenUnit {
        functions.sort_by(|a, b| a.symbol.cmp(&b.symbol));
        globals.sort_by(|a, b| a.symbol.cmp(&b.symbol));
        if matches!(
            options.opt_level,
            OptLevel::O2 | OptLevel::O3 | OptLevel::Os
        ) {
            merge::merge_identical(&mut functions);
        }
        CodegenUnit {
            functions,
            globals,
            target,
            options,
        }
    }

    /// The name of the object that this compiler build makes of the unit.
    pub fn key(&self, compiler_build: &str) -> Hash128 {
        let mut functions: Vec<(&str, Hash128)> = self
            .functions
            .iter()
            .map(|func| (func.symbol.as_str(), func.key()))
            .collect();
        let mut globals: Vec<(&str, Hash128)> = self
            .globals
            .iter()
            .map(|global| (global.symbol.as_str(), global.key()))
            .collect();
        functions.sort();
        globals.sort();
        stable_hash(&(
            KEY_VERSION,
            compiler_build,
            &self.target,
            &self.options,
            functions,
            globals,
        ))
    }
}

impl Function {
    /// The stable hash of the function's canonical form.
    pub fn key(&self) -> Hash128 {
        let mut canonical = self.clone();
        canonical.compact();
        stable_hash(&(KEY_VERSION, canonical))
    }
}

impl Global {
    pub fn key(&self) -> Hash128 {
        stable_hash(&(KEY_VERSION, self))
    }
}

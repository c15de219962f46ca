//! Which LLVM passes run on a module before code generation.

use inkwell::module::Module;
use inkwell::passes::PassBuilderOptions;
use ssa::OptLevel;

use crate::error::CodegenError;
use crate::target::Machine;

/// A few cheap passes make debug code far better for little time, most of which
/// the shorter code gives back in code generation.
const QUICK: &str = "sroa,early-cse,instcombine<no-verify-fixpoint>,simplifycfg";

/// The pipeline, in LLVM's own notation; `None` when nothing runs.
pub(crate) fn pipeline(level: OptLevel, quick_passes: bool) -> Option<&'static str> {
    match level {
        OptLevel::O0 => quick_passes.then_some(QUICK),
        OptLevel::O1 => Some("default<O1>"),
        OptLevel::O2 => Some("default<O2>"),
        OptLevel::O3 => Some("default<O3>"),
        OptLevel::Os => Some("default<Os>"),
    }
}

pub(crate) fn run(
    module: &Module<'_>,
    machine: &Machine,
    level: OptLevel,
    quick_passes: bool,
) -> Result<(), CodegenError> {
    let Some(passes) = pipeline(level, quick_passes) else {
        return Ok(());
    };
    module
        .run_passes(passes, &machine.llvm, PassBuilderOptions::create())
        .map_err(|error| CodegenError::internal(format!("LLVM passes `{passes}`: {error}")))
}

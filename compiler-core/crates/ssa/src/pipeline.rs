//! Which passes run in which order, and the runner.
//!
//! A pipeline is a value: a list to print, compare and cut short. The runner,
//! not the pass, does timing, dumping, verifying and bisecting.

use std::fmt;
use std::time::Duration;

use crate::function::Function;
use crate::passes::Pass;
use crate::surroundings::Surroundings;
use crate::unit::OptLevel;
use crate::verify::{VerifyError, verify};

/// Passes in the order they run.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Pipeline {
    pub passes: Vec<Pass>,
}

/// One function alone, cheap: scalars leave memory, which makes unoptimised code several times
/// smaller for less time than the rest of the build then saves.
const QUICK: &str = "promote_slots, simplify_cfg";

/// One function alone, before callers look at it. Addresses of fields are folded first: they
/// decide which slots can be promoted. The second round sees through what the first one exposed.
const SIMPLIFY: &str = "
    simplify_algebra, split_copies, promote_slots,
    propagate_constants, simplify_algebra, propagate_copies, number_values,
    eliminate_dead_code, simplify_cfg,
    forward_memory, split_copies, promote_slots,
    fold_constants, simplify_algebra, propagate_copies, number_values,
    eliminate_dead_stores, eliminate_dead_code, simplify_cfg";

/// With what is known of the program around, and the dearer passes on what that leaves.
const OPTIMIZE: &str = "
    devirtualize_calls, learn_effects, read_constants, inline_calls, simplify_cfg,
    simplify_algebra, split_copies, promote_slots,
    propagate_constants, simplify_algebra, propagate_copies, number_values, forward_memory,
    pair_counts, forward_memory, simplify_algebra,
    devirtualize_calls, learn_effects, read_constants, inline_calls, simplify_cfg,
    simplify_algebra, split_copies, promote_slots,
    propagate_constants, simplify_algebra, propagate_copies, number_values, forward_memory,
    pair_counts, inline_own, forward_memory, propagate_constants, simplify_algebra,
    devirtualize_calls, inline_own, read_constants, simplify_cfg,
    promote_heap, simplify_algebra, fold_constants, devirtualize_calls,
    eliminate_dead_code, simplify_cfg,
    split_copies, promote_slots, sink_stores, forward_memory, propagate_constants,
    remove_checks, propagate_constants, loop_tail_calls, simplify_cfg,
    hoist_invariants, forward_memory, remove_checks, fold_constants,
    simplify_algebra, propagate_copies, number_values, pair_counts, inline_counts,
    eliminate_dead_stores, eliminate_dead_code, simplify_cfg";

/// For size: nothing grows, so nothing is inlined.
const SHRINK: &str = "
    devirtualize_calls, learn_effects, read_constants, forward_memory,
    propagate_constants, remove_checks, propagate_constants, pair_counts, promote_heap,
    simplify_algebra, propagate_copies, number_values,
    eliminate_dead_stores, eliminate_dead_code, simplify_cfg";

impl Pipeline {
    /// The passes of an optimisation level that look at one function alone.
    pub fn simplify(level: OptLevel) -> Pipeline {
        Pipeline::known(match level {
            OptLevel::O0 => QUICK,
            _ => SIMPLIFY,
        })
    }

    /// The passes of a level that look at the program around, after [`Pipeline::simplify`].
    pub fn optimize(level: OptLevel) -> Pipeline {
        Pipeline::known(match level {
            OptLevel::O0 | OptLevel::O1 => "",
            OptLevel::O2 | OptLevel::O3 => OPTIMIZE,
            OptLevel::Os => SHRINK,
        })
    }

    /// All passes of a level in the order in which they run.
    pub fn for_level(level: OptLevel) -> Pipeline {
        let mut pipeline = Pipeline::simplify(level);
        pipeline.passes.extend(Pipeline::optimize(level).passes);
        pipeline
    }

    /// A list of this file; a test reads them all.
    fn known(text: &str) -> Pipeline {
        let pipeline = Pipeline::parse(text);
        stdx::never!(pipeline.is_err(), "no pass {pipeline:?}");
        pipeline.unwrap_or_default()
    }

    /// Reads what `Display` prints; `Err` names the pass that does not exist.
    pub fn parse(text: &str) -> Result<Pipeline, String> {
        let names = text
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty());
        let passes = names.map(|name| Pass::by_name(name).ok_or_else(|| name.to_owned()));
        Ok(Pipeline {
            passes: passes.collect::<Result<_, _>>()?,
        })
    }

    /// Runs the passes, then numbers the function anew.
    pub fn run(&self, func: &mut Function, around: &dyn Surroundings) {
        for pass in &self.passes {
            pass.run(func, around);
        }
        func.compact();
    }

    /// Runs the passes under observation.
    pub fn run_observed(
        &self,
        func: &mut Function,
        around: &dyn Surroundings,
        observe: &mut Observe<'_>,
    ) -> Result<Vec<PassRun>, BrokenPass> {
        let mut runs = Vec::new();
        let count = observe.stop_after.unwrap_or(self.passes.len());
        for (index, &pass) in self.passes.iter().enumerate().take(count) {
            let before = match observe.dump {
                Some(_) => func.to_string(),
                None => String::new(),
            };
            let start = observe.clock.map(|clock| clock());
            let changed = pass.run(func, around);
            let end = observe.clock.map(|clock| clock());
            let duration = start.zip(end).map(|(start, end)| end.saturating_sub(start));
            let run = PassRun {
                index,
                pass,
                changed,
                duration,
            };
            if let Some(dump) = &mut observe.dump {
                dump(&run, &before, func);
            }
            if observe.verify_after {
                verify(func).map_err(|errors| BrokenPass {
                    index,
                    pass,
                    errors,
                })?;
            }
            runs.push(run);
        }
        func.compact();
        Ok(runs)
    }
}

impl fmt::Display for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, pass) in self.passes.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            write!(f, "{comma}{}", pass.name)?;
        }
        Ok(())
    }
}

/// What the runner does around the passes. The default is nothing.
#[derive(Default)]
pub struct Observe<'a> {
    pub verify_after: bool,
    /// Runs only this many passes: bisecting finds the one that breaks a program.
    pub stop_after: Option<usize>,
    pub dump: Option<&'a mut Dump<'a>>,
    /// Tells the time since any fixed moment; core code reads no clock itself.
    pub clock: Option<&'a dyn Fn() -> Duration>,
}

/// Is shown each pass with the function's text before it, and the function after it.
pub type Dump<'a> = dyn FnMut(&PassRun, &str, &Function) + 'a;

/// One pass that ran.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PassRun {
    pub index: usize,
    pub pass: Pass,
    pub changed: bool,
    pub duration: Option<Duration>,
}

/// A pass that left a broken function.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BrokenPass {
    pub index: usize,
    pub pass: Pass,
    pub errors: Vec<VerifyError>,
}

//! Which passes run in which order, and the runner.
//!
//! A pipeline is a value: a list to print, compare and cut short. The runner,
//! not the pass, does timing, dumping, verifying and bisecting.

use std::fmt;
use std::time::Duration;

use crate::function::Function;
use crate::passes::Pass;
use crate::unit::OptLevel;
use crate::verify::{VerifyError, verify};

/// Passes in the order they run.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Pipeline {
    pub passes: Vec<Pass>,
}

/// Addresses of fields are folded first: they decide which slots can be promoted.
/// The second round sees through what the first one exposed.
const OPTIMIZE: &[&str] = &[
    "simplify_algebra",
    "split_copies",
    "promote_slots",
    "fold_constants",
    "simplify_algebra",
    "propagate_copies",
    "number_values",
    "eliminate_dead_code",
    "simplify_cfg",
    "split_copies",
    "promote_slots",
    "fold_constants",
    "simplify_algebra",
    "propagate_copies",
    "number_values",
    "eliminate_dead_code",
    "simplify_cfg",
];

impl Pipeline {
    /// The passes of an optimisation level; none at `O0`.
    pub fn for_level(level: OptLevel) -> Pipeline {
        match level {
            OptLevel::O0 => Pipeline::default(),
            OptLevel::O1 | OptLevel::O2 | OptLevel::O3 | OptLevel::Os => Pipeline {
                passes: OPTIMIZE
                    .iter()
                    .filter_map(|name| Pass::by_name(name))
                    .collect(),
            },
        }
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
    pub fn run(&self, func: &mut Function) {
        for pass in &self.passes {
            (pass.run)(func);
        }
        func.compact();
    }

    /// Runs the passes under observation.
    pub fn run_observed(
        &self,
        func: &mut Function,
        observe: &mut Observe<'_>,
    ) -> Result<Vec<PassRun>, BrokenPass> {
        let mut runs = Vec::new();
        let count = observe.stop_after.unwrap_or(self.passes.len());
        for (index, &pass) in self.passes.iter().enumerate().take(count) {
            let start = observe.clock.map(|clock| clock());
            let changed = (pass.run)(func);
            let end = observe.clock.map(|clock| clock());
            let duration = start.zip(end).map(|(start, end)| end.saturating_sub(start));
            let run = PassRun {
                index,
                pass,
                changed,
                duration,
            };
            if let Some(dump_after) = &mut observe.dump_after {
                dump_after(&run, func);
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
    pub dump_after: Option<&'a mut DumpAfter<'a>>,
    /// Tells the time since any fixed moment; core code reads no clock itself.
    pub clock: Option<&'a dyn Fn() -> Duration>,
}

/// Is shown the function after each pass.
pub type DumpAfter<'a> = dyn FnMut(&PassRun, &Function) + 'a;

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

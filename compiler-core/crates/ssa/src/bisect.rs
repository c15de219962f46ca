//! Which pass breaks a program: the interpreter's answer after each pass, compared with the
//! answer before all of them.

use std::sync::Arc;

use crate::function::Function;
use crate::module::Module;
use crate::passes::Pass;
use crate::pipeline::Pipeline;
use crate::surroundings::Surroundings;
use crate::verify::verify;

/// The first pass after which a program does something else.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Culprit {
    /// The function that the pass changed.
    pub symbol: smol_str::SmolStr,
    /// The pass's place in the pipeline.
    pub index: usize,
    pub pass: Pass,
    /// What the program did before, and what it does now.
    pub before: String,
    pub after: String,
    /// The function before and after the pass.
    pub dump: (String, String),
}

/// Runs a pipeline pass by pass over each function of a module, and the module after each pass
/// that changed something. `run` says what the module does, in words that can be compared.
///
/// `None` if all passes keep what it does.
pub fn bisect(
    module: &Module,
    pipeline: &Pipeline,
    run: &mut dyn FnMut(&Module) -> String,
) -> Option<Culprit> {
    let before = run(module);
    // Callees are looked at as they were: what an inliner sees is not what is being changed.
    let around: &dyn Surroundings = module;
    let mut current = module.clone();
    for position in 0..current.functions.len() {
        for (index, &pass) in pipeline.passes.iter().enumerate() {
            let mut func = Function::clone(current.functions.get(position)?);
            let old = func.to_string();
            if !pass.run(&mut func, around) && func.to_string() == old {
                continue;
            }
            let new = func.to_string();
            let is_broken = verify(&func).err();
            let symbol = func.symbol.clone();
            if let Some(slot) = current.functions.get_mut(position) {
                *slot = Arc::new(func);
            }
            let after = match is_broken {
                Some(errors) => format!("{errors:?}"),
                None => run(&current),
            };
            if after != before {
                return Some(Culprit {
                    symbol,
                    index,
                    pass,
                    before,
                    after,
                    dump: (old, new),
                });
            }
        }
    }
    None
}

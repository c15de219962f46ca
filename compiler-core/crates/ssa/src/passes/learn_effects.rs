//! Declarations promise what summaries of the callees have found: that a call changes nothing,
//! or depends on its arguments alone. A call whose result is always one constant gives it.
//!
//! Safe because a summary describes every run of the callee, and is a dependency of the caller.
//!
//! ```text
//!   declare @limit() -> i32     →     declare @limit() -> i32 pure
//!   %0 = call i32 @limit()            %0 = call i32 @limit()    …uses of %0 are 100
//! ```

use crate::function::edit::Substitution;
use crate::function::{Effect, Function};
use crate::inst::{Callee, InstKind};
use crate::surroundings::Surroundings;

pub fn learn_effects(func: &mut Function, around: &dyn Surroundings) -> bool {
    let mut changed = false;
    let mut results = Vec::new();
    for (callee, declared) in func.funcs.iter_mut() {
        // Of itself a function knows nothing new.
        if declared.symbol == func.symbol {
            continue;
        }
        let Some(summary) = around.summary(&declared.symbol) else {
            continue;
        };
        let effect = summary.effect();
        if declared.attrs.effect == Effect::Any && effect != Effect::Any {
            declared.attrs.effect = effect;
            changed = true;
        }
        results.extend(summary.result.map(|result| (callee, result.operand())));
    }
    if results.is_empty() {
        return changed;
    }
    let mut constants = Substitution::new(func);
    for block in func.blocks.values() {
        for &inst in &block.insts {
            if let InstKind::Call {
                callee: Callee::Direct(callee),
                ..
            } = func.kind(inst)
                && let Some((_, constant)) = results.iter().find(|(it, _)| it == callee)
                && let Some(result) = func.insts[inst].result
                && constant.ty(func) == func.values[result].ty
            {
                constants.insert(result, *constant);
            }
        }
    }
    changed | func.replace_uses(&constants)
}

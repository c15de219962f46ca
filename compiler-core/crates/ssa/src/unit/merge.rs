//! Functions of one unit that are the same but for their names become one: a function of the
//! unit's own holds the body, and the others jump there. Instances of a generic function for
//! types of one layout often are the same.
//!
//! The body gets a local symbol made of its content: another object may later define one of
//! the others anew, and the rest must not follow it. Addresses stay distinct, because every
//! symbol keeps code of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use smol_str::SmolStr;
use stdx::{Hash128, stable_hash};

use crate::function::{ExternFunc, Function, Linkage};
use crate::inst::{Callee, InstKind, Terminator};
use crate::operand::Operand;
use crate::summary::CALL_COST;

/// Merges what is worth it. The functions come in order of their symbols, and stay in it.
pub(super) fn merge_identical(functions: &mut Vec<Arc<Function>>) {
    let mut same: BTreeMap<Hash128, Vec<usize>> = BTreeMap::new();
    for (index, func) in functions.iter().enumerate() {
        if is_worth_it(func) {
            same.entry(body_key(func)).or_default().push(index);
        }
    }
    same.retain(|_, members| members.len() > 1);
    for (key, members) in same {
        let first = members.first().and_then(|first| functions.get(*first));
        let Some(first) = first.cloned() else {
            continue;
        };
        let mut body = Function::clone(&first);
        body.symbol = format!("same:{key}").into();
        body.linkage = Linkage::Local;
        for member in members {
            if let Some(func) = functions.get_mut(member)
                && same_body(&first, func)
            {
                *func = Arc::new(forward(func, &body));
            }
        }
        functions.push(Arc::new(body));
    }
    functions.sort_by(|a, b| a.symbol.cmp(&b.symbol));
}

/// A call must be smaller than what it replaces.
fn is_worth_it(func: &Function) -> bool {
    let insts: usize = func.blocks.values().map(|block| block.insts.len()).sum();
    insts > 2 * CALL_COST as usize + func.signature.params.len() && !func.signature.varargs
}

fn anonymous(func: &Function) -> Function {
    let mut func = func.clone();
    func.symbol = SmolStr::default();
    func.display = SmolStr::default();
    func
}

fn body_key(func: &Function) -> Hash128 {
    stable_hash(&anonymous(func))
}

/// Recursion is by symbol, so functions that call themselves are different.
fn same_body(a: &Function, b: &Function) -> bool {
    anonymous(a) == anonymous(b)
}

/// A function that calls another one of its signature and returns what that does.
fn forward(func: &Function, to: &Function) -> Function {
    let mut jump = Function::new(func.symbol.clone(), func.signature.clone());
    jump.display = func.display.clone();
    jump.linkage = func.linkage;
    jump.attrs = func.attrs;
    jump.source = func.source.clone();
    let callee = jump.import_func(ExternFunc {
        symbol: to.symbol.clone(),
        signature: to.signature.clone(),
        attrs: to.attrs,
    });
    let args = jump.params().map(Operand::Value).collect();
    let call = jump.make_inst(
        InstKind::Call {
            callee: Callee::Direct(callee),
            args,
        },
        None,
    );
    let result = jump.insts[call].result.map(Operand::Value);
    let entry = jump.entry();
    jump.blocks[entry].insts.push(call);
    jump.blocks[entry].terminator = Terminator::Return(result);
    jump
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_module;

    #[test]
    fn equal_bodies_become_one() {
        let body = |name: &str, factor: u32| {
            let steps: String = (1..20)
                .map(|i| format!("  %{i} = mul i32 %{}, {factor}\n", i - 1))
                .collect();
            format!("func @{name}(i32 %0) -> i32 export {{\nbb0:\n{steps}  return i32 %19\n}}\n\n")
        };
        let text = body("a", 3) + &body("b", 5) + &body("c", 3);
        let mut functions = parse_module(&text).expect("valid text").functions;
        merge_identical(&mut functions);
        let symbols: Vec<&str> = functions.iter().map(|it| it.symbol.as_str()).collect();
        assert!(symbols[3].starts_with("same:"), "{symbols:?}");
        assert_eq!(functions[1].to_string().trim_end(), body("b", 5).trim_end());
        assert_eq!(functions[3].linkage, Linkage::Local);
        for (index, name) in [(0, "a"), (2, "c")] {
            let text = functions[index].to_string();
            let expected = format!(
                "func @{name}(i32 %0) -> i32 export {{\n  declare @\"{0}\"(i32) -> i32\nbb0:\n  \
                 %1 = call i32 @\"{0}\"(i32 %0)\n  return i32 %1\n}}",
                symbols[3]
            );
            assert_eq!(text.trim_end(), expected);
        }
    }
}

//! Turns a function's call of itself whose result is its own into a jump to its start.
//!
//! Safe because the callee could see nothing of this call's frame: no slot's address gets
//! away, and what slots hold at the start of a call is undefined.
//!
//! ```text
//! func @sum(i32 %0, i32 %1) -> i32      bb0:
//! bb0:                                    jump bb3
//!   %2 = icmp eq i32 %0, 0              bb3:
//!   branch %2, bb1, bb2                   %n = phi i32 [bb0: %0], [bb2: %3]
//! bb1:                                    %a = phi i32 [bb0: %1], [bb2: %4]
//!   return i32 %1                    →    …
//! bb2:                                  bb2:
//!   %3 = sub i32 %0, 1                    %3 = sub i32 %n, 1
//!   %4 = add i32 %1, %0                   %4 = add i32 %a, %n
//!   %5 = call i32 @sum(i32 %3, i32 %4)    jump bb3
//!   return i32 %5
//! ```

use crate::function::edit::Substitution;
use crate::function::{Block, BlockData, Function, Inst};
use crate::inst::{Callee, InstKind, Terminator};
use crate::operand::Operand;
use crate::pointers::Pointers;

pub fn loop_tail_calls(func: &mut Function) -> bool {
    if func.signature.varargs {
        return false;
    }
    let calls: Vec<(Block, Inst)> = func
        .blocks
        .keys()
        .filter_map(|block| Some((block, tail_call(func, block)?)))
        .collect();
    if calls.is_empty() {
        return false;
    }
    let pointers = Pointers::new(func);
    if func.slots.keys().any(|slot| pointers.escapes(slot)) {
        return false;
    }
    let entry = func.entry();
    // The content of the entry moves to a block that can be jumped to.
    let start = func.blocks.push(BlockData::default());
    let old = std::mem::take(&mut func.blocks[entry]);
    for succ in old.terminator.successors().collect::<Vec<_>>() {
        func.edit_phis(succ, |args| {
            for (pred, _) in args.iter_mut().filter(|(pred, _)| *pred == entry) {
                *pred = start;
            }
        });
    }
    func.blocks[start] = old;
    func.blocks[entry].terminator = Terminator::Jump(start);
    let calls = calls.into_iter().map(|(block, call)| match block {
        _ if block == entry => (start, call),
        block => (block, call),
    });
    let calls: Vec<(Block, Inst)> = calls.collect();
    let mut phis = Vec::new();
    let mut params = Substitution::new(func);
    for (index, param) in func.params().enumerate() {
        let ty = func.values[param].ty;
        let phi = func.make_inst(
            InstKind::Phi {
                ty,
                args: vec![(entry, Operand::Value(param))],
            },
            None,
        );
        phis.push(phi);
        if let Some(result) = func.insts[phi].result {
            params.insert(param, Operand::Value(result));
        }
        for &(block, call) in &calls {
            let InstKind::Call { args, .. } = func.kind(call) else {
                continue;
            };
            let arg = args.get(index).copied().unwrap_or(Operand::Undef(ty));
            if let InstKind::Phi { args, .. } = &mut func.insts[phi].kind {
                args.push((block, arg));
            }
        }
    }
    for &(block, call) in &calls {
        func.blocks[block].insts.retain(|it| *it != call);
        func.set_terminator(block, Terminator::Jump(start));
    }
    func.substitute(&params);
    // The phis come in afterwards, their first entries stay parameters.
    for &phi in &phis {
        if let InstKind::Phi { args, .. } = &mut func.insts[phi].kind {
            for (_, arg) in args.iter_mut().skip(1) {
                *arg = params.resolve(*arg);
            }
        }
    }
    func.blocks[start].insts.splice(0..0, phis);
    func.remove_unreachable_blocks();
    true
}

/// The call that ends a block, if all that follows is to return its result.
fn tail_call(func: &Function, block: Block) -> Option<Inst> {
    let data = &func.blocks[block];
    let &call = data.insts.last()?;
    let InstKind::Call {
        callee: Callee::Direct(callee),
        ..
    } = func.kind(call)
    else {
        return None;
    };
    let callee = &func.funcs[*callee];
    if callee.symbol != func.symbol || callee.signature != func.signature {
        return None;
    }
    let result = func.insts[call].result.map(Operand::Value);
    let returned = match data.terminator {
        Terminator::Return(returned) => returned,
        Terminator::Jump(target) if target != block => {
            let only_phis = func.phis(target).count() == func.blocks[target].insts.len();
            let Terminator::Return(returned) = func.blocks[target].terminator else {
                return None;
            };
            if !only_phis {
                return None;
            }
            returned.map(|returned| through_phi(func, target, block, returned))
        }
        _ => return None,
    };
    (returned == result).then_some(call)
}

/// What an operand is when its block is entered from another.
fn through_phi(func: &Function, target: Block, from: Block, operand: Operand) -> Operand {
    let value = operand.as_value();
    let phi = value.and_then(|value| func.defining_inst(value));
    let Some(phi) = phi.filter(|phi| func.blocks[target].insts.contains(phi)) else {
        return operand;
    };
    let InstKind::Phi { args, .. } = func.kind(phi) else {
        return operand;
    };
    let arg = args.iter().find(|(pred, _)| *pred == from);
    arg.map_or(operand, |(_, arg)| *arg)
}

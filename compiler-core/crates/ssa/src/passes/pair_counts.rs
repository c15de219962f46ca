//! Removes a retain and the releases that undo it, and all of them for what is never counted.
//!
//! A retain goes if every way from it meets a release of the same pointer, and nothing on these
//! ways may end an object: only arithmetic, plain accesses, calls that change nothing, and other
//! retains. So whoever owns a count before the retain owns it after the release, no object ends
//! earlier than it did, and destructors run in the order they did. Those releases go along; each
//! must be reached through the retain alone. Counts are read by releases and atomically, never
//! by plain loads in between: those may stay. A way on which something may end an object, but
//! which leads to a panic, gets the retain for itself.
//! Null and constant data are not counted at all.
//!
//! ```text
//!   call @retain(ptr %0)
//!   %1 = load i32, %2 align 4     →     %1 = load i32, %2 align 4
//!   call @release(ptr %0)
//! ```

use rustc_hash::FxHashSet;

use crate::function::{Block, Effect, Function, Inst, Role};
use crate::inst::{Callee, InstKind};
use crate::operand::Operand;
use crate::ways::{Step, Ways, copy_to_start};

pub fn pair_counts(func: &mut Function) -> bool {
    let counts = |role: Role| matches!(role, Role::Retain | Role::Release | Role::End);
    if !func.funcs.values().any(|it| counts(it.attrs.role)) {
        return false;
    }
    let ways = Ways::new(func);
    let mut moved: Vec<(Block, Inst)> = Vec::new();
    let mut removed: FxHashSet<Inst> = FxHashSet::default();
    let mut retains: Vec<(Block, usize, Operand)> = Vec::new();
    for &block in ways.cfg().reverse_postorder() {
        for (at, &inst) in func.blocks[block].insts.iter().enumerate() {
            match counted(func, inst) {
                Some((_, Operand::Null | Operand::Data(..))) => {
                    removed.insert(inst);
                }
                Some((Role::Retain, ptr)) => retains.push((block, at, ptr)),
                _ => {}
            }
        }
    }
    // What is gone from between a pair is in nobody's way any more: inner ones first, and
    // again while some go.
    loop {
        let before = retains.len();
        retains = retains
            .into_iter()
            .rev()
            .filter(|&(block, at, ptr)| {
                let step = |inst: Inst| match removed.contains(&inst) {
                    true => Step::On,
                    false => step(func, inst, ptr),
                };
                let Some(ends) = ways.ends(func, block, at, step) else {
                    return true;
                };
                let retain = func.blocks[block].insts[at];
                removed.insert(retain);
                removed.extend(ends.insts);
                moved.extend(ends.cold.into_iter().map(|block| (block, retain)));
                false
            })
            .collect();
        retains.reverse();
        if retains.len() == before {
            break;
        }
    }
    for block in func.blocks.keys() {
        let mut insts = std::mem::take(&mut func.blocks[block].insts);
        insts.retain(|inst| !removed.contains(inst));
        func.blocks[block].insts = insts;
    }
    for (block, retain) in moved {
        copy_to_start(func, retain, block);
    }
    !removed.is_empty()
}

/// What an instruction counts, if that is all it does.
fn counted(func: &Function, inst: Inst) -> Option<(Role, Operand)> {
    let InstKind::Call {
        callee: Callee::Direct(callee),
        args,
    } = func.kind(inst)
    else {
        return None;
    };
    let role = func.funcs[*callee].attrs.role;
    match (role, args.as_slice()) {
        (Role::Retain | Role::Release | Role::End, [ptr]) => Some((role, *ptr)),
        _ => None,
    }
}

/// What an instruction is on the way from a retain of a pointer to its releases.
fn step(func: &Function, inst: Inst, ptr: Operand) -> Step {
    match counted(func, inst) {
        Some((Role::Retain, _)) => Step::On,
        Some((_, it)) if it == ptr => Step::End,
        None if is_neutral(func, func.kind(inst)) => Step::On,
        _ => Step::Blocked,
    }
}

/// Whether an instruction can neither end an object nor see a count.
fn is_neutral(func: &Function, kind: &InstKind) -> bool {
    match kind {
        InstKind::Call {
            callee: Callee::Direct(callee),
            ..
        } => {
            let attrs = func.funcs[*callee].attrs;
            attrs.effect != Effect::Any || attrs.role == Role::Allocate
        }
        InstKind::Call { .. }
        | InstKind::AtomicLoad { .. }
        | InstKind::AtomicStore { .. }
        | InstKind::AtomicRmw { .. }
        | InstKind::AtomicCmpxchg { .. }
        | InstKind::Fence { .. }
        | InstKind::Load { volatile: true, .. }
        | InstKind::Store { volatile: true, .. } => false,
        _ => true,
    }
}

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

use crate::cfg::Cfg;
use crate::function::{Block, Effect, Function, Inst, InstData, Role};
use crate::inst::{Callee, InstKind, Terminator};
use crate::operand::Operand;

/// Instructions that are looked at behind one retain; guessed.
const WAY_MAX: usize = 400;

pub fn pair_counts(func: &mut Function) -> bool {
    let counts = |role: Role| matches!(role, Role::Retain | Role::Release | Role::End);
    if !func.funcs.values().any(|it| counts(it.attrs.role)) {
        return false;
    }
    let cfg = Cfg::new(func);
    let cold = cold_blocks(func, &cfg);
    let mut moved: Vec<(Block, Inst)> = Vec::new();
    let mut removed: FxHashSet<Inst> = FxHashSet::default();
    let mut retains: Vec<(Block, usize, Operand)> = Vec::new();
    for &block in cfg.reverse_postorder() {
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
                let ways = Ways {
                    func,
                    cfg: &cfg,
                    cold: &cold,
                    removed: &removed,
                };
                let Some(end) = ways.from(block, at, ptr) else {
                    return true;
                };
                let retain = func.blocks[block].insts[at];
                removed.insert(retain);
                removed.extend(end.releases);
                moved.extend(end.cold.into_iter().map(|block| (block, retain)));
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
        let (kind, loc) = (func.kind(retain).clone(), func.insts[retain].loc);
        let copy = func.insts.push(InstData {
            kind,
            result: None,
            loc,
        });
        let at = func.phis(block).count();
        func.blocks[block].insts.insert(at, copy);
    }
    !removed.is_empty()
}

/// The blocks that lead to a panic, and nowhere else without one.
fn cold_blocks(func: &Function, cfg: &Cfg) -> FxHashSet<Block> {
    let mut cold: FxHashSet<Block> = FxHashSet::default();
    for &block in cfg.reverse_postorder().iter().rev() {
        let is_cold = match func.blocks[block].terminator {
            Terminator::Unreachable => true,
            Terminator::Invoke { normal, .. } => cold.contains(&normal),
            Terminator::Return(_) | Terminator::Resume => false,
            _ => func.successors(block).all(|succ| cold.contains(&succ)),
        };
        if is_cold {
            cold.insert(block);
        }
    }
    cold
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

/// Looks along all ways from a retain.
struct Ways<'a> {
    func: &'a Function,
    cfg: &'a Cfg,
    cold: &'a FxHashSet<Block>,
    removed: &'a FxHashSet<Inst>,
}

/// Where the ways from a retain come to an end.
#[derive(Default)]
struct End {
    releases: Vec<Inst>,
    /// Blocks that need a retain of their own.
    cold: Vec<Block>,
}

/// How a way goes through a block.
enum Way {
    Through,
    Release(Inst),
    /// Something there may end an object.
    Blocked,
}

impl Ways<'_> {
    /// The releases that undo a retain, if every way that does not lead to a panic meets one
    /// before anything can end.
    fn from(&self, start: Block, at: usize, ptr: Operand) -> Option<End> {
        let func = self.func;
        let mut end = End::default();
        // Blocks that the ways enter, and those that they leave again.
        let mut entered: FxHashSet<Block> = FxHashSet::default();
        let mut left: FxHashSet<Block> = FxHashSet::default();
        let mut work = vec![(start, at + 1)];
        let mut steps = 0;
        while let Some((block, from)) = work.pop() {
            match self.through(block, from, ptr, &mut steps) {
                Way::Release(release) => {
                    end.releases.push(release);
                    continue;
                }
                Way::Blocked if block != start && self.cold.contains(&block) => {
                    end.cold.push(block);
                    continue;
                }
                Way::Blocked => return None,
                Way::Through => {}
            }
            if let Terminator::Return(_) | Terminator::Resume = func.blocks[block].terminator {
                return None;
            }
            left.insert(block);
            for succ in func.successors(block) {
                // Around a loop to the retain itself.
                if succ == start || succ == func.entry() {
                    return None;
                }
                if entered.insert(succ) {
                    work.push((succ, 0));
                }
            }
        }
        let is_ours = |block: &Block| self.cfg.preds(*block).iter().all(|it| left.contains(it));
        (!end.releases.is_empty() && entered.iter().all(is_ours)).then_some(end)
    }

    fn through(&self, block: Block, from: usize, ptr: Operand, steps: &mut usize) -> Way {
        for &inst in &self.func.blocks[block].insts[from..] {
            *steps += 1;
            if *steps > WAY_MAX {
                return Way::Blocked;
            }
            if self.removed.contains(&inst) {
                continue;
            }
            match counted(self.func, inst) {
                Some((Role::Retain, _)) => {}
                Some((_, it)) if it == ptr => return Way::Release(inst),
                None if is_neutral(self.func, self.func.kind(inst)) => {}
                _ => return Way::Blocked,
            }
        }
        Way::Through
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

//! Removes unreachable blocks, values that nothing needs, and what is computed
//! for them alone, phi cycles included.
//!
//! Safe because only instructions without effect go: arithmetic (its producer
//! has guarded it), plain loads, calls of functions marked `pure` or
//! `read_only`. Stores, volatile and atomic accesses and other calls stay.
//!
//! ```text
//!   %1 = mul i32 %0, 7
//!   %2 = add i32 %1, 1      →
//!   call @log(i32 %0)              call @log(i32 %0)
//! ```

use stdx::DenseMap;

use crate::function::{Effect, Function, Inst};
use crate::inst::{Callee, InstKind, Intrinsic};
use crate::operand::Operand;

pub fn eliminate_dead_code(func: &mut Function) -> bool {
    let mut changed = func.remove_unreachable_blocks();
    let live = live_insts(func);
    for block in func.blocks.values_mut() {
        let before = block.insts.len();
        block.insts.retain(|&inst| live[inst]);
        changed |= block.insts.len() != before;
    }
    changed
}

/// Whether an instruction may go when nothing uses its result.
pub(crate) fn is_removable(func: &Function, kind: &InstKind) -> bool {
    match kind {
        InstKind::Binary { .. }
        | InstKind::FNeg { .. }
        | InstKind::Icmp { .. }
        | InstKind::Fcmp { .. }
        | InstKind::Cast { .. }
        | InstKind::Select { .. }
        | InstKind::PtrAdd { .. }
        | InstKind::Phi { .. } => true,
        InstKind::Intrinsic { op, .. } => *op != Intrinsic::Trap,
        InstKind::Load { volatile, .. } => !volatile,
        InstKind::Call {
            callee: Callee::Direct(callee),
            ..
        } => func.funcs[*callee].attrs.effect != Effect::Any,
        // Copying nothing is nothing, and so is copying a range onto itself.
        InstKind::MemCpy { dst, src, size, .. } | InstKind::MemMove { dst, src, size, .. } => {
            size.const_bits() == Some(0) || dst == src
        }
        InstKind::MemSet { size, .. } => size.const_bits() == Some(0),
        InstKind::Call { .. }
        | InstKind::Store { .. }
        | InstKind::AtomicLoad { .. }
        | InstKind::AtomicStore { .. }
        | InstKind::AtomicRmw { .. }
        | InstKind::AtomicCmpxchg { .. }
        | InstKind::Fence { .. } => false,
    }
}

/// What has effects, what decides control, and whatever they read.
fn live_insts(func: &Function) -> DenseMap<Inst, bool> {
    let mut live = DenseMap::filled(false, func.insts.len());
    let mut work = Vec::new();
    for block in func.blocks.values() {
        let effects = block.insts.iter().copied();
        work.extend(effects.filter(|&inst| !is_removable(func, func.kind(inst))));
        let operand = block.terminator.operand().and_then(Operand::as_value);
        work.extend(operand.and_then(|value| func.defining_inst(value)));
    }
    while let Some(inst) = work.pop() {
        if std::mem::replace(&mut live[inst], true) {
            continue;
        }
        func.kind(inst).for_each_operand(|operand| {
            work.extend(
                operand
                    .as_value()
                    .and_then(|value| func.defining_inst(value)),
            );
        });
    }
    live
}

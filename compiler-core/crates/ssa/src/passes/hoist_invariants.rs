//! Moves what computes the same in every round of a loop to before the loop.
//!
//! Safe because arithmetic needs no guard, except divisions and shifts by unknown amounts,
//! which stay; loads move if nothing in the loop may write there and the loop always makes
//! them first, or if they cannot fail.
//!
//! ```text
//! bb0:                                     bb0:
//!   jump bb1                                 %2 = mul i32 %0, %0
//! bb1:                                       jump bb1
//!   %1 = phi i32 [bb0: 0], [bb1: %3]     → bb1:
//!   %2 = mul i32 %0, %0                      %1 = phi i32 [bb0: 0], [bb1: %3]
//!   %3 = add i32 %1, %2                      %3 = add i32 %1, %2
//! ```

use stdx::DenseMap;

use super::forward_memory::is_constant;
use crate::cfg::Cfg;
use crate::dominators::DominatorTree;
use crate::function::{Block, Effect, Function, Inst, Role};
use crate::inst::{BinaryOp, Callee, InstKind, Intrinsic};
use crate::loops::{Loop, Loops, defining_blocks, is_invariant, preheader};
use crate::operand::Operand;
use crate::pointers::{Base, Place, Pointers};
use crate::types::Type;

/// Loops that are looked at in one function; guessed, machine-made code may have thousands.
const LOOPS_MAX: usize = 256;

pub fn hoist_invariants(func: &mut Function) -> bool {
    let mut changed = func.remove_unreachable_blocks();
    let mut done: Vec<Block> = Vec::new();
    while done.len() < LOOPS_MAX {
        let cfg = Cfg::new(func);
        let dominators = DominatorTree::new(func, &cfg);
        let loops = Loops::find(func, &cfg, &dominators);
        // Headers keep their numbers: new blocks come last.
        let Some(next) = loops.iter().find(|it| !done.contains(&it.header)) else {
            break;
        };
        done.push(next.header);
        let moved = candidates(func, &cfg, next);
        if moved.is_empty() {
            continue;
        }
        let next = next.clone();
        if let Some(before) = preheader(func, &cfg, &next) {
            for &block in &next.blocks {
                func.blocks[block].insts.retain(|it| !moved.contains(it));
            }
            func.blocks[before].insts.extend(moved);
            changed = true;
        }
    }
    changed
}

/// What may go before a loop, in an order in which it can stand there.
fn candidates(func: &Function, cfg: &Cfg, loop_: &Loop) -> Vec<Inst> {
    let pointers = Pointers::new(func);
    let writes = Writes::of(func, &pointers, loop_);
    let mut defined_in = defining_blocks(func);
    let mut moved = Vec::new();
    for &block in cfg
        .reverse_postorder()
        .iter()
        .filter(|it| loop_.contains(**it))
    {
        let mut always_runs = block == loop_.header;
        for &inst in &func.blocks[block].insts {
            let kind = func.kind(inst);
            let may = match kind {
                InstKind::Load {
                    ty,
                    ptr,
                    volatile: false,
                    ..
                } => {
                    let place = pointers.place(ptr);
                    (always_runs || cannot_fail(func, place, *ty))
                        && !writes.may_touch(func, &pointers, place, ty.size_bytes())
                }
                kind => is_speculable(func, kind),
            };
            if may && operands_are_invariant(func, &defined_in, loop_, kind) {
                moved.push(inst);
                // As if it stood in the entry, which is in no loop.
                defined_in[inst] = Some(func.entry());
            }
            always_runs &= comes_back(func, kind);
        }
    }
    moved
}

fn operands_are_invariant(
    func: &Function,
    defined_in: &DenseMap<Inst, Option<Block>>,
    loop_: &Loop,
    kind: &InstKind,
) -> bool {
    let mut all = true;
    kind.for_each_operand(|operand| all &= is_invariant(func, defined_in, loop_, operand));
    all
}

/// Whether an instruction may be executed though the program would not.
pub(crate) fn is_speculable(func: &Function, kind: &InstKind) -> bool {
    match kind {
        InstKind::Binary { op, lhs, rhs } => match op {
            BinaryOp::Shl | BinaryOp::LShr | BinaryOp::AShr => rhs
                .const_bits()
                .is_some_and(|bits| bits < u128::from(lhs.ty(func).bits())),
            BinaryOp::UDiv | BinaryOp::URem => rhs.const_bits().is_some_and(|bits| bits != 0),
            BinaryOp::SDiv | BinaryOp::SRem => rhs
                .const_bits()
                .is_some_and(|bits| bits != 0 && bits != rhs.ty(func).mask()),
            _ => true,
        },
        InstKind::FNeg { .. }
        | InstKind::Icmp { .. }
        | InstKind::Fcmp { .. }
        | InstKind::Cast { .. }
        | InstKind::Select { .. }
        | InstKind::PtrAdd { .. } => true,
        InstKind::Intrinsic { op, .. } => *op != Intrinsic::Trap,
        InstKind::Call {
            callee: Callee::Direct(callee),
            ..
        } => func.funcs[*callee].attrs.effect == Effect::Pure,
        _ => false,
    }
}

/// Whether control always goes on after an instruction.
fn comes_back(func: &Function, kind: &InstKind) -> bool {
    match kind {
        InstKind::Call {
            callee: Callee::Direct(callee),
            ..
        } => {
            let attrs = func.funcs[*callee].attrs;
            attrs.effect != Effect::Any || attrs.role == Role::Allocate
        }
        InstKind::Call { .. } => false,
        InstKind::Intrinsic { op, .. } => *op != Intrinsic::Trap,
        _ => true,
    }
}

/// Whether an address is that of memory which is there as long as the call.
fn cannot_fail(func: &Function, place: Place, ty: Type) -> bool {
    let Some(offset) = place.offset else {
        return false;
    };
    match place.base {
        Base::Slot(slot) => {
            offset >= 0
                && i128::from(offset) + i128::from(ty.size_bytes())
                    <= i128::from(func.slots[slot].size)
        }
        _ => false,
    }
}

/// What a loop may write.
pub(super) struct Writes {
    places: Vec<(Place, u64)>,
    /// A call or atomic access: anything that others can reach.
    shared: bool,
}

impl Writes {
    pub(super) fn of(func: &Function, pointers: &Pointers, loop_: &Loop) -> Writes {
        let mut writes = Writes {
            places: Vec::new(),
            shared: false,
        };
        let insts = loop_
            .blocks
            .iter()
            .flat_map(|block| &func.blocks[*block].insts);
        for &inst in insts {
            let mut write = |ptr: &Operand, size: u64| {
                writes.places.push((pointers.place(ptr), size));
            };
            match func.kind(inst) {
                InstKind::Store { value, ptr, .. } => write(ptr, value.ty(func).size_bytes()),
                InstKind::MemCpy { dst, size, .. }
                | InstKind::MemMove { dst, size, .. }
                | InstKind::MemSet { dst, size, .. } => {
                    write(dst, size.const_bits().map_or(u64::MAX, |bits| bits as u64));
                }
                InstKind::AtomicLoad { .. } | InstKind::Fence { .. } => writes.shared = true,
                InstKind::AtomicStore { ptr, .. }
                | InstKind::AtomicRmw { ptr, .. }
                | InstKind::AtomicCmpxchg { ptr, .. } => {
                    write(ptr, u64::MAX);
                    writes.shared = true;
                }
                InstKind::Call { callee, args } => {
                    let attrs = match callee {
                        Callee::Direct(callee) => func.funcs[*callee].attrs,
                        Callee::Indirect { .. } => Default::default(),
                    };
                    if attrs.role == Role::Free {
                        args.iter().for_each(|arg| write(arg, u64::MAX));
                    }
                    let is_quiet = attrs.effect != Effect::Any || attrs.role == Role::Allocate;
                    writes.shared |= !is_quiet;
                }
                _ => {}
            }
        }
        writes
    }

    pub(super) fn may_touch(
        &self,
        func: &Function,
        pointers: &Pointers,
        place: Place,
        size: u64,
    ) -> bool {
        let is_shared = !pointers.is_private(place) && !is_constant(func, place);
        self.shared && is_shared
            || self
                .places
                .iter()
                .any(|write| pointers.may_alias(func, *write, (place, size)))
    }
}

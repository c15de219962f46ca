//! Puts heap memory that does not outlive the call on the stack: the allocation becomes a slot,
//! and what frees it goes.
//!
//! Safe because [`escape`](crate::escape) has shown that the address goes nowhere but into
//! accesses, comparisons and `free`. In a loop one slot serves all rounds: the address is kept
//! in no phi and no memory, so no round can see another's. Atomic accesses to memory that
//! nobody shares become plain ones.
//!
//! ```text
//!   %0 = call ptr @malloc(i64 16)
//!   store i64 1, %0 align 8          store i64 1, s0 align 8
//!   %1 = load i64, %0 align 8    →   %1 = load i64, s0 align 8
//!   call @free(ptr %0)
//! ```

use crate::escape::{Verdict, allocations};
use crate::function::edit::Substitution;
use crate::function::{Function, Role, SlotData};
use crate::inst::{AtomicRmwOp, BinaryOp, Callee, InstKind};
use crate::operand::Operand;
use crate::pointers::{Base, Place, Pointers};

/// What an allocation function promises.
const ALIGN: u32 = 16;

pub fn promote_heap(func: &mut Function) -> bool {
    let mut slots = Substitution::new(func);
    for allocation in allocations(func) {
        let Verdict::Stack { size } = allocation.verdict else {
            continue;
        };
        let Some(result) = func.insts[allocation.inst].result else {
            continue;
        };
        let slot = func.slots.push(SlotData {
            size,
            align: ALIGN,
            name: None,
        });
        slots.insert(result, Operand::Slot(slot, 0));
    }
    let mut changed = !slots.is_empty();
    if changed {
        func.substitute(&slots);
        remove_frees(func);
    }
    changed |= make_plain(func);
    changed
}

/// Takes out calls that free a slot.
fn remove_frees(func: &mut Function) {
    let pointers = Pointers::new(func);
    for block in func.blocks.keys() {
        let mut insts = std::mem::take(&mut func.blocks[block].insts);
        insts.retain(|&inst| match &func.insts[inst].kind {
            InstKind::Call {
                callee: Callee::Direct(callee),
                args,
            } => {
                let is_free = func.funcs[*callee].attrs.role == Role::Free;
                let place = args.first().map(|arg| pointers.place(arg));
                !(is_free && place.is_some_and(is_slot))
            }
            _ => true,
        });
        func.blocks[block].insts = insts;
    }
}

fn is_slot(place: Place) -> bool {
    matches!(place.base, Base::Slot(_))
}

/// Atomic accesses to private memory order nothing: nobody else can look.
fn make_plain(func: &mut Function) -> bool {
    let pointers = Pointers::new(func);
    let mut changed = false;
    for block in func.blocks.keys() {
        let insts = std::mem::take(&mut func.blocks[block].insts);
        let mut kept = Vec::with_capacity(insts.len());
        for inst in insts {
            let loc = func.insts[inst].loc;
            let is_private = |ptr: &Operand| {
                let place = pointers.place(ptr);
                is_slot(place) && pointers.is_private(place)
            };
            match func.insts[inst].kind.clone() {
                InstKind::AtomicLoad { ty, ptr, .. } if is_private(&ptr) => {
                    func.insts[inst].kind = InstKind::Load {
                        ty,
                        ptr,
                        align: ty.size_bytes() as u32,
                        volatile: false,
                    };
                    changed = true;
                    kept.push(inst);
                }
                InstKind::AtomicStore { value, ptr, .. } if is_private(&ptr) => {
                    func.insts[inst].kind = InstKind::Store {
                        align: value.ty(func).size_bytes() as u32,
                        value,
                        ptr,
                        volatile: false,
                    };
                    changed = true;
                    kept.push(inst);
                }
                InstKind::AtomicRmw { op, ptr, value, .. } if is_private(&ptr) => {
                    let binary = match op {
                        AtomicRmwOp::Xchg => None,
                        AtomicRmwOp::Add => Some(BinaryOp::Add),
                        AtomicRmwOp::Sub => Some(BinaryOp::Sub),
                        AtomicRmwOp::And => Some(BinaryOp::And),
                        AtomicRmwOp::Or => Some(BinaryOp::Or),
                        AtomicRmwOp::Xor => Some(BinaryOp::Xor),
                        _ => {
                            kept.push(inst);
                            continue;
                        }
                    };
                    let ty = value.ty(func);
                    let align = ty.size_bytes() as u32;
                    func.insts[inst].kind = InstKind::Load {
                        ty,
                        ptr,
                        align,
                        volatile: false,
                    };
                    kept.push(inst);
                    let old = func.insts[inst]
                        .result
                        .map_or(Operand::Undef(ty), Operand::Value);
                    let mut new = value;
                    if let Some(op) = binary {
                        let (lhs, rhs) = (old, value);
                        let sum = func.make_inst(InstKind::Binary { op, lhs, rhs }, loc);
                        kept.push(sum);
                        new = func.insts[sum]
                            .result
                            .map_or(Operand::Undef(ty), Operand::Value);
                    }
                    let store = InstKind::Store {
                        value: new,
                        ptr,
                        align,
                        volatile: false,
                    };
                    kept.push(func.make_inst(store, loc));
                    changed = true;
                }
                _ => kept.push(inst),
            }
        }
        func.blocks[block].insts = kept;
    }
    changed
}

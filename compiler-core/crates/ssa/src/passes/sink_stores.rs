//! Moves a store that everything overwrites, except on the way to a panic, to where that begins.
//!
//! Safe because no way from the store meets anything that may look at the memory, or change a
//! part of it, before the same bytes are stored anew or the copy is made; and what is met there
//! is met after the store only.
//!
//! ```text
//! bb0:                               bb0:
//!   store i32 1, %0 align 4            branch %1, bb1, bb2
//!   branch %1, bb1, bb2              bb1:
//! bb1:                            →    store i32 1, %0 align 4
//!   call @panic()                      call @panic()
//!   unreachable                        unreachable
//! bb2:                               bb2:
//!   store i32 0, %0 align 4            store i32 0, %0 align 4
//! ```

use rustc_hash::FxHashSet;

use crate::function::{Block, Effect, Function, Inst, Role};
use crate::inst::{Callee, InstKind};
use crate::operand::Operand;
use crate::pointers::{Place, Pointers};
use crate::ways::{Step, Ways, copy_to_start};

pub fn sink_stores(func: &mut Function) -> bool {
    let ways = Ways::new(func);
    let pointers = Pointers::new(func);
    let mut removed: FxHashSet<Inst> = FxHashSet::default();
    let mut moved: Vec<(Block, Inst)> = Vec::new();
    // From the end: what is overwritten by a store that goes itself stays.
    for &block in ways.cfg().reverse_postorder().iter().rev() {
        for (at, &inst) in func.blocks[block].insts.iter().enumerate().rev() {
            let InstKind::Store {
                value,
                ptr,
                volatile: false,
                ..
            } = func.kind(inst)
            else {
                continue;
            };
            let written = Written {
                place: pointers.place(ptr),
                size: value.ty(func).size_bytes(),
            };
            let step = |next: Inst| match removed.contains(&next) {
                true => Step::Blocked,
                false => written.step(func, &pointers, func.kind(next)),
            };
            if written.place.offset.is_some()
                && let Some(ends) = ways.ends(func, block, at, step)
            {
                removed.insert(inst);
                moved.extend(ends.cold.into_iter().map(|block| (block, inst)));
            }
        }
    }
    for (block, store) in moved {
        copy_to_start(func, store, block);
    }
    for block in func.blocks.keys() {
        let mut insts = std::mem::take(&mut func.blocks[block].insts);
        insts.retain(|inst| !removed.contains(inst));
        func.blocks[block].insts = insts;
    }
    !removed.is_empty()
}

/// Memory that a store writes.
struct Written {
    place: Place,
    size: u64,
}

impl Written {
    fn step(&self, func: &Function, pointers: &Pointers, kind: &InstKind) -> Step {
        let sized = |size: &Operand| size.const_bits().map_or(u64::MAX, |bits| bits as u64);
        let touches = |ptr: &Operand, size: u64| {
            let here = (self.place, self.size);
            pointers.may_alias(func, here, (pointers.place(ptr), size))
        };
        let is_blocked = match kind {
            InstKind::Store {
                value,
                ptr,
                volatile: false,
                ..
            } => {
                let size = value.ty(func).size_bytes();
                if pointers.place(ptr) == self.place && size == self.size {
                    return Step::End;
                }
                touches(ptr, size)
            }
            InstKind::Load {
                ty,
                ptr,
                volatile: false,
                ..
            } => touches(ptr, ty.size_bytes()),
            InstKind::MemCpy { dst, src, size, .. } | InstKind::MemMove { dst, src, size, .. } => {
                touches(dst, sized(size)) || touches(src, sized(size))
            }
            InstKind::MemSet { dst, size, .. } => touches(dst, sized(size)),
            InstKind::Call {
                callee: Callee::Direct(callee),
                ..
            } => {
                let attrs = func.funcs[*callee].attrs;
                attrs.effect != Effect::Pure && attrs.role != Role::Allocate
            }
            InstKind::Call { .. }
            | InstKind::Load { .. }
            | InstKind::Store { .. }
            | InstKind::AtomicLoad { .. }
            | InstKind::AtomicStore { .. }
            | InstKind::AtomicRmw { .. }
            | InstKind::AtomicCmpxchg { .. }
            | InstKind::Fence { .. } => true,
            _ => false,
        };
        match is_blocked {
            true => Step::Blocked,
            false => Step::On,
        }
    }
}

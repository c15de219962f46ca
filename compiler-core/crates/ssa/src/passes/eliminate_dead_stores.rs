//! Removes writes that nobody reads: to slots that are never read, over which another write
//! goes, or before a return to memory that ends with the call.
//!
//! Safe because only private slots take part in the first and the last case, and in the second
//! nothing between the two writes may read or fail to come back. Volatile and atomic writes stay.
//!
//! ```text
//!   store i32 1, %0 align 4
//!   store i32 2, %0 align 4     →     store i32 2, %0 align 4
//!   store i32 3, s0 align 4
//!   return                            return
//! ```

use stdx::DenseMap;

use crate::function::{Effect, Function, Role, Slot};
use crate::inst::{Callee, InstKind, Terminator};
use crate::operand::Operand;
use crate::pointers::{Base, Place, Pointers};

/// Pending overwrites that are remembered at a time; guessed.
const PENDING_MAX: usize = 32;

pub fn eliminate_dead_stores(func: &mut Function) -> bool {
    let pointers = Pointers::new(func);
    let read = read_slots(func, &pointers);
    let mut changed = false;
    for block in func.blocks.keys() {
        let insts = std::mem::take(&mut func.blocks[block].insts);
        let mut kept = Vec::with_capacity(insts.len());
        // Going backwards: memory that is written later without being read before.
        let mut pending: Vec<(Place, u64)> = Vec::new();
        let mut ends_call = matches!(func.blocks[block].terminator, Terminator::Return(_));
        // Slots that are read after this point of a returning block.
        let mut read_later: Vec<Place> = Vec::new();
        for &inst in insts.iter().rev() {
            let kind = func.kind(inst);
            if let Some((place, size)) = written(func, &pointers, kind) {
                let covers = |(it, len): &(Place, u64)| covers(*it, *len, place, size);
                let is_unread_slot = match place.base {
                    Base::Slot(slot) => {
                        !pointers.escapes(slot)
                            && (!read[slot]
                                || ends_call && !read_later.iter().any(|it| it.base == place.base))
                    }
                    _ => false,
                };
                if is_unread_slot || pending.iter().any(covers) {
                    changed = true;
                    continue;
                }
            }
            kept.push(inst);
            if let Some((place, size)) = written(func, &pointers, kind)
                && place.offset.is_some()
                && pending.len() < PENDING_MAX
            {
                pending.push((place, size));
            }
            // A copy reads before it writes.
            reads(func, &pointers, kind, &mut pending, &mut read_later);
            if let InstKind::Call { .. } = kind
                && !comes_back(func, kind)
            {
                // What it calls sees memory as it is; but private slots only if passed.
                pending.retain(|(place, _)| pointers.is_private(*place));
            }
            if matches!(
                kind,
                InstKind::Intrinsic {
                    op: crate::Intrinsic::Trap,
                    ..
                }
            ) {
                ends_call = false;
                pending.clear();
            }
        }
        kept.reverse();
        func.blocks[block].insts = kept;
    }
    changed
}

/// The bytes that an instruction certainly overwrites, and does nothing else.
fn written(func: &Function, pointers: &Pointers, kind: &InstKind) -> Option<(Place, u64)> {
    match kind {
        InstKind::Store {
            value,
            ptr,
            volatile: false,
            ..
        } => Some((pointers.place(ptr), value.ty(func).size_bytes())),
        InstKind::MemCpy { dst, size, .. }
        | InstKind::MemMove { dst, size, .. }
        | InstKind::MemSet { dst, size, .. } => {
            Some((pointers.place(dst), size.const_bits()? as u64))
        }
        _ => None,
    }
}

fn covers(outer: Place, outer_size: u64, inner: Place, inner_size: u64) -> bool {
    let (Some(a), Some(b)) = (outer.offset, inner.offset) else {
        return false;
    };
    let (a, b) = (i128::from(a), i128::from(b));
    outer.base == inner.base && a <= b && b + i128::from(inner_size) <= a + i128::from(outer_size)
}

/// Notes what an instruction reads.
fn reads(
    func: &Function,
    pointers: &Pointers,
    kind: &InstKind,
    pending: &mut Vec<(Place, u64)>,
    read_later: &mut Vec<Place>,
) {
    let mut read = |ptr: &Operand, size: u64| {
        let place = pointers.place(ptr);
        pending.retain(|it| !pointers.may_alias(func, *it, (place, size)));
        read_later.push(place);
    };
    match kind {
        InstKind::Load { ty, ptr, .. } => read(ptr, ty.size_bytes()),
        InstKind::MemCpy { src, size, .. } | InstKind::MemMove { src, size, .. } => {
            read(src, size.const_bits().map_or(u64::MAX, |bits| bits as u64));
        }
        InstKind::AtomicLoad { ptr, .. }
        | InstKind::AtomicStore { ptr, .. }
        | InstKind::AtomicRmw { ptr, .. }
        | InstKind::AtomicCmpxchg { ptr, .. } => {
            read(ptr, u64::MAX);
            pending.retain(|(place, _)| pointers.is_private(*place));
        }
        InstKind::Fence { .. } => pending.retain(|(place, _)| pointers.is_private(*place)),
        // Even a callee that writes nothing may read.
        InstKind::Call { .. } => {
            let is_pure = match kind {
                InstKind::Call {
                    callee: Callee::Direct(callee),
                    ..
                } => func.funcs[*callee].attrs.effect == Effect::Pure,
                _ => false,
            };
            if !is_pure {
                pending.retain(|(place, _)| pointers.is_private(*place));
            }
        }
        _ => {}
    }
}

fn comes_back(func: &Function, kind: &InstKind) -> bool {
    match kind {
        InstKind::Call {
            callee: Callee::Direct(callee),
            ..
        } => {
            let attrs = func.funcs[*callee].attrs;
            attrs.effect != Effect::Any || attrs.role == Role::Allocate
        }
        _ => false,
    }
}

/// The slots that something may read from.
fn read_slots(func: &Function, pointers: &Pointers) -> DenseMap<Slot, bool> {
    let mut read = DenseMap::filled(false, func.slots.len());
    let mut note = |ptr: &Operand| {
        if let Base::Slot(slot) = pointers.place(ptr).base {
            read[slot] = true;
        }
    };
    for block in func.blocks.values() {
        for &inst in &block.insts {
            match func.kind(inst) {
                InstKind::Load { ptr, .. }
                | InstKind::AtomicLoad { ptr, .. }
                | InstKind::AtomicStore { ptr, .. }
                | InstKind::AtomicRmw { ptr, .. }
                | InstKind::AtomicCmpxchg { ptr, .. } => note(ptr),
                InstKind::MemCpy { src, .. } | InstKind::MemMove { src, .. } => note(src),
                InstKind::Store {
                    ptr,
                    volatile: true,
                    ..
                } => note(ptr),
                _ => {}
            }
        }
    }
    read
}

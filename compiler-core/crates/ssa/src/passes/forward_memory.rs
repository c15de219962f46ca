//! Loads of what is known to be there: the value that was stored last, or loaded before. And
//! stores of it, which change nothing.
//!
//! Walks over the blocks with the values that memory is known to hold; where ways meet, those
//! that all of them know, and at the head of a loop those that nothing in the loop may write.
//! Safe because whatever may touch a byte of a known value forgets it: stores and copies that may
//! overlap, and calls, unless the memory is private to this function, or constant, or the callee
//! promises to write nothing. Volatile and atomic accesses are kept.
//!
//! ```text
//!   store i32 %1, %0 align 4          store i32 %1, %0 align 4
//!   %2 = load i32, %0 align 4     →
//!   %3 = add i32 %2, 1                %3 = add i32 %1, 1
//! ```

use rustc_hash::FxHashSet;
use stdx::DenseMap;

use super::hoist_invariants::Writes;
use crate::cfg::Cfg;
use crate::data::DataKind;
use crate::dominators::DominatorTree;
use crate::function::edit::Substitution;
use crate::function::{Block, Effect, Function, Inst, Role};
use crate::inst::{Callee, InstKind};
use crate::loops::Loops;
use crate::operand::Operand;
use crate::pointers::{Base, Place, Pointers};
use crate::types::Type;

/// Values of memory that are remembered at a time; guessed, it bounds the time for a block.
const KNOWN_MAX: usize = 64;

#[derive(Clone, PartialEq)]
struct Entry {
    place: Place,
    ty: Type,
    value: Operand,
}

pub fn forward_memory(func: &mut Function) -> bool {
    let pointers = Pointers::new(func);
    let cfg = Cfg::new(func);
    let dominators = DominatorTree::new(func, &cfg);
    let loops = Loops::find(func, &cfg, &dominators);
    let mut found = Found {
        loads: Substitution::new(func),
        idle: FxHashSet::default(),
    };
    let mut at_end: DenseMap<Block, Option<Vec<Entry>>> = DenseMap::filled(None, func.blocks.len());
    for &block in cfg.reverse_postorder() {
        let mut known = match block == func.entry() {
            true => Vec::new(),
            false => on_entry(&cfg, &dominators, &at_end, block),
        };
        if let Some(around) = loops.iter().find(|it| it.header == block)
            && !known.is_empty()
        {
            let writes = Writes::of(func, &pointers, around);
            known.retain(|it| !writes.may_touch(func, &pointers, it.place, it.ty.size_bytes()));
        }
        for &inst in &func.blocks[block].insts {
            step(func, &pointers, inst, &mut known, &mut found);
        }
        at_end[block] = Some(known);
    }
    for block in func.blocks.keys() {
        let mut insts = std::mem::take(&mut func.blocks[block].insts);
        insts.retain(|inst| !found.idle.contains(inst));
        func.blocks[block].insts = insts;
    }
    func.substitute(&found.loads);
    !found.loads.is_empty() || !found.idle.is_empty()
}

/// What all blocks know that lead to one. Where a loop comes back it knows what it knew before,
/// but for what it writes.
fn on_entry(
    cfg: &Cfg,
    dominators: &DominatorTree,
    at_end: &DenseMap<Block, Option<Vec<Entry>>>,
    block: Block,
) -> Vec<Entry> {
    let mut known: Option<Vec<Entry>> = None;
    let preds = cfg.preds(block).iter();
    for &pred in preds.filter(|it| cfg.is_reachable(**it) && !dominators.dominates(block, **it)) {
        // A way in that has not been walked yet, around no loop.
        let Some(theirs) = &at_end[pred] else {
            return Vec::new();
        };
        match &mut known {
            None => known = Some(theirs.clone()),
            Some(known) => known.retain(|it| theirs.contains(it)),
        }
    }
    known.unwrap_or_default()
}

/// What the pass has found.
struct Found {
    loads: Substitution,
    /// Stores of what is there already.
    idle: FxHashSet<Inst>,
}

fn step(
    func: &Function,
    pointers: &Pointers,
    inst: Inst,
    known: &mut Vec<Entry>,
    found: &mut Found,
) {
    let (kind, result) = (func.kind(inst), func.insts[inst].result);
    let sized = |size: &Operand| size.const_bits().map_or(u64::MAX, |bits| bits as u64);
    match kind {
        InstKind::Load {
            ty,
            ptr,
            volatile: false,
            ..
        } => {
            let place = pointers.place(ptr);
            let Some(result) = result else { return };
            match look_up(known, place, *ty) {
                Some(value) => found.loads.insert(result, value),
                None => remember(known, place, *ty, Operand::Value(result)),
            }
        }
        InstKind::Store {
            value,
            ptr,
            volatile: false,
            ..
        } => {
            let place = pointers.place(ptr);
            let (ty, value) = (value.ty(func), found.loads.resolve(*value));
            if look_up(known, place, ty) == Some(value) {
                found.idle.insert(inst);
                return;
            }
            forget(func, pointers, known, place, ty.size_bytes());
            remember(known, place, ty, value);
        }
        InstKind::MemCpy { dst, size, .. }
        | InstKind::MemMove { dst, size, .. }
        | InstKind::MemSet { dst, size, .. } => {
            forget(func, pointers, known, pointers.place(dst), sized(size));
        }
        InstKind::Load { ptr, .. } | InstKind::Store { ptr, .. } => {
            forget(func, pointers, known, pointers.place(ptr), u64::MAX);
        }
        InstKind::Call { callee, args } => call(func, pointers, callee, args, known),
        // Atomic accesses order those of other threads, too.
        InstKind::AtomicLoad { ptr, .. }
        | InstKind::AtomicStore { ptr, .. }
        | InstKind::AtomicRmw { ptr, .. }
        | InstKind::AtomicCmpxchg { ptr, .. } => {
            forget(func, pointers, known, pointers.place(ptr), u64::MAX);
            forget_shared(func, pointers, known);
        }
        InstKind::Fence { .. } => forget_shared(func, pointers, known),
        _ => {}
    }
}

fn call(
    func: &Function,
    pointers: &Pointers,
    callee: &Callee,
    args: &[Operand],
    known: &mut Vec<Entry>,
) {
    let attrs = match callee {
        Callee::Direct(callee) => func.funcs[*callee].attrs,
        Callee::Indirect { .. } => Default::default(),
    };
    match (attrs.effect, attrs.role) {
        (Effect::Pure | Effect::ReadOnly, _) => {}
        // Fresh memory is nobody's so far.
        (_, Role::Allocate) => {}
        // Counts have 64 bits, and change.
        (_, Role::Retain) => known.retain(|it| {
            it.ty != Type::I64 || pointers.is_private(it.place) || is_constant(func, it.place)
        }),
        (_, Role::Free) => {
            for arg in args {
                let place = Place {
                    offset: None,
                    ..pointers.place(arg)
                };
                forget(func, pointers, known, place, u64::MAX);
            }
        }
        _ => forget_shared(func, pointers, known),
    }
}

/// The value that memory is known to hold.
fn look_up(known: &[Entry], place: Place, ty: Type) -> Option<Operand> {
    let mut latest = known.iter().rev();
    let entry = latest.find(|it| it.place == place && it.ty == ty && place.offset.is_some())?;
    Some(entry.value)
}

fn remember(known: &mut Vec<Entry>, place: Place, ty: Type, value: Operand) {
    if place.offset.is_none() || place.base == Base::Unknown {
        return;
    }
    if known.len() >= KNOWN_MAX {
        known.remove(0);
    }
    known.push(Entry { place, ty, value });
}

/// Forgets what a write of so many bytes may change.
fn forget(func: &Function, pointers: &Pointers, known: &mut Vec<Entry>, place: Place, size: u64) {
    known.retain(|it| !pointers.may_alias(func, (it.place, it.ty.size_bytes()), (place, size)));
}

/// Forgets what others may change.
fn forget_shared(func: &Function, pointers: &Pointers, known: &mut Vec<Entry>) {
    known.retain(|it| pointers.is_private(it.place) || is_constant(func, it.place));
}

/// Whether an address leads to data that never change.
pub(crate) fn is_constant(func: &Function, place: Place) -> bool {
    let Base::Data(data) = place.base else {
        return false;
    };
    match &func.datas[data].kind {
        DataKind::Bytes { writable, .. } => !writable,
        DataKind::Extern { mutable, .. } => !mutable,
    }
}

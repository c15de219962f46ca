//! Loads of what is known to be there: the value that was stored last, or loaded before.
//!
//! Walks from each block to the blocks it alone leads to, with the values that memory is known
//! to hold. Safe because whatever may touch a byte of a known value forgets it: stores and
//! copies that may overlap, and calls, unless the memory is private to this function, or
//! constant, or the callee promises to write nothing. Volatile and atomic accesses are kept.
//!
//! ```text
//!   store i32 %1, %0 align 4          store i32 %1, %0 align 4
//!   %2 = load i32, %0 align 4     →
//!   %3 = add i32 %2, 1                %3 = add i32 %1, 1
//! ```

use crate::cfg::Cfg;
use crate::data::DataKind;
use crate::function::edit::Substitution;
use crate::function::{Block, Effect, Function, Role};
use crate::inst::{Callee, InstKind};
use crate::operand::Operand;
use crate::pointers::{Base, Place, Pointers};
use crate::types::Type;

/// Values of memory that are remembered at a time; guessed, it bounds the time for a block.
const KNOWN_MAX: usize = 64;

#[derive(Clone)]
struct Entry {
    place: Place,
    ty: Type,
    value: Operand,
}

pub fn forward_memory(func: &mut Function) -> bool {
    let pointers = Pointers::new(func);
    let cfg = Cfg::new(func);
    let mut loads = Substitution::new(func);
    let mut work: Vec<(Block, Vec<Entry>)> = vec![(func.entry(), Vec::new())];
    // What several blocks lead to starts with nothing.
    for &block in cfg.reverse_postorder().iter().skip(1) {
        if cfg.preds(block).len() != 1 {
            work.push((block, Vec::new()));
        }
    }
    while let Some((block, mut known)) = work.pop() {
        for index in 0..func.blocks[block].insts.len() {
            let inst = func.blocks[block].insts[index];
            let data = &func.insts[inst];
            step(
                func,
                &pointers,
                &data.kind,
                data.result,
                &mut known,
                &mut loads,
            );
        }
        let mut successors: Vec<Block> = func.successors(block).collect();
        successors.sort_unstable();
        successors.dedup();
        for succ in successors {
            if cfg.preds(succ).len() == 1 && succ != func.entry() {
                work.push((succ, known.clone()));
            }
        }
    }
    func.substitute(&loads);
    !loads.is_empty()
}

fn step(
    func: &Function,
    pointers: &Pointers,
    kind: &InstKind,
    result: Option<crate::Value>,
    known: &mut Vec<Entry>,
    loads: &mut Substitution,
) {
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
            let found = known
                .iter()
                .rev()
                .find(|it| it.place == place && it.ty == *ty && place.offset.is_some());
            match found {
                Some(entry) => loads.insert(result, entry.value),
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
            let ty = value.ty(func);
            forget(func, pointers, known, place, ty.size_bytes());
            remember(known, place, ty, loads.resolve(*value));
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

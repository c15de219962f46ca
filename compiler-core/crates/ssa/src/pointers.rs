//! Where addresses lead: which memory an access touches, and whose address got away.
//!
//! Every address is a base and, if known, a distance from it. Two bases that are known to be
//! different objects do not overlap. A slot whose address goes nowhere but into accesses cannot
//! be reached through any other pointer.

use rustc_hash::FxHashMap;
use stdx::DenseMap;

use crate::data::DataKind;
use crate::function::{DataRef, Function, Role, Slot, Value, ValueDef};
use crate::inst::{Callee, InstKind};
use crate::operand::Operand;

/// What an address is counted from.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Base {
    Slot(Slot),
    Data(DataRef),
    /// Fresh memory of this call that an allocation gave.
    Fresh(Value),
    /// A parameter: older than all slots and all fresh memory.
    Param(Value),
    /// Any other address.
    Value(Value),
    /// Null, functions, undefined: no memory that may be accessed.
    Other,
    /// Not followed: may lead anywhere.
    Unknown,
}

/// An address as base and distance.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Place {
    pub base: Base,
    /// In bytes; `None` if it is not known.
    pub offset: Option<i64>,
}

/// What is known of the pointers of a function.
pub struct Pointers {
    places: FxHashMap<Value, Place>,
    escaping_slots: DenseMap<Slot, bool>,
    escaping_fresh: FxHashMap<Value, bool>,
}

/// Chains of address computations that are followed; guessed.
const CHAIN_MAX: usize = 64;

impl Pointers {
    pub fn new(func: &Function) -> Pointers {
        let mut pointers = Pointers {
            places: FxHashMap::default(),
            escaping_slots: DenseMap::filled(false, func.slots.len()),
            escaping_fresh: FxHashMap::default(),
        };
        for block in func.blocks.values() {
            for &inst in &block.insts {
                let data = &func.insts[inst];
                let Some(result) = data.result else { continue };
                let is_address = matches!(data.kind, InstKind::PtrAdd { .. });
                if is_address {
                    let place = find(func, Operand::Value(result));
                    pointers.places.insert(result, place);
                } else if is_allocation(func, &data.kind) {
                    let place = Place {
                        base: Base::Fresh(result),
                        offset: Some(0),
                    };
                    pointers.places.insert(result, place);
                    pointers.escaping_fresh.insert(result, false);
                } else if func.values[result].ty == crate::Type::Ptr {
                    let place = Place {
                        base: Base::Value(result),
                        offset: Some(0),
                    };
                    pointers.places.insert(result, place);
                }
            }
        }
        for param in func.params() {
            let place = Place {
                base: Base::Param(param),
                offset: Some(0),
            };
            pointers.places.insert(param, place);
        }
        pointers.find_escapes(func);
        pointers
    }

    fn find_escapes(&mut self, func: &Function) {
        for block in func.blocks.values() {
            for &inst in &block.insts {
                let kind = func.kind(inst);
                for_each_escaping(func, kind, |operand| self.escape(operand));
                // What an address leads to that was not followed may be anything.
                kind.for_each_operand(|operand| {
                    if self.place(operand).base == Base::Unknown {
                        self.escape(operand);
                    }
                });
            }
            if let Some(operand) = block.terminator.operand() {
                self.escape(operand);
            }
        }
    }

    fn escape(&mut self, operand: &Operand) {
        match self.place(operand).base {
            Base::Slot(slot) => self.escaping_slots[slot] = true,
            Base::Fresh(value) => {
                self.escaping_fresh.insert(value, true);
            }
            Base::Unknown => {
                self.escaping_slots.values_mut().for_each(|it| *it = true);
                self.escaping_fresh.values_mut().for_each(|it| *it = true);
            }
            _ => {}
        }
    }

    /// Where an address leads.
    pub fn place(&self, operand: &Operand) -> Place {
        let exactly = |base, offset| Place {
            base,
            offset: Some(offset),
        };
        match *operand {
            Operand::Slot(slot, offset) => exactly(Base::Slot(slot), offset),
            Operand::Data(data, offset) => exactly(Base::Data(data), offset),
            Operand::Value(value) => self
                .places
                .get(&value)
                .copied()
                .unwrap_or(exactly(Base::Value(value), 0)),
            _ => exactly(Base::Other, 0),
        }
    }

    /// Whether somebody else may hold the address of a slot.
    pub fn escapes(&self, slot: Slot) -> bool {
        self.escaping_slots[slot]
    }

    /// Whether nobody but the accesses of this function can reach what an address leads to.
    pub fn is_private(&self, place: Place) -> bool {
        match place.base {
            Base::Slot(slot) => !self.escapes(slot),
            Base::Fresh(value) => !self.fresh_escapes(value),
            _ => false,
        }
    }

    pub fn fresh_escapes(&self, value: Value) -> bool {
        self.escaping_fresh.get(&value).copied().unwrap_or(true)
    }

    /// Whether two accesses may touch a common byte.
    pub fn may_alias(&self, func: &Function, a: (Place, u64), b: (Place, u64)) -> bool {
        let ((a, a_size), (b, b_size)) = (a, b);
        if a.base == b.base {
            let (Some(x), Some(y)) = (a.offset, b.offset) else {
                return true;
            };
            let (x, y) = (i128::from(x), i128::from(y));
            return x < y + i128::from(b_size) && y < x + i128::from(a_size);
        }
        let distinct = |a: Place, b: Place| match (a.base, b.base) {
            (Base::Slot(_), Base::Slot(_) | Base::Data(_) | Base::Param(_) | Base::Fresh(_)) => {
                true
            }
            (Base::Fresh(_), Base::Fresh(_) | Base::Data(_) | Base::Param(_)) => true,
            (Base::Slot(_) | Base::Fresh(_), Base::Value(_)) => self.is_private(a),
            (Base::Data(x), Base::Data(y)) => is_other_datum(func, x, y),
            (Base::Other, _) => true,
            _ => false,
        };
        !distinct(a, b) && !distinct(b, a)
    }
}

/// Whether an instruction is a call of an allocation function.
pub fn is_allocation(func: &Function, kind: &InstKind) -> bool {
    match kind {
        InstKind::Call {
            callee: Callee::Direct(callee),
            ..
        } => func.funcs[*callee].attrs.role == Role::Allocate,
        _ => false,
    }
}

/// Visits the operands through which an address gets away: it is stored, passed, merged with
/// others, made a number. Reading and writing through it, comparing it and freeing it are not.
pub fn for_each_escaping(func: &Function, kind: &InstKind, mut f: impl FnMut(&Operand)) {
    match kind {
        InstKind::Load { .. } | InstKind::AtomicLoad { .. } | InstKind::PtrAdd { .. } => {}
        InstKind::Store { value, .. } | InstKind::AtomicStore { value, .. } => f(value),
        InstKind::AtomicRmw { value, .. } => f(value),
        InstKind::AtomicCmpxchg { expected, new, .. } => {
            f(expected);
            f(new);
        }
        InstKind::MemCpy { .. } | InstKind::MemMove { .. } | InstKind::MemSet { .. } => {}
        InstKind::Icmp { .. } => {}
        InstKind::Call {
            callee: Callee::Direct(callee),
            args,
        } if func.funcs[*callee].attrs.role == Role::Free => {
            args.iter().skip(1).for_each(f);
        }
        _ => kind.for_each_operand(f),
    }
}

fn find(func: &Function, operand: Operand) -> Place {
    let mut at = operand;
    let mut offset = Some(0i64);
    for _ in 0..CHAIN_MAX {
        let base = match at {
            Operand::Slot(slot, more) => {
                offset = offset.map(|it| it.wrapping_add(more));
                Base::Slot(slot)
            }
            Operand::Data(data, more) => {
                offset = offset.map(|it| it.wrapping_add(more));
                Base::Data(data)
            }
            Operand::Value(value) => match func.values[value].def {
                ValueDef::Param(_) => Base::Param(value),
                ValueDef::Inst(inst) => match func.kind(inst) {
                    InstKind::PtrAdd { ptr, offset: more } => {
                        offset = match (offset, more) {
                            (Some(it), Operand::Int(_, bits)) => {
                                Some(it.wrapping_add(*bits as u64 as i64))
                            }
                            _ => None,
                        };
                        at = *ptr;
                        continue;
                    }
                    kind if is_allocation(func, kind) => Base::Fresh(value),
                    _ => Base::Value(value),
                },
            },
            _ => Base::Other,
        };
        return Place { base, offset };
    }
    // Too long a chain: nothing is known, not even that it is not a slot.
    Place {
        base: Base::Unknown,
        offset: None,
    }
}

fn is_other_datum(func: &Function, a: DataRef, b: DataRef) -> bool {
    match (&func.datas[a].kind, &func.datas[b].kind) {
        (DataKind::Extern { symbol: a, .. }, DataKind::Extern { symbol: b, .. }) => a != b,
        (a, b) => a != b,
    }
}

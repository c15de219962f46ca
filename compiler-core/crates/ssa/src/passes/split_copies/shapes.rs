//! Which slots fall apart, and into which parts.

use std::collections::BTreeMap;

use stdx::DenseMap;

use crate::function::{Function, Slot};
use crate::inst::InstKind;
use crate::operand::Operand;
use crate::types::Type;

/// Parts that one copy may become; beyond, the copy is the better code. Guessed.
const PARTS_MAX: usize = 16;
/// Rounds of passing parts along copies: the longest chain that is followed. Guessed.
const ROUNDS_MAX: usize = 16;

/// Offset and type of the parts of a slot, or of a range, in order.
type Parts = Vec<(i64, Type)>;

/// The parts of each slot.
pub(super) struct Shapes {
    parts: DenseMap<Slot, BTreeMap<i64, Type>>,
    /// Slots that are not taken apart.
    opaque: DenseMap<Slot, bool>,
    /// Slots that some copy or fill touches; the others are left as they are.
    touched: DenseMap<Slot, bool>,
}

/// A `memcpy` of a constant size.
pub(super) struct Move {
    dst: Option<(Slot, i64)>,
    src: Option<(Slot, i64)>,
    size: i64,
}

/// A `memset` of a slot with a constant byte and size.
pub(super) struct Fill {
    slot: Slot,
    offset: i64,
    size: i64,
    byte: u8,
}

impl Move {
    pub(super) fn of(kind: &InstKind) -> Option<Move> {
        let InstKind::MemCpy { dst, src, size, .. } = kind else {
            return None;
        };
        let size = i64::try_from(size.const_bits()?).ok()?;
        let (dst, src) = (place(dst), place(src));
        let same = dst.zip(src).is_some_and(|((dst, _), (src, _))| dst == src);
        (!same).then_some(Move { dst, src, size })
    }
}

impl Fill {
    pub(super) fn of(kind: &InstKind) -> Option<Fill> {
        let InstKind::MemSet {
            dst, byte, size, ..
        } = kind
        else {
            return None;
        };
        let (slot, offset) = place(dst)?;
        let size = i64::try_from(size.const_bits()?).ok()?;
        Some(Fill {
            slot,
            offset,
            size,
            byte: byte.const_bits()? as u8,
        })
    }

    /// A part's value after the fill.
    pub(super) fn value(&self, ty: Type) -> Option<Operand> {
        let bits = u128::from_le_bytes([self.byte; 16]) & ty.mask();
        Operand::from_bits(ty, bits)
    }
}

fn place(operand: &Operand) -> Option<(Slot, i64)> {
    match *operand {
        Operand::Slot(slot, offset) => Some((slot, offset)),
        _ => None,
    }
}

impl Shapes {
    pub(super) fn find(func: &Function) -> Shapes {
        let count = func.slots.len();
        let mut shapes = Shapes {
            parts: DenseMap::filled(BTreeMap::new(), count),
            opaque: DenseMap::filled(false, count),
            touched: DenseMap::filled(false, count),
        };
        let (mut moves, mut fills) = (Vec::new(), Vec::new());
        for block in func.blocks.values() {
            for &inst in &block.insts {
                shapes.collect(func, func.kind(inst), &mut moves, &mut fills);
            }
            block
                .terminator
                .operand()
                .into_iter()
                .for_each(|operand| shapes.escape(operand));
        }
        // Gaps are filled when all parts are known: fewer and larger fillers, no conflicts.
        let settled =
            shapes.settle(func, &moves, &fills, false) && shapes.settle(func, &moves, &fills, true);
        if !settled {
            shapes.opaque = DenseMap::filled(true, count);
        }
        shapes
    }

    /// Whether loads and stores of the slot's truth values go by their byte.
    pub(super) fn is_split(&self, slot: Slot) -> bool {
        self.touched[slot] && !self.opaque[slot]
    }

    /// What a copy becomes, with offsets from its start; `None` if it stays.
    pub(super) fn parts_of_move(&self, copy: &Move) -> Option<Parts> {
        let side = |side: Option<(Slot, i64)>| side.filter(|(slot, _)| !self.opaque[*slot]);
        let (slot, offset) = side(copy.dst).or(side(copy.src))?;
        Some(self.range(slot, offset, copy.size))
    }

    pub(super) fn parts_of_fill(&self, fill: &Fill) -> Option<Parts> {
        let Fill {
            slot, offset, size, ..
        } = *fill;
        (!self.opaque[slot]).then(|| self.range(slot, offset, size))
    }

    fn range(&self, slot: Slot, offset: i64, size: i64) -> Parts {
        let inside = self.parts[slot].range(offset..offset + size);
        inside.map(|(at, ty)| (at - offset, *ty)).collect()
    }

    fn escape(&mut self, operand: &Operand) {
        if let Operand::Slot(slot, _) = operand {
            self.opaque[*slot] = true;
        }
    }

    fn collect(
        &mut self,
        func: &Function,
        kind: &InstKind,
        moves: &mut Vec<Move>,
        fills: &mut Vec<Fill>,
    ) {
        match *kind {
            InstKind::Load {
                ty,
                ptr: Operand::Slot(slot, offset),
                volatile: false,
                ..
            } => {
                self.add(func, slot, offset, ty);
            }
            InstKind::Store {
                value,
                ptr: Operand::Slot(slot, offset),
                volatile: false,
                ..
            } => {
                self.add(func, slot, offset, value.ty(func));
                self.escape(&value);
            }
            _ => {
                if let Some(copy) = Move::of(kind) {
                    for (slot, offset) in copy.dst.into_iter().chain(copy.src) {
                        self.touch(func, slot, offset, copy.size);
                    }
                    moves.push(copy);
                } else if let Some(fill) = Fill::of(kind) {
                    self.touch(func, fill.slot, fill.offset, fill.size);
                    fills.push(fill);
                } else {
                    kind.for_each_operand(|operand| self.escape(operand));
                }
            }
        }
    }

    fn touch(&mut self, func: &Function, slot: Slot, offset: i64, size: i64) {
        self.touched[slot] = true;
        let end = i128::from(offset) + i128::from(size);
        if offset < 0 || end > i128::from(func.slots[slot].size) {
            self.opaque[slot] = true;
        }
    }

    /// Adds a part; the slot becomes opaque if it does not go with the others.
    fn add(&mut self, func: &Function, slot: Slot, offset: i64, ty: Type) -> bool {
        let ty = if ty == Type::I1 { Type::I8 } else { ty };
        if self.opaque[slot] || self.parts[slot].get(&offset) == Some(&ty) {
            return false;
        }
        let end = |at: i64, ty: Type| i128::from(at) + i128::from(ty.size_bytes());
        let before = self.parts[slot].range(..=offset).next_back();
        let after = self.parts[slot].range(offset..).next();
        let fits = before.is_none_or(|(&at, &ty)| end(at, ty) <= i128::from(offset))
            && after.is_none_or(|(&at, _)| end(offset, ty) <= i128::from(at))
            && offset >= 0
            && end(offset, ty) <= i128::from(func.slots[slot].size);
        if fits {
            self.parts[slot].insert(offset, ty);
        } else {
            self.opaque[slot] = true;
        }
        true
    }

    /// Passes parts along copies until nothing changes; whether that came about.
    fn settle(&mut self, func: &Function, moves: &[Move], fills: &[Fill], fill_gaps: bool) -> bool {
        for _ in 0..ROUNDS_MAX {
            let mut changed = false;
            for copy in moves {
                changed |= self.settle_move(func, copy, fill_gaps);
            }
            for fill in fills
                .iter()
                .filter(|fill| !self.opaque[fill.slot])
                .collect::<Vec<_>>()
            {
                let has_null = fill.value(Type::Ptr).is_some();
                let parts = self.range(fill.slot, fill.offset, fill.size);
                let fits = has_null || parts.iter().all(|(_, ty)| *ty != Type::Ptr);
                changed |= self.check_range(fill.slot, fill.offset, fill.size);
                if !fits {
                    self.opaque[fill.slot] = true;
                    changed = true;
                }
            }
            if !changed {
                return true;
            }
        }
        false
    }

    fn settle_move(&mut self, func: &Function, copy: &Move, fill_gaps: bool) -> bool {
        let mut changed = false;
        for (slot, offset) in copy.dst.into_iter().chain(copy.src) {
            if !self.opaque[slot] {
                changed |= self.check_range(slot, offset, copy.size);
            }
        }
        let open = |side: Option<(Slot, i64)>| side.filter(|(slot, _)| !self.opaque[*slot]);
        match (open(copy.dst), open(copy.src)) {
            (Some(dst), Some(src)) => {
                for (from, to) in [(src, dst), (dst, src)] {
                    for (at, ty) in self.range(from.0, from.1, copy.size) {
                        changed |= self.add(func, to.0, to.1 + at, ty);
                    }
                }
            }
            (Some((slot, offset)), None) | (None, Some((slot, offset))) if fill_gaps => {
                for (at, ty) in gaps(&self.range(slot, offset, copy.size), copy.size) {
                    changed |= self.add(func, slot, offset + at, ty);
                }
            }
            _ => {}
        }
        changed
    }

    /// Gives up a slot if a range cuts one of its parts in two or has too many.
    fn check_range(&mut self, slot: Slot, offset: i64, size: i64) -> bool {
        let end = offset + size;
        let cut = |&(&at, &ty): &(&i64, &Type)| {
            let part_end = at + ty.size_bytes() as i64;
            at < offset && part_end > offset || at < end && part_end > end
        };
        let is_cut = self.parts[slot].range(..end).any(|part| cut(&part));
        let count = self.parts[slot].range(offset..end).count();
        let gives_up = is_cut || count > PARTS_MAX || size > 16 * PARTS_MAX as i64;
        self.opaque[slot] |= gives_up;
        gives_up
    }
}

/// Integers over the bytes between parts, as large as their offsets allow.
fn gaps(parts: &Parts, size: i64) -> Parts {
    let mut fillers = Vec::new();
    let mut at = 0;
    let ends = parts
        .iter()
        .map(|&(start, ty)| (start, start + ty.size_bytes() as i64));
    for (start, end) in ends.chain([(size, size)]) {
        while at < start {
            let fits = |ty: &Type| {
                let bytes = ty.size_bytes() as i64;
                at % bytes == 0 && at + bytes <= start
            };
            let ty = [Type::I64, Type::I32, Type::I16].into_iter().find(fits);
            let ty = ty.unwrap_or(Type::I8);
            fillers.push((at, ty));
            at += ty.size_bytes() as i64;
        }
        at = at.max(end);
    }
    fillers
}

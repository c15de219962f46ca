//! Replaces copies and fills of local aggregates by loads and stores of their
//! parts, so that `promote_slots` can turn the parts into values.
//!
//! A slot takes part when its address goes nowhere but into plain loads, stores,
//! `memcpy` and `memset`. Its shape is the set of its parts: what is loaded and
//! stored, what the slots it is copied to or from have as parts, and, where it
//! is copied to or from other memory, integers over the bytes in between.
//!
//! Safe because parts do not overlap and no copy cuts one in two. Bytes outside
//! of all parts are never read. A truth value counts as its byte: the memory it
//! is copied from may hold another variant's data there, which must survive.
//!
//! ```text
//!   store i32 %0, s0 align 4             store i32 %0, s0 align 4
//!   memcpy s1 align 4, s0 align 4, 8 →   %1 = load i32, s0 align 4
//!                                        store i32 %1, s1 align 4
//!   %2 = load i32, s1 align 4            %2 = load i32, s1 align 4
//! ```

mod shapes;

use self::shapes::{Fill, Move, Shapes};
use crate::function::{Function, Inst, Loc};
use crate::inst::{CastOp, InstKind};
use crate::operand::Operand;
use crate::types::Type;

pub fn split_copies(func: &mut Function) -> bool {
    let shapes = Shapes::find(func);
    let mut changed = false;
    for block in func.blocks.keys() {
        let mut emitter = Emitter {
            insts: Vec::new(),
            loc: None,
        };
        for inst in std::mem::take(&mut func.blocks[block].insts) {
            emitter.loc = func.insts[inst].loc;
            changed |= split(func, &shapes, inst, &mut emitter);
        }
        func.blocks[block].insts = emitter.insts;
    }
    changed
}

/// The instructions of a block as it becomes.
struct Emitter {
    insts: Vec<Inst>,
    loc: Option<Loc>,
}

impl Emitter {
    fn emit(&mut self, func: &mut Function, kind: InstKind) -> Operand {
        let inst = func.make_inst(kind, self.loc);
        self.insts.push(inst);
        func.insts[inst]
            .result
            .map_or(Operand::Null, Operand::Value)
    }

    fn load(&mut self, func: &mut Function, ty: Type, ptr: Operand, align: u32) -> Operand {
        self.emit(
            func,
            InstKind::Load {
                ty,
                ptr,
                align,
                volatile: false,
            },
        )
    }

    fn store(&mut self, func: &mut Function, value: Operand, ptr: Operand, align: u32) {
        self.emit(
            func,
            InstKind::Store {
                value,
                ptr,
                align,
                volatile: false,
            },
        );
    }

    /// The address `offset` bytes past another.
    fn address(&mut self, func: &mut Function, base: Operand, offset: i64) -> Operand {
        match base {
            _ if offset == 0 => base,
            Operand::Slot(slot, at) => Operand::Slot(slot, at.wrapping_add(offset)),
            Operand::Data(data, at) => Operand::Data(data, at.wrapping_add(offset)),
            ptr => self.emit(
                func,
                InstKind::PtrAdd {
                    ptr,
                    offset: Operand::i64(offset),
                },
            ),
        }
    }
}

/// Emits what becomes of an instruction; whether that is something else.
fn split(func: &mut Function, shapes: &Shapes, inst: Inst, emitter: &mut Emitter) -> bool {
    let data = &func.insts[inst];
    if let InstKind::MemCpy {
        dst,
        src,
        dst_align,
        src_align,
        ..
    } = data.kind
        && let Some(copy) = Move::of(&data.kind)
        && let Some(parts) = shapes.parts_of_move(&copy)
    {
        for (offset, ty) in parts {
            let from = emitter.address(func, src, offset);
            let value = emitter.load(func, ty, from, align_at(src_align, offset));
            let to = emitter.address(func, dst, offset);
            emitter.store(func, value, to, align_at(dst_align, offset));
        }
        return true;
    }
    if let InstKind::MemSet { dst, align, .. } = data.kind
        && let Some(fill) = Fill::of(&data.kind)
        && let Some(parts) = shapes.parts_of_fill(&fill)
    {
        for (offset, ty) in parts {
            let Some(value) = fill.value(ty) else {
                continue;
            };
            let to = emitter.address(func, dst, offset);
            emitter.store(func, value, to, align_at(align, offset));
        }
        return true;
    }
    split_truth(func, shapes, inst, emitter)
}

/// Loads and stores of truth values go by their byte.
fn split_truth(func: &mut Function, shapes: &Shapes, inst: Inst, emitter: &mut Emitter) -> bool {
    match func.insts[inst].kind {
        InstKind::Load {
            ty: Type::I1,
            ptr: ptr @ Operand::Slot(slot, _),
            align,
            ..
        } if shapes.is_split(slot) => {
            let byte = emitter.load(func, Type::I8, ptr, align);
            func.insts[inst].kind = InstKind::Cast {
                op: CastOp::Trunc,
                arg: byte,
                to: Type::I1,
            };
            emitter.insts.push(inst);
            true
        }
        InstKind::Store {
            value,
            ptr: ptr @ Operand::Slot(slot, _),
            align,
            ..
        } if value.ty(func) == Type::I1 && shapes.is_split(slot) => {
            let widen = InstKind::Cast {
                op: CastOp::Zext,
                arg: value,
                to: Type::I8,
            };
            let byte = emitter.emit(func, widen);
            emitter.store(func, byte, ptr, align);
            true
        }
        _ => {
            emitter.insts.push(inst);
            false
        }
    }
}

/// The alignment that remains at an offset.
fn align_at(align: u32, offset: i64) -> u32 {
    let of_offset = 1u32 << offset.trailing_zeros().min(31);
    if offset == 0 {
        align
    } else {
        align.min(of_offset)
    }
}

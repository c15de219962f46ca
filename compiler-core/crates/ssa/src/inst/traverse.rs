//! Visiting the operands of instructions and the targets of terminators.

use super::{Callee, InstKind, Terminator};
use crate::function::Block;
use crate::operand::Operand;

impl InstKind {
    /// Visits what the instruction reads, in text order.
    pub fn for_each_operand(&self, mut f: impl FnMut(&Operand)) {
        match self {
            InstKind::Binary { lhs, rhs, .. }
            | InstKind::Icmp { lhs, rhs, .. }
            | InstKind::Fcmp { lhs, rhs, .. } => {
                f(lhs);
                f(rhs);
            }
            InstKind::FNeg { arg } | InstKind::Cast { arg, .. } => f(arg),
            InstKind::Select {
                cond,
                on_true,
                on_false,
            } => [cond, on_true, on_false].into_iter().for_each(f),
            InstKind::Load { ptr, .. } | InstKind::AtomicLoad { ptr, .. } => f(ptr),
            InstKind::Store { value, ptr, .. } | InstKind::AtomicStore { value, ptr, .. } => {
                f(value);
                f(ptr);
            }
            InstKind::PtrAdd { ptr, offset } => {
                f(ptr);
                f(offset);
            }
            InstKind::MemCpy { dst, src, size, .. } | InstKind::MemMove { dst, src, size, .. } => {
                [dst, src, size].into_iter().for_each(f);
            }
            InstKind::MemSet {
                dst, byte, size, ..
            } => [dst, byte, size].into_iter().for_each(f),
            InstKind::Call { callee, args } => {
                if let Callee::Indirect { ptr, .. } = callee {
                    f(ptr);
                }
                args.iter().for_each(f);
            }
            InstKind::Intrinsic { args, .. } => args.iter().for_each(f),
            InstKind::AtomicRmw { ptr, value, .. } => {
                f(ptr);
                f(value);
            }
            InstKind::AtomicCmpxchg {
                ptr, expected, new, ..
            } => [ptr, expected, new].into_iter().for_each(f),
            InstKind::Fence { .. } => {}
            InstKind::Phi { args, .. } => args.iter().for_each(|(_, operand)| f(operand)),
        }
    }

    /// Visits what the instruction reads, to change it.
    pub fn for_each_operand_mut(&mut self, mut f: impl FnMut(&mut Operand)) {
        match self {
            InstKind::Binary { lhs, rhs, .. }
            | InstKind::Icmp { lhs, rhs, .. }
            | InstKind::Fcmp { lhs, rhs, .. } => {
                f(lhs);
                f(rhs);
            }
            InstKind::FNeg { arg } | InstKind::Cast { arg, .. } => f(arg),
            InstKind::Select {
                cond,
                on_true,
                on_false,
            } => [cond, on_true, on_false].into_iter().for_each(f),
            InstKind::Load { ptr, .. } | InstKind::AtomicLoad { ptr, .. } => f(ptr),
            InstKind::Store { value, ptr, .. } | InstKind::AtomicStore { value, ptr, .. } => {
                f(value);
                f(ptr);
            }
            InstKind::PtrAdd { ptr, offset } => {
                f(ptr);
                f(offset);
            }
            InstKind::MemCpy { dst, src, size, .. } | InstKind::MemMove { dst, src, size, .. } => {
                [dst, src, size].into_iter().for_each(f);
            }
            InstKind::MemSet {
                dst, byte, size, ..
            } => [dst, byte, size].into_iter().for_each(f),
            InstKind::Call { callee, args } => {
                if let Callee::Indirect { ptr, .. } = callee {
                    f(ptr);
                }
                args.iter_mut().for_each(f);
            }
            InstKind::Intrinsic { args, .. } => args.iter_mut().for_each(f),
            InstKind::AtomicRmw { ptr, value, .. } => {
                f(ptr);
                f(value);
            }
            InstKind::AtomicCmpxchg {
                ptr, expected, new, ..
            } => [ptr, expected, new].into_iter().for_each(f),
            InstKind::Fence { .. } => {}
            InstKind::Phi { args, .. } => args.iter_mut().for_each(|(_, operand)| f(operand)),
        }
    }

    pub fn is_phi(&self) -> bool {
        matches!(self, InstKind::Phi { .. })
    }
}

impl Terminator {
    /// The target blocks in text order; a block may come twice.
    pub fn successors(&self) -> impl Iterator<Item = Block> + '_ {
        let (cases, rest): (&[(u128, Block)], [Option<Block>; 2]) = match self {
            Terminator::Jump(target) => (&[], [Some(*target), None]),
            Terminator::Branch {
                on_true, on_false, ..
            } => (&[], [Some(*on_true), Some(*on_false)]),
            Terminator::Switch { cases, default, .. } => (cases, [Some(*default), None]),
            Terminator::Invoke { normal, cleanup } => (&[], [Some(*normal), Some(*cleanup)]),
            Terminator::Return(_) | Terminator::Resume | Terminator::Unreachable => {
                (&[], [None, None])
            }
        };
        cases
            .iter()
            .map(|(_, target)| *target)
            .chain(rest.into_iter().flatten())
    }

    pub fn for_each_successor_mut(&mut self, mut f: impl FnMut(&mut Block)) {
        match self {
            Terminator::Jump(target) => f(target),
            Terminator::Branch {
                on_true, on_false, ..
            } => {
                f(on_true);
                f(on_false);
            }
            Terminator::Switch { cases, default, .. } => {
                cases.iter_mut().for_each(|(_, target)| f(target));
                f(default);
            }
            Terminator::Invoke { normal, cleanup } => {
                f(normal);
                f(cleanup);
            }
            Terminator::Return(_) | Terminator::Resume | Terminator::Unreachable => {}
        }
    }

    pub fn operand(&self) -> Option<&Operand> {
        match self {
            Terminator::Branch { cond, .. } => Some(cond),
            Terminator::Switch { value, .. } => Some(value),
            Terminator::Return(result) => result.as_ref(),
            Terminator::Jump(_)
            | Terminator::Invoke { .. }
            | Terminator::Resume
            | Terminator::Unreachable => None,
        }
    }

    pub fn operand_mut(&mut self) -> Option<&mut Operand> {
        match self {
            Terminator::Branch { cond, .. } => Some(cond),
            Terminator::Switch { value, .. } => Some(value),
            Terminator::Return(result) => result.as_mut(),
            Terminator::Jump(_)
            | Terminator::Invoke { .. }
            | Terminator::Resume
            | Terminator::Unreachable => None,
        }
    }
}

//! Rules 2, 3 and 6: the types, calls and memory accesses of one instruction.

use super::Verifier;
use crate::function::Inst;
use crate::inst::{BinaryOp, Callee, CastOp, InstKind, Intrinsic, Ordering};
use crate::operand::Operand;
use crate::types::{Signature, Type};

impl Verifier<'_> {
    pub(super) fn inst_types(&mut self, inst: Inst) {
        let func = self.func;
        let kind = func.kind(inst);
        kind.for_each_operand(|operand| self.constant(operand));
        if let (Some(result), Some(ty)) = (func.insts[inst].result, func.result_type(kind)) {
            let claimed = func.values[result].ty;
            self.check(claimed == ty, || {
                format!("{result} is {claimed}, but defined as {ty}")
            });
        }
        match kind {
            InstKind::Binary { op, lhs, rhs } => self.binary(*op, lhs, rhs),
            InstKind::FNeg { arg } => self.expect_float(arg.ty(func)),
            InstKind::Icmp { lhs, rhs, .. } => {
                let ty = lhs.ty(func);
                self.check(ty.is_int() || ty == Type::Ptr, || format!("icmp of {ty}"));
                self.expect_type(rhs, ty);
            }
            InstKind::Fcmp { lhs, rhs, .. } => {
                self.expect_float(lhs.ty(func));
                self.expect_type(rhs, lhs.ty(func));
            }
            InstKind::Cast { op, arg, to } => self.cast(*op, arg.ty(func), *to),
            InstKind::Select {
                cond,
                on_true,
                on_false,
            } => {
                self.expect_type(cond, Type::I1);
                self.expect_type(on_false, on_true.ty(func));
            }
            InstKind::Load { ptr, align, .. } => self.access(ptr, *align),
            InstKind::Store { ptr, align, .. } => self.access(ptr, *align),
            InstKind::PtrAdd { ptr, offset } => {
                self.expect_type(ptr, Type::Ptr);
                self.expect_type(offset, Type::I64);
            }
            InstKind::MemCpy {
                dst,
                src,
                size,
                dst_align,
                src_align,
            }
            | InstKind::MemMove {
                dst,
                src,
                size,
                dst_align,
                src_align,
            } => {
                self.access(dst, *dst_align);
                self.access(src, *src_align);
                self.expect_type(size, Type::I64);
            }
            InstKind::MemSet {
                dst,
                byte,
                size,
                align,
            } => {
                self.access(dst, *align);
                self.expect_type(byte, Type::I8);
                self.expect_type(size, Type::I64);
            }
            InstKind::Call { callee, args } => {
                if let Callee::Indirect { ptr, .. } = callee {
                    self.expect_type(ptr, Type::Ptr);
                }
                self.call(func.callee_signature(callee), args);
            }
            InstKind::Intrinsic { op, ty, args } => self.intrinsic(*op, *ty, args),
            InstKind::Phi { ty, args } => {
                for (_, operand) in args {
                    self.expect_type(operand, *ty);
                }
            }
            InstKind::AtomicLoad { .. }
            | InstKind::AtomicStore { .. }
            | InstKind::AtomicRmw { .. }
            | InstKind::AtomicCmpxchg { .. }
            | InstKind::Fence { .. } => self.atomic(kind),
        }
    }

    pub(super) fn expect_type(&mut self, operand: &Operand, expected: Type) {
        let found = operand.ty(self.func);
        self.check(found == expected, || {
            format!("expected {expected}, found {found}")
        });
        // Terminators have no loop over their operands of their own.
        if self.inst.is_none() {
            self.constant(operand);
        }
    }

    fn expect_float(&mut self, ty: Type) {
        self.check(ty.is_float(), || format!("expected a float, found {ty}"));
    }

    fn constant(&mut self, operand: &Operand) {
        if let Operand::Int(ty, bits) = *operand {
            let fits = ty.is_int() && bits <= ty.mask();
            self.check(fits, || format!("{bits} is no constant of type {ty}"));
        }
    }

    fn binary(&mut self, op: BinaryOp, lhs: &Operand, rhs: &Operand) {
        let ty = lhs.ty(self.func);
        let fits = if op.is_float() {
            ty.is_float()
        } else {
            ty.is_int()
        };
        self.check(fits, || format!("{} of {ty}", op.name()));
        self.expect_type(rhs, ty);
    }

    fn cast(&mut self, op: CastOp, from: Type, to: Type) {
        let both_int = from.is_int() && to.is_int();
        let both_float = from.is_float() && to.is_float();
        let fits = match op {
            CastOp::Trunc => both_int && from.bits() > to.bits(),
            CastOp::Zext | CastOp::Sext => both_int && from.bits() < to.bits(),
            CastOp::FpTrunc => both_float && from.bits() > to.bits(),
            CastOp::FpExt => both_float && from.bits() < to.bits(),
            CastOp::FpToSiSat | CastOp::FpToUiSat => from.is_float() && to.is_int(),
            CastOp::SiToFp | CastOp::UiToFp => from.is_int() && to.is_float(),
            CastOp::PtrToInt => from == Type::Ptr && to.is_int(),
            CastOp::IntToPtr => from.is_int() && to == Type::Ptr,
            CastOp::Bitcast => {
                let kinds_differ = from.is_int() && to.is_float() || from.is_float() && to.is_int();
                kinds_differ && from.bits() == to.bits()
            }
        };
        self.check(fits, || format!("{} from {from} to {to}", op.name()));
    }

    fn call(&mut self, signature: &Signature, args: &[Operand]) {
        let (wanted, given) = (signature.params.len(), args.len());
        let fits = if signature.varargs {
            given >= wanted
        } else {
            given == wanted
        };
        self.check(fits, || {
            format!("{given} arguments for {wanted} parameters")
        });
        for (arg, &ty) in args.iter().zip(&signature.params) {
            self.expect_type(arg, ty);
        }
    }

    fn intrinsic(&mut self, op: Intrinsic, ty: Type, args: &[Operand]) {
        let fits = match op {
            Intrinsic::Trap => ty == Type::I1,
            Intrinsic::Bswap => ty.is_int() && ty.bits() >= 8,
            op if op.is_float() => ty.is_float(),
            _ => ty.is_int(),
        };
        self.check(fits, || format!("{} of {ty}", op.name()));
        let (wanted, given) = (op.arg_count(), args.len());
        self.check(wanted == given, || {
            format!("{given} arguments for {wanted} parameters")
        });
        for (index, arg) in args.iter().enumerate() {
            self.expect_type(arg, op.arg_type(ty, index));
        }
    }

    fn access(&mut self, ptr: &Operand, align: u32) {
        self.expect_type(ptr, Type::Ptr);
        self.check(align.is_power_of_two(), || format!("alignment {align}"));
    }

    fn atomic(&mut self, kind: &InstKind) {
        use Ordering::*;
        let func = self.func;
        let (ptr, ty, fits) = match kind {
            InstKind::AtomicLoad { ty, ptr, ordering } => (
                Some(ptr),
                *ty,
                matches!(ordering, Relaxed | Acquire | SeqCst),
            ),
            InstKind::AtomicStore {
                value,
                ptr,
                ordering,
            } => (
                Some(ptr),
                value.ty(func),
                matches!(ordering, Relaxed | Release | SeqCst),
            ),
            InstKind::AtomicRmw { ptr, value, .. } => (Some(ptr), value.ty(func), true),
            InstKind::AtomicCmpxchg {
                ptr,
                expected,
                new,
                failure,
                ..
            } => {
                self.expect_type(new, expected.ty(func));
                (
                    Some(ptr),
                    expected.ty(func),
                    matches!(failure, Relaxed | Acquire | SeqCst),
                )
            }
            InstKind::Fence { ordering } => (None, Type::I64, *ordering != Relaxed),
            _ => return,
        };
        if let Some(ptr) = ptr {
            self.expect_type(ptr, Type::Ptr);
        }
        let is_cell = ty == Type::Ptr || ty.is_int() && ty != Type::I1;
        self.check(is_cell, || format!("atomic access of {ty}"));
        self.check(fits, || "this ordering does not fit the access".into());
    }
}

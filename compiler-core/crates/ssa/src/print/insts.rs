//! Instructions, terminators and operands as text.

use std::fmt::{self, Display, Formatter};

use super::{SignatureText, Symbol, volatile_suffix, write_loc};
use crate::function::{Function, Inst};
use crate::inst::{Callee, InstKind, Terminator};
use crate::operand::Operand;
use crate::types::Type;

pub(super) struct InstText<'a>(pub(super) &'a Function, pub(super) Inst);

impl Display for InstText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let data = &self.0.insts[self.1];
        if let Some(result) = data.result {
            write!(f, "{result} = ")?;
        }
        write_kind(f, self.0, &data.kind)?;
        write_loc(f, data.loc)
    }
}

fn write_kind(f: &mut Formatter<'_>, func: &Function, kind: &InstKind) -> fmt::Result {
    let op = |operand| func.operand_text(operand);
    let ty = |operand| func.printed_type(operand);
    match kind {
        InstKind::Binary { op: name, lhs, rhs } => {
            write!(f, "{} {} {}, {}", name.name(), ty(lhs), op(lhs), op(rhs))
        }
        InstKind::FNeg { arg } => write!(f, "fneg {} {}", ty(arg), op(arg)),
        InstKind::Icmp { cond, lhs, rhs } => {
            write!(
                f,
                "icmp {} {} {}, {}",
                cond.name(),
                ty(lhs),
                op(lhs),
                op(rhs)
            )
        }
        InstKind::Fcmp { cond, lhs, rhs } => {
            write!(
                f,
                "fcmp {} {} {}, {}",
                cond.name(),
                ty(lhs),
                op(lhs),
                op(rhs)
            )
        }
        InstKind::Cast { op: name, arg, to } => {
            write!(f, "{} {} {} to {to}", name.name(), ty(arg), op(arg))
        }
        InstKind::Select {
            cond,
            on_true,
            on_false,
        } => {
            write!(
                f,
                "select {}, {} {}, {}",
                op(cond),
                ty(on_true),
                op(on_true),
                op(on_false)
            )
        }
        InstKind::Load {
            ty,
            ptr,
            align,
            volatile,
        } => {
            write!(
                f,
                "load {ty}, {} align {align}{}",
                op(ptr),
                volatile_suffix(*volatile)
            )
        }
        InstKind::Store {
            value,
            ptr,
            align,
            volatile,
        } => {
            let volatile = volatile_suffix(*volatile);
            write!(
                f,
                "store {} {}, {} align {align}{volatile}",
                ty(value),
                op(value),
                op(ptr)
            )
        }
        InstKind::PtrAdd { ptr, offset } => write!(f, "ptradd {}, {}", op(ptr), op(offset)),
        InstKind::MemCpy {
            dst,
            src,
            size,
            dst_align,
            src_align,
        } => write!(
            f,
            "memcpy {} align {dst_align}, {} align {src_align}, {}",
            op(dst),
            op(src),
            op(size)
        ),
        InstKind::MemMove {
            dst,
            src,
            size,
            dst_align,
            src_align,
        } => write!(
            f,
            "memmove {} align {dst_align}, {} align {src_align}, {}",
            op(dst),
            op(src),
            op(size)
        ),
        InstKind::MemSet {
            dst,
            byte,
            size,
            align,
        } => {
            write!(
                f,
                "memset {} align {align}, {}, {}",
                op(dst),
                op(byte),
                op(size)
            )
        }
        InstKind::Call { callee, args } => write_call(f, func, callee, args),
        InstKind::Intrinsic { op: name, ty, args } => {
            f.write_str(name.name())?;
            for (index, arg) in args.iter().enumerate() {
                if index == 0 {
                    write!(f, " {ty} {}", op(arg))?;
                } else {
                    write!(f, ", {}", op(arg))?;
                }
            }
            Ok(())
        }
        InstKind::AtomicLoad { ty, ptr, ordering } => {
            write!(f, "atomic_load {ty}, {}, {}", op(ptr), ordering.name())
        }
        InstKind::AtomicStore {
            value,
            ptr,
            ordering,
        } => {
            write!(
                f,
                "atomic_store {} {}, {}, {}",
                ty(value),
                op(value),
                op(ptr),
                ordering.name()
            )
        }
        InstKind::AtomicRmw {
            op: name,
            ptr,
            value,
            ordering,
        } => write!(
            f,
            "atomic_rmw {} {}, {} {}, {}",
            name.name(),
            op(ptr),
            ty(value),
            op(value),
            ordering.name()
        ),
        InstKind::AtomicCmpxchg {
            ptr,
            expected,
            new,
            success,
            failure,
        } => write!(
            f,
            "atomic_cmpxchg {}, {} {}, {}, {}, {}",
            op(ptr),
            ty(expected),
            op(expected),
            op(new),
            success.name(),
            failure.name()
        ),
        InstKind::Fence { ordering } => write!(f, "fence {}", ordering.name()),
        InstKind::Phi { ty, args } => {
            write!(f, "phi {ty}")?;
            for (index, (block, arg)) in args.iter().enumerate() {
                let comma = if index > 0 { "," } else { "" };
                write!(f, "{comma} [{block}: {}]", op(arg))?;
            }
            Ok(())
        }
    }
}

fn write_call(
    f: &mut Formatter<'_>,
    func: &Function,
    callee: &Callee,
    args: &[Operand],
) -> fmt::Result {
    match callee {
        Callee::Direct(target) => {
            let Some(target) = func.funcs.get(*target) else {
                return write!(f, "call <{target}>");
            };
            f.write_str("call ")?;
            if let Some(ty) = target.signature.result {
                write!(f, "{ty} ")?;
            }
            write!(f, "{}", Symbol(&target.symbol))?;
        }
        Callee::Indirect { ptr, signature } => {
            let ptr = func.operand_text(ptr);
            write!(f, "call_indirect {} {ptr}", SignatureText(signature))?;
        }
    }
    f.write_str("(")?;
    for (index, arg) in args.iter().enumerate() {
        let comma = if index > 0 { ", " } else { "" };
        write!(
            f,
            "{comma}{} {}",
            func.printed_type(arg),
            func.operand_text(arg)
        )?;
    }
    f.write_str(")")
}

pub(super) struct TerminatorText<'a>(pub(super) &'a Function, pub(super) &'a Terminator);

impl Display for TerminatorText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let func = self.0;
        match self.1 {
            Terminator::Jump(target) => write!(f, "jump {target}"),
            Terminator::Branch {
                cond,
                on_true,
                on_false,
            } => {
                write!(
                    f,
                    "branch {}, {on_true}, {on_false}",
                    func.operand_text(cond)
                )
            }
            Terminator::Switch {
                value,
                cases,
                default,
            } => {
                let ty = func.printed_type(value);
                write!(f, "switch {ty} {} [", func.operand_text(value))?;
                for (index, (bits, target)) in cases.iter().enumerate() {
                    let comma = if index > 0 { ", " } else { "" };
                    write!(f, "{comma}{}: {target}", Int(ty, *bits))?;
                }
                write!(f, "] else {default}")
            }
            Terminator::Return(None) => f.write_str("return"),
            Terminator::Return(Some(value)) => {
                write!(
                    f,
                    "return {} {}",
                    func.printed_type(value),
                    func.operand_text(value)
                )
            }
            Terminator::Invoke { normal, cleanup } => {
                write!(f, "invoke {normal} unwind {cleanup}")
            }
            Terminator::Resume => f.write_str("resume"),
            Terminator::Unreachable => f.write_str("unreachable"),
        }
    }
}

pub(super) struct OperandText<'a>(pub(super) &'a Function, pub(super) Operand);

impl Display for OperandText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.1 {
            Operand::Value(value) => write!(f, "{value}"),
            Operand::Int(ty, bits) => Int(ty, bits).fmt(f),
            Operand::F32(bits) if f32::from_bits(bits).is_finite() => {
                write!(f, "{:?}", f32::from_bits(bits))
            }
            Operand::F32(bits) => write!(f, "{bits:#010x}"),
            Operand::F64(bits) if f64::from_bits(bits).is_finite() => {
                write!(f, "{:?}", f64::from_bits(bits))
            }
            Operand::F64(bits) => write!(f, "{bits:#018x}"),
            Operand::Null => f.write_str("null"),
            Operand::Undef(_) => f.write_str("undef"),
            Operand::Func(func) => match self.0.funcs.get(func) {
                Some(func) => Symbol(&func.symbol).fmt(f),
                None => write!(f, "<{func}>"),
            },
            Operand::Data(data, offset) => write_address(f, data, offset),
            Operand::Slot(slot, offset) => write_address(f, slot, offset),
        }
    }
}

fn write_address(f: &mut Formatter<'_>, base: impl Display, offset: i64) -> fmt::Result {
    match offset {
        0 => write!(f, "{base}"),
        _ => write!(f, "{base}{offset:+}"),
    }
}

/// An integer constant: signed decimal, truth values by name.
struct Int(Type, u128);

impl Display for Int {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Type::I1 => f.write_str(if self.1 == 0 { "false" } else { "true" }),
            ty => {
                let shift = 128 - ty.bits();
                write!(f, "{}", ((self.1 << shift) as i128) >> shift)
            }
        }
    }
}

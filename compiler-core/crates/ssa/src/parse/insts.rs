//! Instructions and operands.

use std::sync::Arc;

use super::body::Names;
use super::lexer::Token;
use super::{Parser, Result};
use crate::function::{Block, Function};
use crate::inst::{
    AtomicRmwOp, BinaryOp, Callee, CastOp, FloatCond, InstKind, IntCond, Intrinsic, Ordering,
};
use crate::operand::Operand;
use crate::types::Type;

impl Parser {
    /// An instruction, and the type of its result.
    pub(super) fn inst(
        &mut self,
        func: &Function,
        names: &Names,
    ) -> Result<(InstKind, Option<Type>)> {
        let word = self.word()?;
        if let Some(op) = BinaryOp::from_name(&word) {
            let (ty, [lhs, rhs]) = self.typed_operands(names)?;
            return Ok((InstKind::Binary { op, lhs, rhs }, Some(ty)));
        }
        if let Some(op) = CastOp::from_name(&word) {
            let (_, [arg]) = self.typed_operands(names)?;
            self.expect_word("to")?;
            let to = self.ty()?;
            return Ok((InstKind::Cast { op, arg, to }, Some(to)));
        }
        if let Some(op) = Intrinsic::from_name(&word) {
            return self.intrinsic(names, op);
        }
        Ok(match word.as_str() {
            "fneg" => {
                let (ty, [arg]) = self.typed_operands(names)?;
                (InstKind::FNeg { arg }, Some(ty))
            }
            "icmp" => {
                let cond = self.named(IntCond::from_name, "a condition")?;
                let (_, [lhs, rhs]) = self.typed_operands(names)?;
                (InstKind::Icmp { cond, lhs, rhs }, Some(Type::I1))
            }
            "fcmp" => {
                let cond = self.named(FloatCond::from_name, "a condition")?;
                let (_, [lhs, rhs]) = self.typed_operands(names)?;
                (InstKind::Fcmp { cond, lhs, rhs }, Some(Type::I1))
            }
            "select" => {
                let cond = self.operand(names, Type::I1)?;
                self.expect_punct(',')?;
                let (ty, [on_true, on_false]) = self.typed_operands(names)?;
                (
                    InstKind::Select {
                        cond,
                        on_true,
                        on_false,
                    },
                    Some(ty),
                )
            }
            "phi" => {
                let ty = self.ty()?;
                (self.phi(names, ty)?, Some(ty))
            }
            "call" => {
                if self.peek_type().is_some() {
                    self.at += 1;
                }
                let symbol = self.symbol()?;
                let Some(&target) = names.funcs.get(symbol.as_str()) else {
                    return Err(self.expected_before("a declared function"));
                };
                let result = func.funcs[target].signature.result;
                let callee = Callee::Direct(target);
                (
                    InstKind::Call {
                        callee,
                        args: self.args(names)?,
                    },
                    result,
                )
            }
            "call_indirect" => {
                let signature = Arc::new(self.signature(|_| Ok(()))?);
                let result = signature.result;
                let callee = Callee::Indirect {
                    ptr: self.operand(names, Type::Ptr)?,
                    signature,
                };
                (
                    InstKind::Call {
                        callee,
                        args: self.args(names)?,
                    },
                    result,
                )
            }
            other => return self.memory_inst(names, other),
        })
    }

    fn memory_inst(&mut self, names: &Names, word: &str) -> Result<(InstKind, Option<Type>)> {
        Ok(match word {
            "load" => {
                let ty = self.ty()?;
                self.expect_punct(',')?;
                let (ptr, align) = self.aligned(names)?;
                (
                    InstKind::Load {
                        ty,
                        ptr,
                        align,
                        volatile: self.eat_word("volatile"),
                    },
                    Some(ty),
                )
            }
            "store" => {
                let (_, [value]) = self.typed_operands(names)?;
                self.expect_punct(',')?;
                let (ptr, align) = self.aligned(names)?;
                (
                    InstKind::Store {
                        value,
                        ptr,
                        align,
                        volatile: self.eat_word("volatile"),
                    },
                    None,
                )
            }
            "ptradd" => {
                let ptr = self.operand(names, Type::Ptr)?;
                let offset = self.operand_after_comma(names, Type::I64)?;
                (InstKind::PtrAdd { ptr, offset }, Some(Type::Ptr))
            }
            "memcpy" | "memmove" => {
                let (dst, dst_align) = self.aligned(names)?;
                self.expect_punct(',')?;
                let (src, src_align) = self.aligned(names)?;
                let size = self.operand_after_comma(names, Type::I64)?;
                let kind = match word {
                    "memcpy" => InstKind::MemCpy {
                        dst,
                        src,
                        size,
                        dst_align,
                        src_align,
                    },
                    _ => InstKind::MemMove {
                        dst,
                        src,
                        size,
                        dst_align,
                        src_align,
                    },
                };
                (kind, None)
            }
            "memset" => {
                let (dst, align) = self.aligned(names)?;
                let byte = self.operand_after_comma(names, Type::I8)?;
                let size = self.operand_after_comma(names, Type::I64)?;
                (
                    InstKind::MemSet {
                        dst,
                        byte,
                        size,
                        align,
                    },
                    None,
                )
            }
            "atomic_load" => {
                let ty = self.ty()?;
                let ptr = self.operand_after_comma(names, Type::Ptr)?;
                (
                    InstKind::AtomicLoad {
                        ty,
                        ptr,
                        ordering: self.ordering_after_comma()?,
                    },
                    Some(ty),
                )
            }
            "atomic_store" => {
                let (_, [value]) = self.typed_operands(names)?;
                let ptr = self.operand_after_comma(names, Type::Ptr)?;
                let ordering = self.ordering_after_comma()?;
                (
                    InstKind::AtomicStore {
                        value,
                        ptr,
                        ordering,
                    },
                    None,
                )
            }
            "atomic_rmw" => {
                let op = self.named(AtomicRmwOp::from_name, "an atomic operation")?;
                let ptr = self.operand(names, Type::Ptr)?;
                self.expect_punct(',')?;
                let (ty, [value]) = self.typed_operands(names)?;
                let ordering = self.ordering_after_comma()?;
                (
                    InstKind::AtomicRmw {
                        op,
                        ptr,
                        value,
                        ordering,
                    },
                    Some(ty),
                )
            }
            "atomic_cmpxchg" => {
                let ptr = self.operand(names, Type::Ptr)?;
                self.expect_punct(',')?;
                let (ty, [expected, new]) = self.typed_operands(names)?;
                let success = self.ordering_after_comma()?;
                let failure = self.ordering_after_comma()?;
                (
                    InstKind::AtomicCmpxchg {
                        ptr,
                        expected,
                        new,
                        success,
                        failure,
                    },
                    Some(ty),
                )
            }
            "fence" => {
                let ordering = self.named(Ordering::from_name, "an ordering")?;
                (InstKind::Fence { ordering }, None)
            }
            _ => return Err(self.expected_before("an instruction")),
        })
    }

    fn intrinsic(&mut self, names: &Names, op: Intrinsic) -> Result<(InstKind, Option<Type>)> {
        if op.arg_count() == 0 {
            let ty = Type::I1;
            return Ok((
                InstKind::Intrinsic {
                    op,
                    ty,
                    args: Vec::new(),
                },
                op.result_type(ty),
            ));
        }
        let ty = self.ty()?;
        let mut args = vec![self.operand(names, ty)?];
        while self.eat_punct(',') {
            args.push(self.operand(names, op.arg_type(ty, args.len()))?);
        }
        Ok((InstKind::Intrinsic { op, ty, args }, op.result_type(ty)))
    }

    fn phi(&mut self, names: &Names, ty: Type) -> Result<InstKind> {
        let mut args = Vec::new();
        while self.eat_punct('[') {
            let block = self.block_name(names)?;
            self.expect_punct(':')?;
            args.push((block, self.operand(names, ty)?));
            self.expect_punct(']')?;
            self.eat_punct(',');
        }
        Ok(InstKind::Phi { ty, args })
    }

    fn args(&mut self, names: &Names) -> Result<Vec<Operand>> {
        let mut args = Vec::new();
        self.expect_punct('(')?;
        while !self.eat_punct(')') {
            if !args.is_empty() {
                self.expect_punct(',')?;
            }
            let ty = self.ty()?;
            args.push(self.operand(names, ty)?);
        }
        Ok(args)
    }

    /// `i32 %0, %1`: one type for all.
    fn typed_operands<const N: usize>(&mut self, names: &Names) -> Result<(Type, [Operand; N])> {
        let ty = self.ty()?;
        let mut operands = [Operand::Null; N];
        for (index, operand) in operands.iter_mut().enumerate() {
            if index > 0 {
                self.expect_punct(',')?;
            }
            *operand = self.operand(names, ty)?;
        }
        Ok((ty, operands))
    }

    fn aligned(&mut self, names: &Names) -> Result<(Operand, u32)> {
        let ptr = self.operand(names, Type::Ptr)?;
        self.expect_word("align")?;
        Ok((ptr, self.integer()?))
    }

    fn operand_after_comma(&mut self, names: &Names, ty: Type) -> Result<Operand> {
        self.expect_punct(',')?;
        self.operand(names, ty)
    }

    fn ordering_after_comma(&mut self) -> Result<Ordering> {
        self.expect_punct(',')?;
        self.named(Ordering::from_name, "an ordering")
    }

    fn named<T>(&mut self, from_name: fn(&str) -> Option<T>, what: &str) -> Result<T> {
        let word = self.word()?;
        from_name(&word).ok_or_else(|| self.expected_before(what))
    }

    pub(super) fn block_name(&mut self, names: &Names) -> Result<Block> {
        let word = self.word()?;
        names
            .blocks
            .get(&word)
            .copied()
            .ok_or_else(|| self.expected_before("a block"))
    }

    pub(super) fn operand(&mut self, names: &Names, ty: Type) -> Result<Operand> {
        let operand = match self.next() {
            Token::Value(name) => names.values.get(&name).copied().map(Operand::Value),
            Token::Symbol(name) => names.funcs.get(&name).copied().map(Operand::Func),
            Token::Number(number) => number_operand(&number, ty),
            Token::Word(word) => match word.as_str() {
                "true" => Some(Operand::i1(true)),
                "false" => Some(Operand::i1(false)),
                "null" => Some(Operand::Null),
                "undef" => Some(Operand::Undef(ty)),
                _ => {
                    let slot = names.slots.get(&word).copied();
                    let data = names.datas.get(&word).copied();
                    let found = slot.is_some() || data.is_some();
                    let offset = match self.peek() {
                        Token::Number(text) if found && text.starts_with(['+', '-']) => {
                            self.integer()?
                        }
                        _ => 0,
                    };
                    let slot = slot.map(|slot| Operand::Slot(slot, offset));
                    slot.or(data.map(|data| Operand::Data(data, offset)))
                }
            },
            _ => None,
        };
        operand.ok_or_else(|| self.expected_before(&format!("an operand of type {ty}")))
    }
}

fn number_operand(number: &str, ty: Type) -> Option<Operand> {
    let hex = number.strip_prefix("0x");
    Some(match (ty, hex) {
        (Type::F32, Some(hex)) => Operand::F32(u32::from_str_radix(hex, 16).ok()?),
        (Type::F64, Some(hex)) => Operand::F64(u64::from_str_radix(hex, 16).ok()?),
        (Type::F32, None) => Operand::f32(number.parse().ok()?),
        (Type::F64, None) => Operand::f64(number.parse().ok()?),
        (Type::Ptr, _) => return None,
        (_, Some(hex)) => Operand::int(ty, u128::from_str_radix(hex, 16).ok()?),
        (_, None) => match number.parse::<i128>() {
            Ok(signed) => Operand::signed(ty, signed),
            Err(_) => Operand::int(ty, number.parse().ok()?),
        },
    })
}

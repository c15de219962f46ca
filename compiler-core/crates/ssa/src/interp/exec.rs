//! Executes one instruction or terminator after another.

use super::{Frame, HostError, Interpreter, StopReason};
use crate::eval;
use crate::function::{Block, Function, Value};
use crate::inst::{AtomicRmwOp, BinaryOp, Callee, InstKind, IntCond, Intrinsic, Terminator};
use crate::operand::Operand;
use crate::types::Type;

type Result<T, E = StopReason> = std::result::Result<T, E>;

/// Bytes of copying that count as one step; guessed.
const BYTES_PER_STEP: u64 = 64;

impl Interpreter<'_> {
    /// Runs until the outermost call returns.
    pub(super) fn run(&mut self) -> Result<Option<u128>> {
        loop {
            // Held here, so that no step pays for sharing it.
            let func = self.frame()?.func.clone();
            if let Some(result) = self.run_frame(&func)? {
                return Ok(result);
            }
        }
    }

    /// Runs the innermost call until another one is; a result when there is none left.
    fn run_frame(&mut self, func: &Function) -> Result<Option<Option<u128>>> {
        loop {
            self.spend(1)?;
            let frame = self.frame()?;
            let block = &func.blocks[frame.block];
            match block.insts.get(frame.at) {
                Some(&inst) => {
                    frame.at += 1;
                    let data = &func.insts[inst];
                    if let InstKind::Call { callee, args } = &data.kind {
                        if self.call_inst(func, data.result, callee, args)? {
                            return Ok(None);
                        }
                    } else if let Some(bits) = self.inst(func, &data.kind)? {
                        self.set(func, data.result, bits)?;
                    }
                }
                None => {
                    frame.at = block.insts.len() + 1;
                    if let Terminator::Return(result) = &block.terminator {
                        let result = result.as_ref().map(|result| self.operand(func, result));
                        return self.return_(result.transpose()?);
                    }
                    let target = self.target(func, &block.terminator)?;
                    self.enter(func, target)?;
                }
            }
        }
    }

    fn spend(&mut self, steps: u64) -> Result<()> {
        self.steps_left = self
            .steps_left
            .checked_sub(steps)
            .ok_or(StopReason::StepLimit)?;
        Ok(())
    }

    fn frame(&mut self) -> Result<&mut Frame> {
        self.frames.last_mut().ok_or(StopReason::Unreachable)
    }

    /// Ends the innermost call; its result when it was the outermost, too.
    fn return_(&mut self, result: Option<u128>) -> Result<Option<Option<u128>>> {
        let result_to = self.pop_frame()?;
        let Some(caller) = self.frames.last() else {
            return Ok(Some(result));
        };
        if let Some(bits) = result {
            let func = caller.func.clone();
            self.set(&func, result_to, bits)?;
        }
        Ok(None)
    }

    /// Where a block that does not return leads.
    fn target(&mut self, func: &Function, terminator: &Terminator) -> Result<Block> {
        Ok(match terminator {
            // A panic ends the evaluation, so nothing is cleaned up.
            Terminator::Jump(target) | Terminator::Invoke { normal: target, .. } => *target,
            Terminator::Branch {
                cond,
                on_true,
                on_false,
            } => match self.operand(func, cond)? {
                0 => *on_false,
                _ => *on_true,
            },
            Terminator::Switch {
                value,
                cases,
                default,
            } => {
                let bits = self.operand(func, value)?;
                let case = cases.iter().find(|(case, _)| *case == bits);
                case.map_or(*default, |(_, target)| *target)
            }
            Terminator::Return(_) | Terminator::Resume | Terminator::Unreachable => {
                return Err(StopReason::Unreachable);
            }
        })
    }

    /// Goes to a block. Its phis all read before any is written.
    fn enter(&mut self, func: &Function, target: Block) -> Result<()> {
        let from = self.frame()?.block;
        let mut writes = std::mem::take(&mut self.phi_writes);
        for inst in func.phis(target) {
            let data = &func.insts[inst];
            let InstKind::Phi { args, .. } = &data.kind else {
                break;
            };
            let arg = args.iter().find(|(pred, _)| *pred == from);
            let (_, arg) = arg.ok_or(StopReason::BadOperation)?;
            writes.push((data.result, self.operand(func, arg)?));
        }
        let phi_count = writes.len();
        for (value, bits) in writes.drain(..) {
            self.set(func, value, bits)?;
        }
        self.phi_writes = writes;
        let frame = self.frame()?;
        frame.block = target;
        frame.at = phi_count;
        Ok(())
    }

    fn set(&mut self, func: &Function, value: Option<Value>, bits: u128) -> Result<()> {
        if let Some(value) = value {
            let mask = func.values[value].ty.mask();
            self.frame()?.values[value.0 as usize] = bits & mask;
        }
        Ok(())
    }

    fn operand(&mut self, func: &Function, operand: &Operand) -> Result<u128> {
        Ok(match *operand {
            Operand::Value(value) => self.frame()?.values[value.0 as usize],
            Operand::Int(_, bits) => bits,
            Operand::F32(bits) => u128::from(bits),
            Operand::F64(bits) => u128::from(bits),
            Operand::Null | Operand::Undef(_) => 0,
            Operand::Slot(slot, offset) => u128::from(self.frame()?.slot(slot, offset)),
            Operand::Func(target) => {
                u128::from(self.loader.function_address(&func.funcs[target].symbol))
            }
            Operand::Data(data, offset) => {
                let number = self.frame()?.number;
                let base = self.loader.data(number, func, data, &mut self.memory)?;
                u128::from(base.wrapping_add(offset as u64))
            }
        })
    }

    fn address(&mut self, func: &Function, operand: &Operand) -> Result<u64> {
        Ok(self.operand(func, operand)? as u64)
    }

    fn aligned(&mut self, func: &Function, operand: &Operand, align: u64) -> Result<u64> {
        let address = self.address(func, operand)?;
        // Null has its own message.
        if address != 0 && !address.is_multiple_of(align.max(1)) {
            let error = super::memory::AccessError::Misaligned { address, align };
            return Err(error.into());
        }
        Ok(address)
    }

    /// The bits that an instruction other than a call yields.
    fn inst(&mut self, func: &Function, kind: &InstKind) -> Result<Option<u128>> {
        Ok(Some(match kind {
            InstKind::Binary { op, lhs, rhs } => {
                let (a, b) = (self.operand(func, lhs)?, self.operand(func, rhs)?);
                eval::binary(*op, lhs.ty(func), a, b).ok_or(StopReason::BadOperation)?
            }
            InstKind::FNeg { arg } => eval::fneg(arg.ty(func), self.operand(func, arg)?),
            InstKind::Icmp { cond, lhs, rhs } => {
                let (a, b) = (self.operand(func, lhs)?, self.operand(func, rhs)?);
                u128::from(eval::icmp(*cond, lhs.ty(func), a, b))
            }
            InstKind::Fcmp { cond, lhs, rhs } => {
                let (a, b) = (self.operand(func, lhs)?, self.operand(func, rhs)?);
                u128::from(eval::fcmp(*cond, lhs.ty(func), a, b))
            }
            InstKind::Cast { op, arg, to } => {
                let bits = self.operand(func, arg)?;
                eval::cast(*op, arg.ty(func), *to, bits).ok_or(StopReason::BadOperation)?
            }
            InstKind::Select {
                cond,
                on_true,
                on_false,
            } => match self.operand(func, cond)? {
                0 => self.operand(func, on_false)?,
                _ => self.operand(func, on_true)?,
            },
            InstKind::PtrAdd { ptr, offset } => {
                let (base, offset) = (self.address(func, ptr)?, self.address(func, offset)?);
                u128::from(base.wrapping_add(offset))
            }
            InstKind::Intrinsic {
                op: Intrinsic::Trap,
                ..
            } => return Err(StopReason::Trap),
            InstKind::Intrinsic { op, ty, args } => {
                let args: Vec<u128> = args
                    .iter()
                    .map(|arg| self.operand(func, arg))
                    .collect::<Result<_>>()?;
                eval::intrinsic(*op, *ty, &args).ok_or(StopReason::BadOperation)?
            }
            // Entering the block has set them; the entry block has none.
            InstKind::Phi { .. } => return Ok(None),
            kind => return self.memory_inst(func, kind),
        }))
    }

    fn memory_inst(&mut self, func: &Function, kind: &InstKind) -> Result<Option<u128>> {
        match kind {
            InstKind::Load { ty, ptr, align, .. } => {
                let address = self.aligned(func, ptr, u64::from(*align))?;
                return self.load(*ty, address).map(Some);
            }
            InstKind::Store {
                value, ptr, align, ..
            } => {
                let address = self.aligned(func, ptr, u64::from(*align))?;
                self.store(func, value.ty(func), address, value)?;
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
                let size = self.address(func, size)?;
                self.spend(size / BYTES_PER_STEP)?;
                let dst = self.aligned(func, dst, u64::from(*dst_align))?;
                let src = self.aligned(func, src, u64::from(*src_align))?;
                self.memory.copy(dst, src, size)?;
            }
            InstKind::MemSet {
                dst,
                byte,
                size,
                align,
            } => {
                let size = self.address(func, size)?;
                self.spend(size / BYTES_PER_STEP)?;
                let dst = self.aligned(func, dst, u64::from(*align))?;
                let byte = self.operand(func, byte)? as u8;
                self.memory.fill(dst, byte, size)?;
            }
            InstKind::AtomicLoad { ty, ptr, .. } => {
                let address = self.aligned(func, ptr, ty.size_bytes())?;
                return self.load(*ty, address).map(Some);
            }
            InstKind::AtomicStore { value, ptr, .. } => {
                let ty = value.ty(func);
                let address = self.aligned(func, ptr, ty.size_bytes())?;
                self.store(func, ty, address, value)?;
            }
            InstKind::AtomicRmw { op, ptr, value, .. } => {
                let ty = value.ty(func);
                let address = self.aligned(func, ptr, ty.size_bytes())?;
                let old = self.load(ty, address)?;
                let new = rmw(*op, ty, old, self.operand(func, value)?)?;
                self.memory.write_bits(address, new, ty.size_bytes())?;
                return Ok(Some(old));
            }
            InstKind::AtomicCmpxchg {
                ptr, expected, new, ..
            } => {
                let ty = expected.ty(func);
                let address = self.aligned(func, ptr, ty.size_bytes())?;
                let old = self.load(ty, address)?;
                if old == self.operand(func, expected)? {
                    self.store(func, ty, address, new)?;
                }
                return Ok(Some(old));
            }
            _ => {}
        }
        Ok(None)
    }

    fn load(&mut self, ty: Type, address: u64) -> Result<u128> {
        Ok(self.memory.read_bits(address, ty.size_bytes())? & ty.mask())
    }

    fn store(&mut self, func: &Function, ty: Type, address: u64, value: &Operand) -> Result<()> {
        let bits = self.operand(func, value)?;
        Ok(self.memory.write_bits(address, bits, ty.size_bytes())?)
    }

    /// Whether another call is the innermost now.
    fn call_inst(
        &mut self,
        func: &Function,
        result_to: Option<Value>,
        callee: &Callee,
        args: &[Operand],
    ) -> Result<bool> {
        let symbol = match callee {
            Callee::Direct(target) => func.funcs[*target].symbol.clone(),
            Callee::Indirect { ptr, .. } => {
                let address = self.address(func, ptr)?;
                let symbol = self.loader.symbol_at(address);
                symbol.ok_or_else(|| StopReason::BadCall("no function here".into()))?
            }
        };
        let args: Vec<u128> = args
            .iter()
            .map(|arg| self.operand(func, arg))
            .collect::<Result<_>>()?;
        if let Some((number, callee)) = self.loader.function(&symbol) {
            self.push_frame(number, callee, &args, result_to)?;
            return Ok(true);
        }
        let result = self.host.call(&symbol, &args, &mut self.memory);
        let result = result.map_err(|error| match error {
            HostError::Unknown => StopReason::UnknownFunction(symbol.clone()),
            HostError::Exit(code) => StopReason::Exit(code),
            HostError::Access(error) => error.into(),
            HostError::Failed(message) => StopReason::Host(message),
        })?;
        if result_to.is_some() {
            let bits = result.ok_or(StopReason::BadCall(symbol))?;
            self.set(func, result_to, bits)?;
        }
        Ok(false)
    }
}

fn rmw(op: AtomicRmwOp, ty: Type, old: u128, value: u128) -> Result<u128> {
    let binary = |op| eval::binary(op, ty, old, value).ok_or(StopReason::BadOperation);
    let pick = |cond| {
        if eval::icmp(cond, ty, old, value) {
            old
        } else {
            value
        }
    };
    Ok(match op {
        AtomicRmwOp::Xchg => value,
        AtomicRmwOp::Add => binary(BinaryOp::Add)?,
        AtomicRmwOp::Sub => binary(BinaryOp::Sub)?,
        AtomicRmwOp::And => binary(BinaryOp::And)?,
        AtomicRmwOp::Or => binary(BinaryOp::Or)?,
        AtomicRmwOp::Xor => binary(BinaryOp::Xor)?,
        AtomicRmwOp::Nand => !binary(BinaryOp::And)? & ty.mask(),
        AtomicRmwOp::SMax => pick(IntCond::Sge),
        AtomicRmwOp::SMin => pick(IntCond::Sle),
        AtomicRmwOp::UMax => pick(IntCond::Uge),
        AtomicRmwOp::UMin => pick(IntCond::Ule),
    })
}

//! One function: its blocks in an order in which definitions come before uses,
//! its slots, its phis, its terminators.

use inkwell::basic_block::BasicBlock;
use inkwell::builder::Builder;
use inkwell::debug_info::DISubprogram;
use inkwell::llvm_sys::core::LLVMConstBitCast;
use inkwell::types::{AsTypeRef, BasicTypeEnum, IntType};
use inkwell::values::{
    AsValueRef, BasicValue, BasicValueEnum, FloatValue, FunctionValue, IntValue, PhiValue,
    PointerValue,
};
use rustc_hash::FxHashMap;
use ssa::{Block, DataRef, Function, Loc, Operand, Slot, Terminator, Type, Value};
use stdx::DenseMap;

use super::{Lowering, Symbol};
use crate::error::CodegenError;

/// The state of one function's lowering.
pub(super) struct FunctionLowering<'l, 'a, 'ctx> {
    pub(super) unit: &'l mut Lowering<'a, 'ctx>,
    pub(super) func: &'a Function,
    pub(super) builder: Builder<'ctx>,
    values: DenseMap<Value, Option<BasicValueEnum<'ctx>>>,
    slots: DenseMap<Slot, Option<PointerValue<'ctx>>>,
    datas: DenseMap<DataRef, Option<(PointerValue<'ctx>, bool)>>,
    /// `None` for blocks that nothing reaches.
    blocks: DenseMap<Block, Option<BasicBlock<'ctx>>>,
    phis: Vec<PendingPhi<'a, 'ctx>>,
    /// By the block that an `invoke` ends: where unwinding lands on its way to the cleanup.
    pub(super) pads: FxHashMap<Block, BasicBlock<'ctx>>,
    /// Holds the exception while the function cleans up; made with the first pad.
    pub(super) exception: Option<PointerValue<'ctx>>,
    subprogram: Option<DISubprogram<'ctx>>,
    /// What has no line goes on under the line before it, at first the item's own.
    last_loc: Loc,
}

/// A phi without its operands, which may be defined later.
struct PendingPhi<'a, 'ctx> {
    block: Block,
    phi: PhiValue<'ctx>,
    args: &'a [(Block, Operand)],
}

/// Lowers a body into the function that was declared for it.
pub(super) fn lower_body<'a>(
    unit: &mut Lowering<'a, '_>,
    func: &'a Function,
) -> Result<(), CodegenError> {
    let Some(&Symbol::Function(function)) = unit.symbols.get(func.symbol.as_str()) else {
        return Err(CodegenError::internal("was not declared"));
    };
    let builder = unit.context.create_builder();
    let mut lowering = FunctionLowering {
        values: DenseMap::filled(None, func.values.len()),
        slots: DenseMap::filled(None, func.slots.len()),
        datas: DenseMap::filled(None, func.datas.len()),
        blocks: DenseMap::filled(None, func.blocks.len()),
        phis: Vec::new(),
        pads: FxHashMap::default(),
        exception: None,
        subprogram: function.get_subprogram(),
        last_loc: Loc { line: 0, column: 0 },
        unit,
        func,
        builder,
    };
    lowering.run(function)
}

impl<'a, 'ctx> FunctionLowering<'_, 'a, 'ctx> {
    fn run(&mut self, function: FunctionValue<'ctx>) -> Result<(), CodegenError> {
        let order = reverse_postorder(self.func)?;
        self.create_blocks(function, &order)?;
        for (value, param) in self.func.params().zip(function.get_param_iter()) {
            self.values[value] = Some(param);
        }
        self.create_pads(function, &order)?;
        for &block in &order {
            self.lower_block(block)?;
        }
        self.fill_phis()
    }

    /// Creates the LLVM blocks, in the order of the function's own, and the slots.
    fn create_blocks(
        &mut self,
        function: FunctionValue<'ctx>,
        order: &[Block],
    ) -> Result<(), CodegenError> {
        let func = self.func;
        let entry = func.entry();
        let mut reached = DenseMap::filled(false, func.blocks.len());
        order.iter().for_each(|&block| reached[block] = true);
        // So says the SSA form, too; LLVM takes a jump there for something else.
        if order
            .iter()
            .any(|&block| func.successors(block).any(|target| target == entry))
        {
            return Err(CodegenError::internal("the entry block is jumped to"));
        }
        for block in func.blocks.keys().filter(|&block| reached[block]) {
            self.blocks[block] = Some(self.append_block(function, block));
        }
        self.builder.position_at_end(self.block(entry)?);
        self.create_slots()
    }

    fn append_block(&self, function: FunctionValue<'ctx>, block: Block) -> BasicBlock<'ctx> {
        let name = if self.unit.names {
            block.to_string()
        } else {
            String::new()
        };
        self.unit.context.append_basic_block(function, &name)
    }

    fn create_slots(&mut self) -> Result<(), CodegenError> {
        for (slot, data) in self.func.slots.iter() {
            let size = u32::try_from(data.size.max(1))
                .map_err(|_| CodegenError::unsupported("a stack slot of 4 GiB"))?;
            let name = if self.unit.names {
                slot.to_string()
            } else {
                String::new()
            };
            let pointer = self
                .builder
                .build_alloca(self.unit.context.i8_type().array_type(size), &name)?;
            if let Some(instruction) = pointer.as_instruction_value() {
                instruction
                    .set_alignment(data.align.max(1))
                    .map_err(|error| {
                        CodegenError::internal(format!("alignment of a slot: {error}"))
                    })?;
            }
            self.slots[slot] = Some(pointer);
        }
        Ok(())
    }

    fn lower_block(&mut self, block: Block) -> Result<(), CodegenError> {
        self.builder.position_at_end(self.block(block)?);
        let func = self.func;
        let data = &func.blocks[block];
        for (index, &inst) in data.insts.iter().enumerate() {
            let inst = &func.insts[inst];
            self.set_location(inst.loc);
            let ways = match data.terminator {
                Terminator::Invoke { normal, .. } if index + 1 == data.insts.len() => {
                    let pad = self.pads.get(&block).copied();
                    Some(self.block(normal)?).zip(pad)
                }
                _ => None,
            };
            let result = self.lower_inst(block, &inst.kind, ways)?;
            if let Some(value) = inst.result {
                let result = result
                    .ok_or_else(|| CodegenError::internal(format!("{value} got no value")))?;
                self.values[value] = Some(result);
            }
        }
        self.set_location(data.terminator_loc);
        self.lower_terminator(&data.terminator)
    }

    pub(super) fn set_location(&mut self, loc: Option<Loc>) {
        let loc = loc.unwrap_or(self.last_loc);
        self.last_loc = loc;
        if let (Some(debug), Some(subprogram)) = (&self.unit.debug, self.subprogram) {
            self.builder
                .set_current_debug_location(debug.location(subprogram, loc.line, loc.column));
        }
    }

    /// Creates the phi; its operands come when all blocks are there.
    pub(super) fn start_phi(
        &mut self,
        block: Block,
        ty: Type,
        args: &'a [(Block, Operand)],
    ) -> Result<BasicValueEnum<'ctx>, CodegenError> {
        let phi = self.builder.build_phi(self.unit.basic_type(ty), "")?;
        self.phis.push(PendingPhi { block, phi, args });
        Ok(phi.as_basic_value())
    }

    fn fill_phis(&mut self) -> Result<(), CodegenError> {
        for PendingPhi { block, phi, args } in std::mem::take(&mut self.phis) {
            for (pred, operand) in args {
                let Some(&Some(from)) = self.blocks.get(*pred) else {
                    continue;
                };
                // An operand that takes an instruction to make is made where the edge begins.
                match from.get_terminator() {
                    Some(terminator) => self.builder.position_before(&terminator),
                    None => self.builder.position_at_end(from),
                }
                let value = self.operand(operand)?;
                // LLVM counts edges where the SSA form counts blocks.
                let edges = self
                    .func
                    .successors(*pred)
                    .filter(|&target| target == block)
                    .count();
                let from = match self.func.blocks[*pred].terminator {
                    Terminator::Invoke { cleanup, .. } if cleanup == block => {
                        self.pads.get(pred).copied().unwrap_or(from)
                    }
                    _ => from,
                };
                for _ in 0..edges {
                    phi.add_incoming(&[(&value, from)]);
                }
            }
        }
        Ok(())
    }

    fn lower_terminator(&mut self, terminator: &Terminator) -> Result<(), CodegenError> {
        match terminator {
            Terminator::Jump(target) => {
                self.builder
                    .build_unconditional_branch(self.block(*target)?)?;
            }
            Terminator::Branch {
                cond,
                on_true,
                on_false,
            } => {
                let cond = self.int(cond)?;
                let (on_true, on_false) = (self.block(*on_true)?, self.block(*on_false)?);
                self.builder
                    .build_conditional_branch(cond, on_true, on_false)?;
            }
            Terminator::Switch {
                value,
                cases,
                default,
            } => {
                let ty = self.func.type_of(*value);
                let value = self.int(value)?;
                let cases = cases
                    .iter()
                    .map(|&(bits, target)| Ok((self.int_const(ty, bits)?, self.block(target)?)))
                    .collect::<Result<Vec<_>, CodegenError>>()?;
                self.builder
                    .build_switch(value, self.block(*default)?, &cases)?;
            }
            Terminator::Return(None) => {
                self.builder.build_return(None)?;
            }
            Terminator::Return(Some(result)) => {
                let result = self.operand(result)?;
                self.builder.build_return(Some(&result))?;
            }
            // The call itself was lowered to LLVM's `invoke`.
            Terminator::Invoke { .. } => {}
            Terminator::Resume => self.resume()?,
            Terminator::Unreachable => {
                self.builder.build_unreachable()?;
            }
        }
        Ok(())
    }

    pub(super) fn block(&self, block: Block) -> Result<BasicBlock<'ctx>, CodegenError> {
        self.blocks
            .get(block)
            .copied()
            .flatten()
            .ok_or_else(|| CodegenError::internal(format!("{block} does not exist")))
    }

    pub(super) fn operand(
        &mut self,
        operand: &Operand,
    ) -> Result<BasicValueEnum<'ctx>, CodegenError> {
        Ok(match *operand {
            Operand::Value(value) => {
                self.values.get(value).copied().flatten().ok_or_else(|| {
                    CodegenError::internal(format!("{value} is used before it is defined"))
                })?
            }
            Operand::Int(ty, bits) => self.int_const(ty, bits)?.into(),
            Operand::F32(bits) => self.float_const(Type::F32, Type::I32, u64::from(bits)),
            Operand::F64(bits) => self.float_const(Type::F64, Type::I64, bits),
            Operand::Null => self.unit.basic_type(Type::Ptr).const_zero(),
            Operand::Undef(ty) => self.unit.basic_type(ty).const_zero(),
            Operand::Func(func) => {
                let func = self
                    .func
                    .funcs
                    .get(func)
                    .ok_or_else(|| CodegenError::internal(format!("{func} does not exist")))?;
                self.unit.function_pointer(func)?.into()
            }
            Operand::Data(data, offset) => {
                let base = self.data(data)?;
                self.offset_const(base, offset)?.into()
            }
            Operand::Slot(slot, offset) => {
                let base = self
                    .slots
                    .get(slot)
                    .copied()
                    .flatten()
                    .ok_or_else(|| CodegenError::internal(format!("{slot} does not exist")))?;
                self.offset_const(base, offset)?.into()
            }
        })
    }

    fn data(&mut self, data: DataRef) -> Result<PointerValue<'ctx>, CodegenError> {
        let (pointer, thread_local) = match self.datas.get(data).copied().flatten() {
            Some(known) => known,
            None => {
                let func = self.func;
                let content = func
                    .datas
                    .get(data)
                    .ok_or_else(|| CodegenError::internal(format!("{data} does not exist")))?;
                let made = self.unit.data_pointer(content)?;
                self.datas[data] = Some(made);
                made
            }
        };
        if !thread_local {
            return Ok(pointer);
        }
        let own =
            self.call_intrinsic("llvm.threadlocal.address", &[Type::Ptr], &[pointer.into()])?;
        Ok(own.into_pointer_value())
    }

    /// `base + offset`; a constant expression when the base is one.
    fn offset_const(
        &self,
        base: PointerValue<'ctx>,
        offset: i64,
    ) -> Result<PointerValue<'ctx>, CodegenError> {
        if offset == 0 {
            return Ok(base);
        }
        let offset = self.unit.context.i64_type().const_int(offset as u64, true);
        self.pointer_add(base, offset)
    }

    pub(super) fn pointer_add(
        &self,
        base: PointerValue<'ctx>,
        offset: IntValue<'ctx>,
    ) -> Result<PointerValue<'ctx>, CodegenError> {
        // SAFETY: without `inbounds` the instruction is defined for every offset.
        Ok(unsafe {
            self.builder
                .build_gep(self.unit.context.i8_type(), base, &[offset], "")?
        })
    }

    pub(super) fn int_const(&self, ty: Type, bits: u128) -> Result<IntValue<'ctx>, CodegenError> {
        let llvm = self.int_type(ty)?;
        Ok(if ty == Type::I128 {
            llvm.const_int_arbitrary_precision(&[bits as u64, (bits >> 64) as u64])
        } else {
            llvm.const_int((bits & ty.mask()) as u64, false)
        })
    }

    pub(super) fn int_type(&self, ty: Type) -> Result<IntType<'ctx>, CodegenError> {
        match self.unit.basic_type(ty) {
            BasicTypeEnum::IntType(int) => Ok(int),
            _ => Err(CodegenError::internal(format!(
                "{ty} is not an integer type"
            ))),
        }
    }

    /// A float by its bits: going through a number would lose the payload of a NaN.
    fn float_const(&self, ty: Type, int: Type, bits: u64) -> BasicValueEnum<'ctx> {
        let bits = match int {
            Type::I32 => self.unit.context.i32_type().const_int(bits, false),
            _ => self.unit.context.i64_type().const_int(bits, false),
        };
        // SAFETY: both are live values of one context and have the same width.
        unsafe {
            BasicValueEnum::new(LLVMConstBitCast(
                bits.as_value_ref(),
                self.unit.basic_type(ty).as_type_ref(),
            ))
        }
    }

    pub(super) fn int(&mut self, operand: &Operand) -> Result<IntValue<'ctx>, CodegenError> {
        match self.operand(operand)? {
            BasicValueEnum::IntValue(value) => Ok(value),
            _ => Err(CodegenError::internal(format!(
                "{operand:?} is not an integer"
            ))),
        }
    }

    pub(super) fn float(&mut self, operand: &Operand) -> Result<FloatValue<'ctx>, CodegenError> {
        match self.operand(operand)? {
            BasicValueEnum::FloatValue(value) => Ok(value),
            _ => Err(CodegenError::internal(format!(
                "{operand:?} is not a float"
            ))),
        }
    }

    pub(super) fn pointer(
        &mut self,
        operand: &Operand,
    ) -> Result<PointerValue<'ctx>, CodegenError> {
        match self.operand(operand)? {
            BasicValueEnum::PointerValue(value) => Ok(value),
            _ => Err(CodegenError::internal(format!(
                "{operand:?} is not a pointer"
            ))),
        }
    }
}

/// The reachable blocks so that, but for phis, definitions come before uses.
fn reverse_postorder(func: &Function) -> Result<Vec<Block>, CodegenError> {
    let mut seen = DenseMap::filled(false, func.blocks.len());
    let mut order = Vec::with_capacity(func.blocks.len());
    let entry = func.entry();
    if seen.get(entry).is_none() {
        return Err(CodegenError::internal("has no entry block"));
    }
    seen[entry] = true;
    let mut stack = vec![(entry, func.successors(entry).collect::<Vec<_>>())];
    while let Some((block, rest)) = stack.last_mut() {
        match rest.pop() {
            Some(next) => match seen.get_mut(next) {
                Some(seen) if !*seen => {
                    *seen = true;
                    stack.push((next, func.successors(next).collect()));
                }
                Some(_) => {}
                None => return Err(CodegenError::internal(format!("{next} does not exist"))),
            },
            None => {
                order.push(*block);
                stack.pop();
            }
        }
    }
    order.reverse();
    Ok(order)
}

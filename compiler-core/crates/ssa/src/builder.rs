//! Builds a function block by block, at a current source location.
//!
//! ```
//! use ssa::{BinaryOp, FunctionBuilder, Operand, Signature, Type};
//!
//! let mut builder = FunctionBuilder::new("double", Signature::new([Type::I32], Some(Type::I32)));
//! let doubled = builder.binary(BinaryOp::Add, builder.param(0), builder.param(0));
//! builder.ret(Some(doubled));
//! let func = builder.finish();
//! assert_eq!(func.blocks.len(), 1);
//! ```

use std::sync::Arc;

use smol_str::SmolStr;
use stdx::{DenseMap, never};

use crate::data::Data;
use crate::function::{
    Block, BlockData, DataRef, ExternFunc, FuncRef, Function, Inst, Loc, Slot, SlotData,
};
use crate::inst::{
    AtomicRmwOp, BinaryOp, Callee, CastOp, FloatCond, InstKind, IntCond, Intrinsic, Ordering,
    Terminator,
};
use crate::operand::Operand;
use crate::types::{Signature, Type};

/// Emits into a current block, which is the entry block at first.
///
/// A terminator ends the current block; emitting without one is a bug of the
/// caller, survived by dropping the instruction.
#[derive(Debug)]
pub struct FunctionBuilder {
    func: Function,
    current: Option<Block>,
    loc: Option<Loc>,
    terminated: DenseMap<Block, bool>,
}

impl FunctionBuilder {
    pub fn new(symbol: impl Into<SmolStr>, signature: Signature) -> FunctionBuilder {
        let func = Function::new(symbol, signature);
        FunctionBuilder {
            current: Some(func.entry()),
            loc: None,
            terminated: DenseMap::filled(false, 1),
            func,
        }
    }

    /// The function so far; names, attributes and source are set here.
    pub fn func(&self) -> &Function {
        &self.func
    }

    pub fn func_mut(&mut self) -> &mut Function {
        &mut self.func
    }

    /// The function. Blocks without a terminator end in `unreachable`.
    pub fn finish(self) -> Function {
        self.func
    }

    // Blocks and places.

    pub fn create_block(&mut self) -> Block {
        self.terminated.push(false);
        self.func.blocks.push(BlockData::default())
    }

    pub fn switch_to(&mut self, block: Block) {
        never!(
            self.terminated[block],
            "emitting into {block}, which has its terminator"
        );
        self.current = Some(block);
    }

    /// The block that is being filled; `None` after a terminator.
    pub fn current_block(&self) -> Option<Block> {
        self.current
    }

    /// Whether a block has been given its terminator.
    pub fn is_terminated(&self, block: Block) -> bool {
        self.terminated[block]
    }

    /// The location of what is emitted from here on.
    pub fn set_loc(&mut self, loc: Option<Loc>) {
        self.loc = loc;
    }

    pub fn loc(&self) -> Option<Loc> {
        self.loc
    }

    // What a function names.

    pub fn param(&self, index: usize) -> Operand {
        Operand::Value(self.func.param(index))
    }

    pub fn create_slot(&mut self, size: u64, align: u32, name: Option<SmolStr>) -> Slot {
        self.func.slots.push(SlotData { size, align, name })
    }

    pub fn import_func(&mut self, func: ExternFunc) -> FuncRef {
        self.func.import_func(func)
    }

    pub fn import_data(&mut self, data: Data) -> DataRef {
        self.func.import_data(data)
    }

    pub fn type_of(&self, operand: Operand) -> Type {
        operand.ty(&self.func)
    }

    // Instructions.

    /// Emits any instruction; its result if it has one.
    pub fn emit(&mut self, kind: InstKind) -> Option<Operand> {
        let inst = self.func.make_inst(kind, self.loc);
        self.place(inst);
        self.func.insts[inst].result.map(Operand::Value)
    }

    fn place(&mut self, inst: Inst) {
        never!(
            self.current.is_none(),
            "{inst} emitted without a current block"
        );
        if let Some(block) = self.current {
            self.func.blocks[block].insts.push(inst);
        }
    }

    /// Emits an instruction that always yields a value of a type known beforehand.
    fn emit_value(&mut self, kind: InstKind, fallback: Type) -> Operand {
        let result = self.emit(kind);
        result.unwrap_or(Operand::Undef(fallback))
    }

    pub fn binary(&mut self, op: BinaryOp, lhs: Operand, rhs: Operand) -> Operand {
        let ty = self.type_of(lhs);
        self.emit_value(InstKind::Binary { op, lhs, rhs }, ty)
    }

    pub fn fneg(&mut self, arg: Operand) -> Operand {
        let ty = self.type_of(arg);
        self.emit_value(InstKind::FNeg { arg }, ty)
    }

    pub fn icmp(&mut self, cond: IntCond, lhs: Operand, rhs: Operand) -> Operand {
        self.emit_value(InstKind::Icmp { cond, lhs, rhs }, Type::I1)
    }

    pub fn fcmp(&mut self, cond: FloatCond, lhs: Operand, rhs: Operand) -> Operand {
        self.emit_value(InstKind::Fcmp { cond, lhs, rhs }, Type::I1)
    }

    pub fn cast(&mut self, op: CastOp, arg: Operand, to: Type) -> Operand {
        self.emit_value(InstKind::Cast { op, arg, to }, to)
    }

    /// The logical negation of an `i1`.
    pub fn not(&mut self, arg: Operand) -> Operand {
        self.binary(BinaryOp::Xor, arg, Operand::i1(true))
    }

    pub fn select(&mut self, cond: Operand, on_true: Operand, on_false: Operand) -> Operand {
        let ty = self.type_of(on_true);
        self.emit_value(
            InstKind::Select {
                cond,
                on_true,
                on_false,
            },
            ty,
        )
    }

    pub fn load(&mut self, ty: Type, ptr: Operand, align: u32) -> Operand {
        self.emit_value(
            InstKind::Load {
                ty,
                ptr,
                align,
                volatile: false,
            },
            ty,
        )
    }

    pub fn store(&mut self, value: Operand, ptr: Operand, align: u32) {
        self.emit(InstKind::Store {
            value,
            ptr,
            align,
            volatile: false,
        });
    }

    /// The address `offset` bytes on; constants fold into slot and data addresses.
    pub fn ptr_add(&mut self, ptr: Operand, offset: Operand) -> Operand {
        if let Operand::Int(Type::I64, bits) = offset {
            let offset = bits as u64 as i64;
            match ptr {
                _ if offset == 0 => return ptr,
                Operand::Slot(slot, base) => return Operand::Slot(slot, base.wrapping_add(offset)),
                Operand::Data(data, base) => return Operand::Data(data, base.wrapping_add(offset)),
                _ => {}
            }
        }
        self.emit_value(InstKind::PtrAdd { ptr, offset }, Type::Ptr)
    }

    /// The address of a field at a constant offset.
    pub fn ptr_offset(&mut self, ptr: Operand, offset: u64) -> Operand {
        self.ptr_add(ptr, Operand::int(Type::I64, u128::from(offset)))
    }

    pub fn memcpy(&mut self, dst: Operand, src: Operand, size: Operand, align: u32) {
        self.emit(InstKind::MemCpy {
            dst,
            src,
            size,
            dst_align: align,
            src_align: align,
        });
    }

    pub fn memmove(&mut self, dst: Operand, src: Operand, size: Operand, align: u32) {
        self.emit(InstKind::MemMove {
            dst,
            src,
            size,
            dst_align: align,
            src_align: align,
        });
    }

    pub fn memset(&mut self, dst: Operand, byte: Operand, size: Operand, align: u32) {
        self.emit(InstKind::MemSet {
            dst,
            byte,
            size,
            align,
        });
    }

    pub fn call(&mut self, func: FuncRef, args: Vec<Operand>) -> Option<Operand> {
        self.emit(InstKind::Call {
            callee: Callee::Direct(func),
            args,
        })
    }

    pub fn call_indirect(
        &mut self,
        ptr: Operand,
        signature: Arc<Signature>,
        args: Vec<Operand>,
    ) -> Option<Operand> {
        self.emit(InstKind::Call {
            callee: Callee::Indirect { ptr, signature },
            args,
        })
    }

    /// An intrinsic that yields a value; `ty` is the type it works on.
    pub fn intrinsic(&mut self, op: Intrinsic, ty: Type, args: Vec<Operand>) -> Operand {
        let result = op.result_type(ty).unwrap_or(ty);
        self.emit_value(InstKind::Intrinsic { op, ty, args }, result)
    }

    pub fn atomic_load(&mut self, ty: Type, ptr: Operand, ordering: Ordering) -> Operand {
        self.emit_value(InstKind::AtomicLoad { ty, ptr, ordering }, ty)
    }

    pub fn atomic_store(&mut self, value: Operand, ptr: Operand, ordering: Ordering) {
        self.emit(InstKind::AtomicStore {
            value,
            ptr,
            ordering,
        });
    }

    pub fn atomic_rmw(
        &mut self,
        op: AtomicRmwOp,
        ptr: Operand,
        value: Operand,
        ordering: Ordering,
    ) -> Operand {
        let ty = self.type_of(value);
        self.emit_value(
            InstKind::AtomicRmw {
                op,
                ptr,
                value,
                ordering,
            },
            ty,
        )
    }

    /// A phi at the start of the current block, after the phis that are there.
    pub fn phi(&mut self, ty: Type, args: Vec<(Block, Operand)>) -> Operand {
        let inst = self.func.make_inst(InstKind::Phi { ty, args }, self.loc);
        never!(
            self.current.is_none(),
            "{inst} emitted without a current block"
        );
        if let Some(block) = self.current {
            let insts = &self.func.blocks[block].insts;
            let at = insts
                .iter()
                .take_while(|&&inst| self.func.insts[inst].kind.is_phi())
                .count();
            self.func.blocks[block].insts.insert(at, inst);
        }
        self.func.insts[inst]
            .result
            .map_or(Operand::Undef(ty), Operand::Value)
    }

    /// Adds the value that a phi has when control comes from `pred`.
    pub fn add_phi_arg(&mut self, phi: Operand, pred: Block, arg: Operand) {
        let inst = phi
            .as_value()
            .and_then(|value| self.func.defining_inst(value));
        let kind = inst
            .and_then(|inst| self.func.insts.get_mut(inst))
            .map(|data| &mut data.kind);
        never!(
            !matches!(kind, Some(InstKind::Phi { .. })),
            "{phi:?} is no phi"
        );
        if let Some(InstKind::Phi { args, .. }) = kind {
            args.push((pred, arg));
        }
    }

    // Terminators.

    pub fn terminate(&mut self, terminator: Terminator) {
        never!(
            self.current.is_none(),
            "{terminator:?} without a current block"
        );
        let Some(block) = self.current.take() else {
            return;
        };
        self.func.blocks[block].terminator = terminator;
        self.func.blocks[block].terminator_loc = self.loc;
        self.terminated[block] = true;
    }

    pub fn jump(&mut self, target: Block) {
        self.terminate(Terminator::Jump(target));
    }

    pub fn branch(&mut self, cond: Operand, on_true: Block, on_false: Block) {
        self.terminate(Terminator::Branch {
            cond,
            on_true,
            on_false,
        });
    }

    pub fn switch(&mut self, value: Operand, cases: Vec<(u128, Block)>, default: Block) {
        self.terminate(Terminator::Switch {
            value,
            cases,
            default,
        });
    }

    pub fn ret(&mut self, result: Option<Operand>) {
        self.terminate(Terminator::Return(result));
    }

    /// After a call: where control goes when it returns, and when it unwinds.
    pub fn invoke(&mut self, normal: Block, cleanup: Block) {
        self.terminate(Terminator::Invoke { normal, cleanup });
    }

    pub fn resume(&mut self) {
        self.terminate(Terminator::Resume);
    }

    pub fn unreachable(&mut self) {
        self.terminate(Terminator::Unreachable);
    }

    /// `trap`, then `unreachable`.
    pub fn trap(&mut self) {
        self.emit(InstKind::Intrinsic {
            op: Intrinsic::Trap,
            ty: Type::I1,
            args: Vec::new(),
        });
        self.unreachable();
    }
}

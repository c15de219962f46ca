//! A function: dense tables of blocks, instructions, values and what they name.
//!
//! Block 0 is the entry. Values `0..params` are the parameters. An instruction
//! that stands in no block, and a value that it defines, are dead entries of
//! their tables; [`Function::compact`] drops them and numbers the rest in order.

mod compact;
pub(crate) mod edit;

use smol_str::SmolStr;
use stdx::{DenseMap, define_index};

use crate::data::Data;
use crate::inst::{Callee, InstKind, Terminator};
use crate::operand::Operand;
use crate::types::{Signature, Type};

define_index!(/// A basic block.
    pub struct Block, "bb");
define_index!(/// An instruction.
    pub struct Inst, "inst");
define_index!(/// A value: a parameter or an instruction's result.
    pub struct Value, "%");
define_index!(/// A stack slot: memory that lives as long as the call.
    pub struct Slot, "s");
define_index!(/// A function that this one calls or takes the address of.
    pub struct FuncRef, "f");
define_index!(/// A datum that this function refers to.
    pub struct DataRef, "d");

/// One function instance.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Function {
    /// The name the linker sees.
    pub symbol: SmolStr,
    /// The source path, for debug information and stack traces.
    pub display: SmolStr,
    pub signature: Signature,
    pub linkage: Linkage,
    pub attrs: FunctionAttrs,
    pub blocks: DenseMap<Block, BlockData>,
    pub insts: DenseMap<Inst, InstData>,
    pub values: DenseMap<Value, ValueData>,
    pub slots: DenseMap<Slot, SlotData>,
    pub funcs: DenseMap<FuncRef, ExternFunc>,
    pub datas: DenseMap<DataRef, Data>,
    /// `None` for compiler-made functions that belong to no source line.
    pub source: Option<SourceInfo>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct BlockData {
    /// Phis first.
    pub insts: Vec<Inst>,
    pub terminator: Terminator,
    pub terminator_loc: Option<Loc>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct InstData {
    pub kind: InstKind,
    /// Present exactly when the kind yields a value.
    pub result: Option<Value>,
    pub loc: Option<Loc>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ValueData {
    pub ty: Type,
    pub def: ValueDef,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ValueDef {
    /// The function's parameter of this index.
    Param(u32),
    Inst(Inst),
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct SlotData {
    pub size: u64,
    pub align: u32,
    pub name: Option<SmolStr>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ExternFunc {
    pub symbol: SmolStr,
    pub signature: Signature,
    pub attrs: FunctionAttrs,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Linkage {
    /// Seen by this unit alone.
    #[default]
    Local,
    /// Defined once in the image and seen by all units.
    Export,
    /// Perhaps defined by several units, all the same; the linker keeps one.
    Weak,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct FunctionAttrs {
    pub inline: InlineHint,
    pub cold: bool,
    pub noreturn: bool,
    pub effect: Effect,
    pub role: Role,
}

/// What a function is for, as far as passes understand it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Role {
    #[default]
    None,
    /// `(ptr)`: adds one to the count of the object there. Null and constants are not counted.
    Retain,
    /// `(ptr)`: takes one from the count, and ends the object when none is left.
    Release,
    /// As `Release`, and what ends may run code of the program, which may panic.
    End,
    /// `(i64) -> ptr`: fresh memory, or null. Its only effect, and it may be left out.
    Allocate,
    /// `(ptr)`: gives memory back; null is allowed.
    Free,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum InlineHint {
    #[default]
    None,
    Hint,
    Always,
    Never,
}

/// What a call may do besides giving a result.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Effect {
    #[default]
    Any,
    /// Reads memory, but returns, and changes nothing.
    ReadOnly,
    /// Returns, and depends on the arguments alone.
    Pure,
}

/// Where a function's item stands, without its line.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct SourceInfo {
    pub file: SmolStr,
    /// A link-time `i32` datum that holds the item's first line, counted from 1.
    pub line_symbol: SmolStr,
}

/// A source position; the line counts from the item's first line, which is 0.
///
/// Moving an item thus changes nothing in its code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Loc {
    pub line: u32,
    /// Counted from 1; 0 says "unknown".
    pub column: u32,
}

impl Function {
    /// A function with an empty entry block that ends in `unreachable`.
    pub fn new(symbol: impl Into<SmolStr>, signature: Signature) -> Function {
        let symbol = symbol.into();
        let mut values = DenseMap::new();
        for (index, &ty) in signature.params.iter().enumerate() {
            values.push(ValueData {
                ty,
                def: ValueDef::Param(index as u32),
            });
        }
        let mut blocks = DenseMap::new();
        blocks.push(BlockData::default());
        Function {
            display: symbol.clone(),
            symbol,
            signature,
            linkage: Linkage::default(),
            attrs: FunctionAttrs::default(),
            blocks,
            insts: DenseMap::new(),
            values,
            slots: DenseMap::new(),
            funcs: DenseMap::new(),
            datas: DenseMap::new(),
            source: None,
        }
    }

    pub fn entry(&self) -> Block {
        Block(0)
    }

    /// The value of the parameter at `index`.
    pub fn param(&self, index: usize) -> Value {
        debug_assert!(index < self.signature.params.len());
        Value(index as u32)
    }

    pub fn params(&self) -> impl Iterator<Item = Value> + use<> {
        (0..self.signature.params.len() as u32).map(Value)
    }

    pub fn type_of(&self, operand: Operand) -> Type {
        operand.ty(self)
    }

    /// The instruction that defines a value; `None` for parameters.
    pub fn defining_inst(&self, value: Value) -> Option<Inst> {
        match self.values[value].def {
            ValueDef::Inst(inst) => Some(inst),
            ValueDef::Param(_) => None,
        }
    }

    pub fn kind(&self, inst: Inst) -> &InstKind {
        &self.insts[inst].kind
    }

    pub fn successors(&self, block: Block) -> impl Iterator<Item = Block> + '_ {
        self.blocks[block].terminator.successors()
    }

    /// The type of what an instruction yields.
    pub fn result_type(&self, kind: &InstKind) -> Option<Type> {
        match kind {
            InstKind::Binary { lhs, .. } => Some(lhs.ty(self)),
            InstKind::FNeg { arg } => Some(arg.ty(self)),
            InstKind::Icmp { .. } | InstKind::Fcmp { .. } => Some(Type::I1),
            InstKind::Cast { to, .. } => Some(*to),
            InstKind::Select { on_true, .. } => Some(on_true.ty(self)),
            InstKind::Load { ty, .. }
            | InstKind::AtomicLoad { ty, .. }
            | InstKind::Phi { ty, .. } => Some(*ty),
            InstKind::PtrAdd { .. } => Some(Type::Ptr),
            InstKind::AtomicRmw { value, .. } => Some(value.ty(self)),
            InstKind::AtomicCmpxchg { expected, .. } => Some(expected.ty(self)),
            InstKind::Call { callee, .. } => self.callee_signature(callee).result,
            InstKind::Intrinsic { op, ty, .. } => op.result_type(*ty),
            InstKind::Store { .. }
            | InstKind::MemCpy { .. }
            | InstKind::MemMove { .. }
            | InstKind::MemSet { .. }
            | InstKind::AtomicStore { .. }
            | InstKind::Fence { .. } => None,
        }
    }

    pub fn callee_signature<'a>(&'a self, callee: &'a Callee) -> &'a Signature {
        match callee {
            Callee::Direct(func) => &self.funcs[*func].signature,
            Callee::Indirect { signature, .. } => signature,
        }
    }

    /// Makes an instruction, and its result, without placing it in a block.
    pub fn make_inst(&mut self, kind: InstKind, loc: Option<Loc>) -> Inst {
        let ty = self.result_type(&kind);
        let inst = self.insts.next_key();
        let result = ty.map(|ty| {
            self.values.push(ValueData {
                ty,
                def: ValueDef::Inst(inst),
            })
        });
        self.insts.push(InstData { kind, result, loc })
    }

    /// The reference to a function; declares it on first use.
    pub fn import_func(&mut self, func: ExternFunc) -> FuncRef {
        let known = self
            .funcs
            .keys()
            .find(|&known| self.funcs[known].symbol == func.symbol);
        known.unwrap_or_else(|| self.funcs.push(func))
    }

    /// The reference to a datum; equal ones are shared.
    pub fn import_data(&mut self, data: Data) -> DataRef {
        let known = self.datas.keys().find(|&known| self.datas[known] == data);
        known.unwrap_or_else(|| self.datas.push(data))
    }
}

impl Default for BlockData {
    fn default() -> Self {
        BlockData {
            insts: Vec::new(),
            terminator: Terminator::Unreachable,
            terminator_loc: None,
        }
    }
}

//! Instructions and terminators.
//!
//! What the producer has guarded already, no instruction guards again: integer
//! arithmetic wraps, shift counts are below the width, divisors are not zero and
//! a signed quotient fits its type.

mod names;
mod traverse;

use std::sync::Arc;

use crate::function::{Block, FuncRef};
use crate::operand::Operand;
use crate::types::{Signature, Type};

/// What an instruction does.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum InstKind {
    /// Both operands and the result have one type.
    Binary {
        op: BinaryOp,
        lhs: Operand,
        rhs: Operand,
    },
    FNeg {
        arg: Operand,
    },
    /// Compares integers or pointers.
    Icmp {
        cond: IntCond,
        lhs: Operand,
        rhs: Operand,
    },
    Fcmp {
        cond: FloatCond,
        lhs: Operand,
        rhs: Operand,
    },
    Cast {
        op: CastOp,
        arg: Operand,
        to: Type,
    },
    Select {
        cond: Operand,
        on_true: Operand,
        on_false: Operand,
    },
    Load {
        ty: Type,
        ptr: Operand,
        align: u32,
        volatile: bool,
    },
    Store {
        value: Operand,
        ptr: Operand,
        align: u32,
        volatile: bool,
    },
    /// The address `offset` (an `i64`) bytes on.
    PtrAdd {
        ptr: Operand,
        offset: Operand,
    },
    /// Copies `size` (an `i64`) bytes between ranges that are disjoint or the same.
    MemCpy {
        dst: Operand,
        src: Operand,
        size: Operand,
        dst_align: u32,
        src_align: u32,
    },
    /// Copies `size` bytes between ranges that may overlap.
    MemMove {
        dst: Operand,
        src: Operand,
        size: Operand,
        dst_align: u32,
        src_align: u32,
    },
    /// Sets `size` bytes to `byte` (an `i8`).
    MemSet {
        dst: Operand,
        byte: Operand,
        size: Operand,
        align: u32,
    },
    Call {
        callee: Callee,
        args: Vec<Operand>,
    },
    /// `ty` is the type the operation works on, which is not always its result's.
    Intrinsic {
        op: Intrinsic,
        ty: Type,
        args: Vec<Operand>,
    },
    AtomicLoad {
        ty: Type,
        ptr: Operand,
        ordering: Ordering,
    },
    AtomicStore {
        value: Operand,
        ptr: Operand,
        ordering: Ordering,
    },
    /// Yields the old value.
    AtomicRmw {
        op: AtomicRmwOp,
        ptr: Operand,
        value: Operand,
        ordering: Ordering,
    },
    /// Yields the old value: the exchange took place when it equals `expected`.
    AtomicCmpxchg {
        ptr: Operand,
        expected: Operand,
        new: Operand,
        success: Ordering,
        failure: Ordering,
    },
    Fence {
        ordering: Ordering,
    },
    /// One entry per distinct predecessor block, however many edges lead from it.
    Phi {
        ty: Type,
        args: Vec<(Block, Operand)>,
    },
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Callee {
    Direct(FuncRef),
    Indirect {
        ptr: Operand,
        signature: Arc<Signature>,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    SDiv,
    UDiv,
    SRem,
    URem,
    And,
    Or,
    Xor,
    Shl,
    LShr,
    AShr,
    FAdd,
    FSub,
    FMul,
    FDiv,
    /// The remainder with the sign of the dividend, as C's `fmod`.
    FRem,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum IntCond {
    Eq,
    Ne,
    Slt,
    Sle,
    Sgt,
    Sge,
    Ult,
    Ule,
    Ugt,
    Uge,
}

/// Ordered conditions are false when an operand is NaN, unordered ones true.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum FloatCond {
    Oeq,
    One,
    Olt,
    Ole,
    Ogt,
    Oge,
    /// Neither is NaN.
    Ord,
    Ueq,
    Une,
    Ult,
    Ule,
    Ugt,
    Uge,
    /// Either is NaN.
    Uno,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CastOp {
    Trunc,
    Zext,
    Sext,
    FpTrunc,
    FpExt,
    /// Rounds towards zero; out of range gives the nearest bound, NaN gives 0.
    FpToSiSat,
    FpToUiSat,
    SiToFp,
    UiToFp,
    PtrToInt,
    IntToPtr,
    /// Between an integer and a float of one size.
    Bitcast,
}

/// Operations without control flow that targets have instructions or library code for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Intrinsic {
    /// Leading zeros; the width for zero.
    Ctlz,
    /// Trailing zeros; the width for zero.
    Cttz,
    Ctpop,
    Bswap,
    BitReverse,
    /// Funnel shift left: high half of `(a:b) << (count mod width)`.
    Fshl,
    /// Funnel shift right: low half of `(a:b) >> (count mod width)`.
    Fshr,
    Sqrt,
    Sin,
    Cos,
    Exp,
    Log,
    Log10,
    Pow,
    /// The exponent is an `i32`.
    Powi,
    Floor,
    Ceil,
    Round,
    Trunc,
    Fma,
    MinNum,
    MaxNum,
    Fabs,
    CopySign,
    /// Whether the operation leaves its type's range: an `i1`.
    SAddOverflow,
    UAddOverflow,
    SSubOverflow,
    USubOverflow,
    SMulOverflow,
    UMulOverflow,
    SAddSat,
    UAddSat,
    SSubSat,
    USubSat,
    /// Ends the process abnormally. Does not return.
    Trap,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Ordering {
    Relaxed,
    Acquire,
    Release,
    AcqRel,
    SeqCst,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AtomicRmwOp {
    Xchg,
    Add,
    Sub,
    And,
    Or,
    Xor,
    Nand,
    SMax,
    SMin,
    UMax,
    UMin,
}

/// How a block ends. A call with an unwind edge will be one more variant.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Terminator {
    Jump(Block),
    Branch {
        cond: Operand,
        on_true: Block,
        on_false: Block,
    },
    /// Case values are distinct bits of the operand's integer type.
    Switch {
        value: Operand,
        cases: Vec<(u128, Block)>,
        default: Block,
    },
    Return(Option<Operand>),
    /// The block's last instruction is a call. Control goes on at `normal` when it returns, and
    /// at `cleanup` when a panic unwinds it; there its result has no value.
    Invoke {
        normal: Block,
        cleanup: Block,
    },
    /// The end of cleaning up: unwinding goes on in the caller.
    Resume,
    /// Control never comes here.
    Unreachable,
}

impl BinaryOp {
    pub fn is_float(self) -> bool {
        matches!(
            self,
            BinaryOp::FAdd | BinaryOp::FSub | BinaryOp::FMul | BinaryOp::FDiv | BinaryOp::FRem
        )
    }

    pub fn is_commutative(self) -> bool {
        use BinaryOp::*;
        matches!(self, Add | Mul | And | Or | Xor | FAdd | FMul)
    }
}

impl IntCond {
    /// The condition that holds exactly when this one does not.
    pub fn negated(self) -> IntCond {
        use IntCond::*;
        match self {
            Eq => Ne,
            Ne => Eq,
            Slt => Sge,
            Sle => Sgt,
            Sgt => Sle,
            Sge => Slt,
            Ult => Uge,
            Ule => Ugt,
            Ugt => Ule,
            Uge => Ult,
        }
    }

    /// The condition for exchanged operands.
    pub fn swapped(self) -> IntCond {
        use IntCond::*;
        match self {
            Eq => Eq,
            Ne => Ne,
            Slt => Sgt,
            Sle => Sge,
            Sgt => Slt,
            Sge => Sle,
            Ult => Ugt,
            Ule => Uge,
            Ugt => Ult,
            Uge => Ule,
        }
    }
}

impl Intrinsic {
    pub fn result_type(self, ty: Type) -> Option<Type> {
        use Intrinsic::*;
        match self {
            SAddOverflow | UAddOverflow | SSubOverflow | USubOverflow | SMulOverflow
            | UMulOverflow => Some(Type::I1),
            Trap => None,
            _ => Some(ty),
        }
    }

    /// The type of the argument at `index`.
    pub fn arg_type(self, ty: Type, index: usize) -> Type {
        match (self, index) {
            (Intrinsic::Powi, 1) => Type::I32,
            _ => ty,
        }
    }

    pub fn arg_count(self) -> usize {
        use Intrinsic::*;
        match self {
            Trap => 0,
            Ctlz | Cttz | Ctpop | Bswap | BitReverse | Sqrt | Sin | Cos | Exp | Log | Log10
            | Floor | Ceil | Round | Trunc | Fabs => 1,
            Fshl | Fshr | Fma => 3,
            _ => 2,
        }
    }

    pub fn is_float(self) -> bool {
        use Intrinsic::*;
        matches!(
            self,
            Sqrt | Sin
                | Cos
                | Exp
                | Log
                | Log10
                | Pow
                | Powi
                | Floor
                | Ceil
                | Round
                | Trunc
                | Fma
                | MinNum
                | MaxNum
                | Fabs
                | CopySign
        )
    }
}

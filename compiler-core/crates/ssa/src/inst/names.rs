//! The spelling of every operation, for the printer and the parser.

use super::{AtomicRmwOp, BinaryOp, CastOp, FloatCond, IntCond, Intrinsic, Ordering};

macro_rules! names {
    ($($ty:ident { $($variant:ident = $name:literal,)* })*) => {$(
        impl $ty {
            pub const ALL: &'static [$ty] = &[$($ty::$variant),*];

            pub fn name(self) -> &'static str {
                match self {
                    $($ty::$variant => $name,)*
                }
            }

            pub fn from_name(name: &str) -> Option<$ty> {
                match name {
                    $($name => Some($ty::$variant),)*
                    _ => None,
                }
            }
        }
    )*};
}

names! {
    BinaryOp {
        Add = "add",
        Sub = "sub",
        Mul = "mul",
        SDiv = "sdiv",
        UDiv = "udiv",
        SRem = "srem",
        URem = "urem",
        And = "and",
        Or = "or",
        Xor = "xor",
        Shl = "shl",
        LShr = "lshr",
        AShr = "ashr",
        FAdd = "fadd",
        FSub = "fsub",
        FMul = "fmul",
        FDiv = "fdiv",
        FRem = "frem",
    }
    IntCond {
        Eq = "eq",
        Ne = "ne",
        Slt = "slt",
        Sle = "sle",
        Sgt = "sgt",
        Sge = "sge",
        Ult = "ult",
        Ule = "ule",
        Ugt = "ugt",
        Uge = "uge",
    }
    FloatCond {
        Oeq = "oeq",
        One = "one",
        Olt = "olt",
        Ole = "ole",
        Ogt = "ogt",
        Oge = "oge",
        Ord = "ord",
        Ueq = "ueq",
        Une = "une",
        Ult = "ult",
        Ule = "ule",
        Ugt = "ugt",
        Uge = "uge",
        Uno = "uno",
    }
    CastOp {
        Trunc = "trunc",
        Zext = "zext",
        Sext = "sext",
        FpTrunc = "fptrunc",
        FpExt = "fpext",
        FpToSiSat = "fptosi_sat",
        FpToUiSat = "fptoui_sat",
        SiToFp = "sitofp",
        UiToFp = "uitofp",
        PtrToInt = "ptrtoint",
        IntToPtr = "inttoptr",
        Bitcast = "bitcast",
    }
    // `round` and `trunc` carry a prefix: `trunc` alone is the cast.
    Intrinsic {
        Ctlz = "ctlz",
        Cttz = "cttz",
        Ctpop = "ctpop",
        Bswap = "bswap",
        BitReverse = "bitreverse",
        Fshl = "fshl",
        Fshr = "fshr",
        Sqrt = "sqrt",
        Sin = "sin",
        Cos = "cos",
        Exp = "exp",
        Log = "log",
        Log10 = "log10",
        Pow = "pow",
        Powi = "powi",
        Floor = "floor",
        Ceil = "ceil",
        Round = "fround",
        Trunc = "ftrunc",
        Fma = "fma",
        MinNum = "minnum",
        MaxNum = "maxnum",
        Fabs = "fabs",
        CopySign = "copysign",
        SAddOverflow = "sadd_overflow",
        UAddOverflow = "uadd_overflow",
        SSubOverflow = "ssub_overflow",
        USubOverflow = "usub_overflow",
        SMulOverflow = "smul_overflow",
        UMulOverflow = "umul_overflow",
        SAddSat = "sadd_sat",
        UAddSat = "uadd_sat",
        SSubSat = "ssub_sat",
        USubSat = "usub_sat",
        Trap = "trap",
    }
    Ordering {
        Relaxed = "relaxed",
        Acquire = "acquire",
        Release = "release",
        AcqRel = "acq_rel",
        SeqCst = "seq_cst",
    }
    AtomicRmwOp {
        Xchg = "xchg",
        Add = "add",
        Sub = "sub",
        And = "and",
        Or = "or",
        Xor = "xor",
        Nand = "nand",
        SMax = "smax",
        SMin = "smin",
        UMax = "umax",
        UMin = "umin",
    }
}

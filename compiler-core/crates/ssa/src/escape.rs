//! Which heap memory may live on the stack, and why other memory may not.

use std::fmt;

use smol_str::SmolStr;

use crate::function::{Function, Inst, Loc, Value};
use crate::inst::{Callee, InstKind, Terminator};
use crate::operand::Operand;
use crate::pointers::{Base, Pointers, for_each_escaping, is_allocation};

/// Bytes that one allocation may take on the stack; guessed.
pub const STACK_BYTES_MAX: u64 = 1024;
/// Bytes that all allocations of a function may take there; guessed.
pub const STACK_BYTES_TOTAL_MAX: u64 = 8192;

/// A call of an allocation function.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Allocation {
    pub inst: Inst,
    pub loc: Option<Loc>,
    pub verdict: Verdict,
}

/// Where memory is to live.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    Stack { size: u64 },
    Heap(Reason),
}

/// Why memory stays on the heap.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reason {
    Returned,
    /// Its address is stored in memory that is not the function's own.
    StoredInData(SmolStr),
    Stored,
    PassedTo(SmolStr),
    PassedToUnknown,
    /// Its address is merged with others, or made a number.
    Merged,
    UnknownSize,
    TooLarge,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self {
            Verdict::Stack { size } => return write!(f, "on the stack, {size} bytes"),
            Verdict::Heap(reason) => reason,
        };
        f.write_str("escapes: ")?;
        match reason {
            Reason::Returned => f.write_str("it is returned"),
            Reason::StoredInData(symbol) => write!(f, "it is stored in `{symbol}`"),
            Reason::Stored => f.write_str("it is stored in memory"),
            Reason::PassedTo(symbol) => write!(f, "it is passed to `{symbol}`"),
            Reason::PassedToUnknown => f.write_str("it is passed to a function value"),
            Reason::Merged => f.write_str("its address is merged with others"),
            Reason::UnknownSize => f.write_str("its size is not known"),
            Reason::TooLarge => f.write_str("it is too large for the stack"),
        }
    }
}

/// All allocations of a function, in text order.
pub fn allocations(func: &Function) -> Vec<Allocation> {
    let is_any = func.blocks.values().any(|block| {
        let mut insts = block.insts.iter();
        insts.any(|inst| is_allocation(func, func.kind(*inst)))
    });
    if !is_any {
        return Vec::new();
    }
    let pointers = Pointers::new(func);
    let mut found = Vec::new();
    let mut total = 0;
    for block in func.blocks.values() {
        for &inst in &block.insts {
            let data = &func.insts[inst];
            if !is_allocation(func, &data.kind) {
                continue;
            }
            let verdict = match data.result {
                Some(result) => verdict(func, &pointers, &data.kind, result, &mut total),
                None => Verdict::Heap(Reason::UnknownSize),
            };
            found.push(Allocation {
                inst,
                loc: data.loc,
                verdict,
            });
        }
    }
    found
}

fn verdict(
    func: &Function,
    pointers: &Pointers,
    kind: &InstKind,
    result: Value,
    total: &mut u64,
) -> Verdict {
    if pointers.fresh_escapes(result) {
        return Verdict::Heap(reason(func, pointers, result));
    }
    let size = match kind {
        InstKind::Call { args, .. } => args.first().and_then(Operand::const_bits),
        _ => None,
    };
    let Some(size) = size else {
        return Verdict::Heap(Reason::UnknownSize);
    };
    let size = size as u64;
    if size > STACK_BYTES_MAX || *total + size > STACK_BYTES_TOTAL_MAX {
        return Verdict::Heap(Reason::TooLarge);
    }
    *total += size;
    Verdict::Stack { size }
}

/// The first way in which an address gets away.
fn reason(func: &Function, pointers: &Pointers, value: Value) -> Reason {
    let is_it = |operand: &Operand| pointers.place(operand).base == Base::Fresh(value);
    for block in func.blocks.values() {
        for &inst in &block.insts {
            let kind = func.kind(inst);
            let mut gets_away = false;
            for_each_escaping(func, kind, |operand| gets_away |= is_it(operand));
            if !gets_away {
                continue;
            }
            return match kind {
                InstKind::Store { ptr, .. } | InstKind::AtomicStore { ptr, .. } => {
                    match pointers.place(ptr).base {
                        Base::Data(data) => match &func.datas[data].kind {
                            crate::DataKind::Extern { symbol, .. } => {
                                Reason::StoredInData(symbol.clone())
                            }
                            crate::DataKind::Bytes { .. } => Reason::Stored,
                        },
                        _ => Reason::Stored,
                    }
                }
                InstKind::Call {
                    callee: Callee::Direct(callee),
                    ..
                } => Reason::PassedTo(func.funcs[*callee].symbol.clone()),
                InstKind::Call { .. } => Reason::PassedToUnknown,
                _ => Reason::Merged,
            };
        }
        if let Terminator::Return(Some(operand)) = &block.terminator
            && is_it(operand)
        {
            return Reason::Returned;
        }
    }
    Reason::Merged
}

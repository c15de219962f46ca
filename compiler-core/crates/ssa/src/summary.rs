//! What callers need to know of a function: its price, and what a call may do.
//!
//! A summary looks at one body alone. Calls count as what their declarations promise, so a
//! summary never needs another one, and recursion in a program is no cycle here.

use crate::cfg::Cfg;
use crate::dominators::DominatorTree;
use crate::function::{Effect, Function, FunctionAttrs, InlineHint, Role};
use crate::inst::{Callee, InstKind, Intrinsic, Terminator};
use crate::loops::Loops;
use crate::operand::Operand;
use crate::pointers::{Base, Pointers};

/// A body of this cost or more has this cost: edits in large functions concern no caller.
pub const COST_MAX: u32 = 400;
/// What a block costs that ends in a panic; guessed.
const PANIC_COST: u32 = 1;
/// What a call costs beside its arguments, in instructions; guessed.
pub const CALL_COST: u32 = 5;

/// What counting costs; guessed.
const RETAIN_COST: u32 = 3;

/// What a call of a function costs and does.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Summary {
    /// Instructions after the passes that look at one function alone, at most [`COST_MAX`].
    pub cost: u32,
    pub inline: InlineHint,
    pub cold: bool,
    pub role: Role,
    /// Whether some call is of the function itself.
    pub is_recursive: bool,
    /// May read memory that others can see.
    pub reads: bool,
    /// May change memory that others can see, or do input or output.
    pub writes: bool,
    /// May end the program, or never come to an end.
    pub may_not_return: bool,
    /// The constant that every return gives.
    pub result: Option<ConstResult>,
}

/// A constant that does not depend on the function it stands in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ConstResult(Operand);

impl ConstResult {
    pub fn operand(self) -> Operand {
        self.0
    }
}

impl Summary {
    pub fn of(func: &Function) -> Summary {
        let mut summary = Summary {
            cost: 0,
            inline: func.attrs.inline,
            cold: func.attrs.cold,
            role: func.attrs.role,
            is_recursive: false,
            reads: false,
            writes: false,
            may_not_return: func.attrs.noreturn,
            result: const_result(func),
        };
        let cfg = Cfg::new(func);
        let dominators = DominatorTree::new(func, &cfg);
        let pointers = Pointers::new(func);
        // A loop may run for ever; what comes back in no orderly way may, too.
        summary.may_not_return |= !Loops::find(func, &cfg, &dominators).is_empty();
        summary.may_not_return |= has_irreducible_cycle(&cfg, &dominators);
        for &block in cfg.reverse_postorder() {
            let before = summary.cost;
            for &inst in &func.blocks[block].insts {
                summary.add(func, &pointers, func.kind(inst));
            }
            // What leads to a panic costs room, but no time.
            if let Terminator::Unreachable = func.blocks[block].terminator {
                summary.cost = before + PANIC_COST;
            }
            summary.cost += match &func.blocks[block].terminator {
                Terminator::Return(_) | Terminator::Jump(_) => 0,
                Terminator::Invoke { .. } => 0,
                Terminator::Resume | Terminator::Unreachable => {
                    summary.may_not_return = true;
                    0
                }
                Terminator::Branch { .. } => 1,
                Terminator::Switch { cases, .. } => 1 + cases.len() as u32,
            };
        }
        summary.cost = summary.cost.min(COST_MAX);
        summary
    }

    /// What a declaration of the function may promise.
    pub fn effect(&self) -> Effect {
        match (self.may_not_return || self.writes, self.reads) {
            (true, _) => Effect::Any,
            (false, true) => Effect::ReadOnly,
            (false, false) => Effect::Pure,
        }
    }

    fn add(&mut self, func: &Function, pointers: &Pointers, kind: &InstKind) {
        // Memory of this call's own is nobody else's business, unless its address got away.
        let is_own = |ptr: &Operand| match pointers.place(ptr).base {
            Base::Slot(slot) => !pointers.escapes(slot),
            _ => false,
        };
        self.cost += match kind {
            InstKind::Phi { .. } => 0,
            // Goes, or becomes an addition.
            InstKind::Call {
                callee: Callee::Direct(callee),
                ..
            } if func.funcs[*callee].attrs.role == Role::Retain => RETAIN_COST,
            InstKind::Call { args, .. } => CALL_COST + args.len() as u32,
            InstKind::MemCpy { .. } | InstKind::MemMove { .. } | InstKind::MemSet { .. } => 3,
            InstKind::PtrAdd { offset, .. } if offset.is_const() => 0,
            InstKind::Cast { .. } => 0,
            _ => 1,
        };
        match kind {
            InstKind::Load { ptr, volatile, .. } => {
                self.reads |= !is_own(ptr);
                self.writes |= volatile;
            }
            InstKind::Store { ptr, volatile, .. } => self.writes |= *volatile || !is_own(ptr),
            InstKind::MemCpy { dst, src, .. } | InstKind::MemMove { dst, src, .. } => {
                self.writes |= !is_own(dst);
                self.reads |= !is_own(src);
            }
            InstKind::MemSet { dst, .. } => self.writes |= !is_own(dst),
            InstKind::Intrinsic {
                op: Intrinsic::Trap,
                ..
            } => self.may_not_return = true,
            InstKind::Call { callee, args } => {
                let attrs = match callee {
                    Callee::Direct(callee) => {
                        self.is_recursive |= func.funcs[*callee].symbol == func.symbol;
                        func.funcs[*callee].attrs
                    }
                    Callee::Indirect { .. } => FunctionAttrs::default(),
                };
                let _ = args;
                match attrs.effect {
                    Effect::Pure => {}
                    Effect::ReadOnly => self.reads = true,
                    Effect::Any => {
                        self.reads = true;
                        self.writes = true;
                        self.may_not_return = true;
                    }
                }
            }
            InstKind::AtomicLoad { .. }
            | InstKind::AtomicStore { .. }
            | InstKind::AtomicRmw { .. }
            | InstKind::AtomicCmpxchg { .. }
            | InstKind::Fence { .. } => {
                self.reads = true;
                self.writes = true;
            }
            _ => {}
        }
    }
}

fn has_irreducible_cycle(cfg: &Cfg, dominators: &DominatorTree) -> bool {
    let order = cfg.reverse_postorder();
    let mut seen = vec![false; order.len().max(1)];
    let position: rustc_hash::FxHashMap<_, _> =
        order.iter().enumerate().map(|(i, b)| (*b, i)).collect();
    for (index, &block) in order.iter().enumerate() {
        if let Some(flag) = seen.get_mut(index) {
            *flag = true;
        }
        for pred in cfg.preds(block) {
            let comes_later = position.get(pred).is_some_and(|&at| at >= index);
            if comes_later && !dominators.dominates(block, *pred) {
                return true;
            }
        }
    }
    false
}

fn const_result(func: &Function) -> Option<ConstResult> {
    let mut found = None;
    for block in func.blocks.values() {
        let Terminator::Return(result) = &block.terminator else {
            continue;
        };
        let result = (*result)?;
        let is_plain = matches!(
            result,
            Operand::Int(..) | Operand::F32(_) | Operand::F64(_) | Operand::Null
        );
        if !is_plain || *found.get_or_insert(result) != result {
            return None;
        }
    }
    found.map(ConstResult)
}

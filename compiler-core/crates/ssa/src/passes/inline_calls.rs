//! Puts the bodies of small callees in the place of their calls.
//!
//! What a call is worth: its own cost, what constant and local arguments may fold, and the
//! programmer's `@inline`. A callee is taken as it is before it has seen its own callees; those
//! of its calls that come along are looked at in turn, to a depth, and never a third time the
//! same function in one chain. `@inline(never)`, cold callees and calls that lead to a panic
//! stay calls, and so do those on the way out of one that take no slot's address.
//!
//! Safe because the callee's slots, data and functions become the caller's; slots live longer,
//! and what they hold at first is undefined. Locations inside are those of the call: lines
//! count from the item that they stand in.
//!
//! ```text
//!   %1 = call i32 @square(i32 3)     →     %1 = mul i32 3, 3
//! ```

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;
use stdx::DenseMap;

use crate::cfg::Cfg;
use crate::dominators::DominatorTree;
use crate::function::{
    Block, BlockData, DataRef, FuncRef, Function, InlineHint, Inst, Loc, Role, Slot, Value,
};
use crate::inst::{Callee, InstKind, Terminator};
use crate::loops::Loops;
use crate::operand::Operand;
use crate::pointers::{Base, Pointers};
use crate::summary::{CALL_COST, COST_MAX, Summary};
use crate::surroundings::Surroundings;
use crate::types::Type;

/// A callee of at most this cost is inlined anywhere, if nothing else is wanted. Guessed, as all
/// numbers here.
pub const INLINE_THRESHOLD: u32 = 24;
/// The bound for `@inline`.
const COST_HINTED: u32 = 160;
/// What an argument saves that is a constant, and one that is the address of a slot.
const CONSTANT_WORTH: u32 = 10;
const SLOT_WORTH: u32 = 6;
/// What it is worth to have the only call of a callee inside a loop in place.
const LOOP_WORTH: u32 = 80;
/// How often a function may stand in a chain of inlined calls, the caller included.
pub const RECURSION_MAX: usize = 2;
/// Calls in a chain.
const CHAIN_MAX: usize = 8;
/// Instructions that inlining may add to a function.
const GROWTH_MAX: usize = 3000;
/// Bytes of slots that a callee may bring along without `@inline(always)`.
const SLOT_BYTES_MAX: u64 = 2048;

pub fn inline_calls(func: &mut Function, around: &dyn Surroundings) -> bool {
    inline(func, around, Which::Calls)
}

/// Does the same for retains and releases, if their own `@inline` wants it: after those that
/// undo each other are gone.
pub fn inline_counts(func: &mut Function, around: &dyn Surroundings) -> bool {
    inline(func, around, Which::Counts)
}

/// Does so for what counts or ends objects that are made here: when nothing else has them, they
/// need not live on the heap.
pub fn inline_own(func: &mut Function, around: &dyn Surroundings) -> bool {
    let pointers = Pointers::new(func);
    let is_own = |inst: &Inst| match func.kind(*inst) {
        InstKind::Call {
            callee: Callee::Direct(_),
            args,
        } => args
            .first()
            .is_some_and(|arg| matches!(pointers.place(arg).base, Base::Fresh(_))),
        _ => false,
    };
    let own: FxHashSet<Inst> = func.insts.keys().filter(is_own).collect();
    !own.is_empty() && inline(func, around, Which::These(own))
}

/// Which calls are looked at.
enum Which {
    Calls,
    /// Those of functions with a role.
    Counts,
    These(FxHashSet<Inst>),
}

impl Which {
    fn contains(&self, call: Inst, has_role: bool) -> bool {
        match self {
            Which::Calls => !has_role,
            Which::Counts => has_role,
            Which::These(calls) => calls.contains(&call),
        }
    }
}

fn inline(func: &mut Function, around: &dyn Surroundings, which: Which) -> bool {
    func.remove_unreachable_blocks();
    let mut inliner = Inliner {
        around,
        which,
        chains: Vec::new(),
        chain_of: FxHashMap::default(),
        looped: calls_in_loops(func),
        growth: 0,
    };
    // Later blocks first, so that the earlier ones come off the end first.
    let mut work: Vec<Block> = func.blocks.keys().rev().collect();
    let mut changed = false;
    while let Some(block) = work.pop() {
        let Some((at, callee)) = inliner.next_in(func, block) else {
            continue;
        };
        changed = true;
        let new = inliner.inline(func, block, at, &callee);
        work.extend(new.into_iter().rev());
    }
    changed
}

/// The calls inside loops whose callees are called once.
fn calls_in_loops(func: &Function) -> FxHashSet<Inst> {
    let cfg = Cfg::new(func);
    let dominators = DominatorTree::new(func, &cfg);
    let loops = Loops::find(func, &cfg, &dominators);
    let mut calls: FxHashMap<FuncRef, Vec<(Inst, Block)>> = FxHashMap::default();
    for (block, data) in func.blocks.iter() {
        for &inst in &data.insts {
            if let InstKind::Call {
                callee: Callee::Direct(callee),
                ..
            } = func.kind(inst)
            {
                calls.entry(*callee).or_default().push((inst, block));
            }
        }
    }
    let single = calls.into_values().filter_map(|calls| match *calls {
        [only] => Some(only),
        _ => None,
    });
    single
        .filter(|(_, block)| loops.iter().any(|it| it.contains(*block)))
        .map(|(inst, _)| inst)
        .collect()
}

struct Inliner<'a> {
    around: &'a dyn Surroundings,
    which: Which,
    /// Functions that were inlined, each with the call it stood in.
    chains: Vec<(SmolStr, Option<usize>)>,
    /// Which inlined function a call came with.
    chain_of: FxHashMap<Inst, usize>,
    /// Calls inside loops of functions that are called nowhere else here.
    looped: FxHashSet<Inst>,
    growth: usize,
}

impl Inliner<'_> {
    /// The first call of a block that is to be inlined, and what it calls.
    fn next_in(&self, func: &Function, block: Block) -> Option<(usize, std::sync::Arc<Function>)> {
        let data = &func.blocks[block];
        for (at, &inst) in data.insts.iter().enumerate() {
            let InstKind::Call {
                callee: Callee::Direct(callee),
                args,
            } = func.kind(inst)
            else {
                continue;
            };
            let callee = &func.funcs[*callee];
            let has_role = callee.attrs.role != Role::None;
            let is_meant = self.which.contains(inst, has_role);
            if callee.attrs.noreturn || !is_meant || callee.signature.varargs {
                continue;
            }
            let Some(summary) = self.around.summary(&callee.symbol) else {
                continue;
            };
            // Cleaning up a slot by a call would give its address away, and keep what it holds on
            // the heap.
            let takes_slot = args.iter().any(|arg| matches!(arg, Operand::Slot(..)));
            let is_cold = match data.terminator {
                Terminator::Unreachable => true,
                Terminator::Resume => !takes_slot && !matches!(self.which, Which::These(_)),
                _ => false,
            };
            if !self.is_worth_it(func, inst, &callee.symbol, summary, args, is_cold) {
                continue;
            }
            let Some(body) = self.around.body(&callee.symbol) else {
                continue;
            };
            let slot_bytes: u64 = body.slots.values().map(|slot| slot.size).sum();
            let fits = slot_bytes <= SLOT_BYTES_MAX || summary.inline == InlineHint::Always;
            if fits && body.signature == callee.signature {
                return Some((at, body));
            }
        }
        None
    }

    fn is_worth_it(
        &self,
        func: &Function,
        call: Inst,
        symbol: &SmolStr,
        summary: Summary,
        args: &[Operand],
        is_cold: bool,
    ) -> bool {
        let forced = summary.inline == InlineHint::Always;
        let has_role = summary.role != Role::None;
        if summary.inline == InlineHint::Never || !self.which.contains(call, has_role) {
            return false;
        }
        if !forced && (summary.cold || is_cold) {
            return false;
        }
        let mut seen = usize::from(func.symbol == *symbol);
        let mut depth = 0;
        let mut chain = self.chain_of.get(&call).copied();
        while let Some((inlined, parent)) = chain.and_then(|it| self.chains.get(it)) {
            seen += usize::from(inlined == symbol);
            depth += 1;
            chain = *parent;
        }
        let hinted = forced || summary.inline == InlineHint::Hint;
        // Unrolling recursion is worth something only to somebody who asked for it.
        let seen_max = if hinted { RECURSION_MAX } else { 1 };
        if seen >= seen_max || depth >= CHAIN_MAX || self.growth >= GROWTH_MAX {
            return false;
        }
        if summary.is_recursive && !hinted {
            return false;
        }
        if forced || has_role {
            return hinted;
        }
        let in_loop = match self.looped.contains(&call) {
            true => LOOP_WORTH,
            false => 0,
        };
        let worth: u32 = args
            .iter()
            .map(|arg| match arg {
                Operand::Slot(..) => SLOT_WORTH,
                Operand::Value(_) | Operand::Undef(_) => 0,
                _ => CONSTANT_WORTH,
            })
            .sum();
        let call_cost = CALL_COST + args.len() as u32;
        let threshold = self.around.inline_threshold();
        let limit = if hinted {
            threshold.max(COST_HINTED)
        } else {
            threshold
        };
        summary.cost < COST_MAX && summary.cost <= limit + worth + in_loop + call_cost
    }

    /// Replaces a call by the callee's blocks. The blocks that are to be looked at next, in order.
    fn inline(
        &mut self,
        func: &mut Function,
        block: Block,
        at: usize,
        callee: &Function,
    ) -> Vec<Block> {
        let call = func.blocks[block].insts[at];
        let loc = func.insts[call].loc;
        let args = match &func.insts[call].kind {
            InstKind::Call { args, .. } => args.clone(),
            _ => Vec::new(),
        };
        self.chains
            .push((callee.symbol.clone(), self.chain_of.get(&call).copied()));
        let chain = self.chains.len() - 1;
        let after = split_after(func, block, at);
        let cleanup = take_cleanup(func, after);
        let mut copy = Copy::new(func, callee, &args);
        for number in callee.blocks.keys() {
            let target = match number == callee.entry() {
                true => block,
                false => func.blocks.push(BlockData::default()),
            };
            copy.blocks.push(target);
        }
        copy.make_insts(func, callee, loc);
        let mut returns: Vec<(Block, Option<Operand>)> = Vec::new();
        for (number, data) in callee.blocks.iter() {
            let target = copy.blocks[number];
            for &inst in &data.insts {
                let Some(new) = copy.insts[inst] else {
                    continue;
                };
                func.blocks[target].insts.push(new);
                if matches!(func.insts[new].kind, InstKind::Call { .. }) {
                    self.chain_of.insert(new, chain);
                }
                self.growth += 1;
            }
            let mut terminator = data.terminator.clone();
            if let Some(operand) = terminator.operand_mut() {
                *operand = copy.operand(callee, *operand);
            }
            if let Terminator::Return(result) = terminator {
                returns.push((target, result));
                terminator = Terminator::Jump(after);
            } else {
                terminator.for_each_successor_mut(|succ| *succ = copy.blocks[*succ]);
            }
            func.blocks[target].terminator = terminator;
            func.blocks[target].terminator_loc = loc;
        }
        give_result(func, call, after, returns);
        let mut made = Vec::new();
        if let Some(cleanup) = &cleanup {
            for &copied in copy.blocks.values() {
                // What stood before the call had nothing to clean up.
                let first = if copied == block { at } else { 0 };
                made.extend(cleanup.unwind_from(func, copied, first));
            }
        }
        let mut next: Vec<Block> = copy.blocks.values().copied().collect();
        next.extend(made);
        next.push(after);
        next
    }
}

/// Cuts a block in two at a call, which goes; the block that holds what came after it.
fn split_after(func: &mut Function, block: Block, at: usize) -> Block {
    let after = cut(func, block, at + 1);
    func.blocks[block].insts.pop();
    after
}

/// Moves the instructions from one on, and the terminator, to a new block.
fn cut(func: &mut Function, block: Block, at: usize) -> Block {
    let rest = func.blocks[block].insts.split_off(at);
    let data = &mut func.blocks[block];
    let terminator = std::mem::replace(&mut data.terminator, Terminator::Unreachable);
    let successors: Vec<Block> = terminator.successors().collect();
    let new = BlockData {
        insts: rest,
        terminator,
        terminator_loc: data.terminator_loc,
    };
    let after = func.blocks.push(new);
    for succ in successors {
        func.edit_phis(succ, |args| {
            for (pred, _) in args.iter_mut().filter(|(pred, _)| *pred == block) {
                *pred = after;
            }
        });
    }
    after
}

/// Where an inlined call unwound to, and what the phis there had from it.
struct Cleanup {
    block: Block,
    phis: Vec<(Inst, Operand)>,
}

/// The cleanup of a call that has just been cut out before an otherwise empty block.
fn take_cleanup(func: &mut Function, after: Block) -> Option<Cleanup> {
    let Terminator::Invoke { normal, cleanup } = func.blocks[after].terminator else {
        return None;
    };
    // The `invoke` belongs to the call only if nothing follows it.
    if !func.blocks[after].insts.is_empty() {
        return None;
    }
    let mut phis = Vec::new();
    for phi in func.phis(cleanup) {
        if let InstKind::Phi { args, .. } = func.kind(phi)
            && let Some((_, operand)) = args.iter().find(|(pred, _)| *pred == after)
        {
            phis.push((phi, *operand));
        }
    }
    func.set_terminator(after, Terminator::Jump(normal));
    Some(Cleanup {
        block: cleanup,
        phis,
    })
}

impl Cleanup {
    /// Leads here what unwinds out of a copied block, whose copied part begins with the
    /// instruction `at`. The blocks that this makes.
    fn unwind_from(&self, func: &mut Function, mut block: Block, mut at: usize) -> Vec<Block> {
        let mut made = Vec::new();
        // Every round passes one instruction.
        while let Some(&inst) = func.blocks[block].insts.get(at) {
            at += 1;
            let is_last = at == func.blocks[block].insts.len();
            let is_settled =
                is_last && matches!(func.blocks[block].terminator, Terminator::Invoke { .. });
            if is_settled || !func.may_unwind(inst) {
                continue;
            }
            let normal = cut(func, block, at);
            func.blocks[block].terminator = Terminator::Invoke {
                normal,
                cleanup: self.block,
            };
            self.enter_from(func, block);
            made.push(normal);
            (block, at) = (normal, 0);
        }
        if matches!(func.blocks[block].terminator, Terminator::Resume) {
            func.blocks[block].terminator = Terminator::Jump(self.block);
            self.enter_from(func, block);
        }
        made
    }

    fn enter_from(&self, func: &mut Function, pred: Block) {
        for (phi, operand) in &self.phis {
            if let InstKind::Phi { args, .. } = &mut func.insts[*phi].kind {
                args.push((pred, *operand));
            }
        }
    }
}

/// Makes the call's result a phi of what the returns give. The value keeps its number.
fn give_result(
    func: &mut Function,
    call: Inst,
    after: Block,
    returns: Vec<(Block, Option<Operand>)>,
) {
    let Some(result) = func.insts[call].result else {
        return;
    };
    let ty = func.values[result].ty;
    let args: Vec<(Block, Operand)> = returns
        .into_iter()
        .map(|(pred, operand)| (pred, operand.unwrap_or(Operand::Undef(ty))))
        .collect();
    func.insts[call].kind = InstKind::Phi { ty, args };
    func.insts[call].loc = None;
    func.blocks[after].insts.insert(0, call);
}

/// How the callee's tables are numbered in the caller.
struct Copy {
    blocks: DenseMap<Block, Block>,
    insts: DenseMap<Inst, Option<Inst>>,
    values: DenseMap<Value, Option<Operand>>,
    slots: DenseMap<Slot, Slot>,
    funcs: DenseMap<FuncRef, FuncRef>,
    datas: DenseMap<DataRef, DataRef>,
}

impl Copy {
    fn new(func: &mut Function, callee: &Function, args: &[Operand]) -> Copy {
        let mut copy = Copy {
            blocks: DenseMap::new(),
            insts: DenseMap::filled(None, callee.insts.len()),
            values: DenseMap::filled(None, callee.values.len()),
            slots: DenseMap::new(),
            funcs: DenseMap::new(),
            datas: DenseMap::new(),
        };
        for (param, arg) in callee.params().zip(args) {
            copy.values[param] = Some(*arg);
        }
        for slot in callee.slots.values() {
            copy.slots.push(func.slots.push(slot.clone()));
        }
        for it in callee.funcs.values() {
            copy.funcs.push(func.import_func(it.clone()));
        }
        for it in callee.datas.values() {
            copy.datas.push(func.import_data(it.clone()));
        }
        copy
    }

    /// Makes all instructions, then gives them their operands: phis mention later ones.
    fn make_insts(&mut self, func: &mut Function, callee: &Function, loc: Option<Loc>) {
        for block in callee.blocks.values() {
            for &inst in &block.insts {
                let data = &callee.insts[inst];
                // The type is the callee's value's; operands are not the caller's yet.
                let new = func.insts.push(crate::function::InstData {
                    kind: data.kind.clone(),
                    result: None,
                    loc,
                });
                if let Some(result) = data.result {
                    let value = func.values.push(crate::function::ValueData {
                        ty: callee.values[result].ty,
                        def: crate::function::ValueDef::Inst(new),
                    });
                    func.insts[new].result = Some(value);
                    self.values[result] = Some(Operand::Value(value));
                }
                self.insts[inst] = Some(new);
            }
        }
        for block in callee.blocks.values() {
            for &inst in &block.insts {
                let Some(new) = self.insts[inst] else {
                    continue;
                };
                let mut kind = callee.insts[inst].kind.clone();
                kind.for_each_operand_mut(|operand| {
                    *operand = self.operand(callee, *operand);
                });
                match &mut kind {
                    InstKind::Phi { args, .. } => {
                        for (pred, _) in args {
                            *pred = self.blocks[*pred];
                        }
                    }
                    InstKind::Call {
                        callee: Callee::Direct(target),
                        ..
                    } => *target = self.funcs[*target],
                    _ => {}
                }
                func.insts[new].kind = kind;
            }
        }
    }

    fn operand(&self, callee: &Function, operand: Operand) -> Operand {
        match operand {
            Operand::Value(value) => {
                let ty = callee.values.get(value).map_or(Type::I64, |data| data.ty);
                let known = self.values.get(value).copied().flatten();
                known.unwrap_or(Operand::Undef(ty))
            }
            Operand::Slot(slot, offset) => Operand::Slot(self.slots[slot], offset),
            Operand::Data(data, offset) => Operand::Data(self.datas[data], offset),
            Operand::Func(target) => Operand::Func(self.funcs[target]),
            constant => constant,
        }
    }
}

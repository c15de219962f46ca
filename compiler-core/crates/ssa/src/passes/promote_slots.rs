//! Turns stack memory into values, with phis where values meet.
//!
//! A range of a slot becomes a variable when the slot's address goes nowhere
//! but into plain loads and stores, and the accesses that touch the range all
//! have its offset and its type. Ranges of one slot are separate variables, so
//! structs fall apart into their fields.
//!
//! Safe because nobody else can see such memory; a read before the first write
//! gives an undefined value, as it did before.
//!
//! ```text
//! bb0:                                  bb0:
//!   store i32 1, s0 align 4
//!   branch %0, bb1, bb2                   branch %0, bb1, bb2
//! bb1:                                  bb1:
//!   store i32 2, s0 align 4         →
//!   jump bb2                              jump bb2
//! bb2:                                  bb2:
//!   %1 = load i32, s0 align 4             %1 = phi i32 [bb0: 1], [bb1: 2]
//!   return i32 %1                         return i32 %1
//! ```

use rustc_hash::FxHashMap;
use stdx::{DenseMap, Idx, define_index};

use crate::cfg::Cfg;
use crate::dominators::DominatorTree;
use crate::function::edit::Substitution;
use crate::function::{Block, Function, Inst, Slot};
use crate::inst::InstKind;
use crate::operand::Operand;
use crate::types::Type;

define_index!(/// A range of a slot that becomes values.
    struct Variable, "var");

pub fn promote_slots(func: &mut Function) -> bool {
    // A phi needs an entry for every predecessor, so there must be no unreachable ones.
    let changed = func.remove_unreachable_blocks();
    let variables = Variables::find(func);
    if variables.types.is_empty() {
        return changed;
    }
    let cfg = Cfg::new(func);
    let dominators = DominatorTree::new(func, &cfg);
    let mut renamer = Renamer {
        loads: Substitution::new(func),
        phis: place_phis(func, &variables, &cfg, &dominators),
        current: DenseMap::filled(None, variables.types.len()),
        overwritten: Vec::new(),
        variables,
    };
    renamer.run(func, &dominators);
    true
}

/// The ranges that become values.
struct Variables {
    types: DenseMap<Variable, Type>,
    by_place: FxHashMap<(Slot, i64), Variable>,
}

impl Variables {
    fn find(func: &Function) -> Variables {
        let mut accesses: DenseMap<Slot, Vec<(i64, Type)>> =
            DenseMap::filled(Vec::new(), func.slots.len());
        let mut escapes = DenseMap::filled(false, func.slots.len());
        let mut escape = |operand: &Operand| {
            if let Operand::Slot(slot, _) = operand {
                escapes[*slot] = true;
            }
        };
        for block in func.blocks.values() {
            for &inst in &block.insts {
                let kind = func.kind(inst);
                match (plain_access(func, kind), kind) {
                    (Some((slot, offset, ty)), _) => {
                        accesses[slot].push((offset, ty));
                        if let InstKind::Store { value, .. } = kind {
                            escape(value);
                        }
                    }
                    (None, kind) => kind.for_each_operand(&mut escape),
                }
            }
            block.terminator.operand().into_iter().for_each(&mut escape);
        }
        let mut variables = Variables {
            types: DenseMap::new(),
            by_place: FxHashMap::default(),
        };
        for (slot, accesses) in accesses.iter_mut() {
            if !escapes[slot] {
                variables.add_ranges(slot, func.slots[slot].size, accesses);
            }
        }
        variables
    }

    /// Of the slot's ranges, the ones that no access straddles.
    fn add_ranges(&mut self, slot: Slot, size: u64, accesses: &mut Vec<(i64, Type)>) {
        accesses.sort_unstable();
        accesses.dedup();
        let end = |&(offset, ty): &(i64, Type)| i128::from(offset) + i128::from(ty.size_bytes());
        if accesses
            .iter()
            .any(|access| access.0 < 0 || end(access) > i128::from(size))
        {
            return;
        }
        let mut rest = accesses.as_slice();
        while let [first, others @ ..] = rest {
            let mut reach = end(first);
            let mut overlapping = 0;
            while let Some(next) = others.get(overlapping)
                && i128::from(next.0) < reach
            {
                reach = reach.max(end(next));
                overlapping += 1;
            }
            if overlapping == 0 {
                let variable = self.types.push(first.1);
                self.by_place.insert((slot, first.0), variable);
            }
            rest = &others[overlapping..];
        }
    }

    /// The variable that an instruction reads or writes.
    fn accessed(&self, func: &Function, kind: &InstKind) -> Option<Variable> {
        let (slot, offset, _) = plain_access(func, kind)?;
        self.by_place.get(&(slot, offset)).copied()
    }
}

fn plain_access(func: &Function, kind: &InstKind) -> Option<(Slot, i64, Type)> {
    match *kind {
        InstKind::Load {
            ty,
            ptr: Operand::Slot(slot, offset),
            volatile: false,
            ..
        } => Some((slot, offset, ty)),
        InstKind::Store {
            value,
            ptr: Operand::Slot(slot, offset),
            volatile: false,
            ..
        } => Some((slot, offset, value.ty(func))),
        _ => None,
    }
}

type NewPhis = DenseMap<Block, Vec<(Variable, Inst)>>;

/// Puts a phi where different writes of a variable meet and its value is still wanted.
fn place_phis(
    func: &mut Function,
    variables: &Variables,
    cfg: &Cfg,
    dominators: &DominatorTree,
) -> NewPhis {
    let count = variables.types.len();
    let mut writers: DenseMap<Variable, Vec<Block>> = DenseMap::filled(Vec::new(), count);
    let mut readers: DenseMap<Variable, Vec<Block>> = DenseMap::filled(Vec::new(), count);
    for &block in cfg.reverse_postorder() {
        for &inst in &func.blocks[block].insts {
            let kind = func.kind(inst);
            let Some(variable) = variables.accessed(func, kind) else {
                continue;
            };
            let written = writers[variable].last() == Some(&block);
            match kind {
                InstKind::Store { .. } if !written => writers[variable].push(block),
                // Read before any write of the block: the value comes in from outside.
                InstKind::Load { .. } if !written && readers[variable].last() != Some(&block) => {
                    readers[variable].push(block);
                }
                _ => {}
            }
        }
    }
    let frontiers = dominators.frontiers(cfg);
    let mut phis: NewPhis = DenseMap::filled(Vec::new(), func.blocks.len());
    for (variable, &ty) in variables.types.iter() {
        let live = live_in(&readers[variable], &writers[variable], cfg);
        let mut placed = vec![false; func.blocks.len()];
        let mut work = writers[variable].clone();
        while let Some(block) = work.pop() {
            for &join in &frontiers[block] {
                let is_new = live[join.as_usize()] && !placed[join.as_usize()];
                if is_new {
                    placed[join.as_usize()] = true;
                    let phi = func.make_inst(
                        InstKind::Phi {
                            ty,
                            args: Vec::new(),
                        },
                        None,
                    );
                    phis[join].push((variable, phi));
                    work.push(join);
                }
            }
        }
    }
    for (block, phis) in phis.iter() {
        func.blocks[block]
            .insts
            .splice(0..0, phis.iter().map(|(_, phi)| *phi));
    }
    phis
}

/// The blocks at whose start a variable's value will still be read.
fn live_in(readers: &[Block], writers: &[Block], cfg: &Cfg) -> Vec<bool> {
    let block_count = cfg.reverse_postorder().len();
    let mut writes = vec![false; block_count];
    writers
        .iter()
        .for_each(|block| writes[block.as_usize()] = true);
    let mut live = vec![false; block_count];
    let mut work = readers.to_vec();
    while let Some(block) = work.pop() {
        if !std::mem::replace(&mut live[block.as_usize()], true) {
            let preds = cfg.preds(block).iter().copied();
            work.extend(preds.filter(|pred| !writes[pred.as_usize()]));
        }
    }
    live
}

enum Step {
    Enter(Block),
    /// Restore what was written after this many writes.
    Leave(usize),
}

struct Renamer {
    variables: Variables,
    phis: NewPhis,
    /// What each load is replaced by.
    loads: Substitution,
    /// Each variable's value at the point the walk has reached.
    current: DenseMap<Variable, Option<Operand>>,
    overwritten: Vec<(Variable, Option<Operand>)>,
}

impl Renamer {
    fn run(&mut self, func: &mut Function, dominators: &DominatorTree) {
        let mut steps = vec![Step::Enter(func.entry())];
        while let Some(step) = steps.pop() {
            match step {
                Step::Leave(len) => {
                    for (variable, before) in self.overwritten.drain(len..).rev() {
                        self.current[variable] = before;
                    }
                }
                Step::Enter(block) => {
                    steps.push(Step::Leave(self.overwritten.len()));
                    let children = dominators.children(block).iter().rev();
                    steps.extend(children.map(|&child| Step::Enter(child)));
                    self.block(func, block);
                }
            }
        }
        func.substitute(&self.loads);
    }

    fn block(&mut self, func: &mut Function, block: Block) {
        for index in 0..self.phis[block].len() {
            let (variable, phi) = self.phis[block][index];
            let value = func.insts[phi].result.map(Operand::Value);
            self.write(variable, value);
        }
        let mut insts = std::mem::take(&mut func.blocks[block].insts);
        insts.retain(|&inst| {
            let data = &func.insts[inst];
            let Some(variable) = self.variables.accessed(func, &data.kind) else {
                return true;
            };
            match (&data.kind, data.result) {
                (InstKind::Store { value, .. }, _) => {
                    let value = self.loads.resolve(*value);
                    self.write(variable, Some(value));
                }
                (_, Some(result)) => {
                    let value = self.read(variable);
                    self.loads.insert(result, value);
                }
                _ => {}
            }
            false
        });
        func.blocks[block].insts = insts;
        let mut successors: Vec<Block> = func.successors(block).collect();
        successors.sort_unstable();
        successors.dedup();
        for succ in successors {
            for &(variable, phi) in &self.phis[succ] {
                let value = self.read(variable);
                if let InstKind::Phi { args, .. } = &mut func.insts[phi].kind {
                    args.push((block, value));
                }
            }
        }
    }

    fn read(&self, variable: Variable) -> Operand {
        self.current[variable].unwrap_or(Operand::Undef(self.variables.types[variable]))
    }

    fn write(&mut self, variable: Variable, value: Option<Operand>) {
        let before = std::mem::replace(&mut self.current[variable], value);
        self.overwritten.push((variable, before));
    }
}

//! Sparse conditional constant propagation: constants and reachability found together, so that
//! a value that is constant on every path that can be taken is known to be.
//!
//! Starts from "nothing is reached, nothing has a value" and adds what the facts so far force.
//! Safe because what is left at the end over-approximates every run; values come from
//! [`eval`](crate::eval) as in `fold_constants`, so they are bit for bit what a run computes.
//!
//! ```text
//! bb1:                                       bb1:
//!   %1 = phi i32 [bb0: 1], [bb3: %3]           jump bb3
//!   %2 = icmp eq i32 %1, 1               →   bb3:
//!   branch %2, bb3, bb2                        jump bb1    …uses of %1 and %3 are 1
//! bb2:
//!   jump bb3
//! bb3:
//!   %3 = phi i32 [bb1: 1], [bb2: 7]
//! ```

use rustc_hash::FxHashSet;
use stdx::DenseMap;

use super::fold_constants::{fold, fold_branches, known_target};
use crate::function::edit::Substitution;
use crate::function::{Block, Function, Inst, Value, ValueDef};
use crate::inst::{InstKind, Terminator};
use crate::operand::Operand;

/// What is known of a value so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Known {
    /// No run has been seen to compute it.
    Nothing,
    Constant(Operand),
    Varies,
}

pub fn propagate_constants(func: &mut Function) -> bool {
    let mut changed = func.remove_unreachable_blocks();
    let solver = Solver::solve(func);
    let mut constants = Substitution::new(func);
    for (value, known) in solver.known.iter() {
        if let (Known::Constant(constant), ValueDef::Inst(_)) = (known, func.values[value].def) {
            constants.insert(value, *constant);
        }
    }
    changed |= !constants.is_empty();
    func.substitute(&constants);
    changed |= fold_branches(func);
    changed | func.remove_unreachable_blocks()
}

struct Solver<'a> {
    func: &'a Function,
    known: DenseMap<Value, Known>,
    /// The instructions that read a value, and the blocks whose terminator does.
    users: DenseMap<Value, Vec<User>>,
    reached: DenseMap<Block, bool>,
    edges: FxHashSet<(Block, Block)>,
    values: Vec<Value>,
    blocks: Vec<(Block, Block)>,
}

#[derive(Clone, Copy)]
enum User {
    Inst(Block, Inst),
    Terminator(Block),
}

impl<'a> Solver<'a> {
    fn solve(func: &'a Function) -> Solver<'a> {
        let mut solver = Solver {
            func,
            known: DenseMap::filled(Known::Nothing, func.values.len()),
            users: DenseMap::filled(Vec::new(), func.values.len()),
            reached: DenseMap::filled(false, func.blocks.len()),
            edges: FxHashSet::default(),
            values: Vec::new(),
            blocks: Vec::new(),
        };
        for param in func.params() {
            solver.known[param] = Known::Varies;
        }
        for (block, data) in func.blocks.iter() {
            for &inst in &data.insts {
                func.kind(inst).for_each_operand(|operand| {
                    if let Operand::Value(value) = operand {
                        solver.users[*value].push(User::Inst(block, inst));
                    }
                });
            }
            if let Some(Operand::Value(value)) = data.terminator.operand() {
                solver.users[*value].push(User::Terminator(block));
            }
        }
        solver.run();
        solver
    }

    fn run(&mut self) {
        self.enter(self.func.entry());
        loop {
            if let Some(value) = self.values.pop() {
                for index in 0..self.users[value].len() {
                    match self.users[value][index] {
                        User::Inst(block, inst) if self.reached[block] => self.inst(block, inst),
                        User::Terminator(block) if self.reached[block] => self.terminator(block),
                        _ => {}
                    }
                }
            } else if let Some((_, to)) = self.blocks.pop() {
                if self.reached[to] {
                    // A new way in: only the phis see it.
                    for inst in self.func.phis(to).collect::<Vec<_>>() {
                        self.inst(to, inst);
                    }
                } else {
                    self.enter(to);
                }
            } else {
                break;
            }
        }
    }

    fn enter(&mut self, block: Block) {
        self.reached[block] = true;
        for index in 0..self.func.blocks[block].insts.len() {
            self.inst(block, self.func.blocks[block].insts[index]);
        }
        self.terminator(block);
    }

    fn edge(&mut self, from: Block, to: Block) {
        if self.edges.insert((from, to)) {
            self.blocks.push((from, to));
        }
    }

    fn of(&self, operand: Operand) -> Known {
        match operand {
            Operand::Value(value) => self.known[value],
            constant => Known::Constant(constant),
        }
    }

    fn inst(&mut self, block: Block, inst: Inst) {
        let data = &self.func.insts[inst];
        let Some(result) = data.result else { return };
        if self.known[result] == Known::Varies {
            return;
        }
        let new = self.evaluate(block, &data.kind);
        let old = self.known[result];
        let joined = match (old, new) {
            (Known::Nothing, new) => new,
            (old, Known::Nothing) => old,
            (Known::Constant(a), Known::Constant(b)) if a == b => old,
            _ => Known::Varies,
        };
        if joined != old {
            self.known[result] = joined;
            self.values.push(result);
        }
    }

    fn evaluate(&self, block: Block, kind: &InstKind) -> Known {
        if let InstKind::Phi { args, .. } = kind {
            let mut known = Known::Nothing;
            for (pred, arg) in args {
                if !self.edges.contains(&(*pred, block)) {
                    continue;
                }
                known = match (known, self.of(*arg)) {
                    (known, Known::Nothing) => known,
                    (Known::Nothing, arg) => arg,
                    (Known::Constant(a), Known::Constant(b)) if a == b => known,
                    _ => return Known::Varies,
                };
            }
            return known;
        }
        let mut waits = false;
        kind.for_each_operand(|operand| waits |= self.of(*operand) == Known::Nothing);
        if waits {
            return Known::Nothing;
        }
        let resolve = |operand: Operand| match self.of(operand) {
            Known::Constant(constant) => constant,
            _ => operand,
        };
        match fold(self.func, kind, &resolve) {
            Some(constant) if constant.is_const() => Known::Constant(constant),
            _ => Known::Varies,
        }
    }

    fn terminator(&mut self, block: Block) {
        let terminator = &self.func.blocks[block].terminator;
        let Some(operand) = terminator.operand() else {
            for succ in terminator.successors() {
                self.edge(block, succ);
            }
            return;
        };
        match self.of(*operand) {
            Known::Nothing => {}
            Known::Constant(constant) => {
                let mut decided = terminator.clone();
                if let Some(operand) = decided.operand_mut() {
                    *operand = constant;
                }
                match known_target(&decided) {
                    Some(target) => self.edge(block, target),
                    None => self.all_edges(block, terminator),
                }
            }
            Known::Varies => self.all_edges(block, terminator),
        }
    }

    fn all_edges(&mut self, block: Block, terminator: &Terminator) {
        for succ in terminator.successors() {
            self.edge(block, succ);
        }
    }
}

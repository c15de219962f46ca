//! Straightens control flow: removes unreachable blocks, turns branches with one
//! target into jumps, merges a block into its only predecessor, and lets edges
//! skip blocks that only jump on.
//!
//! Safe because every path executes the same instructions in the same order,
//! and an edge is moved only if the phis at its new end need no second entry
//! for a block that leads there already with another value.
//!
//! ```text
//! bb0:                       bb0:
//!   branch %0, bb1, bb2        branch %0, bb2, bb2   →  jump bb2, then merged
//! bb1:                   →
//!   jump bb2
//! bb2:
//!   return                     return
//! ```

use stdx::DenseMap;

use crate::cfg::Cfg;
use crate::function::edit::Substitution;
use crate::function::{Block, Function};
use crate::inst::{InstKind, Terminator};
use crate::operand::Operand;

/// Rounds over the whole function; each shortens every chain. Guessed.
const ROUNDS_MAX: usize = 16;

pub fn simplify_cfg(func: &mut Function) -> bool {
    let mut changed = false;
    for _ in 0..ROUNDS_MAX {
        let mut progress = func.remove_unreachable_blocks();
        progress |= drop_single_targets(func);
        progress |= skip_empty_blocks(func);
        progress |= merge_straight_lines(func);
        if !progress {
            break;
        }
        changed = true;
    }
    changed
}

/// `branch %c, bb1, bb1` is `jump bb1`; so is a switch whose targets are all `bb1`.
fn drop_single_targets(func: &mut Function) -> bool {
    let mut changed = false;
    for data in func.blocks.values_mut() {
        if matches!(
            data.terminator,
            Terminator::Jump(_) | Terminator::Invoke { .. }
        ) {
            continue;
        }
        let mut targets = data.terminator.successors();
        if let Some(first) = targets.next()
            && targets.all(|target| target == first)
        {
            drop(targets);
            data.terminator = Terminator::Jump(first);
            changed = true;
        }
    }
    changed
}

/// Moves edges to an empty block on to where that block jumps.
fn skip_empty_blocks(func: &mut Function) -> bool {
    let cfg = Cfg::new(func);
    let mut preds: DenseMap<Block, Vec<Block>> = func
        .blocks
        .keys()
        .map(|block| cfg.preds(block).to_vec())
        .collect();
    let mut changed = false;
    for block in func.blocks.keys().skip(1) {
        let data = &func.blocks[block];
        let Terminator::Jump(target) = data.terminator else {
            continue;
        };
        if !data.insts.is_empty() || target == block {
            continue;
        }
        let has_phis = func.phis(target).next().is_some();
        // A second way from one block to a phi would need to tell the ways apart.
        // The two ways on after a call stay apart.
        let may_move = |pred: &Block| {
            let leads_there = preds[target].contains(pred);
            let is_invoke = matches!(func.blocks[*pred].terminator, Terminator::Invoke { .. });
            *pred != block && !(leads_there && (has_phis || is_invoke))
        };
        let (moved, kept): (Vec<Block>, Vec<Block>) =
            preds[block].iter().partition(|p| may_move(p));
        for &pred in &moved {
            func.edit_phis(target, |args| {
                let through = args
                    .iter()
                    .find(|(from, _)| *from == block)
                    .map(|(_, arg)| *arg);
                args.extend(through.map(|arg| (pred, arg)));
            });
            func.blocks[pred].terminator.for_each_successor_mut(|succ| {
                if *succ == block {
                    *succ = target;
                }
            });
            if !preds[target].contains(&pred) {
                preds[target].push(pred);
            }
            changed = true;
        }
        if kept.is_empty() && !moved.is_empty() {
            func.set_terminator(block, Terminator::Unreachable);
            preds[target].retain(|pred| *pred != block);
        }
        preds[block] = kept;
    }
    changed
}

/// Appends a block to its only predecessor when that one leads nowhere else.
fn merge_straight_lines(func: &mut Function) -> bool {
    let cfg = Cfg::new(func);
    let mut only_pred: DenseMap<Block, Option<Block>> = DenseMap::new();
    for block in func.blocks.keys() {
        only_pred.push(match cfg.preds(block) {
            [pred] => Some(*pred),
            _ => None,
        });
    }
    let mut changed = false;
    let mut copies = Substitution::new(func);
    for block in func.blocks.keys() {
        if !cfg.is_reachable(block) {
            continue;
        }
        while let Terminator::Jump(next) = func.blocks[block].terminator {
            if next == block || only_pred[next] != Some(block) {
                break;
            }
            for succ in absorb(func, block, next, &mut copies) {
                if only_pred[succ] == Some(next) {
                    only_pred[succ] = Some(block);
                }
            }
            changed = true;
        }
    }
    func.substitute(&copies);
    changed | func.remove_unreachable_blocks()
}

/// Moves the content of `next` to the end of `block`; where that now leads.
fn absorb(func: &mut Function, block: Block, next: Block, copies: &mut Substitution) -> Vec<Block> {
    let absorbed = std::mem::take(&mut func.blocks[next]);
    for &inst in &absorbed.insts {
        let data = &func.insts[inst];
        match (&data.kind, data.result) {
            (InstKind::Phi { args, ty }, Some(result)) => {
                let arg = args.first().map_or(Operand::Undef(*ty), |(_, arg)| *arg);
                copies.insert(result, arg);
            }
            _ => func.blocks[block].insts.push(inst),
        }
    }
    let successors: Vec<Block> = absorbed.terminator.successors().collect();
    for &succ in &successors {
        func.edit_phis(succ, |args| {
            for (pred, _) in args.iter_mut().filter(|(pred, _)| *pred == next) {
                *pred = block;
            }
        });
    }
    func.blocks[block].terminator = absorbed.terminator;
    func.blocks[block].terminator_loc = absorbed.terminator_loc;
    successors
}

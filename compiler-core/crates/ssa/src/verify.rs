//! Checks a function against the rules of the IR.
//!
//! 1. Structure: there is an entry block and nothing leads to it. Whatever is
//!    named exists. An instruction stands in at most one block. It has a result
//!    exactly when its kind yields one, and the result names it as definition.
//!    The first values are the parameters. No two functions or external data
//!    share a symbol.
//! 2. Types: operands have the types that the operation wants; the result's
//!    type follows from them. Constants have no bits beyond their width.
//! 3. Signatures: calls pass what the callee takes (more for varargs); `return`
//!    gives what the function promises.
//! 4. Phis come first in a block and have one entry per distinct predecessor.
//! 5. Dominance: a definition dominates its uses; a phi's operand is available
//!    at the end of its predecessor. Uses in unreachable blocks are exempt.
//! 6. Memory: alignments are powers of two; atomic orderings fit the access.
//!
//! `docs/ir-ssa.md` explains them in the same order.

mod insts;

use std::fmt;

use rustc_hash::FxHashSet;
use stdx::DenseMap;

use crate::cfg::Cfg;
use crate::data::DataKind;
use crate::dominators::DominatorTree;
use crate::function::{Block, Function, Inst, Value, ValueDef};
use crate::inst::{InstKind, Terminator};
use crate::operand::Operand;
use crate::types::Type;

/// A broken rule, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifyError {
    pub block: Option<Block>,
    /// `None` for the block's terminator.
    pub inst: Option<Inst>,
    pub message: String,
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.block, self.inst) {
            (Some(block), Some(inst)) => write!(f, "{block}, {inst}: {}", self.message),
            (Some(block), None) => write!(f, "{block}: {}", self.message),
            _ => f.write_str(&self.message),
        }
    }
}

/// All broken rules, in order of the text. Later rules wait for rule 1 to hold.
pub fn verify(func: &Function) -> Result<(), Vec<VerifyError>> {
    let mut verifier = Verifier {
        func,
        homes: DenseMap::filled(None, func.insts.len()),
        errors: Vec::new(),
        block: None,
        inst: None,
    };
    verifier.structure();
    if verifier.errors.is_empty() {
        let cfg = Cfg::new(func);
        let dominators = DominatorTree::new(func, &cfg);
        for block in func.blocks.keys() {
            verifier.block(block, &cfg, &dominators);
        }
    }
    if verifier.errors.is_empty() {
        Ok(())
    } else {
        Err(verifier.errors)
    }
}

struct Verifier<'a> {
    func: &'a Function,
    /// Where each placed instruction stands.
    homes: DenseMap<Inst, Option<Block>>,
    errors: Vec<VerifyError>,
    block: Option<Block>,
    inst: Option<Inst>,
}

impl Verifier<'_> {
    fn error(&mut self, message: String) {
        // Text of an instruction that names what does not exist would not help; its number does.
        self.errors.push(VerifyError {
            block: self.block,
            inst: self.inst,
            message,
        });
    }

    fn check(&mut self, holds: bool, message: impl FnOnce() -> String) {
        if !holds {
            self.error(message());
        }
    }

    // Rule 1.

    fn structure(&mut self) {
        let func = self.func;
        if func.blocks.is_empty() {
            return self.error("there is no entry block".into());
        }
        for (index, &ty) in func.signature.params.iter().enumerate() {
            let value = func.values.get(Value(index as u32));
            let fits = value.is_some_and(|v| v.ty == ty && v.def == ValueDef::Param(index as u32));
            self.check(fits, || {
                format!("%{index} is not the parameter of type {ty}")
            });
        }
        self.symbols();
        for (block, data) in func.blocks.iter() {
            self.block = Some(block);
            for &inst in &data.insts {
                self.inst = Some(inst);
                self.inst_structure(block, inst);
            }
            self.inst = None;
            if let Some(operand) = data.terminator.operand() {
                self.operand_exists(operand);
            }
            for succ in data.terminator.successors() {
                self.check(func.blocks.get(succ).is_some(), || {
                    format!("{succ} does not exist")
                });
                self.check(succ != func.entry(), || {
                    "leads back to the entry block".into()
                });
            }
        }
        if self.errors.is_empty() {
            for block in func.blocks.keys() {
                for &inst in &func.blocks[block].insts {
                    (self.block, self.inst) = (Some(block), Some(inst));
                    func.kind(inst)
                        .for_each_operand(|operand| self.use_is_placed(operand));
                }
                (self.block, self.inst) = (Some(block), None);
                if let Some(operand) = func.blocks[block].terminator.operand() {
                    self.use_is_placed(operand);
                }
            }
        }
        (self.block, self.inst) = (None, None);
    }

    fn symbols(&mut self) {
        let externs = self
            .func
            .datas
            .values()
            .filter_map(|data| match &data.kind {
                DataKind::Extern { symbol, .. } => Some(symbol),
                DataKind::Bytes { .. } => None,
            });
        let mut seen = FxHashSet::default();
        for symbol in self
            .func
            .funcs
            .values()
            .map(|func| &func.symbol)
            .chain(externs)
        {
            self.check(seen.insert(symbol), || {
                format!("`{symbol}` is declared twice")
            });
        }
    }

    fn inst_structure(&mut self, block: Block, inst: Inst) {
        let Some(data) = self.func.insts.get(inst) else {
            return self.error(format!("{inst} does not exist"));
        };
        let is_new = self.homes[inst].replace(block).is_none();
        self.check(is_new, || format!("{inst} stands in a block already"));
        let before = self.errors.len();
        data.kind
            .for_each_operand(|operand| self.operand_exists(operand));
        match &data.kind {
            InstKind::Call {
                callee: crate::inst::Callee::Direct(callee),
                ..
            } => {
                let exists = self.func.funcs.get(*callee).is_some();
                self.check(exists, || format!("{callee} does not exist"));
            }
            InstKind::Phi { args, .. } => {
                for (pred, _) in args {
                    let exists = self.func.blocks.get(*pred).is_some();
                    self.check(exists, || format!("{pred} does not exist"));
                }
            }
            _ => {}
        }
        if self.errors.len() > before {
            return;
        }
        match (data.result, self.func.result_type(&data.kind)) {
            (None, None) => {}
            (Some(result), Some(_)) => {
                let value = self.func.values.get(result);
                let fits = value.is_some_and(|value| value.def == ValueDef::Inst(inst));
                self.check(fits, || format!("{result} is not defined here"));
            }
            (Some(result), None) => self.error(format!("{result} is the result of nothing")),
            (None, Some(ty)) => self.error(format!("the result of type {ty} is missing")),
        }
    }

    fn operand_exists(&mut self, operand: &Operand) {
        let func = self.func;
        let exists = match *operand {
            Operand::Value(value) => func.values.get(value).is_some(),
            Operand::Func(target) => func.funcs.get(target).is_some(),
            Operand::Data(data, _) => func.datas.get(data).is_some(),
            Operand::Slot(slot, _) => func.slots.get(slot).is_some(),
            _ => true,
        };
        self.check(exists, || format!("{operand:?} does not exist"));
    }

    fn use_is_placed(&mut self, operand: &Operand) {
        if let Operand::Value(value) = *operand
            && let Some(def) = self.func.defining_inst(value)
        {
            let is_placed = self.homes.get(def).copied().flatten().is_some();
            self.check(is_placed, || {
                format!("the definition of {value} stands in no block")
            });
        }
    }

    // Rules 2 to 6, block by block.

    fn block(&mut self, block: Block, cfg: &Cfg, dominators: &DominatorTree) {
        let func = self.func;
        let mut before_phis_end = true;
        let mut defined: FxHashSet<Value> = FxHashSet::default();
        let reachable = cfg.is_reachable(block);
        for &inst in &func.blocks[block].insts {
            (self.block, self.inst) = (Some(block), Some(inst));
            self.inst_types(inst);
            match func.kind(inst) {
                InstKind::Phi { args, .. } => {
                    self.check(before_phis_end, || {
                        "a phi comes after other instructions".into()
                    });
                    self.phi(block, args, cfg, dominators);
                }
                kind => {
                    before_phis_end = false;
                    if reachable {
                        kind.for_each_operand(|operand| {
                            self.available(operand, block, &defined, dominators);
                        });
                    }
                }
            }
            defined.extend(func.insts[inst].result);
        }
        self.inst = None;
        self.terminator(block);
        if let Some(operand) = func.blocks[block].terminator.operand()
            && reachable
        {
            self.available(operand, block, &defined, dominators);
        }
    }

    // Rule 3, second half, and the types of terminators.

    fn terminator(&mut self, block: Block) {
        let func = self.func;
        match &func.blocks[block].terminator {
            Terminator::Branch { cond, .. } => self.expect_type(cond, Type::I1),
            Terminator::Switch { value, cases, .. } => {
                let ty = value.ty(func);
                self.check(ty.is_int(), || format!("switch on {ty}"));
                let mut seen = FxHashSet::default();
                for (bits, _) in cases {
                    self.check(*bits <= ty.mask(), || format!("case {bits} is no {ty}"));
                    self.check(seen.insert(*bits), || format!("case {bits} comes twice"));
                }
            }
            Terminator::Return(result) => match (result, func.signature.result) {
                (Some(value), Some(ty)) => self.expect_type(value, ty),
                (None, None) => {}
                (Some(_), None) => self.error("returns a value, but there is no result".into()),
                (None, Some(ty)) => self.error(format!("returns nothing instead of {ty}")),
            },
            Terminator::Invoke { normal, cleanup } => {
                self.check(normal != cleanup, || {
                    format!("{normal} is both ways on after a call")
                });
                let last = func.blocks[block].insts.last();
                let is_call =
                    last.is_some_and(|inst| matches!(func.kind(*inst), InstKind::Call { .. }));
                self.check(is_call, || "no call stands before `invoke`".into());
            }
            Terminator::Jump(_) | Terminator::Resume | Terminator::Unreachable => {}
        }
    }

    // Rule 4.

    fn phi(
        &mut self,
        block: Block,
        args: &[(Block, Operand)],
        cfg: &Cfg,
        dominators: &DominatorTree,
    ) {
        let mut seen = FxHashSet::default();
        for (pred, operand) in args {
            self.check(seen.insert(*pred), || format!("two entries for {pred}"));
            let is_pred = cfg.preds(block).contains(pred);
            self.check(is_pred, || format!("{pred} is no predecessor"));
            if let Operand::Value(value) = *operand
                && cfg.is_reachable(*pred)
                && let Some(def) = self.defining_block(value)
            {
                let dominates = dominators.dominates(def, *pred);
                self.check(dominates, || {
                    format!("{value} does not reach the end of {pred}")
                });
            }
        }
        for pred in cfg.preds(block) {
            self.check(seen.contains(pred), || {
                format!("no entry for the predecessor {pred}")
            });
        }
    }

    // Rule 5.

    fn available(
        &mut self,
        operand: &Operand,
        block: Block,
        defined: &FxHashSet<Value>,
        dominators: &DominatorTree,
    ) {
        let Operand::Value(value) = *operand else {
            return;
        };
        let Some(def) = self.defining_block(value) else {
            return;
        };
        let holds = match def == block {
            true => defined.contains(&value),
            false => dominators.dominates(def, block),
        };
        self.check(holds, || {
            format!("the definition of {value} does not dominate this use")
        });
    }

    /// `None` for parameters.
    fn defining_block(&self, value: Value) -> Option<Block> {
        self.homes[self.func.defining_inst(value)?]
    }
}

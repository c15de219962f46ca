//! Decision trees: which arm a value takes.
//!
//! Patterns become rows of tests on places. The first open test of the first row is made for all
//! rows at once: its outcomes drop the rows that cannot match any more. A row without tests left
//! is a match. Arms are tried in order because rows are.
//!
//! When a guard says no, matching starts anew after its row, without what was learnt: that keeps
//! every guard in one place. The same fallback, arm by arm, takes over where the tree would grow
//! past [`TREE_NODES_MAX`].

mod rows;

use hir_def::body::{ExprId, PatId};
use hir_ty::{Ty, TyKind};

use rows::{Candidate, distinct, filter, has_test, in_range, without};
pub(super) use rows::{Row, Test};

use super::Builder;
use crate::data::*;
use crate::tys;

/// Nodes of one tree; guessed, well above what hand-written code needs.
const TREE_NODES_MAX: u32 = 2000;

/// One arm as the tree sees it: control goes to `body` with all bindings in place.
pub(super) struct Arm {
    pub(super) pat: PatId,
    pub(super) guard: Option<ExprId>,
    pub(super) body: BlockId,
}

struct Tree<'t> {
    arms: &'t [Arm],
    rows: Vec<Row>,
    otherwise: BlockId,
    /// Where a matched row binds and goes to its arm.
    leaves: Vec<Option<BlockId>>,
    /// Where matching starts with a row, knowing nothing.
    restarts: Vec<Option<BlockId>>,
    /// Leaves and restarts whose code is still to be made.
    todo: Vec<Todo>,
    nodes: u32,
}

enum Todo {
    Leaf(usize, BlockId),
    Restart(usize, BlockId),
}

impl Builder<'_> {
    /// Emits the decision for a place, from the current block on.
    pub(super) fn match_place(&mut self, place: &Place, arms: &[Arm], otherwise: BlockId) {
        let mut rows = Vec::new();
        for (index, arm) in arms.iter().enumerate() {
            let row = Row {
                arm: index,
                scrutinee: Some(place.clone()),
                ..Row::default()
            };
            rows.extend(self.walk_pat(arm.pat, place.clone(), vec![row]));
        }
        let none = vec![None; rows.len()];
        let candidates: Vec<Candidate> = rows
            .iter()
            .enumerate()
            .map(|(row, data)| Candidate {
                row,
                tests: data.tests.clone(),
            })
            .collect();
        let mut tree = Tree {
            arms,
            rows,
            otherwise,
            leaves: none.clone(),
            restarts: none,
            todo: Vec::new(),
            nodes: 0,
        };
        self.decide(&mut tree, candidates);
        while let Some(todo) = tree.todo.pop() {
            match todo {
                Todo::Leaf(row, block) => {
                    self.start(block);
                    self.leaf(&mut tree, row);
                }
                Todo::Restart(row, block) => {
                    self.start(block);
                    let all = tree.rows.iter().enumerate().skip(row);
                    let candidates = all.map(|(row, data)| Candidate {
                        row,
                        tests: data.tests.clone(),
                    });
                    let candidates = candidates.collect();
                    self.decide(&mut tree, candidates);
                }
            }
        }
    }

    fn decide(&mut self, tree: &mut Tree<'_>, mut candidates: Vec<Candidate>) {
        let Some(first) = candidates.first() else {
            return self.goto(tree.otherwise);
        };
        let Some((place, test)) = first.tests.first().cloned() else {
            let leaf = self.leaf_block(tree, first.row);
            return self.goto(leaf);
        };
        tree.nodes += 1;
        if tree.nodes > TREE_NODES_MAX {
            // Only the first row is looked at; if it fails, the rest starts anew.
            candidates.truncate(1);
            return self.decide_linear(tree, &place, &test, candidates);
        }
        match &test {
            Test::Variant { count, .. } => self.switch_variant(tree, &place, *count, candidates),
            Test::Value(_, ty) => self.switch_value(tree, &place, *ty, candidates),
            _ => {
                let (yes, no) = (self.new_block(), self.new_block());
                self.emit_test(&place, &test, yes, no);
                let passed = candidates
                    .iter()
                    .map(|c| without(c, &place, &test))
                    .collect();
                candidates.retain(|c| !has_test(c, &place, &test));
                self.start(yes);
                self.decide(tree, passed);
                self.start(no);
                self.decide(tree, candidates);
            }
        }
    }

    fn decide_linear(
        &mut self,
        tree: &mut Tree<'_>,
        place: &Place,
        test: &Test,
        candidates: Vec<Candidate>,
    ) {
        let row = candidates.first().map_or(0, |candidate| candidate.row);
        let yes = self.new_block();
        let no = self.restart_block(tree, row + 1);
        self.emit_test(place, test, yes, no);
        let passed: Vec<Candidate> = candidates.iter().map(|c| without(c, place, test)).collect();
        self.start(yes);
        // Its remaining tests fail to the same place, so the row goes on alone.
        match passed
            .first()
            .and_then(|candidate| candidate.tests.first().cloned())
        {
            Some((place, test)) => self.decide_linear(tree, &place, &test, passed),
            None => {
                let leaf = self.leaf_block(tree, row);
                self.goto(leaf);
            }
        }
    }

    fn switch_variant(
        &mut self,
        tree: &mut Tree<'_>,
        place: &Place,
        count: u32,
        candidates: Vec<Candidate>,
    ) {
        let tag = self.value(tys::u32(self.db), Rvalue::Discriminant(place.clone()));
        let variants = distinct(&candidates, place, |test| match test {
            Test::Variant { index, .. } => Some(*index),
            _ => None,
        });
        let blocks: Vec<BlockId> = variants.iter().map(|_| self.new_block()).collect();
        let rest = self.new_block();
        let cases = variants
            .iter()
            .zip(&blocks)
            .map(|(v, b)| (i128::from(*v), *b))
            .collect();
        self.terminate(TerminatorKind::Switch {
            value: tag,
            cases,
            otherwise: rest,
        });
        for (variant, block) in variants.iter().zip(blocks) {
            let left = candidates.iter().filter_map(|candidate| {
                filter(candidate, place, |test| match test {
                    Test::Variant { index, .. } => Some(index == variant),
                    _ => None,
                })
            });
            let left = left.collect();
            self.start(block);
            self.decide(tree, left);
        }
        self.start(rest);
        if variants.len() == count as usize {
            return self.terminate(TerminatorKind::Unreachable);
        }
        let left = candidates
            .into_iter()
            .filter(|candidate| {
                let is_variant =
                    |(p, test): &(Place, Test)| p == place && matches!(test, Test::Variant { .. });
                !candidate.tests.iter().any(is_variant)
            })
            .collect();
        self.decide(tree, left);
    }

    fn switch_value(
        &mut self,
        tree: &mut Tree<'_>,
        place: &Place,
        ty: Ty,
        candidates: Vec<Candidate>,
    ) {
        let values = distinct(&candidates, place, |test| match test {
            Test::Value(value, _) => Some(*value),
            _ => None,
        });
        let blocks: Vec<BlockId> = values.iter().map(|_| self.new_block()).collect();
        let rest = self.new_block();
        let is_bool = matches!(ty.kind(self.db), TyKind::Bool);
        let is_u128 = ty.as_int(self.db) == Some(hir_ty::IntTy::U128);
        let value = Operand::Copy(place.clone());
        if is_bool {
            let block_of = |wanted: i128| {
                values
                    .iter()
                    .position(|v| *v == wanted)
                    .and_then(|i| blocks.get(i))
                    .copied()
            };
            let (then, else_) = (block_of(1).unwrap_or(rest), block_of(0).unwrap_or(rest));
            self.branch_on(value, then, else_);
        } else {
            let cases = values.iter().copied().zip(blocks.iter().copied()).collect();
            self.terminate(TerminatorKind::Switch {
                value,
                cases,
                otherwise: rest,
            });
        }
        for (value, block) in values.iter().zip(blocks) {
            let left = candidates.iter().filter_map(|candidate| {
                filter(candidate, place, |test| match test {
                    Test::Value(other, _) => Some(other == value),
                    Test::Range {
                        start,
                        end,
                        inclusive,
                    } => in_range(*value, start.as_ref(), end.as_ref(), *inclusive, is_u128),
                    _ => None,
                })
            });
            let left = left.collect();
            self.start(block);
            self.decide(tree, left);
        }
        self.start(rest);
        if is_bool && values.len() == 2 {
            return self.terminate(TerminatorKind::Unreachable);
        }
        let left = candidates
            .into_iter()
            .filter(|candidate| {
                let is_value =
                    |(p, test): &(Place, Test)| p == place && matches!(test, Test::Value(..));
                !candidate.tests.iter().any(is_value)
            })
            .collect();
        self.decide(tree, left);
    }

    fn emit_test(&mut self, place: &Place, test: &Test, yes: BlockId, no: BlockId) {
        let bool_ty = Ty::bool(self.db);
        match test {
            Test::Variant { index, .. } => {
                let tag = self.value(tys::u32(self.db), Rvalue::Discriminant(place.clone()));
                let cases = vec![(i128::from(*index), yes)];
                self.terminate(TerminatorKind::Switch {
                    value: tag,
                    cases,
                    otherwise: no,
                });
            }
            Test::Value(value, ty) => {
                let operand = Operand::Copy(place.clone());
                if matches!(ty.kind(self.db), TyKind::Bool) {
                    let (then, else_) = if *value == 1 { (yes, no) } else { (no, yes) };
                    return self.branch_on(operand, then, else_);
                }
                let cases = vec![(*value, yes)];
                self.terminate(TerminatorKind::Switch {
                    value: operand,
                    cases,
                    otherwise: no,
                });
            }
            Test::Range {
                start,
                end,
                inclusive,
            } => {
                if let Some(start) = start {
                    let next = self.new_block();
                    let left = Operand::Copy(place.clone());
                    let right = Operand::Const(start.clone());
                    let ok = self.value(bool_ty, Rvalue::Binary(BinaryOp::Ge, left, right));
                    self.branch_on(ok, next, no);
                    self.start(next);
                }
                match end {
                    Some(end) => {
                        let op = if *inclusive {
                            BinaryOp::Le
                        } else {
                            BinaryOp::Lt
                        };
                        let left = Operand::Copy(place.clone());
                        let right = Operand::Const(end.clone());
                        let ok = self.value(bool_ty, Rvalue::Binary(op, left, right));
                        self.branch_on(ok, yes, no);
                    }
                    None => self.goto(yes),
                }
            }
            Test::Equal(constant) => {
                let equal = self.equals(place, constant);
                self.branch_on(equal, yes, no);
            }
            Test::Len { min, exact } => {
                let i64_ty = Ty::i64(self.db);
                let len = self.value(i64_ty, Rvalue::Len(place.clone()));
                let wanted = self.int(i64_ty, i128::from(*min));
                let op = if *exact { BinaryOp::Eq } else { BinaryOp::Ge };
                let ok = self.value(bool_ty, Rvalue::Binary(op, len, wanted));
                self.branch_on(ok, yes, no);
            }
        }
    }

    fn equals(&mut self, place: &Place, constant: &Constant) -> Operand {
        let bool_ty = Ty::bool(self.db);
        let (left, right) = (
            Operand::Copy(place.clone()),
            Operand::Const(constant.clone()),
        );
        match constant.ty.kind(self.db) {
            TyKind::Str | TyKind::Adt(..) | TyKind::Tuple(_) | TyKind::Array(..) => {
                let ref_ty = Ty::reference(self.db, false, constant.ty);
                let other = self.owned_temp(constant.ty);
                self.assign_operand(&other.into(), right);
                let borrow = Rvalue::Ref(BorrowKind::Shared, place.clone());
                let left = self.value(ref_ty, borrow);
                let borrow = Rvalue::Ref(BorrowKind::Shared, other.into());
                let right = self.value(ref_ty, borrow);
                self.call_value(
                    Callee::StructuralEq(constant.ty),
                    vec![left, right],
                    bool_ty,
                )
            }
            _ => self.value(bool_ty, Rvalue::Binary(BinaryOp::Eq, left, right)),
        }
    }

    fn leaf_block(&mut self, tree: &mut Tree<'_>, row: usize) -> BlockId {
        if let Some(Some(block)) = tree.leaves.get(row) {
            return *block;
        }
        let block = self.new_block();
        if let Some(slot) = tree.leaves.get_mut(row) {
            *slot = Some(block);
        }
        tree.todo.push(Todo::Leaf(row, block));
        block
    }

    fn restart_block(&mut self, tree: &mut Tree<'_>, row: usize) -> BlockId {
        match tree.restarts.get(row) {
            None => return tree.otherwise,
            Some(Some(block)) => return *block,
            Some(None) => {}
        }
        let block = self.new_block();
        if let Some(slot) = tree.restarts.get_mut(row) {
            *slot = Some(block);
        }
        tree.todo.push(Todo::Restart(row, block));
        block
    }

    /// A row has matched: the guard, then the bindings, then the arm.
    fn leaf(&mut self, tree: &mut Tree<'_>, row: usize) {
        let Some(data) = tree.rows.get(row).cloned() else {
            return;
        };
        let Some(arm) = tree.arms.get(data.arm) else {
            return;
        };
        match arm.guard {
            Some(guard) => {
                let failed = self.restart_block(tree, row + 1);
                let passed = self.new_block();
                self.guard(&data, guard, passed, failed);
                self.start(passed);
                // References were bound for the guard.
                let mut rest = data;
                rest.bindings.retain(|(pat, ..)| self.binds_by_value(*pat));
                self.bind_row(&rest);
            }
            None => self.bind_row(&data),
        }
        self.goto(arm.body);
    }

    /// While a guard runs, bindings by value are other names of the places they will be read
    /// from; they move or copy only after it has said yes.
    fn guard(&mut self, row: &Row, guard: ExprId, passed: BlockId, failed: BlockId) {
        let mut real = Vec::new();
        for (pat, local, place) in &row.bindings {
            if self.binds_by_value(*pat) {
                if let Some(old) = self.vars.insert(*local, place.clone()) {
                    real.push((*local, old));
                }
            } else {
                let target = self.local_place(*local);
                self.bind(*pat, &target, place);
            }
        }
        // Nothing that the arm looks at may change meanwhile (reference §6).
        let held = self.hold_scrutinee(row);
        match held {
            Some(held) => {
                let (yes, no) = (self.new_block(), self.new_block());
                self.condition(guard, yes, no);
                for (block, target) in [(yes, passed), (no, failed)] {
                    self.start(block);
                    self.release(held);
                    self.goto(target);
                }
            }
            None => self.condition(guard, passed, failed),
        }
        self.vars.extend(real);
    }

    /// A shared loan of what is matched on, for the time of a guard. It exists for the borrow
    /// checker only. Where a binding borrows exclusively there is none.
    fn hold_scrutinee(&mut self, row: &Row) -> Option<Local> {
        let exclusive = |pat: &PatId| {
            let mode = self.infer.bindings.get(pat);
            matches!(mode, Some(hir_ty::BindMode::Ref { mutable: true }))
        };
        if row.bindings.iter().any(|(pat, ..)| exclusive(pat)) {
            return None;
        }
        let place = row.scrutinee.clone()?;
        let ty = Ty::reference(self.db, false, self.place_ty(&place));
        let held = self.new_local(LocalDecl {
            ty,
            name: None,
            mutable: true,
            kind: LocalKind::Check,
            source: self.source,
        });
        self.assign(&held.into(), Rvalue::Ref(BorrowKind::Shared, place));
        Some(held)
    }

    /// The last use of a loan for checks.
    fn release(&mut self, held: Local) {
        let ty = self.place_ty(&held.into());
        let end = self.new_local(LocalDecl {
            ty,
            name: None,
            mutable: true,
            kind: LocalKind::Check,
            source: self.source,
        });
        self.assign_operand(&end.into(), Operand::Copy(held.into()));
    }
}

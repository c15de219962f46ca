//! Scopes: what is dropped where.
//!
//! Two kinds alternate: scopes of variables (blocks, arms) and scopes of temporaries
//! (statements, conditions, tails). Leaving one, by falling off its end or by a jump, drops what
//! was scheduled in it, latest first. Values that have been moved by then are sorted out by drop
//! elaboration.

use hir_def::body::ExprId;

use super::Builder;
use crate::data::*;

pub(super) struct Scope {
    is_temps: bool,
    /// Of temporaries: accesses to objects last as long as the block around, where a `let` binds
    /// what may hold them.
    lends: bool,
    /// In order of creation.
    locals: Vec<Local>,
}

/// A loop that `break` and `continue` may leave to.
pub(super) struct LoopScope {
    pub(super) break_block: BlockId,
    pub(super) continue_block: BlockId,
    /// Numbers of scopes that each jump stays in.
    pub(super) break_depth: usize,
    pub(super) continue_depth: usize,
    /// Where the value of `break v` goes.
    pub(super) dest: Option<Place>,
}

/// A `catch` that failures may leave to.
pub(super) struct CatchScope {
    pub(super) handler: BlockId,
    /// Number of scopes that a failure stays in.
    pub(super) depth: usize,
    /// Where the error goes.
    pub(super) error: Local,
}

impl Builder<'_> {
    pub(super) fn push_scope(&mut self, is_temps: bool) {
        self.scopes.push(Scope {
            is_temps,
            lends: false,
            locals: Vec::new(),
        });
    }

    /// What is borrowed from objects in the innermost scope of temporaries outlives it.
    pub(super) fn lend(&mut self) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.lends = true;
        }
    }

    /// Whether what is borrowed from objects here is bound by a `let`.
    pub(super) fn lends(&self) -> bool {
        let temps = self.scopes.iter().rev().find(|scope| scope.is_temps);
        temps.is_some_and(|scope| scope.lends)
    }

    /// Whether an access to an object lasts here.
    pub(super) fn holds_access(&self) -> bool {
        let mut held = self.scopes.iter().flat_map(|scope| &scope.locals);
        held.any(|local| self.open_accesses.contains(local))
    }

    /// Has what keeps an access to an object open dropped where the access ends.
    pub(super) fn schedule_access(&mut self, local: Local) {
        let is_temp = !self.lends();
        self.schedule_in(local, is_temp);
    }

    /// Drops what the innermost scope holds, and leaves it.
    pub(super) fn pop_scope(&mut self) {
        if let Some(scope) = self.scopes.pop() {
            self.drop_locals(&scope.locals);
        }
    }

    /// Leaves the innermost scope without code; whoever asks drops the locals on each way out.
    pub(super) fn take_scope(&mut self) -> Vec<Local> {
        self.scopes
            .pop()
            .map(|scope| scope.locals)
            .unwrap_or_default()
    }

    /// Has a local dropped with the innermost scope of its kind.
    pub(super) fn schedule(&mut self, local: Local, is_temp: bool) {
        let Some(decl) = self.body.locals.get(local) else {
            return;
        };
        let is_var = decl.kind == LocalKind::Var;
        if !is_var && !self.may_need_drop(decl.ty) {
            return;
        }
        self.schedule_in(local, is_temp);
    }

    /// The same for the bindings of a parameter's pattern: they end as if declared right behind
    /// it, before parameters to its left and after those to its right.
    pub(super) fn schedule_after(&mut self, param: Local, bindings: &[Local]) {
        let Some(scope) = self.scopes.iter_mut().rev().find(|scope| !scope.is_temps) else {
            return;
        };
        let at = scope.locals.iter().position(|local| *local == param);
        let behind = scope
            .locals
            .split_off(at.map_or(scope.locals.len(), |at| at + 1));
        self.schedule_all(bindings);
        if let Some(scope) = self.scopes.iter_mut().rev().find(|scope| !scope.is_temps) {
            scope.locals.extend(behind);
        }
    }

    fn schedule_in(&mut self, local: Local, is_temp: bool) {
        if let Some(scope) = self
            .scopes
            .iter_mut()
            .rev()
            .find(|scope| scope.is_temps == is_temp)
        {
            scope.locals.push(local);
        }
    }

    /// A temporary for an expression used as a place. It lives to the end of the statement, or
    /// of the block if a `let` binds a reference to it.
    pub(super) fn place_temp(&mut self, expr: ExprId, ty: hir_ty::Ty) -> Local {
        let local = self.temp(ty);
        let is_temp = !self.extended.contains(&expr);
        // Also without a destructor: it may be borrowed, and ends here.
        self.placed.insert(local);
        self.schedule_in(local, is_temp);
        local
    }

    /// Drops what a scope held that has been left, or is being left.
    pub(super) fn drop_locals(&mut self, locals: &[Local]) {
        self.drop_locals_within(self.scopes.len(), locals);
    }

    /// The same with the number of scopes that are still open then.
    fn drop_locals_within(&mut self, open: usize, locals: &[Local]) {
        for (index, local) in locals.iter().enumerate().rev() {
            let Some(decl) = self.body.locals.get(*local) else {
                continue;
            };
            let is_var = decl.kind == LocalKind::Var || self.placed.contains(local);
            if self.may_need_drop(decl.ty) {
                let unwind = self.held(open, &locals[..index]);
                self.push(StatementKind::Drop((*local).into(), unwind));
            }
            if is_var {
                self.push(StatementKind::StorageDead(*local));
            }
        }
    }

    /// Drops what all scopes above `depth` hold: before a jump out of them.
    pub(super) fn exit_scopes(&mut self, depth: usize) {
        for index in (depth..self.scopes.len()).rev() {
            let locals = std::mem::take(&mut self.scopes[index].locals);
            self.drop_locals_within(index, &locals);
            self.scopes[index].locals = locals;
        }
    }

    /// What unwinding from here ends: all that the open scopes hold.
    pub(super) fn unwind(&mut self) -> Unwind {
        self.held(self.scopes.len(), &[])
    }

    /// What the first of the scopes hold, and some locals beside them.
    fn held(&mut self, scopes: usize, more: &[Local]) -> Unwind {
        let mut depth = 0;
        let mut outer = None;
        for scope in 0..scopes + 1 {
            let count = match scope < scopes {
                true => self.scopes[scope].locals.len(),
                false => more.len(),
            };
            for index in 0..count {
                let local = match scope < scopes {
                    true => self.scopes[scope].locals[index],
                    false => more[index],
                };
                let Some(decl) = self.body.locals.get(local) else {
                    continue;
                };
                if !self.may_need_drop(decl.ty) {
                    continue;
                }
                // The nodes of the call before serve again as far as the scopes are the same.
                let known = self.held.get(depth).copied();
                let id = match known.filter(|id| self.body.held[*id].local == local) {
                    Some(id) => id,
                    None => {
                        self.held.truncate(depth);
                        let id = self.body.held.push(Held { local, outer });
                        self.held.push(id);
                        id
                    }
                };
                outer = Some(id);
                depth += 1;
            }
        }
        outer.map_or(Unwind::Continue, Unwind::Held)
    }

    pub(super) fn return_(&mut self) {
        self.contracts_after();
        self.exit_scopes(0);
        self.diverge(TerminatorKind::Return);
    }
}

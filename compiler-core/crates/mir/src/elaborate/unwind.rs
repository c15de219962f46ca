//! Unwinding edges: what a panic drops on its way out of a body.
//!
//! Lowering notes at every call what the open scopes hold. Which of that is still there, the
//! analysis of moves says, so each call gets the cleanup of its own state:
//!
//! ```text
//! _3 = call f(move _1) -> bb4 unwind bb9;   // _1 and _2 are held, _1 is in the callee by now
//! bb9: drop _2; resume;
//! ```
//! Calls share the blocks of what they have in common, from the outermost scope on.

use base::Db;
use hir_ty::{Ty, TyKind};

use super::{Elaborator, Liveness, liveness};
use crate::data::*;
use crate::moves::dataflow::State;
use crate::moves::effects::{Effect, statement_effects, terminator_effects};
use crate::tys;

impl Elaborator<'_> {
    /// What the scopes around a call hold, outermost first; nothing for calls that cannot panic.
    pub(super) fn held(&self, kind: &TerminatorKind) -> Vec<Local> {
        match kind {
            TerminatorKind::Call { callee, unwind, .. } if may_unwind(self.db, callee) => {
                self.held_by(*unwind)
            }
            _ => Vec::new(),
        }
    }

    /// The same for a destructor that a statement runs.
    pub(super) fn held_at_drop(&self, kind: &StatementKind) -> Vec<Local> {
        let (StatementKind::Drop(place, unwind) | StatementKind::Replace(place, _, unwind)) = kind
        else {
            return Vec::new();
        };
        let ty = tys::place_ty(self.db, self.source, place);
        match tys::drop_may_panic(self.db, ty) {
            true => self.held_by(*unwind),
            false => Vec::new(),
        }
    }

    pub(super) fn held_by(&self, unwind: Unwind) -> Vec<Local> {
        let mut locals = Vec::new();
        let mut next = match unwind {
            Unwind::Held(innermost) => Some(innermost),
            Unwind::Continue | Unwind::Cleanup(_) => None,
        };
        // Outer nodes are older than inner ones, so this ends.
        while let Some(held) = next.and_then(|id| self.source.held.get(id)) {
            locals.push(held.local);
            next = held.outer;
        }
        locals.reverse();
        locals
    }

    /// What is known when a call unwinds: its arguments are gone, its result is not there.
    pub(super) fn unwinding_state(&self, kind: &TerminatorKind, state: &State) -> State {
        let mut state = state.clone();
        terminator_effects(kind, &mut |effect| {
            if !matches!(effect, Effect::Init(_)) {
                state.apply(self.paths, effect);
            }
        });
        state
    }

    /// Replaces what a call's scopes hold by the block that ends it.
    pub(super) fn express_unwinding(&mut self, kind: &mut TerminatorKind, state: &State) {
        let held = self.held(kind);
        if let TerminatorKind::Call { unwind, .. } = kind {
            *unwind = match self.cleanup(&held, state) {
                Some(block) => Unwind::Cleanup(block),
                None => Unwind::Continue,
            };
        }
    }

    /// Finds where a panic goes out of the destructors that a statement runs. `state` is that
    /// before the statement.
    pub(super) fn prepare_panic(&mut self, kind: &StatementKind, state: &State) {
        let held = self.held_at_drop(kind);
        if held.is_empty() {
            return;
        }
        let mut state = state.clone();
        let paths = self.paths;
        statement_effects(kind, &mut |effect| state.apply(paths, effect));
        self.on_panic = self.cleanup(&held, &state);
    }

    /// Drops a value for sure.
    pub(super) fn drop_now(&mut self, place: Place) {
        let ty = tys::place_ty(self.db, &self.out, &place);
        match self.on_panic {
            Some(unwind) if tys::drop_may_panic(self.db, ty) => {
                let target = self.new_block();
                self.terminate(TerminatorKind::Drop {
                    place,
                    target,
                    unwind,
                });
                self.current = target;
            }
            _ => self.push(StatementKind::Drop(place, Unwind::Continue)),
        }
    }

    /// Drops the parts of one value in order, each by `drop`. Where the destructor of one panics,
    /// the parts after it are dropped on the way out.
    pub(super) fn drop_in_turn<T>(
        &mut self,
        parts: &[(T, Ty)],
        drop: impl Fn(&mut Self, &(T, Ty)),
    ) {
        let outer = self.on_panic;
        let may_panic = |(_, ty): &(T, Ty)| tys::drop_may_panic(self.db, *ty);
        let first = match self.is_unwinding {
            true => None,
            false => parts.iter().position(may_panic),
        };
        let (quiet, loud) = parts.split_at(first.unwrap_or(parts.len()));
        quiet.iter().for_each(|part| drop(self, part));
        // Where a panic of each goes, the last one first.
        let mut ways = vec![outer];
        for part in loud.iter().skip(1).rev() {
            let next = ways.last().copied().flatten();
            ways.push(Some(self.on_the_way(next, |this| drop(this, part))));
        }
        for (part, way) in loud.iter().zip(ways.into_iter().rev()) {
            self.on_panic = way;
            drop(self, part);
        }
        self.on_panic = outer;
    }

    pub(super) fn cleanup(&mut self, held: &[Local], state: &State) -> Option<BlockId> {
        let mut outer = None;
        for &local in held {
            let path = self.paths.local(local)?;
            let parts: Vec<Liveness> = self
                .paths
                .subtree(path)
                .into_iter()
                .map(|path| liveness(state, path))
                .collect();
            if parts.iter().all(|part| *part == Liveness::Dead) {
                continue;
            }
            let key = (outer, local, parts);
            outer = Some(match self.cleanups.get(&key) {
                Some(known) => *known,
                None => {
                    let block = self.drop_on_the_way(local, outer, state);
                    self.cleanups.insert(key, block);
                    block
                }
            });
        }
        outer
    }

    fn drop_on_the_way(&mut self, local: Local, outer: Option<BlockId>, state: &State) -> BlockId {
        self.on_the_way(outer, |this| this.elaborate_drop(&local.into(), state))
    }

    /// A block that does something while a panic unwinds, and goes on to an outer cleanup.
    fn on_the_way(&mut self, outer: Option<BlockId>, act: impl FnOnce(&mut Self)) -> BlockId {
        let next = match (outer, self.resume) {
            (Some(block), _) | (None, Some(block)) => block,
            (None, None) => {
                let block = self.new_block();
                let current = std::mem::replace(&mut self.current, block);
                self.terminate(TerminatorKind::Resume);
                self.current = current;
                *self.resume.insert(block)
            }
        };
        let block = self.new_block();
        let current = std::mem::replace(&mut self.current, block);
        // A second panic ends the process.
        let on_panic = self.on_panic.take();
        let was_unwinding = std::mem::replace(&mut self.is_unwinding, true);
        act(self);
        self.is_unwinding = was_unwinding;
        self.on_panic = on_panic;
        self.terminate(TerminatorKind::Goto(next));
        self.current = current;
        block
    }
}

/// Whether a call may panic. Foreign functions do not, and of the library functions that
/// lowering calls only those do that are there to panic.
fn may_unwind(db: &dyn Db, callee: &Callee) -> bool {
    match callee {
        Callee::Func(func, _) | Callee::Exact(func, _) => {
            let flags = hir_ty::signature::fn_type(db, *func).flags;
            let is_member = matches!(
                func.container(db),
                hir_def::ContainerId::Behavior(_) | hir_def::ContainerId::Class(_)
            );
            flags.has_body || is_member || runs_destructors(db, *func)
        }
        Callee::Value(_) | Callee::Callable(..) | Callee::Poll(_) => true,
        Callee::Lang(func) => match func {
            LangFunc::PanicStr
            | LangFunc::PanicDivZero
            | LangFunc::PanicBounds
            | LangFunc::PanicOverflow
            | LangFunc::PanicCast
            | LangFunc::PanicAccess
            | LangFunc::PanicUnreachable
            | LangFunc::PanicContract => true,
            LangFunc::Concat
            | LangFunc::StrCmp
            | LangFunc::PrintStr
            | LangFunc::EprintStr
            | LangFunc::Template
            | LangFunc::FormatSpec
            | LangFunc::FormatBits
            | LangFunc::FormatFloat => false,
        },
        Callee::StructuralEq(ty) => !matches!(ty.kind(db), TyKind::Str),
    }
}

/// Whether a function without a body is one of the intrinsics that drop.
fn runs_destructors(db: &dyn Db, func: hir_def::FuncId) -> bool {
    let signature = hir_def::signatures::func_signature(db, func);
    let is_intrinsic = signature.attrs.intrinsic.is_some();
    is_intrinsic && matches!(&*signature.name, "drop_in_place" | "drop_elements")
}

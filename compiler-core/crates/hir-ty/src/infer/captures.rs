//! What closures capture (reference §5.5): per place path, in the least mode that the body needs.
//!
//! Runs at the end of inference over the expressions of each closure, in the order in which MIR
//! building evaluates them, and looks only at places that start in a local of the body around.
//! The answer completes the closure's type.

mod walk;

use hir_def::body::{Expr, ExprId, LocalId};

use super::InferCtx;
use super::result::{Capture, CaptureMode, CaptureStep};
use crate::ty::{ClosureKind, Ty, TyKind};

/// A place in terms of a local, as far as captures follow it.
#[derive(Clone, Debug)]
struct Path {
    local: LocalId,
    steps: Vec<CaptureStep>,
    /// The type of the place that `steps` lead to.
    ty: Ty,
    beyond: Beyond,
    expr: ExprId,
}

/// What lies between the end of a path's steps and the place that is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Beyond {
    Nothing,
    /// An element: nothing can be moved out.
    Element,
    /// A payload of an enum: moving it moves the enum.
    Payload,
}

/// What the body does to a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    /// Reads the value: copies or moves it.
    Consume,
    Borrow,
    /// A borrow or change; `explicit` ones need a mutable variable.
    BorrowMut {
        explicit: bool,
    },
}

/// The captures of one closure under way.
struct Walk<'a, 'db> {
    ctx: &'a mut InferCtx<'db>,
    closure: usize,
    is_move: bool,
    captures: Vec<Capture>,
    kind: ClosureKind,
    depth: u32,
}

/// Closures nest no deeper than expressions.
const DEPTH_MAX: u32 = 4 * hir_def::body::DEPTH_MAX;

impl InferCtx<'_> {
    /// Finds the captures of all closures, and completes their types.
    pub(super) fn analyse_captures(&mut self) {
        for index in 0..self.result.closures.len() {
            self.analyse_closure(index);
        }
    }

    fn analyse_closure(&mut self, index: usize) {
        let db = self.db;
        let body = self.body;
        if self.analysed.contains(&index) {
            return;
        }
        self.analysed.insert(index);
        let Some(Some(closure)) = self.result.closures.get(index) else {
            return;
        };
        let (expr, ty) = (closure.expr, closure.ty);
        let Expr::Closure {
            body: root,
            is_move,
            is_async,
            ..
        } = body[expr]
        else {
            return;
        };
        let mut walk = Walk {
            ctx: self,
            closure: index,
            is_move,
            captures: Vec::new(),
            kind: ClosureKind::Fn,
            depth: 0,
        };
        walk.value(root);
        let Walk { captures, kind, .. } = walk;
        let tys = captures.iter().map(|capture| capture.field_ty(db));
        let tuple = Ty::tuple(db, tys.collect::<Vec<_>>());
        let Some((_, args)) = ty.as_closure(db) else {
            return;
        };
        let _ = self.table.unify(args.captures_ty(db), tuple);
        if !is_async {
            let _ = self
                .table
                .unify_const(args.kind_const(db), kind.as_const(db));
        }
        if let Some(Some(closure)) = self.result.closures.get_mut(index) {
            closure.captures = captures.into();
        }
    }

    /// Whether `this` is a place behind the reference that callers pass.
    fn is_lent_receiver(&self, local: LocalId) -> bool {
        use crate::signature::ReceiverForm;
        self.body.receiver == Some(local)
            && self.receiver.is_some_and(|receiver| {
                matches!(
                    receiver.form,
                    ReceiverForm::Shared | ReceiverForm::Exclusive
                )
            })
    }
}

impl Walk<'_, '_> {
    fn is_outer(&self, local: LocalId) -> bool {
        self.ctx
            .body
            .closures
            .get(self.closure)
            .is_some_and(|span| !span.declares(local))
    }

    /// Notes what is done to a place.
    fn touch(&mut self, path: Option<Path>, how: Use) {
        let Some(path) = path else { return };
        if !self.is_outer(path.local) {
            return;
        }
        let ty = self.ctx.table.resolve(path.ty);
        let is_copy = self.ctx.is_copy(ty);
        let is_lent = self.ctx.is_lent_receiver(path.local);
        let behind = is_lent || path.steps.contains(&CaptureStep::Deref);
        let mode = match (how, path.beyond) {
            (Use::BorrowMut { explicit }, _) => CaptureMode::MutRef { explicit },
            // A read of something Copy is a copy at creation.
            (Use::Consume | Use::Borrow, _) if is_copy => CaptureMode::Copy,
            (Use::Borrow, _) | (Use::Consume, Beyond::Element) => CaptureMode::Ref,
            (Use::Consume, Beyond::Payload) if behind => CaptureMode::Ref,
            // Moving out of a reference is an error, which MIR reports; a parameter without
            // bounds is copied there.
            (Use::Consume, _) if behind => CaptureMode::Ref,
            (Use::Consume, _) => CaptureMode::Move,
        };
        // What calls do to captures.
        let needs = match mode {
            CaptureMode::Copy | CaptureMode::Ref => ClosureKind::Fn,
            CaptureMode::MutRef { .. } => ClosureKind::FnMut,
            CaptureMode::Move => ClosureKind::FnOnce,
        };
        self.kind = self.kind.max(needs);
        let mut path = path;
        path.ty = ty;
        let mut mode = mode;
        if self.is_move && !(is_lent && mode != CaptureMode::Copy) {
            // References are taken themselves, not what they lead to.
            let deref = path.steps.iter().position(|s| *s == CaptureStep::Deref);
            if let Some(at) = deref {
                path.steps.truncate(at);
                path.ty = self.path_ty(path.local, &path.steps);
            }
            mode = match self.ctx.is_copy(path.ty) {
                true => CaptureMode::Copy,
                false => CaptureMode::Move,
            };
            // A part of a value with a destructor stays in it: the whole goes, and ends as such.
            if mode == CaptureMode::Move
                && let Some(at) = self.destructor_on(&path)
            {
                path.steps.truncate(at);
                path.ty = self.path_ty(path.local, &path.steps);
            }
        }
        self.add(Capture {
            local: path.local,
            steps: path.steps.into(),
            place_ty: path.ty,
            mode,
            changed: matches!(how, Use::BorrowMut { .. }),
            expr: path.expr,
        });
    }

    /// How many steps lead to the first value on a path that has a `Drop` of its own.
    fn destructor_on(&mut self, path: &Path) -> Option<usize> {
        let db = self.ctx.db;
        (0..path.steps.len()).find(|at| {
            let ty = self.path_ty(path.local, &path.steps[..*at]);
            matches!(ty.kind(db), TyKind::Adt(adt, _) if crate::drop_impl(db, *adt).is_some())
        })
    }

    fn path_ty(&mut self, local: LocalId, steps: &[CaptureStep]) -> Ty {
        let db = self.ctx.db;
        let ty = self.ctx.result.local_tys.get(local).copied();
        let mut ty = ty.unwrap_or_else(|| Ty::error(db));
        for step in steps {
            ty = match step {
                CaptureStep::Field(_, ty) => *ty,
                CaptureStep::Deref => {
                    let outer = self.ctx.table.shallow(ty);
                    match outer.as_ref(db) {
                        Some((_, target)) => target,
                        None => Ty::error(db),
                    }
                }
            };
        }
        self.ctx.table.resolve(ty)
    }

    /// Adds a capture, merging it with those of places around it or in it.
    fn add(&mut self, new: Capture) {
        if let Some(around) = self.captures.iter_mut().find(|old| old.covers(&new)) {
            around.changed |= new.changed;
            // Through a copied reference the reference is enough.
            let deref = new.steps[around.steps.len()..].contains(&CaptureStep::Deref);
            if !(deref && around.mode == CaptureMode::Copy) {
                around.mode = around.mode.max(new.mode);
            }
            return;
        }
        let mut new = new;
        let mut position = None;
        let mut kept = Vec::with_capacity(self.captures.len() + 1);
        for old in self.captures.drain(..) {
            if new.covers(&old) {
                new.changed |= old.changed;
                let deref = old.steps[new.steps.len()..].contains(&CaptureStep::Deref);
                if !(deref && new.mode == CaptureMode::Copy) {
                    new.mode = new.mode.max(old.mode);
                }
                position.get_or_insert(kept.len());
            } else {
                kept.push(old);
            }
        }
        // A whole of which a part is only copied is copied itself only if it can be.
        if new.mode == CaptureMode::Copy && !self.ctx.is_copy(new.place_ty) {
            new.mode = CaptureMode::Ref;
        }
        kept.insert(position.unwrap_or(kept.len()), new);
        self.captures = kept;
    }

    /// A closure inside: what it captures of our surroundings we have to capture, too.
    fn nested(&mut self, expr: ExprId) {
        let Expr::Closure { index, .. } = self.ctx.body[expr] else {
            return;
        };
        self.ctx.analyse_closure(index as usize);
        let captures = match self.ctx.result.closures.get(index as usize) {
            Some(Some(closure)) => closure.captures.clone(),
            _ => return,
        };
        for capture in captures {
            let how = match capture.mode {
                CaptureMode::Copy | CaptureMode::Move => Use::Consume,
                CaptureMode::Ref => Use::Borrow,
                CaptureMode::MutRef { explicit } => Use::BorrowMut { explicit },
            };
            let path = Path {
                local: capture.local,
                steps: capture.steps.to_vec(),
                ty: capture.place_ty,
                beyond: Beyond::Nothing,
                expr: capture.expr,
            };
            self.touch(Some(path), how);
        }
    }

    /// The place behind all references that a path ends in.
    fn strip(&mut self, path: Option<Path>) -> Option<Path> {
        let mut path = path?;
        let db = self.ctx.db;
        for _ in 0..super::coerce::AUTODEREF_MAX {
            let ty = self.ctx.table.shallow(path.ty);
            match ty.kind(db) {
                TyKind::Ref { target, .. } => path = self.deref(path, *target),
                _ => break,
            }
        }
        Some(path)
    }

    fn deref(&mut self, mut path: Path, target: Ty) -> Path {
        if path.beyond == Beyond::Nothing {
            path.steps.push(CaptureStep::Deref);
            path.ty = target;
        } else {
            path.beyond = Beyond::Element;
        }
        path
    }

    fn field(&mut self, mut path: Path, index: u32, ty: Ty) -> Path {
        if path.beyond == Beyond::Nothing {
            let ty = self.ctx.table.resolve(ty);
            path.steps.push(CaptureStep::Field(index, ty));
            path.ty = ty;
        }
        path
    }
}

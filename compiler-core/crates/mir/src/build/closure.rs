//! Closures: the values that captures make, and the bodies that use them.
//!
//! A body of its own is lowered for each closure. While it is, a captured variable is a local
//! like any other; afterwards the places that start in it become places in the closure's value,
//! which is the first parameter: by reference, or by value if a call uses the captures up.

use hir_def::body::{Expr, ExprId, LocalId, PatId};
use hir_ty::{Capture, CaptureMode, CaptureStep, ClosureArgs, ClosureKind, ClosureRes, Ty};

use super::Builder;
use crate::data::*;
use crate::visit;

/// The body of a closure under construction.
pub(super) struct ClosureBody<'a> {
    res: &'a ClosureRes,
    kind: ClosureKind,
    /// Captured variables and the locals that stand for them.
    stand_ins: Vec<(LocalId, Local)>,
}

impl<'a> Builder<'a> {
    /// The value of a closure: its captures, each as its mode says.
    pub(super) fn closure_value(&mut self, dest: &Place, expr: ExprId) {
        let Expr::Closure { index, .. } = self.hir[expr] else {
            return;
        };
        let infer = self.infer;
        let Some(Some(res)) = infer.closures.get(index as usize) else {
            return self.unsupported("this closure");
        };
        let operands: Vec<Operand> = res
            .captures
            .iter()
            .map(|capture| self.capture(capture))
            .collect();
        let Some((id, args)) = res.ty.as_closure(self.db) else {
            return self.unsupported("this closure");
        };
        let kind = AggregateKind::Closure(id, args.0);
        self.assign(dest, Rvalue::Aggregate(kind, operands));
    }

    fn capture(&mut self, capture: &Capture) -> Operand {
        let mut place = self.local_place(capture.local);
        for step in &capture.steps {
            place = match step {
                CaptureStep::Field(index, ty) => place.field(*index, *ty),
                CaptureStep::Deref => place.deref(),
            };
        }
        match capture.mode {
            CaptureMode::Copy => Operand::Copy(place),
            CaptureMode::Move => Operand::Move(place),
            CaptureMode::Ref => {
                let ty = capture.field_ty(self.db);
                self.value(ty, Rvalue::Ref(BorrowKind::Shared, place))
            }
            CaptureMode::MutRef { explicit } => {
                let ty = capture.field_ty(self.db);
                let kind = match explicit {
                    true => BorrowKind::Exclusive,
                    false => BorrowKind::Implicit,
                };
                self.value(ty, Rvalue::Ref(kind, place))
            }
        }
    }

    /// Lowers the body of a closure.
    pub(super) fn closure_function(&mut self, index: u32, res: &'a ClosureRes) {
        let hir = self.hir;
        let Expr::Closure {
            params, body: root, ..
        } = &hir[res.expr]
        else {
            return;
        };
        let Some((_, args)) = res.ty.as_closure(self.db) else {
            return;
        };
        self.body.closure = Some(index);
        let kind = args.kind(self.db).unwrap_or(ClosureKind::FnOnce);
        self.body.is_async = kind == ClosureKind::Async;
        self.new_local(LocalDecl {
            ty: args.ret(self.db),
            name: None,
            mutable: true,
            kind: LocalKind::Return,
            source: SourceInfo::BODY,
        });
        self.push_scope(false);
        self.source = res.expr.into();
        let env_ty = env_ty(self.db, res.ty, kind);
        self.arg(env_ty, None, true);
        let tys = args.params(self.db);
        let pats: Vec<PatId> = params.iter().map(|param| param.pat).collect();
        self.bind_params(&pats, tys);
        let mut closure = ClosureBody {
            res,
            kind,
            stand_ins: Vec::new(),
        };
        self.declare_captured(&mut closure);
        self.push_scope(true);
        self.expr_to(Some(&Local::RETURN.into()), *root);
        self.source = SourceInfo::BODY;
        self.pop_scope();
        self.pop_scope();
        self.terminate(TerminatorKind::Return);
        self.replace_stand_ins(&closure, args);
    }

    fn declare_captured(&mut self, closure: &mut ClosureBody<'a>) {
        for capture in &closure.res.captures {
            let id = capture.local;
            if closure.stand_ins.iter().any(|(known, _)| *known == id) {
                continue;
            }
            let local = self.temp(self.local_ty(id));
            self.vars.insert(id, local.into());
            closure.stand_ins.push((id, local));
        }
    }

    /// Puts places of the closure's value where the captured variables stand.
    fn replace_stand_ins(&mut self, closure: &ClosureBody<'a>, args: ClosureArgs) {
        let tys = args.captures(self.db);
        let mut missing = false;
        let empty = Body::empty(self.body.owner);
        let mut body = std::mem::replace(&mut self.body, empty);
        visit::each_place(&mut body, &mut |place| {
            let stand_in = closure
                .stand_ins
                .iter()
                .find(|(_, local)| *local == place.local);
            let Some((id, _)) = stand_in else { return };
            match captured_place(closure, &tys, *id, place) {
                Some(found) => *place = found,
                None => missing = true,
            }
        });
        let unit = Ty::unit(self.db);
        for (_, local) in &closure.stand_ins {
            if let Some(decl) = body.locals.get_mut(*local) {
                decl.ty = unit;
            }
        }
        self.body = body;
        if missing {
            self.source = closure.res.expr.into();
            self.unsupported("a capture of this closure");
        }
    }
}

/// How a closure's body gets its captures.
pub(crate) fn env_ty(db: &dyn base::Db, closure: Ty, kind: ClosureKind) -> Ty {
    match kind {
        ClosureKind::Fn => Ty::reference(db, false, closure),
        ClosureKind::FnMut => Ty::reference(db, true, closure),
        ClosureKind::FnOnce => closure,
        // In the frame.
        ClosureKind::Async => match closure.as_closure(db) {
            Some((_, args)) => args.captures_ty(db),
            None => closure,
        },
    }
}

/// The place of a captured variable, or of a part of it, in the closure's value.
fn captured_place(
    closure: &ClosureBody<'_>,
    tys: &[Ty],
    id: LocalId,
    place: &Place,
) -> Option<Place> {
    let env = Place::local(Local(1));
    let env = match closure.kind {
        ClosureKind::Fn | ClosureKind::FnMut => env.deref(),
        ClosureKind::FnOnce | ClosureKind::Async => env,
    };
    let captures = || {
        let all = closure.res.captures.iter().enumerate();
        all.filter(move |(_, capture)| capture.local == id)
    };
    let same = |step: &CaptureStep, projection: &Projection| match (step, projection) {
        (CaptureStep::Field(a, _), Projection::Field(b, _)) => a == b,
        (CaptureStep::Deref, Projection::Deref) => true,
        _ => false,
    };
    for (index, capture) in captures() {
        let steps = capture.steps.len();
        let fits = place.projection.len() >= steps
            && capture
                .steps
                .iter()
                .zip(&place.projection)
                .all(|(step, projection)| same(step, projection));
        if !fits {
            continue;
        }
        let mut found = env.field(index as u32, *tys.get(index)?);
        if let CaptureMode::Ref | CaptureMode::MutRef { .. } = capture.mode {
            found = found.deref();
        }
        for step in place.projection.iter().skip(steps) {
            found = found.project(step.clone());
        }
        return Some(found);
    }
    // The reference itself where what it leads to has been captured by reference.
    for (index, capture) in captures() {
        let behind = capture.steps.len() == place.projection.len() + 1
            && capture.steps.last() == Some(&CaptureStep::Deref)
            && matches!(capture.mode, CaptureMode::Ref | CaptureMode::MutRef { .. })
            && capture
                .steps
                .iter()
                .zip(&place.projection)
                .all(|(step, projection)| same(step, projection));
        if behind {
            return Some(env.field(index as u32, *tys.get(index)?));
        }
    }
    None
}

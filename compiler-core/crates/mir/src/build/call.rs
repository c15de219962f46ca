//! Calls.

use hir_def::body::{Arg, ExprId};
use hir_def::{FuncId, VariantDef};
use hir_ty::{CallRes, ClosureKind, FieldRes, GenericArgs, Ty};

use super::Builder;
use crate::data::*;
use crate::tys;

impl Builder<'_> {
    pub(super) fn call_expr(&mut self, dest: &Place, expr: ExprId, callee: ExprId, args: &[Arg]) {
        let infer = self.infer;
        let values: Vec<ExprId> = args.iter().map(|arg| arg.value).collect();
        match infer.calls.get(&expr) {
            Some(CallRes::Func { callee, order }) => {
                self.call_func(dest, *callee, &values, order.as_deref());
            }
            Some(CallRes::Ctor { variant, args }) => self.construct(dest, *variant, *args, &values),
            Some(CallRes::Value { .. }) => {
                let func = self.operand(callee);
                let func = self.hold(func, &values);
                let args = self.operands(&values);
                self.call(Callee::Value(func), args, dest);
            }
            Some(CallRes::Callable { ty, kind, .. }) => {
                let place = self.place(callee);
                self.call_callable(dest, place, *ty, *kind, &values);
            }
            Some(CallRes::Builtin { name, pieces }) => self.builtin(dest, name, pieces, &values),
            None => self.unsupported("this call"),
        }
    }

    pub(super) fn method_call(
        &mut self,
        dest: &Place,
        expr: ExprId,
        receiver: ExprId,
        args: &[Arg],
    ) {
        let infer = self.infer;
        let values: Vec<ExprId> = args.iter().map(|arg| arg.value).collect();
        match infer.calls.get(&expr) {
            Some(CallRes::Func { callee, order }) => {
                // `List[I32].new(4)`: the receiver is a type and no argument.
                let sig = hir_ty::fn_type(self.db, callee.func);
                let mut all = values;
                if sig.receiver.is_some() {
                    all.insert(0, receiver);
                }
                self.call_func(dest, *callee, &all, order.as_deref());
            }
            Some(CallRes::Ctor { variant, args }) => self.construct(dest, *variant, *args, &values),
            Some(CallRes::Value { field }) => {
                let base = self.place(receiver);
                let base = self.strip_refs(base);
                // The `func` is copied out of the field first.
                let ty = self.func_field_ty(&base, field.as_ref());
                let place = match field {
                    Some(FieldRes::Field(field)) => base.field(field.index, ty),
                    Some(FieldRes::Tuple(index)) => base.field(*index, ty),
                    None => base,
                };
                let func = self.read(place);
                let func = self.hold(func, &values);
                let args = self.operands(&values);
                self.call(Callee::Value(func), args, dest);
            }
            Some(CallRes::Callable { field, ty, kind }) => {
                let base = self.place(receiver);
                let base = self.strip_refs(base);
                let field_ty = self.func_field_ty(&base, field.as_ref());
                let place = match field {
                    Some(FieldRes::Field(field)) => base.field(field.index, field_ty),
                    Some(FieldRes::Tuple(index)) => base.field(*index, field_ty),
                    None => base,
                };
                self.call_callable(dest, place, *ty, *kind, &values);
            }
            Some(CallRes::Builtin { name, pieces }) => self.builtin(dest, name, pieces, &values),
            None => self.unsupported("this method call"),
        }
    }

    /// Calls a closure or a parameter with a bound, in place.
    fn call_callable(
        &mut self,
        dest: &Place,
        place: Place,
        ty: Ty,
        kind: Option<ClosureKind>,
        values: &[ExprId],
    ) {
        let place = self.strip_refs(place);
        let own = ty
            .as_closure(self.db)
            .and_then(|(_, args)| args.kind(self.db));
        let kind = own.or(kind).unwrap_or(ClosureKind::Fn);
        let receiver = match kind {
            ClosureKind::Fn => {
                let ty = Ty::reference(self.db, false, ty);
                self.value(ty, Rvalue::Ref(BorrowKind::Shared, place))
            }
            ClosureKind::FnMut => {
                let ty = Ty::reference(self.db, true, ty);
                self.value(ty, Rvalue::Ref(BorrowKind::TwoPhase, place))
            }
            ClosureKind::FnOnce | ClosureKind::Async => {
                let operand = self.read(place);
                self.hold(operand, values)
            }
        };
        let mut args = vec![receiver];
        args.extend(self.operands(values));
        self.call(Callee::Callable(kind, ty), args, dest);
    }

    fn func_field_ty(&self, base: &Place, field: Option<&FieldRes>) -> Ty {
        let ty = self.place_ty(base);
        let found = match (field, ty.kind(self.db)) {
            (Some(FieldRes::Field(field)), hir_ty::TyKind::Adt(_, args)) => {
                tys::field_tys(self.db, field.parent, *args)
                    .get(field.index as usize)
                    .copied()
            }
            (Some(FieldRes::Tuple(index)), hir_ty::TyKind::Tuple(parts)) => {
                parts.get(*index as usize).copied()
            }
            _ => Some(ty),
        };
        found.unwrap_or_else(|| Ty::error(self.db))
    }

    /// A call of a known function. `values` are in written order; `order` says which parameter
    /// each of them is.
    fn call_func(
        &mut self,
        dest: &Place,
        callee: hir_ty::Callee,
        values: &[ExprId],
        order: Option<&[u32]>,
    ) {
        let sig = tys::callee_sig(self.db, self.body.owner, callee);
        let receiver = usize::from(hir_ty::fn_type(self.db, callee.func).receiver.is_some());
        let mut slots: Vec<Option<Operand>> = vec![None; sig.params.len().max(values.len())];
        for (i, value) in values.iter().enumerate() {
            let index = order
                .and_then(|order| order.get(i))
                .map_or(i, |index| *index as usize);
            let param = sig.params.get(index).copied();
            if receiver > 0 && index == 0 {
                self.receivers.insert(*value);
            }
            let operand = self.argument(*value, param);
            let operand = self.hold(operand, values.get(i + 1..).unwrap_or(&[]));
            if let Some(slot) = slots.get_mut(index) {
                *slot = Some(operand);
            }
        }
        let mut args = Vec::with_capacity(slots.len());
        for (index, slot) in slots.into_iter().enumerate() {
            let omitted = || {
                let ty = sig.params.get(index).copied();
                let param = index.saturating_sub(receiver) as u32;
                let kind = ConstKind::ParamDefault(callee.func, param, callee.args);
                self.constant(ty.unwrap_or_else(|| Ty::error(self.db)), kind)
            };
            args.push(slot.unwrap_or_else(omitted));
        }
        let args = self.with_location(callee.func, args);
        self.call(Callee::Func(callee.func, callee.args), args, dest);
    }

    /// An argument; borrowed if the parameter is a reference and nobody has said so yet.
    fn argument(&mut self, value: ExprId, param: Option<Ty>) -> Operand {
        let is_ref = self.adjusted_ty(value).as_ref(self.db).is_some();
        match param.and_then(|param| Some((param, param.as_ref(self.db)?))) {
            Some((param, (mutable, target))) if !is_ref && target == self.adjusted_ty(value) => {
                let place = self.place(value);
                let kind = match mutable {
                    true if self.receivers.contains(&value) => BorrowKind::TwoPhase,
                    true => BorrowKind::Implicit,
                    false => BorrowKind::Shared,
                };
                self.value(param, Rvalue::Ref(kind, place))
            }
            _ => self.operand(value),
        }
    }

    /// Adds the hidden location arguments if the function wants them.
    pub(super) fn with_location(&self, func: FuncId, mut args: Vec<Operand>) -> Vec<Operand> {
        if hir_ty::fn_type(self.db, func).track_caller {
            args.extend(self.location());
        }
        args
    }

    fn construct(
        &mut self,
        dest: &Place,
        variant: VariantDef,
        args: GenericArgs,
        values: &[ExprId],
    ) {
        let operands = self.operands(values);
        self.assign(
            dest,
            Rvalue::Aggregate(AggregateKind::Adt(variant, args), operands),
        );
    }

    /// Calls a function with operands at hand.
    pub(super) fn call_resolved(
        &mut self,
        callee: hir_ty::Callee,
        args: Vec<Operand>,
        dest: &Place,
    ) {
        let args = self.with_location(callee.func, args);
        self.call(Callee::Func(callee.func, callee.args), args, dest);
    }
}

//! Calls.

use hir_def::body::{Arg, Expr, ExprId};
use hir_def::{FuncId, VariantDef};
use hir_ty::{CallRes, ClosureKind, FieldRes, GenericArgs, Ty};

use super::Builder;
use crate::data::*;
use crate::tys;

impl<'a> Builder<'a> {
    pub(super) fn call_expr(&mut self, dest: &Place, expr: ExprId, callee: ExprId, args: &[Arg]) {
        let infer = self.infer;
        let values: Vec<ExprId> = args.iter().map(|arg| arg.value).collect();
        match infer.calls.get(&expr) {
            Some(CallRes::Func { callee, order }) => {
                self.call_func(dest, *callee, &values, order.as_deref(), false);
            }
            Some(CallRes::New {
                class,
                args,
                ctor,
                order,
            }) => self.new_object(dest, *class, *args, *ctor, &values, order.as_deref()),
            Some(CallRes::Ctor { variant, args }) => self.construct(dest, *variant, *args, &values),
            Some(CallRes::Value { .. }) => {
                let func = self.operand(callee);
                let func = self.hold(func, &values);
                self.enter_call();
                let args = self.value_arguments(&values);
                self.call_value_entered(Callee::Value(func), args, dest);
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
            Some(CallRes::Func { callee, .. }) if self.is_explicit_drop(callee.func, receiver) => {
                self.explicit_drop(dest, *callee, receiver);
            }
            Some(CallRes::Func { callee, order }) => {
                // `List[I32].new(4)`: the receiver is a type and no argument.
                let sig = hir_ty::fn_type(self.db, callee.func);
                let mut all = values;
                if sig.receiver.is_some() {
                    all.insert(0, receiver);
                }
                let exact = infer.exact.contains(&expr);
                self.call_func(dest, *callee, &all, order.as_deref(), exact);
            }
            Some(CallRes::New {
                class,
                args,
                ctor,
                order,
            }) => self.new_object(dest, *class, *args, *ctor, &values, order.as_deref()),
            Some(CallRes::Ctor { variant, args }) => self.construct(dest, *variant, *args, &values),
            Some(CallRes::Value { field }) => {
                // The `func` is copied out of the field first.
                let place = self.called_field(receiver, field.as_ref());
                let func = self.read(place);
                let func = self.hold(func, &values);
                self.enter_call();
                let args = self.value_arguments(&values);
                self.call_value_entered(Callee::Value(func), args, dest);
            }
            Some(CallRes::Callable { field, ty, kind }) => {
                let place = self.called_field(receiver, field.as_ref());
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
        self.enter_call();
        let own = ty
            .as_closure(self.db)
            .and_then(|(_, args)| args.kind(self.db));
        let kind = own.or(kind).unwrap_or(ClosureKind::Fn);
        let receiver = match kind {
            ClosureKind::Fn => {
                let ty = Ty::reference(self.db, false, ty);
                self.borrow_argument(ty, BorrowKind::Shared, place, None)
            }
            ClosureKind::FnMut => {
                let ty = Ty::reference(self.db, true, ty);
                self.borrow_argument(ty, BorrowKind::TwoPhase, place, None)
            }
            ClosureKind::FnOnce | ClosureKind::Async => {
                let operand = self.read(place);
                self.hold(operand, values)
            }
        };
        let mut args = vec![receiver];
        args.extend(self.value_arguments(values));
        self.call_value_entered(Callee::Callable(kind, ty), args, dest);
    }

    /// Arguments of a value that is called: what is written as a borrow starts with the call.
    fn value_arguments(&mut self, values: &[ExprId]) -> Vec<Operand> {
        let mut operands = Vec::with_capacity(values.len());
        for (i, value) in values.iter().enumerate() {
            let operand = self.argument(*value, None);
            operands.push(self.hold(operand, values.get(i + 1..).unwrap_or(&[])));
        }
        operands
    }

    /// Calls a value, after [`Builder::enter_call`].
    fn call_value_entered(&mut self, callee: Callee, args: Vec<Operand>, dest: &Place) {
        let started = self.start_call();
        let holds = self.holds_borrow(&callee, self.place_ty(dest));
        self.call(callee, args, dest);
        self.finish_call(started, holds);
    }

    /// Whether a call is `x.drop()`: of an implementation of `Drop`, or of an inherent
    /// `drop(mut this)`, on a value that is not copied.
    fn is_explicit_drop(&self, func: FuncId, receiver: ExprId) -> bool {
        let sig = hir_ty::fn_type(self.db, func);
        let is_drop = hir_def::signatures::func_signature(self.db, func).name == "drop"
            && sig.params.is_empty()
            && sig
                .receiver
                .is_some_and(|it| it.form == hir_ty::signature::ReceiverForm::Exclusive);
        let lang = hir_ty::lang_items(self.db, self.body.owner.module(self.db).package(self.db));
        let is_own = match func.container(self.db) {
            hir_def::ContainerId::Behavior(behavior) => lang.drop == Some(behavior),
            hir_def::ContainerId::Impl(id) => {
                let behaviors = hir_ty::signature::impl_behaviors(self.db, id);
                behaviors.is_empty() || behaviors.iter().any(|it| lang.drop == Some(it.behavior))
            }
            _ => false,
        };
        if !is_drop || !is_own {
            return false;
        }
        let place = self.without_borrow(receiver).last();
        let ty = place.map_or_else(|| self.expr_ty(receiver), |step| step.target);
        !self.is_copy(ty) && ty.as_ref(self.db).is_none()
    }

    /// The adjustments of a receiver up to the place that is borrowed for the call.
    fn without_borrow(&self, receiver: ExprId) -> &'a [hir_ty::Adjustment] {
        let infer = self.infer;
        let steps = infer.adjustments(receiver);
        match steps.split_last() {
            Some((last, rest)) if matches!(last.kind, hir_ty::Adjust::Borrow { .. }) => rest,
            _ => steps,
        }
    }

    /// `x.drop()` consumes `x` (reference §8.4): the value moves into a temporary, which ends
    /// here. A value with a `drop` that is no destructor ends with the statement.
    fn explicit_drop(&mut self, dest: &Place, callee: hir_ty::Callee, receiver: ExprId) {
        let place = self.without_borrow(receiver);
        let operand = self.adjusted_operand(receiver, place);
        let ty = tys::operand_ty(self.db, &self.body, &operand);
        let temp = self.owned_temp(ty);
        self.assign_operand(&temp.into(), operand);
        if tys::has_own_drop(self.db, ty) || matches!(ty.kind(self.db), hir_ty::TyKind::Param(_)) {
            let unwind = self.unwind();
            self.push(StatementKind::Drop(temp.into(), unwind));
        } else {
            let ref_ty = Ty::reference(self.db, true, ty);
            let borrow = self.value(ref_ty, Rvalue::Ref(BorrowKind::Implicit, temp.into()));
            self.call_resolved(callee, vec![borrow], dest);
        }
        self.assign_unit(Some(dest));
    }

    /// The place of what is called: a value, or a field of one.
    fn called_field(&mut self, receiver: ExprId, field: Option<&FieldRes>) -> Place {
        let base = self.place(receiver);
        let base = self.strip_refs(base);
        let base_ty = self.place_ty(&base);
        match (field, base_ty.kind(self.db)) {
            (None, _) => base,
            (Some(FieldRes::Field(field)), hir_ty::TyKind::Adt(_, args)) => {
                if let VariantDef::Class(_) = field.parent {
                    return self.object_field_of(&base, *field);
                }
                let types = tys::field_tys(self.db, field.parent, *args);
                let ty = types.get(field.index as usize).copied();
                base.field(field.index, ty.unwrap_or_else(|| Ty::error(self.db)))
            }
            (Some(FieldRes::Tuple(index)), hir_ty::TyKind::Tuple(parts)) => {
                let ty = parts.get(*index as usize).copied();
                base.field(*index, ty.unwrap_or_else(|| Ty::error(self.db)))
            }
            _ => base,
        }
    }

    /// A call of a known function. `values` are in written order; `order` says which parameter
    /// each of them is.
    pub(super) fn call_func(
        &mut self,
        dest: &Place,
        callee: hir_ty::Callee,
        values: &[ExprId],
        order: Option<&[u32]>,
        exact: bool,
    ) {
        self.enter_call();
        let args = self.argument_operands(callee, values, order, false);
        self.call_entered(callee, args, dest, exact);
    }

    /// Calls with all arguments at hand, after [`Builder::enter_call`].
    pub(super) fn call_entered(
        &mut self,
        callee: hir_ty::Callee,
        args: Vec<Operand>,
        dest: &Place,
        exact: bool,
    ) {
        let started = self.start_call();
        let target = Callee::Func(callee.func, callee.args);
        let holds = self.holds_borrow(&target, self.place_ty(dest));
        self.call_maybe_exact(callee, args, dest, exact);
        self.finish_call(started, holds);
    }

    /// Calls with operands at hand: of the very function, or of what the object's table says.
    pub(super) fn call_maybe_exact(
        &mut self,
        callee: hir_ty::Callee,
        args: Vec<Operand>,
        dest: &Place,
        exact: bool,
    ) {
        match exact {
            true => self.call_resolved_exact(callee, args, dest),
            false => self.call_resolved(callee, args, dest),
        }
    }

    pub(super) fn call_resolved_exact(
        &mut self,
        callee: hir_ty::Callee,
        args: Vec<Operand>,
        dest: &Place,
    ) {
        let args = self.with_location(callee.func, args);
        self.call(Callee::Exact(callee.func, callee.args), args, dest);
    }

    /// Calls a method with its receiver at hand, and without dispatch.
    pub(super) fn call_with_receiver(
        &mut self,
        dest: &Place,
        callee: hir_ty::Callee,
        receiver: Operand,
        values: &[ExprId],
        order: Option<&[u32]>,
    ) {
        self.enter_call();
        let mut args = vec![receiver];
        args.extend(self.argument_operands(callee, values, order, true));
        self.call_entered(callee, args, dest, true);
    }

    /// The arguments of a call in the order of parameters, omitted ones included. Without the
    /// receiver if that comes from elsewhere; `order` counts it all the same.
    pub(super) fn argument_operands(
        &mut self,
        callee: hir_ty::Callee,
        values: &[ExprId],
        order: Option<&[u32]>,
        without_receiver: bool,
    ) -> Vec<Operand> {
        let sig = tys::callee_sig(self.db, self.body.owner, callee);
        let receiver = usize::from(hir_ty::fn_type(self.db, callee.func).receiver.is_some());
        let declared = hir_ty::fn_type(self.db, callee.func);
        let is_foreign = !declared.flags.has_body
            && declared.intrinsic.is_none()
            && matches!(
                callee.func.container(self.db),
                hir_def::ContainerId::Module(_) | hir_def::ContainerId::Block(_)
            );
        let skip = usize::from(without_receiver);
        let count = sig.params.len().max(values.len() + skip);
        let mut slots: Vec<Option<Operand>> = vec![None; count];
        for (i, value) in values.iter().enumerate() {
            let index = order
                .and_then(|order| order.get(i + skip))
                .map_or(i + skip, |index| *index as usize);
            let param = sig.params.get(index).copied();
            if receiver > 0 && index == 0 {
                self.receivers.insert(*value);
            }
            let operand = match is_foreign.then(|| self.function_pointer(*value)).flatten() {
                Some(pointer) => pointer,
                None => self.argument(*value, param),
            };
            let operand = self.hold(operand, values.get(i + 1..).unwrap_or(&[]));
            if let Some(slot) = slots.get_mut(index) {
                *slot = Some(operand);
            }
        }
        let mut args = Vec::with_capacity(slots.len());
        for (index, slot) in slots.into_iter().enumerate().skip(skip) {
            let omitted = || {
                let ty = sig.params.get(index).copied();
                let param = index.saturating_sub(receiver) as u32;
                let kind = ConstKind::ParamDefault(callee.func, param, callee.args);
                self.constant(ty.unwrap_or_else(|| Ty::error(self.db)), kind)
            };
            args.push(slot.unwrap_or_else(omitted));
        }
        args
    }

    /// What foreign code calls: the address of a function, without an environment.
    fn function_pointer(&mut self, value: ExprId) -> Option<Operand> {
        let adjustments = self.infer.adjustments(value);
        let is_reified = adjustments
            .last()
            .is_some_and(|last| last.kind == hir_ty::Adjust::ReifyFunc);
        let ty = self.infer.expr_ty(value)?;
        let hir_ty::TyKind::FnItem(func, args) = ty.kind(self.db) else {
            return None;
        };
        if !is_reified {
            return None;
        }
        let item = self.constant(ty, ConstKind::Func(*func, *args));
        let pointer = Ty::raw_ptr(self.db, Ty::unit(self.db));
        let cast = Rvalue::Cast(CastKind::As(hir_ty::CastKind::FuncToPtr), item, pointer);
        Some(self.value(pointer, cast))
    }

    /// An argument; borrowed if the parameter is a reference and nobody has said so yet.
    pub(super) fn argument(&mut self, value: ExprId, param: Option<Ty>) -> Operand {
        let ty = self.adjusted_ty(value);
        let outer = std::mem::replace(&mut self.source, value.into());
        let operand = match param.and_then(|param| Some((param, param.as_ref(self.db)?))) {
            Some((param, (mutable, target))) if ty.as_ref(self.db).is_none() && target == ty => {
                let place = self.place(value);
                let kind = self.receiver_kind(value, mutable);
                self.borrow_argument(param, kind, place, None)
            }
            _ => self
                .borrowed_argument(value, ty)
                .unwrap_or_else(|| self.operand(value)),
        };
        self.source = outer;
        operand
    }

    fn receiver_kind(&self, value: ExprId, mutable: bool) -> BorrowKind {
        match mutable {
            true if self.receivers.contains(&value) => BorrowKind::TwoPhase,
            true => BorrowKind::Implicit,
            false => BorrowKind::Shared,
        }
    }

    /// An argument that is a borrow, written or by adjustment.
    fn borrowed_argument(&mut self, value: ExprId, ty: Ty) -> Option<Operand> {
        use hir_ty::Adjust;
        let (hir, infer) = (self.hir, self.infer);
        let steps = infer.adjustments(value);
        let is_reborrow = match steps {
            [] => true,
            [first, last] => {
                first.kind == Adjust::Deref && matches!(last.kind, Adjust::Borrow { .. })
            }
            _ => false,
        };
        if let Expr::Ref {
            operand, mutable, ..
        } = &hir[value]
            && is_reborrow
            && !self.is_part(*operand)
            && let Some((exclusive, _)) = ty.as_ref(self.db)
        {
            let place = self.place(*operand);
            let kind = match (exclusive, mutable) {
                (true, false) => BorrowKind::Implicit,
                (true, true) => BorrowKind::Exclusive,
                (false, _) => BorrowKind::Shared,
            };
            return Some(self.borrow_argument(ty, kind, place, None));
        }
        let (borrow, rest, unsized_as) = match steps {
            [rest @ .., borrow, last] if last.kind == Adjust::Unsize => {
                (borrow, rest, Some(last.target))
            }
            [rest @ .., borrow] => (borrow, rest, None),
            [] => return None,
        };
        let Adjust::Borrow { mutable } = borrow.kind else {
            return None;
        };
        let place = self.adjusted_place(value, rest);
        let kind = self.receiver_kind(value, mutable);
        Some(self.borrow_argument(borrow.target, kind, place, unsized_as))
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

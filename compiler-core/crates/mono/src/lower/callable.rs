//! Calls through `Fn`, `FnMut` and `FnOnce` once the callee's type is known.

use hir_ty::{ClosureArgs, ClosureId, ClosureKind, GenericArgs, Ty, TyKind};
use mir::{Operand as MirOperand, Place};
use ssa::{Operand, Type};
use std::sync::Arc;

use super::Lower;
use crate::abi::Abi;
use crate::closure;
use crate::emit::Val;
use crate::error::MonoErrorKind;
use crate::instance::{Instance, InstanceKind};
use crate::shim::with_environment;

/// The value that is called.
#[derive(Clone, Copy)]
struct Target {
    addr: Operand,
    ty: Ty,
    /// Whether the call ends its life.
    is_owned: bool,
}

impl Lower<'_> {
    /// `args`: the value, by reference or whole, then the arguments or their tuple.
    pub(crate) fn call_callable(
        &mut self,
        kind: ClosureKind,
        ty: Ty,
        args: &[MirOperand],
        destination: &Place,
    ) -> Option<()> {
        let ty = self.ty(ty);
        let (receiver, rest) = args.split_first()?;
        let (value, receiver_ty) = self.operand(receiver);
        let target = match kind {
            ClosureKind::Fn | ClosureKind::FnMut => match value {
                // A view lies in memory.
                Val::Scalar(addr) | Val::Memory(addr) => Target {
                    addr,
                    ty,
                    is_owned: false,
                },
                _ => return None,
            },
            ClosureKind::FnOnce | ClosureKind::Async => {
                let addr = match value {
                    Val::Zero => self.cx.zero_sized_place(),
                    value => self.cx.spill(value, receiver_ty),
                };
                Target {
                    addr,
                    ty,
                    is_owned: true,
                }
            }
        };
        self.call_target(target, kind, rest, destination)
    }

    fn call_target(
        &mut self,
        target: Target,
        kind: ClosureKind,
        args: &[MirOperand],
        destination: &Place,
    ) -> Option<()> {
        match target.ty.kind(self.db()) {
            TyKind::Ref { target: inner, .. } => {
                let kind = match kind {
                    ClosureKind::FnOnce if self.is_shared(target.ty) => ClosureKind::Fn,
                    ClosureKind::FnOnce => ClosureKind::FnMut,
                    kind => kind,
                };
                let is_view = matches!(inner.kind(self.db()), TyKind::Object(_));
                let addr = match is_view {
                    true => target.addr,
                    false => self.cx.b.load(Type::Ptr, target.addr, 8),
                };
                let inner = Target {
                    addr,
                    ty: *inner,
                    is_owned: false,
                };
                self.call_target(inner, kind, args, destination)
            }
            TyKind::Dyn(_) | TyKind::Object(_) => self.call_object(target, kind, args, destination),
            TyKind::Closure(id, closure_args) => {
                self.call_closure(target, *id, *closure_args, args, destination)
            }
            TyKind::Func { params, ret } => {
                let abi = Abi::internal(self.db(), params, *ret);
                self.call_func_at(target, &abi, args, destination)
            }
            TyKind::FnItem(func, generic_args) => {
                let (func, generic_args) = (*func, *generic_args);
                let resolved = self.resolve(func, generic_args)?;
                let count = hir_ty::fn_type(self.db(), func)
                    .all_params(self.db())
                    .count();
                let args = self.spread(args, count);
                self.call_resolved(resolved, &args, destination)
            }
            TyKind::Ctor(variant, generic_args) => {
                let variant = hir_def::VariantDef::Variant(*variant);
                let kind = InstanceKind::CtorValue(variant);
                let instance = Instance::new(self.db(), kind, *generic_args);
                let abi = crate::shim::value_abi(self.db(), self.cx.build, instance);
                let passed = self.machine_args(&abi, 0, args)?;
                let signature = with_environment(&abi);
                let callee = self.cx.import_with(instance, signature);
                self.call_machine(
                    &abi,
                    Some(Operand::Null),
                    passed,
                    destination,
                    None,
                    |cx, machine| cx.b.call(callee, machine),
                );
                Some(())
            }
            _ => {
                let ty = self.cx.type_text(target.ty);
                self.cx.error(MonoErrorKind::Unsupported {
                    what: format!("a call of `{ty}`").into(),
                });
                None
            }
        }
    }

    fn is_shared(&self, reference: Ty) -> bool {
        matches!(
            reference.kind(self.db()),
            TyKind::Ref { mutable: false, .. }
        )
    }

    /// Calls what an object holds, by its table.
    fn call_object(
        &mut self,
        target: Target,
        kind: ClosureKind,
        args: &[MirOperand],
        destination: &Place,
    ) -> Option<()> {
        let db = self.db();
        let object = target.ty.as_dyn(db)?;
        let lang = hir_ty::lang_items(db, self.cx.build.core(db));
        let (behavior, name) = match kind {
            ClosureKind::Fn => (lang.fn_, "call"),
            ClosureKind::FnMut => (lang.fn_mut, "call_mut"),
            ClosureKind::FnOnce | ClosureKind::Async => (lang.fn_once, "call_once"),
        };
        let method = hir_ty::signature::behavior_func(db, behavior?, name)?;
        let list = std::iter::once(target.ty.into()).chain(object.args.list(db).iter().copied());
        let generic_args = GenericArgs::from_iter(db, list.collect::<Vec<_>>());
        let instance = Instance::new(db, InstanceKind::Virtual(method), generic_args);
        let abi = crate::types::abi_of(db, self.cx.build, instance);
        let mut passed = vec![target.addr];
        passed.extend(self.machine_args(&abi, 1, args)?);
        let callee = self.cx.import(instance, &abi);
        self.call_machine(&abi, None, passed, destination, None, |cx, machine| {
            cx.b.call(callee, machine)
        });
        Some(())
    }

    fn call_closure(
        &mut self,
        target: Target,
        id: ClosureId,
        closure_args: GenericArgs,
        args: &[MirOperand],
        destination: &Place,
    ) -> Option<()> {
        let db = self.db();
        let kind = ClosureArgs(closure_args)
            .kind(db)
            .unwrap_or(ClosureKind::FnOnce);
        let abi = closure::body_abi(db, id, closure_args);
        let mut passed: Vec<Operand> = Vec::new();
        match kind {
            ClosureKind::Fn | ClosureKind::FnMut => passed.push(target.addr),
            ClosureKind::FnOnce | ClosureKind::Async => {
                match self.cx.read(target.addr, target.ty) {
                    Val::Zero => {}
                    Val::Scalar(value) | Val::Memory(value) => passed.push(value),
                }
            }
        }
        passed.extend(self.machine_args(&abi, 1, args)?);
        let instance = closure::body_instance(db, id, closure_args);
        let callee = self.cx.import(instance, &abi);
        let is_lent = matches!(kind, ClosureKind::Fn | ClosureKind::FnMut);
        let kept = (target.is_owned && is_lent && self.cx.needs_drop(target.ty))
            .then_some((target.addr, target.ty));
        self.call_machine(&abi, None, passed, destination, kept, |cx, machine| {
            cx.b.call(callee, machine)
        });
        if let Some((addr, ty)) = kept {
            self.cx.drop_at(addr, ty);
        }
        Some(())
    }

    /// Calls the `func` at an address.
    fn call_func_at(
        &mut self,
        target: Target,
        abi: &Abi,
        args: &[MirOperand],
        destination: &Place,
    ) -> Option<()> {
        let code = self.cx.b.load(Type::Ptr, target.addr, 8);
        let second = self.cx.b.ptr_offset(target.addr, 8);
        let environment = self.cx.b.load(Type::Ptr, second, 8);
        let passed = self.machine_args(abi, 0, args)?;
        // The environment stays while its code runs, whatever happens to this place.
        let kept = match target.is_owned {
            true => target.addr,
            false => {
                closure::retain_environment(&mut self.cx, environment);
                let copy = Operand::Slot(self.cx.b.create_slot(16, 8, None), 0);
                self.cx.b.store(code, copy, 8);
                let second = self.cx.b.ptr_offset(copy, 8);
                self.cx.b.store(environment, second, 8);
                copy
            }
        };
        let signature = Arc::new(with_environment(abi));
        self.call_machine(
            abi,
            Some(environment),
            passed,
            destination,
            Some((kept, target.ty)),
            |cx, machine| cx.b.call_indirect(code, signature, machine),
        );
        self.cx.drop_at(kept, target.ty);
        Some(())
    }

    /// Arguments one by one: a tuple in place of several is taken apart.
    fn spread(&mut self, args: &[MirOperand], count: usize) -> Vec<MirOperand> {
        let [only] = args else {
            return args.to_vec();
        };
        if count == 1 {
            return args.to_vec();
        }
        let ty = self.operand_ty(only);
        let (TyKind::Tuple(parts), Some(place)) = (ty.kind(self.db()), only.place()) else {
            return Vec::new();
        };
        let part = |(index, ty): (usize, &Ty)| {
            let place = place.field(index as u32, *ty);
            match only {
                MirOperand::Copy(_) => MirOperand::Copy(place),
                _ => MirOperand::Move(place),
            }
        };
        parts.iter().enumerate().map(part).collect()
    }

    /// Machine arguments for the parameters of an ABI from `skip` on.
    fn machine_args(
        &mut self,
        abi: &Abi,
        skip: usize,
        args: &[MirOperand],
    ) -> Option<Vec<Operand>> {
        let params: Vec<Ty> = abi.params.iter().skip(skip).map(|(ty, _)| *ty).collect();
        let mut machine = Vec::new();
        if let ([param], true) = (&*params, args.len() != 1) {
            // Several arguments for one parameter: their tuple.
            let values: Vec<(Val, Ty)> = args.iter().map(|arg| self.operand(arg)).collect();
            let tuple = self.cx.temp(*param);
            for (index, (value, ty)) in values.into_iter().enumerate() {
                let offset = self.field_offset(*param, None, index as u32);
                let ptr = self.cx.b.ptr_offset(tuple, offset);
                self.cx.write(value, ptr, ty);
            }
            match self.cx.read(tuple, *param) {
                Val::Zero => {}
                Val::Scalar(value) | Val::Memory(value) => machine.push(value),
            }
            return Some(machine);
        }
        for arg in self.spread(args, params.len()) {
            machine.extend(self.argument(&arg));
        }
        Some(machine)
    }

    /// Calls with machine arguments at hand and stores the result, which is made apart from its
    /// place: arguments may lead there. `kept` is dropped if the call unwinds.
    pub(crate) fn call_machine(
        &mut self,
        abi: &Abi,
        environment: Option<Operand>,
        passed: Vec<Operand>,
        destination: &Place,
        kept: Option<(Operand, Ty)>,
        call: impl FnOnce(&mut crate::emit::Emit<'_>, Vec<Operand>) -> Option<Operand>,
    ) {
        let result_ptr = abi.sret.then(|| self.cx.temp(abi.ret));
        let mut machine: Vec<Operand> = Vec::new();
        machine.extend(result_ptr);
        machine.extend(environment);
        machine.extend(passed);
        let result = call(&mut self.cx, machine);
        match kept {
            None => self.cx.may_unwind(),
            Some((addr, ty)) => {
                let (normal, unwound) = (self.cx.b.create_block(), self.cx.b.create_block());
                self.cx.b.invoke(normal, unwound);
                self.cx.b.switch_to(unwound);
                self.cx.drop_at(addr, ty);
                match self.cx.cleanup {
                    Some(cleanup) => self.cx.b.jump(cleanup),
                    None => self.cx.b.resume(),
                }
                self.cx.b.switch_to(normal);
            }
        }
        let dest = self.place(destination);
        match (result, result_ptr) {
            (Some(value), _) => self.cx.write(Val::Scalar(value), dest.ptr, abi.ret),
            (None, Some(src)) => self.cx.write(Val::Memory(src), dest.ptr, abi.ret),
            (None, None) => {}
        }
    }

    /// A call through a pair (code, environment) that is an operand.
    pub(crate) fn call_func_operand(
        &mut self,
        value: &MirOperand,
        abi: &Abi,
        args: &[MirOperand],
        destination: &Place,
    ) -> Option<()> {
        let (pair, ty) = self.operand_uncounted(value);
        let addr = self.cx.spill(pair, ty);
        let is_owned = matches!(value, MirOperand::Move(_));
        let addr = match is_owned {
            // The place may get another value before the call is over.
            true => {
                let copy = self.cx.temp(ty);
                self.cx.write(Val::Memory(addr), copy, ty);
                copy
            }
            false => addr,
        };
        let target = Target { addr, ty, is_owned };
        self.call_func_at(target, abi, args, destination)
    }
}

//! Calls.

use hir_def::FuncId;
use hir_ty::{GenericArgs, Ty, TyKind};
use mir::{BlockId, Callee, LocationPart, Operand as MirOperand, Place};
use ssa::{IntCond, Operand, Type};

use super::Lower;
use crate::abi::{Abi, Aggregate, aggregate, c_type};
use crate::emit::Val;
use crate::error::MonoErrorKind;
use crate::instance::{Instance, InstanceKind};
use crate::intrinsics::{self, emit};
use crate::repr::Repr;
use crate::types::{self, Resolved};

/// What `@track_caller` adds to a function's parameters.
const HIDDEN_PARAMS: usize = 3;

impl Lower<'_> {
    pub(crate) fn call(
        &mut self,
        callee: &Callee,
        args: &[MirOperand],
        destination: &Place,
        target: Option<BlockId>,
    ) {
        let done = match callee {
            Callee::Func(func, generic_args) => {
                let resolved = self.resolve(*func, *generic_args);
                resolved.and_then(|resolved| self.call_resolved(resolved, args, destination))
            }
            Callee::Exact(func, generic_args) => match self.resolve(*func, *generic_args) {
                Some(Resolved::Instance(instance)) => {
                    self.call_instance(instance, args, destination)
                }
                Some(other) => self.call_resolved(other, args, destination),
                None => None,
            },
            Callee::Lang(lang) => {
                let path = lang.path();
                let core = self.cx.build.core(self.db());
                match crate::lang::find_func(self.db(), core, path) {
                    Some(func) => {
                        let none = GenericArgs::empty(self.db());
                        let instance = Instance::func(self.db(), func, none);
                        self.call_instance(instance, args, destination)
                    }
                    None => {
                        let path = path.join("::").into();
                        self.cx.error(MonoErrorKind::MissingLang { path });
                        None
                    }
                }
            }
            Callee::Value(value) => self.call_value(value, args, destination),
            Callee::Poll(ty) => self.call_poll(*ty, args, destination),
            Callee::Callable(kind, ty) => self.call_callable(*kind, *ty, args, destination),
            Callee::StructuralEq(ty) => {
                let ty = self.ty(*ty);
                self.call_eq(ty, false, args, destination)
            }
        };
        if self.cx.b.current_block().is_none() {
            return;
        }
        match (done, target) {
            (Some(()), Some(target)) => self.cx.b.jump(self.blocks[target]),
            // No return, or an error was reported.
            (Some(()), None) => self.cx.b.unreachable(),
            (None, _) => self.cx.b.trap(),
        }
    }

    /// What a function with the body's arguments stands for.
    pub(crate) fn resolve(&mut self, func: FuncId, args: GenericArgs) -> Option<Resolved> {
        let db = self.db();
        let args = types::monomorphic_args(db, self.cx.build, args, self.args);
        let resolved = types::resolve(db, self.cx.build, func, args);
        if resolved.is_none() {
            let what = crate::symbol::display_name(db, Instance::func(db, func, args));
            self.cx.error(MonoErrorKind::Unresolved { what });
        }
        resolved
    }

    /// The same where only a function of its own will do.
    pub(crate) fn resolve_func(&mut self, func: FuncId, args: GenericArgs) -> Option<Instance> {
        match self.resolve(func, args)? {
            Resolved::Instance(instance) => Some(instance),
            Resolved::StructuralEq { .. } | Resolved::Copy(_) | Resolved::Dynamic(..) => {
                let what = "a member that the compiler provides, as a value,".into();
                self.cx.error(MonoErrorKind::Unsupported { what });
                None
            }
        }
    }

    pub(crate) fn call_resolved(
        &mut self,
        resolved: Resolved,
        args: &[MirOperand],
        destination: &Place,
    ) -> Option<()> {
        match resolved {
            Resolved::Instance(instance) => match self.dispatch_of(instance) {
                Some(dispatch) => self.call_method(instance, dispatch, args, destination),
                None => match self.call_default(instance, args, destination) {
                    Some(done) => done,
                    None => self.call_instance(instance, args, destination),
                },
            },
            Resolved::Dynamic(func, generic_args) => {
                self.call_dynamic(func, generic_args, args, destination)
            }
            Resolved::StructuralEq { ty, negate } => self.call_eq(ty, negate, args, destination),
            Resolved::Copy(ty) => {
                let from = self.scalar(args.first()?);
                let dest = self.place(destination);
                let value = self.cx.read(from, ty);
                self.cx.retain_value(value, ty);
                self.cx.write(value, dest.ptr, ty);
                Some(())
            }
        }
    }

    /// How to call an instance, foreign ones included.
    pub(crate) fn abi_of(&mut self, instance: Instance) -> Option<Abi> {
        let db = self.db();
        if instance.is_member_shim(db) {
            return Some(types::abi_of(db, self.cx.build, instance));
        }
        let InstanceKind::Func(func) = instance.kind(db) else {
            return None;
        };
        let sig = hir_ty::signature::fn_type(db, func);
        let (params, ret) = types::func_types(db, self.cx.build, func, instance.args(db));
        if sig.flags.has_body {
            return Some(Abi::internal(db, &params, ret));
        }
        let name = hir_def::signatures::func_signature(db, func).name.clone();
        let is_foreign = sig.flags.is_lowlevel
            || hir_def::signatures::func_signature(db, func)
                .attrs
                .extern_
                .is_some();
        if !is_foreign {
            self.cx.error(MonoErrorKind::NoBody { func: name });
            return None;
        }
        match Abi::c(db, &params, ret, sig.flags.is_varargs) {
            Ok(abi) => Some(abi),
            Err(ty) => {
                let ty = self.cx.type_text(ty);
                self.cx.error(MonoErrorKind::ExternType { func: name, ty });
                None
            }
        }
    }

    /// Calls a function; `None` after an error.
    fn call_instance(
        &mut self,
        instance: Instance,
        args: &[MirOperand],
        destination: &Place,
    ) -> Option<()> {
        let db = self.db();
        if instance.is_member_shim(db) {
            let abi = types::abi_of(db, self.cx.build, instance);
            let callee = self.cx.import(instance, &abi);
            self.call_with(&abi, args, destination, None, |cx, machine_args| {
                cx.b.call(callee, machine_args)
            });
            return Some(());
        }
        let InstanceKind::Func(func) = instance.kind(db) else {
            return None;
        };
        let sig = hir_ty::signature::fn_type(db, func);
        if let Some(name) = &sig.intrinsic
            && !sig.flags.has_body
        {
            return self.call_intrinsic(name, instance.args(db), args, destination);
        }
        let abi = self.abi_of(instance)?;
        let callee = self.cx.import(instance, &abi);
        if abi.is_c {
            self.call_c(callee, &abi, args, destination);
            return Some(());
        }
        // An implementation may ask for its caller's place where its behavior does not.
        let asks = sig.track_caller && args.len() + HIDDEN_PARAMS == abi.params.len();
        let hidden = if asks {
            self.hidden_location()
        } else {
            Vec::new()
        };
        self.call_with(&abi, args, destination, None, |cx, mut machine_args| {
            machine_args.extend(hidden);
            cx.b.call(callee, machine_args)
        });
        Some(())
    }

    /// File, line and column of the statement being lowered, or of this function's caller.
    fn hidden_location(&mut self) -> Vec<Operand> {
        let parts = [LocationPart::File, LocationPart::Line, LocationPart::Column];
        let values = parts.map(|part| self.caller_part_value(part, self.source));
        values
            .into_iter()
            .filter_map(|value| match value {
                Val::Scalar(operand) => Some(operand),
                Val::Zero | Val::Memory(_) => None,
            })
            .collect()
    }

    /// Passes arguments our way and stores the result.
    pub(crate) fn call_with(
        &mut self,
        abi: &Abi,
        args: &[MirOperand],
        destination: &Place,
        environment: Option<Operand>,
        call: impl FnOnce(&mut crate::emit::Emit<'_>, Vec<Operand>) -> Option<Operand>,
    ) {
        // The result must not be written over what the arguments may lead to.
        let reads: Vec<&Place> = args.iter().filter_map(MirOperand::place).collect();
        let is_fresh = destination.as_local().is_some_and(|local| {
            let reused = self.borrowed[local] && self.assigned_often[local];
            !reused && reads.iter().all(|read| read.local != local)
        });
        let dest = self.place(destination);
        let result_ptr = abi.sret.then(|| match is_fresh {
            true => dest.ptr,
            false => self.cx.temp(abi.ret),
        });
        let mut machine: Vec<Operand> = Vec::new();
        machine.extend(result_ptr);
        machine.extend(environment);
        let mut lent_and_ended: Vec<(Operand, Ty)> = Vec::new();
        for (index, arg) in args.iter().enumerate() {
            let param = abi.params.get(index).map(|(ty, _)| *ty);
            if param.is_some_and(|param| self.is_lent(arg, param)) {
                let (value, ty) = self.operand_uncounted(arg);
                let Val::Scalar(handle) = value else { continue };
                machine.push(handle);
                if matches!(arg, MirOperand::Move(_)) {
                    lent_and_ended.push((handle, ty));
                }
                continue;
            }
            machine.extend(self.argument(arg));
        }
        let result = call(&mut self.cx, machine);
        self.cx.may_unwind();
        for (handle, ty) in lent_and_ended {
            let ptr = self.cx.spill(Val::Scalar(handle), ty);
            self.cx.drop_at(ptr, ty);
        }
        match (abi.ret_repr, result) {
            (Repr::Scalar(_), Some(value)) => {
                self.cx.write(Val::Scalar(value), dest.ptr, abi.ret);
            }
            (Repr::Memory, _) => {
                if let Some(src) = result_ptr {
                    self.cx.write(Val::Memory(src), dest.ptr, abi.ret);
                }
            }
            _ => {}
        }
    }

    /// Whether a text goes to a parameter that is a pointer: functions of `core::rt` look at
    /// texts without owning them, so nothing is counted.
    fn is_lent(&mut self, arg: &MirOperand, param: Ty) -> bool {
        let arg = self.operand_ty(arg);
        matches!(arg.kind(self.db()), TyKind::Str)
            && matches!(param.kind(self.db()), TyKind::RawPtr(_))
    }

    /// An argument as the callee gets it: it takes over the memory of an aggregate.
    pub(crate) fn argument(&mut self, arg: &MirOperand) -> Option<Operand> {
        match self.operand(arg) {
            (Val::Zero, _) => None,
            (Val::Scalar(value), _) => Some(value),
            (Val::Memory(ptr), ty) => Some(match arg {
                MirOperand::Move(_) => ptr,
                MirOperand::Copy(_) | MirOperand::Const(_) => {
                    let copy = self.cx.temp(ty);
                    self.cx.write(Val::Memory(ptr), copy, ty);
                    copy
                }
            }),
        }
    }

    /// A foreign function: scalars only, text as its bytes.
    fn call_c(
        &mut self,
        callee: ssa::FuncRef,
        abi: &Abi,
        args: &[MirOperand],
        destination: &Place,
    ) {
        let mut machine: Vec<Operand> = Vec::new();
        let mut texts: Vec<Operand> = Vec::new();
        let result_ptr = abi.sret.then(|| self.cx.temp(abi.ret));
        machine.extend(result_ptr);
        for (index, arg) in args.iter().enumerate() {
            // The callee only looks, so a copied text is not counted.
            let (value, ty) = self.operand_uncounted(arg);
            if let Val::Memory(ptr) = value {
                self.c_aggregate(ptr, ty, &mut machine);
                continue;
            }
            let Val::Scalar(value) = value else { continue };
            if matches!(ty.kind(self.db()), TyKind::Str) {
                if matches!(arg, MirOperand::Move(_)) {
                    texts.push(value);
                }
                let text = self.c_text(value);
                machine.push(text);
                continue;
            }
            let scalar = self.cx.b.type_of(value);
            // `...` takes floats as `double` only.
            let is_promoted = index >= abi.params.len() && scalar == Type::F32;
            machine.push(if is_promoted {
                self.cx.b.cast(ssa::CastOp::FpExt, value, Type::F64)
            } else {
                let signed = self.cx.is_signed(ty);
                self.cx.int_resize(value, c_type(scalar), signed)
            });
        }
        let dest = self.place(destination);
        let result = self.cx.b.call(callee, machine);
        // A text that was moved here ends here.
        let str_ty = Ty::str(self.db());
        for text in texts {
            let ptr = self.cx.spill(Val::Scalar(text), str_ty);
            self.cx.drop_at(ptr, str_ty);
        }
        if let Some(ptr) = result_ptr {
            self.cx.write(Val::Memory(ptr), dest.ptr, abi.ret);
            return;
        }
        let Some(result) = result else { return };
        if abi.ret_repr == Repr::Memory {
            // The registers hold whole words, the struct may end before.
            let words = Operand::Slot(self.cx.b.create_slot(16, 16, None), 0);
            self.cx.b.store(result, words, 8);
            self.cx.write(Val::Memory(words), dest.ptr, abi.ret);
            return;
        }
        if matches!(abi.ret.kind(self.db()), TyKind::Str) {
            let text = self.text_from_c(result);
            self.cx.write(Val::Scalar(text), dest.ptr, abi.ret);
            return;
        }
        let Repr::Scalar(scalar) = abi.ret_repr else {
            return;
        };
        let value = match scalar {
            // C says only that a true value is not zero.
            Type::I1 => {
                let byte = self.cx.int_resize(result, Type::I8, false);
                self.cx.b.icmp(IntCond::Ne, byte, Operand::i8(0))
            }
            scalar => self.cx.int_resize(result, scalar, false),
        };
        self.cx.write(Val::Scalar(value), dest.ptr, abi.ret);
    }

    /// The registers that carry a struct, or the code of a function.
    fn c_aggregate(&mut self, ptr: Operand, ty: Ty, machine: &mut Vec<Operand>) {
        let Some(Aggregate::Pieces(pieces)) = aggregate(self.db(), ty) else {
            let ty = self.cx.type_text(ty);
            let func = "a foreign function".into();
            self.cx.error(MonoErrorKind::ExternType { func, ty });
            return;
        };
        let words = Operand::Slot(self.cx.b.create_slot(16, 16, None), 0);
        self.cx.write(Val::Memory(ptr), words, ty);
        for (index, piece) in pieces.into_iter().enumerate() {
            let at = self.cx.b.ptr_offset(words, 8 * index as u64);
            machine.push(self.cx.b.load(piece, at, 4));
        }
    }

    /// A text of our own from the bytes that C gave.
    fn text_from_c(&mut self, bytes: Operand) -> Operand {
        let path = ["core", "rt", "str_from_c"];
        let core = self.cx.build.core(self.db());
        let Some(func) = crate::lang::find_func(self.db(), core, &path) else {
            let path = path.join("::").into();
            self.cx.error(MonoErrorKind::MissingLang { path });
            return Operand::Null;
        };
        let instance = Instance::func(self.db(), func, GenericArgs::empty(self.db()));
        let abi = types::abi_of(self.db(), self.cx.build, instance);
        let callee = self.cx.import(instance, &abi);
        self.cx.b.call(callee, vec![bytes]).unwrap_or(Operand::Null)
    }

    fn call_intrinsic(
        &mut self,
        name: &str,
        generic_args: GenericArgs,
        args: &[MirOperand],
        destination: &Place,
    ) -> Option<()> {
        if let Some(part) = caller_part(name) {
            return self.caller_location(part, destination);
        }
        if name == "poll_future" {
            return self.call_poll_future(generic_args, args, destination);
        }
        if name == "debug_text" {
            return self.debug_text(generic_args, args, destination);
        }
        if name == "catch_panic" {
            return self.catch_panic(generic_args, args, destination);
        }
        let Some((op, ordering)) = intrinsics::find(name) else {
            self.cx
                .error(MonoErrorKind::UnknownIntrinsic { name: name.into() });
            return None;
        };
        let type_args: Vec<Ty> = generic_args.types(self.db()).collect();
        let values: Vec<(Val, Ty)> = args.iter().map(|arg| self.operand(arg)).collect();
        let dest = self.place(destination);
        // Reads and writes of an intrinsic may overlap in any way: results that live in memory
        // are made beside their place, unless it is a local that nothing else leads to.
        let is_fresh = destination.as_local().is_some_and(|local| {
            !self.borrowed[local]
                && args
                    .iter()
                    .filter_map(MirOperand::place)
                    .all(|read| read.local != local)
        });
        let in_memory = self.cx.repr(dest.ty) == Repr::Memory;
        let result_ptr = in_memory.then(|| match is_fresh {
            true => dest.ptr,
            false => self.cx.temp(dest.ty),
        });
        let call = emit::IntrinsicCall {
            name,
            op,
            ordering,
            type_args: &type_args,
            args: &values,
            result: dest.ty,
            dest: result_ptr,
        };
        let value = emit::emit_intrinsic(&mut self.cx, &call);
        if let Some(value) = value
            && value != Val::Zero
        {
            self.cx.write(value, dest.ptr, dest.ty);
        }
        Some(())
    }

    /// `debug_string` of a type that has it, else `<Type>`: what a failed assertion shows.
    fn debug_text(
        &mut self,
        generic_args: GenericArgs,
        args: &[MirOperand],
        destination: &Place,
    ) -> Option<()> {
        let db = self.db();
        let build = self.cx.build;
        let ty = generic_args.types(db).next()?;
        let debug = hir_ty::lang_items(db, build.package(db)).debug;
        let shown = debug.filter(|debug| hir_ty::implements(db, build.env(db), ty, *debug));
        let method =
            shown.and_then(|debug| hir_ty::signature::behavior_func(db, debug, "debug_string"));
        if let Some(method) = method {
            let of_type = GenericArgs::from_iter(db, [ty.into()]);
            let resolved = self.resolve(method, of_type)?;
            return self.call_resolved(resolved, args, destination);
        }
        let name = format!("<{}>", crate::symbol::type_name(db, ty));
        let literal = self.cx.str_literal(&name);
        let dest = self.place(destination);
        self.cx.write(Val::Scalar(literal), dest.ptr, dest.ty);
        Some(())
    }

    /// One of the hidden parameters of a `@track_caller` function; elsewhere the function itself.
    fn caller_location(&mut self, part: LocationPart, destination: &Place) -> Option<()> {
        let dest = self.place(destination);
        let value = self.caller_part_value(part, mir::SourceInfo::BODY);
        self.cx.write(value, dest.ptr, dest.ty);
        Some(())
    }

    /// A hidden parameter, or a part of `place` in a function that has none.
    fn caller_part_value(&mut self, part: LocationPart, place: mir::SourceInfo) -> Val {
        let behind = match part {
            LocationPart::File | LocationPart::Directory => 2,
            LocationPart::Line => 1,
            LocationPart::Column => 0,
        };
        let local = self.body.arg_count.checked_sub(behind);
        match local.filter(|_| self.body.track_caller) {
            Some(local) => {
                let local = mir::Local(local);
                let ty = self.local_tys[local];
                let value = self.cx.read(self.locals[local], ty);
                self.cx.retain_value(value, ty);
                value
            }
            None => self.location(part, place),
        }
    }

    /// A call through a pair (code, environment).
    fn call_value(
        &mut self,
        value: &MirOperand,
        args: &[MirOperand],
        destination: &Place,
    ) -> Option<()> {
        let ty = self.operand_ty(value);
        let TyKind::Func { params, ret } = ty.kind(self.db()) else {
            return self.call_item(ty, args, destination);
        };
        let abi = Abi::internal(self.db(), params, *ret);
        self.call_func_operand(value, &abi, args, destination)
    }

    /// A value of a function item's type: its call is that of the function.
    fn call_item(&mut self, ty: Ty, args: &[MirOperand], destination: &Place) -> Option<()> {
        let TyKind::FnItem(func, generic_args) = ty.kind(self.db()) else {
            let ty = self.cx.type_text(ty);
            self.cx.error(MonoErrorKind::Unsupported {
                what: format!("a call of `{ty}`").into(),
            });
            return None;
        };
        let resolved = self.resolve(*func, *generic_args)?;
        self.call_resolved(resolved, args, destination)
    }

    /// Structural equality of what two references lead to.
    fn call_eq(
        &mut self,
        ty: Ty,
        negate: bool,
        args: &[MirOperand],
        destination: &Place,
    ) -> Option<()> {
        let mut pointers: Vec<Operand> = Vec::new();
        for arg in args {
            match self.operand_uncounted(arg) {
                // The address of a slice reference, or the reference itself.
                (Val::Memory(ptr) | Val::Scalar(ptr), _) => pointers.push(ptr),
                (Val::Zero, _) => return None,
            }
        }
        let result = self
            .cx
            .call_glue(InstanceKind::EqGlue(ty), pointers, Some(Type::I1))?;
        self.cx.may_unwind();
        let result = if negate {
            self.cx.b.not(result)
        } else {
            result
        };
        let dest = self.place(destination);
        self.cx.write(Val::Scalar(result), dest.ptr, dest.ty);
        Some(())
    }
}

/// The intrinsics that give the location of the caller, inside `@track_caller` functions.
fn caller_part(name: &str) -> Option<LocationPart> {
    match name {
        "caller_file" => Some(LocationPart::File),
        "caller_line" => Some(LocationPart::Line),
        "caller_column" => Some(LocationPart::Column),
        _ => None,
    }
}

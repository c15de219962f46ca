//! Objects: making them, seeing them as other classes, calling their methods.

use std::sync::Arc;

use base::Db;
use hir_def::{ClassId, ContainerId, FuncId, GenericDef, signatures};
use hir_ty::generics::{BehaviorRef, generics_of};
use hir_ty::{GenericArgs, Ty, TyKind, classes};
use mir::{Operand as MirOperand, Place};
use ssa::{Data, IntCond, Operand, Type};

use super::Lower;
use crate::abi::Abi;
use crate::choice::Choice;
use crate::emit::Val;
use crate::instance::{Instance, InstanceKind};
use crate::{object, symbol, types};

impl Lower<'_> {
    pub(crate) fn new_object(&mut self, class: ClassId, args: GenericArgs) -> Operand {
        let db = self.db();
        let args = types::monomorphic_args(db, self.cx.build, args, self.args);
        let layout = object::object_layout(db, class, args);
        let size = Operand::i64(layout.size as i64);
        let object = self.cx.call_core("object_allocate", vec![size]);
        let object = object.unwrap_or(Operand::Null);
        self.cx.b.store(Operand::Null, object, 8);
        let count = self.cx.b.ptr_offset(object, object::COUNT);
        self.cx.b.store(Operand::i64(1), count, 8);
        for offset in layout.access.iter().flatten() {
            let word = self.cx.b.ptr_offset(object, *offset);
            self.cx.b.store(Operand::i32(0), word, 4);
        }
        object
    }

    /// The address of the access state of a field: what the place ends with.
    pub(crate) fn access_word(&mut self, place: &Place) -> Operand {
        let Some((mir::Projection::Object(index, _), before)) = place.projection.split_last()
        else {
            return Operand::Null;
        };
        let object = Place {
            local: place.local,
            projection: before.into(),
        };
        let object = self.place(&object);
        let layout = object::layout_behind(self.db(), object.ty);
        let word = layout.and_then(|layout| *layout.access.get(*index as usize)?);
        stdx::never!(word.is_none(), "an access to a field without a state");
        let pointer = self.cx.b.load(Type::Ptr, object.ptr, 8);
        self.cx.b.ptr_offset(pointer, word.unwrap_or(0))
    }

    pub(crate) fn set_class(&mut self, place: &Place, class: ClassId, args: GenericArgs) -> Val {
        let db = self.db();
        let args = types::monomorphic_args(db, self.cx.build, args, self.args);
        let place = self.place(place);
        let object = self.cx.b.load(Type::Ptr, place.ptr, 8);
        let table = self.cx.class_table(classes::class_ty(db, class, args));
        self.cx.b.store(table, object, 8);
        Val::Zero
    }

    pub(crate) fn is_instance(&mut self, place: &Place, ty: Ty) -> Operand {
        let ty = self.ty(ty);
        let place = self.place(place);
        let object = self.cx.b.load(Type::Ptr, place.ptr, 8);
        let table = self.cx.b.load(Type::Ptr, object, 8);
        let id = Operand::int(Type::I64, u128::from(symbol::type_id(self.db(), ty)));
        if let TyKind::Interface(..) = ty.kind(self.db()) {
            let found = self.interface_table(table, id);
            return self.cx.b.icmp(IntCond::Ne, found, Operand::Null);
        }
        let found = self.cx.call_core("object_is", vec![table, id]);
        found.unwrap_or(Operand::i1(false))
    }

    fn interface_table(&mut self, table: Operand, id: Operand) -> Operand {
        let found = self.cx.call_core("object_interface", vec![table, id]);
        found.unwrap_or(Operand::Null)
    }

    /// An object as a class or interface that it surely is of.
    pub(crate) fn object_cast(&mut self, operand: &MirOperand, to: Ty) -> Val {
        let (value, from) = self.operand(operand);
        let ptr = match value {
            Val::Scalar(object) => object,
            Val::Memory(pair) => self.cx.b.load(Type::Ptr, pair, 8),
            Val::Zero => return Val::Zero,
        };
        if let TyKind::Adt(..) = to.kind(self.db()) {
            return Val::Scalar(ptr);
        }
        if from == to {
            return value;
        }
        let table = self.cx.b.load(Type::Ptr, ptr, 8);
        let id = Operand::int(Type::I64, u128::from(symbol::type_id(self.db(), to)));
        let table = self.interface_table(table, id);
        let pair = self.cx.temp(to);
        self.cx.b.store(ptr, pair, 8);
        let second = self.cx.b.ptr_offset(pair, 8);
        self.cx.b.store(table, second, 8);
        Val::Memory(pair)
    }

    /// How an instance is called that objects may override; `None` if none can.
    pub(crate) fn dispatch_of(&mut self, instance: Instance) -> Option<classes::Dispatch> {
        match instance.kind(self.db()) {
            InstanceKind::Func(func) if !is_final(self.db(), func) => {
                classes::dispatch_of(self.db(), func)
            }
            _ => None,
        }
    }

    /// Calls what the object's class says.
    pub(crate) fn call_method(
        &mut self,
        instance: Instance,
        dispatch: classes::Dispatch,
        args: &[MirOperand],
        destination: &Place,
    ) -> Option<()> {
        let db = self.db();
        let InstanceKind::Func(func) = instance.kind(db) else {
            return None;
        };
        let (receiver, rest) = args.split_first()?;
        let (Val::Scalar(object), _) = self.operand(receiver) else {
            return None;
        };
        let table = self.cx.b.load(Type::Ptr, object, 8);
        let code = match dispatch {
            classes::Dispatch::Word(word) => {
                let entry = self.cx.b.ptr_offset(table, object::class_slot(word));
                self.cx.b.load(Type::Ptr, entry, 8)
            }
            classes::Dispatch::PerInstance(root) => {
                let choice = Choice::of_class(db, root, instance)?;
                self.chosen(table, choice)
            }
        };
        self.call_code(func, instance.args(db), object, code, rest, destination)
    }

    /// Calls the default body of an interface's method on an object known by its class: what
    /// extends the class may have a method of its own. `None` if that cannot be.
    pub(crate) fn call_default(
        &mut self,
        instance: Instance,
        args: &[MirOperand],
        destination: &Place,
    ) -> Option<Option<()>> {
        let db = self.db();
        let InstanceKind::Func(func) = instance.kind(db) else {
            return None;
        };
        let ContainerId::Behavior(behavior) = func.container(db) else {
            return None;
        };
        let all = instance.args(db);
        if !classes::is_interface(db, behavior) || all.list(db).is_empty() {
            return None;
        }
        let (class, _) = classes::as_class(db, all.ty(db, 0))?;
        if signatures::class_data(db, class).is_sealed {
            return None;
        }
        let count = generics_of(db, GenericDef::Behavior(behavior)).params.len();
        let bound = BehaviorRef {
            behavior,
            args: all.prefix(db, count),
        };
        let interface = classes::interface_ty(db, bound);
        let slot = object::interface_slot(db, interface, func)?;
        let (receiver, rest) = args.split_first()?;
        let (Val::Scalar(object), _) = self.operand(receiver) else {
            return None;
        };
        let table = self.cx.b.load(Type::Ptr, object, 8);
        let id = symbol::type_id(db, interface);
        let table = self.interface_table(table, Operand::int(Type::I64, u128::from(id)));
        let entry = self.cx.b.ptr_offset(table, slot);
        let code = self.cx.b.load(Type::Ptr, entry, 8);
        Some(self.call_code(func, all, object, code, rest, destination))
    }

    /// Calls a method of an interface.
    pub(crate) fn call_dynamic(
        &mut self,
        func: FuncId,
        generic_args: GenericArgs,
        args: &[MirOperand],
        destination: &Place,
    ) -> Option<()> {
        let (receiver, rest) = args.split_first()?;
        let (value, ty) = self.operand(receiver);
        let Val::Memory(pair) = value else {
            return None;
        };
        let object = self.cx.b.load(Type::Ptr, pair, 8);
        let code = match object::interface_slot(self.db(), ty, func) {
            Some(offset) => {
                let second = self.cx.b.ptr_offset(pair, 8);
                let table = self.cx.b.load(Type::Ptr, second, 8);
                let entry = self.cx.b.ptr_offset(table, offset);
                self.cx.b.load(Type::Ptr, entry, 8)
            }
            None => {
                let table = self.cx.b.load(Type::Ptr, object, 8);
                let choice = Choice::of_interface(self.db(), func, generic_args)?;
                self.chosen(table, choice)
            }
        };
        self.call_code(func, generic_args, object, code, rest, destination)
    }

    /// The code of a generic method for the class of an object, whose table is given.
    fn chosen(&mut self, table: Operand, choice: Choice) -> Operand {
        self.cx.uses.choices.insert(choice);
        let symbol = symbol::choice_symbol(self.db(), choice);
        let data = self.cx.b.import_data(Data::extern_const(symbol));
        let list = Operand::Data(data, 0);
        let found = self.cx.call_core("object_method", vec![table, list]);
        found.unwrap_or(Operand::Null)
    }

    /// Calls the code that was found for an object, which is passed as it is.
    fn call_code(
        &mut self,
        func: FuncId,
        generic_args: GenericArgs,
        object: Operand,
        code: Operand,
        args: &[MirOperand],
        destination: &Place,
    ) -> Option<()> {
        let db = self.db();
        let (params, ret) = types::func_types(db, self.cx.build, func, generic_args);
        let abi = Abi::internal(db, params.get(1..).unwrap_or(&[]), ret);
        let signature = Arc::new(crate::shim::with_environment(&abi));
        self.call_with(&abi, args, destination, Some(object), |cx, machine| {
            cx.b.call_indirect(code, signature, machine)
        });
        Some(())
    }
}

/// Whether no class may override a method: it is sealed, or its class is.
fn is_final(db: &dyn Db, func: FuncId) -> bool {
    let ContainerId::Class(class) = func.container(db) else {
        return true;
    };
    signatures::class_data(db, class).is_sealed
        || signatures::func_signature(db, func).flags.is_sealed
}

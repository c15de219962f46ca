//! What the lowering of bodies, glue and intrinsics share: a function under construction and
//! the ways to load, store, copy and drop values in it.

use std::sync::LazyLock;

use base::{Db, ItemLoc};
use hir_def::StaticId;
use hir_ty::layout::{Layout, LayoutError, Shape};
use hir_ty::{Ty, TyKind};
use indexmap::{IndexMap, IndexSet};
use smol_str::SmolStr;
use ssa::{
    BinaryOp, CastOp, Data, ExternFunc, FuncRef, FunctionAttrs, FunctionBuilder, InstKind, Operand,
    Signature, Type,
};

use crate::abi::{self, Abi};
use crate::choice::Choice;
use crate::error::{MonoError, MonoErrorKind};
use crate::instance::{Instance, InstanceKind};
use crate::key::Build;
use crate::repr::{self, Repr};
use crate::tables::Table;

/// A value at hand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Val {
    /// Of a type without bytes.
    Zero,
    Scalar(Operand),
    /// The address where it lies.
    Memory(Operand),
}

/// What a function under construction refers to, in order of first mention.
#[derive(Debug, Default)]
pub(crate) struct Uses {
    pub(crate) callees: IndexMap<SmolStr, Instance>,
    pub(crate) statics: IndexSet<StaticId>,
    pub(crate) tables: IndexSet<Table>,
    pub(crate) class_tables: IndexSet<Ty>,
    pub(crate) choices: IndexSet<Choice>,
    pub(crate) lines: IndexMap<SmolStr, ItemLoc>,
    pub(crate) errors: Vec<MonoError>,
}

pub(crate) struct Emit<'db> {
    pub(crate) db: &'db dyn Db,
    pub(crate) build: Build,
    pub(crate) b: FunctionBuilder,
    pub(crate) uses: Uses,
    /// The item that errors are shown at.
    pub(crate) item: Option<ItemLoc>,
    zero_sized_slot: Option<ssa::Slot>,
    /// Variables all of whose accesses are volatile.
    pub(crate) volatile_slots: Vec<ssa::Slot>,
    /// Where a panic goes out of the calls that are being made.
    pub(crate) cleanup: Option<ssa::Block>,
    /// Whether the code runs while a panic is under way.
    pub(crate) is_cleaning: bool,
}

impl<'db> Emit<'db> {
    pub(crate) fn new(
        db: &'db dyn Db,
        build: Build,
        symbol: SmolStr,
        signature: Signature,
    ) -> Emit<'db> {
        Emit {
            db,
            build,
            b: FunctionBuilder::new(symbol, signature),
            uses: Uses::default(),
            item: None,
            zero_sized_slot: None,
            volatile_slots: Vec::new(),
            cleanup: None,
            is_cleaning: false,
        }
    }

    pub(crate) fn error(&mut self, kind: MonoErrorKind) {
        let error = MonoError {
            kind,
            item: self.item,
        };
        if !self.uses.errors.contains(&error) {
            self.uses.errors.push(error);
        }
    }

    // Types.

    /// The layout of a type; an empty one if it has none, which [`Emit::check_layout`] reports.
    pub(crate) fn layout(&self, ty: Ty) -> &'db Layout {
        static EMPTY: LazyLock<Layout> = LazyLock::new(|| Layout {
            size: 0,
            align: 1,
            shape: Shape::Struct {
                offsets: Box::new([]),
            },
        });
        hir_ty::layout_of(self.db, ty).as_ref().unwrap_or(&EMPTY)
    }

    /// Reports a type that no value can have: asked of every local.
    pub(crate) fn check_layout(&mut self, ty: Ty) {
        if let Err(error) = hir_ty::layout_of(self.db, ty) {
            self.no_layout(ty, error.clone());
        }
    }

    fn no_layout(&mut self, ty: Ty, error: LayoutError) {
        let ty = self.type_text(ty);
        self.error(match error {
            LayoutError::TooLarge => MonoErrorKind::TooLarge { ty },
            _ => MonoErrorKind::Unsupported {
                what: format!("a value of type `{ty}`").into(),
            },
        });
    }

    pub(crate) fn repr(&self, ty: Ty) -> Repr {
        repr::repr_of_layout(self.layout(ty))
    }

    pub(crate) fn size(&self, ty: Ty) -> u64 {
        self.layout(ty).size
    }

    pub(crate) fn align(&self, ty: Ty) -> u32 {
        self.layout(ty).align as u32
    }

    pub(crate) fn is_signed(&self, ty: Ty) -> bool {
        ty.as_int(self.db).is_some_and(|int| int.is_signed())
    }

    pub(crate) fn needs_drop(&self, ty: Ty) -> bool {
        hir_ty::needs_drop(self.db, ty)
    }

    pub(crate) fn is_copy(&self, ty: Ty) -> bool {
        hir_ty::is_copy(self.db, ty, self.build.env(self.db))
    }

    pub(crate) fn type_text(&self, ty: Ty) -> SmolStr {
        ty.display(self.db).to_string().into()
    }

    // Memory.

    /// Fresh memory for a value.
    pub(crate) fn temp(&mut self, ty: Ty) -> Operand {
        let (size, align) = (self.size(ty), self.align(ty));
        if size == 0 {
            return self.zero_sized_place();
        }
        Operand::Slot(self.b.create_slot(size, align, None), 0)
    }

    /// An address for values without bytes: aligned for all of them, and never accessed.
    pub(crate) fn zero_sized_place(&mut self) -> Operand {
        let slot = match self.zero_sized_slot {
            Some(slot) => slot,
            None => {
                let slot = self.b.create_slot(1, 16, None);
                self.zero_sized_slot = Some(slot);
                slot
            }
        };
        Operand::Slot(slot, 0)
    }

    /// Whether an address is in a volatile variable.
    fn is_volatile(&self, ptr: Operand) -> bool {
        matches!(ptr, Operand::Slot(slot, _) if self.volatile_slots.contains(&slot))
    }

    /// The value at an address. What lives in memory stays there: the address is the value.
    pub(crate) fn read(&mut self, ptr: Operand, ty: Ty) -> Val {
        match self.repr(ty) {
            Repr::Zero => Val::Zero,
            Repr::Scalar(scalar) => {
                let align = self.align(ty);
                if self.is_volatile(ptr) {
                    let kind = InstKind::Load {
                        ty: scalar,
                        ptr,
                        align,
                        volatile: true,
                    };
                    return Val::Scalar(self.b.emit(kind).unwrap_or(Operand::Undef(scalar)));
                }
                Val::Scalar(self.b.load(scalar, ptr, align))
            }
            Repr::Memory => Val::Memory(ptr),
        }
    }

    /// The value at an address, out of it: in `dest` (or fresh memory) if it lives in memory.
    pub(crate) fn read_into(&mut self, ptr: Operand, ty: Ty, dest: Option<Operand>) -> Val {
        match self.read(ptr, ty) {
            Val::Memory(src) => {
                let dest = dest.unwrap_or_else(|| self.temp(ty));
                self.write(Val::Memory(src), dest, ty);
                Val::Memory(dest)
            }
            value => value,
        }
    }

    /// Puts a value at an address, without dropping what was there.
    pub(crate) fn write(&mut self, value: Val, ptr: Operand, ty: Ty) {
        let align = self.align(ty);
        match value {
            Val::Zero => {}
            Val::Scalar(value) if self.is_volatile(ptr) => {
                self.b.emit(InstKind::Store {
                    value,
                    ptr,
                    align,
                    volatile: true,
                });
            }
            Val::Scalar(operand) => self.b.store(operand, ptr, align),
            Val::Memory(src) if src == ptr => {}
            Val::Memory(src) => {
                let size = Operand::i64(self.size(ty) as i64);
                self.b.memcpy(ptr, src, size, align);
            }
        }
    }

    /// The address of a value: its own, or that of fresh memory it is put in.
    pub(crate) fn spill(&mut self, value: Val, ty: Ty) -> Operand {
        match value {
            Val::Memory(ptr) => ptr,
            value => {
                let ptr = self.temp(ty);
                self.write(value, ptr, ty);
                ptr
            }
        }
    }

    // Numbers.

    /// An integer in another width.
    pub(crate) fn int_resize(&mut self, value: Operand, to: Type, signed: bool) -> Operand {
        let from = self.b.type_of(value);
        let (Some(from_bits), Some(to_bits)) = (from.int_bits(), to.int_bits()) else {
            return value;
        };
        if let Operand::Int(_, bits) = value {
            let unused = 128 - from_bits;
            let wide = match signed {
                true => (((bits << unused) as i128) >> unused) as u128,
                false => bits,
            };
            return Operand::int(to, wide);
        }
        match from_bits.cmp(&to_bits) {
            std::cmp::Ordering::Equal => value,
            std::cmp::Ordering::Greater => self.b.cast(CastOp::Trunc, value, to),
            std::cmp::Ordering::Less if signed => self.b.cast(CastOp::Sext, value, to),
            std::cmp::Ordering::Less => self.b.cast(CastOp::Zext, value, to),
        }
    }

    /// An `i64` times a size.
    pub(crate) fn mul_const(&mut self, value: Operand, factor: u64) -> Operand {
        match value {
            Operand::Int(ty, bits) => Operand::int(ty, bits.wrapping_mul(u128::from(factor))),
            _ if factor == 1 => value,
            _ => self
                .b
                .binary(BinaryOp::Mul, value, Operand::i64(factor as i64)),
        }
    }

    /// A scalar's bits as a scalar of the same size and another type.
    pub(crate) fn scalar_bits_as(&mut self, value: Operand, to: Type) -> Operand {
        let from = self.b.type_of(value);
        let class = |ty: Type| match ty {
            Type::Ptr => 0,
            Type::F32 | Type::F64 => 1,
            _ => 2,
        };
        match (class(from), class(to)) {
            _ if from == to => value,
            (0, 2) => self.b.cast(CastOp::PtrToInt, value, to),
            (2, 0) => self.b.cast(CastOp::IntToPtr, value, to),
            (1, 2) => {
                let value = self.canonical_nan(value);
                self.b.cast(CastOp::Bitcast, value, to)
            }
            (2, 1) => self.b.cast(CastOp::Bitcast, value, to),
            // Bool and an 8-bit integer have one size.
            (2, 2) if to == Type::I1 => self.b.cast(CastOp::Trunc, value, to),
            (2, 2) => self.int_resize(value, to, false),
            _ => {
                let ints = Type::int_of_bits(from.bits()).unwrap_or(Type::I64);
                let value = self.scalar_bits_as(value, ints);
                self.scalar_bits_as(value, to)
            }
        }
    }

    /// A float whose NaN is the canonical quiet one: asked where its bits are looked at.
    pub(crate) fn canonical_nan(&mut self, value: Operand) -> Operand {
        let nan = match self.b.type_of(value) {
            Type::F32 => Operand::F32(0x7fc0_0000),
            _ => Operand::F64(0x7ff8_0000_0000_0000),
        };
        let is_nan = self.b.fcmp(ssa::FloatCond::Uno, value, value);
        self.b.select(is_nan, nan, value)
    }

    // Counting and dropping.

    /// Ends the life of the value at an address.
    pub(crate) fn drop_at(&mut self, ptr: Operand, ty: Ty) {
        if !self.needs_drop(ty) {
            return;
        }
        if let TyKind::Str = ty.kind(self.db) {
            let handle = self.b.load(Type::Ptr, ptr, 8);
            self.call_rt("str_release", vec![handle], None);
            return;
        }
        if crate::glue::is_object(self.db, ty) {
            let object = crate::glue::object_of(self, ptr, ty);
            self.release_object(object);
            return self.may_unwind();
        }
        let glue_ty = self.glue_ty(ty);
        self.call_glue(InstanceKind::DropGlue(glue_ty), vec![ptr], None);
        if mir::tys::drop_may_panic(self.db, ty) {
            self.may_unwind();
        }
    }

    /// After a call: where control goes if it unwinds.
    pub(crate) fn may_unwind(&mut self) {
        if let Some(cleanup) = self.cleanup {
            let normal = self.b.create_block();
            self.b.invoke(normal, cleanup);
            self.b.switch_to(normal);
        }
    }

    /// All `func` types are dropped alike.
    fn glue_ty(&self, ty: Ty) -> Ty {
        match ty.kind(self.db) {
            TyKind::Func { .. } => Ty::func(self.db, [], Ty::unit(self.db)),
            _ => ty,
        }
    }

    /// Counts every handle in the value at an address once more.
    pub(crate) fn retain_at(&mut self, ptr: Operand, ty: Ty) {
        if !repr::is_counted(self.db, ty) {
            return;
        }
        if let TyKind::Str = ty.kind(self.db) {
            let handle = self.b.load(Type::Ptr, ptr, 8);
            self.call_rt("str_retain", vec![handle], None);
            return;
        }
        if let TyKind::Func { .. } = ty.kind(self.db) {
            crate::closure::retain_func(self, ptr);
            return;
        }
        if crate::glue::is_object(self.db, ty) {
            let object = crate::glue::object_of(self, ptr, ty);
            return self.retain_object(object);
        }
        self.call_glue(InstanceKind::RetainGlue(ty), vec![ptr], None);
    }

    /// Counts a value that has been copied.
    pub(crate) fn retain_value(&mut self, value: Val, ty: Ty) {
        match value {
            Val::Memory(ptr) => self.retain_at(ptr, ty),
            Val::Scalar(handle) if matches!(ty.kind(self.db), TyKind::Str) => {
                // The null handle and literals are immortal: nothing to count.
                if !matches!(handle, Operand::Null | Operand::Data(..)) {
                    self.call_rt("str_retain", vec![handle], None);
                }
            }
            Val::Scalar(object) if crate::glue::is_object(self.db, ty) => {
                self.retain_object(object);
            }
            Val::Scalar(_) if repr::is_counted(self.db, ty) => {
                let ptr = self.spill(value, ty);
                self.retain_at(ptr, ty);
            }
            Val::Scalar(_) | Val::Zero => {}
        }
    }

    /// `core::rt::name(value)`, which gives an address.
    pub(crate) fn call_rt_value(&mut self, name: &'static str, value: Operand) -> Option<Operand> {
        self.call_rt(name, vec![value], Some(Type::Ptr))
    }

    /// `core::rt::name(…)` with machine arguments.
    pub(crate) fn call_rt(
        &mut self,
        name: &'static str,
        args: Vec<Operand>,
        result: Option<Type>,
    ) -> Option<Operand> {
        let path = ["core", "rt", name];
        let Some(func) = crate::lang::find_func(self.db, self.build.core(self.db), &path) else {
            let path = path.join("::").into();
            self.error(MonoErrorKind::MissingLang { path });
            return None;
        };
        let instance = Instance::func(self.db, func, hir_ty::GenericArgs::empty(self.db));
        let params: Vec<Type> = args.iter().map(|arg| self.b.type_of(*arg)).collect();
        let func = self.import_with(instance, Signature::new(params, result));
        self.b.call(func, args)
    }

    /// The address of a method table.
    pub(crate) fn table_address(&mut self, table: Table) -> Operand {
        let symbol = crate::symbol::table_symbol(self.db, table);
        self.uses.tables.insert(table);
        let data = self.b.import_data(Data::extern_const(symbol));
        Operand::Data(data, 0)
    }

    /// `core::rt::name(args)`, of pointers and without generic arguments.
    pub(crate) fn call_core(&mut self, name: &'static str, args: Vec<Operand>) -> Option<Operand> {
        let path = ["core", "rt", name];
        let Some(func) = crate::lang::find_func(self.db, self.build.core(self.db), &path) else {
            let path = path.join("::").into();
            self.error(MonoErrorKind::MissingLang { path });
            return None;
        };
        let instance = Instance::func(self.db, func, hir_ty::GenericArgs::empty(self.db));
        let abi = crate::types::abi_of(self.db, self.build, instance);
        let callee = self.import(instance, &abi);
        self.b.call(callee, args)
    }

    pub(crate) fn call_glue(
        &mut self,
        kind: InstanceKind,
        args: Vec<Operand>,
        result: Option<Type>,
    ) -> Option<Operand> {
        let params: Vec<Type> = args.iter().map(|arg| self.b.type_of(*arg)).collect();
        let instance = Instance::made(self.db, kind);
        let func = self.import_with(instance, Signature::new(params, result));
        self.b.call(func, args)
    }

    // What the function names.

    /// The reference to an instance of a known signature.
    pub(crate) fn import_with(&mut self, instance: Instance, signature: Signature) -> FuncRef {
        let symbol = crate::symbol::symbol(self.db, instance).clone();
        self.uses.callees.insert(symbol.clone(), instance);
        let attrs = FunctionAttrs {
            role: abi::role_of(self.db, instance),
            ..FunctionAttrs::default()
        };
        self.b.import_func(ExternFunc {
            symbol,
            signature,
            attrs,
        })
    }

    /// The reference to an instance of a function.
    pub(crate) fn import(&mut self, instance: Instance, abi: &Abi) -> FuncRef {
        let symbol = crate::symbol::symbol(self.db, instance).clone();
        self.uses.callees.insert(symbol.clone(), instance);
        self.b.import_func(ExternFunc {
            symbol,
            signature: abi.signature.clone(),
            attrs: FunctionAttrs {
                role: abi::role_of(self.db, instance),
                ..abi.attrs
            },
        })
    }

    /// The handle of a text known now: null if empty, else the address of its immortal bytes.
    pub(crate) fn str_literal(&mut self, text: &str) -> Operand {
        if text.is_empty() {
            return Operand::Null;
        }
        let data = self
            .b
            .import_data(Data::bytes(crate::text::literal_bytes(text), 16));
        Operand::Data(data, crate::text::HEADER_BYTES as i64)
    }
}

//! Objects of classes: their layout, and the tables that their first word leads to.
//!
//! ```text
//! object:  table, count, then for each class from the root down: access words, fields
//! table:   destroy, size, align, type id, name, base table, offset of the list, methods …,
//!          list: number of interfaces, then (type id, interface table) for each
//! ```
//! An interface table has the methods of the interface, those of what it extends behind.

use std::sync::Arc;

use base::Db;
use hir_def::{ClassId, VariantDef};
use hir_ty::generics::BehaviorRef;
use hir_ty::{GenericArgs, Ty, classes};
use smol_str::SmolStr;
use ssa::{Global, Linkage};

use crate::error::MonoError;
use crate::instance::{Instance, InstanceKind};
use crate::key::Build;
use crate::types::Resolved;
use crate::{repr, symbol, text, types};

/// Offset of the count in an object.
pub const COUNT: u64 = 8;
/// Where the first class's part begins.
const HEADER: u64 = 16;
/// Offset of the function that ends an object's life.
pub const DESTROY: u64 = 0;
/// Offset of the first method in a class's table.
pub const METHODS: u64 = 56;
const WORD: u64 = 8;
/// An access word: 0 free, n readers, -1 a writer.
const ACCESS_BYTES: u64 = 4;

/// Where the parts of an object are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectLayout {
    pub size: u64,
    pub align: u64,
    /// Of all fields, those of the base first.
    pub offsets: Box<[u64]>,
    /// The access word of each field that has one.
    pub access: Box<[Option<u64>]>,
}

/// The layout of the objects of a class.
///
/// Keyed by class and arguments; read by every access to a field. Re-runs when the layout of a
/// field changes, or a class gets other fields.
#[salsa::tracked]
pub fn object_layout(db: &dyn Db, class: ClassId, args: GenericArgs) -> ObjectLayout {
    let fields = classes::all_fields(db, class, args);
    let (mut end, mut align) = (HEADER, WORD);
    let mut offsets = Vec::with_capacity(fields.len());
    let mut access = Vec::with_capacity(fields.len());
    let mut rest = fields.as_slice();
    while let Some((first, _)) = rest.first() {
        let own = rest
            .iter()
            .take_while(|(field, _)| field.parent == first.parent);
        let (own, behind) = rest.split_at(own.count());
        rest = behind;
        for (field, _) in own {
            access.push(classes::has_access_state(db, *field).then(|| {
                let at = end;
                end += ACCESS_BYTES;
                at
            }));
        }
        for (_, ty) in own {
            let (size, field_align) = match repr::layout(db, *ty) {
                Ok(layout) => (layout.size, layout.align),
                Err(_) => (0, 1),
            };
            let offset = end.next_multiple_of(field_align);
            offsets.push(offset);
            end = offset.saturating_add(size);
            align = align.max(field_align);
        }
    }
    ObjectLayout {
        size: end.next_multiple_of(align),
        align,
        offsets: offsets.into(),
        access: access.into(),
    }
}

/// The layout of what a class reference leads to.
pub(crate) fn layout_behind(db: &dyn Db, ty: Ty) -> Option<&ObjectLayout> {
    let (class, args) = classes::as_class(db, ty)?;
    Some(object_layout(db, class, args))
}

/// The symbol of a class's method table.
pub fn class_table_symbol(db: &dyn Db, ty: Ty) -> SmolStr {
    symbol::of_types(db, "class", &[ty])
}

fn interface_table_symbol(db: &dyn Db, class: Ty, interface: Ty) -> SmolStr {
    symbol::of_types(db, "interface", &[class, interface])
}

/// The tables of one class, and what they need.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassTables {
    pub globals: Arc<[Arc<Global>]>,
    /// The functions in them.
    pub instances: Arc<[Instance]>,
    /// The class that it extends.
    pub base: Option<Ty>,
    pub errors: Arc<[MonoError]>,
}

/// A datum under construction: words, some of which are addresses.
#[derive(Default)]
pub(crate) struct Words {
    bytes: Vec<u8>,
    relocs: Vec<(u32, SmolStr)>,
}

impl Words {
    pub(crate) fn number(&mut self, value: u64) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    pub(crate) fn address(&mut self, symbol: SmolStr) {
        self.relocs.push((self.bytes.len() as u32, symbol));
        self.number(0);
    }

    pub(crate) fn finish(self, symbol: SmolStr) -> Arc<Global> {
        Arc::new(Global {
            symbol,
            align: WORD as u32,
            zero_size: 0,
            init: self.bytes.into(),
            relocs: self.relocs,
            writable: false,
            thread_local: false,
            linkage: Linkage::Export,
        })
    }
}

/// The tables of a class.
///
/// Keyed by class type and build; read by reachability and by the plan. Re-runs when a method or
/// an interface of the class comes, goes or is declared in another way.
#[salsa::tracked]
pub fn class_tables(db: &dyn Db, ty: Ty, build: Build) -> ClassTables {
    let Some((class, args)) = classes::as_class(db, ty) else {
        return ClassTables::default();
    };
    let mut out = Tables {
        db,
        build,
        class,
        args,
        instances: Vec::new(),
        errors: Vec::new(),
    };
    let name_symbol = symbol::of_types(db, "name", &[ty]);
    let name = Arc::new(Global {
        symbol: name_symbol.clone(),
        align: 16,
        zero_size: 0,
        init: text::literal_bytes(&hir_ty::names::adt_name(db, hir_def::AdtId::Class(class)))
            .into(),
        relocs: Vec::new(),
        writable: false,
        thread_local: false,
        linkage: Linkage::Export,
    });
    let mut globals = vec![name];
    let layout = object_layout(db, class, args);
    let mut table = Words::default();
    let destroy = Instance::made(db, InstanceKind::Destroy(ty));
    table.address(out.function(destroy));
    table.number(layout.size);
    table.number(layout.align);
    table.number(symbol::type_id(db, ty));
    table.address(name_symbol);
    let base = classes::base_of(db, class, args);
    let base = base.map(|(base, args)| classes::class_ty(db, base, args));
    match base {
        Some(base) => table.address(class_table_symbol(db, base)),
        None => table.number(0),
    }
    let slots: Vec<_> = classes::table_slots(db, class).collect();
    table.number(METHODS + slots.len() as u64 * WORD);
    for slot in slots {
        match out.method(slot.func) {
            Some(symbol) => table.address(symbol),
            None => table.number(0),
        }
    }
    let interfaces = classes::interfaces_of(db, class, args);
    table.number(interfaces.len() as u64);
    for bound in interfaces {
        let interface = classes::interface_ty(db, bound);
        let interface = types::monomorphic(db, build, interface, GenericArgs::empty(db));
        let symbol = interface_table_symbol(db, ty, interface);
        table.number(symbol::type_id(db, interface));
        table.address(symbol.clone());
        globals.push(out.interface_table(bound).finish(symbol));
    }
    globals.push(table.finish(class_table_symbol(db, ty)));
    ClassTables {
        globals: globals.into(),
        instances: out.instances.into(),
        base,
        errors: out.errors.into(),
    }
}

struct Tables<'db> {
    db: &'db dyn Db,
    build: Build,
    class: ClassId,
    args: GenericArgs,
    instances: Vec<Instance>,
    errors: Vec<MonoError>,
}

impl Tables<'_> {
    fn function(&mut self, instance: Instance) -> SmolStr {
        if !self.instances.contains(&instance) {
            self.instances.push(instance);
        }
        symbol::symbol(self.db, instance).clone()
    }

    /// A method of the class or of what it extends. Abstract ones have no code; no object's
    /// table has them.
    fn method(&mut self, func: hir_def::FuncId) -> Option<SmolStr> {
        let db = self.db;
        if !hir_ty::fn_type(db, func).flags.has_body {
            return None;
        }
        let args = classes::method_args(db, self.class, self.args, func)?;
        let args = types::monomorphic_args(db, self.build, args, GenericArgs::empty(db));
        Some(self.function(Instance::func(db, func, args)))
    }

    fn interface_table(&mut self, bound: BehaviorRef) -> Words {
        let db = self.db;
        let mut table = Words::default();
        for (func, owner) in classes::interface_slots(db, bound) {
            let args = types::monomorphic_args(db, self.build, owner.args, GenericArgs::empty(db));
            match types::resolve(db, self.build, func, args) {
                Some(Resolved::Instance(instance)) if has_body(db, instance) => {
                    let symbol = self.function(instance);
                    table.address(symbol);
                }
                _ => table.number(0),
            }
        }
        if table.bytes.is_empty() {
            table.number(0);
        }
        table
    }
}

/// Whether there is code for an instance: not for abstract methods.
pub(crate) fn has_body(db: &dyn Db, instance: Instance) -> bool {
    match instance.kind(db) {
        InstanceKind::Func(func) => hir_ty::fn_type(db, func).flags.has_body,
        _ => true,
    }
}

/// The offset of a method in the table of an interface.
pub(crate) fn interface_slot(db: &dyn Db, interface: Ty, func: hir_def::FuncId) -> Option<u64> {
    let hir_ty::TyKind::Interface(behavior, args) = interface.kind(db) else {
        return None;
    };
    let bound = classes::interface_ref(db, *behavior, *args, interface);
    let slots = classes::interface_slots(db, bound);
    let index = slots.iter().position(|(slot, _)| *slot == func)?;
    Some(index as u64 * WORD)
}

/// The offset of a method in the tables of its class and of what extends it, from its place
/// among their methods.
pub(crate) fn class_slot(word: u32) -> u64 {
    METHODS + u64::from(word) * WORD
}

/// The parts of an object in the order in which its life ends: the class itself first, then what
/// it extends; of each the type as which its own `Drop` sees the object, and its fields.
pub(crate) fn segments(db: &dyn Db, ty: Ty) -> Vec<(Ty, Vec<(u64, Ty)>)> {
    let Some((class, args)) = classes::as_class(db, ty) else {
        return Vec::new();
    };
    let layout = object_layout(db, class, args);
    let fields = classes::all_fields(db, class, args);
    classes::ancestry(db, class, args)
        .into_iter()
        .map(|(class, args)| {
            let own = fields
                .iter()
                .zip(&layout.offsets)
                .filter(|((field, _), _)| field.parent == VariantDef::Class(class))
                .map(|((_, ty), offset)| (*offset, *ty));
            (classes::class_ty(db, class, args), own.collect())
        })
        .collect()
}

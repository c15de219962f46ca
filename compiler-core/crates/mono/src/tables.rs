//! Method tables: read-only data with the addresses of functions.
//!
//! The table of an object `dyn B`: word 0 the drop glue (null if dropping does nothing), word 1
//! the size, word 2 the alignment, word 3 the type id, then the methods in order of declaration,
//! those of super-behaviors first (`hir_ty::object::object_slots`).

use std::sync::Arc;

use base::Db;
use hir_def::BehaviorId;
use hir_ty::object::object_slots;
use hir_ty::signature::ReceiverForm;
use hir_ty::ty::DynTy;
use hir_ty::{GenericArgs, Ty};
use smol_str::SmolStr;
use ssa::{Global, Linkage};

use crate::instance::{Instance, InstanceKind};
use crate::key::Build;
use crate::types::{self, Resolved};
use crate::{repr, symbol};

/// A table, by what it is the table of.
#[salsa::interned(unsafe(no_lifetime), revisions = usize::MAX, debug)]
pub struct Table {
    #[returns(copy)]
    pub kind: TableKind,
}

/// What a table is the table of.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TableKind {
    /// A type as an object of a behavior, with arguments for the behavior's own parameters.
    Object {
        ty: Ty,
        behavior: BehaviorId,
        args: GenericArgs,
    },
}

/// A table's bytes, and the instances whose addresses are in it.
#[derive(Clone, Debug, PartialEq)]
pub struct TableData {
    pub global: Arc<Global>,
    /// In order of offsets; one may occur several times.
    pub instances: Arc<[(SmolStr, Instance)]>,
}

/// Bytes of a word.
pub(crate) const WORD: u64 = 8;
/// Words of an object's table before its methods.
pub(crate) const OBJECT_HEADER_WORDS: u64 = 4;

/// The contents of a table.
///
/// Keyed by table and build; read by reachability and by the plan. Re-runs when the
/// implementations or the layout of the type change, never for a body.
#[salsa::tracked]
pub fn table_data(db: &dyn Db, table: Table, build: Build) -> TableData {
    match table.kind(db) {
        TableKind::Object { ty, behavior, args } => {
            let object = DynTy {
                behavior,
                args,
                bindings: Box::default(),
                markers: Box::default(),
            };
            object_table(db, table, build, ty, &object)
        }
    }
}

/// Words and addresses of a table under construction.
#[derive(Default)]
struct Words {
    bytes: Vec<u8>,
    relocs: Vec<(u32, SmolStr)>,
    instances: Vec<(SmolStr, Instance)>,
}

impl Words {
    fn number(&mut self, value: u64) {
        self.bytes.extend(value.to_le_bytes());
    }

    fn address(&mut self, db: &dyn Db, instance: Option<Instance>) {
        if let Some(instance) = instance {
            let symbol = symbol::symbol(db, instance).clone();
            self.relocs.push((self.bytes.len() as u32, symbol.clone()));
            self.instances.push((symbol, instance));
        }
        self.number(0);
    }

    fn finish(self, symbol: SmolStr) -> TableData {
        TableData {
            global: Arc::new(Global {
                symbol,
                align: WORD as u32,
                init: self.bytes.into(),
                relocs: self.relocs,
                zero_size: 0,
                writable: false,
                thread_local: false,
                linkage: Linkage::Export,
            }),
            instances: self.instances.into(),
        }
    }
}

fn object_table(db: &dyn Db, table: Table, build: Build, ty: Ty, object: &DynTy) -> TableData {
    let mut words = Words::default();
    let drop = Instance::made(db, InstanceKind::DropGlue(ty));
    words.address(db, hir_ty::needs_drop(db, ty).then_some(drop));
    let layout = repr::layout(db, ty).ok();
    words.number(layout.as_ref().map_or(0, |layout| layout.size));
    words.number(layout.as_ref().map_or(1, |layout| layout.align));
    words.number(symbol::type_id(db, ty));
    for (bound, func) in object_slots(db, object, ty) {
        let form = hir_ty::fn_type(db, func)
            .receiver
            .map(|receiver| receiver.form);
        let instance = match types::resolve(db, build, func, bound.args) {
            Some(Resolved::Instance(found)) if !crate::object::has_body(db, found) => {
                callable(db, build, found, bound.args)
            }
            Some(Resolved::Instance(_)) if form == Some(ReceiverForm::Owned) => {
                Some(Instance::new(db, InstanceKind::OwnedSlot(func), bound.args))
            }
            Some(Resolved::Instance(instance)) => Some(instance),
            _ => None,
        };
        words.address(db, instance);
    }
    words.finish(symbol::table_symbol(db, table))
}

/// How a table calls what the language itself makes callable: closures, functions, `func` values.
fn callable(db: &dyn Db, build: Build, method: Instance, args: GenericArgs) -> Option<Instance> {
    let InstanceKind::Func(method) = method.kind(db) else {
        return None;
    };
    let name = &hir_def::signatures::func_signature(db, method).name;
    let path = ["core", "rt", name.as_str()];
    let func = crate::lang::find_func(db, build.core(db), &path)?;
    Some(match name.as_str() {
        "call_once" => Instance::new(db, InstanceKind::OwnedSlot(func), args),
        _ => Instance::func(db, func, args),
    })
}

/// The offset of a method in an object's table.
pub(crate) fn slot_offset(db: &dyn Db, object: &DynTy, this: Ty, func: hir_def::FuncId) -> u64 {
    let slots = object_slots(db, object, this);
    let index = slots.iter().position(|(_, slot)| *slot == func);
    stdx::never!(index.is_none(), "a method that is in no table");
    (OBJECT_HEADER_WORDS + index.unwrap_or(0) as u64) * WORD
}

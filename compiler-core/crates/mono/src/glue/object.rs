//! The life of objects: counting, ending, testing what they are.

use base::Db;
use hir_ty::{Ty, TyKind, classes};
use ssa::{BinaryOp, Data, IntCond, Operand, OptLevel, Signature, Type};
use std::sync::Arc;

use super::{Step, all_of, start};
use crate::emit::Emit;
use crate::instance::{Instance, InstanceKind};
use crate::key::Build;
use crate::object;
use crate::types;

impl Emit<'_> {
    /// The address of a class's method table.
    pub(crate) fn class_table(&mut self, ty: Ty) -> Operand {
        self.uses.class_tables.insert(ty);
        let symbol = object::class_table_symbol(self.db, ty);
        let data = self.b.import_data(Data::extern_const(symbol));
        Operand::Data(data, 0)
    }

    /// Counts an object once more: by a call, if somebody looks for what undoes it.
    pub(crate) fn retain_object(&mut self, object: Operand) {
        let profile = self.build.profile(self.db);
        let are_paired = !profile.llvm_only(self.db)
            && !matches!(profile.opt_level(self.db), OptLevel::O0 | OptLevel::O1);
        match are_paired {
            true => {
                self.call_glue(InstanceKind::RetainObject, vec![object], None);
            }
            false => self.add_to_count(object),
        }
    }

    fn add_to_count(&mut self, object: Operand) {
        let count = self.b.ptr_offset(object, object::COUNT);
        let old = self.b.load(Type::I64, count, 8);
        let new = self.b.binary(BinaryOp::Add, old, Operand::i64(1));
        self.b.store(new, count, 8);
    }

    /// Takes one from the count of an object, which ends at zero.
    pub(crate) fn release_object(&mut self, object: Operand) {
        self.call_glue(InstanceKind::ReleaseObject, vec![object], None);
    }
}

/// Whether values of the type are counted references to objects.
pub(crate) fn is_object(db: &dyn Db, ty: Ty) -> bool {
    classes::is_object(db, ty)
}

/// `(object)`: one reference more.
pub(crate) fn retain_object_glue<'db>(
    db: &'db dyn Db,
    build: Build,
    instance: Instance,
) -> Emit<'db> {
    let mut cx = start(db, build, instance, Signature::new([Type::Ptr], None));
    let object = cx.b.param(0);
    cx.add_to_count(object);
    cx.b.ret(None);
    cx
}

/// `(object)`: one reference less.
pub(crate) fn release_glue<'db>(db: &'db dyn Db, build: Build, instance: Instance) -> Emit<'db> {
    let mut cx = start(db, build, instance, Signature::new([Type::Ptr], None));
    let object = cx.b.param(0);
    let count = cx.b.ptr_offset(object, object::COUNT);
    let old = cx.b.load(Type::I64, count, 8);
    let new = cx.b.binary(BinaryOp::Sub, old, Operand::i64(1));
    cx.b.store(new, count, 8);
    let is_last = cx.b.icmp(IntCond::Eq, new, Operand::i64(0));
    let (last, end) = (cx.b.create_block(), cx.b.create_block());
    cx.b.branch(is_last, last, end);
    cx.b.switch_to(last);
    let table = cx.b.load(Type::Ptr, object, 8);
    // A constructor that panicked before the object was one of any class.
    let is_raw = cx.b.icmp(IntCond::Eq, table, Operand::Null);
    let (raw, whole) = (cx.b.create_block(), cx.b.create_block());
    cx.b.branch(is_raw, raw, whole);
    cx.b.switch_to(raw);
    cx.call_core("object_free", vec![object]);
    cx.b.jump(end);
    cx.b.switch_to(whole);
    let entry = cx.b.ptr_offset(table, object::DESTROY);
    let destroy = cx.b.load(Type::Ptr, entry, 8);
    let signature = Arc::new(Signature::new([Type::Ptr], None));
    cx.b.call_indirect(destroy, signature, vec![object]);
    cx.b.jump(end);
    cx.b.switch_to(end);
    cx.b.ret(None);
    cx
}

/// `(object)`: the `Drop` of each class from the object's own up, then the fields in the same
/// order of classes; then the memory goes. While the `Drop` of a base runs, the object is one of
/// that base.
pub(crate) fn destroy_glue<'db>(
    db: &'db dyn Db,
    build: Build,
    instance: Instance,
    ty: Ty,
) -> Emit<'db> {
    let mut cx = start(db, build, instance, Signature::new([Type::Ptr], None));
    let object = cx.b.param(0);
    let mut steps: Vec<Step<'_, 'db>> = Vec::new();
    let segments = object::segments(db, ty);
    for (level, (class, _)) in segments.iter().enumerate() {
        let class = *class;
        if let Some(drop) = types::drop_method(db, build, class) {
            steps.push(Step::new(true, move |cx| {
                end_as(cx, object, class, level > 0, drop);
            }));
        }
    }
    for (offset, field) in segments.into_iter().flat_map(|(_, fields)| fields) {
        let may_panic = mir::tys::drop_may_panic(db, field);
        steps.push(Step::new(may_panic, move |cx| {
            let place = cx.b.ptr_offset(object, offset);
            cx.drop_at(place, field);
        }));
    }
    steps.push(Step::new(false, move |cx| {
        cx.call_core("object_free", vec![object]);
    }));
    all_of(&mut cx, &steps);
    cx.b.ret(None);
    cx
}

/// The `Drop` of one of the classes that an object is of.
fn end_as(cx: &mut Emit<'_>, object: Operand, class: Ty, is_base: bool, drop: Instance) {
    if is_base {
        let table = cx.class_table(class);
        cx.b.store(table, object, 8);
    }
    let count = cx.b.ptr_offset(object, object::COUNT);
    // References made meanwhile come and go above one; what is left keeps the object.
    cx.b.store(Operand::i64(1), count, 8);
    let handle = cx.temp(class);
    cx.b.store(object, handle, 8);
    let abi = types::abi_of(cx.db, cx.build, drop);
    let callee = cx.import(drop, &abi);
    cx.b.call(callee, vec![handle]);
    cx.may_unwind();
    let left = cx.b.load(Type::I64, count, 8);
    let is_alone = cx.b.icmp(IntCond::Eq, left, Operand::i64(1));
    let (alone, kept) = (cx.b.create_block(), cx.b.create_block());
    cx.b.branch(is_alone, alone, kept);
    cx.b.switch_to(kept);
    cx.call_core("object_kept", vec![]);
    cx.b.unreachable();
    cx.b.switch_to(alone);
}

/// The object that a value refers to, and for an interface value its table.
pub(crate) fn object_of(cx: &mut Emit<'_>, ptr: Operand, ty: Ty) -> Operand {
    debug_assert!(matches!(
        ty.kind(cx.db),
        TyKind::Interface(..) | TyKind::Adt(..)
    ));
    cx.b.load(Type::Ptr, ptr, 8)
}

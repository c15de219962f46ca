//! Statics with `@static_init`: initialised at their first use (reference §4.3).

use base::Db;
use hir_def::StaticId;
use hir_ty::{GenericArgs, Ty};
use ssa::{Data, DataKind, InstKind, IntCond, Operand, Ordering, Signature, Type};

use super::start;
use crate::abi::Abi;
use crate::emit::{Emit, Val};
use crate::instance::{Instance, InstanceKind};
use crate::key::Build;
use crate::types;

/// The word behind the value: nothing yet, being made, there.
const NEW: u128 = 0;
const RUNNING: i32 = 1;
const DONE: i32 = 2;

/// Where the word stands, behind a value of this size.
pub(crate) fn state_offset(size: u64) -> u64 {
    size.next_multiple_of(8)
}

/// The type of a static, without parameters.
pub(crate) fn static_ty(db: &dyn Db, build: Build, id: StaticId) -> Ty {
    let ty = hir_ty::signature::type_of_static(db, id);
    types::monomorphic(db, build, ty, GenericArgs::empty(db))
}

/// `() -> ptr`: the address of the static, whose value is there by then. The thread that makes it
/// panics if it asks for it (R008), others wait.
pub(crate) fn static_guard<'db>(
    db: &'db dyn Db,
    build: Build,
    instance: Instance,
    id: StaticId,
) -> Emit<'db> {
    let mut cx = start(db, build, instance, Signature::new([], Some(Type::Ptr)));
    let ty = static_ty(db, build, id);
    let address = address_of(&mut cx, id);
    let state = cx.b.ptr_offset(address, state_offset(cx.size(ty)));
    let (ready, first, make, busy) = (
        cx.b.create_block(),
        cx.b.create_block(),
        cx.b.create_block(),
        cx.b.create_block(),
    );
    let (head, made, panicked) = (
        cx.b.create_block(),
        cx.b.create_block(),
        cx.b.create_block(),
    );
    cx.b.jump(head);
    cx.b.switch_to(head);
    let seen = cx.b.atomic_load(Type::I32, state, Ordering::Acquire);
    let is_done = cx.b.icmp(IntCond::Eq, seen, Operand::i32(DONE));
    cx.b.branch(is_done, ready, first);

    cx.b.switch_to(first);
    let kind = InstKind::AtomicCmpxchg {
        ptr: state,
        expected: Operand::int(Type::I32, NEW),
        new: Operand::i32(RUNNING),
        success: Ordering::AcqRel,
        failure: Ordering::Acquire,
    };
    let old = cx.b.emit(kind).unwrap_or(Operand::i32(RUNNING));
    let is_mine = cx.b.icmp(IntCond::Eq, old, Operand::int(Type::I32, NEW));
    cx.b.branch(is_mine, make, busy);

    cx.b.switch_to(make);
    crate::shim::call_if_there(&mut cx, "static_begin", &[state]);
    let init = Instance::new(db, InstanceKind::StaticInit(id), GenericArgs::empty(db));
    let abi = Abi::internal(db, &[], ty);
    let callee = cx.import(init, &abi);
    let memory = abi.sret.then_some(address);
    let result = cx.b.call(callee, memory.into_iter().collect());
    cx.b.invoke(made, panicked);

    // The next one tries again.
    cx.b.switch_to(panicked);
    crate::shim::call_if_there(&mut cx, "static_end", &[]);
    cx.b.atomic_store(Operand::int(Type::I32, NEW), state, Ordering::Release);
    cx.b.resume();

    cx.b.switch_to(made);
    if let Some(value) = result {
        cx.write(Val::Scalar(value), address, ty);
    }
    crate::shim::call_if_there(&mut cx, "static_end", &[]);
    cx.b.atomic_store(Operand::i32(DONE), state, Ordering::Release);
    cx.b.jump(ready);

    cx.b.switch_to(busy);
    crate::shim::call_if_there(&mut cx, "static_in_use", &[state]);
    cx.b.jump(head);

    cx.b.switch_to(ready);
    cx.b.ret(Some(address));
    cx
}

/// The address of a static's own memory.
pub(crate) fn address_of(cx: &mut Emit<'_>, id: StaticId) -> Operand {
    let symbol = crate::symbol::static_symbol(cx.db, id);
    cx.uses.statics.insert(id);
    let thread_local = hir_def::signatures::static_data(cx.db, id)
        .attrs
        .thread_local;
    let data = cx.b.import_data(Data {
        kind: DataKind::Extern {
            symbol,
            mutable: true,
            thread_local,
        },
    });
    Operand::Data(data, 0)
}

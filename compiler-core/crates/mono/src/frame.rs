//! Futures: frames of `async` bodies, the functions that make, drive and drop them.
//!
//! A future is the address of its frame. All variables of the body live there, so nothing has to
//! be saved at an `await`; the frame never moves, so they may be borrowed across one.
//!
//! ```text
//! frame:  +0 state   +16 variables
//! state:  0 before the first poll; n at the n-th stop; -1 done
//! resume(frame, context) -> Poll[T]      goes on until the next stop, or to the end
//! resume(frame, null)                    drops what is alive where the body stands
//! ```

use base::Db;
use hir_def::{BodyOwner, FuncId};
use hir_ty::{ClosureArgs, ClosureId, GenericArgs, Ty, TyKind};
use smol_str::SmolStr;
use ssa::{IntCond, Operand, Type};
use stdx::DenseMap;

use crate::abi::Abi;
use crate::emit::{Emit, Val};
use crate::glue::{Step, all_of};
use crate::instance::{Instance, InstanceKind};
use crate::key::Build;
use crate::repr::Repr;
use crate::types;

const VARIABLES_OFFSET: u64 = 16;

/// The state of a future that has given its result, or has been dropped.
pub(crate) const DONE: i64 = -1;

/// Where the variables of an `async` body are.
pub(crate) struct Frame {
    pub(crate) size: u64,
    pub(crate) offsets: DenseMap<mir::Local, u64>,
}

/// Lays a frame out.
pub(crate) fn frame_of(cx: &Emit<'_>, body: &mir::Body, args: GenericArgs) -> Frame {
    let mut offsets = DenseMap::new();
    let mut end = VARIABLES_OFFSET;
    for decl in body.locals.values() {
        let ty = types::monomorphic(cx.db, cx.build, decl.ty, args);
        let offset = end.next_multiple_of(u64::from(cx.align(ty).max(1)));
        offsets.push(offset);
        end = offset + cx.size(ty);
    }
    Frame { size: end, offsets }
}

/// Fresh memory for a frame before its first poll.
pub(crate) fn allocate(cx: &mut Emit<'_>, frame: &Frame) -> Operand {
    let size = Operand::i64(frame.size as i64);
    let address = cx.call_rt_value("env_allocate", size);
    let address = address.unwrap_or(Operand::Null);
    cx.b.store(Operand::i64(0), address, 8);
    address
}

/// `Poll[T]`
pub(crate) fn poll_ty(db: &dyn Db, build: Build, output: Ty) -> Ty {
    match hir_ty::lang_items(db, build.core(db)).poll {
        Some(poll) => Ty::adt(db, poll, GenericArgs::from_iter(db, [output.into()])),
        None => Ty::error(db),
    }
}

/// The instance that drives a future, and what it gives in the end.
pub(crate) fn resume_of(db: &dyn Db, build: Build, ty: Ty) -> Option<(Instance, Ty)> {
    match *ty.kind(db) {
        TyKind::Future(func, args) => {
            let output = hir_ty::signature::async_output(db, func);
            let output = types::monomorphic(db, build, output, args);
            let instance = Instance::new(db, InstanceKind::ResumeFunc(func), args);
            Some((instance, output))
        }
        TyKind::Closure(id, args) => {
            let instance = Instance::new(db, InstanceKind::ResumeBlock(id), args);
            Some((instance, ClosureArgs(args).ret(db)))
        }
        _ => None,
    }
}

/// How a body is driven: the frame, then the context.
pub(crate) fn resume_abi(db: &dyn Db, build: Build, output: Ty) -> Abi {
    let address = Ty::raw_ptr(db, Ty::unit(db));
    Abi::internal(db, &[address, address], poll_ty(db, build, output))
}

/// A call of an `async func`: puts the arguments into a frame.
pub(crate) fn make_future<'db>(
    db: &'db dyn Db,
    build: Build,
    func: FuncId,
    args: GenericArgs,
    symbol: SmolStr,
    abi: &Abi,
    body: &mir::Body,
) -> Emit<'db> {
    let mut cx = Emit::new(db, build, symbol, abi.signature.clone());
    cx.item = Some(BodyOwner::Func(func).item(db));
    let frame = frame_of(&cx, body, args);
    let address = allocate(&mut cx, &frame);
    let mut next = usize::from(abi.sret);
    for (index, (ty, repr)) in abi.params.iter().enumerate() {
        let value = match repr {
            Repr::Zero => continue,
            Repr::Scalar(_) => Val::Scalar(cx.b.param(next)),
            Repr::Memory => Val::Memory(cx.b.param(next)),
        };
        next += 1;
        let local = mir::Local(index as u32 + 1);
        let offset = frame.offsets.get(local).copied().unwrap_or(0);
        let place = cx.b.ptr_offset(address, offset);
        cx.write(value, place, *ty);
    }
    cx.b.ret(Some(address));
    cx
}

/// The frame of an `async` block, with its captures.
pub(crate) fn make_block(
    cx: &mut Emit<'_>,
    id: ClosureId,
    args: GenericArgs,
    captures: &[(Val, Ty)],
) -> Operand {
    let db = cx.db;
    let Some(body) = types::closure_body(db, id, cx.build) else {
        return Operand::Null;
    };
    let frame = frame_of(cx, body, args);
    let address = allocate(cx, &frame);
    let start = frame.offsets.get(mir::Local(1)).copied().unwrap_or(0);
    let tuple = ClosureArgs(args).captures_ty(db);
    let offsets: Vec<u64> = match &cx.layout(tuple).shape {
        hir_ty::Shape::Struct { offsets } => offsets.to_vec(),
        _ => vec![0],
    };
    for ((value, ty), offset) in captures.iter().zip(offsets) {
        let place = cx.b.ptr_offset(address, start + offset);
        cx.write(*value, place, *ty);
    }
    address
}

/// Drops the future at an address: what is alive in its frame, and the frame.
pub(crate) fn drop_future(cx: &mut Emit<'_>, ptr: Operand, ty: Ty) {
    let db = cx.db;
    let Some((instance, output)) = resume_of(db, cx.build, ty) else {
        return;
    };
    let frame = cx.b.load(Type::Ptr, ptr, 8);
    let state = cx.b.load(Type::I64, frame, 8);
    let is_done = cx.b.icmp(IntCond::Eq, state, Operand::i64(DONE));
    let (alive, free) = (cx.b.create_block(), cx.b.create_block());
    cx.b.branch(is_done, free, alive);
    cx.b.switch_to(alive);
    let abi = resume_abi(db, cx.build, output);
    let end_locals = Step::new(true, |cx| {
        let callee = cx.import(instance, &abi);
        let mut machine = Vec::new();
        machine.extend(abi.sret.then(|| cx.temp(abi.ret)));
        machine.extend([frame, Operand::Null]);
        cx.b.call(callee, machine);
        cx.may_unwind();
    });
    let give_back = Step::new(false, |cx| {
        cx.call_rt("env_free", vec![frame], None);
    });
    all_of(cx, &[end_locals, give_back]);
    let end = cx.b.create_block();
    cx.b.jump(end);
    cx.b.switch_to(free);
    cx.call_rt("env_free", vec![frame], None);
    cx.b.jump(end);
    cx.b.switch_to(end);
}

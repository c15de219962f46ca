//! Closures: their bodies as functions, and the counted environments of `func` values made of
//! them (reference §5.5).
//!
//! ```text
//! environment:  +0 count   +8 drop glue, or null   +16 state   +32 the closure's value
//! state:        0 at rest   1 running   2 has used its captures up
//! ```
//! A closure without captures needs no environment. Pure closures never look at the state.

use base::Db;
use hir_def::body::BodyLines;
use hir_ty::{ClosureArgs, ClosureId, ClosureKind, GenericArgs, Ty, TyKind};
use smol_str::SmolStr;
use ssa::{BinaryOp, Data, IntCond, Operand, Signature, Type};

use crate::abi::Abi;
use crate::emit::{Emit, Val};
use crate::error::MonoErrorKind;
use crate::glue::{Step, all_of};
use crate::instance::{Instance, InstanceKind};
use crate::key::Build;
use crate::shim::with_environment;
use crate::types;

const DROP_OFFSET: u64 = 8;
const STATE_OFFSET: u64 = 16;
const VALUE_OFFSET: u64 = 32;

const RUNNING: i64 = 1;
const USED_UP: i64 = 2;

/// The type that an instance of a closure's body has its captures in, by its arguments.
pub(crate) fn closure_ty(db: &dyn Db, id: ClosureId, args: GenericArgs) -> Ty {
    Ty::new(db, TyKind::Closure(id, args))
}

/// How a closure's own body is called: its value first, then the parameters.
pub(crate) fn body_abi(db: &dyn Db, id: ClosureId, args: GenericArgs) -> Abi {
    let closure = closure_ty(db, id, args);
    let parts = ClosureArgs(args);
    let kind = parts.kind(db).unwrap_or(ClosureKind::FnOnce);
    let env = match kind {
        ClosureKind::Fn => Ty::reference(db, false, closure),
        ClosureKind::FnMut => Ty::reference(db, true, closure),
        ClosureKind::FnOnce | ClosureKind::Async => closure,
    };
    let mut params = vec![env];
    params.extend(parts.params(db));
    Abi::internal(db, &params, parts.ret(db))
}

/// The instance of a closure's body.
pub(crate) fn body_instance(db: &dyn Db, id: ClosureId, args: GenericArgs) -> Instance {
    Instance::new(db, InstanceKind::Closure(id), args)
}

/// The signature of [`InstanceKind::ClosureValue`].
fn value_abi(db: &dyn Db, args: GenericArgs) -> Abi {
    let parts = ClosureArgs(args);
    Abi::internal(db, &parts.params(db), parts.ret(db))
}

/// Makes a `func` value of a closure's value: code and environment.
pub(crate) fn func_value(
    cx: &mut Emit<'_>,
    id: ClosureId,
    args: GenericArgs,
    value: Val,
) -> Operand {
    let db = cx.db;
    let ty = closure_ty(db, id, args);
    let instance = Instance::new(db, InstanceKind::ClosureValue(id), args);
    let signature = with_environment(&value_abi(db, args));
    let code = Operand::Func(cx.import_with(instance, signature));
    let environment = match has_environment(cx, ty) {
        false => Operand::Null,
        true => {
            let bytes = VALUE_OFFSET + cx.size(ty);
            let env = cx
                .call_rt_value("env_allocate", Operand::i64(bytes as i64))
                .unwrap_or(Operand::Null);
            cx.b.store(Operand::i64(1), env, 8);
            let glue = match cx.needs_drop(ty) {
                true => {
                    let glue = Instance::made(db, InstanceKind::DropGlue(ty));
                    Operand::Func(cx.import_with(glue, Signature::new([Type::Ptr], None)))
                }
                false => Operand::Null,
            };
            let slot = cx.b.ptr_offset(env, DROP_OFFSET);
            cx.b.store(glue, slot, 8);
            let slot = cx.b.ptr_offset(env, STATE_OFFSET);
            cx.b.store(Operand::i64(0), slot, 8);
            let place = cx.b.ptr_offset(env, VALUE_OFFSET);
            cx.write(value, place, ty);
            env
        }
    };
    pair(cx, code, environment)
}

fn has_environment(cx: &Emit<'_>, closure: Ty) -> bool {
    cx.size(closure) > 0 || cx.needs_drop(closure)
}

fn pair(cx: &mut Emit<'_>, code: Operand, environment: Operand) -> Operand {
    let pair = Operand::Slot(cx.b.create_slot(16, 8, None), 0);
    cx.b.store(code, pair, 8);
    let second = cx.b.ptr_offset(pair, 8);
    cx.b.store(environment, second, 8);
    pair
}

/// The code of a `func` value made of a closure: finds its captures in the environment.
pub(crate) fn closure_value<'db>(
    db: &'db dyn Db,
    build: Build,
    instance: Instance,
    id: ClosureId,
    symbol: SmolStr,
) -> Emit<'db> {
    let args = instance.args(db);
    let abi = value_abi(db, args);
    let mut cx = Emit::new(db, build, symbol, with_environment(&abi));
    cx.item = Some(id.owner.item(db));
    let ty = closure_ty(db, id, args);
    let kind = ClosureArgs(args).kind(db).unwrap_or(ClosureKind::FnOnce);
    let env_index = usize::from(abi.sret);
    let env = cx.b.param(env_index);
    let owns = has_environment(&cx, ty);
    let captures = match owns {
        true => cx.b.ptr_offset(env, VALUE_OFFSET),
        false => cx.zero_sized_place(),
    };
    if owns && kind != ClosureKind::Fn {
        enter(&mut cx, id, env, kind);
    }
    let mut passed: Vec<Operand> = Vec::new();
    passed.extend(abi.sret.then(|| cx.b.param(0)));
    match kind {
        ClosureKind::Fn | ClosureKind::FnMut => passed.push(captures),
        ClosureKind::FnOnce | ClosureKind::Async => match cx.read(captures, ty) {
            Val::Zero => {}
            Val::Scalar(value) | Val::Memory(value) => passed.push(value),
        },
    }
    let count = abi.signature.params.len() + 1;
    for index in env_index + 1..count {
        passed.push(cx.b.param(index));
    }
    let body = body_instance(db, id, args);
    let callee = cx.import(body, &body_abi(db, id, args));
    let result = cx.b.call(callee, passed);
    if owns && kind == ClosureKind::FnMut {
        // A call that unwinds leaves it callable.
        let (normal, unwound) = (cx.b.create_block(), cx.b.create_block());
        cx.b.invoke(normal, unwound);
        cx.b.switch_to(unwound);
        let state = cx.b.ptr_offset(env, STATE_OFFSET);
        cx.b.store(Operand::i64(0), state, 8);
        cx.b.resume();
        cx.b.switch_to(normal);
        let state = cx.b.ptr_offset(env, STATE_OFFSET);
        cx.b.store(Operand::i64(0), state, 8);
    }
    match abi.attrs.noreturn {
        true => cx.b.unreachable(),
        false => cx.b.ret(result),
    }
    cx
}

/// Panics R011 if the closure runs or is used up; else marks it.
fn enter(cx: &mut Emit<'_>, id: ClosureId, env: Operand, kind: ClosureKind) {
    let slot = cx.b.ptr_offset(env, STATE_OFFSET);
    let state = cx.b.load(Type::I64, slot, 8);
    let is_free = cx.b.icmp(IntCond::Eq, state, Operand::i64(0));
    let (free, busy) = (cx.b.create_block(), cx.b.create_block());
    cx.b.branch(is_free, free, busy);
    cx.b.switch_to(busy);
    report_busy(cx, id, state);
    cx.b.switch_to(free);
    let mark = match kind {
        ClosureKind::FnOnce => USED_UP,
        _ => RUNNING,
    };
    cx.b.store(Operand::i64(mark), slot, 8);
    if kind == ClosureKind::FnOnce {
        // The body drops what it was given.
        let glue = cx.b.ptr_offset(env, DROP_OFFSET);
        cx.b.store(Operand::Null, glue, 8);
    }
}

fn report_busy(cx: &mut Emit<'_>, id: ClosureId, state: Operand) {
    let db = cx.db;
    let path = ["core", "rt", "panic_closure"];
    let Some(func) = crate::lang::find_func(db, cx.build.core(db), &path) else {
        let path = path.join("::").into();
        cx.error(MonoErrorKind::MissingLang { path });
        cx.b.trap();
        return;
    };
    let lines: &BodyLines = types::body_lines_of(db, id.owner);
    let position = types::closure_body(db, id, cx.build)
        .and_then(|body| body.locals.get(mir::Local(1)))
        .and_then(|decl| match decl.source.node {
            mir::SourceNode::Expr(expr) => lines.exprs.get(expr).copied(),
            _ => None,
        });
    let position = position.unwrap_or_default();
    let item = id.owner.item(db);
    let symbol = crate::symbol::line_symbol(db, id.owner);
    cx.uses.lines.insert(symbol.clone(), item);
    let data = cx.b.import_data(Data::extern_const(symbol));
    let base = cx.b.load(Type::I32, Operand::Data(data, 0), 4);
    let line =
        cx.b.binary(BinaryOp::Add, base, Operand::i32(position.line));
    let file = item.file(db).source(db).name(db).clone();
    let file = cx.str_literal(&file);
    let column = Operand::i32(position.col as i32 + 1);
    let is_used_up = cx.b.icmp(IntCond::Eq, state, Operand::i64(USED_UP));
    let instance = Instance::func(db, func, GenericArgs::empty(db));
    let abi = types::abi_of(db, cx.build, instance);
    let callee = cx.import(instance, &abi);
    cx.b.call(callee, vec![is_used_up, file, line, column]);
    cx.b.unreachable();
}

/// One more owner of the environment of the `func` at an address.
pub(crate) fn retain_func(cx: &mut Emit<'_>, ptr: Operand) {
    let second = cx.b.ptr_offset(ptr, 8);
    let env = cx.b.load(Type::Ptr, second, 8);
    retain_environment(cx, env);
}

pub(crate) fn retain_environment(cx: &mut Emit<'_>, env: Operand) {
    if env != Operand::Null {
        cx.call_rt("env_retain", vec![env], None);
    }
}

/// Drop glue of `func` types: one owner less; the last one drops the captures and the memory.
pub(crate) fn drop_func(cx: &mut Emit<'_>, ptr: Operand) {
    let second = cx.b.ptr_offset(ptr, 8);
    let env = cx.b.load(Type::Ptr, second, 8);
    let (some, last, drop, free, end) = (
        cx.b.create_block(),
        cx.b.create_block(),
        cx.b.create_block(),
        cx.b.create_block(),
        cx.b.create_block(),
    );
    let is_null = cx.b.icmp(IntCond::Eq, env, Operand::Null);
    cx.b.branch(is_null, end, some);
    cx.b.switch_to(some);
    let count = cx.b.load(Type::I64, env, 8);
    let left = cx.b.binary(BinaryOp::Sub, count, Operand::i64(1));
    cx.b.store(left, env, 8);
    let is_last = cx.b.icmp(IntCond::Eq, left, Operand::i64(0));
    cx.b.branch(is_last, last, end);
    cx.b.switch_to(last);
    let slot = cx.b.ptr_offset(env, DROP_OFFSET);
    let glue = cx.b.load(Type::Ptr, slot, 8);
    let has_glue = cx.b.icmp(IntCond::Ne, glue, Operand::Null);
    cx.b.branch(has_glue, drop, free);
    cx.b.switch_to(drop);
    let end_captures = Step::new(true, move |cx| {
        let captures = cx.b.ptr_offset(env, VALUE_OFFSET);
        let signature = std::sync::Arc::new(Signature::new([Type::Ptr], None));
        cx.b.call_indirect(glue, signature, vec![captures]);
        cx.may_unwind();
    });
    let give_back = Step::new(false, move |cx| {
        cx.call_rt("env_free", vec![env], None);
    });
    all_of(cx, &[end_captures, give_back]);
    cx.b.jump(end);
    cx.b.switch_to(free);
    cx.call_rt("env_free", vec![env], None);
    cx.b.jump(end);
    cx.b.switch_to(end);
}

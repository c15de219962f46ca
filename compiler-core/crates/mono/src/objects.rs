//! Functions that the compiler makes for calls through tables, and for implementations whose
//! methods take their receiver otherwise than the behavior says.

use base::Db;
use hir_def::FuncId;
use hir_ty::signature::ReceiverForm;
use hir_ty::{GenericArgs, Ty, TyKind};
use smol_str::SmolStr;
use ssa::{IntCond, Operand, Type};
use std::sync::Arc;

use crate::abi::Abi;
use crate::emit::{Emit, Val};
use crate::error::MonoErrorKind;
use crate::glue::{Step, all_of};
use crate::instance::Instance;
use crate::key::Build;
use crate::repr::Repr;
use crate::tables::{WORD, slot_offset};
use crate::types::{self, Resolved};

/// The signature of a method as it stands in a table: the receiver is the address of the value.
fn slot_abi(db: &dyn Db, build: Build, func: FuncId, args: GenericArgs) -> Abi {
    let (mut params, ret) = types::func_types(db, build, func, args);
    if let Some(receiver) = params.first_mut() {
        *receiver = Ty::raw_ptr(db, Ty::unit(db));
    }
    Abi::internal(db, &params, ret)
}

/// A method called on an object: finds the function in the table and calls it.
///
/// The receiver is the address of (box or value, table) in all its forms: a view and a `dyn` by
/// value lie in memory, and a reference to a variable of type `dyn` leads to it.
pub(crate) fn virtual_method<'db>(
    db: &'db dyn Db,
    build: Build,
    instance: Instance,
    func: FuncId,
    symbol: SmolStr,
) -> Emit<'db> {
    let args = instance.args(db);
    let (params, ret) = types::func_types(db, build, func, args);
    let abi = Abi::internal(db, &params, ret);
    let slot = slot_abi(db, build, func, args);
    let mut cx = Emit::new(db, build, symbol, abi.signature.clone());
    let this = args.ty(db, 0);
    let Some(object) = this.as_dyn(db) else {
        cx.b.trap();
        return cx;
    };
    let first = usize::from(abi.sret);
    let pair = cx.b.param(first);
    let (address, table) = load_pair(&mut cx, pair);
    let code_ptr = cx.b.ptr_offset(table, slot_offset(db, object, this, func));
    let code = cx.b.load(Type::Ptr, code_ptr, 8);
    let mut machine: Vec<Operand> = (0..abi.signature.params.len())
        .map(|index| cx.b.param(index))
        .collect();
    if let Some(receiver) = machine.get_mut(first) {
        *receiver = address;
    }
    let signature = Arc::new(slot.signature.clone());
    let result = cx.b.call_indirect(code, signature, machine);
    if abi.attrs.noreturn {
        cx.b.unreachable();
        return cx;
    }
    // The value was given away, its box is ours.
    if matches!(params.first().map(|ty| ty.kind(db)), Some(TyKind::Dyn(_))) {
        free_box(&mut cx, address, table);
    }
    cx.b.ret(result);
    cx
}

fn load_pair(cx: &mut Emit<'_>, pair: Operand) -> (Operand, Operand) {
    let address = cx.b.load(Type::Ptr, pair, 8);
    let second = cx.b.ptr_offset(pair, WORD);
    (address, cx.b.load(Type::Ptr, second, 8))
}

fn free_box(cx: &mut Emit<'_>, address: Operand, table: Operand) {
    let size_ptr = cx.b.ptr_offset(table, WORD);
    let size = cx.b.load(Type::I64, size_ptr, 8);
    let align_ptr = cx.b.ptr_offset(table, 2 * WORD);
    let align = cx.b.load(Type::I64, align_ptr, 8);
    cx.call_rt("box_free", vec![address, size, align], None);
}

/// The end of a `dyn B` at an address: of the value, then of its box.
pub(crate) fn drop_object(cx: &mut Emit<'_>, pair: Operand) {
    let (address, table) = load_pair(cx, pair);
    let glue = cx.b.load(Type::Ptr, table, 8);
    let nothing = cx.b.icmp(IntCond::Eq, glue, Operand::Null);
    let (drop, after) = (cx.b.create_block(), cx.b.create_block());
    cx.b.branch(nothing, after, drop);
    cx.b.switch_to(drop);
    let end_value = Step::new(true, move |cx| {
        let signature = Arc::new(ssa::Signature::new([Type::Ptr], None));
        cx.b.call_indirect(glue, signature, vec![address]);
        cx.may_unwind();
    });
    let give_back = Step::new(false, move |cx| free_box(cx, address, table));
    all_of(cx, &[end_value, give_back]);
    let end = cx.b.create_block();
    cx.b.jump(end);
    cx.b.switch_to(after);
    free_box(cx, address, table);
    cx.b.jump(end);
    cx.b.switch_to(end);
}

/// What stands in a table for a method that consumes its receiver: takes the value out of where
/// it lies.
pub(crate) fn owned_slot<'db>(
    db: &'db dyn Db,
    build: Build,
    instance: Instance,
    func: FuncId,
    symbol: SmolStr,
) -> Emit<'db> {
    let args = instance.args(db);
    let slot = slot_abi(db, build, func, args);
    let mut cx = Emit::new(db, build, symbol, slot.signature.clone());
    let Some(Resolved::Instance(target)) = types::resolve(db, build, func, args) else {
        cx.b.trap();
        return cx;
    };
    let (params, ret) = types::func_types(db, build, func, args);
    let abi = Abi::internal(db, &params, ret);
    let first = usize::from(abi.sret);
    let address = cx.b.param(first);
    let this = params.first().copied().unwrap_or_else(|| Ty::unit(db));
    let mut machine: Vec<Operand> = Vec::new();
    if abi.sret {
        machine.push(cx.b.param(0));
    }
    match cx.read(address, this) {
        Val::Zero => {}
        Val::Scalar(value) => machine.push(value),
        Val::Memory(ptr) => machine.push(ptr),
    }
    for index in first + 1..slot.signature.params.len() {
        let param = cx.b.param(index);
        machine.push(param);
    }
    let callee = cx.import(target, &abi);
    let result = cx.b.call(callee, machine);
    match abi.attrs.noreturn {
        true => cx.b.unreachable(),
        false => cx.b.ret(result),
    }
    cx
}

/// Whether an implementation's method cannot be called as the behavior declares it: it borrows
/// what the behavior gives away, or only one of the two knows its caller's location.
pub(crate) fn needs_adapter(db: &dyn Db, declared: FuncId, found: FuncId) -> bool {
    let by_value = |func| {
        let receiver = hir_ty::fn_type(db, func).receiver;
        receiver.map(|receiver| receiver.form == ReceiverForm::Owned)
    };
    let tracks = |func| hir_ty::fn_type(db, func).track_caller;
    declared != found
        && (by_value(declared) != by_value(found) || tracks(declared) != tracks(found))
}

/// The behavior's method in front of an implementation's.
pub(crate) fn adapter<'db>(
    db: &'db dyn Db,
    build: Build,
    instance: Instance,
    func: FuncId,
    symbol: SmolStr,
) -> Emit<'db> {
    let args = instance.args(db);
    let (params, ret) = types::func_types(db, build, func, args);
    let abi = Abi::internal(db, &params, ret);
    let mut cx = Emit::new(db, build, symbol, abi.signature.clone());
    let env = build.env(db);
    let hir_ty::Instance::Func(found, found_args) = hir_ty::resolve_instance(db, env, func, args)
    else {
        cx.b.trap();
        return cx;
    };
    let (found_params, found_ret) = types::func_types(db, build, found, found_args);
    let found_abi = Abi::internal(db, &found_params, found_ret);
    if !hir_ty::fn_type(db, found).flags.has_body {
        let what = "an intrinsic as an implementation".into();
        cx.error(MonoErrorKind::Unsupported { what });
        cx.b.trap();
        return cx;
    }
    let mut machine: Vec<Operand> = Vec::new();
    let mut next = 0;
    if abi.sret {
        machine.push(cx.b.param(0));
        next = 1;
    }
    let mut given: Option<(Operand, Ty)> = None;
    for (index, (ty, repr)) in abi.params.iter().enumerate() {
        let value = match repr {
            Repr::Zero => Val::Zero,
            Repr::Scalar(_) => Val::Scalar(cx.b.param(next)),
            Repr::Memory => Val::Memory(cx.b.param(next)),
        };
        next += usize::from(*repr != Repr::Zero);
        let wanted = found_params.get(index).copied();
        // A receiver that is given away is lent to the implementation, and ends afterwards.
        let is_lent =
            index == 0 && wanted.and_then(|wanted| wanted.as_ref(db)).map(|it| it.1) == Some(*ty);
        match (wanted, value) {
            (None, _) | (Some(_), Val::Zero) if !is_lent => {}
            _ if is_lent => {
                let ptr = match value {
                    Val::Zero => cx.zero_sized_place(),
                    value => cx.spill(value, *ty),
                };
                given = Some((ptr, *ty));
                machine.push(ptr);
            }
            (_, Val::Scalar(value) | Val::Memory(value)) => machine.push(value),
            _ => {}
        }
    }
    // Nobody knows where this was called from: an empty location.
    if found_params.len() > params.len() {
        machine.extend([Operand::Null, Operand::i32(0), Operand::i32(0)]);
    }
    let target = Instance::func(db, found, found_args);
    let callee = cx.import(target, &found_abi);
    let result = cx.b.call(callee, machine);
    if abi.attrs.noreturn {
        cx.b.unreachable();
        return cx;
    }
    if let Some((ptr, ty)) = given {
        cx.drop_at(ptr, ty);
    }
    cx.b.ret(result);
    cx
}

/// The setter of an interface's property for a class that has none (reference §10.1: a class
/// may implement a property by a getter alone): panics.
pub(crate) fn no_setter<'db>(
    db: &'db dyn Db,
    build: Build,
    instance: Instance,
    func: FuncId,
    symbol: SmolStr,
) -> Emit<'db> {
    let args = instance.args(db);
    let abi = types::abi_of(db, build, instance);
    let mut cx = Emit::new(db, build, symbol, abi.signature);
    let name = &hir_def::signatures::func_signature(db, func).name;
    let name = hir_ty::items::shown_name(name);
    let class = args.ty(db, 0).display(db);
    let text = cx.str_literal(&format!("property `{name}` of `{class}` has no setter"));
    let nowhere = cx.str_literal("");
    let place = [nowhere, Operand::i32(0), Operand::i32(0)];
    cx.call_core("panic_str", std::iter::once(text).chain(place).collect());
    cx.b.unreachable();
    cx
}

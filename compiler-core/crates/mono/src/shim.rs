//! Functions that stand between others: the program's entry, and functions as values.

use base::Db;
use hir_def::{FuncId, VariantDef};
use hir_ty::layout::Shape;
use hir_ty::{GenericArgs, IntTy, Ty, TyKind};
use smol_str::SmolStr;
use ssa::{IntCond, Operand, Signature, Type};

use crate::abi::Abi;
use crate::emit::{Emit, Val};
use crate::error::MonoErrorKind;
use crate::instance::{Instance, InstanceKind};
use crate::key::Build;
use crate::repr::Repr;
use crate::types;

/// The signature of code that is called with an environment: it comes after the result's
/// address and before the arguments.
pub(crate) fn with_environment(abi: &Abi) -> Signature {
    let mut signature = abi.signature.clone();
    signature.params.insert(usize::from(abi.sret), Type::Ptr);
    signature
}

/// The signature of [`InstanceKind::FuncValue`] and [`InstanceKind::CtorValue`].
pub(crate) fn value_signature(db: &dyn Db, build: Build, instance: Instance) -> Signature {
    with_environment(&value_abi(db, build, instance))
}

/// File, line and column of a `@track_caller` function's caller.
const HIDDEN_PARAMS: usize = 3;

pub(crate) fn value_abi(db: &dyn Db, build: Build, instance: Instance) -> Abi {
    let args = instance.args(db);
    match instance.kind(db) {
        InstanceKind::FuncValue(func) => {
            let (mut params, ret) = types::func_types(db, build, func, args);
            if hir_ty::fn_type(db, func).track_caller {
                params.truncate(params.len().saturating_sub(HIDDEN_PARAMS));
            }
            Abi::internal(db, &params, ret)
        }
        InstanceKind::CtorValue(variant) => {
            let fields = hir_ty::signature::field_types(db, variant).iter();
            let params: Vec<Ty> = fields
                .map(|field| types::monomorphic(db, build, *field, args))
                .collect();
            Abi::internal(db, &params, Ty::adt(db, variant.adt(), args))
        }
        _ => Abi::internal(db, &[], Ty::unit(db)),
    }
}

/// The code of a function as a value: forwards everything but the environment.
pub(crate) fn func_value<'db>(
    db: &'db dyn Db,
    build: Build,
    instance: Instance,
    func: FuncId,
    symbol: SmolStr,
) -> Emit<'db> {
    let abi = value_abi(db, build, instance);
    let mut cx = Emit::new(db, build, symbol, with_environment(&abi));
    let count = abi.signature.params.len() + 1;
    let mut args: Vec<Operand> = (0..count)
        .filter(|&index| index != usize::from(abi.sret))
        .map(|index| cx.b.param(index))
        .collect();
    let target = Instance::func(db, func, instance.args(db));
    if !hir_ty::signature::fn_type(db, func).flags.has_body {
        let what = "a foreign function or an intrinsic as a value".into();
        cx.error(MonoErrorKind::Unsupported { what });
        cx.b.trap();
        return cx;
    }
    // Nobody knows where a value is called: an empty location.
    if hir_ty::fn_type(db, func).track_caller {
        args.extend([Operand::Null, Operand::i32(0), Operand::i32(0)]);
    }
    let callee = cx.import(target, &types::abi_of(db, build, target));
    let result = cx.b.call(callee, args);
    match abi.attrs.noreturn {
        true => cx.b.unreachable(),
        false => cx.b.ret(result),
    }
    cx
}

/// The code of a variant's constructor as a value.
pub(crate) fn ctor_value<'db>(
    db: &'db dyn Db,
    build: Build,
    instance: Instance,
    variant: VariantDef,
    symbol: SmolStr,
) -> Emit<'db> {
    let abi = value_abi(db, build, instance);
    let mut cx = Emit::new(db, build, symbol, with_environment(&abi));
    let index = match variant {
        VariantDef::Variant(variant) => variant.index,
        VariantDef::Struct(_) | VariantDef::Union(_) | VariantDef::Class(_) => 0,
    };
    let dest = match abi.sret {
        true => cx.b.param(0),
        false => cx.temp(abi.ret),
    };
    crate::lower::write_tag(&mut cx, dest, abi.ret, index);
    let offsets: Box<[u64]> = match &cx.layout(abi.ret).shape {
        Shape::Struct { offsets } => offsets.clone(),
        Shape::Enum { variants, .. } => variants
            .get(index as usize)
            .map(|variant| variant.offsets.clone())
            .unwrap_or_default(),
        _ => Box::new([0]),
    };
    let mut next = usize::from(abi.sret) + 1;
    for ((ty, repr), offset) in abi.params.iter().zip(&offsets) {
        let value = match repr {
            Repr::Zero => continue,
            Repr::Scalar(_) => Val::Scalar(cx.b.param(next)),
            Repr::Memory => Val::Memory(cx.b.param(next)),
        };
        next += 1;
        let ptr = cx.b.ptr_offset(dest, *offset);
        cx.write(value, ptr, *ty);
    }
    let result = match cx.read(dest, abi.ret) {
        Val::Scalar(value) => Some(value),
        Val::Zero | Val::Memory(_) => None,
    };
    cx.b.ret(result);
    cx
}

/// The exit status of a program whose `main` gave `Err`.
const FAILURE: i32 = 1;

/// `tml_main(argc, argv) -> i32`: start-up, `main`, the status its result stands for.
pub(crate) fn main_shim<'db>(db: &'db dyn Db, build: Build, main: FuncId) -> Emit<'db> {
    let signature = Signature::new([Type::I32, Type::Ptr], Some(Type::I32));
    let mut cx = Emit::new(db, build, crate::symbol::MAIN_SYMBOL.into(), signature);
    cx.item = Some(main.item(db));
    let (argc, argv) = (cx.b.param(0), cx.b.param(1));
    call_if_there(&mut cx, "start", &[argc, argv]);

    let sig = hir_ty::signature::fn_type(db, main);
    if !hir_ty::generics::generics_of(db, hir_def::GenericDef::Func(main)).is_empty()
        || sig.all_params(db).next().is_some()
    {
        cx.error(MonoErrorKind::BadMain {
            reason: "takes no parameters".into(),
        });
    }
    let ret = sig.ret;
    let instance = Instance::func(db, main, GenericArgs::empty(db));
    let abi = Abi::internal(db, &[], ret);
    let callee = cx.import(instance, &abi);
    let memory = abi.sret.then(|| cx.temp(ret));
    let result = cx.b.call(callee, memory.into_iter().collect());

    let status = match ret.kind(db) {
        _ if ret.is_unit(db) || ret.is_never(db) => Operand::i32(0),
        TyKind::Int(IntTy::I32) => result.unwrap_or(Operand::i32(0)),
        TyKind::Adt(adt, args) if is_outcome(db, build, *adt) && args.ty(db, 0).is_unit(db) => {
            outcome_status(&mut cx, ret, memory, result, args.ty(db, 1))
        }
        _ => {
            let reason = "must return `Unit`, `I32` or `Outcome[Unit, E]`".into();
            cx.error(MonoErrorKind::BadMain { reason });
            Operand::i32(0)
        }
    };
    call_if_there(&mut cx, "flush", &[]);
    cx.b.ret(Some(status));
    cx
}

fn is_outcome(db: &dyn Db, build: Build, adt: hir_def::AdtId) -> bool {
    hir_ty::lang::lang_items(db, build.core(db)).is_outcome(adt)
}

/// `core::rt::name(args)`, where the library has it and its parameters fit.
pub(crate) fn call_if_there(cx: &mut Emit<'_>, name: &str, args: &[Operand]) {
    let core = cx.build.core(cx.db);
    let Some(func) = crate::lang::find_func(cx.db, core, &["core", "rt", name]) else {
        return;
    };
    let instance = Instance::func(cx.db, func, GenericArgs::empty(cx.db));
    let abi = types::abi_of(cx.db, cx.build, instance);
    let given: Vec<Type> = args.iter().map(|arg| cx.b.type_of(*arg)).collect();
    if abi.signature.params == given {
        let callee = cx.import(instance, &abi);
        cx.b.call(callee, args.to_vec());
    }
}

/// 0 for `Ok`; for `Err` the library prints the error, and it is 1.
fn outcome_status(
    cx: &mut Emit<'_>,
    outcome: Ty,
    memory: Option<Operand>,
    result: Option<Operand>,
    error: Ty,
) -> Operand {
    let db = cx.db;
    let value = match (memory, result) {
        (Some(ptr), _) => Val::Memory(ptr),
        (None, Some(value)) => Val::Scalar(value),
        (None, None) => return Operand::i32(0),
    };
    let is_err = outcome_is_err(cx, outcome, value, |cx, payload| {
        let env = cx.build.env(db);
        let shown = hir_ty::lang_items(db, cx.build.core(db))
            .display
            .is_some_and(|display| hir_ty::implements(db, env, error, display));
        let name = match shown {
            true => "report_main_error",
            false => "report_main_error_debug",
        };
        let path = ["core", "rt", name];
        let Some(func) = crate::lang::find_func(db, cx.build.core(db), &path) else {
            let path = path.join("::").into();
            cx.error(MonoErrorKind::MissingLang { path });
            return;
        };
        let args = GenericArgs::from_iter(db, [hir_ty::GenericArg::Ty(error)]);
        let instance = Instance::func(db, func, args);
        let abi = types::abi_of(db, cx.build, instance);
        let callee = cx.import(instance, &abi);
        let passed = match cx.read(payload, error) {
            Val::Zero => Vec::new(),
            Val::Scalar(value) | Val::Memory(value) => vec![value],
        };
        cx.b.call(callee, passed);
    });
    cx.b.select(is_err, Operand::i32(FAILURE), Operand::i32(0))
}

/// Whether an `Outcome` is `Err`; if so, `on_error` is given the address of the error first.
pub(crate) fn outcome_is_err(
    cx: &mut Emit<'_>,
    outcome: Ty,
    value: Val,
    on_error: impl FnOnce(&mut Emit<'_>, Operand),
) -> Operand {
    let db = cx.db;
    let ptr = cx.spill(value, outcome);
    let index = crate::glue::discriminant(cx, outcome, ptr);
    let items = hir_ty::lang::lang_items(db, cx.build.core(db));
    let err = items.outcome_variants(db).map_or(1, |(_, err)| err.index);
    let is_err = cx.b.icmp(IntCond::Eq, index, Operand::i32(err as i32));
    let (failed, end) = (cx.b.create_block(), cx.b.create_block());
    cx.b.branch(is_err, failed, end);
    cx.b.switch_to(failed);
    let offset = match &cx.layout(outcome).shape {
        Shape::Enum { variants, .. } => variants
            .get(err as usize)
            .and_then(|v| v.offsets.first())
            .copied(),
        _ => None,
    };
    let payload = cx.b.ptr_offset(ptr, offset.unwrap_or(0));
    on_error(cx, payload);
    cx.b.jump(end);
    cx.b.switch_to(end);
    is_err
}

//! The entry point of a test executable: one program holds all tests of a target, and each run
//! of it runs one. So a test that crashes or ends the process fails only itself, and an edit of
//! one test regenerates one function.
//!
//! ```text
//! tests 4         runs test 4, with the fixtures of its file around it
//! tests 7 1000    runs bench 7 so many times
//! ```

use base::{Db, Package};
use hir_def::FuncId;
use hir_def::attrs::Fixture;
use hir_ty::{GenericArgs, IntTy, Ty, TyKind};
use ssa::{Block, IntCond, Operand, Signature, Type};

use crate::abi::Abi;
use crate::emit::{Emit, Val};
use crate::error::MonoErrorKind;
use crate::instance::Instance;
use crate::key::Build;
use crate::shim::{call_if_there, outcome_is_err};
use crate::tests::{FAILED, PASSED, fixtures, is_bench, package_tests};
use crate::types;

/// The status of a run that chose no test.
const NO_SUCH_TEST: i32 = 2;

/// `tml_main(argc, argv) -> i32`
pub(crate) fn test_shim<'db>(db: &'db dyn Db, build: Build, package: Package) -> Emit<'db> {
    let signature = Signature::new([Type::I32, Type::Ptr], Some(Type::I32));
    let mut cx = Emit::new(db, build, crate::symbol::MAIN_SYMBOL.into(), signature);
    let (argc, argv) = (cx.b.param(0), cx.b.param(1));
    call_if_there(&mut cx, "start", &[argc, argv]);
    let status = Operand::Slot(cx.b.create_slot(4, 4, None), 0);
    cx.b.store(Operand::i32(NO_SUCH_TEST), status, 4);
    let chosen = call(&mut cx, "argument", None, &[argc, argv, Operand::i32(1)]);
    let end = cx.b.create_block();
    if let Some(chosen) = chosen {
        let tests = package_tests(db, package);
        let cases: Vec<_> = (0..tests.len()).map(|_| cx.b.create_block()).collect();
        let numbered = cases.iter().enumerate();
        let numbered = numbered.map(|(number, block)| (number as u128, *block));
        let numbered = numbered.collect();
        cx.b.switch(chosen, numbered, end);
        for (test, block) in tests.iter().zip(cases) {
            cx.b.switch_to(block);
            cx.item = Some(test.item(db));
            one(&mut cx, package, *test, status);
            cx.b.jump(end);
        }
    } else {
        cx.b.jump(end);
    }
    cx.b.switch_to(end);
    call_if_there(&mut cx, "flush", &[]);
    let result = cx.b.load(Type::I32, status, 4);
    cx.b.ret(Some(result));
    cx
}

/// One test between the fixtures of its file, or one bench.
fn one(cx: &mut Emit<'_>, package: Package, test: FuncId, status: Operand) {
    let db = cx.db;
    let around = |cx: &mut Emit<'_>, kind: Fixture| {
        for fixture in fixtures(db, package, test, kind) {
            call_plain(cx, fixture);
        }
    };
    around(cx, Fixture::BeforeAll);
    around(cx, Fixture::BeforeEach);
    let attrs = &hir_def::signatures::func_signature(db, test).attrs;
    let has_end = [Fixture::AfterEach, Fixture::AfterAll]
        .into_iter()
        .any(|kind| !fixtures(db, package, test, kind).is_empty());
    let is_bench = is_bench(attrs);
    // Where a panic of the test goes on, if something is to be done after it.
    let panicked = (has_end && !is_bench).then(|| cx.b.create_block());
    let code = match is_bench {
        true => bench(cx, test),
        false => judged(cx, test, panicked),
    };
    cx.b.store(code, status, 4);
    around(cx, Fixture::AfterEach);
    around(cx, Fixture::AfterAll);
    let Some(panicked) = panicked else { return };
    let end = cx.b.create_block();
    cx.b.jump(end);
    cx.b.switch_to(panicked);
    call(cx, "test_panicked", None, &[]);
    around(cx, Fixture::AfterEach);
    around(cx, Fixture::AfterAll);
    call(cx, "end_panicked", None, &[]);
    cx.b.trap();
    cx.b.switch_to(end);
}

/// Calls a function without parameters, whatever it returns.
fn call_plain(cx: &mut Emit<'_>, func: FuncId) -> (Ty, Option<Operand>, Option<Operand>) {
    let db = cx.db;
    let ret = hir_ty::signature::fn_type(db, func).ret;
    let abi = Abi::internal(db, &[], ret);
    let instance = Instance::func(db, func, GenericArgs::empty(db));
    let callee = cx.import(instance, &abi);
    let memory = abi.sret.then(|| cx.temp(ret));
    let result = cx.b.call(callee, memory.into_iter().collect());
    (ret, memory, result)
}

/// Runs a test; the status that its result stands for.
fn judged(cx: &mut Emit<'_>, test: FuncId, panicked: Option<Block>) -> Operand {
    let db = cx.db;
    let (ret, memory, result) = call_plain(cx, test);
    if let Some(panicked) = panicked {
        let returned = cx.b.create_block();
        cx.b.invoke(returned, panicked);
        cx.b.switch_to(returned);
    }
    let passes = match ret.kind(db) {
        TyKind::Int(IntTy::I32) => call(cx, "number_passes", None, result.as_slice()),
        TyKind::Bool => call(cx, "truth_passes", None, result.as_slice()),
        TyKind::Adt(adt, args) => {
            let items = hir_ty::lang::lang_items(db, cx.build.core(db));
            if !items.is_outcome(*adt) {
                return Operand::i32(PASSED);
            }
            let error = args.ty(db, 1);
            let printer = error_printer(cx, error);
            let value = match (memory, result) {
                (Some(ptr), _) => Val::Memory(ptr),
                (None, Some(value)) => Val::Scalar(value),
                (None, None) => Val::Zero,
            };
            let is_err = outcome_is_err(cx, ret, value, |cx, payload| {
                let Some(printer) = printer else { return };
                let passed = match cx.read(payload, error) {
                    Val::Zero => Vec::new(),
                    Val::Scalar(value) | Val::Memory(value) => vec![value],
                };
                call(cx, printer, Some(error), &passed);
            });
            Some(cx.b.not(is_err))
        }
        // Whoever returns, passes.
        _ => return Operand::i32(PASSED),
    };
    match passes {
        Some(passes) => {
            let passes = match cx.b.type_of(passes) {
                Type::I1 => passes,
                ty => cx.b.icmp(IntCond::Ne, passes, Operand::int(ty, 0)),
            };
            cx.b.select(passes, Operand::i32(PASSED), Operand::i32(FAILED))
        }
        None => Operand::i32(PASSED),
    }
}

/// What of the library shows an error of this type.
fn error_printer(cx: &Emit<'_>, error: Ty) -> Option<&'static str> {
    let db = cx.db;
    let items = hir_ty::lang::lang_items(db, cx.build.core(db));
    let is = |behavior: Option<hir_def::BehaviorId>| {
        behavior.is_some_and(|it| hir_ty::implements(db, cx.build.env(db), error, it))
    };
    if is(items.display) {
        Some("report_error")
    } else if is(items.debug) {
        Some("report_debug_error")
    } else {
        None
    }
}

/// Runs a bench as often as the second argument says, and reports the time.
fn bench(cx: &mut Emit<'_>, test: FuncId) -> Operand {
    let (argc, argv) = (cx.b.param(0), cx.b.param(1));
    let rounds = call(cx, "argument", None, &[argc, argv, Operand::i32(2)]);
    let start = call(cx, "now", None, &[]);
    let (Some(rounds), Some(start)) = (rounds, start) else {
        return Operand::i32(PASSED);
    };
    let counter = Operand::Slot(cx.b.create_slot(8, 8, None), 0);
    cx.b.store(Operand::i64(0), counter, 8);
    let (head, body, done) = (
        cx.b.create_block(),
        cx.b.create_block(),
        cx.b.create_block(),
    );
    cx.b.jump(head);
    cx.b.switch_to(head);
    let count = cx.b.load(Type::I64, counter, 8);
    let goes_on = cx.b.icmp(IntCond::Slt, count, rounds);
    cx.b.branch(goes_on, body, done);
    cx.b.switch_to(body);
    call_plain(cx, test);
    let count = cx.b.load(Type::I64, counter, 8);
    let next = cx.b.binary(ssa::BinaryOp::Add, count, Operand::i64(1));
    cx.b.store(next, counter, 8);
    cx.b.jump(head);
    cx.b.switch_to(done);
    call(cx, "report_bench", None, &[start, rounds]);
    Operand::i32(PASSED)
}

/// `core::testing::name[arg](args)`
fn call(cx: &mut Emit<'_>, name: &str, arg: Option<Ty>, args: &[Operand]) -> Option<Operand> {
    let db = cx.db;
    let path = ["core", "testing", name];
    let Some(func) = crate::lang::find_func(db, cx.build.core(db), &path) else {
        let path = path.join("::").into();
        cx.error(MonoErrorKind::MissingLang { path });
        return None;
    };
    let generics = arg.into_iter().map(hir_ty::GenericArg::Ty);
    let instance = Instance::func(db, func, GenericArgs::from_iter(db, generics));
    let abi = types::abi_of(db, cx.build, instance);
    let callee = cx.import(instance, &abi);
    cx.b.call(callee, args.to_vec())
}

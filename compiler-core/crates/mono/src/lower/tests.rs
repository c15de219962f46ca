//! Lowering of hand-made MIR, run in the interpreter: the numbers of reference §3.2.

use std::sync::Arc;

use hir_def::{BodyOwner, FuncId};
use hir_ty::{CastKind as AsKind, FloatTy, GenericArgs, IntTy, Ty};
use mir::{
    BinaryOp, Block, Body, CastKind, Local, LocalDecl, LocalKind, Operand, Phase, Place, Rvalue,
    SourceInfo, Statement, StatementKind, Terminator, TerminatorKind, UnaryOp,
};
use smol_str::SmolStr;
use ssa::interp::{Interpreter, Limits, NoHost, Program};
use ssa::{DebugInfo, Function, Global, OptLevel};
use stdx::DenseMap;
use testkit::TestDb;

use crate::abi::Abi;
use crate::key::{Build, Profile};
use crate::queries;
use crate::repr::{Repr, repr_of};

struct Case {
    db: TestDb,
    func: FuncId,
    build: Build,
}

/// A function and the glue that it calls.
struct Functions<'a> {
    case: &'a Case,
    main: Arc<Function>,
    callees: Vec<(SmolStr, crate::Instance)>,
}

impl Program for Functions<'_> {
    fn function(&self, symbol: &str) -> Option<Arc<Function>> {
        if symbol == self.main.symbol {
            return Some(Arc::clone(&self.main));
        }
        let (_, instance) = self.callees.iter().find(|(known, _)| known == symbol)?;
        Some(queries::ssa_optimized(&self.case.db, *instance, self.case.build).clone())
    }

    fn global(&self, _: &str) -> Option<Arc<Global>> {
        None
    }
}

impl Case {
    fn new() -> Case {
        let (db, fixture) = TestDb::with_fixture("func main() {}\n");
        let package = fixture.main_package();
        let profile = Profile::new(&db, OptLevel::O0, DebugInfo::None, true, false, None);
        let build = Build::of(&db, package, profile);
        let func = crate::plan::main_of(&db, package).expect("main");
        Case { db, func, build }
    }

    fn int(&self, name: &str) -> Ty {
        match name {
            "F32" => Ty::float(&self.db, FloatTy::F32),
            "F64" => Ty::float(&self.db, FloatTy::F64),
            "Bool" => Ty::bool(&self.db),
            "Char" => Ty::char(&self.db),
            _ => Ty::int(&self.db, IntTy::from_name(name).expect("a type")),
        }
    }

    /// `_0 = rvalue(_1, _2)`, called with the bits of the parameters.
    fn run(&self, params: &[Ty], ret: Ty, value: Rvalue, args: &[u128]) -> u128 {
        let mut locals: DenseMap<Local, LocalDecl> = DenseMap::new();
        let kinds = std::iter::once((ret, LocalKind::Return))
            .chain(params.iter().map(|ty| (*ty, LocalKind::Arg)));
        for (ty, kind) in kinds {
            let source = SourceInfo::BODY;
            locals.push(LocalDecl {
                ty,
                name: None,
                mutable: false,
                kind,
                source,
            });
        }
        let mut blocks = DenseMap::new();
        blocks.push(Block {
            statements: vec![Statement {
                kind: StatementKind::Assign(Place::local(Local::RETURN), value),
                source: SourceInfo::BODY,
            }],
            terminator: Terminator {
                kind: TerminatorKind::Return,
                source: SourceInfo::BODY,
            },
        });
        let body = Body {
            owner: BodyOwner::Func(self.func),
            phase: Phase::Final,
            locals,
            blocks,
            arg_count: params.len() as u32,
            track_caller: false,
            closure: None,
            is_async: false,
            closures: Vec::new(),
            held: Default::default(),
        };
        let db = &self.db;
        let abi = Abi::internal(db, params, ret);
        let args_of = GenericArgs::empty(db);
        let owner = BodyOwner::Func(self.func);
        let cx = super::lower_body(db, self.build, owner, &body, args_of, "f".into(), &abi);
        assert_eq!(cx.uses.errors, []);
        let callees: Vec<_> = cx.uses.callees.clone().into_iter().collect();
        let mut function = cx.b.finish();
        ssa::verify::verify(&function).unwrap_or_else(|e| panic!("{e:?}\n{function}"));
        let plain = self.interpret(Arc::new(function.clone()), &callees, args);
        ssa::pipeline::Pipeline::for_level(OptLevel::O2).run(&mut function, &ssa::Unknown);
        ssa::verify::verify(&function).unwrap_or_else(|e| panic!("{e:?}\n{function}"));
        let optimized = self.interpret(Arc::new(function), &callees, args);
        assert_eq!(plain, optimized);
        plain
    }

    fn interpret(
        &self,
        main: Arc<Function>,
        callees: &[(SmolStr, crate::Instance)],
        args: &[u128],
    ) -> u128 {
        let program = Functions {
            case: self,
            main,
            callees: callees.to_vec(),
        };
        let mut host = NoHost;
        let mut interpreter = Interpreter::new(&program, &mut host, Limits::default());
        let result = interpreter
            .call("f", args)
            .unwrap_or_else(|stop| panic!("{stop:?}"));
        result.expect("a result")
    }

    fn bits(&self, ty: Ty, value: i128) -> u128 {
        match repr_of(&self.db, ty) {
            Repr::Scalar(scalar) => value as u128 & scalar.mask(),
            _ => 0,
        }
    }

    fn binary(&self, name: &str, op: BinaryOp, a: i128, b: i128) -> i128 {
        let ty = self.int(name);
        let ret = if op.is_comparison() {
            Ty::bool(&self.db)
        } else {
            ty
        };
        let value = Rvalue::Binary(op, copy(1), copy(2));
        let args = [self.bits(ty, a), self.bits(ty, b)];
        let bits = self.run(&[ty, ty], ret, value, &args);
        match ret.as_int(&self.db) {
            Some(int) => int.wrap(bits as i128),
            None => bits as i128,
        }
    }

    fn float(&self, op: BinaryOp, a: f64, b: f64) -> f64 {
        let ty = self.int("F64");
        let value = Rvalue::Binary(op, copy(1), copy(2));
        let args = [u128::from(a.to_bits()), u128::from(b.to_bits())];
        f64::from_bits(self.run(&[ty, ty], ty, value, &args) as u64)
    }

    fn overflows(&self, name: &str, op: BinaryOp, a: i128, b: i128) -> bool {
        let ty = self.int(name);
        let value = Rvalue::Overflows(op, copy(1), copy(2));
        let args = [self.bits(ty, a), self.bits(ty, b)];
        self.run(&[ty, ty], Ty::bool(&self.db), value, &args) == 1
    }

    fn cast(&self, kind: AsKind, from: &str, to: &str, bits: u128) -> u128 {
        let (from, to) = (self.int(from), self.int(to));
        self.run(
            &[from],
            to,
            Rvalue::Cast(CastKind::As(kind), copy(1), to),
            &[bits],
        )
    }
}

fn copy(local: u32) -> Operand {
    Operand::Copy(Place::local(Local(local)))
}

#[test]
fn integer_arithmetic_wraps() {
    let case = Case::new();
    let table: &[(&str, BinaryOp, i128, i128, i128)] = &[
        ("I32", BinaryOp::Add, 2147483647, 1, -2147483648),
        ("U8", BinaryOp::Add, 250, 10, 4),
        ("I8", BinaryOp::Mul, -128, -128, 0),
        ("U32", BinaryOp::Sub, 0, 1, 4294967295),
        ("I64", BinaryOp::Mul, i64::MAX as i128, 2, -2),
        ("I128", BinaryOp::Add, i128::MAX, 1, i128::MIN),
        ("I32", BinaryOp::Div, -2147483648, -1, -2147483648),
        ("I32", BinaryOp::Rem, -2147483648, -1, 0),
        ("I32", BinaryOp::Div, -7, 2, -3),
        ("I32", BinaryOp::Rem, -7, 2, -1),
        ("U8", BinaryOp::Div, 255, 2, 127),
        ("I8", BinaryOp::Div, 7, -1, -7),
        ("I128", BinaryOp::Div, i128::MIN, -1, i128::MIN),
        ("I128", BinaryOp::Div, i128::MIN, 10, i128::MIN / 10),
        ("I128", BinaryOp::Rem, i128::MIN, 10, -8),
        ("I128", BinaryOp::Rem, -7, 2, -1),
        ("U128", BinaryOp::Div, -1, -2, 1),
        ("U128", BinaryOp::Rem, -1, -2, 1),
        (
            "U128",
            BinaryOp::Div,
            -1,
            1 << 70,
            (u128::MAX / (1 << 70)) as i128,
        ),
        ("I32", BinaryOp::Shl, 1, 33, 2),
        ("I8", BinaryOp::Shr, -128, 7, -1),
        ("U8", BinaryOp::Shr, 128, 7, 1),
        ("I32", BinaryOp::Shl, 1, -1, -2147483648),
        ("I32", BinaryOp::BitXor, 12, 10, 6),
        ("I32", BinaryOp::Pow, 2, 10, 1024),
        ("I32", BinaryOp::Pow, -2, 3, -8),
        ("I32", BinaryOp::Pow, 3, 0, 1),
        ("I32", BinaryOp::Pow, 2, 32, 0),
        ("U8", BinaryOp::Pow, 3, 6, 729 % 256),
        ("I32", BinaryOp::Lt, -1, 0, 1),
        ("U32", BinaryOp::Lt, 4294967295, 0, 0),
        ("I32", BinaryOp::Ge, 3, 3, 1),
    ];
    for (ty, op, a, b, expected) in table {
        assert_eq!(
            case.binary(ty, *op, *a, *b),
            *expected,
            "{a} {} {b}: {ty}",
            op.name()
        );
    }
}

#[test]
fn overflow_checks_see_what_wraps() {
    let case = Case::new();
    let table: &[(&str, BinaryOp, i128, i128, bool)] = &[
        ("I32", BinaryOp::Add, 2147483647, 1, true),
        ("I32", BinaryOp::Add, 2147483647, 0, false),
        ("U8", BinaryOp::Sub, 0, 1, true),
        ("I8", BinaryOp::Mul, -128, -1, true),
        ("I32", BinaryOp::Div, -2147483648, -1, true),
        ("I32", BinaryOp::Div, -2147483648, 1, false),
        ("I8", BinaryOp::Shl, 64, 1, true),
        ("U8", BinaryOp::Shl, 64, 1, false),
        ("I32", BinaryOp::Pow, 2, 30, false),
        ("I32", BinaryOp::Pow, 2, 31, true),
        ("I32", BinaryOp::Pow, -2, 31, false),
        ("U8", BinaryOp::Pow, 3, 5, false),
        ("U8", BinaryOp::Pow, 3, 6, true),
        ("U8", BinaryOp::Pow, 16, 1, false),
    ];
    for (ty, op, a, b, expected) in table {
        assert_eq!(
            case.overflows(ty, *op, *a, *b),
            *expected,
            "{a} {} {b}: {ty}",
            op.name()
        );
    }
}

#[test]
fn floats_follow_ieee() {
    let case = Case::new();
    assert_eq!(case.float(BinaryOp::Rem, 7.5, 2.0), 1.5);
    assert_eq!(case.float(BinaryOp::Rem, -7.5, 2.0), -1.5);
    assert_eq!(case.float(BinaryOp::Div, 1.0, 0.0), f64::INFINITY);
    assert!(case.float(BinaryOp::Div, 0.0, 0.0).is_nan());
    assert_eq!(case.float(BinaryOp::Pow, 2.0, 0.5), 2f64.sqrt());
    // An integer exponent, also a negative one.
    let (f64_ty, i32_ty) = (case.int("F64"), case.int("I32"));
    let value = Rvalue::Binary(BinaryOp::Pow, copy(1), copy(2));
    let args = [u128::from(2f64.to_bits()), case.bits(i32_ty, -2)];
    let bits = case.run(&[f64_ty, i32_ty], f64_ty, value, &args);
    assert_eq!(f64::from_bits(bits as u64), 0.25);
}

#[test]
fn negation_and_complement() {
    let case = Case::new();
    let i8_ty = case.int("I8");
    let neg = |bits| {
        case.run(
            &[i8_ty],
            i8_ty,
            Rvalue::Unary(UnaryOp::Neg, copy(1)),
            &[bits],
        )
    };
    assert_eq!(neg(0x80), 0x80);
    let not = Rvalue::Unary(UnaryOp::Not, copy(1));
    assert_eq!(case.run(&[i8_ty], i8_ty, not.clone(), &[5]), 0xfa);
    let bool_ty = case.int("Bool");
    assert_eq!(case.run(&[bool_ty], bool_ty, not, &[1]), 0);
}

#[test]
fn casts_truncate_extend_and_saturate() {
    let case = Case::new();
    let float = |value: f64| u128::from(value.to_bits());
    let table: &[(AsKind, &str, &str, u128, u128)] = &[
        (AsKind::IntToInt, "I32", "U8", 300, 44),
        (AsKind::IntToInt, "I8", "I64", 0xfb, 0xffff_ffff_ffff_fffb),
        (AsKind::IntToInt, "U8", "I64", 0xfb, 0xfb),
        (AsKind::IntToInt, "I64", "I128", u64::MAX as u128, u128::MAX),
        (AsKind::FloatToInt, "F64", "I32", float(3.99), 3),
        (AsKind::FloatToInt, "F64", "I32", float(-3.99), 0xffff_fffd),
        (AsKind::FloatToInt, "F64", "I32", float(1e20), 0x7fff_ffff),
        (AsKind::FloatToInt, "F64", "U32", float(-1.0), 0),
        (AsKind::FloatToInt, "F64", "I32", float(f64::NAN), 0),
        (AsKind::IntToFloat, "I32", "F64", 0xffff_ffff, float(-1.0)),
        (
            AsKind::IntToFloat,
            "U32",
            "F64",
            0xffff_ffff,
            float(4294967295.0),
        ),
        (
            AsKind::FloatToFloat,
            "F64",
            "F32",
            float(0.5),
            0.5f32.to_bits() as u128,
        ),
        (AsKind::BoolToInt, "Bool", "I32", 1, 1),
        (AsKind::IntToBool, "I32", "Bool", 256, 1),
        (AsKind::IntToBool, "I32", "Bool", 0, 0),
        (AsKind::CharToInt, "Char", "U8", 0x141, 0x41),
        (AsKind::IntToChar, "U8", "Char", 0x41, 0x41),
        (AsKind::IntToChar, "I32", "Char", 0xD800, 0xFFFD),
        (AsKind::IntToChar, "I32", "Char", 0xE000, 0xE000),
        (AsKind::IntToChar, "I32", "Char", 0x10FFFF, 0x10FFFF),
        (AsKind::IntToChar, "I32", "Char", 0x110000, 0xFFFD),
        (AsKind::IntToChar, "I8", "Char", 0xff, 0xFFFD),
        (AsKind::IntToChar, "U64", "Char", 0x1_0000_0041, 0xFFFD),
    ];
    for (kind, from, to, bits, expected) in table {
        assert_eq!(
            case.cast(*kind, from, to, *bits),
            *expected,
            "{bits:#x}: {from} as {to}"
        );
    }
}

#[test]
fn indexes_are_compared_without_truncation() {
    let case = Case::new();
    let in_bounds = |ty: &str, index: i128, len: i128| {
        let (index_ty, len_ty) = (case.int(ty), case.int("I64"));
        let value = Rvalue::InBounds {
            index: copy(1),
            len: copy(2),
        };
        let args = [case.bits(index_ty, index), case.bits(len_ty, len)];
        case.run(&[index_ty, len_ty], Ty::bool(&case.db), value, &args) == 1
    };
    assert!(in_bounds("I32", 2, 3));
    assert!(!in_bounds("I32", 3, 3));
    assert!(!in_bounds("I8", -1, 300));
    assert!(in_bounds("U8", 255, 300));
    assert!(!in_bounds("U64", u64::MAX as i128, 3));
    assert!(!in_bounds("I128", 1 << 64, 3));
}

#[test]
fn wide_integers_and_floats_convert_like_the_host() {
    let case = Case::new();
    let ints: [i128; 12] = [
        0,
        1,
        -1,
        3,
        i128::MAX,
        i128::MIN,
        1 << 64,
        (1 << 53) + 1,
        (1 << 100) + (1 << 47),
        (1 << 100) + (1 << 47) + 1,
        -(1 << 90) - 12345,
        0x7fff_ffff_ffff_fc00,
    ];
    for value in ints {
        let cast = |from, to| case.cast(AsKind::IntToFloat, from, to, value as u128);
        assert_eq!(
            cast("I128", "F64"),
            u128::from((value as f64).to_bits()),
            "{value}"
        );
        assert_eq!(
            cast("I128", "F32"),
            u128::from((value as f32).to_bits()),
            "{value}"
        );
        assert_eq!(
            cast("U128", "F64"),
            u128::from((value as u128 as f64).to_bits()),
            "{value}"
        );
        assert_eq!(
            cast("U128", "F32"),
            u128::from((value as u128 as f32).to_bits()),
            "{value}"
        );
    }
    let floats = [
        0.0,
        -0.0,
        0.99,
        -1.5,
        1e10,
        -1e30,
        1e38,
        1e39,
        -1e39,
        f64::NAN,
        f64::INFINITY,
        2f64.powi(127),
        -(2f64.powi(127)),
        2f64.powi(128),
        5e-324,
    ];
    for value in floats {
        let cast = |from, to, bits| case.cast(AsKind::FloatToInt, from, to, bits);
        let bits = u128::from(value.to_bits());
        assert_eq!(cast("F64", "I128", bits), value as i128 as u128, "{value}");
        assert_eq!(cast("F64", "U128", bits), value as u128, "{value}");
        let single = value as f32;
        let bits = u128::from(single.to_bits());
        assert_eq!(
            cast("F32", "I128", bits),
            single as i128 as u128,
            "{single}"
        );
    }
}

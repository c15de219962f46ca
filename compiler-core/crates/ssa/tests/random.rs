//! Random functions: the pipeline keeps what they compute, every pass leaves
//! verified IR, and the text form loses nothing.
//!
//! Programs terminate and guard what the IR wants guarded, so each run has a
//! defined result. A failure names its seed.

use std::sync::Arc;

use ssa::interp::{Interpreter, Limits, NoHost};
use ssa::passes;
use ssa::pipeline::Observe;
use ssa::{
    BinaryOp, CastOp, Function, FunctionBuilder, IntCond, Intrinsic, Module, Operand, OptLevel,
    Pipeline, Signature, Slot, Type, Unknown, parse_function, verify,
};

const PROGRAM_COUNT: u64 = 300;

#[test]
fn random_functions_survive_everything() {
    for seed in 1..=PROGRAM_COUNT {
        let func = random_function(seed);
        check_verified(&func, &format!("seed {seed}, as generated"));
        let expected = results(&func);

        let mut compact = func.clone();
        compact.compact();
        assert_eq!(
            parse_function(&compact.to_string()).as_ref(),
            Ok(&compact),
            "seed {seed}"
        );
        assert_eq!(compact.key(), func.key(), "seed {seed}");

        for &pass in passes::ALL {
            let mut changed = func.clone();
            pass.run(&mut changed, &Unknown);
            check_verified(&changed, &format!("seed {seed}, {}\nof\n{func}", pass.name));
            assert_eq!(
                results(&changed),
                expected,
                "seed {seed}, {}\n{func}",
                pass.name
            );
        }

        let pipeline = Pipeline::for_level(OptLevel::O2);
        let mut optimized = func.clone();
        let mut observe = Observe {
            verify_after: true,
            ..Observe::default()
        };
        let run = pipeline.run_observed(&mut optimized, &Unknown, &mut observe);
        assert!(run.is_ok(), "seed {seed}: {run:?}\n{func}");
        assert_eq!(
            results(&optimized),
            expected,
            "seed {seed}\n{func}\n{optimized}"
        );

        let mut again = func;
        pipeline.run(&mut again, &Unknown);
        assert_eq!(again, optimized, "seed {seed}: not deterministic");
    }
}

fn check_verified(func: &Function, place: &str) {
    if let Err(errors) = verify(func) {
        let errors: Vec<String> = errors.iter().map(|error| error.to_string()).collect();
        panic!("{place}\n{func}\n{}", errors.join("\n"));
    }
}

fn results(func: &Function) -> Vec<Option<u128>> {
    let module = Module {
        globals: Vec::new(),
        functions: vec![Arc::new(func.clone())],
    };
    let inputs: [[u128; 2]; 4] = [
        [0, 0],
        [1, 1 << 63],
        [u32::MAX.into(), 77],
        [12345, 1 << 31],
    ];
    let run = |args: &[u128; 2]| {
        let mut host = NoHost;
        let mut interpreter = Interpreter::new(&module, &mut host, Limits::default());
        interpreter
            .call(&func.symbol, args)
            .unwrap_or_else(|stop| panic!("{stop:?}\n{func}"))
    };
    inputs.iter().map(run).collect()
}

// Generation.

fn random_function(seed: u64) -> Function {
    let signature = Signature::new([Type::I32, Type::I64], Some(Type::I64));
    let mut builder = FunctionBuilder::new("random", signature);
    let mut variables = Vec::new();
    for ty in [
        Type::I32,
        Type::I64,
        Type::I8,
        Type::I64,
        Type::F64,
        Type::I1,
    ] {
        variables.push((builder.create_slot(16, 8, None), 0, ty));
    }
    // Two fields of one slot, and a slot that is accessed with two types.
    variables.push((variables[0].0, 8, Type::I32));
    let mixed = builder.create_slot(8, 8, None);
    variables.extend([(mixed, 0, Type::I64), (mixed, 0, Type::F64)]);
    // Structs that are copied to each other and to memory whose address is known elsewhere.
    let [a, b, outside] = [(); 3].map(|()| builder.create_slot(16, 8, None));
    for (slot, offset, ty) in [(a, 0, Type::I32), (a, 8, Type::I64), (a, 5, Type::I1)] {
        variables.push((slot, offset, ty));
    }
    variables.extend([(b, 0, Type::I32), (b, 8, Type::I64), (b, 6, Type::I8)]);
    if seed.is_multiple_of(3) {
        variables.push((b, 4, Type::I32));
    }
    let outside = Operand::Slot(outside, 0);
    builder.memset(outside, Operand::i8(3), Operand::i64(16), 8);
    let address = builder.cast(CastOp::PtrToInt, outside, Type::I64);
    let outside = builder.cast(CastOp::IntToPtr, address, Type::Ptr);
    let structs = vec![Operand::Slot(a, 0), Operand::Slot(b, 0), outside];
    let random = seed * 0x9e37_79b9;
    let generator = Generator {
        builder,
        variables,
        structs,
        random,
        budget: 60,
    };
    generator.function()
}

struct Generator {
    builder: FunctionBuilder,
    variables: Vec<(Slot, i64, Type)>,
    /// Addresses of 16 bytes each.
    structs: Vec<Operand>,
    random: u64,
    /// Statements that may still be made.
    budget: u32,
}

impl Generator {
    fn function(mut self) -> Function {
        for (slot, offset, ty) in self.variables.clone() {
            self.builder
                .store(Operand::zero(ty), Operand::Slot(slot, offset), 1);
        }
        self.statements(3);
        let mut sum = self.builder.param(1);
        for (slot, offset, ty) in self.variables.clone() {
            let value = self.builder.load(ty, Operand::Slot(slot, offset), 1);
            let wide = self.convert(value, ty, Type::I64);
            let mixed = self.builder.binary(BinaryOp::Mul, sum, Operand::i64(31));
            sum = self.builder.binary(BinaryOp::Add, mixed, wide);
        }
        for at in [0, 8] {
            let ptr = self.builder.ptr_offset(self.structs[2], at);
            let outside = self.builder.load(Type::I64, ptr, 8);
            sum = self.builder.binary(BinaryOp::Add, sum, outside);
        }
        self.builder.ret(Some(sum));
        self.builder.finish()
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random % bound
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }

    fn statements(&mut self, depth: u32) {
        for _ in 0..1 + self.below(5) {
            if self.budget == 0 {
                return;
            }
            self.budget -= 1;
            match self.below(if depth == 0 { 5 } else { 9 }) {
                0..=3 => {
                    let variables = self.variables.clone();
                    let (slot, offset, ty) = self.pick(&variables);
                    let value = self.value(ty, 2);
                    self.builder.store(value, Operand::Slot(slot, offset), 1);
                }
                4 => self.copy(),
                5 | 6 => self.if_(depth),
                7 => self.loop_(depth),
                _ => self.switch(depth),
            }
        }
    }

    fn copy(&mut self) {
        let structs = self.structs.clone();
        let (dst, src) = (self.pick(&structs), self.pick(&structs));
        let whole = self.below(2) == 0;
        let (at, size) = if whole {
            (0, 16)
        } else {
            self.pick(&[(0, 8), (8, 8), (0, 4)])
        };
        let to = self.builder.ptr_offset(dst, at);
        let from = self.builder.ptr_offset(src, at);
        match self.below(5) {
            0 => self
                .builder
                .memset(to, Operand::i8(0), Operand::i64(size), 4),
            // Moving within a struct keeps it whole: seldom, to see the other case too.
            _ if dst == src && self.below(12) > 0 => {}
            _ if dst == src => self.builder.memmove(to, from, Operand::i64(size), 4),
            _ => self.builder.memcpy(to, from, Operand::i64(size), 4),
        }
    }

    fn if_(&mut self, depth: u32) {
        let cond = self.value(Type::I1, 2);
        let [on_true, on_false, join] = [(); 3].map(|()| self.builder.create_block());
        self.builder.branch(cond, on_true, on_false);
        for block in [on_true, on_false] {
            self.builder.switch_to(block);
            self.statements(depth - 1);
            self.builder.jump(join);
        }
        self.builder.switch_to(join);
    }

    /// Runs up to three times.
    fn loop_(&mut self, depth: u32) {
        let counter = Operand::Slot(self.builder.create_slot(4, 4, None), 0);
        self.builder.store(Operand::i32(0), counter, 4);
        let [head, body, done] = [(); 3].map(|()| self.builder.create_block());
        self.builder.jump(head);
        self.builder.switch_to(head);
        let count = self.builder.load(Type::I32, counter, 4);
        let bound = Operand::i32(self.below(4) as i32);
        let more = self.builder.icmp(IntCond::Slt, count, bound);
        self.builder.branch(more, body, done);
        self.builder.switch_to(body);
        let next = self.builder.binary(BinaryOp::Add, count, Operand::i32(1));
        self.builder.store(next, counter, 4);
        self.statements(depth - 1);
        if self.below(3) == 0 {
            let leave = self.value(Type::I1, 1);
            self.builder.branch(leave, done, head);
        } else {
            self.builder.jump(head);
        }
        self.builder.switch_to(done);
    }

    fn switch(&mut self, depth: u32) {
        let value = self.value(Type::I8, 2);
        let [one, two, other, join] = [(); 4].map(|()| self.builder.create_block());
        self.builder.switch(
            value,
            vec![(0, one), (1, two), (255, one), (7, join)],
            other,
        );
        for block in [one, two, other] {
            self.builder.switch_to(block);
            self.statements(depth - 1);
            self.builder.jump(join);
        }
        self.builder.switch_to(join);
    }

    fn value(&mut self, ty: Type, depth: u32) -> Operand {
        if depth == 0 || self.below(4) == 0 {
            return self.leaf(ty);
        }
        match (ty, self.below(8)) {
            (_, 0) => {
                let cond = self.value(Type::I1, depth - 1);
                let (a, b) = (self.value(ty, depth - 1), self.value(ty, depth - 1));
                self.builder.select(cond, a, b)
            }
            (_, 1) => {
                let from = self.pick(&[Type::I8, Type::I32, Type::I64, Type::F64]);
                let value = self.value(from, depth - 1);
                self.convert(value, from, ty)
            }
            (Type::I1, 2..=4) => {
                let of = self.pick(&[Type::I8, Type::I32, Type::I64]);
                let (a, b) = (self.value(of, depth - 1), self.value(of, depth - 1));
                let cond = self.pick(IntCond::ALL);
                self.builder.icmp(cond, a, b)
            }
            (Type::I1, 5) => {
                let (a, b) = (
                    self.value(Type::F64, depth - 1),
                    self.value(Type::F64, depth - 1),
                );
                let cond = self.pick(ssa::FloatCond::ALL);
                self.builder.fcmp(cond, a, b)
            }
            (Type::I1, 6) => {
                let (a, b) = (
                    self.value(Type::I32, depth - 1),
                    self.value(Type::I32, depth - 1),
                );
                let op = self.pick(&[Intrinsic::SAddOverflow, Intrinsic::UMulOverflow]);
                self.builder.intrinsic(op, Type::I32, vec![a, b])
            }
            (Type::F64, _) => {
                let (a, b) = (self.value(ty, depth - 1), self.value(ty, depth - 1));
                let op = self.pick(&[BinaryOp::FAdd, BinaryOp::FSub, BinaryOp::FMul]);
                self.builder.binary(op, a, b)
            }
            _ => self.integer(ty, depth),
        }
    }

    fn integer(&mut self, ty: Type, depth: u32) -> Operand {
        let ops = [
            BinaryOp::Add,
            BinaryOp::Sub,
            BinaryOp::Mul,
            BinaryOp::And,
            BinaryOp::Or,
            BinaryOp::Xor,
            BinaryOp::Shl,
            BinaryOp::AShr,
            BinaryOp::LShr,
            BinaryOp::UDiv,
            BinaryOp::URem,
            BinaryOp::SDiv,
        ];
        let op = self.pick(&ops);
        let (lhs, mut rhs) = (self.value(ty, depth - 1), self.value(ty, depth - 1));
        let bits = u128::from(ty.bits());
        match op {
            BinaryOp::Shl | BinaryOp::AShr | BinaryOp::LShr => {
                rhs = self
                    .builder
                    .binary(BinaryOp::And, rhs, Operand::int(ty, bits - 1));
            }
            // Odd, so never zero.
            BinaryOp::UDiv | BinaryOp::URem => {
                rhs = self.builder.binary(BinaryOp::Or, rhs, Operand::int(ty, 1));
            }
            BinaryOp::SDiv => {
                let divisor = 1 + self.below(9).min(ty.mask() as u64 >> 1) as i64;
                rhs = Operand::signed(ty, divisor.into());
                if ty == Type::I1 {
                    return lhs;
                }
            }
            _ => {}
        }
        self.builder.binary(op, lhs, rhs)
    }

    fn leaf(&mut self, ty: Type) -> Operand {
        match self.below(3) {
            0 => {
                let interesting = [0, 1, 2, 8, u128::MAX, 1 << 7, 1 << 31, 100, u128::MAX - 1];
                match ty {
                    Type::F64 => Operand::f64(self.pick(&[0.0, -1.5, 1e10, 0.1, 3.0])),
                    _ => Operand::int(ty, self.pick(&interesting)),
                }
            }
            1 if ty == Type::I32 => self.builder.param(0),
            1 if ty == Type::I64 => self.builder.param(1),
            _ => {
                let variables = self.variables.clone();
                let of_type: Vec<_> = variables.iter().filter(|(_, _, of)| *of == ty).collect();
                let (slot, offset, _) = *self.pick(&of_type);
                let half = Operand::i64(offset);
                let ptr = self.builder.ptr_add(Operand::Slot(slot, 0), half);
                self.builder.load(ty, ptr, 1)
            }
        }
    }

    fn convert(&mut self, value: Operand, from: Type, to: Type) -> Operand {
        let op = match (from, to) {
            _ if from == to => return value,
            (Type::F64, Type::I64) => CastOp::Bitcast,
            (Type::I64, Type::F64) => CastOp::SiToFp,
            (Type::F64, _) => CastOp::FpToSiSat,
            (_, Type::F64) => self.pick(&[CastOp::SiToFp, CastOp::UiToFp]),
            _ if from.bits() > to.bits() => CastOp::Trunc,
            _ => self.pick(&[CastOp::Zext, CastOp::Sext]),
        };
        self.builder.cast(op, value, to)
    }
}

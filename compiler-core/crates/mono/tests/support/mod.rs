//! Compiles fixtures against the real `lib/core` and runs them in the interpreter.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use base::Package;
use mono::{Build, Instance, Profile, ProgramPlan, Target, program_plan};
use smol_str::SmolStr;
use ssa::interp::memory::Memory;
use ssa::interp::{Host, HostError, Interpreter, Limits, Program, StopReason};
use ssa::{DebugInfo, Function, Global, Linkage, OptLevel};
use testkit::{TestDb, real_library};

/// A package under test with the library.
pub(crate) struct Compiled {
    pub(crate) db: TestDb,
    pub(crate) package: Package,
}

pub(crate) fn compile(text: &str) -> Compiled {
    let (mut db, mut fixture) = TestDb::with_fixture(text);
    let package = fixture.main_package();
    let core = real_library(&mut db, "core");
    fixture.add_to_all(&mut db, core);
    Compiled { db, package }
}

pub(crate) fn profile(db: &TestDb, opt_level: OptLevel) -> Profile {
    Profile::new(db, opt_level, DebugInfo::Lines, false, false, None)
}

pub(crate) fn target(db: &TestDb) -> Target {
    Target::of_triple(db, "x86_64-unknown-linux-gnu", "x86-64", "")
}

pub(crate) fn plan(compiled: &Compiled, opt_level: OptLevel) -> &ProgramPlan {
    let db = &compiled.db;
    program_plan(db, compiled.package, target(db), profile(db, opt_level))
}

/// What a program did.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) exit: i32,
    /// Blocks allocated and not freed.
    pub(crate) leaks: i64,
}

/// Runs `tml_main`.
pub(crate) fn run(compiled: &Compiled, opt_level: OptLevel) -> Outcome {
    let plan = plan(compiled, opt_level);
    assert!(plan.errors.is_empty(), "{}", explain(compiled, plan));
    run_planned(compiled, opt_level, plan, BTreeMap::default())
}

/// Whether a program has no errors.
#[allow(dead_code)]
pub(crate) fn is_sound(compiled: &Compiled, opt_level: OptLevel) -> bool {
    plan(compiled, opt_level).errors.is_empty()
}

/// The functions of a program before they have seen each other.
#[allow(dead_code)]
pub(crate) fn simplified(compiled: &Compiled, opt_level: OptLevel) -> Vec<Function> {
    let db = &compiled.db;
    let build = Build::of(db, compiled.package, profile(db, opt_level));
    let instances = plan(compiled, OptLevel::O0).functions.iter();
    instances
        .map(|it| Function::clone(mono::ssa_simplified(db, it.instance, build)))
        .collect()
}

/// Runs `tml_main` with other forms of some functions.
#[allow(dead_code)]
pub(crate) fn run_module(
    compiled: &Compiled,
    opt_level: OptLevel,
    module: &ssa::Module,
) -> Outcome {
    // Without optimisation all functions are in the plan.
    let plan = plan(compiled, OptLevel::O0);
    let functions = module.functions.iter();
    let functions = functions.map(|func| (func.symbol.clone(), Arc::clone(func)));
    run_planned(compiled, opt_level, plan, functions.collect())
}

fn run_planned(
    compiled: &Compiled,
    opt_level: OptLevel,
    plan: &ProgramPlan,
    functions: BTreeMap<SmolStr, Arc<Function>>,
) -> Outcome {
    let db = &compiled.db;
    let build = Build::of(db, compiled.package, profile(db, opt_level));
    let program = Planned {
        db,
        build,
        plan,
        functions: RefCell::new(functions),
    };
    let mut host = Libc::default();
    let limits = Limits {
        steps: 200_000_000,
        memory_bytes: 1 << 30,
        ..Limits::default()
    };
    let result = {
        let mut interpreter = Interpreter::new(&program, &mut host, limits);
        interpreter.call("tml_main", &[0, 0])
    };
    let exit = match result {
        Ok(status) => status.unwrap_or(0) as u32 as i32,
        Err(stop) => match stop.reason {
            StopReason::Exit(status) => status,
            reason => panic!(
                "{reason}\n{:#?}\nstderr: {}",
                stop.trace,
                host.stderr_text()
            ),
        },
    };
    Outcome {
        stdout: host.stdout_text(),
        stderr: host.stderr_text(),
        exit,
        leaks: host.live,
    }
}

/// The errors of a plan, with what inference and MIR said about broken bodies.
fn explain(compiled: &Compiled, plan: &ProgramPlan) -> String {
    let db = &compiled.db;
    let mut out = String::new();
    for error in plan.errors.iter() {
        out += &format!("{}: {}\n", error.code(), error.message());
    }
    for planned in plan.functions.iter() {
        let Some(func) = planned.instance.source_func(db) else {
            continue;
        };
        let owner = hir_def::BodyOwner::Func(func);
        if mir::queries::mir_final(db, owner).is_ok() {
            continue;
        }
        out += &format!("\n{}:\n", planned.symbol);
        for diagnostic in &hir_def::body::body(db, owner).diagnostics {
            out += &format!("  body: {diagnostic:?}\n");
        }
        for diagnostic in &hir_ty::infer(db, owner).diagnostics {
            out += &format!("  infer: {diagnostic:?}\n");
        }
        out += &format!(
            "  mir: {:?}\n",
            mir::queries::mir_built(db, owner).diagnostics
        );
        out += &format!(
            "  borrowck: {:?}\n",
            mir::queries::borrowck(db, owner).diagnostics
        );
    }
    out
}

struct Planned<'a> {
    db: &'a TestDb,
    build: Build,
    plan: &'a ProgramPlan,
    functions: RefCell<BTreeMap<SmolStr, Arc<Function>>>,
}

impl Program for Planned<'_> {
    fn function(&self, symbol: &str) -> Option<Arc<Function>> {
        if let Some(known) = self.functions.borrow().get(symbol) {
            return Some(Arc::clone(known));
        }
        let planned = self.plan.functions.iter().find(|it| it.symbol == symbol)?;
        let instance: Instance = planned.instance;
        let function = mono::ssa_optimized(self.db, instance, self.build).clone();
        ssa::verify::verify(&function).unwrap_or_else(|e| panic!("{e:?}\n{function}"));
        self.functions
            .borrow_mut()
            .insert(symbol.into(), Arc::clone(&function));
        Some(function)
    }

    fn global(&self, symbol: &str) -> Option<Arc<Global>> {
        if let Some(global) = self.plan.globals.iter().find(|it| it.symbol == symbol) {
            return Some(Arc::clone(global));
        }
        let (_, item) = self.plan.lines.iter().find(|(it, _)| it == symbol)?;
        let line = base::item_first_line(self.db, *item);
        Some(Arc::new(Global {
            symbol: symbol.into(),
            align: 4,
            init: Arc::from(line.to_le_bytes().as_slice()),
            relocs: Vec::new(),
            zero_size: 0,
            writable: false,
            thread_local: false,
            linkage: Linkage::Export,
        }))
    }
}

/// The part of libc that `lib/core` uses.
#[derive(Default)]
struct Libc {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    live: i64,
}

impl Libc {
    fn stdout_text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    fn stderr_text(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }
}

const STDOUT: u128 = 1;
const STDERR: u128 = 2;

impl Host for Libc {
    fn call(
        &mut self,
        symbol: &str,
        args: &[u128],
        memory: &mut Memory,
    ) -> Result<Option<u128>, HostError> {
        let arg = |index: usize| args.get(index).copied().unwrap_or(0) as u64;
        Ok(match symbol {
            "malloc" => {
                self.live += 1;
                Some(u128::from(memory.alloc(arg(0), 16)?))
            }
            "calloc" => {
                self.live += 1;
                Some(u128::from(memory.alloc(arg(0) * arg(1), 16)?))
            }
            "realloc" if arg(0) == 0 => {
                self.live += 1;
                Some(u128::from(memory.alloc(arg(1), 16)?))
            }
            "realloc" => Some(u128::from(memory.resize(arg(0), arg(1), 16)?)),
            "free" if arg(0) == 0 => None,
            "free" => {
                self.live -= 1;
                memory.free(arg(0))?;
                None
            }
            "memcmp" => {
                let (a, b) = (memory.read(arg(0), arg(2))?, memory.read(arg(1), arg(2))?);
                Some(match a.cmp(b) {
                    std::cmp::Ordering::Less => u128::from(u32::MAX),
                    std::cmp::Ordering::Equal => 0,
                    std::cmp::Ordering::Greater => 1,
                })
            }
            "strlen" => Some(memory.read_c_string(arg(0))?.len() as u128),
            "tml_rt_stdout" => Some(STDOUT),
            "tml_rt_stderr" => Some(STDERR),
            "fwrite" => {
                let bytes = memory.read(arg(0), arg(1) * arg(2))?.to_vec();
                let stream = if args[3] == STDERR {
                    &mut self.stderr
                } else {
                    &mut self.stdout
                };
                stream.extend(bytes);
                Some(args[2])
            }
            "mallopt" => Some(1),
            "fflush" | "sigaction" | "sigaltstack" => Some(0),
            // It has no stack to watch.
            "mmap" => Some(u128::from(u64::MAX)),
            "exit" => return Err(HostError::Exit(arg(0) as u32 as i32)),
            // The interpreter runs no cleanups: a panic ends it.
            "_Unwind_ForcedUnwind" => return Err(HostError::Exit(101)),
            // It knows neither images nor frames: nothing has called back.
            "dladdr" | "_Unwind_Backtrace" => Some(0),
            "abort" => return Err(HostError::Exit(134)),
            "snprintf" => {
                let format = memory.read_c_string(arg(2))?;
                let format = String::from_utf8_lossy(&format).into_owned();
                let text = print_float(&format, args.get(3..).unwrap_or_default());
                let kept = text.len().min((arg(1) as usize).saturating_sub(1));
                if arg(1) > 0 {
                    memory.write(arg(0), &text.as_bytes()[..kept])?;
                    memory.write(arg(0) + kept as u64, &[0])?;
                }
                Some(text.len() as u128)
            }
            "strtod" => {
                let text = memory.read_c_string(arg(0))?;
                let text = String::from_utf8_lossy(&text).into_owned();
                Some(u128::from(
                    text.trim().parse::<f64>().unwrap_or(0.0).to_bits(),
                ))
            }
            "strtof" => {
                let text = memory.read_c_string(arg(0))?;
                let text = String::from_utf8_lossy(&text).into_owned();
                Some(u128::from(
                    text.trim().parse::<f32>().unwrap_or(0.0).to_bits(),
                ))
            }
            "pow" => Some(u128::from(
                f64::from_bits(arg(0))
                    .powf(f64::from_bits(arg(1)))
                    .to_bits(),
            )),
            _ => return Err(HostError::Unknown),
        })
    }
}

/// `%.*g`, `%.*f`, `%.*e` and their forms with a fixed precision: enough for `core::fmt`.
fn print_float(format: &str, args: &[u128]) -> String {
    let (precision, bits) = match args {
        [precision, bits] => (*precision as usize, *bits as u64),
        [bits] => {
            let digits: String = format.chars().filter(char::is_ascii_digit).collect();
            (digits.parse().unwrap_or(6), *bits as u64)
        }
        _ => (6, 0),
    };
    let value = f64::from_bits(bits);
    match format.chars().last() {
        Some('f') => format!("{value:.precision$}"),
        Some('e') => c_exponent(&format!("{value:.precision$e}")),
        _ => {
            let digits = precision.max(1);
            let exp = format!("{value:.*e}", digits - 1);
            let (mantissa, exponent) = exp.split_once('e').unwrap_or((&exp, "0"));
            let exponent: i32 = exponent.parse().unwrap_or(0);
            if exponent < -4 || exponent >= digits as i32 {
                let mantissa = trim_zeros(mantissa);
                return c_exponent(&format!("{mantissa}e{exponent}"));
            }
            let decimals = (digits as i32 - 1 - exponent).max(0) as usize;
            trim_zeros(&format!("{value:.decimals$}"))
        }
    }
}

fn trim_zeros(text: &str) -> String {
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    }
}

/// `1e5` as C writes it: `1e+05`.
fn c_exponent(text: &str) -> String {
    let Some((mantissa, exponent)) = text.split_once('e') else {
        return text.to_owned();
    };
    let value: i32 = exponent.parse().unwrap_or(0);
    let sign = if value < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", value.abs())
}

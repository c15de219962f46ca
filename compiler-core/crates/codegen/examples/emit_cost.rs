//! What one function costs, by functions per unit and optimisation level.
//!
//! `cargo run --release -p codegen --example emit_cost` prints microseconds per
//! function, the median of several rounds on one thread.

use std::fmt::Write;
use std::time::Instant;

use codegen::{EmitOptions, Worker, host_target};
use ssa::{CodegenOptions, CodegenUnit, DebugInfo, OptLevel};

const ROUNDS: usize = 15;

fn main() {
    println!("µs per function, by functions per unit\n");
    println!("{:<26}{:>8}{:>8}{:>8}", "", 1, 16, 64);
    let quick = CodegenOptions {
        quick_passes: true,
        position_independent: true,
        ..CodegenOptions::default()
    };
    let debug = CodegenOptions {
        debug: DebugInfo::Lines,
        frame_pointers: true,
        ..quick
    };
    report(
        "O0",
        CodegenOptions {
            quick_passes: false,
            ..quick
        },
    );
    report("O0, quick passes", quick);
    report("O0, quick passes, lines", debug);
    report(
        "O1",
        CodegenOptions {
            opt_level: OptLevel::O1,
            ..quick
        },
    );
    report(
        "O2",
        CodegenOptions {
            opt_level: OptLevel::O2,
            ..quick
        },
    );
}

fn report(name: &str, options: CodegenOptions) {
    print!("{name:<26}");
    for count in [1, 16, 64] {
        print!("{:>8.0}", microseconds_per_function(count, options));
    }
    println!();
}

fn microseconds_per_function(count: usize, options: CodegenOptions) -> f64 {
    let text: String = (0..count).map(function).collect();
    let module = ssa::parse_module(&text).expect("the text is valid");
    let unit = CodegenUnit::new(module.functions, module.globals, host_target(), options);
    let mut worker = Worker::new(EmitOptions { verify: false });
    let repeats = (64 / count).max(4);
    let mut times = Vec::new();
    for _ in 0..=ROUNDS {
        let start = Instant::now();
        for _ in 0..repeats {
            worker.emit(&unit).expect("the unit is valid");
        }
        times.push(start.elapsed().as_secs_f64() * 1e6 / (repeats * count) as f64);
    }
    // The first round pays for the target machine and cold caches.
    times.remove(0);
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// About 30 instructions: a loop over a checked array, a call, a panic path.
fn function(number: usize) -> String {
    let mut out = String::new();
    write!(
        out,
        r#"
func @pkg.item{number}(ptr %array, i64 %n) -> i64 export {{
  display "pkg::item{number}"
  source "src/main.tml" line @pkg.item{number}.first_line
  slot s0 = 8 align 8
  slot s1 = 8 align 8
  declare @tml_panic_bounds(i64, i64, i32) cold noreturn
  declare @pkg.other(i64) -> i64
  extern d0 = @pkg.item{number}.first_line
bb0:
  store i64 0, s0 align 8 !1:3
  store i64 {number}, s1 align 8 !1:9
  jump head !2:3
head:
  %i = load i64, s0 align 8 !2:9
  %go = icmp slt i64 %i, %n !2:12
  branch %go, body, done !2:3
body:
  %len = load i64, %array align 8 !3:5
  %inside = icmp ult i64 %i, %len !3:5
  branch %inside, ok, bad !3:5
ok:
  %elements = ptradd %array, 8 !3:5
  %offset = mul i64 %i, 4 !3:5
  %at = ptradd %elements, %offset !3:5
  %element = load i32, %at align 4 !3:5
  %wide = sext i32 %element to i64 !3:5
  %even = and i64 %wide, 1 !4:5
  %is = icmp eq i64 %even, 0 !4:5
  branch %is, then, else !4:5
then:
  %called = call i64 @pkg.other(i64 %wide) !5:7
  jump join !5:7
else:
  %tripled = mul i64 %wide, 3 !6:7
  jump join !6:7
join:
  %value = phi i64 [then: %called], [else: %tripled] !4:5
  %sum = load i64, s1 align 8 !7:5
  %more = add i64 %sum, %value !7:5
  store i64 %more, s1 align 8 !7:5
  %next = add i64 %i, 1 !2:3
  store i64 %next, s0 align 8 !2:3
  jump head !2:3
bad:
  %base = load i32, d0 align 4 !3:5
  %line = add i32 %base, 3 !3:5
  call @tml_panic_bounds(i64 %i, i64 %len, i32 %line) !3:5
  unreachable !3:5
done:
  %result = load i64, s1 align 8 !9:3
  return i64 %result !9:3
}}
"#
    )
    .expect("writing to a string");
    out
}

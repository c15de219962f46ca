//! What is not one instruction: memory, control flow, calls, data, atomics.

use ssa::OptLevel;

use crate::common;

/// Runs the text's `tml_main` at several levels.
fn check(text: &str, stdout: &str, code: i32) {
    for level in [OptLevel::O0, OptLevel::O1, OptLevel::O3, OptLevel::Os] {
        let object = common::emit(text, common::options(level));
        assert_eq!(
            common::run_objects(&[&object]),
            (stdout.to_owned(), code),
            "{level:?}"
        );
    }
    let plain = ssa::CodegenOptions {
        quick_passes: false,
        ..common::debug_options()
    };
    let object = common::emit(text, plain);
    assert_eq!(
        common::run_objects(&[&object]),
        (stdout.to_owned(), code),
        "no passes at all"
    );
}

/// A program whose `main` calls each function here and prints what it returns.
#[test]
fn control_flow_memory_and_calls() {
    check(
        r#"
// 1 + 2 + … + n, with two phis.
func @sum(i64 %n) -> i64 export {
bb0:
  jump head
head:
  %i = phi i64 [bb0: 0], [body: %next]
  %total = phi i64 [bb0: 0], [body: %more]
  %go = icmp sle i64 %i, %n
  branch %go, body, done
body:
  %more = add i64 %total, %i
  %next = add i64 %i, 1
  jump head
done:
  return i64 %total
}

// The text's order is not the order of dominance, and one block is unreachable.
func @tangled(i64 %n) -> i64 export {
bb0:
  jump first
last:
  %r = add i64 %a, %b
  return i64 %r
never:
  %x = add i64 %b, 1
  jump last
second:
  %b = mul i64 %a, 10
  jump last
first:
  %a = add i64 %n, 1
  jump second
}

// Two edges of one switch lead to one block with a phi.
func @choose(i8 %x) -> i64 export {
bb0:
  switch i8 %x [0: zero, 7: few, 9: few, -1: all] else other
zero:
  jump few
few:
  %r = phi i64 [bb0: 100], [zero: 5]
  return i64 %r
all:
  return i64 -1
other:
  return i64 77
}

func @wide(i128 %x) -> i64 export {
bb0:
  switch i128 %x [18446744073709551616: big, 1: one] else other
big:
  return i64 64
one:
  return i64 1
other:
  return i64 0
}

func @ten(i64 %a, i8 %b, i16 %c, i32 %d, i64 %e, i64 %f, i64 %g, i64 %h, i1 %i, f64 %j) -> i64 export {
bb0:
  %b8 = sext i8 %b to i64
  %c8 = sext i16 %c to i64
  %d8 = sext i32 %d to i64
  %i8 = zext i1 %i to i64
  %j8 = fptosi_sat f64 %j to i64
  %s1 = add i64 %a, %b8
  %s2 = add i64 %s1, %c8
  %s3 = add i64 %s2, %d8
  %s4 = add i64 %s3, %e
  %s5 = add i64 %s4, %f
  %s6 = add i64 %s5, %g
  %s7 = add i64 %s6, %h
  %s8 = add i64 %s7, %i8
  %s9 = add i64 %s8, %j8
  return i64 %s9
}

// Truth values in memory are bytes.
func @truth(i64 %n) -> i64 export {
  slot s0 = 8 align 8
bb0:
  store i64 -1, s0 align 8
  %is = icmp eq i64 %n, 3
  store i1 %is, s0 align 1
  store i1 false, s0+1 align 1
  %whole = load i64, s0 align 8
  %low = and i64 %whole, 65535
  %back = load i1, s0 align 1
  %more = zext i1 %back to i64
  %r = add i64 %low, %more
  return i64 %r
}

func @memory(i64 %n) -> i64 export {
  slot s0 = 32 align 16
  slot s1 = 32 align 16
  data d0 = align 8 "ABCDEFGHIJKLMNOP"
bb0:
  memset s0 align 16, 46, 32
  memcpy s0 align 16, d0 align 8, 16
  memmove s0+4 align 4, s0 align 16, %n
  memcpy s1 align 16, s0 align 16, 32
  %p = ptradd s1, %n
  %c = load i8, %p align 1
  %last = load i8, s1+31 align 1
  %a = zext i8 %c to i64
  %b = zext i8 %last to i64
  %hi = mul i64 %a, 1000
  %r = add i64 %hi, %b
  return i64 %r
}

func @apply(ptr %f, i64 %x) -> i64 export {
bb0:
  %r = call_indirect (i64) -> i64 %f(i64 %x)
  return i64 %r
}

func @negate(i1 %x) -> i1 export {
bb0:
  %r = xor i1 %x, true
  return i1 %r
}

// The operand of the phi needs an instruction in the block it comes from.
func @slot_in_phi(i1 %which) -> i64 export {
  slot s0 = 16 align 8
bb0:
  store i64 11, s0 align 8
  store i64 22, s0+8 align 8
  branch %which, left, right
left:
  jump join
right:
  jump join
join:
  %p = phi ptr [left: s0], [right: s0+8]
  %r = load i64, %p align 8
  return i64 %r
}

func @atomics(i64 %n) -> i64 export {
  slot s0 = 8 align 8
  slot s1 = 8 align 8
bb0:
  atomic_store i64 %n, s0, release
  %a = atomic_rmw add s0, i64 5, acq_rel
  %b = atomic_rmw smax s0, i64 100, relaxed
  %c = atomic_cmpxchg s0, i64 100, 7, seq_cst, acquire
  %d = atomic_cmpxchg s0, i64 100, 8, release, relaxed
  %e = atomic_load i64, s0, acquire
  fence seq_cst
  atomic_store ptr null, s1, seq_cst
  %f = atomic_rmw xchg s1, ptr s0, seq_cst
  %g = atomic_cmpxchg s1, ptr s0, null, acq_rel, seq_cst
  %same = icmp eq ptr %g, s0
  %was = icmp eq ptr %f, null
  %f8 = zext i1 %was to i64
  %g8 = zext i1 %same to i64
  %t0 = mul i64 %a, 10000000
  %t1 = mul i64 %b, 100000
  %t2 = mul i64 %c, 100
  %t3 = add i64 %d, %e
  %t4 = add i64 %t0, %t1
  %t5 = add i64 %t4, %t2
  %t6 = add i64 %t5, %t3
  %t7 = mul i64 %f8, 1000000000
  %t8 = add i64 %t6, %t7
  %t9 = add i64 %t8, %g8
  return i64 %t9
}

func @show(i64 %x) export {
  declare @printf(ptr, ...) -> i32
  data d0 = align 1 "%ld\0a\00"
bb0:
  %p = call i32 @printf(ptr d0, i64 %x)
  return
}

func @tml_main(i32 %argc, ptr %argv) -> i32 export {
  declare @sum(i64) -> i64
  declare @tangled(i64) -> i64
  declare @choose(i8) -> i64
  declare @wide(i128) -> i64
  declare @ten(i64, i8, i16, i32, i64, i64, i64, i64, i1, f64) -> i64
  declare @truth(i64) -> i64
  declare @memory(i64) -> i64
  declare @apply(ptr, i64) -> i64
  declare @negate(i1) -> i1
  declare @slot_in_phi(i1) -> i64
  declare @atomics(i64) -> i64
  declare @show(i64)
bb0:
  %a = call i64 @sum(i64 100)
  call @show(i64 %a)
  %b = call i64 @tangled(i64 4)
  call @show(i64 %b)
  %c0 = call i64 @choose(i8 0)
  call @show(i64 %c0)
  %c1 = call i64 @choose(i8 9)
  call @show(i64 %c1)
  %c2 = call i64 @choose(i8 -1)
  call @show(i64 %c2)
  %c3 = call i64 @choose(i8 3)
  call @show(i64 %c3)
  %d = call i64 @wide(i128 18446744073709551616)
  call @show(i64 %d)
  %e = call i64 @ten(i64 1, i8 -2, i16 300, i32 -4000, i64 50000, i64 6, i64 7, i64 8, i1 true, f64 9.75)
  call @show(i64 %e)
  %f = call i64 @truth(i64 3)
  call @show(i64 %f)
  %g = call i64 @memory(i64 9)
  call @show(i64 %g)
  %h = call i64 @apply(ptr @sum, i64 10)
  call @show(i64 %h)
  %i = call i1 @negate(i1 false)
  %i8 = zext i1 %i to i64
  call @show(i64 %i8)
  %j = call i64 @slot_in_phi(i1 false)
  call @show(i64 %j)
  %k = call i64 @atomics(i64 3)
  call @show(i64 %k)
  %argc8 = zext i32 %argc to i64
  call @show(i64 %argc8)
  return i32 42
}
"#,
        "5050\n55\n5\n100\n-1\n77\n64\n46330\n2\n70046\n55\n1\n22\n1030810015\n1\n",
        42,
    );
}

#[test]
fn data_globals_relocations_and_varargs() {
    check(
        r#"
global @table = align 8 "\00\00\00\00\00\00\00\00\2a\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00" reloc 0 @twice reloc 16 @name export
global @name = align 1 "name\00" export
global @counter = align 8 "" zero 4096 writable export
global @hidden = align 4 "\07\00\00\00" writable
global @per_thread = align 4 "\09\00\00\00" writable thread_local export

func @twice(i64 %x) -> i64 export {
bb0:
  %r = mul i64 %x, 2
  return i64 %r
}

func @tml_main(i32 %argc, ptr %argv) -> i32 export {
  declare @printf(ptr, ...) -> i32
  declare @fputs(ptr, ptr) -> i32
  declare @tml_rt_stdout() -> ptr
  declare @tml_rt_stderr() -> ptr
  data d0 = align 1 "%ld %s %ld %ld %.2f %s\0a\00"
  // A private pointer to a private-looking symbol, after some bytes.
  data d1 = align 8 "12345678\00\00\00\00\00\00\00\00tail" reloc 8 @name
  data d2 = align 1 "through stdout\0a\00"
  extern d3 = @table
  extern d4 = @counter mutable
  extern d5 = @hidden mutable
  extern d6 = @per_thread mutable thread_local
bb0:
  %f = load ptr, d3 align 8
  %x = load i64, d3+8 align 8
  %twice = call_indirect (i64) -> i64 %f(i64 %x)
  %name = load ptr, d3+16 align 8
  %old = load i64, d4+4088 align 8
  %new = add i64 %old, 5
  store i64 %new, d4+4088 align 8
  %again = load i64, d4+4088 align 8
  %h = load i32, d5 align 4
  %t = load i32, d6 align 4
  store i32 1, d6 align 4
  %ht = add i32 %h, %t
  %ht8 = sext i32 %ht to i64
  %name2 = load ptr, d1+8 align 8
  %p = call i32 @printf(ptr d0, i64 %twice, ptr %name, i64 %again, i64 %ht8, f64 2.5, ptr %name2)
  %out = call ptr @tml_rt_stdout()
  %q = call i32 @fputs(ptr d2, ptr %out)
  %err = call ptr @tml_rt_stderr()
  %differ = icmp ne ptr %out, %err
  %code = select %differ, i32 3, 4
  return i32 %code
}
"#,
        "84 name 5 16 2.50 name\nthrough stdout\n",
        3,
    );
}

/// Deep recursion meets the guard page, not other memory, whatever the frame's size.
#[test]
fn a_stack_overflow_is_a_fault() {
    use std::os::unix::process::ExitStatusExt;
    let text = r#"
func @deep(i64 %n) -> i64 export {
  slot s0 = 65536 align 16
  declare @deep(i64) -> i64
bb0:
  %m = add i64 %n, 1
  store i64 %n, s0 align 8 volatile
  %r = call i64 @deep(i64 %m)
  %x = load i64, s0 align 8 volatile
  %y = add i64 %r, %x
  return i64 %y
}
func @tml_main(i32 %argc, ptr %argv) -> i32 export {
  declare @deep(i64) -> i64
bb0:
  %r = call i64 @deep(i64 0)
  return i32 0
}
"#;
    let object = common::emit(text, common::options(OptLevel::O0));
    let dir = tempfile::tempdir().unwrap();
    let program = common::link(dir.path(), "deep", &[&object]);
    let status = std::process::Command::new(program).status().unwrap();
    assert_eq!(status.signal(), Some(11));
}

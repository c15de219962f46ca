//! What optimised code must look like, one test per requirement.

use std::sync::Arc;

use ssa::escape::{Reason, Verdict, allocations};
use ssa::{Function, Module, OptLevel, Pipeline, parse_module, verify};

/// A function of a module after all passes of `O3`, in which every pass keeps the rules.
fn optimized(text: &str, symbol: &str) -> Function {
    let mut module = parse_module(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    // Callers see callees as they are before they have seen theirs.
    for func in &mut module.functions {
        run(
            &Pipeline::simplify(OptLevel::O3),
            Arc::make_mut(func),
            &Module::default(),
        );
    }
    let mut func = Function::clone(module.function(symbol).expect("the function"));
    run(&Pipeline::optimize(OptLevel::O3), &mut func, &module);
    func
}

fn run(pipeline: &Pipeline, func: &mut Function, around: &Module) {
    let mut observe = ssa::pipeline::Observe {
        verify_after: true,
        ..Default::default()
    };
    let broken = pipeline.run_observed(func, around, &mut observe).err();
    assert!(broken.is_none(), "{broken:?}\n{func}");
    assert!(verify(func).is_ok());
}

fn body(func: &Function) -> String {
    let text = func.to_string();
    let lines = text.lines().skip_while(|line| *line != "bb0:");
    lines.skip(1).collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn check(text: &str, symbol: &str, expected: &str) {
    assert_eq!(
        body(&optimized(text, symbol)).trim_end_matches("\n}"),
        expected
    );
}

#[test]
fn the_sum_of_constants_is_a_constant() {
    check(
        "func @f() -> i32 {\nbb0:\n  %0 = add i32 2, 3\n  return i32 %0\n}",
        "f",
        "  return i32 5",
    );
}

#[test]
fn true_and_false_is_false() {
    check(
        "func @f() -> i1 {\nbb0:\n  %0 = and i1 true, false\n  return i1 %0\n}",
        "f",
        "  return i1 false",
    );
}

#[test]
fn an_unread_assignment_vanishes_with_its_operands() {
    check(
        "func @f(i32 %0) -> i32 {\n  slot s0 = 4 align 4 \"x\"\nbb0:\n  %1 = mul i32 %0, 17\n  \
         %2 = add i32 %1, 4\n  store i32 %2, s0 align 4\n  return i32 %0\n}",
        "f",
        "  return i32 %0",
    );
}

#[test]
fn calls_with_effects_stay() {
    check(
        "func @f(i32 %0) -> i32 {\n  declare @effect(i32) -> i32\nbb0:\n  \
         %1 = call i32 @effect(i32 %0)\n  return i32 %0\n}",
        "f",
        "  %1 = call i32 @effect(i32 %0)\n  return i32 %0",
    );
}

#[test]
fn code_after_a_return_vanishes() {
    check(
        "func @f(i32 %0) -> i32 {\n  declare @effect(i32) -> i32\nbb0:\n  return i32 %0\nbb1:\n  \
         %1 = call i32 @effect(i32 %0)\n  return i32 %1\n}",
        "f",
        "  return i32 %0",
    );
}

const HEAP: &str = "
func @local(i64 %0) -> i64 {
  declare @allocate(i64) -> ptr
  declare @end(ptr)
bb0:
  %1 = call ptr @allocate(i64 16)
  store i64 %0, %1 align 8
  %2 = load i64, %1 align 8
  call @end(ptr %1)
  return i64 %2
}

func @returned(i64 %0) -> ptr {
  declare @allocate(i64) -> ptr
bb0:
  %1 = call ptr @allocate(i64 16)
  store i64 %0, %1 align 8
  return ptr %1
}

func @stored(i64 %0) {
  declare @allocate(i64) -> ptr
  extern d0 = @last mutable
bb0:
  %1 = call ptr @allocate(i64 16)
  store i64 %0, %1 align 8
  store ptr %1, d0 align 8
  return
}

func @allocate(i64 %0) -> ptr {
  declare @malloc(i64) -> ptr allocates
  declare @fail() noreturn
bb0:
  %1 = call ptr @malloc(i64 %0)
  %2 = icmp eq ptr %1, null
  branch %2, bb1, bb2
bb1:
  call @fail()
  unreachable
bb2:
  return ptr %1
}

func @end(ptr %0) {
  declare @free(ptr) frees
bb0:
  call @free(ptr %0)
  return
}
";

#[test]
fn a_heap_value_that_does_not_escape_is_on_the_stack() {
    check(HEAP, "local", "  return i64 %0");
}

#[test]
fn a_returned_heap_value_is_marked_as_escaping() {
    let found = allocations(&optimized(HEAP, "returned"));
    let verdicts: Vec<Verdict> = found.into_iter().map(|it| it.verdict).collect();
    assert_eq!(verdicts, [Verdict::Heap(Reason::Returned)]);
}

#[test]
fn a_heap_value_in_a_static_is_marked_as_escaping() {
    let found = allocations(&optimized(HEAP, "stored"));
    let verdicts: Vec<Verdict> = found.into_iter().map(|it| it.verdict).collect();
    assert_eq!(
        verdicts,
        [Verdict::Heap(Reason::StoredInData("last".into()))]
    );
    assert_eq!(verdicts[0].to_string(), "escapes: it is stored in `last`");
}

#[test]
fn a_small_callee_with_constant_arguments_is_folded() {
    check(
        "func @scale(i32 %0, i32 %1) -> i32 {\nbb0:\n  %2 = mul i32 %0, %1\n  %3 = add i32 %2, 1\n  \
         return i32 %3\n}\n\nfunc @f() -> i32 {\n  declare @scale(i32, i32) -> i32\nbb0:\n  \
         %0 = call i32 @scale(i32 6, i32 7)\n  return i32 %0\n}",
        "f",
        "  return i32 43",
    );
}

/// A callee that is too large to be inlined unasked.
fn large(attrs: &str) -> String {
    let steps: String = (1..60)
        .map(|i| format!("  %{i} = call i32 @effect(i32 %{})\n", i - 1))
        .take(12)
        .collect();
    format!(
        "func @large(i32 %0) -> i32{attrs} {{\n  declare @effect(i32) -> i32\nbb0:\n{steps}  \
         return i32 %12\n}}\n\nfunc @f(i32 %0) -> i32 {{\n  declare @large(i32) -> i32\nbb0:\n  \
         %1 = call i32 @large(i32 %0)\n  return i32 %1\n}}"
    )
}

#[test]
fn inline_is_honoured() {
    let calls = |attrs: &str| body(&optimized(&large(attrs), "f")).contains("@large");
    assert!(calls(""));
    assert!(!calls(" inline"));
    assert!(!calls(" always_inline"));
    assert!(calls(" never_inline"));
    let small = "func @one() -> i32 never_inline {\n  declare @effect(i32) -> i32\nbb0:\n  \
                 %0 = call i32 @effect(i32 1)\n  return i32 %0\n}\n\n\
                 func @f() -> i32 {\n  declare @one() -> i32\nbb0:\n  %0 = call i32 @one()\n  \
                 return i32 %0\n}";
    assert!(body(&optimized(small, "f")).contains("@one"));
}

#[test]
fn inlining_of_recursion_stops_at_the_limit() {
    for attrs in [" inline", " always_inline"] {
        let text = format!(
            "func @down(i32 %0) -> i32{attrs} {{\n  declare @down(i32) -> i32\n  \
             declare @effect(i32) -> i32\nbb0:\n  %1 = icmp eq i32 %0, 0\n  branch %1, bb1, bb2\n\
             bb1:\n  return i32 0\nbb2:\n  %2 = call i32 @effect(i32 %0)\n  \
             %3 = call i32 @down(i32 %2)\n  %4 = add i32 %3, 1\n  return i32 %4\n}}\n\n\
             func @f(i32 %0) -> i32 {{\n  declare @down(i32) -> i32\nbb0:\n  \
             %1 = call i32 @down(i32 %0)\n  return i32 %1\n}}"
        );
        let text = body(&optimized(&text, "f"));
        assert_eq!(text.matches("call i32 @down").count(), 1, "{text}");
        let copies = text.matches("call i32 @effect").count();
        // The pipeline inlines twice, each time to the limit.
        assert!(
            (1..=2 * ssa::passes::inline_calls::RECURSION_MAX).contains(&copies),
            "{copies}\n{text}"
        );
    }
}

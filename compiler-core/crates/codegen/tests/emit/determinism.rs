//! The same unit gives the same bytes, whoever emits it and whatever came before.

use std::sync::Arc;

use codegen::{EmitOptions, EmitPool, Worker};
use ssa::{CodegenUnit, OptLevel};

use crate::common;

/// Many functions that differ, with loops, calls, strings and lines.
fn text() -> String {
    (0..40)
        .map(|n| {
            format!(
                r#"
func @f{n}(i64 %x) -> i64 export {{
  display "pkg::f{n}"
  source "src/file{file}.tml" line @f{n}.first_line
  slot s0 = {size} align 8
  declare @f{next}(i64) -> i64
  declare @puts(ptr) -> i32
  data d0 = align 1 "text {n}\00"
bb0:
  %p = call i32 @puts(ptr d0) !1:3
  jump head
head:
  %i = phi i64 [bb0: {n}], [body: %j] !2:3
  %c = icmp slt i64 %i, %x !2:7
  branch %c, body, done !2:3
body:
  store i64 %i, s0 align 8 !3:5
  %k = load i64, s0 align 8
  %m = call i64 @f{next}(i64 %k) !4:5
  %j = add i64 %i, %m
  jump head
done:
  return i64 %i !6:1
}}
"#,
                file = n % 3,
                size = 8 + n * 8,
                next = (n + 1) % 40
            )
        })
        .collect()
}

fn all_units() -> Vec<Arc<CodegenUnit>> {
    let mut units = Vec::new();
    for options in [
        common::debug_options(),
        common::options(OptLevel::O0),
        common::options(OptLevel::O2),
    ] {
        units.extend(common::units_of_each_function(&text(), options));
        units.push(Arc::new(common::unit(&text(), options)));
    }
    units
}

#[test]
fn order_threads_and_history_do_not_show() {
    let units = all_units();
    let mut worker = Worker::new(common::VERIFY);
    let forward: Vec<_> = units
        .iter()
        .map(|unit| worker.emit(unit).unwrap())
        .collect();
    let mut backward: Vec<_> = units
        .iter()
        .rev()
        .map(|unit| worker.emit(unit).unwrap())
        .collect();
    backward.reverse();
    assert!(forward == backward, "history shows");

    let pool = EmitPool::new(3, common::VERIFY).unwrap();
    let pooled: Vec<_> = pool
        .emit_all(units.clone())
        .into_iter()
        .map(Result::unwrap)
        .collect();
    assert!(forward == pooled, "threads show");

    let fresh = Worker::new(common::VERIFY).emit(&units[5]).unwrap();
    assert_eq!(fresh, forward[5]);
}

#[test]
fn a_failed_unit_fails_alone_and_results_stream() {
    let mut units = all_units();
    let mut bad = CodegenUnit::clone(&units[1]);
    bad.target.triple = "pdp11-unknown-unknown".into();
    units.insert(1, Arc::new(bad));
    let pool = EmitPool::new(2, common::VERIFY).unwrap();
    let mut done = vec![false; units.len()];
    pool.emit_each(units.clone(), |index, result| {
        assert_eq!(result.is_err(), index == 1);
        assert!(!std::mem::replace(&mut done[index], true), "answered twice");
    });
    assert!(done.iter().all(|&done| done));
    // The pool can be used again.
    assert_eq!(pool.emit_all(units.into_iter().take(3)).len(), 3);
}

/// A bug of ours: a value that does not exist, and nobody verified.
#[test]
fn a_panic_fails_its_unit_alone() {
    let mut units = all_units();
    units.truncate(3);
    let mut broken = CodegenUnit::clone(&units[0]);
    let func = Arc::make_mut(&mut broken.functions[0]);
    let entry = func.entry();
    func.blocks[entry].terminator = ssa::Terminator::Switch {
        value: ssa::Value(9999).into(),
        cases: Vec::new(),
        default: ssa::Block(1),
    };
    units.insert(1, Arc::new(broken));
    let pool = EmitPool::new(1, EmitOptions { verify: false }).unwrap();
    for (index, result) in pool.emit_all(units).into_iter().enumerate() {
        assert_eq!(result.is_err(), index == 1);
        if let Err(error) = result {
            assert_eq!(error.code.as_str(), "C009");
        }
    }
}

#[test]
fn no_machine_path_is_in_an_object() {
    let object = common::emit(&text(), common::debug_options());
    let here = std::env::current_dir().unwrap();
    let here = here.to_str().unwrap().as_bytes();
    assert!(!object.bytes.windows(here.len()).any(|part| part == here));
    let file = b"file1.tml";
    assert!(object.bytes.windows(file.len()).any(|part| part == file));
}

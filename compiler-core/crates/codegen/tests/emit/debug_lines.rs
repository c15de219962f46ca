//! Line tables: their form, on which the link step relies, and a debugger's view.

use std::process::Command;

use object_store::LINE_BIAS;
use ssa::{CodegenOptions, OptLevel};

use crate::common;

const TEXT: &str = r#"
func @pkg.helper(i64 %x) -> i64 export never_inline {
  display "pkg::helper"
  source "src/util.tml" line @pkg.helper.first_line
  declare @puts(ptr) -> i32
  data d0 = align 1 "helper\00"
bb0:
  %p = call i32 @puts(ptr d0) !1:3
  %r = add i64 %x, 1 !2:3
  return i64 %r !2:3
}
func @made_by_compiler(i64 %x) -> i64 export {
  declare @pkg.helper(i64) -> i64
bb0:
  %r = call i64 @pkg.helper(i64 %x)
  return i64 %r
}
func @tml_main(i32 %argc, ptr %argv) -> i32 export {
  display "pkg::main"
  source "src/main.tml" line @tml_main.first_line
  declare @pkg.helper(i64) -> i64
  declare @made_by_compiler(i64) -> i64
bb0:
  %x = sext i32 %argc to i64 !1:3
  %a = call i64 @pkg.helper(i64 %x) !3:5
  %c = icmp eq i64 %a, 2
  branch %c, yes, no !4:3
yes:
  %b = call i64 @made_by_compiler(i64 %a)
  %r = trunc i64 %b to i32 !5:3
  return i32 %r !6:3
no:
  return i32 1 !7:3
}
"#;

/// Each sequence: `set_address`, then at once `advance_line` with a 4-byte operand.
#[test]
fn every_function_has_a_sequence_that_can_be_patched() {
    let optimised = CodegenOptions {
        opt_level: OptLevel::O2,
        ..common::debug_options()
    };
    for options in [common::debug_options(), optimised] {
        let object = common::emit(TEXT, options);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lines.o");
        std::fs::write(&path, &object.bytes).unwrap();
        let output = Command::new("llvm-dwarfdump-22")
            .args(["--debug-line", "-v"])
            .arg(&path)
            .output()
            .unwrap();
        let dump = String::from_utf8(output.stdout).unwrap();
        let rows: Vec<&str> = dump.lines().filter(|line| line.starts_with("0x")).collect();
        let starts: Vec<usize> = (0..rows.len())
            .filter(|&row| rows[row].contains("DW_LNE_set_address"))
            .collect();
        assert_eq!(
            starts.len(),
            2,
            "one sequence for each function with a source\n{dump}"
        );
        for start in starts {
            let advance = rows[start + 1];
            assert!(advance.contains("DW_LNS_advance_line"), "{dump}");
            let offset = |row: &str| u64::from_str_radix(&row[2..10], 16).unwrap();
            assert_eq!(
                offset(rows[start + 2]) - offset(advance),
                5,
                "opcode and four bytes\n{dump}"
            );
        }
        for line in table_lines(&dump) {
            assert!(
                (LINE_BIAS..LINE_BIAS + 8).contains(&line),
                "line {line}\n{dump}"
            );
        }
    }
}

/// The line column of the table's rows.
fn table_lines(dump: &str) -> Vec<u32> {
    let is_row = |line: &&str| line.trim_start().starts_with("0x") && line.starts_with(' ');
    dump.lines()
        .filter(is_row)
        .map(|row| row.split_whitespace().nth(1).unwrap().parse().unwrap())
        .collect()
}

/// LLVM inlines a callee of another file: its lines would be relative to another item.
#[test]
fn inlined_code_keeps_the_line_of_the_call() {
    let text = TEXT.replace("never_inline", "always_inline");
    let optimised = CodegenOptions {
        opt_level: OptLevel::O2,
        ..common::debug_options()
    };
    let ir = codegen::Worker::new(common::VERIFY)
        .emit_ir(&common::unit(&text, optimised))
        .unwrap();
    assert!(!ir.contains("inlinedAt"), "{ir}");
    assert!(!ir.contains("DILocation(line: 0"), "{ir}");
}

/// Unpatched objects show biased lines; names and places are right.
#[test]
fn gdb_stops_at_lines_and_names_the_callers() {
    let object = common::emit(TEXT, common::debug_options());
    let dir = tempfile::tempdir().unwrap();
    let program = common::link(dir.path(), "debugged", &[&object]);
    let at = |file: &str, line: u32| format!("break {file}:{}", LINE_BIAS + line);
    let mut command = Command::new("gdb");
    command.args([
        "-q",
        "-nx",
        "-batch",
        "-ex",
        "set debuginfod enabled off",
        "-ex",
        "set confirm off",
    ]);
    for ex in [at("util.tml", 2), at("src/main.tml", 6)] {
        command.arg("-ex").arg(ex);
    }
    for ex in [
        "run",
        "backtrace",
        "continue",
        "backtrace",
        "continue",
        "backtrace",
    ] {
        command.arg("-ex").arg(ex);
    }
    let Ok(output) = command.arg(&program).output() else {
        return;
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    for part in [
        format!("pkg::helper () at ./src/util.tml:{}", LINE_BIAS + 2),
        format!("in pkg::main () at src/main.tml:{}", LINE_BIAS + 3),
        "in made_by_compiler ()".to_owned(),
        format!("pkg::main () at src/main.tml:{}", LINE_BIAS + 6),
    ] {
        assert!(
            text.contains(&part),
            "`{part}` is not in\n{text}\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

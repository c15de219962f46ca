//! What objects promise the linker, and what is refused before one is made.

use codegen::{CodegenErrorCode, EmitOptions, Worker, startup_object};
use ssa::{CodegenUnit, OptLevel};

use crate::common;

const MAIN: &str = r#"
func @tml_main(i32 %argc, ptr %argv) -> i32 export {
  declare @answer() -> i32
bb0:
  %r = call i32 @answer()
  return i32 %r
}
"#;

fn answer(value: i32, linkage: &str) -> String {
    format!("func @answer() -> i32 {linkage} {{\nbb0:\n  return i32 {value}\n}}\n")
}

/// An edited function's object goes before the pack that holds its old definition.
#[test]
fn the_first_of_several_definitions_is_taken() {
    for linkage in ["export", "weak"] {
        for debug in [common::options(OptLevel::O0), common::debug_options()] {
            let main = common::emit(MAIN, debug);
            let new = common::emit(&answer(1, linkage), debug);
            let pack = format!(
                "{}{}",
                answer(2, linkage),
                MAIN.replace("tml_main", "other")
            );
            let pack = common::emit(&pack, debug);
            assert_eq!(common::run_objects(&[&main, &new, &pack]).1, 1);
            assert_eq!(common::run_objects(&[&main, &pack, &new]).1, 2);
        }
    }
}

/// The pack's own callers of a stale definition call the new one, too.
#[test]
fn callers_in_the_pack_see_the_first_definition() {
    let options = common::options(OptLevel::O0);
    let pack = common::emit(&format!("{MAIN}{}", answer(2, "export")), options);
    let new = common::emit(&answer(1, "export"), options);
    assert_eq!(common::run_objects(&[&new, &pack]).1, 1);
}

#[test]
fn local_symbols_are_nobody_elses() {
    let options = common::options(OptLevel::O0);
    let user = common::emit(&format!("{MAIN}{}", answer(2, "")), options);
    let other = common::emit(&answer(1, "export"), options);
    assert_eq!(common::run_objects(&[&other, &user]).1, 2);
    assert_eq!(user.defines, ["tml_main"]);
    assert_eq!(other.defines, ["answer"]);
}

#[test]
fn every_function_has_a_section_and_a_group_of_its_own() {
    let mut worker = Worker::new(common::VERIFY);
    let assembly = worker
        .emit_asm(&common::unit(
            &format!("{MAIN}{}", answer(2, "export")),
            common::options(OptLevel::O2),
        ))
        .unwrap();
    assert!(
        assembly.contains(".section\t.text.answer,\"axG\",@progbits,answer,comdat"),
        "{assembly}"
    );
    assert!(
        assembly.contains(".section\t.text.tml_main,\"axG\",@progbits,tml_main,comdat"),
        "{assembly}"
    );
    assert!(assembly.contains(".weak\tanswer"), "{assembly}");
}

#[test]
fn ir_text_shows_attributes_and_names() {
    let text = "
func @f(i1 %x, ptr %p) -> i1 export inline cold read_only {
  slot s0 = 4 align 4
bb0:
  return i1 %x
}
";
    let options = ssa::CodegenOptions {
        quick_passes: false,
        frame_pointers: true,
        ..common::options(OptLevel::O0)
    };
    let ir = Worker::new(common::VERIFY)
        .emit_ir(&common::unit(text, options))
        .unwrap();
    let expected = [
        "define weak_odr zeroext i1 @f(i1 zeroext %0, ptr %1) ",
        "section \".text.f\" comdat",
        "%s0 = alloca [4 x i8], align 4",
        "bb0:",
        "cold inlinehint nounwind willreturn memory(read) \"frame-pointer\"=\"non-leaf\" \"probe-stack\"=\"inline-asm\"",
    ];
    for part in expected {
        assert!(ir.contains(part), "`{part}` is not in\n{ir}");
    }
}

#[test]
fn unknown_targets_and_reserved_names_are_refused() {
    let unit = common::unit(&answer(1, "export"), common::options(OptLevel::O0));
    let mut worker = Worker::new(common::VERIFY);
    for triple in ["pdp11-unknown-unknown", "", "x86_64-\0"] {
        let mut unit = unit.clone();
        unit.target.triple = triple.into();
        assert_eq!(
            worker.emit(&unit).unwrap_err().code,
            CodegenErrorCode::UnsupportedTarget
        );
        assert!(startup_object(&unit.target).is_err());
    }
    let reserved = common::unit(
        "func @llvm.trap() export {\nbb0:\n  return\n}",
        common::options(OptLevel::O0),
    );
    assert_eq!(
        worker.emit(&reserved).unwrap_err().code,
        CodegenErrorCode::UnsupportedTarget
    );
    // The worker is as good as new.
    assert!(worker.emit(&unit).is_ok());
}

/// Broken SSA becomes an error with the IR, or an error of the lowering; never an object.
#[test]
fn broken_ssa_is_an_internal_error() {
    let broken = [
        "func @f(i64 %x) -> i32 export {\nbb0:\n  return i64 %x\n}",
        "func @f(i64 %x) -> i64 export {\nbb0:\n  %y = add i32 %x, 1\n  return i32 %y\n}",
        "func @f() -> i64 export {\nbb0:\n  %y = add i64 %z, 1\n  %z = add i64 %y, 1\n  return i64 %z\n}",
        "func @f() export {\nbb0:\n  jump bb0\n}",
        "func @f() export {\nbb0:\n  return\n}\nfunc @f() export {\nbb0:\n  return\n}",
        "func @f(f64 %x) -> i1 export {\nbb0:\n  %y = icmp eq f64 %x, %x\n  return i1 %y\n}",
        "global @g = align 8 \"abcd\" reloc 2 @h export",
    ];
    for text in broken {
        let module = ssa::parse_module(text).unwrap();
        let target = codegen::host_target();
        let options = common::options(OptLevel::O0);
        let unit = CodegenUnit::new(module.functions, module.globals, target, options);
        let error = Worker::new(EmitOptions { verify: true })
            .emit(&unit)
            .unwrap_err();
        assert_eq!(error.code, CodegenErrorCode::Internal, "{text}");
    }
}

#[test]
fn startup_objects_and_units_for_the_other_targets() {
    let text = format!("{MAIN}{}", answer(2, "export"));
    for (triple, cpu, magic) in [
        ("aarch64-unknown-linux-gnu", "generic", &b"\x7fELF"[..]),
        ("wasm32-unknown-unknown", "generic", &b"\0asm"[..]),
    ] {
        for options in [common::options(OptLevel::O2), common::debug_options()] {
            let mut unit = common::unit(&text, options);
            unit.target.triple = triple.into();
            unit.target.cpu = cpu.into();
            let object = Worker::new(common::VERIFY).emit(&unit).unwrap();
            assert!(object.bytes.starts_with(magic), "{triple}");
            let startup = startup_object(&unit.target);
            assert_eq!(startup.is_ok(), triple.starts_with("aarch64"), "{triple}");
        }
    }
}

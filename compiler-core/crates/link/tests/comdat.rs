//! A freshly edited function goes before the pack that holds its older self:
//! the first definition wins, whatever the older one refers to.

mod support;

use std::process::Command;

use link::{ImageKind, Lib, LinkInput, LinkPlan, LinkerKind, Target, link};
use support::{Ir, exit_code, func, start};
use tempfile::TempDir;

/// Linkers of this machine that the tests compare.
fn linkers() -> Vec<LinkerKind> {
    let all = [LinkerKind::Wild, LinkerKind::Lld, LinkerKind::Cc];
    all.into_iter()
        .filter(|&kind| kind == LinkerKind::Wild || is_installed(kind))
        .collect()
}

fn is_installed(kind: LinkerKind) -> bool {
    let program = if kind == LinkerKind::Lld {
        "ld.lld-22"
    } else {
        "cc"
    };
    std::process::Command::new(program)
        .arg("--version")
        .output()
        .is_ok()
}

fn inputs() -> Option<Vec<LinkInput>> {
    // Edited: `edited` now returns 40 and calls nothing.
    let fresh = Ir::default()
        .func(&func("tml.edited", 40, &[]))
        .input("fresh.o")?;
    let pack = Ir::default()
        .func(&func("tml.main", 1, &["tml.edited", "tml.other"]))
        .func(&func("tml.edited", 99, &["tml.vanished", "tml.gone_too"]))
        .func(&func("tml.other", 1, &["tml.edited"]))
        .input("pack.o")?;
    Some(vec![start()?, fresh, pack])
}

#[test]
fn the_first_definition_wins_and_the_stale_body_is_not_looked_at() {
    let Some(inputs) = inputs() else { return };
    let dir = TempDir::new().unwrap();
    for linker in linkers() {
        for gc_sections in [true, false] {
            let output = dir.path().join(format!("{}-{gc_sections}", linker.name()));
            let mut plan = LinkPlan::executable(&output, inputs.clone());
            plan.linker = linker;
            plan.gc_sections = gc_sections;
            if let Err(error) = link(&plan) {
                panic!(
                    "{linker:?}, gc {gc_sections}: {error}\n{}",
                    error.output().unwrap_or("")
                );
            }
            assert_eq!(exit_code(&output), Some(82), "{linker:?}, gc {gc_sections}");
        }
    }
}

#[test]
fn shared_objects_take_the_first_definition_too() {
    let Some(inputs) = inputs() else { return };
    let exe = Ir::default().func(&func("tml.exe_main", 0, &["tml.main"]));
    let start = support::START.replace("tml.main", "tml.exe_main");
    let start = LinkInput::bytes(
        "start.o",
        support::compile(&start, Target::X86_64Linux).unwrap(),
    );
    let dir = TempDir::new().unwrap();
    for linker in linkers() {
        let shared = dir.path().join("libpart.so");
        // Without `_start`: it is the program's.
        let mut plan = LinkPlan::executable(&shared, inputs[1..].to_vec());
        (plan.linker, plan.kind) = (linker, ImageKind::SharedObject);
        if let Err(error) = link(&plan) {
            panic!("{linker:?}: {error}\n{}", error.output().unwrap_or(""));
        }
        let output = dir.path().join("program");
        let inputs = vec![start.clone(), exe.input("exe.o").unwrap()];
        let mut plan = LinkPlan::executable(&output, inputs);
        plan.libs.push(Lib::Path(shared));
        link(&plan).unwrap();
        let ran = Command::new(&output)
            .env("LD_LIBRARY_PATH", dir.path())
            .status()
            .unwrap();
        assert_eq!(ran.code(), Some(82), "{linker:?}");
    }
}

#[test]
fn an_object_of_objects_takes_the_first_definition_too() {
    let Some(inputs) = inputs() else { return };
    let dir = TempDir::new().unwrap();
    for linker in linkers() {
        let object = dir.path().join("all.o");
        let mut plan = LinkPlan::executable(&object, inputs.clone());
        (plan.linker, plan.kind) = (linker, ImageKind::Relocatable);
        if let Err(error) = link(&plan) {
            panic!("{linker:?}: {error}\n{}", error.output().unwrap_or(""));
        }
        let output = dir.path().join("program");
        // `libwild` 0.10 refuses what `-r` makes of the frame information of discarded bodies.
        let mut plan = LinkPlan::executable(&output, vec![LinkInput::Path(object)]);
        plan.linker = LinkerKind::Lld;
        link(&plan).unwrap();
        assert_eq!(exit_code(&output), Some(82), "{linker:?}");
    }
}

/// Weak definitions follow the same order.
#[test]
fn the_first_of_several_weak_definitions_wins() {
    let object = |value: u32| {
        let ir = format!(
            "$tml.main = comdat any\n\
             define linkonce_odr i32 @tml.main() comdat {{ ret i32 {value} }}\n\
             @llvm.used = appending global [1 x ptr] [ptr @tml.main], section \"llvm.metadata\""
        );
        Some(LinkInput::bytes(
            "main.o",
            support::compile(&ir, Target::X86_64Linux)?,
        ))
    };
    let Some(first) = object(1) else { return };
    let dir = TempDir::new().unwrap();
    for linker in linkers() {
        let output = dir.path().join("program");
        let inputs = vec![
            start().unwrap(),
            first.clone(),
            object(2).unwrap(),
            object(3).unwrap(),
        ];
        let mut plan = LinkPlan::executable(&output, inputs);
        plan.linker = linker;
        link(&plan).unwrap();
        assert_eq!(exit_code(&output), Some(1), "{linker:?}");
    }
}

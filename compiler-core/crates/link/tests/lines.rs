//! Line tables of linked images: objects hold relative lines, images absolute ones.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use link::{LineBase, LinkInput, LinkPlan, LinkerKind, Target, link, positions_object};
use object::{Object, ObjectSection, ObjectSymbol};
use object_store::{LINE_BIAS, line_base_symbol};
use support::{Func, Ir, compile, exit_code, start};
use tempfile::TempDir;

fn line_bases(bases: &[(&str, u32)]) -> Vec<LineBase> {
    let base = |&(symbol, first_line): &(&str, u32)| LineBase {
        symbol: symbol.into(),
        first_line,
    };
    bases.iter().map(base).collect()
}

/// Every function's rows as gimli reads them: (line, address after the function's start).
fn rows(image: &[u8]) -> BTreeMap<String, Vec<(u64, u64)>> {
    let file = object::File::parse(image).unwrap();
    let symbols: BTreeMap<u64, String> = file
        .symbols()
        .filter(|symbol| symbol.kind() == object::SymbolKind::Text && symbol.is_definition())
        .map(|symbol| (symbol.address(), symbol.name().unwrap().to_owned()))
        .collect();
    let section = |name: &str| -> Vec<u8> {
        let section = file.section_by_name(name);
        section
            .map(|section| section.data().unwrap().to_vec())
            .unwrap_or_default()
    };
    let (line, line_str) = (section(".debug_line"), section(".debug_line_str"));
    let debug_line = gimli::DebugLine::new(&line, gimli::LittleEndian);
    let mut result = BTreeMap::new();
    let mut offset = 0;
    while offset < line.len() {
        let program = debug_line
            .program(gimli::DebugLineOffset(offset), 8, None, None)
            .unwrap();
        offset += program.header().unit_length() + 4;
        let mut rows = program.rows();
        let mut current: Option<(u64, Vec<(u64, u64)>)> = None;
        while let Some((_, row)) = rows.next_row().unwrap() {
            let (start, found) = current.get_or_insert((row.address(), Vec::new()));
            if row.end_sequence() {
                if let Some(name) = symbols.get(start) {
                    let earlier = result.insert(name.clone(), std::mem::take(found));
                    assert!(earlier.is_none(), "{name} has two sequences");
                }
                current = None;
            } else {
                found.push((
                    row.line().map_or(0, |line| line.get()),
                    row.address() - *start,
                ));
            }
        }
    }
    assert!(line_str.is_empty() || !line.is_empty());
    result
}

fn lines(image: &[u8], name: &str) -> Vec<u64> {
    let mut lines: Vec<u64> = rows(image)[name].iter().map(|row| row.0).collect();
    lines.dedup();
    lines
}

/// Lines as codegen emits them.
const B: u32 = LINE_BIAS;

fn objects(dwarf_version: u32) -> Option<Vec<LinkInput>> {
    let fresh = Ir::default().func(&Func {
        name: "tml.edited",
        value: 40,
        calls: &[],
        lines: &[B + 2, B + 3],
    });
    let pack = Ir::default()
        .func(&Func {
            name: "tml.main",
            value: 1,
            calls: &["tml.edited"],
            lines: &[B + 1, B + 2],
        })
        .func(&Func {
            name: "tml.edited",
            value: 9,
            calls: &["tml.gone"],
            lines: &[B, B + 100],
        })
        // Line 0 is "no line" and stays so; then back into the function.
        .func(&Func {
            name: "tml.zero",
            value: 1,
            calls: &["tml.edited"],
            lines: &[0, B + 7],
        });
    let caller = Ir::default().func(&Func {
        name: "tml.caller",
        value: 0,
        calls: &["tml.zero"],
        lines: &[B, B + 1],
    });
    let object = |ir: &Ir, name| {
        Some(LinkInput::bytes(
            name,
            compile(&ir.text(dwarf_version), Target::X86_64Linux)?,
        ))
    };
    // What keeps `tml.zero` alive and has no lines of its own.
    let keep = "@keep = global ptr @tml.caller\ndeclare i32 @tml.caller()\n\
                define i32 @unlisted() { %k = load ptr, ptr @keep\n ret i32 0 }\n\
                @llvm.used = appending global [1 x ptr] [ptr @keep], section \"llvm.metadata\"";
    Some(vec![
        start()?,
        object(&fresh, "fresh.o")?,
        object(&pack, "pack.o")?,
        object(&caller, "caller.o")?,
        LinkInput::bytes("keep.o", compile(keep, Target::X86_64Linux)?),
    ])
}

const BASES: [(&str, u32); 4] = [
    ("tml.main", 10),
    ("tml.edited", 300),
    ("tml.zero", 70_000),
    ("tml.caller", 3_000_000),
];

#[test]
fn lines_of_images_are_absolute_and_discarded_bodies_have_none() {
    let dir = TempDir::new().unwrap();
    for dwarf_version in [4, 5] {
        let Some(inputs) = objects(dwarf_version) else {
            return;
        };
        for linker in [LinkerKind::Wild, LinkerKind::Lld] {
            let output = dir.path().join("program");
            let mut plan = LinkPlan::executable(&output, inputs.clone());
            plan.linker = linker;
            plan.line_bases = line_bases(&BASES);
            let report = link(&plan).unwrap();
            let context = format!("{linker:?}, DWARF {dwarf_version}, {report:?}");
            assert_eq!(
                (report.lines.patched, report.lines.discarded),
                (4, 1),
                "{context}"
            );
            assert_eq!(
                report.lines.too_long + report.lines.unreadable,
                0,
                "{context}"
            );
            let image = fs::read(&output).unwrap();
            assert_eq!(lines(&image, "tml.main"), [11, 12], "{context}");
            assert_eq!(lines(&image, "tml.edited"), [303], "{context}");
            assert_eq!(lines(&image, "tml.zero"), [0, 70_007], "{context}");
            assert_eq!(
                lines(&image, "tml.caller"),
                [3_000_000, 3_000_001],
                "{context}"
            );
            assert_eq!(exit_code(&output), Some(41), "{context}");
        }
    }
}

#[test]
fn another_machine_gets_its_lines_too() {
    let ir = Ir::default()
        .func(&Func {
            name: "tml.main",
            value: 1,
            calls: &["tml.edited"],
            lines: &[B + 1, B + 2],
        })
        .func(&Func {
            name: "tml.edited",
            value: 9,
            calls: &[],
            lines: &[B, B + 1],
        });
    let Some(object) = compile(&ir.text(5), Target::Aarch64Linux) else {
        return;
    };
    let positions = positions_object(Target::Aarch64Linux, [("tml.main.first_line", 10)]);
    let dir = TempDir::new().unwrap();
    for linker in [LinkerKind::Wild, LinkerKind::Lld] {
        let output = dir.path().join("program");
        let inputs = vec![
            LinkInput::bytes("main.o", object.clone()),
            LinkInput::bytes("positions.o", positions.clone()),
        ];
        let mut plan = LinkPlan::executable(&output, inputs);
        // This machine need not have the other's C library.
        plan.libs.clear();
        plan.entry = "tml.main".to_owned();
        (plan.linker, plan.target) = (linker, Target::Aarch64Linux);
        plan.line_bases = line_bases(&BASES);
        assert_eq!(link(&plan).unwrap().lines.patched, 2);
        let image = fs::read(&output).unwrap();
        assert_eq!(lines(&image, "tml.main"), [11, 12], "{linker:?}");
        assert_eq!(lines(&image, "tml.edited"), [301], "{linker:?}");
    }
}

#[test]
fn moving_functions_changes_lines_and_nothing_else() {
    let Some(inputs) = objects(5) else { return };
    let dir = TempDir::new().unwrap();
    let image = |shift: u32| {
        let output = dir.path().join("program");
        let mut plan = LinkPlan::executable(&output, inputs.clone());
        plan.line_bases = line_bases(&BASES.map(|(name, line)| (name, line + shift)));
        link(&plan).unwrap();
        fs::read(&output).unwrap()
    };
    let (before, after) = (image(0), image(1000));
    assert_eq!(lines(&after, "tml.zero"), [0, 71_007]);
    let file = object::File::parse(&*before).unwrap();
    let (start, len) = file
        .section_by_name(".debug_line")
        .unwrap()
        .file_range()
        .unwrap();
    let range = start as usize..(start + len) as usize;
    assert_eq!(before[..range.start], after[..range.start]);
    assert_eq!(before[range.end..], after[range.end..]);
}

#[test]
fn a_debugger_finds_the_lines() {
    let gdb = Path::new("/usr/bin/gdb");
    let Some(inputs) = objects(5) else { return };
    if !gdb.exists() {
        eprintln!("skipped: no gdb");
        return;
    }
    let dir = TempDir::new().unwrap();
    let output = dir.path().join("program");
    let mut plan = LinkPlan::executable(&output, inputs);
    plan.line_bases = line_bases(&BASES);
    link(&plan).unwrap();
    let run = Command::new(gdb)
        .args([
            "-nx",
            "-batch",
            "-ex",
            "info line 'tml.edited'",
            "-ex",
            "break main.tml:12",
        ])
        .args(["-ex", "info line main.tml:70007"])
        .arg(&output)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&run.stdout);
    assert!(text.contains("Line 303 of \"main.tml\""), "{text}");
    assert!(
        text.contains("Breakpoint 1 at") && text.contains("main.tml, line 12"),
        "{text}"
    );
    assert!(text.contains("Line 70007 of \"main.tml\""), "{text}");
}

#[test]
fn panics_read_where_their_function_begins() {
    let symbol = line_base_symbol("tml.main");
    let ir = format!(
        "@\"{symbol}\" = external hidden constant i32\n\
         define i32 @tml.main() {{ %l = load i32, ptr @\"{symbol}\"\n  ret i32 %l }}"
    );
    let Some(object) = compile(&ir, Target::X86_64Linux) else {
        return;
    };
    let positions = positions_object(Target::X86_64Linux, [("x", 7), (&*symbol, 93), ("y", 8)]);
    let inputs = vec![
        start().unwrap(),
        LinkInput::bytes("main.o", object),
        LinkInput::bytes("positions.o", positions),
    ];
    let dir = TempDir::new().unwrap();
    for linker in [LinkerKind::Wild, LinkerKind::Lld] {
        let output = dir.path().join("program");
        let mut plan = LinkPlan::executable(&output, inputs.clone());
        plan.linker = linker;
        link(&plan).unwrap();
        assert_eq!(exit_code(&output), Some(93));
    }
}

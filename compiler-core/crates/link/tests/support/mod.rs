//! Small objects to link, made from LLVM IR by the tools of the LLVM that code
//! generation needs anyway.

#![allow(dead_code, reason = "every test file uses a part of this")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use link::{LinkInput, Target};

/// The llc of the LLVM that code generation is built with.
fn llc() -> Option<PathBuf> {
    let candidates = [
        "/usr/bin/llc-22",
        "/usr/lib/llvm-22/bin/llc",
        "/usr/bin/llc",
    ];
    candidates
        .iter()
        .map(PathBuf::from)
        .find(|path| path.exists())
}

/// Compiles IR; `None` (and a remark) where LLVM's tools are not installed.
pub(crate) fn compile(ir: &str, target: Target) -> Option<Vec<u8>> {
    let Some(llc) = llc() else {
        eprintln!("skipped: no llc");
        return None;
    };
    let triple = match target {
        Target::X86_64Linux => "x86_64-unknown-linux-gnu",
        Target::Aarch64Linux => "aarch64-unknown-linux-gnu",
    };
    let mut child = Command::new(llc)
        .args([
            "-O0",
            "-filetype=obj",
            "-relocation-model=pic",
            "-function-sections",
        ])
        .arg(format!("-mtriple={triple}"))
        .args(["-o", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(ir.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "llc does not like\n{ir}");
    Some(output.stdout)
}

/// `_start`: calls `tml.main` and exits with its result.
pub(crate) const START: &str = r#"
declare i32 @tml.main()
declare void @exit(i32) noreturn
define void @_start() naked {
  call void asm sideeffect "xorl %ebp, %ebp\0A\09andq $$-16, %rsp\0A\09callq tml.main@PLT\0A\09movl %eax, %edi\0A\09callq *exit@GOTPCREL(%rip)", ""()
  unreachable
}
"#;

/// Functions with debug information, each in its own COMDAT group.
#[derive(Default)]
pub(crate) struct Ir {
    comdats: String,
    functions: String,
    declares: String,
    metadata: String,
    next_id: u32,
}

/// A function that returns `value` plus what its callees return.
pub(crate) struct Func<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: u32,
    pub(crate) calls: &'a [&'a str],
    /// Lines as emitted: of the body's instructions and, if there is a second one, of the return.
    pub(crate) lines: &'a [u32],
}

impl Ir {
    pub(crate) fn func(mut self, func: &Func) -> Ir {
        use std::fmt::Write as _;
        let Func {
            name,
            value,
            calls,
            lines,
        } = func;
        let first = lines.first().copied().unwrap_or(1);
        let last = lines.last().copied().unwrap_or(first);
        let id = 100 + self.next_id * 10;
        self.next_id += 1;
        writeln!(self.comdats, "$\"{name}\" = comdat any").unwrap();
        writeln!(
            self.functions,
            "define i32 @\"{name}\"() comdat !dbg !{id} {{"
        )
        .unwrap();
        let mut sum = value.to_string();
        for (index, callee) in calls.iter().enumerate() {
            writeln!(
                self.functions,
                "  %c{index} = call i32 @\"{callee}\"(), !dbg !{}",
                id + 1
            )
            .unwrap();
            writeln!(
                self.functions,
                "  %s{index} = add i32 %c{index}, {sum}, !dbg !{}",
                id + 1
            )
            .unwrap();
            sum = format!("%s{index}");
            let declare = format!("declare i32 @\"{callee}\"()\n");
            if !self.declares.contains(&declare) {
                self.declares.push_str(&declare);
            }
        }
        writeln!(self.functions, "  %z = add i32 {sum}, 0, !dbg !{}", id + 2).unwrap();
        writeln!(self.functions, "  ret i32 %z, !dbg !{}\n}}", id + 2).unwrap();
        writeln!(
            self.metadata,
            "!{id} = distinct !DISubprogram(name: \"{name}\", scope: !1, file: !1, type: !5, unit: !0, scopeLine: {first}, spFlags: DISPFlagDefinition)\n\
             !{} = !DILocation(line: {first}, column: 5, scope: !{id})\n\
             !{} = !DILocation(line: {last}, column: 9, scope: !{id})",
            id + 1,
            id + 2,
        )
        .unwrap();
        self
    }

    pub(crate) fn text(&self, dwarf_version: u32) -> String {
        let declares: String = self
            .declares
            .lines()
            .filter(|line| {
                let name = line.trim_start_matches("declare i32 ");
                !self.functions.contains(&format!("define i32 {name}"))
            })
            .map(|line| format!("{line}\n"))
            .collect();
        format!(
            "source_filename = \"main.tml\"\n{}{}{declares}\
             !llvm.dbg.cu = !{{!0}}\n!llvm.module.flags = !{{!3, !4}}\n\
             !0 = distinct !DICompileUnit(language: DW_LANG_C, file: !1, emissionKind: FullDebug)\n\
             !1 = !DIFile(filename: \"main.tml\", directory: \"/src\")\n\
             !3 = !{{i32 2, !\"Debug Info Version\", i32 3}}\n\
             !4 = !{{i32 2, !\"Dwarf Version\", i32 {dwarf_version}}}\n\
             !5 = !DISubroutineType(types: !6)\n!6 = !{{null}}\n{}",
            self.comdats, self.functions, self.metadata
        )
    }

    pub(crate) fn object(&self) -> Option<Vec<u8>> {
        compile(&self.text(5), Target::X86_64Linux)
    }

    pub(crate) fn input(&self, name: &str) -> Option<LinkInput> {
        Some(LinkInput::bytes(name, self.object()?))
    }
}

pub(crate) fn func<'a>(name: &'a str, value: u32, calls: &'a [&'a str]) -> Func<'a> {
    Func {
        name,
        value,
        calls,
        lines: &[1],
    }
}

pub(crate) fn start() -> Option<LinkInput> {
    Some(LinkInput::bytes(
        "start.o",
        compile(START, Target::X86_64Linux)?,
    ))
}

/// Runs a program that was just written. Another thread of this process may be
/// between fork and exec with the file still open for writing, so ETXTBSY is
/// waited out.
pub(crate) fn run(path: &Path) -> Output {
    for _ in 0..1000 {
        match Command::new(path).output() {
            Err(err) if err.kind() == std::io::ErrorKind::ExecutableFileBusy => {
                std::thread::yield_now();
            }
            result => return result.unwrap(),
        }
    }
    panic!("{} stays busy", path.display());
}

pub(crate) fn exit_code(path: &Path) -> Option<i32> {
    run(path).status.code()
}

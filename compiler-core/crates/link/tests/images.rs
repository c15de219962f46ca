//! Images: what is in them, how they replace older ones, and what errors say.

mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use link::{ImageKind, Lib, LinkError, LinkInput, LinkPlan, LinkerKind, Strip, Target, link};
use object::Object;
use object_store::{ObjectHeader, ObjectKey, Store, StoreOptions};
use support::{Ir, compile, exit_code, func, run, start};
use tempfile::TempDir;

const LINKERS: [LinkerKind; 3] = [LinkerKind::Wild, LinkerKind::Lld, LinkerKind::Cc];

fn program(value: u32) -> Option<Vec<LinkInput>> {
    let main = Ir::default().func(&func("tml.main", value, &[]));
    Some(vec![start()?, main.input("main.o")?])
}

fn write_program(output: &Path, value: u32) -> Option<()> {
    link(&LinkPlan::executable(output, program(value)?)).unwrap();
    Some(())
}

#[test]
fn the_c_library_is_enough() {
    let hello = "@hello = private constant [7 x i8] c\"hello\\0A\\00\"\n\
        declare i64 @write(i32, ptr, i64)\ndeclare double @cos(double)\n\
        define i32 @tml.main() {\n  %n = call i64 @write(i32 1, ptr @hello, i64 6)\n\
          %c = call double @cos(double 0.0)\n  %i = fptosi double %c to i32\n  ret i32 %i\n}";
    let Some(object) = compile(hello, Target::X86_64Linux) else {
        return;
    };
    let dir = TempDir::new().unwrap();
    for kind in [ImageKind::Executable, ImageKind::PieExecutable] {
        for linker in LINKERS {
            let output = dir.path().join("program");
            let inputs = vec![start().unwrap(), LinkInput::bytes("main.o", object.clone())];
            let mut plan = LinkPlan::executable(&output, inputs);
            (plan.kind, plan.linker) = (kind, linker);
            link(&plan).unwrap();
            let ran = run(&output);
            assert_eq!(
                (ran.status.code(), &*ran.stdout),
                (Some(1), &b"hello\n"[..]),
                "{linker:?}"
            );
        }
    }
}

#[test]
fn a_running_program_keeps_its_file() {
    let sleeper = "declare i64 @read(i32, ptr, i64)\n\
        define i32 @tml.main() {\n  %b = alloca i8\n\
          %n = call i64 @read(i32 0, ptr %b, i64 1)\n  ret i32 5\n}";
    let Some(object) = compile(sleeper, Target::X86_64Linux) else {
        return;
    };
    let dir = TempDir::new().unwrap();
    let output = dir.path().join("program");
    let inputs = vec![start().unwrap(), LinkInput::bytes("main.o", object)];
    link(&LinkPlan::executable(&output, inputs)).unwrap();
    let spawn = || Command::new(&output).stdin(Stdio::piped()).spawn();
    let mut old = loop {
        match spawn() {
            Err(err) if err.kind() == std::io::ErrorKind::ExecutableFileBusy => {}
            result => break result.unwrap(),
        }
    };
    write_program(&output, 6).unwrap();
    assert_eq!(exit_code(&output), Some(6));
    drop(old.stdin.take());
    assert_eq!(old.wait().unwrap().code(), Some(5));
}

#[test]
fn a_failed_link_leaves_the_old_image_and_nothing_else() {
    let dir = TempDir::new().unwrap();
    let output = dir.path().join("program");
    let Some(()) = write_program(&output, 3) else {
        return;
    };
    let before = fs::read(&output).unwrap();
    let broken = Ir::default()
        .func(&func("tml.main", 1, &["tml.nowhere"]))
        .input("main.o");
    for linker in LINKERS {
        let inputs = vec![start().unwrap(), broken.clone().unwrap()];
        let mut plan = LinkPlan::executable(&output, inputs);
        plan.linker = linker;
        link(&plan).unwrap_err();
        assert_eq!(fs::read(&output).unwrap(), before);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}

#[test]
fn undefined_symbols_are_all_named_with_the_input_that_wants_them() {
    let main = Ir::default().func(&func("tml.main", 1, &["tml.b", "tml.lost", "tml.gone"]));
    let other = Ir::default().func(&func("tml.b", 1, &["tml.gone", "tml.away"]));
    let Some(main) = main.input("main object") else {
        return;
    };
    let dir = TempDir::new().unwrap();
    let other_path = dir.path().join("other.o");
    fs::write(&other_path, other.object().unwrap()).unwrap();
    for linker in LINKERS {
        let inputs = vec![
            start().unwrap(),
            main.clone(),
            LinkInput::from(&*other_path),
        ];
        let mut plan = LinkPlan::executable(dir.path().join("program"), inputs);
        plan.linker = linker;
        let error = link(&plan).unwrap_err();
        assert_eq!(error.code(), "C002", "{linker:?}: {error}");
        let LinkError::Undefined { symbols, .. } = &error else {
            panic!("{error:?}")
        };
        let names: Vec<_> = symbols.iter().map(|symbol| &*symbol.name).collect();
        assert_eq!(names, ["tml.away", "tml.gone", "tml.lost"], "{linker:?}");
        if linker != LinkerKind::Cc {
            let inputs: Vec<_> = symbols
                .iter()
                .map(|symbol| symbol.input.as_deref())
                .collect();
            let other = other_path.to_str();
            assert_eq!(
                (inputs[0], inputs[2]),
                (other, Some("main object")),
                "{linker:?}"
            );
        }
    }
}

#[test]
fn duplicate_symbols_outside_of_groups_are_an_error() {
    let one = "define i32 @tml.main() { ret i32 1 }";
    let Some(one) = compile(one, Target::X86_64Linux) else {
        return;
    };
    let dir = TempDir::new().unwrap();
    for linker in LINKERS {
        let object = |name: &str| LinkInput::bytes(name, one.clone());
        let inputs = vec![start().unwrap(), object("first"), object("second")];
        let mut plan = LinkPlan::executable(dir.path().join("program"), inputs);
        plan.linker = linker;
        let error = link(&plan).unwrap_err();
        assert_eq!(error.code(), "C003", "{linker:?}: {error}");
        let LinkError::Duplicate { symbols, .. } = &error else {
            panic!("{error:?}")
        };
        assert_eq!(symbols.len(), 1);
        assert_eq!(symbols[0].name, "tml.main", "{linker:?}");
        if linker != LinkerKind::Cc {
            assert_eq!(symbols[0].inputs, ["first", "second"], "{linker:?}");
        }
    }
}

#[test]
fn what_is_no_object_is_a_linker_failure() {
    let dir = TempDir::new().unwrap();
    let Some(mut inputs) = program(1) else { return };
    inputs.push(LinkInput::bytes("garbage", &b"\x7fELF is a promise"[..]));
    inputs.push(LinkInput::Path(dir.path().join("missing.o")));
    for linker in LINKERS {
        let mut plan = LinkPlan::executable(dir.path().join("program"), inputs.clone());
        plan.linker = linker;
        let error = link(&plan).unwrap_err();
        assert_eq!(error.code(), "C007", "{linker:?}: {error}");
        assert!(!error.output().unwrap().is_empty());
    }
}

/// The store hands out no torn objects, but a user's own may be one. (Cutting
/// is what happens; flipping bits of relocations can send `libwild` 0.10 into
/// a search of 2^64 steps, which nothing here can stop.)
#[test]
fn torn_objects_are_errors() {
    let Some(inputs) = program(1) else { return };
    let LinkInput::Bytes { bytes, .. } = &inputs[1] else {
        unreachable!()
    };
    let dir = TempDir::new().unwrap();
    let mut plan = LinkPlan::executable(dir.path().join("program"), inputs.clone());
    for step in 0..200 {
        let len = step * bytes.len() / 200;
        plan.inputs[1] = LinkInput::bytes("torn.o", &bytes[..len]);
        assert!(link(&plan).is_err(), "{len} of {} bytes", bytes.len());
    }
}

#[test]
fn problems_with_files_and_programs_name_them() {
    let dir = TempDir::new().unwrap();
    let Some(inputs) = program(1) else { return };
    let plan = LinkPlan::executable(dir.path().join("no/such/dir/program"), inputs);
    let error = link(&plan).unwrap_err();
    assert!(error.to_string().contains("no/such/dir/"), "{error}");

    let mut missing = plan.clone();
    missing.output = dir.path().join("program");
    missing.linker = LinkerKind::Lld;
    missing.linker_path = Some(dir.path().join("no-such-lld"));
    let error = link(&missing).unwrap_err();
    assert_eq!(
        (error.code(), error.to_string().contains("no-such-lld")),
        ("C007", true)
    );

    let mut missing = plan;
    missing.libs.push(Lib::Named("no-such-library".to_owned()));
    let error = link(&missing).unwrap_err();
    assert!(matches!(error, LinkError::LibraryNotFound { .. }));
}

#[test]
fn images_do_not_depend_on_where_inputs_are() {
    let Some(inputs) = program(1) else { return };
    let (one, two) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    for linker in LINKERS {
        let mut images = Vec::new();
        for (round, dir) in [&one, &two].into_iter().enumerate() {
            let paths = inputs.iter().enumerate().map(|(index, input)| {
                let LinkInput::Bytes { bytes, .. } = input else {
                    unreachable!()
                };
                let path = dir.path().join(format!("{round}-{index}.o"));
                fs::write(&path, bytes).unwrap();
                LinkInput::Path(path)
            });
            let output = dir.path().join(format!("program-{round}"));
            let mut plan = LinkPlan::executable(&output, paths.collect());
            plan.linker = linker;
            link(&plan).unwrap();
            let image = fs::read(&output).unwrap();
            let text = String::from_utf8_lossy(&image);
            assert!(!text.contains(dir.path().to_str().unwrap()), "{linker:?}");
            images.push(image);
        }
        assert!(images[0] == images[1], "{linker:?}");
        let output = one.path().join("from-memory");
        let mut plan = LinkPlan::executable(&output, inputs.clone());
        plan.linker = linker;
        link(&plan).unwrap();
        assert!(fs::read(&output).unwrap() == images[0], "{linker:?}");
    }
}

#[test]
fn concurrent_links_are_equal() {
    let mut ir = Ir::default();
    let names: Vec<String> = (0..200).map(|number| format!("tml.f{number}")).collect();
    for pair in names.windows(2) {
        ir = ir.func(&func(&pair[0], 1, &[&pair[1]]));
    }
    let last =
        Ir::default()
            .func(&func(&names[199], 1, &[]))
            .func(&func("tml.main", 0, &["tml.f0"]));
    let Some(pack) = ir.input("pack.o") else {
        return;
    };
    let inputs = vec![start().unwrap(), pack, last.input("last.o").unwrap()];
    let dir = TempDir::new().unwrap();
    let images: Vec<Vec<u8>> = std::thread::scope(|scope| {
        let links: Vec<_> = (0..8)
            .map(|number| {
                let (inputs, dir) = (inputs.clone(), dir.path());
                scope.spawn(move || {
                    let output = dir.join(format!("program{number}"));
                    link(&LinkPlan::executable(&output, inputs)).unwrap();
                    fs::read(output).unwrap()
                })
            })
            .collect();
        links.into_iter().map(|link| link.join().unwrap()).collect()
    });
    assert!(images.iter().all(|image| *image == images[0]));
    assert_eq!(exit_code(&dir.path().join("program3")), Some(200));
}

#[test]
fn objects_come_straight_from_the_store() {
    let dir = TempDir::new().unwrap();
    let store = Store::open(dir.path().join("store"), StoreOptions::default()).unwrap();
    let Some(object) = Ir::default().func(&func("tml.main", 17, &[])).object() else {
        return;
    };
    let key = ObjectKey(stable(b"tml.main"));
    store
        .put(key, &ObjectHeader::new(["tml.main"]), &object)
        .unwrap();
    let stored = store.get(key).unwrap().unwrap();
    for linker in LINKERS {
        let output = dir.path().join("program");
        let mut plan =
            LinkPlan::executable(&output, vec![start().unwrap(), LinkInput::from(&stored)]);
        plan.linker = linker;
        link(&plan).unwrap();
        assert_eq!(exit_code(&output), Some(17), "{linker:?}");
    }
}

fn stable(bytes: &[u8]) -> stdx::Hash128 {
    stdx::Hash128::of_bytes(bytes)
}

#[test]
fn stripped_images_have_no_debug_sections() {
    let Some(inputs) = program(2) else { return };
    let dir = TempDir::new().unwrap();
    for linker in LINKERS {
        for (strip, symbols) in [
            (Strip::None, true),
            (Strip::Debug, true),
            (Strip::All, false),
        ] {
            let output = dir.path().join("program");
            let mut plan = LinkPlan::executable(&output, inputs.clone());
            (plan.linker, plan.strip) = (linker, strip);
            link(&plan).unwrap();
            let image = fs::read(&output).unwrap();
            let file = object::File::parse(&*image).unwrap();
            let has_lines = file.section_by_name(".debug_line").is_some();
            assert_eq!(has_lines, strip == Strip::None, "{linker:?}");
            assert_eq!(
                file.symbol_table().is_some(),
                symbols,
                "{linker:?} {strip:?}"
            );
            assert_eq!(exit_code(&output), Some(2));
        }
    }
}

#[test]
fn one_object_out_of_many_can_be_linked_again() {
    let Some(mut inputs) = program(4) else { return };
    let dir = TempDir::new().unwrap();
    let start = inputs.remove(0);
    inputs.push(
        Ir::default()
            .func(&func("tml.more", 1, &[]))
            .input("more.o")
            .unwrap(),
    );
    for linker in LINKERS {
        let object = dir.path().join("all.o");
        let mut plan = LinkPlan::executable(&object, inputs.clone());
        (plan.linker, plan.kind) = (linker, ImageKind::Relocatable);
        link(&plan).unwrap_or_else(|error| panic!("{linker:?} {error}: {:?}", error.output()));
        let output = dir.path().join("program");
        link(&LinkPlan::executable(
            &output,
            vec![start.clone(), LinkInput::Path(object)],
        ))
        .unwrap();
        assert_eq!(exit_code(&output), Some(4), "{linker:?}");
    }
}

#[test]
fn programs_use_shared_objects() {
    let Some(library) = Ir::default().func(&func("tml.lib", 21, &[])).input("lib.o") else {
        return;
    };
    let main = Ir::default()
        .func(&func("tml.main", 1, &["tml.lib"]))
        .input("main.o")
        .unwrap();
    let dir = TempDir::new().unwrap();
    for linker in LINKERS {
        let shared = dir.path().join("libtml_part.so");
        let mut plan = LinkPlan::executable(&shared, vec![library.clone()]);
        (plan.linker, plan.kind) = (linker, ImageKind::SharedObject);
        link(&plan).unwrap();
        let output = dir.path().join("program");
        let mut plan = LinkPlan::executable(&output, vec![start().unwrap(), main.clone()]);
        plan.linker = linker;
        plan.libs.push(Lib::Named("tml_part".to_owned()));
        plan.lib_dirs.push(dir.path().to_owned());
        link(&plan).unwrap();
        let ran = Command::new(&output)
            .env("LD_LIBRARY_PATH", dir.path())
            .status()
            .unwrap();
        assert_eq!(ran.code(), Some(22), "{linker:?}");
    }
}

#[test]
fn a_library_without_a_soname_is_needed_by_its_file_name() {
    let Some(library) = Ir::default().func(&func("tml.lib", 21, &[])).object() else {
        return;
    };
    let main = Ir::default()
        .func(&func("tml.main", 1, &["tml.lib"]))
        .input("main.o")
        .unwrap();
    let dir = TempDir::new().unwrap();
    let shared = dir.path().join("libnameless.so");
    fs::write(dir.path().join("lib.o"), library).unwrap();
    let made = Command::new("ld.lld-22")
        .args(["-shared", "lib.o", "-o", "libnameless.so"])
        .current_dir(dir.path())
        .status();
    if !made.is_ok_and(|status| status.success()) {
        eprintln!("skipped: no lld");
        return;
    }
    for linker in LINKERS {
        let output = dir.path().join("program");
        let mut plan = LinkPlan::executable(&output, vec![start().unwrap(), main.clone()]);
        plan.linker = linker;
        plan.libs.push(Lib::Path(shared.clone()));
        link(&plan).unwrap();
        let ran = Command::new(&output)
            .env("LD_LIBRARY_PATH", dir.path())
            .status()
            .unwrap();
        assert_eq!(ran.code(), Some(22), "{linker:?}");
        let image = fs::read(&output).unwrap();
        let text = String::from_utf8_lossy(&image);
        assert!(!text.contains(dir.path().to_str().unwrap()), "{linker:?}");
    }
}

#[test]
fn linkers_are_named_as_users_write_them() {
    for kind in [
        LinkerKind::Wild,
        LinkerKind::Lld,
        LinkerKind::Mold,
        LinkerKind::Cc,
    ] {
        assert_eq!(kind.name().parse(), Ok(kind));
    }
    assert!(
        "gold"
            .parse::<LinkerKind>()
            .unwrap_err()
            .contains("known: wild")
    );
}

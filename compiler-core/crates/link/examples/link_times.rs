//! Prints how long links take: `cargo run --release -p link --example link_times`.
//!
//! Programs of 1 object, of 64 packs of 32 functions, and of 2,000 objects of
//! one function each, all with DWARF; and the passes over 5,000 functions.

#[path = "../tests/support/mod.rs"]
mod support;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use link::{LineBase, LinkInput, LinkPlan, LinkReport, LinkerKind, Target, link, positions_object};
use object_store::{LINE_BIAS, ObjectHeader, ObjectKey, Store, StoreOptions, StoredObject};
use support::{Func, Ir, func, start};

const ROUNDS: usize = 15;
const B: u32 = LINE_BIAS;

fn main() {
    let dir = tempfile::tempdir().unwrap();
    let Some(start) = start() else { return };
    println!(
        "{:34} {:>8} {:>8} {:>8} {:>8} {:>9}",
        "ms (median)", "total", "link", "lines", "write", "bytes"
    );
    for (label, inputs, functions) in programs(&start) {
        for linker in [LinkerKind::Wild, LinkerKind::Lld] {
            measure(
                &format!("{label}, {}", linker.name()),
                &inputs,
                functions,
                linker,
                dir.path(),
            );
        }
        from_store(
            &format!("{label}, wild, store"),
            &inputs,
            functions,
            dir.path(),
        );
    }
    positions();
}

fn name(number: usize) -> String {
    format!("tml.f{number:04}")
}

fn programs(start: &LinkInput) -> Vec<(&'static str, Vec<LinkInput>, usize)> {
    let main = |calls: &str| {
        let ir = Ir::default().func(&func("tml.main", 1, &[calls]));
        ir.input("main.o").unwrap()
    };
    let alone = Ir::default()
        .func(&func("tml.main", 1, &[]))
        .input("main.o")
        .unwrap();
    let packs = (0..64).map(|pack| {
        let mut ir = Ir::default();
        for number in pack * 32..pack * 32 + 32 {
            let (this, next) = (name(number), name(number + 1));
            let calls: &[&str] = if number == 2047 { &[] } else { &[&next] };
            ir = ir.func(&Func {
                name: &this,
                value: 1,
                calls,
                lines: &[B + 1, B + 2],
            });
        }
        ir.input("pack.o").unwrap()
    });
    // One object, renamed 2,000 times: names are as long as each other.
    let (this, next) = ("tml.f0000", "tml.g0000");
    let template = Ir::default()
        .func(&Func {
            name: this,
            value: 1,
            calls: &[next],
            lines: &[B + 1, B + 2],
        })
        .object()
        .unwrap();
    let singles = (0..2000).map(|number| {
        if number == 1999 {
            return Ir::default()
                .func(&func(&name(number), 1, &[]))
                .input("last.o")
                .unwrap();
        }
        let bytes = replace(&template, this, &name(number));
        LinkInput::bytes("one.o", replace(&bytes, next, &name(number + 1)))
    });
    let with_main = |rest: Vec<LinkInput>| {
        let mut inputs = vec![start.clone(), main("tml.f0000")];
        inputs.extend(rest);
        inputs
    };
    vec![
        ("1 object", vec![start.clone(), alone], 0),
        ("64 packs of 32", with_main(packs.collect()), 2048),
        ("2000 objects", with_main(singles.collect()), 2000),
    ]
}

fn replace(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for at in 0..bytes.len() - from.len() {
        if bytes[at..].starts_with(from.as_bytes()) {
            bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
        }
    }
    bytes
}

fn plan(inputs: Vec<LinkInput>, functions: usize, output: &Path) -> LinkPlan {
    let mut plan = LinkPlan::executable(output, inputs);
    plan.line_bases = (0..functions)
        .map(|number| LineBase {
            symbol: name(number).into(),
            first_line: 10 * number as u32 + 1,
        })
        .collect();
    plan
}

fn measure(label: &str, inputs: &[LinkInput], functions: usize, linker: LinkerKind, dir: &Path) {
    let mut plan = plan(inputs.to_vec(), functions, &dir.join("program"));
    plan.linker = linker;
    report(label, || link(&plan).unwrap());
}

/// As a warm daemon does it: ask the store for every object, then link.
fn from_store(label: &str, inputs: &[LinkInput], functions: usize, dir: &Path) {
    let store = Store::open(dir.join("store"), StoreOptions::default()).unwrap();
    let mut keys = Vec::new();
    for input in inputs {
        let LinkInput::Bytes { bytes, .. } = input else {
            continue;
        };
        let key = ObjectKey(stdx::Hash128::of_bytes(bytes));
        store.put(key, &ObjectHeader::default(), bytes).unwrap();
        keys.push(key);
    }
    let cold = Store::open(dir.join("store"), StoreOptions::default()).unwrap();
    let fetch = |store: &Store| -> Vec<StoredObject> {
        keys.iter()
            .map(|&key| store.get(key).unwrap().unwrap())
            .collect()
    };
    let start = Instant::now();
    fetch(&cold);
    let cold_time = start.elapsed();
    let start = Instant::now();
    let objects = fetch(&cold);
    let warm_time = start.elapsed();
    let inputs = objects.iter().map(LinkInput::from).collect();
    let plan = plan(inputs, functions, &dir.join("program"));
    report(label, || link(&plan).unwrap());
    println!(
        "  store: get all cold {:.2}, warm {:.2}",
        ms(cold_time),
        ms(warm_time)
    );
    fs::remove_dir_all(dir.join("store")).unwrap();
}

fn report(label: &str, mut run: impl FnMut() -> LinkReport) {
    let mut rounds: Vec<(Duration, LinkReport)> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            let report = run();
            (start.elapsed(), report)
        })
        .collect();
    rounds.sort_by_key(|round| round.0);
    let (total, report) = &rounds[ROUNDS / 2];
    println!(
        "{label:34} {:8.2} {:8.2} {:8.3} {:8.2} {:9}",
        ms(*total),
        ms(report.link_time),
        ms(report.patch_time),
        ms(report.write_time),
        report.image_bytes
    );
}

fn positions() {
    let names: Vec<String> = (0..5000)
        .map(|number| format!("tml.f{number}.first_line"))
        .collect();
    for _ in 0..3 {
        let start = Instant::now();
        let object = positions_object(Target::host(), names.iter().map(|name| (&**name, 7)));
        println!(
            "positions of 5000 functions: {:.2} ms, {} bytes",
            ms(start.elapsed()),
            object.len()
        );
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

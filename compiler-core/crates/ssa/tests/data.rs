//! The suites of `tests/ssa`: text in, text out.
//!
//! A file is a list of cases: `=== before: title`, the input, `=== after`, the
//! expectation. The folder says what happens in between. `UPDATE_EXPECT=1`
//! writes what is found into the files.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use ssa::interp::memory::Memory;
use ssa::interp::{Host, HostError, Interpreter, Limits, StopReason};
use ssa::passes;
use ssa::{Function, Module, OptLevel, Pipeline, parse_module, verify};

struct Case {
    title: String,
    input: String,
    expected: String,
}

#[test]
fn text_round_trips() {
    check_folder("text", |input| parse(input).to_string());
}

#[test]
fn verifier_finds_broken_rules() {
    check_folder("verify", |input| {
        let mut found = String::new();
        for func in parse(input).functions {
            for error in verify(&func).err().unwrap_or_default() {
                writeln!(found, "{}: {error}", func.symbol).unwrap();
            }
        }
        found
    });
}

#[test]
fn passes_transform() {
    for &pass in passes::ALL {
        check_folder(pass.name, |input| {
            transform(input, &Pipeline { passes: vec![pass] })
        });
    }
}

#[test]
fn pipeline_transforms() {
    check_folder("pipeline", |input| {
        transform(input, &Pipeline::for_level(OptLevel::O2))
    });
}

#[test]
fn interpreter_runs() {
    check_folder("interp", |input| {
        let module = parse(input);
        verify_all(&module);
        let plain = outcome(&module, "main", &[]);
        let optimized = outcome(&optimize(&module), "main", &[]);
        // What is undefined may change; a case that means to show it says so in its title.
        if !plain.contains("stop:") {
            assert_eq!(
                plain, optimized,
                "optimising changes what this does:\n{input}"
            );
        }
        plain
    });
}

/// Passes change no function's behaviour on sample arguments.
#[test]
fn passes_keep_behaviour() {
    let mut runs = 0;
    let folders = passes::ALL.iter().map(|pass| pass.name).chain(["pipeline"]);
    for (path, case) in folders.flat_map(folder).flat_map(|path| cases_of(&path)) {
        let module = parse(&case.input);
        for pass in passes::ALL {
            let transformed = apply(
                &module,
                &Pipeline {
                    passes: vec![*pass],
                },
            );
            for func in &module.functions {
                for args in sample_args(func) {
                    let before = outcome(&module, &func.symbol, &args);
                    // Stopped runs are undefined behaviour or limits: nothing to keep.
                    if before.contains("stop:") {
                        continue;
                    }
                    let after = outcome(&transformed, &func.symbol, &args);
                    let place = format!("{}: {} in {}", pass.name, case.title, path.display());
                    assert_eq!(before, after, "{place}: @{} {args:?}", func.symbol);
                    runs += 1;
                }
            }
        }
    }
    assert!(runs > 100, "only {runs} runs");
}

/// Every text of every suite reads back as what was written.
#[test]
fn all_test_data_round_trips() {
    let folders = passes::ALL.iter().map(|pass| pass.name);
    let folders = folders.chain(["pipeline", "text", "interp"]);
    for (_, case) in folders.flat_map(folder).flat_map(|path| cases_of(&path)) {
        let mut module = parse(&case.input);
        for func in &mut module.functions {
            std::sync::Arc::make_mut(func).compact();
        }
        let text = module.to_string();
        let again = parse(&text);
        assert_eq!(module, again, "{text}");
        assert_eq!(text, again.to_string());
    }
}

/// Broken text gives an error, and text that is wrong IR gives verifier errors: never a panic.
#[test]
fn damaged_text_is_survived() {
    let mut random = 88172645463325252u64;
    let mut below = |bound: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random % bound as u64) as usize
    };
    let (mut parsed, mut valid) = (0, 0);
    for (_, case) in ["text", "pipeline", "interp"]
        .into_iter()
        .flat_map(folder)
        .flat_map(|path| cases_of(&path))
    {
        let words: Vec<&str> = case.input.split_inclusive([' ', '\n']).collect();
        for _ in 0..100 {
            let mut damaged = words.clone();
            let (at, from) = (below(words.len()), below(words.len()));
            match below(3) {
                0 => drop(damaged.remove(at)),
                1 => damaged[at] = words[from],
                _ => damaged.swap(at, from),
            }
            let Ok(module) = parse_module(&damaged.concat()) else {
                continue;
            };
            parsed += 1;
            for func in &module.functions {
                valid += usize::from(verify(func).is_ok());
                // Printing broken IR must work, too: it is how one looks at it.
                assert!(!func.to_string().is_empty());
            }
        }
    }
    assert!(
        parsed > 100 && valid > 100,
        "{parsed} parsed, {valid} valid"
    );
}

fn transform(input: &str, pipeline: &Pipeline) -> String {
    apply(&parse(input), pipeline).to_string()
}

fn optimize(module: &Module) -> Module {
    apply(module, &Pipeline::for_level(OptLevel::O2))
}

fn apply(module: &Module, pipeline: &Pipeline) -> Module {
    verify_all(module);
    let around = module.clone();
    let mut module = module.clone();
    for func in &mut module.functions {
        let func = std::sync::Arc::make_mut(func);
        let mut observe = ssa::pipeline::Observe {
            verify_after: true,
            ..Default::default()
        };
        let before = func.to_string();
        if let Err(broken) = pipeline.run_observed(func, &around, &mut observe) {
            let errors: Vec<String> = broken.errors.iter().map(|e| e.to_string()).collect();
            panic!(
                "{:?} breaks\n{before}\ninto\n{func}\n{}",
                broken.pass,
                errors.join("\n")
            );
        }
    }
    verify_all(&module);
    module
}

fn verify_all(module: &Module) {
    for func in &module.functions {
        if let Err(errors) = verify(func) {
            let errors: Vec<String> = errors.iter().map(|e| e.to_string()).collect();
            panic!("{func}\n{}", errors.join("\n"));
        }
    }
}

fn parse(input: &str) -> Module {
    parse_module(input).unwrap_or_else(|error| panic!("{error}\n{input}"))
}

// Running.

/// Records calls; a call's result is made of its arguments. `alloc` and `free` are real.
#[derive(Default)]
struct Recorder {
    log: String,
}

impl Host for Recorder {
    fn call(
        &mut self,
        symbol: &str,
        args: &[u128],
        memory: &mut Memory,
    ) -> Result<Option<u128>, HostError> {
        match (symbol, args) {
            ("alloc", [size]) => return Ok(Some(u128::from(memory.alloc(*size as u64, 16)?))),
            ("free", [address]) => {
                memory.free(*address as u64)?;
                return Ok(None);
            }
            ("print", [text]) => {
                let text = memory.read_c_string(*text as u64)?;
                self.log += &String::from_utf8_lossy(&text);
                self.log.push('\n');
                return Ok(Some(0));
            }
            ("exit", [code]) => return Err(HostError::Exit(*code as i32)),
            ("known", _) | ("effect", _) | ("show", _) | ("pure", _) => {}
            _ => return Err(HostError::Unknown),
        }
        writeln!(self.log, "{symbol}{args:?}").unwrap();
        if symbol == "pure" {
            self.log.clear();
        }
        Ok(Some(args.iter().fold(7, |sum, arg| sum * 31 + arg)))
    }
}

fn outcome(module: &Module, symbol: &str, args: &[u128]) -> String {
    let mut host = Recorder::default();
    let limits = Limits {
        steps: 100_000,
        call_depth: 200,
        ..Limits::default()
    };
    let result = Interpreter::new(module, &mut host, limits).call(symbol, args);
    let result = match result {
        Ok(Some(bits)) => format!("{bits}\n"),
        Ok(None) => "nothing\n".to_owned(),
        Err(stop) if matches!(stop.reason, StopReason::Exit(_)) => format!("{}\n", stop.reason),
        Err(stop) => {
            let places = stop.trace.iter().take(4).map(|(func, loc)| match loc {
                Some(loc) => format!(" at {func}:{loc}"),
                None => format!(" at {func}"),
            });
            format!("stop: {}{}\n", stop.reason, places.collect::<String>())
        }
    };
    host.log + &result
}

fn sample_args(func: &Function) -> Vec<Vec<u128>> {
    let seeds: [u128; 6] = [0, 1, 2, 5, u128::MAX, 0x7fff_ffff_ffff_ffff];
    let args = |shift: usize| {
        let params = func.signature.params.iter().enumerate();
        params
            .map(|(index, ty)| seeds[(index * 5 + shift) % seeds.len()] & ty.mask())
            .collect()
    };
    (0..seeds.len()).map(args).collect()
}

// Files.

fn check_folder(name: &str, transform: impl Fn(&str) -> String) {
    for path in folder(name) {
        let mut cases: Vec<Case> = cases_of(&path).into_iter().map(|(_, case)| case).collect();
        let mut differs = None;
        for case in &mut cases {
            let found = transform(&case.input);
            if found.trim_end() != case.expected.trim_end() {
                differs.get_or_insert((case.title.clone(), case.expected.clone(), found.clone()));
                case.expected = found;
            }
        }
        let Some((title, expected, found)) = differs else {
            continue;
        };
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            write_cases(&path, &cases);
            continue;
        }
        let path = path.display();
        panic!("{path}: {title}\n--- expected\n{expected}\n--- found\n{found}");
    }
}

/// The files of a folder, in order of their names.
fn folder(name: &str) -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../tests/ssa")
        .join(name);
    let entries = std::fs::read_dir(&dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "ssa"));
    paths.sort();
    assert!(!paths.is_empty(), "{} holds no tests", dir.display());
    paths
}

fn cases_of(path: &Path) -> Vec<(PathBuf, Case)> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut cases: Vec<Case> = Vec::new();
    let mut is_after = false;
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("=== before: ") {
            is_after = false;
            let title = title.to_owned();
            cases.push(Case {
                title,
                input: String::new(),
                expected: String::new(),
            });
        } else if line == "=== after" {
            is_after = true;
        } else if let Some(case) = cases.last_mut() {
            let part = if is_after {
                &mut case.expected
            } else {
                &mut case.input
            };
            part.push_str(line);
            part.push('\n');
        }
    }
    cases
        .into_iter()
        .map(|case| (path.to_owned(), case))
        .collect()
}

fn write_cases(path: &Path, cases: &[Case]) {
    let mut text = String::new();
    for (index, case) in cases.iter().enumerate() {
        let gap = if index > 0 { "\n" } else { "" };
        let (input, expected) = (case.input.trim_end(), case.expected.trim_end());
        write!(
            text,
            "{gap}=== before: {}\n{input}\n\n=== after\n{expected}\n",
            case.title
        )
        .unwrap();
    }
    std::fs::write(path, text).unwrap();
}

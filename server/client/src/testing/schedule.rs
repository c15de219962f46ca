//! In which order tests run, and how many at a time.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use super::process;
use super::{FileResults, Status, TestOptions, TestResult, limit_seconds};
use crate::protocol::{TestFile, TestPlan};

/// Runs all tests; `on_done` hears of each as it ends, by the positions of its file and itself.
pub(super) fn run<'a>(
    files: &'a [TestFile],
    plan: &TestPlan,
    options: &TestOptions,
    on_done: &mut (dyn FnMut(usize, usize, &TestResult) + Send),
) -> Vec<FileResults<'a>> {
    let mut order: Vec<(usize, usize)> = Vec::new();
    for (at, file) in files.iter().enumerate() {
        order.extend((0..file.tests.len()).map(|test| (at, test)));
    }
    if let Some(seed) = &options.shuffle {
        shuffle(&mut order, seed);
    }
    let results: Vec<Vec<Option<TestResult>>> = files
        .iter()
        .map(|file| vec![None; file.tests.len()])
        .collect();
    let shared = Mutex::new((results, on_done));
    let next = AtomicUsize::new(0);
    let is_over = AtomicBool::new(false);
    let stops = options.fail_fast || plan.defaults.fail_fast;
    let work = || {
        while let Some((file, test)) = order.get(next.fetch_add(1, Ordering::SeqCst)) {
            let result = match is_over.load(Ordering::SeqCst) {
                true => TestResult::new(Status::NotRun, ""),
                false => one(&files[*file], *test, plan, options),
            };
            if stops && result.is_failure() {
                is_over.store(true, Ordering::SeqCst);
            }
            let mut shared = shared
                .lock()
                .unwrap_or_else(|poisoned| poisoned.into_inner());
            (shared.1)(*file, *test, &result);
            shared.0[*file][*test] = Some(result);
        }
    };
    let threads = threads(plan, options).min(order.len()).max(1);
    if threads == 1 {
        work();
    } else {
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(work);
            }
        });
    }
    let (results, _) = shared
        .into_inner()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    let with_file = files.iter().zip(results).map(|(file, results)| {
        let not_run = || TestResult::new(Status::NotRun, "");
        FileResults {
            file,
            results: results
                .into_iter()
                .map(|it| it.unwrap_or_else(not_run))
                .collect(),
        }
    });
    with_file.collect()
}

fn threads(plan: &TestPlan, options: &TestOptions) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, |count| count.get());
    let chosen = options.threads.or(plan.defaults.threads);
    chosen
        .filter(|threads| *threads > 0)
        .map_or(cores, |threads| threads as usize)
}

fn one(file: &TestFile, test: usize, plan: &TestPlan, options: &TestOptions) -> TestResult {
    let Some(test) = file.tests.get(test) else {
        return TestResult::new(Status::NotRun, "");
    };
    match (&test.ignored, options.only_ignored) {
        (Some(reason), false) if !options.include_ignored => {
            return TestResult::new(Status::Ignored, reason.clone());
        }
        (None, true) => return TestResult::new(Status::Ignored, "not an ignored test"),
        _ => {}
    }
    if let Some(failures) = &file.judged {
        return match failures.is_empty() {
            true => TestResult::new(Status::Passed, ""),
            false => TestResult::new(Status::Failed, failures.join("\n")),
        };
    }
    let Some(program) = &file.program else {
        return TestResult::new(Status::Failed, "does not compile");
    };
    let limit = Duration::from_secs_f64(limit_seconds(test, plan, options).clamp(0.001, 1e8));
    let dir: PathBuf = match Path::new(&file.dir).is_dir() {
        true => PathBuf::from(&file.dir),
        false => PathBuf::from("."),
    };
    let retries = options.retries.or(plan.defaults.retries).unwrap_or(0);
    let mut attempt = 0;
    loop {
        let program = Path::new(program);
        let result = process::test(program, &dir, test, limit, options.nocapture);
        if !result.is_failure() || attempt >= retries {
            return result;
        }
        attempt += 1;
    }
}

/// Fisher and Yates, from a seed that is printed.
fn shuffle(order: &mut [(usize, usize)], seed: &str) {
    let seed: u64 = match seed.parse() {
        Ok(seed) => seed,
        Err(_) => RandomState::new().build_hasher().finish() % 1_000_000,
    };
    eprintln!("Shuffled with --shuffle={seed}");
    let mut state = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    for last in (1..order.len()).rev() {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let chosen = ((state >> 33) as usize) % (last + 1);
        order.swap(last, chosen);
    }
}

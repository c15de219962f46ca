//! Many cases on all processors.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use compiler_core::build::ANALYSIS_STACK_BYTES;

/// Checks every item on one of some threads, each with a number and a stack as the engine's own.
/// The failures, sorted.
pub fn check_all<T: Sync>(
    items: &[T],
    check: impl Fn(usize, &T) -> Vec<String> + Sync,
) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(Vec::new());
    let workers = thread::available_parallelism().map_or(1, |count| count.get());
    thread::scope(|scope| {
        for worker in 0..workers {
            let (check, next, failures) = (&check, &next, &failures);
            let work = move || {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = check(worker, item);
                    failures.lock().expect("no panic").extend(found);
                }
            };
            thread::Builder::new()
                .stack_size(ANALYSIS_STACK_BYTES)
                .spawn_scoped(scope, work)
                .expect("a thread");
        }
    });
    let mut failures = failures.into_inner().expect("no panic");
    failures.sort();
    failures
}

/// Debug builds have large frames: the engine's own stacks are made for that.
pub fn on_an_analysis_stack(work: impl FnOnce() + Send) {
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(ANALYSIS_STACK_BYTES);
        let thread = thread.spawn_scoped(scope, work).expect("a thread");
        thread.join().expect("no panic");
    });
}

//! Threads that emit units beside the engine's other work.
//!
//! A pool has one [`Worker`], so one LLVM context, per thread. Threads run at a
//! lower priority than analysis: a keystroke comes before a build. What comes
//! out never depends on which thread did it, or on what that thread did before.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, bounded, select, unbounded};
use ssa::CodegenUnit;

use crate::error::CodegenError;
use crate::worker::{EmitOptions, ObjectFile, Worker};

/// Units that wait per thread. Guessed: enough to keep a thread busy, few enough
/// that units are not all in memory at once.
const QUEUED_PER_THREAD_MAX: usize = 4;

/// LLVM recurses over expressions and control flow; guessed, four times its usual need.
const STACK_BYTES: usize = 16 * 1024 * 1024;

/// How much nicer than the engine's other threads the pool is.
const NICENESS: i32 = 10;

/// The result of one unit.
pub type EmitResult = Result<ObjectFile, CodegenError>;

struct Job {
    index: usize,
    unit: Arc<CodegenUnit>,
    reply: Sender<(usize, EmitResult)>,
}

/// A fixed number of emitting threads with one bounded queue.
pub struct EmitPool {
    jobs: Option<Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl EmitPool {
    /// Starts `thread_count` threads, at least one.
    pub fn new(thread_count: usize, options: EmitOptions) -> std::io::Result<EmitPool> {
        let thread_count = thread_count.max(1);
        let (jobs, queue) = bounded::<Job>(thread_count * QUEUED_PER_THREAD_MAX);
        let mut threads = Vec::with_capacity(thread_count);
        for number in 0..thread_count {
            let queue = queue.clone();
            let thread = std::thread::Builder::new()
                .name(format!("emit-{number}"))
                .stack_size(STACK_BYTES)
                .spawn(move || run_thread(&queue, options))?;
            threads.push(thread);
        }
        Ok(EmitPool {
            jobs: Some(jobs),
            threads,
        })
    }

    pub fn thread_count(&self) -> usize {
        self.threads.len()
    }

    /// Emits all units and hands each result to `on_done` as it completes, with
    /// the unit's position in `units`.
    ///
    /// Runs `on_done` on the calling thread; results come in any order. Units are
    /// taken from the iterator only as the queue has room.
    pub fn emit_each(
        &self,
        units: impl IntoIterator<Item = Arc<CodegenUnit>>,
        mut on_done: impl FnMut(usize, EmitResult),
    ) {
        let Some(jobs) = &self.jobs else { return };
        let (reply, replies) = unbounded();
        let mut pending = 0usize;
        for (index, unit) in units.into_iter().enumerate() {
            let mut job = Some(Job {
                index,
                unit,
                reply: reply.clone(),
            });
            while job.is_some() {
                // Results are taken while the queue is full, too.
                select! {
                    send(jobs, job.take().expect("the loop runs while there is a job")) -> sent => match sent {
                        Ok(()) => pending += 1,
                        Err(_) => on_done(index, Err(threads_are_gone())),
                    },
                    recv(replies) -> answer => if let Ok((index, result)) = answer {
                        pending -= 1;
                        on_done(index, result);
                    },
                }
            }
        }
        drop(reply);
        while pending > 0 {
            // Every job owns a sender, so this fails only when a job was lost with its thread.
            let Ok((index, result)) = replies.recv() else {
                break;
            };
            pending -= 1;
            on_done(index, result);
        }
    }

    /// Emits all units; the results are in the order of the units.
    pub fn emit_all(&self, units: impl IntoIterator<Item = Arc<CodegenUnit>>) -> Vec<EmitResult> {
        let mut results: Vec<Option<EmitResult>> = Vec::new();
        let mut count = 0;
        let units = units.into_iter().inspect(|_| count += 1);
        self.emit_each(units, |index, result| {
            if results.len() <= index {
                results.resize_with(index + 1, || None);
            }
            results[index] = Some(result);
        });
        results.resize_with(count, || None);
        results
            .into_iter()
            .map(|slot| slot.unwrap_or_else(|| Err(threads_are_gone())))
            .collect()
    }
}

impl Drop for EmitPool {
    fn drop(&mut self) {
        drop(self.jobs.take());
        for thread in self.threads.drain(..) {
            // A thread that panicked outside a job has nothing left to tell.
            let _ = thread.join();
        }
    }
}

fn threads_are_gone() -> CodegenError {
    CodegenError::internal("the emitting threads ended early")
}

fn run_thread(queue: &Receiver<Job>, options: EmitOptions) {
    lower_priority();
    let mut worker = Worker::new(options);
    while let Ok(job) = queue.recv() {
        let result = match catch_unwind(AssertUnwindSafe(|| worker.emit(&job.unit))) {
            Ok(result) => result,
            Err(payload) => {
                // Whatever state the panic left behind goes with the worker.
                worker = Worker::new(options);
                Err(CodegenError::internal(format!(
                    "code generation panicked: {}",
                    panic_text(&*payload)
                )))
            }
        };
        // Nobody waits when the caller is gone; the next job may have another caller.
        let _ = job.reply.send((job.index, result));
    }
}

fn panic_text(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

#[cfg(target_os = "linux")]
fn lower_priority() {
    // SAFETY: plain system call on the calling thread (id 0). It can only fail to
    // lower the priority, which costs latency, not correctness.
    unsafe {
        libc::setpriority(libc::PRIO_PROCESS, 0, NICENESS);
    }
}

#[cfg(not(target_os = "linux"))]
fn lower_priority() {}

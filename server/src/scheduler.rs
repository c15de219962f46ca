//! Analysis runs on plain threads with bounded queues, never on the async runtime.
//!
//! Two priorities: what somebody waits for while typing, and the rest.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded, select_biased};
use tokio::sync::oneshot;

/// Jobs that may wait per priority. More than an editor ever asks at once.
const QUEUE_LENGTH_MAX: usize = 1024;

type Job = Box<dyn FnOnce() + Send>;

/// Who is waiting for a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// A person, with a key just pressed.
    Typing,
    /// Nobody in particular.
    Background,
}

/// Why a job gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The queue is full.
    Overloaded,
    /// The job panicked; it alone failed.
    Panicked,
}

/// Threads and their queues.
pub struct Scheduler {
    typing: Sender<Job>,
    background: Sender<Job>,
}

impl Scheduler {
    /// Starts the threads; at least two, so that a background job never blocks typing.
    pub fn new(thread_count: usize) -> std::io::Result<Scheduler> {
        let (typing, urgent) = bounded::<Job>(QUEUE_LENGTH_MAX);
        let (background, patient) = bounded::<Job>(QUEUE_LENGTH_MAX);
        for number in 0..thread_count.max(2) {
            // The first thread takes nothing but urgent jobs.
            let patient = (number > 0).then(|| patient.clone());
            let urgent = urgent.clone();
            thread::Builder::new()
                .name(format!("analysis {number}"))
                .stack_size(compiler_core::build::ANALYSIS_STACK_BYTES)
                .spawn(move || {
                    compiler_core::build::enter_analysis_thread();
                    work(&urgent, patient.as_ref())
                })?;
        }
        Ok(Scheduler { typing, background })
    }

    /// Runs a job on another thread; the receiver gets its answer.
    pub fn run<R: Send + 'static>(
        &self,
        priority: Priority,
        job: impl FnOnce() -> R + Send + 'static,
    ) -> oneshot::Receiver<Result<R, Failure>> {
        let (answer, waiting) = oneshot::channel();
        let queue = match priority {
            Priority::Typing => &self.typing,
            Priority::Background => &self.background,
        };
        let job: Job = Box::new(move || {
            if answer.is_closed() {
                return;
            }
            let result = catch_unwind(AssertUnwindSafe(job));
            // Nobody waits any more: the client has gone.
            let _ = answer.send(result.map_err(|_| Failure::Panicked));
        });
        if let Err(TrySendError::Full(_)) = queue.try_send(job) {
            let (answer, refused) = oneshot::channel();
            let _ = answer.send(Err(Failure::Overloaded));
            return refused;
        }
        waiting
    }
}

fn work(urgent: &Receiver<Job>, patient: Option<&Receiver<Job>>) {
    let never = crossbeam_channel::never();
    let patient = patient.unwrap_or(&never);
    loop {
        select_biased! {
            recv(urgent) -> job => match job {
                Ok(job) => job(),
                Err(_) => return,
            },
            recv(patient) -> job => match job {
                Ok(job) => job(),
                Err(_) => return,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_fails_one_job_alone() {
        let scheduler = Scheduler::new(2).unwrap();
        let bad = scheduler.run(Priority::Typing, || -> u8 { panic!("on purpose") });
        assert_eq!(bad.blocking_recv().unwrap(), Err(Failure::Panicked));
        let good = scheduler.run(Priority::Background, || 7);
        assert_eq!(good.blocking_recv().unwrap(), Ok(7));
    }

    #[test]
    fn urgent_jobs_overtake() {
        let scheduler = Scheduler::new(2).unwrap();
        let (release, gate) = bounded::<()>(0);
        let blocked = scheduler.run(Priority::Background, move || gate.recv().is_ok());
        let urgent = scheduler.run(Priority::Typing, || 1);
        assert_eq!(urgent.blocking_recv().unwrap(), Ok(1));
        release.send(()).unwrap();
        assert_eq!(blocked.blocking_recv().unwrap(), Ok(true));
    }
}

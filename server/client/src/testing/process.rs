//! One test in one process: its output, its end, or its time limit.

use std::io::{Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::{FAILED, PASSED, Status, TestResult};
use crate::protocol::TestCase;

/// Output kept of one test; a test that prints without end must not fill the memory.
const OUTPUT_BYTES_MAX: usize = 1 << 20;
/// The exit status of a program that panicked.
const PANICKED: i32 = 101;
/// Between looks at a process where the system cannot wake us when it ends.
const POLL_PAUSE: Duration = Duration::from_millis(2);

/// How a process ended and what it wrote.
pub(super) struct Ended {
    /// `None` if it ran out of time.
    pub(super) status: Option<ExitStatus>,
    pub(super) out: String,
    pub(super) err: String,
    pub(super) elapsed: Duration,
}

/// Runs a test and judges how it ended.
pub(super) fn test(
    program: &Path,
    dir: &Path,
    test: &TestCase,
    limit: Duration,
    passes_output_on: bool,
) -> TestResult {
    let args = [test.number.to_string()];
    let ended = match run(program, dir, &args, limit, passes_output_on) {
        Ok(ended) => ended,
        Err(error) => {
            let message = format!("cannot run `{}`: {error}", program.display());
            return TestResult::new(Status::Failed, message);
        }
    };
    let mut result = judge(test, &ended, limit);
    result.duration_ms = ended.elapsed.as_secs_f64() * 1000.0;
    result.output = ended.out;
    result
}

/// Runs a program to its end or its limit, in a process group of its own that is ended with it.
pub(super) fn run(
    program: &Path,
    dir: &Path,
    args: &[String],
    limit: Duration,
    passes_output_on: bool,
) -> std::io::Result<Ended> {
    let mut command = Command::new(program);
    command
        .args(args)
        .current_dir(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0);
    // SAFETY: `prctl` is async-signal-safe. A test must not outlive its runner.
    unsafe {
        command.pre_exec(|| {
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
            Ok(())
        });
    }
    let start = Instant::now();
    let mut child = command.spawn()?;
    let out = reader(child.stdout.take(), passes_output_on.then(std::io::stdout));
    let err = reader(child.stderr.take(), passes_output_on.then(std::io::stderr));
    let status = wait(&mut child, limit)?;
    let elapsed = start.elapsed();
    // What the test has started ends with it: nothing may hold the pipes open.
    // SAFETY: the group is the child's own, made for it.
    unsafe { libc::kill(-(child.id() as libc::pid_t), libc::SIGKILL) };
    let status = match status {
        Some(status) => Some(status),
        None => {
            let _ = child.kill();
            child.wait()?;
            None
        }
    };
    Ok(Ended {
        status,
        out: out.join().unwrap_or_default(),
        err: err.join().unwrap_or_default(),
        elapsed,
    })
}

fn reader(
    from: Option<impl Read + Send + 'static>,
    also_to: Option<impl Write + Send + 'static>,
) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let (Some(mut from), mut also_to) = (from, also_to) else {
            return String::new();
        };
        let mut kept = Vec::new();
        let mut buffer = [0; 8192];
        loop {
            match from.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => {
                    let bytes = &buffer[..count];
                    let room = OUTPUT_BYTES_MAX.saturating_sub(kept.len());
                    kept.extend_from_slice(&bytes[..count.min(room)]);
                    if let Some(to) = &mut also_to {
                        // Nobody reads it any more: the test still counts.
                        let _ = to.write_all(bytes).and_then(|()| to.flush());
                    }
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        String::from_utf8_lossy(&kept).into_owned()
    })
}

/// Waits for the end of a process; `None` when the limit comes first.
fn wait(child: &mut Child, limit: Duration) -> std::io::Result<Option<ExitStatus>> {
    let deadline = Instant::now() + limit;
    // SAFETY: the child has not been waited for, so its pid is still its own.
    let pidfd = unsafe { libc::syscall(libc::SYS_pidfd_open, child.id() as libc::pid_t, 0) };
    let pidfd = pidfd as libc::c_int;
    let result = loop {
        match child.try_wait() {
            Ok(Some(status)) => break Ok(Some(status)),
            Ok(None) => {}
            Err(error) => break Err(error),
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break Ok(None);
        }
        if pidfd < 0 {
            std::thread::sleep(POLL_PAUSE.min(left));
            continue;
        }
        let mut poll = libc::pollfd {
            fd: pidfd,
            events: libc::POLLIN,
            revents: 0,
        };
        let millis = left.as_millis().clamp(1, 60_000) as libc::c_int;
        // SAFETY: one descriptor that is open for the duration of the call.
        unsafe { libc::poll(&mut poll, 1, millis) };
    };
    if pidfd >= 0 {
        // SAFETY: ours, and not used after this.
        unsafe { libc::close(pidfd) };
    }
    result
}

/// What a panic said, and where.
struct Panic {
    message: String,
    place: Option<String>,
}

fn judge(test: &TestCase, ended: &Ended, limit: Duration) -> TestResult {
    let Some(status) = ended.status else {
        let message = format!("timed out after {} s", limit.as_secs_f64());
        return TestResult::new(Status::TimedOut, message);
    };
    let panic = panic_of(&ended.err);
    let code = status.code();
    let has_panicked = panic.is_some() && (code == Some(PANICKED) || status.signal().is_some());
    if let Some(wanted) = &test.should_panic {
        return match &panic {
            Some(panic) if has_panicked && panic.message.contains(wanted.as_str()) => {
                TestResult::new(Status::Passed, "")
            }
            Some(panic) if has_panicked => TestResult::new(
                Status::Failed,
                format!(
                    "panicked with another message\n  expected: {wanted}\n     found: {}",
                    panic.message
                ),
            ),
            _ if code == Some(PASSED) || code == Some(FAILED) => {
                TestResult::new(Status::Failed, "did not panic")
            }
            _ => how_it_ended(status),
        };
    }
    if test.should_fail {
        return match code {
            Some(FAILED) => TestResult::new(Status::Passed, ""),
            _ if has_panicked => TestResult::new(Status::Passed, ""),
            Some(PASSED) => TestResult::new(Status::Failed, "passed, but should fail"),
            _ => how_it_ended(status),
        };
    }
    match (code, panic) {
        (Some(PASSED), _) => TestResult::new(Status::Passed, ""),
        (Some(FAILED), _) => {
            let lines: Vec<&str> = ended.err.lines().collect();
            let start = lines.iter().rposition(|it| it.starts_with("test returned"));
            let message = match start {
                Some(start) => lines[start..].join("\n"),
                None => "returned a failure".to_string(),
            };
            TestResult::new(Status::Failed, message)
        }
        (_, Some(panic)) if has_panicked => TestResult {
            place: panic.place,
            ..TestResult::new(Status::Failed, panic.message)
        },
        _ => how_it_ended(status),
    }
}

fn how_it_ended(status: ExitStatus) -> TestResult {
    let message = match (status.code(), status.signal()) {
        (Some(code), _) => format!("ended the process with status {code}"),
        (None, Some(libc::SIGSEGV)) => "crashed: invalid memory access (SIGSEGV)".to_string(),
        (None, Some(libc::SIGABRT)) => "aborted (SIGABRT)".to_string(),
        (None, Some(libc::SIGILL)) => "crashed: illegal instruction (SIGILL)".to_string(),
        (None, Some(libc::SIGFPE)) => "crashed: arithmetic error (SIGFPE)".to_string(),
        (None, Some(signal)) => format!("killed by signal {signal}"),
        (None, None) => "ended in an unknown way".to_string(),
    };
    TestResult::new(Status::Failed, message)
}

/// The last panic in what a program wrote:
/// ```text
/// panic[R005]: assertion failed: left == right
///   left: 1
///  right: 2
///   at tests/a.tml:3:5
/// ```
fn panic_of(err: &str) -> Option<Panic> {
    let lines: Vec<&str> = err.lines().collect();
    let start = lines
        .iter()
        .rposition(|line| line.starts_with("panic: ") || line.starts_with("panic["))?;
    let rest = &lines[start..];
    let end = rest.iter().position(|line| is_place(line));
    let message = rest[..end.unwrap_or(rest.len())].join("\n");
    // A failed assertion says so itself; other codes tell something.
    let message = ["panic: ", "panic[R005]: "]
        .iter()
        .find_map(|mark| message.strip_prefix(mark))
        .unwrap_or(&message)
        .to_string();
    let place = end.and_then(|end| rest[end].strip_prefix("  at "));
    Some(Panic {
        message,
        place: place.map(str::to_string),
    })
}

/// `  at file:line:col`
fn is_place(line: &str) -> bool {
    let Some(place) = line.strip_prefix("  at ") else {
        return false;
    };
    let mut parts = place.rsplit(':');
    let mut is_number = || parts.next().is_some_and(|part| part.parse::<u32>().is_ok());
    is_number() && is_number()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_panic_is_read() {
        let text = "noise\npanic[R005]: assertion failed: left == right\n  left: 0\n right: 1\n  note: zero side\n  at tests/edge.test.tml:14:5\n";
        let panic = panic_of(text).unwrap();
        assert_eq!(
            panic.message,
            "assertion failed: left == right\n  left: 0\n right: 1\n  note: zero side"
        );
        assert_eq!(panic.place.as_deref(), Some("tests/edge.test.tml:14:5"));
        assert!(panic_of("nothing").is_none());
    }
}

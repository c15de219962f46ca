//! Becoming, running and piping processes.

use std::io::{self, IsTerminal, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

/// Exit code of a program that ran out of its `--timeout`.
const EXIT_TIMEOUT: u8 = 124;

/// Prints to standard output; ends the process if nobody reads it any more.
pub fn print(text: std::fmt::Arguments<'_>) {
    if io::stdout()
        .write_fmt(text)
        .and_then(|()| io::stdout().flush())
        .is_err()
    {
        std::process::exit(0);
    }
}

/// Replaces this process. Returns only if that fails.
pub fn exec(program: &Path, args: &[String]) -> io::Error {
    Command::new(program).args(args).exec()
}

/// Runs a built program with this process's standard streams. Its exit status is ours; a program
/// killed by signal n gives 128 + n.
pub fn program(path: &Path, args: &[String], timeout_seconds: Option<u64>) -> u8 {
    let Some(seconds) = timeout_seconds else {
        let error = exec(path, args);
        eprintln!("error: cannot run `{}`: {error}", path.display());
        return 1;
    };
    let mut child = match Command::new(path).args(args).spawn() {
        Ok(child) => child,
        Err(error) => {
            eprintln!("error: cannot run `{}`: {error}", path.display());
            return 1;
        }
    };
    let pid = child.id() as libc::pid_t;
    let (done, ended) = mpsc::channel();
    std::thread::spawn(move || done.send(child.wait()));
    match ended.recv_timeout(Duration::from_secs(seconds)) {
        Ok(Ok(status)) => {
            let code = status
                .code()
                .unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
            code as u8
        }
        Ok(Err(error)) => {
            eprintln!("error: cannot wait for the program: {error}");
            1
        }
        Err(_) => {
            // SAFETY: the child has not been waited for, so its pid is still its own.
            unsafe { libc::kill(pid, libc::SIGKILL) };
            eprintln!("error: the program did not end within {seconds} s");
            EXIT_TIMEOUT
        }
    }
}

/// Starts a program with this process's standard streams; says so if it cannot.
pub fn start(path: &Path, args: &[String]) -> Option<Child> {
    match Command::new(path).args(args).spawn() {
        Ok(child) => Some(child),
        Err(error) => {
            eprintln!("error: cannot run `{}`: {error}", path.display());
            None
        }
    }
}

/// Makes Ctrl-C end this process with exit code 0: the way to end `tml watch`.
pub fn end_cleanly_on_interrupt() {
    extern "C" fn end(_signal: libc::c_int) {
        // SAFETY: `_exit` is async-signal-safe.
        unsafe { libc::_exit(0) }
    }
    let handler: extern "C" fn(libc::c_int) = end;
    // SAFETY: the handler calls nothing but `_exit`.
    unsafe { libc::signal(libc::SIGINT, handler as libc::sighandler_t) };
}

/// Shows how far a long build is, on a line of its own that the next output replaces. Only on
/// terminals; an empty message clears the line.
pub fn show_progress(message: &str) {
    static IS_SHOWN: AtomicBool = AtomicBool::new(false);
    if !io::stderr().is_terminal() || message.is_empty() && !IS_SHOWN.load(Ordering::Relaxed) {
        return;
    }
    IS_SHOWN.store(!message.is_empty(), Ordering::Relaxed);
    eprint!("\r\x1b[K{message}");
}

/// Copies stdin to the socket and the socket to stdout until either ends.
pub fn pipe_stdio(stream: UnixStream) -> io::Result<()> {
    let mut to_daemon = stream.try_clone()?;
    std::thread::spawn(move || {
        let copied = copy(&mut io::stdin().lock(), &mut to_daemon);
        // The editor has gone: let the daemon finish answering, then it closes its side.
        let _ = to_daemon.shutdown(Shutdown::Write);
        copied
    });
    copy(&mut &stream, &mut io::stdout().lock())
}

/// Like `io::copy`, flushing after each piece: messages must not wait for a full buffer.
fn copy(from: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        to.write_all(&buffer[..count])?;
        to.flush()?;
    }
}

/// Whether diagnostics on stderr are coloured.
pub fn wants_color(when: &str) -> bool {
    wants_color_on(when, &io::stderr())
}

/// The same of another stream.
pub fn wants_color_on(when: &str, stream: &impl IsTerminal) -> bool {
    match when {
        "always" => true,
        "never" => false,
        _ => std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()) && stream.is_terminal(),
    }
}

/// Columns of the terminal, `TML_TERM_WIDTH` first; 100 when there is none.
pub fn terminal_width() -> u32 {
    if let Some(width) = std::env::var("TML_TERM_WIDTH")
        .ok()
        .and_then(|text| text.parse().ok())
    {
        return width;
    }
    // SAFETY: `winsize` is plain data, and the call writes it only when it succeeds.
    let size = unsafe {
        let mut size: libc::winsize = std::mem::zeroed();
        if libc::ioctl(libc::STDERR_FILENO, libc::TIOCGWINSZ, &mut size) == 0 {
            size.ws_col
        } else {
            0
        }
    };
    if size == 0 { 100 } else { u32::from(size) }
}

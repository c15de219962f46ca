//! A connection to the daemon, which is started when there is none.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::endpoint::Endpoint;
use crate::framing;

/// How long a daemon may take from its start to listening. Cold LLVM pages were seen to take 0.2 s.
const START_TIMEOUT: Duration = Duration::from_secs(30);
/// Between attempts to reach a daemon that somebody else is starting.
const RETRY_PAUSE: Duration = Duration::from_millis(5);

/// Why the daemon did not answer.
#[derive(Debug)]
pub enum ConnectionError {
    Io(io::Error),
    /// The daemon answered with an error.
    Refused(String),
    /// The daemon went away in the middle of a request.
    Lost,
}

impl std::fmt::Display for ConnectionError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ConnectionError::Io(error) => write!(f, "cannot talk to the tml daemon: {error}"),
            ConnectionError::Refused(reason) => f.write_str(reason),
            ConnectionError::Lost => f.write_str("the tml daemon went away while working"),
        }
    }
}

impl From<io::Error> for ConnectionError {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
        match error.kind() {
            BrokenPipe | ConnectionReset | UnexpectedEof => ConnectionError::Lost,
            _ => ConnectionError::Io(error),
        }
    }
}

/// An initialised connection.
pub struct Connection {
    reader: BufReader<UnixStream>,
    writer: UnixStream,
    next_id: u64,
}

impl Connection {
    /// Connects and says hello.
    pub fn open(stream: UnixStream) -> Result<Connection, ConnectionError> {
        let writer = stream.try_clone()?;
        let mut connection = Connection {
            reader: BufReader::new(stream),
            writer,
            next_id: 0,
        };
        let hello = json!({"processId": std::process::id(), "rootUri": null, "capabilities": {}});
        let _: Value = connection.request("initialize", &hello, |_, _| {})?;
        connection.notify("initialized", json!({}))?;
        Ok(connection)
    }

    pub fn notify(&mut self, method: &str, params: Value) -> Result<(), ConnectionError> {
        let message = json!({"jsonrpc": "2.0", "method": method, "params": params});
        Ok(framing::write(&mut self.writer, &message)?)
    }

    /// Sends a request and waits for its answer; notifications that come meanwhile go to `on_note`.
    pub fn request<R: DeserializeOwned>(
        &mut self,
        method: &str,
        params: &impl Serialize,
        mut on_note: impl FnMut(&str, Value),
    ) -> Result<R, ConnectionError> {
        self.next_id += 1;
        let id = self.next_id;
        let params = serde_json::to_value(params).map_err(io::Error::other)?;
        let message = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        framing::write(&mut self.writer, &message)?;
        loop {
            let Some(mut message) = framing::read(&mut self.reader)? else {
                return Err(ConnectionError::Lost);
            };
            if let Some(method) = message["method"].as_str().map(str::to_string) {
                if message.get("id").is_none() {
                    on_note(&method, message["params"].take());
                }
                continue;
            }
            if message["id"] != json!(id) {
                continue;
            }
            if let Some(error) = message.get("error") {
                let reason = error["message"].as_str().unwrap_or("unknown error");
                return Err(ConnectionError::Refused(reason.to_string()));
            }
            let result = message["result"].take();
            let parsed = serde_json::from_value(result);
            return parsed.map_err(|e| ConnectionError::Refused(format!("unexpected answer: {e}")));
        }
    }
}

impl Connection {
    /// Waits for one notification.
    pub fn next_note(
        &mut self,
        mut on_note: impl FnMut(&str, Value),
    ) -> Result<(), ConnectionError> {
        loop {
            let Some(mut message) = framing::read(&mut self.reader)? else {
                return Err(ConnectionError::Lost);
            };
            if let Some(method) = message["method"].as_str().map(str::to_string)
                && message.get("id").is_none()
            {
                on_note(&method, message["params"].take());
                return Ok(());
            }
        }
    }
}

/// A stream to the daemon if it is running.
pub fn connect_running(endpoint: &Endpoint) -> Option<UnixStream> {
    UnixStream::connect(&endpoint.socket).ok()
}

/// A stream to the daemon, started if need be.
pub fn connect(endpoint: &Endpoint, root: &Path, tmld: &Path) -> io::Result<UnixStream> {
    let deadline = Instant::now() + START_TIMEOUT;
    loop {
        if let Some(stream) = connect_running(endpoint) {
            return Ok(stream);
        }
        if Instant::now() > deadline {
            let what = format!(
                "the tml daemon does not start; see `{}`",
                endpoint.log.display()
            );
            return Err(io::Error::new(io::ErrorKind::TimedOut, what));
        }
        if !start(endpoint, root, tmld)? {
            // Another client is starting one, or it failed: the deadline decides.
            std::thread::sleep(RETRY_PAUSE);
        }
    }
}

/// Starts a daemon and waits until it listens. `false` if it ended before that.
fn start(endpoint: &Endpoint, root: &Path, tmld: &Path) -> io::Result<bool> {
    let (mut ready, signal) = pipe()?;
    let log = File::options()
        .create(true)
        .append(true)
        .open(&endpoint.log)?;
    let mut command = Command::new(tmld);
    command
        .arg("serve")
        .arg("--root")
        .arg(root)
        .arg("--socket")
        .arg(&endpoint.socket)
        .arg("--ready-fd")
        .arg(signal.as_raw_fd().to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .current_dir("/");
    // SAFETY: `setsid` is async-signal-safe; it takes the daemon out of the terminal's job.
    unsafe {
        command.pre_exec(|| {
            libc::setsid();
            Ok(())
        });
    }
    let child = command.spawn()?;
    drop(signal);
    // The daemon outlives this process; nobody waits for it.
    drop(child);
    let mut byte = [0];
    Ok(ready.read(&mut byte)? == 1)
}

/// A pipe whose write end is inherited by the daemon.
fn pipe() -> io::Result<(File, OwnedFd)> {
    let mut ends = [0; 2];
    // SAFETY: `ends` has room for the two descriptors that `pipe2` writes.
    if unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) } != 0 {
        return Err(io::Error::last_os_error());
    }
    let [read, write] = ends;
    // SAFETY: both descriptors were just made and belong to nobody else.
    let (reader, writer) = unsafe { (File::from_raw_fd(read), OwnedFd::from_raw_fd(write)) };
    // SAFETY: the descriptor is open; only its close-on-exec flag is cleared.
    if unsafe { libc::fcntl(write, libc::F_SETFD, 0) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok((reader, writer))
}

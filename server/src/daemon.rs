//! The daemon's life: one per workspace and build, on a private socket, gone when idle.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsRawFd, FromRawFd, RawFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{UnixListener, UnixStream};

use crate::engine::Engine;
use crate::session;

/// Without clients for this long, the daemon ends. `TML_IDLE_SECONDS` overrides it.
const IDLE: Duration = Duration::from_secs(30 * 60);
/// The same for the daemon of a single file: people run many of them, each once.
const IDLE_FILE: Duration = Duration::from_secs(60);

/// What `tmld serve` was told.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    pub root: PathBuf,
    pub socket: PathBuf,
    /// Gets one byte when the socket accepts connections.
    pub ready: Option<RawFd>,
}

/// Serves until idle or stopped. Returns at once if another daemon holds the lock.
pub fn serve(options: &ServeOptions) -> io::Result<()> {
    let Some(_lock) = take_lock(&options.socket.with_extension("lock"))? else {
        tracing::info!("another daemon serves this workspace");
        return Ok(());
    };
    // We hold the lock, so a socket that exists belongs to a daemon that was killed.
    match std::fs::remove_file(&options.socket) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let result = runtime.block_on(accept(options));
    runtime.shutdown_timeout(Duration::from_millis(200));
    // The next daemon removes it too, if this fails.
    let _ = std::fs::remove_file(&options.socket);
    result
}

async fn accept(options: &ServeOptions) -> io::Result<()> {
    let listener = UnixListener::bind(&options.socket)?;
    let engine = Engine::open(options.root.clone())?;
    engine.watch_files();
    if let Some(fd) = options.ready {
        // SAFETY: the client passed this descriptor for us to write to and close.
        let mut pipe = unsafe { File::from_raw_fd(fd) };
        // A client that gave up waiting has closed its end.
        let _ = pipe.write_all(&[1]);
    }
    tracing::info!(root = %options.root.display(), "serving");
    let idle_limit = idle_limit(&options.root);
    let (stop, mut stopped) = tokio::sync::mpsc::channel::<()>(1);
    let mut clock = tokio::time::interval(idle_limit.min(Duration::from_secs(10)));
    loop {
        tokio::select! {
            connection = listener.accept() => {
                let (stream, _) = connection?;
                tokio::spawn(connected(engine.clone(), stream, stop.clone()));
            }
            _ = stopped.recv() => return Ok(()),
            _ = clock.tick() => {
                if engine.idle_time() >= idle_limit || !options.root.exists() {
                    tracing::info!("idle, ending");
                    return Ok(());
                }
            }
        }
    }
}

async fn connected(engine: Arc<Engine>, stream: UnixStream, stop: tokio::sync::mpsc::Sender<()>) {
    let _guard = engine.enter();
    let (input, output) = stream.into_split();
    session::serve(engine.clone(), input, output, stop).await;
}

fn idle_limit(root: &Path) -> Duration {
    let seconds = std::env::var("TML_IDLE_SECONDS")
        .ok()
        .and_then(|text| text.parse().ok());
    let usual = if root.is_file() { IDLE_FILE } else { IDLE };
    seconds.map_or(usual, Duration::from_secs)
}

/// Takes the lock that a living daemon holds; `None` if another one does.
fn take_lock(path: &Path) -> io::Result<Option<File>> {
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)?;
    // SAFETY: the descriptor is open for the duration of the call.
    if unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) } == 0 {
        return Ok(Some(file));
    }
    match io::Error::last_os_error() {
        error if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
        error => Err(error),
    }
}

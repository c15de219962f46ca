//! `tmld`: the daemon, and the same work in one process.

use std::os::fd::RawFd;
use std::path::PathBuf;
use std::process::ExitCode;

use server::daemon::{self, ServeOptions};
use server::work;

/// Analysis allocates very many small values: a cold build takes a fifth less time than with the
/// allocator of libc. Huge pages are off, since they cost memory and, in a cold build, time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(tracing_subscriber::EnvFilter::from_env("TML_LOG"))
        .init();
    let mut args = std::env::args().skip(1);
    match args.next().as_deref() {
        Some("serve") => serve(args),
        Some("work") => work_alone(args.collect()),
        Some("explain") => ExitCode::from(work::explain(&args.next().unwrap_or_default())),
        _ => {
            eprintln!("tmld is started by `tml`; see `tml --help`");
            ExitCode::from(2)
        }
    }
}

/// Like in the daemon, on a thread whose stack suits deeply nested programs.
fn work_alone(args: Vec<String>) -> ExitCode {
    let thread = std::thread::Builder::new()
        .name("work".to_string())
        .stack_size(compiler_core::build::ANALYSIS_STACK_BYTES)
        .spawn(move || {
            compiler_core::build::enter_analysis_thread();
            work::in_this_process(args)
        });
    match thread.map(|thread| thread.join()) {
        Ok(Ok(code)) => ExitCode::from(code),
        Ok(Err(panic)) => std::panic::resume_unwind(panic),
        Err(error) => {
            tracing::error!(%error, "no thread to work on");
            ExitCode::from(2)
        }
    }
}

fn serve(args: impl Iterator<Item = String>) -> ExitCode {
    let Some(options) = serve_options(args) else {
        eprintln!("usage: tmld serve --root DIR --socket PATH [--ready-fd N]");
        return ExitCode::from(2);
    };
    match daemon::serve(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "the daemon cannot serve");
            ExitCode::FAILURE
        }
    }
}

fn serve_options(mut args: impl Iterator<Item = String>) -> Option<ServeOptions> {
    let (mut root, mut socket, mut ready) = (None, None, None);
    while let Some(option) = args.next() {
        let value = args.next()?;
        match option.as_str() {
            "--root" => root = Some(PathBuf::from(value)),
            "--socket" => socket = Some(PathBuf::from(value)),
            "--ready-fd" => ready = Some(value.parse::<RawFd>().ok()?),
            _ => return None,
        }
    }
    Some(ServeOptions {
        root: root?,
        socket: socket?,
        ready,
    })
}

//! A workspace on disk with a daemon, store and runtime directory of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use client::endpoint::{self, Endpoint};

use super::binary;

/// A temporary workspace. Dropping it ends its daemon.
pub struct Sandbox {
    dir: tempfile::TempDir,
}

impl Sandbox {
    pub fn new() -> Sandbox {
        let dir = tempfile::Builder::new()
            .prefix("tml-test-")
            .tempdir()
            .expect("a temporary directory");
        for name in ["ws", "cache", "run"] {
            fs::create_dir(dir.path().join(name)).expect("a fresh directory");
        }
        Sandbox { dir }
    }

    /// A sandbox with files, by path relative to the workspace.
    pub fn with(files: &[(&str, &str)]) -> Sandbox {
        let sandbox = Sandbox::new();
        for (path, text) in files {
            sandbox.write(path, text);
        }
        sandbox
    }

    pub fn root(&self) -> PathBuf {
        self.dir
            .path()
            .join("ws")
            .canonicalize()
            .expect("the workspace exists")
    }

    pub fn cache(&self) -> PathBuf {
        self.dir.path().join("cache")
    }

    pub fn path(&self, rel: &str) -> PathBuf {
        self.root().join(rel)
    }

    pub fn write(&self, rel: &str, text: &str) {
        let path = self.path(rel);
        fs::create_dir_all(path.parent().expect("a file in a directory")).expect("directories");
        fs::write(path, text).expect("a writable file");
    }

    pub fn read(&self, rel: &str) -> String {
        fs::read_to_string(self.path(rel)).unwrap_or_else(|e| panic!("cannot read {rel}: {e}"))
    }

    /// Replaces the first occurrence of a text in a file.
    pub fn edit(&self, rel: &str, from: &str, to: &str) {
        let text = self.read(rel);
        assert!(text.contains(from), "`{from}` is not in {rel}");
        self.write(rel, &text.replacen(from, to, 1));
    }

    /// A command in the workspace's environment.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.root())
            .env("TML_CACHE_DIR", self.cache())
            .env("XDG_RUNTIME_DIR", self.dir.path().join("run"))
            .env_remove("TML_NO_DAEMON")
            .env("NO_COLOR", "1")
            .env("TML_TERM_WIDTH", "100");
        command
    }

    /// Runs `tml` with arguments.
    pub fn tml(&self, args: &[&str]) -> Output {
        self.command(&binary("tml"))
            .args(args)
            .output()
            .expect("tml starts")
    }

    /// Runs `tml` and returns its standard output; fails unless it exits with 0.
    pub fn ok(&self, args: &[&str]) -> String {
        let output = self.tml(args);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(
            output.status.success(),
            "tml {args:?} failed with {}\n{}{}",
            output.status,
            text(&output.stdout),
            text(&output.stderr)
        );
        text(&output.stdout)
    }

    pub fn endpoint(&self) -> Endpoint {
        // The endpoint depends on the runtime directory, which is another one in this process.
        let real = endpoint::endpoint(&self.root(), &binary("tmld")).expect("an endpoint");
        let name = |path: &Path| path.file_name().expect("a file name").to_owned();
        let dir = self.dir.path().join("run/tml");
        Endpoint {
            socket: dir.join(name(&real.socket)),
            lock: dir.join(name(&real.lock)),
            log: dir.join(name(&real.log)),
        }
    }

    /// The daemon's process, if it is running.
    pub fn daemon_pid(&self) -> Option<u32> {
        let output = self.tml(&["daemon", "status"]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.split_once("pid ")?.1.split(',').next()?.parse().ok()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if self.endpoint().socket.exists() {
            let _ = self
                .command(&binary("tml"))
                .args(["daemon", "stop"])
                .output();
        }
    }
}

//! Real processes: the client, the daemon, killed daemons, torn stores, full disks.

use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::support::sandbox::Sandbox;
use crate::support::{Random, binary};

const WORKSPACE: &[(&str, &str)] = &[
    ("tml.toml", "[workspace]\nmembers = [\"app\", \"shapes\"]\n"),
    (
        "app/tml.toml",
        "[package]\nname = \"app\"\nversion = \"0.1.0\"\n[dependencies]\nshapes = { path = \"../shapes\" }\n",
    ),
    (
        "app/src/main.tml",
        "use shapes::area::square\n\nfunc main() {\n    let side: I64 = 3\n    println(\"area {square(side)}\")\n}\n",
    ),
    (
        "shapes/tml.toml",
        "[package]\nname = \"shapes\"\nversion = \"0.1.0\"\n",
    ),
    ("shapes/src/lib.tml", "pub mod area\n"),
    (
        "shapes/src/area.tml",
        "pub func square(n: I64) -> I64 {\n    n * n\n}\n",
    ),
];

fn run_program(sandbox: &Sandbox) -> String {
    let output = Command::new(sandbox.path("build/debug/app"))
        .output()
        .expect("the program starts");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// All files of the object store.
fn objects(sandbox: &Sandbox) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut pending = vec![sandbox.cache()];
    while let Some(dir) = pending.pop() {
        for entry in fs::read_dir(dir).expect("a directory") {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true => pending.push(path),
                false if path.extension().is_some_and(|e| e == "o") => found.push(path),
                false => {}
            }
        }
    }
    found.sort();
    found
}

#[test]
fn a_new_package_builds_runs_and_cleans() {
    let sandbox = Sandbox::new();
    let made = sandbox.ok(&["new", "My-App"]);
    assert_eq!(made.lines().next(), Some("Created binary package `my-app`"));
    assert_eq!(
        sandbox.ok(&["-C", "My-App", "run", "-q"]),
        "Hello from TML!\n"
    );
    assert!(
        sandbox
            .ok(&["-C", "My-App", "clean"])
            .starts_with("Removed ")
    );
    assert!(!sandbox.path("My-App/build").exists());
    sandbox.ok(&["-C", "My-App", "daemon", "stop"]);
    let again = sandbox.tml(&["new", "My-App"]);
    assert_eq!(again.status.code(), Some(2));
}

#[test]
fn exit_codes_are_those_of_the_contract() {
    let sandbox = Sandbox::with(WORKSPACE);
    let code = |args: &[&str]| sandbox.tml(args).status.code();
    assert_eq!(code(&["check"]), Some(0));
    assert_eq!(code(&["biuld"]), Some(2));
    assert_eq!(code(&["explain", "T056"]), Some(0));
    assert_eq!(code(&["explain", "T999"]), Some(2));
    assert_eq!(code(&["build", "-p", "nothing"]), Some(2));
    assert_eq!(code(&["-C", "/", "build"]), Some(2));
    sandbox.edit(
        "app/src/main.tml",
        "let side: I64 = 3",
        "let side: I64 = \"3\"",
    );
    let failed = sandbox.tml(&["build"]);
    assert_eq!(failed.status.code(), Some(1));
    let stderr = String::from_utf8_lossy(&failed.stderr).into_owned();
    assert!(stderr.contains("error[T056]: Type mismatch"), "{stderr}");
    assert!(stderr.contains("--> app/src/main.tml:4:21"), "{stderr}");
    let json = sandbox.tml(&["check", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_slice(&json.stdout).expect("one document");
    assert_eq!(document["summary"]["errors"], 1);
    sandbox.edit(
        "app/src/main.tml",
        "\"3\"",
        "3\n    let none: [I64; 1] = [1]\n    println(\"{none[side]}\")",
    );
    let panicked = sandbox.tml(&["run", "-q"]);
    assert_eq!(panicked.status.code(), Some(101));
    let stderr = String::from_utf8_lossy(&panicked.stderr).into_owned();
    assert!(
        stderr.contains("panic[R003]: index out of range: len is 1, index is 3"),
        "{stderr}"
    );
    assert!(stderr.contains("at app/src/main.tml:6:"), "{stderr}");
}

#[test]
fn daemon_and_one_process_make_the_same_image_anywhere() {
    let (here, there) = (Sandbox::with(WORKSPACE), Sandbox::with(WORKSPACE));
    here.ok(&["build"]);
    there.ok(&["build", "--no-daemon"]);
    let image = |sandbox: &Sandbox| fs::read(sandbox.path("build/debug/app")).expect("an image");
    assert!(image(&here) == image(&there), "clean builds differ");
    // After the same edit the images continue the same partition.
    for sandbox in [&here, &there] {
        sandbox.edit("shapes/src/area.tml", "n * n", "n * n + 1");
    }
    here.ok(&["build"]);
    there.ok(&["build", "--no-daemon"]);
    assert!(image(&here) == image(&there), "edited builds differ");
    here.ok(&["build", "--no-daemon"]);
    assert_eq!(run_program(&here), "area 10\n");
}

#[test]
fn nothing_changed_means_nothing_done() {
    let sandbox = Sandbox::with(WORKSPACE);
    sandbox.ok(&["build"]);
    let output = sandbox.tml(&["build", "--time"]);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        stderr.contains("0 queries in all") && !stderr.contains("Compiling"),
        "{stderr}"
    );
    sandbox.ok(&["daemon", "stop"]);
    let output = sandbox.tml(&["build", "--time"]);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        stderr.contains("0 objects made") && !stderr.contains("Compiling"),
        "{stderr}"
    );
}

#[test]
fn a_killed_daemon_costs_nothing() {
    let sandbox = Sandbox::with(WORKSPACE);
    sandbox.ok(&["build"]);
    let seed = 20261120;
    println!("seed {seed}");
    let mut random = Random::new(seed);
    for round in 0..50 {
        let value = round + 2;
        let before = if round == 0 {
            "n * n".to_string()
        } else {
            format!("n * n + {}", value - 1)
        };
        sandbox.edit("shapes/src/area.tml", &before, &format!("n * n + {value}"));
        let pid = sandbox.daemon_pid();
        let mut build = sandbox
            .command(&binary("tml"))
            .args(["build", "-q"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("tml starts");
        if let Some(pid) = pid {
            // Anywhere between connecting and the end of the link.
            for _ in 0..random.below(4000) {
                std::hint::spin_loop();
            }
            let _ = Command::new("kill")
                .args(["-9", &pid.to_string()])
                .stderr(Stdio::null())
                .status();
        }
        let status = build.wait().expect("tml ends");
        if !status.success() {
            let mut text = String::new();
            build
                .stderr
                .take()
                .expect("piped")
                .read_to_string(&mut text)
                .expect("text");
            assert!(text.starts_with("error"), "round {round}: {text}");
        }
        sandbox.ok(&["build", "-q"]);
        assert_eq!(
            run_program(&sandbox),
            format!("area {}\n", 9 + value),
            "round {round}"
        );
    }
}

#[test]
fn torn_and_flipped_objects_are_made_again() {
    let sandbox = Sandbox::with(WORKSPACE);
    sandbox.ok(&["build", "--no-daemon"]);
    let image = fs::read(sandbox.path("build/debug/app")).expect("an image");
    let seed = 77;
    println!("seed {seed}");
    let mut random = Random::new(seed);
    for (round, path) in objects(&sandbox).into_iter().cycle().take(12).enumerate() {
        let len = fs::metadata(&path).expect("an object").len();
        let mut file = fs::File::options()
            .write(true)
            .read(true)
            .open(&path)
            .expect("an object");
        match round % 3 {
            0 => file
                .set_len(random.below(len as usize) as u64)
                .expect("truncated"),
            1 => file.set_len(0).expect("emptied"),
            _ => {
                let at = random.below(len as usize) as u64;
                let mut byte = [0];
                file.seek(SeekFrom::Start(at)).expect("seek");
                file.read_exact(&mut byte).expect("read");
                file.seek(SeekFrom::Start(at)).expect("seek");
                file.write_all(&[byte[0] ^ 0x10]).expect("write");
            }
        }
        drop(file);
        fs::remove_dir_all(sandbox.path("build")).expect("products are removed");
        sandbox.ok(&["build", "--no-daemon", "-q"]);
        assert!(
            fs::read(sandbox.path("build/debug/app")).expect("an image") == image,
            "round {round}"
        );
    }
}

#[test]
fn a_full_disk_is_said_and_nothing_is_lost() {
    let sandbox = Sandbox::with(WORKSPACE);
    let small = sandbox.path("build");
    fs::create_dir(&small).expect("a directory");
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=4k", "tmpfs"])
        .arg(&small)
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !mounted {
        println!("no permission to mount a small file system: nothing checked");
        return;
    }
    let output = sandbox.tml(&["build", "-q"]);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let unmounted = Command::new("umount").arg("-l").arg(&small).status();
    assert!(unmounted.is_ok_and(|status| status.success()));
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(
        stderr.contains("build/debug") && stderr.to_lowercase().contains("space"),
        "{stderr}"
    );
    sandbox.ok(&["build", "-q"]);
    assert_eq!(run_program(&sandbox), "area 9\n");
}

#[test]
fn a_full_store_does_not_stop_a_build() {
    let sandbox = Sandbox::with(WORKSPACE);
    let cache = sandbox.cache();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=8k", "tmpfs"])
        .arg(&cache)
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !mounted {
        println!("no permission to mount a small file system: nothing checked");
        return;
    }
    let output = sandbox.tml(&["build", "-q", "--no-daemon"]);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let unmounted = Command::new("umount").arg("-l").arg(&cache).status();
    assert!(unmounted.is_ok_and(|status| status.success()));
    assert!(output.status.success(), "{stderr}");
    assert_eq!(run_program(&sandbox), "area 9\n");
}

#[test]
fn many_clients_start_one_daemon() {
    let sandbox = Sandbox::with(WORKSPACE);
    let start = || {
        sandbox
            .command(&binary("tml"))
            .args(["build", "-q"])
            .stderr(Stdio::piped())
            .spawn()
            .expect("tml starts")
    };
    let clients: Vec<_> = (0..8).map(|_| start()).collect();
    for client in clients {
        let output = client.wait_with_output().expect("tml ends");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    assert_eq!(run_program(&sandbox), "area 9\n");
    let pid = sandbox.daemon_pid().expect("a daemon");
    assert_eq!(sandbox.ok(&["daemon", "restart"]), "stopped\nstarted\n");
    assert_ne!(sandbox.daemon_pid(), Some(pid));
    assert_eq!(sandbox.ok(&["daemon", "stop"]), "stopped\n");
    assert_eq!(sandbox.ok(&["daemon", "stop"]), "not running\n");
}

#[test]
fn an_idle_daemon_ends() {
    let sandbox = Sandbox::with(WORKSPACE);
    let output = sandbox
        .command(&binary("tml"))
        .args(["build", "-q"])
        .env("TML_IDLE_SECONDS", "1")
        .output()
        .expect("tml starts");
    assert!(output.status.success());
    let socket = sandbox.endpoint().socket;
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while socket.exists() {
        assert!(
            std::time::Instant::now() < deadline,
            "the daemon is still there"
        );
        std::thread::yield_now();
    }
}

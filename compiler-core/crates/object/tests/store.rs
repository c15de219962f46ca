//! The store through its public interface, while files are damaged, directories
//! are unwritable and disks are full.

use std::fs::{self, File, FileTimes};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use object_store::{
    CleanScope, ObjectHeader, ObjectKey, PutOutcome, Store, StoreOptions, StoredObject,
};
use stdx::Hash128;
use tempfile::TempDir;

fn key(number: u32) -> ObjectKey {
    ObjectKey(Hash128::of_bytes(&number.to_le_bytes()))
}

fn header() -> ObjectHeader {
    ObjectHeader::new(["tml.main", "tml.helper"])
}

fn open(dir: &Path) -> Store {
    Store::open(dir, StoreOptions::default()).unwrap()
}

fn put(store: &Store, number: u32, bytes: &[u8]) -> StoredObject {
    match store.put(key(number), &header(), bytes).unwrap() {
        PutOutcome::New(object) => object,
        other => panic!("expected a new entry, got {other:?}"),
    }
}

fn files_below(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).unwrap().flatten() {
        if entry.path().is_dir() {
            files.extend(files_below(&entry.path()));
        } else {
            files.push(entry.path());
        }
    }
    files.sort();
    files
}

fn set_used(path: &Path, age: Duration) {
    let time = SystemTime::now() - age;
    File::open(path)
        .unwrap()
        .set_times(FileTimes::new().set_accessed(time))
        .unwrap();
}

#[test]
fn another_process_finds_what_one_has_put() {
    let dir = TempDir::new().unwrap();
    let stored = put(&open(dir.path()), 1, b"\x7fELF object");
    assert!(stored.path().ends_with(format!("{}.o", key(1))));

    let store = open(dir.path());
    assert!(store.contains(key(1)));
    let object = store.get(key(1)).unwrap().unwrap();
    assert_eq!(object.header(), &header());
    assert_eq!(object.payload_hash(), Hash128::of_bytes(b"\x7fELF object"));
    assert_eq!(object.read().unwrap(), b"\x7fELF object");
    // The linker sees the object from the first byte of the file on.
    assert!(
        fs::read(object.path())
            .unwrap()
            .starts_with(b"\x7fELF object")
    );
    assert!(store.get(key(2)).unwrap().is_none());
    let stats = store.stats();
    assert_eq!(
        (stats.hits, stats.misses, stats.dropped, stats.verified),
        (1, 1, 0, 1)
    );
}

#[test]
fn an_entry_is_verified_once_per_process() {
    let dir = TempDir::new().unwrap();
    put(&open(dir.path()), 1, b"object");
    let store = open(dir.path());
    for _ in 0..5 {
        store.get(key(1)).unwrap().unwrap();
    }
    assert_eq!(store.stats().verified, 1);
    // What a process wrote itself it need not verify.
    put(&store, 2, b"object");
    store.get(key(2)).unwrap().unwrap();
    assert_eq!(store.stats().verified, 1);
}

#[test]
fn only_the_user_can_enter() {
    use std::os::unix::fs::PermissionsExt;
    let dir = TempDir::new().unwrap();
    let root = dir.path().join("a/b");
    let store = open(&root);
    put(&store, 1, b"object");
    for made in [root.as_path(), store.root(), &store.root().join("tmp")] {
        assert_eq!(
            fs::metadata(made).unwrap().permissions().mode() & 0o777,
            0o700
        );
    }
}

#[test]
fn a_second_put_compares() {
    let dir = TempDir::new().unwrap();
    let store = open(dir.path());
    put(&store, 1, b"object");
    assert!(matches!(
        store.put(key(1), &header(), b"object").unwrap(),
        PutOutcome::Same(_)
    ));
    match store.put(key(1), &header(), b"OBJECT").unwrap() {
        PutOutcome::Differs {
            kept,
            rejected_hash,
        } => {
            assert_eq!(kept.read().unwrap(), b"object");
            assert_eq!(rejected_hash, Hash128::of_bytes(b"OBJECT"));
        }
        other => panic!("{other:?}"),
    }
    let other_header = ObjectHeader::new(["other"]);
    let outcome = store.put(key(1), &other_header, b"object").unwrap();
    assert!(matches!(outcome, PutOutcome::Differs { .. }));
    assert_eq!(store.stats().put_differs, 2);
}

#[test]
fn every_truncation_is_a_miss_and_can_be_put_again() {
    let dir = TempDir::new().unwrap();
    let path = put(&open(dir.path()), 1, b"a small object")
        .path()
        .to_owned();
    let whole = fs::read(&path).unwrap();
    for len in 0..whole.len() {
        fs::write(&path, &whole[..len]).unwrap();
        let store = open(dir.path());
        assert!(
            store.get(key(1)).unwrap().is_none(),
            "truncated to {len} bytes"
        );
        assert_eq!(store.stats().dropped, 1);
        assert!(!path.exists());
        put(&store, 1, b"a small object");
        assert_eq!(fs::read(&path).unwrap(), whole);
    }
}

#[test]
fn every_flipped_bit_is_a_miss() {
    let dir = TempDir::new().unwrap();
    let path = put(&open(dir.path()), 1, b"obj").path().to_owned();
    let whole = fs::read(&path).unwrap();
    for bit in 0..whole.len() * 8 {
        let mut damaged = whole.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        fs::write(&path, &damaged).unwrap();
        assert!(open(dir.path()).get(key(1)).unwrap().is_none(), "bit {bit}");
    }
}

#[test]
fn damage_while_a_daemon_runs_is_noticed_too() {
    let dir = TempDir::new().unwrap();
    let store = open(dir.path());
    let path = put(&store, 1, b"object").path().to_owned();
    // Same length, other time: what a restored backup or another tool leaves.
    let mut bytes = fs::read(&path).unwrap();
    bytes[0] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let later = SystemTime::now() + Duration::from_secs(5);
    let file = File::options().write(true).open(&path).unwrap();
    file.set_times(FileTimes::new().set_modified(later))
        .unwrap();
    assert!(store.get(key(1)).unwrap().is_none());
    assert_eq!(store.stats().dropped, 1);
}

#[test]
fn a_damaged_entry_is_replaced_by_put() {
    let dir = TempDir::new().unwrap();
    let path = put(&open(dir.path()), 1, b"object").path().to_owned();
    fs::write(&path, b"").unwrap();
    let store = open(dir.path());
    put(&store, 1, b"object");
    assert_eq!(
        store.get(key(1)).unwrap().unwrap().read().unwrap(),
        b"object"
    );
}

#[test]
fn an_entry_under_a_wrong_name_is_a_miss() {
    let dir = TempDir::new().unwrap();
    let store = open(dir.path());
    let from = put(&store, 1, b"object").path().to_owned();
    let to = put(&store, 2, b"another").path().to_owned();
    fs::copy(from, to).unwrap();
    assert!(open(dir.path()).get(key(2)).unwrap().is_none());
}

#[test]
fn something_else_in_the_place_of_an_entry_is_a_miss() {
    let dir = TempDir::new().unwrap();
    let path = put(&open(dir.path()), 1, b"object").path().to_owned();

    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    fs::write(path.join("x"), b"x").unwrap();
    let store = open(dir.path());
    assert!(store.get(key(1)).unwrap().is_none());
    put(&store, 1, b"object");

    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink("nowhere", &path).unwrap();
    let store = open(dir.path());
    assert!(store.get(key(1)).unwrap().is_none());
    put(&store, 1, b"object");
    assert_eq!(
        store.get(key(1)).unwrap().unwrap().read().unwrap(),
        b"object"
    );
}

#[test]
fn an_unreadable_entry_is_a_miss() {
    use std::os::unix::fs::PermissionsExt;
    let dir = TempDir::new().unwrap();
    let path = put(&open(dir.path()), 1, b"object").path().to_owned();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    let readable_anyway = File::open(&path).is_ok();
    let found = open(dir.path()).get(key(1)).unwrap();
    assert_eq!(found.is_some(), readable_anyway, "root may read everything");
}

#[test]
fn what_a_killed_writer_left_is_ignored_and_swept() {
    let dir = TempDir::new().unwrap();
    let store = open(dir.path());
    put(&store, 1, b"object");
    let old = store.root().join("tmp/1-0-0.tmp");
    let young = store.root().join("tmp/2-0-0.tmp");
    fs::write(&old, b"half an obj").unwrap();
    fs::write(&young, b"half an obj").unwrap();
    let long_ago = SystemTime::now() - Duration::from_secs(2 * 60 * 60);
    let file = File::options().write(true).open(&old).unwrap();
    file.set_times(FileTimes::new().set_modified(long_ago))
        .unwrap();

    store.trim().unwrap();
    assert!(
        !old.exists() && young.exists(),
        "the young one may still be being written"
    );
    assert_eq!(store.usage().unwrap().entries, 1);
    store.clean(CleanScope::All).unwrap();
    assert_eq!(files_below(dir.path()), Vec::<PathBuf>::new());
}

#[test]
fn least_recently_used_entries_go_first() {
    let dir = TempDir::new().unwrap();
    let hour = Duration::from_secs(60 * 60);
    let options = StoreOptions {
        bytes_max: 4 * 1200,
        ..StoreOptions::default()
    };
    let store = Store::open(dir.path(), options).unwrap();
    // Written by another store, so that this one neither pins nor trims yet.
    let writer = open(dir.path());
    for number in 0..8 {
        let path = put(&writer, number, &[number as u8; 1000])
            .path()
            .to_owned();
        set_used(&path, hour * (100 - number));
    }
    // Use makes number 0 the youngest, a living value protects number 1.
    store.get(key(0)).unwrap().unwrap();
    let held = store.get(key(1)).unwrap().unwrap();
    set_used(held.path(), hour * 200);

    let removed = store.trim().unwrap();
    let kept: Vec<u32> = (0..8)
        .filter(|&number| store.contains(key(number)))
        .collect();
    assert_eq!(kept, [0, 1, 6, 7]);
    assert_eq!((removed.entries, store.stats().evicted), (4, 4));
    assert!(store.usage().unwrap().bytes <= 4 * 1200);
}

#[test]
fn entries_in_recent_use_by_anyone_outlive_the_limit() {
    let dir = TempDir::new().unwrap();
    let options = StoreOptions {
        bytes_max: 1000,
        ..StoreOptions::default()
    };
    let store = Store::open(dir.path(), options).unwrap();
    let writer = open(dir.path());
    for number in 0..5 {
        put(&writer, number, &[0; 1000]);
    }
    assert_eq!(store.trim().unwrap().entries, 0);
}

#[test]
fn putting_keeps_the_store_bounded() {
    let dir = TempDir::new().unwrap();
    let options = StoreOptions {
        bytes_max: 20_000,
        keep_recent: Duration::ZERO,
        ..StoreOptions::default()
    };
    let store = Store::open(dir.path(), options).unwrap();
    for number in 0..200 {
        put(&store, number, &[0; 1000]);
        assert!(store.usage().unwrap().bytes <= 20_000 + 20_000 / 16 + 2_000);
    }
    assert!(store.contains(key(199)));
}

#[test]
fn clean_takes_an_age() {
    let dir = TempDir::new().unwrap();
    let store = open(dir.path());
    let day = Duration::from_secs(24 * 60 * 60);
    put(&store, 1, b"new");
    set_used(put(&store, 2, b"old").path(), 10 * day);
    assert_eq!(
        store.clean(CleanScope::UnusedFor(7 * day)).unwrap().entries,
        1
    );
    assert!(store.contains(key(1)) && !store.contains(key(2)));
    store.remove(key(1)).unwrap();
    store.remove(key(1)).unwrap();
    assert!(store.get(key(1)).unwrap().is_none());
}

#[test]
fn many_writers_and_readers_agree() {
    let dir = TempDir::new().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                // A store of its own: what another process would have.
                let store = open(dir.path());
                for number in 0..100 {
                    let bytes = vec![number as u8; 500 + number as usize];
                    let outcome = store.put(key(number), &header(), &bytes).unwrap();
                    assert!(!matches!(outcome, PutOutcome::Differs { .. }));
                    assert_eq!(
                        store.get(key(number)).unwrap().unwrap().read().unwrap(),
                        bytes
                    );
                }
                assert_eq!(store.stats().dropped, 0);
            });
        }
    });
    assert_eq!(files_below(dir.path()).len(), 100);
}

#[test]
fn errors_name_operation_and_path() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, b"").unwrap();
    let error = Store::open(&file, StoreOptions::default()).unwrap_err();
    assert_eq!(error.operation, "create directory");
    assert_eq!(error.path, file.join("v1"));

    // The directory is replaced while the store is open.
    let store = open(&dir.path().join("store"));
    fs::remove_dir_all(store.root()).unwrap();
    fs::write(store.root(), b"").unwrap();
    assert!(store.put(key(1), &header(), b"object").is_err());
}

/// A file system of its own; `None` where mounting is not permitted.
struct Mount(TempDir);

impl Mount {
    fn new(options: &str) -> Option<Mount> {
        let dir = TempDir::new().unwrap();
        run_mount(&["-t", "tmpfs", "-o", options, "tmpfs"], dir.path()).then_some(Mount(dir))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount")
            .arg(self.0.path())
            .status();
    }
}

fn run_mount(args: &[&str], target: &Path) -> bool {
    std::process::Command::new("mount")
        .args(args)
        .arg(target)
        .stderr(std::process::Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

#[test]
fn a_full_disk_is_an_error_and_leaves_no_half_entry() {
    let Some(mount) = Mount::new("size=64k") else {
        eprintln!("skipped: mounting a tmpfs is not permitted here");
        return;
    };
    let store = open(mount.0.path());
    put(&store, 1, &[1; 8 * 1024]);
    let error = store.put(key(2), &header(), &[2; 100 * 1024]).unwrap_err();
    assert!(error.is_out_of_space(), "{error}");
    assert_eq!(error.operation, "write");
    assert!(error.to_string().contains(".tmp"), "{error}");

    assert_eq!(
        files_below(mount.0.path()).len(),
        1,
        "only the first entry is left"
    );
    assert!(store.get(key(2)).unwrap().is_none());
    put(&store, 3, &[3; 8 * 1024]);
    assert!(open(mount.0.path()).get(key(1)).unwrap().is_some());
}

#[test]
fn a_read_only_store_serves_and_does_not_take() {
    let Some(mount) = Mount::new("size=64k") else {
        eprintln!("skipped: mounting a tmpfs is not permitted here");
        return;
    };
    put(&open(mount.0.path()), 1, b"object");
    if !run_mount(&["-o", "remount,ro"], mount.0.path()) {
        eprintln!("skipped: remounting is not permitted here");
        return;
    }
    let store = open(mount.0.path());
    assert_eq!(
        store.get(key(1)).unwrap().unwrap().read().unwrap(),
        b"object"
    );
    let error = store.put(key(2), &header(), b"object").unwrap_err();
    assert_eq!(error.source.kind(), std::io::ErrorKind::ReadOnlyFilesystem);
    store.trim().unwrap();
}

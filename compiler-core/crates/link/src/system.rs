//! Finding the system's dynamic linker and libraries without a C toolchain.
//!
//! A machine that runs programs has `ld-linux` and `libc.so.6`, though it may
//! have neither headers nor `libc.so` nor `crt1.o`. Asked in this order: the
//! directories distributions use, then the cache of `ldconfig`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::{LinkError, Target};

/// What a dynamic program needs of the system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemLibraries {
    /// The path for PT_INTERP: where the dynamic linker is on the machine that runs the program.
    pub interpreter: PathBuf,
    pub libc: PathBuf,
    /// `None` where libc holds the mathematical functions (musl).
    pub libm: Option<PathBuf>,
}

struct Names {
    triple: &'static str,
    /// Fixed by the platform's ABI.
    interpreter: &'static str,
    interpreter_musl: &'static str,
    /// The value of `flags` in the cache of `ldconfig` for libraries of this architecture.
    cache_flags: u32,
}

/// Finds the C library for a target: glibc, or else musl.
pub fn find_system_libraries(target: Target) -> Result<SystemLibraries, LinkError> {
    let names = names(target);
    let dirs = library_dirs(target);
    let cache = LdCache::read(names.cache_flags);
    let find = |file: &str| search(file, &dirs).or_else(|| cache.get(file));
    if let Some(libc) = find("libc.so.6") {
        let standard = PathBuf::from(names.interpreter);
        // A cross build's interpreter need not exist on this machine. A system without
        // the standard one (NixOS) has one beside its libc.
        let beside = || {
            let file = standard.file_name()?;
            let path = libc.parent()?.join(file);
            (target == Target::host() && !standard.exists() && path.exists()).then_some(path)
        };
        let interpreter = beside().unwrap_or(standard);
        return Ok(SystemLibraries {
            interpreter,
            libc,
            libm: find("libm.so.6"),
        });
    }
    let musl = PathBuf::from(names.interpreter_musl);
    if musl.exists() {
        return Ok(SystemLibraries {
            interpreter: musl.clone(),
            libc: musl,
            libm: None,
        });
    }
    Err(LinkError::LibraryNotFound {
        name: "libc.so.6".to_owned(),
        searched: dirs,
    })
}

/// Finds what `-lNAME` means.
pub(crate) fn find_library(
    name: &str,
    lib_dirs: &[PathBuf],
    target: Target,
) -> Result<PathBuf, LinkError> {
    let mut dirs = lib_dirs.to_vec();
    dirs.extend(library_dirs(target));
    let shared = format!("lib{name}.so");
    let archive = format!("lib{name}.a");
    for dir in &dirs {
        for file in [&shared, &archive] {
            let path = dir.join(file);
            if path.is_file() {
                return Ok(path);
            }
        }
    }
    // Only the run-time package is installed: `libNAME.so.N` without the link to it.
    let cache = LdCache::read(names(target).cache_flags);
    let versioned = newest_version(&shared, &dirs).or_else(|| cache.get_versioned(&shared));
    versioned.ok_or_else(|| LinkError::LibraryNotFound {
        name: name.to_owned(),
        searched: dirs,
    })
}

fn names(target: Target) -> Names {
    match target {
        Target::X86_64Linux => Names {
            triple: "x86_64-linux-gnu",
            interpreter: "/lib64/ld-linux-x86-64.so.2",
            interpreter_musl: "/lib/ld-musl-x86_64.so.1",
            cache_flags: 0x0303,
        },
        Target::Aarch64Linux => Names {
            triple: "aarch64-linux-gnu",
            interpreter: "/lib/ld-linux-aarch64.so.1",
            interpreter_musl: "/lib/ld-musl-aarch64.so.1",
            cache_flags: 0x0a03,
        },
    }
}

fn library_dirs(target: Target) -> Vec<PathBuf> {
    let triple = names(target).triple;
    let mut dirs: Vec<PathBuf> = vec![
        format!("/lib/{triple}").into(),
        format!("/usr/lib/{triple}").into(),
        format!("/usr/local/lib/{triple}").into(),
        // Debian's packages for cross building.
        format!("/usr/{triple}/lib").into(),
    ];
    if target == Target::host() {
        // These hold libraries of the machine itself, so only then of the right architecture.
        let own = [
            "/lib64",
            "/usr/lib64",
            "/usr/local/lib64",
            "/lib",
            "/usr/lib",
            "/usr/local/lib",
        ];
        dirs.extend(own.map(PathBuf::from));
    }
    dirs
}

fn search(file: &str, dirs: &[PathBuf]) -> Option<PathBuf> {
    dirs.iter()
        .map(|dir| dir.join(file))
        .find(|path| path.is_file())
}

/// The highest `libNAME.so.N` of the first directory that has one.
fn newest_version(shared: &str, dirs: &[PathBuf]) -> Option<PathBuf> {
    let prefix = format!("{shared}.");
    dirs.iter().find_map(|dir| {
        let versions = fs::read_dir(dir).ok()?.flatten().filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let version = name.strip_prefix(&prefix)?;
            let numbers: Option<Vec<u32>> =
                version.split('.').map(|part| part.parse().ok()).collect();
            // The shorter name is the soname, a link to the longer one.
            Some((numbers?, entry.path()))
        });
        versions.max().map(|(_, path)| path)
    })
}

/// The cache that `ldconfig` writes: library name → path, for one architecture.
struct LdCache {
    paths: BTreeMap<String, PathBuf>,
}

impl LdCache {
    fn read(flags: u32) -> LdCache {
        let bytes = fs::read("/etc/ld.so.cache").unwrap_or_default();
        LdCache {
            paths: parse_cache(&bytes, flags).unwrap_or_default(),
        }
    }

    fn get(&self, file: &str) -> Option<PathBuf> {
        self.paths.get(file).filter(|path| path.is_file()).cloned()
    }

    fn get_versioned(&self, shared: &str) -> Option<PathBuf> {
        let prefix = format!("{shared}.");
        let mut found = self.paths.range(prefix.clone()..);
        found
            .next()
            .filter(|(name, path)| name.starts_with(&prefix) && path.is_file())
            .map(|(_, path)| path.clone())
    }
}

/// Reads the format of glibc 2.2 and later: a header of 48 bytes, then entries
/// of 24 bytes (flags, key, value, OS version, hardware capabilities) whose key
/// and value are offsets of strings from the start of the header.
fn parse_cache(bytes: &[u8], flags: u32) -> Option<BTreeMap<String, PathBuf>> {
    const MAGIC: &[u8] = b"glibc-ld.so.cache1.1";
    // Old systems put the format before it in front.
    let start = bytes
        .windows(MAGIC.len())
        .position(|window| window == MAGIC)?;
    let cache = bytes.get(start..)?;
    let word = |offset: usize| -> Option<u32> {
        Some(u32::from_le_bytes(
            cache.get(offset..offset + 4)?.try_into().ok()?,
        ))
    };
    let string = |offset: u32| -> Option<&str> {
        let rest = cache.get(offset as usize..)?;
        let len = rest.iter().position(|&byte| byte == 0)?;
        std::str::from_utf8(&rest[..len]).ok()
    };
    let count = word(20)? as usize;
    let mut paths = BTreeMap::new();
    for entry in 0..count.min(bytes.len() / 24) {
        let at = 48 + entry * 24;
        if word(at)? != flags {
            continue;
        }
        let (Some(key), Some(value)) = (string(word(at + 4)?), string(word(at + 8)?)) else {
            continue;
        };
        // The first of several is the one for the most capable hardware; any does.
        paths
            .entry(key.to_owned())
            .or_insert_with(|| Path::new(value).to_owned());
    }
    Some(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_c_library_of_this_machine_is_found() {
        let found = find_system_libraries(Target::host()).unwrap();
        assert!(
            found.interpreter.exists() && found.libc.exists(),
            "{found:?}"
        );
    }

    #[test]
    fn a_cache_is_read() {
        let mut cache = b"glibc-ld.so.cache1.1".to_vec();
        cache.extend_from_slice(&2u32.to_le_bytes());
        cache.resize(48, 0);
        for (flags, key, value) in [(0x0303u32, 96u32, 106u32), (0x0a03, 96, 106)] {
            for word in [flags, key, value, 0, 0, 0] {
                cache.extend_from_slice(&word.to_le_bytes());
            }
        }
        cache.extend_from_slice(b"libc.so.6\0/x/libc.so.6\0");
        for prefix in [&b""[..], &b"ld.so-1.7.0 and what belongs to it"[..]] {
            let paths = parse_cache(&[prefix, &cache].concat(), 0x0303).unwrap();
            assert_eq!(paths["libc.so.6"], Path::new("/x/libc.so.6"));
            assert_eq!(paths.len(), 1);
        }
        for len in 0..cache.len() {
            let _ = parse_cache(&cache[..len], 0x0303);
        }
    }

    #[test]
    fn this_machines_cache_knows_libc() {
        let flags = names(Target::host()).cache_flags;
        let bytes = fs::read("/etc/ld.so.cache").unwrap_or_default();
        let Some(paths) = parse_cache(&bytes, flags) else {
            return;
        };
        assert!(paths.is_empty() || paths.contains_key("libc.so.6"));
    }

    #[test]
    fn a_missing_library_says_where_it_was_sought() {
        let dirs = [PathBuf::from("/nowhere")];
        match find_library("no-such-library", &dirs, Target::host()) {
            Err(LinkError::LibraryNotFound { name, searched }) => {
                assert_eq!(name, "no-such-library");
                assert_eq!(searched[0], dirs[0]);
            }
            other => panic!("{other:?}"),
        }
    }
}

//! Where the daemon of a workspace listens.
//!
//! One daemon per workspace root and build of the compiler, on a socket in a directory that only
//! the user can enter. Both sides compute the same path from the same facts.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use stdx::stable_hash;

/// Paths that belong to one daemon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    pub socket: PathBuf,
    /// Held by the daemon while it lives.
    pub lock: PathBuf,
    pub log: PathBuf,
}

/// The workspace root for a directory: the outermost of its parents whose `tml.toml` has a
/// `[workspace]`, else the nearest with a `tml.toml`.
pub fn find_root(dir: &Path) -> Option<PathBuf> {
    let mut nearest = None;
    for at in dir.ancestors() {
        let Ok(text) = fs::read_to_string(at.join("tml.toml")) else {
            continue;
        };
        if text
            .lines()
            .any(|line| line.trim_start().starts_with("[workspace]"))
        {
            return Some(at.to_path_buf());
        }
        nearest.get_or_insert_with(|| at.to_path_buf());
    }
    nearest
}

/// The endpoint of the daemon `tmld` for a root directory or single file.
pub fn endpoint(root: &Path, tmld: &Path) -> io::Result<Endpoint> {
    let dir = private_directory()?;
    let name =
        stable_hash(&(root.as_os_str().as_encoded_bytes(), build_identity(tmld)?)).to_string();
    // Socket paths are limited to 107 bytes; half of the digest is unique enough for one user.
    let stem = dir.join(&name[..16]);
    Ok(Endpoint {
        socket: stem.with_extension("sock"),
        lock: stem.with_extension("lock"),
        log: stem.with_extension("log"),
    })
}

/// The daemon's executable: beside this one.
pub fn tmld_path() -> io::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let beside = own.with_file_name("tmld");
    if beside.is_file() {
        return Ok(beside);
    }
    Err(io::Error::new(
        io::ErrorKind::NotFound,
        format!("`{}` does not exist", beside.display()),
    ))
}

/// What tells one build of the daemon from another without reading it.
fn build_identity(tmld: &Path) -> io::Result<(Vec<u8>, u64, i64, i64)> {
    let path = fs::canonicalize(tmld)?;
    let meta = fs::metadata(&path)?;
    Ok((
        path.into_os_string().into_encoded_bytes(),
        meta.size(),
        meta.mtime(),
        meta.mtime_nsec(),
    ))
}

/// `$XDG_RUNTIME_DIR/tml` or `/tmp/tml-UID`, made with mode 0700 and refused if it is not ours.
fn private_directory() -> io::Result<PathBuf> {
    // SAFETY: `getuid` has no preconditions and cannot fail.
    let uid = unsafe { libc::getuid() };
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").filter(|dir| Path::new(dir).is_dir());
    let dir = match runtime {
        Some(runtime) => PathBuf::from(runtime).join("tml"),
        None => std::env::temp_dir().join(format!("tml-{uid}")),
    };
    match fs::DirBuilder::new().mode(0o700).create(&dir) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let meta = fs::symlink_metadata(&dir)?;
    if !meta.is_dir() || meta.uid() != uid {
        let what = format!("`{}` belongs to somebody else", dir.display());
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, what));
    }
    if meta.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o700))?;
    }
    Ok(dir)
}

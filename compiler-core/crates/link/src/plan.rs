//! What is to be linked, as plain data.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use object_store::StoredObject;

/// Everything that decides an image.
///
/// Inputs are linked in the order given. Where several define the same symbol
/// in COMDAT groups the first one wins, and the body of a loser may refer to
/// symbols that exist no more: a freshly edited function goes before the pack
/// that still holds its older self.
#[derive(Clone, Debug)]
pub struct LinkPlan {
    pub inputs: Vec<LinkInput>,
    pub libs: Vec<Lib>,
    /// Searched for [`Lib::Named`] before the system's directories (`-L`).
    pub lib_dirs: Vec<PathBuf>,
    pub output: PathBuf,
    pub kind: ImageKind,
    pub target: Target,
    /// Where an executable starts; this crate's callers bring the object that defines it.
    pub entry: String,
    pub linker: LinkerKind,
    /// The program of a [`LinkerKind`] that is a process; by default it is looked up in `PATH`.
    pub linker_path: Option<PathBuf>,
    /// Drop what cannot be reached from the entry and from exported symbols.
    /// `libwild` always does so for executables that lack this too: see `linker/wild.rs`.
    pub gc_sections: bool,
    pub strip: Strip,
    /// The first line of every function compiled with item-relative lines.
    pub line_bases: Vec<LineBase>,
}

/// One object or archive.
#[derive(Clone)]
pub enum LinkInput {
    Path(PathBuf),
    /// An object that need not exist as a file. The name appears in messages only.
    Bytes {
        name: Arc<str>,
        bytes: Arc<[u8]>,
    },
}

/// A library that is not part of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lib {
    /// `-lNAME`: `libNAME.so` or `libNAME.a` in `lib_dirs` or the system's directories.
    /// `c` and `m` are the system's C library, whose development files need not be installed.
    Named(String),
    Path(PathBuf),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageKind {
    /// A dynamic executable at a fixed address.
    Executable,
    /// A dynamic executable that can be loaded anywhere; inputs must be position-independent.
    PieExecutable,
    SharedObject,
    /// One object out of many (`-r`). Its lines stay relative.
    Relocatable,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    X86_64Linux,
    Aarch64Linux,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkerKind {
    /// `libwild`, in this process.
    Wild,
    Lld,
    Mold,
    /// The system's C compiler as a driver of whatever linker it likes.
    Cc,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strip {
    None,
    Debug,
    All,
}

/// A function's symbol and the 1-based line its item begins on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineBase {
    pub symbol: Arc<str>,
    pub first_line: u32,
}

impl LinkPlan {
    /// A debug executable of this machine from these inputs, with libc, by `libwild`.
    pub fn executable(output: impl Into<PathBuf>, inputs: Vec<LinkInput>) -> LinkPlan {
        LinkPlan {
            inputs,
            // The unwinder is part of the system as libc is: its run-time package is always there.
            libs: ["c", "m", "gcc_s"]
                .map(|name| Lib::Named(name.to_owned()))
                .into(),
            lib_dirs: Vec::new(),
            output: output.into(),
            kind: ImageKind::PieExecutable,
            target: Target::host(),
            entry: "_start".to_owned(),
            linker: LinkerKind::Wild,
            linker_path: None,
            gc_sections: true,
            strip: Strip::None,
            line_bases: Vec::new(),
        }
    }
}

impl Target {
    /// The machine this process runs on.
    pub fn host() -> Target {
        if cfg!(target_arch = "aarch64") {
            Target::Aarch64Linux
        } else {
            Target::X86_64Linux
        }
    }

    pub(crate) fn emulation(self) -> &'static str {
        match self {
            Target::X86_64Linux => "elf_x86_64",
            Target::Aarch64Linux => "aarch64linux",
        }
    }
}

impl ImageKind {
    pub(crate) fn is_executable(self) -> bool {
        matches!(self, ImageKind::Executable | ImageKind::PieExecutable)
    }
}

impl LinkInput {
    pub fn bytes(name: impl Into<Arc<str>>, bytes: impl Into<Arc<[u8]>>) -> LinkInput {
        LinkInput::Bytes {
            name: name.into(),
            bytes: bytes.into(),
        }
    }
}

impl From<&StoredObject> for LinkInput {
    fn from(object: &StoredObject) -> LinkInput {
        LinkInput::Path(object.path().to_owned())
    }
}

impl From<&Path> for LinkInput {
    fn from(path: &Path) -> LinkInput {
        LinkInput::Path(path.to_owned())
    }
}

impl fmt::Debug for LinkInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LinkInput::Path(path) => write!(f, "{}", path.display()),
            LinkInput::Bytes { name, bytes } => write!(f, "{name} ({} bytes)", bytes.len()),
        }
    }
}

impl LinkerKind {
    pub fn name(self) -> &'static str {
        match self {
            LinkerKind::Wild => "wild",
            LinkerKind::Lld => "lld",
            LinkerKind::Mold => "mold",
            LinkerKind::Cc => "cc",
        }
    }
}

impl std::str::FromStr for LinkerKind {
    type Err = String;

    fn from_str(text: &str) -> Result<LinkerKind, String> {
        [
            LinkerKind::Wild,
            LinkerKind::Lld,
            LinkerKind::Mold,
            LinkerKind::Cc,
        ]
        .into_iter()
        .find(|kind| kind.name() == text)
        .ok_or_else(|| format!("unknown linker `{text}`; known: wild, lld, mold, cc"))
    }
}

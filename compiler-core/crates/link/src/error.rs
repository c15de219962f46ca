//! Why a link failed, in the terms of the diagnostics catalogue (C002, C003, C007).

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::LinkerKind;

/// A failed link. The plan's output is as it was before.
#[derive(Debug)]
pub enum LinkError {
    /// C002. At least one; in the order the linker found them.
    Undefined {
        symbols: Vec<UndefinedSymbol>,
        output: String,
    },
    /// C003. At least one.
    Duplicate {
        symbols: Vec<DuplicateSymbol>,
        output: String,
    },
    /// C002 too: a library the plan names is nowhere.
    LibraryNotFound {
        name: String,
        searched: Vec<PathBuf>,
    },
    /// C007: everything else that a linker complains of.
    Linker { linker: LinkerKind, output: String },
    /// C007: a file could not be read, written or run.
    Io {
        operation: &'static str,
        path: PathBuf,
        source: io::Error,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UndefinedSymbol {
    pub name: String,
    /// The input that refers to it: its path, or its name when it was bytes.
    pub input: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DuplicateSymbol {
    pub name: String,
    /// The inputs that define it, as far as the linker told.
    pub inputs: Vec<String>,
}

impl LinkError {
    /// The code in the diagnostics catalogue.
    pub fn code(&self) -> &'static str {
        match self {
            LinkError::Undefined { .. } | LinkError::LibraryNotFound { .. } => "C002",
            LinkError::Duplicate { .. } => "C003",
            LinkError::Linker { .. } | LinkError::Io { .. } => "C007",
        }
    }

    /// What the linker itself said, to be attached to the diagnostic.
    pub fn output(&self) -> Option<&str> {
        match self {
            LinkError::Undefined { output, .. }
            | LinkError::Duplicate { output, .. }
            | LinkError::Linker { output, .. } => Some(output),
            LinkError::LibraryNotFound { .. } | LinkError::Io { .. } => None,
        }
    }

    pub(crate) fn io(operation: &'static str, path: &Path, source: io::Error) -> LinkError {
        LinkError::Io {
            operation,
            path: path.to_owned(),
            source,
        }
    }
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LinkError::Undefined { symbols, .. } => {
                let names: Vec<_> = symbols.iter().map(|s| format!("`{}`", s.name)).collect();
                write!(f, "undefined external symbol {}", names.join(", "))
            }
            LinkError::Duplicate { symbols, .. } => {
                let names: Vec<_> = symbols.iter().map(|s| format!("`{}`", s.name)).collect();
                write!(f, "duplicate symbol {}", names.join(", "))
            }
            LinkError::LibraryNotFound { name, .. } => write!(f, "library `{name}` not found"),
            LinkError::Linker { linker, .. } => write!(f, "linker `{}` failed", linker.name()),
            LinkError::Io {
                operation,
                path,
                source,
            } => {
                write!(
                    f,
                    "linking: cannot {operation} `{}`: {source}",
                    path.display()
                )
            }
        }
    }
}

impl std::error::Error for LinkError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            LinkError::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

//! Findings of name resolution, as data. Text is made of them in the `diagnostics` crate.

use base::{FileId, ItemLoc};

use crate::module_map::ImportId;
use crate::{ModuleDef, ModuleId, Name};

/// A finding about items and imports of a package, in order of modules and items.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum DefDiagnostic {
    /// M001: the last segment of an import does not exist. `segment` indexes the leaf's path.
    UnresolvedImport {
        import: ImportId,
        segment: u32,
        name: Name,
        nearest: Option<Name>,
    },
    /// M002: an earlier segment does not exist, or names nothing that has members.
    UnknownSegment {
        import: ImportId,
        segment: u32,
        name: Name,
        nearest: Option<Name>,
    },
    /// M003: two files for one module.
    TwoFiles {
        module: ModuleId,
        first: FileId,
        second: FileId,
    },
    /// M004
    PrivateImport {
        import: ImportId,
        segment: u32,
        def: ModuleDef,
    },
    /// M005
    ImportedTwice {
        first: ImportId,
        second: ImportId,
        name: Name,
    },
    /// M006: in an import; in bodies and signatures `hir-ty` reports it.
    AmbiguousImport {
        import: ImportId,
        segment: u32,
        candidates: Box<[Candidate]>,
    },
    /// M007
    SuperBeyondRoot { import: ImportId },
    /// M008
    ModuleWithoutFile { item: ItemLoc, module: ModuleId },
    /// M009: each import of the chain asks for the next, the last for the first.
    CircularReexport { chain: Box<[ImportId]> },
    /// M011
    FilteredOut {
        import: ImportId,
        segment: u32,
        name: Name,
        filter: ImportId,
    },
    /// M012: `index` counts the filter's names.
    FilterNamesNothing {
        import: ImportId,
        index: u32,
        name: Name,
        nearest: Option<Name>,
    },
    /// A filter on something that is neither a module nor an enum.
    FilterOnItem { import: ImportId },
    /// T008
    DuplicateItem {
        module: ModuleId,
        first: ItemLoc,
        second: ItemLoc,
        name: Name,
    },
    /// W045
    HiddenModule {
        import: ImportId,
        module: ModuleId,
        package: Name,
    },
}

/// One meaning of an ambiguous name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Candidate {
    pub def: ModuleDef,
    /// The glob or module import that it comes through.
    pub import: Option<ImportId>,
}

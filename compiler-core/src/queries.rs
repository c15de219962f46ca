//! What editors ask, by absolute path and byte offset.
//!
//! Each method finds the file and the package it is read in, asks `ide` or `diagnostics`, and
//! puts paths in place of file inputs. Unknown files have empty answers.

use std::sync::Arc;

use base::{FileRange, Package, SourceFile};
use ide::completion::{Completions, completions};
use ide::document_symbols::{Symbol, document_symbols};
use ide::folding::{Fold, folding_ranges};
use ide::highlights::{Highlight, highlights};
use ide::hover::{Hover, hover};
use ide::inlay_hints::{InlayHint, inlay_hints};
use ide::semantic_tokens::{SemanticToken, semantic_tokens};
use ide::signature_help::{SignatureHelp, signature_help};
use ide::{FilePos, FileView, Span};
use rustc_hash::FxHashMap;
use syntax::{TextRange, TextSize};

use crate::host::Analysis;
use crate::world::{Flavor, Unit};

pub use diagnostics::{Applicability, Severity};

/// A range of a file, by path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PathRange {
    pub path: Arc<str>,
    pub range: TextRange,
}

/// A diagnostic with paths.
pub type FileDiagnostic = diagnostics::Diagnostic<PathRange>;

/// Where a name leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The name that was asked about.
    pub origin: TextRange,
    pub focus: PathRange,
    pub full: TextRange,
}

/// Something wrong with a manifest or the package graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestProblem {
    /// The manifest, or a file that cannot be read.
    pub path: Arc<str>,
    pub code: &'static str,
    pub is_error: bool,
    pub message: String,
    /// Within the text on disk; `None` for the file as a whole.
    pub range: Option<std::ops::Range<usize>>,
}

/// A use of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    pub at: PathRange,
    pub is_write: bool,
}

/// A fix, with the diagnostic that it removes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    pub title: String,
    pub edits: Vec<(PathRange, String)>,
    pub is_preferred: bool,
    pub diagnostic: FileDiagnostic,
}

/// Paths of file inputs, looked up once per answer.
struct Paths<'a> {
    analysis: &'a Analysis<'a>,
    known: FxHashMap<SourceFile, Option<Arc<str>>>,
}

impl Paths<'_> {
    fn path(&mut self, file: SourceFile) -> Option<Arc<str>> {
        let files = &self.analysis.world.files;
        let find = || {
            files
                .iter()
                .find(|(_, it)| **it == file)
                .map(|(path, _)| Arc::from(path.as_str()))
        };
        self.known.entry(file).or_insert_with(find).clone()
    }

    fn span(&mut self, span: Span) -> Option<PathRange> {
        Some(PathRange {
            path: self.path(span.file)?,
            range: span.range,
        })
    }

    fn diagnostic(
        &mut self,
        diagnostic: &diagnostics::Diagnostic,
        fallback: &Arc<str>,
    ) -> FileDiagnostic {
        let db = self.analysis.db;
        diagnostic.clone().map_places(|place: FileRange| {
            let path = self
                .path(place.file.source(db))
                .unwrap_or_else(|| fallback.clone());
            PathRange {
                path,
                range: place.range,
            }
        })
    }
}

impl<'a> Analysis<'a> {
    fn paths(&'a self) -> Paths<'a> {
        Paths {
            analysis: self,
            known: FxHashMap::default(),
        }
    }

    /// The text of a file as this view has it.
    pub fn file_text(&self, path: &str) -> Option<Arc<str>> {
        Some(self.world.files.get(path)?.text(self.db).clone())
    }

    /// The unit that a file is read in: a library before the binaries of its package.
    fn unit_of(&self, file: SourceFile) -> Option<&Unit> {
        let flavor = Flavor::default();
        let mut units = self.world.units.iter().filter(|unit| unit.flavor == flavor);
        units.find(|unit| self.has_file(unit.package, file))
    }

    fn has_file(&self, package: Package, file: SourceFile) -> bool {
        // Names are relative to the workspace, paths of a root to its package.
        let name = file.name(self.db);
        let files = package.root(self.db).files(self.db);
        let mut suffix = Some(name.as_str());
        while let Some(part) = suffix {
            if files.get(part) == Some(&file) {
                return true;
            }
            suffix = part.split_once('/').map(|(_, rest)| rest);
        }
        files.values().any(|it| *it == file)
    }

    fn view(&self, path: &str) -> Option<FileView<'a>> {
        let file = *self.world.files.get(path)?;
        let package = match self.unit_of(file) {
            Some(unit) => unit.package,
            None => {
                let mut libraries = self.world.libraries.iter();
                libraries
                    .find(|library| self.has_file(library.package, file))?
                    .package
            }
        };
        Some(FileView::new(self.db, package, file))
    }

    fn pos(&self, path: &str, offset: u32) -> Option<FilePos<'a>> {
        let view = self.view(path)?;
        let offset = TextSize::new(offset).min(TextSize::of(view.text()));
        Some(view.at(offset))
    }

    /// Paths of all files that members of the workspace own, in order: what is checked in the
    /// background.
    pub fn workspace_files(&self) -> Vec<Arc<str>> {
        let flavor = Flavor::default();
        let mut wanted: rustc_hash::FxHashSet<SourceFile> = Default::default();
        for unit in self
            .world
            .units_of(&flavor)
            .filter(|unit| self.world.is_member(unit))
        {
            wanted.extend(unit.package.root(self.db).files(self.db).values().copied());
        }
        let files = self
            .world
            .files
            .iter()
            .filter(|(_, file)| wanted.contains(*file));
        files.map(|(path, _)| Arc::from(path.as_str())).collect()
    }

    /// What is wrong with manifests, and which files cannot be read.
    pub fn manifest_problems(&self) -> Vec<ManifestProblem> {
        let all = self
            .world
            .graph
            .problems
            .iter()
            .chain(self.world.unreadable.iter());
        let with_place = all.filter(|problem| !problem.file.is_empty());
        with_place
            .map(|problem| ManifestProblem {
                path: problem.file.as_str().into(),
                code: problem.code,
                is_error: problem.severity == project::Severity::Error,
                message: problem.message.clone(),
                range: problem.range.clone(),
            })
            .collect()
    }

    /// Everything wrong with a file. `None` if it is unknown.
    pub fn diagnostics(&'a self, path: &str) -> Option<Vec<FileDiagnostic>> {
        let view = self.view(path)?;
        let found = diagnostics::file_diagnostics(view.db, view.package, view.file);
        let own: Arc<str> = path.into();
        let mut paths = self.paths();
        paths
            .known
            .insert(view.file.source(view.db), Some(own.clone()));
        Some(found.iter().map(|it| paths.diagnostic(it, &own)).collect())
    }

    pub fn hover(&self, path: &str, offset: u32) -> Option<Hover> {
        hover(self.pos(path, offset)?)
    }

    pub fn definition(&'a self, path: &str, offset: u32) -> Option<Target> {
        let target = ide::goto::definition(self.pos(path, offset)?)?;
        let focus = self.paths().span(target.focus)?;
        Some(Target {
            origin: target.origin,
            focus,
            full: target.full,
        })
    }

    /// Uses in all packages of the workspace.
    pub fn references(&'a self, path: &str, offset: u32, with_declaration: bool) -> Vec<Reference> {
        let Some(pos) = self.pos(path, offset) else {
            return Vec::new();
        };
        let flavor = Flavor::default();
        let packages: Vec<Package> = self
            .world
            .units_of(&flavor)
            .map(|unit| unit.package)
            .collect();
        let found = ide::goto::references(pos, &packages, with_declaration);
        let mut paths = self.paths();
        let convert = |it: &ide::goto::Reference| {
            let is_write = it.role != ide::goto::Role::Use;
            Some(Reference {
                at: paths.span(it.span)?,
                is_write,
            })
        };
        found.iter().filter_map(convert).collect()
    }

    pub fn completions(&self, path: &str, offset: u32) -> Completions {
        self.pos(path, offset).map(completions).unwrap_or_default()
    }

    pub fn signature_help(&self, path: &str, offset: u32) -> Option<SignatureHelp> {
        signature_help(self.pos(path, offset)?)
    }

    pub fn highlights(&self, path: &str, offset: u32) -> Vec<Highlight> {
        self.pos(path, offset).map(highlights).unwrap_or_default()
    }

    pub fn document_symbols(&self, path: &str) -> Vec<Symbol> {
        self.view(path).map(document_symbols).unwrap_or_default()
    }

    pub fn folding_ranges(&self, path: &str) -> Vec<Fold> {
        self.view(path).map(folding_ranges).unwrap_or_default()
    }

    pub fn inlay_hints(&self, path: &str, range: TextRange) -> Vec<InlayHint> {
        self.view(path)
            .map(|view| inlay_hints(view, range))
            .unwrap_or_default()
    }

    /// Colours of names; of the whole file without a range.
    pub fn semantic_tokens(&self, path: &str, range: Option<TextRange>) -> Vec<SemanticToken> {
        let Some(view) = self.view(path) else {
            return Vec::new();
        };
        let all = TextRange::up_to(TextSize::of(view.text()));
        semantic_tokens(view, range.unwrap_or(all))
    }

    pub fn code_actions(&'a self, path: &str, range: TextRange) -> Vec<Action> {
        let Some(view) = self.view(path) else {
            return Vec::new();
        };
        let own: Arc<str> = path.into();
        let mut paths = self.paths();
        let mut out = Vec::new();
        for action in ide::code_actions::code_actions(view, range) {
            let edits = action.edits.into_iter();
            let edits: Option<Vec<_>> = edits
                .map(|(span, text)| Some((paths.span(span)?, text)))
                .collect();
            let Some(edits) = edits else { continue };
            let diagnostic = paths.diagnostic(&action.diagnostic, &own);
            let (title, is_preferred) = (action.title, action.is_preferred);
            out.push(Action {
                title,
                edits,
                is_preferred,
                diagnostic,
            });
        }
        out
    }
}

//! Edits that diagnostics offer, file by file: what `tml fix` applies.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use base::SourceFile;
use diagnostics::{Applicability, Diagnostic};
use rustc_hash::FxHashMap;

use crate::build::Report;
use crate::host::Host;

/// What is to be done to one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFix {
    /// Absolute.
    pub path: String,
    pub before: Arc<str>,
    pub after: String,
    /// How many suggestions that are.
    pub count: usize,
}

/// The edits of one suggestion, by the file that each is in.
type Suggestion = Vec<(SourceFile, Range<usize>, String)>;

impl Host {
    /// Applies the machine-applicable suggestions of a report, as far as they do not overlap, to
    /// files of the workspace; `takes` chooses by diagnostic. Nothing is written.
    pub fn fixes(&self, report: &Report, takes: impl Fn(&Diagnostic) -> bool) -> Vec<FileFix> {
        let paths: FxHashMap<SourceFile, String> = match self.snapshot().read(|analysis| {
            let files = analysis.world().files.iter();
            let own = files.filter(|(path, _)| !path.starts_with('<'));
            own.map(|(path, file)| (*file, path.clone())).collect()
        }) {
            Ok(paths) => paths,
            Err(_cancelled) => return Vec::new(),
        };
        self.with_database(|db| {
            let mut suggestions: Vec<Suggestion> = Vec::new();
            for diagnostic in report.diagnostics.iter().filter(|it| takes(it)) {
                let fixes = diagnostic.helps.iter().filter_map(|help| help.fix.as_ref());
                let mut sure = fixes.filter(|fix| fix.applicability == Applicability::Always);
                let Some(fix) = sure.next() else { continue };
                // Two sure ways to go are none.
                if sure.next().is_some() {
                    continue;
                }
                let edits = fix.edits.iter().map(|(at, text)| {
                    let range = usize::from(at.range.start())..usize::from(at.range.end());
                    (at.file.source(db), range, text.clone())
                });
                suggestions.push(edits.collect());
            }
            let mut edits: BTreeMap<String, Vec<(Range<usize>, String)>> = BTreeMap::new();
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            let mut texts: BTreeMap<String, Arc<str>> = BTreeMap::new();
            for suggestion in suggestions {
                let placed: Option<Vec<_>> = suggestion
                    .iter()
                    .map(|(file, range, text)| Some((paths.get(file)?, file, range, text)))
                    .collect();
                let Some(placed) = placed.filter(|placed| !placed.is_empty()) else {
                    continue;
                };
                let is_free = placed.iter().all(|(path, _, range, _)| {
                    let taken = edits.get(*path);
                    taken.is_none_or(|taken| !taken.iter().any(|(other, _)| touches(other, range)))
                });
                if !is_free {
                    continue;
                }
                for (path, file, range, text) in placed {
                    let of_file = edits.entry(path.clone()).or_default();
                    of_file.push((range.clone(), text.clone()));
                    texts
                        .entry(path.clone())
                        .or_insert_with(|| file.text(db).clone());
                    *counts.entry(path.clone()).or_default() += 1;
                }
            }
            let fixed = edits.into_iter().filter_map(|(path, edits)| {
                let before = texts.remove(&path)?;
                let after = apply(&before, edits)?;
                let count = counts.get(&path).copied().unwrap_or(0);
                (*after != *before).then_some(FileFix {
                    path,
                    before,
                    after,
                    count,
                })
            });
            fixed.collect()
        })
    }
}

/// Insertions at one place count as touching: their order would be a guess.
fn touches(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end || a.start == b.start
}

fn apply(text: &str, mut edits: Vec<(Range<usize>, String)>) -> Option<String> {
    edits.sort_by_key(|(range, _)| range.start);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (range, new) in edits {
        out.push_str(text.get(at..range.start)?);
        out.push_str(&new);
        at = range.end;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

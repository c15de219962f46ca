//! Images and what they were made from.
//!
//! Beside each image lies a small file with the image's identity and partition. It makes a
//! no-change build cheap after a restart of the daemon, and both kinds of build agree on it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use link::{LinkInput, LinkPlan, Strip, Target};
use smol_str::SmolStr;
use ssa::TargetSpec;
use stdx::{Hash128, stable_hash};

use super::emit::Objects;
use super::partition::{self, Partition};
use super::plan::Program;
use super::request::{BuildRequest, Failure};

/// First line of a record; a different one is ignored.
const HEADER: &str = "tml image 1";

/// What is known of the images that this process linked or found.
#[derive(Default)]
pub(super) struct Images {
    known: Mutex<BTreeMap<PathBuf, Record>>,
    /// The object that every program for a target starts with.
    startup: Mutex<Option<(TargetSpec, Arc<[u8]>)>>,
    /// First lines as last linked, with the object that holds them.
    positions: Mutex<Option<(Positions, Arc<[u8]>)>>,
}

/// Line symbols and their lines.
type Positions = Arc<[(SmolStr, u32)]>;

#[derive(Clone, Debug)]
struct Record {
    identity: Hash128,
    stamp: Stamp,
    partition: Arc<Partition>,
}

/// Tells whether somebody else has replaced the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    size: u64,
    modified_ns: i128,
}

impl Images {
    /// Whether the image at `output` is what linking the program now would make.
    pub(super) fn is_fresh(
        &self,
        output: &Path,
        program: &Program,
        request: &BuildRequest,
    ) -> bool {
        let Some(record) = self.record(output) else {
            return false;
        };
        record.identity == identity(program, request) && stamp(output) == Some(record.stamp)
    }

    /// The partition of the image at `output`; empty if there is none.
    pub(super) fn partition(&self, output: &Path) -> Arc<Partition> {
        match self.record(output) {
            // The record of an image that is gone means nothing.
            Some(record) if output.exists() => record.partition,
            _ => Arc::default(),
        }
    }

    /// Links an image and remembers what it was made from.
    pub(super) fn link(
        &self,
        output: &Path,
        program: &Program,
        partition: Partition,
        objects: &Objects,
        request: &BuildRequest,
    ) -> Result<(), Failure> {
        if let Some(dir) = output.parent() {
            fs::create_dir_all(dir).map_err(|e| io_failure("create", dir, &e))?;
        }
        let mut plan = LinkPlan::executable(output, self.inputs(program, objects)?);
        plan.linker = request.linker;
        plan.line_bases = program.line_bases.clone();
        plan.strip = if request.profile.is_optimized() {
            Strip::Debug
        } else {
            Strip::None
        };
        // The record goes first: without it nothing is known of the image, which is always right.
        self.forget(output);
        link::link(&plan).map_err(|error| Failure::Link {
            code: error.code(),
            message: error.to_string(),
        })?;
        self.remember(output, identity(program, request), partition);
        Ok(())
    }

    fn inputs(&self, program: &Program, objects: &Objects) -> Result<Vec<LinkInput>, Failure> {
        let mut inputs = vec![
            LinkInput::bytes("startup", self.startup(&program.target)?),
            LinkInput::bytes("positions", self.positions(&program.line_data)),
        ];
        inputs.extend(objects.inputs.iter().cloned());
        Ok(inputs)
    }

    fn startup(&self, target: &TargetSpec) -> Result<Arc<[u8]>, Failure> {
        let mut known = self
            .startup
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some((_, bytes)) = known.as_ref().filter(|(of, _)| of == target) {
            return Ok(bytes.clone());
        }
        let bytes: Arc<[u8]> = codegen::startup_object(target)
            .map_err(|error| Failure::Codegen {
                code: error.code.as_str(),
                message: error.to_string(),
            })?
            .into();
        *known = Some((target.clone(), bytes.clone()));
        Ok(bytes)
    }

    fn positions(&self, lines: &Positions) -> Arc<[u8]> {
        let mut known = self
            .positions
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some((_, bytes)) = known.as_ref().filter(|(of, _)| of == lines) {
            return bytes.clone();
        }
        let pairs = lines.iter().map(|(symbol, line)| (symbol.as_str(), *line));
        let bytes: Arc<[u8]> = link::positions_object(Target::host(), pairs).into();
        *known = Some((lines.clone(), bytes.clone()));
        bytes
    }

    fn record(&self, output: &Path) -> Option<Record> {
        let mut known = self.lock();
        if let Some(record) = known.get(output) {
            return Some(record.clone());
        }
        let record = read_record(&fs::read_to_string(record_path(output)).ok()?)?;
        known.insert(output.to_path_buf(), record.clone());
        Some(record)
    }

    fn forget(&self, output: &Path) {
        self.lock().remove(output);
        // If the record cannot be removed its stamp will not match the new image.
        let _ = fs::remove_file(record_path(output));
    }

    fn remember(&self, output: &Path, identity: Hash128, partition: Partition) {
        let Some(stamp) = stamp(output) else { return };
        let record = Record {
            identity,
            stamp,
            partition: Arc::new(partition),
        };
        // Torn or missing records only cost a relink, so failing to write one is no failure.
        let _ = fs::write(record_path(output), write_record(&record));
        self.lock().insert(output.to_path_buf(), record);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<PathBuf, Record>> {
        self.known
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// What decides an image's bytes, apart from the partition that it continues.
fn identity(program: &Program, request: &BuildRequest) -> Hash128 {
    stable_hash(&(
        program.identity,
        request.linker.name(),
        request.profile.opt_level,
    ))
}

fn record_path(output: &Path) -> PathBuf {
    let name = output
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    output.with_file_name(format!(".{name}.image"))
}

fn stamp(output: &Path) -> Option<Stamp> {
    let meta = fs::metadata(output).ok()?;
    let modified_ns = i128::from(meta.mtime()) * 1_000_000_000 + i128::from(meta.mtime_nsec());
    Some(Stamp {
        size: meta.size(),
        modified_ns,
    })
}

fn write_record(record: &Record) -> String {
    let Stamp { size, modified_ns } = record.stamp;
    let body = partition::write(&record.partition);
    format!("{HEADER}\n{} {size} {modified_ns}\n{body}", record.identity)
}

fn read_record(text: &str) -> Option<Record> {
    let rest = text.strip_prefix(HEADER)?.strip_prefix('\n')?;
    let (head, body) = rest.split_once('\n')?;
    let mut fields = head.split(' ');
    let identity = Hash128::parse(fields.next()?)?;
    let stamp = Stamp {
        size: fields.next()?.parse().ok()?,
        modified_ns: fields.next()?.parse().ok()?,
    };
    Some(Record {
        identity,
        stamp,
        partition: Arc::new(partition::read(body)?),
    })
}

pub(super) fn io_failure(operation: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::Io(format!("cannot {operation} `{}`: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_round_trip_and_torn_ones_are_absent() {
        let record = Record {
            identity: Hash128([7; 16]),
            stamp: Stamp {
                size: 3,
                modified_ns: 12,
            },
            partition: Arc::default(),
        };
        let text = write_record(&record);
        assert_eq!(read_record(&text).unwrap().stamp, record.stamp);
        for end in 0..text.len() {
            assert!(read_record(&text[..end]).is_none());
        }
    }
}

//! Objects for a partition: from the store, or made now.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use codegen::Worker;
use link::LinkInput;
use object_store::{ObjectHeader, ObjectKey, Store};
use smol_str::SmolStr;
use ssa::CodegenUnit;
use stdx::stable_hash;

use super::image::io_failure;
use super::partition::{Partition, Unit};
use super::plan::Program;
use super::request::{Artifact, ArtifactKind, BuildRequest, Emit, Event, Failure, Report};
use super::{Builder, read};
use crate::host::Host;

/// Units fetched per snapshot. Writers wait for a snapshot; this many take well under a millisecond.
const UNITS_PER_SNAPSHOT: usize = 16;
/// Symbols of emitted functions that a report names.
const SYMBOLS_REPORTED_MAX: usize = 100;

/// The objects of an image, in link order.
#[derive(Default)]
pub(super) struct Objects {
    pub(super) inputs: Vec<LinkInput>,
    pub(super) emitted_objects: usize,
    pub(super) emitted_functions: usize,
    pub(super) reused_objects: usize,
    pub(super) emitted_symbols: Vec<SmolStr>,
}

pub(super) enum Emitted {
    Objects(Objects),
    /// A function is no longer what was planned.
    Stale,
}

/// A unit that the store lacks.
struct Missing {
    /// Position in link order.
    at: usize,
    key: ObjectKey,
    unit: Unit,
}

/// Finds or makes the objects of a partition.
pub(super) fn objects(
    builder: &Builder,
    host: &Host,
    request: &BuildRequest,
    program: &Program,
    partition: &Partition,
    store: Option<&Store>,
    on_event: &mut dyn FnMut(Event),
) -> Result<Emitted, Failure> {
    let mut slots: Vec<Option<LinkInput>> = Vec::new();
    let mut missing = Vec::new();
    let globals = program.globals_unit();
    for (at, unit) in partition.units().chain(&globals).enumerate() {
        let key = unit_key(builder, program, unit);
        let found = match store {
            Some(store) => store
                .get(key)
                .map_err(|error| Failure::Store(error.to_string()))?,
            None => None,
        };
        slots.push(found.as_ref().map(LinkInput::from));
        if found.is_none() {
            missing.push(Missing {
                at,
                key,
                unit: unit.clone(),
            });
        }
    }
    let mut objects = Objects {
        reused_objects: slots.len() - missing.len(),
        emitted_objects: missing.len(),
        emitted_functions: missing
            .iter()
            .map(|missing| missing.unit.members().len())
            .sum(),
        ..Objects::default()
    };
    let total = missing.len();
    let mut done = 0;
    for batch in missing.chunks(UNITS_PER_SNAPSHOT) {
        let wanted: Vec<Unit> = batch.iter().map(|missing| missing.unit.clone()).collect();
        let fetched = read(host, |analysis| program.fetch(analysis, &wanted, request))?;
        let Some(units) = fetched else {
            return Ok(Emitted::Stale);
        };
        let mut failure = None;
        builder
            .pool
            .emit_each(units.into_iter().map(Arc::new), |nth, result| {
                let Some(missing) = batch.get(nth) else {
                    return;
                };
                match result {
                    Ok(object) => {
                        let input = keep(store, missing, &object.defines, object.bytes);
                        if let Some(slot) = slots.get_mut(missing.at) {
                            *slot = Some(input);
                        }
                    }
                    Err(error) => failure = Some(error),
                }
                done += 1;
                on_event(Event::Emitting { done, total });
            });
        if let Some(error) = failure {
            return Err(Failure::Codegen {
                code: error.code.as_str(),
                message: error.to_string(),
            });
        }
        let symbols = batch.iter().flat_map(|missing| missing.unit.members());
        objects
            .emitted_symbols
            .extend(symbols.map(|member| member.symbol.clone()));
    }
    objects.emitted_symbols.truncate(SYMBOLS_REPORTED_MAX);
    objects.inputs = slots.into_iter().flatten().collect();
    Ok(Emitted::Objects(objects))
}

/// Puts an object into the store. Without one, or if it takes nothing, the bytes are linked from
/// memory: a full disk must not stop a build that may still fit.
fn keep(store: Option<&Store>, missing: &Missing, defines: &[String], bytes: Vec<u8>) -> LinkInput {
    let stored = store.map(|store| store.put(missing.key, &ObjectHeader::new(defines), &bytes));
    match stored {
        Some(Ok(outcome)) => LinkInput::from(&outcome.into_object()),
        Some(Err(error)) => {
            tracing::warn!(%error, "an object is not kept");
            LinkInput::bytes(missing.key.to_string(), bytes)
        }
        None => LinkInput::bytes(missing.key.to_string(), bytes),
    }
}

/// Covers everything that decides the bytes: functions, target, options, compiler.
fn unit_key(builder: &Builder, program: &Program, unit: &Unit) -> ObjectKey {
    ObjectKey(stable_hash(&(
        &builder.compiler_build,
        &program.target,
        &program.options,
        unit.digest(),
    )))
}

/// Writes what `--emit` asks for beside the product.
pub(super) fn write_texts(
    host: &Host,
    request: &BuildRequest,
    program: &Program,
    report: &mut Report,
) -> Result<(), Failure> {
    for emit in &request.emit {
        let (extension, bytes) = match emit {
            Emit::Mir => (
                "mir",
                read(host, |analysis| program.ssa_text(analysis, request))?.into_bytes(),
            ),
            Emit::Passes(pass) => (
                "passes",
                read(host, |analysis| {
                    program.passes_text(analysis, request, *pass)
                })?
                .into_bytes(),
            ),
            Emit::Escape => (
                "escape",
                read(host, |analysis| program.escape_text(analysis, request))?.into_bytes(),
            ),
            _ => match read(host, |analysis| program.fetch_all(analysis, request))? {
                Some(unit) => dump(*emit, &unit)?,
                None => return Err(Failure::Interrupted),
            },
        };
        let path = request.output_path(&program.name).with_extension(extension);
        write(&path, &bytes)?;
        let kind = if *emit == Emit::Object {
            ArtifactKind::Object
        } else {
            ArtifactKind::Text
        };
        report.artifacts.push(Artifact {
            target: program.name.clone(),
            kind,
            path,
            is_fresh: false,
        });
    }
    Ok(())
}

fn dump(emit: Emit, unit: &CodegenUnit) -> Result<(&'static str, Vec<u8>), Failure> {
    let mut worker = Worker::new(codegen::EmitOptions::default());
    let dumped = match emit {
        Emit::LlvmIr | Emit::Mir | Emit::Passes(_) | Emit::Escape => {
            worker.emit_ir(unit).map(|text| ("ll", text.into_bytes()))
        }
        Emit::Assembly => worker.emit_asm(unit).map(|text| ("s", text.into_bytes())),
        Emit::Object => worker.emit(unit).map(|object| ("o", object.bytes)),
    };
    dumped.map_err(|error| Failure::Codegen {
        code: error.code.as_str(),
        message: error.to_string(),
    })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir).map_err(|e| io_failure("create", dir, &e))?;
    }
    fs::write(path, bytes).map_err(|e| io_failure("write", path, &e))
}

//! From a plan to an image: resolve libraries, run the linker, make lines absolute, publish.

mod messages;
mod process;
mod wild;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::dwarf_lines::{LineReport, patch_lines};
use crate::plan::{ImageKind, Lib, LinkPlan, LinkerKind, Strip};
use crate::system::{find_library, find_system_libraries};
use crate::{LinkError, output};

/// What a successful link did.
#[derive(Clone, Debug)]
pub struct LinkReport {
    /// The plan's, or lld where `libwild` cannot do what is asked.
    pub linker: LinkerKind,
    pub image_bytes: u64,
    pub lines: LineReport,
    /// What the linker remarked.
    pub warnings: Vec<String>,
    pub link_time: Duration,
    pub patch_time: Duration,
    pub write_time: Duration,
}

/// Links, and replaces the plan's output in one step; after an error it is as it was.
pub fn link(plan: &LinkPlan) -> Result<LinkReport, LinkError> {
    let start = Instant::now();
    let libs = ResolvedLibs::new(plan)?;
    let linker = actual_linker(plan);
    let mut image = match linker {
        LinkerKind::Wild => wild::link(plan, &libs)?,
        LinkerKind::Lld | LinkerKind::Mold | LinkerKind::Cc => process::link(plan, linker, &libs)?,
    };
    let linked = Instant::now();
    let lines = match plan.kind {
        // Addresses are not known yet; the lines stay relative.
        ImageKind::Relocatable => LineReport::default(),
        _ => {
            let bases = plan
                .line_bases
                .iter()
                .map(|base| (&*base.symbol, base.first_line));
            patch_lines(&mut image.bytes, bases)
        }
    };
    let patched = Instant::now();
    output::replace(
        &plan.output,
        &image.bytes,
        plan.kind != ImageKind::Relocatable,
    )?;
    let report = LinkReport {
        linker,
        image_bytes: image.bytes.len() as u64,
        lines,
        warnings: image.warnings,
        link_time: linked - start,
        patch_time: patched - linked,
        write_time: patched.elapsed(),
    };
    tracing::debug!(?report, output = %plan.output.display(), "linked");
    Ok(report)
}

/// `libwild` copies stale members of COMDAT groups into an object of objects.
fn actual_linker(plan: &LinkPlan) -> LinkerKind {
    match plan.linker {
        LinkerKind::Wild if plan.kind == ImageKind::Relocatable => LinkerKind::Lld,
        linker => linker,
    }
}

/// What a linker made, before anybody sees it.
struct Image {
    bytes: Vec<u8>,
    warnings: Vec<String>,
}

/// The plan's libraries as files.
struct ResolvedLibs {
    interpreter: Option<PathBuf>,
    files: Vec<PathBuf>,
}

impl ResolvedLibs {
    fn new(plan: &LinkPlan) -> Result<ResolvedLibs, LinkError> {
        if plan.kind == ImageKind::Relocatable {
            return Ok(ResolvedLibs {
                interpreter: None,
                files: Vec::new(),
            });
        }
        let wants_system =
            |lib: &Lib| matches!(lib, Lib::Named(name) if name == "c" || name == "m");
        // Without libraries an executable is a static one and needs no dynamic linker.
        let is_dynamic = plan.kind.is_executable() && !plan.libs.is_empty();
        let needs_system = is_dynamic || plan.libs.iter().any(wants_system);
        let system = needs_system
            .then(|| find_system_libraries(plan.target))
            .transpose()?;
        let mut files = Vec::new();
        for lib in &plan.libs {
            match (lib, &system) {
                (Lib::Path(path), _) => files.push(path.clone()),
                (Lib::Named(name), Some(system)) if name == "c" => files.push(system.libc.clone()),
                (Lib::Named(name), Some(system)) if name == "m" => {
                    files.extend(system.libm.clone())
                }
                (Lib::Named(name), _) => {
                    files.push(find_library(name, &plan.lib_dirs, plan.target)?);
                }
            }
        }
        let interpreter = system
            .filter(|_| plan.kind.is_executable())
            .map(|s| s.interpreter);
        Ok(ResolvedLibs { interpreter, files })
    }
}

impl ResolvedLibs {
    /// The libraries with the name by which the image will need them if they
    /// have no soname: their file name. `None` for a second one of that name.
    fn named(&self) -> impl Iterator<Item = (&Path, Option<&str>)> {
        self.files.iter().enumerate().map(|(index, path)| {
            let name = path.file_name().and_then(|name| name.to_str());
            let earlier = self.files.iter().take(index);
            let is_first = || {
                earlier
                    .map(|other| other.file_name())
                    .all(|n| n != path.file_name())
            };
            (path.as_path(), name.filter(|_| is_first()))
        })
    }
}

/// The options that decide the image, as every GNU-style linker reads them.
/// Nothing here depends on where the inputs lie or on how many threads there are.
fn options(plan: &LinkPlan, libs: &ResolvedLibs) -> Vec<OsString> {
    let mut options: Vec<OsString> = Vec::new();
    let mut add = |option: &str| options.push(option.into());
    add("-m");
    add(plan.target.emulation());
    add("--build-id=none");
    match plan.kind {
        ImageKind::Executable => add("-no-pie"),
        ImageKind::PieExecutable => add("-pie"),
        ImageKind::SharedObject => {
            add("-shared");
            // Without a name of its own it would be known by the path it was linked from.
            let name = plan
                .output
                .file_name()
                .unwrap_or_default()
                .to_string_lossy();
            add(&format!("--soname={name}"));
        }
        ImageKind::Relocatable => add("-r"),
    }
    if plan.kind != ImageKind::Relocatable {
        add("--eh-frame-hdr");
        add("--hash-style=gnu");
        // Programs use what libraries define; whether those are complete is the loader's affair.
        add("--allow-shlib-undefined");
        add(if plan.gc_sections {
            "--gc-sections"
        } else {
            "--no-gc-sections"
        });
        match plan.strip {
            Strip::None => {}
            Strip::Debug => add("--strip-debug"),
            Strip::All => add("--strip-all"),
        }
    }
    if plan.kind.is_executable() {
        add(&format!("--entry={}", plan.entry));
    }
    if let Some(interpreter) = &libs.interpreter {
        options.push("--dynamic-linker".into());
        options.push(interpreter.into());
    }
    options
}

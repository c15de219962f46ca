//! `libwild`, in this process.
//!
//! * All its input and output goes through [`PlanFiles`]: objects in memory need
//!   no files, the image stays in memory until its lines are absolute, and an
//!   input's path cannot get into the image because the linker does not see it.
//! * It runs in one thread pool that lives as long as the process. The image
//!   does not depend on the number of threads: `libwild` lays out by groups of
//!   inputs, and with `available_threads` left at 1 there is one grouping only.
//! * Arguments start from `ElfArgs::default()`, not `Args::new`: the latter
//!   takes over the descriptors that `MAKEFLAGS` names, and closes them. In a
//!   daemon those numbers belong to somebody else.
//! * Undefined symbols are requested as warnings, because as errors only one of
//!   them is reported.
//!
//! COMDAT groups: `libwild` has no group logic. It loads a section when
//! something refers to the definition that won, so a stale body is never
//! loaded, with one exception: without garbage collection it loads everything.
//! Garbage collection therefore stays on whatever the plan says; keeping
//! unreachable functions is of use to nobody here. There is none with `-r`, so
//! `linker.rs` never asks for that here.

use std::any::Any;
use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use libwild::args::elf::ElfArgs;
use libwild::error::Result as WildResult;
use libwild::{FileSystem, FileType, InputFileData, Linker, OutputFileData, OutputOptions};
use memmap2::Mmap;

use super::{Image, ResolvedLibs, messages, options};
use crate::plan::{LinkInput, LinkPlan, LinkerKind};
use crate::{DuplicateSymbol, LinkError, UndefinedSymbol};

/// Where inputs appear to be; nothing else is looked up below it.
const INPUT_ROOT: &str = "/tml-link";
const LIB_DIR: &str = "/tml-link/lib";
const OUTPUT: &str = "/tml-link/image";
/// Inputs up to this size are read instead of mapped; guessed from the cost of page faults.
const READ_BYTES_MAX: u64 = 256 * 1024;
/// A pool larger than this gains nothing on images of our size.
const THREADS_MAX: usize = 16;

pub(super) fn link(plan: &LinkPlan, libs: &ResolvedLibs) -> Result<Image, LinkError> {
    let files = PlanFiles::new(plan, libs);
    let arguments = arguments(plan, libs, &files)?;
    let warnings = Arc::new(Mutex::new(Vec::new()));
    let result = {
        let files = files.clone();
        let warnings = Arc::clone(&warnings);
        let run = move || pool().install(|| run(&arguments, files, warnings));
        std::panic::catch_unwind(AssertUnwindSafe(run))
    };
    let (undefined, warnings): (Vec<String>, Vec<String>) = std::mem::take(&mut *lock(&warnings))
        .into_iter()
        .map(|warning| files.rename_in(&warning))
        .partition(|warning| warning.starts_with("Undefined symbol "));
    match result {
        Ok(Ok(())) if undefined.is_empty() => {}
        Ok(Ok(())) => return Err(undefined_error(undefined)),
        Ok(Err(message)) => return Err(failure(files.rename_in(&message))),
        Err(panic) => {
            return Err(failure(format!(
                "libwild panicked: {}",
                panic_message(&*panic)
            )));
        }
    }
    let bytes = lock(&files.output).take();
    let bytes = bytes.ok_or_else(|| failure("libwild wrote no image".to_owned()))?;
    Ok(Image { bytes, warnings })
}

fn run(
    arguments: &[String],
    files: PlanFiles,
    warnings: Arc<Mutex<Vec<String>>>,
) -> Result<(), String> {
    let mut args = libwild::Args::Elf(ElfArgs::default());
    args.on_warning(Box::new(move |warning| {
        lock(&warnings).push(warning.warning().to_owned())
    }));
    args.parse(|| arguments.iter())
        .map_err(|error| error.to_string())?;
    let linker = Linker::with_file_system(files);
    linker.run(&args).map_err(|error| error.to_string())?;
    Ok(())
}

fn arguments(
    plan: &LinkPlan,
    libs: &ResolvedLibs,
    files: &PlanFiles,
) -> Result<Vec<String>, LinkError> {
    let mut arguments = vec!["ld".to_owned()];
    for option in options(plan, libs) {
        arguments.push(utf8(option)?);
    }
    arguments.push("--gc-sections".to_owned());
    arguments.push("--no-identity-comment".to_owned());
    arguments.push("--warn-unresolved-symbols".to_owned());
    arguments.extend(["-o".to_owned(), OUTPUT.to_owned()]);
    arguments.extend(files.inputs.iter().map(|input| input.argument.clone()));
    if !files.libs.is_empty() {
        arguments.push("--as-needed".to_owned());
        arguments.push(format!("-L{LIB_DIR}"));
        arguments.extend(files.libs.iter().map(|lib| lib.argument.clone()));
    }
    Ok(arguments)
}

fn utf8(text: OsString) -> Result<String, LinkError> {
    text.into_string().map_err(|text| {
        LinkError::io(
            "pass to the linker",
            Path::new(&text),
            io::ErrorKind::InvalidFilename.into(),
        )
    })
}

fn pool() -> &'static rayon::ThreadPool {
    static POOL: OnceLock<rayon::ThreadPool> = OnceLock::new();
    POOL.get_or_init(|| {
        let threads = std::thread::available_parallelism().map_or(1, |count| count.get());
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads.min(THREADS_MAX))
            .thread_name(|index| format!("link-{index}"))
            // Without a handler a panic in a detached task ends the process.
            .panic_handler(|panic| tracing::error!("libwild: {}", panic_message(&*panic)))
            .build()
            .expect("the system has threads for the linker")
    })
}

/// `Undefined symbol NAME, referenced by SOURCE\n    INPUT`, one per reference.
fn undefined_error(mut messages: Vec<String>) -> LinkError {
    messages.sort();
    let mut symbols: Vec<UndefinedSymbol> = messages
        .iter()
        .filter_map(|message| {
            let rest = message.strip_prefix("Undefined symbol ")?;
            let (name, rest) = rest.split_once(", referenced by ").unwrap_or((rest, ""));
            let input = rest.lines().last().map(|line| line.trim().to_owned());
            Some(UndefinedSymbol {
                name: name.to_owned(),
                input,
            })
        })
        .collect();
    symbols.dedup_by(|a, b| a.name == b.name);
    // The messages name source positions by lines that are still relative: say it anew.
    let lines = symbols.iter().map(|UndefinedSymbol { name, input }| {
        let input = input.as_deref().unwrap_or("an unknown input");
        format!("undefined symbol: {name}\n>>> referenced by {input}")
    });
    let output = lines.collect::<Vec<_>>().join("\n");
    LinkError::Undefined { symbols, output }
}

/// `Duplicate symbols detected: NAME, defined in A and B`, one line per symbol.
fn failure(message: String) -> LinkError {
    let Some((_, details)) = message.split_once("Duplicate symbols detected: ") else {
        return messages::classify(LinkerKind::Wild, message, str::to_owned);
    };
    let symbols = details
        .lines()
        .filter_map(|line| line.split_once(", defined in "))
        .map(|(name, inputs)| DuplicateSymbol {
            name: name.trim().to_owned(),
            inputs: inputs
                .split(" and ")
                .map(|input| input.trim().to_owned())
                .collect(),
        })
        .collect();
    LinkError::Duplicate {
        symbols,
        output: message,
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The files of one plan, as `libwild` sees them.
#[derive(Clone)]
struct PlanFiles {
    inputs: Arc<[InputFile]>,
    libs: Arc<[InputFile]>,
    by_path: Arc<HashMap<String, Source>>,
    output: Arc<Mutex<Option<Vec<u8>>>>,
}

/// One input under the name it has for the linker.
struct InputFile {
    path: String,
    argument: String,
    display: String,
}

#[derive(Clone)]
enum Source {
    Path(PathBuf),
    Bytes(Arc<[u8]>),
}

impl PlanFiles {
    fn new(plan: &LinkPlan, libs: &ResolvedLibs) -> PlanFiles {
        let mut by_path = HashMap::with_capacity(plan.inputs.len() + libs.files.len());
        let inputs = plan.inputs.iter().enumerate().map(|(index, input)| {
            // The trailing separator keeps one path from being the beginning of another.
            let path = format!("{INPUT_ROOT}/{index}/");
            let (source, display) = match input {
                LinkInput::Path(file) => (Source::Path(file.clone()), file.display().to_string()),
                LinkInput::Bytes { name, bytes } => {
                    (Source::Bytes(Arc::clone(bytes)), name.to_string())
                }
            };
            by_path.insert(path.clone(), source);
            let argument = path.clone();
            InputFile {
                path,
                argument,
                display,
            }
        });
        let inputs = inputs.collect();
        let libs = libs.named().enumerate().map(|(index, (file, name))| {
            let (path, argument) = match name {
                Some(name) => (format!("{LIB_DIR}/{name}"), format!("-l:{name}")),
                None => (format!("{LIB_DIR}/{index}/"), format!("{LIB_DIR}/{index}/")),
            };
            by_path.insert(path.clone(), Source::Path(file.to_owned()));
            let display = file.display().to_string();
            InputFile {
                path,
                argument,
                display,
            }
        });
        let libs = libs.collect();
        PlanFiles {
            inputs,
            libs,
            by_path: Arc::new(by_path),
            output: Arc::default(),
        }
    }

    /// Replaces the linker's names of inputs by the plan's.
    fn rename_in(&self, message: &str) -> String {
        if !message.contains(INPUT_ROOT) {
            return message.to_owned();
        }
        let mut message = message.to_owned();
        for file in self.inputs.iter().chain(self.libs.iter()) {
            if message.contains(&file.path) {
                message = message.replace(&file.path, &file.display);
            }
        }
        message
    }

    fn source(&self, path: &Path) -> Option<&Source> {
        self.by_path.get(path.to_str()?)
    }
}

impl FileSystem for PlanFiles {
    type Input = InputBytes;
    type Output = ImageBytes;

    fn open_input(
        &self,
        path: &Path,
        _prepopulate_maps: bool,
    ) -> WildResult<(InputBytes, Option<Arc<File>>)> {
        let bytes = match self.source(path) {
            Some(Source::Bytes(bytes)) => Ok(InputBytes::Shared(Arc::clone(bytes))),
            Some(Source::Path(file)) => read_input(file),
            // A linker script among the libraries names files of the system.
            None => read_input(path),
        };
        let bytes = bytes.map_err(|error| {
            libwild::error!(
                "cannot read `{}`: {}",
                self.rename_in(&path.to_string_lossy()),
                error
            )
        })?;
        Ok((bytes, None))
    }

    fn file_type(&self, path: &Path) -> WildResult<FileType> {
        if self.source(path).is_some() {
            return Ok(FileType::File);
        }
        let metadata = std::fs::metadata(path)?;
        Ok(if metadata.is_dir() {
            FileType::Directory
        } else {
            FileType::File
        })
    }

    fn canonicalize(&self, path: &Path) -> WildResult<PathBuf> {
        if self.source(path).is_some() {
            return Ok(path.to_owned());
        }
        Ok(std::fs::canonicalize(path)?)
    }

    fn remove_file(&self, _path: &Path) -> WildResult<()> {
        // The image that is replaced exists only in memory.
        Ok(())
    }

    fn rename_file(&self, _path: &Path, _new_path: &Path) -> WildResult<()> {
        Ok(())
    }

    fn create_output(&self, _path: Arc<Path>, options: OutputOptions) -> WildResult<ImageBytes> {
        let size = usize::try_from(options.size)?;
        Ok(ImageBytes {
            bytes: vec![0; size],
            output: Arc::clone(&self.output),
        })
    }

    fn write_auxiliary(&self, _path: &Path, _bytes: &[u8]) -> WildResult {
        // Dependency files and traces, none of which we ask for.
        Ok(())
    }
}

#[derive(Debug)]
enum InputBytes {
    Shared(Arc<[u8]>),
    Read(Vec<u8>),
    Mapped(Mmap),
}

impl InputFileData for InputBytes {
    fn bytes(&self) -> &[u8] {
        match self {
            InputBytes::Shared(bytes) => bytes,
            InputBytes::Read(bytes) => bytes,
            InputBytes::Mapped(map) => map,
        }
    }
}

fn read_input(path: &Path) -> io::Result<InputBytes> {
    let mut file = File::open(path)?;
    let len = file.metadata()?.len();
    if len > READ_BYTES_MAX {
        // SAFETY: The bytes must not change while mapped. Large inputs are system
        // libraries and packs in the store; both are replaced by rename, never
        // written in place, which leaves a mapped file as it is.
        return Ok(InputBytes::Mapped(unsafe { Mmap::map(&file)? }));
    }
    let mut bytes = Vec::with_capacity(len as usize + 1);
    io::Read::read_to_end(&mut file, &mut bytes)?;
    Ok(InputBytes::Read(bytes))
}

struct ImageBytes {
    bytes: Vec<u8>,
    output: Arc<Mutex<Option<Vec<u8>>>>,
}

impl OutputFileData for ImageBytes {
    fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }

    fn finish(self) -> WildResult {
        *lock(&self.output) = Some(self.bytes);
        Ok(())
    }
}
